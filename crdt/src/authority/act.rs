//! Acts: the administrative entries of the organisation space, body `{1: type, 2: {fields}}`.
//!
//! Names and mail addresses are blobs of the entry, so that they can be forgotten; a field holds the blob's index.

mod field;
mod role;

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::id::{CertId, DeviceId, InviteId, PersonId, SealKeyId, SpaceId};
use crate::invite::PskBox;
use crate::limits;

use super::policy::Policy;

pub use field::{Bytes, CutAt, Field};
pub use role::{Caps, Role};

/// Declares act types: a struct each, with numbered fields in ascending order; `?` marks optional ones.
macro_rules! acts {
    ($($(#[$doc:meta])* $number:literal $name:ident {
        $($(#[$fdoc:meta])* $key:literal $field:ident: $ty:ty $(= $optional:ident)?,)*
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name { $($(#[$fdoc])* pub $field: acts!(@type $ty $(, $optional)?),)* }

            impl $name {
                fn put(&self, enc: &mut Enc) {
                    let mut count = 0;
                    $(if acts!(@present self.$field $(, $optional)?) { count += 1; })*
                    enc.map(count);
                    $(acts!(@put enc, $key, self.$field $(, $optional)?);)*
                }

                fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
                    let mut fields = Fields::open(dec, 32)?;
                    $(let mut $field: Option<$ty> = None;)*
                    while let Some(key) = fields.key(dec)? {
                        match key {
                            $($key => $field = Some(Field::take(dec)?),)*
                            _ => return Err(Malformed::Unexpected),
                        }
                    }
                    Ok(Self { $($field: acts!(@take $field $(, $optional)?),)* })
                }
            }
        )*

        /// An act.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Act {
            $($(#[$doc])* $name($name),)*
            /// A type of a newer Artel: stops the evaluation of everything that depends on it.
            Unknown(u64),
        }

        impl Act {
            /// The number of the type.
            pub fn number(&self) -> u64 {
                match self {
                    $(Self::$name(_) => $number,)*
                    Self::Unknown(number) => *number,
                }
            }

            /// Encodes the body of the entry.
            pub fn encode(&self) -> Vec<u8> {
                let mut enc = Enc::new();
                enc.map(2).u64(1).u64(self.number()).u64(2);
                match self {
                    $(Self::$name(act) => act.put(&mut enc),)*
                    Self::Unknown(_) => { enc.map(0); }
                }
                enc.finish()
            }

            fn take(number: u64, dec: &mut Dec<'_>) -> Result<Self, Malformed> {
                Ok(match number {
                    $($number => Self::$name($name::take(dec)?),)*
                    other => {
                        dec.item()?;
                        Self::Unknown(other)
                    }
                })
            }
        }
    };
    (@type $ty:ty) => { $ty };
    (@type $ty:ty, opt) => { Option<$ty> };
    (@present $value:expr) => { true };
    (@present $value:expr, opt) => { $value.is_some() };
    (@put $enc:ident, $key:literal, $value:expr) => { $enc.u64($key); $value.put($enc); };
    (@put $enc:ident, $key:literal, $value:expr, opt) => {
        if let Some(value) = &$value { $enc.u64($key); value.put($enc); }
    };
    (@take $value:ident) => { $value.ok_or(Malformed::Unexpected)? };
    (@take $value:ident, opt) => { $value };
}

impl Act {
    /// Reads the body of an act.
    ///
    /// # Errors
    /// Anything but the deterministic encoding, or above [`limits::ACT_BYTES_MAX`].
    pub fn decode(body: &[u8]) -> Result<Self, Malformed> {
        if body.len() > limits::ACT_BYTES_MAX {
            return Err(Malformed::OverLimit);
        }
        let mut dec = Dec::new(body);
        if dec.map(2)? != 2 || dec.u64()? != 1 {
            return Err(Malformed::Unexpected);
        }
        let number = dec.u64()?;
        if dec.u64()? != 2 {
            return Err(Malformed::Unexpected);
        }
        let act = Self::take(number, &mut dec)?;
        dec.end()?;
        Ok(act)
    }

    /// An act of a newer Artel: the outer form is right and something inside is not known here, a type, a field or a
    /// value. `None` for bytes that no Artel would write.
    pub(super) fn newer(body: &[u8]) -> Option<Self> {
        let mut dec = Dec::new(body);
        if body.len() > limits::ACT_BYTES_MAX || dec.map(2).ok()? != 2 || dec.u64().ok()? != 1 {
            return None;
        }
        let number = dec.u64().ok()?;
        if dec.u64().ok()? != 2 {
            return None;
        }
        dec.item().ok()?;
        dec.end().ok()?;
        Some(Self::Unknown(number))
    }
}

acts! {
    /// 1: the beginning. Signed by the root; its entry names the organisation.
    1 Genesis {
        /// Blob with the name of the organisation.
        1 name: u64,
        /// Ed25519 public key of the root.
        2 root_pk: [u8; 32],
        /// The first policy.
        3 policy: Policy,
        /// Milliseconds since the Unix epoch.
        4 created: u64,
    }
    /// 2: a person becomes an owner, or no longer is one. By the root or an owner.
    2 OwnerGrant {
        /// Who.
        1 person: PersonId,
        /// Made an owner (true) or a member.
        2 on: bool,
    }
    /// 3: a person becomes an administrator with these capabilities.
    3 AdminGrant {
        /// Who.
        1 person: PersonId,
        /// What he may; a subset of what the author may.
        2 caps: Caps,
        /// Length of the chain of grants from the root.
        3 depth: u64,
    }
    /// 4: somebody may come in with a code.
    4 InviteCreated {
        /// Hash of `inv_pk`.
        1 invite: InviteId,
        /// Public key derived from the code's secret.
        2 inv_pk: [u8; 32],
        /// The person it is for.
        3 person: PersonId,
        /// Hash of the mail address.
        4 email_tag: [u8; 16],
        /// Role to be given.
        5 role: Role,
        /// Capabilities beyond the role.
        6 caps: Caps,
        /// Teams to be joined.
        7 teams: Vec<SpaceId>,
        /// Milliseconds since the Unix epoch after which no honest device admits.
        8 expires: u64,
        /// How often; always 1 so far.
        9 max_uses: u64,
        /// Whether a device may admit without a person's approval.
        10 auto_admit: bool,
        /// The pre-shared key for every device that may enrol.
        11 psk_boxes: Vec<PskBox>,
        /// Blob with the mail address.
        12 email: u64,
        /// Blob with the name.
        13 name: u64,
        /// Guests only: milliseconds since the Unix epoch when his time is over.
        14 until: u64 = opt,
        /// Guests only: the public channels that he reads.
        15 spaces: Vec<SpaceId> = opt,
    }
    /// 5: the code is good no longer.
    5 InviteCancelled {
        /// Which.
        1 invite: InviteId,
    }
    /// 6: a person with his first device is in.
    6 Enrol {
        /// By which invitation; absent for the founder.
        1 invite: InviteId = opt,
        /// Who.
        2 person: PersonId,
        /// Ed25519 public key of the device.
        3 device_pk: [u8; 32],
        /// X25519 public key of the device.
        4 seal_pk: [u8; 32],
        /// Its id.
        5 seal_key_id: SealKeyId,
        /// Role.
        6 role: Role,
        /// Capabilities beyond the role.
        7 caps: Caps,
        /// Number of the certificate.
        8 cti: CertId,
        /// Hash of the mail address.
        9 email_tag: [u8; 16],
        /// Blob with the certificate.
        10 certificate: u64,
        /// Blob with the mail address.
        11 email: u64,
        /// Blob with the name.
        12 name: u64,
    }
    /// 7: another device of a person who is in.
    7 AddDevice {
        /// By which invitation, if an administrator made one.
        1 invite: InviteId = opt,
        /// Whose.
        2 person: PersonId,
        /// Ed25519 public key of the device.
        3 device_pk: [u8; 32],
        /// X25519 public key of the device.
        4 seal_pk: [u8; 32],
        /// Its id.
        5 seal_key_id: SealKeyId,
        /// Number of the certificate.
        8 cti: CertId,
        /// Blob with the certificate.
        10 certificate: u64,
    }
    /// 9: a device is out.
    9 RevokeDevice {
        /// Which.
        1 device: DeviceId,
        /// What of it still counts.
        2 cut: Vec<CutAt>,
        /// 0 retired, 1 lost, 2 stolen.
        3 reason: u64,
    }
    /// 10: a person is out, with all devices.
    10 RemovePerson {
        /// Who.
        1 person: PersonId,
        /// What of his devices still counts.
        2 cut: Vec<CutAt>,
        /// Who gets the archive, where the policy has one.
        3 archive_to: PersonId = opt,
    }
    /// 11: another role.
    11 SetRole {
        /// Who.
        1 person: PersonId,
        /// Which.
        2 role: Role,
        /// Capabilities beyond the role.
        3 caps: Caps,
    }
    /// 12: another policy.
    12 SetPolicy {
        /// The whole policy.
        1 policy: Policy,
    }
    /// 13: a public channel; its space is named after this entry.
    13 ChannelCreate {
        /// The team; absent for the organisation.
        1 team: SpaceId = opt,
        /// 0 channel, 1 announcements.
        2 kind: u64,
        /// Blob with the name.
        3 name: u64,
        /// 0 shared.
        4 history: u64,
        /// Whether archivists are recipients.
        5 archive: bool,
    }
    /// 14: a person's part in a channel.
    14 ChannelRole {
        /// Which.
        1 channel: SpaceId,
        /// Who.
        2 person: PersonId,
        /// May moderate.
        3 moderator: bool,
        /// May post announcements.
        4 poster: bool,
    }
    /// 15: a device is to erase itself.
    15 Wipe {
        /// Which.
        1 device: DeviceId,
    }
    /// 16: a team; its space is named after this entry.
    16 TeamCreate {
        /// Blob with the name.
        1 name: u64,
    }
    /// 17: who is in a team.
    17 TeamMember {
        /// Which.
        1 team: SpaceId,
        /// Who.
        2 person: PersonId,
        /// In or out.
        3 member: bool,
        /// Leads it.
        4 lead: bool,
    }
    /// 18: channels in which newcomers of a team land.
    18 TeamDefaults {
        /// Which.
        1 team: SpaceId,
        /// Which channels.
        2 channels: Vec<SpaceId>,
    }
    /// 19: a device signed two entries for one position.
    19 ForkProof {
        /// Payload of one.
        1 one: Bytes,
        /// Its signature.
        2 one_signature: [u8; 64],
        /// Payload of the other.
        3 other: Bytes,
        /// Its signature.
        4 other_signature: [u8; 64],
        /// The device.
        5 device: DeviceId,
    }
    /// 20: a device may not act, or may again.
    20 Freeze {
        /// Which.
        1 device: DeviceId,
        /// Frozen or released.
        2 on: bool,
    }
    /// 21: an archive is opened.
    21 ArchiveOpen {
        /// Whose.
        1 person: PersonId,
        /// Blob with the reason.
        2 reason: u64,
    }
    /// 22: another root key. Signed by the old one.
    22 RootRotate {
        /// The new Ed25519 public key.
        1 root_pk: [u8; 32],
    }
    /// 23: a person is a bot.
    23 BotRegister {
        /// Which.
        1 person: PersonId,
        /// Is or is no longer.
        2 on: bool,
    }
    /// 24: a device is an office node.
    24 OfficeNode {
        /// Which.
        1 device: DeviceId,
        /// Is or is no longer.
        2 on: bool,
    }
    /// 25: a public channel is renamed, moved, put away or gets other rules; what is absent stays as it is.
    25 ChannelSet {
        /// Which.
        1 channel: SpaceId,
        /// Blob with the new name.
        2 name: u64 = opt,
        /// Where it moves: one team, or none for the organisation.
        3 place: Vec<SpaceId> = opt,
        /// Put away: everything stays readable and nothing is written any more.
        4 archived: bool = opt,
        /// Milliseconds after which texts are forgotten; 0: never.
        5 retention_ms: u64 = opt,
        /// Whether members are shown who has read.
        6 receipts: bool = opt,
    }
    /// 26: a device takes another sealing key; signed by itself.
    26 Renew {
        /// X25519 public key.
        1 seal_pk: [u8; 32],
        /// Its id.
        2 seal_key_id: SealKeyId,
        /// Number of the new certificate.
        3 cti: CertId,
        /// Blob with the new certificate.
        4 certificate: u64,
    }
}
