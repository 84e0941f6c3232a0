//! Full-text search over messages, Russian and English, sealed on disk.
//!
//! The index is a cache: it knows ids, spaces, times and words, never a permission and never a text. Whoever shows a
//! hit asks the store for the message and the core whether the reader may see it. On any damage the index is thrown
//! away and [`State::NeedsRebuild`] asks for all messages anew.
//!
//! A new message is found at once: changes stay in memory and are searched there until a commit, every 3 seconds or
//! 500 changes, holds them. All calls block for a short time and belong on a worker thread, not in the driver's loop.

pub mod filter;
mod layout;
pub mod passage;
mod query;
mod schema;
mod sealed;
mod tail;
mod view;
mod words;
mod worker;

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::search::query::Parsed;
use crate::search::schema::{Fields, Message, Opened};
use crate::search::tail::Change;
use crate::search::view::View;
use crate::search::worker::{Pace, Shared, Standing, Stop};

pub use crate::search::query::LastWord;

/// Id of a message: the id of its first entry, also after edits.
pub type MessageId = [u8; 32];

/// Id of a space.
pub type SpaceId = [u8; 16];

/// Id of a device.
pub type DeviceId = [u8; 16];

/// Most hits of one search; a larger [`Request::limit`] means this.
pub const HITS_MAX: usize = 10_000;

/// A message to be found.
#[derive(Clone, Copy)]
pub struct NewMessage<'a> {
    /// Which message.
    pub id: MessageId,
    /// Where it was written.
    pub space: SpaceId,
    /// Its time (HLC), milliseconds since 1970. Hits come newest first by it.
    pub hlc_ms: u64,
    /// What it says. Only words are kept, and only sealed.
    pub text: &'a str,
    /// The device that wrote it.
    pub device: DeviceId,
    /// What else is known of it.
    pub marks: &'a [Mark],
}

/// What is known of a message beside its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It has a file.
    File,
    /// Its text has an address in the web.
    Link,
    /// It is a reply in a thread.
    Reply,
}

/// What a message must be beside what it says.
#[derive(Clone, Copy, Default)]
pub struct Only<'a> {
    /// Written by one of these devices; by anybody if absent.
    pub devices: Option<&'a [DeviceId]>,
    /// With all these marks.
    pub marks: &'a [Mark],
    /// Not earlier than this, milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// Earlier than this, milliseconds since 1970.
    pub before_ms: Option<u64>,
    /// No words stand for every message; otherwise they find nothing.
    pub wordless: bool,
}

/// What becomes of a hit that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Take,
    /// It does not.
    Pass,
    /// It does not, and nothing older is wanted.
    Enough,
}

/// What to look for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// As typed: words that must all occur, in any form; `"words in a row"`; `begin*`. Any string is allowed, and what
    /// is no operator is words. Operators such as `from:` and `in:` are taken out before, by [`filter::parse`]. At most the first 512
    /// characters and 16 clauses count.
    pub text: &'a str,
    /// Whether the last word may go on (search while typing).
    pub last_word: LastWord,
    /// Only in these spaces; empty means everywhere.
    pub spaces: &'a [SpaceId],
    /// What else must hold.
    pub only: Only<'a>,
    /// Most hits wanted, up to [`HITS_MAX`].
    pub limit: usize,
}

/// A message that was found. Whether the reader may see it is the caller's question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Its time (HLC), milliseconds since 1970.
    pub hlc_ms: u64,
    /// Which message.
    pub id: MessageId,
    /// Where it was written.
    pub space: SpaceId,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Newest first, each message once.
    pub hits: Vec<Hit>,
    /// Set if the text as typed found nothing and these hits are of the same keys in the other keyboard layout
    /// (`ghbdtn` is привет): what was looked for instead.
    pub read_as: Option<String>,
}

/// What an opened index needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Sound and complete up to the mark.
    Ready {
        /// The last [`Search::mark`] that a commit holds: give everything after it again.
        mark: Option<u64>,
    },
    /// Empty: give all messages between [`Search::begin_rebuild`] and [`Search::finish_rebuild`].
    NeedsRebuild,
}

/// Why the index cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory of the index cannot be removed or created.
    #[error("the search index cannot be created")]
    Create(#[source] io::Error),
    /// An empty index cannot be set up in its directory.
    #[error("the search index cannot be set up")]
    SetUp(#[source] tantivy::TantivyError),
    /// The index is damaged or its disk fails. Drop it and open it again: it will be empty and ask for a rebuild.
    #[error("the search index is damaged and must be built anew")]
    Damaged,
}

/// An open index. Dropping it drops what waits for a commit; [`Search::close`] keeps it.
///
/// Nothing of it stays in memory after either, except freed memory that was not wiped: pages handed to the library
/// and its own buffers. Keys and words held by this module are wiped.
pub struct Search {
    shared: Arc<Shared>,
    fields: Fields,
    worker: Option<JoinHandle<()>>,
}

impl Search {
    /// Opens the index in `root`, which is its alone, under `key`.
    ///
    /// If it is absent, incomplete, of another version, under another key or damaged, everything in `root` is removed
    /// and the state is [`State::NeedsRebuild`]. All pages are checked in the background after this returns.
    ///
    /// # Errors
    /// If `root` cannot be written.
    pub fn open(root: &Path, key: &[u8; 32]) -> Result<(Search, State), Error> {
        if let Some((opened, standing)) = open_sound(root, key) {
            let state = State::Ready { mark: standing.mark };
            return Ok((Search::start(root, opened, standing)?, state));
        }
        match fs::remove_dir_all(root) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(Error::Create(why)),
            _ => (),
        }
        let opened = schema::open(root, key).map_err(Error::SetUp)?;
        let search = Search::start(root, opened, Standing::default())?;
        Ok((search, State::NeedsRebuild))
    }

    fn start(root: &Path, opened: Opened, standing: Standing) -> Result<Search, Error> {
        let reader = opened.reader.clone();
        let shared = Arc::new(Shared::new(root.to_path_buf(), reader, standing));
        let fields = opened.fields;
        let theirs = Arc::clone(&shared);
        let worker = std::thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || worker::run(&theirs, opened, standing))
            .map_err(Error::Create)?;
        Ok(Search { shared, fields, worker: Some(worker) })
    }

    /// Takes in a message that the index does not have. Found at once; durable within seconds.
    ///
    /// Waits while 4 096 changes are ahead of it. The same message twice is harmless, it is shown once.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn add(&self, message: NewMessage<'_>) -> Result<(), Error> {
        self.put(message, Earlier::Absent)
    }

    /// Takes in a message in place of its earlier version: an edit, or when in doubt whether it is there.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn replace(&self, message: NewMessage<'_>) -> Result<(), Error> {
        self.put(message, Earlier::Removed)
    }

    fn put(&self, message: NewMessage<'_>, earlier: Earlier) -> Result<(), Error> {
        let hit = Hit { hlc_ms: message.hlc_ms, id: message.id, space: message.space };
        self.shared.push(Change {
            removes: earlier == Earlier::Removed,
            id: message.id,
            message: Some(Arc::new(Message {
                hit,
                words: words::words(message.text),
                device: message.device,
                marks: message.marks.to_vec(),
            })),
        })
    }

    /// Removes a message. Not found from now on; its words leave the disk when its segment is next written, at the
    /// latest with [`Search::purge`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn remove(&self, id: &MessageId) -> Result<(), Error> {
        self.shared.push(Change { removes: true, id: *id, message: None })
    }

    /// Says that everything up to `position`, in the caller's own counting, has been given. The next commit keeps it,
    /// and [`State::Ready`] gives it back.
    pub fn mark(&self, position: u64) {
        self.shared.stand(|it| it.mark = Some(position));
    }

    /// After [`State::NeedsRebuild`]: the caller is about to give all messages, newest first. The writer takes 100 MB and commits seldom, and of what is added only
    /// the last 500 and what is committed (every 15 seconds) are found. Until [`Search::finish_rebuild`] a reopened
    /// index needs a rebuild again.
    pub fn begin_rebuild(&self) {
        self.shared.stand(|it| it.complete = false);
        self.shared.go(Pace::Bulk);
    }

    /// All messages have been given. Waits until they are durable.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn finish_rebuild(&self) -> Result<(), Error> {
        self.shared.stand(|it| it.complete = true);
        self.shared.go(Pace::Steady);
        self.shared.flush()
    }

    /// Waits until everything given so far is durable.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn flush(&self) -> Result<(), Error> {
        self.shared.flush()
    }

    /// Waits until no word of a removed message is left on disk or in the cache: segments with removed messages are
    /// written anew, which takes seconds for a large one.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn purge(&self) -> Result<(), Error> {
        self.shared.ask_purge();
        self.shared.flush()
    }

    /// Finds messages, newest first.
    ///
    /// # Errors
    /// [`Error::Damaged`]. No text is an error.
    pub fn search(&self, request: &Request<'_>) -> Result<Found, Error> {
        self.search_where(request, &mut |_| Verdict::Take)
    }

    /// Finds messages that `judge` takes, newest first: for what only the store knows.
    ///
    /// # Errors
    /// [`Error::Damaged`]. No text is an error.
    pub fn search_where(&self, request: &Request<'_>, judge: &mut dyn FnMut(&Hit) -> Verdict) -> Result<Found, Error> {
        let view = self.shared.view(|searcher, tail| {
            let (messages, outdated) = tail.snapshot();
            View { searcher, fields: self.fields, messages, outdated }
        })?;
        // The library panics on some read errors.
        match catch_unwind(AssertUnwindSafe(|| find(&view, request, judge))) {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(_)) | Err(_) => {
                self.shared.condemn();
                Err(Error::Damaged)
            }
        }
    }

    /// Whether damage was found since the index was opened: every call but this fails then.
    pub fn is_damaged(&self) -> bool {
        self.shared.is_damaged()
    }

    /// Commits what waits and drops everything from memory. Waits for running merges, seconds at most.
    ///
    /// # Errors
    /// [`Error::Damaged`]: what waited may be lost, the next open asks for a rebuild.
    pub fn close(mut self) -> Result<(), Error> {
        self.end(Stop::Commit);
        match self.shared.is_damaged() {
            true => Err(Error::Damaged),
            false => Ok(()),
        }
    }

    fn end(&mut self, stop: Stop) {
        let Some(worker) = self.worker.take() else {
            return;
        };
        self.shared.stop(stop);
        if worker.join().is_err() {
            self.shared.condemn();
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.end(Stop::Abandon);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Earlier {
    Absent,
    Removed,
}

/// An index that can be used as it is.
fn open_sound(root: &Path, key: &[u8; 32]) -> Option<(Opened, Standing)> {
    let opened = catch_unwind(|| schema::open(root, key));
    let opened = opened.ok().and_then(Result::ok)?;
    let standing = Standing::parse(opened.payload.as_deref()?);
    standing.complete.then_some((opened, standing))
}

fn find(view: &View, request: &Request<'_>, judge: &mut dyn FnMut(&Hit) -> Verdict) -> tantivy::Result<Found> {
    let limit = request.limit.min(HITS_MAX);
    let typed = Parsed::new(request.text, request.last_word);
    let hits = view.hits(&typed, request, limit, judge)?;
    let other = match hits.is_empty() {
        true => layout::switched(request.text),
        false => None,
    };
    let Some(other) = other else {
        let read_as = None;
        return Ok(Found { hits, read_as });
    };
    let parsed = Parsed::new(&other, request.last_word);
    let hits = view.hits(&parsed, request, limit, judge)?;
    let read_as = (!hits.is_empty()).then_some(other);
    Ok(Found { hits, read_as })
}

#[cfg(test)]
mod tests;
