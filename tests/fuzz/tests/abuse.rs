//! Bytes that a cheating member could send: Automerge's own, bombs, and every packet with one byte changed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: a panic is how it fails")]

use std::sync::{Mutex, PoisonError};

use artel_crdt::authority::Act;
use artel_crdt::cert::{Bundle, Unverified};
use artel_crdt::entry::Entry;
use artel_crdt::register::Register;
use artel_crdt::roster::RosterAct;
use artel_crdt::run;
use artel_crdt::seal::{Cut, EpochBody, Forget, Grant};
use artel_crdt::sync::Message;
use artel_crdt::timeline::{FileInfo, Placed, Record};
use artel_fuzz::{TARGETS, office, seeds};
use automerge::legacy::{ObjectId, OpId};
use automerge::marks::{ExpandMark, Mark};
use automerge::sync::SyncDoc;
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ObjType, ROOT, ScalarValue};

/// What may be taken over and above the bytes themselves while they are refused.
const GROWTH_BYTES_MAX: u64 = 10 << 20;
/// What the bomb inflates to.
const BOMB_BYTES: usize = 64 << 20;

/// Memory is of the process: these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Every way by which bytes of a peer are taken in; none may take these, nor spend memory on them.
fn refused_everywhere(what: &str, bytes: &[u8]) {
    let keys = office::keys();
    let before = peak_memory();
    assert!(run::check_run(&keys, bytes).is_err(), "{what} is no packet");
    assert!(run::trusted_run(&keys.org, bytes).is_err(), "{what} is no stored packet");
    assert!(run::peek(bytes).is_err(), "{what} has no log");
    assert!(Entry::from_payload(office::device(), &keys.org, bytes).is_err(), "{what} is no entry");
    assert!(Register::check(bytes, &keys).is_err(), "{what} is no register");
    assert!(Message::decode(bytes).is_err(), "{what} is no message of sync");
    assert!(Bundle::decode(bytes).is_err() && Unverified::parse(bytes).is_err(), "{what} is no certificate");
    assert!(Act::decode(bytes).is_err() && RosterAct::decode(bytes).is_err(), "{what} is no act");
    assert!(EpochBody::decode(bytes).is_err() && Grant::decode(bytes).is_err(), "{what} brings no key");
    assert!(Cut::decode(bytes).is_err() && Forget::decode(bytes).is_err(), "{what} takes nothing away");
    // Sealed into a step by a member it is a hidden row, at all alike.
    assert!(Record::decode(bytes, 15).is_err() && FileInfo::decode(bytes).is_err(), "{what} is no record");
    assert!(Placed::decode(bytes).is_err(), "{what} is no row");
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        assert!(after - before < GROWTH_BYTES_MAX, "{what}: {} bytes more memory", after - before);
    }
}

/// The most memory this process had since it was asked last, bytes; `None` where the system does not tell.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(kilobytes * 1024)
}

fn document(actor: [u8; 16]) -> AutoCommit {
    AutoCommit::new().with_actor(ActorId::from(actor))
}

/// A change of Automerge that does something.
type Deed = Box<dyn Fn(&mut AutoCommit)>;

/// What one member could do to what another wrote, were changes taken from the wire. Each is made by Automerge itself out of a
/// document with the other's content, and every door refuses its bytes; nothing that is taken makes such an operation.
#[test]
fn abuse_24_a_change_of_what_others_wrote_is_refused_in_every_form() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut theirs = document([0xaa; 16]);
    theirs.put(ROOT, "text", "слово Анны").unwrap();
    theirs.put(ROOT, "count", ScalarValue::counter(5)).unwrap();
    let list = theirs.put_object(ROOT, "list", ObjType::List).unwrap();
    theirs.insert(&list, 0, "первое").unwrap();
    let words = theirs.put_object(ROOT, "words", ObjType::Text).unwrap();
    theirs.splice_text(&words, 0, 0, "слово").unwrap();
    theirs.commit();
    let (first, second) = (list.clone(), list);
    let bold = || Mark::new("bold".to_owned(), true, 0, 3);
    let deeds: [(&str, Deed); 8] = [
        ("an overwritten value", Box::new(|it| it.put(ROOT, "text", "слово Бориса").unwrap())),
        ("a deleted value", Box::new(|it| it.delete(ROOT, "text").unwrap())),
        ("an insertion", Box::new(move |it| it.insert(&first, 0, "нулевое").unwrap())),
        ("a deleted element", Box::new(move |it| it.delete(&second, 0).unwrap())),
        ("an increment", Box::new(|it| it.increment(ROOT, "count", 100).unwrap())),
        ("a mark", Box::new(move |it| it.mark(&words, bold(), ExpandMark::Both).unwrap())),
        ("a new object", Box::new(|it| drop(it.put_object(ROOT, "more", ObjType::Map).unwrap()))),
        ("two operations", Box::new(|it| ["a", "b"].into_iter().for_each(|key| it.put(ROOT, key, 1).unwrap()))),
    ];
    for (what, deed) in deeds {
        let mut mine = theirs.fork().with_actor(ActorId::from([0xbb; 16]));
        deed(&mut mine);
        let change = mine.get_last_local_change().unwrap();
        refused_everywhere(what, change.raw_bytes());
        // The same with a foreign object and a foreign predecessor, where Automerge makes bytes of that.
        let mut expanded = change.decode();
        let foreign = OpId(77, ActorId::from([0xcc; 16]));
        for operation in &mut expanded.operations {
            operation.obj = ObjectId::Id(foreign.clone());
            operation.pred = vec![foreign.clone()].into();
        }
        let remade = std::panic::catch_unwind(|| Change::from(expanded).raw_bytes().to_vec());
        if let Ok(bytes) = remade {
            refused_everywhere(what, &bytes);
        }
    }
}

/// Counters of operations at the end of their range and with a gap. Those that a segment is given are in `segment/tests.rs`.
#[test]
fn abuse_27_a_change_that_begins_where_no_counter_may_is_refused() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut made = 0;
    for start in [1_000_000, u64::from(u32::MAX), (1 << 63) - 3, (1 << 63) - 1, u64::MAX] {
        let mut document = document([0xdd; 16]);
        document.put(ROOT, "text", "слово").unwrap();
        let mut expanded = document.get_last_local_change().unwrap().decode();
        expanded.start_op = std::num::NonZeroU64::new(start).unwrap();
        let remade = std::panic::catch_unwind(|| Change::from(expanded).raw_bytes().to_vec());
        if let Ok(bytes) = remade {
            refused_everywhere("a counter at its end", &bytes);
            made += 1;
        }
    }
    assert!(made > 0, "Automerge makes none of them any more");
}

#[test]
fn abuse_25_an_unsigned_change_in_anothers_name_is_never_taken() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut document = document([0xaa; 16]);
    document.put(ROOT, "text", "в чужом имени").unwrap();
    let change = document.get_last_local_change().unwrap().raw_bytes().to_vec();
    refused_everywhere("a change", &change);
    refused_everywhere("a document", &document.save());
    let mut state = automerge::sync::State::new();
    let message = document.sync().generate_sync_message(&mut state).unwrap().encode();
    refused_everywhere("a message of Automerge's sync", &message);
}

#[test]
fn abuse_28_a_deflate_bomb_is_refused_without_inflating() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut document = document([0xbb; 16]);
    document.put(ROOT, "bomb", ScalarValue::Bytes(vec![0; BOMB_BYTES])).unwrap();
    let bomb = document.get_last_local_change().unwrap().clone().bytes().to_vec();
    drop(document);
    assert!(bomb.len() * 200 < BOMB_BYTES, "{} bytes", bomb.len());
    peak_memory();
    refused_everywhere("a bomb", &bomb);
}

#[test]
fn abuse_29_a_change_of_100_000_operations_is_refused() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut document = document([0xcc; 16]);
    let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
    document.splice_text(&text, 0, 0, &"ы".repeat(100_000)).unwrap();
    document.commit();
    let change = document.get_last_local_change().unwrap().raw_bytes().to_vec();
    peak_memory();
    refused_everywhere("so many operations", &change);
}

/// Every byte of real packets takes other values: what is accepted all the same is the very packet it was. The whole
/// number of cases is printed; `ARTEL_ABUSE_30=255` asks for every value of every byte.
#[test]
fn abuse_30_one_byte_changed_is_never_accepted_as_something_else() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = office::keys();
    let values: usize = std::env::var("ARTEL_ABUSE_30").ok().and_then(|it| it.parse().ok()).unwrap_or(3);
    let (mut cases, mut dear) = (0_u64, 0_u64);
    for packet in seeds::runs() {
        let id = |bytes: &[u8]| run::check_run(&keys, bytes).ok().map(|it| it.run.entries().last().unwrap().id);
        let original = id(&packet);
        for at in 0..packet.len() {
            for step in 1..=values {
                let mut bytes = packet.clone();
                bytes[at] ^= u8::try_from(step * 255 / values).unwrap();
                let begun = std::time::Instant::now();
                if let Some(found) = id(&bytes) {
                    assert_eq!(Some(found), original, "byte {at} of a packet of {}", packet.len());
                    assert_eq!(bytes, packet, "byte {at}: another encoding of the same");
                }
                assert!(begun.elapsed().as_secs() < 1, "byte {at} of a packet of {}", packet.len());
                cases += 1;
            }
        }
    }
    for target in TARGETS.iter().filter(|it| ["entry", "register", "message", "record", "act"].contains(&it.name)) {
        for seed in (target.seeds)() {
            for at in 0..seed.len() {
                for step in 1..=values {
                    let mut bytes = seed.clone();
                    bytes[at] ^= u8::try_from(step * 255 / values).unwrap();
                    (target.run)(&bytes);
                    dear += 1;
                }
            }
        }
    }
    eprintln!("{cases} packets and {dear} other things with one byte changed");
    assert!(cases > 1_000 && dear > 1_000);
}
