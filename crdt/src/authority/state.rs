//! What the acts come to: people, devices, teams, channels, invitations, policy, and who may do what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::entry::BlobRef;
use crate::id::{DeviceId, EntryId, InviteId, PersonId, SealKeyId, SpaceId, sha256};
use crate::time::Hlc;

use super::act::{Caps, CutAt, Role};
use super::policy::{Policy, Who};

/// Bounds of the devices of one person or one device in a set of pairs; flat sets, because states are copied often.
const FIRST: DeviceId = DeviceId([0; 16]);
const LAST: DeviceId = DeviceId([0xff; 16]);

/// Why something is not allowed. Each has a sentence in Russian and English.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denied {
    /// This device or person is not in the organisation (any more).
    #[error("not a member of the organisation")]
    NotMember,
    /// The rank is too low.
    #[error("the role does not allow it")]
    Role,
    /// Only the team's leads and administrators may.
    #[error("only leads of the team may")]
    NotLead,
    /// More is given than the giver has.
    #[error("more rights than one's own")]
    MoreThanOwn,
    /// The target stands higher.
    #[error("the other one stands higher")]
    Senior,
    /// The thing it is about does not exist.
    #[error("no such thing")]
    Unknown,
    /// It exists already.
    #[error("exists already")]
    Taken,
    /// The invitation is used, cancelled or not for this.
    #[error("the invitation is not valid")]
    Invite,
    /// Only the root may.
    #[error("only the recovery phrase may")]
    RootOnly,
    /// The policy forbids it.
    #[error("the policy forbids it")]
    Policy,
    /// The channel was put away: it is read and not written.
    #[error("the channel is put away")]
    Archived,
    /// Nobody would be left who may do everything.
    #[error("the organisation would lose its last owner")]
    LastOwner,
}

/// How a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It counts.
    Active,
    /// It was taken out, alone or with its person.
    Revoked,
    /// It contradicted itself.
    Frozen,
}

impl Standing {
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Frozen => "frozen",
        }
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Present role.
    pub role: Role,
    /// Capabilities: the role's and those given besides.
    pub caps: Caps,
    /// Hash of the mail address.
    pub email_tag: [u8; 16],
    /// Blob with the name.
    pub name: Option<BlobRef>,
    /// Blob with the mail address.
    pub email: Option<BlobRef>,
    /// Length of the chain of grants from the root.
    pub depth: u64,
    /// The act that gave the present role.
    pub granted: EntryId,
    /// The act that took the person out.
    pub removed_by: Option<EntryId>,
    /// Devices the person added without an administrator, also those revoked since.
    pub devices_added: u64,
    /// A program, not a person.
    pub bot: bool,
    /// For a guest: what he was invited to and until when.
    pub guest: Option<Guest>,
}

/// What a guest was invited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Milliseconds since the Unix epoch when his time is over and a device with the right removes him; 0: never.
    pub until: u64,
    /// Public channels that he reads besides the private ones he is brought into.
    pub spaces: BTreeSet<SpaceId>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whose.
    pub person: PersonId,
    /// Ed25519 public key.
    pub key: [u8; 32],
    /// X25519 public key.
    pub seal_key: [u8; 32],
    /// Its id.
    pub seal_key_id: SealKeyId,
    /// The act that let it in.
    pub enrolled: EntryId,
    /// The device that signed that act.
    pub admitted_by: DeviceId,
    /// Whether somebody with the right to enrol or a second device of the person stands for it; otherwise it falls with
    /// the device that added it, if that one is lost.
    pub confirmed: bool,
    /// Blob with the certificate.
    pub certificate: Option<BlobRef>,
    /// How it stands.
    pub standing: Standing,
    /// An ordinary member that is always on.
    pub office: bool,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Blob with the name.
    pub name: Option<BlobRef>,
    /// Members, with whether they lead.
    pub members: BTreeMap<PersonId, bool>,
    /// Channels in which newcomers land.
    pub defaults: Vec<SpaceId>,
}

/// A public channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The team; `None` for the organisation.
    pub team: Option<SpaceId>,
    /// 0 channel, 1 announcements.
    pub kind: u64,
    /// Blob with the name.
    pub name: Option<BlobRef>,
    /// Who created it.
    pub creator: PersonId,
    /// Who may moderate it besides administrators.
    pub moderators: BTreeSet<PersonId>,
    /// Who may post in it, if it is for announcements.
    pub posters: BTreeSet<PersonId>,
    /// Who could post, moderate or be there before, and until when by the clock of the act that ended it: what he wrote
    /// until then stays.
    pub former: BTreeMap<PersonId, Hlc>,
    /// Put away since this act, by its clock.
    pub archived: Option<Hlc>,
    /// Milliseconds after which texts are forgotten; 0: never.
    pub retention_ms: u64,
    /// Whether members are shown who has read.
    pub receipts: bool,
    /// Whether archivists are recipients.
    pub archive: bool,
}

impl Channel {
    /// Whether few write here and all read.
    pub fn is_announcement(&self) -> bool {
        self.kind == 1
    }
}

/// How an invitation stands; expiry is a matter of the admitting device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InviteState {
    /// Can be used.
    Open,
    /// Was used by this entry.
    Used(EntryId),
    /// Was withdrawn.
    Cancelled,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The act.
    pub act: Arc<super::act::InviteCreated>,
    /// Blob with the mail address.
    pub email: Option<BlobRef>,
    /// Blob with the name.
    pub name: Option<BlobRef>,
    /// Who made it.
    pub by: PersonId,
    /// How it stands.
    pub state: InviteState,
}

/// What a removal took away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removed {
    /// A person.
    Person(PersonId),
    /// A device.
    Device(DeviceId),
    /// A person from a team.
    TeamMember(SpaceId, PersonId),
    /// A person from a public channel that moved to where he is not.
    ChannelMember(SpaceId, PersonId),
}

/// The state of an organisation. Equal on all replicas that hold the same acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Blob with the organisation's name.
    pub name: Option<BlobRef>,
    /// Ed25519 public key of the root.
    pub root: Option<[u8; 32]>,
    /// The policy; `None` before Genesis.
    pub policy: Option<Policy>,
    /// People, also those removed.
    pub persons: BTreeMap<PersonId, Person>,
    /// Devices, also those revoked.
    pub devices: BTreeMap<DeviceId, Device>,
    /// Teams.
    pub teams: BTreeMap<SpaceId, Team>,
    /// Public channels.
    pub channels: BTreeMap<SpaceId, Channel>,
    /// Invitations.
    pub invites: BTreeMap<InviteId, Invitation>,
    /// What was taken away by which act, in canonical order.
    pub removals: Vec<(EntryId, Removed)>,
    /// Last accepted positions of removed devices, by the act that removed them.
    pub cuts: BTreeMap<EntryId, Vec<CutAt>>,
    /// Whose archives each person has opened.
    pub archives: BTreeMap<PersonId, BTreeSet<PersonId>>,
    /// Every device of each person, also revoked ones.
    pub(super) devices_by_person: BTreeSet<(PersonId, DeviceId)>,
    /// What each device let in.
    pub(super) devices_by_device: BTreeSet<(DeviceId, DeviceId)>,
    /// Whose the addresses of those are who are in.
    pub(super) addresses: BTreeMap<[u8; 16], PersonId>,
    /// The device that the root's key makes.
    pub(super) root_device: Option<DeviceId>,
    /// The organisation's own space.
    pub(super) organisation: Option<SpaceId>,
}

impl State {
    /// Whose device it is, also of removed ones.
    pub fn person_of(&self, device: &DeviceId) -> Option<PersonId> {
        self.devices.get(device).map(|it| it.person)
    }

    /// Whether the person is in.
    pub fn is_member(&self, person: &PersonId) -> bool {
        self.persons.get(person).is_some_and(|it| it.removed_by.is_none())
    }

    /// Whether the device is in and its person too.
    pub fn is_active(&self, device: &DeviceId) -> bool {
        self.devices.get(device).is_some_and(|it| it.standing == Standing::Active && self.is_member(&it.person))
    }

    /// Active devices of a person.
    pub fn devices_of<'s>(&'s self, person: &PersonId) -> impl Iterator<Item = (DeviceId, &'s Device)> + use<'s> {
        let ids = self.devices_by_person.range((*person, FIRST)..=(*person, LAST)).map(|(_, id)| id);
        ids.filter(|id| self.is_active(id)).filter_map(|id| Some((*id, self.devices.get(id)?)))
    }

    /// Puts a device in; one that is taken from somebody is his no longer.
    pub(super) fn put_device(&mut self, id: DeviceId, device: Device) {
        if let Some(before) = self.devices.get(&id) {
            self.devices_by_person.remove(&(before.person, id));
            self.devices_by_device.remove(&(before.admitted_by, id));
        }
        self.devices_by_person.insert((device.person, id));
        self.devices_by_device.insert((device.admitted_by, id));
        self.devices.insert(id, device);
    }

    /// The devices that a revocation takes: a lost (1) or stolen (2) one takes those along that it added and nobody else
    /// stands for.
    pub(super) fn taken_with(&self, device: &DeviceId, reason: u64) -> Vec<DeviceId> {
        let (mut taken, mut known) = (vec![*device], BTreeSet::from([*device]));
        let mut next = 0;
        while let Some(by) = taken.get(next).copied().filter(|_| reason != 0) {
            next += 1;
            let added = self.devices_by_device.range((by, FIRST)..=(by, LAST)).map(|(_, id)| id);
            let falls = |it: &&DeviceId| self.devices.get(it).is_some_and(|it| !it.confirmed);
            taken.extend(added.filter(falls).filter(|it| known.insert(**it)));
        }
        taken
    }

    /// Whether somebody has a right over others, so that acts of a newer Artel by him may matter to all.
    pub(super) fn administers(&self, person: Option<PersonId>) -> bool {
        let Some(person) = person else { return true };
        let has_rights = |it: &Person| it.role < Role::Member || it.caps != Caps(0);
        self.persons.get(&person).is_some_and(has_rights) || self.teams.keys().any(|it| self.leads(&person, it))
    }

    /// The device that let this one in.
    pub fn admitted_by(&self, device: &DeviceId) -> Option<DeviceId> {
        self.devices.get(device).map(|it| it.admitted_by)
    }

    /// Persons who belong to the organisation (guests do not), a team or a public channel.
    pub fn members(&self, space: &SpaceId) -> BTreeSet<PersonId> {
        if self.organisation == Some(*space) {
            return self.staff().collect();
        }
        if let Some(team) = self.teams.get(space) {
            return team.members.keys().filter(|it| self.is_member(it) && !self.is_guest(it)).copied().collect();
        }
        let Some(audience) = self.audience_of(space) else { return BTreeSet::new() };
        let mut members = self.members(&audience);
        members.extend(self.guests_of(space));
        members
    }

    /// The guests of a public channel. They are in no audience: its epochs are sealed to their devices one by one.
    pub fn guests_of(&self, channel: &SpaceId) -> impl Iterator<Item = PersonId> + use<'_> {
        let channel = *channel;
        let invited = move |it: &Person| it.guest.as_ref().is_some_and(|it| it.spaces.contains(&channel));
        self.persons.iter().filter(move |(id, it)| self.is_guest(id) && invited(it)).map(|(id, _)| *id)
    }

    /// Whether he is in, as a guest.
    pub fn is_guest(&self, person: &PersonId) -> bool {
        self.persons.get(person).is_some_and(|it| it.role == Role::Guest && it.removed_by.is_none())
    }

    fn staff(&self) -> impl Iterator<Item = PersonId> {
        self.persons.iter().filter(|(_, it)| it.removed_by.is_none() && it.role != Role::Guest).map(|(id, _)| *id)
    }

    /// Whose key a public channel's key is wrapped under: its team's or the organisation's.
    pub fn audience_of(&self, channel: &SpaceId) -> Option<SpaceId> {
        self.channels.get(channel).and_then(|it| it.team.or(self.organisation))
    }

    /// Acts that took somebody out of a space, so that older keys may not be used there any more.
    pub fn removals_touching(&self, space: &SpaceId) -> impl Iterator<Item = EntryId> {
        let audience = self.audience_of(space);
        let space = *space;
        self.removals
            .iter()
            .filter(move |(_, what)| match what {
                Removed::Person(_) | Removed::Device(_) => true,
                Removed::TeamMember(team, _) => *team == space || Some(*team) == audience,
                Removed::ChannelMember(channel, _) => *channel == space,
            })
            .map(|(act, _)| *act)
    }

    /// What a person may; nothing if he is not in.
    pub fn caps(&self, person: &PersonId) -> Caps {
        self.persons.get(person).filter(|it| it.removed_by.is_none()).map_or(Caps(0), |it| it.caps)
    }

    pub(super) fn role(&self, person: &PersonId) -> Result<Role, Denied> {
        self.persons.get(person).filter(|it| it.removed_by.is_none()).map(|it| it.role).ok_or(Denied::NotMember)
    }

    pub(super) fn leads(&self, person: &PersonId, team: &SpaceId) -> bool {
        self.teams.get(team).is_some_and(|it| it.members.get(person) == Some(&true))
    }

    pub(crate) fn allows(&self, who: Who, person: &PersonId, team: Option<&SpaceId>) -> Result<(), Denied> {
        let role = self.role(person)?;
        let lead = match team {
            Some(team) => self.leads(person, team),
            None => false,
        };
        match who {
            _ if role <= Role::Admin => Ok(()),
            Who::Members if role <= Role::Member => Ok(()),
            Who::Leads if lead => Ok(()),
            Who::Leads if team.is_some() => Err(Denied::NotLead),
            _ => Err(Denied::Role),
        }
    }

    /// A value that is equal on two replicas iff their states are.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[format!("{self:?}").as_bytes()])
    }
}
