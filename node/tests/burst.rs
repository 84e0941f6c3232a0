//! Many messages sent at once through one client: all are answered, kept in one order, and there after a restart.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its tasks end with it"
)]

use artel_node::client::{Reply, Request};
use artel_node::home::Layout;
use artel_node::node::{Client, Founding, Node, Start, found};

const COUNT: usize = 700;
const PASSWORD: &str = "many messages at once";

async fn open(layout: &Layout) -> Node {
    let (layout, password) = (layout.clone(), PASSWORD.to_owned());
    Node::start(Start { layout, password: password.into(), listen: None, online: false, peers: Vec::new() })
        .await
        .unwrap()
}

async fn texts(client: &Client) -> Vec<(String, String)> {
    let read = Request::Read { channel: "общий".into(), last: 10_000, thread: None };
    let Reply::Messages(messages) = client.request(read).await.unwrap() else { panic!("no messages") };
    messages.into_iter().map(|it| (it.id, it.text)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_answered_kept_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::new(dir.path().join("дом с пробелом"));
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна".into(),
        email: "anna@romashka.example".into(),
        domain: "romashka.example".into(),
        phrase_file: None,
    };
    found(layout.clone(), PASSWORD, founding).await.unwrap();
    let node = open(&layout).await;
    let client = node.client();
    let channel =
        Request::ChannelCreate { name: "общий".into(), team: None, private: false, shared_history: true };
    client.request(channel).await.unwrap();
    let sends = (0..COUNT).map(|number| {
        let client = client.clone();
        tokio::task::spawn(async move {
            let text = format!("message {number}");
            let send =
                Request::Send { to: "общий".into(), people: Vec::new(), text: text.clone(), reply_to: None };
            match client.request(send).await.unwrap() {
                Reply::Sent(sent) => (sent.id, text),
                other => panic!("{other:?}"),
            }
        })
    });
    let mut sent = Vec::new();
    for sending in sends.collect::<Vec<_>>() {
        sent.push(sending.await.unwrap());
    }
    let read = texts(&client).await;
    node.stop().await.unwrap();
    let node = open(&layout).await;
    assert_eq!(texts(&node.client()).await, read, "the same rows in the same order after a restart");
    node.stop().await.unwrap();
    sent.sort();
    let mut read = read;
    read.sort();
    assert_eq!(read, sent, "every acknowledged message, once");
}
