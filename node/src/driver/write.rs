//! Requests that write: from what people typed to a command.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use artel_crdt::authority::Role;
use artel_crdt::cert::Email;
use artel_crdt::id::{InviteId, SpaceId};
use artel_crdt::invite::{Code, InviteSecret, Link};
use artel_crdt::limits;
use artel_crdt::replica::Command;
use artel_crdt::time::Timestamp;
use artel_crdt::timeline::{Mention, Record};
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Reply, Request};

use super::requests::{Then, Waiting};
use super::resolve::the_one;
use super::{Driver, OsEntropy};

type Answer = mpsc::Sender<client::Result<Reply>>;

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// How long a code is good that shall be good for so many days.
pub(super) fn invitation_life(days: Option<u8>) -> client::Result<Duration> {
    let Some(days) = days else { return Ok(limits::INVITE_LIFE) };
    let life = Duration::from_secs(DAY * u64::from(days));
    match (Duration::from_secs(DAY)..=limits::INVITE_LIFE_MAX).contains(&life) {
        true => Ok(life),
        false => Err(Error::new(ErrorKind::Usage, format!("expires {days}"))),
    }
}

impl Driver {
    /// Carries out a request that writes.
    pub(crate) fn write(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let done = |then| Waiting { answer: to.clone(), then, next: None };
        match request {
            Request::Send { .. } => return self.send_message(request, to),
            Request::Mark { channel, until } => return self.mark(&channel, until.as_deref(), to),
            Request::Invite { .. } => return self.invite(request, to),
            Request::Approve { id } => return self.approve(&id, to),
            Request::Edit { .. } | Request::Retract { .. } | Request::React { .. } | Request::Pin { .. } => {
                return self.note(request, to);
            }
            Request::Topic { channel, text } => {
                let space = self.held_space(&channel)?;
                let post = Command::Post { space, record: Box::new(Record::topic()), text: Some(text) };
                self.command(post, done(Then::Sent));
            }
            Request::TeamCreate { name } => self.command(Command::CreateTeam { name }, done(Then::Done)),
            Request::TeamMember { team, email, add, lead } => {
                let command =
                    Command::TeamMember { team: self.team(&team)?, person: self.person(&email)?, member: add, lead };
                self.command(command, done(Then::Done));
            }
            Request::ChannelCreate { name, team, private, shared_history } => {
                let team = team.map(|it| self.team(&it)).transpose()?;
                let command = if private {
                    Command::CreatePrivate { group: false, name, shared_history, persons: BTreeSet::new() }
                } else {
                    Command::CreateChannel { name, team }
                };
                self.command(command, done(Then::Channel));
            }
            Request::ChannelMember { channel, email, add } => {
                let command = Command::RosterMember {
                    space: self.held_space(&channel)?,
                    person: self.person(&email)?,
                    member: add,
                };
                self.command(command, done(Then::Done));
            }
            Request::InviteCancel { id } => {
                let invite = self.invitation(&id)?;
                self.command(Command::CancelInvite(invite), done(Then::Done));
            }
            _ => return Err(Error::new(ErrorKind::Internal, "not a request that writes")),
        }
        Ok(())
    }

    fn send_message(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let Request::Send { to: target, people, text, reply_to } = request.clone() else { return Ok(()) };
        if text.trim().is_empty() || text.len() > limits::TEXT_BYTES_MAX {
            return Err(Error::new(ErrorKind::BadText, format!("{} bytes", text.len())));
        }
        let begun = if people.is_empty() { self.place_or_begin(&target)? } else { self.group_or_begin(&people)? };
        match begun {
            Err(command) => {
                // The space is begun first; then the same request finds it.
                self.command(command, Waiting { answer: to.clone(), then: Then::Next, next: Some(request) });
            }
            Ok(space) => {
                let mut record = Record::message();
                if let Some(reply_to) = reply_to {
                    self.thread(&mut record, space, &reply_to)?;
                }
                record.mentions = self.mentions(&text);
                let post = Command::Post { space, record: Box::new(record), text: Some(text) };
                self.command(post, Waiting { answer: to.clone(), then: Then::Sent, next: None });
            }
        }
        Ok(())
    }

    /// A reply belongs to the thread of what it answers, or begins one there.
    pub(super) fn thread(&self, record: &mut Record, space: SpaceId, reply_to: &str) -> client::Result<()> {
        let (of, target) = self.message(reply_to)?;
        if of != space {
            return Err(Error::new(ErrorKind::NotFound, reply_to));
        }
        let base = self.reader(&space)?.record(&target);
        let root = base.and_then(|it| it.record.ok()).and_then(|it| it.thread);
        (record.target, record.thread) = (Some(target), Some(root.unwrap_or(target)));
        Ok(())
    }

    /// `@mail`, `@all`, `@channel`, `@here` and `@team` in a text; spaces in the name of a team are written `-`.
    pub(super) fn mentions(&self, text: &str) -> BTreeSet<Mention> {
        let words = text.split(|it: char| it.is_whitespace() || matches!(it, ',' | ';' | '(' | ')' | '!' | '?' | ':'));
        let called = words.filter_map(|it| it.strip_prefix('@')).filter_map(|it| match it.trim_end_matches('.') {
            "all" | "channel" | "все" | "канал" => Some(Mention::All),
            "here" | "тут" => Some(Mention::Here),
            email if email.contains('@') => self.directory.by_email(email).map(Mention::Person),
            team => {
                let wanted = team.to_lowercase();
                let named = |name: &str| name.to_lowercase().replace(char::is_whitespace, "-") == wanted;
                self.directory.teams.iter().find(|(_, it)| named(&it.0)).map(|(id, _)| Mention::Team(*id))
            }
        });
        called.take(32).collect()
    }

    /// The group of exactly these people and oneself; of one person the direct space.
    pub(super) fn group_or_begin(&mut self, people: &[String]) -> client::Result<Result<SpaceId, Command>> {
        let people: Vec<&str> = people.iter().map(|it| it.trim_start_matches('@')).collect();
        self.place_or_begin(&format!("@{}", people.join(",")))
    }

    fn note(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let (id, record, text) = match request {
            Request::Edit { id, text } => {
                if text.trim().is_empty() {
                    return Err(ErrorKind::BadText.into());
                }
                let mut record = Record::edit(self.message(&id)?.1);
                record.mentions = self.mentions(&text);
                (id, record, Some(text))
            }
            Request::Retract { id } => {
                let record = Record::retract(self.message(&id)?.1);
                (id, record, None)
            }
            Request::React { id, emoji, remove } => {
                if emoji.is_empty() || emoji.len() > 64 || emoji.chars().any(char::is_control) {
                    return Err(Error::new(ErrorKind::BadText, emoji));
                }
                let record = Record::reaction(self.message(&id)?.1, &emoji, !remove);
                (id, record, None)
            }
            Request::Pin { id, remove } => {
                let record = Record::pin(self.message(&id)?.1, !remove);
                (id, record, None)
            }
            _ => return Err(Error::new(ErrorKind::Internal, "not a note")),
        };
        let (space, target) = self.message(&id)?;
        self.may_note(space, &target, &record)?;
        let post = Command::Post { space, record: Box::new(record), text };
        self.command(post, Waiting { answer: to.clone(), then: Then::Sent, next: None });
        Ok(())
    }

    /// Refuses here what every replica would hide: edits of others' texts, deletions without the right.
    fn may_note(&self, space: SpaceId, target: &artel_crdt::id::EntryId, record: &Record) -> client::Result<()> {
        use artel_crdt::timeline::{Deed, Judge, What};
        let reader = self.reader(&space)?;
        let (Some(base), Some(me)) = (reader.record(target), self.directory.me) else {
            return Err(Error::new(ErrorKind::NotFound, target.to_string()));
        };
        let author = reader.lens.person_of(&base.order.device);
        let age = self.now().since(base.order.hlc.timestamp());
        let at = artel_crdt::time::Hlc { ms: self.now().0, ctr: u32::MAX };
        // The feature passes over the check here, to prove that the others keep the rule.
        let allowed = cfg!(feature = "unchecked")
            || match record.what {
                What::Edit => author == Some(me) && reader.lens.may(&me, Deed::Edit { age }, at),
                What::Retract => {
                    (author == Some(me) && reader.lens.may(&me, Deed::RetractOwn { age }, at))
                        || author.is_some_and(|it| reader.lens.may(&me, Deed::Retract { author: it }, at))
                }
                What::Pin { .. } => reader.lens.may(&me, Deed::Pin, at),
                _ => true,
            };
        if allowed { Ok(()) } else { Err(Error::new(ErrorKind::NotPermitted, target.to_string())) }
    }

    fn mark(&mut self, channel: &str, until: Option<&str>, to: &Answer) -> client::Result<()> {
        let space = self.held_space(channel)?;
        let until = until.map(|it| self.message(it)).transpose()?;
        let reader = self.reader(&space)?;
        let reached = match until {
            Some((of, entry)) if of == space => reader.record(&entry).map(|it| it.order),
            Some((_, entry)) => return Err(Error::new(ErrorKind::NotFound, entry.to_string())),
            None => reader.newest(1, |_| true).first().map(|(base, _)| base.order),
        };
        let late = self.late_rows(&space);
        match reached.and_then(|it| self.replica.reading(&space).line_at(it, &late)) {
            Some(order) => {
                let read = Command::Read { space, order };
                self.command(read, Waiting { answer: to.clone(), then: Then::Done, next: None });
            }
            None => self.answer_in_order(to, Ok(Reply::Done)),
        }
        Ok(())
    }

    fn invite(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let Request::Invite { email, name, role, team, auto_admit, mail_code, expires } = request else {
            return Ok(());
        };
        let email = Email::typed(&email).map_err(|_| Error::new(ErrorKind::BadText, email))?;
        let role = match role.as_deref() {
            None => Role::Member,
            Some(name) => Role::from_name(name).ok_or_else(|| Error::new(ErrorKind::Usage, name))?,
        };
        let team = team.map(|it| self.team(&it)).transpose()?;
        let secret = InviteSecret::random(&mut OsEntropy);
        let life = invitation_life(expires)?;
        let ready = self.invitation_code(&secret, mail_code, life);
        let command = Command::Invite { secret, email, name, role, team, auto_admit, life };
        self.command(command, Waiting { answer: to.clone(), then: Then::Ready(Box::new(ready)), next: None });
        Ok(())
    }

    /// What the inviter is shown once.
    pub(super) fn invitation_code(&self, secret: &InviteSecret, split: bool, life: Duration) -> Reply {
        let (code, mail_code) = if split {
            let (code, mail) = secret.halves(&self.org(), &mut OsEntropy);
            (code, Some(mail.reveal()))
        } else {
            (secret.whole(&self.org()), None)
        };
        let expires = self.now().plus(life);
        Reply::Invite(self.shown_code(code, mail_code, secret.id(), expires))
    }

    /// A code as a person is shown it, with the link that says where this desktop can be reached.
    pub(super) fn shown_code(
        &self,
        code: Code,
        mail_code: Option<String>,
        id: InviteId,
        expires: Timestamp,
    ) -> client::Invite {
        // Addresses of one cable say nothing without naming the cable.
        let of_cable = |it: &&SocketAddr| matches!(it.ip(), IpAddr::V6(ip) if ip.is_unicast_link_local());
        let all = || self.listening.iter().filter(|it| !of_cable(it));
        let anywhere = all().any(|it| !it.ip().is_loopback());
        let addresses = all().filter(|it| !anywhere || !it.ip().is_loopback()).map(ToString::to_string).collect();
        let text = code.reveal();
        let link = Link { code, addresses }.reveal();
        client::Invite { code: text, link, mail_code, id: id.to_string(), expires: crate::clock::rfc3339(expires) }
    }

    /// An invitation by its id or the beginning of it.
    fn invitation(&self, id: &str) -> client::Result<InviteId> {
        let invites = &self.replica.authority().state().invites;
        the_one(invites.keys().copied(), id)
    }
}
