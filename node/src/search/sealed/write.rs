//! Writing a sealed file from its start to its end.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tantivy::directory::{AntiCallToken, TerminatingWrite};
use zeroize::Zeroizing;

use super::page::{FileId, Part, associated, page_nonce, random};
use super::{PAGE_BYTES, SealedDirectory};

/// A file being written. Bytes are sealed before they leave memory; the last page is written on termination.
pub(super) struct SealedWriter {
    directory: SealedDirectory,
    name: PathBuf,
    file: File,
    id: FileId,
    /// Number of the page that is being filled.
    number: u64,
    /// Clear bytes of that page: more than [`PAGE_BYTES`] only inside `write`.
    page: Zeroizing<Vec<u8>>,
}

impl SealedWriter {
    /// Creates `name`, which must not exist.
    pub(super) fn create(directory: SealedDirectory, name: &Path) -> io::Result<SealedWriter> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(directory.path_of(name))?;
        let mut id = FileId::default();
        random(&mut id)?;
        file.write_all(&id)?;
        Ok(SealedWriter {
            directory,
            name: name.to_path_buf(),
            file,
            id,
            number: 0,
            page: Zeroizing::new(Vec::with_capacity(PAGE_BYTES + super::TAG_BYTES)),
        })
    }

    fn put(&mut self, part: Part) -> io::Result<()> {
        let nonce = page_nonce(&self.id, self.number);
        let aad = associated(&self.name, part);
        self.directory.shared.cipher.seal(&nonce, &aad, &mut self.page)?;
        self.file.write_all(&self.page)?;
        self.page.clear();
        self.number += 1;
        Ok(())
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // A full page waits for one more byte: only then it is known not to be the last.
            if self.page.len() == PAGE_BYTES {
                self.put(Part::Inner)?;
            }
            let taken = rest.len().min(PAGE_BYTES - self.page.len());
            let (now, later) = rest.split_at(taken);
            self.page.extend_from_slice(now);
            rest = later;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for SealedWriter {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.put(Part::Last)?;
        self.file.sync_all()
    }
}
