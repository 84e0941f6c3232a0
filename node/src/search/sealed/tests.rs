//! Pages at their edges, and pages that were moved.

use std::fs;
use std::io::Write;
use std::path::Path;

use tantivy::HasLen;
use tantivy::directory::{Directory, TerminatingWrite};

use super::page::FILE_ID_BYTES;
use super::*;

fn directory(root: &Path) -> SealedDirectory {
    SealedDirectory::open(root, &[3; 32]).unwrap()
}

fn write(directory: &SealedDirectory, name: &str, bytes: &[u8]) {
    let mut writer = directory.open_write(Path::new(name)).unwrap();
    // Uneven pieces, so that pages end within them.
    for piece in bytes.chunks(1_000) {
        writer.write_all(piece).unwrap();
    }
    writer.terminate().unwrap();
}

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|it| (it * 31 % 251) as u8).collect()
}

#[test]
fn every_range_reads_back() {
    let home = tempfile::tempdir().unwrap();
    let directory = directory(home.path());
    for len in [0, 1, PAGE_BYTES - 1, PAGE_BYTES, PAGE_BYTES + 1, 3 * PAGE_BYTES, 5_000_000] {
        let bytes = sample(len);
        let name = format!("file{len}");
        write(&directory, &name, &bytes);
        let file = directory.open_read(Path::new(&name)).unwrap();
        assert_eq!(file.len(), len);
        let edges = [0, 1, PAGE_BYTES - 1, PAGE_BYTES, PAGE_BYTES + 1, 2 * PAGE_BYTES, len];
        for start in edges.into_iter().filter(|it| *it <= len) {
            for end in edges.into_iter().filter(|it| start <= *it && *it <= len) {
                let read = file.slice(start..end).read_bytes().unwrap();
                assert!(read.as_slice() == &bytes[start..end], "{len}: {start}..{end}");
            }
        }
    }
}

#[test]
fn a_page_opens_only_in_its_place() {
    let home = tempfile::tempdir().unwrap();
    let directory = directory(home.path());
    let sealed_page = PAGE_BYTES + TAG_BYTES;
    write(&directory, "a", &sample(3 * PAGE_BYTES));
    let bytes = fs::read(home.path().join("a")).unwrap();
    let (head, pages) = bytes.split_at(FILE_ID_BYTES);
    let page = |number: usize| &pages[number * sealed_page..(number + 1) * sealed_page];
    let forged = [
        ("swapped", [head, page(1), page(0), page(2)].concat()),
        ("cut", [head, page(0), page(1)].concat()),
        ("doubled", [head, page(0), page(1), page(2), page(2)].concat()),
    ];
    for (what, bytes) in forged {
        fs::write(home.path().join("a"), bytes).unwrap();
        let other = self::directory(home.path());
        let name = Path::new("a");
        assert!(other.verify([name].into_iter()).is_err(), "{what}");
    }
    fs::write(home.path().join("b"), &bytes).unwrap();
    assert!(directory.verify([Path::new("b")].into_iter()).is_err());
    fs::write(home.path().join("a"), &bytes).unwrap();
    assert!(directory.verify([Path::new("a")].into_iter()).is_ok());
}

#[test]
fn a_replaced_file_is_sealed_anew_each_time() {
    let home = tempfile::tempdir().unwrap();
    let directory = directory(home.path());
    let name = Path::new("meta.json");
    directory.atomic_write(name, b"same").unwrap();
    let first = fs::read(home.path().join(name)).unwrap();
    directory.atomic_write(name, b"same").unwrap();
    let second = fs::read(home.path().join(name)).unwrap();
    assert_ne!(first[..24], second[..24]);
    assert_ne!(first[24..], second[24..]);
    assert_eq!(directory.atomic_read(name).unwrap(), b"same");
    fs::rename(home.path().join(name), home.path().join("other")).unwrap();
    assert!(directory.atomic_read(Path::new("other")).is_err());
}

#[test]
fn a_file_is_not_written_twice() {
    let home = tempfile::tempdir().unwrap();
    let directory = directory(home.path());
    write(&directory, "a", b"one");
    assert!(matches!(directory.open_write(Path::new("a")), Err(OpenWriteError::FileAlreadyExists(_))));
    directory.delete(Path::new("a")).unwrap();
    assert!(matches!(directory.delete(Path::new("a")), Err(DeleteError::FileDoesNotExist(_))));
}

#[test]
fn a_lock_is_held_once_and_leaves_no_file() {
    let home = tempfile::tempdir().unwrap();
    let directory = directory(home.path());
    let lock = Lock { filepath: PathBuf::from(".lock"), is_blocking: false };
    let held = directory.acquire_lock(&lock).unwrap();
    assert!(directory.acquire_lock(&lock).is_err());
    drop(held);
    assert!(directory.acquire_lock(&lock).is_ok());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}
