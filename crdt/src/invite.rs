//! Invitations: one secret, shown as a code, of which the authority keeps only a public key.
//!
//! Whoever invites keeps nothing that another administrator could steal: the pre-shared key is sealed to every device
//! that may admit, the signing key is with the newcomer alone. 128 bits need no password protocol: guessing is hopeless.

mod code;

use std::fmt;

use ed25519_dalek::SigningKey;

pub use code::{BadCode, BadLink, Code, Link, MailCode};

use crate::Entropy;
use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{DeviceId, InviteId, OrgId, SealKeyId, short_hash};
use crate::noise::{self, SEAL_BYTES};
use crate::secret::Secret;

/// Most devices that may admit a newcomer by one invitation; 128 boxes of 108 bytes fill most of an act.
pub const BOXES_MAX: usize = 128;

/// What an invitation is made of; from it the newcomer derives all keys of the enrolment.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteSecret(Secret<16>);

impl InviteSecret {
    /// A new invitation.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        Self(Secret::random(rng))
    }

    /// The key that goes into the handshake.
    pub fn psk(&self) -> Secret<32> {
        Secret::derive(self.0.expose(), b"artel/inv/psk/1")
    }

    /// The key with which the newcomer proves that he holds the code itself, not only a box of [`Self::psk`].
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(Secret::<32>::derive(self.0.expose(), b"artel/inv/sig/1").expose())
    }

    /// What the authority keeps of it.
    pub fn public_key(&self) -> [u8; 32] {
        self.signing_key().verifying_key().to_bytes()
    }

    /// The number of the invitation.
    pub fn id(&self) -> InviteId {
        invite_id(&self.public_key())
    }

    /// The whole secret as one code; nothing goes by mail.
    pub fn whole(&self, org: &OrgId) -> Code {
        Code::Whole { org_fp: org.fp(), secret: self.clone() }
    }

    /// The whole secret as a code for another device of one's own.
    pub fn for_device(&self, org: &OrgId) -> Code {
        Code::Device { org_fp: org.fp(), secret: self.clone() }
    }

    /// The secret in two halves, each of them useless alone: one to show, one to mail.
    pub fn halves(&self, org: &OrgId, rng: &mut dyn Entropy) -> (Code, MailCode) {
        let mailed = Secret::random(rng);
        let shown = xor(&self.0, &mailed);
        (Code::Half { org_fp: org.fp(), shown }, MailCode(mailed))
    }
}

impl fmt::Debug for InviteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of the invitation with this public key.
pub fn invite_id(public_key: &[u8; 32]) -> InviteId {
    InviteId(short_hash(&[public_key]))
}

fn xor(a: &Secret<16>, b: &Secret<16>) -> Secret<16> {
    let mut sum = *a.expose();
    for (to, from) in sum.iter_mut().zip(b.expose()) {
        *to ^= from;
    }
    Secret::new(sum)
}

/// The pre-shared key of an invitation, sealed to one device that may admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskBox {
    /// Whose it is.
    pub device: DeviceId,
    /// To which of the device's sealing keys.
    pub key: SealKeyId,
    /// `Noise_N` message of the 32 bytes.
    pub sealed: [u8; 32 + SEAL_BYTES],
}

impl PskBox {
    /// Seals the key for `device`, whose sealing key is `seal_key`; `None` if that key is of small order.
    pub fn seal(
        secret: &InviteSecret,
        org: &OrgId,
        (device, seal_key): (DeviceId, &[u8; 32]),
        rng: &mut dyn Entropy,
    ) -> Option<Self> {
        let prologue = prologue(org, &secret.id(), &device);
        let sealed = noise::seal_to(seal_key, &prologue, secret.psk().expose(), rng)?;
        Some(Self { device, key: SealKeyId::of_key(seal_key), sealed: sealed.try_into().ok()? })
    }

    /// Opens the box with the secret of [`Self::key`]; `None` if it is another's, of another invitation or changed.
    pub fn open(&self, seal_secret: &Secret<32>, org: &OrgId, invite: &InviteId) -> Option<Secret<32>> {
        let mut psk = noise::open(seal_secret, &prologue(org, invite, &self.device), &self.sealed)?;
        let opened = Secret::from_slice(&psk);
        zeroize::Zeroize::zeroize(&mut psk);
        opened
    }

    /// Writes `[device, key id, sealed]`.
    pub fn encode(&self, enc: &mut Enc) {
        enc.array(3).bytes(&self.device.0).bytes(&self.key.0).bytes(&self.sealed);
    }

    /// Reads what [`Self::encode`] writes.
    ///
    /// # Errors
    /// Any other form.
    pub fn decode(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        match dec.array(3)? {
            3 => {
                Ok(Self { device: DeviceId(dec.array_of()?), key: SealKeyId(dec.array_of()?), sealed: dec.array_of()? })
            }
            _ => Err(Malformed::Unexpected),
        }
    }
}

fn prologue(org: &OrgId, invite: &InviteId, device: &DeviceId) -> Vec<u8> {
    [b"artel/inv/1", &org.0[..], &invite.0, &device.0].concat()
}

#[cfg(test)]
mod tests;
