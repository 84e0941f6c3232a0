//! Forgetting: what was taken back or is too old disappears from the screen at once, and from this disk after a week in
//! which nothing has changed about the right to take it back. And marks of rows that came late.

use std::collections::BTreeSet;

use artel_crdt::id::{BlobHash, EntryId, SpaceId};
use artel_crdt::seal::Forget;
use artel_crdt::time::Timestamp;
use artel_crdt::timeline::{Hidden, Order, Placed, Row, What, notes_of};

use crate::store::{BlobHash as StoreHash, EntryKey, SpaceKey};

use super::indexer::Work;
use super::outputs::Round;
use super::reading::Reader;
use super::{Driver, Job};

/// How long bytes stay after they were taken back: a mistaken or forged right can be undone in that time.
pub(crate) const GRACE: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 60 * 60);
/// How often it is looked after what is due.
const SWEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// One that was taken back: space and entry; value: when its bytes go.
const ERASE: &[u8] = b"erase/";
/// Everything before a floor: space and floor; value: when the bytes go.
const FLOOR: &[u8] = b"floor/";
/// A blob that was erased and does not come back.
const ERASED: &[u8] = b"erased/";
/// A row that came below the line of its reader: space and place; value: when it came.
const LATE: &[u8] = b"late/";
/// How long it is remembered after it was read that a row came late.
pub(crate) const LATE_KEPT: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);

fn number(value: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(value.try_into().ok()?))
}

impl Driver {
    /// Remembers what was erased; at the start.
    pub(crate) fn load_erased(&mut self) {
        let states = self.store.states(ERASED).unwrap_or_default();
        let hashes = states.iter().filter_map(|it| it.name.get(ERASED.len()..)?.try_into().ok().map(BlobHash));
        self.erased = hashes.collect();
    }

    /// What a record leads to besides itself.
    pub(crate) fn note_record(&self, placed: &Placed, line: Option<&Order>, round: &mut Round) {
        let Ok(record) = &placed.record else { return };
        if let (What::Retract, Some(target)) = (&record.what, record.target) {
            self.erase_later(&placed.space, &target, round);
        }
        let late = placed.note_target().is_none() && line.is_some_and(|it| placed.order <= *it);
        if late && placed.order.device != self.replica.device() {
            round.state(late_name(&placed.space, &placed.order), Some(self.now().0.to_be_bytes().to_vec()));
        }
    }

    /// What a forget entry leads to.
    pub(crate) fn note_forget(&self, space: &SpaceId, forget: &Forget, round: &mut Round) {
        match forget {
            Forget::Entries(ids) => ids.iter().for_each(|it| self.erase_later(space, it, round)),
            Forget::Before(floor) => {
                let name = [FLOOR, &space.0, &floor.0.to_be_bytes()[..]].concat();
                round.state(name, Some(self.now().plus(GRACE).0.to_be_bytes().to_vec()));
            }
        }
    }

    fn erase_later(&self, space: &SpaceId, target: &EntryId, round: &mut Round) {
        let name = [ERASE, &space.0, &target.0].concat();
        if self.store.state(&name).ok().flatten().is_none() {
            round.state(name, Some(self.now().plus(GRACE).0.to_be_bytes().to_vec()));
        }
    }

    /// Looks after what is due, every minute.
    pub(crate) fn sweep_when_due(&mut self) {
        let now = self.now();
        if self.locked || (self.swept <= now && now.since(self.swept) < SWEEP_EVERY) {
            return;
        }
        self.swept = now;
        self.sweep();
        self.renew_when_due();
    }

    /// Erases the bytes whose time has come, and drops marks that say nothing any more.
    pub(crate) fn sweep(&mut self) {
        let mut job = Job::default();
        let mut blobs = BTreeSet::new();
        self.sweep_entries(&mut job, &mut blobs);
        self.sweep_floors(&mut job, &mut blobs);
        self.sweep_late(&mut job);
        blobs.retain(|it| !self.erased.contains(it));
        for hash in &blobs {
            job.work.push(Work::State([ERASED, &hash.0].concat(), Some(vec![1])));
            self.wanted_blobs.remove(hash);
        }
        if !blobs.is_empty() {
            tracing::info!(blobs = blobs.len(), "erasing what was taken back a week ago");
            let (store, hashes) = (self.store.clone(), blobs.iter().map(|it| StoreHash(it.0)).collect());
            self.erased.extend(blobs);
            self.tracker.spawn(async move {
                if let Err(error) = store.erase_blobs(hashes).await {
                    tracing::error!(%error, "what was taken back could not be erased");
                }
            });
        }
        if !job.is_empty() {
            self.indexer.push(job);
        }
    }

    fn sweep_entries(&self, job: &mut Job, blobs: &mut BTreeSet<BlobHash>) {
        let now = self.now();
        for state in self.store.states(ERASE).unwrap_or_default() {
            let place = state.name.get(ERASE.len()..).and_then(|it| it.split_first_chunk::<16>());
            let Some((space, Some(target))) = place.map(|(space, id)| (SpaceId(*space), EntryId::from_slice(id)))
            else {
                continue;
            };
            if number(&state.value).is_none_or(|due| now.0 < due) {
                continue;
            }
            let Ok(reader) = self.reader(&space) else { continue };
            // What has not come yet is looked for again.
            let Some(base) = reader.record(&target) else { continue };
            let row = reader.row(&base);
            if is_forgotten(&row) {
                blobs.extend(self.blobs_of(&base));
                job.work.push(Work::State(state.name, None));
            } else {
                // Whoever took it back had no right to it, as of now: the week begins anew.
                job.work.push(Work::State(state.name, Some(now.plus(GRACE).0.to_be_bytes().to_vec())));
            }
        }
    }

    fn sweep_floors(&self, job: &mut Job, blobs: &mut BTreeSet<BlobHash>) {
        let now = self.now();
        for state in self.store.states(FLOOR).unwrap_or_default() {
            let place = state.name.get(FLOOR.len()..).and_then(|it| it.split_first_chunk::<16>());
            let Some((space, Some(floor))) = place.map(|(space, it)| (SpaceId(*space), number(it))) else { continue };
            if number(&state.value).is_none_or(|due| now.0 < due) {
                continue;
            }
            let Ok(reader) = self.reader(&space) else { continue };
            for base in super::reading::all_records(&self.store, &space) {
                if base.order.hlc.ms < floor && is_forgotten(&reader.row(&base)) {
                    blobs.extend(self.blobs_of(&base));
                }
            }
            job.work.push(Work::State(state.name, None));
        }
    }

    /// Everything a row said: its own texts and those of all edits.
    fn blobs_of(&self, base: &Placed) -> Vec<BlobHash> {
        let space = SpaceKey(base.space.0);
        let notes = notes_of(&base.id, |target| {
            let stored = self.store.notes_of(space, EntryKey(target.0)).unwrap_or_default();
            stored.iter().filter_map(|it| Placed::decode(&it.value).ok()).collect()
        });
        let edits = notes.iter().filter(|it| it.record.as_ref().is_ok_and(|it| it.what == What::Edit));
        base.blobs.iter().chain(edits.flat_map(|it| &it.blobs)).map(|it| it.hash).collect()
    }

    fn sweep_late(&self, job: &mut Job) {
        for state in self.store.states(LATE).unwrap_or_default() {
            let place = state.name.get(LATE.len()..).and_then(|it| it.split_first_chunk::<16>());
            let Some((space, _)) = place else { continue };
            let own = self.replica.reading(&SpaceId(*space)).own;
            let old = |came: u64| Timestamp(came).plus(LATE_KEPT) <= self.now();
            if own.is_some_and(|line| number(&state.value).is_none_or(|came| came <= line.at.0 && old(came))) {
                job.work.push(Work::State(state.name, None));
            }
        }
    }

    /// Rows of a space that came below the line of their reader, with when they came.
    pub(crate) fn late_rows(&self, space: &SpaceId) -> Vec<(Order, Timestamp)> {
        let states = self.store.states(&[LATE, &space.0].concat()).unwrap_or_default();
        let late = states.iter().filter_map(|it| {
            let order = Order::from_key(it.name.get(LATE.len() + 16..)?)?;
            Some((order, Timestamp(number(&it.value)?)))
        });
        late.collect()
    }
}

fn late_name(space: &SpaceId, order: &Order) -> Vec<u8> {
    [LATE, &space.0, &order.to_key()].concat()
}

impl Reader {
    /// When a row came, if its reader had read below its place by then; at most [`LATE_KEPT`] after he read it.
    pub(crate) fn came_late(&self, row: &Row) -> Option<Timestamp> {
        let stored = self.store.state(&late_name(&self.lens.space, &row.order)).ok()??;
        number(&stored).map(Timestamp)
    }
}

/// Whether nothing of what a row said is to be read any more.
fn is_forgotten(row: &Row) -> bool {
    row.retracted_by.is_some() || row.hidden == Some(Hidden::Forgotten)
}

#[cfg(test)]
pub(crate) mod tests;
