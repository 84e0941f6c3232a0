//! What a person keeps for herself and what is asked about messages: drafts, saved and pinned ones, those to be sent later,
//! those that call, and everything about one of them.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::id::{EntryId, PersonId, SpaceId};
use artel_crdt::limits;
use artel_crdt::register::values::Later;
use artel_crdt::replica::{Command, Personal};
use artel_crdt::time::Hlc;
use artel_crdt::timeline::{Judge, Order, Placed, Row, unread};
use tokio::sync::mpsc;

use crate::client::{
    self, About, Attach, Draft, Error, ErrorKind, Inbox, Message, Replies, Reply, Request, SendLater, Version,
};
use crate::store::{Direction, OrderKey, SpaceKey};

use super::reading::{Reader, Stretch, key_of};
use super::requests::{Then, Waiting};
use super::{Driver, OsEntropy, answer};

type Answer = mpsc::Sender<client::Result<Reply>>;

/// Pinned messages shown of a history, the newest of them.
const PINS_MAX: usize = 100;
/// Messages and threads in the inbox, the newest of them.
const INBOX_MAX: usize = 100;
/// People named under a thread.
const PEOPLE_MAX: usize = 5;
/// Records read at once.
const PAGE: usize = 256;

impl Driver {
    /// Carries out a request to keep something.
    pub(crate) fn keep(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let what = match request {
            Request::DraftSet { channel, thread, text } => {
                let thread = thread.map(|it| self.message(&it)).transpose()?.map(|it| it.1);
                Personal::Draft(self.held_space(&channel)?, thread, text)
            }
            Request::LaterSet { id, later } => {
                let number = match id {
                    // What has just left is not kept once more: it would be sent twice.
                    Some(id) if later.is_some() && !self.to_send_later().iter().any(|it| it.id == id) => {
                        return Err(Error::new(ErrorKind::NotFound, id));
                    }
                    Some(id) => id.parse::<SpaceId>().map_err(|_| Error::new(ErrorKind::NotFound, id))?.0,
                    None => {
                        let mut number = [0; 16];
                        artel_crdt::Entropy::fill(&mut OsEntropy, &mut number);
                        number
                    }
                };
                Personal::Later(number, later.map(|it| self.later(it)).transpose()?)
            }
            Request::Save { id, remove } => Personal::Saved(self.message(&id)?.1, !remove),
            Request::MarkUnread { id } => {
                let (space, entry) = self.message(&id)?;
                let base = self.reader(&space)?.record(&entry).ok_or_else(|| Error::new(ErrorKind::NotFound, id))?;
                Personal::Unread(space, Some(base.order))
            }
            _ => return Err(Error::new(ErrorKind::Internal, "nothing to keep")),
        };
        self.command(Command::Keep(what), Waiting { answer: to.clone(), then: Then::Done, next: None });
        Ok(())
    }

    fn later(&self, later: SendLater) -> client::Result<Later> {
        let SendLater { channel, thread, ms, text, files } = later;
        if text.trim().is_empty() && files.is_empty() || text.len() > limits::TEXT_BYTES_MAX {
            return Err(Error::new(ErrorKind::BadText, format!("{} bytes", text.len())));
        }
        let thread = thread.map(|it| self.message(&it)).transpose()?.map(|it| it.1);
        let files = files.into_iter().map(|it| {
            let name = std::path::Path::new(&it.path).file_name().map(|it| it.to_string_lossy().into_owned());
            (it.path, it.name.or(name).unwrap_or_default())
        });
        Ok(Later { space: self.held_space(&channel)?, thread, at: ms, text, files: files.collect() })
    }

    /// Answers what is kept, and about messages.
    pub(crate) fn kept(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        match request {
            Request::DraftList => answer(to, Ok(Reply::Drafts(self.drafts()))),
            Request::LaterList => answer(to, Ok(Reply::Later(self.to_send_later()))),
            Request::SavedList => self.saved(to)?,
            Request::PinList { channel } => {
                let reader = self.reader(&self.held_space(&channel)?)?;
                self.beside(to, move || {
                    let rows = reader.newest(PINS_MAX, |it| it.pinned_by.is_some() && it.is_visible());
                    Ok(Reply::Messages(rows.iter().map(|(base, row)| reader.message(base, row)).collect()))
                });
            }
            Request::About { id } => {
                let (space, entry) = self.message(&id)?;
                let reader = self.reader(&space)?;
                self.beside(to, move || {
                    let about = reader.about(&entry).ok_or_else(|| Error::new(ErrorKind::NotFound, id))?;
                    Ok(Reply::About(Box::new(about)))
                });
            }
            Request::FirstAfter { channel, ms } => {
                let reader = self.reader(&self.held_space(&channel)?)?;
                self.beside(to, move || Ok(Reply::Messages(reader.first_after(ms).into_iter().collect())));
            }
            Request::Inbox { depth } => self.inbox(depth as usize, to)?,
            _ => return Err(Error::new(ErrorKind::Internal, "not a question about what is kept")),
        }
        Ok(())
    }

    /// The id of a space, or `@mail` of a direct one that is not begun.
    fn target_of(&self, space: &SpaceId) -> String {
        let known = self.directory.spaces.contains_key(space);
        let other = self.directory.me.filter(|_| !known).and_then(|me| {
            let mut persons = self.directory.persons.iter();
            persons.find(|(id, _)| SpaceId::direct(&self.org(), &me, id) == *space)
        });
        other.map_or_else(|| space.to_string(), |(_, it)| format!("@{}", it.email))
    }

    fn drafts(&self) -> Vec<Draft> {
        let own = self.replica.device();
        let drafts = self.replica.all_drafts().into_iter().map(|it| Draft {
            channel: self.target_of(&it.space),
            thread: it.thread.map(|it| it.to_string()),
            text: it.text,
            device: it.device.to_string(),
            own: it.device == own,
            at: (it.at.ms, it.at.ctr),
        });
        drafts.collect()
    }

    fn to_send_later(&self) -> Vec<client::Later> {
        let mut later: Vec<client::Later> = self
            .replica
            .later()
            .into_iter()
            .map(|(number, it)| client::Later {
                id: SpaceId(number).to_string(),
                channel: self.target_of(&it.space),
                thread: it.thread.map(|it| it.to_string()),
                ms: it.at,
                text: it.text,
                files: it.files.into_iter().map(|(path, name)| Attach { path, name: Some(name) }).collect(),
            })
            .collect();
        later.sort_by_key(|it| it.ms);
        later
    }

    fn saved(&mut self, to: &Answer) -> client::Result<()> {
        let mut readers = BTreeMap::new();
        let mut places = Vec::new();
        for entry in self.replica.saved() {
            let Ok((space, entry)) = self.message(&entry.to_string()) else { continue };
            if let std::collections::btree_map::Entry::Vacant(empty) = readers.entry(space) {
                let Ok(reader) = self.reader(&space) else { continue };
                empty.insert(reader);
            }
            places.push((space, entry));
        }
        self.beside(to, move || {
            let messages = places.iter().filter_map(|(space, entry)| {
                let reader = readers.get(space)?;
                let base = reader.record(entry)?;
                Some(reader.message(&base, &reader.row(&base)))
            });
            Ok(Reply::Messages(messages.collect()))
        });
        Ok(())
    }

    fn inbox(&mut self, depth: usize, to: &Answer) -> client::Result<()> {
        let mut views = Vec::new();
        for space in self.directory.own_places() {
            views.push((self.reader(&space.id)?, self.replica.reading(&space.id)));
        }
        self.beside(to, move || {
            let mut inbox = Inbox::default();
            for (reader, reading) in views {
                reader.add_to_inbox(&reading, depth, &mut inbox);
            }
            inbox.calls.sort_by(|a, b| b.sent.cmp(&a.sent));
            inbox.calls.truncate(INBOX_MAX);
            let last = |it: &Message| it.replies.as_ref().map(|it| it.last.clone());
            inbox.threads.sort_by_key(|it| std::cmp::Reverse(last(it)));
            inbox.threads.truncate(INBOX_MAX);
            Ok(Reply::Inbox(Box::new(inbox)))
        });
        Ok(())
    }
}

impl Reader {
    /// Rows as people see them, each with all the replies under it, also those that stand behind these rows. In a thread there
    /// is nothing to count.
    pub(crate) fn with_replies(&self, rows: &[(Placed, Row)], of: &Stretch) -> Vec<Message> {
        let mut messages: Vec<Message> = rows.iter().map(|(base, row)| self.message(base, row)).collect();
        if matches!(of, Stretch::Thread(..)) {
            return messages;
        }
        let roots: BTreeSet<EntryId> = rows.iter().map(|(_, row)| row.id).collect();
        let mut replies: BTreeMap<EntryId, Replies> = BTreeMap::new();
        for (_, row) in rows {
            self.count_reply(row, &roots, &mut replies);
        }
        let orders = rows.iter().map(|(base, _)| base.order);
        // Replies between the rows are among them, or still to be read.
        let last = if matches!(of, Stretch::Conversation) { orders.min() } else { orders.max() };
        self.each_behind(last, |base| {
            let thread = base.record.as_ref().ok().and_then(|it| it.thread);
            if thread.is_some_and(|it| roots.contains(&it)) {
                self.count_reply(&self.row(base), &roots, &mut replies);
            }
        });
        for (message, (_, row)) in messages.iter_mut().zip(rows) {
            message.replies = replies.remove(&row.id);
        }
        messages
    }

    fn count_reply(&self, row: &Row, roots: &BTreeSet<EntryId>, replies: &mut BTreeMap<EntryId, Replies>) {
        let Some(root) = row.thread.filter(|it| *it != row.id && roots.contains(it) && row.is_visible()) else {
            return;
        };
        let under = replies.entry(root).or_default();
        under.count = under.count.saturating_add(1);
        under.last = crate::clock::rfc3339(row.order.hlc.timestamp());
        let email = row.author.map_or_else(String::new, |it| self.directory.email(&it));
        if under.people.len() < PEOPLE_MAX && !under.people.contains(&email) {
            under.people.push(email);
        }
    }

    /// Every record behind a place, oldest first.
    fn each_behind(&self, after: Option<Order>, mut then: impl FnMut(&Placed)) {
        let Some(after) = after else { return };
        let mut after = key_of(&after);
        loop {
            let space = SpaceKey(self.lens.space.0);
            let page = self.store.records(space, Direction::After(after), PAGE).unwrap_or_default();
            let Some(last) = page.last() else { return };
            after = last.order;
            page.iter().filter_map(|it| Placed::decode(&it.value).ok()).for_each(|it| then(&it));
        }
    }

    /// The first message at or after a moment; the last one if all are older.
    fn first_after(&self, ms: u64) -> Option<Message> {
        let at = Hlc { ms: ms.saturating_sub(1), ctr: u32::MAX };
        let place = OrderKey { ms: at.ms, ctr: at.ctr, ..OrderKey::MAX };
        let space = SpaceKey(self.lens.space.0);
        let page = self.store.records(space, Direction::After(place), PAGE).unwrap_or_default();
        let later = page.iter().filter_map(|it| Placed::decode(&it.value).ok());
        let in_place = |it: &Placed| it.record.as_ref().is_ok_and(|it| it.thread.is_none());
        let found = later.into_iter().find(in_place);
        let (base, row) = match found {
            Some(base) => {
                let row = self.row(&base);
                (base, row)
            }
            None => self.newest(1, |it| it.thread.is_none()).pop()?,
        };
        Some(self.message(&base, &row))
    }

    fn about(&self, id: &EntryId) -> Option<About> {
        let base = self.record(id)?;
        let row = self.row(&base);
        let named = |person: &PersonId| {
            let (name, email) = (self.directory.name(person), self.directory.email(person));
            format!("{name} · {email}")
        };
        let holders = self.lens.holders(&base.log(), base.order.seq);
        let holders = holders.iter().filter_map(|it| self.lens.person_of(it));
        let shown = self.lens.shows_receipts();
        let readers = if shown { self.lens.readers(row.author, &row.order) } else { BTreeSet::new() };
        let versions = row.history.iter().map(|it| Version {
            at: crate::clock::rfc3339(it.order.hlc.timestamp()),
            text: it.text.as_ref().and_then(|it| self.open(it)).unwrap_or_default(),
        });
        Some(About {
            message: self.message(&base, &row),
            device: base.order.device.to_string(),
            number: base.order.seq,
            epoch: base.epoch.to_string(),
            holders: holders.map(|it| named(&it)).collect(),
            readers: readers.iter().map(named).collect(),
            versions: if row.is_visible() { versions.collect() } else { Vec::new() },
        })
    }

    /// Looks for what calls this person among the newest rows, and for threads with this person in them.
    fn add_to_inbox(&self, reading: &unread::Reading, depth: usize, inbox: &mut Inbox) {
        let rows = self.newest(depth, |_| true);
        let mut taking_part: BTreeSet<EntryId> = BTreeSet::new();
        let mut replies: BTreeMap<EntryId, Replies> = BTreeMap::new();
        let mut unread_in: BTreeMap<EntryId, u32> = BTreeMap::new();
        let roots: BTreeSet<EntryId> = rows.iter().filter_map(|(_, it)| it.thread).collect();
        for (base, row) in rows.iter().filter(|(_, it)| it.is_visible()) {
            let (own, called) = (row.author == self.me, self.is_called(&row.mentions));
            if called && !own {
                inbox.calls.push(self.message(base, row));
            }
            let thread = row.thread.unwrap_or(row.id);
            if own || called {
                taking_part.insert(thread);
            }
            self.count_reply(row, &roots, &mut replies);
            if !own && thread != row.id && reading.is_unread(&row.order, artel_crdt::time::Timestamp(0)) {
                *unread_in.entry(thread).or_default() += 1;
            }
        }
        for (root, mut under) in replies.into_iter().filter(|(root, _)| taking_part.contains(root)) {
            let Some(base) = self.record(&root) else { continue };
            under.unread = unread_in.get(&root).copied().unwrap_or(0);
            let mut message = self.message(&base, &self.row(&base));
            message.replies = Some(under);
            inbox.threads.push(message);
        }
    }
}
