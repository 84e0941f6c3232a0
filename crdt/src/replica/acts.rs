//! Acts that this device writes: each is checked here as every other replica will check it.

use std::time::Duration;

use crate::Ctx;
use crate::authority::{
    Act, AddDevice, Archive, ChannelCreate, Denied, Enrol, InviteCancelled, InviteCreated, InviteState, Renew, Role,
    TeamCreate, TeamMember,
};
use crate::cert::{Claims, Email, Validity, email_tag};
use crate::entry::{Kind, Signed};
use crate::id::{CertId, DeviceId, InviteId, PersonId, SealKeyId, SpaceId};
use crate::invite::{InviteSecret, PskBox};
use crate::limits;
use crate::roster::RosterDenied;
use crate::seal::SealingKey;

use super::command::{Admit, NO_MORE, NewDevice};
use super::write::Body;
use super::{Outputs, Refusal, Replica, Reply};

/// Who is invited.
pub(super) struct Invited<'a> {
    pub(super) email: &'a Email,
    pub(super) name: &'a str,
    pub(super) role: Role,
    pub(super) teams: Vec<SpaceId>,
    /// For a guest: until when, and which channels.
    pub(super) guest: Option<(u64, Vec<SpaceId>)>,
    /// How long the code is good.
    pub(super) life: Duration,
}

impl Replica {
    pub(super) fn act(
        &mut self,
        ctx: &mut Ctx<'_>,
        act: &Act,
        blobs: Vec<Vec<u8>>,
        out: &mut Outputs,
    ) -> Result<Signed, Refusal> {
        let body = act.encode();
        if body.len() > limits::ACT_BYTES_MAX {
            return Err(Refusal::TooLong);
        }
        self.write(ctx, self.organisation_space(), Kind::Act, Body::Clear(body), blobs, out)
    }

    pub(super) fn me(&self) -> Result<PersonId, Refusal> {
        self.person().ok_or(Refusal::Denied(Denied::NotMember))
    }

    /// Whether a refusal of the authority is to be passed over here, to prove that the others keep the rule.
    pub(super) fn checked(&self, check: Result<(), Denied>) -> Result<(), Refusal> {
        if self.is_unchecked() { Ok(()) } else { check.map_err(Refusal::Denied) }
    }

    /// The same for rosters.
    pub(super) fn allowed(&self, check: Result<(), RosterDenied>) -> Result<(), Refusal> {
        if self.is_unchecked() { Ok(()) } else { check.map_err(Refusal::Roster) }
    }

    fn is_unchecked(&self) -> bool {
        #[cfg(test)]
        if self.unchecked {
            return true;
        }
        cfg!(feature = "unchecked")
    }

    pub(super) fn create_team(&mut self, ctx: &mut Ctx<'_>, name: &str, out: &mut Outputs) -> Result<Reply, Refusal> {
        let me = self.me()?;
        self.checked(self.authority.state().may_create_team(&me))?;
        let act = Act::TeamCreate(TeamCreate { name: 0 });
        let signed = self.act(ctx, &act, vec![name_blob(name)?], out)?;
        Ok(Reply::Space(SpaceId::of_act(&signed.id)))
    }

    pub(super) fn team_member(
        &mut self,
        ctx: &mut Ctx<'_>,
        team: SpaceId,
        person: PersonId,
        (member, lead): (bool, bool),
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.me()?;
        let state = self.authority.state();
        let leads = state.teams.get(&team).and_then(|it| it.members.get(&person)) == Some(&true);
        if me != person || member {
            self.checked(state.may_manage_team(&me, &team, (member && lead) != leads))?;
        }
        let act = Act::TeamMember(TeamMember { team, person, member, lead });
        self.act(ctx, &act, Vec::new(), out)?;
        Ok(Reply::Done)
    }

    pub(super) fn create_channel(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &str,
        (team, kind): (Option<SpaceId>, u64),
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.me()?;
        self.checked(self.authority.state().may_create_channel(&me, team.as_ref()))?;
        let archive = self.authority.state().policy.as_ref().is_some_and(|it| it.archive != Archive::None);
        let act = Act::ChannelCreate(ChannelCreate { team, kind, name: 0, history: 0, archive });
        let signed = self.act(ctx, &act, vec![name_blob(name)?], out)?;
        Ok(Reply::Space(SpaceId::of_act(&signed.id)))
    }

    pub(super) fn invite(
        &mut self,
        ctx: &mut Ctx<'_>,
        secret: &InviteSecret,
        guest: Invited<'_>,
        auto_admit: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.me()?;
        let state = self.authority.state();
        self.checked(state.may_invite(&me, guest.role, guest.role.caps()))?;
        let domains = state.policy.as_ref().map_or(&[] as &[String], |it| &it.domains);
        guest.email.check_policy(domains).map_err(|_| Refusal::ForeignDomain)?;
        let tag = email_tag(&self.org, guest.email);
        if state.persons.values().any(|it| it.email_tag == tag && it.removed_by.is_none()) {
            return Err(Denied::Taken.into());
        }
        let doors: Vec<(DeviceId, [u8; 32])> = state
            .persons
            .keys()
            .filter(|it| state.may_enrol(it).is_ok())
            .flat_map(|it| state.devices_of(it))
            .map(|(id, device)| (id, device.seal_key))
            .take(crate::invite::BOXES_MAX)
            .collect();
        let psk_boxes =
            doors.iter().filter_map(|(id, key)| PskBox::seal(secret, &self.org, (*id, key), ctx.rng)).collect();
        let act = Act::InviteCreated(InviteCreated {
            invite: secret.id(),
            inv_pk: secret.public_key(),
            person: PersonId(ctx.rng.bytes()),
            email_tag: tag,
            role: guest.role,
            caps: NO_MORE,
            teams: guest.teams,
            expires: ctx.now.plus(guest.life.min(limits::INVITE_LIFE_MAX)).0,
            max_uses: 1,
            auto_admit,
            psk_boxes,
            email: 0,
            name: 1,
            until: guest.guest.as_ref().map(|it| it.0).filter(|it| *it > 0),
            spaces: guest.guest.clone().map(|it| it.1),
        });
        let blobs = vec![guest.email.as_str().as_bytes().to_vec(), name_blob(guest.name)?];
        let signed = self.act(ctx, &act, blobs, out)?;
        Ok(Reply::Entry { id: signed.id, space: signed.entry.space })
    }

    pub(super) fn cancel_invite(
        &mut self,
        ctx: &mut Ctx<'_>,
        invite: InviteId,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.me()?;
        self.checked(self.authority.state().may_enrol(&me))?;
        if !self.authority.state().invites.contains_key(&invite) {
            return Err(Refusal::NotFound);
        }
        self.act(ctx, &Act::InviteCancelled(InviteCancelled { invite }), Vec::new(), out)?;
        Ok(Reply::Done)
    }

    /// Lets a candidate in: certificate, Enrol act, and the key of the organisation.
    pub(super) fn admit(&mut self, ctx: &mut Ctx<'_>, admit: &Admit, out: &mut Outputs) -> Result<Reply, Refusal> {
        let me = self.me()?;
        let state = self.authority.state();
        self.checked(state.may_enrol(&me))?;
        let invitation = state.invites.get(&admit.invite).ok_or(Refusal::NotFound)?.clone();
        if invitation.state != InviteState::Open {
            return Err(Denied::Invite.into());
        }
        let text = |blob: Option<crate::entry::BlobRef>| {
            blob.and_then(|it| self.name(&it.hash)).map(str::to_owned).ok_or(Refusal::NotFound)
        };
        let (email, name) = (text(invitation.email)?, text(invitation.name)?);
        let relies_on = *self.authority.heads().first().ok_or(Refusal::NotFound)?;
        let claims = Claims {
            org: self.org,
            email: Email::parse(&email).map_err(|_| Refusal::ForeignDomain)?,
            validity: Validity::starting(ctx.now),
            id: CertId(ctx.rng.bytes()),
            device_key: admit.device_key,
            seal_key: admit.seal_key,
            role: invitation.act.role.rank(),
            person: invitation.act.person,
            caps: invitation.act.role.caps().with(invitation.act.caps).0,
            device_name: admit.device_name.clone(),
            relies_on,
            mail_proof: admit.mail_proof,
        };
        let certificate = claims.sign(&self.identity.signing).map_err(|_| Refusal::TooLong)?;
        let act = Act::Enrol(Enrol {
            invite: Some(admit.invite),
            person: invitation.act.person,
            device_pk: admit.device_key,
            seal_pk: admit.seal_key,
            seal_key_id: SealKeyId::of_key(&admit.seal_key),
            role: invitation.act.role,
            caps: invitation.act.caps,
            cti: claims.id,
            email_tag: invitation.act.email_tag,
            certificate: 0,
            email: 1,
            name: 2,
        });
        self.act(ctx, &act, vec![certificate.clone(), email.into_bytes(), name_blob(&name)?], out)?;
        let device = DeviceId::of_key(&admit.device_key);
        // The organisation's key goes out at once, with the admission itself.
        self.give_due_keys(ctx, out);
        Ok(Reply::Admitted { device, certificate })
    }
}

impl Replica {
    /// Lets another device of this person in, or of somebody whom he may let in: a certificate by this device, AddDevice act,
    /// and the keys of the spaces that are held here; the others come from who holds them.
    pub(super) fn add_device(
        &mut self,
        ctx: &mut Ctx<'_>,
        new: &NewDevice,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.me()?;
        let state = self.authority.state();
        let claims = if new.person == me {
            self.checked(state.may_add_own_device(&me))?;
            self.claims_anew(ctx, &self.me)?
        } else {
            self.checked(state.may_add_device_of(&me, &new.person))?;
            self.claims_for(ctx, new)?
        };
        let claims = Claims {
            device_key: new.device_key,
            seal_key: new.seal_key,
            device_name: new.device_name.clone(),
            ..claims
        };
        let certificate = claims.sign(&self.identity.signing).map_err(|_| Refusal::TooLong)?;
        let act = Act::AddDevice(AddDevice {
            invite: None,
            person: new.person,
            device_pk: new.device_key,
            seal_pk: new.seal_key,
            seal_key_id: SealKeyId::of_key(&new.seal_key),
            cti: claims.id,
            certificate: 0,
        });
        self.act(ctx, &act, vec![certificate.clone()], out)?;
        self.give_due_keys(ctx, out);
        Ok(Reply::Admitted { device: DeviceId::of_key(&new.device_key), certificate })
    }

    /// Takes another sealing key.
    pub(super) fn renew(&mut self, ctx: &mut Ctx<'_>, key: &SealingKey, out: &mut Outputs) -> Result<Reply, Refusal> {
        let me = self.me()?;
        self.checked(self.authority.state().may_renew(&me))?;
        let seal_pk = *key.public().as_bytes();
        let claims = Claims { seal_key: seal_pk, ..self.claims_anew(ctx, &self.me)? };
        let certificate = claims.sign(&self.identity.signing).map_err(|_| Refusal::TooLong)?;
        // In place before the act is taken in, because others seal to it from then on.
        self.identity.sealing.insert(0, key.clone());
        let act = Act::Renew(Renew { seal_pk, seal_key_id: key.id(), cti: claims.id, certificate: 0 });
        self.act(ctx, &act, vec![certificate.clone()], out)?;
        Ok(Reply::Admitted { device: self.me, certificate })
    }
}

/// A name as a blob: not empty, within its limit, without control characters.
pub(super) fn name_blob(name: &str) -> Result<Vec<u8>, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.len() > limits::NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(Refusal::TooLong);
    }
    Ok(name.as_bytes().to_vec())
}
