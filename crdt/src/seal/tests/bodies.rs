//! Tests of `seal`: forms of bodies at their edges, and what is given to whom.

use super::*;
use crate::cbor::Enc;

#[test]
fn every_reason_has_a_number_of_its_own() {
    let reasons = [Reason::First, Reason::Removal, Reason::Joined, Reason::Age, Reason::Merge, Reason::Unknown(5)];
    for (number, reason) in reasons.into_iter().enumerate() {
        assert_eq!((reason.number(), Reason::from_number(number as u64)), (number as u64, reason));
    }
}

/// The first five fields are there whatever else is; another one in the place of the fifth does not do.
#[test]
fn an_epoch_lacks_none_of_its_five_fields() {
    let with = |fields: &[u64]| {
        let mut enc = Enc::new();
        enc.map(fields.len() as u64);
        for field in fields {
            match enc.u64(*field) {
                enc if *field < 3 => enc.array(0),
                enc if *field == 3 => enc.bytes(&[1; 32]),
                enc if *field == 4 => enc.u64(SUITE),
                enc => enc.u64(0),
            };
        }
        EpochBody::decode(&enc.finish())
    };
    assert!(with(&[1, 2, 3, 4, 5, 6]).is_ok());
    for missing in 1..=5 {
        let fields: Vec<u64> = (1..=6).filter(|it| *it != missing).collect();
        assert_eq!(with(&fields), Err(BadEpoch::Form(Malformed::Unexpected)), "{missing}");
        assert!(with(&[fields.as_slice(), &[9]].concat()).is_err(), "{missing}, and one more");
    }
    assert!(with(&[1, 2, 3, 4, 5]).is_err(), "it reaches nobody");
    assert!(with(&[1, 2, 3, 4, 5, 6, 10]).is_err(), "a field of a newer Artel");
}

#[test]
fn a_strict_cut_is_read_back_and_has_one_form() {
    for strict in [true, false] {
        let cut = Cut { strict, ..cut() };
        assert_eq!(Cut::decode(&cut.encode()), Ok(cut));
    }
    let with = |fields: u64, strict: Option<bool>| {
        let mut enc = Enc::new();
        enc.map(fields).u64(1).bytes(&EPOCH.0);
        if fields > 1 {
            enc.u64(2).array(0);
        }
        if let Some(strict) = strict {
            enc.u64(3).bool(strict);
        }
        Cut::decode(&enc.finish())
    };
    assert!(with(2, None).is_ok() && with(3, Some(true)).is_ok());
    assert!(with(3, Some(false)).is_err(), "what is not so is not written");
    assert!(with(1, None).is_err() && with(3, None).is_err() && with(2, Some(true)).is_err());
}

/// One whole block of zeros more than there can be.
#[test]
fn padding_of_a_whole_block_too_much_is_refused() {
    let mut padded = pad(&[7; 31]);
    assert_eq!(padded.len(), 32);
    padded.extend([0; 32]);
    assert_eq!(unpad(padded), None);
    assert_eq!(unpad(pad(&[7; 32])), Some(vec![7; 32]));
}

/// Guests are in no audience: a channel's epoch has stanzas for them beside the wrap for the others.
#[test]
fn a_channel_with_a_guest_is_sealed_to_him_and_wrapped_for_the_audience() {
    let (audience, guest) = (key(1), sealing_key(2));
    let rotate = |recipients: &BTreeMap<DeviceId, SealingPublic>, audience: Option<(EntryId, &Key)>| {
        let rotation = Rotation {
            org: ORG,
            space: SPACE,
            author: AUTHOR,
            prev: Vec::new(),
            auth_heads: vec![EPOCH],
            reason: Reason::First,
            recipients,
            audience,
            older: &[],
            roster: Some(b"roster"),
        };
        rotation.seal(&mut seeded(5)).unwrap()
    };
    let (none, one) = (BTreeMap::new(), BTreeMap::from([(READER, *guest.public())]));
    let outer = Some((EPOCH, &audience));
    let places = |new: &NewEpoch| (new.body.stanzas_blob, new.body.roster_blob, new.blobs.len());
    assert_eq!(places(&rotate(&none, outer)), (None, Some(0), 1));
    assert_eq!(places(&rotate(&none, None)), (Some(0), Some(1), 2), "who reaches nobody says so");
    assert_eq!(places(&rotate(&one, None)), (Some(0), Some(1), 2));
    let new = rotate(&one, outer);
    assert_eq!(places(&new), (Some(0), Some(1), 2));
    let stanzas = decode_stanzas(&new.blobs[0]).unwrap();
    let opened = stanzas[0].open(&context(&new.body.commit, &[EPOCH]), &READER, &guest).unwrap();
    assert_eq!(opened.expose(), new.key.expose());
    let wrap = new.body.audience.as_ref().unwrap();
    assert_eq!(unwrap_audience(&audience, &SPACE, &new.body.commit, wrap).unwrap().expose(), new.key.expose());
    assert_eq!(open_members(&new.key, &SPACE, &new.blobs[1]), Some(b"roster".to_vec()));
}

/// Pieces of a file open at their own place only, and their length is that of the text and a tag.
#[test]
fn a_piece_opens_under_its_own_key_and_number() {
    let (own, text) = (key(1), vec![5; 1_000]);
    for number in [0, 1, 255, 256, u64::MAX] {
        let sealed = seal_piece(&own, number, text.clone());
        assert_eq!(sealed.len(), text.len() + (SEALED_PIECE_BYTES - PIECE_BYTES));
        assert_eq!(open_piece(&own, number, &sealed), Some(text.clone()));
        assert_eq!(open_piece(&own, number ^ 1, &sealed), None);
        assert_eq!(open_piece(&own, number ^ (1 << 40), &sealed), None);
        assert_eq!(open_piece(&key(2), number, &sealed), None);
    }
    assert_eq!((SEALED_PIECE_BYTES, PIECE_BYTES), (65_536, 65_520), "the form of files hangs on it");
}
