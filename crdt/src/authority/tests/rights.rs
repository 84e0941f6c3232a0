//! Rights: nobody gives more than he has, and nobody does what his role does not allow.

use std::collections::BTreeSet;

use crate::authority::testkit::*;
use crate::authority::*;
use crate::cert::{Email, email_tag};
use crate::entry::Kind;
use crate::id::{OrgId, SpaceId};

/// Writes with knowledge of everything and says what came of it.
fn tried(story: &mut Story, by: u64, act: &Act) -> Option<Denied> {
    let id = story.now(by, act);
    story.told().void().get(&id).copied()
}

#[test]
fn abuse_7_an_administrator_gives_no_more_than_he_has() {
    let mut story = Story::with_admins([2]);
    for number in [3, 4] {
        story.hire(OWNER, number, Role::Member);
    }
    let grant = |number: u64, caps: Caps| Act::AdminGrant(AdminGrant { person: person(number), caps, depth: 1 });
    assert_eq!(tried(&mut story, 2, &grant(3, Caps::ALL)), Some(Denied::MoreThanOwn));
    assert_eq!(tried(&mut story, 2, &grant(3, Caps::ENROL)), None);
    // Appointed with little, he passes on no more than that little.
    assert_eq!(tried(&mut story, 3, &grant(4, Caps::ENROL.with(Caps::SET_POLICY))), Some(Denied::MoreThanOwn));
    assert_eq!(tried(&mut story, 3, &role(4, Role::Admin)), Some(Denied::MoreThanOwn));
    assert_eq!(tried(&mut story, 3, &removal(4, Vec::new())), Some(Denied::Role));
    let more = Act::InviteCreated(InviteCreated {
        caps: Caps::MODERATE,
        ..match invite(9, 9, Role::Member) {
            Act::InviteCreated(act) => act,
            _ => unreachable!(),
        }
    });
    assert_eq!(tried(&mut story, 3, &more), Some(Denied::MoreThanOwn));
    assert_eq!(tried(&mut story, 3, &invite(9, 9, Role::Registrar)), None);
}

#[test]
fn owners_are_made_by_owners_and_unmade_by_the_root_alone() {
    let mut story = Story::with_admins([2, 3]);
    assert_eq!(tried(&mut story, 2, &owner(2, true)), Some(Denied::RootOnly));
    assert_eq!(tried(&mut story, 2, &role(2, Role::Owner)), Some(Denied::Senior));
    assert_eq!(tried(&mut story, OWNER, &owner(2, true)), None);
    assert_eq!(tried(&mut story, OWNER, &owner(2, false)), Some(Denied::RootOnly));
    assert_eq!(tried(&mut story, OWNER, &role(2, Role::Member)), Some(Denied::Senior));
    assert_eq!(tried(&mut story, ROOT, &owner(2, false)), None);
    assert_eq!(story.told().state().persons[&person(2)].role, Role::Member);
    story.remove(OWNER, 3);
    assert_eq!(tried(&mut story, OWNER, &owner(3, true)), Some(Denied::NotMember));
}

#[test]
fn abuse_7_the_root_is_rotated_by_the_root_alone_and_a_second_genesis_is_nothing() {
    let mut story = Story::with_admins([2]);
    let rotate = Act::RootRotate(RootRotate { root_pk: public(77) });
    for by in [OWNER, 2, 5] {
        assert!(tried(&mut story, by, &rotate).is_some());
    }
    let policy = Policy::with_domains(Vec::new());
    let genesis = Act::Genesis(Genesis { name: 0, root_pk: public(66), policy, created: 0 });
    for _ in 0..8 {
        let id = story.apart(66, &genesis, &[]);
        assert_eq!(story.told().void().get(&id), Some(&Denied::RootOnly));
    }
    assert_eq!(story.told().state().root, Some(public(ROOT)));
}

#[test]
fn abuse_7_policy_needs_the_capability() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Registrar);
    story.hire(OWNER, 4, Role::Member);
    let policy = Policy { registrars_invite: false, ..Policy::with_domains(Vec::new()) };
    let set = Act::SetPolicy(SetPolicy { policy });
    assert_eq!(tried(&mut story, 3, &set), Some(Denied::Role));
    assert_eq!(tried(&mut story, 4, &set), Some(Denied::Role));
    assert_eq!(tried(&mut story, 3, &invite(9, 9, Role::Member)), None);
    assert_eq!(tried(&mut story, 2, &set), None);
    assert_eq!(tried(&mut story, 3, &invite(10, 10, Role::Member)), Some(Denied::Role));
}

#[test]
fn plain_members_and_guests_neither_invite_nor_admit_nor_create() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.hire(OWNER, 3, Role::Guest);
    story.now(OWNER, &invite(9, 9, Role::Member));
    for by in [2, 3] {
        assert_eq!(tried(&mut story, by, &invite(20 + by, 20 + by, Role::Guest)), Some(Denied::Role));
        assert_eq!(tried(&mut story, by, &enrol(Some(9), 9, Role::Member)), Some(Denied::Role));
        assert_eq!(tried(&mut story, by, &cancel(9)), Some(Denied::Role));
        assert_eq!(tried(&mut story, by, &channel(None)), Some(Denied::Role));
        assert_eq!(tried(&mut story, by, &team()), Some(Denied::Role));
        assert_eq!(tried(&mut story, by, &removal(OWNER, Vec::new())), Some(Denied::Role));
        assert_eq!(tried(&mut story, by, &freeze(OWNER, true)), Some(Denied::Role));
    }
    assert_eq!(tried(&mut story, 99, &team()), Some(Denied::NotMember));
    assert_eq!(story.told().state().persons.len(), 3);
}

#[test]
fn a_lead_creates_and_adds_in_his_own_team_only() {
    let mut story = Story::found();
    for number in [2, 3, 4] {
        story.hire(OWNER, number, Role::Member);
    }
    let (own, other) = (SpaceId::of_act(&story.now(OWNER, &team())), SpaceId::of_act(&story.now(OWNER, &team())));
    story.now(OWNER, &team_member(own, 2, true, true));
    story.now(OWNER, &team_member(own, 4, true, true));
    assert_eq!(tried(&mut story, 2, &channel(Some(own))), None);
    assert_eq!(tried(&mut story, 2, &channel(Some(other))), Some(Denied::NotLead));
    assert_eq!(tried(&mut story, 2, &channel(None)), Some(Denied::Role));
    assert_eq!(tried(&mut story, 2, &channel(Some(SpaceId([5; 16])))), Some(Denied::Unknown));
    assert_eq!(tried(&mut story, 2, &team_member(own, 3, true, false)), None);
    assert_eq!(tried(&mut story, 2, &team_member(other, 3, true, false)), Some(Denied::NotLead));
    // Leads come and go by administrators, also under a false flag.
    assert_eq!(tried(&mut story, 2, &team_member(own, 3, true, true)), Some(Denied::NotLead));
    assert_eq!(tried(&mut story, 2, &team_member(own, 4, false, false)), Some(Denied::NotLead));
    assert_eq!(tried(&mut story, 2, &team_member(own, 4, false, true)), Some(Denied::NotLead));
    assert_eq!(tried(&mut story, 4, &team_member(own, 4, false, false)), None);
    assert_eq!(tried(&mut story, 3, &channel(Some(own))), Some(Denied::NotLead));
}

#[test]
fn moderators_are_named_by_leads_and_creators_and_name_no_others() {
    let mut story = Story::found();
    for number in [2, 3, 4] {
        story.hire(OWNER, number, Role::Member);
    }
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    story.now(OWNER, &team_member(team, 2, true, true));
    let channel = SpaceId::of_act(&story.now(2, &channel(Some(team))));
    let part =
        |number: u64| Act::ChannelRole(ChannelRole { channel, person: person(number), moderator: true, poster: false });
    assert_eq!(tried(&mut story, 2, &part(3)), None);
    assert!(story.told().state().may_moderate(&person(3), &channel));
    assert_eq!(tried(&mut story, 3, &part(4)), Some(Denied::Role));
}

#[test]
fn guests_are_in_no_audience() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Guest);
    let open = SpaceId::of_act(&story.now(OWNER, &channel(None)));
    let authority = story.told();
    let organisation = SpaceId::organisation(&story.org);
    for space in [organisation, open] {
        assert_eq!(authority.state().members(&space), BTreeSet::from([person(OWNER)]));
    }
    assert!(authority.state().is_active(&device(2)));
}

#[test]
fn of_two_who_admit_with_one_invitation_one_stands_and_the_other_is_void() {
    let mut winners = BTreeSet::new();
    for extra in 0..12 {
        let mut story = Story::with_admins([2, 3]);
        story.now(2, &invite(9, 9, Role::Member));
        story.now(OWNER, &cancel(100 + extra));
        let heads = story.heads();
        let one = story.apart(2, &enrol_as(Some(9), 9, 91, Role::Member), &heads);
        let two = story.apart(3, &enrol_as(Some(9), 9, 92, Role::Member), &heads);
        for entries in [story.entries.clone(), story.entries.iter().rev().cloned().collect()] {
            let authority = story.told_in(&entries);
            let used = authority.state().invites[&invite_id(9)].state;
            assert_eq!(used, InviteState::Used(one.min(two)));
            assert_eq!(authority.void().get(&one.max(two)), Some(&Denied::Taken));
            let devices: Vec<bool> = [91, 92].iter().map(|it| authority.state().is_active(&device(*it))).collect();
            assert_eq!(devices, [one < two, two < one]);
        }
        winners.insert(one < two);
    }
    assert_eq!(winners.len(), 2);
}

#[test]
fn an_invitation_is_for_one_person_and_one_address() {
    let mut story = Story::found();
    story.now(OWNER, &invite(9, 9, Role::Member));
    assert_eq!(tried(&mut story, OWNER, &enrol_as(Some(9), 8, 8, Role::Member)), Some(Denied::Invite));
    let Act::Enrol(enrolment) = enrol(Some(9), 9, Role::Member) else { unreachable!() };
    let foreign = Act::Enrol(Enrol { email_tag: tag(8), ..enrolment });
    assert_eq!(tried(&mut story, OWNER, &foreign), Some(Denied::Invite));
    // The role is that of the invitation, whatever the admitting act says.
    assert_eq!(tried(&mut story, OWNER, &enrol(Some(9), 9, Role::Admin)), None);
    assert_eq!(story.told().state().persons[&person(9)].role, Role::Member);
    assert_eq!(tried(&mut story, OWNER, &invite(9, 7, Role::Member)), Some(Denied::Taken));
    // An address belongs to one person at a time.
    let Act::InviteCreated(second) = invite(10, 10, Role::Member) else { unreachable!() };
    story.now(OWNER, &Act::InviteCreated(InviteCreated { email_tag: tag(9), ..second }));
    let Act::Enrol(second) = enrol(Some(10), 10, Role::Member) else { unreachable!() };
    let second = Act::Enrol(Enrol { email_tag: tag(9), ..second });
    assert_eq!(tried(&mut story, OWNER, &second), Some(Denied::Taken));
    story.remove(OWNER, 9);
    assert_eq!(tried(&mut story, OWNER, &second), None);
}

#[test]
fn address_tags_are_those_of_one_organisation() {
    let (one, other) = (OrgId([1; 20]), OrgId([2; 20]));
    let (anna, upper, boris) = ("anna@artel.example", "Anna@Artel.Example", "boris@artel.example");
    let tag = |org: &OrgId, email: &str| email_tag(org, &Email::typed(email).unwrap());
    assert_eq!(tag(&one, anna), tag(&one, upper));
    assert_ne!(tag(&one, anna), tag(&other, anna));
    assert_ne!(tag(&one, anna), tag(&one, boris));
}

#[test]
fn a_cancelled_invitation_admits_nobody() {
    let mut story = Story::found();
    story.now(OWNER, &invite(9, 9, Role::Member));
    story.now(OWNER, &cancel(9));
    assert_eq!(tried(&mut story, OWNER, &enrol(Some(9), 9, Role::Member)), Some(Denied::Invite));
    assert_eq!(story.told().state().invites[&invite_id(9)].state, InviteState::Cancelled);
}

#[test]
fn nobody_makes_anothers_device_his_own() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    story.now(OWNER, &invite(9, 9, Role::Member));
    let heads = story.heads();
    // 3 has seen the key of somebody who is about to be admitted.
    for _ in 0..8 {
        story.apart(3, &add_device(3, 9), &heads);
    }
    story.apart(2, &enrol(Some(9), 9, Role::Member), &heads);
    for entries in [story.entries.clone(), story.entries.iter().rev().cloned().collect()] {
        let authority = story.told_in(&entries);
        assert_eq!(authority.state().person_of(&device(9)), Some(person(9)));
    }
    assert_eq!(tried(&mut story, 3, &add_device(3, OWNER)), Some(Denied::Taken));
    assert_eq!(tried(&mut story, 3, &add_device(3, ROOT)), Some(Denied::Taken));
    assert_eq!(tried(&mut story, 3, &add_device(2, 33)), Some(Denied::Role));
}

#[test]
fn a_member_cannot_fill_every_epoch_with_devices() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    let most = crate::limits::OWN_DEVICES_MAX;
    for nonce in 0..most + 5 {
        story.now(2, &add_device(2, 200 + nonce));
    }
    assert_eq!(story.told().state().devices_of(&person(2)).count() as u64, 1 + most);
    assert_eq!(tried(&mut story, OWNER, &add_device(2, 300)), None);
}

#[test]
fn a_newer_act_of_an_administrator_stops_what_depends_on_it_and_nothing_else() {
    let mut story = Story::with_admins([2]);
    let before = story.heads();
    let newer = story.now(2, &Act::Unknown(77));
    let behind = story.now(OWNER, &team());
    let beside = story.apart(OWNER, &team(), &before);
    let authority = story.told();
    assert_eq!(authority.stopped(), BTreeSet::from([newer, behind]));
    assert!(authority.void().is_empty() && authority.state().teams.contains_key(&SpaceId::of_act(&beside)));
    // A field that is not known is of a newer Artel too; bytes that no Artel writes are nothing.
    let field = [0xa2, 0x01, 0x10, 0x02, 0xa2, 0x01, 0x00, 0x18, 0x63, 0x00];
    let (field, garbage) =
        (story.write(2, Kind::Act, field.to_vec(), &before), story.write(2, Kind::Act, vec![0xff], &before));
    assert!(story.told().stopped().contains(&field));
    assert!(story.told().stopped().contains(&garbage));
    let garbage = story.apart(2, &Act::Unknown(1), &before);
    assert!(story.told().stopped().contains(&garbage));
}

#[test]
fn a_plain_member_cannot_bring_the_organisation_to_a_stand() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    let before = story.heads();
    let stop = story.now(3, &Act::Unknown(77));
    let behind = story.now(OWNER, &team());
    let authority = story.told();
    assert_eq!(authority.void().get(&stop), Some(&Denied::Role));
    assert!(authority.stopped().is_empty() && authority.state().teams.contains_key(&SpaceId::of_act(&behind)));
    // An administrator who does it is removed by somebody who looks away from it.
    let stop = story.now(2, &Act::Unknown(77));
    let stuck = story.now(OWNER, &team());
    assert!(story.told().stopped().contains(&stuck));
    story.apart(OWNER, &removal(2, story.cut(&[2], &before)), &before);
    let authority = story.told();
    assert!(authority.stopped().is_empty());
    assert_eq!(authority.void().get(&stop), Some(&Denied::NotMember));
    assert!(authority.state().teams.contains_key(&SpaceId::of_act(&stuck)));
}

#[test]
fn nobody_pushes_the_heads_of_administrators_out() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    let before = story.heads();
    for _ in 0..100 {
        story.apart(3, &team(), &[]);
    }
    let removal = story.apart(2, &removal(3, Vec::new()), &before);
    let authority = story.told();
    assert!(authority.heads().len() <= 16);
    assert!(authority.covers(&authority.heads(), &removal));
}

/// Of more heads than an entry can name, those of people who administer come first, however long the others' pasts are.
#[test]
fn a_crowd_does_not_push_the_heads_of_administrators_out() {
    let mut story = Story::with_admins([2]);
    for number in 10..30 {
        story.hire(OWNER, number, Role::Member);
    }
    let before = story.heads();
    for number in 10..30 {
        story.apart(number, &team(), &before);
        story.seeing(number, &team(), &before);
    }
    let act = story.apart(2, &team(), &before);
    let heads = story.told().heads();
    assert_eq!(heads.len(), 16);
    assert!(heads.contains(&act));
}
