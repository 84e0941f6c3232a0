//! Acts about people, devices, channels and the organisation itself, and those of the root.

use std::collections::BTreeSet;
use std::time::Duration;

use ed25519_dalek::SigningKey;

use crate::Ctx;
use crate::authority::{
    Act, ArchiveOpen, Caps, ChannelRole, ChannelSet, Denied, Freeze, OwnerGrant, Policy, RemovePerson, RevokeDevice,
    Role, RootRotate, SetPolicy, SetRole, TeamDefaults,
};
use crate::entry::{BlobRef, Entry, Kind};
use crate::id::{BlobHash, DeviceId, Inc, PersonId, SpaceId, sha256};
use crate::limits;
use crate::roster::{RosterChange, RosterDenied, RosterRule};
use crate::run::{Packet, Run};
use crate::seal::Forget;
use crate::time::{Hlc, Timestamp};

use super::acts::name_blob;
use super::command::{ChannelChange, RootDeed};
use super::lens::rules_of;
use super::space::SpaceKind;
use super::write::Body;
use super::{Command, Outputs, Refusal, Replica, Reply, Source};

/// Between the turns of those who could remove a guest whose time is over.
const GUEST_TURN: Duration = Duration::from_secs(1);
/// How far a floor has to rise before it is signed anew: one entry a day in a channel that forgets.
const FLOOR_STEP: Duration = Duration::from_secs(24 * 60 * 60);
/// How often it is looked after them.
const FLOOR_PAUSE: Duration = Duration::from_secs(60);
/// Mail domains of an organisation at most, as its policy may hold.
const DOMAINS_MAX: usize = 64;

impl Replica {
    /// Commands that become one act each.
    pub(super) fn administer(
        &mut self,
        ctx: &mut Ctx<'_>,
        command: &Command,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        match command {
            Command::RemovePerson { person, strict } => self.remove_person(ctx, *person, *strict, out),
            Command::RevokeDevice { device, reason } => self.revoke_device(ctx, *device, *reason, out),
            Command::Freeze { device, on } => {
                self.checked(self.authority.state().may_freeze(&self.me()?, device))?;
                if !on && self.authority.has_contradicted(device) {
                    return Err(Refusal::Contradicted);
                }
                self.plain(ctx, &Act::Freeze(Freeze { device: *device, on: *on }), out)
            }
            Command::SetRole { person, role, caps } => self.set_role(ctx, *person, (*role, *caps), out),
            Command::SetPolicy(policy) => self.set_policy(ctx, policy, out),
            Command::TeamDefaults { team, channels } => {
                self.checked(self.authority.state().may_manage_team(&self.me()?, team, false))?;
                let of_team =
                    |it: &&SpaceId| self.authority.state().channels.get(*it).is_some_and(|it| it.team == Some(*team));
                if channels.iter().filter(of_team).count() != channels.len() {
                    return Err(Refusal::NotFound);
                }
                let act = Act::TeamDefaults(TeamDefaults { team: *team, channels: channels.clone() });
                self.plain(ctx, &act, out)
            }
            Command::OpenArchive { person, reason } => {
                self.checked(self.authority.state().may_open_archive(&self.me()?))?;
                let known = self.authority.state().persons.get(person);
                if known.is_none_or(|it| it.removed_by.is_none()) {
                    return Err(Refusal::NotFound);
                }
                let act = Act::ArchiveOpen(ArchiveOpen { person: *person, reason: 0 });
                let signed = self.act(ctx, &act, vec![name_blob(reason)?], out)?;
                Ok(Reply::Entry { id: signed.id, space: signed.entry.space })
            }
            Command::Root { key, deed } => self.root(ctx, key, deed, out),
            Command::Forget { space, forget } => self.forget(ctx, *space, forget, out),
            _ => Err(Refusal::NotFound),
        }
    }

    fn plain(&mut self, ctx: &mut Ctx<'_>, act: &Act, out: &mut Outputs) -> Result<Reply, Refusal> {
        let signed = self.act(ctx, act, Vec::new(), out)?;
        Ok(Reply::Entry { id: signed.id, space: signed.entry.space })
    }

    /// Takes a person out: the act first, with what of him counts in the authority, then the cuts everywhere.
    fn remove_person(
        &mut self,
        ctx: &mut Ctx<'_>,
        person: PersonId,
        strict: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let state = self.authority.state();
        self.checked(state.may_remove(&self.me()?, &person))?;
        let devices: BTreeSet<DeviceId> =
            state.devices.iter().filter(|(_, it)| it.person == person).map(|(id, _)| *id).collect();
        let cut = self.authority.cut_of(&devices);
        let act = Act::RemovePerson(RemovePerson { person, cut, archive_to: None });
        let signed = self.act(ctx, &act, Vec::new(), out)?;
        if strict {
            self.remove_strictly(signed.id, out);
        }
        self.cut_now(ctx, out);
        Ok(Reply::Entry { id: signed.id, space: signed.entry.space })
    }

    fn revoke_device(
        &mut self,
        ctx: &mut Ctx<'_>,
        device: DeviceId,
        reason: u64,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        self.checked(self.authority.state().may_revoke(&self.me()?, &device))?;
        let cut = self.authority.cut_of(&BTreeSet::from([device]));
        let reply = self.plain(ctx, &Act::RevokeDevice(RevokeDevice { device, cut, reason }), out)?;
        self.cut_now(ctx, out);
        Ok(reply)
    }

    fn set_role(
        &mut self,
        ctx: &mut Ctx<'_>,
        person: PersonId,
        (role, caps): (Role, Caps),
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        self.checked(self.authority.state().may_set_role(&self.me()?, &person, role, caps))?;
        let act = match role {
            Role::Owner => Act::OwnerGrant(OwnerGrant { person, on: true }),
            _ => Act::SetRole(SetRole { person, role, caps }),
        };
        let certificates = self.certificates_with(ctx, &person, (role, caps), &self.identity.signing)?;
        let signed = self.act(ctx, &act, certificates, out)?;
        Ok(Reply::Entry { id: signed.id, space: signed.entry.space })
    }

    fn set_policy(&mut self, ctx: &mut Ctx<'_>, policy: &Policy, out: &mut Outputs) -> Result<Reply, Refusal> {
        self.checked(self.authority.state().may_set_policy(&self.me()?))?;
        let named = |it: &String| !it.is_empty() && it.len() <= limits::EMAIL_BYTES_MAX;
        if policy.domains.is_empty() || policy.domains.len() > DOMAINS_MAX || !policy.domains.iter().all(named) {
            return Err(Refusal::TooLong);
        }
        self.plain(ctx, &Act::SetPolicy(SetPolicy { policy: policy.clone() }), out)
    }

    /// Renames a channel or changes what it is.
    pub(super) fn set_channel(
        &mut self,
        ctx: &mut Ctx<'_>,
        channel: SpaceId,
        change: &ChannelChange,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.me()?;
        if let Some(change) = self.private_change(&channel, change)? {
            return self.roster_change(ctx, channel, change, patience_over, out);
        }
        let state = self.authority.state();
        if !state.channels.contains_key(&channel) {
            return Err(Refusal::NotFound);
        }
        let unchanged =
            ChannelSet { channel, name: None, place: None, archived: None, retention_ms: None, receipts: None };
        let (act, blobs) = match change {
            ChannelChange::Name(name) => (ChannelSet { name: Some(0), ..unchanged }, vec![name_blob(name)?]),
            ChannelChange::Place(team) => {
                self.checked(state.may_move(&me, &channel, team.as_ref()))?;
                (ChannelSet { place: Some(team.iter().copied().collect()), ..unchanged }, Vec::new())
            }
            ChannelChange::Archived(on) => (ChannelSet { archived: Some(*on), ..unchanged }, Vec::new()),
            ChannelChange::Retention(ms) => (ChannelSet { retention_ms: Some(*ms), ..unchanged }, Vec::new()),
            ChannelChange::Receipts(on) => (ChannelSet { receipts: Some(*on), ..unchanged }, Vec::new()),
        };
        self.checked(state.may_set_channel(&me, &channel))?;
        let signed = self.act(ctx, &Act::ChannelSet(act), blobs, out)?;
        if matches!(change, ChannelChange::Place(_)) && self.authority.denied(&signed.id).is_none() {
            // Those of the new place have none of the older keys: this device, which has, wraps them under a new one.
            self.sending_key(ctx, channel, true, out)?;
            self.cut_now(ctx, out);
        }
        Ok(Reply::Entry { id: signed.id, space: signed.entry.space })
    }

    /// What a change of a private channel or a group is in its roster; nothing for a public one.
    fn private_change(&self, channel: &SpaceId, change: &ChannelChange) -> Result<Option<RosterChange>, Refusal> {
        let Some(space) = self.spaces.get(channel) else { return Ok(None) };
        let rule = match change {
            ChannelChange::Name(name) if space.roster.is_some() => {
                name_blob(name)?;
                return Ok(Some(RosterChange::Set { name: name.trim().to_owned() }));
            }
            ChannelChange::Name(_) | ChannelChange::Place(_) => return Ok(None),
            ChannelChange::Archived(on) => RosterRule::Archived(*on),
            ChannelChange::Retention(ms) => RosterRule::Retention(*ms),
            ChannelChange::Receipts(on) => RosterRule::Receipts(*on),
        };
        match space.kind {
            SpaceKind::Private | SpaceKind::Group => Ok(Some(RosterChange::Rule(rule))),
            SpaceKind::Direct => Err(RosterDenied::Rule.into()),
            _ => Ok(None),
        }
    }

    /// Changes somebody's part in a channel.
    pub(super) fn channel_role(
        &mut self,
        ctx: &mut Ctx<'_>,
        (channel, person): (SpaceId, PersonId),
        (moderator, poster): (Option<bool>, Option<bool>),
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        if self.spaces.get(&channel).is_some_and(|it| it.roster.is_some()) {
            let on = moderator.ok_or(Refusal::NotFound)?;
            return self.roster_change(ctx, channel, RosterChange::Moderator { person, on }, patience_over, out);
        }
        let state = self.authority.state();
        let found = state.channels.get(&channel).ok_or(Refusal::NotFound)?;
        if !state.members(&channel).contains(&person) && (moderator == Some(true) || poster == Some(true)) {
            return Err(Refusal::NotFound);
        }
        let moderator = moderator.unwrap_or_else(|| found.moderators.contains(&person));
        let poster = poster.unwrap_or_else(|| found.posters.contains(&person));
        self.checked(state.may_appoint(&self.me()?, &channel))?;
        self.plain(ctx, &Act::ChannelRole(ChannelRole { channel, person, moderator, poster }), out)
    }

    /// Signs with the root's key, in a log of its own.
    fn root(
        &mut self,
        ctx: &mut Ctx<'_>,
        key: &SigningKey,
        deed: &RootDeed,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        if self.authority.state().root != Some(key.verifying_key().to_bytes()) {
            return Err(Denied::RootOnly.into());
        }
        let act = match deed {
            RootDeed::Owner(person, on) => Act::OwnerGrant(OwnerGrant { person: *person, on: *on }),
            RootDeed::Rotate(root_pk) => Act::RootRotate(RootRotate { root_pk: *root_pk }),
        };
        let certificates = match deed {
            RootDeed::Owner(person, true) => self.certificates_with(ctx, person, (Role::Owner, Caps(0)), key)?,
            RootDeed::Owner(_, false) | RootDeed::Rotate(_) => Vec::new(),
        };
        let space = self.organisation_space();
        let last = if self.hlc.is_ahead(ctx.now) { Hlc::default() } else { self.hlc };
        let entry = Entry {
            device: DeviceId::of_key(key.verifying_key().as_bytes()),
            space,
            inc: Inc(ctx.rng.bytes()),
            seq: 0,
            prev: None,
            seen: self.authority.heads(),
            hlc: Hlc::next(last, ctx.now),
            kind: Kind::Act,
            epoch: None,
            body: act.encode(),
            blobs: certificates.iter().map(|it| BlobRef::of(it)).collect(),
        };
        entry.check_form().map_err(|_| Refusal::TooLong)?;
        let signed = entry.sign(&self.org, key);
        let id = signed.id;
        let mut packet = Packet::of(Run::own(signed));
        packet.blobs = certificates.into_iter().map(|it| (BlobHash::of(&it), it)).collect();
        self.push(&packet, out);
        self.take(ctx, Source::Own, packet, out);
        Ok(Reply::Entry { id, space })
    }

    fn forget(
        &mut self,
        ctx: &mut Ctx<'_>,
        space: SpaceId,
        forget: &Forget,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let lens = self.lens(&space).filter(|it| it.kind.has_timeline()).ok_or(Refusal::NotFound)?;
        let moderates = lens.moderates(&self.me()?);
        let allowed = moderates || matches!(forget, Forget::Entries(_));
        self.checked(if allowed { Ok(()) } else { Err(Denied::Role) })?;
        let signed = self.write(ctx, space, Kind::Forget, Body::Clear(forget.encode()), Vec::new(), out)?;
        Ok(Reply::Entry { id: signed.id, space })
    }

    /// On a guest's date a device with the right signs the removal: each in its turn, so that mostly one does.
    pub(super) fn remove_guests_whose_time_is_over(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        let due: Vec<PersonId> =
            self.guests_due().into_iter().filter(|(_, at)| *at <= ctx.now).map(|(person, _)| person).collect();
        for person in due {
            self.remove_person(ctx, person, false, out).ok();
        }
    }

    /// When this device removes which guest, if nobody has before.
    pub(super) fn guests_due(&self) -> Vec<(PersonId, Timestamp)> {
        let Some(me) = self.person().filter(|_| self.restored) else { return Vec::new() };
        let state = self.authority.state();
        let guests = state.persons.iter().filter(|(id, _)| state.is_guest(id) && state.may_remove(&me, id).is_ok());
        let over = guests.filter_map(|(id, it)| Some((*id, it.guest.as_ref()?.until)).filter(|it| it.1 > 0));
        over.map(|(id, until)| {
            let [turn, ..] = sha256(&[&self.me.0, &id.0]);
            (id, Timestamp(until).plus(GUEST_TURN * u32::from(turn)))
        })
        .collect()
    }

    /// In channels that forget, the floor rises with time: signed once a day by a device of somebody who moderates.
    pub(super) fn raise_floors(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        if self.floors_seen <= ctx.now && ctx.now.since(self.floors_seen) < FLOOR_PAUSE {
            return;
        }
        self.floors_seen = ctx.now;
        for (space, floor) in self.floors_due(ctx.now) {
            self.forget(ctx, space, &Forget::Before(floor), out).ok();
        }
    }

    fn floors_due(&self, now: Timestamp) -> Vec<(SpaceId, Timestamp)> {
        let Some(me) = self.person().filter(|_| self.restored) else { return Vec::new() };
        let state = self.authority.state();
        let general = state.policy.as_ref().map_or(0, |it| it.retention_ms);
        let mut due = Vec::new();
        for (id, space) in self.spaces.iter().filter(|(_, it)| it.kind.has_timeline() && !it.logs.is_empty()) {
            let own = rules_of(state, space.roster.as_ref(), id).retention_ms;
            let keep = [own, general].into_iter().filter(|it| *it > 0).min();
            let Some(floor) = keep.and_then(|it| now.0.checked_sub(it)).map(Timestamp) else { continue };
            let Some(lens) = self.lens(id).filter(|it| it.moderates(&me)) else { continue };
            if floor.since(lens.floor()) >= FLOOR_STEP && space.records.values().sum::<usize>() > 0 {
                due.push((*id, floor));
            }
        }
        due
    }
}
