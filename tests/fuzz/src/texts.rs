//! What people type and scan.

use artel_crdt::cert::Email;
use artel_crdt::id::{self, DeviceId, EntryId};
use artel_crdt::invite::{Code, Link, MailCode};
use artel_crdt::words::RootSeed;

/// Runs `check` if the bytes are a text, and on what a person would have pasted otherwise.
fn text(bytes: &[u8], check: impl Fn(&str)) {
    check(&String::from_utf8_lossy(bytes));
}

pub(crate) fn code(bytes: &[u8]) {
    text(bytes, |text| {
        if let Ok(code) = text.parse::<Code>() {
            assert_eq!(code.reveal().parse(), Ok(code));
        }
        if let Ok(mailed) = text.parse::<MailCode>() {
            assert_eq!(mailed.reveal().parse(), Ok(mailed));
            assert!(text.parse::<Code>().is_err(), "both a code and its other half");
        }
    });
}

pub(crate) fn link(bytes: &[u8]) {
    text(bytes, |text| {
        if let Ok(link) = text.parse::<Link>() {
            assert!(link.addresses.len() <= 16);
            assert_eq!(link.reveal().parse(), Ok(link));
        }
    });
}

pub(crate) fn phrase(bytes: &[u8]) {
    text(bytes, |text| {
        if let Ok(seed) = RootSeed::from_phrase(text) {
            let words = seed.reveal();
            assert_eq!(words.len(), 24);
            assert_eq!(RootSeed::from_phrase(&words.join(" ")), Ok(seed));
        }
    });
}

pub(crate) fn email(bytes: &[u8]) {
    text(bytes, |text| {
        if let Ok(email) = Email::parse(text) {
            assert_eq!(email.as_str(), text);
            assert!(text.ends_with(email.domain()) && !email.domain().is_empty());
        }
        if let Ok(email) = Email::typed(text) {
            assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email));
            assert_eq!(Email::typed(email.as_str()), Ok(email));
        }
    });
}

pub(crate) fn id(bytes: &[u8]) {
    text(bytes, |text| {
        if let Ok(read) = id::from_base32(text) {
            assert_eq!(id::from_base32(&id::to_base32(&read)), Ok(read));
        }
        if let Ok(device) = text.parse::<DeviceId>() {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        if let Ok(entry) = text.parse::<EntryId>() {
            assert_eq!(entry.to_string().parse(), Ok(entry));
        }
    });
    assert_eq!(id::from_base32(&id::to_base32(bytes)).as_deref(), Ok(bytes));
}
