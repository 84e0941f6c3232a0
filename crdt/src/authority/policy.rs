//! The policy of an organisation: what its administrators chose in advance and everybody can see.

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::limits;

use super::act::Field;

/// Fields of a policy, all of them always present.
const FIELDS: u64 = 11;

/// Who may do something that is not reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// 0: administrators.
    Admins,
    /// 1: administrators and, in their team, team leads.
    Leads,
    /// 2: every member.
    Members,
}

impl Field for Who {
    fn put(&self, enc: &mut Enc) {
        enc.u64(match self {
            Self::Admins => 0,
            Self::Leads => 1,
            Self::Members => 2,
        });
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        match dec.u64()? {
            0 => Ok(Self::Admins),
            1 => Ok(Self::Leads),
            2 => Ok(Self::Members),
            _ => Err(Malformed::Unexpected),
        }
    }
}

/// What happens to the archive of somebody who leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Archive {
    /// 0: nobody gets one.
    None,
    /// 1: channels stay with their members.
    Channels,
    /// 2: archivists are recipients of everything; shown in every header.
    All,
}

impl Field for Archive {
    fn put(&self, enc: &mut Enc) {
        enc.u64(match self {
            Self::None => 0,
            Self::Channels => 1,
            Self::All => 2,
        });
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        match dec.u64()? {
            0 => Ok(Self::None),
            1 => Ok(Self::Channels),
            2 => Ok(Self::All),
            _ => Err(Malformed::Unexpected),
        }
    }
}

/// The policy. Defaults are written here and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// 1: mail domains, lower case; an invitation outside them is void.
    pub domains: Vec<String>,
    /// 2: who creates public channels. Default: administrators and team leads.
    pub create_public: Who,
    /// 3: who creates private channels. Default: administrators and team leads.
    pub create_private: Who,
    /// 4: whether registrars invite. Default: yes.
    pub registrars_invite: bool,
    /// 5: whether a person adds devices of his own. Default: yes.
    pub self_add_device: bool,
    /// 6: whether an unrevoked device renews its own certificate. Default: yes.
    pub self_renew: bool,
    /// 7: archive. Default: none.
    pub archive: Archive,
    /// 8: milliseconds within which a message can be edited by its author. Default: 24 hours.
    pub edit_window_ms: u64,
    /// 9: who mentions everybody. Default: members.
    pub mention_all: Who,
    /// 10: milliseconds after which texts are forgotten; 0: never. Default: never.
    pub retention_ms: u64,
    /// 11: days without meeting the organisation after which a device seals itself; 0: never. Default: never.
    pub lease_days: u64,
    /// 12: who pins in channels; leads are whoever moderates there. Absent: members.
    pub pin: Who,
    /// 13: milliseconds within which an author takes a message back; 0: for ever. Absent: for ever.
    pub retract_window_ms: u64,
}

impl Policy {
    /// The defaults with these mail domains.
    pub fn with_domains(domains: Vec<String>) -> Self {
        Self {
            domains,
            create_public: Who::Leads,
            create_private: Who::Leads,
            registrars_invite: true,
            self_add_device: true,
            self_renew: true,
            archive: Archive::None,
            edit_window_ms: 24 * 60 * 60 * 1_000,
            mention_all: Who::Members,
            retention_ms: 0,
            lease_days: 0,
            pin: Who::Members,
            retract_window_ms: 0,
        }
    }
}

impl Field for Policy {
    fn put(&self, enc: &mut Enc) {
        let (pin, window) = (self.pin != Who::Members, self.retract_window_ms != 0);
        enc.map(FIELDS + u64::from(pin) + u64::from(window)).u64(1);
        self.domains.put(enc);
        self.create_public.put(enc.u64(2));
        self.create_private.put(enc.u64(3));
        enc.u64(4).bool(self.registrars_invite).u64(5).bool(self.self_add_device).u64(6).bool(self.self_renew);
        self.archive.put(enc.u64(7));
        enc.u64(8).u64(self.edit_window_ms);
        self.mention_all.put(enc.u64(9));
        enc.u64(10).u64(self.retention_ms).u64(11).u64(self.lease_days);
        if pin {
            self.pin.put(enc.u64(12));
        }
        if window {
            enc.u64(13).u64(self.retract_window_ms);
        }
    }

    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        let mut policy = Self::with_domains(Vec::new());
        let mut fields = Fields::open(dec, 64)?;
        let mut read = 0;
        while let Some(key) = fields.key(dec)? {
            read += u64::from(key <= FIELDS);
            match key {
                1 => policy.domains = take_domains(dec)?,
                2 => policy.create_public = Field::take(dec)?,
                3 => policy.create_private = Field::take(dec)?,
                4 => policy.registrars_invite = dec.bool()?,
                5 => policy.self_add_device = dec.bool()?,
                6 => policy.self_renew = dec.bool()?,
                7 => policy.archive = Field::take(dec)?,
                8 => policy.edit_window_ms = dec.u64()?,
                9 => policy.mention_all = Field::take(dec)?,
                10 => policy.retention_ms = dec.u64()?,
                11 => policy.lease_days = dec.u64()?,
                12 => {
                    policy.pin =
                        Some(Field::take(dec)?).filter(|it| *it != Who::Members).ok_or(Malformed::Unexpected)?
                }
                13 => {
                    let window = Some(dec.u64()?).filter(|it| *it != 0);
                    policy.retract_window_ms = window.ok_or(Malformed::Unexpected)?;
                }
                // A rule of a newer Artel: this program cannot keep it, and says so by refusing to interpret the act.
                _ => return Err(Malformed::Unexpected),
            }
        }
        // Of these a field that is missing is no default, and one that came later is not written where it is the default:
        // one policy, one encoding.
        if read == FIELDS { Ok(policy) } else { Err(Malformed::Unexpected) }
    }
}

fn take_domains(dec: &mut Dec<'_>) -> Result<Vec<String>, Malformed> {
    let len = dec.array(64)?;
    (0..len).map(|_| dec.str(limits::EMAIL_BYTES_MAX).map(str::to_owned)).collect()
}
