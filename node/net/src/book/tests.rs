//! The dial policy under a clock of our own.

use super::*;

const ME: PeerKey = PeerKey([5; 32]);
const SMALL: PeerKey = PeerKey([1; 32]);
const LARGE: PeerKey = PeerKey([9; 32]);

fn book() -> Book {
    let mut book = Book::new(ME, Timing::default());
    book.set_members(&[SMALL, LARGE]);
    book
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// The pause until the next due dial, with the jitter in the middle (128 of 256).
fn wait(book: &Book, now: Instant) -> Duration {
    book.next_due().unwrap() - now
}

#[test]
fn pauses_double_to_a_minute_and_reset_on_hurry() {
    let (mut book, now) = (book(), Instant::now());
    assert!(book.learn(LARGE, &[at("10.0.0.1:7")], Source::Saved));
    book.dial(LARGE, false, now);
    let mut seen = Vec::new();
    for round in 1..=9 {
        assert_eq!(book.take_due(now + Duration::from_secs(9999), 9), [Plan::Direct(LARGE, vec![at("10.0.0.1:7")])]);
        assert_eq!(book.take_due(now + Duration::from_secs(9999), 9), [], "never two dials of one peer");
        assert_eq!(book.failed(LARGE, false, false, now, 128), Failed::Later(round));
        seen.push(wait(&book, now).as_millis());
    }
    assert_eq!(seen, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
    book.hurry(now);
    assert_eq!(wait(&book, now), Duration::ZERO);
}

#[test]
fn a_circuit_follows_a_failed_direct_dial_at_once() {
    let (mut book, now) = (book(), Instant::now());
    book.learn(LARGE, &[at("10.0.0.1:7")], Source::Saved);
    book.dial(LARGE, false, now);
    assert_eq!(book.take_due(now, 9).len(), 1);
    assert_eq!(book.failed(LARGE, true, false, now, 0), Failed::CircuitNext);
    assert_eq!(book.take_due(now, 9), [Plan::Circuit(LARGE)]);
    assert_eq!(book.failed(LARGE, true, false, now, 0), Failed::Later(1));
    assert!(matches!(book.take_due(now + Duration::from_secs(1), 9)[..], [Plan::Direct(..)]));
    book.linked(LARGE, Via::Relay(SMALL), now);
    assert_eq!(wait(&book, now), Duration::from_secs(60), "a direct way is looked for from time to time");
}

#[test]
fn the_larger_side_waits_longer_after_a_loss() {
    let (mut book, now) = (book(), Instant::now());
    book.learn(LARGE, &[at("10.0.0.1:7")], Source::Saved);
    book.lost(LARGE, now, 128);
    assert_eq!(wait(&book, now), Duration::from_millis(500));
    book.forget(&LARGE);
    book.learn(SMALL, &[at("10.0.0.1:7")], Source::Saved);
    book.lost(SMALL, now, 128);
    assert_eq!(wait(&book, now), Duration::from_secs(2));
}

#[test]
fn unusable_addresses_and_ourselves_are_never_dialled() {
    let (mut book, now) = (book(), Instant::now());
    book.set_own(vec![at("10.0.0.9:1")]);
    let bad = ["[fe80::1]:7", "0.0.0.0:7", "10.0.0.1:0", "224.0.0.1:7", "10.0.0.9:1", "127.0.0.1:7"].map(at);
    assert!(book.learn(LARGE, &bad, Source::Found));
    book.dial(LARGE, false, now);
    assert_eq!(book.take_due(now, 9), [Plan::Circuit(LARGE)]);
    assert!(!book.learn(ME, &[at("10.0.0.1:7")], Source::Manual));
    book.learn(SMALL, &[at("127.0.0.1:7")], Source::Manual);
    assert_eq!(book.best(&SMALL), Some(at("127.0.0.1:7")), "loopback given by a person is meant");
}

#[test]
fn strangers_are_given_up_and_bounded() {
    let (mut book, now) = (book(), Instant::now());
    let stranger = PeerKey([7; 32]);
    book.learn(stranger, &[at("10.0.0.1:7")], Source::Manual);
    for round in 1..STRANGE_DIALS_MAX {
        book.dial(stranger, false, now);
        assert_eq!(book.take_due(now, 9).len(), 1);
        book.targets.get_mut(&stranger).unwrap().failures = round - 1;
        assert_eq!(book.failed(stranger, true, false, now, 0), Failed::Later(round));
    }
    assert_eq!(book.failed(stranger, true, false, now, 0), Failed::Forgotten(STRANGE_DIALS_MAX));
    for n in 0..=u8::MAX {
        book.learn(PeerKey([n; 32]), &[], Source::Found);
    }
    assert_eq!(book.targets.len(), STRANGE_TARGETS_MAX + 2);
}

#[test]
fn who_leaves_the_roster_is_no_longer_dialled() {
    let (mut book, now) = (book(), Instant::now());
    book.learn(LARGE, &[at("10.0.0.1:7")], Source::Saved);
    book.dial(LARGE, false, now);
    book.set_members(&[SMALL]);
    assert_eq!(book.take_due(now, 9), []);
}

#[test]
fn addresses_of_one_peer_are_bounded_and_the_best_stay() {
    let mut book = book();
    let many: Vec<_> = (1..200).map(|port| SocketAddr::from(([10, 0, 0, 1], port))).collect();
    book.learn(LARGE, &[at("10.0.0.2:9")], Source::Manual);
    book.learn(LARGE, &many, Source::Found);
    assert_eq!(book.targets[&LARGE].addresses.len(), ADDRESSES_MAX);
    assert_eq!(book.best(&LARGE), Some(at("10.0.0.2:9")));
}
