//! What an admitting device remembers between streams: attempts, who waits, what was decided.
//!
//! Only in memory. After a restart who waited asks again, and what was decided with yes is in the authority: an
//! invitation is either unused or used, never in between.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Candidate, Refusal};
use crate::id::{DeviceId, InviteId};
use crate::time::Timestamp;

/// Candidates of one invitation that may wait at once.
const PENDING_MAX: usize = 3;
/// Failed handshakes after which an invitation is burned.
const ATTEMPTS_MAX: u32 = 5;
/// How long a candidate waits for a decision.
const PENDING_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// Handshakes begun in one minute, of all invitations: a Noise handshake costs half a millisecond.
const HANDSHAKES_MAX: usize = 20;
const HANDSHAKES_SPAN: Duration = Duration::from_secs(60);

/// How long a stream may take until the introduction is there.
pub const INTRODUCTION_WAIT: Duration = Duration::from_secs(10);
/// How long a stream is kept open for a decision; after it the newcomer dials again.
pub const DECISION_WAIT: Duration = Duration::from_secs(10 * 60);
/// How long after the admission the acknowledgement may take before the device is revoked.
pub const ACKNOWLEDGEMENT_WAIT: Duration = Duration::from_secs(10 * 60);

/// What the authority says of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// It may be used until then.
    Open {
        /// First moment at which it may not, by the admitting device's clock.
        expires: Timestamp,
    },
    /// It was taken back.
    Cancelled,
    /// It was used by this device.
    Redeemed {
        /// Who enrolled with it.
        by: DeviceId,
    },
}

/// Where a candidate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// First seen: ask a person.
    New,
    /// Already shown to a person, with other words; show the present ones.
    Waiting,
    /// Decided with yes before the stream was there: issue the admission now.
    Approved,
    /// Admitted before, but perhaps it never heard: send the same admission again.
    Admitted,
}

#[derive(Debug, Default)]
struct Line {
    failures: u32,
    waiting: BTreeMap<DeviceId, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    candidate: Candidate,
    since: Timestamp,
    decided: Option<Result<(), Refusal>>,
}

/// The desk of one admitting device.
#[derive(Debug, Default)]
pub struct Desk {
    lines: BTreeMap<InviteId, Line>,
    begun: VecDeque<Timestamp>,
}

impl Desk {
    /// Whether a handshake by this invitation may begin; counts it. The caller asks only for invitations of the
    /// authority, so what is kept here is bounded by their number.
    ///
    /// # Errors
    /// The reason to answer with [`super::turn_away`].
    pub fn begin(&mut self, invite: InviteId, state: Terms, now: Timestamp) -> Result<(), Refusal> {
        while self.begun.front().is_some_and(|it| now.since(*it) >= HANDSHAKES_SPAN) {
            self.begun.pop_front();
        }
        if self.begun.len() >= HANDSHAKES_MAX {
            return Err(Refusal::Busy);
        }
        match state {
            Terms::Open { expires } if expires <= now => return Err(Refusal::Expired),
            Terms::Cancelled => return Err(Refusal::Cancelled),
            Terms::Open { .. } | Terms::Redeemed { .. } => {}
        }
        if self.lines.get(&invite).is_some_and(|it| it.failures >= ATTEMPTS_MAX) {
            return Err(Refusal::Burned);
        }
        self.begun.push_back(now);
        Ok(())
    }

    /// Counts a handshake that failed or never ended; true if the invitation is burned by it and is to be cancelled in
    /// the authority, so that the other administrators' devices know.
    pub fn failed(&mut self, invite: InviteId) -> bool {
        let line = self.lines.entry(invite).or_default();
        line.failures = line.failures.saturating_add(1);
        line.failures == ATTEMPTS_MAX
    }

    /// A candidate stands before the desk.
    ///
    /// # Errors
    /// The reason to answer with [`super::Verdict::Refused`].
    pub fn knock(&mut self, candidate: &Candidate, state: Terms, now: Timestamp) -> Result<Place, Refusal> {
        let device = candidate.device();
        match state {
            Terms::Redeemed { by } if by == device => return Ok(Place::Admitted),
            Terms::Redeemed { .. } => return Err(Refusal::Used),
            Terms::Cancelled => return Err(Refusal::Cancelled),
            Terms::Open { expires } if expires <= now => return Err(Refusal::Expired),
            Terms::Open { .. } => {}
        }
        let line = self.lines.entry(candidate.invite).or_default();
        line.waiting.retain(|_, it| now.since(it.since) < PENDING_LIFE);
        if let Some(waiting) = line.waiting.get_mut(&device) {
            waiting.candidate = candidate.clone();
            return match waiting.decided {
                None => Ok(Place::Waiting),
                Some(Ok(())) => Ok(Place::Approved),
                Some(Err(why)) => Err(why),
            };
        }
        if line.waiting.len() >= PENDING_MAX {
            return Err(Refusal::Busy);
        }
        line.waiting.insert(device, Waiting { candidate: candidate.clone(), since: now, decided: None });
        Ok(Place::New)
    }

    /// A person said yes to this key; returns the candidate, if it still waits. Approving one of several candidates of
    /// an invitation turns the others away.
    pub fn approve(&mut self, invite: InviteId, device: DeviceId) -> Option<Candidate> {
        let line = self.lines.get_mut(&invite)?;
        let waiting = line.waiting.get(&device).filter(|it| !matches!(it.decided, Some(Err(_))))?;
        let candidate = waiting.candidate.clone();
        for (other, waiting) in &mut line.waiting {
            waiting.decided = Some(if *other == device { Ok(()) } else { Err(Refusal::Used) });
        }
        Some(candidate)
    }

    /// A person said no to this key; the invitation stays usable by another.
    pub fn decline(&mut self, invite: InviteId, device: DeviceId) {
        if let Some(waiting) = self.lines.get_mut(&invite).and_then(|it| it.waiting.get_mut(&device)) {
            waiting.decided = Some(Err(Refusal::Declined));
        }
    }

    /// Who waits for a person, oldest first.
    pub fn waiting(&self, now: Timestamp) -> Vec<&Candidate> {
        let lines = self.lines.values().flat_map(|it| it.waiting.values());
        let mut waiting: Vec<&Waiting> =
            lines.filter(|it| it.decided.is_none() && now.since(it.since) < PENDING_LIFE).collect();
        waiting.sort_by_key(|it| (it.since, it.candidate.device()));
        waiting.into_iter().map(|it| &it.candidate).collect()
    }

    /// Forgets an invitation that has come to its end in the authority.
    pub fn forget(&mut self, invite: InviteId) {
        self.lines.remove(&invite);
    }
}

#[cfg(test)]
mod tests;
