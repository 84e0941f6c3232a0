//! Tests of the texts: complete in both languages, and every key that the code uses is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;

fn keys(source: &str) -> BTreeSet<String> {
    let lines = source.lines().filter(|it| it.starts_with(|it: char| it.is_ascii_lowercase()));
    lines.filter_map(|it| it.split_once(" =")).map(|(key, _)| key.to_owned()).collect()
}

#[test]
fn both_files_are_read_whole() {
    for source in [EN, RU] {
        assert!(FluentResource::try_new(source.to_owned()).is_ok());
    }
}

#[test]
fn both_languages_have_the_same_keys() {
    let (en, ru) = (keys(EN), keys(RU));
    let differ: Vec<_> = en.symmetric_difference(&ru).collect();
    assert!(differ.is_empty(), "{differ:?}");
    assert!(en.len() > 100);
}

#[test]
fn no_key_stands_twice_in_a_file() {
    for source in [EN, RU] {
        let lines = source.lines().filter(|it| it.starts_with(|it: char| it.is_ascii_lowercase()));
        let mut seen = BTreeSet::new();
        let twice: Vec<&str> =
            lines.filter_map(|it| it.split_once(" =")).map(|it| it.0).filter(|it| !seen.insert(*it)).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}

#[test]
fn every_key_is_used() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let code: String = files.iter().map(|it| std::fs::read_to_string(it).expect("a source")).collect();
    // Names of months and days are put together.
    let counted = |key: &str| {
        ["month-", "in-month-", "weekday-"]
            .iter()
            .any(|it| key.strip_prefix(it).is_some_and(|it| it.parse::<u8>().is_ok()))
    };
    let dead: Vec<String> =
        keys(EN).into_iter().filter(|it| !counted(it) && !code.contains(&format!("\"{it}\""))).collect();
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
fn plurals_are_right() {
    let (en, ru) = (Words::new(Lang::En), Words::new(Lang::Ru));
    let replies = |words: &Words| [1, 2, 5, 11, 21].map(|it| words.n("replies", it));
    assert_eq!(replies(&en), ["1 reply", "2 replies", "5 replies", "11 replies", "21 replies"]);
    assert_eq!(replies(&ru), ["1 ответ", "2 ответа", "5 ответов", "11 ответов", "21 ответ"]);
}

#[test]
fn days_are_written_as_each_language_writes_them() {
    let day = |month, day, year| Date::from_calendar_date(year, month, day).expect("a date");
    let today = day(time::Month::November, 22, 2026);
    let ru = Words::new(Lang::Ru);
    assert_eq!(ru.day(today, today), "Сегодня");
    assert_eq!(ru.day(day(time::Month::May, 9, 2026), today), "9 мая");
    assert_eq!(ru.day(day(time::Month::May, 9, 2025), today), "9 мая 2025 г.");
    let en = Words::new(Lang::En);
    assert_eq!(en.day(day(time::Month::November, 21, 2026), today), "Yesterday");
    assert_eq!(en.day(day(time::Month::May, 9, 2025), today), "9 May 2025");
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|it| it == "rs") => found.push(path),
            false => {}
        }
    }
}

#[test]
fn every_key_in_the_code_has_a_text_and_no_text_is_in_the_code() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let known = keys(EN);
    let mut missing = BTreeSet::new();
    for file in files.iter().filter(|it| !it.ends_with("tests.rs")) {
        let text = std::fs::read_to_string(file).expect("a source");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in ["w.t(\"", "w.n(\"", "w.with(\"", "words.t(\"", "words.n(\"", "words.with(\""] {
            for after in code.split(call).skip(1) {
                let key = after.split('"').next().unwrap_or_default();
                if !known.contains(key) {
                    missing.insert(key.to_owned());
                }
            }
        }
        let shown = code.lines().filter(|it| !it.trim_start().starts_with("//"));
        let cyrillic = shown.filter(|it| it.contains(|it: char| ('а'..='я').contains(&it)) && !it.contains("г.\""));
        let allowed = ["lookalike.rs", "wrong_layout.rs", "commands.rs", "markdown.rs"];
        let cyrillic: Vec<&str> =
            if allowed.iter().any(|it| file.ends_with(it)) { Vec::new() } else { cyrillic.collect() };
        assert!(cyrillic.is_empty(), "{}: {cyrillic:?}", file.display());
    }
    assert!(missing.is_empty(), "{missing:?}");
}
