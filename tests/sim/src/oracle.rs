//! What was said and promised, kept outside the replicas: against this they are measured in the end.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::id::{EntryId, PersonId, SpaceId};

/// What a record does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Message,
    Edit(EntryId),
    Retract(EntryId),
    /// Reactions, pins, topics: they are compared between replicas only.
    Other,
}

/// One record that a replica said it had written.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) id: EntryId,
    pub(crate) space: SpaceId,
    pub(crate) person: PersonId,
    pub(crate) node: usize,
    pub(crate) deed: Deed,
    pub(crate) text: Option<String>,
    /// Members as the writer saw them, also those of a roster of whom he had not heard otherwise (seeds 2400 and 3184).
    pub(crate) audience: BTreeSet<PersonId>,
    /// Who was in it or had been, as the writer saw it: whoever is missing was not kept out on purpose.
    pub(crate) knew: BTreeSet<PersonId>,
    /// The writer was told that it is kept.
    pub(crate) acknowledged: bool,
}

/// Everything that was said and done on purpose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) said: Vec<Said>,
    /// Who was ever meant to be in a space that is not everybody's.
    pub(crate) meant: BTreeMap<SpaceId, BTreeSet<PersonId>>,
    /// Who was in a private space from its beginning: nothing in it is older than he is, also where a writer had not
    /// heard of him as a colleague yet.
    pub(crate) founders: BTreeMap<SpaceId, BTreeSet<PersonId>>,
    /// Who was taken out, or may have been: the command may have been lost in a crash. With how much had been said before.
    pub(crate) removed: BTreeMap<(SpaceId, PersonId), usize>,
    /// Who may take back what others wrote.
    pub(crate) moderators: BTreeMap<SpaceId, PersonId>,
    /// The team of a channel.
    pub(crate) teams: BTreeMap<SpaceId, SpaceId>,
}

impl Oracle {
    /// Whether a person may have been taken out of a space or of its team.
    pub(crate) fn was_removed(&self, space: &SpaceId, person: &PersonId) -> bool {
        self.removed_at(space, person).is_some()
    }

    /// How much had been said when a person was taken out of a space or of its team.
    pub(crate) fn removed_at(&self, space: &SpaceId, person: &PersonId) -> Option<usize> {
        let place = self.teams.get(space).unwrap_or(space);
        self.removed.get(&(*place, *person)).copied()
    }

    /// Whether a person was ever meant to be in a space.
    pub(crate) fn may_hold(&self, space: &SpaceId, person: &PersonId) -> bool {
        let place = self.teams.get(space).unwrap_or(space);
        self.meant.get(place).is_none_or(|it| it.contains(person))
    }

    /// Messages of a space, oldest first.
    pub(crate) fn messages(&self, space: &SpaceId) -> impl DoubleEndedIterator<Item = &Said> {
        let space = *space;
        self.said.iter().filter(move |it| it.space == space && it.deed == Deed::Message)
    }
}
