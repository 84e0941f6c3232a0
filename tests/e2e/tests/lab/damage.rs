//! Disks that forget: flipped bytes, a cut tail, a lost index.

use std::fs;
use std::path::{Path, PathBuf};

use artel_e2e::{Host, Lab, await_equal, office, until};

const FLIPS: u64 = 100;

/// Anna and Boris with sixty texts of each, both nodes stopped.
fn sixty_each(lab: &Lab) -> Vec<String> {
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    let of = |host: &Host| (0..60).map(|it| format!("{} сказал {it}", host.person())).collect::<Vec<_>>();
    anna.send_lines("общий", &of(anna));
    boris.send_lines("общий", &of(boris));
    let all = [of(anna), of(boris)].concat();
    for host in [anna, boris] {
        host.await_texts("общий", 60, &all);
    }
    await_equal(&[anna, boris], 60);
    anna.stop();
    boris.stop();
    all
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.is_file());
    files.sort();
    files
}

/// Flips one bit in each of [`FLIPS`] bytes, drawn from `seed`, spread over the files of a folder.
fn flip(folder: &Path, seed: u64) {
    let files = files_in(folder);
    let mut contents: Vec<Vec<u8>> = files.iter().map(|it| fs::read(it).unwrap()).collect();
    let total: usize = contents.iter().map(Vec::len).sum();
    let mut draw = seed;
    for _ in 0..FLIPS {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut at = usize::try_from(draw >> 33).unwrap() % total;
        let bytes = contents
            .iter_mut()
            .find(|it| {
                at < it.len() || {
                    at -= it.len();
                    false
                }
            })
            .unwrap();
        bytes[at] ^= 1 << (draw & 7);
    }
    for (file, bytes) in files.iter().zip(contents) {
        fs::write(file, bytes).unwrap();
    }
}

/// After damage nothing is wrong, nothing is lost silently, and colleagues give back what they have.
#[track_caller]
fn comes_back(lab: &Lab, all: &[String]) {
    let (anna, boris) = (lab.host(1), lab.host(2));
    anna.start();
    boris.start();
    await_equal(&[anna, boris], 120);
    for host in [anna, boris] {
        host.await_texts("общий", 60, all);
    }
    let status = boris.status();
    assert_eq!(status["store"]["lost"], serde_json::json!([]), "what a colleague has is not lost: {status}");
    boris.send("общий", "и снова пишу");
    anna.await_texts("общий", 30, &[all, &["и снова пишу".to_owned()]].concat());
}

#[test]
fn a_hundred_flipped_bytes_in_the_journal_are_made_good_by_a_colleague() {
    let Some(lab) = Lab::up(2) else { return };
    let all = sixty_each(&lab);
    flip(&lab.host(2).home().join("journal"), 20_261_122);
    comes_back(&lab, &all);
}

#[test]
fn a_hundred_flipped_bytes_in_the_index_are_made_good_from_the_journal() {
    let Some(lab) = Lab::up(2) else { return };
    let all = sixty_each(&lab);
    flip(&lab.host(2).home().join("index"), 7);
    comes_back(&lab, &all);
}

#[test]
fn texts_with_flipped_bytes_are_fetched_again() {
    let Some(lab) = Lab::up(2) else { return };
    let all = sixty_each(&lab);
    flip(&lab.host(2).home().join("blobs"), 3);
    comes_back(&lab, &all);
}

#[test]
fn a_torn_tail_costs_what_was_not_acknowledged() {
    let Some(lab) = Lab::up(2) else { return };
    let all = sixty_each(&lab);
    let journal = files_in(&lab.host(2).home().join("journal")).pop().unwrap();
    let bytes = fs::read(&journal).unwrap();
    // Half a record that a crash left: its beginning is there, its end is not.
    fs::write(&journal, [&bytes[..], &bytes[bytes.len() / 2..bytes.len() / 2 + 77]].concat()).unwrap();
    comes_back(&lab, &all);
}

#[test]
fn what_nobody_else_has_is_named_as_lost() {
    let Some(lab) = Lab::up(2) else { return };
    let all = sixty_each(&lab);
    let boris = lab.host(2);
    let journal = files_in(&boris.home().join("journal")).pop().unwrap();
    let before = fs::metadata(&journal).unwrap().len();
    // Written while nobody was there to hold a copy.
    boris.send("общий", "только у меня");
    let mut bytes = fs::read(&journal).unwrap();
    let at = usize::try_from(before).unwrap() + (bytes.len() - usize::try_from(before).unwrap()) / 2;
    bytes[at] ^= 4;
    fs::write(&journal, bytes).unwrap();
    boris.start();
    let lost = until("the loss is named", 60, || {
        let status = boris.status();
        status["store"]["lost"].as_array().filter(|it| !it.is_empty()).cloned()
    });
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(!boris.texts("общий").contains(&"только у меня".to_owned()), "no text out of damaged bytes");
    lab.host(1).start();
    boris.await_peers(30, 1);
    boris.send("общий", "дальше");
    lab.host(1).await_texts("общий", 60, &[&all[..], &["дальше".to_owned()]].concat());
    await_equal(&[lab.host(1), boris], 60);
}
