//! What a query means: operators, dates and what cannot be looked for.

use time::macros::{date, offset};

use super::*;

const TODAY: Date = date!(2026 - 11 - 23);

#[track_caller]
fn asked(query: &str) -> Asked {
    parse(query, TODAY).unwrap()
}

fn names(names: &[Name]) -> Vec<&str> {
    names.iter().map(|it| it.name.as_str()).collect()
}

#[test]
fn operators_are_taken_out_of_the_words_in_both_languages() {
    for query in [
        "invoice from:anna in:склад has:file is:pinned \"in a row\"",
        "invoice от:anna в:склад есть:файл это:закреплено \"in a row\"",
        "FROM:anna invoice В:склад Есть:Файл \"in a row\" ЭТО:Закреплено",
    ] {
        let Asked { words, filter } = asked(query);
        assert_eq!(words, "invoice \"in a row\"", "{query}");
        assert_eq!((names(&filter.from), names(&filter.places)), (vec!["anna"], vec!["склад"]), "{query}");
        assert_eq!((filter.has, filter.is), ([Has::File].into(), [Is::Pinned].into()), "{query}");
    }
}

#[test]
fn every_value_has_a_russian_name() {
    for (english, russian) in [
        ("has:file", "есть:файл"),
        ("has:link", "есть:ссылка"),
        ("has:picture", "есть:картинка"),
        ("has:image", "есть:фото"),
        ("has:reaction", "есть:реакция"),
        ("is:pinned", "это:закреплено"),
        ("is:saved", "это:сохранено"),
        ("is:thread", "это:тред"),
        ("is:edited", "это:изменено"),
        ("is:mine", "это:моё"),
        ("on:today", "за:сегодня"),
        ("on:yesterday", "за:вчера"),
        ("after:week", "после:неделя"),
        ("before:month", "до:месяц"),
    ] {
        assert_eq!(asked(english), asked(russian), "{english}");
        assert!(!asked(english).filter.is_empty(), "{english}");
    }
}

#[test]
fn names_with_spaces_stand_in_quotes() {
    for query in ["from:\"Anna Petrova\" x", "от:«Anna Petrova» x", "from:“Anna Petrova” x"] {
        let Asked { words, filter } = asked(query);
        assert_eq!((words.as_str(), names(&filter.from)), ("x", vec!["Anna Petrova"]), "{query}");
    }
    // One that is never closed is no quote.
    assert_eq!(asked("from:\"Anna Petrova").words, "Petrova");
    // In quotes nothing is an operator.
    assert_eq!(asked("\"from:anna to\" all").words, "\"from:anna to\" all");
}

#[test]
fn what_only_looks_like_an_operator_is_words() {
    for query in ["http://x.example/a:b", "10:30", "note: buy", "это: важно", "a:b", ":", "from", "file:", "c::d"]
    {
        let Asked { words, filter } = asked(query);
        assert!(filter.is_empty() && words == query, "{query}: {words}");
    }
    // At the end somebody is still typing.
    assert_eq!(asked("счёт от:"), Asked { words: "счёт".into(), filter: Filter::default() });
    assert_eq!(asked("счёт ").words, "счёт ");
}

#[track_caller]
fn check_days(value: &str, first: Date, next: Date) {
    let on = asked(&format!("on:{value}")).filter;
    assert_eq!((on.since, on.before), (Some(first), Some(next)), "{value}");
    let before = asked(&format!("before:{value}")).filter;
    assert_eq!((before.since, before.before), (None, Some(first)), "{value}");
    let after = asked(&format!("после:{value}")).filter;
    assert_eq!((after.since, after.before), (Some(first), None), "{value}");
}

#[test]
fn days_are_written_in_every_usual_way() {
    let day = date!(2026 - 02 - 28);
    for value in ["2026-02-28", "2026-2-28", "28.02.2026", "28.2.2026", "28.02.26", "28.02"] {
        check_days(value, day, date!(2026 - 03 - 01));
    }
    check_days("2024-02-29", date!(2024 - 02 - 29), date!(2024 - 03 - 01));
    check_days("today", TODAY, date!(2026 - 11 - 24));
    check_days("Сегодня", TODAY, date!(2026 - 11 - 24));
    check_days("yesterday", date!(2026 - 11 - 22), TODAY);
    check_days("вчера", date!(2026 - 11 - 22), TODAY);
    check_days("позавчера", date!(2026 - 11 - 21), date!(2026 - 11 - 22));
    check_days("week", date!(2026 - 11 - 16), date!(2026 - 11 - 24));
    check_days("месяц", date!(2026 - 10 - 24), date!(2026 - 11 - 24));
    check_days("2026-12", date!(2026 - 12 - 01), date!(2027 - 01 - 01));
    check_days("2025-04", date!(2025 - 04 - 01), date!(2025 - 05 - 01));
    check_days("2025", date!(2025 - 01 - 01), date!(2026 - 01 - 01));
}

#[test]
fn a_value_without_meaning_is_named() {
    for query in ["before:soon", "до:31.02.2026", "on:2026-13-01", "after:99999-1", "has:wings", "это:завтра", "on:+1"]
    {
        assert_eq!(parse(query, TODAY), Err(Unreadable { typed: query.to_owned() }));
    }
}

#[test]
fn several_days_narrow_one_another() {
    let filter = asked("after:2026-03-01 before:2026-06-01 after:2026-01-01 before:2026-09-01").filter;
    assert_eq!((filter.since, filter.before), (Some(date!(2026 - 03 - 01)), Some(date!(2026 - 06 - 01))));
}

#[test]
fn a_day_begins_at_local_midnight() {
    let filter = asked("on:2026-11-23").filter;
    let utc = filter.moments(|_| UtcOffset::UTC);
    assert_eq!(utc, (Some(1_795_392_000_000), Some(1_795_478_400_000)));
    let moscow = filter.moments(|_| offset!(+3));
    assert_eq!(moscow, (Some(1_795_392_000_000 - 10_800_000), Some(1_795_478_400_000 - 10_800_000)));
}

#[test]
fn no_input_panics() {
    let pieces = [
        "from:",
        "в:",
        "до:",
        "on:",
        "has:",
        "это:",
        "\"",
        "«",
        "»",
        " ",
        "\u{a0}",
        ":",
        "-",
        ".",
        "99",
        "0",
        "я",
        "2026",
        "İ",
        "\u{301}",
        "🦀",
        "\u{0}",
        "9999-12-31",
        "файл",
        "65535-12",
        "*",
    ];
    let mut state = 7u64;
    for _ in 0..20_000 {
        let mut query = String::new();
        for _ in 0..(state >> 60) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            query.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if let Ok(asked) = parse(&query, TODAY) {
            asked.filter.moments(|_| offset!(-12));
        }
    }
    for year in [Date::MIN, Date::MAX] {
        parse("on:today", year).ok();
        parse("before:week on:2.2", year).ok();
    }
    assert_eq!(asked(&"from:x ".repeat(10_000)).filter.from.len(), OPERATORS_MAX);
}
