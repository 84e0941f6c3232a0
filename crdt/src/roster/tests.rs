//! Tests of `roster`.

use std::collections::BTreeMap;

use super::*;
use crate::Entropy;
use crate::id::{DeviceId, Inc};
use crate::testing::Counter;

const ORG: OrgId = OrgId([9; 20]);

fn person(number: u8) -> PersonId {
    PersonId([number; 16])
}

fn persons(numbers: &[u8]) -> BTreeSet<PersonId> {
    numbers.iter().copied().map(person).collect()
}

fn log(number: u8) -> LogId {
    LogId { device: DeviceId([number; 16]), inc: Inc([1; 8]) }
}

/// The space that person 1 founds.
fn space() -> SpaceId {
    founded_space(&ORG, &log(1))
}

fn id(number: usize) -> EntryId {
    EntryId(crate::id::sha256(&[&number.to_be_bytes()]))
}

fn create(kind: RosterKind, numbers: &[u8]) -> RosterChange {
    let (name, history) = ("plans".to_owned(), History::Join);
    RosterChange::Create { kind, name, history, archive: false, persons: persons(numbers) }
}

fn add(number: u8) -> RosterChange {
    RosterChange::Add(person(number))
}

fn remove(number: u8) -> RosterChange {
    RosterChange::Remove(person(number))
}

fn moderator(number: u8, on: bool) -> RosterChange {
    RosterChange::Moderator { person: person(number), on }
}

fn set(name: &str) -> RosterChange {
    RosterChange::Set { name: name.to_owned() }
}

/// Acts and snapshots with their parents. Person n writes with log n.
#[derive(Clone, Default)]
struct Story {
    acts: Vec<RosterEntry>,
    snapshots: Vec<Snapshot>,
    past: BTreeMap<EntryId, BTreeSet<EntryId>>,
    count: usize,
}

impl Story {
    fn founded(kind: RosterKind, numbers: &[u8]) -> (Self, usize) {
        let mut story = Self::default();
        let first = story.act(1, &[], create(kind, numbers));
        (story, first)
    }

    fn step(&mut self, parents: &[usize]) -> usize {
        let number = self.count;
        self.count += 1;
        let mut past = BTreeSet::new();
        for parent in parents {
            past.insert(id(*parent));
            past.extend(self.past[&id(*parent)].iter().copied());
        }
        self.past.insert(id(number), past);
        number
    }

    fn act(&mut self, by: u8, parents: &[usize], change: RosterChange) -> usize {
        self.push(by, parents, Some(change))
    }

    fn push(&mut self, by: u8, parents: &[usize], change: Option<RosterChange>) -> usize {
        let number = self.step(parents);
        self.acts.push(RosterEntry {
            id: id(number),
            log: log(by),
            author: person(by),
            hlc: Hlc { ms: number as u64, ctr: 0 },
            may_create: true,
            act: RosterAct { change, auth_heads: Vec::new(), known: Vec::new() },
        });
        number
    }

    fn evaluate(&self) -> Evaluation {
        self.evaluate_these(&self.acts)
    }

    fn evaluate_these(&self, acts: &[RosterEntry]) -> Evaluation {
        Roster::evaluate((&ORG, &space()), &self.snapshots, acts, &|a, b| self.past[b].contains(a))
    }

    #[track_caller]
    fn check(&self, members: &[u8], void: &[usize]) {
        let evaluation = self.evaluate();
        assert_eq!(evaluation.roster.map(|it| it.members), Some(persons(members)));
        let void: BTreeSet<_> = void.iter().copied().map(id).collect();
        assert_eq!(evaluation.void.into_keys().collect::<BTreeSet<_>>(), void);
    }

    /// What a newcomer knows who starts from epochs, each opened upon the given acts.
    fn newcomer(&self, epochs: &[&[usize]]) -> Self {
        let mut story = self.clone();
        for parents in epochs {
            let epoch = id(story.step(parents));
            let before = |it: &&RosterEntry| story.past[&epoch].contains(&it.id);
            let known: Vec<_> = self.acts.iter().filter(before).cloned().collect();
            let roster = self.evaluate_these(&known).roster.unwrap();
            let roster = Roster::from_snapshot(&roster.encode(&[])).unwrap().0;
            story.snapshots.push(Snapshot { epoch, hlc: Hlc { ms: story.count as u64, ctr: 0 }, roster });
        }
        story.acts.clear();
        story
    }
}

#[test]
fn a_channel_is_changed_by_its_moderators_only() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2, 3]);
    let second = story.act(1, &[first], add(4));
    let third = story.act(2, &[second], add(5));
    story.check(&[1, 2, 3, 4], &[third]);
    let fourth = story.act(1, &[third], moderator(2, true));
    let fifth = story.act(2, &[fourth], add(5));
    let sixth = story.act(2, &[fifth], remove(3));
    let seventh = story.act(3, &[sixth], RosterChange::Leave);
    story.check(&[1, 2, 4, 5], &[third, seventh]);
    let eighth = story.act(9, &[seventh], add(9));
    let ninth = story.act(1, &[eighth], moderator(2, false));
    let tenth = story.act(2, &[ninth], remove(1));
    story.check(&[1, 2, 4, 5], &[third, seventh, eighth, tenth]);
    assert_eq!(story.evaluate().void[&id(third)], RosterDenied::NotModerator(person(2)));
    assert_eq!(story.evaluate().void[&id(eighth)], RosterDenied::NotMember(person(9)));
}

#[test]
fn in_a_group_every_member_may_add_up_to_eight() {
    let (mut story, first) = Story::founded(RosterKind::Group, &[2, 3]);
    let mut last = first;
    for number in 4..=8 {
        last = story.act(number - 1, &[last], add(number));
    }
    let full = story.act(2, &[last], add(9));
    let removal = story.act(2, &[full], remove(3));
    let named = story.act(2, &[removal], set("lunch"));
    story.check(&[1, 2, 3, 4, 5, 6, 7, 8], &[full, removal]);
    assert_eq!(story.evaluate().void[&id(full)], RosterDenied::Full);
    assert_eq!(story.evaluate().roster.unwrap().name, "lunch");
    let left = story.act(8, &[named], RosterChange::Leave);
    story.act(2, &[left], add(9));
    story.check(&[1, 2, 3, 4, 5, 6, 7, 9], &[full, removal]);
}

#[test]
fn a_removal_beats_what_it_does_not_know() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2, 3]);
    let other = story.act(1, &[first], moderator(2, true));
    let added = story.act(1, &[other], add(4));
    let removed = story.act(2, &[other], remove(4));
    story.check(&[1, 2, 3], &[]);
    assert_eq!(story.evaluate().roster.unwrap().removed, persons(&[4]));
    let again = story.act(1, &[removed, added], add(4));
    story.check(&[1, 2, 3, 4], &[]);
    assert_eq!(story.evaluate().roster.unwrap().removed, persons(&[]));
    // One more who did not know of the return: gone again.
    story.act(2, &[removed], remove(4));
    story.check(&[1, 2, 3], &[]);
    assert!(story.past[&id(again)].contains(&id(removed)));
}

#[test]
fn a_returned_moderator_is_a_plain_member() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2]);
    let on = story.act(1, &[first], moderator(2, true));
    let off = story.act(1, &[on], remove(2));
    let back = story.act(1, &[off], add(2));
    let roster = story.evaluate().roster.unwrap();
    assert_eq!((roster.members, roster.moderators), (persons(&[1, 2]), persons(&[1])));
    let tried = story.act(2, &[back], remove(1));
    story.check(&[1, 2], &[tried]);
}

#[test]
fn moderators_who_remove_each_other_are_both_out_and_the_rest_goes_on() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2, 3]);
    let both = story.act(1, &[first], moderator(2, true));
    let one = story.act(1, &[both], remove(2));
    let other = story.act(2, &[both], remove(1));
    story.check(&[3], &[]);
    story.act(3, &[one, other], add(4));
    story.check(&[3, 4], &[]);
}

#[test]
fn nobody_can_found_the_space_a_second_time() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2]);
    let added = story.act(1, &[first], add(3));
    let usurper = story.act(2, &[], create(RosterKind::Private, &[]));
    let follow = story.act(2, &[usurper], remove(1));
    story.acts[first].hlc.ms = 50;
    for hlc in [0, 99] {
        story.acts[2].hlc.ms = hlc;
        story.check(&[1, 2, 3], &[usurper, follow]);
    }
    let again = story.act(1, &[added], create(RosterKind::Private, &[]));
    story.check(&[1, 2, 3], &[usurper, follow, again]);
    // Above even if he has both in his past.
    let knowing = story.act(2, &[added, follow], remove(3));
    story.check(&[1, 2, 3], &[usurper, follow, again, knowing]);
}

#[test]
fn who_may_not_create_channels_creates_none_but_groups() {
    let (mut story, _) = Story::founded(RosterKind::Private, &[2]);
    story.acts[0].may_create = false;
    assert_eq!(story.evaluate().roster, None);
    assert_eq!(story.evaluate().void.into_values().collect::<Vec<_>>(), [RosterDenied::Create]);
    let (mut story, _) = Story::founded(RosterKind::Group, &[2]);
    story.acts[0].may_create = false;
    story.check(&[1, 2], &[]);
}

#[test]
fn a_group_of_more_than_eight_does_not_begin() {
    let (story, _) = Story::founded(RosterKind::Group, &[1, 2, 3, 4, 5, 6, 7, 8]);
    story.check(&[1, 2, 3, 4, 5, 6, 7, 8], &[]);
    let (story, _) = Story::founded(RosterKind::Group, &[2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(story.evaluate().roster, None);
}

#[test]
fn an_act_of_a_newer_program_stops_what_depends_on_it() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2]);
    let unknown = story.push(1, &[first], None);
    let after = story.act(1, &[unknown], add(3));
    let beside = story.act(1, &[first], add(4));
    story.check(&[1, 2, 4], &[]);
    assert_eq!(story.evaluate().stopped, BTreeSet::from([id(unknown), id(after)]));
    assert!(!story.evaluate().stopped.contains(&id(beside)));
}

#[test]
fn the_newest_name_wins() {
    let (mut story, first) = Story::founded(RosterKind::Group, &[2]);
    let one = story.act(1, &[first], set("one"));
    story.act(2, &[first], set("two"));
    assert_eq!(story.evaluate().roster.unwrap().name, "two");
    // Knowledge goes before the clock.
    let three = story.act(1, &[one], set("three"));
    story.acts[three].hlc.ms = 0;
    story.acts[one].hlc.ms = 1_000;
    assert_eq!(story.evaluate().roster.unwrap().name, "two");
    let four = story.act(2, &[2, three], set("four"));
    story.acts[four].hlc.ms = 0;
    assert_eq!(story.evaluate().roster.unwrap().name, "four");
}

#[test]
fn a_newcomer_starts_from_the_roster_of_an_epoch() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2, 3]);
    let gone = story.act(1, &[first], remove(3));
    let concurrent = story.act(1, &[first], add(3));
    let mut newcomer = story.newcomer(&[&[gone]]);
    assert_eq!(newcomer.evaluate().roster.unwrap().members, persons(&[1, 2]));
    // What did not know of the removal cannot undo it, although the newcomer has not seen the removal itself.
    newcomer.acts.push(story.acts[concurrent].clone());
    assert_eq!(newcomer.evaluate().roster.unwrap().members, persons(&[1, 2]));
    let mut misled = newcomer.clone();
    let leave = misled.act(3, &[concurrent], RosterChange::Leave);
    misled.check(&[1, 2], &[leave]);
    let epoch = newcomer.count - 1;
    let back = newcomer.act(1, &[epoch], add(3));
    newcomer.check(&[1, 2, 3], &[]);
    let tried = newcomer.act(3, &[back], add(4));
    newcomer.act(1, &[tried], add(5));
    newcomer.check(&[1, 2, 3, 5], &[tried]);
}

#[test]
fn of_several_epochs_those_in_all_are_in() {
    let (mut story, first) = Story::founded(RosterKind::Private, &[2, 3]);
    let added = story.act(1, &[first], add(4));
    let removed = story.act(1, &[first], remove(3));
    let mut both = story.newcomer(&[&[added], &[removed]]);
    assert_eq!(both.evaluate().roster.unwrap().members, persons(&[1, 2]));
    // The Add lies before one of them only, so it still counts once it is read.
    both.acts.push(story.acts[added].clone());
    assert_eq!(both.evaluate().roster.unwrap().members, persons(&[1, 2, 4]));
    // He who came back before one of them and never went before the other is in, though his going is read.
    let back = story.act(1, &[removed], add(3));
    let mut both = story.newcomer(&[&[back], &[added]]);
    both.acts.push(story.acts[removed].clone());
    assert_eq!(both.evaluate().roster.unwrap().members, persons(&[1, 2, 3]));
}

/// A random history: every author writes upon some of the heads, whether he may or not.
fn random_story(rng: &mut dyn Entropy, len: usize) -> Story {
    let [kind, ..] = rng.bytes::<2>();
    let kind = if kind % 2 == 0 { RosterKind::Private } else { RosterKind::Group };
    let (mut story, _) = Story::founded(kind, &[2, 3, 4]);
    for _ in 0..len {
        let [by, what, whom, back, width, old] = rng.bytes::<6>();
        let (by, whom) = (by % 6 + 1, whom % 7 + 1);
        let newest = story.count;
        let reach = newest.min(1 + back as usize % 4);
        let mut parents: Vec<usize> = (newest - reach..newest).take(1 + width as usize % 3).collect();
        if old == 0 {
            parents = Vec::new();
        }
        let change = match what % 12 {
            0..=2 => add(whom),
            3..=4 => remove(whom),
            5 => moderator(whom, true),
            6 => moderator(whom, false),
            7 => RosterChange::Leave,
            8 => set(&format!("name {whom}")),
            9 => RosterChange::Rule(RosterRule::Archived(whom % 2 == 0)),
            10 if whom < 4 => RosterChange::Rule(RosterRule::Receipts(whom % 2 == 0)),
            10 => RosterChange::Rule(RosterRule::Retention(u64::from(whom))),
            _ if old % 8 == 0 => create(kind, &[whom]),
            _ => add(whom),
        };
        story.act(by, &parents, change);
    }
    story
}

#[test]
fn the_order_of_arrival_and_repetition_do_not_matter() {
    let rng: &mut dyn Entropy = &mut Counter(0);
    let (mut in_some, mut void) = (0, 0);
    for _ in 0..150 {
        let story = random_story(rng, 25);
        let expected = story.evaluate();
        in_some += usize::from(expected.roster.as_ref().is_some_and(|it| it.members.len() > 1));
        void += expected.void.len();
        for _ in 0..10 {
            let mut acts = story.acts.clone();
            let again = acts[rng.bytes::<1>()[0] as usize % acts.len()].clone();
            acts.push(again);
            for at in (1..acts.len()).rev() {
                acts.swap(at, rng.bytes::<1>()[0] as usize % (at + 1));
            }
            assert_eq!(story.evaluate_these(&acts), expected);
        }
    }
    assert!(in_some > 75 && void > 500, "the histories are worth testing: {in_some}, {void}");
}

#[test]
fn without_concurrency_evaluation_is_one_change_after_another() {
    let rng: &mut dyn Entropy = &mut Counter(1 << 32);
    for _ in 0..100 {
        let (mut story, mut last) = Story::founded(RosterKind::Private, &[2, 3, 4]);
        let changes = random_story(rng, 40).acts;
        let mut roster = Roster::create(person(1), story.acts[0].act.change.as_ref().unwrap()).unwrap();
        let mut void = Vec::new();
        for entry in changes.into_iter().skip(1) {
            let change = entry.act.change.unwrap();
            let [by] = rng.bytes::<1>();
            last = story.act(by % 4 + 1, &[last], change.clone());
            let at = story.acts.last().unwrap().hlc;
            if roster.apply(&person(by % 4 + 1), &change, at).is_err() {
                void.push(id(last));
            }
        }
        let evaluation = story.evaluate();
        assert_eq!(evaluation.roster.as_ref(), Some(&roster));
        assert_eq!(evaluation.void.into_keys().collect::<BTreeSet<_>>(), void.into_iter().collect());
        let newcomer = story.newcomer(&[&[last]]);
        assert_eq!(newcomer.evaluate().roster, Some(roster));
    }
}

/// The shortcut for chains gives what evaluating every past anew gives.
#[test]
fn each_act_is_judged_by_its_own_past() {
    let rng: &mut dyn Entropy = &mut Counter(2 << 32);
    for _ in 0..100 {
        let story = random_story(rng, 20);
        let whole = story.evaluate();
        for entry in &story.acts {
            let past: Vec<_> = story.acts.iter().filter(|it| story.past[&entry.id].contains(&it.id)).cloned().collect();
            let Some(roster) = story.evaluate_these(&past).roster else {
                continue;
            };
            let change = entry.act.change.as_ref().unwrap();
            assert_eq!(roster.permits(&entry.author, change).is_err(), whole.void.contains_key(&entry.id), "{entry:?}");
        }
    }
}

#[test]
fn what_may_be_done_now_is_told_before() {
    let roster = Roster::create(person(1), &create(RosterKind::Private, &[2])).unwrap();
    assert_eq!(roster.may_add(&person(1), &person(3)), Ok(()));
    assert_eq!(roster.may_add(&person(1), &person(2)), Err(RosterDenied::Already(person(2))));
    assert_eq!(roster.may_add(&person(2), &person(3)), Err(RosterDenied::NotModerator(person(2))));
    assert_eq!(roster.may_add(&person(3), &person(3)), Err(RosterDenied::NotMember(person(3))));
    assert_eq!(roster.may_remove(&person(1), &person(2)), Ok(()));
    assert_eq!(roster.may_remove(&person(1), &person(3)), Err(RosterDenied::NotThere(person(3))));
    assert_eq!(roster.may_remove(&person(2), &person(1)), Err(RosterDenied::NotModerator(person(2))));
    assert_eq!(roster.permits(&person(1), &moderator(3, true)), Err(RosterDenied::NotThere(person(3))));
}

/// Rules of a channel are its moderators' to set; what nobody knew to be replaced stands, the newest of several; a group has none.
#[test]
fn rules_are_set_by_moderators_of_a_channel_and_the_newest_stands() {
    let rule = RosterChange::Rule;
    let (mut story, first) = Story::founded(RosterKind::Private, &[2, 3]);
    let appointed = story.act(1, &[first], moderator(2, true));
    let refused = story.act(3, &[appointed], rule(RosterRule::Archived(true)));
    story.act(1, &[appointed], rule(RosterRule::Archived(false)));
    let away = story.act(2, &[appointed], rule(RosterRule::Archived(true)));
    let kept = story.act(1, &[appointed], rule(RosterRule::Retention(5)));
    let last = story.act(2, &[kept], rule(RosterRule::Retention(7)));
    let hidden = story.act(2, &[appointed], rule(RosterRule::Receipts(false)));
    story.check(&[1, 2, 3], &[refused]);
    let since = Hlc { ms: away as u64, ctr: 0 };
    let expected = Rules { archived: Some(since), retention_ms: 7, receipts: false };
    assert_eq!(story.evaluate().roster.unwrap().rules, expected);
    let newcomer = story.newcomer(&[&[away, last, hidden]]);
    assert_eq!(newcomer.evaluate().roster.unwrap().rules, expected, "a newcomer finds the same");
    let open = story.act(1, &[away, last, hidden], rule(RosterRule::Archived(false)));
    let shown = story.act(1, &[open], rule(RosterRule::Receipts(true)));
    story.act(1, &[shown], rule(RosterRule::Retention(0)));
    assert_eq!(story.evaluate().roster.unwrap().rules, Rules::default());

    let (mut group, first) = Story::founded(RosterKind::Group, &[2, 3]);
    let refused = group.act(1, &[first], rule(RosterRule::Archived(true)));
    group.check(&[1, 2, 3], &[refused]);
    assert_eq!(group.evaluate().void[&id(refused)], RosterDenied::Rule);
}

const AT: Hlc = Hlc { ms: 3, ctr: 4 };

fn changes() -> Vec<RosterChange> {
    let group = create(RosterKind::Group, &[2, 3]);
    let rules = [
        RosterRule::Archived(true),
        RosterRule::Archived(false),
        RosterRule::Retention(0),
        RosterRule::Retention(u64::MAX),
        RosterRule::Receipts(false),
    ];
    let mut all =
        vec![group, add(2), remove(3), moderator(2, true), moderator(2, false), RosterChange::Leave, set("планы")];
    all.extend(rules.map(RosterChange::Rule));
    all
}

#[test]
fn acts_and_rosters_survive_the_wire() {
    for change in changes() {
        let act = RosterAct {
            change: Some(change),
            auth_heads: vec![id(1).min(id(2)), id(1).max(id(2))],
            known: vec![id(3)],
        };
        assert_eq!(RosterAct::decode(&act.encode().unwrap()), Ok(act));
    }
    let mut newer =
        RosterAct { change: Some(RosterChange::Leave), auth_heads: Vec::new(), known: Vec::new() }.encode().unwrap();
    newer[2] = 8;
    assert_eq!(RosterAct::decode(&newer), Ok(RosterAct { change: None, auth_heads: Vec::new(), known: Vec::new() }));
    assert_eq!(RosterAct { change: None, auth_heads: Vec::new(), known: Vec::new() }.encode(), None);

    let mut roster = Roster::create(person(1), &create(RosterKind::Private, &[2, 3])).unwrap();
    roster.apply(&person(1), &remove(3), AT).unwrap();
    assert_eq!(Roster::from_snapshot(&roster.encode(&[])), Ok((roster.clone(), Vec::new())));
    assert_eq!(Roster::from_snapshot(&roster.encode(&[id(4)])), Ok((roster.clone(), vec![id(4)])));
    let every = Rules { archived: Some(AT), retention_ms: 5, receipts: false };
    for rules in [
        Rules { archived: None, ..every },
        Rules { retention_ms: 0, ..every },
        Rules { receipts: true, ..every },
        every,
    ] {
        let ruled = Roster { rules, ..roster.clone() };
        for known in [Vec::new(), vec![id(4)]] {
            assert_eq!(Roster::from_snapshot(&ruled.encode(&known)), Ok((ruled.clone(), known)));
        }
    }
    // What is as usual is not written, a field of a newer Artel not passed over: it may be a rule that binds.
    for (field, value) in [(10, 0), (11, 0xf5), (12, 0)] {
        let mut bytes = roster.encode(&[]);
        bytes[0] += 1;
        bytes.extend([field, value]);
        assert!(Roster::from_snapshot(&bytes).is_err(), "{field}");
    }
    let mut newer = RosterAct {
        change: Some(RosterChange::Rule(RosterRule::Retention(5))),
        auth_heads: Vec::new(),
        known: Vec::new(),
    }
    .encode()
    .unwrap();
    let at = newer.iter().position(|it| *it == 5).unwrap() - 2;
    newer[at] = 3;
    assert_eq!(RosterAct::decode(&newer), Ok(RosterAct { change: None, auth_heads: Vec::new(), known: Vec::new() }));
    let stranger = Roster { moderators: persons(&[9]), ..roster.clone() };
    assert_eq!(Roster::from_snapshot(&stranger.encode(&[])), Err(Malformed::Unexpected));
    let both = Roster { removed: persons(&[2]), ..roster };
    assert_eq!(Roster::from_snapshot(&both.encode(&[])), Err(Malformed::Unexpected));
    let crowd = create(RosterKind::Group, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let crowd = RosterAct { change: Some(crowd), auth_heads: Vec::new(), known: Vec::new() };
    assert_eq!(RosterAct::decode(&crowd.encode().unwrap()), Err(Malformed::OverLimit));
    let long = RosterAct { change: Some(set(&"x".repeat(257))), auth_heads: Vec::new(), known: Vec::new() };
    assert_eq!(RosterAct::decode(&long.encode().unwrap()), Err(Malformed::OverLimit));
}

#[test]
fn any_bytes_are_survived() {
    let rng: &mut dyn Entropy = &mut Counter(3 << 32);
    let roster = Roster::create(person(1), &create(RosterKind::Private, &[2, 3])).unwrap();
    let mut good: Vec<Vec<u8>> = changes()
        .into_iter()
        .filter_map(|it| RosterAct { change: Some(it), auth_heads: vec![id(1)], known: vec![id(2)] }.encode())
        .collect();
    good.push(roster.encode(&[id(5)]));
    let rules = Rules { archived: Some(AT), retention_ms: 5, receipts: false };
    good.push(Roster { rules, ..roster }.encode(&[id(5)]));
    for round in 0..30_000 {
        let mut bytes = good[round % good.len()].clone();
        let [at, value, cut, how] = rng.bytes::<4>();
        let len = bytes.len();
        match how % 3 {
            0 => bytes[at as usize % len] ^= value,
            1 => bytes.truncate(cut as usize % len),
            _ => rng.fill(&mut bytes),
        }
        if let Ok(act) = RosterAct::decode(&bytes) {
            assert!(act.change.is_none() || act.encode() == Some(bytes.clone()));
        }
        if let Ok((roster, known)) = Roster::from_snapshot(&bytes) {
            assert_eq!(roster.encode(&known), bytes);
        }
    }
}
