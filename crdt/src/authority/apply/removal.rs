//! Who and what goes out: people, devices, for a while or for ever.

use crate::authority::act::{Act, Caps, Role};
use crate::authority::state::{Denied, Removed, Standing, State};
use crate::id::{DeviceId, EntryId, PersonId};

use super::Author;

fn outranks(state: &State, author: Author, target: &PersonId) -> Result<(), Denied> {
    let theirs = state.persons.get(target).ok_or(Denied::Unknown)?.role;
    let own = author.role(state)?;
    let root = author == Author::Root;
    // Equals may remove each other: mutual removal is settled by seniority.
    if root || own <= theirs { Ok(()) } else { Err(Denied::Senior) }
}

pub(super) fn apply_removal(state: &mut State, act_id: EntryId, author: Author, act: &Act) -> Result<(), Denied> {
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
pub(in crate::authority) fn keep_an_owner(
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
