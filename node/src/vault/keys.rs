//! Passwords, factors, and the keys derived from them.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::Secret;
use super::secret::filled_by;

const SLOT_KEY_LABEL: &[u8] = b"artel/vault/1";

/// A password, normalised to NFKC, so that it opens whatever keyboard and system composed it. Wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Normalises what was typed; nothing is trimmed.
    pub fn new(typed: &str) -> Self {
        // Reserved beforehand: a string that grows leaves copies of its beginning behind. NFKC can lengthen a string up to
        // eighteenfold in odd scripts; fourfold holds for what people type.
        let mut normal = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(4)));
        normal.extend(typed.nfkc());
        Self(normal)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// The second factor given with a password.
#[derive(Clone, Debug)]
pub enum Factor {
    /// None: the password alone.
    None,
    /// The 64 bytes of a key file.
    KeyFile(Secret<64>),
}

impl Factor {
    /// The number of this kind in the file: 0 none, 1 key file.
    pub(super) fn kind(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::KeyFile(_) => 1,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::KeyFile(bytes) => bytes.expose(),
        }
    }
}

/// What a key derived from the vault key is for. One key, one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The journal. Stays while the screen is locked.
    Journal,
    /// Rows, heads and indexes.
    Index,
    /// The search index.
    Search,
    /// Blob files. Stays while the screen is locked: what they hold is sealed once more under its epoch.
    Blobs,
    /// The sealed part of the vault itself.
    Identity,
    /// Small files of the home, such as known addresses. Stays while the screen is locked.
    Small,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Journal => b"artel/vault/journal/1",
            Self::Index => b"artel/vault/index/1",
            Self::Search => b"artel/vault/search/1",
            Self::Blobs => b"artel/vault/blobs/1",
            Self::Identity => b"artel/vault/identity/1",
            Self::Small => b"artel/vault/small/1",
        }
    }
}

/// The key of a slot: both the stretched password and the factor go in, so both are needed.
pub(super) fn slot_key(stretched: &Secret<32>, factor: &Factor, slot: &[u8; 16]) -> Secret<32> {
    let factor = factor.bytes();
    let mut material = Zeroizing::new(Vec::with_capacity(32 + factor.len()));
    material.extend_from_slice(stretched.expose());
    material.extend_from_slice(factor);
    expand(slot, &material, SLOT_KEY_LABEL)
}

pub(super) fn subkey(vault: &Secret<32>, id: &[u8; 16], purpose: Purpose) -> Secret<32> {
    expand(id, vault.expose(), purpose.label())
}

fn expand(salt: &[u8], material: &[u8], label: &[u8]) -> Secret<32> {
    filled_by(|key| {
        Hkdf::<Sha256>::new(Some(salt), material)
            .expand(label, key)
            .unwrap_or_else(|_| unreachable!("HKDF-SHA256 gives up to 8,160 bytes and 32 are asked for"));
    })
}
