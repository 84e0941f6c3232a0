//! What others may look at: spaces, who is in them, and what is held of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::{State, Who};
use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{DeviceId, EntryId, Inc, LogId, PersonId, SpaceId, sha256};
use crate::register::values;
use crate::seal;
use crate::time::Timestamp;
use crate::timeline::FileInfo;

use super::Replica;
use super::lens::rules_of;
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

/// Reads it.
pub(super) fn decode_held_to(value: &[u8]) -> Result<HeldTo, Malformed> {
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

impl Replica {
    /// The spaces this person belongs to.
    pub fn spaces(&self) -> Vec<SpaceInfo> {
        let shown = self.spaces.iter().filter(|(id, it)| !it.is_provisional() && self.is_here(id, it));
        shown.map(|(id, it)| self.info(id, it)).collect()
    }

    /// Whether a space that is held is still this person's: a channel may have moved to where he is not.
    fn is_here(&self, id: &SpaceId, space: &Space) -> bool {
        if space.kind != SpaceKind::Public {
            // What is kept for the archive is seen once that is opened.
            return !self.is_from_archive(id) || space.ring.epochs().any(|it| it.key().is_some());
        }
        self.person().is_none_or(|me| self.members(id).contains(&me))
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
        let from_archive = self.is_from_archive(id);
        let rules = rules_of(state, space.roster.as_ref(), id);
        let own = space.roster.as_ref().map(|it| it.name.clone()).filter(|it| !it.is_empty());
        SpaceInfo {
            id: *id,
            kind: space.kind,
            name: name.or(own),
            team: channel.and_then(|it| it.team),
            members: self.members(id),
            shared_history: self.shares_history(id),
            announcement: channel.is_some_and(crate::authority::Channel::is_announcement),
            archived: rules.archived.is_some(),
            retention_ms: rules.retention_ms,
            receipts: rules.receipts,
            left: channel.is_some() && self.has_left(id),
            archivists: self.archivists_of(id),
            from_archive,
            belonged: if from_archive { self.belonged(id) } else { BTreeSet::new() },
        }
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

    /// SHA-256 over what is held of a space; equal on two devices iff they hold the same. In the organisation space, where
    /// each keeps the branch it had and the other beside it, a device that contradicted itself counts with the names of its
    /// logs: what of its acts binds is the authority's to say, and that is compared by itself.
    pub fn heads_digest(&self, id: &SpaceId) -> Option<[u8; 32]> {
        let space = self.spaces.get(id)?;
        let mut parts = Vec::new();
        for (log, held) in &space.logs {
            let Some(head) = held.head() else { continue };
            parts.extend_from_slice(&log.device.0);
            parts.extend_from_slice(&log.inc.0);
            if *id == self.organisation_space() && self.branches.contains_key(&(*id, log.device)) {
                continue;
            }
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
        self.unheld_in(id, space).map(|(_, first, last)| last + 1 - first).sum()
    }

    /// Own logs with entries that no other device is known to hold: the space, the log, the first of them.
    pub fn unheld(&self) -> Vec<(SpaceId, LogId, u64)> {
        let all = self.spaces.iter().flat_map(|(id, space)| self.unheld_in(id, space).map(|it| (*id, it.0, it.1)));
        all.collect()
    }

    fn unheld_in<'a>(&'a self, id: &SpaceId, space: &'a Space) -> impl Iterator<Item = (LogId, u64, u64)> + 'a {
        let held: Vec<HeldTo> = self
            .registers
            .named(id, values::HELD_TO, &[])
            .filter(|it| it.device != self.me)
            .filter_map(|it| decode_held_to(&it.value).ok())
            .collect();
        let own = space.logs.iter().filter(|(log, _)| log.device == self.me);
        own.filter_map(move |(log, it)| {
            let last = it.head()?.last;
            let first = held.iter().filter_map(|it| it.get(log)).max().map_or(0, |it| it + 1);
            (first <= last).then_some((*log, first, last))
        })
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
