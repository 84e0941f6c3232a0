//! What can go wrong, which of it goes wrong in a world, and how often it did.

use std::collections::{BTreeMap, BTreeSet};

use crate::chance::Chance;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A message is lost while the link stays up.
    Loss,
    /// A message is overtaken by later ones.
    Reorder,
    /// A message comes twice.
    Duplicate,
    /// Some nodes cannot reach the others, in both directions or in one.
    Partition,
    /// A node stops at once and loses what it had not flushed.
    Crash,
    /// A clock is set forwards or backwards, by seconds or by hours.
    ClockJump,
    /// Somebody is admitted while all this goes on.
    LateJoin,
    /// A device's key signs a second, contradicting branch of its log.
    Forgery,
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::Loss,
        Self::Reorder,
        Self::Duplicate,
        Self::Partition,
        Self::Crash,
        Self::ClockJump,
        Self::LateJoin,
        Self::Forgery,
    ];
}

/// How often each fault happened.
pub(crate) type Counts = BTreeMap<Fault, u64>;

/// Draws three to six faults for a world.
pub(crate) fn draw(chance: &mut Chance) -> BTreeSet<Fault> {
    let mut all = Fault::ALL;
    chance.shuffle(&mut all);
    let count = 3 + chance.below(4);
    all.into_iter().take(count).collect()
}
