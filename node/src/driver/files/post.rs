//! Sending: files are sealed beside the loop, then the message that brings them is written.

use artel_crdt::id::EntryId;
use artel_crdt::limits;
use artel_crdt::replica::Command;
use artel_crdt::timeline::{FileInfo, Record, file};

use crate::client::{self, Error, ErrorKind, Reply, Request, Transfer};
use crate::store::{BlobHash as StoreHash, SpaceKey};

use super::super::requests::{Then, Waiting};
use super::super::{Driver, Event as LoopEvent, answer};
use super::transfers::{Asker, What, nothing_yet};
use super::{Answer, Event, attachment_id, send};

/// Files of one message: a record names 16 blobs, and the text is one of them.
const FILES_MAX: usize = limits::BLOBS_MAX - 1;

impl Driver {
    pub(super) fn send_files(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let Request::FileSend { to: target, people, files, text, reply_to } = request.clone() else { return Ok(()) };
        let text = text.filter(|it| !it.trim().is_empty());
        if files.is_empty() || files.len() > FILES_MAX {
            return Err(Error::new(ErrorKind::Usage, format!("{} files", files.len())));
        }
        if text.as_ref().is_some_and(|it| it.len() > limits::TEXT_BYTES_MAX) {
            return Err(ErrorKind::BadText.into());
        }
        let begun = if people.is_empty() { self.place_or_begin(&target)? } else { self.group_or_begin(&people)? };
        let space = match begun {
            Ok(space) => space,
            Err(command) => {
                self.command(command, Waiting { answer: to.clone(), then: Then::Next, next: Some(request) });
                return Ok(());
            }
        };
        let me = self.directory.me.ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        if !self.replica.members(&space).contains(&me) {
            return Err(ErrorKind::NotPermitted.into());
        }
        let mut record = Record { text: None, ..Record::message() };
        if let Some(text) = &text {
            record.text = Some(0);
            record.mentions = self.mentions(text);
        }
        if let Some(reply_to) = reply_to {
            self.thread(&mut record, space, &reply_to)?;
        }
        let sources = files.into_iter().map(send::Source::look_at).collect::<client::Result<Vec<_>>>()?;
        let sizes = || sources.iter().map(send::Source::sealed_bytes);
        let (size, names) = (sizes().sum(), sources.iter().map(send::Source::name).collect::<Vec<_>>().join(", "));
        self.check_room(size, &names)?;
        let shown = Transfer { direction: "send".into(), size, ..nothing_yet(&names) };
        let what = What::Send { space, record: Box::new(record), text };
        let (transfer, cancel) = self.begin(what, shown, Some(Asker { answer: to.clone(), out: None }))?;
        let job = send::Sealing {
            store: self.store.clone(),
            space: SpaceKey(space.0),
            sources,
            cancel,
            events: self.events(),
            transfer,
        };
        self.tracker.spawn_blocking(move || {
            let events = job.events.clone();
            let outcome = send::seal(job);
            events.blocking_send(LoopEvent::File(Event::Sealed { transfer, outcome })).ok();
        });
        Ok(())
    }

    pub(super) fn sealed(&mut self, number: u64, outcome: client::Result<Vec<FileInfo>>) {
        let files = match outcome {
            Ok(files) => files,
            Err(error) => return drop(self.end(number, &Err(error))),
        };
        let Some(running) = self.files.running.get_mut(&number) else { return };
        // Whoever hung up meanwhile does not want it any more.
        running.askers.retain(|it| !it.answer.is_closed());
        let asker = running.askers.first().map(|it| it.answer.clone());
        let (Some(asker), false) = (asker, running.cancel.is_cancelled()) else {
            self.erase_bodies(&files);
            return drop(self.end(number, &Err(ErrorKind::Cancelled.into())));
        };
        let What::Send { space, record, text } = &running.what else { return };
        let post =
            Command::PostFiles { space: *space, record: record.clone(), text: text.clone(), files: files.clone() };
        let then = Then::Files { transfer: number, files };
        self.command(post, Waiting { answer: asker, then, next: None });
    }

    /// The message that brings files was written.
    pub(crate) fn files_posted(&mut self, number: u64, files: &[FileInfo], message: &EntryId) {
        for (at, info) in files.iter().enumerate() {
            let name = crate::files::name::shown(&info.name);
            self.remember_name(info.root(), &attachment_id(message, at), &name, file::sealed_bytes(info.size));
        }
        if let Some(running) = self.files.running.get_mut(&number) {
            running.shown.file = message.to_string();
        }
        if let Some(running) = self.end(number, &Ok(())) {
            running.askers.iter().for_each(|it| answer(&it.answer, Ok(Reply::Transfer(running.shown.clone()))));
        }
    }

    /// The message was refused, so nobody will ask for its files.
    pub(crate) fn files_refused(&mut self, number: u64, files: &[FileInfo], error: &Error) {
        self.erase_bodies(files);
        if let Some(running) = self.files.running.get_mut(&number) {
            // The refusal itself goes to the asker with the others of its batch.
            running.askers.clear();
        }
        self.end(number, &Err(error.clone()));
    }

    fn erase_bodies(&self, files: &[FileInfo]) {
        let hashes = files.iter().flat_map(|it| it.lists.iter().copied().chain([it.root()]));
        let (hashes, store) = (hashes.map(|it| StoreHash(it.0)).collect(), self.store.clone());
        self.tracker.spawn(async move {
            if let Err(error) = store.erase_blobs(hashes).await {
                tracing::warn!(%error, "a file that was not sent takes room");
            }
        });
    }
}
