//! Who goes and what of it is remembered: devices taken and given back, the last owner, who may raise whom.

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::SpaceId;
use crate::limits;

fn tried(story: &mut Story, by: u64, act: &Act) -> Option<Denied> {
    let id = story.now(by, act);
    story.told().denied(&id)
}

/// Only who may freeze releases; what anybody else says of it gives the frozen one nothing.
#[test]
fn a_release_by_somebody_who_may_not_releases_nobody() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 4, Role::Member);
    story.now(OWNER, &freeze(2, true));
    for by in [4, 2] {
        assert!(tried(&mut story, by, &freeze(2, false)).is_some());
        assert_eq!(tried(&mut story, 2, &team()), Some(Denied::NotMember));
        assert_eq!(story.told().state().devices[&device(2)].standing, Standing::Frozen);
    }
}

/// Keys are changed for what is in the list, and cuts say what of it stays.
#[test]
fn what_is_taken_for_ever_is_in_the_list_and_what_is_frozen_is_not() {
    let mut story = Story::found();
    for number in [2, 3, 4] {
        story.hire(OWNER, number, Role::Member);
    }
    story.now(OWNER, &freeze(2, true));
    story.now(OWNER, &freeze(2, false));
    assert!(story.told().state().removals.is_empty() && story.told().state().cuts.is_empty());
    let cut = story.cut(&[2], &story.heads());
    let revoked = story.now(OWNER, &revocation(2, 0, cut.clone()));
    let wiped = story.now(OWNER, &Act::Wipe(Wipe { device: device(3) }));
    let removed = story.now(OWNER, &removal(4, cut.clone()));
    let authority = story.told();
    let state = authority.state();
    let expected = [
        (revoked, Removed::Device(device(2))),
        (wiped, Removed::Device(device(3))),
        (removed, Removed::Person(person(4))),
    ];
    assert_eq!(state.removals, expected);
    assert_eq!(state.cuts.iter().collect::<Vec<_>>().len(), 2);
    assert!([revoked, removed].iter().all(|it| state.cuts[it] == cut));
    assert_eq!(state.persons[&person(4)].removed_by, Some(removed));
    // A second one does not take the first one's place.
    story.now(OWNER, &removal(4, Vec::new()));
    assert_eq!(story.told().state().persons[&person(4)].removed_by, Some(removed));
}

/// An owner without a device that counts is none who could take over.
#[test]
fn an_owner_whose_device_is_frozen_does_not_let_the_other_one_go() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.now(OWNER, &owner(2, true));
    story.now(ROOT, &freeze(2, true));
    assert_eq!(tried(&mut story, OWNER, &removal(OWNER, Vec::new())), Some(Denied::LastOwner));
    assert_eq!(tried(&mut story, OWNER, &revocation(OWNER, 0, Vec::new())), Some(Denied::LastOwner));
    assert_eq!(tried(&mut story, OWNER, &removal(2, Vec::new())), None, "he keeps nothing");
    assert_eq!(tried(&mut story, OWNER, &removal(OWNER, Vec::new())), Some(Denied::LastOwner), "nor does one who left");
}

/// Where no owner has a device any more the others are not held up: they take nothing from an owner.
#[test]
fn administrators_go_on_where_the_last_owner_has_lost_his_device() {
    let mut story = Story::with_admins([2]);
    for number in [4, 5] {
        story.hire(OWNER, number, Role::Member);
    }
    story.now(ROOT, &freeze(OWNER, true));
    assert_eq!(tried(&mut story, 2, &removal(4, Vec::new())), None);
    assert_eq!(tried(&mut story, 2, &revocation(5, 0, Vec::new())), None);
    let authority = story.told();
    assert_eq!(authority.state().may_remove(&person(2), &person(5)), Ok(()));
}

#[test]
fn nobody_is_made_an_owner_by_a_role_and_the_reason_is_told_as_it_is() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    assert_eq!(tried(&mut story, OWNER, &role(3, Role::Owner)), Some(Denied::MoreThanOwn));
    assert_eq!(tried(&mut story, 2, &role(3, Role::Owner)), Some(Denied::MoreThanOwn));
    let authority = story.told();
    let may = |by: u64, whom: u64| authority.state().may_set_role(&person(by), &person(whom), Role::Member, Caps(0));
    assert_eq!((may(2, OWNER), may(OWNER, OWNER)), (Err(Denied::Senior), Err(Denied::RootOnly)));
    assert_eq!(may(3, 2), Err(Denied::Role));
}

/// What a role brings and what is given besides are one set, whether they have something in common or not.
#[test]
fn capabilities_given_twice_are_given() {
    let (one, other) = (Caps::ENROL.with(Caps::MODERATE), Caps::MODERATE.with(Caps::SET_POLICY));
    let both = one.with(other);
    assert!(both.contains(one) && both.contains(other) && !both.contains(Caps::ARCHIVE_READ));
    assert!(!one.contains(other) && one.contains(Caps(0)));
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.now(OWNER, &Act::SetRole(SetRole { person: person(2), role: Role::Registrar, caps: one }));
    assert_eq!(story.told().state().persons[&person(2)].caps, one);
}

#[test]
fn who_has_as_many_own_devices_as_he_may_is_told_so() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    for number in 0..limits::OWN_DEVICES_MAX {
        assert_eq!(story.told().state().may_add_own_device(&person(2)), Ok(()), "{number}");
        story.now(2, &add_device(2, 200 + number));
    }
    assert_eq!(story.told().state().may_add_own_device(&person(2)), Err(Denied::Policy));
    assert_eq!(story.told().state().may_add_own_device(&person(OWNER)), Ok(()), "who lets people in has no such bound");
    assert_eq!(story.told().state().may_add_own_device(&person(99)), Err(Denied::NotMember));
}

/// Only the founder comes in without an invitation, once.
#[test]
fn nobody_is_let_in_without_an_invitation() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    for by in [OWNER, 2, 3, ROOT] {
        assert_eq!(tried(&mut story, by, &enrol(None, 5, Role::Owner)), Some(Denied::RootOnly), "{by}");
    }
    assert!(!story.told().state().persons.contains_key(&person(5)));
}

#[test]
fn an_organisation_begins_once() {
    let mut story = Story::found();
    let policy = Policy::with_domains(vec!["other.example".into()]);
    let again = Act::Genesis(Genesis { name: 0, root_pk: public(OWNER), policy, created: 2 });
    assert_eq!(tried(&mut story, OWNER, &again), Some(Denied::RootOnly));
    assert_eq!(story.told().state().root, Some(public(ROOT)));
}

/// A lead, who made the channel, or who moderates everywhere; each of them suffices.
#[test]
fn who_names_moderators_of_a_channel() {
    let mut story = Story::with_admins([2]);
    for number in [3, 4] {
        story.hire(OWNER, number, Role::Member);
    }
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    for number in [3, 4] {
        story.now(OWNER, &team_member(team, number, true, true));
    }
    let of_team = SpaceId::of_act(&story.now(OWNER, &channel(Some(team))));
    let own = SpaceId::of_act(&story.now(4, &channel(Some(team))));
    story.now(OWNER, &team_member(team, 4, true, false));
    let authority = story.told();
    let may = |by: u64, channel: SpaceId| authority.state().may_appoint(&person(by), &channel);
    assert_eq!([may(3, of_team), may(3, own), may(4, own), may(2, own)], [Ok(()); 4]);
    assert_eq!(may(4, of_team), Err(Denied::Role), "he neither leads the team any more nor made it");
}
