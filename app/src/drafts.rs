//! What is half written: kept in the person's sealed registers within a second, found again after a crash and at the person's
//! other device. A text of another device fills an empty composer; one that differs is offered beside what is written here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use artel_node::client::{Draft, Request};

/// The text is written when no key was pressed for so long…
const REST: Duration = Duration::from_millis(300);
/// …or when something has not been written for so long: a crash loses no more.
const AT_MOST: Duration = Duration::from_millis(900);
/// What a register takes, bytes.
const BYTES_MAX: usize = 60 * 1024;

/// Where a draft belongs: a place, and the first message of a thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) place: String,
    pub(crate) thread: Option<String>,
}

impl Key {
    /// Of a place itself.
    pub(crate) fn of(place: &str) -> Self {
        Self { place: place.to_owned(), thread: None }
    }

    /// Of a thread.
    pub(crate) fn thread(place: &str, root: &str) -> Self {
        Self { place: place.to_owned(), thread: Some(root.to_owned()) }
    }
}

/// A text that another device keeps for the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Elsewhere {
    at: (u64, u32),
    text: String,
}

struct Change {
    first: Instant,
    last: Instant,
}

/// A group that is not begun has no place in which a register could lie.
fn is_group_to_be(place: &str) -> bool {
    place.starts_with('@') && place.contains(',')
}

/// All drafts.
#[derive(Default)]
pub(crate) struct Drafts {
    texts: BTreeMap<Key, String>,
    /// As the node keeps them of this device.
    kept: BTreeMap<Key, String>,
    /// Since when, milliseconds since 1970.
    since: BTreeMap<Key, u64>,
    changes: BTreeMap<Key, Change>,
    elsewhere: BTreeMap<Key, Elsewhere>,
    /// Taken over from another device and not changed since.
    adopted: BTreeMap<Key, String>,
    /// Another device's text that the person does not want.
    refused: BTreeMap<Key, (u64, u32)>,
    /// Longer than what is kept.
    too_long: BTreeSet<Key>,
    /// One of them has just become so.
    outgrown: bool,
}

impl Drafts {
    /// The text of a place, maybe empty.
    pub(crate) fn get(&self, key: &Key) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// What is typed now. Returns whether it is another text than before.
    pub(crate) fn set(&mut self, key: &Key, text: String) -> bool {
        if self.get(key) == text {
            return false;
        }
        self.adopted.remove(key);
        match text.is_empty() {
            true => drop(self.texts.remove(key)),
            false => drop(self.texts.insert(key.clone(), text)),
        }
        let now = Instant::now();
        self.changes.entry(key.clone()).and_modify(|it| it.last = now).or_insert(Change { first: now, last: now });
        true
    }

    /// Takes the text out, to send it.
    pub(crate) fn take(&mut self, key: &Key) -> String {
        let text = self.get(key).to_owned();
        self.set(key, String::new());
        if let Some(change) = self.changes.get_mut(key).filter(|_| !text.is_empty()) {
            // Written with the next frame: what was sent must not come back.
            change.first = change.first.checked_sub(AT_MOST).unwrap_or(change.first);
        }
        text
    }

    /// The person wrote a message there at a moment, milliseconds since 1970. What stands here since before it and says the
    /// same was sent from another device.
    pub(crate) fn sent(&mut self, key: &Key, text: &str, at: u64) {
        let before = self.since.get(key).is_some_and(|it| *it < at);
        let same = self.get(key).trim() == text.trim() && !text.trim().is_empty();
        if before && same && !self.changes.contains_key(key) {
            self.take(key);
        }
    }

    /// Whether something is written in a place or in one of its threads.
    pub(crate) fn has(&self, place: &str) -> bool {
        self.texts.iter().any(|(key, text)| key.place == place && !text.trim().is_empty())
    }

    /// A direct message that was only begun has become a place.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let text = self.take(&Key::of(from));
        if !text.is_empty() && self.get(&Key::of(to)).is_empty() {
            self.set(&Key::of(to), text);
        }
    }

    /// The text of another device that differs from what is written here.
    pub(crate) fn offer(&self, key: &Key) -> Option<&str> {
        let other = self.elsewhere.get(key)?;
        let refused = self.refused.get(key).is_some_and(|it| other.at <= *it);
        (!refused && !other.text.is_empty() && other.text != self.get(key)).then_some(other.text.as_str())
    }

    /// Takes the offered text, or leaves it where it is.
    pub(crate) fn decide(&mut self, key: &Key, take: bool) {
        let Some(other) = self.elsewhere.get(key).cloned() else { return };
        self.refused.insert(key.clone(), other.at);
        if take {
            self.set(key, other.text);
        }
    }

    /// What the node keeps, of all devices of this person.
    pub(crate) fn told(&mut self, all: &[Draft]) {
        let mut own: BTreeMap<Key, &Draft> = BTreeMap::new();
        let mut others: BTreeMap<Key, &Draft> = BTreeMap::new();
        for draft in all {
            let key = Key { place: draft.channel.clone(), thread: draft.thread.clone() };
            let of = if draft.own { &mut own } else { &mut others };
            let newest = of.entry(key).or_insert(draft);
            if newest.at < draft.at {
                *newest = draft;
            }
        }
        for (key, draft) in &own {
            self.since.insert(key.clone(), draft.at.0);
            // Only this window writes what this device keeps. What it has given to be kept it knows better than an answer
            // that may be older: a text that was sent meanwhile must not come back.
            if self.kept.contains_key(key) {
                continue;
            }
            if !self.changes.contains_key(key) && self.get(key).is_empty() {
                self.put(key, &draft.text);
            }
            self.kept.insert(key.clone(), draft.text.clone());
        }
        for (key, draft) in others {
            let before = self.elsewhere.insert(key.clone(), Elsewhere { at: draft.at, text: draft.text.clone() });
            let mine = own.get(&key);
            let later = mine.is_none_or(|it| it.at < draft.at);
            let here = self.get(&key).to_owned();
            let follows = draft.text.starts_with(&here) || before.is_some_and(|it| it.text == here);
            if self.adopted.get(&key) == Some(&here) && (later || draft.text.is_empty()) && follows
                || later && !draft.text.is_empty() && follows && !self.changes.contains_key(&key)
            {
                // What one wrote at the other desk goes on here; what was sent there is not here any more.
                self.put(&key, &draft.text);
                self.adopted.insert(key, draft.text.clone());
            } else if mine.is_some_and(|it| it.text.is_empty() && draft.at < it.at) {
                // Sent from here since.
                self.elsewhere.remove(&key);
            }
        }
    }

    fn put(&mut self, key: &Key, text: &str) {
        match text.is_empty() {
            true => drop(self.texts.remove(key)),
            false => drop(self.texts.insert(key.clone(), text.to_owned())),
        }
    }

    /// What is to be kept now; with `all`, whatever is not kept yet.
    pub(crate) fn due(&mut self, all: bool) -> Vec<Request> {
        let due = |it: &Change| all || REST <= it.last.elapsed() || AT_MOST <= it.first.elapsed();
        let keys: Vec<Key> = self.changes.iter().filter(|(_, it)| due(it)).map(|(key, _)| key.clone()).collect();
        let mut requests = Vec::new();
        for key in keys {
            self.changes.remove(&key);
            let text = self.get(&key).to_owned();
            // Sending here what another device keeps is to be known there, also where nothing was kept here.
            let clears = text.is_empty() && self.elsewhere.get(&key).is_some_and(|it| !it.text.is_empty());
            let same = self.kept.get(&key).map_or("", String::as_str) == text && !clears;
            if BYTES_MAX < text.len() {
                self.outgrown |= self.too_long.insert(key);
                continue;
            }
            self.too_long.remove(&key);
            if same || is_group_to_be(&key.place) {
                continue;
            }
            self.kept.insert(key.clone(), text.clone());
            self.since.remove(&key);
            requests.push(Request::DraftSet { channel: key.place, thread: key.thread, text });
        }
        requests
    }

    /// Whether a draft has just become longer than what is kept; told once.
    pub(crate) fn outgrown(&mut self) -> bool {
        std::mem::take(&mut self.outgrown)
    }

    /// Whether something waits to be kept.
    pub(crate) fn waits(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Drops everything; the screen is locked.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
