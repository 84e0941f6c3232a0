//! The one task that owns the swarm: commands and reports in, events out, time between. It never waits for the driver, the disk or
//! a peer; when the driver does not take its events, the swarm is no longer polled and TCP holds the peers back.

mod dialling;
mod hops;
mod links;
mod peers;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use libp2p::Swarm;
use libp2p::core::transport::ListenerId;
use libp2p::swarm::{self, ConnectionId, SwarmEvent};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::{Command, Config, Net, Shared, StartError};
use crate::behaviour::{Behaviour, BehaviourEvent, Rest};
use crate::book::Book;
use crate::control::{Ending, Frame};
use crate::counters::{Counters, Refusal};
use crate::event::{Down, Event};
use crate::frame::Framed;
use crate::gate::gated::Gated;
use crate::gate::{Doors, Gate, GateEvent};
use crate::hello::HelloOne;
use crate::key::{LinkId, PeerKey};
use crate::limits;
use crate::transport;
use dialling::Dialled;
use hops::Hops;
use links::Link;

/// Idle connections are ended by our own heartbeats, not by the library.
const IDLE: Duration = Duration::from_secs(24 * 3600);
/// Inbound streams of one connection in negotiation.
const NEGOTIATING_MAX: usize = 32;
/// Pause before a listener that broke is opened again.
const RELISTEN: Duration = Duration::from_secs(5);

/// What a stream task tells the swarm task.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) link: LinkId,
    pub(crate) report: Report,
}

/// See [`News`].
pub(crate) enum Report {
    /// Hello 1 arrived and fits.
    HelloStarted { theirs: HelloOne },
    /// A payload of the other driver.
    HelloPayload { bytes: Vec<u8> },
    /// Both sides admitted each other.
    BothAdmitted,
    /// The hello came to nothing.
    HelloFailed { cause: Refusal },
    /// Our control stream is negotiated.
    ControlOpened { stream: Box<Framed> },
    /// A control frame.
    Control { frame: Frame },
    /// A heartbeat with a payload.
    Heartbeat { frame: Frame },
    /// Frames were dropped and the queue moves again.
    Dropped { frames: u64 },
    /// The control stream ended.
    ControlEnded { ending: Ending },
}

impl Report {
    /// Whether it is a frame and nothing that changes a link.
    fn is_traffic(&self) -> bool {
        matches!(self, Self::Control { .. } | Self::Heartbeat { .. } | Self::Dropped { .. })
    }
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::HelloStarted { .. } => "HelloStarted",
            Self::HelloPayload { .. } => "HelloPayload",
            Self::BothAdmitted => "BothAdmitted",
            Self::HelloFailed { .. } => "HelloFailed",
            Self::ControlOpened { .. } => "ControlOpened",
            Self::Control { .. } => "Control",
            Self::Heartbeat { .. } => "Heartbeat",
            Self::Dropped { .. } => "Dropped",
            Self::ControlEnded { .. } => "ControlEnded",
        })
    }
}

/// See the module.
struct Service {
    swarm: Swarm<Behaviour>,
    config: Config,
    boot_id: [u8; 16],
    shared: Arc<Shared>,
    tracker: TaskTracker,
    commands: mpsc::Receiver<Command>,
    news: mpsc::Receiver<News>,
    news_in: mpsc::Sender<News>,
    events: mpsc::Sender<Event>,
    /// Events the driver has not taken yet; bounded because the swarm is not polled beyond [`limits::PENDING_MAX`].
    pending: VecDeque<Event>,
    heartbeat: watch::Receiver<Arc<[u8]>>,
    farewell: CancellationToken,
    links: BTreeMap<LinkId, Link>,
    /// Places for streams we open, for each peer with a link.
    places: BTreeMap<PeerKey, Arc<Semaphore>>,
    book: Book,
    dials: BTreeMap<ConnectionId, Dialled>,
    hops: Hops,
    listeners: HashMap<ListenerId, SocketAddr>,
    relisten: Vec<(Instant, SocketAddr)>,
    listening: BTreeSet<SocketAddr>,
}

/// Starts the network of one organisation. Must be called inside a tokio runtime; every task runs on `tracker` and ends, after a
/// farewell to the peers, when `cancel` is cancelled or the events are no longer received.
///
/// # Errors
/// See [`StartError`].
pub fn spawn(
    mut config: Config,
    tracker: &TaskTracker,
    cancel: CancellationToken,
) -> Result<(Net, mpsc::Receiver<Event>), StartError> {
    let mut boot_id = [0; 16];
    getrandom::fill(&mut boot_id).map_err(|_| StartError::Randomness)?;
    let counters = Arc::new(Counters::default());
    let shared = Arc::new(Shared::new(config.me, Arc::clone(&counters)));
    let mut swarm = build_swarm(&config, counters, tracker)?;
    let mut listeners = HashMap::new();
    for address in transport::choose_port(&config.listen, config.port)? {
        let listener =
            swarm.listen_on(transport::to_multiaddr(address)).map_err(|error| listen_error(error, address))?;
        listeners.insert(listener, address);
    }

    let (commands_in, commands) = mpsc::channel(limits::COMMANDS_MAX);
    let (news_in, news) = mpsc::channel(limits::NEWS_MAX);
    let (events, events_out) = mpsc::channel(limits::EVENTS_MAX);
    let (heartbeat_in, heartbeat) = watch::channel(Arc::from([]));
    let net = Net { commands: commands_in, shared: Arc::clone(&shared), heartbeat: Arc::new(heartbeat_in) };
    let roster = std::mem::take(&mut config.roster);
    let mut service = Service {
        book: Book::new(config.me, config.timing),
        swarm,
        config,
        boot_id,
        shared,
        tracker: tracker.clone(),
        commands,
        news,
        news_in,
        events,
        pending: VecDeque::new(),
        heartbeat,
        farewell: CancellationToken::new(),
        links: BTreeMap::new(),
        places: BTreeMap::new(),
        dials: BTreeMap::new(),
        hops: Hops::default(),
        listeners,
        relisten: Vec::new(),
        listening: BTreeSet::new(),
    };
    service.set_roster(&roster);
    tracker.spawn(service.run(cancel));
    Ok((net, events_out))
}

fn build_swarm(
    config: &Config,
    counters: Arc<Counters>,
    tracker: &TaskTracker,
) -> Result<Swarm<Behaviour>, StartError> {
    let (transport, circuit) = transport::build(&config.keys)?;
    let doors = Doors::default();
    let behaviour = Behaviour {
        gate: Gate::new(Arc::new(config.names.clone()), counters, doors.clone()),
        rest: Gated::new(Rest::new(&config.keys.public(), circuit), doors),
    };
    let tracker = tracker.clone();
    let settings = swarm::Config::with_executor(move |task| drop(tracker.spawn(task)))
        .with_idle_connection_timeout(IDLE)
        .with_max_negotiating_inbound_streams(NEGOTIATING_MAX);
    Ok(Swarm::new(transport, behaviour, config.keys.public().to_peer_id(), settings))
}

fn listen_error(error: libp2p::TransportError<std::io::Error>, address: SocketAddr) -> StartError {
    match error {
        libp2p::TransportError::Other(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            StartError::PortInUse(address.port())
        }
        libp2p::TransportError::Other(error) => StartError::Listen(error),
        libp2p::TransportError::MultiaddrNotSupported(_) => StartError::NoAddress,
    }
}

impl Service {
    async fn run(mut self, cancel: CancellationToken) {
        let events = self.events.clone();
        let mut wake = Some(Instant::now());
        loop {
            let room = self.pending.len() < limits::PENDING_MAX;
            if room && wake.is_some_and(|at| at <= Instant::now()) {
                self.tick(Instant::now());
                wake = self.next_wake();
            }
            // What comes from a control stream changes nothing that time depends on, and there is much of it.
            let changed = tokio::select! {
                () = cancel.cancelled() => break,
                permit = events.reserve(), if !self.pending.is_empty() => {
                    let Ok(permit) = permit else { break };
                    if let Some(event) = self.pending.pop_front() {
                        permit.send(event);
                    }
                    self.hand_over();
                    false
                }
                command = self.commands.recv() => {
                    let Some(command) = command else { break };
                    self.on_command(command);
                    true
                }
                Some(news) = self.news.recv(), if room => {
                    let changed = !news.report.is_traffic();
                    self.on_news(news);
                    changed
                }
                event = self.swarm.select_next_some(), if room => {
                    self.on_swarm(event);
                    true
                }
                () = sleep_until(wake), if room => false,
            };
            if changed {
                wake = Some(Instant::now());
            }
        }
        self.say_farewell().await;
    }

    /// Hands over what fits without waiting.
    fn hand_over(&mut self) {
        while let Some(event) = self.pending.pop_front() {
            if let Err(error) = self.events.try_send(event) {
                self.pending.push_front(match error {
                    mpsc::error::TrySendError::Full(event) | mpsc::error::TrySendError::Closed(event) => event,
                });
                return;
            }
        }
    }

    fn emit(&mut self, event: Event) {
        self.pending.push_back(event);
    }

    /// Everything that time brings.
    fn tick(&mut self, now: Instant) {
        self.prune_links(now);
        self.make_dials(now);
        self.look_for_hops(now);
        let (due, later) = std::mem::take(&mut self.relisten).into_iter().partition(|(at, _)| *at <= now);
        self.relisten = later;
        for (_, address) in due {
            match self.swarm.listen_on(transport::to_multiaddr(address)) {
                Ok(listener) => drop(self.listeners.insert(listener, address)),
                Err(_) => self.relisten.push((now + RELISTEN, address)),
            }
        }
    }

    /// When time brings something next.
    fn next_wake(&self) -> Option<Instant> {
        let relisten = self.relisten.iter().map(|(at, _)| *at).min();
        [self.links_wake(), self.dialling_wake(), self.hops_wake(), relisten].into_iter().flatten().min()
    }

    fn on_command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::SetRoster(roster) => self.set_roster(&roster),
            Command::HelloPayload(link, bytes) => self.hello_payload(link, bytes),
            Command::Admit(link) => self.admit(link),
            Command::Refuse(link, cause) => {
                self.shared.counters.add(cause);
                self.end(link, Down::Closed, cause);
            }
            Command::Keep(link, time) => self.keep(link, now + time.min(limits::KEEP_MAX)),
            Command::Dial(key, addresses, source) => self.dial(key, &addresses, source, now),
            Command::Forget(key) => self.book.forget(&key),
            Command::Close(key) => self.end_all(key, Down::Closed, Refusal::ByDriver),
            Command::NetworkChanged => {
                self.book.hurry(now);
                self.probe_all();
            }
            // Nobody waits any more: then the stream is not wanted either.
            Command::Open(target, protocol, reply) => drop(reply.send(self.open(&target, protocol))),
        }
    }

    fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Gate(GateEvent::Arrived { link, protocol, stream, place })) => {
                self.on_stream(LinkId(link), protocol, stream, place);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Gate(GateEvent::Abuse { link })) => {
                self.end(LinkId(link), Down::Misbehaved(Refusal::NotMember), Refusal::NotMember);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Rest(event)) => self.on_rest(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.on_established(connection_id, peer_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { connection_id, .. } => self.on_closed(LinkId(connection_id)),
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.on_dial_error(connection_id, &error)
            }
            SwarmEvent::IncomingConnectionError { error: swarm::ListenError::Transport(_), .. } => {
                self.shared.counters.add(Refusal::Handshake);
            }
            SwarmEvent::NewListenAddr { listener_id, address } => self.on_listening(listener_id, &address),
            SwarmEvent::ExpiredListenAddr { address, .. } => self.on_not_listening(&address),
            SwarmEvent::ListenerClosed { listener_id, .. } => match self.listeners.remove(&listener_id) {
                Some(address) => self.relisten.push((Instant::now() + RELISTEN, address)),
                None => self.on_hop_closed(listener_id),
            },
            _ => {}
        }
    }

    /// Says goodbye to every peer, so that they need not wait for a silence, and closes in order what closes in time.
    async fn say_farewell(mut self) {
        self.farewell.cancel();
        let deadline = Instant::now() + limits::FAREWELL_DEADLINE;
        while self.links.values().any(Link::is_up) && Instant::now() < deadline {
            self.pending.clear();
            tokio::select! {
                Some(news) = self.news.recv() => self.on_news(news),
                event = self.swarm.select_next_some() => self.on_swarm(event),
                () = sleep_until(Some(deadline)) => {}
            }
        }
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            self.end(link, Down::Closed, Refusal::ByDriver);
        }
        let deadline = Instant::now() + limits::FAREWELL_DEADLINE;
        while self.swarm.network_info().num_peers() > 0 && Instant::now() < deadline {
            tokio::select! {
                _ = self.swarm.select_next_some() => {}
                () = sleep_until(Some(deadline)) => {}
            }
        }
    }

    /// A random byte for a jitter; without randomness there is none.
    fn chance() -> u8 {
        let mut byte = [0];
        let filled = getrandom::fill(&mut byte).is_ok();
        let [byte] = byte;
        if filled { byte } else { 128 }
    }
}

/// Sleeps until then, or for ever.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
