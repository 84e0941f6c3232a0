//! What the window draws: plain data, made of what the bridge tells, never of what the window hopes.

mod answers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use artel_node::client::{
    About, Candidate, Channel, Device, Error, ErrorKind, FileStorage, Finding, Inbox, Invite, Message, Person, Setting,
    Status, Team, Transfer, Unread, UnreadThread,
};

use crate::bridge::{Deed, Directory, Event, Health, History, Kept, Stage};
use crate::found::Found;
use crate::lookalike;
use crate::pictures::{Bad, Key, Pictures};

/// How long somebody counts as writing after the last word of it.
pub(crate) const TYPING: Duration = Duration::from_secs(6);
/// Notices shown at once; older ones go.
const NOTICES_MAX: usize = 3;

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
    /// A team was made, or this channel; or neither, and why is known.
    Created(Option<String>),
    /// A message did not go; its text must not be lost.
    Returned { channel: String, thread: Option<String>, text: String },
    /// A message is kept to be sent later; its files are no longer for the next one.
    ForLater { place: String },
    /// It is not; neither its text nor its files are lost.
    NotForLater { channel: String, thread: Option<String>, text: String },
    /// An edit did not go.
    EditReturned { id: String, text: String },
    /// What this person keeps changed.
    Kept,
    /// A message to go to.
    Jump { channel: String, id: String, thread: Option<String> },
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
    /// What is unread changed.
    Unread,
    /// People and places changed.
    Directory,
    /// The history that is shown changed.
    History,
    /// The thread beside it did.
    Thread,
}

pub(crate) struct Model {
    pub(crate) stage: Stage,
    pub(crate) home: PathBuf,
    pub(crate) directory: Directory,
    pub(crate) status: Option<Box<Status>>,
    pub(crate) health: Health,
    pub(crate) unread: BTreeMap<String, Unread>,
    /// When somebody last wrote in a place, as far as the window saw it; milliseconds since 1970.
    latest: BTreeMap<String, u64>,
    pub(crate) history: Option<History>,
    /// The first unread message as of opening the history; a line stands above it.
    pub(crate) new_from: Option<String>,
    pub(crate) thread: Option<History>,
    /// The same of the thread.
    pub(crate) thread_new_from: Option<String>,
    /// Replies that were new in places that have been opened, until their thread is looked at: a place counts as read when
    /// its newest row was seen, and its threads were not.
    pub(crate) new_replies: BTreeMap<String, Vec<UnreadThread>>,
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
    /// The newest messages of places where something waits, by place: as of the last look at what waits.
    pub(crate) waiting: BTreeMap<String, Message>,
    /// What was found in the open place, the newest first.
    pub(crate) found_here: Found,
    /// Mail addresses of people whose names look like that of another.
    pub(crate) twins: BTreeSet<String>,
    /// Own messages that are deleted in a moment.
    pub(crate) leaving: BTreeSet<String>,
    /// Why the last attempt to get in failed.
    pub(crate) refused: Option<Error>,
    /// Why a channel or a team was not made.
    pub(crate) not_made: Option<Error>,
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
            latest: BTreeMap::new(),
            history: None,
            new_from: None,
            thread_new_from: None,
            new_replies: BTreeMap::new(),
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
            waiting: BTreeMap::new(),
            found_here: Found::default(),
            twins: BTreeSet::new(),
            leaving: BTreeSet::new(),
            refused: None,
            not_made: None,
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
            Event::Unread(unread) => {
                self.unread = unread.into_iter().map(|it| (it.id.clone(), it)).collect();
                return Some(Happening::Unread);
            }
            Event::History(history) => {
                let thread = history.root.is_some();
                if let Some(newest) = history.messages.last().filter(|_| history.to_end && !thread) {
                    self.stirred(&history.channel, &newest.sent);
                }
                let held = if thread { &mut self.thread } else { &mut self.history };
                *held = Some(history);
                return Some(if thread { Happening::Thread } else { Happening::History });
            }
            Event::Kept(kept) => {
                self.kept = *kept;
                return Some(Happening::Kept);
            }
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
                    self.stirred(&channel, &message.sent);
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

    fn transferred(&mut self, transfer: Transfer) {
        let over = matches!(transfer.state.as_str(), "done" | "cancelled" | "failed");
        match over {
            true => drop(self.transfers.remove(&transfer.transfer)),
            false => drop(self.transfers.insert(transfer.transfer.clone(), transfer)),
        }
    }

    /// Somebody wrote in a place at a moment, RFC 3339.
    fn stirred(&mut self, channel: &str, sent: &str) {
        let moment = time::OffsetDateTime::parse(sent, &time::format_description::well_known::Rfc3339);
        let ms = moment.ok().and_then(|it| u64::try_from(it.unix_timestamp_nanos() / 1_000_000).ok()).unwrap_or(0);
        let latest = self.latest.entry(channel.to_owned()).or_default();
        *latest = ms.max(*latest);
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
        let shown =
            self.history.iter().flat_map(|it| &it.messages).chain(self.thread.iter().flat_map(|it| &it.messages));
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
        let names = |emails: &str| emails.split(',').map(|it| self.name(it)).collect::<Vec<_>>().join(", ");
        let of = |name: &str| name.strip_prefix('@').map_or_else(|| name.to_owned(), names);
        match self.channel(target) {
            None => of(target),
            Some(channel) if channel.kind == "group" => names(&channel.name),
            Some(channel) => of(&channel.name),
        }
    }

    /// The other person of a direct message.
    pub(crate) fn other(&self, target: &str) -> Option<&Person> {
        let name = self.channel(target).map_or(target, |it| it.name.as_str());
        self.person(name.strip_prefix('@')?)
    }

    /// Where something waits for this person alone or calls them, what is of two or few first.
    pub(crate) fn awaits(&self) -> Vec<&Unread> {
        let few = |id: &str| self.channel(id).is_some_and(|it| matches!(it.kind.as_str(), "direct" | "group"));
        let waits = |it: &&Unread| 0 < it.mentions || 0 < it.unread && few(&it.id);
        let mut waiting: Vec<&Unread> = self.unread.values().filter(waits).collect();
        waiting.sort_by_key(|it| (!few(&it.id), self.title(&it.id)));
        waiting
    }

    /// The direct space with a person, else the target that begins it.
    pub(crate) fn direct_with(&self, email: &str) -> String {
        let name = format!("@{email}");
        let mut direct = self.directory.channels.iter().filter(|it| it.kind == "direct");
        direct.find(|it| it.name == name).map_or(name, |it| it.id.clone())
    }

    /// The conversation of exactly these people and this person, else the target that begins it: of one person the direct
    /// space, of several a group.
    pub(crate) fn among(&self, emails: &[String]) -> String {
        if let [only] = emails {
            return self.direct_with(only);
        }
        let sorted = |emails: &mut Vec<&str>| emails.sort_unstable();
        let mut wanted: Vec<&str> = emails.iter().map(String::as_str).collect();
        sorted(&mut wanted);
        let same = |name: &str| {
            let mut emails: Vec<&str> = name.split(',').collect();
            sorted(&mut emails);
            emails == wanted
        };
        let mut groups = self.directory.channels.iter().filter(|it| it.kind == "group");
        groups.find(|it| same(&it.name)).map_or_else(|| format!("@{}", emails.join(",")), |it| it.id.clone())
    }

    /// Channels of the organisation or of a team, by name; without those that were put away.
    pub(crate) fn channels_of(&self, team: Option<&str>) -> Vec<&Channel> {
        let mut channels: Vec<&Channel> = self.directory.channels.iter().filter(|it| is_channel(it)).collect();
        channels.retain(|it| it.team.as_deref() == team && it.kind != "archived");
        channels.sort_by_key(|it| it.name.to_lowercase());
        channels
    }

    /// All places as the list of places shows them, from above; without channels that were put away.
    pub(crate) fn in_order(&self) -> Vec<&str> {
        let teams = self.teams().into_iter().flat_map(|it| self.channels_of(Some(&it.name)));
        let rest = self.channels_of(None).into_iter().chain(teams).chain(self.directs());
        let places = self.favourites().into_iter().chain(rest.filter(|it| !it.favourite));
        places.map(|it| it.id.as_str()).collect()
    }

    /// Remembers the replies that are unread in a place, but for those of a thread that is being looked at.
    pub(crate) fn remember_new_replies(&mut self, place: &str, looked_at: Option<&str>) {
        let Some(unread) = self.unread.get(place) else { return };
        for thread in unread.threads.iter().filter(|it| Some(it.root.as_str()) != looked_at) {
            let known = self.new_replies.entry(place.to_owned()).or_default();
            match known.iter_mut().find(|it| it.root == thread.root) {
                Some(known) => {
                    let fresh = thread.replies.iter().filter(|it| !known.replies.contains(it));
                    let fresh: Vec<String> = fresh.cloned().collect();
                    known.replies.extend(fresh);
                }
                None => known.push(thread.clone()),
            }
        }
    }

    /// A thread of a place is looked at: its first new reply.
    pub(crate) fn take_new_replies(&mut self, place: &str, root: &str) -> Option<String> {
        let known = self.new_replies.get_mut(place)?;
        let at = known.iter().position(|it| it.root == root)?;
        let thread = known.remove(at);
        thread.replies.into_iter().next()
    }

    /// New replies in a thread of the open place.
    pub(crate) fn new_replies_of(&self, root: &str) -> usize {
        let threads = self.history.as_ref().and_then(|it| self.new_replies.get(&it.channel));
        threads.into_iter().flatten().find(|it| it.root == root).map_or(0, |it| it.replies.len())
    }

    /// Whether something is unread in a place of which one wants to hear.
    pub(crate) fn disturbs(&self, target: &str) -> bool {
        let unread = self.unread.get(target).is_some_and(|it| 0 < it.unread);
        unread && self.channel(target).is_some_and(|it| it.level != "nothing")
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

    /// A text in one line, with names in the place of addresses.
    pub(crate) fn in_one_line(&self, text: &str) -> String {
        let text = crate::timeline::markdown::harmless(text).replace('\n', " ");
        let named = |word: &str| {
            let email = word.strip_prefix('@')?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
            let person = self.person(email)?;
            Some(word.replacen(email, &person.name, 1))
        };
        text.split(' ').map(|it| named(it).unwrap_or_else(|| it.to_owned())).collect::<Vec<_>>().join(" ")
    }

    /// A message that is shown somewhere.
    pub(crate) fn message(&self, id: &str) -> Option<&Message> {
        let shown = self.history.iter().flat_map(|it| &it.messages);
        let replies = self.thread.iter().flat_map(|it| &it.messages);
        let pinned = self.pins.iter().flat_map(|it| &it.1);
        let called = self.inbox.iter().flat_map(|it| it.calls.iter().chain(&it.threads));
        let found = self.found.messages.iter().chain(&self.found_here.messages);
        let about = self.about.iter().map(|it| &it.message);
        let mut all =
            shown.chain(replies).chain(pinned).chain(called).chain(found).chain(&self.kept.saved).chain(about);
        all.find(|it| it.id == id)
    }

    /// Direct and group messages, those written in last first. The own place is among them once something is written there.
    pub(crate) fn directs(&self) -> Vec<&Channel> {
        let mut directs: Vec<&Channel> = self.directory.channels.iter().filter(|it| !is_channel(it)).collect();
        directs.retain(|it| !self.is_own(it) || it.notes);
        let latest = |it: &Channel| it.last.max(self.latest.get(&it.id).copied().unwrap_or(0));
        directs.sort_by_key(|it| (std::cmp::Reverse(latest(it)), self.title(&it.id).to_lowercase()));
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

    /// Whether the authority gives this person a right in the organisation.
    pub(crate) fn may(&self, right: &str) -> bool {
        self.person(self.me()).is_some_and(|it| may(&it.may, right))
    }

    /// Whether this person may let others in.
    pub(crate) fn invites(&self) -> bool {
        self.may("invite")
    }

    /// Whether this person may make a channel anywhere.
    pub(crate) fn creates(&self) -> bool {
        self.may("channel") || self.may("private") || self.directory.teams.iter().any(|it| may(&it.may, "channel"))
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

/// Whether a right is among those that the node told.
pub(crate) fn may(rights: &[String], right: &str) -> bool {
    rights.iter().any(|it| it == right)
}

pub(crate) fn is_channel(channel: &Channel) -> bool {
    matches!(channel.kind.as_str(), "public" | "private" | "announcement" | "archived")
}
