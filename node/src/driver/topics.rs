//! Where the topics of a history stand. A channel with a hundred thousand messages and no topic has to be read to its
//! beginning to know that, so the index keeps a mark for each record that sets one.

use artel_crdt::id::SpaceId;
use artel_crdt::timeline::{Order, Placed, RowKind, What};

use crate::store::{IndexBatch, SpaceKey, Store, StoreError};

use super::reading::{Reader, all_records, key_of};

/// Marks of records that set a topic: this, 16 bytes of the space, the key of the record's place.
const TOPIC: &[u8] = b"topic/";
/// There is a mark for every topic of this index; one without it was written by an older program.
const MARKED: &[u8] = b"topics";

/// Puts the mark of a record that sets a topic.
pub(crate) fn put(batch: &mut IndexBatch, placed: &Placed) -> Result<(), StoreError> {
    match &placed.record {
        Ok(record) if record.what == What::Topic => {
            batch.put_state(&[TOPIC, &placed.space.0, &placed.order.to_key()].concat(), Vec::new())
        }
        _ => Ok(()),
    }
}

/// Marks the topics of an index that has no such marks yet. Reads all rows, once in the life of an index.
pub(crate) fn mark(store: &Store, spaces: &[SpaceId]) -> Result<(), StoreError> {
    if store.state(MARKED)?.is_some() {
        return Ok(());
    }
    let mut batch = IndexBatch::new();
    for space in spaces {
        all_records(store, space).iter().try_for_each(|it| put(&mut batch, it))?;
    }
    batch.put_state(MARKED, vec![1])?;
    store.apply(&batch, None)
}

impl Reader {
    /// The topic that stands, if one was set.
    pub(crate) fn topic(&self) -> Option<String> {
        let space = SpaceKey(self.lens.space.0);
        let marks = self.store.states(&[TOPIC, &space.0].concat()).unwrap_or_default();
        // A mark may stay behind when its record goes.
        let mut rows = marks.iter().rev().filter_map(|it| {
            let order = Order::from_key(it.name.get(TOPIC.len() + space.0.len()..)?)?;
            let stored = self.store.record(space, key_of(&order)).ok()??;
            Some(self.row(&Placed::decode(&stored).ok()?))
        });
        let standing = rows.find(|it| it.kind == RowKind::Topic && it.is_visible());
        standing.and_then(|it| it.text).and_then(|it| self.open(&it))
    }
}

#[cfg(test)]
mod tests;
