//! Tests of `noise`.

use super::*;
use crate::testing::Counter;

#[test]
fn only_the_addressee_opens_it_and_only_where_it_belongs() {
    let rng = &mut Counter(0);
    let (ours, other) = (Secret::random(rng), Secret::random(rng));
    let sealed = seal_to(&x25519_public(&ours), b"here", b"payload", rng).unwrap();
    assert_eq!(sealed.len(), b"payload".len() + SEAL_BYTES);
    assert_eq!(open(&ours, b"here", &sealed).as_deref(), Some(&b"payload"[..]));
    assert_eq!(open(&other, b"here", &sealed), None);
    assert_eq!(open(&ours, b"there", &sealed), None);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(open(&ours, b"here", &changed), None, "byte {at}");
    }
    for len in 0..sealed.len() {
        assert_eq!(open(&ours, b"here", &sealed[..len]), None);
    }
}

#[test]
fn two_sealings_differ() {
    let rng = &mut Counter(0);
    let public = x25519_public(&Secret::random(rng));
    assert_ne!(seal_to(&public, b"", b"same", rng), seal_to(&public, b"", b"same", rng));
}

#[test]
fn a_key_of_small_order_is_refused() {
    let order_8 = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    let mut one = [0; 32];
    one[0] = 1;
    for weak in [[0; 32], one, order_8] {
        assert!(!is_sealing_key(&weak));
        assert_eq!(seal_to(&weak, b"", b"payload", &mut Counter(0)), None);
    }
    let ours = Secret::new([7; 32]);
    assert!(is_sealing_key(&x25519_public(&ours)));
    let mut forged = [0; 60];
    forged[..32].copy_from_slice(&order_8);
    assert_eq!(open(&ours, b"", &forged), None);
}

#[test]
fn the_known_key_pair_of_rfc_7748() {
    let secret = [
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c,
        0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
    ];
    let public = x25519_public(&Secret::new(secret));
    assert!(public.starts_with(&[0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54]));
}

#[test]
fn too_much_is_refused_and_any_bytes_are_survived() {
    let rng = &mut Counter(0);
    let ours = Secret::random(rng);
    let public = x25519_public(&ours);
    assert!(seal_to(&public, b"", &vec![0; MESSAGE_BYTES_MAX - SEAL_BYTES], rng).is_some());
    assert_eq!(seal_to(&public, b"", &vec![0; MESSAGE_BYTES_MAX - SEAL_BYTES + 1], rng), None);
    assert_eq!(open(&ours, b"", &vec![3; MESSAGE_BYTES_MAX + 1]), None);
    for len in 0..200 {
        let mut bytes = vec![0; len];
        rng.fill(&mut bytes);
        assert_eq!(open(&ours, b"", &bytes), None);
    }
}

/// The table says what the curve says: of each of its points, with the bit that is not looked at or without, and of those
/// beside it.
#[test]
fn the_table_of_small_order_agrees_with_the_multiplication() {
    let multiplied = |public: &[u8; 32]| {
        let dh = DefaultResolver.resolve_dh(&DHChoice::Curve25519).unwrap();
        let mut shared = [0; 32];
        dh.dh(public, &mut shared).is_ok() && shared != [0; 32]
    };
    for point in SMALL_ORDER {
        for (first, high) in [(0, 0), (0, 0x80), (1, 0), (2, 0x80), (4, 0), (8, 0)] {
            let mut near = point;
            near[0] ^= first;
            near[31] ^= high;
            assert_eq!(is_sealing_key(&near), multiplied(&near), "{near:02x?}");
        }
        assert!(!is_sealing_key(&point));
    }
    let rng = &mut Counter(0);
    for _ in 0..100 {
        let public = x25519_public(&Secret::random(rng));
        assert_eq!(is_sealing_key(&public), multiplied(&public));
    }
}
