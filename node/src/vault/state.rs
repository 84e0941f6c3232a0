//! How much of the vault is in memory.

use super::{Purpose, Secret, Vault, VaultError};

/// The three states of a vault in a running node.
#[derive(Debug, Default)]
pub enum VaultState {
    /// Nothing is in memory: before the first password, after logout, wipe or an expired lease. Going here drops the vault
    /// key, every derived key and every secret; whoever took copies (store, search, network) must be stopped first.
    #[default]
    Sealed,
    /// The screen is locked. Going here drops the vault key, the index, search and identity keys and all other secrets; the
    /// driver drops rows, epoch keys and the search index with them. What stays is in [`LockedKeys`].
    ScreenLocked(Box<LockedKeys>),
    /// Everything is at hand.
    Open(Box<Vault>),
}

/// What a locked desktop needs to stay connected and to store and serve sealed entries.
#[derive(Debug)]
pub struct LockedKeys {
    /// The device's Ed25519 seed: it proves who we are on every link.
    pub device_seed: Secret<32>,
    /// The device's X25519 key for stanzas sealed to it.
    pub sealing_key: Secret<32>,
    /// Key of the journal.
    pub journal: Secret<32>,
    /// Key of blob files, whose content is sealed once more under its epoch.
    pub blobs: Secret<32>,
    /// Key of small files of the home.
    pub small: Secret<32>,
}

impl VaultState {
    /// Goes from open to screen-locked; the other states stay as they are.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the vault lacks the device's keys; it is sealed then.
    pub fn lock_screen(&mut self) -> Result<(), VaultError> {
        match std::mem::take(self) {
            Self::Open(vault) => *self = Self::ScreenLocked(Box::new(LockedKeys::of(&vault)?)),
            other => *self = other,
        }
        Ok(())
    }

    /// Drops everything.
    pub fn seal(&mut self) {
        *self = Self::Sealed;
    }

    /// The open vault, if it is open.
    pub fn vault(&self) -> Option<&Vault> {
        match self {
            Self::Open(vault) => Some(vault),
            Self::Sealed | Self::ScreenLocked(_) => None,
        }
    }
}

impl LockedKeys {
    fn of(vault: &Vault) -> Result<Self, VaultError> {
        Ok(Self {
            device_seed: vault.device_seed()?,
            sealing_key: vault.sealing_key()?,
            journal: vault.subkey(Purpose::Journal),
            blobs: vault.subkey(Purpose::Blobs),
            small: vault.subkey(Purpose::Small),
        })
    }
}
