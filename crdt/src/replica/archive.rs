//! The archive: where the policy says so, the devices of archivists get the keys of conversations besides their members.
//!
//! 1. The policy names the spaces: none; private channels; or groups and direct spaces too. Public channels need none, those
//!    who stay read them. The place that a person has for herself is never among them.
//! 2. Archivists are the people in the organisation who have the right to open archives.
//! 3. Their devices are recipients of every epoch that is opened from then on. An epoch that is given to one wraps no older
//!    key that he was not given, and nobody grants him any: what was said before the policy stays closed to him.
//! 4. The device of an archivist who is no member keeps what comes, sealed. It opens an epoch only when its person has
//!    signed that the archive of one of its recipients, who has left, is opened.

use std::collections::{BTreeMap, BTreeSet};

use crate::Ctx;
use crate::authority::{Archive, State};
use crate::id::{DeviceId, EntryId, PersonId, SpaceId};
use crate::roster::Roster;
use crate::seal::{self, EpochBody, SealingPublic};

use super::keys::{devices_of, sealable};
use super::space::{Space, SpaceKind};
use super::{AlarmKind, Output, Outputs, Replica};

/// An epoch that is sealed to this device and that it does not open, because its person is no member as far as is known.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    stanzas: Vec<u8>,
    roster: Option<Vec<u8>>,
}

/// Whether the policy has the keys of such a space given to archivists.
fn is_kept(state: &State, space: &Space) -> bool {
    let policy = state.policy.as_ref().map_or(Archive::None, |it| it.archive);
    match (policy, space.kind) {
        (Archive::Channels | Archive::All, SpaceKind::Private) | (Archive::All, SpaceKind::Group) => true,
        (Archive::All, SpaceKind::Direct) => space.pair.is_some_and(|(one, other)| one != other),
        _ => false,
    }
}

fn archivists(state: &State) -> impl Iterator<Item = PersonId> {
    state.persons.keys().copied().filter(|it| state.is_member(it) && state.may_open_archive(it).is_ok())
}

impl Replica {
    /// The persons who get the keys of a space for the archive, besides its members.
    pub fn archivists_of(&self, id: &SpaceId) -> BTreeSet<PersonId> {
        self.archivists_at(id, self.authority.state())
    }

    /// The same, in a state of the authority.
    pub(super) fn archivists_at(&self, id: &SpaceId, state: &State) -> BTreeSet<PersonId> {
        let Some(space) = self.spaces.get(id).filter(|it| is_kept(state, it)) else { return BTreeSet::new() };
        let members = self.members_at(id, space, state);
        archivists(state).filter(|it| !members.contains(it)).collect()
    }

    /// Whether this device holds a space for the archive only: its person is no member and never was.
    pub fn is_from_archive(&self, id: &SpaceId) -> bool {
        let (Some(space), Some(me)) = (self.spaces.get(id), self.person()) else { return false };
        let outside = |it: &Roster| !it.members.contains(&me) && !it.removed.contains(&me);
        match space.kind {
            SpaceKind::Direct => space.pair.is_some_and(|(one, other)| one != me && other != me),
            SpaceKind::Private | SpaceKind::Group => space.roster.as_ref().is_some_and(outside),
            _ => false,
        }
    }

    /// Whether a device is sent what is written in a space: it belongs to it, or keeps it for the archive.
    pub fn receives(&self, device: &DeviceId, id: &SpaceId) -> bool {
        if self.shares(device, id) {
            return true;
        }
        let state = self.authority.state();
        let Some(space) = self.spaces.get(id).filter(|it| state.is_active(device) && is_kept(state, it)) else {
            return false;
        };
        let person = state.person_of(device);
        if person.is_some_and(|it| state.may_open_archive(&it).is_ok()) {
            return true;
        }
        // Who keeps a private space for the archive knows its members by the lists of its epochs only.
        space.is_provisional() && space.ring.epochs().any(|it| it.recipients.iter().any(|it| it.contains_key(device)))
    }

    /// Whether an epoch has been given to every device that is to have it for the archive.
    pub(super) fn archive_has(&self, id: &SpaceId, epoch: &seal::Epoch) -> bool {
        let archivists = self.archivists_of(id);
        let state = self.authority.state();
        let lacks = |(device, it): (DeviceId, &crate::authority::Device)| {
            let known = epoch.recipients.as_ref().is_none_or(|it| it.contains_key(&device));
            !known && SealingPublic::new(it.seal_key).is_ok()
        };
        archivists.is_empty() || !devices_of(state, &archivists).any(lacks)
    }

    /// Of older epochs those that may be wrapped under a new one: all whose key every archivist's device was given that
    /// gets the new one.
    pub(super) fn wrappable(&self, id: &SpaceId, heads: &[EntryId]) -> Vec<EntryId> {
        let Some(space) = self.spaces.get(id) else { return Vec::new() };
        let known = |it: &&EntryId| {
            let epoch = space.ring.get(it);
            epoch.is_some_and(|it| it.recipients.is_some() && self.archive_has(id, it))
        };
        if self.archivists_of(id).is_empty() { heads.to_vec() } else { heads.iter().filter(known).copied().collect() }
    }

    /// Opens the stanza for this device, if it is for a member; keeps it closed if it is for the archive, until that is
    /// opened.
    pub(super) fn open_own_stanza(
        &self,
        space: &mut Space,
        id: SpaceId,
        epoch: EntryId,
        (stanzas, roster): (&[u8], Option<&[u8]>),
    ) -> Vec<EntryId> {
        if !self.opens(space, &id, &epoch, (stanzas, roster)) {
            let sealed = Sealed { stanzas: stanzas.to_vec(), roster: roster.map(<[u8]>::to_vec) };
            if seal::decode_stanzas(stanzas).is_ok_and(|it| it.iter().any(|it| it.device == self.me)) {
                space.closed.insert(epoch, sealed);
            }
            return Vec::new();
        }
        space.closed.remove(&epoch);
        space.ring.open_stanza(&epoch, stanzas, &self.holder_keys()).unwrap_or_default()
    }

    fn opens(&self, space: &Space, id: &SpaceId, epoch: &EntryId, (stanzas, roster): (&[u8], Option<&[u8]>)) -> bool {
        let Some(me) = self.person() else { return true };
        let member = match space.kind {
            SpaceKind::Organisation | SpaceKind::Team | SpaceKind::Public => true,
            SpaceKind::Direct => space.pair.is_none_or(|(one, other)| one == me || other == me),
            // A direct space whose two persons are not known yet has no roster.
            SpaceKind::Private | SpaceKind::Group => match roster {
                None => !space.is_provisional(),
                // To see whether it is a member's, the list of members is looked at, and nothing else.
                Some(roster) => {
                    let key = space.ring.peek_stanza(epoch, stanzas, &self.holder_keys()).ok();
                    let opened = key.and_then(|it| seal::open_members(&it, id, roster));
                    let read = opened.and_then(|it| Roster::from_snapshot(&it).ok());
                    read.is_none_or(|(it, _)| it.members.contains(&me))
                }
            },
        };
        member || self.is_opened_for(&me, stanzas)
    }

    /// Whether this person has opened the archive of somebody to whom an epoch was sealed.
    fn is_opened_for(&self, me: &PersonId, stanzas: &[u8]) -> bool {
        let state = self.authority.state();
        let Some(opened) = state.archives.get(me).filter(|_| state.may_open_archive(me).is_ok()) else { return false };
        let stanzas = seal::decode_stanzas(stanzas).unwrap_or_default();
        stanzas.iter().filter_map(|it| state.person_of(&it.device)).any(|it| opened.contains(&it))
    }

    /// The authority has changed: what was kept closed may be a member's, or its archive has been opened.
    pub(super) fn open_archives(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        let waiting: Vec<SpaceId> =
            self.spaces.iter().filter(|(_, it)| !it.closed.is_empty()).map(|(id, _)| *id).collect();
        for id in waiting {
            let Some(mut space) = self.spaces.remove(&id) else { continue };
            let mut opened = Vec::new();
            for (epoch, sealed) in std::mem::take(&mut space.closed) {
                let blobs = (sealed.stanzas.as_slice(), sealed.roster.as_deref());
                opened.extend(self.open_own_stanza(&mut space, id, epoch, blobs));
            }
            self.spaces.insert(id, space);
            if !opened.is_empty() {
                out.push_back(Output::Changed(super::Changed::Spaces));
            }
            self.opened(ctx, id, &opened, out);
        }
    }

    /// A direct space of two others, of which this device keeps the archive.
    pub(super) fn direct_of_others(&self, id: &SpaceId, author: &PersonId) -> Option<(PersonId, PersonId)> {
        let state = self.authority.state();
        let me = self.person().filter(|it| state.may_open_archive(it).is_ok())?;
        let mut others = state.persons.keys().filter(|it| **it != me && *it != author);
        let other = others.find(|it| SpaceId::direct(&self.org, author, it) == *id)?;
        Some((*author, *other))
    }

    /// Every receiver checks every list of recipients: those of a direct space are the devices of its two persons and, by
    /// the policy, of archivists. Names the alarm; what is sealed under it stays readable, and nobody here seals under it.
    pub(super) fn audit_direct(&mut self, id: SpaceId, body: &EpochBody, stanzas: &[u8]) -> bool {
        let current = self.authority.heads() == body.auth_heads;
        let Some(space) = self.spaces.get(&id).filter(|it| it.kind == SpaceKind::Direct) else { return true };
        let persons = space.pair.iter().flat_map(|(one, other)| [*one, *other]).collect();
        !self.restored || self.audit(&id, &persons, stanzas, current)
    }

    /// The same for a private space, whose members only the roster inside names.
    pub(super) fn audit_private(&self, id: &SpaceId, epoch: &EntryId, members: &BTreeSet<PersonId>) -> bool {
        let Some(known) = self.spaces.get(id).and_then(|it| it.ring.get(epoch)) else { return true };
        let current = self.authority.heads() == known.body.auth_heads && !self.authority.has_news();
        let Some(recipients) = known.recipients.as_ref().filter(|_| self.restored) else { return true };
        self.recipients_are(id, members, recipients.keys().copied().collect(), current)
    }

    fn audit(&self, id: &SpaceId, persons: &BTreeSet<PersonId>, stanzas: &[u8], current: bool) -> bool {
        let Ok(stanzas) = seal::decode_stanzas(stanzas) else { return false };
        let given = stanzas.iter().map(|it| it.device).collect();
        self.recipients_are(id, persons, given, current && !self.authority.has_news())
    }

    /// Where the list was made from what is known now it has to be exact; else nobody may be on it who belongs neither to
    /// the space nor to the archive.
    fn recipients_are(
        &self,
        id: &SpaceId,
        persons: &BTreeSet<PersonId>,
        given: BTreeSet<DeviceId>,
        current: bool,
    ) -> bool {
        let state = self.authority.state();
        let mut expected: BTreeSet<PersonId> = persons.iter().filter(|it| state.is_member(it)).copied().collect();
        expected.extend(self.archivists_of(id));
        if current {
            let devices: BTreeMap<DeviceId, SealingPublic> = sealable(state, &expected).collect();
            return devices.into_keys().collect::<BTreeSet<_>>() == given;
        }
        let archivist = |it: &PersonId| state.may_open_archive(it).is_ok();
        given.iter().all(|it| state.person_of(it).is_none_or(|it| persons.contains(&it) || archivist(&it)))
    }

    /// Raises the alarm about a list of recipients.
    pub(super) fn alarm_list(&self, id: SpaceId, author: DeviceId, out: &mut Outputs) {
        out.push_back(Output::Alarm { kind: AlarmKind::WrongRecipients, device: Some(author), space: Some(id) });
    }
}
