//! Taking in what a colleague wrote, on one core: one by one as it is pushed, and in runs as a gap is closed.

use std::hint::black_box;
use std::time::Duration;

use artel_crdt::entry::Signed;
use artel_crdt::id::sha256;
use artel_crdt::run::{Packet, Run};
use ed25519_dalek::{Signer, SigningKey};

use crate::desk::Desk;
use crate::{median, timed};

/// Messages.
const MESSAGES: usize = 10_000;
/// Entries of a run that closes a gap.
const RUN: usize = 128;
/// How often the same is done.
const ROUNDS: usize = 5;

/// Prints the figures.
pub(crate) fn print() {
    let mut anna = Desk::office(2);
    let channel = anna.channel();
    let text = "сообщение о договоре, ".repeat(5);
    anna.post(channel, &text);
    let before = anna.disk.len();
    let reader = || {
        let mut desk = anna.colleague(1);
        desk.disk.clear();
        desk
    };
    // Those who take in know everything but the messages.
    let mut readers: Vec<Desk> = (0..2 * ROUNDS).map(|_| reader()).collect();
    (1..MESSAGES).for_each(|_| anna.post(channel, &text));
    let packets = &anna.disk[before..];
    let pushed: Vec<Vec<u8>> = packets.iter().map(Packet::encode).collect();
    let in_runs: Vec<Vec<u8>> = joined(packets).iter().map(Packet::encode).collect();
    let mut take = |bytes: &[Vec<u8>]| {
        let times = (0..ROUNDS).map(|_| {
            let mut desk = readers.pop().unwrap();
            let ((), time) = timed(|| bytes.iter().for_each(|it| desk.take(it)));
            assert!(desk.entries(channel).count() >= MESSAGES - 1, "all of them are in");
            time
        });
        median(times.collect())
    };
    for (name, bytes) in [("pushed one by one", &pushed), ("in runs of 128", &in_runs)] {
        let (taken, floor) = (take(bytes), signatures(bytes));
        let size: usize = bytes.iter().map(Vec::len).sum();
        let a_second = |time: Duration| MESSAGES as f64 / time.as_secs_f64();
        println!(
            "ingest, {MESSAGES} messages of {} B {name}: {:.0} a second, {:.1} times the floor; {} B each on the wire",
            text.len(),
            a_second(taken),
            taken.as_secs_f64() / floor.as_secs_f64(),
            size / MESSAGES,
        );
        println!(
            "    floor: one Ed25519 verification a packet and SHA-256 of its bytes, {:.0} a second",
            a_second(floor)
        );
    }
}

/// The same entries in runs that one signature ends.
fn joined(packets: &[Packet]) -> Vec<Packet> {
    let runs = packets.chunks(RUN).map(|some| {
        let last = some.len() - 1;
        let entries = some.iter().flat_map(|it| it.run.entries()).cloned().enumerate();
        // The last signature covers those before it by their hashes.
        let entries = entries.map(|(at, it)| Signed { signature: it.signature.filter(|_| at == last), ..it });
        let blobs = some.iter().flat_map(|it| it.blobs.clone()).collect();
        Packet { run: Run::join(entries.collect()).unwrap(), blobs }
    });
    runs.collect()
}

fn signatures(packets: &[Vec<u8>]) -> Duration {
    let key = SigningKey::from_bytes(&[5; 32]);
    let signed: Vec<_> = packets.iter().map(|it| (it, key.sign(&sha256(&[it])))).collect();
    let public = key.verifying_key();
    let once = || {
        for (bytes, signature) in &signed {
            black_box(public.verify_strict(&sha256(&[bytes]), signature)).unwrap();
        }
    };
    median((0..ROUNDS).map(|_| timed(once).1).collect())
}
