//! Files.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `file …`
#[derive(Debug, Subcommand)]
pub enum FileCommand {
    /// Sends a file.
    ///
    /// It is sealed piece by piece and kept on this device; colleagues fetch it when they want it, from here or from each
    /// other. JSON, a line for every state: {transfer, file, name, direction, state, bytes, size, fetched, rate, holders,
    /// path}, at last {id, channel, state, connected} as send. Interrupted before that, nothing is sent.
    Send(FileSendArgs),
    /// Fetches a file and saves it.
    ///
    /// It comes from whoever holds it, from several at once, and every piece is checked. While no holder is on it waits.
    /// Interrupted, it goes on where it was the next time. Nothing is ever overwritten. JSON, a line for every state:
    /// {transfer, file, name, direction, state, bytes, size, fetched, rate, holders, path}; state is running, waiting or
    /// done, with the path at the end.
    Get(FileGetArgs),
    /// Lists files that are on their way now.
    ///
    /// JSON as get; direction is send, get or give.
    List,
    /// Ends a transfer: on the side that sends, gets or gives.
    Cancel {
        /// Id that list shows.
        #[arg(value_name = "TRANSFER")]
        transfer: String,
    },
    /// Removes a file from this device.
    ///
    /// Colleagues keep it, and it can be fetched again.
    Remove {
        /// Id of the message, with .2 for its second file and so on.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Shows how much room files take here, and how much they may.
    ///
    /// JSON: {bytes, quota, free}; a quota of 0 is none.
    Storage {
        /// Lets files take at most that many bytes; 0 for no limit.
        #[arg(long, value_name = "BYTES")]
        quota: Option<u64>,
    },
}

/// `file send`
#[derive(Debug, Args)]
pub struct FileSendArgs {
    /// A channel (общий, #общий, team/channel), a person (@mail@domain) or the id of a space.
    #[arg(value_name = "CHANNEL|@EMAIL|SPACE-ID")]
    pub channel: String,
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A text above it.
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// Another name for it.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Id of the message that this one answers.
    #[arg(long, value_name = "ID")]
    pub reply_to: Option<String>,
}

/// `file get`
#[derive(Debug, Args)]
pub struct FileGetArgs {
    /// Id of the message, with .2 for its second file and so on.
    #[arg(value_name = "ID")]
    pub id: String,
    /// A directory, in which the file gets its own name, or a new file; the present directory if absent.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Seconds to wait without a single byte before giving up.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}
