//! The node itself and its home.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Address and port to listen at, such as 0.0.0.0:4871; every address and a free port if absent.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Address of a colleague's node, where the network does not carry multicast; may be given several times.
    #[arg(long, value_name = "HOST:PORT")]
    pub peer: Vec<String>,
}

/// `backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The new file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `cert …`
#[derive(Debug, Subcommand)]
pub enum CertCommand {
    /// Writes the certificate of this device with its chain to the root.
    ///
    /// COSE_Sign1 and CWT, verifiable by other programs. JSON: {file, bytes}.
    Export {
        /// The file to write.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Takes another certificate for this device, and another key to which colleagues seal.
    ///
    /// Happens by itself 60 days before the certificate ends; do it at once after the device was in other hands. What was
    /// sealed before is still read. Where the policy does not let devices renew (self_renew off), who lets people in may.
    Renew,
}

/// `password`
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// File whose first line is the new password; without it the new password is asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub new_password_file: Option<PathBuf>,
    /// From now on this key file is needed too.
    #[arg(long, value_name = "FILE", conflicts_with = "without_key_file")]
    pub new_key_file: Option<PathBuf>,
    /// From now on the password alone is enough.
    #[arg(long)]
    pub without_key_file: bool,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the three homes in this directory.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}
