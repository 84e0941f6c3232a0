//! What a person did in a frame: views write it down, the shell carries it out after the frame is drawn.

use artel_node::client::Request;
use artel_node::text::Lang;

use crate::bridge::{Command, Purpose};
use crate::options::ThemeName;

/// A page in place of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Chat,
    People,
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
    DropNotices,
}
