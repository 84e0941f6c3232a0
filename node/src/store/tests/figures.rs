//! Figures on a real disk. `ARTEL_STORE_FIGURES=100000` gives numbers worth noting; by default it only runs.

use std::time::Instant;

use super::*;

#[test]
fn figures() {
    let count: u64 = std::env::var("ARTEL_STORE_FIGURES").map_or(2_000, |count| count.parse().unwrap());
    let dir = TempDir::new().unwrap();
    let (store, _) = Store::open(dir.path(), keys(), Arc::new(RealDisk)).unwrap();
    let mut waits: Vec<_> = (0..200)
        .map(|n| {
            let begin = Instant::now();
            store.append_blocking(one(1, &numbered(n, &[7; 350]))).unwrap();
            begin.elapsed()
        })
        .collect();
    waits.sort();
    let begin = Instant::now();
    for first in (200..count).step_by(256) {
        let mut batch = Batch::new();
        for n in first..count.min(first + 256) {
            batch.record(1, numbered(n, &[7; 350])).unwrap();
        }
        store.append_blocking(batch).unwrap();
    }
    let append = (count - 200) as f64 / begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let replayed: Vec<_> = store.replay(Position::START).map(Result::unwrap).collect();
    let replay = replayed.len() as f64 / begin.elapsed().as_secs_f64();
    assert_eq!(replayed.len() as u64, count);

    let begin = Instant::now();
    for chunk in replayed.chunks(256) {
        let mut batch = IndexBatch::new();
        let mut applied = None;
        for found in chunk {
            let Replayed::Record { position, next, record } = found else { panic!() };
            let n = number_of(&record.body);
            batch.put_packet(SPACE, LOG, &packet(n, *position));
            batch.put_record(SPACE, order(n), record.body.clone());
            batch.put_id(entry_id(n), SPACE, order(n));
            applied = Some(*next);
        }
        store.apply(&batch, applied).unwrap();
    }
    let index = count as f64 / begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let page = store.records(SPACE, Direction::Before(OrderKey::MAX), 100).unwrap();
    let page_time = begin.elapsed();
    assert_eq!(page.len(), 100);
    let begin = Instant::now();
    store.audit_index().unwrap();
    let audit = begin.elapsed();
    store.close().unwrap();
    let sizes = store.sizes().unwrap();
    drop(store);
    let begin = Instant::now();
    Store::open(dir.path(), keys(), Arc::new(RealDisk)).unwrap();
    let open = begin.elapsed();
    let (p50, p99) = (waits[100], waits[198]);
    eprintln!("append+sync p50 {p50:?} p99 {p99:?}; appended {append:.0}/s by 256; replayed {replay:.0}/s");
    eprintln!(
        "indexed (packet, row, id) {index:.0}/s; page of 100 {page_time:?}; audit {audit:?}; open {open:?}; {sizes:?}"
    );
}
