//! Offices of real nodes on the loopback network.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use artel_node::client::{Reply, Request, Status};
use artel_node::home::Layout;
use artel_node::node::{Client, Founding, JoinRequest, Node, Start, found, join};
use tokio::sync::{Semaphore, mpsc};

use super::machine::{Random, text};

/// Where everybody writes.
pub(crate) const CHANNEL: &str = "общий";
/// The password of all homes; they are thrown away.
pub(crate) const PASSWORD: &str = "many desks, one bench";
/// A step that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(600);
/// Sends under way at once, below the node's own queue.
const SENDS_AT_ONCE: usize = 200;

/// Founds an organisation with one channel; the home is at rest afterwards.
pub(crate) async fn founded(home: &Path) {
    std::fs::remove_dir_all(home).ok();
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна".into(),
        email: "p0@romashka.example".into(),
        domain: "romashka.example".into(),
        phrase_file: None,
    };
    found(Layout::new(home), PASSWORD, founding).await.expect("an organisation");
    let node = offline(home).await;
    let create = Request::ChannelCreate { name: CHANNEL.into(), team: None, private: false, shared_history: true };
    node.client().request(create).await.expect("a channel");
    node.stop().await.expect("a clean stop");
}

/// A node at a port of its own that knows these addresses.
pub(crate) async fn online(home: &Path, peers: &[SocketAddr]) -> Node {
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let peers = peers.iter().map(ToString::to_string).collect();
    let start = Start { layout: Layout::new(home), password: PASSWORD.into(), listen, online: true, peers };
    Node::start(start).await.expect("a node")
}

/// A node without network.
pub(crate) async fn offline(home: &Path) -> Node {
    let layout = Layout::new(home);
    let start = Start { layout, password: PASSWORD.into(), listen: None, online: false, peers: Vec::new() };
    Node::start(start).await.expect("a node")
}

/// Lets one more person in; his home is at rest afterwards.
pub(crate) async fn hire(office: &Node, home: &Path, number: u64) {
    std::fs::remove_dir_all(home).ok();
    let address = office.listening().await.ok().and_then(|it| it.first().copied()).expect("an address");
    let invite = Request::Invite {
        email: format!("p{number}@romashka.example"),
        name: format!("Person {number}"),
        role: None,
        team: None,
        auto_admit: true,
        mail_code: false,
        expires: None,
    };
    let Reply::Invite(invite) = office.client().request(invite).await.expect("an invitation") else {
        panic!("no invitation");
    };
    let request = JoinRequest {
        code: invite.code,
        at: Some(address.to_string()),
        device_name: format!("desk {number}"),
        mail_code: None,
        timeout: PATIENCE,
    };
    let (progress, _steps) = mpsc::channel(16);
    join(Layout::new(home), PASSWORD, request, progress).await.expect("a member");
}

/// An office of that many, all linked to the first, all able to write in the channel.
pub(crate) async fn office(homes: &Path, nodes: u64) -> Vec<Node> {
    founded(&homes.join("p0")).await;
    let first = online(&homes.join("p0"), &[]).await;
    let address = first.listening().await.ok().and_then(|it| it.first().copied()).expect("an address");
    let mut office = vec![first];
    for number in 1..nodes {
        let home = homes.join(format!("p{number}"));
        hire(&office[0], &home, number).await;
        office.push(online(&home, &[address]).await);
    }
    let hello = send(&office[0].client(), "hello").await;
    for node in &office {
        until_there(&node.client(), std::slice::from_ref(&hello)).await;
    }
    office
}

/// Sends one message; durable at the sender when it returns. Its id.
pub(crate) async fn send(client: &Client, text: &str) -> String {
    send_to(client, CHANNEL, text).await
}

/// The same in another channel.
pub(crate) async fn send_to(client: &Client, channel: &str, text: &str) -> String {
    let request = Request::Send { to: channel.into(), people: Vec::new(), text: text.into(), reply_to: None };
    match client.request(request).await.expect("a message sent") {
        Reply::Sent(sent) => sent.id,
        other => panic!("{other:?}"),
    }
}

/// Sends many without waiting for one before the next. Their ids in the order of the requests.
pub(crate) async fn send_many(client: &Client, count: u64, bytes: usize) -> Vec<String> {
    let at_once = Arc::new(Semaphore::new(SENDS_AT_ONCE));
    let mut random = Random(count);
    let mut sends = Vec::new();
    for _ in 0..count {
        let permit = Arc::clone(&at_once).acquire_owned().await.expect("an open semaphore");
        let (client, text) = (client.clone(), text(&mut random, bytes));
        sends.push(tokio::task::spawn(async move {
            let id = send(&client, &text).await;
            drop(permit);
            id
        }));
    }
    let mut ids = Vec::new();
    for sending in sends {
        ids.push(sending.await.expect("a message sent"));
    }
    ids
}

/// Whether a node has a message in its index.
pub(crate) async fn has(client: &Client, id: &str) -> bool {
    // Asking for none of a thread looks its first message up and reads nothing.
    let read = Request::Read { channel: CHANNEL.into(), last: 0, thread: Some(id.to_owned()) };
    client.request(read).await.is_ok()
}

/// Waits until a node has all these messages.
pub(crate) async fn until_there(client: &Client, ids: &[String]) {
    let deadline = Instant::now() + PATIENCE;
    for id in ids {
        while !has(client, id).await {
            assert!(Instant::now() < deadline, "a message did not arrive in {} s", PATIENCE.as_secs());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Waits until a node has a link to somebody.
pub(crate) async fn until_linked(client: &Client) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let devices = client.request(Request::DeviceList).await;
        if let Ok(Reply::Devices(devices)) = devices
            && devices.iter().any(|it| it.online && !it.own)
        {
            return;
        }
        assert!(Instant::now() < deadline, "no link in {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(crate) async fn status(client: &Client) -> Status {
    match client.request(Request::Status).await.expect("a status") {
        Reply::Status(status) => *status,
        other => panic!("{other:?}"),
    }
}

/// Entries and digests of the channel: equal on nodes that hold the same.
pub(crate) async fn digest(client: &Client) -> (u64, String) {
    let status = status(client).await;
    let channel = status.spaces.into_iter().find(|it| it.name == CHANNEL).expect("the channel");
    let rows: Vec<String> = channel.digest.rows.into_iter().map(|it| it.hash).collect();
    (channel.entries, format!("{} {}", channel.digest.heads, rows.join(" ")))
}
