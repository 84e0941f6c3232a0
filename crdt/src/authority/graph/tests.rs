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
