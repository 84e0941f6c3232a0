//! The window over a long history: how soon it shows the newest message, what a frame costs, what it costs at rest.
//!
//! `cargo bench -p artel --bench window -- [PART] [NUMBER]`, where a part is
//!
//! * none – the window over so many messages; 100 000 without a number;
//! * `keys` – a key is pressed ten times a second while so many messages come in from a colleague; 100 000 without a number;
//! * `files` – a file of so many MiB between nodes beside a plain copy over TCP; 256 without a number.
//!
//! A frame here is everything but the graphics card: layout, shaping, the tree for screen readers and the triangles. Its
//! floor is a frame of the lock screen of the same window in the same run. Without a part the password is as dear as in
//! life. With `ARTEL_BENCH_HOME` the home is made there, or used again. The other parts run on 127.0.0.1 without multicast.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench: it prints, and what goes wrong ends it"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use artel_app::options::Options;
use artel_app::shell::Shell;
use artel_node::client::Request;
use artel_node::home::Layout;
use clap::Parser;
use egui::accesskit::Role;
use egui::{Event, Key, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

#[path = "../../node/benches/office/desks.rs"]
#[allow(dead_code, reason = "shared with the bench of whole nodes")]
mod desks;
#[path = "../../node/benches/office/files.rs"]
mod files;
#[path = "window/keys.rs"]
mod keys;
#[path = "../../node/benches/office/machine.rs"]
#[allow(dead_code, reason = "shared with the bench of whole nodes")]
mod machine;

/// The word that makes this program write the history into the home that follows.
const WRITE: &str = "--write";
/// Messages without a number on the command line.
const MESSAGES: u64 = 100_000;
/// Bytes of each.
const BYTES: usize = 200;
/// MiB of the file without a number.
const MEBIBYTES: u64 = 256;
/// What the parts with several nodes need.
const ENVIRONMENT: [(&str, &str); 2] = [("ARTEL_VAULT_FAST", "1"), ("ARTEL_REACH", "quiet")];
/// Frames of each kind that are measured.
const FRAMES: usize = 600;
/// How long it is watched at rest.
const REST: Duration = Duration::from_secs(20);
/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_secs(120);
const PASSWORD_FIELD: &str = "Пароль этого устройства";
const LAST: &str = "самое последнее сообщение";

type Window = Harness<'static, Shell>;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let number = words.iter().find_map(|it| it.parse().ok());
    let messages = number.unwrap_or(MESSAGES);
    let behind = |word: &str| words.iter().position(|it| it == word).map(|at| Path::new(&words[at + 1]));
    if let Some(home) = behind(WRITE) {
        return write(home, messages);
    }
    if let Some(homes) = behind(keys::WRITE) {
        return keys::write(homes, messages);
    }
    if let Some(home) = behind(keys::SERVE) {
        return keys::serve(home);
    }
    match words.first().map(String::as_str) {
        Some(part @ ("keys" | "files")) => network(part, number, &words),
        _ => history(messages),
    }
}

/// The parts with more than one node: weak password hashing and no multicast, which are read from the environment once.
fn network(part: &str, number: Option<u64>, words: &[String]) {
    let own = std::env::current_exe().expect("a program");
    if ENVIRONMENT.iter().any(|(name, value)| std::env::var_os(name).is_none_or(|it| it != *value)) {
        let again = Command::new(own).args(words).envs(ENVIRONMENT).status();
        return assert!(again.is_ok_and(|it| it.success()), "the part ends well");
    }
    let folder = tempfile::tempdir().expect("a directory");
    if part == "files" {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        return runtime.block_on(files::files(folder.path(), number.unwrap_or(MEBIBYTES)));
    }
    let messages = number.unwrap_or(MESSAGES);
    let written = Command::new(own).arg(messages.to_string()).arg(keys::WRITE).arg(folder.path()).status();
    assert!(written.is_ok_and(|it| it.success()), "both homes are written");
    println!("{messages} messages of {BYTES} bytes; release build: {}", !cfg!(debug_assertions));
    keys::measure(folder.path(), messages);
}

fn history(messages: u64) {
    let folder = tempfile::tempdir().expect("a directory");
    let kept = std::env::var_os("ARTEL_BENCH_HOME").map(PathBuf::from);
    let home = kept.unwrap_or_else(|| folder.path().join("home"));
    if !home.exists() {
        // Another process, so that what writing needed is not counted as memory of the window.
        let own = std::env::current_exe().expect("a program");
        let written = Command::new(own).arg(messages.to_string()).arg(WRITE).arg(&home).status();
        assert!(written.is_ok_and(|it| it.success()), "the history is written");
    }
    println!("{messages} messages of {BYTES} bytes; release build: {}", !cfg!(debug_assertions));
    measure(&home);
}

/// Writes the history.
fn write(home: &Path, messages: u64) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        desks::founded(home).await;
        let node = desks::offline(home).await;
        desks::send_many(&node.client(), messages, BYTES).await;
        desks::send(&node.client(), LAST).await;
        let read = Request::Mark { channel: desks::CHANNEL.into(), until: None };
        node.client().request(read).await.expect("all of it is read");
        node.stop().await.expect("a clean stop");
    });
}

/// The window of a home, at its lock screen.
fn open(home: &Path) -> Window {
    let options = Options::parse_from(["artel", "--lang", "ru", "--theme", "dark", "--own-dialogs"]);
    let layout = Layout::new(home);
    let builder = Harness::builder().with_size(vec2(1_280.0, 800.0)).with_max_steps(64);
    let mut window = builder.build_eframe(|cc| Shell::new(&cc.egui_ctx, layout, options));
    wait(&mut window, |it| it.query_all_by_label(PASSWORD_FIELD).next().is_some());
    window
}

/// Gives the password. Returns when Enter was pressed.
fn unlock(window: &mut Window) -> Instant {
    let is_field = |role: Role| matches!(role, Role::PasswordInput | Role::TextInput);
    let mut nodes = window.query_all_by_label(PASSWORD_FIELD);
    nodes.find(|it| is_field(it.accesskit_node().role())).expect("a field").focus();
    drop(nodes);
    window.run_steps(2);
    window.event(Event::Text(desks::PASSWORD.to_owned()));
    window.run_steps(2);
    let begun = Instant::now();
    window.key_press(Key::Enter);
    begun
}

fn measure(home: &Path) {
    let begun = Instant::now();
    let mut window = open(home);
    machine::line("start to the lock screen", format!("{:.0} ms", machine::ms(begun.elapsed())));
    machine::line("frame of the lock screen (floor)", frames(&mut window, |_, _| ()));

    let busy = machine::cpu();
    let begun = unlock(&mut window);
    wait(&mut window, shows_last);
    let (spent, busy) = (machine::ms(begun.elapsed()), machine::ms(machine::cpu() - busy));
    machine::line("password to the newest message", format!("{spent:.0} ms, {busy:.0} ms of processor"));
    machine::line("memory then", format!("{:.0} MB", machine::memory_mb("VmRSS:")));

    machine::line("frame at rest in the conversation", frames(&mut window, |_, _| ()));
    machine::line("frame while scrolling back", frames(&mut window, |it, _| wheel(it, 120.0)));
    machine::line(
        "frame while scrolling to and fro",
        frames(&mut window, |it, n| wheel(it, if n % 60 < 30 { -400.0 } else { 400.0 })),
    );
    machine::line("memory after scrolling", format!("{:.0} MB", machine::memory_mb("VmRSS:")));
    rest(&mut window);
    window.into_state().close();
}

fn shows_last(window: &Window) -> bool {
    window.root().children_recursive().any(|it| it.accesskit_node().label().is_some_and(|it| it.contains(LAST)))
}

/// Draws frames until something is there.
fn wait(window: &mut Window, there: impl Fn(&Window) -> bool) {
    let begun = Instant::now();
    while !there(window) {
        assert!(begun.elapsed() < PATIENCE, "it did not come");
        std::thread::sleep(Duration::from_millis(2));
        window.step();
    }
}

fn wheel(window: &mut Window, points: f32) {
    window.event(Event::PointerMoved(pos2(700.0, 400.0)));
    let (unit, delta) = (MouseWheelUnit::Point, vec2(0.0, points));
    window.event(Event::MouseWheel {
        unit,
        delta,
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
}

/// Times of frames before which `act` does something.
fn frames(window: &mut Window, act: impl Fn(&mut Window, usize)) -> String {
    let mut times = Vec::new();
    for number in 0..FRAMES {
        act(window, number);
        let begun = Instant::now();
        window.step();
        times.push(begun.elapsed());
        // The node behind the window answers meanwhile, as between two frames of a screen.
        std::thread::sleep(Duration::from_millis(2));
    }
    machine::quantiles(&mut times)
}

/// Draws only the frames that the window asks for, as the screen does.
fn rest(window: &mut Window) {
    let (begun, cpu) = (Instant::now(), machine::cpu());
    let (mut drawn, mut next) = (0_u32, Instant::now());
    while begun.elapsed() < REST {
        if next <= Instant::now() {
            window.step();
            drawn += 1;
            let delay = window.output().viewport_output.values().map(|it| it.repaint_delay).min();
            next = Instant::now() + delay.unwrap_or(REST).min(REST);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let share = (machine::cpu() - cpu).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    let frames = f64::from(drawn) / begun.elapsed().as_secs_f64();
    machine::line("at rest, shown", format!("{share:.2} % of a core, {frames:.1} frames a second"));
}
