//! The tables of the index and the form of their keys.
//!
//! Ids stand in keys as they are: spaces, devices and entries are random or hashes. Names of registers, which
//! would tell what somebody does, go through a keyed hash. Times of rows stand in their order keys: a range
//! scan needs them.

use std::ops::Bound;

use super::super::blobs::GroupName;
use super::super::ids::{BlobHash, EntryKey, LogKey, OrderKey, SpaceKey};
use super::super::keys::ServingKeys;
use super::engine::KeyRange;

/// First byte of every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Meta = 1,
    Entries = 2,
    Records = 3,
    Notes = 4,
    Ids = 5,
    Blobs = 6,
    Registers = 7,
    State = 8,
}

/// All tables whose content is accounted for.
pub(super) const COUNTED: [Table; 7] =
    [Table::Entries, Table::Records, Table::Notes, Table::Ids, Table::Blobs, Table::Registers, Table::State];

impl Table {
    pub(super) fn of(key: &[u8]) -> Option<Self> {
        let tag = *key.first()?;
        [Self::Meta].into_iter().chain(COUNTED).find(|table| *table as u8 == tag)
    }

    /// Whether its values are sealed under the key that is dropped at screen lock.
    pub(super) fn is_content(self) -> bool {
        matches!(self, Self::Records | Self::Notes | Self::State)
    }

    fn name(self) -> &'static [u8] {
        match self {
            Self::Meta => b"meta",
            Self::Entries => b"entries",
            Self::Records => b"records",
            Self::Notes => b"notes",
            Self::Ids => b"ids",
            Self::Blobs => b"blobs",
            Self::Registers => b"registers",
            Self::State => b"state",
        }
    }

    /// Additional data of a value: a value moved to another key does not open there.
    pub(super) fn aad(self, key: &[u8]) -> Vec<u8> {
        [self.name(), &[0], key].concat()
    }
}

fn key(table: Table, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![table as u8];
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

fn ordered(mut key: Vec<u8>, order: OrderKey) -> Vec<u8> {
    order.put(&mut key);
    key
}

/// All keys that begin with `prefix`.
pub(super) fn prefix(prefix: &[u8]) -> KeyRange {
    (Bound::Included(prefix.to_vec()), above(prefix))
}

/// The bound above every key that begins with `prefix`.
pub(super) fn above(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if let Some(up) = last.checked_add(1) {
            next.push(up);
            return Bound::Excluded(next);
        }
    }
    Bound::Unbounded
}

pub(super) fn meta(name: &[u8], rest: &[u8]) -> Vec<u8> {
    key(Table::Meta, &[name, rest])
}

pub(super) fn pack_end(group: GroupName) -> Vec<u8> {
    meta(b"pack", &group)
}

pub(super) fn entries_table() -> Vec<u8> {
    key(Table::Entries, &[])
}

pub(super) fn entries_space(space: SpaceKey) -> Vec<u8> {
    key(Table::Entries, &[&space.0])
}

pub(super) fn entries_log(space: SpaceKey, log: LogKey) -> Vec<u8> {
    key(Table::Entries, &[&space.0, &log.device.0, &log.inc])
}

pub(super) fn entry(space: SpaceKey, log: LogKey, last: u64, branch: u8) -> Vec<u8> {
    let mut key = entries_log(space, log);
    key.extend_from_slice(&last.to_be_bytes());
    key.push(branch);
    key
}

pub(super) fn records_space(space: SpaceKey) -> Vec<u8> {
    key(Table::Records, &[&space.0])
}

pub(super) fn record(space: SpaceKey, order: OrderKey) -> Vec<u8> {
    ordered(records_space(space), order)
}

pub(super) fn notes_target(space: SpaceKey, target: EntryKey) -> Vec<u8> {
    key(Table::Notes, &[&space.0, &target.0])
}

pub(super) fn note(space: SpaceKey, target: EntryKey, order: OrderKey) -> Vec<u8> {
    ordered(notes_target(space, target), order)
}

pub(super) fn id(id: EntryKey) -> Vec<u8> {
    let (head, _) = id.0.split_at(16);
    key(Table::Ids, &[head])
}

pub(super) fn blob(hash: BlobHash) -> Vec<u8> {
    key(Table::Blobs, &[&hash.0])
}

pub(super) fn registers_space(space: SpaceKey) -> Vec<u8> {
    key(Table::Registers, &[&space.0])
}

pub(super) fn registers_name(keys: &ServingKeys, space: SpaceKey, name: &[u8]) -> Vec<u8> {
    key(Table::Registers, &[&space.0, &keys.name(b"artel/store/register/1", &[name])])
}

pub(super) fn register(keys: &ServingKeys, space: SpaceKey, name: &[u8], device: [u8; 16], sub: &[u8]) -> Vec<u8> {
    let mut out = registers_name(keys, space, name);
    out.extend_from_slice(&device);
    out.extend_from_slice(&keys.name(b"artel/store/register-key/1", &[sub]));
    out
}

pub(super) fn state(name: &[u8]) -> Vec<u8> {
    key(Table::State, &[name])
}

/// Length of the key of a record in front of its order key.
pub(super) const RECORD_PREFIX_BYTES: usize = 1 + 16;
/// Length of the key of a note in front of its order key.
pub(super) const NOTE_PREFIX_BYTES: usize = 1 + 16 + 32;
