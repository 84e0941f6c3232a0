//! What can go wrong, told so that the reader knows the cause and the way out.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Result of a request.
pub type Result<T> = std::result::Result<T, Error>;

/// The cause, a closed list. Its sentence in Russian and English is in `text`; its exit code is [`ErrorKind::exit_code`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The words of the command do not fit.
    Usage,
    /// There is no organisation in this home yet.
    NoHome,
    /// There is an organisation in this home already.
    HomeTaken,
    /// No such channel, person, message, team or invitation.
    NotFound,
    /// The name fits more than one.
    Ambiguous,
    /// The authority does not allow it to this person.
    NotPermitted,
    /// The mail address is outside the organisation's domains.
    ForeignDomain,
    /// The password is wrong.
    WrongPassword,
    /// A key file is needed beside the password.
    NoKeyFile,
    /// The password is too weak.
    WeakPassword,
    /// The screen lock is on.
    Locked,
    /// A password is needed and there is nowhere to take it from.
    NoPassword,
    /// Another process has this home open.
    HomeBusy,
    /// Only a running node can do this, and none runs on this home.
    NotRunning,
    /// Nobody was reached in time.
    NoContact,
    /// The key of this space has not come yet.
    NoKey,
    /// The other side said no.
    Refused,
    /// The code is mistyped.
    CodeMistyped,
    /// The code is unknown, used, cancelled or of another organisation.
    CodeRefused,
    /// The code has expired.
    CodeExpired,
    /// The recovery phrase is wrong.
    WrongPhrase,
    /// The text or the name is too long or empty.
    BadText,
    /// The disk is full; nothing was written.
    StoreFull,
    /// Files on this device would take more than they may.
    QuotaFull,
    /// It was ended by somebody at this device.
    Cancelled,
    /// The store is damaged.
    StoreDamaged,
    /// The home was written by a newer Artel.
    NewerHome,
    /// The port is in use.
    PortInUse,
    /// No network interface can be used.
    NoNetwork,
    /// A file cannot be read or written.
    File,
    /// Something that should not happen; the log says more.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 31] = [
        Self::Usage,
        Self::NoHome,
        Self::HomeTaken,
        Self::NotFound,
        Self::Ambiguous,
        Self::NotPermitted,
        Self::ForeignDomain,
        Self::WrongPassword,
        Self::NoKeyFile,
        Self::WeakPassword,
        Self::Locked,
        Self::NoPassword,
        Self::HomeBusy,
        Self::NotRunning,
        Self::NoContact,
        Self::NoKey,
        Self::Refused,
        Self::CodeMistyped,
        Self::CodeRefused,
        Self::CodeExpired,
        Self::WrongPhrase,
        Self::BadText,
        Self::StoreFull,
        Self::QuotaFull,
        Self::Cancelled,
        Self::StoreDamaged,
        Self::NewerHome,
        Self::PortInUse,
        Self::NoNetwork,
        Self::File,
        Self::Internal,
    ];

    /// The process's exit code: 2 usage, 3 not found, 4 not permitted, 5 locked or wrong password, 6 no contact,
    /// 7 refused by the other side, 8 store damaged or full, 1 anything else.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage
            | Self::HomeTaken
            | Self::WeakPassword
            | Self::BadText
            | Self::CodeMistyped
            | Self::WrongPhrase => 2,
            Self::NoHome | Self::NotFound | Self::Ambiguous => 3,
            Self::NotPermitted | Self::ForeignDomain => 4,
            Self::WrongPassword | Self::NoKeyFile | Self::Locked | Self::NoPassword => 5,
            Self::NotRunning | Self::NoContact | Self::NoKey | Self::PortInUse | Self::NoNetwork | Self::HomeBusy => 6,
            Self::Refused | Self::CodeRefused | Self::CodeExpired => 7,
            Self::StoreFull | Self::QuotaFull | Self::StoreDamaged | Self::NewerHome => 8,
            Self::File | Self::Cancelled | Self::Internal => 1,
        }
    }
}

/// A cause and what it concerns.
#[derive(Clone, Debug, Error, Serialize, Deserialize, PartialEq, Eq)]
#[error("{kind:?}: {what}")]
pub struct Error {
    /// The cause.
    pub kind: ErrorKind,
    /// What it concerns: a name, a path, a number; never a secret, never message text.
    pub what: String,
}

impl Error {
    /// An error about `what`.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, what: String::new() }
    }
}
