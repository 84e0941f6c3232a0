//! Entries that this program would not have written: of a newer one, of a cheat, and of a copy that begins anew.

use std::collections::BTreeMap;

use super::*;
use crate::entry::{Entry, Kind};
use crate::id::Inc;
use crate::run::Run;

/// An entry signed by a desk in a log of its own, knowing of everything that it holds of a space.
fn signed(room: &Room, of: usize, space: SpaceId, (inc, seq, prev): (u8, u64, Option<EntryId>), kind: Kind) -> Entry {
    let body = if kind == Kind::Merge { Vec::new() } else { b"of tomorrow".to_vec() };
    Entry {
        device: room.desks[of].replica.device(),
        space,
        inc: Inc([inc; 8]),
        seq,
        prev,
        seen: Vec::new(),
        hlc: Hlc { ms: room.now + seq, ctr: 0 },
        kind,
        epoch: None,
        body,
        blobs: Vec::new(),
    }
}

fn packet(room: &Room, of: usize, entry: Entry) -> (EntryId, Vec<u8>) {
    let signed = entry.sign(&room.desks[0].replica.org(), &identity(of as u64 + 1).signing);
    (signed.id, Packet::of(Run::own(signed)).encode())
}

fn holds(room: &Room, at: usize, id: EntryId) -> Option<Entry> {
    let all = room.desks[at].disk.iter().flat_map(|it| it.run.entries());
    all.into_iter().find(|it| it.id == id).map(|it| it.entry.clone())
}

#[test]
fn an_entry_of_an_unknown_kind_is_kept_passed_on_and_changes_nothing() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.unlink(0, vera);
    room.post(boris, channel, "before");
    room.settle();
    let organisation = room.desks[0].replica.organisation_space();
    let state = room.desks[0].replica.authority().state().hash();
    let device = room.desks[boris].replica.device();
    let mut all = Vec::new();
    for (space, inc) in [(channel, 7), (organisation, 8)] {
        // Between two entries that everybody knows, so that a gap would stop the log.
        let mut prev = None;
        for (seq, kind) in [(0, Kind::Merge), (1, Kind::Unknown(77)), (2, Kind::Merge)] {
            let entry = signed(&room, boris, space, (inc, seq, prev), kind);
            let (id, bytes) = packet(&room, boris, entry);
            room.offer(0, device, bytes);
            (prev, all) = (Some(id), [all, vec![id]].concat());
        }
    }
    // Vera meets Anna only, and gets what Anna does not understand either.
    room.unlink(0, boris);
    room.link(0, vera);
    room.post(0, channel, "after");
    room.settle();
    for at in [0, vera] {
        for id in &all {
            assert!(holds(&room, at, *id).is_some(), "desk {at} lacks an entry");
        }
        let strange = holds(&room, at, all[1]).unwrap();
        assert_eq!((strange.kind, strange.body.as_slice()), (Kind::Unknown(77), b"of tomorrow".as_slice()));
        assert_eq!(room.read(at, channel), ["before", "after"], "desk {at}");
        assert_eq!(room.desks[at].replica.authority().state().hash(), state, "desk {at}");
        assert!(room.desks[at].alarms.is_empty() && room.desks[at].rejected.is_empty(), "desk {at}");
    }
    let digest = |room: &Room, at: usize| room.desks[at].replica.heads_digest(&channel);
    assert_eq!(digest(&room, 0), digest(&room, vera));
    room.restart(vera, identity(vera as u64 + 1), usize::MAX);
    assert_eq!(digest(&room, 0), digest(&room, vera), "after a restart too");
    assert_eq!(room.read(vera, channel), ["before", "after"]);
}

/// A minute; who holds different branches of a channel's log goes on comparing.
fn talk(room: &mut Room) {
    for _ in 0..120 {
        room.turn();
    }
}

/// In a channel a fork freezes nobody: each keeps the branch that it had and the other one beside it, and says so.
#[test]
fn abuse_26_a_fork_among_a_hundred_honest_messages_takes_none_of_them_anywhere() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    let all: Vec<String> = (0..100).map(|it| format!("честное {it}")).collect();
    for text in &all[..50] {
        room.post(0, channel, text);
    }
    room.settle();
    room.unlink(0, boris);
    room.unlink(0, vera);
    let device = room.desks[boris].replica.device();
    let (_, first) = packet(&room, boris, signed(&room, boris, channel, (7, 0, None), Kind::Merge));
    let branches = [1, 2].map(|number| {
        let entry = signed(&room, boris, channel, (7, 0, None), Kind::Unknown(number));
        packet(&room, boris, entry)
    });
    for (at, (_, bytes)) in [0, vera].into_iter().zip(&branches) {
        room.offer(at, device, bytes.clone());
    }
    for text in &all[50..] {
        room.post(vera, channel, text);
    }
    room.link(0, vera);
    talk(&mut room);
    // Shown to everybody as well: a third branch, and the two again.
    for bytes in branches.iter().map(|it| &it.1).chain([&first]) {
        [0, vera].into_iter().for_each(|at| room.offer(at, device, bytes.clone()));
    }
    talk(&mut room);
    for (at, (own, _)) in [0, vera].into_iter().zip(&branches) {
        assert_eq!(room.read(at, channel), all, "desk {at}: all that is honest");
        assert!(room.desks[at].alarms.contains(&AlarmKind::Fork), "desk {at}");
        assert!(holds(&room, at, *own).is_some(), "desk {at}: the branch it had");
        let beside = room.desks[at].beside.iter().flat_map(|it| it.run.entries());
        let beside: BTreeSet<EntryId> = beside.into_iter().map(|it| it.id).collect();
        assert!(branches.iter().any(|it| it.0 != *own && beside.contains(&it.0)), "desk {at}: the other one beside it");
        assert!(room.desks[at].replica.authority().state().is_active(&device), "a channel freezes nobody");
    }
}

/// What was sealed before a crash, and what the copy sealed that went on from an older state of the disk.
#[test]
fn abuse_23_no_nonce_comes_twice_when_a_device_goes_on_from_an_older_copy() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let boris = room.hire("boris", None);
    room.settle();
    let copy = room.desks[boris].disk.len();
    let mut sealed: Vec<(EntryId, [u8; 24])> = Vec::new();
    let mut incs = BTreeSet::new();
    for life in 0..4 {
        for number in 0..25 {
            room.post(boris, channel, &format!("жизнь {life}, слово {number}"));
        }
        let device = room.desks[boris].replica.device();
        for entry in room.desks[boris].disk[copy..].iter().flat_map(|it| it.run.entries()) {
            if entry.entry.device != device || entry.entry.kind != Kind::Step {
                continue;
            }
            sealed.push((entry.id, entry.entry.body[..24].try_into().unwrap()));
            incs.insert(entry.entry.inc);
        }
        let blobs = room.desks[boris].disk[copy..].iter().flat_map(|it| it.blobs.clone());
        sealed.extend(blobs.map(|(hash, bytes)| (EntryId(hash.0), bytes[..24].try_into().unwrap())));
        // Nobody has seen any of it, and the disk is that of yesterday.
        room.unlink(0, boris);
        room.restart(boris, identity(boris as u64 + 1), copy);
    }
    let nonces: BTreeMap<[u8; 24], EntryId> = sealed.iter().map(|(id, nonce)| (*nonce, *id)).collect();
    let things: BTreeSet<EntryId> = sealed.iter().map(|it| it.0).collect();
    assert_eq!((nonces.len(), things.len()), (200, 200), "one for each of 100 records and 100 texts");
    assert_eq!(incs.len(), 4, "each life writes a log of its own");
}
