//! What opens a home: a password, and where the home asks for one a key file: 64 random bytes, on a stick that is not left
//! in the computer.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::secret::random_secret;
use super::{Cost, Factor, Password, PasswordFlaw, Secret, Strength, Vault, VaultError, check_password};
use crate::home::{create_private, read_at_most};

/// Length of a key file, bytes: as long as the longest key made from it.
pub const KEY_FILE_BYTES: usize = 64;

/// A password as typed and, where there is a second factor, the file that holds it.
#[derive(Clone, Debug)]
pub struct Credentials {
    password: Password,
    key_file: Option<PathBuf>,
}

impl From<&str> for Credentials {
    fn from(password: &str) -> Self {
        Self::new(password, None)
    }
}

impl From<String> for Credentials {
    fn from(password: String) -> Self {
        let password = Zeroizing::new(password);
        Self::new(&password, None)
    }
}

impl Credentials {
    /// A password, and the path of a key file.
    pub fn new(password: &str, key_file: Option<PathBuf>) -> Self {
        Self { password: Password::new(password), key_file }
    }

    /// Opens a vault. A key file that no slot of it asks for is not used. Blocks as [`Vault::open`].
    ///
    /// # Errors
    /// Those of [`Vault::open`]; [`VaultError::NotAKeyFile`], [`VaultError::NoKeyFile`].
    pub fn open(&self, vault: &Path) -> Result<Vault, VaultError> {
        let factor = self.key_file.as_deref().map_or(Ok(Factor::None), read)?;
        match (Vault::open(vault, &self.password, &factor), &factor) {
            (Err(VaultError::FactorNeeded), Factor::KeyFile(_)) => Vault::open(vault, &self.password, &Factor::None),
            (opened, _) => opened,
        }
    }

    /// Makes a vault, and the key file if it is not there: one stick may open several homes. Blocks.
    ///
    /// # Errors
    /// Those of [`Vault::create`]; [`VaultError::NotAKeyFile`], [`VaultError::NoKeyFile`].
    pub fn create(&self, vault: &Path, cost: Cost) -> Result<Vault, VaultError> {
        Vault::create(vault, &self.password, &self.factor_or_new()?, cost)
    }

    /// Puts these in the place of those that `vault` was opened with. Durable when it returns. Blocks.
    ///
    /// # Errors
    /// Those of [`Vault::change_password`]; [`VaultError::NotAKeyFile`], [`VaultError::NoKeyFile`].
    pub fn replace(&self, old: &Self, vault: &mut Vault, cost: Cost) -> Result<(), VaultError> {
        let fresh = self.factor_or_new()?;
        let before = old.key_file.as_deref().map_or(Ok(Factor::None), read)?;
        match vault.change_password((&old.password, &before), (&self.password, &fresh), cost) {
            Err(VaultError::FactorNeeded) => {
                vault.change_password((&old.password, &Factor::None), (&self.password, &fresh), cost)
            }
            changed => changed,
        }
    }

    /// Whether they are good enough for a new home; `names` as in [`check_password`].
    ///
    /// # Errors
    /// All flaws.
    pub fn check(&self, names: &[&str]) -> Result<(), Vec<PasswordFlaw>> {
        let strength = if self.key_file.is_some() { Strength::WithFactor } else { Strength::Alone };
        check_password(self.password.as_str(), names, strength)
    }

    fn factor_or_new(&self) -> Result<Factor, VaultError> {
        match &self.key_file {
            None => Ok(Factor::None),
            Some(path) if path.exists() => read(path),
            Some(path) => make(path),
        }
    }
}

fn read(path: &Path) -> Result<Factor, VaultError> {
    let bytes = match read_at_most(path, KEY_FILE_BYTES as u64) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Err(VaultError::NotAKeyFile),
        read => Zeroizing::new(read.map_err(VaultError::NoKeyFile)?),
    };
    Secret::from_slice(&bytes).map(Factor::KeyFile).ok_or(VaultError::NotAKeyFile)
}

fn make(path: &Path) -> Result<Factor, VaultError> {
    let secret = random_secret::<KEY_FILE_BYTES>()?;
    let write = || {
        let mut file = create_private(path)?;
        file.write_all(secret.expose())?;
        file.sync_all()
    };
    write().map_err(VaultError::NoKeyFile)?;
    Ok(Factor::KeyFile(secret))
}
