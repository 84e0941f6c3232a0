//! Writing.

use clap::Args;

/// `send`
#[derive(Debug, Args)]
pub struct SendArgs {
    /// A channel (общий, #общий, team/channel), a person (@mail@domain) or the id of a space.
    #[arg(value_name = "CHANNEL|@EMAIL|SPACE-ID")]
    pub first: Option<String>,
    /// The text; - reads it from standard input. A text that begins with a dash comes after --.
    #[arg(value_name = "TEXT|-")]
    pub second: Option<String>,
    /// Instead of a channel: mail addresses of a group; the group of exactly these people and you is used or made.
    #[arg(long, value_name = "E,E", value_delimiter = ',')]
    pub to: Vec<String>,
    /// Id of the message that this one answers.
    #[arg(long, value_name = "ID")]
    pub reply_to: Option<String>,
    /// Send every line of standard input as a message of its own.
    #[arg(long)]
    pub lines: bool,
}

/// What the words of `send` come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Where to; empty when `people` is not.
    pub to: String,
    /// A group.
    pub people: Vec<String>,
    /// The text, or `-`.
    pub text: String,
}

impl SendArgs {
    /// Sorts the words out; `None` when they do not fit together.
    pub fn letter(&self) -> Option<Letter> {
        let (to, text) = match (self.to.is_empty(), &self.first, &self.second) {
            (true, Some(to), text) => (to.clone(), text.as_deref()),
            (false, text, None) => (String::new(), text.as_deref()),
            _ => return None,
        };
        let text = match (text, self.lines) {
            (Some("-") | None, true) => "-",
            (Some(text), false) => text,
            _ => return None,
        };
        Some(Letter { to, people: self.to.clone(), text: text.to_owned() })
    }
}

/// `edit`
#[derive(Debug, Args)]
pub struct EditArgs {
    /// Id of the message.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The new text; - reads it from standard input.
    #[arg(value_name = "TEXT|-")]
    pub text: String,
}

/// `retract`
#[derive(Debug, Args)]
pub struct RetractArgs {
    /// Id of the message.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `react`
#[derive(Debug, Args)]
pub struct ReactArgs {
    /// Id of the message.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The emoji.
    #[arg(value_name = "EMOJI")]
    pub emoji: String,
    /// Take it away.
    #[arg(long)]
    pub remove: bool,
}

/// `pin`
#[derive(Debug, Args)]
pub struct PinArgs {
    /// Id of the message.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Take the pin off.
    #[arg(long)]
    pub remove: bool,
}
