//! Bugs planted on purpose: the simulator must find each of them. Compiled only with the feature `planted`, which no
//! program enables, and off until a test plants one on its own thread.

use std::cell::Cell;

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Planted {
    /// What is held already is taken in and stored once more.
    DropDedupe,
    /// A range is joined to the one before it without asking whether it follows from it.
    SkipPrevCheck,
    /// Notes count in the order in which they arrived.
    OrderByArrival,
    /// Steps that could not be opened when they came are not opened when their key comes.
    ForgetUnopened,
    /// A grant names one device and is sealed to another.
    GrantToWrongDevice,
    /// A command is answered before the packet that it wrote is given to the store.
    AcknowledgeBeforeFlush,
    /// After a crash the old incarnation of a log is written on without asking anybody.
    ContinueOldInc,
    /// Everybody may take back what others wrote.
    IgnoreRetractPermission,
    /// After a removal the old key serves on.
    NoRotationAfterRemoval,
    /// Of two ranges that touch, the end of the upper one is lost.
    LoseRangeMerge,
    /// A new packet is pushed to every peer, member or not.
    PushToEverybody,
    /// The clock of entries follows the clock of the machine also backwards.
    ClockGoesBack,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::DropDedupe,
        Self::SkipPrevCheck,
        Self::OrderByArrival,
        Self::ForgetUnopened,
        Self::GrantToWrongDevice,
        Self::AcknowledgeBeforeFlush,
        Self::ContinueOldInc,
        Self::IgnoreRetractPermission,
        Self::NoRotationAfterRemoval,
        Self::LoseRangeMerge,
        Self::PushToEverybody,
        Self::ClockGoesBack,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<Planted>> = const { Cell::new(None) };
}

/// Plants a bug on this thread, or removes it.
pub fn plant(bug: Option<Planted>) {
    PLANTED.set(bug);
}

/// Whether this bug is planted on this thread.
pub(crate) fn is(bug: Planted) -> bool {
    PLANTED.get() == Some(bug)
}
