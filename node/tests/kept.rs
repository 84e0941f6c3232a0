//! What a person keeps for herself: drafts, saved messages, messages for later; on two devices, and after a restart.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its tasks end with it"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use artel_node::client::{About, Draft, ErrorKind, Inbox, Joining, Message, Reply, Request, RowsOf, SendLater};
use artel_node::home::Layout;
use artel_node::node::{Client, Founding, JoinRequest, Node, Start, found, join};

const PASSWORD: &str = "what a person keeps";
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(layout: &Layout, peers: Vec<String>) -> Node {
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    Node::start(Start { layout: layout.clone(), password: PASSWORD.into(), listen, online: true, peers }).await.unwrap()
}

async fn founded(dir: &Path) -> (Layout, Node) {
    let layout = Layout::new(dir.join("anna"));
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна".into(),
        email: "anna@x.example".into(),
        domain: "x.example".into(),
        phrase_file: None,
    };
    found(layout.clone(), PASSWORD.to_owned(), founding).await.unwrap();
    let node = open(&layout, Vec::new()).await;
    let channel =
        Request::ChannelCreate { name: "общий".into(), team: None, private: false, shared_history: true };
    node.client().request(channel).await.unwrap();
    (layout, node)
}

async fn enter(dir: &Path, name: &str, first: &Node, code: String) -> (Layout, Node) {
    let layout = Layout::new(dir.join(name));
    let at = first.listening().await.unwrap().into_iter().next().unwrap().to_string();
    let (progress, _steps) = tokio::sync::mpsc::channel(64);
    let request =
        JoinRequest { code, at: Some(at.clone()), device_name: name.into(), mail_code: None, timeout: PATIENCE };
    join(layout.clone(), PASSWORD.to_owned(), request, progress).await.unwrap();
    let node = open(&layout, vec![at]).await;
    (layout, node)
}

async fn second_device(dir: &Path, first: &Node) -> (Layout, Node) {
    let Reply::Invite(link) = ask(&first.client(), Request::DeviceLink { person: None, approve: false }).await else {
        panic!()
    };
    enter(dir, "laptop", first, link.code).await
}

async fn colleague(dir: &Path, first: &Node) -> (Layout, Node) {
    let invite = Request::Invite {
        email: "boris@x.example".into(),
        name: "Борис".into(),
        role: None,
        team: None,
        auto_admit: true,
        mail_code: false,
        expires: None,
    };
    let Reply::Invite(invite) = ask(&first.client(), invite).await else { panic!() };
    enter(dir, "boris", first, invite.code).await
}

async fn ask(client: &Client, request: Request) -> Reply {
    client.request(request).await.unwrap()
}

async fn say(client: &Client, text: &str, reply_to: Option<&str>) -> String {
    let (to, text, reply_to) = ("общий".to_owned(), text.to_owned(), reply_to.map(str::to_owned));
    match ask(client, Request::Send { to, people: Vec::new(), text, reply_to }).await {
        Reply::Sent(sent) => sent.id,
        other => panic!("{other:?}"),
    }
}

fn draft(text: &str, thread: Option<&str>) -> Request {
    Request::DraftSet { channel: "общий".into(), thread: thread.map(str::to_owned), text: text.into() }
}

async fn drafts(client: &Client) -> Vec<Draft> {
    match ask(client, Request::DraftList).await {
        Reply::Drafts(mut drafts) => {
            drafts.sort_by_key(|it| (it.thread.is_some(), it.at));
            drafts
        }
        other => panic!("{other:?}"),
    }
}

async fn messages(client: &Client, request: Request) -> Vec<Message> {
    match ask(client, request).await {
        Reply::Messages(messages) => messages,
        other => panic!("{other:?}"),
    }
}

async fn inbox(client: &Client) -> Inbox {
    match ask(client, Request::Inbox { depth: 500 }).await {
        Reply::Inbox(inbox) => *inbox,
        other => panic!("{other:?}"),
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            it if it.is_dir() => copy(&entry.path(), &place),
            it if it.is_file() => drop(std::fs::copy(entry.path(), &place).unwrap()),
            _ => {}
        }
    }
}

async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_survive_and_follow_and_two_written_apart_are_both_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, node) = founded(dir.path()).await;
    let root = say(&node.client(), "начало", None).await;
    ask(&node.client(), draft("недопис", None)).await;
    ask(&node.client(), draft("недописано", None)).await;
    ask(&node.client(), draft("в обсуждении", Some(&root))).await;
    // What lies on the disk at this moment, as if the power had gone.
    let left = Layout::new(dir.path().join("left"));
    copy(layout.root(), left.root());
    node.stop().await.unwrap();
    let node = open(&left, Vec::new()).await;
    let texts: Vec<(String, bool)> = drafts(&node.client()).await.into_iter().map(|it| (it.text, it.own)).collect();
    assert_eq!(texts, [("недописано".to_owned(), true), ("в обсуждении".to_owned(), true)]);
    let (_, laptop) = second_device(dir.path(), &node).await;
    let there = until(async || Some(drafts(&laptop.client()).await).filter(|it| it.len() == 2)).await;
    assert!(there.iter().all(|it| !it.own) && there[0].text == "недописано" && there[1].thread == Some(root));
    // Each device has its own; neither is lost.
    ask(&laptop.client(), draft("иначе", None)).await;
    let both = until(async || Some(drafts(&node.client()).await).filter(|it| it.len() == 3)).await;
    let texts: Vec<&str> = both.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["недописано", "иначе", "в обсуждении"]);
    assert!(both[0].at < both[1].at);
    let long = "x".repeat(61 * 1024);
    assert!(node.client().request(draft(&long, None)).await.is_err());
    laptop.stop().await.unwrap();
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_saved_pinned_marked_counted_and_explained() {
    let dir = tempfile::tempdir().unwrap();
    let (_, anna) = founded(dir.path()).await;
    let (_, boris) = colleague(dir.path(), &anna).await;
    let (anna, boris) = (anna.client(), boris.client());
    let root = say(&anna, "Кто заберёт груз?", None).await;
    until(async || {
        boris
            .request(Request::Read { channel: "общий".into(), last: 9, thread: None })
            .await
            .ok()
            .filter(|it| matches!(it, Reply::Messages(them) if !them.is_empty()))
    })
    .await;
    let reply = say(&boris, "Я заберу", Some(&root)).await;
    for number in 0..20 {
        say(&boris, &format!("другое {number}"), None).await;
    }
    let late = say(&boris, "@anna@x.example груз здесь", Some(&root)).await;
    until(async || {
        Some(messages(&anna, Request::Read { channel: "общий".into(), last: 99, thread: None }).await)
            .filter(|it| it.len() == 23)
    })
    .await;
    // Both replies count, although only the first row is read.
    let rows =
        Request::Rows {
            channel: "общий".into(), anchor: Some(root.clone()), before: 0, after: 1, of: RowsOf::All
        };
    let rows = messages(&anna, rows).await;
    let replies = rows[0].replies.clone().unwrap();
    assert_eq!((rows.len(), replies.count, replies.people), (1, 2, vec!["boris@x.example".to_owned()]));
    ask(&boris, Request::Retract { id: reply.clone() }).await;
    let called = until(async || {
        Some(inbox(&anna).await)
            .filter(|it| it.threads.first().and_then(|it| it.replies.clone()).is_some_and(|it| it.count == 1))
    })
    .await;
    assert_eq!(called.calls.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [late.as_str()]);
    assert_eq!((called.threads[0].id.as_str(), called.threads[0].replies.clone().unwrap().unread), (root.as_str(), 1));
    assert!(inbox(&boris).await.calls.is_empty());
    ask(&anna, Request::Mark { channel: "общий".into(), until: None }).await;
    assert_eq!(inbox(&anna).await.threads[0].replies.clone().unwrap().unread, 0);
    // Unread again from the last on.
    tokio::time::sleep(Duration::from_millis(20)).await;
    ask(&anna, Request::MarkUnread { id: late.clone() }).await;
    let Reply::Unread(unread) = ask(&anna, Request::Unread).await else { panic!() };
    assert_eq!((unread[0].unread, unread[0].mentions, unread[0].first.as_deref()), (1, 1, Some(late.as_str())));
    // Saved, the last first; pinned, in order.
    for id in [&root, &late] {
        ask(&anna, Request::Save { id: id.clone(), remove: false }).await;
        ask(&anna, Request::Pin { id: id.clone(), remove: false }).await;
    }
    let ids = |them: Vec<Message>| them.into_iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(ids(messages(&anna, Request::SavedList).await), [late.clone(), root.clone()]);
    assert_eq!(ids(messages(&anna, Request::PinList { channel: "общий".into() }).await), [root.clone(), late.clone()]);
    ask(&anna, Request::Save { id: late.clone(), remove: true }).await;
    assert_eq!(ids(messages(&anna, Request::SavedList).await), std::slice::from_ref(&root));
    // Everything about an edited message.
    ask(&anna, Request::Edit { id: root.clone(), text: "Кто заберёт груз сегодня?".into() }).await;
    let about = until(async || match ask(&anna, Request::About { id: root.clone() }).await {
        Reply::About(about) => Some(*about).filter(|it: &About| !it.holders.is_empty()),
        other => panic!("{other:?}"),
    })
    .await;
    let versions: Vec<&str> = about.versions.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(versions, ["Кто заберёт груз?", "Кто заберёт груз сегодня?"]);
    assert_eq!(about.holders, ["Борис · boris@x.example"]);
    // By date: everything was written after 1970 and nothing in the far future.
    let first = messages(&anna, Request::FirstAfter { channel: "общий".into(), ms: 1 }).await;
    assert_eq!(ids(first), [root]);
    let last = messages(&anna, Request::FirstAfter { channel: "общий".into(), ms: u64::MAX / 2 }).await;
    assert_eq!(last[0].text, "другое 19");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_later_is_kept_and_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let (_, node) = founded(dir.path()).await;
    let client = node.client();
    let later = |text: &str, ms| {
        Some(SendLater { channel: "общий".into(), thread: None, ms, text: text.into(), files: Vec::new() })
    };
    let list = async || match ask(&client, Request::LaterList).await {
        Reply::Later(them) => them,
        other => panic!("{other:?}"),
    };
    ask(&client, Request::LaterSet { id: None, later: later("позже", 9_000) }).await;
    ask(&client, Request::LaterSet { id: None, later: later("раньше", 5_000) }).await;
    let both = list().await;
    assert_eq!(both.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["раньше", "позже"]);
    ask(&client, Request::LaterSet { id: Some(both[0].id.clone()), later: later("ещё позже", 10_000) }).await;
    ask(&client, Request::LaterSet { id: Some(both[1].id.clone()), later: None }).await;
    let left = list().await;
    assert_eq!((left.len(), left[0].text.as_str(), left[0].ms), (1, "ещё позже", 10_000));
    assert!(client.request(Request::LaterSet { id: None, later: later(" ", 1) }).await.is_err());
    let gone = Request::LaterSet { id: Some(both[1].id.clone()), later: later("дважды", 1) };
    assert_eq!(client.request(gone).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(list().await.len(), 1, "what has left is not sent once more");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_in_messages_and_the_own_place_is_listed_once_written_in() {
    let dir = tempfile::tempdir().unwrap();
    let (_, node) = founded(dir.path()).await;
    let client = node.client();
    let id = say(&client, "одно", None).await;
    say(&client, "два", None).await;
    ask(&client, Request::React { id, emoji: "👍".into(), remove: false }).await;
    ask(&client, draft("начато", None)).await;
    let Reply::Status(status) = ask(&client, Request::Glance).await else { panic!() };
    assert_eq!(status.waiting, 2);
    assert!(2 < status.queued, "keys, acts and the reaction wait too");
    let own = async || {
        let Reply::Channels(channels) = ask(&client, Request::ChannelList).await else { panic!() };
        let found = channels.into_iter().find(|it| it.kind == "direct" && it.name == "@anna@x.example");
        found.is_some_and(|it| it.notes)
    };
    assert!(!own().await, "the draft lies there, but nothing to read");
    let to = "@anna@x.example".to_owned();
    ask(&client, Request::Send { to, people: Vec::new(), text: "себе".into(), reply_to: None }).await;
    assert!(own().await);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_his_only_device_is_let_in_at_another_by_an_administrator_who_compared_the_words() {
    let dir = tempfile::tempdir().unwrap();
    let (_, anna) = founded(dir.path()).await;
    let (_, boris) = colleague(dir.path(), &anna).await;
    let id = say(&anna.client(), "до утери", None).await;
    let last = || Request::Read { channel: "общий".into(), last: 9, thread: None };
    let has = async |client: &Client| match client.request(last()).await {
        Ok(Reply::Messages(them)) => them.iter().any(|it| it.id == id && it.text == "до утери").then_some(()),
        _ => None,
    };
    until(async || has(&boris.client()).await).await;
    let link = |email: &str| Request::DeviceLink { person: Some(email.into()), approve: false };
    let refused = boris.client().request(link("anna@x.example")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotPermitted, "a plain member the owner's");
    let unknown = anna.client().request(link("vera@x.example")).await.unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::NotFound);
    boris.stop().await.unwrap();

    let Reply::Invite(code) = ask(&anna.client(), link("boris@x.example")).await else { panic!() };
    let layout = Layout::new(dir.path().join("borrowed"));
    let at = anna.listening().await.unwrap().into_iter().next().unwrap().to_string();
    let (progress, mut steps) = tokio::sync::mpsc::channel::<Joining>(64);
    let request = JoinRequest {
        code: code.code,
        at: Some(at.clone()),
        device_name: "borrowed".into(),
        mail_code: None,
        timeout: PATIENCE,
    };
    let approving = async {
        let shown = loop {
            let step = steps.recv().await.unwrap();
            assert_ne!(step.state, "admitted", "nobody has said yes");
            if !step.words.is_empty() {
                break step.words;
            }
        };
        let waiting = until(async || match ask(&anna.client(), Request::Pending).await {
            Reply::Pending(them) => them.into_iter().next(),
            other => panic!("{other:?}"),
        })
        .await;
        assert_eq!((waiting.email.as_str(), &waiting.words), ("boris@x.example", &shown));
        ask(&anna.client(), Request::Approve { id: waiting.id }).await;
    };
    let joining = join(layout.clone(), PASSWORD.to_owned(), request, progress);
    let (joined, ()) = tokio::join!(joining, approving);
    let joined = joined.unwrap();
    let again = open(&layout, vec![at]).await;
    until(async || has(&again.client()).await).await;
    let Reply::Status(status) = ask(&again.client(), Request::Status).await else { panic!() };
    assert_eq!(status.email, "boris@x.example");
    let Reply::Audit(acts) = ask(&again.client(), Request::Audit).await else { panic!() };
    let added = acts.iter().find(|it| it.what == "device_add").unwrap();
    assert_eq!((added.who.as_str(), added.outcome.as_str()), ("anna@x.example", "valid"), "everybody sees who did it");
    assert_eq!(added.about, format!("boris@x.example {}", joined.device));
    again.stop().await.unwrap();
    anna.stop().await.unwrap();
}
