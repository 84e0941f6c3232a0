//! The test vectors of the protocol: made by this code, kept in `tests/interop/vectors.json`, checked here byte for byte and
//! by a script that shares no code with it. Run with `ARTEL_BLESS=1` to write the file anew: what changes there, nobody who
//! has an older program can read.

mod bodies;

use std::fmt::Write;

use ed25519_dalek::SigningKey;

use crate::Entropy;
use crate::authority::testkit::{self, Story};
use crate::authority::{ArchiveOpen, Role};
use crate::cert::{Email, email_tag};
use crate::entry::{BlobRef, Entry, Kind, Signed};
use crate::id::{BlobHash, DeviceId, EntryId, Inc, LogId, OrgId, PersonId, SpaceId, to_base32};
use crate::invite::InviteSecret;
use crate::register::Content;
use crate::run::{Packet, Run};
use crate::seal::{
    EpochBody, Key, Nonce, Reason, Rotation, SealingKey, seal_blob, seal_body, seal_members, wrap_audience, wrap_older,
};
use crate::secret::Secret;
use crate::time::Hlc;
use crate::timeline::{DocId, Record};
use crate::words::RootSeed;

const ORG: OrgId = OrgId([0x61; 20]);
const SPACE: SpaceId = SpaceId([0x62; 16]);
const EPOCH: EntryId = EntryId([0x63; 32]);

/// Gives one byte for ever.
struct Fixed(u8);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut all, it| {
        write!(all, "{it:02x}").ok();
        all
    })
}

/// A section of named values, in hexadecimal unless they are texts.
struct Section(&'static str, Vec<(String, String)>);

impl Section {
    fn new(name: &'static str) -> Self {
        Self(name, Vec::new())
    }

    fn bytes(mut self, name: &str, bytes: &[u8]) -> Self {
        self.1.push((name.to_owned(), hex(bytes)));
        self
    }

    fn text(mut self, name: &str, text: &str) -> Self {
        self.1.push((name.to_owned(), text.to_owned()));
        self
    }
}

fn json(sections: &[Section]) -> String {
    let of = |it: &Section| {
        let values: Vec<String> = it.1.iter().map(|(name, value)| format!("    \"{name}\": \"{value}\"")).collect();
        format!("  \"{}\": {{\n{}\n  }}", it.0, values.join(",\n"))
    };
    format!("{{\n{}\n}}\n", sections.iter().map(of).collect::<Vec<_>>().join(",\n"))
}

fn signer() -> SigningKey {
    SigningKey::from_bytes(&[0x71; 32])
}

fn author() -> DeviceId {
    DeviceId::of_key(signer().verifying_key().as_bytes())
}

fn ids() -> Section {
    let (one, other) = (PersonId([0x64; 16]), PersonId([0x65; 16]));
    let log = LogId { device: DeviceId([0x66; 16]), inc: Inc([0x67; 8]) };
    let doc = DocId::of(&SPACE, &EPOCH);
    let email = Email::parse("anna@firma.example").unwrap();
    Section::new("ids")
        .bytes("org", &ORG.0)
        .text("org_text", &to_base32(&ORG.0))
        .bytes("public_key", signer().verifying_key().as_bytes())
        .bytes("device", &author().0)
        .bytes("organisation_space", &SpaceId::organisation(&ORG).0)
        .bytes("person_one", &one.0)
        .bytes("person_other", &other.0)
        .bytes("direct_space", &SpaceId::direct(&ORG, &other, &one).0)
        .bytes("self_space", &SpaceId::direct(&ORG, &one, &one).0)
        .bytes("log_device", &log.device.0)
        .bytes("log_inc", &log.inc.0)
        .bytes("private_space", &crate::roster::founded_space(&ORG, &log).0)
        .bytes("space", &SPACE.0)
        .bytes("epoch", &EPOCH.0)
        .bytes("document", &doc.0)
        .bytes("actor", &doc.actor(&log))
        .text("email", email.as_str())
        .bytes("email_tag", &email_tag(&ORG, &email))
}

fn phrase() -> Section {
    let words = format!("{}art", "abandon ".repeat(23));
    let key = RootSeed::from_phrase(&words).unwrap().signing_key();
    Section::new("phrase")
        .text("words", &words)
        .bytes("entropy", &[0; 32])
        .bytes("root_public_key", key.verifying_key().as_bytes())
}

fn invitation() -> Section {
    let secret = InviteSecret::random(&mut Fixed(0x72));
    Section::new("invitation")
        .bytes("secret", &[0x72; 16])
        .bytes("psk", secret.psk().expose())
        .bytes("public_key", &secret.public_key())
        .bytes("id", &secret.id().0)
}

fn entry(seq: u64, prev: Option<EntryId>, kind: Kind) -> Entry {
    Entry {
        device: author(),
        space: SPACE,
        inc: Inc([0x68; 8]),
        seq,
        prev,
        seen: if seq == 0 { vec![EntryId([0x01; 32]), EntryId([0x02; 32])] } else { Vec::new() },
        hlc: Hlc { ms: 1_800_000_000_000 + seq, ctr: 2 },
        kind,
        epoch: None,
        body: Vec::new(),
        blobs: Vec::new(),
    }
}

fn signed_entry(name: &'static str, org: &OrgId, it: &Signed, aad: &[u8]) -> Section {
    Section::new(name)
        .bytes("org", &org.0)
        .bytes("external_aad", aad)
        .bytes("payload", &it.entry.payload())
        .bytes("sig_structure", &it.entry.sig_structure(org))
        .bytes("id", &it.id.0)
        .bytes("signature", &it.signature.unwrap())
}

/// Three entries of a log: a step with a text beside it, a cut of nothing, and a merge.
fn log() -> (Vec<Signed>, Vec<u8>) {
    let key = Key::from_bytes([0x21; 32]);
    let text = seal_blob(&key, &SPACE, &EPOCH, "Привет".as_bytes(), Nonce::draw(&mut Fixed(0x42)));
    let mut step = Entry { epoch: Some(EPOCH), ..entry(0, None, Kind::Step) };
    step.blobs = vec![BlobRef { hash: BlobHash::of(&text), size: u32::try_from(text.len()).unwrap() }];
    step.body = seal_body(&key, &step, &Record::message().encode(), Nonce::draw(&mut Fixed(0x41)));
    let step = step.sign(&ORG, &signer());
    let cut = crate::seal::Cut { removal: EntryId([0x69; 32]), ends: Vec::new(), strict: true };
    let cut = Entry { body: cut.encode(), ..entry(1, Some(step.id), Kind::Cut) }.sign(&ORG, &signer());
    let merge = entry(2, Some(cut.id), Kind::Merge).sign(&ORG, &signer());
    (vec![step, cut, merge], text)
}

fn sealed(entries: &[Signed], text: &[u8]) -> Section {
    let (key, audience, older) =
        (Key::from_bytes([0x21; 32]), Key::from_bytes([0x22; 32]), Key::from_bytes([0x23; 32]));
    let nonce = || Nonce::draw(&mut Fixed(0x43));
    let step = &entries.first().unwrap().entry;
    Section::new("sealed")
        .bytes("space", &SPACE.0)
        .bytes("epoch", &EPOCH.0)
        .bytes("key", key.expose())
        .bytes("audience_key", audience.expose())
        .bytes("older_key", older.expose())
        .bytes("commitment", &key.commit().0)
        .bytes("step_aad", &step.seal_aad())
        .bytes("step_body", &step.body)
        .bytes("step_plaintext", &Record::message().encode())
        .bytes("text_blob", text)
        .text("text", "Привет")
        .bytes("audience_wrap", &wrap_audience((EPOCH, &audience), &SPACE, &key, nonce()).ct)
        .bytes("older_wrap", &wrap_older(&key, (EPOCH, &older), nonce()).ct)
        .bytes("wrap_nonce", &[0x43; 24])
        .bytes("members_plaintext", b"roster")
        .bytes("members_blob", &seal_members(&key, &SPACE, b"roster", nonce()))
}

/// An epoch for two devices, as its entry and blob say it.
fn epoch() -> Section {
    let (one, other) =
        (SealingKey::from_secret(Secret::new([0x31; 32])), SealingKey::from_secret(Secret::new([0x32; 32])));
    let recipients = [(DeviceId([0x6a; 16]), *one.public()), (DeviceId([0x6b; 16]), *other.public())].into();
    let older = (EntryId([0x6c; 32]), Key::from_bytes([0x24; 32]));
    let rotation = Rotation {
        org: ORG,
        space: SPACE,
        author: author(),
        prev: vec![older.0],
        auth_heads: vec![EntryId([0x6e; 32]), EntryId([0x6d; 32])],
        reason: Reason::Removal,
        recipients: &recipients,
        audience: None,
        older: &[(older.0, &older.1)],
        roster: None,
    };
    let new = rotation.seal(&mut Fixed(0x51)).unwrap();
    let body = EpochBody::decode(&new.body.encode()).unwrap();
    Section::new("epoch")
        .bytes("org", &ORG.0)
        .bytes("space", &SPACE.0)
        .bytes("author", &author().0)
        .bytes("body", &body.encode())
        .bytes("stanzas", new.blobs.first().unwrap())
        .bytes("recipient", &[0x6b; 16])
        .bytes("recipient_secret", &[0x32; 32])
        .bytes("key", new.key.expose())
        .bytes("older", &older.0.0)
        .bytes("older_key", older.1.expose())
}

fn run(entries: &[Signed], text: Vec<u8>) -> Section {
    let mut packet = Packet::of(Run::join(entries.to_vec()).unwrap());
    packet.blobs.insert(BlobHash::of(&text), text);
    let mut section = Section::new("run").bytes("org", &ORG.0).bytes("public_key", signer().verifying_key().as_bytes());
    for (at, signed) in entries.iter().enumerate() {
        section = section.bytes(&format!("id_{at}"), &signed.id.0);
    }
    section.bytes("packet", &packet.encode())
}

fn register() -> Section {
    let content = Content {
        space: SPACE,
        name: "read_to".to_owned(),
        key: Vec::new(),
        hlc: Hlc { ms: 1_800_000_000_000, ctr: 1 },
        epoch: None,
        value: vec![0x73; 36],
    };
    let register = content.sign(&ORG, &signer()).unwrap();
    Section::new("register")
        .bytes("org", &ORG.0)
        .bytes("public_key", signer().verifying_key().as_bytes())
        .bytes("signed", register.bytes())
}

/// The beginning of an organisation and acts of several types, one body each.
fn acts() -> [Section; 2] {
    let mut story = Story::with_admins([2]);
    story.hire(2, 3, Role::Member);
    story.now(2, &testkit::team());
    story.now(2, &testkit::channel(None));
    let cut = story.cut(&[3], &story.heads());
    story.now(2, &testkit::removal(3, cut));
    let open = ArchiveOpen { person: testkit::person(3), reason: 0 };
    story.now(testkit::OWNER, &crate::authority::Act::ArchiveOpen(open));
    let mut bodies = Section::new("acts");
    for (at, signed) in story.entries.iter().enumerate() {
        bodies = bodies.bytes(&format!("body_{at}"), &signed.entry.body);
    }
    let genesis = story.entries.first().unwrap().entry.clone();
    let genesis = genesis.sign(&story.org, &testkit::key(testkit::ROOT));
    [signed_entry("genesis", &story.org, &genesis, &[]), bodies]
}

fn vectors() -> String {
    let (entries, text) = log();
    let entry = signed_entry("entry", &ORG, entries.get(1).unwrap(), &ORG.0);
    let [genesis, acts] = acts();
    let sealed = sealed(&entries, &text);
    let run = run(&entries, text);
    let others = [bodies::grant(), bodies::cut(), bodies::forget(), bodies::roster(), bodies::record(), bodies::file()];
    let first = [ids(), phrase(), invitation(), genesis, entry, sealed, epoch(), run, register(), acts];
    json(&first.into_iter().chain(others).collect::<Vec<_>>())
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the file is written anew when it is asked for")]
fn the_vectors_of_the_protocol_have_not_changed() {
    let made = vectors();
    if std::env::var_os("ARTEL_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/interop/vectors.json");
        std::fs::write(path, &made).unwrap();
        return;
    }
    let kept = include_str!("../../../tests/interop/vectors.json").replace("\r\n", "\n");
    for (kept, made) in kept.lines().zip(made.lines()) {
        assert_eq!(kept, made, "what is written today would be read by nobody");
    }
    assert_eq!(kept, made);
}
