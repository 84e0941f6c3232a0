//! Searches with operators, asked of two real nodes.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::{Attach, ErrorKind, Message, Reply, Request};
use crate::home::Layout;
use crate::node::{Client, Founding, JoinRequest, Node, Start, found, join};

const PASSWORD: &str = "what can be found";
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(layout: &Layout, peers: Vec<String>) -> Node {
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    Node::start(Start { layout: layout.clone(), password: PASSWORD.into(), listen, online: true, peers }).await.unwrap()
}

async fn founded(dir: &Path) -> (Layout, Node) {
    let layout = Layout::new(dir.join("anna"));
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна Петрова".into(),
        email: "anna@x.example".into(),
        domain: "x.example".into(),
        phrase_file: None,
    };
    found(layout.clone(), PASSWORD.to_owned(), founding).await.unwrap();
    let node = open(&layout, Vec::new()).await;
    for name in ["общий", "склад"] {
        let channel = Request::ChannelCreate { name: name.into(), team: None, private: false, shared_history: true };
        ask(&node.client(), channel).await;
    }
    (layout, node)
}

async fn colleague(dir: &Path, first: &Node) -> Node {
    let invite = Request::Invite {
        email: "boris@x.example".into(),
        name: "Борис Андреев".into(),
        role: None,
        team: None,
        auto_admit: true,
        mail_code: false,
        expires: None,
    };
    let Reply::Invite(invite) = ask(&first.client(), invite).await else { panic!() };
    let layout = Layout::new(dir.join("boris"));
    let at = first.listening().await.unwrap().into_iter().next().unwrap().to_string();
    let (progress, _steps) = tokio::sync::mpsc::channel(64);
    let request = JoinRequest {
        code: invite.code,
        at: Some(at.clone()),
        device_name: "boris".into(),
        mail_code: None,
        timeout: PATIENCE,
    };
    join(layout.clone(), PASSWORD.to_owned(), request, progress).await.unwrap();
    open(&layout, vec![at]).await
}

async fn ask(client: &Client, request: Request) -> Reply {
    client.request(request).await.unwrap()
}

async fn say(client: &Client, to: &str, text: &str, reply_to: Option<&str>) -> String {
    let (to, text, reply_to) = (to.to_owned(), text.to_owned(), reply_to.map(str::to_owned));
    match ask(client, Request::Send { to, people: Vec::new(), text, reply_to }).await {
        Reply::Sent(sent) => sent.id,
        other => panic!("{other:?}"),
    }
}

async fn hits(client: &Client, query: &str) -> Vec<Message> {
    match client.request(Request::Search { query: query.into(), limit: 50 }).await {
        Ok(Reply::Messages(messages)) => messages,
        other => panic!("{query}: {other:?}"),
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

async fn check(client: &Client, query: &str, expected: &[&str]) {
    let texts: Vec<String> = hits(client, query).await.into_iter().map(|it| it.text).collect();
    assert_eq!(texts, expected, "{query}");
}

async fn check_error(client: &Client, query: &str, kind: ErrorKind, what: &str) {
    let error = client.request(Request::Search { query: query.into(), limit: 50 }).await.unwrap_err();
    assert_eq!((error.kind, error.what.as_str()), (kind, what));
}

async fn check_places(anna: &Client) {
    for query in ["груз в:склад", "груз in:#склад", "груз in:скл"] {
        check(anna, query, &["груз пришёл"]).await;
    }
    check(anna, "in:boris@x.example", &["груз между нами"]).await;
    check(anna, "в:«Борис Андреев»", &["груз между нами"]).await;
    let here = |query: &str| Request::SearchIn { channel: "общий".into(), query: query.into(), limit: 50 };
    for (query, count) in [("гру от:борис", 0), ("гру от:анна", 1), ("in:склад груз", 0), ("has:reaction", 1)]
    {
        match ask(anna, here(query)).await {
            Reply::Messages(them) => assert_eq!(them.len(), count, "{query}: {them:?}"),
            other => panic!("{other:?}"),
        }
    }
    check_error(anna, "груз in:нигде", ErrorKind::NotFound, "in:нигде").await;
}

async fn check_people(anna: &Client, boris: &Client) {
    for query in ["груз from:boris", "груз от:«борис андреев»", "груз from:@boris@x.example", "груз от:андр"]
    {
        check(anna, query, &["груз между нами", "груз пришёл"]).await;
    }
    check(boris, "груз from:me in:склад", &["груз пришёл"]).await;
    check(boris, "груз from:anna is:mine", &[]).await;
    check(anna, "груз это:моё", &["груз заказан"]).await;
    check_error(anna, "груз from:clara", ErrorKind::NotFound, "from:clara").await;
    let both = "от:ан — Анна Петрова <anna@x.example>, Борис Андреев <boris@x.example>";
    check_error(anna, "груз от:ан", ErrorKind::Ambiguous, both).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_narrow_a_search_at_a_real_node_and_after_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, first) = founded(dir.path()).await;
    let second = colleague(dir.path(), &first).await;
    let (anna, boris) = (first.client(), second.client());
    let root = say(&anna, "общий", "груз заказан", None).await;
    until(async || (hits(&boris, "груз").await.len() == 1).then_some(())).await;
    say(&boris, "склад", "груз пришёл", None).await;
    say(&boris, "@anna@x.example", "груз между нами", None).await;
    until(async || (hits(&anna, "груз").await.len() == 3).then_some(())).await;
    let reply = say(&anna, "общий", "смотри http://x.example/a", Some(&root)).await;
    let edited = say(&anna, "склад", "счёт на пять", None).await;
    ask(&anna, Request::Edit { id: edited, text: "счёт на шесть".into() }).await;
    let gone = say(&anna, "склад", "счёт лишний", None).await;
    ask(&anna, Request::Retract { id: gone }).await;
    ask(&anna, Request::React { id: root.clone(), emoji: "👍".into(), remove: false }).await;
    ask(&anna, Request::Pin { id: root, remove: false }).await;
    ask(&anna, Request::Save { id: reply, remove: false }).await;
    let (picture, list) = (dir.path().join("план.png"), dir.path().join("список.txt"));
    image::RgbImage::new(4, 4).save(&picture).unwrap();
    std::fs::write(&list, "мешки").unwrap();
    for (path, text) in [(picture, "вид сверху"), (list, "что везти")] {
        let files = vec![Attach { path: path.to_str().unwrap().to_owned(), name: None }];
        let (to, text) = ("склад".to_owned(), Some(text.to_owned()));
        let send = Request::FileSend { to, people: Vec::new(), files, text, reply_to: None };
        let mut transfer = anna.stream(send).await.unwrap();
        while let Some(step) = transfer.recv().await {
            step.unwrap();
        }
    }
    check_places(&anna).await;
    check_people(&anna, &boris).await;
    until(async || (hits(&anna, "has:file").await.len() == 2).then_some(())).await;
    check_flags(&anna).await;
    check_days(&anna).await;
    second.stop().await.unwrap();
    first.stop().await.unwrap();
    // As a home of an earlier Artel: the index is of another version and is built anew.
    std::fs::write(layout.search().join("version"), b"artel search 1\n").unwrap();
    let again = open(&layout, Vec::new()).await;
    check_flags(&again.client()).await;
    check_days(&again.client()).await;
    check_places(&again.client()).await;
    again.stop().await.unwrap();
}

async fn check_flags(anna: &Client) {
    check(anna, "has:file", &["что везти", "вид сверху"]).await;
    check(anna, "есть:картинка", &["вид сверху"]).await;
    check(anna, "has:link", &["смотри http://x.example/a"]).await;
    check(anna, "is:thread", &["смотри http://x.example/a"]).await;
    check(anna, "это:сохранено", &["смотри http://x.example/a"]).await;
    check(anna, "is:pinned", &["груз заказан"]).await;
    check(anna, "груз есть:реакция", &["груз заказан"]).await;
    check(anna, "is:edited", &["счёт на шесть"]).await;
    check(anna, "счета", &["счёт на шесть"]).await;
    check(anna, "пять", &[]).await;
    check_error(anna, "has:wings", ErrorKind::Usage, "has:wings").await;
}

async fn check_days(anna: &Client) {
    check(anna, "груз до:вчера", &[]).await;
    check(anna, "груз on:2020", &[]).await;
    // Midnight may pass while this runs.
    check(anna, "груз after:yesterday в:общий", &["груз заказан"]).await;
    check(anna, "груз до:9000-01-01 в:общий", &["груз заказан"]).await;
}
