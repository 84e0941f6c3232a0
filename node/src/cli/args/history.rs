//! Reading.

use clap::Args;

use crate::client::{ErrorKind, Request, Result, Target};

/// Where: what `send` takes.
#[derive(Debug, Args)]
pub struct Place {
    /// A channel (общий, #общий, team/channel), a person (@mail@domain) or the id of a space.
    #[arg(value_name = "CHANNEL|@EMAIL|SPACE-ID", conflicts_with = "to")]
    pub channel: Option<String>,
    /// Instead of a channel: mail addresses of a group.
    #[arg(long, value_name = "E,E", value_delimiter = ',')]
    pub to: Vec<String>,
}

impl Place {
    /// The name that the node understands; `None` where none was given.
    pub fn target(&self) -> Option<Target> {
        match self.to.is_empty() {
            true => self.channel.clone(),
            false => Some(format!("@{}", self.to.join(","))),
        }
    }

    fn required(&self) -> Result<Target> {
        self.target().ok_or_else(|| ErrorKind::Usage.into())
    }
}

/// `read`
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Where.
    #[command(flatten)]
    pub place: Place,
    /// How many messages at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub last: u32,
    /// Only the thread that begins with this message.
    #[arg(long, value_name = "ID")]
    pub thread: Option<String>,
}

/// `tail`
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Where; everywhere if absent.
    #[command(flatten)]
    pub place: Place,
    /// Begin behind this message instead of now.
    #[arg(long, value_name = "ID")]
    pub since: Option<String>,
}

/// `search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "exact phrases" in quotes, beginnings of words with *, and operators.
    #[arg(value_name = "QUERY")]
    pub query: String,
    /// How many hits at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// `mark`
#[derive(Debug, Args)]
pub struct MarkArgs {
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

impl ReadArgs {
    /// What is asked of the node.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] without a place.
    pub fn request(self) -> Result<Request> {
        Ok(Request::Read { channel: self.place.required()?, last: self.last, thread: self.thread })
    }
}

impl TailArgs {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        Request::Tail { channel: self.place.target(), since: self.since }
    }
}

impl MarkArgs {
    /// What is asked of the node.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] without a place.
    pub fn request(self) -> Result<Request> {
        Ok(Request::Mark { channel: self.place.required()?, until: None })
    }
}
