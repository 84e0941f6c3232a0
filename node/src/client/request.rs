//! What is wanted of a node.

use serde::{Deserialize, Serialize};

use super::Target;
#[cfg(doc)]
use super::{ErrorKind, Reply};

/// Which rows of a history are read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RowsOf {
    /// All of them.
    #[default]
    All,
    /// Those that stand in the conversation itself; each brings the count of the replies under it.
    Conversation,
    /// The message with this id and the replies to it.
    Thread(String),
}

/// Something wanted of a node.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Who is there; answered also by a locked node.
    Ping,
    /// Makes an invitation.
    Invite {
        /// Mail address; its domain is one of the organisation's.
        email: String,
        /// The person's name.
        name: String,
        /// Role name, default `member`.
        role: Option<String>,
        /// Team name the person joins.
        team: Option<String>,
        /// Admit without approval by hand.
        auto_admit: bool,
        /// Show half of the secret here and give the other half for the mail.
        mail_code: bool,
        /// Days that the code is good, 1 to 7; three if absent.
        #[serde(default)]
        expires: Option<u8>,
    },
    /// Lists open invitations.
    InviteList,
    /// Withdraws an invitation.
    InviteCancel {
        /// Its id or unambiguous beginning.
        id: String,
    },
    /// Makes a code with which this person enters at another device of his own, or somebody else whom he may let in,
    /// answered by [`Reply::Invite`]. It is good once, for fifteen minutes, and only while this node runs.
    DeviceLink {
        /// Mail address of the person whose device it is to be; absent: this person. Another one's is let in only by
        /// [`Request::Approve`].
        #[serde(default)]
        person: Option<String>,
        /// Let the device in only when its words were compared and [`Request::Approve`] came.
        approve: bool,
    },
    /// Lists who waits for approval.
    Pending,
    /// Lets one in.
    Approve {
        /// Id from [`Request::Pending`], or unambiguous beginning.
        id: String,
    },
    /// Turns one away.
    Refuse {
        /// Id from [`Request::Pending`], or unambiguous beginning.
        id: String,
    },
    /// Creates a team.
    TeamCreate {
        /// Its name.
        name: String,
    },
    /// Lists teams.
    TeamList,
    /// Changes a team's membership.
    TeamMember {
        /// Team name or id.
        team: String,
        /// Mail address of the person.
        email: String,
        /// Add or remove.
        add: bool,
        /// As team lead.
        lead: bool,
    },
    /// Creates a channel.
    ChannelCreate {
        /// Its name.
        name: String,
        /// Team it belongs to; the organisation if absent.
        team: Option<String>,
        /// Private: members only, by roster.
        private: bool,
        /// Private only: newcomers read what was before them.
        shared_history: bool,
    },
    /// Lists the channels this person can see. Where a topic is not known, the channel is looked through first.
    ChannelList,
    /// Lists them at once: where a topic is not known, it is left out and told of with [`Update::Directory`] when it is
    /// found. For whoever shows the list all the time.
    ///
    /// [`Update::Directory`]: super::Update::Directory
    ChannelGlance,
    /// Lists also the public channels that this person has left.
    ChannelBrowse,
    /// Says what this person wants to be told of a place, on all devices.
    ChannelLevel {
        /// Which.
        channel: Target,
        /// `all`, `mentions` or `nothing`.
        level: String,
    },
    /// Keeps a place at the top of this person's list, on all devices.
    ChannelFavourite {
        /// Which.
        channel: Target,
        /// Or no longer.
        on: bool,
    },
    /// Lists members of a channel.
    ChannelMembers {
        /// Which.
        channel: Target,
    },
    /// Changes the roster of a private channel.
    ChannelMember {
        /// Which.
        channel: Target,
        /// Mail address of the person.
        email: String,
        /// Add or remove.
        add: bool,
    },
    /// Sets the topic.
    Topic {
        /// Which channel.
        channel: Target,
        /// The topic.
        text: String,
    },
    /// Sends a message. Acknowledged when durable here.
    Send {
        /// Where to. Ignored if `people` is not empty.
        to: Target,
        /// Mail addresses of a group (`--to`): the group with exactly that roster is used or made.
        people: Vec<String>,
        /// The text.
        text: String,
        /// Message this is a reply to.
        reply_to: Option<String>,
    },
    /// Sends files in one message. Answered by a stream: [`Reply::Transfer`] while they are sealed, at last
    /// [`Reply::Sent`]. When the receiver of the stream is dropped before the message is written, nothing is sent.
    FileSend {
        /// Where to. Ignored if `people` is not empty.
        to: Target,
        /// Mail addresses of a group, as in [`Request::Send`].
        people: Vec<String>,
        /// 1 to 15 files of this computer.
        files: Vec<Attach>,
        /// The text above them.
        text: Option<String>,
        /// Message this is a reply to.
        reply_to: Option<String>,
    },
    /// Fetches a file from whoever holds it, and saves it. Answered by a stream of [`Reply::Transfer`], the last of which
    /// has state `done` and the path. It goes on until it is done, waits while no holder is connected, and ends when the
    /// receiver of the stream is dropped; what has come is kept and not fetched again.
    FileGet {
        /// Id of the attachment: that of the message, with `.2` for its second file and so on.
        id: String,
        /// Absolute path of a directory, in which the file gets its own name made safe, or of a new file. Nothing is
        /// ever overwritten. Without it the file is kept in the home only.
        out: Option<String>,
    },
    /// Ends a transfer, on the side that sends, gets or gives.
    FileCancel {
        /// Its id.
        transfer: String,
    },
    /// Removes a file from this device. Others keep it, and it can be fetched again.
    FileRemove {
        /// Id of the attachment.
        id: String,
    },
    /// The small picture of a file, a JPEG of foreign make: decode it with limits.
    FileThumbnail {
        /// Id of the attachment.
        id: String,
    },
    /// The bytes of a file that is here whole, for whoever shows it. [`ErrorKind::NotFound`] if it is not here,
    /// [`ErrorKind::Usage`] if it is longer than `limit`.
    FileBytes {
        /// Id of the attachment.
        id: String,
        /// Most bytes that are wanted; never more than 64 MiB.
        limit: u64,
    },
    /// What is being transferred now.
    Transfers,
    /// How much room files take and may take on this device.
    FileStorage {
        /// Sets how much they may take, bytes; 0 for no limit.
        quota: Option<u64>,
    },
    /// Replaces the text of an own message.
    Edit {
        /// Message id.
        id: String,
        /// New text.
        text: String,
    },
    /// Deletes a message for everybody.
    Retract {
        /// Message id.
        id: String,
    },
    /// Adds or removes a reaction.
    React {
        /// Message id.
        id: String,
        /// The emoji.
        emoji: String,
        /// Take it away.
        remove: bool,
    },
    /// Pins or unpins a message.
    Pin {
        /// Message id.
        id: String,
        /// Take it off.
        remove: bool,
    },
    /// Reads the newest messages of a history, oldest of them first.
    Read {
        /// Where.
        channel: Target,
        /// How many at most.
        last: u32,
        /// Only this thread.
        thread: Option<String>,
    },
    /// Reads a stretch of a history around a message, oldest first; for who scrolls. Answered by [`Reply::Messages`].
    Rows {
        /// Where.
        channel: Target,
        /// The message; the newest end of the history if absent.
        anchor: Option<String>,
        /// How many before it at most.
        before: u32,
        /// How many at most from it on, itself included.
        after: u32,
        /// Which rows count.
        #[serde(default)]
        of: RowsOf,
    },
    /// Streams messages as they come; never ends by itself.
    Tail {
        /// Where; everywhere if absent.
        channel: Option<Target>,
        /// Begin behind this message.
        since: Option<String>,
    },
    /// What this person has begun to write, on all own devices. Answered by [`Reply::Drafts`].
    DraftList,
    /// Keeps what this person has begun to write, sealed for own devices; empty: no longer.
    DraftSet {
        /// Where.
        channel: Target,
        /// In which thread: its first message.
        thread: Option<String>,
        /// The text, at most 60 KiB.
        text: String,
    },
    /// What this device is to send later. Answered by [`Reply::Later`].
    LaterList,
    /// Keeps a message to be sent by this device at a time, or takes it away.
    LaterSet {
        /// Its number; absent for a new one.
        id: Option<String>,
        /// What and when; absent: no longer.
        later: Option<SendLater>,
    },
    /// Saves a message for this person, or no longer.
    Save {
        /// Message id.
        id: String,
        /// Take it off.
        remove: bool,
    },
    /// Saved messages, the last saved first.
    SavedList,
    /// Everything from this message on is unread for this person.
    MarkUnread {
        /// Message id.
        id: String,
    },
    /// Messages that are pinned in a history, oldest first.
    PinList {
        /// Where.
        channel: Target,
    },
    /// Everything about one message. Answered by [`Reply::About`].
    About {
        /// Message id.
        id: String,
    },
    /// Messages that call this person, and threads in which this person takes part. Answered by [`Reply::Inbox`].
    Inbox {
        /// Newest rows of each history that are looked at.
        depth: u32,
    },
    /// The first message of a history at or after a moment. Answered by [`Reply::Messages`] with one or none.
    FirstAfter {
        /// Where.
        channel: Target,
        /// Milliseconds since 1970.
        ms: u64,
    },
    /// Full-text search in one history.
    SearchIn {
        /// Where.
        channel: Target,
        /// Words, "phrases", prefix*.
        query: String,
        /// How many hits at most.
        limit: u32,
    },
    /// Unread counts.
    Unread,
    /// Full-text search.
    Search {
        /// Words, "phrases", prefix*.
        query: String,
        /// How many hits at most.
        limit: u32,
    },
    /// Marks a history read.
    Mark {
        /// Where.
        channel: Target,
        /// As far as this message; everything if absent.
        #[serde(default)]
        until: Option<String>,
    },
    /// Creates a public channel in which few write and all read.
    AnnouncementCreate {
        /// Its name.
        name: String,
        /// Team it belongs to; the organisation if absent.
        team: Option<String>,
    },
    /// Renames a channel or changes what it is.
    ChannelSet {
        /// Which.
        channel: Target,
        /// What.
        change: ChannelChange,
    },
    /// Changes a person's part in a channel.
    ChannelRole {
        /// Which.
        channel: Target,
        /// Mail address of the person.
        email: String,
        /// `moderator` or `poster`.
        role: String,
        /// Give or take.
        on: bool,
    },
    /// Goes from a private channel or a group; a public one is only no longer shown.
    ChannelLeave {
        /// Which.
        channel: Target,
    },
    /// Shows a public channel again that was left.
    ChannelJoin {
        /// Which.
        channel: Target,
    },
    /// Who has read the newest message of a channel and who has not.
    ChannelReaders {
        /// Which.
        channel: Target,
    },
    /// Says in which channels newcomers of a team land.
    TeamDefaults {
        /// Team name or id.
        team: String,
        /// Channels of the team; none: all.
        channels: Vec<Target>,
    },
    /// Makes an invitation for a guest.
    InviteGuest {
        /// Mail address; its domain is one of the organisation's.
        email: String,
        /// The person's name.
        name: String,
        /// Last day, `YYYY-MM-DD`; forever if absent.
        until: Option<String>,
        /// Public channels that the guest reads.
        spaces: Vec<Target>,
        /// Admit without approval by hand.
        auto_admit: bool,
        /// Show half of the secret here and give the other half for the mail.
        mail_code: bool,
        /// Days that the code is good, 1 to 7; three if absent.
        #[serde(default)]
        expires: Option<u8>,
    },
    /// Takes a person out of the organisation, with all devices.
    PersonRemove {
        /// Mail address of the person.
        email: String,
        /// Nobody vouches for messages that this device has not received.
        strict: bool,
    },
    /// Takes a device out.
    DeviceRevoke {
        /// Its id or unambiguous beginning.
        id: String,
        /// `retired`, `lost` or `stolen`.
        reason: String,
    },
    /// Stops a device until it is allowed again.
    DeviceFreeze {
        /// Its id or unambiguous beginning.
        id: String,
    },
    /// Allows a frozen device to act again.
    DeviceUnfreeze {
        /// Its id or unambiguous beginning.
        id: String,
    },
    /// Gives a person another role.
    Role {
        /// Mail address of the person.
        email: String,
        /// Role name.
        role: String,
        /// Whether the person opens archives besides.
        #[serde(default)]
        archivist: bool,
    },
    /// Shows the policy: key, value, `default` or `policy`.
    PolicyShow,
    /// Changes one rule of the policy.
    PolicySet {
        /// Its key.
        key: String,
        /// Its new value.
        value: String,
    },
    /// Everything that administrators did, oldest first.
    Audit,
    /// Opens the archive of somebody who left.
    ArchiveOpen {
        /// Mail address of the person.
        email: String,
        /// Why; everybody can read it.
        reason: String,
    },
    /// Places of others that can be read here, because the archive of one of their people is opened.
    ArchiveList,
    /// Makes a person an owner by the recovery phrase.
    Recover {
        /// The 24 words.
        phrase: String,
        /// Mail address of the person; the one at this device if absent.
        email: Option<String>,
    },
    /// Puts another recovery phrase in the place of the present one.
    RotateRoot {
        /// The 24 words that count now.
        phrase: String,
        /// The 24 words that will count.
        new_phrase: String,
    },
    /// Lists people.
    PersonList,
    /// Tells everybody about this person; each text is at most 1 KiB and replaces what was told before.
    ProfileSet {
        /// Position in the organisation.
        title: String,
        /// A sentence of the moment.
        status: String,
        /// How to call.
        phone: String,
        /// Anything else.
        about: String,
    },
    /// Gives everybody a small picture of this person, made of a PNG, JPEG, GIF or WebP.
    PictureSet {
        /// Absolute path; none: no picture any more.
        path: Option<String>,
    },
    /// The small picture of a person, a JPEG of foreign make: decode it with limits. [`ErrorKind::NotFound`] if there is none.
    PersonPicture {
        /// Mail address of the person.
        email: String,
    },
    /// Tells everybody whether this person can be reached at this device.
    Presence {
        /// `here`, `away` or `busy`.
        state: String,
    },
    /// Tells those who are connected that this person is writing just now. Nothing is kept of it.
    Typing {
        /// Where.
        channel: Target,
    },
    /// Lists devices.
    DeviceList,
    /// The whole state, for people who help. Its digests read every row: ask seldom.
    Status,
    /// The state without spaces and digests, for whoever shows it all the time.
    Glance,
    /// Checks everything that can be checked from here.
    Doctor,
    /// The certificate of this device with its chain.
    CertExport,
    /// Takes another certificate and another sealing key for this device.
    CertRenew,
    /// Drops rows, epoch keys and search from memory.
    Lock,
    /// Opens again after [`Request::Lock`].
    Unlock {
        /// The password.
        password: String,
        /// The key file, where the home asks for one; a path on this computer.
        #[serde(default)]
        key_file: Option<std::path::PathBuf>,
    },
    /// Effective settings and where each comes from.
    ConfigShow,
    /// The Automerge document of the newest segment of a channel.
    Segment {
        /// Which.
        channel: Target,
    },
    /// Copies the home, sealed as it is, into one file.
    Backup {
        /// Path of the new file.
        file: String,
    },
}

/// A message to be sent later.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct SendLater {
    /// Where to.
    pub channel: Target,
    /// In which thread: its first message.
    pub thread: Option<String>,
    /// When, milliseconds since 1970.
    pub ms: u64,
    /// What; at most 60 KiB.
    pub text: String,
    /// Files of this computer that go with it, at most 15; they are read when it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Attach>,
}

/// A file of this computer to be sent.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Attach {
    /// Its absolute path.
    pub path: String,
    /// Another name than that in the path.
    pub name: Option<String>,
}

/// What changes about a channel.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ChannelChange {
    /// Its name.
    Name(String),
    /// The team it moves into; the organisation if absent.
    Team(Option<String>),
    /// Put away, or taken out again.
    Archived(bool),
    /// Days after which texts are forgotten; 0: never.
    RetentionDays(u32),
    /// Whether members are shown who has read.
    Receipts(bool),
}
