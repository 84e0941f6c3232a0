//! One act on a state: may its author do this, and what follows.

use crate::cose;
use crate::entry::BlobRef;
use crate::id::{DeviceId, PersonId, SealKeyId, SpaceId};

use super::act::{Act, Caps, Role};
use super::graph::Node;
use super::state::{Channel, Denied, Device, Invitation, InviteState, Person, Removed, Standing, State, Team};

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

    fn person(self) -> Option<PersonId> {
        match self {
            Self::Root => None,
            Self::Person(it) => Some(it),
        }
    }
}

fn blob(node: &Node, index: u64) -> Option<BlobRef> {
    usize::try_from(index).ok().and_then(|it| node.blobs.get(it)).copied()
}

/// Applies an act, or says why it has no effect. The state is changed only on success.
pub(super) fn apply(state: &mut State, node: &Node, author: &Author, act: &Act) -> Result<(), Denied> {
    if state.root.is_none() && !matches!(act, Act::Genesis(_)) {
        return Err(Denied::Unknown);
    }
    match act {
        Act::Genesis(_) | Act::OwnerGrant(_) | Act::RootRotate(_) => apply_root(state, node, *author, act),
        Act::AdminGrant(_) | Act::SetRole(_) | Act::BotRegister(_) => apply_role(state, *author, act),
        Act::InviteCreated(_) | Act::InviteCancelled(_) => apply_invite(state, node, *author, act),
        Act::Enrol(_) | Act::AddDevice(_) => apply_device(state, node, *author, act),
        Act::RevokeDevice(_) | Act::RemovePerson(_) | Act::Freeze(_) | Act::Wipe(_) | Act::OfficeNode(_) => {
            apply_removal(state, node, *author, act)
        }
        Act::ChannelCreate(_) | Act::ChannelRole(_) => apply_channel(state, node, *author, act),
        Act::TeamCreate(_) | Act::TeamMember(_) | Act::TeamDefaults(_) => apply_team(state, node, *author, act),
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
            state.root = Some(act.root_pk);
            state.policy = Some(act.policy.clone());
            state.name = blob(node, act.name);
        }
        Act::RootRotate(act) => {
            if author != Author::Root {
                return Err(Denied::RootOnly);
            }
            state.root = Some(act.root_pk);
        }
        Act::OwnerGrant(act) => {
            let owner = author == Author::Root || author.role(state)? == Role::Owner;
            let depth = author.depth(state).saturating_add(1);
            let person = state.persons.get_mut(&act.person).ok_or(Denied::Unknown)?;
            // An owner may make owners; only the root unmakes them.
            if !owner || (!act.on && author != Author::Root) {
                return Err(Denied::RootOnly);
            }
            person.role = if act.on { Role::Owner } else { Role::Member };
            (person.caps, person.depth) = (person.role.caps(), depth.min(person.depth));
        }
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}

fn apply_role(state: &mut State, author: Author, act: &Act) -> Result<(), Denied> {
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
        (it.role, it.caps, it.depth) = (role, caps, depth);
    }
    Ok(())
}

fn apply_invite(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::InviteCreated(act) => {
            author.check(|it| state.may_invite(it, act.role, act.role.caps().with(act.caps)))?;
            let fresh = !state.persons.contains_key(&act.person) || state.is_member(&act.person);
            if state.invites.contains_key(&act.invite) || !fresh {
                return Err(Denied::Taken);
            }
            let invitation = Invitation {
                act: act.clone(),
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
    let (person, key, seal_key, certificate) = match act {
        Act::Enrol(act) => (act.person, act.device_pk, act.seal_pk, act.certificate),
        Act::AddDevice(act) => (act.person, act.device_pk, act.seal_pk, act.certificate),
        _ => return Err(Denied::Unknown),
    };
    let id = DeviceId::of_key(&key);
    if state.devices.contains_key(&id) || cose::public_key(&key).is_none() {
        return Err(Denied::Taken);
    }
    match act {
        Act::Enrol(act) => enrol(state, node, author, act)?,
        _ => {
            let own = author.person() == Some(person) && state.policy.as_ref().is_some_and(|it| it.self_add_device);
            if !own {
                author.check(|it| state.may_enrol(it))?;
            }
            if !state.is_member(&person) {
                return Err(Denied::NotMember);
            }
        }
    }
    let device = Device {
        person,
        key,
        seal_key,
        seal_key_id: SealKeyId::of_key(&seal_key),
        enrolled: node.id,
        admitted_by: node.device(),
        certificate: blob(node, certificate),
        standing: Standing::Active,
        office: false,
    };
    state.devices.insert(id, device);
    Ok(())
}

fn enrol(state: &mut State, node: &Node, author: Author, act: &super::act::Enrol) -> Result<(), Denied> {
    let (mut role, mut caps, mut teams, mut depth) = (act.role, act.role.caps(), Vec::new(), 1);
    match act.invite {
        None if author == Author::Root && state.persons.is_empty() => {}
        None => return Err(Denied::RootOnly),
        Some(invite) => {
            author.check(|it| state.may_enrol(it))?;
            let invitation = state.invites.get_mut(&invite).ok_or(Denied::Invite)?;
            let same = invitation.act.person == act.person && invitation.act.email_tag == act.email_tag;
            if invitation.state != InviteState::Open || !same {
                return Err(Denied::Invite);
            }
            invitation.state = InviteState::Used(node.id);
            // Role and teams apply on the inviter's authority, whoever admits.
            (role, caps) = (invitation.act.role, invitation.act.role.caps().with(invitation.act.caps));
            teams.clone_from(&invitation.act.teams);
            let by = invitation.by;
            depth = state.persons.get(&by).map_or(u64::MAX, |it| it.depth.saturating_add(1));
            teams.retain(|team| state.may_manage_team(&by, team, false).is_ok());
        }
    }
    if state.is_member(&act.person) {
        return Err(Denied::Taken);
    }
    let person = Person {
        role,
        caps,
        email_tag: act.email_tag,
        name: blob(node, act.name),
        email: blob(node, act.email),
        depth,
        removed_by: None,
        bot: false,
    };
    state.persons.insert(act.person, person);
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

fn apply_removal(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::RemovePerson(act) => {
            author.needs(state, Caps::REMOVE_PERSON)?;
            outranks(state, author, &act.person)?;
            let person = state.persons.get_mut(&act.person).ok_or(Denied::Unknown)?;
            person.removed_by.get_or_insert(node.id);
            let (cut, what) = (act.cut.clone(), Removed::Person(act.person));
            state.removals.push((node.id, what));
            state.cuts.insert(node.id, cut);
        }
        Act::RevokeDevice(act) => {
            let person = state.person_of(&act.device).ok_or(Denied::Unknown)?;
            if author.person() != Some(person) {
                author.needs(state, Caps::REVOKE_DEVICE)?;
                outranks(state, author, &person)?;
            }
            set_standing(state, &act.device, Standing::Revoked)?;
            state.removals.push((node.id, Removed::Device(act.device)));
            state.cuts.insert(node.id, act.cut.clone());
        }
        Act::Freeze(act) => {
            author.needs(state, Caps::REVOKE_DEVICE)?;
            set_standing(state, &act.device, if act.on { Standing::Frozen } else { Standing::Active })?;
        }
        Act::Wipe(act) => {
            author.needs(state, Caps::REVOKE_DEVICE)?;
            set_standing(state, &act.device, Standing::Revoked)?;
            state.removals.push((node.id, Removed::Device(act.device)));
        }
        Act::OfficeNode(act) => {
            author.needs(state, Caps::SET_POLICY)?;
            state.devices.get_mut(&act.device).ok_or(Denied::Unknown)?.office = act.on;
        }
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}

fn set_standing(state: &mut State, device: &DeviceId, standing: Standing) -> Result<(), Denied> {
    state.devices.get_mut(device).ok_or(Denied::Unknown)?.standing = standing;
    Ok(())
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
                moderators: std::collections::BTreeSet::new(),
                posters: std::collections::BTreeSet::new(),
            };
            state.channels.insert(SpaceId::of_act(&node.id), channel);
        }
        Act::ChannelRole(act) => {
            author.check(|it| if state.may_moderate(it, &act.channel) { Ok(()) } else { Err(Denied::Role) })?;
            let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
            for (on, set) in [(act.moderator, &mut channel.moderators), (act.poster, &mut channel.posters)] {
                if on {
                    set.insert(act.person);
                } else {
                    set.remove(&act.person);
                }
            }
        }
        _ => return Err(Denied::Unknown),
    }
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
                author.check(|it| state.may_manage_team(it, &act.team, act.lead != leads))?;
            }
            if act.member && !state.is_member(&act.person) {
                return Err(Denied::NotMember);
            }
            let team = state.teams.get_mut(&act.team).ok_or(Denied::Unknown)?;
            if act.member {
                team.members.insert(act.person, act.lead);
            } else if team.members.remove(&act.person).is_some() {
                state.removals.push((node.id, Removed::TeamMember(act.team, act.person)));
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
