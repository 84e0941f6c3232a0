//! What people do in the window, by the names that a screen reader reads, against real nodes in this process.

#[cfg(test)]
mod access;
#[cfg(test)]
mod attention;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod features;
#[cfg(test)]
mod files;
#[cfg(test)]
mod keyboard;
#[cfg(test)]
mod painted;
#[cfg(test)]
mod places;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod tasks;
#[cfg(test)]
mod together;
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
    stage.click("I have written them down");
    stage.click("Continue");
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
