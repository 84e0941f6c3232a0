//! What people do many times a day, with every action counted. The page `docs/src/tasks.md` tells the same numbers.

use egui::{Key, Modifiers};

use crate::stage::Stage;

const PAGE: &str = include_str!("../../../docs/src/tasks.md");
const ROW: &str = "Михаил Орлов: Приёмка в 11:00, нужны двое.";
const GENERAL: &str = "Сообщение в общий";

/// The number that the page has for a task.
fn told(task: &str) -> Option<u32> {
    let row = PAGE.lines().find(|it| it.starts_with('|') && it.contains(&format!("`{task}`")))?;
    row.split('|').map(str::trim).find_map(|it| it.parse().ok())
}

/// Ends a task: as many actions as the page says, and no more than are bearable.
#[track_caller]
fn took(stage: &mut Stage, task: &str, most: u32) {
    let count = stage.count();
    assert!(count <= most, "{task}: {count} actions, {most} are bearable");
    assert_eq!(told(task), Some(count), "docs/src/tasks.md says something else about {task}");
}

/// The demo office, with nothing counted yet.
fn office() -> Stage {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.see_part("Сеть офиса · 3");
    stage.count();
    stage
}

#[test]
fn every_task_of_the_page_is_counted_here() {
    let here = include_str!("tasks.rs");
    let rows: Vec<&str> = PAGE.lines().filter(|it| it.starts_with("| ") && it.contains('`')).collect();
    assert_eq!(rows.len(), 12, "{rows:#?}");
    for row in rows {
        let task = row.rsplit('`').nth(1).expect("a name");
        assert!(here.contains(&format!("#[test]\nfn {task}()")), "{task} is no test");
        assert!(here.contains(&format!("took(&mut stage, \"{task}\"")), "{task} counts nothing");
    }
}

#[test]
fn reply_in_a_thread() {
    let mut stage = office();
    stage.click_part("склад");
    stage.see(ROW);
    stage.count();
    stage.tool(ROW, "Ответить в обсуждении");
    stage.say("Ответить в обсуждении", "Приду");
    took(&mut stage, "reply_in_a_thread", 2);
    stage.see("Анна Соколова: Приду");
    stage.see("1 ответ");
}

#[test]
fn find_a_file_by_a_word_of_its_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("Смета октябрь.xlsx");
    std::fs::write(&path, "1;2").expect("written");
    let mut stage = office();
    stage.click_part("склад");
    stage.see(ROW);
    stage.drop_files(&[&path]);
    stage.see("Приложен Смета октябрь.xlsx");
    stage.press(Key::Enter);
    stage.see("Открыть Смета октябрь.xlsx");
    stage.click_part("общий");
    stage.gone("Открыть Смета октябрь.xlsx");
    stage.count();
    stage.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    stage.type_here("смету");
    let hit = stage.label(|it| it.starts_with("склад, Анна Соколова"));
    stage.click(&hit);
    took(&mut stage, "find_a_file_by_a_word_of_its_name", 3);
    stage.see("Открыть Смета октябрь.xlsx");
}

#[test]
fn do_not_disturb_until_a_time() {
    let mut stage = office();
    stage.focus_field(GENERAL);
    stage.enter_here("/не-беспокоить 14:00");
    took(&mut stage, "do_not_disturb_until_a_time", 3);
    stage.see_part("Не беспокоить до 14:00");
}

#[test]
fn go_to_the_first_unread() {
    let mut stage = office();
    stage.click_part("бухгалтерия");
    took(&mut stage, "go_to_the_first_unread", 1);
    stage.see("Новые");
    stage.see_begin("Ольга Ким: Смета по оборудованию");
}

#[test]
fn write_to_somebody() {
    let mut stage = office();
    stage.press_with(Modifiers::COMMAND, Key::K);
    stage.enter_here("emma");
    stage.say("Сообщение в Emma Novak", "Hello!");
    took(&mut stage, "write_to_somebody", 3);
    stage.see("Анна Соколова: Hello!");
}

#[test]
fn react_with_a_thumb() {
    let mut stage = office();
    stage.click_part("склад");
    stage.see(ROW);
    stage.count();
    stage.tool(ROW, "Ещё");
    stage.click("👍");
    took(&mut stage, "react_with_a_thumb", 2);
    stage.see("👍 1");
}

#[test]
fn answer_a_mention() {
    let mut stage = office();
    let call = stage.label(|it| it.starts_with("Ольга Ким: @sokolova@romashka.example"));
    // So much is said after it that the newest screen does not show it.
    for number in 0..25 {
        stage.say(GENERAL, &format!("Строка {number}"));
    }
    stage.see("Анна Соколова: Строка 24");
    stage.gone(&call);
    stage.count();
    // The place that is open has been read; what calls is in the list of calls all the same.
    stage.click("ООО Ромашка, меню");
    stage.click("Упоминания");
    let listed = stage.label(|it| it.starts_with("общий, Ольга Ким: @Анна Соколова"));
    stage.click(&listed);
    took(&mut stage, "answer_a_mention", 3);
    stage.see(&call);
}

#[test]
fn mend_the_last_message() {
    let mut stage = office();
    stage.say(GENERAL, "В деесять");
    stage.see("Анна Соколова: В деесять");
    stage.count();
    stage.press(Key::ArrowUp);
    stage.see("Править сообщение");
    stage.press_with(Modifiers::COMMAND, Key::A);
    stage.enter_here("В десять");
    took(&mut stage, "mend_the_last_message", 3);
    stage.see("Анна Соколова: В десять");
}

#[test]
fn keep_a_message_unread() {
    let mut stage = office();
    stage.click_part("склад");
    stage.see(ROW);
    stage.count();
    stage.tool(ROW, "Ещё");
    stage.click("Непрочитано отсюда");
    took(&mut stage, "keep_a_message_unread", 2);
    stage.click_part("общий");
    stage.see("склад, 1 непрочитанное");
}

#[test]
fn send_a_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("счёт.pdf");
    std::fs::write(&path, "%PDF").expect("written");
    let mut stage = office();
    stage.drop_files(&[&path]);
    stage.see("Приложен счёт.pdf");
    stage.press(Key::Enter);
    took(&mut stage, "send_a_file", 2);
    stage.see("Открыть счёт.pdf");
}

#[test]
fn mute_a_channel() {
    let mut stage = office();
    stage.see("поддержка");
    stage.right_click("поддержка");
    stage.click("Без звука и счётчика");
    took(&mut stage, "mute_a_channel", 2);
    stage.right_click("поддержка");
    stage.see("Снова замечать");
}

#[test]
fn send_tomorrow_morning() {
    let mut stage = office();
    stage.write(GENERAL, "Доброе утро!");
    stage.click("Отправить позже");
    stage.click_part("Завтра утром");
    took(&mut stage, "send_tomorrow_morning", 3);
    stage.reads(GENERAL, "");
    stage.click("ООО Ромашка, меню");
    stage.click("Отложенное");
    stage.see("Доброе утро!");
}
