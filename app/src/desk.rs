//! What the window remembers for itself: what is open, what is half typed, where lists stand. Nothing here comes from others.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::action::{Dialog, Page};
use crate::drafts::Drafts;
use crate::homes::Homes;
use crate::timeline::list::List;
use crate::timeline::row::{AtRow, Cache};
use crate::views::complete::Completion;

/// Fields of the forms, as typed.
#[derive(Default)]
pub(crate) struct Forms {
    pub(crate) gate: Gate,
    pub(crate) organisation: String,
    pub(crate) person: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) password_again: String,
    pub(crate) code: String,
    pub(crate) address: String,
    pub(crate) phrase_kept: bool,
    /// Teams and channels of an office are founded with the organisation.
    pub(crate) template: bool,
    pub(crate) name: String,
    pub(crate) team: Option<String>,
    pub(crate) private: bool,
    pub(crate) shared_history: bool,
    pub(crate) auto_admit: bool,
    pub(crate) title: String,
    pub(crate) phone: String,
    pub(crate) about: String,
    pub(crate) status: String,
    pub(crate) until: String,
    pub(crate) topic: String,
    pub(crate) path: String,
    pub(crate) reason: String,
    /// The fields of the profile hold what was told.
    pub(crate) profile_read: bool,
}

/// A file for the next message.
#[derive(Clone)]
pub(crate) struct Attached {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) size: u64,
    /// Made by the window of what was in the clipboard; goes with the last who holds it.
    pub(crate) _made: Option<Arc<tempfile::TempPath>>,
}

/// A picture that is seen large.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Viewer {
    /// Id of the attachment.
    pub(crate) id: String,
    /// 1: as large as fits.
    pub(crate) zoom: f32,
    pub(crate) offset: egui::Vec2,
}

/// Which part of the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    #[default]
    Profile,
    Look,
    Attention,
    Keys,
    Storage,
    Devices,
    About,
}

/// Which page of the first minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Gate {
    #[default]
    Choice,
    Found,
    Join,
}

/// The desk in front of one.
pub(crate) struct Desk {
    /// Space id, or `@mail` for a direct message not yet begun.
    pub(crate) open: Option<String>,
    pub(crate) page: Page,
    pub(crate) dialog: Option<Dialog>,
    /// Other organisations of this person on this computer.
    pub(crate) homes: Homes,
    /// Somebody looks at the window: it is on the screen and has the keyboard.
    pub(crate) front: bool,
    /// Whether there is a tray that a closed window can go into.
    pub(crate) tray: bool,
    /// What is typed for places and threads.
    pub(crate) drafts: Drafts,
    pub(crate) completion: Completion,
    /// Own messages that are deleted at a moment, unless somebody thinks better of it.
    pub(crate) leaving: Vec<(String, std::time::Instant)>,
    /// Marked messages: from one to another, in either order.
    pub(crate) selected: Option<(String, String)>,
    /// What is looked for in the open place, and which hit is shown.
    pub(crate) find: Option<(String, usize)>,
    /// Marked as unread by hand: not marked as read until it is opened again.
    pub(crate) unread_by_hand: Option<String>,
    /// The month that the calendar shows: year and month.
    pub(crate) month: Option<(i32, u8)>,
    /// The moment of a message for later, as typed.
    pub(crate) moment: String,
    pub(crate) emoji: String,
    /// The cursor goes behind the last letter of the composer in the next frame.
    pub(crate) cursor_to_end: bool,
    /// The message whose thread is open.
    pub(crate) thread: Option<String>,
    /// The message that is edited, and its new text.
    pub(crate) editing: Option<(String, String)>,
    /// The composer takes the keyboard in the next frame.
    pub(crate) focus_composer: bool,
    /// That of the thread does.
    pub(crate) focus_thread: bool,
    /// The first field of a dialog or page does.
    pub(crate) focus_first: bool,
    /// The row of the conversation that the keyboard is at, and that of the thread.
    pub(crate) at: AtRow,
    pub(crate) thread_at: AtRow,
    /// The open place takes the keyboard in the list of places.
    pub(crate) focus_place: bool,
    pub(crate) list: List,
    pub(crate) thread_list: List,
    pub(crate) cache: Cache,
    pub(crate) palette: String,
    pub(crate) palette_at: usize,
    /// Places visited, the last first.
    pub(crate) recent: Vec<String>,
    pub(crate) search: String,
    pub(crate) people: String,
    pub(crate) channels: String,
    pub(crate) forms: Forms,
    pub(crate) part: Part,
    /// Files for the next message, by place.
    pub(crate) attached: BTreeMap<String, Vec<Attached>>,
    /// A picture that lies in the clipboard beside a text, and the place where the text was pasted.
    pub(crate) offered: Option<(String, Arc<egui::ColorImage>)>,
    pub(crate) viewer: Option<Viewer>,
    /// Whether the channels that were put away are listed.
    pub(crate) archived_open: bool,
    /// When something was last typed or moved here, seconds of egui's clock.
    pub(crate) busy_at: f64,
    /// Which licence is unfolded.
    pub(crate) licence: Option<usize>,
    /// When the notices came, seconds of egui's clock.
    pub(crate) noticed: f64,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            open: None,
            page: Page::Chat,
            dialog: None,
            homes: Homes::default(),
            front: true,
            tray: false,
            drafts: Drafts::default(),
            completion: Completion::default(),
            leaving: Vec::new(),
            selected: None,
            find: None,
            unread_by_hand: None,
            month: None,
            moment: String::new(),
            emoji: String::new(),
            cursor_to_end: false,
            thread: None,
            editing: None,
            focus_composer: false,
            focus_thread: false,
            focus_first: false,
            at: AtRow::default(),
            thread_at: AtRow::default(),
            focus_place: false,
            list: List::default(),
            thread_list: List::default(),
            cache: Cache::default(),
            palette: String::new(),
            palette_at: 0,
            recent: Vec::new(),
            search: String::new(),
            people: String::new(),
            channels: String::new(),
            part: Part::Profile,
            attached: BTreeMap::new(),
            offered: None,
            viewer: None,
            archived_open: false,
            busy_at: 0.0,
            licence: None,
            forms: Forms { shared_history: true, ..Forms::default() },
            noticed: 0.0,
        }
    }
}
