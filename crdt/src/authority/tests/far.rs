//! Who knew of what when hundreds of entries lie between, where the nearest ones do not answer it.

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{EntryId, SpaceId};

/// Further than the nearest entries that are looked at first.
const FAR: u64 = 200;

/// Entries that mean nothing, one behind the other, by somebody who knows of these.
fn behind(story: &mut Story, by: u64, seen: &[EntryId], count: u64) -> EntryId {
    let mut last = story.apart(by, &cancel(0), seen);
    for code in 1..count {
        last = story.seeing(by, &cancel(code), &[]);
    }
    last
}

/// Learnt at once, learnt backwards, and learnt one by one.
fn told(story: &Story) -> Authority {
    let mut slowly = Authority::new(story.org);
    for signed in &story.entries {
        slowly.add(signed);
        slowly.evaluate();
    }
    for other in [story.told(), story.told_in(story.entries.iter().rev())] {
        assert_eq!(other.state().hash(), slowly.state().hash());
        assert_eq!(other.void(), slowly.void());
    }
    slowly
}

/// A cut says what counts of what its author had not seen. It gives nothing to somebody who knows that he is out.
#[test]
fn whoever_knows_of_his_removal_does_nothing_however_generous_the_cut_and_however_long_ago() {
    let policy = |lease_days: u64| {
        let policy = Policy { lease_days, ..Policy::with_domains(Vec::new()) };
        Act::SetPolicy(SetPolicy { policy })
    };
    for between in [1, 2, 100, FAR] {
        let mut story = Story::with_admins([2, 3]);
        let cut = vec![CutAt { device: device(2), inc: crate::id::Inc([0; 8]), seq: 1_000_000, id: EntryId([0; 32]) }];
        let first = story.now(2, &policy(1));
        let removed = story.now(OWNER, &removal(2, cut));
        let later = behind(&mut story, 3, &[removed], between);
        let (unknowing, knowing) = (story.seeing(2, &policy(2), &[first]), story.seeing(2, &policy(3), &[later]));
        let authority = told(&story);
        assert_eq!(authority.denied(&unknowing), None, "{between}");
        assert_eq!(authority.denied(&knowing), Some(Denied::NotMember), "{between}");
        assert_eq!(authority.state().policy.as_ref().map(|it| it.lease_days), Some(2));
    }
}

#[test]
fn a_thaw_long_after_the_freeze_gives_back_to_whom_knows_of_it_and_to_nobody_else() {
    for between in [1, FAR] {
        let mut story = Story::with_admins([2, 3]);
        let before = story.heads();
        let frozen = story.now(OWNER, &freeze(2, true));
        let later = behind(&mut story, 3, &[frozen], between);
        let dark = story.apart(2, &team(), &[later]);
        let thawed = story.apart(OWNER, &freeze(2, false), &[later]);
        let later = behind(&mut story, 3, &[thawed], between);
        let (knows, hidden) = (story.apart(2, &team(), &[later]), story.apart(2, &team(), &before));
        let again = story.apart(OWNER, &freeze(2, true), &[knows]);
        let second = story.apart(2, &team(), &[again]);
        let authority = told(&story);
        let denied = [dark, knows, hidden, second].map(|it| authority.denied(&it));
        assert_eq!(denied, [Some(Denied::NotMember), None, Some(Denied::NotMember), Some(Denied::NotMember)]);
        assert_eq!(authority.state().teams.len(), 1, "{between}");
    }
}

#[test]
fn who_brings_somebody_back_into_a_team_must_know_that_he_left_however_long_ago() {
    for between in [1, FAR] {
        let mut story = Story::with_admins([2, 3]);
        story.hire(OWNER, 4, Role::Member);
        let team = SpaceId::of_act(&story.now(OWNER, &team()));
        story.now(OWNER, &team_member(team, 4, true, false));
        let before = story.heads();
        let left = story.apart(4, &team_member(team, 4, false, false), &before);
        let unaware = behind(&mut story, 2, &before, between);
        let aware = behind(&mut story, 3, &[left], between);
        let beside = story.apart(2, &team_member(team, 4, true, false), &[unaware]);
        assert!(!told(&story).state().members(&team).contains(&person(4)));
        let back = story.apart(3, &team_member(team, 4, true, false), &[aware]);
        let authority = told(&story);
        assert_eq!((authority.denied(&beside), authority.denied(&back)), (Some(Denied::NotMember), None));
        assert!(authority.state().members(&team).contains(&person(4)));
    }
}

#[test]
fn what_a_demotion_takes_it_takes_from_what_did_not_know_of_it_and_giving_back_counts_from_then_on() {
    for between in [1, FAR] {
        let mut story = Story::with_admins([2, 3]);
        let before = story.heads();
        let unaware = behind(&mut story, 2, &before, between);
        let hidden = story.seeing(2, &team(), &[]);
        let demoted = story.apart(OWNER, &role(2, Role::Member), &before);
        let later = behind(&mut story, 3, &[demoted], between);
        let again = story.apart(OWNER, &role(2, Role::Admin), &[later]);
        let later = behind(&mut story, 3, &[again], between);
        let honest = story.apart(2, &team(), &[later, unaware]);
        let authority = told(&story);
        assert_eq!((authority.denied(&hidden), authority.denied(&honest)), (Some(Denied::Role), None), "{between}");
    }
}
