//! What people are in the organisation and what they may do.

use crate::cbor::{Dec, Enc, Malformed};

use super::field::Field;

/// What a person is in the organisation; a lower number may do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 1: may do everything but what only the root may.
    Owner,
    /// 2: an administrator.
    Admin,
    /// 3: may invite and admit.
    Registrar,
    /// 4: an employee.
    Member,
    /// 5: only the spaces he is named in.
    Guest,
}

impl Role {
    /// The rank on the wire; the root is 0.
    pub fn rank(self) -> u64 {
        match self {
            Self::Owner => 1,
            Self::Admin => 2,
            Self::Registrar => 3,
            Self::Member => 4,
            Self::Guest => 5,
        }
    }

    /// The role of a rank.
    pub fn from_rank(rank: u64) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Registrar, Self::Member, Self::Guest].into_iter().find(|it| it.rank() == rank)
    }

    /// The stable name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Registrar => "registrar",
            Self::Member => "member",
            Self::Guest => "guest",
        }
    }

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Registrar, Self::Member, Self::Guest].into_iter().find(|it| it.name() == name)
    }

    /// What the role may do without being given more.
    pub fn caps(self) -> Caps {
        match self {
            Self::Owner => Caps::ALL,
            Self::Admin => Caps(Caps::ALL.0 & !Caps::ARCHIVE_READ.0),
            Self::Registrar => Caps(Caps::ENROL.0),
            Self::Member | Self::Guest => Caps(0),
        }
    }
}

impl Field for Role {
    fn put(&self, enc: &mut Enc) {
        enc.u64(self.rank());
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        Self::from_rank(dec.u64()?).ok_or(Malformed::Unexpected)
    }
}

/// A set of capabilities; a grant may only pass on what its author has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caps(pub u64);

impl Caps {
    /// Invite and admit people.
    pub const ENROL: Self = Self(1);
    /// Revoke devices.
    pub const REVOKE_DEVICE: Self = Self(1 << 1);
    /// Remove people.
    pub const REMOVE_PERSON: Self = Self(1 << 2);
    /// Create public channels and teams.
    pub const CREATE_PUBLIC: Self = Self(1 << 3);
    /// Create private channels.
    pub const CREATE_PRIVATE: Self = Self(1 << 4);
    /// Invite into any team.
    pub const INVITE_CHANNEL: Self = Self(1 << 5);
    /// Change the policy.
    pub const SET_POLICY: Self = Self(1 << 6);
    /// Open archives.
    pub const ARCHIVE_READ: Self = Self(1 << 7);
    /// Sign the presence of the organisation.
    pub const HEARTBEAT: Self = Self(1 << 8);
    /// Sign rosters for the relay.
    pub const RELAY_ROSTER: Self = Self(1 << 9);
    /// Register bots.
    pub const BOT_REGISTER: Self = Self(1 << 10);
    /// Moderate everywhere.
    pub const MODERATE: Self = Self(1 << 11);
    /// All of these.
    pub const ALL: Self = Self((1 << 12) - 1);

    /// Whether every capability of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Field for Caps {
    fn put(&self, enc: &mut Enc) {
        enc.u64(self.0);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        dec.u64().map(Self)
    }
}
