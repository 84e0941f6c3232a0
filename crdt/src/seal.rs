//! Keys: how an epoch's key reaches its readers, and how bodies and blobs are sealed under it.
//!
//! An epoch has one random [`Key`]. It travels sealed to single devices ([`Stanza`], one-way Noise), wrapped under the
//! epoch of a larger audience, or wrapped under a newer epoch of the same space ([`Wrap`]); a [`Grant`] seals existing
//! keys to one device. The entry of the epoch shows only its [`Commit`], and every key that was opened is checked
//! against it: whoever deals out different keys is caught by the first victim. [`KeyRing`] keeps what is known of a space.
//!
//! | label | derives or binds |
//! |---|---|
//! | `artel/epoch/commit/1` | the public commitment to a key |
//! | `artel/seal/1` | Noise prologue of a stanza |
//! | `artel/wrap/1` | wraps a public channel's key under its audience's |
//! | `artel/older/1` | wraps an older key of the same space under a newer |
//! | `artel/members/1` | seals the roster of a private epoch |
//! | `artel/step/1` | seals steps and roster acts |
//! | `artel/blob/1` | seals texts and descriptions of files |
//! | `artel/piece/1` | seals pieces of files |

mod bodies;
mod piece;
mod ring;
mod rotation;
mod sealed;
mod stanza;
mod wrap;

use std::fmt;

use chacha20poly1305::{AeadInPlace, KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::Entropy;
use crate::cbor::Malformed;
use crate::id::{DeviceId, EntryId, to_base32};
use crate::secret::Secret;

pub use bodies::{Cut, CutPosition, EpochBody, Forget, Grant, Reason, SUITE};
pub use piece::{PIECE_BYTES, SEALED_PIECE_BYTES, open_piece, seal_piece};
pub use ring::{Epoch, Holder, KeyRing};
pub use rotation::{NewEpoch, Rotation};
pub use sealed::{open_blob, open_body, open_members, pad, seal_blob, seal_body, seal_members, unpad};
pub use stanza::{BadSealingKey, SealContext, SealingKey, SealingPublic, Stanza};
pub use stanza::{check_recipients, decode_stanzas, encode_stanzas};
pub use wrap::{Wrap, unwrap_audience, unwrap_older, wrap_audience, wrap_older};

/// Length of a Poly1305 tag, bytes (RFC 8439 §2.8).
const TAG_BYTES: usize = 16;

/// Length of an XChaCha20 nonce, bytes (draft-irtf-cfrg-xchacha-03 §2.3). Random ones never repeat in practice.
pub const NONCE_BYTES: usize = 24;

/// The secret key of an epoch, 32 bytes; wiped when dropped and never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(Secret<32>);

impl Key {
    /// A new random key.
    pub fn draw(rng: &mut dyn Entropy) -> Self {
        Self(Secret::random(rng))
    }

    /// A key that was stored or received.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// The secret bytes, for the vault and nothing else.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// What the epoch shows of the key: HKDF-SHA256(key, info "artel/epoch/commit/1").
    pub fn commit(&self) -> Commit {
        Commit(*self.derive(&[], &[b"artel/epoch/commit/1"]).expose())
    }

    /// HKDF-SHA256 (RFC 5869) of the key to another key; `info` is the parts, one after another.
    fn derive(&self, salt: &[u8], info: &[&[u8]]) -> Self {
        let mut derived = Zeroizing::new([0; 32]);
        // Cannot fail: 32 bytes are one block, and HKDF yields up to 255.
        Hkdf::<Sha256>::new(Some(salt), self.expose()).expand_multi_info(info, &mut *derived).ok();
        Self::from_bytes(*derived)
    }

    fn from_slice(bytes: &[u8]) -> Option<Self> {
        Secret::from_slice(bytes).map(Self)
    }
}

/// The public commitment to an epoch's key; two keys never share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commit(pub [u8; 32]);

impl fmt::Debug for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commit({})", to_base32(&self.0))
    }
}

/// A nonce for one sealing. It is consumed by use and cannot be copied, so none serves twice.
#[derive(Debug)]
pub struct Nonce([u8; NONCE_BYTES]);

impl Nonce {
    /// A fresh random nonce.
    pub fn draw(rng: &mut dyn Entropy) -> Self {
        Self(rng.bytes())
    }
}

/// Why a key cannot be opened.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CannotOpen {
    /// The entry of the epoch is not here yet.
    #[error("the epoch is not known")]
    UnknownEpoch,
    /// It is for another device, or for a sealing key we no longer hold.
    #[error("not sealed to a key of this device")]
    NotOurs,
    /// It was made for another space, author or recipient, or was altered.
    #[error("the seal does not open")]
    Seal,
    /// It opened to a key that is not the epoch's: its author dealt out different keys.
    #[error("the key is not the one the epoch commits to")]
    Commit,
}

/// Why an epoch is refused by everyone.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadEpoch {
    /// The body or the stanzas are not of the one allowed form.
    #[error("malformed epoch: {0}")]
    Form(#[from] Malformed),
    /// A suite of a newer Artel.
    #[error("the suite needs a newer program")]
    Suite(u64),
    /// The entry is of another kind or space.
    #[error("not an epoch of this space")]
    Kind,
    /// A blob that the body names is missing from the entry, or is not this one.
    #[error("a blob does not belong to the epoch")]
    Blob,
    /// The epoch is not known.
    #[error("the epoch is not known")]
    Unknown(EntryId),
    /// A device that is no member would get the key.
    #[error("sealed to a stranger")]
    Stranger(DeviceId),
    /// A member's device was left out.
    #[error("a member is missing")]
    Missing(DeviceId),
    /// Sealed to a sealing key that the device does not use.
    #[error("sealed to another key of the device")]
    SealKey(DeviceId),
}

/// Encrypts `plaintext` and appends the tag.
fn aead_seal(key: &Key, nonce: &[u8; NONCE_BYTES], aad: &[u8], mut plaintext: Vec<u8>) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    match cipher.encrypt_in_place_detached(nonce.into(), aad, &mut plaintext) {
        Ok(tag) => plaintext.extend_from_slice(&tag),
        // Only for more than 256 GiB; nothing is better than the plaintext.
        Err(_) => plaintext.zeroize(),
    }
    plaintext
}

/// Decrypts ciphertext ‖ tag; `None` if anything was altered.
fn aead_open(key: &Key, nonce: &[u8; NONCE_BYTES], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG_BYTES>()?;
    let mut plaintext = ciphertext.to_vec();
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt_in_place_detached(nonce.into(), aad, &mut plaintext, tag.into())
        .ok()?;
    Some(plaintext)
}

/// Whether ids stand in ascending order without repetition.
fn ascending<T: Ord>(items: &[T]) -> Result<(), Malformed> {
    let ordered = items.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    if ordered { Ok(()) } else { Err(Malformed::NotDeterministic) }
}

#[cfg(test)]
mod tests;
