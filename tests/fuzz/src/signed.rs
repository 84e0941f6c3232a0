//! Decoders of what is signed: runs, entries, registers, certificates.

use artel_crdt::cert::{self, Bundle, Chain, Unverified};
use artel_crdt::cose::{self, Domain, Sign1};
use artel_crdt::entry::Entry;
use artel_crdt::id::SpaceId;
use artel_crdt::register::Register;
use artel_crdt::run::{self, Packet, Run};

use crate::canonical;
use crate::office::{self, NOW};

pub(crate) fn run(bytes: &[u8]) {
    let keys = office::keys();
    let trusted = run::trusted_run(&keys.org, bytes);
    if let Ok(checked) = run::check_run(&keys, bytes) {
        assert_eq!(trusted.as_ref(), Ok(&checked), "checked, but not readable as stored");
        let entries = checked.run.entries().to_vec();
        assert!(entries.last().is_some_and(|it| it.signature.is_some()));
        assert_eq!(Run::join(entries).as_ref(), Some(&checked.run));
    }
    let Some(packet) = canonical(bytes, trusted, Packet::encode) else { return };
    assert_eq!(run::peek(bytes), Ok((packet.run.log(), packet.run.space())));
    let (first, last) = packet.run.range();
    assert_eq!(last - first + 1, packet.run.entries().len() as u64);
    for signed in packet.run.entries() {
        let entry = &signed.entry;
        assert_eq!(entry.check_form(), Ok(()));
        assert_eq!(entry.id(&keys.org), signed.id);
        let payload = entry.payload();
        assert_eq!(Entry::from_payload(entry.device, &keys.org, &payload).as_ref(), Ok(entry));
    }
}

pub(crate) fn entry(bytes: &[u8]) {
    let (keys, device) = (office::keys(), office::device());
    let read = Entry::from_payload(device, &keys.org, bytes);
    if let Some(entry) = canonical(bytes, read, Entry::payload) {
        assert_eq!(entry.check_form(), Ok(()));
        assert!(!entry.is_genesis() || entry.space == SpaceId::organisation(&keys.org));
        drop(artel_crdt::seal::EpochBody::of(&entry));
    }
}

pub(crate) fn register(bytes: &[u8]) {
    if let Ok(register) = Register::check(bytes, &office::keys()) {
        assert_eq!(register.bytes(), bytes);
        assert_eq!(register.device, office::device());
    }
    // The signature keeps a fuzzer away from what is signed: so the bytes are tried as that, too.
    let signed = cose::sign1(&office::key(), Domain::Register, &office::keys().org.0, bytes);
    if let Ok(register) = Register::check(&signed, &office::keys()) {
        let Register { space, name, key, hlc, epoch, value, .. } = register;
        let content = artel_crdt::register::Content { space, name, key, hlc, epoch, value };
        let again = content.sign(&office::keys().org, &office::key()).unwrap();
        assert_eq!(again.bytes(), signed, "a register has two encodings");
    }
}

pub(crate) fn sign1(bytes: &[u8]) {
    let domains = [Domain::Entry, Domain::Cert, Domain::Register, Domain::Hello, Domain::Roster, Domain::Statement];
    let read: Vec<_> = domains.into_iter().filter(|it| Sign1::parse(bytes, *it, 1 << 16).is_ok()).collect();
    assert!(read.len() <= 1, "one signed message serves {read:?}");
    for domain in read {
        let signed = Sign1::parse(bytes, domain, 1 << 16).unwrap();
        let signature = bytes.last_chunk::<64>().unwrap();
        assert_eq!(cose::assemble(&cose::protected(domain, &signed.kid), signed.payload, signature), bytes);
    }
}

pub(crate) fn cert(bytes: &[u8]) {
    check_cert(bytes);
    check_cert(&cose::sign1(&office::key(), Domain::Cert, &[], bytes));
}

fn check_cert(bytes: &[u8]) {
    let Ok(read) = Unverified::parse(bytes) else { return };
    let again = read.claims.sign(&office::key()).unwrap();
    let payload = |bytes| Sign1::parse(bytes, Domain::Cert, 1 << 16).unwrap().payload;
    assert_eq!(payload(&again), payload(bytes), "claims have two encodings");
}

pub(crate) fn bundle(bytes: &[u8]) {
    let Some(bundle) = canonical(bytes, Bundle::decode(bytes), Bundle::encode) else { return };
    if let Ok(Chain { org, holder }) = cert::check_chain(&bundle, NOW) {
        assert_eq!(holder.org, org);
        assert!(holder.validity.holds_at(NOW).is_ok());
    }
}
