//! Typing while a colleague who was off gets a long history: from the press of a key to the frame that shows the letter.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Event, Key};
use egui_kittest::kittest::{NodeT, Queryable};

use super::{BYTES, PATIENCE, Window, desks, machine, open, unlock, wait};

/// The word that makes this program write the homes of both into the directory that follows.
pub(super) const WRITE: &str = "--write-two";
/// The word that makes this program be the node of the home that follows, until its input ends.
pub(super) const SERVE: &str = "--serve";
/// A quick typist's time between two letters.
const BETWEEN: Duration = Duration::from_millis(100);
/// Of a screen of 60 Hz. A window draws less often where nothing moves.
const FRAME: Duration = Duration::from_millis(16);
/// When no text has come for so long, all of the history is there.
const QUIET: Duration = Duration::from_secs(3);
const HELLO: &str = "hello";
/// How the name of the field for a message begins.
const COMPOSER: &str = "Сообщение";

/// Writes two homes: Anna's with the history, and that of her colleague, who had gone before it.
pub(super) fn write(homes: &Path, messages: u64) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for node in desks::office(homes, 2).await {
            node.stop().await.expect("a clean stop");
        }
        let anna = desks::offline(&homes.join("p0")).await;
        desks::send_many(&anna.client(), messages, BYTES).await;
        anna.stop().await.expect("a clean stop");
    });
}

/// Is the node of a home at the port of its last start.
pub(super) fn serve(home: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let node = desks::online(home, &[]).await;
        println!("listening");
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.expect("an end").ok();
        node.stop().await.expect("a clean stop");
    });
}

/// Measures and prints.
pub(super) fn measure(homes: &Path, messages: u64) {
    let home = homes.join("p1");
    let mut window = open(&home);
    unlock(&mut window);
    wait(&mut window, |it| it.query_all_by_label_contains(HELLO).next().is_some());
    focus_composer(&mut window);
    machine::line("a key at rest", type_while(&mut window, &mut 0, typed_for(Duration::from_secs(5))));
    let own = std::env::current_exe().expect("a program");
    let serving =
        Command::new(own).arg(SERVE).arg(homes.join("p0")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut serving: Child = serving.expect("a colleague's node");
    let mut said = String::new();
    let heard = BufReader::new(serving.stdout.take().expect("its output")).read_line(&mut said);
    assert!(heard.is_ok_and(|it| 0 < it), "the colleague's node has not started");
    let begun = Instant::now();
    let coming = Coming::watch(home.join("blobs"), messages * BYTES as u64);
    let mut typed = 50;
    let figures = type_while(&mut window, &mut typed, |_| !coming.is_all_there());
    machine::line("a key while the history comes in", figures);
    let (arrived, mut floor) = coming.end();
    machine::line("a bare thread woken then (floor)", late(&mut floor));
    let spent = arrived.duration_since(begun).as_secs_f64();
    machine::line("the history", format!("{spent:.1} s, {:.0} messages/s", messages as f64 / spent));
    machine::line("memory then", format!("{:.0} MB", machine::memory_mb("VmRSS:")));
    drop(serving.stdin.take());
    serving.wait().expect("the colleague's end");
    window.into_state().close();
}

/// Quantiles of how late something came.
fn late(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |hundredths: usize| times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1)));
    let ms = |it: Option<&Duration>| machine::ms(it.copied().unwrap_or_default());
    let (median, high, longest) = (ms(at(50)), ms(at(95)), ms(times.last()));
    format!("{median:.1} / {high:.1} ms p50/p95, longest {longest:.1} ms, {} times", times.len())
}

/// A thread that looks whether all texts have come, and measures how late it is woken each time: what no program on this
/// machine can do better than meanwhile.
struct Coming {
    all: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<(Instant, Vec<Duration>)>,
}

impl Coming {
    /// Texts are watched, not the journal: what is typed is kept there as a draft twice a second, so it never rests.
    fn watch(texts: PathBuf, bytes: u64) -> Self {
        let before = machine::bytes_in(&texts);
        let all = Arc::new(AtomicBool::new(false));
        let (told, begun) = (Arc::clone(&all), Instant::now());
        let thread = std::thread::spawn(move || {
            let (mut last, mut grown, mut floor) = (before, Instant::now(), Vec::new());
            while last < before + bytes || grown.elapsed() < QUIET {
                assert!(begun.elapsed() < PATIENCE * 5, "the history did not come");
                let asleep = Instant::now();
                std::thread::sleep(BETWEEN);
                floor.push(asleep.elapsed().saturating_sub(BETWEEN));
                let now = machine::bytes_in(&texts);
                if now != last {
                    (last, grown) = (now, Instant::now());
                }
            }
            told.store(true, Ordering::Relaxed);
            (grown, floor)
        });
        Self { all, thread }
    }

    fn is_all_there(&self) -> bool {
        self.all.load(Ordering::Relaxed) || self.thread.is_finished()
    }

    /// When the last text came, and the floor.
    fn end(self) -> (Instant, Vec<Duration>) {
        self.thread.join().expect("a history that came")
    }
}

fn typed_for(time: Duration) -> impl FnMut(u32) -> bool {
    let begun = Instant::now();
    move |_| begun.elapsed() < time
}

fn focus_composer(window: &mut Window) {
    let mut nodes = window.query_all_by_label_contains(COMPOSER);
    let is_field = |role: Role| matches!(role, Role::MultilineTextInput | Role::TextInput);
    nodes.find(|it| is_field(it.accesskit_node().role())).expect("a field to write in").focus();
    drop(nodes);
    window.run_steps(2);
}

/// Types a letter every so often and draws as a screen does, as long as told. A letter counts from the moment at which its
/// key is due, so a frame that takes long delays it too.
fn type_while(window: &mut Window, typed: &mut usize, mut goes_on: impl FnMut(u32) -> bool) -> String {
    let (mut times, mut drawn) = (Vec::new(), 0);
    let (mut text, mut key, mut frame) = (String::new(), Instant::now() + BETWEEN, Instant::now());
    while goes_on(drawn) {
        let now = Instant::now();
        if key <= now {
            // A field that only grows would say more of long texts than of the history.
            if text.len() == 40 {
                text.clear();
            }
            // The first letter takes the place of what stands there.
            if text.is_empty() {
                window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
            }
            let letter = char::from(b'a' + u8::try_from(*typed % 26).unwrap_or_default());
            text.push(letter);
            *typed += 1;
            window.event(Event::Text(letter.to_string()));
            while !shows(window, &text) {
                assert!(key.elapsed() < PATIENCE, "{text:?} does not come: {}", seen(window));
                window.step();
            }
            times.push(key.elapsed());
            (key, frame) = (key + BETWEEN, Instant::now());
        } else if frame + FRAME <= now {
            window.step();
            drawn += 1;
            frame = now;
        } else {
            let next = key.min(frame + FRAME).saturating_duration_since(now);
            std::thread::sleep(next);
        }
        // Whoever was kept waiting goes on from there.
        key = key.max(Instant::now().checked_sub(BETWEEN).unwrap_or(key));
    }
    format!("{} of 200", late(&mut times))
}

/// What stands in the fields instead, and whether one of them has the keyboard.
fn seen(window: &Window) -> String {
    let fields = window.query_all_by_label_contains(COMPOSER);
    let one = |it: egui_kittest::Node<'_>| {
        let node = it.accesskit_node();
        format!("{:?} {:?} {:?}, focused: {}", node.role(), node.label(), node.value(), it.is_focused())
    };
    fields.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

fn shows(window: &Window, text: &str) -> bool {
    let fields = window.query_all_by_label_contains(COMPOSER);
    fields.into_iter().any(|it| it.accesskit_node().value().is_some_and(|it| it == text))
}
