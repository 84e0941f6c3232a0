//! Many messages sent at once through one client: all are answered, kept in one order, and there after a restart.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its tasks end with it"
)]

use artel_node::client::{Reply, Request, Update};
use artel_node::home::Layout;
use artel_node::node::{Client, Founding, Node, Start, found};

const COUNT: usize = 700;
const PASSWORD: &str = "many messages at once";

fn start(layout: &Layout) -> Start {
    let (layout, password) = (layout.clone(), PASSWORD.to_owned());
    Start { layout, password: password.into(), listen: None, online: false, peers: Vec::new() }
}

async fn open(layout: &Layout) -> Node {
    Node::start(start(layout)).await.unwrap()
}

/// Opens a home; also how far it said to be meanwhile, percent.
async fn open_telling(layout: &Layout) -> (Node, Vec<u8>) {
    let mut updates = None;
    let node = Node::start_telling(start(layout), |it| updates = Some(it)).await.unwrap();
    let (mut updates, mut told) = (updates.unwrap(), Vec::new());
    while let Ok(update) = updates.try_recv() {
        if let Update::Store { percent, .. } = update {
            told.extend(percent);
        }
    }
    (node, told)
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
    let (node, told) = open_telling(&layout).await;
    assert_eq!(texts(&node.client()).await, read, "the same rows in the same order after a restart");
    assert_eq!(told, [0; 0], "after an orderly stop there is nothing to wait for");
    node.stop().await.unwrap();

    // As after a power cut: the journal is read from its beginning, and says how far it is.
    std::fs::remove_file(layout.clean()).unwrap();
    let (node, told) = open_telling(&layout).await;
    assert_eq!(texts(&node.client()).await, read, "the same rows in the same order after a power cut");
    assert!(told.len() > 5 && told.is_sorted() && told.last() == Some(&100), "{told:?}");
    node.stop().await.unwrap();
    sent.sort();
    let mut read = read;
    read.sort();
    assert_eq!(read, sent, "every acknowledged message, once");
}
