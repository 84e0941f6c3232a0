//! One space as this replica holds it: its logs, its keys and, where it is private, its roster.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::id::{DeviceId, EntryId, Inc, LogId, OrgId, PersonId, SpaceId};
use crate::roster::{Roster, RosterEntry, Snapshot};
use crate::seal::{CutPosition, Epoch, Forget, Grant, KeyRing};
use crate::time::Timestamp;

use super::causal::Causal;
use super::cuts::{Fences, PlacedCut};
use super::log::Log;

/// How many references to entries not yet held are remembered, so that they are not named again as unseen. Forgetting
/// one costs a redundant 32 bytes in a later entry, nothing else.
const REFERENCES_MAX: usize = 4_096;

/// What kind of space it is; decides who its members are and how its keys are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpaceKind {
    /// The organisation itself: the authority, and the audience of organisation-wide channels.
    Organisation,
    /// A team: no timeline, the audience of its channels.
    Team,
    /// A public channel of a team or of the organisation.
    Public,
    /// A private channel.
    Private,
    /// A group of three to eight persons.
    Group,
    /// Two persons, or one with herself.
    Direct,
}

impl SpaceKind {
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Team => "team",
            Self::Public => "public",
            Self::Private => "private",
            Self::Group => "group",
            Self::Direct => "direct",
        }
    }

    /// Whether people write messages here.
    pub fn has_timeline(self) -> bool {
        !matches!(self, Self::Organisation | Self::Team)
    }

    /// Whether its keys are sealed to devices one by one, not wrapped under an audience.
    pub fn has_stanzas(self) -> bool {
        self != Self::Public
    }
}

/// One space.
#[derive(Debug)]
pub(super) struct Space {
    pub(super) kind: SpaceKind,
    /// For direct spaces: the two persons. For others computed from authority or roster.
    pub(super) pair: Option<(PersonId, PersonId)>,
    pub(super) logs: BTreeMap<LogId, Log>,
    /// Newest entries of logs that no held entry refers to.
    tips: BTreeMap<LogId, EntryId>,
    references: BTreeSet<EntryId>,
    references_order: VecDeque<EntryId>,
    /// The incarnation this device writes, once it may.
    pub(super) own: Option<Inc>,
    /// The incarnation of before the start that may be continued if a peer confirms it.
    pub(super) may_continue: Option<Inc>,
    pub(super) ring: KeyRing,
    /// Records held per epoch, to close segments.
    pub(super) records: BTreeMap<EntryId, usize>,
    /// Epochs with stored steps that could not be opened yet.
    pub(super) unopened: BTreeSet<EntryId>,
    /// Sealed roster acts that could not be opened yet, by epoch.
    pub(super) unopened_acts: BTreeMap<EntryId, Vec<crate::entry::Signed>>,
    pub(super) roster: Option<Roster>,
    /// Sealed rosters of epochs, until they are opened.
    pub(super) sealed_rosters: BTreeMap<EntryId, Vec<u8>>,
    /// Epochs that are sealed to this device and not opened: it keeps them for the archive.
    pub(super) closed: BTreeMap<EntryId, super::archive::Sealed>,
    /// Which epochs' keys have been granted to whom.
    pub(super) granted: BTreeMap<DeviceId, BTreeSet<EntryId>>,
    /// Grants to this device with their authors; kept, because an epoch may come after its grant.
    pub(super) own_grants: Vec<(DeviceId, Grant)>,
    /// What opened roster acts and epochs knew of each other.
    pub(super) causal: Causal,
    /// Roster acts that could be opened.
    pub(super) acts: Vec<RosterEntry>,
    /// Rosters that opened epochs carried.
    pub(super) snapshots: Vec<Snapshot>,
    /// Under which epoch each of them was sealed.
    pub(super) acts_under: BTreeMap<EntryId, EntryId>,
    /// Roster acts without effect.
    pub(super) void: BTreeSet<EntryId>,
    pub(super) cuts: BTreeMap<EntryId, PlacedCut>,
    /// What still counts of those who are gone.
    pub(super) fences: Fences,
    /// What was held of the removed when each removal was learnt.
    pub(super) held_at: BTreeMap<EntryId, Vec<CutPosition>>,
    /// When this device writes a cut for a removal, if nobody else does.
    pub(super) cuts_due: BTreeMap<EntryId, Timestamp>,
    /// What is to be forgotten, by whom.
    pub(super) forgets: Vec<(DeviceId, Forget)>,
    /// When keys are given to members who lack them, if it is not somebody else's turn.
    pub(super) grant_due: Option<Timestamp>,
    /// Cached [`crate::sync::space_hash`].
    pub(super) hash: Option<[u8; 32]>,
}

impl Space {
    pub(super) fn new(org: OrgId, id: SpaceId, kind: SpaceKind) -> Self {
        Self {
            kind,
            pair: None,
            logs: BTreeMap::new(),
            tips: BTreeMap::new(),
            references: BTreeSet::new(),
            references_order: VecDeque::new(),
            own: None,
            may_continue: None,
            ring: KeyRing::new(org, id),
            records: BTreeMap::new(),
            unopened: BTreeSet::new(),
            unopened_acts: BTreeMap::new(),
            roster: None,
            sealed_rosters: BTreeMap::new(),
            closed: BTreeMap::new(),
            granted: BTreeMap::new(),
            own_grants: Vec::new(),
            causal: Causal::default(),
            acts: Vec::new(),
            snapshots: Vec::new(),
            acts_under: BTreeMap::new(),
            void: BTreeSet::new(),
            cuts: BTreeMap::new(),
            fences: Fences::default(),
            held_at: BTreeMap::new(),
            cuts_due: BTreeMap::new(),
            forgets: Vec::new(),
            grant_due: None,
            hash: None,
        }
    }

    /// Whether it came without our knowing why: a private space whose roster no key has opened yet.
    pub(super) fn is_provisional(&self) -> bool {
        matches!(self.kind, SpaceKind::Private | SpaceKind::Group) && self.roster.is_none()
    }

    /// Notes what an entry refers to, and whether it is now the newest unseen one of its log.
    pub(super) fn link(&mut self, log: LogId, id: EntryId, seen: &[EntryId]) {
        for reference in seen {
            self.tips.retain(|_, tip| tip != reference);
            if self.references.insert(*reference) {
                self.references_order.push_back(*reference);
            }
        }
        while self.references_order.len() > REFERENCES_MAX {
            if let Some(oldest) = self.references_order.pop_front() {
                self.references.remove(&oldest);
            }
        }
        let newest = self.logs.get(&log).and_then(|it| it.head()).map(|it| it.last_id);
        if newest == Some(id) {
            if self.references.contains(&id) {
                self.tips.remove(&log);
            } else {
                self.tips.insert(log, id);
            }
        }
    }

    /// Whether a person was a member by the roster that an opened epoch carried.
    pub(super) fn was_member_at(&self, epoch: &EntryId, person: &PersonId) -> bool {
        self.snapshots.iter().any(|it| it.epoch == *epoch && it.roster.members.contains(person))
    }

    /// Whether who opened an epoch knew that a person had been taken out, and it is not known here why: he may be a member
    /// here only because the news is still on its way.
    pub(super) fn was_taken_out_at(&self, epoch: &EntryId, person: &PersonId) -> bool {
        self.snapshots.iter().any(|it| it.epoch == *epoch && it.roster.removed.contains(person))
            && !self.causal.is_whole(epoch)
    }

    /// Devices that were given the key of an epoch, by its own list or by a grant.
    pub(super) fn holders<'s>(&'s self, epoch: &'s Epoch) -> impl Iterator<Item = &'s DeviceId> {
        let granted = self.granted.iter().filter(|(_, it)| it.contains(&epoch.id)).map(|(device, _)| device);
        epoch.recipients.iter().flat_map(BTreeMap::keys).chain(granted)
    }

    /// Newest entries by log that nothing refers to.
    pub(super) fn tips_by_log(&self) -> Vec<(LogId, EntryId)> {
        self.tips.iter().map(|(log, id)| (*log, *id)).collect()
    }

    /// Puts back what [`Self::tips_by_log`] told before a stop.
    pub(super) fn restore_tips(&mut self, tips: Vec<(LogId, EntryId)>) {
        self.tips.extend(tips);
    }
}

/// Where a space came from, as the UI and the sync ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceInfo {
    /// Which.
    pub id: SpaceId,
    /// Its kind.
    pub kind: SpaceKind,
    /// Its name, where it has one of its own.
    pub name: Option<String>,
    /// The team of a public channel.
    pub team: Option<SpaceId>,
    /// Members by the present authority and roster.
    pub members: BTreeSet<PersonId>,
    /// Whether newcomers can read what was before them.
    pub shared_history: bool,
    /// Few write here and all read.
    pub announcement: bool,
    /// It was put away: it is read and not written.
    pub archived: bool,
    /// Milliseconds after which texts are forgotten; 0: never.
    pub retention_ms: u64,
    /// Whether members are shown who has read.
    pub receipts: bool,
    /// This person does not want to see it.
    pub left: bool,
    /// Persons besides the members who get its keys for the archive.
    pub archivists: BTreeSet<PersonId>,
    /// This person is no member: the archive of one of the members is opened here.
    pub from_archive: bool,
    /// Then: everybody who is or was in it.
    pub belonged: BTreeSet<PersonId>,
}
