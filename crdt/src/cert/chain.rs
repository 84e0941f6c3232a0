//! A certificate with all that proves it to a stranger: the issuers' certificates up to the root, and the Genesis.
//!
//! The organisation's id is a hash of the Genesis, so who knows ten bytes of it (they are in every invitation code) needs
//! nothing else to judge a bundle. What a bundle cannot tell is whether somebody was removed since.

use ed25519_dalek::VerifyingKey;
use thiserror::Error;

use super::{BadCert, CAP_ENROL, CERT_BYTES_MAX, Claims, Unverified};
use crate::authority::Act;
use crate::cbor::{Dec, Enc, Malformed};
use crate::cose::{self, BadSignature, Domain, Sign1};
use crate::entry::{Entry, Kind, Signed};
use crate::id::{DeviceId, OrgId, SpaceId, sha256};
use crate::limits;
use crate::time::Timestamp;

/// Most certificates in a bundle. Founder, administrator, registrar, member and their renewals stay well below.
const CERTS_MAX: usize = 16;

/// Most roots after the founding one in a bundle: a root is replaced when its phrase may be known to somebody.
const ROOTS_MAX: usize = 16;

/// Largest act of a root as a signed message, bytes: an act and its envelope.
const ACT_COSE_BYTES_MAX: usize = limits::ACT_BYTES_MAX + 1024;

/// Why a bundle proves nothing.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadChain {
    /// Not a bundle.
    #[error("malformed bundle: {0}")]
    Form(#[from] Malformed),
    /// The Genesis is not signed by the root that the bundle names, or is no Genesis.
    #[error("not a genesis: {0}")]
    Genesis(BadSignature),
    /// One of the acts that replaced the root, counted from the first: not signed by the root before it, or another act.
    #[error("not another root: {0}")]
    Root(usize),
    /// One of the certificates, counted from the holder's (0).
    #[error("certificate {0}: {1}")]
    Certificate(usize, BadCert),
    /// The certificate at this place was issued by somebody who had no right to, or gives more than its issuer had.
    #[error("certificate {0} exceeds the rights of its issuer")]
    Rights(usize),
    /// The certificate at this place was issued outside the life of its issuer's certificate.
    #[error("certificate {0} was issued when its issuer's was not valid")]
    IssuedOutside(usize),
}

/// What is exported and what opens an enrolment: `[[certificate, issuer's, …], root key, genesis]`, and as a fourth the
/// acts that replaced the root where it was a later root that issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The holder's certificate, its issuer's, and so on; the last is signed by a root.
    pub certificates: Vec<Vec<u8>>,
    /// Ed25519 public key of the root that founded.
    pub root_key: [u8; 32],
    /// The Genesis as a COSE_Sign1, see [`entry_cose`].
    pub genesis: Vec<u8>,
    /// The RootRotate acts from the founding root to the one that issued, in their order and the same form; most bundles
    /// have none.
    pub rotations: Vec<Vec<u8>>,
}

/// A bundle that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The organisation: computed from the Genesis, not taken from a claim.
    pub org: OrgId,
    /// The holder's claims.
    pub holder: Claims,
}

impl Bundle {
    /// Encodes the bundle; also the format of an exported file.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(if self.rotations.is_empty() { 3 } else { 4 });
        enc.bytes_array(&self.certificates).bytes(&self.root_key).bytes(&self.genesis);
        if !self.rotations.is_empty() {
            enc.bytes_array(&self.rotations);
        }
        enc.finish()
    }

    /// Reads a bundle; nothing is verified.
    ///
    /// # Errors
    /// Other forms, more than 16 certificates, or sizes above their limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(bytes);
        let parts = dec.array(4)?;
        if parts < 3 {
            return Err(Malformed::Unexpected);
        }
        let certificates = bytes_list(&mut dec, CERTS_MAX, CERT_BYTES_MAX)?;
        let (root_key, genesis) = (dec.array_of()?, dec.bytes(ACT_COSE_BYTES_MAX)?.to_vec());
        let rotations = if parts == 4 { bytes_list(&mut dec, ROOTS_MAX, ACT_COSE_BYTES_MAX)? } else { Vec::new() };
        dec.end()?;
        if parts == 4 && rotations.is_empty() {
            return Err(Malformed::Unexpected);
        }
        Ok(Self { certificates, root_key, genesis, rotations })
    }
}

fn bytes_list(dec: &mut Dec<'_>, most: usize, size: usize) -> Result<Vec<Vec<u8>>, Malformed> {
    let len = dec.array(most)?;
    (0..len).map(|_| dec.bytes(size).map(<[u8]>::to_vec)).collect()
}

/// An entry as a signed message of its own; `None` if its signature is not kept.
pub fn entry_cose(signed: &Signed) -> Option<Vec<u8>> {
    let protected = cose::protected(Domain::Entry, &signed.entry.device);
    Some(cose::assemble(&protected, &signed.entry.payload(), signed.signature.as_ref()?))
}

/// Checks a bundle from the Genesis down to the holder, who must be valid at `now`; each issuer's certificate must have
/// been valid when it was used, because issuers are renewed and chains are not rewritten.
///
/// # Errors
/// [`BadChain`], the first reason found.
pub fn check_chain(bundle: &Bundle, now: Timestamp) -> Result<Chain, BadChain> {
    let org = check_genesis(bundle)?;
    let mut issuer_key = issuing_root(bundle, &org)?;
    let mut issuer: Option<Claims> = None;
    for (at, bytes) in bundle.certificates.iter().enumerate().rev() {
        let claims = Unverified::parse(bytes)
            .and_then(|it| it.verify(&issuer_key, &org))
            .map_err(|why| BadChain::Certificate(at, why))?;
        if let Some(issuer) = &issuer {
            check_link(at, issuer, &claims)?;
        }
        issuer_key = cose::public_key(&claims.device_key).ok_or(BadChain::Certificate(at, BadCert::Key))?;
        issuer = Some(claims);
    }
    let holder = issuer.ok_or(Malformed::Unexpected)?;
    holder.validity.holds_at(now).map_err(|why| BadChain::Certificate(0, why))?;
    Ok(Chain { org, holder })
}

fn check_genesis(bundle: &Bundle) -> Result<OrgId, BadChain> {
    let signed = Sign1::parse(&bundle.genesis, Domain::Entry, ACT_COSE_BYTES_MAX).map_err(BadChain::Genesis)?;
    let root = cose::public_key(&bundle.root_key).ok_or(BadChain::Genesis(BadSignature::Signature))?;
    signed.verify(&root, &[]).map_err(BadChain::Genesis)?;
    let hash = sha256(&[&cose::sig_structure(&cose::protected(Domain::Entry, &signed.kid), &[], signed.payload)]);
    let mut org = OrgId([0; 20]);
    for (to, from) in org.0.iter_mut().zip(hash) {
        *to = from;
    }
    let entry = Entry::from_payload(DeviceId::of_key(&bundle.root_key), &org, signed.payload)?;
    if entry.is_genesis() { Ok(org) } else { Err(BadChain::Genesis(BadSignature::Domain)) }
}

/// The root that the bundle leads to: the founding one, or the last of those that took its place.
fn issuing_root(bundle: &Bundle, org: &OrgId) -> Result<VerifyingKey, BadChain> {
    let founding = cose::public_key(&bundle.root_key).ok_or(BadChain::Genesis(BadSignature::Signature));
    bundle
        .rotations
        .iter()
        .enumerate()
        .fold(founding, |root, (at, bytes)| next_root(&root?, bytes, org).ok_or(BadChain::Root(at)))
}

fn next_root(root: &VerifyingKey, rotation: &[u8], org: &OrgId) -> Option<VerifyingKey> {
    let signed = Sign1::parse(rotation, Domain::Entry, ACT_COSE_BYTES_MAX).ok()?;
    signed.verify(root, &org.0).ok()?;
    let entry = Entry::from_payload(DeviceId::of_key(root.as_bytes()), org, signed.payload).ok()?;
    let Ok(Act::RootRotate(act)) = Act::decode(&entry.body) else { return None };
    cose::public_key(&act.root_pk).filter(|_| entry.kind == Kind::Act && entry.space == SpaceId::organisation(org))
}

/// A device may renew its own certificate and certify others of its person without gaining anything; for anybody else it
/// needs the right to enrol. Whether the organisation lets people add devices is for the authority to say.
fn check_link(at: usize, issuer: &Claims, claims: &Claims) -> Result<(), BadChain> {
    let renewal = issuer.device_key == claims.device_key;
    let same = issuer.person == claims.person && issuer.email == claims.email;
    let allowed = same || (!renewal && issuer.caps & CAP_ENROL != 0);
    let attenuated = claims.caps & !issuer.caps == 0 && issuer.role <= claims.role;
    if !allowed || !attenuated {
        return Err(BadChain::Rights(at));
    }
    if issuer.validity.holds_at(claims.validity.issued).is_err() {
        return Err(BadChain::IssuedOutside(at));
    }
    Ok(())
}
