//! A member whose program does what it likes: his key is real, his acts are not his to do.
//!
//! He has no replica that could hold him back. What he signs is given to colleagues as a peer would give it; in the end it
//! is counted how often he tried and how often it counted.

use std::collections::BTreeMap;

use artel_crdt::authority::{Act, ChannelCreate, RemovePerson, Role, SetRole};
use artel_crdt::authority::{Caps, OwnerGrant};
use artel_crdt::entry::{Entry, Kind};
use artel_crdt::id::{DeviceId, EntryId, Inc, PersonId};
use artel_crdt::replica::Identity;
use artel_crdt::run::{Packet, Run};
use artel_crdt::time::Hlc;

use crate::chance::Chance;
use crate::world::World;

/// How he behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Malice {
    /// Signs acts that he has no right to.
    Forge,
    /// Gives packets once more, to somebody who has them or has them still to come.
    Replay,
    /// Signs two entries for one position.
    Equivocate,
    /// Signs with old predecessors and an old clock, as if it had been before he was watched.
    BackDate,
    /// Signs a great many at once.
    Flood,
    /// Serves only what he wrote himself: here one honest device does, by fault or by force.
    Withhold,
}

impl Malice {
    pub(crate) const ALL: [Self; 6] =
        [Self::Forge, Self::Replay, Self::Equivocate, Self::BackDate, Self::Flood, Self::Withhold];
}

/// Acts of one flood.
const FLOOD: u64 = 40;

/// The hostile member of a world.
pub(crate) struct Hostile {
    identity: Identity,
    device: DeviceId,
    person: PersonId,
    chance: Chance,
    drawn: Vec<Malice>,
    /// What he signed, and as what.
    signed: BTreeMap<EntryId, Malice>,
    /// How often he tried.
    pub(crate) tried: BTreeMap<Malice, u64>,
}

impl World {
    /// Draws three of six behaviours; the hostile member appears when he has been admitted.
    pub(crate) fn employ(&mut self, identity: Identity) {
        let device = DeviceId::of_key(identity.signing.verifying_key().as_bytes());
        let Some(person) = self.nodes[0].replica.authority().state().person_of(&device) else { return };
        let mut chance = Chance::new(self.seed, 9);
        let mut all = Malice::ALL;
        chance.shuffle(&mut all);
        let drawn: Vec<Malice> = all.into_iter().take(3).collect();
        if drawn.contains(&Malice::Withhold) {
            self.withholds = Some(chance.below(self.nodes.len().max(1)));
        }
        let (signed, tried) = (BTreeMap::new(), BTreeMap::new());
        self.hostile = Some(Hostile { identity, device, person, chance, drawn, signed, tried });
    }

    /// He does something.
    pub(crate) fn misbehave(&mut self) {
        let Some(mut hostile) = self.hostile.take() else { return };
        let running: Vec<usize> = (0..self.nodes.len()).filter(|it| self.nodes[*it].running).collect();
        let drawn = hostile.drawn.clone();
        if let (Some(at), Some(how)) = (hostile.chance.pick(&running), hostile.chance.pick(&drawn)) {
            match how {
                Malice::Forge => self.forge_act(&mut hostile, at, how),
                Malice::BackDate => self.forge_act(&mut hostile, at, how),
                Malice::Flood => (0..FLOOD).for_each(|_| self.forge_act(&mut hostile, at, how)),
                Malice::Replay => self.replay(&mut hostile, at),
                Malice::Equivocate => self.equivocate(&mut hostile, at),
                // Counted when something is withheld.
                Malice::Withhold => {}
            }
        }
        self.hostile = Some(hostile);
    }

    /// Signs an act that he has no right to and gives it to a colleague.
    fn forge_act(&mut self, hostile: &mut Hostile, at: usize, how: Malice) {
        let entry = self.void_act(hostile, at, how);
        self.give(hostile, at, how, entry);
    }

    /// Says one thing to one colleague and another to the next: an act twice at one position of the organisation, or, with
    /// the stolen key of a colleague, a branch beside that colleague's log.
    fn equivocate(&mut self, hostile: &mut Hostile, at: usize) {
        let how = Malice::Equivocate;
        if hostile.chance.below(2) == 0 {
            let did = u64::from(self.forge());
            *hostile.tried.entry(how).or_default() += did;
            return;
        }
        let one = self.void_act(hostile, at, how);
        let other =
            Entry { body: self.void_act(hostile, at, how).body, hlc: Hlc { ms: self.now, ctr: 1 }, ..one.clone() };
        let others: Vec<usize> = (0..self.nodes.len()).filter(|it| *it != at && self.nodes[*it].running).collect();
        let second = hostile.chance.pick(&others).unwrap_or(at);
        self.forged.insert(hostile.device);
        self.give(hostile, at, how, one);
        self.give(hostile, second, how, other);
    }

    /// Signs an entry of his and gives it to a colleague.
    fn give(&mut self, hostile: &mut Hostile, at: usize, how: Malice, entry: Entry) {
        let signed = entry.sign(&self.org, &hostile.identity.signing);
        hostile.signed.insert(signed.id, how);
        *hostile.tried.entry(how).or_default() += 1;
        self.offer(at, hostile.device, Packet::of(Run::own(signed)).encode());
    }

    /// An act that he has no right to, the first of a new log.
    fn void_act(&self, hostile: &mut Hostile, at: usize, how: Malice) -> Entry {
        let authority = self.nodes[at].replica.authority();
        let colleague = self.nodes[0].person().unwrap_or(hostile.person);
        let act = match hostile.chance.below(4) {
            0 => Act::SetRole(SetRole { person: hostile.person, role: Role::Admin, caps: Caps(0) }),
            1 => Act::OwnerGrant(OwnerGrant { person: hostile.person, on: true }),
            2 => Act::RemovePerson(RemovePerson { person: colleague, cut: Vec::new(), archive_to: None }),
            _ => Act::ChannelCreate(ChannelCreate { team: None, kind: 0, name: 0, history: 0, archive: false }),
        };
        let old = how == Malice::BackDate;
        let seen = if old { authority.audit().take(1).map(|it| it.id).collect() } else { authority.heads() };
        let ms = if old { crate::world::START + 1 } else { self.now };
        Entry {
            device: hostile.device,
            space: self.nodes[at].replica.organisation_space(),
            inc: Inc((&mut hostile.chance as &mut dyn artel_crdt::Entropy).bytes()),
            seq: 0,
            prev: None,
            seen,
            hlc: Hlc { ms, ctr: 0 },
            kind: Kind::Act,
            epoch: None,
            body: act.encode(),
            blobs: Vec::new(),
        }
    }

    /// An old packet of some device comes once more.
    fn replay(&mut self, hostile: &mut Hostile, at: usize) {
        let journal: Vec<Vec<u8>> = self.nodes[at].disk.journal.iter().map(|it| it.0.encode()).collect();
        if let Some(bytes) = hostile.chance.pick(&journal) {
            *hostile.tried.entry(Malice::Replay).or_default() += 1;
            self.offer(at, hostile.device, bytes);
        }
    }

    /// How many of his acts count, at any node. A replay that counts and an entry of a fork that is shown are found by the
    /// other checks.
    pub(crate) fn accepted(&self) -> BTreeMap<Malice, u64> {
        let mut accepted = BTreeMap::new();
        let Some(hostile) = &self.hostile else { return accepted };
        for node in &self.nodes {
            let authority = node.replica.authority();
            let count = |id: &EntryId| authority.knows(id) && authority.denied(id).is_none();
            for how in hostile.signed.iter().filter(|(id, _)| count(id)).map(|(_, how)| *how) {
                *accepted.entry(how).or_default() += 1;
            }
        }
        accepted
    }

    /// Whether an alarm is about him.
    pub(crate) fn is_hostile(&self, device: &DeviceId) -> bool {
        self.hostile.as_ref().is_some_and(|it| it.device == *device)
    }
}
