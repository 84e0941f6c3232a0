//! The home: one directory with everything a node keeps, held by one process at a time.
//!
//! ```text
//! HOME/                    0700 on Unix
//!   layout                 "artel home 1", then the id of the home; written last when a home is made
//!   lock                   empty; locked while a process has the home open
//!   pid                    who that process is (a file of its own: Windows forbids reading a locked one)
//!   clean                  the clean-shutdown mark; absent while open and after a crash
//!   vault.cbor             keys, sealed by the password
//!   own.bin                heads of our own logs
//!   journal/ blobs/        the truth: entries and files
//!   index/ search/         rebuildable
//!   peers.cbor             addresses that worked, sealed
//!   settings.toml  provision.toml    written by people; both optional
//!   socket                 where the running node answers (Unix; see `ipc`)
//! ```

mod error;
mod mark;
mod os;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use error::HomeError;

/// The version of this layout. A program refuses a home with a greater one without touching it.
pub const LAYOUT_VERSION: u32 = 1;

/// Environment variable that names the home; without it the per-user data directory is used.
pub const HOME_VARIABLE: &str = "ARTEL_HOME";

/// What people or their administrators may put into a directory before it becomes a home.
const WRITTEN_BY_PEOPLE: [&str; 2] = ["settings.toml", "provision.toml"];
const LAYOUT_WORDS: &str = "artel home";
const LAYOUT_BYTES_MAX: u64 = 4 * 1024;

/// Names and paths inside a home. Says nothing about whether it exists or who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout under `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The home named by `ARTEL_HOME`, else the per-user data directory of the system.
    ///
    /// # Errors
    /// [`HomeError::NoPlace`] when the system knows no data directory for this user.
    pub fn from_env() -> Result<Self, HomeError> {
        match std::env::var_os(HOME_VARIABLE).filter(|it| !it.is_empty()) {
            Some(root) => Ok(Self::new(root)),
            None => directories::ProjectDirs::from("", "", "artel")
                .map(|it| Self::new(it.data_local_dir().join("home")))
                .ok_or(HomeError::NoPlace),
        }
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The version file; a directory with it is a home.
    pub fn layout(&self) -> PathBuf {
        self.root.join("layout")
    }

    /// The file that the holder of the home keeps locked.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The file that tells the process id of the holder.
    pub fn pid(&self) -> PathBuf {
        self.root.join("pid")
    }

    /// The clean-shutdown mark.
    pub fn clean(&self) -> PathBuf {
        self.root.join("clean")
    }

    /// The vault.
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault.cbor")
    }

    /// Heads of our own logs.
    pub fn own(&self) -> PathBuf {
        self.root.join("own.bin")
    }

    /// The directory of the journal.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// The directory of the rebuildable index.
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The directory of blobs.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// The directory of the search index.
    pub fn search(&self) -> PathBuf {
        self.root.join("search")
    }

    /// Addresses of members that worked.
    pub fn peers(&self) -> PathBuf {
        self.root.join("peers.cbor")
    }

    /// Settings of this machine, written by people.
    pub fn settings(&self) -> PathBuf {
        self.root.join("settings.toml")
    }

    /// Addresses given by the administrator.
    pub fn provision(&self) -> PathBuf {
        self.root.join("provision.toml")
    }

    /// Where the running node answers on Unix, unless the path is too long for a socket.
    pub fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }

    /// Reads the version without changing anything: `None` where there is no home.
    ///
    /// # Errors
    /// [`HomeError::TooNew`], [`HomeError::Damaged`], [`HomeError::Io`].
    pub fn probe(&self) -> Result<Option<HomeId>, HomeError> {
        let path = self.layout();
        let bytes = match read_at_most(&path, LAYOUT_BYTES_MAX) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|source| HomeError::Io { doing: "read", path: path.clone(), source })?,
        };
        parse_layout(&bytes).map_err(|why| why.at(path)).map(Some)
    }
}

/// Random identity of a home, made with it; a copy of the home has the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomeId(pub [u8; 16]);

/// How the home was left the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// The home was made just now.
    New,
    /// Closed in order, by this very directory: own logs may be continued once a peer confirmed their heads.
    Clean,
    /// No mark, or a torn one: the last process crashed or was killed. Own logs need a new `inc`.
    Unclean,
    /// The mark belongs to other files: this is a copy or a restored backup. Own logs need a new `inc`.
    Copied,
}

/// A home that this process holds. Dropping it without [`Home::close`] leaves no clean mark, as a crash would.
#[derive(Debug)]
pub struct Home {
    layout: Layout,
    id: HomeId,
    past: Past,
    lock: File,
}

impl Home {
    /// Opens the home, making it when the directory is absent or empty, and locks it.
    ///
    /// The clean mark is taken away durably before this returns. Nothing is changed when it fails with
    /// [`HomeError::TooNew`], [`HomeError::NotAHome`] or [`HomeError::Busy`].
    ///
    /// # Errors
    /// [`HomeError`]; [`HomeError::Busy`] names the process that has it open.
    pub fn open(layout: Layout) -> Result<Self, HomeError> {
        let known = layout.probe()?;
        if known.is_none() {
            refuse_foreign_directory(&layout)?;
        }
        os::create_private_dir(layout.root()).map_err(at("create", layout.root()))?;
        let lock = take_lock(&layout)?;
        // Another process may have made the home between the probe and the lock.
        let (id, past) = match layout.probe()? {
            Some(id) => (id, mark::take(&layout, id, &lock)?),
            None => (make(&layout)?, Past::New),
        };
        // The index's folder is the store's to make: an empty one it did not make would look like a lost index.
        for folder in [layout.journal(), layout.blobs(), layout.search()] {
            os::create_private_dir(&folder).map_err(at("create", &folder))?;
        }
        write_atomic(&layout.pid(), std::process::id().to_string().as_bytes()).map_err(at("write", &layout.pid()))?;
        Ok(Self { layout, id, past, lock })
    }

    /// Names and paths.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The identity of the home.
    pub fn id(&self) -> HomeId {
        self.id
    }

    /// How it was left the last time.
    pub fn past(&self) -> Past {
        self.past
    }

    /// Closes in order: writes the clean mark durably and lets the lock go. Call it last, after the journal is flushed.
    ///
    /// # Errors
    /// [`HomeError::Io`]; the home is released all the same and counts as left unclean.
    pub fn close(self) -> Result<(), HomeError> {
        let path = self.layout.pid();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(at("remove", &path)(error));
            }
            _ => {}
        }
        mark::leave(&self.layout, self.id, &self.lock)
    }
}

/// Creates a new file that only this user can read.
///
/// # Errors
/// Also if it exists.
pub fn create_private(path: &Path) -> io::Result<std::fs::File> {
    os::private(std::fs::OpenOptions::new().read(true).write(true).create_new(true)).open(path)
}

/// Replaces the file at `path` by `bytes`: temporary file beside it, flush, rename, flush of the directory.
///
/// After success the new content survives power loss; after any failure the old content is whole. The file is private to
/// the user.
///
/// # Errors
/// Whatever the file system reports.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let mut file = os::create_private_file(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), os::sync_dir)
}

/// Reads a whole file of at most `limit` bytes; a longer one is [`io::ErrorKind::FileTooLarge`].
///
/// # Errors
/// Whatever the file system reports.
pub fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    use std::io::Read as _;

    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()).is_ok_and(|it| it <= limit) {
        true => Ok(bytes),
        false => Err(io::ErrorKind::FileTooLarge.into()),
    }
}

fn refuse_foreign_directory(layout: &Layout) -> Result<(), HomeError> {
    let entries = match std::fs::read_dir(layout.root()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(at("read", layout.root()))?,
    };
    for entry in entries {
        let name = entry.map_err(at("read", layout.root()))?.file_name();
        // What a home half made and then interrupted leaves behind.
        let ours = name == *"lock" || name == *"layout.new" || WRITTEN_BY_PEOPLE.map(OsStr::new).contains(&&*name);
        if !ours {
            return Err(HomeError::NotAHome { path: layout.root().to_owned() });
        }
    }
    Ok(())
}

fn take_lock(layout: &Layout) -> Result<File, HomeError> {
    let path = layout.lock();
    let lock = os::open_private_file(&path).map_err(at("open", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => {
            let pid = std::fs::read_to_string(layout.pid()).ok().and_then(|it| it.trim().parse().ok());
            Err(HomeError::Busy { pid })
        }
        Err(std::fs::TryLockError::Error(source)) => Err(at("lock", &path)(source)),
    }
}

fn make(layout: &Layout) -> Result<HomeId, HomeError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| HomeError::NoRandomness)?;
    let text = format!("{LAYOUT_WORDS} {LAYOUT_VERSION}\n{:032x}\n", u128::from_be_bytes(id));
    write_atomic(&layout.layout(), text.as_bytes()).map_err(at("write", &layout.layout()))?;
    Ok(HomeId(id))
}

enum BadLayout {
    Newer(u32),
    Damaged,
}

impl BadLayout {
    fn at(self, path: PathBuf) -> HomeError {
        match self {
            Self::Newer(found) => HomeError::TooNew { found, supported: LAYOUT_VERSION },
            Self::Damaged => HomeError::Damaged { path },
        }
    }
}

/// The first line is read before anything else is believed: a newer layout may have any form after it.
fn parse_layout(bytes: &[u8]) -> Result<HomeId, BadLayout> {
    let text = str::from_utf8(bytes).map_err(|_| BadLayout::Damaged)?;
    let mut lines = text.lines();
    let version = lines.next().and_then(|it| it.strip_prefix(LAYOUT_WORDS)).ok_or(BadLayout::Damaged)?;
    let version: u32 = version.trim().parse().map_err(|_| BadLayout::Damaged)?;
    if LAYOUT_VERSION < version {
        return Err(BadLayout::Newer(version));
    }
    let id = lines.next().filter(|it| it.len() == 32).ok_or(BadLayout::Damaged)?;
    let id = u128::from_str_radix(id, 16).map_err(|_| BadLayout::Damaged)?;
    Ok(HomeId(id.to_be_bytes()))
}

fn at<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> HomeError + 'a {
    move |source| HomeError::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
