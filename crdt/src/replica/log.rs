//! What a replica holds of one log: ranges of consecutive entries, mostly one.
//!
//! History arrives newest first, so a log may be known in pieces; every piece is authentic by its last signature, and
//! two pieces are one as soon as the `prev` of the upper is the last id of the lower.

use crate::id::EntryId;
use crate::limits;
use crate::time::Hlc;

/// Consecutive entries of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First position.
    pub first: u64,
    /// Last position.
    pub last: u64,
    /// What the first entry names as its predecessor.
    pub before: Option<EntryId>,
    /// Id of the last entry.
    pub last_id: EntryId,
    /// Clock of the last entry.
    pub last_hlc: Hlc,
}

/// What became of a range that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Positions `first..=last` are new and now held.
    New {
        /// First new position.
        first: u64,
        /// Last new position.
        last: u64,
    },
    /// Everything was held already.
    Known,
    /// The device has signed two entries for one position.
    Fork {
        /// Where the branches part, as far as known.
        seq: u64,
    },
    /// Too many pieces; ask again when some are joined.
    Scattered,
}

/// The held ranges of one log, ascending, never touching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    ranges: Vec<Range>,
}

impl Log {
    /// The held ranges, ascending.
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// The newest held entry.
    pub fn head(&self) -> Option<&Range> {
        self.ranges.last()
    }

    /// Whether everything from position 0 to the newest is held.
    pub fn is_whole(&self) -> bool {
        matches!(self.ranges.as_slice(), [only] if only.first == 0)
    }

    /// Whether the position is held.
    pub fn holds(&self, seq: u64) -> bool {
        self.ranges.iter().any(|it| it.first <= seq && seq <= it.last)
    }

    /// The last position up to which everything is held from 0 on.
    pub fn contiguous(&self) -> Option<u64> {
        self.ranges.first().filter(|it| it.first == 0).map(|it| it.last)
    }

    /// Puts back ranges that were held before a stop.
    pub(super) fn restore(&mut self, ranges: Vec<Range>) {
        self.ranges.extend(ranges);
        self.merge();
    }

    /// Takes in a linked and signed range. `id_at` gives the id that the offered entries have at a position, for those
    /// positions inside the offer.
    pub fn insert(&mut self, offer: Range, id_at: impl Fn(u64) -> Option<EntryId>) -> Inserted {
        for held in &self.ranges {
            #[cfg(feature = "planted")]
            if crate::planted::is(crate::planted::Planted::SkipPrevCheck) {
                break;
            }
            if let Some(seq) = disagreement(held, &offer, &id_at) {
                return Inserted::Fork { seq };
            }
        }
        let Some((first, last)) = self.gap_in(offer.first, offer.last) else {
            #[cfg(feature = "planted")]
            if crate::planted::is(crate::planted::Planted::DropDedupe) {
                return Inserted::New { first: offer.first, last: offer.last };
            }
            return Inserted::Known;
        };
        if self.ranges.len() >= limits::LOG_RANGES_MAX {
            return Inserted::Scattered;
        }
        self.ranges.push(offer);
        self.merge();
        Inserted::New { first, last }
    }

    /// The part of `first..=last` that is not held: from its lowest to its highest missing position.
    fn gap_in(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let low = (first..=last).find(|seq| !self.holds(*seq))?;
        let high = (first..=last).rev().find(|seq| !self.holds(*seq))?;
        Some((low, high))
    }

    fn merge(&mut self) {
        self.ranges.sort_by_key(|it| (it.first, it.last));
        let mut merged: Vec<Range> = Vec::with_capacity(self.ranges.len());
        for range in self.ranges.drain(..) {
            match merged.last_mut() {
                #[cfg(feature = "planted")]
                Some(below)
                    if range.first == below.last.saturating_add(1)
                        && range.last > range.first
                        && crate::planted::is(crate::planted::Planted::LoseRangeMerge) => {}
                Some(below) if range.first <= below.last.saturating_add(1) => {
                    if range.last > below.last {
                        (below.last, below.last_id, below.last_hlc) = (range.last, range.last_id, range.last_hlc);
                    }
                }
                _ => merged.push(range),
            }
        }
        self.ranges = merged;
    }

    /// What `other` holds and we do not, as pairs of first and last position, ascending.
    pub fn lacking(&self, other: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let mut lacking = Vec::new();
        for (first, last) in other {
            let mut next = *first;
            for held in self.ranges.iter().filter(|it| it.last >= *first && it.first <= *last) {
                if held.first > next {
                    lacking.push((next, held.first - 1));
                }
                next = next.max(held.last.saturating_add(1));
            }
            if next <= *last {
                lacking.push((next, *last));
            }
        }
        lacking
    }
}

/// Where an offered range contradicts a held one, if it does at a position whose id we still know.
fn disagreement(held: &Range, offer: &Range, id_at: &impl Fn(u64) -> Option<EntryId>) -> Option<u64> {
    if id_at(held.last).is_some_and(|id| id != held.last_id) {
        return Some(held.last);
    }
    if held.last.checked_add(1) == Some(offer.first) && offer.before != Some(held.last_id) {
        return Some(offer.first);
    }
    if offer.last.checked_add(1) == Some(held.first) && held.before != Some(offer.last_id) {
        return Some(held.first);
    }
    let below = held.first.checked_sub(1)?;
    let contradicts = id_at(below).is_some_and(|id| Some(id) != held.before);
    contradicts.then_some(held.first)
}

#[cfg(test)]
mod tests;
