//! The causal graph of the organisation space: every entry of any kind is a link, acts are what is evaluated.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::entry::{BlobRef, Kind, Signed};
use crate::id::{DeviceId, EntryId, LogId};
use crate::limits;

use super::act::Act;

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: EntryId,
    pub(super) log: LogId,
    pub(super) seq: u64,
    pub(super) parents: Vec<usize>,
    pub(super) blobs: Vec<BlobRef>,
    /// `None` for everything but acts; `Err` for acts that cannot be read.
    pub(super) act: Option<Result<Act, ()>>,
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
    /// It cannot be an entry of the authority.
    Refused,
}

/// Downward-closed: an entry is in only if everything it refers to is.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) index: BTreeMap<EntryId, usize>,
    heads: BTreeSet<usize>,
    /// Two entries of one device for one position.
    pub(super) forks: Vec<(usize, usize)>,
    positions: BTreeMap<(LogId, u64), usize>,
    waiting: BTreeMap<EntryId, Vec<Signed>>,
    waiting_count: usize,
}

impl Graph {
    pub(super) fn add(&mut self, signed: &Signed) -> Added {
        if self.index.contains_key(&signed.id) {
            return Added::Known;
        }
        let missing = references(signed).find(|it| !self.index.contains_key(it));
        if let Some(missing) = missing {
            return self.wait(missing, signed);
        }
        let mut ready = VecDeque::from([signed.clone()]);
        while let Some(next) = ready.pop_front() {
            let id = next.id;
            if self.index.contains_key(&id) {
                continue;
            }
            let missing = references(&next).find(|it| !self.index.contains_key(it));
            if let Some(missing) = missing {
                self.waiting.entry(missing).or_default().push(next);
                self.waiting_count += 1;
                continue;
            }
            self.put(&next);
            let woken = self.waiting.remove(&id).unwrap_or_default();
            self.waiting_count = self.waiting_count.saturating_sub(woken.len());
            ready.extend(woken);
        }
        Added::New
    }

    fn wait(&mut self, missing: EntryId, signed: &Signed) -> Added {
        if self.waiting_count >= limits::ORPHANS_MAX {
            return Added::Refused;
        }
        let queue = self.waiting.entry(missing).or_default();
        if !queue.iter().any(|it| it.id == signed.id) {
            queue.push(signed.clone());
            self.waiting_count += 1;
        }
        Added::Waiting
    }

    fn put(&mut self, signed: &Signed) {
        let parents: Vec<usize> = references(signed).filter_map(|it| self.index.get(&it).copied()).collect();
        let at = self.nodes.len();
        for parent in &parents {
            self.heads.remove(parent);
        }
        self.heads.insert(at);
        let entry = &signed.entry;
        let act = (entry.kind == Kind::Act).then(|| Act::decode(&entry.body).map_err(|_| ()));
        if let Some(other) = self.positions.insert((entry.log(), entry.seq), at) {
            self.forks.push((other, at));
        }
        self.index.insert(signed.id, at);
        let (id, log, seq, blobs) = (signed.id, entry.log(), entry.seq, entry.blobs.clone());
        self.nodes.push(Node { id, log, seq, parents, blobs, act });
    }

    /// Maximal entries, ascending by id, at most 16.
    pub(super) fn heads(&self) -> Vec<EntryId> {
        let mut heads: Vec<EntryId> = self.heads.iter().filter_map(|it| self.nodes.get(*it)).map(|it| it.id).collect();
        heads.sort_unstable();
        heads.truncate(limits::SEEN_MAX);
        heads
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

    /// The node numbers of ids; `None` if one is not here.
    pub(super) fn find(&self, ids: &[EntryId]) -> Option<Vec<usize>> {
        ids.iter().map(|it| self.index.get(it).copied()).collect()
    }

    /// Nodes of a set in the one order that every replica gives them: parents first, then the lower id
    /// (Kahn's algorithm).
    pub(super) fn canonical(&self, within: &NodeSet) -> Vec<usize> {
        let mut missing: BTreeMap<usize, usize> = BTreeMap::new();
        let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut ready: BTreeSet<(EntryId, usize)> = BTreeSet::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(at, _)| within.contains(*at)) {
            if node.parents.is_empty() {
                ready.insert((node.id, at));
            }
            missing.insert(at, node.parents.len());
            for parent in &node.parents {
                children.entry(*parent).or_default().push(at);
            }
        }
        let mut order = Vec::with_capacity(missing.len());
        while let Some((_, at)) = ready.pop_first() {
            order.push(at);
            for child in children.get(&at).into_iter().flatten() {
                let Some(left) = missing.get_mut(child) else { continue };
                *left = left.saturating_sub(1);
                if *left == 0
                    && let Some(node) = self.nodes.get(*child)
                {
                    ready.insert((node.id, *child));
                }
            }
        }
        order
    }
}

/// What an entry refers to, each once.
fn references(signed: &Signed) -> impl Iterator<Item = EntryId> {
    let prev = signed.entry.prev.filter(|it| !signed.entry.seen.contains(it));
    prev.into_iter().chain(signed.entry.seen.iter().copied())
}
