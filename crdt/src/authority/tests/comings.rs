//! Who comes in and with what: invitations, devices that stand by themselves, roles and what they rest on.

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{CertId, SealKeyId, SpaceId, sha256};

fn tried(story: &mut Story, by: u64, act: &Act) -> Option<Denied> {
    let id = story.now(by, act);
    story.told().denied(&id)
}

fn invitation(code: u64, number: u64, change: impl FnOnce(&mut InviteCreated)) -> Act {
    let Act::InviteCreated(mut act) = invite(code, number, Role::Member) else { unreachable!() };
    change(&mut act);
    Act::InviteCreated(act)
}

#[test]
fn an_invitation_is_for_one_use_and_for_nobody_who_was_removed() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    for uses in [0, 2] {
        assert_eq!(tried(&mut story, OWNER, &invitation(9, 9, |it| it.max_uses = uses)), Some(Denied::Taken));
    }
    story.remove(OWNER, 2);
    assert_eq!(tried(&mut story, OWNER, &invite(9, 2, Role::Member)), Some(Denied::Taken));
    assert_eq!(tried(&mut story, OWNER, &invite(9, 9, Role::Member)), None);
    assert_eq!(tried(&mut story, OWNER, &invite(9, 10, Role::Member)), Some(Denied::Taken), "the same code");
    assert_eq!(tried(&mut story, OWNER, &cancel(77)), Some(Denied::Unknown));
}

#[test]
fn a_used_invitation_stays_used_when_it_is_withdrawn() {
    let mut story = Story::found();
    story.now(OWNER, &invite(9, 9, Role::Member));
    let used = story.now(OWNER, &enrol(Some(9), 9, Role::Member));
    assert_eq!(tried(&mut story, OWNER, &cancel(9)), None);
    assert_eq!(story.told().state().invites[&invite_id(9)].state, InviteState::Used(used));
    assert_eq!(tried(&mut story, OWNER, &enrol_as(Some(9), 9, 99, Role::Member)), Some(Denied::Taken));
}

/// Teams and channels of an invitation are given on the authority of who made it, by what he may when somebody comes in.
#[test]
fn an_invitation_opens_only_what_its_author_may_open() {
    let mut story = Story::found();
    for number in [2, 3] {
        story.hire(OWNER, number, Role::Registrar);
    }
    let (own, other) = (SpaceId::of_act(&story.now(OWNER, &team())), SpaceId::of_act(&story.now(OWNER, &team())));
    story.now(OWNER, &team_member(own, 2, true, true));
    let read = SpaceId::of_act(&story.now(OWNER, &channel(Some(own))));
    let unread = SpaceId::of_act(&story.now(OWNER, &channel(Some(other))));
    story.now(2, &invitation(8, 8, |it| it.teams = vec![own, other]));
    story.now(3, &enrol(Some(8), 8, Role::Member));
    let guest = |it: &mut InviteCreated| {
        (it.role, it.until, it.spaces) = (Role::Guest, Some(5), Some(vec![read, unread]));
    };
    story.now(2, &invitation(9, 9, guest));
    story.now(3, &enrol(Some(9), 9, Role::Guest));
    let authority = story.told();
    let state = authority.state();
    assert_eq!(state.teams[&own].members.get(&person(8)), Some(&false), "he is in, and no lead");
    assert!(!state.teams[&other].members.contains_key(&person(8)));
    let Guest { until, spaces } = state.persons[&person(9)].guest.clone().unwrap();
    assert_eq!((until, spaces.into_iter().collect::<Vec<_>>()), (5, vec![read]));
    assert!(state.members(&read).contains(&person(9)) && !state.members(&unread).contains(&person(9)));
    assert!(state.persons[&person(8)].guest.is_none());
    // Who came by a registrar stands one step below him, whoever let him in.
    let depth = |number: u64| state.persons[&person(number)].depth;
    assert_eq!((depth(8), depth(2)), (depth(2) + 1, depth(OWNER) + 1));
}

/// A device that the lost one added falls with it, unless another device of the same person stands for it.
#[test]
fn only_another_active_device_of_the_same_person_stands_for_a_device() {
    let falls = |by: u64, act: Act, freeze_first: bool| {
        let mut story = Story::with_admins([5]);
        story.hire(OWNER, 2, Role::Member);
        story.hire(OWNER, 3, Role::Member);
        for added in [21, 22] {
            story.now(2, &add_device(2, added));
        }
        if freeze_first {
            story.now(OWNER, &freeze(21, true));
        }
        tried(&mut story, by, &act);
        story.now(OWNER, &revocation(2, 2, story.cut(&[2, 21, 22], &story.heads())));
        let authority = story.told();
        authority.state().devices[&device(21)].standing == Standing::Revoked
    };
    assert!(!falls(22, add_device(2, 21), false), "another one of his");
    assert!(falls(2, add_device(2, 21), false), "the one that added it");
    assert!(falls(21, add_device(2, 21), false), "itself");
    assert!(falls(3, add_device(2, 21), false), "somebody else");
    assert!(falls(5, add_device(2, 21), false), "an administrator names nobody else's device");
    assert!(falls(22, add_device(3, 21), false), "not as his");
    assert!(falls(22, add_device(2, 21), true), "a frozen one");
    let Act::AddDevice(act) = add_device(2, 21) else { unreachable!() };
    assert!(falls(22, Act::AddDevice(AddDevice { seal_pk: [3; 32], ..act }), false), "with another sealing key");
}

/// A key that somebody named as his own by himself does not keep its true holder out; a key that was let in is taken.
#[test]
fn who_lets_people_in_takes_a_key_back_from_somebody_who_claimed_it() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    assert_eq!(tried(&mut story, 3, &add_device(3, 9)), None);
    story.now(2, &invite(9, 9, Role::Member));
    assert_eq!(tried(&mut story, 2, &enrol(Some(9), 9, Role::Member)), None);
    let authority = story.told();
    let state = authority.state();
    assert_eq!(state.person_of(&device(9)), Some(person(9)));
    assert_eq!(state.devices_of(&person(3)).map(|it| it.0).collect::<Vec<_>>(), [device(3)]);
    assert_eq!(state.admitted_by(&device(9)), Some(device(2)));
    story.now(2, &invite(10, 10, Role::Member));
    assert_eq!(tried(&mut story, 2, &enrol_as(Some(10), 10, 9, Role::Member)), Some(Denied::Taken));
    assert_eq!(tried(&mut story, 2, &enrol_as(Some(10), 10, ROOT, Role::Member)), Some(Denied::Taken));
}

#[test]
fn a_device_takes_a_new_sealing_key_under_its_own_name_only() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    let renew = |seed: u8, id: Option<SealKeyId>| {
        let seal_pk = sha256(&[&[seed]]);
        let seal_key_id = id.unwrap_or(SealKeyId::of_key(&seal_pk));
        Act::Renew(Renew { seal_pk, seal_key_id, cti: CertId([1; 16]), certificate: 0 })
    };
    assert_eq!(tried(&mut story, 2, &renew(1, Some(SealKeyId([0; 8])))), Some(Denied::Taken), "not its name");
    assert_eq!(tried(&mut story, 2, &renew(1, None)), None);
    assert_eq!(tried(&mut story, 2, &renew(1, None)), Some(Denied::Taken), "it has it already");
    assert_eq!(tried(&mut story, 2, &renew(2, None)), None);
    let seal_pk = sha256(&[&[2]]);
    let now = story.told().state().devices[&device(2)].clone();
    assert_eq!((now.seal_key, now.seal_key_id), (seal_pk, SealKeyId::of_key(&seal_pk)));
    assert_eq!(story.told().state().devices[&device(OWNER)].seal_key, [2; 32], "nobody else's");
    assert_eq!(tried(&mut story, ROOT, &renew(3, None)), Some(Denied::NotMember), "the root has none");
}

/// Bots, offices and archives: three marks, each by who has the capability, on somebody who is there for it.
#[test]
fn marks_are_put_on_and_taken_off_by_who_may_and_on_nothing_that_is_not_there() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    story.hire(OWNER, 4, Role::Member);
    let bot = |number: u64, on: bool| Act::BotRegister(BotRegister { person: person(number), on });
    let office = |number: u64, on: bool| Act::OfficeNode(OfficeNode { device: device(number), on });
    let open = |number: u64| Act::ArchiveOpen(ArchiveOpen { person: person(number), reason: 0 });
    for on in [true, false] {
        assert_eq!(tried(&mut story, 3, &bot(4, on)), Some(Denied::Role));
        assert_eq!(tried(&mut story, 3, &office(4, on)), Some(Denied::Role));
        assert_eq!((tried(&mut story, 2, &bot(4, on)), tried(&mut story, 2, &office(4, on))), (None, None));
        let authority = story.told();
        assert_eq!(authority.state().persons[&person(4)].bot, on);
        assert_eq!(authority.state().devices[&device(4)].office, on);
    }
    assert_eq!(tried(&mut story, 2, &bot(99, true)), Some(Denied::Unknown));
    assert_eq!(tried(&mut story, 2, &office(99, true)), Some(Denied::Unknown));
    assert_eq!(tried(&mut story, OWNER, &open(4)), Some(Denied::Unknown), "he is here");
    assert_eq!(tried(&mut story, OWNER, &open(99)), Some(Denied::Unknown));
    story.remove(OWNER, 4);
    assert_eq!(tried(&mut story, 3, &open(4)), Some(Denied::Role));
    assert!(story.told().state().archives.is_empty());
    assert_eq!(tried(&mut story, OWNER, &open(4)), None);
    assert!(story.told().state().archives[&person(OWNER)].contains(&person(4)));
}

/// The word for it on the command line and its number on the wire lead back to the role.
#[test]
fn roles_and_standings_have_names_and_numbers_of_their_own() {
    let roles = [Role::Owner, Role::Admin, Role::Registrar, Role::Member, Role::Guest];
    let named = ["owner", "admin", "registrar", "member", "guest"];
    assert_eq!(roles.map(Role::name), named);
    assert_eq!(named.map(Role::from_name), roles.map(Some));
    assert_eq!(roles.map(Role::rank), [1, 2, 3, 4, 5]);
    assert_eq!([1, 2, 3, 4, 5].map(Role::from_rank), roles.map(Some));
    assert_eq!((Role::from_name("root"), Role::from_rank(0), Role::from_rank(6)), (None, None, None));
    let standings = [Standing::Active, Standing::Revoked, Standing::Frozen];
    assert_eq!(standings.map(Standing::name), ["active", "revoked", "frozen"]);
}
