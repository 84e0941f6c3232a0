//! Tests of `cert`.

#![allow(clippy::string_slice, reason = "the texts cut here are ASCII")]

use super::*;
use crate::authority::{Act, Genesis, Policy, RootRotate};
use crate::entry::{BlobRef, Entry, Kind, Signed};
use crate::id::{BlobHash, Inc, SpaceId, sha256};
use crate::secret::Secret;
use crate::time::Hlc;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

fn org() -> OrgId {
    OrgId([3; 20])
}

fn claims(holder: u8) -> Claims {
    Claims {
        org: org(),
        email: Email::parse("anna@firma.example").unwrap(),
        validity: Validity::starting(NOW),
        id: CertId([4; 16]),
        device_key: public(holder),
        seal_key: noise::x25519_public(&Secret::new([holder; 32])),
        role: 4,
        person: PersonId([5; 16]),
        caps: 0,
        device_name: "Ноутбук".to_owned(),
        relies_on: EntryId([6; 32]),
        mail_proof: MailProof::None,
    }
}

#[track_caller]
fn check_at(bytes: &[u8], now: Timestamp, expected: Result<(), BadCert>) {
    let issuer = key(1).verifying_key();
    let demand = Demand { org: &org(), issuer: &issuer, holder: &public(2), now };
    assert_eq!(check(bytes, &demand).map(drop), expected);
}

/// A certificate whose claims were changed as bytes and signed again.
fn forged(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut payload = claims(2).encode();
    change(&mut payload);
    cose::sign1(&key(1), Domain::Cert, &[], &payload)
}

/// Replaces the only place of `from` by `to`.
fn replace(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let places: Vec<usize> = (0..=bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert_eq!(places.len(), 1, "not there once");
    bytes.splice(places[0]..places[0] + from.len(), to.iter().copied());
}

#[test]
fn a_certificate_comes_back_whole() {
    let bytes = claims(2).sign(&key(1)).unwrap();
    let read = Unverified::parse(&bytes).unwrap().verify(&key(1).verifying_key(), &org()).unwrap();
    assert_eq!(read, claims(2));
    assert!(bytes.len() < 480, "{} bytes", bytes.len());
    check_at(&bytes, NOW, Ok(()));
}

#[test]
fn the_longest_claims_fit() {
    let domain = [&"d".repeat(63)[..]; 3].join(".");
    let mut long = claims(2);
    long.email = Email::parse(&format!("{}@{domain}", "n".repeat(254 - 1 - domain.len()))).unwrap();
    long.device_name = "x".repeat(limits::NAME_BYTES_MAX);
    (long.caps, long.role) = (u64::MAX, u64::MAX);
    check_at(&long.sign(&key(1)).unwrap(), NOW, Ok(()));
}

#[test]
fn abuse_12_time() {
    let bytes = claims(2).sign(&key(1)).unwrap();
    let validity = claims(2).validity;
    check_at(&bytes, validity.not_before, Ok(()));
    check_at(&bytes, Timestamp(validity.not_before.0 - 1), Err(BadCert::NotYetValid(validity.not_before)));
    check_at(&bytes, Timestamp(validity.expires.0 - 1), Ok(()));
    check_at(&bytes, validity.expires, Err(BadCert::Expired(validity.expires)));
}

#[test]
fn abuse_12_a_life_of_more_than_400_days_is_neither_signed_nor_read() {
    let mut long = claims(2);
    long.validity.expires = long.validity.not_before.plus(DAY * 400 + Duration::from_secs(1));
    assert_eq!(long.sign(&key(1)), Err(BadCert::Validity));
    check_at(&cose::sign1(&key(1), Domain::Cert, &[], &long.encode()), NOW, Err(BadCert::Validity));
    let mut backwards = claims(2);
    backwards.validity.expires = Timestamp(backwards.validity.issued.0 - 1000);
    assert_eq!(backwards.sign(&key(1)), Err(BadCert::Validity));
}

#[test]
fn abuse_12_wrong_holder_issuer_and_organisation() {
    check_at(&claims(7).sign(&key(1)).unwrap(), NOW, Err(BadCert::Holder));
    check_at(&claims(2).sign(&key(9)).unwrap(), NOW, Err(BadCert::Issuer));
    let mut foreign = claims(2);
    foreign.org = OrgId([8; 20]);
    check_at(&foreign.sign(&key(1)).unwrap(), NOW, Err(BadCert::Organisation));
    let upper = org().to_string().to_uppercase();
    let bytes = forged(|payload| replace(payload, org().to_string().as_bytes(), upper.as_bytes()));
    check_at(&bytes, NOW, Err(BadCert::Organisation));
}

#[test]
fn abuse_12_another_algorithm_or_header() {
    let payload = claims(2).encode();
    let kid = DeviceId::of_key(&public(1));
    let signed_with = |header: &[u8]| {
        let signature = cose::sign(&key(1), &cose::sig_structure(header, &[], &payload));
        cose::assemble(header, &payload, &signature)
    };
    let good = cose::protected(Domain::Cert, &kid);
    check_at(&signed_with(&good), NOW, Ok(()));
    let mut es256 = good.clone();
    replace(&mut es256, &[0x01, 0x27], &[0x01, 0x26]);
    check_at(&signed_with(&es256), NOW, Err(BadSignature::Domain.into()));
    let entry = cose::protected(Domain::Entry, &kid);
    check_at(&signed_with(&entry), NOW, Err(BadSignature::Domain.into()));
    let mut unprotected = Enc::new();
    let signature = cose::sign(&key(1), &cose::sig_structure(&good, &[], &payload));
    unprotected.tag(18).array(4).bytes(&good).map(1).u64(4).bytes(&kid.0).bytes(&payload).bytes(&signature);
    check_at(&unprotected.finish(), NOW, Err(BadSignature::Form(Malformed::OverLimit).into()));
}

#[test]
fn abuse_12_only_deterministic_claims() {
    let not_deterministic = Err(BadCert::Form(Malformed::NotDeterministic));
    // role 4 written in two bytes
    check_at(&forged(|it| replace(it, &[0x71, 0x04], &[0x71, 0x18, 0x04])), NOW, not_deterministic);
    // exp under the key of sub: a duplicate
    let exp = (claims(2).validity.expires.0 / 1000) as u32;
    let pair = |label: u8| [&[label, 0x1a][..], &exp.to_be_bytes()].concat();
    check_at(&forged(|it| replace(it, &pair(4), &pair(2))), NOW, not_deterministic);
    // keys out of order
    check_at(&forged(|it| replace(it, &pair(4), &pair(5))), NOW, not_deterministic);
    // one more claim, and something behind the claims
    check_at(&forged(|it| it.push(0)), NOW, Err(BadCert::Form(Malformed::Trailing)));
    let more = forged(|it| {
        it[0] = 0xb0;
        it.extend([0x3a, 0x00, 0x01, 0x11, 0x78, 0x00]);
    });
    check_at(&more, NOW, Err(BadCert::Form(Malformed::OverLimit)));
    // a newer format
    check_at(&forged(|it| *it.last_mut().unwrap() = 2), NOW, Err(BadCert::Format(2)));
}

#[test]
fn abuse_12_weak_keys() {
    let mut weak = claims(2);
    weak.device_key = [0; 32];
    check_at(&cose::sign1(&key(1), Domain::Cert, &[], &weak.encode()), NOW, Err(BadCert::Key));
    let mut weak = claims(2);
    weak.seal_key = [0; 32];
    assert_eq!(weak.sign(&key(1)), Err(BadCert::Key));
    check_at(&cose::sign1(&key(1), Domain::Cert, &[], &weak.encode()), NOW, Err(BadCert::Key));
    let id = claims(2).seal_key_id().0;
    check_at(&forged(|it| replace(it, &id, &[0; 8])), NOW, Err(BadCert::Key));
}

#[test]
fn abuse_12_a_malleated_signature_and_every_flipped_bit() {
    let bytes = claims(2).sign(&key(1)).unwrap();
    // S + L: the same equation holds, only its canonical form is gone.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut malleated = bytes.clone();
    let at = bytes.len() - 32;
    let mut carry = 0u16;
    for (digit, add) in malleated[at..].iter_mut().zip(order) {
        carry += u16::from(*digit) + u16::from(add);
        *digit = (carry & 0xff) as u8;
        carry >>= 8;
    }
    check_at(&malleated, NOW, Err(BadSignature::Signature.into()));
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let read = Unverified::parse(&flipped).and_then(|it| it.verify(&key(1).verifying_key(), &org()));
        assert!(read.is_err(), "bit {bit}");
    }
}

#[test]
fn any_bytes_are_survived() {
    let good = claims(2).encode();
    for round in 0..3_000u32 {
        let noise = sha256(&[&round.to_be_bytes()]);
        let mut payload = good.clone();
        for pair in noise.chunks(2).take(1 + round as usize % 4) {
            let at = (usize::from(pair[0]) * 3) % payload.len();
            payload[at] = pair[1];
        }
        payload.truncate(payload.len() - usize::from(noise[31] % 8));
        Claims::decode(&payload).ok();
        Unverified::parse(&payload).ok();
        Bundle::decode(&payload).ok();
    }
}

fn genesis(root: u8) -> (OrgId, Signed) {
    let policy = Policy::with_domains(vec!["firma.example".to_owned()]);
    let act = Genesis { name: 0, root_pk: public(root), policy, created: NOW.0 };
    let entry = Entry {
        device: DeviceId::of_key(&public(root)),
        space: SpaceId([0; 16]),
        inc: Inc([1; 8]),
        seq: 0,
        prev: None,
        seen: Vec::new(),
        hlc: Hlc { ms: NOW.0, ctr: 0 },
        kind: Kind::Act,
        epoch: None,
        body: Act::Genesis(act).encode(),
        blobs: vec![BlobRef { hash: BlobHash::of(b"sealed name"), size: 11 }],
    };
    let signed = entry.sign(&OrgId([0; 20]), &key(root));
    (OrgId(signed.id.0[..20].try_into().unwrap()), signed)
}

/// Root 20 → founder 21 → administrator 22 → member 2.
fn bundle(change: impl FnOnce(&mut [Claims; 3])) -> Bundle {
    let (org, genesis) = genesis(20);
    let mut all = [claims(2), claims(22), claims(21)];
    for (of, role, caps) in [(0, 4, 0b10), (1, 2, 0b11), (2, 1, 0b111)] {
        (all[of].org, all[of].role, all[of].caps) = (org, role, caps);
    }
    change(&mut all);
    let certificates = all.iter().zip([22, 21, 20]).map(|(it, issuer)| it.sign(&key(issuer)).unwrap()).collect();
    Bundle { certificates, root_key: public(20), genesis: entry_cose(&genesis).unwrap(), rotations: Vec::new() }
}

#[test]
fn a_chain_proves_its_holder() {
    let bundle = bundle(|_| ());
    assert_eq!(Bundle::decode(&bundle.encode()).as_ref(), Ok(&bundle));
    let chain = check_chain(&bundle, NOW).unwrap();
    assert_eq!((chain.org, chain.holder.device_key), (genesis(20).0, public(2)));
}

#[test]
fn a_chain_outlives_the_certificates_of_its_issuers() {
    let bundle = bundle(|all| {
        all[0].validity = Validity::starting(NOW.plus(DAY * 300));
        all[1].validity = Validity::starting(NOW);
        all[2].validity = Validity::starting(Timestamp(NOW.0 - DAY.as_millis() as u64 * 300));
    });
    assert!(check_chain(&bundle, NOW.plus(DAY * 650)).is_ok());
    let why = check_chain(&bundle, NOW.plus(DAY * 701)).unwrap_err();
    assert!(matches!(why, BadChain::Certificate(0, BadCert::Expired(_))), "{why:?}");
}

#[track_caller]
fn check_refused(bundle: &Bundle, expected: BadChain) {
    assert_eq!(check_chain(bundle, NOW).unwrap_err(), expected);
}

#[test]
fn nobody_passes_on_more_than_he_has() {
    check_refused(&bundle(|all| all[0].caps = 0b1010), BadChain::Rights(0));
    check_refused(&bundle(|all| all[0].role = 1), BadChain::Rights(0));
    let lowered = bundle(|all| {
        (all[0].role, all[0].caps) = (1, u64::MAX);
        all[0] = all[0].clone().within(&all[1]);
    });
    let holder = check_chain(&lowered, NOW).unwrap().holder;
    assert_eq!((holder.role, holder.caps), (2, 0b11));
    let by_a_member =
        |person: u8| bundle(|all| (all[1].caps, all[0].caps, all[0].person) = (0b10, 0, PersonId([person; 16])));
    check_refused(&by_a_member(8), BadChain::Rights(0));
    assert!(check_chain(&by_a_member(5), NOW).is_ok(), "another device of the same person");
    check_refused(&bundle(|all| all[0].validity = Validity::starting(NOW.plus(DAY * 500))), BadChain::IssuedOutside(0));
}

#[test]
fn a_device_renews_itself_without_gaining() {
    let (org, genesis) = genesis(20);
    let mut first = claims(2);
    (first.org, first.caps) = (org, 0b110);
    let mut renewed = first.clone();
    renewed.validity = Validity::starting(NOW.plus(DAY * 200));
    let made = |renewed: &Claims| Bundle {
        certificates: vec![renewed.sign(&key(2)).unwrap(), first.sign(&key(20)).unwrap()],
        root_key: public(20),
        genesis: entry_cose(&genesis).unwrap(),
        rotations: Vec::new(),
    };
    let later = NOW.plus(DAY * 500);
    assert!(check_chain(&made(&renewed), later).is_ok());
    renewed.person = PersonId([9; 16]);
    assert_eq!(check_chain(&made(&renewed), later), Err(BadChain::Rights(0)));
    (renewed.person, renewed.caps) = (first.person, 0b111);
    assert_eq!(check_chain(&made(&renewed), later), Err(BadChain::Rights(0)));
}

/// A root hands over to the next one.
fn rotation(org: &OrgId, from: u8, to: u8) -> Vec<u8> {
    let entry = Entry {
        device: DeviceId::of_key(&public(from)),
        space: SpaceId::organisation(org),
        inc: Inc([3; 8]),
        seq: 0,
        prev: None,
        seen: vec![EntryId([1; 32])],
        hlc: Hlc { ms: NOW.0, ctr: 0 },
        kind: Kind::Act,
        epoch: None,
        body: Act::RootRotate(RootRotate { root_pk: public(to) }).encode(),
        blobs: Vec::new(),
    };
    entry_cose(&entry.sign(org, &key(from))).unwrap()
}

#[test]
fn a_later_root_is_believed_by_the_way_that_leads_to_it() {
    let (org, genesis) = genesis(20);
    let owner = Claims { org, ..claims(2) };
    let made = |signer, rotations| Bundle {
        certificates: vec![owner.sign(&key(signer)).unwrap()],
        root_key: public(20),
        genesis: entry_cose(&genesis).unwrap(),
        rotations,
    };
    let way = vec![rotation(&org, 20, 30), rotation(&org, 30, 31)];
    let bundle = made(31, way.clone());
    assert_eq!(Bundle::decode(&bundle.encode()).as_ref(), Ok(&bundle));
    assert_eq!(check_chain(&bundle, NOW).map(|it| it.org), Ok(org));
    // A part of the way, a stranger's act, one of another organisation, and another act.
    assert_eq!(check_chain(&made(31, vec![way[1].clone()]), NOW), Err(BadChain::Root(0)));
    let strange = vec![way[0].clone(), rotation(&org, 40, 31)];
    assert_eq!(check_chain(&made(31, strange), NOW), Err(BadChain::Root(1)));
    let elsewhere = vec![rotation(&OrgId([9; 20]), 20, 31)];
    assert_eq!(check_chain(&made(31, elsewhere), NOW), Err(BadChain::Root(0)));
    let other = vec![entry_cose(&genesis).unwrap()];
    assert_eq!(check_chain(&made(31, other), NOW), Err(BadChain::Root(0)));
    assert!(matches!(check_chain(&made(31, Vec::new()), NOW), Err(BadChain::Certificate(0, _))));
    let mut empty = made(20, Vec::new()).encode();
    empty[0] = 0x84;
    empty.push(0x80);
    assert!(Bundle::decode(&empty).is_err(), "a bundle has one form");
}

#[test]
fn a_chain_needs_every_link() {
    let good = bundle(|_| ());
    let mut short = good.clone();
    short.certificates.remove(1);
    check_refused(&short, BadChain::Certificate(0, BadCert::Issuer));
    let mut rootless = good.clone();
    rootless.certificates.pop();
    check_refused(&rootless, BadChain::Certificate(1, BadCert::Issuer));
    let mut empty = good.clone();
    empty.certificates.clear();
    check_refused(&empty, BadChain::Form(Malformed::Unexpected));
    let mut other_root = good.clone();
    other_root.root_key = public(30);
    check_refused(&other_root, BadChain::Genesis(BadSignature::Signature));
    let mut other_genesis = good.clone();
    other_genesis.genesis = entry_cose(&genesis(30).1).unwrap();
    other_genesis.root_key = public(30);
    check_refused(&other_genesis, BadChain::Certificate(2, BadCert::Issuer));
    let mut changed = good;
    let last = changed.genesis.len() - 70;
    changed.genesis[last] ^= 1;
    assert!(check_chain(&changed, NOW).is_err());
}

#[test]
fn addresses_have_one_spelling() {
    let check_email = |text: &str, expected: Result<(), BadEmail>| {
        assert_eq!(Email::parse(text).map(drop), expected, "{text}");
    };
    for good in ["a@b", "anna.k+x@firma.example", "анна@firma.example", "anna@xn--80a1acny.xn--p1ai", "4@b.c"] {
        check_email(good, Ok(()));
    }
    check_email("Anna@firma.example", Err(BadEmail::Case));
    check_email("anna@Firma.example", Err(BadEmail::Case));
    check_email("anna@почта.рф", Err(BadEmail::Domain));
    check_email("anna@-firma.example", Err(BadEmail::Domain));
    check_email("anna@firma..example", Err(BadEmail::Domain));
    check_email("anna@ab--c.example", Err(BadEmail::Domain));
    check_email("anna@xn--.example", Err(BadEmail::Domain));
    check_email("anna@firma.example ", Err(BadEmail::Domain));
    check_email("anna", Err(BadEmail::Form));
    check_email("@firma.example", Err(BadEmail::Form));
    check_email("a..b@firma.example", Err(BadEmail::Form));
    check_email("a b@firma.example", Err(BadEmail::Form));
    check_email("a\"b@firma.example", Err(BadEmail::Form));
    // Cyrillic а in a Latin name, a zero-width joiner, a right-to-left override
    check_email("\u{430}nna@firma.example", Err(BadEmail::Script));
    check_email("an\u{200d}na@firma.example", Err(BadEmail::Script));
    check_email("an\u{202e}na@firma.example", Err(BadEmail::Script));
    check_email(&format!("{}@b", "a".repeat(65)), Err(BadEmail::Length));
    check_email(&format!("a@{}", "b.".repeat(130)), Err(BadEmail::Length));
    assert_eq!(Email::typed(" Anna@Firma.Example\n").unwrap().as_str(), "anna@firma.example");
}

#[test]
fn the_domain_must_be_the_policys() {
    let email = Email::parse("anna@mail.firma.example").unwrap();
    assert_eq!(email.check_policy(&["firma.example"]), Err(BadEmail::Foreign));
    assert_eq!(email.check_policy(&["firma.example", "mail.firma.example"]), Ok(()));
    assert_eq!(email.check_policy::<&str>(&[]), Ok(()));
    assert_eq!(format!("{email:?}"), "Email(..@mail.firma.example)");
}

#[test]
fn the_tag_of_an_address_differs_between_organisations() {
    let email = Email::parse("anna@firma.example").unwrap();
    let expected = sha256(&[b"artel/email/1", &[1; 20], b"anna@firma.example"]);
    assert_eq!(email_tag(&OrgId([1; 20]), &email), expected[..16]);
    assert_ne!(email_tag(&OrgId([1; 20]), &email), email_tag(&OrgId([2; 20]), &email));
}

/// `tests/interop/verify_cert.py` verifies the same bytes with another library. If this fails after a change of the
/// format, certificates that exist can no longer be read.
#[test]
fn the_published_bundle_is_byte_for_byte_ours() {
    let published = include_bytes!("../../../tests/interop/sample.bundle");
    assert_eq!(bundle(|_| ()).encode(), published);
    assert!(check_chain(&Bundle::decode(published).unwrap(), NOW).is_ok());
}
