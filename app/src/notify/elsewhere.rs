//! Where there is no service for notifications: the window asks for attention itself.

use std::sync::mpsc::SyncSender;

use super::{Goal, Note};
use crate::bridge::Waker;

/// There is no service here: the window asks for attention itself.
pub(super) struct Desktop;

impl Desktop {
    pub(super) fn connect(_bus: Option<&str>, _clicks: SyncSender<Goal>, _waker: Waker) -> Option<Self> {
        None
    }

    pub(super) fn show(&self, _note: &Note) -> bool {
        false
    }

    pub(super) fn withdraw(&self, _channel: &str) {}
}
