//! Unread marks: derived from read positions and rows, never stored as counters, so that they cannot lie.
//!
//! A row is read if a device of the reader has passed its place. Two refinements:
//!
//! - **Late arrivals.** A row may come from elsewhere and take its place above the line that this device's reader has
//!   already passed. It counts as unread until the reader, on any device, moves or renews the position after its arrival.
//!   Only this device's own line makes a row late: when another device of the person read, it may have had the row
//!   before us. So the caller keeps, for the rows that came below its own line, when they arrived; for all others the
//!   time of arrival does not matter.
//! - **"Mark unread"** is a register of its own, because positions only grow: everything from a place on is unread until a
//!   position that covers that place is set later than the mark.

use std::collections::BTreeSet;

use crate::id::{EntryId, PersonId, SpaceId};
use crate::time::Timestamp;

use super::placed::Order;
use super::project::Row;
use super::record::Mention;

/// How far a device of the reader has read in a space: its `position` register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Place of the last row that was seen.
    pub order: Order,
    /// When the position was last set: the register's clock.
    pub at: Timestamp,
}

/// Everything that says what the reader has read in a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The line of this device.
    pub own: Option<Line>,
    /// The lines of the person's other devices.
    pub others: Vec<Line>,
    /// "Mark unread from here", the newest over all devices.
    pub marked: Option<Line>,
}

impl Reading {
    /// Where counting starts: every row at or above it has to be given to [`count`], besides the rows that came late;
    /// `None`: all rows.
    pub fn start(&self) -> Option<Order> {
        let line = self.own.iter().chain(&self.others).map(|it| it.order).max();
        match (line, self.standing_mark()) {
            (Some(line), Some(mark)) => Some(line.min(mark.order)),
            (line, _) => line,
        }
    }

    /// The first unread row's place as marked by hand, unless a later position covers it.
    fn standing_mark(&self) -> Option<Line> {
        let mark = self.marked?;
        let renewed = self.own.iter().chain(&self.others).any(|it| mark.order <= it.order && mark.at <= it.at);
        (!renewed).then_some(mark)
    }

    /// Where the line of this device stands once everything up to `reached` was seen; `None`: it stays as it is. `late` are the
    /// rows that came late, each with when. What was seen before stays seen: the line goes back only to what was marked as
    /// unread by hand, and late rows above what was seen wait until they are reached.
    pub fn line_at(&self, reached: Order, late: &[(Order, Timestamp)]) -> Option<Order> {
        let Some(own) = self.own.filter(|own| reached <= own.order) else { return Some(reached) };
        if let Some(mark) = self.standing_mark() {
            return (mark.order <= reached).then_some(reached);
        }
        let mut waiting = late.iter().filter(|(order, at)| *order <= own.order && own.at < *at).peekable();
        (waiting.peek().is_some() && waiting.all(|(order, _)| *order <= reached)).then_some(own.order)
    }

    /// Whether a row at `order`, which came to this device at `arrived`, is unread.
    pub fn is_unread(&self, order: &Order, arrived: Timestamp) -> bool {
        if self.standing_mark().is_some_and(|it| it.order <= *order) {
            return true;
        }
        let covers = |it: &&Line| *order <= it.order;
        match self.own.as_ref().filter(covers) {
            Some(own) if arrived <= own.at => false,
            Some(_) => !self.others.iter().filter(covers).any(|it| arrived <= it.at),
            None => !self.others.iter().any(|it| *order <= it.order),
        }
    }
}

/// What a reader wants to be told of a space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything.
    #[default]
    All,
    /// Only what mentions the reader.
    Mentions,
    /// Nothing.
    Nothing,
}

/// The reader.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Who.
    pub person: PersonId,
    /// Whose mentions concern him too.
    pub teams: BTreeSet<SpaceId>,
    /// What he wants to be told here.
    pub level: Level,
}

/// What counting needs of a row.
#[derive(Clone, Debug)]
pub struct Seen<'r> {
    /// Its place.
    pub order: Order,
    /// When it came to this device, by the same clock as [`Line::at`].
    pub arrived: Timestamp,
    /// Who wrote it.
    pub author: Option<PersonId>,
    /// Whom it calls.
    pub mentions: &'r BTreeSet<Mention>,
    /// The thread it is in.
    pub thread: Option<EntryId>,
    /// Hidden, retracted, or ahead of its time: never counted.
    pub hidden: bool,
}

impl<'r> Seen<'r> {
    /// Of a row that came to this device at `arrived`.
    pub fn of(row: &'r Row, arrived: Timestamp) -> Self {
        Self {
            order: row.order,
            arrived,
            author: row.author,
            mentions: &row.mentions,
            thread: row.thread,
            hidden: row.ahead || !row.is_visible(),
        }
    }
}

/// What is unread in a space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Unread rows of others that the reader wants to be told of.
    pub unread: usize,
    /// Those of them that mention him.
    pub mentions: usize,
    /// Those of them that are in threads.
    pub in_threads: usize,
    /// The first of them.
    pub first: Option<Order>,
}

impl Reader {
    /// Whether these mentions call him.
    pub fn is_called(&self, mentions: &BTreeSet<Mention>) -> bool {
        mentions.iter().any(|it| match it {
            Mention::All | Mention::Here => true,
            Mention::Person(person) => *person == self.person,
            Mention::Team(team) => self.teams.contains(team),
        })
    }

    /// Whether a row is unread and one that the reader wants to be told of.
    pub fn counts(&self, reading: &Reading, row: &Seen<'_>) -> bool {
        let foreign = row.author.is_some_and(|it| it != self.person);
        let wanted = match self.level {
            Level::All => true,
            Level::Mentions => self.is_called(row.mentions),
            Level::Nothing => false,
        };
        !row.hidden && foreign && wanted && reading.is_unread(&row.order, row.arrived)
    }
}

/// Counts what is unread. Rows may come in any order, each once: those at or above [`Reading::start`] and
/// those that came late.
pub fn count<'r>(reading: &Reading, reader: &Reader, rows: impl IntoIterator<Item = Seen<'r>>) -> Unread {
    let mut unread = Unread::default();
    for row in rows.into_iter().filter(|it| reader.counts(reading, it)) {
        unread.unread += 1;
        unread.mentions += usize::from(reader.is_called(row.mentions));
        unread.in_threads += usize::from(row.thread.is_some());
        unread.first = Some(unread.first.map_or(row.order, |it| it.min(row.order)));
    }
    unread
}

#[cfg(test)]
mod tests;
