//! What the driver says to the network and hears from it. Plain data: no libp2p type appears here.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use libp2p::identity::Keypair;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::control::{Frame, Queue, SendError};
use crate::counters::{Counters, Refusal, Refusals};
use crate::frame::Framed;
use crate::gate::OpenFailure;
use crate::key::{LinkId, PeerKey, Via};
use crate::limits::{self, Timing};
use crate::protocol::{Names, Protocol};

/// Which port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenPort {
    /// One the system chooses; the driver saves it for the next start.
    Any,
    /// The one of the last start; if it is taken, another.
    Saved(u16),
    /// This one, set by a person; if it is taken, the start fails.
    Fixed(u16),
}

/// What a node of one organisation needs to start.
#[derive(Clone)]
pub struct Config {
    pub(crate) keys: Keypair,
    pub(crate) me: PeerKey,
    pub(crate) names: Names,
    /// Addresses to listen on, one port for all. Default: all of IPv4 and IPv6. Empty: nobody can dial us.
    pub listen: Vec<IpAddr>,
    /// Default: [`ListenPort::Any`].
    pub port: ListenPort,
    /// Keys of all active devices at the start; later [`Net::set_roster`]. Default: none.
    pub roster: Vec<PeerKey>,
    /// Default: the product's times.
    pub timing: Timing,
}

impl Config {
    /// A configuration with defaults. `secret` is the device's Ed25519 secret key, which is wiped; `organisation` is the
    /// organisation's fingerprint as it appears in stream names.
    ///
    /// # Errors
    /// [`StartError::Identity`] and [`StartError::Organisation`].
    pub fn new(secret: &mut [u8; 32], organisation: &str) -> Result<Self, StartError> {
        let keys = Keypair::ed25519_from_bytes(secret).map_err(|_| StartError::Identity)?;
        let me = PeerKey::of(&keys.public().to_peer_id()).ok_or(StartError::Identity)?;
        Ok(Self {
            keys,
            me,
            names: Names::new(organisation).ok_or(StartError::Organisation)?,
            listen: vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
            port: ListenPort::Any,
            roster: Vec::new(),
            timing: Timing::default(),
        })
    }

    /// Our own key.
    pub fn key(&self) -> PeerKey {
        self.me
    }
}

/// Why the network did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The secret key is not usable.
    #[error("unusable device key")]
    Identity,
    /// The fingerprint is not 1 to 64 ASCII letters and digits.
    #[error("unusable organisation fingerprint")]
    Organisation,
    /// Another program listens on the port that was asked for.
    #[error("port {0} is in use")]
    PortInUse(u16),
    /// None of the addresses belongs to this computer.
    #[error("no address to listen on")]
    NoAddress,
    /// The system refuses to listen.
    #[error("cannot listen")]
    Listen(#[source] io::Error),
    /// The system has no randomness.
    #[error("no randomness from the system")]
    Randomness,
}

/// Where an address comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Announced on the local network by anybody: loopback addresses are ignored.
    Found,
    /// Told by members.
    Learnt,
    /// Worked before.
    Saved,
    /// Given by a person or a provisioning file.
    Manual,
}

/// Why a peer is no longer up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// It said farewell.
    Farewell,
    /// It fell silent; it is being redialled.
    Silent,
    /// The connection broke; it is being redialled.
    Lost,
    /// It was started again: another boot id came with a new connection.
    Restarted,
    /// It left the roster.
    Removed,
    /// It broke the rules of the protocol.
    Misbehaved(Refusal),
    /// The driver closed it.
    Closed,
}

/// What happens on the network. Per peer the order is that of the events.
pub enum Event {
    /// The addresses we listen on; each time all of them.
    Listening {
        /// Direct addresses, at most one for each interface and family.
        addresses: Vec<SocketAddr>,
    },
    /// A member now forwards circuits to us.
    Reserved {
        /// The member.
        hop: PeerKey,
    },
    /// It no longer does; another is looked for.
    ReservationLost {
        /// The member.
        hop: PeerKey,
    },
    /// Versions and boot ids are exchanged. The driver answers with [`Net::hello_payload`], [`Net::admit`] or [`Net::refuse`], or
    /// lets the link live for what enrolment needs.
    HelloStarted(HelloStarted),
    /// The other driver's payload of this hello.
    HelloPayload {
        /// The link.
        link: LinkId,
        /// Its peer.
        peer: PeerKey,
        /// Opaque, at most [`limits::HELLO_BYTES_MAX`] bytes.
        bytes: Vec<u8>,
    },
    /// A link ended before it was up, by our refusal or otherwise. Whatever the driver keeps for its hello can go.
    LinkClosed {
        /// The link.
        link: LinkId,
        /// Its peer.
        peer: PeerKey,
        /// Its direct address.
        address: Option<SocketAddr>,
        /// Why.
        cause: Refusal,
    },
    /// The first link to this peer is up: both sides admitted it and the control stream runs.
    PeerUp {
        /// The peer.
        peer: PeerKey,
        /// Its direct address; `None` through a hop.
        address: Option<SocketAddr>,
        /// How it is reached.
        via: Via,
        /// Random for each start of the peer's process.
        boot_id: [u8; 16],
    },
    /// The same peer is now reached another way.
    PeerMoved {
        /// The peer.
        peer: PeerKey,
        /// Its direct address; `None` through a hop.
        address: Option<SocketAddr>,
        /// How it is reached.
        via: Via,
    },
    /// The peer fell silent; `PeerDown` follows unless another link to it is up.
    PeerAway {
        /// The peer.
        peer: PeerKey,
    },
    /// The last link to this peer is gone.
    PeerDown {
        /// The peer.
        peer: PeerKey,
        /// Why.
        why: Down,
    },
    /// A control frame.
    Control {
        /// From this peer.
        peer: PeerKey,
        /// Drop it soon: it counts against what the peer may have unconsumed.
        frame: Frame,
    },
    /// The payload of a heartbeat, when there is one.
    Heartbeat {
        /// From this peer.
        peer: PeerKey,
        /// At most [`limits::HEARTBEAT_BYTES_MAX`] bytes.
        frame: Frame,
    },
    /// Frames to this peer were dropped because its queue was full, and the queue moves again: sync with it.
    Dropped {
        /// The peer.
        peer: PeerKey,
        /// How many.
        frames: u64,
    },
    /// The peer opened a sync, blob or enrol stream.
    Stream {
        /// The peer.
        peer: PeerKey,
        /// Its link, for [`Net::keep`].
        link: LinkId,
        /// Whether the link is admitted. Only enrol streams come otherwise.
        admitted: bool,
        /// What it is for.
        protocol: Protocol,
        /// The stream.
        stream: Framed,
    },
    /// Addresses a member says it can be dialled on, already known to the dialler; worth saving.
    Addresses {
        /// The member.
        peer: PeerKey,
        /// At most [`limits::ADDRESSES_MAX`].
        addresses: Vec<SocketAddr>,
    },
    /// A dial of all known addresses, and of a circuit where possible, failed. It is repeated with growing pauses.
    Unreachable {
        /// The peer; `None` when an address was dialled without a key.
        peer: Option<PeerKey>,
        /// The address dialled without a key.
        address: Option<SocketAddr>,
        /// Failures in a row.
        failures: u32,
    },
}

/// See [`Event::HelloStarted`].
#[derive(Clone, Debug)]
pub struct HelloStarted {
    /// The link, by which the driver answers.
    pub link: LinkId,
    /// The key that Noise proved.
    pub peer: PeerKey,
    /// Its direct address; `None` through a hop.
    pub address: Option<SocketAddr>,
    /// How it is reached.
    pub via: Via,
    /// Whether we dialled. If both sides are unknown to each other, the dialler speaks first.
    pub dialled: bool,
    /// Whether the key is in the roster.
    pub member: bool,
    /// Random for each start of the peer's process.
    pub boot_id: [u8; 16],
    /// The peer's nonce of this hello.
    pub their_nonce: [u8; 16],
    /// Our nonce of this hello.
    pub our_nonce: [u8; 16],
}

/// A peer that is up.
#[derive(Clone, Debug)]
pub struct PeerInfo {
    /// The peer.
    pub peer: PeerKey,
    /// Its direct address.
    pub address: Option<SocketAddr>,
    /// How it is reached.
    pub via: Via,
    /// Round trip, for display; measured every 30 s.
    pub rtt: Option<Duration>,
}

/// Why a stream was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The peer is not up, or the link is gone.
    #[error("peer is not connected")]
    NotConnected,
    /// [`limits::STREAMS_OUT_MAX`] streams to this peer are open already.
    #[error("too many streams to this peer")]
    Busy,
    /// The peer does not serve this stream to us.
    #[error("the peer refuses this stream")]
    Refused,
    /// The peer did not answer.
    #[error("the peer did not answer")]
    TimedOut,
    /// Hello and control streams are the network's own.
    #[error("not a stream for the driver")]
    NotForDrivers,
    /// The network has been shut down.
    #[error("the network is shut down")]
    Stopped,
}

/// The network has been shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the network is shut down")]
pub struct Stopped;

/// A stream being opened.
pub(crate) struct Opening {
    pub(crate) answer: oneshot::Receiver<Result<libp2p::Stream, OpenFailure>>,
    pub(crate) place: tokio::sync::OwnedSemaphorePermit,
    pub(crate) closed: CancellationToken,
}

/// From the handle to the swarm task.
pub(crate) enum Command {
    SetRoster(Vec<PeerKey>),
    HelloPayload(LinkId, Vec<u8>),
    Admit(LinkId),
    Refuse(LinkId, Refusal),
    Keep(LinkId, Duration),
    Dial(Option<PeerKey>, Vec<SocketAddr>, Source),
    Forget(PeerKey),
    Close(PeerKey),
    NetworkChanged,
    Open(
        Target,
        Protocol,
        oneshot::Sender<Result<Opening, OpenError>>,
    ),
}

/// Where a stream is to go.
pub(crate) enum Target {
    Peer(PeerKey),
    Link(LinkId),
}

/// What handle and swarm task share without asking each other.
pub(crate) struct Shared {
    pub(crate) me: PeerKey,
    pub(crate) counters: Arc<Counters>,
    peers: Mutex<BTreeMap<PeerKey, (Queue, PeerInfo)>>,
}

impl Shared {
    pub(crate) fn new(me: PeerKey, counters: Arc<Counters>) -> Self {
        Self {
            me,
            counters,
            peers: Mutex::default(),
        }
    }

    /// The peers that are up. Held for a lookup only.
    pub(crate) fn peers(&self) -> MutexGuard<'_, BTreeMap<PeerKey, (Queue, PeerInfo)>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle of a running network: cheap to clone, usable from any task.
#[derive(Clone)]
pub struct Net {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) heartbeat: Arc<watch::Sender<Arc<[u8]>>>,
}

impl Net {
    /// Our own key.
    pub fn key(&self) -> PeerKey {
        self.shared.me
    }

    /// Replaces the roster: the keys of all active devices. Links of others are closed at once and their streams die.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn set_roster(&self, roster: Vec<PeerKey>) -> Result<(), Stopped> {
        self.tell(Command::SetRoster(roster)).await
    }

    /// Sends one payload in the hello of this link, at most [`limits::HELLO_BYTES_MAX`] bytes and
    /// [`limits::HELLO_PAYLOADS_MAX`] times; more ends the link. Unknown links are ignored.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn hello_payload(&self, link: LinkId, bytes: Vec<u8>) -> Result<(), Stopped> {
        self.tell(Command::HelloPayload(link, bytes)).await
    }

    /// Admits the peer of this link, which joins the roster until the next [`Net::set_roster`].
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn admit(&self, link: LinkId) -> Result<(), Stopped> {
        self.tell(Command::Admit(link)).await
    }

    /// Closes the link; the peer is told nothing, and dialled again after the longest pause at the earliest.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn refuse(&self, link: LinkId, cause: Refusal) -> Result<(), Stopped> {
        self.tell(Command::Refuse(link, cause)).await
    }

    /// Lets a link that is not admitted live this much longer, at most [`limits::KEEP_MAX`] from now: an enrolment is under way.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn keep(&self, link: LinkId, time: Duration) -> Result<(), Stopped> {
        self.tell(Command::Keep(link, time)).await
    }

    /// Adds addresses of a peer and dials it at once unless it is up; a member is redialled for ever, anybody else a few times.
    /// Without addresses only circuits are tried. Without a key each address is dialled for itself until it answers.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn dial(
        &self,
        peer: Option<PeerKey>,
        addresses: Vec<SocketAddr>,
        source: Source,
    ) -> Result<(), Stopped> {
        self.tell(Command::Dial(peer, addresses, source)).await
    }

    /// Forgets the addresses of a peer and stops dialling it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn forget(&self, peer: PeerKey) -> Result<(), Stopped> {
        self.tell(Command::Forget(peer)).await
    }

    /// Closes every link to the peer.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn close(&self, peer: PeerKey) -> Result<(), Stopped> {
        self.tell(Command::Close(peer)).await
    }

    /// Addresses changed or the computer woke: dials everybody at once and asks every peer for a sign of life within 3 s.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn network_changed(&self) -> Result<(), Stopped> {
        self.tell(Command::NetworkChanged).await
    }

    /// The payload of heartbeats from now on; false when it is larger than [`limits::HEARTBEAT_BYTES_MAX`] and was not taken.
    pub fn set_heartbeat(&self, payload: &[u8]) -> bool {
        let good = payload.len() <= limits::HEARTBEAT_BYTES_MAX;
        if good {
            self.heartbeat.send_replace(payload.into());
        }
        good
    }

    /// Queues a control frame for a peer; never waits. A hint, not a delivery: it may be lost with the link.
    ///
    /// # Errors
    /// See [`SendError`]. After [`SendError::QueueFull`] an [`Event::Dropped`] says when the queue moves again.
    pub fn send(&self, peer: PeerKey, bytes: Vec<u8>) -> Result<(), SendError> {
        let queue = self
            .shared
            .peers()
            .get(&peer)
            .map(|(queue, _)| queue.clone());
        queue.ok_or(SendError::NotConnected)?.push(bytes)
    }

    /// Opens a sync, blob or enrol stream to a peer that is up.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_stream(
        &self,
        peer: PeerKey,
        protocol: Protocol,
    ) -> Result<Framed, OpenError> {
        if matches!(protocol, Protocol::Hello | Protocol::Control) {
            return Err(OpenError::NotForDrivers);
        }
        self.open(Target::Peer(peer), protocol).await
    }

    /// Opens an enrol stream on a link, admitted or not.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_enrol(&self, link: LinkId) -> Result<Framed, OpenError> {
        self.open(Target::Link(link), Protocol::Enrol).await
    }

    /// The peers that are up.
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.shared
            .peers()
            .values()
            .map(|(_, info)| info.clone())
            .collect()
    }

    /// What was refused since the start.
    pub fn refusals(&self) -> Refusals {
        self.shared.counters.read()
    }

    async fn tell(&self, command: Command) -> Result<(), Stopped> {
        self.commands.send(command).await.map_err(|_| Stopped)
    }

    async fn open(&self, target: Target, protocol: Protocol) -> Result<Framed, OpenError> {
        let (reply, opening) = oneshot::channel();
        self.tell(Command::Open(target, protocol, reply))
            .await
            .map_err(|Stopped| OpenError::Stopped)?;
        let Opening {
            answer,
            place,
            closed,
        } = opening.await.map_err(|_| OpenError::Stopped)??;
        match answer.await {
            Ok(Ok(stream)) => Ok(Framed::new(
                stream,
                protocol,
                closed,
                Arc::clone(&self.shared.counters),
                Some(place),
            )),
            Ok(Err(OpenFailure::Refused)) => Err(OpenError::Refused),
            Ok(Err(OpenFailure::TimedOut)) => Err(OpenError::TimedOut),
            Ok(Err(OpenFailure::Lost)) | Err(_) => Err(OpenError::NotConnected),
        }
    }
}
