//! The thread that makes things durable and then visible, in the order in which the replica asked for them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc as sync;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use artel_crdt::id::{DeviceId, EntryId, LogId, SpaceId};
use artel_crdt::replica::{Changed, HeldSpace};
use artel_crdt::time::Hlc;
use artel_crdt::timeline::Placed;
use tokio::sync::{Notify, mpsc};

use crate::client::{self, Reply};
use crate::search::{Mark, NewMessage, Search};
use crate::store::{
    Appended, Batch, DeviceKey, EntryKey, IndexBatch, LogKey, OrderKey, Packet, Pending, Register, SpaceKey, Store,
    StoreError,
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
    /// The packet of a second branch appended as the record of that number in the batch.
    Branch { record: usize, run: artel_crdt::run::Run },
    /// Records of a timeline.
    Records(Vec<Placed>),
    /// An epoch with stored steps that cannot be opened (true), or no longer (false).
    Unopened(SpaceId, EntryId, bool),
    /// A register; `name`, `key`, bytes.
    Register { space: SpaceId, device: artel_crdt::id::DeviceId, name: String, key: Vec<u8>, bytes: Vec<u8> },
    /// A mark of the index, put or taken away.
    State(Vec<u8>, Option<Vec<u8>>),
    /// What is held of every space.
    Snapshot(Vec<HeldSpace>),
}

/// A text for the search index.
pub(crate) enum Find {
    /// A message.
    Add(Findable),
    /// Another text for it.
    Replace(Findable),
    /// It was taken back.
    Remove(EntryId),
}

/// A message as the search index takes it.
pub(crate) struct Findable {
    pub(crate) id: EntryId,
    pub(crate) space: SpaceId,
    /// When it was sent, milliseconds since 1970.
    pub(crate) ms: u64,
    pub(crate) text: String,
    pub(crate) device: DeviceId,
    pub(crate) marks: Vec<Mark>,
}

impl Findable {
    pub(crate) fn as_new(&self) -> NewMessage<'_> {
        let Self { id, space, ms, text, device, marks } = self;
        NewMessage { id: id.0, space: space.0, hlc_ms: *ms, text, device: device.0, marks }
    }
}

/// What becomes durable and visible together.
#[derive(Default)]
pub(crate) struct Job {
    pub(crate) pending: Option<Pending>,
    /// Not given to the store yet, because its queue was full.
    pub(crate) late: Option<Batch>,
    pub(crate) work: Vec<Work>,
    pub(crate) find: Vec<Find>,
    pub(crate) replies: Vec<(mpsc::Sender<client::Result<Reply>>, client::Result<Reply>)>,
    pub(crate) changed: Vec<Changed>,
    /// Messages of others that came.
    pub(crate) arrived: Vec<(SpaceId, EntryId)>,
    /// The screen is locked: there will be no rows of this, so the journal does not count as indexed.
    pub(crate) locked: bool,
}

impl Job {
    /// Whether nothing follows from it.
    pub(crate) fn is_empty(&self) -> bool {
        self.work.is_empty() && self.find.is_empty() && self.replies.is_empty() && self.changed.is_empty()
    }
}

enum Order {
    Job(Box<Job>),
    /// Another search index, or none while the screen is locked; the sender waits until the old one is let go.
    Search(Option<Arc<Search>>, sync::SyncSender<()>),
    Stop,
}

/// Messages of others that are announced one by one; where more come at once, they are history.
const ARRIVED_MAX: usize = 256;

/// What has changed, and the messages that came.
#[derive(Default)]
pub(crate) struct News {
    pub(crate) changes: BTreeSet<Changed>,
    pub(crate) arrived: Vec<(SpaceId, EntryId)>,
}

/// What has become visible and was not announced yet. A set, so that it is bounded and nothing is ever missed.
#[derive(Default)]
pub(crate) struct Indexed {
    news: Mutex<News>,
    some: Notify,
}

impl Indexed {
    fn add(&self, changes: Vec<Changed>, arrived: Vec<(SpaceId, EntryId)>) {
        if !changes.is_empty() {
            let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
            news.changes.extend(changes);
            let room = ARRIVED_MAX.saturating_sub(news.arrived.len());
            news.arrived.extend(arrived.into_iter().take(room));
            self.some.notify_one();
        }
    }

    /// Waits for changes and takes them.
    pub(crate) async fn take(&self) -> News {
        loop {
            self.some.notified().await;
            let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
            if !news.changes.is_empty() {
                return news;
            }
        }
    }
}

/// The way to the thread.
pub(crate) struct Indexer {
    jobs: sync::SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
    store: Store,
    indexed: Arc<Indexed>,
    /// Jobs on their way whose batch the store has not got. While there is one, all others go behind it.
    late: Arc<AtomicUsize>,
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
        let late = Arc::new(AtomicUsize::new(0));
        let indexed = Arc::<Indexed>::default();
        let mut worker =
            Worker { store: store.clone(), search, late: Arc::clone(&late), indexed: Arc::clone(&indexed), events };
        let thread = std::thread::Builder::new().name("artel-index".into()).spawn(move || worker.run(&queue))?;
        Ok(Self { jobs, thread: Some(thread), store, indexed, late })
    }

    /// What has become visible.
    pub(crate) fn indexed(&self) -> Arc<Indexed> {
        Arc::clone(&self.indexed)
    }

    /// Gives the store a batch and queues the job that follows it. Where the store has more than it can flush, the
    /// indexer's thread waits for room, so that order is kept and the loop goes on.
    ///
    /// # Errors
    /// Those of the store; the job is dropped.
    pub(crate) fn append(&self, batch: Batch, mut job: Job) -> Result<(), StoreError> {
        let submitted = match self.late.load(Ordering::Acquire) {
            0 => self.store.submit(batch),
            _ => Err((batch, StoreError::Busy)),
        };
        match submitted {
            Ok(pending) => job.pending = Some(pending),
            Err((batch, StoreError::Busy)) => {
                self.late.fetch_add(1, Ordering::AcqRel);
                job.late = Some(batch);
            }
            Err((_, error)) => return Err(error),
        }
        self.push(job);
        Ok(())
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

/// The thread's side.
struct Worker {
    store: Store,
    search: Option<Arc<Search>>,
    late: Arc<AtomicUsize>,
    indexed: Arc<Indexed>,
    events: mpsc::Sender<Event>,
}

impl Worker {
    fn run(&mut self, queue: &sync::Receiver<Order>) {
        while let Ok(order) = queue.recv() {
            let mut group = Vec::new();
            let mut last = None;
            let mut next = Some(order);
            while let Some(order) = next {
                match order {
                    Order::Job(job) => group.push(*job),
                    other => last = Some(other),
                }
                next = if group.len() < GROUP_MAX && last.is_none() { queue.try_recv().ok() } else { None };
            }
            match group.iter_mut().try_for_each(|it| self.submit_late(it)) {
                Ok(()) => self.index(group),
                Err(error) => drop(self.events.blocking_send(Event::StoreFailed(error))),
            }
            match last {
                Some(Order::Search(search, done)) => {
                    self.search = search;
                    done.send(()).ok();
                }
                Some(Order::Stop) => return,
                Some(Order::Job(_)) | None => {}
            }
        }
    }

    /// Gives the store the batch of a job that came while its queue was full.
    fn submit_late(&self, job: &mut Job) -> Result<(), StoreError> {
        if let Some(batch) = job.late.take() {
            let submitted = self.store.submit_blocking(batch);
            // Only now may another batch be submitted by the loop itself.
            self.late.fetch_sub(1, Ordering::AcqRel);
            job.pending = Some(submitted?);
        }
        Ok(())
    }

    /// Waits until a group is durable, puts it into the index, then answers.
    fn index(&self, group: Vec<Job>) {
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
                    job.arrived.clear();
                    finished.push((job, Err(error)));
                }
            }
        }
        let nothing = batch.is_empty() && applied.is_none();
        let applied_result = if nothing { Ok(()) } else { self.store.apply(&batch, applied) };
        let (mut changed, mut arrived) = (Vec::new(), Vec::new());
        for (job, stored) in finished {
            let stored = stored.and(applied_result);
            if stored.is_ok() {
                find(self.search.as_deref(), job.find);
            }
            for (to, reply) in job.replies {
                let reply = stored.map_err(|it| super::open::store_error(&it)).and(reply);
                answer(&to, reply);
            }
            changed.extend(job.changed);
            arrived.extend(job.arrived);
            if let Err(error) = stored {
                self.events.blocking_send(Event::StoreFailed(error)).ok();
            }
        }
        self.indexed.add(changed, arrived);
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
        Work::Branch { record, run } => {
            if let Some(position) = appended.and_then(|it| it.positions.get(record)) {
                put_branch(batch, &run, *position);
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
        Work::State(name, Some(value)) => batch.put_state(&name, value),
        Work::State(name, None) => batch.delete_state(&name),
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

/// Puts a stored packet of a second branch into a batch.
pub(crate) fn put_branch(batch: &mut IndexBatch, run: &artel_crdt::run::Run, position: crate::store::Position) {
    // Two of three branches that fall upon one number prove as much as three.
    let number = run.entries().last().map_or(1, |it| it.id.0.first().copied().unwrap_or(1).max(1));
    put_run(batch, run, position, (CONTROL, number));
}

/// Puts a stored packet into a batch.
pub(crate) fn put_packet(batch: &mut IndexBatch, run: &artel_crdt::run::Run, position: crate::store::Position) {
    let control = run.entries().iter().any(|it| it.entry.kind != artel_crdt::entry::Kind::Step);
    put_run(batch, run, position, (if control { CONTROL } else { 0 }, 0));
}

fn put_run(
    batch: &mut IndexBatch,
    run: &artel_crdt::run::Run,
    position: crate::store::Position,
    (flags, branch): (u16, u8),
) {
    let (first, last) = run.range();
    let hlc = run.entries().last().map(|it| it.entry.hlc).unwrap_or_default();
    let packet = Packet { first, last, position, ms: hlc.ms, ctr: hlc.ctr, flags, branch };
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
            Find::Add(message) => search.add(message.as_new()),
            Find::Replace(message) => search.replace(message.as_new()),
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
