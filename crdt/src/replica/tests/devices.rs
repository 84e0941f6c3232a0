//! A further device of somebody, let in by himself or by who may.

use super::room::identity;
use super::roster::{person, private};
use super::*;
use crate::authority::{Denied, Role};

/// Lets a new desk in as a device of `whose`, by the desk `by`; linked with it where that worked.
fn further(room: &mut Room, by: usize, whose: usize) -> Result<usize, Refusal> {
    let at = room.desks.len();
    let newcomer = identity(at as u64 + 100);
    let new = NewDevice {
        person: person(room, whose),
        device_key: newcomer.signing.verifying_key().to_bytes(),
        seal_key: *newcomer.sealing[0].public().as_bytes(),
        device_name: "second".into(),
    };
    room.want(by, Command::AddDevice(Box::new(new)))?;
    let mut desk = room::Desk::new(room.desks[by].replica.org(), newcomer, at as u64 + 1);
    desk.rng.0 = at as u64 * 1_000_003;
    room.desks.push(desk);
    room.input(at, Input::Restored { clean: false, unopened: Vec::new() });
    let organisation = room.desks[by].replica.organisation_space();
    let held = room.desks[by].disk.iter().filter(|it| it.run.space() == organisation);
    let (chain, from) = (held.map(Packet::encode).collect::<Vec<_>>(), room.desks[by].replica.device());
    for bytes in chain {
        room.offer(at, from, bytes);
    }
    room.link(by, at);
    room.settle();
    Ok(at)
}

/// Boris reads what is open to all, a private channel of Anna, and direct words with Vera.
fn office() -> (Room, [usize; 2], [SpaceId; 3]) {
    let mut room = Room::found();
    let open = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    let closed = private(&mut room, &[boris, vera]);
    let org = room.desks[0].replica.org();
    let direct = SpaceId::direct(&org, &person(&room, boris), &person(&room, vera));
    room.want(vera, Command::OpenDirect(person(&room, boris))).unwrap();
    for (at, space, text) in [(0, open, "всем"), (0, closed, "нам"), (vera, direct, "тебе")] {
        room.post(at, space, text);
    }
    room.settle();
    (room, [boris, vera], [open, closed, direct])
}

#[test]
fn who_has_no_device_left_is_let_in_at_another_by_an_administrator_and_reads_what_he_read() {
    let (mut room, [boris, vera], [open, closed, direct]) = office();
    room.unlink(0, boris);
    room.unlink(boris, vera);
    let again = further(&mut room, 0, boris).unwrap();
    room.link(again, vera);
    room.settle();
    assert_eq!(person(&room, again), person(&room, boris));
    let read = [open, closed, direct].map(|it| room.read(again, it));
    assert_eq!(read, [["всем"], ["нам"], ["тебе"]], "by grants of those who hold the keys");
    room.post(again, direct, "я снова тут");
    room.settle();
    assert_eq!(room.read(vera, direct), ["тебе", "я снова тут"]);
    let device = room.desks[again].replica.device();
    let authority = room.desks[vera].replica.authority();
    assert!(authority.state().devices[&device].confirmed, "it stands by itself");
    let act = authority.audit().find(|it| it.id == authority.state().devices[&device].enrolled).unwrap();
    assert_eq!(act.device, room.desks[0].replica.device(), "everybody sees who let it in");
}

#[test]
fn nobody_lets_in_a_device_of_somebody_whom_he_could_not_invite_also_with_his_check_off() {
    let (mut room, [boris, vera], [open, ..]) = office();
    let registrar = Command::SetRole { person: person(&room, vera), role: Role::Registrar, caps: Caps(0) };
    room.want(0, registrar).unwrap();
    room.settle();
    assert_eq!(further(&mut room, boris, vera), Err(Refusal::Denied(Denied::Role)), "a plain member");
    assert_eq!(further(&mut room, vera, 0), Err(Refusal::Denied(Denied::Senior)), "a registrar the owner's");
    for (by, whose) in [(boris, vera), (vera, 0)] {
        room.desks[by].replica.unchecked = true;
        let (hash, devices) = {
            let state = room.desks[0].replica.authority().state();
            (state.hash(), state.devices_of(&person(&room, whose)).count())
        };
        let new = NewDevice {
            person: person(&room, whose),
            device_key: identity(300 + by as u64).signing.verifying_key().to_bytes(),
            seal_key: *identity(300).sealing[0].public().as_bytes(),
            device_name: "mine".into(),
        };
        room.want(by, Command::AddDevice(Box::new(new))).unwrap();
        room.settle();
        let state = room.desks[0].replica.authority().state();
        assert_eq!((state.hash(), state.devices_of(&person(&room, whose)).count()), (hash, devices));
        assert!(
            room.desks[0].alarms.contains(&AlarmKind::VoidAct) && room.desks[0].rejected.contains(&Rejected::VoidAct)
        );
        room.desks[by].replica.unchecked = false;
    }
    assert!(further(&mut room, vera, boris).is_ok(), "a registrar a member's, whom he might have invited");
    assert_eq!(room.read(boris, open), ["всем"]);
}
