//! Private rosters: who is in a private channel or a group, known only to those inside.
//!
//! A private space has no act in the authority. Its creation and every change are sealed acts in its own logs, judged
//! by what their author could know (rights at the own causal past), so that every member comes to the same roster in
//! whatever order acts arrive. Each epoch carries the roster sealed under its key; a newcomer, who cannot open what is
//! older, starts from there.
//!
//! Rules, in order of force:
//!
//! 1. One Create stands: the one whose log the space is named after ([`founded_space`]), else the earliest. What does
//!    not have it in its past is void.
//! 2. A private channel is changed by its moderators (the creator is one). In a group every member may add, up to
//!    eight, and rename. While no moderator is left, every member has a moderator's rights.
//! 3. A removal beats what it does not know: concurrent Add and Remove is Remove; who comes back is added by somebody
//!    who knows of the removal. The same holds for the right to moderate.
//! 4. The newest name wins, by knowledge, then by clock, then by id; so does each of the rules that a private channel has.
//! 5. An act of a newer Artel stops the evaluation of everything that depends on it.
//!
//! Acts above the cut of a removed person must not be given to [`Roster::evaluate`]: the cut is an entry of the space.

mod act;
mod evaluate;
mod rules;

use std::collections::BTreeSet;

use thiserror::Error;

use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{EntryId, LogId, OrgId, PersonId, SpaceId, short_hash};
use crate::limits;
use crate::time::Hlc;

pub use act::{RosterAct, RosterChange};
pub use evaluate::Evaluation;
pub use rules::{RosterRule, Rules};

/// What kind of private space it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RosterKind {
    /// 0: a channel with a name and moderators.
    Private,
    /// 1: a conversation of at most eight persons.
    Group,
}

/// What a newcomer can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum History {
    /// 0: everything.
    Shared,
    /// 1: what is written after he came.
    Join,
}

/// Why an act on a roster has no effect, or is not offered.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RosterDenied {
    /// The author was no member.
    #[error("not a member")]
    NotMember(PersonId),
    /// The author may not moderate.
    #[error("not a moderator")]
    NotModerator(PersonId),
    /// There are as many members as there may be.
    #[error("no more members fit in")]
    Full,
    /// He is in already.
    #[error("is a member already")]
    Already(PersonId),
    /// He is not in.
    #[error("is no member")]
    NotThere(PersonId),
    /// The author may not create private channels, or the space exists already.
    #[error("may not create this space")]
    Create,
    /// A group or a conversation of two is not put away, forgets by the policy only and shows who has read.
    #[error("only a channel has such a rule")]
    Rule,
}

/// Who is in a private space, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Channel or group.
    pub kind: RosterKind,
    /// Its name; empty for most groups. At most [`limits::NAME_BYTES_MAX`].
    pub name: String,
    /// What newcomers read.
    pub history: History,
    /// Whether the archive's devices are recipients too.
    pub archive: bool,
    /// The members; the effective ones are those still active in the authority.
    pub members: BTreeSet<PersonId>,
    /// Those of them that may moderate.
    pub moderators: BTreeSet<PersonId>,
    /// Persons who were removed or left and did not return: what keeps an Add that did not know of it void.
    pub removed: BTreeSet<PersonId>,
    /// Whether it is put away, how long texts stay, whether it is shown who has read.
    pub rules: Rules,
}

/// An opened roster act with what is needed to judge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// The entry.
    pub id: EntryId,
    /// Its log.
    pub log: LogId,
    /// The person whose device signed it.
    pub author: PersonId,
    /// When.
    pub hlc: Hlc,
    /// Whether the authority, at the act's `auth_heads`, lets the author create private channels. Only read for Create.
    pub may_create: bool,
    /// What it does.
    pub act: RosterAct,
}

/// The roster that an epoch carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The epoch.
    pub epoch: EntryId,
    /// When.
    pub hlc: Hlc,
    /// The roster.
    pub roster: Roster,
}

/// The space that a log founds by its Create: SHA-256("artel/private/1" ‖ org ‖ device ‖ inc), first 16 bytes. Nobody
/// else can write a Create that fits, and the id tells nothing to those who do not know `inc`.
pub fn founded_space(org: &OrgId, log: &LogId) -> SpaceId {
    SpaceId(short_hash(&[b"artel/private/1", &org.0, &log.device.0, &log.inc.0]))
}

impl Roster {
    /// The roster right after its Create; `None` for another change, or if more than fit would be in.
    pub fn create(creator: PersonId, change: &RosterChange) -> Option<Self> {
        let RosterChange::Create { kind, name, history, archive, persons } = change else {
            return None;
        };
        let mut members = persons.clone();
        members.insert(creator);
        let roster = Self {
            kind: *kind,
            name: name.clone(),
            history: *history,
            archive: *archive,
            members,
            moderators: BTreeSet::from([creator]),
            removed: BTreeSet::new(),
            rules: Rules::default(),
        };
        (roster.members.len() <= roster.room()).then_some(roster)
    }

    /// Whether a person may moderate: he was appointed, or nobody is left who was.
    pub fn is_moderator(&self, person: &PersonId) -> bool {
        self.members.contains(person) && (self.moderators.contains(person) || self.moderators.is_empty())
    }

    /// Whether `by` may bring `whom` in now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_add(&self, by: &PersonId, whom: &PersonId) -> Result<(), RosterDenied> {
        self.permits(by, &RosterChange::Add(*whom))?;
        if self.members.contains(whom) { Err(RosterDenied::Already(*whom)) } else { Ok(()) }
    }

    /// Whether `by` may remove `whom` now; oneself by [`RosterChange::Leave`].
    ///
    /// # Errors
    /// Why not.
    pub fn may_remove(&self, by: &PersonId, whom: &PersonId) -> Result<(), RosterDenied> {
        self.permits(by, &RosterChange::Remove(*whom))?;
        if self.members.contains(whom) { Ok(()) } else { Err(RosterDenied::NotThere(*whom)) }
    }

    /// Whether `by` has the right to a change, be it of use or not.
    ///
    /// # Errors
    /// Why not.
    pub fn permits(&self, by: &PersonId, change: &RosterChange) -> Result<(), RosterDenied> {
        if !self.members.contains(by) {
            return Err(RosterDenied::NotMember(*by));
        }
        let everyone = match change {
            RosterChange::Create { .. } => return Err(RosterDenied::Create),
            RosterChange::Rule(_) if self.kind == RosterKind::Group => return Err(RosterDenied::Rule),
            RosterChange::Leave => true,
            RosterChange::Add(_) | RosterChange::Set { .. } => self.kind == RosterKind::Group,
            RosterChange::Remove(_) | RosterChange::Moderator { .. } | RosterChange::Rule(_) => false,
        };
        if !everyone && !self.is_moderator(by) {
            return Err(RosterDenied::NotModerator(*by));
        }
        match change {
            RosterChange::Add(whom) if !self.members.contains(whom) && self.members.len() >= self.room() => {
                Err(RosterDenied::Full)
            }
            RosterChange::Moderator { person, .. } if !self.members.contains(person) => {
                Err(RosterDenied::NotThere(*person))
            }
            _ => Ok(()),
        }
    }

    /// Most members.
    fn room(&self) -> usize {
        match self.kind {
            RosterKind::Private => limits::ROSTER_PERSONS_MAX,
            RosterKind::Group => limits::GROUP_PERSONS_MAX,
        }
    }

    /// Applies a change that knows of everything before it, signed at that time.
    ///
    /// # Errors
    /// The author has no right to it; nothing is changed then.
    pub fn apply(&mut self, by: &PersonId, change: &RosterChange, at: Hlc) -> Result<(), RosterDenied> {
        self.permits(by, change)?;
        match change {
            RosterChange::Create { .. } => {}
            RosterChange::Add(person) => {
                self.members.insert(*person);
                self.removed.remove(person);
            }
            RosterChange::Remove(person) => self.take_out(person),
            RosterChange::Leave => self.take_out(by),
            RosterChange::Moderator { person, on: true } => {
                self.moderators.insert(*person);
            }
            RosterChange::Moderator { person, on: false } => {
                self.moderators.remove(person);
            }
            RosterChange::Set { name } => self.name.clone_from(name),
            RosterChange::Rule(rule) => self.rules.set(*rule, at),
        }
        Ok(())
    }

    fn take_out(&mut self, person: &PersonId) {
        self.members.remove(person);
        self.moderators.remove(person);
        self.removed.insert(*person);
    }

    /// Writes the roster for the blob of an epoch ([`crate::seal::seal_members`]), with the newest acts and epochs that
    /// it was made from: ascending, at most 16.
    pub fn encode(&self, known: &[EntryId]) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.map(7 + u64::from(!known.is_empty()) + self.rules.fields())
            .u64(1)
            .u64(self.kind.number())
            .u64(2)
            .str(&self.name)
            .u64(3)
            .u64(self.history.number());
        enc.u64(4).bool(self.archive);
        for (field, persons) in [(5, &self.members), (6, &self.moderators), (7, &self.removed)] {
            enc.u64(field);
            act::encode_persons(&mut enc, persons);
        }
        if !known.is_empty() {
            act::encode_ids(enc.u64(8), known);
        }
        self.rules.encode(&mut enc);
        enc.finish()
    }

    /// Reads the roster that an epoch carries, and from which acts and epochs it was made.
    ///
    /// # Errors
    /// Anything but the deterministic form; moderators who are no members; members who are removed.
    pub fn from_snapshot(bytes: &[u8]) -> Result<(Self, Vec<EntryId>), Malformed> {
        let mut dec = Dec::new(bytes);
        let fields = dec.map(11)?;
        if fields < 7 {
            return Err(Malformed::Unexpected);
        }
        act::expect(dec.u64()?, 1)?;
        let kind = RosterKind::from_number(dec.u64()?)?;
        act::expect(dec.u64()?, 2)?;
        let name = dec.str(limits::NAME_BYTES_MAX)?.to_owned();
        act::expect(dec.u64()?, 3)?;
        let history = History::from_number(dec.u64()?)?;
        act::expect(dec.u64()?, 4)?;
        let archive = dec.bool()?;
        let mut persons = |field: u64| {
            act::expect(dec.u64()?, field)?;
            act::decode_persons(&mut dec)
        };
        let (members, moderators, removed) = (persons(5)?, persons(6)?, persons(7)?);
        let (mut known, mut rules, mut last) = (Vec::new(), Rules::default(), 7);
        for _ in 7..fields {
            let field = dec.u64()?;
            if field <= last {
                return Err(Malformed::NotDeterministic);
            }
            last = field;
            match field {
                8 => known = act::decode_known(&mut dec)?,
                _ => rules.decode_field(field, &mut dec)?,
            }
        }
        dec.end()?;
        if !moderators.is_subset(&members) || !removed.is_disjoint(&members) {
            return Err(Malformed::Unexpected);
        }
        Ok((Self { kind, name, history, archive, members, moderators, removed, rules }, known))
    }
}

impl RosterKind {
    fn number(self) -> u64 {
        match self {
            Self::Private => 0,
            Self::Group => 1,
        }
    }

    fn from_number(number: u64) -> Result<Self, Malformed> {
        match number {
            0 => Ok(Self::Private),
            1 => Ok(Self::Group),
            _ => Err(Malformed::Unexpected),
        }
    }
}

impl History {
    fn number(self) -> u64 {
        match self {
            Self::Shared => 0,
            Self::Join => 1,
        }
    }

    fn from_number(number: u64) -> Result<Self, Malformed> {
        match number {
            0 => Ok(Self::Shared),
            1 => Ok(Self::Join),
            _ => Err(Malformed::Unexpected),
        }
    }
}

#[cfg(test)]
mod tests;
