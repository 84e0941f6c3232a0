//! What holds of every history: replicas that learn from each other come to the same, and nobody reaches above himself.

use std::collections::BTreeMap;

use super::order::{Dice, outcome, random_act, wild};
use crate::authority::testkit::*;
use crate::authority::*;
use crate::entry::Signed;
use crate::id::{DeviceId, EntryId, PersonId};
use crate::testing::Counter;

#[test]
fn two_replicas_that_tell_each_other_what_they_hold_come_to_the_union() {
    for seed in 0..60 {
        let story = wild(seed, 160);
        let expected = outcome(&story.told());
        let mut dice = Dice(Counter(seed ^ 0xace));
        for _ in 0..8 {
            // What either holds has gaps, and much of it both hold.
            let part = |dice: &mut Dice, of: usize| -> Vec<&Signed> {
                let mut part: Vec<&Signed> = story.entries.iter().filter(|_| dice.below(of) > 0).collect();
                dice.shuffle(&mut part);
                part
            };
            let (one, other) = (part(&mut dice, 2), part(&mut dice, 3));
            let rest: Vec<&Signed> =
                story.entries.iter().filter(|it| !one.iter().chain(&other).any(|held| held.id == it.id)).collect();
            for order in [[&one, &other, &rest], [&other, &rest, &one], [&rest, &one, &other]] {
                assert_eq!(outcome(&told_in_packets(&story, order)), expected, "seed {seed}");
            }
        }
    }
}

/// Each packet comes twice, from two colleagues.
fn told_in_packets(story: &Story, packets: [&Vec<&Signed>; 3]) -> Authority {
    let mut authority = Authority::new(story.org);
    for packet in packets.into_iter().flat_map(|it| [it, it]) {
        for signed in packet {
            authority.add(signed);
        }
        authority.evaluate();
    }
    authority
}

/// Everything that those above a rank have: role, rights, whether they are in, and which devices, and how these stand.
type Above = (BTreeMap<PersonId, (Role, Caps, Option<EntryId>)>, BTreeMap<DeviceId, (PersonId, Standing)>);

fn above(state: &State, who: &BTreeMap<PersonId, Role>) -> Above {
    let persons = who.keys().map(|it| (*it, &state.persons[it]));
    let persons = persons.map(|(id, it)| (id, (it.role, it.caps, it.removed_by))).collect();
    // All that they have now: one more would speak with their voice.
    let devices = state.devices.iter().filter(|(_, it)| who.contains_key(&it.person));
    (persons, devices.map(|(id, it)| (*id, (it.person, it.standing))).collect())
}

/// People of one rank, who never had another, do whatever they can think of: seeing what they like, dating back, in many logs,
/// contradicting themselves. Of those above them nothing changes.
#[test]
fn no_act_of_a_rank_changes_anything_of_those_above_it() {
    let (mut tried, mut valid, mut ranks) = (0, 0, BTreeMap::<Role, u32>::new());
    for seed in 0..60_u64 {
        let mut story = wild(1 + 2 * seed, 120);
        let rank = [Role::Admin, Role::Registrar, Role::Member, Role::Guest][(seed % 4) as usize];
        // Somebody who is an owner now; in most histories it is the founder.
        let told = story.told();
        let state = told.state();
        if !state.persons.get(&person(OWNER)).is_some_and(|it| it.role == Role::Owner && it.removed_by.is_none())
            || !state.is_active(&device(OWNER))
            || !told.stopped().is_empty()
        {
            continue;
        }
        let hostile = [50, 51];
        for number in hostile {
            story.hire(OWNER, number, Role::Member);
            if rank != Role::Member {
                story.now(OWNER, &role(number, rank));
            }
        }
        let before = story.told();
        let state = before.state();
        if !hostile.iter().all(|it| state.persons.get(&person(*it)).is_some_and(|it| it.role == rank)) {
            continue;
        }
        let who: BTreeMap<PersonId, Role> =
            state.persons.iter().filter(|(_, it)| it.role < rank).map(|(id, it)| (*id, it.role)).collect();
        let expected = above(state, &who);
        let mut dice = Dice(Counter(seed ^ 0xbad));
        let honest = story.entries.len();
        for _ in 0..150 {
            let by = hostile[dice.below(2)];
            let known: Vec<EntryId> =
                (0..2).map(|_| story.entries[honest / 2 + dice.below(story.entries.len() - honest / 2)].id).collect();
            let act = random_act(&story, &mut dice, by, &known);
            match dice.below(10) {
                0 | 1 => story.apart(by, &act, &known),
                2 if dice.below(40) == 0 && story.has_written(by) => story.again(by, &act),
                3..6 => story.now(by, &act),
                _ => story.seeing(by, &act, &known),
            };
        }
        let after = story.told();
        tried += story.entries.len() - honest;
        *ranks.entry(rank).or_default() += 1;
        valid += story.entries[honest..].iter().filter(|it| after.denied(&it.id).is_none()).count();
        assert_eq!(above(after.state(), &who), expected, "seed {seed}, rank {rank:?}");
    }
    // They are not merely refused altogether.
    assert!(tried > 3_000 && valid > 100 && ranks.len() == 4, "{tried} tried, {valid} valid, {ranks:?}");
}
