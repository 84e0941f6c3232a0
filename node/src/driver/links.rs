//! Colleagues' devices: greeting them, hearing them, and looking after links that nobody announces.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use artel_crdt::authority::Authority;
use artel_crdt::cbor::{Dec, Enc, Malformed};
use artel_crdt::id::{BlobHash, DeviceId};
use artel_crdt::replica::{Command, Input};
use artel_crdt::run;
use artel_crdt::sync::Message;
use artel_net::{Event, HelloStarted, LinkId, PeerKey, Protocol, Refusal, Source};

use crate::client::Update;
use crate::clock::{Jump, WakeWatch, median_offset};
use crate::discovery::Found;

use super::{Driver, Linked};

/// How often circuits to colleagues without a link are tried.
const CIRCUITS_EVERY: Duration = Duration::from_secs(10);
/// How often every peer is told the hash of what is shared with it: what a push missed is found within this time.
const SUMMARY_EVERY: Duration = Duration::from_secs(5);
/// Shortest time between two statements of what this device holds.
const HELD_EVERY: Duration = Duration::from_secs(2);
/// Acts shown to somebody who does not know us, bytes in all; the hello stream takes no more.
const CHAIN_BYTES_MAX: usize = 200 * 1024;

/// What drivers tell each other in a hello.
enum Greeting {
    /// Whether the other's key is known here, and our clock, ms since the epoch; 0 towards strangers.
    Known(bool, u64),
    /// The acts by which our key is known.
    Chain(Vec<Vec<u8>>),
}

impl Greeting {
    fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        match self {
            Self::Known(known, clock) => enc.array(3).u64(0).bool(*known).u64(*clock),
            Self::Chain(packets) => enc.array(2).u64(1).bytes_array(packets),
        };
        enc.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut dec = Dec::new(bytes);
        let greeting = match (dec.array(3)?, dec.u64()?) {
            (3, 0) => Self::Known(dec.bool()?, dec.u64()?),
            (2, 1) => {
                let len = dec.array(1_000)?;
                Self::Chain((0..len).map(|_| dec.bytes(CHAIN_BYTES_MAX).map(<[u8]>::to_vec)).collect::<Result<_, _>>()?)
            }
            _ => return Err(Malformed::Unexpected),
        };
        dec.end()?;
        Ok(greeting)
    }
}

impl Driver {
    /// Something happened on the network.
    pub(crate) async fn net_event(&mut self, event: Event) {
        match event {
            Event::Listening { addresses } => {
                if let Some(first) = addresses.first() {
                    self.port_known(first.port());
                }
                self.listening = addresses;
            }
            Event::HelloStarted(hello) => self.hello(hello).await,
            Event::HelloPayload { link, peer, bytes } => self.greeted(link, peer, &bytes).await,
            Event::LinkClosed { link, .. } => {
                self.admitted.remove(&link);
                self.greetings.remove(&link);
            }
            Event::PeerUp { peer, address, .. } => self.peer_up(peer, address),
            Event::PeerDown { peer, .. } => self.peer_down(peer),
            Event::Control { peer, frame } => {
                let bytes = frame.into_bytes();
                self.heard(peer, &bytes).await;
            }
            Event::Dropped { peer, .. } => self.drive(Input::PeerUp(super::open::device_of(&peer))),
            Event::Stream { peer, link, admitted, protocol, stream } => match protocol {
                Protocol::Sync if admitted => self.receive_sync(super::open::device_of(&peer), stream),
                Protocol::Blob if admitted => self.receive_blobs(super::open::device_of(&peer), stream),
                Protocol::Enrol => self.receive_enrol(peer, link, stream),
                _ => self.count("stream_refused"),
            },
            Event::Addresses { peer, addresses } => {
                if let Some(discovery) = &self.discovery {
                    discovery.learnt(peer.0, addresses.clone());
                }
                self.addresses.insert(peer, addresses);
            }
            _ => {}
        }
    }

    async fn hello(&mut self, hello: HelloStarted) {
        let Some(net) = self.net.clone() else { return };
        let clock = if hello.member { self.clock.now().0 } else { 0 };
        let greeting = Greeting::Known(hello.member, clock).encode();
        self.greetings.insert(hello.link, (hello.member, hello.dialled));
        net.hello_payload(hello.link, greeting).await.ok();
    }

    async fn greeted(&mut self, link: LinkId, peer: PeerKey, bytes: &[u8]) {
        let Some(net) = self.net.clone() else { return };
        match Greeting::decode(bytes) {
            Ok(Greeting::Known(known, clock)) => {
                if clock > 0 && clock < 1 << 45 {
                    let ours = self.clock.now().0;
                    self.offsets.insert(peer, i64::try_from(clock).unwrap_or(0) - i64::try_from(ours).unwrap_or(0));
                    let device = super::open::device_of(&peer);
                    if let Some(linked) = self.links.get_mut(&device) {
                        linked.offset = self.offsets.get(&peer).copied();
                    }
                }
                // Acts are shown to those who are known here; where both are strangers, the dialler goes first.
                let (member, dialled) = self.greetings.get(&link).copied().unwrap_or_default();
                if !known && (member || dialled) {
                    net.hello_payload(link, Greeting::Chain(self.chain()).encode()).await.ok();
                }
                if member && self.admitted.insert(link) {
                    net.admit(link).await.ok();
                }
            }
            Ok(Greeting::Chain(packets)) => self.chain_shown(link, peer, packets).await,
            Err(_) => {
                self.count("malformed_hello");
                net.refuse(link, Refusal::ByDriver).await.ok();
            }
        }
    }

    /// The acts of the authority without their blobs, oldest first, as far as they fit.
    fn chain(&self) -> Vec<Vec<u8>> {
        let mut entries = self.stored_entries(self.replica.organisation_space());
        entries.sort_by_key(|it| (it.entry.hlc, it.entry.device, it.entry.seq));
        let mut packets = Vec::new();
        let mut bytes = 0;
        for signed in entries {
            let Some(run) = run::Run::join(vec![signed]) else { continue };
            let packet = run::Packet::of(run).encode();
            bytes += packet.len();
            if bytes > CHAIN_BYTES_MAX {
                break;
            }
            packets.push(packet);
        }
        packets
    }

    /// Somebody unknown shows by which acts he is a member. Nothing of it is kept: the acts come again, with their names,
    /// by synchronisation.
    async fn chain_shown(&mut self, link: LinkId, peer: PeerKey, packets: Vec<Vec<u8>>) {
        let Some(net) = self.net.clone() else { return };
        if self.is_member_by(&super::open::device_of(&peer), packets) {
            self.vouched.insert(peer);
            net.hello_payload(link, Greeting::Known(true, self.clock.now().0).encode()).await.ok();
            self.admitted.insert(link);
            net.admit(link).await.ok();
        } else {
            self.count("stranger");
            net.refuse(link, Refusal::ByDriver).await.ok();
        }
    }

    /// Whether a device is active by our acts and these together.
    fn is_member_by(&self, device: &DeviceId, packets: Vec<Vec<u8>>) -> bool {
        let organisation = self.replica.organisation_space();
        let mut authority = Authority::new(self.org());
        for signed in self.stored_entries(organisation) {
            authority.add(&signed);
        }
        for bytes in packets {
            authority.learn_root(&bytes);
            let checked = run::check_run(authority.keys(), &bytes);
            let Some(packet) = checked.ok().filter(|it| it.run.space() == organisation) else { return false };
            for signed in packet.run.entries() {
                authority.add(signed);
            }
        }
        authority.evaluate();
        authority.state().is_active(device)
    }

    fn peer_up(&mut self, peer: PeerKey, address: Option<SocketAddr>) {
        let device = super::open::device_of(&peer);
        let offset = self.offsets.get(&peer).copied();
        self.links.insert(device, Linked { key: peer, offset });
        if let (Some(discovery), Some(address)) = (&self.discovery, address) {
            discovery.connected(peer.0, address);
        }
        self.tell_addresses(device);
        self.drive(Input::PeerUp(device));
        self.holders_changed();
        self.updates.send(Update::Peers).ok();
        self.correct_clock();
    }

    fn peer_down(&mut self, peer: PeerKey) {
        let device = super::open::device_of(&peer);
        self.links.remove(&device);
        self.vouched.remove(&peer);
        self.drive(Input::PeerDown(device));
        self.holders_changed();
        self.updates.send(Update::Peers).ok();
    }

    /// Tells a new peer where the others are.
    fn tell_addresses(&self, to: DeviceId) {
        let known: Vec<([u8; 32], Vec<String>)> = self
            .addresses
            .iter()
            .filter(|(key, addresses)| super::open::device_of(key) != to && !addresses.is_empty())
            .map(|(key, addresses)| (key.0, addresses.iter().take(16).map(ToString::to_string).collect()))
            .collect();
        for part in known.chunks(100) {
            self.send(&to, &Message::Addresses(part.to_vec()));
        }
    }

    async fn heard(&mut self, peer: PeerKey, bytes: &[u8]) {
        let from = super::open::device_of(&peer);
        match Message::decode(bytes) {
            Ok(Message::Push(packet)) => self.offer(from, packet),
            Ok(Message::BlobsWant(blobs)) => self.serve_blobs(from, blobs),
            Ok(Message::Addresses(members)) => self.addresses_told(members).await,
            Ok(Message::Goodbye) => {}
            Ok(Message::Typing(space)) => self.typing_told(&from, space),
            Ok(message) => self.drive(Input::Message { from, message }),
            Err(_) => self.count("malformed_message"),
        }
    }

    async fn addresses_told(&mut self, members: Vec<([u8; 32], Vec<String>)>) {
        let state = self.replica.authority().state();
        let active = members.into_iter().filter(|(key, _)| state.is_active(&DeviceId::of_key(key)));
        let told: Vec<(PeerKey, Vec<SocketAddr>)> = active
            .map(|(key, texts)| (PeerKey(key), texts.iter().filter_map(|it| it.parse().ok()).collect()))
            .collect();
        for (key, addresses) in told {
            let linked = self.links.contains_key(&super::open::device_of(&key));
            let me = self.net.as_ref().is_some_and(|it| it.key() == key);
            if let (Some(net), false, false) = (&self.net, linked, me) {
                net.dial(Some(key), addresses, Source::Learnt).await.ok();
            }
        }
    }

    /// A way to a colleague was found.
    pub(crate) fn found(&mut self, found: Found) {
        let Some(net) = self.net.clone() else { return };
        let source = match found.source {
            crate::discovery::Source::Saved => Source::Saved,
            crate::discovery::Source::Mdns => Source::Found,
            crate::discovery::Source::Learnt => Source::Learnt,
            crate::discovery::Source::Manual | crate::discovery::Source::File => Source::Manual,
        };
        let manual = crate::discovery::Reach::from_env() == crate::discovery::Reach::Loopback;
        let source = if manual && source == Source::Found { Source::Manual } else { source };
        let key = found.key.map(PeerKey);
        if key == Some(net.key()) || self.listening.iter().any(|it| found.addrs.contains(it)) {
            return;
        }
        let (delay, addresses) = (found.delay, found.addrs);
        self.tracker.spawn(async move {
            tokio::time::sleep(delay).await;
            net.dial(key, addresses, source).await.ok();
        });
    }

    /// What nobody announces.
    pub(crate) async fn housekeeping(&mut self, watch: &mut WakeWatch) {
        if let Some(jump) = watch.observe(self.clock.now(), Instant::now()) {
            tracing::info!(?jump, "the clock jumped or the machine slept");
            if let (Jump::Pause(_), Some(net)) = (jump, self.net.clone()) {
                net.network_changed().await.ok();
                if let Some(discovery) = &self.discovery {
                    discovery.network_changed();
                }
            }
        }
        let now = self.clock.now();
        if now.since(self.circuits) >= CIRCUITS_EVERY || now < self.circuits {
            self.circuits = now;
            self.try_circuits().await;
        }
        if now.since(self.held_told) >= HELD_EVERY || now < self.held_told {
            self.held_told = now;
            self.tell_held();
        }
        if now.since(self.summaries) >= SUMMARY_EVERY || now < self.summaries {
            self.summaries = now;
            self.tell_summaries();
        }
        self.tidy_transfers();
        self.sweep_when_due();
        if self.full {
            self.has_room();
        }
    }

    async fn try_circuits(&mut self) {
        let Some(net) = self.net.clone() else { return };
        if self.links.is_empty() {
            return;
        }
        for key in self.active_keys() {
            if !self.links.contains_key(&super::open::device_of(&key)) {
                net.dial(Some(key), Vec::new(), Source::Learnt).await.ok();
            }
        }
    }

    fn tell_held(&mut self) {
        if self.links.is_empty() || self.full {
            return;
        }
        for space in std::mem::take(&mut self.held_dirty) {
            self.drive(Input::Command { id: 0, command: Box::new(Command::Held(space)) });
        }
    }

    fn tell_summaries(&mut self) {
        for peer in self.links.keys().copied().collect::<Vec<_>>() {
            let hash = self.replica.summary_for(&peer);
            self.send(&peer, &Message::Summary(hash));
        }
    }

    fn correct_clock(&mut self) {
        let offsets: Vec<i64> = self.links.values().filter_map(|it| it.offset).collect();
        if let Some(offset) = median_offset(&offsets) {
            self.offset_ms = offset;
        }
    }

    /// Blobs that a peer lacks.
    fn serve_blobs(&self, to: DeviceId, blobs: Vec<BlobHash>) {
        let (Some(net), Some(link)) = (self.net.clone(), self.links.get(&to)) else { return };
        let (key, store) = (link.key, self.store.clone());
        self.tracker.spawn(async move {
            if let Err(error) = super::serve::blobs(&net, key, store, blobs).await {
                tracing::debug!(%error, "blobs could not be served");
            }
        });
    }
}
