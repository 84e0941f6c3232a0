//! What was refused and why: one stable name and one counter for each cause.

use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

/// Why something was refused. The names are stable: they appear in status output and diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Refusal {
    /// No common protocol version.
    #[error("no common protocol version")]
    ProtocolVersion,
    /// A hello that is not one.
    #[error("malformed hello")]
    BadHello,
    /// The link was not admitted in time.
    #[error("not admitted in time")]
    AdmissionTimeout,
    /// The driver refused the peer.
    #[error("refused by the driver")]
    ByDriver,
    /// The other side went away or refused us before the link was admitted.
    #[error("ended by the other side before admission")]
    ByPeer,
    /// A stream for members was asked for on a link that is not admitted.
    #[error("stream for members only")]
    NotMember,
    /// The peer left the roster.
    #[error("no longer in the roster")]
    Removed,
    /// More streams than allowed.
    #[error("too many streams")]
    TooManyStreams,
    /// A frame announced more bytes than its protocol allows.
    #[error("frame too large")]
    FrameTooLarge,
    /// A control frame of no known type, or a heartbeat that is too large.
    #[error("malformed control frame")]
    BadFrame,
    /// A stream ended or stalled inside a frame.
    #[error("frame not completed")]
    FrameStalled,
    /// Noise or Yamux failed: garbage, another protocol, another prologue.
    #[error("handshake failed")]
    Handshake,
    /// The proven key is not an Ed25519 key.
    #[error("unsupported kind of key")]
    KeyKind,
    /// Too many connections in their handshake.
    #[error("too many handshakes")]
    TooManyPending,
    /// Too many connections in their handshake from one address.
    #[error("too many handshakes from one address")]
    PendingPerAddress,
    /// Too many connections.
    #[error("too many connections")]
    TooManyConnections,
    /// Too many connections of one peer.
    #[error("too many connections of one peer")]
    ConnectionsPerPeer,
    /// Too many connections of strangers.
    #[error("too many connections of strangers")]
    TooManyStrangers,
    /// Too many connections of strangers from one address.
    #[error("too many connections of strangers from one address")]
    StrangersPerAddress,
}

impl Refusal {
    /// Every cause, in the order of [`Refusals::counts`].
    pub const ALL: [Self; 19] = [
        Self::ProtocolVersion,
        Self::BadHello,
        Self::AdmissionTimeout,
        Self::ByDriver,
        Self::ByPeer,
        Self::NotMember,
        Self::Removed,
        Self::TooManyStreams,
        Self::FrameTooLarge,
        Self::BadFrame,
        Self::FrameStalled,
        Self::Handshake,
        Self::KeyKind,
        Self::TooManyPending,
        Self::PendingPerAddress,
        Self::TooManyConnections,
        Self::ConnectionsPerPeer,
        Self::TooManyStrangers,
        Self::StrangersPerAddress,
    ];

    /// Stable name for status output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProtocolVersion => "protocol_version",
            Self::BadHello => "bad_hello",
            Self::AdmissionTimeout => "admission_timeout",
            Self::ByDriver => "by_driver",
            Self::ByPeer => "by_peer",
            Self::NotMember => "not_member",
            Self::Removed => "removed",
            Self::TooManyStreams => "too_many_streams",
            Self::FrameTooLarge => "frame_too_large",
            Self::BadFrame => "bad_frame",
            Self::FrameStalled => "frame_stalled",
            Self::Handshake => "handshake",
            Self::KeyKind => "key_kind",
            Self::TooManyPending => "too_many_pending",
            Self::PendingPerAddress => "pending_per_address",
            Self::TooManyConnections => "too_many_connections",
            Self::ConnectionsPerPeer => "connections_per_peer",
            Self::TooManyStrangers => "too_many_strangers",
            Self::StrangersPerAddress => "strangers_per_address",
        }
    }
}

/// Counters since the start of the process, one for each [`Refusal`].
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; Refusal::ALL.len()]);

impl Counters {
    /// Counts one refusal.
    pub(crate) fn add(&self, cause: Refusal) {
        if let Some(counter) = self.0.get(cause as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The present values.
    pub(crate) fn read(&self) -> Refusals {
        let mut counts = [0; Refusal::ALL.len()];
        for (out, counter) in counts.iter_mut().zip(&self.0) {
            *out = counter.load(Ordering::Relaxed);
        }
        Refusals { counts }
    }
}

/// A reading of the refusal counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// Counts in the order of [`Refusal::ALL`].
    pub counts: [u64; Refusal::ALL.len()],
}

impl Refusals {
    /// How often this cause was counted since the start.
    pub fn of(&self, cause: Refusal) -> u64 {
        self.counts.get(cause as usize).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
