//! Telling a person on the desktop that somebody wrote. On Linux by the notification service of the session bus; the action of
//! a notification comes back to the window. Elsewhere the program's sign in the taskbar asks for attention.

#[cfg(not(target_os = "linux"))]
#[path = "notify/elsewhere.rs"]
mod service;
#[cfg(target_os = "linux")]
mod service;

use std::collections::BTreeMap;
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

/// What the thread is to do.
enum Task {
    Show(Note),
    /// Take those of this place back: it was read.
    Withdraw(String),
}

/// The way to the desktop's notifications.
pub(crate) struct Notifier {
    tasks: SyncSender<Task>,
    /// Places of which something was told and not yet taken back, and whether they were seen to be unread since.
    told: BTreeMap<String, bool>,
    clicked: Receiver<Goal>,
}

impl Notifier {
    /// Starts the threads; the bus is found when the first notification comes. `bus` is another than the session's.
    pub(crate) fn start(waker: Waker, bus: Option<String>) -> Self {
        let (tasks, queue) = sync_channel::<Task>(WAITING_MAX);
        let (clicks, clicked) = sync_channel(WAITING_MAX);
        let started = std::thread::Builder::new().name("notify".into()).spawn(move || {
            let mut desktop: Option<service::Desktop> = None;
            while let Ok(task) = queue.recv() {
                let note = match (task, &desktop) {
                    (Task::Show(note), _) => note,
                    (Task::Withdraw(channel), Some(desktop)) => {
                        desktop.withdraw(&channel);
                        continue;
                    }
                    (Task::Withdraw(_), None) => continue,
                };
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
        Self { tasks, told: BTreeMap::new(), clicked }
    }

    /// Tells the person. Returns at once; beyond many that wait it is dropped.
    pub(crate) fn show(&mut self, note: Note) {
        self.told.entry(note.goal.channel.clone()).or_default();
        self.tasks.try_send(Task::Show(note)).ok();
    }

    /// Takes back what was told of places in which nothing is unread any more.
    pub(crate) fn withdraw(&mut self, unread: impl Fn(&str) -> bool) {
        // A count that is older than the message says nothing of it.
        self.told.iter_mut().for_each(|it| *it.1 |= unread(it.0));
        let read: Vec<String> = self.told.iter().filter(|it| *it.1 && !unread(it.0)).map(|it| it.0.clone()).collect();
        for channel in read {
            if self.tasks.try_send(Task::Withdraw(channel.clone())).is_ok() {
                self.told.remove(&channel);
            }
        }
    }

    /// Where a click on a notification leads.
    pub(crate) fn clicked(&self) -> Option<Goal> {
        self.clicked.try_recv().ok()
    }
}
