//! Bodies of every other kind: grants, cuts, what is to be forgotten, acts of rosters, records, descriptions of files.

use std::collections::BTreeSet;

use super::{Fixed, ORG, SPACE, Section, author, hex};
use crate::entry::BlobRef;
use crate::id::{BlobHash, DeviceId, EntryId, Inc, LogId, PersonId, SpaceId};
use crate::roster::{History, Roster, RosterAct, RosterChange, RosterKind, RosterRule};
use crate::seal::{Cut, CutPosition, Forget, Grant, Key, SealingKey, seal_piece};
use crate::secret::Secret;
use crate::time::{Hlc, Timestamp};
use crate::timeline::file::make_lists;
use crate::timeline::{FileInfo, Mention, Record, What};

const ONE: EntryId = EntryId([0x81; 32]);
const OTHER: EntryId = EntryId([0x82; 32]);
const PERSON: PersonId = PersonId([0x83; 16]);
const TEAM: SpaceId = SpaceId([0x84; 16]);

/// A key of an epoch, granted to one device.
pub(super) fn grant() -> Section {
    let (secret, key) = ([0x33; 32], Key::from_bytes([0x25; 32]));
    let to = SealingKey::from_secret(Secret::new(secret));
    let (device, heads) = (DeviceId([0x85; 16]), [ONE, OTHER]);
    let keys = [(ONE, &key)].into();
    let place = (&ORG, &SPACE, &author());
    let grant = Grant::seal(place, (device, to.public()), &heads, &keys, &mut Fixed(0x52)).unwrap();
    Section::new("grant")
        .bytes("org", &ORG.0)
        .bytes("space", &SPACE.0)
        .bytes("author", &author().0)
        .bytes("body", &grant.encode())
        .bytes("epoch", &ONE.0)
        .bytes("key", key.expose())
        .bytes("recipient", &device.0)
        .bytes("recipient_secret", &secret)
}

/// The ends of two logs, strict and not.
pub(super) fn cut() -> Section {
    let end = |device: u8, seq: u64, id| CutPosition {
        log: LogId { device: DeviceId([device; 16]), inc: Inc([0x86; 8]) },
        seq,
        id,
    };
    let cut = |strict| Cut { removal: ONE, ends: vec![end(0x87, 5, ONE), end(0x88, 300, OTHER)], strict };
    Section::new("cut")
        .bytes("removal", &ONE.0)
        .bytes("first_device", &[0x87; 16])
        .bytes("second_device", &[0x88; 16])
        .bytes("inc", &[0x86; 8])
        .text("first_seq", "5")
        .text("second_seq", "300")
        .bytes("first_id", &ONE.0)
        .bytes("second_id", &OTHER.0)
        .bytes("strict", &cut(true).encode())
        .bytes("lenient", &cut(false).encode())
}

pub(super) fn forget() -> Section {
    Section::new("forget")
        .bytes("one", &ONE.0)
        .bytes("other", &OTHER.0)
        .bytes("entries", &Forget::Entries(vec![ONE, OTHER]).encode())
        .text("floor", "1800000000000")
        .bytes("before", &Forget::Before(Timestamp(1_800_000_000_000)).encode())
}

fn changes() -> [(&'static str, RosterChange); 9] {
    let create = RosterChange::Create {
        kind: RosterKind::Private,
        name: "премии".to_owned(),
        history: History::Join,
        archive: false,
        persons: BTreeSet::from([PERSON]),
    };
    [
        ("create", create),
        ("add", RosterChange::Add(PERSON)),
        ("remove", RosterChange::Remove(PERSON)),
        ("moderator", RosterChange::Moderator { person: PERSON, on: true }),
        ("leave", RosterChange::Leave),
        ("set", RosterChange::Set { name: "премии".to_owned() }),
        ("archived", RosterChange::Rule(RosterRule::Archived(true))),
        ("retention", RosterChange::Rule(RosterRule::Retention(86_400_000))),
        ("receipts", RosterChange::Rule(RosterRule::Receipts(false))),
    ]
}

/// One act of each type as it is before it is sealed, and the roster that an epoch carries.
pub(super) fn roster() -> Section {
    let creator = PersonId([0x89; 16]);
    let mut section = Section::new("roster")
        .bytes("person", &PERSON.0)
        .bytes("creator", &creator.0)
        .bytes("head", &ONE.0)
        .bytes("known", &OTHER.0)
        .text("name", "премии");
    let mut roster = Roster::create(creator, &changes()[0].1).unwrap();
    for (name, change) in changes() {
        let act = RosterAct { change: Some(change.clone()), auth_heads: vec![ONE], known: vec![OTHER] };
        section = section.bytes(name, &act.encode().unwrap());
        if matches!(change, RosterChange::Rule(_) | RosterChange::Remove(_)) {
            roster.apply(&creator, &change, Hlc { ms: 1_800_000_000_000, ctr: 3 }).unwrap();
        }
    }
    section.bytes("roster", &roster.encode(&[OTHER]))
}

/// Records with everything that they may have.
pub(super) fn record() -> Section {
    let all = Record {
        target: Some(ONE),
        thread: Some(OTHER),
        mentions: BTreeSet::from([Mention::All, Mention::Here, Mention::Person(PERSON), Mention::Team(TEAM)]),
        files: vec![1, 2],
        ..Record::message()
    };
    Section::new("record")
        .bytes("one", &ONE.0)
        .bytes("other", &OTHER.0)
        .bytes("person", &PERSON.0)
        .bytes("team", &TEAM.0)
        .text("emoji", "👍")
        .bytes("message", &all.encode())
        .bytes("edit", &Record::edit(ONE).encode())
        .bytes("retract", &Record::retract(ONE).encode())
        .bytes("reaction", &Record::reaction(ONE, "👍", true).encode())
        .bytes("pin", &Record::pin(ONE, false).encode())
        .bytes("topic", &Record::topic().encode())
        .bytes("system", &Record::new(What::System { code: 9 }).encode())
}

/// A file of two pieces, the first one full.
pub(super) fn file() -> Section {
    let key = Key::from_bytes([0x26; 32]);
    let size = crate::seal::PIECE_BYTES + 5;
    let sealed = [(0, vec![0x41; crate::seal::PIECE_BYTES]), (1, b"\x42rest".to_vec())]
        .map(|(number, piece)| seal_piece(&key, number, piece));
    let lists = make_lists(&sealed.clone().map(|it| BlobHash::of(&it)));
    let info = FileInfo {
        name: "отчёт.png".to_owned(),
        media: "image/png".to_owned(),
        size: size as u64,
        key: key.clone(),
        lists: lists.iter().map(|it| BlobHash::of(it)).collect(),
        pixels: Some((640, 480)),
        thumbnail: Some(vec![0xff, 0xd8]),
        rest: Vec::new(),
    };
    assert_eq!(hex(&BlobRef::of(&lists[0]).hash.0), hex(&info.lists[0].0));
    Section::new("file")
        .text("name", &info.name)
        .text("media", &info.media)
        .text("size", &size.to_string())
        .bytes("key", key.expose())
        .bytes("first_byte", &[0x41])
        .bytes("last_piece", b"\x42rest")
        .bytes("last_sealed", &sealed[1])
        .bytes("list", &lists[0])
        .bytes("description", &info.encode())
        .bytes("body", &info.root().0)
}
