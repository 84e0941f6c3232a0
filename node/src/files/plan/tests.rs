//! Every piece is asked for, and once.

use artel_crdt::seal::{Key, PIECE_BYTES};

use super::*;

/// A file of that many pieces, and its lists.
fn plan(pieces: u32, missing: &[u32]) -> (Plan, Vec<Vec<u8>>) {
    let hashes: Vec<BlobHash> = (0..pieces).map(|it| BlobHash::of(&it.to_be_bytes())).collect();
    let lists = file::make_lists(&hashes);
    let info = FileInfo {
        name: "a".into(),
        media: String::new(),
        size: u64::from(pieces) * PIECE_BYTES as u64,
        key: Key::from_bytes([1; 32]),
        lists: lists.iter().map(|it| BlobHash::of(it)).collect(),
        pixels: None,
        thumbnail: None,
        rest: Vec::new(),
    };
    (Plan::new(info, missing), lists)
}

#[test]
fn lists_come_before_their_pieces_and_every_piece_once() {
    let missing: Vec<u32> = (0..2_100).filter(|it| it % 500 != 7).collect();
    let (mut plan, lists) = plan(2_100, &missing);
    assert_eq!([plan.take(), plan.take(), plan.take()], [Some(Work::List(0)), Some(Work::List(1)), None]);
    assert!(plan.list(1, &lists[1]));
    let Some(Work::Pieces { first: 2_048, count: 16 }) = plan.take() else { panic!("pieces of the known list") };
    assert!(!plan.list(0, &lists[1]), "another list");
    assert!(plan.list(0, &lists[0]));
    let mut asked: Vec<u32> = (2_048..2_064).collect();
    while let Some(Work::Pieces { first, count }) = plan.take() {
        assert!((1..=16).contains(&count));
        asked.extend(first..first + count);
    }
    asked.sort_unstable();
    assert_eq!(asked, missing);
    (0..missing.len()).for_each(|_| plan.arrived());
    assert!(plan.is_done());
}

#[test]
fn what_a_holder_did_not_give_is_asked_of_another() {
    let (mut plan, lists) = plan(20, &(0..20).collect::<Vec<_>>());
    let list = plan.take().unwrap();
    plan.give_back(&list);
    assert_eq!(plan.take(), Some(list.clone()));
    assert!(plan.list(0, &lists[0]));
    plan.give_back(&list);
    let work = plan.take().unwrap();
    assert_eq!(work, Work::Pieces { first: 0, count: 16 });
    plan.give_back(&Work::Pieces { first: 5, count: 2 });
    assert_eq!(plan.take(), Some(Work::Pieces { first: 5, count: 2 }));
    assert_eq!(plan.take(), Some(Work::Pieces { first: 16, count: 4 }));
    assert_eq!((plan.take(), plan.left()), (None, 20));
}
