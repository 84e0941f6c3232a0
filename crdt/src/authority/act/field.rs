//! Values that the fields of acts hold.

use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{CertId, DeviceId, EntryId, Inc, InviteId, PersonId, SealKeyId, SpaceId};
use crate::invite::PskBox;
use crate::limits;

/// Most items of one list in an act.
const LIST_MAX: usize = 4_096;

/// A value that a field of an act can hold.
pub trait Field: Sized {
    /// Writes it.
    fn put(&self, enc: &mut Enc);
    /// Reads it.
    ///
    /// # Errors
    /// Anything but its deterministic encoding.
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed>;
}

macro_rules! bytes_field {
    ($($ty:ident)*) => {$(
        impl Field for $ty {
            fn put(&self, enc: &mut Enc) {
                enc.bytes(&self.0);
            }
            fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
                dec.array_of().map(Self)
            }
        }
    )*};
}
bytes_field!(PersonId DeviceId SpaceId InviteId SealKeyId CertId EntryId Inc);

impl<const N: usize> Field for [u8; N] {
    fn put(&self, enc: &mut Enc) {
        enc.bytes(self);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        dec.array_of()
    }
}

impl Field for u64 {
    fn put(&self, enc: &mut Enc) {
        enc.u64(*self);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        dec.u64()
    }
}

impl Field for bool {
    fn put(&self, enc: &mut Enc) {
        enc.bool(*self);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        dec.bool()
    }
}

impl Field for String {
    fn put(&self, enc: &mut Enc) {
        enc.str(self);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        dec.str(limits::NAME_BYTES_MAX).map(str::to_owned)
    }
}

/// The payload of an entry inside a fork proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Field for Bytes {
    fn put(&self, enc: &mut Enc) {
        enc.bytes(&self.0);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        dec.bytes(limits::ACT_BYTES_MAX).map(|it| Self(it.to_vec()))
    }
}

impl<T: Field> Field for Vec<T> {
    fn put(&self, enc: &mut Enc) {
        enc.array(self.len() as u64);
        self.iter().for_each(|it| it.put(enc));
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        let len = dec.array(LIST_MAX)?;
        (0..len).map(|_| T::take(dec)).collect()
    }
}

/// The last accepted position of one log of somebody who is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CutAt {
    /// The device.
    pub device: DeviceId,
    /// Its log's incarnation.
    pub inc: Inc,
    /// Last accepted position.
    pub seq: u64,
    /// The entry there.
    pub id: EntryId,
}

impl Field for CutAt {
    fn put(&self, enc: &mut Enc) {
        enc.array(4);
        self.device.put(enc);
        self.inc.put(enc);
        self.seq.put(enc);
        self.id.put(enc);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        match dec.array(4)? {
            4 => Ok(Self { device: Field::take(dec)?, inc: Field::take(dec)?, seq: dec.u64()?, id: Field::take(dec)? }),
            _ => Err(Malformed::Unexpected),
        }
    }
}

impl Field for PskBox {
    fn put(&self, enc: &mut Enc) {
        self.encode(enc);
    }
    fn take(dec: &mut Dec<'_>) -> Result<Self, Malformed> {
        Self::decode(dec)
    }
}
