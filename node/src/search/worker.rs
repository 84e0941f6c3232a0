//! The thread that writes the index: takes the waiting changes, commits them, and forgets them from the tail.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tantivy::directory::Directory;
use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{IndexReader, IndexWriter, Searcher};

use super::Error;
use super::schema::{self, Opened};
use super::tail::{COMMIT_CHANGES, Change, Tail, WAITING_MAX};

/// Memory of the writer while running, bytes: the least that tantivy takes.
const HEAP_STEADY_BYTES: usize = 15_000_000;

/// Memory of the writer while the index is built anew, bytes.
const HEAP_BULK_BYTES: usize = 100_000_000;

/// Changes between two commits of a rebuild.
const BULK_COMMIT_CHANGES: usize = 100_000;

/// Time between two commits of a rebuild: the newest come first, and a person wants to find them.
const BULK_COMMIT_AFTER: Duration = Duration::from_secs(15);

/// Larger segments are left alone. Bounds the time a merge runs, and so the time that closing waits, to seconds.
const MERGED_SEGMENT_MESSAGES_MAX: usize = 250_000;

/// Share of removed messages in a segment that makes it be written anew.
const REMOVED_SHARE_MAX: f32 = 0.2;

/// How much memory the writer takes and how often it commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Steady,
    Bulk,
}

/// How the worker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// What waits is committed first.
    Commit,
    /// What waits is dropped.
    Abandon,
}

/// What a commit says about the index, kept in its payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether all older messages are in.
    pub(super) complete: bool,
    /// How far the caller had come, in its own counting.
    pub(super) mark: Option<u64>,
}

/// What the handle and the worker share.
pub(super) struct Shared {
    root: PathBuf,
    desk: Mutex<Desk>,
    changed: Condvar,
}

/// What lies between them: changes and wishes for the worker, its answers.
struct Desk {
    reader: IndexReader,
    tail: Tail,
    standing: Standing,
    pace: Pace,
    stop: Option<Stop>,
    purge: bool,
    /// Commits asked for, and those of them that are done.
    asked: u64,
    answered: u64,
    damaged: bool,
}

struct Worker {
    shared: Arc<Shared>,
    opened: Opened,
    /// `None` only between two writers.
    writer: Option<IndexWriter>,
    pace: Pace,
    /// Changes that the writer has and no commit holds, and since when.
    uncommitted: usize,
    uncommitted_since: Option<Instant>,
    committed_standing: Standing,
}

/// What the worker takes from the desk at once.
struct Job {
    changes: Vec<Change>,
    last: u64,
    standing: Standing,
    pace: Pace,
    stop: Option<Stop>,
    purge: bool,
    asked: Option<u64>,
}

impl Shared {
    pub(super) fn new(root: PathBuf, reader: IndexReader, standing: Standing) -> Shared {
        let desk = Desk {
            reader,
            tail: Tail::default(),
            standing,
            pace: Pace::Steady,
            stop: None,
            purge: false,
            asked: 0,
            answered: 0,
            damaged: false,
        };
        Shared { root, desk: Mutex::new(desk), changed: Condvar::new() }
    }

    /// Puts a change on the desk, waiting while too many lie there.
    pub(super) fn push(&self, change: Change) -> Result<(), Error> {
        let mut desk = self.desk();
        while WAITING_MAX <= desk.tail.waiting() && !desk.damaged {
            desk = self.wait(desk, None);
        }
        if desk.damaged {
            return Err(Error::Damaged);
        }
        desk.tail.push(change);
        drop(desk);
        self.changed.notify_all();
        Ok(())
    }

    pub(super) fn stand(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.desk().standing);
    }

    pub(super) fn go(&self, pace: Pace) {
        self.desk().pace = pace;
        self.changed.notify_all();
    }

    pub(super) fn stop(&self, stop: Stop) {
        self.desk().stop = Some(stop);
        self.changed.notify_all();
    }

    /// Waits until a commit holds everything given so far.
    pub(super) fn flush(&self) -> Result<(), Error> {
        let mut desk = self.desk();
        desk.asked += 1;
        let mine = desk.asked;
        self.changed.notify_all();
        while desk.answered < mine {
            if desk.damaged {
                return Err(Error::Damaged);
            }
            desk = self.wait(desk, None);
        }
        Ok(())
    }

    pub(super) fn ask_purge(&self) {
        self.desk().purge = true;
    }

    /// What is searched: the last commit and, from the same moment, the changes after it.
    pub(super) fn view<T>(&self, take: impl FnOnce(Searcher, &Tail) -> T) -> Result<T, Error> {
        let desk = self.desk();
        match desk.damaged {
            true => Err(Error::Damaged),
            false => Ok(take(desk.reader.searcher(), &desk.tail)),
        }
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.desk().damaged
    }

    /// From now on every call fails, and the next open starts anew.
    pub(super) fn condemn(&self) {
        self.desk().damaged = true;
        schema::condemn(&self.root);
        self.changed.notify_all();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, desk: MutexGuard<'a, Desk>, until: Option<Instant>) -> MutexGuard<'a, Desk> {
        let Some(until) = until else {
            let desk = self.changed.wait(desk);
            return desk.unwrap_or_else(PoisonError::into_inner);
        };
        let time = until.saturating_duration_since(Instant::now());
        let woken = self.changed.wait_timeout(desk, time);
        woken.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits for something to do.
    fn take(&self, pace: Pace, commit_at: Option<Instant>) -> Job {
        let mut desk = self.desk();
        loop {
            let deadline = match (desk.tail.deadline(), commit_at) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            if desk.is_urgent(pace) || deadline.is_some_and(|it| it <= Instant::now()) {
                break;
            }
            desk = self.wait(desk, deadline);
        }
        let asked = (desk.answered < desk.asked).then_some(desk.asked);
        Job {
            changes: desk.tail.hand_over(),
            last: desk.tail.last(),
            standing: desk.standing,
            pace: desk.pace,
            stop: desk.stop,
            purge: std::mem::take(&mut desk.purge),
            asked,
        }
    }

    /// The commit up to change `last` is on disk: one step takes it into view and forgets the tail.
    fn committed(&self, last: u64) -> tantivy::Result<()> {
        let mut desk = self.desk();
        desk.reader.reload()?;
        desk.tail.forget(last);
        drop(desk);
        self.changed.notify_all();
        Ok(())
    }

    fn answer(&self, asked: u64) {
        self.desk().answered = asked;
        self.changed.notify_all();
    }

    fn trim(&self, last: u64) {
        let upto = last.saturating_sub(COMMIT_CHANGES as u64);
        self.desk().tail.forget(upto);
        self.changed.notify_all();
    }
}

impl Desk {
    fn is_urgent(&self, pace: Pace) -> bool {
        self.stop.is_some() || self.pace != pace || self.answered < self.asked || COMMIT_CHANGES <= self.tail.waiting()
    }
}

impl Standing {
    pub(super) fn parse(payload: &str) -> Standing {
        let mut parts = payload.split(' ');
        Standing { complete: parts.next() == Some("complete"), mark: parts.next().and_then(|it| it.parse().ok()) }
    }

    fn to_payload(self) -> String {
        let word = match self.complete {
            true => "complete",
            false => "partial",
        };
        match self.mark {
            Some(mark) => format!("{word} {mark}"),
            None => word.to_owned(),
        }
    }
}

/// Runs until stopped. Whatever goes wrong condemns the index; nothing unwinds further.
pub(super) fn run(shared: &Arc<Shared>, opened: Opened, standing: Standing) {
    let worker = Worker {
        shared: Arc::clone(shared),
        opened,
        writer: None,
        pace: Pace::Steady,
        uncommitted: 0,
        uncommitted_since: None,
        committed_standing: standing,
    };
    match catch_unwind(AssertUnwindSafe(|| worker.work())) {
        Ok(Ok(())) => (),
        Ok(Err(why)) => {
            tracing::warn!(%why, "search index given up, it will be built anew");
            shared.condemn();
        }
        Err(_) => shared.condemn(),
    }
}

impl Worker {
    fn work(mut self) -> tantivy::Result<()> {
        // Before anything is written: tantivy's own threads do not survive a panic over a damaged page.
        self.verify()?;
        self.writer = Some(self.new_writer()?);
        while self.step()?.is_continue() {}
        self.end_writer()
    }

    fn verify(&self) -> tantivy::Result<()> {
        let directory = &self.opened.directory;
        let files: BTreeSet<PathBuf> = self.opened.index.load_metas()?.list_segment_files().into_iter().collect();
        // The list names parts that a segment may lack.
        let there = files.iter().filter(|it| directory.exists(it).unwrap_or(true));
        directory.verify(there.map(PathBuf::as_path))?;
        Ok(())
    }

    fn step(&mut self) -> tantivy::Result<ControlFlow<()>> {
        let commit_at = self.uncommitted_since.map(|it| it + BULK_COMMIT_AFTER);
        let job = self.shared.take(self.pace, commit_at);
        if job.stop == Some(Stop::Abandon) {
            return Ok(ControlFlow::Break(()));
        }
        self.write(&job.changes)?;
        let full = BULK_COMMIT_CHANGES <= self.uncommitted
            || self.uncommitted_since.is_some_and(|it| BULK_COMMIT_AFTER <= it.elapsed());
        let bulk = self.pace == Pace::Bulk && job.pace == Pace::Bulk;
        if !bulk || full || job.asked.is_some() || job.stop.is_some() {
            self.commit(&job)?;
        } else {
            self.shared.trim(job.last);
        }
        if job.purge {
            self.purge()?;
        }
        if let Some(asked) = job.asked {
            self.shared.answer(asked);
        }
        if job.stop.is_some() {
            return Ok(ControlFlow::Break(()));
        }
        if job.pace != self.pace {
            self.end_writer()?;
            self.pace = job.pace;
            self.writer = Some(self.new_writer()?);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn writer(&mut self) -> tantivy::Result<&mut IndexWriter> {
        let missing = || tantivy::TantivyError::SystemError("no writer".into());
        self.writer.as_mut().ok_or_else(missing)
    }

    fn write(&mut self, changes: &[Change]) -> tantivy::Result<()> {
        let fields = self.opened.fields;
        let writer = self.writer()?;
        for change in changes {
            if change.removes {
                writer.delete_term(fields.key_term(&change.id));
            }
            if let Some(message) = &change.message {
                writer.add_document(fields.document(message))?;
            }
        }
        self.uncommitted += changes.len();
        if !changes.is_empty() {
            self.uncommitted_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    fn commit(&mut self, job: &Job) -> tantivy::Result<()> {
        if self.uncommitted == 0 && job.standing == self.committed_standing {
            return Ok(());
        }
        let mut commit = self.writer()?.prepare_commit()?;
        commit.set_payload(&job.standing.to_payload());
        commit.commit()?;
        self.uncommitted = 0;
        self.uncommitted_since = None;
        self.committed_standing = job.standing;
        self.shared.committed(job.last)
    }

    /// Writes every segment anew that still holds words of removed messages.
    fn purge(&mut self) -> tantivy::Result<()> {
        // Only ids: a description of a segment that is alive keeps its files from being collected.
        let segments = self.opened.index.searchable_segment_metas()?.into_iter();
        let ids: Vec<SegmentId> = segments.filter(|it| 0 < it.num_deleted_docs()).map(|it| it.id()).collect();
        for id in ids {
            // A refusal means that the segment is being merged already, which drops the same words.
            if let Err(why) = self.writer()?.merge(&[id]).wait() {
                tracing::debug!(%why, "segment is not purged by itself");
            }
        }
        self.shared.committed(0)?;
        self.writer()?.garbage_collect_files().wait()?;
        self.opened.directory.forget_pages();
        Ok(())
    }

    fn new_writer(&self) -> tantivy::Result<IndexWriter> {
        let heap = match self.pace {
            Pace::Steady => HEAP_STEADY_BYTES,
            Pace::Bulk => HEAP_BULK_BYTES,
        };
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(heap)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer = self.opened.index.writer_with_options(options)?;
        let mut policy = LogMergePolicy::default();
        policy.set_max_docs_before_merge(MERGED_SEGMENT_MESSAGES_MAX);
        policy.set_del_docs_ratio_before_merge(REMOVED_SHARE_MAX);
        writer.set_merge_policy(Box::new(policy));
        Ok(writer)
    }

    /// No thread of the old writer outlives this, so the directory may be opened again or removed.
    fn end_writer(&mut self) -> tantivy::Result<()> {
        match self.writer.take() {
            Some(writer) => writer.wait_merging_threads(),
            None => Ok(()),
        }
    }
}
