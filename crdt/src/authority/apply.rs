//! One act on a state: may its author do this, and what follows.

mod devices;
mod removal;
mod spaces;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::entry::BlobRef;
use crate::id::{DeviceId, EntryId, PersonId, SpaceId};

use super::act::{Act, Caps, Role};
use super::graph::Node;
use super::state::{Denied, Invitation, InviteState, State};

use devices::{apply_device, renew};
use removal::apply_removal;
use spaces::{apply_channel, apply_team};

pub(super) use removal::{Taken, keep_an_owner};

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
        Act::Renew(act) => renew(state, node, author, act),
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
        Act::ArchiveOpen(act) => {
            author.needs(state, Caps::ARCHIVE_READ)?;
            open_archive(state, author, &act.person)
        }
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

/// Opens the archive of somebody who has left; nobody's who is here.
fn open_archive(state: &mut State, author: Author, whose: &PersonId) -> Result<(), Denied> {
    let by = author.person().ok_or(Denied::Unknown)?;
    if state.persons.get(whose).is_none_or(|it| it.removed_by.is_none()) {
        return Err(Denied::Unknown);
    }
    state.archives.entry(by).or_default().insert(*whose);
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
