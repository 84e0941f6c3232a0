//! How this replica becomes equal to its peers: answers to [`Message`]s, and who is asked for what.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Ctx;
use crate::id::{DeviceId, LogId, PersonId, SpaceId, sha256};
use crate::register::{self, values};
use crate::sync::{LogHead, LogRange, Message, space_hash};
use crate::time::Timestamp;

use super::{Output, Outputs, Rejected, Replica};

/// A peer that was asked and is silent for this time is passed over: another one is asked. 30 s is the write deadline of
/// the links, so a slow but living peer is never cut off.
const SERVE_TIMEOUT: Duration = Duration::from_secs(30);
/// Spaces one peer serves at once: the rest waits its turn here. Fewer than the streams one side opens (12, `artel_net`), so
/// that none is turned away and a file or a picture finds a place beside them; a newcomer of 40 channels was turned away
/// for 28 of them and asked again five seconds later (measured).
pub(super) const SERVED_AT_ONCE_MAX: usize = 8;
/// Shortest time between two comparisons with one peer that a differing heartbeat may start. Pushes are faster than
/// this, so that a busy office does not compare all the time.
const COMPARE_PAUSE: Duration = Duration::from_secs(2);
/// Registers that were offered and did not change are offered again after this time: the offer or what followed from it
/// may have been lost, or come before the other side could take them.
const OFFER_PAUSE: Duration = Duration::from_secs(60);

/// What is known of a connected device.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    /// When we last compared spaces with it.
    compared: Timestamp,
    /// Hash of the registers when we last offered them, and when that was.
    registers: Option<([u8; 32], Timestamp)>,
    /// Spaces to be asked for when it has served another one.
    next: BTreeSet<SpaceId>,
}

/// Who is serving a space.
#[derive(Clone, Debug)]
pub(super) struct Serving {
    by: DeviceId,
    /// When it was asked, or last sent something.
    heard: Timestamp,
    /// First and last position asked of each log. Both sides compare when a link comes up, and again while much is under
    /// way: nothing is to be sent twice for that.
    asked: BTreeMap<LogId, (u64, u64)>,
}

/// Whether a pause is over. A clock that was set back ends it, or everything would wait until the clock has caught up.
fn has_passed(ctx: &Ctx<'_>, since: Timestamp, pause: Duration) -> bool {
    ctx.now < since || ctx.now.since(since) >= pause
}

impl Replica {
    /// A link to an active device is up: compare, the organisation first.
    pub(super) fn peer_up(&mut self, ctx: &Ctx<'_>, peer: DeviceId, out: &mut Outputs) {
        self.peers.insert(peer, Peer { compared: ctx.now, ..Peer::default() });
        self.compare(peer, out);
        self.offer_registers(ctx, peer, out);
    }

    /// The link is down: what it was to serve may be asked elsewhere.
    pub(super) fn peer_down(&mut self, peer: DeviceId, out: &mut Outputs) {
        self.peers.remove(&peer);
        let orphaned: Vec<SpaceId> = self.serving.iter().filter(|(_, it)| it.by == peer).map(|(id, _)| *id).collect();
        for id in orphaned {
            self.serving.remove(&id);
            self.ask_anyone(id, out);
        }
    }

    /// The first level: the hash of all spaces that this device and `peer` share, as we see it.
    pub fn summary_for(&mut self, peer: &DeviceId) -> [u8; 32] {
        let mut parts = Vec::new();
        for (space, hash) in self.hashes_for(peer) {
            parts.extend_from_slice(&space.0);
            parts.extend_from_slice(&hash);
        }
        sha256(&[&parts])
    }

    fn hashes_for(&mut self, peer: &DeviceId) -> Vec<(SpaceId, [u8; 32])> {
        // Who is out of a space himself, and knows it, does not go on asking for it.
        let shared: Vec<SpaceId> = self.spaces.keys().filter(|id| self.both_share(peer, id)).copied().collect();
        shared.into_iter().filter_map(|id| self.space_hash(&id).map(|hash| (id, hash))).collect()
    }

    fn both_share(&self, peer: &DeviceId, id: &SpaceId) -> bool {
        let state = self.authority.state();
        if *id == self.organisation_space() || !state.is_active(peer) {
            return state.is_active(peer);
        }
        let own = self.person().is_none_or(|_| self.receives(&self.me, id));
        own && self.receives(peer, id)
    }

    /// Hash of the held ranges of a space, or `None` where nothing is held. Of a log of the organisation space that forks
    /// every branch counts, whichever of them is held as the log: who lacks one is to ask for it.
    pub(super) fn space_hash(&mut self, id: &SpaceId) -> Option<[u8; 32]> {
        let organisation = *id == self.organisation_space();
        let space = self.spaces.get_mut(id)?;
        if space.logs.is_empty() {
            return None;
        }
        let authority = &self.authority;
        Some(*space.hash.get_or_insert_with(|| {
            let branches = if organisation { authority.branches() } else { BTreeMap::new() };
            let whole = space_hash(space.logs.iter().filter(|it| !branches.contains_key(it.0)));
            let of_forks = branches.values().flatten().flat_map(|it| it.1.0);
            if branches.is_empty() { whole } else { sha256(&[&whole, &of_forks.collect::<Vec<u8>>()]) }
        }))
    }

    fn compare(&mut self, peer: DeviceId, out: &mut Outputs) {
        let spaces = self.hashes_for(&peer);
        out.push_back(Output::Send { peer, message: Message::Spaces(spaces) });
    }

    fn offer_registers(&mut self, ctx: &Ctx<'_>, peer: DeviceId, out: &mut Outputs) {
        let hash = self.registers_hash(&peer);
        let Some(state) = self.peers.get_mut(&peer) else { return };
        if state.registers.is_none_or(|(it, at)| it != hash || has_passed(ctx, at, OFFER_PAUSE)) {
            state.registers = Some((hash, ctx.now));
            out.push_back(Output::Send { peer, message: Message::RegistersHash(hash) });
        }
    }

    fn registers_hash(&self, peer: &DeviceId) -> [u8; 32] {
        let mut parts = Vec::new();
        for register in self.registers_for(peer) {
            parts.extend_from_slice(&sha256(&[&register]));
        }
        sha256(&[&parts])
    }

    fn registers_for(&self, peer: &DeviceId) -> Vec<Vec<u8>> {
        let state = self.authority.state();
        let shared = self.spaces.keys().filter(|id| self.shares(peer, id));
        let members: BTreeMap<SpaceId, BTreeSet<PersonId>> = shared.map(|id| (*id, self.members(id))).collect();
        // Those of persons who have left would be refused, and the hashes would never be equal.
        let belongs = |it: &&register::Register| {
            let person = state.person_of(&it.device).filter(|_| state.is_active(&it.device));
            person.is_some_and(|person| members.get(&it.space).is_some_and(|it| it.contains(&person)))
        };
        self.registers.iter().filter(belongs).map(|it| it.bytes().to_vec()).collect()
    }

    /// Handles a message of an active device.
    pub(super) fn message(&mut self, ctx: &mut Ctx<'_>, peer: DeviceId, message: Message, out: &mut Outputs) {
        match message {
            Message::Summary(hash) => self.on_summary(ctx, peer, hash, out),
            Message::Spaces(theirs) => self.on_spaces(peer, &theirs, out),
            Message::Heads { space, logs, answer } => self.on_heads(ctx, peer, space, &logs, answer, out),
            Message::Want { space, ranges } => self.on_want(peer, space, ranges, out),
            Message::Served(space) => self.on_served(ctx, peer, space, out),
            Message::Registers(registers) => {
                for bytes in registers {
                    self.take_register(ctx, Some(peer), &bytes, out);
                }
            }
            Message::RegistersHash(hash) => {
                if hash != self.registers_hash(&peer) {
                    self.send_registers(peer, out);
                    out.push_back(Output::Send { peer, message: Message::RegistersWant });
                }
            }
            Message::RegistersWant => self.send_registers(peer, out),
            // These are the driver's: bytes and addresses are not the replica's business.
            Message::Push(_)
            | Message::BlobsWant(_)
            | Message::Addresses(_)
            | Message::Goodbye
            | Message::Typing(_) => {}
        }
    }

    fn send_registers(&mut self, peer: DeviceId, out: &mut Outputs) {
        let mut part: Vec<Vec<u8>> = Vec::new();
        let mut bytes = 0;
        for register in self.registers_for(&peer) {
            bytes += register.len();
            part.push(register);
            if bytes > 64 * 1024 {
                out.push_back(Output::Send { peer, message: Message::Registers(std::mem::take(&mut part)) });
                bytes = 0;
            }
        }
        if !part.is_empty() {
            out.push_back(Output::Send { peer, message: Message::Registers(part) });
        }
    }

    fn on_summary(&mut self, ctx: &Ctx<'_>, peer: DeviceId, hash: [u8; 32], out: &mut Outputs) {
        self.offer_registers(ctx, peer, out);
        if hash == self.summary_for(&peer) {
            return;
        }
        let Some(state) = self.peers.get_mut(&peer) else { return };
        if has_passed(ctx, state.compared, COMPARE_PAUSE) {
            state.compared = ctx.now;
            self.compare(peer, out);
        }
    }

    fn on_spaces(&mut self, peer: DeviceId, theirs: &[(SpaceId, [u8; 32])], out: &mut Outputs) {
        let mine = self.hashes_for(&peer);
        let organisation = self.organisation_space();
        let mut differing: Vec<SpaceId> =
            theirs.iter().filter(|it| !mine.contains(it)).map(|(space, _)| *space).collect();
        for (space, _) in &mine {
            if !theirs.iter().any(|(it, _)| it == space) {
                differing.push(*space);
            }
        }
        differing.sort_by_key(|it| (*it != organisation, *it));
        differing.dedup();
        for space in differing {
            self.send_heads(peer, space, true, out);
        }
    }

    fn send_heads(&mut self, peer: DeviceId, space: SpaceId, answer: bool, out: &mut Outputs) {
        let shared = self.receives(&peer, &space);
        let mut logs = self.spaces.get(&space).filter(|_| shared).map_or_else(Vec::new, |it| {
            it.logs
                .iter()
                .filter_map(|(id, log)| {
                    let ranges = log.ranges().iter().map(|it| (it.first, it.last)).collect();
                    log.head().map(|head| LogHead { log: *id, ranges, last_id: head.last_id })
                })
                .collect()
        });
        if space == self.organisation_space() && shared {
            // The authority of the peer has to see every branch; an act of an honest device may rest on any of them.
            let branches =
                self.authority.branches().into_iter().flat_map(|(log, of)| of.into_iter().map(move |it| (log, it)));
            logs.extend(branches.map(|(log, (seq, id))| LogHead { log, ranges: vec![(0, seq)], last_id: id }));
        }
        for message in Message::heads(space, logs, answer) {
            out.push_back(Output::Send { peer, message });
        }
    }

    fn on_heads(
        &mut self,
        ctx: &Ctx<'_>,
        peer: DeviceId,
        space: SpaceId,
        theirs: &[LogHead],
        answer: bool,
        out: &mut Outputs,
    ) {
        if answer {
            self.send_heads(peer, space, false, out);
        }
        self.confirm_own_log(space, theirs, out);
        let busy = self.serving.get(&space).filter(|it| !has_passed(ctx, it.heard, SERVE_TIMEOUT));
        if busy.is_some_and(|it| it.by != peer) {
            return;
        }
        let asked = busy.map(|it| it.asked.clone());
        let mut ranges = self.lacking(space, theirs, out);
        let of = |it: &LogRange| asked.as_ref().and_then(|asked| asked.get(&it.log));
        ranges.retain(|it| of(it).is_none_or(|of| it.first < of.0 || of.1 < it.last));
        if ranges.is_empty() {
            self.ask_next(ctx, peer, out);
            return;
        }
        if asked.is_none() && self.serves(ctx, &peer) >= SERVED_AT_ONCE_MAX {
            self.peers.get_mut(&peer).map(|it| it.next.insert(space));
            return;
        }
        let mut asked = asked.unwrap_or_default();
        for it in &ranges {
            let of = asked.entry(it.log).or_insert((it.first, it.last));
            *of = (of.0.min(it.first), of.1.max(it.last));
        }
        self.serving.insert(space, Serving { by: peer, heard: ctx.now, asked });
        out.push_back(Output::Send { peer, message: Message::Want { space, ranges } });
    }

    fn lacking(&mut self, space: SpaceId, theirs: &[LogHead], out: &mut Outputs) -> Vec<LogRange> {
        let held = self.spaces.get(&space);
        let organisation = space == self.organisation_space();
        let mut ranges = Vec::new();
        let mut forks = Vec::new();
        for head in theirs {
            let log = held.and_then(|it| it.logs.get(&head.log));
            let last = head.ranges.last().map(|it| it.1);
            if organisation && self.authority.knows(&head.last_id) {
                // With all that is before it, also where it is the second branch of a log.
                continue;
            }
            let other = |seq| self.authority.knows_another(&head.log, seq, &head.last_id);
            if organisation && last.is_some_and(other) {
                forks.push(head.log.device);
                // The authority has to see both branches whole.
                for (first, last) in head.ranges.iter().copied() {
                    let whole = LogRange { log: head.log, first, last };
                    ranges.extend(Some(whole).filter(|it| !ranges.contains(it)));
                }
                continue;
            }
            if log.and_then(|it| it.head()).is_some_and(|it| Some(it.last) == last && it.last_id != head.last_id) {
                forks.push(head.log.device);
                // One entry of the other branch is the proof that is kept.
                let proven = self.branches.get(&(space, head.log.device)).is_some_and(|it| !it.is_empty());
                ranges.extend(last.filter(|_| !proven).map(|it| LogRange { log: head.log, first: it, last: it }));
                continue;
            }
            let lacking = log.map_or_else(|| head.ranges.clone(), |it| it.lacking(&head.ranges));
            ranges.extend(lacking.into_iter().map(|(first, last)| LogRange { log: head.log, first, last }));
        }
        for device in forks {
            self.alarm_fork(space, device, out);
        }
        ranges.truncate(4_000);
        ranges
    }

    /// An old log of ours may be continued once a peer has shown that it knows nothing above our head.
    fn confirm_own_log(&mut self, space: SpaceId, theirs: &[LogHead], out: &mut Outputs) {
        let me = self.me;
        let clean = self.clean_start;
        let Some(held) = self.spaces.get_mut(&space) else { return };
        for head in theirs.iter().filter(|it| it.log.device == me) {
            let ours = held.logs.get(&head.log).and_then(|it| it.head());
            let theirs_last = head.ranges.last().map_or(0, |it| it.1);
            match ours {
                Some(ours) if theirs_last <= ours.last => {
                    if clean && held.own.is_none() && held.may_continue == Some(head.log.inc) {
                        held.own = Some(head.log.inc);
                    }
                }
                _ => {
                    // Either this home is an older copy, or another home writes with this device's key.
                    held.may_continue = None;
                    held.own = held.own.filter(|it| *it != head.log.inc);
                    out.push_back(Output::Alarm {
                        kind: super::AlarmKind::OwnLogBehind,
                        device: Some(me),
                        space: Some(space),
                    });
                }
            }
        }
    }

    fn on_want(&mut self, peer: DeviceId, space: SpaceId, mut ranges: Vec<LogRange>, out: &mut Outputs) {
        if !self.receives(&peer, &space) {
            out.push_back(Output::Reject { peer, why: Rejected::NotYours });
            return;
        }
        let Some(held) = self.spaces.get(&space) else { return };
        let organisation = space == self.organisation_space();
        let branches = if organisation { self.authority.branches() } else { BTreeMap::new() };
        // Only what is held is served; what is not, the peer finds elsewhere. A branch may be longer than the log.
        ranges = ranges
            .into_iter()
            .flat_map(|it| {
                if let Some((top, _)) = branches.get(&it.log).and_then(|it| it.last()) {
                    return vec![LogRange { last: it.last.min(*top), ..it }];
                }
                let log = held.logs.get(&it.log);
                let pieces = log.map_or_else(Vec::new, |log| log.ranges().to_vec());
                let served = pieces.into_iter().filter_map(move |piece| {
                    let (first, last) = (piece.first.max(it.first), piece.last.min(it.last));
                    (first <= last).then_some(LogRange { log: it.log, first, last })
                });
                served.collect()
            })
            .collect();
        out.push_back(Output::Serve { peer, space, ranges, oldest_first: organisation });
    }

    fn on_served(&mut self, ctx: &Ctx<'_>, peer: DeviceId, space: SpaceId, out: &mut Outputs) {
        if self.serving.get(&space).is_some_and(|it| it.by == peer) {
            self.serving.remove(&space);
            // Others may hold what this one did not; and it may have learnt more meanwhile.
            self.ask_anyone(space, out);
            self.ask_next(ctx, peer, out);
        }
    }

    /// How many spaces a peer is serving.
    fn serves(&self, ctx: &Ctx<'_>, peer: &DeviceId) -> usize {
        self.serving.values().filter(|it| it.by == *peer && !has_passed(ctx, it.heard, SERVE_TIMEOUT)).count()
    }

    /// Compares a space that waits for its turn with this peer.
    fn ask_next(&mut self, ctx: &Ctx<'_>, peer: DeviceId, out: &mut Outputs) {
        if self.serves(ctx, &peer) < SERVED_AT_ONCE_MAX
            && let Some(space) = self.peers.get_mut(&peer).and_then(|it| it.next.pop_first())
        {
            self.send_heads(peer, space, true, out);
        }
    }

    /// A peer has sent entries of a space: it is alive, and what it was asked for is on its way.
    pub(super) fn heard_of(&mut self, ctx: &Ctx<'_>, peer: &DeviceId, space: &SpaceId) {
        if let Some(serving) = self.serving.get_mut(space).filter(|it| it.by == *peer) {
            serving.heard = ctx.now;
        }
    }

    fn ask_anyone(&mut self, space: SpaceId, out: &mut Outputs) {
        let Some(peer) = self.peers.keys().copied().find(|it| self.receives(it, &space)) else { return };
        let incomplete = self.spaces.get(&space).is_some_and(|it| it.logs.values().any(|log| !log.is_whole()));
        if incomplete {
            self.send_heads(peer, space, true, out);
        }
    }

    /// Checks and merges one register.
    pub(super) fn take_register(&mut self, ctx: &Ctx<'_>, from: Option<DeviceId>, bytes: &[u8], out: &mut Outputs) {
        let read = match register::Register::check_new(bytes, self.authority.keys(), &self.registers) {
            Ok(Some(read)) => read,
            Ok(None) => return,
            Err(_) => {
                if let Some(peer) = from {
                    out.push_back(Output::Reject { peer, why: Rejected::Register });
                }
                return;
            }
        };
        let ahead = read.hlc.timestamp().since(ctx.now) > crate::limits::CLOCK_HOLD;
        let mine = self.shares(&read.device, &read.space) && self.spaces.contains_key(&read.space);
        // What is stored was accepted once, and whom it belongs to is not known before everything is read.
        if from.is_some() && (ahead || !mine) {
            return;
        }
        let space = read.space;
        // Ours, and newer than what we have: a crash took it, and what it says of our store may no longer be true.
        let ours = from.is_some() && read.device == self.me;
        // What stands in the list of places and of people.
        let listed =
            [values::LEFT, values::LEVEL, values::FAVOURITE, values::PROFILE, values::AVATAR, values::PRESENCE];
        let listed = listed.contains(&read.name.as_str());
        if self.registers.merge(read) {
            out.push_back(Output::Register(bytes.to_vec()));
            if listed {
                out.push_back(Output::Changed(super::Changed::Spaces));
            }
            if ours {
                out.push_back(Output::Changed(super::Changed::Space(space)));
            }
            out.push_back(Output::Changed(super::Changed::Registers(space)));
        }
    }
}
