//! Damage: what the disk has lost is found, fetched again from colleagues, or named as lost.

use artel_crdt::id::{BlobHash, EntryId, LogId, SpaceId};
use artel_crdt::replica::{Input, Replica};
use artel_crdt::timeline::Placed;

use crate::client::Update;
use crate::store::{Direction, EntryKey, Held, IndexBatch, OrderKey, Position, Replayed};

use super::indexer::{Find, Job};
use super::open::{Events, identity};
use super::{Driver, Event};

impl Driver {
    /// Remembers which own entries a damaged stretch held: nobody else may have them.
    pub(crate) fn note_damage(&mut self, held: Vec<Held>) {
        let me = self.replica.device().0;
        for stretch in held.into_iter().filter(|it| it.log.device.0 == me) {
            // The start and the reading of the whole journal find the same.
            if !self.damaged.contains(&stretch) {
                self.damaged.push(stretch);
            }
        }
    }

    /// Own entries that were damaged and that no colleague has given back, as `space/log/first-last`.
    pub(crate) fn lost(&self) -> Vec<String> {
        let name = |it: &Held| {
            let (space, log) = (SpaceId(it.space.0), log_of(it));
            format!("{space}/{}/{}-{}", log.inc, it.packet.first, it.packet.last)
        };
        self.lost_stretches().iter().map(name).collect()
    }

    fn lost_stretches(&self) -> Vec<Held> {
        let held = self.replica.held();
        let holds = |lost: &Held| {
            let (space, log) = (SpaceId(lost.space.0), log_of(lost));
            let logs = held.iter().find(|it| it.space == space).map_or(&[][..], |it| &it.logs);
            let ranges = logs.iter().filter(|(id, _)| *id == log).flat_map(|(_, ranges)| ranges);
            ranges.into_iter().any(|it| it.first <= lost.packet.first && lost.packet.last <= it.last)
        };
        self.damaged.iter().filter(|it| !holds(it)).copied().collect()
    }

    /// Takes the rows of own entries off the screen that the journal has lost: nobody else will ever see them. What a
    /// colleague gives back is a row again.
    pub(crate) fn drop_lost_rows(&mut self) {
        let mut batch = IndexBatch::new();
        let mut find = Vec::new();
        for lost in self.lost_stretches() {
            let (space, stretch) = (lost.space, lost.packet.first..=lost.packet.last);
            let rows = self.store.records(space, Direction::After(OrderKey::MIN), usize::MAX).unwrap_or_default();
            let records = rows.iter().filter_map(|it| Some((it.order, Placed::decode(&it.value).ok()?)));
            for (order, placed) in
                records.filter(|(_, it)| it.log() == log_of(&lost) && stretch.contains(&it.order.seq))
            {
                batch.delete_record(space, order);
                batch.delete_id(EntryKey(placed.id.0));
                find.push(Find::Remove(placed.id));
            }
        }
        if let Err(error) = self.store.apply(&batch, None) {
            tracing::error!(%error, "rows of lost entries stay on the screen");
        }
        self.indexer.push(Job { find, ..Job::default() });
    }

    /// Reads the whole journal once beside the work, so that damage is found while colleagues still have what it hit.
    pub(crate) fn start_scrub(&self) {
        let (store, events, cancel) = (self.store.clone(), self.events(), self.cancel.clone());
        self.tracker.spawn_blocking(move || {
            for replayed in store.replay(Position::START) {
                match replayed {
                    _ if cancel.is_cancelled() => return,
                    Ok(Replayed::Record { .. }) => {}
                    Ok(Replayed::Damaged(damage)) => {
                        let held = store.held_in(damage).unwrap_or_default();
                        tell(&events, held);
                        return;
                    }
                    Err(error) => {
                        tracing::error!(%error, "the journal cannot be read");
                        return;
                    }
                }
            }
            // The index's engine may come up with older pages and not say so; its accounts tell.
            if store.audit_index().is_err() {
                events.blocking_send(Event::IndexDamaged).ok();
            }
        });
    }

    /// The replica believes to hold what the disk has lost: it is built again from what can be read, and compares with
    /// everybody anew.
    pub(crate) fn begin_anew(&mut self, held: Vec<Held>) {
        tracing::error!(stretches = held.len(), "the journal is damaged; what is missing is fetched from colleagues");
        self.note_damage(held);
        let Some(Ok(identity)) = self.vault.as_ref().map(|it| identity(it)) else { return };
        self.replica = Replica::new(self.org(), identity);
        if let Err(error) = self.restore_from(Position::START, false) {
            tracing::error!(%error, "the journal cannot be read again");
            return self.cancel.cancel();
        }
        self.drop_lost_rows();
        for peer in self.links.keys().copied().collect::<Vec<_>>() {
            self.drive(Input::PeerUp(peer));
        }
    }

    /// The index has lost pages: it is set aside and built again from the journal.
    pub(crate) fn index_anew(&mut self) {
        tracing::error!("the index is damaged; it is built again from the journal");
        let Some(Ok(identity)) = self.vault.as_ref().map(|it| identity(it)) else { return };
        self.updates.send(Update::Store { state: "rebuilding".into(), percent: None }).ok();
        self.replica = Replica::new(self.org(), identity);
        let anew = self.store.set_index_aside().map_err(|it| super::open::store_error(&it));
        if let Err(error) = anew.and_then(|_| self.replay_home(Position::START, (0, 0), false)) {
            tracing::error!(%error, "the index cannot be built again");
            return self.cancel.cancel();
        }
        self.updates.send(Update::Store { state: "ok".into(), percent: None }).ok();
        for peer in self.links.keys().copied().collect::<Vec<_>>() {
            self.drive(Input::PeerUp(peer));
        }
    }

    /// A text that is named cannot be read: ask for it.
    pub(crate) fn missing(&mut self, space: SpaceId, epoch: EntryId, hash: BlobHash) {
        if !self.erased.contains(&hash) && self.wanted_blobs.insert(hash, (space, epoch)).is_none() {
            self.want_blobs();
        }
    }
}

fn log_of(held: &Held) -> LogId {
    LogId { device: artel_crdt::id::DeviceId(held.log.device.0), inc: artel_crdt::id::Inc(held.log.inc) }
}

fn tell(events: &Events, held: Vec<Held>) {
    events.blocking_send(Event::Damaged(held)).ok();
}
