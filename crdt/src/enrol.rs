//! Enrolment: how a new device, which knows an invitation's code, and a device that may admit come to trust each other.
//!
//! Two machines without I/O, [`Newcomer`] and [`Admitter`], exchange frames over any stream, also one that a third
//! device splices: `Noise_XXpsk3` whose static keys are the sealing keys of both, whose pre-shared key comes from the
//! code, and whose prologue names organisation and invitation.
//!
//! ```text
//! newcomer → admitter   invitation id in clear, e
//! newcomer ← admitter   e, ee, s, es   chain of certificates to the Genesis, readable only with the code
//! newcomer → admitter   s, se, psk     device key, name, system; signed by the device key and by the invitation's key
//!     both show five words of the handshake hash; a person at the admitting device compares and decides
//! newcomer ← admitter   wait … refused, or admitted with certificate, acts, keys and addresses
//! newcomer → admitter   signature over the certificate's number
//! ```
//!
//! What stands before a decision (expiry, uses, attempts) is kept by a [`Desk`].

mod admitter;
mod desk;
mod messages;
mod newcomer;
mod pipe;

use snow::HandshakeState;
use thiserror::Error;

pub use admitter::{Admitter, Candidate, Door, Heard};
pub use desk::{ACKNOWLEDGEMENT_WAIT, DECISION_WAIT, Desk, INTRODUCTION_WAIT, Place, Terms};
pub use messages::{About, Admission, Refusal, Verdict, peek_invite, turn_away};
pub use newcomer::{Applicant, Introduced, Newcomer, Step};

use crate::Entropy;
use crate::cbor::Malformed;
use crate::cert::BadChain;
use crate::cose::BadSignature;
use crate::id::{DeviceId, InviteId, OrgFp};
use crate::noise;
use crate::secret::Secret;

/// The whole name of the handshake; part of it by the rules of Noise.
const PATTERN: &str = "Noise_XXpsk3_25519_ChaChaPoly_SHA256";

/// Largest frame on the stream, bytes: what Noise allows in one message.
pub const FRAME_BYTES_MAX: usize = noise::MESSAGE_BYTES_MAX;

/// Largest verdict, bytes, over all its frames. The chain of acts of a hundred enrolments is 100 KiB.
pub const VERDICT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Why an enrolment ends; nothing that was received may be used after it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadEnrol {
    /// A frame does not decrypt or does not belong here: other keys, a replay, a changed byte.
    #[error("the handshake failed")]
    Handshake,
    /// A frame or what is in it is not of the expected form.
    #[error("malformed message: {0}")]
    Form(#[from] Malformed),
    /// The other side does not know the invitation's key: half a code, a code of another invitation, or a stranger.
    #[error("the other side does not know this invitation")]
    Code,
    /// The admitting device belongs to another organisation than the code.
    #[error("the other side belongs to another organisation")]
    Organisation,
    /// The chain of certificates proves nothing.
    #[error("{0}")]
    Chain(#[from] BadChain),
    /// The chain is another's: it does not hold the key with which the other side speaks.
    #[error("the other side shows a certificate that is not its own")]
    Impostor,
    /// The device that answers may not admit anybody.
    #[error("the other side may not admit anybody")]
    Right,
    /// A signature over the handshake does not verify.
    #[error("{0}")]
    Signature(#[from] BadSignature),
    /// The certificate is not for this device or not within the issuer's rights.
    #[error("the certificate is for another device")]
    Certificate,
    /// The machine is not at the point where this can happen; after any error it is at none.
    #[error("out of order")]
    Order,
}

/// Builds one side of the handshake.
fn handshake(
    side: Side,
    (org_fp, invite): (&OrgFp, &InviteId),
    (seal_secret, psk): (&Secret<32>, &Secret<32>),
    rng: &mut dyn Entropy,
) -> Result<HandshakeState, BadEnrol> {
    let prologue = [b"artel/enrol/1", &org_fp.0[..], &invite.0].concat();
    let mut build = || -> Result<HandshakeState, snow::Error> {
        let builder = noise::builder(PATTERN, rng)?.local_private_key(seal_secret.expose())?;
        let builder = builder.psk(3, psk.expose())?.prologue(&prologue)?;
        match side {
            Side::Newcomer => builder.build_initiator(),
            Side::Admitter => builder.build_responder(),
        }
    };
    build().map_err(|_| BadEnrol::Handshake)
}

#[derive(Clone, Copy)]
enum Side {
    Newcomer,
    Admitter,
}

fn write(state: &mut HandshakeState, payload: &[u8]) -> Result<Vec<u8>, BadEnrol> {
    // Two public keys and two tags at most.
    let mut message = vec![0; payload.len() + 2 * (32 + noise::TAG_BYTES)];
    let len = state.write_message(payload, &mut message).map_err(|_| BadEnrol::Handshake)?;
    message.truncate(len);
    Ok(message)
}

fn read(state: &mut HandshakeState, message: &[u8]) -> Result<Vec<u8>, BadEnrol> {
    let mut payload = vec![0; message.len()];
    let len = state.read_message(message, &mut payload).map_err(|_| BadEnrol::Handshake)?;
    payload.truncate(len);
    Ok(payload)
}

fn hash_of(state: &HandshakeState) -> Result<[u8; 32], BadEnrol> {
    state.get_handshake_hash().try_into().map_err(|_| BadEnrol::Handshake)
}

fn remote_static(state: &HandshakeState) -> Result<[u8; 32], BadEnrol> {
    state.get_remote_static().and_then(|it| it.try_into().ok()).ok_or(BadEnrol::Handshake)
}

/// What the newcomer's device signs when it has stored its certificate.
fn ack_text(certificate: &crate::id::CertId, device: &DeviceId) -> Vec<u8> {
    [b"artel/enrol/ack/1", &certificate.0[..], &device.0].concat()
}

#[cfg(test)]
mod tests;
