//! What the core costs without network and disk: a new key after a removal, and taking in what others wrote.
//! `cargo bench -p artel-crdt --bench core [-- rotation|ingest]` prints medians beside floors that were measured in the
//! same run: a busy machine slows both.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench prints its figures and ends where something goes wrong"
)]

mod desk;
mod ingest;
mod rotation;

use std::time::{Duration, Instant};

/// Runs it and tells how long it took.
#[expect(clippy::disallowed_methods, reason = "the core has no clock; who measures it has one")]
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = run();
    (done, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|it| it == name);
    if wants("rotation") {
        [5, 50, 500].into_iter().for_each(rotation::print);
    }
    if wants("ingest") {
        ingest::print();
    }
}
