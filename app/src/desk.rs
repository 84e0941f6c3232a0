//! What the window remembers for itself: what is open, what is half typed, where lists stand. Nothing here comes from others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use artel_node::node::Invitation;

use crate::action::{Dialog, Page};
use crate::drafts::{Drafts, Key};
use crate::homes::Homes;
use crate::timeline::list::List;
use crate::timeline::row::{AtRow, Cache};
use crate::views::complete::Completion;
use crate::views::phrase::Asked;

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
    /// The words of the phrase that are asked back.
    pub(crate) phrase: Option<Asked>,
    /// Teams and channels of an office are founded with the organisation.
    pub(crate) template: bool,
    pub(crate) name: String,
    pub(crate) team: Option<String>,
    pub(crate) private: bool,
    pub(crate) shared_history: bool,
    pub(crate) auto_admit: bool,
    /// Role that somebody is to have, before it is given.
    pub(crate) new_role: Option<String>,
    /// Role of somebody who is invited.
    pub(crate) role: String,
    /// Days that a guest stays; 0: without end.
    pub(crate) visit: u16,
    /// Days that an invitation is good.
    pub(crate) invite_days: u8,
    /// Ids of the channels that a guest reads.
    pub(crate) spaces: BTreeSet<String>,
    /// A path is typed, because the system has no dialog for it.
    pub(crate) ask_path: bool,
    /// The file that was opened holds no invitation.
    pub(crate) no_invitation: bool,
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

impl Forms {
    /// Takes over what an invitation says.
    pub(crate) fn take(&mut self, invitation: Invitation) {
        self.code = invitation.code;
        self.address = invitation.addresses.join(", ");
        (self.no_invitation, self.ask_path) = (false, false);
    }

    /// The code and the addresses as the node takes them: of several addresses the first beside the code, the others in a
    /// link with it.
    pub(crate) fn invitation(&self) -> (String, Option<String>) {
        let mut addresses = self.address.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let (code, at) = (self.code.trim().to_owned(), addresses.next());
        let more: Vec<String> = addresses.collect();
        match more.is_empty() {
            true => (code, at),
            false => (Invitation { code: code.clone(), addresses: more }.link().unwrap_or(code), at),
        }
    }
}

/// A file for the next message.
#[derive(Clone)]
pub(crate) struct Attached {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) size: u64,
    /// Made by the window of what was in the clipboard; goes with the last who holds it.
    pub(crate) made: Option<Arc<tempfile::TempPath>>,
}

/// A message that is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editing {
    pub(crate) id: String,
    /// Its new text.
    pub(crate) text: String,
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
    /// Space id, or `@mail` for a direct message not yet begun, `@mail,mail` for such a group.
    pub(crate) open: Option<String>,
    pub(crate) page: Page,
    pub(crate) dialog: Option<Dialog>,
    /// A channel or a team is being made; the answer has not come.
    pub(crate) making: bool,
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
    /// Messages that are edited, by the composer they are in.
    pub(crate) editing: BTreeMap<Key, Editing>,
    /// One wrote in the thread last, not in the place.
    pub(crate) in_thread: bool,
    /// Rows read on each side of those that are looked at.
    pub(crate) reach: u32,
    /// Where one stood in places that were left: a row and its distance from the top.
    pub(crate) stood: BTreeMap<String, (String, f32)>,
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
    /// A place is moved into sight in the list of places.
    pub(crate) show_place: Option<String>,
    /// Rows of that list where something waits, and where they were drawn in this frame.
    pub(crate) unread_rows: Vec<(String, egui::Rect)>,
    pub(crate) list: List,
    pub(crate) thread_list: List,
    pub(crate) cache: Cache,
    pub(crate) palette: String,
    pub(crate) palette_at: usize,
    pub(crate) search: String,
    pub(crate) people: String,
    /// People gathered for a conversation, by mail address.
    pub(crate) gathered: Vec<String>,
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
            making: false,
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
            editing: BTreeMap::new(),
            in_thread: false,
            reach: 0,
            stood: BTreeMap::new(),
            focus_composer: false,
            focus_thread: false,
            focus_first: false,
            at: AtRow::default(),
            thread_at: AtRow::default(),
            focus_place: false,
            show_place: None,
            unread_rows: Vec::new(),
            list: List::default(),
            thread_list: List::default(),
            cache: Cache::default(),
            palette: String::new(),
            palette_at: 0,
            search: String::new(),
            people: String::new(),
            gathered: Vec::new(),
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

impl Desk {
    /// What is written in the composer of the open place, or in that of the open thread, is kept under this.
    pub(crate) fn key(&self, thread: bool) -> Key {
        let open = self.open.as_deref().unwrap_or_default();
        match &self.thread {
            Some(root) if thread => Key::thread(open, root),
            _ => Key::of(open),
        }
    }

    /// Whether keys that scroll are for the open place, or for the open thread: where one writes or goes from row to row, else
    /// where one wrote last.
    pub(crate) fn keys_go_to(&self, ctx: &egui::Context, thread: bool) -> bool {
        let above = self.dialog.is_some() || self.viewer.is_some() || egui::Popup::is_any_open(ctx);
        let rows = (self.at.has_keyboard(ctx, false), self.thread_at.has_keyboard(ctx, true));
        let in_thread = match rows {
            (true, _) => false,
            (_, true) => true,
            _ => self.in_thread && self.thread.is_some(),
        };
        !above && in_thread == thread
    }

    /// What is edited there.
    pub(crate) fn edited(&self, thread: bool) -> Option<&Editing> {
        self.editing.get(&self.key(thread)).filter(|_| !thread || self.thread.is_some())
    }
}
