//! What somebody at this device can want, and how it becomes entries.

use std::collections::BTreeSet;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::Ctx;
use crate::authority::{Caps, Denied, Policy, Role};
use crate::cert::{Email, MailProof};
use crate::id::{DeviceId, EntryId, InviteId, PersonId, SpaceId};
use crate::invite::InviteSecret;
use crate::register::values::{self, Presence, Profile};
use crate::roster::RosterDenied;
use crate::seal::{Forget, SealingKey};
use crate::timeline::unread::Level;
use crate::timeline::{FileInfo, Order, Record};

use super::acts::Invited;
use super::post::Parts;
use super::write::Deferred;
use super::{Output, Outputs, Replica};

/// Something wanted at this device.
#[derive(Clone, Debug)]
pub enum Command {
    /// Opens the organisation's first epoch; right after founding.
    Begin,
    /// Creates a team.
    CreateTeam {
        /// Its name.
        name: String,
    },
    /// Changes who is in a team.
    TeamMember {
        /// Which.
        team: SpaceId,
        /// Who.
        person: PersonId,
        /// In or out.
        member: bool,
        /// Leads it.
        lead: bool,
    },
    /// Creates a public channel.
    CreateChannel {
        /// Its name.
        name: String,
        /// The team, or the organisation.
        team: Option<SpaceId>,
    },
    /// Creates a private channel or a group.
    CreatePrivate {
        /// A channel with a name, or a group.
        group: bool,
        /// Its name; may be empty for a group.
        name: String,
        /// Newcomers read what was before them.
        shared_history: bool,
        /// Members besides this person.
        persons: BTreeSet<PersonId>,
    },
    /// Changes who is in a private channel or a group.
    RosterMember {
        /// Which.
        space: SpaceId,
        /// Who.
        person: PersonId,
        /// In or out.
        member: bool,
    },
    /// Makes an invitation.
    Invite {
        /// The code's secret, drawn by the caller, who shows the code.
        secret: InviteSecret,
        /// Mail address.
        email: Email,
        /// Name of the person.
        name: String,
        /// Role to be given.
        role: Role,
        /// Team to be joined.
        team: Option<SpaceId>,
        /// Admit without approval.
        auto_admit: bool,
        /// How long the code is good; at most [`INVITE_LIFE_MAX`](crate::limits::INVITE_LIFE_MAX), to which more is cut.
        life: Duration,
    },
    /// Makes an invitation for a guest.
    InviteGuest {
        /// The code's secret, drawn by the caller, who shows the code.
        secret: InviteSecret,
        /// Mail address.
        email: Email,
        /// Name of the person.
        name: String,
        /// Milliseconds since the Unix epoch when his time is over; 0: never.
        until: u64,
        /// Public channels that he reads.
        spaces: Vec<SpaceId>,
        /// Admit without approval.
        auto_admit: bool,
        /// How long the code is good; at most [`INVITE_LIFE_MAX`](crate::limits::INVITE_LIFE_MAX), to which more is cut.
        life: Duration,
    },
    /// Withdraws an invitation.
    CancelInvite(InviteId),
    /// Creates a public channel in which few write and all read.
    CreateAnnouncement {
        /// Its name.
        name: String,
        /// The team, or the organisation.
        team: Option<SpaceId>,
    },
    /// Renames a channel or changes what it is.
    SetChannel {
        /// Which.
        channel: SpaceId,
        /// What.
        change: ChannelChange,
    },
    /// Changes somebody's part in a channel; what is `None` stays.
    ChannelRole {
        /// Which.
        channel: SpaceId,
        /// Who.
        person: PersonId,
        /// May moderate.
        moderator: Option<bool>,
        /// May post announcements; public channels only.
        poster: Option<bool>,
    },
    /// Says in which channels newcomers of a team land.
    TeamDefaults {
        /// Which.
        team: SpaceId,
        /// Which channels.
        channels: Vec<SpaceId>,
    },
    /// Takes a person out of the organisation, with all devices.
    RemovePerson {
        /// Who.
        person: PersonId,
        /// Nobody vouches for what this device has not received.
        strict: bool,
    },
    /// Takes a device out.
    RevokeDevice {
        /// Which.
        device: DeviceId,
        /// 0 retired, 1 lost, 2 stolen.
        reason: u64,
    },
    /// Forbids a device to act, or allows it again.
    Freeze {
        /// Which.
        device: DeviceId,
        /// Forbid.
        on: bool,
    },
    /// Gives a person another role.
    SetRole {
        /// Who.
        person: PersonId,
        /// Which.
        role: Role,
        /// What he may do besides what the role may; nobody gives what he has not. What he had been given before ends.
        caps: Caps,
    },
    /// Changes the policy.
    SetPolicy(Box<Policy>),
    /// Opens the archive of somebody who left: everybody can see who did it and why.
    OpenArchive {
        /// Whose.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// Signs with the recovery phrase.
    Root {
        /// The root's key.
        key: Box<SigningKey>,
        /// What.
        deed: RootDeed,
    },
    /// Has texts forgotten.
    Forget {
        /// Where.
        space: SpaceId,
        /// What.
        forget: Forget,
    },
    /// Keeps something for this person on all own devices.
    Keep(Personal),
    /// Tells everybody something about this person.
    Tell(Told),
    /// Lets a candidate in: Enrol act, certificate and grant.
    Admit(Box<Admit>),
    /// Lets another device of this person in, or of somebody whom he may let in: AddDevice act, certificate and grants.
    AddDevice(Box<NewDevice>),
    /// Takes another sealing key for this device: Renew act and certificate. The caller has kept the new key durably beside
    /// the old ones, which go on opening what was sealed before, and gives them all at the next start, the newest first.
    Renew(Box<SealingKey>),
    /// Begins to hold the direct space with a person.
    OpenDirect(PersonId),
    /// Writes a record into a timeline.
    Post {
        /// Where.
        space: SpaceId,
        /// What; its text, if it has one, is blob 0.
        record: Box<Record>,
        /// The text.
        text: Option<String>,
    },
    /// Writes a message that brings files.
    PostFiles {
        /// Where.
        space: SpaceId,
        /// What; its text, if it has one, is blob 0. Its files are set here, behind the text.
        record: Box<Record>,
        /// The text.
        text: Option<String>,
        /// Their descriptions, 1 to 15.
        files: Vec<FileInfo>,
    },
    /// Has read everything up to here.
    Read {
        /// Where.
        space: SpaceId,
        /// The last row.
        order: Order,
    },
    /// Tells the members what this device holds of a space.
    Held(SpaceId),
}

/// What changes about a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelChange {
    /// Its name; the old links go on working.
    Name(String),
    /// It moves into a team, or to the organisation; public channels only.
    Place(Option<SpaceId>),
    /// It is put away, or taken out again; public channels only.
    Archived(bool),
    /// Milliseconds after which texts are forgotten, 0: never; public channels only.
    Retention(u64),
    /// Whether members are shown who has read; public channels only.
    Receipts(bool),
}

/// What the recovery phrase signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootDeed {
    /// Makes a person an owner (true) or a member.
    Owner(PersonId, bool),
    /// Another root key takes its place.
    Rotate([u8; 32]),
}

/// What a person keeps for herself; sealed for own devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal {
    /// Does not want to see a public channel, or wants to.
    Left(SpaceId, bool),
    /// What she wants to be told of a space.
    Level(SpaceId, Level),
    /// Everything from here on is unread, or no longer so marked.
    Unread(SpaceId, Option<Order>),
    /// What she has begun to write in a space or a thread; each device keeps its own.
    Draft(SpaceId, Option<EntryId>, String),
    /// A saved message.
    Saved(EntryId, bool),
    /// A message that this device sends at a time, by a number of its own; none: no longer.
    Later([u8; 16], Option<values::Later>),
    /// Keeps a place at the top, or no longer.
    Favourite(SpaceId, bool),
}

/// What a person tells everybody about herself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Position, a sentence of the moment, telephone.
    Profile(Profile),
    /// A small JPEG; empty: none any more.
    Picture(Vec<u8>),
    /// Whether she can be reached at this device.
    Presence(Presence),
}

/// A candidate who is let in.
#[derive(Clone, Debug)]
pub struct Admit {
    /// By which invitation.
    pub invite: InviteId,
    /// Ed25519 public key of the device.
    pub device_key: [u8; 32],
    /// X25519 public key of the device.
    pub seal_key: [u8; 32],
    /// What the device calls itself.
    pub device_name: String,
    /// Whether the mail address was proved by a code sent there.
    pub mail_proof: MailProof,
}

/// Another device of somebody who is in.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Whose.
    pub person: PersonId,
    /// Ed25519 public key of the device.
    pub device_key: [u8; 32],
    /// X25519 public key of the device.
    pub seal_key: [u8; 32],
    /// What the device calls itself.
    pub device_name: String,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing to tell.
    Done,
    /// An entry was written.
    Entry {
        /// Its id.
        id: EntryId,
        /// Where.
        space: SpaceId,
    },
    /// A space was created or found.
    Space(SpaceId),
    /// A device was let in; its certificate.
    Admitted {
        /// The device.
        device: DeviceId,
        /// Its certificate, a COSE_Sign1.
        certificate: Vec<u8>,
    },
}

/// Why a command is not carried out. Nothing was written.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// No such space, person or message.
    #[error("not found")]
    NotFound,
    /// The authority does not allow it.
    #[error("not permitted: {0}")]
    Denied(#[from] Denied),
    /// The roster does not allow it.
    #[error("not permitted: {0}")]
    Roster(#[from] RosterDenied),
    /// The mail address is outside the organisation's domains.
    #[error("the mail address is outside the organisation's domains")]
    ForeignDomain,
    /// A text or a name is empty or too long.
    #[error("a text or a name is empty or too long")]
    TooLong,
    /// The key of the space has not come.
    #[error("the key of the space has not come")]
    NoKey,
    /// A device that contradicted itself is not released: nobody can know which of the two it is.
    #[error("the device contradicted itself: revoke it, it comes back with a new key")]
    Contradicted,
}

impl Replica {
    pub(super) fn command(&mut self, ctx: &mut Ctx<'_>, id: u64, command: Command, out: &mut Outputs) {
        let until = ctx.now;
        self.evaluate_now(ctx, out);
        self.attempt(ctx, Deferred { id, command, until }, false, out);
    }

    /// Carries a command out, or puts it aside while its key may still come.
    pub(super) fn attempt(&mut self, ctx: &mut Ctx<'_>, deferred: Deferred, patience_over: bool, out: &mut Outputs) {
        let Deferred { id, command, until } = deferred;
        match self.carry_out(ctx, &command, patience_over, out) {
            Err(Refusal::NoKey) if !patience_over => {
                let first = until <= ctx.now && !self.deferred.iter().any(|it| it.id == id);
                if first {
                    self.defer(ctx, id, command, out);
                } else {
                    self.deferred.push(Deferred { id, command, until });
                }
            }
            #[cfg(feature = "planted")]
            result if crate::planted::is(crate::planted::Planted::AcknowledgeBeforeFlush) => {
                out.push_front(Output::Done { id, result });
            }
            result => out.push_back(Output::Done { id, result }),
        }
    }

    fn carry_out(
        &mut self,
        ctx: &mut Ctx<'_>,
        command: &Command,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        match command {
            Command::Begin => {
                let space = self.organisation_space();
                self.sending_key(ctx, space, patience_over, out)?;
                Ok(Reply::Done)
            }
            Command::CreateTeam { name } => self.create_team(ctx, name, out),
            Command::CreateAnnouncement { name, team } => self.create_channel(ctx, name, (*team, 1), out),
            Command::TeamMember { team, person, member, lead } => {
                self.team_member(ctx, *team, *person, (*member, *lead), out)
            }
            Command::CreateChannel { name, team } => self.create_channel(ctx, name, (*team, 0), out),
            Command::CreatePrivate { group, name, shared_history, persons } => {
                self.create_private(ctx, *group, name, *shared_history, persons, out)
            }
            Command::RosterMember { space, person, member } => {
                self.roster_member(ctx, *space, *person, *member, patience_over, out)
            }
            Command::Invite { secret, email, name, role, team, auto_admit, life } => {
                let life = *life;
                let invited =
                    Invited { life, email, name, role: *role, teams: team.iter().copied().collect(), guest: None };
                self.invite(ctx, secret, invited, *auto_admit, out)
            }
            Command::InviteGuest { secret, email, name, until, spaces, auto_admit, life } => {
                let guest = Some((*until, spaces.clone()));
                let invited = Invited { life: *life, email, name, role: Role::Guest, teams: Vec::new(), guest };
                self.invite(ctx, secret, invited, *auto_admit, out)
            }
            Command::CancelInvite(invite) => self.cancel_invite(ctx, *invite, out),
            Command::Admit(admit) => self.admit(ctx, admit, out),
            Command::AddDevice(device) => self.add_device(ctx, device, out),
            Command::Renew(key) => self.renew(ctx, key, out),
            Command::OpenDirect(person) => self.open_direct(*person, out),
            Command::Post { space, record, text } => {
                self.post(ctx, *space, record, Parts::text(text), patience_over, out)
            }
            Command::PostFiles { space, record, text, files } => {
                let mut record = (**record).clone();
                let first = u8::from(text.is_some());
                record.files = (first..).take(files.len()).collect();
                let parts = Parts { files, ..Parts::text(text) };
                self.post(ctx, *space, &record, parts, patience_over, out)
            }
            Command::Read { space, order } => self.mark_read(ctx, *space, *order, patience_over, out),
            Command::Held(space) => self.tell_held(ctx, *space, out),
            Command::Keep(what) => self.keep(ctx, what, patience_over, out),
            Command::Tell(what) => self.tell(ctx, what, patience_over, out),
            Command::ChannelRole { channel, person, moderator, poster } => {
                self.channel_role(ctx, (*channel, *person), (*moderator, *poster), patience_over, out)
            }
            Command::SetChannel { channel, change } => self.set_channel(ctx, *channel, change, patience_over, out),
            other => self.administer(ctx, other, out),
        }
    }
}

/// Rights given besides the role; none so far from this side.
pub(super) const NO_MORE: Caps = Caps(0);
