//! Reading the index.

use std::ops::Bound;

use super::super::blobs::{GroupName, Location};
use super::super::error::StoreError;
use super::super::ids::{BlobHash, DeviceKey, EntryKey, Fields, LogKey, OrderKey, Position, SpaceKey};
use super::batch::{Packet, Register};
use super::engine::{Direction as Scan, KeyRange};
use super::tables::{self, NOTE_PREFIX_BYTES, RECORD_PREFIX_BYTES, Table};
use super::{DAMAGED, Index, Pairs};

/// Which rows are asked for. Bounds are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Older than this key, newest first.
    Before(OrderKey),
    /// Newer than this key, oldest first.
    After(OrderKey),
}

/// A row of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the order.
    pub order: OrderKey,
    /// The caller's bytes.
    pub value: Vec<u8>,
}

/// A note on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its place in the order.
    pub order: OrderKey,
    /// The caller's bytes.
    pub value: Vec<u8>,
}

/// What the index says was in a stretch of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The space.
    pub space: SpaceKey,
    /// The log.
    pub log: LogKey,
    /// The packet that lay there.
    pub packet: Packet,
}

fn held(key: &[u8], value: &[u8]) -> Option<Held> {
    let mut fields = Fields(key);
    fields.u8()?;
    let space = SpaceKey(fields.array()?);
    let log = LogKey { device: DeviceKey(fields.array()?), inc: fields.array()? };
    let (last, branch) = (fields.u64()?, fields.u8()?);
    fields.end()?;
    Some(Held { space, log, packet: Packet::decode(last, branch, value)? })
}

fn order_behind(key: &[u8], prefix: usize) -> Option<OrderKey> {
    let mut fields = Fields(key.get(prefix..)?);
    let order = OrderKey::take(&mut fields)?;
    fields.end()?;
    Some(order)
}

impl Index {
    /// Collects up to `limit` pairs of a range with their values opened.
    fn collect<T>(
        &self,
        range: KeyRange,
        scan: Scan,
        limit: usize,
        read: impl Fn(&[u8], &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut sealed: Pairs = Vec::new();
        if let (Bound::Included(start) | Bound::Excluded(start), _) = &range {
            self.check_unlocked(start)?;
        }
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.with_live(|live| {
            live.engine.scan(range, scan, &mut |key, value| {
                sealed.push((key.to_vec(), value.to_vec()));
                sealed.len() < limit
            })?;
            Ok(())
        })?;
        let open = |(key, sealed): &(Vec<u8>, Vec<u8>)| read(key, &self.unseal(key, sealed)?).ok_or(DAMAGED);
        sealed.iter().map(open).collect()
    }

    /// The first or last key of a range.
    fn edge(&self, range: KeyRange, scan: Scan) -> Result<Option<Held>, StoreError> {
        Ok(self.collect(range, scan, 1, held)?.pop())
    }

    pub(in super::super) fn packets(
        &self,
        space: SpaceKey,
        log: LogKey,
        from: u64,
        to: u64,
    ) -> Result<Vec<Packet>, StoreError> {
        // Packets lie under their last entry: the first that can hold `from` is the first that ends there.
        let start = Bound::Included(tables::entry(space, log, from, 0));
        let range = (start, tables::above(&tables::entries_log(space, log)));
        let mut sealed = Vec::new();
        self.with_live(|live| {
            live.engine.scan(range, Scan::Ascending, &mut |key, value| {
                sealed.push((key.to_vec(), value.to_vec()));
                // One that ends above `to` may still begin below it, and it is the last of its branch that can.
                is_branch(key) || held_last(key).is_some_and(|last| last <= to)
            })?;
            Ok(())
        })?;
        let mut packets = Vec::new();
        for (key, sealed) in sealed.iter().filter(|(key, _)| !is_branch(key)) {
            let held = held(key, &self.unseal(key, sealed)?).ok_or(DAMAGED)?;
            if held.packet.first <= to {
                packets.push(held.packet);
            }
        }
        Ok(packets)
    }

    pub(in super::super) fn branches(&self, space: SpaceKey, log: LogKey) -> Result<Vec<Packet>, StoreError> {
        let range = tables::prefix(&tables::entries_log(space, log));
        let all = self.collect(range, Scan::Ascending, usize::MAX, held)?;
        Ok(all.into_iter().map(|it| it.packet).filter(|it| it.branch != 0).collect())
    }

    pub(in super::super) fn head(&self, space: SpaceKey, log: LogKey) -> Result<Option<Packet>, StoreError> {
        let head = self.edge(tables::prefix(&tables::entries_log(space, log)), Scan::Descending)?;
        Ok(head.map(|head| head.packet))
    }

    /// Every log of a space with its newest packet. One seek per log.
    pub(in super::super) fn logs(&self, space: SpaceKey) -> Result<Vec<(LogKey, Packet)>, StoreError> {
        let start = Bound::Included(tables::entries_space(space));
        let mut above = tables::above(&tables::entries_space(space));
        let mut logs = Vec::new();
        while let Some(head) = self.edge((start.clone(), above), Scan::Descending)? {
            above = Bound::Excluded(tables::entries_log(space, head.log));
            logs.push((head.log, head.packet));
        }
        logs.reverse();
        Ok(logs)
    }

    /// Every space with at least one packet. One seek per space.
    pub(in super::super) fn spaces(&self) -> Result<Vec<SpaceKey>, StoreError> {
        let end = tables::above(&tables::entries_table());
        let mut start = Bound::Included(tables::entries_table());
        let mut spaces = Vec::new();
        while let Some(first) = self.edge((start, end.clone()), Scan::Ascending)? {
            start = match tables::above(&tables::entries_space(first.space)) {
                Bound::Excluded(key) | Bound::Included(key) => Bound::Included(key),
                Bound::Unbounded => break,
            };
            spaces.push(first.space);
        }
        Ok(spaces)
    }

    /// What lay between two positions. Reads all of the table: only for damage.
    pub(in super::super) fn held_between(&self, from: Position, to: Position) -> Result<Vec<Held>, StoreError> {
        let all = self.collect(tables::prefix(&tables::entries_table()), Scan::Ascending, usize::MAX, held)?;
        Ok(all.into_iter().filter(|held| (from..to).contains(&held.packet.position)).collect())
    }

    pub(in super::super) fn records(
        &self,
        space: SpaceKey,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let prefix = tables::records_space(space);
        let (range, scan) = match direction {
            Direction::Before(order) => {
                ((Bound::Included(prefix), Bound::Excluded(tables::record(space, order))), Scan::Descending)
            }
            Direction::After(order) => {
                ((Bound::Excluded(tables::record(space, order)), tables::above(&prefix)), Scan::Ascending)
            }
        };
        self.collect(range, scan, limit, |key, value| {
            Some(Row { order: order_behind(key, RECORD_PREFIX_BYTES)?, value: value.to_vec() })
        })
    }

    pub(in super::super) fn record(&self, space: SpaceKey, order: OrderKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(&tables::record(space, order))
    }

    pub(in super::super) fn place_of(&self, id: EntryKey) -> Result<Option<(SpaceKey, OrderKey)>, StoreError> {
        let Some(value) = self.get(&tables::id(id))? else { return Ok(None) };
        let mut fields = Fields(&value);
        let space = fields.array().map(SpaceKey).ok_or(DAMAGED)?;
        let order = OrderKey::take(&mut fields).ok_or(DAMAGED)?;
        fields.end().ok_or(DAMAGED)?;
        Ok(Some((space, order)))
    }

    pub(in super::super) fn notes(&self, space: SpaceKey, target: EntryKey) -> Result<Vec<Note>, StoreError> {
        let range = tables::prefix(&tables::notes_target(space, target));
        self.collect(range, Scan::Ascending, usize::MAX, |key, value| {
            Some(Note { order: order_behind(key, NOTE_PREFIX_BYTES)?, value: value.to_vec() })
        })
    }

    pub(in super::super) fn registers(
        &self,
        space: SpaceKey,
        name: Option<&[u8]>,
    ) -> Result<Vec<Register>, StoreError> {
        let prefix = match name {
            Some(name) => tables::registers_name(&self.keys, space, name),
            None => tables::registers_space(space),
        };
        self.collect(tables::prefix(&prefix), Scan::Ascending, usize::MAX, |_, value| Register::decode(space, value))
    }

    pub(in super::super) fn register(
        &self,
        space: SpaceKey,
        name: &[u8],
        device: DeviceKey,
        key: &[u8],
    ) -> Result<Option<Register>, StoreError> {
        let value = self.get(&tables::register(&self.keys, space, name, device.0, key))?;
        value.map(|value| Register::decode(space, &value).ok_or(DAMAGED)).transpose()
    }

    pub(in super::super) fn state(&self, name: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(&tables::state(name))
    }

    pub(in super::super) fn states(&self, prefix: &[u8]) -> Result<Pairs, StoreError> {
        let range = tables::prefix(&tables::state(prefix));
        self.collect(range, Scan::Ascending, usize::MAX, |key, value| {
            Some((key.strip_prefix(&[Table::State as u8])?.to_vec(), value.to_vec()))
        })
    }

    pub(in super::super) fn blob(&self, hash: BlobHash) -> Result<Option<Location>, StoreError> {
        let value = self.get(&tables::blob(hash))?;
        value.map(|value| Location::decode(&value).ok_or(DAMAGED)).transpose()
    }

    pub(in super::super) fn pack_end(&self, group: GroupName) -> Result<Option<u64>, StoreError> {
        let value = self.get(&tables::pack_end(group))?;
        value.map(|value| value.try_into().map(u64::from_be_bytes).map_err(|_| DAMAGED)).transpose()
    }
}

/// Whether the key is of a packet of another branch than the log's own.
fn is_branch(key: &[u8]) -> bool {
    key.last().is_some_and(|it| *it != 0)
}

/// The last sequence number in the key of a packet.
fn held_last(key: &[u8]) -> Option<u64> {
    let (head, _branch) = key.split_last_chunk::<1>()?;
    head.last_chunk().copied().map(u64::from_be_bytes)
}
