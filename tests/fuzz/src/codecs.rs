//! Decoders of everything that is not signed by itself.

use artel_crdt::authority::{Act, Field, Policy};
use artel_crdt::cbor::{Dec, Enc, Malformed};
use artel_crdt::register::values::{self, Presence, Profile};
use artel_crdt::roster::{Roster, RosterAct};
use artel_crdt::seal::{self, Cut, EpochBody, Forget, Grant};
use artel_crdt::sync::Message;
use artel_crdt::timeline::{FileInfo, Order, Placed, Record};

use crate::canonical;

pub(crate) fn act(bytes: &[u8]) {
    // Of an act of a newer Artel only the number is kept: it is never written again.
    if let Ok(act) = Act::decode(bytes).map_err(drop)
        && !matches!(act, Act::Unknown(_))
    {
        assert_eq!(act.encode(), bytes, "{act:?}");
    }
}

pub(crate) fn policy(bytes: &[u8]) {
    let mut dec = Dec::new(bytes);
    let read = Policy::take(&mut dec).and_then(|it| dec.end().map(|()| it));
    canonical(bytes, read, |it| {
        let mut enc = Enc::new();
        it.put(&mut enc);
        enc.finish()
    });
}

pub(crate) fn epoch(bytes: &[u8]) {
    canonical(bytes, EpochBody::decode(bytes), EpochBody::encode);
}

pub(crate) fn grant(bytes: &[u8]) {
    canonical(bytes, Grant::decode(bytes), Grant::encode);
}

pub(crate) fn cut(bytes: &[u8]) {
    canonical(bytes, Cut::decode(bytes), Cut::encode);
}

pub(crate) fn forget(bytes: &[u8]) {
    canonical(bytes, Forget::decode(bytes), Forget::encode);
}

pub(crate) fn stanzas(bytes: &[u8]) {
    canonical(bytes, seal::decode_stanzas(bytes), |it| seal::encode_stanzas(it));
}

pub(crate) fn roster_act(bytes: &[u8]) {
    if let Ok(act) = RosterAct::decode(bytes)
        && let Some(encoded) = act.encode()
    {
        assert_eq!(encoded, bytes, "{act:?}");
    }
}

pub(crate) fn file(bytes: &[u8]) {
    canonical(bytes, FileInfo::decode(bytes), FileInfo::encode);
}

pub(crate) fn roster(bytes: &[u8]) {
    canonical(bytes, Roster::from_snapshot(bytes), |(roster, known)| roster.encode(known));
}

/// The first byte is the number of blobs that the entry has.
pub(crate) fn record(bytes: &[u8]) {
    let Some((blobs, bytes)) = bytes.split_first() else { return };
    let blobs = usize::from(*blobs % 20);
    if let Some(record) = canonical(bytes, Record::decode(bytes, blobs), Record::encode) {
        assert!(record.text.iter().chain(&record.files).all(|it| usize::from(*it) < blobs), "{record:?}");
        assert_eq!(Record::decode(bytes, 20).unwrap(), record, "more blobs change nothing");
    }
}

pub(crate) fn placed(bytes: &[u8]) {
    if let Some(placed) = canonical(bytes, Placed::decode(bytes), Placed::encode) {
        assert_eq!(Order::from_key(&placed.order.to_key()), Some(placed.order));
        assert!(placed.files().len() <= placed.blobs.len());
        assert!(placed.text().is_none_or(|it| placed.blobs.contains(&it)));
    }
}

pub(crate) fn message(bytes: &[u8]) {
    let Some(message) = canonical(bytes, Message::decode(bytes), Message::encode) else { return };
    if let Message::Heads { space, logs, answer } = message {
        for part in Message::heads(space, logs, answer) {
            assert_eq!(Message::decode(&part.encode()).as_ref(), Ok(&part));
        }
    }
}

pub(crate) fn values(bytes: &[u8]) {
    canonical(bytes, values::decode_order(bytes), values::encode_order);
    canonical(bytes, values::decode_mark(bytes), |it| values::encode_mark(it.as_ref()));
    canonical(bytes, values::decode_draft(bytes), |it| values::encode_draft(it));
    canonical(bytes, values::decode_level(bytes), |it| values::encode_level(*it));
    canonical(bytes, values::decode_flag(bytes), |it| values::encode_flag(*it));
    canonical(bytes, Presence::decode(bytes), |it| it.encode());
    // A profile passes over what a newer Artel adds.
    if let Ok(profile) = Profile::decode(bytes) {
        assert_eq!(Profile::decode(&profile.encode()), Ok(profile));
    }
    if let Some((space, thread)) = values::read_thread_key(bytes) {
        assert_eq!(values::thread_key(&space, thread.as_ref()), bytes);
    }
}

/// What [`Dec::item`] accepts is what an independent reading writes again byte for byte.
pub(crate) fn cbor(bytes: &[u8]) {
    let mut dec = Dec::new(bytes);
    let Ok(item) = dec.item() else { return };
    assert_eq!(item, &bytes[..dec.position()]);
    assert_eq!(dec.remaining(), bytes.len() - item.len());
    let mut enc = Enc::new();
    copy(&mut Dec::new(item), &mut enc).unwrap();
    assert_eq!(enc.finish(), item);
}

fn copy(dec: &mut Dec<'_>, enc: &mut Enc) -> Result<(), Malformed> {
    use minicbor::data::Type;
    match dec.peek().ok_or(Malformed::Unexpected)? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => drop(enc.u64(dec.u64()?)),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => drop(enc.i64(dec.i64()?)),
        Type::Bytes => drop(enc.bytes(dec.bytes(usize::MAX)?)),
        Type::String => drop(enc.str(dec.str(usize::MAX)?)),
        Type::Bool => drop(enc.bool(dec.bool()?)),
        Type::Null => {
            dec.null()?;
            enc.null();
        }
        Type::Tag => {
            enc.tag(dec.tag()?);
            copy(dec, enc)?;
        }
        Type::Array => {
            let len = dec.array(usize::MAX)?;
            enc.array(len as u64);
            for _ in 0..len {
                copy(dec, enc)?;
            }
        }
        Type::Map => copy_map(dec, enc)?,
        other => panic!("accepted an item of type {other}"),
    }
    Ok(())
}

/// Keys ascend by their encoded bytes (RFC 8949 §4.2.1).
fn copy_map(dec: &mut Dec<'_>, enc: &mut Enc) -> Result<(), Malformed> {
    let len = dec.map(usize::MAX)?;
    enc.map(len as u64);
    let mut last = Vec::new();
    for _ in 0..len {
        let mut key = Enc::new();
        copy(dec, &mut key)?;
        let key = key.finish();
        assert!(last < key, "accepted a map whose keys do not ascend");
        enc.raw(&key);
        last = key;
        copy(dec, enc)?;
    }
    Ok(())
}

/// The padding inside a seal is of the writer's making.
pub(crate) fn padding(bytes: &[u8]) {
    if let Some(plain) = seal::unpad(bytes.to_vec()) {
        assert_eq!(seal::pad(&plain), bytes);
    }
    assert_eq!(seal::unpad(seal::pad(bytes)).as_deref(), Some(bytes));
}
