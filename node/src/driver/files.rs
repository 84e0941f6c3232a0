//! Files: what is being sent, fetched and given, and where it stands. The work itself is done beside the loop.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use artel_crdt::id::{BlobHash, DeviceId, EntryId, SpaceId};
use artel_crdt::limits;
use artel_crdt::replica::Command;
use artel_crdt::timeline::{FileInfo, Placed, Record, file};
use artel_net::PeerKey;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::client::{self, Attachment, Error, ErrorKind, FileStorage, Reply, Request, Transfer, Update};
use crate::store::{BlobHash as StoreHash, BlobRead, SpaceKey, Store, StoreError};

use super::requests::{Then, Waiting};
use super::{Driver, answer};

mod fetch;
pub(crate) mod give;
mod save;
mod send;

type Answer = mpsc::Sender<client::Result<Reply>>;

/// Files of one message: a record names 16 blobs, and the text is one of them.
const FILES_MAX: usize = limits::BLOBS_MAX - 1;
/// Transfers at once; more wait with their askers.
const TRANSFERS_MAX: usize = 64;
/// Names of files kept to tell what is given to colleagues.
const NAMES_MAX: usize = 1_024;
/// A colleague who has asked for nothing in this time has finished or gone.
const GIVE_IDLE: Duration = Duration::from_secs(3);
/// Free space that a file may not take, bytes: messages must still find room.
const ROOM_LEFT_BYTES: u64 = 64 << 20;
/// Longest file that is given out as bytes.
const SHOWN_BYTES_MAX: u64 = 64 << 20;
/// Name of the small file with what files may take.
const QUOTA: &str = "files";

/// What tasks tell the loop.
pub(crate) enum Event {
    /// So far.
    Progress { transfer: u64, bytes: u64, fetched: u64, holders: u32 },
    /// The files of a message are sealed and kept, or not.
    Sealed { transfer: u64, outcome: client::Result<Vec<FileInfo>> },
    /// A file is here whole, or will not come.
    Fetched { transfer: u64, outcome: client::Result<()> },
    /// Somebody gave something wrong.
    Refused(&'static str),
    /// Bytes of a file went to a colleague's device.
    Given { to: DeviceId, root: BlobHash, bytes: u64 },
}

/// A colleague's device and a file that it is not given any more.
type Stopped = Arc<Mutex<BTreeSet<(DeviceId, BlobHash)>>>;

/// What is under way.
#[derive(Default)]
pub(crate) struct Files {
    running: BTreeMap<u64, Running>,
    next: u64,
    stopped: Stopped,
    /// Files of which the messages were seen since the start: id of the attachment, name, sealed bytes.
    names: BTreeMap<BlobHash, (String, String, u64)>,
}

struct Running {
    shown: Transfer,
    cancel: CancellationToken,
    what: What,
    askers: Vec<Asker>,
    /// When the rate was last taken, and the bytes then.
    measured: (Instant, u64),
}

enum What {
    Send { space: SpaceId, record: Box<Record>, text: Option<String> },
    Get { space: SpaceId, info: FileInfo, holders: watch::Sender<Vec<PeerKey>> },
    Give { to: DeviceId, root: BlobHash },
}

/// Who waits for a file, and where it is to be saved.
struct Asker {
    answer: Answer,
    out: Option<PathBuf>,
}

/// A file that a message brings.
pub(super) struct Found {
    space: SpaceId,
    /// Id of the attachment.
    id: String,
    info: FileInfo,
}

/// The id of the attachment at a place in a message, counted from 0.
fn attachment_id(message: &EntryId, at: usize) -> String {
    if at == 0 { message.to_string() } else { format!("{message}.{}", at + 1) }
}

/// A file of a message as people see it.
pub(super) fn attachment(message: &EntryId, at: usize, info: &FileInfo, store: &Store) -> Attachment {
    let here = is_here(store, info);
    Attachment {
        id: attachment_id(message, at),
        name: crate::files::name::shown(&info.name),
        size: info.size,
        media: info.media.clone(),
        width: info.pixels.map(|it| it.0),
        height: info.pixels.map(|it| it.1),
        thumbnail: info.thumbnail.is_some(),
        state: if here { "here" } else { "remote" }.to_owned(),
    }
}

fn is_here(store: &Store, info: &FileInfo) -> bool {
    let held = store.blob_bytes(StoreHash(info.root().0));
    info.size == 0 || held.is_ok_and(|it| it == Some(file::sealed_bytes(info.size)))
}

fn file_error(path: &std::path::Path, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorKind::StoreFull,
        _ => ErrorKind::File,
    };
    Error::new(kind, format!("{}: {error}", path.display()))
}

fn store_error(error: &StoreError) -> Error {
    super::open::store_error(error)
}

impl Driver {
    /// Requests about files.
    pub(crate) fn file_request(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        match request {
            Request::FileSend { .. } => return self.send_files(request, to),
            Request::FileGet { id, out } => return self.get_file(&id, out.map(PathBuf::from), to),
            Request::FileCancel { transfer } => self.cancel_transfer(&transfer)?,
            Request::FileRemove { id } => return self.remove_file(&id, to),
            Request::FileThumbnail { id } => {
                let thumbnail = self.attached(&id, true)?.info.thumbnail;
                let bytes = thumbnail.ok_or_else(|| Error::new(ErrorKind::NotFound, id))?;
                answer(to, Ok(Reply::Bytes(bytes)));
                return Ok(());
            }
            Request::FileBytes { id, limit } => return self.file_bytes(&id, limit, to),
            Request::Transfers => {
                let running = self.files.running.values().map(|it| it.shown.clone()).collect();
                answer(to, Ok(Reply::Transfers(running)));
                return Ok(());
            }
            Request::FileStorage { quota } => {
                let storage = self.storage(quota)?;
                answer(to, Ok(Reply::FileStorage(storage)));
                return Ok(());
            }
            other => return Err(Error::new(ErrorKind::Internal, format!("not about files: {other:?}"))),
        }
        answer(to, Ok(Reply::Done));
        Ok(())
    }

    /// Something happened to a transfer.
    pub(crate) fn file_event(&mut self, event: Event) {
        match event {
            Event::Progress { transfer, bytes, fetched, holders } => self.progress(transfer, bytes, fetched, holders),
            Event::Sealed { transfer, outcome } => self.sealed(transfer, outcome),
            Event::Fetched { transfer, outcome } => self.fetched(transfer, outcome),
            Event::Refused(cause) => self.count(cause),
            Event::Given { to, root, bytes } => self.given(to, root, bytes),
        }
    }

    /// The attachment of that id.
    fn attached(&self, id: &str, shown: bool) -> client::Result<Found> {
        let not_found = || Error::new(ErrorKind::NotFound, id);
        let (message, at) = match id.trim().split_once('.') {
            Some((message, at)) => (message, at.parse::<usize>().ok().filter(|it| *it > 0).ok_or_else(not_found)? - 1),
            None => (id, 0),
        };
        let (space, entry) = self.message(message)?;
        let reader = self.reader(&space)?;
        let base = reader.record(&entry).ok_or_else(not_found)?;
        if shown && !reader.row(&base).is_visible() {
            return Err(not_found());
        }
        let blob = base.files().get(at).copied().ok_or_else(not_found)?;
        let info = reader.file(&base.epoch, &blob).ok_or_else(|| Error::new(ErrorKind::NoContact, id))?;
        Ok(Found { space, id: attachment_id(&entry, at), info })
    }

    /// Names of a message's files, for the search index.
    pub(crate) fn file_names(&self, placed: &Placed, fresh: &BTreeMap<BlobHash, Vec<u8>>) -> Vec<String> {
        let sealed = |hash: &BlobHash| fresh.get(hash).cloned().or_else(|| self.blob(hash));
        let open = |bytes: &Vec<u8>| self.replica.open_file(&placed.space, &placed.epoch, bytes);
        let infos = placed.files().into_iter().filter_map(|it| sealed(&it.hash)).filter_map(|it| open(&it));
        infos.map(|it| crate::files::name::shown(&it.name)).collect()
    }

    fn free_bytes(&self) -> u64 {
        let root = self.home.as_ref().map(|it| it.layout().root().to_path_buf());
        root.and_then(|it| fs4::available_space(it).ok()).unwrap_or(u64::MAX)
    }

    fn storage(&self, set: Option<u64>) -> client::Result<FileStorage> {
        if let Some(quota) = set {
            self.store.write_small(QUOTA, &quota.to_be_bytes()).map_err(|it| store_error(&it))?;
        }
        let stored = self.store.read_small(QUOTA).map_err(|it| store_error(&it))?;
        let quota = stored.and_then(|it| it.try_into().ok()).map_or(0, u64::from_be_bytes);
        let spaces: Vec<SpaceKey> = self.replica.spaces().iter().map(|it| SpaceKey(it.id.0)).collect();
        let bytes = self.store.body_bytes(&spaces).map_err(|it| store_error(&it))?;
        Ok(FileStorage { bytes, quota, free: self.free_bytes() })
    }

    /// Whether that many bytes more may be kept, and leave room for messages.
    fn check_room(&self, more: u64, name: &str) -> client::Result<()> {
        let storage = self.storage(None)?;
        if storage.quota != 0 && storage.bytes.saturating_add(more) > storage.quota {
            return Err(Error::new(ErrorKind::QuotaFull, name));
        }
        match storage.free < more.saturating_add(ROOM_LEFT_BYTES) {
            true => Err(Error::new(ErrorKind::StoreFull, name)),
            false => Ok(()),
        }
    }

    fn begin(&mut self, what: What, shown: Transfer, asker: Option<Asker>) -> client::Result<(u64, CancellationToken)> {
        if self.files.running.len() >= TRANSFERS_MAX {
            return Err(Error::new(ErrorKind::Usage, format!("{TRANSFERS_MAX} transfers at once")));
        }
        self.files.next += 1;
        let (number, cancel) = (self.files.next, self.cancel.child_token());
        let shown = Transfer { transfer: number.to_string(), ..shown };
        let running = Running {
            shown,
            cancel: cancel.clone(),
            what,
            askers: asker.into_iter().collect(),
            measured: (Instant::now(), 0),
        };
        self.files.running.insert(number, running);
        self.tell_transfer(number);
        Ok((number, cancel))
    }

    /// Tells of a transfer; one that nobody waits for any more is ended.
    fn tell_transfer(&mut self, number: u64) {
        let Some(running) = self.files.running.get_mut(&number) else { return };
        let asked = !running.askers.is_empty();
        running.askers.retain(|it| !it.answer.is_closed());
        if asked && running.askers.is_empty() {
            running.cancel.cancel();
        }
        for asker in &running.askers {
            // A slow reader misses a state in the middle, never the last one, which waits for it.
            if asker.answer.capacity() > 8 {
                asker.answer.try_send(Ok(Reply::Transfer(running.shown.clone()))).ok();
            }
        }
        self.updates.send(Update::Transfer(running.shown.clone())).ok();
    }

    fn progress(&mut self, number: u64, bytes: u64, fetched: u64, holders: u32) {
        let Some(running) = self.files.running.get_mut(&number) else { return };
        let (since, before) = running.measured;
        let spent = since.elapsed();
        if spent >= Duration::from_millis(150) {
            let now = (bytes.saturating_sub(before) as f64 / spent.as_secs_f64()) as u64;
            // Half of what was, half of what is: neither jumping nor late.
            running.shown.rate = if before == 0 { now } else { running.shown.rate.midpoint(now) };
            running.measured = (Instant::now(), bytes);
        }
        let waits = holders == 0 && matches!(running.what, What::Get { .. });
        running.shown.state = if waits { "waiting" } else { "running" }.to_owned();
        (running.shown.bytes, running.shown.fetched, running.shown.holders) = (bytes, fetched, holders);
        self.tell_transfer(number);
    }

    /// Takes a transfer that has ended away and tells how.
    fn end(&mut self, number: u64, outcome: &client::Result<()>) -> Option<Running> {
        let running = self.files.running.get_mut(&number)?;
        running.shown.state = match outcome {
            Ok(()) => "done",
            Err(error) if error.kind == ErrorKind::Cancelled => "cancelled",
            Err(_) => "failed",
        }
        .to_owned();
        if outcome.is_ok() {
            running.shown.bytes = running.shown.size;
        }
        self.updates.send(Update::Transfer(running.shown.clone())).ok();
        let running = self.files.running.remove(&number)?;
        if let Err(error) = outcome {
            running.askers.iter().for_each(|it| answer(&it.answer, Err(error.clone())));
        }
        Some(running)
    }

    fn cancel_transfer(&mut self, id: &str) -> client::Result<()> {
        let number = id.trim().parse::<u64>().ok();
        let running =
            number.and_then(|it| self.files.running.get(&it)).ok_or_else(|| Error::new(ErrorKind::NotFound, id));
        let running = running?;
        running.cancel.cancel();
        if let (What::Give { to, root }, Some(number)) = (&running.what, number) {
            self.files.stopped.lock().unwrap_or_else(PoisonError::into_inner).insert((*to, *root));
            self.end(number, &Err(ErrorKind::Cancelled.into()));
        }
        Ok(())
    }

    /// Ends everything that keeps keys of files in memory.
    pub(crate) fn stop_transfers(&mut self) {
        self.files.running.values().for_each(|it| it.cancel.cancel());
        self.files.names.clear();
    }

    /// Colleagues came or went: who is asked for files changes.
    pub(crate) fn holders_changed(&mut self) {
        for running in self.files.running.values() {
            if let What::Get { space, holders, .. } = &running.what {
                holders.send_replace(self.connected_members(space));
            }
        }
    }

    fn connected_members(&self, space: &SpaceId) -> Vec<PeerKey> {
        self.links.iter().filter(|(device, _)| self.replica.receives(device, space)).map(|(_, it)| it.key).collect()
    }

    fn get_file(&mut self, id: &str, out: Option<PathBuf>, to: &Answer) -> client::Result<()> {
        let Found { space, id, info } = self.attached(id, true)?;
        let (root, size) = (info.root(), file::sealed_bytes(info.size));
        let name = crate::files::name::shown(&info.name);
        self.remember_name(root, &id, &name, size);
        let asker = Asker { answer: to.clone(), out };
        let shown = Transfer { file: id, direction: "get".into(), state: "running".into(), size, ..nothing_yet(&name) };
        if is_here(&self.store, &info) {
            self.save(&info, Transfer { bytes: size, ..shown }, asker);
            return Ok(());
        }
        let same = |it: &&mut Running| matches!(&it.what, What::Get { info, .. } if info.root() == root);
        if let Some(running) = self.files.running.values_mut().find(same) {
            running.askers.push(asker);
            return Ok(());
        }
        let Some(net) = self.net.clone() else { return Err(ErrorKind::NotRunning.into()) };
        self.check_room(size, &name)?;
        let (holders, asked) = watch::channel(self.connected_members(&space));
        let what = What::Get { space, info: info.clone(), holders };
        let (transfer, cancel) = self.begin(what, shown, Some(asker))?;
        let job = fetch::Fetch {
            net,
            store: self.store.clone(),
            space: SpaceKey(space.0),
            info,
            transfer,
            cancel,
            holders: asked,
            events: self.events(),
            tracker: self.tracker.clone(),
        };
        let events = self.events();
        self.tracker.spawn(async move {
            let outcome = fetch::fetch(job).await;
            events.send(super::Event::File(Event::Fetched { transfer, outcome })).await.ok();
        });
        Ok(())
    }

    fn fetched(&mut self, number: u64, outcome: client::Result<()>) {
        let Some(running) = self.end(number, &outcome) else { return };
        let What::Get { space, info, .. } = running.what else { return };
        if outcome.is_ok() {
            self.updates.send(Update::History { channel: space.to_string() }).ok();
            for asker in running.askers {
                self.save(&info, running.shown.clone(), asker);
            }
        }
    }

    /// Writes a file that is here to where it is wanted, beside the loop.
    fn save(&self, info: &FileInfo, shown: Transfer, asker: Asker) {
        let (store, info) = (self.store.clone(), info.clone());
        self.beside(&asker.answer, move || {
            let path = asker.out.map(|out| save::save(&store, &info, &out)).transpose()?;
            let path = path.map(|it| it.display().to_string());
            Ok(Reply::Transfer(Transfer { state: "done".into(), path, ..shown }))
        });
    }

    /// The bytes of a file that is here, read beside the loop.
    fn file_bytes(&self, id: &str, limit: u64, to: &Answer) -> client::Result<()> {
        let info = self.attached(id, true)?.info;
        if limit.min(SHOWN_BYTES_MAX) < info.size {
            return Err(Error::new(ErrorKind::Usage, crate::files::name::shown(&info.name)));
        }
        if !is_here(&self.store, &info) {
            return Err(Error::new(ErrorKind::NotFound, crate::files::name::shown(&info.name)));
        }
        let store = self.store.clone();
        self.beside(to, move || save::bytes(&store, &info).map(Reply::Bytes));
        Ok(())
    }

    fn remove_file(&mut self, id: &str, to: &Answer) -> client::Result<()> {
        let Found { space, info, .. } = self.attached(id, false)?;
        let root = info.root();
        for running in self.files.running.values() {
            if matches!(&running.what, What::Get { info, .. } if info.root() == root) {
                running.cancel.cancel();
            }
        }
        let (store, to, updates) = (self.store.clone(), to.clone(), self.updates.clone());
        self.tracker.spawn(async move {
            let hashes = info.lists.iter().chain([&root]).map(|it| StoreHash(it.0)).collect();
            let erased = store.erase_blobs(hashes).await;
            let discarded = tokio::task::spawn_blocking(move || {
                store.discard_body(SpaceKey(space.0), StoreHash(root.0)).or_else(|error| match error {
                    // It is being ended just now; what it leaves is a part that the next fetch goes on with.
                    StoreError::Busy => Ok(()),
                    other => Err(other),
                })
            });
            let discarded = discarded.await.unwrap_or(Err(StoreError::Closed));
            updates.send(Update::History { channel: space.to_string() }).ok();
            answer(&to, erased.and(discarded).map(|()| Reply::Done).map_err(|it| store_error(&it)));
        });
        Ok(())
    }

    fn remember_name(&mut self, root: BlobHash, id: &str, name: &str, size: u64) {
        if self.files.names.len() >= NAMES_MAX {
            self.files.names.pop_first();
        }
        self.files.names.insert(root, (id.to_owned(), name.to_owned(), size));
    }

    /// Bytes went out: a transfer of its own, so that it is seen and can be ended here too.
    fn given(&mut self, to: DeviceId, root: BlobHash, bytes: u64) {
        let same = |it: &Running| matches!(&it.what, What::Give { to: a, root: b } if *a == to && *b == root);
        let number = match self.files.running.iter().find(|(_, it)| same(it)).map(|(number, _)| *number) {
            Some(number) => number,
            None => {
                let (file, name, size) = self.files.names.get(&root).cloned().unwrap_or_default();
                let size =
                    if size == 0 { self.store.blob_bytes(StoreHash(root.0)).ok().flatten().unwrap_or(0) } else { size };
                let shown = Transfer { file, direction: "give".into(), size, ..nothing_yet(&name) };
                match self.begin(What::Give { to, root }, shown, None) {
                    Ok((number, _)) => number,
                    Err(_) => return,
                }
            }
        };
        let done = self.files.running.get(&number).map_or(0, |it| it.shown.bytes) + bytes;
        self.progress(number, done, 0, 1);
        if self.files.running.get(&number).is_some_and(|it| it.shown.bytes >= it.shown.size) {
            self.end(number, &Ok(()));
        }
    }

    /// Forgets what colleagues do not fetch any more.
    pub(crate) fn tidy_transfers(&mut self) {
        let idle = |it: &&Running| matches!(it.what, What::Give { .. }) && it.measured.0.elapsed() > GIVE_IDLE;
        let gone: Vec<u64> = self.files.running.iter().filter(|(_, it)| idle(it)).map(|(number, _)| *number).collect();
        for number in gone {
            self.end(number, &Ok(()));
        }
    }

    /// For tasks that give files.
    pub(crate) fn stopped_gives(&self) -> Stopped {
        Arc::clone(&self.files.stopped)
    }

    fn send_files(&mut self, request: Request, to: &Answer) -> client::Result<()> {
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
            events.blocking_send(super::Event::File(Event::Sealed { transfer, outcome })).ok();
        });
        Ok(())
    }

    fn sealed(&mut self, number: u64, outcome: client::Result<Vec<FileInfo>>) {
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

fn nothing_yet(name: &str) -> Transfer {
    Transfer {
        transfer: String::new(),
        file: String::new(),
        name: name.to_owned(),
        direction: String::new(),
        state: "running".into(),
        bytes: 0,
        size: 0,
        fetched: 0,
        rate: 0,
        holders: 0,
        path: None,
    }
}

/// The bytes of a list that is kept.
fn stored_list(store: &Store, hash: &BlobHash) -> Option<Vec<u8>> {
    match store.blob(StoreHash(hash.0)) {
        Ok(BlobRead::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}
