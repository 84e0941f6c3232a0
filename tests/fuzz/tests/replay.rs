//! Seeds, their mutations, the committed corpus and random bytes through every target.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: a panic is how it fails")]

use std::path::Path;
use std::time::Instant;

use artel_fuzz::{TARGETS, Target, target};

/// Random inputs of a cheap target; a dear one gets a fiftieth.
const RANDOM: u64 = 20_000;
/// Mutated inputs of a cheap target; a dear one gets a fiftieth.
const MUTATED: usize = 30_000;
const DEAR: u64 = 50;

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }
}

/// Runs one input and names it if it fails: the bytes go into a corpus file.
fn run(target: &Target, bytes: &[u8]) {
    let done = std::panic::catch_unwind(|| (target.run)(bytes));
    if done.is_err() {
        let hex: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
        panic!("target {} fails on {hex}", target.name);
    }
}

/// The `at`th change of a seed: a flipped bit, an extreme byte, an end cut off, a byte put in.
fn mutated(seed: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let place = at / 12;
    match at % 12 {
        bit @ 0..=7 => bytes[place] ^= 1 << bit,
        8 => bytes[place] = 0,
        9 => bytes[place] = 0xff,
        10 => bytes.truncate(place),
        _ => bytes.insert(place, seed[place]),
    }
    bytes
}

/// All changes of all seeds if they are few, else as many spread evenly.
fn mutations(target: &Target, seeds: &[Vec<u8>]) -> usize {
    let all: usize = seeds.iter().map(|it| it.len() * 12).sum();
    let most = if target.dear { MUTATED / DEAR as usize } else { MUTATED };
    let stride = all.div_ceil(most).max(1) | 1;
    let mut done = 0;
    let mut next = 0;
    for seed in seeds {
        while next < seed.len() * 12 {
            run(target, &mutated(seed, next));
            done += 1;
            next += stride;
        }
        next -= seed.len() * 12;
    }
    done
}

fn corpus(target: &Target) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let Ok(files) = std::fs::read_dir(&folder) else { return 0 };
    let files: Vec<_> = files.map(|it| it.unwrap().path()).collect();
    files.iter().for_each(|it| run(target, &std::fs::read(it).unwrap()));
    files.len()
}

/// Pure noise, and noise behind the beginning of a seed, which gets further.
fn random(target: &Target, seeds: &[Vec<u8>]) -> u64 {
    let mut chance = Chance(0xa27e1);
    let count = if target.dear { RANDOM / DEAR } else { RANDOM };
    for at in 0..count {
        let noise: Vec<u8> = (0..chance.below(200)).map(|_| chance.next().to_le_bytes()[0]).collect();
        let seed = &seeds[chance.below(seeds.len())];
        let kept = if at % 2 == 0 { 0 } else { chance.below(seed.len() + 1) };
        run(target, &[&seed[..kept], &noise].concat());
    }
    count
}

fn replay(name: &str) {
    let target = target(name).unwrap();
    let start = Instant::now();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{name} has no seed");
    seeds.iter().for_each(|it| run(target, it));
    let (files, mutations, random) = (corpus(target), mutations(target, &seeds), random(target, &seeds));
    let (seeds, took) = (seeds.len(), start.elapsed());
    eprintln!("{name}: {seeds} seeds, {mutations} mutations, {files} files, {random} random inputs in {took:.1?}");
}

macro_rules! replays {
    ($($name:ident)*) => {
        mod of {
            $(#[test]
            fn $name() {
                super::replay(stringify!($name));
            })*
        }

        #[test]
        fn no_target_is_left_out() {
            let tested = [$(stringify!($name)),*];
            assert!(TARGETS.iter().all(|it| tested.contains(&it.name)) && tested.len() == TARGETS.len());
        }
    };
}

replays! {
    run entry register sign1 cert bundle act policy epoch grant cut forget stanzas roster_act roster record file placed message
    values cbor padding code link phrase email id enrol timeline replica
}
