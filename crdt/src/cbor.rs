//! Deterministic CBOR (RFC 8949 §4.2): one value, one encoding.
//!
//! A thin shell over `minicbor` that cannot fail when writing and refuses everything but the deterministic form when
//! reading: no indefinite lengths, no floats, shortest heads, map keys ascending, bounded depth.

use minicbor::data::Type;
use thiserror::Error;

use crate::limits;

/// Why bytes are not what was expected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// The bytes end early or hold another type than expected.
    #[error("truncated or of another type")]
    Unexpected,
    /// The value is there but not in its one deterministic encoding.
    #[error("not deterministic CBOR")]
    NotDeterministic,
    /// A length, a depth or a number breaks a limit.
    #[error("over a limit")]
    OverLimit,
    /// Bytes are left over behind the value.
    #[error("trailing bytes")]
    Trailing,
}

/// Writes deterministic CBOR. The caller keeps map keys ascending.
#[derive(Debug)]
pub struct Enc(minicbor::Encoder<Vec<u8>>);

impl Default for Enc {
    fn default() -> Self {
        Self::new()
    }
}

/// Writing into a `Vec` cannot fail, so results are dropped here, once.
macro_rules! enc {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty)?)) => {
        $(#[$doc])*
        pub fn $name(&mut self $(, $arg: $ty)?) -> &mut Self {
            self.0.$name($($arg)?).ok();
            self
        }
    };
}

impl Enc {
    /// An empty buffer.
    pub fn new() -> Self {
        Self(minicbor::Encoder::new(Vec::with_capacity(256)))
    }

    enc! {
        /// An unsigned integer.
        u64(value: u64)
    }
    enc! {
        /// A signed integer.
        i64(value: i64)
    }
    enc! {
        /// A byte string.
        bytes(value: &[u8])
    }
    enc! {
        /// A text string.
        str(value: &str)
    }
    enc! {
        /// The head of an array of that many items.
        array(len: u64)
    }
    enc! {
        /// The head of a map of that many pairs.
        map(len: u64)
    }
    enc! {
        /// `null`.
        null()
    }
    enc! {
        /// `true` or `false`.
        bool(value: bool)
    }

    /// The head of a tag.
    pub fn tag(&mut self, tag: u64) -> &mut Self {
        self.0.tag(minicbor::data::Tag::new(tag)).ok();
        self
    }

    /// Something already encoded.
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.0.writer_mut().extend_from_slice(encoded);
        self
    }

    /// An array of byte strings.
    pub fn bytes_array<'i, T: AsRef<[u8]> + 'i>(&mut self, items: &'i [T]) -> &mut Self {
        self.array(items.len() as u64);
        for item in items {
            self.bytes(item.as_ref());
        }
        self
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_writer()
    }
}

/// Reads deterministic CBOR from a byte string that may be hostile.
#[derive(Clone, Debug)]
pub struct Dec<'b> {
    inner: minicbor::Decoder<'b>,
    depth: usize,
}

/// Length of the head that deterministic CBOR gives to `value`.
fn head_len(value: u64) -> usize {
    match value {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

impl<'b> Dec<'b> {
    /// Starts at the first byte.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { inner: minicbor::Decoder::new(bytes), depth: 0 }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.inner.position()
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.inner.input().len().saturating_sub(self.inner.position())
    }

    fn shortest(&self, start: usize, value: u64, payload: usize) -> Result<(), Malformed> {
        if self.inner.position() == start + head_len(value) + payload {
            Ok(())
        } else {
            Err(Malformed::NotDeterministic)
        }
    }

    /// An unsigned integer.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        let start = self.inner.position();
        let value = self.inner.u64().map_err(|_| Malformed::Unexpected)?;
        self.shortest(start, value, 0)?;
        Ok(value)
    }

    /// An unsigned integer that fits into 32 bits.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.u64()?).map_err(|_| Malformed::OverLimit)
    }

    /// A signed integer.
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        let start = self.inner.position();
        let value = self.inner.i64().map_err(|_| Malformed::Unexpected)?;
        let magnitude = if value < 0 { !value.cast_unsigned() } else { value.cast_unsigned() };
        self.shortest(start, magnitude, 0)?;
        Ok(value)
    }

    /// `true` or `false`.
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        self.inner.bool().map_err(|_| Malformed::Unexpected)
    }

    /// A byte string of at most `max` bytes, borrowed from the input.
    pub fn bytes(&mut self, max: usize) -> Result<&'b [u8], Malformed> {
        let start = self.inner.position();
        let value = self.inner.bytes().map_err(|_| Malformed::Unexpected)?;
        self.shortest(start, value.len() as u64, value.len())?;
        if value.len() > max { Err(Malformed::OverLimit) } else { Ok(value) }
    }

    /// A byte string of exactly `N` bytes.
    pub fn array_of<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| Malformed::Unexpected)
    }

    /// A text string of at most `max` bytes, borrowed from the input.
    pub fn str(&mut self, max: usize) -> Result<&'b str, Malformed> {
        let start = self.inner.position();
        let value = self.inner.str().map_err(|_| Malformed::Unexpected)?;
        self.shortest(start, value.len() as u64, value.len())?;
        if value.len() > max { Err(Malformed::OverLimit) } else { Ok(value) }
    }

    /// Reads `null` and returns true, or reads nothing and returns false.
    pub fn null(&mut self) -> Result<bool, Malformed> {
        match self.inner.datatype().map_err(|_| Malformed::Unexpected)? {
            Type::Null => self.inner.null().map(|()| true).map_err(|_| Malformed::Unexpected),
            _ => Ok(false),
        }
    }

    /// The head of an array of at most `max` items; no allocation should trust more than [`Self::remaining`].
    pub fn array(&mut self, max: usize) -> Result<usize, Malformed> {
        let start = self.inner.position();
        let len = self.inner.array().map_err(|_| Malformed::Unexpected)?.ok_or(Malformed::NotDeterministic)?;
        self.head(start, len, max)
    }

    /// The head of a map of at most `max` pairs.
    pub fn map(&mut self, max: usize) -> Result<usize, Malformed> {
        let start = self.inner.position();
        let len = self.inner.map().map_err(|_| Malformed::Unexpected)?.ok_or(Malformed::NotDeterministic)?;
        self.head(start, len, max)
    }

    fn head(&self, start: usize, len: u64, max: usize) -> Result<usize, Malformed> {
        self.shortest(start, len, 0)?;
        let len = usize::try_from(len).map_err(|_| Malformed::OverLimit)?;
        if len > max || len > self.remaining() { Err(Malformed::OverLimit) } else { Ok(len) }
    }

    /// The head of a tag.
    pub fn tag(&mut self) -> Result<u64, Malformed> {
        let start = self.inner.position();
        let tag = self.inner.tag().map_err(|_| Malformed::Unexpected)?.as_u64();
        self.shortest(start, tag, 0)?;
        Ok(tag)
    }

    /// An array of at most `max` byte strings of `N` bytes each.
    pub fn arrays<const N: usize>(&mut self, max: usize) -> Result<Vec<[u8; N]>, Malformed> {
        let len = self.array(max)?;
        (0..len).map(|_| self.array_of::<N>()).collect()
    }

    /// Whether the next item is an integer, a byte string, …; for values of more than one type.
    pub fn peek(&self) -> Option<Type> {
        self.inner.datatype().ok()
    }

    /// Reads one whole item of any supported type and returns its bytes, checking that it is deterministic.
    pub fn item(&mut self) -> Result<&'b [u8], Malformed> {
        let start = self.inner.position();
        self.walk()?;
        self.inner.input().get(start..self.inner.position()).ok_or(Malformed::Unexpected)
    }

    fn walk(&mut self) -> Result<(), Malformed> {
        self.depth += 1;
        if self.depth > limits::CBOR_DEPTH_MAX {
            return Err(Malformed::OverLimit);
        }
        match self.peek().ok_or(Malformed::Unexpected)? {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => self.u64().map(drop)?,
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => self.i64().map(drop)?,
            Type::Bytes => self.bytes(usize::MAX).map(drop)?,
            Type::String => self.str(usize::MAX).map(drop)?,
            Type::Bool => self.bool().map(drop)?,
            Type::Null => self.null().map(drop)?,
            Type::Tag => {
                self.tag()?;
                self.walk()?;
            }
            Type::Array => {
                for _ in 0..self.array(usize::MAX)? {
                    self.walk()?;
                }
            }
            Type::Map => self.walk_map()?,
            _ => return Err(Malformed::NotDeterministic),
        }
        self.depth -= 1;
        Ok(())
    }

    fn walk_map(&mut self) -> Result<(), Malformed> {
        let mut last: &[u8] = &[];
        for _ in 0..self.map(usize::MAX)? {
            let key = self.item()?;
            if key <= last {
                return Err(Malformed::NotDeterministic);
            }
            last = key;
            self.walk()?;
        }
        Ok(())
    }

    /// Succeeds iff everything was read.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.remaining() == 0 { Ok(()) } else { Err(Malformed::Trailing) }
    }
}

/// Reads a map with ascending unsigned keys; absent keys are simply not seen.
#[derive(Debug)]
pub struct Fields {
    left: usize,
    last: Option<u64>,
}

impl Fields {
    /// Reads the head of a map of at most `max` pairs.
    pub fn open(dec: &mut Dec<'_>, max: usize) -> Result<Self, Malformed> {
        Ok(Self { left: dec.map(max)?, last: None })
    }

    /// The next key, or `None` at the end. The caller reads the value before it asks again.
    pub fn key(&mut self, dec: &mut Dec<'_>) -> Result<Option<u64>, Malformed> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let key = dec.u64()?;
        if self.last.is_some_and(|last| key <= last) {
            return Err(Malformed::NotDeterministic);
        }
        self.last = Some(key);
        Ok(Some(key))
    }
}

#[cfg(test)]
mod tests;
