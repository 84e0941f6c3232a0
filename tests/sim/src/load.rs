//! What an authority costs. Times are printed and never judged: a busy machine is not a fault. What is judged is how much is
//! judged, which is the same everywhere, and what is held in memory.
//! `cargo test --release -p artel-sim load -- --nocapture --test-threads=1` gives the figures of 50 000 entries.
#![allow(clippy::print_stdout, reason = "figures are what this is for")]

use std::time::{Duration, Instant};

use artel_crdt::Ctx;
use artel_crdt::authority::testkit::*;
use artel_crdt::authority::*;
use artel_crdt::entry::Signed;
use artel_crdt::id::{EntryId, SpaceId};
use artel_crdt::replica::{Identity, Input, Outputs, Replica, Source};
use artel_crdt::run::{Packet, Run};
use artel_crdt::time::Timestamp;

/// Entries of a large organisation; less without optimisation.
const ENTRIES: u64 = if cfg!(debug_assertions) { 5_000 } else { 50_000 };
/// How often one entry is judged at most, in the mean, when a history is evaluated at once: once, and once for every round of
/// removals that defeat each other; honest histories and floods need one such round at most.
const JUDGED_MAX: u64 = 4;
/// How many entries a replica judges in a second of a flood that lasts, by its own clock: twice what the pause alone allows.
const JUDGED_A_SECOND_MAX: u64 = 100_000;
/// What the figures of 50 000 entries may hold in memory, kB; judged where nothing else runs beside.
const MEMORY_MAX: u64 = 300_000;

/// The most memory that this process ever held, where the system tells.
fn peak() -> String {
    peak_kb().map_or_else(|| "unknown".into(), |it| format!("{it} kB"))
}

fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn in_packets(story: &Story, what: &str) -> Authority {
    let (mut authority, mut adding, mut evaluating) = (Authority::new(story.org), Duration::ZERO, Duration::ZERO);
    for packet in story.entries.chunks(128) {
        let start = Instant::now();
        packet.iter().for_each(|it| assert_eq!(authority.add(it), Added::New));
        adding += start.elapsed();
        let start = Instant::now();
        authority.evaluate();
        evaluating += start.elapsed();
    }
    let len = story.entries.len();
    println!("{what}: {len} entries in packets of 128: add {adding:?}, evaluate {evaluating:?}, peak {}", peak());
    authority
}

fn at_once(story: &Story, what: &str) -> Authority {
    let mut authority = Authority::new(story.org);
    let start = Instant::now();
    for signed in &story.entries {
        authority.add(signed);
    }
    let added = start.elapsed();
    authority.evaluate();
    let all = start.elapsed();
    println!(
        "{what}: {} entries at once: add {added:?}, evaluate {:?}, peak {}",
        story.entries.len(),
        all - added,
        peak()
    );
    let judged = authority.judged();
    println!("{what}: each was judged {:.1} times", judged as f64 / story.entries.len() as f64);
    assert!(judged <= JUDGED_MAX * story.entries.len() as u64, "{judged}");
    if let (false, Some(peak)) = (cfg!(debug_assertions), peak_kb()) {
        assert!(peak < MEMORY_MAX, "{peak} kB");
    }
    authority
}

/// An office that hires, moves people between teams and dismisses some; administrators mostly know of each other.
fn office() -> Story {
    let mut story = Story::with_admins(2..8);
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    let mut number = 100;
    while (story.entries.len() as u64) < ENTRIES {
        let by = 2 + number % 6;
        number += 1;
        let heads = story.heads();
        story.seeing(by, &invite(number, number, Role::Member), &heads);
        story.now(by, &enrol(Some(number), number, Role::Member));
        for on in [true, false, true, false, true, false] {
            let heads = story.heads();
            story.seeing(by, &team_member(team, number, on, false), &heads);
            story.apart(2 + (number + 1) % 6, &cancel(number), &heads);
        }
        if number.is_multiple_of(6) {
            story.now(by, &removal(number, Vec::new()));
        }
    }
    story
}

#[test]
fn a_large_honest_history_is_cheap_in_packets_and_at_once() {
    let story = office();
    let mut authority = at_once(&story, "honest");
    assert_eq!(in_packets(&story, "honest").state().hash(), authority.state().hash());
    let heads = authority.heads();
    let removals: Vec<EntryId> = authority.state().removals.iter().map(|it| it.0).collect();
    let start = Instant::now();
    for _ in 0..10 {
        assert!(removals.iter().all(|it| authority.covers(&heads, it)));
    }
    println!("covers: 10 times {} removals in {:?}", removals.len(), start.elapsed());
    let middle = [story.entries[story.entries.len() / 2].id];
    let start = Instant::now();
    assert!(authority.state_at(&middle).is_some());
    println!("state at an older head: {:?}", start.elapsed());
    let mut more = story;
    let start = Instant::now();
    for _ in 0..100 {
        more.now(OWNER, &cancel(1));
        authority.add(more.entries.last().unwrap());
        assert!(authority.evaluate());
    }
    println!("one live act: {:?}", start.elapsed() / 100);
}

fn spam(act: impl Fn(u64) -> Act, chain: bool) -> Story {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    let before = story.heads();
    for nonce in 0..ENTRIES {
        if chain {
            story.seeing(3, &act(nonce), &[])
        } else {
            story.apart(3, &act(nonce), &before)
        };
    }
    story
}

#[test]
fn abuse_10_spam_of_a_hostile_member_is_void_quickly() {
    for (what, chain) in [("one log of spam", true), ("spam in a log each", false)] {
        let mut story = spam(|nonce| invite(nonce, nonce, Role::Member), chain);
        let authority = at_once(&story, what);
        assert_eq!(authority.void().len() as u64, ENTRIES);
        in_packets(&story, what);
        // Removed, with all of it beyond the cut, and more of it afterwards.
        story.apart(2, &removal(3, Vec::new()), &[story.entries[story.entries.len() / 2].id]);
        let heads = story.heads();
        for nonce in 0..ENTRIES / 5 {
            story.seeing(3, &invite(nonce, nonce, Role::Guest), &heads[..1]);
        }
        let authority = at_once(&story, "after the removal");
        assert!(!authority.state().is_member(&person(3)));
    }
}

#[test]
fn abuse_10_floods_of_forks_devices_and_revocations_are_cheap() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    let before = story.heads();
    for nonce in 0..ENTRIES / 2 {
        story.apart(3, &add_device(3, 3), &before);
        story.again(3, &cancel(nonce));
    }
    let authority = at_once(&story, "forks");
    assert_eq!(authority.state().devices[&device(3)].standing, Standing::Frozen);
    at_once(&spam(|_| revocation(3, 2, Vec::new()), true), "revocations");
    at_once(&spam(|nonce| add_device(3, 1_000 + nonce % 500), true), "devices");
    at_once(&spam(|_| Act::Unknown(99), true), "newer acts");
}

/// An administrator who takes everybody out cut at nothing, again and again, while they act.
fn hostile_administrator() -> Story {
    let mut story = Story::with_admins([2, 3]);
    let people = ENTRIES / 9;
    for number in 100..100 + people {
        story.hire(2, number, Role::Member);
    }
    let before = story.heads();
    for number in 100..100 + people {
        story.apart(number, &add_device(number, number + 1_000_000), &before);
        for _ in 0..3 {
            story.apart(3, &removal(number, Vec::new()), &before);
        }
    }
    for nonce in 0..people {
        story.apart(3, &freeze(2, nonce % 2 == 0), &before);
        story.apart(3, &role(100 + nonce, Role::Registrar), &before);
        story.apart(3, &role(100 + nonce, Role::Member), &before);
    }
    story
}

#[test]
fn a_hostile_administrator_is_bounded() {
    let mut story = hostile_administrator();
    let authority = at_once(&story, "hostile administrator");
    let left = authority.state().persons.values().filter(|it| it.removed_by.is_none()).count();
    println!("{left} of {} persons are left", authority.state().persons.len());
    // Everything that knows of nothing but the beginning comes the other way round.
    let (first, rest) = story.entries.split_at(before_the_flood());
    let other = story.told_in(first.iter().chain(rest.iter().rev()));
    assert_eq!(other.state().hash(), authority.state().hash());
    // Then he is removed himself.
    let before = [story.entries[before_the_flood() - 1].id];
    story.apart(OWNER, &removal(3, story.cut(&[3], &before)), &before);
    let authority = at_once(&story, "hostile administrator removed");
    assert!(authority.state().is_member(&person(100)) && authority.state().is_member(&person(2)));
}

/// What of the story is before the administrator turns hostile.
fn before_the_flood() -> usize {
    9 + 2 * (ENTRIES as usize / 9)
}

/// A colleague takes the flood in live, 200 acts a second: he may not be kept busy by it. After an evaluation that judged
/// many entries the next one waits 20 µs for each of them; cheap ones do not wait.
#[test]
fn a_flood_of_a_hostile_administrator_does_not_keep_a_replica_busy() {
    let story = hostile_administrator();
    let mut rng = crate::chance::Chance::new(1, 1);
    let mut replica = Replica::new(story.org, Identity { signing: key(100), sealing: Vec::new() });
    let (mut now, mut busy) = (crate::world::START, Duration::ZERO);
    let mut handle = |now: u64, input: Input| {
        let start = Instant::now();
        replica.handle(&mut Ctx { now: Timestamp(now), rng: &mut rng }, input, &mut Outputs::new());
        busy += start.elapsed();
        (busy, replica.authority().judged())
    };
    let packet = |signed: &Signed| Box::new(Packet::of(Run::own(signed.clone())));
    let (stored, flood) = story.entries.split_at(before_the_flood());
    for signed in stored {
        handle(now, Input::Packet { source: Source::Home, packet: packet(signed) });
    }
    let before = handle(now, Input::Restored { clean: false, unopened: Vec::new() });
    for signed in flood {
        now += 5;
        handle(now, Input::Packet { source: Source::Peer(device(2)), packet: packet(signed) });
        if now.is_multiple_of(500) {
            handle(now, Input::Tick);
        }
    }
    let after = handle(now + 20_000, Input::Tick);
    let (busy, judged) = (after.0 - before.0, after.1 - before.1);
    let lasted = Duration::from_millis(now - crate::world::START);
    println!("a flood of {} acts within {lasted:?}: busy for {busy:?}, peak {}", flood.len(), peak());
    let each_second = judged * 1_000 / lasted.as_millis() as u64;
    println!("{judged} entries judged, {each_second} a second");
    assert!(each_second < JUDGED_A_SECOND_MAX, "{each_second}");
    assert_eq!(replica.authority().state().hash(), story.told().state().hash());
}
