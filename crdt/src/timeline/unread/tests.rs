//! Tests of `timeline::unread`.

use super::*;

use crate::id::DeviceId;
use crate::time::Hlc;
use crate::timeline::testing::{Chance, person};

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
