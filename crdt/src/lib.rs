//! The pure core of Artel: entries, authority, keys, timelines and synchronisation of one organisation.
//!
//! Nothing here reads the world. Four rules hold for every module and are enforced by `clippy.toml` and by the tidy test:
//!
//! 1. time and chance come in through [`Ctx`];
//! 2. effects go out as values, which the caller performs;
//! 3. iteration order never depends on chance (`BTreeMap`, `BTreeSet`);
//! 4. no byte string from outside can make a function panic.
//!
//! Suggested reading order: [`id`], [`time`], [`entry`], [`run`], [`authority`], [`seal`], [`timeline`], [`sync`],
//! and at last [`replica`], where they meet.

pub mod authority;
pub mod cbor;
pub mod cert;
pub mod cose;
pub mod enrol;
pub mod entry;
pub mod id;
pub mod invite;
pub mod limits;
pub mod noise;
#[cfg(feature = "planted")]
pub mod planted;
pub mod register;
pub mod replica;
pub mod roster;
pub mod run;
pub mod seal;
pub mod secret;
pub mod sync;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod time;
pub mod timeline;
pub mod words;

use time::Timestamp;

/// What a call of the core may know of the world: the time and a source of randomness.
pub struct Ctx<'a> {
    /// The present, already corrected by the median offset to the members met.
    pub now: Timestamp,
    /// Where every nonce, key and identifier comes from.
    pub rng: &'a mut dyn Entropy,
}

/// A source of unpredictable bytes: the operating system in production, a seeded generator in the simulator.
pub trait Entropy {
    /// Fills `bytes` completely.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// Returns `N` fresh bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
