//! What a step says: deterministic CBOR of a few numbered fields, sealed inside the body of its entry.
//!
//! Texts and files are blobs beside the entry; a record names them by index. A type that this Artel does not know is kept
//! whole and shown as "needs a newer Artel"; fields it does not know are kept and passed over.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::id::{EntryId, PersonId, SpaceId};
use crate::limits;

/// Most fields of one record: seven now, the rest for later.
const FIELDS_MAX: usize = 16;
/// First field number that this Artel does not know.
const FIRST_UNKNOWN_FIELD: u64 = 8;

/// Why the content of a step is not shown. Depends on the plaintext alone, so all replicas with the key agree.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
pub enum BadRecord {
    /// It could not be opened, or is not a record.
    #[error("not a record")]
    Malformed,
    /// A bound of [`limits`] is broken.
    #[error("over a limit")]
    OverLimit,
    /// The fields do not fit the type.
    #[error("fields do not fit the type")]
    Shape,
    /// It names a blob that its entry does not have.
    #[error("names a blob that is not there")]
    Blob,
}

impl BadRecord {
    /// The number in stored form.
    pub fn number(self) -> u64 {
        match self {
            Self::Malformed => 0,
            Self::OverLimit => 1,
            Self::Shape => 2,
            Self::Blob => 3,
        }
    }

    /// The reason with that number.
    pub fn from_number(number: u64) -> Option<Self> {
        [Self::Malformed, Self::OverLimit, Self::Shape, Self::Blob].into_iter().find(|it| it.number() == number)
    }
}

impl From<Malformed> for BadRecord {
    fn from(why: Malformed) -> Self {
        match why {
            Malformed::OverLimit => Self::OverLimit,
            Malformed::Unexpected | Malformed::NotDeterministic | Malformed::Trailing => Self::Malformed,
        }
    }
}

/// Whom a message calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// Everybody in the space; `0` on the wire.
    All,
    /// Everybody who is at the desk; `1` on the wire.
    Here,
    /// One person; a byte string on the wire.
    Person(PersonId),
    /// The members of a team; `[2, team]` on the wire.
    Team(SpaceId),
}

/// The type of a record, with the value that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// 0: a message: a text or files or both. `target` is the record it answers, if any, also one that is not there.
    Message,
    /// 1: another text for the target, with its own mentions. Files stay.
    Edit,
    /// 2: the target is taken back.
    Retract,
    /// 3: a reaction to the target.
    Reaction {
        /// The emoji, 1 to [`limits::EMOJI_BYTES_MAX`] bytes without control characters.
        emoji: String,
        /// Given (true) or taken back.
        add: bool,
    },
    /// 4: the target is pinned to the head of the channel.
    Pin {
        /// Pinned (true) or unpinned.
        add: bool,
    },
    /// 5: the text becomes the topic of the space.
    Topic,
    /// 6: an event told by a program, not by a person; whom it concerns is in the mentions.
    System {
        /// Which event.
        code: u64,
    },
    /// A type of a newer Artel, or 7, which is reserved for boards.
    Newer {
        /// The type.
        number: u64,
        /// The whole record as it came.
        bytes: Vec<u8>,
    },
}

/// The content of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its type.
    pub what: What,
    /// The record it is about.
    pub target: Option<EntryId>,
    /// The first message of the thread it belongs to.
    pub thread: Option<EntryId>,
    /// Index of the blob that holds its text.
    pub text: Option<u8>,
    /// Whom it calls, at most [`limits::MENTIONS_MAX`].
    pub mentions: BTreeSet<Mention>,
    /// Indexes of the blobs that describe its files, ascending: each holds name, type, size and the hashes of the pieces.
    pub files: Vec<u8>,
    /// Fields of a newer Artel: number and encoded value, ascending.
    pub rest: Vec<(u64, Vec<u8>)>,
}

impl What {
    /// The number on the wire.
    pub fn number(&self) -> u64 {
        match self {
            Self::Message => 0,
            Self::Edit => 1,
            Self::Retract => 2,
            Self::Reaction { .. } => 3,
            Self::Pin { .. } => 4,
            Self::Topic => 5,
            Self::System { .. } => 6,
            Self::Newer { number, .. } => *number,
        }
    }
}

impl Record {
    /// A record of that type and nothing else.
    pub fn new(what: What) -> Self {
        Self {
            what,
            target: None,
            thread: None,
            text: None,
            mentions: BTreeSet::new(),
            files: Vec::new(),
            rest: Vec::new(),
        }
    }

    /// A message whose text is the first blob.
    pub fn message() -> Self {
        Self { text: Some(0), ..Self::new(What::Message) }
    }

    /// Another text, the first blob, for `target`.
    pub fn edit(target: EntryId) -> Self {
        Self { target: Some(target), text: Some(0), ..Self::new(What::Edit) }
    }

    /// Takes `target` back.
    pub fn retract(target: EntryId) -> Self {
        Self { target: Some(target), ..Self::new(What::Retract) }
    }

    /// Gives a reaction to `target`, or takes it back.
    pub fn reaction(target: EntryId, emoji: &str, add: bool) -> Self {
        Self { target: Some(target), ..Self::new(What::Reaction { emoji: emoji.to_owned(), add }) }
    }

    /// Pins `target`, or unpins it.
    pub fn pin(target: EntryId, add: bool) -> Self {
        Self { target: Some(target), ..Self::new(What::Pin { add }) }
    }

    /// The first blob becomes the topic.
    pub fn topic() -> Self {
        Self { text: Some(0), ..Self::new(What::Topic) }
    }

    /// The record this one says something about without being a row itself, see [`mod@super::project`].
    pub fn note_target(&self) -> Option<EntryId> {
        match self.what {
            What::Message | What::Topic | What::System { .. } => None,
            What::Edit | What::Retract | What::Reaction { .. } | What::Pin { .. } | What::Newer { .. } => self.target,
        }
    }

    /// The deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        if let What::Newer { bytes, .. } = &self.what {
            return bytes.clone();
        }
        let value = self.encode_value();
        let optional = [
            self.target.is_some(),
            self.thread.is_some(),
            self.text.is_some(),
            !self.mentions.is_empty(),
            value.is_some(),
            !self.files.is_empty(),
        ];
        let mut enc = Enc::new();
        enc.map((1 + optional.iter().filter(|it| **it).count() + self.rest.len()) as u64);
        enc.u64(1).u64(self.what.number());
        if let Some(target) = &self.target {
            enc.u64(2).bytes(&target.0);
        }
        if let Some(thread) = &self.thread {
            enc.u64(3).bytes(&thread.0);
        }
        if let Some(text) = self.text {
            enc.u64(4).u64(u64::from(text));
        }
        if !self.mentions.is_empty() {
            enc.u64(5).array(self.mentions.len() as u64);
            self.mentions.iter().for_each(|it| it.encode(&mut enc));
        }
        if let Some(value) = value {
            enc.u64(6).raw(&value);
        }
        if !self.files.is_empty() {
            enc.u64(7).array(self.files.len() as u64);
            for file in &self.files {
                enc.u64(u64::from(*file));
            }
        }
        for (number, value) in &self.rest {
            enc.u64(*number).raw(value);
        }
        enc.finish()
    }

    fn encode_value(&self) -> Option<Vec<u8>> {
        let mut enc = Enc::new();
        match &self.what {
            What::Reaction { emoji, add } => enc.array(2).str(emoji).bool(*add),
            What::Pin { add } => enc.bool(*add),
            What::System { code } => enc.u64(*code),
            What::Message | What::Edit | What::Retract | What::Topic | What::Newer { .. } => return None,
        };
        Some(enc.finish())
    }

    /// Reads the opened body of a step, whose entry has `blobs` blobs.
    ///
    /// # Errors
    /// Anything but the deterministic encoding of a record of a known type whose fields fit it, or of an unknown type.
    pub fn decode(bytes: &[u8], blobs: usize) -> Result<Self, BadRecord> {
        let mut whole = Dec::new(bytes);
        whole.item()?;
        whole.end()?;
        let mut dec = Dec::new(bytes);
        let mut fields = Fields::open(&mut dec, FIELDS_MAX)?;
        if fields.key(&mut dec)? != Some(1) {
            return Err(BadRecord::Malformed);
        }
        let what = match dec.u64()? {
            0 => What::Message,
            1 => What::Edit,
            2 => What::Retract,
            3 => What::Reaction { emoji: String::new(), add: false },
            4 => What::Pin { add: false },
            5 => What::Topic,
            6 => What::System { code: 0 },
            number => return Self::decode_newer(number, bytes, &mut dec, fields),
        };
        let mut record = Self::new(what);
        let mut has_value = false;
        while let Some(key) = fields.key(&mut dec)? {
            has_value |= key == 6;
            record.read_field(&mut dec, key)?;
        }
        record.check_shape(has_value)?;
        record.check_blobs(blobs)?;
        Ok(record)
    }

    fn decode_newer(number: u64, bytes: &[u8], dec: &mut Dec<'_>, mut fields: Fields) -> Result<Self, BadRecord> {
        let mut record = Self::new(What::Newer { number, bytes: bytes.to_vec() });
        while let Some(key) = fields.key(dec)? {
            let value = dec.item()?;
            if key == 2 {
                record.target = Dec::new(value).array_of().ok().map(EntryId);
            }
        }
        Ok(record)
    }

    fn read_field(&mut self, dec: &mut Dec<'_>, key: u64) -> Result<(), BadRecord> {
        match key {
            2 => self.target = Some(EntryId(dec.array_of()?)),
            3 => self.thread = Some(EntryId(dec.array_of()?)),
            4 => self.text = Some(index(dec)?),
            5 => self.read_mentions(dec)?,
            6 => self.read_value(dec)?,
            7 => {
                let len = dec.array(limits::BLOBS_MAX)?;
                self.files = (0..len).map(|_| index(dec)).collect::<Result<_, _>>()?;
                if self.files.is_empty() || !self.files.windows(2).all(|it| matches!(it, [a, b] if a < b)) {
                    return Err(BadRecord::Malformed);
                }
            }
            FIRST_UNKNOWN_FIELD.. => self.rest.push((key, dec.item()?.to_vec())),
            _ => return Err(BadRecord::Malformed),
        }
        Ok(())
    }

    fn read_mentions(&mut self, dec: &mut Dec<'_>) -> Result<(), BadRecord> {
        let len = dec.array(limits::MENTIONS_MAX)?;
        for _ in 0..len {
            let mention = Mention::decode(dec)?;
            if self.mentions.last().is_some_and(|last| mention <= *last) {
                return Err(BadRecord::Malformed);
            }
            self.mentions.insert(mention);
        }
        if len == 0 { Err(BadRecord::Malformed) } else { Ok(()) }
    }

    fn read_value(&mut self, dec: &mut Dec<'_>) -> Result<(), BadRecord> {
        match &mut self.what {
            What::Reaction { emoji, add } => {
                if dec.array(2)? != 2 {
                    return Err(BadRecord::Malformed);
                }
                dec.str(limits::EMOJI_BYTES_MAX)?.clone_into(emoji);
                *add = dec.bool()?;
            }
            What::Pin { add } => *add = dec.bool()?,
            What::System { code } => *code = dec.u64()?,
            What::Message | What::Edit | What::Retract | What::Topic | What::Newer { .. } => {
                return Err(BadRecord::Shape);
            }
        }
        Ok(())
    }

    fn check_shape(&self, has_value: bool) -> Result<(), BadRecord> {
        let (target, text, files) = (self.target.is_some(), self.text.is_some(), !self.files.is_empty());
        let bare = !text && !files && self.mentions.is_empty() && self.thread.is_none();
        let fits = match &self.what {
            What::Message => text || files,
            What::Edit => target && text && !files && self.thread.is_none(),
            What::Retract => target && bare,
            What::Reaction { emoji, .. } => {
                target && bare && has_value && !emoji.is_empty() && !emoji.chars().any(char::is_control)
            }
            What::Pin { .. } => target && bare && has_value,
            What::Topic => text && !target && !files && self.thread.is_none() && self.mentions.is_empty(),
            What::System { .. } => has_value && !target && !files && self.thread.is_none(),
            What::Newer { .. } => true,
        };
        if fits { Ok(()) } else { Err(BadRecord::Shape) }
    }

    fn check_blobs(&self, blobs: usize) -> Result<(), BadRecord> {
        let there = self.text.iter().chain(&self.files).all(|it| usize::from(*it) < blobs);
        let apart = self.text.is_none_or(|text| !self.files.contains(&text));
        if there && apart { Ok(()) } else { Err(BadRecord::Blob) }
    }
}

impl Mention {
    pub(super) fn encode(&self, enc: &mut Enc) {
        match self {
            Self::All => enc.u64(0),
            Self::Here => enc.u64(1),
            Self::Person(person) => enc.bytes(&person.0),
            Self::Team(team) => enc.array(2).u64(2).bytes(&team.0),
        };
    }

    fn decode(dec: &mut Dec<'_>) -> Result<Self, BadRecord> {
        use minicbor::data::Type;
        match dec.peek() {
            Some(Type::Bytes) => Ok(Self::Person(PersonId(dec.array_of()?))),
            Some(Type::Array) => match (dec.array(2)?, dec.u64()?) {
                (2, 2) => Ok(Self::Team(SpaceId(dec.array_of()?))),
                _ => Err(BadRecord::Malformed),
            },
            _ => match dec.u64()? {
                0 => Ok(Self::All),
                1 => Ok(Self::Here),
                _ => Err(BadRecord::Malformed),
            },
        }
    }
}

fn index(dec: &mut Dec<'_>) -> Result<u8, BadRecord> {
    u8::try_from(dec.u64()?).map_err(|_| BadRecord::OverLimit)
}

#[cfg(test)]
mod tests;
