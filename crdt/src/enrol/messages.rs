//! What the two sides of an enrolment tell each other: forms and limits.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use ed25519_dalek::SigningKey;

use super::{BadEnrol, VERDICT_BYTES_MAX};
use crate::Entropy;
use crate::cbor::{Dec, Enc, Malformed};
use crate::cert::Bundle;
use crate::cose::{self, BadSignature};
use crate::id::{InviteId, sha256};
use crate::limits;
use crate::secret::Secret;
use crate::time::Timestamp;

/// First number of the first frame; another protocol would carry another.
const VERSION: u64 = 1;
/// Longest name of a device, a system or a version, bytes.
const ABOUT_BYTES_MAX: usize = limits::NAME_BYTES_MAX;
/// Largest chain in a greeting: what one frame leaves room for.
const BUNDLE_BYTES_MAX: usize = 60 * 1024;
/// Most packets, grants and addresses of an admission.
const PACKETS_MAX: usize = 1024;
const ADDRESSES_MAX: usize = 64;
const ADDRESS_BYTES_MAX: usize = 256;

/// First frame of the stream: the invitation's number in clear, then the first message of the handshake.
pub(super) fn encode_opening(invite: &InviteId, message: &[u8]) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(3).u64(VERSION).bytes(&invite.0).bytes(message);
    enc.finish()
}

pub(super) fn decode_opening(frame: &[u8]) -> Result<(InviteId, &[u8]), Malformed> {
    let mut dec = Dec::new(frame);
    if dec.array(3)? != 3 || dec.u64()? != VERSION {
        return Err(Malformed::Unexpected);
    }
    let opening = (InviteId(dec.array_of()?), dec.bytes(128)?);
    dec.end()?;
    Ok(opening)
}

/// Which invitation the first frame of a stream names: to find the box of its key, or a device that has one.
///
/// # Errors
/// Any other form.
pub fn peek_invite(frame: &[u8]) -> Result<InviteId, Malformed> {
    decode_opening(frame).map(|(invite, _)| invite)
}

/// Why somebody is not admitted. Told to the newcomer, who shows it as a sentence with the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither this device nor any it is linked to can admit now; also the answer to an unknown invitation.
    NobodyCanAdmit,
    /// The invitation has expired.
    Expired,
    /// Somebody else has used it.
    Used,
    /// It was cancelled.
    Cancelled,
    /// Too many attempts failed; a new invitation is needed.
    Burned,
    /// The person who decides said no.
    Declined,
    /// Too many wait or try at this moment; later.
    Busy,
    /// A reason of a newer Artel.
    Other(u8),
}

impl Refusal {
    fn number(self) -> u8 {
        match self {
            Self::NobodyCanAdmit => 1,
            Self::Expired => 2,
            Self::Used => 3,
            Self::Cancelled => 4,
            Self::Burned => 5,
            Self::Declined => 6,
            Self::Busy => 7,
            Self::Other(number) => number,
        }
    }

    fn from_number(number: u8) -> Self {
        match number {
            1 => Self::NobodyCanAdmit,
            2 => Self::Expired,
            3 => Self::Used,
            4 => Self::Cancelled,
            5 => Self::Burned,
            6 => Self::Declined,
            7 => Self::Busy,
            other => Self::Other(other),
        }
    }
}

/// The one frame with which a stream is answered that is not going to become a handshake. Not authenticated: the
/// newcomer takes it as a hint and goes on trying elsewhere.
pub fn turn_away(why: Refusal) -> Vec<u8> {
    vec![why.number()]
}

pub(super) fn decode_turn_away(frame: &[u8]) -> Option<Refusal> {
    match frame {
        [number] => Some(Refusal::from_number(*number)),
        _ => None,
    }
}

/// What the admitting device shows first.
pub(super) struct Greeting {
    pub(super) bundle: Bundle,
    pub(super) now: Timestamp,
}

impl Greeting {
    /// Sealed under a key that only the code gives: whoever stands in between has made the newcomer tell him the
    /// invitation's number, and must not learn from a member who works here. `hash` is that of the first message.
    pub(super) fn seal(&self, psk: &Secret<32>, hash: &[u8; 32], rng: &mut dyn Entropy) -> Result<Vec<u8>, BadEnrol> {
        let mut enc = Enc::new();
        enc.array(2).u64(self.now.0).bytes(&self.bundle.encode());
        let nonce: [u8; 24] = rng.bytes();
        let payload = chacha20poly1305::aead::Payload { msg: &enc.finish(), aad: hash };
        let sealed = cipher(psk).encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| BadEnrol::Handshake)?;
        if sealed.len() > BUNDLE_BYTES_MAX {
            return Err(Malformed::OverLimit.into());
        }
        Ok([&nonce[..], &sealed].concat())
    }

    pub(super) fn open(psk: &Secret<32>, hash: &[u8; 32], sealed: &[u8]) -> Result<Self, BadEnrol> {
        let (nonce, msg) = sealed.split_first_chunk::<24>().ok_or(BadEnrol::Code)?;
        let payload = chacha20poly1305::aead::Payload { msg, aad: hash };
        let clear = cipher(psk).decrypt(XNonce::from_slice(nonce), payload).map_err(|_| BadEnrol::Code)?;
        let mut dec = Dec::new(&clear);
        if dec.array(2)? != 2 {
            return Err(Malformed::Unexpected.into());
        }
        let now = Timestamp(dec.u64()?);
        let bundle = Bundle::decode(dec.bytes(BUNDLE_BYTES_MAX)?)?;
        dec.end()?;
        Ok(Self { bundle, now })
    }
}

fn cipher(psk: &Secret<32>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Secret::<32>::derive(psk.expose(), b"artel/enrol/greeting/1").expose().into())
}

/// What the newcomer's device says of itself; shown to the person who decides. Believe none of it but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The name of the device, at most [`limits::NAME_BYTES_MAX`] bytes; becomes part of the certificate.
    pub device_name: String,
    /// The operating system.
    pub os: String,
    /// The version of Artel.
    pub version: String,
}

impl About {
    fn encode(&self, enc: &mut Enc) {
        enc.array(3).str(&self.device_name).str(&self.os).str(&self.version);
    }

    /// Nothing in it may be empty, too long, or hold control characters or marks that turn the direction of text.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let shown = |text: &String| {
            let strange = |it: char| {
                it.is_control()
                    || matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            (1..=ABOUT_BYTES_MAX).contains(&text.len()) && !text.chars().any(strange)
        };
        let fine = [&self.device_name, &self.os, &self.version].into_iter().all(shown);
        if fine { Ok(()) } else { Err(Malformed::OverLimit) }
    }

    fn decode(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        if dec.array(3)? != 3 {
            return Err(Malformed::Unexpected);
        }
        let about = Self {
            device_name: dec.str(ABOUT_BYTES_MAX)?.to_owned(),
            os: dec.str(ABOUT_BYTES_MAX)?.to_owned(),
            version: dec.str(ABOUT_BYTES_MAX)?.to_owned(),
        };
        about.check()?;
        Ok(about)
    }
}

/// What the newcomer shows: a device key, proved together with the code and bound to this one handshake.
pub(super) struct Introduction {
    pub(super) device_key: [u8; 32],
    pub(super) about: About,
}

impl Introduction {
    /// What is signed: the handshake up to the second message, the newcomer's sealing key and all that is said here.
    fn statement(&self, label: &[u8], hash: &[u8; 32], seal_key: &[u8; 32]) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(2).bytes(&self.device_key);
        self.about.encode(&mut enc);
        [label, &sha256(&[hash, seal_key, &enc.finish()])].concat()
    }

    pub(super) fn sign(
        &self,
        (device, invite): (&SigningKey, &SigningKey),
        hash: &[u8; 32],
        seal_key: &[u8; 32],
    ) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(4).bytes(&self.device_key);
        self.about.encode(&mut enc);
        enc.bytes(&cose::sign(device, &self.statement(b"artel/enrol/dev/1", hash, seal_key)));
        enc.bytes(&cose::sign(invite, &self.statement(b"artel/enrol/inv/1", hash, seal_key)));
        enc.finish()
    }

    pub(super) fn verify(
        payload: &[u8],
        invite_key: &[u8; 32],
        hash: &[u8; 32],
        seal_key: &[u8; 32],
    ) -> Result<Self, BadEnrol> {
        let mut dec = Dec::new(payload);
        if dec.array(4)? != 4 {
            return Err(Malformed::Unexpected.into());
        }
        let introduction = Self { device_key: dec.array_of()?, about: About::decode(&mut dec)? };
        let (by_device, by_invite) = (dec.array_of()?, dec.array_of()?);
        dec.end()?;
        let device = cose::public_key(&introduction.device_key).ok_or(BadSignature::Signature)?;
        let invite = cose::public_key(invite_key).ok_or(BadSignature::Signature)?;
        let statement = |label: &[u8]| introduction.statement(label, hash, seal_key);
        cose::verify_strict(&device, &statement(b"artel/enrol/dev/1"), &by_device)?;
        cose::verify_strict(&invite, &statement(b"artel/enrol/inv/1"), &by_invite)?;
        Ok(introduction)
    }
}

/// What a new member needs to start; everything else comes by synchronisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The new device's certificate, its issuer's, and so on to the root.
    pub bundle: Bundle,
    /// Run packets: the Enrol act and every act on which it rests, to the Genesis. Checked by the replica like any.
    pub packets: Vec<Vec<u8>>,
    /// Run packets with the key grants for the new device.
    pub grants: Vec<Vec<u8>>,
    /// Where members can be dialled.
    pub addresses: Vec<String>,
}

/// What is answered to a candidate, once or, after [`Self::Wait`], again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A person has yet to decide.
    Wait,
    /// No.
    Refused(Refusal),
    /// Yes. The Enrol act is in the authority already.
    Admitted(Box<Admission>),
}

impl Verdict {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        match self {
            Self::Wait => enc.array(1).u64(0),
            Self::Refused(why) => enc.array(2).u64(1).u64(u64::from(why.number())),
            Self::Admitted(it) => {
                enc.array(5).u64(2).bytes(&it.bundle.encode());
                enc.bytes_array(&it.packets).bytes_array(&it.grants).array(it.addresses.len() as u64);
                for address in &it.addresses {
                    enc.str(address);
                }
                &mut enc
            }
        };
        enc.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > VERDICT_BYTES_MAX {
            return Err(Malformed::OverLimit);
        }
        let mut dec = Dec::new(bytes);
        let len = dec.array(5)?;
        let verdict = match (dec.u64()?, len) {
            (0, 1) => Self::Wait,
            (1, 2) => Self::Refused(Refusal::from_number(u8::try_from(dec.u64()?).map_err(|_| Malformed::OverLimit)?)),
            (2, 5) => Self::Admitted(Box::new(decode_admission(&mut dec)?)),
            _ => return Err(Malformed::Unexpected),
        };
        dec.end()?;
        Ok(verdict)
    }
}

fn decode_admission(dec: &mut Dec<'_>) -> Result<Admission, Malformed> {
    let packets = |dec: &mut Dec<'_>| -> Result<Vec<Vec<u8>>, Malformed> {
        let len = dec.array(PACKETS_MAX)?;
        (0..len).map(|_| dec.bytes(limits::PACKET_BYTES_MAX).map(<[u8]>::to_vec)).collect()
    };
    Ok(Admission {
        bundle: Bundle::decode(dec.bytes(BUNDLE_BYTES_MAX)?)?,
        packets: packets(dec)?,
        grants: packets(dec)?,
        addresses: {
            let len = dec.array(ADDRESSES_MAX)?;
            (0..len).map(|_| dec.str(ADDRESS_BYTES_MAX).map(str::to_owned)).collect::<Result<Vec<_>, _>>()?
        },
    })
}
