//! What a person chose for this window on this device: kept in the home beside what the node keeps.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use artel_node::home::{Layout, read_at_most, write_atomic};
use artel_node::text::Lang;
use serde::{Deserialize, Serialize};

use crate::options::ThemeName;

/// Minutes of a day.
pub(crate) const DAY_MINUTES: u16 = 24 * 60;
/// Longer than any file of ours.
const BYTES_MAX: u64 = 64 * 1024;

/// The choices. A file that is damaged or from elsewhere counts as absent, field by field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// `ru`, `en`; the system's if absent.
    pub(crate) lang: Option<String>,
    pub(crate) theme: ThemeName,
    /// 0.8 to 1.6.
    pub(crate) zoom: f32,
    /// Whether Enter alone sends; otherwise Ctrl+Enter does.
    pub(crate) enter_sends: bool,
    /// The space that was open last.
    pub(crate) open: Option<String>,
    /// Places visited, the last first.
    pub(crate) recent: Vec<String>,
    /// Sections of the list of places that are folded: `favourites`, `channels`, `directs`, or the id of a team.
    pub(crate) folded: BTreeSet<String>,
    /// Not to be disturbed until then, seconds of the Unix epoch.
    pub(crate) quiet_until: Option<i64>,
    pub(crate) quiet_hours: QuietHours,
    pub(crate) notify: Notify,
    /// Whether a notification shows what was written.
    pub(crate) notify_text: bool,
    /// Whether the program goes on in the tray when its window is closed; holds where there is one.
    pub(crate) close_to_tray: bool,
    /// Minutes without a key or a mouse after which the screen is locked; 0: never.
    pub(crate) lock_after: u32,
    /// Where the window was.
    pub(crate) place: Option<Place>,
    pub(crate) tour: Tour,
}

/// The first steps that a newcomer is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tour {
    /// Put away before the end.
    pub(crate) away: bool,
    /// Those that were taken.
    pub(crate) done: BTreeSet<Step>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    Channel,
    Mention,
    Search,
    Thread,
    Quiet,
}

impl Step {
    pub(crate) const ALL: [Self; 5] = [Self::Channel, Self::Mention, Self::Search, Self::Thread, Self::Quiet];

    /// Keys of its name and of how it is done.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Channel => ("tour-channel", "tour-channel-how"),
            Self::Mention => ("tour-mention", "tour-mention-how"),
            Self::Search => ("tour-search", "tour-search-how"),
            Self::Thread => ("tour-thread", "tour-thread-how"),
            Self::Quiet => ("tour-quiet", "tour-quiet-how"),
        }
    }
}

impl Tour {
    /// Whether there is something left that was not put away.
    pub(crate) fn goes_on(&self) -> bool {
        !self.away && self.done.len() < Step::ALL.len()
    }
}

/// Of what the desktop tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Notify {
    /// Of every message.
    All,
    /// Of mentions and direct messages.
    #[default]
    Calls,
    Nothing,
}

/// Hours of every day in which nothing disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct QuietHours {
    pub(crate) on: bool,
    /// Minute of the day at which they begin.
    pub(crate) from: u16,
    /// Minute of the day at which they end; before `from`: on the next day.
    pub(crate) to: u16,
    /// Also on Saturday and Sunday, all day.
    pub(crate) weekends: bool,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self { on: false, from: 20 * 60, to: 8 * 60, weekends: true }
    }
}

/// A window's place, in points of the desktop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) maximised: bool,
    /// Width and height of what is inside the frame.
    pub(crate) size: [f32; 2],
    /// Left and top edge of the frame; some desktops do not tell.
    pub(crate) at: Option<[f32; 2]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lang: None,
            theme: ThemeName::System,
            zoom: 1.0,
            enter_sends: true,
            open: None,
            recent: Vec::new(),
            folded: BTreeSet::new(),
            quiet_until: None,
            quiet_hours: QuietHours::default(),
            notify: Notify::Calls,
            notify_text: true,
            close_to_tray: false,
            lock_after: 0,
            place: None,
            tour: Tour::default(),
        }
    }
}

impl Settings {
    pub(crate) fn read(home: &Layout) -> Self {
        let bytes = read_at_most(&home.root().join(FILE), BYTES_MAX).unwrap_or_default();
        let read: Self = toml::from_str(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
        let QuietHours { from, to, .. } = read.quiet_hours;
        let quiet_hours = QuietHours { from: from % DAY_MINUTES, to: to % DAY_MINUTES, ..read.quiet_hours };
        Self { quiet_hours, zoom: Self::sane_zoom(read.zoom), ..read }
    }

    /// A zoom in which everything can be read and reached.
    pub(crate) fn sane_zoom(zoom: f32) -> f32 {
        if zoom.is_finite() { zoom.clamp(0.8, 1.6) } else { 1.0 }
    }

    /// Moves a file that cannot be read out of the way; where to. What it said can still be looked up there.
    pub(crate) fn put_aside(home: &Layout) -> Option<PathBuf> {
        let path = home.root().join(FILE);
        let damaged = match read_at_most(&path, BYTES_MAX) {
            Ok(bytes) => std::str::from_utf8(&bytes).map_or(true, |it| toml::from_str::<Self>(it).is_err()),
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        };
        let aside = home.root().join(format!("{FILE}.damaged"));
        (damaged && std::fs::rename(path, &aside).is_ok()).then_some(aside)
    }

    /// Writes them, if there is a home to write to.
    ///
    /// # Errors
    /// Whatever the file system reports.
    pub(crate) fn write(&self, home: &Path) -> std::io::Result<()> {
        match toml::to_string(self) {
            Ok(text) if home.join("layout").exists() => write_atomic(&home.join(FILE), text.as_bytes()),
            _ => Ok(()),
        }
    }

    /// The language chosen, else that of the system.
    pub(crate) fn language(&self) -> Lang {
        self.lang.as_deref().map_or_else(Lang::from_env, Lang::named)
    }
}

const FILE: &str = "window.toml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_no_reason_to_fail() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Layout::new(dir.path());
        for text in ["zoom = 1", "zoom = \"x\"", "\u{0}\u{1}", "zoom = nan", "theme = \"pink\""] {
            std::fs::write(dir.path().join(FILE), text).expect("written");
            assert_eq!(Settings::read(&home), Settings::default(), "{text}");
        }
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_a_good_one_is_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Layout::new(dir.path());
        assert_eq!(Settings::put_aside(&home), None, "there is none");
        std::fs::write(dir.path().join(FILE), "zoom = 1.25\nfrom-a-later-version = 1").expect("written");
        assert_eq!(Settings::put_aside(&home), None);
        assert_eq!(Settings::read(&home).zoom, 1.25);
        for bytes in [&b"zoom = \"x\""[..], b"\xff\xfe", &[b'#'; 100_000]] {
            std::fs::write(dir.path().join(FILE), bytes).expect("written");
            let aside = Settings::put_aside(&home).expect("it was put aside");
            assert_eq!(std::fs::read(aside).expect("kept"), bytes);
            assert_eq!(Settings::read(&home), Settings::default());
        }
    }

    #[test]
    fn choices_come_back() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("layout"), "").expect("written");
        let place = Place { maximised: true, size: [1_000.0, 700.5], at: Some([-8.0, 20.0]) };
        let chosen = Settings { zoom: 1.25, lang: Some("ru".into()), place: Some(place), ..Settings::default() };
        chosen.write(dir.path()).expect("written");
        assert_eq!(Settings::read(&Layout::new(dir.path())), chosen);
    }
}
