//! The ways in which the store can fail.

use std::io;

use super::ids::Position;

/// Why a call to the store failed. Cheap to copy: one failure may be told to a whole group of callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space is left. Nothing of the batch became visible or durable; the same call may be repeated later.
    #[error("no space left on the disk")]
    Full,
    /// Stored bytes do not pass their check.
    #[error("stored data is damaged: {0}")]
    Damaged(Damaged),
    /// The content key was dropped (screen lock): rows cannot be read or written, the journal can.
    #[error("the content of the store is locked")]
    Locked,
    /// Another process, or another `Store` of this one, has the directory open.
    #[error("the store is in use by another program")]
    InUse,
    /// The journal key does not open this store. Nothing was changed.
    #[error("the key does not belong to this store")]
    WrongKey,
    /// The store was written by a newer version. Nothing was changed.
    #[error("the store has layout {found}, this program knows up to {known}")]
    NewerLayout {
        /// The layout on disk.
        found: u32,
        /// The newest layout this program knows.
        known: u32,
    },
    /// A record, a blob or a key is longer than the store takes; see the limits in [`crate::store`].
    #[error("too large for the store")]
    TooLarge,
    /// The bytes of a blob do not have the hash under which they were given.
    #[error("the bytes do not match the hash")]
    WrongHash,
    /// The queue of the writer is full: wait for an earlier append.
    #[error("the writer is busy")]
    Busy,
    /// The writer has stopped (the store is closing).
    #[error("the store is closed")]
    Closed,
    /// Any other failure of the operating system. After a failed append the record is not acknowledged,
    /// yet it may be found again after a power cut: send the same bytes again or begin a new incarnation.
    #[error("{during} failed: {kind}")]
    Io {
        /// What was being done.
        during: During,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
}

/// What was found damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// The journal record that begins here.
    #[error("journal record at {}:{}", .0.file, .0.offset)]
    Record(Position),
    /// The index: set it aside with [`crate::store::Store::set_index_aside`] and replay.
    #[error("index")]
    Index,
    /// A small file of the store.
    #[error("small file")]
    SmallFile,
}

/// The operation that met an error of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum During {
    /// Opening the store.
    #[error("opening the store")]
    Open,
    /// Writing or flushing the journal.
    #[error("writing the journal")]
    Journal,
    /// Reading the journal.
    #[error("reading the journal")]
    Read,
    /// Reading, writing or erasing blobs.
    #[error("blob storage")]
    Blobs,
    /// The index.
    #[error("the index")]
    Index,
    /// Reading or writing a small file.
    #[error("a small file")]
    SmallFile,
    /// The random source of the operating system.
    #[error("the random source")]
    Random,
}

impl During {
    /// For `map_err`: keeps the kind and tells a full disk from the rest.
    pub(super) fn error(self) -> impl Fn(io::Error) -> StoreError {
        move |error| self.kind(error.kind())
    }

    pub(super) fn kind(self, kind: io::ErrorKind) -> StoreError {
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
            kind => StoreError::Io { during: self, kind },
        }
    }
}
