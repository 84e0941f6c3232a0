//! Keys: which epoch to seal under, opening what others sealed, giving keys to those who lack them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Ctx;
use crate::authority::{Device, State};
use crate::entry::{Kind, Signed};
use crate::id::{BlobHash, DeviceId, EntryId, PersonId, SpaceId, sha256};
use crate::limits;
use crate::seal::{self, Epoch, EpochBody, Grant, Holder, Key, Reason, Rotation, SealingPublic};

use super::space::{Space, SpaceKind};
use super::write::Body;
use super::{AlarmKind, Changed, Output, Outputs, Refusal, Replica};

/// Pause between the turns of those who could give a key; longer than a push takes, so that the first grant is seen
/// before the second is made.
const GRANT_TURN: Duration = Duration::from_millis(500);
/// The last turn: whoever would come later gives at that moment too, and a few redundant grants do no harm.
const TURNS_MAX: u32 = 60;

impl Replica {
    /// Persons who belong to a space by the present authority and roster.
    pub fn members(&self, id: &SpaceId) -> BTreeSet<PersonId> {
        let state = self.authority.state();
        let Some(space) = self.spaces.get(id) else { return BTreeSet::new() };
        match space.kind {
            SpaceKind::Organisation | SpaceKind::Team | SpaceKind::Public => state.members(id),
            SpaceKind::Direct => {
                space.pair.iter().flat_map(|(a, b)| [*a, *b]).filter(|it| state.is_member(it)).collect()
            }
            SpaceKind::Private | SpaceKind::Group => {
                let roster = space.roster.as_ref().map(|it| it.members.clone()).unwrap_or_default();
                roster.into_iter().filter(|it| state.is_member(it)).collect()
            }
        }
    }

    /// Whether an active device belongs to a space, as we see it.
    pub fn shares(&self, device: &DeviceId, space: &SpaceId) -> bool {
        let state = self.authority.state();
        if *space == self.organisation_space() {
            // Guests have no key of it, but without its acts they would not know whom to believe.
            return state.is_active(device);
        }
        state.is_active(device) && state.person_of(device).is_some_and(|it| self.members(space).contains(&it))
    }

    /// The connected devices that belong to a space.
    pub(super) fn peers_in(&self, space: &SpaceId) -> Vec<DeviceId> {
        let members = self.members(space);
        let state = self.authority.state();
        let organisation = *space == self.organisation_space();
        let belongs = |it: &&DeviceId| {
            state.is_active(it) && (organisation || state.person_of(it).is_some_and(|person| members.contains(&person)))
        };
        self.peers.keys().filter(belongs).copied().collect()
    }

    /// Every device that must be able to read a space now, with its sealing key.
    fn recipients(&self, id: &SpaceId) -> BTreeMap<DeviceId, SealingPublic> {
        let state = self.authority.state();
        sealable(state, &self.members(id)).collect()
    }

    /// Every device that must be able to read a space by the heads that are cited, as all others will count them: where
    /// there are more heads than can be cited, they may say less than is known here.
    fn recipients_at(&mut self, id: &SpaceId, heads: &[EntryId]) -> BTreeMap<DeviceId, SealingPublic> {
        let audience =
            self.spaces.get(id).is_some_and(|it| matches!(it.kind, SpaceKind::Organisation | SpaceKind::Team));
        match self.authority.state_at(heads) {
            Some(state) if audience => sealable(&state, &state.members(id)).collect(),
            _ => self.recipients(id),
        }
    }

    fn holder_keys(&self) -> Holder<'_> {
        Holder { device: self.me, keys: &self.identity.sealing }
    }

    /// The audience of a public channel.
    fn audience_of(&self, id: &SpaceId) -> Option<SpaceId> {
        self.authority.state().audience_of(id)
    }

    /// The kind of a space that the authority names.
    pub(super) fn public_kind(&self, id: &SpaceId) -> Option<SpaceKind> {
        let state = self.authority.state();
        if state.teams.contains_key(id) {
            return Some(SpaceKind::Team);
        }
        state.channels.contains_key(id).then_some(SpaceKind::Public)
    }

    /// The epoch to seal under and its key; opens a new one where that is needed.
    ///
    /// `patience_over` says that others have had their time to send a key.
    pub(super) fn sending_key(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<(EntryId, Key), Refusal> {
        let kind = self.spaces.get(&id).ok_or(Refusal::NotFound)?.kind;
        let audience = match kind {
            SpaceKind::Public => {
                let audience = self.audience_of(&id).ok_or(Refusal::NotFound)?;
                Some((audience, self.sending_key(ctx, audience, patience_over, out)?))
            }
            _ => None,
        };
        let eligible = self.eligible_heads(&id);
        #[cfg(feature = "planted")]
        let eligible = match (crate::planted::is(crate::planted::Planted::NoRotationAfterRemoval), self.spaces.get(&id))
        {
            (true, Some(space)) => space.ring.heads().into_iter().collect(),
            _ => eligible,
        };
        let space = self.spaces.get(&id).ok_or(Refusal::NotFound)?;
        let head = space.ring.choose_head(|epoch| eligible.contains(&epoch.id) && !is_full(ctx, space, epoch));
        if let Some(found) = head.and_then(|it| Some((it, space.ring.key(&it)?.clone()))) {
            return Ok(found);
        }
        let readable = space.ring.heads().iter().any(|it| space.ring.key(it).is_some());
        if !readable && !space.ring.heads().is_empty() && !patience_over {
            return Err(Refusal::NoKey);
        }
        let reason = if readable { Reason::Removal } else { Reason::First };
        let audience = audience.map(|(_, key)| key);
        self.open_epoch(ctx, id, reason, audience, out)
    }

    /// Heads that give their key to nobody who has left (architecture: "may I use this key?").
    fn eligible_heads(&self, id: &SpaceId) -> BTreeSet<EntryId> {
        let Some(space) = self.spaces.get(id) else { return BTreeSet::new() };
        let removals: Vec<EntryId> = self.authority.state().removals_touching(id).collect();
        let members = self.members(id);
        // Once a message: whether a key can be sealed to these devices, which costs a multiplication each, matters only
        // when an epoch is opened.
        let devices: BTreeSet<DeviceId> =
            devices_of(self.authority.state(), &members).map(|(device, _)| device).collect();
        let audience = self.audience_of(id).map(|it| self.eligible_epochs(&it)).unwrap_or_default();
        let shared = self.shares_history(id);
        let eligible = |epoch: &Epoch| {
            let covered = removals.iter().all(|it| self.authority.covers(&epoch.body.auth_heads, it));
            let nobody_left = space.holders(epoch).all(|device| devices.contains(device));
            // Where newcomers do not get older keys, a key that somebody lacks would shut him out.
            let nobody_lacks = shared || members.iter().all(|it| space.was_member_at(&epoch.id, it));
            let wrapped = epoch.body.audience.as_ref().is_none_or(|wrap| audience.contains(&wrap.epoch));
            covered && nobody_left && nobody_lacks && wrapped
        };
        space.ring.heads().into_iter().filter(|it| space.ring.get(it).is_some_and(&eligible)).collect()
    }

    /// Audience epochs, also superseded ones, whose key nobody has who is no member any more, or not yet as far as is
    /// known here. Whoever was given a newer key has all older ones that it wraps.
    fn eligible_epochs(&self, audience: &SpaceId) -> BTreeSet<EntryId> {
        let Some(space) = self.spaces.get(audience) else { return BTreeSet::new() };
        let state = self.authority.state();
        let removals: Vec<EntryId> = state.removals_touching(audience).collect();
        let members = self.members(audience);
        let devices: BTreeSet<DeviceId> = devices_of(state, &members).map(|(device, _)| device).collect();
        let strays = |epoch: &Epoch| space.holders(epoch).any(|device| !devices.contains(device));
        let stray = space.ring.with_older(space.ring.epochs().filter(|it| strays(it)).map(|it| it.id));
        let covered = |epoch: &&Epoch| removals.iter().all(|it| self.authority.covers(&epoch.body.auth_heads, it));
        space.ring.epochs().filter(covered).map(|it| it.id).filter(|it| !stray.contains(it)).collect()
    }

    /// Opens a new epoch of a space for its present members.
    pub(super) fn open_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        reason: Reason,
        audience: Option<(EntryId, Key)>,
        out: &mut Outputs,
    ) -> Result<(EntryId, Key), Refusal> {
        self.join_heads(ctx, out)?;
        let auth_heads = self.authority.heads();
        let recipients = match audience {
            // Guests are in no audience.
            Some(_) => sealable(self.authority.state(), &self.authority.state().guests_of(&id).collect()).collect(),
            None => self.recipients_at(&id, &auth_heads),
        };
        let space = self.spaces.get(&id).ok_or(Refusal::NotFound)?;
        let heads = space.ring.heads();
        let shared = self.shares_history(&id);
        let older: Vec<(EntryId, &Key)> =
            if shared { heads.iter().filter_map(|it| Some((*it, space.ring.key(it)?))).collect() } else { Vec::new() };
        let known = space.causal.heads();
        let roster = space.roster.as_ref().map(|it| it.encode(&known));
        let rotation = Rotation {
            org: self.org,
            space: id,
            author: self.me,
            prev: heads.clone(),
            auth_heads,
            reason,
            recipients: &recipients,
            audience: audience.as_ref().map(|(epoch, key)| (*epoch, key)),
            older: &older,
            roster: roster.as_deref(),
        };
        let new = rotation.seal(ctx.rng).map_err(|_| Refusal::NoKey)?;
        let signed = self.write(ctx, id, Kind::Epoch, Body::Clear(new.body.encode()), new.blobs, out)?;
        if let Some(space) = self.spaces.get_mut(&id) {
            space.ring.learn(&signed.id, new.key.clone()).ok();
        }
        Ok((signed.id, new.key))
    }

    /// Brings the heads of the authority down to as many as an epoch can cite: what it does not cite its recipients are
    /// not counted by, and a removal must not be among that.
    fn join_heads(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) -> Result<(), Refusal> {
        let mut before = usize::MAX;
        while limits::SEEN_MAX < self.authority.heads_count() && self.authority.heads_count() < before {
            before = self.authority.heads_count();
            self.write(ctx, self.organisation_space(), Kind::Merge, Body::None, Vec::new(), out)?;
        }
        Ok(())
    }

    /// Whether newcomers of a space may read what was before them.
    pub(super) fn shares_history(&self, id: &SpaceId) -> bool {
        let Some(space) = self.spaces.get(id) else { return false };
        match space.kind {
            SpaceKind::Organisation | SpaceKind::Team | SpaceKind::Public | SpaceKind::Direct => true,
            SpaceKind::Private | SpaceKind::Group => {
                space.roster.as_ref().is_some_and(|it| it.history == crate::roster::History::Shared)
            }
        }
    }

    /// An epoch has come: note it, open it if it is for us.
    pub(super) fn read_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        signed: &Signed,
        blobs: &BTreeMap<BlobHash, Vec<u8>>,
        out: &mut Outputs,
    ) {
        let Ok(body) = EpochBody::of(&signed.entry) else {
            return self.alarm_recipients(id, signed, out);
        };
        let stanzas = body.stanzas(&signed.entry).and_then(|it| blobs.get(&it.hash)).map(Vec::as_slice);
        if !self.right_recipients(&id, &body, stanzas) {
            return self.alarm_recipients(id, signed, out);
        }
        let Some(mut space) = self.spaces.remove(&id) else { return };
        let mut opened = space.ring.add_epoch(signed, stanzas).unwrap_or_default();
        if let Some(blob) = stanzas {
            opened.extend(space.ring.open_stanza(&signed.id, blob, &self.holder_keys()).unwrap_or_default());
        }
        if let Some(audience) = self.audience_of(&id).and_then(|it| self.spaces.get(&it)) {
            opened.extend(space.ring.open_by_audience(&audience.ring));
        }
        if let Some(roster) = body.roster(&signed.entry).and_then(|it| blobs.get(&it.hash)) {
            space.sealed_rosters.insert(signed.id, roster.clone());
        }
        self.spaces.insert(id, space);
        self.opened(ctx, id, &opened, out);
        self.retry_grants(ctx, id, out);
        self.schedule_grants(ctx, id, out);
    }

    /// Recipients of an audience epoch must be exactly the devices that the authority names at the heads it cites. Where
    /// these are not known yet, the sender's word is taken and his successor's epoch repairs it.
    fn right_recipients(&mut self, id: &SpaceId, body: &EpochBody, stanzas: Option<&[u8]>) -> bool {
        let audience =
            self.spaces.get(id).is_some_and(|it| matches!(it.kind, SpaceKind::Organisation | SpaceKind::Team));
        let (true, Some(blob)) = (audience, stanzas) else { return true };
        let Some(state) = self.authority.state_at(&body.auth_heads) else { return true };
        let expected = sealable(&state, &state.members(id)).map(|(id, it)| (id, it.id())).collect();
        seal::decode_stanzas(blob).is_ok_and(|it| seal::check_recipients(&it, &expected).is_ok())
    }

    fn alarm_recipients(&self, id: SpaceId, signed: &Signed, out: &mut Outputs) {
        out.push_back(Output::Alarm {
            kind: AlarmKind::WrongRecipients,
            device: Some(signed.entry.device),
            space: Some(id),
        });
    }

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

    fn retry_grants(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        let Some(mut space) = self.spaces.remove(&id) else { return };
        let holder = self.holder_keys();
        let mut opened = Vec::new();
        for (author, grant) in &space.own_grants {
            opened.extend(space.ring.open_grant(author, grant, &holder));
        }
        self.spaces.insert(id, space);
        self.opened(ctx, id, &opened, out);
    }

    /// Keys were learnt: read what they open.
    pub(super) fn opened(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, epochs: &[EntryId], out: &mut Outputs) {
        if epochs.is_empty() {
            return;
        }
        let (restored, Some(space)) = (self.restored, self.spaces.get_mut(&id)) else { return };
        for epoch in epochs.iter().filter(|it| restored && space.unopened.contains(it)) {
            out.push_back(Output::Load { space: id, epoch: *epoch });
        }
        self.read_opened_roster(ctx, id, epochs, out);
        if matches!(self.spaces.get(&id).map(|it| it.kind), Some(SpaceKind::Organisation | SpaceKind::Team)) {
            self.open_channels_of(ctx, id, out);
        }
        if self.restored {
            self.retry_deferred(ctx, out);
            self.schedule_grants(ctx, id, out);
        }
    }

    /// Opens the channels of an audience whose keys have just been learnt.
    fn open_channels_of(&mut self, ctx: &mut Ctx<'_>, audience: SpaceId, out: &mut Outputs) {
        let channels: Vec<SpaceId> =
            self.spaces.keys().copied().filter(|it| self.audience_of(it) == Some(audience)).collect();
        for channel in channels {
            self.open_by_audience(ctx, channel, out);
        }
    }

    /// Tries the keys of its audience on a public channel.
    pub(super) fn open_by_audience(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        let Some(audience) = self.audience_of(&id) else { return };
        let Some(mut space) = self.spaces.remove(&id) else { return };
        let opened = self.spaces.get(&audience).map_or_else(Vec::new, |it| space.ring.open_by_audience(&it.ring));
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
    fn may_pass_on(&self, epoch: &Epoch) -> bool {
        epoch.key().is_some() && epoch.body.auth_heads.iter().all(|it| self.authority.knows(it))
    }

    /// Decides when it is this device's turn to give keys to those who lack them.
    pub(super) fn schedule_grants(&mut self, ctx: &Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        if !self.restored {
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
        if !shared {
            let Some(person) = self.authority.state().person_of(&device) else { return };
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

/// The active devices of these people.
fn devices_of<'s>(
    state: &'s State,
    persons: &'s BTreeSet<PersonId>,
) -> impl Iterator<Item = (DeviceId, &'s Device)> + use<'s> {
    // One walk over all devices, not one for each person.
    let devices = state.devices.iter().filter(|(id, it)| persons.contains(&it.person) && state.is_active(id));
    devices.map(|(id, it)| (*id, it))
}

/// The active devices of these people with their sealing keys. A device whose key is none, which its own person may have
/// entered, gets nothing, and nobody waits for it.
fn sealable<'s>(
    state: &'s State,
    persons: &'s BTreeSet<PersonId>,
) -> impl Iterator<Item = (DeviceId, SealingPublic)> + use<'s> {
    devices_of(state, persons).filter_map(|(device, it)| Some((device, SealingPublic::new(it.seal_key).ok()?)))
}

/// Whether the segment of an epoch should be closed.
fn is_full(ctx: &Ctx<'_>, space: &Space, epoch: &Epoch) -> bool {
    let records = space.records.get(&epoch.id).copied().unwrap_or(0);
    let old = ctx.now.since(epoch.hlc.timestamp()) > limits::EPOCH_AGE_MAX;
    space.kind.has_timeline() && (records >= limits::SEGMENT_RECORDS_MAX || (old && records > 0))
}
