//! What a person did in a frame: views write it down, the shell carries it out after the frame is drawn.

use std::path::PathBuf;
use std::sync::Arc;

use artel_node::client::Request;
use artel_node::text::Lang;

use crate::bridge::{Command, Deed, Purpose};
use crate::options::ThemeName;
use crate::pictures::Key;
use crate::settings::Settings;

/// A page in place of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Chat,
    People,
    Channels,
    Search,
    Inbox,
    Settings,
    Diagnostics,
}

/// A window above everything.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Dialog {
    Palette,
    NewChannel,
    NewTeam,
    Invite,
    Pending,
    /// Really delete this message for everybody.
    Retract(String),
    /// Where a message is: its id.
    Details(String),
    /// Members of a channel.
    Members(String),
    /// What a channel is called, says and does.
    Channel(String),
    /// Somebody: the mail address.
    Person(String),
    /// A path to attach, where the system has no dialog of its own: the place.
    Attach(String),
    /// A path to save to: id and name of the file.
    SaveAs(String, String),
    /// A further device of this person.
    Link,
    /// A device is taken out: its id.
    Revoke(String),
    /// What this person tells of the moment, and how long not to be disturbed.
    Mood,
}

/// One thing done.
pub(crate) enum Action {
    /// Show a place: a space id, or `@mail` for a direct one not yet begun.
    Open(String),
    /// Show a message in its place.
    OpenAt {
        channel: String,
        id: String,
    },
    Page(Page),
    Dialog(Dialog),
    CloseDialog,
    /// Show the thread of this message, or none.
    Thread(Option<String>),
    /// Send what stands in the composer of the place, or in that of the thread.
    Send {
        thread: bool,
    },
    /// Begin to edit a message, or leave it as it was.
    Edit(Option<String>),
    /// Begin to edit the last own message.
    EditLast,
    React {
        id: String,
        emoji: String,
        remove: bool,
    },
    Older,
    Newer,
    ToNewest,
    Search(String),
    Copy(String),
    Ask(Request, Purpose),
    Command(Command),
    Lang(Option<Lang>),
    Theme(ThemeName),
    Zoom(f32),
    EnterSends(bool),
    /// Other choices for this window.
    Settings(Box<Settings>),
    /// Files for the next message of a place.
    Attach {
        place: String,
        paths: Vec<PathBuf>,
    },
    /// A picture from the clipboard for it.
    AttachPicture {
        place: String,
        picture: Arc<egui::ColorImage>,
    },
    /// Not this file after all.
    Detach {
        place: String,
        at: usize,
    },
    /// Look for files to attach.
    ChooseFiles(String),
    /// Look whether the clipboard holds a picture too.
    LookAtClipboard(String),
    /// Get a file and do this with it.
    File {
        id: String,
        deed: Deed,
    },
    /// Choose where to save it.
    ChooseTarget {
        id: String,
        name: String,
    },
    /// Show a picture large; none any more.
    View(Option<String>),
    /// A picture came into sight.
    Picture(Key),
    /// Put the picture that is seen large into the clipboard.
    CopyPicture(String),
    /// Not to be disturbed until then, seconds of the Unix epoch; again to be disturbed.
    Quiet(Option<i64>),
    /// A sentence of the moment.
    Status(String),
    /// Look for a picture of this person.
    ChooseFace,
    DropNotices,
}
