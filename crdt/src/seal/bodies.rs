//! Clear bodies of entries: epochs, grants, forget entries and cuts.

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::entry::{BlobRef, Entry, Kind};
use crate::id::{DeviceId, EntryId, Inc, LogId, SealKeyId};
use crate::limits;
use crate::seal::{BadEpoch, CannotOpen, Commit, Key, SealContext, SealingKey, Stanza, Wrap, ascending};
use crate::time::Timestamp;

/// The one suite: X25519, ChaCha20-Poly1305, SHA-256.
pub const SUITE: u64 = 1;

/// Why an epoch was opened; a hint for people, nothing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// 0: the first of its space, or the first its author can open.
    First,
    /// 1: somebody may no longer read.
    Removal,
    /// 2: somebody came to a space whose newcomers read nothing older.
    Joined,
    /// 3: the epoch before it was old or full.
    Age,
    /// 4: several epochs stood side by side and none fitted.
    Merge,
    /// A reason of a newer Artel.
    Unknown(u64),
}

impl Reason {
    /// The number on the wire.
    pub fn number(self) -> u64 {
        match self {
            Self::First => 0,
            Self::Removal => 1,
            Self::Joined => 2,
            Self::Age => 3,
            Self::Merge => 4,
            Self::Unknown(number) => number,
        }
    }

    /// The reason with that number.
    pub fn from_number(number: u64) -> Self {
        match number {
            0 => Self::First,
            1 => Self::Removal,
            2 => Self::Joined,
            3 => Self::Age,
            4 => Self::Merge,
            other => Self::Unknown(other),
        }
    }
}

/// The body of an epoch: how its key reaches its readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochBody {
    /// All heads of the space's epochs that the author knew; ascending, at most 16.
    pub prev: Vec<EntryId>,
    /// Heads of the authority from which the recipients were computed; ascending, at most 16.
    pub auth_heads: Vec<EntryId>,
    /// Commitment to the key.
    pub commit: Commit,
    /// Why it was opened.
    pub reason: Reason,
    /// Index of the blob with the stanzas: every audience and private space, and guests of a public channel.
    pub stanzas_blob: Option<usize>,
    /// The key under the audience's: public channels.
    pub audience: Option<Wrap>,
    /// Older keys under this one, where history is shared; ascending by epoch, at most 16.
    pub wraps: Vec<Wrap>,
    /// Index of the blob with the sealed roster: private spaces.
    pub roster_blob: Option<usize>,
}

impl EpochBody {
    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let optional =
            [self.stanzas_blob.is_some(), self.audience.is_some(), !self.wraps.is_empty(), self.roster_blob.is_some()];
        let mut enc = Enc::new();
        enc.map(5 + optional.iter().filter(|it| **it).count() as u64);
        encode_ids(enc.u64(1), &self.prev);
        encode_ids(enc.u64(2), &self.auth_heads);
        enc.u64(3).bytes(&self.commit.0).u64(4).u64(SUITE).u64(5).u64(self.reason.number());
        if let Some(index) = self.stanzas_blob {
            enc.u64(6).u64(index as u64);
        }
        if let Some(audience) = &self.audience {
            encode_wrap(enc.u64(7), audience);
        }
        if !self.wraps.is_empty() {
            enc.u64(8).array(self.wraps.len() as u64);
            for wrap in &self.wraps {
                encode_wrap(&mut enc, wrap);
            }
        }
        if let Some(index) = self.roster_blob {
            enc.u64(9).u64(index as u64);
        }
        enc.finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`BadEpoch::Suite`] for a suite of a newer Artel, [`BadEpoch::Form`] for anything but the deterministic form, and
    /// for an epoch that reaches nobody.
    pub fn decode(body: &[u8]) -> Result<Self, BadEpoch> {
        let mut dec = Dec::new(body);
        let mut fields = Fields::open(&mut dec, 9)?;
        let mut commit = None;
        let (mut seen, mut epoch) = (0u64, Self::empty());
        while let Some(key) = fields.key(&mut dec)? {
            seen += 1;
            match key {
                1 => epoch.prev = decode_ids(&mut dec)?,
                2 => epoch.auth_heads = decode_ids(&mut dec)?,
                3 => commit = Some(Commit(dec.array_of()?)),
                4 => match dec.u64()? {
                    SUITE => {}
                    other => return Err(BadEpoch::Suite(other)),
                },
                5 => epoch.reason = Reason::from_number(dec.u64()?),
                6 => epoch.stanzas_blob = Some(decode_index(&mut dec)?),
                7 => epoch.audience = Some(decode_wrap(&mut dec)?),
                8 => epoch.wraps = decode_wraps(&mut dec)?,
                9 => epoch.roster_blob = Some(decode_index(&mut dec)?),
                _ => return Err(Malformed::Unexpected.into()),
            }
            // Fields 1 to 5 are always there, and keys ascend.
            if key != seen && seen <= 5 {
                return Err(Malformed::Unexpected.into());
            }
        }
        dec.end()?;
        epoch.commit = commit.filter(|_| 5 <= seen).ok_or(Malformed::Unexpected)?;
        let reaches = epoch.stanzas_blob.is_some() || epoch.audience.is_some();
        let distinct = epoch.roster_blob.is_none() || epoch.roster_blob != epoch.stanzas_blob;
        if reaches && distinct { Ok(epoch) } else { Err(Malformed::Unexpected.into()) }
    }

    /// Reads the body of an epoch entry and checks that the blobs it names are there.
    ///
    /// # Errors
    /// As [`Self::decode`]; [`BadEpoch::Kind`] and [`BadEpoch::Blob`].
    pub fn of(entry: &Entry) -> Result<Self, BadEpoch> {
        if entry.kind != Kind::Epoch {
            return Err(BadEpoch::Kind);
        }
        let body = Self::decode(&entry.body)?;
        let present = |index: Option<usize>| index.is_none_or(|it| it < entry.blobs.len());
        if present(body.stanzas_blob) && present(body.roster_blob) { Ok(body) } else { Err(BadEpoch::Blob) }
    }

    /// The stanza blob among the entry's blobs.
    pub fn stanzas(&self, entry: &Entry) -> Option<BlobRef> {
        self.stanzas_blob.and_then(|it| entry.blobs.get(it)).copied()
    }

    /// The roster blob among the entry's blobs.
    pub fn roster(&self, entry: &Entry) -> Option<BlobRef> {
        self.roster_blob.and_then(|it| entry.blobs.get(it)).copied()
    }

    fn empty() -> Self {
        Self {
            prev: Vec::new(),
            auth_heads: Vec::new(),
            commit: Commit([0; 32]),
            reason: Reason::First,
            stanzas_blob: None,
            audience: None,
            wraps: Vec::new(),
            roster_blob: None,
        }
    }
}

/// Existing keys for one device: a late joiner, a new device, somebody admitted on the other side of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The keys, each sealed as in a stanza with the grant's author and heads; ascending by epoch, 1 to 256.
    pub keys: Vec<(EntryId, [u8; Stanza::CT_BYTES])>,
    /// Heads of the authority by which the device may read; ascending, at most 16.
    pub auth_heads: Vec<EntryId>,
    /// For whom.
    pub device: DeviceId,
    /// To which of the device's sealing keys.
    pub seal_key_id: SealKeyId,
}

impl Grant {
    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.map(4).u64(1).array(self.keys.len() as u64);
        for (epoch, ct) in &self.keys {
            enc.array(2).bytes(&epoch.0).bytes(ct);
        }
        encode_ids(enc.u64(2), &self.auth_heads);
        enc.u64(3).bytes(&self.device.0).u64(4).bytes(&self.seal_key_id.0);
        enc.finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// Anything but the deterministic form of 1 to 256 keys, ascending by epoch.
    pub fn decode(body: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(body);
        expect(dec.map(4)?, 4)?;
        expect(dec.u64()?, 1)?;
        let len = dec.array(limits::GRANT_KEYS_MAX)?;
        let keys = (0..len)
            .map(|_| {
                expect(dec.array(2)?, 2)?;
                Ok((EntryId(dec.array_of()?), dec.array_of()?))
            })
            .collect::<Result<Vec<_>, Malformed>>()?;
        ascending(&keys.iter().map(|it| it.0).collect::<Vec<_>>())?;
        expect(dec.u64()?, 2)?;
        let auth_heads = decode_ids(&mut dec)?;
        expect(dec.u64()?, 3)?;
        let device = DeviceId(dec.array_of()?);
        expect(dec.u64()?, 4)?;
        let seal_key_id = SealKeyId(dec.array_of()?);
        dec.end()?;
        if keys.is_empty() { Err(Malformed::Unexpected) } else { Ok(Self { keys, auth_heads, device, seal_key_id }) }
    }

    /// Opens one key of the grant.
    ///
    /// # Errors
    /// As [`Stanza::open`].
    pub fn open(
        &self,
        epoch: &EntryId,
        context: &SealContext<'_>,
        device: &DeviceId,
        own: &SealingKey,
    ) -> Result<Key, CannotOpen> {
        let (_, ct) = self.keys.iter().find(|it| it.0 == *epoch).ok_or(CannotOpen::NotOurs)?;
        Stanza { device: self.device, seal_key_id: self.seal_key_id, ct: *ct }.open(context, device, own)
    }
}

/// What every honest holder drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forget {
    /// The blobs of these entries; ascending, 1 to 256.
    Entries(Vec<EntryId>),
    /// The blobs of everything older, by the retention policy.
    Before(Timestamp),
}

impl Forget {
    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        match self {
            Self::Entries(ids) => encode_ids(enc.map(1).u64(1), ids),
            Self::Before(floor) => {
                enc.map(1).u64(2).u64(floor.0);
            }
        }
        enc.finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// Anything but the deterministic form of exactly one of the two.
    pub fn decode(body: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(body);
        expect(dec.map(1)?, 1)?;
        let forget = match dec.u64()? {
            1 => {
                let ids: Vec<_> = dec.arrays(limits::FORGET_IDS_MAX)?.into_iter().map(EntryId).collect();
                ascending(&ids)?;
                if ids.is_empty() {
                    return Err(Malformed::Unexpected);
                }
                Self::Entries(ids)
            }
            2 => Self::Before(Timestamp(dec.u64()?)),
            _ => return Err(Malformed::Unexpected),
        };
        dec.end()?;
        Ok(forget)
    }
}

/// The last accepted entry of one log of a removed device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CutPosition {
    /// The log.
    pub log: LogId,
    /// The position.
    pub seq: u64,
    /// The entry there.
    pub id: EntryId,
}

/// Where the logs of a removed device or person end in a space; a log that is not named is cut at nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The act (of the authority or of the roster) that removes.
    pub removal: EntryId,
    /// The ends; ascending by log, at most [`limits::CUT_LOGS_MAX`].
    pub ends: Vec<CutPosition>,
    /// Nobody vouches for what is above. Counts in the remover's own cut only.
    pub strict: bool,
}

impl Cut {
    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.map(if self.strict { 3 } else { 2 });
        enc.u64(1).bytes(&self.removal.0).u64(2).array(self.ends.len() as u64);
        for end in &self.ends {
            enc.array(4).bytes(&end.log.device.0).bytes(&end.log.inc.0).u64(end.seq).bytes(&end.id.0);
        }
        if self.strict {
            enc.u64(3).bool(true);
        }
        enc.finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// Anything but the deterministic form.
    pub fn decode(body: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(body);
        let fields = dec.map(3)?;
        expect(fields < 2, false)?;
        expect(dec.u64()?, 1)?;
        let removal = EntryId(dec.array_of()?);
        expect(dec.u64()?, 2)?;
        let len = dec.array(limits::CUT_LOGS_MAX)?;
        let ends = (0..len)
            .map(|_| {
                expect(dec.array(4)?, 4)?;
                let log = LogId { device: DeviceId(dec.array_of()?), inc: Inc(dec.array_of()?) };
                Ok(CutPosition { log, seq: dec.u64()?, id: EntryId(dec.array_of()?) })
            })
            .collect::<Result<Vec<_>, Malformed>>()?;
        let strict = fields == 3;
        if strict {
            expect(dec.u64()?, 3)?;
            expect(dec.bool()?, true)?;
        }
        dec.end()?;
        ascending(&ends.iter().map(|it| it.log).collect::<Vec<_>>())?;
        Ok(Self { removal, ends, strict })
    }
}

fn expect<T: PartialEq>(read: T, expected: T) -> Result<(), Malformed> {
    if read == expected { Ok(()) } else { Err(Malformed::Unexpected) }
}

fn encode_ids(enc: &mut Enc, ids: &[EntryId]) {
    enc.array(ids.len() as u64);
    for id in ids {
        enc.bytes(&id.0);
    }
}

fn decode_ids(dec: &mut Dec<'_>) -> Result<Vec<EntryId>, Malformed> {
    let ids: Vec<_> = dec.arrays(limits::SEEN_MAX)?.into_iter().map(EntryId).collect();
    ascending(&ids)?;
    Ok(ids)
}

fn decode_index(dec: &mut Dec<'_>) -> Result<usize, Malformed> {
    let index = usize::try_from(dec.u64()?).map_err(|_| Malformed::OverLimit)?;
    if index < limits::BLOBS_MAX { Ok(index) } else { Err(Malformed::OverLimit) }
}

fn encode_wrap(enc: &mut Enc, wrap: &Wrap) {
    enc.map(3).u64(1).bytes(&wrap.epoch.0).u64(2).bytes(&wrap.nonce).u64(3).bytes(&wrap.ct);
}

fn decode_wrap(dec: &mut Dec<'_>) -> Result<Wrap, Malformed> {
    expect(dec.map(3)?, 3)?;
    expect(dec.u64()?, 1)?;
    let epoch = EntryId(dec.array_of()?);
    expect(dec.u64()?, 2)?;
    let nonce = dec.array_of()?;
    expect(dec.u64()?, 3)?;
    Ok(Wrap { epoch, nonce, ct: dec.array_of()? })
}

fn decode_wraps(dec: &mut Dec<'_>) -> Result<Vec<Wrap>, Malformed> {
    let len = dec.array(limits::SEEN_MAX)?;
    let wraps = (0..len).map(|_| decode_wrap(dec)).collect::<Result<Vec<_>, _>>()?;
    ascending(&wraps.iter().map(|it| it.epoch).collect::<Vec<_>>())?;
    // Deterministic: no wraps means no field.
    if wraps.is_empty() { Err(Malformed::NotDeterministic) } else { Ok(wraps) }
}
