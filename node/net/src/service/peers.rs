//! What the links to one peer add up to, and the roster.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::Service;
use super::links::Link;
use crate::api::{OpenError, Opening, Target};
use crate::counters::Refusal;
use crate::event::{Down, Event, PeerInfo};
use crate::key::{LinkId, PeerKey};
use crate::protocol::Protocol;

impl Service {
    /// Ends every link to a peer.
    pub(super) fn end_all(&mut self, key: PeerKey, why: Down, cause: Refusal) {
        let links: Vec<_> = self.links.iter().filter(|(_, link)| link.key == key).map(|(id, _)| *id).collect();
        for link in links {
            self.end(link, why, cause);
        }
    }

    /// The best link to a peer that is up.
    pub(super) fn best(&self, key: PeerKey) -> Option<(LinkId, &Link)> {
        let up = self.links.iter().filter(|(_, link)| link.key == key && link.is_up());
        up.max_by_key(|(_, link)| link.rank(self.config.me)).map(|(id, link)| (*id, link))
    }

    /// Makes the shared table agree with the best link, and tells the driver what that changes.
    pub(super) fn refresh(&mut self, key: PeerKey, why: Down) {
        let links = self.links.values().filter(|link| link.key == key && link.is_up()).count();
        let best = self.best(key).and_then(|(_, link)| {
            let boot_id = link.theirs.as_ref().map_or([0; 16], |hello| hello.boot_id);
            Some((link.queue()?.clone(), link.address, link.via, boot_id))
        });
        let mut peers = self.shared.peers();
        let old = peers.remove(&key).map(|(_, info)| info);
        let event = if let Some((queue, address, via, boot_id)) = best {
            let rtt = old.as_ref().and_then(|info| info.rtt);
            let info = PeerInfo { peer: key, address, via, rtt, links };
            peers.insert(key, (queue, info));
            match old {
                None => Some(Event::PeerUp { peer: key, address, via, boot_id }),
                Some(old) if (old.address, old.via) == (address, via) => None,
                Some(_) => Some(Event::PeerMoved { peer: key, address, via }),
            }
        } else {
            old.map(|_| Event::PeerDown { peer: key, why })
        };
        drop(peers);
        match &event {
            Some(Event::PeerUp { via, .. } | Event::PeerMoved { via, .. }) => {
                tracing::debug!(peer = ?key, ?via, "peer up");
            }
            Some(Event::PeerDown { .. }) => tracing::debug!(peer = ?key, ?why, "peer down"),
            _ => {}
        }
        self.pending.extend(event);
    }

    /// Replaces the roster and closes at once the links of those who left it.
    pub(super) fn set_roster(&mut self, roster: &[PeerKey]) {
        self.swarm.behaviour_mut().gate.set_members(roster.iter().filter_map(PeerKey::peer_id));
        self.book.set_members(roster);
        let left = |link: &Link| link.admitted && !self.book.is_member(&link.key);
        let left: Vec<_> = self.links.iter().filter(|(_, link)| left(link)).map(|(id, _)| *id).collect();
        for link in left {
            self.shared.counters.add(Refusal::Removed);
            self.end(link, Down::Removed, Refusal::Removed);
        }
    }

    /// A stream for the driver.
    pub(super) fn open(&mut self, target: &Target, protocol: Protocol) -> Result<Opening, OpenError> {
        let found = match target {
            Target::Peer(key) => self.best(*key),
            Target::Link(id) => self.links.get(id).map(|link| (*id, link)),
        };
        let (id, link) = found.ok_or(OpenError::NotConnected)?;
        let (peer, closed) = (link.peer, link.closed.clone());
        let places = self.places.get(&link.key).ok_or(OpenError::NotConnected)?;
        let place = Arc::clone(places).try_acquire_owned().map_err(|_| OpenError::Busy)?;
        let answer = self.swarm.behaviour_mut().gate.open(id.0, peer, protocol);
        Ok(Opening { answer, place, closed })
    }

    /// Closes links that were not admitted in time, and second links to the same peer.
    pub(super) fn prune_links(&mut self, now: Instant) {
        let late = |link: &Link| !link.is_up() && link.deadline <= now;
        let late: Vec<_> = self.links.iter().filter(|(_, l)| late(l)).map(|(id, _)| *id).collect();
        for link in late {
            self.refuse(link, Refusal::AdmissionTimeout);
        }
        for (key, due) in self.duplicates() {
            if due > now {
                continue;
            }
            let best = self.best(key).map(|(id, _)| id);
            let of_peer = self.links.iter().filter(|(_, link)| link.key == key && link.is_up());
            let others: Vec<_> = of_peer.map(|(id, _)| *id).filter(|id| Some(*id) != best).collect();
            for link in others {
                self.end(link, Down::Closed, Refusal::ByPeer);
            }
        }
    }

    /// Peers with more than one link, and when those are reduced to one.
    fn duplicates(&self) -> Vec<(PeerKey, Instant)> {
        let mut newest: BTreeMap<PeerKey, (usize, Instant)> = BTreeMap::new();
        for link in self.links.values() {
            let Some(since) = link.up_since() else {
                continue;
            };
            let entry = newest.entry(link.key).or_insert((0, since));
            *entry = (entry.0 + 1, entry.1.max(since));
        }
        let several = newest.into_iter().filter(|(_, (links, _))| *links > 1);
        several.map(|(key, (_, since))| (key, since + self.config.timing.duplicate)).collect()
    }

    /// When [`Service::prune_links`] has something to do next.
    pub(super) fn links_wake(&self) -> Option<Instant> {
        let admission = self.links.values().filter(|link| !link.is_up()).map(|link| link.deadline);
        admission.chain(self.duplicates().into_iter().map(|(_, due)| due)).min()
    }
}
