//! Writing: every entry of this device is made here.

use std::time::Duration;

use crate::Ctx;
use crate::entry::{BlobRef, Entry, Kind, Signed};
use crate::id::{BlobHash, EntryId, Inc, LogId, SpaceId};
use crate::limits;
use crate::run::{Packet, Run};
use crate::seal::{self, Key, Nonce};
use crate::sync::Message;
use crate::time::{Hlc, Timestamp};

use super::space::Space;
use super::{Command, Output, Outputs, Refusal, Replica, Source};

/// How long a command waits for a key that others hold before this device opens an epoch of its own.
const KEY_PATIENCE: Duration = Duration::from_secs(5);

/// A command that waits for a key.
#[derive(Debug)]
pub(super) struct Deferred {
    pub(super) id: u64,
    pub(super) command: Command,
    pub(super) until: Timestamp,
}

/// A body to be written: how it is made from the fields it is bound to.
pub(super) enum Body<'k> {
    /// Clear CBOR.
    Clear(Vec<u8>),
    /// Sealed under the key of the epoch.
    Sealed(EntryId, &'k Key, Vec<u8>),
    /// Nothing: merges.
    None,
}

impl Replica {
    /// Signs the next entry of this device in a space, takes it in and sends it to the members who are connected.
    pub(super) fn write(
        &mut self,
        ctx: &mut Ctx<'_>,
        space: SpaceId,
        kind: Kind,
        body: Body<'_>,
        blobs: Vec<Vec<u8>>,
        out: &mut Outputs,
    ) -> Result<Signed, Refusal> {
        while self.unseen(ctx, &space).len() > limits::SEEN_MAX && kind != Kind::Merge {
            self.write(ctx, space, Kind::Merge, Body::None, Vec::new(), out)?;
        }
        let mut entry = self.next_entry(ctx, space, kind);
        entry.blobs = blobs.iter().map(|it| BlobRef::of(it)).collect();
        match body {
            Body::Clear(body) => entry.body = body,
            Body::Sealed(epoch, key, plaintext) => {
                entry.epoch = Some(epoch);
                entry.body = seal::seal_body(key, &entry, &plaintext, Nonce::draw(ctx.rng));
            }
            Body::None => {}
        }
        entry.check_form().map_err(|_| Refusal::TooLong)?;
        let signed = entry.sign(&self.org, &self.identity.signing);
        let mut packet = Packet::of(Run::own(signed.clone()));
        packet.blobs = blobs.into_iter().map(|it| (BlobHash::of(&it), it)).collect();
        self.push(&packet, out);
        self.take(ctx, Source::Own, packet, out);
        Ok(signed)
    }

    fn own_log(&mut self, ctx: &mut Ctx<'_>, space: &SpaceId) -> LogId {
        let fresh = Inc(ctx.rng.bytes());
        let device = self.me;
        let Some(held) = self.spaces.get_mut(space) else { return LogId { device, inc: fresh } };
        #[cfg(feature = "planted")]
        if crate::planted::is(crate::planted::Planted::ContinueOldInc) && held.own.is_none() {
            held.own = held.may_continue;
        }
        let head = |inc: Inc| held.logs.get(&LogId { device, inc }).and_then(|it| it.head());
        let inc = match held.own {
            // A log that was written with a clock far ahead is left behind, or its order would stay in the future.
            Some(inc) if !head(inc).is_some_and(|it| it.last_hlc.is_ahead(ctx.now)) => inc,
            _ => *held.own.insert(fresh),
        };
        LogId { device, inc }
    }

    fn unseen(&mut self, ctx: &mut Ctx<'_>, space: &SpaceId) -> Vec<EntryId> {
        let log = self.own_log(ctx, space);
        let late = self.late_logs(space);
        let mut unseen: Vec<EntryId> = match *space == self.organisation_space() {
            // Not what waits for something that is missing here, or our own act would wait with it.
            true => {
                let is_late = |log: &LogId, seq| late.get(log).is_some_and(|end| *end < Some(seq));
                let frontier = self.authority.frontier(is_late).into_iter();
                frontier.filter(|it| it.0 != log).map(|it| it.1).collect()
            }
            false => {
                let tips = self.spaces.get(space).map_or_else(Vec::new, Space::tips_by_log);
                tips.into_iter().filter(|it| it.0 != log && !late.contains_key(&it.0)).map(|it| it.1).collect()
            }
        };
        unseen.sort_unstable();
        unseen
    }

    fn next_entry(&mut self, ctx: &mut Ctx<'_>, space: SpaceId, kind: Kind) -> Entry {
        let log = self.own_log(ctx, &space);
        let mut seen = self.unseen(ctx, &space);
        seen.truncate(limits::SEEN_MAX);
        let head = self.spaces.get(&space).and_then(|it| it.logs.get(&log)).and_then(|it| it.head());
        let newest = head.map(|it| (it.last, it.last_id));
        // A clock that was ahead is corrected; within the log it still never goes back.
        let last = if self.hlc.is_ahead(ctx.now) { Hlc::default() } else { self.hlc };
        self.hlc = last.max(head.map(|it| it.last_hlc).unwrap_or_default());
        let hlc = Hlc::next(self.hlc, ctx.now);
        #[cfg(feature = "planted")]
        let hlc = match crate::planted::is(crate::planted::Planted::ClockGoesBack) {
            true => Hlc { ms: ctx.now.0, ctr: hlc.ctr },
            false => hlc,
        };
        Entry {
            device: self.me,
            space,
            inc: log.inc,
            seq: newest.map_or(0, |(seq, _)| seq + 1),
            prev: newest.map(|(_, id)| id),
            seen,
            hlc,
            kind,
            epoch: None,
            body: Vec::new(),
            blobs: Vec::new(),
        }
    }

    /// Sends a new packet at once to the connected members; what does not fit comes by sync.
    pub(super) fn push(&self, packet: &Packet, out: &mut Outputs) {
        let mut light = packet.clone();
        light.blobs.retain(|_, blob| blob.len() <= limits::INLINE_BLOB_BYTES_MAX);
        let bytes = light.encode();
        if bytes.len() > limits::PUSH_BYTES_MAX {
            return;
        }
        let space = packet.run.space();
        let members = self.receivers_in(&space);
        #[cfg(feature = "planted")]
        let members = match crate::planted::is(crate::planted::Planted::PushToEverybody) {
            true => self.peers.keys().copied().collect(),
            false => members,
        };
        for peer in members {
            out.push_back(Output::Send { peer, message: Message::Push(bytes.clone()) });
        }
    }

    /// Puts a command aside until a key arrives or the patience is over.
    pub(super) fn defer(&mut self, ctx: &Ctx<'_>, id: u64, command: Command, out: &mut Outputs) {
        self.deferred.push(Deferred { id, command, until: ctx.now.plus(KEY_PATIENCE) });
        self.wake(ctx, out);
    }

    /// Tries again what waits for a key.
    pub(super) fn retry_deferred(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        for deferred in std::mem::take(&mut self.deferred) {
            // More than the whole patience is left only where the clock was set back.
            let patience_over = ctx.now >= deferred.until || deferred.until > ctx.now.plus(KEY_PATIENCE);
            self.attempt(ctx, deferred, patience_over, out);
        }
    }

    /// Asks to be woken at the next moment that matters.
    pub(super) fn wake(&mut self, ctx: &Ctx<'_>, out: &mut Outputs) {
        let deferred = self.deferred.iter().map(|it| it.until);
        let grants = self.spaces.values().filter_map(|it| it.grant_due);
        let cuts = self.spaces.values().flat_map(|it| it.cuts_due.values().copied());
        let Some(next) = deferred.chain(grants).chain(cuts).chain(self.guest_due).chain(self.evaluation_due()).min()
        else {
            return;
        };
        if self.woken.is_none_or(|it| next < it || it < ctx.now) {
            self.woken = Some(next);
            out.push_back(Output::WakeAt(next));
        }
    }
}
