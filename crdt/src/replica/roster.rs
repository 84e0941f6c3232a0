//! Private spaces: creating them, changing who is in them, and reading their rosters.

use std::collections::BTreeSet;

use crate::Ctx;
use crate::authority::Denied;
use crate::entry::{Kind, Signed};
use crate::id::{EntryId, Inc, LogId, PersonId, SpaceId};
use crate::limits;
use crate::roster::{
    History, Roster, RosterAct, RosterChange, RosterDenied, RosterEntry, RosterKind, Snapshot, founded_space,
};
use crate::seal::{self, Reason};

use super::space::{Space, SpaceKind};
use super::write::Body;
use super::{Changed, Output, Outputs, Refusal, Replica, Reply};

/// How often a roster is evaluated anew because a removal that stands lets other acts fall; honest histories need one.
const CUT_ROUNDS_MAX: usize = 8;

impl Replica {
    /// Creates a private channel or a group: an epoch for its members, then the act that says what it is.
    pub(super) fn create_private(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: bool,
        name: &str,
        shared_history: bool,
        persons: &BTreeSet<PersonId>,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        if group {
            let all = persons.iter().chain([&me]).collect::<BTreeSet<_>>().len();
            if limits::GROUP_PERSONS_MAX < all {
                return Err(Refusal::Roster(RosterDenied::Full));
            }
            if all < 3 {
                return Err(Refusal::TooLong);
            }
        } else {
            self.authority.state().may_create_private(&me)?;
            super::acts::name_blob(name)?;
        }
        let change = RosterChange::Create {
            kind: if group { RosterKind::Group } else { RosterKind::Private },
            name: name.trim().to_owned(),
            history: if shared_history { History::Shared } else { History::Join },
            archive: false,
            persons: persons.clone(),
        };
        let log = LogId { device: self.me, inc: Inc(ctx.rng.bytes()) };
        let id = founded_space(&self.org, &log);
        let kind = if group { SpaceKind::Group } else { SpaceKind::Private };
        let mut space = Space::new(self.org, id, kind);
        space.own = Some(log.inc);
        space.roster = Roster::create(me, &change);
        self.spaces.insert(id, space);
        let (epoch, key) = self.open_epoch(ctx, id, Reason::First, None, out)?;
        self.roster_act(ctx, id, (epoch, &key), change, out)?;
        out.push_back(Output::Changed(Changed::Spaces));
        Ok(Reply::Space(id))
    }

    fn roster_act(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        (epoch, key): (EntryId, &seal::Key),
        change: RosterChange,
        out: &mut Outputs,
    ) -> Result<Signed, Refusal> {
        let known = self.spaces.get(&id).map_or_else(Vec::new, |it| it.causal.heads());
        let act = RosterAct { change: Some(change), auth_heads: self.authority.heads(), known };
        let plaintext = act.encode().ok_or(Refusal::TooLong)?;
        self.write(ctx, id, Kind::Act, Body::Sealed(epoch, key, plaintext), Vec::new(), out)
    }

    /// Takes a person into a private space or out of it. A new epoch follows where older keys may no longer serve.
    pub(super) fn roster_member(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        person: PersonId,
        member: bool,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        let roster = self.spaces.get(&id).and_then(|it| it.roster.as_ref()).ok_or(Refusal::NotFound)?;
        let roster_history = roster.history;
        let change = match (member, person == me) {
            (true, _) => RosterChange::Add(person),
            (false, true) => RosterChange::Leave,
            (false, false) => RosterChange::Remove(person),
        };
        self.allowed(roster.permits(&me, &change))?;
        let shared = roster_history == History::Shared;
        if member && !self.authority.state().is_member(&person) {
            return Err(Refusal::NotFound);
        }
        let (epoch, key) = self.sending_key(ctx, id, patience_over, out)?;
        self.roster_act(ctx, id, (epoch, &key), change, out)?;
        let leaving = !member && person == me;
        #[cfg(feature = "planted")]
        let leaving = leaving || (!member && crate::planted::is(crate::planted::Planted::NoRotationAfterRemoval));
        if !leaving && (!member || !shared) {
            let reason = if member { Reason::Joined } else { Reason::Removal };
            self.open_epoch(ctx, id, reason, None, out)?;
        }
        if !member && !leaving {
            self.cut_now(ctx, out);
        }
        self.schedule_grants(ctx, id, out);
        Ok(Reply::Done)
    }

    /// Another name, a moderator more or less.
    pub(super) fn roster_change(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        change: RosterChange,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        let roster = self.spaces.get(&id).and_then(|it| it.roster.as_ref()).ok_or(Refusal::NotFound)?;
        self.allowed(roster.permits(&me, &change))?;
        let (epoch, key) = self.sending_key(ctx, id, patience_over, out)?;
        let signed = self.roster_act(ctx, id, (epoch, &key), change, out)?;
        Ok(Reply::Entry { id: signed.id, space: id })
    }

    /// A roster act has come.
    pub(super) fn read_roster_act(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, signed: &Signed, out: &mut Outputs) {
        let Some(epoch) = signed.entry.epoch else { return };
        let Some(space) = self.spaces.get_mut(&id) else { return };
        match space.ring.key(&epoch) {
            Some(key) => {
                let plaintext = seal::open_body(key, &signed.entry);
                self.note_roster_act(id, signed, plaintext.as_deref());
                self.evaluate_roster(ctx, id, out);
            }
            None => {
                space.unopened_acts.entry(epoch).or_default().push(signed.clone());
                // What is known does not suffice any more.
                self.evaluate_roster(ctx, id, out);
            }
        }
    }

    fn note_roster_act(&mut self, id: SpaceId, signed: &Signed, plaintext: Option<&[u8]>) {
        let Some(act) = plaintext.and_then(|it| RosterAct::decode(it).ok()) else { return };
        let author = self.authority.state().person_of(&signed.entry.device);
        let creates = matches!(act.change, Some(RosterChange::Create { .. }));
        let state = if creates { self.authority.state_at(&act.auth_heads) } else { None };
        let (Some(author), true) = (author, state.is_some() || !creates) else {
            // The authority does not know enough yet to judge it; asked again when it knows more.
            if let (Some(epoch), Some(space)) = (signed.entry.epoch, self.spaces.get_mut(&id)) {
                space.unopened_acts.entry(epoch).or_default().push(signed.clone());
            }
            return;
        };
        let may_create = state.is_some_and(|it| it.may_create_private(&author).is_ok());
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let knew = act.known.iter().chain(&signed.entry.seen).copied();
        space.causal.note(signed.id, (signed.entry.log(), signed.entry.seq), knew);
        space.acts_under.extend(signed.entry.epoch.map(|it| (signed.id, it)));
        let entry =
            RosterEntry { id: signed.id, log: signed.entry.log(), author, hlc: signed.entry.hlc, may_create, act };
        if !space.acts.iter().any(|it| it.id == entry.id) {
            space.acts.push(entry);
        }
    }

    /// The authority has learnt something: acts whose author or rights were not known may be judged now.
    pub(super) fn read_waiting_acts(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        let waiting = self.spaces.iter().filter(|(_, it)| !it.unopened_acts.is_empty());
        let waiting: Vec<(SpaceId, Vec<EntryId>)> =
            waiting.map(|(id, it)| (*id, it.unopened_acts.keys().copied().collect())).collect();
        for (id, epochs) in waiting {
            self.read_opened_roster(ctx, id, &epochs, out);
        }
    }

    /// Keys were learnt: rosters and acts sealed under them can be read.
    pub(super) fn read_opened_roster(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, epochs: &[EntryId], out: &mut Outputs) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        if !matches!(space.kind, SpaceKind::Private | SpaceKind::Group) {
            return;
        }
        let (mut acts, mut lists) = (Vec::new(), Vec::new());
        for epoch in epochs {
            let (Some(key), Some(known)) = (space.ring.key(epoch), space.ring.get(epoch)) else { continue };
            let sealed = space.sealed_rosters.remove(epoch);
            let opened = sealed.and_then(|it| seal::open_members(key, &id, &it));
            if let Some((roster, knew)) = opened.and_then(|it| Roster::from_snapshot(&it).ok()) {
                lists.push((*epoch, known.author, roster.members.clone()));
                space.causal.note(*epoch, known.position, knew.into_iter().chain(known.body.prev.iter().copied()));
                space.snapshots.push(Snapshot { epoch: *epoch, hlc: known.hlc, roster });
            }
            for signed in space.unopened_acts.remove(epoch).unwrap_or_default() {
                let plaintext = seal::open_body(key, &signed.entry);
                acts.push((signed, plaintext));
            }
        }
        for (epoch, author, members) in lists {
            if !self.audit_private(&id, &epoch, &members) {
                self.alarm_list(id, author, out);
            }
        }
        for (signed, plaintext) in acts {
            self.note_roster_act(id, &signed, plaintext.as_deref());
        }
        self.evaluate_roster(ctx, id, out);
    }

    /// Brings the roster of a private space up to the acts and snapshots that could be opened.
    pub(super) fn evaluate_roster(&mut self, ctx: &mut Ctx<'_>, id: SpaceId, out: &mut Outputs) {
        let Some(space) = self.spaces.get(&id) else { return };
        let pasts = space.causal.pasts();
        let before = |earlier: &EntryId, later: &EntryId| pasts.knew(earlier, later);
        let created = space.acts.iter().any(|it| matches!(it.act.change, Some(RosterChange::Create { .. })));
        // Who was away in between cannot read what was decided then, and starts anew like a newcomer.
        let created = created && space.unopened_acts.is_empty();
        let heads = space.ring.heads();
        let snapshots: Vec<Snapshot> = if created {
            Vec::new()
        } else {
            let newest = space.snapshots.iter().filter(|it| heads.contains(&it.epoch));
            let newest: Vec<Snapshot> = newest.cloned().collect();
            if newest.is_empty() {
                space.snapshots.iter().max_by_key(|it| it.hlc).cloned().into_iter().collect()
            } else {
                newest
            }
        };
        // What was sealed under older keys is in the rosters already that newer epochs carry.
        let older = |it: &&RosterEntry| {
            let under = space.acts_under.get(&it.id);
            let after = |snapshot: &Snapshot| under.is_some_and(|it| space.ring.is_before(it, &snapshot.epoch));
            !snapshots.is_empty() && snapshots.iter().all(after)
        };
        let mut fallen: BTreeSet<EntryId> = space.acts.iter().filter(older).map(|it| it.id).collect();
        // A removal that a newer roster carries is judged by the one that it was written under: its cut counts for a
        // newcomer as for those who were there (seeds 1668, 5895 and 9551).
        let under = |it: &RosterEntry| {
            let epoch = space.acts_under.get(&it.id)?;
            space.snapshots.iter().find(|snapshot| snapshot.epoch == *epoch)
        };
        let permitted = |it: &&RosterEntry| {
            let change = it.act.change.as_ref();
            under(it)
                .is_some_and(|it_was| change.is_some_and(|change| it_was.roster.permits(&it.author, change).is_ok()))
        };
        let carried: BTreeSet<EntryId> = space.acts.iter().filter(older).filter(permitted).map(|it| it.id).collect();
        let kept: Vec<RosterEntry> = space.acts.iter().filter(|it| !fallen.contains(&it.id)).cloned().collect();
        let mut evaluation = Roster::evaluate((&self.org, &id), &snapshots, &kept, &before);
        for _ in 0..CUT_ROUNDS_MAX {
            let void = evaluation.void.keys().chain(&evaluation.stopped).copied().collect();
            let more = self.cut_acts(&id, &void);
            if more.is_subset(&fallen) {
                break;
            }
            fallen.extend(more);
            let kept: Vec<RosterEntry> = space.acts.iter().filter(|it| !fallen.contains(&it.id)).cloned().collect();
            evaluation = Roster::evaluate((&self.org, &id), &snapshots, &kept, &before);
        }
        let Some(space) = self.spaces.get_mut(&id) else { return };
        space.void = evaluation
            .void
            .into_keys()
            .chain(evaluation.stopped)
            .chain(fallen)
            .filter(|it| !carried.contains(it))
            .collect();
        let Some(roster) = evaluation.roster else { return };
        if space.roster.as_ref() == Some(&roster) {
            return self.draw_fences_of(ctx, id, out);
        }
        space.kind = match roster.kind {
            RosterKind::Private => SpaceKind::Private,
            RosterKind::Group => SpaceKind::Group,
        };
        space.roster = Some(roster);
        out.push_back(Output::Changed(Changed::Spaces));
        self.schedule_grants(ctx, id, out);
        self.draw_fences_of(ctx, id, out);
    }
}
