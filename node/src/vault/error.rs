//! What can go wrong with a vault.

use std::io;

/// Why a vault could not be made, opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No slot opens with this password and factor. A damaged slot looks the same.
    #[error("wrong password")]
    WrongPassword,
    /// Every slot wants a factor of a kind that was not given.
    #[error("this vault also needs its key file")]
    FactorNeeded,
    /// A slot asks for less work than the floor, or for more than any program of ours writes.
    #[error("the vault names a cost that is not allowed")]
    WeakSlot,
    /// The bytes are not a vault, or are not the ones that were written.
    #[error("the vault is damaged")]
    Damaged,
    /// The key file is of another length.
    #[error("this is no key file of Artel")]
    NotAKeyFile,
    /// The key file cannot be read or made.
    #[error("cannot reach the key file")]
    NoKeyFile(#[source] io::Error),
    /// The vault was written by a newer Artel.
    #[error("the vault has format {found}, this program knows {supported}")]
    TooNew {
        /// The format that was found.
        found: u64,
        /// The newest this program knows.
        supported: u64,
    },
    /// There is no vault.
    #[error("there is no vault")]
    Missing,
    /// There is a vault already; keys are never overwritten.
    #[error("there is a vault already")]
    Exists,
    /// No room for another slot.
    #[error("the vault has as many slots as it may have")]
    TooManySlots,
    /// The key derivation could not get its memory.
    #[error("not enough memory for the key derivation")]
    NoMemory,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// The file system refused.
    #[error("cannot reach the vault file")]
    Io(#[source] io::Error),
}
