//! Tests of `seal`.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;

use super::*;
use crate::entry::{BlobRef, Entry, Kind, Signed};
use crate::id::{BlobHash, Inc, OrgId, SealKeyId, SpaceId, sha256};
use crate::testing::Counter;
use crate::time::Hlc;

mod bodies;
mod ring;
mod vectors;

const ORG: OrgId = OrgId([9; 20]);
const SPACE: SpaceId = SpaceId([8; 16]);
const AUTHOR: DeviceId = DeviceId([7; 16]);
const READER: DeviceId = DeviceId([6; 16]);
const EPOCH: EntryId = EntryId([5; 32]);

fn seeded(seed: u64) -> Counter {
    Counter(seed << 32)
}

fn key(seed: u64) -> Key {
    Key::draw(&mut seeded(seed))
}

fn sealing_key(seed: u64) -> SealingKey {
    SealingKey::draw(&mut seeded(seed))
}

fn context<'a>(commit: &'a Commit, heads: &'a [EntryId]) -> SealContext<'a> {
    SealContext { org: &ORG, space: &SPACE, author: &AUTHOR, commit, auth_heads: heads }
}

fn step() -> Entry {
    Entry {
        device: AUTHOR,
        space: SPACE,
        inc: Inc([4; 8]),
        seq: 3,
        prev: Some(EntryId([3; 32])),
        seen: vec![EntryId([1; 32]), EntryId([2; 32])],
        hlc: Hlc { ms: 1_700_000_000_000, ctr: 2 },
        kind: Kind::Step,
        epoch: Some(EPOCH),
        body: Vec::new(),
        blobs: Vec::new(),
    }
}

#[test]
fn secrets_are_not_printed() {
    let shown = format!("{:?} {:?}", key(1), sealing_key(1));
    assert!(shown.contains("Secret(..)"));
    assert!(!shown.contains(&format!("{:?}", key(1).expose())), "{shown}");
    assert_eq!(format!("{:?}", Commit([0; 32])), format!("Commit({})", to_base32(&[0; 32])), "what is public is");
}

#[test]
fn a_stanza_opens_for_its_recipient_only() {
    let (key, own, heads) = (key(1), sealing_key(2), [EntryId([1; 32])]);
    let commit = key.commit();
    let context = context(&commit, &heads);
    let stanza = Stanza::seal(&context, READER, own.public(), &key, &mut seeded(3)).unwrap();
    assert_eq!(stanza.open(&context, &READER, &own).unwrap().expose(), key.expose());
    assert_eq!(stanza.open(&context, &AUTHOR, &own).unwrap_err(), CannotOpen::NotOurs);
    assert_eq!(stanza.open(&context, &READER, &sealing_key(4)).unwrap_err(), CannotOpen::NotOurs);
    let renamed = Stanza { seal_key_id: sealing_key(4).id(), ..stanza };
    assert_eq!(renamed.open(&context, &READER, &sealing_key(4)).unwrap_err(), CannotOpen::Seal);
}

#[test]
fn abuse_18_a_stanza_that_was_moved_does_not_open() {
    let (key, own, heads) = (key(1), sealing_key(2), [EntryId([1; 32])]);
    let (commit, other) = (key.commit(), Commit([1; 32]));
    let good = context(&commit, &heads);
    let stanza = Stanza::seal(&good, READER, own.public(), &key, &mut seeded(3)).unwrap();
    let moved = [
        SealContext { org: &OrgId([0; 20]), ..good },
        SealContext { space: &SpaceId([0; 16]), ..good },
        SealContext { author: &READER, ..good },
        SealContext { commit: &other, ..good },
        SealContext { auth_heads: &[], ..good },
    ];
    for context in moved {
        assert_eq!(stanza.open(&context, &READER, &own).unwrap_err(), CannotOpen::Seal, "{context:?}");
    }
    let retargeted = Stanza { device: AUTHOR, ..stanza };
    assert_eq!(retargeted.open(&good, &AUTHOR, &own).unwrap_err(), CannotOpen::Seal);
}

#[test]
fn every_changed_byte_of_a_stanza_is_noticed() {
    let (key, own) = (key(1), sealing_key(2));
    let commit = key.commit();
    let stanza = Stanza::seal(&context(&commit, &[]), READER, own.public(), &key, &mut seeded(3)).unwrap();
    for at in 0..Stanza::CT_BYTES {
        let mut changed = stanza.clone();
        changed.ct[at] ^= 1;
        assert!(changed.open(&context(&commit, &[]), &READER, &own).is_err(), "byte {at}");
    }
}

#[test]
fn abuse_17_a_rotator_who_deals_out_different_keys_is_caught() {
    let (shown, given, own) = (key(1), key(2), sealing_key(3));
    let commit = shown.commit();
    let stanza = Stanza::seal(&context(&commit, &[]), READER, own.public(), &given, &mut seeded(4)).unwrap();
    assert_eq!(stanza.open(&context(&commit, &[]), &READER, &own).unwrap_err(), CannotOpen::Commit);
}

/// All points of order 1, 2, 4 and 8 in X25519, also those not reduced (cr.yp.to/ecdh.html).
fn low_order() -> Vec<[u8; 32]> {
    let mut p = [0xff; 32];
    p[31] = 0x7f;
    let with = |last: u8| {
        let mut it = p;
        it[0] = last;
        it
    };
    let mut one = [0; 32];
    one[0] = 1;
    let order_8 = [
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
            0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
            0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
        ],
    ];
    let mut points = vec![[0; 32], one, with(0xec), with(0xed), with(0xee)];
    points.extend(order_8);
    let high_bit = points.clone().into_iter().map(|mut it| {
        it[31] |= 0x80;
        it
    });
    points.into_iter().chain(high_bit).collect()
}

#[test]
fn abuse_22_keys_of_low_order_are_refused() {
    for point in low_order() {
        assert_eq!(SealingPublic::new(point), Err(BadSealingKey), "{point:02x?}");
    }
    let good = *sealing_key(1).public();
    assert_eq!(SealingPublic::new(*good.as_bytes()), Ok(good));
}

#[test]
fn abuse_22_a_stanza_with_an_ephemeral_key_of_low_order_is_refused() {
    let own = sealing_key(1);
    for point in low_order() {
        let mut ct = [0; Stanza::CT_BYTES];
        ct[..32].copy_from_slice(&point);
        let stanza = Stanza { device: READER, seal_key_id: own.id(), ct };
        assert_eq!(stanza.open(&context(&Commit([0; 32]), &[]), &READER, &own).unwrap_err(), CannotOpen::Seal);
    }
}

#[test]
fn abuse_16_recipients_are_exactly_the_members() {
    let stanza = |device: u8, id: u8| Stanza {
        device: DeviceId([device; 16]),
        seal_key_id: SealKeyId([id; 8]),
        ct: [0; Stanza::CT_BYTES],
    };
    let expected: BTreeMap<_, _> = [1, 2, 3].map(|it| (DeviceId([it; 16]), SealKeyId([it; 8]))).into();
    let check = |stanzas: &[Stanza], result: Result<(), BadEpoch>| {
        assert_eq!(check_recipients(stanzas, &expected), result, "{stanzas:?}");
        let ordered = stanzas.windows(2).all(|it| it[0].device < it[1].device);
        let read = decode_stanzas(&encode_stanzas(stanzas));
        assert_eq!(read, if ordered { Ok(stanzas.to_vec()) } else { Err(Malformed::NotDeterministic) });
    };
    let order = Err(BadEpoch::Form(Malformed::NotDeterministic));
    check(&[stanza(1, 1), stanza(2, 2), stanza(3, 3)], Ok(()));
    check(&[stanza(1, 1), stanza(3, 3)], Err(BadEpoch::Missing(DeviceId([2; 16]))));
    check(&[], Err(BadEpoch::Missing(DeviceId([1; 16]))));
    check(&[stanza(1, 1), stanza(2, 2), stanza(3, 3), stanza(4, 4)], Err(BadEpoch::Stranger(DeviceId([4; 16]))));
    check(&[stanza(1, 1), stanza(2, 9), stanza(3, 3)], Err(BadEpoch::SealKey(DeviceId([2; 16]))));
    check(&[stanza(1, 1), stanza(2, 2), stanza(2, 2), stanza(3, 3)], order);
    check(&[stanza(2, 2), stanza(1, 1), stanza(3, 3)], order);
}

#[test]
fn what_was_sealed_opens_and_nothing_else_does() {
    let (key, mut rng) = (key(1), seeded(2));
    for len in (0..200).chain([1_000, 60_000]) {
        let mut text = vec![0; len];
        rng.fill(&mut text);
        let mut entry = step();
        entry.body = seal_body(&key, &entry, &text, Nonce::draw(&mut rng));
        assert_eq!(open_body(&key, &entry), Some(text.clone()));
        let blob = seal_blob(&key, &SPACE, &EPOCH, &text, Nonce::draw(&mut rng));
        assert_eq!(open_blob(&key, &SPACE, &EPOCH, &blob), Some(text.clone()));
        let members = seal_members(&key, &SPACE, &text, Nonce::draw(&mut rng));
        assert_eq!(open_members(&key, &SPACE, &members), Some(text));
    }
    let blob = seal_blob(&key, &SPACE, &EPOCH, b"text", Nonce::draw(&mut rng));
    assert_eq!(open_blob(&super::tests::key(9), &SPACE, &EPOCH, &blob), None);
    assert_eq!(open_blob(&key, &SpaceId([0; 16]), &EPOCH, &blob), None);
    assert_eq!(open_blob(&key, &SPACE, &EntryId([0; 32]), &blob), None);
    assert_eq!(open_members(&key, &SPACE, &blob), None);
    let members = seal_members(&key, &SPACE, b"roster", Nonce::draw(&mut rng));
    assert_eq!(open_members(&key, &SpaceId([0; 16]), &members), None);
    assert_eq!(open_blob(&key, &SPACE, &EPOCH, &members), None);
}

#[test]
fn a_body_is_bound_to_every_field_of_its_entry() {
    let key = key(1);
    let mut good = step();
    good.body = seal_body(&key, &good, b"text", Nonce::draw(&mut seeded(2)));
    let changes: [fn(&mut Entry); 9] = [
        |it| it.device = READER,
        |it| it.space = SpaceId([0; 16]),
        |it| it.inc = Inc([0; 8]),
        |it| it.seq += 1,
        |it| it.prev = None,
        |it| it.seen.truncate(1),
        |it| it.hlc.ctr += 1,
        |it| it.kind = Kind::Act,
        |it| it.epoch = None,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut changed = good.clone();
        change(&mut changed);
        assert_eq!(open_body(&key, &changed), None, "field {index}");
    }
    assert!(open_body(&key, &good).is_some());
}

#[test]
fn every_changed_byte_of_something_sealed_is_noticed() {
    let (key, mut rng) = (key(1), seeded(2));
    let mut entry = step();
    entry.body = seal_body(&key, &entry, b"text", Nonce::draw(&mut rng));
    for at in 0..entry.body.len() {
        let mut changed = entry.clone();
        changed.body[at] ^= 0x80;
        assert_eq!(open_body(&key, &changed), None, "byte {at}");
        changed.body.truncate(at);
        assert_eq!(open_body(&key, &changed), None, "length {at}");
    }
    let blob = seal_blob(&key, &SPACE, &EPOCH, b"text", Nonce::draw(&mut rng));
    for at in 0..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        assert_eq!(open_blob(&key, &SPACE, &EPOCH, &changed), None, "byte {at}");
    }
}

#[test]
fn a_length_tells_no_more_than_its_multiple_of_32() {
    let key = key(1);
    let sealed = |len: usize| seal_body(&key, &step(), &vec![1; len], Nonce::draw(&mut seeded(2))).len();
    assert_eq!(sealed(0), 24 + 32 + 16);
    assert!((0..32).all(|len| sealed(len) == sealed(0)));
    assert!((32..64).all(|len| sealed(len) == sealed(32)));
    assert_eq!(sealed(32), sealed(0) + 32);
}

#[test]
fn padding_has_one_form() {
    for len in 0..100 {
        let text = vec![PAD; len];
        assert_eq!(unpad(pad(&text)), Some(text));
    }
    let mut doubled = pad(b"text");
    doubled.extend([0; 32]);
    assert_eq!(unpad(doubled), None);
    assert_eq!(unpad(Vec::new()), None);
    assert_eq!(unpad(vec![0; 32]), None);
    assert_eq!(unpad(vec![1; 32]), None);
    assert_eq!(unpad(vec![PAD; 31]), None);
}

/// Texts may end like the padding.
const PAD: u8 = 0x80;

#[test]
fn abuse_23_no_nonce_is_used_twice() {
    let (key, mut rng, entry) = (key(1), seeded(2), step());
    let mut used = BTreeSet::new();
    for _ in 0..20_000 {
        let body = seal_body(&key, &entry, b"", Nonce::draw(&mut rng));
        assert!(used.insert(<[u8; NONCE_BYTES]>::try_from(&body[..NONCE_BYTES]).unwrap()));
    }
    for _ in 0..980_000 {
        assert!(used.insert(Nonce::draw(&mut rng).0));
    }
}

#[test]
fn wraps_open_only_where_they_belong() {
    let (outer, inner, mut rng) = (key(1), key(2), seeded(3));
    let commit = inner.commit();
    let good = wrap_audience((EPOCH, &outer), &SPACE, &inner, Nonce::draw(&mut rng));
    assert_eq!(unwrap_audience(&outer, &SPACE, &commit, &good).unwrap().expose(), inner.expose());
    assert!(unwrap_audience(&key(9), &SPACE, &commit, &good).is_none());
    assert!(unwrap_audience(&outer, &SpaceId([0; 16]), &commit, &good).is_none());
    assert!(unwrap_audience(&outer, &SPACE, &key(9).commit(), &good).is_none());

    let older = wrap_older(&outer, (EPOCH, &inner), Nonce::draw(&mut rng));
    assert_eq!(unwrap_older(&outer, &commit, &older).unwrap().expose(), inner.expose());
    assert!(unwrap_older(&key(9), &commit, &older).is_none());
    assert!(unwrap_older(&outer, &key(9).commit(), &older).is_none());
    assert!(unwrap_older(&outer, &commit, &Wrap { epoch: EntryId([0; 32]), ..older.clone() }).is_none());
    assert!(unwrap_older(&outer, &commit, &good).is_none());
    for at in 0..48 {
        let mut changed = older.clone();
        changed.ct[at] ^= 1;
        assert!(unwrap_older(&outer, &commit, &changed).is_none(), "byte {at}");
    }
}

fn bodies() -> Vec<EpochBody> {
    let wrap = |epoch: u8| Wrap { epoch: EntryId([epoch; 32]), nonce: [1; 24], ct: [2; 48] };
    let least = EpochBody {
        prev: Vec::new(),
        auth_heads: Vec::new(),
        commit: Commit([1; 32]),
        reason: Reason::First,
        stanzas_blob: Some(0),
        audience: None,
        wraps: Vec::new(),
        roster_blob: None,
    };
    let most = EpochBody {
        prev: (0..16).map(|it| EntryId([it; 32])).collect(),
        auth_heads: (0..16).map(|it| EntryId([it; 32])).collect(),
        reason: Reason::Unknown(77),
        audience: Some(wrap(3)),
        wraps: (0..16).map(wrap).collect(),
        roster_blob: Some(15),
        ..least.clone()
    };
    vec![least, most]
}

fn grant() -> Grant {
    Grant {
        keys: (0..3).map(|it| (EntryId([it; 32]), [it; Stanza::CT_BYTES])).collect(),
        auth_heads: vec![EPOCH],
        device: READER,
        seal_key_id: SealKeyId([1; 8]),
    }
}

fn cut() -> Cut {
    let end = |it: u8| CutPosition {
        log: crate::id::LogId { device: DeviceId([it; 16]), inc: Inc([1; 8]) },
        seq: u64::from(it) * 1_000,
        id: EntryId([it; 32]),
    };
    Cut { removal: EPOCH, ends: vec![end(1), end(2)], strict: false }
}

#[test]
fn bodies_survive_the_wire() {
    for body in bodies() {
        assert_eq!(EpochBody::decode(&body.encode()), Ok(body));
    }
    assert_eq!(Grant::decode(&grant().encode()), Ok(grant()));
    assert_eq!(Cut::decode(&cut().encode()), Ok(cut()));
    let forgets = [Forget::Entries(vec![EPOCH]), Forget::Before(crate::time::Timestamp(7))];
    for forget in forgets {
        assert_eq!(Forget::decode(&forget.encode()), Ok(forget));
    }
}

#[test]
fn bodies_out_of_form_are_refused() {
    let epoch = |change: fn(&mut EpochBody)| {
        let mut body = bodies().remove(1);
        change(&mut body);
        EpochBody::decode(&body.encode())
    };
    assert!(epoch(|_| {}).is_ok());
    assert_eq!(epoch(|it| it.prev.reverse()), Err(BadEpoch::Form(Malformed::NotDeterministic)));
    assert_eq!(epoch(|it| it.wraps.reverse()), Err(BadEpoch::Form(Malformed::NotDeterministic)));
    assert_eq!(epoch(|it| it.prev.push(EntryId([99; 32]))), Err(BadEpoch::Form(Malformed::OverLimit)));
    assert_eq!(epoch(|it| it.roster_blob = Some(16)), Err(BadEpoch::Form(Malformed::OverLimit)));
    assert_eq!(epoch(|it| it.roster_blob = it.stanzas_blob), Err(BadEpoch::Form(Malformed::Unexpected)));
    let nobody = |it: &mut EpochBody| (it.stanzas_blob, it.audience) = (None, None);
    assert_eq!(epoch(nobody), Err(BadEpoch::Form(Malformed::Unexpected)));
    let mut newer = bodies().remove(0).encode();
    let suite = newer.windows(2).rposition(|it| it == [4, 1]).unwrap();
    newer[suite + 1] = 2;
    assert_eq!(EpochBody::decode(&newer), Err(BadEpoch::Suite(2)));

    let mut headless = crate::cbor::Enc::new();
    headless.map(5).u64(1).array(0).u64(3).bytes(&[1; 32]).u64(4).u64(SUITE).u64(5).u64(0).u64(6).u64(0);
    assert_eq!(EpochBody::decode(&headless.finish()), Err(BadEpoch::Form(Malformed::Unexpected)));

    let empty = Grant { keys: Vec::new(), ..grant() };
    assert!(Grant::decode(&empty.encode()).is_err());
    let mut twice = grant();
    twice.keys[1] = twice.keys[0];
    assert!(Grant::decode(&twice.encode()).is_err());
    let keys = (0..=256u32).map(|it| (EntryId(sha256(&[&it.to_be_bytes()])), [0; 80])).collect::<BTreeMap<_, _>>();
    let many = Grant { keys: keys.into_iter().collect(), ..grant() };
    assert_eq!(Grant::decode(&many.encode()), Err(Malformed::OverLimit));
    assert!(Forget::decode(&Forget::Entries(Vec::new()).encode()).is_err());
    assert!(Cut::decode(&Cut { ends: cut().ends.into_iter().rev().collect(), ..cut() }.encode()).is_err());
}

#[test]
fn any_bytes_are_survived() {
    let mut rng = seeded(1);
    let own = sealing_key(1);
    let stanza = Stanza { device: READER, seal_key_id: own.id(), ct: [1; 80] };
    let mut good: Vec<Vec<u8>> = bodies().iter().map(EpochBody::encode).collect();
    good.extend([grant().encode(), cut().encode(), encode_stanzas(&[stanza]), Forget::Entries(vec![EPOCH]).encode()]);
    for round in 0..30_000 {
        let mut bytes = good[round % good.len()].clone();
        let [at, value, cut, how] = (&mut rng as &mut dyn Entropy).bytes::<4>();
        match how % 3 {
            0 => bytes[at as usize % 64 % good[round % good.len()].len()] ^= value,
            1 => bytes.truncate(cut as usize),
            _ => rng.fill(&mut bytes),
        }
        EpochBody::decode(&bytes).ok();
        Grant::decode(&bytes).ok();
        Cut::decode(&bytes).ok();
        Forget::decode(&bytes).ok();
        decode_stanzas(&bytes).ok();
        open_blob(&key(1), &SPACE, &EPOCH, &bytes);
        unpad(bytes);
    }
}
