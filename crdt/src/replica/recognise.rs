//! What follows from a new state of the authority: which spaces there are and of which kind.

use std::collections::BTreeMap;

use crate::Ctx;
use crate::id::{DeviceId, PersonId, SpaceId};

use super::space::{Space, SpaceKind};
use super::{Changed, Output, Outputs, Replica};

impl Replica {
    /// The authority has learnt something: spaces, keys and who may read what follow from it.
    pub(super) fn authority_changed(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        if !self.restored {
            return;
        }
        if self.authority.evaluate() {
            return self.authority_read(ctx, out);
        }
        // Nothing has changed, but what an epoch cites may be known only now.
        for id in self.spaces.keys().copied().collect::<Vec<_>>() {
            self.schedule_grants(ctx, id, out);
        }
    }

    /// Does what follows from a new state of the authority.
    pub(super) fn authority_read(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        self.recognise_spaces(ctx, out);
        self.read_waiting_acts(ctx, out);
        let known: Vec<DeviceId> =
            self.unknown_signers.keys().filter(|it| self.authority.keys().devices.contains_key(it)).copied().collect();
        out.push_back(Output::Roster);
        for signer in known {
            for (from, bytes) in self.unknown_signers.remove(&signer).unwrap_or_default() {
                out.push_back(Output::Recheck { from, bytes });
            }
        }
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
        let mine: Vec<SpaceId> = named.into_iter().filter(|it| state.members(it).contains(&me)).collect();
        for id in mine {
            let Some(kind) = self.public_kind(&id) else { continue };
            let (org, fresh) = (self.org, !self.spaces.contains_key(&id));
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
        for (id, space) in self.spaces.iter_mut().filter(|(_, it)| it.is_provisional()) {
            if let Some(other) = direct.get(id) {
                (space.kind, space.pair) = (SpaceKind::Direct, Some((me, *other)));
                out.push_back(Output::Changed(Changed::Spaces));
            }
        }
    }
}
