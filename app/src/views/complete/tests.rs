//! Tests of the word at the cursor.

use super::*;

fn at(text: &str) -> Option<(char, String)> {
    word(text, text.chars().count()).map(|it| (it.sign, it.typed))
}

#[test]
fn the_word_at_the_cursor_is_found() {
    assert_eq!(at("Привет @мих"), Some(('@', "мих".into())));
    assert_eq!(at("@"), Some(('@', String::new())));
    assert_eq!(at("см. #скл"), Some(('#', "скл".into())));
    assert_eq!(at("ура :rock"), Some((':', "rock".into())));
    assert_eq!(at("/top"), Some(('/', "top".into())));
    for none in ["почта a@b", "в 12:30", "да/нет", "и /topic", ":)", ":", "слово ", ""] {
        assert_eq!(at(none), None, "{none}");
    }
    // Only what stands before the cursor.
    assert_eq!(word("@михаил и", 3).map(|it| it.typed), Some("ми".into()));
}

#[test]
fn a_choice_takes_the_place_of_the_word() {
    let text = "Спроси @ми, пожалуйста";
    let word = word(text, 10).expect("a word");
    assert_eq!(put(text, &word, "@m@x.example"), ("Спроси @m@x.example , пожалуйста".into(), 20));
    let end = super::word("да :rock", 8).expect("a word");
    assert_eq!(put("да :rock", &end, "🚀"), ("да 🚀 ".into(), 5));
    let middle = super::word("#ск и", 3).expect("a word");
    assert_eq!(put("#ск и", &middle, "#склад"), ("#склад и".into(), 7));
}
