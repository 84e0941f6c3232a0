//! Requests about people, devices, rights and channels as such: from what people typed to a command.

use artel_crdt::authority::{Archive, Caps, Policy, Role, Who};
use artel_crdt::cert::Email;
use artel_crdt::id::{DeviceId, PersonId, SpaceId};
use artel_crdt::invite::InviteSecret;
use artel_crdt::replica::{ChannelChange, Command, Personal, Refusal, RootDeed, SpaceKind};
use artel_crdt::time::Timestamp;
use artel_crdt::words::RootSeed;
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Reply, Request, Setting};

use super::requests::{Then, Waiting};
use super::resolve::{Place, the_one};
use super::write::invitation_life;
use super::{Driver, OsEntropy};

type Answer = mpsc::Sender<client::Result<Reply>>;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const MINUTE_MS: u64 = 60 * 1_000;

fn usage(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, what)
}

pub(super) fn root_seed(phrase: &str) -> client::Result<RootSeed> {
    RootSeed::from_phrase(phrase).map_err(|_| ErrorKind::WrongPhrase.into())
}

/// Another root key in the place of the old one.
fn rotate(phrase: &str, new_phrase: &str) -> client::Result<Command> {
    let (old, new) = (root_seed(phrase)?, root_seed(new_phrase)?);
    let deed = RootDeed::Rotate(new.signing_key().verifying_key().to_bytes());
    Ok(Command::Root { key: Box::new(old.signing_key()), deed })
}

impl Driver {
    /// Carries out a request that changes who may do what.
    pub(crate) fn administer(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let (command, then) = self.administrative(request)?;
        self.command(command, Waiting { answer: to.clone(), then, next: None });
        Ok(())
    }

    fn administrative(&mut self, request: Request) -> client::Result<(Command, Then)> {
        let command = match request {
            Request::PersonRemove { email, strict } => Command::RemovePerson { person: self.person(&email)?, strict },
            Request::Role { email, role, archivist } => {
                let role = Role::from_name(&role).ok_or_else(|| usage(role))?;
                let caps = if archivist { Caps::ARCHIVE_READ } else { Caps(0) };
                Command::SetRole { person: self.person(&email)?, role, caps }
            }
            Request::DeviceRevoke { id, reason } => {
                let reason = match reason.as_str() {
                    "retired" => 0,
                    "lost" => 1,
                    "stolen" => 2,
                    _ => return Err(usage(reason)),
                };
                Command::RevokeDevice { device: self.device_named(&id)?, reason }
            }
            Request::DeviceFreeze { id } => Command::Freeze { device: self.device_named(&id)?, on: true },
            Request::DeviceUnfreeze { id } => Command::Freeze { device: self.device_named(&id)?, on: false },
            Request::PolicySet { key, value } => Command::SetPolicy(Box::new(self.changed_policy(&key, &value)?)),
            Request::TeamDefaults { team, channels } => {
                let channels = channels.iter().map(|it| self.held_space(it)).collect::<client::Result<_>>()?;
                Command::TeamDefaults { team: self.team(&team)?, channels }
            }
            Request::AnnouncementCreate { name, team } => {
                let team = team.map(|it| self.team(&it)).transpose()?;
                return Ok((Command::CreateAnnouncement { name, team }, Then::Channel));
            }
            Request::ChannelSet { channel, change } => {
                let change = self.channel_change(change)?;
                Command::SetChannel { channel: self.ruled(&channel)?, change }
            }
            Request::ChannelRole { channel, email, role, on } => {
                let (channel, person) = (self.held_space(&channel)?, self.person(&email)?);
                match role.as_str() {
                    "moderator" => Command::ChannelRole { channel, person, moderator: Some(on), poster: None },
                    "poster" => Command::ChannelRole { channel, person, moderator: None, poster: Some(on) },
                    _ => return Err(usage(role)),
                }
            }
            Request::ChannelLeave { channel } => self.leave(&channel)?,
            Request::ChannelJoin { channel } => Command::Keep(Personal::Left(self.held_space(&channel)?, false)),
            Request::ArchiveOpen { email, reason } => Command::OpenArchive { person: self.former(&email)?, reason },
            Request::InviteGuest { .. } => return self.invite_guest(request),
            Request::Recover { phrase, email } => self.recover(&phrase, email)?,
            Request::RotateRoot { phrase, new_phrase } => rotate(&phrase, &new_phrase)?,
            _ => return Err(Error::new(ErrorKind::Internal, "not an administrative request")),
        };
        Ok((command, Then::Done))
    }

    fn recover(&self, phrase: &str, email: Option<String>) -> client::Result<Command> {
        let seed = root_seed(phrase)?;
        let person = match email {
            Some(email) => self.person(&email)?,
            None => self.directory.me.ok_or_else(|| Error::from(ErrorKind::NoHome))?,
        };
        Ok(Command::Root { key: Box::new(seed.signing_key()), deed: RootDeed::Owner(person, true) })
    }

    fn leave(&self, channel: &str) -> client::Result<Command> {
        let space = self.held_space(channel)?;
        let me = self.directory.me.ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        match self.directory.spaces.get(&space).map(|it| it.kind) {
            Some(SpaceKind::Private | SpaceKind::Group) => {
                Ok(Command::RosterMember { space, person: me, member: false })
            }
            Some(SpaceKind::Public) => Ok(Command::Keep(Personal::Left(space, true))),
            _ => Err(Error::new(ErrorKind::NotFound, channel)),
        }
    }

    fn channel_change(&self, change: client::ChannelChange) -> client::Result<ChannelChange> {
        Ok(match change {
            client::ChannelChange::Name(name) => ChannelChange::Name(name),
            client::ChannelChange::Team(team) => ChannelChange::Place(team.map(|it| self.team(&it)).transpose()?),
            client::ChannelChange::Archived(on) => ChannelChange::Archived(on),
            client::ChannelChange::RetentionDays(days) => ChannelChange::Retention(u64::from(days) * DAY_MS),
            client::ChannelChange::Receipts(on) => ChannelChange::Receipts(on),
        })
    }

    /// A space whose rules may be changed. Where nothing was written to somebody yet there is no space and no rule either.
    fn ruled(&self, target: &str) -> client::Result<SpaceId> {
        match self.place(target)? {
            Place::Space(id) => Ok(id),
            Place::Direct(_) | Place::Group(_) => {
                Err(super::requests::refusal(Refusal::Roster(artel_crdt::roster::RosterDenied::Rule)))
            }
        }
    }

    fn invite_guest(&mut self, request: Request) -> client::Result<(Command, Then)> {
        let Request::InviteGuest { email, name, until, spaces, auto_admit, mail_code, expires } = request else {
            return Err(Error::new(ErrorKind::Internal, "no guest"));
        };
        let email = Email::typed(&email).map_err(|_| Error::new(ErrorKind::BadText, email))?;
        let until = until.map(|it| crate::clock::end_of_day(&it).ok_or_else(|| usage(it))).transpose()?;
        let until = until.unwrap_or(Timestamp(0)).0;
        let spaces: Vec<SpaceId> = spaces.iter().map(|it| self.held_space(it)).collect::<client::Result<_>>()?;
        let secret = InviteSecret::random(&mut OsEntropy);
        let life = invitation_life(expires)?;
        let ready = self.invitation_code(&secret, mail_code, life);
        let command = Command::InviteGuest { secret, email, name, until, spaces, auto_admit, life };
        Ok((command, Then::Ready(Box::new(ready))))
    }

    /// A device by its id or the beginning of it.
    fn device_named(&self, id: &str) -> client::Result<DeviceId> {
        let devices = &self.replica.authority().state().devices;
        the_one(devices.keys().copied(), id)
    }

    /// Somebody who has left, by mail address.
    fn former(&self, email: &str) -> client::Result<PersonId> {
        let wanted = email.trim().to_lowercase();
        let found = self.directory.persons.iter().find(|(_, it)| !it.active && it.email == wanted);
        found.map(|(id, _)| *id).ok_or_else(|| Error::new(ErrorKind::NotFound, email))
    }

    /// The policy, rule by rule.
    pub(crate) fn policy_rules(&self) -> Vec<Setting> {
        let Some(policy) = self.replica.authority().state().policy.clone() else { return Vec::new() };
        let default = rules(&Policy::with_domains(policy.domains.clone()));
        let changed = rules(&policy).into_iter().zip(default);
        changed
            .map(|((key, value), (_, usual))| Setting {
                key: key.to_owned(),
                origin: if value == usual { "default" } else { "policy" }.to_owned(),
                value,
            })
            .collect()
    }

    fn changed_policy(&self, key: &str, value: &str) -> client::Result<Policy> {
        let state = self.replica.authority().state();
        let mut policy = state.policy.clone().ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        let wrong = || usage(format!("{key} {value}"));
        let number = || value.parse::<u64>().map_err(|_| wrong());
        let on = || match value {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(wrong()),
        };
        match key {
            "domains" => policy.domains = value.split(',').map(|it| it.trim().to_lowercase()).collect(),
            "create_public" => policy.create_public = who(value).ok_or_else(wrong)?,
            "create_private" => policy.create_private = who(value).ok_or_else(wrong)?,
            "pin" => policy.pin = who(value).ok_or_else(wrong)?,
            "retract_minutes" => policy.retract_window_ms = number()?.checked_mul(MINUTE_MS).ok_or_else(wrong)?,
            "mention_all" => policy.mention_all = who(value).ok_or_else(wrong)?,
            "registrars_invite" => policy.registrars_invite = on()?,
            "self_add_device" => policy.self_add_device = on()?,
            "self_renew" => policy.self_renew = on()?,
            "archive" => policy.archive = archive(value).ok_or_else(wrong)?,
            "edit_minutes" => policy.edit_window_ms = number()?.checked_mul(MINUTE_MS).ok_or_else(wrong)?,
            "retention_days" => policy.retention_ms = number()?.checked_mul(DAY_MS).ok_or_else(wrong)?,
            "lease_days" => policy.lease_days = number()?,
            _ => return Err(usage(key)),
        }
        Ok(policy)
    }
}

fn who(name: &str) -> Option<Who> {
    [Who::Admins, Who::Leads, Who::Members].into_iter().find(|it| who_name(*it) == name)
}

fn who_name(who: Who) -> &'static str {
    match who {
        Who::Admins => "admins",
        Who::Leads => "leads",
        Who::Members => "members",
    }
}

fn archive(name: &str) -> Option<Archive> {
    [Archive::None, Archive::Channels, Archive::All].into_iter().find(|it| archive_name(*it) == name)
}

fn archive_name(archive: Archive) -> &'static str {
    match archive {
        Archive::None => "none",
        Archive::Channels => "channels",
        Archive::All => "all",
    }
}

fn rules(policy: &Policy) -> Vec<(&'static str, String)> {
    let on = |it: bool| if it { "on" } else { "off" }.to_owned();
    vec![
        ("domains", policy.domains.join(",")),
        ("create_public", who_name(policy.create_public).to_owned()),
        ("create_private", who_name(policy.create_private).to_owned()),
        ("mention_all", who_name(policy.mention_all).to_owned()),
        ("pin", who_name(policy.pin).to_owned()),
        ("registrars_invite", on(policy.registrars_invite)),
        ("self_add_device", on(policy.self_add_device)),
        ("self_renew", on(policy.self_renew)),
        ("archive", archive_name(policy.archive).to_owned()),
        ("edit_minutes", (policy.edit_window_ms / MINUTE_MS).to_string()),
        ("retract_minutes", (policy.retract_window_ms / MINUTE_MS).to_string()),
        ("retention_days", (policy.retention_ms / DAY_MS).to_string()),
        ("lease_days", policy.lease_days.to_string()),
    ]
}

#[cfg(test)]
mod tests;
