//! A libp2p program that is not Artel's and follows no rule but ours to be tested.

use std::net::SocketAddr;
use std::time::Duration;

use artel_net::PeerKey;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::identity::{Keypair, ed25519};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol, SwarmBuilder, noise, tcp, yamux};
use libp2p_stream::{Control, IncomingStreams};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::node::{FP, PATIENCE};

/// See the module.
pub(crate) struct Raw {
    pub(crate) control: Control,
    pub(crate) closed: mpsc::Receiver<()>,
    pub(crate) peer: PeerId,
}

/// libp2p's name of a key.
pub(crate) fn peer_id(key: PeerKey) -> PeerId {
    let key = ed25519::PublicKey::try_from_bytes(&key.0).unwrap();
    PeerId::from_public_key(&libp2p::identity::PublicKey::from(key))
}

/// A stream name of the organisation.
pub(crate) fn name(word: &str) -> StreamProtocol {
    StreamProtocol::try_from_owned(format!("/artel/{FP}/{word}/1")).unwrap()
}

impl Raw {
    /// Connects to a node under the given key.
    pub(crate) async fn connect(tracker: &TaskTracker, mut secret: [u8; 32], to: PeerKey, address: SocketAddr) -> Self {
        Self::connect_with(tracker, Keypair::ed25519_from_bytes(&mut secret).unwrap(), to, address, |_| ()).await.0
    }

    /// As [`Raw::connect`], with something prepared before the first byte.
    pub(crate) async fn connect_with<T>(
        tracker: &TaskTracker,
        keys: Keypair,
        to: PeerKey,
        address: SocketAddr,
        prepare: impl FnOnce(&mut Control) -> T,
    ) -> (Self, T) {
        let noise = |keys: &Keypair| noise::Config::new(keys).map(|c| c.with_prologue(b"artel/1".to_vec()));
        let mut swarm = SwarmBuilder::with_existing_identity(keys)
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise, yamux::Config::default)
            .unwrap()
            .with_behaviour(|_| libp2p_stream::Behaviour::new())
            .unwrap()
            .with_swarm_config(|c| c.with_idle_connection_timeout(Duration::from_secs(600)))
            .build();
        let mut control = swarm.behaviour().new_control();
        let prepared = prepare(&mut control);
        let peer = peer_id(to);
        let address = Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port())).with(Protocol::P2p(peer));
        swarm.dial(address).unwrap();
        let (open, mut opened) = mpsc::channel(8);
        let (close, closed) = mpsc::channel(8);
        tracker.spawn(async move {
            loop {
                match swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => drop(open.try_send(())),
                    SwarmEvent::ConnectionClosed { .. } => drop(close.try_send(())),
                    _ => {}
                }
            }
        });
        timeout(PATIENCE, opened.recv()).await.expect("a connection").unwrap();
        (Self { control, closed, peer }, prepared)
    }

    pub(crate) async fn open(&mut self, name: StreamProtocol) -> Option<Stream> {
        timeout(PATIENCE, self.control.open_stream(self.peer, name)).await.expect("an answer").ok()
    }

    /// What can be read from a stream of this name: the bytes until its end, or none if it is not opened at all.
    pub(crate) async fn read_all(&mut self, name: StreamProtocol) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(mut stream) = self.open(name).await {
            drop(stream.write_all(&frame(b"give")).await);
            drop(stream.flush().await);
            let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an end of the stream");
            drop(read);
        }
        bytes
    }

    pub(crate) async fn wait_closed(&mut self) {
        timeout(PATIENCE, self.closed.recv()).await.expect("the connection is closed").unwrap();
    }
}

/// A frame: its length, then itself.
pub(crate) fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    out.extend(bytes);
    out
}

/// A hello 1 of these versions.
pub(crate) fn hello_one(min: u8, max: u8) -> Vec<u8> {
    let mut out = vec![0x84, min, max, 0x50];
    out.extend([7; 16]);
    out.push(0x50);
    out.extend([9; 16]);
    out
}

/// Reads one frame.
pub(crate) async fn read_frame(stream: &mut Stream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.unwrap();
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// Does a hello as a member would: hello 1 both ways, then "admitted" both ways.
pub(crate) async fn admitted_hello(raw: &mut Raw) {
    let mut stream = raw.open(name("hello")).await.expect("hello is served");
    stream.write_all(&frame(&hello_one(1, 1))).await.unwrap();
    stream.write_all(&frame(&[2])).await.unwrap();
    stream.flush().await.unwrap();
    let talk = async {
        assert_eq!(read_frame(&mut stream).await.first(), Some(&0x84));
        while read_frame(&mut stream).await != [2] {}
    };
    timeout(PATIENCE, talk).await.expect("the node admits us");
}

/// The control streams the node opens, registered before the connection is made.
pub(crate) fn accept_control(control: &mut Control) -> IncomingStreams {
    control.accept(name("ctl")).unwrap()
}
