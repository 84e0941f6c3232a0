//! Typing while a colleague who was off gets a long history: from the press of a key to the frame that shows the letter.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
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
/// When nothing was written for so long, all of the history is there.
const QUIET: Duration = Duration::from_secs(3);
/// What a message takes in the journal at least, bytes.
const KEPT_MIN: u64 = 60;
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
    let (begun, journal) = (Instant::now(), home.join("journal"));
    let before = machine::bytes_in(&journal);
    let (mut last, mut grown, mut looked) = (before, Instant::now(), Instant::now());
    let mut typed = 50;
    let coming = |_: u32| {
        if Duration::from_millis(500) < looked.elapsed() {
            looked = Instant::now();
            let bytes = machine::bytes_in(&journal);
            if bytes != last {
                (last, grown) = (bytes, Instant::now());
            }
        }
        let all = before + messages * KEPT_MIN <= last && QUIET < grown.elapsed();
        assert!(all || begun.elapsed() < PATIENCE * 5, "the history did not come");
        !all
    };
    let figures = type_while(&mut window, &mut typed, coming);
    machine::line("a key while the history comes in", figures);
    let spent = grown.duration_since(begun).as_secs_f64();
    machine::line("the history", format!("{spent:.1} s, {:.0} messages/s", messages as f64 / spent));
    machine::line("memory then", format!("{:.0} MB", machine::memory_mb("VmRSS:")));
    drop(serving.stdin.take());
    serving.wait().expect("the colleague's end");
    window.into_state().close();
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
                assert!(key.elapsed() < PATIENCE, "the letter does not come");
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
    let (count, max) = (times.len(), times.iter().max().copied().unwrap_or_default());
    format!("{}, longest {:.1} ms of 200, {count} keys", machine::quantiles(&mut times), machine::ms(max))
}

fn shows(window: &Window, text: &str) -> bool {
    let fields = window.query_all_by_label_contains(COMPOSER);
    fields.into_iter().any(|it| it.accesskit_node().value().is_some_and(|it| it == text))
}
