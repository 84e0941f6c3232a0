//! Keys: which epoch to seal under, opening a new one and reading what others opened.

use std::collections::{BTreeMap, BTreeSet};

use crate::Ctx;
use crate::authority::{Device, State};
use crate::entry::{Kind, Signed};
use crate::id::{BlobHash, DeviceId, EntryId, PersonId, SpaceId};
use crate::limits;
use crate::seal::{self, Epoch, EpochBody, Holder, Key, Reason, Rotation, SealingPublic};

use super::space::{Space, SpaceKind};
use super::write::Body;
use super::{AlarmKind, Output, Outputs, Refusal, Replica};

impl Replica {
    /// Persons who belong to a space by the present authority and roster.
    pub fn members(&self, id: &SpaceId) -> BTreeSet<PersonId> {
        self.spaces.get(id).map_or_else(BTreeSet::new, |it| self.members_at(id, it, self.authority.state()))
    }

    /// Those and whom the roster of a private space names and nobody has heard of here yet: they are on their way.
    pub fn members_to_come(&self, id: &SpaceId) -> BTreeSet<PersonId> {
        let roster = self.spaces.get(id).and_then(|it| it.roster.as_ref()).map(|it| it.members.clone());
        let unheard = |it: &PersonId| !self.authority.state().persons.contains_key(it);
        let mut members = self.members(id);
        members.extend(roster.unwrap_or_default().into_iter().filter(unheard));
        members
    }

    /// [`Self::members`] in a state of the authority.
    pub(super) fn members_at(&self, id: &SpaceId, space: &Space, state: &State) -> BTreeSet<PersonId> {
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

    /// The connected devices that are sent what is written in a space.
    pub(super) fn receivers_in(&self, space: &SpaceId) -> Vec<DeviceId> {
        let mut receivers = self.peers_in(space);
        let archivists = self.archivists_of(space);
        let keeps = |it: &&DeviceId| self.authority.state().person_of(it).is_some_and(|it| archivists.contains(&it));
        receivers.extend(self.peers.keys().filter(keeps).filter(|it| self.receives(it, space)));
        receivers
    }

    /// Every device that must be able to read a space by the heads that are cited, as all others will count them: where
    /// there are more heads than can be cited, they may say less than is known here.
    fn recipients_at(&mut self, id: &SpaceId, heads: &[EntryId]) -> BTreeMap<DeviceId, SealingPublic> {
        let state = self.authority.state_at(heads);
        let state = state.as_deref().unwrap_or_else(|| self.authority.state());
        let Some(space) = self.spaces.get(id) else { return BTreeMap::new() };
        let mut persons = self.members_at(id, space, state);
        persons.extend(self.archivists_at(id, state));
        sealable(state, &persons).collect()
    }

    pub(super) fn holder_keys(&self) -> Holder<'_> {
        Holder { device: self.me, keys: &self.identity.sealing }
    }

    /// The audience of a public channel.
    pub(super) fn audience_of(&self, id: &SpaceId) -> Option<SpaceId> {
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
        let mut persons = members.clone();
        persons.extend(self.archivists_of(id));
        let devices: BTreeSet<DeviceId> =
            devices_of(self.authority.state(), &persons).map(|(device, _)| device).collect();
        let audience = self.audience_of(id).map(|it| self.eligible_epochs(&it)).unwrap_or_default();
        let (shared, coming) = (self.shares_history(id), self.members_to_come(id));
        let eligible = |epoch: &Epoch| {
            let covered = removals.iter().all(|it| self.authority.covers(&epoch.body.auth_heads, it));
            let nobody_left = space.holders(epoch).all(|device| devices.contains(device));
            // Where newcomers do not get older keys, a key that somebody lacks would shut him out; also whoever is named
            // already by an act that came before the news of him (seed 9054): he is given the new key when it comes.
            let nobody_lacks = shared || coming.iter().all(|it| space.was_member_at(&epoch.id, it));
            let wrapped = epoch.body.audience.as_ref().is_none_or(|wrap| audience.contains(&wrap.epoch));
            covered && nobody_left && nobody_lacks && wrapped && self.archive_has(id, epoch)
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
        let (shared, wrapped) = (self.shares_history(&id), self.wrappable(&id, &heads));
        let older: Vec<(EntryId, &Key)> = if shared {
            // Whoever was put out before an older key was made must not get it with the new one, because he is still in
            // here: the same rule as for giving keys.
            let state = self.authority.state();
            let readers: BTreeSet<PersonId> = recipients.keys().filter_map(|it| state.person_of(it)).collect();
            let may = |epoch: &&EntryId| {
                space.ring.get(epoch).is_some_and(|it| self.may_pass_on(it))
                    && !readers.iter().any(|it| space.was_taken_out_at(epoch, it))
            };
            wrapped.iter().filter(may).filter_map(|it| Some((*it, space.ring.key(it)?))).collect()
        } else {
            Vec::new()
        };
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
        if stanzas.is_some_and(|it| !self.audit_direct(id, &body, it)) {
            self.alarm_list(id, signed.entry.device, out);
        }
        if !self.restored && self.spaces.get(&id).is_some_and(|it| it.kind != SpaceKind::Public) {
            // Whose it is tells whether it is opened.
            self.authority.evaluate();
        }
        let roster = body.roster(&signed.entry).and_then(|it| blobs.get(&it.hash)).map(Vec::as_slice);
        let Some(mut space) = self.spaces.remove(&id) else { return };
        let mut opened = space.ring.add_epoch(signed, stanzas).unwrap_or_default();
        if let Some(blob) = stanzas {
            opened.extend(self.open_own_stanza(&mut space, id, signed.id, (blob, roster)));
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
}

/// The active devices of these people.
pub(super) fn devices_of<'s>(
    state: &'s State,
    persons: &'s BTreeSet<PersonId>,
) -> impl Iterator<Item = (DeviceId, &'s Device)> + use<'s> {
    // One walk over all devices, not one for each person.
    let devices = state.devices.iter().filter(|(id, it)| persons.contains(&it.person) && state.is_active(id));
    devices.map(|(id, it)| (*id, it))
}

/// The active devices of these people with their sealing keys. A device whose key is none, which its own person may have
/// entered, gets nothing, and nobody waits for it.
pub(super) fn sealable<'s>(
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
