//! How conversations, memberships and organisations begin: groups, invitations, the words of the root.

use egui::{Key, Modifiers};
use time::{Duration, OffsetDateTime};

use crate::stage::{PASSWORD, Stage};

#[test]
fn a_group_is_gathered_by_mouse_and_found_again_by_keyboard() {
    let mut stage = Stage::office("en");
    stage.see("general");
    stage.click("Write to somebody");
    stage.write("Name or address", "Orr");
    stage.click("Into the group: Michael Orr");
    stage.see("Write");
    stage.write("Name or address", "Kim");
    stage.click("Into the group: Olga Kim");
    stage.see("Not into the group: Olga Kim");
    stage.paint("gather");
    stage.click("Write to the group");
    stage.say("Message to Michael Orr, Olga Kim", "The three of us");
    stage.see("Anna Falk: The three of us");
    // Both of them hold it: it is a conversation of real nodes.
    stage.see("On 2 desktops of colleagues");
    // The same people are the same group, in whatever order they are named.
    stage.click_part("general");
    stage.click("Write to somebody");
    stage.write("Name or address", "Olga");
    stage.press_with(Modifiers::SHIFT, Key::Enter);
    stage.see("Not into the group: Olga Kim");
    stage.has_keyboard("Name or address");
    stage.type_here("Orr");
    stage.press(Key::Enter);
    stage.see("Write to the group");
    stage.press(Key::Enter);
    stage.see("Anna Falk: The three of us");
}

#[test]
fn one_person_who_is_gathered_is_written_to_alone() {
    let mut stage = Stage::office("en");
    stage.see("general");
    stage.click("Write to somebody");
    stage.write("Name or address", "Orr");
    stage.press(Key::Enter);
    stage.see("Message to Michael Orr");
    stage.click("Write to somebody");
    stage.write("Name or address", "Kim");
    stage.click("Into the group: Olga Kim");
    stage.click("Write");
    stage.see("Message to Olga Kim");
}

/// An invitation for Boris, made and shown in Anna's window.
fn invited(anna: &mut Stage) {
    anna.click("Mill, menu");
    anna.click("Invite");
    anna.write("Name", "Boris");
    anna.write("E-mail", "boris@mill.example");
    anna.click("Let in without my approval");
    anna.click("Make a code");
    anna.see_part("Good once, until");
}

fn enters(boris: &mut Stage) {
    boris.write("A password for this device", PASSWORD);
    boris.write("The same password again", PASSWORD);
    boris.click("Join");
    boris.see("Message to general");
}

#[test]
fn a_newcomer_enters_by_the_link_the_program_was_started_with() {
    let mut anna = Stage::founded(&[]);
    invited(&mut anna);
    let link = anna.copied_by("Copy link");
    assert!(link.starts_with("artel://join/") && link.contains("?at="), "{link}");
    let mut boris = Stage::coloured("en", "dark", &[&link]);
    // Code and address are there; a password is all that is asked.
    assert!(!boris.value("Code").contains("artel:"));
    assert!(boris.value("Address of a colleague, if the network finds nobody").contains(':'));
    boris.paint("join-link");
    enters(&mut boris);
    anna.press(Key::Escape);
    anna.see_part("1 colleague");
}

#[test]
fn an_invitation_ends_when_its_maker_chose_and_goes_by_mail_to_nobody_else() {
    let mut anna = Stage::founded(&[]);
    for (choice, ends) in [("3 days", "4320"), ("1 day", "1440"), ("7 days", "10080")] {
        let minutes: i64 = ends.parse().expect("a number");
        anna.click("Mill, menu");
        anna.click("Invite");
        anna.write("Name", "Boris");
        anna.write("E-mail", "boris@mill.example");
        if minutes != 4320 {
            anna.click(choice);
        }
        if minutes == 1440 {
            anna.paint("invite-ends");
        }
        let now = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
        let end = now + Duration::minutes(minutes);
        anna.see(&format!("How long the code is good: until {} {}", end.day(), end.month()));
        anna.click("Make a code");
        anna.see_begin(&format!("Good once, until {} {}", end.day(), end.month()));
        let mail = anna.opened_by("Send by mail");
        assert!(mail.starts_with("mailto:boris@mill.example?subject=Invitation%20to%20Mill"), "{mail}");
        assert!(mail.contains("artel%3A%2F%2Fjoin%2F") && mail.matches('&').count() == 1, "{mail}");
        anna.press(Key::Escape);
    }
    // Whoever reads that mail would be let in unasked.
    invited(&mut anna);
    anna.gone("Send by mail");
}

#[test]
fn a_newcomer_enters_by_a_file_and_other_files_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let (path, other) = (dir.path().join("Boris.txt"), dir.path().join("other.txt"));
    std::fs::write(&other, "artel://join/ABCDE is none").expect("written");
    let mut anna = Stage::founded(&[]);
    invited(&mut anna);
    anna.paint("invited");
    anna.click("Save as a file");
    anna.replace("Path of the file", &other.display().to_string());
    anna.press(Key::Enter);
    anna.see_part("Not saved.");
    anna.replace("Path of the file", &path.display().to_string());
    anna.press(Key::Enter);
    anna.see_begin("Saved: ");
    let mut boris = Stage::empty("en");
    boris.drop_files(&[&other]);
    boris.see("There is no invitation in that file.");
    boris.click("Open the file of an invitation");
    boris.write("Path of the file", &path.display().to_string());
    boris.click("Read it");
    boris.gone("There is no invitation in that file.");
    let code = boris.value("Code");
    assert!(40 < code.len(), "{code}");
    boris.empty_field("Code");
    boris.drop_files(&[&path]);
    boris.reads("Code", &code);
    enters(&mut boris);
}

#[test]
fn a_guest_is_invited_for_a_time_and_for_some_channels() {
    let mut anna = Stage::founded(&[]);
    anna.click("New channel");
    anna.write("Name", "flour");
    anna.click("Create");
    anna.see("Message to flour");
    anna.click("Mill, menu");
    anna.click("Invite");
    anna.write("Name", "Gleb");
    anna.write("E-mail", "gleb@mill.example");
    anna.click("guest");
    anna.see("How long the visit lasts");
    anna.click("A week");
    anna.click("flour");
    anna.click("Let in without my approval");
    anna.paint("invite-guest");
    anna.click("Make a code");
    anna.see_part("Good once, until");
    let link = anna.copied_by("Copy link");
    anna.press(Key::Escape);
    let mut gleb = Stage::coloured("en", "dark", &[&link]);
    gleb.write("A password for this device", PASSWORD);
    gleb.write("The same password again", PASSWORD);
    gleb.click("Join");
    gleb.see("Message to flour");
    gleb.gone("general");
}

#[test]
fn the_words_of_the_root_are_asked_back_before_anything_is_founded() {
    let mut stage = Stage::empty("en");
    stage.fill_founding();
    let words = stage.phrase();
    // A window that is closed now has founded nothing: it begins anew, with other words.
    let mut stage = stage.again();
    stage.fill_founding();
    let others = stage.phrase();
    assert_ne!(words, others);
    stage.click("I have written them down");
    stage.click("Continue");
    let asked = stage.asked_words();
    assert_eq!(asked.len(), 3);
    for (field, number) in &asked {
        stage.write(field, &words[number - 1]);
    }
    stage.paint("phrase-asked");
    stage.click("Found");
    stage.see("One of them is another word. Compare with your paper.");
    stage.click("Show the words again");
    assert_eq!(stage.phrase(), others);
    stage.click("Continue");
    for (field, number) in stage.asked_words() {
        // The first letters tell one word of the list from every other.
        stage.write(&field, &others[number - 1].chars().take(4).collect::<String>());
    }
    stage.click("Found");
    stage.see("Message to general");
}
