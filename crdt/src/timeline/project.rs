//! Projection: a record and the notes about it become the row that is drawn.
//!
//! A pure function of a set of records, of the authority as it is now and of the time, never of arrival. Permission is
//! judged here and nowhere else; a change of the authority makes rows anew.
//!
//! Notes are edits, retractions, reactions and pins, and records of a newer Artel that name a target. A note about an edit
//! is about the message that was edited (through at most [`limits::EDIT_CHAIN_MAX`] edits). A note counts iff its author may do that to this row, its log was not cut below
//! it, and its clock is not ahead. By place the last edit and the last pin win, and per person and emoji the last
//! reaction; one valid retraction is for ever.

mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::id::{DeviceId, EntryId, LogId, PersonId};
use crate::limits;
use crate::time::{Hlc, Timestamp};

use super::placed::Placed;
use super::record::{Mention, What};

pub use row::{Hidden, Row, RowKind, Text, Version, rows_digest};

/// What a person wants to do in this space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Write a message.
    Post {
        /// Inside a thread; some spaces let everybody answer but few begin.
        in_thread: bool,
    },
    /// Call all, or all who are here. Without the right the message stays and the mention falls.
    MentionAll,
    /// Change one's own text.
    Edit {
        /// Time from the message to the edit, by their own clocks; zero if the edit claims to be older.
        age: Duration,
    },
    /// Take back one's own record.
    RetractOwn {
        /// Time from the record to its taking back, by their own clocks; zero if that claims to be older.
        age: Duration,
    },
    /// Take back somebody else's record.
    Retract {
        /// Whose record.
        author: PersonId,
    },
    /// Give a reaction.
    React,
    /// Pin or unpin.
    Pin,
    /// Set the topic.
    Topic,
}

/// Where a record stands against the cuts of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not cut.
    Kept,
    /// Above the cut, but this device, not removed, has it in its causal past.
    Vouched(DeviceId),
    /// Above the cut.
    Cut,
    /// Learnt after the removal, while no cut is known yet.
    Held,
}

/// The present authority, asked for one space.
pub trait Judge {
    /// The person of a device, also of one removed since; `None` if the authority never knew it.
    fn person_of(&self, device: &DeviceId) -> Option<PersonId>;

    /// Where an entry stands against the cuts.
    fn standing(&self, log: &LogId, seq: u64, id: &EntryId) -> Standing;

    /// Whether a person may do this here, at this time by his clock. For persons removed since: whether they might have, as
    /// members.
    fn may(&self, person: &PersonId, deed: Deed, at: Hlc) -> bool;

    /// Whether what a person wrote at that time is to be forgotten.
    fn forgotten(&self, id: &EntryId, author: &PersonId, at: Hlc) -> bool {
        let _ = (id, author, at);
        false
    }
}

/// Collects what a row is made from: the notes about `base`, the notes about edits of it, and so on. `load` gives the
/// records whose [`Placed::note_target`] is an id.
pub fn notes_of(base: &EntryId, mut load: impl FnMut(&EntryId) -> Vec<Placed>) -> Vec<Placed> {
    let mut notes = Vec::new();
    let mut targets = vec![(*base, 0)];
    // An id is a hash over its target, so there is no way round in a circle.
    while let Some((target, depth)) = targets.pop() {
        for note in load(&target) {
            if is_edit(&note) && depth < limits::EDIT_CHAIN_MAX {
                targets.push((note.id, depth + 1));
            }
            notes.push(note);
        }
    }
    notes
}

/// Which row a new record changes: its own, or that of what it is about. `load` gives a record by its id; `None` if the
/// record is a note and what it leads to is not there (yet).
pub fn row_of(record: &Placed, mut load: impl FnMut(&EntryId) -> Option<Placed>) -> Option<EntryId> {
    let Some(mut target) = record.note_target() else { return Some(record.id) };
    for _ in 0..=limits::EDIT_CHAIN_MAX {
        let found = load(&target)?;
        match found.note_target() {
            None => return Some(found.id),
            Some(further) if is_edit(&found) => target = further,
            Some(_) => return None,
        }
    }
    None
}

/// Makes the row of `base`. `notes` may be in any order, hold duplicates and things that have nothing to do with it.
pub fn project(base: &Placed, notes: &[Placed], judge: &dyn Judge, now: Timestamp) -> Row {
    let mut row = bare_row(base, judge, now);
    if row.hidden.is_some() {
        return row;
    }
    let Some(author) = row.author else { return row };
    let mut fold = Fold { base, author, judge, now, row };
    for note in relevant(base, notes) {
        fold.note(note);
    }
    row = fold.row;
    row.finish(&author, judge);
    row
}

/// The row without its notes.
fn bare_row(base: &Placed, judge: &dyn Judge, now: Timestamp) -> Row {
    let author = judge.person_of(&base.order.device);
    let standing = judge.standing(&base.log(), base.order.seq, &base.id);
    let (kind, denied) = match &base.record {
        Err(why) => (RowKind::Bad, Some(Hidden::Bad(*why))),
        Ok(record) => {
            let may = |deed| author.is_some_and(|it| judge.may(&it, deed, base.order.hlc));
            let in_thread = record.thread.is_some();
            let (kind, permitted) = match &record.what {
                What::Message => (RowKind::Message, may(Deed::Post { in_thread })),
                What::Topic => (RowKind::Topic, may(Deed::Topic)),
                What::System { code } => (RowKind::System { code: *code }, may(Deed::Post { in_thread })),
                other => (RowKind::Newer { number: other.number() }, may(Deed::Post { in_thread })),
            };
            let denied = match (record.note_target(), permitted) {
                (Some(_), _) => Some(Hidden::Note),
                (None, false) => Some(Hidden::NotPermitted),
                (None, true) => None,
            };
            (kind, denied)
        }
    };
    let hidden = match standing {
        Standing::Held => Some(Hidden::Held),
        Standing::Cut => Some(Hidden::Cut),
        Standing::Kept | Standing::Vouched(_) if author.is_none() => Some(Hidden::UnknownAuthor),
        Standing::Kept | Standing::Vouched(_) => denied.or_else(|| {
            let forgotten = author.is_some_and(|it| judge.forgotten(&base.id, &it, base.order.hlc));
            forgotten.then_some(Hidden::Forgotten)
        }),
    };
    let shown = base.record.as_ref().ok().filter(|_| hidden.is_none());
    let sealed = |blob| Text { epoch: base.epoch, blob };
    let ahead = base.order.hlc.is_ahead(now);
    Row {
        id: base.id,
        order: base.order,
        epoch: base.epoch,
        author,
        kind,
        text: shown.and(base.text()).map(sealed),
        files: shown.map_or_else(Vec::new, |_| base.files().into_iter().map(sealed).collect()),
        mentions: shown.map(|it| it.mentions.clone()).unwrap_or_default(),
        reply_to: shown.and_then(|it| it.target),
        thread: base.record.as_ref().ok().and_then(|it| it.thread),
        edited: None,
        history: Vec::new(),
        retracted_by: None,
        hidden,
        vouched: if let Standing::Vouched(by) = standing { Some(by) } else { None },
        reactions: BTreeMap::new(),
        pinned_by: None,
        newer: false,
        ahead,
        due: ahead.then(|| due(base)),
    }
}

/// When a record stops being ahead.
fn due(placed: &Placed) -> Timestamp {
    Timestamp(placed.order.hlc.ms.saturating_sub(u64::try_from(limits::CLOCK_SKEW.as_millis()).unwrap_or(0)))
}

fn is_edit(note: &Placed) -> bool {
    note.record.as_ref().is_ok_and(|it| it.what == What::Edit)
}

/// The notes about `base` and about edits of it, by place, each once.
fn relevant<'n>(base: &Placed, notes: &'n [Placed]) -> Vec<&'n Placed> {
    #[cfg(feature = "planted")]
    if crate::planted::is(crate::planted::Planted::OrderByArrival) {
        return notes.iter().filter(|it| it.note_target() == Some(base.id)).collect();
    }
    let mut by_target: BTreeMap<EntryId, Vec<&Placed>> = BTreeMap::new();
    for note in notes.iter().filter(|it| it.space == base.space) {
        if let Some(target) = note.note_target() {
            by_target.entry(target).or_default().push(note);
        }
    }
    let mut relevant = BTreeMap::new();
    let mut targets = vec![(base.id, 0)];
    while let Some((target, depth)) = targets.pop() {
        // Removed from the table, so every target is visited once, whatever a hostile writer links.
        for note in by_target.remove(&target).unwrap_or_default() {
            if is_edit(note) && depth < limits::EDIT_CHAIN_MAX {
                targets.push((note.id, depth + 1));
            }
            relevant.insert(note.place(), note);
        }
    }
    relevant.into_values().collect()
}

struct Fold<'f> {
    base: &'f Placed,
    author: PersonId,
    judge: &'f dyn Judge,
    now: Timestamp,
    row: Row,
}

impl Fold<'_> {
    fn note(&mut self, note: &Placed) {
        let Ok(record) = &note.record else { return };
        let Some(person) = self.judge.person_of(&note.order.device) else { return };
        let standing = self.judge.standing(&note.log(), note.order.seq, &note.id);
        if matches!(standing, Standing::Cut | Standing::Held) {
            return;
        }
        if note.order.hlc.is_ahead(self.now) {
            let due = due(note);
            self.row.due = Some(self.row.due.map_or(due, |it| it.min(due)));
            return;
        }
        match &record.what {
            What::Edit => self.edit(note, &person, &record.mentions),
            What::Retract => self.retract(person, note),
            What::Reaction { emoji, add } => self.react((person, note.order.hlc), emoji, *add),
            What::Pin { add } => self.pin((person, note.order.hlc), *add),
            What::Newer { .. } => self.row.newer = true,
            What::Message | What::Topic | What::System { .. } => {}
        }
    }

    fn edit(&mut self, note: &Placed, person: &PersonId, mentions: &BTreeSet<Mention>) {
        let age = note.order.hlc.timestamp().since(self.base.order.hlc.timestamp());
        let permitted = *person == self.author && self.judge.may(person, Deed::Edit { age }, note.order.hlc);
        if !permitted || self.row.kind != RowKind::Message {
            return;
        }
        if self.row.history.is_empty() {
            self.row.history.push(Version { order: self.base.order, id: self.base.id, text: self.row.text });
        }
        self.row.text = note.text().map(|blob| Text { epoch: note.epoch, blob });
        self.row.mentions.clone_from(mentions);
        self.row.edited = Some(note.order);
        self.row.history.push(Version { order: note.order, id: note.id, text: self.row.text });
    }

    fn retract(&mut self, person: PersonId, note: &Placed) {
        let at = note.order.hlc;
        let age = at.timestamp().since(self.base.order.hlc.timestamp());
        let own = person == self.author && self.judge.may(&person, Deed::RetractOwn { age }, at);
        let permitted = own || self.judge.may(&person, Deed::Retract { author: self.author }, at);
        if permitted && self.row.retracted_by.is_none() {
            self.row.retracted_by = Some(person);
        }
    }

    fn react(&mut self, (person, at): (PersonId, Hlc), emoji: &str, add: bool) {
        if self.row.kind != RowKind::Message || !self.judge.may(&person, Deed::React, at) {
            return;
        }
        if add {
            self.row.reactions.entry(emoji.to_owned()).or_default().insert(person);
        } else if let Some(persons) = self.row.reactions.get_mut(emoji) {
            persons.remove(&person);
            if persons.is_empty() {
                self.row.reactions.remove(emoji);
            }
        }
    }

    fn pin(&mut self, (person, at): (PersonId, Hlc), add: bool) {
        if self.row.kind == RowKind::Message && self.judge.may(&person, Deed::Pin, at) {
            self.row.pinned_by = add.then_some(person);
        }
    }
}

impl Row {
    fn finish(&mut self, author: &PersonId, judge: &dyn Judge) {
        if self.retracted_by.is_some() {
            self.text = None;
            self.files.clear();
            self.mentions.clear();
            self.reply_to = None;
            self.edited = None;
            self.history.clear();
            self.reactions.clear();
            self.pinned_by = None;
            return;
        }
        let broad = [Mention::All, Mention::Here];
        if broad.iter().any(|it| self.mentions.contains(it)) && !judge.may(author, Deed::MentionAll, self.order.hlc) {
            self.mentions.retain(|it| !broad.contains(it));
        }
        let mut per_person: BTreeMap<PersonId, usize> = BTreeMap::new();
        for persons in self.reactions.values_mut() {
            persons.retain(|person| {
                let count = per_person.entry(*person).or_default();
                *count += 1;
                *count <= limits::REACTIONS_PER_PERSON_MAX
            });
        }
        self.reactions.retain(|_, persons| !persons.is_empty());
    }
}

#[cfg(test)]
mod tests;
