//! Channels and teams: what an act changes besides the one thing it names, and what stays as it was.

use std::collections::BTreeSet;

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{EntryId, SpaceId};
use crate::time::Hlc;

fn clock(story: &Story, id: EntryId) -> Hlc {
    story.entries.iter().find(|it| it.id == id).unwrap().entry.hlc
}

fn part(channel: SpaceId, number: u64, moderator: bool, poster: bool) -> Act {
    Act::ChannelRole(ChannelRole { channel, person: person(number), moderator, poster })
}

fn set(channel: SpaceId, change: impl FnOnce(&mut ChannelSet)) -> Act {
    let mut act = ChannelSet { channel, name: None, place: None, archived: None, retention_ms: None, receipts: None };
    change(&mut act);
    Act::ChannelSet(act)
}

fn valid(story: &mut Story, by: u64, act: &Act) -> EntryId {
    let id = story.now(by, act);
    assert_eq!(story.told().denied(&id), None);
    id
}

/// What he wrote while he could stays, and there is no "before" for somebody who can again.
#[test]
fn who_may_post_no_longer_is_remembered_until_he_may_again() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    let news = ChannelCreate { team: None, kind: 1, name: 0, history: 0, archive: false };
    let news = SpaceId::of_act(&story.now(OWNER, &Act::ChannelCreate(news)));
    let state = |story: &Story| story.told().state().channels[&news].clone();
    valid(&mut story, OWNER, &part(news, 2, false, false));
    assert!(state(&story).former.is_empty(), "he could not before");
    for (moderator, poster) in [(true, false), (false, true), (true, true)] {
        valid(&mut story, OWNER, &part(news, 2, moderator, poster));
        let now = state(&story);
        assert_eq!((now.moderators.contains(&person(2)), now.posters.contains(&person(2))), (moderator, poster));
        assert!(now.former.is_empty());
        let ended = valid(&mut story, OWNER, &part(news, 2, false, false));
        let until = clock(&story, ended);
        assert_eq!(state(&story).former.get(&person(2)), Some(&until));
        let posts = |ms| story.told().state().may_post(&person(2), &news, false, Hlc { ms, ..until });
        assert_eq!([until.ms - 1, until.ms, until.ms + 1].map(posts), [true, true, false]);
    }
    assert!(
        story.told().state().may_post(&person(2), &news, true, Hlc { ms: u64::MAX, ctr: 0 }),
        "threads are for all"
    );
}

#[test]
fn what_is_put_away_is_so_since_the_first_time_and_until_it_is_taken_out() {
    let mut story = Story::found();
    let open = SpaceId::of_act(&story.now(OWNER, &channel(None)));
    let archived = |story: &Story| story.told().state().channels[&open].archived;
    assert_eq!(archived(&story), None);
    let first = valid(&mut story, OWNER, &set(open, |it| it.archived = Some(true)));
    valid(&mut story, OWNER, &set(open, |it| it.archived = Some(true)));
    valid(&mut story, OWNER, &set(open, |it| it.receipts = Some(false)));
    assert_eq!(archived(&story), Some(clock(&story, first)));
    valid(&mut story, OWNER, &set(open, |it| it.archived = Some(false)));
    assert_eq!(archived(&story), None);
}

#[test]
fn an_act_on_a_channel_changes_what_it_names_and_nothing_else() {
    let mut story = Story::found();
    let open = SpaceId::of_act(&story.now(OWNER, &channel(None)));
    let rules = |story: &Story| {
        let it = story.told().state().channels[&open].clone();
        (it.retention_ms, it.receipts, it.team, it.kind)
    };
    assert_eq!(rules(&story), (0, true, None, 0));
    valid(&mut story, OWNER, &set(open, |it| it.retention_ms = Some(5)));
    valid(&mut story, OWNER, &set(open, |it| it.receipts = Some(false)));
    assert_eq!(rules(&story), (5, false, None, 0));
    valid(&mut story, OWNER, &set(open, |_| {}));
    assert_eq!(rules(&story), (5, false, None, 0));
    let two = story.now(OWNER, &set(open, |it| it.place = Some(vec![SpaceId([1; 16]), SpaceId([2; 16])])));
    assert_eq!(story.told().denied(&two), Some(Denied::Unknown));
    let nowhere = story.now(OWNER, &set(SpaceId([3; 16]), |_| {}));
    assert_eq!(story.told().denied(&nowhere), Some(Denied::Unknown));
}

/// Whoever was there and is no longer after a move gets no new keys; what he wrote until then stays.
#[test]
fn a_channel_that_moves_leaves_those_behind_who_are_not_where_it_goes() {
    let mut story = Story::found();
    for number in [2, 3] {
        story.hire(OWNER, number, Role::Member);
    }
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    story.now(OWNER, &team_member(team, 2, true, false));
    let open = SpaceId::of_act(&story.now(OWNER, &channel(None)));
    let other = SpaceId::of_act(&story.now(OWNER, &channel(None)));
    let organisation = SpaceId::organisation(&story.org);
    let moved = valid(&mut story, OWNER, &set(open, |it| it.place = Some(vec![team])));
    let authority = story.told();
    let state = authority.state();
    assert_eq!(state.members(&open), BTreeSet::from([person(OWNER), person(2)]));
    assert_eq!(state.channels[&open].former.keys().collect::<Vec<_>>(), [&person(3)]);
    assert_eq!(state.removals, [(moved, Removed::ChannelMember(open, person(3)))]);
    assert_eq!((state.audience_of(&open), state.audience_of(&other)), (Some(team), Some(organisation)));
    let touching = |space: &SpaceId| state.removals_touching(space).collect::<Vec<_>>();
    assert_eq!([touching(&open), touching(&other), touching(&team)], [vec![moved], vec![], vec![]]);
    // Where it is already is no move.
    valid(&mut story, OWNER, &set(open, |it| it.place = Some(vec![team])));
    assert_eq!(story.told().state().removals.len(), 1);
    // Out of the team: of the team's channels too, not of others.
    let left = valid(&mut story, 2, &team_member(team, 2, false, false));
    let authority = story.told();
    let touching = |space: &SpaceId| authority.state().removals_touching(space).collect::<Vec<_>>();
    assert_eq!([touching(&open), touching(&other), touching(&team)], [vec![moved, left], vec![], vec![left]]);
    let gone = story.remove(OWNER, 3);
    let authority = story.told();
    assert!([open, other, team].iter().all(|it| authority.state().removals_touching(it).any(|it| it == gone)));
}

#[test]
fn who_leaves_a_team_leaves_alone_and_only_what_he_is_in() {
    let mut story = Story::found();
    for number in [2, 3] {
        story.hire(OWNER, number, Role::Member);
    }
    let team = SpaceId::of_act(&story.now(OWNER, &team()));
    story.now(OWNER, &team_member(team, 2, true, false));
    let denied = |story: &mut Story, by: u64, act: &Act| {
        let id = story.now(by, act);
        story.told().denied(&id)
    };
    assert_eq!(denied(&mut story, 3, &team_member(team, 2, false, false)), Some(Denied::NotLead), "not another");
    assert_eq!(
        denied(&mut story, 3, &team_member(team, 3, true, false)),
        Some(Denied::NotLead),
        "nobody joins himself"
    );
    assert_eq!(denied(&mut story, 3, &team_member(team, 3, false, false)), Some(Denied::Unknown), "he is not in it");
    assert_eq!(denied(&mut story, 2, &team_member(team, 2, false, false)), None);
    assert_eq!(denied(&mut story, OWNER, &team_member(team, 99, true, false)), Some(Denied::NotMember));
    let defaults = |team, channels| Act::TeamDefaults(TeamDefaults { team, channels });
    let channel = SpaceId([5; 16]);
    assert_eq!(denied(&mut story, 3, &defaults(team, vec![channel])), Some(Denied::NotLead));
    assert_eq!(denied(&mut story, OWNER, &defaults(channel, vec![channel])), Some(Denied::Unknown));
    assert_eq!(denied(&mut story, OWNER, &defaults(team, vec![channel])), None);
    assert_eq!(story.told().state().teams[&team].defaults, [channel]);
}
