//! What follows from a new state of the authority: which spaces there are and of which kind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Ctx;
use crate::id::{DeviceId, PersonId, SpaceId};
use crate::time::Timestamp;

use super::space::{Space, SpaceKind};
use super::{Changed, Output, Outputs, Replica};

/// Below so many judged entries an evaluation is cheap, a few milliseconds; an honest history is nearly always below.
const CHEAP: usize = 2_048;
/// Pause after an evaluation for each entry judged: ten to twenty times as long as that takes.
const PAUSE_PER_ENTRY: Duration = Duration::from_micros(20);
/// The longest pause; a removal has to take effect.
const PAUSE_MAX: Duration = Duration::from_secs(10);

fn pause_after(cost: usize) -> Duration {
    let entries = u32::try_from(cost).unwrap_or(u32::MAX);
    if cost < CHEAP { Duration::ZERO } else { PAUSE_PER_ENTRY.saturating_mul(entries).min(PAUSE_MAX) }
}

impl Replica {
    /// The authority has learnt something: spaces, keys and who may read what follow from it.
    pub(super) fn authority_changed(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        if !self.restored {
            return;
        }
        if self.authority.has_news() && self.evaluates_later(ctx, out) {
            return;
        }
        if self.authority.evaluate() {
            self.evaluated = (ctx.now, pause_after(self.authority.cost()));
            return self.authority_read(ctx, out);
        }
        // Nothing has changed, but what an epoch cites may be known only now.
        for id in self.spaces.keys().copied().collect::<Vec<_>>() {
            self.schedule_grants(ctx, id, out);
        }
    }

    /// Whether the last evaluation was so dear that the next waits: an administrator who floods everybody with acts that
    /// contradict each other must not cost them more than a part of their time. What is written here never waits.
    fn evaluates_later(&mut self, ctx: &Ctx<'_>, out: &mut Outputs) -> bool {
        let (at, pause) = self.evaluated;
        // A clock that was set back ends the pause.
        if pause.is_zero() || ctx.now < at || ctx.now.since(at) >= pause {
            return false;
        }
        if self.unknown_signers.keys().any(|it| self.authority.keys().devices.contains_key(it)) {
            out.push_back(Output::Roster);
            self.recheck_known(out);
        }
        self.wake(ctx, out);
        true
    }

    /// Evaluates what waits for it.
    pub(super) fn evaluate_now(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        if self.authority.has_news() {
            self.evaluated.1 = Duration::ZERO;
            self.authority_changed(ctx, out);
        }
    }

    /// When what waits is to be evaluated.
    pub(super) fn evaluation_due(&self) -> Option<Timestamp> {
        let (at, pause) = self.evaluated;
        (self.restored && self.authority.has_news()).then(|| at.plus(pause))
    }

    /// Packets whose signer was not known and is now.
    fn recheck_known(&mut self, out: &mut Outputs) {
        let keys = self.authority.keys();
        let known: Vec<DeviceId> =
            self.unknown_signers.keys().filter(|it| keys.devices.contains_key(it)).copied().collect();
        for signer in known {
            for (from, bytes) in self.unknown_signers.remove(&signer).unwrap_or_default() {
                out.push_back(Output::Recheck { from, bytes });
            }
        }
    }

    /// Does what follows from a new state of the authority.
    pub(super) fn authority_read(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        self.recognise_spaces(ctx, out);
        self.open_archives(ctx, out);
        self.read_waiting_acts(ctx, out);
        out.push_back(Output::Roster);
        self.recheck_known(out);
        out.push_back(Output::Changed(Changed::Authority));
        for id in self.spaces.keys().copied().collect::<Vec<_>>() {
            self.schedule_grants(ctx, id, out);
        }
        self.draw_fences(ctx, out);
        self.guest_due = self.guests_due().into_iter().map(|it| it.1).min();
        self.wake(ctx, out);
    }

    /// Begins to hold the teams and channels this person belongs to, and gives provisional spaces their kind.
    pub(super) fn recognise_spaces(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        let Some(me) = self.person() else { return };
        self.recognise_direct(me, out);
        self.leave_public(me, out);
        let state = self.authority.state();
        let named: Vec<SpaceId> = state.teams.keys().chain(state.channels.keys()).copied().collect();
        let mine: BTreeSet<SpaceId> = named.into_iter().filter(|it| state.members(it).contains(&me)).collect();
        let before = std::mem::replace(&mut self.mine, mine.clone());
        for id in mine {
            let Some(kind) = self.public_kind(&id) else { continue };
            let (org, fresh) = (self.org, !self.spaces.contains_key(&id));
            if !fresh && !before.contains(&id) {
                // What came before the news that this person belongs there: the others wait to hear that it is here.
                out.push_back(Output::Changed(Changed::Space(id)));
            }
            let space = self.spaces.entry(id).or_insert_with(|| Space::new(org, id, kind));
            let was_provisional = space.is_provisional();
            space.kind = kind;
            if fresh {
                out.push_back(Output::Changed(Changed::Spaces));
            } else if was_provisional && kind == SpaceKind::Public {
                self.open_by_audience(ctx, id, out);
            }
        }
    }

    /// Channels that have moved to where this person is not are no longer shown as his.
    fn leave_public(&self, me: PersonId, out: &mut Outputs) {
        let state = self.authority.state();
        let mut public = self.spaces.iter().filter(|(_, it)| it.kind == SpaceKind::Public);
        if public.any(|(id, _)| !state.members(id).contains(&me)) {
            out.push_back(Output::Changed(Changed::Spaces));
        }
    }

    /// Gives provisional spaces that are direct ones their kind: their first packet may have come before its author
    /// was known.
    fn recognise_direct(&mut self, me: PersonId, out: &mut Outputs) {
        if !self.spaces.values().any(Space::is_provisional) {
            return;
        }
        let persons: Vec<PersonId> = self.persons().collect();
        let direct: BTreeMap<SpaceId, PersonId> =
            persons.into_iter().map(|it| (SpaceId::direct(&self.org, &me, &it), it)).collect();
        let mut found: Vec<(SpaceId, (PersonId, PersonId))> = Vec::new();
        for (id, space) in self.spaces.iter().filter(|(_, it)| it.is_provisional()) {
            let authors = space.logs.keys().filter_map(|it| self.authority.state().person_of(&it.device));
            let authors: BTreeSet<PersonId> = authors.collect();
            let of_others = || authors.iter().find_map(|it| self.direct_of_others(id, it));
            found.extend(direct.get(id).map(|it| (me, *it)).or_else(of_others).map(|pair| (*id, pair)));
        }
        for (id, pair) in found {
            if let Some(space) = self.spaces.get_mut(&id) {
                (space.kind, space.pair) = (SpaceKind::Direct, Some(pair));
                out.push_back(Output::Changed(Changed::Spaces));
            }
        }
    }
}
