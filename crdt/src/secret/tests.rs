//! Tests of `secret`.

use super::*;

#[test]
fn a_secret_is_not_printed() {
    let secret = Secret::new([0x5a; 16]);
    assert_eq!(format!("{secret:?}"), "Secret(..)");
    assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(..),\n)");
}

#[test]
fn equal_only_if_every_byte_is() {
    let mut other = [7; 32];
    assert_eq!(Secret::new([7; 32]), Secret::new(other));
    other[31] ^= 0x80;
    assert_ne!(Secret::new([7; 32]), Secret::new(other));
}

#[test]
fn derivation_is_rfc_5869_without_salt() {
    // RFC 5869, A.3: SHA-256 with zero-length salt and info.
    let okm = Secret::<42>::derive(&[0x0b; 22], b"");
    assert!(okm.expose().starts_with(&[0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f]));
    assert_ne!(Secret::<32>::derive(b"key", b"artel/a/1"), Secret::<32>::derive(b"key", b"artel/b/1"));
}
