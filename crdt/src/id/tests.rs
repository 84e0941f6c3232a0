//! Tests of `id`.

use super::*;

#[test]
fn text_and_bytes_are_inverse() {
    for seed in 0..200u8 {
        let id = DeviceId(short_hash(&[&[seed]]));
        assert_eq!(id.to_string().parse::<DeviceId>(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse::<DeviceId>(), Ok(id));
    }
}

#[test]
fn crockford_vectors() {
    assert_eq!(to_base32(b"foobar"), "csqpyrk1e8");
    assert_eq!(from_base32("CSQP-YRKI-E8"), Ok(b"foobar".to_vec()));
    assert_eq!(from_base32("csqpyrku"), Err(BadId::Character));
}

#[test]
fn an_id_of_another_kind_is_refused() {
    let person = PersonId([7; 16]).to_string();
    assert_eq!(person.parse::<EntryId>(), Err(BadId::Length));
    assert_eq!("".parse::<PersonId>(), Err(BadId::Length));
}

#[test]
fn a_direct_space_is_the_same_for_both() {
    let (org, one, other) = (OrgId([1; 20]), PersonId([2; 16]), PersonId([3; 16]));
    assert_eq!(SpaceId::direct(&org, &one, &other), SpaceId::direct(&org, &other, &one));
    assert_ne!(SpaceId::direct(&org, &one, &other), SpaceId::direct(&org, &one, &one));
}
