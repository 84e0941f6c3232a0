//! One act on a state: may its author do this, and what follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::entry::BlobRef;
use crate::id::{DeviceId, EntryId, PersonId, SealKeyId, SpaceId};
use crate::limits;

use super::act::{Act, Caps, Role};
use super::graph::Node;
use super::state::{Channel, Denied, Device, Guest, Invitation, InviteState, Person, Removed, Standing, State, Team};

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// The recovery phrase.
    Root,
    /// A person by one of his devices.
    Person(PersonId),
}

impl Author {
    fn role(self, state: &State) -> Result<Role, Denied> {
        match self {
            // The root stands above owners; for comparisons of role it counts as one.
            Self::Root => Ok(Role::Owner),
            Self::Person(it) => state.persons.get(&it).map(|it| it.role).ok_or(Denied::NotMember),
        }
    }

    fn caps(self, state: &State) -> Caps {
        match self {
            Self::Root => Caps::ALL,
            Self::Person(it) => state.persons.get(&it).map_or(Caps(0), |it| it.caps),
        }
    }

    fn depth(self, state: &State) -> u64 {
        match self {
            Self::Root => 0,
            Self::Person(it) => state.persons.get(&it).map_or(u64::MAX, |it| it.depth),
        }
    }

    fn needs(self, state: &State, caps: Caps) -> Result<(), Denied> {
        if self.caps(state).contains(caps) { Ok(()) } else { Err(Denied::Role) }
    }

    fn check(self, check: impl FnOnce(&PersonId) -> Result<(), Denied>) -> Result<(), Denied> {
        match self {
            Self::Root => Ok(()),
            Self::Person(it) => check(&it),
        }
    }

    pub(super) fn person(self) -> Option<PersonId> {
        match self {
            Self::Root => None,
            Self::Person(it) => Some(it),
        }
    }
}

fn blob(node: &Node, index: u64) -> Option<BlobRef> {
    usize::try_from(index).ok().and_then(|it| node.blobs.get(it)).copied()
}

/// What demotions that an author did not know of leave to one act.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    rights: Option<(Role, Caps)>,
    /// Teams he no longer leads.
    pub(super) leads: BTreeSet<SpaceId>,
}

impl Limits {
    /// No more than this role and these capabilities.
    pub(super) fn lower(&mut self, role: Role, caps: Caps) {
        let (own, had) = self.rights.unwrap_or((role, caps));
        self.rights = Some((own.max(role), Caps(had.0 & caps.0)));
    }
}

/// Applies an act, or says why it has no effect. The state is changed only on success.
pub(super) fn apply(
    state: &mut State,
    node: &Node,
    (author, limits): (Author, &Limits),
    act: &Act,
) -> Result<(), Denied> {
    let Some(me) = author.person().filter(|_| limits.rights.is_some() || !limits.leads.is_empty()) else {
        return apply_free(state, node, author, act);
    };
    let had = state.persons.get(&me).map(|it| (it.role, it.caps));
    if let (Some(person), Some((role, caps))) = (state.persons.get_mut(&me), limits.rights) {
        (person.role, person.caps) = (person.role.max(role), Caps(person.caps.0 & caps.0));
    }
    let mut led = Vec::new();
    for team in &limits.leads {
        if let Some(lead) = state.teams.get_mut(team).and_then(|it| it.members.get_mut(&me)) {
            led.push((*team, std::mem::take(lead)));
        }
    }
    let done = apply_free(state, node, author, act);
    if let (Some(person), Some(had)) = (state.persons.get_mut(&me), had) {
        (person.role, person.caps) = had;
    }
    let own = matches!(act, Act::TeamMember(it) if it.person == me && done.is_ok());
    for (team, led) in led.into_iter().filter(|_| !own) {
        if let Some(lead) = state.teams.get_mut(&team).and_then(|it| it.members.get_mut(&me)) {
            *lead = led;
        }
    }
    done
}

fn apply_free(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    if state.root.is_none() && !matches!(act, Act::Genesis(_)) {
        return Err(Denied::Unknown);
    }
    match act {
        Act::Genesis(_) | Act::OwnerGrant(_) | Act::RootRotate(_) => apply_root(state, node, author, act),
        Act::AdminGrant(_) | Act::SetRole(_) | Act::BotRegister(_) => apply_role(state, node.id, author, act),
        Act::InviteCreated(_) | Act::InviteCancelled(_) => apply_invite(state, node, author, act),
        Act::Enrol(_) | Act::AddDevice(_) => apply_device(state, node, author, act),
        Act::RevokeDevice(_) | Act::RemovePerson(_) | Act::Freeze(_) | Act::Wipe(_) => {
            apply_removal(state, node.id, author, act)
        }
        Act::OfficeNode(act) => {
            author.needs(state, Caps::SET_POLICY)?;
            state.devices.get_mut(&act.device).ok_or(Denied::Unknown)?.office = act.on;
            Ok(())
        }
        Act::ChannelCreate(_) | Act::ChannelRole(_) | Act::ChannelSet(_) => apply_channel(state, node, author, act),
        Act::TeamCreate(_) | Act::TeamMember(_) | Act::TeamDefaults(_) => apply_team(state, node, author, act),
        Act::SetPolicy(act) => {
            author.needs(state, Caps::SET_POLICY)?;
            state.policy = Some(act.policy.clone());
            Ok(())
        }
        Act::ArchiveOpen(_) => author.needs(state, Caps::ARCHIVE_READ),
        // Proofs bind by what they contain; the graph finds the same forks by itself.
        Act::ForkProof(_) => Ok(()),
        Act::Unknown(_) => Err(Denied::Unknown),
    }
}

fn apply_root(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::Genesis(act) => {
            if state.root.is_some() || DeviceId::of_key(&act.root_pk) != node.device() {
                return Err(Denied::RootOnly);
            }
            (state.root, state.root_device) = (Some(act.root_pk), Some(node.device()));
            state.policy = Some(act.policy.clone());
            state.name = blob(node, act.name);
        }
        Act::RootRotate(act) => {
            if author != Author::Root {
                return Err(Denied::RootOnly);
            }
            (state.root, state.root_device) = (Some(act.root_pk), Some(DeviceId::of_key(&act.root_pk)));
        }
        Act::OwnerGrant(act) => {
            let owner = author == Author::Root || author.role(state)? == Role::Owner;
            let depth = author.depth(state).saturating_add(1);
            let person = state.persons.get_mut(&act.person).ok_or(Denied::Unknown)?;
            if person.removed_by.is_some() {
                return Err(Denied::NotMember);
            }
            // An owner may make owners; only the root unmakes them.
            if !owner || (!act.on && author != Author::Root) {
                return Err(Denied::RootOnly);
            }
            person.role = if act.on { Role::Owner } else { Role::Member };
            (person.caps, person.depth, person.granted) = (person.role.caps(), depth.min(person.depth), node.id);
        }
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}

fn apply_role(state: &mut State, id: EntryId, author: Author, act: &Act) -> Result<(), Denied> {
    let (person, role, caps) = match act {
        Act::AdminGrant(act) => (act.person, Role::Admin, act.caps),
        Act::SetRole(act) => (act.person, act.role, act.role.caps().with(act.caps)),
        Act::BotRegister(act) => {
            author.needs(state, Caps::BOT_REGISTER)?;
            state.persons.get_mut(&act.person).ok_or(Denied::Unknown)?.bot = act.on;
            return Ok(());
        }
        _ => return Err(Denied::Unknown),
    };
    let own = author.role(state)?;
    let depth = author.depth(state).saturating_add(1);
    let present = state.persons.get(&person).ok_or(Denied::Unknown)?.role;
    if own > Role::Admin {
        return Err(Denied::Role);
    }
    if (present <= own && own != Role::Owner) || present == Role::Owner {
        return Err(Denied::Senior);
    }
    if role == Role::Owner || role < own || !author.caps(state).contains(caps) {
        return Err(Denied::MoreThanOwn);
    }
    if let Some(it) = state.persons.get_mut(&person) {
        (it.role, it.caps, it.depth, it.granted) = (role, caps, depth, id);
    }
    Ok(())
}

fn apply_invite(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::InviteCreated(act) => {
            author.check(|it| state.may_invite(it, act.role, act.role.caps().with(act.caps)))?;
            // Nobody comes back under an old number: what was removed stays removed, whatever is concurrent.
            let gone = state.persons.get(&act.person).is_some_and(|it| it.removed_by.is_some());
            if state.invites.contains_key(&act.invite) || gone || act.max_uses != 1 {
                return Err(Denied::Taken);
            }
            let invitation = Invitation {
                act: Arc::new(act.clone()),
                email: blob(node, act.email),
                name: blob(node, act.name),
                by: author.person().ok_or(Denied::RootOnly)?,
                state: InviteState::Open,
            };
            state.invites.insert(act.invite, invitation);
        }
        Act::InviteCancelled(act) => {
            author.check(|it| state.may_enrol(it))?;
            let invitation = state.invites.get_mut(&act.invite).ok_or(Denied::Unknown)?;
            if invitation.state == InviteState::Open {
                invitation.state = InviteState::Cancelled;
            }
        }
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}

fn apply_device(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    let (person, key, seal_key, certificate, confirmed) = match act {
        Act::Enrol(act) => {
            let device = fresh_device(state, node, true)?;
            enrol(state, node, author, act)?;
            (act.person, (device, act.device_pk), act.seal_pk, act.certificate, true)
        }
        Act::AddDevice(act) => {
            if confirm(state, node, author, act) {
                return Ok(());
            }
            let device = fresh_device(state, node, false)?;
            let confirmed = may_add_device(state, author, &act.person)?;
            (act.person, (device, act.device_pk), act.seal_pk, act.certificate, confirmed)
        }
        _ => return Err(Denied::Unknown),
    };
    let device = Device {
        person,
        key: key.1,
        seal_key,
        seal_key_id: SealKeyId::of_key(&seal_key),
        enrolled: node.id,
        admitted_by: node.device(),
        confirmed,
        certificate: blob(node, certificate),
        standing: Standing::Active,
        office: false,
    };
    state.devices.insert(key.0, device);
    Ok(())
}

/// A key belongs to one device for ever. Only who lets people in takes it from somebody who named it as his own by
/// himself: nobody can make another one's device his.
fn fresh_device(state: &State, node: &Node, admitting: bool) -> Result<DeviceId, Denied> {
    let id = node.names.ok_or(Denied::Taken)?;
    let taken = state.devices.get(&id).is_some_and(|it| it.confirmed || !admitting);
    if taken || state.root_device == Some(id) { Err(Denied::Taken) } else { Ok(id) }
}

/// Whether this names a device again that another one let in: it no longer depends on that one.
fn confirm(state: &mut State, node: &Node, author: Author, act: &super::act::AddDevice) -> bool {
    let own = author.person() == Some(act.person);
    let Some(id) = node.names else { return false };
    let known = state.devices.get_mut(&id).filter(|it| it.person == act.person && it.seal_key == act.seal_pk);
    let Some(device) = known else { return false };
    let other = node.device() != device.admitted_by && node.device() != id;
    let fits = own && other && !device.confirmed && device.standing == Standing::Active;
    device.confirmed |= fits;
    fits
}

/// Whether somebody may add a device, and whether it stands by itself afterwards.
fn may_add_device(state: &mut State, author: Author, person: &PersonId) -> Result<bool, Denied> {
    if !state.is_member(person) {
        return Err(Denied::NotMember);
    }
    let admitted = author.check(|it| state.may_enrol(it));
    if author.person() != Some(*person) || admitted.is_ok() {
        return admitted.map(|()| true);
    }
    let allowed = state.policy.as_ref().is_some_and(|it| it.self_add_device);
    let person = state.persons.get_mut(person).ok_or(Denied::NotMember)?;
    if !allowed || person.devices_added >= limits::OWN_DEVICES_MAX {
        return Err(Denied::Policy);
    }
    person.devices_added += 1;
    Ok(false)
}

fn enrol(state: &mut State, node: &Node, author: Author, act: &super::act::Enrol) -> Result<(), Denied> {
    if act.invite.is_some() {
        author.check(|it| state.may_enrol(it))?;
    }
    if state.persons.contains_key(&act.person) || state.addresses.contains_key(&act.email_tag) {
        return Err(Denied::Taken);
    }
    let (mut role, mut caps, mut teams, mut depth) = (act.role, act.role.caps(), Vec::new(), 1);
    let mut guest = None;
    match act.invite {
        None if author == Author::Root && state.persons.is_empty() => {}
        None => return Err(Denied::RootOnly),
        Some(invite) => {
            let invitation = state.invites.get_mut(&invite).ok_or(Denied::Invite)?;
            let same = invitation.act.person == act.person && invitation.act.email_tag == act.email_tag;
            if invitation.state != InviteState::Open || !same {
                return Err(Denied::Invite);
            }
            invitation.state = InviteState::Used(node.id);
            // Role and teams apply on the inviter's authority, whoever admits.
            (role, caps) = (invitation.act.role, invitation.act.role.caps().with(invitation.act.caps));
            let (spaces, until) = (invitation.act.spaces.clone(), invitation.act.until.unwrap_or(0));
            guest = (role == Role::Guest).then(|| Guest { until, spaces: spaces.into_iter().flatten().collect() });
            teams.clone_from(&invitation.act.teams);
            let by = invitation.by;
            depth = state.persons.get(&by).map_or(u64::MAX, |it| it.depth.saturating_add(1));
            teams.retain(|team| state.may_manage_team(&by, team, false).is_ok());
            if let Some(guest) = &mut guest {
                // Nobody opens to a guest what he does not read himself.
                guest.spaces.retain(|it| state.members(it).contains(&by));
            }
        }
    }
    let person = Person {
        role,
        caps,
        email_tag: act.email_tag,
        name: blob(node, act.name),
        email: blob(node, act.email),
        depth,
        granted: node.id,
        removed_by: None,
        devices_added: 0,
        bot: false,
        guest,
    };
    state.persons.insert(act.person, person);
    state.addresses.insert(act.email_tag, act.person);
    for team in teams {
        if let Some(team) = state.teams.get_mut(&team) {
            team.members.insert(act.person, false);
        }
    }
    Ok(())
}

fn outranks(state: &State, author: Author, target: &PersonId) -> Result<(), Denied> {
    let theirs = state.persons.get(target).ok_or(Denied::Unknown)?.role;
    let own = author.role(state)?;
    let root = author == Author::Root;
    // Equals may remove each other: mutual removal is settled by seniority.
    if root || own <= theirs { Ok(()) } else { Err(Denied::Senior) }
}

fn apply_removal(state: &mut State, act_id: EntryId, author: Author, act: &Act) -> Result<(), Denied> {
    let (device, standing) = match act {
        Act::RemovePerson(act) => {
            author.needs(state, Caps::REMOVE_PERSON)?;
            outranks(state, author, &act.person)?;
            keep_an_owner(state, author, |person, _| *person == act.person)?;
            let person = state.persons.get_mut(&act.person).ok_or(Denied::Unknown)?;
            person.removed_by.get_or_insert(act_id);
            if state.addresses.get(&person.email_tag) == Some(&act.person) {
                state.addresses.remove(&person.email_tag);
            }
            state.removals.push((act_id, Removed::Person(act.person)));
            state.cuts.insert(act_id, act.cut.clone());
            return Ok(());
        }
        Act::RevokeDevice(act) => (act.device, Standing::Revoked),
        Act::Wipe(act) => (act.device, Standing::Revoked),
        Act::Freeze(act) => (act.device, if act.on { Standing::Frozen } else { Standing::Active }),
        _ => return Err(Denied::Unknown),
    };
    let person = state.person_of(&device).ok_or(Denied::Unknown)?;
    let own = author.person() == Some(person) && standing == Standing::Revoked;
    if !own {
        author.needs(state, Caps::REVOKE_DEVICE)?;
        outranks(state, author, &person)?;
    }
    let reason = if let Act::RevokeDevice(act) = act { act.reason } else { 0 };
    let taken = state.taken_with(&device, reason);
    if standing != Standing::Active {
        keep_an_owner(state, author, |_, device| taken.contains(device))?;
    }
    for id in taken {
        let Some(it) = state.devices.get_mut(&id) else { continue };
        match (it.standing, standing) {
            // A thaw gives back what a freeze took, never what a revocation took.
            (Standing::Revoked, Standing::Frozen | Standing::Active) => return Err(Denied::NotMember),
            _ => it.standing = standing,
        }
        if standing == Standing::Revoked {
            state.removals.push((act_id, Removed::Device(id)));
        }
    }
    if let Act::RevokeDevice(act) = act {
        state.cuts.insert(act_id, act.cut.clone());
    }
    Ok(())
}

/// Nobody but the root takes away the last device of the last owner.
pub(super) fn keep_an_owner(
    state: &State,
    author: Author,
    takes: impl Fn(&PersonId, &DeviceId) -> bool,
) -> Result<(), Denied> {
    let owns = |person: &PersonId| state.persons.get(person).is_some_and(|it| it.role == Role::Owner);
    let (mut taken, mut left) = (false, false);
    for (id, device) in state.devices.iter().filter(|(id, it)| owns(&it.person) && state.is_active(id)) {
        if takes(&device.person, id) {
            taken = true;
        } else {
            left = true;
        }
    }
    if author != Author::Root && taken && !left { Err(Denied::LastOwner) } else { Ok(()) }
}

fn apply_channel(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::ChannelCreate(act) => {
            author.check(|it| state.may_create_channel(it, act.team.as_ref()))?;
            let channel = Channel {
                team: act.team,
                kind: act.kind,
                name: blob(node, act.name),
                creator: author.person().ok_or(Denied::RootOnly)?,
                moderators: BTreeSet::new(),
                posters: BTreeSet::new(),
                former: BTreeMap::new(),
                archived: None,
                retention_ms: 0,
                receipts: true,
                archive: act.archive,
            };
            state.channels.insert(SpaceId::of_act(&node.id), channel);
        }
        Act::ChannelRole(act) => {
            author.check(|it| state.may_appoint(it, &act.channel))?;
            let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
            for (on, set) in [(act.moderator, &mut channel.moderators), (act.poster, &mut channel.posters)] {
                if on {
                    set.insert(act.person);
                } else if set.remove(&act.person) {
                    // What he wrote while he could stays.
                    channel.former.insert(act.person, node.hlc);
                }
            }
            if act.moderator || act.poster {
                channel.former.remove(&act.person);
            }
        }
        Act::ChannelSet(act) => set_channel(state, node, author, act)?,
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}

fn set_channel(state: &mut State, node: &Node, author: Author, act: &super::act::ChannelSet) -> Result<(), Denied> {
    author.check(|it| state.may_set_channel(it, &act.channel))?;
    let place = match act.place.as_deref() {
        None => None,
        Some([]) => Some(None),
        Some([team]) => Some(Some(*team)),
        Some(_) => return Err(Denied::Unknown),
    };
    if let Some(team) = &place {
        author.check(|it| state.may_move(it, &act.channel, team.as_ref()))?;
    }
    let before = state.members(&act.channel);
    let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
    if let Some(team) = place.filter(|it| *it != channel.team) {
        channel.team = team;
        let after = state.members(&act.channel);
        let gone: Vec<PersonId> = before.difference(&after).copied().collect();
        for person in &gone {
            state.removals.push((node.id, Removed::ChannelMember(act.channel, *person)));
        }
        let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
        channel.former.extend(gone.into_iter().map(|it| (it, node.hlc)));
    }
    let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
    if let Some(name) = act.name.and_then(|it| blob(node, it)) {
        channel.name = Some(name);
    }
    match act.archived {
        Some(true) if channel.archived.is_none() => channel.archived = Some(node.hlc),
        Some(false) => channel.archived = None,
        _ => {}
    }
    channel.retention_ms = act.retention_ms.unwrap_or(channel.retention_ms);
    channel.receipts = act.receipts.unwrap_or(channel.receipts);
    Ok(())
}

fn apply_team(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::TeamCreate(act) => {
            author.check(|it| state.may_create_team(it))?;
            let mut team = Team { name: blob(node, act.name), members: Default::default(), defaults: Vec::new() };
            // Whoever creates a team is in it, or nobody could read it.
            team.members.extend(author.person().map(|it| (it, true)));
            state.teams.insert(SpaceId::of_act(&node.id), team);
        }
        Act::TeamMember(act) => {
            let leaving = author.person() == Some(act.person) && !act.member;
            if !leaving {
                let leads = state.teams.get(&act.team).and_then(|it| it.members.get(&act.person)) == Some(&true);
                author.check(|it| state.may_manage_team(it, &act.team, (act.member && act.lead) != leads))?;
            }
            if act.member && !state.is_member(&act.person) {
                return Err(Denied::NotMember);
            }
            let team = state.teams.get_mut(&act.team).ok_or(Denied::Unknown)?;
            if act.member {
                team.members.insert(act.person, act.lead);
            } else if team.members.remove(&act.person).is_some() {
                state.removals.push((node.id, Removed::TeamMember(act.team, act.person)));
            } else {
                return Err(Denied::Unknown);
            }
        }
        Act::TeamDefaults(act) => {
            author.check(|it| state.may_manage_team(it, &act.team, false))?;
            state.teams.get_mut(&act.team).ok_or(Denied::Unknown)?.defaults.clone_from(&act.channels);
        }
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}
