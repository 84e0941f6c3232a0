//! Commands that are typed into the composer: `/topic`, `/invite`, `/leave`, `/status`, `/dnd`, `/help`.

use artel_node::text::Lang;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Topic,
    Invite,
    Leave,
    Status,
    Dnd,
    Help,
}

/// A command.
pub(crate) struct Command {
    pub(crate) kind: Kind,
    /// English first, then Russian.
    pub(crate) words: [&'static str; 2],
    /// A key of the texts.
    pub(crate) about: &'static str,
}

/// All of them.
pub(crate) const ALL: [Command; 6] = [
    Command { kind: Kind::Dnd, words: ["dnd", "не-беспокоить"], about: "slash-dnd" },
    Command { kind: Kind::Status, words: ["status", "статус"], about: "slash-status" },
    Command { kind: Kind::Topic, words: ["topic", "тема"], about: "slash-topic" },
    Command { kind: Kind::Invite, words: ["invite", "пригласить"], about: "slash-invite" },
    Command { kind: Kind::Leave, words: ["leave", "выйти"], about: "slash-leave" },
    Command { kind: Kind::Help, words: ["help", "помощь"], about: "slash-help" },
];

impl Command {
    /// Its word in a language.
    pub(crate) fn word(&self, lang: Lang) -> &'static str {
        let [en, ru] = self.words;
        if lang == Lang::Ru { ru } else { en }
    }
}

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A message, not a command.
    Message,
    /// A command with what stands behind it.
    Command(Kind, String),
    /// No command is called so.
    Unknown(String),
}

/// Reads what was typed. A slash that begins a path or stands alone is text.
pub(crate) fn read(text: &str) -> Typed {
    let Some(rest) = text.strip_prefix('/') else { return Typed::Message };
    let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let named = word.to_lowercase();
    if let Some(command) = ALL.iter().find(|it| it.words.contains(&named.as_str())) {
        return Typed::Command(command.kind, behind.trim().to_owned());
    }
    let looks = !word.is_empty() && word.chars().all(|it| it.is_alphabetic() || it == '-');
    if looks { Typed::Unknown(word.to_owned()) } else { Typed::Message }
}

/// Until when not to be disturbed, from what was typed: seconds from now. `30m`, `2h`, `14:00`, `off`, nothing: an hour.
///
/// `now` is the second of the day on the reader's clock. `None` if it cannot be understood, `Some(0)` to end it.
pub(crate) fn quiet_seconds(typed: &str, now: u32) -> Option<u32> {
    const DAY: u32 = 24 * 60 * 60;
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Some(60 * 60);
    }
    if matches!(typed.as_str(), "off" | "0" | "нет" | "выкл") {
        return Some(0);
    }
    let typed = typed.trim_start_matches("до ").trim_start_matches("until ").trim();
    if let Some((hour, minute)) = typed.split_once(':') {
        let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
        let at = (hour < 24 && minute < 60).then_some(hour * 3_600 + minute * 60)?;
        return Some(if now < at { at - now } else { at + DAY - now });
    }
    let figures: String = typed.chars().take_while(char::is_ascii_digit).collect();
    let count: u32 = figures.parse().ok().filter(|it| (1..=10_000).contains(it))?;
    let unit = match typed.strip_prefix(figures.as_str())?.trim() {
        "" | "m" | "min" | "м" | "мин" => 60,
        "h" | "ч" => 3_600,
        "d" | "д" => DAY,
        _ => return None,
    };
    Some(count * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_messages() {
        let command = |text: &str| match read(text) {
            Typed::Command(kind, rest) => Some((kind, rest)),
            _ => None,
        };
        assert_eq!(command("/topic  Смена в восемь "), Some((Kind::Topic, "Смена в восемь".into())));
        assert_eq!(command("/ТЕМА x"), Some((Kind::Topic, "x".into())));
        assert_eq!(command("/leave"), Some((Kind::Leave, String::new())));
        assert_eq!(read("/tpoic x"), Typed::Unknown("tpoic".into()));
        for message in ["", "привет", "/", "/etc/passwd", "/usr/bin is there", "и /topic"] {
            assert_eq!(read(message), Typed::Message, "{message}");
        }
    }

    #[test]
    fn how_long_not_to_be_disturbed() {
        let at = |typed| quiet_seconds(typed, 13 * 3_600);
        assert_eq!((at(""), at("30m"), at("2h"), at("45")), (Some(3_600), Some(1_800), Some(7_200), Some(2_700)));
        assert_eq!((at("14:00"), at("до 14:00"), at("12:00")), (Some(3_600), Some(3_600), Some(23 * 3_600)));
        assert_eq!((at("off"), at("выкл"), at("2 ч"), at("1д")), (Some(0), Some(0), Some(7_200), Some(86_400)));
        for bad in ["25:00", "вечером", "-3", "99999999h", "3 года"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
