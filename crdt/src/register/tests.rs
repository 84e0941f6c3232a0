//! Tests of `register`.

use super::*;

use crate::timeline::testing::Chance;

const ORG: OrgId = OrgId([9; 20]);

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn keys() -> Keys {
    let devices = (1..5).map(|n| key(n).verifying_key()).map(|it| (DeviceId::of_key(it.as_bytes()), it)).collect();
    Keys { org: ORG, devices }
}

fn content(key: &[u8], ms: u64, value: &[u8]) -> Content {
    let hlc = Hlc { ms, ctr: 1 };
    let (space, name) = (SpaceId([1; 16]), values::DRAFT.to_owned());
    Content { space, name, key: key.to_vec(), hlc, epoch: Some(EntryId([2; 32])), value: value.to_vec() }
}

fn register(n: u8, name: &[u8], ms: u64, value: &[u8]) -> Register {
    content(name, ms, value).sign(&ORG, &key(n)).unwrap()
}

#[test]
fn a_register_comes_back_whole() {
    for epoch in [None, Some(EntryId([2; 32]))] {
        let content = Content { epoch, ..content(b"key", 5, b"value") };
        let signed = content.clone().sign(&ORG, &key(1)).unwrap();
        let read = Register::check(signed.bytes(), &keys()).unwrap();
        assert_eq!(read, signed);
        assert_eq!((read.name.as_str(), read.key.as_slice(), read.epoch), ("draft", &b"key"[..], epoch));
        assert_eq!(read.seal_aad(), content.seal_aad(&read.device));
    }
}

#[test]
fn what_breaks_a_limit_is_neither_signed_nor_read() {
    let good = content(b"k", 1, b"v");
    let bad = [
        Content { name: String::new(), ..good.clone() },
        Content { name: "a".repeat(33), ..good.clone() },
        Content { name: "Draft".to_owned(), ..good.clone() },
        Content { key: vec![0; 65], ..good.clone() },
        Content { value: vec![0; limits::REGISTER_BYTES_MAX - FRAME_MAX + 1], ..good.clone() },
    ];
    for content in bad {
        let forced = cose::sign1(&key(1), Domain::Register, &ORG.0, &content.payload());
        assert!(Register::check(&forced, &keys()).is_err(), "{}", content.name);
        assert!(content.sign(&ORG, &key(1)).is_err());
    }
    let largest = Content { value: vec![0; limits::REGISTER_BYTES_MAX - FRAME_MAX], key: vec![0; 64], ..good };
    let signed = largest.sign(&ORG, &key(1)).unwrap();
    assert!(Register::check(signed.bytes(), &keys()).is_ok());
}

#[test]
fn only_the_signer_of_this_organisation_counts() {
    let signed = register(1, b"k", 1, b"v");
    assert!(matches!(Register::check(register(9, b"k", 1, b"v").bytes(), &keys()), Err(BadRegister::UnknownDevice(_))));
    let elsewhere = Keys { org: OrgId([8; 20]), ..keys() };
    assert_eq!(Register::check(signed.bytes(), &elsewhere), Err(BadSignature::Signature.into()));
    let statement = cose::sign1(&key(1), Domain::Statement, &ORG.0, &content(b"k", 1, b"v").payload());
    assert_eq!(Register::check(&statement, &keys()), Err(BadSignature::Domain.into()));
    for at in 0..signed.bytes().len() {
        let mut changed = signed.bytes().to_vec();
        changed[at] ^= 4;
        assert!(Register::check(&changed, &keys()).is_err(), "byte {at}");
        assert!(Register::check(&signed.bytes()[..at], &keys()).is_err());
    }
}

#[test]
fn any_bytes_survive() {
    let mut chance = Chance(9);
    let payload = content(b"k", 1, b"v").payload();
    let keys = keys();
    for _ in 0..20_000 {
        let len = chance.below(200) as usize;
        assert!(Register::check(&chance.bytes(len), &keys).is_err());
        let mut changed = payload.clone();
        for _ in 0..=chance.below(2) {
            let at = chance.below(changed.len() as u64) as usize;
            changed[at] = chance.next() as u8;
        }
        if let Ok(read) = Content::decode(&changed) {
            assert_eq!(read.payload(), changed);
        }
    }
}

#[test]
fn replicas_converge_whatever_comes_when_and_how_often() {
    let mut chance = Chance(10);
    let all: Vec<Register> = (0..60)
        .map(|it| register(1 + chance.below(3) as u8, &[chance.below(3) as u8], chance.below(4), &[it as u8]))
        .collect();
    let mut one = Registers::default();
    for register in &all {
        one.merge(register.clone());
    }
    assert_eq!(one.iter().count(), 9);
    for _ in 0..50 {
        let mut order = all.clone();
        order.extend(all.iter().filter(|_| chance.one_in(3)).cloned());
        chance.shuffle(&mut order);
        let mut other = Registers::default();
        let changes = order.into_iter().filter(|it| other.merge(it.clone())).count();
        assert!((9..=60).contains(&changes));
        assert_eq!((&other, other.hash(|_| true)), (&one, one.hash(|_| true)));
        assert!(all.iter().all(|it| !other.merge(it.clone())), "known already");
    }
    for held in one.iter() {
        let rivals = all.iter().filter(|it| (it.device, &it.key) == (held.device, &held.key));
        assert_eq!(rivals.map(|it| (it.hlc, it.bytes())).max(), Some((held.hlc, held.bytes())));
    }
    assert_ne!(one.hash(|_| true), one.hash(|_| false));
}

#[test]
fn a_flood_leaves_the_same_on_every_replica() {
    let mut chance = Chance(11);
    let bytes = register(1, b"", 1, b"").bytes;
    let (device, over) = (DeviceId([1; 16]), limits::REGISTERS_PER_DEVICE_MAX as u64 + 200);
    let mut all: Vec<Register> =
        (0..over).map(|it| Register::assemble(device, content(&it.to_be_bytes(), 1, b""), bytes.clone())).collect();
    let honest = register(2, b"k", 1, b"v");
    all.push(honest.clone());
    let mut kept = Vec::new();
    for _ in 0..2 {
        chance.shuffle(&mut all);
        let mut registers = Registers::default();
        for register in &all {
            registers.merge(register.clone());
        }
        assert_eq!(registers.iter().count(), limits::REGISTERS_PER_DEVICE_MAX + 1);
        assert!(registers.iter().any(|it| *it == honest));
        kept.push(registers);
    }
    assert!(kept.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn registers_are_found_by_space_name_and_person() {
    let mut registers = Registers::default();
    for (n, ms) in [(1, 5), (2, 9), (3, 7)] {
        registers.merge(register(n, b"k", ms, &[n]));
        registers.merge(register(n, b"other", 100, &[n]));
    }
    let space = SpaceId([1; 16]);
    let device = |n| DeviceId::of_key(key(n).verifying_key().as_bytes());
    assert_eq!(registers.get(&device(3), &space, "draft", b"k").map(|it| it.hlc.ms), Some(7));
    assert_eq!(registers.named(&space, "draft", b"k").count(), 3);
    assert_eq!(registers.newest(&space, "draft", b"k", |_| true).map(|it| it.hlc.ms), Some(9));
    assert_eq!(registers.newest(&space, "draft", b"k", |it| *it != device(2)).map(|it| it.hlc.ms), Some(7));
    assert_eq!(registers.newest(&SpaceId([2; 16]), "draft", b"k", |_| true), None);
    assert_eq!((registers.of_space(&space).count(), registers.of_space(&SpaceId([0; 16])).count()), (6, 0));
    assert_eq!((registers.retain(|it| it.key == b"k"), registers.iter().count()), (3, 3));
}
