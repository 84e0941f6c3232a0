//! What stands on the disk: no word in clear, damage noticed, crashes survived.

use std::fs;
use std::path::PathBuf;

use super::*;

const CANARY: &str = "канарейка";

fn files(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

fn copy(root: &Path) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for file in files(root) {
        fs::copy(&file, home.path().join(file.file_name().unwrap())).unwrap();
    }
    home
}

/// An index with a few segments, a removal and words enough for several pages.
fn filled(root: &Path) -> Search {
    let search = complete(root);
    for round in 0..3 {
        for number in 0..60 {
            let number = round * 100 + number;
            let text = format!("{CANARY} canarybird слово{number} {}", "текст ".repeat(20));
            search.add(message(number, &text)).unwrap();
        }
        search.flush().unwrap();
    }
    search.remove(&id(7)).unwrap();
    search.flush().unwrap();
    search
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|it| it == what)
}

#[test]
fn no_word_is_readable_on_disk() {
    let home = tempfile::tempdir().unwrap();
    let search = filled(home.path());
    search.add(message(1_000, "канарейка canarybird")).unwrap();
    let mut needles = Vec::new();
    for word in ["канаре", "canarybird", "слово4", "текст"] {
        needles.push(word.as_bytes().to_vec());
        needles.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
        needles.push(word.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    needles.push(id(4).to_vec());
    needles.push(KEY.to_vec());
    for open in [true, false] {
        let mut seen = 0;
        for file in files(home.path()) {
            let bytes = fs::read(&file).unwrap();
            seen += bytes.len();
            assert!(!needles.iter().any(|it| contains(&bytes, it)), "{}", file.display());
        }
        assert!(1_000 < seen);
        if open {
            search.flush().unwrap();
        }
    }
}

/// Each file in turn, at several places: a flipped bit, a cut, an absence.
#[test]
fn damage_of_any_file_is_a_rebuild_or_an_error() {
    let whole = tempfile::tempdir().unwrap();
    filled(whole.path()).close().unwrap();
    let mut noticed = 0;
    for file in files(whole.path()) {
        let name = file.file_name().unwrap().to_owned();
        let bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        let mut damages: Vec<Option<Vec<u8>>> = vec![None, Some(Vec::new()), Some(bytes[..middle].to_vec())];
        for at in [0, 16, middle, bytes.len().saturating_sub(1)] {
            let mut damaged = bytes.clone();
            if let Some(byte) = damaged.get_mut(at) {
                *byte ^= 0x10;
                damages.push(Some(damaged));
            }
        }
        let mut longer = bytes.clone();
        longer.extend([0; 40]);
        damages.push(Some(longer));
        for damage in damages {
            let home = copy(whole.path());
            match &damage {
                Some(bytes) => fs::write(home.path().join(&name), bytes).unwrap(),
                None => fs::remove_file(home.path().join(&name)).unwrap(),
            }
            noticed += usize::from(use_and_see(home.path()));
        }
    }
    // `.managed.json` may be absent without harm: it lists garbage only.
    assert!(60 < noticed, "{noticed}");
}

/// Whether the damage showed. Using the index must not panic, and after damage it must come back empty and work.
fn use_and_see(root: &Path) -> bool {
    let (search, state) = Search::open(root, &KEY).unwrap();
    if state == State::NeedsRebuild {
        check(&search, &look(CANARY), &[]);
        return true;
    }
    let outcomes = [
        search.search(&look(CANARY)).is_err(),
        search.search(&look("\"канарейка canarybird\" слово4*")).is_err(),
        search.replace(message(5, "новое")).is_err(),
        search.flush().is_err(),
        search.is_damaged(),
    ];
    let seen = outcomes.contains(&true);
    assert!(search.close().is_ok() != seen);
    if seen {
        let (search, state) = Search::open(root, &KEY).unwrap();
        assert_eq!(state, State::NeedsRebuild);
        search.add(message(1, CANARY)).unwrap();
        check(&search, &look(CANARY), &[1]);
    }
    seen
}

/// Words enough for files of many pages: opened pages stay in memory and would hide damage.
fn many_pages(root: &Path) {
    let search = complete(root);
    for number in 0..3_000u64 {
        let text = format!("канарейка слово{} w{:x}", number * number, number * 7_919);
        search.add(message(number, &text)).unwrap();
    }
    search.close().unwrap();
}

#[test]
fn damage_that_no_search_meets_is_found_by_the_check_after_opening() {
    let whole = tempfile::tempdir().unwrap();
    many_pages(whole.path());
    let large = |it: &PathBuf| 3 * 16_384 < fs::metadata(it).unwrap().len();
    let large: Vec<PathBuf> = files(whole.path()).into_iter().filter(large).collect();
    assert!(2 <= large.len(), "{large:?}");
    for file in large {
        let home = copy(whole.path());
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(home.path().join(file.file_name().unwrap()), bytes).unwrap();
        let (search, state) = Search::open(home.path(), &KEY).unwrap();
        let seen = state == State::NeedsRebuild || search.flush().is_err();
        assert!(seen, "{}", file.display());
        drop(search);
        let (_, state) = Search::open(home.path(), &KEY).unwrap();
        assert_eq!(state, State::NeedsRebuild);
    }
}

#[test]
fn damage_while_open_is_an_error_and_then_a_rebuild() {
    let home = tempfile::tempdir().unwrap();
    many_pages(home.path());
    let (search, _) = Search::open(home.path(), &KEY).unwrap();
    search.flush().unwrap(); // The check of all pages is done.
    for file in files(home.path()) {
        let mut bytes = fs::read(&file).unwrap();
        bytes.iter_mut().step_by(500).for_each(|it| *it ^= 1);
        fs::write(&file, bytes).unwrap();
    }
    let all = Request { limit: 3_000, ..look("канарейка") };
    assert!(search.search(&all).is_err());
    assert!(search.is_damaged());
    assert!(search.add(message(1, "поздно")).is_err());
    drop(search);
    let (_, state) = Search::open(home.path(), &KEY).unwrap();
    assert_eq!(state, State::NeedsRebuild);
}

#[test]
fn another_key_finds_nothing_and_starts_anew() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path()).close().unwrap();
    let (search, state) = Search::open(home.path(), &[8; 32]).unwrap();
    assert_eq!(state, State::NeedsRebuild);
    check(&search, &look(CANARY), &[]);
}

#[test]
fn another_version_starts_anew() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path()).close().unwrap();
    fs::write(home.path().join("version"), "artel search 0\n").unwrap();
    let (_, state) = Search::open(home.path(), &KEY).unwrap();
    assert_eq!(state, State::NeedsRebuild);
}

#[test]
fn a_crash_between_commits_loses_only_what_was_not_committed() {
    let home = tempfile::tempdir().unwrap();
    let search = filled(home.path());
    search.add(message(900, "потеряшка")).unwrap();
    // The state of the directory at the moment of a kill, with leftovers of a write that was cut short.
    let killed = copy(home.path());
    fs::write(killed.path().join("meta.json.tmp"), b"half").unwrap();
    fs::write(killed.path().join("0123456789abcdef0123456789abcdef.idx"), b"half").unwrap();
    let (again, state) = Search::open(killed.path(), &KEY).unwrap();
    assert!(matches!(state, State::Ready { .. }));
    assert_eq!(find(&again, CANARY).hits.len(), 50);
    check(&again, &look("потеряшка"), &[]);
    again.add(message(900, "потеряшка")).unwrap();
    again.flush().unwrap();
    check(&again, &look("потеряшка"), &[900]);
}

#[test]
fn purged_words_leave_the_disk() {
    let home = tempfile::tempdir().unwrap();
    let search = filled(home.path());
    let names = |it: &Path| files(it).into_iter().filter(|it| it.extension().is_some_and(|it| it == "del")).count();
    assert_eq!(names(home.path()), 1);
    let before = files(home.path());
    search.remove(&id(4)).unwrap();
    search.purge().unwrap();
    // Removals are kept as marks beside the segment; after a purge no segment with such marks is left.
    assert_eq!(names(home.path()), 0);
    assert_ne!(files(home.path()), before);
    check(&search, &look("слово4"), &[]);
    check(&search, &look("слово5"), &[5]);
    search.close().unwrap();
    let (search, state) = Search::open(home.path(), &KEY).unwrap();
    assert!(matches!(state, State::Ready { .. }));
    check(&search, &look("слово4"), &[]);
    check(&search, &look("слово5"), &[5]);
}
