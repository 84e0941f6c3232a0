//! Pack files: the small blobs of one space and epoch behind each other.
//!
//! ```text
//! frame = state u8 ‖ length u32 ‖ hash32 ‖ bytes      state 1 live, 2 erased (hash and bytes are zeros)
//! ```
//!
//! A live frame proves itself by its hash, so no other check is stored.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::super::disk::{DiskFile, OpenMode};
use super::super::error::{During, StoreError};
use super::super::ids::{BlobHash, Fields};
use super::{Blobs, GroupName, Location, SMALL_BLOB_BYTES_MAX, blob_hash};

pub(super) const HEADER_BYTES: usize = 1 + 4 + 32;
const LIVE: u8 = 1;
const ERASED: u8 = 2;
/// Pack files kept open for appending: as many as there are conversations in use at a time.
const OPEN_MAX: usize = 32;

/// One frame of a pack.
pub(super) enum Frame<'a> {
    Live { hash: BlobHash, bytes: &'a [u8], whole: usize },
    Erased { whole: usize },
}

impl Frame<'_> {
    pub(super) fn whole(&self) -> usize {
        match self {
            Self::Live { whole, .. } | Self::Erased { whole } => *whole,
        }
    }
}

/// Reads the frame at the beginning of `bytes` and checks it. Any bytes may be given.
pub(super) fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let mut fields = Fields(bytes);
    let (state, length) = (fields.u8()?, fields.u32()? as usize);
    if length > SMALL_BLOB_BYTES_MAX {
        return None;
    }
    let hash = BlobHash(fields.array()?);
    let bytes = fields.bytes(length)?;
    let whole = HEADER_BYTES + length;
    match state {
        LIVE => (blob_hash(bytes) == hash).then_some(Frame::Live { hash, bytes, whole }),
        ERASED => {
            let empty = hash.0 == [0; 32] && bytes.iter().all(|byte| *byte == 0);
            empty.then_some(Frame::Erased { whole })
        }
        _ => None,
    }
}

struct OpenPack {
    file: Arc<dyn DiskFile>,
    /// Written length.
    bytes: u64,
    /// Length at the last commit.
    committed: u64,
    /// The file may be longer than `committed` because taking back failed.
    overhang: bool,
    used: u64,
}

/// Appends small blobs. Owned by the writer thread.
pub(in super::super) struct PackWriter {
    blobs: Arc<Blobs>,
    open: BTreeMap<GroupName, OpenPack>,
    tick: u64,
    /// A pack was created since the last commit, so its name is not durable yet.
    new_name: bool,
}

impl PackWriter {
    pub(in super::super) fn new(blobs: Arc<Blobs>) -> Self {
        Self { blobs, open: BTreeMap::new(), tick: 0, new_name: false }
    }

    /// Appends one blob; not durable before the files of [`PackWriter::unsynced`] are flushed.
    pub(in super::super) fn put(
        &mut self,
        group: GroupName,
        hash: BlobHash,
        bytes: &[u8],
    ) -> Result<Location, StoreError> {
        let length = u32::try_from(bytes.len()).map_err(|_| StoreError::TooLarge)?;
        let mut frame = Vec::with_capacity(HEADER_BYTES + bytes.len());
        frame.push(LIVE);
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&hash.0);
        frame.extend_from_slice(bytes);
        let pack = self.pack(group).map_err(During::Blobs.error())?;
        let offset = pack.bytes;
        pack.file.write_at(&frame, offset).map_err(During::Blobs.error())?;
        pack.bytes += frame.len() as u64;
        Ok(Location::Pack { group, offset, bytes: length })
    }

    fn pack(&mut self, group: GroupName) -> io::Result<&mut OpenPack> {
        self.tick += 1;
        let tick = self.tick;
        if !self.open.contains_key(&group) {
            self.make_room();
            let path = self.blobs.pack_path(group);
            let file = self.blobs.disk.open(&path, OpenMode::Write)?;
            let bytes = file.bytes()?;
            self.new_name |= bytes == 0;
            let pack = OpenPack { file, bytes, committed: bytes, overhang: false, used: tick };
            self.open.insert(group, pack);
        }
        let pack = self.open.get_mut(&group).ok_or(io::ErrorKind::NotFound)?;
        pack.used = tick;
        if pack.overhang {
            pack.file.set_len(pack.committed)?;
            pack.overhang = false;
        }
        Ok(pack)
    }

    /// Closes the pack that was not used for longest, if that is possible.
    fn make_room(&mut self) {
        if self.open.len() < OPEN_MAX {
            return;
        }
        let idle = self.open.iter().filter(|(_, pack)| pack.bytes == pack.committed && !pack.overhang);
        if let Some(group) = idle.min_by_key(|(_, pack)| pack.used).map(|(group, _)| *group) {
            self.open.remove(&group);
        }
    }

    /// Files that must be flushed before the group counts.
    pub(in super::super) fn unsynced(&self) -> Vec<Arc<dyn DiskFile>> {
        let changed = self.open.values().filter(|pack| pack.bytes != pack.committed);
        changed.map(|pack| Arc::clone(&pack.file)).collect()
    }

    /// Makes the names of new packs durable; true when a flush was needed.
    pub(in super::super) fn sync_names(&self) -> Result<bool, StoreError> {
        if self.new_name {
            self.blobs.disk.sync_dir(&self.blobs.dir).map_err(During::Blobs.error())?;
        }
        Ok(self.new_name)
    }

    /// The group counts. Returns the packs that grew and their lengths.
    pub(in super::super) fn commit(&mut self) -> Vec<(GroupName, u64)> {
        self.new_name = false;
        let mut ends = Vec::new();
        for (group, pack) in &mut self.open {
            if pack.bytes != pack.committed {
                pack.committed = pack.bytes;
                ends.push((*group, pack.bytes));
            }
        }
        ends
    }

    /// Takes back everything since the last commit. What cannot be cut now is cut before the next write:
    /// a blob that nobody names does no harm meanwhile.
    pub(in super::super) fn roll_back(&mut self) {
        for pack in self.open.values_mut() {
            // Also where nothing was counted: a failed write leaves bytes above the counted length.
            pack.bytes = pack.committed;
            pack.overhang = pack.file.set_len(pack.committed).is_err();
        }
    }

    /// Overwrites a blob with zeros. Durable when it returns `Ok`.
    pub(in super::super) fn erase(&mut self, group: GroupName, offset: u64, bytes: u32) -> Result<(), StoreError> {
        let erase = |pack: &mut OpenPack| {
            let mut frame = vec![0; HEADER_BYTES + bytes as usize];
            if let Some((head, _)) = frame.split_first_chunk_mut::<5>() {
                let [l0, l1, l2, l3] = bytes.to_be_bytes();
                *head = [ERASED, l0, l1, l2, l3];
            }
            pack.file.write_at(&frame, offset)?;
            pack.file.sync_data()
        };
        self.pack(group).and_then(erase).map_err(During::Blobs.error())
    }
}
