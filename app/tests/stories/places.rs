//! Channels, people and what they tell.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::stage::Stage;

#[test]
fn channels_are_found_left_entered_kept_at_the_top_and_put_away() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click("Все каналы");
    stage.see("Открыть канал сделки");
    stage.see_part("Открытые каналы здесь создают администраторы");
    stage.write("Название или тема", "сдел");
    stage.gone("Открыть канал поддержка");
    stage.click("Покинуть: сделки");
    stage.see_part("Канала больше нет");
    stage.gone("сделки");
    stage.click("Вступить: сделки");
    stage.see("сделки");
    stage.press(Key::Escape);
    // The menu of a place, by the other button.
    stage.right_click("сделки");
    stage.click("В избранное");
    stage.see("Избранное");
    stage.right_click("сделки");
    stage.click("Без звука и счётчика");
    stage.right_click("сделки");
    stage.see("Снова замечать");
    stage.press(Key::Escape);
    // Name, topic, archive.
    stage.right_click("сделки");
    stage.click("Настройки беседы");
    stage.replace("Название", "приёмка");
    stage.write("Тема", "Машины и ворота");
    stage.click("Сохранить");
    stage.see("приёмка");
    stage.click("В архив");
    stage.click("Закрыть");
    stage.click("В архиве · 1");
    stage.see("приёмка");
}

#[test]
fn who_is_in_a_private_channel_is_changed_by_who_made_it() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click("Новый канал");
    stage.write("Название", "премии");
    stage.click("Закрытый: только те, кого добавят");
    stage.see_part("Закрытый канал видят только те");
    stage.click("Создать");
    stage.see("Сообщение в премии");
    stage.click("1 участник");
    stage.write("Кого добавить", "орл");
    stage.click("Добавить: Михаил Орлов");
    stage.see_part("Участник добавлен");
    stage.rest(std::time::Duration::from_millis(500));
    stage.click("Удалить из беседы: Михаил Орлов");

    stage.see_part("Участник удалён");
}

#[test]
fn another_organisation_is_named_and_one_that_is_there_is_offered_also_behind_the_lock() {
    let mut stage = Stage::founded(&[]);
    stage.click("Mill, menu");
    stage.see("Another organisation");
    stage.gone("Open: Bakery");
    // Its window has made a home meanwhile.
    stage.beside("Bakery");
    stage.event(egui::Event::WindowFocused(true));
    stage.see("Open: Bakery");
    stage.click("Another organisation");
    stage.write("What to call it on this computer", "a/b");
    stage.see("Letters, digits, spaces and hyphens; 40 at most.");
    stage.replace("What to call it on this computer", "Dairy");
    stage.gone("Letters, digits, spaces and hyphens; 40 at most.");
    stage.press(Key::Escape);
    stage.click("Mill, menu");
    stage.click("Lock");
    stage.see("Artel is locked");
    stage.see("Open: Bakery");
}

#[test]
fn a_person_is_found_by_team_and_tells_about_herself() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    boris.click("Boris (you): Status and do not disturb");
    boris.write("Status", "At the mill");
    boris.click("Tell everybody");
    boris.see("Boris (you): At the mill");
    boris.click("Mill, menu");
    boris.click("Settings");
    boris.write("Position", "Miller");
    boris.write("Telephone", "+7 000 112");
    boris.click("Save");
    boris.see("Saved.");
    anna.click("Write to somebody");
    anna.write("Name or address", "miller");
    anna.gone("Anna (you)");
    anna.click("Card of Boris");
    anna.see_part("Miller");
    anna.see("At the mill");
    anna.see("+7 000 112");
    anna.see("boris@mill.example");
    anna.click("Write");
    anna.see("Message to Boris");
    // Anna sees that he writes, and what he wrote.
    anna.say("Message to Boris", "Flour?");
    boris.press(Key::Escape);
    boris.click("Anna, 1 unread");
    boris.write("Message to Anna", "Ten sa");
    boris.add("Message to Anna", "cks");
    anna.see("Boris is typing…");
    boris.press(Key::Enter);
    anna.see("Boris: Ten sacks");
    anna.gone("Boris is typing…");
}

#[test]
fn what_waits_is_told_with_who_wrote_last_and_what() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    stage.click("ООО Ромашка, меню");
    stage.click("Упоминания");
    stage.see("Не прочитано");
    stage.see("Ольга Ким, 1 непрочитанное: Анна, отчёт за октябрь готов. Посмотришь до обеда?");
    stage.click("Ольга Ким, 1 непрочитанное: Анна, отчёт за октябрь готов. Посмотришь до обеда?");
    stage.see("Сообщение в Ольга Ким");
    stage.see("Ольга Ким: Анна, отчёт за октябрь готов. Посмотришь до обеда?");
    // What was read waits no longer.
    stage.click("ООО Ромашка, меню");
    stage.click("Упоминания");
    stage.see_begin("Михаил Орлов, 1 непрочитанное: ");
    stage.gone("Ольга Ким, 1 непрочитанное: Анна, отчёт за октябрь готов. Посмотришь до обеда?");
}

#[test]
fn a_dialog_above_a_page_takes_the_keyboard_and_edges_are_named_in_the_language_of_the_reader() {
    let mut stage = Stage::founded(&[]);
    stage.click("Mill, menu");
    stage.click("People");
    stage.has_keyboard("Name or address");
    stage.see("Width of the list of places");
    stage.gone("Resize panel");
    stage.click("Mill, menu");
    stage.click("Another organisation");
    stage.has_keyboard("What to call it on this computer");
}

#[test]
fn what_comes_while_the_list_of_what_waits_is_open_joins_it() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.click("Mill, menu");
    anna.click("Mentions");
    anna.see("Nobody has called you.");
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.say("Message to Anna", "Only for you");
    anna.see("Boris, 1 unread: Only for you");
    boris.say("Message to Anna", "And more");
    anna.see("Boris, 2 unread: And more");
    anna.gone("Boris, 1 unread: Only for you");
}

#[test]
fn direct_messages_stand_by_who_wrote_last() {
    let mut stage = Stage::office("ru");
    stage.see("общий");
    let both = ["Ольга Ким", "Михаил Орлов"];
    for name in both {
        stage.click(&format!("{name}, 1 непрочитанное"));
        stage.see(&format!("Сообщение в {name}"));
        stage.see("Новые");
        // It is read once it has stood on the screen.
        stage.rest(std::time::Duration::from_millis(500));
    }
    for (later, earlier) in [(both[0], both[1]), (both[1], both[0])] {
        stage.click(later);
        stage.say(&format!("Сообщение в {later}"), "Спасибо!");
        stage.wait_for(&format!("{later} above {earlier}"), |it| {
            let top = |name| {
                let mut rows = it.query_all_by_label(name);
                rows.find(|it| it.accesskit_node().role() == Role::Button).map(|it| it.rect().top())
            };
            top(later).zip(top(earlier)).is_some_and(|(later, earlier)| later < earlier)
        });
    }
}
