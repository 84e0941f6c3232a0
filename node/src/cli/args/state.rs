//! Looking at what is there.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::client::Request;

/// `person …`
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Lists the people of the organisation.
    ///
    /// JSON: {id, name, email, role, devices, online}; role is owner, admin, registrar, member or guest.
    List,
    /// Takes a person out of the organisation, with all devices.
    ///
    /// Needs the right to remove people. What is written afterwards cannot be read with those devices; what they still write
    /// is not shown. Messages that had reached colleagues are shown as vouched for by them.
    Remove {
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Show nothing that this device has not received, even if colleagues have: for theft.
        #[arg(long)]
        strict: bool,
    },
}

impl PersonCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::List => Request::PersonList,
            Self::Remove { email, strict } => Request::PersonRemove { email, strict },
        }
    }
}

/// `role`
#[derive(Debug, Args)]
pub struct RoleArgs {
    /// Mail address of the person.
    #[arg(value_name = "EMAIL")]
    pub email: String,
    /// Role: owner, admin, registrar, member or guest.
    #[arg(value_name = "ROLE")]
    pub role: String,
    /// Besides, opens archives; only who has this right himself, as owners have, gives it. Without the option it ends.
    #[arg(long)]
    pub archivist: bool,
}

/// `policy …`
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Shows every rule.
    ///
    /// JSON: {key, value, origin}; origin is default or policy. Everybody can see the policy.
    Show,
    /// Changes a rule.
    ///
    /// Needs the right to change the policy. Keys: domains (a,b), create_public, create_private, mention_all and pin (admins,
    /// leads or members), registrars_invite, self_add_device and self_renew (on or off), archive (none, channels or all),
    /// edit_minutes, retract_minutes (how long an author edits and takes back; 0: for ever), retention_days and lease_days (0:
    /// never).
    Set {
        /// Which rule.
        #[arg(value_name = "KEY")]
        key: String,
        /// Its new value.
        #[arg(value_name = "VALUE")]
        value: String,
    },
}

impl PolicyCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::Show => Request::PolicyShow,
            Self::Set { key, value } => Request::PolicySet { key, value },
        }
    }
}

/// `archive …`
#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Opens the archive of somebody who left.
    ///
    /// Needs the right to open archives, which owners have. It is a signed act with its reason: everybody sees it in audit. What
    /// the policy (policy set archive) had kept for the archive while he was here can be read afterwards: archive list.
    Open {
        /// Mail address of the person.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Lists the places of others that can be read here.
    ///
    /// Because the archive of one of their people is opened; read ID shows what is in them. JSON: as channel list.
    List,
}

impl ArchiveCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::Open { email, reason } => Request::ArchiveOpen { email, reason },
            Self::List => Request::ArchiveList,
        }
    }
}

/// `device …`
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Makes a code with which you enter at another device of your own, or with which somebody else does.
    ///
    /// Type it there: artel-node join CODE. It is good once, for fifteen minutes, and only while the node runs here. The new
    /// device gets a certificate from this one and reads what its person can read. JSON: {code, id, expires}.
    Link {
        /// Mail address of a colleague who has no device left to do it himself. You must be allowed to invite somebody of
        /// his role; the device is let in only after `approve`.
        #[arg(long, value_name = "EMAIL")]
        person: Option<String>,
        /// Let the device in only after `approve`; compare the words that pending shows with those on the other screen.
        #[arg(long)]
        approve: bool,
    },
    /// Lists the devices of the organisation.
    ///
    /// JSON: {id, person, state, own, online}; state is active, revoked or frozen.
    List,
    /// Takes a device out; its person stays.
    ///
    /// One's own anybody may revoke, others' only who has the right. A lost or stolen device takes those along that it added
    /// and nobody else stands for.
    Revoke {
        /// Its id or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
        /// Why.
        #[arg(long, value_enum, default_value_t = Reason::Retired)]
        reason: Reason,
    },
    /// Stops a device until it is allowed again.
    ///
    /// For a computer that is mislaid: nobody exchanges anything with it, and what is written now it cannot read. Unlike `revoke`
    /// it can be taken back, with `unfreeze`; what was written at it meanwhile comes then.
    Freeze {
        /// Its id or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Allows a frozen device to act again.
    ///
    /// A device that contradicted itself comes back only with a new key.
    Unfreeze {
        /// Its id or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Why a device is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Reason {
    /// It is no longer used.
    Retired,
    /// It cannot be found.
    Lost,
    /// Somebody has it who must not.
    Stolen,
}

impl DeviceCommand {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        match self {
            Self::List => Request::DeviceList,
            Self::Link { person, approve } => Request::DeviceLink { person, approve },
            Self::Revoke { id, reason } => {
                let reason = match reason {
                    Reason::Retired => "retired",
                    Reason::Lost => "lost",
                    Reason::Stolen => "stolen",
                };
                Request::DeviceRevoke { id, reason: reason.to_owned() }
            }
            Self::Freeze { id } => Request::DeviceFreeze { id },
            Self::Unfreeze { id } => Request::DeviceUnfreeze { id },
        }
    }
}

/// `config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Shows every setting, its value and where the value comes from.
    ///
    /// JSON: {key, value, origin}; origin is default, environment, flag or file.
    Show,
}

/// `debug …`
#[derive(Debug, Subcommand)]
pub enum DebugCommand {
    /// Writes the newest segment of a channel as an Automerge document.
    ///
    /// Any library of Automerge opens it. JSON: {file, bytes}.
    Segment {
        /// Name or id of the channel.
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        export: PathBuf,
    },
}
