//! Appending: groups, flushes, full disks, closing.

use std::time::Duration;

use super::*;

fn bodies(store: &Store) -> Vec<Vec<u8>> {
    let record = |found| match found {
        Ok(Replayed::Record { record, .. }) => record.body,
        other => panic!("{other:?}"),
    };
    store.replay(Position::START).map(record).collect()
}

#[test]
fn each_single_append_is_flushed() {
    let home = Home::new(1);
    let (store, _) = home.open();
    let before = (home.disk.syncs(), store.counts().syncs);
    for n in 0..100 {
        store.append_blocking(one(1, &numbered(n, b""))).unwrap();
    }
    assert!(home.disk.syncs() - before.0 >= 100);
    assert!(store.counts().syncs - before.1 >= 100);
    assert_eq!(store.counts().records, 100);
}

#[test]
fn what_arrives_during_a_flush_shares_the_next() {
    let mut home = Home::new(2);
    home.file_bytes = 1 << 20;
    let (store, _) = home.open();
    home.disk.set_sync_pause(Duration::from_millis(5));
    let before = home.disk.syncs();
    let pending: Vec<_> = (0..300).map(|n| store.submit(one(1, &numbered(n, b"x"))).unwrap()).collect();
    let positions: Vec<_> = pending.into_iter().map(|pending| pending.wait().unwrap().positions[0]).collect();
    assert!(positions.is_sorted(), "in the order of the calls");
    assert!(home.disk.syncs() - before < 30, "{} flushes", home.disk.syncs() - before);
    assert_eq!(store.counts().batches, 300);
    let numbers: Vec<_> = bodies(&store).iter().map(|body| number_of(body)).collect();
    assert_eq!(numbers, (0..300).collect::<Vec<_>>());
}

#[test]
fn a_full_queue_gives_the_batch_back() {
    let home = Home::new(3);
    let (store, _) = home.open();
    home.disk.set_sync_pause(Duration::from_millis(200));
    let mut refused = None;
    for n in 0..3_000 {
        if let Err((_, error)) = store.submit(one(1, &numbered(n, &[0; 8192]))) {
            refused = Some((n, error));
            break;
        }
    }
    let (n, error) = refused.expect("the queue has a bound");
    assert_eq!(error, StoreError::Busy);
    assert!(n >= 1024);
    home.disk.set_sync_pause(Duration::ZERO);
    drop(store);
    // Dropping the store writes out what was queued.
    assert_eq!(bodies(&home.open().0).len() as u64, n);
}

#[test]
fn a_full_disk_refuses_whole_batches_and_recovers() {
    let home = Home::new(4);
    let (store, _) = home.open();
    store.append_blocking(one(1, b"before")).unwrap();
    let end = store.journal_end();
    home.disk.set_room(Some(3_000));

    let mut big = Batch::new();
    let (small_blob, large_blob) = (vec![1; 900], vec![2; 9_000]);
    for blob in [&small_blob, &large_blob] {
        big.blob(SPACE, EPOCH, blob_hash(blob), blob.clone()).unwrap();
    }
    for _ in 0..4 {
        big.record(1, vec![5; 700]).unwrap();
    }
    assert_eq!(store.append_blocking(big.clone()), Err(StoreError::Full));
    assert_eq!(store.journal_end(), end);
    assert_eq!(bodies(&store), [b"before"]);
    assert_eq!(store.blob(blob_hash(&small_blob)).unwrap(), BlobRead::Missing);
    // Room that was taken for the refused batch is free again.
    store.append_blocking(one(1, b"small")).unwrap();

    home.disk.set_room(None);
    store.append_blocking(big).unwrap();
    assert_eq!(bodies(&store).len(), 6);
    assert_eq!(store.blob(blob_hash(&large_blob)).unwrap(), BlobRead::Bytes(large_blob));
    home.disk.crash();
    drop(store);
    let (store, report) = home.open();
    assert_eq!(bodies(&store).len(), 6);
    assert_eq!((report.cut, report.damage.len(), report.damaged_blob_stretches), (None, 0, 0));
}

#[test]
fn a_batch_too_big_for_the_disk_does_not_take_others_with_it() {
    let home = Home::new(5);
    let (store, _) = home.open();
    // The first flush is slow, so that the next three form one group.
    home.disk.set_sync_pause(Duration::from_millis(50));
    home.disk.set_room(Some(2_000));
    let first = store.submit(one(1, b"first")).unwrap();
    let small = store.submit(one(1, b"small")).unwrap();
    let big = store.submit(one(1, &[0; 50_000])).unwrap();
    let last = store.submit(one(1, b"last")).unwrap();
    first.wait().unwrap();
    let answers = [small.wait(), big.wait(), last.wait()].map(|answer| answer.map(|_| ()));
    assert_eq!(answers, [Ok(()), Err(StoreError::Full), Ok(())]);
    assert_eq!(bodies(&store), [b"first".to_vec(), b"small".to_vec(), b"last".to_vec()]);
}

#[test]
fn a_full_disk_while_rolling_leaves_no_file_behind() {
    let home = Home::new(6);
    let (store, _) = home.open();
    store.append_blocking(one(1, &[1; 3_000])).unwrap();
    home.disk.set_room(Some(500));
    let mut rolling = Batch::new();
    rolling.record(1, vec![2; 3_000]).unwrap();
    assert_eq!(store.append_blocking(rolling.clone()), Err(StoreError::Full));
    assert_eq!(store.journal_end().file, 1);
    home.disk.set_room(None);
    let appended = store.append_blocking(rolling).unwrap();
    assert_eq!(appended.positions, [Position { file: 2, offset: 0 }]);
    assert_eq!(bodies(&store).len(), 2);
}

#[test]
fn a_failed_flush_acknowledges_nothing() {
    let home = Home::new(7);
    let (store, _) = home.open();
    store.append_blocking(one(1, b"good")).unwrap();
    home.disk.fail_syncs(u64::MAX);
    let answer = store.append_blocking(one(1, b"bad"));
    assert!(matches!(answer, Err(StoreError::Io { during: During::Journal, .. })), "{answer:?}");
    assert_eq!(bodies(&store), [b"good"]);
    home.disk.fail_syncs(0);
    store.append_blocking(one(1, b"better")).unwrap();
    home.disk.crash();
    drop(store);
    assert_eq!(bodies(&home.open().0), [b"good".to_vec(), b"better".to_vec()]);
}

/// A batch with a record and a blob whose flush fails, once; taking it back works.
fn refused(home: &Home, store: &Store) -> BlobHash {
    let mut batch = one(1, b"refused");
    let hash = blob_hash(b"refused blob");
    batch.blob(SPACE, EPOCH, hash, b"refused blob".to_vec()).unwrap();
    home.disk.fail_syncs(2);
    assert!(store.append_blocking(batch).is_err());
    home.disk.fail_syncs(0);
    hash
}

// Whoever was refused uses the number again, so a second record with it must never turn up.
#[test]
fn a_refused_record_does_not_come_back() {
    let home = Home::new(10);
    let (store, _) = home.open();
    store.append_blocking(one(1, b"good")).unwrap();
    let hash = refused(&home, &store);
    drop(store);
    let (store, report) = home.open();
    assert_eq!((bodies(&store), report.cut, report.blobs_found), (vec![b"good".to_vec()], None, 0));
    assert_eq!(store.blob(hash).unwrap(), BlobRead::Missing);
}

#[test]
fn a_refused_record_does_not_come_back_after_a_crash() {
    for seed in 0..40 {
        let home = Home::new(seed);
        let (store, _) = home.open();
        store.append_blocking(one(1, b"good")).unwrap();
        refused(&home, &store);
        home.disk.crash();
        drop(store);
        let (store, report) = home.open();
        assert_eq!((bodies(&store), report.cut), (vec![b"good".to_vec()], None), "seed {seed}");
    }
}

#[test]
fn a_small_file_is_durable_when_written() {
    let sealer = keys::Sealer::new(&Key::new([1; 32]));
    for seed in 0..40 {
        let (disk, dir) = (FaultDisk::new(seed), Path::new("home"));
        let write = |content: &[u8]| small_file::write(&disk.until_crash(), &sealer, dir, "own.bin", content);
        let read = || small_file::read(&disk, &sealer, dir, "own.bin").unwrap().unwrap();
        write(b"one").unwrap();
        write(b"two").unwrap();
        disk.crash();
        assert_eq!(read(), b"two", "seed {seed}");
        // A write that is cut off leaves the old content or the new, whole.
        disk.fail_syncs(1 + seed % 2);
        assert!(write(b"three").is_err());
        disk.fail_syncs(0);
        disk.crash();
        assert!(read() == b"two" || read() == b"three", "seed {seed}");
    }
}

#[test]
fn limits_are_kept_before_anything_is_written() {
    let mut batch = Batch::new();
    assert_eq!(batch.record(1, vec![0; RECORD_BYTES_MAX + 1]), Err(StoreError::TooLarge));
    assert_eq!(batch.blob(SPACE, EPOCH, BlobHash([0; 32]), vec![1]), Err(StoreError::WrongHash));
    for _ in 0..16 {
        batch.record(1, vec![0; RECORD_BYTES_MAX]).unwrap();
    }
    assert_eq!(batch.record(1, vec![0]), Err(StoreError::TooLarge));
    let home = Home::new(8);
    let (store, _) = home.open();
    assert_eq!(store.append_blocking(batch).unwrap().positions.len(), 16);
    assert_eq!(bodies(&store).len(), 16);
}

#[test]
fn after_close_nothing_is_taken_and_the_directory_is_free() {
    let dir = TempDir::new().unwrap();
    let open = || Store::open(dir.path(), keys(), Arc::new(RealDisk));
    let (store, report) = open().unwrap();
    assert!(report.created);
    assert_eq!(open().err(), Some(StoreError::InUse));
    store.append_blocking(one(1, b"x")).unwrap();
    store.write_small("own.bin", b"counters").unwrap();
    store.close().unwrap();
    assert_eq!(store.append_blocking(one(1, b"y")), Err(StoreError::Closed));
    drop(store);
    let (store, report) = open().unwrap();
    assert!(!report.created);
    assert_eq!(report.index, IndexReport::Ready);
    assert_eq!(bodies(&store), [b"x"]);
    assert_eq!(store.read_small("own.bin").unwrap().as_deref(), Some(b"counters".as_slice()));
    assert_eq!(store.read_small("other.bin").unwrap(), None);
    assert!(store.sizes().unwrap().journal > 0);
}

#[tokio::test]
async fn appends_can_be_awaited() {
    let home = Home::new(9);
    let (store, _) = home.open();
    let appended = store.append(one(1, b"x")).await.unwrap();
    assert_eq!(appended.positions, [Position::START]);
    store.erase_blobs(vec![BlobHash([1; 32])]).await.unwrap();
}
