//! Links from their handshake to their end, and what they add up to for each peer.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use libp2p::core::{ConnectedPoint, Endpoint};
use libp2p::swarm::ConnectionId;
use libp2p::{PeerId, Stream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::{News, Report, Service};
use crate::api::Source;
use crate::control::{ControlTask, Ending, Queue};
use crate::counters::Refusal;
use crate::event::{Down, Event, HelloStarted};
use crate::frame::Framed;
use crate::gate::Level;
use crate::hello::{HelloOne, HelloOrder, HelloTask, VERSION_MAX, VERSION_MIN};
use crate::key::{LinkId, PeerKey, Via};
use crate::limits;
use crate::protocol::Protocol;
use crate::transport::{hop_of, is_circuit, to_socket};

/// Orders waiting for one hello: every payload it may send, and the admission.
const HELLO_ORDERS_MAX: usize = limits::HELLO_PAYLOADS_MAX as usize + 1;

/// One connection.
pub(super) struct Link {
    pub(super) peer: PeerId,
    pub(super) key: PeerKey,
    pub(super) address: Option<SocketAddr>,
    pub(super) via: Via,
    /// We opened the connection, so the hello stream is ours to open.
    dialled: bool,
    /// Not up by then: closed.
    pub(super) deadline: Instant,
    /// The hello, until its stream is there.
    waiting: Option<HelloTask>,
    orders: mpsc::Sender<HelloOrder>,
    ours: HelloOne,
    pub(super) theirs: Option<HelloOne>,
    pub(super) admitted: bool,
    up: Option<Up>,
    /// Streams that overtook the control stream.
    early: Vec<(Protocol, Framed)>,
    pub(super) closed: CancellationToken,
}

/// A link whose control stream runs.
struct Up {
    since: Instant,
    queue: Queue,
    probe: Arc<Notify>,
}

impl Link {
    /// Whether its control stream runs.
    pub(super) fn is_up(&self) -> bool {
        self.up.is_some()
    }

    /// Since when its control stream runs.
    pub(super) fn up_since(&self) -> Option<Instant> {
        self.up.as_ref().map(|up| up.since)
    }

    /// The queue before its control stream.
    pub(super) fn queue(&self) -> Option<&Queue> {
        self.up.as_ref().map(|up| &up.queue)
    }

    /// How good the link is; both sides come to the same order. The last part decides between two dials of the same side.
    pub(super) fn rank(&self, me: PeerKey) -> (bool, bool, Reverse<[u8; 16]>) {
        let by_smaller = self.dialled == (me < self.key);
        let theirs = self.theirs.as_ref().map_or([0; 16], |hello| hello.nonce);
        let nonce = if self.dialled { self.ours.nonce } else { theirs };
        (self.via == Via::Direct, by_smaller, Reverse(nonce))
    }
}

impl Service {
    pub(super) fn on_established(&mut self, id: ConnectionId, peer: PeerId, endpoint: &ConnectedPoint) {
        let now = Instant::now();
        let (Some(key), Some(nonce)) = (PeerKey::of(&peer), random()) else {
            self.swarm.close_connection(id);
            return;
        };
        let (via, address, dialled) = way(endpoint, key);
        self.dial_succeeded(id, key, address, now);
        if dialled && let Some(address) = address {
            self.book.learn(key, &[address], Source::Saved);
        }
        self.book.linked(key, via, now);

        let link = LinkId(id);
        let ours = HelloOne { min: VERSION_MIN, max: VERSION_MAX, boot_id: self.boot_id, nonce };
        let (orders, receiver) = mpsc::channel(HELLO_ORDERS_MAX);
        let closed = CancellationToken::new();
        let task = HelloTask {
            link,
            ours: ours.clone(),
            patience: self.config.timing.hello,
            orders: receiver,
            news: self.news_in.clone(),
            closed: closed.clone(),
        };
        let waiting = if dialled {
            self.open_hello(link, peer, task);
            None
        } else {
            Some(task)
        };
        let state = Link {
            peer,
            key,
            address,
            via,
            dialled,
            deadline: now + self.config.timing.admission,
            waiting,
            orders,
            ours,
            theirs: None,
            admitted: false,
            up: None,
            early: Vec::new(),
            closed,
        };
        self.links.insert(link, state);
        let places = self.places.entry(key);
        places.or_insert_with(|| Arc::new(Semaphore::new(limits::STREAMS_OUT_MAX)));
    }

    /// The connection is gone. If its control stream runs, that stream still has the peer's last words and reports the end itself.
    pub(super) fn on_closed(&mut self, id: LinkId) {
        if !self.links.get(&id).is_some_and(Link::is_up) {
            self.end(id, Down::Lost, Refusal::ByPeer);
        }
    }

    fn open_hello(&mut self, link: LinkId, peer: PeerId, task: HelloTask) {
        let answer = self.swarm.behaviour_mut().gate.open(link.0, peer, Protocol::Hello);
        let counters = Arc::clone(&self.shared.counters);
        let news = self.news_in.clone();
        self.tracker.spawn(async move {
            if let Ok(Ok(stream)) = answer.await {
                let stream = Framed::new(stream, Protocol::Hello, task.closed.clone(), counters, None);
                task.run(stream).await;
            } else {
                drop(news.send(News { link, report: Report::HelloFailed { cause: Refusal::ByPeer } }).await);
            }
        });
    }

    /// A stream of the peer.
    pub(super) fn on_stream(&mut self, id: LinkId, protocol: Protocol, stream: Stream, place: OwnedSemaphorePermit) {
        let counters = Arc::clone(&self.shared.counters);
        let me = self.config.me;
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let framed = Framed::new(stream, protocol, link.closed.clone(), counters, Some(place));
        match protocol {
            Protocol::Hello => match link.waiting.take() {
                Some(task) => drop(self.tracker.spawn(task.run(framed))),
                None => self.refuse(id, Refusal::BadHello),
            },
            Protocol::Control if link.admitted && link.up.is_none() && link.key < me => self.start_control(id, framed),
            Protocol::Control => self.refuse(id, Refusal::BadFrame),
            Protocol::Sync | Protocol::Blob if !link.is_up() => link.early.push((protocol, framed)),
            Protocol::Sync | Protocol::Blob | Protocol::Enrol => {
                let (peer, admitted) = (link.key, link.admitted);
                self.emit(Event::Stream { peer, link: id, admitted, protocol, stream: framed });
            }
        }
    }

    pub(super) fn on_news(&mut self, News { link: id, report }: News) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let (peer, up) = (link.key, link.is_up());
        match report {
            Report::HelloStarted { theirs } => self.hello_started(id, theirs),
            Report::HelloPayload { bytes } => self.emit(Event::HelloPayload { link: id, peer, bytes }),
            Report::HelloFailed { cause } if !up => self.refuse(id, cause),
            Report::HelloFailed { .. } => {}
            Report::BothAdmitted => self.both_admitted(id),
            Report::ControlOpened { stream } => self.start_control(id, *stream),
            Report::Control { frame } if up => self.emit(Event::Control { peer, frame }),
            Report::Heartbeat { frame } if up => self.emit(Event::Heartbeat { peer, frame }),
            Report::Dropped { frames } if up => self.emit(Event::Dropped { peer, frames }),
            Report::Control { .. } | Report::Heartbeat { .. } | Report::Dropped { .. } => {}
            Report::ControlEnded { ending } => self.control_ended(id, peer, ending),
        }
    }

    fn hello_started(&mut self, id: LinkId, theirs: HelloOne) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        link.theirs = Some(theirs.clone());
        let started = HelloStarted {
            link: id,
            peer: link.key,
            address: link.address,
            via: link.via,
            dialled: link.dialled,
            member: self.book.is_member(&link.key),
            boot_id: theirs.boot_id,
            their_nonce: theirs.nonce,
            our_nonce: link.ours.nonce,
        };
        // Another boot id: the peer was started again, and what it had before is dead though TCP has not noticed.
        let key = link.key;
        let other_boot = |l: &Link| l.key == key && l.theirs.as_ref().is_some_and(|h| h.boot_id != theirs.boot_id);
        let others: Vec<_> = self.links.iter().filter(|(_, l)| other_boot(l)).map(|(id, _)| *id).collect();
        let stale = others.iter().any(|other| *other > id);
        for older in others.into_iter().filter(|other| *other < id) {
            self.end(older, Down::Restarted, Refusal::ByPeer);
        }
        if stale {
            self.end(id, Down::Restarted, Refusal::ByPeer);
        } else {
            self.emit(Event::HelloStarted(started));
        }
    }

    pub(super) fn hello_payload(&mut self, id: LinkId, bytes: Vec<u8>) {
        let Some(link) = self.links.get(&id) else {
            return;
        };
        if bytes.len() > limits::HELLO_BYTES_MAX || link.orders.try_send(HelloOrder::Payload(bytes)).is_err() {
            self.refuse(id, Refusal::ByDriver);
        }
    }

    /// The driver admits the peer of this link: from now on we serve it, and say so.
    pub(super) fn admit(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.theirs.is_some() && !link.admitted) else {
            return;
        };
        link.admitted = true;
        let (key, peer) = (link.key, link.peer);
        let gate = &mut self.swarm.behaviour_mut().gate;
        gate.add_member(peer);
        gate.set_level(id.0, peer, Level::Admitted);
        self.book.add_member(key);
        if self.links.get(&id).is_some_and(|link| link.orders.try_send(HelloOrder::Admit).is_err()) {
            self.refuse(id, Refusal::ByPeer);
        }
    }

    /// The smaller key opens the control stream.
    fn both_admitted(&mut self, id: LinkId) {
        let Some(link) = self.links.get(&id) else {
            return;
        };
        let (peer, closed, first) = (link.peer, link.closed.clone(), self.config.me < link.key);
        let gate = &mut self.swarm.behaviour_mut().gate;
        gate.set_level(id.0, peer, Level::Open);
        if !first {
            return;
        }
        let answer = gate.open(id.0, peer, Protocol::Control);
        let (counters, news) = (Arc::clone(&self.shared.counters), self.news_in.clone());
        self.tracker.spawn(async move {
            let report = match answer.await {
                Ok(Ok(stream)) => {
                    let stream = Box::new(Framed::new(stream, Protocol::Control, closed, counters, None));
                    Report::ControlOpened { stream }
                }
                _ => Report::HelloFailed { cause: Refusal::ByPeer },
            };
            drop(news.send(News { link: id, report }).await);
        });
    }

    fn start_control(&mut self, id: LinkId, stream: Framed) {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.admitted && link.up.is_none()) else {
            return;
        };
        let (queue, outgoing) = Queue::new();
        let probe = Arc::new(Notify::new());
        let task = ControlTask {
            link: id,
            timing: self.config.timing,
            queue: queue.clone(),
            outgoing,
            heartbeat: self.heartbeat.clone(),
            probe: Arc::clone(&probe),
            farewell: self.farewell.clone(),
            news: self.news_in.clone(),
        };
        self.tracker.spawn(task.run(stream));
        link.up = Some(Up { since: Instant::now(), queue, probe });
        let (key, peer, early) = (link.key, link.peer, std::mem::take(&mut link.early));
        self.swarm.behaviour_mut().gate.set_level(id.0, peer, Level::Open);
        self.book.up(key);
        self.refresh(key, Down::Closed);
        for (protocol, stream) in early {
            self.emit(Event::Stream { peer: key, link: id, admitted: true, protocol, stream });
        }
    }

    fn control_ended(&mut self, id: LinkId, peer: PeerKey, ending: Ending) {
        let why = match ending {
            Ending::Farewell => Down::Farewell,
            Ending::Silent => {
                self.emit(Event::PeerAway { peer });
                Down::Silent
            }
            Ending::Lost => Down::Lost,
            Ending::Misbehaved(cause) => {
                if cause == Refusal::BadFrame {
                    self.shared.counters.add(cause);
                }
                Down::Misbehaved(cause)
            }
            Ending::Ours => Down::Closed,
        };
        self.end(id, why, Refusal::ByPeer);
    }

    /// Counts and ends a link that is not up.
    pub(super) fn refuse(&mut self, id: LinkId, cause: Refusal) {
        self.shared.counters.add(cause);
        self.end(id, Down::Misbehaved(cause), cause);
    }

    /// Ends a link: `why` if it was up, `cause` if it was not. For us it is gone at once, however long the socket takes to close.
    pub(super) fn end(&mut self, id: LinkId, why: Down, cause: Refusal) {
        let Some(link) = self.links.remove(&id) else {
            return;
        };
        link.closed.cancel();
        self.swarm.behaviour_mut().gate.closing(id.0);
        self.swarm.close_connection(id.0);
        self.hop_lost(id);
        let (key, now) = (link.key, Instant::now());
        let last = !self.links.values().any(|other| other.key == key);
        if last {
            self.places.remove(&key);
        }
        if link.is_up() {
            self.refresh(key, why);
            if last {
                self.book.lost(key, now, Self::chance());
            }
            return;
        }
        if last {
            let refused = !matches!(cause, Refusal::ByPeer | Refusal::AdmissionTimeout);
            self.book.rejected(key, refused, now, Self::chance());
        }
        tracing::debug!(peer = ?key, %cause, "link ended before it was up");
        self.emit(Event::LinkClosed { link: id, peer: key, address: link.address, cause });
    }

    pub(super) fn keep(&mut self, id: LinkId, until: Instant) {
        if let Some(link) = self.links.get_mut(&id) {
            link.deadline = link.deadline.max(until);
        }
    }

    /// Asks every peer for a sign of life.
    pub(super) fn probe_all(&self) {
        for up in self.links.values().filter_map(|link| link.up.as_ref()) {
            up.probe.notify_one();
        }
    }
}

/// How a connection reaches the peer, the peer's direct address, and whether the hello is ours to open. A connection made by punching
/// a hole is dialled by both; then libp2p's roles decide.
fn way(endpoint: &ConnectedPoint, key: PeerKey) -> (Via, Option<SocketAddr>, bool) {
    let (remote, path, dialled) = match endpoint {
        ConnectedPoint::Dialer { address, role_override, .. } => (address, address, *role_override == Endpoint::Dialer),
        ConnectedPoint::Listener { local_addr, send_back_addr } => (send_back_addr, local_addr, false),
    };
    if is_circuit(path) {
        let hop = hop_of(path).and_then(|hop| PeerKey::of(&hop));
        return (Via::Relay(hop.unwrap_or(key)), None, dialled);
    }
    (Via::Direct, to_socket(remote), dialled)
}

/// Sixteen random bytes, or none.
fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}
