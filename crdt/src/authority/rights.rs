//! Who may do what: the table of rights, asked before a person tries and when an act is judged.

use crate::id::{DeviceId, PersonId, SpaceId};
use crate::limits;
use crate::time::Hlc;

use super::act::{Caps, Role};
use super::apply::{Author, Taken, keep_an_owner};
use super::policy::Who;
use super::state::{Denied, State};

impl State {
    /// Whether the person may create a public channel in the team or the organisation.
    ///
    /// # Errors
    /// Why not.
    pub fn may_create_channel(&self, person: &PersonId, team: Option<&SpaceId>) -> Result<(), Denied> {
        if team.is_some_and(|it| !self.teams.contains_key(it)) {
            return Err(Denied::Unknown);
        }
        self.allows(self.policy.as_ref().map_or(Who::Admins, |it| it.create_public), person, team)
    }

    /// Whether the person may create a private channel; leads of any team may where leads may.
    ///
    /// # Errors
    /// Why not.
    pub fn may_create_private(&self, person: &PersonId) -> Result<(), Denied> {
        let led = self.teams.keys().find(|it| self.leads(person, it));
        if self.caps(person).contains(Caps::CREATE_PRIVATE) {
            return Ok(());
        }
        self.allows(self.policy.as_ref().map_or(Who::Admins, |it| it.create_private), person, led)
    }

    /// Whether the person may create a team.
    ///
    /// # Errors
    /// Why not.
    pub fn may_create_team(&self, person: &PersonId) -> Result<(), Denied> {
        self.role(person)?;
        if self.caps(person).contains(Caps::CREATE_PUBLIC) { Ok(()) } else { Err(Denied::Role) }
    }

    /// Whether the person may change who is in a team, and with `lead` who leads it.
    ///
    /// # Errors
    /// Why not.
    pub fn may_manage_team(&self, person: &PersonId, team: &SpaceId, lead: bool) -> Result<(), Denied> {
        let role = self.role(person)?;
        if !self.teams.contains_key(team) {
            return Err(Denied::Unknown);
        }
        match role {
            Role::Owner | Role::Admin => Ok(()),
            _ if self.leads(person, team) && !lead => Ok(()),
            _ => Err(Denied::NotLead),
        }
    }

    /// Whether the person may invite somebody with that role and these capabilities.
    ///
    /// # Errors
    /// Why not.
    pub fn may_invite(&self, person: &PersonId, role: Role, caps: Caps) -> Result<(), Denied> {
        let own = self.role(person)?;
        let registrars = self.policy.as_ref().is_some_and(|it| it.registrars_invite);
        if !self.caps(person).contains(Caps::ENROL) || (own == Role::Registrar && !registrars) {
            return Err(Denied::Role);
        }
        let below = role > own || (own == Role::Owner && role >= Role::Admin);
        if below && self.caps(person).contains(caps) { Ok(()) } else { Err(Denied::MoreThanOwn) }
    }

    /// Whether the person may let people in.
    ///
    /// # Errors
    /// Why not.
    pub fn may_enrol(&self, person: &PersonId) -> Result<(), Denied> {
        self.role(person)?;
        if self.caps(person).contains(Caps::ENROL) { Ok(()) } else { Err(Denied::Role) }
    }

    /// Whether the person may delete and pin what others wrote in a space.
    pub fn may_moderate(&self, person: &PersonId, space: &SpaceId) -> bool {
        let channel = self.channels.get(space);
        let lead = channel.and_then(|it| it.team).is_some_and(|team| self.leads(person, &team));
        let named = channel.is_some_and(|it| it.moderators.contains(person));
        self.is_member(person) && (self.caps(person).contains(Caps::MODERATE) || lead || named)
    }

    /// Whether the person may name moderators and posters of a public channel: who may moderate everywhere, leads its team
    /// or created it.
    ///
    /// # Errors
    /// Why not.
    pub fn may_appoint(&self, person: &PersonId, channel: &SpaceId) -> Result<(), Denied> {
        self.role(person)?;
        let found = self.channels.get(channel).ok_or(Denied::Unknown)?;
        let lead = found.team.is_some_and(|team| self.leads(person, &team));
        let may = lead || found.creator == *person || self.caps(person).contains(Caps::MODERATE);
        if may { Ok(()) } else { Err(Denied::Role) }
    }

    /// Whether the person may rename a public channel, put it away or change its rules.
    ///
    /// # Errors
    /// Why not.
    pub fn may_set_channel(&self, person: &PersonId, channel: &SpaceId) -> Result<(), Denied> {
        self.may_appoint(person, channel)
    }

    /// Whether the person may move a public channel into a team, or into the organisation. He must be there himself, or he
    /// could not give the others its keys.
    ///
    /// # Errors
    /// Why not.
    pub fn may_move(&self, person: &PersonId, channel: &SpaceId, team: Option<&SpaceId>) -> Result<(), Denied> {
        self.may_set_channel(person, channel)?;
        self.may_create_channel(person, team)?;
        let audience = team.copied().or(self.organisation).ok_or(Denied::Unknown)?;
        if self.members(&audience).contains(person) { Ok(()) } else { Err(Denied::NotMember) }
    }

    /// Whether the person may change the role of another to this one, with these capabilities besides.
    ///
    /// # Errors
    /// Why not.
    pub fn may_set_role(&self, person: &PersonId, whom: &PersonId, role: Role, caps: Caps) -> Result<(), Denied> {
        let own = self.role(person)?;
        let present = self.role(whom).map_err(|_| Denied::Unknown)?;
        if own > Role::Admin {
            return Err(Denied::Role);
        }
        if present == Role::Owner {
            return Err(if own == Role::Owner { Denied::RootOnly } else { Denied::Senior });
        }
        if present <= own && own != Role::Owner {
            return Err(Denied::Senior);
        }
        if role < own || !self.caps(person).contains(role.caps().with(caps)) {
            Err(Denied::MoreThanOwn)
        } else {
            Ok(())
        }
    }

    /// Whether the person may remove another.
    ///
    /// # Errors
    /// Why not.
    pub fn may_remove(&self, person: &PersonId, whom: &PersonId) -> Result<(), Denied> {
        self.may_over(person, whom, Caps::REMOVE_PERSON)?;
        keep_an_owner(self, Author::Person(*person), &Taken::Person(*whom))
    }

    /// Whether the person may revoke a device, freeze it or release it; one's own anybody may revoke.
    ///
    /// # Errors
    /// Why not.
    pub fn may_revoke(&self, person: &PersonId, device: &DeviceId) -> Result<(), Denied> {
        let whom = self.person_of(device).ok_or(Denied::Unknown)?;
        if whom != *person {
            return self.may_freeze(person, device);
        }
        self.role(person)?;
        keep_an_owner(self, Author::Person(*person), &Taken::Devices(&[*device]))
    }

    /// Whether the person may freeze a device or release it.
    ///
    /// # Errors
    /// Why not.
    pub fn may_freeze(&self, person: &PersonId, device: &DeviceId) -> Result<(), Denied> {
        self.may_over(person, &self.person_of(device).ok_or(Denied::Unknown)?, Caps::REVOKE_DEVICE)?;
        keep_an_owner(self, Author::Person(*person), &Taken::Devices(&[*device]))
    }

    fn may_over(&self, person: &PersonId, whom: &PersonId, needed: Caps) -> Result<(), Denied> {
        let own = self.role(person)?;
        let theirs = self.role(whom).map_err(|_| Denied::Unknown)?;
        if !self.caps(person).contains(needed) {
            return Err(Denied::Role);
        }
        if own <= theirs { Ok(()) } else { Err(Denied::Senior) }
    }

    /// Whether the person may change the policy.
    ///
    /// # Errors
    /// Why not.
    pub fn may_set_policy(&self, person: &PersonId) -> Result<(), Denied> {
        self.has(person, Caps::SET_POLICY)
    }

    /// Whether the person may open the archive of somebody who left.
    ///
    /// # Errors
    /// Why not.
    pub fn may_open_archive(&self, person: &PersonId) -> Result<(), Denied> {
        self.has(person, Caps::ARCHIVE_READ)
    }

    fn has(&self, person: &PersonId, caps: Caps) -> Result<(), Denied> {
        self.role(person)?;
        if self.caps(person).contains(caps) { Ok(()) } else { Err(Denied::Role) }
    }

    /// Whether the person may write in a public channel at that time by his clock, or might have: announcements are for
    /// posters and those who moderate, a channel that was put away is for nobody.
    pub fn may_post(&self, person: &PersonId, channel: &SpaceId, in_thread: bool, at: Hlc) -> bool {
        let Some(channel_state) = self.channels.get(channel) else { return false };
        if channel_state.archived.is_some_and(|since| since < at) {
            return false;
        }
        let before = channel_state.former.get(person).is_some_and(|until| at <= *until);
        let writes = !channel_state.is_announcement()
            || in_thread
            || channel_state.posters.contains(person)
            || channel_state.creator == *person
            || self.may_moderate(person, channel);
        before || writes
    }

    /// Whether a person may give an own device another sealing key and certificate.
    ///
    /// # Errors
    /// [`Denied::Policy`] where only those who may enrol do that.
    pub fn may_renew(&self, person: &PersonId) -> Result<(), Denied> {
        self.role(person)?;
        let by_policy = self.policy.as_ref().is_some_and(|it| it.self_renew);
        if by_policy || self.may_enrol(person).is_ok() { Ok(()) } else { Err(Denied::Policy) }
    }

    /// Whether a person may add a device of his own.
    ///
    /// # Errors
    /// [`Denied::Policy`] where only those who may enrol do that, and above [`limits::OWN_DEVICES_MAX`].
    pub fn may_add_own_device(&self, person: &PersonId) -> Result<(), Denied> {
        if !self.is_member(person) {
            return Err(Denied::NotMember);
        }
        let added = self.persons.get(person).map_or(0, |it| it.devices_added);
        let by_policy = self.policy.as_ref().is_some_and(|it| it.self_add_device) && added < limits::OWN_DEVICES_MAX;
        if by_policy || self.may_enrol(person).is_ok() { Ok(()) } else { Err(Denied::Policy) }
    }

    /// Whether the person may let a device of somebody else in: only of whom he might invite with what that one may now,
    /// or by a key of his own he would get rights that he lacks.
    ///
    /// # Errors
    /// Why not.
    pub fn may_add_device_of(&self, person: &PersonId, whom: &PersonId) -> Result<(), Denied> {
        let role = self.role(whom)?;
        match self.may_invite(person, role, self.caps(whom)) {
            Err(Denied::MoreThanOwn) if role <= self.role(person)? => Err(Denied::Senior),
            other => other,
        }
    }
}
