//! Tests of discovery: the rules, the book, the rungs without multicast. Those with multicast are in `tests/network.rs`.

#[cfg(target_os = "linux")]
mod network;

use std::collections::BTreeSet;

use artel_crdt::secret::Secret;
use artel_crdt::time::Timestamp;

use super::mdns::{Announcement, SERVICES_MAX, Table};
use super::rules::{Loopback, dial_delay, is_dialable, is_left_out, is_ours, tag_text};
use super::*;

const FP: OrgFp = OrgFp([1; 10]);
const OTHER_FP: OrgFp = OrgFp([2; 10]);
const SOON: Duration = Duration::from_secs(60);

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn config(reach: Reach, port: u16) -> Config {
    Config {
        fps: vec![FP],
        standing: Standing::Member,
        port,
        reach,
        book: AddressBook::in_memory(),
        provision: None,
        clock: Clock::system(),
    }
}

#[test]
fn a_tag_says_nothing_without_the_fingerprint() {
    let (one, two) = (Instance([3; 8]), Instance([4; 8]));
    // SHA-256("artel/mdns/1" ‖ 01×10 ‖ 03×8)[..8], computed with another tool.
    assert_eq!(tag_text(&FP, &one), "d4a5e905d2c360e6");
    assert!(is_ours(&[OTHER_FP, FP], &one, &tag_text(&FP, &one)));
    assert!(!is_ours(&[FP], &one, &tag_text(&OTHER_FP, &one)));
    assert!(!is_ours(&[FP], &two, &tag_text(&FP, &one)), "two starts cannot be linked");
    assert!(!is_ours(&[FP], &one, &tag_text(&FP, &one).to_uppercase()));
    assert!(!is_ours(&[], &one, ""));
}

#[test]
fn instances_are_read_as_they_are_written() {
    let instance = Instance([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
    assert_eq!(instance.to_string(), "00010203fcfdfeff");
    assert_eq!(Instance::parse("00010203fcfdfeff"), Some(instance));
    for bad in ["", "00010203fcfdfef", "00010203fcfdfeff0", "00010203FCFDFEFF", "+0010203fcfdfeff", "кириллица1234567"]
    {
        assert_eq!(Instance::parse(bad), None, "{bad}");
    }
}

#[test]
fn the_smaller_dials_at_once_and_a_newcomer_always() {
    let (small, large) = (Instance([1; 8]), Instance([2; 8]));
    assert_eq!(dial_delay(Standing::Member, &small, &large), Duration::ZERO);
    assert_eq!(dial_delay(Standing::Member, &large, &small), YIELD_TIME);
    assert_eq!(dial_delay(Standing::Joining, &large, &small), Duration::ZERO);
}

#[test]
fn addresses_nobody_can_dial_are_left_out() {
    for good in ["10.0.0.1:1", "192.168.1.2:4100", "169.254.3.4:1", "[fd77::1]:9", "[2001:db8::1]:9"] {
        assert!(is_dialable(&addr(good), Loopback::LeftOut), "{good}");
    }
    let bad =
        ["0.0.0.0:1", "10.0.0.1:0", "224.0.0.251:1", "255.255.255.255:1", "[::]:1", "[ff02::fb]:1", "[fe80::1]:1"];
    for bad in bad.into_iter().chain(["[::ffff:0.0.0.0]:1"]) {
        assert!(!is_dialable(&addr(bad), Loopback::Used), "{bad}");
    }
    for own in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(!is_dialable(&addr(own), Loopback::LeftOut), "{own}");
        assert!(is_dialable(&addr(own), Loopback::Used), "{own}");
    }
}

#[test]
fn interfaces_of_containers_and_tunnels_are_left_out() {
    for name in ["docker0", "br-1a2b", "virbr0", "tun0", "wg0", "veth12ab"] {
        assert!(is_left_out(name), "{name}");
    }
    for name in ["eth0", "enp3s0", "wlan0", "br0", "en0", "Ethernet 2", "lan0"] {
        assert!(!is_left_out(name), "{name}");
    }
}

fn announcement(instance: Instance, fp: &OrgFp, ips: &[&str]) -> Announcement {
    Announcement {
        fullname: format!("{instance}._artel._tcp.local."),
        port: 4100,
        ips: ips.iter().map(|it| it.parse().unwrap()).collect(),
        tag: Some(tag_text(fp, &instance)),
        version: Some("1".to_owned()),
    }
}

#[test]
fn the_table_joins_addresses_and_tells_only_what_is_new() {
    let (own, theirs) = (Instance([9; 8]), Instance([1; 8]));
    let mut table = Table::new(vec![FP], own);
    let mut heard = |it: &Announcement| table.resolved(it, Loopback::LeftOut).map(|(_, addrs)| addrs);

    let v6_first = announcement(theirs, &FP, &["fd77::1", "fe80::1", "127.0.0.1"]);
    assert_eq!(heard(&v6_first), Some(vec![addr("[fd77::1]:4100")]));
    assert_eq!(heard(&v6_first), None);
    let both = announcement(theirs, &FP, &["fd77::1", "10.0.0.1"]);
    assert_eq!(heard(&both), Some(vec![addr("10.0.0.1:4100"), addr("[fd77::1]:4100")]));
    let moved = Announcement { port: 4200, ..announcement(theirs, &FP, &["10.0.0.1"]) };
    assert_eq!(heard(&moved), Some(vec![addr("10.0.0.1:4200")]));

    assert_eq!(heard(&announcement(own, &FP, &["10.0.0.9"])), None, "ourselves");
    assert_eq!(heard(&announcement(Instance([2; 8]), &OTHER_FP, &["10.0.0.2"])), None, "another organisation");
    assert_eq!(heard(&announcement(Instance([3; 8]), &FP, &["fe80::3", "127.0.0.1"])), None, "nothing to dial");
    let newer = Announcement { version: Some("2".to_owned()), ..announcement(Instance([4; 8]), &FP, &["10.0.0.4"]) };
    assert_eq!(heard(&newer), None);
    let untagged = Announcement { tag: None, ..announcement(Instance([5; 8]), &FP, &["10.0.0.5"]) };
    assert_eq!(heard(&untagged), None);
    let named = Announcement { fullname: "Reception._artel._tcp.local.".to_owned(), ..both.clone() };
    assert_eq!(heard(&named), None);

    let many: BTreeSet<String> = (0..100).map(|it| format!("10.0.1.{it}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let crowded = heard(&announcement(Instance([6; 8]), &FP, &many)).unwrap();
    assert_eq!(crowded.len(), ADDRESSES_MAX);

    // Gone and back again is news.
    table.removed(&both.fullname);
    assert!(table.resolved(&both, Loopback::LeftOut).is_some());
}

#[test]
fn a_flood_is_noticed_and_the_table_stays_small() {
    let own = Instance([9; 8]);
    let mut table = Table::new(vec![FP], own);
    let noisy = (0..SERVICES_MAX).any(|it| table.heard(&format!("{it}._artel._tcp.local.")));
    assert!(!noisy);
    assert!(!table.heard(&format!("{own}._artel._tcp.local.")), "our own echo is no stranger");
    assert!(!table.heard("1._artel._tcp.local."), "known");
    assert!(table.heard("one more._artel._tcp.local."));
    table.clear(own);
    assert!(!table.heard("one more._artel._tcp.local."));
}

#[test]
fn the_book_survives_and_shows_nothing_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("peers.cbor");
    let key = || Secret::new([7; 32]);
    let mut book = AddressBook::open(&path, key());
    assert_eq!(book.devices().count(), 0);
    assert!(book.learnt([1; 32], &[addr("10.0.0.1:4100"), addr("[fd77::1]:4100")]));
    assert!(!book.learnt([1; 32], &[addr("10.0.0.1:4100")]));
    book.connected([1; 32], addr("10.0.0.2:4100"), Timestamp(5));
    book.connected([0xAB; 32], addr("10.0.0.3:4100"), Timestamp(6));
    book.connected([3; 32], addr("10.0.0.4:4100"), Timestamp(7));
    book.forget(&[3; 32]);
    book.save().unwrap();

    let again = AddressBook::open(&path, key());
    let known: Vec<_> = again.devices().map(|(key, it)| (*key, it.clone())).collect();
    let first = Known {
        addrs: vec![addr("10.0.0.2:4100"), addr("10.0.0.1:4100"), addr("[fd77::1]:4100")],
        last_ok: Timestamp(5),
    };
    let second = Known { addrs: vec![addr("10.0.0.3:4100")], last_ok: Timestamp(6) };
    assert_eq!(known, [([1; 32], first), ([0xAB; 32], second)]);

    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(8).any(|it| it == [0xAB; 8]));
    assert_eq!(AddressBook::open(&path, Secret::new([8; 32])).devices().count(), 0, "another key");
    let mut bad = bytes.clone();
    bad[40] ^= 1;
    std::fs::write(&path, bad).unwrap();
    assert_eq!(AddressBook::open(&path, key()).devices().count(), 0, "a flipped bit");
    std::fs::write(&path, &bytes[..10]).unwrap();
    assert_eq!(AddressBook::open(&path, key()).devices().count(), 0, "cut short");
}

#[test]
fn the_book_is_bounded_both_ways() {
    let mut book = AddressBook::in_memory();
    for number in 0..5_000_u32 {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        book.connected(key, addr("10.0.0.1:1"), Timestamp(u64::from(number)));
    }
    assert_eq!(book.devices().count(), 4_096);
    let oldest = book.devices().map(|(_, it)| it.last_ok.0).min().unwrap();
    assert_eq!(oldest, 5_000 - 4_096);
    for port in 1..100 {
        book.learnt([1; 32], &[SocketAddr::new([10, 0, 0, 1].into(), port)]);
    }
    assert!(book.devices().all(|(_, it)| it.addrs.len() <= ADDRESSES_MAX));
}

#[test]
fn given_addresses_are_checked() {
    for good in ["10.0.0.5:4100", "[fd77::5]:4100", "artel.office.example:4100", "сервер.пример:80", "host_1:1"]
    {
        assert_eq!(good.parse::<Target>().unwrap().to_string(), good);
    }
    assert_eq!("  10.0.0.5:4100\n".parse::<Target>().unwrap().to_string(), "10.0.0.5:4100");
    let long = format!("{}:1", "a".repeat(254));
    for bad in
        ["", "host", "host:", ":1", "host:0", "10.0.0.1:0", "host:70000", "a b:1", "fd77::5:4100", "http://x:1", &long]
    {
        assert_eq!(bad.parse::<Target>(), Err(DiscoveryError::BadAddress), "{bad}");
    }
}

struct Running {
    handle: Handle,
    found: mpsc::Receiver<Found>,
    tracker: TaskTracker,
    cancel: CancellationToken,
}

impl Running {
    fn new(config: Config) -> Self {
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let (handle, found) = start(config, &tracker, cancel.clone());
        Self { handle, found, tracker, cancel }
    }

    async fn next(&mut self) -> Found {
        tokio::time::timeout(SOON, self.found.recv()).await.expect("a hint in time").expect("still running")
    }

    async fn stop(self) {
        self.cancel.cancel();
        self.tracker.close();
        tokio::time::timeout(SOON, self.tracker.wait()).await.expect("all tasks end");
    }
}

#[tokio::test]
async fn saved_provisioned_typed_and_learnt_addresses_come_out() {
    let folder = tempfile::tempdir().unwrap();
    let (provision, peers) = (folder.path().join("provision.toml"), folder.path().join("peers.cbor"));
    std::fs::write(&provision, "peers = [\"127.0.0.1:41\", \"not an address\", \"[::1]:42\"]\nlater = 1").unwrap();
    let mut book = AddressBook::open(&peers, Secret::new([7; 32]));
    book.connected([1; 32], addr("127.0.0.1:40"), Timestamp(1));
    let mut running = Running::new(Config { book, provision: Some(provision), ..config(Reach::Quiet, 4100) });

    let hint = |addr: SocketAddr, source, key| Found {
        addrs: vec![addr],
        source,
        key,
        instance: None,
        tag_verified: false,
        delay: Duration::ZERO,
    };
    assert_eq!(running.next().await, hint(addr("127.0.0.1:40"), Source::Saved, Some([1; 32])));
    assert_eq!(running.next().await, hint(addr("127.0.0.1:41"), Source::File, None));
    assert_eq!(running.next().await, hint(addr("[::1]:42"), Source::File, None));
    running.handle.add_manual("127.0.0.1:43").unwrap();
    assert_eq!(running.next().await, hint(addr("127.0.0.1:43"), Source::Manual, None));
    assert_eq!(running.handle.add_manual("nonsense"), Err(DiscoveryError::BadAddress));
    running.handle.learnt([2; 32], vec![addr("10.0.0.2:44"), addr("[fe80::1]:44"), addr("0.0.0.0:44")]);
    assert_eq!(running.next().await, hint(addr("10.0.0.2:44"), Source::Learnt, Some([2; 32])));
    running.handle.learnt([2; 32], vec![addr("10.0.0.2:44")]);
    running.handle.connected([3; 32], addr("127.0.0.1:45"));
    running.handle.forget([1; 32]);

    // Everything is said again on another network, and what changed in between is in it.
    let mut changes = running.handle.changes();
    running.handle.network_changed();
    tokio::time::timeout(SOON, changes.changed()).await.unwrap().unwrap();
    let mut again = Vec::new();
    for _ in 0..5 {
        let found = running.next().await;
        again.push((found.source, found.addrs[0].port()));
    }
    again.sort_unstable();
    let saved = [(Source::Saved, 44), (Source::Saved, 45)];
    let expected = [saved.as_slice(), &[(Source::Manual, 43), (Source::File, 41), (Source::File, 42)]].concat();
    assert_eq!(again, expected);

    let state = running.handle.state();
    assert_eq!((state.saved, state.learnt, state.manual.len(), state.file.len()), (2, 1, 1, 2));
    assert_eq!(state.mdns, MdnsState::Off);
    running.stop().await;
    let kept = AddressBook::open(&peers, Secret::new([7; 32]));
    assert_eq!(kept.devices().map(|(key, _)| key[0]).collect::<Vec<_>>(), [2, 3], "saved at the end");
}

#[tokio::test]
async fn a_driver_that_does_not_listen_cannot_stop_the_ladder() {
    let mut running = Running::new(config(Reach::Quiet, 4100));
    for round in 0..100_u8 {
        for number in 0..100_u8 {
            let mut key = [round; 32];
            key[0] = number;
            running.handle.learnt(key, vec![SocketAddr::new([10, 0, round, number].into(), 1)]);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let learnt = running.handle.state().learnt;
    assert!(FOUND_QUEUE * 4 < learnt, "{learnt} of 10,000 were taken while nobody listened");
    assert!(running.next().await.source == Source::Learnt);
    running.handle.add_manual("127.0.0.1:43").unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_stopped_discovery_says_so() {
    let running = Running::new(config(Reach::Quiet, 0));
    let handle = running.handle.clone();
    running.stop().await;
    assert_eq!(handle.add_manual("127.0.0.1:43"), Err(DiscoveryError::NotListening));
    handle.learnt([1; 32], Vec::new());
    handle.set_port(1);
}

#[test]
fn silence_becomes_suspicious_and_reads_well() {
    let start = Instant::now();
    let quiet = MdnsState::Listening { instance: Instance([9; 8]), found: 0, foreign: 0, quiet_since: start };
    assert!(!quiet.is_suspicious(start + Duration::from_secs(29)));
    assert!(quiet.is_suspicious(start + Duration::from_secs(30)));
    assert_eq!(quiet.to_string(), "nothing heard for 0 s");
    let busy = MdnsState::Listening { instance: Instance([9; 8]), found: 3, foreign: 1, quiet_since: start };
    assert!(!busy.is_suspicious(start + Duration::from_secs(300)));
    assert_eq!(busy.to_string(), "3 found");
}
