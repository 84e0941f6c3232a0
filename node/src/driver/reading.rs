//! Reading histories: stored records become rows by a lens, rows become messages as people see them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use artel_crdt::entry::BlobRef;
use artel_crdt::id::{EntryId, PersonId, SpaceId};
use artel_crdt::replica::Lens;
use artel_crdt::time::Timestamp;
use artel_crdt::timeline::{FileInfo, Hidden, Mention, Order, Placed, Row, RowKind, What, notes_of, project, unread};

use crate::client::{Attachment, Message};
use crate::store::{BlobHash, BlobRead, Direction, EntryKey, OrderKey, SpaceKey, Store};

use super::directory::Directory;

/// Records read at once from the store.
const PAGE: usize = 256;

/// A view of one space at one moment; reads block on the disk.
pub(crate) struct Reader {
    pub(crate) store: Store,
    pub(crate) lens: Lens,
    pub(crate) directory: Arc<Directory>,
    pub(crate) now: Timestamp,
    pub(crate) me: Option<PersonId>,
    /// Where to tell of texts that cannot be read, so that they are fetched again.
    pub(crate) events: super::open::Events,
}

/// What a look for the topic of a channel found.
#[derive(Default)]
pub(crate) struct Topic {
    /// The topic; none if none is set, or its text has not come.
    pub(crate) text: Option<String>,
    /// The records that were passed: later ones that count no more, and the one that stands.
    pub(crate) sets: BTreeSet<EntryId>,
    /// Whether all of the history was looked through, as none stands.
    pub(crate) whole: bool,
}

/// Which rows of a history are read, and what they are known by before they are worked out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stretch {
    All,
    /// No replies.
    Conversation,
    /// A message and the replies to it; its place, before which there are none.
    Thread(EntryId, Order),
}

impl Stretch {
    fn has(&self, base: &Placed) -> bool {
        let thread = base.record.as_ref().ok().and_then(|it| it.thread);
        match self {
            Self::All => true,
            Self::Conversation => thread.is_none_or(|it| it == base.id),
            Self::Thread(root, _) => base.id == *root || thread == Some(*root),
        }
    }

    fn begins_at(&self) -> Option<Order> {
        match self {
            Self::Thread(_, order) => Some(*order),
            Self::All | Self::Conversation => None,
        }
    }
}

/// The key of a place in the store.
pub(crate) fn key_of(order: &Order) -> OrderKey {
    OrderKey { ms: order.hlc.ms, ctr: order.hlc.ctr, device: crate::store::DeviceKey(order.device.0), seq: order.seq }
}

/// All records of a space that are rows, oldest first.
pub(crate) fn all_records(store: &Store, space: &SpaceId) -> Vec<Placed> {
    let mut records = Vec::new();
    let mut after = OrderKey::MIN;
    loop {
        let page = store.records(SpaceKey(space.0), Direction::After(after), PAGE).unwrap_or_default();
        let Some(last) = page.last() else { return records };
        after = last.order;
        records.extend(page.iter().filter_map(|it| Placed::decode(&it.value).ok()));
    }
}

impl Reader {
    /// The row of a record.
    pub(crate) fn row(&self, base: &Placed) -> Row {
        let space = SpaceKey(self.lens.space.0);
        let notes = notes_of(&base.id, |target| {
            let stored = self.store.notes_of(space, EntryKey(target.0)).unwrap_or_default();
            stored.iter().filter_map(|it| Placed::decode(&it.value).ok()).collect()
        });
        project(base, &notes, &self.lens, self.now)
    }

    /// The newest rows that pass, oldest of them first.
    pub(crate) fn newest(&self, limit: usize, wanted: impl Fn(&Row) -> bool) -> Vec<(Placed, Row)> {
        self.before(None, limit, wanted)
    }

    /// The last rows before a place that pass, oldest of them first; the end of the history is the place if absent.
    pub(crate) fn before(
        &self,
        order: Option<Order>,
        limit: usize,
        wanted: impl Fn(&Row) -> bool,
    ) -> Vec<(Placed, Row)> {
        self.before_of(order, limit, |_| true, wanted)
    }

    /// The same of the records that pass first. Reading a record is cheap beside its row, which asks for all notes about it.
    fn before_of(
        &self,
        order: Option<Order>,
        limit: usize,
        of: impl Fn(&Placed) -> bool,
        wanted: impl Fn(&Row) -> bool,
    ) -> Vec<(Placed, Row)> {
        let mut rows = Vec::new();
        let mut before = order.map_or(OrderKey::MAX, |it| key_of(&it));
        while rows.len() < limit {
            let page =
                self.store.records(SpaceKey(self.lens.space.0), Direction::Before(before), PAGE).unwrap_or_default();
            let Some(last) = page.last() else { break };
            before = last.order;
            for base in page.iter().filter_map(|it| Placed::decode(&it.value).ok()).filter(&of) {
                let row = self.row(&base);
                if rows.len() < limit && wanted(&row) {
                    rows.push((base, row));
                }
            }
        }
        rows.reverse();
        rows.sort_by_key(|(_, it)| it.screen_place());
        rows
    }

    /// The last rows of a stretch before a place, newest first; the end of the history is the place if absent.
    pub(crate) fn rows_before(&self, order: Option<Order>, limit: usize, of: &Stretch) -> Vec<(Placed, Row)> {
        let mut rows = Vec::new();
        let mut before = order.map_or(OrderKey::MAX, |it| key_of(&it));
        while rows.len() < limit {
            let space = SpaceKey(self.lens.space.0);
            let page = self.store.records(space, Direction::Before(before), PAGE).unwrap_or_default();
            let Some(last) = page.last() else { break };
            before = last.order;
            for base in page.iter().filter_map(|it| Placed::decode(&it.value).ok()) {
                if of.begins_at().is_some_and(|it| base.order < it) {
                    return rows;
                }
                if rows.len() < limit && of.has(&base) {
                    let row = self.row(&base);
                    rows.push((base, row));
                }
            }
        }
        rows
    }

    /// Rows of a stretch from a record on, itself included where it belongs to it, oldest first.
    pub(crate) fn rows_from(&self, first: Placed, limit: usize, of: &Stretch) -> Vec<(Placed, Row)> {
        let mut rows = Vec::new();
        let mut page = vec![first];
        while let Some(last) = page.last().map(|it| key_of(&it.order)) {
            for base in page.into_iter().filter(|it| of.has(it)) {
                if rows.len() == limit {
                    return rows;
                }
                let row = self.row(&base);
                rows.push((base, row));
            }
            if rows.len() == limit {
                return rows;
            }
            let later = self.store.records(SpaceKey(self.lens.space.0), Direction::After(last), PAGE);
            page = later.unwrap_or_default().iter().filter_map(|it| Placed::decode(&it.value).ok()).collect();
        }
        rows
    }

    /// Rows behind a place, oldest first.
    pub(crate) fn after(&self, order: Option<Order>) -> Vec<(Placed, Row)> {
        let mut rows = Vec::new();
        let mut after = order.map_or(OrderKey::MIN, |it| key_of(&it));
        loop {
            let page =
                self.store.records(SpaceKey(self.lens.space.0), Direction::After(after), PAGE).unwrap_or_default();
            let Some(last) = page.last() else { return rows };
            after = last.order;
            let bases = page.iter().filter_map(|it| Placed::decode(&it.value).ok());
            rows.extend(bases.map(|base| {
                let row = self.row(&base);
                (base, row)
            }));
        }
    }

    /// What may be unread: rows behind a place, and those that came late below it, each with when it came as far as that
    /// matters.
    pub(crate) fn unread_candidates(&self, start: Option<Order>, late: &[(Order, Timestamp)]) -> Vec<(Row, Timestamp)> {
        let came: BTreeMap<Order, Timestamp> = late.iter().copied().collect();
        let space = SpaceKey(self.lens.space.0);
        let below = late.iter().filter(|(order, _)| start.is_some_and(|it| *order <= it));
        let below = below.filter_map(|(order, at)| {
            let stored = self.store.record(space, key_of(order)).ok()??;
            Some((self.row(&Placed::decode(&stored).ok()?), *at))
        });
        let mut rows: Vec<(Row, Timestamp)> = below.collect();
        // The row at the place itself counts where somebody marked it as unread.
        let first = start.and_then(|it| self.store.record(space, key_of(&it)).ok()?);
        rows.extend(first.and_then(|it| Placed::decode(&it).ok()).map(|it| (self.row(&it), Timestamp(0))));
        let behind = self.after(start).into_iter().map(|(_, row)| row);
        rows.extend(behind.map(|row| {
            let at = came.get(&row.order).copied().unwrap_or(Timestamp(0));
            (row, at)
        }));
        rows
    }

    /// The record of a message.
    pub(crate) fn record(&self, id: &EntryId) -> Option<Placed> {
        let (_, row) = self.store.record_by_id(EntryKey(id.0)).ok()??;
        Placed::decode(&row.value).ok()
    }

    pub(crate) fn open(&self, text: &artel_crdt::timeline::Text) -> Option<String> {
        match self.store.blob(BlobHash(text.blob.hash.0)) {
            Ok(BlobRead::Bytes(bytes)) => self.lens.open(&text.epoch, &bytes),
            _ => {
                let (space, epoch, hash) = (self.lens.space, text.epoch, text.blob.hash);
                self.events.try_send(super::Event::Missing { space, epoch, hash }).ok();
                None
            }
        }
    }

    /// Opens the description of a file; asks for it if it has not come.
    pub(crate) fn file(&self, epoch: &EntryId, blob: &BlobRef) -> Option<FileInfo> {
        match self.store.blob(BlobHash(blob.hash.0)) {
            Ok(BlobRead::Bytes(bytes)) => self.lens.open_file(epoch, &bytes),
            _ => {
                let (space, epoch, hash) = (self.lens.space, *epoch, blob.hash);
                self.events.try_send(super::Event::Missing { space, epoch, hash }).ok();
                None
            }
        }
    }

    fn attachments(&self, row: &Row) -> Vec<Attachment> {
        let shown = row.files.iter().enumerate().filter(|_| row.is_visible());
        let infos = shown.filter_map(|(at, it)| Some((at, self.file(&it.epoch, &it.blob)?)));
        infos.map(|(at, info)| super::files::attachment(&row.id, at, &info, &self.store)).collect()
    }

    /// Whether these mentions call the person at this device.
    pub(crate) fn is_called(&self, mentions: &std::collections::BTreeSet<Mention>) -> bool {
        let Some(person) = self.me.filter(|_| !mentions.is_empty()) else { return false };
        let teams = self.directory.teams.iter().filter(|(_, (_, members))| members.contains_key(&person));
        let teams = teams.map(|(id, _)| *id).collect();
        unread::Reader { person, teams, level: unread::Level::All }.is_called(mentions)
    }

    /// The topic that stands, if one was set. Most channels have none, and then all of the history is looked through.
    pub(crate) fn find_topic(&self) -> Topic {
        let sets = |it: &Placed| it.record.as_ref().is_ok_and(|it| it.what == What::Topic);
        let passed = std::cell::RefCell::new(BTreeSet::new());
        let rows = self.before_of(None, 1, sets, |row| {
            passed.borrow_mut().insert(row.id);
            row.is_visible()
        });
        let text = rows.first().and_then(|(_, row)| row.text.as_ref()).and_then(|it| self.open(it));
        Topic { text, sets: passed.into_inner(), whole: rows.is_empty() }
    }

    /// The row that stands as the topic among records that set one.
    pub(crate) fn topic_among(&self, sets: &BTreeSet<EntryId>) -> Option<Row> {
        let rows = sets.iter().filter_map(|it| Some(self.row(&self.record(it)?)));
        rows.filter(Row::is_visible).max_by_key(|it| it.order)
    }

    /// A row as people see it.
    pub(crate) fn message(&self, base: &Placed, row: &Row) -> Message {
        let text = row.text.as_ref().filter(|_| row.is_visible()).and_then(|it| self.open(it)).unwrap_or_default();
        let held = self.lens.held_by(&base.log(), base.order.seq);
        let read = self.lens.read_by(row.author, &row.order);
        let own = row.author == self.me;
        let state = match row {
            _ if row.retracted_by.is_some() => "retracted",
            _ if matches!(row.kind, RowKind::Newer { .. }) => "newer",
            _ if row.hidden == Some(Hidden::Forgotten) => "forgotten",
            _ if row.hidden.is_some() => "hidden",
            _ if row.vouched.is_some() => "vouched",
            _ if read > 0 => "read",
            _ if held > 0 || !own => "held",
            _ => "queued",
        };
        let emails = |persons: &std::collections::BTreeSet<PersonId>| {
            persons.iter().map(|it| self.directory.email(it)).collect::<Vec<_>>()
        };
        let reactions: BTreeMap<String, Vec<String>> =
            row.reactions.iter().map(|(emoji, persons)| (emoji.clone(), emails(persons))).collect();
        Message {
            id: row.id.to_string(),
            channel: self.lens.space.to_string(),
            name: self.directory.spaces.get(&self.lens.space).map_or_else(String::new, |it| self.directory.title(it)),
            author: row.author.map_or_else(String::new, |it| self.directory.name(&it)),
            email: row.author.map_or_else(String::new, |it| self.directory.email(&it)),
            sent: crate::clock::rfc3339(row.order.hlc.timestamp()),
            text,
            state: state.to_owned(),
            held: u32::try_from(held).unwrap_or(u32::MAX),
            read: u32::try_from(read).unwrap_or(u32::MAX),
            edited: row.edited.is_some(),
            thread: row.thread.map(|it| it.to_string()),
            reactions,
            pinned: row.pinned_by.is_some(),
            ahead: row.ahead,
            may: self.may_with(base, row),
            came: self.came_late(row).filter(|_| !own).map(crate::clock::rfc3339),
            files: self.attachments(row),
            calls: !own && self.is_called(&row.mentions),
            replies: None,
            kind: match row.kind {
                RowKind::Topic => "topic".to_owned(),
                RowKind::System { .. } => "system".to_owned(),
                _ => String::new(),
            },
        }
    }
}
