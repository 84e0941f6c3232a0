//! The authority: who is in the organisation and who may do what, from acts that administrators sign.
//!
//! Every entry of the organisation space is a link of one causal graph. The state is a pure function of the set of
//! entries (`authority/evaluate.rs`), so replicas that hold the same set agree without anybody ordering anything.

mod act;
mod apply;
mod evaluate;
mod graph;
mod policy;
mod state;

use std::collections::BTreeMap;
use std::sync::Arc;

use ed25519_dalek::VerifyingKey;

use crate::cose;
use crate::entry::{Kind, Signed};
use crate::id::{DeviceId, EntryId, OrgId};
use crate::run::{self, Keys};

pub use act::{
    Act, AddDevice, AdminGrant, ArchiveOpen, BotRegister, Bytes, Caps, ChannelCreate, ChannelRole, CutAt, Enrol, Field,
    ForkProof, Freeze, Genesis, InviteCancelled, InviteCreated, OfficeNode, OwnerGrant, RemovePerson, RevokeDevice,
    Role, RootRotate, SetPolicy, SetRole, TeamCreate, TeamDefaults, TeamMember, Wipe,
};
pub use graph::Added;
pub use policy::{Archive, Policy, Who};
pub use state::{Channel, Denied, Device, Invitation, InviteState, Person, Removed, Standing, State, Team};

use evaluate::{Evaluated, evaluate};
use graph::Graph;

/// States at older heads that are kept; epochs of one session cite few.
const STATES_KEPT: usize = 32;

/// All entries of the organisation space and what they come to.
#[derive(Debug)]
pub struct Authority {
    org: OrgId,
    graph: Graph,
    keys: Keys,
    evaluated: Evaluated,
    dirty: bool,
    at: BTreeMap<Vec<EntryId>, Arc<State>>,
}

impl Authority {
    /// An authority that knows nothing but the organisation's id.
    pub fn new(org: OrgId) -> Self {
        let graph = Graph::default();
        let evaluated = evaluate(&graph, &org, &graph.past(&[]));
        let keys = Keys { org, devices: BTreeMap::new() };
        Self { org, graph, keys, evaluated, dirty: false, at: BTreeMap::new() }
    }

    /// Takes in an entry of the organisation space, of any kind. The state follows with [`Self::evaluate`].
    pub fn add(&mut self, signed: &Signed) -> Added {
        if signed.entry.kind == Kind::Act {
            self.learn_key(signed);
        }
        let added = self.graph.add(signed);
        self.dirty |= added == Added::New;
        added
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

    /// Brings the state up to what was added; true if anything was.
    pub fn evaluate(&mut self) -> bool {
        if !std::mem::take(&mut self.dirty) {
            return false;
        }
        let everything: Vec<usize> = (0..self.graph.nodes.len()).collect();
        self.evaluated = evaluate(&self.graph, &self.org, &self.graph.past(&everything));
        true
    }

    /// The present state, as of the last [`Self::evaluate`].
    pub fn state(&self) -> &State {
        &self.evaluated.state
    }

    /// The state at older heads; `None` if one of them is not known.
    pub fn state_at(&mut self, heads: &[EntryId]) -> Option<Arc<State>> {
        if let Some(known) = self.at.get(heads) {
            return Some(Arc::clone(known));
        }
        let nodes = self.graph.find(heads)?;
        let state = Arc::new(evaluate(&self.graph, &self.org, &self.graph.past(&nodes)).state);
        if self.at.len() >= STATES_KEPT {
            self.at.pop_first();
        }
        self.at.insert(heads.to_vec(), Arc::clone(&state));
        Some(state)
    }

    /// Whether an entry is one of the heads or before them.
    pub fn covers(&self, heads: &[EntryId], id: &EntryId) -> bool {
        let known: Vec<usize> = heads.iter().filter_map(|it| self.graph.index.get(it).copied()).collect();
        self.graph.index.get(id).is_some_and(|it| self.graph.past(&known).contains(*it))
    }

    /// Maximal entries, ascending, at most 16.
    pub fn heads(&self) -> Vec<EntryId> {
        self.graph.heads()
    }

    /// The keys of the root and of every device that any act names.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Acts without effect and why.
    pub fn void(&self) -> &BTreeMap<EntryId, Denied> {
        &self.evaluated.void
    }

    /// Acts that wait for a newer Artel.
    pub fn stopped(&self) -> &std::collections::BTreeSet<EntryId> {
        &self.evaluated.stopped
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

/// The root key inside a packet that begins with the Genesis of this organisation.
fn root_of(org: &OrgId, packet: &[u8]) -> Option<(DeviceId, VerifyingKey)> {
    let packet = run::trusted_run(org, packet).ok()?;
    let first = packet.run.entries().first().filter(|it| it.entry.is_genesis() && it.id.0.starts_with(&org.0))?;
    let Ok(Act::Genesis(act)) = Act::decode(&first.entry.body) else { return None };
    let public = cose::public_key(&act.root_pk)?;
    (DeviceId::of_key(&act.root_pk) == first.entry.device).then_some((first.entry.device, public))
}
