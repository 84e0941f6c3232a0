//! Tests of `replica::log`.

use super::*;

fn id(branch: u8, seq: u64) -> EntryId {
    EntryId(crate::id::sha256(&[&[branch], &seq.to_be_bytes()]))
}

fn range(branch: u8, first: u64, last: u64) -> Range {
    Range {
        first,
        last,
        before: first.checked_sub(1).map(|seq| id(branch, seq)),
        last_id: id(branch, last),
        last_hlc: Hlc { ms: last, ctr: 0 },
    }
}

fn offer(log: &mut Log, branch: u8, first: u64, last: u64) -> Inserted {
    log.insert(range(branch, first, last), |seq| (first..=last).contains(&seq).then(|| id(branch, seq)))
}

#[test]
fn pieces_in_any_order_become_one() {
    let mut log = Log::default();
    assert_eq!(offer(&mut log, 0, 10, 19), Inserted::New { first: 10, last: 19 });
    assert_eq!(offer(&mut log, 0, 0, 4), Inserted::New { first: 0, last: 4 });
    assert!(!log.is_whole());
    assert_eq!(log.contiguous(), Some(4));
    assert_eq!(log.lacking(&[(0, 25)]), [(5, 9), (20, 25)]);
    assert_eq!(offer(&mut log, 0, 3, 12), Inserted::New { first: 5, last: 9 });
    assert!(log.is_whole());
    assert_eq!(offer(&mut log, 0, 0, 19), Inserted::Known);
    assert_eq!(log.head().map(|it| it.last), Some(19));
}

#[test]
fn two_branches_are_a_fork_wherever_they_touch() {
    for (first, last) in [(0, 19), (20, 25), (15, 22), (0, 9)] {
        let mut log = Log::default();
        offer(&mut log, 0, 10, 19);
        assert!(matches!(offer(&mut log, 1, first, last), Inserted::Fork { .. }), "{first}..={last}");
        assert_eq!(log.ranges().len(), 1);
    }
}
