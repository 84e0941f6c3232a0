//! Dismissal: what is sealed afterwards is not for the dismissed, what he still writes is not shown, and everybody shows
//! the same.

use super::roster::{person, private};
use super::*;
use crate::timeline::{Hidden, Row};

impl Room {
    pub(super) fn rows(&self, at: usize, space: SpaceId) -> Vec<Row> {
        let desk = &self.desks[at];
        let Some(lens) = desk.replica.lens(&space) else { return Vec::new() };
        let bases = desk.placed.values().filter(|it| it.space == space && it.note_target().is_none());
        bases.map(|it| project(it, &[], &lens, Timestamp(self.now))).collect()
    }

    pub(super) fn remove(&mut self, by: usize, whom: usize, strict: bool) {
        let person = person(self, whom);
        self.want(by, Command::RemovePerson { person, strict }).unwrap();
    }

    /// Lets time pass until whoever waits for his turn has had it.
    pub(super) fn wait(&mut self, ms: u64) {
        for _ in 0..ms / 500 {
            self.turn();
        }
    }
}

fn hidden(rows: &[Row]) -> Vec<Option<Hidden>> {
    rows.iter().map(|it| it.hidden).collect()
}

/// Anna, Boris who will be dismissed, Vera; all connected.
fn office() -> (Room, usize, usize, SpaceId) {
    let mut room = Room::found();
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    room.post(boris, channel, "before");
    room.settle();
    (room, boris, vera, channel)
}

#[test]
fn abuse_14_who_was_removed_reads_nothing_that_is_sealed_afterwards() {
    let (mut room, boris, vera, channel) = office();
    room.remove(0, boris, false);
    room.settle();
    room.post(0, channel, "secret of anna");
    room.settle();
    room.post(vera, channel, "secret of vera");
    room.settle();
    // Everything that is ever written is given to him.
    let all: Vec<Vec<u8>> = room.desks[0].disk.iter().chain(&room.desks[vera].disk).map(Packet::encode).collect();
    let from = room.desks[0].replica.device();
    for bytes in all {
        room.offer(boris, from, bytes);
    }
    room.wait(15_000);
    let texts = room.read(boris, channel);
    assert!(texts.contains(&"before".to_owned()) && !texts.iter().any(|it| it.contains("secret")), "{texts:?}");
    assert_eq!(room.read(vera, channel), ["before", "secret of anna", "secret of vera"]);
}

#[test]
fn what_is_learnt_after_a_removal_is_held_and_then_cut_alike_everywhere() {
    let (mut room, boris, vera, channel) = office();
    // Vera and Boris are in the other half of the office when Anna dismisses him.
    room.unlink(0, boris);
    room.unlink(0, vera);
    room.remove(0, boris, false);
    room.unlink(boris, vera);
    room.post(boris, channel, "after the removal");
    room.link(boris, vera);
    room.wait(3_000);
    assert_eq!(room.rows(vera, channel).len(), 2, "she has not heard of it yet");
    room.unlink(boris, vera);
    room.link(0, vera);
    room.settle();
    for at in [0, vera] {
        assert_eq!(hidden(&room.rows(at, channel)), [None, Some(Hidden::Cut)], "desk {at}");
    }
    // Anna, who got it after she knew, does not vouch for it by going on; Vera had it before she heard.
    room.post(0, channel, "after that");
    room.settle();
    for at in [0, vera] {
        assert_eq!(hidden(&room.rows(at, channel)), [None, Some(Hidden::Cut), None], "desk {at}");
    }
    room.post(vera, channel, "and that");
    room.settle();
    for at in [0, vera] {
        assert_eq!(hidden(&room.rows(at, channel)), [None; 4], "desk {at}");
        assert_eq!(room.rows(at, channel)[1].vouched, Some(room.desks[vera].replica.device()), "desk {at}");
    }
    assert!(room.desks[vera].replica.authority().state().persons.len() == 3);
}

#[test]
fn what_is_held_stays_held_over_a_restart_and_the_cut_is_written_in_time() {
    let (mut room, boris, vera, _) = office();
    let vera_id = person(&room, vera);
    room.want(0, Command::SetRole { person: vera_id, role: Role::Admin, caps: Caps(0) }).unwrap();
    room.settle();
    let space = private(&mut room, &[boris]);
    room.post(boris, space, "in private");
    room.settle();
    // Vera is no member: who is will write the cut, but not at once.
    room.unlink(boris, vera);
    room.unlink(0, boris);
    room.remove(vera, boris, false);
    room.wait(1_000);
    room.post(boris, space, "after the removal");
    let from = room.desks[boris].replica.device();
    let late = room.desks[boris].disk.last().unwrap().encode();
    room.offer(0, from, late);
    assert_eq!(hidden(&room.rows(0, space)), [None, Some(Hidden::Held)]);
    room.unlink(0, vera);
    room.restart(0, identity(1), usize::MAX);
    assert_eq!(hidden(&room.rows(0, space)), [None, Some(Hidden::Held)], "it was not held when the removal was learnt");
    room.wait(80_000);
    assert_eq!(hidden(&room.rows(0, space)), [None, Some(Hidden::Cut)]);
}

#[test]
fn a_strict_removal_is_strict_after_a_restart_of_the_remover() {
    let (mut room, boris, vera, channel) = office();
    // The remover has nothing of him yet, so there is nothing to cut.
    let quiet = room.space(0, Command::CreateChannel { name: "тихий".into(), team: None });
    room.settle();
    for at in [0, vera] {
        room.unlink(at, boris);
    }
    room.unlink(0, vera);
    room.remove(0, boris, true);
    room.restart(0, identity(1), usize::MAX);
    room.link(boris, vera);
    for space in [quiet, channel] {
        room.post(boris, space, "seen by vera");
        room.settle();
        room.post(vera, space, "answer");
        room.settle();
    }
    room.unlink(boris, vera);
    room.link(0, vera);
    room.settle();
    for at in [0, vera] {
        assert_eq!(hidden(&room.rows(at, quiet)), [Some(Hidden::Cut), None], "desk {at}");
        assert_eq!(hidden(&room.rows(at, channel)), [None, Some(Hidden::Cut), None], "desk {at}");
    }
}

#[test]
fn abuse_5_above_the_cut_only_what_a_colleague_vouches_for_is_shown_and_alike_everywhere() {
    let (mut room, boris, vera, channel) = office();
    room.unlink(0, boris);
    room.unlink(0, vera);
    room.remove(0, boris, false);
    // Before she hears of it Vera answers him: she has seen what he said.
    room.post(boris, channel, "seen by vera");
    room.settle();
    room.post(vera, channel, "answer");
    room.settle();
    room.unlink(boris, vera);
    room.post(boris, channel, "seen by nobody");
    room.link(boris, vera);
    room.wait(2_000);
    room.unlink(boris, vera);
    room.link(0, vera);
    room.settle();
    let by = room.desks[vera].replica.device();
    for at in [0, vera] {
        let rows = room.rows(at, channel);
        let vouched: Vec<_> = rows.iter().map(|it| it.vouched).collect();
        assert_eq!(vouched, [None, Some(by), None, None], "desk {at}");
        assert_eq!(hidden(&rows), [None, None, None, Some(Hidden::Cut)], "desk {at}");
    }
}

#[test]
fn a_strict_removal_lets_nobody_vouch() {
    let (mut room, boris, vera, channel) = office();
    room.unlink(0, boris);
    room.unlink(0, vera);
    room.remove(0, boris, true);
    room.post(boris, channel, "seen by vera");
    room.settle();
    room.post(vera, channel, "answer");
    room.settle();
    room.unlink(boris, vera);
    room.link(0, vera);
    room.settle();
    for at in [0, vera] {
        assert_eq!(hidden(&room.rows(at, channel)), [None, Some(Hidden::Cut), None], "desk {at}");
    }
}

#[test]
fn where_the_remover_is_not_a_member_writes_the_cut() {
    let (mut room, boris, vera, _) = office();
    let vera_id = person(&room, vera);
    let lead = Command::SetRole { person: vera_id, role: Role::Admin, caps: Caps(0) };
    room.want(0, lead).unwrap();
    room.settle();
    let space = private(&mut room, &[boris]);
    room.post(boris, space, "in private");
    room.settle();
    // Vera, who knows nothing of the private channel, dismisses Boris.
    room.remove(vera, boris, false);
    room.settle();
    assert!(room.desks[0].disk.iter().all(|it| {
        it.run.space() != space || it.run.entries().iter().all(|it| it.entry.kind != crate::entry::Kind::Cut)
    }));
    room.wait(80_000);
    assert!(room.desks[0].disk.iter().any(|it| {
        it.run.space() == space && it.run.entries().iter().any(|it| it.entry.kind == crate::entry::Kind::Cut)
    }));
    room.post(boris, space, "once more");
    room.settle();
    assert_eq!(hidden(&room.rows(0, space))[0], None);
    assert!(hidden(&room.rows(0, space))[1..].iter().all(|it| *it == Some(Hidden::Cut)));
    assert!(room.desks[vera].replica.space(&space).is_none());
}

#[test]
fn a_revoked_device_is_out_and_its_person_stays() {
    let (mut room, boris, vera, channel) = office();
    let device = room.desks[boris].replica.device();
    room.want(0, Command::RevokeDevice { device, reason: 1 }).unwrap();
    room.settle();
    let state = room.desks[vera].replica.authority().state();
    assert!(!state.is_active(&device) && state.is_member(&person(&room, boris)));
    room.post(0, channel, "secret");
    room.settle();
    assert!(!room.read(boris, channel).contains(&"secret".to_owned()));
}

#[test]
fn a_frozen_device_is_released() {
    let (mut room, boris, vera, channel) = office();
    let device = room.desks[boris].replica.device();
    room.want(0, Command::Freeze { device, on: true }).unwrap();
    room.settle();
    assert!(!room.desks[vera].replica.authority().state().is_active(&device));
    room.want(0, Command::Freeze { device, on: false }).unwrap();
    room.settle();
    assert!(room.desks[vera].replica.authority().state().is_active(&device));
    room.post(0, channel, "again for all");
    room.settle();
    assert!(room.read(boris, channel).contains(&"again for all".to_owned()));
}

/// Only an administrative freeze is taken back; a device that contradicted itself comes back with a new key.
#[test]
fn a_device_that_contradicted_itself_is_not_released() {
    let (mut room, boris, _, _) = office();
    let (person, device) = (person(&room, boris), room.desks[boris].replica.device());
    room.want(0, Command::SetRole { person, role: Role::Admin, caps: Caps(0) }).unwrap();
    room.settle();
    room.space(boris, Command::CreateTeam { name: "склад".into() });
    room.settle();
    let organisation = room.desks[0].replica.organisation_space();
    let own = room.desks[0].disk.iter().flat_map(|it| it.run.entries());
    let own = own.filter(|it| it.entry.space == organisation && it.entry.device == device);
    let mut other = own.max_by_key(|it| it.entry.seq).unwrap().entry.clone();
    other.hlc.ctr += 1;
    let signed = other.sign(&room.desks[0].replica.org(), &identity(boris as u64 + 1).signing);
    room.offer(0, device, Packet::of(crate::run::Run::own(signed)).encode());
    room.settle();
    assert!(!room.desks[0].replica.authority().state().is_active(&device));
    let digest = room.desks[0].replica.authority().state().hash();
    assert_eq!(room.want(0, Command::Freeze { device, on: false }), Err(Refusal::Contradicted));
    room.settle();
    assert_eq!(room.desks[0].replica.authority().state().hash(), digest, "nothing was written");
}

#[test]
fn who_was_put_out_of_a_private_channel_cannot_bring_a_friend_in_by_dating_back() {
    let (mut room, boris, vera, _) = office();
    let space = private(&mut room, &[boris]);
    let (boris_id, vera_id) = (person(&room, boris), person(&room, vera));
    let moderator = Command::ChannelRole { channel: space, person: boris_id, moderator: Some(true), poster: None };
    room.want(0, moderator).unwrap();
    room.settle();
    room.unlink(0, boris);
    room.unlink(boris, vera);
    room.want(0, Command::RosterMember { space, person: boris_id, member: false }).unwrap();
    // He does not know of it, or acts as if he did not.
    room.want(boris, Command::RosterMember { space, person: vera_id, member: true }).unwrap();
    room.link(0, boris);
    let all: Vec<Vec<u8>> =
        room.desks[boris].disk.iter().filter(|it| it.run.space() == space).map(Packet::encode).collect();
    let from = room.desks[boris].replica.device();
    for bytes in all {
        room.offer(0, from, bytes);
    }
    room.settle();
    let members = room.desks[0].replica.members(&space);
    assert!(!members.contains(&vera_id) && !members.contains(&boris_id));
}

/// Who came in between cannot open how the channel was made and goes by the roster that an epoch carries; the removal that
/// this roster carries, and its cut, count for him all the same.
#[test]
fn a_newcomer_draws_the_same_line_as_those_who_were_there() {
    let mut room = Room::found();
    let (boris, vera, gleb) = (room.hire("boris", None), room.hire("vera", None), room.hire("gleb", None));
    let space = private(&mut room, &[boris, vera]);
    let (boris_id, gleb_id) = (person(&room, boris), person(&room, gleb));
    room.want(0, Command::RosterMember { space, person: gleb_id, member: true }).unwrap();
    room.settle();
    room.post(boris, space, "before");
    room.settle();
    room.unlink(0, boris);
    let late = room.post(boris, space, "after the removal");
    room.want(0, Command::RosterMember { space, person: boris_id, member: false }).unwrap();
    room.settle();
    let packet = room.desks[boris].disk.last().unwrap().encode();
    let from = room.desks[boris].replica.device();
    for at in [0, vera, gleb] {
        room.offer(at, from, packet.clone());
        room.settle();
        let row = room.rows(at, space).into_iter().find(|it| it.id == late);
        assert_eq!(row.map(|it| it.hidden), Some(Some(Hidden::Cut)), "desk {at}");
        assert!(room.read(at, space).contains(&"before".to_owned()), "desk {at}");
    }
}
