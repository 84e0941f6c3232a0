//! Entries that wait for what they refer to: whoever floods takes room from himself only.

use crate::authority::testkit::*;
use crate::authority::*;
use crate::entry::Signed;
use crate::id::EntryId;
use crate::limits::ORPHANS_MAX;

/// Entries by somebody, each in a log of its own, that all refer to one that nobody has.
fn orphans(org: crate::id::OrgId, by: u64, count: usize, missing: EntryId) -> Vec<Signed> {
    let mut story = Story::found();
    story.org = org;
    let one = |code: u64, story: &mut Story| {
        story.apart(by, &cancel(code), &[missing]);
        story.entries.pop().unwrap()
    };
    (0..count as u64).map(|code| one(code, &mut story)).collect()
}

/// A story with an entry that comes last, and what waits for it.
fn late(story: &mut Story) -> Signed {
    story.now(OWNER, &team());
    story.entries.pop().unwrap()
}

#[test]
fn of_those_who_wait_for_the_same_only_the_one_who_floods_loses_entries() {
    let mut story = Story::with_admins([2, 3, 4, 5]);
    let mut authority = story.told();
    let missing = late(&mut story);
    let flood = orphans(story.org, 66, ORPHANS_MAX, missing.id);
    assert!(flood.iter().all(|it| authority.add(it) == Added::Waiting));
    assert!(
        orphans(story.org, 66, ORPHANS_MAX + 1, missing.id)
            .last()
            .is_some_and(|it| authority.add(it) == Added::Refused)
    );
    // Eleven honest ones by four people who wait for the same entry, and one who waits for another one.
    let mut honest = Vec::new();
    for (by, count) in [(2, 3), (3, 2), (4, 5), (5, 1)] {
        honest.extend(orphans(story.org, by, count, missing.id));
    }
    let elsewhere = orphans(story.org, 2, 1, EntryId([9; 32]));
    for signed in honest.iter().chain(&elsewhere) {
        assert_eq!(authority.add(signed), Added::Waiting);
        assert_eq!(authority.add(signed), Added::Waiting, "it waits already, and takes no room again");
    }
    let before = authority.len();
    assert_eq!(authority.add(&missing), Added::New);
    assert!(honest.iter().all(|it| authority.knows(&it.id)));
    assert!(!authority.knows(&elsewhere[0].id));
    // As many of the flood gave way as honest ones came.
    assert_eq!(authority.len(), before + 1 + ORPHANS_MAX - elsewhere.len());
    assert_eq!(authority.add(&honest[0]), Added::Known);

    // All the room but that of the one who still waits is there again.
    let second = orphans(story.org, 67, ORPHANS_MAX, EntryId([8; 32]));
    let taken = second.iter().filter(|it| authority.add(it) == Added::Waiting).count();
    assert_eq!(taken, ORPHANS_MAX - elsewhere.len());
}

/// Two who flood at the same time: whoever has more waiting gives way, until they have the same.
#[test]
fn the_room_is_shared_evenly_by_those_who_want_more_than_there_is() {
    let story = Story::found();
    let mut authority = story.told();
    let missing = EntryId([9; 32]);
    for signed in orphans(story.org, 66, ORPHANS_MAX, missing) {
        assert_eq!(authority.add(&signed), Added::Waiting);
    }
    let other = orphans(story.org, 67, ORPHANS_MAX, EntryId([8; 32]));
    let taken = other.iter().filter(|it| authority.add(it) == Added::Waiting).count();
    assert_eq!(taken, ORPHANS_MAX / 2);
}

/// What waits for several entries comes in with the last of them, and only then.
#[test]
fn a_gap_of_several_entries_is_waited_for_to_its_end() {
    let mut story = Story::with_admins([2]);
    let mut authority = story.told();
    let start = story.entries.len();
    let before = story.heads();
    let gap = [2, OWNER].map(|by| story.apart(by, &team(), &before));
    let behind = story.apart(2, &team(), &gap);
    let further = story.seeing(2, &team(), &[]);
    for signed in story.entries[start..].iter().rev().take(3) {
        authority.add(signed);
    }
    assert!(!authority.knows(&behind) && !authority.knows(&further));
    assert_eq!(authority.add(&story.entries[start]), Added::New);
    assert!(authority.knows(&behind) && authority.knows(&further));
    authority.evaluate();
    assert_eq!(authority.state().hash(), story.told().state().hash());
}
