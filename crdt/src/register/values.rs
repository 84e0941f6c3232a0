//! What registers hold: a name, where it lives, what its key is, and the codec of its value.
//!
//! Values are clear here; personal ones are sealed before they are signed.

use std::collections::BTreeMap;

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::id::{BlobHash, EntryId, SpaceId};
use crate::timeline::Order;
use crate::timeline::unread::Level;

/// In each space, key empty, value [`encode_order`]: this device holds all it was offered up to there. Clear.
pub const HELD_TO: &str = "held_to";
/// In each space, key empty, value [`encode_order`]: the person has read up to there and lets the others know. Clear.
pub const READ_TO: &str = "read_to";
/// In the self space, key = [`space_key`], value [`encode_order`]: where the person is. Maximum over devices. Sealed.
pub const POSITION: &str = "position";
/// In the self space, key = [`space_key`], value [`encode_mark`]: "mark unread from here". Newest over devices. Sealed.
pub const UNREAD: &str = "unread";
/// In the self space, key = [`thread_key`], value [`encode_draft`]: one per device, the window offers all. Sealed.
pub const DRAFT: &str = "draft";
/// In the self space, key = [`space_key`], value [`encode_level`]: what to be told of. Newest over devices. Sealed.
pub const LEVEL: &str = "level";
/// In the self space, key = entry id, value [`encode_flag`]: a saved message. Newest over devices. Sealed.
pub const SAVED: &str = "saved";
/// In the self space, key = [`space_key`], value [`encode_flag`]: a public channel that the person does not want to see, or
/// wants to. Newest over devices. Sealed.
pub const LEFT: &str = "left";
/// In the self space, key = [`space_key`], value [`encode_flag`]: a place that the person keeps at the top. Newest over
/// devices. Sealed.
pub const FAVOURITE: &str = "favourite";
/// In the self space, key = 16 random bytes, value [`Later`] or null: a message to be sent at a time. Only the device that
/// wrote it sends it. Sealed.
pub const LATER: &str = "later";
/// In the organisation space, key empty, value [`Profile`]. Newest over the person's devices. Sealed.
pub const PROFILE: &str = "profile";
/// In the organisation space, key empty, value [`encode_picture`]. Newest over the person's devices. Sealed.
pub const AVATAR: &str = "avatar";
/// In the organisation space, key empty, value [`Presence`]. Greatest over the person's devices. Clear.
pub const PRESENCE: &str = "presence";

/// Longest text of a draft, bytes: what fits into a register. A longer one is not kept.
pub const DRAFT_BYTES_MAX: usize = 60 * 1024;
/// Longest text of one field of a profile, bytes.
pub const FIELD_BYTES_MAX: usize = 1_024;
/// Largest picture of a person, bytes. Everybody keeps that of everybody, and registers are compared whole.
pub const PICTURE_BYTES_MAX: usize = 8 * 1_024;

/// The key of a register about a space.
pub fn space_key(space: &SpaceId) -> Vec<u8> {
    space.0.to_vec()
}

/// The key of a register about a space or one of its threads.
pub fn thread_key(space: &SpaceId, thread: Option<&EntryId>) -> Vec<u8> {
    let mut key = space.0.to_vec();
    if let Some(thread) = thread {
        key.extend_from_slice(&thread.0);
    }
    key
}

/// The inverse of [`thread_key`] and [`space_key`]; `None` for anything else.
pub fn read_thread_key(key: &[u8]) -> Option<(SpaceId, Option<EntryId>)> {
    let (space, thread) = key.split_first_chunk::<16>()?;
    match thread {
        [] => Some((SpaceId(*space), None)),
        thread => Some((SpaceId(*space), Some(EntryId::from_slice(thread)?))),
    }
}

/// A place in a timeline.
pub fn encode_order(order: &Order) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.bytes(&order.to_key());
    enc.finish()
}

/// The inverse of [`encode_order`].
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_order(value: &[u8]) -> Result<Order, Malformed> {
    decode_mark(value)?.ok_or(Malformed::Unexpected)
}

/// The greatest place among values of several devices; what is no place is passed over.
pub fn max_order<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Option<Order> {
    values.into_iter().filter_map(|it| decode_order(it).ok()).max()
}

/// A place, or none: the mark is taken away.
pub fn encode_mark(mark: Option<&Order>) -> Vec<u8> {
    let mut enc = Enc::new();
    match mark {
        Some(order) => enc.bytes(&order.to_key()),
        None => enc.null(),
    };
    enc.finish()
}

/// The inverse of [`encode_mark`].
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_mark(value: &[u8]) -> Result<Option<Order>, Malformed> {
    read(value, |dec| match dec.null()? {
        true => Ok(None),
        false => Order::from_key(dec.bytes(Order::KEY_SIZE)?).map(Some).ok_or(Malformed::Unexpected),
    })
}

/// The text of a draft; empty: none.
pub fn encode_draft(text: &str) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.str(text);
    enc.finish()
}

/// The inverse of [`encode_draft`].
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_draft(value: &[u8]) -> Result<String, Malformed> {
    read(value, |dec| dec.str(DRAFT_BYTES_MAX).map(str::to_owned))
}

/// Files that go with a message that is sent later; as many as with any other.
pub const LATER_FILES_MAX: usize = 15;
/// Bytes of a path or a name.
const PATH_BYTES_MAX: usize = 4_096;

/// A message that is to be sent at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Where to.
    pub space: SpaceId,
    /// The first message of the thread it belongs to.
    pub thread: Option<EntryId>,
    /// When, milliseconds since 1970.
    pub at: u64,
    /// What; at most [`DRAFT_BYTES_MAX`]; empty where files go alone.
    pub text: String,
    /// Files of this computer that go with it: path and name; at most [`LATER_FILES_MAX`].
    pub files: Vec<(String, String)>,
}

/// A message to be sent later, or none: it was sent or given up.
pub fn encode_later(later: Option<&Later>) -> Vec<u8> {
    let mut enc = Enc::new();
    match later {
        None => drop(enc.null()),
        Some(it) => {
            enc.map(3 + u64::from(it.thread.is_some()) + u64::from(!it.files.is_empty()));
            enc.u64(1).bytes(&it.space.0).u64(2).u64(it.at).u64(3).str(&it.text);
            if let Some(thread) = &it.thread {
                enc.u64(4).bytes(&thread.0);
            }
            if !it.files.is_empty() {
                enc.u64(5).array(it.files.len() as u64);
                for (path, name) in &it.files {
                    enc.array(2).str(path).str(name);
                }
            }
        }
    }
    enc.finish()
}

/// The inverse of [`encode_later`].
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_later(value: &[u8]) -> Result<Option<Later>, Malformed> {
    read(value, |dec| {
        if dec.null()? {
            return Ok(None);
        }
        let mut fields = Fields::open(dec, 5)?;
        let (mut space, mut at, mut text, mut thread, mut files) = (None, None, None, None, Vec::new());
        while let Some(key) = fields.key(dec)? {
            match key {
                1 => space = Some(SpaceId(dec.array_of()?)),
                2 => at = Some(dec.u64()?),
                3 => text = Some(dec.str(DRAFT_BYTES_MAX)?.to_owned()),
                4 => thread = Some(EntryId(dec.array_of()?)),
                5 => files = decode_files(dec)?,
                _ => return Err(Malformed::Unexpected),
            }
        }
        let (Some(space), Some(at), Some(text)) = (space, at, text) else { return Err(Malformed::Unexpected) };
        Ok(Some(Later { space, thread, at, text, files }))
    })
}

/// Paths and names, one at least.
fn decode_files(dec: &mut Dec<'_>) -> Result<Vec<(String, String)>, Malformed> {
    let count = dec.array(LATER_FILES_MAX)?;
    if count == 0 {
        return Err(Malformed::Unexpected);
    }
    let file = |dec: &mut Dec<'_>| {
        let 2 = dec.array(2)? else { return Err(Malformed::Unexpected) };
        Ok((dec.str(PATH_BYTES_MAX)?.to_owned(), dec.str(PATH_BYTES_MAX)?.to_owned()))
    };
    (0..count).map(|_| file(dec)).collect()
}

/// What to be told of.
pub fn encode_level(level: Level) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.u64(match level {
        Level::All => 0,
        Level::Mentions => 1,
        Level::Nothing => 2,
    });
    enc.finish()
}

/// The inverse of [`encode_level`].
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_level(value: &[u8]) -> Result<Level, Malformed> {
    read(value, |dec| match dec.u64()? {
        0 => Ok(Level::All),
        1 => Ok(Level::Mentions),
        2 => Ok(Level::Nothing),
        _ => Err(Malformed::OverLimit),
    })
}

/// Yes or no.
pub fn encode_flag(flag: bool) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.bool(flag);
    enc.finish()
}

/// The inverse of [`encode_flag`].
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_flag(value: &[u8]) -> Result<bool, Malformed> {
    read(value, Dec::bool)
}

/// A small picture, a JPEG; empty: none.
pub fn encode_picture(picture: &[u8]) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.bytes(picture);
    enc.finish()
}

/// The inverse of [`encode_picture`]. What the bytes are is for the reader to doubt.
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn decode_picture(value: &[u8]) -> Result<Vec<u8>, Malformed> {
    read(value, |dec| dec.bytes(PICTURE_BYTES_MAX).map(<[u8]>::to_vec))
}

/// What a person tells about herself. Her name is in the authority, not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Position in the organisation.
    pub title: String,
    /// A sentence of the moment.
    pub status: String,
    /// How to call.
    pub phone: String,
    /// Anything else.
    pub about: String,
    /// A picture.
    pub avatar: Option<BlobHash>,
}

impl Profile {
    /// Deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.map(if self.avatar.is_some() { 5 } else { 4 });
        enc.u64(1).str(&self.title).u64(2).str(&self.status).u64(3).str(&self.phone).u64(4).str(&self.about);
        if let Some(avatar) = &self.avatar {
            enc.u64(5).bytes(&avatar.0);
        }
        enc.finish()
    }

    /// The inverse of [`Self::encode`]. Fields of a newer Artel are passed over, missing ones are empty.
    ///
    /// # Errors
    /// [`Malformed`] for anything else, and for a text over 1 KiB.
    pub fn decode(value: &[u8]) -> Result<Self, Malformed> {
        read(value, |dec| {
            let mut fields = Fields::open(dec, 32)?;
            let (mut texts, mut avatar) = (BTreeMap::new(), None);
            while let Some(key) = fields.key(dec)? {
                match key {
                    1..=4 => drop(texts.insert(key, dec.str(FIELD_BYTES_MAX)?.to_owned())),
                    5 => avatar = Some(BlobHash(dec.array_of()?)),
                    _ => drop(dec.item()?),
                }
            }
            let mut text = |key| texts.remove(&key).unwrap_or_default();
            Ok(Self { title: text(1), status: text(2), phone: text(3), about: text(4), avatar })
        })
    }
}

impl Profile {
    /// Whether every text is short enough to be told.
    pub fn fits(&self) -> bool {
        [&self.title, &self.status, &self.phone, &self.about].iter().all(|it| it.len() <= FIELD_BYTES_MAX)
    }
}

/// Whether a person can be reached. Ordered: over several devices the greatest counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Not at the desk.
    #[default]
    Away,
    /// At the desk.
    Here,
    /// At the desk, and does not want to be disturbed.
    Busy,
}

impl Presence {
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Here => "here",
            Self::Busy => "busy",
        }
    }

    /// The inverse of [`Self::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Away, Self::Here, Self::Busy].into_iter().find(|it| it.name() == name)
    }

    /// The value of the register.
    pub fn encode(self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.u64(match self {
            Self::Away => 0,
            Self::Here => 1,
            Self::Busy => 2,
        });
        enc.finish()
    }

    /// The inverse of [`Self::encode`].
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn decode(value: &[u8]) -> Result<Self, Malformed> {
        read(value, |dec| match dec.u64()? {
            0 => Ok(Self::Away),
            1 => Ok(Self::Here),
            2 => Ok(Self::Busy),
            _ => Err(Malformed::OverLimit),
        })
    }
}

fn read<'v, T>(value: &'v [u8], body: impl FnOnce(&mut Dec<'v>) -> Result<T, Malformed>) -> Result<T, Malformed> {
    let mut dec = Dec::new(value);
    let read = body(&mut dec)?;
    dec.end()?;
    Ok(read)
}

#[cfg(test)]
mod tests;
