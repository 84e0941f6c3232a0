//! What an authority tells of itself: the record of acts, its ends, what it holds, and what judging cost.

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::testkit::*;
use crate::authority::*;
use crate::entry::Kind;
use crate::id::EntryId;

#[test]
fn the_record_names_every_act_once_in_order_with_its_author_and_what_came_of_it() {
    let mut story = Story::with_admins([2]);
    story.hire(OWNER, 3, Role::Member);
    let before = story.heads();
    let void = story.apart(3, &team(), &before);
    let stopped = story.apart(2, &Act::Unknown(77), &before);
    let link = story.write(3, Kind::Merge, Vec::new(), &before);
    let authority = story.told();
    let told: Vec<(EntryId, DeviceId, Hlc, Outcome)> =
        authority.audit().map(|it| (it.id, it.device, it.hlc, it.outcome)).collect();
    let acts = story.entries.iter().filter(|it| it.entry.kind == Kind::Act);
    let expected: BTreeMap<EntryId, _> = acts.map(|it| (it.id, (it.entry.device, it.entry.hlc))).collect();
    assert_eq!(told.iter().map(|it| (it.0, (it.1, it.2))).collect::<BTreeMap<_, _>>(), expected);
    assert_eq!(told.len(), expected.len(), "each once, and the link is none");
    for (id, _, _, outcome) in &told {
        let expected = match *id {
            it if it == void => Outcome::Void(Denied::Role),
            it if it == stopped => Outcome::Stopped,
            _ => Outcome::Valid,
        };
        assert_eq!(*outcome, expected);
    }
    // Nobody stands before what he refers to.
    let place: BTreeMap<EntryId, usize> = told.iter().enumerate().map(|(at, it)| (it.0, at)).collect();
    for signed in story.entries.iter().filter(|it| it.entry.kind == Kind::Act) {
        let known = signed.entry.prev.iter().chain(&signed.entry.seen);
        assert!(known.filter_map(|it| place.get(it)).all(|it| *it < place[&signed.id]));
    }
    assert!(matches!(authority.audit().find(|it| it.id == void).unwrap().act, Some(Act::TeamCreate(_))));

    assert_eq!(authority.void(), BTreeMap::from([(void, Denied::Role)]));
    assert_eq!(authority.denied(&void), Some(Denied::Role));
    assert_eq!([link, stopped, story.entries[0].id].map(|it| authority.denied(&it)), [None; 3]);
    assert_eq!(authority.stopped(), BTreeSet::from([stopped]));
    assert_eq!(authority.author_of(&link), Some(device(3)));
    assert_eq!(authority.author_of(&EntryId([9; 32])), None);
}

/// What somebody did as an administrator was not done by a member, though he is one now; and a stranger is nobody.
#[test]
fn the_record_says_who_acted_with_the_role_of_that_time() {
    let mut story = Story::with_admins([2]);
    let made = story.now(2, &team());
    story.now(OWNER, &role(2, Role::Member));
    let refused = story.now(2, &team());
    let strange = story.apart(9, &team(), &story.heads());
    let authority = story.told();
    let by = |id: EntryId| authority.audit().find(|it| it.id == id).unwrap().by;
    let standing = |id: EntryId| match by(id) {
        Actor::Person { id, role, .. } => (Some(id), Some(role)),
        _ => (None, None),
    };
    assert_eq!(standing(made), (Some(person(2)), Some(Role::Admin)));
    assert_eq!(standing(refused), (Some(person(2)), Some(Role::Member)));
    assert_eq!(by(strange), Actor::Nobody);
    assert_eq!(by(story.entries[0].id), Actor::Root);
    let Actor::Person { granted, .. } = by(refused) else { panic!("a person") };
    assert!(matches!(authority.audit().find(|it| it.id == granted).unwrap().act, Some(Act::SetRole(_))));
    // Whoever is in at the end has the same role in the record as in the state.
    let last = story.now(OWNER, &team());
    let authority = story.told();
    let by = authority.audit().find(|it| it.id == last).unwrap().by;
    let owner = &authority.state().persons[&person(OWNER)];
    assert_eq!(by, Actor::Person { id: person(OWNER), role: owner.role, granted: owner.granted });
}

#[test]
fn its_ends_are_the_entries_that_nothing_refers_to_each_with_its_log() {
    let mut story = Story::with_admins([2, 3]);
    let before = story.heads();
    for by in [2, 3, OWNER] {
        story.apart(by, &team(), &before);
    }
    let authority = story.told();
    let logs: BTreeMap<EntryId, LogId> = story.entries.iter().map(|it| (it.id, it.entry.log())).collect();
    let expected: BTreeSet<(LogId, EntryId)> = story.heads().into_iter().map(|it| (logs[&it], it)).collect();
    assert_eq!(authority.frontier(|_, _| false).into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!((authority.heads_count(), authority.heads()), (3, story.heads()));
    assert_eq!((authority.len(), authority.is_empty()), (story.entries.len(), false));
    assert!(Authority::new(story.org).is_empty());
}

#[test]
fn a_position_that_nobody_took_is_held_by_nobody_else() {
    let story = Story::with_admins([2]);
    let (authority, other) = (story.told(), EntryId([9; 32]));
    for signed in &story.entries {
        let (log, seq) = (signed.entry.log(), signed.entry.seq);
        assert!(authority.knows(&signed.id) && !authority.knows(&other));
        assert!(!authority.knows_another(&log, seq, &signed.id), "it is this one");
        assert!(authority.knows_another(&log, seq, &other));
        assert!(!authority.knows_another(&log, 1_000, &other), "nothing stands there");
    }
}

#[test]
fn only_acts_and_contradictions_are_news() {
    let mut story = Story::with_admins([2]);
    let mut authority = story.told();
    assert!(!authority.has_news() && !authority.evaluate());
    story.write(2, Kind::Merge, Vec::new(), &story.heads());
    authority.add(story.entries.last().unwrap());
    assert!(!authority.has_news() && !authority.evaluate(), "a link changes nothing");
    story.again(2, &team());
    authority.add(story.entries.last().unwrap());
    assert!(authority.has_news());
    assert!(authority.evaluate() && !authority.has_news());
    assert_eq!(authority.state().devices[&device(2)].standing, Standing::Frozen);
}

/// Twice the work for every act that anybody was removed by would be felt in an organisation of some years.
#[test]
fn an_honest_history_is_judged_once() {
    let mut story = Story::with_admins([2, 3]);
    for number in 10..20 {
        story.hire(2, number, Role::Member);
        story.remove(3, number);
    }
    story.now(OWNER, &role(3, Role::Member));
    let mut authority = story.told();
    assert_eq!(authority.cost(), story.entries.len());
    assert_eq!(authority.judged(), story.entries.len() as u64);
    // What came meanwhile costs no more than everything anew, and a removal that voids something one round more.
    story.hire(2, 30, Role::Member);
    let before = story.heads();
    story.remove(OWNER, 2);
    story.apart(2, &team(), &before);
    let known = authority.judged();
    for signed in &story.entries {
        authority.add(signed);
    }
    authority.evaluate();
    assert_eq!(authority.cost(), 2 * story.entries.len());
    assert_eq!(authority.judged(), known + authority.cost() as u64);
}

#[test]
fn a_long_history_is_not_judged_from_its_beginning_for_every_newcomer() {
    let mut story = Story::with_admins([2]);
    for code in 0..1_500 {
        story.now(2, &cancel(code));
    }
    let mut authority = story.told();
    let (whole, most) = (story.entries.len(), 1_100);
    assert!(authority.cost() <= whole && (whole as u64..2 * whole as u64).contains(&authority.judged()));
    for code in 0..20 {
        story.now(OWNER, &cancel(5_000 + code));
        authority.add(story.entries.last().unwrap());
        authority.evaluate();
        assert!(authority.cost() < most, "{}", authority.cost());
    }
    assert_eq!(authority.state().hash(), story.told().state().hash());
}

/// Removals that have nothing to do with each other are weighed in one round, however many they are.
#[test]
fn unrelated_removals_are_weighed_together() {
    let mut story = Story::with_admins(2..8);
    let before = story.heads();
    for number in 2..8 {
        story.apart(number, &team(), &before);
    }
    for number in 2..8 {
        let cut = story.cut(&[number], &before);
        story.apart(OWNER, &removal(number, cut), &before);
    }
    let authority = story.told();
    assert_eq!(authority.cost(), 2 * story.entries.len());
    assert_eq!(authority.void().len(), 6);
}

/// A packet of many entries that belong to the end does not have everything judged anew either.
#[test]
fn a_large_packet_at_the_end_is_judged_from_there() {
    let mut story = Story::with_admins([2]);
    for code in 0..1_500 {
        story.now(2, &cancel(code));
    }
    let mut authority = story.told();
    let (known, before) = (story.entries.len(), authority.judged());
    for code in 0..300 {
        story.now(2, &cancel(5_000 + code));
    }
    for signed in story.entries.iter().skip(known) {
        authority.add(signed);
    }
    assert!(authority.evaluate());
    assert!(authority.judged() - before < 1_100, "{}", authority.judged() - before);
    assert_eq!(authority.state().hash(), story.told().state().hash());
}

/// What is asked about an entry before it is here is not answered from memory when it is.
#[test]
fn heads_that_were_not_known_cover_what_they_cover_as_soon_as_they_are() {
    let mut story = Story::with_admins([2]);
    let mut authority = story.told();
    let known = story.entries[3].id;
    let late = story.now(2, &team());
    assert!(!authority.covers(&[late], &known) && !authority.covers(&[late], &late));
    assert!(authority.state_at(&[late]).is_none());
    authority.add(story.entries.last().unwrap());
    assert!(authority.covers(&[late], &known) && authority.covers(&[late], &late));
    authority.evaluate();
    assert_eq!(authority.state_at(&[late]).unwrap().teams.len(), 1);
}

#[test]
fn as_many_ends_as_an_entry_can_name_are_all_named_even_of_one_device() {
    let mut story = Story::with_admins([2]);
    let before = story.heads();
    for _ in 0..16 {
        story.apart(2, &team(), &before);
    }
    assert_eq!(story.heads().len(), 16);
    assert_eq!(story.told().heads(), story.heads());
    story.apart(2, &team(), &before);
    assert_eq!(story.told().heads().len(), 1, "of more, one of each device");
}

/// The key of the root comes from the packet that founded this organisation, and from no other.
#[test]
fn only_the_packet_that_founded_this_organisation_tells_its_root() {
    let mut story = Story::found();
    let policy = Policy::with_domains(Vec::new());
    let genesis = Act::Genesis(Genesis { name: 0, root_pk: public(66), policy, created: 0 });
    story.apart(66, &genesis, &[]);
    let packet = |at: usize, by: u64| {
        let signed = story.entries[at].entry.clone().sign(&story.org, &key(by));
        run::Packet::of(run::Run::own(signed)).encode()
    };
    let mut authority = Authority::new(story.org);
    let last = story.entries.len() - 1;
    for foreign in [packet(last, 66), packet(1, ROOT), vec![0; 40]] {
        assert!(!authority.learn_root(&foreign));
        assert!(authority.keys().devices.is_empty());
    }
    assert!(authority.learn_root(&packet(0, ROOT)));
    assert_eq!(authority.keys().devices.keys().collect::<Vec<_>>(), [&device(ROOT)]);
    assert!(!authority.learn_root(&packet(0, ROOT)), "it is known");
}
