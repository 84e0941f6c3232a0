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
            keep_an_owner(state, author, &Taken::Person(act.person))?;
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
        keep_an_owner(state, author, &Taken::Devices(&taken))?;
    }
    for id in taken.iter().copied() {
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

/// Whose devices somebody wants to take.
pub(in crate::authority) enum Taken<'t> {
    /// All of a person's.
    Person(PersonId),
    /// These.
    Devices(&'t [DeviceId]),
}

/// Nobody but the root takes away the last device of the last owner.
pub(in crate::authority) fn keep_an_owner(state: &State, author: Author, taken: &Taken<'_>) -> Result<(), Denied> {
    let owns = |person: &PersonId| state.persons.get(person).is_some_and(|it| it.role == Role::Owner);
    let takes_one = match taken {
        Taken::Person(person) => owns(person) && state.devices_of(person).next().is_some(),
        Taken::Devices(ids) => {
            let owner = |it: &DeviceId| state.person_of(it).is_some_and(|it| owns(&it));
            ids.iter().any(|it| state.is_active(it) && owner(it))
        }
    };
    if author == Author::Root || !takes_one {
        return Ok(());
    }
    // Only who takes from an owner, which owners alone may, has everybody looked through.
    let keeps = |person: &PersonId| match taken {
        Taken::Person(gone) => person != gone && state.devices_of(person).next().is_some(),
        Taken::Devices(ids) => state.devices_of(person).any(|(id, _)| !ids.contains(&id)),
    };
    let mut owners = state.persons.iter().filter(|(_, it)| it.role == Role::Owner && it.removed_by.is_none());
    if owners.any(|(id, _)| keeps(id)) { Ok(()) } else { Err(Denied::LastOwner) }
}
