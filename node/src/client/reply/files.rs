//! Answers about files.

use serde::{Deserialize, Serialize};

/// A file of a message.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Attachment {
    /// What `file get` takes: the message's id, with `.2` for its second file and so on.
    pub id: String,
    /// Its name, without parts of a path and without characters that hide something.
    pub name: String,
    /// Length in bytes.
    pub size: u64,
    /// Media type as its sender told it; empty if unknown.
    pub media: String,
    /// Width in pixels, for a picture.
    pub width: Option<u32>,
    /// Height in pixels, for a picture.
    pub height: Option<u32>,
    /// Whether there is a small picture of it.
    pub thumbnail: bool,
    /// `here` if this device holds it whole, else `remote`.
    pub state: String,
}

/// A file on its way.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Transfer {
    /// Its id, while this node runs.
    pub transfer: String,
    /// Id of the attachment; empty while a message is being made and where it is not known.
    pub file: String,
    /// Its name; of several files the one at work.
    pub name: String,
    /// `send` while it is sealed for sending, `get` when fetched, `give` when a colleague fetches it here.
    pub direction: String,
    /// `running`, `waiting` (no holder is connected), `done`, `cancelled`, `failed`.
    pub state: String,
    /// Bytes done of `size`.
    pub bytes: u64,
    /// Bytes in all, sealed.
    pub size: u64,
    /// Bytes that came over the network, also those thrown away.
    pub fetched: u64,
    /// Bytes a second of late.
    pub rate: u64,
    /// Colleagues' devices at work on it.
    pub holders: u32,
    /// Where it was saved, at the end.
    pub path: Option<String>,
}

/// Room for files on this device.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct FileStorage {
    /// Bytes that files take, also those half fetched.
    pub bytes: u64,
    /// Bytes they may take; 0 for no limit.
    pub quota: u64,
    /// Free bytes on the disk.
    pub free: u64,
}
