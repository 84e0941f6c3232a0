//! Colleagues who were off, and newcomers, before a long history.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use artel_node::client::{Reply, Request};
use artel_node::node::{Client, Node};
use tokio::net::{TcpListener, TcpStream};

use super::desks::{CHANNEL, digest, founded, hire, offline, online, send_many, until_there};
use super::machine::{bytes_in, copy, cpu, line};

/// Bytes of one text of a history.
pub(crate) const TEXT_BYTES: usize = 200;

/// A history at rest: the home of its author, that of a member who was off meanwhile, and some of the ids.
pub(crate) struct History {
    pub(crate) author: PathBuf,
    absent: PathBuf,
    probes: Vec<String>,
}

/// Makes a history, or finds the one made before.
pub(crate) async fn history(homes: &Path, messages: u64) -> History {
    let dir = homes.join(format!("history-{messages}-{TEXT_BYTES}"));
    let (author, absent, ids) = (dir.join("author"), dir.join("absent"), dir.join("ids"));
    if !ids.exists() {
        std::fs::create_dir_all(&dir).expect("a directory");
        founded(&author).await;
        let node = online(&author, &[]).await;
        hire(&node, &absent, 1).await;
        node.stop().await.expect("a clean stop");
        let node = offline(&author).await;
        let begun = Instant::now();
        let all = send_many(&node.client(), messages, TEXT_BYTES).await;
        let rate = messages as f64 / begun.elapsed().as_secs_f64();
        line(&format!("{messages} messages written by one node alone"), format!("{rate:>8.0} messages/s"));
        node.stop().await.expect("a clean stop");
        // Newest, every hundredth part, oldest: in the order in which they are served.
        let step = (all.len() / 100).max(1);
        let mut some: Vec<&str> = all.iter().rev().step_by(step).map(String::as_str).collect();
        some.extend(all.first().map(String::as_str));
        std::fs::write(&ids, some.join("\n")).expect("a file");
    }
    let probes = std::fs::read_to_string(&ids).expect("ids").lines().map(str::to_owned).collect();
    History { author, absent, probes }
}

/// Measures both.
pub(crate) async fn catch_up(homes: &Path, messages: u64) {
    let history = history(homes, messages).await;
    disk(&history.author, "author", messages);
    let (author, reader) = (homes.join("catch-up/author"), homes.join("catch-up/reader"));
    copy(&history.author, &author);
    copy(&history.absent, &reader);
    let node = online(&author, &[]).await;
    let name = format!("back after {messages} messages");
    receive(&node, &reader, &history, (&name, messages)).await;
    disk(&reader, "receiver", messages);
    let newcomer = homes.join("catch-up/newcomer");
    let begun = Instant::now();
    hire(&node, &newcomer, 2).await;
    line("admitting a newcomer", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
    let name = format!("newcomer before {messages} messages");
    receive(&node, &newcomer, &history, (&name, messages)).await;
    node.stop().await.expect("a clean stop");
}

/// Starts a home that lacks the history; times from the start, which it prints too.
async fn receive(author: &Node, home: &Path, history: &History, (name, messages): (&str, u64)) {
    let address = author.listening().await.ok().and_then(|it| it.first().copied()).expect("an address");
    let wire = Wire::to(address).await;
    let busy = cpu();
    let begun = Instant::now();
    let node = online(home, &[wire.address]).await;
    let started = begun.elapsed();
    let client = node.client();
    until_newest(&client, 50).await;
    let newest = begun.elapsed();
    until_there(&client, &history.probes).await;
    let spent = begun.elapsed();
    let used = cpu() - busy;
    line(&format!("{name}: started"), format!("{:>8.3} s", started.as_secs_f64()));
    line(&format!("{name}: newest 50 shown"), format!("{:>8.3} s after the start", (newest - started).as_secs_f64()));
    let rate = messages as f64 / (spent - started).as_secs_f64();
    let seconds = (spent - started).as_secs_f64();
    line(&format!("{name}: all there"), format!("{seconds:>8.3} s after the start, {rate:.0} messages/s"));
    let each = used.as_secs_f64() * 1e6 / messages as f64;
    line(&format!("{name}: processor, both"), format!("{:>8.2} s, {each:.0} µs a message", used.as_secs_f64()));
    let bytes = wire.bytes.load(Ordering::Relaxed) as f64 / messages as f64;
    let times = bytes / TEXT_BYTES as f64;
    line(&format!("{name}: on the wire"), format!("{bytes:>8.0} B a message, {times:.2} × the text"));
    assert_eq!(digest(&client).await, digest(&author.client()).await, "both hold the same");
    node.stop().await.expect("a clean stop");
}

/// Waits until a reading of the newest gives so many.
async fn until_newest(client: &Client, count: usize) {
    loop {
        let read =
            Request::Read { channel: CHANNEL.into(), last: u32::try_from(count).unwrap_or(u32::MAX), thread: None };
        if let Ok(Reply::Messages(messages)) = client.request(read).await
            && messages.len() >= count
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What a home at rest needs on disk.
pub(crate) fn disk(home: &Path, whose: &str, messages: u64) {
    let each = |name: &str| bytes_in(&home.join(name)) as f64 / messages as f64;
    let (journal, blobs, index, search) = (each("journal"), each("blobs"), each("index"), each("search"));
    let all = bytes_in(home) as f64 / messages as f64;
    let parts = format!("journal {journal:.0}, blobs {blobs:.0}, index {index:.0}, search {search:.0}");
    line(&format!("disk of the {whose}, a message of {TEXT_BYTES} B"), format!("{all:>8.0} B: {parts}"));
}

/// A way to an address that counts what passes, both ways.
struct Wire {
    address: SocketAddr,
    bytes: Arc<AtomicU64>,
}

impl Wire {
    async fn to(address: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let wire = Self { address: listener.local_addr().expect("its address"), bytes: Arc::default() };
        let bytes = Arc::clone(&wire.bytes);
        tokio::task::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(address).await else { continue };
                near.set_nodelay(true).ok();
                far.set_nodelay(true).ok();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::task::spawn(pass(near_in, far_out, Arc::clone(&bytes)));
                tokio::task::spawn(pass(far_in, near_out, Arc::clone(&bytes)));
            }
        });
        wire
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    bytes: Arc<AtomicU64>,
) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut block = vec![0; 64 << 10];
    while let Ok(count) = from.read(&mut block).await {
        if count == 0 || to.write_all(&block[..count]).await.is_err() {
            return;
        }
        bytes.fetch_add(count as u64, Ordering::Relaxed);
    }
}
