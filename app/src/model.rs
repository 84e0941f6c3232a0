//! What the window draws: plain data, made of what the bridge tells, never of what the window hopes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use artel_node::client::{
    Candidate, Channel, Error, ErrorKind, Finding, Invite, Message, Person, Reply, Status, Team, Unread,
};

use crate::bridge::{Directory, Event, History, Purpose, Stage};

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
    /// A file was saved here.
    Saved(String),
}

/// Something that happened and that the shell acts upon.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happening {
    /// The window changed its stage.
    Stage,
    /// This channel was made.
    Created(String),
    /// A message did not go; its text must not be lost.
    Returned { channel: String, text: String },
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
                return Some(Happening::Directory);
            }
            Event::Unread(unread) => self.unread = unread.into_iter().map(|it| (it.id.clone(), it)).collect(),
            Event::History(history) => {
                self.history = Some(history);
                return Some(Happening::History);
            }
            Event::Thread { root, messages } => self.thread = Some((root, messages)),
            Event::Status(status) => self.status = Some(status),
            Event::Pending(pending) => self.pending = pending,
            Event::Answer { purpose, result } => return self.answered(purpose, result),
            Event::Failed(error) => self.fail(error),
        }
        None
    }

    fn answered(&mut self, purpose: Purpose, result: Result<Reply, Error>) -> Option<Happening> {
        match (purpose, result) {
            (Purpose::Send { channel, text }, Err(error)) => {
                self.fail(error);
                return Some(Happening::Returned { channel, text });
            }
            // A slow colleague's list of who waits is nobody's failure here.
            (Purpose::Pending, Err(_)) => {}
            (_, Err(error)) => self.fail(error),
            (Purpose::Create, Ok(Reply::Channel(channel))) => return Some(Happening::Created(channel.id)),
            (Purpose::Invite, Ok(Reply::Invite(invite))) => self.invite = Some(invite),
            (Purpose::Pending, Ok(Reply::Pending(waiting))) => self.pending = waiting,
            (Purpose::Search(query), Ok(Reply::Messages(messages))) => self.found = Found { query, messages },
            (Purpose::Members(channel), Ok(Reply::Persons(persons))) => drop(self.members.insert(channel, persons)),
            (Purpose::Doctor, Ok(Reply::Doctor(findings))) => self.findings = findings,
            (Purpose::File, Ok(Reply::Transfer(transfer))) => {
                self.notices.extend(transfer.path.map(Notice::Saved));
            }
            (_, Ok(_)) => {}
        }
        None
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

    /// Channels of the organisation or of a team, by name.
    pub(crate) fn channels_of(&self, team: Option<&str>) -> Vec<&Channel> {
        let mut channels: Vec<&Channel> = self.directory.channels.iter().filter(|it| is_channel(it)).collect();
        channels.retain(|it| it.team.as_deref() == team);
        channels.sort_by_key(|it| it.name.to_lowercase());
        channels
    }

    /// Direct and group messages, by name.
    pub(crate) fn directs(&self) -> Vec<&Channel> {
        let mut directs: Vec<&Channel> = self.directory.channels.iter().filter(|it| !is_channel(it)).collect();
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

fn is_channel(channel: &Channel) -> bool {
    matches!(channel.kind.as_str(), "public" | "private")
}
