//! A node's disk: what a journal and an index keep, and what a crash takes.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::entry::Kind;
use artel_crdt::entry::Signed;
use artel_crdt::id::{BlobHash, EntryId, LogId, SpaceId};
use artel_crdt::limits;
use artel_crdt::replica::{HeldSpace, Link};
use artel_crdt::run::{Packet, Run};
use artel_crdt::seal::Cut;
use artel_crdt::sync::LogRange;
use artel_crdt::timeline::{Order, Placed};

use crate::chance::Chance;

/// Everything that can be rebuilt from the journal, and the registers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Packets of the journal that are in here.
    pub(crate) applied: usize,
    /// Records in the order of their arrival.
    pub(crate) placed: Vec<Placed>,
    known: BTreeSet<EntryId>,
    pub(crate) unopened: BTreeSet<(SpaceId, EntryId)>,
    pub(crate) held: Vec<HeldSpace>,
    /// How far this device's person had read each space; not given back, but compared with what the registers say.
    pub(crate) reading: BTreeMap<SpaceId, Order>,
    /// All that ever came, also replaced ones: merging finds the newest in any order.
    pub(crate) registers: BTreeSet<Vec<u8>>,
}

impl Index {
    pub(crate) fn place(&mut self, placed: Vec<Placed>) {
        for record in placed {
            if self.known.insert(record.id) {
                self.placed.push(record);
            }
        }
    }
}

/// Journal and index of one node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) journal: Vec<(Packet, bool)>,
    /// So many packets survive a crash.
    pub(crate) flushed: usize,
    pub(crate) index: Index,
    /// What of the index survives a crash.
    pub(crate) checkpoint: Index,
    /// Packets of other branches than the logs' own, each with the length of the journal when it came.
    pub(crate) beside: Vec<(usize, Packet)>,
    /// What was held of a space when a removal was learnt; the same.
    pub(crate) held_at: Vec<(usize, SpaceId, Cut)>,
    entries: BTreeMap<(SpaceId, LogId), BTreeMap<u64, Signed>>,
    pub(crate) blobs: BTreeMap<BlobHash, Vec<u8>>,
}

impl Disk {
    /// Appends to the journal. Returns whether anything of the packet was not there yet.
    pub(crate) fn store(&mut self, packet: Packet, control: bool) -> bool {
        let fresh = self.derive(&packet);
        self.journal.push((packet, control));
        fresh
    }

    fn derive(&mut self, packet: &Packet) -> bool {
        let log = self.entries.entry((packet.run.space(), packet.run.log())).or_default();
        let mut fresh = false;
        for signed in packet.run.entries() {
            let held = log.get(&signed.entry.seq);
            fresh |= held.is_none();
            if held.is_none_or(|it| it.signature.is_none()) {
                log.insert(signed.entry.seq, signed.clone());
            }
        }
        self.blobs.extend(packet.blobs.clone());
        fresh
    }

    /// Loses everything that was not flushed; with `index`, also all of the index but the registers.
    pub(crate) fn crash(&mut self, index: bool) -> usize {
        let lost = self.journal.len() - self.flushed;
        self.journal.truncate(self.flushed);
        self.beside.retain(|it| it.0 <= self.flushed);
        self.held_at.retain(|it| it.0 <= self.flushed);
        self.index = self.checkpoint.clone();
        if index {
            self.index = Index { registers: self.index.registers.clone(), ..Index::default() };
        }
        (self.entries, self.blobs) = (BTreeMap::new(), BTreeMap::new());
        for (packet, _) in self.journal.clone() {
            self.derive(&packet);
        }
        lost
    }

    /// All stored steps of an epoch.
    pub(crate) fn steps(&self, space: &SpaceId, epoch: &EntryId) -> Vec<Signed> {
        let logs = self.entries.iter().filter(|((it, _), _)| it == space).flat_map(|(_, log)| log.values());
        logs.filter(|it| it.entry.epoch == Some(*epoch) && it.entry.kind == Kind::Step).cloned().collect()
    }

    /// What all stored entries of a space refer to.
    pub(crate) fn links(&self, space: &SpaceId) -> Vec<Link> {
        let logs = self.entries.iter().filter(|((it, _), _)| it == space).flat_map(|(_, log)| log.values());
        logs.map(Link::of).collect()
    }

    /// The packets that a peer asked for: runs that end at signatures, cut at some of them by chance, and in the
    /// organisation space the other branches. In a channel these come behind what they contradict, on one stream; here,
    /// where packets overtake each other, somebody would keep the branch that came first, as §3 of the protocol has it.
    pub(crate) fn serve(&self, space: SpaceId, ranges: &[LogRange], chance: &mut Chance) -> Vec<Packet> {
        let mut packets: Vec<Packet> = ranges.iter().flat_map(|range| self.cut(space, range, chance)).collect();
        let touched = |it: &Packet, range: &LogRange| {
            let (first, last) = it.run.range();
            it.run.log() == range.log && first <= range.last && range.first <= last
        };
        let of_authority =
            |it: &&Packet| it.run.space() == space && it.run.entries().iter().any(|it| it.entry.kind == Kind::Act);
        let of_space = self.beside.iter().map(|it| &it.1).filter(of_authority);
        packets.extend(of_space.filter(|it| ranges.iter().any(|range| touched(it, range))).cloned());
        packets
    }

    fn cut(&self, space: SpaceId, range: &LogRange, chance: &mut Chance) -> Vec<Packet> {
        let Some(log) = self.entries.get(&(space, range.log)) else { return Vec::new() };
        let (mut packets, mut run) = (Vec::new(), Vec::new());
        for (seq, signed) in log.range(range.first..) {
            if *seq > range.last && run.is_empty() {
                break;
            }
            run.push(signed.clone());
            let wished = *seq >= range.last || run.len() >= limits::RUN_ENTRIES_MAX / 2 || chance.one_in(4);
            if signed.signature.is_some() && wished {
                packets.extend(Run::join(std::mem::take(&mut run)).map(|run| self.with_blobs(run)));
            }
        }
        packets
    }

    fn with_blobs(&self, run: Run) -> Packet {
        let named = run.entries().iter().flat_map(|it| &it.entry.blobs);
        let blobs = named.filter_map(|it| Some((it.hash, self.blobs.get(&it.hash)?.clone()))).collect();
        Packet { run, blobs }
    }
}
