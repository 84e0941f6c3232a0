//! While the node runs: what the window shows is read anew when it changes, at most every few moments.

use std::time::Duration;

use artel_node::client::{Error, ErrorKind, Reply, Request, Result, RowsOf, Update};
use artel_node::node::Client;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::stretch::Shown;
use super::{
    Command, Directory, Event, Health, Kept, Look, Out, Purpose, Running, Stage, forward, later, motion, pictures,
};

/// How long changes are collected before they are read.
const COLLECT: Duration = Duration::from_millis(25);

/// How long the end waits for what was asked.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How many messages that came are read at once.
const ARRIVALS_AT_ONCE: usize = 64;

/// How many of them wait. Whoever is further behind hears of the rest by what is unread, as where updates are missed.
const ARRIVALS_MAX: usize = 4096;

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

/// Serves until the window ends (true) or the node stops.
pub(super) async fn serve(running: &Running, commands: &mut mpsc::Receiver<Command>, out: &Out) -> bool {
    let client = running.client();
    let tasks = TaskTracker::new();
    let (arrivals, arrived) = mpsc::channel(ARRIVALS_MAX);
    tasks.spawn(tell_arrivals(client.clone(), out.clone(), arrived));
    let mut watch = Watch {
        updates: client.updates(),
        client,
        out: out.clone(),
        arrivals,
        tasks,
        shown: None,
        thread: None,
        pictures: pictures::Desk::default(),
        later: later::Waiting::default(),
    };
    let mut stale = Stale::all();
    watch.read(&mut stale).await;
    out.stage(Stage::Ready);
    let quit = watch.run(commands, stale).await;
    drop(watch.arrivals);
    watch.tasks.close();
    // What was asked last is carried out: the text that was half written.
    tokio::time::timeout(LAST_WORDS, watch.tasks.wait()).await.ok();
    quit
}

struct Watch {
    client: Client,
    updates: tokio::sync::broadcast::Receiver<Update>,
    out: Out,
    /// Messages that came, for [`tell_arrivals`].
    arrivals: mpsc::Sender<Arrival>,
    tasks: TaskTracker,
    shown: Option<Shown>,
    thread: Option<Shown>,
    pictures: pictures::Desk,
    later: later::Waiting,
}

/// A message that came: its place and its id.
struct Arrival {
    channel: String,
    id: String,
}

/// Tells of the messages that came.
async fn tell_arrivals(client: Client, out: Out, mut arrived: mpsc::Receiver<Arrival>) {
    let mut batch = Vec::new();
    while 0 < arrived.recv_many(&mut batch, ARRIVALS_AT_ONCE).await {
        for of_channel in batch.chunk_by(|one, next| one.channel == next.channel) {
            tell_of(&client, &out, of_channel).await;
        }
        batch.clear();
    }
}

/// Reads messages that came to one channel and tells of them. Those that follow one another are read at once: while a long
/// absence comes in, a reading for each would keep the node from everything else.
async fn tell_of(client: &Client, out: &Out, arrived: &[Arrival]) {
    let mut ids: Vec<&str> = arrived.iter().map(|it| it.id.as_str()).collect();
    while let (Some(first), Some(Arrival { channel, .. })) = (ids.first().copied(), arrived.first()) {
        let (channel, anchor) = (channel.clone(), Some(first.to_owned()));
        let after = u32::try_from(ids.len()).unwrap_or(1);
        let request = Request::Rows { channel: channel.clone(), anchor, before: 0, after, of: RowsOf::All };
        let mut rows = match client.request(request).await {
            Ok(Reply::Messages(rows)) => rows,
            _ => Vec::new(),
        };
        rows.retain(|it| ids.contains(&it.id.as_str()));
        // One that is not there is not looked for again.
        ids.retain(|id| *id != first && rows.iter().all(|it| it.id != *id));
        for row in rows {
            let event = Event::Arrived { channel: channel.clone(), message: Some(Box::new(row)) };
            tokio::task::block_in_place(|| out.tell(event));
        }
    }
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
            Command::Watch { channel, look: Look { around, reach, turn } } => {
                self.shown = Some(Shown { channel, root: None, around, reach, turn });
                self.read_history().await;
            }
            Command::Thread { channel, root, look: Look { around, reach, turn } } => {
                self.thread = root.map(|root| Shown { channel, root: Some(root), around, reach, turn });
                self.read_thread().await;
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
            Command::Play { id, side, frames } => {
                let read = pictures::bytes(self.client.clone(), crate::pictures::Key::Large(id));
                self.tasks.spawn(async move {
                    if let Ok(bytes) = read.await {
                        motion::play(bytes, side, frames);
                    }
                });
            }
            _ => {}
        }
    }

    /// Has a message that came read and told of.
    fn arrived(&self, channel: String, id: String) {
        if id.is_empty() {
            return self.out.tell(Event::Arrived { channel, message: None });
        }
        self.arrivals.try_send(Arrival { channel, id }).ok();
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
        if let Reply::Channels(channels) = self.client.request(Request::ChannelGlance).await? {
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
        let Some(shown) = &mut self.shown else { return };
        match shown.read(&self.client).await {
            Ok((history, missing)) => {
                self.out.tell(Event::History(history));
                if let Some(error) = missing {
                    self.out.failed(error);
                }
            }
            Err(error) if error.kind == ErrorKind::Locked => {}
            Err(error) => self.out.failed(error),
        }
    }

    async fn read_thread(&mut self) {
        let Some(thread) = &mut self.thread else { return };
        if let Ok((history, _)) = thread.read(&self.client).await {
            self.out.tell(Event::History(history));
        }
    }
}
