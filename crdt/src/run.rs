//! Runs: consecutive entries of one log, on the wire and on disk.
//!
//! What is constant is written once, `seq` and `prev` are implied, the clock is a difference; the payload of each entry
//! is rebuilt byte for byte and hashed. The newest signature proves the whole run, because every entry names the hash
//! of the one before it; besides it only those at seq ≡ 127 (mod 128) are carried, so that any range can be cut there.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use thiserror::Error;

use crate::cbor::{Dec, Enc, Malformed};
use crate::cose::{self, BadSignature};
use crate::entry::{Entry, Kind, Signed, decode_blobs, encode_blobs};
use crate::id::{BlobHash, DeviceId, EntryId, Inc, LogId, OrgId, SpaceId, sha256};
use crate::limits;
use crate::time::Hlc;

/// Why a packet from outside is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadRun {
    /// Not a packet, or a limit is broken.
    #[error("malformed packet: {0}")]
    Form(#[from] Malformed),
    /// The signer is not known (yet).
    #[error("the signer is not known")]
    UnknownDevice(DeviceId),
    /// A signature does not verify.
    #[error("{0}")]
    Signature(#[from] BadSignature),
    /// A signature is missing at the end, or stands where none belongs.
    #[error("signatures do not stand where they belong")]
    SignaturePlace,
    /// A Genesis of another organisation.
    #[error("belongs to another organisation")]
    Organisation,
    /// A blob in the packet is none of its entries'.
    #[error("a blob does not belong to the run")]
    Blob,
}

/// The keys against which signatures are checked.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The organisation: part of everything signed.
    pub org: OrgId,
    /// Public keys of the root and of every device ever enrolled, also of those removed since.
    pub devices: BTreeMap<DeviceId, VerifyingKey>,
}

/// A run that is well-formed, linked and signed. Can only be made by [`check_run`] or from own entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    entries: Vec<Signed>,
}

/// A run with blobs that travel beside it; every blob belongs to an entry of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The entries.
    pub run: Run,
    /// Ciphertexts by their hash.
    pub blobs: BTreeMap<BlobHash, Vec<u8>>,
}

/// Whether a signature is kept at this position besides the last one.
pub fn is_checkpoint(seq: u64) -> bool {
    seq % limits::RUN_ENTRIES_MAX as u64 == limits::RUN_ENTRIES_MAX as u64 - 1
}

impl Run {
    /// A run of one entry that this device has just signed.
    pub fn own(signed: Signed) -> Self {
        Self { entries: vec![signed] }
    }

    /// Cuts and joins checked entries of one log into a run; `None` if they are not consecutive or do not end at a
    /// signature. Signatures that no longer have a place are dropped.
    pub fn join(entries: Vec<Signed>) -> Option<Self> {
        let linked = entries.windows(2).all(|pair| match pair {
            [a, b] => b.entry.prev == Some(a.id) && a.entry.log() == b.entry.log() && a.entry.space == b.entry.space,
            _ => true,
        });
        entries.last()?.signature?;
        (linked && entries.len() <= limits::RUN_ENTRIES_MAX).then_some(Self { entries })
    }

    /// The entries, oldest first; never empty.
    pub fn entries(&self) -> &[Signed] {
        &self.entries
    }

    /// Gives the entries away.
    pub fn into_entries(self) -> Vec<Signed> {
        self.entries
    }

    /// The space, if there is any entry.
    pub fn space(&self) -> SpaceId {
        self.entries.first().map_or(SpaceId([0; 16]), |it| it.entry.space)
    }

    /// The log.
    pub fn log(&self) -> LogId {
        self.entries.first().map_or(LogId { device: DeviceId([0; 16]), inc: Inc([0; 8]) }, |it| it.entry.log())
    }

    /// First and last position.
    pub fn range(&self) -> (u64, u64) {
        let seq = |it: Option<&Signed>| it.map_or(0, |it| it.entry.seq);
        (seq(self.entries.first()), seq(self.entries.last()))
    }

    fn encode(&self, enc: &mut Enc) {
        let Some(first) = self.entries.first() else {
            enc.null();
            return;
        };
        let mut epochs: Vec<EntryId> = Vec::new();
        for epoch in self.entries.iter().filter_map(|it| it.entry.epoch) {
            if !epochs.contains(&epoch) {
                epochs.push(epoch);
            }
        }
        let head = &first.entry;
        enc.array(9).bytes(&head.device.0).bytes(&head.space.0).bytes(&head.inc.0).u64(head.seq);
        match &head.prev {
            Some(prev) => enc.bytes(&prev.0),
            None => enc.null(),
        };
        enc.u64(head.hlc.ms).array(epochs.len() as u64);
        for epoch in &epochs {
            enc.bytes(&epoch.0);
        }
        enc.array(self.entries.len() as u64);
        let mut last_ms = head.hlc.ms;
        for signed in &self.entries {
            let index = signed.entry.epoch.and_then(|epoch| epochs.iter().position(|it| *it == epoch));
            encode_item(enc, &signed.entry, last_ms, index);
            last_ms = signed.entry.hlc.ms;
        }
        self.encode_signatures(enc);
    }

    fn encode_signatures(&self, enc: &mut Enc) {
        let last = self.entries.len().saturating_sub(1);
        let kept: Vec<(usize, &[u8; 64])> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(at, it)| *at == last || is_checkpoint(it.entry.seq))
            .filter_map(|(at, it)| it.signature.as_ref().map(|signature| (at, signature)))
            .collect();
        enc.array(kept.len() as u64);
        for (at, signature) in kept {
            enc.array(2).u64(at as u64).bytes(signature);
        }
    }
}

fn encode_item(enc: &mut Enc, entry: &Entry, last_ms: u64, epoch: Option<usize>) {
    enc.array(7).u64(entry.hlc.ms.saturating_sub(last_ms)).u64(u64::from(entry.hlc.ctr)).u64(entry.kind.number());
    enc.u64(epoch.map_or(0, |index| index as u64 + 1)).array(entry.seen.len() as u64);
    for seen in &entry.seen {
        enc.bytes(&seen.0);
    }
    enc.bytes(&entry.body);
    encode_blobs(enc, &entry.blobs);
}

/// The head of a run: what all its entries share.
struct Head {
    device: DeviceId,
    space: SpaceId,
    inc: Inc,
    seq: u64,
    prev: Option<EntryId>,
    hlc_ms: u64,
    epochs: Vec<EntryId>,
}

fn decode_head(dec: &mut Dec<'_>) -> Result<Head, Malformed> {
    if dec.array(9)? != 9 {
        return Err(Malformed::Unexpected);
    }
    Ok(Head {
        device: DeviceId(dec.array_of()?),
        space: SpaceId(dec.array_of()?),
        inc: Inc(dec.array_of()?),
        seq: dec.u64()?,
        prev: if dec.null()? { None } else { Some(EntryId(dec.array_of()?)) },
        hlc_ms: dec.u64()?,
        epochs: dec.arrays(limits::RUN_ENTRIES_MAX)?.into_iter().map(EntryId).collect(),
    })
}

/// Reads the entries and links them by their hashes; signatures are not looked at yet.
fn decode_entries(org: &OrgId, dec: &mut Dec<'_>, head: &Head) -> Result<Vec<Signed>, Malformed> {
    let len = dec.array(limits::RUN_ENTRIES_MAX)?;
    let mut entries: Vec<Signed> = Vec::with_capacity(len);
    let (mut prev, mut last) = (head.prev, Hlc { ms: head.hlc_ms, ctr: 0 });
    for at in 0..len as u64 {
        let seq = head.seq.checked_add(at).ok_or(Malformed::OverLimit)?;
        let entry = decode_item(dec, head, (seq, prev, last.ms))?;
        if at > 0 && entry.hlc <= last {
            return Err(Malformed::Unexpected);
        }
        entry.check_form()?;
        // Its signed bytes do not name the space, so whoever passes it on could.
        if entry.is_genesis() && entry.space != SpaceId::organisation(org) {
            return Err(Malformed::Unexpected);
        }
        let id = EntryId(sha256(&[&entry.sig_structure(org)]));
        (prev, last) = (Some(id), entry.hlc);
        entries.push(Signed { entry, id, signature: None });
    }
    if entries.is_empty() { Err(Malformed::Unexpected) } else { Ok(entries) }
}

fn decode_item(
    dec: &mut Dec<'_>,
    head: &Head,
    (seq, prev, last_ms): (u64, Option<EntryId>, u64),
) -> Result<Entry, Malformed> {
    if dec.array(7)? != 7 {
        return Err(Malformed::Unexpected);
    }
    let hlc = Hlc { ms: last_ms.checked_add(dec.u64()?).ok_or(Malformed::OverLimit)?, ctr: dec.u32()? };
    let kind = Kind::from_number(dec.u64()?);
    let epoch = match dec.u32()?.checked_sub(1) {
        None => None,
        Some(index) => Some(*head.epochs.get(index as usize).ok_or(Malformed::Unexpected)?),
    };
    Ok(Entry {
        device: head.device,
        space: head.space,
        inc: head.inc,
        seq,
        prev,
        seen: dec.arrays(limits::SEEN_MAX)?.into_iter().map(EntryId).collect(),
        hlc,
        kind,
        epoch,
        body: dec.bytes(limits::BODY_BYTES_MAX)?.to_vec(),
        blobs: decode_blobs(dec)?,
    })
}

impl Packet {
    /// A packet without blobs.
    pub fn of(run: Run) -> Self {
        Self { run, blobs: BTreeMap::new() }
    }

    /// Encodes the packet.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(2);
        self.run.encode(&mut enc);
        enc.array(self.blobs.len() as u64);
        for blob in self.blobs.values() {
            enc.bytes(blob);
        }
        enc.finish()
    }

    /// One packet, one encoding: epochs in the order of their use, the clock from the first entry, blobs ascending.
    fn check_encoding(self, bytes: &[u8]) -> Result<Self, BadRun> {
        if self.encode() == bytes { Ok(self) } else { Err(Malformed::NotDeterministic.into()) }
    }
}

/// Who signed a packet and where it belongs, read without checking anything: to find the keys or to count a refusal.
///
/// # Errors
/// If not even the head can be read.
pub fn peek(bytes: &[u8]) -> Result<(LogId, SpaceId), Malformed> {
    let mut dec = Dec::new(bytes);
    if dec.array(2)? != 2 {
        return Err(Malformed::Unexpected);
    }
    let head = decode_head(&mut dec)?;
    Ok((LogId { device: head.device, inc: head.inc }, head.space))
}

/// Reads a packet from outside and checks everything that can be checked without knowing the replica: form, links,
/// signatures and blob hashes. Pure; may run on any thread.
///
/// # Errors
/// [`BadRun`]; nothing of a refused packet may be used.
pub fn check_run(keys: &Keys, bytes: &[u8]) -> Result<Packet, BadRun> {
    let (mut entries, signatures, blobs) = decode_packet(&keys.org, bytes)?;
    let signer = entries.first().map(|it| it.entry.device).ok_or(Malformed::Unexpected)?;
    let key = keys.devices.get(&signer).ok_or(BadRun::UnknownDevice(signer))?;
    if entries.first().is_some_and(|it| it.entry.is_genesis() && !it.id.0.starts_with(&keys.org.0)) {
        return Err(BadRun::Organisation);
    }
    check_signatures(&keys.org, key, &mut entries, signatures)?;
    let packet = Packet { blobs: match_blobs(&entries, blobs)?, run: Run { entries } };
    packet.check_encoding(bytes)
}

/// Reads back a packet that this device stored after checking it; signatures are taken as checked. The caller's
/// storage has authenticated the bytes.
///
/// # Errors
/// Form only.
pub fn trusted_run(org: &OrgId, bytes: &[u8]) -> Result<Packet, BadRun> {
    let (mut entries, signatures, blobs) = decode_packet(org, bytes)?;
    for (at, signature) in signatures {
        let signed = entries.get_mut(at).ok_or(BadRun::SignaturePlace)?;
        signed.signature = Some(signature);
    }
    let packet = Packet { blobs: match_blobs(&entries, blobs)?, run: Run { entries } };
    packet.check_encoding(bytes)
}

type Decoded<'b> = (Vec<Signed>, Vec<(usize, [u8; 64])>, Vec<&'b [u8]>);

fn decode_packet<'b>(org: &OrgId, bytes: &'b [u8]) -> Result<Decoded<'b>, Malformed> {
    if bytes.len() > limits::PACKET_BYTES_MAX {
        return Err(Malformed::OverLimit);
    }
    let mut dec = Dec::new(bytes);
    if dec.array(2)? != 2 {
        return Err(Malformed::Unexpected);
    }
    let head = decode_head(&mut dec)?;
    let entries = decode_entries(org, &mut dec, &head)?;
    let len = dec.array(limits::RUN_ENTRIES_MAX)?;
    let signatures = (0..len)
        .map(|_| match dec.array(2)? {
            2 => Ok((dec.u32()? as usize, dec.array_of()?)),
            _ => Err(Malformed::Unexpected),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let len = dec.array(limits::RUN_ENTRIES_MAX * limits::BLOBS_MAX)?;
    let blobs = (0..len).map(|_| dec.bytes(limits::BLOB_BYTES_MAX as usize)).collect::<Result<Vec<_>, _>>()?;
    dec.end()?;
    Ok((entries, signatures, blobs))
}

fn check_signatures(
    org: &OrgId,
    key: &VerifyingKey,
    entries: &mut [Signed],
    signatures: Vec<(usize, [u8; 64])>,
) -> Result<(), BadRun> {
    let last = entries.len().saturating_sub(1);
    if signatures.last().is_none_or(|(at, _)| *at != last) {
        return Err(BadRun::SignaturePlace);
    }
    if !signatures.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a < b)) {
        return Err(BadRun::SignaturePlace);
    }
    for (at, signature) in signatures {
        let signed = entries.get_mut(at).ok_or(BadRun::SignaturePlace)?;
        if at != last && !is_checkpoint(signed.entry.seq) {
            return Err(BadRun::SignaturePlace);
        }
        cose::verify_strict(key, &signed.entry.sig_structure(org), &signature)?;
        signed.signature = Some(signature);
    }
    Ok(())
}

fn match_blobs(entries: &[Signed], blobs: Vec<&[u8]>) -> Result<BTreeMap<BlobHash, Vec<u8>>, BadRun> {
    let mut matched = BTreeMap::new();
    let named: BTreeMap<BlobHash, u32> = if blobs.is_empty() {
        BTreeMap::new()
    } else {
        entries.iter().flat_map(|it| &it.entry.blobs).map(|it| (it.hash, it.size)).collect()
    };
    for blob in blobs {
        let hash = BlobHash::of(blob);
        if named.get(&hash).is_none_or(|size| *size as usize != blob.len()) {
            return Err(BadRun::Blob);
        }
        matched.insert(hash, blob.to_vec());
    }
    Ok(matched)
}

#[cfg(test)]
mod tests;
