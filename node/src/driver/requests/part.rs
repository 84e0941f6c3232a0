//! Which part of the driver answers a request.

use crate::client::Request;

/// A part of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Entries of spaces, and letting people in.
    Write,
    /// Acts of the organisation.
    Administer,
    /// What a person keeps for herself.
    Keep,
    /// Reading what is kept, and about a message.
    Kept,
    /// Files.
    Files,
    /// The driver itself, by looking up.
    Here,
}

impl Part {
    /// Whose business it is.
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::Send { .. }
            | Request::Edit { .. }
            | Request::Retract { .. }
            | Request::React { .. }
            | Request::Pin { .. }
            | Request::Topic { .. }
            | Request::Mark { .. }
            | Request::TeamCreate { .. }
            | Request::TeamMember { .. }
            | Request::ChannelCreate { .. }
            | Request::ChannelMember { .. }
            | Request::Invite { .. }
            | Request::InviteCancel { .. }
            | Request::Approve { .. } => Self::Write,
            Request::PersonRemove { .. }
            | Request::Role { .. }
            | Request::DeviceRevoke { .. }
            | Request::DeviceFreeze { .. }
            | Request::DeviceUnfreeze { .. }
            | Request::PolicySet { .. }
            | Request::TeamDefaults { .. }
            | Request::AnnouncementCreate { .. }
            | Request::ChannelSet { .. }
            | Request::ChannelRole { .. }
            | Request::ChannelLeave { .. }
            | Request::ChannelJoin { .. }
            | Request::ArchiveOpen { .. }
            | Request::InviteGuest { .. }
            | Request::Recover { .. }
            | Request::RotateRoot { .. } => Self::Administer,
            Request::DraftSet { .. } | Request::LaterSet { .. } | Request::Save { .. } | Request::MarkUnread { .. } => {
                Self::Keep
            }
            Request::DraftList
            | Request::LaterList
            | Request::SavedList
            | Request::PinList { .. }
            | Request::About { .. }
            | Request::Inbox { .. }
            | Request::FirstAfter { .. } => Self::Kept,
            Request::FileSend { .. }
            | Request::FileGet { .. }
            | Request::FileCancel { .. }
            | Request::FileRemove { .. }
            | Request::FileThumbnail { .. }
            | Request::FileBytes { .. }
            | Request::Transfers
            | Request::FileStorage { .. } => Self::Files,
            _ => Self::Here,
        }
    }

    /// Whether it needs room in the store.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Write | Self::Administer | Self::Keep)
    }
}
