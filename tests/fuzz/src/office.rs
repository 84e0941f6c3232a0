//! A small organisation that really lived: a founder's device wrote all of it through [`Replica::handle`].

use std::collections::{BTreeSet, VecDeque};
use std::sync::OnceLock;
use std::time::Duration;

use artel_crdt::authority::Role;
use artel_crdt::cert::{Email, MailProof};
use artel_crdt::id::{DeviceId, EntryId, OrgId, PersonId, SpaceId, sha256};
use artel_crdt::invite::InviteSecret;
use artel_crdt::replica::{
    Admit, Command, Founding, Identity, Input, Output, Outputs, Refusal, Replica, Reply, Source, found,
};
use artel_crdt::run::{Keys, Packet};
use artel_crdt::seal::SealingKey;
use artel_crdt::time::Timestamp;
use artel_crdt::timeline::Record;
use artel_crdt::{Ctx, Entropy};
use ed25519_dalek::SigningKey;

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Reproducible bytes: SHA-256 of a counter.
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
    }
}

/// What is left of the organisation's first day.
pub(crate) struct Office {
    pub(crate) org: OrgId,
    /// What the founder's device stored, in order.
    pub(crate) disk: Vec<Packet>,
    pub(crate) registers: Vec<Vec<u8>>,
    pub(crate) keys: Keys,
    /// A public channel, a private one, a direct space.
    pub(crate) spaces: [SpaceId; 3],
    pub(crate) certificate: Vec<u8>,
}

/// The founder's device.
pub(crate) fn founder() -> Identity {
    Identity { signing: key(), sealing: vec![SealingKey::draw(&mut Seeded(1 << 40))] }
}

/// The signing key of the founder's device.
pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// The signing key of a plain member's device, which may be hostile.
pub(crate) fn member() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

/// The root key.
pub(crate) fn root() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// The founder's device.
pub fn device() -> DeviceId {
    DeviceId::of_key(key().verifying_key().as_bytes())
}

/// Against what packets are checked.
pub fn keys() -> Keys {
    office().keys.clone()
}

/// The organisation; made once.
pub(crate) fn office() -> &'static Office {
    static OFFICE: OnceLock<Office> = OnceLock::new();
    OFFICE.get_or_init(|| Desk::found().live())
}

/// A replica of the founder's device, with everything that it stored.
pub(crate) fn restarted() -> Desk {
    let office = office();
    let mut desk = Desk::empty(office.org);
    for packet in &office.disk {
        desk.input(Input::Packet { source: Source::Home, packet: Box::new(packet.clone()) });
    }
    desk.input(Input::Restored { clean: false, unopened: Vec::new() });
    desk.disk.clear();
    desk
}

/// A device driven by hand, without any peer.
pub(crate) struct Desk {
    pub(crate) replica: Replica,
    pub(crate) now: Timestamp,
    rng: Seeded,
    pub(crate) disk: Vec<Packet>,
    registers: Vec<Vec<u8>>,
    done: VecDeque<Result<Reply, Refusal>>,
}

impl Desk {
    fn empty(org: OrgId) -> Self {
        Self {
            replica: Replica::new(org, founder()),
            now: NOW,
            rng: Seeded(1 << 30),
            disk: Vec::new(),
            registers: Vec::new(),
            done: VecDeque::new(),
        }
    }

    fn found() -> Self {
        let founding = Founding {
            name: "ООО Ромашка".to_owned(),
            person: "Анна".to_owned(),
            email: Email::parse("anna@firma.example").unwrap(),
            domains: vec!["firma.example".to_owned()],
            device_name: "Ноутбук".to_owned(),
        };
        let mut ctx = Ctx { now: NOW, rng: &mut Seeded(7 << 50) };
        let founded = found(&mut ctx, &root(), &founder(), &founding).unwrap();
        let mut desk = Self::empty(founded.org);
        for packet in founded.packets {
            let bytes = packet.encode();
            let signer = packet.run.log().device;
            if !desk.replica.keys().devices.contains_key(&signer) {
                desk.input(Input::UnknownSigner { from: signer, signer, bytes });
            }
            desk.input(Input::Packet { source: Source::Peer(signer), packet: Box::new(packet) });
        }
        desk.input(Input::Restored { clean: false, unopened: Vec::new() });
        desk
    }

    /// Gives the replica an input and does what it asks for, as far as one device without peers can.
    pub(crate) fn input(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        // A hostile input must not make the replica ask for ever.
        for _ in 0..1_000 {
            let Some(input) = inputs.pop_front() else { return };
            let mut out = Outputs::new();
            self.replica.handle(&mut Ctx { now: self.now, rng: &mut self.rng }, input, &mut out);
            inputs.extend(out.into_iter().filter_map(|it| self.perform(it)));
        }
        panic!("one input keeps the replica busy for ever");
    }

    fn perform(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Store { packet, .. } => self.disk.push(packet),
            Output::Register(bytes) => self.registers.push(bytes),
            Output::Done { result, .. } => self.done.push_back(result),
            Output::Load { space, epoch } => {
                return Some(Input::Steps { space, epoch, steps: self.steps(&space, &epoch) });
            }
            Output::Recheck { from, bytes } => {
                let packet = Box::new(artel_crdt::run::check_run(self.replica.keys(), &bytes).ok()?);
                return Some(Input::Packet { source: Source::Peer(from), packet });
            }
            _ => {}
        }
        None
    }

    fn steps(&self, space: &SpaceId, epoch: &EntryId) -> Vec<artel_crdt::entry::Signed> {
        let all = self.disk.iter().filter(|it| it.run.space() == *space).flat_map(|it| it.run.entries());
        all.filter(|it| it.entry.epoch == Some(*epoch)).cloned().collect()
    }

    /// Lets time go by.
    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.input(Input::Tick);
    }

    /// Carries out a command; the answer may take some seconds.
    pub(crate) fn want(&mut self, command: Command) -> Result<Reply, Refusal> {
        self.done.clear();
        self.input(Input::Command { id: 1, command: Box::new(command) });
        for _ in 0..100 {
            if let Some(result) = self.done.pop_front() {
                return result;
            }
            self.wait(1);
        }
        panic!("a command is never answered");
    }

    fn space(&mut self, command: Command) -> SpaceId {
        match self.want(command).unwrap() {
            Reply::Space(space) => space,
            other => panic!("{other:?}"),
        }
    }

    /// Posts a message; its id.
    pub(crate) fn post(&mut self, space: SpaceId, record: Record, text: Option<&str>) -> EntryId {
        let command = Command::Post { space, record: Box::new(record), text: text.map(str::to_owned) };
        match self.want(command).unwrap() {
            Reply::Entry { id, .. } => id,
            other => panic!("{other:?}"),
        }
    }

    fn hire(&mut self) -> (PersonId, Vec<u8>) {
        let secret = InviteSecret::random(&mut self.rng);
        let invite = secret.id();
        let email = Email::parse("boris@firma.example").unwrap();
        let command = Command::Invite {
            secret,
            email,
            name: "Борис".to_owned(),
            role: Role::Member,
            team: None,
            auto_admit: true,
            life: artel_crdt::limits::INVITE_LIFE,
        };
        self.want(command).unwrap();
        let admit = Admit {
            invite,
            device_key: member().verifying_key().to_bytes(),
            seal_key: *SealingKey::draw(&mut Seeded(2 << 40)).public().as_bytes(),
            device_name: "LAPTOP-7".to_owned(),
            mail_proof: MailProof::None,
        };
        let Ok(Reply::Admitted { device, certificate }) = self.want(Command::Admit(Box::new(admit))) else {
            panic!("not admitted");
        };
        (self.replica.authority().state().person_of(&device).unwrap(), certificate)
    }

    fn live(mut self) -> Office {
        self.want(Command::Begin).unwrap();
        let team = self.space(Command::CreateTeam { name: "бухгалтерия".to_owned() });
        let channel = self.space(Command::CreateChannel { name: "общий".to_owned(), team: None });
        self.space(Command::CreateChannel { name: "отчёты".to_owned(), team: Some(team) });
        let (boris, certificate) = self.hire();
        self.want(Command::TeamMember { team, person: boris, member: true, lead: false }).unwrap();
        let first = self.post(channel, Record::message(), Some("привет"));
        self.post(channel, Record::edit(first), Some("Привет!"));
        self.post(channel, Record::reaction(first, "👍", true), None);
        self.post(channel, Record::pin(first, true), None);
        self.post(channel, Record::topic(), Some("О работе"));
        let private = self.space(Command::CreatePrivate {
            group: false,
            name: "тайна".to_owned(),
            shared_history: true,
            persons: BTreeSet::from([boris]),
        });
        self.post(private, Record::message(), Some("на двоих"));
        self.want(Command::RosterMember { space: private, person: boris, member: false }).unwrap();
        self.wait(60);
        let direct = self.space(Command::OpenDirect(boris));
        self.post(direct, Record::message(), Some("только тебе"));
        self.want(Command::Held(channel)).unwrap();
        self.wait(60);
        Office {
            org: self.replica.org(),
            keys: self.replica.keys().clone(),
            disk: self.disk,
            registers: self.registers,
            spaces: [channel, private, direct],
            certificate,
        }
    }
}
