//! What is said instead of a window, in Russian and English.

use std::ffi::OsString;

/// What the caller asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The window, whatever the arguments were.
    Window,
    /// `--help` or `-h`.
    Help,
    /// `--version` or `-V`.
    Version,
}

impl Wish {
    /// Reads the arguments behind the program's name; the first that is known decides.
    pub(crate) fn of(arguments: impl Iterator<Item = OsString>) -> Self {
        arguments.filter_map(|it| it.to_str().and_then(Self::named)).next().unwrap_or(Self::Window)
    }

    fn named(argument: &str) -> Option<Self> {
        match argument {
            "--help" | "-h" => Some(Self::Help),
            "--version" | "-V" => Some(Self::Version),
            _ => None,
        }
    }
}

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English, also for every language that is not Russian.
    En,
    /// Russian.
    Ru,
}

impl Lang {
    /// The language of `ARTEL_LANG`, else of `LC_ALL`, `LC_MESSAGES` and `LANG` in this order, else English.
    pub(crate) fn from_env() -> Self {
        let set = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
        ["ARTEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(set)
            .map_or(Self::En, |it| Self::named(&it))
    }

    fn named(name: &str) -> Self {
        if name.to_lowercase().starts_with("ru") { Self::Ru } else { Self::En }
    }
}

/// The text for a wish; ends with a line break.
pub(crate) fn text(wish: Wish, lang: Lang) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match (wish, lang) {
        (Wish::Version, _) => format!("artel {version}\n"),
        (Wish::Help, Lang::En) => format!("artel {version}, the desktop program of Artel\n\n{EN}\n{EN_USAGE}"),
        (Wish::Help, Lang::Ru) => format!("artel {version}, настольная программа Artel\n\n{RU}\n{RU_USAGE}"),
        (Wish::Window, Lang::En) => EN.to_owned(),
        (Wish::Window, Lang::Ru) => RU.to_owned(),
    }
}

const EN: &str = "\
The window of Artel is not there yet. Everything that works today is done by artel-node:

  artel-node demo           three nodes on this computer hold a conversation
  artel-node org create     found an organisation
  artel-node join CODE      enter one with a code from your administrator
  artel-node run            stay connected
  artel-node --help         all commands
";

const EN_USAGE: &str = "\
Options:
  -h, --help       this text
  -V, --version    the version
";

const RU: &str = "\
Окна у Artel пока нет. Всё, что уже работает, делает команда artel-node:

  artel-node demo           три узла на этом компьютере ведут беседу
  artel-node org create     основать организацию
  artel-node join CODE      войти в организацию по коду от администратора
  artel-node run            оставаться на связи
  artel-node --help         все команды
";

const RU_USAGE: &str = "\
Ключи:
  -h, --help       этот текст
  -V, --version    версия
";

#[cfg(test)]
mod tests;
