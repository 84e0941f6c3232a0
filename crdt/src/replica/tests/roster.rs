//! Rosters: what counts is who knew what, not whose clock says what.

mod rules;

use super::*;

/// A private channel of desk 0 with these others.
pub(super) fn private(room: &mut Room, others: &[usize]) -> SpaceId {
    let persons = others.iter().map(|it| person(room, *it)).collect();
    let create = Command::CreatePrivate { group: false, name: "тайна".into(), shared_history: false, persons };
    let space = room.space(0, create);
    room.settle();
    space
}

pub(super) fn person(room: &Room, at: usize) -> PersonId {
    room.desks[at].replica.person().unwrap()
}

#[test]
fn who_comes_back_is_in_although_the_clock_of_the_removal_was_ahead() {
    let mut room = Room::found();
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    let space = private(&mut room, &[boris, vera]);
    let (boris_id, vera_id) = (person(&room, boris), person(&room, vera));
    room.want(0, Command::ChannelRole { channel: space, person: boris_id, moderator: Some(true), poster: None })
        .unwrap();
    room.settle();
    let true_time = room.now;
    room.now += 3_600_000;
    room.want(0, Command::RosterMember { space, person: vera_id, member: false }).unwrap();
    room.now = true_time + 60_000;
    room.settle();
    assert!(!room.desks[boris].replica.members(&space).contains(&vera_id));
    // Boris knows of it, and his clock is right: an hour before the removal, as clocks go.
    room.want(boris, Command::RosterMember { space, person: vera_id, member: true }).unwrap();
    room.settle();
    for at in [0, boris, vera] {
        assert!(room.desks[at].replica.members(&space).contains(&vera_id), "desk {at}");
    }
}

#[test]
fn a_removal_stands_against_an_addition_that_did_not_know_of_it_whatever_the_clocks_say() {
    let mut room = Room::found();
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    let space = private(&mut room, &[boris, vera]);
    let (boris_id, vera_id) = (person(&room, boris), person(&room, vera));
    room.want(0, Command::ChannelRole { channel: space, person: boris_id, moderator: Some(true), poster: None })
        .unwrap();
    room.settle();
    room.unlink(0, boris);
    room.want(0, Command::RosterMember { space, person: vera_id, member: false }).unwrap();
    room.now += 60_000;
    // Later by the clock, and without knowing: to add a member once more would otherwise undo the removal.
    room.want(boris, Command::RosterMember { space, person: vera_id, member: true }).unwrap();
    room.link(0, boris);
    room.settle();
    for at in [0, boris] {
        assert!(!room.desks[at].replica.members(&space).contains(&vera_id), "desk {at}");
    }
}
