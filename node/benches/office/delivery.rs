//! Messages to colleagues who are there.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use artel_node::client::{Reply, Request};
use artel_node::node::{Client, Node};
use tokio::sync::mpsc;

use super::desks::{CHANNEL, digest, office, send, send_many, until_there};
use super::machine::{Random, cpu, line, ms, quantiles, text};

const TEXT_BYTES: usize = 120;
/// Between two messages, so that each is alone.
const PAUSE: Duration = Duration::from_millis(20);

/// One message at a time.
pub(crate) async fn delivery(homes: &Path, nodes: u64) {
    let office = office(&homes.join("delivery"), nodes).await;
    // Give the links of the mesh and the first comparisons time to settle.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let count = if nodes > 10 { 150 } else { 400 };
    let (seen, mut arrivals) = mpsc::channel(10_000);
    for node in office.iter().skip(1) {
        let seen = seen.clone();
        let mut tail = follow(&node.client()).await;
        tokio::task::spawn(async move {
            while let Some(Ok(Reply::Messages(messages))) = tail.recv().await {
                let now = Instant::now();
                for message in messages {
                    seen.send((message.text, now)).await.ok();
                }
            }
        });
    }
    let (client, mut random) = (office[0].client(), Random(nodes));
    let mut sent = BTreeMap::new();
    let (mut durable, mut visible) = (Vec::new(), Vec::new());
    let busy = cpu();
    let begun = Instant::now();
    for number in 0..count {
        let text = format!("{number:08} {}", text(&mut random, TEXT_BYTES - 9));
        let now = Instant::now();
        sent.insert(text.clone(), now);
        send(&client, &text).await;
        durable.push(now.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    while visible.len() < sent.len() * (office.len() - 1) {
        let next = tokio::time::timeout(Duration::from_secs(30), arrivals.recv()).await;
        let (text, at) = next.expect("a message that arrives").expect("followers");
        if let Some(begun) = sent.get(&text) {
            visible.push(at.duration_since(*begun));
        }
    }
    let busy = cpu() - busy;
    line(&format!("{nodes} nodes: request to row at the others"), quantiles(&mut visible));
    line(&format!("{nodes} nodes: request to durable at the sender"), quantiles(&mut durable));
    let each = ms(busy) / f64::from(count);
    let share = each / nodes as f64;
    line(&format!("{nodes} nodes: processor per message"), format!("{each:>8.2} ms, {share:.2} ms a node"));
    let idle = idle_share(&office).await;
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    line(&format!("{nodes} nodes: at rest"), format!("{idle:>8.2} % of a core; messages came at {rate:.0}/s"));
    close(office).await;
}

/// Percent of a core that the office needs while nothing happens.
async fn idle_share(_office: &[Node]) -> f64 {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (busy, begun) = (cpu(), Instant::now());
    tokio::time::sleep(Duration::from_secs(10)).await;
    (cpu() - busy).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0
}

async fn follow(client: &Client) -> mpsc::Receiver<artel_node::client::Result<Reply>> {
    let tail = Request::Tail { channel: Some(CHANNEL.into()), since: None };
    client.stream(tail).await.expect("a tail")
}

/// One sender as fast as it can.
pub(crate) async fn fan_out(homes: &Path, messages: u64, receivers: u64) {
    let office = office(&homes.join("fan-out"), receivers + 1).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let busy = cpu();
    let begun = Instant::now();
    let ids = send_many(&office[0].client(), messages, TEXT_BYTES).await;
    let durable = begun.elapsed();
    for node in office.iter().skip(1) {
        until_there(&node.client(), &ids).await;
    }
    let all = begun.elapsed();
    let busy = cpu() - busy;
    let rate = |time: Duration| messages as f64 / time.as_secs_f64();
    let name = format!("{messages} messages to {receivers}");
    line(&format!("{name}: durable at the sender"), format!("{:>8.0} messages/s", rate(durable)));
    line(&format!("{name}: at everybody"), format!("{:>8.0} messages/s, {:.2} s", rate(all), all.as_secs_f64()));
    let each = ms(busy) / messages as f64;
    let copy = each / (receivers + 1) as f64;
    line(&format!("{name}: processor"), format!("{each:>8.3} ms a message, {copy:.3} ms a message and node"));
    let first = digest(&office[0].client()).await;
    for node in &office {
        assert_eq!(digest(&node.client()).await, first, "all hold the same");
    }
    close(office).await;
}

async fn close(office: Vec<Node>) {
    for node in office {
        node.stop().await.expect("a clean stop");
    }
}
