//! Which part of a long text a hit shows.

use super::*;

#[track_caller]
fn check(query: &str, text: &str, expected: &str) {
    let Passage { text, marks } = passage(query, LastWord::Whole, text, 40);
    let mut shown = String::new();
    let mut at = 0;
    for mark in marks {
        shown += &format!("{}[{}]", text.get(at..mark.start).unwrap(), text.get(mark.clone()).unwrap());
        at = mark.end;
    }
    shown += text.get(at..).unwrap();
    assert_eq!(shown, expected);
}

#[test]
fn every_form_of_a_word_is_marked() {
    check("договор", "Подписаны договоры", "Подписаны [договоры]");
    check("договор счета", "счёт и\nДоговор", "[счёт] и [Договор]");
    check("\"wet sacks\"", "ten wet sacks", "ten [wet] [sacks]");
    check("подъ*", "наш подъёмник", "наш [подъёмник]");
    check("арт", "АРТ4471 здесь", "[АРТ4471] здесь");
    check("ghbdtn", "привет всем", "[привет] всем");
    check("нет", "такого тут", "такого тут");
}

#[test]
fn the_part_around_the_word_is_shown() {
    let long = "слово за словом идёт долгая речь о погоде, и вот мельница, а потом снова о погоде и прочем";
    check("мельница", long, "…и вот [мельница], а потом снова о погоде и…");
    check("прочем", long, "…о погоде и [прочем]");
    check("долгая", long, "…словом идёт [долгая] речь о погоде, и вот …");
    check("нет", long, "слово за словом идёт долгая речь о погод…");
}

#[test]
fn no_text_panics() {
    for text in ["", "🦀", "\u{301}\u{301}", "İİİ", &"я".repeat(30_000), &"a\u{308} ".repeat(500)] {
        for query in ["", "я", "\u{301}", "i*", "a*", "🦀"] {
            for room in [0, 1, 40] {
                let Passage { text, marks } = passage(query, LastWord::Beginning, text, room);
                assert!(marks.iter().all(|it| text.get(it.clone()).is_some()));
            }
        }
    }
}
