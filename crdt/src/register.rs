//! Registers: signed values of which only the newest counts and which need no history.
//!
//! A register is unique by (device, space, name, key); each device writes its own, so nothing is ever contested. They are
//! not entries: an abandoned draft must be forgettable. Personal ones live in the self space, sealed under its epoch;
//! what a value means is in [`values`].

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::cose::{self, BadSignature, Domain, Sign1};
use crate::id::{DeviceId, EntryId, OrgId, SpaceId, sha256};
use crate::limits;
use crate::run::Keys;
use crate::time::Hlc;

pub mod values;

/// Longest name of a register, bytes; names are lower-case ASCII words joined by `_`.
const NAME_MAX: usize = 32;
/// Longest key, bytes: a space and an entry fit.
const KEY_MAX: usize = 64;
/// Room that the frame of the largest register takes, bytes.
const FRAME_MAX: usize = 512;

/// Why a register is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadRegister {
    /// Not a register, or a limit is broken.
    #[error("malformed register: {0}")]
    Form(#[from] Malformed),
    /// Not signed for this purpose, or wrongly.
    #[error("{0}")]
    Signature(#[from] BadSignature),
    /// The signer is not known (yet).
    #[error("the signer is not known")]
    UnknownDevice(DeviceId),
}

/// What a device writes into a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Where it lives; members of this space receive it.
    pub space: SpaceId,
    /// What it is, see [`values`].
    pub name: String,
    /// Which of that name; often empty.
    pub key: Vec<u8>,
    /// When; the newest wins.
    pub hlc: Hlc,
    /// The key under which the value is sealed, if it is.
    pub epoch: Option<EntryId>,
    /// The value, clear or sealed.
    pub value: Vec<u8>,
}

/// A register with a checked signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Who wrote it.
    pub device: DeviceId,
    /// Where it lives.
    pub space: SpaceId,
    /// What it is.
    pub name: String,
    /// Which of that name.
    pub key: Vec<u8>,
    /// When.
    pub hlc: Hlc,
    /// The key under which the value is sealed, if it is.
    pub epoch: Option<EntryId>,
    /// The value, clear or sealed.
    pub value: Vec<u8>,
    bytes: Vec<u8>,
}

impl Content {
    fn payload(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.map(if self.epoch.is_some() { 6 } else { 5 });
        enc.u64(1).bytes(&self.space.0).u64(2).str(&self.name).u64(3).bytes(&self.key);
        enc.u64(4).array(2).u64(self.hlc.ms).u64(u64::from(self.hlc.ctr));
        if let Some(epoch) = &self.epoch {
            enc.u64(5).bytes(&epoch.0);
        }
        enc.u64(6).bytes(&self.value);
        enc.finish()
    }

    /// What a sealed value is bound to: the writer and all fields but the value.
    pub fn seal_aad(&self, device: &DeviceId) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(6).bytes(&device.0).bytes(&self.space.0).str(&self.name).bytes(&self.key);
        enc.array(2).u64(self.hlc.ms).u64(u64::from(self.hlc.ctr));
        match &self.epoch {
            Some(epoch) => enc.bytes(&epoch.0),
            None => enc.null(),
        };
        enc.finish()
    }

    fn check(&self) -> Result<(), Malformed> {
        let sizes = self.name.len() <= NAME_MAX
            && self.key.len() <= KEY_MAX
            && self.value.len() <= limits::REGISTER_BYTES_MAX - FRAME_MAX;
        if !sizes {
            return Err(Malformed::OverLimit);
        }
        let word = !self.name.is_empty() && self.name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        if word { Ok(()) } else { Err(Malformed::Unexpected) }
    }

    fn decode(payload: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(payload);
        let mut fields = Fields::open(&mut dec, 6)?;
        let (mut space, mut name, mut key, mut hlc, mut epoch, mut value) = (None, None, None, None, None, None);
        while let Some(field) = fields.key(&mut dec)? {
            match field {
                1 => space = Some(SpaceId(dec.array_of()?)),
                2 => name = Some(dec.str(NAME_MAX)?.to_owned()),
                3 => key = Some(dec.bytes(KEY_MAX)?.to_vec()),
                4 if dec.array(2)? == 2 => hlc = Some(Hlc { ms: dec.u64()?, ctr: dec.u32()? }),
                5 => epoch = Some(EntryId(dec.array_of()?)),
                6 => value = Some(dec.bytes(limits::REGISTER_BYTES_MAX)?.to_vec()),
                _ => return Err(Malformed::Unexpected),
            }
        }
        dec.end()?;
        let (Some(space), Some(name), Some(key), Some(hlc), Some(value)) = (space, name, key, hlc, value) else {
            return Err(Malformed::Unexpected);
        };
        let content = Self { space, name, key, hlc, epoch, value };
        content.check()?;
        Ok(content)
    }

    /// Signs the register.
    ///
    /// # Errors
    /// [`Malformed`] if a limit is broken: a name of other than 1 to 32 lower-case letters and `_`, a key over 64 bytes,
    /// a value over 63.5 KiB.
    pub fn sign(self, org: &OrgId, key: &SigningKey) -> Result<Register, Malformed> {
        self.check()?;
        let bytes = cose::sign1(key, Domain::Register, &org.0, &self.payload());
        Ok(Register::assemble(DeviceId::of_key(key.verifying_key().as_bytes()), self, bytes))
    }
}

impl Register {
    fn assemble(device: DeviceId, content: Content, bytes: Vec<u8>) -> Self {
        let Content { space, name, key, hlc, epoch, value } = content;
        Self { device, space, name, key, hlc, epoch, value, bytes }
    }

    /// Reads and verifies a register.
    ///
    /// # Errors
    /// Everything that is not the deterministic form, within limits and signed by a key of `keys`. Whether the signer is
    /// active and a member of the space is for the caller to ask.
    pub fn check(bytes: &[u8], keys: &Keys) -> Result<Self, BadRegister> {
        if bytes.len() > limits::REGISTER_BYTES_MAX {
            return Err(Malformed::OverLimit.into());
        }
        let signed = Sign1::parse(bytes, Domain::Register, limits::REGISTER_BYTES_MAX)?;
        let content = Content::decode(signed.payload)?;
        let key = keys.devices.get(&signed.kid).ok_or(BadRegister::UnknownDevice(signed.kid))?;
        signed.verify(key, &keys.org.0)?;
        Ok(Self::assemble(signed.kid, content, bytes.to_vec()))
    }

    /// As [`Self::check`], but `None` without asking the signature if exactly these bytes are held already: peers offer
    /// all registers again whenever one of them differs.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_new(bytes: &[u8], keys: &Keys, held: &Registers) -> Result<Option<Self>, BadRegister> {
        if bytes.len() > limits::REGISTER_BYTES_MAX {
            return Err(Malformed::OverLimit.into());
        }
        let signed = Sign1::parse(bytes, Domain::Register, limits::REGISTER_BYTES_MAX)?;
        let content = Content::decode(signed.payload)?;
        let known = held.get(&signed.kid, &content.space, &content.name, &content.key);
        if known.is_some_and(|it| it.bytes == bytes) {
            return Ok(None);
        }
        Self::check(bytes, keys).map(Some)
    }

    /// The COSE_Sign1, as it travels and is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes given to [`Content::seal_aad`] when it was written.
    pub fn seal_aad(&self) -> Vec<u8> {
        let (space, name, key) = (self.space, self.name.clone(), self.key.clone());
        let content = Content { space, name, key, hlc: self.hlc, epoch: self.epoch, value: Vec::new() };
        content.seal_aad(&self.device)
    }

    fn is_newer(&self, other: &Self) -> bool {
        (other.hlc, &other.bytes) < (self.hlc, &self.bytes)
    }
}

/// The registers of one device in one space, by name and key.
type Shelf = BTreeMap<(String, Vec<u8>), Register>;

/// All registers held. Merging commutes, associates and is idempotent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    shelves: BTreeMap<(SpaceId, DeviceId), Shelf>,
}

impl Registers {
    /// Takes a register in if it is newer than the one at its place (equal clocks: the greater bytes). Returns whether
    /// anything changed.
    ///
    /// A device has at most [`limits::REGISTERS_PER_DEVICE_MAX`] in a space: those with the smallest (name, key), so that
    /// replicas agree also on what a flood leaves.
    pub fn merge(&mut self, register: Register) -> bool {
        let shelf = self.shelves.entry((register.space, register.device)).or_default();
        let place = (register.name.clone(), register.key.clone());
        if let Some(held) = shelf.get_mut(&place) {
            let newer = register.is_newer(held);
            if newer {
                *held = register;
            }
            return newer;
        }
        if limits::REGISTERS_PER_DEVICE_MAX <= shelf.len() {
            if shelf.last_key_value().is_some_and(|(last, _)| *last < place) {
                return false;
            }
            shelf.pop_last();
        }
        shelf.insert(place, register);
        true
    }

    /// All, by space, device, name and key.
    pub fn iter(&self) -> impl Iterator<Item = &Register> {
        self.shelves.values().flat_map(BTreeMap::values)
    }

    /// Those of one space.
    pub fn of_space(&self, space: &SpaceId) -> impl Iterator<Item = &Register> {
        let all = (*space, DeviceId([0; 16]))..=(*space, DeviceId([0xff; 16]));
        self.shelves.range(all).flat_map(|(_, shelf)| shelf.values())
    }

    /// One register.
    pub fn get(&self, device: &DeviceId, space: &SpaceId, name: &str, key: &[u8]) -> Option<&Register> {
        self.shelves.get(&(*space, *device))?.get(&(name.to_owned(), key.to_vec()))
    }

    /// The registers of that name and key, one per device.
    pub fn named(&self, space: &SpaceId, name: &str, key: &[u8]) -> impl Iterator<Item = &Register> {
        self.of_space(space).filter(move |it| it.name == name && it.key == key)
    }

    /// The newest of that name and key among some devices, as for a person's profile.
    pub fn newest<'r>(
        &'r self,
        space: &SpaceId,
        name: &str,
        key: &[u8],
        mut among: impl FnMut(&DeviceId) -> bool,
    ) -> Option<&'r Register> {
        let mut newest: Option<&Register> = None;
        for register in self.of_space(space) {
            let fits = register.name == name && register.key == key && among(&register.device);
            if fits && newest.is_none_or(|it| register.is_newer(it)) {
                newest = Some(register);
            }
        }
        newest
    }

    /// Forgets the registers of which `keep` is false: those of spaces that were left. Returns how many.
    pub fn retain(&mut self, mut keep: impl FnMut(&Register) -> bool) -> usize {
        let before = self.iter().count();
        for shelf in self.shelves.values_mut() {
            shelf.retain(|_, it| keep(it));
        }
        self.shelves.retain(|_, shelf| !shelf.is_empty());
        before - self.iter().count()
    }

    /// A hash of the registers of some spaces: equal iff two replicas hold the same ones.
    pub fn hash(&self, mut among: impl FnMut(&SpaceId) -> bool) -> [u8; 32] {
        let hashes: Vec<u8> = self.iter().filter(|it| among(&it.space)).flat_map(|it| sha256(&[&it.bytes])).collect();
        sha256(&[b"artel/registers/1", &hashes])
    }
}

#[cfg(test)]
mod tests;
