//! The key that changes when somebody is put out: what the remover computes before the next message, and what the others do.

use std::hint::black_box;
use std::time::Duration;

use artel_crdt::noise::x25519_public;
use artel_crdt::replica::Command;
use artel_crdt::run::Packet;
use artel_crdt::secret::Secret;

use crate::desk::Desk;
use crate::{median, ms, timed};

/// How many are put out, one after the other; the figures are medians.
const REMOVALS: usize = 3;

/// Prints the figures of an office of so many devices.
pub(crate) fn print(devices: u64) {
    let mut anna = Desk::office(devices);
    let channel = anna.channel();
    anna.post(channel, "before");
    let mut reader = anna.colleague(1);
    let organisation = anna.replica.organisation_space();
    let (mut writing, mut reading) = (Vec::new(), Vec::new());
    let (mut all, mut of_channel, mut largest) = (0, 0, 0);
    for gone in 0..REMOVALS as u64 {
        let person = anna.replica.authority().state().person_of(&Desk::device(devices - 1 - gone)).unwrap();
        let before = anna.disk.len();
        let ((), time) = timed(|| {
            anna.want(Command::RemovePerson { person, strict: false });
            anna.post(channel, "without him");
        });
        writing.push(time);
        let packets: Vec<Packet> = anna.disk[before..].to_vec();
        let bytes: Vec<Vec<u8>> = packets.iter().map(Packet::encode).collect();
        all = bytes.iter().map(Vec::len).sum();
        largest = bytes.iter().map(Vec::len).max().unwrap();
        let in_channel = packets.iter().zip(&bytes).filter(|(it, _)| it.run.space() == channel);
        of_channel = in_channel.map(|it| it.1.len()).sum();
        assert!(packets.iter().any(|it| it.run.space() == organisation), "the removal is an act");
        let ((), time) = timed(|| bytes.iter().for_each(|it| reader.take(it)));
        reading.push(time);
    }
    let left = devices - REMOVALS as u64;
    let (writing, reading, floor) = (median(writing), median(reading), multiplications(left));
    println!(
        "rotation, {devices:>3} devices: remover {:.2} ms, {:.1} times the floor; a reader {:.2} ms; \
         {all} B in all, the largest packet {largest} B, {of_channel} B of the channel with its message",
        ms(writing),
        writing.as_secs_f64() / floor.as_secs_f64(),
        ms(reading),
    );
    println!("    floor: two multiplications on the curve for each that stays, {:.2} ms", ms(floor));
}

/// For each recipient one key is drawn and one secret agreed upon: no seal to a key of X25519 does with less.
fn multiplications(recipients: u64) -> Duration {
    let once = || {
        for number in 0..2 * recipients {
            let mut secret = [7; 32];
            secret[..8].copy_from_slice(&number.to_be_bytes());
            black_box(x25519_public(&Secret::new(secret)));
        }
    };
    median((0..5).map(|_| timed(once).1).collect())
}
