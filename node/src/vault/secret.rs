//! Secrets of a length known only at run time, and fresh secrets of the operating system.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::{Secret, VaultError};

/// Bytes that are wiped when dropped and print as `Secret(..)`.
pub(super) struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub(super) fn copy_of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// Fresh random bytes of the operating system.
pub(super) fn random_secret<const N: usize>() -> Result<Secret<N>, VaultError> {
    let mut outcome = Ok(());
    let secret = filled_by(|bytes| outcome = getrandom::fill(bytes));
    outcome.map(|()| secret).map_err(|_| VaultError::NoRandomness)
}

/// A secret written by the function that makes or derives it.
pub(super) fn filled_by<const N: usize>(fill: impl FnOnce(&mut [u8; N])) -> Secret<N> {
    let mut bytes = [0; N];
    fill(&mut bytes);
    let secret = Secret::new(bytes);
    bytes.zeroize();
    secret
}
