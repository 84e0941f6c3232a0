//! Who is called by a mention of many, and who is not.

use std::time::{Duration, Instant};

use artel_node::client::{Reply, Request};
use egui::Key;

use crate::stage::Stage;

const GENERAL: &str = "Message to general";
/// The row above the places while somebody has called.
const CALLED: &str = "Mentions, 1 unread";

/// Opens the conversation with Anna, where nothing comes.
fn elsewhere(boris: &mut Stage) {
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.see("Message to Anna");
}

/// Reads what is new.
fn read(boris: &mut Stage, place: &str, row: &str) {
    boris.click(place);
    boris.see(row);
    boris.rest(Duration::from_millis(500));
    boris.gone(CALLED);
    elsewhere(boris);
    boris.gone(place);
    boris.see("general");
}

#[test]
fn a_channel_those_who_are_here_and_a_team_are_called_and_nobody_else() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.click("Mill, menu");
    anna.click("New team");
    anna.write("Name", "Ovens");
    anna.click("Create");
    elsewhere(&mut boris);
    anna.click("general");
    for (text, called) in [
        ("@channel the flour is here", true),
        ("@here who helps?", true),
        ("@ovens is hot", false),
        ("channel and here without a sign", false),
    ] {
        anna.say(GENERAL, text);
        let place = if called { "general, 1 mention" } else { "general, 1 unread" };
        boris.see(place);
        assert_eq!(boris.has_part(CALLED), called, "{text}");
        read(&mut boris, place, &format!("Anna: {text}"));
    }
    // From now on he is in the team.
    anna.click("Write to somebody");
    anna.click("Card of Boris");
    anna.click("In the team “Ovens”");
    anna.press(Key::Escape);
    anna.click("general");
    anna.say(GENERAL, "@ovens is cold");
    boris.see(CALLED);
    boris.paint("called");
    read(&mut boris, "general, 1 mention", "Anna: @ovens is cold");
    // What calls is told first, what else is new behind it.
    for text in ["@ovens one", "@boris@mill.example two", "three"] {
        anna.say(GENERAL, text);
    }
    boris.see("general, 2 mentions, 3 unread");
    boris.click("Mill, menu");
    boris.click("Settings");
    boris.click("Appearance");
    boris.click("Русский");
    boris.see("general, 2 упоминания, 3 непрочитанных");
    // Whoever calls is not called.
    assert!(!anna.has_part("Mentions, "));
}

#[test]
fn who_may_not_call_everybody_is_told_so_and_keeps_the_text() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    // It is a member's choice until who makes the rules says otherwise, where the rights of a channel stand.
    anna.right_click("general");
    anna.click("Conversation settings");
    anna.see("Who may call everybody with @channel and @here, in all channels");
    anna.paint("who-calls");
    anna.click("Administrators");
    anna.see("Saved.");
    anna.press(Key::Escape);
    let told = |boris: &Stage| {
        let Reply::Config(rules) = boris.ask_node(&Request::PolicyShow) else { panic!("no rules") };
        rules.iter().any(|it| it.key == "mention_all" && it.value == "admins")
    };
    let begun = Instant::now();
    while !told(&boris) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the rule does not come");
        boris.rest(Duration::from_millis(100));
    }
    // By keys: the menu of the place he is at.
    boris.tab_back_to("general");
    boris.press_with(egui::Modifiers::SHIFT, Key::F10);
    boris.click("Conversation settings");
    boris.see("Everybody is called (@channel, @here) by administrators here.");
    assert!(!boris.has_part("Who may call everybody"));
    boris.press(Key::Escape);
    for text in ["@channel the flour is mine", "@here so is the salt"] {
        boris.say(GENERAL, text);
        boris.see_part("Not allowed: your role does not permit it");
        boris.paint("may-not-call");
        boris.reads(GENERAL, text);
        boris.click("Close");
        boris.gone("Not allowed: your role does not permit it. Ask an administrator.");
        boris.empty_field(GENERAL);
    }
    boris.say(GENERAL, "@anna@mill.example I have brought it");
    anna.see_part("I have brought it");
    anna.say(GENERAL, "@here thank him");
    boris.see("Anna: @here thank him");
    assert!(!anna.has_part("is mine") && !anna.has_part("so is the salt"));
}
