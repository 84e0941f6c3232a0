//! The book of addresses that worked: `peers.cbor`, sealed, because it says who works with whom and from where.
//!
//! ```text
//! file = nonce24 ‖ XChaCha20-Poly1305(key, nonce, text, aad = "artel/peers/1")
//! text = {1: 1 (format), 2: [* [device key bstr32, last_ok ms, [* [ip bstr4 or bstr16, port]]]]}, sorted by key
//! ```
//!
//! Everything in it is a hint and can be learnt again: a damaged book is an empty one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use artel_crdt::secret::Secret;
use artel_crdt::time::Timestamp;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use minicbor::{Decoder, Encoder, decode, encode};

use super::ADDRESSES_MAX;
use crate::home::{read_at_most, write_atomic};

/// Most devices in the book; beyond it whoever was not met for the longest time is left out.
const DEVICES_MAX: usize = 4_096;

const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
const FORMAT: u64 = 1;
const LABEL: &[u8] = b"artel/peers/1";

/// Where a device was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Addresses, the one that worked last first.
    pub addrs: Vec<SocketAddr>,
    /// When we last had a link to it; the epoch if never.
    pub last_ok: Timestamp,
}

/// Why the book could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The book could not be sealed.
    #[error("cannot seal the address book")]
    Seal,
    /// The file system refused.
    #[error("cannot write the address book")]
    Io(#[from] io::Error),
}

/// Addresses by device key.
#[derive(Clone, Debug, Default)]
pub struct AddressBook {
    devices: BTreeMap<[u8; 32], Known>,
    place: Option<(PathBuf, Secret<32>)>,
    dirty: bool,
}

impl AddressBook {
    /// A book in memory only.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Reads the book at `path`, sealed under `key`; missing or damaged it is empty.
    pub fn open(path: &Path, key: Secret<32>) -> Self {
        let devices = match read_at_most(path, FILE_BYTES_MAX) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                tracing::warn!(%error, "cannot read the address book");
                BTreeMap::new()
            }
            Ok(bytes) => unseal(&bytes, &key).unwrap_or_else(|| {
                tracing::warn!("the address book is damaged and starts anew");
                BTreeMap::new()
            }),
        };
        Self { devices, place: Some((path.to_owned(), key)), dirty: false }
    }

    /// All devices.
    pub fn devices(&self) -> impl Iterator<Item = (&[u8; 32], &Known)> {
        self.devices.iter()
    }

    /// How many devices.
    pub(super) fn len(&self) -> usize {
        self.devices.len()
    }

    /// A member told these addresses; kept behind those that worked. Returns whether any was new.
    pub fn learnt(&mut self, key: [u8; 32], addrs: &[SocketAddr]) -> bool {
        let known = self.devices.entry(key).or_default();
        let before = known.addrs.len();
        for addr in addrs {
            if known.addrs.len() < ADDRESSES_MAX && !known.addrs.contains(addr) {
                known.addrs.push(*addr);
            }
        }
        let grown = before < known.addrs.len();
        self.dirty |= grown;
        self.drop_the_oldest();
        grown
    }

    /// A handshake proved the device at this address.
    pub fn connected(&mut self, key: [u8; 32], addr: SocketAddr, now: Timestamp) {
        let known = self.devices.entry(key).or_default();
        known.addrs.retain(|it| *it != addr);
        known.addrs.insert(0, addr);
        known.addrs.truncate(ADDRESSES_MAX);
        known.last_ok = now;
        self.dirty = true;
        self.drop_the_oldest();
    }

    /// Forgets a device.
    pub fn forget(&mut self, key: &[u8; 32]) {
        self.dirty |= self.devices.remove(key).is_some();
    }

    /// Whether there is something to save.
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty && self.place.is_some()
    }

    /// A copy for saving; the book itself counts as saved from now on.
    pub(super) fn snapshot(&mut self) -> Self {
        let copy = self.clone();
        self.dirty = false;
        copy
    }

    /// Writes the book durably. Blocks.
    ///
    /// # Errors
    /// [`BookError`]; the file then still holds what it held.
    pub fn save(&self) -> Result<(), BookError> {
        let Some((path, key)) = &self.place else { return Ok(()) };
        Ok(write_atomic(path, &seal(&self.devices, key)?)?)
    }

    fn drop_the_oldest(&mut self) {
        if DEVICES_MAX < self.devices.len() {
            let oldest = self.devices.iter().min_by_key(|(_, it)| it.last_ok).map(|(key, _)| *key);
            oldest.map(|it| self.devices.remove(&it));
        }
    }
}

fn seal(devices: &BTreeMap<[u8; 32], Known>, key: &Secret<32>) -> Result<Vec<u8>, BookError> {
    let mut nonce = [0; 24];
    getrandom::fill(&mut nonce).map_err(|_| BookError::Seal)?;
    let text = write(devices).map_err(|_| BookError::Seal)?;
    let payload = Payload { msg: &text, aad: LABEL };
    let sealed = XChaCha20Poly1305::new(key.expose().into()).encrypt(XNonce::from_slice(&nonce), payload);
    Ok([nonce.as_slice(), &sealed.map_err(|_| BookError::Seal)?].concat())
}

fn unseal(bytes: &[u8], key: &Secret<32>) -> Option<BTreeMap<[u8; 32], Known>> {
    let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
    let payload = Payload { msg: sealed, aad: LABEL };
    let text = XChaCha20Poly1305::new(key.expose().into()).decrypt(XNonce::from_slice(nonce), payload).ok()?;
    read(&text).ok()
}

fn write(devices: &BTreeMap<[u8; 32], Known>) -> Result<Vec<u8>, encode::Error<Infallible>> {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let mut cbor = Encoder::new(Vec::new());
    cbor.map(2)?.u8(1)?.u64(FORMAT)?.u8(2)?.array(count(devices.len()))?;
    for (key, known) in devices {
        cbor.array(3)?.bytes(key)?.u64(known.last_ok.0)?.array(count(known.addrs.len()))?;
        for addr in &known.addrs {
            cbor.array(2)?;
            match addr.ip() {
                IpAddr::V4(ip) => cbor.bytes(&ip.octets())?,
                IpAddr::V6(ip) => cbor.bytes(&ip.octets())?,
            };
            cbor.u16(addr.port())?;
        }
    }
    Ok(cbor.into_writer())
}

fn read(text: &[u8]) -> Result<BTreeMap<[u8; 32], Known>, decode::Error> {
    let bad = || decode::Error::message("not an address book");
    let mut cbor = Decoder::new(text);
    let head = (cbor.map()?, cbor.u8()?, cbor.u64()?, cbor.u8()?);
    if head != (Some(2), 1, FORMAT, 2) {
        return Err(bad());
    }
    let mut devices = BTreeMap::new();
    for _ in 0..cbor.array()?.ok_or_else(bad)? {
        cbor.array()?.filter(|it| *it == 3).ok_or_else(bad)?;
        let key = cbor.bytes()?.try_into().map_err(|_| bad())?;
        let last_ok = Timestamp(cbor.u64()?);
        let mut addrs = Vec::new();
        for _ in 0..cbor.array()?.ok_or_else(bad)? {
            cbor.array()?.filter(|it| *it == 2).ok_or_else(bad)?;
            let ip = cbor.bytes()?;
            let v4 = <[u8; 4]>::try_from(ip).map(IpAddr::from);
            let ip = v4.or_else(|_| <[u8; 16]>::try_from(ip).map(IpAddr::from)).map_err(|_| bad())?;
            addrs.push(SocketAddr::new(ip, cbor.u16()?));
        }
        devices.insert(key, Known { addrs, last_ok });
    }
    Ok(devices)
}
