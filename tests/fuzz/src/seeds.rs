//! Real inputs, made by the crate itself: from what an office wrote on its first day, and by hand where it wrote none.

use std::collections::BTreeSet;

use artel_crdt::authority::{
    Act, AdminGrant, ArchiveOpen, BotRegister, Bytes, Caps, ChannelRole, CutAt, Field, ForkProof, Freeze,
    InviteCancelled, OfficeNode, Policy, RemovePerson, RevokeDevice, Role, RootRotate, SetPolicy, SetRole,
    TeamDefaults, Wipe,
};
use artel_crdt::cbor::Enc;
use artel_crdt::cert::{Bundle, entry_cose};
use artel_crdt::cose::{Domain, Sign1};
use artel_crdt::entry::{Entry, Kind, Signed};
use artel_crdt::id::{BlobHash, DeviceId, EntryId, Inc, LogId, PersonId, SpaceId};
use artel_crdt::invite::{InviteSecret, Link};
use artel_crdt::register::values::{self, Presence, Profile};
use artel_crdt::roster::{History, Roster, RosterAct, RosterChange, RosterKind, RosterRule, Rules};
use artel_crdt::run::{Packet, Run};
use artel_crdt::seal::{self, Cut, CutPosition, EpochBody, Forget, Reason, Wrap};
use artel_crdt::sync::{LogHead, LogRange, Message};
use artel_crdt::time::{Hlc, Timestamp};
use artel_crdt::timeline::unread::Level;
use artel_crdt::timeline::{BadRecord, FileInfo, Mention, Order, Placed, Record, What};
use artel_crdt::words::RootSeed;

use crate::office::{self, NOW, Seeded, office};

const PERSON: PersonId = PersonId([6; 16]);
const SPACE: SpaceId = SpaceId([7; 16]);
const ENTRY: EntryId = EntryId([8; 32]);
const OTHER: EntryId = EntryId([9; 32]);

fn written() -> impl Iterator<Item = &'static Signed> {
    office().disk.iter().flat_map(|it| it.run.entries())
}

fn bodies(kind: Kind) -> Vec<Vec<u8>> {
    written().filter(|it| it.entry.kind == kind && it.entry.epoch.is_none()).map(|it| it.entry.body.clone()).collect()
}

fn blob(hash: &BlobHash) -> Option<Vec<u8>> {
    office().disk.iter().find_map(|it| it.blobs.get(hash)).cloned()
}

/// Packets of one entry, of many with and without blobs, and one that passes a checkpoint.
pub fn runs() -> Vec<Vec<u8>> {
    let mut runs: Vec<Vec<u8>> = office().disk.iter().map(Packet::encode).collect();
    let logs: BTreeSet<(SpaceId, LogId)> = written().map(|it| (it.entry.space, it.entry.log())).collect();
    for (space, log) in logs {
        let mine = written().filter(|it| it.entry.space == space && it.entry.log() == log).cloned().collect();
        let Some(run) = Run::join(mine) else { continue };
        let mut packet = Packet::of(run);
        runs.push(packet.encode());
        let named = packet.run.entries().iter().flat_map(|it| &it.entry.blobs);
        packet.blobs = named.filter_map(|it| Some((it.hash, blob(&it.hash)?))).collect();
        runs.push(packet.encode());
    }
    let log = steps(130);
    runs.extend(Run::join(log[120..].to_vec()).map(|it| Packet::of(it).encode()));
    runs
}

fn steps(len: u64) -> Vec<Signed> {
    let mut prev = None;
    let sign = |seq| {
        let entry = Entry {
            device: office::device(),
            space: SPACE,
            inc: Inc([2; 8]),
            seq,
            prev,
            seen: if seq % 3 == 0 { vec![ENTRY, OTHER] } else { Vec::new() },
            hlc: Hlc { ms: NOW.0 + seq / 2, ctr: u32::from(seq % 2 == 1) },
            kind: if seq % 5 == 4 { Kind::Unknown(99) } else { Kind::Step },
            epoch: Some(if seq % 2 == 0 { ENTRY } else { OTHER }),
            body: vec![5; 72],
            blobs: Vec::new(),
        };
        let signed = entry.sign(&office().org, &office::key());
        prev = Some(signed.id);
        signed
    };
    (0..len).map(sign).collect()
}

/// Payloads of entries of every kind.
pub fn entries() -> Vec<Vec<u8>> {
    let mut payloads: Vec<Vec<u8>> = written().map(|it| it.entry.payload()).collect();
    payloads.extend(steps(5).iter().map(|it| it.entry.payload()));
    payloads
}

/// Registers as they travel, and what is signed in them.
pub fn registers() -> Vec<Vec<u8>> {
    let mut all = office().registers.clone();
    all.extend(register_contents());
    all
}

/// What is signed in registers.
pub(crate) fn register_contents() -> Vec<Vec<u8>> {
    let signed = office().registers.iter();
    signed.map(|it| Sign1::parse(it, Domain::Register, 1 << 16).unwrap().payload.to_vec()).collect()
}

/// Signed messages of several domains.
pub fn signed_things() -> Vec<Vec<u8>> {
    let mut all = vec![office().certificate.clone(), bundle().genesis];
    all.extend(office().registers.iter().take(2).cloned());
    all
}

/// Certificates, and what is signed in them.
pub fn certs() -> Vec<Vec<u8>> {
    let whole = [office().certificate.clone(), bundle().certificates[0].clone()];
    let claims = whole.iter().map(|it| Sign1::parse(it, Domain::Cert, 1 << 16).unwrap().payload.to_vec());
    claims.collect::<Vec<_>>().into_iter().chain(whole).collect()
}

/// The founder's certificate with its chain.
pub(crate) fn bundle() -> Bundle {
    let genesis = written().find(|it| it.entry.is_genesis()).unwrap();
    let enrol = written().find_map(|it| match Act::decode(&it.entry.body) {
        Ok(Act::Enrol(act)) if act.invite.is_none() => it.entry.blobs.get(usize::try_from(act.certificate).ok()?),
        _ => None,
    });
    Bundle {
        certificates: vec![blob(&enrol.unwrap().hash).unwrap()],
        root_key: office::root().verifying_key().to_bytes(),
        genesis: entry_cose(genesis).unwrap(),
        rotations: Vec::new(),
    }
}

/// Bundles of one and of two certificates.
pub fn bundles() -> Vec<Vec<u8>> {
    let mut longer = bundle();
    longer.certificates.insert(0, office().certificate.clone());
    vec![bundle().encode(), longer.encode()]
}

/// Acts of every type.
pub fn acts() -> Vec<Vec<u8>> {
    let device = DeviceId::of_key(office::member().verifying_key().as_bytes());
    let cut = vec![CutAt { device, inc: Inc([1; 8]), seq: 3, id: ENTRY }];
    let fork = steps(2);
    let by_hand = [
        Act::AdminGrant(AdminGrant { person: PERSON, caps: Caps::ALL, depth: 1 }),
        Act::InviteCancelled(InviteCancelled { invite: InviteSecret::random(&mut Seeded(5)).id() }),
        Act::RevokeDevice(RevokeDevice { device, cut: cut.clone(), reason: 2 }),
        Act::RemovePerson(RemovePerson { person: PERSON, cut, archive_to: Some(PersonId([1; 16])) }),
        Act::SetRole(SetRole { person: PERSON, role: Role::Guest, caps: Caps(0) }),
        Act::SetPolicy(SetPolicy { policy: Policy::with_domains(vec!["firma.example".to_owned()]) }),
        Act::ChannelRole(ChannelRole { channel: SPACE, person: PERSON, moderator: true, poster: false }),
        Act::Wipe(Wipe { device }),
        Act::TeamDefaults(TeamDefaults { team: SPACE, channels: vec![office().spaces[0]] }),
        Act::ForkProof(ForkProof {
            one: Bytes(fork[0].entry.payload()),
            one_signature: fork[0].signature.unwrap(),
            other: Bytes(fork[1].entry.payload()),
            other_signature: fork[1].signature.unwrap(),
            device: office::device(),
        }),
        Act::Freeze(Freeze { device, on: true }),
        Act::ArchiveOpen(ArchiveOpen { person: PERSON, reason: 0 }),
        Act::RootRotate(RootRotate { root_pk: office::key().verifying_key().to_bytes() }),
        Act::BotRegister(BotRegister { person: PERSON, on: true }),
        Act::OfficeNode(OfficeNode { device, on: true }),
        Act::Unknown(200),
    ];
    bodies(Kind::Act).into_iter().chain(by_hand.iter().map(Act::encode)).collect()
}

/// Policies.
pub fn policies() -> Vec<Vec<u8>> {
    [vec![], vec!["firma.example".to_owned(), "xn--80akhbyknj4f.example".to_owned()]]
        .map(|domains| {
            let mut enc = Enc::new();
            Policy::with_domains(domains).put(&mut enc);
            enc.finish()
        })
        .to_vec()
}

/// Bodies of epochs of public, private and direct spaces.
pub fn epochs() -> Vec<Vec<u8>> {
    let mut all = bodies(Kind::Epoch);
    let wrap = |n: u8| Wrap { epoch: EntryId([n; 32]), nonce: [n; 24], ct: [n; 48] };
    let full = EpochBody {
        prev: vec![ENTRY, OTHER],
        auth_heads: vec![ENTRY],
        commit: seal::Commit([3; 32]),
        reason: Reason::Merge,
        stanzas_blob: Some(0),
        audience: Some(wrap(1)),
        wraps: vec![wrap(2), wrap(3)],
        roster_blob: Some(1),
    };
    all.push(full.encode());
    all
}

/// Bodies of grants.
pub fn grants() -> Vec<Vec<u8>> {
    bodies(Kind::Grant)
}

/// Bodies of cuts.
pub fn cuts() -> Vec<Vec<u8>> {
    let log = |n: u8| LogId { device: office::device(), inc: Inc([n; 8]) };
    let ends = [1, 2].map(|n| CutPosition { log: log(n), seq: 3, id: ENTRY }).to_vec();
    let mut all = bodies(Kind::Cut);
    all.extend([
        Cut { removal: ENTRY, ends, strict: false }.encode(),
        Cut { removal: ENTRY, ends: Vec::new(), strict: true }.encode(),
    ]);
    all
}

/// Bodies of forget entries.
pub fn forgets() -> Vec<Vec<u8>> {
    vec![Forget::Entries(vec![ENTRY, OTHER]).encode(), Forget::Before(Timestamp(NOW.0)).encode()]
}

/// Stanza blobs.
pub fn stanzas() -> Vec<Vec<u8>> {
    let epochs = written().filter(|it| it.entry.kind == Kind::Epoch);
    let blobs = epochs.filter_map(|it| blob(&EpochBody::of(&it.entry).ok()?.stanzas(&it.entry)?.hash));
    blobs.collect()
}

fn create() -> RosterChange {
    RosterChange::Create {
        kind: RosterKind::Group,
        name: "тайна".to_owned(),
        history: History::Join,
        archive: false,
        persons: BTreeSet::from([PERSON, PersonId([5; 16])]),
    }
}

/// Acts on private rosters.
pub fn roster_acts() -> Vec<Vec<u8>> {
    let changes = [
        create(),
        RosterChange::Add(PERSON),
        RosterChange::Remove(PERSON),
        RosterChange::Moderator { person: PERSON, on: true },
        RosterChange::Leave,
        RosterChange::Set { name: "другое".to_owned() },
        RosterChange::Rule(RosterRule::Retention(86_400_000)),
    ];
    let acts =
        changes.map(|change| RosterAct { change: Some(change), auth_heads: vec![ENTRY, OTHER], known: vec![ENTRY] });
    acts.iter().filter_map(RosterAct::encode).collect()
}

/// Rosters that epochs carry.
pub fn rosters() -> Vec<Vec<u8>> {
    let mut roster = Roster::create(PersonId([4; 16]), &create()).unwrap();
    let first = roster.encode(&[]);
    let at = Hlc { ms: 5, ctr: 0 };
    roster.apply(&PersonId([4; 16]), &RosterChange::Remove(PERSON), at).unwrap();
    let second = roster.encode(&[ENTRY, OTHER]);
    roster.rules = Rules { archived: Some(at), retention_ms: 5, receipts: false };
    vec![first, second, roster.encode(&[ENTRY])]
}

fn every_record() -> Vec<Record> {
    let mut rich = Record::message();
    rich.thread = Some(OTHER);
    rich.target = Some(ENTRY);
    rich.mentions = BTreeSet::from([Mention::All, Mention::Here, Mention::Person(PERSON), Mention::Team(SPACE)]);
    rich.files = vec![1];
    rich.rest = vec![(8, vec![0x82, 0x01, 0x61, 0x61]), (200, vec![0xf6])];
    let newer = [0xa2, 0x01, 0x18, 0x63, 0x02, 0x58, 0x20].into_iter().chain([0; 32]).collect::<Vec<u8>>();
    vec![
        Record::message(),
        rich,
        Record::edit(EntryId([0; 32])),
        Record::retract(EntryId([0; 32])),
        Record::reaction(EntryId([0; 32]), "👍🏽", true),
        Record::pin(EntryId([0; 32]), true),
        Record::topic(),
        Record::new(What::System { code: 7 }),
        Record::decode(&newer, 2).unwrap(),
    ]
}

/// Descriptions of files: empty, long, a picture, of a newer Artel.
pub fn files() -> Vec<Vec<u8>> {
    let empty = FileInfo {
        name: "а.txt".into(),
        media: String::new(),
        size: 0,
        key: seal::Key::from_bytes([7; 32]),
        lists: Vec::new(),
        pixels: None,
        thumbnail: None,
        rest: Vec::new(),
    };
    let long = FileInfo { size: 1 << 30, lists: vec![BlobHash([8; 32]); 9], ..empty.clone() };
    let (pixels, thumbnail) = (Some((640, 480)), Some(vec![9; 50]));
    let picture = FileInfo { size: 9, lists: vec![BlobHash([8; 32])], pixels, thumbnail, ..empty.clone() };
    let newer = FileInfo { rest: vec![(8, vec![0xf5])], ..empty.clone() };
    [empty, long, picture, newer].iter().map(FileInfo::encode).collect()
}

/// Records, each behind the number of its entry's blobs.
pub fn records() -> Vec<Vec<u8>> {
    every_record().iter().map(|it| [&[2], &it.encode()[..]].concat()).collect()
}

/// Stored records, good and bad ones.
pub fn placed() -> Vec<Vec<u8>> {
    let step = &steps(1)[0];
    let mut placed: Vec<Placed> = every_record().iter().map(|it| Placed::from_step(step, &it.encode())).collect();
    let with_blobs = written().find(|it| it.entry.kind == Kind::Step && !it.entry.blobs.is_empty()).unwrap();
    placed.push(Placed::from_step(with_blobs, &Record::message().encode()));
    placed.push(Placed { record: Err(BadRecord::Shape), ..placed[0].clone() });
    placed.iter().map(Placed::encode).collect()
}

/// Conversations, see `timeline.rs`.
pub fn timelines() -> Vec<Vec<u8>> {
    let line = |who: u8, time: u8, record: &Record| {
        let plain = record.encode();
        [&[who, time, u8::try_from(plain.len()).unwrap()], &plain[..]].concat()
    };
    let back = |n: u8| EntryId([n; 32]);
    let all: Vec<Vec<u8>> = every_record().iter().map(|it| line(0, 0, it)).collect();
    let mut chain = vec![line(0, 0, &Record::message())];
    chain.extend((1..20).map(|at| line(0, at, &Record::edit(back(0)))));
    let argued = [
        line(0, 0, &Record::message()),
        line(1, 1, &Record::reaction(back(0), "👍", true)),
        line(1, 2, &Record::reaction(back(1), "👍", false)),
        line(2, 3, &Record::edit(back(2))),
        line(1, 4, &Record::pin(back(3), true)),
        line(3, 5, &Record::retract(back(4))),
        line(0, 6, &Record::retract(back(5))),
        line(1, 7, &Record::edit(back(6))),
    ];
    vec![all.concat(), chain.concat(), argued.concat()]
}

/// Messages of every type.
pub fn messages() -> Vec<Vec<u8>> {
    let log = written().next().unwrap().entry.log();
    let space = office().spaces[0];
    let head = LogHead { log, ranges: vec![(0, 3), (7, 9)], last_id: ENTRY };
    let mut all = vec![
        Message::Push(office().disk[0].encode()),
        Message::Summary([1; 32]),
        Message::Spaces(vec![(space, [2; 32]), (SpaceId::organisation(&office().org), [3; 32])]),
        Message::Heads { space, logs: vec![head.clone(), head], answer: true },
        Message::Heads { space: SPACE, logs: Vec::new(), answer: true },
        Message::Want { space, ranges: vec![LogRange { log, first: 0, last: 1_000 }] },
        Message::Served(space),
        Message::Registers(office().registers.clone()),
        Message::RegistersHash([4; 32]),
        Message::RegistersWant,
        Message::BlobsWant(vec![BlobHash([5; 32]), BlobHash([6; 32])]),
        Message::Addresses(vec![([7; 32], vec!["10.0.0.1:4001".to_owned(), "/ip6/::1/tcp/4001".to_owned()])]),
        Message::Goodbye,
        Message::Typing(SpaceId([4; 16])),
    ];
    let shared = written().map(|it| (it.entry.space, it.entry.log())).collect::<BTreeSet<_>>();
    all.extend(shared.into_iter().map(|(space, log)| Message::Want {
        space,
        ranges: vec![LogRange { log, first: u64::MAX, last: 0 }, LogRange { log, first: 0, last: u64::MAX }],
    }));
    all.iter().map(Message::encode).collect()
}

/// Values and keys of registers.
pub fn values() -> Vec<Vec<u8>> {
    let order = Order { hlc: Hlc { ms: NOW.0, ctr: 1 }, device: office::device(), seq: 4 };
    let profile =
        Profile { title: "Бухгалтер".to_owned(), avatar: Some(BlobHash([1; 32])), ..Profile::default() };
    vec![
        values::encode_order(&order),
        values::encode_mark(None),
        values::encode_draft("черновик"),
        values::encode_level(Level::Mentions),
        values::encode_flag(true),
        Presence::Busy.encode(),
        profile.encode(),
        values::thread_key(&SPACE, Some(&ENTRY)),
        values::space_key(&SPACE),
    ]
}

/// CBOR of everything else, and edges of RFC 8949.
pub fn cbor() -> Vec<Vec<u8>> {
    let mut all = [acts(), certs(), placed(), messages()].concat();
    let edges: [&[u8]; 10] = [
        &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x5f, 0x41, 0x00, 0xff],
        &[0xa2, 0x01, 0x00, 0x20, 0x00],
        &[0xc1, 0xc1, 0xc1, 0x00],
        &[0xf9, 0x00, 0x00],
        &[0x18, 0x00],
        &[0x81; 40],
    ];
    all.extend(edges.map(<[u8]>::to_vec));
    all
}

/// Padded texts.
pub fn paddings() -> Vec<Vec<u8>> {
    [0, 1, 30, 31, 32, 33].map(|len| seal::pad(&vec![0; len])).to_vec()
}

fn secret() -> InviteSecret {
    InviteSecret::random(&mut Seeded(77))
}

/// Codes as shown and as typed.
pub fn codes() -> Vec<Vec<u8>> {
    let (half, mailed) = secret().halves(&office().org, &mut Seeded(78));
    let whole = secret().whole(&office().org).reveal();
    let typed = whole.to_lowercase().replace('-', " ").replace('a', "а");
    vec![whole.into_bytes(), half.reveal().into_bytes(), mailed.reveal().into_bytes(), typed.into_bytes()]
}

/// Links.
pub fn links() -> Vec<Vec<u8>> {
    let addresses = vec!["10.0.0.1:4001".to_owned(), "[fe80::1%eth0]:4001".to_owned()];
    let code = secret().whole(&office().org);
    let links = [Link { code: code.clone(), addresses }, Link { code, addresses: Vec::new() }];
    links.map(|it| it.reveal().into_bytes()).to_vec()
}

/// Recovery phrases as shown and as typed.
pub fn phrases() -> Vec<Vec<u8>> {
    let words = RootSeed::random(&mut Seeded(3)).reveal();
    let numbered: Vec<String> = words.iter().enumerate().map(|(at, it)| format!("{}. {it},", at + 1)).collect();
    let short: Vec<&str> = words.iter().map(|it| it.get(..4).unwrap_or(it)).collect();
    [words.join(" "), numbered.join("\n"), short.join(" ").to_uppercase()].map(String::into_bytes).to_vec()
}

/// Mail addresses.
pub fn emails() -> Vec<Vec<u8>> {
    let texts =
        ["anna@firma.example", " Анна.Б@xn--80akhbyknj4f.example\n", "a+b@a.b", "ИСТАНБУЛ@firma.example", "İ@a.b"];
    texts.map(|it| it.as_bytes().to_vec()).to_vec()
}

/// Identifiers as texts.
pub fn ids() -> Vec<Vec<u8>> {
    vec![office::device().to_string().into_bytes(), ENTRY.to_string().to_uppercase().into_bytes(), b"il-o 0".to_vec()]
}
