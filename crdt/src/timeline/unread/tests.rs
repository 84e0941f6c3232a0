//! Tests of `timeline::unread`.

use super::*;

use crate::id::DeviceId;
use crate::id::{EntryId, LogId, PersonId};
use crate::time::Hlc;
use crate::timeline::testing::{Chance, person, placed};
use crate::timeline::{Deed, Judge, Placed, Record, Standing, project};

fn at(ms: u64) -> Order {
    Order { hlc: Hlc { ms, ctr: 0 }, device: DeviceId([1; 16]), seq: ms }
}

fn line(ms: u64, set: u64) -> Line {
    Line { order: at(ms), at: Timestamp(set) }
}

fn reader(level: Level) -> Reader {
    Reader { person: person(1), teams: [SpaceId([5; 16])].into(), level }
}

/// A row as the tests make it up.
struct Fact {
    order: Order,
    arrived: u64,
    author: Option<u8>,
    mentions: BTreeSet<Mention>,
    hidden: bool,
}

impl Fact {
    fn seen(&self) -> Seen<'_> {
        Seen {
            order: self.order,
            arrived: Timestamp(self.arrived),
            author: self.author.map(person),
            mentions: &self.mentions,
            thread: None,
            hidden: self.hidden,
        }
    }
}

fn fact(ms: u64, arrived: u64) -> Fact {
    Fact { order: at(ms), arrived, author: Some(2), mentions: BTreeSet::new(), hidden: false }
}

#[test]
fn unread_is_what_is_visible_foreign_and_after_the_position() {
    let mut chance = Chance(8);
    for round in 0..2_000 {
        let facts: Vec<Fact> = (0..chance.below(40))
            .map(|ms| {
                let mentions = match chance.below(6) {
                    0 => [Mention::Person(person(1))].into(),
                    1 => [Mention::Team(SpaceId([5; 16]))].into(),
                    2 => [Mention::Person(person(3)), Mention::Team(SpaceId([6; 16]))].into(),
                    _ => BTreeSet::new(),
                };
                let author = match chance.below(8) {
                    0 => None,
                    _ => Some(1 + chance.below(3) as u8),
                };
                Fact { order: at(ms), arrived: ms, author, mentions, hidden: chance.one_in(5) }
            })
            .collect();
        let own = chance.below(40);
        let other = chance.below(40);
        let reading = Reading {
            own: (!chance.one_in(4)).then(|| line(own, own)),
            others: if chance.one_in(2) { vec![line(other, other)] } else { vec![] },
            marked: None,
        };
        let position = reading.start();
        let expected: Vec<&Fact> = facts
            .iter()
            .filter(|it| !it.hidden && it.author.is_some_and(|it| it != 1))
            .filter(|it| position.is_none_or(|position| position < it.order))
            .collect();
        let unread = count(&reading, &reader(Level::All), facts.iter().map(Fact::seen));
        assert_eq!(unread.unread, expected.len(), "round {round}");
        assert_eq!(unread.first, expected.iter().map(|it| it.order).min());
        let called = expected.iter().filter(|it| reader(Level::All).is_called(&it.mentions)).count();
        assert_eq!(unread.mentions, called);
        // Rows below the start need not be given, and the order in which they are given does not matter.
        let mut given: Vec<Seen<'_>> =
            facts.iter().filter(|it| position.is_none_or(|position| position <= it.order)).map(Fact::seen).collect();
        chance.shuffle(&mut given);
        assert_eq!(count(&reading, &reader(Level::All), given), unread);
        let mentions = count(&reading, &reader(Level::Mentions), facts.iter().map(Fact::seen));
        assert_eq!((mentions.unread, mentions.mentions), (called, called));
        assert_eq!(count(&reading, &reader(Level::Nothing), facts.iter().map(Fact::seen)), Unread::default());
    }
}

#[test]
fn what_came_late_above_the_line_is_unread_until_the_reader_looks_again() {
    let mut reading = Reading { own: Some(line(10, 100)), ..Reading::default() };
    let count = |reading: &Reading, fact: &Fact| super::count(reading, &reader(Level::All), [fact.seen()]).unread;
    assert_eq!(count(&reading, &fact(5, 50)), 0, "was there when the reader passed");
    assert_eq!(count(&reading, &fact(5, 150)), 1, "came later");
    reading.others = vec![line(12, 120)];
    assert_eq!(count(&reading, &fact(5, 150)), 1, "the other device read before it came");
    assert_eq!(count(&reading, &fact(11, 150)), 0, "only our own line makes a row late");
    reading.others = vec![line(12, 160)];
    assert_eq!(count(&reading, &fact(5, 150)), 0, "read at the other device");
    let renewed = Reading { own: Some(line(10, 160)), ..Reading::default() };
    assert_eq!(count(&renewed, &fact(5, 150)), 0, "looked at again");
}

#[test]
fn marked_unread_until_a_later_position_covers_it() {
    let mut reading = Reading { own: Some(line(10, 100)), others: vec![], marked: Some(line(4, 110)) };
    let facts: Vec<Fact> = (1..=12).map(|ms| fact(ms, ms)).collect();
    let count = |reading: &Reading| super::count(reading, &reader(Level::All), facts.iter().map(Fact::seen));
    assert_eq!((count(&reading).unread, count(&reading).first), (9, Some(at(4))));
    assert_eq!(reading.start(), Some(at(4)));
    reading.others = vec![line(3, 200)];
    assert_eq!(count(&reading).unread, 9, "a later position below the mark changes nothing");
    reading.own = Some(line(10, 120));
    assert_eq!((count(&reading).unread, reading.start()), (2, Some(at(10))));
}

/// Everybody may do everything; device `n` is person `n / 2`'s.
struct Fair;

impl Judge for Fair {
    fn person_of(&self, device: &DeviceId) -> Option<PersonId> {
        Some(person(device.0[0] / 2))
    }

    fn standing(&self, _: &LogId, _: u64, _: &EntryId) -> Standing {
        Standing::Kept
    }

    fn may(&self, _: &PersonId, _: Deed, _: Hlc) -> bool {
        true
    }
}

/// A message with what was done to it afterwards.
struct Story {
    base: Placed,
    notes: Vec<Placed>,
    arrived: u64,
    /// As told by the one who made it up.
    author: u8,
    calls: bool,
    gone: bool,
}

fn calls(chance: &mut Chance) -> (BTreeSet<Mention>, bool) {
    match chance.below(5) {
        0 => ([Mention::Person(person(1))].into(), true),
        1 => ([Mention::Team(SpaceId([5; 16])), Mention::Person(person(3))].into(), true),
        2 => ([Mention::Person(person(3)), Mention::Team(SpaceId([6; 16]))].into(), false),
        _ => (BTreeSet::new(), false),
    }
}

/// A message of one of three people, each with two devices; maybe in a thread, edited a few times, taken back, late.
fn story(chance: &mut Chance, number: u64, root: Option<EntryId>) -> Story {
    let author = 1 + chance.below(3) as u8;
    let device = 2 * author + chance.below(2) as u8;
    let (mentions, mut called) = calls(chance);
    let ms = 10 * (number + 1);
    let thread = root.filter(|_| chance.one_in(3));
    let base = placed(device, number * 10, ms, Record { mentions, text: Some(0), thread, ..Record::message() });
    let mut notes = Vec::new();
    for edit in 0..chance.below(3) {
        let (mentions, now) = calls(chance);
        called = now;
        let record = Record { mentions, text: Some(0), ..Record::edit(base.id) };
        notes.push(placed(device, number * 10 + 1 + edit, ms + 1 + edit, record));
    }
    let gone = chance.one_in(6);
    if gone {
        notes.push(placed(device, number * 10 + 5, ms + 6, Record::retract(base.id)));
    }
    chance.shuffle(&mut notes);
    let arrived = if chance.one_in(4) { ms + chance.below(600) } else { ms };
    Story { base, notes, arrived, author, calls: called, gone }
}

/// Position and moment of a device that looked.
fn look(chance: &mut Chance, stories: &[Story]) -> Option<Line> {
    let at = stories.get(chance.below(stories.len().max(1) as u64 + 2) as usize)?;
    let order = at.base.order;
    Some(Line { order, at: Timestamp(order.hlc.ms + chance.below(300)) })
}

#[test]
fn badges_are_visible_foreign_rows_after_what_was_read_in_2_000_histories() {
    let mut chance = Chance(2_026);
    let (mut late_ones, mut with_unread) = (0, 0);
    for round in 0..2_000 {
        let mut stories: Vec<Story> = Vec::new();
        for number in 0..chance.below(30) {
            let root = stories.first().map(|it| it.base.id);
            stories.push(story(&mut chance, number, root));
        }
        let (own, other) = (look(&mut chance, &stories), look(&mut chance, &stories));
        let level = [Level::All, Level::Mentions, Level::Nothing][chance.below(3) as usize];
        let reading = Reading { own, others: other.into_iter().collect(), marked: None };
        // Told over again, in the words of the one who reads.
        let unread = |it: &&Story| {
            let below = |line: Option<Line>| line.filter(|line| it.base.order <= line.order);
            let was_there = |line: Line| it.arrived <= line.at.0;
            let seen_here = below(own).is_some_and(was_there);
            let seen_there = below(other).is_some_and(|line| was_there(line) || below(own).is_none());
            it.author != 1 && !it.gone && !seen_here && !seen_there
        };
        let wanted = |it: &&Story| match level {
            Level::All => true,
            Level::Mentions => it.calls,
            Level::Nothing => false,
        };
        let expected: Vec<&Story> = stories.iter().filter(unread).filter(wanted).collect();
        // What a node gives to the count: rows from the start on, and those that came late below it.
        let start = reading.start();
        let given = stories.iter().filter(|it| {
            let late = own.is_some_and(|line| line.at.0 < it.arrived);
            late_ones += u64::from(late);
            start.is_none_or(|start| start <= it.base.order) || late
        });
        let mut rows: Vec<(crate::timeline::Row, Timestamp)> = given
            .map(|it| (project(&it.base, &it.notes, &Fair, Timestamp(1_000_000)), Timestamp(it.arrived)))
            .collect();
        chance.shuffle(&mut rows);
        let found = count(&reading, &reader(level), rows.iter().map(|(row, at)| Seen::of(row, *at)));
        let mentions = expected.iter().filter(|it| it.calls).count();
        let in_threads =
            expected.iter().filter(|it| it.base.record.as_ref().is_ok_and(|it| it.thread.is_some())).count();
        let first = expected.iter().map(|it| it.base.order).min();
        let whole = Unread { unread: expected.len(), mentions, in_threads, first };
        assert_eq!(found, whole, "round {round}");
        with_unread += usize::from(0 < found.unread);
    }
    assert!(500 < with_unread && 1_000 < late_ones);
}

#[test]
fn the_line_goes_on_to_what_was_seen_and_back_only_to_what_was_marked_by_hand() {
    let own = |marked| Reading { own: Some(line(10, 100)), others: Vec::new(), marked };
    assert_eq!(Reading::default().line_at(at(3), &[]), Some(at(3)));
    assert_eq!(own(None).line_at(at(12), &[]), Some(at(12)));
    // Looking at what was read long ago changes nothing.
    assert_eq!(own(None).line_at(at(4), &[]), None);
    assert_eq!(own(None).line_at(at(10), &[(at(5), Timestamp(90))]), None);
    // What came late below the line is read once the last of it was seen.
    let late = [(at(5), Timestamp(110)), (at(7), Timestamp(120)), (at(8), Timestamp(50))];
    assert_eq!(own(None).line_at(at(5), &late), None);
    assert_eq!(own(None).line_at(at(7), &late), Some(at(10)));
    // Unread from 6 on: nothing is read before that is reached, then as far as it was.
    let marked = Some(line(6, 200));
    assert_eq!(own(marked).line_at(at(5), &[]), None);
    assert_eq!(own(marked).line_at(at(8), &[]), Some(at(8)));
    assert_eq!(own(marked).line_at(at(10), &[]), Some(at(10)));
}
