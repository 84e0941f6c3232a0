//! The vault: one random key behind password slots, and the secrets sealed under it. Format: `vault/format.rs`.
//!
//! ```text
//! password ─Argon2id─┐
//!                    ├─HKDF─ slot key ─XChaCha20-Poly1305─ vault key ─HKDF─ journal, index, search, blobs, identity, small
//! factor secret ─────┘
//! ```
//!
//! Every slot names its cost and factor in a header that is authenticated twice: by the slot itself and, with all other
//! slots, under the vault key. So parameters cannot be lowered, a slot cannot move to another vault, and both the password
//! and the factor are needed by arithmetic and not by a check. What the file cannot show is that it is an older copy of
//! itself: a password that was changed opens an old backup of the vault.

mod cost;
mod credentials;
mod error;
mod format;
mod keys;
mod policy;
mod secret;
mod state;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use artel_crdt::secret::Secret;
use zeroize::Zeroizing;

use crate::home::{read_at_most, write_atomic};
use format::{File, Sealed, Slot};
use secret::random_secret;

pub use cost::{Cost, FAST_VARIABLE};
pub use credentials::{Credentials, KEY_FILE_BYTES};
pub use error::VaultError;
pub use keys::{Factor, Password, Purpose};
pub use policy::{
    PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PASSWORD_CHARS_MIN_WITH_FACTOR, PasswordFlaw, Strength, check_password,
};
pub use state::{LockedKeys, VaultState};

/// Name under which the device's Ed25519 seed lies in the sealed part, 32 bytes.
pub const DEVICE_SEED: &str = "device-seed";

/// Name under which the device's X25519 sealing key lies in the sealed part, 32 bytes.
pub const SEALING_KEY: &str = "sealing-key";

/// Name under which the sealing keys of before lie in the sealed part: each 32 bytes and the time it was replaced at,
/// milliseconds since the Unix epoch in 8 bytes, the newest first.
const SEALING_KEYS_BEFORE: &str = "sealing-keys-before";

/// How long a replaced sealing key is kept, milliseconds: 120 days, for colleagues who slept and sealed to it.
const SEALING_KEY_KEPT_MS: u64 = 120 * 24 * 60 * 60 * 1_000;

/// Longest vault file that is read, bytes. A fresh vault takes about 400; every slot about 170.
pub const VAULT_BYTES_MAX: u64 = 1024 * 1024;

/// An open vault. Dropping it wipes every key it holds.
#[derive(Debug)]
pub struct Vault {
    path: PathBuf,
    file: File,
    key: Secret<32>,
    secrets: Sealed,
    opened_with: [u8; 16],
}

impl Vault {
    /// Makes a vault with one slot, a new device seed and a new sealing key. Durable when it returns.
    ///
    /// Takes as long as `cost` says (about half a second by default): call it on a blocking worker.
    ///
    /// # Errors
    /// [`VaultError::Exists`] rather than overwriting keys; [`VaultError::Io`].
    pub fn create(path: &Path, password: &Password, factor: &Factor, cost: Cost) -> Result<Self, VaultError> {
        if path.try_exists().map_err(VaultError::Io)? {
            return Err(VaultError::Exists);
        }
        let key = random_secret()?;
        let id = random()?;
        let slot = Slot::seal(&id, password, factor, cost, &key)?;
        let mut secrets = Sealed::default();
        secrets.put(DEVICE_SEED, random_secret::<32>()?.expose());
        secrets.put(SEALING_KEY, random_secret::<32>()?.expose());
        let opened_with = slot.id;
        let file = File { id, slots: vec![slot], sealed: Vec::new() };
        let mut vault = Self { path: path.to_owned(), file, key, secrets, opened_with };
        vault.save()?;
        Ok(vault)
    }

    /// Opens the vault with a password and, where the slot asks for one, a factor.
    ///
    /// Takes as long as the slots say: call it on a blocking worker. Slots of another factor kind are skipped unread.
    ///
    /// # Errors
    /// [`VaultError::WrongPassword`] when no slot opens: wrong password, wrong factor and a damaged slot look the same.
    /// [`VaultError::FactorNeeded`] when every slot wants a factor that was not given. [`VaultError::WeakSlot`],
    /// [`VaultError::Damaged`], [`VaultError::TooNew`], [`VaultError::Missing`], [`VaultError::Io`].
    pub fn open(path: &Path, password: &Password, factor: &Factor) -> Result<Self, VaultError> {
        let file = File::read(&load(path)?)?;
        let (slot, key) = file.unlock(password, factor)?;
        let secrets = file.open_sealed(&key)?;
        Ok(Self { path: path.to_owned(), file, key, secrets, opened_with: slot })
    }

    /// The key for one purpose, derived from the vault key.
    pub fn subkey(&self, purpose: Purpose) -> Secret<32> {
        keys::subkey(&self.key, &self.file.id, purpose)
    }

    /// The device's Ed25519 seed.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the vault holds none, which `create` never leaves.
    pub fn device_seed(&self) -> Result<Secret<32>, VaultError> {
        self.fixed(DEVICE_SEED)
    }

    /// The device's X25519 secret for sealed stanzas.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the vault holds none, which `create` never leaves.
    pub fn sealing_key(&self) -> Result<Secret<32>, VaultError> {
        self.fixed(SEALING_KEY)
    }

    /// Every sealing key that still opens something, the present one first.
    ///
    /// # Errors
    /// As [`Vault::sealing_key`].
    pub fn sealing_keys(&self) -> Result<Vec<Secret<32>>, VaultError> {
        let before = self.secrets.get(SEALING_KEYS_BEFORE).unwrap_or_default();
        let before = before.chunks_exact(40).filter_map(|it| Secret::from_slice(it.first_chunk::<32>()?));
        Ok(std::iter::once(self.sealing_key()?).chain(before).collect())
    }

    /// Puts another sealing key in the place of the present one, which is kept with the others that were replaced less than
    /// 120 days before `now_ms`. Durable when it returns. Blocks.
    ///
    /// # Errors
    /// [`VaultError::Io`]; the file then still holds what it held.
    pub fn replace_sealing_key(&mut self, key: &Secret<32>, now_ms: u64) -> Result<(), VaultError> {
        let mut before = Zeroizing::new(Vec::with_capacity(40 * 16));
        before.extend_from_slice(self.sealing_key()?.expose());
        before.extend_from_slice(&now_ms.to_be_bytes());
        for kept in self.secrets.get(SEALING_KEYS_BEFORE).unwrap_or_default().chunks_exact(40) {
            let replaced = kept.last_chunk::<8>().map_or(0, |it| u64::from_be_bytes(*it));
            if now_ms.saturating_sub(replaced) < SEALING_KEY_KEPT_MS && before.len() < 40 * 16 {
                before.extend_from_slice(kept);
            }
        }
        self.secrets.put(SEALING_KEYS_BEFORE, &before);
        self.secrets.put(SEALING_KEY, key.expose());
        self.save()
    }

    /// A secret of the sealed part.
    pub fn secret(&self, name: &str) -> Option<&[u8]> {
        self.secrets.get(name)
    }

    /// Stores or replaces a secret of the sealed part. Durable when it returns.
    ///
    /// # Errors
    /// [`VaultError::Io`]; the file then still holds what it held.
    pub fn put_secret(&mut self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        self.secrets.put(name, bytes);
        self.save()
    }

    /// Removes a secret of the sealed part. Durable when it returns; copies of the file keep it.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn remove_secret(&mut self, name: &str) -> Result<(), VaultError> {
        self.secrets.remove(name);
        self.save()
    }

    /// Replaces the slot this vault was opened with by one under a new password, new factor and new cost. The vault key
    /// stays, so nothing else is written again. Durable when it returns. Blocks as `open` and `create` together.
    ///
    /// # Errors
    /// [`VaultError::WrongPassword`] when `old` and `old_factor` do not open the slot in use.
    pub fn change_password(
        &mut self,
        (old, old_factor): (&Password, &Factor),
        (new, new_factor): (&Password, &Factor),
        cost: Cost,
    ) -> Result<(), VaultError> {
        let place = self.file.slots.iter().position(|it| it.id == self.opened_with).ok_or(VaultError::Damaged)?;
        let slot = self.file.slots.get_mut(place).ok_or(VaultError::Damaged)?;
        slot.unseal(&self.file.id, old, old_factor)?;
        let fresh = Slot::seal(&self.file.id, new, new_factor, cost, &self.key)?;
        let fresh_id = fresh.id;
        let before = std::mem::replace(slot, fresh);
        match self.save() {
            Ok(()) => self.opened_with = fresh_id,
            Err(error) => {
                if let Some(slot) = self.file.slots.get_mut(place) {
                    *slot = before;
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Adds a slot, for instance for the credential of a service. Durable when it returns.
    ///
    /// # Errors
    /// [`VaultError::TooManySlots`]; [`VaultError::Io`].
    pub fn add_slot(&mut self, password: &Password, factor: &Factor, cost: Cost) -> Result<(), VaultError> {
        if format::SLOTS_MAX <= self.file.slots.len() {
            return Err(VaultError::TooManySlots);
        }
        let slot = Slot::seal(&self.file.id, password, factor, cost, &self.key)?;
        self.file.slots.push(slot);
        self.save().inspect_err(|_| {
            self.file.slots.pop();
        })
    }

    /// Destroys the vault on disk: overwrites the file, then removes it. Without its slots everything else in the home is
    /// noise. An SSD may keep old blocks; the password still stands before those.
    ///
    /// # Errors
    /// [`VaultError::Io`]; a vault that is not there is a success.
    pub fn shred(path: &Path) -> Result<(), VaultError> {
        let overwrite = || {
            let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
            let length = usize::try_from(file.metadata()?.len().min(VAULT_BYTES_MAX)).unwrap_or(0);
            file.write_all(&vec![0; length])?;
            file.sync_all()?;
            drop(file);
            std::fs::remove_file(path)
        };
        match overwrite() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(VaultError::Io),
        }
    }

    fn fixed(&self, name: &str) -> Result<Secret<32>, VaultError> {
        let bytes = self.secrets.get(name).ok_or(VaultError::Damaged)?;
        Secret::from_slice(bytes).ok_or(VaultError::Damaged)
    }

    /// Seals the secrets over the present slots and replaces the file.
    fn save(&mut self) -> Result<(), VaultError> {
        self.file.seal(&self.key, &self.secrets)?;
        write_atomic(&self.path, &self.file.bytes()?).map_err(VaultError::Io)
    }
}

fn load(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    match read_at_most(path, VAULT_BYTES_MAX) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(VaultError::Missing),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(VaultError::Damaged),
        Err(error) => Err(VaultError::Io(error)),
    }
}

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
