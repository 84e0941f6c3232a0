//! Finding messages by operators, in both languages.

use egui::{Key, Modifiers};

use crate::stage::{PASSWORD, Stage};

const WHAT: &str = "Words, “a phrase”, or the beginning of a wor*";
const WAS: &str = "Слова, «фраза» или начало слов*";

fn search(stage: &mut Stage) {
    stage.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
}

#[test]
fn operators_find_a_message_and_lead_to_it() {
    let mut stage = Stage::founded(&[]);
    for text in ["Ten sacks came", "Flour is at http://mill.example today"] {
        stage.say("Message to general", text);
        stage.see(&format!("Anna: {text}"));
    }
    search(&mut stage);
    stage.see_begin("Narrow it with operators: from:anna");
    // An operator is put in by its button and is a whole query.
    stage.click("has:link");
    stage.reads(WHAT, "has:link");
    stage.see("general, Anna: Flour is at http://mill.example today");
    stage.miss("general, Anna: Ten sacks came");
    stage.replace(WHAT, "sack from:anna in:general after:yesterday");
    stage.see("general, Anna: Ten sacks came");
    stage.miss("general, Anna: Flour is at http://mill.example today");
    stage.replace(WHAT, "sack before:yesterday");
    stage.see_begin("Nothing found");
    // What cannot be looked for is said where it is typed.
    stage.replace(WHAT, "sack from:clara");
    stage.see("Nobody is called “clara”.");
    stage.replace(WHAT, "sack in:cellar");
    stage.see("There is no channel or conversation “cellar”.");
    stage.replace(WHAT, "before:soon");
    stage.see_begin("“soon” is no day.");
    stage.replace(WHAT, "from:me sacks");
    stage.tab_to("general, Anna: Ten sacks came");
    stage.press(Key::Enter);
    stage.see("Anna: Ten sacks came");
    stage.see("Message to general");
}

#[test]
fn operators_have_russian_names_also_within_a_conversation() {
    let mut stage = Stage::empty("ru");
    stage.click("Основать организацию");
    for (field, text) in [
        ("Название организации", "Мельница"),
        ("Ваше имя", "Анна"),
        ("Ваша почта", "anna@mill.example"),
        ("Пароль для этого устройства", PASSWORD),
        ("Тот же пароль ещё раз", PASSWORD),
    ] {
        stage.write(field, text);
    }
    stage.click("Основать");
    stage.keep_phrase();
    let long = format!("{}, а мешки привезут завтра", "Долгая речь о погоде и о дороге ".repeat(5));
    for text in ["Мешки пришли", long.trim(), "Мука на http://mill.example сегодня"] {
        stage.say("Сообщение в общий", text);
        stage.see(&format!("Анна: {text}"));
    }
    search(&mut stage);
    stage.see_begin("Уточните операторами: от:анна");
    stage.click("есть:ссылка");
    stage.see("общий, Анна: Мука на http://mill.example сегодня");
    stage.replace(WAS, "мешки от:анна в:общий за:сегодня");
    stage.see("общий, Анна: Мешки пришли");
    // Of a long text the part with the word is shown.
    let part = stage.label(|it| it.starts_with("общий, Анна: …") && it.ends_with("а мешки привезут завтра"));
    stage.replace(WAS, "мешки от:клара");
    stage.see("Никого не зовут «клара».");
    stage.replace(WAS, "мешки до:вчера");
    stage.see_begin("Ничего не найдено");
    stage.replace(WAS, "мешки это:моё");
    stage.click(&part);
    stage.see(&format!("Анна: {}", long.trim()));
    stage.press_with(Modifiers::COMMAND, Key::F);
    stage.write("Найти в этой беседе", "меш от:меня");
    stage.see("0 / 2");
    stage.replace("Найти в этой беседе", "меш от:клара");
    stage.see("Никого не зовут «клара».");
}

#[test]
fn more_is_found_when_it_is_asked_for() {
    let mut stage = Stage::founded(&[]);
    for number in 1..=52 {
        stage.say("Message to general", &format!("sack {number}"));
    }
    stage.see("Anna: sack 52");
    search(&mut stage);
    stage.write(WHAT, "sacks");
    stage.see("general, Anna: sack 3");
    stage.miss("general, Anna: sack 1");
    stage.tab_to("Show more");
    stage.press(Key::Enter);
    stage.see("general, Anna: sack 1");
    stage.miss("Show more");
}
