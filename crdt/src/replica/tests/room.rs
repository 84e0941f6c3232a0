//! Some desks in one room, driven by hand.

use super::super::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::Entropy;
use crate::authority::Role;
use crate::cert::{Email, MailProof};
use crate::entry::Signed;
use crate::id::sha256;
use crate::invite::InviteSecret;
use crate::run::check_run;
use crate::timeline::{Order, Record, project};

/// A seeded generator; good enough to be different, never used outside tests.
pub(super) struct Seeded(pub(super) u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
    }
}

/// One device with its disk, driven by hand.
pub(super) struct Desk {
    pub(super) replica: Replica,
    pub(super) rng: Seeded,
    pub(super) disk: Vec<Packet>,
    pub(super) registers: Vec<Vec<u8>>,
    pub(super) beside: Vec<Packet>,
    pub(super) held_at: Vec<(SpaceId, Cut)>,
    pub(super) placed: BTreeMap<(SpaceId, Order), Placed>,
    pub(super) unopened: BTreeSet<(SpaceId, EntryId)>,
    pub(super) done: VecDeque<Result<Reply, Refusal>>,
    pub(super) alarms: Vec<AlarmKind>,
    pub(super) rejected: Vec<Rejected>,
}

impl Desk {
    pub(super) fn new(org: OrgId, identity: Identity, seed: u64) -> Self {
        Self {
            replica: Replica::new(org, identity),
            rng: Seeded(seed << 32),
            disk: Vec::new(),
            registers: Vec::new(),
            beside: Vec::new(),
            held_at: Vec::new(),
            placed: BTreeMap::new(),
            unopened: BTreeSet::new(),
            done: VecDeque::new(),
            alarms: Vec::new(),
            rejected: Vec::new(),
        }
    }
}

/// Some desks in one room; links are perfect.
pub(super) struct Room {
    pub(super) now: u64,
    pub(super) desks: Vec<Desk>,
    pub(super) linked: BTreeSet<(usize, usize)>,
    pub(super) mail: VecDeque<(usize, usize, Message)>,
}

pub(super) fn identity(seed: u64) -> Identity {
    let mut rng = Seeded(seed << 40);
    let mut key = [0; 32];
    rng.fill(&mut key);
    Identity { signing: SigningKey::from_bytes(&key), sealing: vec![SealingKey::draw(&mut rng)] }
}

impl Room {
    pub(super) fn found() -> Self {
        let mut rng = Seeded(7 << 50);
        let founder = identity(1);
        let founding = Founding {
            name: "ООО Ромашка".into(),
            person: "Анна".into(),
            email: Email::parse("anna@romashka.example").unwrap(),
            domains: vec!["romashka.example".into()],
            device_name: "desk".into(),
        };
        let mut ctx = Ctx { now: Timestamp(1_000_000), rng: &mut rng };
        let founded = found(&mut ctx, &SigningKey::from_bytes(&[9; 32]), &founder, &founding).unwrap();
        let mut room = Self { now: 1_000_000, desks: Vec::new(), linked: BTreeSet::new(), mail: VecDeque::new() };
        room.desks.push(Desk::new(founded.org, founder, 1));
        for packet in founded.packets {
            room.offer(0, DeviceId([0; 16]), packet.encode());
        }
        room.input(0, Input::Restored { clean: false, unopened: Vec::new() });
        room.want(0, Command::Begin).unwrap();
        room
    }

    pub(super) fn offer(&mut self, at: usize, from: DeviceId, bytes: Vec<u8>) {
        match check_run(self.desks[at].replica.keys(), &bytes) {
            Ok(packet) => self.input(at, Input::Packet { source: Source::Peer(from), packet: Box::new(packet) }),
            Err(crate::run::BadRun::UnknownDevice(signer)) => {
                self.input(at, Input::UnknownSigner { from, signer, bytes });
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) fn input(&mut self, at: usize, input: Input) {
        let desk = &mut self.desks[at];
        let mut out = Outputs::new();
        desk.replica.handle(&mut Ctx { now: Timestamp(self.now), rng: &mut desk.rng }, input, &mut out);
        for output in out {
            self.perform(at, output);
        }
    }

    pub(super) fn perform(&mut self, at: usize, output: Output) {
        let desk = &mut self.desks[at];
        match output {
            Output::Store { packet, .. } => desk.disk.push(packet),
            Output::Branch(packet) => desk.beside.push(packet),
            Output::Held { space, held } => desk.held_at.push((space, held)),
            Output::Records { placed, space, opened } => {
                opened.map(|epoch| desk.unopened.remove(&(space, epoch)));
                desk.placed.extend(placed.into_iter().map(|it| ((space, it.order), it)));
            }
            Output::Unopened { space, epoch } => drop(desk.unopened.insert((space, epoch))),
            Output::Load { space, epoch } => {
                let steps = desk.steps(&space, &epoch);
                self.input(at, Input::Steps { space, epoch, steps });
            }
            Output::LoadLinks(space) => {
                let held = desk.disk.iter().filter(|it| it.run.space() == space);
                let links = held.flat_map(|it| it.run.entries()).map(Link::of).collect();
                self.input(at, Input::Links { space, links });
            }
            Output::Register(bytes) => desk.registers.push(bytes),
            Output::Send { peer, message } => {
                let to = self.desks.iter().position(|it| it.replica.device() == peer).unwrap();
                self.mail.push_back((at, to, message));
            }
            Output::Serve { peer, space, ranges, .. } => self.serve(at, peer, space, &ranges),
            Output::Done { result, .. } => desk.done.push_back(result),
            Output::Recheck { from, bytes } => self.offer(at, from, bytes),
            Output::Alarm { kind, .. } => desk.alarms.push(kind),
            Output::Reject { why, .. } => desk.rejected.push(why),
            Output::WakeAt(_) | Output::Changed(_) | Output::Roster | Output::Forget { .. } => {}
        }
    }

    pub(super) fn serve(&mut self, at: usize, peer: DeviceId, space: SpaceId, ranges: &[LogRange]) {
        let to = self.desks.iter().position(|it| it.replica.device() == peer).unwrap();
        let desk = &self.desks[at];
        let wanted: Vec<Packet> = desk
            .disk
            .iter()
            .chain(&desk.beside)
            .filter(|it| it.run.space() == space)
            .filter(|it| {
                let (first, last) = it.run.range();
                ranges.iter().any(|range| range.log == it.run.log() && first <= range.last && range.first <= last)
            })
            .cloned()
            .collect();
        let from = self.desks[at].replica.device();
        for packet in wanted {
            self.offer(to, from, packet.encode());
        }
        self.input(to, Input::Message { from, message: Message::Served(space) });
    }

    /// Until nobody has learnt anything for a while. Who was put out may go on asking.
    pub(super) fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..200 {
            let before = self.written();
            let busy = self.turn() && self.linked.iter().all(|(a, b)| self.trust(*a, *b)) && !self.somebody_is_out();
            quiet = if busy || self.written() != before { 0 } else { quiet + 1 };
            if quiet == 14 {
                return;
            }
        }
        panic!("the room does not settle");
    }

    pub(super) fn written(&self) -> usize {
        self.desks.iter().map(|it| it.disk.len() + it.registers.len()).sum()
    }

    pub(super) fn somebody_is_out(&self) -> bool {
        let spaces = self.desks.iter().flat_map(|it| it.replica.spaces().into_iter().map(|space| space.id));
        let spaces: BTreeSet<SpaceId> = spaces.collect();
        let differs = |space: &SpaceId| {
            let views: BTreeSet<_> =
                self.desks.iter().filter_map(|it| it.replica.space(space)).map(|it| it.members).collect();
            views.len() > 1
        };
        spaces.iter().any(differs)
    }

    /// What the gate of both sides says.
    pub(super) fn trust(&self, a: usize, b: usize) -> bool {
        let active = |by: usize, of: usize| {
            let device = self.desks[of].replica.device();
            self.desks[by].replica.authority().state().is_active(&device)
        };
        active(a, b) && active(b, a)
    }

    /// Half a second; whether anybody had anything to say.
    pub(super) fn turn(&mut self) -> bool {
        let busy = self.is_busy();
        while let Some((from, to, message)) = self.mail.pop_front() {
            let linked = self.linked.contains(&(from.min(to), from.max(to))) && self.trust(from, to);
            let from = self.desks[from].replica.device();
            match message {
                _ if !linked => {}
                Message::Push(bytes) => self.offer(to, from, bytes),
                message => self.input(to, Input::Message { from, message }),
            }
        }
        self.now += 500;
        for at in 0..self.desks.len() {
            self.input(at, Input::Tick);
        }
        for (a, b) in self.linked.clone() {
            if !self.trust(a, b) {
                continue;
            }
            let (one, other) = (self.desks[a].replica.device(), self.desks[b].replica.device());
            let summary = self.desks[a].replica.summary_for(&other);
            self.input(b, Input::Message { from: one, message: Message::Summary(summary) });
        }
        busy || self.is_busy()
    }

    /// Whether anything is on its way besides the question that everybody asks from time to time; of many somebody always does.
    fn is_busy(&self) -> bool {
        self.mail.iter().any(|it| !matches!(it.2, Message::RegistersHash(_)))
    }

    pub(super) fn link(&mut self, a: usize, b: usize) {
        self.linked.insert((a.min(b), a.max(b)));
        let (one, other) = (self.desks[a].replica.device(), self.desks[b].replica.device());
        self.input(a, Input::PeerUp(other));
        self.input(b, Input::PeerUp(one));
    }

    pub(super) fn unlink(&mut self, a: usize, b: usize) {
        self.linked.remove(&(a.min(b), a.max(b)));
        let (one, other) = (self.desks[a].replica.device(), self.desks[b].replica.device());
        self.input(a, Input::PeerDown(other));
        self.input(b, Input::PeerDown(one));
    }

    /// Builds a replica again from the first so many packets of its disk and all its registers, after a crash.
    pub(super) fn restart(&mut self, at: usize, identity: Identity, packets: usize) {
        let peers: Vec<usize> =
            (0..self.desks.len()).filter(|it| self.linked.contains(&(at.min(*it), at.max(*it)))).collect();
        peers.iter().for_each(|it| self.unlink(at, *it));
        let org = self.desks[at].replica.org();
        let mut desk = Desk::new(org, identity, at as u64 + 1);
        std::mem::swap(&mut self.desks[at], &mut desk);
        self.desks[at].rng.0 = desk.rng.0 + 1_000;
        desk.disk.truncate(packets);
        self.desks[at].disk = desk.disk.clone();
        for packet in desk.disk {
            self.input(at, Input::Packet { source: Source::Replay, packet: Box::new(packet) });
        }
        self.desks[at].registers = desk.registers.clone();
        for bytes in desk.registers {
            self.input(at, Input::Register(bytes));
        }
        (self.desks[at].beside, self.desks[at].held_at) = (desk.beside.clone(), desk.held_at.clone());
        for packet in desk.beside {
            self.input(at, Input::Packet { source: Source::Branch, packet: Box::new(packet) });
        }
        for (space, held) in desk.held_at {
            self.input(at, Input::Held { space, held });
        }
        let unopened = self.desks[at].unopened.iter().copied().collect();
        self.input(at, Input::Restored { clean: false, unopened });
        peers.iter().for_each(|it| self.link(at, *it));
    }

    pub(super) fn want(&mut self, at: usize, command: Command) -> Result<Reply, Refusal> {
        self.input(at, Input::Command { id: 1, command: Box::new(command) });
        if self.desks[at].done.is_empty() {
            self.settle();
        }
        self.desks[at].done.pop_front().expect("an answer")
    }

    /// Invites and admits one more person through desk 0, and links the new desk with it.
    pub(super) fn hire(&mut self, name: &str, team: Option<SpaceId>) -> usize {
        let secret = InviteSecret::random(&mut self.desks[0].rng);
        let email = Email::parse(&format!("{name}@romashka.example")).unwrap();
        let invite = secret.id();
        self.want(
            0,
            Command::Invite {
                secret,
                email,
                name: name.into(),
                role: Role::Member,
                team,
                auto_admit: true,
                life: crate::limits::INVITE_LIFE,
            },
        )
        .unwrap();
        self.admit(name, invite)
    }

    /// The same for a guest.
    pub(super) fn hire_guest(&mut self, name: &str, until: u64, spaces: Vec<SpaceId>) -> usize {
        let secret = InviteSecret::random(&mut self.desks[0].rng);
        let email = Email::parse(&format!("{name}@romashka.example")).unwrap();
        let invite = secret.id();
        let name_of = name.to_owned();
        self.want(
            0,
            Command::InviteGuest {
                secret,
                email,
                name: name_of,
                until,
                spaces,
                auto_admit: true,
                life: crate::limits::INVITE_LIFE,
            },
        )
        .unwrap();
        self.admit(name, invite)
    }

    pub(super) fn admit(&mut self, name: &str, invite: crate::id::InviteId) -> usize {
        let at = self.desks.len();
        let newcomer = identity(at as u64 + 1);
        let admit = Admit {
            invite,
            device_key: newcomer.signing.verifying_key().to_bytes(),
            seal_key: *newcomer.sealing[0].public().as_bytes(),
            device_name: name.into(),
            mail_proof: MailProof::None,
        };
        self.want(0, Command::Admit(Box::new(admit))).unwrap();
        let org = self.desks[0].replica.org();
        let mut desk = Desk::new(org, newcomer, at as u64 + 1);
        desk.rng.0 = at as u64 * 1_000_003;
        self.desks.push(desk);
        self.input(at, Input::Restored { clean: false, unopened: Vec::new() });
        let chain: Vec<Vec<u8>> = self.desks[0]
            .disk
            .iter()
            .filter(|it| it.run.space() == self.desks[0].replica.organisation_space())
            .map(Packet::encode)
            .collect();
        let from = self.desks[0].replica.device();
        for bytes in chain {
            self.offer(at, from, bytes);
        }
        assert!(self.desks[at].replica.person().is_some(), "{name} is in");
        self.link(0, at);
        self.settle();
        at
    }

    pub(super) fn space(&mut self, at: usize, command: Command) -> SpaceId {
        match self.want(at, command) {
            Ok(Reply::Space(space)) => space,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn post(&mut self, at: usize, space: SpaceId, text: &str) -> EntryId {
        let record = Box::new(Record::message());
        match self.want(at, Command::Post { space, record, text: Some(text.into()) }) {
            Ok(Reply::Entry { id, .. }) => id,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn read(&self, at: usize, space: SpaceId) -> Vec<String> {
        let desk = &self.desks[at];
        let Some(lens) = desk.replica.lens(&space) else { return Vec::new() };
        let blobs: BTreeMap<_, _> = desk.disk.iter().flat_map(|it| it.blobs.clone()).collect();
        let bases = desk.placed.values().filter(|it| it.space == space && it.note_target().is_none());
        bases
            .map(|base| {
                let notes: Vec<Placed> =
                    desk.placed.values().filter(|it| it.note_target() == Some(base.id)).cloned().collect();
                let row = project(base, &notes, &lens, Timestamp(self.now));
                let text = row.text.and_then(|it| lens.open(&it.epoch, blobs.get(&it.blob.hash)?));
                match (row.retracted_by, text) {
                    (Some(_), _) => "(retracted)".to_owned(),
                    (None, text) => text.unwrap_or_else(|| format!("(closed {:?})", row.hidden)),
                }
            })
            .collect()
    }
}

impl Desk {
    pub(super) fn steps(&self, space: &SpaceId, epoch: &EntryId) -> Vec<Signed> {
        self.disk
            .iter()
            .filter(|it| it.run.space() == *space)
            .flat_map(|it| it.run.entries().to_vec())
            .filter(|it| it.entry.epoch == Some(*epoch))
            .collect()
    }
}
