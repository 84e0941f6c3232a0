//! The sign as a `StatusNotifierItem` of the session bus: KDE, and panels and extensions that understand the same.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};

use zbus::blocking::{Connection, MessageIterator, Proxy, connection, fdo::DBusProxy};
use zbus::message::Type;
use zbus::proxy::CacheProperties;
use zbus::zvariant::ObjectPath;
use zbus::{MatchRule, Message};

use super::menu::{self, Menu};
use super::picture::{Picture, pictures};
use super::{Dot, Outside, Sign, Wish};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const INTERFACE: &str = "org.kde.StatusNotifierItem";
const PATH: &str = "/StatusNotifierItem";
const ICON: &[u8] = include_bytes!("../../packaging/artel.png");

/// Looks for a tray in threads of its own; without a bus they end.
pub(super) fn start(bus: Option<String>, signs: Receiver<Sign>, outside: Outside) {
    let started = std::thread::Builder::new().name("tray".into()).spawn(move || {
        if let Err(error) = run(bus.as_deref(), signs, &outside) {
            tracing::info!(%error, "no tray");
        }
        outside.set_there(false);
    });
    if let Err(error) = started {
        tracing::warn!(%error, "no tray");
    }
}

/// Ends with the bus.
fn run(bus: Option<&str>, signs: Receiver<Sign>, outside: &Outside) -> zbus::Result<()> {
    let sign = Arc::<Mutex<Sign>>::default();
    let item = Item { sign: Arc::clone(&sign), outside: outside.clone() };
    let rows = Menu { sign: Arc::clone(&sign), outside: outside.clone() };
    let builder = match bus {
        Some(address) => connection::Builder::address(address)?,
        None => connection::Builder::session()?,
    };
    let connection = builder.serve_at(PATH, item)?.serve_at(menu::PATH, rows)?.build()?;
    let telling = connection.clone();
    std::thread::Builder::new().name("tray-sign".into()).spawn(move || {
        while let Ok(next) = signs.recv() {
            if tell(&telling, &sign, next).is_err() {
                return;
            }
        }
    })?;
    // Heard before the first look: a tray that comes in between is not missed.
    let messages = MessageIterator::from(&connection);
    let dbus = DBusProxy::new(&connection)?;
    let owner = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus")?;
    dbus.add_match_rule(owner.member("NameOwnerChanged")?.arg(0, WATCHER)?.build())?;
    dbus.add_match_rule(MatchRule::builder().msg_type(Type::Signal).sender(WATCHER)?.interface(WATCHER)?.build())?;
    let mut known = false;
    look(&connection, &mut known, outside);
    for message in messages {
        if about_the_tray(&message?, &mut known) {
            look(&connection, &mut known, outside);
        }
    }
    Ok(())
}

/// Whether a message says that the tray may have come or gone. A new watcher knows no signs yet.
fn about_the_tray(message: &Message, known: &mut bool) -> bool {
    let header = message.header();
    if header.message_type() != Type::Signal {
        return false;
    }
    match header.member().map(|it| it.as_str()) {
        Some("NameOwnerChanged") => {
            *known = false;
            true
        }
        Some("StatusNotifierHostRegistered" | "StatusNotifierHostUnregistered") => true,
        _ => false,
    }
}

/// Whether there is a tray, and the sign in it.
fn look(connection: &Connection, known: &mut bool, outside: &Outside) {
    let there = register(connection, known).inspect_err(|error| tracing::debug!(%error, "no tray")).unwrap_or(false);
    outside.set_there(there);
}

fn register(connection: &Connection, known: &mut bool) -> zbus::Result<bool> {
    let (Some(name), true) = (connection.unique_name(), has_watcher(connection)?) else { return Ok(false) };
    let builder = zbus::blocking::proxy::Builder::<Proxy<'_>>::new(connection);
    let builder = builder.destination(WATCHER)?.path(WATCHER_PATH)?.interface(WATCHER)?;
    let watcher = builder.cache_properties(CacheProperties::No).build()?;
    if !watcher.get_property::<bool>("IsStatusNotifierHostRegistered")? {
        return Ok(false);
    }
    if !*known {
        watcher.call_method("RegisterStatusNotifierItem", &name.as_str())?;
        *known = true;
    }
    Ok(true)
}

/// Asked of the bus, that the question does not start one.
fn has_watcher(connection: &Connection) -> zbus::Result<bool> {
    Ok(DBusProxy::new(connection)?.name_has_owner(WATCHER.try_into()?)?)
}

/// Shows another sign from now on.
fn tell(connection: &Connection, shown: &Mutex<Sign>, next: Sign) -> zbus::Result<()> {
    let Ok(before) = shown.lock().map(|mut it| std::mem::replace(&mut *it, next.clone())) else { return Ok(()) };
    let none = None::<&str>;
    if before.dot != next.dot {
        for signal in ["NewIcon", "NewAttentionIcon"] {
            connection.emit_signal(none, PATH, INTERFACE, signal, &())?;
        }
        connection.emit_signal(none, PATH, INTERFACE, "NewStatus", &status(next.dot))?;
    }
    if before.told != next.told {
        connection.emit_signal(none, PATH, INTERFACE, "NewToolTip", &())?;
    }
    let rows = |it: &Sign| [it.open.clone(), it.quiet.clone(), it.quit.clone()];
    if rows(&before) != rows(&next) {
        connection.emit_signal(none, menu::PATH, menu::INTERFACE, "LayoutUpdated", &(1_u32, 0_i32))?;
    }
    Ok(())
}

fn status(dot: Dot) -> &'static str {
    if dot == Dot::Called { "NeedsAttention" } else { "Active" }
}

/// The item.
struct Item {
    sign: Arc<Mutex<Sign>>,
    outside: Outside,
}

impl Item {
    fn sign(&self) -> Sign {
        self.sign.lock().map(|it| it.clone()).unwrap_or_default()
    }
}

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    #[zbus(property)]
    fn category(&self) -> &'static str {
        "Communications"
    }

    #[zbus(property)]
    fn id(&self) -> &'static str {
        "artel"
    }

    #[zbus(property)]
    fn title(&self) -> &'static str {
        "Artel"
    }

    #[zbus(property)]
    fn status(&self) -> &'static str {
        status(self.sign().dot)
    }

    #[zbus(property)]
    fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Picture> {
        pictures(ICON, self.sign().dot)
    }

    #[zbus(property)]
    fn attention_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn attention_icon_pixmap(&self) -> Vec<Picture> {
        pictures(ICON, self.sign().dot)
    }

    #[zbus(property)]
    fn overlay_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn tool_tip(&self) -> (String, Vec<Picture>, String, String) {
        (String::new(), Vec::new(), "Artel".into(), self.sign().told)
    }

    #[zbus(property)]
    fn item_is_menu(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(menu::PATH)
    }

    fn activate(&self, _x: i32, _y: i32) {
        self.outside.wish(Wish::Open);
    }

    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.outside.wish(Wish::Open);
    }

    /// The tray shows the menu itself.
    fn context_menu(&self, _x: i32, _y: i32) {}

    fn scroll(&self, _delta: i32, _orientation: String) {}
}
