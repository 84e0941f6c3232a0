//! Performing what the replica asks for.

use std::collections::BTreeMap;

use artel_crdt::id::{BlobHash, DeviceId, EntryId, SpaceId};
use artel_crdt::limits;
use artel_crdt::register::Register;
use artel_crdt::replica::{Changed, Input, Link, Output, Outputs};
use artel_crdt::run::{self, Packet};
use artel_crdt::seal::Cut;
use artel_crdt::sync::Message;
use artel_crdt::timeline::Placed;
use artel_net::PeerKey;
use std::sync::Arc;
use tokio::sync::mpsc;

use crate::client::Reply;
use crate::store::{self, Batch, BlobHash as StoreHash, BlobRead, EpochKey, LogKey, SpaceKey, Store, StoreError};

use super::indexer::{CONTROL, Work};
use super::{Driver, Job, requests, snapshot};

/// First byte of a journal record: a packet of entries, whose blobs lie beside the journal.
pub(crate) const RECORD_PACKET: u8 = 1;
/// First byte of a journal record: a register.
pub(crate) const RECORD_REGISTER: u8 = 2;

/// First byte of a journal record: a packet of the second branch of a log, with all its blobs.
pub(crate) const RECORD_BRANCH: u8 = 4;
/// First byte of a journal record: 16 bytes of a space, then what was held there of people who were removed.
pub(crate) const RECORD_HELD: u8 = 5;

/// Bodies of entries joined into one record of the journal; far below the longest record, because most entries of a
/// burst are short and long ones gain nothing.
const JOINED_BODIES_MAX: usize = 128 * 1024;

/// New packets for those who are connected.
pub(crate) type Pushes = BTreeMap<DeviceId, Vec<Vec<u8>>>;

impl Driver {
    /// Performs outputs in their order: stores go into one batch, sends leave while it is being flushed, answers follow
    /// the flush. During a burst all of this waits for its end.
    pub(crate) fn perform(&mut self, out: Outputs) {
        let (mut round, burst) = match self.burst.take() {
            Some(round) => (round, true),
            None => (Box::default(), false),
        };
        for output in out {
            self.perform_one(output, &mut round);
        }
        if burst {
            self.burst = Some(round);
        } else {
            self.commit(*round);
        }
    }

    /// Begins a burst, if none has begun: what is written until its end is one batch, and consecutive entries travel
    /// and are kept as one run with one signature.
    pub(crate) fn begin_burst(&mut self) {
        self.burst.get_or_insert_default();
    }

    /// Ends a burst.
    pub(crate) fn end_burst(&mut self) {
        if let Some(round) = self.burst.take() {
            self.commit(*round);
        }
    }

    fn perform_one(&mut self, output: Output, round: &mut Round) {
        match output {
            Output::Store { packet, control } => self.store(packet, control, round),
            Output::Branch(packet) => self.store_branch(packet, round),
            Output::Held { space, held } => round.held(space, &held, self.locked),
            Output::Records { space, placed, opened } => self.records(space, placed, opened, round),
            // The index takes no marks while the screen is locked; unlocking replays what came meanwhile.
            Output::Unopened { space, .. } if self.locked => self.arrived_unseen(space),
            Output::Unopened { space, epoch } => round.job.work.push(Work::Unopened(space, epoch, true)),
            Output::Load { space, epoch } => round.loads.push((space, epoch)),
            Output::Register(bytes) => self.store_register(bytes, round),
            Output::Send { peer, message: Message::Push(packet) } => round.pushes.entry(peer).or_default().push(packet),
            Output::Send { peer, message } => self.send(&peer, &message),
            Output::Serve { peer, space, ranges, oldest_first } => self.serve(peer, space, ranges, oldest_first),
            Output::WakeAt(at) => self.wake = Some(self.wake.map_or(at, |it| it.min(at))),
            Output::Done { id, result } => self.done(id, result, round),
            Output::Changed(change) => {
                if matches!(change, Changed::Authority | Changed::Spaces) && !self.locked {
                    self.refresh_directory();
                }
                round.job.changed.push(change);
            }
            Output::Roster => self.roster_changed(),
            Output::Recheck { from, bytes } => round.recheck.push((from, bytes)),
            Output::Alarm { kind, device, space } => self.alarm(kind, device, space),
            Output::Reject { why, .. } => self.count(why.name()),
            Output::LoadLinks(space) => round.links.push(space),
            Output::Forget { space, forget, .. } => self.note_forget(&space, &forget, round),
        }
    }

    fn store(&mut self, packet: Packet, control: bool, round: &mut Round) {
        let Packet { run, mut blobs } = packet;
        let mut clear = BTreeMap::new();
        let space = run.space();
        for signed in run.entries() {
            for blob in &signed.entry.blobs {
                // What was taken back and erased does not come back with the history of somebody who has not erased it.
                if self.erased.contains(&blob.hash) {
                    blobs.remove(&blob.hash);
                    continue;
                }
                match (signed.entry.epoch, blobs.get(&blob.hash)) {
                    (Some(epoch), Some(bytes)) => round.blob(space, epoch, blob.hash, bytes),
                    (Some(epoch), None) => drop(self.wanted_blobs.insert(blob.hash, (space, epoch))),
                    // Names, addresses and certificates are clear in their blobs: they stay inside the sealed journal.
                    (None, _) => clear.extend(blobs.remove(&blob.hash).map(|bytes| (blob.hash, bytes))),
                }
            }
        }
        round.blobs.extend(blobs);
        round.stores.push((Packet { run, blobs: clear }, control));
        self.held_dirty.insert(space);
    }

    fn store_branch(&mut self, packet: Packet, round: &mut Round) {
        let (run, body) = (packet.run.clone(), packet.encode());
        let record = round.record(RECORD_BRANCH, body);
        round.job.work.push(Work::Branch { record, run });
    }

    fn records(&mut self, space: SpaceId, placed: Vec<Placed>, opened: Option<EntryId>, round: &mut Round) {
        let line = self.replica.reading(&space).own.map(|it| it.order);
        placed.iter().for_each(|it| self.note_record(it, line.as_ref(), round));
        round.job.arrived.extend(placed.iter().filter(|it| self.is_news(it)).map(|it| (space, it.id)));
        for record in &placed {
            if let Some(find) = self.searchable(record, &round.blobs) {
                round.job.find.push(find);
            }
        }
        if let Some(epoch) = opened {
            round.job.work.push(Work::Unopened(space, epoch, false));
        }
        round.topics |= self.topics.note(space, &placed);
        round.job.work.push(Work::Records(placed));
        round.job.changed.push(Changed::Space(space));
    }

    /// Text and names of files of a message, by which it is found; of an edit the names are those of the message.
    pub(crate) fn words_of(
        &self,
        placed: &Placed,
        text: Option<String>,
        blobs: &BTreeMap<BlobHash, Vec<u8>>,
    ) -> Option<String> {
        let target = placed.record.as_ref().ok()?.target.filter(|_| placed.note_target().is_some());
        let names = match target {
            None => self.file_names(placed, blobs),
            Some(edited) => {
                let stored = self.store.record_by_id(crate::store::EntryKey(edited.0)).ok().flatten();
                let base = stored.and_then(|(_, row)| Placed::decode(&row.value).ok());
                base.map_or_else(Vec::new, |it| self.file_names(&it, blobs))
            }
        };
        let words: Vec<String> = text.into_iter().chain(names).collect();
        (!words.is_empty()).then(|| words.join("\n"))
    }

    /// A stored blob.
    pub(crate) fn blob(&self, hash: &BlobHash) -> Option<Vec<u8>> {
        match self.store.blob(StoreHash(hash.0)) {
            Ok(BlobRead::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    fn store_register(&mut self, bytes: Vec<u8>, round: &mut Round) {
        let Ok(register) = Register::check(&bytes, self.replica.keys()) else { return };
        round.record(RECORD_REGISTER, bytes.clone());
        let Register { space, device, name, key, .. } = register;
        let own = self.replica.person().map(|me| artel_crdt::id::SpaceId::direct(&self.org(), &me, &me));
        if own == Some(space) {
            self.updates.send(crate::client::Update::Kept).ok();
        }
        round.job.work.push(Work::Register { space, device, name, key, bytes });
    }

    /// Sends on the control stream; what does not go comes by the next comparison.
    pub(crate) fn send(&self, peer: &DeviceId, message: &Message) {
        if let (Some(net), Some(link)) = (&self.net, self.links.get(peer)) {
            net.send(link.key, message.encode()).ok();
        }
    }

    fn done(
        &mut self,
        id: u64,
        result: Result<artel_crdt::replica::Reply, artel_crdt::replica::Refusal>,
        round: &mut Round,
    ) {
        let Some(waiting) = self.asked.remove(&id) else { return };
        let reply = match result {
            Ok(reply) => waiting.then.reply(self, &reply),
            Err(refusal) => Err(requests::refusal(refusal)),
        };
        if let (requests::Then::Files { transfer, files }, Err(error)) = (&waiting.then, &reply) {
            self.files_refused(*transfer, files, error);
        }
        if let Some(reply) = reply.transpose() {
            round.job.replies.push((waiting.answer, reply));
        } else if let Some(next) = waiting.next {
            round.follow.push((next, waiting.answer));
        }
    }

    fn commit(&mut self, mut round: Round) {
        let pushes = std::mem::take(&mut round.pushes);
        // Messages travel while the disk writes. What changes who is in or the keys waits: a power cut that takes an Add
        // from its author after its epoch has left would leave somebody with a place in a channel that nobody knows of
        // (seed 5365).
        let device = self.replica.device();
        let changes = round.stores.iter().any(|(it, control)| *control && it.run.log().device == device);
        let waits = changes && !pushes.is_empty();
        if !waits {
            self.push(&pushes);
        }
        self.packets_since_snapshot += round.write_stores();
        let Round { batch, mut job, loads, links, recheck, follow, topics, .. } = round;
        job.locked = self.locked;
        if !batch.is_empty() {
            if let Err(error) = self.indexer.append(batch, job) {
                self.store_failed(&error);
            }
        } else if !job.is_empty() {
            self.indexer.push(job);
        }
        for job in std::mem::take(&mut self.after_commit) {
            self.indexer.push(job);
        }
        if waits {
            self.when_indexed(super::Event::Push(pushes));
        }
        for (from, bytes) in recheck {
            self.offer(from, bytes);
        }
        for (space, epoch) in loads {
            // Steps that came before the key would not be found yet.
            self.when_indexed(super::Event::Load { space, epoch });
        }
        for space in links {
            self.when_indexed(super::Event::Links { space });
        }
        if topics {
            self.when_indexed(super::Event::TopicsIndexed);
        }
        for (request, answer) in follow {
            self.ask(crate::node::Ask { request, answer });
        }
        self.want_blobs();
        if self.packets_since_snapshot >= super::open::SNAPSHOT_EVERY {
            self.save_snapshot();
        }
    }

    /// Sends new entries to those who are connected; what was written in one burst goes as runs.
    pub(super) fn push(&self, pushes: &Pushes) {
        let mut joined: Option<Joined<'_>> = None;
        for (peer, packets) in pushes {
            // Members of one space get the same; it is joined once.
            let ready = match joined.take() {
                Some((same, ready)) if same == packets => (same, ready),
                _ => {
                    let ready = self.join_pushes(packets);
                    (packets, ready)
                }
            };
            for packet in &ready.1 {
                self.send(peer, &Message::Push(packet.clone()));
            }
            joined = Some(ready);
        }
    }

    fn join_pushes(&self, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let read = |it: &Vec<u8>| run::trusted_run(&self.org(), it).ok().map(|packet| (packet, it.len()));
        let (true, Some(read)) = (packets.len() > 1, packets.iter().map(read).collect::<Option<Vec<_>>>()) else {
            return packets.to_vec();
        };
        let mut groups: Vec<(Vec<Packet>, usize)> = Vec::new();
        for (packet, bytes) in read {
            match groups.last_mut() {
                Some((group, sum)) if follows(group, &packet) && *sum + bytes <= limits::PUSH_BYTES_MAX => {
                    group.push(packet);
                    *sum += bytes;
                }
                _ => groups.push((vec![packet], bytes)),
            }
        }
        groups.into_iter().flat_map(|(group, _)| join(group)).map(|it| it.encode()).collect()
    }

    /// Goes on with an event behind everything that is on its way to the disk and into the index.
    fn when_indexed(&self, event: super::Event) {
        let (done, mut indexed) = mpsc::channel(1);
        self.indexer.push(Job { replies: vec![(done, Ok(Reply::Done))], ..Job::default() });
        let events = self.events();
        self.tracker.spawn(async move {
            if indexed.recv().await.is_some() {
                events.send(event).await.ok();
            }
        });
    }

    /// Tells the replica what all stored entries of a space refer to.
    pub(super) fn links(&mut self, space: SpaceId) {
        let links = self.stored_entries(space).iter().map(Link::of).collect();
        self.drive(Input::Links { space, links });
    }

    /// Gives the replica all stored steps of an epoch whose key came late.
    pub(super) fn load(&mut self, space: SpaceId, epoch: EntryId) {
        // What has come since the key is among them too: a step taken twice is the same record at the same place.
        let steps = self.stored_entries(space).into_iter().filter(|it| it.entry.epoch == Some(epoch)).collect();
        self.drive(Input::Steps { space, epoch, steps });
    }

    /// Every stored entry of a space that the index knows, without other branches.
    pub(crate) fn stored_entries(&self, space: SpaceId) -> Vec<artel_crdt::entry::Signed> {
        self.stored_packets(space).into_iter().flat_map(|it| it.run.into_entries()).collect()
    }

    /// Every stored packet of a space that the index knows, with the blobs that are stored inside, without other branches.
    pub(crate) fn stored_packets(&self, space: SpaceId) -> Vec<Packet> {
        self.stored(space, |store, log| store.packets(SpaceKey(space.0), log, 0, u64::MAX))
    }

    /// The packets of other branches that are kept beside the logs of a space.
    pub(crate) fn stored_branches(&self, space: SpaceId) -> Vec<Packet> {
        self.stored(space, |store, log| store.branches(SpaceKey(space.0), log))
    }

    fn stored(
        &self,
        space: SpaceId,
        packets_of: impl Fn(&Store, LogKey) -> Result<Vec<store::Packet>, StoreError>,
    ) -> Vec<Packet> {
        let logs = self.store.logs(SpaceKey(space.0)).unwrap_or_default();
        let packets = logs.into_iter().flat_map(|(log, _)| packets_of(&self.store, log).unwrap_or_default());
        packets
            .filter_map(|it| self.store.read_record(it.position).ok())
            .filter_map(|it| run::trusted_run(&self.org(), &it.body).ok())
            .collect()
    }

    fn roster_changed(&mut self) {
        self.keys.send_replace(Arc::new(self.replica.keys().clone()));
        if !self.locked {
            self.refresh_directory();
        }
        let Some(net) = self.net.clone() else { return };
        let roster = self.active_keys();
        self.tracker.spawn(async move {
            net.set_roster(roster).await.ok();
        });
    }

    /// Keys of all active devices but this one.
    pub(crate) fn active_keys(&self) -> Vec<PeerKey> {
        let state = self.replica.authority().state();
        let me = self.replica.device();
        let active = state.devices.iter().filter(|(id, _)| **id != me && state.is_active(id));
        active.map(|(_, it)| PeerKey(it.key)).chain(self.vouched.iter().copied()).collect()
    }

    /// Keeps what is held for the next start.
    pub(crate) fn save_snapshot(&mut self) {
        self.packets_since_snapshot = 0;
        if self.locked {
            return;
        }
        // The mark has to stand behind everything that is held, so it goes through the journal's queue like a packet.
        let mut round = Round::default();
        round.record(super::open::RECORD_MARK, Vec::new());
        round.job.work.push(Work::Snapshot(self.replica.held()));
        let Round { batch, job, .. } = round;
        self.indexer.append(batch, job).ok();
    }

    /// Asks connected members for blobs that are named and not here.
    pub(crate) fn want_blobs(&mut self) {
        if self.wanted_blobs.is_empty() || self.links.is_empty() {
            return;
        }
        let mut asks: BTreeMap<DeviceId, Vec<BlobHash>> = BTreeMap::new();
        for (hash, (space, _)) in &self.wanted_blobs {
            for peer in self.links.keys().filter(|it| self.replica.receives(it, space)) {
                asks.entry(*peer).or_default().push(*hash);
            }
        }
        for (peer, blobs) in asks {
            for part in blobs.chunks(500) {
                self.send(&peer, &Message::BlobsWant(part.to_vec()));
            }
        }
    }

    /// A blob that was asked for has come.
    pub(crate) fn take_blob(&mut self, hash: BlobHash, bytes: Vec<u8>) {
        let Some((space, epoch)) = self.wanted_blobs.get(&hash).copied() else { return };
        if BlobHash::of(&bytes) != hash || bytes.len() > limits::BLOB_BYTES_MAX as usize {
            return self.count("wrong_blob");
        }
        if !self.has_room() {
            return;
        }
        self.wanted_blobs.remove(&hash);
        let mut round = Round::default();
        round.blob(space, epoch, hash, &bytes);
        round.job.changed.push(Changed::Space(space));
        self.commit(round);
    }
}

/// Encoded packets as they were made, and the same joined into runs.
type Joined<'a> = (&'a Vec<Vec<u8>>, Vec<Vec<u8>>);

/// Whether the entries of a packet are the next of the same log; a run ends where a signature is kept, so that it can be
/// cut there.
fn follows(group: &[Packet], next: &Packet) -> bool {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return false };
    let end = last.run.range().1;
    let same = first.run.space() == next.run.space() && first.run.log() == next.run.log();
    let bytes: usize = group.iter().chain([next]).flat_map(|it| it.run.entries()).map(|it| it.entry.body.len()).sum();
    same && bytes <= JOINED_BODIES_MAX && !run::is_checkpoint(end) && next.run.range().0 == end + 1
}

/// Makes one packet of consecutive ones; gives them back as they are if they do not join.
fn join(group: Vec<Packet>) -> Vec<Packet> {
    let entries = group.iter().flat_map(|it| it.run.entries()).cloned().collect();
    match run::Run::join(entries) {
        Some(run) if group.len() > 1 => {
            vec![Packet { run, blobs: group.into_iter().flat_map(|it| it.blobs).collect() }]
        }
        _ => group,
    }
}

/// What one call of the replica leads to, or all calls of a burst.
#[derive(Default)]
pub(crate) struct Round {
    stores: Vec<(Packet, bool)>,
    pushes: Pushes,
    batch: Batch,
    records: usize,
    blobs: BTreeMap<BlobHash, Vec<u8>>,
    job: Job,
    loads: Vec<(SpaceId, EntryId)>,
    links: Vec<SpaceId>,
    /// Whether the topic of a channel may be another now.
    topics: bool,
    recheck: Vec<(DeviceId, Vec<u8>)>,
    follow: Vec<(crate::client::Request, tokio::sync::mpsc::Sender<crate::client::Result<Reply>>)>,
}

impl Round {
    /// Writes records of the packets that are to be stored. Their number.
    fn write_stores(&mut self) -> usize {
        let mut groups: Vec<(Vec<Packet>, bool)> = Vec::new();
        for (packet, control) in std::mem::take(&mut self.stores) {
            match groups.last_mut() {
                Some((group, same)) if *same == control && follows(group, &packet) => group.push(packet),
                _ => groups.push((vec![packet], control)),
            }
        }
        let packets =
            groups.into_iter().flat_map(|(group, control)| join(group).into_iter().map(move |it| (it, control)));
        let mut count = 0;
        for (packet, control) in packets {
            let (first, last) = packet.run.range();
            let (space, log) = (packet.run.space(), packet.run.log());
            let hlc = packet.run.entries().last().map(|it| it.entry.hlc).unwrap_or_default();
            let record = self.record(RECORD_PACKET, packet.encode());
            let flags = if control { CONTROL } else { 0 };
            self.job.work.push(Work::Packet { record, space, log, first, last, hlc, flags });
            count += 1;
        }
        count
    }

    /// Puts a mark of the index, or takes it away.
    pub(crate) fn state(&mut self, name: Vec<u8>, value: Option<Vec<u8>>) {
        self.job.work.push(Work::State(name, value));
    }

    /// Keeps what was held when a removal was learnt. The index takes it when the screen is unlocked.
    fn held(&mut self, space: SpaceId, held: &Cut, locked: bool) {
        self.record(RECORD_HELD, [&space.0[..], &held.encode()].concat());
        if !locked {
            self.state(snapshot::held_at_name(&space, &held.removal), Some(held.encode()));
        }
    }

    /// Answers behind everything of this round.
    pub(crate) fn answer(
        &mut self,
        to: tokio::sync::mpsc::Sender<crate::client::Result<Reply>>,
        reply: crate::client::Result<Reply>,
    ) {
        self.job.replies.push((to, reply));
    }

    fn record(&mut self, kind: u8, body: Vec<u8>) -> usize {
        if let Err(error) = self.batch.record(kind, body) {
            tracing::error!(%error, "a record does not fit into a batch");
        }
        self.records += 1;
        self.records - 1
    }

    fn blob(&mut self, space: SpaceId, epoch: EntryId, hash: BlobHash, bytes: &[u8]) {
        let stored = self.batch.blob(SpaceKey(space.0), EpochKey(epoch.0), StoreHash(hash.0), bytes.to_vec());
        if let Err(error) = stored {
            tracing::error!(%error, "a blob does not fit into a batch");
        }
    }
}

#[cfg(test)]
mod tests;
