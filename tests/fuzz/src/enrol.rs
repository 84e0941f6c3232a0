//! Both sides of an enrolment against a stream that sends anything, and against somebody who knows the code.
//!
//! The first byte says who is spoken to. Who knows the code passes the handshake, so that also what is inside its
//! ciphertext is under attack: his side is written here with `snow` alone.

use artel_crdt::cbor::Enc;
use artel_crdt::cert::{self, Bundle, Claims, Email, MailProof, Validity};
use artel_crdt::enrol::{About, Admitter, Applicant, Door, Heard, Newcomer, Refusal, Step, peek_invite, turn_away};
use artel_crdt::id::{CertId, EntryId, PersonId, sha256};
use artel_crdt::invite::InviteSecret;
use artel_crdt::secret::Secret;
use artel_crdt::{cose, noise};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use ed25519_dalek::SigningKey;
use snow::HandshakeState;

use crate::office::{self, NOW, Seeded, office};
use crate::seeds;

const PATTERN: &str = "Noise_XXpsk3_25519_ChaChaPoly_SHA256";
const NEWCOMER: u8 = 0;
const ADMITTER: u8 = 1;
const ADMITTER_SECOND: u8 = 2;
const GREETING: u8 = 3;
const VERDICT: u8 = 4;
const CHUNKS: u8 = 5;
const INTRODUCTION: u8 = 6;

pub(crate) fn target(bytes: &[u8]) {
    let Some((what, rest)) = bytes.split_first() else { return };
    match what % 7 {
        NEWCOMER => over(&mut newcomer().0, rest),
        ADMITTER => {
            let read = admitter(rest);
            assert!(read.is_none() || peek_invite(rest).is_ok());
        }
        ADMITTER_SECOND => {
            let (mut admitter, _) = admitter(&newcomer().1).unwrap();
            drop(admitter.receive(rest));
            assert!(admitter.receive(rest).is_err(), "goes on after a failure");
        }
        GREETING => {
            let (mut newcomer, frame) = newcomer();
            let reply = Insider::answering(&frame, rest).1;
            drop(newcomer.receive(&reply));
        }
        VERDICT => {
            let length = u32::try_from(rest.len()).unwrap().to_be_bytes();
            verdict(&[&length, rest].concat());
        }
        CHUNKS => verdict(rest),
        _ => introduction(rest),
    }
}

fn over(newcomer: &mut Newcomer, frame: &[u8]) {
    if newcomer.receive(frame).is_err() {
        assert!(newcomer.receive(frame).is_err(), "goes on after a failure");
    }
}

/// What an admitting device sends behind an honest greeting.
fn verdict(message: &[u8]) {
    let (mut newcomer, frame) = newcomer();
    let (state, reply) = Insider::answering(&frame, &greeting());
    let Ok(Step::Introduced { reply, .. }) = newcomer.receive(&reply) else { panic!("an honest greeting is refused") };
    let mut state = state.unwrap();
    state.read_message(&reply, &mut vec![0; reply.len()]).unwrap();
    let mut transport = state.into_transport_mode().unwrap();
    for chunk in message.chunks(noise::MESSAGE_BYTES_MAX - noise::TAG_BYTES) {
        let mut frame = vec![0; chunk.len() + noise::TAG_BYTES];
        let length = transport.write_message(chunk, &mut frame).unwrap();
        match newcomer.receive(&frame[..length]) {
            Ok(Step::Partial | Step::Wait) => {}
            Ok(Step::Admitted { claims, .. }) => return assert_eq!(claims.device_key, public(&new_device())),
            Ok(_) | Err(_) => return assert!(newcomer.receive(&frame).is_err()),
        }
    }
}

/// What a newcomer who knows the code says of himself.
fn introduction(payload: &[u8]) {
    let mut state = Insider::handshake(&new_seal(), true);
    let mut frame = Enc::new();
    frame.array(3).u64(1).bytes(&secret().id().0).bytes(&write(&mut state, &[]));
    let (mut admitter, reply) = admitter(&frame.finish()).unwrap();
    state.read_message(&reply, &mut vec![0; reply.len()]).unwrap();
    if payload.len() > 60_000 {
        return;
    }
    let message = write(&mut state, payload);
    if let Ok(Heard::Candidate(candidate)) = admitter.receive(&message) {
        assert_eq!(candidate.device_key, public(&new_device()));
        assert!(!candidate.about.device_name.is_empty());
    }
}

/// Somebody who knows the code.
struct Insider;

impl Insider {
    fn handshake(seal: &Secret<32>, initiator: bool) -> HandshakeState {
        let (org, secret) = (office().org.fp(), secret());
        let prologue = [b"artel/enrol/1", &org.0[..], &secret.id().0].concat();
        let psk = secret.psk();
        let builder = noise::builder(PATTERN, &mut Seeded(if initiator { 5 << 20 } else { 6 << 20 })).unwrap();
        let builder = builder.local_private_key(seal.expose()).unwrap().psk(3, psk.expose()).unwrap();
        let builder = builder.prologue(&prologue).unwrap();
        if initiator { builder.build_initiator().unwrap() } else { builder.build_responder().unwrap() }
    }

    /// Answers a newcomer's first frame with any greeting; the handshake and the frame.
    fn answering(frame: &[u8], greeting: &[u8]) -> (Option<HandshakeState>, Vec<u8>) {
        let greeting = &greeting[..greeting.len().min(60_000)];
        let mut state = Self::handshake(&admitter_seal(), false);
        let mut dec = artel_crdt::cbor::Dec::new(frame);
        let message = dec.array(3).and_then(|_| dec.u64()).and_then(|_| dec.bytes(16)).and_then(|_| dec.bytes(128));
        state.read_message(message.unwrap(), &mut [0; 128]).unwrap();
        let key = Secret::<32>::derive(secret().psk().expose(), b"artel/enrol/greeting/1");
        let cipher = XChaCha20Poly1305::new(key.expose().into());
        let aad = state.get_handshake_hash().to_vec();
        let sealed = cipher.encrypt(XNonce::from_slice(&[3; 24]), Payload { msg: greeting, aad: &aad }).unwrap();
        let reply = write(&mut state, &[&[3; 24], &sealed[..]].concat());
        (Some(state), reply)
    }
}

fn write(state: &mut HandshakeState, payload: &[u8]) -> Vec<u8> {
    let mut message = vec![0; payload.len() + 96];
    let length = state.write_message(payload, &mut message).unwrap();
    message.truncate(length);
    message
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn secret() -> InviteSecret {
    InviteSecret::random(&mut Seeded(77))
}

fn new_device() -> SigningKey {
    SigningKey::from_bytes(&[21; 32])
}

fn new_seal() -> Secret<32> {
    Secret::new([22; 32])
}

fn admitter_seal() -> Secret<32> {
    office::founder().sealing[0].secret().clone()
}

fn about() -> About {
    About { device_name: "Ноутбук".to_owned(), os: "Linux".to_owned(), version: "0.1.0".to_owned() }
}

fn newcomer() -> (Newcomer, Vec<u8>) {
    let (org_fp, about) = (office().org.fp(), about());
    let applicant = Applicant {
        org_fp: &org_fp,
        secret: &secret(),
        device_key: &new_device(),
        seal_secret: &new_seal(),
        about: &about,
    };
    Newcomer::start(&applicant, &mut Seeded(3 << 20)).unwrap()
}

fn admitter(frame: &[u8]) -> Option<(Admitter, Vec<u8>)> {
    let (invite_key, psk) = (secret().public_key(), secret().psk());
    let bundle = seeds::bundle();
    let door = Door {
        org: &office().org,
        invite_key: &invite_key,
        psk: &psk,
        seal_secret: &admitter_seal(),
        bundle: &bundle,
        now: NOW,
    };
    Admitter::open(frame, &door, &mut Seeded(4 << 20)).ok()
}

fn greeting() -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(2).u64(NOW.0).bytes(&seeds::bundle().encode());
    enc.finish()
}

/// The newcomer's certificate with its chain.
fn admitted() -> Bundle {
    let claims = Claims {
        org: office().org,
        email: Email::parse("vera@firma.example").unwrap(),
        validity: Validity::starting(NOW),
        id: CertId([4; 16]),
        device_key: public(&new_device()),
        seal_key: noise::x25519_public(&new_seal()),
        role: 4,
        person: PersonId([5; 16]),
        caps: 0,
        device_name: "Ноутбук".to_owned(),
        relies_on: EntryId([6; 32]),
        mail_proof: MailProof::Mail,
    };
    let mut bundle = seeds::bundle();
    bundle.certificates.insert(0, claims.sign(&office::key()).unwrap());
    assert!(cert::check_chain(&bundle, NOW).is_ok());
    bundle
}

fn admission() -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(5).u64(2).bytes(&admitted().encode());
    enc.bytes_array(&seeds::runs()[..2]).bytes_array(&seeds::runs()[2..3]).array(1).str("10.0.0.1:4001");
    enc.finish()
}

/// What an honest newcomer says in the handshake of [`introduction`].
fn introduced() -> Vec<u8> {
    let mut state = Insider::handshake(&new_seal(), true);
    let mut frame = Enc::new();
    frame.array(3).u64(1).bytes(&secret().id().0).bytes(&write(&mut state, &[]));
    let (_, reply) = admitter(&frame.finish()).unwrap();
    state.read_message(&reply, &mut vec![0; reply.len()]).unwrap();
    let hash = state.get_handshake_hash().to_vec();
    let mut said = Enc::new();
    said.bytes(&public(&new_device())).array(3).str("Ноутбук").str("Linux").str("0.1.0");
    let said = said.finish();
    let statement = |label: &[u8]| {
        let hash = sha256(&[&hash, &noise::x25519_public(&new_seal()), &[&[0x82], &said[..]].concat()]);
        [label, &hash].concat()
    };
    let mut enc = Enc::new();
    enc.array(4).raw(&said).bytes(&cose::sign(&new_device(), &statement(b"artel/enrol/dev/1")));
    enc.bytes(&cose::sign(&secret().signing_key(), &statement(b"artel/enrol/inv/1")));
    enc.finish()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let (mut newcomer, opening) = newcomer();
    let (_, reply) = admitter(&opening).unwrap();
    let Ok(Step::Introduced { reply: second, .. }) = newcomer.receive(&reply) else { panic!("refused") };
    let tagged = |what: u8, content: &[u8]| [&[what], content].concat();
    let length = u32::try_from(admission().len()).unwrap().to_be_bytes();
    vec![
        tagged(NEWCOMER, &reply),
        tagged(NEWCOMER, &turn_away(Refusal::Busy)),
        tagged(ADMITTER, &opening),
        tagged(ADMITTER_SECOND, &second),
        tagged(GREETING, &greeting()),
        tagged(VERDICT, &admission()),
        tagged(VERDICT, &[0x81, 0x00]),
        tagged(VERDICT, &[0x82, 0x01, 0x06]),
        tagged(CHUNKS, &[&length, &admission()[..]].concat()),
        tagged(INTRODUCTION, &introduced()),
    ]
}
