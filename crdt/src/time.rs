//! Time: wall-clock facts and the hybrid logical clock that orders entries.
//!
//! The only module that does arithmetic on time. Order is always ([`Hlc`], device, seq); the wall clock decorates.

use std::time::Duration;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This moment plus a length of time, saturating.
    pub fn plus(self, length: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(length.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long it is from `earlier` to this moment; zero if it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Hybrid logical clock: milliseconds and a counter within the millisecond
/// (Kulkarni et al., "Logical Physical Clocks", 2014).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hlc {
    /// Milliseconds since the Unix epoch.
    pub ms: u64,
    /// Counter within the millisecond.
    pub ctr: u32,
}

impl Hlc {
    /// The first value that is above `last` and not below `now`.
    pub fn next(last: Self, now: Timestamp) -> Self {
        if now.0 > last.ms {
            return Self { ms: now.0, ctr: 0 };
        }
        match last.ctr.checked_add(1) {
            Some(ctr) => Self { ms: last.ms, ctr },
            None => Self { ms: last.ms.saturating_add(1), ctr: 0 },
        }
    }

    /// The wall-clock part.
    pub fn timestamp(self) -> Timestamp {
        Timestamp(self.ms)
    }

    /// Whether a reader at `now` takes this as "from the future": drawn last, marked, outside the digest.
    pub fn is_ahead(self, now: Timestamp) -> bool {
        self.ms > now.plus(crate::limits::CLOCK_SKEW).0
    }
}
