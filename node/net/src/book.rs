//! Whom to dial, where and when. Pure: time and chance come in by the door, dials go out as plans.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::api::Source;
use crate::key::{PeerKey, Via};
use crate::limits::{ADDRESSES_MAX, STRANGE_DIALS_MAX, STRANGE_TARGETS_MAX, TARGETS_MAX, Timing};

/// How much longer the side with the larger key waits before its first redial, so that both do not dial at once.
const LARGER_WAITS: u32 = 4;

/// One dial to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Dial these addresses of the peer.
    Direct(PeerKey, Vec<SocketAddr>),
    /// Dial the peer through hops.
    Circuit(PeerKey),
    /// Dial an address, whoever answers.
    Unnamed(SocketAddr),
}

/// What became of a failed dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Circuits come next, at once.
    CircuitNext,
    /// This many failures in a row; it is tried again later.
    Later(u32),
    /// This many failures in a row, and it is forgotten.
    Forgotten(u32),
}

/// One peer to reach.
#[derive(Debug, Default)]
struct Target {
    /// Best last.
    addresses: Vec<(Source, SocketAddr)>,
    failures: u32,
    due: Option<Instant>,
    busy: bool,
    circuit: bool,
}

/// One address without a key.
#[derive(Debug)]
struct Unnamed {
    failures: u32,
    due: Instant,
    busy: bool,
}

/// The dialler's memory.
#[derive(Debug)]
pub(crate) struct Book {
    me: PeerKey,
    timing: Timing,
    members: BTreeSet<PeerKey>,
    targets: BTreeMap<PeerKey, Target>,
    unnamed: BTreeMap<SocketAddr, Unnamed>,
    own: Vec<SocketAddr>,
}

impl Book {
    /// An empty book.
    pub(crate) fn new(me: PeerKey, timing: Timing) -> Self {
        Self {
            me,
            timing,
            members: BTreeSet::new(),
            targets: BTreeMap::new(),
            unnamed: BTreeMap::new(),
            own: Vec::new(),
        }
    }

    /// Replaces the roster; who left is no longer dialled.
    pub(crate) fn set_members(&mut self, members: &[PeerKey]) {
        let gone: Vec<_> = self.members.iter().filter(|key| !members.contains(key)).copied().collect();
        for key in gone {
            self.targets.remove(&key);
        }
        self.members = members.iter().copied().collect();
    }

    /// Adds one member.
    pub(crate) fn add_member(&mut self, key: PeerKey) {
        self.members.insert(key);
    }

    /// The roster.
    pub(crate) fn is_member(&self, key: &PeerKey) -> bool {
        self.members.contains(key)
    }

    /// Our own listening addresses, never dialled.
    pub(crate) fn set_own(&mut self, own: Vec<SocketAddr>) {
        self.own = own;
    }

    /// Adds addresses of a peer without dialling it; false when there is no room for it or it is ourselves.
    pub(crate) fn learn(&mut self, key: PeerKey, addresses: &[SocketAddr], source: Source) -> bool {
        if key == self.me {
            return false;
        }
        if !self.targets.contains_key(&key) {
            let strangers = self.targets.keys().filter(|key| !self.members.contains(key)).count();
            if self.targets.len() >= TARGETS_MAX || (!self.members.contains(&key) && strangers >= STRANGE_TARGETS_MAX) {
                return false;
            }
        }
        let good: Vec<_> = addresses.iter().filter(|address| self.is_good(address, source)).copied().collect();
        let target = self.targets.entry(key).or_default();
        for address in good {
            let known = target.addresses.iter().find(|(_, a)| *a == address).map(|(s, _)| *s);
            target.addresses.retain(|(_, a)| *a != address);
            target.addresses.push((known.map_or(source, |k| k.max(source)), address));
        }
        target.addresses.sort_by_key(|(source, _)| *source);
        let excess = target.addresses.len().saturating_sub(ADDRESSES_MAX);
        target.addresses.drain(..excess);
        true
    }

    /// Dials a peer now, unless it is up or being dialled.
    pub(crate) fn dial(&mut self, key: PeerKey, up: bool, now: Instant) {
        if let Some(target) = self.targets.get_mut(&key)
            && !up
            && !target.busy
        {
            target.failures = 0;
            target.circuit = target.addresses.is_empty();
            target.due = Some(now);
        }
    }

    /// Dials an address now, whoever answers.
    pub(crate) fn dial_unnamed(&mut self, address: SocketAddr, source: Source, now: Instant) {
        let room = self.unnamed.len() < STRANGE_TARGETS_MAX || self.unnamed.contains_key(&address);
        if !room || !self.is_good(&address, source) {
            return;
        }
        let entry = self.unnamed.entry(address).or_insert(Unnamed { failures: 0, due: now, busy: false });
        if !entry.busy {
            entry.failures = 0;
            entry.due = now;
        }
    }

    /// Forgets a peer.
    pub(crate) fn forget(&mut self, key: &PeerKey) {
        self.targets.remove(key);
    }

    /// Everybody who is waiting is due at once.
    pub(crate) fn hurry(&mut self, now: Instant) {
        for target in self.targets.values_mut().filter(|t| t.due.is_some()) {
            target.failures = 0;
            target.due = Some(now);
        }
        for entry in self.unnamed.values_mut() {
            entry.failures = 0;
            entry.due = now;
        }
    }

    /// When the next dial is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let named = self.targets.values().filter(|t| !t.busy).filter_map(|t| t.due);
        let unnamed = self.unnamed.values().filter(|u| !u.busy).map(|u| u.due);
        named.chain(unnamed).min()
    }

    /// At most `room` dials that are due; each is busy until its end is told.
    pub(crate) fn take_due(&mut self, now: Instant, room: usize) -> Vec<Plan> {
        let mut plans = Vec::new();
        for (key, target) in &mut self.targets {
            if plans.len() >= room {
                return plans;
            }
            if target.busy || target.due.is_none_or(|due| due > now) {
                continue;
            }
            target.busy = true;
            target.due = None;
            let addresses: Vec<_> = target.addresses.iter().rev().map(|(_, a)| *a).collect();
            let circuit = target.circuit || addresses.is_empty();
            plans.push(if circuit { Plan::Circuit(*key) } else { Plan::Direct(*key, addresses) });
        }
        for (address, entry) in &mut self.unnamed {
            if plans.len() < room && !entry.busy && entry.due <= now {
                entry.busy = true;
                plans.push(Plan::Unnamed(*address));
            }
        }
        plans
    }

    /// A link to the peer exists. A member reached through a hop is dialled directly from time to time.
    pub(crate) fn linked(&mut self, key: PeerKey, via: Via, now: Instant) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.busy = false;
            target.circuit = false;
            target.due = match via {
                Via::Relay(_) if !target.addresses.is_empty() => Some(now + self.timing.redial_longest),
                _ => None,
            };
        }
    }

    /// The peer is up: its failures are forgiven.
    pub(crate) fn up(&mut self, key: PeerKey) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.failures = 0;
        }
    }

    /// The last link to a peer that was up is gone.
    pub(crate) fn lost(&mut self, key: PeerKey, now: Instant, chance: u8) {
        let first = self.timing.redial_first;
        let pause = if key > self.me { first } else { first * LARGER_WAITS };
        self.retry(key, now + jitter(pause, chance));
    }

    /// A link to the peer ended before it was up; `refused`: by our driver or a rule, so that hurry is pointless.
    pub(crate) fn rejected(&mut self, key: PeerKey, refused: bool, now: Instant, chance: u8) {
        let Some(target) = self.targets.get_mut(&key) else {
            return;
        };
        target.failures = target.failures.saturating_add(1);
        let pause = if refused { self.timing.redial_longest } else { pause(&self.timing, target.failures) };
        if self.members.contains(&key) || target.failures < STRANGE_DIALS_MAX {
            self.retry(key, now + jitter(pause, chance));
        } else {
            self.targets.remove(&key);
        }
    }

    fn retry(&mut self, key: PeerKey, due: Instant) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.busy = false;
            target.circuit = false;
            target.due = Some(due);
        }
    }

    /// A dial of a peer failed. `linked`: another link exists, so there is no failure to count.
    pub(crate) fn failed(&mut self, key: PeerKey, hops: bool, linked: bool, now: Instant, chance: u8) -> Failed {
        let member = self.members.contains(&key);
        let Some(target) = self.targets.get_mut(&key) else {
            return Failed::Forgotten(0);
        };
        target.busy = false;
        if linked {
            target.due = Some(now + self.timing.redial_longest);
            return Failed::Later(0);
        }
        if !target.circuit && hops && member {
            target.circuit = true;
            target.due = Some(now);
            return Failed::CircuitNext;
        }
        target.failures = target.failures.saturating_add(1);
        let failures = target.failures;
        if !member && failures >= STRANGE_DIALS_MAX {
            self.targets.remove(&key);
            return Failed::Forgotten(failures);
        }
        let pause = pause(&self.timing, failures);
        self.retry(key, now + jitter(pause, chance));
        Failed::Later(failures)
    }

    /// A dial of an address without a key ended; failures in a row when it failed.
    pub(crate) fn unnamed_ended(&mut self, address: SocketAddr, good: bool, now: Instant, chance: u8) -> Option<u32> {
        if good {
            self.unnamed.remove(&address);
            return None;
        }
        let timing = self.timing;
        let entry = self.unnamed.get_mut(&address)?;
        entry.busy = false;
        entry.failures = entry.failures.saturating_add(1);
        entry.due = now + jitter(pause(&timing, entry.failures), chance);
        Some(entry.failures)
    }

    /// Failures in a row of a peer.
    pub(crate) fn failures(&self, key: &PeerKey) -> u32 {
        self.targets.get(key).map_or(0, |target| target.failures)
    }

    /// The best known direct address of a peer.
    pub(crate) fn best(&self, key: &PeerKey) -> Option<SocketAddr> {
        self.targets.get(key).and_then(|target| target.addresses.last()).map(|(_, address)| *address)
    }

    /// Whether an address may be dialled at all. Link-local IPv6 needs a zone, which nobody can tell us.
    fn is_good(&self, address: &SocketAddr, source: Source) -> bool {
        let ip = address.ip();
        let link_local = matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local());
        let foreign_loopback = ip.is_loopback() && source == Source::Found;
        !(address.port() == 0
            || ip.is_unspecified()
            || ip.is_multicast()
            || link_local
            || foreign_loopback
            || self.own.contains(address))
    }
}

/// The pause after this many failures in a row: doubling up to the longest.
fn pause(timing: &Timing, failures: u32) -> Duration {
    let doubled = timing.redial_first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(timing.redial_longest)
}

/// Three quarters to five quarters of a pause, by a random byte.
fn jitter(pause: Duration, chance: u8) -> Duration {
    pause.saturating_mul(384 + u32::from(chance)) / 512
}

#[cfg(test)]
mod tests;
