//! Member certificates: a CWT (RFC 8392) in COSE_Sign1 that ties a person, a mail address and rights to a device key.
//!
//! A certificate says what an issuer once vouched for; whether it still holds is the authority's to say. Stock CWT tools
//! verify it (`tests/interop/verify_cert.py`). One form only: every claim present, in deterministic order.

mod chain;
mod email;

use std::time::Duration;

use ed25519_dalek::{SigningKey, VerifyingKey};
use thiserror::Error;

pub use chain::{BadChain, Bundle, Chain, check_chain, entry_cose};
pub use email::{BadEmail, Email, email_tag};

use crate::cbor::{Dec, Enc, Malformed};
use crate::cose::{self, BadSignature, Domain, Sign1};
use crate::id::{CertId, DeviceId, EntryId, OrgId, PersonId, SealKeyId};
use crate::limits;
use crate::noise;
use crate::time::Timestamp;

/// Largest certificate, bytes: two texts of at most 510 bytes together and 350 bytes of everything else.
pub const CERT_BYTES_MAX: usize = 1024;

/// The right to enrol: bit 0 of the rights in a certificate. Who holds it may issue certificates.
pub const CAP_ENROL: u64 = 1;

/// How far back a certificate starts before it is issued, so that a clock that is a little behind accepts it.
pub const BACKDATE: Duration = Duration::from_secs(10 * 60);

const ISS_PREFIX: &str = "urn:artel:org:";
const SUB_PREFIX: &str = "mailto:";
const FORMAT: u64 = 1;
/// COSE_Key: key type OKP, curves Ed25519 and X25519 (RFC 9053 §7.2).
const KTY_OKP: u64 = 1;
const CRV_ED25519: u64 = 6;
const CRV_X25519: u64 = 4;

/// Why a certificate is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadCert {
    /// Not the one deterministic form of the claims.
    #[error("malformed certificate: {0}")]
    Form(#[from] Malformed),
    /// Another algorithm or header, or the signature does not verify.
    #[error("{0}")]
    Signature(#[from] BadSignature),
    /// Issued in another organisation.
    #[error("issued by another organisation")]
    Organisation,
    /// Signed by somebody else than the expected issuer.
    #[error("signed by an unexpected issuer")]
    Issuer,
    /// Made for another device key.
    #[error("made for another device")]
    Holder,
    /// The device key or the sealing key is of small order or not on the curve, or its id is another key's.
    #[error("an unusable key")]
    Key,
    /// Its time has not come.
    #[error("not valid yet")]
    NotYetValid(Timestamp),
    /// Its time has passed.
    #[error("expired")]
    Expired(Timestamp),
    /// Valid for longer than [`limits::CERT_LIFE_MAX`], or its times contradict each other.
    #[error("the validity is too long or contradicts itself")]
    Validity,
    /// The mail address is not one that may stand in a certificate.
    #[error("{0}")]
    Email(#[from] BadEmail),
    /// The device name is empty, too long or has control characters.
    #[error("an unusable device name")]
    DeviceName,
    /// Of a newer Artel.
    #[error("a certificate of an unknown format")]
    Format(u64),
}

/// Whether control over the mail address was shown at enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailProof {
    /// No: the whole code came by another way.
    None,
    /// Half of the invitation's secret was sent to the address.
    Mail,
}

impl MailProof {
    fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mail => "mail",
        }
    }

    fn from_label(label: &str) -> Result<Self, Malformed> {
        match label {
            "none" => Ok(Self::None),
            "mail" => Ok(Self::Mail),
            _ => Err(Malformed::Unexpected),
        }
    }
}

/// When a certificate holds; whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// First moment at which it no longer holds.
    pub expires: Timestamp,
    /// When the issuer signed, by its clock.
    pub issued: Timestamp,
}

impl Validity {
    /// The longest allowed, from [`BACKDATE`] before `now`.
    pub fn starting(now: Timestamp) -> Self {
        let issued = Timestamp(now.0 - now.0 % 1000);
        let back = u64::try_from(BACKDATE.as_millis()).unwrap_or(0);
        let not_before = Timestamp(issued.0.saturating_sub(back));
        Self { not_before, expires: not_before.plus(limits::CERT_LIFE_MAX), issued }
    }

    fn check(self) -> Result<(), BadCert> {
        let ordered = self.not_before <= self.issued && self.issued < self.expires;
        let short = self.expires.since(self.not_before) <= limits::CERT_LIFE_MAX;
        if ordered && short { Ok(()) } else { Err(BadCert::Validity) }
    }

    /// Whether it holds at `now`.
    ///
    /// # Errors
    /// [`BadCert::NotYetValid`], [`BadCert::Expired`]. Between known, unrevoked devices expiry is only a warning.
    pub fn holds_at(self, now: Timestamp) -> Result<(), BadCert> {
        if now < self.not_before {
            return Err(BadCert::NotYetValid(self.not_before));
        }
        if self.expires <= now {
            return Err(BadCert::Expired(self.expires));
        }
        Ok(())
    }
}

/// What a certificate claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The organisation (`iss`).
    pub org: OrgId,
    /// The person's mail address (`sub`).
    pub email: Email,
    /// When it holds (`exp`, `nbf`, `iat`).
    pub validity: Validity,
    /// Its number (`cti`), drawn at random.
    pub id: CertId,
    /// Ed25519 public key of the device (`cnf`, RFC 8747).
    pub device_key: [u8; 32],
    /// X25519 public key to which keys of spaces are sealed.
    pub seal_key: [u8; 32],
    /// Rank: 0 root, 1 owner, 2 admin, 3 registrar, 4 member, 5 guest.
    pub role: u64,
    /// The person.
    pub person: PersonId,
    /// Rights, a bit set; bit 0 is [`CAP_ENROL`].
    pub caps: u64,
    /// What the person calls the device, at most [`limits::NAME_BYTES_MAX`] bytes.
    pub device_name: String,
    /// The act of the authority on which the issuer relied: an invitation or an enrolment.
    pub relies_on: EntryId,
    /// Whether the mail address was proved.
    pub mail_proof: MailProof,
}

impl Claims {
    /// The id of the device.
    pub fn device(&self) -> DeviceId {
        DeviceId::of_key(&self.device_key)
    }

    /// The id of the sealing key.
    pub fn seal_key_id(&self) -> SealKeyId {
        SealKeyId::of_key(&self.seal_key)
    }

    /// The same claims with no more rights than `issuer` can vouch for, so that [`check_chain`] accepts them. Who was
    /// invited with more than his admitter has (it is the inviter's authority that counts) renews with somebody who can.
    #[must_use]
    pub fn within(self, issuer: &Self) -> Self {
        Self { caps: self.caps & issuer.caps, role: self.role.max(issuer.role), ..self }
    }

    /// Signs the claims and returns the certificate.
    ///
    /// # Errors
    /// Claims that any reader would refuse.
    pub fn sign(&self, issuer: &SigningKey) -> Result<Vec<u8>, BadCert> {
        self.check()?;
        Ok(cose::sign1(issuer, Domain::Cert, &[], &self.encode()))
    }

    fn check(&self) -> Result<(), BadCert> {
        self.validity.check()?;
        if cose::public_key(&self.device_key).is_none() || !noise::is_sealing_key(&self.seal_key) {
            return Err(BadCert::Key);
        }
        let name = &self.device_name;
        if name.is_empty() || name.len() > limits::NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(BadCert::DeviceName);
        }
        Ok(())
    }

    /// The claims set: keys in the order of their encoded bytes (RFC 8949 §4.2.1).
    fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.map(15).u64(1).str(&format!("{ISS_PREFIX}{}", self.org));
        enc.u64(2).str(&format!("{SUB_PREFIX}{}", self.email));
        enc.u64(4).u64(self.validity.expires.0 / 1000).u64(5).u64(self.validity.not_before.0 / 1000);
        enc.u64(6).u64(self.validity.issued.0 / 1000).u64(7).bytes(&self.id.0);
        enc.u64(8).map(1).u64(1).map(3).u64(1).u64(KTY_OKP).i64(-1).u64(CRV_ED25519).i64(-2).bytes(&self.device_key);
        enc.i64(-70_001).map(4).u64(1).u64(KTY_OKP).u64(2).bytes(&self.seal_key_id().0);
        enc.i64(-1).u64(CRV_X25519).i64(-2).bytes(&self.seal_key);
        enc.i64(-70_002).u64(self.role).i64(-70_003).bytes(&self.person.0).i64(-70_004).u64(self.caps);
        enc.i64(-70_005).str(&self.device_name).i64(-70_006).bytes(&self.relies_on.0);
        enc.i64(-70_007).str(self.mail_proof.label()).i64(-70_008).u64(FORMAT);
        enc.finish()
    }

    fn decode(payload: &[u8]) -> Result<Self, BadCert> {
        let mut whole = Dec::new(payload);
        whole.item()?;
        whole.end()?;
        let mut dec = Dec::new(payload);
        expect_map(&mut dec, 15)?;
        let org = read_org(&mut dec)?;
        expect_key(&mut dec, 2)?;
        let subject = dec.str(SUB_PREFIX.len() + limits::EMAIL_BYTES_MAX)?;
        let email = Email::parse(subject.strip_prefix(SUB_PREFIX).ok_or(Malformed::Unexpected)?)?;
        let expires = read_seconds(&mut dec, 4)?;
        let not_before = read_seconds(&mut dec, 5)?;
        let issued = read_seconds(&mut dec, 6)?;
        expect_key(&mut dec, 7)?;
        let id = CertId(dec.array_of()?);
        let device_key = read_confirmation(&mut dec)?;
        let seal_key = read_seal_key(&mut dec)?;
        expect_key(&mut dec, -70_002)?;
        let role = dec.u64()?;
        expect_key(&mut dec, -70_003)?;
        let person = PersonId(dec.array_of()?);
        expect_key(&mut dec, -70_004)?;
        let caps = dec.u64()?;
        expect_key(&mut dec, -70_005)?;
        let device_name = dec.str(limits::NAME_BYTES_MAX)?.to_owned();
        expect_key(&mut dec, -70_006)?;
        let relies_on = EntryId(dec.array_of()?);
        expect_key(&mut dec, -70_007)?;
        let mail_proof = MailProof::from_label(dec.str(8)?)?;
        expect_key(&mut dec, -70_008)?;
        match dec.u64()? {
            FORMAT => {}
            other => return Err(BadCert::Format(other)),
        }
        dec.end()?;
        let validity = Validity { not_before, expires, issued };
        let claims = Self {
            org,
            email,
            validity,
            id,
            device_key,
            seal_key,
            role,
            person,
            caps,
            device_name,
            relies_on,
            mail_proof,
        };
        claims.check()?;
        Ok(claims)
    }
}

fn expect_map(dec: &mut Dec<'_>, pairs: usize) -> Result<(), Malformed> {
    if dec.map(pairs)? == pairs { Ok(()) } else { Err(Malformed::Unexpected) }
}

fn expect_key(dec: &mut Dec<'_>, label: i64) -> Result<(), Malformed> {
    if dec.i64()? == label { Ok(()) } else { Err(Malformed::Unexpected) }
}

fn read_org(dec: &mut Dec<'_>) -> Result<OrgId, BadCert> {
    expect_key(dec, 1)?;
    let issuer = dec.str(64)?.strip_prefix(ISS_PREFIX).ok_or(BadCert::Organisation)?;
    let org: OrgId = issuer.parse().map_err(|_| BadCert::Organisation)?;
    if org.to_string() == issuer { Ok(org) } else { Err(BadCert::Organisation) }
}

fn read_seconds(dec: &mut Dec<'_>, label: i64) -> Result<Timestamp, Malformed> {
    expect_key(dec, label)?;
    dec.u64()?.checked_mul(1000).map(Timestamp).ok_or(Malformed::OverLimit)
}

/// `cnf`: {1: COSE_Key {1: OKP, -1: Ed25519, -2: x}}.
fn read_confirmation(dec: &mut Dec<'_>) -> Result<[u8; 32], Malformed> {
    expect_key(dec, 8)?;
    expect_map(dec, 1)?;
    expect_key(dec, 1)?;
    expect_map(dec, 3)?;
    read_curve(dec, CRV_ED25519, None)
}

/// Sealing key: COSE_Key {1: OKP, 2: its id, -1: X25519, -2: x}.
fn read_seal_key(dec: &mut Dec<'_>) -> Result<[u8; 32], BadCert> {
    expect_key(dec, -70_001)?;
    expect_map(dec, 4)?;
    let mut id = SealKeyId([0; 8]);
    let key = read_curve(dec, CRV_X25519, Some(&mut id))?;
    if SealKeyId::of_key(&key) == id { Ok(key) } else { Err(BadCert::Key) }
}

fn read_curve(dec: &mut Dec<'_>, curve: u64, id: Option<&mut SealKeyId>) -> Result<[u8; 32], Malformed> {
    expect_key(dec, 1)?;
    if dec.u64()? != KTY_OKP {
        return Err(Malformed::Unexpected);
    }
    if let Some(id) = id {
        expect_key(dec, 2)?;
        *id = SealKeyId(dec.array_of()?);
    }
    expect_key(dec, -1)?;
    if dec.u64()? != curve {
        return Err(Malformed::Unexpected);
    }
    expect_key(dec, -2)?;
    dec.array_of()
}

/// A certificate that is well-formed; its signature is not verified yet.
#[derive(Clone, Debug)]
pub struct Unverified<'b> {
    /// What it claims.
    pub claims: Claims,
    /// Who claims to have signed: a device, or the root.
    pub issuer: DeviceId,
    signed: Sign1<'b>,
}

impl<'b> Unverified<'b> {
    /// Reads a certificate of at most [`CERT_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`BadCert`] for anything but the one form: other algorithm, unprotected header, other order of claims, weak key.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, BadCert> {
        if bytes.len() > CERT_BYTES_MAX {
            return Err(Malformed::OverLimit.into());
        }
        let signed = Sign1::parse(bytes, Domain::Cert, CERT_BYTES_MAX)?;
        Ok(Self { claims: Claims::decode(signed.payload)?, issuer: signed.kid, signed })
    }

    /// Verifies the signature with the issuer's key. Time is not looked at, see [`Validity::holds_at`].
    ///
    /// # Errors
    /// [`BadCert::Issuer`] if another key is named, [`BadCert::Organisation`], [`BadCert::Signature`].
    pub fn verify(self, issuer: &VerifyingKey, org: &OrgId) -> Result<Claims, BadCert> {
        if DeviceId::of_key(issuer.as_bytes()) != self.issuer {
            return Err(BadCert::Issuer);
        }
        if self.claims.org != *org {
            return Err(BadCert::Organisation);
        }
        self.signed.verify(issuer, &[])?;
        Ok(self.claims)
    }
}

/// What a reader demands of a certificate.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// The organisation it must be of.
    pub org: &'a OrgId,
    /// The key that must have signed it.
    pub issuer: &'a VerifyingKey,
    /// The Ed25519 key that the link or the handshake has proved.
    pub holder: &'a [u8; 32],
    /// The present.
    pub now: Timestamp,
}

/// Reads a certificate and checks all of it.
///
/// # Errors
/// [`BadCert`], the first reason found.
pub fn check(bytes: &[u8], demand: &Demand<'_>) -> Result<Claims, BadCert> {
    let claims = Unverified::parse(bytes)?.verify(demand.issuer, demand.org)?;
    if claims.device_key != *demand.holder {
        return Err(BadCert::Holder);
    }
    claims.validity.holds_at(demand.now)?;
    Ok(claims)
}

#[cfg(test)]
mod tests;
