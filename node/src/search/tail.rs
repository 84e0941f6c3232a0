//! Messages that the index has not committed yet, in memory: a message is found at once, a commit takes its time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::MessageId;
use super::schema::Message;

/// Changes that cause a commit at once. A commit of 500 costs as much as one of 1 (measured: 75 to 160 ms).
pub(super) const COMMIT_CHANGES: usize = 500;

/// Longest time that a change waits for its commit.
pub(super) const COMMIT_AFTER: Duration = Duration::from_secs(3);

/// Changes that may wait. Whoever adds more waits for the index.
pub(super) const WAITING_MAX: usize = 4_096;

/// One change of the index.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Whether earlier versions of the message must be removed.
    pub(super) removes: bool,
    pub(super) id: MessageId,
    /// The message as it is now; `None` for a removal.
    pub(super) message: Option<Arc<Message>>,
}

/// Changes in the order they came, until a commit holds them.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// By number; numbers are given once and ascend.
    changes: BTreeMap<u64, Change>,
    /// The newest change of each message.
    newest: BTreeMap<MessageId, u64>,
    /// Number of the last change; 0 before the first.
    last: u64,
    /// All changes up to this one have been handed to the writer.
    handed: u64,
    /// When the oldest change that was not handed over came.
    waiting_since: Option<Instant>,
}

impl Tail {
    /// Appends a change.
    pub(super) fn push(&mut self, mut change: Change) {
        self.last += 1;
        if let Some(earlier) = self.newest.insert(change.id, self.last) {
            // The earlier version goes to the writer as well, so this one has to remove it.
            change.removes = true;
            if let Some(earlier) = self.changes.get_mut(&earlier) {
                earlier.message = None;
            }
        }
        self.changes.insert(self.last, change);
        self.waiting_since.get_or_insert_with(Instant::now);
    }

    /// Number of the last change.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Changes that were not handed to the writer.
    pub(super) fn waiting(&self) -> usize {
        usize::try_from(self.last - self.handed).unwrap_or(usize::MAX)
    }

    /// When the changes that wait must be handed over at the latest; `None` if none waits.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting_since.map(|it| it + COMMIT_AFTER)
    }

    /// What waits for the writer, in order. It stays searchable here.
    pub(super) fn hand_over(&mut self) -> Vec<Change> {
        let waiting = self.changes.range(self.handed + 1..);
        let waiting = waiting.map(|(_, it)| it.clone()).collect();
        self.handed = self.last;
        self.waiting_since = None;
        waiting
    }

    /// Forgets changes up to number `upto`: a commit holds them now, or there are too many (bulk).
    pub(super) fn forget(&mut self, upto: u64) {
        let kept = self.changes.split_off(&upto.saturating_add(1));
        for (number, change) in std::mem::replace(&mut self.changes, kept) {
            if self.newest.get(&change.id) == Some(&number) {
                self.newest.remove(&change.id);
            }
        }
    }

    /// Messages here, and the ids whose version in the index is out of date.
    pub(super) fn snapshot(&self) -> (Vec<Arc<Message>>, BTreeSet<MessageId>) {
        let messages = self.changes.values().filter_map(|it| it.message.clone());
        (messages.collect(), self.newest.keys().copied().collect())
    }
}
