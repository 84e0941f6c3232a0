//! Finding out from the files where blobs lie, for what the index does not know.

use std::io;
use std::sync::Arc;

use super::super::disk::{DiskFile, OpenMode, read_exact};
use super::super::error::{During, StoreError};
use super::super::ids::unhex16;
use super::{Blobs, GroupName, Location, SMALL_BLOB_BYTES_MAX, body, large, open_existing, pack};

/// Locations handed to the index at a time.
const BATCH: usize = 1024;
/// Bytes of a pack read at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// What a rescan met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Rescan {
    /// Blobs the index did not know.
    pub(in super::super) found: u64,
    /// Stretches of packs that hold no sane frame.
    pub(in super::super) damaged: u64,
}

impl Blobs {
    /// Reads what lies behind the known ends of the packs, and with `all_files` the headers of all large blobs.
    pub(in super::super) fn rescan(&self, all_files: bool) -> Result<Rescan, StoreError> {
        let mut rescan = Rescan::default();
        for listed in self.disk.list(&self.dir).map_err(During::Blobs.error())? {
            if let Some(group) = listed.name.strip_suffix(".pack").and_then(unhex16) {
                // A pack shorter than we knew lost its end and may have grown again since: nothing known holds.
                let known = self.index.pack_end(group)?.filter(|known| *known <= listed.bytes).unwrap_or(0);
                if listed.bytes > known {
                    self.rescan_pack(group, known, &mut rescan)?;
                }
            } else if let Some(group) = unhex16(&listed.name).filter(|_| listed.is_dir && all_files) {
                self.rescan_large(group, &mut rescan)?;
            }
        }
        Ok(rescan)
    }

    fn rescan_pack(&self, group: GroupName, known: u64, rescan: &mut Rescan) -> Result<(), StoreError> {
        let fail = During::Blobs.error();
        let file = self.disk.open(&self.pack_path(group), OpenMode::Write).map_err(&fail)?;
        let end = file.bytes().map_err(&fail)?;
        let mut reader = PackReader { file: Arc::clone(&file), window: vec![0; WINDOW_BYTES], held: 0, start: 0 };
        let (mut at, mut sane_end, mut new) = (known, known, Vec::new());
        let mut in_damage = false;
        while at < end {
            let bytes = reader.view(at).map_err(&fail)?;
            let Some(frame) = pack::frame(bytes) else {
                // As in the journal: a damaged length cannot be trusted, so every offset is tried.
                rescan.damaged += u64::from(!in_damage);
                in_damage = true;
                at += 1;
                continue;
            };
            if let pack::Frame::Live { hash, bytes, .. } = frame {
                new.push((hash, Location::Pack { group, offset: at, bytes: bytes.len() as u32 }));
            }
            in_damage = false;
            at += frame.whole() as u64;
            sane_end = at;
            if new.len() >= BATCH {
                rescan.found += new.len() as u64;
                self.index.put_blobs(&new, &[(group, sane_end)])?;
                new.clear();
            }
        }
        if sane_end < end {
            // Nobody was told that these bytes are stored: a torn tail, not damage.
            rescan.damaged -= u64::from(in_damage);
            file.set_len(sane_end).map_err(&fail)?;
            file.sync_data().map_err(&fail)?;
        }
        rescan.found += new.len() as u64;
        self.index.put_blobs(&new, &[(group, sane_end)])
    }

    fn rescan_large(&self, group: GroupName, rescan: &mut Rescan) -> Result<(), StoreError> {
        let dir = self.group_dir(group);
        let mut new = Vec::new();
        for listed in self.disk.list(&dir).map_err(During::Blobs.error())? {
            if listed.name.ends_with(".new") {
                self.disk.remove(&dir.join(&listed.name)).map_err(During::Blobs.error())?;
            }
            if unhex16(&listed.name).is_none() {
                continue;
            }
            let header = self.large_header(&dir.join(&listed.name)).map_err(During::Blobs.error())?;
            let header = header.map(|(hash, marked)| (hash, body::unmarked(marked), body::is_marked(marked)));
            let Some((hash, bytes, body)) = header.filter(|it| large::file_bytes(it.1) == listed.bytes) else {
                rescan.damaged += 1;
                continue;
            };
            if self.index.blob(hash)?.is_none() {
                let location = if body { Location::Body { group, bytes } } else { Location::File { group, bytes } };
                new.push((hash, location));
            }
        }
        rescan.found += new.len() as u64;
        self.index.put_blobs(&new, &[])
    }

    fn large_header(&self, path: &std::path::Path) -> io::Result<Option<(super::BlobHash, u64)>> {
        let Some(file) = open_existing(&*self.disk, path)? else { return Ok(None) };
        Ok(read_exact(&*file, 0, large::HEADER_BYTES)?.as_deref().and_then(large::header))
    }
}

struct PackReader {
    file: Arc<dyn DiskFile>,
    window: Vec<u8>,
    held: usize,
    start: u64,
}

impl PackReader {
    /// Bytes from `at` on: at least one longest frame, unless the file ends before.
    fn view(&mut self, at: u64) -> io::Result<&[u8]> {
        const NEEDED: usize = pack::HEADER_BYTES + SMALL_BLOB_BYTES_MAX;
        let skip = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let inside = skip.filter(|skip| self.held.checked_sub(*skip).is_some_and(|held| held >= NEEDED));
        let skip = if let Some(skip) = inside {
            skip
        } else {
            self.held = self.file.read_at(&mut self.window, at)?;
            self.start = at;
            0
        };
        Ok(self.window.get(skip..self.held).unwrap_or_default())
    }
}
