//! Links between members: coming up, talking, going down, coming back.

use std::time::{Duration, Instant};

use artel_net::{Down, Event, FrameError, OpenError, Protocol, Refusal, SendError, Source, Via};

use crate::node::{Node, config, identity, pair, until};

#[tokio::test]
async fn two_members_exchange_control_frames_and_streams() {
    let (mut a, mut b) = pair().await;
    a.net.send(b.key, b"from a".to_vec()).unwrap();
    b.net.send(a.key, vec![7; 200_000]).unwrap();
    assert_eq!(b.control().await, (a.key, b"from a".to_vec()));
    assert_eq!(a.control().await, (b.key, vec![7; 200_000]));

    let mut ours = a.net.open_stream(b.key, Protocol::Sync).await.unwrap();
    let mut theirs = b
        .wait("a sync stream", |event| match event {
            Event::Stream { peer, admitted: true, protocol: Protocol::Sync, stream, .. } if peer == a.key => {
                Some(stream)
            }
            _ => None,
        })
        .await;
    // More than a stream's window: it goes only as it is read.
    let sending = async {
        ours.send_all([vec![1; 10], vec![], vec![2; 512 * 1024]]).await.unwrap();
        ours.finish().await.unwrap();
    };
    let receiving = async {
        assert_eq!(theirs.recv().await.unwrap(), Some(vec![1; 10]));
        assert_eq!(theirs.recv().await.unwrap(), Some(vec![]));
        assert_eq!(theirs.recv().await.unwrap(), Some(vec![2; 512 * 1024]));
        assert_eq!(theirs.recv().await.unwrap(), None);
    };
    tokio::join!(sending, receiving);
    theirs.send(b"thanks").await.unwrap();
    assert_eq!(ours.recv().await.unwrap(), Some(b"thanks".to_vec()));
    assert!(matches!(ours.send(&vec![0; 512 * 1024 + 1]).await, Err(FrameError::TooLarge { .. })));
    assert_eq!(a.net.open_stream(b.key, Protocol::Control).await.err(), Some(OpenError::NotForDrivers));
    assert_eq!(a.net.peers().len(), 1);
}

#[tokio::test]
async fn heartbeats_carry_the_drivers_payload_and_keep_an_idle_link() {
    let (a, mut b) = pair().await;
    assert!(a.net.set_heartbeat(b"here"));
    assert!(!a.net.set_heartbeat(&[0; 4097]));
    for _ in 0..10 {
        // Ten heartbeats of half a second: longer than the silence that would end the link.
        let payload = b
            .wait("a heartbeat", |event| match event {
                Event::Heartbeat { frame, .. } => Some(frame.into_bytes()),
                Event::PeerDown { why, .. } => panic!("idle link went down: {why:?}"),
                _ => None,
            })
            .await;
        assert_eq!(payload, b"here");
    }
}

#[tokio::test]
async fn payloads_of_the_hello_reach_the_other_driver_before_the_peer_is_up() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let (a, mut b) = (Node::member(a, &roster), Node::member(b, &roster));
    let address = b.address().await;
    a.net.dial(Some(b.key), vec![address], Source::Manual).await.unwrap();
    let mut seen = Vec::new();
    b.wait("peer up", |event| match event {
        Event::HelloStarted(started) => {
            assert!(started.member && !started.dialled);
            assert_ne!(started.their_nonce, started.our_nonce);
            seen.push("started");
            None
        }
        Event::HelloPayload { bytes, .. } => {
            assert_eq!(bytes, b"heads");
            seen.push("payload");
            None
        }
        Event::PeerUp { via, .. } => {
            assert_eq!(via, Via::Direct);
            Some(())
        }
        _ => None,
    })
    .await;
    assert_eq!(seen, ["started", "payload"]);
}

#[tokio::test]
async fn members_tell_each_other_where_they_listen() {
    let (mut a, mut b) = pair().await;
    // The one who was dialled learns where the dialler listens.
    let address = a.address().await;
    let told = b
        .wait("addresses", |event| match event {
            Event::Addresses { peer, addresses } => (peer == a.key).then_some(addresses),
            _ => None,
        })
        .await;
    assert_eq!(told, [address]);
}

/// A dial leaves from the port we listen on, on whichever address: it may be somebody else's on another one.
#[tokio::test]
async fn a_port_that_is_taken_on_another_address_stops_no_dial() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let (mut a, mut b) = (Node::member(a, &roster), Node::member(b, &roster));
    let (own, address) = (a.address().await, b.address().await);
    let taken = std::net::TcpListener::bind(("127.0.0.2", own.port()));
    // Where it fails another test has it.
    assert!(taken.as_ref().err().is_none_or(|it| it.kind() == std::io::ErrorKind::AddrInUse));
    a.net.dial(Some(b.key), vec![address], Source::Manual).await.unwrap();
    a.up(b.key).await;
}

#[tokio::test]
async fn who_leaves_the_roster_is_cut_off_at_once() {
    let (mut a, mut b) = pair().await;
    let mut stream = a.net.open_stream(b.key, Protocol::Blob).await.unwrap();
    stream.send(b"x").await.unwrap();
    let begun = Instant::now();
    b.net.set_roster(vec![b.key]).await.unwrap();
    assert_eq!(b.down(a.key).await, Down::Removed);
    assert!(matches!(a.down(b.key).await, Down::Lost | Down::Farewell));
    assert!(stream.recv().await.is_err(), "its streams are dead");
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
    assert_eq!(a.net.send(b.key, vec![1]), Err(SendError::NotConnected));
    assert_eq!(b.net.refusals().of(Refusal::Removed), 1);
    // It redials, but is a stranger now.
    b.wait("a hello of a stranger", |event| match event {
        Event::HelloStarted(started) => (!started.member).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_restart_with_the_same_identity_replaces_the_dead_link_at_once() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let mut a = Node::member(a, &roster);
    let address = a.address().await;
    let before = Node::deaf(b, &roster);
    before.net.dial(Some(a.key), vec![address], Source::Manual).await.unwrap();
    a.up(b.1).await;
    // The first process is still there and its link still answers: nothing but the boot id tells them apart.
    let after = Node::deaf(b, &roster);
    after.net.dial(Some(a.key), vec![address], Source::Manual).await.unwrap();
    let begun = Instant::now();
    assert_eq!(a.down(b.1).await, Down::Restarted);
    before.cancel.cancel();
    a.up(b.1).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "took {:?}", begun.elapsed());
    let mut after = after;
    a.net.send(b.1, b"again".to_vec()).unwrap();
    assert_eq!(after.control().await.1, b"again");
}

#[tokio::test]
async fn two_dials_at_once_end_in_one_link_without_a_break() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let (mut a, mut b) = (Node::member(a, &roster), Node::member(b, &roster));
    let (to_a, to_b) = (a.address().await, b.address().await);
    let (one, two) = tokio::join!(
        a.net.dial(Some(b.key), vec![to_b], Source::Manual),
        b.net.dial(Some(a.key), vec![to_a], Source::Manual)
    );
    one.and(two).unwrap();
    a.up(b.key).await;
    b.up(a.key).await;
    // Long enough for the second link to be closed, and for a mistake to show as a loss or a silence.
    for n in 0..20_u8 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        a.net.send(b.key, vec![n]).unwrap();
        b.net.send(a.key, vec![n]).unwrap();
    }
    for node in [&mut a, &mut b] {
        let events = node.drain();
        assert!(!events.iter().any(|event| matches!(event, Event::PeerDown { .. })), "the peer went down");
        let frames = events.iter().filter(|event| matches!(event, Event::Control { .. })).count();
        assert!(frames >= 18, "{frames} of 20 frames came");
    }
}

#[tokio::test]
async fn a_second_link_is_used_and_then_reduced_to_one() {
    let (mut a, mut b) = pair().await;
    let to_a = a.address().await;
    b.net.dial(None, vec![to_a], Source::Manual).await.unwrap();
    let links = |node: &Node| node.net.peers().first().map_or(0, |info| info.links);
    until("two links", || links(&a) == 2 && links(&b) == 2).await;
    until("one link", || links(&a) == 1 && links(&b) == 1).await;
    a.net.send(b.key, b"still".to_vec()).unwrap();
    assert_eq!(b.control().await.1, b"still");
    let down = |event: &Event| matches!(event, Event::PeerDown { .. });
    assert!(!a.drain().iter().any(down) && !b.drain().iter().any(down));
}

#[tokio::test]
async fn a_farewell_is_noticed_at_once_and_every_task_ends() {
    let (a, mut b) = pair().await;
    let (key, begun) = (a.key, Instant::now());
    a.stop().await;
    assert_eq!(b.down(key).await, Down::Farewell);
    assert!(begun.elapsed() < Duration::from_secs(3), "took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_peer_that_comes_back_is_redialled() {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let (mut a, mut first) = (Node::member(a, &roster), Node::member(b, &roster));
    let address = first.address().await;
    a.net.dial(Some(b.1), vec![address], Source::Manual).await.unwrap();
    a.up(b.1).await;
    first.stop().await;
    a.down(b.1).await;
    a.wait("a failed dial", |event| {
        matches!(event, Event::Unreachable { peer: Some(peer), .. } if peer == b.1).then_some(())
    })
    .await;
    let mut again = config(b.0, &roster);
    crate::node::fixed(&mut again, address.port());
    let mut again = Node::start(again);
    a.up(b.1).await;
    again.up(a.key).await;
}

#[tokio::test]
async fn an_address_without_a_key_leads_to_enrolment_and_then_to_a_link() {
    let (member, newcomer) = (identity(), identity());
    let mut member = Node::member(member, &[member.1]);
    let mut newcomer = Node::deaf(newcomer, &[]);
    let address = member.address().await;
    newcomer.net.dial(None, vec![address], Source::Manual).await.unwrap();
    let link = newcomer
        .wait("a hello", |event| match event {
            Event::HelloStarted(started) => {
                assert!(started.dialled && !started.member && started.peer == member.key);
                Some(started.link)
            }
            _ => None,
        })
        .await;
    let theirs = member
        .wait("a hello", |event| match event {
            Event::HelloStarted(started) => Some(started.link),
            _ => None,
        })
        .await;
    let mut enrol = newcomer.net.open_enrol(link).await.unwrap();
    enrol.send(b"invitation").await.unwrap();
    let mut served = member
        .wait("an enrol stream", |event| match event {
            Event::Stream { admitted: false, protocol: Protocol::Enrol, stream, .. } => Some(stream),
            _ => None,
        })
        .await;
    assert_eq!(served.recv().await.unwrap(), Some(b"invitation".to_vec()));
    served.send(b"certificate").await.unwrap();
    assert_eq!(enrol.recv().await.unwrap(), Some(b"certificate".to_vec()));
    assert_eq!(newcomer.net.open_stream(member.key, Protocol::Sync).await.err(), Some(OpenError::NotConnected));
    newcomer.net.admit(link).await.unwrap();
    member.net.admit(theirs).await.unwrap();
    newcomer.up(member.key).await;
    member.up(newcomer.key).await;
}

#[tokio::test]
async fn a_link_nobody_admits_is_closed_in_time() {
    let (a, b) = (identity(), identity());
    let mut member = config(a.0, &[a.1]);
    member.timing.admission = Duration::from_millis(700);
    let mut member = Node::start(member);
    let other = Node::deaf(b, &[]);
    other.net.dial(None, vec![member.address().await], Source::Manual).await.unwrap();
    let cause = member
        .wait("the end of the link", |event| match event {
            Event::LinkClosed { cause, .. } => Some(cause),
            _ => None,
        })
        .await;
    assert_eq!(cause, Refusal::AdmissionTimeout);
    until("it is counted", || member.net.refusals().of(Refusal::AdmissionTimeout) == 1).await;
}
