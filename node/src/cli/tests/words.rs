//! Texts and words from standard input.

use super::*;
use crate::cli::door::ask_back;
use crate::cli::letter::read_text;
use crate::text::Lang;

#[test]
fn a_text_loses_its_last_line_end_and_nothing_else() {
    for (typed, text) in [("a\n", "a"), ("a\r\n", "a"), (" a \n\n", " a \n"), ("a", "a"), ("", ""), ("ж\nж\n", "ж\nж")]
    {
        assert_eq!(read_text(typed.as_bytes()).unwrap(), text, "{typed:?}");
    }
    assert_eq!(read_text(&b"\xff"[..]).unwrap_err().kind, ErrorKind::BadText);
    let longest = "a".repeat(256 * 1024);
    assert_eq!(read_text(format!("{longest}\r\n").as_bytes()).unwrap(), longest);
    assert_eq!(read_text(format!("{longest}a").as_bytes()).unwrap_err().kind, ErrorKind::BadText);
    assert_eq!(read_text(std::io::repeat(b'a')).unwrap_err().kind, ErrorKind::BadText);
}

#[test]
fn words_are_asked_back_until_they_are_right() {
    let phrase = "abandon ability able about above absent";
    let ask = |typed: &str| ask_back(Lang::En, phrase, &[0, 3, 5], typed.as_bytes());
    assert_eq!(ask("abandon\nabout\nabsent\n"), Ok(()));
    assert_eq!(ask("ABAN\nwrong\n  abou \nabse\n"), Ok(()));
    assert_eq!(ask("abandon\nability\n"), Err(ErrorKind::WrongPhrase.into()));
    assert_eq!(ask("abandon\nab\nabout\n"), Err(ErrorKind::WrongPhrase.into()), "two letters do not tell words apart");
}
