//! The only place that reads the system clock, and the arithmetic of clocks that disagree.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use artel_crdt::time::Timestamp;

/// Name of the environment variable of the test hook described at [`Clock::from_env`].
pub const OFFSET_VARIABLE: &str = "ARTEL_CLOCK_OFFSET";

/// How much the wall clock and the monotonic clock may drift apart between two observations before that counts as a
/// jump, milliseconds. Five seconds is far above what time synchronisation slews in one second and below any real sleep.
pub const JUMP_MS: u64 = 5_000;

/// How many members must have told their clock before the median means anything: with two, one liar decides.
pub const MEDIAN_MEMBERS_MIN: usize = 3;

/// How often an offset file is read again.
const OFFSET_FILE_EVERY: Duration = Duration::from_secs(1);

/// The clock of this process. Cheap to clone; all clones agree.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Offset,
}

#[derive(Clone, Debug, Default)]
enum Offset {
    #[default]
    None,
    Fixed(i64),
    File(Arc<OffsetFile>),
}

#[derive(Debug)]
struct OffsetFile {
    path: PathBuf,
    last: Mutex<(Option<Instant>, i64)>,
}

impl Clock {
    /// The system clock as it is.
    pub fn system() -> Self {
        Self::default()
    }

    /// The system clock, moved by the test hook when the environment variable `ARTEL_CLOCK_OFFSET` is set.
    ///
    /// The hook is off unless the variable is set. Its value is a signed number of milliseconds, or the path of a file
    /// that holds one and is read again every second, so that a test can move the clock of a running node. A missing or
    /// unreadable file means no offset. Only wall time moves; timers run on the monotonic clock.
    pub fn from_env() -> Self {
        match std::env::var_os(OFFSET_VARIABLE) {
            None => Self::system(),
            Some(value) => Self::with_offset(&value),
        }
    }

    fn with_offset(value: &std::ffi::OsStr) -> Self {
        let number = value.to_str().and_then(|it| it.trim().parse().ok());
        let offset = match number {
            Some(ms) => Offset::Fixed(ms),
            None => Offset::File(Arc::new(OffsetFile { path: value.into(), last: Mutex::new((None, 0)) })),
        };
        Self { offset }
    }

    /// Now, by the wall clock. May jump either way; a clock before 1970 reads as the epoch.
    pub fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        Timestamp(ms.saturating_add_signed(self.offset_ms()))
    }

    fn offset_ms(&self) -> i64 {
        match &self.offset {
            Offset::None => 0,
            Offset::Fixed(ms) => *ms,
            Offset::File(file) => file.read(Instant::now()),
        }
    }
}

impl OffsetFile {
    fn read(&self, now: Instant) -> i64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = last.0.is_none_or(|at| OFFSET_FILE_EVERY <= now.saturating_duration_since(at));
        if stale {
            let text = std::fs::read_to_string(&self.path).unwrap_or_default();
            *last = (Some(now), text.trim().parse().unwrap_or(0));
        }
        last.1
    }
}

/// The median of what members' clocks say relative to ours, milliseconds; `None` below [`MEDIAN_MEMBERS_MIN`] members.
///
/// Of an even number it is the mean of the two in the middle. One member with a wild clock moves it by at most one rank.
pub fn median_offset(offsets: &[i64]) -> Option<i64> {
    if offsets.len() < MEDIAN_MEMBERS_MIN {
        return None;
    }
    let mut sorted = offsets.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(lower.midpoint(upper))
}

/// Why time did not pass evenly between two observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// The wall clock moved by this many milliseconds more (or, negative, less) than the monotonic clock: the machine
    /// slept, or somebody set the clock.
    Clock(i64),
    /// Both clocks agree, but nobody looked for this long although a look was due every second: the process was stopped,
    /// or the system counts sleep in its monotonic clock (Windows does).
    Pause(Duration),
}

/// Notices sleep, wake and a clock that was set. Feed it once a second.
#[derive(Clone, Copy, Debug)]
pub struct WakeWatch {
    wall: Timestamp,
    steady: Instant,
}

impl WakeWatch {
    /// Starts watching at this moment.
    pub fn new(wall: Timestamp, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// Compares this moment with the one before and remembers it.
    pub fn observe(&mut self, wall: Timestamp, steady: Instant) -> Option<Jump> {
        let steady_gap = steady.saturating_duration_since(self.steady);
        let steady_ms = i64::try_from(steady_gap.as_millis()).unwrap_or(i64::MAX);
        let drift = distance(self.wall, wall).saturating_sub(steady_ms);
        *self = Self { wall, steady };
        if JUMP_MS < drift.unsigned_abs() {
            return Some(Jump::Clock(drift));
        }
        match Duration::from_millis(JUMP_MS) < steady_gap {
            true => Some(Jump::Pause(steady_gap)),
            false => None,
        }
    }
}

/// From one moment to another, milliseconds; negative when the clock went back.
fn distance(from: Timestamp, to: Timestamp) -> i64 {
    let length = i64::try_from(from.0.abs_diff(to.0)).unwrap_or(i64::MAX);
    match from <= to {
        true => length,
        false => -length,
    }
}

/// A moment as RFC 3339 in UTC, to the millisecond.
pub fn rfc3339(moment: Timestamp) -> String {
    let nanos = i128::from(moment.0) * 1_000_000;
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// The last millisecond of a day `YYYY-MM-DD` in UTC; `None` for anything else.
pub fn end_of_day(day: &str) -> Option<Timestamp> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let next = time::Date::parse(day.trim(), format).ok()?.next_day()?;
    let ms = next.midnight().assume_utc().unix_timestamp().checked_mul(1_000)?;
    u64::try_from(ms).ok()?.checked_sub(1).map(Timestamp)
}

#[cfg(test)]
mod tests;
