//! Shortcuts, the switcher, and the list of places with its sections.

use egui::{Key, Modifiers};

use crate::stage::{PASSWORD, Stage};

const SHIFT_ALT: Modifiers = Modifiers { shift: true, ..Modifiers::ALT };

#[test]
fn shortcuts_lead_to_what_is_unread_and_mark_what_is_written() {
    let mut stage = Stage::office("ru");
    stage.see("Михаил Орлов, 1 непрочитанное");
    stage.press_with(Modifiers::COMMAND, Key::Slash);
    stage.see("К непрочитанной беседе ниже");
    stage.paint("shortcuts");
    // Nothing is looked for behind a dialog.
    stage.press_with(Modifiers::COMMAND, Key::F);
    stage.press(Key::Escape);
    stage.gone("К непрочитанной беседе ниже");
    stage.miss("Найти в этой беседе");
    // Above the first comes the last, and on the way up the next.
    stage.press_with(SHIFT_ALT, Key::ArrowUp);
    stage.see("Сообщение в бухгалтерия");
    stage.press_with(SHIFT_ALT, Key::ArrowUp);
    stage.see("Сообщение в Ольга Ким");
    stage.press_with(SHIFT_ALT, Key::ArrowUp);
    stage.see("Сообщение в Михаил Орлов");
    stage.write("Сообщение в Михаил Орлов", "важно");
    stage.press_with(Modifiers::COMMAND, Key::A);
    stage.press_with(Modifiers::COMMAND, Key::B);
    stage.reads("Сообщение в Михаил Орлов", "**важно**");
    stage.press_with(Modifiers::COMMAND, Key::I);
    stage.reads("Сообщение в Михаил Орлов", "***важно***");
    stage.press_with(Modifiers::COMMAND, Key::B);
    stage.reads("Сообщение в Михаил Орлов", "*важно*");
    stage.press_with(Modifiers { shift: true, ..Modifiers::COMMAND }, Key::M);
    stage.see("Назад");
}

#[test]
fn everything_is_marked_as_read_at_once() {
    let mut stage = Stage::office("ru");
    stage.see("Михаил Орлов, 1 непрочитанное");
    stage.press_with(Modifiers::SHIFT, Key::Escape);
    stage.see("Прочитано всё");
    stage.paint("read all");
    stage.click("Отметить прочитанным");
    stage.gone("Михаил Орлов, 1 непрочитанное");
    stage.see("Михаил Орлов");
}

#[test]
fn the_switcher_begins_with_where_one_was_and_knows_commands() {
    let mut stage = Stage::office("ru");
    stage.click("Михаил Орлов, 1 непрочитанное");
    stage.see("Сообщение в Михаил Орлов");
    stage.click("склад, 1 непрочитанное");
    stage.see("Сообщение в склад");
    stage.press_with(Modifiers::COMMAND, Key::K);
    stage.paint("switcher");
    stage.press(Key::Enter);
    stage.see("Сообщение в Михаил Орлов");
    stage.press_with(Modifiers::COMMAND, Key::K);
    stage.write("Человек, канал или команда", "прочитано");
    stage.press(Key::Enter);
    stage.see("Отметить прочитанным");
}

#[test]
fn a_folded_section_stays_folded_and_hides_nothing_that_waits() {
    let mut stage = Stage::founded(&[]);
    stage.click("New channel");
    stage.write("Name", "flour");
    stage.click("Create");
    stage.see("Message to flour");
    stage.see("general");
    stage.click("Channels");
    stage.gone("general");
    stage.see("flour");
    stage.paint("folded");
    let mut stage = stage.again();
    stage.write("The password of this device", PASSWORD);
    stage.click("Unlock");
    stage.see("flour");
    stage.miss("general");
    stage.click("Channels");
    stage.see("general");
}

#[test]
fn what_waits_out_of_sight_is_told_and_reached() {
    let mut stage = Stage::office("ru");
    stage.see("Михаил Орлов, 1 непрочитанное");
    stage.size(1_280.0, 500.0);
    stage.paint("below");
    stage.miss("Непрочитанное выше");
    stage.click("Непрочитанное ниже");
    stage.see("Непрочитанное выше");
}

#[test]
fn a_topic_is_read_whole() {
    let mut stage = Stage::founded(&[]);
    let topic =
        "The mill works from eight to eight, at weekends from ten; what is not collected by noon goes back. ".repeat(4);
    stage.say("Message to general", &format!("/topic {}", topic.trim()));
    stage.click(&format!("Topic: {}", topic.trim()));
    stage.see(topic.trim());
    stage.paint("topic");
}

#[test]
fn the_other_button_offers_what_a_text_needs() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.write("Сообщение в общий", "важно для @orlov@romashka.example");
    stage.right_click("Сообщение в общий");
    stage.see("Вставить");
    stage.paint("text menu");
    stage.click("Выделить всё");
    stage.press_with(Modifiers::COMMAND, Key::B);
    stage.reads("Сообщение в общий", "**важно для @orlov@romashka.example**");
}

#[test]
fn the_composer_of_a_thread_grows_with_its_text() {
    let mut stage = Stage::founded(&[]);
    stage.say("Message to general", "Hello");
    stage.see("Anna: Hello");
    stage.press_with(Modifiers::SHIFT, Key::ArrowUp);
    stage.has_keyboard("Reply in the thread");
    let before = stage.left_of("Reply in the thread").y;
    stage.event(egui::Event::Paste("one\ntwo\nthree\nfour\nfive".into()));
    stage.reads("Reply in the thread", "one\ntwo\nthree\nfour\nfive");
    let after = stage.left_of("Reply in the thread").y;
    assert!(after + 20.0 < before, "{before} {after}");
}
