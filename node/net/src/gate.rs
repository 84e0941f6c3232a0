//! The gate: who may connect, and what an admitted link may do that another may not.
//!
//! Noise proves the key before anything else runs; here the key decides. A link begins shut: only hello and enrol streams are
//! served. When the driver admits it, streams for members are served as well; when both sides have admitted each other, identify,
//! ping, circuits and hole punching start (see [`gated`]).

pub(crate) mod gated;
mod handler;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use libp2p::core::transport::PortUse;
use libp2p::core::{ConnectedPoint, Endpoint};
use libp2p::swarm::behaviour::ConnectionEstablished;
use libp2p::swarm::{
    ConnectionClosed, ConnectionDenied, ConnectionId, DialFailure, FromSwarm, ListenFailure, NetworkBehaviour,
    NotifyHandler, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::counters::{Counters, Refusal};
use crate::key::PeerKey;
use crate::limits;
use crate::protocol::{Names, Protocol};
use crate::transport::to_socket;
use handler::{Handler, News, Order};

pub(crate) use handler::OpenFailure;

/// How far a link has come. Only the swarm task moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Level {
    /// Not admitted, or being closed: hello and enrol only.
    Shut = 0,
    /// Admitted by us: streams for members are served.
    Admitted = 1,
    /// Admitted by both: everything runs.
    Open = 2,
}

/// The door of one link, shared with its handlers, so that a change holds before the next stream is negotiated.
#[derive(Debug)]
pub(crate) struct Door {
    level: AtomicU8,
    refused: AtomicU32,
    counters: Arc<Counters>,
}

impl Door {
    /// Whether the link has come at least this far.
    pub(crate) fn is(&self, level: Level) -> bool {
        self.level.load(Ordering::SeqCst) >= level as u8
    }

    fn set(&self, level: Level) {
        self.level.store(level as u8, Ordering::SeqCst);
    }

    /// Counts a refused stream.
    pub(crate) fn refuse(&self, cause: Refusal) {
        self.counters.add(cause);
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the link has had enough refusals.
    pub(crate) fn is_abused(&self) -> bool {
        self.refused.load(Ordering::Relaxed) >= limits::STREAMS_REFUSED_MAX
    }
}

/// The doors of all links.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doors(Arc<Mutex<BTreeMap<ConnectionId, Arc<Door>>>>);

impl Doors {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<ConnectionId, Arc<Door>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, link: ConnectionId) -> Option<Arc<Door>> {
        self.with(|doors| doors.get(&link).cloned())
    }
}

/// What the gate tells the swarm task.
#[derive(Debug)]
pub(crate) enum GateEvent {
    /// The peer opened a stream that it may open.
    Arrived { link: ConnectionId, protocol: Protocol, stream: Stream, place: OwnedSemaphorePermit },
    /// The link asked for too much that it may not have.
    Abuse { link: ConnectionId },
}

/// One host as far as limits go: an IPv4 address or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    V4([u8; 4]),
    V6([u16; 4]),
}

impl Host {
    fn of(address: &Multiaddr) -> Option<Self> {
        to_socket(address).map(|socket| match socket {
            SocketAddr::V4(v4) => Self::V4(v4.ip().octets()),
            SocketAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.ip().segments();
                Self::V6([a, b, c, d])
            }
        })
    }
}

/// What is remembered of an established connection.
struct Seen {
    peer: PeerId,
    host: Option<Host>,
    inbound: bool,
    closing: bool,
}

/// See the module.
pub(crate) struct Gate {
    names: Arc<Names>,
    counters: Arc<Counters>,
    doors: Doors,
    /// The roster, as peer ids.
    members: BTreeSet<PeerId>,
    pending_in: BTreeMap<ConnectionId, Option<Host>>,
    pending_out: BTreeSet<ConnectionId>,
    seen: BTreeMap<ConnectionId, Seen>,
    /// Places for inbound streams, for each connected peer.
    places: BTreeMap<PeerId, Arc<Semaphore>>,
    queue: VecDeque<ToSwarm<GateEvent, Order>>,
}

impl Gate {
    /// A gate without members.
    pub(crate) fn new(names: Arc<Names>, counters: Arc<Counters>, doors: Doors) -> Self {
        Self {
            names,
            counters,
            doors,
            members: BTreeSet::new(),
            pending_in: BTreeMap::new(),
            pending_out: BTreeSet::new(),
            seen: BTreeMap::new(),
            places: BTreeMap::new(),
            queue: VecDeque::new(),
        }
    }

    /// Replaces the roster. Links of those who left are closed by the swarm task.
    pub(crate) fn set_members(&mut self, members: impl IntoIterator<Item = PeerId>) {
        self.members = members.into_iter().collect();
    }

    /// Adds one member.
    pub(crate) fn add_member(&mut self, peer: PeerId) {
        self.members.insert(peer);
    }

    /// Moves the door of a link. Holds at once for what the peer asks; the wake makes our own side start.
    pub(crate) fn set_level(&mut self, link: ConnectionId, peer: PeerId, level: Level) {
        if let Some(door) = self.doors.get(link) {
            door.set(level);
            self.order(link, peer, Order::Wake);
        }
    }

    /// A link is being closed: it no longer counts for its peer and serves nothing for members.
    pub(crate) fn closing(&mut self, link: ConnectionId) {
        if let Some(door) = self.doors.get(link) {
            door.set(Level::Shut);
        }
        if let Some(seen) = self.seen.get_mut(&link) {
            seen.closing = true;
        }
    }

    /// Asks for a stream on this very connection. The answer is dropped unanswered when the connection ends first.
    pub(crate) fn open(
        &mut self,
        link: ConnectionId,
        peer: PeerId,
        protocol: Protocol,
    ) -> oneshot::Receiver<Result<Stream, OpenFailure>> {
        let (reply, answer) = oneshot::channel();
        self.order(link, peer, Order::Open { name: self.names.name(protocol), reply });
        answer
    }

    /// Outbound connections being dialled.
    pub(crate) fn dialling(&self) -> usize {
        self.pending_out.len()
    }

    fn order(&mut self, link: ConnectionId, peer_id: PeerId, event: Order) {
        self.queue.push_back(ToSwarm::NotifyHandler { peer_id, handler: NotifyHandler::One(link), event });
    }

    fn deny<T>(&self, cause: Refusal) -> Result<T, ConnectionDenied> {
        self.counters.add(cause);
        Err(ConnectionDenied::new(cause))
    }

    /// The limits that hold for every established connection.
    fn check(&self, peer: &PeerId) -> Result<(), Refusal> {
        if PeerKey::of(peer).is_none() {
            return Err(Refusal::KeyKind);
        }
        if self.seen.len() >= limits::CONNECTIONS_MAX {
            return Err(Refusal::TooManyConnections);
        }
        let of_peer = self.seen.values().filter(|seen| seen.peer == *peer && !seen.closing).count();
        let most = if self.members.contains(peer) { limits::CONNECTIONS_PER_MEMBER_MAX } else { 1 };
        if of_peer >= most {
            return Err(Refusal::ConnectionsPerPeer);
        }
        Ok(())
    }

    /// The limits of inbound connections, stricter for strangers.
    fn check_inbound(&self, peer: &PeerId, host: Option<Host>) -> Result<(), Refusal> {
        self.check(peer)?;
        if self.seen.values().filter(|seen| seen.inbound).count() >= limits::INBOUND_MAX {
            return Err(Refusal::TooManyConnections);
        }
        if self.members.contains(peer) {
            return Ok(());
        }
        let strangers = self.seen.values().filter(|seen| seen.inbound && !self.members.contains(&seen.peer));
        if strangers.clone().count() >= limits::STRANGERS_MAX {
            return Err(Refusal::TooManyStrangers);
        }
        if host.is_some() && strangers.filter(|seen| seen.host == host).count() >= limits::STRANGERS_PER_ADDRESS_MAX {
            return Err(Refusal::StrangersPerAddress);
        }
        Ok(())
    }

    /// The handler of a new connection, its door shut.
    fn handler(&mut self, link: ConnectionId, peer: PeerId) -> Handler {
        let door = Arc::new(Door {
            level: AtomicU8::new(Level::Shut as u8),
            refused: AtomicU32::new(0),
            counters: Arc::clone(&self.counters),
        });
        self.doors.with(|doors| doors.insert(link, Arc::clone(&door)));
        let places = self.places.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(limits::STREAMS_IN_MAX)));
        Handler::new(Arc::clone(&self.names), door, Arc::clone(places))
    }

    fn established(&mut self, event: ConnectionEstablished<'_>) {
        self.pending_in.remove(&event.connection_id);
        self.pending_out.remove(&event.connection_id);
        let (inbound, address) = match event.endpoint {
            ConnectedPoint::Dialer { address, .. } => (false, address),
            ConnectedPoint::Listener { send_back_addr, .. } => (true, send_back_addr),
        };
        let seen = Seen { peer: event.peer_id, host: Host::of(address), inbound, closing: false };
        self.seen.insert(event.connection_id, seen);
    }

    fn closed(&mut self, link: ConnectionId, peer: PeerId) {
        self.seen.remove(&link);
        self.doors.with(|doors| doors.remove(&link));
        if !self.seen.values().any(|seen| seen.peer == peer) {
            self.places.remove(&peer);
        }
    }
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = Handler;
    type ToSwarm = GateEvent;

    fn handle_pending_inbound_connection(
        &mut self,
        link: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        if self.pending_in.len() >= limits::PENDING_IN_MAX {
            return self.deny(Refusal::TooManyPending);
        }
        let host = Host::of(remote);
        if host.is_some()
            && self.pending_in.values().filter(|h| **h == host).count() >= limits::PENDING_IN_PER_ADDRESS_MAX
        {
            return self.deny(Refusal::PendingPerAddress);
        }
        self.pending_in.insert(link, host);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        link: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        match self.check_inbound(&peer, Host::of(remote)) {
            Ok(()) => Ok(self.handler(link, peer)),
            Err(cause) => self.deny(cause),
        }
    }

    fn handle_pending_outbound_connection(
        &mut self,
        link: ConnectionId,
        _: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        if self.pending_out.len() >= limits::PENDING_OUT_MAX {
            return self.deny(Refusal::TooManyPending);
        }
        self.pending_out.insert(link);
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        link: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        match self.check(&peer) {
            Ok(()) => Ok(self.handler(link, peer)),
            Err(cause) => self.deny(cause),
        }
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(event) => self.established(event),
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, peer_id, .. }) => {
                self.closed(connection_id, peer_id)
            }
            FromSwarm::DialFailure(DialFailure { connection_id, .. }) => {
                self.pending_out.remove(&connection_id);
                self.doors.with(|doors| doors.remove(&connection_id));
            }
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending_in.remove(&connection_id);
                self.doors.with(|doors| doors.remove(&connection_id));
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, link: ConnectionId, event: THandlerOutEvent<Self>) {
        let event = match event {
            News::Arrived { protocol, stream, place } => GateEvent::Arrived { link, protocol, stream, place },
            News::Abuse => GateEvent::Abuse { link },
        };
        self.queue.push_back(ToSwarm::GenerateEvent(event));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<GateEvent, THandlerInEvent<Self>>> {
        self.queue.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}
