//! The window that goes into the tray and comes back, seen by a tray of our own on a private bus.

#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egui::{Key, Modifiers, ViewportCommand};
use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{OwnedValue, Structure, Value};

use crate::attention::Bus;
use crate::stage::Stage;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Signs in the tray, by the name of who put them there.
type Signs = Arc<Mutex<Vec<String>>>;

/// What keeps the tray of a desktop.
struct Watcher {
    signs: Signs,
    /// Whether a panel shows them.
    host: bool,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        // Told twice where two changes of the watcher are heard of after both have happened; a desktop keeps it once too.
        let mut signs = self.signs.lock().expect("held by nobody");
        signs.retain(|it| *it != service);
        signs.push(service);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.host
    }
}

/// A desktop with a tray.
struct Panel {
    connection: Connection,
    signs: Signs,
}

impl Panel {
    fn on(bus: &Bus, host: bool) -> Self {
        let signs = Signs::default();
        let watcher = Watcher { signs: Arc::clone(&signs), host };
        let connection = connection::Builder::address(bus.address.as_str())
            .and_then(|it| it.serve_at("/StatusNotifierWatcher", watcher))
            .and_then(|it| it.name(WATCHER))
            .and_then(connection::Builder::build)
            .expect("a watcher");
        Self { connection, signs }
    }

    fn signs(&self) -> Vec<String> {
        self.signs.lock().expect("held by nobody").clone()
    }

    fn item(&self) -> Proxy<'static> {
        self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem")
    }

    fn menu(&self) -> Proxy<'static> {
        self.proxy("/MenuBar", "com.canonical.dbusmenu")
    }

    fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'static> {
        let name = self.signs().pop().expect("a sign");
        let builder =
            zbus::blocking::proxy::Builder::new(&self.connection).cache_properties(zbus::proxy::CacheProperties::No);
        let builder = builder.destination(name).and_then(|it| it.path(path)).and_then(|it| it.interface(interface));
        builder.and_then(zbus::blocking::proxy::Builder::build).expect("a proxy")
    }

    fn status(&self) -> String {
        self.item().get_property("Status").expect("a status")
    }

    /// What is said under the pointer.
    fn told(&self) -> String {
        let value: OwnedValue = self.item().get_property("ToolTip").expect("a text");
        let parts = Structure::try_from(Value::from(value)).expect("a structure");
        match parts.fields().last() {
            Some(Value::Str(text)) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// The colour in the lower right corner of the smallest picture: alpha, red, green, blue.
    fn corner(&self) -> Vec<u8> {
        let pictures: Vec<(i32, i32, Vec<u8>)> = self.item().get_property("IconPixmap").expect("pictures");
        let (width, height, bytes) = pictures.first().expect("one");
        let at = usize::try_from((height * 3 / 4 * width + width * 3 / 4) * 4).expect("inside");
        bytes[at..at + 4].to_vec()
    }

    /// Rows of the menu as they are written.
    fn rows(&self) -> Vec<String> {
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let asked = (0_i32, -1_i32, Vec::<String>::new());
        let (_, (_, _, rows)): (u32, Layout) = self.menu().call("GetLayout", &asked).expect("a menu");
        let label = |row: OwnedValue| {
            let row = Structure::try_from(Value::from(row)).expect("a row");
            let Some(Value::Dict(properties)) = row.fields().get(1) else { panic!("{row:?}") };
            let label: Option<String> = properties.get(&"label").expect("readable");
            label.unwrap_or_else(|| "-".into())
        };
        rows.into_iter().map(label).collect()
    }

    fn choose(&self, row: i32) {
        let event = (row, "clicked", Value::from(0_i32), 0_u32);
        self.menu().call::<_, _, ()>("Event", &event).expect("heard");
    }
}

fn settings(anna: &mut Stage) {
    anna.click("Mill, menu");
    anna.click("Settings");
    anna.click("Attention");
}

#[test]
fn a_closed_window_goes_on_in_the_tray_and_comes_back() {
    let Some(bus) = Bus::start() else { return };
    let panel = Panel::on(&bus, true);
    let (mut anna, mut boris) = Stage::pair(&["--bus", &bus.address]);
    anna.wait_until("the sign", || panel.signs().len() == 1);
    assert_eq!(panel.item().get_property::<String>("Title").expect("a title"), "Artel");
    assert_eq!((panel.status(), panel.told()), ("Active".into(), String::new()));
    let plain = panel.corner();
    anna.wait_until("the menu", || panel.rows() == ["Open Artel", "Do not disturb for an hour", "-", "Quit"]);
    // Whoever did not choose it closes the window as ever.
    assert!(!anna.ask_to_close().contains(&ViewportCommand::CancelClose));
    settings(&mut anna);
    anna.click("Stay in the tray");
    anna.press(Key::Escape);
    let told = anna.ask_to_close();
    assert!(
        told.contains(&ViewportCommand::CancelClose) && told.contains(&ViewportCommand::Visible(false)),
        "{told:?}"
    );
    // It is not in front, whatever the desktop says last; what comes is told, counted and not read by anybody.
    boris.say("Message to general", "@anna@mill.example are you still there?");
    anna.wait_until("a notification", || bus.shown().len() == 1);
    anna.wait_until("the dot", || panel.status() == "NeedsAttention" && panel.told() == "1 unread message");
    assert_ne!(panel.corner(), plain);
    anna.rest(Duration::from_millis(300));
    assert_eq!(panel.told(), "1 unread message");
    panel.item().call::<_, _, ()>("Activate", &(0_i32, 0_i32)).expect("heard");
    anna.desktop_is_told(&ViewportCommand::Visible(true));
    anna.see_part("are you still there?");
    anna.wait_until("that it is read", || panel.status() == "Active" && panel.told().is_empty());
    assert_eq!(panel.corner(), plain);
    // The menu does what it says.
    panel.choose(2);
    anna.see_part("Do not disturb until");
    anna.wait_until("the other word", || panel.rows()[1] == "Disturb me again");
    panel.choose(2);
    anna.wait_until("the first word", || panel.rows()[1] == "Do not disturb for an hour");
    assert!(anna.ask_to_close().contains(&ViewportCommand::Visible(false)));
    panel.choose(1);
    anna.desktop_is_told(&ViewportCommand::Visible(true));
    panel.choose(4);
    anna.desktop_is_told(&ViewportCommand::Close);
    assert!(!anna.ask_to_close().contains(&ViewportCommand::CancelClose));
}

#[test]
fn control_q_ends_what_closing_does_not() {
    let Some(bus) = Bus::start() else { return };
    let panel = Panel::on(&bus, true);
    let mut anna = Stage::founded(&["--bus", &bus.address]);
    anna.wait_until("the sign", || panel.signs().len() == 1);
    settings(&mut anna);
    anna.click("Stay in the tray");
    anna.press(Key::Escape);
    assert!(anna.ask_to_close().contains(&ViewportCommand::CancelClose));
    panel.choose(1);
    anna.desktop_is_told(&ViewportCommand::Visible(true));
    anna.press_with(Modifiers::COMMAND, Key::Q);
    assert!(!anna.ask_to_close().contains(&ViewportCommand::CancelClose));
}

#[test]
fn without_a_tray_there_is_no_such_setting_and_nothing_is_lost_with_one() {
    let Some(bus) = Bus::start() else { return };
    let mut anna = Stage::founded(&["--bus", &bus.address]);
    settings(&mut anna);
    anna.see("Notifications on the desktop");
    anna.gone("Stay in the tray");
    // A watcher that no panel asks is no tray.
    let idle = Panel::on(&bus, false);
    anna.rest(Duration::from_millis(400));
    assert_eq!(idle.signs(), Vec::<String>::new());
    anna.gone("Stay in the tray");
    drop(idle);
    let panel = Panel::on(&bus, true);
    anna.click("Stay in the tray");
    anna.wait_until("the sign", || panel.signs().len() == 1);
    anna.press(Key::Escape);
    assert!(anna.ask_to_close().contains(&ViewportCommand::Visible(false)));
    // The panel goes: nothing else would lead back to the window.
    drop(panel);
    anna.desktop_is_told(&ViewportCommand::Visible(true));
    anna.rest(Duration::from_millis(100));
    assert!(!anna.ask_to_close().contains(&ViewportCommand::CancelClose));
}
