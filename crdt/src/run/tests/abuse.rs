//! What a hostile peer may send in place of a packet.

use super::*;

#[test]
fn abuse_25_what_is_signed_by_another_key_than_the_authors_is_refused() {
    let other = SigningKey::from_bytes(&[8; 32]);
    let mut keys = keys();
    keys.devices.insert(DeviceId::of_key(other.verifying_key().as_bytes()), other.verifying_key());
    let mut signed = log(1).remove(0);
    assert!(check_run(&keys, &Packet::of(Run::own(signed.clone())).encode()).is_ok());
    // A's entry, B's signature, both of them known and active.
    signed.signature = signed.entry.clone().sign(&ORG, &other).signature;
    assert!(matches!(check_run(&keys, &Packet::of(Run::own(signed)).encode()), Err(BadRun::Signature(_))));
}

#[test]
fn abuse_29_too_much_at_once_is_refused() {
    let entries = log(limits::RUN_ENTRIES_MAX as u64 + 1);
    assert!(Run::join(entries).is_none_or(|it| check_run(&keys(), &Packet::of(it).encode()).is_err()));
    let mut entry = log(1).remove(0).entry;
    entry.body = vec![5; limits::BODY_BYTES_MAX + 1];
    let signed = entry.sign(&ORG, &key());
    assert!(check_run(&keys(), &Packet::of(Run::own(signed)).encode()).is_err());
}

#[test]
fn abuse_30_no_packet_with_one_changed_bit_is_accepted() {
    let good = packet(3, 7).encode();
    assert!(check_run(&keys(), &good).is_ok());
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            assert!(check_run(&keys(), &bad).is_err(), "byte {at}, bit {bit}");
        }
    }
    for len in 0..good.len() {
        assert!(check_run(&keys(), &good[..len]).is_err(), "{len} bytes");
    }
}
