//! How an organisation comes to be, and how people join it.

use artel_crdt::authority::Role;
use artel_crdt::cert::{Email, MailProof};
use artel_crdt::id::SpaceId;
use artel_crdt::invite::InviteSecret;
use artel_crdt::replica::{Admit, Command, Founding, Input, found};
use artel_crdt::time::Timestamp;
use artel_crdt::{Ctx, replica::Refusal};
use ed25519_dalek::SigningKey;

use crate::chance::Chance;
use crate::faults::Fault;
use crate::node::{Node, Wish};
use crate::world::{Event, START, World};

/// Somebody who is being admitted; no colleague sees him before his device speaks.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    /// Distinguishes attempts: a crash of the founder can make one fail.
    attempt: u64,
    secret: InviteSecret,
    team: Option<SpaceId>,
    /// Has a key and no device of ours.
    hostile: bool,
}

impl Newcomer {
    fn device(&self, world: &World) -> Node {
        Node::new(world.org, Chance::new(world.seed, 1_000 + self.attempt))
    }
}

impl World {
    /// A world with a founder.
    pub(crate) fn found(seed: u64) -> Result<Self, Refusal> {
        let mut rng = Chance::new(seed, 3);
        // The founder's keys follow from the same stream whatever the organisation is.
        let keys = || Chance::new(seed, 4);
        let founder = Node::new(artel_crdt::id::OrgId([0; 20]), keys());
        let founding = Founding {
            name: "ООО Ромашка".into(),
            person: "Анна".into(),
            email: Email::parse("anna@romashka.example").map_err(|_| Refusal::ForeignDomain)?,
            domains: vec!["romashka.example".into()],
            device_name: "desk".into(),
        };
        let root = SigningKey::from_bytes(&(&mut rng as &mut dyn artel_crdt::Entropy).bytes());
        let mut ctx = Ctx { now: Timestamp(START), rng: &mut rng };
        let founded = found(&mut ctx, &root, &founder.identity(), &founding)?;
        let mut world = Self::empty(seed, founded.org);
        world.nodes.push(Node::new(founded.org, keys()));
        for packet in founded.packets {
            let device = world.nodes[0].device;
            world.offer(0, device, packet.encode());
        }
        world.input(0, Input::Restored { clean: false, unopened: Vec::new() });
        world.order(0, Command::Begin);
        Ok(world)
    }

    /// The founder invites one more, if there is room; tried again until the newcomer is there.
    pub(crate) fn invite(&mut self, team: Option<SpaceId>) {
        if self.nodes.len() >= self.expected {
            return;
        }
        self.after(8_000, Event::Join);
        if self.nodes[0].running {
            self.invite_as(team, false);
        }
    }

    /// The same for the hostile member.
    pub(crate) fn invite_hostile(&mut self) {
        self.invite_as(None, true);
    }

    fn invite_as(&mut self, team: Option<SpaceId>, hostile: bool) {
        self.attempts += 1;
        let attempt = self.attempts;
        let secret = InviteSecret::random(&mut self.chance);
        let name = format!("person{attempt}");
        let Ok(email) = Email::parse(&format!("{name}@romashka.example")) else { return };
        let newcomer = Newcomer { attempt, secret: secret.clone(), team, hostile };
        let wish = Wish::Invite(Box::new(newcomer));
        self.want(
            0,
            wish,
            Command::Invite {
                secret,
                email,
                name,
                role: Role::Member,
                team,
                auto_admit: true,
                life: artel_crdt::limits::INVITE_LIFE,
            },
        );
    }

    /// The invitation is there: lets the newcomer in.
    pub(crate) fn admit(&mut self, newcomer: Newcomer) {
        let identity = newcomer.device(self).identity();
        let Some(sealing) = identity.sealing.first() else { return };
        let admit = Admit {
            invite: newcomer.secret.id(),
            device_key: identity.signing.verifying_key().to_bytes(),
            seal_key: *sealing.public().as_bytes(),
            device_name: "desk".into(),
            mail_proof: MailProof::None,
        };
        self.want(0, Wish::Admit(Box::new(newcomer)), Command::Admit(Box::new(admit)));
    }

    /// The newcomer's device gets the chain of acts from the founder and begins to speak.
    pub(crate) fn arrive(&mut self, newcomer: &Newcomer) {
        if newcomer.hostile {
            let identity = newcomer.device(self).identity();
            return self.employ(identity);
        }
        if self.nodes.len() >= self.expected {
            return;
        }
        if self.chaotic {
            self.count(Fault::LateJoin);
        }
        let at = self.nodes.len();
        self.nodes.push(newcomer.device(self));
        self.note(5, &[self.now, at as u64], &[]);
        self.input(at, Input::Restored { clean: false, unopened: Vec::new() });
        let organisation = self.nodes[0].replica.organisation_space();
        let disk = &self.nodes[0].disk;
        let journal = disk.journal.iter().map(|it| &it.0).chain(disk.beside.iter().map(|it| &it.1));
        let chain: Vec<_> = journal.filter(|it| it.run.space() == organisation).map(|it| it.encode()).collect();
        let founder = self.nodes[0].device;
        for bytes in chain {
            self.offer(at, founder, bytes);
        }
        match self.nodes[at].person() {
            Some(person) => {
                if let Some(team) = newcomer.team {
                    self.oracle.meant.entry(team).or_default().insert(person);
                }
            }
            None => self.violate(format!("node {at} was admitted and does not know it")),
        }
    }
}
