//! Help for the tests of timelines: repeatable chance and short ways to records.

use crate::cose;
use crate::entry::{BlobRef, Entry, Kind, Signed};
use crate::id::{BlobHash, DeviceId, EntryId, Inc, PersonId, SpaceId, sha256};
use crate::time::Hlc;

use super::placed::{Order, Placed};
use super::record::Record;

pub(crate) const SPACE: SpaceId = SpaceId([1; 16]);
pub(crate) const EPOCH: EntryId = EntryId([2; 32]);

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at as u64 + 1) as usize);
        }
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// Device `n` belongs to person `n / 2`.
pub(crate) fn device(n: u8) -> DeviceId {
    DeviceId([n; 16])
}

pub(crate) fn person(n: u8) -> PersonId {
    PersonId([n; 16])
}

/// A record of device `n` at `ms`, with two blobs.
pub(crate) fn placed(n: u8, seq: u64, ms: u64, record: Record) -> Placed {
    let order = Order { hlc: Hlc { ms, ctr: 0 }, device: device(n), seq };
    let blob = |which: u8| BlobRef { hash: BlobHash(sha256(&[&order.to_key(), &[which]])), size: 100 };
    Placed {
        order,
        id: EntryId(sha256(&[&order.to_key(), &record.encode()])),
        space: SPACE,
        inc: Inc([0; 8]),
        epoch: EPOCH,
        blobs: vec![blob(0), blob(1)],
        record: Ok(record),
    }
}

/// An entry as it would come from admission.
pub(crate) fn signed(n: u8, seq: u64, kind: Kind, blobs: usize) -> Signed {
    let entry = Entry {
        device: device(n),
        space: SPACE,
        inc: Inc([0; 8]),
        seq,
        prev: (0 < seq).then_some(EntryId([9; 32])),
        seen: Vec::new(),
        hlc: Hlc { ms: 1_000 + seq, ctr: 0 },
        kind,
        epoch: Some(EPOCH),
        body: vec![7; 72],
        blobs: vec![BlobRef { hash: BlobHash([4; 32]), size: 10 }; blobs],
    };
    let payload = entry.payload();
    Signed { id: EntryId(sha256(&[&cose::sig_structure(&[], &[], &payload)])), entry, signature: None }
}
