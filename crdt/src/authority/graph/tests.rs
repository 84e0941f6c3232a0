//! The order that is kept up to date is the one that Kahn's algorithm gives.

use std::collections::BTreeSet;

use super::*;
use crate::authority::testkit::{Story, team};
use crate::id::sha256;

fn kahn(graph: &Graph) -> Vec<usize> {
    let mut left: Vec<usize> = graph.nodes.iter().map(|it| it.parents.len()).collect();
    let mut ready: BTreeSet<(EntryId, usize)> =
        (0..left.len()).filter(|it| left[*it] == 0).map(|it| (graph.nodes[it].id, it)).collect();
    let mut order = Vec::new();
    while let Some((_, at)) = ready.pop_first() {
        order.push(at);
        for (child, node) in graph.nodes.iter().enumerate().filter(|(_, it)| it.parents.contains(&at)) {
            left[child] -= 1;
            if left[child] == 0 {
                ready.insert((node.id, child));
            }
        }
    }
    order
}

#[test]
fn the_kept_order_is_kahns_with_the_lower_id_first() {
    for seed in 0_u64..12 {
        let mut story = Story::found();
        for step in 0_u64..120 {
            let dice = sha256(&[&seed.to_be_bytes(), &step.to_be_bytes()]);
            let by = 1 + u64::from(dice[0] % 6);
            let seen: Vec<EntryId> =
                dice[1..3].iter().map(|it| story.entries[usize::from(*it) % story.entries.len()].id).collect();
            if dice[3].is_multiple_of(5) {
                story.apart(by, &team(), &seen)
            } else {
                story.seeing(by, &team(), &seen)
            };
        }
        let mut graph = Graph::default();
        let mut entries: Vec<&Signed> = story.entries.iter().collect();
        entries.sort_by_key(|it| sha256(&[&it.id.0, &seed.to_be_bytes()]));
        for signed in entries {
            graph.add(signed);
            graph.arrange();
        }
        assert_eq!(graph.nodes.len(), story.entries.len());
        assert_eq!(graph.order(), kahn(&graph), "seed {seed}");
        assert_eq!(graph.order(), graph.kahn());
        graph.settle();
        let places: Vec<usize> = graph.order().iter().map(|it| graph.places[*it]).collect();
        assert!(places.iter().enumerate().all(|(at, place)| at == *place));
    }
}

#[test]
fn what_many_have_behind_them_is_the_intersection_of_their_pasts() {
    let mut story = Story::found();
    for step in 0..150_u64 {
        let dice = sha256(&[&step.to_be_bytes()]);
        let seen = [story.entries[usize::from(dice[1]) % story.entries.len()].id];
        story.apart(1 + u64::from(dice[0] % 3), &team(), &seen);
    }
    let mut graph = Graph::default();
    for signed in &story.entries {
        graph.add(signed);
    }
    for many in [vec![20, 30], vec![100, 120, 7], (60..150).collect::<Vec<usize>>()] {
        let pasts: Vec<NodeSet> = many.iter().map(|it| graph.past(&[*it])).collect();
        let common = graph.common_past(&many);
        for node in 0..graph.nodes.len() {
            assert_eq!(common.contains(node), pasts.iter().all(|it| it.contains(node)), "{node}");
        }
    }
}

/// Eight bytes of an id say where it belongs as long as no other one begins alike.
#[test]
fn ids_that_begin_alike_are_put_in_order_by_the_rest() {
    let mut story = Story::found();
    let mut entries: Vec<Signed> = (0..24_u8)
        .map(|number| {
            story.apart(u64::from(number), &team(), &[]);
            let mut signed = story.entries.pop().unwrap();
            signed.id = EntryId([7; 32]);
            // Three beginnings, and many that differ in the last byte only.
            (signed.id.0[0], signed.id.0[31]) = (number % 3, sha256(&[&[number]])[0]);
            signed
        })
        .collect();
    for turn in 0..6_u8 {
        entries.sort_by_key(|it| sha256(&[&it.id.0, &[turn]]));
        let mut graph = Graph::default();
        for signed in &entries {
            graph.add(signed);
            graph.arrange();
        }
        assert_eq!(graph.order(), kahn(&graph), "{turn}");
    }
}

#[test]
fn a_set_of_nodes_holds_what_was_put_in_and_nothing_else() {
    for len in [0, 1, 2, 63, 64, 65, 127, 128, 200] {
        let below = NodeSet::below(len);
        assert!((0..400).all(|it| below.contains(it) == (it < len)), "{len}");
        let mut set = NodeSet::default();
        assert!(!set.contains(len) && set.insert(len) && !set.insert(len));
        assert!((0..400).all(|it| set.contains(it) == (it == len)), "{len}");
        assert!(set.insert(399) && set.insert(len + 1) && set.contains(len) && !set.contains(398));
    }
}

/// Near nodes answer at once; only what lies too far is left open, and no answer is wrong.
#[test]
fn what_is_near_is_answered_and_never_wrongly() {
    let mut story = Story::found();
    for _ in 0..300 {
        story.now(2, &team());
    }
    let start = story.entries.len();
    let aside = story.apart(3, &team(), &[]);
    story.seeing(2, &team(), &[aside]);
    let mut graph = Graph::default();
    for signed in &story.entries {
        graph.add(signed);
    }
    for node in [10, 100, start, start + 1] {
        let past = graph.past(&[node]);
        for first in 0..=node {
            let near = graph.is_near(first, node);
            assert!(near.is_none_or(|it| it == past.contains(first)), "{first} {node}");
            assert!(near.is_some() || node - first >= NEAR_MAX / 2, "{first} {node}");
        }
    }
}
