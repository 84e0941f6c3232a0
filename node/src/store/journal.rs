//! The journal: append-only files that hold the truth.
//!
//! A file `journal/00000001.log` is a sequence of records, nothing else:
//!
//! ```text
//! kind u8 ‖ length u32 ‖ sealed ‖ crc32 u32            numbers big-endian; length is that of `sealed`
//! sealed = nonce24 ‖ XChaCha20-Poly1305(body) ‖ tag16  aad = "artel/journal/1" ‖ file u32 ‖ offset u64 ‖ kind
//! crc32 over everything before it
//! ```
//!
//! The additional data binds a record to its place, so a copied or moved record is not accepted anywhere else.
//! The crc finds accidents without the key; the tag decides.

mod replay;
mod scan;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::disk::{Disk, DiskFile, OpenMode, read_exact};
use super::error::{Damaged, During, StoreError};
use super::ids::Position;
use super::keys::{SEAL_BYTES, Sealer, ServingKeys};

pub use replay::{Damage, Replay, Replayed};
pub(super) use write::{JournalWriter, Tail, open_tail};

/// Longest body of a record: a run of 128 entries with room for 8 KiB each.
pub const RECORD_BYTES_MAX: usize = 1 << 20;
/// A file is closed when the next record would make it longer.
pub(super) const FILE_BYTES_MAX: u64 = 64 << 20;
const HEADER_BYTES: usize = 5;
const CRC_BYTES: usize = 4;
/// Open journal files kept for reading; with 64 MB each that is 1 GB of recent history without an open().
const HANDLES_MAX: usize = 16;

/// A record as it was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The caller's own kind; the store gives it no meaning.
    pub kind: u8,
    /// The caller's bytes, at most [`RECORD_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// A record whose frame and crc are sane; the tag has not been looked at.
struct Frame<'a> {
    kind: u8,
    sealed: &'a [u8],
    bytes: usize,
}

/// Kind and whole length of the frame that a header announces, if it can be one.
fn frame_bytes(header: &[u8]) -> Option<usize> {
    let length = header.get(1..HEADER_BYTES)?.try_into().ok().map(u32::from_be_bytes)? as usize;
    (SEAL_BYTES..=SEAL_BYTES + RECORD_BYTES_MAX).contains(&length).then_some(HEADER_BYTES + length + CRC_BYTES)
}

/// Reads the frame at the beginning of `bytes`; what follows it is ignored.
fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let whole = bytes.get(..frame_bytes(bytes)?)?;
    let (checked, crc) = whole.split_last_chunk::<CRC_BYTES>()?;
    if crc32fast::hash(checked) != u32::from_be_bytes(*crc) {
        return None;
    }
    let (header, sealed) = checked.split_first_chunk::<HEADER_BYTES>()?;
    let [kind, ..] = *header;
    Some(Frame { kind, sealed, bytes: whole.len() })
}

fn aad(position: Position, kind: u8) -> Vec<u8> {
    let mut aad = b"artel/journal/1".to_vec();
    aad.extend_from_slice(&position.file.to_be_bytes());
    aad.extend_from_slice(&position.offset.to_be_bytes());
    aad.push(kind);
    aad
}

fn encode(sealer: &Sealer, position: Position, record: &Record, out: &mut Vec<u8>) -> Result<(), StoreError> {
    let start = out.len();
    let length = u32::try_from(record.body.len() + SEAL_BYTES).map_err(|_| StoreError::TooLarge)?;
    out.push(record.kind);
    out.extend_from_slice(&length.to_be_bytes());
    sealer.seal_into(&aad(position, record.kind), &record.body, out)?;
    let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&crc.to_be_bytes());
    Ok(())
}

/// Opens the record at the beginning of `bytes`, which were read at `position`. Any bytes may be given.
fn decode(sealer: &Sealer, position: Position, bytes: &[u8]) -> Option<(Record, usize)> {
    let frame = frame(bytes)?;
    let body = sealer.unseal(&aad(position, frame.kind), frame.sealed)?;
    Some((Record { kind: frame.kind, body }, frame.bytes))
}

/// Entry for fuzzing: takes any bytes as a journal record and as the beginning of a journal file.
pub fn journal_record(bytes: &[u8]) -> Option<Record> {
    let keys = ServingKeys::new(&super::keys::Key::new([0; 32]));
    decode(&keys.journal, Position::START, bytes).map(|(record, _)| record)
}

/// What readers and the writer of the journal share.
pub(super) struct Journal {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    keys: Arc<ServingKeys>,
    handles: Mutex<BTreeMap<u32, Arc<dyn DiskFile>>>,
    /// Behind the last record that was acknowledged. Nothing above it is ever read.
    end: RwLock<Position>,
}

impl Journal {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: PathBuf, keys: Arc<ServingKeys>) -> Self {
        let handles = Mutex::new(BTreeMap::new());
        Self { disk, dir, keys, handles, end: RwLock::new(Position::START) }
    }

    pub(super) fn end(&self) -> Position {
        *self.end.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_end(&self, end: Position) {
        *self.end.write().unwrap_or_else(PoisonError::into_inner) = end;
    }

    /// Numbers and lengths of the files present, ascending.
    pub(super) fn files(&self) -> Result<Vec<(u32, u64)>, StoreError> {
        let listed = self.disk.list(&self.dir).map_err(During::Read.error())?;
        let mut files: Vec<_> = listed
            .iter()
            .filter(|file| !file.is_dir)
            .filter_map(|file| Some((file_number(&file.name)?, file.bytes)))
            .collect();
        files.sort_unstable();
        Ok(files)
    }

    fn path(&self, number: u32) -> PathBuf {
        file_path(&self.dir, number)
    }

    /// A handle for reading; `None` when the file is missing.
    fn handle(&self, number: u32) -> Result<Option<Arc<dyn DiskFile>>, StoreError> {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = handles.get(&number) {
            return Ok(Some(Arc::clone(file)));
        }
        let file = match self.disk.open(&self.path(number), OpenMode::Read) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(During::Read.error())?,
        };
        if handles.len() >= HANDLES_MAX {
            // The oldest file is the one least likely to be asked for next.
            handles.pop_first();
        }
        handles.insert(number, Arc::clone(&file));
        Ok(Some(file))
    }

    fn forget_handle(&self, number: u32) {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    /// The record at `position`, checked.
    pub(super) fn read(&self, position: Position) -> Result<Record, StoreError> {
        let damaged = StoreError::Damaged(Damaged::Record(position));
        if position >= self.end() {
            return Err(damaged);
        }
        let file = self.handle(position.file)?.ok_or(damaged)?;
        // Most records are short: one read brings the header and usually all of the rest.
        let mut bytes = vec![0; 2048];
        let count = file.read_at(&mut bytes, position.offset).map_err(During::Read.error())?;
        bytes.truncate(count);
        let whole = frame_bytes(&bytes).ok_or(damaged)?;
        if whole > bytes.len() {
            bytes = read_exact(&*file, position.offset, whole).map_err(During::Read.error())?.ok_or(damaged)?;
        }
        decode(&self.keys.journal, position, &bytes).map(|(record, _)| record).ok_or(damaged)
    }

    /// The four bytes before `position`: the crc of the record that ends there. They tie a mark of the index
    /// to this very journal. Zero at the beginning of a file; `None` when the journal does not reach so far.
    pub(super) fn check_before(&self, position: Position) -> Result<Option<[u8; CRC_BYTES]>, StoreError> {
        let Some(offset) = position.offset.checked_sub(CRC_BYTES as u64) else {
            return Ok(Some([0; CRC_BYTES]));
        };
        let Some(file) = self.handle(position.file)? else { return Ok(None) };
        let mut check = [0; CRC_BYTES];
        let count = file.read_at(&mut check, offset).map_err(During::Read.error())?;
        Ok((count == CRC_BYTES).then_some(check))
    }

    /// Whether at least one record opens under our key; `None` when there is no sane frame at all to judge by.
    pub(super) fn key_fits(&self) -> Result<Option<bool>, StoreError> {
        let mut seen_frame = None;
        for (number, bytes) in self.files()? {
            let Some(file) = self.handle(number)? else { continue };
            let mut scanner = scan::Scanner::new(file, Arc::clone(&self.keys), number, 0, bytes);
            match scanner.first_frame().map_err(During::Read.error())? {
                Some(true) => return Ok(Some(true)),
                Some(false) => seen_frame = Some(false),
                None => {}
            }
        }
        Ok(seen_frame)
    }
}

fn file_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:08}.log"))
}

fn file_number(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".log")?;
    let number = digits.parse().ok()?;
    // Only the spelling that we write ourselves, so that no two names mean one number.
    (number > 0 && name == format!("{number:08}.log")).then_some(number)
}
