//! One story by the keyboard alone: no pointer, no accelerator that needs a layout.

use egui::{Key, Modifiers};

use crate::stage::{PASSWORD, Stage};

/// Fills in the field that has the keyboard, and goes to the next.
fn fill(stage: &mut Stage, field: &str, text: &str) {
    stage.tab_to(field);
    stage.type_here(text);
}

#[test]
fn founding_writing_replying_reacting_and_searching_need_no_mouse() {
    let mut stage = Stage::empty("en");
    stage.see("Found an organisation");
    stage.tab_to("Found an organisation");
    stage.press(Key::Enter);
    fill(&mut stage, "Name of the organisation", "Mill");
    fill(&mut stage, "Your name", "Anna");
    fill(&mut stage, "Your e-mail", "anna@mill.example");
    fill(&mut stage, "A password for this device", PASSWORD);
    fill(&mut stage, "The same password again", PASSWORD);
    stage.tab_to("Found");
    stage.press(Key::Enter);
    stage.see("Your 24 words");
    let words = stage.phrase();
    stage.tab_to("I have written them down");
    stage.press(Key::Space);
    stage.tab_to("Continue");
    stage.press(Key::Enter);
    for (field, number) in stage.asked_words() {
        fill(&mut stage, &field, &words[number - 1]);
    }
    stage.press(Key::Enter);
    stage.has_keyboard("Message to general");
    // A channel, from the list of places.
    stage.press(Key::F6);
    stage.has_keyboard("general");
    stage.tab_back_to("New channel");
    stage.press(Key::Enter);
    stage.has_keyboard("Name");
    stage.type_here("flour");
    stage.press(Key::Enter);
    stage.has_keyboard("Message to flour");
    stage.type_here("Ten sacks came");
    stage.press(Key::Enter);
    stage.see("Anna: Ten sacks came");
    stage.type_here("Two are wet");
    stage.press(Key::Enter);
    stage.see("Anna: Two are wet");
    // Back to the rows, up to the first, into its thread.
    stage.press(Key::F6);
    stage.has_keyboard("flour");
    stage.press(Key::F6);
    stage.has_keyboard("Anna: Two are wet");
    stage.press(Key::ArrowUp);
    stage.has_keyboard("Anna: Ten sacks came");
    stage.press(Key::T);
    stage.has_keyboard("Reply in the thread");
    stage.type_here("Twelve");
    stage.press(Key::Enter);
    stage.see("Anna: Twelve");
    stage.see("1 reply");
    stage.press(Key::Escape);
    stage.has_keyboard("Message to flour");
    reacting(&mut stage);
    searching(&mut stage);
}

/// A reaction by its name, another with the tools of the row, the menu of the row.
fn reacting(stage: &mut Stage) {
    stage.press(Key::F6);
    stage.press(Key::F6);
    stage.has_keyboard("Anna: Two are wet");
    stage.press(Key::R);
    stage.has_keyboard("Emoji by name");
    stage.type_here("umbrella");
    stage.press(Key::Enter);
    stage.has_keyboard("Anna: Two are wet");
    let pill = stage.label(|it| it.ends_with(" 1") && !it.is_ascii());
    stage.tab_to(&pill);
    stage.press(Key::Enter);
    stage.gone(&pill);
    stage.tab_to("More");
    stage.press(Key::Escape);
    // The menu of a row.
    stage.press(Key::F6);
    stage.has_keyboard("Anna: Two are wet");
    stage.press(Key::Enter);
    stage.has_keyboard("Reply in thread");
    stage.tab_to("Save for yourself");
    stage.press(Key::Enter);
    stage.see("Saved for you");
}

/// From the last row back to writing, to the last thread, to the search.
fn searching(stage: &mut Stage) {
    // Down from the last row one writes again; Shift+Up answers the last message.
    stage.press(Key::F6);
    if stage.focused().as_deref() != Some("Anna: Two are wet") {
        stage.press(Key::F6);
        stage.press(Key::F6);
    }
    stage.has_keyboard("Anna: Two are wet");
    stage.press(Key::ArrowDown);
    stage.has_keyboard("Message to flour");
    stage.press_with(Modifiers::SHIFT, Key::ArrowUp);
    stage.has_keyboard("Reply in the thread");
    stage.press(Key::Escape);
    stage.has_keyboard("Message to flour");
    // Search, from the head of the place.
    stage.tab_back_to("Search messages");
    stage.press(Key::Enter);
    stage.has_keyboard("Words, “a phrase”, or the beginning of a wor*");
    stage.type_here("sacks");
    stage.see("flour, Anna: Ten sacks came");
    stage.tab_to("flour, Anna: Ten sacks came");
    stage.press(Key::Enter);
    stage.see("Anna: Ten sacks came");
    stage.has_keyboard("Message to flour");
}

#[test]
fn pages_are_turned_while_one_writes_and_the_end_is_of_what_has_the_keyboard() {
    const GENERAL: &str = "Message to general";
    let mut anna = Stage::founded(&[]);
    for number in 0..60 {
        anna.say(GENERAL, &format!("line {number}"));
    }
    anna.see("Anna: line 59");
    anna.write(GENERAL, "half");
    anna.press(Key::PageUp);
    anna.gone("Anna: line 59");
    anna.has_keyboard(GENERAL);
    // Beginning and end are those of the text while one writes.
    anna.press(Key::Home);
    anna.type_here("one ");
    anna.press(Key::End);
    anna.type_here(" more");
    anna.reads(GENERAL, "one half more");
    assert!(!anna.has_part("Anna: line 59"), "the history went to its end");
    anna.press(Key::PageDown);
    anna.see("Anna: line 59");
    // And of the history while one goes from row to row.
    anna.press(Key::PageUp);
    anna.gone("Anna: line 59");
    anna.press(Key::F6);
    anna.press(Key::F6);
    let row = anna.focused().expect("a row has the keyboard");
    assert!(row.starts_with("Anna: line ") && anna.has_part(&row), "{row}");
    anna.press(Key::End);
    anna.see("Anna: line 59");
    anna.reads(GENERAL, "one half more");
}
