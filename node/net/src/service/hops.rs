//! Reservations on members, so that a computer nobody can dial is reached through them.
//!
//! A reservation is a listener of the swarm. The library neither asks again after a loss nor likes a listener to be removed while
//! its answer is under way, so listeners are left to die with their connections, and lost ones are replaced here.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;

use super::Service;
use crate::event::Event;
use crate::key::{LinkId, PeerKey, Via};
use crate::limits;
use crate::transport::to_multiaddr;

/// A member that has not answered by then is not waited for.
const ANSWER: Duration = Duration::from_secs(15);
/// A member that did not grant a reservation is not asked again for this long.
const REST_REFUSED: Duration = Duration::from_secs(30);
/// A member whose reservation was lost is not asked again for this long: its link may be about to end too.
const REST_LOST: Duration = Duration::from_secs(1);

/// One reservation.
struct Reservation {
    listener: ListenerId,
    link: LinkId,
    since: Instant,
    confirmed: bool,
}

/// The reservations we hold or have asked for.
#[derive(Default)]
pub(super) struct Hops {
    reserved: BTreeMap<PeerKey, Reservation>,
    resting: BTreeMap<PeerKey, Instant>,
}

impl Service {
    /// Asks further members for a reservation while there are too few.
    pub(super) fn look_for_hops(&mut self, now: Instant) {
        let late = |r: &Reservation| !r.confirmed && r.since + ANSWER <= now;
        let late: Vec<_> = self.hops.reserved.iter().filter(|(_, r)| late(r)).map(|(key, _)| *key).collect();
        for hop in late {
            self.drop_hop(hop, now);
        }
        self.hops.resting.retain(|_, until| *until > now);
        let wanted = limits::HOPS_MAX.saturating_sub(self.hops.reserved.len());
        if wanted == 0 {
            return;
        }
        let mut members = self.direct_members();
        members.retain(|(key, _)| !self.hops.reserved.contains_key(key) && !self.hops.resting.contains_key(key));
        members.sort_by_key(|(key, _)| key.distance(&self.config.me));
        for (hop, address) in members.into_iter().take(wanted) {
            let link =
                self.links.iter().find(|(_, l)| l.key == hop && l.is_up() && l.via == Via::Direct).map(|(id, _)| *id);
            let (Some(link), Some(peer)) = (link, hop.peer_id()) else {
                continue;
            };
            let address = to_multiaddr(address).with(Protocol::P2p(peer)).with(Protocol::P2pCircuit);
            match self.swarm.listen_on(address) {
                Ok(listener) => {
                    self.hops.reserved.insert(hop, Reservation { listener, link, since: now, confirmed: false });
                }
                Err(_) => drop(self.hops.resting.insert(hop, now + REST_REFUSED)),
            }
        }
    }

    /// When [`Service::look_for_hops`] has something to do next.
    pub(super) fn hops_wake(&self) -> Option<Instant> {
        let answers = self.hops.reserved.values().filter(|r| !r.confirmed).map(|r| r.since + ANSWER);
        answers.chain(self.hops.resting.values().copied()).min()
    }

    /// The member granted it.
    pub(super) fn on_hop_ready(&mut self, listener: ListenerId) {
        let found = self.hops.reserved.iter_mut().find(|(_, r)| r.listener == listener && !r.confirmed);
        if let Some((hop, reservation)) = found {
            reservation.confirmed = true;
            let hop = *hop;
            self.emit(Event::Reserved { hop });
        }
    }

    /// The listener is gone: refused, or lost with its connection.
    pub(super) fn on_hop_closed(&mut self, listener: ListenerId) {
        let found = self.hops.reserved.iter().find(|(_, r)| r.listener == listener).map(|(hop, _)| *hop);
        if let Some(hop) = found {
            self.drop_hop(hop, Instant::now());
        }
    }

    /// The link on which it was made is gone.
    pub(super) fn hop_lost(&mut self, link: LinkId) {
        let found = self.hops.reserved.iter().find(|(_, r)| r.link == link).map(|(hop, _)| *hop);
        if let Some(hop) = found {
            self.drop_hop(hop, Instant::now());
        }
    }

    fn drop_hop(&mut self, hop: PeerKey, now: Instant) {
        if let Some(reservation) = self.hops.reserved.remove(&hop) {
            let rest = if reservation.confirmed { REST_LOST } else { REST_REFUSED };
            self.hops.resting.insert(hop, now + rest);
            if reservation.confirmed {
                self.emit(Event::ReservationLost { hop });
            }
        }
    }
}
