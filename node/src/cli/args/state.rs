//! Looking at what is there.

use std::path::PathBuf;

use clap::Subcommand;

/// `person …`
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Lists the people of the organisation.
    ///
    /// JSON: {id, name, email, role, devices, online}; role is owner, admin, registrar, member or guest.
    List,
}

/// `device …`
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Makes a code with which you enter at another device of your own.
    ///
    /// Type it there: artel-node join CODE. It is good once, for fifteen minutes, and only while the node runs here. The new
    /// device gets a certificate from this one and reads what you can read. JSON: {code, id, expires}.
    Link {
        /// Let the device in only after `approve`; compare the words that pending shows with those on the other screen.
        #[arg(long)]
        approve: bool,
    },
    /// Lists the devices of the organisation.
    ///
    /// JSON: {id, person, state, own, online}; state is active, revoked or frozen.
    List,
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
