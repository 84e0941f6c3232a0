//! What this person may do, as the authority has it: told with every answer, so that nobody is offered what would be refused.

use artel_crdt::authority::{Caps, Role};
use artel_crdt::id::{PersonId, SpaceId};
use artel_crdt::replica::{Lens, SpaceInfo, SpaceKind};
use artel_crdt::roster::{RosterChange, RosterRule};
use artel_crdt::time::Hlc;
use artel_crdt::timeline::{Deed, Judge, Placed, Row};

use super::Driver;
use super::reading::Reader;

/// The names of what is allowed.
fn names<const N: usize>(rights: [(&str, bool); N]) -> Vec<String> {
    rights.into_iter().filter(|it| it.1).map(|it| it.0.to_owned()).collect()
}

/// A moment that is behind everything there is.
fn now(at: artel_crdt::time::Timestamp) -> Hlc {
    Hlc { ms: at.0, ctr: u32::MAX }
}

impl Driver {
    /// What this person may do in a place: [`crate::client::Channel::may`].
    pub(crate) fn may_in(&self, space: &SpaceInfo, lens: Option<&Lens>) -> Vec<String> {
        let (Some(me), Some(lens)) = (self.directory.me, lens) else { return Vec::new() };
        let state = self.replica.authority().state();
        let permits = |change: RosterChange| lens.permits(&me, &change);
        let (set, add, remove) = match space.kind {
            SpaceKind::Private | SpaceKind::Group => {
                let set = permits(RosterChange::Rule(RosterRule::Receipts(true)));
                (set, permits(RosterChange::Add(me)), permits(RosterChange::Remove(me)))
            }
            _ => (state.may_set_channel(&me, &space.id).is_ok(), false, false),
        };
        names([("set", set), ("add", add), ("remove", remove), ("topic", lens.may(&me, Deed::Topic, now(self.now())))])
    }

    /// What this person may do with a team: [`crate::client::Team::may`].
    pub(crate) fn may_with_team(&self, team: &SpaceId) -> Vec<String> {
        let Some(me) = self.directory.me else { return Vec::new() };
        let state = self.replica.authority().state();
        names([
            ("members", state.may_manage_team(&me, team, false).is_ok()),
            ("leads", state.may_manage_team(&me, team, true).is_ok()),
            ("channel", state.may_create_channel(&me, Some(team)).is_ok()),
        ])
    }

    /// Whether somebody opens archives besides what the role gives.
    pub(crate) fn is_archivist(&self, person: &PersonId, role: Role) -> bool {
        let state = self.replica.authority().state();
        state.caps(person).contains(Caps::ARCHIVE_READ) && !role.caps().contains(Caps::ARCHIVE_READ)
    }

    /// What this person may do with another, and of himself in the organisation: [`crate::client::Person::may`].
    pub(crate) fn may_with(&self, whom: &PersonId, role: Role) -> Vec<String> {
        let Some(me) = self.directory.me else { return Vec::new() };
        let state = self.replica.authority().state();
        if *whom == me {
            return names([
                ("invite", state.may_invite(&me, Role::Member, Caps(0)).is_ok()),
                ("team", state.may_create_team(&me).is_ok()),
                ("channel", state.may_create_channel(&me, None).is_ok()),
                ("private", state.may_create_private(&me).is_ok()),
                ("policy", state.may_set_policy(&me).is_ok()),
            ]);
        }
        let kept = if self.is_archivist(whom, role) { Caps::ARCHIVE_READ } else { Caps(0) };
        let gives = |role: Role| state.may_set_role(&me, whom, role, kept).is_ok();
        names([
            ("remove", state.may_remove(&me, whom).is_ok()),
            ("archivist", state.may_set_role(&me, whom, role, Caps::ARCHIVE_READ).is_ok()),
            ("owner", gives(Role::Owner)),
            ("admin", gives(Role::Admin)),
            ("registrar", gives(Role::Registrar)),
            ("member", gives(Role::Member)),
        ])
    }
}

impl Reader {
    /// What this person may do with a message: [`crate::client::Message::may`].
    pub(crate) fn may_with(&self, base: &Placed, row: &Row) -> Vec<String> {
        let (Some(me), true) = (self.me, row.is_visible()) else { return Vec::new() };
        let (age, at) = (self.now.since(base.order.hlc.timestamp()), now(self.now));
        let own = row.author == Some(me);
        let retracts = match row.author {
            Some(_) if own => self.lens.may(&me, Deed::RetractOwn { age }, at),
            _ => false,
        };
        let moderates = row.author.is_some_and(|author| self.lens.may(&me, Deed::Retract { author }, at));
        names([
            ("edit", own && self.lens.may(&me, Deed::Edit { age }, at)),
            ("retract", retracts || moderates),
            ("pin", self.lens.may(&me, Deed::Pin, at)),
        ])
    }
}
