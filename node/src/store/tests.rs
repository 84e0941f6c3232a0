//! Tests of the store, most of them on a disk that fails.

mod appends;
mod blobs;
mod damage;
mod durability;
mod figures;
mod index;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::fault::FaultDisk;
use super::open::Options;
use super::*;

/// A small generator: the tests need repeatable, not good, randomness.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.below(256) as u8).collect()
    }
}

const SPACE: SpaceKey = SpaceKey([7; 16]);
const LOG: LogKey = LogKey { device: DeviceKey([3; 16]), inc: [1; 8] };
const EPOCH: EpochKey = EpochKey([9; 32]);

fn keys() -> StoreKeys {
    StoreKeys { journal: Key::new([1; 32]), content: Some(Key::new([2; 32])) }
}

/// A directory for the index, which is always real, and a disk for everything else.
struct Home {
    dir: TempDir,
    disk: FaultDisk,
    file_bytes: u64,
}

impl Home {
    fn new(seed: u64) -> Self {
        Self { dir: TempDir::new().unwrap(), disk: FaultDisk::new(seed), file_bytes: 4096 }
    }

    fn try_open(&self, keys: &StoreKeys) -> Result<(Store, OpenReport), StoreError> {
        let options = Options { journal_file_bytes: self.file_bytes };
        Store::open_with(self.dir.path(), keys, Arc::new(self.disk.until_crash()), options)
    }

    fn open(&self) -> (Store, OpenReport) {
        self.try_open(&keys()).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The same content in another place.
    fn fork(&self, seed: u64) -> Self {
        let dir = TempDir::new().unwrap();
        copy_dir(&self.dir.path().join("index"), &dir.path().join("index"));
        // Paths on the fault disk are whole, so they move with the directory.
        let disk = self.disk.fork_to(seed, self.dir.path(), dir.path());
        Self { dir, disk, file_bytes: self.file_bytes }
    }
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn one(kind: u8, body: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.record(kind, body.to_vec()).unwrap();
    batch
}

fn order(n: u64) -> OrderKey {
    OrderKey { ms: 1_000 + n, ctr: 0, device: LOG.device, seq: n }
}

fn packet(n: u64, position: Position) -> Packet {
    Packet { first: n, last: n, position, ms: 1_000 + n, ctr: 0, flags: 0, branch: 0 }
}

fn entry_id(n: u64) -> EntryKey {
    EntryKey(blob_hash(&n.to_be_bytes()).0)
}

/// What a driver puts into the index for record `n`.
fn indexed(n: u64, position: Position, body: &[u8]) -> IndexBatch {
    let mut batch = IndexBatch::new();
    batch.put_packet(SPACE, LOG, &packet(n, position));
    batch.put_record(SPACE, order(n), body.to_vec());
    batch.put_id(entry_id(n), SPACE, order(n));
    batch
}

/// A body that begins with its number, as [`replay_into_index`] expects.
fn numbered(n: u64, rest: &[u8]) -> Vec<u8> {
    [&n.to_be_bytes(), rest].concat()
}

fn number_of(body: &[u8]) -> u64 {
    u64::from_be_bytes(body[..8].try_into().unwrap())
}

/// What a driver does after every start. Returns the damage met.
fn replay_into_index(store: &Store, from: Position) -> Vec<Damage> {
    let mut damage = Vec::new();
    for found in store.replay(from) {
        match found.unwrap() {
            Replayed::Record { position, next, record } => {
                let batch = indexed(number_of(&record.body), position, &record.body);
                store.apply(&batch, Some(next)).unwrap();
            }
            Replayed::Damaged(found) => damage.push(found),
        }
    }
    damage
}

/// Appends and indexes records `from..to`; returns bodies and positions.
fn fill(store: &Store, random: &mut Random, from: u64, to: u64) -> Vec<(Position, Vec<u8>)> {
    let mut written = Vec::new();
    for n in from..to {
        let size = random.below(200);
        let body = numbered(n, &random.bytes(size));
        let appended = store.append_blocking(one(1, &body)).unwrap();
        store.apply(&indexed(n, appended.positions[0], &body), Some(appended.end)).unwrap();
        written.push((appended.positions[0], body));
    }
    written
}

/// Every row and packet must be there and right.
fn check_rows(store: &Store, written: &[(Position, Vec<u8>)]) {
    for (n, (position, body)) in (0..).zip(written) {
        assert_eq!(store.record(SPACE, order(n)).unwrap().as_ref(), Some(body), "row {n}");
        let packets = store.packets(SPACE, LOG, n, n).unwrap();
        assert_eq!(packets, [packet(n, *position)]);
        assert_eq!(&store.read_record(*position).unwrap().body, body);
    }
}
