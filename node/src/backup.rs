//! Backup and restore of a home: its files, sealed as they are, in one archive.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::client::{Error, ErrorKind, Result};
use crate::home::Layout;

/// What a backup holds, relative to the home. Index and search are rebuilt; lock, socket and clean mark are of a run.
const KEPT: [&str; 6] = ["layout", "vault.cbor", "store.bin", "journal", "blobs", "peers.cbor"];

fn file_error(path: &Path, error: &std::io::Error) -> Error {
    let kind = if error.kind() == std::io::ErrorKind::StorageFull { ErrorKind::StoreFull } else { ErrorKind::File };
    Error::new(kind, format!("{}: {error}", path.display()))
}

/// Writes the archive; returns its length in bytes. May run while the node does: the journal only grows, and a torn
/// tail is cut when the copy is opened.
///
/// # Errors
/// [`ErrorKind::File`], [`ErrorKind::StoreFull`]; a half-written archive is removed.
pub fn write(layout: &Layout, file: &Path) -> Result<u64> {
    let written = write_archive(layout, file);
    if written.is_err() {
        std::fs::remove_file(file).ok();
    }
    written.map_err(|it| file_error(file, &it))
}

fn write_archive(layout: &Layout, file: &Path) -> std::io::Result<u64> {
    let mut archive = tar::Builder::new(crate::home::create_private(file)?);
    for name in KEPT {
        let path = layout.root().join(name);
        if path.is_dir() {
            archive.append_dir_all(name, &path)?;
        } else if path.is_file() {
            archive.append_path_with_name(&path, name)?;
        }
    }
    let mut file = archive.into_inner()?;
    file.flush()?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Unpacks an archive into an empty home. The restored device begins new logs, because the copy may be old.
///
/// # Errors
/// [`ErrorKind::HomeTaken`], [`ErrorKind::File`].
pub fn restore(layout: &Layout, file: &Path) -> Result<()> {
    if layout.probe().map_err(|it| crate::driver::open_error(&it))?.is_some() {
        return Err(Error::new(ErrorKind::HomeTaken, layout.root().display().to_string()));
    }
    let unpack = || -> std::io::Result<()> {
        std::fs::create_dir_all(layout.root())?;
        for entry in tar::Archive::new(File::open(file)?).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let first = path.components().next().map(|it| it.as_os_str().to_owned());
            let known = first.is_some_and(|first| KEPT.iter().any(|it| first == *it));
            // `unpack_in` refuses paths that leave the home.
            if !known || !entry.unpack_in(layout.root())? {
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "not a backup of Artel"));
            }
        }
        Ok(())
    };
    unpack().map_err(|it| file_error(file, &it))
}
