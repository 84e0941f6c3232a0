//! A device without a disk: a replica, and what it would have stored.

use artel_crdt::authority::Role;
use artel_crdt::cert::{Email, MailProof};
use artel_crdt::entry::Signed;
use artel_crdt::id::{DeviceId, OrgId, SpaceId, sha256};
use artel_crdt::invite::InviteSecret;
use artel_crdt::replica::{
    Admit, Command, Founding, Identity, Input, Output, Outputs, Refusal, Replica, Reply, Source, found,
};
use artel_crdt::run::{BadRun, Packet, check_run};
use artel_crdt::seal::SealingKey;
use artel_crdt::secret::Secret;
use artel_crdt::time::Timestamp;
use artel_crdt::timeline::Record;
use artel_crdt::{Ctx, Entropy};
use ed25519_dalek::SigningKey;

/// The same numbers at every run.
struct Seeded(u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
    }
}

/// The keys of a device by its number.
fn identity(number: u64) -> Identity {
    let key = |use_of: &[u8]| sha256(&[use_of, &number.to_be_bytes()]);
    let sealing = vec![SealingKey::from_secret(Secret::new(key(b"seal")))];
    Identity { signing: SigningKey::from_bytes(&key(b"sign")), sealing }
}

/// A device.
pub(crate) struct Desk {
    pub(crate) replica: Replica,
    pub(crate) disk: Vec<Packet>,
    now: u64,
    rng: Seeded,
    answer: Option<Result<Reply, Refusal>>,
}

impl Desk {
    fn new(org: OrgId, number: u64) -> Self {
        let replica = Replica::new(org, identity(number));
        Self { replica, disk: Vec::new(), now: 1_900_000_000_000, rng: Seeded(number << 32), answer: None }
    }

    /// A founder and members 1 to `members - 1`.
    pub(crate) fn office(members: u64) -> Self {
        let founding = Founding {
            name: "ООО Ромашка".into(),
            person: "Анна".into(),
            email: Email::parse("anna@romashka.example").unwrap(),
            domains: vec!["romashka.example".into()],
            device_name: "desk".into(),
        };
        let mut rng = Seeded(1 << 48);
        let mut ctx = Ctx { now: Timestamp(1_900_000_000_000), rng: &mut rng };
        let founded = found(&mut ctx, &SigningKey::from_bytes(&[9; 32]), &identity(0), &founding).unwrap();
        let mut desk = Self::new(founded.org, 0);
        founded.packets.iter().for_each(|it| desk.take(&it.encode()));
        desk.input(Input::Restored { clean: false, unopened: Vec::new() });
        desk.want(Command::Begin);
        (1..members).for_each(|it| desk.hire(it));
        desk
    }

    /// Another device of this office, which has got everything so far.
    pub(crate) fn colleague(&self, number: u64) -> Self {
        let mut desk = Self::new(self.replica.org(), number);
        desk.input(Input::Restored { clean: false, unopened: Vec::new() });
        self.disk.iter().for_each(|it| desk.take(&it.encode()));
        desk
    }

    fn hire(&mut self, number: u64) {
        let secret = InviteSecret::random(&mut self.rng);
        let invite = secret.id();
        let email = Email::parse(&format!("person{number}@romashka.example")).unwrap();
        let name = format!("Person {number}");
        self.want(Command::Invite {
            secret,
            email,
            name,
            role: Role::Member,
            team: None,
            auto_admit: true,
            life: artel_crdt::limits::INVITE_LIFE,
        });
        let newcomer = identity(number);
        self.want(Command::Admit(Box::new(Admit {
            invite,
            device_key: newcomer.signing.verifying_key().to_bytes(),
            seal_key: *newcomer.sealing[0].public().as_bytes(),
            device_name: "desk".into(),
            mail_proof: MailProof::None,
        })));
    }

    /// Which device a number has.
    pub(crate) fn device(number: u64) -> DeviceId {
        DeviceId::of_key(identity(number).signing.verifying_key().as_bytes())
    }

    /// Carries out a command, which must not be refused.
    pub(crate) fn want(&mut self, command: Command) -> Reply {
        self.input(Input::Command { id: 1, command: Box::new(command) });
        self.answer.take().expect("an answer").unwrap()
    }

    /// Makes a channel for all.
    pub(crate) fn channel(&mut self) -> SpaceId {
        match self.want(Command::CreateChannel { name: "общий".into(), team: None }) {
            Reply::Space(space) => space,
            other => panic!("{other:?}"),
        }
    }

    /// Writes a message.
    pub(crate) fn post(&mut self, space: SpaceId, text: &str) {
        self.want(Command::Post { space, record: Box::new(Record::message()), text: Some(text.to_owned()) });
    }

    /// Takes in a packet of a colleague: checks it as a worker would, and gives it to the replica.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let from = Self::device(0);
        match check_run(self.replica.keys(), bytes) {
            Ok(packet) => self.input(Input::Packet { source: Source::Peer(from), packet: Box::new(packet) }),
            Err(BadRun::UnknownDevice(signer)) => {
                self.input(Input::UnknownSigner { from, signer, bytes: bytes.to_vec() });
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn input(&mut self, input: Input) {
        // So that what is put off has its time.
        self.now += 20;
        let mut out = Outputs::new();
        self.replica.handle(&mut Ctx { now: Timestamp(self.now), rng: &mut self.rng }, input, &mut out);
        for output in out {
            match output {
                Output::Store { packet, .. } => self.disk.push(packet),
                Output::Done { result, .. } => self.answer = Some(result),
                Output::Load { space, epoch } => {
                    let steps = self.entries(space).filter(|it| it.entry.epoch == Some(epoch)).cloned().collect();
                    self.input(Input::Steps { space, epoch, steps });
                }
                Output::Recheck { bytes, .. } => self.take(&bytes),
                _ => {}
            }
        }
    }

    /// What is stored of a space.
    pub(crate) fn entries(&self, space: SpaceId) -> impl Iterator<Item = &Signed> {
        self.disk.iter().filter(move |it| it.run.space() == space).flat_map(|it| it.run.entries())
    }
}
