//! What a search found, with the part of each text in which it was found.

use artel_node::client::{Error, Message};
use artel_node::search::LastWord;
use artel_node::search::filter;
use artel_node::search::passage::{Passage, passage};

/// Hits asked for at first, and how many more each time.
pub(crate) const PAGE: u32 = 50;

/// Characters of a text that are shown: about a line of the widest page.
const ROOM: usize = 96;

/// The answer to a search.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// As it was typed.
    pub(crate) query: String,
    /// The newest first.
    pub(crate) messages: Vec<Message>,
    /// The parts of their texts that are shown.
    pub(crate) parts: Vec<Passage>,
    /// How many were asked for.
    pub(crate) limit: u32,
    /// Why nothing was looked for: somebody of an unknown name, a day that is none.
    pub(crate) refused: Option<Error>,
}

impl Found {
    /// What came, with addresses in the texts replaced by `name`.
    pub(crate) fn new(query: String, limit: u32, messages: Vec<Message>, line: impl Fn(&str) -> String) -> Self {
        let today = time::OffsetDateTime::now_utc().date();
        let words = filter::parse(&query, today).map(|it| it.words).unwrap_or_default();
        let part = |message: &Message| {
            let of = |text: &str| passage(&words, LastWord::Whole, &line(text), ROOM);
            let text = of(&message.text);
            let names = || message.files.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
            let named = (text.marks.is_empty() && !message.files.is_empty()).then(|| of(&names()));
            // A file is found by its name too.
            named.filter(|it| !it.marks.is_empty() || text.text.trim().is_empty()).unwrap_or(text)
        };
        let parts = messages.iter().map(part).collect();
        Self { query, messages, parts, limit, refused: None }
    }

    /// What could not be looked for.
    pub(crate) fn refused(query: String, error: Error) -> Self {
        Self { query, refused: Some(error), ..Self::default() }
    }

    /// Whether there may be more than came.
    pub(crate) fn is_cut(&self) -> bool {
        u32::try_from(self.messages.len()).is_ok_and(|it| 0 < it && self.limit <= it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message { text: text.to_owned(), ..Message::default() }
    }

    #[test]
    fn the_part_with_the_word_is_shown_and_operators_are_no_words() {
        let found = Found::new("from:anna мешки".into(), 1, vec![message("Десять мешков для anna")], str::to_owned);
        let marked: Vec<&str> =
            found.parts[0].marks.iter().map(|it| found.parts[0].text.get(it.clone()).unwrap()).collect();
        assert_eq!(marked, ["мешков"]);
        assert!(found.is_cut() && !Found::new("x".into(), 2, vec![message("x")], str::to_owned).is_cut());
    }
}
