//! Tests of the topics of channels: from the index, checked against the journal.

use super::*;

const SPACE: SpaceId = SpaceId([7; 16]);

fn found(sets: &[u8], whole: bool) -> Topic {
    Topic { text: None, sets: sets.iter().map(|it| EntryId([*it; 32])).collect(), whole }
}

#[test]
fn what_was_looked_for_before_everything_was_read_again_is_not_believed() {
    let mut topics = Topics::default();
    let begun = topics.turn;
    topics.forget();
    assert!(!topics.take((SPACE, begun, found(&[1], false))) && topics.spaces.is_empty());
    assert!(topics.take((SPACE, topics.turn, found(&[1], false))));
}

#[test]
fn what_came_during_a_look_is_not_forgotten_by_it() {
    let mut topics = Topics::default();
    topics.spaces.entry(SPACE).or_default().sets.insert(EntryId([2; 32]));
    assert!(topics.take((SPACE, topics.turn, found(&[], true))), "the one that came counts from now on");
    let known = &topics.spaces[&SPACE];
    assert!(known.looked && known.whole && known.sets.contains(&EntryId([2; 32])));
    assert!(!topics.take((SPACE, topics.turn, found(&[2], false))), "nothing new");
    assert!(topics.spaces[&SPACE].whole, "all of it stays looked through");
}

#[test]
fn a_channel_without_a_topic_is_nothing_to_tell_of() {
    let mut topics = Topics::default();
    assert!(!topics.take((SPACE, topics.turn, found(&[], true))));
    assert!(topics.spaces[&SPACE].looked);
}
