//! Tests of `cbor`.

use super::*;

fn check_item(bytes: &[u8], expected: Result<(), Malformed>) {
    let mut dec = Dec::new(bytes);
    let read = dec.item().map(drop).and_then(|()| dec.end());
    assert_eq!(read, expected, "{bytes:02x?}");
}

#[test]
fn only_the_deterministic_form_is_read() {
    check_item(&[0x17], Ok(()));
    check_item(&[0x18, 0x17], Err(Malformed::NotDeterministic));
    check_item(&[0x19, 0x00, 0xff], Err(Malformed::NotDeterministic));
    check_item(&[0x38, 0x17], Err(Malformed::NotDeterministic));
    check_item(&[0x58, 0x01, 0x00], Err(Malformed::NotDeterministic));
    check_item(&[0x9f, 0xff], Err(Malformed::NotDeterministic));
    check_item(&[0x5f, 0x41, 0x00, 0xff], Err(Malformed::NotDeterministic));
    check_item(&[0xfb, 0, 0, 0, 0, 0, 0, 0, 0], Err(Malformed::NotDeterministic));
    check_item(&[0xa2, 0x01, 0x00, 0x01, 0x00], Err(Malformed::NotDeterministic));
    check_item(&[0xa2, 0x02, 0x00, 0x01, 0x00], Err(Malformed::NotDeterministic));
    check_item(&[0xa2, 0x01, 0x00, 0x20, 0x00], Ok(()));
    check_item(&[0x00, 0x00], Err(Malformed::Trailing));
}

#[test]
fn bombs_are_refused_before_anything_is_allocated() {
    check_item(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Err(Malformed::OverLimit));
    check_item(&[0x5a, 0xff, 0xff, 0xff, 0xff], Err(Malformed::Unexpected));
    check_item(&[0x81; 1000], Err(Malformed::OverLimit));
}

#[test]
fn any_bytes_are_survived() {
    let mut state = 1u32;
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..(state % 40))
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Dec::new(&bytes).item().ok();
    }
}
