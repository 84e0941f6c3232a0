//! What is asked before it is done, and what is said when it cannot be done.

use egui::Key;

use crate::stage::Stage;

#[test]
fn an_edit_that_leaves_nothing_offers_to_delete() {
    let mut stage = Stage::founded(&[]);
    stage.say("Message to general", "Ten sacks");
    stage.see("Anna: Ten sacks");
    stage.press(Key::ArrowUp);
    stage.empty_field("Edit message");
    stage.press(Key::Enter);
    stage.see("Delete this message for everybody?");
    stage.click("Cancel");
    stage.see("Edit message");
    stage.press(Key::Enter);
    stage.see("Delete this message for everybody?");
    stage.click("Delete for everybody");
    stage.see("Anna: Message deleted");
    stage.gone("Edit message");
}

#[test]
fn what_is_sent_later_keeps_its_files_and_its_thread() {
    let dir = tempfile::tempdir().expect("a directory");
    let (list, photo) = (dir.path().join("list.csv"), dir.path().join("notes.txt"));
    std::fs::write(&list, "rye;wheat").expect("written");
    std::fs::write(&photo, "wet").expect("written");
    let mut stage = Stage::founded(&[]);
    stage.say("Message to general", "Suppliers?");
    stage.see("Anna: Suppliers?");
    // With a file, in the channel.
    stage.drop_files(&[&list]);
    stage.see("Attached list.csv");
    stage.write("Message to general", "Here they are");
    stage.click("Send later");
    stage.click_part("In an hour");
    stage.see_part("Scheduled. The list");
    stage.gone("Do not attach list.csv");
    // A file alone, in the thread.
    stage.press_with(egui::Modifiers::SHIFT, Key::ArrowUp);
    stage.has_keyboard("Reply in the thread");
    stage.drop_files(&[&photo]);
    stage.write("Reply in the thread", "And which are wet");
    stage.click("Send later");
    stage.click_part("In an hour");
    stage.click("Mill, menu");
    stage.click("Scheduled");
    stage.see("Attached list.csv");
    stage.see("Attached notes.txt");
    stage.see("And which are wet");
    stage.paint("later-files");
    // Taken back it is where it was, with its file.
    stage.click("Edit");
    stage.see("Attached notes.txt");
    stage.reads("Reply in the thread", "And which are wet");
    stage.click("Send later");
    stage.click_part("In an hour");
    stage.gone("Do not attach notes.txt");
    stage.click("Mill, menu");
    stage.click("Scheduled");
    stage.see("Attached list.csv");
    stage.see("Attached notes.txt");
    // The last first, each of them once: while it leaves it may still stand there.
    stage.click("Send now");
    stage.gone("And which are wet");
    stage.click("Send now");
    stage.see("Nothing is scheduled. The clock beside the send button schedules a message.");
    stage.press(Key::Escape);
    stage.see("Anna: Here they are");
    stage.see("Open list.csv");
    stage.see("1 reply");
}

#[test]
fn a_file_that_can_run_something_is_not_opened_unasked() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("invoice.pdf.sh");
    std::fs::write(&path, "echo").expect("written");
    let mut stage = Stage::founded(&[]);
    stage.drop_files(&[&path]);
    stage.see("Attached invoice.pdf.sh");
    stage.press(Key::Enter);
    stage.click("Open invoice.pdf.sh");
    stage.see("This file can run something");
    stage.paint("risky");
    stage.click("Cancel");
    stage.gone("This file can run something");
}

#[test]
fn a_draft_that_is_too_long_to_be_kept_says_so() {
    let mut stage = Stage::founded(&[]);
    stage.write("Message to general", &"flour ".repeat(11_000));
    stage.see_part("longer than 60 KiB");
}
