//! What the acts and epochs of a private space knew of each other.
//!
//! A roster is judged by what the author of each act knew, never by clocks. What lies between two acts are mostly
//! messages, which are not kept in memory; so every act, and the roster that every epoch carries, names the newest acts
//! and epochs that its author knew. What a device wrote earlier in the same log it knew anyhow.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{EntryId, LogId};
use crate::limits;

/// The acts and epochs of one space.
#[derive(Debug, Default)]
pub(super) struct Causal {
    nodes: BTreeMap<EntryId, Node>,
}

#[derive(Debug)]
struct Node {
    log: LogId,
    seq: u64,
    knew: BTreeSet<EntryId>,
}

impl Causal {
    /// Notes an act or an epoch at its position, and what it says it knew.
    pub(super) fn note(&mut self, id: EntryId, (log, seq): (LogId, u64), knew: impl IntoIterator<Item = EntryId>) {
        let node = self.nodes.entry(id).or_insert_with(|| Node { log, seq, knew: BTreeSet::new() });
        node.knew.extend(knew);
    }

    /// Where an act stands.
    pub(super) fn position(&self, id: &EntryId) -> Option<(LogId, u64)> {
        self.nodes.get(id).map(|it| (it.log, it.seq))
    }

    /// Whether everything is here that the author of this one knew, as far as what is here tells.
    pub(super) fn is_whole(&self, id: &EntryId) -> bool {
        let (mut seen, mut stack) = (BTreeSet::from([*id]), vec![*id]);
        while let Some(next) = stack.pop() {
            let Some(node) = self.nodes.get(&next) else { return false };
            stack.extend(node.knew.iter().filter(|it| seen.insert(**it)));
        }
        true
    }

    /// What a new act should name: those that no other one knew, ascending. Where there are too many, the next act knows
    /// the rest.
    pub(super) fn heads(&self) -> Vec<EntryId> {
        let known: BTreeSet<EntryId> =
            self.nodes.keys().flat_map(|it| self.parents(it)).filter(|it| self.nodes.contains_key(it)).collect();
        self.nodes.keys().filter(|it| !known.contains(it)).copied().take(limits::SEEN_MAX).collect()
    }

    fn parents(&self, id: &EntryId) -> Vec<EntryId> {
        let Some(node) = self.nodes.get(id) else { return Vec::new() };
        let same = self.nodes.iter().filter(|(_, it)| it.log == node.log && it.seq < node.seq);
        let previous = same.max_by_key(|(_, it)| it.seq).map(|(id, _)| *id);
        node.knew.iter().copied().chain(previous).collect()
    }

    /// For every one all that it knew, in one walk.
    pub(super) fn pasts(&self) -> Pasts {
        let index: BTreeMap<EntryId, usize> = self.nodes.keys().enumerate().map(|(at, id)| (*id, at)).collect();
        let number = |id: &EntryId| index.get(id).copied();
        let parents: Vec<Vec<usize>> =
            self.nodes.keys().map(|id| self.parents(id).iter().filter_map(number).collect()).collect();
        let mut sets: Vec<Option<Bits>> = vec![None; parents.len()];
        let mut begun = vec![false; parents.len()];
        for first in 0..parents.len() {
            let mut stack = vec![first];
            while let Some(at) = stack.last().copied() {
                let own = parents.get(at).map_or(&[][..], Vec::as_slice);
                let is_open = |it: &usize| sets.get(*it).is_some_and(Option::is_none);
                // An id is a hash over what it names, so there is no way round in a circle; still none may trap us.
                let next = own.iter().copied().find(|it| is_open(it) && begun.get(*it) == Some(&false));
                begun.get_mut(at).into_iter().for_each(|it| *it = true);
                if let Some(next) = next.filter(|_| is_open(&at)) {
                    stack.push(next);
                    continue;
                }
                stack.pop();
                let past = joined(own, &sets);
                sets.get_mut(at).into_iter().for_each(|it| *it = Some(past.clone()));
            }
        }
        Pasts { index, sets: sets.into_iter().map(Option::unwrap_or_default).collect() }
    }
}

/// These and all that they knew.
fn joined(parents: &[usize], sets: &[Option<Bits>]) -> Bits {
    let mut past = Bits::default();
    for parent in parents {
        past.insert(*parent);
        sets.get(*parent).into_iter().flatten().for_each(|it| past.extend(it));
    }
    past
}

/// Who knew what, as of one moment.
#[derive(Debug)]
pub(super) struct Pasts {
    index: BTreeMap<EntryId, usize>,
    sets: Vec<Bits>,
}

impl Pasts {
    /// Whether the author of `later` knew of `earlier` when he wrote.
    pub(super) fn knew(&self, earlier: &EntryId, later: &EntryId) -> bool {
        let (Some(earlier), Some(later)) = (self.index.get(earlier), self.index.get(later)) else { return false };
        self.sets.get(*later).is_some_and(|it| it.contains(*earlier))
    }
}

/// A set of small numbers.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0.get_mut(word).into_iter().for_each(|it| *it |= 1 << (number % 64));
    }

    fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(it, other)| *it |= other);
    }

    fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|it| it & (1 << (number % 64)) != 0)
    }
}
