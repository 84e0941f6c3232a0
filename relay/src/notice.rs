//! What is said instead of forwarding, in Russian and English.

use std::ffi::OsString;

/// What the caller asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// To serve, whatever the arguments were.
    Serve,
    /// `--help` or `-h`.
    Help,
    /// `--version` or `-V`.
    Version,
}

impl Wish {
    /// Reads the arguments behind the program's name; the first that is known decides.
    pub(crate) fn of(arguments: impl Iterator<Item = OsString>) -> Self {
        arguments.filter_map(|it| it.to_str().and_then(Self::named)).next().unwrap_or(Self::Serve)
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
        (Wish::Version, _) => format!("artel-relay {version}\n"),
        (Wish::Help, Lang::En) => format!("artel-relay {version}, the relay of Artel\n\n{EN}\n{EN_USAGE}"),
        (Wish::Help, Lang::Ru) => format!("artel-relay {version}, ретранслятор Artel\n\n{RU}\n{RU_USAGE}"),
        (Wish::Serve, Lang::En) => EN.to_owned(),
        (Wish::Serve, Lang::Ru) => RU.to_owned(),
    }
}

const EN: &str = "\
The relay of Artel is not there yet. What helps today:

  artel-node run            a node on a computer that is always on carries links for colleagues nobody can dial
  artel-node join CODE --at HOST:PORT
                            reaches a colleague's node where multicast does not, over a VPN for example
";

const EN_USAGE: &str = "\
Options:
  -h, --help       this text
  -V, --version    the version
";

const RU: &str = "\
Ретранслятора у Artel пока нет. Что помогает уже сейчас:

  artel-node run            узел на всегда включённом компьютере соединяет коллег, к которым нельзя подключиться
  artel-node join CODE --at HOST:PORT
                            находит узел коллеги там, где не работает multicast, например через VPN
";

const RU_USAGE: &str = "\
Ключи:
  -h, --help       этот текст
  -V, --version    версия
";

#[cfg(test)]
mod tests;
