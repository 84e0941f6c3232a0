//! The index: queries, screen lock, damage, rebuilding.

use std::collections::BTreeMap;

use super::*;

fn filled(records: u64) -> (Home, Vec<(Position, Vec<u8>)>) {
    let home = Home::new(1);
    let (store, _) = home.open();
    let written = fill(&store, &mut Random::new(9), 0, records);
    store.close().unwrap();
    (home, written)
}

#[test]
fn rows_are_read_in_both_directions() {
    let home = Home::new(2);
    let (store, _) = home.open();
    fill(&store, &mut Random::new(2), 0, 50);
    let other = SpaceKey([8; 16]);
    let mut batch = IndexBatch::new();
    batch.put_record(other, order(20), b"elsewhere".to_vec());
    store.apply(&batch, None).unwrap();
    let numbers = |rows: Vec<Row>| rows.iter().map(|row| row.order.seq).collect::<Vec<_>>();
    let read = |direction, limit| numbers(store.records(SPACE, direction, limit).unwrap());
    assert_eq!(read(Direction::Before(order(10)), 3), [9, 8, 7]);
    assert_eq!(read(Direction::After(order(10)), 3), [11, 12, 13]);
    assert_eq!(read(Direction::Before(OrderKey::MAX), 2), [49, 48]);
    assert_eq!(read(Direction::After(OrderKey::MIN), 99), (0..50).collect::<Vec<_>>());
    assert_eq!(read(Direction::After(order(49)), 9), [0; 0]);
    assert_eq!(read(Direction::Before(OrderKey::MAX), 0), [0; 0]);
    assert_eq!(store.records(other, Direction::After(OrderKey::MIN), 9).unwrap().len(), 1);
    let (space, row) = store.record_by_id(entry_id(5)).unwrap().unwrap();
    assert_eq!((space, row.order), (SPACE, order(5)));
    assert_eq!(store.record_by_id(entry_id(500)).unwrap(), None);
}

#[test]
fn packets_are_found_by_any_entry_in_them() {
    let home = Home::new(3);
    let (store, _) = home.open();
    let second = LogKey { device: DeviceKey([4; 16]), inc: [0; 8] };
    let other = SpaceKey([0xff; 16]);
    let run = |first, last| Packet { first, last, ..packet(last, Position::START) };
    let mut batch = IndexBatch::new();
    for packet in [run(0, 9), run(10, 10), run(11, 200)] {
        batch.put_packet(SPACE, LOG, &packet);
    }
    batch.put_packet(SPACE, second, &run(0, 4));
    batch.put_packet(SPACE, second, &Packet { branch: 1, ..run(4, 4) });
    batch.put_packet(SPACE, second, &Packet { branch: 9, ..run(2, 2) });
    batch.put_packet(other, LOG, &run(0, 1));
    store.apply(&batch, None).unwrap();
    let found = |from, to| {
        let packets = store.packets(SPACE, LOG, from, to).unwrap();
        packets.iter().map(|packet| (packet.first, packet.last)).collect::<Vec<_>>()
    };
    assert_eq!(found(0, 0), [(0, 9)]);
    assert_eq!(found(9, 10), [(0, 9), (10, 10)]);
    assert_eq!(found(5, 11), [(0, 9), (10, 10), (11, 200)]);
    assert_eq!(found(150, u64::MAX), [(11, 200)]);
    assert_eq!(found(201, u64::MAX), []);
    let all = store.packets(SPACE, second, 0, 9).unwrap();
    assert_eq!(all.iter().map(|it| (it.last, it.branch)).collect::<Vec<_>>(), [(4, 0)]);
    assert_eq!(store.packets(SPACE, second, 0, 1).unwrap(), all, "also where another branch ends before");
    let branches = store.branches(SPACE, second).unwrap();
    assert_eq!(branches.iter().map(|it| (it.last, it.branch)).collect::<Vec<_>>(), [(2, 9), (4, 1)]);
    assert_eq!(store.head(SPACE, LOG).unwrap().unwrap().last, 200);
    let heads: Vec<_> = store.logs(SPACE).unwrap().iter().map(|(log, head)| (*log, head.last)).collect();
    assert_eq!(heads, [(LOG, 200), (second, 4)]);
    assert_eq!(store.spaces().unwrap(), [SPACE, other]);
    assert_eq!(store.logs(SpaceKey([1; 16])).unwrap(), []);
    let mut batch = IndexBatch::new();
    batch.delete_packet(SPACE, LOG, 10, 0);
    store.apply(&batch, None).unwrap();
    assert_eq!(found(10, 10), []);
    store.audit_index().unwrap();
}

#[test]
fn notes_registers_and_state() {
    let home = Home::new(4);
    let (store, _) = home.open();
    let register = |name: &[u8], device: u8, key: &[u8], value: &[u8]| Register {
        space: SPACE,
        name: name.to_vec(),
        device: DeviceKey([device; 16]),
        key: key.to_vec(),
        value: value.to_vec(),
    };
    let mut batch = IndexBatch::new();
    batch.put_note(SPACE, entry_id(1), order(8), b"edit".to_vec());
    batch.put_note(SPACE, entry_id(1), order(4), b"reaction".to_vec());
    batch.put_note(SPACE, entry_id(2), order(5), b"other".to_vec());
    for (device, value) in [(1, b"a"), (1, b"b"), (2, b"c")] {
        batch.put_register(register(b"held_to", device, b"k", value)).unwrap();
    }
    batch.put_register(register(b"profile", 1, b"", b"d")).unwrap();
    batch.put_state(b"snap/1", b"one".to_vec()).unwrap();
    batch.put_state(b"snap/2", b"two".to_vec()).unwrap();
    batch.put_state(b"snaq", b"no".to_vec()).unwrap();
    assert_eq!(batch.put_state(b"", vec![]), Err(StoreError::TooLarge));
    assert_eq!(batch.put_register(register(&[0; 256], 1, b"", b"")), Err(StoreError::TooLarge));
    store.apply(&batch, None).unwrap();

    let notes: Vec<_> = store.notes_of(SPACE, entry_id(1)).unwrap().into_iter().map(|note| note.value).collect();
    assert_eq!(notes, [b"reaction".to_vec(), b"edit".to_vec()]);
    let mut held: Vec<_> = store.registers(SPACE, Some(b"held_to")).unwrap();
    held.sort_by_key(|register| register.device);
    assert_eq!(held, [register(b"held_to", 1, b"k", b"b"), register(b"held_to", 2, b"k", b"c")]);
    assert_eq!(store.registers(SPACE, None).unwrap().len(), 3);
    let profile = store.register(SPACE, b"profile", DeviceKey([1; 16]), b"").unwrap();
    assert_eq!(profile, Some(register(b"profile", 1, b"", b"d")));
    assert_eq!(store.states(b"snap/").unwrap().len(), 2);
    assert_eq!(store.state(b"snap/2").unwrap().as_deref(), Some(b"two".as_slice()));

    let mut batch = IndexBatch::new();
    batch.delete_note(SPACE, entry_id(1), order(4));
    batch.delete_register(register(b"held_to", 2, b"k", b"")).unwrap();
    batch.delete_state(b"snap/1").unwrap();
    batch.delete_record(SPACE, order(1));
    batch.delete_id(entry_id(1));
    store.apply(&batch, None).unwrap();
    assert_eq!(store.notes_of(SPACE, entry_id(1)).unwrap().len(), 1);
    assert_eq!(store.registers(SPACE, Some(b"held_to")).unwrap().len(), 1);
    assert_eq!(store.states(b"snap/").unwrap().len(), 1);
    store.audit_index().unwrap();
}

#[test]
fn a_locked_screen_still_stores_and_serves() {
    let home = Home::new(5);
    let (store, _) = home.open();
    let written = fill(&store, &mut Random::new(5), 0, 5);
    store.set_content_key(None);
    assert_eq!(store.record(SPACE, order(1)), Err(StoreError::Locked));
    assert_eq!(store.state(b"x"), Err(StoreError::Locked));
    let body = numbered(5, b"while locked");
    let appended = store.append_blocking(one(1, &body)).unwrap();
    let mark = store.applied().unwrap();
    assert_eq!(store.apply(&indexed(5, appended.positions[0], &body), None), Err(StoreError::Locked));
    // Without rows, and without moving the mark: the rows come with the replay after unlocking.
    let mut serving = IndexBatch::new();
    serving.put_packet(SPACE, LOG, &packet(5, appended.positions[0]));
    store.apply(&serving, None).unwrap();
    assert_eq!(store.packets(SPACE, LOG, 5, 5).unwrap().len(), 1);
    assert_eq!(store.applied().unwrap(), mark);
    store.set_content_key(Some(&Key::new([2; 32])));
    assert_eq!(replay_into_index(&store, mark.unwrap()), []);
    let mut all = written;
    all.push((appended.positions[0], body));
    check_rows(&store, &all);
    // A wrong key opens nothing.
    store.set_content_key(Some(&Key::new([3; 32])));
    assert_eq!(store.record(SPACE, order(1)), Err(StoreError::Damaged(Damaged::Index)));
}

#[test]
fn nothing_readable_lies_in_the_index() {
    let home = Home::new(6);
    let (store, _) = home.open();
    let mut batch = IndexBatch::new();
    batch.put_record(SPACE, order(1), b"the words of a row".to_vec());
    batch.put_state(&[1, 2], b"the words of a state".to_vec()).unwrap();
    let (space, device) = (SPACE, LOG.device);
    let (name, key) = (b"name of register".to_vec(), b"key of register".to_vec());
    batch.put_register(Register { space, name, device, key, value: b"the words of a register".to_vec() }).unwrap();
    store.apply(&batch, None).unwrap();
    store.close().unwrap();
    drop(store);
    for entry in fs::read_dir(home.path("index")).unwrap() {
        let path = entry.unwrap().path();
        let content = if path.is_file() { fs::read(path).unwrap() } else { continue };
        for words in [b"the words of".as_slice(), b"of register"] {
            assert!(!content.windows(words.len()).any(|window| window == words));
        }
    }
}

#[test]
fn abuse_42_a_value_under_another_key_does_not_open() {
    let home = Home::new(7);
    let (store, _) = home.open();
    let mut batch = IndexBatch::new();
    batch.put_record(SPACE, order(1), b"one".to_vec());
    store.apply(&batch, None).unwrap();
    store.close().unwrap();
    drop(store);
    let raw = sled::open(home.path("index")).unwrap();
    let moved = raw.iter().map(Result::unwrap).find(|(key, _)| key[0] == 3).unwrap();
    let mut key = moved.0.to_vec();
    *key.last_mut().unwrap() = 2;
    raw.insert(key, moved.1).unwrap();
    drop(raw);
    let (store, report) = home.open();
    assert_eq!(report.index, IndexReport::Ready);
    assert_eq!(store.record(SPACE, order(1)).unwrap(), Some(b"one".to_vec()));
    let elsewhere = OrderKey { seq: 2, ..order(1) };
    assert_eq!(store.record(SPACE, elsewhere), Err(StoreError::Damaged(Damaged::Index)));
    // And the accounts do not know it.
    assert_eq!(store.audit_index(), Err(StoreError::Damaged(Damaged::Index)));
}

#[test]
fn a_lost_value_is_noticed() {
    let (home, written) = filled(40);
    let raw = sled::open(home.path("index")).unwrap();
    let row = raw.iter().map(Result::unwrap).find(|(key, _)| key[0] == 3).unwrap();
    raw.remove(row.0).unwrap();
    drop(raw);
    let (store, report) = home.open();
    assert_eq!(report.index, IndexReport::Ready);
    assert_eq!(store.audit_index(), Err(StoreError::Damaged(Damaged::Index)));
    let report = store.set_index_aside().unwrap();
    assert!(matches!(report, IndexReport::SetAside { why: WhySetAside::Asked, .. }));
    assert_eq!(store.applied().unwrap(), None);
    // Newest first, as after a real loss; the mark comes with the last batch.
    for number in store.journal_files().rev() {
        for found in store.replay_file(number) {
            let Replayed::Record { position, record, .. } = found.unwrap() else { panic!() };
            let batch = indexed(number_of(&record.body), position, &record.body);
            store.apply(&batch, None).unwrap();
        }
    }
    store.apply(&IndexBatch::new(), Some(store.journal_end())).unwrap();
    check_rows(&store, &written);
    store.audit_index().unwrap();
    drop(store);
    let (store, report) = home.open();
    assert_eq!((report.index, report.replay_from), (IndexReport::Ready, report.journal_end));
    check_rows(&store, &written);
}

#[test]
fn a_lost_fingerprint_is_noticed_at_open() {
    let (home, _) = filled(10);
    let raw = sled::open(home.path("index")).unwrap();
    let sum = raw.scan_prefix(b"\x01sum").next().unwrap().unwrap();
    raw.remove(sum.0).unwrap();
    drop(raw);
    let (_, report) = home.open();
    assert!(matches!(report.index, IndexReport::SetAside { why: WhySetAside::Accounts, .. }));
}

#[test]
fn an_index_that_is_not_ours_is_set_aside() {
    let (home, written) = filled(20);
    // Of another store.
    let (other, _) = filled(5);
    fs::remove_dir_all(home.path("index")).unwrap();
    copy_dir(&other.path("index"), &home.path("index"));
    let (store, report) = home.open();
    let IndexReport::SetAside { why: WhySetAside::Foreign, to } = report.index else { panic!("{report:?}") };
    assert!(to.file_name().unwrap().to_str().unwrap().starts_with("index.bad-"));
    assert!(to.is_dir());
    assert_eq!(report.replay_from, Position::START);
    assert_eq!(replay_into_index(&store, report.replay_from), []);
    check_rows(&store, &written);
    drop(store);
    // Emptied behind our back: the engine would call that a fresh database.
    fs::remove_dir_all(home.path("index")).unwrap();
    fs::create_dir(home.path("index")).unwrap();
    let (store, report) = home.open();
    assert!(matches!(report.index, IndexReport::SetAside { why: WhySetAside::Foreign, .. }));
    assert_eq!(replay_into_index(&store, report.replay_from), []);
    check_rows(&store, &written);
    let bad = fs::read_dir(home.dir.path()).unwrap();
    let bad = bad.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().contains(".bad-"));
    assert_eq!(bad.count(), 1, "only the last one is kept");
}

/// Rows long enough that the engine's file has many segments: damage in the first is then not the end of all.
fn filled_wide() -> (Home, Vec<(Position, Vec<u8>)>) {
    let mut home = Home::new(1);
    home.file_bytes = 1 << 20;
    let (store, _) = home.open();
    let mut random = Random::new(4);
    for first in (0..240).step_by(20) {
        let mut batch = Batch::new();
        for n in first..first + 20 {
            batch.record(1, numbered(n, &random.bytes(3_000))).unwrap();
        }
        store.append_blocking(batch).unwrap();
        // Pages are written again and again, as in life, so that the file has old and new states of one page.
        replay_by(&store, store.applied().unwrap().unwrap_or(Position::START), 7).unwrap();
    }
    let record = |found| match found {
        Ok(Replayed::Record { position, record, .. }) => (position, record.body),
        other => panic!("{other:?}"),
    };
    let written = store.replay(Position::START).map(record).collect();
    store.close().unwrap();
    (home, written)
}

/// Replays into the index, `size` records to a batch.
fn replay_by(store: &Store, from: Position, size: usize) -> Result<(), StoreError> {
    let replayed: Vec<_> = store.replay(from).map(Result::unwrap).collect();
    for chunk in replayed.chunks(size) {
        let (mut batch, mut applied) = (IndexBatch::new(), None);
        for found in chunk {
            let Replayed::Record { position, next, record } = found else { panic!() };
            let n = number_of(&record.body);
            batch.put_packet(SPACE, LOG, &packet(n, *position));
            batch.put_record(SPACE, order(n), record.body.clone());
            batch.put_id(entry_id(n), SPACE, order(n));
            applied = Some(*next);
        }
        store.apply(&batch, applied)?;
    }
    Ok(())
}

/// What a careful driver does, on an index with damage of some kind. Returns how the damage showed.
fn survive(home: &Home, written: &[(Position, Vec<u8>)]) -> &'static str {
    let (store, report) = home.open();
    let mut shown = match report.index {
        IndexReport::Ready if report.replay_from == report.journal_end => "nothing",
        IndexReport::Ready => "older mark",
        _ => "at open",
    };
    let wrong = |store: &Store| {
        // Before anything is repaired: missing and refused is allowed, another value never.
        let mut refused = false;
        for (n, (position, body)) in (0..).zip(written) {
            match store.record(SPACE, order(n)) {
                Ok(found) => assert!(found.is_none_or(|found| found == *body), "wrong row"),
                Err(error) => refused |= error == StoreError::Damaged(Damaged::Index),
            }
            match store.packets(SPACE, LOG, n, n) {
                Ok(found) => assert!(found.is_empty() || found == [packet(n, *position)], "wrong packet"),
                Err(error) => refused |= error == StoreError::Damaged(Damaged::Index),
            }
        }
        refused
    };
    if wrong(&store) {
        shown = "at read";
    }
    let replayed = replay_by(&store, report.replay_from, 50);
    if replayed.is_err() || shown == "at read" || store.audit_index().is_err() {
        shown = if shown == "nothing" { "by audit" } else { shown };
        store.set_index_aside().unwrap();
        replay_by(&store, Position::START, 50).unwrap();
    }
    check_rows(&store, written);
    store.audit_index().unwrap();
    shown
}

/// Damages copies of one index; returns how often the damage showed in which way.
fn damage_copies(cases: u64, damage: impl Fn(&mut Vec<u8>, &mut Random, u64)) -> BTreeMap<&'static str, u64> {
    let (home, written) = filled_wide();
    let mut random = Random::new(21);
    let mut shown = BTreeMap::new();
    let content = fs::read(home.path("index").join("db")).unwrap();
    for case in 0..cases {
        let home = home.fork(case);
        let mut content = content.clone();
        damage(&mut content, &mut random, case);
        fs::write(home.path("index").join("db"), content).unwrap();
        *shown.entry(survive(&home, &written)).or_default() += 1;
    }
    eprintln!("how the damage showed: {shown:?}");
    shown
}

#[test]
fn an_undamaged_index_shows_nothing() {
    let shown = damage_copies(1, |_, _, _| {});
    assert_eq!(shown, [("nothing", 1)].into());
}

#[test]
fn one_hundred_flipped_bytes_in_the_index() {
    let shown = damage_copies(100, |content, random, _| {
        // Room that is not used yet is zeros: bytes that mean something are what counts.
        let at = loop {
            let at = random.below(content.len());
            if content[at] != 0 {
                break at;
            }
        };
        content[at] ^= 1 + random.below(255) as u8;
    });
    // How much of the file is still in use depends on when the engine's own thread wrote: 45 to 70 of 100 bytes were
    // seen to be without meaning.
    assert!(shown.get("nothing").is_none_or(|count| *count < 90), "the damage must do something: {shown:?}");
}

#[test]
fn larger_damage_to_the_index() {
    damage_copies(18, |content, random, case| {
        let at = random.below(content.len());
        let end = content.len().min(at + [0, 4096, 512][case as usize % 3]);
        match case % 3 {
            0 => content.truncate(at),
            1 => content[at..end].fill(0),
            _ => content[at..end].copy_from_slice(&random.bytes(end - at)),
        }
    });
}

#[test]
fn a_shorter_or_other_journal_is_noticed() {
    let (home, _) = filled(30);
    for path in home.disk.paths().iter().filter(|path| path.extension().is_some_and(|end| end == "log")) {
        home.disk.remove(path).unwrap();
    }
    let (store, report) = home.open();
    assert!(matches!(report.index, IndexReport::SetAside { why: WhySetAside::AheadOfJournal, .. }));
    drop(store);
    // Grown again beyond the mark: the crc before the mark is another one.
    let (home, _) = filled(30);
    let (store, _) = home.open();
    let end = store.journal_end();
    drop(store);
    for path in home.disk.paths().iter().filter(|path| path.extension().is_some_and(|end| end == "log")) {
        home.disk.remove(path).unwrap();
    }
    copy_dir(&home.path("index"), &home.path("kept"));
    let (store, _) = home.open();
    while store.journal_end() < end {
        store.append_blocking(one(1, &numbered(0, b"another past"))).unwrap();
    }
    drop(store);
    fs::remove_dir_all(home.path("index")).unwrap();
    fs::rename(home.path("kept"), home.path("index")).unwrap();
    let (_, report) = home.open();
    assert!(matches!(report.index, IndexReport::SetAside { why: WhySetAside::AheadOfJournal, .. }));
}

#[test]
fn readers_and_a_writer_at_once() {
    let home = Home::new(8);
    let (store, _) = home.open();
    let written = fill(&store, &mut Random::new(8), 0, 50);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (store, written) = (store.clone(), &written);
            scope.spawn(move || (0..10).for_each(|_| check_rows(&store, written)));
        }
        fill(&store, &mut Random::new(9), 50, 150);
    });
    assert_eq!(store.reopen_index().unwrap(), IndexReport::Ready);
    check_rows(&store, &written);
    assert_eq!(store.records(SPACE, Direction::After(OrderKey::MIN), 999).unwrap().len(), 150);
}
