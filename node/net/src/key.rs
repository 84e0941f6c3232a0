//! Who a peer is: its Ed25519 public key, which Noise proves. libp2p's own identifier is a spelling of the same 32 bytes.

use std::fmt;

use libp2p::PeerId;
use libp2p::identity::{PublicKey, ed25519};
use libp2p::swarm::ConnectionId;

/// Ed25519 public key of a device, 32 bytes. The only name of a peer in this crate.
///
/// The order of keys decides who dials and who opens the control stream; it equals the order of libp2p peer ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey(pub [u8; 32]);

impl PeerKey {
    /// libp2p's name of this key; `None` when the bytes are no point of the curve.
    pub(crate) fn peer_id(&self) -> Option<PeerId> {
        let key = ed25519::PublicKey::try_from_bytes(&self.0).ok()?;
        Some(PeerId::from_public_key(&PublicKey::from(key)))
    }

    /// The key inside a peer id; `None` for anything but an Ed25519 key.
    pub(crate) fn of(peer: &PeerId) -> Option<Self> {
        let hash: &libp2p::multihash::Multihash<64> = peer.as_ref();
        if hash.code() != 0 {
            return None;
        }
        let key = PublicKey::try_decode_protobuf(hash.digest()).ok()?;
        Some(Self(key.try_into_ed25519().ok()?.to_bytes()))
    }

    /// Bytewise distance, by which two peers that do not talk to each other choose the same hops.
    pub(crate) fn distance(&self, other: &Self) -> [u8; 32] {
        let mut out = self.0;
        for (byte, with) in out.iter_mut().zip(other.0) {
            *byte ^= with;
        }
        out
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(6) {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// One connection, from its handshake to its end. A peer may have several for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub(crate) ConnectionId);

/// How a link reaches the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// A TCP connection between the two.
    Direct,
    /// A circuit through this hop, which sees sizes and times only.
    Relay(PeerKey),
}

#[cfg(test)]
mod tests;
