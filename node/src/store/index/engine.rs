//! What the index asks of a key-value engine.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;

/// Why an engine failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EngineError {
    /// Its files are not what it wrote, or it broke down while reading them.
    Damaged,
    /// Somebody else has its files open.
    InUse,
    /// The operating system refused.
    Io(io::ErrorKind),
}

/// A range of keys.
pub(super) type KeyRange = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The order of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// Called with each key and value; answers whether to go on.
pub(super) type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> bool + 'a;

/// An ordered map of bytes with atomic batches. Blocking, usable from several threads.
pub(super) trait Engine: Send + Sync {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;
    /// All of the writes or none, also after a crash. `None` deletes.
    fn apply(&self, writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), EngineError>;
    /// Visits the keys of a range in order. What is written meanwhile may or may not be seen.
    fn scan(&self, range: KeyRange, direction: Direction, visit: &mut Visit<'_>) -> Result<(), EngineError>;
    /// Hands what was written to the operating system.
    fn flush(&self) -> Result<(), EngineError>;
    /// Bytes of its files.
    fn bytes_on_disk(&self) -> Result<u64, EngineError>;
}
