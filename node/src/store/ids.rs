//! The small opaque ids and coordinates in which the store speaks.
//!
//! The store never looks inside an id: to it they are arrays of a fixed size that sort by their bytes.

use std::fmt;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl From<[u8; $bytes]> for $name {
            fn from(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "("))?;
                // Four bytes tell two ids apart in a log; more only makes the line long.
                for byte in self.0.iter().take(4) {
                    write!(f, "{byte:02x}")?;
                }
                write!(f, "…)")
            }
        }
    };
}

opaque_id!(
    /// A space: 16 bytes, random or the head of a hash.
    SpaceKey,
    16
);
opaque_id!(
    /// A device: 16 bytes, the head of a hash.
    DeviceKey,
    16
);
opaque_id!(
    /// An entry: 32 bytes of SHA-256.
    EntryKey,
    32
);
opaque_id!(
    /// A blob: SHA-256 of its bytes as stored.
    BlobHash,
    32
);
opaque_id!(
    /// An epoch, or whatever else groups the small blobs of a space that are dropped together.
    EpochKey,
    32
);

/// One log of a space: a device and its incarnation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogKey {
    /// The writing device.
    pub device: DeviceKey,
    /// The incarnation of the device's log.
    pub inc: [u8; 8],
}

/// The place of a record in the one order that is equal everywhere: time, counter, device, sequence number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OrderKey {
    /// Milliseconds of the hybrid clock.
    pub ms: u64,
    /// Counter of the hybrid clock within the millisecond.
    pub ctr: u32,
    /// The writing device.
    pub device: DeviceKey,
    /// Sequence number in the device's log.
    pub seq: u64,
}

impl OrderKey {
    /// Before every real key.
    pub const MIN: Self = Self { ms: 0, ctr: 0, device: DeviceKey([0; 16]), seq: 0 };
    /// After every real key.
    pub const MAX: Self = Self { ms: u64::MAX, ctr: u32::MAX, device: DeviceKey([0xff; 16]), seq: u64::MAX };

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ms.to_be_bytes());
        out.extend_from_slice(&self.ctr.to_be_bytes());
        out.extend_from_slice(&self.device.0);
        out.extend_from_slice(&self.seq.to_be_bytes());
    }

    pub(super) fn take(reader: &mut Fields<'_>) -> Option<Self> {
        Some(Self { ms: reader.u64()?, ctr: reader.u32()?, device: DeviceKey(reader.array()?), seq: reader.u64()? })
    }
}

/// A place in the journal: where a record begins, or where the next one will.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Number of the journal file, from 1.
    pub file: u32,
    /// Byte offset in that file.
    pub offset: u64,
}

impl Position {
    /// The beginning of every journal.
    pub const START: Self = Self { file: 1, offset: 0 };
}

/// A cursor over fixed-size fields; every getter answers `None` instead of reading past the end.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// `Some` only when everything was read: trailing bytes mean a value of another make.
    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Lower-case hexadecimal, the form of every opaque file name.
pub(super) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}

/// The inverse of [`hex`] for 16 bytes; `None` for anything else.
pub(super) fn unhex16(text: &str) -> Option<[u8; 16]> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
