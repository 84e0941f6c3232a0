//! Reading ranges of a sealed file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tantivy::HasLen;
use tantivy::directory::{FileHandle, OwnedBytes};

use super::page::{FILE_ID_BYTES, FileId, Part, TAG_BYTES, associated, damaged, page_nonce};
use super::{CACHED_READ_PAGES_MAX, PAGE_BYTES, SealedDirectory};

const SEALED_PAGE_BYTES: u64 = (PAGE_BYTES + TAG_BYTES) as u64;

/// An open sealed file.
pub(super) struct SealedFile {
    directory: SealedDirectory,
    name: PathBuf,
    /// Seek and read are one step under this lock: positional reads differ between systems, and readers are few.
    file: Mutex<File>,
    id: FileId,
    /// Clear bytes in the file.
    len: usize,
    pages: u64,
}

impl SealedFile {
    pub(super) fn open(directory: SealedDirectory, name: &Path) -> io::Result<SealedFile> {
        let mut file = File::open(directory.path_of(name))?;
        let mut id = FileId::default();
        let sealed = file.metadata()?.len().checked_sub(FILE_ID_BYTES as u64).ok_or_else(damaged)?;
        file.read_exact(&mut id)?;
        let pages = sealed.div_ceil(SEALED_PAGE_BYTES);
        let clear = sealed.checked_sub(pages * TAG_BYTES as u64).ok_or_else(damaged)?;
        if pages == 0 {
            return Err(damaged());
        }
        Ok(SealedFile {
            directory,
            name: name.to_path_buf(),
            file: Mutex::new(file),
            id,
            len: usize::try_from(clear).map_err(|_| damaged())?,
            pages,
        })
    }

    /// Number of pages, at least one.
    pub(super) fn pages(&self) -> u64 {
        self.pages
    }

    /// Reads and opens page `number` past the cache.
    pub(super) fn open_page(&self, number: u64) -> io::Result<Vec<u8>> {
        let mut page = Vec::with_capacity(PAGE_BYTES + TAG_BYTES);
        let start = FILE_ID_BYTES as u64 + number * SEALED_PAGE_BYTES;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(start))?;
        (&mut *file).take(SEALED_PAGE_BYTES).read_to_end(&mut page)?;
        drop(file);
        let part = match number + 1 == self.pages {
            true => Part::Last,
            false => Part::Inner,
        };
        let nonce = page_nonce(&self.id, number);
        let aad = associated(&self.name, part);
        self.directory.shared.cipher.open(&nonce, &aad, &mut page)?;
        Ok(page)
    }

    fn cached_page(&self, number: u64) -> io::Result<OwnedBytes> {
        if let Some(page) = self.directory.pages().get(&(self.id, number)) {
            return Ok(page.clone());
        }
        let page = OwnedBytes::new(self.open_page(number)?);
        self.directory.pages().put((self.id, number), page.clone());
        Ok(page)
    }

    /// Appends `range` of page `number` to `out`.
    fn copy(&self, number: u64, cache: Caching, range: Range<usize>, out: &mut Vec<u8>) -> io::Result<()> {
        let kept = self.directory.pages().get(&(self.id, number)).cloned();
        let page = match (kept, cache) {
            (Some(page), _) => page,
            (None, Caching::Fill) => self.cached_page(number)?,
            (None, Caching::Pass) => OwnedBytes::new(self.open_page(number)?),
        };
        out.extend_from_slice(page.get(range).ok_or_else(damaged)?);
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Caching {
    Fill,
    Pass,
}

impl FileHandle for SealedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        if self.len < range.end {
            return Err(damaged());
        }
        let (first, last) = (range.start / PAGE_BYTES, (range.end - 1) / PAGE_BYTES);
        let start = range.start - first * PAGE_BYTES;
        if first == last {
            let page = self.cached_page(first as u64)?;
            let end = start + range.len();
            if page.len() < end {
                return Err(damaged());
            }
            return Ok(page.slice(start..end));
        }
        let cache = match (last - first) as u64 <= CACHED_READ_PAGES_MAX {
            true => Caching::Fill,
            false => Caching::Pass,
        };
        let mut bytes = Vec::with_capacity(range.len());
        for number in first..=last {
            let from = range.start.saturating_sub(number * PAGE_BYTES);
            let to = (range.end - number * PAGE_BYTES).min(PAGE_BYTES);
            self.copy(number as u64, cache, from..to, &mut bytes)?;
        }
        Ok(OwnedBytes::new(bytes))
    }
}

impl HasLen for SealedFile {
    fn len(&self) -> usize {
        self.len
    }
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SealedFile").field(&self.name).finish()
    }
}
