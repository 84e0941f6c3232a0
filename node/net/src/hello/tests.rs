//! Hello 1 against bytes from outside.

use super::*;

fn hello() -> HelloOne {
    HelloOne { min: 1, max: 3, boot_id: [7; 16], nonce: [9; 16] }
}

#[test]
fn hello_one_keeps_its_bytes() {
    let bytes = hello().encode();
    assert_eq!(bytes.len(), 37);
    assert_eq!(bytes[..3], [0x84, 1, 3]);
    assert_eq!(HelloOne::decode(&bytes), Some(hello()));
}

#[test]
fn a_later_version_may_append() {
    let mut bytes = hello().encode();
    bytes[0] = 0x85;
    bytes.extend([0x82, 1, 2]);
    assert_eq!(HelloOne::decode(&bytes), Some(hello()));
}

#[test]
fn malformed_ones_are_none() {
    let good = hello().encode();
    for cut in 0..good.len() {
        assert_eq!(HelloOne::decode(&good[..cut]), None, "cut at {cut}");
    }
    let mut long = good.clone();
    long.push(0);
    assert_eq!(HelloOne::decode(&long), None, "trailing byte");
    let mut turned = good.clone();
    turned[1] = 9;
    assert_eq!(HelloOne::decode(&turned), None, "lowest above highest");
    let mut indefinite = good;
    indefinite[0] = 0x9f;
    indefinite.push(0xff);
    assert_eq!(HelloOne::decode(&indefinite), None, "indefinite length");
    assert_eq!(HelloOne::decode(&[0x9a, 0xff, 0xff, 0xff, 0xff]), None, "huge array");
}

#[test]
fn versions_must_meet() {
    assert!(hello().fits());
    assert!(!HelloOne { min: 2, max: 9, ..hello() }.fits());
    assert!(!HelloOne { min: 0, max: 0, ..hello() }.fits());
}
