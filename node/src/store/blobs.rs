//! Blobs: sealed bytes kept by their SHA-256.
//!
//! Blobs of at most [`SMALL_BLOB_BYTES_MAX`] lie behind each other in one file per space and epoch
//! (`blobs/<name>.pack`), larger ones in files of their own (`blobs/<name>/<name>`) as chunks of
//! [`CHUNK_BYTES`]. They are ciphertext already and are not sealed again; names are keyed hashes.
//! Where a blob lies is in the index, and can be found again by reading the files.
//!
//! The *body* of a file that people send, of any size, is kept like a large blob, but under a name of its own: its chunks
//! are checked one by one before they are put, and it is never read whole.

mod body;
mod large;
mod pack;
mod rescan;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::disk::{Disk, DiskFile, OpenMode, read_exact};
use super::error::{During, StoreError};
use super::ids::{BlobHash, EpochKey, Fields, SpaceKey, hex};
use super::index::Index;
use super::keys::ServingKeys;

pub use body::{BodySink, BodyWriter};
pub use large::BlobSink;
pub(super) use pack::PackWriter;

/// Longest blob that shares a file with others. One block of most disks: more would be read for one message.
pub const SMALL_BLOB_BYTES_MAX: usize = 4096;
/// Bytes of one chunk of a large blob; the last one may be shorter.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Longest blob that travels inside a batch; longer ones go through a [`BlobSink`].
pub const BATCH_BLOB_BYTES_MAX: usize = 1 << 20;
/// Open pack files kept for reading.
const HANDLES_MAX: usize = 32;

/// A blob as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobRead {
    /// The bytes; their hash was checked.
    Bytes(Vec<u8>),
    /// Never stored, or erased.
    Missing,
    /// It was stored and its bytes are no longer right. The store has forgotten it: fetch and put it again.
    Damaged,
}

/// The opaque name of a pack, and of the directory with the large blobs of the same space and epoch.
pub(super) type GroupName = [u8; 16];

/// Where a blob lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Location {
    Pack {
        group: GroupName,
        offset: u64,
        bytes: u32,
    },
    File {
        group: GroupName,
        bytes: u64,
    },
    /// As a file, but its name is not the hash of its bytes.
    Body {
        group: GroupName,
        bytes: u64,
    },
}

impl Location {
    pub(super) fn encode(&self) -> Vec<u8> {
        let (tag, group, offset, bytes) = match *self {
            Self::Pack { group, offset, bytes } => (1, group, offset, u64::from(bytes)),
            Self::File { group, bytes } => (2, group, 0, bytes),
            Self::Body { group, bytes } => (3, group, 0, bytes),
        };
        let mut out = vec![tag];
        out.extend_from_slice(&group);
        out.extend_from_slice(&offset.to_be_bytes());
        out.extend_from_slice(&bytes.to_be_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (tag, group, offset, bytes) = (fields.u8()?, fields.array()?, fields.u64()?, fields.u64()?);
        fields.end()?;
        match tag {
            1 => Some(Self::Pack { group, offset, bytes: u32::try_from(bytes).ok()? }),
            2 => Some(Self::File { group, bytes }),
            3 => Some(Self::Body { group, bytes }),
            _ => None,
        }
    }
}

/// What readers and the writer of blobs share.
pub(super) struct Blobs {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    keys: Arc<ServingKeys>,
    index: Arc<Index>,
    handles: Mutex<BTreeMap<GroupName, Arc<dyn DiskFile>>>,
    /// Large blobs being received: two writers of one file could undo each other's check.
    receiving: Mutex<BTreeSet<BlobHash>>,
    /// Locations that the index did not take yet (its disk was full). They are found again at the next open.
    homeless: Mutex<BTreeMap<BlobHash, Location>>,
}

/// Above this the oldest are left to the next open: the index has then failed for long and is to be rebuilt.
const HOMELESS_MAX: usize = 65_536;

impl Blobs {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: PathBuf, keys: Arc<ServingKeys>, index: Arc<Index>) -> Self {
        Self {
            disk,
            dir,
            keys,
            index,
            handles: Mutex::default(),
            receiving: Mutex::default(),
            homeless: Mutex::default(),
        }
    }

    pub(super) fn group(&self, space: SpaceKey, epoch: EpochKey) -> GroupName {
        self.keys.name(b"artel/store/pack/1", &[&space.0, &epoch.0])
    }

    fn pack_path(&self, group: GroupName) -> PathBuf {
        self.dir.join(format!("{}.pack", hex(&group)))
    }

    fn group_dir(&self, group: GroupName) -> PathBuf {
        self.dir.join(hex(&group))
    }

    fn large_path(&self, group: GroupName, hash: BlobHash) -> PathBuf {
        let name = self.keys.name(b"artel/store/blob/1", &[&hash.0]);
        self.group_dir(group).join(hex(&name))
    }

    pub(super) fn location(&self, hash: BlobHash) -> Result<Option<Location>, StoreError> {
        let homeless = self.homeless.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(location) = homeless.get(&hash) {
            return Ok(Some(*location));
        }
        drop(homeless);
        self.index.blob(hash)
    }

    /// Tells the index where new blobs lie; a failure is kept and tried again with the next ones.
    pub(super) fn settle(&self, new: &[(BlobHash, Location)], pack_ends: &[(GroupName, u64)]) {
        let mut homeless = self.homeless.lock().unwrap_or_else(PoisonError::into_inner);
        for (hash, location) in new {
            if homeless.len() < HOMELESS_MAX {
                homeless.insert(*hash, *location);
            }
        }
        if homeless.is_empty() {
            return;
        }
        let all: Vec<_> = homeless.iter().map(|(hash, location)| (*hash, *location)).collect();
        match self.index.put_blobs(&all, pack_ends) {
            Ok(()) => homeless.clear(),
            Err(error) => tracing::warn!(%error, blobs = all.len(), "index did not take blob locations"),
        }
    }

    /// Forgets where a blob lies.
    pub(super) fn unsettle(&self, hash: BlobHash) -> Result<(), StoreError> {
        self.homeless.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
        self.index.delete_blob(hash)
    }

    /// Whole blob, checked. A body is too large to be read whole.
    pub(super) fn get(&self, hash: BlobHash) -> Result<BlobRead, StoreError> {
        let Some(location) = self.location(hash)? else { return Ok(BlobRead::Missing) };
        let bytes = match location {
            Location::Pack { group, offset, bytes } => self.read_packed(hash, group, offset, bytes),
            Location::File { group, bytes } => self.read_large(hash, group, bytes),
            Location::Body { .. } => return Ok(BlobRead::Missing),
        };
        match bytes.map_err(During::Blobs.error())? {
            Some(bytes) => Ok(BlobRead::Bytes(bytes)),
            None => self.damaged(hash, location),
        }
    }

    /// Chunk `number` of a blob, checked against the chunk's own hash.
    pub(super) fn get_chunk(&self, hash: BlobHash, number: u32) -> Result<BlobRead, StoreError> {
        let Some(location) = self.location(hash)? else { return Ok(BlobRead::Missing) };
        let chunk = match location {
            Location::Pack { group, offset, bytes } if number == 0 => self.read_packed(hash, group, offset, bytes),
            Location::Pack { .. } => return Ok(BlobRead::Missing),
            Location::File { bytes, .. } | Location::Body { bytes, .. } if number >= large::chunks(bytes) => {
                return Ok(BlobRead::Missing);
            }
            Location::File { group, bytes } | Location::Body { group, bytes } => {
                self.read_large_chunk(hash, group, bytes, number)
            }
        };
        match chunk.map_err(During::Blobs.error())? {
            Some(bytes) => Ok(BlobRead::Bytes(bytes)),
            None => self.damaged(hash, location),
        }
    }

    pub(super) fn bytes(&self, hash: BlobHash) -> Result<Option<u64>, StoreError> {
        Ok(self.location(hash)?.map(|location| match location {
            Location::Pack { bytes, .. } => u64::from(bytes),
            Location::File { bytes, .. } | Location::Body { bytes, .. } => bytes,
        }))
    }

    pub(super) fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        let mut sum = 0;
        for listed in self.disk.list(&self.dir).map_err(During::Blobs.error())? {
            sum += listed.bytes;
            if listed.is_dir {
                let inside = self.disk.list(&self.dir.join(&listed.name)).map_err(During::Blobs.error())?;
                sum += inside.iter().map(|listed| listed.bytes).sum::<u64>();
            }
        }
        Ok(sum)
    }

    fn damaged(&self, hash: BlobHash, location: Location) -> Result<BlobRead, StoreError> {
        // It may have been erased between our look into the index and our read: that is not damage.
        if self.location(hash)? != Some(location) {
            return Ok(BlobRead::Missing);
        }
        if let Location::Body { group, .. } = location {
            // What is still right of it is not fetched again.
            let path = self.large_path(group, hash);
            self.disk.rename(&path, &path.with_extension("part")).map_err(During::Blobs.error())?;
        }
        self.unsettle(hash)?;
        tracing::warn!(?hash, "stored blob is damaged");
        Ok(BlobRead::Damaged)
    }

    fn read_packed(&self, hash: BlobHash, group: GroupName, offset: u64, bytes: u32) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.pack_handle(group)? else { return Ok(None) };
        let whole = pack::HEADER_BYTES + bytes as usize;
        let Some(frame) = read_exact(&*file, offset, whole)? else { return Ok(None) };
        Ok(match pack::frame(&frame) {
            Some(pack::Frame::Live { hash: found, bytes, .. }) if found == hash => Some(bytes.to_vec()),
            _ => None,
        })
    }

    fn pack_handle(&self, group: GroupName) -> io::Result<Option<Arc<dyn DiskFile>>> {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = handles.get(&group) {
            return Ok(Some(Arc::clone(file)));
        }
        let Some(file) = open_existing(&*self.disk, &self.pack_path(group))? else { return Ok(None) };
        if handles.len() >= HANDLES_MAX {
            handles.pop_first();
        }
        handles.insert(group, Arc::clone(&file));
        Ok(Some(file))
    }
}

fn open_existing(disk: &dyn Disk, path: &std::path::Path) -> io::Result<Option<Arc<dyn DiskFile>>> {
    match disk.open(path, OpenMode::Read) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// SHA-256 of the bytes, the name under which a blob is kept.
pub fn blob_hash(bytes: &[u8]) -> BlobHash {
    BlobHash(Sha256::digest(bytes).into())
}
