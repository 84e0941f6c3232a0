//! What a replica is after it was built again from its store, with other keys or from an older one.

use super::*;
use crate::authority::{Policy, Who};
use crate::entry::Kind;
use crate::seal::{SealingKey, decode_stanzas};
use crate::timeline::What;

/// To which sealing key of a device the newest epoch of a space is sealed.
fn sealed_to(room: &Room, at: usize, space: SpaceId, device: DeviceId) -> crate::id::SealKeyId {
    let mut packets = room.desks[at].disk.iter().filter(|it| it.run.space() == space);
    let epoch = packets.rfind(|it| it.run.entries()[0].entry.kind == Kind::Epoch).unwrap();
    let stanzas = decode_stanzas(epoch.blobs.values().next().unwrap()).unwrap();
    stanzas.iter().find(|it| it.device == device).unwrap().seal_key_id
}

#[test]
fn a_device_takes_another_sealing_key_and_reads_what_was_before_and_what_comes_after() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    room.post(0, channel, "before");
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    let device = room.desks[boris].replica.device();
    let new = SealingKey::draw(&mut Seeded(77));
    let renewed = room.want(boris, Command::Renew(Box::new(new.clone()))).unwrap();
    let Reply::Admitted { certificate, .. } = renewed else { panic!("{renewed:?}") };
    let claims = crate::cert::Unverified::parse(&certificate).unwrap().claims;
    assert_eq!(
        (claims.seal_key, claims.device_key),
        (*new.public().as_bytes(), identity(2).signing.verifying_key().to_bytes())
    );
    room.settle();
    let state = room.desks[0].replica.authority().state();
    assert_eq!(state.devices[&device].seal_key_id, new.id());
    // A colleague leaves, so that a new key is dealt out.
    room.remove(0, vera, false);
    room.settle();
    room.post(0, channel, "after");
    room.settle();
    assert_eq!(sealed_to(&room, 0, room.desks[0].replica.organisation_space(), device), new.id());
    assert_eq!(room.read(boris, channel), ["before", "after"]);
    let old = identity(boris as u64 + 1);
    let both = Identity { signing: old.signing.clone(), sealing: vec![new.clone(), old.sealing[0].clone()] };
    room.restart(boris, both, usize::MAX);
    assert_eq!(room.read(boris, channel), ["before", "after"]);
    // Without the old key what was granted at the beginning stays closed, unless a newer epoch wraps it.
    let only_old = identity(boris as u64 + 1);
    room.restart(boris, only_old, usize::MAX);
    assert_eq!(room.read(boris, channel), ["before"]);
}

#[test]
fn where_the_policy_forbids_it_nobody_takes_another_sealing_key_by_himself() {
    let mut room = Room::found();
    let boris = room.hire("boris", None);
    let policy = Policy { self_renew: false, ..Policy::with_domains(vec!["romashka.example".into()]) };
    room.want(0, Command::SetPolicy(Box::new(policy))).unwrap();
    room.settle();
    let renew = || Command::Renew(Box::new(SealingKey::draw(&mut Seeded(77))));
    assert!(matches!(room.want(boris, renew()), Err(Refusal::Denied(_))));
    room.desks[boris].replica.unchecked = true;
    let before = room.desks[0].replica.authority().state().hash();
    room.want(boris, renew()).unwrap();
    room.settle();
    assert_eq!(room.desks[0].replica.authority().state().hash(), before);
    assert!(room.desks[0].rejected.contains(&Rejected::VoidAct));
}

#[test]
fn abuse_34_who_goes_on_from_the_home_of_yesterday_loses_nothing_and_contradicts_nobody() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let boris = room.hire("boris", None);
    room.post(boris, channel, "the day before");
    room.settle();
    let yesterday = room.desks[boris].disk.len();
    room.post(boris, channel, "yesterday");
    room.settle();
    room.unlink(0, boris);
    room.restart(boris, identity(boris as u64 + 1), yesterday);
    room.now += 1_000;
    room.post(boris, channel, "from the old home");
    room.link(0, boris);
    room.settle();
    for at in [0, boris] {
        assert_eq!(room.read(at, channel), ["the day before", "yesterday", "from the old home"], "desk {at}");
        assert!(!room.desks[at].alarms.contains(&AlarmKind::Fork), "desk {at}");
    }
}

#[test]
fn the_policy_says_who_pins_and_how_long_an_author_takes_back() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let boris = room.hire("boris", None);
    let (early, late) = (room.post(boris, channel, "early"), room.post(boris, channel, "late"));
    let set = |room: &mut Room, pin, retract_window_ms| {
        let policy = Policy { pin, retract_window_ms, ..Policy::with_domains(vec!["romashka.example".into()]) };
        room.want(0, Command::SetPolicy(Box::new(policy))).unwrap();
        room.settle();
    };
    let say = |room: &mut Room, at, record| {
        room.want(at, Command::Post { space: channel, record: Box::new(record), text: None }).unwrap();
        room.settle();
    };
    let pinned = |room: &Room| {
        let desk = &room.desks[0];
        let lens = desk.replica.lens(&channel).unwrap();
        let base = desk.placed.values().find(|it| it.id == early).unwrap();
        let notes: Vec<Placed> = desk.placed.values().filter(|it| it.note_target() == Some(early)).cloned().collect();
        project(base, &notes, &lens, Timestamp(room.now)).pinned_by
    };
    let pin = || Record { what: What::Pin { add: true }, ..Record::retract(early) };
    say(&mut room, boris, pin());
    assert!(pinned(&room).is_some(), "by default members pin");
    set(&mut room, Who::Leads, 60 * 60 * 1_000);
    assert!(pinned(&room).is_none(), "it is judged by the policy of now");
    say(&mut room, 0, pin());
    assert_eq!(pinned(&room), room.desks[0].replica.person());
    say(&mut room, boris, Record::retract(early));
    room.now += 2 * 60 * 60 * 1_000;
    say(&mut room, boris, Record::retract(late));
    assert_eq!(room.read(0, channel), ["(retracted)", "late"]);
    say(&mut room, 0, Record::retract(late));
    assert_eq!(room.read(0, channel), ["(retracted)", "(retracted)"], "who moderates has no window");
}
