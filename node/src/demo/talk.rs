//! Who works in the demo office, and what is said there, in either language.

mod en;
mod ru;

use crate::text::Lang;

/// An office and its people.
pub(super) struct Script {
    /// Name of the organisation.
    pub(super) company: &'static str,
    /// Mail domain of the organisation.
    pub(super) domain: &'static str,
    /// Name and mail address of the person whose window it is.
    pub(super) visitor: (&'static str, &'static str),
    pub(super) colleagues: [Colleague; 3],
    pub(super) teams: [&'static str; 2],
    /// Channels and their teams; the first is for everybody.
    pub(super) channels: [(&'static str, Option<&'static str>); 6],
    /// Of the first channel.
    pub(super) topic: &'static str,
    pub(super) talk: [Said; 12],
    /// Replies under the message that is discussed, each with the number of the colleague.
    pub(super) thread: [(usize, &'static str); 2],
}

/// Somebody who answers.
pub(super) struct Colleague {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    /// Answers, one after another.
    pub(super) answers: &'static [&'static str],
}

/// Something said when the office opens.
pub(super) struct Said {
    /// 0 for the visitor, else the number of the colleague.
    pub(super) who: usize,
    pub(super) place: &'static str,
    pub(super) text: &'static str,
    /// Whether the others react.
    pub(super) liked: bool,
    /// Whether [`Script::thread`] hangs on it.
    pub(super) discussed: bool,
}

const fn said(who: usize, place: &'static str, text: &'static str) -> Said {
    Said { who, place, text, liked: false, discussed: false }
}

/// The office of a language.
pub(super) fn script(lang: Lang) -> &'static Script {
    match lang {
        Lang::Ru => &ru::SCRIPT,
        Lang::En => &en::SCRIPT,
    }
}
