//! The world: virtual time, one queue of events, nodes and the links between them. One thread, no chance but the seed's.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::id::{DeviceId, EntryId, OrgId, SpaceId};
use artel_crdt::replica::{Command, Input, Source};
use artel_crdt::run::{BadRun, check_run};
use artel_crdt::sync::Message;
use artel_crdt::time::Timestamp;
use artel_crdt::{Ctx, replica::Outputs};

use crate::chance::Chance;
use crate::faults::{Counts, Fault};
use crate::join::Newcomer;
use crate::malice::Hostile;
use crate::node::{Node, Wish};
use crate::oracle::Oracle;

/// The first moment, ms since 1970: the clock rules need room below it.
pub(crate) const START: u64 = 1_900_000_000_000;
/// Pause between two heartbeats on a link.
const HEARTBEAT: u64 = 5_000;
/// Pause between two attempts to reach whoever is not linked.
const DIAL: u64 = 1_000;
/// Most outputs of one call; more would be a replica that floods.
const OUTPUTS_MAX: usize = 2_000;

/// What travels over a link.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    /// A message of the control stream, encoded.
    Message(Vec<u8>),
    /// A packet of a sync stream.
    Packet(Vec<u8>),
}

/// What happens at a moment.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Deliver {
        from: usize,
        to: usize,
        link: u64,
        parcel: Parcel,
    },
    Flush {
        node: usize,
        boot: u64,
        upto: usize,
    },
    Wake {
        node: usize,
        boot: u64,
    },
    Loaded {
        node: usize,
        boot: u64,
        space: SpaceId,
        epoch: EntryId,
    },
    Linked {
        node: usize,
        boot: u64,
        space: SpaceId,
    },
    TellHeld {
        node: usize,
        boot: u64,
    },
    Heartbeat,
    Dial,
    Act,
    Malice,
    Chaos,
    Crash {
        node: usize,
    },
    Restart {
        node: usize,
    },
    /// After an orderly stop.
    StartAgain {
        node: usize,
    },
    PartitionEnds,
    Join,
    Arrive(Box<Newcomer>),
}

/// A world.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) now: u64,
    number: u64,
    queue: BTreeMap<(u64, u64), Event>,
    pub(crate) org: OrgId,
    pub(crate) nodes: Vec<Node>,
    /// Links that are up, lower node first, each with a number of its own.
    pub(crate) links: BTreeMap<(usize, usize), u64>,
    pub(crate) chance: Chance,
    pub(crate) faults: BTreeSet<Fault>,
    pub(crate) counts: Counts,
    pub(crate) chaotic: bool,
    /// Nodes that cannot reach the others; with `true` only what they send is lost.
    pub(crate) cut_off: Option<(BTreeSet<usize>, bool)>,
    pub(crate) oracle: Oracle,
    /// Devices in whose name a contradicting branch was signed.
    pub(crate) forged: BTreeSet<DeviceId>,
    /// The first promise that was broken.
    pub(crate) broken: Option<String>,
    trace: u64,
    commands: u64,
    pub(crate) last_store: u64,
    /// Nodes that there are to be.
    pub(crate) expected: usize,
    pub(crate) attempts: u64,
    /// The member whose program does what it likes.
    pub(crate) hostile: Option<Hostile>,
    /// A node that serves only what it wrote itself.
    pub(crate) withholds: Option<usize>,
}

impl World {
    pub(crate) fn empty(seed: u64, org: OrgId) -> Self {
        let mut world = Self {
            seed,
            now: START,
            number: 0,
            queue: BTreeMap::new(),
            org,
            nodes: Vec::new(),
            links: BTreeMap::new(),
            chance: Chance::new(seed, 1),
            faults: BTreeSet::new(),
            counts: Counts::new(),
            chaotic: false,
            cut_off: None,
            oracle: Oracle::default(),
            forged: BTreeSet::new(),
            broken: None,
            trace: 0xcbf2_9ce4_8422_2325,
            commands: 0,
            last_store: START,
            expected: 1,
            attempts: 0,
            hostile: None,
            withholds: None,
        };
        world.after(HEARTBEAT, Event::Heartbeat);
        world.after(DIAL, Event::Dial);
        world
    }

    /// Something that must never be was seen.
    pub(crate) fn violate(&mut self, what: String) {
        if self.broken.is_none() {
            self.broken = Some(format!("{what} (at {} ms)", self.now - START));
        }
    }

    /// Queues an event.
    pub(crate) fn after(&mut self, delay: u64, event: Event) {
        self.number += 1;
        self.queue.insert((self.now + delay, self.number), event);
    }

    /// Counts a fault that really happened.
    pub(crate) fn count(&mut self, fault: Fault) {
        *self.counts.entry(fault).or_default() += 1;
    }

    /// Whether a fault can happen now.
    pub(crate) fn suffers(&self, fault: Fault) -> bool {
        self.chaotic && self.faults.contains(&fault)
    }

    /// A number that follows from everything that happened so far.
    pub(crate) fn trace(&self) -> u64 {
        self.trace
    }

    /// FNV-1a over what happens.
    pub(crate) fn note(&mut self, tag: u8, numbers: &[u64], bytes: &[u8]) {
        let numbers = numbers.iter().flat_map(|it| it.to_be_bytes());
        for byte in [tag].into_iter().chain(numbers).chain(bytes.iter().copied()) {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Lets events happen until this much time has passed or a promise is broken.
    pub(crate) fn run(&mut self, time: u64) {
        let end = self.now + time;
        while self.broken.is_none() {
            let Some(((at, number), event)) = self.queue.pop_first() else { break };
            if at > end {
                self.queue.insert((at, number), event);
                break;
            }
            self.now = at;
            self.happen(event);
        }
        self.now = end;
    }

    fn happen(&mut self, event: Event) {
        let alive = |world: &Self, node: usize, boot: u64| {
            let it = &world.nodes[node];
            it.running && it.boot == boot
        };
        match event {
            Event::Deliver { from, to, link, parcel } => self.deliver(from, to, link, parcel),
            Event::Flush { node, boot, upto } if alive(self, node, boot) => self.flush(node, upto),
            Event::Wake { node, boot } if alive(self, node, boot) => self.input(node, Input::Tick),
            Event::Loaded { node, boot, space, epoch } if alive(self, node, boot) => {
                let steps = self.nodes[node].disk.steps(&space, &epoch);
                self.input(node, Input::Steps { space, epoch, steps });
            }
            Event::Linked { node, boot, space } if alive(self, node, boot) => {
                let links = self.nodes[node].disk.links(&space);
                self.input(node, Input::Links { space, links });
            }
            Event::TellHeld { node, boot } if alive(self, node, boot) => {
                for space in std::mem::take(&mut self.nodes[node].to_tell) {
                    self.want(node, Wish::Anything, Command::Held(space));
                }
            }
            Event::Flush { .. } | Event::Wake { .. } | Event::Loaded { .. } => {}
            Event::Linked { .. } | Event::TellHeld { .. } => {}
            Event::Heartbeat => self.heartbeat(),
            Event::Dial => self.dial(),
            Event::Act => self.act(),
            Event::Malice => self.malice(),
            Event::Chaos => self.chaos(),
            Event::Crash { node } => self.crash(node),
            Event::Restart { node } => self.restart(node, false),
            Event::StartAgain { node } => self.restart(node, true),
            Event::PartitionEnds => self.cut_off = None,
            Event::Join => self.invite(None),
            Event::Arrive(newcomer) => self.arrive(&newcomer),
        }
    }

    /// The time by the clock of a node.
    pub(crate) fn clock(&self, node: usize) -> Timestamp {
        Timestamp(self.now.saturating_add_signed(self.nodes[node].offset))
    }

    /// Gives a replica something to handle and does what it says.
    pub(crate) fn input(&mut self, at: usize, input: Input) {
        let now = self.clock(at);
        let node = &mut self.nodes[at];
        let mut out = Outputs::new();
        node.replica.handle(&mut Ctx { now, rng: &mut node.rng }, input, &mut out);
        if out.len() > OUTPUTS_MAX {
            self.violate(format!("node {at} answers one input with {} outputs", out.len()));
        }
        for output in out {
            self.perform(at, output);
        }
    }

    /// Gives a node a command.
    pub(crate) fn want(&mut self, at: usize, wish: Wish, command: Command) {
        self.commands += 1;
        let id = self.commands;
        self.nodes[at].wishes.insert(id, wish);
        self.input(at, Input::Command { id, command: Box::new(command) });
    }

    /// A packet arrives: it is checked as a worker of the driver would check it.
    pub(crate) fn offer(&mut self, at: usize, from: DeviceId, bytes: Vec<u8>) {
        match check_run(self.nodes[at].replica.keys(), &bytes) {
            Ok(packet) => self.input(at, Input::Packet { source: Source::Peer(from), packet: Box::new(packet) }),
            Err(BadRun::UnknownDevice(signer)) => self.input(at, Input::UnknownSigner { from, signer, bytes }),
            Err(error) => self.violate(format!("node {at} was sent a packet that it refuses: {error}")),
        }
    }

    /// Sends a parcel, if the link is up and luck allows.
    pub(crate) fn send(&mut self, from: usize, to: usize, parcel: Parcel) {
        let Some(link) = self.links.get(&(from.min(to), from.max(to))).copied() else { return };
        if self.suffers(Fault::Loss) && self.chance.one_in(12) {
            return self.count(Fault::Loss);
        }
        // Constant for each pair, so that without the fault everything arrives in order.
        let mut latency = 2 + (from * 7 + to * 3) as u64 % 30;
        if self.suffers(Fault::Reorder) && self.chance.one_in(4) {
            latency += self.chance.range(50, 4_000);
            self.count(Fault::Reorder);
        }
        if self.suffers(Fault::Duplicate) && self.chance.one_in(10) {
            let again = latency + self.chance.range(0, 2_000);
            self.after(again, Event::Deliver { from, to, link, parcel: parcel.clone() });
            self.count(Fault::Duplicate);
        }
        self.after(latency, Event::Deliver { from, to, link, parcel });
    }

    fn deliver(&mut self, from: usize, to: usize, link: u64, parcel: Parcel) {
        if self.links.get(&(from.min(to), from.max(to))) != Some(&link) || self.is_cut(from, to) {
            return;
        }
        let device = self.nodes[from].device;
        match parcel {
            Parcel::Packet(bytes) => {
                self.note(1, &[self.now, from as u64, to as u64], &bytes);
                self.offer(to, device, bytes);
            }
            Parcel::Message(bytes) => {
                self.note(2, &[self.now, from as u64, to as u64], &bytes);
                match Message::decode(&bytes) {
                    Ok(Message::Push(bytes)) => self.offer(to, device, bytes),
                    Ok(message) => self.input(to, Input::Message { from: device, message }),
                    Err(error) => self.violate(format!("node {from} sent a message nobody can read: {error}")),
                }
            }
        }
    }

    fn malice(&mut self) {
        if self.chaotic {
            self.misbehave();
            self.after(3_000, Event::Malice);
        }
    }

    /// Whether what one node sends does not reach the other.
    pub(crate) fn is_cut(&self, from: usize, to: usize) -> bool {
        match &self.cut_off {
            None => false,
            Some((inside, one_way)) => {
                let crosses = inside.contains(&from) != inside.contains(&to);
                crosses && (!one_way || inside.contains(&from))
            }
        }
    }

    fn heartbeat(&mut self) {
        self.after(HEARTBEAT, Event::Heartbeat);
        for (a, b) in self.links.keys().copied().collect::<Vec<_>>() {
            for (from, to) in [(a, b), (b, a)] {
                let device = self.nodes[to].device;
                let summary = self.nodes[from].replica.summary_for(&device);
                self.send(from, to, Parcel::Message(Message::Summary(summary).encode()));
            }
        }
    }

    /// Links come up between nodes that run, reach each other and believe each other active.
    fn dial(&mut self) {
        self.after(DIAL, Event::Dial);
        for a in 0..self.nodes.len() {
            for b in a + 1..self.nodes.len() {
                let believes = |one: usize, other: usize| {
                    self.nodes[one].replica.authority().state().is_active(&self.nodes[other].device)
                };
                let runs = self.nodes[a].running && self.nodes[b].running;
                let reach = !self.is_cut(a, b) && !self.is_cut(b, a);
                if runs && reach && !self.links.contains_key(&(a, b)) && believes(a, b) && believes(b, a) {
                    self.link(a, b);
                }
            }
        }
    }

    fn link(&mut self, a: usize, b: usize) {
        self.number += 1;
        self.links.insert((a, b), self.number);
        self.note(3, &[self.now, a as u64, b as u64], &[]);
        let (one, other) = (self.nodes[a].device, self.nodes[b].device);
        self.input(a, Input::PeerUp(other));
        self.input(b, Input::PeerUp(one));
    }

    /// Takes a link down; both ends notice, as far as they run.
    pub(crate) fn unlink(&mut self, a: usize, b: usize) {
        if self.links.remove(&(a.min(b), a.max(b))).is_none() {
            return;
        }
        let (one, other) = (self.nodes[a].device, self.nodes[b].device);
        for (at, gone) in [(a, other), (b, one)] {
            if self.nodes[at].running {
                self.input(at, Input::PeerDown(gone));
            }
        }
    }
}
