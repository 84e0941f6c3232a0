//! Bodies of files: kept like large blobs, under a name that is not the hash of their bytes.
//!
//! Who sends a file does not know its name before its last chunk, and who receives one checks every chunk by a list of
//! hashes before it counts. So a whole body is never read or hashed at once, whatever its size. All bodies of a space lie
//! in one directory, beside those of its epochs.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::disk::{DiskFile, OpenMode};
use super::super::error::{During, StoreError};
use super::super::ids::{BlobHash, EpochKey, SpaceKey, hex};
use super::large::{self, Receiving};
use super::{Blobs, CHUNK_BYTES, GroupName, Location};

/// Set in the size in the header of a body, where a blob has no bit that high.
const MARK: u64 = 1 << 63;
/// In place of an epoch: bodies have a key of their own, and are not dropped with one.
const NO_EPOCH: EpochKey = EpochKey([0; 32]);

pub(super) fn is_marked(bytes: u64) -> bool {
    bytes & MARK != 0
}

pub(super) fn unmarked(bytes: u64) -> u64 {
    bytes & !MARK
}

impl Blobs {
    pub(in super::super) fn body_writer(
        self: &Arc<Self>,
        space: SpaceKey,
        temporary: [u8; 16],
    ) -> Result<BodyWriter, StoreError> {
        let group = self.group(space, NO_EPOCH);
        let temporary = self.group_dir(group).join(format!("{}.new", hex(&temporary)));
        let open = || {
            self.make_group_dir(group)?;
            self.disk.open(&temporary, OpenMode::Truncate)
        };
        let file = open().map_err(During::Blobs.error())?;
        Ok(BodyWriter { blobs: Arc::clone(self), group, temporary, file: Some(file), chunks: 0, bytes: 0 })
    }

    pub(in super::super) fn body_sink(
        self: &Arc<Self>,
        space: SpaceKey,
        name: BlobHash,
        bytes: u64,
    ) -> Result<BodySink, StoreError> {
        let guard = Receiving::enter(self, name)?;
        let group = self.group(space, NO_EPOCH);
        let path = self.large_path(group, name);
        let part = path.with_extension("part");
        let file = self.open_part(group, &part, (name, bytes | MARK))?;
        let mut missing = Vec::new();
        let written = file.bytes().map_err(During::Blobs.error())?;
        for number in 0..large::chunks(bytes) {
            // What is behind the end of the file was never written; looking is for what is inside.
            let begun = large::chunk_offset(number) < written;
            let there = begun && large::read_chunk(&*file, bytes, number).map_err(During::Blobs.error())?.is_some();
            if !there {
                missing.push(number);
            }
        }
        Ok(BodySink { guard, group, bytes, file, path, part, missing })
    }

    pub(in super::super) fn discard_body(self: &Arc<Self>, space: SpaceKey, name: BlobHash) -> Result<(), StoreError> {
        let _alone = Receiving::enter(self, name)?;
        let part = self.large_path(self.group(space, NO_EPOCH), name).with_extension("part");
        self.disk.remove(&part).map_err(During::Blobs.error())
    }

    pub(in super::super) fn is_body(&self, name: BlobHash) -> bool {
        matches!(self.location(name), Ok(Some(Location::Body { .. })))
    }

    pub(in super::super) fn body_bytes(&self, spaces: &[SpaceKey]) -> Result<u64, StoreError> {
        let mut sum = 0;
        for space in spaces {
            let dir = self.group_dir(self.group(*space, NO_EPOCH));
            sum += self.disk.list(&dir).map_err(During::Blobs.error())?.iter().map(|it| it.bytes).sum::<u64>();
        }
        Ok(sum)
    }
}

/// The body of a file being written from its first chunk to its last. Dropping it leaves nothing. Blocking.
pub struct BodyWriter {
    blobs: Arc<Blobs>,
    group: GroupName,
    temporary: PathBuf,
    /// `None` when finished.
    file: Option<Arc<dyn DiskFile>>,
    chunks: u32,
    bytes: u64,
}

impl BodyWriter {
    /// Takes the next chunk: of [`CHUNK_BYTES`], only the last one shorter. `check` is its SHA-256.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] for another length or behind a shorter one; `Full` and others of the disk.
    pub fn put(&mut self, chunk: &[u8], check: BlobHash) -> Result<(), StoreError> {
        let whole = self.bytes == u64::from(self.chunks) * CHUNK_BYTES as u64;
        let (Some(file), true) = (&self.file, whole && !chunk.is_empty() && chunk.len() <= CHUNK_BYTES) else {
            return Err(StoreError::TooLarge);
        };
        large::write_checked_chunk(&**file, self.chunks, chunk, check).map_err(During::Blobs.error())?;
        self.chunks += 1;
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Flushes the body and makes it readable under `name`.
    ///
    /// # Errors
    /// Those of the disk; nothing is left then.
    pub fn finish(mut self, name: BlobHash) -> Result<(), StoreError> {
        let Some(file) = self.file.take() else { return Err(StoreError::Closed) };
        let path = self.blobs.large_path(self.group, name);
        let publish = || {
            large::write_header(&*file, name, self.bytes | MARK)?;
            file.sync_data()?;
            drop(file);
            self.blobs.publish(&self.temporary, &path)
        };
        publish().map_err(|error| {
            self.clear();
            During::Blobs.kind(error.kind())
        })?;
        self.blobs.settle(&[(name, Location::Body { group: self.group, bytes: self.bytes })], &[]);
        Ok(())
    }

    fn clear(&self) {
        // Only takes space; the next rescan removes it too.
        self.blobs.disk.remove(&self.temporary).ok();
    }
}

impl Drop for BodyWriter {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.clear();
        }
    }
}

/// The body of a file being received in any order. Dropping it keeps what has come, also over a restart. Blocking.
pub struct BodySink {
    guard: Receiving,
    group: GroupName,
    bytes: u64,
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    part: PathBuf,
    missing: Vec<u32>,
}

impl BodySink {
    /// Numbers of the chunks that had not come when this was begun, ascending.
    pub fn missing(&self) -> &[u32] {
        &self.missing
    }

    /// Takes a chunk that was checked; `check` is its SHA-256. Not durable before [`BodySink::finish`].
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] when the body has no such chunk or the chunk has another length; `Full`.
    pub fn put(&self, number: u32, chunk: &[u8], check: BlobHash) -> Result<(), StoreError> {
        if number >= large::chunks(self.bytes) || chunk.len() != large::chunk_bytes(self.bytes, number) {
            return Err(StoreError::TooLarge);
        }
        large::write_checked_chunk(&*self.file, number, chunk, check).map_err(During::Blobs.error())
    }

    /// Flushes and makes the body readable. The caller has put every chunk that was missing.
    ///
    /// # Errors
    /// [`StoreError::WrongHash`] when the file is too short for that; those of the disk. What has come stays.
    pub fn finish(self) -> Result<(), StoreError> {
        let publish = || -> io::Result<bool> {
            if self.file.bytes()? != large::file_bytes(self.bytes) {
                return Ok(false);
            }
            self.file.sync_data()?;
            Ok(true)
        };
        if !publish().map_err(During::Blobs.error())? {
            return Err(StoreError::WrongHash);
        }
        let blobs = Arc::clone(&self.guard.blobs);
        // Not every system renames a file that is open.
        drop(self.file);
        blobs.publish(&self.part, &self.path).map_err(During::Blobs.error())?;
        blobs.settle(&[(self.guard.hash, Location::Body { group: self.group, bytes: self.bytes })], &[]);
        Ok(())
    }
}
