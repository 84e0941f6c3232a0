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
    Saved,
    Later,
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
    /// Really delete this message of somebody else for everybody.
    Retract(String),
    /// Everything about a message: its id.
    Details(String),
    /// To whom a message is passed on: its id.
    Forward(String),
    /// Pinned messages of a place.
    Pins(String),
    /// A day to go to in a place.
    Date(String),
    /// When to send what stands in the composer of the place or of the thread, or the message for later of this number.
    SendLater {
        id: Option<String>,
        thread: bool,
    },
    /// Really leave a channel.
    Leave(String),
    /// Really open a file that can run something: its id and name.
    Risky(String, String),
    /// What can be typed.
    Help,
    /// What the keys do.
    Keys,
    /// Really mark everything as read.
    ReadAll,
    /// Five things to try.
    Tour,
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
    /// A further organisation: how it is called on this computer.
    Organisation,
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
    /// Put a message into the composer as a quote.
    Quote(String),
    /// Pass a message on to a place.
    Forward {
        id: String,
        target: String,
    },
    /// Save a message, or no longer.
    Save {
        id: String,
        on: bool,
    },
    /// Everything from this message on is unread.
    MarkUnread(String),
    /// Show who somebody is: the mail address.
    Person(String),
    /// Go where a link leads.
    Link(String),
    /// Delete an own message in a few seconds.
    RetractSoon(String),
    /// Let it stand after all.
    LetStand(String),
    /// Send what stands in the composer at a time, milliseconds since 1970; or change when a message for later goes.
    Later {
        id: Option<String>,
        thread: bool,
        ms: u64,
    },
    /// Put a message for later back into the composer of its place.
    LaterBack(String),
    /// Show the line to look for something in the open place, or hide it.
    Find(bool),
    /// Look for this in the open place.
    FindText(String),
    /// Mark messages from one to another; none any more.
    Select(Option<(String, String)>),
    /// Put the marked messages into the clipboard.
    CopySelected,
    /// Begin to edit a message, or leave it as it was.
    Edit(Option<String>),
    /// Open the thread of the last message.
    ReplyLast,
    /// The keyboard goes on: from the composer to the list of places, to the messages, to the composer.
    NextRegion,
    /// Begin to edit the last own message of the place, or of the thread.
    EditLast {
        thread: bool,
    },
    React {
        id: String,
        emoji: String,
        remove: bool,
    },
    /// Further rows of the place, or of the thread: around this one or the newest, so many on each side.
    Look {
        thread: bool,
        around: Option<String>,
        reach: u32,
    },
    ToNewest,
    Search(String),
    /// More hits of the search that is shown.
    SearchMore,
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
    /// Somebody looks at a picture that can move: the attachment and the longest side of a frame, pixels.
    Play(String, u32),
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
    /// Look for the file of an invitation.
    ChooseInvitation,
    /// Choose where to save the invitation that is shown, under this name.
    ChooseInvitationTarget(String),
    /// Read the invitation in a file.
    OpenInvitation(PathBuf),
    /// Write the invitation that is shown into a new file.
    SaveInvitation(PathBuf),
    /// Everything everywhere is read.
    ReadAll,
    /// Fold a section of the list of places, or unfold it.
    Fold(String),
    DropNotices,
}
