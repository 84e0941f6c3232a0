//! Tests of `timeline::record`.

use super::*;

use crate::timeline::testing::Chance;

const TARGET: EntryId = EntryId([3; 32]);

fn examples() -> Vec<Record> {
    let mentions =
        [Mention::All, Mention::Here, Mention::Person(PersonId([7; 16])), Mention::Team(SpaceId([6; 16]))].into();
    vec![
        Record::message(),
        Record { target: Some(TARGET), thread: Some(EntryId([4; 32])), mentions, ..Record::message() },
        Record { text: None, files: vec![0, 1], ..Record::message() },
        Record { rest: vec![(8, vec![0xf5]), (300, vec![0x82, 0x01, 0x40])], ..Record::message() },
        Record::edit(TARGET),
        Record::retract(TARGET),
        Record::reaction(TARGET, "👩🏽‍🚀", true),
        Record::reaction(TARGET, "+1", false),
        Record::pin(TARGET, true),
        Record::pin(TARGET, false),
        Record::topic(),
        Record::new(What::System { code: 12 }),
    ]
}

#[test]
fn records_come_back_whole() {
    for record in examples() {
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes, 2), Ok(record));
    }
}

#[test]
fn a_short_message_is_short() {
    assert_eq!(Record::message().encode().len(), 5);
    assert_eq!(Record::reaction(TARGET, "👍", true).encode().len(), 46);
}

#[test]
fn an_unknown_type_is_kept_byte_for_byte() {
    let mut enc = Enc::new();
    enc.map(3).u64(1).u64(7).u64(2).bytes(&TARGET.0).u64(9).array(1).bool(true);
    let bytes = enc.finish();
    let record = Record::decode(&bytes, 0).unwrap();
    assert_eq!(record.what, What::Newer { number: 7, bytes: bytes.clone() });
    assert_eq!((record.note_target(), record.encode()), (Some(TARGET), bytes));
    let mut enc = Enc::new();
    enc.map(2).u64(1).u64(99).u64(2).u64(5);
    let record = Record::decode(&enc.finish(), 0).unwrap();
    assert_eq!(record.note_target(), None, "a target of another form is none");
}

#[test]
fn what_does_not_fit_its_type_is_refused() {
    let shape = [
        Record::new(What::Message),
        Record::new(What::Edit),
        Record { target: None, ..Record::edit(TARGET) },
        Record { files: vec![1], ..Record::edit(TARGET) },
        Record { text: Some(0), ..Record::retract(TARGET) },
        Record { thread: Some(TARGET), ..Record::pin(TARGET, true) },
        Record { target: None, ..Record::reaction(TARGET, "x", true) },
        Record { mentions: [Mention::All].into(), ..Record::reaction(TARGET, "x", true) },
        Record::reaction(TARGET, "", true),
        Record::reaction(TARGET, "a\nb", true),
        Record { target: Some(TARGET), ..Record::topic() },
    ];
    for record in shape {
        assert_eq!(Record::decode(&record.encode(), 2), Err(BadRecord::Shape), "{record:?}");
    }
    let long = Record::reaction(TARGET, &"x".repeat(65), true).encode();
    assert_eq!(Record::decode(&long, 2), Err(BadRecord::OverLimit));
    let crowd = (0..65u8).map(|it| Mention::Person(PersonId([it; 16]))).collect();
    let crowd = Record { mentions: crowd, ..Record::message() }.encode();
    assert_eq!(Record::decode(&crowd, 1), Err(BadRecord::OverLimit));
}

#[test]
fn a_blob_must_be_there_and_be_one_thing() {
    let text_and_file = Record { files: vec![1], ..Record::message() };
    assert!(Record::decode(&text_and_file.encode(), 2).is_ok());
    assert_eq!(Record::decode(&text_and_file.encode(), 1), Err(BadRecord::Blob));
    assert_eq!(Record::decode(&Record::message().encode(), 0), Err(BadRecord::Blob));
    let twice = Record { files: vec![0], ..Record::message() };
    assert_eq!(Record::decode(&twice.encode(), 2), Err(BadRecord::Blob));
    let unordered = Record { files: vec![2, 1], ..Record::message() };
    assert_eq!(Record::decode(&unordered.encode(), 3), Err(BadRecord::Malformed));
}

#[test]
fn any_bytes_survive_and_what_is_read_writes_the_same_bytes() {
    let mut chance = Chance(4);
    let examples = examples();
    let (mut good, mut bad) = (0, 0);
    for round in 0..40_000u64 {
        let mut bytes = match round % 4 {
            0 => {
                let len = chance.below(60) as usize;
                chance.bytes(len)
            }
            _ => examples[chance.below(examples.len() as u64) as usize].encode(),
        };
        for _ in 0..chance.below(3) {
            if !bytes.is_empty() {
                let at = chance.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << chance.below(8);
            }
        }
        if chance.one_in(8) {
            bytes.truncate(chance.below(bytes.len() as u64 + 1) as usize);
        }
        match Record::decode(&bytes, 2) {
            Ok(record) => {
                good += 1;
                assert_eq!(record.encode(), bytes);
            }
            Err(_) => bad += 1,
        }
    }
    assert!(5_000 < good && 5_000 < bad, "{good} {bad}");
}
