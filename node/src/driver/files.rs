//! Files: what is being sent, fetched and given, and where it stands. The work itself is done beside the loop.

use std::collections::BTreeMap;
use std::path::PathBuf;

use artel_crdt::id::{BlobHash, DeviceId, EntryId, SpaceId};
use artel_crdt::timeline::{FileInfo, Placed, file};
use tokio::sync::{mpsc, watch};

use crate::client::{self, Attachment, Error, ErrorKind, FileStorage, Reply, Request, Transfer, Update};
use crate::store::{BlobHash as StoreHash, BlobRead, SpaceKey, Store, StoreError};

use super::{Driver, answer};

mod fetch;
pub(crate) mod give;
mod post;
mod save;
mod send;
mod transfers;

use transfers::{Asker, Running, What, nothing_yet};

pub(crate) use transfers::Files;

type Answer = mpsc::Sender<client::Result<Reply>>;

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
}

/// The bytes of a list that is kept.
fn stored_list(store: &Store, hash: &BlobHash) -> Option<Vec<u8>> {
    match store.blob(StoreHash(hash.0)) {
        Ok(BlobRead::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}
