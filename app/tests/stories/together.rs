//! Commands that are typed, messages that go elsewhere, links, days, the lock, and what happens while somebody is away.

use std::time::Duration;

use egui::{Event, Key, pos2};

use crate::stage::{PASSWORD, Stage};

const ROW: &str = "Михаил Орлов: Приёмка в 11:00, нужны двое.";

#[test]
fn a_status_is_told_and_a_channel_left_by_typing() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.say("Message to general", "/status At the mill");
    anna.see("Anna (you): At the mill");
    boris.click("Write to somebody");
    boris.click("Card of Anna");
    boris.see("At the mill");
    boris.press(Key::Escape);
    anna.click("New channel");
    anna.write("Name", "flour");
    anna.click("Create");
    anna.see("Message to flour");
    anna.say("Message to flour", "/topic Rye and wheat");
    anna.see("Anna: The topic is now: Rye and wheat");
    boris.click_part("flour");
    boris.say("Message to flour", "/leave");
    boris.see("Leave “flour”?");
    boris.click("Cancel");
    boris.say("Message to flour", "/leave");
    boris.click("Leave");
    boris.see("You have left the channel");
    boris.see("Message to general");
    boris.gone("flour");
    // There is nothing to leave in a conversation of two.
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.say("Message to Anna", "/leave");
    boris.see("That is only possible in a channel.");
    assert_eq!(boris.value("Message to Anna"), "/leave");
}

#[test]
fn a_colleague_is_added_to_a_private_channel_by_typing() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.click("New channel");
    anna.write("Name", "wages");
    anna.click("Private: only those who are added");
    anna.click("Create");
    anna.say("Message to wages", "/invite nobody@mill.example");
    anna.see("There is no such colleague: nobody@mill.example");
    anna.empty_field("Message to wages");
    anna.say("Message to wages", "/invite @boris@mill.example");
    anna.see("Your colleague is added");
    boris.see("wages");
    boris.click("wages");
    boris.say("Message to wages", "Thank you");
    anna.see("Boris: Thank you");
}

#[test]
fn a_message_is_passed_on_with_its_files_and_a_link_leads_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let list = dir.path().join("suppliers.csv");
    std::fs::write(&list, "rye;wheat").expect("written");
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.drop_files(&[&list]);
    anna.see("Attached suppliers.csv");
    anna.say("Message to general", "Our suppliers");
    anna.see("Open suppliers.csv");
    anna.tool("Anna: Our suppliers", "More");
    let link = anna.copied_by("Copy link");
    assert!(link.starts_with("artel://m/"), "{link}");
    anna.tool("Anna: Our suppliers", "More");
    anna.click("Forward");
    anna.enter_here("bor");
    anna.see("Message to Boris");
    anna.see_begin("Anna: > **Anna** artel://m/");
    boris.click("Anna, 1 unread");
    boris.see_begin("Anna: > **Anna** artel://m/");
    boris.see("Open suppliers.csv");
    // The name above the quoted text leads to where it was said.
    boris.press(Key::F6);
    boris.press(Key::F6);
    let quoted = boris.label(|it| it.starts_with("Anna") && it.contains("general") && !it.contains(": "));
    boris.tab_to(&quoted);
    boris.press(Key::Enter);
    boris.see("Message to general");
    boris.see("Anna: Our suppliers");
}

#[test]
fn a_link_is_followed_from_the_switcher() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click_part("склад");
    stage.tool(ROW, "Ещё");
    let link = stage.copied_by("Копировать ссылку");
    assert!(link.starts_with("artel://m/"), "{link}");
    stage.click_part("общий");
    stage.see("Сообщение в общий");
    stage.press_with(egui::Modifiers::COMMAND, Key::K);
    stage.enter_here(&link);
    stage.see("Сообщение в склад");
    stage.see(ROW);
}

#[test]
fn messages_are_marked_by_drawing_over_them_and_copied() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click("Новый канал");
    stage.write("Название", "сборка");
    stage.click("Создать");
    for text in ["первая", "вторая", "третья", "четвёртая"] {
        stage.say("Сообщение в сборка", text);
        stage.see(&format!("Анна Соколова: {text}"));
    }
    stage.rest(Duration::from_millis(300));
    let way = ["первая", "вторая", "третья"].map(|it| {
        let left = stage.left_of(&format!("Анна Соколова: {it}"));
        pos2(left.x + 6.0, left.y)
    });
    stage.draw(&way);
    stage.see("Выделено 3 сообщения");
    stage.unfocus();
    let copied = stage.copied(Event::Copy);
    let texts: Vec<&str> = copied.lines().filter(|it| !it.is_empty() && !it.ends_with(':')).collect();
    assert_eq!(texts, ["первая", "вторая", "третья"], "{copied}");
    assert_eq!(copied.matches("Анна Соколова, Сегодня ").count(), 3, "{copied}");
    stage.press(Key::Escape);
    stage.gone("Выделено 3 сообщения");
}

#[test]
fn a_day_in_the_calendar_leads_to_its_first_message() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    let first = stage.label(|it| it.starts_with("Анна Соколова: Коллеги, доброе утро!"));
    for number in 0..30 {
        stage.say("Сообщение в общий", &format!("Строка {number}"));
    }
    stage.see("Анна Соколова: Строка 29");
    stage.gone(&first);
    stage.click("Перейти к дате");
    stage.see("Сегодня");
    stage.click("Сегодня");
    stage.see(&first);
    stage.gone("Анна Соколова: Строка 29");
    // Colleagues may have answered below meanwhile: then the button counts.
    let counts = |it: &str| it.starts_with(|it: char| it.is_ascii_digit()) && it.contains(" сообщени");
    let newest = stage.label(|it| it == "К новым" || counts(it));
    stage.click(&newest);
    stage.see("Анна Соколова: Строка 29");
    // Days to come cannot be chosen, months before can.
    stage.click("Перейти к дате");
    stage.miss("Следующий месяц");
    stage.click("Прошлый месяц");
    stage.see("Следующий месяц");
}

#[test]
fn an_idle_window_locks_itself_after_the_time_that_was_set() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click("Appearance");
    anna.click("After 5 minutes");
    anna.press(Key::Escape);
    anna.write("Message to general", "Half a thought");
    anna.later(4.0 * 60.0);
    anna.rest(Duration::from_millis(1_500));
    anna.see("Message to general");
    anna.later(2.0 * 60.0);
    anna.see("Unlock");
    anna.gone("Message to general");
    boris.say("Message to general", "Are you there?");
    anna.rest(Duration::from_millis(300));
    anna.write("The password of this device", PASSWORD);
    anna.press(Key::Enter);
    anna.see("Boris: Are you there?");
    anna.reads("Message to general", "Half a thought");
}

#[test]
fn what_is_written_while_a_colleague_is_away_waits_and_comes() {
    let (mut anna, boris) = Stage::pair(&[]);
    let boris = boris.closed();
    anna.see_part("Nobody else");
    anna.say("Message to general", "Written while you were away");
    anna.see("Anna: Written while you were away");
    anna.see("Waits until a colleague’s desktop is on");
    let mut boris = boris.open_again();
    boris.write("The password of this device", PASSWORD);
    boris.click("Unlock");
    boris.see("Anna: Written while you were away");
    anna.gone("Waits until a colleague’s desktop is on");
    boris.say("Message to general", "I am back");
    anna.see("Boris: I am back");
}

#[test]
fn a_file_is_stopped_by_who_sends_it_and_text_and_file_come_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let film = dir.path().join("film.mp4");
    std::fs::File::create(&film).and_then(|it| it.set_len(1 << 30)).expect("written");
    let mut anna = Stage::office("en");
    anna.click_part("general");
    anna.drop_files(&[&film]);
    anna.see("Attached film.mp4");
    anna.say("Message to general", "The film");
    anna.click("Stop: film.mp4");
    anna.gone("Stop: film.mp4");
    anna.see("Attached film.mp4");
    anna.reads("Message to general", "The film");
    anna.gone("Anna: The film");
}
