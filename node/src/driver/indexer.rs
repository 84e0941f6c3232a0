//! The thread that makes things durable and then visible, in the order in which the replica asked for them.

use std::sync::Arc;
use std::sync::mpsc as sync;
use std::thread::JoinHandle;

use artel_crdt::id::{EntryId, LogId, SpaceId};
use artel_crdt::replica::{Changed, HeldSpace};
use artel_crdt::time::Hlc;
use artel_crdt::timeline::Placed;
use tokio::sync::mpsc;

use crate::client::{self, Reply};
use crate::search::{NewMessage, Search};
use crate::store::{
    Appended, DeviceKey, EntryKey, IndexBatch, LogKey, OrderKey, Packet, Pending, Register, SpaceKey, Store, StoreError,
};

use super::{Event, answer, snapshot};

/// Jobs that wait; the loop waits beyond them, and so do the peers.
const JOBS_MAX: usize = 4_096;
/// Jobs indexed in one batch.
const GROUP_MAX: usize = 128;

/// Flag of a packet that holds more than steps: the replica needs it at the next start.
pub(crate) const CONTROL: u16 = 1;

/// A change of the index that follows an append.
pub(crate) enum Work {
    /// The packet appended as the record of that number in the batch.
    Packet { record: usize, space: SpaceId, log: LogId, first: u64, last: u64, hlc: Hlc, flags: u16 },
    /// Records of a timeline.
    Records(Vec<Placed>),
    /// An epoch with stored steps that cannot be opened (true), or no longer (false).
    Unopened(SpaceId, EntryId, bool),
    /// A register; `name`, `key`, bytes.
    Register { space: SpaceId, device: artel_crdt::id::DeviceId, name: String, key: Vec<u8>, bytes: Vec<u8> },
    /// What is held of every space.
    Snapshot(Vec<HeldSpace>),
}

/// A text for the search index.
pub(crate) enum Find {
    /// A message.
    Add { id: EntryId, space: SpaceId, ms: u64, text: String },
    /// Another text for it.
    Replace { id: EntryId, space: SpaceId, ms: u64, text: String },
    /// It was taken back.
    Remove(EntryId),
}

/// What becomes durable and visible together.
#[derive(Default)]
pub(crate) struct Job {
    pub(crate) pending: Option<Pending>,
    pub(crate) work: Vec<Work>,
    pub(crate) find: Vec<Find>,
    pub(crate) replies: Vec<(mpsc::Sender<client::Result<Reply>>, client::Result<Reply>)>,
    pub(crate) changed: Vec<Changed>,
    /// The screen is locked: there will be no rows of this, so the journal does not count as indexed.
    pub(crate) locked: bool,
}

enum Order {
    Job(Box<Job>),
    /// Another search index, or none while the screen is locked; the sender waits until the old one is let go.
    Search(Option<Arc<Search>>, sync::SyncSender<()>),
    Stop,
}

/// The way to the thread.
pub(crate) struct Indexer {
    jobs: sync::SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Indexer {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system starts no thread.
    pub(crate) fn start(
        store: Store,
        search: Option<Arc<Search>>,
        events: mpsc::Sender<Event>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = sync::sync_channel(JOBS_MAX);
        let thread = std::thread::Builder::new()
            .name("artel-index".into())
            .spawn(move || run(&store, search, &queue, &events))?;
        Ok(Self { jobs, thread: Some(thread) })
    }

    /// Queues a job.
    pub(crate) fn push(&self, job: Job) {
        self.jobs.send(Order::Job(Box::new(job))).ok();
    }

    /// Replaces the search index, behind everything that is queued. Blocks until the old one is let go.
    pub(crate) fn set_search(&self, search: Option<Arc<Search>>) {
        let (done, finished) = sync::sync_channel(1);
        if self.jobs.send(Order::Search(search, done)).is_ok() {
            finished.recv().ok();
        }
    }

    /// Finishes what is queued.
    pub(crate) fn stop(mut self) {
        self.jobs.send(Order::Stop).ok();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the indexer has panicked");
        }
    }
}

fn run(store: &Store, mut search: Option<Arc<Search>>, queue: &sync::Receiver<Order>, events: &mpsc::Sender<Event>) {
    while let Ok(order) = queue.recv() {
        let mut group = Vec::new();
        let mut stop = false;
        let mut replaced = None;
        let mut next = Some(order);
        while let Some(order) = next {
            match order {
                Order::Job(job) => group.push(*job),
                Order::Search(search, done) => replaced = Some((search, done)),
                Order::Stop => stop = true,
            }
            next = if group.len() < GROUP_MAX && !stop && replaced.is_none() { queue.try_recv().ok() } else { None };
        }
        index(store, search.as_deref(), group, events);
        if let Some((other, done)) = replaced {
            search = other;
            done.send(()).ok();
        }
        if stop {
            return;
        }
    }
}

/// Waits until a group is durable, puts it into the index, then answers.
fn index(store: &Store, search: Option<&Search>, group: Vec<Job>, events: &mpsc::Sender<Event>) {
    let mut batch = IndexBatch::new();
    let mut applied = None;
    let mut finished = Vec::new();
    for mut job in group {
        match job.pending.take().map(Pending::wait).transpose() {
            Ok(appended) => {
                applied = appended.as_ref().filter(|_| !job.locked).map(|it| it.end).or(applied);
                for work in job.work.drain(..) {
                    put(&mut batch, work, appended.as_ref());
                }
                finished.push((job, Ok(())));
            }
            Err(error) => {
                job.changed.clear();
                finished.push((job, Err(error)));
            }
        }
    }
    let applied_result = if batch.is_empty() && applied.is_none() { Ok(()) } else { store.apply(&batch, applied) };
    let mut changed = Vec::new();
    for (job, stored) in finished {
        let stored = stored.and(applied_result);
        if stored.is_ok() {
            find(search, job.find);
        }
        for (to, reply) in job.replies {
            let reply = stored.map_err(|it| super::open::store_error(&it)).and(reply);
            answer(&to, reply);
        }
        changed.extend(job.changed);
        if let Err(error) = stored {
            events.blocking_send(Event::StoreFailed(error)).ok();
        }
    }
    if !changed.is_empty() {
        events.try_send(Event::Indexed(changed)).ok();
    }
}

fn put(batch: &mut IndexBatch, work: Work, appended: Option<&Appended>) {
    let result = match work {
        Work::Packet { record, space, log, first, last, hlc, flags } => {
            let position = appended.and_then(|it| it.positions.get(record)).copied();
            if let Some(position) = position {
                let packet = Packet { first, last, position, ms: hlc.ms, ctr: hlc.ctr, flags, branch: 0 };
                batch.put_packet(SpaceKey(space.0), log_key(&log), &packet);
            }
            Ok(())
        }
        Work::Records(placed) => {
            placed.iter().for_each(|it| put_record(batch, it));
            Ok(())
        }
        Work::Unopened(space, epoch, on) => {
            let name = snapshot::unopened_name(&space, &epoch);
            if on { batch.put_state(&name, vec![1]) } else { batch.delete_state(&name) }
        }
        Work::Register { space, device, name, key, bytes } => batch.put_register(Register {
            space: SpaceKey(space.0),
            name: name.into_bytes(),
            device: DeviceKey(device.0),
            key,
            value: bytes,
        }),
        Work::Snapshot(held) => snapshot::put(batch, &held, appended.map(|it| it.end)),
    };
    if let Err(error) = result {
        tracing::error!(%error, "a change of the index was refused");
    }
}

pub(crate) fn put_record(batch: &mut IndexBatch, placed: &Placed) {
    let (space, order) = (SpaceKey(placed.space.0), order_key(placed));
    batch.put_id(EntryKey(placed.id.0), space, order);
    match placed.note_target() {
        Some(target) => batch.put_note(space, EntryKey(target.0), order, placed.encode()),
        None => batch.put_record(space, order, placed.encode()),
    }
}

/// Puts a register into a batch.
pub(crate) fn put_register(
    batch: &mut IndexBatch,
    register: &artel_crdt::register::Register,
) -> Result<(), StoreError> {
    batch.put_register(Register {
        space: SpaceKey(register.space.0),
        name: register.name.clone().into_bytes(),
        device: DeviceKey(register.device.0),
        key: register.key.clone(),
        value: register.bytes().to_vec(),
    })
}

/// Puts a stored packet into a batch.
pub(crate) fn put_packet(batch: &mut IndexBatch, run: &artel_crdt::run::Run, position: crate::store::Position) {
    let (first, last) = run.range();
    let hlc = run.entries().last().map(|it| it.entry.hlc).unwrap_or_default();
    let control = run.entries().iter().any(|it| it.entry.kind != artel_crdt::entry::Kind::Step);
    let flags = if control { CONTROL } else { 0 };
    let packet = Packet { first, last, position, ms: hlc.ms, ctr: hlc.ctr, flags, branch: 0 };
    batch.put_packet(SpaceKey(run.space().0), log_key(&run.log()), &packet);
}

/// The key of a log in the store.
pub(crate) fn log_key(log: &LogId) -> LogKey {
    LogKey { device: DeviceKey(log.device.0), inc: log.inc.0 }
}

/// The key of a record in the store.
pub(crate) fn order_key(placed: &Placed) -> OrderKey {
    let order = &placed.order;
    OrderKey { ms: order.hlc.ms, ctr: order.hlc.ctr, device: DeviceKey(order.device.0), seq: order.seq }
}

fn find(search: Option<&Search>, texts: Vec<Find>) {
    let Some(search) = search else { return };
    for text in texts {
        let result = match &text {
            Find::Add { id, space, ms, text } => search.add(NewMessage { id: id.0, space: space.0, hlc_ms: *ms, text }),
            Find::Replace { id, space, ms, text } => {
                search.replace(NewMessage { id: id.0, space: space.0, hlc_ms: *ms, text })
            }
            Find::Remove(id) => search.remove(&id.0),
        };
        if let Err(error) = result {
            tracing::warn!(%error, "the search index has failed; it is rebuilt at the next start");
            return;
        }
    }
}

/// The error that a store failure is for whoever asked.
pub(crate) fn is_full(error: &StoreError) -> bool {
    matches!(error, StoreError::Full)
}
