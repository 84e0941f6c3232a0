//! Answers of a node. The field names are printed by `--json` as they stand here.

mod files;
mod status;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use files::{Attachment, FileStorage, Transfer};
pub use status::{Alarm, ClockStatus, Digest, Peer, RowsDigest, Rung, SpaceStatus, Status, StoreStatus};

/// One answer.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "reply", content = "value", rename_all = "snake_case")]
pub enum Reply {
    /// Carried out; nothing to say.
    Done,
    /// Who answers.
    Pong {
        /// Process id.
        pid: u32,
        /// Whether the screen lock is on.
        locked: bool,
    },
    /// An entry was written and is durable.
    Sent(Sent),
    /// A new invitation.
    Invite(Invite),
    /// Open invitations.
    Invites(Vec<InviteInfo>),
    /// Who waits.
    Pending(Vec<Candidate>),
    /// Teams.
    Teams(Vec<Team>),
    /// Channels and other histories.
    Channels(Vec<Channel>),
    /// One channel that was created.
    Channel(Channel),
    /// People.
    Persons(Vec<Person>),
    /// Devices.
    Devices(Vec<Device>),
    /// Messages; a stream for tail.
    Messages(Vec<Message>),
    /// What was begun to be written.
    Drafts(Vec<Draft>),
    /// What is to be sent later.
    Later(Vec<Later>),
    /// Everything about one message.
    About(Box<About>),
    /// What calls this person.
    Inbox(Box<Inbox>),
    /// Unread counts.
    Unread(Vec<Unread>),
    /// The state.
    Status(Box<Status>),
    /// What administrators did.
    Audit(Vec<Audited>),
    /// Who has read and who has not.
    Readers(Vec<Reader>),
    /// Findings.
    Doctor(Vec<Finding>),
    /// Settings: key, value, origin.
    Config(Vec<Setting>),
    /// Bytes of a file to be written by the caller.
    Bytes(#[serde(with = "base64_bytes")] Vec<u8>),
    /// A file on its way.
    Transfer(Transfer),
    /// Files on their way.
    Transfers(Vec<Transfer>),
    /// Room for files.
    FileStorage(FileStorage),
    /// A path that was written.
    Written {
        /// Bytes written.
        bytes: u64,
    },
}

/// A durable entry.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Sent {
    /// Message id.
    pub id: String,
    /// Space id.
    pub channel: String,
    /// `queued` until another device holds it.
    pub state: String,
    /// Devices of members connected at this moment.
    pub connected: u32,
}

/// A new invitation, shown once.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Invite {
    /// What the newcomer types or pastes.
    pub code: String,
    /// The code with where this desktop was reachable when it was made: `artel://join/…`, for a click or a file. Empty for
    /// a code of one's own next device.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// The other half, if it goes by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_code: Option<String>,
    /// Its id.
    pub id: String,
    /// RFC 3339 time after which it is refused.
    pub expires: String,
}

/// An open invitation.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct InviteInfo {
    /// Its id.
    pub id: String,
    /// For whom.
    pub email: String,
    /// For whom.
    pub name: String,
    /// With which role.
    pub role: String,
    /// RFC 3339 time after which it is refused.
    pub expires: String,
    /// `open`, `used`, `cancelled`, `expired`.
    pub state: String,
}

/// Somebody who holds a code and waits for approval.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Candidate {
    /// What `approve` and `refuse` take.
    pub id: String,
    /// Mail address of the invitation.
    pub email: String,
    /// Name the device gives itself.
    pub device: String,
    /// The five words, to be compared over the telephone.
    pub words: String,
}

/// State of a joining device.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Joining {
    /// The five words, once known.
    pub words: String,
    /// Id of this device.
    pub device: String,
    /// `searching`, `waiting`, `admitted`, `refused`.
    pub state: String,
}

/// A team.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Members' mail addresses.
    pub members: Vec<String>,
    /// Leads' mail addresses.
    pub leads: Vec<String>,
    /// What this node's person may do with it: change its `members`, its `leads`, create a `channel` in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
}

/// A history: channel, group or direct.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Channel {
    /// Space id.
    pub id: String,
    /// `public`, `announcement`, `private`, `group`, `direct`; `archived` if it was put away.
    pub kind: String,
    /// Its name; of a direct or group the people in it.
    pub name: String,
    /// Name of its team.
    pub team: Option<String>,
    /// Topic.
    pub topic: Option<String>,
    /// Number of members.
    pub members: u32,
    /// `shared` or `join`.
    pub history: String,
    /// What this person wants to be told of it: `mentions` or `nothing`; empty: everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// Whether this person keeps it at the top.
    #[serde(default, skip_serializing_if = "is_false")]
    pub favourite: bool,
    /// Whether this person has left it; only in [`crate::client::Request::ChannelBrowse`].
    #[serde(default, skip_serializing_if = "is_false")]
    pub left: bool,
    /// Mail addresses of those who get its keys for the archive besides the members, by the policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archive: Vec<String>,
    /// What this person may do there: `set` name and archive, `add` and `remove` members, set the `topic`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
    /// Whether it is this person's own place, where nobody else reads, and something is written there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub notes: bool,
    /// When its newest message was sent, milliseconds since 1970; of a direct or a group with one, else 0.
    #[serde(default, skip_serializing_if = "is_never")]
    pub last: u64,
}

/// For what is printed only where it is so.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(it: &bool) -> bool {
    !it
}

/// As [`is_false`].
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_never(it: &u64) -> bool {
    *it == 0
}

/// As [`is_false`].
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(it: &u32) -> bool {
    *it == 0
}

/// A person.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Person {
    /// Person id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// `owner`, `admin`, `registrar`, `member`, `guest`; among the members of a place `archive` for somebody who is none and
    /// gets its keys for the archive.
    pub role: String,
    /// Whether this person opens archives besides the role.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archivist: bool,
    /// What this node's person may do: `remove` somebody, give or take the right of an `archivist`, give the role `owner`,
    /// `admin`, `registrar` or `member`; and of oneself `invite`, and create a `team`, a `channel` of the organisation, a
    /// `private` one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
    /// Active devices.
    pub devices: u32,
    /// Whether one of them is connected to this node (true for oneself).
    pub online: bool,
    /// `away` or `busy`, as told by the devices that are connected; empty: at the desk, or nothing is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub presence: String,
    /// Position in the organisation, as the person tells it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// A sentence of the moment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// How to call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Changes whenever the small picture does; empty: there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub picture: String,
}

/// A device.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Device {
    /// Device id.
    pub id: String,
    /// Mail address of its person.
    pub person: String,
    /// `active`, `revoked`, `frozen`.
    pub state: String,
    /// Whether it is this one.
    pub own: bool,
    /// Whether it is connected.
    pub online: bool,
}

/// A message as people see it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Message {
    /// Message id.
    pub id: String,
    /// Space id.
    pub channel: String,
    /// Name of the channel as `read` takes it.
    pub name: String,
    /// Name of the author.
    pub author: String,
    /// Mail address of the author.
    pub email: String,
    /// RFC 3339 time by the author's corrected clock.
    pub sent: String,
    /// The text; empty if retracted or not readable here.
    pub text: String,
    /// `queued`, `held`, `read`, `vouched` (its author was removed, a colleague had seen it), `retracted`, `hidden`,
    /// `forgotten`, `newer` (needs a newer Artel).
    pub state: String,
    /// Devices besides the author's that hold it.
    pub held: u32,
    /// Persons besides the author who have read it.
    pub read: u32,
    /// Whether the text was changed.
    pub edited: bool,
    /// Id of the first message of its thread.
    pub thread: Option<String>,
    /// Emoji and the mail addresses behind it.
    pub reactions: BTreeMap<String, Vec<String>>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Its author's clock is ahead of ours.
    pub ahead: bool,
    /// RFC 3339 time at which it came to this device, if this person had read below its place by then; for 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<String>,
    /// What this person may do with it: `edit`, `retract`, `pin`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
    /// Its files, in the order of the message; empty where they are not shown.
    #[serde(default)]
    pub files: Vec<Attachment>,
    /// Whether it calls this person: by name, team, or everybody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub calls: bool,
    /// The replies under it, if there are any; only in [`crate::client::Request::Rows`] and
    /// [`crate::client::Request::Inbox`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replies: Option<Replies>,
    /// `topic` if it set the topic, `system` if a program tells something, else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

/// Replies in a thread, all of them, whether they are read with the message or not.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Replies {
    /// How many can be read.
    pub count: u32,
    /// RFC 3339 time of the last.
    pub last: String,
    /// Mail addresses of those who wrote, in order, at most five.
    pub people: Vec<String>,
    /// How many of others are unread; only in [`crate::client::Request::Inbox`].
    #[serde(default)]
    pub unread: u32,
}

/// Something that a person has begun to write.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Draft {
    /// Space id, or `@mail` of a direct one not yet begun.
    pub channel: String,
    /// First message of the thread.
    pub thread: Option<String>,
    /// The text; empty: it was sent or given up.
    pub text: String,
    /// Device id.
    pub device: String,
    /// Whether that is this device.
    pub own: bool,
    /// When it was last changed: milliseconds since 1970 and a counter.
    pub at: (u64, u32),
}

/// A message to be sent later.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Later {
    /// Its number.
    pub id: String,
    /// Space id, or `@mail` of a direct one not yet begun.
    pub channel: String,
    /// First message of the thread.
    pub thread: Option<String>,
    /// When, milliseconds since 1970.
    pub ms: u64,
    /// What.
    pub text: String,
    /// Files of this computer that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<super::Attach>,
}

/// Everything about one message.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct About {
    /// The message.
    pub message: Message,
    /// Id of the device that wrote and signed it.
    pub device: String,
    /// Its place among what that device wrote here, from 0.
    pub number: u64,
    /// Id of the key epoch it is sealed under.
    pub epoch: String,
    /// Names and mail addresses of those whose devices hold it, one for each device.
    pub holders: Vec<String>,
    /// Names and mail addresses of those who have read it.
    pub readers: Vec<String>,
    /// All texts it had, the first first; empty unless it was edited.
    pub versions: Vec<Version>,
}

/// One text of an edited message.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Version {
    /// RFC 3339 time.
    pub at: String,
    /// The text; empty if it cannot be read here.
    pub text: String,
}

/// What calls a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Inbox {
    /// Messages that call, the newest first.
    pub calls: Vec<Message>,
    /// First messages of threads in which the person takes part, with their replies; the one with the last reply first.
    pub threads: Vec<Message>,
}

/// Unread counts of one history.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Unread {
    /// Space id.
    pub id: String,
    /// Name of the channel as `read` takes it.
    pub channel: String,
    /// Id of the first of them.
    pub first: Option<String>,
    /// Rows of others behind the read position.
    pub unread: u32,
    /// Those that mention this person.
    pub mentions: u32,
    /// Those that are replies, by thread, the thread with the oldest first; at most [`UNREAD_THREADS_MAX`].
    #[serde(default)]
    pub threads: Vec<UnreadThread>,
}

/// Most threads told in an [`Unread`], and most replies of each.
pub const UNREAD_THREADS_MAX: usize = 100;

/// Unread replies in a thread.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct UnreadThread {
    /// First message of the thread.
    pub root: String,
    /// Ids of the unread replies of others, the oldest first.
    pub replies: Vec<String>,
}

/// An administrative act.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Audited {
    /// The entry; the signature of the device over it is the proof.
    pub id: String,
    /// RFC 3339 time by the device's clock.
    pub at: String,
    /// Mail address of who did it; `root` for the recovery phrase; empty: a device that was nobody's then.
    pub who: String,
    /// The device that signed.
    pub device: String,
    /// Role of that person at that time.
    pub role: String,
    /// The act that had given that role: on whose authority.
    pub authority: String,
    /// Stable name of the act.
    pub what: String,
    /// Whom or what it is about.
    pub about: String,
    /// `valid`, `void` or `waits` (for a newer Artel).
    pub outcome: String,
    /// Why it is void.
    pub why: String,
}

/// Whether a member has read the newest message of a channel.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Reader {
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Whether he has.
    pub read: bool,
}

/// A finding of the doctor.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Finding {
    /// `ok`, `warning`, `error`.
    pub level: String,
    /// Stable name of what was checked.
    pub check: String,
    /// What was found, in English, for the IT department.
    pub detail: String,
    /// The same as values; [`crate::text::Lang`] says it in the language of the reader.
    #[serde(default)]
    pub fact: Fact,
}

/// What a finding is about.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Something of a newer node: its English sentence has to do.
    #[default]
    Other,
    /// Bytes of the journal, and whether the disk is full.
    Store {
        /// Length of the journal.
        journal: u64,
        /// No room is left.
        full: bool,
    },
    /// Stretches of own entries lost by damage.
    Lost(u64),
    /// Addresses that are listened at.
    Listening(Vec<String>),
    /// Connected devices.
    Connected(u64),
    /// Milliseconds from the median of the members' clocks.
    ClockOff(u64),
    /// How many administer.
    Administrators(u64),
    /// For how many days nobody who administers has been heard of, and who they are.
    Absence {
        /// Whole days.
        days: u64,
        /// Name and address of each who can act.
        who: Vec<String>,
    },
    /// Days until the certificate of this device ends.
    Certificate(u64),
    /// Alarms of this run.
    Alarms(u64),
}

/// A setting.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its effective value.
    pub value: String,
    /// `default`, `environment`, `flag`, `file`.
    pub origin: String,
}

/// Bytes as a text in JSON.
mod base64_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&artel_crdt::id::to_base32(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        artel_crdt::id::from_base32(&text).map_err(D::Error::custom)
    }
}
