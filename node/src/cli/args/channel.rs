//! Teams and channels.

use clap::{Args, Subcommand, ValueEnum};

use crate::client::{ChannelChange, Request};

/// `team …`
#[derive(Debug, Subcommand)]
pub enum TeamCommand {
    /// Creates a team.
    Create {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Lists teams.
    ///
    /// JSON: {id, name, members: [email], leads: [email]}.
    List,
    /// Adds a person to a team.
    Add {
        /// Name or id of the team.
        #[arg(value_name = "TEAM")]
        team: String,
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// As a lead of the team.
        #[arg(long)]
        lead: bool,
    },
    /// Removes a person from a team.
    Remove {
        /// Name or id of the team.
        #[arg(value_name = "TEAM")]
        team: String,
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Only the leadership; the person stays a member.
        #[arg(long)]
        lead: bool,
    },
    /// Says in which channels newcomers of a team land; the others they find and join.
    Defaults {
        /// Name or id of the team.
        #[arg(value_name = "TEAM")]
        team: String,
        /// Channels of the team; none: all of them.
        #[arg(value_name = "CHANNEL")]
        channels: Vec<String>,
    },
}

impl TeamCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::Create { name } => Request::TeamCreate { name },
            Self::List => Request::TeamList,
            Self::Defaults { team, channels } => Request::TeamDefaults { team, channels },
            Self::Add { team, email, lead } => Request::TeamMember { team, email, add: true, lead },
            Self::Remove { team, email, lead } => Request::TeamMember { team, email, add: false, lead },
        }
    }
}

/// `channel …`
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// Creates a channel.
    ///
    /// Administrators and team leads may. A public channel belongs to the whole organisation or to a team. A private channel
    /// has the members that are added to it; nobody else learns that it exists. JSON: {id, kind, name, team, topic, members,
    /// history}.
    Create(NewChannel),
    /// Lists the channels, groups and direct conversations that you see.
    ///
    /// JSON: {id, kind, name, team, topic, members, history}; kind is public, announcement, archived, private, group or direct.
    List,
    /// Adds a person to a private channel.
    Add {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
    },
    /// Removes a person from a private channel.
    Remove {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
    },
    /// Lists the members of a channel.
    ///
    /// JSON: {id, name, email, role, devices, online}.
    Members {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
    },
    /// Sets the topic of a channel.
    Topic {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// The topic.
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// Renames a channel; old links go on working.
    Rename {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Its new name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Moves a public channel into a team, or to the whole organisation.
    Move {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Where; the whole organisation if absent. You must be in it.
        #[arg(long, value_name = "T")]
        team: Option<String>,
    },
    /// Puts a channel away: it stays readable and nobody writes in it.
    ///
    /// A public one by who may rename it, a private one by who moderates it.
    Archive {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Take it out again.
        #[arg(long)]
        undo: bool,
    },
    /// Lets a member moderate a channel: delete and pin what others wrote.
    Moderator {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Take it away.
        #[arg(long)]
        remove: bool,
    },
    /// Lets a member write in an announcement channel.
    Posters {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Take it away; what was announced stays.
        #[arg(long)]
        remove: bool,
    },
    /// Leaves a private channel or a group; a public channel is only no longer shown.
    Leave {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
    },
    /// Shows a public channel again that was left, or in which newcomers do not land.
    Join {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
    },
    /// Has texts of a channel, public or private, forgotten after some days.
    ///
    /// A moderator's device signs the date once a day; then nobody shows what is older, and a week later every honest holder
    /// has erased it.
    Retention {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Days; 0: never.
        #[arg(value_name = "DAYS")]
        days: u32,
    },
    /// Lists who has read the newest message and who has not, or says whether that is shown.
    ///
    /// JSON: {email, name, read}.
    Receipts {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// Show it to members, or not.
        #[arg(long, value_enum)]
        set: Option<Switch>,
    },
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// What kind of public channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ChannelKind {
    /// Everybody writes.
    #[default]
    Talk,
    /// Few write and all read.
    Announcement,
}

/// `channel create`
#[derive(Debug, Args)]
pub struct NewChannel {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Team it belongs to; the whole organisation if absent.
    #[arg(long, value_name = "T")]
    pub team: Option<String>,
    /// Only for members that are added; nobody else learns of it.
    #[arg(long)]
    pub private: bool,
    /// Kind of a public channel.
    #[arg(long, value_enum, default_value_t = ChannelKind::Talk, conflicts_with = "private")]
    pub kind: ChannelKind,
    /// What newcomers of a private channel may read; join if absent.
    #[arg(long, requires = "private", value_enum)]
    pub history: Option<History>,
}

impl ChannelCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::Create(NewChannel { name, team, kind: ChannelKind::Announcement, .. }) => {
                Request::AnnouncementCreate { name, team }
            }
            Self::Create(NewChannel { name, team, private, history, .. }) => {
                Request::ChannelCreate { name, team, private, shared_history: history == Some(History::Shared) }
            }
            Self::List => Request::ChannelList,
            Self::Add { channel, email } => Request::ChannelMember { channel, email, add: true },
            Self::Remove { channel, email } => Request::ChannelMember { channel, email, add: false },
            Self::Members { channel } => Request::ChannelMembers { channel },
            Self::Topic { channel, text } => Request::Topic { channel, text },
            Self::Rename { channel, name } => set(channel, ChannelChange::Name(name)),
            Self::Move { channel, team } => set(channel, ChannelChange::Team(team)),
            Self::Archive { channel, undo } => set(channel, ChannelChange::Archived(!undo)),
            Self::Moderator { channel, email, remove } => {
                Request::ChannelRole { channel, email, role: "moderator".to_owned(), on: !remove }
            }
            Self::Posters { channel, email, remove } => {
                Request::ChannelRole { channel, email, role: "poster".to_owned(), on: !remove }
            }
            Self::Leave { channel } => Request::ChannelLeave { channel },
            Self::Join { channel } => Request::ChannelJoin { channel },
            Self::Retention { channel, days } => set(channel, ChannelChange::RetentionDays(days)),
            Self::Receipts { channel, set: None } => Request::ChannelReaders { channel },
            Self::Receipts { channel, set: Some(on) } => set(channel, ChannelChange::Receipts(on == Switch::On)),
        }
    }
}

fn set(channel: String, change: ChannelChange) -> Request {
    Request::ChannelSet { channel, change }
}

/// What newcomers may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum History {
    /// Everything since the beginning.
    Shared,
    /// What is written after they came.
    Join,
}
