//! Keys of the store, sealing, and the keyed names that hide what a file is about.

use std::fmt;

use chacha20poly1305::aead::generic_array::GenericArray;
use chacha20poly1305::{AeadInPlace, KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::{During, StoreError};

/// Random bytes before every ciphertext.
pub(super) const NONCE_BYTES: usize = 24;
/// What sealing adds: nonce and tag.
pub(super) const SEAL_BYTES: usize = NONCE_BYTES + 16;

/// A 32-byte secret, wiped when dropped, never printed.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Takes over the bytes; the caller wipes his own copy.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn derive(&self, label: &[u8]) -> Self {
        let mut out = Zeroizing::new([0; 32]);
        expand(self, &[label], &mut *out);
        Self(out)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The two keys under which a store is opened.
#[derive(Clone, Debug)]
pub struct StoreKeys {
    /// Seals the journal, the small files and what is needed to serve sealed entries to others.
    /// It stays in memory while the screen is locked.
    pub journal: Key,
    /// Seals rows, notes and the driver's own state. `None` opens the store with its content locked.
    pub content: Option<Key>,
}

/// XChaCha20-Poly1305 under one key with a fresh random nonce each time.
pub(super) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    pub(super) fn new(key: &Key) -> Self {
        Self(XChaCha20Poly1305::new(GenericArray::from_slice(&*key.0)))
    }

    /// Appends nonce ‖ ciphertext ‖ tag to `out`.
    pub(super) fn seal_into(&self, aad: &[u8], plain: &[u8], out: &mut Vec<u8>) -> Result<(), StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| During::Random.kind(std::io::ErrorKind::Other))?;
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plain);
        // Fails only above 256 GiB, which no caller can hold.
        let tag = match out.get_mut(start..) {
            Some(body) => self.0.encrypt_in_place_detached(&nonce.into(), aad, body),
            None => return Err(StoreError::TooLarge),
        };
        out.extend_from_slice(&tag.map_err(|_| StoreError::TooLarge)?);
        Ok(())
    }

    pub(super) fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut out = Vec::with_capacity(plain.len() + SEAL_BYTES);
        self.seal_into(aad, plain, &mut out)?;
        Ok(out)
    }

    /// `None` when the bytes were not sealed under this key with this `aad`.
    pub(super) fn unseal(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let (body, tag) = rest.split_last_chunk::<16>()?;
        let mut plain = body.to_vec();
        self.0.decrypt_in_place_detached(&(*nonce).into(), aad, &mut plain, &(*tag).into()).ok()?;
        Some(plain)
    }
}

/// Everything derived from the journal key.
pub(super) struct ServingKeys {
    /// Journal records.
    pub(super) journal: Sealer,
    /// Index values that are needed while the content is locked.
    pub(super) serving: Sealer,
    /// Small files.
    pub(super) small: Sealer,
    names: Key,
}

impl ServingKeys {
    pub(super) fn new(journal: &Key) -> Self {
        Self {
            journal: Sealer::new(&journal.derive(b"artel/store/journal/1")),
            serving: Sealer::new(&journal.derive(b"artel/store/serving/1")),
            small: Sealer::new(&journal.derive(b"artel/store/small/1")),
            names: journal.derive(b"artel/store/names/1"),
        }
    }

    /// A name that only the holder of the key can link to `parts`. Parts have fixed lengths under one label.
    pub(super) fn name(&self, label: &[u8], parts: &[&[u8]]) -> [u8; 16] {
        let mut info = vec![label];
        info.extend_from_slice(parts);
        let mut out = [0; 16];
        expand(&self.names, &info, &mut out);
        out
    }
}

fn expand(key: &Key, info: &[&[u8]], out: &mut [u8]) {
    // Both calls fail only on lengths, and the lengths are constants of this file: 32 in, at most 32 out.
    if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(&*key.0)
        && hkdf.expand_multi_info(info, out).is_ok()
    {
        return;
    }
    unreachable!("key derivation with constant lengths");
}
