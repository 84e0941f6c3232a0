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
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(it) = look() {
            return it;
        }
        assert!(Instant::now() < deadline, "after {seconds} s still not: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// For `until`: something when `it` is true.
pub fn when(it: bool) -> Option<()> {
    it.then_some(())
}
