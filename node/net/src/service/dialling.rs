//! Makes the dials the book plans, tells it how they ended, and keeps the list of our own addresses.

use std::net::SocketAddr;
use std::time::Instant;

use libp2p::Multiaddr;
use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError};
use libp2p::{identify, ping};

use super::Service;
use crate::api::Source;
use crate::behaviour::RestEvent;
use crate::book::{Failed, Plan};
use crate::event::Event;
use crate::key::{PeerKey, Via};
use crate::limits;
use crate::transport::{is_circuit, to_multiaddr, to_socket};

/// A dial under way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dialled {
    /// Of a peer.
    Peer(PeerKey),
    /// Of an address.
    Unnamed(SocketAddr),
}

impl Service {
    pub(super) fn dial(&mut self, key: Option<PeerKey>, addresses: &[SocketAddr], source: Source, now: Instant) {
        let Some(key) = key else {
            for address in addresses {
                self.book.dial_unnamed(*address, source, now);
            }
            return;
        };
        if self.book.learn(key, addresses, source) {
            let linked = self.links.values().any(|link| link.key == key && link.via == Via::Direct);
            self.book.dial(key, linked, now);
        }
    }

    /// Starts the dials that are due.
    pub(super) fn make_dials(&mut self, now: Instant) {
        let room = limits::PENDING_OUT_MAX.saturating_sub(self.swarm.behaviour().gate.dialling());
        for plan in self.book.take_due(now, room) {
            let (dialled, options) = match plan {
                Plan::Direct(key, addresses) => {
                    (Dialled::Peer(key), options(key, addresses.into_iter().map(to_multiaddr).collect()))
                }
                Plan::Circuit(key) => (Dialled::Peer(key), options(key, self.circuits_to(key))),
                Plan::Unnamed(address) => {
                    let options = DialOpts::unknown_peer_id().address(to_multiaddr(address)).build();
                    (Dialled::Unnamed(address), Some(options))
                }
            };
            let Some(options) = options else {
                self.dial_failed(dialled, now);
                continue;
            };
            let id = options.connection_id();
            match self.swarm.dial(options) {
                Ok(()) => drop(self.dials.insert(id, dialled)),
                Err(_) => self.dial_failed(dialled, now),
            }
        }
    }

    /// When the next dial is due, if there is room for one.
    pub(super) fn dialling_wake(&self) -> Option<Instant> {
        let room = self.swarm.behaviour().gate.dialling() < limits::PENDING_OUT_MAX;
        self.book.next_due().filter(|_| room)
    }

    /// Circuits to a peer through members we are linked with directly, the nearest by key first: those the peer reserves on too.
    /// Repeated attempts go through the list.
    fn circuits_to(&self, key: PeerKey) -> Vec<Multiaddr> {
        let Some(target) = key.peer_id() else {
            return Vec::new();
        };
        let mut hops = self.direct_members();
        hops.retain(|(hop, _)| *hop != key);
        hops.sort_by_key(|(hop, _)| hop.distance(&key));
        let rounds = hops.len().div_ceil(limits::HOPS_MAX).max(1);
        let round = usize::try_from(self.book.failures(&key)).unwrap_or(0) % rounds;
        let chosen = hops.into_iter().skip(round * limits::HOPS_MAX).take(limits::HOPS_MAX);
        let circuit = |(hop, address): (PeerKey, SocketAddr)| {
            let hop = to_multiaddr(address).with(Protocol::P2p(hop.peer_id()?));
            Some(hop.with(Protocol::P2pCircuit).with(Protocol::P2p(target)))
        };
        chosen.filter_map(circuit).collect()
    }

    /// Members linked directly and up, with an address of theirs.
    pub(super) fn direct_members(&self) -> Vec<(PeerKey, SocketAddr)> {
        let direct = self.links.values().filter(|link| link.is_up() && link.via == Via::Direct);
        let with_address = |key: PeerKey, address: Option<SocketAddr>| Some((key, self.book.best(&key).or(address)?));
        let mut members: Vec<_> = direct.filter_map(|link| with_address(link.key, link.address)).collect();
        members.sort_by_key(|(key, _)| *key);
        members.dedup_by_key(|(key, _)| *key);
        members
    }

    /// A connection we dialled exists. An address without a key has one now.
    pub(super) fn dial_succeeded(&mut self, id: ConnectionId, key: PeerKey, address: Option<SocketAddr>, now: Instant) {
        if let Some(Dialled::Unnamed(dialled)) = self.dials.remove(&id) {
            self.book.unnamed_ended(dialled, true, now, 0);
            self.book.learn(key, &[address.unwrap_or(dialled)], Source::Manual);
        }
    }

    pub(super) fn on_dial_error(&mut self, id: ConnectionId, error: &DialError) {
        let now = Instant::now();
        match self.dials.remove(&id) {
            // We dialled ourselves.
            Some(Dialled::Unnamed(address)) if matches!(error, DialError::LocalPeerId { .. }) => {
                self.book.unnamed_ended(address, true, now, 0);
            }
            Some(dialled) => self.dial_failed(dialled, now),
            None => {}
        }
    }

    fn dial_failed(&mut self, dialled: Dialled, now: Instant) {
        match dialled {
            Dialled::Peer(key) => {
                let linked = self.links.values().any(|link| link.key == key);
                let hops = self.direct_members().iter().any(|(hop, _)| *hop != key);
                if let Failed::Later(failures @ 1..) | Failed::Forgotten(failures @ 1..) =
                    self.book.failed(key, hops, linked, now, Self::chance())
                {
                    self.emit(Event::Unreachable { peer: Some(key), address: None, failures });
                }
            }
            Dialled::Unnamed(address) => {
                if let Some(failures) = self.book.unnamed_ended(address, false, now, Self::chance()) {
                    self.emit(Event::Unreachable { peer: None, address: Some(address), failures });
                }
            }
        }
    }

    /// What members alone told or measured.
    pub(super) fn on_rest(&mut self, event: RestEvent) {
        match event {
            RestEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                let Some(key) = PeerKey::of(&peer_id) else {
                    return;
                };
                let mut addresses: Vec<_> = info.listen_addrs.iter().filter_map(to_socket).collect();
                addresses.truncate(limits::ADDRESSES_MAX);
                if !addresses.is_empty() && self.book.learn(key, &addresses, Source::Learnt) {
                    self.emit(Event::Addresses { peer: key, addresses });
                }
            }
            RestEvent::Ping(ping::Event { peer, result: Ok(rtt), .. }) => {
                if let Some(key) = PeerKey::of(&peer)
                    && let Some((_, info)) = self.shared.peers().get_mut(&key)
                {
                    info.rtt = Some(rtt);
                }
            }
            _ => {}
        }
    }

    pub(super) fn on_listening(&mut self, listener: ListenerId, address: &Multiaddr) {
        match to_socket(address) {
            Some(socket) => {
                self.listening.insert(socket);
                self.announce();
                // A loopback address is of use to others only if the configuration asked for it by name.
                let useful = !socket.ip().is_loopback() || self.config.listen.contains(&socket.ip());
                if useful
                    && self.swarm.external_addresses().filter(|a| !is_circuit(a)).count() < limits::OWN_ADDRESSES_MAX
                {
                    self.swarm.add_external_address(address.clone());
                }
            }
            None => self.on_hop_ready(listener),
        }
    }

    pub(super) fn on_not_listening(&mut self, address: &Multiaddr) {
        if let Some(socket) = to_socket(address)
            && self.listening.remove(&socket)
        {
            self.swarm.remove_external_address(address);
            self.announce();
        }
    }

    fn announce(&mut self) {
        let addresses: Vec<_> = self.listening.iter().copied().collect();
        self.book.set_own(addresses.clone());
        self.emit(Event::Listening { addresses });
    }
}

/// A dial of a peer; `None` when there is nowhere to dial.
fn options(key: PeerKey, addresses: Vec<Multiaddr>) -> Option<DialOpts> {
    if addresses.is_empty() {
        return None;
    }
    Some(DialOpts::peer_id(key.peer_id()?).condition(PeerCondition::NotDialing).addresses(addresses).build())
}
