//! Every sentence that a person reads, in Russian and English, as functions of typed values.
//!
//! What may be said is a closed list, [`Say`], [`Door`] and [`Label`], so a language that lacks a sentence does not compile. JSON is
//! never translated and does not come from here.

mod en;
mod ru;

use crate::client::{Attachment, Error, ErrorKind, Fact, FileStorage, Transfer};
use crate::vault::PasswordFlaw;

/// Environment variable that chooses the language: `ru` or `en`.
pub const LANG_VARIABLE: &str = "ARTEL_LANG";

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Lang {
    /// The language of `ARTEL_LANG`, else of the system's `LC_ALL`, `LC_MESSAGES` and `LANG` in this order, else English.
    pub fn from_env() -> Self {
        let variables = [LANG_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"];
        let set = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
        variables.into_iter().find_map(set).map_or(Self::En, |it| Self::named(&it))
    }

    /// The language of a name such as `ru`, `ru_RU.UTF-8` or `en`; English for all others.
    pub fn named(name: &str) -> Self {
        match name.to_lowercase().starts_with("ru") {
            true => Self::Ru,
            false => Self::En,
        }
    }

    /// The sentence for an error: the cause, what it concerns, and the next step.
    pub fn error(self, error: &Error) -> String {
        let (cause, next) = match self {
            Self::En => (en::cause(error.kind), en::next_step(error.kind)),
            Self::Ru => (ru::cause(error.kind), ru::next_step(error.kind)),
        };
        match error.what.is_empty() {
            true => format!("{cause}. {next}"),
            false => format!("{cause}: {}. {next}", error.what),
        }
    }

    /// The cause alone, for a place with little room.
    pub fn cause(self, kind: ErrorKind) -> &'static str {
        match self {
            Self::En => en::cause(kind),
            Self::Ru => ru::cause(kind),
        }
    }

    /// A sentence.
    pub fn say(self, what: &Say<'_>) -> String {
        match self {
            Self::En => en::say(what),
            Self::Ru => ru::say(what),
        }
    }

    /// A sentence about founding, joining and passwords.
    pub fn door(self, what: &Door<'_>) -> String {
        match self {
            Self::En => en::door(what),
            Self::Ru => ru::door(what),
        }
    }

    /// What the doctor found; `None` for a fact of a newer node.
    pub fn fact(self, fact: &Fact) -> Option<String> {
        match (fact, self) {
            (Fact::Other, _) => None,
            (_, Self::En) => Some(en::fact(fact)),
            (_, Self::Ru) => Some(ru::fact(fact)),
        }
    }

    /// A size in bytes as people read it: `512 B`, `1.4 MB`; decimal units, as disks are sold.
    pub fn size(self, bytes: u64) -> String {
        let (units, point) = match self {
            Self::En => (en::UNITS, "."),
            Self::Ru => (ru::UNITS, ","),
        };
        let [plain, larger @ ..] = units;
        // Counted in tenths, so that nothing is rounded up to a unit that is not reached.
        let mut tenths = bytes.saturating_mul(10);
        let mut shown = (bytes.to_string(), plain);
        for unit in larger {
            if tenths < 10_000 {
                break;
            }
            tenths /= 1_000;
            shown = (format!("{}{point}{}", tenths / 10, tenths % 10), unit);
        }
        format!("{} {}", shown.0, shown.1)
    }

    /// A word before or above a value.
    pub fn label(self, label: Label) -> &'static str {
        match self {
            Self::En => en::label(label),
            Self::Ru => ru::label(label),
        }
    }
}

/// What the program says. Names are as people wrote them, times as the caller shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say<'a> {
    /// Carried out.
    Done,
    /// A list is empty.
    Nothing,
    /// The node is ready.
    Running {
        /// Addresses, separated by commas.
        listening: &'a str,
    },
    /// The node ends.
    Stopping,
    /// The entry is durable and goes out to those connected.
    SentTo {
        /// Connected devices of members.
        devices: u32,
    },
    /// The entry is durable; nobody of the members is connected.
    SentQueued,
    /// The entry is durable; no node is running.
    SentNoNode,
    /// State of an own message.
    Queued,
    /// State of a message.
    Held {
        /// Devices.
        devices: u32,
    },
    /// State of a message.
    Read {
        /// Persons.
        people: u32,
    },
    /// Instead of a text that was deleted.
    Retracted,
    /// Instead of a text that is not shown: its author had no right to it.
    Hidden,
    /// Instead of a text whose time is over.
    Forgotten,
    /// Beside a text of somebody who was removed: a colleague had seen it before.
    Vouched,
    /// Instead of what this version cannot show.
    NeedsNewer,
    /// Beside a text that was changed.
    Edited,
    /// Beside a message that is pinned.
    Pinned,
    /// Beside a message whose author's clock is ahead.
    Ahead,
    /// Beside a reply.
    InThread {
        /// Its first message.
        id: &'a str,
    },
    /// Above a text that could not be written.
    TextBack,
    /// The node is locked now.
    Locked,
    /// No node is running, so everything is sealed.
    SealedAlready,
    /// The node is open now.
    Unlocked,
    /// A file was written.
    Written {
        /// Which.
        file: &'a str,
        /// Its size as people read it.
        size: &'a str,
    },
    /// A backup was restored.
    Restored,
    /// Number of connected devices.
    Connected {
        /// How many.
        devices: u32,
    },
    /// Number of entries held.
    Entries {
        /// How many.
        entries: u64,
    },
    /// Number of own entries that nobody else holds.
    NotYetHeld {
        /// How many.
        entries: u32,
    },
    /// Entries lost by damage.
    Lost {
        /// How many.
        entries: usize,
    },
    /// Another process has the home open for a moment.
    WaitingForHome,
    /// How far a file is, or where it was saved.
    Transfer(&'a Transfer),
    /// Below a message: a file it brings.
    Attached(&'a Attachment),
    /// Room for files.
    FileStorage(&'a FileStorage),
}

/// What the program says while an organisation is founded, somebody joins, or a password is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// An organisation was founded.
    Founded {
        /// Its name.
        name: &'a str,
    },
    /// Stands above the 24 words.
    PhraseFollows,
    /// The words went into a file.
    PhraseInFile {
        /// Which.
        file: &'a str,
    },
    /// Asks back a word of the phrase.
    AskWord {
        /// Its place, counted from 1.
        at: usize,
    },
    /// The word typed is another one.
    OtherWord,
    /// All words asked for were right.
    PhraseConfirmed,
    /// An invitation was made.
    Invited {
        /// For whom.
        email: &'a str,
        /// Until when it is accepted.
        expires: &'a str,
    },
    /// The second half of a code, to be sent by mail.
    MailHalf,
    /// What the invited person does with the code.
    HowToJoin {
        /// The code.
        code: &'a str,
    },
    /// The device looks for the office.
    JoinSearching,
    /// The words to compare.
    JoinCompare {
        /// Five of them.
        words: &'a str,
    },
    /// The device is a member.
    JoinAdmitted,
    /// The device was turned away.
    JoinRefused,
    /// Asks for the password.
    AskPassword,
    /// Asks for a new password.
    AskNewPassword,
    /// Asks for the new password once more.
    AskPasswordAgain,
    /// The two differ.
    PasswordsDiffer,
    /// Why a new password is refused.
    PasswordFlaw(PasswordFlaw),
}

/// A word before or above a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word itself")]
pub enum Label {
    Organisation,
    You,
    Device,
    Listening,
    Colleagues,
    Spaces,
    Queue,
    Store,
    Clock,
    Discovery,
    Refused,
    Alarms,
    Topic,
    Members,
    Leads,
    Online,
    Offline,
    ThisDevice,
    Unread,
    Mentions,
    Ok,
    Warning,
    Problem,
    Full,
    Rebuilding,
    Damaged,
    Owner,
    Admin,
    Registrar,
    Member,
    Guest,
    Public,
    Private,
    Group,
    Direct,
    Team,
    Open,
    Used,
    Cancelled,
    Expired,
    Active,
    Revoked,
    Frozen,
    Default,
    Environment,
    Flag,
    File,
    HasRead,
    HasNotRead,
    Valid,
    Void,
    Waits,
    ByPolicy,
    Announcement,
    Archived,
    /// Gets keys for the archive of the company.
    Archive,
    Sending,
    Fetching,
    Giving,
}

impl Label {
    /// The label of a stable name that a reply carries; `None` for a name of a newer node.
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "ok" => Self::Ok,
            "warning" => Self::Warning,
            "error" => Self::Problem,
            "full" => Self::Full,
            "rebuilding" => Self::Rebuilding,
            "damaged" => Self::Damaged,
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            "registrar" => Self::Registrar,
            "member" => Self::Member,
            "guest" => Self::Guest,
            "organisation" => Self::Organisation,
            "public" => Self::Public,
            "private" => Self::Private,
            "group" => Self::Group,
            "direct" => Self::Direct,
            "team" => Self::Team,
            "open" => Self::Open,
            "used" => Self::Used,
            "cancelled" => Self::Cancelled,
            "expired" => Self::Expired,
            "active" => Self::Active,
            "revoked" => Self::Revoked,
            "frozen" => Self::Frozen,
            "archive" => Self::Archive,
            "default" => Self::Default,
            "environment" => Self::Environment,
            "flag" => Self::Flag,
            "file" => Self::File,
            "send" => Self::Sending,
            "get" => Self::Fetching,
            "give" => Self::Giving,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
