//! What the driver says to the network. Plain data: no libp2p type appears here.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use libp2p::identity::Keypair;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::control::{Queue, SendError};
use crate::counters::{Counters, Refusal, Refusals};
use crate::event::PeerInfo;
use crate::frame::Framed;
use crate::gate::OpenFailure;
use crate::key::{LinkId, PeerKey};
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
    Open(Target, Protocol, oneshot::Sender<Result<Opening, OpenError>>),
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
        Self { me, counters, peers: Mutex::default() }
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
    pub async fn dial(&self, peer: Option<PeerKey>, addresses: Vec<SocketAddr>, source: Source) -> Result<(), Stopped> {
        self.tell(Command::Dial(peer, addresses, source)).await
    }

    /// Forgets the addresses of a peer and stops dialling it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn forget(&self, peer: PeerKey) -> Result<(), Stopped> {
        self.tell(Command::Forget(peer)).await
    }

    /// Closes every link to the peer, which is redialled unless it was forgotten before.
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
    /// See [`SendError`]. After [`SendError::QueueFull`] an [`crate::Event::Dropped`] says when the queue moves again.
    pub fn send(&self, peer: PeerKey, bytes: Vec<u8>) -> Result<(), SendError> {
        let queue = self.shared.peers().get(&peer).map(|(queue, _)| queue.clone());
        queue.ok_or(SendError::NotConnected)?.push(bytes)
    }

    /// Opens a sync, blob or enrol stream to a peer that is up.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_stream(&self, peer: PeerKey, protocol: Protocol) -> Result<Framed, OpenError> {
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
        self.shared.peers().values().map(|(_, info)| info.clone()).collect()
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
        self.tell(Command::Open(target, protocol, reply)).await.map_err(|Stopped| OpenError::Stopped)?;
        let Opening { answer, place, closed } = opening.await.map_err(|_| OpenError::Stopped)??;
        match answer.await {
            Ok(Ok(stream)) => Ok(Framed::new(stream, protocol, closed, Arc::clone(&self.shared.counters), Some(place))),
            Ok(Err(OpenFailure::Refused)) => Err(OpenError::Refused),
            Ok(Err(OpenFailure::TimedOut)) => Err(OpenError::TimedOut),
            Ok(Err(OpenFailure::Lost)) | Err(_) => Err(OpenError::NotConnected),
        }
    }
}
