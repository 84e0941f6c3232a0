//! Where the program puts no sign into a tray: the setting that needs one is not shown.

use std::sync::mpsc::Receiver;

use super::{Outside, Sign};

/// There is none.
pub(super) fn start(_bus: Option<String>, _signs: Receiver<Sign>, _outside: Outside) {}
