//! A newcomer of an organisation that has a year behind it: people who came and went, keys that changed, channels in use.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use artel_node::client::{Reply, Request};
use artel_node::node::{Client, Node};

use super::catch_up::TEXT_BYTES;
use super::desks::{founded, hire, offline, online, send_to, status};
use super::machine::{Random, bytes_in, copy, cpu, line, text};

const WEEKS: u64 = 52;
const WEEK_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// A node looks at the file of its clock once a second.
const CLOCK_READ: Duration = Duration::from_millis(1_500);
/// Of everybody who was there at some time, one in so many has left.
const LEAVES_EACH: u64 = 6;
/// In each channel.
const MESSAGES_A_WEEK: u64 = 4;

/// File with what is added to the clock of this process, ms: the year passes in some minutes.
pub(crate) fn clock() -> PathBuf {
    std::env::temp_dir().join("artel-bench-clock")
}

async fn begin_week(week: u64) {
    std::fs::write(clock(), (week * WEEK_MS).to_string()).expect("a file");
    tokio::time::sleep(CLOCK_READ).await;
}

/// Measures; the year is made once for these numbers and kept.
pub(crate) async fn year(homes: &Path, people: u64, channels: u64) {
    let dir = homes.join(format!("year-{people}-{channels}"));
    let (founder, passing, ready) = (dir.join("founder"), dir.join("passing"), dir.join("ready"));
    begin_week(0).await;
    if !ready.exists() {
        let begun = Instant::now();
        lived(&founder, &passing, people, channels).await;
        line("making that year took", format!("{:>8.0} s", begun.elapsed().as_secs_f64()));
        std::fs::write(&ready, "").expect("a file");
    }
    begin_week(WEEKS).await;
    let (author, newcomer) = (homes.join("year/founder"), homes.join("year/newcomer"));
    copy(&founder, &author);
    // A copied home is taken for an older copy of itself once, and reads its whole journal.
    offline(&author).await.stop().await.expect("a clean stop");
    let node = online(&author, &[]).await;
    let held = status(&node.client()).await;
    let entries: u64 = held.spaces.iter().map(|it| it.entries).sum();
    let acts = held.spaces.iter().find(|it| it.kind == "organisation").map_or(0, |it| it.entries);
    let megabytes = bytes_in(&author) as f64 / 1e6;
    line("the year", format!("{entries:>8} entries, {acts} of them acts, {megabytes:.0} MB at the founder's"));
    measure(&node, &newcomer, channels).await;
    node.stop().await.expect("a clean stop");
}

/// From the invitation to a message that the newcomer writes in the last channel and the founder reads.
async fn measure(office: &Node, home: &Path, channels: u64) {
    let address = office.listening().await.ok().and_then(|it| it.first().copied()).expect("an address");
    let (busy, begun) = (cpu(), Instant::now());
    hire(office, home, u64::from(u32::MAX)).await;
    line("admitted", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
    let node = online(home, &[address]).await;
    let client = node.client();
    line("started", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
    for number in 0..channels {
        until_read(&client, &name(number), 1).await;
        if number == 0 {
            line("newest message of the first channel", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
        }
    }
    line("newest message of every channel", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
    let last = name(channels.saturating_sub(1));
    let sent = send_to(&client, &last, "hello, I am new").await;
    until_newest(&office.client(), &last, &sent).await;
    line("his first message at the founder's", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
    while entries(&client).await < entries(&office.client()).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    line("everything there", format!("{:>8.2} s", begun.elapsed().as_secs_f64()));
    line("processor for all that, both", format!("{:>8.2} s", (cpu() - busy).as_secs_f64()));
    node.stop().await.expect("a clean stop");
}

async fn entries(client: &Client) -> u64 {
    status(client).await.spaces.iter().map(|it| it.entries).sum()
}

async fn newest(client: &Client, channel: &str, count: u32) -> Vec<String> {
    match client.request(Request::Read { channel: channel.into(), last: count, thread: None }).await {
        Ok(Reply::Messages(messages)) => {
            messages.into_iter().filter(|it| !it.text.is_empty()).map(|it| it.id).collect()
        }
        _ => Vec::new(),
    }
}

async fn until_read(client: &Client, channel: &str, count: u32) {
    while newest(client, channel, count).await.len() < count as usize {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn until_newest(client: &Client, channel: &str, id: &str) {
    while !newest(client, channel, 1).await.iter().any(|it| it == id) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn name(channel: u64) -> String {
    format!("канал {channel}")
}

/// Lives through the year: in each week some come, some of those who came first go, and every channel gets messages, so
/// that keys changed by a departure are changed in it too. In the end so many people are there, the founder besides.
async fn lived(founder: &Path, passing: &Path, people: u64, channels: u64) {
    founded(founder).await;
    let node = online(founder, &[]).await;
    let client = node.client();
    for number in 0..channels {
        let create = Request::ChannelCreate { name: name(number), team: None, private: false, shared_history: true };
        client.request(create).await.expect("a channel");
    }
    let leaving = people / (LEAVES_EACH - 1);
    let (mut came, mut gone, mut random) = (0, 0, Random(people));
    for week in 1..=WEEKS {
        begin_week(week).await;
        while came < (people + leaving) * week / WEEKS {
            came += 1;
            // Nobody needs his home again.
            hire(&node, passing, came).await;
        }
        while gone < leaving * week / WEEKS {
            gone += 1;
            let remove = Request::PersonRemove { email: format!("p{gone}@romashka.example"), strict: false };
            client.request(remove).await.expect("a removal");
        }
        for channel in 0..channels {
            talk(&client, &name(channel), &mut random).await;
        }
    }
    node.stop().await.expect("a clean stop");
}

async fn talk(client: &Client, channel: &str, random: &mut Random) {
    for _ in 0..MESSAGES_A_WEEK {
        send_to(client, channel, &text(random, TEXT_BYTES)).await;
    }
}
