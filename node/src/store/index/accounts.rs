//! Fingerprints of what the index must hold, so that silently lost pages of the engine are noticed.

use std::collections::BTreeMap;

use super::super::ids::{Fields, Position};
use super::Mark;
use super::tables::{self, COUNTED, Table};

/// XOR of the first 16 nonce bytes of all values of a bucket.
pub(super) type Sum = [u8; 16];
/// A table and the first byte behind it in the key.
pub(super) type Bucket = [u8; 2];

pub(super) const EMPTY: Sum = [0; 16];
const BUCKET: &[u8] = b"sum";
const APPLIED: &[u8] = b"applied";

/// Adds or takes away a sealed value: XOR is its own inverse.
pub(super) fn add(sum: &mut Sum, sealed: &[u8]) {
    // A value too short for a nonce was not written by us; counting it as all ones makes the sums differ.
    let nonce = sealed.first_chunk::<16>().unwrap_or(&[0xff; 16]);
    xor(sum, nonce);
}

fn xor(sum: &mut Sum, other: &Sum) {
    for (byte, other) in sum.iter_mut().zip(other) {
        *byte ^= other;
    }
}

/// Whether a key is accounted for.
pub(super) fn counts(key: &[u8]) -> bool {
    Table::of(key).is_some_and(|table| table != Table::Meta)
}

/// Every bucket there can be.
pub(super) fn buckets() -> impl Iterator<Item = Bucket> {
    COUNTED.into_iter().flat_map(|table| (0..=u8::MAX).map(move |byte| [table as u8, byte]))
}

fn bucket_of(key: &[u8]) -> Bucket {
    // A key of the table alone (an empty name in `state`) is refused before it comes here.
    key.first_chunk().copied().unwrap_or_default()
}

/// The state of the accounts; in memory always equal to what the last accepted batch wrote.
#[derive(Default)]
pub(super) struct Accounts {
    sums: BTreeMap<Bucket, Sum>,
    total: Sum,
    applied: Option<Mark>,
}

/// What a batch is about to make of the accounts.
pub(super) struct Draft {
    sums: BTreeMap<Bucket, Sum>,
    total: Sum,
    applied: Option<Mark>,
}

impl Accounts {
    pub(super) fn applied(&self) -> Option<Mark> {
        self.applied
    }

    pub(super) fn sum(&self, bucket: Bucket) -> Sum {
        self.sums.get(&bucket).copied().unwrap_or(EMPTY)
    }

    pub(super) fn draft(&self, applied: Option<Mark>) -> Draft {
        Draft { sums: BTreeMap::new(), total: self.total, applied: applied.or(self.applied) }
    }

    pub(super) fn accept(&mut self, draft: Draft) {
        self.sums.extend(draft.sums);
        self.total = draft.total;
        self.applied = draft.applied;
    }

    /// The key under which total and mark are kept.
    pub(super) fn applied_key() -> Vec<u8> {
        tables::meta(APPLIED, &[])
    }

    /// The prefix of all fingerprints.
    pub(super) fn sums_prefix() -> Vec<u8> {
        tables::meta(BUCKET, &[])
    }

    /// Reads the accounts back from plain values; `None` when they do not agree with each other.
    pub(super) fn load(applied: Option<&[u8]>, sums: &[(Vec<u8>, Vec<u8>)]) -> Option<Self> {
        let mut accounts = Self::default();
        let mut total = EMPTY;
        let prefix = Self::sums_prefix();
        for (key, value) in sums {
            let bucket: Bucket = key.strip_prefix(prefix.as_slice())?.try_into().ok()?;
            let sum: Sum = value.as_slice().try_into().ok()?;
            xor(&mut total, &sum);
            accounts.sums.insert(bucket, sum);
        }
        if let Some(applied) = applied {
            let mut fields = Fields(applied);
            accounts.total = fields.array()?;
            if fields.u8()? == 1 {
                let position = Position { file: fields.u32()?, offset: fields.u64()? };
                accounts.applied = Some(Mark { position, check: fields.array()? });
            }
            fields.end()?;
        }
        (total == accounts.total).then_some(accounts)
    }
}

impl Draft {
    /// Counts one change.
    pub(super) fn note(&mut self, before: &Accounts, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) {
        if !counts(key) {
            return;
        }
        let bucket = bucket_of(key);
        let sum = self.sums.entry(bucket).or_insert_with(|| before.sum(bucket));
        for value in [old, new].into_iter().flatten() {
            add(sum, value);
            add(&mut self.total, value);
        }
    }

    /// The changes that must be written with the batch.
    pub(super) fn changes(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut applied = self.total.to_vec();
        match self.applied {
            None => applied.push(0),
            Some(mark) => {
                applied.push(1);
                applied.extend_from_slice(&mark.position.file.to_be_bytes());
                applied.extend_from_slice(&mark.position.offset.to_be_bytes());
                applied.extend_from_slice(&mark.check);
            }
        }
        let sums = self.sums.iter().map(|(bucket, sum)| (tables::meta(BUCKET, bucket), sum.to_vec()));
        sums.chain([(Accounts::applied_key(), applied)]).collect()
    }
}
