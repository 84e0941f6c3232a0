//! What replicas say to each other to become equal: small messages on the control stream, packets on sync streams.
//!
//! Three levels: one hash of everything two devices share; a hash per space; the held ranges per log. Each message can
//! be answered from present state alone, so a lost message or a broken link costs nothing but time.

use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{BlobHash, DeviceId, EntryId, Inc, LogId, SpaceId, sha256};
use crate::limits;
use crate::replica::log::Log;

/// Spaces named in one message at most; more are sent in several.
const SPACES_MAX: usize = 4_000;
/// Ranges named in one message at most.
const RANGES_MAX: usize = 8_000;
/// Blobs asked for in one message at most.
const BLOBS_ASKED_MAX: usize = 1_000;
/// Registers in one message at most.
const REGISTERS_MAX: usize = 2_000;

/// A range of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogRange {
    /// Which log.
    pub log: LogId,
    /// First position.
    pub first: u64,
    /// Last position.
    pub last: u64,
}

/// What one side holds of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Which log.
    pub log: LogId,
    /// Held positions, ascending.
    pub ranges: Vec<(u64, u64)>,
    /// Id of the newest.
    pub last_id: EntryId,
}

/// A message on the control stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A packet as it was made: a hint that saves a round trip.
    Push(Vec<u8>),
    /// Level 1: hash of all spaces we believe to share. Also sent as the heartbeat.
    Summary([u8; 32]),
    /// Level 2: a hash per shared space.
    Spaces(Vec<(SpaceId, [u8; 32])>),
    /// Level 3: what we hold of a space.
    Heads {
        /// Which space.
        space: SpaceId,
        /// All its logs.
        logs: Vec<LogHead>,
        /// Whether the same is wished in return.
        answer: bool,
    },
    /// What we lack of a space and you hold. Served newest first, the organisation space oldest first.
    Want {
        /// Which space.
        space: SpaceId,
        /// Ranges you said you hold.
        ranges: Vec<LogRange>,
    },
    /// All that was wanted of the space has been sent.
    Served(SpaceId),
    /// Registers, each a COSE_Sign1.
    Registers(Vec<Vec<u8>>),
    /// Hash over all registers of shared spaces.
    RegistersHash([u8; 32]),
    /// Please send all registers of shared spaces.
    RegistersWant,
    /// Blobs we lack; answered on a blob stream.
    BlobsWant(Vec<BlobHash>),
    /// Addresses at which a member was met: device key and `ip:port` or multiaddr texts.
    Addresses(Vec<([u8; 32], Vec<String>)>),
    /// The sender goes down in an orderly way.
    Goodbye,
    /// Somebody is writing in this space just now. Never stored.
    Typing(SpaceId),
}

impl Message {
    /// Encodes the message as a CBOR array that starts with its number.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        match self {
            Self::Push(packet) => enc.array(2).u64(0).bytes(packet),
            Self::Summary(hash) => enc.array(2).u64(1).bytes(hash),
            Self::Spaces(spaces) => {
                enc.array(2).u64(2).array(spaces.len() as u64);
                for (space, hash) in spaces {
                    enc.array(2).bytes(&space.0).bytes(hash);
                }
                &mut enc
            }
            Self::Heads { space, logs, answer } => {
                enc.array(4).u64(3).bytes(&space.0).array(logs.len() as u64);
                logs.iter().for_each(|it| encode_head(&mut enc, it));
                enc.bool(*answer)
            }
            Self::Want { space, ranges } => {
                enc.array(3).u64(4).bytes(&space.0).array(ranges.len() as u64);
                for range in ranges {
                    enc.array(4).bytes(&range.log.device.0).bytes(&range.log.inc.0).u64(range.first).u64(range.last);
                }
                &mut enc
            }
            Self::Served(space) => enc.array(2).u64(5).bytes(&space.0),
            Self::Registers(registers) => enc.array(2).u64(6).bytes_array(registers),
            Self::RegistersHash(hash) => enc.array(2).u64(7).bytes(hash),
            Self::RegistersWant => enc.array(1).u64(8),
            Self::BlobsWant(blobs) => {
                enc.array(2).u64(9).array(blobs.len() as u64);
                for blob in blobs {
                    enc.bytes(&blob.0);
                }
                &mut enc
            }
            Self::Addresses(members) => {
                enc.array(2).u64(10).array(members.len() as u64);
                members.iter().for_each(|it| encode_addresses(&mut enc, it));
                &mut enc
            }
            Self::Goodbye => enc.array(1).u64(11),
            Self::Typing(space) => enc.array(2).u64(12).bytes(&space.0),
        };
        enc.finish()
    }

    /// Reads a message from a peer.
    ///
    /// # Errors
    /// Anything but the deterministic encoding of a message within its limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(bytes);
        let len = dec.array(4)?;
        let message = match (dec.u64()?, len) {
            (0, 2) => Self::Push(dec.bytes(limits::PACKET_BYTES_MAX)?.to_vec()),
            (1, 2) => Self::Summary(dec.array_of()?),
            (2, 2) => Self::Spaces(many(&mut dec, SPACES_MAX, |dec| {
                exactly(dec, 2)?;
                Ok((SpaceId(dec.array_of()?), dec.array_of()?))
            })?),
            (3, 4) => Self::Heads {
                space: SpaceId(dec.array_of()?),
                logs: many(&mut dec, RANGES_MAX, decode_head)?,
                answer: dec.bool()?,
            },
            (4, 3) => Self::Want {
                space: SpaceId(dec.array_of()?),
                ranges: many(&mut dec, RANGES_MAX, |dec| {
                    exactly(dec, 4)?;
                    Ok(LogRange { log: decode_log(dec)?, first: dec.u64()?, last: dec.u64()? })
                })?,
            },
            (5, 2) => Self::Served(SpaceId(dec.array_of()?)),
            (6, 2) => Self::Registers(many(&mut dec, REGISTERS_MAX, |dec| {
                Ok(dec.bytes(limits::REGISTER_BYTES_MAX)?.to_vec())
            })?),
            (7, 2) => Self::RegistersHash(dec.array_of()?),
            (8, 1) => Self::RegistersWant,
            (9, 2) => Self::BlobsWant(many(&mut dec, BLOBS_ASKED_MAX, |dec| Ok(BlobHash(dec.array_of()?)))?),
            (10, 2) => Self::Addresses(many(&mut dec, 200, |dec| {
                exactly(dec, 2)?;
                Ok((dec.array_of()?, many(dec, 16, |dec| Ok(dec.str(256)?.to_owned()))?))
            })?),
            (11, 1) => Self::Goodbye,
            (12, 2) => Self::Typing(SpaceId(dec.array_of()?)),
            _ => return Err(Malformed::Unexpected),
        };
        dec.end()?;
        Ok(message)
    }

    /// Splits what a space holds into messages that stay within the limits of one.
    pub fn heads(space: SpaceId, logs: Vec<LogHead>, answer: bool) -> Vec<Self> {
        // One log with very many gaps is cut: the rest follows when these are filled.
        let logs: Vec<LogHead> = logs
            .into_iter()
            .map(|mut it| {
                it.ranges.truncate(1_000);
                it
            })
            .collect();
        if logs.is_empty() {
            return vec![Self::Heads { space, logs, answer }];
        }
        logs.chunks(1_000).map(|part| Self::Heads { space, logs: part.to_vec(), answer }).collect()
    }
}

fn exactly(dec: &mut Dec<'_>, len: usize) -> Result<(), Malformed> {
    if dec.array(len)? == len { Ok(()) } else { Err(Malformed::Unexpected) }
}

fn many<'b, T>(
    dec: &mut Dec<'b>,
    max: usize,
    read: impl Fn(&mut Dec<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let len = dec.array(max)?;
    (0..len).map(|_| read(dec)).collect()
}

fn decode_log(dec: &mut Dec<'_>) -> Result<LogId, Malformed> {
    Ok(LogId { device: DeviceId(dec.array_of()?), inc: Inc(dec.array_of()?) })
}

fn encode_head(enc: &mut Enc, head: &LogHead) {
    enc.array(4).bytes(&head.log.device.0).bytes(&head.log.inc.0).array(head.ranges.len() as u64);
    for (first, last) in &head.ranges {
        enc.array(2).u64(*first).u64(*last);
    }
    enc.bytes(&head.last_id.0);
}

fn decode_head(dec: &mut Dec<'_>) -> Result<LogHead, Malformed> {
    exactly(dec, 4)?;
    let log = decode_log(dec)?;
    let ranges = many(dec, RANGES_MAX, |dec| {
        exactly(dec, 2)?;
        Ok((dec.u64()?, dec.u64()?))
    })?;
    let sane = ranges.iter().all(|(first, last)| first <= last && *last < 1 << 40);
    if !sane || !ranges.windows(2).all(|pair| matches!(pair, [(_, a), (b, _)] if a < b)) {
        return Err(Malformed::Unexpected);
    }
    Ok(LogHead { log, ranges, last_id: EntryId(dec.array_of()?) })
}

fn encode_addresses(enc: &mut Enc, (key, addresses): &([u8; 32], Vec<String>)) {
    enc.array(2).bytes(key).array(addresses.len() as u64);
    for address in addresses {
        enc.str(address);
    }
}

/// The hash of what a space holds: equal iff every log has the same ranges and the same newest entry.
pub fn space_hash<'l>(logs: impl Iterator<Item = (&'l LogId, &'l Log)>) -> [u8; 32] {
    let mut enc = Enc::new();
    for (id, log) in logs {
        let Some(head) = log.head() else { continue };
        enc.bytes(&id.device.0).bytes(&id.inc.0).bytes(&head.last_id.0);
        for range in log.ranges() {
            enc.u64(range.first).u64(range.last);
        }
    }
    sha256(&[&enc.finish()])
}

#[cfg(test)]
mod tests;
