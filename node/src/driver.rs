//! The one loop: owns the replica, feeds it what happens, performs what it asks for.
//!
//! Everything else runs beside it: the indexer's thread writes, tasks serve and receive streams, reads run on worker
//! threads with a view taken here. Nothing in the loop waits for the disk or for a peer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use artel_crdt::id::{BlobHash, DeviceId, EntryId, OrgId, SpaceId};
use artel_crdt::replica::{AlarmKind, Changed, Input, Outputs, Replica, Source};
use artel_crdt::run::{self, BadRun, Keys, Packet};
use artel_crdt::time::Timestamp;
use artel_crdt::{Ctx, Entropy};
use artel_net::{Net, PeerKey};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{self, Alarm, Reply, Update};
use crate::clock::{Clock, WakeWatch};
use crate::discovery;
use crate::home::Home;
use crate::node::Ask;
use crate::search::Search;
use crate::store::Store;
use crate::vault::Vault;

mod administer;
mod audit;
mod bundle;
mod directory;
mod doctor;
mod enrol;
mod files;
mod finding;
mod forget;
pub(crate) mod found;
mod indexer;
pub(crate) mod join;
mod keep;
mod links;
pub(crate) mod lock;
mod open;
mod outputs;
mod people;
mod reading;
mod renew;
mod repair;
mod requests;
mod resolve;
mod rights;
mod serve;
mod snapshot;
mod status;
mod topics;
mod write;

pub(crate) use indexer::{Indexer, Job};

/// Events from tasks that wait for the loop; when full, the tasks wait, and with them the peers.
const EVENTS_MAX: usize = 1_024;
/// How often the loop looks after what nobody announces: circuits to colleagues, free space, registers.
const HOUSEKEEPING: Duration = Duration::from_millis(500);
/// Free bytes on the disk below which nothing new is written, so that closing still works.
const ROOM_BYTES_MIN: u64 = 1 << 20;

/// What a program says when the node is ready.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The organisation.
    pub organisation: String,
    /// This device.
    pub device: String,
}

/// What tasks beside the loop tell it.
pub(crate) enum Event {
    /// A packet was received and checked.
    Packet { from: DeviceId, packet: Box<Packet> },
    /// A packet was refused.
    BadPacket { from: DeviceId, bytes: Vec<u8>, why: BadRun },
    /// A peer has served all that was wanted of a space, or its stream broke.
    Served { from: DeviceId, space: SpaceId },
    /// Blobs that were asked for.
    Blob { hash: BlobHash, bytes: Vec<u8> },
    /// The index holds all steps of an epoch that came before its key.
    Load { space: SpaceId, epoch: EntryId },
    /// The index holds everything that a space was asked for.
    Links { space: SpaceId },
    /// What waited for the disk may leave.
    Push(outputs::Pushes),
    /// A batch could not be written.
    StoreFailed(crate::store::StoreError),
    /// A stretch of the journal cannot be read any more.
    Damaged(Vec<crate::store::Held>),
    /// The index has lost pages.
    IndexDamaged,
    /// A text that is named and cannot be read.
    Missing { space: SpaceId, epoch: EntryId, hash: BlobHash },
    /// Something of an enrolment.
    Enrol(enrol::Event),
    /// Something of a file.
    File(files::Event),
    /// Topics were looked for; `looked`: behind a list.
    Topics { found: Vec<topics::Found>, looked: bool },
    /// Records that may change topics are in the index.
    TopicsIndexed,
    /// A small picture of this person is made.
    Picture { picture: Vec<u8>, answer: mpsc::Sender<client::Result<client::Reply>> },
}

/// Randomness of the operating system.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without randomness nothing safe can be done: no key, no nonce. Stopping is the only right answer.
        assert!(getrandom::fill(bytes).is_ok(), "the operating system gives no randomness");
    }
}

/// A colleague's device that is connected.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    key: PeerKey,
    /// Difference of its clock to ours at the hello, milliseconds.
    offset: Option<i64>,
}

/// The loop's state.
pub struct Driver {
    replica: Replica,
    keys: watch::Sender<Arc<Keys>>,
    store: Store,
    indexer: Indexer,
    search: Option<Arc<Search>>,
    vault: Option<Arc<Vault>>,
    home: Option<Home>,
    clock: Clock,
    offset_ms: i64,
    net: Option<Net>,
    net_events: Option<mpsc::Receiver<artel_net::Event>>,
    discovery: Option<discovery::Handle>,
    found: Option<mpsc::Receiver<discovery::Found>>,
    events: mpsc::Sender<Event>,
    inbox: Option<mpsc::Receiver<Event>>,
    updates: broadcast::Sender<Update>,
    tracker: TaskTracker,
    cancel: CancellationToken,
    listening: Vec<SocketAddr>,
    links: BTreeMap<DeviceId, Linked>,
    offsets: BTreeMap<PeerKey, i64>,
    admitted: BTreeSet<artel_net::LinkId>,
    /// Members by acts that they have shown and that are still to come by synchronisation.
    vouched: BTreeSet<PeerKey>,
    addresses: BTreeMap<PeerKey, Vec<SocketAddr>>,
    alarms: BTreeSet<Alarm>,
    /// When the certificate was last looked at.
    renewal_tried: Timestamp,
    refused: BTreeMap<String, u64>,
    asked: BTreeMap<u64, requests::Waiting>,
    next_ask: u64,
    tails: Vec<requests::Tail>,
    wanted_blobs: BTreeMap<BlobHash, (SpaceId, EntryId)>,
    /// Erased after they were taken back: they are neither asked for nor stored again.
    erased: BTreeSet<BlobHash>,
    /// When it was last looked after what is to be erased.
    swept: Timestamp,
    held_dirty: BTreeSet<SpaceId>,
    held_told: Timestamp,
    packets_since_snapshot: usize,
    /// What a burst of requests has led to so far, while there is one.
    burst: Option<Box<outputs::Round>>,
    locked: bool,
    /// End of the journal when the screen was locked: what came later is not indexed.
    locked_at: Option<crate::store::Position>,
    full: bool,
    wake: Option<Timestamp>,
    circuits: Timestamp,
    summaries: Timestamp,
    /// Own entries that the index names and the journal has lost.
    damaged: Vec<crate::store::Held>,
    desk: enrol::Reception,
    /// Jobs that wait for the batch of the command that made them.
    after_commit: Vec<Job>,
    /// Of links in greeting: whether the other is known here, and whether we dialled.
    greetings: BTreeMap<artel_net::LinkId, (bool, bool)>,
    directory: Arc<directory::Directory>,
    files: files::Files,
    topics: topics::Topics,
}

impl Driver {
    /// What a program says when the node is ready.
    pub fn facts(&self) -> Facts {
        Facts { organisation: self.replica.org().to_string(), device: self.replica.device().to_string() }
    }

    pub(crate) fn org(&self) -> OrgId {
        self.replica.org()
    }

    /// The corrected time.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().0.saturating_add_signed(self.offset_ms))
    }

    /// Runs until cancelled, then closes everything in order.
    pub(crate) async fn run(mut self, mut asks: mpsc::Receiver<Ask>, cancel: CancellationToken) -> client::Result<()> {
        let mut tick = tokio::time::interval(HOUSEKEEPING);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut watch = WakeWatch::new(self.clock.now(), std::time::Instant::now());
        let (mut inbox, mut net, mut found) = (self.inbox.take(), self.net_events.take(), self.found.take());
        let indexed = self.indexer.indexed();
        loop {
            let wake = self.sleep_until_wake();
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                news = indexed.take() => self.announce(news),
                Some(ask) = asks.recv() => self.ask_all(ask, &mut asks),
                Some(event) = next(&mut inbox) => self.event(event),
                Some(event) = next(&mut net) => self.net_event(event).await,
                Some(found) = next(&mut found) => self.found(found),
                () = tokio::time::sleep(wake), if self.wake.is_some() => self.drive(Input::Tick),
                _ = tick.tick() => self.housekeeping(&mut watch).await,
            }
        }
        self.close().await
    }

    fn sleep_until_wake(&self) -> Duration {
        self.wake.map_or(Duration::MAX, |at| at.since(self.now()))
    }

    /// Gives the replica an input and performs what it asks for.
    pub(crate) fn drive(&mut self, input: Input) {
        if matches!(input, Input::Tick) {
            self.wake = None;
        }
        let mut out = Outputs::new();
        let now = self.now();
        self.replica.handle(&mut Ctx { now, rng: &mut OsEntropy }, input, &mut out);
        self.perform(out);
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Packet { from, packet } => {
                if self.has_room() {
                    self.drive(Input::Packet { source: Source::Peer(from), packet });
                }
            }
            Event::BadPacket { from, bytes, why } => self.bad_packet(from, bytes, why),
            Event::Served { from, space } => {
                let message = artel_crdt::sync::Message::Served(space);
                self.drive(Input::Message { from, message });
            }
            Event::Blob { hash, bytes } => self.take_blob(hash, bytes),
            Event::Load { space, epoch } => self.load(space, epoch),
            Event::Links { space } => self.links(space),
            Event::Push(pushes) => self.push(&pushes),
            Event::StoreFailed(error) => self.store_failed(&error),
            Event::Damaged(held) => self.begin_anew(held),
            Event::IndexDamaged => self.index_anew(),
            Event::Missing { space, epoch, hash } => self.missing(space, epoch, hash),
            Event::Enrol(event) => self.enrol_event(event),
            Event::File(event) => self.file_event(event),
            Event::Topics { found, looked } => self.topics_found(found, looked),
            Event::TopicsIndexed => self.topics_changed(),
            Event::Picture { picture, answer } => self.tell_picture(picture, answer),
        }
    }

    /// A packet that did not pass: it waits for its signer's enrolment, or is counted.
    fn bad_packet(&mut self, from: DeviceId, bytes: Vec<u8>, why: BadRun) {
        match why {
            BadRun::UnknownDevice(signer) => self.drive(Input::UnknownSigner { from, signer, bytes }),
            BadRun::Form(_) => self.count("malformed_packet"),
            BadRun::Signature(_) | BadRun::SignaturePlace => self.count("bad_signature"),
            BadRun::Organisation => self.count("foreign_organisation"),
            BadRun::Blob => self.count("foreign_blob"),
        }
    }

    /// Checks a packet from a peer here and now; for single pushes, where a task would cost more than it saves.
    pub(crate) fn offer(&mut self, from: DeviceId, bytes: Vec<u8>) {
        if !self.has_room() {
            return;
        }
        match run::check_run(self.replica.keys(), &bytes) {
            Ok(packet) => self.drive(Input::Packet { source: Source::Peer(from), packet: Box::new(packet) }),
            Err(why) => self.bad_packet(from, bytes, why),
        }
    }

    pub(crate) fn count(&mut self, cause: &str) {
        *self.refused.entry(cause.to_owned()).or_default() += 1;
    }

    /// Tells everybody who shows something that it changed.
    fn announce(&mut self, news: indexer::News) {
        for change in news.changes {
            let update = match change {
                Changed::Authority | Changed::Spaces => Update::Directory,
                Changed::Space(space) | Changed::Registers(space) => Update::History { channel: space.to_string() },
            };
            if let Changed::Space(space) = change {
                self.feed_tails(space);
            }
            // Nobody may be listening.
            self.updates.send(update).ok();
        }
        for (space, id) in news.arrived {
            self.updates.send(Update::Arrived { channel: space.to_string(), id: id.to_string() }).ok();
        }
    }

    pub(crate) fn alarm(&mut self, kind: AlarmKind, device: Option<DeviceId>, space: Option<SpaceId>) {
        let person = device.and_then(|it| self.replica.authority().state().person_of(&it));
        let alarm = Alarm {
            kind: kind.name().to_owned(),
            device: device.map(|it| it.to_string()),
            person: person.map(|it| it.to_string()),
            space: space.map(|it| it.to_string()),
        };
        if self.alarms.insert(alarm.clone()) {
            self.updates.send(Update::Alarm(alarm)).ok();
        }
    }

    async fn close(mut self) -> client::Result<()> {
        if let Some(net) = &self.net {
            for link in self.links.values() {
                net.send(link.key, artel_crdt::sync::Message::Goodbye.encode()).ok();
            }
        }
        self.save_snapshot();
        let (indexer, store, search, home) = (self.indexer, self.store, self.search.take(), self.home.take());
        let closed = tokio::task::spawn_blocking(move || {
            indexer.stop();
            if let Some(search) = search.and_then(Arc::into_inner) {
                search.close().ok();
            }
            let closed = store.close();
            drop(store);
            (closed, home.map(Home::close))
        });
        match closed.await {
            Ok((Ok(()), _)) => Ok(()),
            Ok((Err(error), _)) => Err(open::store_error(&error)),
            Err(_) => Err(client::Error::new(client::ErrorKind::Internal, "closing failed")),
        }
    }
}

async fn next<T>(receiver: &mut Option<mpsc::Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => std::future::pending().await,
    }
}

/// Answers a request; the asker may have gone.
pub(crate) fn answer(to: &mpsc::Sender<client::Result<Reply>>, result: client::Result<Reply>) {
    to.try_send(result).ok();
}

/// The error of a home that does not open; for others in this package.
pub(crate) fn open_error(error: &crate::home::HomeError) -> client::Error {
    open::home_error(error)
}
