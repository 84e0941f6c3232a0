//! Who is asked for which piece: what is missing goes to whoever is ready for more, and comes back if he fails.
//!
//! Pure: no network and no clock. Every holder's task takes [`Work`], and gives back what it did not get.

use std::collections::BTreeSet;

use artel_crdt::id::BlobHash;
use artel_crdt::limits;
use artel_crdt::timeline::FileInfo;
use artel_crdt::timeline::file;

/// Pieces asked for at once: 1 MiB, enough that a link does not wait for the next question.
const BATCH_MAX: u32 = 16;

/// What one question asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A list of hashes.
    List(usize),
    /// Consecutive pieces.
    Pieces {
        /// The first.
        first: u32,
        /// How many, at least one.
        count: u32,
    },
}

/// What is known and missing of one file.
#[derive(Debug)]
pub(crate) struct Plan {
    file: FileInfo,
    /// Hashes of the pieces, by list; `None` until the list has come.
    lists: Vec<Option<Vec<BlobHash>>>,
    lists_free: BTreeSet<usize>,
    /// Missing and asked of nobody.
    free: BTreeSet<u32>,
    /// Missing, asked or not.
    left: usize,
}

impl Plan {
    /// A plan for a file of which these pieces are missing; no list is known.
    pub(crate) fn new(file: FileInfo, missing: &[u32]) -> Self {
        let lists = file.lists.len();
        Self {
            file,
            lists: vec![None; lists],
            lists_free: (0..lists).collect(),
            free: missing.iter().copied().collect(),
            left: missing.len(),
        }
    }

    /// The file.
    pub(crate) fn file(&self) -> &FileInfo {
        &self.file
    }

    /// Whether every piece has come.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// Pieces that have not come.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// What to ask for next; `None` if everything that can be asked for is asked of somebody.
    pub(crate) fn take(&mut self) -> Option<Work> {
        let first = self.free.iter().copied().find(|it| self.hash(*it).is_some());
        let Some(first) = first else {
            return self.lists_free.pop_first().map(Work::List);
        };
        let count = (0..BATCH_MAX)
            .take_while(|more| {
                let number = first.saturating_add(*more);
                self.free.contains(&number) && self.hash(number).is_some()
            })
            .count();
        let count = u32::try_from(count).unwrap_or(BATCH_MAX);
        for number in first..first.saturating_add(count) {
            self.free.remove(&number);
        }
        Some(Work::Pieces { first, count })
    }

    /// A question that got no answer, or a wrong one.
    pub(crate) fn give_back(&mut self, work: &Work) {
        match work {
            Work::List(number) if self.lists.get(*number).is_some_and(Option::is_none) => {
                self.lists_free.insert(*number);
            }
            Work::List(_) => {}
            Work::Pieces { first, count } => self.free.extend(*first..first.saturating_add(*count)),
        }
    }

    /// A list has come; false if it is not the one that the description names.
    pub(crate) fn list(&mut self, number: usize, bytes: &[u8]) -> bool {
        let Some(hashes) = file::open_list(&self.file, number, bytes) else { return false };
        if let Some(place) = self.lists.get_mut(number) {
            *place = Some(hashes);
        }
        self.lists_free.remove(&number);
        true
    }

    /// The hash of a piece, once its list is known.
    pub(crate) fn hash(&self, number: u32) -> Option<BlobHash> {
        let number = usize::try_from(number).ok()?;
        let list = self.lists.get(number / limits::LIST_PIECES_MAX)?.as_ref()?;
        list.get(number % limits::LIST_PIECES_MAX).copied()
    }

    /// A piece was checked and kept.
    pub(crate) fn arrived(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests;
