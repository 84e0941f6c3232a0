//! sled 0.34 as the engine. No type of sled is named outside this file.
//!
//! It panics on damaged files instead of returning an error (one flipped byte is enough), so every call runs
//! under `catch_unwind`. After a panic the engine is not used again: the index is set aside.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use super::engine::{Direction, Engine, EngineError, KeyRange, Visit};

/// sled uses about five times this. 8 MiB hold the pages of the conversations in use.
const CACHE_BYTES: u64 = 8 << 20;
/// How often sled's own thread writes out. The journal is the truth, so this only bounds the work of a replay.
const FLUSH_EVERY_MS: u64 = 500;
/// A closed sled may keep its lock for a moment, until its flusher thread has ended.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

pub(super) struct SledEngine {
    db: sled::Db,
}

impl SledEngine {
    /// Opens or creates the engine's files in `dir`, on a thread of its own: a panic there ends nobody else.
    pub(super) fn open(dir: &Path) -> Result<Self, EngineError> {
        let mut tries = 0;
        loop {
            match Self::open_once(dir) {
                Err(EngineError::InUse) if tries < LOCK_TRIES => {
                    tries += 1;
                    std::thread::sleep(LOCK_PAUSE);
                }
                other => return other,
            }
        }
    }

    fn open_once(dir: &Path) -> Result<Self, EngineError> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .mode(sled::Mode::LowSpace)
            // Values are ciphertext.
            .use_compression(false);
        let opener = std::thread::Builder::new().name("artel-index-open".into());
        let opening = opener.spawn(move || config.open()).map_err(|error| EngineError::Io(error.kind()))?;
        let db = opening.join().map_err(|_panic| EngineError::Damaged)?.map_err(error)?;
        Ok(Self { db })
    }
}

/// sled marks a taken lock only in the text of an error.
const LOCK_TEXT: &str = "could not acquire lock";

fn error(error: sled::Error) -> EngineError {
    match error {
        sled::Error::Io(error) if error.to_string().contains(LOCK_TEXT) => EngineError::InUse,
        sled::Error::Io(error) => match error.kind() {
            // What sled reports about its own bytes, not about the disk.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => EngineError::Damaged,
            kind => EngineError::Io(kind),
        },
        _ => EngineError::Damaged,
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, EngineError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(error),
        Err(_panic) => Err(EngineError::Damaged),
    }
}

impl Engine for SledEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        guarded(|| Ok(self.db.get(key)?.map(|value| value.to_vec())))
    }

    fn apply(&self, writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), EngineError> {
        let mut batch = sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        guarded(|| self.db.apply_batch(batch))
    }

    fn scan(&self, range: KeyRange, direction: Direction, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        guarded(|| {
            let mut pairs = self.db.range::<Vec<u8>, _>(range);
            let mut next = || match direction {
                Direction::Ascending => pairs.next(),
                Direction::Descending => pairs.next_back(),
            };
            while let Some(pair) = next() {
                let (key, value) = pair?;
                if !visit(&key, &value) {
                    break;
                }
            }
            Ok(())
        })
    }

    fn flush(&self) -> Result<(), EngineError> {
        guarded(|| self.db.flush().map(|_bytes| ()))
    }

    fn bytes_on_disk(&self) -> Result<u64, EngineError> {
        guarded(|| self.db.size_on_disk())
    }
}
