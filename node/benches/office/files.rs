//! Files: sealed, fetched from one and from two holders, saved; beside a plain copy over TCP to the same disk.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use artel_node::client::{Attach, Reply, Request, Transfer};
use artel_node::node::Client;

use super::desks::{CHANNEL, office, until_there};
use super::machine::{Random, cpu, line, memory_mb, ms, text};

/// One file of that many MiB between three nodes.
pub(crate) async fn files(homes: &Path, mebibytes: u64) {
    let (bytes, dir) = (mebibytes << 20, homes.join("files"));
    let office = office(&dir, 3).await;
    let source = dir.join("source.bin");
    make(&source, bytes);
    let name = format!("{mebibytes} MiB");
    let rate =
        |time: Duration| format!("{:>8.0} MB/s, {:.2} s", bytes as f64 / 1e6 / time.as_secs_f64(), time.as_secs_f64());
    let copied = plain_copy(&source, &dir.join("plain.bin"));
    line(&format!("{name}: plain copy over TCP, flushed"), rate(copied));
    let before = memory_mb("VmHWM:");
    let [anna, boris, vera] = [0, 1, 2].map(|it| office[it].client());
    let (id, sealed) = timed(send(&anna, &source)).await;
    line(&format!("{name}: sealed and kept, flushed"), rate(sealed));
    for node in [&boris, &vera] {
        until_there(node, std::slice::from_ref(&id)).await;
    }
    let busy = cpu();
    let (got, fetched) = timed(get(&boris, &id, None)).await;
    let spent = ms(cpu() - busy) / mebibytes as f64;
    line(&format!("{name}: fetched from one holder, flushed"), rate(fetched));
    line(&format!("{name}: processor, both sides"), format!("{spent:>8.2} ms a MiB"));
    let share = 100.0 * copied.as_secs_f64() / fetched.as_secs_f64();
    line(&format!("{name}: of the plain copy's speed"), format!("{share:>8.0} %"));
    let (_, again) = timed(get(&vera, &id, None)).await;
    line(&format!("{name}: fetched from two holders, flushed"), rate(again));
    let out = dir.join("saved.bin");
    let (_, saved) = timed(get(&boris, &id, Some(&out))).await;
    line(&format!("{name}: opened and saved"), rate(saved));
    line(&format!("{name}: more memory, three nodes"), format!("{:>8.1} MiB", memory_mb("VmHWM:") - before));
    let size = std::fs::metadata(&out).expect("a saved file").len();
    assert_eq!((size, got.state.as_str()), (bytes, "done"));
    for node in office {
        node.stop().await.expect("a clean stop");
    }
    std::fs::remove_dir_all(&dir).ok();
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    let done = work.await;
    (done, begun.elapsed())
}

fn make(path: &Path, bytes: u64) {
    let (mut file, mut random) = (File::create(path).expect("a file"), Random(1));
    let part = text(&mut random, 1 << 20);
    for _ in 0..bytes >> 20 {
        file.write_all(part.as_bytes()).expect("room");
    }
    file.sync_all().expect("a flush");
}

/// Read, sent, received, written, flushed: what any program would do, without seals and checks.
fn plain_copy(from: &Path, to: &Path) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut source = File::open(from).expect("the file");
    let begun = Instant::now();
    let sender = std::thread::spawn(move || {
        let mut socket = TcpStream::connect(address).expect("a connection");
        pump(&mut source, &mut socket);
    });
    let (mut socket, _) = listener.accept().expect("a connection");
    let mut target = File::create(to).expect("a file");
    pump(&mut socket, &mut target);
    target.sync_data().expect("a flush");
    sender.join().expect("a sender");
    begun.elapsed()
}

/// With a buffer, as programs do; the system's own shortcuts between files and sockets are no measure for sealed bytes.
fn pump(from: &mut impl Read, to: &mut impl Write) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        to.write_all(&buffer[..read]).expect("room");
    }
}

async fn send(client: &Client, path: &Path) -> String {
    let attach = Attach { path: path.display().to_string(), name: None };
    let request =
        Request::FileSend { to: CHANNEL.into(), people: Vec::new(), files: vec![attach], text: None, reply_to: None };
    let mut replies = client.stream(request).await.expect("a node");
    while let Some(reply) = replies.recv().await {
        if let Reply::Sent(sent) = reply.expect("a file sent") {
            return sent.id;
        }
    }
    panic!("no message");
}

async fn get(client: &Client, id: &str, out: Option<&Path>) -> Transfer {
    let request = Request::FileGet { id: id.to_owned(), out: out.map(|it| it.display().to_string()) };
    let mut replies = client.stream(request).await.expect("a node");
    while let Some(reply) = replies.recv().await {
        match reply.expect("a file") {
            Reply::Transfer(transfer) if transfer.state == "done" => return transfer,
            _ => {}
        }
    }
    panic!("no file");
}
