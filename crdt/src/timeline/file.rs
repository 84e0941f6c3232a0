//! What a message says of a file: its name, size and key, and the hashes by which its pieces are known.
//!
//! ```text
//! file = piece*                     sealed one by one, all but the last of one length (see `seal::piece`)
//! list = SHA-256(piece)*            of up to 2 048 pieces, itself fetched and checked by its hash
//! description = {…, lists: SHA-256(list)*}   a sealed blob of the message
//! ```
//!
//! The description of a file of 1 GiB has 9 hashes, so it travels with its message. From it every list, and from a list
//! every piece, is checked by whoever fetches it before it counts: a holder can be slow or silent, never wrong unnoticed.

use crate::cbor::{Dec, Enc, Fields, Malformed};
use crate::id::{BlobHash, sha256};
use crate::limits;
use crate::seal::{Key, PIECE_BYTES, SEALED_PIECE_BYTES};

/// Fields of a description at most: seven now, the rest for later.
const FIELDS_MAX: usize = 16;
/// Bytes of one hash in a list.
const HASH_BYTES: usize = 32;

/// The description of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// The name its sender gave it, 1 to [`limits::FILE_NAME_BYTES_MAX`] bytes. Of foreign make: to be made safe before
    /// it touches a file system, and shown without direction marks.
    pub name: String,
    /// Media type such as `image/png`; empty if the sender did not know.
    pub media: String,
    /// Length of the file in bytes, at most [`limits::FILE_BYTES_MAX`].
    pub size: u64,
    /// The key of its pieces, drawn for this file.
    pub key: Key,
    /// Hashes of the lists, as many as the size asks for; none for an empty file.
    pub lists: Vec<BlobHash>,
    /// Width and height in pixels, for a picture.
    pub pixels: Option<(u32, u32)>,
    /// A small JPEG of a picture, at most [`limits::THUMBNAIL_BYTES_MAX`]. Of foreign make: decode it with limits.
    pub thumbnail: Option<Vec<u8>>,
    /// Fields of a newer Artel: number and encoded value, ascending.
    pub rest: Vec<(u64, Vec<u8>)>,
}

/// How many pieces a file of that many bytes has.
pub fn pieces(size: u64) -> u64 {
    size.div_ceil(PIECE_BYTES as u64)
}

/// How many lists of hashes.
pub fn lists(size: u64) -> u64 {
    pieces(size).div_ceil(limits::LIST_PIECES_MAX as u64)
}

/// Bytes of all sealed pieces together.
pub fn sealed_bytes(size: u64) -> u64 {
    size.saturating_add(pieces(size).saturating_mul((SEALED_PIECE_BYTES - PIECE_BYTES) as u64))
}

/// Length of sealed piece `number`, counted from 0; `None` if the file has no such piece.
pub fn sealed_piece_bytes(size: u64, number: u64) -> Option<usize> {
    let before = number.checked_mul(SEALED_PIECE_BYTES as u64)?;
    let left = sealed_bytes(size).checked_sub(before).filter(|left| *left > 0)?;
    Some(usize::try_from(left).map_or(SEALED_PIECE_BYTES, |left| left.min(SEALED_PIECE_BYTES)))
}

/// The hashes of a list, or `None` if these bytes are not list `number` of the file.
pub fn open_list(file: &FileInfo, number: usize, bytes: &[u8]) -> Option<Vec<BlobHash>> {
    let expected = file.lists.get(number)?;
    let before = (number as u64).checked_mul(limits::LIST_PIECES_MAX as u64)?;
    let count = pieces(file.size).checked_sub(before)?.min(limits::LIST_PIECES_MAX as u64);
    if bytes.len() as u64 != count * HASH_BYTES as u64 || BlobHash::of(bytes) != *expected {
        return None;
    }
    Some(bytes.chunks_exact(HASH_BYTES).filter_map(|it| it.try_into().ok().map(BlobHash)).collect())
}

/// The lists of these pieces, in order, as they travel.
pub fn make_lists(pieces: &[BlobHash]) -> Vec<Vec<u8>> {
    pieces.chunks(limits::LIST_PIECES_MAX).map(|part| part.iter().flat_map(|it| it.0).collect()).collect()
}

impl FileInfo {
    /// Under which the pieces are kept and asked for: SHA-256("artel/file/1" ‖ hashes of the lists). Only who can open
    /// the description knows it.
    pub fn root(&self) -> BlobHash {
        let lists: Vec<u8> = self.lists.iter().flat_map(|it| it.0).collect();
        BlobHash(sha256(&[b"artel/file/1", &lists]))
    }

    /// The deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let optional = [!self.lists.is_empty(), self.pixels.is_some(), self.thumbnail.is_some()];
        let mut enc = Enc::new();
        enc.map((4 + optional.iter().filter(|it| **it).count() + self.rest.len()) as u64);
        enc.u64(1).str(&self.name).u64(2).str(&self.media).u64(3).u64(self.size).u64(4).bytes(self.key.expose());
        if !self.lists.is_empty() {
            enc.u64(5).array(self.lists.len() as u64);
            for list in &self.lists {
                enc.bytes(&list.0);
            }
        }
        if let Some((width, height)) = self.pixels {
            enc.u64(6).array(2).u64(u64::from(width)).u64(u64::from(height));
        }
        if let Some(thumbnail) = &self.thumbnail {
            enc.u64(7).bytes(thumbnail);
        }
        for (number, value) in &self.rest {
            enc.u64(*number).raw(value);
        }
        enc.finish()
    }

    /// Reads a description.
    ///
    /// # Errors
    /// Anything but the deterministic encoding of one with its lists, within the limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut whole = Dec::new(bytes);
        whole.item()?;
        whole.end()?;
        let mut dec = Dec::new(bytes);
        let mut fields = Fields::open(&mut dec, FIELDS_MAX)?;
        let mut expect = |dec: &mut Dec<'_>, number| match fields.key(dec)? {
            Some(key) if key == number => Ok(()),
            _ => Err(Malformed::Unexpected),
        };
        expect(&mut dec, 1)?;
        let name = dec.str(limits::FILE_NAME_BYTES_MAX)?.to_owned();
        expect(&mut dec, 2)?;
        let media = dec.str(limits::MEDIA_TYPE_BYTES_MAX)?.to_owned();
        expect(&mut dec, 3)?;
        let size = dec.u64()?;
        expect(&mut dec, 4)?;
        let key = Key::from_bytes(dec.array_of()?);
        let mut file =
            Self { name, media, size, key, lists: Vec::new(), pixels: None, thumbnail: None, rest: Vec::new() };
        while let Some(key) = fields.key(&mut dec)? {
            file.read_field(&mut dec, key)?;
        }
        let named = !file.name.is_empty();
        let fits = file.size <= limits::FILE_BYTES_MAX && file.lists.len() as u64 == lists(file.size);
        if named && fits { Ok(file) } else { Err(Malformed::OverLimit) }
    }

    fn read_field(&mut self, dec: &mut Dec<'_>, key: u64) -> Result<(), Malformed> {
        match key {
            5 => {
                self.lists = dec.arrays(limits::FILE_LISTS_MAX)?.into_iter().map(BlobHash).collect();
                if self.lists.is_empty() {
                    return Err(Malformed::NotDeterministic);
                }
            }
            6 => match dec.array(2)? {
                2 => self.pixels = Some((dec.u32()?, dec.u32()?)),
                _ => return Err(Malformed::Unexpected),
            },
            7 => self.thumbnail = Some(dec.bytes(limits::THUMBNAIL_BYTES_MAX)?.to_vec()),
            8.. => self.rest.push((key, dec.item()?.to_vec())),
            _ => return Err(Malformed::Unexpected),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
