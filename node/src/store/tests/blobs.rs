//! Blobs: small and large, damaged, erased, received in parts.

use super::*;

fn put(store: &Store, bytes: &[u8]) -> BlobHash {
    let hash = blob_hash(bytes);
    let mut batch = Batch::new();
    batch.blob(SPACE, EPOCH, hash, bytes.to_vec()).unwrap();
    store.append_blocking(batch).unwrap();
    hash
}

fn pack(home: &Home) -> PathBuf {
    home.disk.paths().into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap()
}

fn erase(store: &Store, hash: BlobHash) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.erase_blobs(vec![hash])).unwrap();
}

#[test]
fn what_was_put_comes_back_also_without_an_index() {
    let home = Home::new(1);
    let (store, _) = home.open();
    let mut random = Random::new(1);
    let sizes = [0, 1, 4096, 4097, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 300_000];
    let blobs: Vec<_> = sizes.iter().map(|size| random.bytes(*size)).collect();
    let hashes: Vec<_> = blobs.iter().map(|bytes| put(&store, bytes)).collect();
    let check = |store: &Store| {
        for (hash, bytes) in hashes.iter().zip(&blobs) {
            assert!(store.blob(*hash).unwrap() == BlobRead::Bytes(bytes.clone()), "{} bytes", bytes.len());
            assert_eq!(store.blob_bytes(*hash).unwrap(), Some(bytes.len() as u64));
            for (number, chunk) in (0..).zip(bytes.chunks(CHUNK_BYTES)) {
                assert!(store.blob_chunk(*hash, number).unwrap() == BlobRead::Bytes(chunk.to_vec()));
            }
            assert_eq!(store.blob_chunk(*hash, 9).unwrap(), BlobRead::Missing);
        }
    };
    check(&store);
    // The same bytes again take no room.
    let before = home.disk.content(&pack(&home)).unwrap().len();
    put(&store, &blobs[2]);
    assert_eq!(home.disk.content(&pack(&home)).unwrap().len(), before);
    store.set_index_aside().unwrap();
    check(&store);
    store.close().unwrap();
    drop(store);
    fs::remove_dir_all(home.path("index")).unwrap();
    let (store, report) = home.open();
    assert_eq!(report.blobs_found, sizes.len() as u64);
    check(&store);
}

#[test]
fn names_on_disk_tell_nothing() {
    let home = Home::new(2);
    let (store, _) = home.open();
    put(&store, b"small");
    let large = put(&store, &[1; 9_000]);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for path in home.disk.paths() {
        let name = path.strip_prefix(home.dir.path()).unwrap().to_string_lossy().into_owned();
        for known in [hex(&SPACE.0), hex(&EPOCH.0[..8]), hex(&large.0[..8])] {
            assert!(!name.contains(&known), "{name}");
        }
    }
}

#[test]
fn a_damaged_blob_is_reported_once_and_can_be_put_again() {
    let home = Home::new(3);
    let (store, _) = home.open();
    let (small, large) = (vec![1; 500], vec![2; 100_000]);
    let hashes = [put(&store, &small), put(&store, &large)];
    let is_large = |path: &PathBuf| path.to_string_lossy().contains("blobs") && path.extension().is_none();
    let large_file = home.disk.paths().into_iter().find(is_large).unwrap();
    assert!(home.disk.flip(&pack(&home), 300, 1));
    assert!(home.disk.flip(&large_file, 70_000, 1));
    // The first chunk of the large one is still good, the second is not.
    assert!(matches!(store.blob_chunk(hashes[1], 0).unwrap(), BlobRead::Bytes(_)));
    for (hash, bytes) in hashes.into_iter().zip([small, large]) {
        assert_eq!(store.blob(hash).unwrap(), BlobRead::Damaged);
        assert_eq!(store.blob(hash).unwrap(), BlobRead::Missing);
        put(&store, &bytes);
        assert!(store.blob(hash).unwrap() == BlobRead::Bytes(bytes));
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_pack_costs_one_blob() {
    let mut random = Random::new(5);
    let home = Home::new(5);
    let (store, _) = home.open();
    let blobs: Vec<_> = (0..20).map(|_| random.bytes(60)).collect();
    let hashes: Vec<_> = blobs.iter().map(|bytes| put(&store, bytes)).collect();
    store.close().unwrap();
    let length = home.disk.content(&pack(&home)).unwrap().len();
    for case in 0..60 {
        let home = home.fork(case);
        assert!(home.disk.flip(&pack(&home), random.below(length), random.below(8) as u8));
        // Once with the index that knows the places, once with none.
        if case % 2 == 0 {
            fs::remove_dir_all(home.path("index")).unwrap();
        }
        let (store, _) = home.open();
        let mut lost = 0;
        for (hash, bytes) in hashes.iter().zip(&blobs) {
            match store.blob(*hash).unwrap() {
                BlobRead::Bytes(read) => assert_eq!(&read, bytes, "case {case}: wrong bytes"),
                BlobRead::Missing | BlobRead::Damaged => lost += 1,
            }
        }
        assert_eq!(lost, 1, "case {case}");
    }
}

#[test]
fn erased_bytes_are_gone_from_the_disk_and_stay_so() {
    let home = Home::new(6);
    let (store, _) = home.open();
    let (small, large, kept) = (vec![0xab; 700], vec![0xcd; 10_000], vec![0xef; 300]);
    let hashes = [&small, &large, &kept].map(|bytes| put(&store, bytes));
    erase(&store, hashes[0]);
    erase(&store, hashes[1]);
    let everything: Vec<_> = home.disk.paths().iter().filter_map(|path| home.disk.content(path)).collect();
    for file in &everything {
        for gone in [[0xab_u8; 32], [0xcd; 32]] {
            assert!(!file.windows(32).any(|window| window == gone));
        }
    }
    let check = |store: &Store| {
        assert_eq!(store.blob(hashes[0]).unwrap(), BlobRead::Missing);
        assert_eq!(store.blob(hashes[1]).unwrap(), BlobRead::Missing);
        assert_eq!(store.blob(hashes[2]).unwrap(), BlobRead::Bytes(kept.clone()));
    };
    check(&store);
    home.disk.crash();
    drop(store);
    fs::remove_dir_all(home.path("index")).unwrap();
    let (store, report) = home.open();
    assert_eq!((report.blobs_found, report.damaged_blob_stretches), (1, 0));
    check(&store);
}

#[test]
fn a_large_blob_is_received_over_a_restart() {
    let home = Home::new(7);
    let (store, _) = home.open();
    let bytes = Random::new(7).bytes(5 * CHUNK_BYTES + 123);
    let hash = blob_hash(&bytes);
    let chunk = |number: u32| bytes.chunks(CHUNK_BYTES).nth(number as usize).unwrap();
    let receive = |store: &Store| store.receive_blob(SPACE, EPOCH, hash, bytes.len() as u64);

    let mut sink = receive(&store).unwrap();
    assert_eq!(sink.missing(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(receive(&store).err(), Some(StoreError::Busy));
    for number in [5, 0, 3] {
        sink.put(number, chunk(number)).unwrap();
    }
    assert_eq!(sink.put(6, &[0; 5]), Err(StoreError::TooLarge));
    assert_eq!(sink.put(1, &[0; 5]), Err(StoreError::TooLarge));
    drop(sink);
    store.close().unwrap();
    drop(store);

    let (store, _) = home.open();
    let mut sink = receive(&store).unwrap();
    assert_eq!(sink.missing(), [1, 2, 4]);
    assert_eq!(store.blob(hash).unwrap(), BlobRead::Missing);
    for number in [1, 2, 4] {
        sink.put(number, chunk(number)).unwrap();
    }
    sink.finish().unwrap();
    assert!(store.blob(hash).unwrap() == BlobRead::Bytes(bytes.clone()));
    home.disk.crash();
    drop(store);
    let (store, _) = home.open();
    assert!(store.blob(hash).unwrap() == BlobRead::Bytes(bytes));
}

#[test]
fn a_received_blob_with_another_hash_is_thrown_away() {
    let home = Home::new(8);
    let (store, _) = home.open();
    let hash = blob_hash(&[1; 5_000]);
    let mut sink = store.receive_blob(SPACE, EPOCH, hash, 5_000).unwrap();
    sink.put(0, &[2; 5_000]).unwrap();
    assert_eq!(sink.finish(), Err(StoreError::WrongHash));
    assert_eq!(store.blob(hash).unwrap(), BlobRead::Missing);
    let sink = store.receive_blob(SPACE, EPOCH, hash, 5_000).unwrap();
    assert_eq!(sink.missing(), [0], "nothing of the wrong one is left");
    assert_eq!(sink.finish(), Err(StoreError::WrongHash));
}

/// Chunks of a body that ends with a shorter one.
fn body() -> Vec<Vec<u8>> {
    let bytes = Random::new(11).bytes(3 * CHUNK_BYTES + 77);
    bytes.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect()
}

const BODY: BlobHash = BlobHash([9; 32]);

#[test]
fn a_body_is_written_and_read_by_chunks_also_without_an_index() {
    let home = Home::new(12);
    let (store, _) = home.open();
    let mut writer = store.write_body(SPACE, [1; 16]).unwrap();
    for chunk in body() {
        writer.put(&chunk, blob_hash(&chunk)).unwrap();
    }
    assert_eq!(writer.put(&[1], blob_hash(&[1])), Err(StoreError::TooLarge), "behind the short one");
    assert_eq!(store.blob_bytes(BODY).unwrap(), None, "not before it is finished");
    writer.finish(BODY).unwrap();
    drop(store.write_body(SPACE, [2; 16]).unwrap());
    let check = |store: &Store| {
        for (number, chunk) in (0..).zip(body()) {
            assert!(store.blob_chunk(BODY, number).unwrap() == BlobRead::Bytes(chunk));
        }
        assert_eq!(store.blob_chunk(BODY, 4).unwrap(), BlobRead::Missing);
        assert_eq!(store.blob(BODY).unwrap(), BlobRead::Missing, "never whole");
        assert_eq!(store.blob_bytes(BODY).unwrap(), Some(3 * CHUNK_BYTES as u64 + 77));
        assert_eq!(store.body_bytes(&[SPACE]).unwrap(), 40 + 3 * CHUNK_BYTES as u64 + 77 + 4 * 32);
    };
    check(&store);
    home.disk.crash();
    drop(store);
    fs::remove_dir_all(home.path("index")).unwrap();
    let (store, _) = home.open();
    check(&store);
    erase(&store, BODY);
    assert_eq!((store.blob_bytes(BODY).unwrap(), store.body_bytes(&[SPACE]).unwrap()), (None, 0));
}

#[test]
fn a_body_is_received_over_a_restart_and_a_damaged_chunk_again() {
    let home = Home::new(13);
    let (store, _) = home.open();
    let chunks = body();
    let bytes = chunks.iter().map(|it| it.len() as u64).sum();
    let put = |sink: &BodySink, number: usize| sink.put(number as u32, &chunks[number], blob_hash(&chunks[number]));
    let sink = store.receive_body(SPACE, BODY, bytes).unwrap();
    assert_eq!(sink.missing(), [0, 1, 2, 3]);
    assert_eq!(store.discard_body(SPACE, BODY), Err(StoreError::Busy));
    put(&sink, 3).unwrap();
    put(&sink, 1).unwrap();
    assert_eq!(sink.put(0, &[1; 5], blob_hash(&[1; 5])), Err(StoreError::TooLarge));
    drop(sink);
    let part = home.disk.paths().into_iter().find(|it| it.extension().is_some_and(|it| it == "part")).unwrap();
    assert!(home.disk.flip(&part, 40 + CHUNK_BYTES + 32 + 5, 1));
    store.close().unwrap();
    drop(store);
    let (store, _) = home.open();
    let sink = store.receive_body(SPACE, BODY, bytes).unwrap();
    assert_eq!(sink.missing(), [0, 1, 2], "the flipped one is asked for again");
    for number in 0..3 {
        put(&sink, number).unwrap();
    }
    sink.finish().unwrap();
    home.disk.crash();
    drop(store);
    let (store, _) = home.open();
    for (number, chunk) in (0..).zip(chunks) {
        assert!(store.blob_chunk(BODY, number).unwrap() == BlobRead::Bytes(chunk));
    }
    store.receive_body(SPACE, BlobHash([8; 32]), bytes).map(drop).unwrap();
    store.discard_body(SPACE, BlobHash([8; 32])).unwrap();
    assert!(!home.disk.paths().iter().any(|it| it.extension().is_some_and(|it| it == "part")));
}
