//! Why a command ends, and what trouble below it is called.

use std::io;

use crate::client::{Error, ErrorKind};
use crate::home::HomeError;
use crate::ipc::IpcError;

/// Result of a command.
pub(super) type Outcome = Result<(), Stop>;

/// Why a command ends before its time.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It failed; the sentence is still to be said.
    Failed(Error),
    /// Nobody reads its output any more: `… | head`.
    PipeClosed,
    /// Everything is said; only the exit code is left.
    Code(u8),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ErrorKind> for Stop {
    fn from(kind: ErrorKind) -> Self {
        Self::Failed(kind.into())
    }
}

/// What standard output says.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::Failed(file(error)),
        }
    }
}

/// What a file system says.
pub(super) fn file(error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::StoreFull,
        _ => ErrorKind::File,
    };
    Error::new(kind, error.to_string())
}

/// What a home says.
pub(super) fn home(error: HomeError) -> Error {
    let kind = match &error {
        HomeError::Busy { .. } => ErrorKind::HomeBusy,
        HomeError::TooNew { .. } => ErrorKind::NewerHome,
        HomeError::Damaged { .. } => ErrorKind::StoreDamaged,
        HomeError::NotAHome { .. } | HomeError::NoPlace => ErrorKind::File,
        HomeError::NoRandomness => ErrorKind::Internal,
        HomeError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => ErrorKind::StoreFull,
        HomeError::Io { .. } => ErrorKind::File,
    };
    Error::new(kind, error.to_string())
}

/// What the local socket says. A node that goes away in the middle looks like one that does not run.
pub(super) fn socket(error: IpcError) -> Error {
    let kind = match error {
        IpcError::Home(error) => return home(error),
        IpcError::NotRunning | IpcError::Broken => ErrorKind::NotRunning,
        IpcError::OtherUser => ErrorKind::NotPermitted,
        IpcError::FrameTooLong { .. } => ErrorKind::BadText,
        IpcError::EmptyRequest | IpcError::OutOfTurn | IpcError::Io(_) => ErrorKind::Internal,
    };
    Error::new(kind, error.to_string())
}
