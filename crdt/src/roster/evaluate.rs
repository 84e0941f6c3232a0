//! From acts to a roster, whatever the order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{EntryId, OrgId, PersonId, SpaceId};
use crate::roster::{Roster, RosterChange, RosterDenied, RosterEntry, RosterKind, Snapshot, founded_space};
use crate::time::Hlc;

/// What a set of acts comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The roster; `None` while there is neither a Create that stands nor a snapshot.
    pub roster: Option<Roster>,
    /// Acts without effect.
    pub void: BTreeMap<EntryId, RosterDenied>,
    /// Acts of a newer Artel and those that depend on them: not evaluated, so the roster may be out of date.
    pub stopped: BTreeSet<EntryId>,
}

impl Roster {
    /// Evaluates the roster acts of the space `place`: the same result for the same set, in any order and repetition.
    ///
    /// `acts` holds every act that could be opened and lies within the cuts; a member since the beginning gives no
    /// snapshots. A newcomer who cannot open the Create gives those of the head epochs he started from, and persons in
    /// all of them are in. To know the roster at an entry, give only the acts before it. `before(a, b)` tells whether
    /// entry `a` is a strict ancestor of `b` by `prev` and `seen`; it is asked once for every pair.
    pub fn evaluate(
        place: (&OrgId, &SpaceId),
        snapshots: &[Snapshot],
        acts: &[RosterEntry],
        before: &dyn Fn(&EntryId, &EntryId) -> bool,
    ) -> Evaluation {
        let unique: BTreeMap<EntryId, &RosterEntry> = acts.iter().map(|it| (it.id, it)).collect();
        let covered = |id: &EntryId| !snapshots.is_empty() && snapshots.iter().all(|it| before(id, &it.epoch));
        let acts: Vec<&RosterEntry> = unique.into_values().filter(|it| !covered(&it.id)).collect();
        let mut snapshots: Vec<&Snapshot> = snapshots.iter().collect();
        snapshots.sort_by_key(|it| (it.hlc, it.epoch));
        let history = Acts::new(acts, snapshots, before);
        history.evaluate(place)
    }
}

/// Where somebody came in or went out.
#[derive(Clone, Copy)]
enum At {
    /// With the Create, or with all snapshots.
    Origin,
    /// With the act of that index.
    Act(usize),
    /// Before the snapshot of that index.
    Snapshot(usize),
}

/// Comings and goings of one person, once for membership and once for the right to moderate.
#[derive(Default)]
struct Events {
    ins: Vec<At>,
    outs: Vec<At>,
}

/// The acts with their order.
struct Acts<'a> {
    acts: Vec<&'a RosterEntry>,
    snapshots: Vec<&'a Snapshot>,
    /// For each act the acts before it, ascending.
    past: Vec<Vec<usize>>,
    /// For each act the snapshots before it, and whether it is before any of them.
    past_snapshots: Vec<Vec<usize>>,
    before_snapshot: Vec<bool>,
}

impl<'a> Acts<'a> {
    fn new(
        acts: Vec<&'a RosterEntry>,
        snapshots: Vec<&'a Snapshot>,
        before: &dyn Fn(&EntryId, &EntryId) -> bool,
    ) -> Self {
        let indexes = |hit: &dyn Fn(usize) -> bool, len: usize| (0..len).filter(|it| hit(*it)).collect::<Vec<_>>();
        let ids: Vec<EntryId> = acts.iter().map(|it| it.id).collect();
        let epochs: Vec<EntryId> = snapshots.iter().map(|it| it.epoch).collect();
        let among = |of: &[EntryId], id: &EntryId| {
            indexes(&|at| of.get(at).is_some_and(|it| it != id && before(it, id)), of.len())
        };
        let past = ids.iter().map(|id| among(&ids, id)).collect();
        let past_snapshots = ids.iter().map(|id| among(&epochs, id)).collect();
        let before_snapshot = ids.iter().map(|id| epochs.iter().any(|it| before(id, it))).collect();
        Self { acts, snapshots, past, past_snapshots, before_snapshot }
    }

    fn evaluate(&self, place: (&OrgId, &SpaceId)) -> Evaluation {
        let order = self.causal_order();
        let stopped = self.stopped(&order);
        let create = self.standing_create(place, &stopped);
        let mut void = BTreeMap::new();
        let mut valid: BTreeSet<usize> = BTreeSet::new();
        // In a chain each roster follows from the one before, so that a long history does not cost its square.
        let mut last: Option<(usize, Option<Roster>)> = None;
        for index in order.into_iter().filter(|it| !stopped.contains(it)) {
            let Some(entry) = self.acts.get(index) else {
                continue;
            };
            let roster = match last.take() {
                Some((previous, roster)) if self.follows(index, previous) => self.after(roster, previous, &valid),
                _ => {
                    let known = self.past_of(index).iter().filter(|it| valid.contains(it)).copied().collect();
                    self.roster(create, &known)
                }
            };
            match self.judge(entry, index, create, roster.as_ref()) {
                Ok(()) => {
                    valid.insert(index);
                }
                Err(why) => {
                    void.insert(entry.id, why);
                }
            }
            last = Some((index, roster));
        }
        let stopped = stopped.iter().filter_map(|it| self.acts.get(*it)).map(|it| it.id).collect();
        Evaluation { roster: self.roster(create, &valid), void, stopped }
    }

    fn past_of(&self, index: usize) -> &[usize] {
        self.past.get(index).map_or(&[], Vec::as_slice)
    }

    fn change(&self, index: usize) -> Option<&RosterChange> {
        self.acts.get(index)?.act.change.as_ref()
    }

    fn author(&self, index: usize) -> Option<PersonId> {
        self.acts.get(index).map(|it| it.author)
    }

    /// Ancestors first: whoever has an ancestor has all of its ancestors too, and therefore more.
    fn causal_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.acts.len()).collect();
        order.sort_by_key(|it| (self.past_of(*it).len(), *it));
        order
    }

    fn stopped(&self, order: &[usize]) -> BTreeSet<usize> {
        let mut stopped = BTreeSet::new();
        for index in order {
            if self.change(*index).is_none() || self.past_of(*index).iter().any(|it| stopped.contains(it)) {
                stopped.insert(*index);
            }
        }
        stopped
    }

    /// The Create that counts; none for a newcomer, who starts from snapshots.
    fn standing_create(&self, place: (&OrgId, &SpaceId), stopped: &BTreeSet<usize>) -> Option<usize> {
        let candidates = self.acts.iter().enumerate().filter(|(index, it)| {
            let roster = it.act.change.as_ref().and_then(|change| Roster::create(it.author, change));
            let permitted = roster.is_some_and(|roster| roster.kind == RosterKind::Group || it.may_create);
            permitted && self.snapshots.is_empty() && !stopped.contains(index) && self.past_of(*index).is_empty()
        });
        let founds = |it: &RosterEntry| founded_space(place.0, &it.log) == *place.1;
        candidates.min_by_key(|(_, it)| (!founds(it), it.hlc, it.id)).map(|(index, _)| index)
    }

    /// Whether `index` knows `previous` and what that knows, and nothing else; and `previous` all snapshots.
    fn follows(&self, index: usize, previous: usize) -> bool {
        let past = self.past_of(index);
        let informed = self.past_snapshots.get(previous).map_or(0, Vec::len) == self.snapshots.len();
        informed && past.len() == self.past_of(previous).len() + 1 && past.binary_search(&previous).is_ok()
    }

    /// The roster that `previous` left behind, given the one it found.
    fn after(&self, found: Option<Roster>, previous: usize, valid: &BTreeSet<usize>) -> Option<Roster> {
        if !valid.contains(&previous) {
            return found;
        }
        let (author, change, at) = (self.author(previous)?, self.change(previous)?, self.acts.get(previous)?.hlc);
        match (found, change) {
            (_, RosterChange::Create { .. }) => Roster::create(author, change),
            (Some(mut roster), _) => roster.apply(&author, change, at).ok().map(|()| roster),
            (None, _) => None,
        }
    }

    fn judge(
        &self,
        entry: &RosterEntry,
        index: usize,
        create: Option<usize>,
        roster: Option<&Roster>,
    ) -> Result<(), RosterDenied> {
        match (&entry.act.change, roster) {
            (Some(RosterChange::Create { .. }), _) if create == Some(index) => Ok(()),
            (Some(RosterChange::Create { .. }), _) => Err(RosterDenied::Create),
            (Some(change), Some(roster)) => roster.permits(&entry.author, change),
            _ => Err(RosterDenied::NotMember(entry.author)),
        }
    }

    /// Whether whoever came in at `coming` knew of `going`.
    fn knew(&self, coming: At, going: At) -> bool {
        match (coming, going) {
            (At::Act(coming), At::Act(going)) => self.past_of(coming).binary_search(&going).is_ok(),
            (At::Act(coming), At::Snapshot(going)) => {
                self.past_snapshots.get(coming).is_some_and(|it| it.contains(&going))
            }
            (At::Origin, At::Act(going)) => self.before_snapshot.get(going).copied().unwrap_or(false),
            _ => false,
        }
    }

    fn is_in(&self, events: &Events) -> bool {
        events.ins.iter().any(|coming| events.outs.iter().all(|going| self.knew(*coming, *going)))
    }

    /// The roster that the valid acts `known` make.
    fn roster(&self, create: Option<usize>, known: &BTreeSet<usize>) -> Option<Roster> {
        let mut roster = self.origin(create.filter(|it| known.contains(it)))?;
        let mut members: BTreeMap<PersonId, Events> = BTreeMap::new();
        let mut moderators: BTreeMap<PersonId, Events> = BTreeMap::new();
        for person in &roster.members {
            members.entry(*person).or_default().ins.push(At::Origin);
        }
        for person in &roster.moderators {
            moderators.entry(*person).or_default().ins.push(At::Origin);
        }
        for (index, snapshot) in self.snapshots.iter().enumerate() {
            for person in &snapshot.roster.removed {
                members.entry(*person).or_default().outs.push(At::Snapshot(index));
                moderators.entry(*person).or_default().outs.push(At::Snapshot(index));
            }
        }
        for index in known {
            let (Some(author), Some(change)) = (self.author(*index), self.change(*index)) else {
                continue;
            };
            let at = At::Act(*index);
            match change {
                RosterChange::Create { .. } | RosterChange::Set { .. } | RosterChange::Rule(_) => {}
                RosterChange::Add(person) => members.entry(*person).or_default().ins.push(at),
                RosterChange::Moderator { person, on: true } => moderators.entry(*person).or_default().ins.push(at),
                RosterChange::Moderator { person, on: false } => moderators.entry(*person).or_default().outs.push(at),
                RosterChange::Remove(_) | RosterChange::Leave => {
                    let gone = if let RosterChange::Remove(person) = change { *person } else { author };
                    members.entry(gone).or_default().outs.push(at);
                    moderators.entry(gone).or_default().outs.push(at);
                }
            }
        }
        let inside = |events: &BTreeMap<PersonId, Events>| -> BTreeSet<PersonId> {
            events.iter().filter(|(_, it)| self.is_in(it)).map(|(person, _)| *person).collect()
        };
        roster.members = inside(&members);
        roster.moderators = inside(&moderators).intersection(&roster.members).copied().collect();
        let gone = members.iter().filter(|(_, it)| !it.outs.is_empty()).map(|(person, _)| *person);
        roster.removed = gone.filter(|it| !roster.members.contains(it)).collect();
        let name = self.newest(known, |it| if let RosterChange::Set { name } = it { Some(name) } else { None });
        if let Some((_, name)) = name {
            roster.name.clone_from(name);
        }
        for number in 0..=2 {
            let rule = self.newest(known, |it| match it {
                RosterChange::Rule(rule) => Some(*rule).filter(|it| it.number() == number),
                _ => None,
            });
            if let Some((at, rule)) = rule {
                roster.rules.set(rule, at);
            }
        }
        Some(roster)
    }

    /// What there was before any act that changes it: the Create, or what all snapshots agree on.
    fn origin(&self, create: Option<usize>) -> Option<Roster> {
        if let Some(index) = create {
            return Roster::create(self.author(index)?, self.change(index)?);
        }
        let (newest, others) = self.snapshots.split_last()?;
        let mut roster = newest.roster.clone();
        for other in others {
            roster.members.retain(|it| other.roster.members.contains(it));
            roster.moderators.retain(|it| other.roster.moderators.contains(it));
        }
        Some(roster)
    }

    /// What the newest of these acts says about one thing, and its clock: by knowledge, then by clock, then by id.
    fn newest<'s, T>(
        &'s self,
        known: &BTreeSet<usize>,
        about: impl Fn(&'s RosterChange) -> Option<T>,
    ) -> Option<(Hlc, T)> {
        let said: Vec<(usize, T)> = known.iter().filter_map(|it| Some((*it, about(self.change(*it)?)?))).collect();
        let replaced: Vec<bool> = said
            .iter()
            .map(|(index, _)| said.iter().any(|(later, _)| self.past_of(*later).binary_search(index).is_ok()))
            .collect();
        let standing = said.into_iter().zip(replaced).filter(|it| !it.1).map(|it| it.0);
        let placed = standing.filter_map(|(index, what)| self.acts.get(index).map(|it| ((it.hlc, it.id), what)));
        placed.max_by_key(|(place, _)| *place).map(|((hlc, _), what)| (hlc, what))
    }
}
