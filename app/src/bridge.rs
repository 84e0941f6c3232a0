//! Between the window and its node: commands go one way, events the other, both through channels with a bound. The node
//! lives on threads of its own; the window never waits for it.

mod forward;
mod later;
mod motion;
mod office;
mod pictures;
mod start;
mod stretch;
mod watch;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use artel_node::client::{Error, Joining, Message, Person, Reply, Request, Status, Team, Transfer, Unread};
use artel_node::demo::Opening;
use artel_node::home::Layout;
use artel_node::node::{Client, Founding};
use artel_node::text::Lang;
use tokio::sync::mpsc;

use crate::pictures::motion::Frame;
use crate::pictures::{Bad, Key};

pub(crate) use later::{MADE, now};
pub(crate) use office::tell as tell_demo;

/// Commands that wait for the node; a person does not give more at once.
const COMMANDS_MAX: usize = 256;
/// Events that wait for the next frame; beyond them the bridge waits, not the window.
const EVENTS_MAX: usize = 256;

/// What the window wants.
pub(crate) enum Command {
    /// Found an organisation in this home, with a password.
    Found { founding: Founding, password: String, teams: Vec<String>, channels: Vec<(Option<String>, String)> },
    /// Enter one.
    Join { code: String, at: Option<String>, password: String, device: String },
    /// Stop trying to enter, or to found.
    GiveUp,
    /// The phrase is written down.
    PhraseKept,
    /// Open the home, or what was locked.
    Unlock { password: String },
    /// Lock the screen.
    Lock,
    /// Open the demo office of this language.
    Demo(Lang),
    /// Show this history and tell of its changes.
    Watch { channel: String, look: Look },
    /// Show this thread and tell of its changes; none any more if absent.
    Thread { channel: String, root: Option<String>, look: Look },
    /// Anything else; the answer comes back under the same purpose.
    Ask { request: Request, purpose: Purpose },
    /// Read and decode a picture.
    Picture(Key),
    /// Read a picture that moves, and decode it frame by frame as long as they are taken: the longest side of a frame, pixels.
    Play { id: String, side: u32, frames: SyncSender<Frame> },
    /// Say something in another place with files that are known here; they pass through a folder that goes afterwards.
    Forward { to: String, text: String, files: Vec<(String, String)>, folder: PathBuf },
    /// End.
    Quit,
}

/// Which part of a history is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Around this message; its newest end if absent.
    pub(crate) around: Option<String>,
    /// Rows on each side of it.
    pub(crate) reach: u32,
    /// Counted, so that an answer is known.
    pub(crate) turn: u64,
}

/// Why something was asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Purpose {
    /// Nothing is shown but a failure.
    Quiet,
    /// A message was sent; a failure gives the text back.
    Send { channel: String, thread: Option<String>, text: String },
    /// A message is kept for later; a failure gives the text and the files back.
    LaterSet { channel: String, thread: Option<String>, text: String },
    /// A message was edited; a failure opens the edit again.
    Edit { id: String, text: String },
    /// Everything about a message.
    About,
    /// Pinned messages of a place.
    Pins(String),
    /// What calls this person.
    Inbox,
    /// The newest message of a place where something waits.
    Waiting(String),
    /// The message to go to.
    Jump,
    /// What this message is, before one goes to it.
    Show { channel: String, id: String },
    /// What was looked for in the open place.
    Find(String),
    /// A change; the words say that it was made.
    Done(&'static str),
    /// A channel is made: it is opened. Or a team.
    Create,
    /// An invitation: its code is shown.
    Invite,
    /// Who waits at the door.
    Pending,
    /// A search for this text, for so many hits.
    Search(String, u32),
    /// Members of a channel.
    Members(String),
    /// What is wrong.
    Doctor,
    /// Files were sent; a failure gives them back with their text.
    Files { place: String, text: String },
    /// A file came, and this is done with it.
    File { id: String, deed: Deed },
    /// All channels, also those that were left.
    Browse,
    /// Rules of the organisation.
    Policy,
    /// Devices of everybody.
    Devices,
    /// Room for files.
    Storage,
    /// A code for a further device.
    Link,
    /// Something was changed; it is said that it was.
    Change(&'static str),
}

/// What is done with a file that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It is told where it was saved.
    Save,
    Open,
    /// Also if it can run something.
    OpenSure,
    Show,
    Copy,
}

/// Where the window stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// Nothing is known yet.
    Starting,
    /// There is no home.
    Welcome,
    /// There is one; its password is wanted.
    Locked,
    /// The home is being opened.
    Opening,
    /// An organisation is being founded.
    Founding,
    /// It will be; its phrase is to be written down first.
    Phrase(String),
    /// On the way in.
    Joining(Joining),
    /// The demo office opens.
    Office(Opening),
    /// In.
    Ready,
}

/// Everything about people and places.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Directory {
    pub(crate) channels: Vec<artel_node::client::Channel>,
    pub(crate) persons: Vec<Person>,
    pub(crate) teams: Vec<Team>,
}

/// How the store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Health {
    /// As [`artel_node::client::StoreStatus`] has it; empty: nothing to tell.
    pub(crate) state: String,
    /// How far the journal has been read, where it is read again.
    pub(crate) percent: Option<u8>,
}

/// What a person keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Kept {
    pub(crate) drafts: Vec<artel_node::client::Draft>,
    pub(crate) saved: Vec<Message>,
    pub(crate) later: Vec<artel_node::client::Later>,
}

/// What the window is told.
pub(crate) enum Event {
    Stage(Stage),
    /// Where the home is: of the demo office it is another.
    Home(PathBuf),
    Directory(Box<Directory>),
    Unread(Vec<Unread>),
    /// What this person keeps: drafts, saved messages, those for later.
    Kept(Box<Kept>),
    /// Rows of the history that is shown, or of the thread beside it, oldest first.
    History(History),
    Status(Box<Status>),
    Pending(Vec<artel_node::client::Candidate>),
    /// How the store is.
    Store(Health),
    /// A file on its way.
    Transfer(Transfer),
    /// A picture, or why there is none.
    Picture(Key, Result<egui::ColorImage, Bad>),
    /// Somebody wrote; without the message while the screen is locked.
    Arrived {
        channel: String,
        message: Option<Box<Message>>,
    },
    /// Somebody is writing.
    Typing {
        channel: String,
        email: String,
    },
    Answer {
        purpose: Purpose,
        result: Result<Reply, Error>,
    },
    Failed(Error),
}

/// A stretch of a history.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) channel: String,
    /// Of this thread.
    pub(crate) root: Option<String>,
    pub(crate) messages: Vec<Message>,
    /// Whether nothing is before it.
    pub(crate) from_start: bool,
    /// Whether nothing is behind it.
    pub(crate) to_end: bool,
    /// The message around which it is; the newest end if absent.
    pub(crate) around: Option<String>,
    /// Rows on each side of that.
    pub(crate) reach: u32,
    /// Of the [`Look`] that this answers.
    pub(crate) turn: u64,
    /// The newest message of the whole place, also if it is a reply: known before the rows were read.
    pub(crate) newest: Option<String>,
}

/// Draws the window anew when something came. Empty while there is no window.
#[derive(Clone, Default)]
pub(crate) struct Waker(Arc<Mutex<Option<egui::Context>>>);

impl Waker {
    /// From now on this window.
    pub(crate) fn set(&self, ctx: egui::Context) {
        if let Ok(mut held) = self.0.lock() {
            *held = Some(ctx);
        }
    }

    /// Draws it anew.
    pub(crate) fn wake(&self) {
        if let Ok(held) = self.0.lock()
            && let Some(ctx) = &*held
        {
            ctx.request_repaint();
        }
    }
}

/// The window's end.
pub(crate) struct Bridge {
    commands: mpsc::Sender<Command>,
    events: Receiver<Event>,
    waker: Waker,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Bridge {
    /// Starts the threads behind the window. With `demo` the office of that language opens at once.
    pub(crate) fn start(home: Layout, demo: Option<Lang>) -> Self {
        let (commands, queue) = mpsc::channel(COMMANDS_MAX);
        let (sender, events) = sync_channel(EVENTS_MAX);
        let waker = Waker::default();
        let out = Out { events: sender, waker: waker.clone() };
        let thread = std::thread::Builder::new().name("node".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            match runtime {
                Ok(runtime) => runtime.block_on(start::run(home, demo, queue, out)),
                Err(error) => out.failed(Error::new(artel_node::client::ErrorKind::Internal, error.to_string())),
            }
        });
        Self { commands, events, waker, thread: thread.ok() }
    }

    /// Whom to wake.
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Gives a command; false if too many wait, and it is lost.
    pub(crate) fn send(&self, command: Command) -> bool {
        self.commands.try_send(command).is_ok()
    }

    /// The next event that has come.
    pub(crate) fn event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Closes the home in order; waits for it.
    pub(crate) fn stop(&mut self) {
        while self.thread.as_ref().is_some_and(|it| !it.is_finished()) {
            // Said until it is done: whoever waits at the door hears it first, and the house behind it after.
            self.commands.try_send(Command::Quit).ok();
            // The node may be telling something just now.
            self.events.recv_timeout(std::time::Duration::from_millis(20)).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The node's end.
#[derive(Clone)]
pub(crate) struct Out {
    events: SyncSender<Event>,
    waker: Waker,
}

impl Out {
    /// Tells the window. Waits while it has much to read; a window that has gone hears nothing.
    fn tell(&self, event: Event) {
        self.events.send(event).ok();
        self.waker.wake();
    }

    fn stage(&self, stage: Stage) {
        self.tell(Event::Stage(stage));
    }

    fn failed(&self, error: Error) {
        self.tell(Event::Failed(error));
    }
}

/// A node that this process runs, with what belongs to it.
pub(crate) enum Running {
    /// Of a home.
    Home(Box<artel_node::node::Node>),
    /// Of the visitor of a demo office.
    Office(Box<artel_node::demo::Office>),
}

impl Running {
    fn client(&self) -> Client {
        match self {
            Self::Home(node) => node.client(),
            Self::Office(office) => office.client(),
        }
    }

    async fn stop(self) -> artel_node::client::Result<()> {
        match self {
            Self::Home(node) => node.stop().await,
            Self::Office(office) => office.close().await,
        }
    }
}
