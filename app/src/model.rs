//! What the window draws: plain data, made of what the bridge tells, never of what the window hopes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use artel_node::client::{
    About, Candidate, Channel, Device, Error, ErrorKind, FileStorage, Finding, Inbox, Invite, Message, Person, Reply,
    Setting, Status, Team, Transfer, Unread,
};

use crate::bridge::{Deed, Directory, Event, Health, History, Kept, Purpose, Stage};
use crate::lookalike;
use crate::pictures::{Bad, Key, Pictures};

/// How long somebody counts as writing after the last word of it.
pub(crate) const TYPING: Duration = Duration::from_secs(6);
/// Notices shown at once; older ones go.
const NOTICES_MAX: usize = 3;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) query: String,
    pub(crate) messages: Vec<Message>,
}

/// Something to be told once, in passing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    Failed(Error),
    /// A key of the texts.
    Text(&'static str),
    /// The same, of something that does not go.
    Warning(&'static str),
    /// A key of the texts with `{ $name }` in it, and the name.
    With(&'static str, String),
    /// A file was saved here.
    Saved(String),
}

/// Something that happened and that the shell acts upon.
pub(crate) enum Happening {
    /// The window changed its stage.
    Stage,
    /// This channel was made.
    Created(String),
    /// A message did not go; its text must not be lost.
    Returned { channel: String, thread: Option<String>, text: String },
    /// An edit did not go.
    EditReturned { id: String, text: String },
    /// What this person keeps changed.
    Kept,
    /// A message to go to.
    Jump { channel: String, id: String },
    /// Files did not go; nor they.
    FilesReturned { place: String, text: String },
    /// Files are on their way; they are no longer for the next message.
    FilesSent { place: String },
    /// A file is here.
    File { id: String, deed: Deed, path: PathBuf },
    /// A picture came.
    Picture(Key, Result<egui::ColorImage, Bad>),
    /// Somebody wrote.
    Arrived { channel: String, message: Option<Box<Message>> },
    /// People and places changed.
    Directory,
    /// The history that is shown changed.
    History,
}

pub(crate) struct Model {
    pub(crate) stage: Stage,
    pub(crate) home: PathBuf,
    pub(crate) directory: Directory,
    pub(crate) status: Option<Box<Status>>,
    pub(crate) health: Health,
    pub(crate) unread: BTreeMap<String, Unread>,
    pub(crate) history: Option<History>,
    /// The first unread message as of opening the history; a line stands above it.
    pub(crate) new_from: Option<String>,
    pub(crate) thread: Option<(String, Vec<Message>)>,
    pub(crate) pending: Vec<Candidate>,
    pub(crate) found: Found,
    pub(crate) members: BTreeMap<String, Vec<Person>>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) invite: Option<Invite>,
    pub(crate) notices: Vec<Notice>,
    /// Files on their way, by id of the transfer.
    pub(crate) transfers: BTreeMap<String, Transfer>,
    pub(crate) pictures: Pictures,
    /// Who is writing where, and since when that is known.
    pub(crate) typing: BTreeMap<(String, String), Instant>,
    /// All channels, also those that were left.
    pub(crate) browse: Vec<Channel>,
    /// Rules of the organisation.
    pub(crate) policy: Vec<Setting>,
    pub(crate) devices: Vec<Device>,
    pub(crate) storage: Option<FileStorage>,
    /// A code for a further device of this person.
    pub(crate) link: Option<Invite>,
    /// Drafts, saved messages, those for later.
    pub(crate) kept: Kept,
    /// What was asked about last.
    pub(crate) about: Option<Box<About>>,
    /// Pinned messages, and of which place.
    pub(crate) pins: Option<(String, Vec<Message>)>,
    pub(crate) inbox: Option<Box<Inbox>>,
    /// What was found in the open place, the newest first.
    pub(crate) found_here: Found,
    /// Mail addresses of people whose names look like that of another.
    pub(crate) twins: BTreeSet<String>,
    /// Own messages that are deleted in a moment.
    pub(crate) leaving: BTreeSet<String>,
    /// The newest row that was marked as read.
    marked: Option<String>,
    /// Why the last attempt to get in failed.
    pub(crate) refused: Option<Error>,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            stage: Stage::Starting,
            home: PathBuf::new(),
            directory: Directory::default(),
            status: None,
            health: Health::default(),
            unread: BTreeMap::new(),
            history: None,
            new_from: None,
            thread: None,
            pending: Vec::new(),
            found: Found::default(),
            members: BTreeMap::new(),
            findings: Vec::new(),
            invite: None,
            notices: Vec::new(),
            transfers: BTreeMap::new(),
            pictures: Pictures::default(),
            typing: BTreeMap::new(),
            browse: Vec::new(),
            policy: Vec::new(),
            devices: Vec::new(),
            storage: None,
            link: None,
            kept: Kept::default(),
            about: None,
            pins: None,
            inbox: None,
            found_here: Found::default(),
            twins: BTreeSet::new(),
            leaving: BTreeSet::new(),
            marked: None,
            refused: None,
        }
    }
}

impl Model {
    /// Takes in what was told.
    pub(crate) fn apply(&mut self, event: Event) -> Option<Happening> {
        match event {
            Event::Stage(stage) => {
                if matches!(stage, Stage::Opening | Stage::Founding | Stage::Joining(_) | Stage::Ready) {
                    self.refused = None;
                }
                if stage == Stage::Locked {
                    self.forget();
                }
                self.stage = stage;
                return Some(Happening::Stage);
            }
            Event::Home(home) => self.home = home,
            Event::Directory(directory) => {
                self.directory = *directory;
                self.find_twins();
                return Some(Happening::Directory);
            }
            Event::Unread(unread) => self.unread = unread.into_iter().map(|it| (it.id.clone(), it)).collect(),
            Event::History(history) => {
                self.history = Some(history);
                return Some(Happening::History);
            }
            Event::Kept(kept) => {
                self.kept = *kept;
                return Some(Happening::Kept);
            }
            Event::Thread { root, messages } => self.thread = Some((root, messages)),
            Event::Status(status) => {
                self.health = Health { state: status.store.state.clone(), percent: None };
                self.status = Some(status);
            }
            Event::Store(health) => self.health = health,
            Event::Pending(pending) => self.pending = pending,
            Event::Transfer(transfer) => self.transferred(transfer),
            Event::Picture(key, picture) => return Some(Happening::Picture(key, picture)),
            Event::Arrived { channel, message } => {
                if let Some(message) = &message {
                    self.typing.remove(&(channel.clone(), message.email.clone()));
                }
                return Some(Happening::Arrived { channel, message });
            }
            Event::Typing { channel, email } => drop(self.typing.insert((channel, email), Instant::now())),
            Event::Answer { purpose, result } => return self.answered(purpose, result),
            Event::Failed(error) => self.fail(error),
        }
        None
    }

    fn answered(&mut self, purpose: Purpose, result: Result<Reply, Error>) -> Option<Happening> {
        match (purpose, result) {
            (Purpose::Send { channel, thread, text }, Err(error)) => {
                self.fail(error);
                return Some(Happening::Returned { channel, thread, text });
            }
            (Purpose::Files { place, text }, Err(error)) => {
                if error.kind != ErrorKind::Cancelled {
                    self.fail(error);
                }
                return Some(Happening::FilesReturned { place, text });
            }
            (Purpose::Files { place, .. }, Ok(_)) => return Some(Happening::FilesSent { place }),
            // Whoever stopped it knows.
            (Purpose::File { .. }, Err(error)) if error.kind == ErrorKind::Cancelled => {}
            (Purpose::LaterSet { channel, text }, Err(error)) => {
                self.fail(error);
                return Some(Happening::Returned { channel, thread: None, text });
            }
            (Purpose::LaterSet { .. }, Ok(_)) => self.tell(Notice::Text("later-said")),
            (Purpose::Edit { id, text }, Err(error)) => {
                self.fail(error);
                return Some(Happening::EditReturned { id, text });
            }
            // Who the members of a place are is asked in passing.
            (Purpose::Members(_) | Purpose::Inbox, Err(_)) => {}
            // A slow colleague's list of who waits is nobody's failure here.
            (Purpose::Pending, Err(_)) => {}
            (_, Err(error)) => self.fail(error),
            (Purpose::Create, Ok(Reply::Channel(channel))) => return Some(Happening::Created(channel.id)),
            (Purpose::Invite, Ok(Reply::Invite(invite))) => self.invite = Some(invite),
            (Purpose::Pending, Ok(Reply::Pending(waiting))) => self.pending = waiting,
            (Purpose::Search(query), Ok(Reply::Messages(messages))) => self.found = Found { query, messages },
            (Purpose::Members(channel), Ok(Reply::Persons(persons))) => drop(self.members.insert(channel, persons)),
            (Purpose::Doctor, Ok(Reply::Doctor(findings))) => self.findings = findings,
            (Purpose::About, Ok(Reply::About(about))) => self.about = Some(about),
            (Purpose::Pins(channel), Ok(Reply::Messages(messages))) => self.pins = Some((channel, messages)),
            (Purpose::Inbox, Ok(Reply::Inbox(inbox))) => self.inbox = Some(inbox),
            (Purpose::Find(query), Ok(Reply::Messages(messages))) => self.found_here = Found { query, messages },
            (Purpose::Jump, Ok(Reply::Messages(messages))) => {
                let message = messages.into_iter().next()?;
                return Some(Happening::Jump { channel: message.channel, id: message.id });
            }
            (Purpose::Done(said), Ok(_)) => self.tell(Notice::Text(said)),
            (Purpose::File { id, deed }, Ok(Reply::Transfer(transfer))) => {
                let path = PathBuf::from(transfer.path?);
                return Some(Happening::File { id, deed, path });
            }
            (Purpose::Browse, Ok(Reply::Channels(channels))) => self.browse = channels,
            (Purpose::Policy, Ok(Reply::Config(rules))) => self.policy = rules,
            (Purpose::Devices, Ok(Reply::Devices(devices))) => self.devices = devices,
            (Purpose::Storage, Ok(Reply::FileStorage(storage))) => self.storage = Some(storage),
            (Purpose::Link, Ok(Reply::Invite(invite))) => self.link = Some(invite),
            (Purpose::Change(said), Ok(_)) => self.tell(Notice::Text(said)),
            (_, Ok(_)) => {}
        }
        None
    }

    fn transferred(&mut self, transfer: Transfer) {
        let over = matches!(transfer.state.as_str(), "done" | "cancelled" | "failed");
        match over {
            true => drop(self.transfers.remove(&transfer.transfer)),
            false => drop(self.transfers.insert(transfer.transfer.clone(), transfer)),
        }
    }

    /// A file on its way to this device.
    pub(crate) fn getting(&self, id: &str) -> Option<&Transfer> {
        self.transfers.values().find(|it| it.direction == "get" && it.file == id)
    }

    /// Who is writing in a place just now, by name.
    pub(crate) fn writing(&self, target: &str) -> Vec<&str> {
        let fresh = self.typing.iter().filter(|((channel, _), at)| channel == target && at.elapsed() < TYPING);
        fresh.map(|((_, email), _)| self.name(email)).collect()
    }

    /// A file that is shown, with its message.
    pub(crate) fn file(&self, id: &str) -> Option<(&Message, &artel_node::client::Attachment)> {
        let shown = self.history.iter().flat_map(|it| &it.messages).chain(self.thread.iter().flat_map(|it| &it.1));
        shown.flat_map(|it| it.files.iter().map(move |file| (it, file))).find(|(_, file)| file.id == id)
    }

    /// What a rule of the organisation says.
    pub(crate) fn rule(&self, key: &str) -> Option<&str> {
        self.policy.iter().find(|it| it.key == key).map(|it| it.value.as_str())
    }

    fn find_twins(&mut self) {
        let mut looks: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for person in &self.directory.persons {
            looks.entry(lookalike::skeleton(&person.name)).or_default().push(&person.email);
        }
        let alike = looks.into_values().filter(|it| 1 < it.len()).flatten();
        self.twins = alike.map(str::to_owned).collect();
    }

    fn fail(&mut self, error: Error) {
        match self.stage {
            Stage::Ready => self.tell(Notice::Failed(error)),
            _ => self.refused = Some(error),
        }
    }

    /// Shows a notice.
    pub(crate) fn tell(&mut self, notice: Notice) {
        self.notices.retain(|it| *it != notice);
        self.notices.push(notice);
        let over = self.notices.len().saturating_sub(NOTICES_MAX);
        self.notices.drain(..over);
    }

    /// Whether anything that was typed is at fault, not the network.
    pub(crate) fn wrong_password(&self) -> bool {
        self.refused.as_ref().is_some_and(|it| it.kind == ErrorKind::WrongPassword)
    }

    /// Drops what people wrote; the screen is locked.
    fn forget(&mut self) {
        let home = std::mem::take(&mut self.home);
        *self = Self { home, refused: self.refused.take(), ..Self::default() };
    }

    /// Mail address of the person whose window this is.
    pub(crate) fn me(&self) -> &str {
        self.status.as_ref().map_or("", |it| it.email.as_str())
    }

    /// Name of the organisation.
    pub(crate) fn organisation(&self) -> &str {
        self.status.as_ref().map_or("", |it| it.name.as_str())
    }

    pub(crate) fn person(&self, email: &str) -> Option<&Person> {
        self.directory.persons.iter().find(|it| it.email == email)
    }

    /// Name of a person, or the address where it is not known.
    pub(crate) fn name<'a>(&'a self, email: &'a str) -> &'a str {
        self.person(email).map_or(email, |it| it.name.as_str())
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.directory.channels.iter().find(|it| it.id == id)
    }

    /// How a place is called on the screen: of a direct message the person.
    pub(crate) fn title(&self, target: &str) -> String {
        let of = |name: &str| match name.strip_prefix('@') {
            Some(email) => self.name(email).to_owned(),
            None => name.to_owned(),
        };
        match self.channel(target) {
            None => of(target),
            Some(channel) if channel.kind == "group" => {
                channel.name.split(',').map(|it| self.name(it)).collect::<Vec<_>>().join(", ")
            }
            Some(channel) => of(&channel.name),
        }
    }

    /// The other person of a direct message.
    pub(crate) fn other(&self, target: &str) -> Option<&Person> {
        let name = self.channel(target).map_or(target, |it| it.name.as_str());
        self.person(name.strip_prefix('@')?)
    }

    /// The direct space with a person, else the target that begins it.
    pub(crate) fn direct_with(&self, email: &str) -> String {
        let name = format!("@{email}");
        let mut direct = self.directory.channels.iter().filter(|it| it.kind == "direct");
        direct.find(|it| it.name == name).map_or(name, |it| it.id.clone())
    }

    /// Channels of the organisation or of a team, by name; without those that were put away.
    pub(crate) fn channels_of(&self, team: Option<&str>) -> Vec<&Channel> {
        let mut channels: Vec<&Channel> = self.directory.channels.iter().filter(|it| is_channel(it)).collect();
        channels.retain(|it| it.team.as_deref() == team && it.kind != "archived");
        channels.sort_by_key(|it| it.name.to_lowercase());
        channels
    }

    /// What the person keeps at the top, by name.
    pub(crate) fn favourites(&self) -> Vec<&Channel> {
        let mut places: Vec<&Channel> = self.directory.channels.iter().filter(|it| it.favourite).collect();
        places.sort_by_key(|it| self.title(&it.id).to_lowercase());
        places
    }

    /// Channels that were put away, by name.
    pub(crate) fn archived(&self) -> Vec<&Channel> {
        let mut places: Vec<&Channel> = self.directory.channels.iter().filter(|it| it.kind == "archived").collect();
        places.sort_by_key(|it| it.name.to_lowercase());
        places
    }

    /// Whether a place is this person's own, where nobody else reads.
    pub(crate) fn is_own(&self, channel: &Channel) -> bool {
        channel.kind == "direct" && channel.name.strip_prefix('@') == Some(self.me())
    }

    /// Whether this person has saved a message.
    pub(crate) fn is_saved(&self, id: &str) -> bool {
        self.kept.saved.iter().any(|it| it.id == id)
    }

    /// A message that is shown somewhere.
    pub(crate) fn message(&self, id: &str) -> Option<&Message> {
        let shown = self.history.iter().flat_map(|it| &it.messages);
        let replies = self.thread.iter().flat_map(|it| &it.1);
        let pinned = self.pins.iter().flat_map(|it| &it.1);
        let called = self.inbox.iter().flat_map(|it| it.calls.iter().chain(&it.threads));
        let found = self.found.messages.iter().chain(&self.found_here.messages);
        let about = self.about.iter().map(|it| &it.message);
        let mut all =
            shown.chain(replies).chain(pinned).chain(called).chain(found).chain(&self.kept.saved).chain(about);
        all.find(|it| it.id == id)
    }

    /// Direct and group messages, by name. The own place is among them once something is written there.
    pub(crate) fn directs(&self) -> Vec<&Channel> {
        let mut directs: Vec<&Channel> = self.directory.channels.iter().filter(|it| !is_channel(it)).collect();
        directs.retain(|it| !self.is_own(it) || it.notes);
        directs.sort_by_key(|it| self.title(&it.id).to_lowercase());
        directs
    }

    /// Teams, by name.
    pub(crate) fn teams(&self) -> Vec<&Team> {
        let mut teams: Vec<&Team> = self.directory.teams.iter().collect();
        teams.sort_by_key(|it| it.name.to_lowercase());
        teams
    }

    /// Role of the person whose window this is.
    pub(crate) fn role(&self) -> &str {
        self.person(self.me()).map_or("", |it| it.role.as_str())
    }

    /// Whether this person may let others in.
    pub(crate) fn invites(&self) -> bool {
        matches!(self.role(), "owner" | "admin" | "registrar")
    }

    /// Whether this person may make channels and teams anywhere.
    pub(crate) fn governs(&self) -> bool {
        matches!(self.role(), "owner" | "admin")
    }

    /// Whether the newest row of the history that is shown is not known to be read.
    pub(crate) fn needs_mark(&mut self) -> bool {
        let newest = self.history.as_ref().filter(|it| it.to_end).and_then(|it| it.messages.last());
        let newest = newest.map(|it| it.id.clone());
        let new = newest.is_some() && newest != self.marked;
        if new {
            self.marked = newest;
        }
        new
    }

    /// Mentions in all histories.
    pub(crate) fn mentions(&self) -> u32 {
        self.unread.values().map(|it| it.mentions).sum()
    }

    /// Colleagues who are connected now.
    pub(crate) fn colleagues_online(&self) -> usize {
        let me = self.me();
        self.directory.persons.iter().filter(|it| it.online && it.email != me).count()
    }
}

pub(crate) fn is_channel(channel: &Channel) -> bool {
    matches!(channel.kind.as_str(), "public" | "private" | "announcement" | "archived")
}
