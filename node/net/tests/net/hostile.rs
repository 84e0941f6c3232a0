//! Strangers and rule breakers: what they get is nothing, and it is counted.

use std::time::{Duration, Instant};

use artel_net::{Down, Event, FrameError, Protocol, Refusal, SendError};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::StreamProtocol;
use libp2p::identity::Keypair;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::node::{Node, PATIENCE, config, identity, until};
use crate::raw::{Raw, accept_control, admitted_hello, frame, hello_one, name, read_frame};

#[tokio::test]
async fn abuse_47_a_stranger_gets_hello_and_enrol_and_not_a_byte_of_anything_else() {
    let mut node = Node::member(identity(), &[]);
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let mut raw = Raw::connect(&tracker, identity().0, node.key, address).await;

    let others = [name("ctl"), name("sync"), name("blob")].into_iter().chain(
        [
            "/ipfs/id/1.0.0",
            "/ipfs/id/push/1.0.0",
            "/ipfs/ping/1.0.0",
            "/libp2p/circuit/relay/0.2.0/hop",
            "/libp2p/circuit/relay/0.2.0/stop",
        ]
        .map(StreamProtocol::new),
    );
    let mut tried = 0;
    for other in others {
        assert_eq!(raw.read_all(other.clone()).await, b"", "{other} answers a stranger");
        tried += 1;
    }
    assert_eq!(raw.read_all(name("nope")).await, b"");
    until("refusals are counted", || node.net.refusals().of(Refusal::NotMember) == tried).await;

    let mut hello = raw.open(name("hello")).await.expect("hello is served");
    hello.write_all(&frame(&hello_one(1, 1))).await.unwrap();
    hello.flush().await.unwrap();
    assert_eq!(read_frame(&mut hello).await.len(), 37, "hello 1 and nothing more");
    let mut enrol = raw.open(name("enrol")).await.expect("enrol is served");
    enrol.write_all(&frame(b"let me in")).await.unwrap();
    enrol.flush().await.unwrap();
    let mut served = node
        .wait("the enrol stream", |event| match event {
            Event::Stream { admitted: false, protocol: Protocol::Enrol, stream, .. } => Some(stream),
            Event::Stream { protocol, .. } => panic!("{protocol:?} for a stranger"),
            _ => None,
        })
        .await;
    assert_eq!(served.recv().await.unwrap(), Some(b"let me in".to_vec()));
}

#[tokio::test]
async fn abuse_52_a_stranger_that_goes_on_asking_is_closed() {
    let mut node = Node::member(identity(), &[]);
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let mut raw = Raw::connect(&tracker, identity().0, node.key, address).await;
    for _ in 0..20 {
        drop(raw.open(name("sync")).await);
    }
    raw.wait_closed().await;
}

#[tokio::test]
async fn garbage_on_the_socket_is_counted_and_harms_nobody() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let (mut a, mut b) = (Node::member(a, &roster), Node::member(b, &roster));
    let address = a.address().await;
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 4096], &[0; 64]] {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        socket.shutdown().await.unwrap();
    }
    until("handshakes are counted", || a.net.refusals().of(Refusal::Handshake) == 3).await;
    b.net.dial(Some(a.key), vec![address], artel_net::Source::Manual).await.unwrap();
    a.up(b.key).await;
    b.up(a.key).await;
}

/// Connects, sends these bytes as the hello stream and returns why the link ended.
async fn cause_of(node: &mut Node, bytes: &[u8]) -> Refusal {
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let mut raw = Raw::connect(&tracker, identity().0, node.key, address).await;
    let mut hello = raw.open(name("hello")).await.expect("hello is served");
    hello.write_all(bytes).await.unwrap();
    hello.flush().await.unwrap();
    raw.wait_closed().await;
    node.wait("the end of the link", |event| match event {
        Event::LinkClosed { cause, .. } => Some(cause),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn hellos_that_break_the_rules_close_the_link_and_are_counted() {
    let mut node = Node::member(identity(), &[]);
    assert_eq!(cause_of(&mut node, &frame(&hello_one(2, 9))).await, Refusal::ProtocolVersion);
    assert_eq!(cause_of(&mut node, &frame(&[0xff; 37])).await, Refusal::BadHello);
    assert_eq!(cause_of(&mut node, &[0xff; 4096]).await, Refusal::BadHello);
    let mut unknown_type = frame(&hello_one(1, 1));
    unknown_type.extend(frame(&[9, 9]));
    assert_eq!(cause_of(&mut node, &unknown_type).await, Refusal::BadHello);
    let mut too_large = frame(&hello_one(1, 1));
    too_large.extend([0xff; 4]);
    assert_eq!(cause_of(&mut node, &too_large).await, Refusal::BadHello);
    let counts = node.net.refusals();
    assert_eq!(
        (counts.of(Refusal::ProtocolVersion), counts.of(Refusal::BadHello), counts.of(Refusal::FrameTooLarge)),
        (1, 4, 2)
    );
}

#[tokio::test]
async fn abuse_52_a_length_of_four_gigabytes_ends_the_stream_before_it_costs_memory() {
    let mut node = Node::member(identity(), &[]);
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let mut raw = Raw::connect(&tracker, identity().0, node.key, address).await;
    let mut enrol = raw.open(name("enrol")).await.expect("enrol is served");
    enrol.write_all(&[0xff; 16]).await.unwrap();
    enrol.flush().await.unwrap();
    let mut served = node
        .wait("the enrol stream", |event| match event {
            Event::Stream { stream, .. } => Some(stream),
            _ => None,
        })
        .await;
    assert!(matches!(served.recv().await, Err(FrameError::TooLarge { bytes: 0xffff_ffff, limit: 262_144 })));
    assert_eq!(node.net.refusals().of(Refusal::FrameTooLarge), 1);
    drop(served);
    let mut rest = Vec::new();
    drop(timeout(PATIENCE, enrol.read_to_end(&mut rest)).await.expect("the stream is reset"));
    assert_eq!(rest, b"");
}

/// A node and a raw member whose key is larger, so that the node opens the control stream.
async fn raw_member(
    tracker: &TaskTracker,
    silence: Duration,
) -> (Node, Raw, libp2p_stream::IncomingStreams, artel_net::PeerKey) {
    let (a, b) = (identity(), identity());
    let (ours, theirs) = if a.1 < b.1 { (a, b) } else { (b, a) };
    let mut timed = config(ours.0, &[ours.1, theirs.1]);
    timed.timing.silence = silence;
    let mut node = Node::start(timed);
    let address = node.address().await;
    let keys = Keypair::ed25519_from_bytes(&mut theirs.0.clone()).unwrap();
    let (raw, incoming) = Raw::connect_with(tracker, keys, node.key, address, accept_control).await;
    (node, raw, incoming, theirs.1)
}

#[tokio::test]
async fn a_member_that_stops_answering_is_away_and_then_down() {
    let tracker = TaskTracker::new();
    let (mut node, mut raw, mut incoming, key) = raw_member(&tracker, Duration::from_millis(1500)).await;
    admitted_hello(&mut raw).await;
    let (_, stream) = timeout(PATIENCE, incoming.next()).await.expect("a control stream").unwrap();
    node.up(key).await;
    let begun = Instant::now();
    // It never reads: the queue fills and says so, and nothing blocks.
    let mut queued = 0;
    loop {
        match node.net.send(key, vec![0; 64 * 1024]) {
            Ok(()) => queued += 1,
            Err(SendError::QueueFull) => break,
            Err(SendError::NotConnected | SendError::TooLarge) => {
                panic!("the peer went down first")
            }
        }
        assert!(queued < 200, "the queue has no bound");
        tokio::task::yield_now().await;
    }
    assert!(queued >= 64, "only {queued} frames of 64 KiB fit");
    let mut away = false;
    let why = node
        .wait("peer down", |event| match event {
            Event::PeerAway { peer } => {
                away = peer == key;
                None
            }
            Event::PeerDown { peer, why } => (peer == key).then_some(why),
            _ => None,
        })
        .await;
    assert!(away);
    assert_eq!(why, Down::Silent);
    let taken = begun.elapsed();
    assert!(taken >= Duration::from_millis(1400) && taken < Duration::from_secs(5), "took {taken:?}");
    raw.wait_closed().await;
    drop(stream);
}

#[tokio::test]
async fn a_member_that_breaks_the_rules_of_the_control_stream_goes_down() {
    let tracker = TaskTracker::new();
    let (mut node, mut raw, mut incoming, key) = raw_member(&tracker, Duration::from_millis(1500)).await;
    admitted_hello(&mut raw).await;
    let (_, mut stream) = timeout(PATIENCE, incoming.next()).await.expect("a control stream").unwrap();
    node.up(key).await;
    stream.write_all(&[0x7f, 0xff, 0xff, 0xff]).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(node.down(key).await, Down::Misbehaved(Refusal::FrameTooLarge));
    raw.wait_closed().await;
}

#[tokio::test]
async fn after_a_network_change_a_silent_member_is_given_up_sooner() {
    let tracker = TaskTracker::new();
    let (mut node, mut raw, mut incoming, key) = raw_member(&tracker, Duration::from_secs(60)).await;
    admitted_hello(&mut raw).await;
    let (_, stream) = timeout(PATIENCE, incoming.next()).await.expect("a control stream").unwrap();
    node.up(key).await;
    node.net.network_changed().await.unwrap();
    assert_eq!(node.down(key).await, Down::Silent);
    drop(stream);
}

#[tokio::test]
async fn a_slow_member_costs_dropped_frames_and_the_driver_hears_of_it() {
    let tracker = TaskTracker::new();
    let (mut node, mut raw, mut incoming, key) = raw_member(&tracker, Duration::from_secs(60)).await;
    admitted_hello(&mut raw).await;
    let (_, mut stream) = timeout(PATIENCE, incoming.next()).await.expect("a control stream").unwrap();
    node.up(key).await;
    let mut dropped = 0;
    while dropped < 3 {
        match node.net.send(key, vec![0; 64 * 1024]) {
            Ok(()) => tokio::task::yield_now().await,
            Err(SendError::QueueFull) => dropped += 1,
            Err(error) => panic!("{error}"),
        }
    }
    tracker.spawn(async move { while read_frame(&mut stream).await.len() > 1 {} });
    let told = node
        .wait("dropped frames", |event| match event {
            Event::Dropped { peer, frames } => (peer == key).then_some(frames),
            _ => None,
        })
        .await;
    assert_eq!(told, 3);
}
