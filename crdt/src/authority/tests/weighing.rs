//! Acts against each other: what is said again and again, and what is told apart from what it looks like.

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{EntryId, SpaceId};

fn denied(story: &Story, act: EntryId) -> Option<Denied> {
    let (one, other) = (story.told(), story.told_in(story.entries.iter().rev()));
    assert_eq!(one.state().hash(), other.state().hash());
    one.denied(&act)
}

/// Each costs everybody time, so an endless number of them would be an attack.
#[test]
fn who_removes_the_same_again_and_again_is_not_listened_to_any_more() {
    let mut story = Story::with_admins([2, 3]);
    story.hire(OWNER, 4, Role::Member);
    story.hire(OWNER, 5, Role::Member);
    let acts = [removal(4, Vec::new()), revocation(5, 0, Vec::new()), Act::Wipe(Wipe { device: device(5) })];
    let [person, revoked, wiped] = acts;
    let said = [&person; 4].map(|it| story.now(2, it)).map(|it| denied(&story, it));
    assert_eq!(said, [None, None, Some(Denied::Taken), Some(Denied::Taken)]);
    // Of a device both ways are the same thing; another target and another author are others.
    let said = [&revoked, &wiped, &revoked, &wiped].map(|it| story.now(2, it)).map(|it| denied(&story, it));
    assert_eq!(said, [None, None, Some(Denied::Taken), Some(Denied::Taken)]);
    let other = story.now(3, &person);
    assert_eq!(denied(&story, other), None);
}

#[test]
fn to_and_fro_between_freezing_and_releasing_ends_and_the_last_freeze_that_counted_can_be_released() {
    let mut story = Story::with_admins([2, 3]);
    for turn in 0..16 {
        let (on, off) = (story.now(2, &freeze(3, true)), story.now(2, &freeze(3, false)));
        assert_eq!((denied(&story, on), denied(&story, off)), (None, None), "{turn}");
    }
    let on = story.now(2, &freeze(3, true));
    assert_eq!(denied(&story, on), Some(Denied::Taken));
    assert!(story.told().state().is_active(&device(3)));
    // A demotion is none of these, however often.
    for turn in 0..20 {
        let act = story.now(OWNER, &role(3, if turn % 2 == 0 { Role::Member } else { Role::Admin }));
        assert_eq!(denied(&story, act), None);
    }
}

/// A cut may name more than its author can refer to: an entry has room for 16. What its target did against him in the
/// same moment falls all the same, or both would be out.
#[test]
fn a_cut_that_covers_the_targets_own_strike_does_not_let_it_through() {
    for extra in 0..6 {
        let mut story = Story::with_admins([2]);
        story.now(OWNER, &cancel(100 + extra));
        story.hire(2, 3, Role::Member);
        story.now(2, &role(3, Role::Admin));
        let before = story.heads();
        let strike = story.apart(3, &removal(2, story.cut(&[2], &before)), &before);
        let everything = story.cut(&[3], &[before.clone(), vec![strike]].concat());
        let stands = story.apart(2, &removal(3, everything), &before);
        assert_eq!((denied(&story, strike), denied(&story, stands)), (Some(Denied::Senior), None));
        let authority = story.told();
        assert!(authority.state().is_member(&person(2)) && !authority.state().is_member(&person(3)));
    }
}

/// Somebody of whom a capability was taken, not the role, uses it no more by dating back.
#[test]
fn a_demotion_that_takes_capabilities_alone_counts_against_what_did_not_know_of_it() {
    let with = |caps: Caps| Act::SetRole(SetRole { person: person(2), role: Role::Member, caps });
    let grant = |caps: Caps| Act::AdminGrant(AdminGrant { person: person(2), caps, depth: 1 });
    for (give, take) in
        [(with(Caps::ENROL), with(Caps(0))), (grant(Caps::ENROL.with(Caps::MODERATE)), grant(Caps::MODERATE))]
    {
        let mut story = Story::found();
        story.hire(OWNER, 2, Role::Member);
        story.now(OWNER, &give);
        let before = story.heads();
        story.now(OWNER, &take);
        for code in 0..8 {
            let forged = story.apart(2, &invite(80 + code, 80 + code, Role::Guest), &before);
            assert_eq!(denied(&story, forged), Some(Denied::Role));
        }
        // What was raised takes nothing.
        let before = story.heads();
        story.now(OWNER, &give);
        let honest = story.apart(2, &cancel(90), &before);
        assert_ne!(denied(&story, honest), Some(Denied::NotMember));
    }
}

/// An owner who is made a member again loses what he does beside it, as any other who is demoted.
#[test]
fn a_former_owner_gains_nothing_by_dating_back() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.now(OWNER, &owner(2, true));
    let before = story.heads();
    let raised = story.apart(ROOT, &owner(2, true), &before);
    let honest = story.apart(2, &team(), &before);
    assert_eq!((denied(&story, raised), denied(&story, honest)), (None, None), "being raised takes nothing");
    let before = story.heads();
    story.now(ROOT, &owner(2, false));
    for _ in 0..8 {
        let forged = story.apart(2, &team(), &before);
        assert_eq!(denied(&story, forged), Some(Denied::Role));
    }
}

/// A lead who stays one, or becomes one, loses nothing; one who stays a plain member is no lead.
#[test]
fn being_made_a_lead_takes_nothing_and_being_made_a_plain_member_takes_the_lead() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.hire(OWNER, 3, Role::Member);
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    story.now(OWNER, &team_member(team, 2, true, true));
    let before = story.heads();
    story.now(OWNER, &team_member(team, 2, true, true));
    let honest = story.apart(2, &team_member(team, 3, true, false), &before);
    assert_eq!(denied(&story, honest), None);
    let before = story.heads();
    story.now(OWNER, &team_member(team, 2, true, false));
    for _ in 0..8 {
        let forged = story.apart(2, &channel(Some(team)), &before);
        assert_eq!(denied(&story, forged), Some(Denied::NotLead));
    }
    assert!(story.told().state().members(&team).contains(&person(2)));
}

/// A position alone could be anything: what stands there counts only if it is the entry that the cut names.
#[test]
fn a_cut_names_an_entry_and_not_only_a_number() {
    let mut story = Story::with_admins([2]);
    let before = story.heads();
    let act = story.seeing(2, &team(), &before);
    let heads = story.heads();
    let honest = story.cut(&[2], &heads);
    let mut wrong = honest.clone();
    wrong.iter_mut().for_each(|it| it.id = EntryId([9; 32]));
    let mut removed = story.clone();
    removed.now(OWNER, &removal(2, wrong));
    assert_eq!(denied(&removed, act), Some(Denied::NotMember));
    story.now(OWNER, &removal(2, honest));
    assert_eq!(denied(&story, act), None);
}

/// A friend of somebody who was removed is raised by him as if it had been earlier, in every way there is, and strikes at the
/// remover. What he rests on has fallen, so it is not weighed against the removal.
#[test]
fn abuse_5_whoever_is_raised_by_somebody_removed_strikes_nobody() {
    let grant = Act::AdminGrant(AdminGrant { person: person(4), caps: Role::Admin.caps(), depth: 1 });
    for (raise, owners) in [(grant, false), (owner(4, true), true)] {
        for extra in 0..4 {
            let mut story = Story::with_admins([2, 3]);
            story.now(OWNER, &cancel(100 + extra));
            for number in [2, 3].into_iter().filter(|_| owners) {
                story.now(OWNER, &owner(number, true));
            }
            story.hire(2, 4, Role::Member);
            let before = story.heads();
            story.apart(3, &removal(2, story.cut(&[2], &before)), &before);
            let raised = story.apart(2, &raise, &before);
            let strike = story.apart(4, &removal(3, Vec::new()), &[raised]);
            assert!(denied(&story, raised).is_some() && denied(&story, strike).is_some());
            let authority = story.told();
            assert_eq!([2, 3, 4].map(|it| authority.state().is_member(&person(it))), [false, true, true]);
            assert_eq!(authority.state().persons[&person(4)].role, Role::Member);
        }
    }
}
