//! Bounds on what one peer or one host can take.

use std::time::{Duration, Instant};

use artel_net::limits::{STRANGERS_PER_ADDRESS_MAX, STREAMS_IN_MAX, STREAMS_OUT_MAX};
use artel_net::{Event, ListenPort, OpenError, Protocol, Refusal, Source, StartError, spawn};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::node::{Node, config, identity, pair, until};
use crate::raw::{Raw, admitted_hello, name};

#[tokio::test]
async fn abuse_52_streams_to_one_peer_are_bounded_and_given_back() {
    let (a, b) = pair().await;
    let mut open = Vec::new();
    for _ in 0..STREAMS_OUT_MAX {
        open.push(a.net.open_stream(b.key, Protocol::Blob).await.unwrap());
    }
    assert_eq!(a.net.open_stream(b.key, Protocol::Blob).await.err(), Some(OpenError::Busy));
    open.pop();
    open.push(a.net.open_stream(b.key, Protocol::Blob).await.unwrap());
}

#[tokio::test]
async fn a_member_that_opens_too_many_streams_keeps_its_link_and_no_more_streams() {
    let (a, b) = (identity(), identity());
    let (ours, theirs) = if a.1 < b.1 { (b, a) } else { (a, b) };
    let mut node = Node::member(ours, &[ours.1, theirs.1]);
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let mut raw = Raw::connect(&tracker, theirs.0, node.key, address).await;
    admitted_hello(&mut raw).await;
    // The smaller key opens the control stream; this one never does, so nothing else holds a place but the hello.
    let mut held = Vec::new();
    for _ in 0..STREAMS_IN_MAX + 4 {
        held.push(raw.open(name("sync")).await);
    }
    until("refusals are counted", || node.net.refusals().of(Refusal::TooManyStreams) >= 4).await;
    assert!(raw.closed.try_recv().is_err(), "the link lives");
}

#[tokio::test]
async fn strangers_from_one_address_are_bounded() {
    let mut node = Node::member(identity(), &[]);
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let mut held = Vec::new();
    for _ in 0..=STRANGERS_PER_ADDRESS_MAX {
        held.push(Raw::connect(&tracker, identity().0, node.key, address).await);
    }
    held.last_mut().unwrap().wait_closed().await;
    assert_eq!(node.net.refusals().of(Refusal::StrangersPerAddress), 1);
    assert!(held.first_mut().unwrap().closed.try_recv().is_err(), "the first one stays");
}

#[tokio::test]
async fn a_stranger_has_one_connection() {
    let mut node = Node::member(identity(), &[]);
    let address = node.address().await;
    let tracker = TaskTracker::new();
    let secret = identity().0;
    let mut first = Raw::connect(&tracker, secret, node.key, address).await;
    let mut second = Raw::connect(&tracker, secret, node.key, address).await;
    second.wait_closed().await;
    assert_eq!(node.net.refusals().of(Refusal::ConnectionsPerPeer), 1);
    assert!(first.closed.try_recv().is_err());
}

/// Needs a second address of the loopback interface, which only Linux has without preparation.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn abuse_52_half_open_sockets_of_one_host_do_not_lock_out_another() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let mut a = Node::member(a, &roster);
    let mut b = Node::member(b, &roster);
    let address = a.address().await;
    let mut held = Vec::new();
    for _ in 0..64 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        held.push(socket.connect(address).await.unwrap());
    }
    until("the rest is refused", || a.net.refusals().of(Refusal::PendingPerAddress) == 48).await;
    let begun = Instant::now();
    b.net.dial(Some(a.key), vec![address], Source::Manual).await.unwrap();
    b.up(a.key).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "took {:?}", begun.elapsed());
    assert_eq!(a.net.refusals().of(Refusal::TooManyPending), 0);
}

#[tokio::test]
async fn a_taken_port_is_an_error_when_fixed_and_replaced_when_saved() {
    let mut first = Node::member(identity(), &[]);
    let port = first.address().await.port();
    let mut second = config(identity().0, &[]);
    second.port = ListenPort::Fixed(port);
    let error = spawn(second, &TaskTracker::new(), CancellationToken::new()).err();
    assert!(matches!(error, Some(StartError::PortInUse(p)) if p == port), "{error:?}");
    let mut third = config(identity().0, &[]);
    third.port = ListenPort::Saved(port);
    let mut third = Node::start(third);
    assert_ne!(third.address().await.port(), port);
}

#[tokio::test]
async fn every_address_of_the_computer_is_listened_on_with_one_port() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let mut everywhere = config(a.0, &roster);
    everywhere.listen = artel_net::Config::new(&mut identity().0, "x").unwrap().listen;
    let mut a = Node::start(everywhere);
    let b = Node::deaf(b, &roster);
    let port = a.address().await.port();
    let loopback = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port));
    b.net.dial(Some(a.key), vec![loopback], Source::Manual).await.unwrap();
    a.up(b.key).await;
}

#[tokio::test]
async fn nobody_dials_himself() {
    let me = identity();
    let mut node = Node::member(me, &[me.1]);
    let address = node.address().await;
    node.net.dial(Some(node.key), vec![address], Source::Manual).await.unwrap();
    node.net.dial(None, vec![address], Source::Manual).await.unwrap();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    node.net.dial(None, vec![nowhere], Source::Manual).await.unwrap();
    node.wait("the failed dial", |event| match event {
        Event::HelloStarted(_) | Event::LinkClosed { .. } => panic!("it dialled itself"),
        Event::Unreachable { address, .. } => (address == Some(nowhere)).then_some(()),
        _ => None,
    })
    .await;
    assert_eq!(node.net.refusals().of(Refusal::Handshake), 0);
}
