//! From what people type to spaces, persons and messages.

use std::collections::BTreeSet;

use artel_crdt::id::{EntryId, PersonId, SpaceId};
use artel_crdt::replica::SpaceKind;

use crate::client::{Error, ErrorKind, Result};
use crate::store::EntryKey;

use super::Driver;

/// What a target means.
pub(crate) enum Place {
    /// A space that is held.
    Space(SpaceId),
    /// The direct space with a person; may have to be begun.
    Direct(PersonId),
    /// A group of these people besides this person that is not begun.
    Group(BTreeSet<PersonId>),
}

fn not_found(what: &str) -> Error {
    Error::new(ErrorKind::NotFound, what)
}

impl Driver {
    /// The place that a target names: `#channel`, `team/channel`, `@mail`, or a space id.
    pub(crate) fn place(&self, target: &str) -> Result<Place> {
        let target = target.trim();
        if let Some(people) = target.strip_prefix('@').filter(|it| it.contains(',')) {
            let mut persons = people.split(',').map(|it| self.person(it)).collect::<Result<BTreeSet<_>>>()?;
            persons.retain(|it| Some(*it) != self.directory.me);
            return Ok(match (self.group_of(&persons), persons.first()) {
                (Some(group), _) => Place::Space(group),
                (None, Some(only)) if persons.len() == 1 => Place::Direct(*only),
                (None, _) => Place::Group(persons),
            });
        }
        if let Some(email) = target.strip_prefix('@') {
            return self.directory.by_email(email).map(Place::Direct).ok_or_else(|| not_found(target));
        }
        let name = target.strip_prefix('#').unwrap_or(target);
        let named = self.spaces_named(name);
        match named.as_slice() {
            [only] => Ok(Place::Space(*only)),
            [] => match name.parse::<SpaceId>() {
                Ok(id) if self.directory.spaces.contains_key(&id) => Ok(Place::Space(id)),
                _ => Err(not_found(target)),
            },
            _ => Err(Error::new(ErrorKind::Ambiguous, target)),
        }
    }

    fn spaces_named(&self, name: &str) -> Vec<SpaceId> {
        let (team, channel) = match name.split_once('/') {
            Some((team, channel)) => (Some(team.to_lowercase()), channel),
            None => (None, name),
        };
        let matches = |name: Option<&String>| name.is_some_and(|it| it.to_lowercase() == channel.to_lowercase());
        let in_team = |id: Option<SpaceId>| match &team {
            None => true,
            Some(wanted) => {
                id.and_then(|it| self.directory.teams.get(&it)).is_some_and(|it| it.0.to_lowercase() == *wanted)
            }
        };
        let spaces = self.directory.spaces.values().filter(|it| it.kind.has_timeline());
        spaces.filter(|it| matches(it.name.as_ref()) && in_team(it.team)).map(|it| it.id).collect()
    }

    /// A space that is held; a direct one that does not exist yet has no history, a group that does not has no id.
    pub(crate) fn held_space(&self, target: &str) -> Result<SpaceId> {
        match self.place(target)? {
            Place::Space(id) => Ok(id),
            Place::Group(_) => Err(not_found(target)),
            Place::Direct(person) => {
                let me = self.directory.me.ok_or_else(|| not_found(target))?;
                Ok(SpaceId::direct(&self.org(), &me, &person))
            }
        }
    }

    /// A team by name or id.
    pub(crate) fn team(&self, name: &str) -> Result<SpaceId> {
        let wanted = name.trim().to_lowercase();
        let mut named = self.directory.teams.iter().filter(|(_, it)| it.0.to_lowercase() == wanted).map(|(id, _)| *id);
        match (named.next(), named.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Error::new(ErrorKind::Ambiguous, name)),
            (None, _) => {
                let id = name.trim().parse::<SpaceId>().ok().filter(|it| self.directory.teams.contains_key(it));
                id.ok_or_else(|| not_found(name))
            }
        }
    }

    /// A person by mail address.
    pub(crate) fn person(&self, email: &str) -> Result<PersonId> {
        self.directory.by_email(email.trim_start_matches('@')).ok_or_else(|| not_found(email))
    }

    /// A message by its id: its space.
    pub(crate) fn message(&self, id: &str) -> Result<(SpaceId, EntryId)> {
        let entry = id.trim().parse::<EntryId>().map_err(|_| not_found(id))?;
        let place = self.store.place_of(EntryKey(entry.0)).map_err(|it| super::open::store_error(&it))?;
        place.map(|(space, _)| (SpaceId(space.0), entry)).ok_or_else(|| not_found(id))
    }

    /// The group with exactly these people besides this person.
    pub(crate) fn group_of(&self, persons: &BTreeSet<PersonId>) -> Option<SpaceId> {
        let mut all = persons.clone();
        all.extend(self.directory.me);
        let mut groups = self.directory.spaces.values().filter(|it| it.kind == SpaceKind::Group);
        groups.find(|it| it.members == all).map(|it| it.id)
    }
}

/// What is meant by an id or the beginning of one.
pub(super) fn the_one<T: ToString>(known: impl Iterator<Item = T>, id: &str) -> Result<T> {
    let mut named = known.filter(|it| it.to_string().starts_with(id.trim()));
    match (named.next(), named.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Error::new(ErrorKind::Ambiguous, id)),
        (None, _) => Err(not_found(id)),
    }
}
