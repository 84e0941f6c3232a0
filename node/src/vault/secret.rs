//! Bytes that wipe themselves and cannot be printed.

use std::fmt;

use zeroize::Zeroize;

use super::VaultError;

/// A secret. Wiped from memory when dropped; prints as `Secret(..)`; compare and log nothing of it.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the secret over. The caller's own copy, if it was one, is his to wipe.
    pub fn new(secret: T) -> Self {
        Self(secret)
    }

    /// Lends the secret for as long as it is needed.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<const N: usize> Secret<[u8; N]> {
    /// Fresh random bytes of the operating system.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<Self, VaultError> {
        let mut secret = Self([0; N]);
        getrandom::fill(&mut secret.0).map_err(|_| VaultError::NoRandomness)?;
        Ok(secret)
    }

    /// Zeros, to be written by the function that derives a key.
    pub(super) fn filled_by(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self([0; N]);
        fill(&mut secret.0);
        secret
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}
