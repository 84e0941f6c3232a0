//! Large blobs: one file each.
//!
//! ```text
//! file  = hash32 ‖ size u64 ‖ chunk*                chunk = data (64 KiB, the last one shorter) ‖ SHA-256(data)
//! ```
//!
//! A file under construction is called `<name>.part` and gets its name only when the hash of the whole is right.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use sha2::{Digest, Sha256};

use super::super::disk::{DiskFile, OpenMode, read_exact};
use super::super::error::{During, StoreError};
use super::super::ids::{BlobHash, EpochKey, Fields, SpaceKey};
use super::{Blobs, CHUNK_BYTES, GroupName, Location, blob_hash, open_existing};

pub(super) const HEADER_BYTES: usize = 32 + 8;
pub(super) const CHECK_BYTES: usize = 32;
const STORED_CHUNK_BYTES: u64 = (CHUNK_BYTES + CHECK_BYTES) as u64;

/// Number of chunks of a blob of `bytes`.
pub(super) fn chunks(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(CHUNK_BYTES as u64)).unwrap_or(u32::MAX)
}

/// Length of the file that holds a blob of `bytes`.
pub(super) fn file_bytes(bytes: u64) -> u64 {
    HEADER_BYTES as u64 + bytes + u64::from(chunks(bytes)) * CHECK_BYTES as u64
}

pub(super) fn header(bytes: &[u8]) -> Option<(BlobHash, u64)> {
    let mut fields = Fields(bytes);
    let header = (BlobHash(fields.array()?), fields.u64()?);
    fields.end()?;
    Some(header)
}

pub(super) fn chunk_offset(number: u32) -> u64 {
    HEADER_BYTES as u64 + u64::from(number) * STORED_CHUNK_BYTES
}

pub(super) fn chunk_bytes(bytes: u64, number: u32) -> usize {
    let before = u64::from(number) * CHUNK_BYTES as u64;
    usize::try_from(bytes.saturating_sub(before)).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES))
}

pub(super) fn read_chunk(file: &dyn DiskFile, bytes: u64, number: u32) -> io::Result<Option<Vec<u8>>> {
    let length = chunk_bytes(bytes, number);
    let Some(mut stored) = read_exact(file, chunk_offset(number), length + CHECK_BYTES)? else { return Ok(None) };
    let check = stored.split_off(length);
    Ok((Sha256::digest(&stored).as_slice() == check).then_some(stored))
}

pub(super) fn write_chunk(file: &dyn DiskFile, number: u32, data: &[u8]) -> io::Result<()> {
    write_checked_chunk(file, number, data, BlobHash(Sha256::digest(data).into()))
}

/// Writes a chunk whose hash is known already.
pub(super) fn write_checked_chunk(file: &dyn DiskFile, number: u32, data: &[u8], check: BlobHash) -> io::Result<()> {
    let mut stored = Vec::with_capacity(data.len() + CHECK_BYTES);
    stored.extend_from_slice(data);
    stored.extend_from_slice(&check.0);
    file.write_at(&stored, chunk_offset(number))
}

pub(super) fn write_header(file: &dyn DiskFile, hash: BlobHash, bytes: u64) -> io::Result<()> {
    let mut header = hash.0.to_vec();
    header.extend_from_slice(&bytes.to_be_bytes());
    file.write_at(&header, 0)
}

impl Blobs {
    pub(super) fn read_large(&self, hash: BlobHash, group: GroupName, bytes: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = open_existing(&*self.disk, &self.large_path(group, hash))? else { return Ok(None) };
        let mut whole = Vec::new();
        for number in 0..chunks(bytes) {
            let Some(chunk) = read_chunk(&*file, bytes, number)? else { return Ok(None) };
            whole.extend_from_slice(&chunk);
        }
        Ok((blob_hash(&whole) == hash).then_some(whole))
    }

    pub(super) fn read_large_chunk(
        &self,
        hash: BlobHash,
        group: GroupName,
        bytes: u64,
        number: u32,
    ) -> io::Result<Option<Vec<u8>>> {
        match open_existing(&*self.disk, &self.large_path(group, hash))? {
            Some(file) => read_chunk(&*file, bytes, number),
            None => Ok(None),
        }
    }

    /// Writes a large blob that is wholly in memory; durable when it returns. The hash was checked before.
    pub(in super::super) fn write_large(
        &self,
        group: GroupName,
        hash: BlobHash,
        blob: &[u8],
    ) -> Result<Location, StoreError> {
        let path = self.large_path(group, hash);
        // Another name than that of a sink: both may be at work on one blob.
        let temporary = path.with_extension("new");
        let bytes = blob.len() as u64;
        let write = || -> io::Result<()> {
            self.make_group_dir(group)?;
            let file = self.disk.open(&temporary, OpenMode::Truncate)?;
            write_header(&*file, hash, bytes)?;
            for (number, chunk) in (0_u32..).zip(blob.chunks(CHUNK_BYTES)) {
                write_chunk(&*file, number, chunk)?;
            }
            file.sync_data()?;
            drop(file);
            self.publish(&temporary, &path)
        };
        write().map_err(|error| {
            // Only takes space; a rescan removes it too.
            let _left_behind = self.disk.remove(&temporary);
            During::Blobs.kind(error.kind())
        })?;
        Ok(Location::File { group, bytes })
    }

    /// Removes the file of a large blob; durable when it returns.
    pub(in super::super) fn remove_large(&self, group: GroupName, hash: BlobHash) -> Result<(), StoreError> {
        let remove = || {
            self.disk.remove(&self.large_path(group, hash))?;
            self.disk.sync_dir(&self.group_dir(group))
        };
        remove().map_err(During::Blobs.error())
    }

    pub(super) fn make_group_dir(&self, group: GroupName) -> io::Result<()> {
        self.disk.create_dir_all(&self.group_dir(group))?;
        self.disk.sync_dir(&self.dir)
    }

    pub(super) fn publish(&self, temporary: &Path, path: &Path) -> io::Result<()> {
        self.disk.rename(temporary, path)?;
        self.disk.sync_dir(path.parent().unwrap_or(&self.dir))
    }

    /// The file of what is being received; empty but for its header unless that is there already.
    pub(super) fn open_part(
        &self,
        group: GroupName,
        part: &Path,
        (name, bytes): (BlobHash, u64),
    ) -> Result<Arc<dyn DiskFile>, StoreError> {
        let open = || -> io::Result<Arc<dyn DiskFile>> {
            self.make_group_dir(group)?;
            let file = self.disk.open(part, OpenMode::Write)?;
            let present = read_exact(&*file, 0, HEADER_BYTES)?;
            if present.as_deref().and_then(header) != Some((name, bytes)) {
                file.set_len(0)?;
                write_header(&*file, name, bytes)?;
            }
            Ok(file)
        };
        open().map_err(During::Blobs.error())
    }

    /// Begins or continues to receive a large blob.
    pub(in super::super) fn sink(
        self: &Arc<Self>,
        space: SpaceKey,
        epoch: EpochKey,
        hash: BlobHash,
        bytes: u64,
    ) -> Result<BlobSink, StoreError> {
        let guard = Receiving::enter(self, hash)?;
        let group = self.group(space, epoch);
        let path = self.large_path(group, hash);
        let part = path.with_extension("part");
        let file = self.open_part(group, &part, (hash, bytes))?;
        let mut missing = Vec::new();
        for number in 0..chunks(bytes) {
            if read_chunk(&*file, bytes, number).map_err(During::Blobs.error())?.is_none() {
                missing.push(number);
            }
        }
        Ok(BlobSink { guard, group, bytes, file, path, part, missing })
    }
}

/// Keeps the only right to write one large blob.
pub(super) struct Receiving {
    pub(super) blobs: Arc<Blobs>,
    pub(super) hash: BlobHash,
}

impl Receiving {
    pub(super) fn enter(blobs: &Arc<Blobs>, hash: BlobHash) -> Result<Self, StoreError> {
        let mut receiving = blobs.receiving.lock().unwrap_or_else(PoisonError::into_inner);
        if !receiving.insert(hash) {
            return Err(StoreError::Busy);
        }
        Ok(Self { blobs: Arc::clone(blobs), hash })
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.blobs.receiving.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.hash);
    }
}

/// A large blob being received chunk by chunk. Dropping it keeps what has come, also over a restart. Blocking.
pub struct BlobSink {
    guard: Receiving,
    group: GroupName,
    bytes: u64,
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    part: PathBuf,
    missing: Vec<u32>,
}

impl BlobSink {
    /// Numbers of the chunks that have not come yet, ascending.
    pub fn missing(&self) -> &[u32] {
        &self.missing
    }

    /// Takes one chunk. Not durable before [`BlobSink::finish`].
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] when the blob has no such chunk or the chunk has another length.
    pub fn put(&mut self, number: u32, chunk: &[u8]) -> Result<(), StoreError> {
        if number >= chunks(self.bytes) || chunk.len() != chunk_bytes(self.bytes, number) {
            return Err(StoreError::TooLarge);
        }
        write_chunk(&*self.file, number, chunk).map_err(During::Blobs.error())?;
        self.missing.retain(|missing| *missing != number);
        Ok(())
    }

    /// Checks the hash of the whole, flushes and makes the blob readable.
    ///
    /// # Errors
    /// [`StoreError::WrongHash`] when chunks are missing or wrong; what was received is then thrown away.
    pub fn finish(self) -> Result<(), StoreError> {
        let mut hasher = Sha256::new();
        for number in 0..chunks(self.bytes) {
            match read_chunk(&*self.file, self.bytes, number).map_err(During::Blobs.error())? {
                Some(chunk) => hasher.update(&chunk),
                None => return self.discard().and(Err(StoreError::WrongHash)),
            }
        }
        if BlobHash(hasher.finalize().into()) != self.guard.hash {
            return self.discard().and(Err(StoreError::WrongHash));
        }
        let blobs = Arc::clone(&self.guard.blobs);
        self.file.sync_data().map_err(During::Blobs.error())?;
        // Not every system renames a file that is open.
        drop(self.file);
        blobs.publish(&self.part, &self.path).map_err(During::Blobs.error())?;
        let location = Location::File { group: self.group, bytes: self.bytes };
        blobs.settle(&[(self.guard.hash, location)], &[]);
        Ok(())
    }

    /// Throws away what was received.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn discard(self) -> Result<(), StoreError> {
        self.guard.blobs.disk.remove(&self.part).map_err(During::Blobs.error())
    }
}
