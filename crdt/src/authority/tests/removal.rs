//! Removals: who wins, what stays, and what dating back is good for (nothing).

use std::collections::BTreeSet;

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{EntryId, SpaceId};

/// The same outcome whether a replica learns things in this order or in the opposite one.
fn told(story: &Story) -> Authority {
    let (one, other) = (story.told(), story.told_in(story.entries.iter().rev()));
    assert_eq!(one.state().hash(), other.state().hash());
    one
}

fn is_member(story: &Story, number: u64) -> bool {
    told(story).state().is_member(&person(number))
}

fn why(story: &Story, act: EntryId) -> Option<Denied> {
    told(story).void().get(&act).copied()
}

#[test]
fn abuse_2_of_two_who_remove_each_other_the_senior_wins() {
    for first in [2, 3] {
        // 3 was hired and appointed by 2, whose grant is nearer to the root.
        let mut story = Story::with_admins([2]);
        story.hire(2, 3, Role::Member);
        story.now(2, &role(3, Role::Admin));
        let heads = story.heads();
        for by in [first, 5 - first] {
            let other = 5 - by;
            let cut = story.cut(&[other], &heads);
            story.apart(by, &removal(other, cut), &heads);
        }
        assert!(is_member(&story, 2) && !is_member(&story, 3));
    }
}

#[test]
fn abuse_2_of_two_equals_who_remove_each_other_the_lower_grant_stands_and_an_owner_can_undo_it() {
    let mut winners = BTreeSet::new();
    for extra in 0..12 {
        let mut story = Story::found();
        story.now(OWNER, &cancel(100 + extra));
        for number in [2, 3] {
            story.hire(OWNER, number, Role::Member);
            story.now(OWNER, &role(number, Role::Admin));
        }
        let heads = story.heads();
        let one = story.apart(2, &removal(3, story.cut(&[3], &heads)), &heads);
        let two = story.apart(3, &removal(2, story.cut(&[2], &heads)), &heads);
        let granted = |number: u64| told(&story).state().persons[&person(number)].granted;
        let (winner, loser, lost) = if granted(2) < granted(3) { (2, 3, two) } else { (3, 2, one) };
        assert!(is_member(&story, winner) && !is_member(&story, loser));
        assert_eq!(why(&story, lost), Some(Denied::NotMember));
        // Whatever number of counter-strikes the loser makes up, none is the lucky one.
        for _ in 0..16 {
            story.apart(loser, &removal(winner, Vec::new()), &heads);
        }
        assert!(is_member(&story, winner) && !is_member(&story, loser));
        story.remove(OWNER, winner);
        story.now(OWNER, &invite(50, loser + 40, Role::Registrar));
        story.now(OWNER, &enrol_as(Some(50), loser + 40, loser + 40, Role::Registrar));
        assert!(!is_member(&story, winner) && is_member(&story, loser + 40));
        winners.insert(winner);
    }
    assert_eq!(winners.len(), 2);
}

#[test]
fn abuse_7_an_administrator_cannot_remove_freeze_or_wipe_an_owner() {
    let mut story = Story::with_admins([2]);
    for act in [
        removal(OWNER, Vec::new()),
        revocation(OWNER, 2, Vec::new()),
        freeze(OWNER, true),
        Act::Wipe(Wipe { device: device(OWNER) }),
        role(OWNER, Role::Member),
    ] {
        let act = story.now(2, &act);
        assert_eq!(why(&story, act), Some(Denied::Senior));
    }
    assert!(told(&story).state().is_active(&device(OWNER)));
}

#[test]
fn abuse_3_a_circle_of_removals_ends_and_leaves_an_owner_and_an_unrelated_one_beside_it_stands() {
    for extra in 0..8 {
        let mut story = Story::with_admins([2, 3]);
        story.hire(OWNER, 4, Role::Member);
        story.now(OWNER, &owner(2, true));
        story.now(OWNER, &owner(3, true));
        story.now(OWNER, &cancel(100 + extra));
        let heads = story.heads();
        for (by, other) in [(1, 2), (2, 3), (3, 1)] {
            story.apart(by, &removal(other, story.cut(&[other], &heads)), &heads);
        }
        story.apart(2, &team(), &heads);
        story.apart(1, &removal(4, Vec::new()), &heads);
        let authority = told(&story);
        let left: Vec<u64> = [1, 2, 3].into_iter().filter(|it| authority.state().is_member(&person(*it))).collect();
        assert!(!left.is_empty() && left.len() < 3, "{left:?}");
        assert!(left.iter().any(|it| authority.state().is_active(&device(*it))));
        assert_eq!(authority.state().is_member(&person(4)), !left.contains(&1) && authority.state().removals.len() < 3);
    }
}

#[test]
fn abuse_3_an_unrelated_removal_in_the_same_moment_does_not_switch_seniority_off() {
    let mut story = Story::with_admins([2]);
    story.hire(2, 3, Role::Member);
    story.now(2, &role(3, Role::Admin));
    story.hire(2, 4, Role::Member);
    let heads = story.heads();
    story.apart(3, &removal(2, Vec::new()), &heads);
    story.apart(2, &removal(3, Vec::new()), &heads);
    story.seeing(2, &removal(4, Vec::new()), &heads);
    assert!(is_member(&story, 2) && !is_member(&story, 3) && !is_member(&story, 4));
}

#[test]
fn abuse_4_what_a_removed_administrator_dates_back_is_void_and_his_earlier_hires_stay() {
    let mut story = Story::with_admins([2, 3]);
    story.hire(2, 4, Role::Member);
    let before = story.heads();
    story.remove(OWNER, 2);
    let forged = [
        story.apart(2, &invite(60, 60, Role::Member), &before),
        story.seeing(2, &enrol(Some(60), 60, Role::Member), &before),
        story.apart(2, &removal(3, Vec::new()), &before),
        story.apart(2, &role(4, Role::Admin), &before),
        story.apart(2, &add_device(2, 222), &before),
    ];
    for act in forged {
        assert!(why(&story, act).is_some());
    }
    assert!(is_member(&story, 4) && is_member(&story, 3) && !is_member(&story, 2) && !is_member(&story, 60));
    assert_eq!(told(&story).state().persons[&person(4)].role, Role::Member);
}

#[test]
fn abuse_5_a_colluder_who_refers_to_it_does_not_help_and_cannot_strike_back_with_a_forged_grant() {
    let mut story = Story::with_admins([2, 3]);
    story.hire(2, 4, Role::Member);
    let before = story.heads();
    let cut = story.cut(&[2], &before);
    let removed = story.apart(3, &removal(2, cut), &before);
    // The removed one appoints his friend as if it had been earlier; the friend removes the remover, cut at nothing.
    let grant = story.apart(2, &role(4, Role::Admin), &before);
    let strike = story.apart(4, &removal(3, Vec::new()), &[grant]);
    let seal = story.seeing(4, &cancel(1), &[grant]);
    story.seeing(3, &team(), &[removed]);
    let authority = told(&story);
    assert!(authority.state().is_member(&person(3)) && authority.state().teams.len() == 1);
    for act in [grant, strike, seal] {
        assert!(authority.void().contains_key(&act));
    }
}

#[test]
fn what_the_remover_had_not_seen_is_void_whoever_stands_higher() {
    // 2 removed 4 and lost the right meanwhile: that removal takes nothing of what 4 did.
    let mut story = Story::with_admins([2, 3, 4]);
    let before = story.heads();
    let lost = story.apart(2, &removal(4, Vec::new()), &before);
    let kept = story.apart(4, &team(), &before);
    story.apart(3, &removal(2, story.cut(&[2], &before)), &before);
    assert_eq!((why(&story, lost), why(&story, kept)), (Some(Denied::NotMember), None));
    assert!(is_member(&story, 4));
}

#[test]
fn abuse_6_enrolling_again_at_the_time_of_a_removal_does_not_undo_it() {
    for seen_removal in [false, true] {
        let mut story = Story::with_admins([2]);
        story.hire(OWNER, 4, Role::Member);
        // A second open invitation for the same person.
        story.now(OWNER, &invite(70, 4, Role::Member));
        let before = story.heads();
        let removed = story.now(2, &removal(4, Vec::new()));
        let seen = if seen_removal { vec![removed] } else { before };
        let again = story.apart(OWNER, &enrol_as(Some(70), 4, 44, Role::Member), &seen);
        assert_eq!(why(&story, again), Some(Denied::Taken));
        assert!(!is_member(&story, 4));
    }
}

#[test]
fn abuse_6_whoever_comes_back_later_needs_a_new_key() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 4, Role::Member);
    story.remove(2, 4);
    story.now(OWNER, &invite(70, 40, Role::Member));
    let old_key = story.now(OWNER, &enrol_as(Some(70), 40, 4, Role::Member));
    assert_eq!(why(&story, old_key), Some(Denied::Taken));
    let new_key = story.now(OWNER, &enrol_as(Some(70), 40, 44, Role::Member));
    assert_eq!(why(&story, new_key), None);
    assert!(is_member(&story, 40) && !told(&story).state().is_active(&device(4)));
}

#[test]
fn a_demoted_administrator_gains_nothing_by_dating_back() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 4, Role::Member);
    let before = story.heads();
    let demotion = story.now(OWNER, &role(2, Role::Member));
    for nonce in 0..16 {
        let forged = story.apart(2, &invite(80 + nonce, 80 + nonce, Role::Member), &before);
        assert_eq!(why(&story, forged), Some(Denied::Role), "{nonce}");
    }
    let strike = story.apart(2, &removal(4, Vec::new()), &before);
    assert!(why(&story, strike).is_some() && is_member(&story, 4));
    // Given back, it counts again.
    let back = story.now(OWNER, &role(2, Role::Admin));
    let honest = story.seeing(2, &team(), &[demotion, back]);
    assert_eq!(why(&story, honest), None);
}

#[test]
fn a_former_lead_gains_nothing_by_dating_back() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.hire(OWNER, 3, Role::Member);
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    story.now(OWNER, &team_member(team, 2, true, true));
    let before = story.heads();
    story.now(OWNER, &team_member(team, 2, false, false));
    for _ in 0..16 {
        let forged = story.apart(2, &team_member(team, 3, true, false), &before);
        let created = story.seeing(2, &channel(Some(team)), &before);
        assert_eq!((why(&story, forged), why(&story, created)), (Some(Denied::NotLead), Some(Denied::NotLead)));
    }
    assert_eq!(told(&story).state().members(&team).len(), 1);
}

#[test]
fn taken_out_of_a_team_and_added_at_the_same_time_is_out() {
    for extra in 0..8 {
        let mut story = Story::with_admins([2, 3]);
        story.hire(OWNER, 4, Role::Member);
        let team = SpaceId::of_act(&story.now(OWNER, &team()));
        story.now(OWNER, &team_member(team, 4, true, false));
        story.now(OWNER, &cancel(100 + extra));
        let heads = story.heads();
        story.apart(2, &team_member(team, 4, false, false), &heads);
        story.apart(3, &team_member(team, 4, true, false), &heads);
        assert!(!told(&story).state().members(&team).contains(&person(4)));
        story.now(3, &team_member(team, 4, true, false));
        assert!(told(&story).state().members(&team).contains(&person(4)));
    }
}

#[test]
fn abuse_8_a_device_that_contradicts_itself_is_frozen_everywhere_and_keeps_what_both_branches_know() {
    let mut story = Story::with_admins([2]);
    let shared = story.seeing(2, &team(), &story.heads());
    let (one, two) =
        (story.seeing(2, &invite(60, 60, Role::Member), &[]), story.again(2, &invite(61, 61, Role::Member)));
    let later = story.now(2, &team());
    let authority = told(&story);
    assert_eq!(authority.state().devices[&device(2)].standing, Standing::Frozen);
    assert!(!authority.state().is_active(&device(2)));
    for act in [one, two, later] {
        assert_eq!(authority.void().get(&act), Some(&Denied::NotMember));
    }
    assert!(!authority.void().contains_key(&shared) && authority.state().teams.len() == 1);
}

#[test]
fn of_three_branches_any_two_known_to_an_older_state_freeze() {
    let mut story = Story::with_admins([2]);
    let branches = [
        story.now(2, &invite(60, 60, Role::Member)),
        story.again(2, &invite(61, 61, Role::Member)),
        story.again(2, &invite(62, 62, Role::Member)),
    ];
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        for entries in [story.entries.clone(), story.entries.iter().rev().cloned().collect()] {
            let mut authority = story.told_in(&entries);
            let state = authority.state_at(&[branches[one], branches[other]]).unwrap();
            assert_eq!(state.devices[&device(2)].standing, Standing::Frozen, "{one} {other}");
        }
    }
}

#[test]
fn a_freeze_voids_what_it_had_not_seen_and_a_thaw_never_gives_back_a_revoked_device() {
    let mut story = Story::with_admins([2]);
    let before = story.heads();
    story.now(OWNER, &freeze(2, true));
    let hidden = story.apart(2, &team(), &before);
    let open = story.now(2, &team());
    assert_eq!((why(&story, hidden), why(&story, open)), (Some(Denied::NotMember), Some(Denied::NotMember)));
    story.now(OWNER, &freeze(2, false));
    let thawed = story.now(2, &team());
    assert_eq!((why(&story, hidden), why(&story, thawed)), (Some(Denied::NotMember), None));
    assert!(told(&story).state().is_active(&device(2)));
    let cut = story.cut(&[2], &story.heads());
    let heads = story.heads();
    story.apart(OWNER, &revocation(2, 0, cut), &heads);
    for _ in 0..8 {
        story.apart(OWNER, &freeze(2, false), &heads);
        assert_eq!(told(&story).state().devices[&device(2)].standing, Standing::Revoked);
    }
    let late = story.now(OWNER, &freeze(2, false));
    assert_eq!(why(&story, late), Some(Denied::NotMember));
    assert_eq!(told(&story).state().devices[&device(2)].standing, Standing::Revoked);
}

#[test]
fn a_lost_device_takes_those_along_that_it_added_unless_another_stands_for_them() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    for added in [21, 22, 23] {
        story.now(2, &add_device(2, added));
    }
    story.now(23, &add_device(2, 231));
    story.now(22, &add_device(2, 21));
    let heads = story.heads();
    story.now(OWNER, &revocation(2, 2, story.cut(&[2, 21, 22, 23, 231], &heads)));
    let authority = told(&story);
    let active: Vec<u64> =
        [2, 21, 22, 23, 231].into_iter().filter(|it| authority.state().is_active(&device(*it))).collect();
    assert_eq!(active, [21]);
    // A retired one leaves the others alone.
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    story.now(2, &add_device(2, 21));
    story.now(2, &revocation(2, 0, Vec::new()));
    assert!(!told(&story).state().is_active(&device(2)));
}

#[test]
fn abuse_11_the_phrase_restores_what_all_administrators_lost_and_an_old_root_is_void() {
    let mut story = Story::with_admins([2]);
    let before = story.heads();
    for lost in [OWNER, 2] {
        story.now(ROOT, &freeze(lost, true));
    }
    let nobody = story.now(OWNER, &team());
    story.now(ROOT, &freeze(2, false));
    story.now(ROOT, &owner(2, true));
    let somebody = story.now(2, &team());
    assert_eq!((why(&story, nobody), why(&story, somebody)), (Some(Denied::NotMember), None));
    assert_eq!(told(&story).state().persons[&person(2)].role, Role::Owner);
    story.now(ROOT, &Act::RootRotate(RootRotate { root_pk: public(ROOT + 1) }));
    let (old, hidden) = (story.now(ROOT, &owner(2, false)), story.apart(ROOT, &owner(2, false), &before));
    assert_eq!((why(&story, old), why(&story, hidden)), (Some(Denied::NotMember), Some(Denied::NotMember)));
    let new = story.now(ROOT + 1, &freeze(OWNER, false));
    assert_eq!(why(&story, new), None);
}

#[test]
fn nobody_but_the_root_takes_the_last_owner() {
    let mut story = Story::with_admins([2]);
    let leave = story.now(OWNER, &removal(OWNER, Vec::new()));
    let revoke = story.now(OWNER, &revocation(OWNER, 0, Vec::new()));
    assert_eq!((why(&story, leave), why(&story, revoke)), (Some(Denied::LastOwner), Some(Denied::LastOwner)));
    assert_eq!(why(&story, story.told().heads()[0]), Some(Denied::LastOwner));
    story.now(OWNER, &owner(2, true));
    // Both leave at the same time: one stays, and can act.
    let heads = story.heads();
    for by in [OWNER, 2] {
        story.apart(by, &removal(by, story.cut(&[by], &heads)), &heads);
    }
    let left: Vec<u64> = [OWNER, 2].into_iter().filter(|it| is_member(&story, *it)).collect();
    assert_eq!(left.len(), 1);
    let act = story.now(left[0], &team());
    assert_eq!(why(&story, act), None);
    story.now(ROOT, &removal(left[0], Vec::new()));
    assert!(!is_member(&story, left[0]));
}

/// What somebody did before he was removed stays: the cut names the newest entry of each of his logs, and of no other's.
#[test]
fn a_removal_keeps_what_its_author_knew() {
    let mut story = Story::with_admins([2, 3]);
    let first = SpaceId::of_act(&story.now(2, &team()));
    let heads = story.heads();
    let second = SpaceId::of_act(&story.apart(2, &team(), &heads));
    let authority = story.told();
    let cut = authority.cut_of(&BTreeSet::from([device(2)]));
    assert_eq!(cut, story.cut(&[2], &story.heads()));
    assert_eq!(cut.len(), 2, "two logs");
    story.now(OWNER, &removal(2, cut));
    let teams = story.told().state().teams.clone();
    assert!(teams.contains_key(&first) && teams.contains_key(&second));
}

/// Whoever may not take somebody out of a team does not keep him out either; and who is brought in twice is in.
#[test]
fn a_void_removal_from_a_team_keeps_nobody_out() {
    for extra in 0..8 {
        let mut story = Story::with_admins([2]);
        story.hire(OWNER, 3, Role::Member);
        story.hire(OWNER, 4, Role::Member);
        let team = SpaceId::of_act(&story.now(OWNER, &team()));
        story.now(OWNER, &cancel(100 + extra));
        let before = story.heads();
        let void = story.apart(3, &team_member(team, 4, false, false), &before);
        let one = story.apart(2, &team_member(team, 4, true, false), &before);
        let other = story.apart(OWNER, &team_member(team, 4, true, false), &before);
        let authority = told(&story);
        assert!(authority.denied(&void).is_some());
        assert_eq!((authority.denied(&one), authority.denied(&other)), (None, None));
        assert!(authority.state().teams[&team].members.contains_key(&person(4)));
    }
}
