//! Flipped bits and torn files: never a wrong record, and nothing lost without a word.

use super::*;

fn journal_files(home: &Home) -> Vec<PathBuf> {
    let in_journal = |path: &PathBuf| path.extension().is_some_and(|end| end == "log");
    home.disk.paths().into_iter().filter(in_journal).collect()
}

fn filled(seed: u64, records: u64) -> (Home, Vec<(Position, Vec<u8>)>) {
    let home = Home::new(seed);
    let (store, _) = home.open();
    let written = fill(&store, &mut Random::new(seed), 0, records);
    store.close().unwrap();
    (home, written)
}

#[test]
fn one_hundred_flipped_bits_in_the_journal() {
    let (home, written) = filled(1, 120);
    let files = journal_files(&home);
    assert!(files.len() > 3);
    let mut random = Random::new(77);
    for case in 0..100 {
        let home = home.fork(case);
        let number = random.below(files.len());
        let path = journal_files(&home)[number].clone();
        let offset = random.below(home.disk.content(&path).unwrap().len());
        assert!(home.disk.flip(&path, offset, random.below(8) as u8));
        let hit = Position { file: number as u32 + 1, offset: offset as u64 };
        let lost = written.iter().rev().find(|(at, _)| *at <= hit).unwrap();

        let (store, report) = home.open();
        let mut damage: Vec<Damage> = report.cut.iter().map(|lost| lost.damage).collect();
        let mut held: Vec<Held> = report.cut.iter().flat_map(|lost| lost.held.clone()).collect();
        let mut seen = Vec::new();
        for found in store.replay(Position::START) {
            match found.unwrap() {
                Replayed::Record { position, record, .. } => seen.push((position, record.body)),
                Replayed::Damaged(found) => {
                    damage.push(found);
                    held.extend(store.held_in(found).unwrap());
                }
            }
        }
        let expected: Vec<_> = written.iter().filter(|record| *record != lost).cloned().collect();
        assert_eq!(seen, expected, "case {case}: exactly the damaged record is missing");
        assert_eq!(damage.len(), 1, "case {case}");
        assert!(damage[0].from <= hit && hit < damage[0].to, "case {case}: {damage:?} does not name {hit:?}");
        let n = number_of(&lost.1);
        // If the tail was cut, the index was ahead of the journal; it was asked before it was set aside.
        assert_eq!(held.iter().map(|held| held.packet.first).collect::<Vec<_>>(), [n], "case {case}");
        assert!(store.read_record(lost.0).is_err());
    }
}

#[test]
fn a_torn_tail_is_cut_at_every_length() {
    let (home, written) = filled(2, 8);
    let path = journal_files(&home).pop().unwrap();
    let content = home.disk.content(&path).unwrap();
    assert_eq!(journal_files(&home).len(), 1, "the test means one file");
    // kind, length, nonce, tag, crc: 49 bytes around a body.
    let end = |(at, body): &(Position, Vec<u8>)| at.offset as usize + 49 + body.len();
    let near_a_boundary = |keep: &usize| written.iter().any(|record| end(record).abs_diff(*keep) < 3);
    for keep in (0..content.len()).filter(|keep| keep % 23 == 0 || near_a_boundary(keep)) {
        let home = home.fork(keep as u64);
        let path = journal_files(&home).pop().unwrap();
        let file = home.disk.open(&path, OpenMode::Write).unwrap();
        file.set_len(keep as u64).unwrap();
        let (store, report) = home.open();
        let whole = written.iter().filter(|record| end(record) <= keep);
        let whole: Vec<_> = whole.cloned().collect();
        let replayed: Vec<_> = store.replay(Position::START).map(Result::unwrap).collect();
        assert_eq!(replayed.len(), whole.len(), "keep {keep}");
        let torn = whole.last().map_or(0, end) != keep;
        assert_eq!(report.cut.is_some(), torn, "keep {keep}");
        assert!(matches!(report.index, IndexReport::SetAside { why: WhySetAside::AheadOfJournal, .. }));
        // The journal goes on where it was cut.
        let appended = store.append_blocking(one(1, &numbered(99, b"next"))).unwrap();
        assert_eq!(store.read_record(appended.positions[0]).unwrap().body, numbered(99, b"next"));
    }
}

#[test]
fn a_missing_journal_file_is_reported_whole() {
    let (home, written) = filled(3, 60);
    home.disk.remove(&journal_files(&home)[1]).unwrap();
    let (store, _) = home.open();
    let mut damage = Vec::new();
    let mut seen = 0;
    for found in store.replay(Position::START) {
        match found.unwrap() {
            Replayed::Record { .. } => seen += 1,
            Replayed::Damaged(found) => damage.push(found),
        }
    }
    let (from, to) = (Position { file: 2, offset: 0 }, Position { file: 3, offset: 0 });
    assert_eq!(damage, [Damage { from, to }]);
    let lost = written.iter().filter(|(at, _)| at.file == 2).count();
    assert_eq!(seen + lost, written.len());
    assert_eq!(store.held_in(damage[0]).unwrap().len(), lost);
}

#[test]
fn a_record_is_bound_to_its_place() {
    let (home, written) = filled(4, 3);
    let path = journal_files(&home).pop().unwrap();
    let content = home.disk.content(&path).unwrap();
    let file = home.disk.open(&path, OpenMode::Write).unwrap();
    // The first record once more, behind the last: sane by its crc, and in the wrong place.
    let second = written[1].0.offset as usize;
    file.write_at(&content[..second], content.len() as u64).unwrap();
    let (store, report) = home.open();
    assert_eq!(store.replay(Position::START).count(), 3);
    assert_eq!(report.cut.unwrap().damage.from.offset, content.len() as u64);
}

#[test]
fn another_key_changes_nothing() {
    let (home, written) = filled(5, 20);
    let before: Vec<_> = home.disk.paths().iter().map(|path| home.disk.content(path)).collect();
    let other = StoreKeys { journal: Key::new([8; 32]), content: None };
    assert_eq!(home.try_open(&other).err(), Some(StoreError::WrongKey));
    // Not even when the marker is gone.
    home.disk.remove(&home.path("store.bin")).unwrap();
    assert_eq!(home.try_open(&other).err(), Some(StoreError::WrongKey));
    let (store, report) = home.open();
    assert!(report.marker_repaired);
    // The id of the store was in the marker, so the index is no longer known to be ours.
    assert!(matches!(report.index, IndexReport::SetAside { why: WhySetAside::Foreign, .. }));
    assert_eq!(replay_into_index(&store, report.replay_from), []);
    check_rows(&store, &written);
    let marker = home.disk.paths().iter().position(|path| path.ends_with("store.bin")).unwrap();
    let after: Vec<_> = home.disk.paths().iter().map(|path| home.disk.content(path)).collect();
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        assert!(number == marker || before == after);
    }
}

#[test]
fn damaged_small_files_are_not_read() {
    let home = Home::new(6);
    let (store, _) = home.open();
    store.write_small("own.bin", b"one").unwrap();
    store.write_small("own.bin", b"two").unwrap();
    assert_eq!(store.read_small("own.bin").unwrap().as_deref(), Some(b"two".as_slice()));
    // A file under another name does not open: names are part of the seal.
    home.disk.rename(&home.path("own.bin"), &home.path("else.bin")).unwrap();
    let damaged = Err(StoreError::Damaged(Damaged::SmallFile));
    assert_eq!(store.read_small("else.bin"), damaged);
    home.disk.rename(&home.path("else.bin"), &home.path("own.bin")).unwrap();
    home.disk.flip(&home.path("own.bin"), 30, 2);
    assert_eq!(store.read_small("own.bin"), damaged);
}

#[test]
fn any_bytes_may_be_taken_for_a_record() {
    let mut random = Random::new(3);
    let keys = keys::ServingKeys::new(&Key::new([0; 32]));
    let sane = |random: &mut Random| {
        let size = random.below(80);
        let mut bytes = vec![random.below(256) as u8];
        bytes.extend_from_slice(&(size as u32 + 40).to_be_bytes());
        let aad = [b"artel/journal/1".as_slice(), &1_u32.to_be_bytes(), &0_u64.to_be_bytes(), &bytes[..1]].concat();
        keys.journal.seal_into(&aad, &random.bytes(size), &mut bytes).unwrap();
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes
    };
    for _ in 0..20_000 {
        let size = random.below(120);
        assert_eq!(journal_record(&random.bytes(size)), None);
        let mut bytes = sane(&mut random);
        assert!(journal_record(&bytes).is_some(), "the form of a record is part of the format");
        let (at, bit) = (random.below(bytes.len()), random.below(8));
        bytes[at] ^= 1 << bit;
        assert_eq!(journal_record(&bytes), None);
        bytes.truncate(random.below(bytes.len()));
        assert_eq!(journal_record(&bytes), None);
    }
}

/// Every file below a directory with its bytes and the time it was changed at.
fn files_below(dir: &Path) -> std::collections::BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = std::collections::BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let (path, about) = (entry.path(), entry.metadata().unwrap());
        match about.is_dir() {
            true => found.extend(files_below(&path)),
            false => drop(found.insert(path.clone(), (fs::read(&path).unwrap(), about.modified().unwrap()))),
        }
    }
    found
}

#[test]
fn an_older_program_refuses_the_store_of_a_newer_one_and_leaves_every_byte_as_it_was() {
    let dir = TempDir::new().unwrap();
    let open = || Store::open(dir.path(), keys(), Arc::new(disk::RealDisk)).map(|it| it.0);
    let store = open().unwrap();
    let written = fill(&store, &mut Random::new(5), 0, 20);
    store.close().unwrap();
    drop(store);
    let sealer = keys::ServingKeys::new(&keys().journal).small;
    let mark = |layout: u32| {
        let known = small_file::read(&disk::RealDisk, &sealer, dir.path(), "store.bin").unwrap().unwrap();
        let marker = [&layout.to_be_bytes()[..], &known[4..]].concat();
        small_file::write(&disk::RealDisk, &sealer, dir.path(), "store.bin", &marker).unwrap();
    };
    mark(open::LAYOUT + 1);
    let before = files_below(dir.path());
    assert!(before.len() > 3, "there is something to spoil: {:?}", before.keys());
    for _ in 0..2 {
        let refused = open().err();
        assert!(matches!(refused, Some(StoreError::NewerLayout { found, known }) if found == known + 1), "{refused:?}");
        assert_eq!(files_below(dir.path()), before);
    }
    // The newer program finds everything.
    mark(open::LAYOUT);
    let store = open().unwrap();
    check_rows(&store, &written);
    store.close().unwrap();
}
