//! What can be said on the command line.

use std::path::PathBuf;

use artel_node::text::Lang;
use clap::{Parser, ValueEnum};

/// Artel, a messenger for an organisation that needs no server.
///
/// Opens the window. Its process is the node of this home: while it runs, `artel-node` on the same home is answered by it.
/// Ends with 2 when there is no display, with 3 when there is no OpenGL, with 5 when a system library is missing,
/// with 6 when it broke; a report of that lies in the home then.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "artel", version, max_term_width = 100)]
pub struct Options {
    /// Directory of the home.
    ///
    /// Everything of one organisation on this device lies in it. Without it ARTEL_HOME counts, without that the user's data
    /// directory.
    #[arg(long, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Open a demo office.
    ///
    /// Its colleagues are real nodes in this process, connected over the loopback network, and answer what you write. Without
    /// a display the conversation is played in the terminal. Nothing of it stays on the disk.
    #[arg(long)]
    pub demo: bool,
    /// Language of the window; the system's without it.
    #[arg(long, value_enum)]
    pub lang: Option<LangName>,
    /// Colours of the window; those chosen in the settings without it.
    #[arg(long, value_enum)]
    pub theme: Option<ThemeName>,
    /// Save a picture of the first complete screen as PNG and end.
    #[arg(long, value_name = "FILE")]
    pub screenshot: Option<PathBuf>,
    /// Which screen `--screenshot` shows.
    #[arg(long, value_enum, default_value = "chat", requires = "screenshot", hide = true)]
    pub screen: Screen,
    /// Choose files in the window itself, not with the system's dialogs.
    #[arg(long, hide = true)]
    pub own_dialogs: bool,
    /// Address of the session bus, instead of the environment's.
    #[arg(long, value_name = "ADDRESS", hide = true)]
    pub bus: Option<String>,
    /// Rows read on each side of those that are looked at.
    #[arg(long, default_value_t = 60, hide = true)]
    pub reach: u32,
    /// An `artel://` link to a message, or an invitation: link or code.
    ///
    /// If a window is open on this home, it is raised and follows the link; this process ends.
    #[arg(value_name = "LINK")]
    pub link: Option<String>,
}

/// A language by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LangName {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl From<LangName> for Lang {
    fn from(name: LangName) -> Self {
        match name {
            LangName::Ru => Self::Ru,
            LangName::En => Self::En,
        }
    }
}

/// Colours by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    /// As the system has it.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// A screen that can be pictured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Screen {
    /// The channel that is opened first.
    #[default]
    Chat,
    /// The same with a thread beside it.
    Thread,
    /// The first screen of a new home.
    Welcome,
    /// Founding.
    Found,
    /// Joining.
    Join,
    /// The switcher.
    Palette,
    /// Search.
    Search,
    /// People.
    People,
    /// Settings.
    Settings,
    /// Diagnostics.
    Diagnostics,
    /// Mentions.
    Inbox,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_are_consistent() {
        Options::command().debug_assert();
        let options = Options::parse_from(["artel", "--demo", "--lang", "ru", "--theme", "light"]);
        assert!(options.demo && options.lang == Some(LangName::Ru) && options.theme == Some(ThemeName::Light));
    }
}
