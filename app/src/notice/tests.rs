//! Tests of what is said instead of a window.

use super::*;

fn wish(arguments: &[&str]) -> Wish {
    Wish::of(arguments.iter().map(OsString::from))
}

#[test]
fn only_help_and_version_are_more_than_the_window() {
    assert_eq!(wish(&[]), Wish::Window);
    assert_eq!(wish(&["--demo", "text"]), Wish::Window);
    assert_eq!(wish(&["--demo", "--help"]), Wish::Help);
    assert_eq!(wish(&["-h", "-V"]), Wish::Help);
    assert_eq!(wish(&["-V"]), Wish::Version);
    assert_eq!(wish(&["--version"]), Wish::Version);
}

#[test]
fn the_language_is_chosen_by_the_beginning_of_its_name() {
    assert_eq!(Lang::named("ru_RU.UTF-8"), Lang::Ru);
    assert_eq!(Lang::named("RU"), Lang::Ru);
    assert_eq!(Lang::named("de_DE.UTF-8"), Lang::En);
    assert_eq!(Lang::named("C"), Lang::En);
}

#[test]
fn both_languages_say_that_there_is_no_window_and_name_the_same_commands() {
    let commands = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|it| it.starts_with("  artel-node"));
        lines.map(|it| it.split("  ").find(|it| !it.is_empty()).unwrap_or_default().to_owned()).collect()
    };
    let (en, ru) = (text(Wish::Window, Lang::En), text(Wish::Window, Lang::Ru));
    assert!(en.starts_with("The window of Artel is not there yet."));
    assert!(ru.starts_with("Окна у Artel пока нет."));
    assert_eq!(commands(&en).len(), 5);
    assert_eq!(commands(&en), commands(&ru));
}

#[test]
fn help_says_the_same_and_more() {
    for lang in [Lang::En, Lang::Ru] {
        let help = text(Wish::Help, lang);
        assert!(help.contains(&text(Wish::Window, lang)) && help.contains("--version"));
    }
    assert_eq!(text(Wish::Version, Lang::Ru), format!("artel {}\n", env!("CARGO_PKG_VERSION")));
}
