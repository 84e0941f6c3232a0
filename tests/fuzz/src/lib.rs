//! Everything that reads bytes from outside, as functions that a fuzzer calls: they panic iff a promise is broken.
//!
//! The promises: no bytes make a decoder panic; what decodes encodes to the same bytes (one value, one encoding), or for
//! texts that people type, to a text that reads back as the same. `tests/replay.rs` runs seeds, their mutations, the
//! committed corpus and random bytes through all of them; `cargo-fuzz/` searches further.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: a panic is how it fails, and seeds are ours")]

use std::fmt::Debug;

mod codecs;
mod enrol;
pub mod office;
mod replica;
pub mod seeds;
mod signed;
mod texts;
mod timeline;

/// One thing to fuzz.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, also that of the corpus folder and of the cargo-fuzz binary.
    pub name: &'static str,
    /// Takes any bytes; panics if a promise is broken.
    pub run: fn(&[u8]),
    /// Real inputs, made by the crate itself.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Whether one run costs about a millisecond (a handshake, a replica, a document) instead of microseconds.
    pub dear: bool,
}

/// Declares the table of targets from `name: function, seeds;` and `dear` ones.
macro_rules! targets {
    ($($(#[$dear:ident])? $name:ident: $run:path, $seeds:path;)*) => {
        /// All targets.
        pub const TARGETS: &[Target] = &[$(
            Target { name: stringify!($name), run: $run, seeds: $seeds, dear: targets!(@dear $($dear)?) },
        )*];
    };
    (@dear) => { false };
    (@dear dear) => { true };
}

targets! {
    run: signed::run, seeds::runs;
    entry: signed::entry, seeds::entries;
    register: signed::register, seeds::registers;
    sign1: signed::sign1, seeds::signed_things;
    cert: signed::cert, seeds::certs;
    bundle: signed::bundle, seeds::bundles;
    act: codecs::act, seeds::acts;
    policy: codecs::policy, seeds::policies;
    epoch: codecs::epoch, seeds::epochs;
    grant: codecs::grant, seeds::grants;
    cut: codecs::cut, seeds::cuts;
    forget: codecs::forget, seeds::forgets;
    stanzas: codecs::stanzas, seeds::stanzas;
    roster_act: codecs::roster_act, seeds::roster_acts;
    roster: codecs::roster, seeds::rosters;
    record: codecs::record, seeds::records;
    file: codecs::file, seeds::files;
    placed: codecs::placed, seeds::placed;
    message: codecs::message, seeds::messages;
    values: codecs::values, seeds::values;
    cbor: codecs::cbor, seeds::cbor;
    padding: codecs::padding, seeds::paddings;
    code: texts::code, seeds::codes;
    link: texts::link, seeds::links;
    phrase: texts::phrase, seeds::phrases;
    email: texts::email, seeds::emails;
    id: texts::id, seeds::ids;
    #[dear]
    enrol: enrol::target, enrol::seeds;
    #[dear]
    timeline: timeline::target, seeds::timelines;
    #[dear]
    replica: replica::target, replica::seeds;
}

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|it| it.name == name)
}

/// What decodes must encode to the very bytes it came from.
#[track_caller]
fn canonical<T, E: Debug>(bytes: &[u8], decoded: Result<T, E>, encode: impl FnOnce(&T) -> Vec<u8>) -> Option<T> {
    let value = decoded.ok()?;
    assert_eq!(encode(&value), bytes, "decodes, but encodes to other bytes");
    Some(value)
}
