//! The program's sign in the tray: whether somebody wrote, and the way back to a window that is closed. On Linux an item of the
//! session bus, where the desktop has a tray; elsewhere there is none.

#[cfg(not(target_os = "linux"))]
#[path = "tray/elsewhere.rs"]
mod item;
#[cfg(target_os = "linux")]
mod item;
#[cfg(target_os = "linux")]
mod menu;
#[cfg(target_os = "linux")]
mod picture;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::bridge::Waker;

/// Signs and wishes that wait; more say nothing new.
const WAITING_MAX: usize = 16;

/// What the sign tells by its looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dot {
    /// Everything is read.
    #[default]
    None,
    /// Something is not.
    Unread,
    /// Somebody called this person, or wrote to nobody else.
    Called,
}

/// What is shown in the tray.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(crate) dot: Dot,
    /// What is unread, under the pointer.
    pub(crate) told: String,
    /// Words of the menu.
    pub(crate) open: String,
    pub(crate) quiet: String,
    pub(crate) quit: String,
}

/// What a person chose in the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The window to the front.
    Open,
    /// Not to be disturbed for a while, or again to be.
    Quiet,
    Quit,
}

/// What the threads of the tray share with the window.
#[derive(Clone)]
struct Outside {
    there: Arc<AtomicBool>,
    wishes: SyncSender<Wish>,
    waker: Waker,
}

#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no tray"))]
impl Outside {
    fn wish(&self, wish: Wish) {
        self.wishes.try_send(wish).ok();
        self.waker.wake();
    }

    fn set_there(&self, there: bool) {
        if self.there.swap(there, Ordering::Relaxed) != there {
            self.waker.wake();
        }
    }
}

/// The way to the tray.
pub(crate) struct Tray {
    signs: SyncSender<Sign>,
    wishes: Receiver<Wish>,
    there: Arc<AtomicBool>,
    shown: Sign,
}

impl Tray {
    /// Starts the threads that look for a tray, now and whenever one comes. `bus` is another than the session's.
    pub(crate) fn start(waker: Waker, bus: Option<String>) -> Self {
        let (signs, queue) = sync_channel(WAITING_MAX);
        let (wishes, wished) = sync_channel(WAITING_MAX);
        let there = Arc::new(AtomicBool::new(false));
        item::start(bus, queue, Outside { there: Arc::clone(&there), wishes, waker });
        Self { signs, wishes: wished, there, shown: Sign::default() }
    }

    /// Whether there is a tray and the sign is in it.
    pub(crate) fn is_there(&self) -> bool {
        self.there.load(Ordering::Relaxed)
    }

    /// Shows this from now on. Returns at once.
    pub(crate) fn show(&mut self, sign: Sign) {
        if self.shown != sign && self.signs.try_send(sign.clone()).is_ok() {
            self.shown = sign;
        }
    }

    /// The next thing that was chosen.
    pub(crate) fn wish(&self) -> Option<Wish> {
        self.wishes.try_recv().ok()
    }
}
