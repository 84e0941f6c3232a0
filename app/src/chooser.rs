//! Choosing files with the system's own dialogs, on a thread beside the window; where there are none, the window has a field
//! for a path.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::bridge::Waker;
use crate::model::Notice;

/// What was chosen, or that there is nothing to choose with.
pub(crate) enum Chosen {
    Files {
        place: String,
        paths: Vec<PathBuf>,
    },
    Target {
        id: String,
        path: PathBuf,
    },
    Face(PathBuf),
    /// What came of something else that the desktop was asked for.
    Tell(Notice),
    Invitation(PathBuf),
    InvitationTarget(PathBuf),
    /// The clipboard held a picture beside the text that was pasted at this place.
    Clipped {
        place: String,
        picture: egui::ColorImage,
    },
    /// The system has no dialogs: this was wanted.
    NoDialog(Wanted),
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// Files for the next message of a place.
    Files(String),
    /// Where a file is to be saved: id and name.
    Target(String, String),
    /// A picture of this person.
    Face,
    /// The file of an invitation.
    Invitation,
    /// Where an invitation is to be saved: name.
    InvitationTarget(String),
}

/// The threads that wait for the system's dialogs.
pub(crate) struct Chooser {
    sender: SyncSender<Chosen>,
    chosen: Receiver<Chosen>,
    waker: Waker,
    /// Whether the system is asked at all.
    system: bool,
    /// What reads a picture out of the clipboard. May take a moment.
    pub(crate) clipboard: fn() -> Option<egui::ColorImage>,
}

impl Chooser {
    pub(crate) fn new(waker: Waker, system: bool) -> Self {
        let (sender, chosen) = sync_channel(16);
        Self { sender, chosen, waker, system, clipboard }
    }

    /// What has been chosen.
    pub(crate) fn chosen(&self) -> Option<Chosen> {
        self.chosen.try_recv().ok()
    }

    /// Opens a dialog with this title. Returns at once.
    pub(crate) fn choose(&self, wanted: Wanted, title: String) {
        let system = self.system;
        self.beside(move || if system && has_dialogs() { ask(wanted, title) } else { Some(Chosen::NoDialog(wanted)) });
    }

    /// Looks whether the clipboard holds a picture. Returns at once.
    pub(crate) fn look_at_clipboard(&self, place: String) {
        let clipboard = self.clipboard;
        self.beside(move || clipboard().map(|picture| Chosen::Clipped { place, picture }));
    }

    /// Does something that may take a moment, and tells what came of it. Returns at once.
    pub(crate) fn tell(&self, ask: impl FnOnce() -> Option<Notice> + Send + 'static) {
        self.beside(move || ask().map(Chosen::Tell));
    }

    fn beside(&self, ask: impl FnOnce() -> Option<Chosen> + Send + 'static) {
        let (sender, waker) = (self.sender.clone(), self.waker.clone());
        let asked = std::thread::Builder::new().name("dialog".into()).spawn(move || {
            if let Some(chosen) = ask() {
                // The window may have gone meanwhile.
                sender.try_send(chosen).ok();
                waker.wake();
            }
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "no dialog");
        }
    }
}

/// The picture in the clipboard of the desktop, if there is one.
fn clipboard() -> Option<egui::ColorImage> {
    let image = arboard::Clipboard::new().and_then(|mut it| it.get_image()).ok()?;
    let size = [image.width, image.height];
    let whole = image.width.checked_mul(image.height)?.checked_mul(4)? == image.bytes.len();
    whole.then(|| egui::ColorImage::from_rgba_unmultiplied(size, &image.bytes))
}

fn ask(wanted: Wanted, title: String) -> Option<Chosen> {
    let dialog = rfd::FileDialog::new().set_title(title);
    Some(match wanted {
        Wanted::Files(place) => Chosen::Files { place, paths: dialog.pick_files()? },
        Wanted::Target(id, name) => {
            let path = dialog.set_directory(crate::desktop::downloads()).set_file_name(name).save_file()?;
            Chosen::Target { id, path }
        }
        Wanted::Invitation => Chosen::Invitation(dialog.pick_file()?),
        Wanted::InvitationTarget(name) => {
            let path = dialog.set_directory(crate::desktop::downloads()).set_file_name(name).save_file()?;
            Chosen::InvitationTarget(path)
        }
        Wanted::Face => Chosen::Face(dialog.add_filter("PNG, JPEG", &["png", "jpg", "jpeg"]).pick_file()?),
    })
}

/// Whether the system has dialogs for files. Windows and macOS always have.
#[cfg(not(target_os = "linux"))]
fn has_dialogs() -> bool {
    true
}

/// On Linux they belong to the portal of the desktop, or to zenity. Asks the session bus, so it may take a moment.
#[cfg(target_os = "linux")]
fn has_dialogs() -> bool {
    let portal = || -> zbus::Result<bool> {
        let connection = zbus::blocking::Connection::session()?;
        let bus = zbus::blocking::fdo::DBusProxy::new(&connection)?;
        let name = "org.freedesktop.portal.Desktop";
        let known = bus.list_activatable_names()?;
        Ok(known.iter().any(|it| it.as_str() == name) || bus.name_has_owner(name.try_into()?)?)
    };
    let in_path = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|it| it.join(name).is_file())
    };
    portal().unwrap_or(false) || in_path("zenity")
}
