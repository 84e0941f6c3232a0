//! What runs on the swarm: the gate, and behind it identify, ping, circuits and hole punching.

use std::num::NonZeroU32;
use std::time::Duration;

use libp2p::identity::PublicKey;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{dcutr, identify, ping, relay};

use crate::gate::Gate;
use crate::gate::gated::Gated;

/// Protocol and agent as told to members; nothing about the user or the computer.
const PROTOCOL: &str = "artel/1";
/// Peers whose addresses identify remembers.
const IDENTIFY_PEERS: usize = 200;

/// Everything. The order matters: the gate first, so that it makes the doors and refuses before the others see a connection.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) gate: Gate,
    pub(crate) rest: Gated<Rest>,
}

/// What members alone get.
#[derive(NetworkBehaviour)]
pub(crate) struct Rest {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    hop: relay::Behaviour,
    circuit: relay::client::Behaviour,
    punch: dcutr::Behaviour,
}

impl Rest {
    /// The behaviours of a node with this key.
    pub(crate) fn new(key: &PublicKey, circuit: relay::client::Behaviour) -> Self {
        let me = key.to_peer_id();
        // Listening addresses are hidden because we name them ourselves, as external ones, and few enough for one message.
        let identify = identify::Config::new(PROTOCOL.into(), key.clone())
            .with_agent_version(PROTOCOL.into())
            .with_cache_size(IDENTIFY_PEERS)
            .with_push_listen_addr_updates(true)
            .with_hide_listen_addrs(true);
        let ping = ping::Config::new().with_interval(Duration::from_secs(30)).with_timeout(Duration::from_secs(20));
        let mut hop = relay::Behaviour::new(me, hop_config());
        // Whether others can reach us is found out by their trying.
        hop.set_status(Some(relay::Status::Enable));
        Self {
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping),
            hop,
            circuit,
            punch: dcutr::Behaviour::new(me),
        }
    }
}

/// Limits of the circuits we forward. Only members get this far, so they bound mistakes rather than malice: the library's defaults
/// cut a circuit after 128 KiB or two minutes.
fn hop_config() -> relay::Config {
    let empty = relay::Config {
        max_reservations: 512,
        max_reservations_per_peer: 8,
        reservation_duration: Duration::from_secs(3600),
        reservation_rate_limiters: Vec::new(),
        max_circuits: 1024,
        max_circuits_per_peer: 64,
        // Zero would close at once.
        max_circuit_duration: Duration::from_secs(7 * 24 * 3600),
        // Zero is "unlimited".
        max_circuit_bytes: 0,
        circuit_src_rate_limiters: Vec::new(),
    };
    let second = Duration::from_secs(1);
    empty
        .reservation_rate_per_peer(NonZeroU32::MIN.saturating_add(59), second)
        .reservation_rate_per_ip(NonZeroU32::MIN.saturating_add(1999), second)
        .circuit_src_per_peer(NonZeroU32::MIN.saturating_add(499), second)
        .circuit_src_per_ip(NonZeroU32::MIN.saturating_add(4999), second)
}
