//! The one way to a node, for the window, the command line and later bots: plain data in, plain data out.
//!
//! A [`Request`] is answered by one or more [`Reply`]s or by one [`Error`]. The same values travel over the local
//! socket to a node that runs already. Field names are the ones that `artel-node --json` prints: they are stable.

use serde::{Deserialize, Serialize};

mod error;
mod reply;
mod request;

pub use error::{Error, ErrorKind, Result};
pub use reply::*;
pub use request::*;

/// Where a message goes or a history is read: what people type.
///
/// A channel name (`общий`, `#общий`, `team/channel` where two teams have one of the same name), `@mail@domain` for a
/// direct space, `@mail@domain,mail@domain` for the group of exactly these people and oneself, or the id of a space.
pub type Target = String;

/// What happens in a node, for whoever shows it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "update", rename_all = "snake_case")]
pub enum Update {
    /// A history has new or changed rows.
    History {
        /// Space id.
        channel: String,
    },
    /// People, teams, channels or rights changed.
    Directory,
    /// A colleague's device came or went.
    Peers,
    /// Who waits for approval changed.
    Pending,
    /// What this person keeps for herself changed, here or on another own device: drafts, saved messages.
    Kept,
    /// Something a person should know.
    Alarm(Alarm),
    /// A message of somebody else came that was written in the last day. While the screen is locked its id is empty.
    Arrived {
        /// Space id.
        channel: String,
        /// Message id.
        id: String,
    },
    /// Somebody is writing just now; over after six seconds or with that person's next message.
    Typing {
        /// Space id.
        channel: String,
        /// Mail address.
        email: String,
    },
    /// A file is on its way: begun, gone on, or at its end. At most five a second for each.
    Transfer(Transfer),
    /// The store is full, damaged, being built again or well again.
    Store {
        /// `ok`, `full`, `rebuilding`, `damaged`.
        state: String,
        /// Of `rebuilding`: how much of the journal has been read, percent. Told once for each.
        percent: Option<u8>,
    },
}
