//! The authority: who is in the organisation and who may do what, from acts that administrators sign.
//!
//! Every entry of the organisation space is a link of one causal graph. The state is a pure function of the set of
//! entries (`authority/evaluate.rs`), so replicas that hold the same set agree without anybody ordering anything.

mod act;
mod apply;
mod evaluate;
mod graph;
mod policy;
mod rights;
mod rulings;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use ed25519_dalek::VerifyingKey;

use crate::cose;
use crate::entry::{BlobRef, Kind, Signed};
use crate::id::{DeviceId, EntryId, LogId, OrgId, PersonId};
use crate::limits;
use crate::run::{self, Keys};
use crate::time::Hlc;

pub use act::{
    Act, AddDevice, AdminGrant, ArchiveOpen, BotRegister, Bytes, Caps, ChannelCreate, ChannelRole, ChannelSet, CutAt,
    Enrol, Field, ForkProof, Freeze, Genesis, InviteCancelled, InviteCreated, OfficeNode, OwnerGrant, RemovePerson,
    Renew, RevokeDevice, Role, RootRotate, SetPolicy, SetRole, TeamCreate, TeamDefaults, TeamMember, Wipe,
};
pub use graph::Added;
pub use policy::{Archive, Policy, Who};
pub use state::{Channel, Denied, Device, Guest, Invitation, InviteState, Person, Removed, Standing, State, Team};

use evaluate::{Evaluation, Verdict};
use graph::{Graph, Node, NodeSet};

/// States at older heads that are kept; epochs of one session cite few.
const STATES_KEPT: usize = 32;
/// Pasts of heads that are kept, for the same reason; one is a bit for each entry.
const PASTS_KEPT: usize = 256;

/// All entries of the organisation space and what they come to.
#[derive(Debug)]
pub struct Authority {
    org: OrgId,
    graph: Graph,
    keys: Keys,
    evaluation: Evaluation,
    at: BTreeMap<Vec<EntryId>, Arc<State>>,
    pasts: Mutex<BTreeMap<Vec<EntryId>, Arc<NodeSet>>>,
}

impl Authority {
    /// An authority that knows nothing but the organisation's id.
    pub fn new(org: OrgId) -> Self {
        let keys = Keys { org, devices: BTreeMap::new() };
        Self {
            org,
            graph: Graph::default(),
            keys,
            evaluation: Evaluation::new(org),
            at: BTreeMap::new(),
            pasts: Mutex::default(),
        }
    }

    /// Takes in an entry of the organisation space, of any kind. The state follows with [`Self::evaluate`].
    pub fn add(&mut self, signed: &Signed) -> Added {
        if signed.entry.kind == Kind::Act {
            self.learn_key(signed);
        }
        self.graph.add(signed)
    }

    /// Keys are learnt from every act that names one, valid or void: what a removed device signed must still verify.
    fn learn_key(&mut self, signed: &Signed) {
        let key = match Act::decode(&signed.entry.body) {
            Ok(Act::Genesis(act)) => act.root_pk,
            Ok(Act::RootRotate(act)) => act.root_pk,
            Ok(Act::Enrol(act)) => act.device_pk,
            Ok(Act::AddDevice(act)) => act.device_pk,
            _ => return,
        };
        if let Some(public) = cose::public_key(&key) {
            self.keys.devices.insert(DeviceId::of_key(&key), public);
        }
    }

    /// Brings the state up to what was added; true if anything was that can change it.
    pub fn evaluate(&mut self) -> bool {
        let Some(lowest) = self.graph.take_changes() else { return false };
        self.evaluation.update(&self.graph, lowest);
        true
    }

    /// Whether anything was added since the last [`Self::evaluate`] that can change the state.
    pub fn has_news(&self) -> bool {
        self.graph.has_news()
    }

    /// How many entries the last [`Self::evaluate`] judged, each time counted: a microsecond or two for each.
    pub fn cost(&self) -> usize {
        self.evaluation.cost
    }

    /// How many entries were judged since the beginning, each time counted.
    pub fn judged(&self) -> u64 {
        self.evaluation.judged
    }

    /// The present state, as of the last [`Self::evaluate`].
    pub fn state(&self) -> &State {
        &self.evaluation.state
    }

    /// The state at older heads; `None` if one of them is not known.
    pub fn state_at(&mut self, heads: &[EntryId]) -> Option<Arc<State>> {
        if let Some(known) = self.at.get(heads) {
            return Some(Arc::clone(known));
        }
        self.graph.find(heads)?;
        let state = if !self.graph.has_news() && self.graph.heads().all(|it| heads.contains(&it.id)) {
            Arc::new(self.state().clone())
        } else {
            self.graph.arrange();
            Arc::new(evaluate::state_of(&self.graph, &self.org, &self.past(heads)))
        };
        if self.at.len() >= STATES_KEPT {
            self.at.pop_first();
        }
        self.at.insert(heads.to_vec(), Arc::clone(&state));
        Some(state)
    }

    /// Whether an entry is one of the heads or before them. Heads that are not known cover nothing.
    pub fn covers(&self, heads: &[EntryId], id: &EntryId) -> bool {
        self.graph.index.get(id).is_some_and(|it| self.past(heads).contains(*it))
    }

    /// Whether an entry is in, and so everything before it.
    pub fn knows(&self, id: &EntryId) -> bool {
        self.graph.index.contains_key(id)
    }

    /// What an act carries; nothing if it is not in.
    pub fn blobs_of(&self, act: &EntryId) -> &[BlobRef] {
        let node = self.graph.index.get(act).and_then(|it| self.graph.nodes.get(*it));
        node.map_or(&[], |it| it.blobs.as_slice())
    }

    /// Whether another entry than this one, which is not known, stands at the position.
    pub fn knows_another(&self, log: &LogId, seq: u64, id: &EntryId) -> bool {
        !self.graph.index.contains_key(id) && self.graph.holds(log, seq)
    }

    /// The logs in which a device contradicted itself, with position and id of every entry that is known from there on.
    pub fn branches(&self) -> BTreeMap<LogId, BTreeSet<(u64, EntryId)>> {
        self.graph.branches()
    }

    fn past(&self, heads: &[EntryId]) -> Arc<NodeSet> {
        let known: Vec<usize> = heads.iter().filter_map(|it| self.graph.index.get(it).copied()).collect();
        let whole = known.len() == heads.len();
        // A lock is poisoned only by a panic while it is held, and nothing in here panics.
        let mut pasts = self.pasts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(past) = pasts.get(heads) {
            return Arc::clone(past);
        }
        let past = Arc::new(self.graph.past(&known));
        if whole {
            if pasts.len() >= PASTS_KEPT {
                pasts.pop_first();
            }
            pasts.insert(heads.to_vec(), Arc::clone(&past));
        }
        past
    }

    /// Maximal entries, ascending, at most 16. Where there are more, each device has one, those of people who administer
    /// come first, then those with the longest past: nobody can push the others' out by opening many logs.
    pub fn heads(&self) -> Vec<EntryId> {
        let mut heads: Vec<&Node> = self.graph.heads().collect();
        if heads.len() > limits::SEEN_MAX {
            let rank = |it: &Node| self.rank(&it.device());
            heads.sort_unstable_by_key(|it| (rank(it), std::cmp::Reverse(it.generation), it.id));
            let mut devices = BTreeSet::new();
            heads.retain(|it| devices.insert(it.device()));
            heads.truncate(limits::SEEN_MAX);
        }
        let mut heads: Vec<EntryId> = heads.into_iter().map(|it| it.id).collect();
        heads.sort_unstable();
        heads
    }

    /// What an entry written now has to name so that everything known is in its past, in no particular order: all maximal
    /// entries, but for those of a device that contradicted itself and those that `skips` tells by log and position. In the
    /// place of these stands what they have in their past: whoever contradicts himself, or goes on after a removal, would
    /// else take from honest acts what they rest on by naming it.
    pub fn frontier(&self, skips: impl Fn(&LogId, u64) -> bool) -> Vec<(LogId, EntryId)> {
        let forked: BTreeSet<DeviceId> = self.graph.forks.keys().map(|it| it.0.device).collect();
        let skipped = |it: &Node| forked.contains(&it.device()) || skips(&it.log, it.seq);
        self.graph.frontier(skipped).into_iter().map(|it| (it.log, it.id)).collect()
    }

    /// How many maximal entries there are; more than [`Self::heads`] can name where many write at once.
    pub fn heads_count(&self) -> usize {
        self.graph.heads().count()
    }

    fn rank(&self, device: &DeviceId) -> u64 {
        let state = self.state();
        if state.root_device == Some(*device) {
            return 0;
        }
        let person = state.devices.get(device).filter(|_| state.is_active(device)).map(|it| it.person);
        person.and_then(|it| state.persons.get(&it)).map_or(u64::MAX, |it| it.role.rank())
    }

    /// The keys of the root and of every device that any act names.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Acts without effect and why.
    pub fn void(&self) -> BTreeMap<EntryId, Denied> {
        let verdicts = evaluate::by_id(&self.graph, &self.evaluation.verdicts);
        let void = |(id, verdict)| if let Verdict::Void(why) = verdict { Some((id, why)) } else { None };
        verdicts.filter_map(void).collect()
    }

    /// Why an act is without effect, as of the last [`Self::evaluate`]; `None` if it has its effect or is not known.
    pub fn denied(&self, id: &EntryId) -> Option<Denied> {
        match self.evaluation.verdicts.get(*self.graph.index.get(id)?) {
            Some(Verdict::Void(why)) => Some(*why),
            _ => None,
        }
    }

    /// Acts that wait for a newer Artel.
    pub fn stopped(&self) -> BTreeSet<EntryId> {
        let verdicts = evaluate::by_id(&self.graph, &self.evaluation.verdicts);
        verdicts.filter(|(_, verdict)| *verdict == Verdict::Stopped).map(|(id, _)| id).collect()
    }

    /// The device that signed an entry.
    pub fn author_of(&self, id: &EntryId) -> Option<DeviceId> {
        self.graph.nodes.get(*self.graph.index.get(id)?).map(Node::device)
    }

    /// Every act in the canonical order, with what came of it: the record of what administrators did.
    pub fn audit(&self) -> impl Iterator<Item = Audited<'_>> {
        let actors = evaluate::actors(&self.graph, &self.org, &self.evaluation.verdicts);
        let acts = self.graph.order().iter().filter_map(|at| Some((*at, self.graph.nodes.get(*at)?)));
        acts.filter_map(move |(at, node)| {
            let outcome = match self.evaluation.verdicts.get(at)? {
                Verdict::Valid => Outcome::Valid,
                Verdict::Void(why) => Outcome::Void(*why),
                Verdict::Stopped => Outcome::Stopped,
                Verdict::Link => return None,
            };
            let act = node.act.as_ref()?.as_ref().ok();
            let by = actors.get(at).copied().unwrap_or(Actor::Nobody);
            Some(Audited { id: node.id, device: node.device(), by, hlc: node.hlc, act, blobs: &node.blobs, outcome })
        })
    }

    /// The last held position of each log of these devices: what of them counts after a removal.
    pub fn cut_of(&self, devices: &BTreeSet<DeviceId>) -> Vec<CutAt> {
        let mut ends: BTreeMap<LogId, (u64, EntryId)> = BTreeMap::new();
        for node in self.graph.nodes.iter().filter(|it| devices.contains(&it.device())) {
            let end = ends.entry(node.log).or_insert((node.seq, node.id));
            *end = (*end).max((node.seq, node.id));
        }
        let cut = |(log, (seq, id)): (LogId, (u64, EntryId))| CutAt { device: log.device, inc: log.inc, seq, id };
        ends.into_iter().map(cut).collect()
    }

    /// Whether a device contradicted itself: it stays frozen whatever anybody says.
    pub fn has_contradicted(&self, device: &DeviceId) -> bool {
        self.evaluation.has_contradicted(device)
    }

    /// How many entries are in.
    pub fn len(&self) -> usize {
        self.graph.nodes.len()
    }

    /// Whether nothing is in.
    pub fn is_empty(&self) -> bool {
        self.graph.nodes.is_empty()
    }

    /// Learns the root key from a packet that begins with the organisation's Genesis. The packet must be checked with
    /// [`Self::keys`] afterwards like any other.
    pub fn learn_root(&mut self, packet: &[u8]) -> bool {
        let Some((id, public)) = root_of(&self.org, packet) else { return false };
        self.keys.devices.insert(id, public).is_none()
    }
}

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Valid,
    /// It has no effect.
    Void(Denied),
    /// It waits for a newer Artel.
    Stopped,
}

/// An act as the record of administrative acts shows it.
#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    /// The entry; its signature proves who wrote it.
    pub id: EntryId,
    /// The device that signed it.
    pub device: DeviceId,
    /// Who that was.
    pub by: Actor,
    /// When, by its clock.
    pub hlc: Hlc,
    /// What; `None` if it cannot be read.
    pub act: Option<&'a Act>,
    /// Its blobs: names, addresses, reasons.
    pub blobs: &'a [BlobRef],
    /// What came of it.
    pub outcome: Outcome,
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The recovery phrase.
    Root,
    /// A person, with the role of that time.
    Person {
        /// Who.
        id: PersonId,
        /// The role.
        role: Role,
        /// The act that had given it: on whose authority.
        granted: EntryId,
    },
    /// A device that was nobody's then.
    Nobody,
}

/// The root key inside a packet that begins with the Genesis of this organisation.
fn root_of(org: &OrgId, packet: &[u8]) -> Option<(DeviceId, VerifyingKey)> {
    let packet = run::trusted_run(org, packet).ok()?;
    let first = packet.run.entries().first().filter(|it| it.entry.is_genesis() && it.id.0.starts_with(&org.0))?;
    let Ok(Act::Genesis(act)) = Act::decode(&first.entry.body) else { return None };
    let public = cose::public_key(&act.root_pk)?;
    (DeviceId::of_key(&act.root_pk) == first.entry.device).then_some((first.entry.device, public))
}

#[cfg(any(test, feature = "planted"))]
pub mod testkit;
#[cfg(test)]
mod tests;
