//! Tests of `timeline::segment`.

use super::*;

use std::collections::BTreeSet;
use std::time::Instant;

use crate::timeline::record::{BadRecord, Record};
use crate::timeline::testing::{Chance, EPOCH, SPACE, device, placed, signed};

fn segment() -> Segment {
    Segment::new(SPACE, EPOCH).unwrap()
}

fn log(n: u8) -> LogId {
    LogId { device: device(n), inc: Inc([0; 8]) }
}

/// The log of device `n` with `len` entries, some of which are no steps of the epoch.
fn steps(n: u8, len: u64, chance: &mut Chance) -> Vec<Placed> {
    let seqs: Vec<u64> = (0..len).filter(|_| !chance.one_in(4)).collect();
    let record = |seq| match seq % 7 {
        0 => Record::reaction(EntryId([5; 32]), "👍", true),
        _ => Record::message(),
    };
    let mut steps: Vec<Placed> = seqs.into_iter().map(|seq| placed(n, seq, 1_000 + seq, record(seq))).collect();
    if let Some(bad) = steps.last_mut() {
        bad.record = Err(BadRecord::Malformed);
    }
    steps
}

/// Cuts a log into spans of 1 to 9 entries.
fn spans(n: u8, len: u64, steps: &[Placed], chance: &mut Chance) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut first = 0;
    while first < len {
        let last = (first + chance.below(9)).min(len - 1);
        let inside = |it: &&Placed| (first..=last).contains(&it.order.seq);
        spans.push(Span { log: log(n), first, last, steps: steps.iter().filter(inside).cloned().collect() });
        first = last + 1;
    }
    spans
}

fn sorted(mut records: Vec<Placed>) -> Vec<Placed> {
    records.sort_by_key(Placed::place);
    records
}

#[test]
fn the_document_is_the_fold_of_its_steps_in_any_order() {
    let mut chance = Chance(1);
    for round in 0..24 {
        let (mut all, mut every) = (Vec::new(), Vec::new());
        for n in 0..5 {
            let len = 1 + chance.below(if round % 8 == 0 { 300 } else { 40 });
            let steps = steps(n, len, &mut chance);
            every.extend(spans(n, len, &steps, &mut chance));
            all.extend(steps);
        }
        let mut heads = BTreeSet::new();
        for _ in 0..3 {
            chance.shuffle(&mut every);
            let mut segment = segment();
            let mut rest = every.clone();
            // Some arrive twice.
            rest.extend(every.iter().filter(|_| chance.one_in(5)).cloned());
            let mut added = 0;
            while !rest.is_empty() {
                let size = (1 + chance.below(6) as usize).min(rest.len());
                let applied = segment.apply(rest.drain(..size).collect()).unwrap();
                assert_eq!((&applied.conflicts, applied.dropped), (&Vec::new(), 0));
                added += applied.records;
                assert_eq!(segment.len(), added);
            }
            assert_eq!(segment.waiting, 0);
            assert_eq!(segment.records(), sorted(all.clone()));
            heads.insert(segment.heads());
        }
        assert_eq!(heads.len(), 1, "the same changes, whatever the order");
    }
}

#[test]
fn a_saved_segment_opens_in_plain_automerge() {
    let mut chance = Chance(2);
    let mut segment = segment();
    let mut count = 0;
    for n in 0..4 {
        let steps = steps(n, 500, &mut chance);
        count += steps.len();
        segment.apply(vec![Span { log: log(n), first: 0, last: 499, steps }]).unwrap();
    }
    let bytes = segment.save();
    let loaded = Automerge::load(&bytes).unwrap();
    let (_, records) = loaded.get(automerge::ROOT, "records").unwrap().unwrap();
    let lists: Vec<_> = loaded.map_range(&records, ..).map(|it| (it.key.to_string(), it.id())).collect();
    let lengths: Vec<usize> = lists.iter().map(|(_, id)| loaded.length(id)).collect();
    assert_eq!(lengths.iter().sum::<usize>(), count);
    assert!(lengths.iter().all(|it| *it <= limits::BLOCK_RECORDS_MAX as usize));
    assert_eq!(lists.iter().filter(|(key, _)| key.ends_with("/0")).count(), 4);
    assert!(lists.iter().all(|(key, _)| key.split_once('/').is_some_and(|it| it.0.len() == 32)));
    assert_eq!(read_records(&loaded).len(), count);
    assert_eq!(loaded.get_heads().len(), 4);
    eprintln!("{count} records: {} bytes saved, {} each", bytes.len(), bytes.len() / count);
}

#[test]
fn a_step_waits_for_everything_before_it() {
    let mut segment = segment();
    let step = |seq| placed(1, seq, 1_000 + seq, Record::message());
    let span = |first, last, steps| Span { log: log(1), first, last, steps };
    let late = segment.apply(vec![span(3, 5, vec![step(4)])]).unwrap();
    assert_eq!((late.records, late.waiting), (0, 1));
    assert!(segment.is_empty());
    let gap = segment.apply(vec![span(0, 1, vec![step(1)])]).unwrap();
    assert_eq!((gap.records, gap.waiting), (1, 1));
    let whole = segment.apply(vec![span(2, 2, vec![])]).unwrap();
    assert_eq!((whole.records, whole.waiting), (1, 0));
    assert_eq!(segment.records(), [step(1), step(4)]);
}

#[test]
fn abuse_26_a_fork_in_one_batch_with_a_hundred_honest_records_takes_none_of_them() {
    let step = |n: u8, seq, record| placed(n, seq, 1_000 + seq, record);
    let of = |n: u8, steps| Span { log: log(n), first: 0, last: 19, steps };
    let honest: Vec<Span> =
        (2..7).map(|n| of(n, (0..20).map(|seq| step(n, seq, Record::message())).collect())).collect();
    let branches = [step(1, 3, Record::message()), step(1, 3, Record::topic())];
    let forks = branches.clone().map(|it| of(1, vec![it]));
    let mut expected = segment();
    expected.apply(honest.iter().chain([&forks[0]]).cloned().collect()).unwrap();
    // Wherever in the batch the branches stand: the first one stays, the other one is told, all else is there.
    for place in [0, 2, 5] {
        let mut batch = honest.clone();
        batch.insert(place, forks[0].clone());
        batch.insert(place + 1, forks[1].clone());
        let mut segment = segment();
        let applied = segment.apply(batch).unwrap();
        assert_eq!((applied.records, applied.dropped, &applied.conflicts), (101, 0, &vec![branches[1].id]));
        assert_eq!((segment.heads(), segment.records()), (expected.heads(), expected.records()));
    }
}

#[test]
fn abuse_26_a_fork_does_not_change_the_document() {
    let mut segment = segment();
    let step = |seq, record| placed(1, seq, 1_000 + seq, record);
    let span = |steps| Span { log: log(1), first: 0, last: 2, steps };
    let honest = vec![step(0, Record::message()), step(2, Record::message())];
    segment.apply(vec![span(honest.clone())]).unwrap();
    let heads = segment.heads();
    let other = step(2, Record::topic());
    let applied = segment.apply(vec![span(vec![other.clone()])]).unwrap();
    assert_eq!(applied.conflicts, [other.id]);
    let between = step(1, Record::topic());
    assert_eq!(segment.apply(vec![span(vec![between.clone()])]).unwrap().conflicts, [between.id]);
    assert_eq!((segment.heads(), segment.records()), (heads, honest));
}

#[test]
fn abuse_24_a_span_that_contradicts_itself_is_refused() {
    let good = Span { log: log(1), first: 0, last: 2, steps: vec![placed(1, 1, 5, Record::message())] };
    let mut elsewhere = good.clone();
    elsewhere.steps[0].space = SpaceId([8; 16]);
    let mut later = good.clone();
    later.steps[0].epoch = EntryId([8; 32]);
    let bad = [
        Span { log: log(2), ..good.clone() },
        Span { first: 2, ..good.clone() },
        Span { last: 0, ..good.clone() },
        Span { steps: vec![good.steps[0].clone(), good.steps[0].clone()], ..good.clone() },
        elsewhere,
        later,
    ];
    for span in bad {
        assert_eq!(segment().apply(vec![span]), Err(SegmentError::Span));
    }
    assert_eq!(segment().apply(vec![good]).unwrap().records, 1);
}

#[test]
fn abuse_27_a_panic_inside_automerge_leaves_a_whole_document() {
    let mut chance = Chance(3);
    let mut segment = segment();
    segment.apply(vec![Span { log: log(1), first: 0, last: 199, steps: steps(1, 200, &mut chance) }]).unwrap();
    let (heads, records) = (segment.heads(), segment.records());
    // A number without its predecessors: Automerge 0.12 panics on it.
    let writer = segment.writers.values().next().unwrap();
    let stranger = ActorId::from([7u8; 16]);
    let hostile = change::change(&segment.id, &stranger, 5, writer.last, vec![1]);
    let mut broken = segment.document.clone();
    let what = catch_unwind(AssertUnwindSafe(|| broken.apply_changes([hostile.clone()])));
    assert!(!matches!(what, Ok(Ok(()))), "this change is not hostile any more: find another");
    segment.absorb(vec![hostile.clone()]).unwrap();
    assert_eq!((&segment.heads(), &segment.records()), (&heads, &records));
    assert_eq!(read_records(&Automerge::load(&segment.save()).unwrap()).len(), records.len());
    // Where a panic comes later it leaves half a document.
    segment.document = Automerge::new();
    segment.absorb(vec![hostile]).unwrap();
    assert_eq!((segment.heads(), segment.records()), (heads, records));
    segment.apply(vec![Span { log: log(2), first: 0, last: 9, steps: steps(2, 10, &mut chance) }]).unwrap();
    assert_eq!(segment.heads().len(), 2);
}

/// No number of a peer becomes a counter of operations; what would, if one did, must leave a document that can be written on.
#[test]
fn abuse_27_counters_at_the_end_of_their_range_leave_a_document_that_takes_honest_records() {
    let mut chance = Chance(4);
    let honest = |n: u8, chance: &mut Chance| Span { log: log(n), first: 0, last: 99, steps: steps(n, 100, chance) };
    let (first, second) = (honest(1, &mut chance), honest(2, &mut chance));
    let mut expected = segment();
    expected.apply(vec![first.clone(), second.clone()]).unwrap();
    let signed = (1 << 63) - 1;
    for start in [u64::from(u32::MAX) - 1, u64::from(u32::MAX), 1 << 62, signed - 2, signed, u64::MAX, 1_000_000] {
        let mut segment = segment();
        segment.apply(vec![first.clone()]).unwrap();
        let last = segment.writers.values().next().unwrap().last;
        // In the name of the log, which has its last one before it, and in that of nobody.
        let actors = [segment.writers.values().next().unwrap().actor.clone(), ActorId::from([7u8; 16])];
        for actor in actors {
            let number = if actor == ActorId::from([7u8; 16]) { 0 } else { first.steps.len() as u64 };
            let made = catch_unwind(|| change::starting_at(&segment.id, &actor, (number, start), last, vec![1]));
            // What Automerge itself does not make out of such numbers nobody can send either.
            let Ok(hostile) = made else { continue };
            segment.absorb(vec![hostile]).unwrap();
            assert_eq!(read_records(&Automerge::load(&segment.save()).unwrap()).len(), first.steps.len(), "{start}");
        }
        segment.apply(vec![second.clone()]).unwrap();
        assert_eq!((segment.heads(), segment.records()), (expected.heads(), expected.records()), "{start}");
    }
}

#[test]
fn abuse_33_a_flood_of_waiting_records_is_bounded() {
    let mut segment = segment();
    let span = |seq| Span { log: log(1), first: seq, last: seq, steps: vec![placed(1, seq, seq, Record::message())] };
    let mut dropped = 0;
    for part in 0..100 {
        let applied = segment.apply((0..100).map(|it| span(2 * (part * 100 + it) + 1)).collect()).unwrap();
        dropped += applied.dropped;
    }
    assert_eq!(segment.waiting + dropped, 10_000);
    assert_eq!(segment.waiting, limits::LOG_RANGES_MAX);
}

#[test]
fn a_span_of_a_run_knows_its_steps() {
    let entries = [signed(1, 4, Kind::Step, 1), signed(1, 5, Kind::Merge, 0), signed(1, 6, Kind::Step, 1)];
    let records: Vec<Placed> = entries.iter().map(|it| Placed::from_step(it, &Record::message().encode())).collect();
    let span = Span::of_run(&EPOCH, &entries, &records).unwrap();
    assert_eq!((span.first, span.last, span.log), (4, 6, entries[0].entry.log()));
    assert_eq!(span.steps, [records[0].clone(), records[2].clone()]);
    assert_eq!(Span::of_run(&EPOCH, &entries, &records[..1]), None, "a step without its record");
    assert_eq!(Span::of_run(&EntryId([0; 32]), &entries, &[]).unwrap().steps, []);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a measurement")]
fn one_more_record_is_cheap() {
    let mut segment = segment();
    let step = |n: u8, seq| placed(n, seq, 1_000 + seq, Record::message());
    for n in 0..20 {
        let steps = (0..100).map(|seq| step(n, seq)).collect();
        segment.apply(vec![Span { log: log(n), first: 0, last: 99, steps }]).unwrap();
    }
    let mut times = Vec::new();
    for seq in 100..150 {
        for n in 0..4 {
            let span = Span { log: log(n), first: seq, last: seq, steps: vec![step(n, seq)] };
            let start = Instant::now();
            segment.apply(vec![span]).unwrap();
            times.push(start.elapsed());
        }
    }
    times.sort_unstable();
    assert_eq!(segment.len(), 2_200);
    let (middle, worst) = (times[times.len() / 2], times[times.len() - 1]);
    eprintln!("one record into a segment of 2 000: median {middle:?}, worst {worst:?}");
    assert!(middle.as_millis() < 10, "only a flat list is that slow: {middle:?}");
}
