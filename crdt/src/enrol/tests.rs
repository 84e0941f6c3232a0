//! Tests of `enrol`.

use std::time::Duration;

use ed25519_dalek::SigningKey;

use super::*;
use crate::cert::{self, BadCert, Bundle, CAP_ENROL, Claims, Email, MailProof, Validity};
use crate::entry::{Entry, Kind};
use crate::id::{CertId, EntryId, Inc, OrgId, PersonId, SpaceId};
use crate::invite::{InviteSecret, PskBox};
use crate::testing::Counter;
use crate::time::{Hlc, Timestamp};

mod abuse;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn seal(seed: u8) -> Secret<32> {
    Secret::new([seed; 32])
}

/// An organisation with its root and one administrator's device.
struct Office {
    org: OrgId,
    admin: u8,
    bundle: Bundle,
}

fn claims(org: OrgId, device: u8, caps: u64) -> Claims {
    Claims {
        org,
        email: Email::parse("anna@firma.example").unwrap(),
        validity: Validity::starting(NOW),
        id: CertId([device; 16]),
        device_key: key(device).verifying_key().to_bytes(),
        seal_key: noise::x25519_public(&seal(device)),
        role: if caps == 0 { 4 } else { 2 },
        person: PersonId([device; 16]),
        caps,
        device_name: "LAPTOP-7".to_owned(),
        relies_on: EntryId([1; 32]),
        mail_proof: MailProof::None,
    }
}

fn office(root: u8, admin: u8, caps: u64) -> Office {
    let entry = Entry {
        device: DeviceId::of_key(key(root).verifying_key().as_bytes()),
        space: SpaceId([0; 16]),
        inc: Inc([1; 8]),
        seq: 0,
        prev: None,
        seen: Vec::new(),
        hlc: Hlc { ms: NOW.0, ctr: 0 },
        kind: Kind::Act,
        epoch: None,
        body: vec![0xa2, 0x01, 0x01, 0x02, 0xa0],
        blobs: Vec::new(),
    };
    let genesis = entry.sign(&OrgId([0; 20]), &key(root));
    let org = OrgId(genesis.id.0[..20].try_into().unwrap());
    let certificates = vec![claims(org, admin, caps).sign(&key(root)).unwrap()];
    let root_key = key(root).verifying_key().to_bytes();
    Office {
        org,
        admin,
        bundle: Bundle { certificates, root_key, genesis: cert::entry_cose(&genesis).unwrap(), rotations: Vec::new() },
    }
}

fn secret() -> InviteSecret {
    InviteSecret::random(&mut Counter(77))
}

fn about() -> About {
    About { device_name: "Ноутбук".to_owned(), os: "Linux".to_owned(), version: "0.1.0".to_owned() }
}

impl Office {
    fn standard() -> Self {
        office(10, 11, CAP_ENROL)
    }

    fn open(&self, frame: &[u8], rng: u64) -> Result<(Admitter, Vec<u8>), BadEnrol> {
        let (invite_key, psk) = (secret().public_key(), secret().psk());
        let door = Door {
            org: &self.org,
            invite_key: &invite_key,
            psk: &psk,
            seal_secret: &seal(self.admin),
            bundle: &self.bundle,
            now: NOW,
        };
        Admitter::open(frame, &door, &mut Counter(rng))
    }

    fn admission(&self, device: u8) -> Admission {
        let mut bundle = self.bundle.clone();
        bundle.certificates.insert(0, claims(self.org, device, 0).sign(&key(self.admin)).unwrap());
        Admission {
            bundle,
            packets: vec![vec![1; 70_000], vec![2; 200_000]],
            grants: vec![vec![3; 100]],
            addresses: vec!["10.0.0.1:4001".to_owned()],
        }
    }
}

fn newcomer(office: &Office, device: u8, with: &InviteSecret) -> (Newcomer, Vec<u8>) {
    let (org_fp, about) = (office.org.fp(), about());
    let applicant = Applicant {
        org_fp: &org_fp,
        secret: with,
        device_key: &key(device),
        seal_secret: &seal(device),
        about: &about,
    };
    Newcomer::start(&applicant, &mut Counter(u64::from(device) * 1000)).unwrap()
}

fn introduced(step: Step) -> (Vec<u8>, Introduced) {
    match step {
        Step::Introduced { reply, to } => (reply, *to),
        other => panic!("{other:?}"),
    }
}

fn candidate(heard: Heard) -> Candidate {
    match heard {
        Heard::Candidate(candidate) => *candidate,
        Heard::Acknowledged(_) => panic!("no candidate"),
    }
}

/// Both machines after the handshake, and what each knows of the other.
fn met(office: &Office) -> (Newcomer, Admitter, Introduced, Candidate) {
    let (mut newcomer, first) = newcomer(office, 40, &secret());
    let (mut admitter, second) = office.open(&first, 5).unwrap();
    let (third, to) = introduced(newcomer.receive(&second).unwrap());
    let candidate = candidate(admitter.receive(&third).unwrap());
    (newcomer, admitter, to, candidate)
}

fn deliver(newcomer: &mut Newcomer, frames: Vec<Vec<u8>>) -> Step {
    let mut last = Step::Partial;
    for frame in frames {
        assert!(frame.len() <= FRAME_BYTES_MAX);
        assert_eq!(last, Step::Partial);
        last = newcomer.receive(&frame).unwrap();
    }
    last
}

#[test]
fn a_newcomer_is_admitted() {
    let office = Office::standard();
    let (mut newcomer, mut admitter, to, candidate) = met(&office);
    assert_eq!(to.words, candidate.words);
    assert_eq!((to.org, to.admitter.device_key), (office.org, key(11).verifying_key().to_bytes()));
    assert_eq!(candidate.device_key, key(40).verifying_key().to_bytes());
    assert_eq!(candidate.seal_key, noise::x25519_public(&seal(40)));
    assert_eq!((candidate.invite, candidate.about.clone()), (secret().id(), about()));
    let waiting = admitter.answer(&Verdict::Wait).unwrap();
    assert_eq!(deliver(&mut newcomer, waiting), Step::Wait);
    let sent = office.admission(40);
    let frames = admitter.answer(&Verdict::Admitted(Box::new(sent.clone()))).unwrap();
    assert_eq!(frames.len(), 5);
    let Step::Admitted { admission, claims, acknowledgement } = deliver(&mut newcomer, frames) else {
        panic!("not admitted")
    };
    assert_eq!((*admission, claims.id), (sent, CertId([40; 16])));
    assert_eq!(admitter.receive(&acknowledgement), Ok(Heard::Acknowledged(CertId([40; 16]))));
    assert_eq!(newcomer.receive(&[]), Err(BadEnrol::Order));
    assert_eq!(admitter.receive(&[]), Err(BadEnrol::Order));
}

#[test]
fn a_newcomer_is_refused_or_turned_away() {
    let office = Office::standard();
    let (mut first, mut admitter, ..) = met(&office);
    let frames = admitter.answer(&Verdict::Refused(Refusal::Declined)).unwrap();
    assert_eq!(deliver(&mut first, frames), Step::Refused(Refusal::Declined));
    assert_eq!(admitter.answer(&Verdict::Wait), Err(BadEnrol::Order));
    let (mut second, _) = newcomer(&office, 40, &secret());
    let turned = second.receive(&turn_away(Refusal::NobodyCanAdmit));
    assert_eq!(turned, Ok(Step::TurnedAway(Refusal::NobodyCanAdmit)));
}

#[test]
fn the_invitation_of_a_stream_can_be_read_by_whoever_splices_it() {
    let (_, first) = newcomer(&Office::standard(), 40, &secret());
    assert_eq!(peek_invite(&first), Ok(secret().id()));
    assert!(peek_invite(&first[1..]).is_err());
}

#[test]
fn the_psk_box_opens_to_what_the_handshake_needs() {
    let office = Office::standard();
    let to = (DeviceId([1; 16]), &noise::x25519_public(&seal(11)));
    let sealed = PskBox::seal(&secret(), &office.org, to, &mut Counter(1)).unwrap();
    assert_eq!(sealed.open(&seal(11), &office.org, &secret().id()), Some(secret().psk()));
}

/// A side that has the invitation's psk and number but not its code.
fn thief(office: &Office) -> (snow::HandshakeState, Vec<u8>) {
    let names = (&office.org.fp(), &secret().id());
    let mut state = handshake(Side::Newcomer, names, (&seal(50), &secret().psk()), &mut Counter(8)).unwrap();
    let message = write(&mut state, &[]).unwrap();
    (state, messages::encode_opening(&secret().id(), &message))
}

#[test]
fn a_wrong_clock_warns_and_an_expired_certificate_refuses() {
    let mut office = Office::standard();
    let (_, _, to, _) = met(&office);
    assert!(!to.clock_is_off(NOW));
    assert!(to.clock_is_off(Timestamp(0)));
    assert!(to.clock_is_off(NOW.plus(Duration::from_secs(601))));
    let mut old = claims(office.org, 11, CAP_ENROL);
    old.validity = Validity::starting(Timestamp(NOW.0 - 500 * 86_400_000));
    office.bundle.certificates = vec![old.sign(&key(10)).unwrap()];
    let (mut newcomer, first) = newcomer(&office, 40, &secret());
    let (_, second) = office.open(&first, 5).unwrap();
    let expired = BadCert::Expired(old.validity.expires);
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Chain(BadChain::Certificate(0, expired))));
}

#[test]
fn a_certificate_for_somebody_else_is_neither_sent_nor_taken() {
    let office = Office::standard();
    let (mut newcomer, mut admitter, ..) = met(&office);
    let foreign = Verdict::Admitted(Box::new(office.admission(41)));
    assert_eq!(admitter.answer(&foreign), Err(BadEnrol::Certificate));
    // A dishonest administrator's machine would send it all the same.
    let (mut state, first) = thief_admitter(&office);
    let (third, _) = introduced(newcomer_again(&office, &mut newcomer, &first, &mut state));
    read(&mut state, &third).unwrap();
    let frames = pipe::Pipe::new(state).unwrap().send(&foreign.encode()).unwrap();
    let (last, begin) = frames.split_last().unwrap();
    for frame in begin {
        assert_eq!(newcomer.receive(frame), Ok(Step::Partial));
    }
    assert_eq!(newcomer.receive(last), Err(BadEnrol::Certificate));
}

/// The administrator's side by hand, so that it can misbehave after the handshake.
fn thief_admitter(office: &Office) -> (snow::HandshakeState, Vec<u8>) {
    let (_, first) = newcomer(office, 40, &secret());
    let names = (&office.org.fp(), &secret().id());
    let state = handshake(Side::Admitter, names, (&seal(11), &secret().psk()), &mut Counter(8)).unwrap();
    (state, first)
}

fn newcomer_again(office: &Office, to: &mut Newcomer, first: &[u8], state: &mut snow::HandshakeState) -> Step {
    *to = newcomer(office, 40, &secret()).0;
    let (_, message) = messages::decode_opening(first).unwrap();
    read(state, message).unwrap();
    let greeting = messages::Greeting { bundle: office.bundle.clone(), now: NOW };
    let payload = greeting.seal(&secret().psk(), &hash_of(state).unwrap(), &mut Counter(2)).unwrap();
    to.receive(&write(state, &payload).unwrap()).unwrap()
}

#[test]
fn frames_of_a_verdict_cannot_be_dropped_swapped_or_repeated() {
    let office = Office::standard();
    let admitted = Verdict::Admitted(Box::new(office.admission(40)));
    for order in [&[1, 0][..], &[0, 0], &[0, 2], &[4]] {
        let (mut newcomer, mut admitter, ..) = met(&office);
        let frames = admitter.answer(&admitted).unwrap();
        let results: Vec<_> = order.iter().map(|at| newcomer.receive(&frames[*at])).collect();
        assert_eq!(results.iter().filter(|it| it.is_err()).count(), results.len() - usize::from(order[0] == 0));
    }
}

/// A newcomer's side by hand up to the introduction, which `by_device` and `by_invite` sign for device 50.
fn introduce(
    office: &Office,
    by_device: u8,
    by_invite: &SigningKey,
) -> (Admitter, pipe::Pipe, Result<Heard, BadEnrol>) {
    let (mut state, first) = thief(office);
    let (mut admitter, second) = office.open(&first, 5).unwrap();
    read(&mut state, &second).unwrap();
    let introduction = messages::Introduction { device_key: key(50).verifying_key().to_bytes(), about: about() };
    let hash = hash_of(&state).unwrap();
    let payload = introduction.sign((&key(by_device), by_invite), &hash, &noise::x25519_public(&seal(50)));
    let third = write(&mut state, &payload).unwrap();
    let heard = admitter.receive(&third);
    (admitter, pipe::Pipe::new(state).unwrap(), heard)
}

#[test]
fn a_device_key_that_is_not_held_is_refused() {
    let office = Office::standard();
    let code = secret().signing_key();
    let refused = Err(BadEnrol::Signature(BadSignature::Signature));
    assert!(introduce(&office, 50, &code).2.is_ok());
    assert_eq!(introduce(&office, 51, &code).2, refused);
    // Another administrator holds the psk from his box, but without the code he cannot sign as the invitation.
    assert_eq!(introduce(&office, 50, &key(51)).2, refused);
}

#[test]
fn a_forged_acknowledgement_is_refused() {
    let office = Office::standard();
    let text = ack_text(&CertId([50; 16]), &DeviceId::of_key(key(50).verifying_key().as_bytes()));
    let acknowledge = |signer: u8, text: &[u8]| {
        let (mut admitter, mut pipe, heard) = introduce(&office, 50, &secret().signing_key());
        heard.unwrap();
        admitter.answer(&Verdict::Admitted(Box::new(office.admission(50)))).unwrap();
        let frame = pipe.send(&crate::cose::sign(&key(signer), text)).unwrap().remove(0);
        admitter.receive(&frame)
    };
    assert_eq!(acknowledge(50, &text), Ok(Heard::Acknowledged(CertId([50; 16]))));
    assert_eq!(acknowledge(51, &text), Err(BadEnrol::Signature(BadSignature::Signature)));
    assert_eq!(acknowledge(50, b"another"), Err(BadEnrol::Signature(BadSignature::Signature)));
}

#[test]
fn a_length_that_lies_ends_the_stream() {
    let office = Office::standard();
    let hear = |chunk: &[u8]| {
        let (mut newcomer, mut admitter, ..) = met(&office);
        newcomer.receive(&admitter.send_raw(chunk))
    };
    assert_eq!(hear(&[0, 0, 0, 2, 0x81, 0x00]), Ok(Step::Wait));
    assert_eq!(hear(&[0, 0, 0, 3, 0x81, 0x00]), Err(Malformed::Unexpected.into()));
    assert_eq!(hear(&[0, 0, 0, 1, 0x81, 0x00]), Err(Malformed::Trailing.into()));
    assert_eq!(hear(&[0xff, 0, 0, 1, 0x81, 0x00]), Err(Malformed::OverLimit.into()));
    assert_eq!(hear(&[0, 0]), Err(Malformed::Unexpected.into()));
}

#[test]
fn what_breaks_a_limit_is_not_sent() {
    let office = Office::standard();
    let too_large = |change: &dyn Fn(&mut Admission)| {
        let (_, mut admitter, ..) = met(&office);
        let mut admission = office.admission(40);
        change(&mut admission);
        admitter.answer(&Verdict::Admitted(Box::new(admission))).map(drop)
    };
    assert_eq!(too_large(&|it| it.packets = vec![vec![0; 700_000]; 12]), Err(Malformed::OverLimit.into()));
    assert_eq!(too_large(&|it| it.packets = vec![vec![0; 800_000]]), Err(Malformed::OverLimit.into()));
    assert_eq!(too_large(&|it| it.addresses = vec!["a".to_owned(); 65]), Err(Malformed::OverLimit.into()));
    let org_fp = office.org.fp();
    for name in ["", "a\nb", "abc\u{202e}fdp", &"x".repeat(257)] {
        let about = About { device_name: name.to_owned(), ..about() };
        let applicant = Applicant {
            org_fp: &org_fp,
            secret: &secret(),
            device_key: &key(40),
            seal_secret: &seal(40),
            about: &about,
        };
        assert_eq!(Newcomer::start(&applicant, &mut Counter(0)).map(drop), Err(Malformed::OverLimit.into()));
    }
}

#[test]
fn nothing_secret_is_printed() {
    let office = Office::standard();
    let (newcomer, admitter, ..) = met(&office);
    assert_eq!(format!("{newcomer:?}"), "Newcomer(waiting for the verdict)");
    assert_eq!(format!("{admitter:?}"), "Admitter(waiting for the decision)");
    let door = Door {
        org: &office.org,
        invite_key: &[0; 32],
        psk: &seal(0x5a),
        seal_secret: &seal(0x5b),
        bundle: &office.bundle,
        now: NOW,
    };
    let printed = format!("{door:?}");
    assert!(printed.contains("psk: Secret(..), seal_secret: Secret(..)"), "{printed}");
}

#[test]
fn any_bytes_are_survived() {
    let office = Office::standard();
    let rng = &mut Counter(99);
    for len in (0..400).chain([5_000, FRAME_BYTES_MAX, FRAME_BYTES_MAX + 1]) {
        let mut bytes = vec![0; len];
        rng.fill(&mut bytes);
        office.open(&bytes, 1).map(drop).unwrap_err();
        Verdict::decode(&bytes).ok();
        let (mut newcomer, first) = newcomer(&office, 40, &secret());
        newcomer.receive(&bytes).ok();
        let (mut admitter, _) = office.open(&first, 5).unwrap();
        admitter.receive(&bytes).unwrap_err();
    }
}

/// A member without the right to enrol answers a newcomer who entered a code for an own device; the certificate he gives
/// is for that person.
fn own_device(person: u8) -> Result<Step, BadEnrol> {
    let office = office(10, 11, 0);
    let (org_fp, about, device) = (office.org.fp(), about(), 40);
    let applicant = Applicant {
        org_fp: &org_fp,
        secret: &secret(),
        device_key: &key(device),
        seal_secret: &seal(device),
        about: &about,
    };
    let (mut newcomer, first) = Newcomer::start_own_device(&applicant, &mut Counter(9)).unwrap();
    let (mut admitter, second) = office.open(&first, 5).unwrap();
    let (third, _) = introduced(newcomer.receive(&second)?);
    candidate(admitter.receive(&third).unwrap());
    let mut bundle = office.bundle.clone();
    let given = Claims { person: PersonId([person; 16]), ..claims(office.org, device, 0) };
    bundle.certificates.insert(0, given.sign(&key(office.admin)).unwrap());
    let admission = Admission { bundle, packets: Vec::new(), grants: Vec::new(), addresses: Vec::new() };
    let mut last = Ok(Step::Partial);
    for frame in admitter.answer(&Verdict::Admitted(Box::new(admission))).unwrap() {
        last = newcomer.receive(&frame);
    }
    last
}

#[test]
fn an_own_device_is_admitted_by_who_may_not_enrol_and_only_as_his_own() {
    assert!(matches!(own_device(11), Ok(Step::Admitted { .. })));
    assert!(own_device(12).is_err(), "as somebody else's");
}

#[test]
fn an_ordinary_code_is_not_answered_by_who_may_not_enrol() {
    let office = office(10, 11, 0);
    let (mut newcomer, first) = newcomer(&office, 40, &secret());
    let (_, second) = office.open(&first, 5).unwrap();
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Right));
}
