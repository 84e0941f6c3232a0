//! The order in which acts arrive changes nothing, however wild the history is.

use std::collections::BTreeSet;

use crate::Entropy;
use crate::authority::testkit::*;
use crate::authority::*;
use crate::entry::Signed;
use crate::id::{EntryId, PersonId, SpaceId};
use crate::testing::Counter;

/// A seeded source of small numbers.
pub(super) struct Dice(pub(super) Counter);

impl Dice {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bytes: [u8; 8] = (&mut self.0 as &mut dyn Entropy).bytes();
        (u64::from_be_bytes(bytes) % bound as u64) as usize
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// People of the wild history; devices are numbered ten times the person and more.
const PEOPLE: u64 = 9;

pub(super) fn random_act(story: &Story, dice: &mut Dice, by: u64, seen: &[EntryId]) -> Act {
    let other = 1 + dice.below(PEOPLE as usize) as u64;
    let (flag, code) = (dice.below(2) == 0, dice.below(14) as u64);
    let spaces: Vec<SpaceId> = story.entries.iter().map(|it| SpaceId::of_act(&it.id)).collect();
    let space = spaces[dice.below(spaces.len())];
    let mut cut = match dice.below(3) {
        0 => Vec::new(),
        _ => story.cut(&[other, other * 10, other * 10 + 1], seen),
    };
    cut.truncate(64);
    let some_role = [Role::Admin, Role::Registrar, Role::Member, Role::Guest][dice.below(4)];
    match dice.below(34) {
        0..4 => invite(code, other, some_role),
        4..8 => enrol_as(Some(code), other, if flag { other } else { other * 10 }, some_role),
        8..10 => add_device(other, other * 10 + dice.below(2) as u64),
        10..13 => role(other, some_role),
        13 => owner(other, dice.below(4) > 0),
        14..18 => removal(other, cut),
        18..20 => revocation(if flag { other } else { other * 10 }, dice.below(3) as u64, cut),
        20..22 => freeze(other, flag),
        22 => team(),
        23..26 => team_member(space, other, dice.below(3) > 0, flag),
        26 => channel(None),
        27 => channel(Some(space)),
        28 => cancel(code),
        29 => Act::AdminGrant(AdminGrant { person: person(other), caps: Caps(dice.below(4096) as u64), depth: 1 }),
        30 => Act::Wipe(Wipe { device: device(other) }),
        31 => {
            Act::SetPolicy(SetPolicy { policy: Policy { registrars_invite: flag, ..Policy::with_domains(Vec::new()) } })
        }
        32 if dice.below(12) == 0 => Act::RootRotate(RootRotate { root_pk: public(ROOT + code) }),
        33 if dice.below(12) == 0 => Act::Unknown(99),
        _ => role(by, some_role),
    }
}

/// A history of that many entries; the root signs in those of even seeds only.
pub(super) fn wild(seed: u64, acts: usize) -> Story {
    let mut dice = Dice(Counter(seed << 32));
    let mut story = Story::with_admins([2, 3]);
    story.hire(2, 4, Role::Member);
    story.hire(3, 5, Role::Registrar);
    for _ in story.entries.len()..acts {
        let by = match dice.below(12) {
            0 if seed.is_multiple_of(2) => ROOT,
            0..7 => 1 + dice.below(3) as u64,
            it if it < 10 => 1 + dice.below(PEOPLE as usize) as u64,
            _ => (1 + dice.below(PEOPLE as usize) as u64) * 10,
        };
        let known: Vec<EntryId> = match dice.below(3) {
            0 => story.heads(),
            _ => {
                let window = story.entries.len().min(40);
                let first = story.entries.len() - window;
                (0..2).map(|_| story.entries[first + dice.below(window)].id).collect()
            }
        };
        let act = random_act(&story, &mut dice, by, &known);
        match dice.below(20) {
            0..3 => story.apart(by, &act, &known),
            3 if dice.below(10) == 0 && story.has_written(by) => story.again(by, &act),
            _ => story.seeing(by, &act, &known),
        };
    }
    story
}

/// Everything that replicas must agree on.
pub(super) fn outcome(authority: &Authority) -> ([u8; 32], BTreeSet<EntryId>, BTreeSet<EntryId>, Vec<EntryId>) {
    (authority.state().hash(), authority.void().into_keys().collect(), authority.stopped(), authority.heads())
}

/// Feeds entries in packets, of at most that many, evaluating after each, as synchronisation does.
fn fed(story: &Story, entries: &[&Signed], packet: usize, dice: &mut Dice) -> Authority {
    let mut authority = Authority::new(story.org);
    let mut left = 0;
    for signed in entries {
        authority.add(signed);
        if left == 0 {
            authority.evaluate();
            left = 1 + dice.below(packet);
        }
        left -= 1;
    }
    authority.evaluate();
    authority
}

#[test]
fn abuse_1_wild_histories_come_to_the_same_in_a_thousand_orders() {
    let (mut void, mut removed, mut stopped, mut frozen, mut owners) = (0, 0, 0, 0, 0);
    for seed in 0..40 {
        let story = wild(seed, 200);
        let expected = outcome(&story.told());
        let state = story.told();
        void += expected.1.len();
        stopped += usize::from(!expected.2.is_empty());
        removed += state.state().removals.len();
        frozen += state.state().devices.values().filter(|it| it.standing == Standing::Frozen).count();
        let mut dice = Dice(Counter(seed ^ 0xfeed));
        for _ in 0..25 {
            let mut entries: Vec<&Signed> = story.entries.iter().collect();
            entries.extend(story.entries.iter().filter(|_| dice.below(5) == 0));
            dice.shuffle(&mut entries);
            assert_eq!(outcome(&fed(&story, &entries, 200, &mut dice)), expected, "seed {seed}");
        }
        let state = state.state();
        let owns = |it: &PersonId| state.is_member(it) && state.persons[it].role == Role::Owner;
        owners += state.persons.keys().filter(|it| owns(it)).count();
        // Nobody but the root leaves an organisation without an owner; who contradicts himself does it to himself.
        let cheated = state.devices.values().any(|it| it.standing == Standing::Frozen);
        let owned = state.devices.iter().any(|(id, it)| state.is_active(id) && owns(&it.person));
        assert!(owned || cheated || seed % 2 == 0, "seed {seed}");
    }
    // The histories are as wild as they claim to be.
    let wildness = (void, removed, stopped, frozen, owners);
    assert!(void > 1_000 && removed > 100 && stopped > 2 && frozen > 10 && owners > 20, "{wildness:?}");
}

#[test]
fn long_histories_are_evaluated_step_by_step_as_at_once() {
    for seed in 0..2 {
        let story = wild(100 + seed, 1_500);
        let entries: Vec<&Signed> = story.entries.iter().collect();
        let expected = outcome(&story.told());
        assert_eq!(outcome(&fed(&story, &entries, 100, &mut Dice(Counter(seed)))), expected, "seed {seed}");
    }
}

#[test]
fn an_older_state_is_that_of_a_replica_which_never_saw_more() {
    let story = wild(7, 200);
    let mut authority = story.told();
    let mut dice = Dice(Counter(3));
    for _ in 0..60 {
        let heads: Vec<EntryId> = (0..2).map(|_| story.entries[dice.below(200)].id).collect();
        let past = story.past(&heads);
        let older = story.told_in(story.entries.iter().filter(|it| past.contains(&it.id)));
        assert_eq!(authority.state_at(&heads).unwrap().hash(), older.state().hash());
        for signed in &story.entries {
            assert_eq!(authority.covers(&heads, &signed.id), past.contains(&signed.id));
        }
    }
    assert!(authority.state_at(&[EntryId([7; 32])]).is_none());
}

#[test]
fn abuse_9_a_gap_waits_and_nothing_behind_it_counts() {
    let mut story = Story::found();
    story.hire(OWNER, 2, Role::Member);
    let invitation = story.entries[3].id;
    story.hire(OWNER, 3, Role::Member);
    let mut authority = story.told_in(story.entries.iter().filter(|it| it.id != invitation));
    assert_eq!((authority.state().persons.len(), authority.len()), (1, 3));
    assert_eq!(authority.add(&story.entries[3]), Added::New);
    assert!(authority.evaluate());
    assert_eq!(authority.state().hash(), story.told().state().hash());
}

#[test]
fn abuse_33_a_flood_of_a_million_orphans_takes_no_room_from_others() {
    const FLOOD: usize = 1_000_000;
    let mut story = Story::with_admins([2]);
    let mut authority = story.told();
    let honest_start = story.entries.len();
    let mut flood = Story::found();
    flood.org = story.org;
    flood.apart(66, &cancel(1), &[EntryId([9; 32])]);
    let one = flood.entries.pop().unwrap();
    // Each in a log of its own, naming something that nobody has; nobody looks at signatures here any more.
    let refused = (0..FLOOD as u64).filter(|number| {
        let missing = EntryId(crate::id::sha256(&[b"missing", &number.to_be_bytes()]));
        let inc = crate::id::Inc(number.to_be_bytes());
        let entry = crate::entry::Entry { inc, seen: vec![missing], ..one.entry.clone() };
        let id = EntryId(crate::id::sha256(&[b"orphan", &number.to_be_bytes()]));
        authority.add(&Signed { entry, id, signature: None }) == Added::Refused
    });
    assert_eq!(refused.count(), FLOOD - crate::limits::ORPHANS_MAX, "no more wait than may");
    story.hire(OWNER, 3, Role::Member);
    let late: Vec<&Signed> = story.entries[honest_start..].iter().rev().collect();
    for signed in late {
        assert_ne!(authority.add(signed), Added::Refused);
    }
    authority.evaluate();
    assert_eq!(authority.state().hash(), story.told().state().hash());
}
