//! What is held of every space, kept in the index so that a start reads no history: the ranges of all logs as of one
//! position of the journal. Entries behind that position are replayed.

use artel_crdt::cbor::{Dec, Enc, Malformed};
use artel_crdt::id::{DeviceId, EntryId, Inc, LogId, PersonId, SpaceId};
use artel_crdt::replica::log::Range;
use artel_crdt::replica::{HeldSpace, SpaceKind};
use artel_crdt::seal::Cut;
use artel_crdt::time::Hlc;

use crate::store::{IndexBatch, Position, Store, StoreError};

const POSITION: &[u8] = b"snapshot";
const HELD: &[u8] = b"held/";
const UNOPENED: &[u8] = b"unopened/";
const HELD_AT: &[u8] = b"held_at/";

/// Name of what was held in a space when a removal was learnt.
pub(crate) fn held_at_name(space: &SpaceId, removal: &EntryId) -> Vec<u8> {
    [HELD_AT, &space.0, &removal.0].concat()
}

/// What was held when removals were learnt, by space.
pub(crate) fn held_at(store: &Store) -> Result<Vec<(SpaceId, Cut)>, StoreError> {
    let marks = store.states(HELD_AT)?;
    Ok(marks
        .iter()
        .filter_map(|it| {
            let (space, _) = it.name.get(HELD_AT.len()..)?.split_first_chunk::<16>()?;
            Some((SpaceId(*space), Cut::decode(&it.value).ok()?))
        })
        .collect())
}

/// Name of the mark that an epoch has stored steps without a key.
pub(crate) fn unopened_name(space: &SpaceId, epoch: &EntryId) -> Vec<u8> {
    [UNOPENED, &space.0, &epoch.0].concat()
}

/// Epochs with stored steps without a key.
pub(crate) fn unopened(store: &Store) -> Result<Vec<(SpaceId, EntryId)>, StoreError> {
    let marks = store.states(UNOPENED)?;
    Ok(marks
        .iter()
        .filter_map(|it| {
            let (space, epoch) = it.name.get(UNOPENED.len()..)?.split_first_chunk::<16>()?;
            Some((SpaceId(*space), EntryId::from_slice(epoch)?))
        })
        .collect())
}

/// Puts what is held into a batch that is applied up to `end`.
pub(crate) fn put(batch: &mut IndexBatch, held: &[HeldSpace], end: Option<Position>) -> Result<(), StoreError> {
    let Some(end) = end else { return Ok(()) };
    for space in held {
        batch.put_state(&[HELD, &space.space.0].concat(), encode(space))?;
    }
    let mut enc = Enc::new();
    enc.array(2).u64(u64::from(end.file)).u64(end.offset);
    batch.put_state(POSITION, enc.finish())
}

/// What was held, and up to where in the journal; nothing if there is no usable snapshot.
pub(crate) fn read(store: &Store) -> Result<Option<(Position, Vec<HeldSpace>)>, StoreError> {
    let Some(position) = store.state(POSITION)?.and_then(|it| decode_position(&it)) else { return Ok(None) };
    let held: Result<Vec<HeldSpace>, Malformed> = store.states(HELD)?.iter().map(|it| decode(&it.value)).collect();
    Ok(held.ok().map(|held| (position, held)))
}

fn decode_position(bytes: &[u8]) -> Option<Position> {
    let mut dec = Dec::new(bytes);
    dec.array(2).ok()?;
    Some(Position { file: dec.u32().ok()?, offset: dec.u64().ok()? })
}

fn kind_number(kind: SpaceKind) -> u64 {
    match kind {
        SpaceKind::Organisation => 0,
        SpaceKind::Team => 1,
        SpaceKind::Public => 2,
        SpaceKind::Private => 3,
        SpaceKind::Group => 4,
        SpaceKind::Direct => 5,
    }
}

fn kind_of(number: u64) -> Result<SpaceKind, Malformed> {
    Ok(match number {
        0 => SpaceKind::Organisation,
        1 => SpaceKind::Team,
        2 => SpaceKind::Public,
        3 => SpaceKind::Private,
        4 => SpaceKind::Group,
        5 => SpaceKind::Direct,
        _ => return Err(Malformed::Unexpected),
    })
}

fn encode(held: &HeldSpace) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(6).bytes(&held.space.0).u64(kind_number(held.kind));
    match &held.pair {
        Some((one, other)) => enc.array(2).bytes(&one.0).bytes(&other.0),
        None => enc.null(),
    };
    enc.array(held.logs.len() as u64);
    for (log, ranges) in &held.logs {
        enc.array(3).bytes(&log.device.0).bytes(&log.inc.0).array(ranges.len() as u64);
        ranges.iter().for_each(|it| encode_range(&mut enc, it));
    }
    enc.array(held.tips.len() as u64);
    for (log, id) in &held.tips {
        enc.array(3).bytes(&log.device.0).bytes(&log.inc.0).bytes(&id.0);
    }
    enc.array(held.records.len() as u64);
    for (epoch, count) in &held.records {
        enc.array(2).bytes(&epoch.0).u64(*count as u64);
    }
    enc.finish()
}

fn encode_range(enc: &mut Enc, range: &Range) {
    enc.array(6).u64(range.first).u64(range.last);
    match &range.before {
        Some(before) => enc.bytes(&before.0),
        None => enc.null(),
    };
    enc.bytes(&range.last_id.0).u64(range.last_hlc.ms).u64(u64::from(range.last_hlc.ctr));
}

fn decode_log(dec: &mut Dec<'_>) -> Result<LogId, Malformed> {
    Ok(LogId { device: DeviceId(dec.array_of()?), inc: Inc(dec.array_of()?) })
}

fn decode(bytes: &[u8]) -> Result<HeldSpace, Malformed> {
    let mut dec = Dec::new(bytes);
    dec.array(6)?;
    let (space, kind) = (SpaceId(dec.array_of()?), kind_of(dec.u64()?)?);
    let pair = if dec.null()? {
        None
    } else {
        dec.array(2)?;
        Some((PersonId(dec.array_of()?), PersonId(dec.array_of()?)))
    };
    let mut logs = Vec::new();
    for _ in 0..dec.array(usize::MAX)? {
        dec.array(3)?;
        let log = decode_log(&mut dec)?;
        let len = dec.array(usize::MAX)?;
        let ranges = (0..len).map(|_| decode_range(&mut dec)).collect::<Result<Vec<_>, _>>()?;
        logs.push((log, ranges));
    }
    let mut tips = Vec::new();
    for _ in 0..dec.array(usize::MAX)? {
        dec.array(3)?;
        tips.push((decode_log(&mut dec)?, EntryId(dec.array_of()?)));
    }
    let mut records = Vec::new();
    for _ in 0..dec.array(usize::MAX)? {
        dec.array(2)?;
        records.push((EntryId(dec.array_of()?), usize::try_from(dec.u64()?).unwrap_or(usize::MAX)));
    }
    dec.end()?;
    Ok(HeldSpace { space, kind, pair, logs, tips, records })
}

fn decode_range(dec: &mut Dec<'_>) -> Result<Range, Malformed> {
    dec.array(6)?;
    let (first, last) = (dec.u64()?, dec.u64()?);
    let before = if dec.null()? { None } else { Some(EntryId(dec.array_of()?)) };
    let last_id = EntryId(dec.array_of()?);
    Ok(Range { first, last, before, last_id, last_hlc: Hlc { ms: dec.u64()?, ctr: dec.u32()? } })
}
