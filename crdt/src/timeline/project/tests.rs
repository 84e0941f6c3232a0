//! Tests of `timeline::project`.

use super::*;
use crate::timeline::record::BadRecord;

use crate::id::Inc;
use crate::timeline::record::Record;
use crate::timeline::testing::{Chance, EPOCH, SPACE, device, person, placed};

const NOW: Timestamp = Timestamp(1_000_000_000);
const MODERATOR: u8 = 0;
const AUTHOR: u8 = 1;
const OTHER: u8 = 2;

/// Devices 2n and 2n + 1 are person n's; person 0 moderates; person 9 may only read; 14 and 15 are nobody's.
#[derive(Default)]
struct Law {
    cut: BTreeMap<DeviceId, u64>,
    vouched: BTreeSet<EntryId>,
    held: BTreeSet<DeviceId>,
}

impl Judge for Law {
    fn person_of(&self, device: &DeviceId) -> Option<PersonId> {
        let n = device.0[0] / 2;
        (n != 7).then(|| person(n))
    }

    fn standing(&self, log: &LogId, seq: u64, id: &EntryId) -> Standing {
        match self.cut.get(&log.device) {
            _ if self.held.contains(&log.device) => Standing::Held,
            Some(cut) if *cut < seq && self.vouched.contains(id) => Standing::Vouched(device(4)),
            Some(cut) if *cut < seq => Standing::Cut,
            _ => Standing::Kept,
        }
    }

    fn may(&self, by: &PersonId, deed: Deed, _: Hlc) -> bool {
        let moderates = *by == person(MODERATOR);
        match deed {
            Deed::Post { in_thread } => *by != person(9) || in_thread,
            Deed::Edit { age } => age <= Duration::from_secs(3_600),
            Deed::React => *by != person(9),
            Deed::RetractOwn { age } => age <= Duration::from_secs(7_200),
            Deed::MentionAll | Deed::Retract { .. } | Deed::Pin | Deed::Topic => moderates,
        }
    }
}

/// A record of the person's first device.
fn by(who: u8, seq: u64, ms: u64, record: Record) -> Placed {
    placed(2 * who, seq, ms, record)
}

fn message() -> Placed {
    by(AUTHOR, 0, 1_000, Record::message())
}

fn row(base: &Placed, notes: &[Placed]) -> Row {
    project(base, notes, &Law::default(), NOW)
}

fn blob_of(note: &Placed) -> Option<Text> {
    note.text().map(|blob| Text { epoch: note.epoch, blob })
}

#[test]
fn the_last_edit_of_the_author_stands_and_the_history_stays() {
    let base = message();
    let edits = [1_000, 3_000, 2_000].map(|ms| by(AUTHOR, ms, ms, Record::edit(base.id)));
    let from_desk = placed(2 * AUTHOR + 1, 0, 2_500, Record::edit(base.id));
    let mut notes = edits.to_vec();
    notes.push(from_desk.clone());
    let row = row(&base, &notes);
    assert_eq!((row.text, row.edited), (blob_of(&edits[1]), Some(edits[1].order)));
    let history: Vec<EntryId> = row.history.iter().map(|it| it.id).collect();
    assert_eq!(history, [base.id, edits[0].id, edits[2].id, from_desk.id, edits[1].id]);
}

/// Abuse test 31, first part: whoever lacks the right changes nothing.
#[test]
fn abuse_31_notes_of_others_without_the_right_are_ignored() {
    let base = message();
    let plain = row(&base, &[]);
    let stranger = placed(14, 1, 5_000, Record::retract(base.id));
    let too_late = by(AUTHOR, 9, 1_000 + 3_600_001, Record::edit(base.id));
    let elsewhere = Placed { space: crate::id::SpaceId([9; 16]), ..by(AUTHOR, 4, 5_000, Record::retract(base.id)) };
    let notes = [
        by(OTHER, 1, 5_000, Record::edit(base.id)),
        by(MODERATOR, 1, 5_000, Record::edit(base.id)),
        by(OTHER, 2, 5_000, Record::retract(base.id)),
        by(OTHER, 3, 5_000, Record::pin(base.id, true)),
        by(9, 3, 5_000, Record::reaction(base.id, "x", true)),
        by(AUTHOR, 3, 5_000, Record::pin(base.id, true)),
        by(AUTHOR, 2, 5_000, Record::retract(EntryId([1; 32]))),
        stranger,
        too_late,
        elsewhere,
    ];
    for note in &notes {
        assert_eq!(row(&base, std::slice::from_ref(note)), plain, "{note:?}");
    }
    let mut notes = notes.to_vec();
    for _ in 0..notes.len() {
        assert_eq!(row(&base, &notes), plain);
        notes.rotate_left(1);
    }
    assert!(plain.is_visible() && plain.text.is_some());
}

/// Abuse test 31: an edit of an edit, and what is aimed at an edit, is about the message.
#[test]
fn abuse_31_an_edit_of_an_edit_is_about_the_original() {
    let base = message();
    let first = by(AUTHOR, 1, 2_000, Record::edit(base.id));
    let second = by(AUTHOR, 2, 3_000, Record::edit(first.id));
    let thumb = by(OTHER, 1, 4_000, Record::reaction(second.id, "👍", true));
    // An edit without the right leads to the message all the same.
    let foreign = by(OTHER, 2, 4_500, Record::edit(second.id));
    let last = by(AUTHOR, 3, 5_000, Record::edit(foreign.id));
    let notes = [last.clone(), thumb, foreign, second, first];
    let stored = |target: &EntryId| notes.iter().filter(|it| it.note_target() == Some(*target)).cloned().collect();
    let found = notes_of(&base.id, stored);
    assert_eq!(found.len(), notes.len());
    let row = row(&base, &found);
    assert_eq!((row.text, row.history.len()), (blob_of(&last), 4));
    assert_eq!(row.reactions, BTreeMap::from([("👍".to_owned(), [person(OTHER)].into())]));
}

/// Abuse test 31: a tombstone stays one.
#[test]
fn abuse_31_what_was_retracted_stays_retracted_in_any_order() {
    let base = message();
    let retract = by(AUTHOR, 1, 2_000, Record::retract(base.id));
    let late_edit = by(AUTHOR, 2, 3_000, Record::edit(base.id));
    let thumb = by(OTHER, 2, 3_000, Record::reaction(base.id, "👍", true));
    let pin = by(MODERATOR, 2, 3_000, Record::pin(base.id, true));
    let again = by(OTHER, 3, 4_000, Record::retract(base.id));
    let mut notes = vec![retract, late_edit, thumb, pin, again];
    for order in 0..120 {
        // Every order of five: the numbers of an order, digit by digit.
        let mut rest = std::mem::take(&mut notes);
        for (left, place) in (1..=5).rev().zip([24, 6, 2, 1, 1]) {
            notes.push(rest.remove(order / place % left));
        }
        let row = row(&base, &notes);
        assert_eq!((row.retracted_by, row.text, row.history.len()), (Some(person(AUTHOR)), None, 0));
        assert!(!row.is_visible() && row.reactions.is_empty() && row.pinned_by.is_none());
    }
    let moderated = row(&base, &[by(MODERATOR, 1, 2_000, Record::retract(base.id))]);
    assert_eq!(moderated.retracted_by, Some(person(MODERATOR)));
}

/// Abuse test 31: an answer to something missing is an ordinary row.
#[test]
fn abuse_31_an_answer_to_a_missing_record_is_fine() {
    let missing = EntryId([0xee; 32]);
    let record = Record { target: Some(missing), thread: Some(missing), ..Record::message() };
    let base = by(AUTHOR, 0, 1_000, record);
    assert_eq!(base.note_target(), None);
    let row = row(&base, &[]);
    assert!(row.is_visible());
    assert_eq!((row.reply_to, row.thread), (Some(missing), Some(missing)));
    let orphan = by(AUTHOR, 1, 2_000, Record::reaction(missing, "x", true));
    assert_eq!(project(&orphan, &[], &Law::default(), NOW).hidden, Some(Hidden::Note));
}

/// Abuse test 32: neither a far future nor an ancient clock wins for ever.
#[test]
fn abuse_32_a_clock_ahead_does_not_stay_on_top() {
    let base = message();
    let year = 365 * 24 * 3_600_000;
    let honest = by(AUTHOR, 1, 2_000, Record::edit(base.id));
    for ms in [NOW.0 + 120_001, NOW.0 + year, u64::MAX] {
        let ahead = row(&by(AUTHOR, 5, ms, Record::message()), &[]);
        assert!(ahead.ahead && ahead.is_visible());
        assert_eq!(ahead.due, Some(Timestamp(ms - 120_000)));
        assert!(row(&by(AUTHOR, 6, NOW.0, Record::message()), &[]).screen_place() < ahead.screen_place());
        assert_eq!(rows_digest([&ahead]), rows_digest([]));
        let future_edit = placed(2 * AUTHOR + 1, 5, ms, Record::edit(base.id));
        let kept = row(&base, &[future_edit, honest.clone()]);
        assert_eq!((kept.text, kept.due), (blob_of(&honest), Some(Timestamp(ms - 120_000))));
    }
    let settled =
        project(&by(AUTHOR, 5, NOW.0 + 120_001, Record::message()), &[], &Law::default(), Timestamp(NOW.0 + 1));
    assert!(!settled.ahead && settled.due.is_none());
    assert_ne!(rows_digest([&settled]), rows_digest([]));
    let ancient = row(&by(AUTHOR, 7, 0, Record::message()), &[by(AUTHOR, 8, 0, Record::retract(base.id))]);
    assert!(ancient.is_visible() && !ancient.ahead);
    // An edit that claims to be older than its message still comes after it.
    let early = by(AUTHOR, 8, 0, Record::edit(base.id));
    assert_eq!(row(&base, std::slice::from_ref(&early)).text, blob_of(&early));
}

#[test]
fn reactions_are_the_last_word_of_each_person() {
    let base = message();
    let give = |who, ms, emoji: &str, add| by(who, ms, ms, Record::reaction(base.id, emoji, add));
    let desk = placed(2 * OTHER + 1, 1, 2_500, Record::reaction(base.id, "a", false));
    let notes = [
        give(OTHER, 2_000, "a", true),
        desk,
        give(OTHER, 2_600, "b", true),
        give(AUTHOR, 2_000, "a", true),
        give(3, 2_000, "c", true),
        give(3, 3_000, "c", false),
    ];
    let expected = [("a".to_owned(), [person(AUTHOR)].into()), ("b".to_owned(), [person(OTHER)].into())];
    assert_eq!(row(&base, &notes).reactions, BTreeMap::from(expected));
    let flood: Vec<Placed> = (0..1_000).map(|it| give(OTHER, 5_000 + it, &format!("e{it}"), true)).collect();
    assert_eq!(row(&base, &flood).reactions.len(), limits::REACTIONS_PER_PERSON_MAX);
}

#[test]
fn pins_mentions_topics_and_posts_need_their_rights() {
    let base = message();
    let pins =
        [by(MODERATOR, 1, 2_000, Record::pin(base.id, true)), by(MODERATOR, 2, 3_000, Record::pin(base.id, false))];
    assert_eq!(row(&base, &pins[..1]).pinned_by, Some(person(MODERATOR)));
    assert_eq!(row(&base, &pins).pinned_by, None);
    let mentions: BTreeSet<Mention> = [Mention::All, Mention::Person(person(OTHER))].into();
    let loud = Record { mentions: mentions.clone(), ..Record::message() };
    assert_eq!(row(&by(MODERATOR, 0, 1, loud.clone()), &[]).mentions, mentions);
    assert_eq!(row(&by(AUTHOR, 0, 1, loud), &[]).mentions, [Mention::Person(person(OTHER))].into());
    assert_eq!(row(&by(AUTHOR, 0, 1, Record::topic()), &[]).hidden, Some(Hidden::NotPermitted));
    assert!(row(&by(MODERATOR, 0, 1, Record::topic()), &[]).is_visible());
    assert_eq!(row(&by(9, 0, 1, Record::message()), &[]).hidden, Some(Hidden::NotPermitted));
    let answer = Record { thread: Some(base.id), ..Record::message() };
    assert!(row(&by(9, 0, 1, answer), &[]).is_visible());
}

#[test]
fn what_is_cut_held_bad_or_unknown_shows_nothing() {
    let base = by(AUTHOR, 5, 1_000, Record::message());
    let edit = by(AUTHOR, 7, 2_000, Record::edit(base.id));
    let cut_at = |seq| Law { cut: [(device(2 * AUTHOR), seq)].into(), ..Law::default() };
    let cut = project(&base, std::slice::from_ref(&edit), &cut_at(4), NOW);
    assert_eq!((cut.hidden, cut.text, cut.author), (Some(Hidden::Cut), None, Some(person(AUTHOR))));
    let half = project(&base, std::slice::from_ref(&edit), &cut_at(6), NOW);
    assert_eq!((half.hidden, half.edited), (None, None), "the edit is above the cut");
    let vouched = project(&base, &[], &Law { vouched: [base.id].into(), ..cut_at(4) }, NOW);
    assert!(vouched.is_visible() && vouched.vouched == Some(device(4)));
    let held = project(&base, &[], &Law { held: [device(2 * AUTHOR)].into(), ..Law::default() }, NOW);
    assert_eq!(held.hidden, Some(Hidden::Held));
    assert_eq!(rows_digest([&held]), rows_digest([]));
    let bad = Placed { record: Err(BadRecord::Malformed), ..base.clone() };
    assert_eq!(row(&bad, &[]).hidden, Some(Hidden::Bad(BadRecord::Malformed)));
    assert_eq!(row(&placed(14, 0, 1, Record::message()), &[]).hidden, Some(Hidden::UnknownAuthor));
}

#[test]
fn a_type_of_a_newer_artel_is_shown_as_such() {
    let newer = |target: Option<EntryId>| Record { target, ..Record::new(What::Newer { number: 40, bytes: vec![] }) };
    let base = by(AUTHOR, 0, 1_000, newer(None));
    assert_eq!(row(&base, &[]).kind, RowKind::Newer { number: 40 });
    let base = message();
    assert!(row(&base, &[by(OTHER, 1, 2_000, newer(Some(base.id)))]).newer);
}

/// Random notes by random devices, allowed and not, also about each other.
fn random_notes(base: &Placed, chance: &mut Chance) -> Vec<Placed> {
    let mut ids = vec![base.id, EntryId([0xcc; 32])];
    let mut notes = Vec::new();
    for seq in 0..chance.below(25) {
        let target = ids[chance.below(ids.len() as u64) as usize];
        let add = !chance.one_in(3);
        let record = match chance.below(8) {
            0..=3 => Record::edit(target),
            4 if chance.one_in(4) => Record::retract(target),
            5 => Record::pin(target, add),
            _ => Record::reaction(target, ["a", "b"][chance.below(2) as usize], add),
        };
        // Few moments, so that clocks often agree; now and then one far ahead.
        let ms = if chance.one_in(15) { u64::MAX } else { 1_000 + chance.below(4) };
        let mut note = placed(chance.below(16) as u8, seq, ms, record);
        if chance.one_in(12) {
            note.record = Err(BadRecord::Shape);
        }
        if chance.one_in(12) {
            // The same place twice: a cloned device.
            notes.push(Placed { id: EntryId([seq as u8; 32]), inc: Inc([1; 8]), ..note.clone() });
        }
        ids.push(note.id);
        notes.push(note);
    }
    notes
}

#[test]
fn rows_and_digests_do_not_depend_on_order_or_duplicates() {
    let mut chance = Chance(7);
    let law = Law { cut: [(device(2), 9), (device(5), 3)].into(), held: [device(12)].into(), ..Law::default() };
    let (mut edited, mut retracted) = (0, 0);
    for round in 0..250 {
        let bases: Vec<Placed> =
            (0..4).map(|it| placed(chance.below(16) as u8, it, 1_000 + chance.below(3), Record::message())).collect();
        let notes: Vec<Placed> = bases.iter().flat_map(|it| random_notes(it, &mut chance)).collect();
        let rows: Vec<Row> = bases.iter().map(|it| project(it, &notes, &law, NOW)).collect();
        edited += rows.iter().filter(|it| it.edited.is_some()).count();
        retracted += rows.iter().filter(|it| it.retracted_by.is_some()).count();
        for _ in 0..4 {
            let mut shuffled = notes.clone();
            shuffled.extend(notes.iter().filter(|_| chance.one_in(3)).cloned());
            chance.shuffle(&mut shuffled);
            let mut again: Vec<Row> = bases.iter().map(|it| project(it, &shuffled, &law, NOW)).collect();
            assert_eq!(again, rows, "round {round}");
            again.extend(rows.iter().filter(|_| chance.one_in(2)).cloned());
            chance.shuffle(&mut again);
            assert_eq!(rows_digest(&again), rows_digest(&rows));
        }
        for (base, row) in bases.iter().zip(&rows) {
            let found = notes_of(&base.id, |target| {
                notes.iter().filter(|it| it.note_target() == Some(*target)).cloned().collect()
            });
            assert_eq!(project(base, &found, &law, NOW), *row, "a store that keeps notes by target finds all");
        }
    }
    assert!(60 < edited && 10 < retracted, "{edited} {retracted}");
}

/// Everything about each record that is no note, in the order of the place.
fn rows_of(records: &[Placed], law: &Law) -> Vec<Row> {
    let mut bases: Vec<&Placed> = records.iter().filter(|it| it.note_target().is_none()).collect();
    bases.sort_by_key(|it| it.place());
    bases.into_iter().map(|it| project(it, records, law, NOW)).collect()
}

/// What an Automerge document of the steps holds, and the steps folded without one, are the same rows.
#[test]
fn rows_of_the_document_are_the_rows_of_its_folded_steps() {
    let mut chance = Chance(11);
    let law = Law { cut: [(device(2), 4)].into(), held: [device(5)].into(), ..Law::default() };
    let (mut edited, mut retracted) = (0, 0);
    for round in 0..60 {
        let (mut folded, mut spans) = (Vec::new(), Vec::new());
        let mut ids: Vec<EntryId> = Vec::new();
        for n in 0..7 {
            let len = 1 + chance.below(30);
            let mut steps = Vec::new();
            for seq in 0..len {
                let target = ids.get(chance.below(ids.len().max(1) as u64) as usize).copied();
                let record = match (chance.below(6), target) {
                    (0, Some(it)) => Record::edit(it),
                    (1, Some(it)) if chance.one_in(4) => Record::retract(it),
                    (2, Some(it)) => Record::reaction(it, "a", !chance.one_in(3)),
                    (3, Some(it)) => Record::pin(it, true),
                    _ => Record::message(),
                };
                let mut step = placed(n, seq, 1_000 + chance.below(6), record);
                if chance.one_in(15) {
                    step.record = Err(BadRecord::Shape);
                }
                ids.push(step.id);
                steps.push(step);
            }
            let log = crate::id::LogId { device: device(n), inc: Inc([0; 8]) };
            let mut first = 0;
            while first < len {
                let last = (first + chance.below(9)).min(len - 1);
                let inside = steps.iter().filter(|it| (first..=last).contains(&it.order.seq)).cloned().collect();
                spans.push(crate::timeline::Span { log, first, last, steps: inside });
                first = last + 1;
            }
            folded.extend(steps);
        }
        chance.shuffle(&mut spans);
        let mut segment = crate::timeline::Segment::new(SPACE, EPOCH).unwrap();
        segment.apply(spans).unwrap();
        chance.shuffle(&mut folded);
        let (document, plain) = (rows_of(&segment.records(), &law), rows_of(&folded, &law));
        assert_eq!(document, plain, "round {round}");
        assert_eq!(rows_digest(&document), rows_digest(&plain));
        edited += plain.iter().filter(|it| it.edited.is_some()).count();
        retracted += plain.iter().filter(|it| it.retracted_by.is_some()).count();
    }
    assert!(60 < edited && 10 < retracted, "{edited} {retracted}");
}

#[test]
fn the_digest_sees_every_difference() {
    let base = message();
    let plain = row(&base, &[]);
    let notes = [
        by(AUTHOR, 1, 2_000, Record::edit(base.id)),
        by(AUTHOR, 1, 2_000, Record::retract(base.id)),
        by(OTHER, 1, 2_000, Record::reaction(base.id, "a", true)),
        by(3, 1, 2_000, Record::reaction(base.id, "a", true)),
        by(MODERATOR, 1, 2_000, Record::pin(base.id, true)),
    ];
    let mut digests: BTreeSet<[u8; 32]> =
        notes.iter().map(|it| rows_digest([&row(&base, std::slice::from_ref(it))])).collect();
    digests.insert(rows_digest([&plain]));
    digests.insert(rows_digest([]));
    digests.insert(rows_digest([&Row { hidden: Some(Hidden::Cut), ..plain.clone() }]));
    digests.insert(rows_digest([&Row { thread: Some(base.id), ..plain.clone() }]));
    digests.insert(rows_digest([&Row { reply_to: Some(base.id), ..plain.clone() }]));
    assert_eq!(digests.len(), 10);
    let local = Row { vouched: Some(device(1)), due: Some(NOW), ..plain.clone() };
    assert_eq!(rows_digest([&local]), rows_digest([&plain]));
}

#[test]
fn a_long_chain_of_edits_ends_at_the_bound_wherever_one_starts() {
    let base = message();
    let mut target = base.id;
    let notes: Vec<Placed> = (0..20_000)
        .map(|seq| {
            let note = by(AUTHOR, seq, 2_000 + seq, Record::edit(target));
            target = note.id;
            note
        })
        .collect();
    let last = limits::EDIT_CHAIN_MAX;
    assert_eq!(row(&base, &notes).text, blob_of(&notes[last]));
    let stored = |target: &EntryId| notes.iter().filter(|it| it.note_target() == Some(*target)).cloned().collect();
    assert_eq!(notes_of(&base.id, stored).len(), last + 1);
    let find = |id: &EntryId| std::iter::once(&base).chain(&notes).find(|it| it.id == *id).cloned();
    assert_eq!(row_of(&base, find), Some(base.id));
    assert_eq!(row_of(&notes[0], find), Some(base.id));
    assert_eq!(row_of(&notes[last], find), Some(base.id));
    assert_eq!(row_of(&notes[last + 1], find), None);
    assert_eq!(row_of(&by(OTHER, 1, 5, Record::pin(EntryId([1; 32]), true)), find), None, "its target is not there");
}
