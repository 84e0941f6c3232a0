//! COSE_Sign1 (RFC 9052 §4.2) with EdDSA: the one way in which anything is signed.
//!
//! The protected header names the algorithm, the signer (`kid`) and a domain, so that a signature for one purpose can
//! never serve another; the unprotected header is empty; the external AAD is the organisation, so that nothing can be
//! moved between organisations. Certificates have an empty AAD and a content type, so that stock CWT tools verify them.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::cbor::{Dec, Enc, Malformed};
use crate::id::DeviceId;

/// Private header parameter that carries the domain.
const DOMAIN_LABEL: i64 = -70_100;
/// `alg` EdDSA (RFC 9053 §2.2).
const ALG_EDDSA: i64 = -8;
/// `content type` application/cwt (RFC 8392 §9).
const CONTENT_CWT: u64 = 61;
/// CBOR tag of COSE_Sign1.
const TAG_SIGN1: u64 = 18;

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// An entry of a log.
    Entry,
    /// A member certificate; CWT content type, no external AAD.
    Cert,
    /// A register.
    Register,
    /// Greeting of a connection.
    Hello,
    /// A roster for the relay.
    Roster,
    /// A statement that is not an act: receipt, checkpoint, proof.
    Statement,
}

impl Domain {
    /// The text inside the protected header.
    pub fn label(self) -> &'static str {
        match self {
            Self::Entry => "artel/entry/1",
            Self::Cert => "artel/cert/1",
            Self::Register => "artel/register/1",
            Self::Hello => "artel/hello/1",
            Self::Roster => "artel/roster/1",
            Self::Statement => "artel/statement/1",
        }
    }
}

/// Why a signed thing is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadSignature {
    /// Not a COSE_Sign1 of the one allowed form.
    #[error("not a signed message of the expected form")]
    Form(#[from] Malformed),
    /// Signed for another purpose.
    #[error("signed for another purpose")]
    Domain,
    /// The signature does not verify strictly.
    #[error("the signature does not verify")]
    Signature,
}

/// Encodes the protected header.
pub fn protected(domain: Domain, kid: &DeviceId) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.map(if domain == Domain::Cert { 4 } else { 3 });
    enc.u64(1).i64(ALG_EDDSA);
    if domain == Domain::Cert {
        enc.u64(3).u64(CONTENT_CWT);
    }
    enc.u64(4).bytes(&kid.0);
    enc.i64(DOMAIN_LABEL).str(domain.label());
    enc.finish()
}

/// Encodes the Sig_structure: what is hashed into an id and what is signed.
pub fn sig_structure(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(4).str("Signature1").bytes(protected).bytes(external_aad).bytes(payload);
    enc.finish()
}

/// Signs `payload` and returns the whole tagged COSE_Sign1.
pub fn sign1(key: &SigningKey, domain: Domain, external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    let kid = DeviceId::of_key(key.verifying_key().as_bytes());
    let protected = protected(domain, &kid);
    let signature = key.sign(&sig_structure(&protected, external_aad, payload));
    assemble(&protected, payload, &signature.to_bytes())
}

/// Encodes a tagged COSE_Sign1 from its parts.
pub fn assemble(protected: &[u8], payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.tag(TAG_SIGN1).array(4).bytes(protected).map(0).bytes(payload).bytes(signature);
    enc.finish()
}

/// A COSE_Sign1 that has the right form but is not verified yet.
#[derive(Clone, Copy, Debug)]
pub struct Sign1<'b> {
    /// Who claims to have signed.
    pub kid: DeviceId,
    /// What is signed.
    pub payload: &'b [u8],
    domain: Domain,
    signature: [u8; 64],
}

impl<'b> Sign1<'b> {
    /// Reads a tagged COSE_Sign1 of `domain` with a payload of at most `max` bytes.
    ///
    /// # Errors
    /// Anything but the exact protected header that [`protected`] writes, an empty unprotected header, a payload and
    /// 64 bytes of signature.
    pub fn parse(bytes: &'b [u8], domain: Domain, max: usize) -> Result<Self, BadSignature> {
        let mut dec = Dec::new(bytes);
        if dec.tag()? != TAG_SIGN1 || dec.array(4)? != 4 {
            return Err(Malformed::Unexpected.into());
        }
        let header = dec.bytes(128)?;
        if dec.map(0)? != 0 {
            return Err(Malformed::Unexpected.into());
        }
        let payload = dec.bytes(max)?;
        let signature = dec.array_of()?;
        dec.end()?;
        let kid = read_kid(header)?;
        if protected(domain, &kid) != header {
            return Err(BadSignature::Domain);
        }
        Ok(Self { kid, payload, domain, signature })
    }

    /// Verifies with the key that belongs to [`Self::kid`].
    ///
    /// # Errors
    /// [`BadSignature::Signature`] also when the key is not the signer's.
    pub fn verify(&self, key: &VerifyingKey, external_aad: &[u8]) -> Result<(), BadSignature> {
        if DeviceId::of_key(key.as_bytes()) != self.kid {
            return Err(BadSignature::Signature);
        }
        let header = protected(self.domain, &self.kid);
        verify_strict(key, &sig_structure(&header, external_aad, self.payload), &self.signature)
    }
}

fn read_kid(header: &[u8]) -> Result<DeviceId, Malformed> {
    let mut dec = Dec::new(header);
    for _ in 0..dec.map(4)? {
        match dec.i64()? {
            4 => return Ok(DeviceId(dec.array_of()?)),
            _ => dec.item().map(drop)?,
        }
    }
    Err(Malformed::Unexpected)
}

/// Signs a Sig_structure.
pub fn sign(key: &SigningKey, sig_structure: &[u8]) -> [u8; 64] {
    key.sign(sig_structure).to_bytes()
}

/// Verifies strictly: small-order keys and malleable signatures are refused (ed25519-dalek `verify_strict`).
///
/// # Errors
/// [`BadSignature::Signature`].
pub fn verify_strict(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> Result<(), BadSignature> {
    key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature::Signature)
}

/// Reads an Ed25519 public key that may sign here: on the curve and not of small order.
pub fn public_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

#[cfg(test)]
mod tests;
