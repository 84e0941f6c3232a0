//! Names that look alike: marked, and with their addresses, wherever people are shown.

use egui::Key;

use crate::stage::{PASSWORD, Stage};

/// Latin letters in a Cyrillic dress.
const SPOOFED: &str = "Аnnа";
const MARK: &str = "Another name looks like this one: eve@mill.example";
const OWN_MARK: &str = "Another name looks like this one: anna@mill.example";
const SAID: &str = "Аnnа, eve@mill.example";

/// A window of somebody who calls herself like Anna.
fn spoofer(anna: &mut Stage) -> Stage {
    anna.click("Mill, menu");
    anna.click("Invite");
    anna.write("Name", SPOOFED);
    anna.write("E-mail", "eve@mill.example");
    anna.click("Let in without my approval");
    anna.click("Make a code");
    let link = anna.copied_by("Copy link");
    anna.press(Key::Escape);
    let mut eve = Stage::coloured("en", "dark", &[&link]);
    eve.write("A password for this device", PASSWORD);
    eve.write("The same password again", PASSWORD);
    eve.click("Join");
    eve.see("Message to general");
    eve
}

#[test]
fn a_name_like_anothers_is_marked_with_its_address_wherever_people_are_shown() {
    let mut anna = Stage::founded(&[]);
    assert!(!anna.has_part("Another name looks"));
    let mut eve = spoofer(&mut anna);
    eve.say("Message to general", "It is me");
    anna.see(&format!("{SPOOFED}: It is me"));
    anna.see(MARK);
    // The completion of a mention.
    anna.write("Message to general", "@eve");
    anna.see(SAID);
    anna.wait_for("the mark in the timeline and in the completion", |it| count(it, MARK) == 2);
    anna.paint("alike-completion");
    anna.press(Key::Escape);
    anna.empty_field("Message to general");
    // Members of the channel.
    anna.click("2 members");
    anna.see(SAID);
    anna.see("Anna (you), anna@mill.example");
    anna.wait_for("the marks of both among the members", |it| count(it, MARK) == 2 && count(it, OWN_MARK) == 1);
    anna.paint("alike-members");
    anna.press(Key::Escape);
    // The directory and the card.
    anna.click("Write to somebody");
    anna.see(SAID);
    anna.see(MARK);
    anna.see(OWN_MARK);
    anna.paint("alike-people");
    anna.click(&format!("Card of {SAID}"));
    anna.wait_for("the mark on the card too", |it| count(it, MARK) == 2);
    anna.paint("alike-card");
}

fn count(it: &egui_kittest::Harness<'static, artel_app::shell::Shell>, name: &str) -> usize {
    use egui_kittest::kittest::Queryable;
    it.query_all_by_label(name).count()
}
