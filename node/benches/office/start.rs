//! Opening a home with a long history, and what the node needs while nothing happens. In a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use artel_node::client::Request;

use super::catch_up::history;
use super::desks::{founded, hire, online, until_linked};
use super::machine::{copy, cpu, line, memory_mb, ms};

/// The first argument of the process that is measured.
pub(crate) const CHILD: &str = "child";
const REST: Duration = Duration::from_secs(20);

/// Measures a start with that history, alone and with one colleague at a known address.
pub(crate) async fn start(homes: &Path, messages: u64) {
    let history = history(homes, messages).await;
    let home = homes.join("start/author");
    copy(&history.author, &home);
    // A copied home is taken for an older copy of itself once, and reads its whole journal.
    online(&home, &[]).await.stop().await.expect("a clean stop");
    println!("{messages} messages stored");
    measure(&home, 0);
    let (empty, colleague) = (homes.join("start/empty"), homes.join("start/colleague"));
    founded(&empty).await;
    let node = online(&empty, &[]).await;
    hire(&node, &colleague, 1).await;
    let port = node.listening().await.ok().and_then(|it| it.first().copied()).expect("an address").port();
    println!("no messages, one colleague");
    measure(&colleague, port.into());
    node.stop().await.expect("a clean stop");
}

/// Does it in a process of its own; with a port, a colleague listens there.
fn measure(home: &Path, port: u64) {
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program).arg(CHILD).arg(home).arg(port.to_string()).status();
    assert!(status.expect("a process").success());
}

/// The process that is measured.
pub(crate) async fn child(home: &Path, port: u64) {
    line("memory before the start", format!("{:>8.1} MB", memory_mb("VmRSS:")));
    let peer = u16::try_from(port).ok().filter(|it| *it > 0).map(|it| ([127, 0, 0, 1], it).into());
    let busy = cpu();
    let begun = Instant::now();
    let node = online(home, peer.as_slice()).await;
    line("start to usable, cheap password included", format!("{:>8.0} ms", ms(begun.elapsed())));
    if peer.is_some() {
        until_linked(&node.client()).await;
        line("start to connected, known address", format!("{:>8.0} ms", ms(begun.elapsed())));
    }
    line("processor for that", format!("{:>8.0} ms", ms(cpu() - busy)));
    for (what, list) in [
        ("list of channels, topics looked for behind it", Request::ChannelGlance),
        ("list of channels, looked through for topics", Request::ChannelList),
        ("the same list once more", Request::ChannelList),
    ] {
        let (busy, begun) = (cpu(), Instant::now());
        node.client().request(list).await.expect("a list");
        let listed = ms(begun.elapsed());
        line(what, format!("{listed:>8.1} ms, {:.1} ms of processor", ms(cpu() - busy)));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (busy, begun) = (cpu(), Instant::now());
    tokio::time::sleep(REST).await;
    let share = (cpu() - busy).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    line("processor at rest, 20 s", format!("{share:>8.2} % of a core"));
    line("memory at rest", format!("{:>8.1} MB, peak {:.1} MB", memory_mb("VmRSS:"), memory_mb("VmHWM:")));
    node.stop().await.expect("a clean stop");
}
