//! People, teams and channels by name: a copy of the authority for whoever shows or types names.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::authority::Role;
use artel_crdt::id::{DeviceId, PersonId, SpaceId};
use artel_crdt::replica::{SpaceInfo, SpaceKind};
use std::sync::Arc;

use super::Driver;

/// A person as shown.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: Role,
    pub(crate) active: bool,
    pub(crate) devices: Vec<DeviceId>,
}

/// A copy taken at one moment; cheap to hand to other threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    pub(crate) me: Option<PersonId>,
    pub(crate) organisation: String,
    pub(crate) persons: BTreeMap<PersonId, Entry>,
    pub(crate) person_of: BTreeMap<DeviceId, PersonId>,
    pub(crate) teams: BTreeMap<SpaceId, (String, BTreeMap<PersonId, bool>)>,
    pub(crate) spaces: BTreeMap<SpaceId, SpaceInfo>,
}

impl Directory {
    /// The person with this mail address, if he is in.
    pub(crate) fn by_email(&self, email: &str) -> Option<PersonId> {
        let email = email.trim().to_lowercase();
        self.persons.iter().find(|(_, it)| it.active && it.email == email).map(|(id, _)| *id)
    }

    /// Name of a person; his id where it is not known.
    pub(crate) fn name(&self, person: &PersonId) -> String {
        self.persons.get(person).map_or_else(|| person.to_string(), |it| it.name.clone())
    }

    /// Mail address of a person.
    pub(crate) fn email(&self, person: &PersonId) -> String {
        self.persons.get(person).map_or_else(String::new, |it| it.email.clone())
    }

    /// Places where this person belongs; those that she reads because an archive is opened are not among them.
    pub(crate) fn own_places(&self) -> impl Iterator<Item = &SpaceInfo> {
        self.spaces.values().filter(|it| it.kind.has_timeline() && !it.from_archive)
    }

    /// The name of a space as `read` takes it.
    pub(crate) fn title(&self, space: &SpaceInfo) -> String {
        if space.from_archive && space.name.is_none() {
            return space.belonged.iter().map(|it| self.email(it)).collect::<Vec<_>>().join("+");
        }
        let others = || space.members.iter().filter(|it| Some(**it) != self.me).copied().collect::<BTreeSet<_>>();
        match space.kind {
            SpaceKind::Direct => {
                let other = others().into_iter().next().or(self.me);
                other.map_or_else(String::new, |it| format!("@{}", self.email(&it)))
            }
            SpaceKind::Group if space.name.is_none() => {
                others().iter().map(|it| self.email(it)).collect::<Vec<_>>().join(",")
            }
            _ => space.name.clone().unwrap_or_else(|| space.id.to_string()),
        }
    }
}

impl Driver {
    /// Takes the copy anew after the authority or a roster changed.
    pub(crate) fn refresh_directory(&mut self) {
        let state = self.replica.authority().state();
        let text = |blob: Option<artel_crdt::entry::BlobRef>| {
            blob.and_then(|it| self.replica.name(&it.hash)).unwrap_or_default().to_owned()
        };
        let persons = state.persons.iter().map(|(id, person)| {
            let entry = Entry {
                name: text(person.name),
                email: text(person.email),
                role: person.role,
                active: person.removed_by.is_none(),
                devices: state.devices_of(id).map(|(device, _)| device).collect(),
            };
            (*id, entry)
        });
        let teams = state.teams.iter().map(|(id, team)| (*id, (text(team.name), team.members.clone())));
        self.directory = Arc::new(Directory {
            me: self.replica.person(),
            organisation: text(state.name),
            persons: persons.collect(),
            person_of: state.devices.iter().map(|(id, it)| (*id, it.person)).collect(),
            teams: teams.collect(),
            spaces: self.replica.spaces().into_iter().map(|it| (it.id, it)).collect(),
        });
    }
}
