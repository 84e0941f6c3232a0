//! The menu of the sign, as `com.canonical.dbusmenu` has it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::{OwnedValue, Structure, Value};

use super::{Outside, Sign, Wish};

/// Where it lies on the bus.
pub(super) const PATH: &str = "/MenuBar";
/// Its interface.
pub(super) const INTERFACE: &str = "com.canonical.dbusmenu";

type Properties = HashMap<String, OwnedValue>;
type Layout = (i32, Properties, Vec<OwnedValue>);

/// The rows by number; 0 is the menu itself.
const ROWS: [i32; 4] = [OPEN, QUIET, LINE, QUIT];
const OPEN: i32 = 1;
const QUIET: i32 = 2;
const LINE: i32 = 3;
const QUIT: i32 = 4;

/// The menu.
pub(super) struct Menu {
    pub(super) sign: Arc<Mutex<Sign>>,
    pub(super) outside: Outside,
}

impl Menu {
    fn row(&self, id: i32) -> Option<Properties> {
        let sign = self.sign.lock().map(|it| it.clone()).unwrap_or_default();
        let label = match id {
            0 => return Some(Properties::from([("children-display".into(), text("submenu")?)])),
            OPEN => sign.open,
            QUIET => sign.quiet,
            LINE => return Some(Properties::from([("type".into(), text("separator")?)])),
            QUIT => sign.quit,
            _ => return None,
        };
        // An underscore marks a key.
        Some(Properties::from([("label".into(), text(&label.replace('_', "__"))?)]))
    }

    fn choose(&self, id: i32, event: &str) {
        let wish = match (event, id) {
            ("clicked", OPEN) => Wish::Open,
            ("clicked", QUIET) => Wish::Quiet,
            ("clicked", QUIT) => Wish::Quit,
            _ => return,
        };
        self.outside.wish(wish);
    }
}

fn text(text: &str) -> Option<OwnedValue> {
    OwnedValue::try_from(Value::from(text)).ok()
}

#[zbus::interface(name = "com.canonical.dbusmenu")]
impl Menu {
    #[zbus(property)]
    fn version(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn text_direction(&self) -> &'static str {
        "ltr"
    }

    #[zbus(property)]
    fn status(&self) -> &'static str {
        "normal"
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }

    fn get_layout(&self, parent: i32, depth: i32, _names: Vec<String>) -> zbus::fdo::Result<(u32, Layout)> {
        let unknown = || zbus::fdo::Error::InvalidArgs("no such row".into());
        let properties = self.row(parent).ok_or_else(unknown)?;
        let mut children = Vec::new();
        if parent == 0 && depth != 0 {
            for id in ROWS {
                let row = (id, self.row(id).ok_or_else(unknown)?, Vec::<Value<'_>>::new());
                children.push(OwnedValue::try_from(Value::from(Structure::from(row))).map_err(zbus::Error::from)?);
            }
        }
        Ok((1, (parent, properties, children)))
    }

    fn get_group_properties(&self, ids: Vec<i32>, _names: Vec<String>) -> Vec<(i32, Properties)> {
        let all = [0].into_iter().chain(ROWS);
        let asked = all.filter(|it| ids.is_empty() || ids.contains(it));
        asked.filter_map(|id| Some((id, self.row(id)?))).collect()
    }

    fn get_property(&self, id: i32, name: String) -> zbus::fdo::Result<OwnedValue> {
        let value = self.row(id).and_then(|mut it| it.remove(&name));
        value.ok_or_else(|| zbus::fdo::Error::InvalidArgs("no such property".into()))
    }

    fn event(&self, id: i32, event: String, _data: OwnedValue, _time: u32) {
        self.choose(id, &event);
    }

    fn event_group(&self, events: Vec<(i32, String, OwnedValue, u32)>) -> Vec<i32> {
        for (id, event, _, _) in &events {
            self.choose(*id, event);
        }
        events.iter().map(|it| it.0).filter(|id| self.row(*id).is_none()).collect()
    }

    fn about_to_show(&self, _id: i32) -> bool {
        false
    }

    fn about_to_show_group(&self, _ids: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        (Vec::new(), Vec::new())
    }
}
