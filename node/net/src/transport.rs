//! TCP and circuits, both with Noise and Yamux; the port we listen on; a close that always ends.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::Either;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent};
use libp2p::core::transport::{Boxed, OrTransport};
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::multiaddr::{Multiaddr, Protocol};
use libp2p::{PeerId, Transport, noise, relay, tcp, yamux};
use tokio::time::Sleep;

use crate::api::{ListenPort, StartError};
use crate::limits::{CLOSE_DEADLINE, HANDSHAKE_DEADLINE, YAMUX_STREAMS_MAX};

mod local_port;

/// Mixed into every Noise handshake: other libp2p programs fail it.
pub(crate) const PROLOGUE: &[u8] = b"artel/1";
/// Attempts to find a port that is free for every address family.
const PORT_ATTEMPTS: u32 = 16;

/// The transport and the circuit client that belongs to it.
pub(crate) fn build(keys: &Keypair) -> Result<(Boxed<(PeerId, StreamMuxerBox)>, relay::client::Behaviour), StartError> {
    let noise = noise::Config::new(keys).map_err(|_| StartError::Identity)?.with_prologue(PROLOGUE.to_vec());
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(YAMUX_STREAMS_MAX);

    let (circuits, client) = relay::client::new(keys.public().to_peer_id());
    let circuits = circuits
        .upgrade(Version::V1Lazy)
        .authenticate(noise.clone())
        .multiplex(yamux.clone())
        .timeout(HANDSHAKE_DEADLINE)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(Closing::new(muxer))));
    let direct = local_port::LocalPort(tcp::tokio::Transport::new(tcp::Config::default()))
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex(yamux)
        .timeout(HANDSHAKE_DEADLINE)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(Closing::new(muxer))));
    let both = OrTransport::new(circuits, direct).map(|either, _| match either {
        Either::Left(output) | Either::Right(output) => output,
    });
    Ok((both.boxed(), client))
}

/// A muxer whose close ends after [`CLOSE_DEADLINE`]. A peer that acknowledges but never reads would otherwise hold the connection,
/// and its place among the limits, for as long as it likes.
struct Closing<M> {
    muxer: Pin<Box<M>>,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<M> Closing<M> {
    fn new(muxer: M) -> Self {
        Self { muxer: Box::pin(muxer), deadline: None }
    }
}

impl<M> StreamMuxer for Closing<M>
where
    M: StreamMuxer,
    M::Error: Send + Sync + 'static,
{
    type Substream = M::Substream;
    type Error = io::Error;

    fn poll_inbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Self::Substream>> {
        self.muxer.as_mut().poll_inbound(cx).map_err(io::Error::other)
    }

    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Self::Substream>> {
        self.muxer.as_mut().poll_outbound(cx).map_err(io::Error::other)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(done) = self.muxer.as_mut().poll_close(cx) {
            return Poll::Ready(done.map_err(io::Error::other));
        }
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(CLOSE_DEADLINE)));
        deadline.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        self.muxer.as_mut().poll(cx).map_err(io::Error::other)
    }
}

/// The addresses to listen on, one port for all.
///
/// libp2p's listener shares its port with every other socket that does the same (`SO_REUSEPORT`), so two nodes would steal each
/// other's connections without an error. Hence the port is tried first with an ordinary socket.
pub(crate) fn choose_port(listen: &[IpAddr], port: ListenPort) -> Result<Vec<SocketAddr>, StartError> {
    if listen.is_empty() {
        return Ok(Vec::new());
    }
    match port {
        ListenPort::Fixed(port) => on_port(listen, port),
        ListenPort::Saved(port) => on_port(listen, port).or_else(|_| any_port(listen)),
        ListenPort::Any => any_port(listen),
    }
}

/// A port the system gives us for the first address and that is free for the others.
fn any_port(listen: &[IpAddr]) -> Result<Vec<SocketAddr>, StartError> {
    let first = listen.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let mut last = StartError::NoAddress;
    for _ in 0..PORT_ATTEMPTS {
        let probe = std::net::TcpListener::bind(SocketAddr::new(first, 0)).map_err(StartError::Listen)?;
        let port = probe.local_addr().map_err(StartError::Listen)?.port();
        drop(probe);
        match on_port(listen, port) {
            Ok(addresses) => return Ok(addresses),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Those addresses on which the port can be bound. An address family or address this computer lacks is left out; a taken port is not.
fn on_port(listen: &[IpAddr], port: u16) -> Result<Vec<SocketAddr>, StartError> {
    let mut good = Vec::new();
    let mut last = StartError::NoAddress;
    for ip in listen {
        let address = SocketAddr::new(*ip, port);
        match std::net::TcpListener::bind(address) {
            Ok(_) => good.push(address),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(StartError::PortInUse(port));
            }
            Err(error) => last = StartError::Listen(error),
        }
    }
    if good.is_empty() { Err(last) } else { Ok(good) }
}

/// `/ip4/…/tcp/…` of a socket address.
pub(crate) fn to_multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

/// The socket address of a direct TCP multiaddr, with or without a peer id at its end.
pub(crate) fn to_socket(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => IpAddr::V4(ip),
        Protocol::Ip6(ip) => IpAddr::V6(ip),
        _ => return None,
    };
    let Protocol::Tcp(port) = parts.next()? else {
        return None;
    };
    match parts.next() {
        None | Some(Protocol::P2p(_)) => {}
        Some(_) => return None,
    }
    parts.next().is_none().then_some(SocketAddr::new(ip, port))
}

/// The hop of a circuit address; `None` for a direct one.
pub(crate) fn hop_of(address: &Multiaddr) -> Option<PeerId> {
    let mut hop = None;
    for part in address {
        match part {
            Protocol::P2p(peer) => hop = Some(peer),
            Protocol::P2pCircuit => return hop,
            _ => {}
        }
    }
    None
}

/// Whether the address is a circuit.
pub(crate) fn is_circuit(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::P2pCircuit)
}
