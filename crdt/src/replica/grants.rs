//! Giving keys to members' devices that lack them, and reading what was given.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Ctx;
use crate::entry::{Kind, Signed};
use crate::id::{DeviceId, EntryId, SpaceId, sha256};
use crate::limits;
use crate::seal::{Epoch, Grant, Key, SealingPublic};

use super::keys::devices_of;
use super::space::SpaceKind;
use super::write::Body;
use super::{Outputs, Replica};

/// Pause between the turns of those who could give a key; longer than a push takes, so that the first grant is seen
/// before the second is made.
const GRANT_TURN: Duration = Duration::from_millis(500);
/// The last turn: whoever would come later gives at that moment too, and a few redundant grants do no harm.
const TURNS_MAX: u32 = 60;

impl Replica {
    /// A grant has come: remember who has what, open it if it is for us.
    pub(super) fn read_grant(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, signed: &Signed, out: &mut Outputs) {
        let Ok(grant) = Grant::decode(&signed.entry.body) else { return };
        let Some(space) = self.spaces.get_mut(&id) else { return };
        space.granted.entry(grant.device).or_default().extend(grant.keys.iter().map(|(epoch, _)| *epoch));
        if grant.device == self.me {
            space.own_grants.push((signed.entry.device, grant));
            self.retry_grants(ctx, id, out);
        }
    }

    /// Tries all grants to this device again: an epoch may come after its grant.
    pub(super) fn retry_grants(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        let Some(mut space) = self.spaces.remove(&id) else { return };
        let holder = self.holder_keys();
        let mut opened = Vec::new();
        for (author, grant) in &space.own_grants {
            opened.extend(space.ring.open_grant(author, grant, &holder));
        }
        self.spaces.insert(id, space);
        self.opened(ctx, id, &opened, out);
    }

    /// Devices that should read a space and have no key of one of its heads, or, where history is shared, of something older
    /// that no head wraps: who had no key and waited in vain has opened an epoch that wraps nothing.
    fn lacking_keys(&self, id: &SpaceId) -> BTreeMap<DeviceId, SealingPublic> {
        let Some(space) = self.spaces.get(id) else { return BTreeMap::new() };
        let (shared, state) = (self.shares_history(id), self.authority.state());
        let mut needed: Vec<&Epoch> = space.ring.heads().iter().filter_map(|it| space.ring.get(it)).collect();
        if shared {
            needed.extend(space.ring.seeds().map(|(it, _)| it));
        }
        needed.retain(|it| self.may_pass_on(it));
        let lacks = |device: &DeviceId| {
            let person = state.person_of(device);
            needed.iter().any(|epoch| {
                // What was before a newcomer stays closed to him, also while the epoch that he came with is on its way.
                if !shared && !person.is_some_and(|it| space.was_member_at(&epoch.id, &it)) {
                    return false;
                }
                if person.is_some_and(|it| space.was_taken_out_at(&epoch.id, &it)) {
                    return false;
                }
                // Without a list of its own a public epoch is sealed to no guest; another one's list may still be on its way.
                let unknown = space.kind != SpaceKind::Public;
                let sealed = epoch.recipients.as_ref().map_or(unknown, |it| it.contains_key(device));
                let granted = space.granted.get(device).is_some_and(|it| it.contains(&epoch.id));
                !sealed && !granted
            })
        };
        let members = match space.kind {
            SpaceKind::Public => state.guests_of(id).collect(),
            _ => self.members(id),
        };
        let lacking = devices_of(state, &members).filter(|(device, _)| *device != self.me && lacks(device));
        lacking.filter_map(|(device, it)| Some((device, SealingPublic::new(it.seal_key).ok()?))).collect()
    }

    /// Whether this device knows as much as the one that opened an epoch, so that it passes the key on to nobody whom that
    /// one knew to be gone.
    pub(super) fn may_pass_on(&self, epoch: &Epoch) -> bool {
        epoch.key().is_some() && epoch.body.auth_heads.iter().all(|it| self.authority.knows(it))
    }

    /// Decides when it is this device's turn to give keys to those who lack them.
    pub(super) fn schedule_grants(&mut self, ctx: &Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        if !self.restored || self.is_from_archive(&id) {
            return;
        }
        let lacking = self.lacking_keys(&id);
        let due = lacking.keys().map(|target| self.turn(&id, target)).min();
        let Some(space) = self.spaces.get_mut(&id) else { return };
        match (due, space.grant_due) {
            (None, _) => space.grant_due = None,
            (Some(turns), None) => space.grant_due = Some(ctx.now.plus(GRANT_TURN * turns)),
            (Some(_), Some(_)) => {}
        }
        self.wake(ctx, out);
    }

    /// How many others come first: nobody if this device let the target in, else the connected members whose hash with
    /// the target is lower than ours.
    fn turn(&self, id: &SpaceId, target: &DeviceId) -> u32 {
        if self.authority.state().admitted_by(target) == Some(self.me) {
            return 0;
        }
        let rank = |holder: &DeviceId| sha256(&[&holder.0, &target.0]);
        let mine = rank(&self.me);
        let before = self.peers.keys().filter(|it| *it != target && self.shares(it, id) && rank(it) < mine).count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1).min(TURNS_MAX)
    }

    /// Gives keys wherever it is this device's turn.
    pub(super) fn give_due_keys(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        let due: Vec<SpaceId> = self
            .spaces
            .iter()
            // No turn is further away than the last one, save where the clock was set back.
            .filter(|(_, it)| {
                it.grant_due.is_some_and(|due| due <= ctx.now || due > ctx.now.plus(GRANT_TURN * TURNS_MAX))
            })
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            if let Some(space) = self.spaces.get_mut(&id) {
                space.grant_due = None;
            }
            for (device, public) in self.lacking_keys(&id) {
                self.give_keys(ctx, id, device, &public, out);
            }
        }
    }

    /// Seals to one device the keys of a space that it may have.
    fn give_keys(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        device: DeviceId,
        public: &SealingPublic,
        out: &mut Outputs,
    ) {
        let shared = self.shares_history(&id);
        let Some(space) = self.spaces.get(&id) else { return };
        let heads = space.ring.heads();
        let seeds = space.ring.seeds().filter(|(it, _)| self.may_pass_on(it));
        let mut keys: BTreeMap<EntryId, &Key> = seeds.map(|(it, key)| (it.id, key)).collect();
        let Some(person) = self.authority.state().person_of(&device) else { return };
        keys.retain(|epoch, _| !space.was_taken_out_at(epoch, &person));
        if !shared {
            // Another device of one's own reads all that one has read here.
            let own = Some(person) == self.person();
            keys.retain(|epoch, _| (own || heads.contains(epoch)) && space.was_member_at(epoch, &person));
        }
        if keys.is_empty() {
            return;
        }
        while keys.len() > limits::GRANT_KEYS_MAX {
            keys.pop_first();
        }
        #[cfg(feature = "planted")]
        let own = self.identity.sealing.first().map(|it| *it.public());
        #[cfg(feature = "planted")]
        let public = match &own {
            Some(own) if crate::planted::is(crate::planted::Planted::GrantToWrongDevice) => own,
            _ => public,
        };
        let place = (&self.org, &id, &self.me);
        let Ok(grant) = Grant::seal(place, (device, public), &self.authority.heads(), &keys, ctx.rng) else { return };
        self.write(ctx, id, Kind::Grant, Body::Clear(grant.encode()), Vec::new(), out).ok();
    }
}
