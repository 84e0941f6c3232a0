//! Figures of whole nodes: real homes, real links over the loopback network, asked through `Client` only.
//!
//! `cargo bench -p artel-node --bench office -- PART [NUMBER…]`, where a part is
//!
//! * `floor` – what this machine's sockets and disk do by themselves; printed before every other part too;
//! * `delivery [NODES…]` – one message at a time, from a request at one node to the row at the others; 2 and 5 unless told;
//! * `fan-out [MESSAGES [RECEIVERS]]` – one sender as fast as it can; 2 000 to 10 unless told;
//! * `catch-up [MESSAGES…]` – a colleague who was off, then a newcomer; 10 000 unless told;
//! * `files [MEBIBYTES…]` – a file sealed, fetched and saved, beside a plain copy over TCP; 256 unless told;
//! * `start [MESSAGES…]` – opening a home with that history, connecting, memory and processor time at rest;
//! * `year [PEOPLE [CHANNELS]]` – a newcomer of an organisation that has a year behind it; 300 and 40 unless told; only by name,
//!   because it moves the clock.
//!
//! `ARTEL_BENCH_HOMES` names a directory for homes; histories made there are kept and used again. A directory in memory
//! shows what the disk's flush costs. `ARTEL_LOG` shows what the nodes log. Everything runs on 127.0.0.1 without multicast.

#![allow(clippy::disallowed_methods, reason = "a bench ends with its process; nothing waits for its tasks")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops at the first error")]
#![allow(clippy::indexing_slicing, reason = "indexes are drawn below the length")]

mod catch_up;
mod delivery;
mod desks;
mod files;
mod floor;
mod machine;
mod start;
mod year;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Weak password hashing and no multicast: both are read from the environment, once, before anything runs.
const ENVIRONMENT: [(&str, &str); 2] = [("ARTEL_VAULT_FAST", "1"), ("ARTEL_REACH", "quiet")];
const PARTS: [&str; 7] = ["floor", "delivery", "fan-out", "catch-up", "files", "start", "year"];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if ENVIRONMENT.iter().any(|(name, value)| std::env::var_os(name).is_none_or(|it| it != *value)) {
        let mut again = Command::new(std::env::current_exe().expect("this program"));
        if args.first().is_some_and(|it| it == "year") {
            again.env(artel_node::clock::OFFSET_VARIABLE, year::clock());
        }
        let again = again.args(&args).envs(ENVIRONMENT).status();
        return ExitCode::from(u8::try_from(again.expect("this program again").code().unwrap_or(1)).unwrap_or(1));
    }
    if let Ok(filter) = std::env::var("ARTEL_LOG") {
        let filter = tracing_subscriber::EnvFilter::new(filter);
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (part, numbers) = match args.split_first() {
        Some((part, rest)) => (part.as_str(), rest.iter().filter_map(|it| it.parse().ok()).collect::<Vec<u64>>()),
        None => ("all", Vec::new()),
    };
    if part == start::CHILD {
        runtime.block_on(start::child(Path::new(&args[1]), numbers.first().copied().unwrap_or(0)));
        return ExitCode::SUCCESS;
    }
    if part != "all" && !PARTS.contains(&part) {
        eprintln!("no part {part}; there are {}", PARTS.join(", "));
        return ExitCode::from(2);
    }
    let scratch = Scratch::new();
    for name in PARTS.iter().filter(|it| part == "all" || part == **it) {
        runtime.block_on(run(name, &numbers, scratch.path()));
    }
    ExitCode::SUCCESS
}

async fn run(part: &str, numbers: &[u64], homes: &Path) {
    let or = |usual: &[u64]| if numbers.is_empty() { usual.to_vec() } else { numbers.to_vec() };
    let two = |first, second| [(0, first), (1, second)].map(|(at, usual)| numbers.get(at).copied().unwrap_or(usual));
    floor::print(homes);
    match part {
        "delivery" => {
            for nodes in or(&[2, 5]) {
                delivery::delivery(homes, nodes).await;
            }
        }
        "fan-out" => {
            let [messages, receivers] = two(2_000, 10);
            delivery::fan_out(homes, messages, receivers).await;
        }
        "catch-up" => {
            for messages in or(&[10_000]) {
                catch_up::catch_up(homes, messages).await;
            }
        }
        "files" => {
            for mebibytes in or(&[256]) {
                files::files(homes, mebibytes).await;
            }
        }
        "start" => {
            for messages in or(&[10_000]) {
                start::start(homes, messages).await;
            }
        }
        "year" => {
            let [people, channels] = two(300, 40);
            year::year(homes, people, channels).await;
        }
        _ => {}
    }
}

/// The directory for homes: named, and kept; or a temporary one.
enum Scratch {
    Kept(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Scratch {
    fn new() -> Self {
        match std::env::var_os("ARTEL_BENCH_HOMES") {
            Some(dir) => Self::Kept(dir.into()),
            None => Self::Temporary(tempfile::tempdir().expect("a directory for homes")),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(dir) => dir,
            Self::Temporary(dir) => dir.path(),
        }
    }
}
