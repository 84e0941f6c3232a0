//! Identifiers: fixed-size byte strings, each with a type of its own, shown in lower-case Crockford base32.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

/// Alphabet of Crockford's base32: no `i`, `l`, `o`, `u` (<https://www.crockford.com/base32.html>).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadId {
    /// A character is outside the alphabet (after folding `i`, `l` to 1 and `o` to 0).
    #[error("a character is not of the base32 alphabet")]
    Character,
    /// The text has another length than this kind of identifier.
    #[error("the length is wrong")]
    Length,
}

/// Writes `bytes` in lower-case Crockford base32, most significant bit first, without padding.
pub fn to_base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(digit(buffer >> bits));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(digit(buffer << (5 - bits)));
    }
    text
}

fn digit(value: u32) -> char {
    ALPHABET.get((value & 31) as usize).map_or('0', |it| char::from(*it))
}

/// Reads Crockford base32; upper case, hyphens, spaces and the look-alikes `i l o` are understood.
///
/// # Errors
/// [`BadId::Character`] for anything else, [`BadId::Length`] if left-over bits are set.
pub fn from_base32(text: &str) -> Result<Vec<u8>, BadId> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for character in text.chars().filter(|it| !matches!(it, '-' | ' ')) {
        let folded = match character.to_ascii_lowercase() {
            'i' | 'l' => '1',
            'o' => '0',
            other => other,
        };
        let value = ALPHABET.iter().position(|it| char::from(*it) == folded).ok_or(BadId::Character)?;
        buffer = (buffer << 5) | u32::try_from(value).unwrap_or(0);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xff).unwrap_or(0));
        }
        buffer &= (1 << bits) - 1;
    }
    if buffer != 0 {
        return Err(BadId::Length);
    }
    Ok(bytes)
}

/// Declares identifiers: `Copy`, ordered, `Display` and `FromStr` inverse to each other, short `Debug`.
macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident($size:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            /// Length in bytes.
            pub const SIZE: usize = $size;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }

            /// Reads exactly [`Self::SIZE`] bytes, or `None`.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_base32(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = to_base32(&self.0);
                write!(f, "{}({})", stringify!($name), text.get(..8).unwrap_or(&text))
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::from_slice(&from_base32(text)?).ok_or(BadId::Length)
            }
        }
    )*};
}

id_type! {
    /// An organisation: the first 20 bytes of the SHA-256 of its Genesis (the entry's Sig_structure).
    OrgId(20);
    /// What the code, the stream names and the prologues carry of an [`OrgId`]: its first 10 bytes.
    OrgFp(10);
    /// A device: SHA-256 of its Ed25519 public key, first 16 bytes. The `kid` of everything it signs.
    DeviceId(16);
    /// A person, drawn at random by the inviter.
    PersonId(16);
    /// A space: whatever has its own members and keys.
    SpaceId(16);
    /// One incarnation of a device's log in a space; new after every doubtful restart.
    Inc(8);
    /// An entry: SHA-256 of its COSE Sig_structure. An epoch is named by its entry.
    EntryId(32);
    /// A blob: SHA-256 of its ciphertext.
    BlobHash(32);
    /// One X25519 sealing key of a device: SHA-256 of the public key, first 8 bytes.
    SealKeyId(8);
    /// An invitation: SHA-256 of its public key, first 16 bytes.
    InviteId(16);
    /// The number of a certificate (CWT `cti`), drawn at random.
    CertId(16);
}

/// One device's append-only chain in one space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId {
    /// Who writes it.
    pub device: DeviceId,
    /// Which incarnation of it.
    pub inc: Inc,
}

impl OrgId {
    /// The part of the id that goes into codes, stream names and prologues.
    pub fn fp(&self) -> OrgFp {
        let mut fp = [0; 10];
        for (to, from) in fp.iter_mut().zip(self.0) {
            *to = from;
        }
        OrgFp(fp)
    }
}

impl DeviceId {
    /// The id of the device (or of the root) that holds this Ed25519 public key.
    pub fn of_key(public_key: &[u8; 32]) -> Self {
        Self(short_hash(&[public_key]))
    }
}

impl SealKeyId {
    /// The id of an X25519 public key.
    pub fn of_key(public_key: &[u8; 32]) -> Self {
        Self(short_hash(&[public_key]))
    }
}

impl SpaceId {
    /// The organisation's own space: SHA-256("artel/org/1" ‖ org id), first 16 bytes.
    pub fn organisation(org: &OrgId) -> Self {
        Self(short_hash(&[b"artel/org/1", &org.0]))
    }

    /// The direct space of two persons (with oneself: the self space), whoever computes it.
    pub fn direct(org: &OrgId, one: &PersonId, other: &PersonId) -> Self {
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        Self(short_hash(&[b"artel/dm/1", &org.0, &low.0, &high.0]))
    }

    /// The space that an act creates (team or public channel): the act's entry id, first 16 bytes.
    pub fn of_act(act: &EntryId) -> Self {
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(act.0) {
            *to = from;
        }
        Self(id)
    }
}

impl BlobHash {
    /// The hash of a blob's ciphertext.
    pub fn of(ciphertext: &[u8]) -> Self {
        Self(sha256(&[ciphertext]))
    }
}

/// SHA-256 of the parts, one after another.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first `N` ≤ 32 bytes of the SHA-256 of the parts.
pub fn short_hash<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut short = [0; N];
    for (to, from) in short.iter_mut().zip(sha256(parts)) {
        *to = from;
    }
    short
}

#[cfg(test)]
mod tests;
