//! Tests of `cose`.

use super::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

#[test]
fn what_is_signed_verifies_and_nothing_else() {
    let signed = sign1(&key(), Domain::Statement, b"org", b"payload");
    let read = Sign1::parse(&signed, Domain::Statement, 100).unwrap();
    assert_eq!(read.payload, b"payload");
    assert_eq!(read.verify(&key().verifying_key(), b"org"), Ok(()));
    assert_eq!(read.verify(&key().verifying_key(), b"another"), Err(BadSignature::Signature));
    assert_eq!(read.verify(&SigningKey::from_bytes(&[8; 32]).verifying_key(), b"org"), Err(BadSignature::Signature));
    assert_eq!(Sign1::parse(&signed, Domain::Hello, 100).unwrap_err(), BadSignature::Domain);
}

#[test]
fn every_changed_byte_is_refused() {
    let signed = sign1(&key(), Domain::Cert, b"", b"payload");
    for at in 0..signed.len() {
        let mut changed = signed.clone();
        changed[at] ^= 1;
        let accepted = Sign1::parse(&changed, Domain::Cert, 100).and_then(|it| it.verify(&key().verifying_key(), b""));
        assert!(accepted.is_err(), "byte {at}");
    }
}

#[test]
fn a_key_of_small_order_is_no_key() {
    assert!(public_key(&[0; 32]).is_none());
    assert!(public_key(key().verifying_key().as_bytes()).is_some());
}
