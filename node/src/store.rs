//! The store: what a device keeps on its disk.
//!
//! ```text
//! <dir>/journal/00000001.log …   the truth: sealed records, append-only, flushed before anything is acknowledged
//!       blobs/                   ciphertext by hash, flushed together with the journal
//!       index/                   sled: everything that can be rebuilt from the two above
//!       index.bad-<seconds>/     the last index that could not be used
//!       store.bin, own.bin …     small sealed files, replaced whole
//!       store.lock               held while the store is open
//! ```
//!
//! The store knows neither entries nor messages: records have a kind and bytes, ids are arrays. Who uses it
//! appends batches with [`Store::append`], then indexes what became durable with [`Store::apply`]; after a start
//! he does the same with what [`Store::replay`] yields. Both ways go through [`IndexBatch`], so a rebuilt index
//! is like the lost one.
//!
//! **Blocking.** Everything but [`Store::append`] and [`Store::submit`] blocks on the disk. Call it on a thread
//! that may block. Reads run on any number of threads.
//!
//! **What a crash leaves.** Every acknowledged record, no wrong one. The index may lose its last changes: it is
//! replayed from the mark that was written with them.

mod blobs;
mod counters;
mod disk;
mod error;
#[cfg(any(test, feature = "fault"))]
pub mod fault;
mod ids;
mod index;
mod journal;
mod keys;
mod open;
mod reading;
mod small_file;
mod writer;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

pub use blobs::{
    BATCH_BLOB_BYTES_MAX, BlobRead, BlobSink, BodySink, BodyWriter, CHUNK_BYTES, SMALL_BLOB_BYTES_MAX, blob_hash,
};
pub use counters::Counts;
pub use disk::{DirLock, Disk, DiskFile, Listed, OpenMode, RealDisk};
pub use error::{Damaged, During, StoreError};
pub use ids::{BlobHash, DeviceKey, EntryKey, EpochKey, LogKey, OrderKey, Position, SpaceKey};
pub use index::{Direction, Held, IndexBatch, IndexReport, Note, Packet, Register, Row, VALUE_BYTES_MAX, WhySetAside};
pub use journal::{Damage, RECORD_BYTES_MAX, Record, Replay, Replayed, journal_record};
pub use keys::{Key, StoreKeys};
pub use open::{Lost, OpenReport};
pub use writer::{Appended, BATCH_BYTES_MAX, Batch, Pending};

use blobs::Blobs;
use counters::Counters;
use index::{Index, Mark};
use journal::Journal;
use keys::ServingKeys;
use writer::Job;

/// An open store. Clones share it; it closes when the last one goes, or in order with [`Store::close`].
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    keys: Arc<ServingKeys>,
    journal: Arc<Journal>,
    index: Arc<Index>,
    blobs: Arc<Blobs>,
    counters: Arc<Counters>,
    /// `Some` until the drop, which must let go of it before it waits for the writer.
    queue: Option<mpsc::Sender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    _lock: Box<dyn DirLock>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue = None;
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // The lock of the directory is released only after the last write.
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of the store has panicked");
        }
    }
}

/// A value of the driver's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its whole name.
    pub name: Vec<u8>,
    /// The caller's bytes.
    pub value: Vec<u8>,
}

/// Bytes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// All journal files.
    pub journal: u64,
    /// All blobs, also those half received.
    pub blobs: u64,
    /// The index.
    pub index: u64,
}

/// Writing.
impl Store {
    /// Makes a batch durable and answers when it is: after the flush of the journal and of the files of its
    /// blobs. Batches are committed in the order of their calls. Waits while 1 024 batches are queued.
    ///
    /// # Errors
    /// [`StoreError::Full`]: nothing of it is left, the store goes on. [`StoreError::Io`]: not acknowledged, see
    /// there. [`StoreError::Closed`].
    pub async fn append(&self, batch: Batch) -> Result<Appended, StoreError> {
        let (job, pending) = Job::append(batch);
        self.queue()?.send(job).await.map_err(|_| StoreError::Closed)?;
        pending.await
    }

    /// As [`Store::append`], for a thread that may block. Panics inside an asynchronous task.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_blocking(&self, batch: Batch) -> Result<Appended, StoreError> {
        self.submit_blocking(batch)?.wait()
    }

    /// Queues a batch without waiting. The batch is durable when the answer has come.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when 1 024 batches wait, or [`StoreError::Closed`]; the batch comes back.
    pub fn submit(&self, batch: Batch) -> Result<Pending, (Batch, StoreError)> {
        let queue = match self.queue() {
            Ok(queue) => queue,
            Err(error) => return Err((batch, error)),
        };
        let (job, pending) = Job::append(batch);
        let (job, error) = match queue.try_send(job) {
            Ok(()) => return Ok(pending),
            Err(mpsc::error::TrySendError::Full(job)) => (job, StoreError::Busy),
            Err(mpsc::error::TrySendError::Closed(job)) => (job, StoreError::Closed),
        };
        match job {
            Job::Append(batch, _) => Err((batch, error)),
            Job::Erase(..) | Job::Stop => Err((Batch::new(), error)),
        }
    }

    /// As [`Store::submit`], but waits for room, on a thread that may block. Panics inside an asynchronous task.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn submit_blocking(&self, batch: Batch) -> Result<Pending, StoreError> {
        let (job, pending) = Job::append(batch);
        self.queue()?.blocking_send(job).map_err(|_| StoreError::Closed)?;
        Ok(pending)
    }

    /// Puts a batch into the index, visible at once and as a whole. `applied` says that everything in the
    /// journal before it is indexed with this batch: [`Appended::end`], or `next` of a replayed record.
    /// Durable only in the sense that a replay repeats it. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when it has rows and the content key is dropped; [`Damaged::Index`]; `TooLarge`;
    /// `Full`, after which the engine may refuse everything until [`Store::reopen_index`].
    pub fn apply(&self, batch: &IndexBatch, applied: Option<Position>) -> Result<(), StoreError> {
        let mark = match applied {
            None => None,
            Some(position) => {
                let check = self.0.journal.check_before(position)?;
                let check = check.ok_or(StoreError::Damaged(Damaged::Record(position)))?;
                Some(Mark { position, check })
            }
        };
        self.0.index.apply(batch, mark)
    }

    /// Replaces a small file (`own.bin`) in the directory of the store. Durable when it returns. Blocks.
    ///
    /// # Errors
    /// `TooLarge` above 1 MiB; errors of the disk, after which the old or the new content stands.
    pub fn write_small(&self, name: &'static str, content: &[u8]) -> Result<(), StoreError> {
        small_file::write(&*self.0.disk, &self.0.keys.small, &self.0.dir, name, content)
    }

    /// Erases blobs: their bytes are overwritten or their files removed before the answer. Unknown ones are
    /// passed over. A solid-state disk may keep old copies: what must be unreadable is protected by its key.
    ///
    /// # Errors
    /// Those of the disk; those before in the list are then erased.
    pub async fn erase_blobs(&self, hashes: Vec<BlobHash>) -> Result<(), StoreError> {
        let (done, answer) = tokio::sync::oneshot::channel();
        self.queue()?.send(Job::Erase(hashes, done)).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Begins or continues to receive a blob of `bytes` that is too large for a batch; [`BlobSink::missing`]
    /// names the chunks that are not there yet. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the same blob is being received already.
    pub fn receive_blob(
        &self,
        space: SpaceKey,
        epoch: EpochKey,
        hash: BlobHash,
        bytes: u64,
    ) -> Result<BlobSink, StoreError> {
        self.0.blobs.sink(space, epoch, hash, bytes)
    }

    /// Begins to write the body of a file chunk by chunk; it has a name only when it is finished. `temporary` is the name
    /// meanwhile, never used twice. Blocks.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write_body(&self, space: SpaceKey, temporary: [u8; 16]) -> Result<BodyWriter, StoreError> {
        self.0.blobs.body_writer(space, temporary)
    }

    /// Begins or continues to receive the body of a file of `bytes`, kept under `name`; the caller checks each chunk
    /// before he puts it. [`BodySink::missing`] names those that are not there. Blocks, and reads all that is there.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the same body is being received already.
    pub fn receive_body(&self, space: SpaceKey, name: BlobHash, bytes: u64) -> Result<BodySink, StoreError> {
        self.0.blobs.body_sink(space, name, bytes)
    }

    /// Throws away what has been received of a body. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while it is being received; those of the disk.
    pub fn discard_body(&self, space: SpaceKey, name: BlobHash) -> Result<(), StoreError> {
        self.0.blobs.discard_body(space, name)
    }

    /// Bytes on disk of the bodies of files, also of those half received. Lists every directory of files. Blocks.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn body_bytes(&self, spaces: &[SpaceKey]) -> Result<u64, StoreError> {
        self.0.blobs.body_bytes(spaces)
    }

    /// Ends the writer after what is queued and marks the index as closed in order. Later calls to append
    /// answer `Closed`. Blocks.
    ///
    /// # Errors
    /// Those of the index; nothing is lost by them.
    pub fn close(&self) -> Result<(), StoreError> {
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        if self.queue()?.blocking_send(Job::Stop).is_ok() && thread.join().is_err() {
            tracing::error!("the writer of the store has panicked");
        }
        self.0.index.close_clean()
    }

    fn queue(&self) -> Result<&mpsc::Sender<Job>, StoreError> {
        self.0.queue.as_ref().ok_or(StoreError::Closed)
    }
}

/// Replay, damage, figures.
impl Store {
    /// Reads the journal from a record boundary to its present end, oldest first. Blocks at every step.
    pub fn replay(&self, from: Position) -> Replay {
        self.0.journal.replay(from)
    }

    /// Reads one journal file. A rebuild takes the numbers of [`Store::journal_files`] from the highest down,
    /// so that the newest is there first, and gives `applied` only with its last batch.
    pub fn replay_file(&self, number: u32) -> Replay {
        self.0.journal.replay_file(number)
    }

    /// Numbers of the journal files.
    pub fn journal_files(&self) -> std::ops::RangeInclusive<u32> {
        self.0.journal.file_numbers()
    }

    /// Behind the last acknowledged record.
    pub fn journal_end(&self) -> Position {
        self.0.journal.end()
    }

    /// Up to where the journal is indexed.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn applied(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.0.index.applied()?.map(|mark| mark.position))
    }

    /// What the index says lay in a damaged stretch of the journal. Reads all packets: for damage only.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn held_in(&self, damage: Damage) -> Result<Vec<Held>, StoreError> {
        self.0.index.held_between(damage.from, damage.to)
    }

    /// Looks for index pages that were lost without a word. Run it in the background after a start that
    /// was not preceded by [`Store::close`]: about a second per million values.
    ///
    /// # Errors
    /// [`Damaged::Index`]: call [`Store::set_index_aside`].
    pub fn audit_index(&self) -> Result<(), StoreError> {
        self.0.index.audit()
    }

    /// Sets the index aside, begins an empty one and finds the blobs again. Then replay the whole journal.
    /// Rows of the old index are gone until they are replayed.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn set_index_aside(&self) -> Result<IndexReport, StoreError> {
        let report = self.0.index.set_aside(WhySetAside::Asked)?;
        self.0.blobs.rescan(true)?;
        Ok(report)
    }

    /// Closes the engine of the index and opens it again: it does not survive a full disk. Then replay from
    /// [`Store::applied`].
    ///
    /// # Errors
    /// Those of the disk.
    pub fn reopen_index(&self) -> Result<IndexReport, StoreError> {
        let report = self.0.index.reopen()?;
        self.0.blobs.rescan(true)?;
        Ok(report)
    }

    /// Drops the content key (`None`, at screen lock) or brings it back. While it is dropped rows, notes and
    /// state answer [`StoreError::Locked`]; records are appended, packets, blobs and registers served as ever.
    pub fn set_content_key(&self, key: Option<&Key>) {
        self.0.index.set_content_key(key);
    }

    /// What was done since the store was opened.
    pub fn counts(&self) -> Counts {
        self.0.counters.read()
    }

    /// Bytes on disk. Lists every directory: for a status page.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn sizes(&self) -> Result<Sizes, StoreError> {
        let journal = self.0.journal.files()?.iter().map(|(_, bytes)| bytes).sum();
        Ok(Sizes { journal, blobs: self.0.blobs.bytes_on_disk()?, index: self.0.index.bytes_on_disk()? })
    }
}
