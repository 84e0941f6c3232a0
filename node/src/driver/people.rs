//! What people tell about themselves and do just now: pictures, presence, who is writing, what has arrived.

use std::io::BufReader;
use std::time::Duration;

use artel_crdt::id::{DeviceId, PersonId, SpaceId, sha256, to_base32};
use artel_crdt::register::values::{PICTURE_BYTES_MAX, Presence, Profile};
use artel_crdt::replica::{Command, Personal, SpaceKind, Told};
use artel_crdt::sync::Message;
use artel_crdt::timeline::unread::Level;
use artel_crdt::timeline::{Placed, What};
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Reply, Request, Update};
use crate::files::picture::{self, BadPicture};

use super::requests::{Then, Waiting};
use super::{Driver, Event, answer};

type Answer = mpsc::Sender<client::Result<Reply>>;

/// Older messages are history, also if they come now.
const NEWS: Duration = Duration::from_secs(24 * 60 * 60);

impl Driver {
    /// Carries out what a person keeps for herself or tells about herself; gives back what is something else.
    pub(crate) fn personal(&mut self, request: Request, to: &Answer) -> client::Result<Option<Request>> {
        let usage = |it: String| Error::new(ErrorKind::Usage, it);
        let command = match request {
            Request::ChannelLevel { channel, level } => {
                let level = match level.as_str() {
                    "all" => Level::All,
                    "mentions" => Level::Mentions,
                    "nothing" => Level::Nothing,
                    _ => return Err(usage(level)),
                };
                Command::Keep(Personal::Level(self.held_space(&channel)?, level))
            }
            Request::ChannelFavourite { channel, on } => {
                Command::Keep(Personal::Favourite(self.held_space(&channel)?, on))
            }
            Request::ProfileSet { title, status, phone, about } => {
                Command::Tell(Told::Profile(Profile { title, status, phone, about, avatar: None }))
            }
            Request::Presence { state } => {
                Command::Tell(Told::Presence(Presence::from_name(&state).ok_or_else(|| usage(state))?))
            }
            Request::PictureSet { path } => return self.set_picture(path, to).map(|()| None),
            Request::PersonPicture { email } => {
                let picture = self.person_picture(&email)?;
                answer(to, Ok(picture));
                return Ok(None);
            }
            Request::Typing { channel } => {
                self.tell_typing(&channel)?;
                answer(to, Ok(Reply::Done));
                return Ok(None);
            }
            other => return Ok(Some(other)),
        };
        if !self.has_room() {
            return Err(ErrorKind::StoreFull.into());
        }
        self.command(command, Waiting { answer: to.clone(), then: Then::Done, next: None });
        Ok(None)
    }

    /// Makes a small picture of a file beside the loop, then tells it.
    fn set_picture(&mut self, path: Option<String>, to: &Answer) -> client::Result<()> {
        if !self.has_room() {
            return Err(ErrorKind::StoreFull.into());
        }
        let Some(path) = path else {
            self.tell_picture(Vec::new(), to.clone());
            return Ok(());
        };
        let (events, to) = (self.events(), to.clone());
        self.tracker.spawn_blocking(move || match portrait(&path) {
            Ok(picture) => drop(events.blocking_send(Event::Picture { picture, answer: to })),
            Err(error) => answer(&to, Err(error)),
        });
        Ok(())
    }

    /// Tells everybody this picture; none if it is empty.
    pub(crate) fn tell_picture(&mut self, picture: Vec<u8>, answer: Answer) {
        self.command(Command::Tell(Told::Picture(picture)), Waiting { answer, then: Then::Done, next: None });
    }

    /// The small picture of a person.
    fn person_picture(&self, email: &str) -> client::Result<Reply> {
        let person = self.person(email)?;
        let picture = self.replica.picture(&person);
        picture.map(Reply::Bytes).ok_or_else(|| Error::new(ErrorKind::NotFound, email))
    }

    /// A text that changes with the picture of a person; empty if there is none.
    pub(crate) fn picture_mark(&self, person: &PersonId) -> String {
        let picture = self.replica.picture(person);
        let mark = |it: Vec<u8>| to_base32(sha256(&[&it]).first_chunk::<8>().unwrap_or(&[0; 8]));
        picture.map_or_else(String::new, mark)
    }

    /// What the connected devices of a person tell of her presence; empty: at the desk, or nothing is known.
    pub(crate) fn presence(&self, devices: &[DeviceId]) -> &'static str {
        let me = self.replica.device();
        let connected = devices.iter().filter(|it| **it == me || self.links.contains_key(it));
        match connected.map(|it| self.replica.presence(it)).max() {
            None | Some(Presence::Here) => "",
            Some(other) => other.name(),
        }
    }

    /// Tells the connected members of a place that this person is writing.
    fn tell_typing(&self, channel: &str) -> client::Result<()> {
        let space = self.held_space(channel)?;
        let members = self.links.keys().filter(|it| self.replica.shares(it, &space));
        members.for_each(|it| self.send(it, &Message::Typing(space)));
        Ok(())
    }

    /// A member is writing.
    pub(crate) fn typing_told(&mut self, from: &DeviceId, space: SpaceId) {
        let person = self.directory.person_of.get(from);
        let Some(person) = person.filter(|it| Some(**it) != self.directory.me) else { return };
        if self.locked || !self.replica.shares(from, &space) {
            return;
        }
        let email = self.directory.email(person);
        self.updates.send(Update::Typing { channel: space.to_string(), email }).ok();
    }

    /// Whether a record is a message of somebody else that was written lately.
    pub(crate) fn is_news(&self, placed: &Placed) -> bool {
        let message = placed.record.as_ref().is_ok_and(|it| it.what == What::Message);
        let author = self.directory.person_of.get(&placed.order.device);
        let foreign = author.is_none_or(|it| Some(*it) != self.directory.me);
        message && foreign && self.now().since(placed.order.hlc.timestamp()) < NEWS
    }

    /// Something came for a place that cannot be read while the screen is locked.
    pub(crate) fn arrived_unseen(&self, space: SpaceId) {
        let kind = self.replica.space(&space).map(|it| it.kind);
        if matches!(kind, Some(SpaceKind::Direct | SpaceKind::Group)) {
            self.updates.send(Update::Arrived { channel: space.to_string(), id: String::new() }).ok();
        }
    }
}

/// A small JPEG of a picture file. Blocks.
fn portrait(path: &str) -> client::Result<Vec<u8>> {
    let file_error = |it: std::io::Error| Error::new(ErrorKind::File, format!("{path}: {it}"));
    let file = std::fs::File::open(path).map_err(file_error)?;
    let bytes = file.metadata().map_err(file_error)?.len();
    // A decoder that panics must not end the request without a word.
    let made = std::panic::catch_unwind(|| picture::portrait(BufReader::new(file), bytes, PICTURE_BYTES_MAX));
    let made = made.unwrap_or(Err(BadPicture::Broken));
    made.map_err(|why| Error::new(ErrorKind::File, format!("{path}: {why}")))
}
