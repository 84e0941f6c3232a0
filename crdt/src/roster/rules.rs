//! Rules of a private channel, as those of a public one stand in the authority: whether it is put away, how long texts
//! stay, whether it is shown who has read.

use crate::cbor::{Dec, Enc, Malformed};
use crate::time::Hlc;

/// One rule with its new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterRule {
    /// 0: put away, so that it is read and not written, or taken out again.
    Archived(bool),
    /// 1: milliseconds after which texts are forgotten; 0: never.
    Retention(u64),
    /// 2: whether members are shown who has read.
    Receipts(bool),
}

/// All rules of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Put away since this act, by its clock.
    pub archived: Option<Hlc>,
    /// Milliseconds after which texts are forgotten; 0: never.
    pub retention_ms: u64,
    /// Whether members are shown who has read.
    pub receipts: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { archived: None, retention_ms: 0, receipts: true }
    }
}

impl RosterRule {
    /// The number on the wire; two changes of one rule have the same.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Archived(_) => 0,
            Self::Retention(_) => 1,
            Self::Receipts(_) => 2,
        }
    }

    pub(super) fn encode(self, enc: &mut Enc) {
        enc.map(2).u64(1).u64(self.number()).u64(2);
        match self {
            Self::Archived(on) | Self::Receipts(on) => enc.bool(on),
            Self::Retention(ms) => enc.u64(ms),
        };
    }

    /// `None` for a rule of a newer Artel.
    pub(super) fn decode(dec: &mut Dec<'_>) -> Result<Option<Self>, Malformed> {
        super::act::expect(dec.map(2)?, 2)?;
        super::act::expect(dec.u64()?, 1)?;
        let number = dec.u64()?;
        super::act::expect(dec.u64()?, 2)?;
        Ok(match number {
            0 => Some(Self::Archived(dec.bool()?)),
            1 => Some(Self::Retention(dec.u64()?)),
            2 => Some(Self::Receipts(dec.bool()?)),
            _ => {
                dec.item()?;
                None
            }
        })
    }
}

impl Rules {
    pub(super) fn set(&mut self, rule: RosterRule, at: Hlc) {
        match rule {
            RosterRule::Archived(on) => self.archived = on.then_some(at),
            RosterRule::Retention(ms) => self.retention_ms = ms,
            RosterRule::Receipts(on) => self.receipts = on,
        }
    }

    /// How many fields they take in the roster of an epoch: what is as usual is left out.
    pub(super) fn fields(&self) -> u64 {
        let written = [self.archived.is_some(), self.retention_ms != 0, !self.receipts];
        written.into_iter().map(u64::from).sum()
    }

    pub(super) fn encode(&self, enc: &mut Enc) {
        if let Some(at) = self.archived {
            enc.u64(9).array(2).u64(at.ms).u64(u64::from(at.ctr));
        }
        if self.retention_ms != 0 {
            enc.u64(10).u64(self.retention_ms);
        }
        if !self.receipts {
            enc.u64(11).bool(false);
        }
    }

    /// Reads the value of one of these fields.
    pub(super) fn decode_field(&mut self, field: u64, dec: &mut Dec<'_>) -> Result<(), Malformed> {
        match field {
            9 => {
                super::act::expect(dec.array(2)?, 2)?;
                self.archived = Some(Hlc { ms: dec.u64()?, ctr: dec.u32()? });
            }
            10 => self.retention_ms = Some(dec.u64()?).filter(|it| *it != 0).ok_or(Malformed::NotDeterministic)?,
            11 if dec.bool()? => return Err(Malformed::NotDeterministic),
            11 => self.receipts = false,
            _ => return Err(Malformed::Unexpected),
        }
        Ok(())
    }
}
