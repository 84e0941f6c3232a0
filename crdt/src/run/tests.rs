//! Tests of `run`.

use super::*;
use ed25519_dalek::SigningKey;

use crate::entry::BlobRef;

const ORG: OrgId = OrgId([9; 20]);

fn key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

fn keys() -> Keys {
    let public = key().verifying_key();
    Keys { org: ORG, devices: BTreeMap::from([(DeviceId::of_key(public.as_bytes()), public)]) }
}

fn log(len: u64) -> Vec<Signed> {
    let mut prev = None;
    (0..len)
        .map(|seq| {
            let blob = format!("text {seq}").into_bytes();
            let entry = Entry {
                device: DeviceId::of_key(key().verifying_key().as_bytes()),
                space: SpaceId([1; 16]),
                inc: Inc([2; 8]),
                seq,
                prev,
                seen: if seq % 3 == 0 { vec![EntryId([seq as u8; 32])] } else { Vec::new() },
                hlc: Hlc { ms: 1_000 + seq / 2, ctr: (seq % 2) as u32 },
                kind: Kind::Step,
                epoch: Some(EntryId([4; 32])),
                body: vec![5; 72],
                blobs: vec![BlobRef { hash: BlobHash::of(&blob), size: blob.len() as u32 }],
            };
            let signed = entry.sign(&ORG, &key());
            prev = Some(signed.id);
            signed
        })
        .collect()
}

fn packet(from: usize, to: usize) -> Packet {
    let entries = log(to as u64).split_off(from);
    let blobs = (from..to).map(|seq| format!("text {seq}").into_bytes()).map(|it| (BlobHash::of(&it), it)).collect();
    Packet { run: Run::join(entries).unwrap(), blobs }
}

#[test]
fn a_packet_comes_back_whole() {
    for (from, to) in [(0, 1), (0, 100), (5, 6), (100, 200), (128, 256)] {
        let packet = packet(from, to);
        let read = check_run(&keys(), &packet.encode()).unwrap();
        assert_eq!(read.blobs, packet.blobs);
        assert_eq!(read.encode(), packet.encode());
        let ids = |it: &Packet| it.run.entries().iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids(&read), ids(&packet));
        assert_eq!(trusted_run(&ORG, &packet.encode()).unwrap(), read);
    }
}

#[test]
fn only_checkpoints_and_the_end_carry_signatures() {
    let read = check_run(&keys(), &packet(100, 200).encode()).unwrap();
    let signed: Vec<u64> =
        read.run.entries().iter().filter(|it| it.signature.is_some()).map(|it| it.entry.seq).collect();
    assert_eq!(signed, [127, 199]);
}

#[test]
fn payload_and_fields_are_inverse() {
    for signed in log(5) {
        let read = Entry::from_payload(signed.entry.device, &ORG, &signed.entry.payload()).unwrap();
        assert_eq!(read, signed.entry);
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = packet(0, 3).encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(check_run(&keys(), &changed).is_err(), "byte {at}");
    }
    for len in 0..bytes.len() {
        assert!(check_run(&keys(), &bytes[..len]).is_err(), "cut at {len}");
    }
}

#[test]
fn a_stranger_is_told_apart_from_a_forger() {
    let mut nobody = keys();
    nobody.devices.clear();
    assert!(matches!(check_run(&nobody, &packet(0, 1).encode()), Err(BadRun::UnknownDevice(_))));
    let mut wrong = keys();
    let other = SigningKey::from_bytes(&[4; 32]).verifying_key();
    wrong.devices.values_mut().for_each(|it| *it = other);
    assert_eq!(check_run(&wrong, &packet(0, 1).encode()), Err(BadRun::Signature(BadSignature::Signature)));
    let mut elsewhere = keys();
    elsewhere.org = OrgId([8; 20]);
    assert!(check_run(&elsewhere, &packet(0, 1).encode()).is_err());
}

#[test]
fn a_foreign_blob_is_refused() {
    let mut packet = packet(0, 2);
    packet.blobs.insert(BlobHash::of(b"x"), b"x".to_vec());
    assert_eq!(check_run(&keys(), &packet.encode()), Err(BadRun::Blob));
}

#[test]
fn a_message_of_126_bytes_costs_little_over_its_parts() {
    let bytes = packet(0, 128).encode().len();
    assert!(bytes / 128 < 190);
}
