//! A person's second computer, and what is chosen in the settings.

use egui::Key;

use crate::stage::Stage;

const GENERAL: &str = "Message to general";

/// Another computer of Anna; the first stays at its settings.
fn second_of(anna: &mut Stage) -> Stage {
    let address = anna.address();
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click("Computers");
    anna.see("This computer");
    anna.click("Link another computer");
    anna.see_part("The code is good until");
    let code = anna.label(|it| it.len() > 30 && !it.contains(' ') && it.contains('-'));
    let mut second = Stage::empty("en");
    second.enter(&code, &address);
    second.see_part("Ask your administrator");
    let five =
        |it: &str| it.split([' ', '-']).count() == 5 && it.chars().all(|it| it.is_lowercase() || " -".contains(it));
    let there = second.label(five);
    assert_eq!(anna.label(five), there);
    anna.click("The words are the same, link it");
    second.see(GENERAL);
    second
}

#[test]
fn a_second_computer_is_linked_by_a_code_and_five_words_and_taken_out_again() {
    let (mut anna, _boris) = Stage::pair(&[]);
    anna.say(GENERAL, "Before the second computer");
    let mut second = second_of(&mut anna);
    second.see("Anna: Before the second computer");
    second.say(GENERAL, "From the second");
    anna.press(Key::Escape);
    anna.see("Anna: From the second");
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click_part("Disconnect: Computer ");
    anna.click("Lost");
    anna.click("Disconnect");
    anna.see_part("The computer is disconnected");
    anna.see("disconnected for good");
}

#[test]
fn what_is_half_written_at_one_desk_goes_on_at_the_other_and_goes_when_it_is_sent() {
    let (mut anna, _boris) = Stage::pair(&[]);
    let mut second = second_of(&mut anna);
    anna.press(Key::Escape);
    // What is typed is kept when one pauses.
    let pause = std::time::Duration::from_millis(700);
    anna.write(GENERAL, "Half a thought");
    anna.rest(pause);
    second.reads(GENERAL, "Half a thought");
    second.add(GENERAL, " and the rest");
    second.rest(pause);
    anna.reads(GENERAL, "Half a thought and the rest");
    anna.focus_field(GENERAL);
    anna.press(Key::Enter);
    second.see("Anna: Half a thought and the rest");
    second.reads(GENERAL, "");
    second.rest(pause);
    // Sent as it came, from the other one.
    anna.write(GENERAL, "Another thought");
    anna.rest(pause);
    second.reads(GENERAL, "Another thought");
    second.focus_field(GENERAL);
    second.press(Key::Enter);
    anna.see("Anna: Another thought");
    anna.reads(GENERAL, "");
    for stage in [&mut anna, &mut second] {
        stage.rest(pause);
        stage.reads(GENERAL, "");
    }
}

#[test]
fn language_theme_storage_and_licences_are_found_in_the_settings() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.press_with(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::A);
    stage.click("Место");
    stage.see_part("Файлы занимают");
    stage.click("5,0 ГБ");
    stage.click("О программе");
    stage.click("Лицензия: MIT");
    stage.see_part("Permission is hereby granted");
    stage.click("Вид");
    stage.click("Светлая");
    stage.click("English");
    stage.see("Appearance");
    stage.click("Attention");
    stage.click("Do not disturb every day");
    stage.click("Keyboard");
    stage.see("Ctrl U");
}
