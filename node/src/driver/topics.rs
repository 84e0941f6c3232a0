//! Topics of channels for lists. Most channels have none, and to find none all of the history is looked through: so it is
//! remembered in memory which records set one, and whether all were passed. Which of them stands is judged for every list.
//! Nothing of it is written down: the records themselves stay the only truth.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use artel_crdt::id::{EntryId, SpaceId};
use artel_crdt::timeline::{Placed, What};
use tokio::sync::mpsc;

use crate::client::{self, Channel, Reply, Update};

use super::reading::{Reader, Topic};
use super::{Driver, Event, answer};

/// How long a look waits behind a list, so that what one reads first comes first.
const BEHIND: Duration = Duration::from_millis(300);

type Answer = mpsc::Sender<client::Result<Reply>>;

/// What a look through a channel found, and in which turn it began.
pub(crate) type Found = (SpaceId, u64, Topic);

/// What is known of the topics.
#[derive(Default)]
pub(crate) struct Topics {
    spaces: BTreeMap<SpaceId, Known>,
    /// Goes up whenever everything is read again: a look that began before tells of another store.
    turn: u64,
    /// A look is under way; one at a time, so that many lists do not become many of them.
    looking: bool,
}

/// What is known of one channel.
#[derive(Default)]
struct Known {
    /// Records that set a topic: those that a look passed, and those that have come since.
    sets: BTreeSet<EntryId>,
    /// None is unknown that is newer than the oldest of those.
    looked: bool,
    /// None is unknown.
    whole: bool,
}

/// A topic that is certain.
pub(crate) struct Certain {
    /// The topic; none if none is set, or its text has not come.
    pub(crate) text: Option<String>,
}

impl Topics {
    /// Everything is read again, or the screen is locked.
    pub(crate) fn forget(&mut self) {
        self.turn += 1;
        self.spaces.clear();
    }

    /// Records have come. Whether the topic of their channel may be another when they are in the index.
    pub(crate) fn note(&mut self, space: SpaceId, placed: &[Placed]) -> bool {
        let mut may = false;
        for one in placed {
            if one.record.as_ref().is_ok_and(|it| it.what == What::Topic) {
                self.spaces.entry(space).or_default().sets.insert(one.id);
                may = true;
            }
            let about = one.note_target();
            may |= about.is_some_and(|it| self.spaces.get(&space).is_some_and(|known| known.sets.contains(&it)));
        }
        may
    }

    /// The topic, unless the channel has to be looked through for it.
    pub(crate) fn known(&self, reader: &Reader) -> Option<Certain> {
        let known = self.spaces.get(&reader.lens.space).filter(|it| it.looked)?;
        match reader.topic_among(&known.sets) {
            Some(row) => Some(Certain { text: row.text.and_then(|it| reader.open(&it)) }),
            // What stood was taken back, and what stood before it was not looked for.
            None => known.whole.then_some(Certain { text: None }),
        }
    }

    /// Whether something is known now that was not.
    fn take(&mut self, (space, turn, found): Found) -> bool {
        if turn != self.turn {
            return false;
        }
        let known = self.spaces.entry(space).or_default();
        let before = known.sets.len();
        known.sets.extend(found.sets);
        let fresh = before < known.sets.len() || !known.looked && !known.sets.is_empty();
        (known.looked, known.whole) = (true, known.whole || found.whole);
        fresh
    }
}

impl Driver {
    /// A list at once, with the topics that are known; the others are looked for, and then it is told that it changed.
    pub(crate) fn glance_at_channels(&mut self) -> Vec<Channel> {
        let spaces: Vec<SpaceId> = self.directory.own_places().filter(|it| !it.left).map(|it| it.id).collect();
        let channels = spaces.iter().filter_map(|it| self.listed(it)).collect();
        let readers = self.unknown(&spaces);
        if !self.topics.looking && !readers.is_empty() {
            self.topics.looking = true;
            let events = self.events();
            self.tracker.spawn(async move {
                tokio::time::sleep(BEHIND).await;
                let found = tokio::task::spawn_blocking(move || look(readers)).await.unwrap_or_default();
                // The node may have ended meanwhile.
                events.send(Event::Topics { found, looked: true }).await.ok();
            });
        }
        channels
    }

    /// A list with all topics, beside the loop where one has to be looked for.
    pub(crate) fn list_channels(&mut self, spaces: &[SpaceId], to: &Answer) {
        let mut channels: Vec<Channel> = spaces.iter().filter_map(|it| self.listed(it)).collect();
        let readers = self.unknown(spaces);
        if readers.is_empty() {
            return answer(to, Ok(Reply::Channels(channels)));
        }
        let events = self.events();
        self.beside(to, move || {
            let found = look(readers);
            for (space, _, topic) in &found {
                let id = space.to_string();
                channels.iter_mut().filter(|it| it.id == id).for_each(|it| it.topic.clone_from(&topic.text));
            }
            // For the next list; a loop that is too busy to hear of it has it looked for again.
            events.try_send(Event::Topics { found, looked: false }).ok();
            Ok(Reply::Channels(channels))
        });
    }

    /// Channels that have to be looked through.
    fn unknown(&self, spaces: &[SpaceId]) -> Vec<(SpaceId, u64, Reader)> {
        let readers = spaces.iter().filter_map(|it| Some((*it, self.reader(it).ok()?)));
        let unknown = readers.filter(|(_, reader)| self.topics.known(reader).is_none());
        unknown.map(|(space, reader)| (space, self.topics.turn, reader)).collect()
    }

    /// Topics were looked for.
    pub(crate) fn topics_found(&mut self, found: Vec<Found>, looked: bool) {
        if looked {
            self.topics.looking = false;
        }
        if self.locked {
            return;
        }
        let mut fresh = false;
        for one in found {
            fresh |= self.topics.take(one);
        }
        if fresh {
            self.topics_changed();
        }
    }

    /// Whoever shows the list reads it again.
    pub(crate) fn topics_changed(&self) {
        // Nobody may be listening.
        self.updates.send(Update::Directory).ok();
    }
}

fn look(readers: Vec<(SpaceId, u64, Reader)>) -> Vec<Found> {
    readers.into_iter().map(|(space, turn, reader)| (space, turn, reader.find_topic())).collect()
}

#[cfg(test)]
mod tests;
