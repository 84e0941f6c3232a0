//! The acts that change a roster, as they stand inside a sealed body.

use std::collections::BTreeSet;

use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{EntryId, PersonId};
use crate::limits;
use crate::roster::{History, RosterKind, RosterRule};

/// One act: `{1: type, 2: fields, 3: auth_heads, ? 4: known}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterAct {
    /// What it does; `None` for a type of a newer Artel.
    pub change: Option<RosterChange>,
    /// Heads of the authority that its author knew; ascending, at most 16.
    pub auth_heads: Vec<EntryId>,
    /// The newest acts and epochs of the space that its author knew besides those of the same log; ascending, at most 16.
    pub known: Vec<EntryId>,
}

/// What an act does to a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterChange {
    /// 1: the space begins. The creator is a member and a moderator whether named or not.
    Create {
        /// Channel or group.
        kind: RosterKind,
        /// Its name, at most [`limits::NAME_BYTES_MAX`]; may be empty.
        name: String,
        /// What newcomers read.
        history: History,
        /// Whether the archive's devices get the keys too.
        archive: bool,
        /// The first members.
        persons: BTreeSet<PersonId>,
    },
    /// 2: a person comes in.
    Add(PersonId),
    /// 3: a person is put out.
    Remove(PersonId),
    /// 4: a member may moderate from now on, or no longer.
    Moderator {
        /// Who.
        person: PersonId,
        /// Given or taken.
        on: bool,
    },
    /// 5: the author goes.
    Leave,
    /// 6: another name.
    Set {
        /// The name, at most [`limits::NAME_BYTES_MAX`].
        name: String,
    },
    /// 7: a rule of a private channel.
    Rule(RosterRule),
}

impl RosterChange {
    fn number(&self) -> u64 {
        match self {
            Self::Create { .. } => 1,
            Self::Add(_) => 2,
            Self::Remove(_) => 3,
            Self::Moderator { .. } => 4,
            Self::Leave => 5,
            Self::Set { .. } => 6,
            Self::Rule(_) => 7,
        }
    }

    fn encode_fields(&self, enc: &mut Enc) {
        match self {
            Self::Create { kind, name, history, archive, persons } => {
                enc.map(5).u64(1).u64(kind.number()).u64(2).str(name).u64(3).u64(history.number());
                enc.u64(4).bool(*archive).u64(5);
                encode_persons(enc, persons);
            }
            Self::Add(person) | Self::Remove(person) => {
                enc.map(1).u64(1).bytes(&person.0);
            }
            Self::Moderator { person, on } => {
                enc.map(2).u64(1).bytes(&person.0).u64(2).bool(*on);
            }
            Self::Leave => {
                enc.map(0);
            }
            Self::Set { name } => {
                enc.map(1).u64(1).str(name);
            }
            Self::Rule(rule) => rule.encode(enc),
        }
    }

    fn decode_fields(number: u64, dec: &mut Dec<'_>) -> Result<Option<Self>, Malformed> {
        let change = match number {
            1 => decode_create(dec)?,
            2 => Self::Add(decode_person(dec, 1)?),
            3 => Self::Remove(decode_person(dec, 1)?),
            4 => {
                let person = decode_person(dec, 2)?;
                expect(dec.u64()?, 2)?;
                Self::Moderator { person, on: dec.bool()? }
            }
            5 => {
                expect(dec.map(0)?, 0)?;
                Self::Leave
            }
            6 => {
                expect(dec.map(1)?, 1)?;
                expect(dec.u64()?, 1)?;
                Self::Set { name: dec.str(limits::NAME_BYTES_MAX)?.to_owned() }
            }
            7 => return Ok(RosterRule::decode(dec)?.map(Self::Rule)),
            _ => {
                dec.item()?;
                return Ok(None);
            }
        };
        Ok(Some(change))
    }
}

impl RosterAct {
    /// Writes the plaintext of the body; `None` for an act of a newer Artel, which is never written.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let change = self.change.as_ref()?;
        let mut enc = Enc::new();
        enc.map(if self.known.is_empty() { 3 } else { 4 }).u64(1).u64(change.number()).u64(2);
        change.encode_fields(&mut enc);
        encode_ids(enc.u64(3), &self.auth_heads);
        if !self.known.is_empty() {
            encode_ids(enc.u64(4), &self.known);
        }
        Some(enc.finish())
    }

    /// Reads the plaintext of a body.
    ///
    /// # Errors
    /// Anything but the deterministic form within [`limits::ACT_BYTES_MAX`]; a Create of a group of more than eight.
    pub fn decode(plaintext: &[u8]) -> Result<Self, Malformed> {
        if plaintext.len() > limits::ACT_BYTES_MAX {
            return Err(Malformed::OverLimit);
        }
        let mut dec = Dec::new(plaintext);
        let fields = dec.map(4)?;
        if fields < 3 {
            return Err(Malformed::Unexpected);
        }
        expect(dec.u64()?, 1)?;
        let number = dec.u64()?;
        expect(dec.u64()?, 2)?;
        let change = RosterChange::decode_fields(number, &mut dec)?;
        expect(dec.u64()?, 3)?;
        let auth_heads = decode_ids(&mut dec)?;
        let known = if fields == 4 {
            expect(dec.u64()?, 4)?;
            decode_known(&mut dec)?
        } else {
            Vec::new()
        };
        dec.end()?;
        Ok(Self { change, auth_heads, known })
    }
}

pub(super) fn encode_ids(enc: &mut Enc, ids: &[EntryId]) {
    enc.array(ids.len() as u64);
    for id in ids {
        enc.bytes(&id.0);
    }
}

fn decode_ids(dec: &mut Dec<'_>) -> Result<Vec<EntryId>, Malformed> {
    let ids: Vec<_> = dec.arrays(limits::SEEN_MAX)?.into_iter().map(EntryId).collect();
    let ordered = ids.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    if ordered { Ok(ids) } else { Err(Malformed::NotDeterministic) }
}

/// Reads the field with what the author knew; it is absent where he knew nothing.
pub(super) fn decode_known(dec: &mut Dec<'_>) -> Result<Vec<EntryId>, Malformed> {
    let known = decode_ids(dec)?;
    if known.is_empty() { Err(Malformed::NotDeterministic) } else { Ok(known) }
}

fn decode_create(dec: &mut Dec<'_>) -> Result<RosterChange, Malformed> {
    expect(dec.map(5)?, 5)?;
    expect(dec.u64()?, 1)?;
    let kind = RosterKind::from_number(dec.u64()?)?;
    expect(dec.u64()?, 2)?;
    let name = dec.str(limits::NAME_BYTES_MAX)?.to_owned();
    expect(dec.u64()?, 3)?;
    let history = History::from_number(dec.u64()?)?;
    expect(dec.u64()?, 4)?;
    let archive = dec.bool()?;
    expect(dec.u64()?, 5)?;
    let persons = decode_persons(dec)?;
    if kind == RosterKind::Group && persons.len() > limits::GROUP_PERSONS_MAX {
        return Err(Malformed::OverLimit);
    }
    Ok(RosterChange::Create { kind, name, history, archive, persons })
}

fn decode_person(dec: &mut Dec<'_>, fields: usize) -> Result<PersonId, Malformed> {
    expect(dec.map(fields)?, fields)?;
    expect(dec.u64()?, 1)?;
    Ok(PersonId(dec.array_of()?))
}

pub(super) fn expect<T: PartialEq>(read: T, expected: T) -> Result<(), Malformed> {
    if read == expected { Ok(()) } else { Err(Malformed::Unexpected) }
}

/// Writes `[* person]`, ascending.
pub(super) fn encode_persons(enc: &mut Enc, persons: &BTreeSet<PersonId>) {
    enc.array(persons.len() as u64);
    for person in persons {
        enc.bytes(&person.0);
    }
}

/// Reads `[* person]`, ascending.
pub(super) fn decode_persons(dec: &mut Dec<'_>) -> Result<BTreeSet<PersonId>, Malformed> {
    let listed = dec.arrays(limits::ROSTER_PERSONS_MAX)?;
    if listed.windows(2).any(|pair| !matches!(pair, [a, b] if a < b)) {
        return Err(Malformed::NotDeterministic);
    }
    Ok(listed.into_iter().map(PersonId).collect())
}
