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
