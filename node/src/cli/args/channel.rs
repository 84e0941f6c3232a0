//! Teams and channels.

use clap::{Args, Subcommand, ValueEnum};

use crate::client::Request;

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
}

impl TeamCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::Create { name } => Request::TeamCreate { name },
            Self::List => Request::TeamList,
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
    /// JSON: {id, kind, name, team, topic, members, history}; kind is public, private, group or direct.
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
    /// What newcomers of a private channel may read; join if absent.
    #[arg(long, requires = "private", value_enum)]
    pub history: Option<History>,
}

impl ChannelCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::Create(NewChannel { name, team, private, history }) => {
                Request::ChannelCreate { name, team, private, shared_history: history == Some(History::Shared) }
            }
            Self::List => Request::ChannelList,
            Self::Add { channel, email } => Request::ChannelMember { channel, email, add: true },
            Self::Remove { channel, email } => Request::ChannelMember { channel, email, add: false },
            Self::Members { channel } => Request::ChannelMembers { channel },
            Self::Topic { channel, text } => Request::Topic { channel, text },
        }
    }
}

/// What newcomers may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum History {
    /// Everything since the beginning.
    Shared,
    /// What is written after they came.
    Join,
}
