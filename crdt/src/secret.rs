//! Secret bytes: wiped when dropped, never printed, derived by HKDF.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroize;

use crate::Entropy;

/// `N` bytes that nobody may see: `Debug` prints `Secret(..)`, dropping wipes them, comparing takes constant time.
#[derive(Clone)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes the bytes over. The caller's own copy is the caller's to wipe.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Draws fresh bytes.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        Self(rng.bytes())
    }

    /// Reads exactly `N` bytes, or `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// HKDF-SHA256 (RFC 5869) without salt; every label in Artel ends in "/1". At most 8160 bytes.
    pub fn derive(key: &[u8], info: &[u8]) -> Self {
        let mut bytes = [0; N];
        // Fails only above 255 hashes of output; every N in use is a constant far below.
        Hkdf::<Sha256>::new(None, key).expand(info, &mut bytes).ok();
        Self(bytes)
    }

    /// The bytes themselves: for a cipher or a sealed file, never for a log or a message.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

impl<const N: usize> Eq for Secret<N> {}

#[cfg(test)]
mod tests;
