//! The index: everything that can be rebuilt from the journal, in an ordered key-value engine.
//!
//! All tables live in one key space, told apart by the first byte of the key, because one atomic batch of the
//! engine must cover a change *and* the mark `applied` that says up to where the journal is indexed.
//!
//! The engine is not trusted. After damage it may come up with older pages and not say so (measured with sled
//! 0.34: half of the damaged files opened without an error, with records missing). So the index keeps
//! accounts: the nonce of every sealed value is random, hence the XOR of all nonces under one prefix is a
//! fingerprint of what must be there. Each batch writes the fingerprints it changed and their total together
//! with `applied`. Opening compares total and fingerprints; [`Index::audit`] compares fingerprints and values.

mod accounts;
mod batch;
mod engine;
mod open;
mod query;
mod sled_engine;
mod tables;

#[cfg(test)]
mod conformance;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use super::blobs::{GroupName, Location};
use super::error::{Damaged, During, StoreError};
use super::ids::{BlobHash, Position};
use super::keys::{Key, Sealer, ServingKeys};
use accounts::Accounts;
use engine::{Direction as Scan, Engine, EngineError};
use tables::Table;

pub use batch::{IndexBatch, Packet, Register};
pub use open::{IndexReport, WhySetAside};
pub use query::{Direction, Held, Note, Row};

/// Longest value: above this the engine keeps values in files of their own, which it is not good at.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// Keys and values, or names and values.
pub(super) type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A change of the index with its key and, unless it is a deletion, its plain value.
type Change = (Vec<u8>, Option<Vec<u8>>);

/// Keys, engine and accounts of one open index.
pub(super) struct Index {
    dir: PathBuf,
    store_id: [u8; 16],
    keys: Arc<ServingKeys>,
    /// `None` while the screen is locked.
    content: RwLock<Option<Sealer>>,
    /// `None` only when opening failed after the old engine was closed.
    live: RwLock<Option<Live>>,
}

struct Live {
    engine: Box<dyn Engine>,
    /// Held during a write: batches read the fingerprints they change.
    accounts: Mutex<Accounts>,
}

impl Live {
    fn accounts(&self) -> std::sync::MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mark in the journal and the crc of the record that ends there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) position: Position,
    pub(super) check: [u8; 4],
}

impl From<EngineError> for StoreError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Damaged => Self::Damaged(Damaged::Index),
            EngineError::InUse => Self::InUse,
            EngineError::Io(kind) => During::Index.kind(kind),
        }
    }
}

const DAMAGED: StoreError = StoreError::Damaged(Damaged::Index);

impl Index {
    /// Drops (screen lock) or brings back the key of rows, notes and driver state.
    pub(super) fn set_content_key(&self, key: Option<&Key>) {
        *self.content.write().unwrap_or_else(PoisonError::into_inner) = key.map(Sealer::new);
    }

    /// Up to where the journal is indexed.
    pub(super) fn applied(&self) -> Result<Option<Mark>, StoreError> {
        self.with_live(|live| Ok(live.accounts().applied()))
    }

    fn with_live<T>(&self, work: impl FnOnce(&Live) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard: RwLockReadGuard<'_, _> = self.live.read().unwrap_or_else(PoisonError::into_inner);
        work(guard.as_ref().ok_or(DAMAGED)?)
    }

    /// Runs `work` with the sealer of a table.
    fn with_sealer<T>(
        &self,
        table: Table,
        work: impl FnOnce(&Sealer) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !table.is_content() {
            return work(&self.keys.serving);
        }
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        work(content.as_ref().ok_or(StoreError::Locked)?)
    }

    /// A locked table does not even tell whether something is there.
    fn check_unlocked(&self, key: &[u8]) -> Result<(), StoreError> {
        self.with_sealer(Table::of(key).ok_or(DAMAGED)?, |_| Ok(()))
    }

    fn seal(&self, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        if plain.len() > VALUE_BYTES_MAX {
            return Err(StoreError::TooLarge);
        }
        let table = Table::of(key).ok_or(DAMAGED)?;
        self.with_sealer(table, |sealer| sealer.seal(&table.aad(key), plain))
    }

    fn unseal(&self, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let table = Table::of(key).ok_or(DAMAGED)?;
        self.with_sealer(table, |sealer| sealer.unseal(&table.aad(key), sealed).ok_or(DAMAGED))
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.check_unlocked(key)?;
        let sealed = self.with_live(|live| Ok(live.engine.get(key)?))?;
        sealed.map(|sealed| self.unseal(key, &sealed)).transpose()
    }

    /// Puts a batch and the mark that covers it, as one atomic change.
    pub(super) fn apply(&self, batch: &IndexBatch, applied: Option<Mark>) -> Result<(), StoreError> {
        self.write(batch.changes(&self.keys), applied)
    }

    pub(super) fn put_blobs(
        &self,
        blobs: &[(BlobHash, Location)],
        pack_ends: &[(GroupName, u64)],
    ) -> Result<(), StoreError> {
        let ends = pack_ends.iter().map(|(group, end)| (tables::pack_end(*group), Some(end.to_be_bytes().to_vec())));
        let locations = blobs.iter().map(|(hash, location)| (tables::blob(*hash), Some(location.encode())));
        let changes: Vec<Change> = ends.chain(locations).collect();
        if changes.is_empty() { Ok(()) } else { self.write(changes, None) }
    }

    pub(super) fn delete_blob(&self, hash: BlobHash) -> Result<(), StoreError> {
        self.write(vec![(tables::blob(hash), None)], None)
    }

    fn write(&self, changes: Vec<Change>, applied: Option<Mark>) -> Result<(), StoreError> {
        let mut sealed = std::collections::BTreeMap::new();
        for (key, plain) in changes {
            // A later change of the same key in one batch wins.
            let value = plain.map(|plain| self.seal(&key, &plain)).transpose()?;
            sealed.insert(key, value);
        }
        self.with_live(|live| {
            let mut accounts = live.accounts();
            let mut next = accounts.draft(applied);
            for (key, value) in &sealed {
                let old = if accounts::counts(key) { live.engine.get(key)? } else { None };
                next.note(&accounts, key, old.as_deref(), value.as_deref());
            }
            for (key, plain) in next.changes() {
                sealed.insert(key.clone(), Some(self.seal(&key, &plain)?));
            }
            live.engine.apply(sealed)?;
            accounts.accept(next);
            Ok(())
        })
    }

    /// Compares every fingerprint with what is there. Blocks for about a second per million values;
    /// writers wait only while one of about a thousand parts is read.
    ///
    /// # Errors
    /// [`Damaged::Index`] when something is missing, stale or too much.
    pub(super) fn audit(&self) -> Result<(), StoreError> {
        for bucket in accounts::buckets() {
            self.with_live(|live| {
                let accounts = live.accounts();
                let mut sum = accounts::EMPTY;
                live.engine.scan(tables::prefix(&bucket), Scan::Ascending, &mut |_, sealed| {
                    accounts::add(&mut sum, sealed);
                    true
                })?;
                if sum == accounts.sum(bucket) { Ok(()) } else { Err(DAMAGED) }
            })?;
        }
        Ok(())
    }

    /// Hands everything written so far to the operating system. No barrier: the journal is.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.with_live(|live| Ok(live.engine.flush()?))
    }

    pub(super) fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.with_live(|live| Ok(live.engine.bytes_on_disk()?))
    }
}
