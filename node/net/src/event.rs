//! What the driver hears from the network.

use std::net::SocketAddr;
use std::time::Duration;

use crate::control::Frame;
use crate::counters::Refusal;
use crate::frame::Framed;
use crate::key::{LinkId, PeerKey, Via};
use crate::protocol::Protocol;

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
    /// Versions and boot ids are exchanged. The driver answers with [`crate::Net::hello_payload`], [`crate::Net::admit`] or [`crate::Net::refuse`], or
    /// lets the link live for what enrolment needs.
    HelloStarted(HelloStarted),
    /// The other driver's payload of this hello.
    HelloPayload {
        /// The link.
        link: LinkId,
        /// Its peer.
        peer: PeerKey,
        /// Opaque, at most [`crate::limits::HELLO_BYTES_MAX`] bytes.
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
        /// At most [`crate::limits::HEARTBEAT_BYTES_MAX`] bytes.
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
        /// Its link, for [`crate::Net::keep`].
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
        /// At most [`crate::limits::ADDRESSES_MAX`].
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
    /// Links that are up; more than one only for a moment.
    pub links: usize,
}
