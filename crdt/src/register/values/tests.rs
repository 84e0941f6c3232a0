//! Tests of `register::values`.

use super::*;

use crate::id::DeviceId;
use crate::time::Hlc;
use crate::timeline::testing::Chance;

fn order(ms: u64) -> Order {
    Order { hlc: Hlc { ms, ctr: 3 }, device: DeviceId([4; 16]), seq: 5 }
}

#[test]
fn values_come_back_whole() {
    assert_eq!(decode_order(&encode_order(&order(7))), Ok(order(7)));
    assert_eq!(decode_mark(&encode_mark(None)), Ok(None));
    assert_eq!(decode_mark(&encode_mark(Some(&order(7)))), Ok(Some(order(7))));
    assert!(decode_order(&encode_mark(None)).is_err());
    assert_eq!(decode_draft(&encode_draft("недописано")), Ok("недописано".to_owned()));
    let (space, text) = (SpaceId([1; 16]), "в девять".to_owned());
    for thread in [None, Some(EntryId([2; 32]))] {
        for files in [Vec::new(), vec![("/disk/anna/список.csv".into(), "список.csv".into()); LATER_FILES_MAX]]
        {
            let later = Later { space, thread, at: 1_795_000_000_000, text: text.clone(), files };
            assert_eq!(decode_later(&encode_later(Some(&later))), Ok(Some(later)));
        }
    }
    assert_eq!(decode_later(&encode_later(None)), Ok(None));
    for level in [Level::All, Level::Mentions, Level::Nothing] {
        assert_eq!(decode_level(&encode_level(level)), Ok(level));
    }
    for presence in [Presence::Away, Presence::Here, Presence::Busy] {
        assert_eq!(Presence::decode(&presence.encode()), Ok(presence));
        assert_eq!(Presence::from_name(presence.name()), Some(presence));
    }
    assert_eq!(decode_picture(&encode_picture(&[1, 2])), Ok(vec![1, 2]));
    assert!(decode_picture(&encode_picture(&vec![0; PICTURE_BYTES_MAX + 1])).is_err());
    assert_eq!((decode_flag(&encode_flag(true)), decode_flag(&encode_flag(false))), (Ok(true), Ok(false)));
    let text = str::to_owned;
    let (title, status, phone, about) = (text("Инженер"), text("в отпуске"), text("112"), text(""));
    let profile = Profile { title, status, phone, about, avatar: Some(BlobHash([1; 32])) };
    assert_eq!(Profile::decode(&profile.encode()), Ok(profile));
    assert_eq!(Profile::decode(&Profile::default().encode()), Ok(Profile::default()));
}

#[test]
fn keys_name_a_space_or_a_thread() {
    let (space, thread) = (SpaceId([1; 16]), EntryId([2; 32]));
    assert_eq!(read_thread_key(&thread_key(&space, Some(&thread))), Some((space, Some(thread))));
    assert_eq!(read_thread_key(&thread_key(&space, None)), Some((space, None)));
    assert_eq!(thread_key(&space, None), space_key(&space));
    assert_eq!(read_thread_key(&[0; 17]), None);
    assert_eq!(read_thread_key(&[]), None);
}

#[test]
fn the_position_is_the_maximum_over_devices() {
    let values = [encode_order(&order(3)), encode_order(&order(9)), encode_order(&order(4)), vec![0xff]];
    assert_eq!(max_order(values.iter().map(Vec::as_slice)), Some(order(9)));
    assert_eq!(max_order([]), None);
}

#[test]
fn any_bytes_survive() {
    let mut chance = Chance(12);
    let good = Profile { title: "x".to_owned(), ..Profile::default() }.encode();
    for _ in 0..20_000 {
        let len = chance.below(48) as usize;
        let mut bytes = if chance.one_in(2) { chance.bytes(len) } else { good.clone() };
        if let Some(byte) = bytes.first_mut().filter(|_| chance.one_in(2)) {
            *byte = chance.next() as u8;
        }
        if let Ok(mark) = decode_mark(&bytes) {
            assert_eq!(encode_mark(mark.as_ref()), bytes);
        }
        if let Ok(later) = decode_later(&bytes) {
            assert_eq!(encode_later(later.as_ref()), bytes);
        }
        if let Ok(draft) = decode_draft(&bytes) {
            assert_eq!(encode_draft(&draft), bytes);
        }
        drop((Profile::decode(&bytes), Presence::decode(&bytes), decode_level(&bytes), decode_flag(&bytes)));
        drop(decode_picture(&bytes));
        read_thread_key(&bytes);
    }
}
