//! Reaching who cannot be dialled: circuits through members, and the move to a better way.

use artel_net::{Event, PeerKey, Protocol, Source, Via};

use crate::node::{Node, config, fixed, identity};

async fn reserved(node: &mut Node, hop: PeerKey) {
    node.wait("a reservation", |event| match event {
        Event::Reserved { hop: at } => (at == hop).then_some(()),
        _ => None,
    })
    .await;
}

/// A member, a hop that both others are linked with, and a member that nobody can dial.
async fn around_a_hop() -> [Node; 3] {
    let (a, hop, target) = (identity(), identity(), identity());
    let roster = [a.1, hop.1, target.1];
    let (mut a, mut hop, mut target) =
        (Node::member(a, &roster), Node::member(hop, &roster), Node::deaf(target, &roster));
    let address = hop.address().await;
    for node in [&mut a, &mut target] {
        node.net.dial(Some(hop.key), vec![address], Source::Manual).await.unwrap();
        node.up(hop.key).await;
    }
    reserved(&mut target, hop.key).await;
    [a, hop, target]
}

#[tokio::test]
async fn a_member_nobody_can_dial_is_reached_through_a_third() {
    let [mut a, hop, mut target] = around_a_hop().await;

    a.net.dial(Some(target.key), Vec::new(), Source::Learnt).await.unwrap();
    assert_eq!(a.up(target.key).await, Via::Relay(hop.key));
    assert_eq!(target.up(a.key).await, Via::Relay(hop.key));
    a.net.send(target.key, b"through the hop".to_vec()).unwrap();
    assert_eq!(target.control().await, (a.key, b"through the hop".to_vec()));

    // More than the library's default circuit would carry.
    let mut ours = a.net.open_stream(target.key, Protocol::Blob).await.unwrap();
    let mut theirs = target
        .wait("a blob stream", |event| match event {
            Event::Stream { stream, .. } => Some(stream),
            _ => None,
        })
        .await;
    for n in 0..16_u8 {
        ours.send(&vec![n; 64 * 1024]).await.unwrap();
        assert_eq!(theirs.recv().await.unwrap(), Some(vec![n; 64 * 1024]));
    }

    // Losing the hop loses the circuit, and only what it carried.
    hop.stop().await;
    a.down(target.key).await;
    target.down(a.key).await;
}

#[tokio::test]
async fn a_stranger_is_no_hop_and_gets_none() {
    let (a, hop, target) = (identity(), identity(), identity());
    // The hop does not know the one who dials.
    let mut hop = Node::member(hop, &[hop.1, target.1]);
    let roster = [a.1, hop.key, target.1];
    let (a, mut target) = (Node::member(a, &roster), Node::deaf(target, &roster));
    let address = hop.address().await;
    target.net.dial(Some(hop.key), vec![address], Source::Manual).await.unwrap();
    reserved(&mut target, hop.key).await;
    let mut a = a;
    a.net.dial(Some(hop.key), vec![address], Source::Manual).await.unwrap();
    hop.wait("a hello of the stranger", |event| match event {
        Event::HelloStarted(started) => (started.peer == a.key && !started.member).then_some(()),
        _ => None,
    })
    .await;
    a.net.dial(Some(target.key), Vec::new(), Source::Learnt).await.unwrap();
    a.wait("no way", |event| match event {
        Event::PeerUp { .. } => panic!("linked without being a member"),
        Event::Unreachable { peer, .. } => (peer == Some(target.key)).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_direct_link_replaces_a_circuit() {
    let [mut a, _hop, target] = around_a_hop().await;
    a.net.dial(Some(target.key), Vec::new(), Source::Learnt).await.unwrap();
    a.up(target.key).await;
    // The target cannot be dialled, but it can dial.
    let to_a = a.address().await;
    target.net.dial(Some(a.key), vec![to_a], Source::Manual).await.unwrap();
    a.wait("the direct way", |event| match event {
        Event::PeerMoved { peer, via: Via::Direct, .. } => (peer == target.key).then_some(()),
        Event::PeerDown { peer, .. } if peer == target.key => panic!("went down on the way"),
        _ => None,
    })
    .await;
    target.net.send(a.key, b"direct".to_vec()).unwrap();
    assert_eq!(a.control().await.1, b"direct");
}

#[tokio::test]
async fn a_lost_reservation_is_made_again() {
    let (hop, target) = (identity(), identity());
    let roster = [hop.1, target.1];
    let (mut first, mut target) = (Node::member(hop, &roster), Node::deaf(target, &roster));
    let address = first.address().await;
    target.net.dial(Some(hop.1), vec![address], Source::Manual).await.unwrap();
    reserved(&mut target, hop.1).await;
    first.stop().await;
    target
        .wait("the loss", |event| match event {
            Event::ReservationLost { hop: at } => (at == hop.1).then_some(()),
            _ => None,
        })
        .await;
    let mut again = config(hop.0, &roster);
    fixed(&mut again, address.port());
    let _again = Node::start(again);
    reserved(&mut target, hop.1).await;
}
