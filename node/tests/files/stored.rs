//! Homes that earlier builds have written, as they lay on the disk and as their backups: every later build opens them and
//! shows the same.
//!
//! One is added when a format changes, by
//! `ARTEL_STORED=DATE cargo test -p artel-node --test files -- --ignored keep_a_home_of_today`.
//! It writes `stored/DATE.tar.gz`, the home, `stored/DATE.backup` and `stored/DATE.json`, what that build told of both.

use std::fs;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::desk::{Desk, office_of_two, until};

const CHANNELS: [&str; 4] = ["общий", "касса", "объявления", "@boris@x.example"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/stored")
}

/// What people see of a home, without what depends on the moment.
fn told(desk: &Desk) -> Value {
    let strip = |mut rows: Vec<Value>, fields: &[&str]| {
        for row in &mut rows {
            fields.iter().for_each(|it| drop(row.as_object_mut().unwrap().remove(*it)));
        }
        rows
    };
    let histories = CHANNELS.map(|it| strip(desk.ok(&["read", it]), &["held", "state", "read"]));
    let digests: Vec<Value> =
        desk.status()["spaces"].as_array().unwrap().iter().map(|it| it["digest"].clone()).collect();
    json!({
        "channels": strip(desk.ok(&["channel", "list"]), &[]),
        "histories": histories,
        "persons": strip(desk.ok(&["person", "list"]), &["online"]),
        "devices": strip(desk.ok(&["device", "list"]), &["online"]),
        "teams": desk.ok(&["team", "list"]),
        "policy": desk.ok(&["policy", "show"]).iter().map(|it| it["key"].clone()).collect::<Vec<_>>(),
        "audit": desk.ok(&["audit"]),
        "found": desk.ok(&["search", "отчёты"]).iter().map(|it| it["id"].clone()).collect::<Vec<_>>(),
        "digests": digests,
    })
}

/// What was there then is there now; fields and rules that came later may stand beside it.
#[track_caller]
fn check_kept(now: &Value, then: &Value, place: &str) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (name, then) in then {
                check_kept(now.get(name).unwrap_or(&Value::Null), then, &format!("{place}.{name}"));
            }
        }
        (Value::Array(now), Value::Array(then)) if place.ends_with(".policy") => {
            assert!(then.iter().all(|it| now.contains(it)), "{place}: {now:?} and {then:?}");
        }
        (Value::Array(now), Value::Array(then)) => {
            assert_eq!(now.len(), then.len(), "{place}");
            now.iter()
                .zip(then)
                .enumerate()
                .for_each(|(at, (now, then))| check_kept(now, then, &format!("{place}.{at}")));
        }
        _ => assert_eq!(now, then, "{place}"),
    }
}

/// What is kept with this ending.
fn kept(ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.to_string_lossy().ends_with(ending));
    assert!(!files.is_empty(), "there is one");
    files
}

/// The home shows what the build of its time told of it, and goes on.
#[track_caller]
fn check_home(mut desk: Desk, file: &Path) {
    let name = file.file_name().unwrap().to_string_lossy();
    let told_then = folder().join(name.split_once('.').unwrap().0).with_extension("json");
    let then: Value = serde_json::from_slice(&fs::read(told_then).unwrap()).unwrap();
    check_kept(&told(&desk), &then, &name);
    desk.start(&[]);
    desk.ok(&["send", "общий", "и дальше"]);
    desk.ok(&["channel", "create", "новый"]);
    desk.stop();
    assert_eq!(desk.rows().last().unwrap()["text"], "и дальше");
}

#[test]
fn homes_of_earlier_builds_open_and_show_the_same() {
    for packed in kept(".tar.gz") {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::nobody(dir.path(), "anna");
        tar::Archive::new(GzDecoder::new(fs::File::open(&packed).unwrap())).unpack(&desk.home).unwrap();
        check_home(desk, &packed);
    }
}

#[test]
fn backups_of_earlier_builds_open_and_show_the_same() {
    for backup in kept(".backup") {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::nobody(dir.path(), "anna");
        desk.ok(&["restore", backup.to_str().unwrap()]);
        check_home(desk, &backup);
    }
}

#[test]
#[ignore = "writes into the repository"]
fn keep_a_home_of_today() {
    let (dir, mut anna, mut boris) = office_of_two();
    let date = std::env::var("ARTEL_STORED").expect("ARTEL_STORED=DATE");
    anna.ok(&["team", "create", "Продажи"]);
    anna.ok(&["team", "add", "Продажи", "boris@x.example", "--lead"]);
    anna.ok(&["channel", "create", "касса", "--private", "--history", "shared"]);
    anna.ok(&["channel", "create", "объявления", "--kind", "announcement"]);
    anna.ok(&["channel", "add", "касса", "boris@x.example"]);
    anna.ok(&["channel", "topic", "касса", "Деньги и прочее"]);
    anna.ok(&["policy", "set", "create_private", "members"]);
    anna.ok(&["role", "boris@x.example", "registrar"]);
    let id = |sent: Vec<Value>| sent[0]["id"].as_str().unwrap().to_owned();
    let first = id(anna.ok(&["send", "общий", "отчёт с опечаткой"]));
    anna.ok(&["edit", &first, "отчёт без опечатки"]);
    let gone = id(anna.ok(&["send", "общий", "этого не было"]));
    anna.ok(&["retract", &gone]);
    anna.ok(&["send", "общий", &"длинный текст, который лежит отдельно. ".repeat(200)]);
    anna.ok(&["send", "объявления", "завтра выходной"]);
    anna.ok(&["pin", &first]);
    until(|| boris.rows().iter().any(|it| it["id"] == first).then_some(()));
    boris.ok(&["react", &first, "👍"]);
    boris.ok(&["send", "общий", "в ответ", "--reply-to", &first]);
    until(|| (boris.run(&["send", "касса", "сто рублей"]).0 == 0).then_some(()));
    boris.ok(&["send", "@anna@x.example", "лично"]);
    let picture = dir.path().join("отчёт.txt");
    fs::write(&picture, "содержание").unwrap();
    anna.ok(&["file", "send", "общий", picture.to_str().unwrap()]);
    let vera = anna.hire(dir.path(), "vera");
    vera.ok(&["status"]);
    anna.ok(&["person", "remove", "vera@x.example"]);
    until(|| anna.run(&["read", "@boris@x.example"]).1.pop());
    until(|| anna.run(&["read", "касса"]).1.into_iter().find(|it| it["text"] == "сто рублей"));
    boris.stop();
    anna.stop();
    fs::create_dir_all(folder()).unwrap();
    let (backup, home) = (folder().join(format!("{date}.backup")), folder().join(format!("{date}.tar.gz")));
    anna.ok(&["backup", backup.to_str().unwrap()]);
    let mut packed = tar::Builder::new(GzEncoder::new(fs::File::create(&home).unwrap(), Compression::best()));
    packed.append_dir_all("", &anna.home).unwrap();
    packed.into_inner().unwrap().finish().unwrap();
    for file in [backup, home] {
        let bytes = fs::metadata(&file).unwrap().len();
        assert!(bytes < 200_000, "{bytes} bytes in {}", file.display());
    }
    let told = serde_json::to_string_pretty(&told(&anna)).unwrap();
    fs::write(folder().join(format!("{date}.json")), told + "\n").unwrap();
}
