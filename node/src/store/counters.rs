//! What the store has done since it was opened.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Flushes of files and directories for appends and erasures.
    pub syncs: u64,
    /// Groups committed.
    pub groups: u64,
    /// Batches acknowledged.
    pub batches: u64,
    /// Records acknowledged.
    pub records: u64,
    /// Bytes of acknowledged records and blobs, before sealing.
    pub bytes: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    syncs: AtomicU64,
    groups: AtomicU64,
    batches: AtomicU64,
    records: AtomicU64,
    bytes: AtomicU64,
}

impl Counters {
    pub(super) fn sync(&self, syncs: u64) {
        self.syncs.fetch_add(syncs, Ordering::Relaxed);
    }

    pub(super) fn group(&self, batches: u64, records: u64, bytes: u64, rolled: u64) {
        self.sync(rolled);
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.batches.fetch_add(batches, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Counts {
        Counts {
            syncs: self.syncs.load(Ordering::Relaxed),
            groups: self.groups.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}
