//! A tantivy directory whose files are sealed page by page, so that no word of a message reaches the disk in clear.
//!
//! A written file is 16 random bytes and then pages of [`PAGE_BYTES`], each XChaCha20-Poly1305 with the nonce
//! *random bytes ‖ page number* and the file name with a last-page flag as associated data: a page moved to another
//! place, another file or a file cut short does not open. Small files that are replaced whole (`meta.json`) are one
//! box under a fresh nonce. File names and sizes are not hidden, and a rollback of the whole directory is not
//! noticed: the index is only a cache.

mod page;
mod read;
mod write;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};

use page::{FileId, PageCipher, TAG_BYTES};
use read::SealedFile;
use write::SealedWriter;

/// Size of one page of clear bytes.
///
/// 16 KiB: a page costs about 10 µs to open, and the tag adds 0.1 %. Smaller pages make long posting lists slower,
/// larger ones make every single look-up dearer.
pub(super) const PAGE_BYTES: usize = 16 * 1024;

/// Opened pages kept in memory: 1 024 pages are 16 MiB.
const CACHED_PAGES: usize = 1_024;

/// A read of more pages than this does not enter the cache, or one long posting list would push out everything else.
const CACHED_READ_PAGES_MAX: u64 = 256;

/// How long a blocking lock is waited for. Tantivy holds one for milliseconds.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(10);

/// A directory of sealed files. Cheap to clone; all clones share cache and locks.
#[derive(Clone)]
pub(super) struct SealedDirectory {
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    cipher: PageCipher,
    pages: Mutex<LruCache<(FileId, u64), OwnedBytes>>,
    /// Locks live in memory: a lock file would stay after a crash and block the next start. The lock of the home
    /// already keeps other processes out.
    locks: Mutex<BTreeSet<PathBuf>>,
    unlocked: Condvar,
}

impl SealedDirectory {
    /// Opens the directory at `root`, creating it if absent. Nothing is read yet.
    pub(super) fn open(root: &Path, key: &[u8; 32]) -> io::Result<SealedDirectory> {
        fs::create_dir_all(root)?;
        let capacity = NonZeroUsize::new(CACHED_PAGES).unwrap_or(NonZeroUsize::MIN);
        let shared = Shared {
            root: root.to_path_buf(),
            cipher: PageCipher::new(key),
            pages: Mutex::new(LruCache::new(capacity)),
            locks: Mutex::default(),
            unlocked: Condvar::new(),
        };
        Ok(SealedDirectory { shared: Arc::new(shared) })
    }

    /// Opens every page of every file in `names` and throws it away: the first page that does not open is an error.
    ///
    /// Costs about 1.5 ms a megabyte. The cache is not filled.
    pub(super) fn verify<'a>(&self, names: impl Iterator<Item = &'a Path>) -> io::Result<()> {
        for name in names {
            let file = SealedFile::open(self.clone(), name)?;
            for number in 0..file.pages() {
                file.open_page(number)?;
            }
        }
        Ok(())
    }

    /// Drops all opened pages from memory.
    pub(super) fn forget_pages(&self) {
        self.pages().clear();
    }

    fn path_of(&self, name: &Path) -> PathBuf {
        self.shared.root.join(name)
    }

    fn pages(&self) -> MutexGuard<'_, LruCache<(FileId, u64), OwnedBytes>> {
        self.shared.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn locks(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.shared.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory for SealedDirectory {
    fn get_file_handle(&self, name: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match SealedFile::open(self.clone(), name) {
            Ok(file) => Ok(Arc::new(file)),
            Err(why) => Err(read_error(why, name)),
        }
    }

    fn delete(&self, name: &Path) -> Result<(), DeleteError> {
        fs::remove_file(self.path_of(name)).map_err(|why| match why.kind() {
            ErrorKind::NotFound => DeleteError::FileDoesNotExist(name.to_path_buf()),
            _ => DeleteError::IoError { io_error: Arc::new(why), filepath: name.to_path_buf() },
        })
    }

    fn exists(&self, name: &Path) -> Result<bool, OpenReadError> {
        self.path_of(name).try_exists().map_err(|why| read_error(why, name))
    }

    fn open_write(&self, name: &Path) -> Result<WritePtr, OpenWriteError> {
        match SealedWriter::create(self.clone(), name) {
            Ok(writer) => Ok(WritePtr::new(Box::new(writer))),
            Err(why) if why.kind() == ErrorKind::AlreadyExists => {
                Err(OpenWriteError::FileAlreadyExists(name.to_path_buf()))
            }
            Err(why) => Err(OpenWriteError::wrap_io_error(why, name.to_path_buf())),
        }
    }

    fn atomic_read(&self, name: &Path) -> Result<Vec<u8>, OpenReadError> {
        let sealed = fs::read(self.path_of(name)).map_err(|why| read_error(why, name))?;
        self.shared.cipher.open_whole(name, &sealed).map_err(|why| read_error(why, name))
    }

    fn atomic_write(&self, name: &Path, data: &[u8]) -> io::Result<()> {
        let sealed = self.shared.cipher.seal_whole(name, data)?;
        let mut temporary = name.as_os_str().to_os_string();
        temporary.push(".tmp");
        let temporary = self.path_of(Path::new(&temporary));
        let mut file = File::create(&temporary)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        drop(file); // Windows does not rename an open file.
        fs::rename(&temporary, self.path_of(name))
    }

    #[cfg(unix)]
    fn sync_directory(&self) -> io::Result<()> {
        File::open(&self.shared.root)?.sync_all()
    }

    /// Windows cannot flush a directory; NTFS journals renames itself.
    #[cfg(not(unix))]
    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        let deadline = Instant::now() + LOCK_WAIT_MAX;
        let mut held = self.locks();
        while held.contains(&lock.filepath) {
            if !lock.is_blocking || deadline <= Instant::now() {
                return Err(LockError::LockBusy);
            }
            let waited = self.shared.unlocked.wait_timeout(held, LOCK_WAIT_MAX).unwrap_or_else(PoisonError::into_inner);
            held = waited.0;
        }
        held.insert(lock.filepath.clone());
        Ok(DirectoryLock::from(Box::new(HeldLock { directory: self.clone(), name: lock.filepath.clone() })))
    }

    /// Readers are reloaded by hand after a commit, so nobody watches.
    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

impl fmt::Debug for SealedDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SealedDirectory").field(&self.shared.root).finish()
    }
}

struct HeldLock {
    directory: SealedDirectory,
    name: PathBuf,
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.directory.locks().remove(&self.name);
        self.directory.shared.unlocked.notify_all();
    }
}

fn read_error(why: io::Error, name: &Path) -> OpenReadError {
    match why.kind() {
        ErrorKind::NotFound => OpenReadError::FileDoesNotExist(name.to_path_buf()),
        _ => OpenReadError::wrap_io_error(why, name.to_path_buf()),
    }
}

#[cfg(test)]
mod tests;
