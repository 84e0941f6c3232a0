//! From a set of acts to a state, whatever the order in which they came. Pure: no clock, no arrival order.
//!
//! 1. Every act is judged in the canonical order by the rights its author has there. What its author's removal is known
//!    to (it is in the act's past) is void.
//! 2. An act that takes something from somebody also counts against what he did without knowing of it: a removal beyond
//!    its cut, a freeze, a wipe and a change of the root beyond what they had seen, a demotion for the rights it took.
//! 3. Such rulings are decided one by one, the one of the higher author first ([`super::rulings`]); after one that
//!    changed anything the whole is judged anew, so that whatever relied on what is void now falls with it.
//! 4. A device that signed two entries for one position keeps only what all branches have behind them.
//! 5. An act of a newer Artel, by somebody who administers, stops the evaluation of everything that has it in its past.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::id::{DeviceId, EntryId, LogId, OrgId, PersonId, SpaceId};

use super::Actor;
use super::act::Act;
use super::apply::{Author, Limits, apply};
use super::graph::{Graph, Node, NodeSet};
use super::rulings::{Ruling, Rulings, Takes, Target};
use super::state::{Denied, Standing, State};

/// Most times the whole is judged anew. Every honest history needs one or two; a history that is made to need more ends
/// here, alike on all replicas.
const ROUNDS_MAX: usize = 24;
/// How far before its end a replay leaves a copy to go on from, nodes; newcomers mostly belong behind it.
const COPY_BEHIND: usize = 512;
/// Copies that are kept.
const COPIES_MAX: usize = 4;
/// How often one person may remove the same target: a revocation and a wipe.
const REMOVALS_MAX: u32 = 2;
/// How often one person may freeze the same target, against endless to and fro.
const FREEZES_MAX: u32 = 16;

/// What came of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No act, or not looked at.
    Link,
    /// It counts.
    Valid,
    /// It has no effect.
    Void(Denied),
    /// It waits for a newer Artel.
    Stopped,
}

/// Whether one node is behind another, remembered. Grows with its graph and belongs to it alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo(BTreeMap<usize, (NodeSet, usize)>);

impl Memo {
    /// Whether `node` has `first` in its past.
    pub(super) fn is_after(&mut self, graph: &Graph, first: usize, node: usize) -> bool {
        if node <= first {
            return false;
        }
        if !self.0.contains_key(&first)
            && let Some(near) = graph.is_near(first, node)
        {
            return near;
        }
        let (future, upto) = self.0.entry(first).or_insert_with(|| {
            let mut future = NodeSet::default();
            future.insert(first);
            (future, first + 1)
        });
        if node >= *upto {
            graph.extend_future(future, *upto);
            *upto = graph.nodes.len();
        }
        future.contains(node)
    }
}

/// A state on the way, with what is needed to go on.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    pub(super) state: State,
    /// What takes something, also if it was refused only to keep an owner.
    pub(super) rulings: Vec<Arc<Ruling>>,
    /// Removals that counted so far, with whether a thaw ends them.
    against: BTreeMap<Target, Vec<(usize, bool)>>,
    thaws: BTreeMap<DeviceId, Vec<usize>>,
    /// Who left which team or was taken out of it by which acts.
    left: BTreeMap<(SpaceId, PersonId), Vec<usize>>,
    /// Who gave somebody a role, an admission or a place in a team.
    grantors: BTreeMap<PersonId, BTreeSet<PersonId>>,
    /// How often somebody has removed somebody.
    repeated: BTreeMap<(Option<PersonId>, Target), u32>,
    /// How much of the order is done.
    place: usize,
}

impl Replay {
    fn new(org: &OrgId) -> Self {
        Self {
            state: State { organisation: Some(SpaceId::organisation(org)), ..State::default() },
            rulings: Vec::new(),
            against: BTreeMap::new(),
            thaws: BTreeMap::new(),
            left: BTreeMap::new(),
            grantors: BTreeMap::new(),
            repeated: BTreeMap::new(),
            place: 0,
        }
    }

    /// Whether this says nothing new: the same removal by the same person again. An endless number of them would cost
    /// everybody time.
    fn is_repetition(&self, author: Author, act: &Act, ruling: &Ruling) -> bool {
        let most = match act {
            Act::RemovePerson(_) | Act::RevokeDevice(_) | Act::Wipe(_) => REMOVALS_MAX,
            Act::Freeze(_) => FREEZES_MAX,
            _ => return false,
        };
        let Some(target) = ruling.targets.first() else { return false };
        self.repeated.get(&(author.person(), *target)).is_some_and(|it| *it >= most)
    }

    /// Remembers on whom somebody's rights rest.
    fn note_grant(&mut self, author: Author, act: &Act) {
        let to = match act {
            Act::Enrol(act) => act.person,
            Act::OwnerGrant(act) => act.person,
            Act::AdminGrant(act) => act.person,
            Act::SetRole(act) => act.person,
            Act::TeamMember(act) => act.person,
            _ => return,
        };
        let invitation =
            if let Act::Enrol(act) = act { act.invite.and_then(|it| self.state.invites.get(&it)) } else { None };
        let by = invitation.map(|it| it.by).into_iter().chain(author.person());
        self.grantors.entry(to).or_default().extend(by);
    }

    /// Whether somebody's rights rest on one of these people, he himself included.
    pub(super) fn rests_on(&self, person: PersonId, these: &BTreeSet<PersonId>) -> bool {
        let (mut known, mut stack) = (BTreeSet::from([person]), vec![person]);
        while let Some(next) = stack.pop() {
            if these.contains(&next) {
                return true;
            }
            stack.extend(self.grantors.get(&next).into_iter().flatten().filter(|it| known.insert(**it)));
        }
        false
    }

    fn count_repetition(&mut self, author: Author, ruling: &Ruling) {
        if let Some(target) = ruling.targets.first().filter(|_| ruling.is_removal()) {
            *self.repeated.entry((author.person(), *target)).or_default() += 1;
        }
    }
}

/// The evaluation of a growing graph.
#[derive(Debug)]
pub(super) struct Evaluation {
    org: OrgId,
    memo: Memo,
    frozen: BTreeMap<DeviceId, NodeSet>,
    forks: usize,
    /// Copies of the replay without rulings, by ascending place.
    copies: Vec<Replay>,
    plain: Vec<Verdict>,
    /// Entries that the last update judged, each time counted.
    pub(super) cost: usize,
    /// The same, of all updates.
    pub(super) judged: u64,
    pub(super) state: State,
    pub(super) verdicts: Vec<Verdict>,
}

impl Evaluation {
    pub(super) fn new(org: OrgId) -> Self {
        let state = Replay::new(&org).state;
        Self {
            org,
            memo: Memo::default(),
            frozen: BTreeMap::new(),
            forks: 0,
            copies: Vec::new(),
            plain: Vec::new(),
            cost: 0,
            judged: 0,
            state,
            verdicts: Vec::new(),
        }
    }

    /// Whether a device is frozen because it contradicted itself.
    pub(super) fn has_contradicted(&self, device: &DeviceId) -> bool {
        self.frozen.contains_key(device)
    }

    /// Brings state and verdicts up to the graph, whose order is as it was below `lowest`.
    pub(super) fn update(&mut self, graph: &Graph, lowest: usize) {
        let forks = graph.forks.values().map(BTreeSet::len).sum();
        if forks != self.forks {
            (self.forks, self.frozen) = (forks, frozen(graph, &NodeSet::below(graph.nodes.len())));
            self.copies.clear();
        }
        self.copies.retain(|it| it.place <= lowest);
        self.plain.resize(graph.nodes.len(), Verdict::Link);
        let mut replay = self.copies.last().cloned().unwrap_or_else(|| Replay::new(&self.org));
        let (order, none) = (graph.order(), Rulings::default());
        let begun = replay.place;
        let copy_at = order.len().saturating_sub(COPY_BEHIND);
        let mut judge = Judge { graph, org: &self.org, frozen: &self.frozen, rulings: &none, memo: &mut self.memo };
        if copy_at >= replay.place + COPY_BEHIND {
            judge.run(&mut replay, order, copy_at, &mut self.plain);
            self.copies.push(replay.clone());
            if self.copies.len() > COPIES_MAX {
                self.copies.remove(0);
            }
        }
        let from = replay.place;
        judge.run(&mut replay, order, order.len(), &mut self.plain);
        let (state, verdicts, rounds) = judge.settle(replay, order, self.plain.clone());
        self.cost = order.len().saturating_sub(from).saturating_add(order.len().saturating_mul(rounds));
        let copied = from.saturating_sub(begun);
        self.judged = self.judged.saturating_add(self.cost.saturating_add(copied) as u64);
        (self.state, self.verdicts) = (state, verdicts);
    }
}

/// The state of a downward-closed part of a graph.
pub(super) fn state_of(graph: &Graph, org: &OrgId, within: &NodeSet) -> State {
    let order: Vec<usize> = graph.order().iter().copied().filter(|it| within.contains(*it)).collect();
    let (frozen, none) = (frozen(graph, within), Rulings::default());
    let (mut replay, mut verdicts) = (Replay::new(org), vec![Verdict::Link; graph.nodes.len()]);
    let mut memo = Memo::default();
    let mut judge = Judge { graph, org, frozen: &frozen, rulings: &none, memo: &mut memo };
    judge.run(&mut replay, &order, order.len(), &mut verdicts);
    judge.settle(replay, &order, verdicts).0
}

/// Devices that contradicted themselves, with the nodes that count nevertheless.
fn frozen(graph: &Graph, within: &NodeSet) -> BTreeMap<DeviceId, NodeSet> {
    let mut branches: BTreeMap<LogId, Vec<usize>> = BTreeMap::new();
    for ((log, _), nodes) in &graph.forks {
        let nodes: Vec<usize> = nodes.iter().copied().filter(|it| within.contains(*it)).collect();
        // Positions ascend, and a later fork of the same log takes nothing more.
        if nodes.len() > 1 {
            branches.entry(*log).or_insert(nodes);
        }
    }
    let mut by_device: BTreeMap<DeviceId, Vec<usize>> = BTreeMap::new();
    for (log, nodes) in branches {
        by_device.entry(log.device).or_default().extend(nodes);
    }
    by_device.into_iter().map(|(device, nodes)| (device, graph.common_past(&nodes))).collect()
}

/// Everything that does not change while one order is replayed.
struct Judge<'j> {
    graph: &'j Graph,
    org: &'j OrgId,
    frozen: &'j BTreeMap<DeviceId, NodeSet>,
    rulings: &'j Rulings,
    memo: &'j mut Memo,
}

impl Judge<'_> {
    /// Decides about rulings until they change nothing any more; tells also how many rounds that took.
    fn settle(
        &mut self,
        mut replay: Replay,
        order: &[usize],
        mut verdicts: Vec<Verdict>,
    ) -> (State, Vec<Verdict>, usize) {
        let (mut rulings, mut rounds) = (Rulings::default(), 0);
        while rounds < ROUNDS_MAX {
            if !rulings.revise(self.graph, self.memo, &replay, &verdicts) {
                break;
            }
            rounds += 1;
            replay = Replay::new(self.org);
            verdicts.fill(Verdict::Link);
            let (graph, org, frozen) = (self.graph, self.org, self.frozen);
            let mut judge = Judge { graph, org, frozen, rulings: &rulings, memo: &mut *self.memo };
            judge.run(&mut replay, order, order.len(), &mut verdicts);
        }
        for device in self.frozen.keys() {
            if let Some(device) = replay.state.devices.get_mut(device) {
                device.standing = Standing::Frozen;
            }
        }
        (replay.state, verdicts, rounds)
    }

    /// Goes on with a replay up to a place of the order.
    fn run(&mut self, replay: &mut Replay, order: &[usize], upto: usize, verdicts: &mut [Verdict]) {
        for at in order.iter().copied().take(upto).skip(replay.place) {
            let verdict = self.verdict(replay, at, verdicts);
            if let Some(it) = verdicts.get_mut(at) {
                *it = verdict;
            }
        }
        replay.place = upto;
    }

    fn verdict(&mut self, replay: &mut Replay, at: usize, before: &[Verdict]) -> Verdict {
        let Some(node) = self.graph.nodes.get(at) else { return Verdict::Link };
        if node.parents.iter().any(|it| before.get(*it) == Some(&Verdict::Stopped)) {
            return Verdict::Stopped;
        }
        match &node.act {
            None => Verdict::Link,
            Some(Err(())) => Verdict::Void(Denied::Unknown),
            Some(Ok(act)) => self.judge(replay, at, node, act).unwrap_or_else(Verdict::Void),
        }
    }

    fn judge(&mut self, replay: &mut Replay, at: usize, node: &Node, act: &Act) -> Result<Verdict, Denied> {
        if self.frozen.get(&node.device()).is_some_and(|kept| !kept.contains(at)) {
            return Err(Denied::NotMember);
        }
        if self.rulings.is_defeated(at) {
            return Err(Denied::Senior);
        }
        let author = self.author(replay, at, node, act)?;
        if let Act::Unknown(_) = act {
            // Whoever administers nothing cannot bring the others to a stand.
            return if replay.state.administers(author.person()) { Ok(Verdict::Stopped) } else { Err(Denied::Role) };
        }
        let limits = self.limits(author, at);
        let ruling = Ruling::of(&replay.state, at, node, author, act);
        if ruling.as_ref().is_some_and(|it| replay.is_repetition(author, act, it)) {
            return Err(Denied::Taken);
        }
        self.keep_out(replay, at, act)?;
        let judged = apply(&mut replay.state, node, (author, &limits), act);
        let counts = judged == Ok(()) || judged == Err(Denied::LastOwner);
        if let Some(ruling) = ruling.filter(|_| counts) {
            replay.count_repetition(author, &ruling);
            if judged.is_ok() && ruling.is_removal() {
                let thawable = matches!(act, Act::Freeze(_));
                for target in &ruling.targets {
                    replay.against.entry(*target).or_default().push((at, thawable));
                }
            }
            replay.rulings.push(Arc::new(ruling));
        }
        if judged.is_ok() {
            replay.note_grant(author, act);
        }
        match act {
            Act::Freeze(act) if judged.is_ok() && !act.on => replay.thaws.entry(act.device).or_default().push(at),
            Act::TeamMember(act) if judged.is_ok() && !act.member => {
                replay.left.entry((act.team, act.person)).or_default().push(at);
            }
            _ => {}
        }
        judged.map(|()| Verdict::Valid)
    }

    /// Who acts, if he was not removed.
    fn author(&mut self, replay: &Replay, at: usize, node: &Node, act: &Act) -> Result<Author, Denied> {
        let (state, device) = (&replay.state, node.device());
        if let Act::Genesis(_) = act {
            return if node.id.0.starts_with(&self.org.0) { Ok(Author::Root) } else { Err(Denied::RootOnly) };
        }
        let author = if state.root_device == Some(device) {
            Author::Root
        } else {
            Author::Person(state.person_of(&device).ok_or(Denied::NotMember)?)
        };
        for target in targets(author, device) {
            for (removal, thawable) in replay.against.get(&target).into_iter().flatten() {
                if self.memo.is_after(self.graph, *removal, at)
                    && !(*thawable && self.is_thawed(replay, *removal, at, node))
                {
                    return Err(Denied::NotMember);
                }
            }
            for ruling in self.rulings.against(&target).iter().filter(|it| it.is_removal()) {
                if ruling.touches(self.graph, self.memo, at, node) && !self.is_thawed(replay, ruling.node, at, node) {
                    return Err(Denied::NotMember);
                }
            }
        }
        Ok(author)
    }

    /// Whether the act knows of a thaw that came after the freeze.
    fn is_thawed(&mut self, replay: &Replay, freeze: usize, at: usize, node: &Node) -> bool {
        replay
            .thaws
            .get(&node.device())
            .into_iter()
            .flatten()
            .any(|thaw| self.memo.is_after(self.graph, freeze, *thaw) && self.memo.is_after(self.graph, *thaw, at))
    }

    /// Whoever is taken out of a team stays out of it, unless the one who brings him back knew of that.
    fn keep_out(&mut self, replay: &Replay, at: usize, act: &Act) -> Result<(), Denied> {
        let Act::TeamMember(act) = act else { return Ok(()) };
        let mut left = replay.left.get(&(act.team, act.person)).into_iter().flatten();
        if act.member && left.any(|it| !self.memo.is_after(self.graph, *it, at)) {
            return Err(Denied::NotMember);
        }
        Ok(())
    }

    /// What demotions leave to an act that did not know of them.
    fn limits(&mut self, author: Author, at: usize) -> Limits {
        let mut limits = Limits::default();
        let Some(person) = author.person() else { return limits };
        let Some(node) = self.graph.nodes.get(at) else { return limits };
        for ruling in self.rulings.against(&Target::Person(person)).iter().filter(|it| !it.is_removal()) {
            if !ruling.touches(self.graph, self.memo, at, node) {
                continue;
            }
            match &ruling.takes {
                Takes::Rights(role, caps) => limits.lower(*role, *caps),
                Takes::Lead(team) => drop(limits.leads.insert(*team)),
                Takes::Beyond(_) | Takes::Unseen => {}
            }
        }
        limits
    }
}

fn targets(author: Author, device: DeviceId) -> impl Iterator<Item = Target> {
    author.person().map(Target::Person).into_iter().chain([Target::Device(device)])
}

/// The entries that a verdict was given on, by id.
pub(super) fn by_id<'g>(
    graph: &'g Graph,
    verdicts: &'g [Verdict],
) -> impl Iterator<Item = (EntryId, Verdict)> + use<'g> {
    let acts = graph.nodes.iter().zip(verdicts).filter(|(node, _)| node.act.is_some());
    acts.map(|(node, verdict)| (node.id, *verdict))
}

/// Who wrote each entry of the order, with the role he had then: what counted is applied once more.
pub(super) fn actors(graph: &Graph, org: &OrgId, verdicts: &[Verdict]) -> Vec<Actor> {
    let mut state = Replay::new(org).state;
    let mut actors = vec![Actor::Nobody; graph.nodes.len()];
    for at in graph.order().iter().copied() {
        let Some((node, actor)) = graph.nodes.get(at).zip(actors.get_mut(at)) else { continue };
        let person = state.person_of(&node.device());
        let act = node.act.as_ref().and_then(|it| it.as_ref().ok());
        let counts = verdicts.get(at) == Some(&Verdict::Valid);
        let founds = counts && matches!(act, Some(Act::Genesis(_)));
        let author = match person {
            _ if founds || state.root_device == Some(node.device()) => Author::Root,
            Some(person) => Author::Person(person),
            None => continue,
        };
        *actor = match author.person().and_then(|id| Some((id, state.persons.get(&id)?))) {
            Some((id, person)) => Actor::Person { id, role: person.role, granted: person.granted },
            None => Actor::Root,
        };
        if let Some(act) = act.filter(|_| counts) {
            // It counted, with all that limited it then; without, it counts as well.
            apply(&mut state, node, (author, &Limits::default()), act).ok();
        }
    }
    actors
}
