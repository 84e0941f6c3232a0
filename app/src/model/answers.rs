//! What the node answered: taken over where it went well, told or given back where it did not.

use std::path::PathBuf;

use artel_node::client::{Error, ErrorKind, Reply};

use super::{Happening, Model, Notice};
use crate::bridge::Purpose;
use crate::found::Found;

impl Model {
    pub(super) fn answered(&mut self, purpose: Purpose, result: Result<Reply, Error>) -> Option<Happening> {
        match result {
            Ok(reply) => self.went_well(purpose, reply),
            Err(error) => self.went_wrong(purpose, error),
        }
    }

    fn went_wrong(&mut self, purpose: Purpose, error: Error) -> Option<Happening> {
        let back = match purpose {
            Purpose::Send { channel, thread, text } => Happening::Returned { channel, thread, text },
            Purpose::LaterSet { channel, thread, text } => Happening::NotForLater { channel, thread, text },
            Purpose::Edit { id, text } => Happening::EditReturned { id, text },
            Purpose::Files { place, text } if error.kind == ErrorKind::Cancelled => {
                return Some(Happening::FilesReturned { place, text });
            }
            Purpose::Files { place, text } => Happening::FilesReturned { place, text },
            // Why it is not there is told where it is looked for.
            Purpose::Show { channel, id } => return Some(Happening::Jump { channel, id, thread: None }),
            // Said in the dialog, which is still open.
            Purpose::Create => {
                self.not_made = Some(error);
                return Some(Happening::Created(None));
            }
            // Said where it was typed.
            Purpose::Search(query, _) => {
                self.found = Found::refused(query, error);
                return None;
            }
            Purpose::Find(query) => {
                self.found_here = Found::refused(query, error);
                return None;
            }
            // Who the members of a place are is asked in passing; a slow colleague's list of who waits is nobody's failure here.
            Purpose::Members(_) | Purpose::Inbox | Purpose::Waiting(_) | Purpose::Pending => return None,
            // Whoever stopped it knows.
            Purpose::File { .. } if error.kind == ErrorKind::Cancelled => return None,
            _ => {
                self.fail(error);
                return None;
            }
        };
        self.fail(error);
        Some(back)
    }

    fn went_well(&mut self, purpose: Purpose, reply: Reply) -> Option<Happening> {
        match (purpose, reply) {
            (Purpose::Files { place, .. }, _) => return Some(Happening::FilesSent { place }),
            (Purpose::LaterSet { channel, thread, .. }, _) => {
                self.tell(Notice::Text("later-said"));
                return Some(Happening::ForLater { place: thread.unwrap_or(channel) });
            }
            (Purpose::Show { channel, id }, reply) => {
                let rows = if let Reply::Messages(rows) = reply { rows } else { Vec::new() };
                let message = rows.into_iter().find(|it| it.id == id);
                let thread = message.and_then(|it| it.thread).filter(|it| *it != id);
                return Some(Happening::Jump { channel, id, thread });
            }
            (Purpose::Create, reply) => {
                self.not_made = None;
                let channel = if let Reply::Channel(channel) = reply { Some(channel.id) } else { None };
                return Some(Happening::Created(channel));
            }
            (Purpose::Invite, Reply::Invite(invite)) => self.invite = Some(invite),
            (Purpose::Pending, Reply::Pending(waiting)) => self.pending = waiting,
            (Purpose::Search(query, limit), Reply::Messages(messages)) => {
                self.found = Found::new(query, limit, messages, |it| self.in_one_line(it));
            }
            (Purpose::Members(channel), Reply::Persons(persons)) => drop(self.members.insert(channel, persons)),
            (Purpose::Doctor, Reply::Doctor(findings)) => self.findings = findings,
            (Purpose::About, Reply::About(about)) => self.about = Some(about),
            (Purpose::Pins(channel), Reply::Messages(messages)) => self.pins = Some((channel, messages)),
            (Purpose::Inbox, Reply::Inbox(inbox)) => self.inbox = Some(inbox),
            (Purpose::Waiting(channel), Reply::Messages(messages)) => {
                self.waiting.extend(messages.into_iter().last().map(|it| (channel, it)));
            }
            (Purpose::Find(query), Reply::Messages(messages)) => {
                self.found_here = Found { query, messages, ..Found::default() };
            }
            (Purpose::Jump, Reply::Messages(messages)) => {
                let message = messages.into_iter().next()?;
                let thread = message.thread.filter(|it| *it != message.id);
                return Some(Happening::Jump { channel: message.channel, id: message.id, thread });
            }
            (Purpose::Done(said) | Purpose::Change(said), _) => self.tell(Notice::Text(said)),
            (Purpose::File { id, deed }, Reply::Transfer(transfer)) => {
                let path = PathBuf::from(transfer.path?);
                return Some(Happening::File { id, deed, path });
            }
            (Purpose::Browse, Reply::Channels(channels)) => self.browse = channels,
            (Purpose::Policy, Reply::Config(rules)) => self.policy = rules,
            (Purpose::Devices, Reply::Devices(devices)) => self.devices = devices,
            (Purpose::Storage, Reply::FileStorage(storage)) => self.storage = Some(storage),
            (Purpose::Link, Reply::Invite(invite)) => self.link = Some(invite),
            _ => {}
        }
        None
    }
}
