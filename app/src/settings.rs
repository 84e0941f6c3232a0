//! What a person chose for this window on this device: kept in the home beside what the node keeps.

use std::path::Path;

use artel_node::home::{Layout, read_at_most, write_atomic};
use artel_node::text::Lang;
use serde::{Deserialize, Serialize};

use crate::options::ThemeName;

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
    /// Drafts by space id. Not on the disk: what people write lies there only sealed, and this file is not.
    #[serde(skip)]
    pub(crate) drafts: std::collections::BTreeMap<String, String>,
    /// The space that was open last.
    pub(crate) open: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lang: None,
            theme: ThemeName::System,
            zoom: 1.0,
            enter_sends: true,
            drafts: std::collections::BTreeMap::new(),
            open: None,
        }
    }
}

impl Settings {
    pub(crate) fn read(home: &Layout) -> Self {
        let bytes = read_at_most(&home.root().join(FILE), BYTES_MAX).unwrap_or_default();
        let read: Self = toml::from_str(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
        Self { zoom: if read.zoom.is_finite() { read.zoom.clamp(0.8, 1.6) } else { 1.0 }, ..read }
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
    fn choices_come_back() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("layout"), "").expect("written");
        let chosen = Settings { zoom: 1.25, lang: Some("ru".into()), ..Settings::default() };
        let mut settings = chosen.clone();
        settings.drafts.insert("space".into(), "not for the disk".into());
        settings.write(dir.path()).expect("written");
        assert_eq!(Settings::read(&Layout::new(dir.path())), chosen);
    }
}
