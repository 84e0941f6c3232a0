//! Somebody is removed while connected.

use std::time::{Duration, Instant};

use crate::desk::{office_of_two, until};

fn peers(desk: &crate::desk::Desk) -> usize {
    desk.status()["peers"].as_array().unwrap().len()
}

#[test]
fn abuse_47_the_live_link_of_somebody_removed_ends_within_two_seconds() {
    let (dir, anna, boris) = office_of_two();
    let mut vera = anna.hire(dir.path(), "vera");
    vera.start(&[&anna.address, &boris.address]);
    for desk in [&anna, &boris, &vera] {
        until(|| (peers(desk) == 2).then_some(()));
    }
    anna.ok(&["person", "remove", "vera@x.example"]);
    let removed = Instant::now();
    for desk in [&anna, &boris] {
        until(|| (peers(desk) == 1).then_some(()));
    }
    let took = removed.elapsed();
    assert!(took <= Duration::from_secs(2), "{took:?}");
    // She dials again and again, and is turned away each time.
    anna.ok(&["send", "общий", "после неё"]);
    until(|| boris.rows().iter().any(|it| it["text"] == "после неё").then_some(()));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!((peers(&anna), peers(&boris)), (1, 1));
    assert!(anna.status()["refused"]["removed"].as_u64() > Some(0), "{}", anna.status()["refused"]);
    assert!(!vera.rows().iter().any(|it| it["text"] == "после неё"));
}
