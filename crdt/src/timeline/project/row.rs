//! What is drawn for one record, and the digest over rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::cbor::Enc;
use crate::entry::BlobRef;
use crate::id::{DeviceId, EntryId, PersonId, sha256};
use crate::time::Timestamp;
use crate::timeline::placed::Order;
use crate::timeline::record::{BadRecord, Mention};

/// A sealed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    /// Under which key.
    pub epoch: EntryId,
    /// Which blob.
    pub blob: BlobRef,
}

/// One version of an edited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its place; decides which is the newest.
    pub order: Order,
    /// The message or the edit.
    pub id: EntryId,
    /// What it said. `None` for a message without text.
    pub text: Option<Text>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// A message.
    Message,
    /// The topic was set to the text.
    Topic,
    /// An event.
    System {
        /// Which.
        code: u64,
    },
    /// "Needs a newer Artel".
    Newer {
        /// The unknown type.
        number: u64,
    },
    /// Not readable as a record.
    Bad,
}

/// Why a row shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hidden {
    /// Its content is not a valid record.
    Bad(BadRecord),
    /// The authority does not know its device.
    UnknownAuthor,
    /// Its author may not write here.
    NotPermitted,
    /// Written by a removed device above the cut.
    Cut,
    /// Learnt after a removal whose cut is not known yet; this alone may differ between replicas for a while.
    Held,
    /// Its time is over, or somebody who may has asked for it: its text is erased by every honest holder.
    Forgotten,
    /// The record is a note and not a row; asking for it as one is a mistake of the caller.
    Note,
}

impl Hidden {
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bad(_) => "bad",
            Self::UnknownAuthor => "unknown_author",
            Self::NotPermitted => "not_permitted",
            Self::Cut => "cut",
            Self::Held => "held",
            Self::Forgotten => "forgotten",
            Self::Note => "note",
        }
    }
}

/// What is drawn. A hidden or retracted row keeps its place, author and thread and nothing of what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The record's entry.
    pub id: EntryId,
    /// Its place.
    pub order: Order,
    /// The epoch, and so the segment, it belongs to.
    pub epoch: EntryId,
    /// Who wrote it; the device is in the order.
    pub author: Option<PersonId>,
    /// What it is.
    pub kind: RowKind,
    /// The text as last edited.
    pub text: Option<Text>,
    /// Descriptions of its files.
    pub files: Vec<Text>,
    /// Whom it calls, as last edited and as far as its author may.
    pub mentions: BTreeSet<Mention>,
    /// The record it answers; may be missing here.
    pub reply_to: Option<EntryId>,
    /// First message of its thread; may be missing here.
    pub thread: Option<EntryId>,
    /// Place of the edit that stands.
    pub edited: Option<Order>,
    /// All versions by place, the message first; empty unless edited.
    pub history: Vec<Version>,
    /// Who took it back.
    pub retracted_by: Option<PersonId>,
    /// Why it shows nothing.
    pub hidden: Option<Hidden>,
    /// Above a cut, but shown because of this device.
    pub vouched: Option<DeviceId>,
    /// Persons by emoji.
    pub reactions: BTreeMap<String, BTreeSet<PersonId>>,
    /// Who pinned it, while it is pinned.
    pub pinned_by: Option<PersonId>,
    /// It has notes that this Artel does not understand.
    pub newer: bool,
    /// Its clock is ahead: drawn last, with a mark, and not in the digest.
    pub ahead: bool,
    /// When the row is to be made again, because something about it stops being ahead.
    pub due: Option<Timestamp>,
}

impl Row {
    /// Whether there is something to read.
    pub fn is_visible(&self) -> bool {
        self.hidden.is_none() && self.retracted_by.is_none()
    }

    /// What rows are sorted by on the screen: those that are ahead come last.
    pub fn screen_place(&self) -> (bool, Order, EntryId) {
        (self.ahead, self.order, self.id)
    }

    /// What all replicas agree on.
    fn digest_part(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(12).bytes(&self.id.0).bytes(&self.order.to_key());
        encode_id(&mut enc, self.author.as_ref().map(|it| it.0.as_slice()));
        match self.kind {
            RowKind::Message => enc.u64(0),
            RowKind::Topic => enc.u64(1),
            RowKind::System { code } => enc.array(2).u64(2).u64(code),
            RowKind::Newer { number } => enc.array(2).u64(3).u64(number),
            RowKind::Bad => enc.u64(4),
        };
        enc.array((1 + self.files.len()) as u64);
        encode_id(&mut enc, self.text.as_ref().map(|it| it.blob.hash.0.as_slice()));
        for file in &self.files {
            enc.bytes(&file.blob.hash.0);
        }
        enc.array(self.mentions.len() as u64);
        self.mentions.iter().for_each(|it| it.encode(&mut enc));
        encode_id(&mut enc, self.reply_to.as_ref().map(|it| it.0.as_slice()));
        encode_id(&mut enc, self.thread.as_ref().map(|it| it.0.as_slice()));
        enc.array(self.history.len() as u64);
        for version in &self.history {
            enc.bytes(&version.id.0);
        }
        encode_id(&mut enc, self.retracted_by.as_ref().map(|it| it.0.as_slice()));
        enc.array(2).str(self.hidden.map_or("", Hidden::name));
        encode_id(&mut enc, self.pinned_by.as_ref().map(|it| it.0.as_slice()));
        enc.array(self.reactions.len() as u64);
        for (emoji, persons) in &self.reactions {
            enc.array((1 + persons.len()) as u64).str(emoji);
            for person in persons {
                enc.bytes(&person.0);
            }
        }
        enc.finish()
    }
}

fn encode_id(enc: &mut Enc, id: Option<&[u8]>) {
    match id {
        Some(id) => enc.bytes(id),
        None => enc.null(),
    };
}

/// SHA-256 over rows, in any order, duplicates allowed: equal on replicas that hold the same and know the same authority.
/// Not in it: rows that are ahead or held, and everything local (vouching, when they arrived, what was erased).
pub fn rows_digest<'r>(rows: impl IntoIterator<Item = &'r Row>) -> [u8; 32] {
    let settled = rows.into_iter().filter(|it| !it.ahead && it.hidden != Some(Hidden::Held));
    let parts: BTreeMap<(Order, EntryId), [u8; 32]> =
        settled.map(|it| ((it.order, it.id), sha256(&[&it.digest_part()]))).collect();
    let bytes: Vec<u8> = parts.into_values().flatten().collect();
    sha256(&[b"artel/rows/1", &bytes])
}
