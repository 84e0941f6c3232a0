//! Tests of `sync`.

use super::*;

#[test]
fn every_message_comes_back() {
    let log = LogId { device: DeviceId([1; 16]), inc: Inc([2; 8]) };
    let head = LogHead { log, ranges: vec![(0, 4), (9, 9)], last_id: EntryId([3; 32]) };
    let messages = [
        Message::Push(vec![1, 2, 3]),
        Message::Summary([1; 32]),
        Message::Spaces(vec![(SpaceId([4; 16]), [5; 32])]),
        Message::Heads { space: SpaceId([4; 16]), logs: vec![head], answer: true },
        Message::Want { space: SpaceId([4; 16]), ranges: vec![LogRange { log, first: 1, last: 700 }] },
        Message::Served(SpaceId([4; 16])),
        Message::Registers(vec![vec![7; 100]]),
        Message::RegistersHash([8; 32]),
        Message::RegistersWant,
        Message::BlobsWant(vec![BlobHash([9; 32])]),
        Message::Addresses(vec![([1; 32], vec!["192.0.2.1:4001".to_owned()])]),
        Message::Goodbye,
        Message::Typing(SpaceId([4; 16])),
    ];
    for message in messages {
        let bytes = message.encode();
        assert_eq!(Message::decode(&bytes), Ok(message));
        for len in 0..bytes.len() {
            assert!(Message::decode(&bytes[..len]).is_err());
        }
    }
}

#[test]
fn ranges_that_overlap_are_refused() {
    let log = LogId { device: DeviceId([1; 16]), inc: Inc([2; 8]) };
    for ranges in [vec![(0, 4), (4, 9)], vec![(5, 4)], vec![(9, 9), (0, 1)]] {
        let head = LogHead { log, ranges, last_id: EntryId([3; 32]) };
        let bytes = Message::Heads { space: SpaceId([4; 16]), logs: vec![head], answer: false }.encode();
        assert!(Message::decode(&bytes).is_err());
    }
}
