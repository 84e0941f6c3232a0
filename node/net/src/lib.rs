//! The network of one organisation: who may connect, links that are noticed when they die, streams of frames.
//!
//! One libp2p swarm in one task ([`spawn`]); TCP, Noise with the prologue `artel/1`, Yamux. A peer is its 32-byte Ed25519 key
//! ([`PeerKey`]), and what is said is opaque: the driver above knows what frames mean and who is a member. See [`Event`] for what
//! comes out and [`Net`] for what goes in.
//!
//! A connection is a *link*. It starts with a hello: versions and boot ids here, then payloads of the drivers, until both admit each
//! other or one refuses. Then the control stream runs and the peer is *up*. Until then only hello and enrol streams are served.

mod api;
mod behaviour;
mod book;
mod control;
mod counters;
mod event;
mod frame;
mod gate;
mod hello;
mod key;
pub mod limits;
mod protocol;
mod service;
mod transport;

pub use api::{Config, ListenPort, Net, OpenError, Source, StartError, Stopped};
pub use control::{Frame, SendError};
pub use counters::{Refusal, Refusals};
pub use event::{Down, Event, HelloStarted, PeerInfo};
pub use frame::{FrameError, FrameReader, FrameWriter, Framed};
pub use key::{LinkId, PeerKey, Via};
pub use limits::Timing;
pub use protocol::Protocol;
pub use service::spawn;
