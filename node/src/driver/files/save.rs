//! Writing a file that is here to where a person wants it. Nothing is ever overwritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use artel_crdt::Entropy;
use artel_crdt::id::to_base32;
use artel_crdt::seal::open_piece;
use artel_crdt::timeline::{FileInfo, file};

use crate::client::{Error, ErrorKind, Result};
use crate::files::name;
use crate::store::{BlobHash as StoreHash, BlobRead, Store};

use super::super::OsEntropy;
use super::{file_error, store_error};

/// Numbers tried behind a name that is taken.
const NUMBERS_MAX: u32 = 9_999;

/// Writes the file into a directory under its own name made safe, or to a new file. Returns where it is. Blocks.
///
/// A name is taken first, by an empty file that nobody else can make; the content comes under a temporary name beside it
/// and then in its place. So nobody sees half a file, and nothing that was there is touched.
///
/// # Errors
/// [`ErrorKind::File`] if the place is taken or cannot be written, [`ErrorKind::StoreFull`], [`ErrorKind::StoreDamaged`]
/// if the disk has lost a piece, which is fetched again by the next attempt.
pub(super) fn save(store: &Store, info: &FileInfo, out: &Path) -> Result<PathBuf> {
    let target = if out.is_dir() { take_name(out, &name::written(&info.name))? } else { take(out)? };
    let temporary = beside(&target);
    let written = write(store, info, &temporary)
        .and_then(|()| std::fs::rename(&temporary, &target).map_err(|it| file_error(&target, &it)));
    match written {
        Ok(()) => Ok(target),
        Err(error) => {
            // Both are ours; what cannot be removed now was said to be broken anyway.
            std::fs::remove_file(&temporary).ok();
            std::fs::remove_file(&target).ok();
            Err(error)
        }
    }
}

fn take(path: &Path) -> Result<PathBuf> {
    let taken = OpenOptions::new().write(true).create_new(true).open(path);
    taken.map(|_| path.to_path_buf()).map_err(|it| file_error(path, &it))
}

fn take_name(dir: &Path, name: &str) -> Result<PathBuf> {
    for number in 0..=NUMBERS_MAX {
        let name = if number == 0 { name.to_owned() } else { name::numbered(name, number) };
        let path = dir.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(file_error(&path, &error)),
        }
    }
    Err(Error::new(ErrorKind::File, format!("{}: {name}", dir.display())))
}

/// A name beside the target that nobody else has.
fn beside(target: &Path) -> PathBuf {
    let rng: &mut dyn Entropy = &mut OsEntropy;
    target.with_file_name(format!(".{}.artel-part", to_base32(&rng.bytes::<10>())))
}

fn write(store: &Store, info: &FileInfo, path: &Path) -> Result<()> {
    let open = OpenOptions::new().write(true).create_new(true).open(path);
    let mut out: File = open.map_err(|it| file_error(path, &it))?;
    each_piece(store, info, |piece| out.write_all(piece).map_err(|it| file_error(path, &it)))
}

/// The whole file in memory; for short ones. Blocks.
///
/// # Errors
/// [`ErrorKind::StoreDamaged`] if the disk has lost a piece.
pub(super) fn bytes(store: &Store, info: &FileInfo) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    each_piece(store, info, |piece| {
        whole.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(whole)
}

fn each_piece(store: &Store, info: &FileInfo, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let root = StoreHash(info.root().0);
    for number in 0..file::pieces(info.size) {
        let chunk = u32::try_from(number).map_err(|_| damaged(info))?;
        let BlobRead::Bytes(sealed) = store.blob_chunk(root, chunk).map_err(|it| store_error(&it))? else {
            return Err(damaged(info));
        };
        let piece = open_piece(&info.key, number, &sealed).ok_or_else(|| damaged(info))?;
        take(&piece)?;
    }
    Ok(())
}

fn damaged(info: &FileInfo) -> Error {
    Error::new(ErrorKind::StoreDamaged, name::shown(&info.name))
}
