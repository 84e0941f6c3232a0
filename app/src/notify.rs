//! Telling a person on the desktop that somebody wrote. On Linux by the notification service of the session bus; the action of
//! a notification comes back to the window. Elsewhere the program's sign in the taskbar asks for attention.

#[cfg(not(target_os = "linux"))]
#[path = "notify/elsewhere.rs"]
mod service;
#[cfg(target_os = "linux")]
mod service;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::bridge::Waker;

/// Notifications that wait for the service; more at once nobody reads.
const WAITING_MAX: usize = 64;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) title: String,
    pub(crate) body: String,
    /// What is written on the button.
    pub(crate) open: String,
    /// Where a click leads.
    pub(crate) goal: Goal,
}

/// A message in its place; the place alone while the screen is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Goal {
    pub(crate) channel: String,
    pub(crate) message: Option<String>,
}

/// The way to the desktop's notifications.
pub(crate) struct Notifier {
    notes: SyncSender<Note>,
    clicked: Receiver<Goal>,
}

impl Notifier {
    /// Starts the threads; the bus is found when the first notification comes. `bus` is another than the session's.
    pub(crate) fn start(waker: Waker, bus: Option<String>) -> Self {
        let (notes, queue) = sync_channel::<Note>(WAITING_MAX);
        let (clicks, clicked) = sync_channel(WAITING_MAX);
        let started = std::thread::Builder::new().name("notify".into()).spawn(move || {
            let mut desktop = None;
            while let Ok(note) = queue.recv() {
                if desktop.is_none() {
                    desktop = service::Desktop::connect(bus.as_deref(), clicks.clone(), waker.clone());
                }
                let shown = desktop.as_ref().is_some_and(|it| it.show(&note));
                if !shown {
                    // The service may have begun anew; the next one looks for it.
                    desktop = None;
                }
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no notifications");
        }
        Self { notes, clicked }
    }

    /// Tells the person. Returns at once; beyond many that wait it is dropped.
    pub(crate) fn show(&self, note: Note) {
        self.notes.try_send(note).ok();
    }

    /// Where a click on a notification leads.
    pub(crate) fn clicked(&self) -> Option<Goal> {
        self.clicked.try_recv().ok()
    }
}
