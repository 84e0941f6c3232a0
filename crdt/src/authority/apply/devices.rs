//! Who and what comes in: people, devices.

use crate::authority::act::{Act, AddDevice, Enrol, Renew, Role};
use crate::authority::graph::Node;
use crate::authority::state::{Denied, Device, Guest, InviteState, Person, Standing, State};
use crate::id::{DeviceId, PersonId, SealKeyId};
use crate::limits;

use super::{Author, blob};

pub(super) fn apply_device(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
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
    state.put_device(key.0, device);
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
fn confirm(state: &mut State, node: &Node, author: Author, act: &AddDevice) -> bool {
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
    if author.person() != Some(*person) {
        return author.check(|it| state.may_add_device_of(it, person)).map(|()| true);
    }
    if state.may_enrol(person).is_ok() {
        return Ok(true);
    }
    let allowed = state.policy.as_ref().is_some_and(|it| it.self_add_device);
    let person = state.persons.get_mut(person).ok_or(Denied::NotMember)?;
    if !allowed || person.devices_added >= limits::OWN_DEVICES_MAX {
        return Err(Denied::Policy);
    }
    person.devices_added += 1;
    Ok(false)
}

fn enrol(state: &mut State, node: &Node, author: Author, act: &Enrol) -> Result<(), Denied> {
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

/// A device that counts takes another sealing key. Epochs sealed before by those who did not know open with the old one.
pub(super) fn renew(state: &mut State, node: &Node, author: Author, act: &Renew) -> Result<(), Denied> {
    let person = author.person().ok_or(Denied::NotMember)?;
    state.may_renew(&person)?;
    let certificate = blob(node, act.certificate);
    let device = state.devices.get_mut(&node.device()).ok_or(Denied::NotMember)?;
    let id = SealKeyId::of_key(&act.seal_pk);
    if id != act.seal_key_id || device.seal_key_id == id {
        return Err(Denied::Taken);
    }
    (device.seal_key, device.seal_key_id, device.certificate) = (act.seal_pk, id, certificate);
    Ok(())
}
