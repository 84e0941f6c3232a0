//! Waiting for something to become true, never longer than a deadline.

use std::time::{Duration, Instant};

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks until `look` gives something, and returns it.
///
/// # Panics
/// When it has given nothing for `seconds`; says `what` was waited for.
#[track_caller]
pub fn until<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    seen(what, seconds, || look().ok_or_else(String::new))
}

/// As [`until`]; what `look` saw last is told too.
///
/// # Panics
/// As [`until`].
#[track_caller]
pub fn seen<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let last = match look() {
            Ok(it) => return it,
            Err(last) => last,
        };
        assert!(Instant::now() < deadline, "after {seconds} s still not: {what}\n{last}");
        std::thread::sleep(LOOK_EVERY);
    }
}
