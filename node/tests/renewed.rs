//! Who comes in through somebody whose certificate was renewed since.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its tasks end with it"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use artel_crdt::cert::{Bundle, check_chain};
use artel_crdt::time::Timestamp;
use artel_node::client::{Reply, Request};
use artel_node::home::Layout;
use artel_node::node::{Client, Founding, JoinRequest, Node, Start, found, join, new_phrase};

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "renewed more than once";

async fn open(layout: Layout) -> Node {
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let start = Start { layout, password: PASSWORD.into(), listen, online: true, peers: Vec::new() };
    Node::start(start).await.unwrap()
}

async fn ask(client: &Client, request: Request) -> Reply {
    client.request(request).await.unwrap()
}

/// Anna, who has founded, and her phrase.
async fn office(dir: &Path) -> (Node, String) {
    let (layout, phrase) = (Layout::new(dir.join("anna")), dir.join("phrase"));
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна".into(),
        email: "anna@romashka.example".into(),
        domain: "romashka.example".into(),
        phrase_file: Some(phrase.clone()),
    };
    found(layout.clone(), PASSWORD.to_owned(), founding).await.unwrap();
    (open(layout).await, std::fs::read_to_string(phrase).unwrap().trim().to_owned())
}

async fn hire(dir: &Path, office: &Node, name: &str, role: Option<&str>) -> Node {
    let invite = Request::Invite {
        email: format!("{name}@romashka.example"),
        name: name.into(),
        role: role.map(str::to_owned),
        team: None,
        auto_admit: true,
        mail_code: false,
        expires: None,
    };
    // A right that was just given may still be on its way.
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let invite = loop {
        match office.client().request(invite.clone()).await {
            Ok(Reply::Invite(invite)) => break invite,
            other => assert!(tokio::time::Instant::now() < deadline, "{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let layout = Layout::new(dir.join(name));
    let at = office.listening().await.unwrap().into_iter().next().unwrap().to_string();
    let (progress, _steps) = tokio::sync::mpsc::channel(64);
    let request =
        JoinRequest { code: invite.code, at: Some(at), device_name: name.into(), mail_code: None, timeout: PATIENCE };
    join(layout.clone(), PASSWORD.to_owned(), request, progress).await.unwrap();
    open(layout).await
}

/// How many certificates prove a device, which a stranger believes.
async fn proof(node: &Node) -> usize {
    let Reply::Bytes(bytes) = ask(&node.client(), Request::CertExport).await else { panic!() };
    let bundle = Bundle::decode(&bytes).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    check_chain(&bundle, Timestamp(u64::try_from(now.as_millis()).unwrap())).unwrap();
    bundle.certificates.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_renewed_his_certificate_lets_people_in_and_so_do_those_whom_he_let_in() {
    let dir = tempfile::tempdir().unwrap();
    let (anna, phrase) = office(dir.path()).await;
    let boris = hire(dir.path(), &anna, "boris", Some("admin")).await;
    assert_eq!((proof(&anna).await, proof(&boris).await), (1, 2));
    for _ in 0..2 {
        ask(&anna.client(), Request::CertRenew).await;
    }
    ask(&boris.client(), Request::CertRenew).await;
    assert_eq!(proof(&anna).await, 3);
    // Of hers he needs only those up to the one that let him in; certificates tell whole seconds.
    assert!((3..=5).contains(&proof(&boris).await));
    let vera = hire(dir.path(), &anna, "vera", None).await;
    assert_eq!(proof(&vera).await, 4);
    ask(&anna.client(), Request::RotateRoot { phrase, new_phrase: new_phrase() }).await;
    let gleb = hire(dir.path(), &anna, "gleb", None).await;
    assert_eq!(proof(&gleb).await, 4, "under another root too");
    let role = Request::Role { email: "vera@romashka.example".into(), role: "registrar".into(), archivist: false };
    ask(&anna.client(), role).await;
    let dina = hire(dir.path(), &vera, "dina", None).await;
    assert_eq!(proof(&dina).await, 5, "who was raised later lets people in too");
    for node in [anna, boris, vera, gleb, dina] {
        node.stop().await.unwrap();
    }
}

/// The phrase is for the day when nobody with rights is left: whom it makes an owner must be believed, also by newcomers
/// who know nothing but a code, and also when the phrase is not that of the founding any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_phrase_makes_an_owner_lets_people_in() {
    let dir = tempfile::tempdir().unwrap();
    let (anna, phrase) = office(dir.path()).await;
    let boris = hire(dir.path(), &anna, "boris", None).await;
    let vera = hire(dir.path(), &anna, "vera", None).await;
    ask(&boris.client(), Request::Recover { phrase: phrase.clone(), email: None }).await;
    assert_eq!(proof(&boris).await, 1, "the root says so itself");
    let gleb = hire(dir.path(), &boris, "gleb", None).await;
    let new = new_phrase();
    ask(&boris.client(), Request::RotateRoot { phrase, new_phrase: new.clone() }).await;
    let recover = Request::Recover { phrase: new, email: Some("vera@romashka.example".into()) };
    ask(&boris.client(), recover).await;
    let dina = hire(dir.path(), &vera, "dina", None).await;
    for node in [anna, boris, vera, gleb, dina] {
        node.stop().await.unwrap();
    }
}
