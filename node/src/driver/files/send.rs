//! Sealing files for sending: read once, piece by piece, into the store.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use artel_crdt::Entropy;
use artel_crdt::id::BlobHash;
use artel_crdt::limits;
use artel_crdt::seal::{Key, PIECE_BYTES, seal_piece};
use artel_crdt::timeline::{FileInfo, file};
use tokio_util::sync::CancellationToken;

use crate::client::{Attach, Error, ErrorKind, Result};
use crate::files::{media_type, name, picture};
use crate::store::{Batch, BlobHash as StoreHash, EpochKey, SpaceKey, Store};

use super::super::OsEntropy;
use super::super::open::Events;
use super::{Event, file_error, store_error};

/// Lists lie beside the bodies, which belong to no epoch: they have a key of their own.
pub(super) const NO_EPOCH: EpochKey = EpochKey([0; 32]);

/// A file to be sent, looked at but not read.
pub(super) struct Source {
    path: PathBuf,
    name: String,
    size: u64,
}

impl Source {
    /// Looks whether it can be sent.
    ///
    /// # Errors
    /// [`ErrorKind::File`] if it is not there, is no file, or is too large.
    pub(super) fn look_at(attach: Attach) -> Result<Self> {
        let path = PathBuf::from(attach.path);
        let found = std::fs::metadata(&path).map_err(|it| file_error(&path, &it))?;
        if !found.is_file() {
            return Err(Error::new(ErrorKind::File, format!("{}: not a file", path.display())));
        }
        if found.len() > limits::FILE_BYTES_MAX {
            return Err(Error::new(ErrorKind::File, format!("{}: {} bytes", path.display(), found.len())));
        }
        let own = || path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let named = attach.name.filter(|it| !it.trim().is_empty()).unwrap_or_else(own);
        let name = name::shortened(&name::shown(&named), limits::FILE_NAME_BYTES_MAX);
        Ok(Self { path, name, size: found.len() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn sealed_bytes(&self) -> u64 {
        file::sealed_bytes(self.size)
    }
}

/// What a thread needs for it.
pub(super) struct Sealing {
    pub(super) store: Store,
    pub(super) space: SpaceKey,
    pub(super) sources: Vec<Source>,
    pub(super) cancel: CancellationToken,
    pub(super) events: Events,
    pub(super) transfer: u64,
}

/// Seals all files of a message and keeps them; durable when it returns. Blocks.
///
/// # Errors
/// [`ErrorKind::File`] if one cannot be read or changes meanwhile, [`ErrorKind::StoreFull`], [`ErrorKind::Cancelled`];
/// then nothing of them is kept.
pub(super) fn seal(job: Sealing) -> Result<Vec<FileInfo>> {
    let mut told = Told { at: Instant::now(), bytes: 0 };
    let mut sealed = Vec::new();
    for source in &job.sources {
        match seal_one(&job, source, &mut told) {
            Ok(info) => sealed.push(info),
            Err(error) => {
                forget(&job.store, &sealed);
                return Err(error);
            }
        }
    }
    Ok(sealed)
}

struct Told {
    at: Instant,
    bytes: u64,
}

impl Told {
    fn more(&mut self, job: &Sealing, bytes: u64) {
        self.bytes += bytes;
        if self.at.elapsed() >= super::fetch::TELL_EVERY {
            self.at = Instant::now();
            let progress = Event::Progress { transfer: job.transfer, bytes: self.bytes, fetched: 0, holders: 0 };
            // The next one tells more; only the end must not be lost.
            job.events.try_send(super::super::Event::File(progress)).ok();
        }
    }
}

fn seal_one(job: &Sealing, source: &Source, told: &mut Told) -> Result<FileInfo> {
    let key = Key::draw(&mut OsEntropy);
    let mut reader = File::open(&source.path).map_err(|it| file_error(&source.path, &it))?;
    let rng: &mut dyn Entropy = &mut OsEntropy;
    let mut writer = job.store.write_body(job.space, rng.bytes()).map_err(|it| store_error(&it))?;
    let mut hashes = Vec::new();
    let mut left = source.size;
    while left > 0 {
        if job.cancel.is_cancelled() {
            return Err(ErrorKind::Cancelled.into());
        }
        let take = usize::try_from(left).map_or(PIECE_BYTES, |it| it.min(PIECE_BYTES));
        let piece = read_piece(&mut reader, take, &source.path)?;
        left -= take as u64;
        let sealed = seal_piece(&key, hashes.len() as u64, piece);
        let hash = BlobHash::of(&sealed);
        writer.put(&sealed, StoreHash(hash.0)).map_err(|it| store_error(&it))?;
        hashes.push(hash);
        told.more(job, sealed.len() as u64);
    }
    if reader.read(&mut [0; 1]).map_err(|it| file_error(&source.path, &it))? != 0 {
        return Err(changed(&source.path));
    }
    let lists = file::make_lists(&hashes);
    let media = media_type(&source.name);
    let looked = if media.starts_with("image/") { look(source) } else { None };
    let info = FileInfo {
        name: source.name.clone(),
        media: media.to_owned(),
        size: source.size,
        key,
        lists: lists.iter().map(|it| BlobHash::of(it)).collect(),
        pixels: looked.as_ref().map(|it| (it.width, it.height)),
        thumbnail: looked.map(|it| it.small),
        rest: Vec::new(),
    };
    if source.size > 0 {
        put_lists(&job.store, job.space, lists)?;
        writer.finish(StoreHash(info.root().0)).map_err(|it| store_error(&it))?;
    }
    Ok(info)
}

/// Size and small picture of what seems to be one.
fn look(source: &Source) -> Option<picture::Looked> {
    let opened = File::open(&source.path).ok()?;
    // A decoder that panics must not end the transfer without a word.
    let looked = std::panic::catch_unwind(|| picture::look(BufReader::new(opened), source.size));
    looked
        .unwrap_or(Err(picture::BadPicture::Broken))
        .inspect_err(|why| tracing::info!(%why, "sent as a plain file"))
        .ok()
}

/// Exactly that many bytes; a file that ends before has changed since it was looked at.
fn read_piece(reader: &mut File, bytes: usize, path: &Path) -> Result<Vec<u8>> {
    // Room for the tag, so that sealing in place copies nothing.
    let mut piece = Vec::with_capacity(artel_crdt::seal::SEALED_PIECE_BYTES);
    let read = reader.by_ref().take(bytes as u64).read_to_end(&mut piece).map_err(|it| file_error(path, &it))?;
    if read == bytes { Ok(piece) } else { Err(changed(path)) }
}

fn changed(path: &Path) -> Error {
    Error::new(ErrorKind::File, format!("{}: changed while it was read", path.display()))
}

/// Keeps lists of hashes; durable when it returns. Blocks.
pub(super) fn put_lists(store: &Store, space: SpaceKey, lists: Vec<Vec<u8>>) -> Result<()> {
    for part in lists.chunks(8) {
        let mut batch = Batch::new();
        for list in part {
            let hash = StoreHash(BlobHash::of(list).0);
            batch.blob(space, NO_EPOCH, hash, list.clone()).map_err(|it| store_error(&it))?;
        }
        store.append_blocking(batch).map_err(|it| store_error(&it))?;
    }
    Ok(())
}

/// Erases what was kept of a message that will not be sent.
fn forget(store: &Store, files: &[FileInfo]) {
    let hashes = files.iter().flat_map(|it| it.lists.iter().copied().chain([it.root()]));
    let hashes: Vec<StoreHash> = hashes.map(|it| StoreHash(it.0)).collect();
    if let Err(error) = futures::executor::block_on(store.erase_blobs(hashes)) {
        tracing::warn!(%error, "a file that was not sent takes room");
    }
}
