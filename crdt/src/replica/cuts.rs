//! What still counts of somebody who is gone from a space: cuts, what is held until there is one, and vouching.
//!
//! A removal says from when on somebody may not write; by clocks he could date back as he likes. So the one who removes
//! signs, in every space where he is, up to which entry each log of the removed devices was held: the *cut*. Where he is
//! not, the members' devices do it by themselves after a while. Until there is a cut, what is learnt after the removal is
//! not shown.
//!
//! 1. A removal touches a space if it takes somebody out of it: from the organisation, a device, from the team whose
//!    channel it is, from a channel that moved, from the roster.
//! 2. Of the cuts that name a removal those count whose author belongs to the space. If the remover wrote one, only his.
//!    Of several the lowest position counts for each log.
//! 3. A log that none of them names is cut at nothing.
//! 4. What is above is shown if a device of somebody who belongs to the space has it in its causal past, with that device
//!    as the one that vouches for it; unless the remover's cut is strict.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Ctx;
use crate::authority::Removed;
use crate::entry::{Kind, Signed};
use crate::id::{DeviceId, EntryId, LogId, PersonId, SpaceId, sha256};
use crate::limits;
use crate::roster::{RosterChange, RosterEntry};
use crate::seal::{Cut, CutPosition};
use crate::timeline::Standing;

use super::space::{Space, SpaceKind};
use super::write::Body;
use super::{Changed, Output, Outputs, Replica};

/// How long the others wait for the remover's cut before the first of them writes one: longer than a push takes, and than
/// a colleague's desktop needs to come back.
const CUT_PATIENCE: Duration = Duration::from_secs(10);
/// Between the turns of those who could write one.
const CUT_TURN: Duration = Duration::from_secs(1);
/// The last turn.
const TURNS_MAX: u64 = 60;

/// A removal that touches a space, of people who are not back.
struct Removal {
    act: EntryId,
    /// The person who removed.
    by: Option<PersonId>,
    gone: BTreeSet<DeviceId>,
}

/// A cut with its place.
#[derive(Clone, Debug)]
pub(super) struct PlacedCut {
    pub(super) log: LogId,
    pub(super) seq: u64,
    pub(super) cut: Cut,
}

/// What counts of one device that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fence {
    /// No cut yet: what was held when the removal was learnt.
    Held(BTreeMap<LogId, u64>),
    /// The cut that is kept.
    Cut { ends: BTreeMap<LogId, (u64, EntryId)>, strict: bool },
}

/// The fences of a space and who vouches for what is above them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fences {
    /// By removal.
    by_device: BTreeMap<DeviceId, BTreeMap<EntryId, Fence>>,
    vouched: BTreeMap<LogId, (u64, DeviceId)>,
}

impl Fences {
    fn of(&self, log: &LogId) -> impl Iterator<Item = &Fence> {
        self.by_device.get(&log.device).into_iter().flat_map(BTreeMap::values)
    }

    /// Where an entry stands.
    pub(super) fn standing(&self, log: &LogId, seq: u64, id: &EntryId) -> Standing {
        let mut standing = Standing::Kept;
        for fence in self.of(log) {
            let found = match fence {
                Fence::Held(ends) if ends.get(log).is_none_or(|end| seq > *end) => Standing::Held,
                Fence::Cut { ends, strict } if is_above(ends, log, seq, id) => {
                    let vouched = self.vouched.get(log).filter(|(upto, _)| !strict && seq <= *upto);
                    vouched.map_or(Standing::Cut, |(_, by)| Standing::Vouched(*by))
                }
                Fence::Held(_) | Fence::Cut { .. } => Standing::Kept,
            };
            match found {
                Standing::Cut | Standing::Held => return found,
                Standing::Vouched(_) => standing = found,
                Standing::Kept => {}
            }
        }
        standing
    }

    /// Whether anything that is held lies above a cut that is not strict.
    fn wants_links(&self, space: &Space) -> bool {
        let above = |log: &LogId, fence: &Fence| match fence {
            Fence::Cut { ends, strict: false } => {
                let head = space.logs.get(log).and_then(|it| it.head());
                head.is_some_and(|it| is_above(ends, log, it.last, &it.last_id))
            }
            _ => false,
        };
        let logs = space.logs.keys();
        logs.into_iter().any(|log| self.of(log).any(|it| above(log, it)))
    }
}

fn is_above(ends: &BTreeMap<LogId, (u64, EntryId)>, log: &LogId, seq: u64, id: &EntryId) -> bool {
    ends.get(log).is_none_or(|(end, end_id)| seq > *end || (seq == *end && id != end_id))
}

/// What one stored entry refers to; asked for where something lies above a cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The entry.
    pub id: EntryId,
    /// Its log.
    pub log: LogId,
    /// Its position.
    pub seq: u64,
    /// Entries of other logs that its author had seen.
    pub seen: Vec<EntryId>,
}

impl Link {
    /// Of a stored entry.
    pub fn of(signed: &Signed) -> Self {
        let entry = &signed.entry;
        Self { id: signed.id, log: entry.log(), seq: entry.seq, seen: entry.seen.clone() }
    }
}

impl Replica {
    /// Devices that have written in a space and do not belong to it.
    fn gone_from(&self, id: &SpaceId) -> BTreeSet<DeviceId> {
        let Some(space) = self.spaces.get(id).filter(|it| it.kind != SpaceKind::Organisation) else {
            return BTreeSet::new();
        };
        let (state, members) = (self.authority.state(), self.members(id));
        let belongs =
            |it: &DeviceId| state.is_active(it) && state.person_of(it).is_some_and(|person| members.contains(&person));
        space.logs.keys().map(|it| it.device).filter(|it| !belongs(it)).collect()
    }

    /// The acts of the authority that took a writer out of a space.
    fn removals_by_authority(&self, id: &SpaceId) -> Vec<Removal> {
        let (state, gone) = (self.authority.state(), self.gone_from(id));
        if gone.is_empty() {
            return Vec::new();
        }
        let of_person =
            |person: &PersonId| gone.iter().filter(|it| state.person_of(it) == Some(*person)).copied().collect();
        let audience = state.audience_of(id);
        let mut removals = Vec::new();
        for (act, what) in &state.removals {
            let gone: BTreeSet<DeviceId> = match what {
                Removed::Person(person) => of_person(person),
                Removed::Device(device) => gone.get(device).copied().into_iter().collect(),
                Removed::TeamMember(team, person) if Some(*team) == audience || team == id => of_person(person),
                Removed::ChannelMember(channel, person) if channel == id => of_person(person),
                Removed::TeamMember(..) | Removed::ChannelMember(..) => continue,
            };
            let by = self.authority.author_of(act).and_then(|it| state.person_of(&it));
            removals.extend((!gone.is_empty()).then_some(Removal { act: *act, by, gone }));
        }
        removals
    }

    /// The removals that touch a space, of devices that have written there.
    fn removals_in(&self, id: &SpaceId) -> Vec<Removal> {
        let mut removals = self.removals_by_authority(id);
        let (state, gone) = (self.authority.state(), self.gone_from(id));
        let Some(space) = self.spaces.get(id).filter(|_| !gone.is_empty()) else { return removals };
        for act in space.acts.iter().filter(|it| !space.void.contains(&it.id)) {
            let whom = match &act.act.change {
                Some(RosterChange::Remove(person)) => *person,
                Some(RosterChange::Leave) => act.author,
                _ => continue,
            };
            if space.roster.as_ref().is_some_and(|it| it.removed.contains(&whom)) {
                let gone: BTreeSet<DeviceId> =
                    gone.iter().filter(|it| state.person_of(it) == Some(whom)).copied().collect();
                removals.extend((!gone.is_empty()).then_some(Removal { act: act.id, by: Some(act.author), gone }));
            }
        }
        removals
    }

    /// The cut that is kept of those that name a removal.
    fn kept_cut(&self, id: &SpaceId, removal: &Removal) -> Option<Fence> {
        let (space, state, members) = (self.spaces.get(id)?, self.authority.state(), self.members(id));
        let belongs = |log: &LogId| {
            let person = state.person_of(&log.device).filter(|_| state.is_active(&log.device));
            person.is_some_and(|it| members.contains(&it))
        };
        // A remover who is gone himself since: what he signed counts as far as his own logs do.
        let within = |log: &LogId, seq: u64| {
            let mut others = space.cuts.values().filter(|it| belongs(&it.log));
            others.any(|it| it.cut.ends.iter().any(|end| end.log == *log && seq <= end.seq))
        };
        let by_remover = |log: &LogId| removal.by.is_some() && state.person_of(&log.device) == removal.by;
        let naming: Vec<&PlacedCut> = space
            .cuts
            .values()
            .filter(|it| it.cut.removal == removal.act && !removal.gone.contains(&it.log.device))
            .filter(|it| belongs(&it.log) || (by_remover(&it.log) && within(&it.log, it.seq)))
            .collect();
        let of_remover: Vec<&PlacedCut> = naming.iter().filter(|it| by_remover(&it.log)).copied().collect();
        let strict = of_remover.iter().any(|it| it.cut.strict);
        let kept = if of_remover.is_empty() { naming } else { of_remover };
        let mut ends: BTreeMap<LogId, (u64, EntryId)> = BTreeMap::new();
        for end in kept.iter().flat_map(|it| &it.cut.ends) {
            let lowest = ends.entry(end.log).or_insert((end.seq, end.id));
            *lowest = (*lowest).min((end.seq, end.id));
        }
        (!kept.is_empty()).then_some(Fence::Cut { ends, strict })
    }

    /// Roster acts that do not count because somebody who was removed wrote them above a cut, without knowing that he was
    /// removed or as if he did not: whatever gives somebody something. Removals always count.
    pub(super) fn cut_acts(&self, id: &SpaceId, void: &BTreeSet<EntryId>) -> BTreeSet<EntryId> {
        let Some(space) = self.spaces.get(id).filter(|it| !it.cuts.is_empty() || !it.held_at.is_empty()) else {
            return BTreeSet::new();
        };
        let (state, pasts) = (self.authority.state(), space.causal.pasts());
        let gives = |it: &&RosterEntry| {
            !matches!(it.act.change, Some(RosterChange::Remove(_) | RosterChange::Leave | RosterChange::Create { .. }))
        };
        let mut fallen = BTreeSet::new();
        for removal in self.removals_by_authority(id) {
            let Some(Fence::Cut { ends, .. }) = self.kept_cut(id, &removal) else { continue };
            for act in space.acts.iter().filter(gives).filter(|it| removal.gone.contains(&it.log.device)) {
                let position = space.causal.position(&act.id);
                fallen.extend(position.filter(|(log, seq)| is_above(&ends, log, *seq, &act.id)).map(|_| act.id));
            }
        }
        for removal in space.acts.iter().filter(|it| !void.contains(&it.id)) {
            let Some(RosterChange::Remove(whom)) = removal.act.change else { continue };
            let theirs = |it: &LogId| state.person_of(&it.device) == Some(whom);
            let gone = space.logs.keys().filter(|it| theirs(it)).map(|it| it.device).collect();
            let removal = Removal { act: removal.id, by: Some(removal.author), gone };
            let held = || space.held_at.contains_key(&removal.act).then(|| Fence::Held(self.held_of(id, &removal)));
            let Some(fence) = self.kept_cut(id, &removal).or_else(held) else { continue };
            for act in space.acts.iter().filter(gives).filter(|it| it.author == whom) {
                let Some((log, seq)) = space.causal.position(&act.id) else { continue };
                let above = match &fence {
                    Fence::Held(ends) => ends.get(&log).is_none_or(|end| seq > *end),
                    Fence::Cut { ends, .. } => is_above(ends, &log, seq, &act.id),
                };
                if above && !pasts.knew(&removal.act, &act.id) {
                    fallen.insert(act.id);
                }
            }
        }
        fallen
    }

    /// Draws the fences of every space anew and decides where this device has to write a cut.
    pub(super) fn draw_fences(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        if !self.restored {
            return;
        }
        for id in self.spaces.keys().copied().collect::<Vec<_>>() {
            self.draw_fences_of(ctx, id, out);
        }
        self.learnt.extend(self.authority.state().removals.iter().map(|it| it.0));
    }

    /// The same for one space.
    pub(super) fn draw_fences_of(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        if !self.restored {
            return;
        }
        let removals = self.removals_in(&id);
        // What comes from somebody whose removal is known already was not held when it was learnt.
        let known = removals.iter().map(|it| it.act).filter(|it| self.learnt.contains(it));
        for removal in known.collect::<Vec<_>>() {
            self.note_held_at(id, removal, Vec::new(), out);
        }
        let Some(space) = self.spaces.get_mut(&id) else { return };
        self.learnt.extend(space.acts.iter().map(|it| it.id));
        if removals.is_empty() && space.fences.by_device.is_empty() {
            return;
        }
        let mut fences = Fences { by_device: BTreeMap::new(), vouched: space.fences.vouched.clone() };
        let mut uncut = Vec::new();
        for removal in &removals {
            let fence = self.kept_cut(&id, removal);
            if fence.is_none() {
                uncut.push((removal.act, removal.by, removal.gone.clone()));
            }
            let fence = fence.unwrap_or_else(|| Fence::Held(self.held_of(&id, removal)));
            for device in &removal.gone {
                fences.by_device.entry(*device).or_default().insert(removal.act, fence.clone());
            }
        }
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let changed = space.fences != fences;
        let wants_links = changed && fences.wants_links(space);
        space.fences = fences;
        if changed {
            out.push_back(Output::Changed(Changed::Space(id)));
        }
        if wants_links {
            out.push_back(Output::LoadLinks(id));
        }
        self.schedule_cuts(ctx, id, &uncut, out);
    }

    /// Logs of the removed that go on after their removal was known here, each with the last position before. Nobody who
    /// knows of a removal vouches for more by merely going on writing.
    pub(super) fn late_logs(&self, id: &SpaceId) -> BTreeMap<LogId, Option<u64>> {
        let Some(space) = self.spaces.get(id).filter(|it| !it.fences.by_device.is_empty()) else {
            return BTreeMap::new();
        };
        let end = |log: &LogId| {
            let head = space.logs.get(log).and_then(|it| it.head()).map(|it| it.last);
            let removals = space.fences.by_device.get(&log.device).into_iter().flat_map(BTreeMap::keys);
            let ends = removals.filter_map(|it| space.held_at.get(it));
            let lowest = ends.map(|it| it.iter().find(|it| it.log == *log).map(|it| it.seq)).min()?;
            (lowest < head).then_some(lowest)
        };
        space.logs.keys().filter_map(|log| Some((*log, end(log)?))).collect()
    }

    /// What was held of the removed when the removal was learnt: now, if this is the first we hear of it.
    fn held_of(&self, id: &SpaceId, removal: &Removal) -> BTreeMap<LogId, u64> {
        let Some(space) = self.spaces.get(id) else { return BTreeMap::new() };
        if let Some(known) = space.held_at.get(&removal.act) {
            return known.iter().map(|it| (it.log, it.seq)).collect();
        }
        heads_of(space, &removal.gone).into_iter().map(|it| (it.log, it.seq)).collect()
    }

    /// Remembers, also for the next start, up to where the removed were held when this removal was learnt.
    fn note_held_at(&mut self, id: SpaceId, removal: EntryId, mut ends: Vec<CutPosition>, out: &mut Outputs) {
        let strict = self.strict.contains(&removal);
        let Some(space) = self.spaces.get_mut(&id).filter(|it| !it.held_at.contains_key(&removal)) else { return };
        ends.sort_unstable();
        space.held_at.insert(removal, ends.clone());
        ends.truncate(limits::CUT_LOGS_MAX);
        out.push_back(Output::Held { space: id, held: Cut { removal, ends, strict } });
    }

    /// Puts back what [`Output::Held`] told before a stop.
    pub(super) fn restore_held_at(&mut self, id: SpaceId, held: Cut) {
        if held.strict {
            self.strict.insert(held.removal);
        }
        if let Some(space) = self.spaces.get_mut(&id) {
            space.held_at.insert(held.removal, held.ends);
        }
    }

    /// This device removes strictly, and remembers that for cuts that it has yet to write.
    pub(super) fn remove_strictly(&mut self, removal: EntryId, out: &mut Outputs) {
        self.strict.insert(removal);
        let held = Cut { removal, ends: Vec::new(), strict: true };
        out.push_back(Output::Held { space: self.organisation_space(), held });
    }

    fn schedule_cuts(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        uncut: &[(EntryId, Option<PersonId>, BTreeSet<DeviceId>)],
        out: &mut Outputs,
    ) {
        let (me, own) = (self.me, self.person());
        let rank = |removal: &EntryId| {
            let [first, ..] = sha256(&[&me.0, &removal.0]);
            CUT_TURN * u32::try_from(u64::from(first) % TURNS_MAX).unwrap_or(0)
        };
        let member = own.is_some_and(|it| self.members(&id).contains(&it));
        let authored = |act: &EntryId, space: &Space| {
            let device = self.authority.author_of(act);
            let device = device.or_else(|| space.causal.position(act).map(|(log, _)| log.device));
            device == Some(me)
        };
        let Some(space) = self.spaces.get(&id) else { return };
        let fresh: Vec<(EntryId, Vec<CutPosition>)> = uncut.iter().map(|it| (it.0, heads_of(space, &it.2))).collect();
        let mine: Vec<EntryId> = uncut.iter().map(|it| it.0).filter(|it| authored(it, space)).collect();
        for (act, ends) in fresh {
            self.note_held_at(id, act, ends, out);
        }
        let Some(space) = self.spaces.get_mut(&id) else { return };
        space.cuts_due.retain(|it, _| uncut.iter().any(|(act, ..)| act == it));
        for (act, ..) in uncut {
            // Who held nothing when he learnt of it knows nothing that could be kept.
            if member && space.held_at.get(act).is_some_and(|it| !it.is_empty()) {
                space.cuts_due.entry(*act).or_insert_with(|| ctx.now.plus(CUT_PATIENCE + rank(act)));
            }
        }
        // The remover says so even where he held nothing.
        for act in mine.into_iter().filter(|_| member) {
            space.cuts_due.insert(act, ctx.now);
        }
        self.wake(ctx, out);
    }

    /// Writes the cuts whose time has come.
    pub(super) fn write_due_cuts(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        let latest = ctx.now.plus(CUT_PATIENCE + CUT_TURN * u32::try_from(TURNS_MAX).unwrap_or(0));
        let mut due: Vec<(SpaceId, EntryId)> = Vec::new();
        for (id, space) in &self.spaces {
            // No turn is further away than the last one, save where the clock was set back.
            let ready = space.cuts_due.iter().filter(|(_, at)| **at <= ctx.now || **at > latest);
            due.extend(ready.map(|(act, _)| (*id, *act)));
        }
        for (id, removal) in due {
            self.write_cut(ctx, id, removal, out);
        }
    }

    /// Signs up to where the logs of the removed were held here when the removal was learnt.
    fn write_cut(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, removal: EntryId, out: &mut Outputs) {
        let strict = self.strict.contains(&removal);
        let Some(space) = self.spaces.get_mut(&id) else { return };
        space.cuts_due.remove(&removal);
        let mut ends = space.held_at.get(&removal).cloned().unwrap_or_default();
        ends.sort_unstable();
        ends.truncate(limits::CUT_LOGS_MAX);
        let cut = Cut { removal, ends, strict };
        self.write(ctx, id, Kind::Cut, Body::Clear(cut.encode()), Vec::new(), out).ok();
    }

    /// After a removal by this device: its cuts are written at once, everywhere.
    pub(super) fn cut_now(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        self.draw_fences(ctx, out);
        self.write_due_cuts(ctx, out);
    }

    /// What all stored entries of a space refer to: decides who vouches for what lies above a cut.
    pub(super) fn links_loaded(&mut self, id: SpaceId, links: &[Link], out: &mut Outputs) {
        let state = self.authority.state();
        let members = self.members(&id);
        let Some(space) = self.spaces.get(&id) else { return };
        let gone: BTreeSet<DeviceId> = space.fences.by_device.keys().copied().collect();
        let places: BTreeMap<EntryId, (LogId, u64)> =
            links.iter().filter(|it| gone.contains(&it.log.device)).map(|it| (it.id, (it.log, it.seq))).collect();
        let mut vouched: BTreeMap<LogId, (u64, DeviceId)> = BTreeMap::new();
        let honest = links.iter().filter(|it| {
            let person = state.person_of(&it.log.device).filter(|_| state.is_active(&it.log.device));
            person.is_some_and(|it| members.contains(&it))
        });
        let mut open: Vec<(EntryId, DeviceId)> =
            honest.flat_map(|it| it.seen.iter().map(|seen| (*seen, it.log.device))).collect();
        let of_gone: BTreeMap<EntryId, &Link> =
            links.iter().filter(|it| gone.contains(&it.log.device)).map(|it| (it.id, it)).collect();
        let mut by_log: BTreeMap<LogId, BTreeMap<u64, &Link>> = BTreeMap::new();
        for link in of_gone.values() {
            by_log.entry(link.log).or_default().insert(link.seq, link);
        }
        while let Some((seen, by)) = open.pop() {
            let Some((log, seq)) = places.get(&seen).copied() else { continue };
            let known = vouched.get(&log).copied();
            let better = known.is_none_or(|(upto, of)| (upto, std::cmp::Reverse(of)) < (seq, std::cmp::Reverse(by)));
            if better {
                vouched.insert(log, (seq, by));
                // What one who is gone had seen of another one is vouched for with it.
                let below = by_log.get(&log).into_iter().flat_map(|it| it.range(..=seq));
                open.extend(below.flat_map(|(_, it)| it.seen.iter().map(|seen| (*seen, by))));
            }
        }
        let Some(space) = self.spaces.get_mut(&id) else { return };
        if space.fences.vouched != vouched {
            space.fences.vouched = vouched;
            out.push_back(Output::Changed(Changed::Space(id)));
        }
    }

    /// Something came into a space: it may lie above a cut, or vouch for what does.
    pub(super) fn note_links(&self, id: SpaceId, entries: &[Signed], out: &mut Outputs) {
        let Some(space) = self.spaces.get(&id).filter(|it| self.restored && !it.fences.by_device.is_empty()) else {
            return;
        };
        let touches =
            entries.iter().any(|it| space.fences.by_device.contains_key(&it.entry.device) || !it.entry.seen.is_empty());
        if touches && space.fences.wants_links(space) {
            out.push_back(Output::LoadLinks(id));
        }
    }
}

/// The newest held entries of these devices.
fn heads_of(space: &Space, devices: &BTreeSet<DeviceId>) -> Vec<CutPosition> {
    let logs = space.logs.iter().filter(|(log, _)| devices.contains(&log.device));
    logs.filter_map(|(log, it)| it.head().map(|head| CutPosition { log: *log, seq: head.last, id: head.last_id }))
        .collect()
}
