//! From a set of acts to a state, whatever the order in which they came. Pure: no clock, no arrival order.
//!
//! 1. Every act is judged by the rights of its author in the canonical order (parents first, then the lower id).
//!    A removal counts against an act only if the act's author could know of it: if it is in the act's past.
//! 2. Removals by both sides of a quarrel are weighed: the one whose author stands higher, then was granted earlier in
//!    the chain, then has the lower id, defeats a concurrent one against it. In that order every cycle ends.
//! 3. What a removed device wrote beyond the cut of a kept removal is void, and so is what depends on it for its right.
//! 4. A device that signed two entries for one position keeps only what both branches have behind them.
//! 5. An act of a newer Artel stops the evaluation of everything that has it in its past.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, EntryId, OrgId, PersonId, SpaceId};

use super::act::{Act, CutAt};
use super::apply::{Author, apply};
use super::graph::{Graph, Node, NodeSet};
use super::state::{Denied, Standing, State};

/// The state and what was found to be void on the way.
#[derive(Clone, Debug)]
pub(super) struct Evaluated {
    pub(super) state: State,
    /// Acts without effect.
    pub(super) void: BTreeMap<EntryId, Denied>,
    /// Acts that wait for a newer Artel.
    pub(super) stopped: BTreeSet<EntryId>,
}

/// A removal that was allowed by itself, before it is weighed against others.
struct Removal {
    node: usize,
    author: DeviceId,
    /// Rank, depth of the grant, id: the lower wins.
    weight: (u64, u64, EntryId),
    devices: BTreeSet<DeviceId>,
    cut: Vec<CutAt>,
}

/// Evaluates the nodes of a downward-closed set.
pub(super) fn evaluate(graph: &Graph, org: &OrgId, within: &NodeSet) -> Evaluated {
    let order = graph.canonical(within);
    let stopped = stopped(graph, &order);
    let frozen = frozen(graph, within);
    let first = replay(graph, org, &order, &stopped, &|node| void_by_fork(&frozen, node));
    let kept = weigh(graph, removals(graph, &order, &first));
    let void = |at: usize, node: &Node| void_by_fork(&frozen, (at, node)) || kept.iter().any(|it| beyond(it, at, node));
    let mut last = replay(graph, org, &order, &stopped, &|(at, node)| void(at, node));
    for device in frozen.keys() {
        if let Some(device) = last.state.devices.get_mut(device) {
            device.standing = Standing::Frozen;
        }
    }
    last
}

fn stopped(graph: &Graph, order: &[usize]) -> NodeSet {
    let mut stopped = NodeSet::default();
    for at in order {
        let Some(node) = graph.nodes.get(*at) else { continue };
        let unknown = matches!(node.act, Some(Ok(Act::Unknown(_))));
        if unknown || node.parents.iter().any(|it| stopped.contains(*it)) {
            stopped.insert(*at);
        }
    }
    stopped
}

/// Devices that contradicted themselves, with the nodes that count nevertheless.
fn frozen(graph: &Graph, within: &NodeSet) -> BTreeMap<DeviceId, NodeSet> {
    let mut frozen: BTreeMap<DeviceId, NodeSet> = BTreeMap::new();
    for (one, other) in graph.forks.iter().filter(|(one, other)| within.contains(*one) && within.contains(*other)) {
        let (Some(node), a, b) = (graph.nodes.get(*one), graph.past(&[*one]), graph.past(&[*other])) else { continue };
        let mut common = NodeSet::default();
        for at in (0..graph.nodes.len()).filter(|at| a.contains(*at) && b.contains(*at)) {
            if frozen.get(&node.device()).is_none_or(|it| it.contains(at)) {
                common.insert(at);
            }
        }
        frozen.insert(node.device(), common);
    }
    frozen
}

fn void_by_fork(frozen: &BTreeMap<DeviceId, NodeSet>, (at, node): (usize, &Node)) -> bool {
    frozen.get(&node.device()).is_some_and(|kept| !kept.contains(at))
}

fn replay(
    graph: &Graph,
    org: &OrgId,
    order: &[usize],
    stopped: &NodeSet,
    is_void: &dyn Fn((usize, &Node)) -> bool,
) -> Evaluated {
    let mut state = State { organisation: Some(SpaceId::organisation(org)), ..State::default() };
    let mut void = BTreeMap::new();
    let mut waiting = BTreeSet::new();
    let mut pasts = BTreeMap::new();
    for at in order {
        let Some(node) = graph.nodes.get(*at) else { continue };
        let Some(act) = &node.act else { continue };
        if stopped.contains(*at) {
            waiting.insert(node.id);
            continue;
        }
        let judged = match act {
            _ if is_void((*at, node)) => Err(Denied::NotMember),
            Err(()) => Err(Denied::Unknown),
            Ok(act) => author(&state, graph, *at, node, &mut pasts).and_then(|it| apply(&mut state, node, &it, act)),
        };
        if let Err(why) = judged {
            void.insert(node.id, why);
        }
    }
    Evaluated { state, void, stopped: waiting }
}

/// Who acts, if he was not removed as far as he could know.
fn author(
    state: &State,
    graph: &Graph,
    at: usize,
    node: &Node,
    pasts: &mut BTreeMap<usize, NodeSet>,
) -> Result<Author, Denied> {
    let device = node.device();
    if matches!(&node.act, Some(Ok(Act::Genesis(_)))) || state.root.is_some_and(|it| DeviceId::of_key(&it) == device) {
        return Ok(Author::Root);
    }
    let person = state.person_of(&device).ok_or(Denied::NotMember)?;
    let against = state.removals.iter().filter(|(_, what)| concerns(what, &device, &person));
    for (removal, _) in against {
        let past = pasts.entry(at).or_insert_with(|| graph.past(&[at]));
        if graph.index.get(removal).is_some_and(|it| past.contains(*it)) {
            return Err(Denied::NotMember);
        }
    }
    Ok(Author::Person(person))
}

fn concerns(what: &super::state::Removed, device: &DeviceId, person: &PersonId) -> bool {
    match what {
        super::state::Removed::Person(it) => it == person,
        super::state::Removed::Device(it) => it == device,
        super::state::Removed::TeamMember(..) => false,
    }
}

fn removals(graph: &Graph, order: &[usize], judged: &Evaluated) -> Vec<Removal> {
    let state = &judged.state;
    let valid = order.iter().filter_map(|at| Some((*at, graph.nodes.get(*at)?)));
    let valid = valid.filter(|(_, node)| !judged.void.contains_key(&node.id) && !judged.stopped.contains(&node.id));
    valid
        .filter_map(|(at, node)| {
            let (devices, cut) = match node.act.as_ref()?.as_ref().ok()? {
                Act::RevokeDevice(act) => (BTreeSet::from([act.device]), act.cut.clone()),
                Act::RemovePerson(act) => (devices_of(state, &act.person), act.cut.clone()),
                _ => return None,
            };
            let (rank, depth) = standing_of(state, &node.device());
            Some(Removal { node: at, author: node.device(), weight: (rank, depth, node.id), devices, cut })
        })
        .collect()
}

fn devices_of(state: &State, person: &PersonId) -> BTreeSet<DeviceId> {
    state.devices.iter().filter(|(_, it)| it.person == *person).map(|(id, _)| *id).collect()
}

fn standing_of(state: &State, device: &DeviceId) -> (u64, u64) {
    let person = state.person_of(device).and_then(|it| state.persons.get(&it));
    person.map_or((0, 0), |it| (it.role.rank(), it.depth))
}

/// Keeps the removals that no kept one defeats.
fn weigh(graph: &Graph, mut removals: Vec<Removal>) -> Vec<Removal> {
    removals.sort_by_key(|it| it.weight);
    let mut kept: Vec<(Removal, NodeSet)> = Vec::new();
    for removal in removals {
        let past = graph.past(&[removal.node]);
        let defeated = kept.iter().any(|(other, others_past)| {
            let concurrent = !past.contains(other.node) && !others_past.contains(removal.node);
            concurrent && other.devices.contains(&removal.author)
        });
        if !defeated {
            kept.push((removal, past));
        }
    }
    kept.into_iter().map(|(removal, _)| removal).collect()
}

/// Whether a node of a removed device lies beyond what the removal keeps.
fn beyond(removal: &Removal, at: usize, node: &Node) -> bool {
    if at == removal.node || !removal.devices.contains(&node.device()) {
        return false;
    }
    let end = removal.cut.iter().find(|it| it.device == node.device() && it.inc == node.log.inc);
    end.is_none_or(|it| node.seq > it.seq || (node.seq == it.seq && node.id != it.id))
}
