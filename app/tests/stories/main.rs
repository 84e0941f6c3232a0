//! What people do in the window, by the names that a screen reader reads, against real nodes in this process.

#[cfg(test)]
mod access;
#[cfg(test)]
mod alike;
#[cfg(test)]
mod attention;
#[cfg(test)]
mod before;
#[cfg(test)]
mod beginning;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod composing;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod features;
#[cfg(test)]
mod files;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod keyboard;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod paint;
#[cfg(test)]
mod painted;
#[cfg(test)]
mod places;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shortcuts;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod tasks;
#[cfg(test)]
mod together;
#[cfg(test)]
mod tray;
#[cfg(test)]
mod writing;

use stage::Stage;

#[test]
fn founding_an_organisation_and_saying_the_first_word() {
    let mut stage = Stage::empty("en");
    stage.click("Found an organisation");
    stage.write("Name of the organisation", "Mill");
    stage.write("Your name", "Anna");
    stage.write("Your e-mail", "anna@mill.example");
    stage.write("A password for this device", stage::PASSWORD);
    stage.write("The same password again", stage::PASSWORD);
    stage.click("Found");
    stage.see("Your 24 words");
    stage.keep_phrase();
    stage.see("general");
    stage.say("Message to general", "Hello, **everybody**!");
    stage.see("Anna: Hello, **everybody**!");
    // The password opens the home again.
    let mut stage = stage.again();
    stage.write("The password of this device", stage::PASSWORD);
    stage.click("Unlock");
    stage.see("Anna: Hello, **everybody**!");
}

#[test]
fn an_organisation_begins_with_the_teams_of_a_template() {
    let mut stage = Stage::empty("en");
    stage.click("Found an organisation");
    for (field, text) in [
        ("Name of the organisation", "Mill"),
        ("Your name", "Anna"),
        ("Your e-mail", "anna@mill.example"),
        ("A password for this device", stage::PASSWORD),
        ("The same password again", stage::PASSWORD),
    ] {
        stage.write(field, text);
    }
    stage.click("Teams and channels of a small company");
    stage.see_part("Sales: deals, customers");
    stage.click("Found");
    stage.keep_phrase();
    stage.see("general");
    for name in ["Sales", "deals", "customers", "Marketing", "webinars", "Accounting", "invoices", "IT", "help"] {
        stage.see(name);
    }
    // Each channel stands under its team.
    let mut tops = ["Accounting", "invoices", "IT", "help", "Marketing", "webinars", "Sales", "deals"]
        .map(|it| stage.left_of(it).y);
    let stand = tops;
    tops.sort_by(f32::total_cmp);
    assert_eq!(stand, tops);
}

#[test]
fn the_first_steps_tick_themselves_off() {
    let mut stage = Stage::office("ru");
    stage.click("Первые шаги: 0 из 5");
    stage.see("Создать канал");
    stage.see_part("Плюс возле слова");
    stage.click("Закрыть");
    stage.click("Новый канал");
    stage.write("Название", "летучка");
    stage.click("Создать");
    stage.say("Сообщение в летучка", "@orlov@romashka.example в десять");
    stage.see("Первые шаги: 2 из 5");
    // The step is ticked when it is sent; there is something to reply to when it has become a row.
    stage.see_part("в десять");
    stage.press_with(egui::Modifiers::SHIFT, egui::Key::ArrowUp);
    stage.say("Ответить в обсуждении", "Или в одиннадцать");
    stage.see("Первые шаги: 3 из 5");
    stage.press_with(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::F);
    stage.type_here("склад");
    stage.see("Первые шаги: 4 из 5");
    stage.press(egui::Key::Escape);
    stage.click("Первые шаги: 4 из 5");
    stage.see("Найти сообщение: сделано");
    stage.click("Закрыть");
    stage.say("Сообщение в летучка", "/не-беспокоить 1ч");
    stage.gone("Первые шаги: 4 из 5");
    stage.miss("Первые шаги: 5 из 5");
}

#[test]
fn colleagues_of_the_demo_office_answer() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click("Михаил Орлов, 1 непрочитанное");
    stage.say("Сообщение в Михаил Орлов", "Доброе утро! Вы здесь?");
    stage.see("Анна Соколова: Доброе утро! Вы здесь?");
    stage.see("Михаил Орлов: Принято, сделаю сегодня.");
}

#[test]
fn a_channel_is_made_written_to_edited_and_deleted() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click("Новый канал");
    stage.write("Название", "летучка");
    stage.click("Создать");
    stage.say("Сообщение в летучка", "В десять");
    stage.see("Анна Соколова: В десять");
    stage.press(egui::Key::ArrowUp);
    stage.see("Править сообщение");
    stage.add("Править сообщение", " тридцать");
    stage.press(egui::Key::Enter);
    stage.see("Анна Соколова: В десять тридцать");
    stage.tool("Анна Соколова: В десять тридцать", "Ещё");
    stage.click("Удалить у всех");
    stage.see("Вернуть");
    stage.see("Анна Соколова: Сообщение удалено");
}

#[test]
fn a_place_is_found_in_the_wrong_keyboard_layout() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.press_with(egui::Modifiers::COMMAND, egui::Key::K);
    stage.write("Человек, канал или команда", "crkfl");
    stage.press(egui::Key::Enter);
    stage.see("Сообщение в склад");
    stage.see("Михаил Орлов: Приёмка в 11:00, нужны двое.");
}
