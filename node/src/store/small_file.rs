//! Small files that are replaced whole: counters, the marker of the store.
//!
//! A reader finds the old or the new content, never a mixture: temporary file, flush, rename, flush of the
//! directory. The content is sealed with the file's name as additional data, so two files cannot be swapped.

use std::io;
use std::path::Path;

use super::disk::{Disk, OpenMode, read_exact};
use super::error::{Damaged, During, StoreError};
use super::keys::Sealer;

/// Longest content, so that a damaged directory cannot make us read without end.
pub(super) const SMALL_BYTES_MAX: usize = 1 << 20;

/// Returns the content of `dir/name`, or `None` when there is no such file. Blocks.
///
/// # Errors
/// [`Damaged::SmallFile`] when the bytes were not sealed under this key and name.
pub(super) fn read(disk: &dyn Disk, sealer: &Sealer, dir: &Path, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match disk.open(&dir.join(name), OpenMode::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(During::SmallFile.error())?,
    };
    let bytes = file.bytes().map_err(During::SmallFile.error())?;
    let count = usize::try_from(bytes).unwrap_or(usize::MAX);
    if count > SMALL_BYTES_MAX * 2 {
        return Err(StoreError::Damaged(Damaged::SmallFile));
    }
    let sealed = read_exact(&*file, 0, count).map_err(During::SmallFile.error())?;
    sealed
        .and_then(|sealed| sealer.unseal(&aad(name), &sealed))
        .map(Some)
        .ok_or(StoreError::Damaged(Damaged::SmallFile))
}

/// Replaces `dir/name`. Durable when it returns `Ok`; after an error the old or the new content stands. Blocks.
pub(super) fn write(
    disk: &dyn Disk,
    sealer: &Sealer,
    dir: &Path,
    name: &str,
    content: &[u8],
) -> Result<(), StoreError> {
    if content.len() > SMALL_BYTES_MAX {
        return Err(StoreError::TooLarge);
    }
    let sealed = sealer.seal(&aad(name), content)?;
    let temporary = dir.join(format!("{name}.new"));
    let replace = || -> io::Result<()> {
        let file = disk.open(&temporary, OpenMode::Truncate)?;
        file.write_at(&sealed, 0)?;
        file.sync_data()?;
        drop(file);
        disk.rename(&temporary, &dir.join(name))?;
        disk.sync_dir(dir)
    };
    replace().map_err(|error| {
        // The half-written copy only takes space; the next write would truncate it anyway.
        let _left_behind = disk.remove(&temporary);
        During::SmallFile.kind(error.kind())
    })
}

fn aad(name: &str) -> Vec<u8> {
    [b"artel/store/file/1\0".as_slice(), name.as_bytes()].concat()
}
