//! Taking entries in: own ones, pushed ones, synced ones and those of a stored home, all on the same path.
//!
//! Admission asks only whether an entry is well-formed, signed, linked and within limits, so that replicas which learn
//! things in another order hold the same. Whether it may say what it says is judged where rows are built.

use crate::Ctx;
use crate::authority::Added;
use crate::entry::{Kind, Signed};
use crate::id::{BlobHash, DeviceId, EntryId, SpaceId};
use crate::run::{Packet, Run};
use crate::seal;
use crate::sync::{LogRange, Message};
use crate::timeline::Placed;

use super::cuts::PlacedCut;
use super::log::{Inserted, Range};
use super::space::{Space, SpaceKind};
use super::{AlarmKind, Changed, Output, Outputs, Rejected, Replica};

/// Where a packet comes from; decides what is done besides taking it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// This device has just written it.
    Own,
    /// A peer pushed it or served it.
    Peer(DeviceId),
    /// The store gives it back at the start; nothing is stored again.
    Home,
    /// The journal is replayed because the index lost it: records come out again, nothing else.
    Replay,
    /// The store gives back what it keeps beside a log that forks.
    Branch,
}

impl Source {
    fn is_stored(self) -> bool {
        matches!(self, Self::Home | Self::Replay | Self::Branch)
    }
}

/// Spaces without a known roster that may wait at once; an honest peer names only those we belong to.
const PROVISIONAL_MAX: usize = 256;
/// The same at the device of an archivist, who keeps the private spaces of everybody.
const PROVISIONAL_ARCHIVE_MAX: usize = 16_384;

impl Replica {
    /// Takes in a checked packet.
    pub(super) fn take(&mut self, ctx: &mut Ctx<'_>, source: Source, packet: Packet, out: &mut Outputs) {
        let id = packet.run.space();
        if let Source::Peer(from) = &source {
            self.heard_of(ctx, from, &id);
        }
        if source.is_stored() && !self.spaces.contains_key(&id) && self.authority.evaluate() {
            // A stored home is read in the order in which it was written: what came before this is known.
            self.recognise_spaces(ctx, out);
        }
        if !self.spaces.contains_key(&id) && !self.adopt(id, &packet, source, out) {
            return;
        }
        if source == Source::Branch {
            return self.take_fork(ctx, source, &packet, out);
        }
        let newest_ahead = packet.run.entries().last().map(|it| it.entry.hlc.timestamp().since(ctx.now));
        if newest_ahead.is_some_and(|it| it > crate::limits::CLOCK_HOLD) && !source.is_stored() {
            self.reject(source, Rejected::FarFuture, out);
            return;
        }
        let begins = self.spaces.get(&id).is_some_and(|it| !it.logs.contains_key(&packet.run.log()));
        match self.insert(id, &packet.run) {
            Inserted::New { .. } => {}
            // A stored home gives its ranges first and then, again, the packets that say more than steps.
            Inserted::Known if source.is_stored() => {}
            Inserted::Known if self.is_another_branch(&packet) => return self.take_fork(ctx, source, &packet, out),
            Inserted::Known => return,
            Inserted::Scattered => return self.reject(source, Rejected::Scattered, out),
            Inserted::Fork { .. } => return self.take_fork(ctx, source, &packet, out),
        }
        self.note_own_log(id, source, &packet.run);
        if !source.is_stored() {
            let control = packet.run.entries().iter().any(|it| it.entry.kind != Kind::Step);
            out.push_back(Output::Store { packet: packet.clone(), control });
            out.push_back(Output::Changed(Changed::Space(id)));
        }
        self.read_entries(ctx, source, id, &packet, out);
        if begins && self.restored && !self.shares(&packet.run.log().device, &id) {
            self.draw_fences_of(ctx, id, out);
        }
        self.note_links(id, packet.run.entries(), out);
    }

    /// Whether a packet of the organisation space that fits into what is held says something else there: of what is
    /// held only the ends are compared.
    fn is_another_branch(&self, packet: &Packet) -> bool {
        let log = packet.run.log();
        let another = |it: &Signed| self.authority.knows_another(&log, it.entry.seq, &it.id);
        packet.run.space() == self.organisation_space() && packet.run.entries().iter().any(another)
    }

    /// The second branch of a log is kept beside it as a proof, and is not part of what is held. In the organisation space
    /// the authority learns of it all the same, or the one who signed both would be trusted here for the one and there for
    /// the other.
    fn take_fork(&mut self, ctx: &mut Ctx<'_>, source: Source, packet: &Packet, out: &mut Outputs) {
        let (id, log) = (packet.run.space(), packet.run.log());
        let kept = self.branches.entry((id, log.device)).or_default();
        // Outside the organisation space one proof is enough: nothing is evaluated from it.
        let mut new = kept.is_empty();
        if id == self.organisation_space() {
            let (mut waits, mut added) = (false, false);
            for signed in packet.run.entries() {
                let found = self.authority.add(signed);
                (waits, added) = (waits || found == Added::Waiting, added || found == Added::New);
            }
            new = added || waits;
            if let Some(space) = self.spaces.get_mut(&id).filter(|_| new) {
                space.hash = None;
            }
            let (first, last) = (0, packet.run.range().1);
            if let (true, Source::Peer(peer), false) = (waits, source, self.forks.contains(&(id, log.device))) {
                let ranges = vec![LogRange { log, first, last }];
                out.push_back(Output::Send { peer, message: Message::Want { space: id, ranges } });
            }
            self.authority_changed(ctx, out);
        }
        let last = packet.run.entries().last().map(|it| it.id).filter(|_| new);
        let kept = self.branches.entry((id, log.device)).or_default();
        if last.is_some_and(|it| kept.insert(it)) && !source.is_stored() {
            out.push_back(Output::Branch(packet.clone()));
        }
        self.alarm_fork(id, log.device, out);
    }

    fn reject(&self, source: Source, why: Rejected, out: &mut Outputs) {
        if let Source::Peer(peer) = source {
            out.push_back(Output::Reject { peer, why });
        }
    }

    fn insert(&mut self, id: SpaceId, run: &Run) -> Inserted {
        let (Some(space), [head, ..], Some(last)) = (self.spaces.get_mut(&id), run.entries(), run.entries().last())
        else {
            return Inserted::Known;
        };
        let offer = Range {
            first: head.entry.seq,
            last: last.entry.seq,
            before: head.entry.prev,
            last_id: last.id,
            last_hlc: last.entry.hlc,
        };
        let id_at = |seq: u64| {
            let at = usize::try_from(seq.checked_sub(offer.first)?).ok()?;
            run.entries().get(at).map(|it| it.id)
        };
        let inserted = space.logs.entry(run.log()).or_default().insert(offer, id_at);
        if matches!(inserted, Inserted::New { .. }) {
            space.hash = None;
            for signed in run.entries() {
                space.link(run.log(), signed.id, &signed.entry.seen);
            }
        }
        inserted
    }

    /// What a log of this device tells about where it may go on writing.
    fn note_own_log(&mut self, id: SpaceId, source: Source, run: &Run) {
        let Some(last) = run.entries().last().filter(|it| it.entry.device == self.me) else { return };
        let Some(space) = self.spaces.get_mut(&id) else { return };
        match source {
            Source::Own => space.own = Some(last.entry.inc),
            Source::Home | Source::Replay => space.may_continue = Some(last.entry.inc),
            Source::Branch => {}
            // A peer had entries of ours that we lacked: this store is older than it seems. Never write that log again.
            Source::Peer(_) => (space.own, space.may_continue) = (None, None),
        }
    }

    fn read_entries(&mut self, ctx: &mut Ctx<'_>, source: Source, id: SpaceId, packet: &Packet, out: &mut Outputs) {
        let organisation = id == self.organisation_space();
        let mut placed = Vec::new();
        let mut unopened = Vec::new();
        for signed in packet.run.entries() {
            self.witness(ctx, signed);
            match (signed.entry.kind, organisation) {
                (Kind::Step, _) => match self.open_step(id, signed) {
                    Some(record) => placed.push(record),
                    None => unopened.extend(signed.entry.epoch),
                },
                (_, true) => self.read_authority(signed, packet, out),
                (_, false) => {}
            }
            self.read_control(ctx, id, signed, packet, out);
        }
        if source != Source::Home {
            self.place(id, placed, out);
        }
        self.note_unopened(id, &unopened, out);
        if organisation {
            if source == Source::Own {
                // What is written here never waits.
                self.evaluate_now(ctx, out);
            }
            self.authority_changed(ctx, out);
            self.note_void_acts(source, packet, out);
        }
    }

    /// Who tries what he may not do is named to people and counted.
    fn note_void_acts(&self, source: Source, packet: &Packet, out: &mut Outputs) {
        let Source::Peer(_) = source else { return };
        for signed in packet.run.entries().iter().filter(|it| self.authority.denied(&it.id).is_some()) {
            self.reject(source, Rejected::VoidAct, out);
            let (device, space) = (Some(signed.entry.device), Some(signed.entry.space));
            out.push_back(Output::Alarm { kind: AlarmKind::VoidAct, device, space });
        }
    }

    /// Own clock: never behind what was seen, unless that is from the future.
    fn witness(&mut self, ctx: &Ctx<'_>, signed: &Signed) {
        if !signed.entry.hlc.is_ahead(ctx.now) || signed.entry.device == self.me {
            self.hlc = self.hlc.max(signed.entry.hlc);
        }
    }

    fn open_step(&self, id: SpaceId, signed: &Signed) -> Option<Placed> {
        let key = self.spaces.get(&id)?.ring.key(&signed.entry.epoch?)?;
        let plaintext = seal::open_body(key, &signed.entry);
        Some(Placed::from_step(signed, plaintext.as_deref().unwrap_or(&[])))
    }

    fn note_unopened(&mut self, id: SpaceId, epochs: &[EntryId], out: &mut Outputs) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        for epoch in epochs {
            #[cfg(feature = "planted")]
            if crate::planted::is(crate::planted::Planted::ForgetUnopened) {
                continue;
            }
            if space.unopened.insert(*epoch) {
                out.push_back(Output::Unopened { space: id, epoch: *epoch });
            }
            // The key came with a later entry of the same packet, after the steps had been tried.
            if self.restored && space.ring.key(epoch).is_some() {
                out.push_back(Output::Load { space: id, epoch: *epoch });
            }
        }
    }

    /// Puts records into the open segments and hands them to the store.
    pub(super) fn place(&mut self, id: SpaceId, placed: Vec<Placed>, out: &mut Outputs) {
        let Some(space) = self.spaces.get_mut(&id).filter(|_| !placed.is_empty()) else { return };
        for record in &placed {
            *space.records.entry(record.epoch).or_default() += 1;
        }
        out.push_back(Output::Records { space: id, placed, opened: None });
    }

    fn read_authority(&mut self, signed: &Signed, packet: &Packet, out: &mut Outputs) {
        if signed.entry.kind == Kind::Act {
            for blob in &signed.entry.blobs {
                if let Some(bytes) = packet.blobs.get(&blob.hash).filter(|it| it.len() <= crate::cert::CERT_BYTES_MAX) {
                    self.names.insert(blob.hash, bytes.clone());
                }
            }
        }
        match self.authority.add(signed) {
            Added::New | Added::Known | Added::Waiting => {}
            Added::Refused => out.push_back(Output::Alarm {
                kind: AlarmKind::VoidAct,
                device: Some(signed.entry.device),
                space: Some(signed.entry.space),
            }),
        }
    }

    /// Epochs, grants, roster acts, cuts and forgets.
    fn read_control(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, signed: &Signed, packet: &Packet, out: &mut Outputs) {
        match signed.entry.kind {
            Kind::Epoch => self.read_epoch(ctx, id, signed, &packet.blobs, out),
            Kind::Grant => self.read_grant(ctx, id, signed, out),
            Kind::Act if id != self.organisation_space() => self.read_roster_act(ctx, id, signed, out),
            Kind::Cut => {
                if let (Ok(cut), Some(space)) = (seal::Cut::decode(&signed.entry.body), self.spaces.get_mut(&id)) {
                    let (log, seq) = (signed.entry.log(), signed.entry.seq);
                    space.cuts.insert(signed.id, PlacedCut { log, seq, cut });
                    self.evaluate_roster(ctx, id, out);
                    self.draw_fences_of(ctx, id, out);
                }
            }
            Kind::Forget => self.read_forget(id, signed, out),
            Kind::Act | Kind::Step | Kind::Merge | Kind::Unknown(_) => {}
        }
    }

    fn read_forget(&mut self, id: SpaceId, signed: &Signed, out: &mut Outputs) {
        if let Ok(forget) = seal::Forget::decode(&signed.entry.body) {
            if let Some(space) = self.spaces.get_mut(&id) {
                space.forgets.push((signed.entry.device, forget.clone()));
            }
            out.push_back(Output::Forget { space: id, by: signed.entry.device, forget });
        }
    }

    /// Decides whether entries of a space not held so far are for us, and begins to hold it.
    fn adopt(&mut self, id: SpaceId, packet: &Packet, source: Source, out: &mut Outputs) -> bool {
        let author = packet.run.log().device;
        let space = match self.recognise(&id, &author) {
            Some(space) => space,
            None if self.spaces.values().filter(|it| it.is_provisional()).count() >= self.provisional_max() => {
                self.reject(source, Rejected::TooManySpaces, out);
                return false;
            }
            None => Space::new(self.org, id, SpaceKind::Private),
        };
        self.spaces.insert(id, space);
        out.push_back(Output::Changed(Changed::Spaces));
        true
    }

    fn provisional_max(&self) -> usize {
        let state = self.authority.state();
        let archivist = self.person().is_some_and(|it| state.may_open_archive(&it).is_ok());
        if archivist { PROVISIONAL_ARCHIVE_MAX } else { PROVISIONAL_MAX }
    }

    fn recognise(&self, id: &SpaceId, author: &DeviceId) -> Option<Space> {
        if let Some(kind) = self.public_kind(id) {
            return Some(Space::new(self.org, *id, kind));
        }
        let me = self.person()?;
        let author = self.authority.state().person_of(author)?;
        let others: Vec<_> = if author == me { self.persons().collect() } else { vec![author] };
        let other = others.into_iter().find(|it| crate::id::SpaceId::direct(&self.org, &me, it) == *id);
        let pair = other.map(|it| (me, it)).or_else(|| self.direct_of_others(id, &author))?;
        let mut space = Space::new(self.org, *id, SpaceKind::Direct);
        space.pair = Some(pair);
        Some(space)
    }

    /// The index has been asked for the steps of an epoch whose key came late: they become records now.
    pub(super) fn steps_loaded(&mut self, id: SpaceId, epoch: EntryId, steps: &[Signed], out: &mut Outputs) {
        // Roster acts are sealed under epochs too; they are read where they were admitted.
        let steps = steps.iter().filter(|it| it.entry.kind == Kind::Step);
        let placed: Vec<Placed> = steps.filter_map(|it| self.open_step(id, it)).collect();
        let Some(space) = self.spaces.get_mut(&id) else { return };
        space.unopened.remove(&epoch);
        *space.records.entry(epoch).or_default() += placed.len();
        out.push_back(Output::Records { space: id, placed, opened: Some(epoch) });
    }

    /// Raises the alarm about a device that signed two entries for one position.
    pub(super) fn alarm_fork(&mut self, space: SpaceId, device: DeviceId, out: &mut Outputs) {
        if self.forks.insert((space, device)) {
            out.push_back(Output::Alarm { kind: AlarmKind::Fork, device: Some(device), space: Some(space) });
        }
    }

    /// After a start: who has contradicted himself before is named again.
    pub(super) fn alarm_known_forks(&self, out: &mut Outputs) {
        for (space, device) in &self.forks {
            out.push_back(Output::Alarm { kind: AlarmKind::Fork, device: Some(*device), space: Some(*space) });
        }
    }

    /// A clear blob of an act: a name, a mail address or a certificate.
    pub fn clear_blob(&self, blob: &BlobHash) -> Option<&[u8]> {
        self.names.get(blob).map(Vec::as_slice)
    }

    /// The text of a clear blob of an act: a name or a mail address.
    pub fn name(&self, blob: &BlobHash) -> Option<&str> {
        self.names.get(blob).and_then(|it| std::str::from_utf8(it).ok())
    }
}
