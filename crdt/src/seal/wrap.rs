//! Wraps: an epoch's key under another epoch's key, 72 bytes besides the epoch's name.

use crate::id::{EntryId, SpaceId};
use crate::seal::{Commit, Key, NONCE_BYTES, Nonce, aead_open, aead_seal};

/// A key sealed under the key of another epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// In an audience wrap the epoch that opens it; in a wrap of older keys the epoch that is opened.
    pub epoch: EntryId,
    /// The nonce.
    pub nonce: [u8; NONCE_BYTES],
    /// Encrypted key (32) ‖ tag (16).
    pub ct: [u8; 48],
}

fn wrap(under: &Key, aad: &[u8], epoch: EntryId, key: &Key, nonce: Nonce) -> Wrap {
    let sealed = aead_seal(under, &nonce.0, aad, key.expose().to_vec());
    // Always 48 bytes; a wrap of zeros would open for nobody.
    Wrap { epoch, nonce: nonce.0, ct: sealed.try_into().unwrap_or([0; 48]) }
}

fn unwrap(under: &Key, aad: &[u8], wrap: &Wrap, commit: &Commit) -> Option<Key> {
    let key = Key::from_slice(&zeroize::Zeroizing::new(aead_open(under, &wrap.nonce, aad, &wrap.ct)?))?;
    (key.commit() == *commit).then_some(key)
}

fn audience_aad(space: &SpaceId, commit: &Commit) -> Vec<u8> {
    [space.0.as_slice(), &commit.0].concat()
}

fn older_aad(older: &EntryId, newer_commit: &Commit) -> Vec<u8> {
    [older.0.as_slice(), &newer_commit.0].concat()
}

/// Wraps the key of a public channel's epoch under its audience's: XChaCha20-Poly1305 with
/// HKDF(audience key, "artel/wrap/1"), AAD = space ‖ commitment of the channel's epoch.
pub fn wrap_audience(audience: (EntryId, &Key), space: &SpaceId, key: &Key, nonce: Nonce) -> Wrap {
    let under = audience.1.derive(&[], &[b"artel/wrap/1"]);
    wrap(&under, &audience_aad(space, &key.commit()), audience.0, key, nonce)
}

/// Opens a public channel's key with its audience's; `None` if it does not open or is not the committed key.
pub fn unwrap_audience(audience_key: &Key, space: &SpaceId, commit: &Commit, it: &Wrap) -> Option<Key> {
    let under = audience_key.derive(&[], &[b"artel/wrap/1"]);
    unwrap(&under, &audience_aad(space, commit), it, commit)
}

/// Wraps an older key under a newer of the same space, for shared history: XChaCha20-Poly1305 with
/// HKDF(newer key, "artel/older/1"), AAD = older epoch ‖ commitment of the newer.
pub fn wrap_older(newer: &Key, older: (EntryId, &Key), nonce: Nonce) -> Wrap {
    let under = newer.derive(&[], &[b"artel/older/1"]);
    wrap(&under, &older_aad(&older.0, &newer.commit()), older.0, older.1, nonce)
}

/// Opens an older key with a newer; `older_commit` is what the older epoch committed to.
pub fn unwrap_older(newer: &Key, older_commit: &Commit, it: &Wrap) -> Option<Key> {
    let under = newer.derive(&[], &[b"artel/older/1"]);
    unwrap(&under, &older_aad(&it.epoch, &newer.commit()), it, older_commit)
}
