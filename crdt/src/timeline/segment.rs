//! A segment: the records of one epoch of a space, as an Automerge document.
//!
//! The document holds, under `records`, a list of byte strings per key `hex(actor)/block`; one actor is one log (device
//! and incarnation) and alone writes its lists, so that nothing is overwritten and nothing conflicts. No Automerge bytes
//! ever come from a peer: the change for a step is a pure function (`segment/change.rs`) of the steps of the same log before it in
//! the same epoch, and of nothing else, so every replica builds the same changes with the same hashes.
//!
//! **Numbering.** The nth change of an actor is the nth step of that log in this epoch. A replica may hold a log with
//! gaps, so a step has a number only once all earlier entries of its log are known, be they steps of this epoch or not:
//! the caller gives [`Span`]s, "of the entries `first` to `last` of this log, these are the steps of this epoch". Both
//! kind and epoch are clear fields of an entry, so a caller who holds the entries knows that without any key. Spans that
//! do not reach back to position 0 wait here. Rows never wait: they are made from records directly.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc, ScalarValueRef, ValueRef};
use thiserror::Error;

use crate::entry::{Kind, Signed};
use crate::id::{EntryId, Inc, LogId, SpaceId, short_hash};
use crate::limits;

use super::placed::Placed;

mod change;

/// A document's id: SHA-256("artel/doc/1" ‖ space ‖ epoch), first 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocId(pub [u8; 16]);

impl DocId {
    /// The document of an epoch.
    pub fn of(space: &SpaceId, epoch: &EntryId) -> Self {
        Self(short_hash(&[b"artel/doc/1", &space.0, &epoch.0]))
    }

    /// The actor that a log has in this document: SHA-256("artel/actor/1" ‖ device ‖ doc ‖ inc), first 16 bytes.
    pub fn actor(&self, log: &LogId) -> [u8; 16] {
        let LogId { device, inc: Inc(inc) } = log;
        short_hash(&[b"artel/actor/1", &device.0, &self.0, inc])
    }
}

/// Why a segment did not take something.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SegmentError {
    /// A span contradicts itself: another space, epoch or log, steps outside it or not ascending.
    #[error("the span contradicts itself")]
    Span,
    /// Automerge refused, or panicked, and also when the document was built anew. Rows are not touched by this.
    #[error("the document could not be built")]
    Automerge,
}

/// What is known of a range of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which log.
    pub log: LogId,
    /// First position.
    pub first: u64,
    /// Last position.
    pub last: u64,
    /// All steps of the segment's epoch within the range, ascending; every other entry in it is something else.
    pub steps: Vec<Placed>,
}

impl Span {
    /// Makes a span of consecutive entries of one log and of those records among them that are of `epoch`; `None`
    /// without entries, or if a step of the epoch has no record in `placed`.
    pub fn of_run(epoch: &EntryId, entries: &[Signed], placed: &[Placed]) -> Option<Self> {
        let (head, tail) = (&entries.first()?.entry, &entries.last()?.entry);
        let is_step = |it: &&Signed| it.entry.kind == Kind::Step && it.entry.epoch.as_ref() == Some(epoch);
        let steps = entries.iter().filter(is_step);
        let steps = steps.map(|step| placed.iter().find(|it| it.id == step.id).cloned()).collect::<Option<_>>()?;
        Some(Self { log: head.log(), first: head.seq, last: tail.seq, steps })
    }

    fn fits(&self, space: &SpaceId, epoch: &EntryId) -> bool {
        let ascending = self.steps.windows(2).all(|it| matches!(it, [a, b] if a.order.seq < b.order.seq));
        let inside = |it: &Placed| self.first <= it.order.seq && it.order.seq <= self.last;
        let ours = |it: &Placed| it.log() == self.log && it.space == *space && it.epoch == *epoch;
        self.first <= self.last && ascending && self.steps.iter().all(|it| inside(it) && ours(it))
    }
}

/// What [`Segment::apply`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records that are new in the document.
    pub records: usize,
    /// Records that wait for an earlier part of their log, in all.
    pub waiting: usize,
    /// Steps at a position that the document knows otherwise: the log forks there. They stay rows; the document keeps
    /// the branch it had.
    pub conflicts: Vec<EntryId>,
    /// Records over [`limits::SEGMENT_WAITING_MAX`] or [`limits::WRITER_RECORDS_MAX`]: not kept. The first kind may be
    /// given again later.
    pub dropped: usize,
}

/// One log in the segment.
#[derive(Clone, Debug)]
struct Writer {
    actor: ActorId,
    /// First position of the log that is not known.
    next: u64,
    /// What is in the document, ascending.
    steps: Vec<Placed>,
    last: Option<ChangeHash>,
    /// Spans behind a gap, by (first, last).
    waiting: BTreeMap<(u64, u64), Vec<Placed>>,
    /// Records in them.
    waits: usize,
}

/// An open segment. Costs about 1.5 KB of memory a record; a node keeps a few open and builds others when asked.
#[derive(Clone, Debug)]
pub struct Segment {
    space: SpaceId,
    epoch: EntryId,
    id: DocId,
    document: Automerge,
    writers: BTreeMap<LogId, Writer>,
    waiting: usize,
}

impl Segment {
    /// A segment without records: its document holds the genesis only.
    ///
    /// # Errors
    /// [`SegmentError::Automerge`], which no input can cause.
    pub fn new(space: SpaceId, epoch: EntryId) -> Result<Self, SegmentError> {
        let id = DocId::of(&space, &epoch);
        let document = change::document(&id, Vec::new()).ok_or(SegmentError::Automerge)?;
        Ok(Self { space, epoch, id, document, writers: BTreeMap::new(), waiting: 0 })
    }

    /// The document's id.
    pub fn id(&self) -> DocId {
        self.id
    }

    /// Records in the document.
    pub fn len(&self) -> usize {
        self.writers.values().map(|it| it.steps.len()).sum()
    }

    /// Whether there is no record in the document.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes spans in any order, also those known already, and puts all records that have a number into the document,
    /// in one batch: one call per 20 to 50 ms of traffic is the cheapest.
    ///
    /// # Errors
    /// [`SegmentError::Span`], nothing taken; [`SegmentError::Automerge`], the segment is to be thrown away.
    pub fn apply(&mut self, spans: Vec<Span>) -> Result<Applied, SegmentError> {
        if !spans.iter().all(|it| it.fits(&self.space, &self.epoch)) {
            return Err(SegmentError::Span);
        }
        let mut applied = Applied::default();
        let mut touched = BTreeMap::new();
        for span in spans {
            let log = span.log;
            let writer = self.writers.entry(log).or_insert_with(|| Writer::new(&self.id, &log));
            touched.entry(log).or_insert(writer.steps.len());
            let room = limits::SEGMENT_WAITING_MAX.saturating_sub(self.waiting);
            let before = writer.waits;
            writer.take(span, room, &mut applied);
            self.waiting = self.waiting.saturating_sub(before) + writer.waits;
        }
        let mut changes = Vec::new();
        for (log, from) in touched {
            let Some(writer) = self.writers.get_mut(&log) else { continue };
            let new = writer.changes(&self.id, from);
            applied.records += new.len();
            changes.extend(new);
        }
        applied.waiting = self.waiting;
        self.absorb(changes)?;
        Ok(applied)
    }

    /// Applies changes of our own making; whatever Automerge makes of them, the document is whole afterwards or an
    /// error says that it is not. The state after a panic is unknown, so the document is then built anew.
    fn absorb(&mut self, changes: Vec<Change>) -> Result<(), SegmentError> {
        if changes.is_empty() {
            return Ok(());
        }
        let heads = self.writers.values().filter(|it| it.last.is_some()).count();
        let document = &mut self.document;
        let done = catch_unwind(AssertUnwindSafe(|| document.apply_changes(changes).is_ok()));
        if matches!(done, Ok(true)) && self.document.get_heads().len() == heads {
            return Ok(());
        }
        self.rebuild()
    }

    fn rebuild(&mut self) -> Result<(), SegmentError> {
        let changes: Vec<Change> = self.writers.values_mut().flat_map(|it| it.changes(&self.id, 0)).collect();
        self.document = change::document(&self.id, changes).ok_or(SegmentError::Automerge)?;
        Ok(())
    }

    /// All records, read out of the document, by place.
    pub fn records(&self) -> Vec<Placed> {
        let mut records = read_records(&self.document);
        records.sort_by_key(Placed::place);
        records
    }

    /// A file that any Automerge library opens. Costs 5 ms per 1 000 records: for exports. The bytes depend on the order
    /// of arrival, [`Self::heads`] do not.
    pub fn save(&self) -> Vec<u8> {
        self.document.save()
    }

    /// Hashes of the newest changes, ascending: equal iff the documents are.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<[u8; 32]> = self.document.get_heads().into_iter().map(|it| it.0).collect();
        heads.sort_unstable();
        heads
    }
}

impl Writer {
    fn new(id: &DocId, log: &LogId) -> Self {
        let actor = ActorId::from(id.actor(log));
        Self { actor, next: 0, steps: Vec::new(), last: None, waiting: BTreeMap::new(), waits: 0 }
    }

    /// Takes a span and all waiting ones that it reaches.
    fn take(&mut self, span: Span, room: usize, applied: &mut Applied) {
        if self.next < span.first {
            let count = span.steps.len();
            if self.waiting.contains_key(&(span.first, span.last)) {
                return;
            }
            if room < count || limits::LOG_RANGES_MAX <= self.waiting.len() {
                applied.dropped += count;
                return;
            }
            self.waiting.insert((span.first, span.last), span.steps);
            self.waits += count;
            return;
        }
        self.extend(span.last, span.steps, applied);
        while let Some(entry) = self.waiting.first_entry().filter(|it| it.key().0 <= self.next) {
            let ((_, last), steps) = entry.remove_entry();
            self.waits = self.waits.saturating_sub(steps.len());
            self.extend(last, steps, applied);
        }
    }

    fn extend(&mut self, last: u64, steps: Vec<Placed>, applied: &mut Applied) {
        for step in steps {
            if step.order.seq < self.next {
                let known = self.steps.binary_search_by_key(&step.order.seq, |it| it.order.seq);
                let known = known.ok().and_then(|at| self.steps.get(at));
                let beyond = self.steps.len() >= limits::WRITER_RECORDS_MAX;
                if known.is_some_and(|it| it.id != step.id) || (known.is_none() && !beyond) {
                    applied.conflicts.push(step.id);
                }
            } else if self.steps.len() < limits::WRITER_RECORDS_MAX {
                self.steps.push(step);
            } else {
                applied.dropped += 1;
            }
        }
        self.next = self.next.max(last.saturating_add(1));
    }

    /// The changes of all steps from the `from`th on; those before it have been made.
    fn changes(&mut self, id: &DocId, from: usize) -> Vec<Change> {
        let mut previous = if from == 0 { None } else { self.last };
        let mut changes = Vec::new();
        for (number, step) in self.steps.iter().enumerate().skip(from) {
            let change = change::change(id, &self.actor, number as u64, previous, step.encode());
            previous = Some(change.hash());
            changes.push(change);
        }
        self.last = previous;
        changes
    }
}

/// Reads the records of any document of this form, also of one saved and loaded elsewhere.
fn read_records(document: &Automerge) -> Vec<Placed> {
    let Ok(Some((_, records))) = document.get(automerge::ROOT, change::RECORDS) else { return Vec::new() };
    let lists = document.map_range(&records, ..).map(|it| it.id()).collect::<Vec<_>>();
    let read = |value: &ValueRef<'_>| match value {
        ValueRef::Scalar(ScalarValueRef::Bytes(bytes)) => Placed::decode(bytes).ok(),
        _ => None,
    };
    lists.iter().flat_map(|list| document.list_range(list, ..).filter_map(|it| read(&it.value))).collect()
}

#[cfg(test)]
mod tests;
