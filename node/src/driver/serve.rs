//! Bulk: packets on sync streams and blobs on blob streams. Nothing of it passes through the loop but what is new.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use artel_crdt::entry::Signed;
use artel_crdt::id::{BlobHash, DeviceId, SpaceId};
use artel_crdt::limits;
use artel_crdt::run::{self, Keys, Packet, Run};
use artel_crdt::sync::{LogRange, Message};
use artel_net::{FrameError, Framed, Net, OpenError, PeerKey, Protocol};
use tokio::sync::{mpsc, watch};

use crate::store::{BlobHash as StoreHash, BlobRead, Position, SpaceKey, Store};

use super::files::give::{Giving, QUESTION_BYTES, give};
use super::indexer::{CONTROL, log_key};
use super::{Driver, Event};

/// Blob bytes that travel inside one packet; what is over it is asked for by hash.
const INLINE_BYTES_MAX: usize = 300 * 1024;
/// Bytes of a blob in one frame.
const CHUNK_BYTES: usize = 64 * 1024;

/// Why bulk was not delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("no stream: {0}")]
    Open(#[from] OpenError),
    #[error("the stream broke: {0}")]
    Frame(#[from] FrameError),
    #[error("the store could not be read")]
    Store,
}

/// How soon the rest is asked for after a stream broke: at once for whoever waits, seldom enough where every stream breaks.
const AGAIN: Duration = Duration::from_millis(500);

/// How much of what is wanted is looked up and sent before the rest is looked up, in entries of all logs together: two
/// segments, so that the key of the newest messages is among it. Reading the index takes 2 µs an entry, and somebody
/// waits for the newest screen.
const FIRST_ENTRIES: u64 = 2 * limits::SEGMENT_RECORDS_MAX as u64;

/// A part of a log to be sent as one packet.
struct Part {
    /// Whether it holds more than steps, such as keys.
    control: bool,
    ms: u64,
    first: u64,
    last: u64,
    positions: Vec<Position>,
}

impl Part {
    fn of(packet: &crate::store::Packet, control: bool) -> Self {
        let (ms, first, last) = (packet.ms, packet.first, packet.last);
        Self { control, ms, first, last, positions: vec![packet.position] }
    }
}

impl Driver {
    /// Sends ranges of a space to a peer.
    pub(crate) fn serve(&mut self, to: DeviceId, space: SpaceId, ranges: Vec<LogRange>, oldest_first: bool) {
        let (Some(net), Some(link)) = (self.net.clone(), self.links.get(&to)) else { return };
        let (key, store, org) = (link.key, self.store.clone(), self.org());
        self.tracker.spawn(async move {
            let sent = ranges_to(&net, key, Source { store, org, space, ranges, oldest_first }).await;
            if let Err(error) = &sent {
                tracing::debug!(%error, "entries could not be served");
            }
            if let Err(ServeError::Open(_)) = sent {
                // A stream that broke is noticed at its other end; one that never came is not.
                tokio::time::sleep(AGAIN).await;
                net.send(key, Message::Served(space).encode()).ok();
            }
        });
    }

    /// Takes in what a peer serves.
    pub(crate) fn receive_sync(&self, from: DeviceId, stream: Framed) {
        let (keys, events) = (self.keys.subscribe(), self.events());
        self.tracker.spawn(async move {
            if let Err(error) = packets_from(from, stream, keys, &events).await {
                tracing::debug!(%error, "a peer stopped serving");
            }
        });
    }

    /// Takes in blobs that were asked for, or gives the files that are asked for on the stream itself.
    pub(crate) fn receive_blobs(&self, from: DeviceId, mut stream: Framed) {
        let events = self.events();
        let giving =
            Giving { to: from, store: self.store.clone(), stopped: self.stopped_gives(), events: self.events() };
        self.tracker.spawn(async move {
            let ended = match stream.recv().await {
                Ok(Some(first)) if first.len() == QUESTION_BYTES => give(giving, first, stream).await,
                Ok(Some(first)) => blobs_from(first, stream, &events).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = ended {
                tracing::debug!(%from, %error, "a stream of blobs broke");
            }
        });
    }
}

struct Source {
    store: Store,
    org: artel_crdt::id::OrgId,
    space: SpaceId,
    ranges: Vec<LogRange>,
    oldest_first: bool,
}

/// Sends everything wanted; the first frame names the space, an orderly end says that all was sent.
async fn ranges_to(net: &Net, to: PeerKey, source: Source) -> Result<(), ServeError> {
    let mut stream = net.open_stream(to, Protocol::Sync).await?;
    stream.send(&source.space.0).await?;
    let (packets, mut queue) = mpsc::channel(16);
    let reading = tokio::task::spawn_blocking(move || read_parts(&source, &packets));
    while let Some(first) = queue.recv().await {
        let mut frames: Vec<Vec<u8>> = vec![first];
        while let Ok(next) = queue.try_recv() {
            frames.push(next);
        }
        stream.send_all(frames).await?;
    }
    let read = reading.await.map_err(|_| ServeError::Store)?;
    stream.finish().await?;
    read
}

fn read_parts(source: &Source, packets: &mpsc::Sender<Vec<u8>>) -> Result<(), ServeError> {
    let (first, rest) =
        if source.oldest_first { (source.ranges.clone(), Vec::new()) } else { newest_of(&source.ranges) };
    for ranges in [first, rest] {
        let mut parts = Vec::new();
        for range in &ranges {
            parts.extend(parts_of(source, range)?);
        }
        if source.oldest_first {
            parts.sort_by_key(|it| it.ms);
        } else {
            // Keys go before what they open: steps without their key are stored, and read again when it comes.
            parts.sort_by_key(|it| (!it.control, Reverse(it.ms)));
        }
        for part in parts {
            let Some(packet) = read_part(source, &part) else { continue };
            if packets.blocking_send(packet.encode()).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The newest of each range, together about [`FIRST_ENTRIES`] but at least a run of each, and what is below.
fn newest_of(ranges: &[LogRange]) -> (Vec<LogRange>, Vec<LogRange>) {
    let run = limits::RUN_ENTRIES_MAX as u64;
    let each = (FIRST_ENTRIES / (ranges.len() as u64).max(1)).max(run);
    let mut newest = Vec::new();
    let mut older = Vec::new();
    for range in ranges {
        // At the beginning of a run: what lies below ends with a signature.
        let from = range.last.saturating_sub(each) / run * run;
        newest.push(LogRange { first: from.max(range.first), ..*range });
        if from > range.first {
            older.push(LogRange { last: from - 1, ..*range });
        }
    }
    (newest, older)
}

/// Cuts a range into parts that end at checked signatures and join at most 128 entries.
fn parts_of(source: &Source, range: &LogRange) -> Result<Vec<Part>, ServeError> {
    let log = log_key(&range.log);
    let stored =
        source.store.packets(SpaceKey(source.space.0), log, range.first, range.last).map_err(|_| ServeError::Store)?;
    let mut parts: Vec<Part> = Vec::new();
    // Who asks for a log that forks gets the proof with it.
    let branches = source.store.branches(SpaceKey(source.space.0), log).map_err(|_| ServeError::Store)?;
    let touched = branches.iter().filter(|it| it.first <= range.last && range.first <= it.last);
    let branches: Vec<Part> = touched.map(|it| Part::of(it, true)).collect();
    for packet in stored {
        let control = packet.flags & CONTROL != 0;
        let joins = parts.last().is_some_and(|it| {
            let within = packet.last < it.first + limits::RUN_ENTRIES_MAX as u64;
            packet.first <= it.last + 1 && control == it.control && within && !run::is_checkpoint(it.last)
        });
        match parts.last_mut().filter(|_| joins) {
            Some(part) => {
                part.positions.push(packet.position);
                (part.last, part.ms) = (packet.last.max(part.last), packet.ms.max(part.ms));
            }
            None => parts.push(Part::of(&packet, control)),
        }
    }
    parts.extend(branches);
    Ok(parts)
}

fn read_part(source: &Source, part: &Part) -> Option<Packet> {
    let mut entries: Vec<Signed> = Vec::new();
    let mut clear = std::collections::BTreeMap::new();
    for position in &part.positions {
        let record = source.store.read_record(*position).ok()?;
        let stored = run::trusted_run(&source.org, &record.body).ok()?;
        clear.extend(stored.blobs);
        for signed in stored.run.into_entries() {
            let next = entries.last().map(|it| it.entry.seq + 1);
            if next.is_none_or(|it| it == signed.entry.seq) {
                entries.push(signed);
            }
        }
    }
    let mut packet = Packet::of(Run::join(entries)?);
    let mut bytes = 0;
    for blob in packet.run.entries().iter().flat_map(|it| &it.entry.blobs) {
        let size = blob.size as usize;
        if size > limits::INLINE_BLOB_BYTES_MAX || bytes + size > INLINE_BYTES_MAX {
            continue;
        }
        let stored = match clear.remove(&blob.hash) {
            Some(bytes) => Some(bytes),
            None => match source.store.blob(StoreHash(blob.hash.0)) {
                Ok(BlobRead::Bytes(bytes)) => Some(bytes),
                _ => None,
            },
        };
        if let Some(blob_bytes) = stored {
            bytes += size;
            packet.blobs.insert(blob.hash, blob_bytes);
        }
    }
    Some(packet)
}

async fn packets_from(
    from: DeviceId,
    mut stream: Framed,
    keys: watch::Receiver<Arc<Keys>>,
    events: &mpsc::Sender<Event>,
) -> Result<(), ServeError> {
    let Some(space) = stream.recv().await? else { return Ok(()) };
    let space = SpaceId::from_slice(&space).ok_or(ServeError::Store)?;
    let ended = packets_of(from, space, &mut stream, keys, events).await;
    if ended.is_err() {
        // Of two links to one peer the spare is closed, with what was under way on it.
        tokio::time::sleep(AGAIN).await;
    }
    events.send(Event::Served { from, space }).await.ok();
    ended
}

async fn packets_of(
    from: DeviceId,
    space: SpaceId,
    stream: &mut Framed,
    keys: watch::Receiver<Arc<Keys>>,
    events: &mpsc::Sender<Event>,
) -> Result<(), ServeError> {
    while let Some(bytes) = stream.recv().await? {
        let known = keys.borrow().clone();
        // Only entries of the space that was named, whatever the stream holds.
        if run::peek(&bytes).is_ok_and(|(_, of)| of != space) {
            return Err(ServeError::Store);
        }
        let event = match run::check_run(&known, &bytes) {
            Ok(packet) => Event::Packet { from, packet: Box::new(packet) },
            Err(why) => Event::BadPacket { from, bytes, why },
        };
        if events.send(event).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends blobs: for each its hash and size, then its bytes in chunks.
pub(crate) async fn blobs(net: &Net, to: PeerKey, store: Store, wanted: Vec<BlobHash>) -> Result<(), ServeError> {
    let mut stream = net.open_stream(to, Protocol::Blob).await?;
    for hash in wanted {
        let store = store.clone();
        let read = tokio::task::spawn_blocking(move || store.blob(StoreHash(hash.0))).await;
        let Ok(Ok(BlobRead::Bytes(bytes))) = read else { continue };
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        stream.send(&[&hash.0[..], &size.to_be_bytes()].concat()).await?;
        for chunk in bytes.chunks(CHUNK_BYTES) {
            stream.send(chunk).await?;
        }
    }
    stream.finish().await?;
    Ok(())
}

async fn blobs_from(first: Vec<u8>, mut stream: Framed, events: &mpsc::Sender<Event>) -> Result<(), ServeError> {
    let mut next = Some(first);
    while let Some(head) = next.take() {
        let (hash, size) = head.split_first_chunk::<32>().ok_or(ServeError::Store)?;
        let size = u32::from_be_bytes(size.try_into().map_err(|_| ServeError::Store)?);
        if size > limits::BLOB_BYTES_MAX {
            return Err(ServeError::Store);
        }
        let mut bytes = Vec::new();
        while bytes.len() < size as usize {
            let chunk = stream.recv().await?.ok_or(ServeError::Store)?;
            if chunk.is_empty() || bytes.len() + chunk.len() > size as usize {
                return Err(ServeError::Store);
            }
            bytes.extend_from_slice(&chunk);
        }
        if events.send(Event::Blob { hash: BlobHash(*hash), bytes }).await.is_err() {
            return Ok(());
        }
        next = stream.recv().await?;
    }
    Ok(())
}

/// What is sent to somebody who asks for a part of a log.
#[cfg(test)]
pub(crate) fn served(driver: &Driver, space: SpaceId, wanted: artel_crdt::sync::LogRange) -> Vec<Signed> {
    let (store, org) = (driver.store.clone(), driver.org());
    let source = Source { store, org, space, ranges: vec![wanted], oldest_first: true };
    let parts = parts_of(&source, &wanted).unwrap_or_default();
    parts.iter().filter_map(|it| read_part(&source, it)).flat_map(|it| it.run.into_entries()).collect()
}
