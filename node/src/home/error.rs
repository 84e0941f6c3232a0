//! What can go wrong with a home.

use std::io;
use std::path::PathBuf;

/// Why a home could not be opened or closed.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Another process holds the home; the number is unknown only in the instant while it starts.
    #[error("already open by {}", process(*pid))]
    Busy {
        /// Process id of the holder.
        pid: Option<u32>,
    },
    /// The home was made by a newer Artel. Nothing was touched.
    #[error("the home has layout version {found}, this program knows versions up to {supported}")]
    TooNew {
        /// The version that was found.
        found: u32,
        /// The greatest version this program knows.
        supported: u32,
    },
    /// The directory holds somebody else's files, so it is not made into a home.
    #[error("{} is neither empty nor a home of Artel", path.display())]
    NotAHome {
        /// The directory.
        path: PathBuf,
    },
    /// The version file cannot be understood.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The version file.
        path: PathBuf,
    },
    /// The system knows no data directory for this user and `ARTEL_HOME` is not set.
    #[error("no data directory for this user; set ARTEL_HOME")]
    NoPlace,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried, one verb.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn process(pid: Option<u32>) -> String {
    match pid {
        Some(pid) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}
