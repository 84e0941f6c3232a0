//! The bytes of `vault.cbor`: deterministic CBOR (RFC 8949 §4.2), nothing else is accepted.
//!
//! ```text
//! vault = {1: 1 (format), 2: id bstr16, 3: [1*8 slot], 4: sealed}
//! slot  = {1: id bstr16, 2: kind uint (0 password), 3: [memory KiB, passes, lanes, salt bstr16],
//!          4: [factor kind uint (0 none, 1 key file), params bstr], 5: nonce bstr24, 6: ct bstr48}
//! ct     = XChaCha20-Poly1305(slot key, nonce, vault key, aad = ["artel/vault/slot/1", vault id, slot.1, .2, .3, .4])
//! sealed = nonce24 ‖ XChaCha20-Poly1305(identity key, nonce, secrets, aad = ["artel/vault/sealed/1", 1, vault.2, vault.3])
//! secrets = {* name tstr => bstr}
//! ```
//!
//! The sealed part authenticates all slots, so it is also the MAC of the header under the vault key. A slot of a kind that
//! this program does not know is kept and skipped.

use std::collections::BTreeMap;
use std::convert::Infallible;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::secret::SecretBytes;
use super::{Cost, Factor, Password, Purpose, Secret, VaultError, keys, random};

/// Most slots in a vault: each costs a guess's time at opening.
pub(super) const SLOTS_MAX: usize = 8;

const FORMAT: u64 = 1;
const KIND_PASSWORD: u64 = 0;
const SLOT_LABEL: &str = "artel/vault/slot/1";
const SEALED_LABEL: &str = "artel/vault/sealed/1";

type Cbor<'a> = Encoder<&'a mut Vec<u8>>;
type Written = Result<(), minicbor::encode::Error<Infallible>>;

/// The whole file. The sealed part is as it lies on disk.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) id: [u8; 16],
    pub(super) slots: Vec<Slot>,
    pub(super) sealed: Vec<u8>,
}

/// One way to the vault key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) id: [u8; 16],
    kind: u64,
    pub(super) cost: Cost,
    salt: [u8; 16],
    factor_kind: u64,
    factor_params: Vec<u8>,
    nonce: [u8; 24],
    sealed_key: [u8; 48],
}

/// The secrets of the sealed part by name.
#[derive(Debug, Default)]
pub(super) struct Sealed(BTreeMap<String, SecretBytes>);

impl Sealed {
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(SecretBytes::expose)
    }

    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) {
        self.0.insert(name.to_owned(), SecretBytes::copy_of(bytes));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        // Reserved beforehand: a vector that grows leaves copies of secrets behind.
        let size: usize = self.0.iter().map(|(name, secret)| name.len() + secret.expose().len() + 18).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size + 9));
        // Deterministic CBOR sorts keys by their encoding, which is shorter names first.
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(name, _)| (name.len(), *name));
        written(&mut bytes, |cbor| {
            cbor.map(count(sorted.len()))?;
            for (name, secret) in sorted {
                cbor.str(name)?.bytes(secret.expose())?;
            }
            Ok(())
        })?;
        Ok(bytes)
    }

    fn read(bytes: &[u8]) -> Result<Self, VaultError> {
        let mut cbor = Decoder::new(bytes);
        let entries = cbor.map()?.ok_or(VaultError::Damaged)?;
        let mut secrets = Self::default();
        for _ in 0..entries {
            let name = cbor.str()?;
            secrets.put(name, cbor.bytes()?);
        }
        match *secrets.bytes()? == bytes {
            true => Ok(secrets),
            false => Err(VaultError::Damaged),
        }
    }
}

impl File {
    pub(super) fn bytes(&self) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        written(&mut bytes, |cbor| {
            cbor.map(4)?.u8(1)?.u64(FORMAT)?.u8(2)?.bytes(&self.id)?.u8(3)?;
            self.write_slots(cbor)?;
            cbor.u8(4)?.bytes(&self.sealed)?.ok()
        })?;
        Ok(bytes)
    }

    /// Reads a file; only the very bytes that `bytes` writes are accepted.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, VaultError> {
        let mut cbor = Decoder::new(bytes);
        let entries = cbor.map()?;
        key(&mut cbor, 1)?;
        let found = cbor.u64()?;
        if FORMAT < found {
            return Err(VaultError::TooNew { found, supported: FORMAT });
        }
        if entries != Some(4) || found != FORMAT {
            return Err(VaultError::Damaged);
        }
        key(&mut cbor, 2)?;
        let id = fixed(&mut cbor)?;
        key(&mut cbor, 3)?;
        let slots = cbor.array()?.and_then(|it| usize::try_from(it).ok()).ok_or(VaultError::Damaged)?;
        if !(1..=SLOTS_MAX).contains(&slots) {
            return Err(VaultError::Damaged);
        }
        let slots = (0..slots).map(|_| Slot::read(&mut cbor)).collect::<Result<_, _>>()?;
        key(&mut cbor, 4)?;
        let sealed = cbor.bytes()?.to_vec();
        let file = Self { id, slots, sealed };
        match file.bytes()? == bytes {
            true => Ok(file),
            false => Err(VaultError::Damaged),
        }
    }

    /// Tries every slot of the given factor kind: the id of the one that opened, and the vault key.
    pub(super) fn unlock(&self, password: &Password, factor: &Factor) -> Result<([u8; 16], Secret<32>), VaultError> {
        let mut outcome = VaultError::FactorNeeded;
        for slot in self.slots.iter().filter(|it| it.fits(factor)) {
            match slot.unseal(&self.id, password, factor) {
                Ok(key) => return Ok((slot.id, key)),
                Err(error) => outcome = error,
            }
        }
        Err(outcome)
    }

    /// Seals the secrets over the present slots.
    pub(super) fn seal(&mut self, key: &Secret<32>, secrets: &Sealed) -> Result<(), VaultError> {
        let nonce: [u8; 24] = random()?;
        let aad = self.sealed_header()?;
        let text = secrets.bytes()?;
        let payload = Payload { msg: &text, aad: &aad };
        let sealed = self.identity_cipher(key).encrypt(XNonce::from_slice(&nonce), payload);
        self.sealed = [nonce.as_slice(), &sealed.map_err(|_| VaultError::Damaged)?].concat();
        Ok(())
    }

    /// Opens the sealed part and with it proves every slot unchanged.
    pub(super) fn open_sealed(&self, key: &Secret<32>) -> Result<Sealed, VaultError> {
        let (nonce, sealed) = self.sealed.split_first_chunk::<24>().ok_or(VaultError::Damaged)?;
        let payload = Payload { msg: sealed, aad: &self.sealed_header()? };
        let text = self.identity_cipher(key).decrypt(XNonce::from_slice(nonce), payload);
        Sealed::read(&Zeroizing::new(text.map_err(|_| VaultError::Damaged)?))
    }

    fn identity_cipher(&self, key: &Secret<32>) -> XChaCha20Poly1305 {
        cipher(&keys::subkey(key, &self.id, Purpose::Identity))
    }

    fn sealed_header(&self) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        written(&mut bytes, |cbor| {
            cbor.array(4)?.str(SEALED_LABEL)?.u64(FORMAT)?.bytes(&self.id)?;
            self.write_slots(cbor)
        })?;
        Ok(bytes)
    }

    fn write_slots(&self, cbor: &mut Cbor<'_>) -> Written {
        cbor.array(count(self.slots.len()))?;
        self.slots.iter().try_for_each(|it| it.write(cbor))
    }
}

impl Slot {
    /// Seals the vault key into a new slot of the vault `vault`.
    pub(super) fn seal(
        vault: &[u8; 16],
        password: &Password,
        factor: &Factor,
        cost: Cost,
        key: &Secret<32>,
    ) -> Result<Self, VaultError> {
        cost.check()?;
        let mut slot = Self {
            id: random()?,
            kind: KIND_PASSWORD,
            cost,
            salt: random()?,
            factor_kind: factor.kind(),
            factor_params: Vec::new(),
            nonce: random()?,
            sealed_key: [0; 48],
        };
        let cipher = slot.cipher(password, factor)?;
        let payload = Payload { msg: key.expose(), aad: &slot.header(vault)? };
        let sealed = cipher.encrypt(XNonce::from_slice(&slot.nonce), payload).map_err(|_| VaultError::Damaged)?;
        slot.sealed_key = sealed.try_into().map_err(|_| VaultError::Damaged)?;
        Ok(slot)
    }

    /// The vault key, if password and factor are the ones of this slot.
    pub(super) fn unseal(
        &self,
        vault: &[u8; 16],
        password: &Password,
        factor: &Factor,
    ) -> Result<Secret<32>, VaultError> {
        if !self.fits(factor) {
            return Err(VaultError::FactorNeeded);
        }
        let cipher = self.cipher(password, factor)?;
        let payload = Payload { msg: &self.sealed_key, aad: &self.header(vault)? };
        let key = cipher.decrypt(XNonce::from_slice(&self.nonce), payload).map_err(|_| VaultError::WrongPassword)?;
        let key = Zeroizing::new(key);
        key.as_slice().try_into().map(Secret::new).map_err(|_| VaultError::Damaged)
    }

    fn fits(&self, factor: &Factor) -> bool {
        self.kind == KIND_PASSWORD && self.factor_kind == factor.kind()
    }

    fn cipher(&self, password: &Password, factor: &Factor) -> Result<XChaCha20Poly1305, VaultError> {
        let stretched = self.cost.derive(password.as_str().as_bytes(), &self.salt)?;
        Ok(cipher(&keys::slot_key(&stretched, factor, &self.id)))
    }

    fn header(&self, vault: &[u8; 16]) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        written(&mut bytes, |cbor| {
            cbor.array(6)?.str(SLOT_LABEL)?.bytes(vault)?.bytes(&self.id)?.u64(self.kind)?;
            self.write_cost(cbor)?;
            self.write_factor(cbor)
        })?;
        Ok(bytes)
    }

    fn write(&self, cbor: &mut Cbor<'_>) -> Written {
        cbor.map(6)?.u8(1)?.bytes(&self.id)?.u8(2)?.u64(self.kind)?.u8(3)?;
        self.write_cost(cbor)?;
        cbor.u8(4)?;
        self.write_factor(cbor)?;
        cbor.u8(5)?.bytes(&self.nonce)?.u8(6)?.bytes(&self.sealed_key)?.ok()
    }

    fn write_cost(&self, cbor: &mut Cbor<'_>) -> Written {
        let Cost { memory_kib, passes, lanes } = self.cost;
        cbor.array(4)?.u32(memory_kib)?.u32(passes)?.u32(lanes)?.bytes(&self.salt)?.ok()
    }

    fn write_factor(&self, cbor: &mut Cbor<'_>) -> Written {
        cbor.array(2)?.u64(self.factor_kind)?.bytes(&self.factor_params)?.ok()
    }

    fn read(cbor: &mut Decoder<'_>) -> Result<Self, VaultError> {
        length(cbor.map()?, 6)?;
        key(cbor, 1)?;
        let id = fixed(cbor)?;
        key(cbor, 2)?;
        let kind = cbor.u64()?;
        key(cbor, 3)?;
        length(cbor.array()?, 4)?;
        let cost = Cost { memory_kib: cbor.u32()?, passes: cbor.u32()?, lanes: cbor.u32()? };
        let salt = fixed(cbor)?;
        key(cbor, 4)?;
        length(cbor.array()?, 2)?;
        let factor_kind = cbor.u64()?;
        let factor_params = cbor.bytes()?.to_vec();
        key(cbor, 5)?;
        let nonce = fixed(cbor)?;
        key(cbor, 6)?;
        let sealed_key = fixed(cbor)?;
        Ok(Self { id, kind, cost, salt, factor_kind, factor_params, nonce, sealed_key })
    }
}

impl From<minicbor::decode::Error> for VaultError {
    fn from(_: minicbor::decode::Error) -> Self {
        Self::Damaged
    }
}

fn cipher(key: &Secret<32>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

fn written(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Cbor<'_>) -> Written) -> Result<(), VaultError> {
    // A vector takes every write; what remains is a length the encoder refuses.
    write(&mut Encoder::new(bytes)).map_err(|_| VaultError::Damaged)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn key(cbor: &mut Decoder<'_>, expected: u8) -> Result<(), VaultError> {
    length(Some(cbor.u64()?), u64::from(expected))
}

fn length(found: Option<u64>, expected: u64) -> Result<(), VaultError> {
    match found == Some(expected) {
        true => Ok(()),
        false => Err(VaultError::Damaged),
    }
}

fn fixed<const N: usize>(cbor: &mut Decoder<'_>) -> Result<[u8; N], VaultError> {
    cbor.bytes()?.try_into().map_err(|_| VaultError::Damaged)
}
