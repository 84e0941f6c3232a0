//! Writing and finding, by names, against real nodes.

use std::time::Duration;

use egui::{Key, Modifiers};

use crate::stage::{PASSWORD, Stage};

const GENERAL: &str = "Сообщение в общий";

/// A home of one's own with a channel, in Russian.
fn founded() -> Stage {
    let mut stage = Stage::empty("ru");
    stage.click("Основать организацию");
    stage.write("Название организации", "Мельница");
    stage.write("Ваше имя", "Анна");
    stage.write("Ваша почта", "anna@mill.example");
    stage.write("Пароль для этого устройства", PASSWORD);
    stage.write("Тот же пароль ещё раз", PASSWORD);
    stage.click("Основать");
    stage.see("Ваши 24 слова");
    stage.keep_phrase();
    stage.see(GENERAL);
    stage
}

fn again(stage: Stage) -> Stage {
    let mut stage = stage.again();
    stage.write("Пароль этого устройства", PASSWORD);
    stage.click("Открыть");
    stage.see(GENERAL);
    stage
}

/// Opens the menu of a message and chooses from it.
fn menu(stage: &mut Stage, row: &str, what: &str) {
    stage.tool(row, "Ещё");
    stage.click(what);
}

#[test]
fn a_draft_survives_a_restart_and_goes_when_it_is_sent() {
    let mut stage = founded();
    stage.write(GENERAL, "Половина мысли");
    let mut stage = again(stage);
    stage.reads(GENERAL, "Половина мысли");
    stage.add(GENERAL, " и вторая");
    stage.press(Key::Enter);
    stage.see("Анна: Половина мысли и вторая");
    let mut stage = again(stage);
    stage.see("Анна: Половина мысли и вторая");
    // A draft that is still kept would come a moment after the messages.
    stage.rest(Duration::from_millis(700));
    stage.reads(GENERAL, "");
}

#[test]
fn names_are_completed_by_keyboard_and_mouse() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.write(GENERAL, "Спросим @мих");
    stage.see("Варианты");
    stage.press(Key::Enter);
    stage.reads(GENERAL, "Спросим @orlov@romashka.example ");
    stage.add(GENERAL, "про #скл");
    stage.click("склад");
    stage.reads(GENERAL, "Спросим @orlov@romashka.example про #склад ");
    stage.add(GENERAL, ":ракет");
    stage.press(Key::Tab);
    stage.reads(GENERAL, "Спросим @orlov@romashka.example про #склад 🚀 ");
    // Esc closes it and leaves the word.
    stage.add(GENERAL, "@ол");
    stage.see("Варианты");
    stage.press(Key::Escape);
    stage.miss("Варианты");
    stage.press(Key::Enter);
    stage.see("Анна Соколова: Спросим @orlov@romashka.example про #склад 🚀 @ол");
    // In the message they are names.
    stage.see_begin("Спросим @Михаил Орлов");
}

#[test]
fn emoji_are_found_by_name_for_a_reaction() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.say(GENERAL, "Кто за обед?");
    stage.tool("Анна Соколова: Кто за обед?", "Реакция");
    stage.write("Эмодзи по имени", "pizza");
    stage.click("🍕");
    stage.see("🍕 1");
}

#[test]
fn commands_are_carried_out_or_refused_with_the_text_kept() {
    let mut stage = founded();
    stage.say(GENERAL, "/тему Смена");
    stage.see_begin("Нет такой команды: /тему");
    stage.reads(GENERAL, "/тему Смена");
    stage.empty_field(GENERAL);
    stage.write(GENERAL, "/те");
    stage.press(Key::Tab);
    stage.reads(GENERAL, "/тема ");
    stage.add(GENERAL, "Смена в восемь");
    stage.press(Key::Enter);
    stage.see("Тема задана");
    stage.see("Анна: Тема теперь: Смена в восемь");
    stage.reads(GENERAL, "");
    stage.say(GENERAL, "/помощь");
    stage.see("Что можно набрать");
    stage.press(Key::Escape);
    stage.miss("Что можно набрать");
    stage.say(GENERAL, "/не-беспокоить вечером");
    stage.see_begin("Не понимаю, до каких пор: вечером");
    stage.empty_field(GENERAL);
    stage.say(GENERAL, "/не-беспокоить 2ч");
    stage.reads(GENERAL, "");
    stage.say(GENERAL, "/пригласить nobody@mill.example");
    stage.see_begin("Канал открыт");
}

#[test]
fn a_message_is_quoted_saved_pinned_linked_and_explained() {
    let mut stage = founded();
    stage.say(GENERAL, "Отгрузка в пятницу");
    let row = "Анна: Отгрузка в пятницу";
    menu(&mut stage, row, "Закрепить");
    stage.click("Закреплённое");
    stage.see("общий, Анна: Отгрузка в пятницу");
    stage.press(Key::Escape);
    menu(&mut stage, row, "Сохранить для себя");
    stage.see("Сохранено для вас");
    stage.click("Мельница, меню");
    stage.click("Сохранённое");
    stage.click("общий, Анна: Отгрузка в пятницу");
    stage.see(row);
    menu(&mut stage, row, "Править");
    stage.see("Править сообщение");
    stage.add("Править сообщение", " утром");
    stage.press(Key::Enter);
    let row = "Анна: Отгрузка в пятницу утром";
    menu(&mut stage, row, "Где это сообщение?");
    stage.see("Как менялось");
    stage.see("Ed25519, проверена при получении на этом компьютере");
    stage.press(Key::Escape);
    menu(&mut stage, row, "Цитировать");
    stage.press_with(Modifiers::COMMAND, Key::End);
    stage.add(GENERAL, "Точно?");
    stage.press(Key::Enter);
    stage.see_begin("Анна: > **Анна** artel://m/");
    stage.reads(GENERAL, "");
}

#[test]
fn deleting_can_be_thought_better_of() {
    let mut stage = founded();
    stage.say(GENERAL, "Не то написала");
    let row = "Анна: Не то написала";
    menu(&mut stage, row, "Удалить у всех");
    stage.click("Вернуть");
    stage.pass(Duration::from_secs(6));
    stage.see(row);
    menu(&mut stage, row, "Удалить у всех");
    stage.see("Анна: Сообщение удалено");
}

#[test]
fn something_is_found_in_the_open_place_and_messages_are_copied_together() {
    let mut stage = founded();
    for text in ["первая поставка", "вторая поставка", "третья встреча"] {
        stage.say(GENERAL, text);
        stage.see(&format!("Анна: {text}"));
    }
    stage.press_with(Modifiers::COMMAND, Key::F);
    stage.write("Найти в этой беседе", "поста");
    stage.see("0 / 2");
    stage.press(Key::Enter);
    stage.see("1 / 2");
    stage.press(Key::Enter);
    stage.see("2 / 2");
    stage.press(Key::Escape);
    stage.miss("Найти в этой беседе");
    menu(&mut stage, "Анна: первая поставка", "Выделить");
    stage.see("Выделено 1 сообщение");
    // Shift with arrows marks more, Ctrl+C copies them with author and time.
    stage.press(Key::Escape);
    menu(&mut stage, "Анна: первая поставка", "Выделить");
    stage.unfocus();
    stage.press_with(Modifiers::SHIFT, Key::ArrowDown);
    stage.see("Выделено 2 сообщения");
    let copied = stage.copied(egui::Event::Copy);
    assert!(copied.starts_with("Анна, Сегодня ") && copied.contains(":\nпервая поставка\n\nАнна, "), "{copied}");
}

#[test]
fn a_message_for_later_is_listed_and_leaves() {
    let mut stage = founded();
    stage.write(GENERAL, "С понедельника новый график");
    stage.click("Отправить позже");
    stage.write("Или время: 14:30, 25.11 9:00", "вчера");
    stage.see("Нужно время, которое ещё не прошло.");
    stage.empty_field("Или время: 14:30, 25.11 9:00");
    stage.write("Или время: 14:30, 25.11 9:00", "31.12 23:59");
    stage.click("Отложить");
    stage.reads(GENERAL, "");
    stage.click("Мельница, меню");
    stage.click("Отложенное");
    stage.see("С понедельника новый график");
    stage.click("Отправить сейчас");
    stage.see_begin("Ничего не отложено");
    stage.press(Key::Escape);
    stage.see("Анна: С понедельника новый график");
}

#[test]
fn bad_input_does_not_hurt_the_window() {
    let mut stage = founded();
    // More than a message takes: refused in words, and the text stays.
    let long = "слово ".repeat(25_000);
    stage.write(GENERAL, &long);
    stage.press(Key::Enter);
    stage.reads(GENERAL, long.trim());
    stage.empty_field(GENERAL);
    // Towers of accents and turned text are drawn as what they are.
    stage.say(GENERAL, &format!("з{}альго и \u{202E}txet", "\u{0301}".repeat(300)));
    stage.see_begin("Анна: з");
    stage.see_begin("з\u{0301}\u{0301}\u{0301}альго и txet");
}
