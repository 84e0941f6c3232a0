//! Tests of the home on real files.

use std::collections::BTreeMap;
use std::process::Command;

use sha2::{Digest, Sha256};

use super::*;

fn folder() -> (tempfile::TempDir, Layout) {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path().join("Рабочий стол").join("мой дом"));
    (folder, layout)
}

/// Every path with a hash of its content: equal before and after means nothing was touched.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(path) = left.pop() {
        match path.is_dir() {
            true => {
                left.extend(std::fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
                found.insert(path, Vec::new());
            }
            false => {
                let hash = Sha256::digest(std::fs::read(&path).unwrap()).to_vec();
                found.insert(path, hash);
            }
        }
    }
    found
}

#[test]
fn a_home_is_made_private_and_opens_again() {
    let (_folder, layout) = folder();
    assert!(layout.probe().unwrap().is_none());
    let home = Home::open(layout.clone()).unwrap();
    assert_eq!(home.past(), Past::New);
    let id = home.id();
    write_atomic(&layout.own(), b"heads").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(layout.root()), 0o700);
        assert_eq!(mode(&layout.journal()), 0o700);
        for file in [layout.lock(), layout.layout(), layout.own(), layout.pid()] {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
    home.close().unwrap();
    let again = Home::open(layout.clone()).unwrap();
    assert_eq!((again.id(), again.past()), (id, Past::Clean));
    assert_eq!(layout.probe().unwrap(), Some(id));
}

#[test]
fn a_home_that_was_dropped_or_never_closed_is_unclean() {
    let (_folder, layout) = folder();
    drop(Home::open(layout.clone()).unwrap());
    let again = Home::open(layout.clone()).unwrap();
    assert_eq!(again.past(), Past::Unclean);
    again.close().unwrap();
    // The mark of the orderly close is gone as soon as the home is open again.
    drop(Home::open(layout.clone()).unwrap());
    assert_eq!(Home::open(layout.clone()).unwrap().past(), Past::Unclean);
}

#[test]
fn the_second_opening_names_the_process_that_has_it() {
    let (_folder, layout) = folder();
    let home = Home::open(layout.clone()).unwrap();
    let before = tree(layout.root());
    match Home::open(layout.clone()) {
        Err(error @ HomeError::Busy { pid }) => {
            assert_eq!(pid, Some(std::process::id()));
            assert_eq!(error.to_string(), format!("already open by process {}", std::process::id()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(tree(layout.root()), before);
    drop(home);
    assert!(Home::open(layout).is_ok());
}

#[test]
fn a_newer_home_is_refused_without_touching_it() {
    let (_folder, layout) = folder();
    Home::open(layout.clone()).unwrap().close().unwrap();
    std::fs::write(layout.layout(), b"artel home 2\nanything may follow \x21").unwrap();
    let before = tree(layout.root());
    match Home::open(layout.clone()) {
        Err(HomeError::TooNew { found: 2, supported: LAYOUT_VERSION }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(tree(layout.root()), before);
}

#[test]
fn a_damaged_version_file_and_a_foreign_directory_are_refused() {
    let (_folder, layout) = folder();
    Home::open(layout.clone()).unwrap().close().unwrap();
    for bad in [b"".as_slice(), b"artel home x\n", b"artel home 1\n", b"artel home 1\nabc\n", b"\xff\xff"] {
        std::fs::write(layout.layout(), bad).unwrap();
        assert!(matches!(Home::open(layout.clone()), Err(HomeError::Damaged { .. })), "{bad:?}");
    }
    let documents = tempfile::tempdir().unwrap();
    std::fs::write(documents.path().join("report.odt"), b"words").unwrap();
    let before = tree(documents.path());
    assert!(matches!(Home::open(Layout::new(documents.path())), Err(HomeError::NotAHome { .. })));
    assert_eq!(tree(documents.path()), before);
}

#[test]
fn a_directory_with_only_provisioning_becomes_a_home() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path());
    std::fs::write(layout.provision(), b"peers = []").unwrap();
    assert_eq!(Home::open(layout).unwrap().past(), Past::New);
}

/// Copies with what a backup tool keeps: names, content, and where `cp` exists also times and modes.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let done = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status();
    if done.is_ok_and(|it| it.success()) {
        return;
    }
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn a_copied_home_is_noticed_and_the_original_is_not_blamed() {
    let (folder, layout) = folder();
    Home::open(layout.clone()).unwrap().close().unwrap();
    let backup = Layout::new(folder.path().join("backup"));
    copy(layout.root(), backup.root());
    let copied = Home::open(backup.clone()).unwrap();
    assert_eq!(copied.past(), Past::Copied);
    copied.close().unwrap();
    assert_eq!(Home::open(backup).unwrap().past(), Past::Clean);
    assert_eq!(Home::open(layout).unwrap().past(), Past::Clean);
}

#[test]
fn a_backup_put_back_over_the_same_directory_is_noticed() {
    let (folder, layout) = folder();
    Home::open(layout.clone()).unwrap().close().unwrap();
    let backup = folder.path().join("backup");
    copy(layout.root(), &backup);
    // Life goes on, the machine crashes, the backup is put back over the old files.
    drop(Home::open(layout.clone()).unwrap());
    copy(&backup, layout.root());
    assert_eq!(Home::open(layout).unwrap().past(), Past::Copied);
}

#[test]
fn a_torn_mark_is_unclean() {
    let (_folder, layout) = folder();
    Home::open(layout.clone()).unwrap().close().unwrap();
    let mark = std::fs::read(layout.clean()).unwrap();
    std::fs::write(layout.clean(), &mark[..mark.len() / 2]).unwrap();
    assert_eq!(Home::open(layout.clone()).unwrap().past(), Past::Unclean);
    std::fs::write(layout.clean(), vec![b'x'; 10_000]).unwrap();
    assert_eq!(Home::open(layout).unwrap().past(), Past::Unclean);
}
