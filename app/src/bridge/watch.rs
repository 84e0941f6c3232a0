//! While the node runs: what the window shows is read anew when it changes, at most every few moments.

use std::time::Duration;

use artel_node::client::{Error, ErrorKind, Message, Reply, Request, Result, Update};
use artel_node::node::Client;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::{Command, Directory, Event, Health, History, Kept, Out, Purpose, Running, Stage, forward, later, pictures};

/// Rows read at once.
const PAGE: u32 = 60;
/// Rows of a history kept for the window; what is farther is read again when it is scrolled to.
const ROWS_MAX: u32 = 2_000;
/// Replies of a thread that are shown.
const REPLIES_MAX: u32 = 1_000;
/// How long changes are collected before they are read.
const COLLECT: Duration = Duration::from_millis(25);

/// How long the end waits for what was asked.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What is to be read anew.
#[derive(Default)]
struct Stale {
    directory: bool,
    unread: bool,
    status: bool,
    pending: bool,
    history: bool,
    kept: bool,
}

impl Stale {
    fn all() -> Self {
        Self { directory: true, unread: true, status: true, pending: true, history: true, kept: true }
    }
}

/// The history that is shown.
struct Shown {
    channel: String,
    /// Shown around this message; the newest end if absent.
    around: Option<String>,
    before: u32,
    after: u32,
}

/// Serves until the window ends (true) or the node stops.
pub(super) async fn serve(running: &Running, commands: &mut mpsc::Receiver<Command>, out: &Out) -> bool {
    let client = running.client();
    let mut watch = Watch {
        updates: client.updates(),
        client,
        out: out.clone(),
        tasks: TaskTracker::new(),
        shown: None,
        thread: None,
        pictures: pictures::Desk::default(),
        later: later::Waiting::default(),
    };
    let mut stale = Stale::all();
    watch.read(&mut stale).await;
    out.stage(Stage::Ready);
    let quit = watch.run(commands, stale).await;
    watch.tasks.close();
    // What was asked last is carried out: the text that was half written.
    tokio::time::timeout(LAST_WORDS, watch.tasks.wait()).await.ok();
    quit
}

struct Watch {
    client: Client,
    updates: tokio::sync::broadcast::Receiver<Update>,
    out: Out,
    tasks: TaskTracker,
    shown: Option<Shown>,
    /// Channel and root.
    thread: Option<(String, String)>,
    pictures: pictures::Desk,
    later: later::Waiting,
}

/// Waits; for ever if there is nothing to wait for.
async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

impl Watch {
    async fn run(&mut self, commands: &mut mpsc::Receiver<Command>, mut stale: Stale) -> bool {
        let mut due = false;
        loop {
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    None | Some(Command::Quit) => return true,
                    Some(command) => {
                        self.obey(command, &mut stale).await;
                        due = true;
                    }
                },
                update = self.updates.recv() => match update {
                    Err(RecvError::Closed) => return false,
                    update => {
                        self.note(update.ok(), &mut stale);
                        due = true;
                    }
                },
                () = sleep(self.later.wait()) => {
                    let client = self.client.clone();
                    match self.later.send_due(&client).await {
                        Err(error) if error.kind != ErrorKind::Locked => self.out.failed(error),
                        _ => {}
                    }
                    (stale.kept, due) = (true, true);
                }
                () = tokio::time::sleep(COLLECT), if due => {
                    due = false;
                    self.read(&mut stale).await;
                }
            }
        }
    }

    /// What an update makes stale; everything if some were missed.
    fn note(&self, update: Option<Update>, stale: &mut Stale) {
        match update {
            None => *stale = Stale::all(),
            Some(Update::History { channel }) => {
                stale.unread = true;
                stale.history |= self.shown.as_ref().is_some_and(|it| it.channel == channel);
                stale.status = true;
            }
            Some(Update::Directory) => (stale.directory, stale.unread, stale.status) = (true, true, true),
            Some(Update::Peers) => (stale.directory, stale.status) = (true, true),
            Some(Update::Pending) => stale.pending = true,
            Some(Update::Transfer(transfer)) => self.out.tell(Event::Transfer(transfer)),
            Some(Update::Typing { channel, email }) => self.out.tell(Event::Typing { channel, email }),
            Some(Update::Arrived { channel, id }) => self.arrived(channel, id),
            Some(Update::Kept) => (stale.kept, stale.unread) = (true, true),
            Some(Update::Store { state, percent }) => {
                self.out.tell(Event::Store(Health { state, percent }));
                stale.status = true;
            }
            Some(Update::Alarm(_)) => stale.status = true,
        }
    }

    async fn obey(&mut self, command: Command, stale: &mut Stale) {
        match command {
            Command::Watch { channel, around } => {
                let (before, after) = if around.is_some() { (PAGE / 2, PAGE / 2) } else { (PAGE, 0) };
                self.shown = Some(Shown { channel, around, before, after });
                self.read_history().await;
            }
            Command::Older { channel } => {
                if let Some(shown) = self.shown.as_mut().filter(|it| it.channel == channel) {
                    shown.before = (shown.before + PAGE).min(ROWS_MAX);
                    stale.history = true;
                }
            }
            Command::Newer { channel } => {
                if let Some(shown) = self.shown.as_mut().filter(|it| it.channel == channel) {
                    shown.after = (shown.after + PAGE).min(ROWS_MAX);
                    stale.history = true;
                }
            }
            Command::Thread { channel, root } => {
                self.thread = root.map(|root| (channel, root));
                stale.history = true;
            }
            Command::Lock => {
                self.client.request(Request::Lock).await.ok();
                self.out.stage(Stage::Locked);
            }
            Command::Unlock { password } => {
                match self.client.request(Request::Unlock { password, key_file: None }).await {
                    Ok(_) => {
                        // The window has forgotten everything; it is told again before it opens.
                        self.read(&mut Stale::all()).await;
                        *stale = Stale::all();
                        self.out.stage(Stage::Ready);
                    }
                    Err(error) => {
                        self.out.stage(Stage::Locked);
                        self.out.failed(error);
                    }
                }
            }
            Command::Ask { request, purpose } => self.ask(request, purpose).await,
            Command::Forward { to, text, files, folder } => {
                let (out, client) = (self.out.clone(), self.client.clone());
                self.tasks.spawn(async move {
                    let result = forward::forward(&client, (to, text), files, folder).await;
                    let purpose = Purpose::Done("forward-said");
                    tokio::task::block_in_place(|| out.tell(Event::Answer { purpose, result }));
                });
            }
            Command::Picture(key) => {
                let (out, read) = (self.out.clone(), self.pictures.read(self.client.clone(), key.clone()));
                self.tasks.spawn(async move {
                    let picture = read.await;
                    tokio::task::block_in_place(|| out.tell(Event::Picture(key, picture)));
                });
            }
            _ => {}
        }
    }

    /// Reads a message that came and tells of it.
    fn arrived(&self, channel: String, id: String) {
        if id.is_empty() {
            return self.out.tell(Event::Arrived { channel, message: None });
        }
        let (out, client) = (self.out.clone(), self.client.clone());
        self.tasks.spawn(async move {
            let request = Request::Rows { channel: channel.clone(), anchor: Some(id.clone()), before: 0, after: 1 };
            let Ok(Reply::Messages(rows)) = client.request(request).await else { return };
            let Some(message) = rows.into_iter().find(|it| it.id == id).map(Box::new) else { return };
            tokio::task::block_in_place(|| out.tell(Event::Arrived { channel, message: Some(message) }));
        });
    }

    /// Hands a request to the node in the order it came; the answer is waited for beside.
    async fn ask(&self, request: Request, purpose: Purpose) {
        let out = self.out.clone();
        match self.client.stream(request).await {
            Err(error) => out.tell(Event::Answer { purpose, result: Err(error) }),
            Ok(mut answers) => {
                self.tasks.spawn(async move {
                    let mut last = Err(Error::new(ErrorKind::Internal, "the node has stopped"));
                    while let Some(answer) = answers.recv().await {
                        last = answer;
                    }
                    tokio::task::block_in_place(|| out.tell(Event::Answer { purpose, result: last }));
                });
            }
        }
    }

    /// Reads what is stale and tells the window.
    async fn read(&mut self, stale: &mut Stale) {
        let now = std::mem::take(stale);
        if now.directory
            && let Ok(directory) = self.directory().await
        {
            self.out.tell(Event::Directory(Box::new(directory)));
        }
        if now.history {
            self.read_history().await;
            self.read_thread().await;
        }
        if now.kept
            && let Ok(kept) = self.kept().await
        {
            self.later.set(&kept.later);
            self.out.tell(Event::Kept(Box::new(kept)));
        }
        if now.unread
            && let Ok(Reply::Unread(unread)) = self.client.request(Request::Unread).await
        {
            self.out.tell(Event::Unread(unread));
        }
        if now.status
            && let Ok(Reply::Status(status)) = self.client.request(Request::Glance).await
        {
            self.out.tell(Event::Status(status));
        }
        // Only who may let people in is answered.
        if now.pending
            && let Ok(Reply::Pending(waiting)) = self.client.request(Request::Pending).await
        {
            self.out.tell(Event::Pending(waiting));
        }
    }

    async fn directory(&self) -> Result<Directory> {
        let mut directory = Directory::default();
        if let Reply::Channels(channels) = self.client.request(Request::ChannelList).await? {
            directory.channels = channels;
        }
        if let Reply::Persons(persons) = self.client.request(Request::PersonList).await? {
            directory.persons = persons;
        }
        if let Reply::Teams(teams) = self.client.request(Request::TeamList).await? {
            directory.teams = teams;
        }
        Ok(directory)
    }

    async fn kept(&self) -> Result<Kept> {
        let mut kept = Kept::default();
        if let Reply::Drafts(drafts) = self.client.request(Request::DraftList).await? {
            kept.drafts = drafts;
        }
        if let Reply::Messages(saved) = self.client.request(Request::SavedList).await? {
            kept.saved = saved;
        }
        if let Reply::Later(later) = self.client.request(Request::LaterList).await? {
            kept.later = later;
        }
        Ok(kept)
    }

    async fn read_history(&mut self) {
        let Some(shown) = &self.shown else { return };
        let request = Request::Rows {
            channel: shown.channel.clone(),
            anchor: shown.around.clone(),
            before: shown.before,
            after: shown.after,
        };
        let messages = match self.client.request(request).await {
            Ok(Reply::Messages(messages)) => messages,
            Ok(_) => return,
            Err(error) if error.kind == ErrorKind::Locked => return,
            Err(error) => return self.out.failed(error),
        };
        let at = shown.around.as_ref().and_then(|it| messages.iter().position(|row| row.id == *it));
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let (before, after) = match at {
            Some(at) => (count(at), count(messages.len() - at)),
            None => (count(messages.len()), 0),
        };
        self.out.tell(Event::History(History {
            channel: shown.channel.clone(),
            from_start: before < shown.before,
            to_end: shown.around.is_none() || after < shown.after,
            around: shown.around.clone(),
            messages,
        }));
    }

    async fn read_thread(&self) {
        let Some((channel, root)) = &self.thread else { return };
        let request = Request::Read { channel: channel.clone(), last: REPLIES_MAX, thread: Some(root.clone()) };
        if let Ok(Reply::Messages(messages)) = self.client.request(request).await {
            let messages: Vec<Message> = messages;
            self.out.tell(Event::Thread { root: root.clone(), messages });
        }
    }
}
