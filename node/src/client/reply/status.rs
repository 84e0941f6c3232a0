//! The state of a node, as `status` tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A connected device.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Peer {
    /// Device id.
    pub device: String,
    /// Person id.
    pub person: String,
    /// Name.
    pub name: String,
    /// Where the link goes.
    pub address: String,
    /// `direct` or `relay`.
    pub via: String,
    /// Round trip, milliseconds; 0 if not measured yet.
    pub rtt_ms: u32,
}

/// A space in the status.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct SpaceStatus {
    /// Space id.
    pub id: String,
    /// `organisation`, `team`, `public`, `private`, `group`, `direct`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Entries held.
    pub entries: u64,
    /// What to compare between devices.
    pub digest: Digest,
}

/// Equal on two devices iff they hold and show the same.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256 over the sorted log heads.
    pub heads: String,
    /// Per epoch that this device can open: SHA-256 over its rows.
    pub rows: Vec<RowsDigest>,
    /// Of the organisation's own space: SHA-256 over what the acts in it come to. Void acts do not change it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authority: String,
}

/// Rows of one epoch.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct RowsDigest {
    /// Epoch id.
    pub epoch: String,
    /// SHA-256 over the rows.
    pub hash: String,
}

/// Something a person should know.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alarm {
    /// `fork`, `void_act`, `own_log_behind`, `wrong_recipients`.
    pub kind: String,
    /// Device id.
    pub device: Option<String>,
    /// Person id.
    pub person: Option<String>,
    /// Space id.
    pub space: Option<String>,
}

/// Health of the store.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct StoreStatus {
    /// `ok`, `full`, `rebuilding`, `damaged`.
    pub state: String,
    /// Own entries that damage destroyed and nobody else held.
    pub lost: Vec<String>,
    /// Bytes on disk.
    pub bytes: u64,
    /// Calls of sync to the disk since the start.
    pub syncs: u64,
}

/// The clock.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct ClockStatus {
    /// RFC 3339, corrected.
    pub now: String,
    /// Correction by the median of at least three members, milliseconds.
    pub offset_ms: i64,
}

/// A way of finding colleagues.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Rung {
    /// `saved`, `mdns`, `learnt`, `manual`, `file`.
    pub name: String,
    /// What it has found or why not, for people who help.
    pub state: String,
}

/// The whole state.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Status {
    /// Organisation: id and name.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Device id.
    pub device: String,
    /// Person id.
    pub person: String,
    /// Mail address of the person.
    pub email: String,
    /// Addresses this node listens at.
    pub listening: Vec<String>,
    /// Connected devices.
    pub peers: Vec<Peer>,
    /// Spaces held.
    pub spaces: Vec<SpaceStatus>,
    /// Own entries that no other device is known to hold.
    pub queued: u32,
    /// Those of them that are messages.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub waiting: u32,
    /// What was refused, by cause.
    pub refused: BTreeMap<String, u64>,
    /// What a person should know.
    pub alarms: Vec<Alarm>,
    /// The store.
    pub store: StoreStatus,
    /// The clock.
    pub clock: ClockStatus,
    /// The ladder of discovery.
    pub discovery: Vec<Rung>,
}
