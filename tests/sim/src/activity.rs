//! What people do all day.

use std::collections::BTreeSet;

use artel_crdt::id::{EntryId, PersonId, SpaceId};
use artel_crdt::replica::{Command, SpaceInfo, SpaceKind};
use artel_crdt::timeline::Record;

use crate::faults::Fault;
use crate::node::Wish;
use crate::oracle::Deed;
use crate::world::{Event, World};

impl World {
    /// Somebody does something, and the next is planned.
    pub(crate) fn act(&mut self) {
        if !self.chaotic {
            return;
        }
        let pause = self.chance.range(100, 2_500);
        self.after(pause, Event::Act);
        let awake: Vec<usize> = (0..self.nodes.len()).filter(|it| self.nodes[*it].running).collect();
        let Some(at) = self.chance.pick(&awake) else { return };
        let Some(me) = self.nodes[at].person() else { return };
        match self.chance.range(0, 19) {
            0 => self.create(at, me),
            1 => self.change_members(at, me),
            2 => self.direct(at),
            3 => self.read(at),
            4 => self.forbidden(at),
            _ => self.speak(at, me),
        }
        if self.suffers(Fault::Crash) && self.chance.one_in(25) {
            // Right after doing something there is something to lose.
            let pause = self.chance.range(1, 60);
            self.after(pause, Event::Crash { node: at });
        }
    }

    fn others(&self, me: PersonId) -> Vec<PersonId> {
        let persons = self.nodes.iter().filter_map(|it| it.person());
        persons.filter(|it| *it != me).collect()
    }

    fn some_others(&mut self, me: PersonId, count: usize) -> BTreeSet<PersonId> {
        let mut others = self.others(me);
        self.chance.shuffle(&mut others);
        others.into_iter().take(count).collect()
    }

    fn create(&mut self, at: usize, me: PersonId) {
        let known = |world: &Self, persons: &BTreeSet<PersonId>| {
            let state = world.nodes[at].replica.authority().state();
            persons.iter().all(|it| state.is_member(it))
        };
        let (group, shared_history) = (at != 0 || self.chance.one_in(3), self.chance.one_in(2));
        let count = 2 + self.chance.below(2);
        let persons = self.some_others(me, if group { count } else { 1 });
        if (group && persons.len() < 2) || !known(self, &persons) {
            return;
        }
        if at == 0 && self.chance.one_in(4) {
            return self.want(at, Wish::Channel(None), Command::CreateChannel { name: "канал".into(), team: None });
        }
        let wish = Wish::Private(persons.clone());
        let name = if group { String::new() } else { "тайна".into() };
        self.want(at, wish, Command::CreatePrivate { group, name, shared_history, persons });
    }

    /// Somebody is taken in or out. Who was taken out does not return.
    fn change_members(&mut self, at: usize, me: PersonId) {
        let spaces = self.nodes[at].replica.spaces();
        let changeable = |it: &SpaceInfo| match it.kind {
            SpaceKind::Team => at == 0,
            SpaceKind::Private | SpaceKind::Group => self.oracle.moderators.get(&it.id) == Some(&me),
            _ => false,
        };
        let mine: Vec<SpaceInfo> = spaces.into_iter().filter(changeable).collect();
        let (Some(space), Some(person)) = (self.chance.pick(&mine), self.chance.pick(&self.others(me))) else { return };
        let member = !space.members.contains(&person);
        let known = self.nodes[at].replica.authority().state().is_member(&person);
        if (member && self.oracle.was_removed(&space.id, &person)) || !known {
            return;
        }
        if member {
            self.oracle.meant.entry(space.id).or_default().insert(person);
        } else {
            let before = self.oracle.said.len();
            self.oracle.removed.entry((space.id, person)).or_insert(before);
        }
        let command = match space.kind {
            SpaceKind::Team => Command::TeamMember { team: space.id, person, member, lead: false },
            _ => Command::RosterMember { space: space.id, person, member },
        };
        self.order(at, command);
    }

    fn direct(&mut self, at: usize) {
        let Some(me) = self.nodes[at].person() else { return };
        let Some(other) = self.chance.pick(&self.others(me)) else { return };
        let space = SpaceId::direct(&self.org, &me, &other);
        if !self.nodes[at].replica.authority().state().is_member(&other) {
            return;
        }
        self.oracle.meant.entry(space).or_default().extend([me, other]);
        self.order(at, Command::OpenDirect(other));
        self.say(at, space, Record::message(), Deed::Message);
    }

    fn read(&mut self, at: usize) {
        let spaces = self.timelines(at);
        let Some(space) = self.chance.pick(&spaces) else { return };
        if let Some(order) = self.newest_row(at, &space) {
            self.want(at, Wish::Read(space, order), Command::Read { space, order });
        }
    }

    /// A plain member tries what only administrators may.
    fn forbidden(&mut self, at: usize) {
        if at != 0 {
            self.want(at, Wish::Forbidden, Command::CreateChannel { name: "мой".into(), team: None });
        }
    }

    fn timelines(&self, at: usize) -> Vec<SpaceId> {
        let spaces = self.nodes[at].replica.spaces().into_iter();
        let me = self.nodes[at].person();
        let mine = |it: &SpaceInfo| it.kind.has_timeline() && me.is_some_and(|me| it.members.contains(&me));
        spaces.filter(mine).filter(|it| it.members.len() > 1).map(|it| it.id).collect()
    }

    /// A message, or something about one of the last messages: one's own or, rightly or not, another's.
    fn speak(&mut self, at: usize, me: PersonId) {
        let spaces = self.timelines(at);
        let Some(space) = self.chance.pick(&spaces) else { return };
        let known = |id: &EntryId| self.nodes[at].disk.index.placed.iter().any(|it| it.id == *id);
        let recent: Vec<(EntryId, PersonId)> = self
            .oracle
            .messages(&space)
            .rev()
            .filter(|it| known(&it.id))
            .take(6)
            .map(|it| (it.id, it.person))
            .collect();
        let own: Vec<EntryId> = recent.iter().filter(|it| it.1 == me).map(|it| it.0).collect();
        let any = self.chance.pick(&recent).map(|it| it.0);
        let (record, deed) = match (self.chance.range(0, 13), any, self.chance.pick(&own)) {
            (0 | 1, _, Some(target)) => (Record::edit(target), Deed::Edit(target)),
            (2, _, Some(target)) => (Record::retract(target), Deed::Retract(target)),
            (3, Some(target), _) => (Record::retract(target), Deed::Retract(target)),
            (4, Some(target), _) => (Record::edit(target), Deed::Edit(target)),
            (5 | 6, Some(target), _) => {
                let add = !self.chance.one_in(4);
                (Record::reaction(target, "👍", add), Deed::Other)
            }
            (7, Some(target), _) => (Record { thread: Some(target), ..Record::message() }, Deed::Message),
            (8, Some(target), _) => (Record::pin(target, self.chance.one_in(2)), Deed::Other),
            (9, ..) => (Record::topic(), Deed::Other),
            _ => (Record::message(), Deed::Message),
        };
        self.say(at, space, record, deed);
    }

    fn say(&mut self, at: usize, space: SpaceId, record: Record, deed: Deed) {
        let text = record.text.map(|_| format!("слово {} {}", self.oracle.said.len(), self.now));
        let wish = Wish::Say { space, deed, text: text.clone() };
        self.want(at, wish, Command::Post { space, record: Box::new(record), text });
    }
}
