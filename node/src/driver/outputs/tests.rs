//! Tests of joining what one burst has written.

use artel_crdt::entry::{Entry, Kind, Signed};
use artel_crdt::id::{DeviceId, Inc, OrgId, SpaceId};
use artel_crdt::run::{Keys, Packet, Run, check_run};
use artel_crdt::time::Hlc;
use ed25519_dalek::SigningKey;

use super::{follows, join};

const ORG: OrgId = OrgId([1; 20]);

fn device() -> (SigningKey, DeviceId) {
    let key = SigningKey::from_bytes(&[5; 32]);
    let id = DeviceId::of_key(key.verifying_key().as_bytes());
    (key, id)
}

/// Packets of one entry each, linked, from a position on.
fn packets(first: u64, count: u64, space: u8, body: usize) -> Vec<Packet> {
    let (key, device) = device();
    let mut before: Option<Signed> = None;
    let made = (first..first + count).map(|seq| {
        let prev = before.as_ref().map(|it| it.id).or((seq > 0).then_some(artel_crdt::id::EntryId([9; 32])));
        let entry = Entry {
            device,
            space: SpaceId([space; 16]),
            inc: Inc([3; 8]),
            seq,
            prev,
            seen: Vec::new(),
            hlc: Hlc { ms: 1_000 + seq, ctr: 0 },
            kind: Kind::Merge,
            epoch: None,
            body: vec![0; body],
            blobs: Vec::new(),
        };
        let signed = entry.sign(&ORG, &key);
        before = Some(signed.clone());
        Packet::of(Run::own(signed))
    });
    made.collect()
}

fn grouped(packets: Vec<Packet>) -> Vec<Packet> {
    let mut groups: Vec<Vec<Packet>> = Vec::new();
    for packet in packets {
        match groups.last_mut() {
            Some(group) if follows(group, &packet) => group.push(packet),
            _ => groups.push(vec![packet]),
        }
    }
    groups.into_iter().flat_map(join).collect()
}

#[test]
fn consecutive_entries_become_runs_that_end_at_checkpoints_and_verify() {
    let joined = grouped(packets(100, 60, 7, 0));
    let ranges: Vec<(u64, u64)> = joined.iter().map(|it| it.run.range()).collect();
    assert_eq!(ranges, [(100, 127), (128, 159)]);
    let (key, id) = device();
    let keys = Keys { org: ORG, devices: [(id, key.verifying_key())].into() };
    for packet in joined {
        assert_eq!(check_run(&keys, &packet.encode()).unwrap(), signed_where_kept(packet));
    }
}

/// A run as it comes back: signatures only where they are kept.
fn signed_where_kept(packet: Packet) -> Packet {
    let last = packet.run.range().1;
    let strip = |mut it: Signed| {
        it.signature = it.signature.filter(|_| it.entry.seq == last || artel_crdt::run::is_checkpoint(it.entry.seq));
        it
    };
    Packet::of(Run::join(packet.run.into_entries().into_iter().map(strip).collect()).unwrap())
}

#[test]
fn other_logs_gaps_and_long_entries_stay_apart() {
    let mut gap = packets(0, 3, 7, 0);
    gap.remove(1);
    assert_eq!(grouped(gap).len(), 2);
    let two_spaces = [packets(0, 2, 7, 0), packets(2, 2, 8, 0)].concat();
    assert_eq!(grouped(two_spaces).len(), 2);
    let long = grouped(packets(0, 5, 7, 60_000));
    assert_eq!(long.iter().map(|it| it.run.range()).collect::<Vec<_>>(), [(0, 1), (2, 3), (4, 4)]);
}

#[test]
fn what_does_not_link_is_kept_as_it_is() {
    let (mut one, other) = (packets(0, 1, 7, 0), packets(1, 1, 7, 0));
    one.extend(other);
    assert_eq!(join(one.clone()), one);
}
