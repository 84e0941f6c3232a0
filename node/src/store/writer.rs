//! The one thread that writes: it gathers what arrives into groups and makes each durable with one flush.
//!
//! When idle it commits at once; what arrives during a flush forms the next group. So one message waits for
//! one flush and a thousand share one.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::blobs::{BATCH_BLOB_BYTES_MAX, Blobs, GroupName, Location, PackWriter, SMALL_BLOB_BYTES_MAX, blob_hash};
use super::counters::Counters;
use super::disk::DiskFile;
use super::error::{During, StoreError};
use super::ids::{BlobHash, EpochKey, Position, SpaceKey};
use super::journal::{JournalWriter, RECORD_BYTES_MAX, Record};

/// Batches waiting for the writer. At 200 entries/s from each of five devices this is a second.
pub(super) const QUEUE_BATCHES: usize = 1024;
/// A group takes no further batch above this: it bounds how long the first waits for the last.
const GROUP_BYTES: usize = 4 << 20;
/// Longest batch. A torn tail is at most one group, hence below 32 MiB.
pub const BATCH_BYTES_MAX: usize = 16 << 20;
/// Threads that flush pack files beside the journal.
const FLUSH_THREADS: usize = 4;

/// Records and blobs that become durable together. Order of records is kept.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    records: Vec<Record>,
    blobs: Vec<(SpaceKey, EpochKey, BlobHash, Vec<u8>)>,
    bytes: usize,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a journal record.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above [`RECORD_BYTES_MAX`], or [`BATCH_BYTES_MAX`] for the whole batch.
    pub fn record(&mut self, kind: u8, body: Vec<u8>) -> Result<(), StoreError> {
        self.grow(body.len(), RECORD_BYTES_MAX)?;
        self.records.push(Record { kind, body });
        Ok(())
    }

    /// Adds a blob. One that is already stored is not written again. The hash is checked here, on the
    /// caller's thread.
    ///
    /// # Errors
    /// [`StoreError::WrongHash`], and [`StoreError::TooLarge`] above [`BATCH_BLOB_BYTES_MAX`].
    pub fn blob(&mut self, space: SpaceKey, epoch: EpochKey, hash: BlobHash, bytes: Vec<u8>) -> Result<(), StoreError> {
        if blob_hash(&bytes) != hash {
            return Err(StoreError::WrongHash);
        }
        self.grow(bytes.len(), BATCH_BLOB_BYTES_MAX)?;
        self.blobs.push((space, epoch, hash, bytes));
        Ok(())
    }

    fn grow(&mut self, bytes: usize, limit: usize) -> Result<(), StoreError> {
        if bytes > limit || self.bytes + bytes > BATCH_BYTES_MAX {
            return Err(StoreError::TooLarge);
        }
        self.bytes += bytes;
        Ok(())
    }

    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.blobs.is_empty()
    }
}

/// The answer to an append: everything in the batch is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where each record begins, in the order of the batch.
    pub positions: Vec<Position>,
    /// Behind the last record of the batch: `applied` once it is indexed.
    pub end: Position,
}

/// An append under way. Await it, or [`Pending::wait`] on a thread. Dropping it does not take the append back.
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Result<Appended, StoreError>>);

impl Pending {
    /// Blocks until the batch is durable or refused.
    ///
    /// # Errors
    /// As [`crate::store::Store::append`].
    pub fn wait(self) -> Result<Appended, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl Future for Pending {
    type Output = Result<Appended, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}

/// What the writer is asked to do.
pub(super) enum Job {
    Append(Batch, oneshot::Sender<Result<Appended, StoreError>>),
    Erase(Vec<BlobHash>, oneshot::Sender<Result<(), StoreError>>),
    /// Ends the thread after everything before it.
    Stop,
}

impl Job {
    pub(super) fn append(batch: Batch) -> (Self, Pending) {
        let (done, pending) = oneshot::channel();
        (Self::Append(batch, done), Pending(pending))
    }
}

type Waiting = (Batch, oneshot::Sender<Result<Appended, StoreError>>);

pub(super) struct Writer {
    journal: JournalWriter,
    packs: PackWriter,
    blobs: Arc<Blobs>,
    counters: Arc<Counters>,
    queue: mpsc::Receiver<Job>,
}

/// What a group has written and not yet made durable.
#[derive(Default)]
struct Staged {
    locations: Vec<(BlobHash, Location)>,
    hashes: BTreeSet<BlobHash>,
}

impl Writer {
    pub(super) fn new(
        journal: JournalWriter,
        blobs: Arc<Blobs>,
        counters: Arc<Counters>,
        queue: mpsc::Receiver<Job>,
    ) -> Self {
        Self { journal, packs: PackWriter::new(Arc::clone(&blobs)), blobs, counters, queue }
    }

    pub(super) fn run(mut self) {
        while let Some(job) = self.queue.blocking_recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    Job::Append(batch, done) => next = self.gather(batch, done),
                    Job::Erase(hashes, done) => {
                        // Nobody waits any more when the caller was cancelled; the erasure stands.
                        let _caller_gone = done.send(self.erase(&hashes));
                    }
                    Job::Stop => return,
                }
            }
        }
    }

    /// Takes what is waiting into one group and commits it; returns the first job that is not an append.
    fn gather(&mut self, batch: Batch, done: oneshot::Sender<Result<Appended, StoreError>>) -> Option<Job> {
        let mut bytes = batch.bytes;
        let mut group = vec![(batch, done)];
        let mut other = None;
        while bytes < GROUP_BYTES {
            match self.queue.try_recv() {
                Ok(Job::Append(batch, done)) => {
                    bytes += batch.bytes;
                    group.push((batch, done));
                }
                Ok(job) => {
                    other = Some(job);
                    break;
                }
                Err(_) => break,
            }
        }
        self.serve(group);
        other
    }

    fn serve(&mut self, group: Vec<Waiting>) {
        match self.commit(&group) {
            Ok(answers) => {
                for ((_, done), answer) in group.into_iter().zip(answers) {
                    let _caller_gone = done.send(Ok(answer));
                }
            }
            Err(StoreError::Full) if group.len() > 1 => {
                // The small ones may still fit: on a nearly full disk a message must not fail for a file's sake.
                for waiting in group {
                    self.serve(vec![waiting]);
                }
            }
            Err(error) => {
                tracing::warn!(%error, batches = group.len(), "append refused");
                for (_, done) in group {
                    let _caller_gone = done.send(Err(error));
                }
            }
        }
    }

    /// Makes a group durable, or takes all of it back.
    fn commit(&mut self, group: &[Waiting]) -> Result<Vec<Appended>, StoreError> {
        let mut staged = Staged::default();
        let written = self.stage(group, &mut staged).and_then(|answers| {
            self.flush()?;
            Ok(answers)
        });
        let answers = match written {
            Ok(answers) => answers,
            Err(error) => return Err(self.take_back(&staged, error)),
        };
        let rolled = self.journal.commit();
        let pack_ends = self.packs.commit();
        self.blobs.settle(&staged.locations, &pack_ends);
        let bytes = group.iter().map(|(batch, _)| batch.bytes as u64).sum();
        let records = answers.iter().map(|answer| answer.positions.len() as u64).sum();
        self.counters.group(group.len() as u64, records, bytes, rolled);
        Ok(answers)
    }

    fn stage(&mut self, group: &[Waiting], staged: &mut Staged) -> Result<Vec<Appended>, StoreError> {
        for (batch, _) in group {
            for (space, epoch, hash, bytes) in &batch.blobs {
                let pack = self.blobs.group(*space, *epoch);
                self.stage_blob(pack, *hash, bytes, staged)?;
            }
        }
        // One write for the whole group: with several, a power cut could leave a hole between two of them.
        let mut end = self.journal.end();
        let records: Vec<&Record> = group.iter().flat_map(|(batch, _)| &batch.records).collect();
        let mut places = self.journal.write(&records)?.into_iter();
        let answer = |(batch, _): &Waiting| {
            let mine: Vec<_> = places.by_ref().take(batch.records.len()).collect();
            end = mine.last().map_or(end, |place| place.end);
            Appended { positions: mine.iter().map(|place| place.begin).collect(), end }
        };
        Ok(group.iter().map(answer).collect())
    }

    fn stage_blob(
        &mut self,
        group: GroupName,
        hash: BlobHash,
        bytes: &[u8],
        staged: &mut Staged,
    ) -> Result<(), StoreError> {
        if !staged.hashes.insert(hash) || self.is_stored(hash) {
            return Ok(());
        }
        let location = if bytes.len() <= SMALL_BLOB_BYTES_MAX {
            self.packs.put(group, hash, bytes)?
        } else {
            // The file, its directory, and the directory above that.
            self.counters.sync(3);
            self.blobs.write_large(group, hash, bytes)?
        };
        staged.locations.push((hash, location));
        Ok(())
    }

    /// Stored and still right. A damaged copy is written anew; so is one of which the index cannot tell.
    fn is_stored(&self, hash: BlobHash) -> bool {
        matches!(self.blobs.get(hash), Ok(super::blobs::BlobRead::Bytes(_)))
    }

    /// Flushes journal and packs in parallel.
    fn flush(&self) -> Result<(), StoreError> {
        let journal = self.journal.unsynced();
        let packs = self.packs.unsynced();
        self.counters.sync(packs.len() as u64 + u64::from(journal.is_some()));
        let shares: Vec<&[Arc<dyn DiskFile>]> = packs.chunks(packs.len().div_ceil(FLUSH_THREADS).max(1)).collect();
        let flush_all = |files: &[Arc<dyn DiskFile>]| {
            files.iter().try_for_each(|file| file.sync_data()).map_err(During::Blobs.error())
        };
        thread::scope(|scope| {
            let mut others = Vec::new();
            for share in shares {
                let flusher = thread::Builder::new().name("artel-flush".into());
                match flusher.spawn_scoped(scope, move || flush_all(share)) {
                    Ok(other) => others.push(other),
                    // No thread to be had: one after the other is slower, not wrong.
                    Err(_) => flush_all(share)?,
                }
            }
            let own = journal.map_or(Ok(()), |file| file.sync_data().map_err(During::Journal.error()));
            for other in others {
                let flushed = other.join().unwrap_or(Err(During::Blobs.kind(std::io::ErrorKind::Other)));
                flushed?;
            }
            own
        })?;
        if self.packs.sync_names()? {
            self.counters.sync(1);
        }
        Ok(())
    }

    /// Undoes a group. A full disk is reported as such only when nothing of the group is left.
    fn take_back(&mut self, staged: &Staged, error: StoreError) -> StoreError {
        self.packs.roll_back();
        for (hash, location) in &staged.locations {
            if let Location::File { group, .. } = location
                && let Err(left) = self.blobs.remove_large(*group, *hash)
            {
                // Takes space and does no harm: nobody was told of it.
                tracing::warn!(error = %left, "could not remove a blob that was taken back");
            }
        }
        self.journal.roll_back().err().unwrap_or(error)
    }

    fn erase(&mut self, hashes: &[BlobHash]) -> Result<(), StoreError> {
        for hash in hashes {
            let Some(location) = self.blobs.location(*hash)? else { continue };
            match location {
                Location::Pack { group, offset, bytes } => self.packs.erase(group, offset, bytes)?,
                Location::File { group, .. } | Location::Body { group, .. } => self.blobs.remove_large(group, *hash)?,
            }
            self.counters.sync(1);
            // Last: until the bytes are gone a repeated call must still find them.
            self.blobs.unsettle(*hash)?;
        }
        Ok(())
    }
}
