//! What is under way: begun, told of, ended, by number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use artel_crdt::id::{BlobHash, DeviceId, SpaceId};
use artel_crdt::timeline::{FileInfo, Record};
use artel_net::PeerKey;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::client::{self, Error, ErrorKind, Reply, Transfer, Update};
use crate::store::BlobHash as StoreHash;

use super::super::{Driver, answer};
use super::Answer;

/// Transfers at once; more wait with their askers.
const TRANSFERS_MAX: usize = 64;
/// Names of files kept to tell what is given to colleagues.
const NAMES_MAX: usize = 1_024;
/// A colleague who has asked for nothing in this time has finished or gone.
const GIVE_IDLE: Duration = Duration::from_secs(3);

/// A colleague's device and a file that it is not given any more.
pub(super) type Stopped = Arc<Mutex<BTreeSet<(DeviceId, BlobHash)>>>;

/// What is under way.
#[derive(Default)]
pub(crate) struct Files {
    pub(super) running: BTreeMap<u64, Running>,
    next: u64,
    stopped: Stopped,
    /// Files of which the messages were seen since the start: id of the attachment, name, sealed bytes.
    names: BTreeMap<BlobHash, (String, String, u64)>,
}

/// A transfer that has begun.
pub(super) struct Running {
    pub(super) shown: Transfer,
    pub(super) cancel: CancellationToken,
    pub(super) what: What,
    pub(super) askers: Vec<Asker>,
    /// When the rate was last taken, and the bytes then.
    measured: (Instant, u64),
}

/// Which way, and what is needed to go on with it.
pub(super) enum What {
    Send { space: SpaceId, record: Box<Record>, text: Option<String> },
    Get { space: SpaceId, info: FileInfo, holders: watch::Sender<Vec<PeerKey>> },
    Give { to: DeviceId, root: BlobHash },
}

/// Who waits for a file, and where it is to be saved.
pub(super) struct Asker {
    pub(super) answer: Answer,
    pub(super) out: Option<PathBuf>,
}

impl Driver {
    pub(super) fn begin(
        &mut self,
        what: What,
        shown: Transfer,
        asker: Option<Asker>,
    ) -> client::Result<(u64, CancellationToken)> {
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

    pub(super) fn progress(&mut self, number: u64, bytes: u64, fetched: u64, holders: u32) {
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
    pub(super) fn end(&mut self, number: u64, outcome: &client::Result<()>) -> Option<Running> {
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

    pub(super) fn cancel_transfer(&mut self, id: &str) -> client::Result<()> {
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

    pub(super) fn connected_members(&self, space: &SpaceId) -> Vec<PeerKey> {
        self.links.iter().filter(|(device, _)| self.replica.receives(device, space)).map(|(_, it)| it.key).collect()
    }

    pub(super) fn remember_name(&mut self, root: BlobHash, id: &str, name: &str, size: u64) {
        if self.files.names.len() >= NAMES_MAX {
            self.files.names.pop_first();
        }
        self.files.names.insert(root, (id.to_owned(), name.to_owned(), size));
    }

    /// Bytes went out: a transfer of its own, so that it is seen and can be ended here too.
    pub(super) fn given(&mut self, to: DeviceId, root: BlobHash, bytes: u64) {
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
}

/// A transfer of that name that has moved nothing.
pub(super) fn nothing_yet(name: &str) -> Transfer {
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
