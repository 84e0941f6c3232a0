//! An entry: one signed, hash-linked step of one device's log in one space.
//!
//! The form is fixed: `docs/src/protocol.md` has the CDDL. What an entry says is in its body, which other modules read.

use ed25519_dalek::SigningKey;

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::cose::{self, Domain};
use crate::id::{BlobHash, DeviceId, EntryId, Inc, LogId, OrgId, SpaceId, sha256};
use crate::limits;
use crate::time::Hlc;

/// What an entry is; the number is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 0: a record of a timeline, sealed.
    Step,
    /// 1: a new key of the space.
    Epoch,
    /// 2: existing keys for one device.
    Grant,
    /// 3: blobs that every honest holder drops.
    Forget,
    /// 4: an administrative act: of the authority (clear, in the organisation space) or of a roster (sealed).
    Act,
    /// 5: the last accepted positions of a removed device or person.
    Cut,
    /// 6: no body; brings more than 16 heads down.
    Merge,
    /// A kind of a newer Artel: stored and forwarded, never interpreted.
    Unknown(u64),
}

impl Kind {
    /// The number on the wire.
    pub fn number(self) -> u64 {
        match self {
            Self::Step => 0,
            Self::Epoch => 1,
            Self::Grant => 2,
            Self::Forget => 3,
            Self::Act => 4,
            Self::Cut => 5,
            Self::Merge => 6,
            Self::Unknown(number) => number,
        }
    }

    /// The kind with that number.
    pub fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Step,
            1 => Self::Epoch,
            2 => Self::Grant,
            3 => Self::Forget,
            4 => Self::Act,
            5 => Self::Cut,
            6 => Self::Merge,
            other => Self::Unknown(other),
        }
    }
}

/// A sealed body that travels beside its entry and can be dropped without breaking the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobRef {
    /// Hash of the ciphertext.
    pub hash: BlobHash,
    /// Length of the ciphertext in bytes.
    pub size: u32,
}

impl BlobRef {
    /// Names these bytes.
    pub fn of(blob: &[u8]) -> Self {
        Self { hash: BlobHash::of(blob), size: u32::try_from(blob.len()).unwrap_or(u32::MAX) }
    }
}

/// The fields of an entry. See `docs/src/protocol.md` for their numbers and rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who signs: the `kid`.
    pub device: DeviceId,
    /// Where it belongs. For a Genesis this is the organisation space, although the signed bytes hold zeros.
    pub space: SpaceId,
    /// Which incarnation of the device's log.
    pub inc: Inc,
    /// Position in the log, from 0.
    pub seq: u64,
    /// The entry before it in the same log; absent at 0.
    pub prev: Option<EntryId>,
    /// Maximal entries of other logs that are not implied by `prev`; ascending, at most 16.
    pub seen: Vec<EntryId>,
    /// When, by the hybrid logical clock; strictly ascending within a log.
    pub hlc: Hlc,
    /// What it is.
    pub kind: Kind,
    /// The key under which anything here is sealed.
    pub epoch: Option<EntryId>,
    /// nonce ‖ ciphertext, or clear CBOR; empty for merges.
    pub body: Vec<u8>,
    /// Bodies beside it.
    pub blobs: Vec<BlobRef>,
}

/// An entry with its id and, where one is kept, its checked signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The fields.
    pub entry: Entry,
    /// SHA-256 of the Sig_structure.
    pub id: EntryId,
    /// Present where it was carried and verified, see [`crate::run`].
    pub signature: Option<[u8; 64]>,
}

impl Entry {
    /// The log it belongs to.
    pub fn log(&self) -> LogId {
        LogId { device: self.device, inc: self.inc }
    }

    /// Whether this is the first act of an organisation, which alone is signed without naming it. It is clear: the nonce
    /// of a sealed act, which names its epoch, may begin with any bytes.
    pub fn is_genesis(&self) -> bool {
        let first = self.seq == 0 && self.prev.is_none() && self.kind == Kind::Act && self.epoch.is_none();
        first && self.body.starts_with(&[0xa2, 0x01, 0x01])
    }

    /// The deterministic CBOR that is signed.
    pub fn payload(&self) -> Vec<u8> {
        let optional = [
            self.prev.is_some(),
            !self.seen.is_empty(),
            self.epoch.is_some(),
            !self.body.is_empty(),
            !self.blobs.is_empty(),
        ];
        let space = if self.is_genesis() { SpaceId([0; 16]) } else { self.space };
        let mut enc = Enc::new();
        enc.map(5 + optional.iter().filter(|it| **it).count() as u64);
        enc.u64(1).bytes(&space.0).u64(2).bytes(&self.inc.0).u64(3).u64(self.seq);
        if let Some(prev) = &self.prev {
            enc.u64(4).bytes(&prev.0);
        }
        if !self.seen.is_empty() {
            enc.u64(5).array(self.seen.len() as u64);
            for seen in &self.seen {
                enc.bytes(&seen.0);
            }
        }
        enc.u64(6).array(2).u64(self.hlc.ms).u64(u64::from(self.hlc.ctr));
        enc.u64(7).u64(self.kind.number());
        if let Some(epoch) = &self.epoch {
            enc.u64(8).bytes(&epoch.0);
        }
        if !self.body.is_empty() {
            enc.u64(9).bytes(&self.body);
        }
        if !self.blobs.is_empty() {
            enc.u64(10);
            encode_blobs(&mut enc, &self.blobs);
        }
        enc.finish()
    }

    /// The Sig_structure: its SHA-256 is the id, and it is what the device signs.
    pub fn sig_structure(&self, org: &OrgId) -> Vec<u8> {
        let aad: &[u8] = if self.is_genesis() { &[] } else { &org.0 };
        cose::sig_structure(&cose::protected(Domain::Entry, &self.device), aad, &self.payload())
    }

    /// The id of the entry in the organisation.
    pub fn id(&self, org: &OrgId) -> EntryId {
        EntryId(sha256(&[&self.sig_structure(org)]))
    }

    /// Signs the entry with the key of [`Self::device`].
    pub fn sign(self, org: &OrgId, key: &SigningKey) -> Signed {
        let message = self.sig_structure(org);
        Signed { id: EntryId(sha256(&[&message])), signature: Some(cose::sign(key, &message)), entry: self }
    }

    /// What a sealed body is bound to: the signer and fields 1 to 8, `null` where absent.
    pub fn seal_aad(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(9).bytes(&self.device.0).bytes(&self.space.0).bytes(&self.inc.0).u64(self.seq);
        match &self.prev {
            Some(prev) => enc.bytes(&prev.0),
            None => enc.null(),
        };
        if self.seen.is_empty() {
            enc.null();
        } else {
            enc.array(self.seen.len() as u64);
            for seen in &self.seen {
                enc.bytes(&seen.0);
            }
        }
        enc.array(2).u64(self.hlc.ms).u64(u64::from(self.hlc.ctr)).u64(self.kind.number());
        match &self.epoch {
            Some(epoch) => enc.bytes(&epoch.0),
            None => enc.null(),
        };
        enc.finish()
    }

    /// Whether every bound of [`limits`] holds, and the fields fit each other.
    ///
    /// # Errors
    /// [`Malformed::OverLimit`] for sizes, [`Malformed::Unexpected`] for fields that contradict each other.
    pub fn check_form(&self) -> Result<(), Malformed> {
        let sizes = self.seen.len() <= limits::SEEN_MAX
            && self.blobs.len() <= limits::BLOBS_MAX
            && self.body.len() <= limits::BODY_BYTES_MAX
            && self.seq < (1 << 40)
            && self.blobs.iter().all(|it| it.size <= limits::BLOB_BYTES_MAX);
        if !sizes {
            return Err(Malformed::OverLimit);
        }
        let ordered = self.seen.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let linked = (self.seq == 0) == self.prev.is_none();
        let bodied = self.body.is_empty() == (self.kind == Kind::Merge) || matches!(self.kind, Kind::Unknown(_));
        let keyed = self.kind != Kind::Step || self.epoch.is_some();
        if ordered && linked && bodied && keyed { Ok(()) } else { Err(Malformed::Unexpected) }
    }

    /// Reads a payload, as shown in a fork proof or an export.
    ///
    /// # Errors
    /// Anything but the deterministic encoding of a well-formed entry.
    pub fn from_payload(device: DeviceId, org: &OrgId, payload: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(payload);
        let mut fields = Fields::open(&mut dec, 10)?;
        let mut entry = Self {
            device,
            space: SpaceId([0; 16]),
            inc: Inc([0; 8]),
            seq: 0,
            prev: None,
            seen: Vec::new(),
            hlc: Hlc::default(),
            kind: Kind::Merge,
            epoch: None,
            body: Vec::new(),
            blobs: Vec::new(),
        };
        while let Some(key) = fields.key(&mut dec)? {
            entry.read_field(&mut dec, key)?;
        }
        dec.end()?;
        if entry.is_genesis() {
            entry.space = SpaceId::organisation(org);
        }
        entry.check_form()?;
        if entry.payload() == payload { Ok(entry) } else { Err(Malformed::NotDeterministic) }
    }

    fn read_field(&mut self, dec: &mut Dec<'_>, key: u64) -> Result<(), Malformed> {
        match key {
            1 => self.space = SpaceId(dec.array_of()?),
            2 => self.inc = Inc(dec.array_of()?),
            3 => self.seq = dec.u64()?,
            4 => self.prev = Some(EntryId(dec.array_of()?)),
            5 => self.seen = dec.arrays(limits::SEEN_MAX)?.into_iter().map(EntryId).collect(),
            6 => {
                if dec.array(2)? != 2 {
                    return Err(Malformed::Unexpected);
                }
                self.hlc = Hlc { ms: dec.u64()?, ctr: dec.u32()? };
            }
            7 => self.kind = Kind::from_number(dec.u64()?),
            8 => self.epoch = Some(EntryId(dec.array_of()?)),
            9 => self.body = dec.bytes(limits::BODY_BYTES_MAX)?.to_vec(),
            10 => self.blobs = decode_blobs(dec)?,
            _ => return Err(Malformed::Unexpected),
        }
        Ok(())
    }
}

/// Writes `[* [hash, size]]`.
pub(crate) fn encode_blobs(enc: &mut Enc, blobs: &[BlobRef]) {
    enc.array(blobs.len() as u64);
    for blob in blobs {
        enc.array(2).bytes(&blob.hash.0).u64(u64::from(blob.size));
    }
}

/// Reads `[* [hash, size]]`.
pub(crate) fn decode_blobs(dec: &mut Dec<'_>) -> Result<Vec<BlobRef>, Malformed> {
    let len = dec.array(limits::BLOBS_MAX)?;
    (0..len)
        .map(|_| match dec.array(2)? {
            2 => Ok(BlobRef { hash: BlobHash(dec.array_of()?), size: dec.u32()? }),
            _ => Err(Malformed::Unexpected),
        })
        .collect()
}
