//! Files: many holders, bad holders, bad names, bad moments.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::desk::{Desk, lines, office, office_of_two, until};
use crate::proxy::Cable;

/// Writes a file that does not compress, and tells its hash.
fn make(path: &Path, bytes: u64) -> Vec<u8> {
    let mut file = fs::File::create(path).unwrap();
    let (mut state, mut left) = (0x9e37_79b9_7f4a_7c15_u64, bytes);
    while left > 0 {
        let mut part = Vec::with_capacity(1 << 20);
        while part.len() < 1 << 20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            part.extend_from_slice(&state.to_be_bytes());
        }
        part.truncate(left.min(1 << 20) as usize);
        left -= part.len() as u64;
        file.write_all(&part).unwrap();
    }
    hash(path)
}

fn hash(path: &Path) -> Vec<u8> {
    let (mut file, mut hasher, mut part) = (fs::File::open(path).unwrap(), Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part).unwrap() {
            0 => return hasher.finalize().to_vec(),
            read => hasher.update(&part[..read]),
        }
    }
}

/// The largest file under the home's blobs: the body of what was sent.
fn body(home: &Path) -> PathBuf {
    let mut files = Vec::new();
    for dir in fs::read_dir(home.join("blobs")).unwrap().flatten().filter(|it| it.path().is_dir()) {
        files.extend(fs::read_dir(dir.path()).unwrap().flatten().map(|it| (it.metadata().unwrap().len(), it.path())));
    }
    files.into_iter().max().unwrap().1
}

/// Changes a bit in every chunk and corrects the checks of the disk, so that the holder believes in what it gives.
fn flip_every_chunk(path: &Path) {
    const HEADER: usize = 40;
    const CHUNK: usize = 64 * 1024;
    let mut bytes = fs::read(path).unwrap();
    for chunk in bytes[HEADER..].chunks_mut(CHUNK + 32) {
        let (data, check) = chunk.split_at_mut(chunk.len() - 32);
        data[100.min(data.len() - 1)] ^= 1;
        check.copy_from_slice(&Sha256::digest(&*data));
    }
    fs::write(path, bytes).unwrap();
}

/// Resident memory of a process, bytes; the most it ever had.
fn peak_memory(pid: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let found = status.lines().find_map(|it| it.strip_prefix(line)).unwrap_or("0 kB");
    found.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn send(desk: &Desk, path: &Path, more: &[&str]) -> String {
    let sent = desk.ok(&[&["file", "send", "общий", path.to_str().unwrap()], more].concat());
    sent.last().unwrap()["id"].as_str().unwrap().to_owned()
}

/// What one fetch came to.
struct Got {
    fetched: u64,
    seconds: f64,
    growth: u64,
}

/// Four desks: the source is killed at 40 %, another holder comes and serves the rest, a third gives flipped pieces all the
/// time. What arrives is whole, and little was fetched in vain.
fn story(bytes: u64, rate: u64) -> Got {
    let (dir, mut anna) = office();
    let dir = dir.path();
    let [mut boris, mut vera, mut gleb] = ["boris", "vera", "gleb"].map(|it| anna.hire(dir, it));
    let file = dir.join("отчёт за март.bin");
    let whole = make(&file, bytes);
    let id = send(&anna, &file, &["вот он"]);
    let address = anna.address.clone();
    for (desk, out) in [(&mut boris, "boris-out"), (&mut vera, "vera-out")] {
        fs::create_dir(dir.join(out)).unwrap();
        desk.start(&[&address]);
        desk.until_row(&id);
        let got = desk.ok(&["file", "get", &id, "--out", dir.join(out).to_str().unwrap()]);
        let path = got.last().unwrap()["path"].as_str().unwrap().to_owned();
        assert_eq!(hash(Path::new(&path)), whole);
        fs::remove_file(path).unwrap();
        desk.stop();
    }
    flip_every_chunk(&body(&vera.home));
    let cable = Cable::new(&address, rate);
    gleb.start_knowing_only(&cable.address);
    let row = gleb.until_row(&id);
    assert_eq!((&row["text"], &row["files"][0]["name"]), (&"вот он".into(), &"отчёт за март.bin".into()));
    assert_eq!((&row["files"][0]["size"], &row["files"][0]["state"]), (&bytes.into(), &"remote".into()));
    vera.start(&[&gleb.address]);
    until(|| (gleb.status()["peers"].as_array().unwrap().len() == 2).then_some(()));

    let before = peak_memory(gleb.pid(), "VmRSS:");
    let begun = std::time::Instant::now();
    let already = cable.carried();
    let getting = gleb.begin(&["file", "get", &id, "--out", dir.to_str().unwrap()]);
    until(|| (cable.carried() - already >= bytes * 4 / 10).then_some(()));
    anna.kill();
    assert!(gleb.run(&["file", "list"]).1[0]["state"] != "done");
    boris.start(&[&gleb.address]);
    let output = getting.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seconds = begun.elapsed().as_secs_f64();
    let last = lines(&output).pop().unwrap();
    let path = PathBuf::from(last["path"].as_str().unwrap());
    assert_eq!(path.file_name().unwrap().to_str().unwrap(), "отчёт за март (1).bin", "beside the one that was there");
    assert_eq!(hash(&path), whole);
    assert_eq!(hash(&file), whole, "nothing is overwritten");
    let refused = gleb.status()["refused"]["wrong_piece"].as_u64();
    assert!(refused.is_some_and(|it| it >= 1), "the flipped pieces are counted: {refused:?}");
    assert_eq!(gleb.until_row(&id)["files"][0]["state"], "here");
    let growth = peak_memory(gleb.pid(), "VmHWM:").saturating_sub(before);
    Got { fetched: last["fetched"].as_u64().unwrap(), seconds, growth }
}

#[test]
fn the_source_dies_another_serves_the_rest_a_third_lies() {
    let bytes = 24 << 20;
    let got = story(bytes, 6 << 20);
    assert!(got.fetched >= bytes && got.fetched * 10 <= bytes * 11, "{} of {bytes} bytes", got.fetched);
    assert!(got.growth <= 64 << 20, "{} bytes more memory", got.growth);
}

/// `cargo test -p artel-node --release --test files -- --ignored --nocapture gigabyte`
#[test]
#[ignore = "a gigabyte, four times on the disk"]
#[allow(clippy::print_stdout, reason = "figures for a person")]
fn a_gigabyte() {
    let bytes = 1 << 30;
    let got = story(bytes, 200 << 20);
    println!(
        "1 GiB: {:.1} s from asking to saved, {:.4} of its size fetched, {:.1} MiB more memory",
        got.seconds,
        got.fetched as f64 / bytes as f64,
        got.growth as f64 / f64::from(1 << 20),
    );
    assert!(got.fetched * 10 <= bytes * 11 && got.growth <= 64 << 20);
}

#[test]
fn a_fetch_goes_on_after_a_power_cut_at_the_receiver() {
    let (dir, anna) = office();
    let dir = dir.path();
    let mut boris = anna.hire(dir, "boris");
    let file = dir.join("a.bin");
    let whole = make(&file, 12 << 20);
    let id = send(&anna, &file, &[]);
    let cable = Cable::new(&anna.address, 4 << 20);
    boris.start_knowing_only(&cable.address);
    boris.until_row(&id);
    let out = dir.join("out.bin");
    let mut getting = boris.begin(&["file", "get", &id, "--out", out.to_str().unwrap()]);
    until(|| (cable.carried() > 6 << 20).then_some(()));
    boris.kill();
    getting.kill().unwrap();
    getting.wait().unwrap();
    assert!(!out.exists(), "nobody sees half a file");
    boris.start(&[&cable.address]);
    let got = boris.ok(&["file", "get", &id, "--out", out.to_str().unwrap()]).pop().unwrap();
    assert_eq!(hash(&out), whole);
    let again = got["fetched"].as_u64().unwrap();
    assert!(again < 9 << 20, "{again} bytes were fetched again");
    let (code, _, talk) = boris.run(&["file", "get", &id, "--out", out.to_str().unwrap()]);
    assert_eq!(code, 1, "a file that is there is not overwritten: {talk}");
    assert_eq!(hash(&out), whole);
}

#[test]
fn names_sizes_and_moments_that_are_odd() {
    let (dir, anna, boris) = office_of_two();
    let dir = dir.path();
    let out = dir.join("загрузки");
    fs::create_dir(&out).unwrap();
    let get = |id: &str| {
        boris.until_row(id);
        let got = boris.ok(&["file", "get", id, "--out", out.to_str().unwrap()]).pop().unwrap();
        PathBuf::from(got["path"].as_str().unwrap())
    };
    let empty = dir.join("пустой.txt");
    fs::write(&empty, "").unwrap();
    let path = get(&send(&anna, &empty, &[]));
    assert_eq!((path.file_name().unwrap().to_str(), fs::read(&path).unwrap().len()), (Some("пустой.txt"), 0));

    let small = dir.join("small");
    fs::write(&small, "привет").unwrap();
    let long = format!("{}.tar.gz", "ы".repeat(249));
    for (name, expected) in [
        (long.as_str(), None),
        ("../../побег.txt", Some("побег.txt")),
        ("CON.txt", Some("_CON.txt")),
        ("счёт\u{202e}fdp.exe", Some("счётfdp.exe")),
        (".profile", Some("_.profile")),
    ] {
        let id = send(&anna, &small, &["--name", name]);
        let path = get(&id);
        assert_eq!(path.parent(), Some(out.as_path()), "{name}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "привет");
        let written = path.file_name().unwrap().to_str().unwrap();
        assert!(expected.is_none_or(|it| it == written), "{written}");
    }
    let picture = dir.join("схема.png");
    image::RgbImage::new(300, 200).save(&picture).unwrap();
    let drawn = boris.until_row(&send(&anna, &picture, &[]))["files"][0].clone();
    assert_eq!((&drawn["width"], &drawn["height"], &drawn["thumbnail"]), (&300.into(), &200.into(), &true.into()));
    fs::write(&picture, b"\x89PNG\r\n\x1a\nand then nothing").unwrap();
    let broken = boris.until_row(&send(&anna, &picture, &[]))["files"][0].clone();
    assert_eq!((&broken["width"], &broken["thumbnail"]), (&serde_json::Value::Null, &false.into()));
    let shown = boris.rows().into_iter().find(|it| it["files"][0]["name"] == long.as_str());
    assert!(shown.is_some(), "256 characters are shown whole");
    let found = boris.ok(&["search", "побег"]);
    assert_eq!(found[0]["files"][0]["name"], "побег.txt", "found by its name");

    for (path, kind) in [(dir.join("nothing"), "no such file"), (dir.to_path_buf(), "a directory")] {
        let before = anna.rows().len();
        let (code, _, talk) = anna.run(&["file", "send", "общий", path.to_str().unwrap()]);
        assert_eq!((code, anna.rows().len()), (1, before), "{kind}: {talk}");
    }
    assert!(!fs::read_dir(&out).unwrap().flatten().any(|it| it.path().to_string_lossy().ends_with("artel-part")));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_not_sent() {
    let (dir, anna) = office();
    let file = dir.path().join("log.txt");
    make(&file, 300 << 20);
    let sending = anna.begin(&["file", "send", "общий", file.to_str().unwrap()]);
    until(|| (anna.run(&["file", "list"]).1.first()?["bytes"].as_u64()? > 0).then_some(()));
    fs::File::options().write(true).open(&file).unwrap().set_len(1_000).unwrap();
    let output = sending.wait_with_output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{talk}");
    assert!(talk.contains("changed while it was read"), "{talk}");
    assert!(anna.rows().is_empty());
    until(|| (anna.ok(&["file", "storage"])[0]["bytes"] == 0).then_some(()));
}

#[test]
fn what_would_not_fit_is_refused_and_can_be_removed() {
    let (dir, anna, boris) = office_of_two();
    let dir = dir.path();
    // A file with holes, longer than any disk here.
    let huge = dir.join("huge");
    fs::File::create(&huge).unwrap().set_len(400 << 30).unwrap();
    let (code, _, talk) = anna.run(&["file", "send", "общий", huge.to_str().unwrap()]);
    assert_eq!(code, 8, "{talk}");

    let file = dir.join("a.bin");
    make(&file, 2 << 20);
    let id = send(&anna, &file, &[]);
    boris.until_row(&id);
    boris.ok(&["file", "storage", "--quota", "1000000"]);
    let out = dir.join("out.bin");
    let get = ["file", "get", &id, "--out", out.to_str().unwrap()];
    let (code, _, talk) = boris.run(&get);
    assert_eq!(code, 8, "{talk}");
    boris.ok(&["file", "storage", "--quota", "0"]);
    boris.ok(&get);
    assert!(boris.ok(&["file", "storage"])[0]["bytes"].as_u64().unwrap() > 2 << 20);
    boris.ok(&["file", "remove", &id]);
    assert_eq!(boris.ok(&["file", "storage"])[0]["bytes"], 0);
    assert_eq!(boris.until_row(&id)["files"][0]["state"], "remote");
    fs::remove_file(&out).unwrap();
    boris.ok(&get);
    assert_eq!(hash(&out), hash(&file));
}

#[test]
fn a_transfer_is_seen_and_ended_on_both_sides() {
    let (dir, anna) = office();
    let dir = dir.path();
    let mut boris = anna.hire(dir, "boris");
    let cable = Cable::new(&anna.address, 2 << 20);
    boris.start_knowing_only(&cable.address);
    let file = dir.join("кино.mp4");
    make(&file, 12 << 20);
    let id = send(&anna, &file, &[]);
    boris.until_row(&id);
    let out = dir.join("out.mp4");
    let get = ["file", "get", &id, "--out", out.to_str().unwrap()];
    let getting = boris.begin(&get);
    let of = |desk: &Desk, direction: &str| {
        let all = desk.run(&["file", "list"]).1;
        all.into_iter().find(|it| it["direction"] == direction && it["bytes"].as_u64() > Some(0))
    };
    let here = until(|| of(&boris, "get").filter(|it| it["rate"].as_u64() > Some(0)));
    assert_eq!((&here["name"], &here["file"]), (&"кино.mp4".into(), &id.as_str().into()));
    let there = until(|| of(&anna, "give"));
    assert_eq!((&there["name"], &there["size"]), (&here["name"], &here["size"]));
    boris.ok(&["file", "cancel", here["transfer"].as_str().unwrap()]);
    let output = getting.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!out.exists());
    // Now the other side ends it: nothing more comes from there.
    let mut again = boris.begin(&get);
    let there = until(|| of(&anna, "give"));
    anna.ok(&["file", "cancel", there["transfer"].as_str().unwrap()]);
    until(|| boris.run(&["file", "list"]).1.into_iter().find(|it| it["state"] == "waiting"));
    let carried = cable.carried();
    std::thread::sleep(Duration::from_secs(2));
    assert!(cable.carried() - carried < 200_000);
    // Who hangs up ends it too.
    again.kill().unwrap();
    again.wait().unwrap();
    until(|| boris.run(&["file", "list"]).1.is_empty().then_some(()));
}
