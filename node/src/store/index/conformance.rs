//! What an engine must do, as a function over any engine, and the engines it is run on.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use super::engine::{Direction, Engine, EngineError, KeyRange, Visit};
use super::sled_engine::SledEngine;
use super::tables::prefix;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn write(engine: &dyn Engine, writes: &[(&[u8], Option<&[u8]>)]) {
    let writes = writes.iter().map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec)));
    engine.apply(writes.collect()).unwrap();
}

fn read(engine: &dyn Engine, range: KeyRange, direction: Direction, limit: usize) -> Pairs {
    let mut pairs = Vec::new();
    engine
        .scan(range, direction, &mut |key, value| {
            pairs.push((key.to_vec(), value.to_vec()));
            pairs.len() < limit
        })
        .unwrap();
    pairs
}

fn keys(pairs: &Pairs) -> Vec<&[u8]> {
    pairs.iter().map(|(key, _)| key.as_slice()).collect()
}

/// Runs the whole suite. `open` opens the same database each time it is called, after the last was dropped.
fn conforms<E: Engine>(open: impl Fn() -> E) {
    single_keys(&open());
    ranges(&open());
    batches_are_whole(&open());
    many_keys(&open);
    binary_and_long(&open);
}

fn single_keys(engine: &dyn Engine) {
    assert_eq!(engine.get(b"a").unwrap(), None);
    write(engine, &[(b"a", Some(b"1")), (b"b", Some(b""))]);
    assert_eq!(engine.get(b"a").unwrap().as_deref(), Some(b"1".as_slice()));
    assert_eq!(engine.get(b"b").unwrap().as_deref(), Some(b"".as_slice()), "empty is not absent");
    write(engine, &[(b"a", Some(b"2")), (b"b", None), (b"never", None)]);
    assert_eq!(engine.get(b"a").unwrap().as_deref(), Some(b"2".as_slice()));
    assert_eq!(engine.get(b"b").unwrap(), None);
    write(engine, &[(b"a", None)]);
    assert_eq!(engine.get(b"a").unwrap(), None);
}

fn ranges(engine: &dyn Engine) {
    let all: [&[u8]; 7] = [b"p", b"p\x00", b"p1", b"p1x", b"p2", b"p\xff", b"q"];
    let writes: Vec<_> = all.iter().map(|key| (*key, Some(*key))).collect();
    write(engine, &writes);
    let under = |bytes: &[u8], direction| read(engine, prefix(bytes), direction, 99);
    assert_eq!(keys(&under(b"p", Direction::Ascending)), all[..6]);
    assert_eq!(keys(&under(b"p1", Direction::Descending)), [b"p1x".as_slice(), b"p1"]);
    assert!(under(b"r", Direction::Ascending).is_empty());
    let between = (Bound::Excluded(b"p".to_vec()), Bound::Excluded(b"p2".to_vec()));
    assert_eq!(keys(&read(engine, between.clone(), Direction::Ascending, 99)), all[1..4]);
    assert_eq!(keys(&read(engine, between, Direction::Descending, 1)), [b"p1x".as_slice()]);
    let inclusive = (Bound::Included(b"p1".to_vec()), Bound::Included(b"p2".to_vec()));
    assert_eq!(keys(&read(engine, inclusive, Direction::Ascending, 99)), all[2..5]);
    let writes: Vec<_> = all.iter().map(|key| (*key, None)).collect();
    write(engine, &writes);
}

/// A reader sees a batch wholly or not at all, looking at one key after the other in the order of writing.
fn batches_are_whole(engine: &dyn Engine) {
    let value = |round: u32| round.to_be_bytes();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200 {
                write(engine, &[(b"x1", Some(&value(round))), (b"x2", Some(&value(round)))]);
            }
        });
        for _ in 0..400 {
            // Read in this order the first can never be newer than the second.
            let first = engine.get(b"x1").unwrap();
            let second = engine.get(b"x2").unwrap();
            assert!(first <= second, "half of a batch was visible");
        }
    });
    write(engine, &[(b"x1", None), (b"x2", None)]);
}

fn many_keys<E: Engine>(open: &impl Fn() -> E) {
    let key = |n: u32| [b"m".as_slice(), &n.to_be_bytes()].concat();
    let engine = open();
    for first in (0..3_000).step_by(500) {
        let writes = (first..first + 500).map(|n| (key(n), Some(vec![n as u8; 300])));
        engine.apply(writes.collect()).unwrap();
    }
    engine.apply((0..3_000).step_by(3).map(|n| (key(n), None)).collect()).unwrap();
    engine.flush().unwrap();
    drop(engine);
    let engine = open();
    let pairs = read(&engine, prefix(b"m"), Direction::Ascending, usize::MAX);
    assert_eq!(pairs.len(), 2_000);
    for ((found, value), n) in pairs.iter().zip((0..3_000).filter(|n| n % 3 != 0)) {
        assert_eq!((found, value), (&key(n), &vec![n as u8; 300]));
    }
    assert_eq!(read(&engine, prefix(b"m"), Direction::Descending, 1)[0].0, key(2_999));
    assert!(engine.bytes_on_disk().unwrap() > 0);
}

fn binary_and_long<E: Engine>(open: &impl Fn() -> E) {
    let (key, value) = (vec![0xff; 300], vec![0; super::VALUE_BYTES_MAX + 64]);
    let engine = open();
    engine.apply([(key.clone(), Some(value.clone()))].into()).unwrap();
    engine.flush().unwrap();
    drop(engine);
    assert_eq!(open().get(&key).unwrap(), Some(value));
}

#[test]
fn sled_conforms() {
    let dir = tempfile::TempDir::new().unwrap();
    conforms(|| SledEngine::open(&dir.path().join("index")).unwrap());
}

/// The simplest engine there is: it shows that the suite asks nothing that only sled does.
#[derive(Clone, Default)]
struct MapEngine(Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>);

impl Engine for MapEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    fn apply(&self, writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), EngineError> {
        let mut map = self.0.lock().unwrap();
        for (key, value) in writes {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
        Ok(())
    }

    fn scan(&self, range: KeyRange, direction: Direction, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        let mut pairs: Pairs = self.0.lock().unwrap().range(range).map(|(k, v)| (k.clone(), v.clone())).collect();
        if direction == Direction::Descending {
            pairs.reverse();
        }
        let _stopped = pairs.iter().all(|(key, value)| visit(key, value));
        Ok(())
    }

    fn flush(&self) -> Result<(), EngineError> {
        Ok(())
    }

    fn bytes_on_disk(&self) -> Result<u64, EngineError> {
        Ok(1)
    }
}

#[test]
fn a_map_conforms() {
    let engine = MapEngine::default();
    conforms(|| engine.clone());
}
