//! Power goes off at any moment: every acknowledged record and blob is there afterwards, and none that is wrong.

use std::collections::BTreeMap;

use super::*;

type Blobs = Vec<(BlobHash, Vec<u8>)>;

/// What the test knows about one store over all its lives.
#[derive(Default)]
struct Model {
    /// Everything ever handed over, acknowledged or not.
    submitted: BTreeMap<u64, (u8, Vec<u8>)>,
    acknowledged: BTreeMap<u64, Position>,
    blobs: BTreeMap<BlobHash, Vec<u8>>,
    next: u64,
}

struct Sent {
    numbers: Vec<u64>,
    blobs: Blobs,
    pending: Pending,
}

impl Model {
    fn batch(&mut self, random: &mut Random) -> (Batch, Vec<u64>, Blobs) {
        let (mut batch, mut numbers, mut blobs) = (Batch::new(), Vec::new(), Vec::new());
        for _ in 0..=random.below(4) {
            let size = random.below(600);
            let (n, kind, body) = (self.next, random.below(256) as u8, numbered(self.next, &random.bytes(size)));
            self.next += 1;
            batch.record(kind, body.clone()).unwrap();
            self.submitted.insert(n, (kind, body));
            numbers.push(n);
        }
        for _ in 0..random.below(3) {
            let size = if random.below(12) == 0 { 70_000 } else { random.below(SMALL_BLOB_BYTES_MAX) };
            let bytes = random.bytes(size + 1);
            let hash = blob_hash(&bytes);
            batch.blob(SPACE, EPOCH, hash, bytes.clone()).unwrap();
            blobs.push((hash, bytes));
        }
        (batch, numbers, blobs)
    }

    fn live(&mut self, store: &Store, disk: &FaultDisk, random: &mut Random) {
        let (mut sent, mut behind) = (Vec::new(), false);
        for _ in 0..random.below(8) {
            let (batch, numbers, blobs) = self.batch(random);
            sent.push(Sent { numbers, blobs, pending: store.submit(batch).unwrap() });
            if random.below(3) == 0 {
                self.answers(store, std::mem::take(&mut sent), random, &mut behind);
            }
        }
        // Half of the crashes hit the writer at work, the others an idle store.
        if random.below(2) == 0 {
            disk.crash();
        }
        self.answers(store, sent, random, &mut behind);
        disk.crash();
    }

    fn answers(&mut self, store: &Store, sent: Vec<Sent>, random: &mut Random, behind: &mut bool) {
        for sent in sent {
            let Ok(appended) = sent.pending.wait() else { continue };
            let mut index = IndexBatch::new();
            for (n, position) in sent.numbers.iter().zip(&appended.positions) {
                self.acknowledged.insert(*n, *position);
                index.put_packet(SPACE, LOG, &packet(*n, *position));
            }
            self.blobs.extend(sent.blobs);
            // A driver may fall behind with its index; then the next start replays the rest.
            *behind |= random.below(6) == 0;
            if !*behind {
                // After the crash the mark cannot be checked any more: as good as falling behind.
                *behind = store.apply(&index, Some(appended.end)).is_err();
            }
        }
    }

    /// Opens after a crash, as a driver does, and checks everything.
    fn check(&self, home: &Home, seed: u64) -> Store {
        let (store, report) = home.open();
        for lost in report.cut.iter().chain(&report.damage) {
            assert!(lost.held.is_empty(), "seed {seed}: the index knew something that is lost: {lost:?}");
        }
        let mut seen = BTreeMap::new();
        for found in store.replay(Position::START) {
            match found.unwrap() {
                Replayed::Record { position, record, .. } => {
                    let n = number_of(&record.body);
                    let sent = &self.submitted[&n];
                    assert_eq!((record.kind, &record.body), (sent.0, &sent.1), "seed {seed}: wrong record");
                    assert_eq!(seen.insert(n, position), None, "seed {seed}: twice");
                }
                Replayed::Damaged(damage) => {
                    let hit = self.acknowledged.values().find(|at| (damage.from..damage.to).contains(at));
                    assert_eq!(hit, None, "seed {seed}: acknowledged and damaged");
                }
            }
        }
        assert!(seen.keys().is_sorted());
        for (n, position) in &self.acknowledged {
            assert_eq!(seen.get(n), Some(position), "seed {seed}: record {n} was acknowledged");
            assert_eq!(store.read_record(*position).unwrap().body, self.submitted[n].1);
        }
        self.check_index(&store, report.replay_from, seed);
        store
    }

    fn check_index(&self, store: &Store, replay_from: Position, seed: u64) {
        for found in store.replay(replay_from) {
            let Replayed::Record { position, next, record } = found.unwrap() else { continue };
            let mut index = IndexBatch::new();
            index.put_packet(SPACE, LOG, &packet(number_of(&record.body), position));
            store.apply(&index, Some(next)).unwrap();
        }
        for (n, position) in &self.acknowledged {
            let found = store.packets(SPACE, LOG, *n, *n).unwrap();
            assert_eq!(found, [packet(*n, *position)], "seed {seed}: record {n} is not in the index");
        }
        for (hash, bytes) in &self.blobs {
            assert!(store.blob(*hash).unwrap() == BlobRead::Bytes(bytes.clone()), "seed {seed}: blob {hash:?}");
        }
    }
}

fn play(seed: u64) {
    let mut random = Random::new(seed);
    let mut home = Home::new(seed);
    home.file_bytes = 1024 << random.below(6);
    let mut model = Model::default();
    let lives = 2 + random.below(2);
    let mut old_index = None;
    for life in 0..lives {
        let store = model.check(&home, seed);
        model.live(&store, &home.disk, &mut random);
        drop(store);
        let index = home.path("index");
        match random.below(8) {
            // The index is lost, or it is an old copy: it may be anything but believed.
            0 => fs::remove_dir_all(&index).unwrap(),
            1 if life == 0 => {
                let copy = home.path("old");
                copy_dir(&index, &copy);
                old_index = Some(copy);
            }
            2 => {
                if let Some(copy) = old_index.take() {
                    fs::remove_dir_all(&index).unwrap();
                    fs::rename(copy, &index).unwrap();
                }
            }
            _ => {}
        }
    }
    model.check(&home, seed);
}

#[test]
fn acknowledged_is_there_after_500_crashes() {
    let seeds: u64 = std::env::var("ARTEL_STORE_SEEDS").map_or(500, |seeds| seeds.parse().unwrap());
    let first: u64 = std::env::var("ARTEL_STORE_SEED").map_or(0, |seed| seed.parse().unwrap());
    // Most of the time goes into opening the index, which waits for the disk: two at a time.
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || (first..first + seeds).filter(|seed| seed % 2 == half).for_each(play));
        }
    });
}
