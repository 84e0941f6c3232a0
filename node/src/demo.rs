//! Three real nodes in homes of their own on this machine: an office of three holds a short conversation, printed with
//! the time each step took.

mod office;
mod talk;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Message, Reply, Request};
use crate::home::Layout;
use crate::node::{Client, Founding, JoinRequest, Node, Start, found, join};

pub use office::{Office, Opening};

/// A step that takes longer has failed: the machine has no usable network, or something is broken.
const PATIENCE: Duration = Duration::from_secs(30);
/// The password of all three homes; they are on this machine only, and thrown away.
const PASSWORD: &str = "three desks, one demo";

struct Desk {
    name: &'static str,
    node: Node,
}

impl Desk {
    fn client(&self) -> Client {
        self.node.client()
    }
}

/// Plays the conversation. With `keep`, the homes stay in that directory.
///
/// # Errors
/// [`ErrorKind::NoContact`] if the desks do not find each other, which names the likely cause.
pub async fn demo(keep: Option<PathBuf>, mut out: impl FnMut(String)) -> client::Result<()> {
    let (dir, temporary) = match keep {
        Some(dir) => (dir, false),
        None => (scratch()?, true),
    };
    let played = play(&dir, &mut out).await;
    if temporary {
        std::fs::remove_dir_all(&dir).ok();
    } else {
        out(format!("homes kept in {}", dir.display()));
    }
    played
}

fn scratch() -> client::Result<PathBuf> {
    let base = directories::ProjectDirs::from("", "", "artel").map(|it| it.cache_dir().to_path_buf());
    let base = base.ok_or_else(|| Error::new(ErrorKind::File, "no place for temporary homes"))?;
    // Several offices may be open in one process.
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let number = OPENED.fetch_add(1, Ordering::Relaxed);
    Ok(base.join(format!("demo-{}-{number}", std::process::id())))
}

async fn play(dir: &Path, out: &mut impl FnMut(String)) -> client::Result<()> {
    let begun = Instant::now();
    let founding = Founding {
        name: "ООО Ромашка (demo)".into(),
        person: "Анна".into(),
        email: "anna@romashka.example".into(),
        domain: "romashka.example".into(),
        phrase_file: None,
    };
    let layout = |name: &str| Layout::new(dir.join(name));
    found(layout("anna"), PASSWORD, founding).await?;
    out(line(begun, "Анна founds «ООО Ромашка» on her desktop; its 24 words go into the safe"));
    let anna = desk(layout("anna"), "Анна", Vec::new()).await?;
    let address = anna.node.listening().await?.into_iter().next().ok_or(ErrorKind::NoNetwork)?;
    expect_channel(&anna, "общий").await?;
    out(line(begun, "channel #общий is there"));
    let boris = hire(&anna, &layout("boris"), ("Борис", "boris@romashka.example"), address).await?;
    out(line(begun, "Борис joins with a code; his desktop has a certificate signed by Анна's"));
    let vera = hire(&anna, &layout("vera"), ("Vera", "vera@romashka.example"), address).await?;
    out(line(begun, "Vera joins"));
    converse(&[&anna, &boris, &vera], begun, out).await?;
    for desk in [vera, boris, anna] {
        desk.node.stop().await?;
    }
    out(line(begun, "all three close their desktops; nothing ran anywhere else"));
    Ok(())
}

fn line(begun: Instant, text: &str) -> String {
    format!("{:>7.2} s  {text}", begun.elapsed().as_secs_f64())
}

async fn desk(layout: Layout, name: &'static str, peers: Vec<String>) -> client::Result<Desk> {
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let start = Start { layout, password: PASSWORD.into(), listen, online: true, peers };
    Ok(Desk { name, node: Node::start(start).await? })
}

async fn expect_channel(desk: &Desk, name: &str) -> client::Result<()> {
    let request = Request::ChannelCreate { name: name.into(), team: None, private: false, shared_history: true };
    desk.client().request(request).await.map(drop)
}

async fn hire(
    anna: &Desk,
    layout: &Layout,
    (name, email): (&'static str, &str),
    address: SocketAddr,
) -> client::Result<Desk> {
    let invite = Request::Invite {
        email: email.into(),
        name: name.into(),
        role: None,
        team: None,
        auto_admit: true,
        mail_code: false,
        expires: None,
    };
    let Reply::Invite(invite) = anna.client().request(invite).await? else {
        return Err(Error::new(ErrorKind::Internal, "no invitation"));
    };
    let request = JoinRequest {
        code: invite.code,
        at: Some(address.to_string()),
        device_name: format!("{name}'s desktop"),
        mail_code: None,
        timeout: PATIENCE,
    };
    let (progress, _steps) = mpsc::channel(16);
    join(layout.clone(), PASSWORD, request, progress).await?;
    desk(layout.clone(), name, vec![address.to_string()]).await
}

async fn converse(desks: &[&Desk; 3], begun: Instant, out: &mut impl FnMut(String)) -> client::Result<()> {
    let [anna, boris, vera] = desks;
    let talk: [(&Desk, &str); 5] = [
        (anna, "Доброе утро! Кто сегодня в офисе?"),
        (boris, "Я на месте. Отчёт за октябрь готов."),
        (vera, "Good morning! I can read everything from before I came."),
        (boris, "And no server has seen any of it."),
        (anna, "Отлично. Встречаемся в 11:00."),
    ];
    let mut last = String::new();
    for (author, text) in talk {
        let sent = Instant::now();
        let request = Request::Send { to: "общий".into(), people: Vec::new(), text: text.into(), reply_to: None };
        let Reply::Sent(written) = author.client().request(request).await? else {
            return Err(Error::new(ErrorKind::Internal, "not sent"));
        };
        let durable = sent.elapsed();
        for reader in desks.iter().filter(|it| it.name != author.name) {
            shown(reader, "общий", |it| it.id == written.id && it.text == text).await?;
        }
        let all = sent.elapsed();
        out(line(
            begun,
            &format!(
                "{:>5}: {text}   (on disk {} ms, on every desk {} ms)",
                author.name,
                durable.as_millis(),
                all.as_millis()
            ),
        ));
        last = written.id;
    }
    let react = Request::React { id: last.clone(), emoji: "👍".into(), remove: false };
    vera.client().request(react).await?;
    shown(anna, "общий", |it| it.id == last && it.reactions.contains_key("👍")).await?;
    out(line(begun, "Vera reacts with 👍 and Анна sees it"));
    Ok(())
}

/// Waits until a desk shows a message.
async fn shown(desk: &Desk, channel: &str, wanted: impl Fn(&Message) -> bool) -> client::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut updates = desk.client().updates();
    loop {
        let read = Request::Read { channel: channel.to_owned(), last: 50, thread: None };
        let messages = match desk.client().request(read).await {
            Ok(Reply::Messages(messages)) => messages,
            // The channel itself may still be on its way.
            Ok(_) | Err(_) => Vec::new(),
        };
        if messages.iter().any(&wanted) {
            return Ok(());
        }
        if Instant::now() > deadline {
            let hint = "the desktops did not reach each other over the loopback network";
            return Err(Error::new(ErrorKind::NoContact, format!("{}: {hint}", desk.name)));
        }
        tokio::time::timeout(Duration::from_millis(100), updates.recv()).await.ok();
    }
}
