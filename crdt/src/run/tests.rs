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

fn genesis() -> Entry {
    let mut entry = log(1).remove(0).entry;
    (entry.kind, entry.epoch, entry.body) = (Kind::Act, None, vec![0xa2, 0x01, 0x01, 0x02, 0xa0]);
    entry
}

#[test]
fn a_genesis_is_of_the_organisation_space_whatever_a_peer_writes_around_it() {
    let signed = Entry { space: SpaceId([0; 16]), ..genesis() }.sign(&ORG, &key());
    let org = OrgId(*signed.id.0.first_chunk().unwrap());
    let keys = Keys { org, ..keys() };
    let passed_on = |space| {
        let signed = Signed { entry: Entry { space, ..signed.entry.clone() }, ..signed.clone() };
        check_run(&keys, &Packet::of(Run::own(signed)).encode())
    };
    assert!(passed_on(SpaceId::organisation(&org)).is_ok());
    assert_eq!(passed_on(SpaceId([1; 16])), Err(BadRun::Form(Malformed::Unexpected)));
}

#[test]
fn a_sealed_act_is_no_genesis_however_its_nonce_begins() {
    let entry = Entry { epoch: Some(EntryId([4; 32])), ..genesis() };
    assert!(!entry.is_genesis());
    let packet = Packet::of(Run::own(entry.sign(&ORG, &key())));
    assert!(check_run(&keys(), &packet.encode()).is_ok());
}

#[test]
fn a_packet_has_one_encoding() {
    let entries = || log(4).into_iter();
    let whole = packet(0, 4).encode();
    // The clock one step back in the head, one step on in the first entry.
    let at = whole.windows(3).position(|it| it == [0x19, 0x03, 0xe8]).unwrap();
    let mut shifted = whole.clone();
    shifted[at + 2] -= 1;
    let first_delta = at + 3 + 1 + 34 + 1 + 1;
    assert_eq!(shifted[first_delta], 0);
    shifted[first_delta] = 1;
    assert_eq!(check_run(&keys(), &shifted), Err(BadRun::Form(Malformed::NotDeterministic)));
    assert_eq!(trusted_run(&ORG, &shifted), Err(BadRun::Form(Malformed::NotDeterministic)));
    // The same blobs in another order, and one of them twice.
    let bare = Packet::of(Run::join(entries().collect()).unwrap()).encode();
    let with = |texts: &[u8]| {
        let mut bytes = bare.clone();
        *bytes.last_mut().unwrap() = 0x80 + texts.len() as u8;
        texts.iter().for_each(|it| bytes.extend([&[0x46], format!("text {it}").as_bytes()].concat()));
        check_run(&keys(), &bytes).map(drop)
    };
    let mut order: Vec<u8> = (0..4).collect();
    order.sort_by_key(|it| BlobHash::of(format!("text {it}").as_bytes()));
    assert_eq!(with(&order), Ok(()));
    order.swap(0, 1);
    assert_eq!(with(&order), Err(BadRun::Form(Malformed::NotDeterministic)));
    assert_eq!(with(&[0, 0]), Err(BadRun::Form(Malformed::NotDeterministic)));
}

mod abuse;
