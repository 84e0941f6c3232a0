//! A home that opens with a password and a key file, and how credentials change.

use std::fs;

use crate::desk::{Desk, office};

fn all_files(dir: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(all_files(&path)),
            path => found.push((path.clone(), fs::read(&path).unwrap_or_default())),
        }
    }
    found.sort();
    found
}

#[test]
fn abuse_42_a_password_without_its_key_file_opens_nothing() {
    let (dir, anna) = office();
    let dir = dir.path();
    // While somebody has a home open nothing is changed about it.
    let (exit, _, talk) = anna.run(&["password", "--new-password-file", dir.join("password").to_str().unwrap()]);
    assert_eq!(exit, 6, "{talk}");
    let boris = anna.newcomer(dir, "boris");
    let stick = dir.join("stick");
    fs::create_dir(&stick).unwrap();
    let (key, other) = (stick.join("artel.key"), dir.join("other.key"));
    let [key, other] = [&key, &other].map(|it| it.to_str().unwrap());
    let code = anna.ok(&["invite", "--email", "boris@x.example", "--name", "Boris", "--auto-admit"])[0]["code"].clone();
    // Made by the join; a password of 12 characters is enough with it, and would not be alone.
    fs::write(dir.join("password"), "колодец бур 7\n").unwrap();
    let join = ["join", code.as_str().unwrap(), "--at", &anna.address, "--timeout", "60"];
    let (exit, _, talk) = boris.run(&join);
    assert_eq!(exit, 2, "too weak alone: {talk}");
    boris.ok(&[&join[..], &["--key-file", key]].concat());
    assert_eq!(fs::read(key).unwrap().len(), 64);
    boris.ok(&["--key-file", key, "send", "общий", "с флешкой"]);

    fs::write(other, [7; 64]).unwrap();
    let before = all_files(&boris.home);
    let check = |args: &[&str], exit: i32, sentence: &str| {
        let (found, lines, talk) = boris.run(args);
        assert_eq!((found, lines.len()), (exit, 0), "{args:?}: {talk}");
        assert!(talk.contains(sentence), "{args:?}: {talk}");
    };
    check(&["read", "общий"], 5, "opens with its key file too");
    check(&["--key-file", other, "read", "общий"], 5, "password is wrong");
    fs::write(other, [7; 63]).unwrap();
    check(&["--key-file", other, "read", "общий"], 1, "file cannot be read");
    fs::rename(key, stick.join("aside")).unwrap();
    check(&["--key-file", key, "read", "общий"], 1, "file cannot be read");
    fs::rename(stick.join("aside"), key).unwrap();
    assert_eq!(all_files(&boris.home).len(), before.len(), "nothing of that is left");
    let vault = |files: &[(std::path::PathBuf, Vec<u8>)]| files.iter().find(|it| it.0.ends_with("vault.cbor")).cloned();
    assert_eq!(vault(&all_files(&boris.home)), vault(&before));

    // The stick is lost in time: another takes its place, then the password alone, which must be longer.
    let longer = dir.join("longer");
    fs::write(&longer, "колодец бур 7 и ещё пять вёдер\n").unwrap();
    let longer = longer.to_str().unwrap();
    let second = stick.join("second.key");
    let second = second.to_str().unwrap();
    let change = ["password", "--new-password-file", longer];
    boris.ok(&[&["--key-file", key][..], &change, &["--new-key-file", second]].concat());
    fs::write(dir.join("password"), "колодец бур 7 и ещё пять вёдер\n").unwrap();
    check(&["--key-file", key, "read", "общий"], 5, "password is wrong");
    boris.ok(&["--key-file", second, "read", "общий"]);
    boris.ok(&[&["--key-file", second][..], &change, &["--without-key-file"]].concat());
    assert_eq!(boris.ok(&["read", "общий"])[0]["text"], "с флешкой");
    check(&["password", "--new-password-file", "/dev/null"], 5, "");
}

#[test]
fn a_locked_window_with_a_key_file_opens_with_both() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut anna = Desk::founder(dir);
    let key = dir.join("artel.key");
    let key = key.to_str().unwrap();
    let password = dir.join("password");
    anna.ok(&["password", "--new-password-file", password.to_str().unwrap(), "--new-key-file", key]);
    anna.variable = Some(("ARTEL_KEY_FILE".to_owned(), key.to_owned()));
    anna.start(&[]);
    anna.ok(&["send", "общий", "слово"]);
    anna.ok(&["lock"]);
    assert_eq!(anna.run(&["read", "общий"]).0, 5, "locked");
    anna.variable = None;
    assert_eq!(anna.run(&["unlock"]).0, 5, "the stick is not in");
    anna.ok(&["--key-file", key, "unlock"]);
    assert_eq!(anna.rows()[0]["text"], "слово");
}
