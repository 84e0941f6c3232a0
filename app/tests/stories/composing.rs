//! Composers, menus and links at the messages: what is typed goes where one means it.

use egui::{Key, Modifiers};

use crate::stage::Stage;

const GENERAL: &str = "Message to general";
const EDIT: &str = "Edit message";
const REPLY: &str = "Reply in the thread";

fn channel(stage: &mut Stage, name: &str) {
    stage.click("New channel");
    stage.write("Name", name);
    stage.click("Create");
    stage.see(&format!("Message to {name}"));
}

#[test]
fn a_reply_is_edited_in_its_thread_and_a_link_to_it_leads_there() {
    let mut anna = Stage::founded(&[]);
    for text in ["Rye came", "Wheat came"] {
        anna.say(GENERAL, text);
        anna.see(&format!("Anna: {text}"));
    }
    anna.press_with(Modifiers::SHIFT, Key::ArrowUp);
    anna.has_keyboard(REPLY);
    for text in ["Ten sacks", "Two are wet"] {
        anna.say(REPLY, text);
        anna.see(&format!("Anna: {text}"));
    }
    // Up edits the last reply, there.
    anna.focus_field(REPLY);
    anna.press(Key::ArrowUp);
    anna.has_keyboard(EDIT);
    anna.reads(EDIT, "Two are wet");
    anna.add(EDIT, " and one is torn");
    anna.press(Key::Enter);
    anna.see("Anna: Two are wet and one is torn");
    anna.see("Anna: Wheat came");
    anna.tool("Anna: Ten sacks", "More");
    let link = anna.copied_by("Copy link");
    anna.press(Key::Escape);
    anna.gone("Anna: Ten sacks");
    channel(&mut anna, "flour");
    anna.press_with(Modifiers::COMMAND, Key::K);
    anna.enter_here(&link);
    anna.see(GENERAL);
    anna.see(REPLY);
    anna.see("Anna: Ten sacks");
    // A reply that is found opens its thread too.
    anna.press(Key::Escape);
    anna.gone(REPLY);
    anna.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    anna.type_here("torn");
    anna.click_part("Two are wet and one is torn");
    anna.see(REPLY);
    anna.see("Anna: Ten sacks");
}

#[test]
fn each_place_keeps_what_is_written_and_edited_in_it() {
    let mut anna = Stage::founded(&[]);
    channel(&mut anna, "flour");
    anna.click("general");
    anna.say(GENERAL, "Rye came");
    anna.see("Anna: Rye came");
    anna.press(Key::ArrowUp);
    anna.see(EDIT);
    anna.add(EDIT, " on Monday");
    anna.click("flour");
    anna.has_keyboard("Message to flour");
    anna.type_here("Rye is short");
    anna.press_with(Modifiers::COMMAND, Key::A);
    anna.press(Key::Backspace);
    anna.click("general");
    anna.reads(EDIT, "Rye came on Monday");
    anna.press(Key::Enter);
    anna.see("Anna: Rye came on Monday");
    // What is taken back here does not come from the other place.
    anna.has_keyboard(GENERAL);
    for _ in 0..4 {
        anna.press_with(Modifiers::COMMAND, Key::Z);
    }
    anna.reads(GENERAL, "");
    anna.click("flour");
    anna.has_keyboard("Message to flour");
    anna.press_with(Modifiers::COMMAND, Key::Z);
    anna.reads("Message to flour", "Rye is short");
}

#[test]
fn what_is_typed_anywhere_is_text_unless_a_row_was_gone_to_by_keys() {
    let mut anna = Stage::founded(&[]);
    anna.say(GENERAL, "Rye came");
    anna.see("Anna: Rye came");
    anna.say(GENERAL, "Wheat came");
    anna.see("Anna: Wheat came");
    anna.tool("Anna: Rye came", "React");
    anna.write("Emoji by name", "pizza");
    anna.click("🍕");
    anna.see("🍕 1");
    for key in [Key::P, Key::S] {
        anna.press(key);
    }
    anna.type_here("Ten ");
    anna.reads(GENERAL, "Ten ");
    // Esc and a click beside everything lose nothing.
    anna.press(Key::Escape);
    anna.unfocus();
    anna.type_here("sacks");
    anna.reads(GENERAL, "Ten sacks");
    anna.press(Key::Enter);
    anna.see("Anna: Ten sacks");
    assert!(!anna.has_part("pinned") && !anna.has_part("Saved for you"), "letters were keys");
}

#[test]
fn a_name_leads_to_the_card_and_the_other_button_to_the_menu() {
    let mut anna = Stage::founded(&[]);
    anna.say(GENERAL, "https://mill.example/rye");
    let row = "Anna: https://mill.example/rye";
    anna.see(row);
    anna.click("Card of Anna");
    anna.see("anna@mill.example");
    anna.press(Key::Escape);
    anna.gone("anna@mill.example");
    anna.right_click(row);
    anna.see("Quote");
    anna.gone("Copy the address under the pointer");
    anna.press(Key::Escape);
    anna.gone("Quote");
    anna.right_click("https://mill.example/rye");
    assert_eq!(anna.copied_by("Copy the address under the pointer"), "https://mill.example/rye");
}

#[test]
fn the_other_button_offers_the_clipboard_at_every_field_and_hidden_text_does_not_leave_its_own() {
    let mut stage = Stage::founded(&[]);
    stage.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    let what = "Words, “a phrase”, or the beginning of a wor*";
    stage.write(what, "oats");
    stage.right_click(what);
    for line in ["Cut", "Copy", "Paste"] {
        stage.see(line);
    }
    stage.click("Select all");
    stage.type_here("rye");
    stage.reads(what, "rye");
    stage.right_click(what);
    stage.click("Paste");
    stage.has_keyboard(what);
    let mut stage = stage.again();
    stage.right_click("The password of this device");
    stage.see("Paste");
    stage.see("Select all");
    stage.miss("Copy");
    stage.miss("Cut");
}
