//! Every bound of the network layer in one place: what it is, why it has this value, what a larger one would cost.

use std::time::Duration;

/// Largest driver payload of one control frame, bytes. Control frames are packets of at most 16 KiB and digests; 256 KiB leaves room
/// for the heads of many spaces.
pub const CONTROL_BYTES_MAX: usize = 256 * 1024;
/// Largest driver payload of one hello frame, bytes: a chain of acts of a newcomer or authority heads.
pub const HELLO_BYTES_MAX: usize = 256 * 1024;
/// Largest frame on a sync stream, bytes: one run of up to 128 entries with its small blobs.
pub const SYNC_BYTES_MAX: usize = 512 * 1024;
/// Largest frame on a blob stream, bytes: a sealed chunk of 64 KiB with its envelope fits twice.
pub const BLOB_BYTES_MAX: usize = 128 * 1024;
/// Largest frame on an enrol stream, bytes.
pub const ENROL_BYTES_MAX: usize = 256 * 1024;
/// Largest heartbeat payload the driver may set, bytes (a presence digest).
pub const HEARTBEAT_BYTES_MAX: usize = 4 * 1024;

/// Frames waiting for one peer on its control stream. A push is a hint, so what does not fit is dropped and said.
pub const QUEUE_FRAMES_MAX: usize = 1024;
/// Bytes waiting for one peer on its control stream.
pub const QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes received from one peer on its control stream and not yet consumed by the driver; beyond it the peer's stream is not read.
pub const RECEIVED_BYTES_MAX: usize = 1024 * 1024;
/// What one small control frame costs of [`RECEIVED_BYTES_MAX`] at least, bytes: at most 256 unconsumed frames for each peer.
pub(crate) const RECEIVED_BYTES_MIN: usize = 4 * 1024;

/// Events waiting for the driver.
pub const EVENTS_MAX: usize = 1024;
/// Commands waiting for the swarm task.
pub(crate) const COMMANDS_MAX: usize = 256;
/// Reports from stream tasks waiting for the swarm task.
pub(crate) const NEWS_MAX: usize = 256;
/// Events the swarm task holds while the driver's channel is full; beyond it the swarm is not polled.
pub(crate) const PENDING_MAX: usize = 1024;

/// Streams one peer may have open towards us, over all its connections.
pub const STREAMS_IN_MAX: usize = 16;
/// Streams we open towards one peer. Less than [`STREAMS_IN_MAX`]: the other side may notice our close later than we do.
pub const STREAMS_OUT_MAX: usize = 12;
/// Streams a link may open before it is admitted: one hello and a few attempts to enrol.
pub(crate) const STREAMS_STRANGER_MAX: u32 = 4;
/// Refused stream openings after which a link is closed.
pub(crate) const STREAMS_REFUSED_MAX: u32 = 16;
/// Yamux streams of one connection, both directions and relayed circuits included. One more kills the connection; each may hold
/// 256 KiB unread.
pub(crate) const YAMUX_STREAMS_MAX: usize = 128;

/// Inbound connections in their handshake, all addresses.
pub const PENDING_IN_MAX: usize = 64;
/// Inbound connections in their handshake from one address (IPv4) or /64 (IPv6): one host cannot hold all places.
pub const PENDING_IN_PER_ADDRESS_MAX: usize = 16;
/// Outbound connections being dialled.
pub const PENDING_OUT_MAX: usize = 32;
/// Established inbound connections.
pub const INBOUND_MAX: usize = 128;
/// Established connections.
pub const CONNECTIONS_MAX: usize = 200;
/// Established connections of one member: two of a dialling race and one more for a member that came back after a power loss
/// before we noticed. Connections being closed do not count.
pub const CONNECTIONS_PER_MEMBER_MAX: usize = 3;
/// Established inbound connections of keys outside the roster, all addresses.
pub const STRANGERS_MAX: usize = 32;
/// Established inbound connections of keys outside the roster from one address.
pub const STRANGERS_PER_ADDRESS_MAX: usize = 8;

/// Longest time [`crate::Net::keep`] may give a link that is not admitted.
pub const KEEP_MAX: Duration = Duration::from_secs(600);
/// Driver payloads each side may send in one hello.
pub const HELLO_PAYLOADS_MAX: u32 = 8;
/// Addresses kept for one peer.
pub const ADDRESSES_MAX: usize = 16;
/// Peers the dialler knows.
pub const TARGETS_MAX: usize = 4096;
/// Known peers outside the roster, and addresses dialled without a key.
pub const STRANGE_TARGETS_MAX: usize = 64;
/// Dials of a peer outside the roster before it is forgotten.
pub(crate) const STRANGE_DIALS_MAX: u32 = 8;
/// Hops on which we hold a reservation, and hops tried in one dial.
pub const HOPS_MAX: usize = 3;
/// Own addresses told to members; identify refuses messages above 4 KiB.
pub(crate) const OWN_ADDRESSES_MAX: usize = 8;

/// A frame that has begun, or a write, must be done within this time; also how long [`crate::Framed::recv`] waits.
pub const STREAM_DEADLINE: Duration = Duration::from_secs(30);
/// Transport handshake (TCP, Noise, Yamux) and opening of a stream.
pub(crate) const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// A connection that cannot be closed in order within this time is dropped.
pub(crate) const CLOSE_DEADLINE: Duration = Duration::from_secs(5);
/// How long a shutdown waits for its farewells.
pub(crate) const FAREWELL_DEADLINE: Duration = Duration::from_secs(1);
/// After a network change a peer must answer within this time.
pub(crate) const PROBE_DEADLINE: Duration = Duration::from_secs(3);

/// Times that both sides of a link must agree on roughly. The defaults are the product's; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// An idle control stream sends a heartbeat after this time.
    pub heartbeat: Duration,
    /// A control stream that is silent for this time is given up.
    pub silence: Duration,
    /// A link that is not admitted within this time is closed.
    pub admission: Duration,
    /// Hello 1 must arrive within this time.
    pub hello: Duration,
    /// Two good links to one peer are reduced to one after this time.
    pub duplicate: Duration,
    /// First pause before a redial; it doubles.
    pub redial_first: Duration,
    /// Longest pause before a redial.
    pub redial_longest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(5),
            silence: Duration::from_secs(15),
            admission: Duration::from_secs(30),
            hello: Duration::from_secs(10),
            duplicate: Duration::from_secs(5),
            redial_first: Duration::from_millis(500),
            redial_longest: Duration::from_secs(60),
        }
    }
}
