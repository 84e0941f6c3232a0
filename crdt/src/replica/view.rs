//! What others may look at: spaces, who is in them, who holds and has read what, and the judge of their timelines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::authority::{Removed, State, Who};
use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{DeviceId, EntryId, Inc, LogId, PersonId, SpaceId, sha256};
use crate::register::values;
use crate::roster::Roster;
use crate::seal::{self, Key};
use crate::time::{Hlc, Timestamp};
use crate::timeline::unread::{Line, Reader, Reading};
use crate::timeline::{Deed, FileInfo, Judge, Order, Standing};

use super::Replica;
use super::cuts::Fences;
use super::forget::Forgetting;
use super::log::Range;
use super::space::{Space, SpaceInfo, SpaceKind};

/// What one device says it holds: for each log everything up to this position.
pub type HeldTo = BTreeMap<LogId, u64>;

/// Logs named in one register at most; the oldest are left out first by their order.
const HELD_LOGS_MAX: usize = 1_000;

/// Writes the value of a `held_to` register.
pub(super) fn encode_held_to(held: &HeldTo) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(held.len().min(HELD_LOGS_MAX) as u64);
    for (log, seq) in held.iter().take(HELD_LOGS_MAX) {
        enc.array(3).bytes(&log.device.0).bytes(&log.inc.0).u64(*seq);
    }
    enc.finish()
}

fn decode_held_to(value: &[u8]) -> Result<HeldTo, Malformed> {
    let mut dec = Dec::new(value);
    let len = dec.array(HELD_LOGS_MAX)?;
    let mut held = HeldTo::new();
    for _ in 0..len {
        if dec.array(3)? != 3 {
            return Err(Malformed::Unexpected);
        }
        let log = LogId { device: DeviceId(dec.array_of()?), inc: Inc(dec.array_of()?) };
        held.insert(log, dec.u64()?);
    }
    dec.end()?;
    Ok(held)
}

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
            Deed::React | Deed::Pin => known && open,
            Deed::Topic => known && open && (!self.is_announcement() || moderates),
            Deed::MentionAll => self.kind != SpaceKind::Public || self.state.may_mention_all(person).is_ok(),
            Deed::Edit { age } => known && open && age <= Duration::from_millis(window),
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

    fn is_announcement(&self) -> bool {
        self.state.channels.get(&self.space).is_some_and(crate::authority::Channel::is_announcement)
    }

    fn is_open(&self, at: Hlc) -> bool {
        let archived = self.state.channels.get(&self.space).and_then(|it| it.archived);
        archived.is_none_or(|since| at <= since)
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
        self.state.channels.get(&self.space).is_none_or(|it| it.receipts)
    }
}

impl Replica {
    /// The spaces this person belongs to.
    pub fn spaces(&self) -> Vec<SpaceInfo> {
        let shown = self.spaces.iter().filter(|(id, it)| !it.is_provisional() && self.is_here(id, it));
        shown.map(|(id, it)| self.info(id, it)).collect()
    }

    /// Whether a space that is held is still this person's: a channel may have moved to where he is not.
    fn is_here(&self, id: &SpaceId, space: &Space) -> bool {
        space.kind != SpaceKind::Public || self.person().is_none_or(|me| self.members(id).contains(&me))
    }

    /// Everybody whose messages may stand in a space: who is in it or was.
    fn belonged(&self, id: &SpaceId) -> BTreeSet<PersonId> {
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

    /// One space.
    pub fn space(&self, id: &SpaceId) -> Option<SpaceInfo> {
        self.spaces.get(id).map(|it| self.info(id, it))
    }

    fn info(&self, id: &SpaceId, space: &Space) -> SpaceInfo {
        let state = self.authority.state();
        let channel = state.channels.get(id);
        let blob = match space.kind {
            SpaceKind::Organisation => state.name,
            SpaceKind::Team => state.teams.get(id).and_then(|it| it.name),
            SpaceKind::Public => channel.and_then(|it| it.name),
            _ => None,
        };
        let name = blob.and_then(|it| self.name(&it.hash)).map(str::to_owned);
        let own = space.roster.as_ref().map(|it| it.name.clone()).filter(|it| !it.is_empty());
        SpaceInfo {
            id: *id,
            kind: space.kind,
            name: name.or(own),
            team: channel.and_then(|it| it.team),
            members: self.members(id),
            shared_history: self.shares_history(id),
            announcement: channel.is_some_and(crate::authority::Channel::is_announcement),
            archived: channel.is_some_and(|it| it.archived.is_some()),
            retention_ms: channel.map_or(0, |it| it.retention_ms),
            receipts: channel.is_none_or(|it| it.receipts),
            left: channel.is_some() && self.has_left(id),
        }
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

    /// Opens a sealed text of a space.
    pub fn open_text(&self, space: &SpaceId, epoch: &EntryId, blob: &[u8]) -> Option<String> {
        let plain = seal::open_blob(self.spaces.get(space)?.ring.key(epoch)?, space, epoch, blob)?;
        String::from_utf8(plain).ok()
    }

    /// Opens the sealed description of a file.
    pub fn open_file(&self, space: &SpaceId, epoch: &EntryId, blob: &[u8]) -> Option<FileInfo> {
        FileInfo::decode(&seal::open_blob(self.spaces.get(space)?.ring.key(epoch)?, space, epoch, blob)?).ok()
    }

    /// How far this person has read a space, over all devices.
    pub fn reading(&self, id: &SpaceId) -> Reading {
        let Some(me) = self.person() else { return Reading::default() };
        let own_space = SpaceId::direct(&self.org, &me, &me);
        let ring = self.spaces.get(&own_space).map(|it| &it.ring);
        let mut reading = Reading::default();
        for register in self.registers.named(&own_space, values::POSITION, &values::space_key(id)) {
            let key = register.epoch.and_then(|epoch| ring?.key(&epoch).map(|key| (epoch, key)));
            let plain = key.and_then(|(epoch, key)| seal::open_blob(key, &own_space, &epoch, &register.value));
            let Some(order) = plain.and_then(|it| values::decode_order(&it).ok()) else { continue };
            let line = Line { order, at: register.hlc.timestamp() };
            if register.device == self.me {
                reading.own = Some(line);
            } else {
                reading.others.push(line);
            }
        }
        let marked = self.newest_kept(values::UNREAD, &values::space_key(id));
        reading.marked = marked.and_then(|(at, value)| {
            let order = values::decode_mark(&value).ok()??;
            Some(Line { order, at: at.timestamp() })
        });
        reading
    }

    /// What own devices keep in a register of the self space, opened: the device, when, and the value.
    fn kept(&self, name: &str, key: &[u8]) -> Vec<(DeviceId, Hlc, Vec<u8>)> {
        let Some(me) = self.person() else { return Vec::new() };
        let own = SpaceId::direct(&self.org, &me, &me);
        let Some(space) = self.spaces.get(&own) else { return Vec::new() };
        let state = self.authority.state();
        let mine = self.registers.named(&own, name, key).filter(|it| state.person_of(&it.device) == Some(me));
        mine.filter_map(|it| {
            let epoch = it.epoch?;
            Some((it.device, it.hlc, seal::open_blob(space.ring.key(&epoch)?, &own, &epoch, &it.value)?))
        })
        .collect()
    }

    fn newest_kept(&self, name: &str, key: &[u8]) -> Option<(Hlc, Vec<u8>)> {
        let newest = self.kept(name, key).into_iter().max_by(|a, b| (a.1, &a.2).cmp(&(b.1, &b.2)));
        newest.map(|(_, at, value)| (at, value))
    }

    /// Whether this person does not want to see a public channel: she said so, or she said nothing and it is not among those
    /// in which newcomers of its team land.
    pub fn has_left(&self, channel: &SpaceId) -> bool {
        let said = self.newest_kept(values::LEFT, &values::space_key(channel));
        let said = said.and_then(|(_, value)| values::decode_flag(&value).ok());
        let state = self.authority.state();
        let beside = || {
            let found = state.channels.get(channel)?;
            let defaults = &state.teams.get(&found.team?)?.defaults;
            let own = Some(found.creator) == self.person();
            Some(!defaults.is_empty() && !defaults.contains(channel) && !own)
        };
        said.unwrap_or_else(|| beside().unwrap_or(false))
    }

    /// What this person wants to be told of a space.
    pub fn level(&self, space: &SpaceId) -> crate::timeline::unread::Level {
        let value = self.newest_kept(values::LEVEL, &values::space_key(space));
        value.and_then(|(_, value)| values::decode_level(&value).ok()).unwrap_or_default()
    }

    /// Whether this person keeps a place at the top.
    pub fn is_favourite(&self, space: &SpaceId) -> bool {
        let value = self.newest_kept(values::FAVOURITE, &values::space_key(space));
        value.and_then(|(_, value)| values::decode_flag(&value).ok()).unwrap_or(false)
    }

    /// The newest of what the devices of a person told the organisation, opened.
    fn told(&self, person: &PersonId, name: &str) -> Option<Vec<u8>> {
        let (state, id) = (self.authority.state(), self.organisation_space());
        let of = |it: &DeviceId| state.is_active(it) && state.person_of(it) == Some(*person);
        let register = self.registers.newest(&id, name, &[], of)?;
        let Some(epoch) = register.epoch else { return Some(register.value.clone()) };
        seal::open_blob(self.spaces.get(&id)?.ring.key(&epoch)?, &id, &epoch, &register.value)
    }

    /// What a person tells about herself; empty where she told nothing or it cannot be opened here.
    pub fn profile(&self, person: &PersonId) -> values::Profile {
        let told = self.told(person, values::PROFILE);
        told.and_then(|it| values::Profile::decode(&it).ok()).unwrap_or_default()
    }

    /// The small picture of a person: bytes of foreign make, said to be a JPEG.
    pub fn picture(&self, person: &PersonId) -> Option<Vec<u8>> {
        let told = self.told(person, values::AVATAR)?;
        values::decode_picture(&told).ok().filter(|it| !it.is_empty())
    }

    /// What one device of a person told of her presence; at the desk if it told nothing.
    pub fn presence(&self, device: &DeviceId) -> values::Presence {
        let told = self.registers.get(device, &self.organisation_space(), values::PRESENCE, &[]);
        let told = told.filter(|it| it.epoch.is_none()).and_then(|it| values::Presence::decode(&it.value).ok());
        told.unwrap_or(values::Presence::Here)
    }

    /// What this person has begun to write in a space or a thread, by device; two that were written apart are both kept.
    pub fn drafts(&self, space: &SpaceId, thread: Option<&EntryId>) -> Vec<(DeviceId, String)> {
        let kept = self.kept(values::DRAFT, &values::thread_key(space, thread));
        let texts =
            kept.into_iter().filter_map(|(device, _, value)| Some((device, values::decode_draft(&value).ok()?)));
        texts.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// Whether this person has saved a message.
    pub fn is_saved(&self, entry: &EntryId) -> bool {
        let value = self.newest_kept(values::SAVED, &entry.0);
        value.and_then(|(_, value)| values::decode_flag(&value).ok()).unwrap_or(false)
    }

    /// The reader at this device, for counting what is unread.
    pub fn reader(&self) -> Option<Reader> {
        let person = self.person()?;
        let teams = self.authority.state().teams.iter();
        let teams = teams.filter(|(_, it)| it.members.contains_key(&person)).map(|(id, _)| *id).collect();
        Some(Reader { person, teams, level: Default::default() })
    }

    /// SHA-256 over what is held of a space; equal on two devices iff they hold the same.
    pub fn heads_digest(&self, id: &SpaceId) -> Option<[u8; 32]> {
        let space = self.spaces.get(id)?;
        let mut parts = Vec::new();
        for (log, held) in &space.logs {
            let Some(head) = held.head() else { continue };
            parts.extend_from_slice(&log.device.0);
            parts.extend_from_slice(&log.inc.0);
            parts.extend_from_slice(&head.last_id.0);
            for range in held.ranges() {
                parts.extend_from_slice(&range.first.to_be_bytes());
                parts.extend_from_slice(&range.last.to_be_bytes());
            }
        }
        Some(sha256(&[&parts]))
    }

    /// How many entries of a space are held.
    pub fn entries(&self, id: &SpaceId) -> u64 {
        let logs = self.spaces.get(id).into_iter().flat_map(|it| it.logs.values());
        logs.flat_map(|it| it.ranges()).map(|it| it.last - it.first + 1).sum()
    }

    /// Entries of this device that no other device is known to hold.
    pub fn queued(&self) -> u64 {
        self.spaces.iter().map(|(id, space)| self.queued_in(id, space)).sum()
    }

    fn queued_in(&self, id: &SpaceId, space: &Space) -> u64 {
        let held: Vec<HeldTo> = self
            .registers
            .named(id, values::HELD_TO, &[])
            .filter(|it| it.device != self.me)
            .filter_map(|it| decode_held_to(&it.value).ok())
            .collect();
        let own = space.logs.iter().filter(|(log, _)| log.device == self.me);
        own.filter_map(|(log, it)| Some((log, it.head()?.last + 1)))
            .map(|(log, len)| len.saturating_sub(held.iter().filter_map(|it| it.get(log)).max().map_or(0, |it| it + 1)))
            .sum()
    }

    /// Active persons.
    pub(super) fn persons(&self) -> impl Iterator<Item = PersonId> {
        let state = self.authority.state();
        state.persons.keys().copied().filter(|it| state.is_member(it))
    }

    /// What is held of every log, to be kept for the next start; with [`Replica::restore_held`] it comes back.
    pub fn held(&self) -> Vec<HeldSpace> {
        self.spaces
            .iter()
            .map(|(id, space)| HeldSpace {
                space: *id,
                kind: space.kind,
                pair: space.pair,
                logs: space.logs.iter().map(|(log, it)| (*log, it.ranges().to_vec())).collect(),
                tips: space.tips_by_log(),
                records: space.records.iter().map(|(epoch, count)| (*epoch, *count)).collect(),
            })
            .collect()
    }

    /// Puts back what [`Replica::held`] told before a stop. Entries since then are given as packets.
    pub fn restore_held(&mut self, held: HeldSpace) {
        let org = self.org;
        let space = self.spaces.entry(held.space).or_insert_with(|| Space::new(org, held.space, held.kind));
        space.pair = held.pair;
        for (log, ranges) in held.logs {
            if log.device == self.me {
                space.may_continue = Some(log.inc);
            }
            if let Some(head) = ranges.last() {
                self.hlc = self.hlc.max(head.last_hlc);
            }
            space.logs.entry(log).or_default().restore(ranges);
        }
        space.restore_tips(held.tips);
        space.records.extend(held.records);
    }

    /// The time at which the replica wants to be woken, if any.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.woken
    }
}

/// What is held of one space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSpace {
    /// Which.
    pub space: SpaceId,
    /// Its kind.
    pub kind: SpaceKind,
    /// The two persons of a direct space.
    pub pair: Option<(PersonId, PersonId)>,
    /// Ranges by log.
    pub logs: Vec<(LogId, Vec<Range>)>,
    /// Newest entries that nothing refers to.
    pub tips: Vec<(LogId, EntryId)>,
    /// Records per epoch.
    pub records: Vec<(EntryId, usize)>,
}

impl State {
    /// Whether the person may call everybody of a public channel.
    ///
    /// # Errors
    /// Why not.
    pub fn may_mention_all(&self, person: &PersonId) -> Result<(), crate::authority::Denied> {
        self.allows(self.policy.as_ref().map_or(Who::Members, |it| it.mention_all), person, None)
    }
}
