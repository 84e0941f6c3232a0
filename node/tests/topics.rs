//! Topics in the lists of channels: in the one that is exact, and in the one that is answered at once.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its tasks end with it"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use artel_node::client::{Reply, Request, Update};
use artel_node::home::Layout;
use artel_node::node::{Client, Founding, Node, Start, found};

const PASSWORD: &str = "what is talked about";
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(layout: &Layout) -> Node {
    let start =
        Start { layout: layout.clone(), password: PASSWORD.into(), listen: None, online: false, peers: Vec::new() };
    Node::start(start).await.unwrap()
}

async fn founded(dir: &Path) -> Layout {
    let layout = Layout::new(dir.join("anna"));
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна".into(),
        email: "anna@x.example".into(),
        domain: "x.example".into(),
        phrase_file: None,
    };
    found(layout.clone(), PASSWORD.to_owned(), founding).await.unwrap();
    layout
}

async fn topic(client: &Client, list: Request) -> Option<String> {
    let Reply::Channels(channels) = client.request(list).await.unwrap() else { panic!("no list") };
    channels.into_iter().find(|it| it.name == "общий").unwrap().topic
}

async fn set(client: &Client, text: &str) -> String {
    let request = Request::Topic { channel: "общий".into(), text: text.into() };
    let Reply::Sent(sent) = client.request(request).await.unwrap() else { panic!("not set") };
    sent.id
}

/// Waits as a window does: whenever it is told that the list changed, it looks.
async fn until(client: &Client, wanted: Option<&str>) {
    let (mut updates, begun) = (client.updates(), Instant::now());
    while topic(client, Request::ChannelGlance).await.as_deref() != wanted {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        let told = async { while !matches!(updates.recv().await, Ok(Update::Directory)) {} };
        assert!(tokio::time::timeout(left, told).await.is_ok(), "nobody told of {wanted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_glance_is_answered_without_a_topic_and_told_of_it_later() {
    let dir = tempfile::tempdir().unwrap();
    let layout = founded(dir.path()).await;
    let node = open(&layout).await;
    let client = node.client();
    let channel =
        Request::ChannelCreate { name: "общий".into(), team: None, private: false, shared_history: true };
    client.request(channel).await.unwrap();
    set(&client, "смена в восемь").await;
    node.stop().await.unwrap();

    let node = open(&layout).await;
    let client = node.client();
    assert_eq!(topic(&client, Request::ChannelGlance).await, None, "nothing was looked through for it");
    until(&client, Some("смена в восемь")).await;
    node.stop().await.unwrap();

    let node = open(&layout).await;
    assert_eq!(topic(&node.client(), Request::ChannelList).await.as_deref(), Some("смена в восемь"), "at once");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn both_lists_follow_a_topic_that_is_set_changed_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let node = open(&founded(dir.path()).await).await;
    let client = node.client();
    let channel =
        Request::ChannelCreate { name: "общий".into(), team: None, private: false, shared_history: true };
    client.request(channel).await.unwrap();
    assert_eq!(topic(&client, Request::ChannelList).await, None);
    set(&client, "первая").await;
    assert_eq!(topic(&client, Request::ChannelList).await.as_deref(), Some("первая"));
    until(&client, Some("первая")).await;
    let second = set(&client, "вторая").await;
    assert_eq!(topic(&client, Request::ChannelList).await.as_deref(), Some("вторая"));
    until(&client, Some("вторая")).await;
    client.request(Request::Retract { id: second }).await.unwrap();
    assert_eq!(topic(&client, Request::ChannelList).await.as_deref(), Some("первая"));
    until(&client, Some("первая")).await;
    node.stop().await.unwrap();
}
