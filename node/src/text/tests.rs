//! Both languages say everything, and say it in their own words.

use super::*;

fn every_say() -> Vec<Say<'static>> {
    vec![
        Say::Done,
        Say::Nothing,
        Say::SentTo { devices: 2 },
        Say::SentQueued,
        Say::SentNoNode,
        Say::Queued,
        Say::Held { devices: 1 },
        Say::Read { people: 1 },
        Say::Retracted,
        Say::Hidden,
        Say::Forgotten,
        Say::Vouched,
        Say::NeedsNewer,
        Say::Edited,
        Say::Pinned,
        Say::Ahead,
        Say::InThread { id: "x" },
        Say::TextBack,
        Say::Connected { devices: 0 },
        Say::Entries { entries: 3 },
        Say::NotYetHeld { entries: 3 },
        Say::Lost { entries: 3 },
        Say::Locked,
        Say::SealedAlready,
        Say::Unlocked,
        Say::Written { file: "x", size: "1" },
        Say::Restored,
        Say::Running { listening: "x" },
        Say::Stopping,
        Say::WaitingForHome,
    ]
}

fn every_door() -> Vec<Door<'static>> {
    vec![
        Door::Founded { name: "x" },
        Door::PhraseFollows,
        Door::PhraseInFile { file: "x" },
        Door::AskWord { at: 3 },
        Door::OtherWord,
        Door::PhraseConfirmed,
        Door::Invited { email: "x", expires: "y" },
        Door::MailHalf,
        Door::HowToJoin { code: "x" },
        Door::JoinSearching,
        Door::JoinCompare { words: "x" },
        Door::JoinAdmitted,
        Door::JoinRefused,
        Door::AskPassword,
        Door::AskNewPassword,
        Door::AskPasswordAgain,
        Door::PasswordsDiffer,
        Door::PasswordFlaw(PasswordFlaw::TooShort { chars: 3, least: 15 }),
        Door::PasswordFlaw(PasswordFlaw::TooLong),
        Door::PasswordFlaw(PasswordFlaw::Guessable),
    ]
}

fn is_russian(text: &str) -> bool {
    text.chars().any(|it| ('а'..='я').contains(&it))
}

#[track_caller]
fn check_pair(en: &str, ru: &str) {
    assert!(!en.trim().is_empty() && !ru.trim().is_empty(), "{en:?} {ru:?}");
    assert!(en.is_ascii() || en.contains('…'), "not English: {en}");
    assert!(is_russian(ru), "not Russian: {ru}");
}

#[test]
fn every_error_names_its_cause_and_a_next_step_in_both_languages() {
    let mut seen = std::collections::BTreeSet::new();
    for kind in ErrorKind::ALL {
        let error = Error::new(kind, "W");
        let (en, ru) = (Lang::En.error(&error), Lang::Ru.error(&error));
        check_pair(&en, &ru);
        for (text, lang) in [(&en, Lang::En), (&ru, Lang::Ru)] {
            let (cause, next) = text.split_once(": W. ").unwrap();
            assert_eq!(cause, lang.cause(kind));
            assert!(next.ends_with('.') && 10 < next.chars().count(), "{kind:?}: {next:?}");
        }
        assert!(seen.insert(Lang::En.cause(kind)) && seen.insert(Lang::Ru.cause(kind)), "{kind:?} said twice");
    }
    assert_eq!(Lang::En.error(&ErrorKind::Locked.into()), "Artel is locked. Open it with `unlock`.");
}

/// The list is written by hand; a kind that is missing in it would have no test.
#[test]
fn the_list_of_kinds_is_whole() {
    for (at, kind) in ErrorKind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, at);
    }
    assert_eq!(ErrorKind::ALL.last(), Some(&ErrorKind::Internal), "Internal is declared last");
}

#[test]
fn every_sentence_exists_in_both_languages() {
    for what in every_say() {
        check_pair(&Lang::En.say(&what), &Lang::Ru.say(&what));
    }
    for what in every_door() {
        check_pair(&Lang::En.door(&what), &Lang::Ru.door(&what));
    }
}

#[test]
fn plural_forms_are_right() {
    let count = |number: u32| ru::count(number, ru::DEVICES);
    let expected = [
        (0, "0 устройств"),
        (1, "1 устройство"),
        (2, "2 устройства"),
        (4, "4 устройства"),
        (5, "5 устройств"),
        (11, "11 устройств"),
        (12, "12 устройств"),
        (14, "14 устройств"),
        (21, "21 устройство"),
        (22, "22 устройства"),
        (111, "111 устройств"),
        (121, "121 устройство"),
        (1_000, "1000 устройств"),
    ];
    for (number, text) in expected {
        assert_eq!(count(number), text);
    }
    assert_eq!(en::count(1_u32, "device", "devices"), "1 device");
    assert_eq!(en::count(21_u32, "device", "devices"), "21 devices");
}

#[test]
fn stable_names_of_replies_have_labels() {
    for name in ["ok", "full", "rebuilding", "damaged", "owner", "guest", "direct", "revoked", "environment"] {
        let label = Label::of_name(name).unwrap();
        check_pair(Lang::En.label(label), Lang::Ru.label(label));
    }
    assert_eq!(Label::of_name("something newer"), None);
}

#[test]
fn the_language_is_chosen_by_the_beginning_of_its_name() {
    for (name, lang) in
        [("ru", Lang::Ru), ("ru_RU.UTF-8", Lang::Ru), ("RU", Lang::Ru), ("en_GB", Lang::En), ("C", Lang::En)]
    {
        assert_eq!(Lang::named(name), lang);
    }
}

#[test]
fn sizes_are_read_by_people() {
    let expected = [
        (0, "0 B", "0 Б"),
        (999, "999 B", "999 Б"),
        (1_000, "1.0 kB", "1,0 КБ"),
        (1_449_999, "1.4 MB", "1,4 МБ"),
        (999_999, "999.9 kB", "999,9 КБ"),
        (8_000_000_000, "8.0 GB", "8,0 ГБ"),
    ];
    for (bytes, en, ru) in expected {
        assert_eq!((Lang::En.size(bytes).as_str(), Lang::Ru.size(bytes).as_str()), (en, ru));
    }
}

#[test]
fn what_the_doctor_finds_is_said_in_both_languages_with_every_name_in_it() {
    let who = vec!["Анна <anna@x.ru>".to_owned(), "Олег <oleg@x.ru>".to_owned()];
    let facts = [
        Fact::Store { journal: 1_400_000, full: true },
        Fact::Lost(2),
        Fact::Listening(vec!["10.0.0.1:4".into()]),
        Fact::Connected(3),
        Fact::ClockOff(15),
        Fact::Administrators(1),
        Fact::Absence { days: 36, who: who.clone() },
        Fact::Certificate(41),
        Fact::Alarms(0),
    ];
    let is_russian = |it: char| ('а'..='я').contains(&it.to_ascii_lowercase());
    for fact in facts {
        let [en, ru] = [Lang::En, Lang::Ru].map(|it| it.fact(&fact).expect("it is known"));
        assert!(en != ru && ru.chars().any(is_russian), "{en} {ru}");
    }
    let absence = Fact::Absence { days: 36, who };
    let ru = Lang::Ru.fact(&absence).unwrap();
    assert!(ru.contains("36 дней назад") && ru.contains("anna@x.ru") && ru.contains("oleg@x.ru"), "{ru}");
    assert_eq!(Lang::Ru.fact(&Fact::Other), None);
}
