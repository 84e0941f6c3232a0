//! Tests of `replica`.

mod archive;
mod devices;
mod exchange;
mod keys;
mod removal;
mod restart;
mod rights;
mod room;
mod roster;

use super::*;
use room::{Room, Seeded, identity};

use std::collections::BTreeSet;

use crate::authority::{Caps, Role};
use crate::cert::Email;
use crate::invite::InviteSecret;
use crate::timeline::{Record, project};

#[test]
fn two_talk_in_a_channel_and_edit_and_retract() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    room.post(0, channel, "before the colleague came");
    let boris = room.hire("boris", None);
    assert_eq!(room.read(boris, channel), ["before the colleague came"]);
    let hello = room.post(boris, channel, "привет");
    room.settle();
    assert_eq!(room.read(0, channel), ["before the colleague came", "привет"]);
    let edit =
        Command::Post { space: channel, record: Box::new(Record::edit(hello)), text: Some("Привет!".into()) };
    room.want(boris, edit).unwrap();
    room.settle();
    assert_eq!(room.read(0, channel)[1], "Привет!");
    let retract = Command::Post { space: channel, record: Box::new(Record::retract(hello)), text: None };
    room.want(boris, retract).unwrap();
    room.settle();
    assert_eq!(room.read(0, channel)[1], "(retracted)");
    assert_eq!(room.desks[0].replica.heads_digest(&channel), room.desks[boris].replica.heads_digest(&channel));
    assert!(room.desks.iter().all(|it| it.alarms.is_empty() && it.rejected.is_empty()));
}

#[test]
fn a_partition_heals_and_a_late_joiner_reads_everything() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let boris = room.hire("boris", None);
    room.unlink(0, boris);
    for number in 0..5 {
        room.post(0, channel, &format!("anna {number}"));
        room.now += 7;
        room.post(boris, channel, &format!("boris {number}"));
        room.now += 7;
    }
    room.link(0, boris);
    room.settle();
    assert_eq!(room.read(0, channel), room.read(boris, channel));
    assert_eq!(room.read(0, channel).len(), 10);
    let vera = room.hire("vera", None);
    assert_eq!(room.read(vera, channel), room.read(0, channel));
}

#[test]
fn a_direct_message_and_a_private_channel_stay_between_their_members() {
    let mut room = Room::found();
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    let person = |room: &Room, at: usize| room.desks[at].replica.person().unwrap();
    let (anna_id, boris_id) = (person(&room, 0), person(&room, boris));
    let direct = room.space(boris, Command::OpenDirect(anna_id));
    room.post(boris, direct, "только тебе");
    room.settle();
    assert_eq!(room.read(0, direct), ["только тебе"]);
    let private = room.space(
        0,
        Command::CreatePrivate {
            group: false,
            name: "тайна".into(),
            shared_history: false,
            persons: BTreeSet::from([boris_id]),
        },
    );
    room.post(0, private, "на двоих");
    room.settle();
    assert_eq!(room.read(boris, private), ["на двоих"]);
    room.post(boris, private, "понял");
    room.settle();
    assert_eq!(room.read(0, private), ["на двоих", "понял"]);
    let of_vera = &room.desks[vera];
    assert!(of_vera.replica.space(&direct).is_none() && of_vera.replica.space(&private).is_none());
    assert!(of_vera.disk.iter().all(|it| it.run.space() != direct && it.run.space() != private));
    let vera_id = person(&room, vera);
    room.want(0, Command::RosterMember { space: private, person: vera_id, member: true }).unwrap();
    room.settle();
    room.post(0, private, "теперь трое");
    room.settle();
    // Her history begins with her: what was before has no key here and is no row.
    assert_eq!(room.read(vera, private), ["теперь трое"]);
}

#[test]
fn a_plain_member_creates_no_channel_and_invites_nobody() {
    let mut room = Room::found();
    let boris = room.hire("boris", None);
    let refused = room.want(boris, Command::CreateChannel { name: "мой".into(), team: None });
    assert!(matches!(refused, Err(Refusal::Denied(_))), "{refused:?}");
    let secret = InviteSecret::random(&mut Seeded(1));
    let email = Email::parse("gleb@romashka.example").unwrap();
    let invite = Command::Invite {
        secret,
        email,
        name: "gleb".into(),
        role: Role::Member,
        team: None,
        auto_admit: false,
        life: crate::limits::INVITE_LIFE,
    };
    assert!(matches!(room.want(boris, invite), Err(Refusal::Denied(_))));
}

#[test]
fn a_team_channel_is_read_by_the_team_only() {
    let mut room = Room::found();
    let team = room.space(0, Command::CreateTeam { name: "бухгалтерия".into() });
    let channel = room.space(0, Command::CreateChannel { name: "отчёты".into(), team: Some(team) });
    room.post(0, channel, "до Бориса");
    let (boris, vera) = (room.hire("boris", Some(team)), room.hire("vera", None));
    room.settle();
    assert_eq!(room.read(boris, channel), ["до Бориса"]);
    assert!(room.desks[vera].disk.iter().all(|it| it.run.space() != channel));
    room.post(boris, channel, "после");
    room.settle();
    assert_eq!(room.read(0, channel), ["до Бориса", "после"]);
}

/// Acts that a device has no right to, the first ones of a log, `length` of them; each `team` is another branch.
fn branch(room: &Room, of: usize, team: u8, length: u64) -> Vec<Vec<u8>> {
    branch_behind(room, of, team, length, &[])
}

/// The same, naming what it has seen.
fn branch_behind(room: &Room, of: usize, team: u8, length: u64, seen: &[EntryId]) -> Vec<Vec<u8>> {
    let (key, org) = (identity(of as u64 + 1).signing.clone(), room.desks[0].replica.org());
    let mut prev = None;
    let entry = |seq| {
        let signed = crate::entry::Entry {
            device: room.desks[of].replica.device(),
            space: SpaceId::organisation(&org),
            inc: crate::id::Inc([7; 8]),
            seq,
            prev,
            seen: seen.to_vec(),
            hlc: Hlc { ms: 1_000_000 + seq, ctr: 0 },
            kind: crate::entry::Kind::Act,
            epoch: None,
            body: crate::authority::Act::TeamDefaults(crate::authority::TeamDefaults {
                team: SpaceId([team; 16]),
                channels: Vec::new(),
            })
            .encode(),
            blobs: Vec::new(),
        }
        .sign(&org, &key);
        prev = Some(signed.id);
        Packet::of(crate::run::Run::own(signed)).encode()
    };
    (0..length).map(entry).collect()
}

/// One who tells different things, whom nobody hears any more, and a third one; all met before.
fn with_a_liar() -> (Room, usize, usize) {
    let mut room = Room::found();
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.settle();
    room.unlink(0, boris);
    room.unlink(boris, vera);
    room.unlink(0, vera);
    (room, boris, vera)
}

#[test]
fn abuse_8_a_device_that_tells_two_colleagues_different_things_is_frozen_at_both() {
    let (mut room, boris, vera) = with_a_liar();
    let device = room.desks[boris].replica.device();
    // To one he shows a short log, to the other a longer one.
    for (at, team, length) in [(0, 1, 1), (vera, 2, 3)] {
        for packet in branch(&room, boris, team, length) {
            room.offer(at, device, packet);
        }
    }
    room.link(0, vera);
    room.settle();
    for at in [0, vera] {
        let replica = &room.desks[at].replica;
        assert!(!replica.authority().state().is_active(&device), "{at}");
        assert!(room.desks[at].alarms.contains(&AlarmKind::Fork));
    }
    let (one, other) = (&room.desks[0].replica, &room.desks[vera].replica);
    assert_eq!(one.authority().state().hash(), other.authority().state().hash());
    // Each keeps the branch it had and the other beside it, and they find themselves equal.
    let organisation = one.organisation_space();
    assert_eq!(one.heads_digest(&organisation), other.heads_digest(&organisation));
    // Apart from each other, each still knows both branches after a restart.
    let before = one.authority().state().hash();
    let devices = [0, vera].map(|it| room.desks[it].replica.device());
    let theirs = room.desks[vera].replica.summary_for(&devices[0]);
    assert_eq!(room.desks[0].replica.summary_for(&devices[1]), theirs);
    room.unlink(0, vera);
    for at in [0, vera] {
        room.restart(at, identity(at as u64 + 1), usize::MAX);
        let desk = &room.desks[at];
        assert_eq!(desk.replica.authority().state().hash(), before, "{at}");
        assert!(desk.alarms.contains(&AlarmKind::Fork), "{at}");
        assert!(!desk.beside.is_empty(), "{at}");
    }
}

/// An honest act may rest on the branch that few were shown: who holds the same log as they do is told of it all the same.
#[test]
fn abuse_8_who_lacks_one_of_two_branches_gets_it_though_the_logs_are_equal() {
    let (mut room, boris, vera) = with_a_liar();
    let device = room.desks[boris].replica.device();
    let (shown_to_all, shown_to_one) = (branch(&room, boris, 1, 1), branch(&room, boris, 2, 3));
    for (at, packets) in [(0, &shown_to_all), (vera, &shown_to_all), (0, &shown_to_one)] {
        for packet in packets {
            room.offer(at, device, packet.clone());
        }
    }
    let known = |room: &Room, at: usize| room.desks[at].replica.authority().len();
    assert_eq!(known(&room, 0), known(&room, vera) + 3);
    room.link(0, vera);
    room.settle();
    assert_eq!(known(&room, 0), known(&room, vera));
    assert!(room.desks[vera].alarms.contains(&AlarmKind::Fork));
}

/// A liar names everything that was done. Who begins a new log after that names what he named, or the act would rest on
/// nothing and be void everywhere.
#[test]
fn abuse_8_a_liar_does_not_take_from_honest_acts_what_they_rest_on() {
    let (mut room, boris, vera) = with_a_liar();
    let device = room.desks[boris].replica.device();
    let heads = room.desks[0].replica.authority().heads();
    for packet in [branch(&room, boris, 1, 1), branch_behind(&room, boris, 2, 1, &heads)].concat() {
        room.offer(0, device, packet);
    }
    assert_eq!(room.desks[0].replica.authority().frontier(|_, _| false).len(), heads.len());
    room.restart(0, identity(1), usize::MAX);
    let team = room.space(0, Command::CreateTeam { name: "бухгалтерия".into() });
    room.link(0, vera);
    room.settle();
    for at in [0, vera] {
        assert!(room.desks[at].replica.authority().state().teams.contains_key(&team), "{at}");
    }
}

/// Pushes are lost, and between two of them both clocks are set back by an hour: the next heartbeat must lead to a new
/// comparison all the same, not when the clocks have caught up with the last one.
#[test]
fn clocks_set_back_do_not_stop_synchronisation() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let boris = room.hire("boris", None);
    let true_time = room.now + 60_000;
    room.now += 3_600_000;
    for text in ["первое", "второе"] {
        room.linked.clear();
        room.post(0, channel, text);
        room.mail.clear();
        room.linked.insert((0, boris));
        room.settle();
        room.now = true_time;
    }
    let texts = room.read(boris, channel);
    assert_eq!(texts.len(), 2);
}

/// Both sides compare when a link comes up, and heartbeats differ while much is under way: it is asked for once, and
/// again only after a silence.
#[test]
fn what_is_under_way_is_not_asked_for_again() {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let boris = room.hire("boris", None);
    room.unlink(0, boris);
    room.post(0, channel, "пока его не было");
    room.link(0, boris);
    room.mail.clear();
    let (anna, device) = (room.desks[0].replica.device(), room.desks[boris].replica.device());
    room.input(
        0,
        Input::Message { from: device, message: Message::Heads { space: channel, logs: vec![], answer: true } },
    );
    let (_, _, heads) = room.mail.pop_back().unwrap();
    let wants = |room: &mut Room| {
        room.mail.clear();
        room.input(boris, Input::Message { from: anna, message: heads.clone() });
        room.mail.iter().filter(|(.., it)| matches!(it, Message::Want { .. })).count()
    };
    assert_eq!(wants(&mut room), 1);
    assert_eq!(wants(&mut room), 0);
    room.now += 31_000;
    assert_eq!(wants(&mut room), 1);
    room.input(boris, Input::Message { from: anna, message: Message::Served(channel) });
    assert_eq!(wants(&mut room), 1);
}
