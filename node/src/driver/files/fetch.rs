//! Fetching a file from everybody who holds it, several at once, each piece checked before it counts.
//!
//! One task plans; one for each holder asks, two questions ahead, and checks; one thread writes. Between them are bounded
//! channels, so memory does not grow with the file. What a holder does not give, or gives wrong, is asked of another.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use artel_crdt::id::BlobHash;
use artel_crdt::timeline::{FileInfo, file};
use artel_net::{Framed, Net, PeerKey, Protocol};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{Error, ErrorKind, Result};
use crate::files::plan::{Plan, Work};
use crate::store::{BlobHash as StoreHash, BodySink, SpaceKey, Store, StoreError};

use super::super::open::Events;
use super::give::Question;
use super::{Event, store_error, stored_list};

/// How often a transfer tells how far it is.
pub(super) const TELL_EVERY: Duration = Duration::from_millis(200);
/// Colleagues asked at once: more add nothing in an office, where one fills the cable.
const HOLDERS_MAX: usize = 4;
/// Questions under way to one holder, so that its answer to one comes while we check the other.
const AHEAD: usize = 2;
/// Pieces that wait to be written.
const WRITES_MAX: usize = 32;
/// A holder that is silent for so long is asked no more for now.
const SILENCE: Duration = Duration::from_secs(10);
/// After which time a holder is asked again that had nothing, or was lost.
const AGAIN: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(1)];

/// How often and how long it is waited for the end of another fetch of the same file.
const BUSY_TRIES: u32 = 100;
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// What fetching one file needs.
pub(super) struct Fetch {
    pub(super) net: Net,
    pub(super) store: Store,
    pub(super) space: SpaceKey,
    pub(super) info: FileInfo,
    pub(super) transfer: u64,
    pub(super) cancel: CancellationToken,
    pub(super) holders: watch::Receiver<Vec<PeerKey>>,
    pub(super) events: Events,
    pub(super) tracker: TaskTracker,
}

/// What all tasks of one fetch share.
struct Shared {
    store: Store,
    space: SpaceKey,
    root: BlobHash,
    plan: Mutex<Plan>,
    /// Something may be asked for again, or everything is there.
    changed: Notify,
    fetched: AtomicU64,
    events: Events,
}

impl Shared {
    /// Held for a lookup only.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A checked piece on its way to the disk.
struct Piece {
    number: u32,
    bytes: Vec<u8>,
    hash: BlobHash,
}

/// How asking one holder ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Nothing is left to ask for.
    Done,
    /// It does not have what was asked for.
    Lacks,
    /// The link broke or it was silent.
    Lost,
    /// It gave something else than was asked for.
    Wrong,
}

/// Fetches a file until it is here whole.
///
/// # Errors
/// [`ErrorKind::Cancelled`]; [`ErrorKind::StoreFull`] and others of the store. What has come is kept.
pub(super) async fn fetch(job: Fetch) -> Result<()> {
    let (store, space, info) = (job.store.clone(), job.space, job.info.clone());
    let begun = tokio::task::spawn_blocking(move || begin(&store, space, info)).await;
    let (sink, plan) = begun.map_err(|_| ErrorKind::Internal)??;
    let shared = Arc::new(Shared {
        store: job.store.clone(),
        space: job.space,
        root: plan.file().root(),
        plan: Mutex::new(plan),
        changed: Notify::new(),
        fetched: AtomicU64::new(0),
        events: job.events.clone(),
    });
    let (pieces, queue) = mpsc::channel(WRITES_MAX);
    let writing = Arc::clone(&shared);
    let mut writer = tokio::task::spawn_blocking(move || write(&writing, sink, queue));
    let mut asking =
        Asking { pieces: Some(pieces), tasks: JoinSet::new(), busy: BTreeMap::new(), rest: BTreeMap::new() };
    let mut holders = job.holders.clone();
    let mut tell = tokio::time::interval(TELL_EVERY);
    loop {
        if shared.plan().is_done() {
            asking.pieces = None;
        } else {
            asking.ask_more(&job, &shared, &holders.borrow_and_update().clone());
        }
        tokio::select! {
            biased;
            () = job.cancel.cancelled() => return Err(ErrorKind::Cancelled.into()),
            // It ends when all is written, or with the first write that fails.
            written = &mut writer => {
                report(&job, &shared, asking.busy.len()).await;
                return finish(written.map_err(|_| Error::from(ErrorKind::Internal))??).await;
            }
            Some(ended) = asking.tasks.join_next(), if !asking.tasks.is_empty() => asking.ended(ended.ok()),
            changed = holders.changed() => if changed.is_err() { return Err(ErrorKind::Cancelled.into()) },
            () = shared.changed.notified() => {}
            _ = tell.tick() => report(&job, &shared, asking.busy.len()).await,
        }
    }
}

/// What is here already: the part of an earlier attempt, and lists.
fn begin(store: &Store, space: SpaceKey, info: FileInfo) -> Result<(BodySink, Plan)> {
    let mut tries = 0;
    let sink = loop {
        match store.receive_body(space, StoreHash(info.root().0), file::sealed_bytes(info.size)) {
            // The writer of a fetch that was ended just now.
            Err(StoreError::Busy) if tries < BUSY_TRIES => std::thread::sleep(BUSY_PAUSE),
            other => break other.map_err(|it| store_error(&it))?,
        }
        tries += 1;
    };
    let lists: Vec<Option<Vec<u8>>> = info.lists.iter().map(|it| stored_list(store, it)).collect();
    let mut plan = Plan::new(info, sink.missing());
    for (number, list) in lists.iter().enumerate() {
        if let Some(list) = list {
            plan.list(number, list);
        }
    }
    Ok((sink, plan))
}

/// Writes pieces as they come; returns when all are there.
fn write(shared: &Shared, sink: BodySink, mut queue: mpsc::Receiver<Piece>) -> Result<Option<BodySink>> {
    while !shared.plan().is_done() {
        let Some(piece) = queue.blocking_recv() else { return Ok(None) };
        sink.put(piece.number, &piece.bytes, StoreHash(piece.hash.0)).map_err(|it| store_error(&it))?;
        shared.plan().arrived();
    }
    shared.changed.notify_waiters();
    Ok(Some(sink))
}

async fn finish(sink: Option<BodySink>) -> Result<()> {
    let Some(sink) = sink else { return Err(ErrorKind::Cancelled.into()) };
    let finished = tokio::task::spawn_blocking(move || sink.finish()).await;
    finished.unwrap_or(Err(StoreError::Closed)).map_err(|it| store_error(&it))
}

async fn report(job: &Fetch, shared: &Shared, holders: usize) {
    let (size, left) = (file::sealed_bytes(job.info.size), shared.plan().left() as u64);
    let progress = Event::Progress {
        transfer: job.transfer,
        bytes: size.saturating_sub(left.saturating_mul(crate::store::CHUNK_BYTES as u64)),
        fetched: shared.fetched.load(Ordering::Relaxed),
        holders: u32::try_from(holders).unwrap_or(u32::MAX),
    };
    job.events.send(super::super::Event::File(progress)).await.ok();
}

/// Who is asked now, and who is not before a certain time.
struct Asking {
    /// Gone when all is asked for and there.
    pieces: Option<mpsc::Sender<Piece>>,
    tasks: JoinSet<(PeerKey, Ended)>,
    busy: BTreeMap<PeerKey, ()>,
    /// `None`: never again in this fetch.
    rest: BTreeMap<PeerKey, Option<Instant>>,
}

impl Asking {
    fn ask_more(&mut self, job: &Fetch, shared: &Arc<Shared>, holders: &[PeerKey]) {
        let Some(pieces) = &self.pieces else { return };
        let now = Instant::now();
        for holder in holders {
            let rests = match self.rest.get(holder) {
                Some(Some(until)) => now < *until,
                Some(None) => true,
                None => false,
            };
            if self.busy.len() >= HOLDERS_MAX || rests || self.busy.contains_key(holder) {
                continue;
            }
            self.busy.insert(*holder, ());
            let (holder, net, shared, pieces) = (*holder, job.net.clone(), Arc::clone(shared), pieces.clone());
            self.tasks.spawn(job.tracker.track_future(async move {
                let ended = match net.open_stream(holder, Protocol::Blob).await {
                    Ok(stream) => ask(&shared, stream, &pieces).await,
                    Err(_) => Ended::Lost,
                };
                (holder, ended)
            }));
        }
    }

    fn ended(&mut self, ended: Option<(PeerKey, Ended)>) {
        let Some((holder, ended)) = ended else { return };
        self.busy.remove(&holder);
        let [lacks, lost] = AGAIN;
        let rest = match ended {
            Ended::Wrong => None,
            Ended::Lacks => Some(Instant::now() + lacks),
            Ended::Done | Ended::Lost => Some(Instant::now() + lost),
        };
        self.rest.insert(holder, rest);
    }
}

/// Asks one holder until nothing is left; what it has not answered is free for others afterwards.
async fn ask(shared: &Shared, mut stream: Framed, pieces: &mpsc::Sender<Piece>) -> Ended {
    let mut asked: VecDeque<Work> = VecDeque::new();
    let ended = converse(shared, &mut stream, pieces, &mut asked).await;
    for work in &asked {
        shared.plan().give_back(work);
    }
    shared.changed.notify_waiters();
    if ended == Ended::Done {
        stream.finish().await.ok();
    }
    ended
}

async fn converse(
    shared: &Shared,
    stream: &mut Framed,
    pieces: &mpsc::Sender<Piece>,
    asked: &mut VecDeque<Work>,
) -> Ended {
    loop {
        while asked.len() < AHEAD {
            let Some(work) = shared.plan().take() else { break };
            let question = question(shared, &work);
            asked.push_back(work);
            if stream.send(&question.encode()).await.is_err() {
                return Ended::Lost;
            }
        }
        let Some(work) = asked.front().cloned() else {
            if shared.plan().is_done() || pieces.is_closed() {
                return Ended::Done;
            }
            // Others are at work on the rest; if one of them fails, it is asked for here.
            tokio::time::timeout(TELL_EVERY, shared.changed.notified()).await.ok();
            continue;
        };
        let answered = match work {
            Work::List(number) => list(shared, stream, number).await,
            Work::Pieces { first, count } => batch(shared, stream, pieces, asked, (first, count)).await,
        };
        if let Err(ended) = answered {
            return ended;
        }
        asked.pop_front();
    }
}

fn question(shared: &Shared, work: &Work) -> Question {
    match work {
        Work::Pieces { first, count } => Question { hash: shared.root, first: *first, count: *count },
        Work::List(number) => {
            let hash = shared.plan().file().lists.get(*number).copied();
            Question { hash: hash.unwrap_or(shared.root), first: 0, count: 1 }
        }
    }
}

async fn answer(shared: &Shared, stream: &mut Framed) -> std::result::Result<Vec<u8>, Ended> {
    match stream.recv_within(SILENCE).await {
        Ok(Some(bytes)) if bytes.is_empty() => Err(Ended::Lacks),
        Ok(Some(bytes)) => {
            shared.fetched.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            Ok(bytes)
        }
        Ok(None) | Err(_) => Err(Ended::Lost),
    }
}

async fn wrong(shared: &Shared, cause: &'static str) -> Ended {
    shared.events.send(super::super::Event::File(Event::Refused(cause))).await.ok();
    Ended::Wrong
}

async fn list(shared: &Shared, stream: &mut Framed, number: usize) -> std::result::Result<(), Ended> {
    let bytes = answer(shared, stream).await?;
    if !shared.plan().list(number, &bytes) {
        return Err(wrong(shared, "wrong_list").await);
    }
    shared.changed.notify_waiters();
    let (store, space) = (shared.store.clone(), shared.space);
    let kept = tokio::task::spawn_blocking(move || super::send::put_lists(&store, space, vec![bytes])).await;
    if let Ok(Err(error)) = kept {
        tracing::warn!(%error, "a list of pieces is not kept");
    }
    Ok(())
}

/// Takes the answers to a question. The front of `asked` is made shorter with every piece that is right, so that only the
/// others are asked for again.
async fn batch(
    shared: &Shared,
    stream: &mut Framed,
    pieces: &mpsc::Sender<Piece>,
    asked: &mut VecDeque<Work>,
    (first, count): (u32, u32),
) -> std::result::Result<(), Ended> {
    for number in first..first.saturating_add(count) {
        if let Some(front) = asked.front_mut() {
            *front = Work::Pieces { first: number, count: first.saturating_add(count).saturating_sub(number) };
        }
        let bytes = answer(shared, stream).await?;
        let hash = shared.plan().hash(number);
        let Some(hash) = hash.filter(|it| *it == BlobHash::of(&bytes)) else {
            return Err(wrong(shared, "wrong_piece").await);
        };
        if pieces.send(Piece { number, bytes, hash }).await.is_err() {
            return Err(Ended::Done);
        }
    }
    Ok(())
}
