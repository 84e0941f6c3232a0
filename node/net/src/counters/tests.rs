//! Every cause has its own name and its own counter.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_cause_counts_for_itself() {
    let counters = Counters::default();
    for (at, cause) in Refusal::ALL.into_iter().enumerate() {
        assert_eq!(cause as usize, at, "{cause:?} is not at its place in ALL");
        for _ in 0..=at {
            counters.add(cause);
        }
    }
    let read = counters.read();
    for (at, cause) in Refusal::ALL.into_iter().enumerate() {
        assert_eq!(read.of(cause), at as u64 + 1);
    }
    let names: BTreeSet<_> = Refusal::ALL.into_iter().map(Refusal::name).collect();
    assert_eq!(names.len(), Refusal::ALL.len());
}
