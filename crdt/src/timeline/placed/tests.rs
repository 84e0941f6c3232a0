//! Tests of `timeline::placed`.

use super::*;

use crate::entry::Kind;
use crate::timeline::testing::{Chance, placed, signed};

#[test]
fn keys_compare_as_orders_do() {
    let mut chance = Chance(5);
    let mut orders: Vec<Order> = (0..500)
        .map(|_| {
            let hlc = Hlc { ms: chance.below(3) << chance.below(60), ctr: chance.below(3) as u32 };
            let device = DeviceId([chance.below(3) as u8; 16]);
            Order { hlc, device, seq: chance.below(3) << chance.below(40) }
        })
        .collect();
    orders.sort_unstable();
    assert!(orders.iter().map(Order::to_key).is_sorted());
    assert!(orders.iter().all(|it| Order::from_key(&it.to_key()) == Some(*it)));
    assert_eq!(Order::from_key(&[0; 35]), None);
    assert_eq!(Order::from_key(&[0; 37]), None);
    assert_eq!(Order::from_key(&[0; 36]), Some(Order::FIRST));
}

#[test]
fn a_step_becomes_a_record_at_its_place() {
    let step = signed(3, 8, Kind::Step, 2);
    let record = Record { files: vec![1], ..Record::message() };
    let read = Placed::from_step(&step, &record.encode());
    assert_eq!((read.id, read.order.seq, read.log()), (step.id, 8, step.entry.log()));
    assert_eq!((read.text(), read.files()), (Some(step.entry.blobs[0]), vec![step.entry.blobs[1]]));
    assert_eq!(read.record, Ok(record));
}

#[test]
fn bad_content_is_a_hidden_record_and_not_lost() {
    let step = signed(3, 8, Kind::Step, 1);
    let cases: [(&[u8], BadRecord); 4] = [
        (&[], BadRecord::Malformed),
        (b"hello", BadRecord::Malformed),
        (&Record::new(crate::timeline::What::Message).encode(), BadRecord::Shape),
        (&Record { text: Some(1), ..Record::message() }.encode(), BadRecord::Blob),
    ];
    for (plaintext, why) in cases {
        let read = Placed::from_step(&step, plaintext);
        assert_eq!(read.record, Err(why));
        assert_eq!((read.note_target(), read.text(), read.files()), (None, None, Vec::new()));
        assert_eq!(Placed::decode(&read.encode()), Ok(read));
    }
}

#[test]
fn any_bytes_survive_the_stored_form() {
    let mut chance = Chance(6);
    let whole = placed(1, 2, 3, Record::reaction(EntryId([1; 32]), "👍", true)).encode();
    assert_eq!(Placed::decode(&whole).unwrap().encode(), whole);
    for len in 0..whole.len() {
        assert!(Placed::decode(&whole[..len]).is_err());
    }
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..=chance.below(3) {
            let at = chance.below(bytes.len() as u64) as usize;
            bytes[at] = chance.next() as u8;
        }
        if let Ok(read) = Placed::decode(&bytes) {
            assert_eq!(read.encode(), bytes);
        }
        let len = chance.below(200) as usize;
        assert!(Placed::decode(&chance.bytes(len)).is_err());
    }
}
