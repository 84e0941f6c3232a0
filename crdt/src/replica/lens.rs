//! The view of one space: the judge of its timeline, its keys, and who holds and has read what.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::authority::{Caps, Removed, State, Who};
use crate::id::{DeviceId, EntryId, LogId, PersonId, SpaceId};
use crate::register::values;
use crate::roster::{Roster, RosterChange, Rules};
use crate::seal::{self, Key};
use crate::time::{Hlc, Timestamp};
use crate::timeline::{Deed, FileInfo, Judge, Order, Standing};

use super::Replica;
use super::cuts::Fences;
use super::forget::Forgetting;
use super::space::SpaceKind;
use super::view::{HeldTo, decode_held_to};

/// Everything needed to turn the stored records of one space into rows, taken at one moment; can go to another thread.
#[derive(Clone, Debug)]
pub struct Lens {
    /// Which space.
    pub space: SpaceId,
    /// Its kind.
    pub kind: SpaceKind,
    state: State,
    roster: Option<Roster>,
    fences: Fences,
    /// Everybody who is or was in the space.
    belonged: BTreeSet<PersonId>,
    forgetting: Forgetting,
    keys: BTreeMap<EntryId, Key>,
    held: BTreeMap<DeviceId, HeldTo>,
    read: BTreeMap<PersonId, Order>,
}

impl Lens {
    /// Opens a sealed text of this space; `None` if its key is not here or the bytes are not its own.
    pub fn open(&self, epoch: &EntryId, blob: &[u8]) -> Option<String> {
        let plain = seal::open_blob(self.keys.get(epoch)?, &self.space, epoch, blob)?;
        String::from_utf8(plain).ok()
    }

    /// Opens the sealed description of a file of this space; `None` as for a text, or if it is no description.
    pub fn open_file(&self, epoch: &EntryId, blob: &[u8]) -> Option<FileInfo> {
        FileInfo::decode(&seal::open_blob(self.keys.get(epoch)?, &self.space, epoch, blob)?).ok()
    }

    /// Epochs whose key is here.
    pub fn epochs(&self) -> impl Iterator<Item = &EntryId> {
        self.keys.keys()
    }

    /// How many devices besides the author's hold an entry.
    pub fn held_by(&self, log: &LogId, seq: u64) -> usize {
        let holds = |it: &HeldTo| it.get(log).is_some_and(|held| *held >= seq);
        self.held.iter().filter(|(device, it)| **device != log.device && holds(it)).count()
    }

    /// Devices besides the author's that hold an entry.
    pub fn holders(&self, log: &LogId, seq: u64) -> Vec<DeviceId> {
        let holds = |it: &HeldTo| it.get(log).is_some_and(|held| *held >= seq);
        self.held.iter().filter(|(device, it)| **device != log.device && holds(it)).map(|it| *it.0).collect()
    }

    /// How many persons besides the author have read a row; nobody where receipts are off.
    pub fn read_by(&self, author: Option<PersonId>, order: &Order) -> usize {
        if self.shows_receipts() { self.readers(author, order).len() } else { 0 }
    }
}

impl Judge for Lens {
    fn person_of(&self, device: &DeviceId) -> Option<PersonId> {
        self.state.person_of(device)
    }

    fn standing(&self, log: &LogId, seq: u64, id: &EntryId) -> Standing {
        self.fences.standing(log, seq, id)
    }

    fn may(&self, person: &PersonId, deed: Deed, at: Hlc) -> bool {
        let known = self.belonged.contains(person);
        let moderates = self.moderates(person);
        let policy = self.state.policy.as_ref();
        let window = policy.map_or(0, |it| it.edit_window_ms);
        let open = self.is_open(at);
        match deed {
            #[cfg(feature = "planted")]
            Deed::Retract { .. } if crate::planted::is(crate::planted::Planted::IgnoreRetractPermission) => known,
            Deed::Post { in_thread } => {
                let may = |it| self.kind != SpaceKind::Public || self.state.may_post(it, &self.space, in_thread, at);
                known && open && may(person)
            }
            Deed::React => known && open,
            Deed::Pin => known && open && self.may_pin(person),
            Deed::Topic => known && open && (!self.is_announcement() || moderates),
            Deed::MentionAll => self.kind != SpaceKind::Public || self.state.may_mention_all(person).is_ok(),
            Deed::Edit { age } => known && open && age <= Duration::from_millis(window),
            // Also of a channel that is put away, and of what one wrote before one left.
            Deed::RetractOwn { age } => {
                let window = policy.map_or(0, |it| it.retract_window_ms);
                window == 0 || age <= Duration::from_millis(window)
            }
            Deed::Retract { .. } => moderates,
        }
    }

    fn forgotten(&self, id: &EntryId, author: &PersonId, at: Hlc) -> bool {
        let named = self.forgetting.names(id, |by| {
            let person = self.state.person_of(by).filter(|_| self.state.is_active(by));
            person.is_some_and(|it| it == *author || self.moderates(&it))
        });
        named || at.timestamp() < self.floor()
    }
}

impl Lens {
    /// Whether a person may take back what others wrote here.
    pub fn moderates(&self, person: &PersonId) -> bool {
        match (self.kind, &self.roster) {
            (SpaceKind::Private | SpaceKind::Group, Some(roster)) => roster.is_moderator(person),
            (SpaceKind::Public, _) => self.state.may_moderate(person, &self.space),
            _ => false,
        }
    }

    /// Whether a person may change who is in this private channel or group.
    pub fn permits(&self, person: &PersonId, change: &RosterChange) -> bool {
        self.roster.as_ref().is_some_and(|it| it.permits(person, change).is_ok())
    }

    /// Whether the policy lets a person pin here. In a conversation of two both may.
    fn may_pin(&self, person: &PersonId) -> bool {
        match self.state.policy.as_ref().map_or(Who::Members, |it| it.pin) {
            Who::Members => true,
            _ if self.kind == SpaceKind::Direct => true,
            Who::Admins if self.kind == SpaceKind::Public => self.state.caps(person).contains(Caps::MODERATE),
            Who::Leads | Who::Admins => self.moderates(person),
        }
    }

    fn is_announcement(&self) -> bool {
        self.state.channels.get(&self.space).is_some_and(crate::authority::Channel::is_announcement)
    }

    fn is_open(&self, at: Hlc) -> bool {
        self.rules().archived.is_none_or(|since| at <= since)
    }

    /// Texts before this moment are forgotten here.
    pub fn floor(&self) -> Timestamp {
        let may = |by: &DeviceId| {
            let person = self.state.person_of(by).filter(|_| self.state.is_active(by));
            person.is_some_and(|it| self.moderates(&it))
        };
        self.forgetting.floor(may)
    }

    /// Members who have read a row, its author left out, where receipts are on.
    pub fn readers(&self, author: Option<PersonId>, order: &Order) -> BTreeSet<PersonId> {
        let read = self.read.iter().filter(|(person, it)| Some(**person) != author && **it >= *order);
        read.map(|it| *it.0).collect()
    }

    /// Whether members are shown who has read.
    pub fn shows_receipts(&self) -> bool {
        self.rules().receipts
    }

    fn rules(&self) -> Rules {
        rules_of(&self.state, self.roster.as_ref(), &self.space)
    }
}

/// The rules of a space: a public channel's stand in the authority, those of a private one in its roster.
pub(super) fn rules_of(state: &State, roster: Option<&Roster>, id: &SpaceId) -> Rules {
    let channel = state.channels.get(id);
    let public =
        channel.map(|it| Rules { archived: it.archived, retention_ms: it.retention_ms, receipts: it.receipts });
    public.or(roster.map(|it| it.rules)).unwrap_or_default()
}

impl Replica {
    /// Everybody whose messages may stand in a space: who is in it or was.
    pub fn belonged(&self, id: &SpaceId) -> BTreeSet<PersonId> {
        let (state, Some(space)) = (self.authority.state(), self.spaces.get(id)) else { return BTreeSet::new() };
        match space.kind {
            SpaceKind::Direct => space.pair.iter().flat_map(|(a, b)| [*a, *b]).collect(),
            SpaceKind::Private | SpaceKind::Group => {
                let roster = space.roster.iter().flat_map(|it| it.members.iter().chain(&it.removed));
                let before = space.snapshots.iter().flat_map(|it| it.roster.members.iter().chain(&it.roster.removed));
                roster.chain(before).copied().collect()
            }
            SpaceKind::Organisation | SpaceKind::Team | SpaceKind::Public => {
                let mut belonged = state.members(id);
                let audience = state.audience_of(id);
                belonged.extend(state.removals.iter().filter_map(|(_, what)| match what {
                    Removed::Person(person) => Some(*person),
                    Removed::TeamMember(team, person) => (Some(*team) == audience).then_some(*person),
                    Removed::ChannelMember(channel, person) => (channel == id).then_some(*person),
                    Removed::Device(_) => None,
                }));
                belonged
            }
        }
    }

    fn forgetting(&self, id: &SpaceId) -> Forgetting {
        Forgetting::of(self.spaces.get(id).map_or(&[][..], |it| &it.forgets))
    }

    /// The view of one space that turns its records into rows.
    pub fn lens(&self, id: &SpaceId) -> Option<Lens> {
        let space = self.spaces.get(id)?;
        let keys = space.ring.epochs().filter_map(|it| Some((it.id, it.key()?.clone()))).collect();
        let state = self.authority.state();
        let members = self.members(id);
        let mut read: BTreeMap<PersonId, Order> = BTreeMap::new();
        for register in self.registers.named(id, values::READ_TO, &[]) {
            let place = values::decode_order(&register.value).ok();
            let person = state.person_of(&register.device).filter(|it| members.contains(it));
            let (Some(place), Some(person)) = (place, person) else { continue };
            let known = read.entry(person).or_insert(place);
            *known = place.max(*known);
        }
        let held = self
            .registers
            .named(id, values::HELD_TO, &[])
            .filter(|it| state.is_active(&it.device))
            .filter(|it| state.person_of(&it.device).is_some_and(|it| members.contains(&it)))
            .filter_map(|it| Some((it.device, decode_held_to(&it.value).ok()?)))
            .collect();
        Some(Lens {
            space: *id,
            kind: space.kind,
            state: state.clone(),
            roster: space.roster.clone(),
            fences: space.fences.clone(),
            belonged: self.belonged(id),
            forgetting: self.forgetting(id),
            keys,
            held,
            read,
        })
    }
}
