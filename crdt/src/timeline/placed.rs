//! A record with its place: what a store keeps of every opened step.

use crate::cbor::{Dec, Enc, Malformed};
use crate::entry::{BlobRef, Signed, decode_blobs, encode_blobs};
use crate::id::{DeviceId, EntryId, Inc, LogId, SpaceId};
use crate::limits;
use crate::time::Hlc;

use super::record::{BadRecord, Record};

/// The place of a record in its timeline, the same on every replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    /// When, by the clock of its writer.
    pub hlc: Hlc,
    /// Who wrote it.
    pub device: DeviceId,
    /// Position in the writer's log.
    pub seq: u64,
}

impl Order {
    /// Before everything.
    pub const FIRST: Self = Self { hlc: Hlc { ms: 0, ctr: 0 }, device: DeviceId([0; 16]), seq: 0 };

    /// Length of [`Self::to_key`] in bytes.
    pub const KEY_SIZE: usize = 36;

    /// Big-endian bytes: they compare as the orders do.
    pub fn to_key(&self) -> [u8; Self::KEY_SIZE] {
        let mut key = [0; Self::KEY_SIZE];
        let parts = self.hlc.ms.to_be_bytes().into_iter().chain(self.hlc.ctr.to_be_bytes());
        let parts = parts.chain(self.device.0).chain(self.seq.to_be_bytes());
        key.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        key
    }

    /// The inverse of [`Self::to_key`]; `None` for another length.
    pub fn from_key(key: &[u8]) -> Option<Self> {
        let (ms, key) = key.split_first_chunk::<8>()?;
        let (ctr, key) = key.split_first_chunk::<4>()?;
        let (device, seq) = key.split_first_chunk::<16>()?;
        Some(Self {
            hlc: Hlc { ms: u64::from_be_bytes(*ms), ctr: u32::from_be_bytes(*ctr) },
            device: DeviceId(*device),
            seq: u64::from_be_bytes(seq.try_into().ok()?),
        })
    }
}

/// An opened step. Two records share an [`Order`] only where a device cheated or was cloned; then the id decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its place.
    pub order: Order,
    /// The entry it came in.
    pub id: EntryId,
    /// Where.
    pub space: SpaceId,
    /// Incarnation of the writer's log.
    pub inc: Inc,
    /// The key under which it and its blobs are sealed; names the segment.
    pub epoch: EntryId,
    /// Blobs beside the entry.
    pub blobs: Vec<BlobRef>,
    /// The content, or why it is hidden; at all replicas alike.
    pub record: Result<Record, BadRecord>,
}

impl Placed {
    /// Reads an opened step. What cannot be opened by its own epoch's key is given as empty plaintext. Nothing is lost:
    /// bad content is a hidden record at its place.
    pub fn from_step(signed: &Signed, plaintext: &[u8]) -> Self {
        let entry = &signed.entry;
        Self {
            order: Order { hlc: entry.hlc, device: entry.device, seq: entry.seq },
            id: signed.id,
            space: entry.space,
            inc: entry.inc,
            // Admission refuses steps without an epoch.
            epoch: entry.epoch.unwrap_or(EntryId([0; 32])),
            blobs: entry.blobs.clone(),
            record: Record::decode(plaintext, entry.blobs.len()),
        }
    }

    /// The log it belongs to.
    pub fn log(&self) -> LogId {
        LogId { device: self.order.device, inc: self.inc }
    }

    /// Order and id: unique, and what rows are sorted by.
    pub fn place(&self) -> (Order, EntryId) {
        (self.order, self.id)
    }

    /// What it is a note about; `None` if it is a row of its own. Stores keep notes by this id, see [`super::notes_of`].
    pub fn note_target(&self) -> Option<EntryId> {
        self.record.as_ref().ok()?.note_target()
    }

    /// The blob with its text.
    pub fn text(&self) -> Option<BlobRef> {
        self.blob(self.record.as_ref().ok()?.text?)
    }

    /// The blobs that describe its files.
    pub fn files(&self) -> Vec<BlobRef> {
        let files = self.record.as_ref().map_or(&[] as &[u8], |it| &it.files);
        files.iter().filter_map(|it| self.blob(*it)).collect()
    }

    fn blob(&self, index: u8) -> Option<BlobRef> {
        self.blobs.get(usize::from(index)).copied()
    }

    /// Deterministic CBOR for stores and segments.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(9).bytes(&self.space.0).bytes(&self.order.device.0).bytes(&self.inc.0).u64(self.order.seq);
        enc.array(2).u64(self.order.hlc.ms).u64(u64::from(self.order.hlc.ctr));
        enc.bytes(&self.id.0).bytes(&self.epoch.0);
        encode_blobs(&mut enc, &self.blobs);
        match &self.record {
            Ok(record) => enc.bytes(&record.encode()),
            Err(why) => enc.u64(why.number()),
        };
        enc.finish()
    }

    /// The inverse of [`Self::encode`].
    ///
    /// # Errors
    /// Anything else, as from a damaged store.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(bytes);
        if dec.array(9)? != 9 {
            return Err(Malformed::Unexpected);
        }
        let space = SpaceId(dec.array_of()?);
        let device = DeviceId(dec.array_of()?);
        let inc = Inc(dec.array_of()?);
        let seq = dec.u64()?;
        if dec.array(2)? != 2 {
            return Err(Malformed::Unexpected);
        }
        let hlc = Hlc { ms: dec.u64()?, ctr: dec.u32()? };
        let id = EntryId(dec.array_of()?);
        let epoch = EntryId(dec.array_of()?);
        let blobs = decode_blobs(&mut dec)?;
        let record = match dec.peek() {
            Some(minicbor::data::Type::Bytes) => {
                let bytes = dec.bytes(limits::BODY_BYTES_MAX)?;
                Ok(Record::decode(bytes, blobs.len()).map_err(|_| Malformed::Unexpected)?)
            }
            _ => Err(BadRecord::from_number(dec.u64()?).ok_or(Malformed::Unexpected)?),
        };
        dec.end()?;
        Ok(Self { order: Order { hlc, device, seq }, id, space, inc, epoch, blobs, record })
    }
}

#[cfg(test)]
mod tests;
