//! What disturbs and what does not, seen by a notification service of our own on a private bus.

#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egui::Key;
use zbus::blocking::{Connection, connection};
use zbus::zvariant::OwnedValue;

use crate::stage::Stage;

type Shown = Arc<Mutex<Vec<(String, String)>>>;
/// Numbers of those that were taken back.
type Closed = Arc<Mutex<Vec<u32>>>;

/// The notification service of a desktop.
struct Service(Shown, Closed);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "the interface is as it is")]
    fn notify(
        &self,
        _app: String,
        _replaces: u32,
        _icon: String,
        title: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().expect("held by nobody");
        shown.push((title, body));
        u32::try_from(shown.len()).expect("few")
    }

    fn close_notification(&self, id: u32) {
        self.1.lock().expect("held by nobody").push(id);
    }
}

/// A bus that nobody else knows.
pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
    service: Connection,
    shown: Shown,
    closed: Closed,
}

impl Bus {
    /// None where there is no dbus-daemon; that is no excuse in CI.
    #[allow(clippy::print_stdout, reason = "whoever runs the tests is told what was left out")]
    pub(crate) fn start() -> Option<Self> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut daemon) = command.spawn() else {
            assert!(std::env::var_os("CI").is_none(), "dbus-daemon is missing");
            eprintln!("skipped: there is no dbus-daemon here");
            return None;
        };
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().expect("piped")).read_line(&mut address).expect("an address");
        let (address, shown, closed) = (address.trim().to_owned(), Shown::default(), Closed::default());
        let service = connection::Builder::address(address.as_str())
            .and_then(|it| it.name("org.freedesktop.Notifications"))
            .and_then(|it| {
                it.serve_at("/org/freedesktop/Notifications", Service(Arc::clone(&shown), Arc::clone(&closed)))
            })
            .and_then(connection::Builder::build)
            .expect("a service");
        Some(Self { daemon, address, service, shown, closed })
    }

    pub(crate) fn shown(&self) -> Vec<(String, String)> {
        self.shown.lock().expect("held by nobody").clone()
    }

    fn closed(&self) -> Vec<u32> {
        self.closed.lock().expect("held by nobody").clone()
    }

    /// Clicks on one of them, counted from 1.
    fn click(&self, number: u32) {
        let path = "/org/freedesktop/Notifications";
        let signal = (number, "default");
        self.service
            .emit_signal(None::<&str>, path, "org.freedesktop.Notifications", "ActionInvoked", &signal)
            .expect("told");
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().ok();
        self.daemon.wait().ok();
    }
}

#[test]
fn what_comes_while_another_window_is_in_front_is_not_read() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.focus(false);
    boris.say("Message to general", "Is anybody there?");
    anna.see("Boris: Is anybody there?");
    anna.see("general, 1 unread");
    boris.rest(Duration::from_millis(500));
    anna.see("general, 1 unread");
    anna.focus(true);
    anna.gone("general, 1 unread");
}

#[test]
fn a_mention_and_a_direct_message_are_told_once_and_a_click_leads_there() {
    let Some(bus) = Bus::start() else { return };
    let (mut anna, mut boris) = Stage::pair(&["--bus", &bus.address]);
    anna.focus(false);
    boris.say("Message to general", "Nothing that concerns anybody");
    anna.see("Boris: Nothing that concerns anybody");
    boris.say("Message to general", "@anna@mill.example look <here>");
    anna.wait_until("a notification", || bus.shown().len() == 1);
    assert_eq!(bus.shown()[0], ("Boris · general".into(), "@Anna look &lt;here&gt;".into()));
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.say("Message to Anna", "Only for you");
    anna.wait_until("the second", || bus.shown().len() == 2);
    assert_eq!(bus.shown()[1], ("Boris".into(), "Only for you".into()));
    // Nobody clicks before the service has said which number it is.
    anna.rest(Duration::from_millis(300));
    bus.click(2);
    anna.see("Message to Boris");
    anna.see("Boris: Only for you");
    // In front of her nothing is told.
    anna.focus(true);
    boris.say("Message to Anna", "You are there");
    anna.see("Boris: You are there");
    // Read is what stood on the screen, once it has.
    anna.rest(Duration::from_millis(300));
    anna.gone("Boris, 1 unread");
    // Not to be disturbed: nothing either; without text: only that there is something.
    anna.focus(false);
    anna.click("Anna (you): Status and do not disturb");
    anna.write("Do not disturb until, time", "23:59");
    anna.press(Key::Enter);
    anna.see_part("Do not disturb until 23:59");
    boris.say("Message to Anna", "At night");
    anna.see("Boris: At night");
    anna.rest(Duration::from_millis(300));
    assert_eq!(bus.shown().len(), 2);
    anna.click_part("Do not disturb until 23:59");
    anna.click("Disturb me again");
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click("Attention");
    anna.click("Show who wrote and what");
    boris.say("Message to Anna", "A secret");
    anna.wait_until("the third", || bus.shown().len() == 3);
    assert_eq!(bus.shown()[2], ("Artel".into(), "Somebody wrote to you".into()));
    // A place that is muted is silent.
    anna.press(Key::Escape);
    anna.right_click("Boris, 2 unread");
    anna.click("Mute");
    anna.rest(Duration::from_millis(300));
    boris.say("Message to Anna", "Muted");
    anna.see("Boris: Muted");
    anna.rest(Duration::from_millis(300));
    assert_eq!(bus.shown().len(), 3);
}

#[test]
fn in_quiet_hours_nothing_is_told() {
    let Some(bus) = Bus::start() else { return };
    let (mut anna, mut boris) = Stage::pair(&["--bus", &bus.address]);
    anna.focus(false);
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click("Attention");
    anna.click("Do not disturb every day");
    // All day but its last minute.
    anna.replace("from", "0:00");
    anna.replace("to", "23:59");
    anna.press(Key::Escape);
    anna.see_part("Quiet hours");
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.say("Message to Anna", "At night");
    anna.see("Boris, 1 unread");
    anna.rest(Duration::from_millis(400));
    assert_eq!(bus.shown(), []);
    // The day after, so to speak.
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click("Do not disturb every day");
    anna.rest(Duration::from_millis(200));
    boris.say("Message to Anna", "In the morning");
    anna.wait_until("a notification", || bus.shown().len() == 1);
    assert_eq!(bus.shown()[0].1, "In the morning");
}

#[test]
fn while_the_screen_is_locked_nobody_is_named() {
    let Some(bus) = Bus::start() else { return };
    let (mut anna, mut boris) = Stage::pair(&["--bus", &bus.address]);
    anna.focus(false);
    anna.click("Mill, menu");
    anna.click("Lock");
    anna.see("Unlock");
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.say("Message to Anna", "Are you there?");
    anna.wait_until("a notification", || !bus.shown().is_empty());
    assert_eq!(bus.shown(), [("Artel".to_owned(), "Somebody wrote to you".to_owned())]);
    // A click leads there once the screen is unlocked.
    anna.rest(Duration::from_millis(300));
    bus.click(1);
    anna.rest(Duration::from_millis(200));
    anna.write("The password of this device", crate::stage::PASSWORD);
    anna.click("Unlock");
    anna.see("Message to Boris");
    anna.see("Boris: Are you there?");
}

#[test]
fn a_notification_goes_when_what_it_tells_of_is_read() {
    let Some(bus) = Bus::start() else { return };
    let (mut anna, mut boris) = Stage::pair(&["--bus", &bus.address]);
    anna.focus(false);
    boris.say("Message to general", "@anna@mill.example the flour is here");
    anna.wait_until("a notification", || bus.shown().len() == 1);
    anna.see("general, 1 mention");
    anna.rest(Duration::from_millis(300));
    assert!(bus.closed().is_empty());
    anna.focus(true);
    let begun = std::time::Instant::now();
    while bus.closed() != [1] {
        assert!(begun.elapsed() < Duration::from_secs(20), "it stays: {:?}", bus.closed());
        anna.rest(Duration::from_millis(50));
    }
}
