//! Finding colleagues without a server: a ladder of sources, all used at once, merged into one bounded stream.
//!
//! Saved addresses, multicast DNS, addresses that members told, the administrator's file and addresses typed by hand. What
//! comes out are hints for dialling: only the handshake proves who answers. Nothing that goes onto the network names the
//! organisation, the person or the machine (`discovery/rules.rs`).

mod book;
mod given;
mod ladder;
mod mdns;
mod rules;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use artel_crdt::id::OrgFp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;

pub use book::{AddressBook, BookError, Known};
pub use given::{PROVISION_VARIABLE, Target, provision_path};
pub use rules::{Instance, announcement_tag};

/// Environment variable that sets the [`Reach`]: `network` (the default), `loopback` or `quiet`.
pub const REACH_VARIABLE: &str = "ARTEL_REACH";

/// How long the larger of two instances leaves the dialling to the smaller one.
pub const YIELD_TIME: Duration = Duration::from_secs(2);

/// After this long without a word from anybody, multicast may be blocked (guest networks and Wi-Fi isolation do that).
pub const SILENCE_SUSPICIOUS: Duration = Duration::from_secs(30);

/// Most addresses in one [`Found`], and kept for one device.
pub const ADDRESSES_MAX: usize = 16;

/// Most addresses typed by hand, and most taken from the administrator's file.
pub const TARGETS_MAX: usize = 64;

/// Hints that wait for the driver in the channel; behind it the ladder keeps a bounded queue of its own.
const FOUND_QUEUE: usize = 256;

/// Commands that wait for the ladder. It never blocks on the driver, so this drains at once.
const COMMAND_QUEUE: usize = 256;

/// Where a hint comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// It worked before.
    Saved,
    /// Announced on the local network with our organisation's tag.
    Mdns,
    /// Told by a member.
    Learnt,
    /// Typed by a person or taken from an invitation.
    Manual,
    /// From the administrator's file.
    File,
}

/// Somebody who may be dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where, 1 to [`ADDRESSES_MAX`].
    pub addrs: Vec<SocketAddr>,
    /// How we know.
    pub source: Source,
    /// The device key expected there; a hint for skipping who is connected already, proven only by the handshake.
    pub key: Option<[u8; 32]>,
    /// The announced instance, for multicast DNS; new whenever that node begins to listen.
    pub instance: Option<Instance>,
    /// The announcement carried the tag of one of our organisations. Always so for [`Source::Mdns`], else never.
    pub tag_verified: bool,
    /// Dial after this long, and only if there is still no link: the other side was asked to dial at once.
    pub delay: Duration,
}

/// Whether this device is in the organisation yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A member: of two instances the smaller dials at once, the larger after [`YIELD_TIME`].
    Member,
    /// Not yet: always dials at once.
    Joining,
}

/// How far discovery looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Multicast on every real interface; loopback only on a machine that has no other interface.
    #[default]
    Network,
    /// Multicast on loopback only: several nodes on one machine, no packet leaves it.
    Loopback,
    /// No multicast: saved, learnt, provisioned and typed addresses only, loopback among them.
    Quiet,
}

impl Reach {
    /// The reach named by `ARTEL_REACH`; anything but `loopback` and `quiet` is the default.
    pub fn from_env() -> Self {
        match std::env::var(REACH_VARIABLE).as_deref() {
            Ok("loopback") => Self::Loopback,
            Ok("quiet") => Self::Quiet,
            _ => Self::Network,
        }
    }
}

/// What discovery starts with.
#[derive(Debug)]
pub struct Config {
    /// Whose announcements are ours; the first one is what we announce ourselves under.
    pub fps: Vec<OrgFp>,
    /// Member or joining.
    pub standing: Standing,
    /// Our listening TCP port; 0 announces nothing and only looks.
    pub port: u16,
    /// How far to look.
    pub reach: Reach,
    /// Addresses that worked before.
    pub book: AddressBook,
    /// The administrator's file; it need not exist.
    pub provision: Option<PathBuf>,
    /// The clock of the process.
    pub clock: Clock,
}

/// Why a call on the [`Handle`] was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// Not of the form `host:port`, `1.2.3.4:port` or `[v6]:port`.
    #[error("an address has the form host:port")]
    BadAddress,
    /// Discovery has stopped, or has more to do than it can remember.
    #[error("discovery is not listening")]
    NotListening,
}

/// The way to speak to a running discovery. Cheap to clone; no call waits.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    port: watch::Sender<u16>,
    state: watch::Receiver<State>,
    changes: watch::Receiver<u64>,
}

#[derive(Debug)]
enum Command {
    Manual(Target),
    Learnt([u8; 32], Vec<SocketAddr>),
    Connected([u8; 32], SocketAddr),
    Forget([u8; 32]),
    NetworkChanged,
}

/// Starts discovery: the stream yields hints, first all saved ones, then whatever is found.
///
/// On `cancel` it says goodbye on the network (at most a second), saves the book and ends.
pub fn start(config: Config, tracker: &TaskTracker, cancel: CancellationToken) -> (Handle, mpsc::Receiver<Found>) {
    let (commands, orders) = mpsc::channel(COMMAND_QUEUE);
    let (found, stream) = mpsc::channel(FOUND_QUEUE);
    let (port, port_orders) = watch::channel(config.port);
    let (state_writer, state) = watch::channel(State::default());
    let (change_writer, changes) = watch::channel(0);
    let ends = ladder::Ends { orders, port: port_orders, found, state: state_writer, changes: change_writer };
    let ladder = ladder::Ladder::new(config, ends, tracker.clone());
    tracker.spawn(ladder.run(cancel));
    (Handle { commands, port, state, changes }, stream)
}

impl Handle {
    /// Adds an address that a person typed; resolved at once and again every minute. The outcome is in [`Handle::state`].
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub fn add_manual(&self, address: &str) -> Result<(), DiscoveryError> {
        self.say(Command::Manual(address.parse()?))
    }

    /// A member told where a device listens. Dropped when discovery is too busy: it is a hint.
    pub fn learnt(&self, key: [u8; 32], addrs: Vec<SocketAddr>) {
        self.say(Command::Learnt(key, addrs)).ok();
    }

    /// We dialled the device there and the handshake proved its key: remembered across restarts.
    pub fn connected(&self, key: [u8; 32], addr: SocketAddr) {
        self.say(Command::Connected(key, addr)).ok();
    }

    /// The device is no member any more: its addresses are forgotten.
    pub fn forget(&self, key: [u8; 32]) {
        self.say(Command::Forget(key)).ok();
    }

    /// The network is another one, or the machine woke: everything is looked for and said again. Discovery notices most of
    /// this by itself; see [`Handle::changes`].
    pub fn network_changed(&self) {
        self.say(Command::NetworkChanged).ok();
    }

    /// The listening port has changed; 0 withdraws the announcement.
    pub fn set_port(&self, port: u16) {
        self.port.send_replace(port);
    }

    /// What every rung of the ladder is doing, for diagnostics.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Counts wakes from sleep and changes of addresses: when it changes, check every link and redial.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    fn say(&self, command: Command) -> Result<(), DiscoveryError> {
        self.commands.try_send(command).map_err(|_| DiscoveryError::NotListening)
    }
}

/// What every rung is doing.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Multicast DNS.
    pub mdns: MdnsState,
    /// Devices with a saved address.
    pub saved: usize,
    /// Devices whose address a member told in this run.
    pub learnt: usize,
    /// Addresses typed by hand.
    pub manual: Vec<Given>,
    /// Addresses from the administrator's file.
    pub file: Vec<Given>,
}

/// An address given by a person or a file, and what became of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// As it was given.
    pub target: Target,
    /// What it resolves to; empty while or when it does not.
    pub addrs: Vec<SocketAddr>,
}

/// The state of multicast DNS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MdnsState {
    /// Not wanted, or not started yet.
    #[default]
    Off,
    /// The system refused; tried again every minute.
    Failed,
    /// More than 2 000 services on the network: paused for a minute.
    Noisy,
    /// Listening.
    Listening {
        /// Our own instance.
        instance: Instance,
        /// Nodes of our organisation that are announced now.
        found: usize,
        /// Other services of Artel's type.
        foreign: usize,
        /// Since when nothing was heard from anybody else.
        quiet_since: Instant,
    },
}

impl MdnsState {
    /// Nobody was heard for [`SILENCE_SUSPICIOUS`]: nobody is here, or multicast is blocked.
    pub fn is_suspicious(&self, now: Instant) -> bool {
        match self {
            Self::Listening { found: 0, foreign: 0, quiet_since, .. } => {
                SILENCE_SUSPICIOUS <= now.saturating_duration_since(*quiet_since)
            }
            _ => false,
        }
    }
}

impl fmt::Display for MdnsState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => formatter.write_str("off"),
            Self::Failed => formatter.write_str("refused by the system"),
            Self::Noisy => formatter.write_str("paused: noisy network"),
            Self::Listening { found: 0, foreign: 0, quiet_since, .. } => {
                write!(formatter, "nothing heard for {} s", quiet_since.elapsed().as_secs())
            }
            Self::Listening { found, .. } => write!(formatter, "{found} found"),
        }
    }
}

#[cfg(test)]
mod tests;
