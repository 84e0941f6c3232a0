//! Hostile records of members: rows, their order-freedom, and the segment they go into.
//!
//! The bytes are a list of records, each `[who u8, time u8, length u8, plaintext of the step]`.

use artel_crdt::entry::{BlobRef, Entry, Kind, Signed};
use artel_crdt::id::{BlobHash, DeviceId, EntryId, Inc, LogId, PersonId, SpaceId, sha256};
use artel_crdt::time::{Hlc, Timestamp};
use artel_crdt::timeline::{Deed, Judge, Placed, Segment, Span, Standing, notes_of, project, row_of, rows_digest};

/// Most records of one run.
const RECORDS_MAX: usize = 24;
const SPACE: SpaceId = SpaceId([1; 16]);
const EPOCH: EntryId = EntryId([2; 32]);
const START: u64 = 1_800_000_000_000;

/// Devices 0 to 2 are of three persons, 3 of nobody; person 2 may only write; device 1 was cut at its sixth entry.
struct Rules;

impl Judge for Rules {
    fn person_of(&self, device: &DeviceId) -> Option<PersonId> {
        (device.0[0] < 3).then_some(PersonId(device.0))
    }

    fn standing(&self, log: &LogId, seq: u64, _: &EntryId) -> Standing {
        if log.device.0[0] == 1 && seq > 5 { Standing::Cut } else { Standing::Kept }
    }

    fn may(&self, person: &PersonId, deed: Deed, _: Hlc) -> bool {
        person.0[0] < 2 || matches!(deed, Deed::Post { .. })
    }
}

/// Reads the list. An id in a record is the hash of its entry, so `[n; 32]` stands for the nth record before it.
fn read(bytes: &[u8]) -> Vec<(Signed, Placed)> {
    let mut seqs = [(0u64, None); 4];
    let mut all: Vec<(Signed, Placed)> = Vec::new();
    let mut rest = bytes;
    while let Some(([who, time, length], more)) = rest.split_first_chunk::<3>()
        && all.len() < RECORDS_MAX
    {
        let (plaintext, more) = more.split_at(usize::from(*length).min(more.len()));
        rest = more;
        let who = who % 4;
        let (seq, prev) = seqs[usize::from(who)];
        let blob = |n: u8| BlobRef { hash: BlobHash(sha256(&[&[who, n], &seq.to_be_bytes()])), size: 100 };
        let plaintext = named(plaintext, &all);
        let entry = Entry {
            device: DeviceId([who; 16]),
            space: SPACE,
            inc: Inc([0; 8]),
            seq,
            prev,
            seen: Vec::new(),
            hlc: Hlc { ms: START + 1_000 * seq + u64::from(*time), ctr: 0 },
            kind: Kind::Step,
            epoch: Some(EPOCH),
            body: plaintext.clone(),
            blobs: vec![blob(0), blob(1)],
        };
        let signed = Signed { id: entry.id(&artel_crdt::id::OrgId([3; 20])), entry, signature: None };
        seqs[usize::from(who)] = (seq + 1, Some(signed.id));
        let placed = Placed::from_step(&signed, &plaintext);
        all.push((signed, placed));
    }
    all
}

/// Puts ids of earlier records in place of `[n; 32]`.
fn named(plaintext: &[u8], earlier: &[(Signed, Placed)]) -> Vec<u8> {
    let mut named = plaintext.to_vec();
    let mut at = 0;
    while let Some(window) = named.get_mut(at..at + 32) {
        let back = usize::from(window[0]);
        let target = earlier.len().checked_sub(back + 1).and_then(|it| earlier.get(it));
        match target.filter(|_| window.iter().all(|it| *it == window[0])) {
            Some((signed, _)) => {
                window.copy_from_slice(&signed.id.0);
                at += 32;
            }
            None => at += 1,
        }
    }
    named
}

pub(crate) fn target(bytes: &[u8]) {
    let all = read(bytes);
    let placed: Vec<Placed> = all.iter().map(|it| it.1.clone()).collect();
    for it in &placed {
        assert_eq!(Placed::decode(&it.encode()).as_ref(), Ok(it));
    }
    rows(&placed);
    document(&all, &placed);
}

fn rows(placed: &[Placed]) {
    let now = Timestamp(START + 10_000);
    let find = |id: &EntryId| placed.iter().find(|it| it.id == *id).cloned();
    let about = |id: &EntryId| placed.iter().filter(|it| it.note_target() == Some(*id)).cloned().collect::<Vec<_>>();
    let backwards: Vec<Placed> = placed.iter().rev().cloned().collect();
    let mut rows = Vec::new();
    for base in placed {
        let row = project(base, placed, &Rules, now);
        assert_eq!(row, project(base, &backwards, &Rules, now), "a row depends on the order of arrival");
        if base.note_target().is_some() {
            // What a note changes is a row that its author could have seen.
            assert!(row_of(base, find).is_none_or(|it| find(&it).is_some_and(|it| it.note_target().is_none())));
            continue;
        }
        assert_eq!(row_of(base, find), Some(base.id));
        assert_eq!(row, project(base, &notes_of(&base.id, about), &Rules, now), "a note was not collected");
        assert!(row.is_visible() || (row.text.is_none() && row.reactions.is_empty()), "{row:?}");
        rows.push(row);
    }
    rows.sort_by_key(artel_crdt::timeline::Row::screen_place);
    rows_digest(rows.iter());
}

fn document(all: &[(Signed, Placed)], placed: &[Placed]) {
    let mut segment = Segment::new(SPACE, EPOCH).unwrap();
    let spans = (0..4u8).filter_map(|who| {
        let mine = all.iter().map(|it| it.0.clone()).filter(|it| it.entry.device == DeviceId([who; 16]));
        Span::of_run(&EPOCH, &mine.collect::<Vec<_>>(), placed)
    });
    let applied = segment.apply(spans.collect()).unwrap();
    assert_eq!((applied.records, applied.waiting, applied.dropped), (placed.len(), 0, 0));
    let mut sorted = placed.to_vec();
    sorted.sort_by_key(Placed::place);
    assert_eq!(segment.records(), sorted);
}
