//! The causal graph of the organisation space: every entry of any kind is a link, acts are what is evaluated.
//!
//! The canonical order is Kahn's algorithm with the lower id first. An entry that nothing refers to yet does not change
//! the order of the others, so the order is kept up to date by putting each newcomer into its place.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use crate::cose;
use crate::entry::{BlobRef, Kind, Signed};
use crate::id::{DeviceId, EntryId, LogId};
use crate::limits;
use crate::time::Hlc;

use super::act::Act;

/// Newcomers up to which places are looked for one by one. One costs up to a tenth of a millisecond, everything anew 20 ms
/// for 50 000 entries.
const NEWCOMERS_MAX: usize = 256;
/// Nodes that are looked at before a question about the past is answered from a remembered set.
const NEAR_MAX: usize = 128;

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: EntryId,
    pub(super) log: LogId,
    pub(super) seq: u64,
    pub(super) hlc: Hlc,
    pub(super) parents: Vec<usize>,
    /// Longest way down to an entry without predecessors.
    pub(super) generation: u32,
    pub(super) blobs: Vec<BlobRef>,
    /// `None` for everything but acts; `Err` for acts that cannot be read.
    pub(super) act: Option<Result<Act, ()>>,
    /// The device whose key an Enrol or AddDevice names, if it is a key that may sign. Found out once: it costs more than
    /// everything else about an act.
    pub(super) names: Option<DeviceId>,
}

impl Node {
    pub(super) fn device(&self) -> DeviceId {
        self.log.device
    }
}

/// A set of nodes, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NodeSet(Vec<u64>);

impl NodeSet {
    /// All nodes below `len`.
    pub(super) fn below(len: usize) -> Self {
        let mut words = vec![u64::MAX; len / 64];
        words.push((1 << (len % 64)) - 1);
        Self(words)
    }

    pub(super) fn insert(&mut self, node: usize) -> bool {
        let word = node / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let Some(bits) = self.0.get_mut(word) else { return false };
        let fresh = *bits & (1 << (node % 64)) == 0;
        *bits |= 1 << (node % 64);
        fresh
    }

    pub(super) fn contains(&self, node: usize) -> bool {
        self.0.get(node / 64).is_some_and(|bits| bits & (1 << (node % 64)) != 0)
    }
}

/// What became of an entry that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in, with whatever waited for it.
    New,
    /// It was in already.
    Known,
    /// An entry it refers to is missing.
    Waiting,
    /// Too many wait already.
    Refused,
}

/// Downward-closed: an entry is in only if everything it refers to is.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) index: BTreeMap<EntryId, usize>,
    /// Nodes in canonical order, but for those that came since [`Self::arrange`].
    order: Vec<usize>,
    /// First bytes of their ids, to look for a place without looking at the nodes.
    prefixes: Vec<u64>,
    unplaced: Vec<usize>,
    /// The place of each node in it; right for those before `settled`, counted anew for the others when asked for.
    places: Vec<usize>,
    settled: usize,
    /// Lowest place that has changed since [`Self::take_changes`].
    lowest: Option<usize>,
    /// Whether what came since then matters to the state: an act, or a second entry for a position.
    relevant: bool,
    heads: BTreeSet<usize>,
    positions: BTreeMap<(LogId, u64), usize>,
    /// Positions for which a device signed more than one entry, with all of them.
    pub(super) forks: BTreeMap<(LogId, u64), BTreeSet<usize>>,
    /// Acts by the device that signed them.
    acts_of: BTreeMap<DeviceId, Vec<usize>>,
    waiting: BTreeMap<EntryId, Vec<Signed>>,
    waiting_of: BTreeMap<DeviceId, usize>,
    waiting_count: usize,
}

impl Graph {
    pub(super) fn add(&mut self, signed: &Signed) -> Added {
        if self.index.contains_key(&signed.id) {
            return Added::Known;
        }
        if let Some(missing) = self.missing(signed) {
            return self.wait(missing, signed);
        }
        let mut ready = VecDeque::from([signed.clone()]);
        while let Some(next) = ready.pop_front() {
            if self.index.contains_key(&next.id) {
                continue;
            }
            if let Some(missing) = self.missing(&next) {
                self.enqueue(missing, next);
                continue;
            }
            self.put(&next);
            for woken in self.waiting.remove(&next.id).unwrap_or_default() {
                self.forget_waiting(&woken);
                ready.push_back(woken);
            }
        }
        Added::New
    }

    fn missing(&self, signed: &Signed) -> Option<EntryId> {
        references(signed).find(|it| !self.index.contains_key(it))
    }

    /// Keeps an entry until what it refers to is here. A device that floods takes the room of its own entries only: where
    /// there is none left, the one with most waiting entries loses one.
    fn wait(&mut self, missing: EntryId, signed: &Signed) -> Added {
        if self.waiting.get(&missing).is_some_and(|queue| queue.iter().any(|it| it.id == signed.id)) {
            return Added::Waiting;
        }
        if self.waiting_count >= limits::ORPHANS_MAX {
            let fattest =
                self.waiting_of.iter().max_by_key(|(_, count)| **count).map(|(device, count)| (*device, *count));
            let own = self.waiting_of.get(&signed.entry.device).copied().unwrap_or(0);
            match fattest {
                Some((device, most)) if own + 1 < most => self.drop_waiting_of(device),
                _ => return Added::Refused,
            }
        }
        self.enqueue(missing, signed.clone());
        Added::Waiting
    }

    fn enqueue(&mut self, missing: EntryId, signed: Signed) {
        *self.waiting_of.entry(signed.entry.device).or_default() += 1;
        self.waiting_count += 1;
        self.waiting.entry(missing).or_default().push(signed);
    }

    fn forget_waiting(&mut self, signed: &Signed) {
        self.waiting_count = self.waiting_count.saturating_sub(1);
        if let Some(count) = self.waiting_of.get_mut(&signed.entry.device) {
            *count = count.saturating_sub(1);
        }
        self.waiting_of.retain(|_, count| *count > 0);
    }

    fn drop_waiting_of(&mut self, device: DeviceId) {
        let found = self.waiting.iter().find_map(|(missing, queue)| {
            queue.iter().position(|it| it.entry.device == device).map(|at| (*missing, at))
        });
        let Some((missing, at)) = found else { return };
        let Some(queue) = self.waiting.get_mut(&missing) else { return };
        let dropped = queue.remove(at);
        if queue.is_empty() {
            self.waiting.remove(&missing);
        }
        self.forget_waiting(&dropped);
    }

    fn put(&mut self, signed: &Signed) {
        let parents: Vec<usize> = references(signed).filter_map(|it| self.index.get(&it).copied()).collect();
        let at = self.nodes.len();
        for parent in &parents {
            self.heads.remove(parent);
        }
        self.heads.insert(at);
        let entry = &signed.entry;
        let act = (entry.kind == Kind::Act).then(|| read(&entry.body));
        let position = (entry.log(), entry.seq);
        if let Some(other) = self.positions.insert(position, at) {
            self.forks.entry(position).or_default().extend([other, at]);
            self.relevant = true;
        }
        self.unplaced.push(at);
        if act.is_some() {
            self.acts_of.entry(entry.device).or_default().push(at);
            self.relevant = true;
        }
        let below = parents.iter().filter_map(|it| self.nodes.get(*it)).map(|it| it.generation).max();
        let generation = below.map_or(0, |it| it.saturating_add(1));
        self.index.insert(signed.id, at);
        let names = act.as_ref().and_then(|it| named(it.as_ref().ok()?));
        let (id, log, seq, blobs) = (signed.id, entry.log(), entry.seq, entry.blobs.clone());
        self.nodes.push(Node { id, log, seq, hlc: entry.hlc, parents, generation, blobs, act, names });
    }

    /// Puts newcomers into their places: one by one if they are few, else everything anew.
    pub(super) fn arrange(&mut self) {
        let newcomers = std::mem::take(&mut self.unplaced);
        self.places.resize(self.nodes.len(), usize::MAX);
        if newcomers.len() <= NEWCOMERS_MAX {
            newcomers.into_iter().for_each(|it| self.insert(it));
            return;
        }
        let order = self.kahn();
        let same = order.iter().zip(&self.order).take_while(|(new, old)| new == old).count();
        self.lowest = Some(self.lowest.map_or(same, |it| it.min(same)));
        self.prefixes = order.iter().map(|it| self.prefix(*it)).collect();
        (self.order, self.settled) = (order, 0);
        self.settle();
    }

    fn kahn(&self) -> Vec<usize> {
        let mut missing: Vec<usize> = self.nodes.iter().map(|it| it.parents.len()).collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            for parent in &node.parents {
                children.get_mut(*parent).into_iter().for_each(|it| it.push(at));
            }
        }
        let first = self.nodes.iter().enumerate().filter(|(_, it)| it.parents.is_empty());
        let mut ready: BinaryHeap<Reverse<(EntryId, usize)>> = first.map(|(at, it)| Reverse((it.id, at))).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(Reverse((_, at))) = ready.pop() {
            order.push(at);
            for child in children.get(at).into_iter().flatten() {
                let Some(left) = missing.get_mut(*child) else { continue };
                *left = left.saturating_sub(1);
                if let (0, Some(node)) = (*left, self.nodes.get(*child)) {
                    ready.push(Reverse((node.id, *child)));
                }
            }
        }
        order
    }

    fn prefix(&self, node: usize) -> u64 {
        let first = self.nodes.get(node).and_then(|it| it.id.0.first_chunk::<8>());
        first.map_or(0, |it| u64::from_be_bytes(*it))
    }

    /// Puts a newcomer behind its parents, before the first with a higher id.
    fn insert(&mut self, node: usize) {
        let Some(newcomer) = self.nodes.get(node) else { return };
        let (id, prefix) = (newcomer.id, self.prefix(node));
        let unsettled = |it: &usize| self.places.get(*it).is_some_and(|place| *place >= self.settled);
        if newcomer.parents.iter().any(unsettled) {
            self.settle();
        }
        let parents = self.nodes.get(node).into_iter().flat_map(|it| &it.parents);
        let behind = parents.filter_map(|it| self.places.get(*it)).max().map_or(0, |it| it + 1);
        let is_higher = |at: usize, it: u64| {
            it > prefix
                || (it == prefix && self.order.get(at).and_then(|it| self.nodes.get(*it)).is_some_and(|it| it.id > id))
        };
        let mut later = self.prefixes.iter().enumerate().skip(behind);
        let place = later.find(|(at, it)| is_higher(*at, **it)).map_or(self.order.len(), |(at, _)| at);
        // At the end nothing moves.
        let ends = place == self.order.len() && place == self.settled;
        self.settled = if ends { place + 1 } else { self.settled.min(place) };
        self.order.insert(place, node);
        self.prefixes.insert(place, prefix);
        self.places.get_mut(node).into_iter().for_each(|it| *it = place);
        self.lowest = Some(self.lowest.map_or(place, |it| it.min(place)));
    }

    fn settle(&mut self) {
        for (at, moved) in self.order.iter().enumerate().skip(self.settled) {
            self.places.get_mut(*moved).into_iter().for_each(|it| *it = at);
        }
        self.settled = self.order.len();
    }

    /// Whether anything came since [`Self::take_changes`] that matters to the state.
    pub(super) fn has_news(&self) -> bool {
        self.relevant
    }

    /// From which place on the order has changed since the last call; `None` if nothing came that matters to the state.
    pub(super) fn take_changes(&mut self) -> Option<usize> {
        if !std::mem::take(&mut self.relevant) {
            return None;
        }
        self.arrange();
        self.lowest.take()
    }

    /// Whether anything stands at a position.
    pub(super) fn holds(&self, log: &LogId, seq: u64) -> bool {
        self.positions.contains_key(&(*log, seq))
    }

    /// The logs in which a device contradicted itself, with all that is known of them from there on: position and id.
    pub(super) fn branches(&self) -> BTreeMap<LogId, BTreeSet<(u64, EntryId)>> {
        let mut branches: BTreeMap<LogId, BTreeSet<(u64, EntryId)>> = BTreeMap::new();
        let told = |it: &usize| self.nodes.get(*it).map(|it| (it.seq, it.id));
        for ((log, seq), nodes) in &self.forks {
            let of_log = branches.entry(*log).or_insert_with(|| {
                let from = (*log, *seq)..=(*log, u64::MAX);
                self.positions.range(from).filter_map(|it| told(it.1)).collect()
            });
            of_log.extend(nodes.iter().filter_map(told));
        }
        branches
    }

    /// Maximal entries.
    pub(super) fn heads(&self) -> impl Iterator<Item = &Node> {
        self.heads.iter().filter_map(|it| self.nodes.get(*it))
    }

    /// The maximal ones of the entries that are not skipped; what a skipped one has in its past is not hidden by it.
    pub(super) fn frontier(&self, skips: impl Fn(&Node) -> bool) -> Vec<&Node> {
        let mut met = NodeSet::default();
        let mut stack: Vec<usize> = self.heads.iter().copied().collect();
        let (mut found, mut hidden) = (Vec::new(), false);
        while let Some(at) = stack.pop() {
            let Some(node) = self.nodes.get(at).filter(|_| met.insert(at)) else { continue };
            if skips(node) {
                hidden = true;
                stack.extend(&node.parents);
            } else {
                found.push((at, node));
            }
        }
        if hidden {
            // What stands behind a skipped one may be behind another of those found too.
            let parents: Vec<usize> = found.iter().flat_map(|it| it.1.parents.iter().copied()).collect();
            let past = self.past(&parents);
            found.retain(|it| !past.contains(it.0));
        }
        found.into_iter().map(|it| it.1).collect()
    }

    /// Acts of a device.
    pub(super) fn acts_of<'g>(&'g self, device: &DeviceId) -> impl Iterator<Item = (usize, &'g Node)> + use<'g> {
        self.acts_of.get(device).into_iter().flatten().filter_map(|it| Some((*it, self.nodes.get(*it)?)))
    }

    /// These nodes and everything before them.
    pub(super) fn past(&self, of: &[usize]) -> NodeSet {
        let mut past = NodeSet::default();
        let mut stack: Vec<usize> = of.iter().copied().filter(|it| past.insert(*it)).collect();
        while let Some(node) = stack.pop() {
            for parent in self.nodes.get(node).into_iter().flat_map(|it| &it.parents) {
                if past.insert(*parent) {
                    stack.push(*parent);
                }
            }
        }
        past
    }

    /// Adds to a set that holds a node and what is behind it, as far as nodes below `from` go, the rest of it. Parents
    /// have lower numbers than children.
    pub(super) fn extend_future(&self, future: &mut NodeSet, from: usize) {
        for (at, node) in self.nodes.iter().enumerate().skip(from) {
            if node.parents.iter().any(|it| future.contains(*it)) {
                future.insert(at);
            }
        }
    }

    /// What is before every one of these nodes or is one of them and before the others.
    pub(super) fn common_past(&self, of: &[usize]) -> NodeSet {
        let mut common = NodeSet::below(self.nodes.len());
        for some in of.chunks(64) {
            let masks = self.masks(some);
            let all = if some.len() == 64 { u64::MAX } else { (1 << some.len()) - 1 };
            let mut here = NodeSet::default();
            for (at, _) in masks.iter().enumerate().filter(|(at, mask)| **mask == all && common.contains(*at)) {
                here.insert(at);
            }
            common = here;
        }
        common
    }

    /// For every node which of at most 64 others it is or is before, a bit each.
    fn masks(&self, of: &[usize]) -> Vec<u64> {
        let mut masks = vec![0_u64; self.nodes.len()];
        for (bit, node) in of.iter().enumerate() {
            masks.get_mut(*node).into_iter().for_each(|it| *it |= 1 << bit);
        }
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let mask = masks.get(at).copied().unwrap_or(0);
            for parent in node.parents.iter().filter(|_| mask != 0) {
                masks.get_mut(*parent).into_iter().for_each(|it| *it |= mask);
            }
        }
        masks
    }

    /// The node numbers of ids; `None` if one is not here.
    pub(super) fn find(&self, ids: &[EntryId]) -> Option<Vec<usize>> {
        ids.iter().map(|it| self.index.get(it).copied()).collect()
    }

    /// Whether `first` is `node` or before it; `None` if that cannot be told from the nearest nodes alone.
    pub(super) fn is_near(&self, first: usize, node: usize) -> Option<bool> {
        let mut left = BinaryHeap::from([node]);
        let mut last = usize::MAX;
        for _ in 0..NEAR_MAX {
            // Parents have lower numbers: what is popped descends, and below `first` there is nothing to find.
            match left.pop() {
                Some(it) if it == first => return Some(true),
                Some(it) if it > first => {
                    if std::mem::replace(&mut last, it) != it {
                        left.extend(self.nodes.get(it).into_iter().flat_map(|it| &it.parents));
                    }
                }
                _ => return Some(false),
            }
        }
        None
    }

    /// The one order that every replica gives to the nodes it holds as of [`Self::take_changes`]: parents first, then
    /// the lower id.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }
}

/// Reads an act. What has the outer form of one but a field that this program does not know is of a newer Artel.
fn read(body: &[u8]) -> Result<Act, ()> {
    Act::decode(body).or_else(|_| Act::newer(body).ok_or(()))
}

fn named(act: &Act) -> Option<DeviceId> {
    let key = match act {
        Act::Enrol(act) => &act.device_pk,
        Act::AddDevice(act) => &act.device_pk,
        _ => return None,
    };
    cose::public_key(key).map(|_| DeviceId::of_key(key))
}

/// What an entry refers to, each once.
fn references(signed: &Signed) -> impl Iterator<Item = EntryId> {
    let prev = signed.entry.prev.filter(|it| !signed.entry.seen.contains(it));
    prev.into_iter().chain(signed.entry.seen.iter().copied())
}

#[cfg(test)]
mod tests;
