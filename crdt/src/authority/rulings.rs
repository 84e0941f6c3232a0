//! Acts that take something from somebody, and against what else they count: also against what he did without knowing
//! of them.
//!
//! Two such acts can contradict each other when nobody knew of both. They are weighed: the one whose author stands
//! higher, then was granted earlier in the chain, then was granted by the act with the lower id, is decided first. The id
//! of the acts themselves comes last: an author can try ids until he has a low one, but not the id of his grant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::id::{DeviceId, EntryId, Inc, PersonId, SpaceId};

use super::act::{Act, Caps, CutAt, Role};
use super::apply::Author;
use super::evaluate::{Memo, Replay, Verdict};
use super::graph::{Graph, Node, NodeSet};
use super::state::{Denied, State};

/// Whom an act is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Person(PersonId),
    Device(DeviceId),
}

/// What is taken.
#[derive(Clone, Debug)]
pub(super) enum Takes {
    /// Everything beyond these positions; everything in a log that is not named.
    Beyond(BTreeMap<(DeviceId, Inc), (u64, EntryId)>),
    /// Everything that the author of the ruling had not seen; given back to what has seen a thaw.
    Unseen,
    /// Rights above these, for what was done at the same time.
    Rights(Role, Caps),
    /// The lead of a team, for what was done at the same time.
    Lead(SpaceId),
}

/// An act that takes something from somebody.
#[derive(Debug)]
pub(super) struct Ruling {
    pub(super) node: usize,
    author: Author,
    device: DeviceId,
    /// Rank, depth of the grant, id of the grant, own id: the lower wins.
    weight: (u64, u64, Option<EntryId>, EntryId),
    pub(super) targets: Vec<Target>,
    pub(super) takes: Takes,
    past: OnceLock<NodeSet>,
}

impl Ruling {
    /// What an act would take from whom, read from the state before it.
    pub(super) fn of(state: &State, at: usize, node: &Node, author: Author, act: &Act) -> Option<Self> {
        let (targets, takes) = takes(state, act)?;
        let person = author.person().and_then(|it| state.persons.get(&it));
        let (rank, depth, grant) = person.map_or((0, 0, None), |it| (it.role.rank(), it.depth, Some(it.granted)));
        Some(Self {
            node: at,
            author,
            device: node.device(),
            weight: (rank, depth, grant, node.id),
            targets,
            takes,
            past: OnceLock::new(),
        })
    }

    pub(super) fn past(&self, graph: &Graph) -> &NodeSet {
        self.past.get_or_init(|| graph.past(&[self.node]))
    }

    /// Whether it takes the device or person out.
    pub(super) fn is_removal(&self) -> bool {
        matches!(self.takes, Takes::Beyond(_) | Takes::Unseen)
    }

    /// Whether what one of its targets did counts less because of it. For removals: not at all.
    pub(super) fn touches(&self, graph: &Graph, memo: &mut Memo, at: usize, node: &Node) -> bool {
        if at == self.node {
            return false;
        }
        match &self.takes {
            Takes::Beyond(cut) => cut
                .get(&(node.device(), node.log.inc))
                .is_none_or(|(seq, id)| node.seq > *seq || (node.seq == *seq && node.id != *id)),
            Takes::Unseen => !self.past(graph).contains(at),
            Takes::Rights(..) | Takes::Lead(_) => {
                !self.past(graph).contains(at) && !memo.is_after(graph, self.node, at)
            }
        }
    }
}

fn takes(state: &State, act: &Act) -> Option<(Vec<Target>, Takes)> {
    let cut = |cut: &[CutAt]| Takes::Beyond(cut.iter().map(|it| ((it.device, it.inc), (it.seq, it.id))).collect());
    Some(match act {
        Act::RemovePerson(act) => (vec![Target::Person(act.person)], cut(&act.cut)),
        Act::RevokeDevice(act) => {
            let devices = state.taken_with(&act.device, act.reason);
            (devices.into_iter().map(Target::Device).collect(), cut(&act.cut))
        }
        Act::Wipe(act) => (vec![Target::Device(act.device)], Takes::Unseen),
        Act::Freeze(act) if act.on => (vec![Target::Device(act.device)], Takes::Unseen),
        Act::RootRotate(_) => (vec![Target::Device(state.root_device?)], Takes::Unseen),
        Act::OwnerGrant(act) if !act.on => {
            (vec![Target::Person(act.person)], Takes::Rights(Role::Member, Role::Member.caps()))
        }
        Act::AdminGrant(act) => (vec![Target::Person(act.person)], lower(state, &act.person, Role::Admin, act.caps)?),
        Act::SetRole(act) => {
            let caps = act.role.caps().with(act.caps);
            (vec![Target::Person(act.person)], lower(state, &act.person, act.role, caps)?)
        }
        Act::TeamMember(act) if !(act.member && act.lead) && state.leads(&act.person, &act.team) => {
            (vec![Target::Person(act.person)], Takes::Lead(act.team))
        }
        _ => return None,
    })
}

fn lower(state: &State, person: &PersonId, role: Role, caps: Caps) -> Option<Takes> {
    let present = state.persons.get(person)?;
    (role > present.role || !caps.contains(present.caps)).then_some(Takes::Rights(role, caps))
}

/// The rulings that stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Rulings {
    by_target: BTreeMap<Target, Vec<Arc<Ruling>>>,
    kept: BTreeMap<usize, Arc<Ruling>>,
    defeated: BTreeSet<usize>,
    given_up: BTreeSet<usize>,
}

impl Rulings {
    /// Those against a target.
    pub(super) fn against(&self, target: &Target) -> &[Arc<Ruling>] {
        self.by_target.get(target).map_or(&[], Vec::as_slice)
    }

    /// Whether a ruling lost against another one.
    pub(super) fn is_defeated(&self, node: usize) -> bool {
        self.defeated.contains(&node)
    }

    /// Takes in what a replay under the present rulings has found. True if another replay will come to something else.
    pub(super) fn revise(&mut self, graph: &Graph, memo: &mut Memo, replay: &Replay, verdicts: &[Verdict]) -> bool {
        let verdict = |node: usize| verdicts.get(node).copied().unwrap_or(Verdict::Link);
        let fallen: Vec<usize> = self.kept.keys().copied().filter(|it| verdict(*it) != Verdict::Valid).collect();
        for node in &fallen {
            self.kept.remove(node);
            self.given_up.insert(*node);
        }
        if !fallen.is_empty() {
            self.by_target.values_mut().for_each(|it| it.retain(|ruling| self.kept.contains_key(&ruling.node)));
            return true;
        }
        let mut found: Vec<&Arc<Ruling>> = replay.rulings.iter().filter(|it| !self.is_decided(it.node)).collect();
        found.sort_unstable_by_key(|it| it.weight);
        let owned = Owned::of(&replay.state);
        let (mut changed, mut shaken) = (false, BTreeSet::new());
        for ruling in found {
            // What rests on something that has just fallen is decided when that is judged anew.
            if !shaken.is_empty() && ruling.author.person().is_some_and(|it| replay.rests_on(it, &shaken)) {
                return true;
            }
            if self.loses(graph, ruling) {
                self.defeated.insert(ruling.node);
                changed = true;
                continue;
            }
            self.keep(ruling);
            if verdict(ruling.node) != Verdict::Valid || owned.loses_something(graph, memo, ruling, &verdict) {
                changed = true;
                shaken.extend(ruling.targets.iter().filter_map(|it| owned.person(it)));
            }
        }
        changed
    }

    fn keep(&mut self, ruling: &Arc<Ruling>) {
        self.kept.insert(ruling.node, Arc::clone(ruling));
        for target in &ruling.targets {
            self.by_target.entry(*target).or_default().push(Arc::clone(ruling));
        }
    }

    fn is_decided(&self, node: usize) -> bool {
        self.kept.contains_key(&node) || self.defeated.contains(&node) || self.given_up.contains(&node)
    }

    /// Whether a kept removal of the author, made without knowing of this ruling, stands against it.
    fn loses(&self, graph: &Graph, ruling: &Ruling) -> bool {
        let person = ruling.author.person().map(Target::Person);
        let authors =
            person.iter().chain(&[Target::Device(ruling.device)]).flat_map(|it| self.against(it)).collect::<Vec<_>>();
        authors
            .into_iter()
            .filter(|it| it.is_removal() && it.node != ruling.node)
            .any(|it| !ruling.past(graph).contains(it.node) && !it.past(graph).contains(ruling.node))
    }
}

/// Whose every device is.
struct Owned<'s> {
    state: &'s State,
    devices: BTreeMap<PersonId, Vec<DeviceId>>,
}

impl<'s> Owned<'s> {
    fn of(state: &'s State) -> Self {
        let mut devices: BTreeMap<PersonId, Vec<DeviceId>> = BTreeMap::new();
        for (id, device) in &state.devices {
            devices.entry(device.person).or_default().push(*id);
        }
        Self { state, devices }
    }

    fn person(&self, target: &Target) -> Option<PersonId> {
        match target {
            Target::Person(person) => Some(*person),
            Target::Device(device) => self.state.person_of(device),
        }
    }

    /// Whether an act of a target that counts so far would count less.
    fn loses_something(
        &self,
        graph: &Graph,
        memo: &mut Memo,
        ruling: &Ruling,
        verdict: &dyn Fn(usize) -> Verdict,
    ) -> bool {
        let devices = ruling.targets.iter().flat_map(|target| match target {
            Target::Device(device) => std::slice::from_ref(device),
            Target::Person(person) => self.devices.get(person).map_or(&[][..], Vec::as_slice),
        });
        devices.flat_map(|it| graph.acts_of(it)).any(|(at, node)| {
            let counts = matches!(verdict(at), Verdict::Valid | Verdict::Void(Denied::LastOwner) | Verdict::Stopped);
            counts && ruling.touches(graph, memo, at, node)
        })
    }
}
