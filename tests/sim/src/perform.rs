//! What a driver does with the outputs of a replica.

use std::collections::BTreeSet;

use artel_crdt::id::{DeviceId, EntryId, SpaceId};
use artel_crdt::replica::{Changed, Command, Output, Refusal, Reply};
use artel_crdt::sync::{LogRange, Message};
use artel_crdt::timeline::Order;

use crate::faults::Fault;
use crate::malice::Malice;
use crate::node::{Promise, Wish};
use crate::oracle::{Deed, Said};
use crate::world::{Event, Parcel, World};

/// Pause before the others are told what is held, ms.
const TELL_PAUSE: u64 = 2_000;

impl World {
    /// Does what a replica says.
    pub(crate) fn perform(&mut self, at: usize, output: Output) {
        let node = &mut self.nodes[at];
        match output {
            Output::Store { packet, control } => {
                // A driver sends what changes the members or the keys only when it is durable.
                let durable_first = control && packet.run.log().device == node.device;
                let fresh = node.disk.store(packet, control);
                if durable_first {
                    node.disk.flushed = node.disk.journal.len();
                }
                if !fresh {
                    self.violate(format!("node {at} stores what it has stored already"));
                }
                self.last_store = self.now;
                self.schedule_flush(at);
            }
            Output::Branch(packet) => node.disk.beside.push((node.disk.journal.len(), packet)),
            Output::Held { space, held } => node.disk.held_at.push((node.disk.journal.len(), space, held)),
            Output::Records { placed, space, opened } => {
                opened.map(|epoch| node.disk.index.unopened.remove(&(space, epoch)));
                node.disk.index.place(placed);
            }
            Output::Unopened { space, epoch } => drop(node.disk.index.unopened.insert((space, epoch))),
            Output::Load { space, epoch } => {
                let boot = node.boot;
                self.after(3, Event::Loaded { node: at, boot, space, epoch });
            }
            Output::LoadLinks(space) => {
                let boot = node.boot;
                self.after(3, Event::Linked { node: at, boot, space });
            }
            Output::Register(bytes) => drop(node.disk.index.registers.insert(bytes)),
            Output::Send { peer, message } => {
                if let Some(to) = self.at(&peer) {
                    self.send(at, to, Parcel::Message(message.encode()));
                }
            }
            Output::Serve { peer, space, ranges, oldest_first } => self.serve(at, peer, space, &ranges, oldest_first),
            Output::WakeAt(moment) => {
                let (delay, boot) = (moment.since(self.clock(at)), self.nodes[at].boot);
                self.after(delay.as_millis() as u64, Event::Wake { node: at, boot });
            }
            Output::Done { id, result } => self.done(at, id, result),
            Output::Changed(Changed::Space(space)) => self.tell_later(at, space),
            Output::Recheck { from, bytes } => self.offer(at, from, bytes),
            Output::Alarm { kind, device, .. } => self.nodes[at].alarms.push((kind, device)),
            Output::Reject { why, .. } => *self.nodes[at].rejected.entry(why).or_default() += 1,
            Output::Changed(_) | Output::Roster | Output::Forget { .. } => {}
        }
    }

    fn at(&self, device: &DeviceId) -> Option<usize> {
        self.nodes.iter().position(|it| it.device == *device)
    }

    fn schedule_flush(&mut self, at: usize) {
        let slow = if self.suffers(Fault::Crash) { 600 } else { 20 };
        let delay = self.chance.range(1, slow);
        let node = &self.nodes[at];
        let (boot, upto) = (node.boot, node.disk.journal.len());
        self.after(delay, Event::Flush { node: at, boot, upto });
    }

    fn tell_later(&mut self, at: usize, space: SpaceId) {
        let node = &mut self.nodes[at];
        let boot = node.boot;
        if node.to_tell.is_empty() {
            self.after(TELL_PAUSE, Event::TellHeld { node: at, boot });
        }
        self.nodes[at].to_tell.insert(space);
    }

    fn serve(&mut self, at: usize, peer: DeviceId, space: SpaceId, ranges: &[LogRange], oldest_first: bool) {
        let Some(to) = self.at(&peer) else { return };
        let own = self.nodes[at].device;
        let withholds = self.withholds == Some(at) && self.chaotic;
        let ranges: Vec<LogRange> = ranges.iter().filter(|it| !withholds || it.log.device == own).copied().collect();
        if withholds && let Some(hostile) = &mut self.hostile {
            *hostile.tried.entry(Malice::Withhold).or_default() += 1;
        }
        let mut packets = self.nodes[at].disk.serve(space, &ranges, &mut self.chance);
        if !oldest_first {
            packets.reverse();
        }
        for packet in packets {
            self.send(at, to, Parcel::Packet(packet.encode()));
        }
        self.send(at, to, Parcel::Message(Message::Served(space).encode()));
    }

    /// The disk has written so much: what waited for it is acknowledged.
    pub(crate) fn flush(&mut self, at: usize, upto: usize) {
        let node = &mut self.nodes[at];
        node.disk.flushed = node.disk.flushed.max(upto);
        let flushed = node.disk.flushed;
        let (kept, waiting) = std::mem::take(&mut node.promises).into_iter().partition(|it| it.0 <= flushed);
        node.promises = waiting;
        if node.disk.flushed == node.disk.journal.len() && self.chance.one_in(3) {
            self.checkpoint(at);
        }
        for (_, promise) in kept {
            self.keep_promise(promise);
        }
    }

    /// Puts everything that is flushed into the index, durably.
    pub(crate) fn checkpoint(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        node.disk.index.applied = node.disk.journal.len();
        node.disk.index.held = node.replica.held();
        let spaces = node.replica.spaces().into_iter();
        let reading = spaces.filter_map(|it| Some((it.id, node.replica.reading(&it.id).own?.order)));
        node.disk.index.reading = reading.collect();
        node.disk.checkpoint = node.disk.index.clone();
    }

    fn keep_promise(&mut self, promise: Promise) {
        match promise {
            Promise::Said(id) => {
                if let Some(said) = self.oracle.said.iter_mut().find(|it| it.id == id) {
                    said.acknowledged = true;
                }
            }
            Promise::Admitted(newcomer) => self.after(50, Event::Arrive(newcomer)),
        }
    }

    fn promise(&mut self, at: usize, promise: Promise) {
        let node = &mut self.nodes[at];
        if node.disk.flushed == node.disk.journal.len() {
            self.keep_promise(promise);
        } else {
            let upto = node.disk.journal.len();
            node.promises.push((upto, promise));
        }
    }

    fn done(&mut self, at: usize, id: u64, result: Result<Reply, Refusal>) {
        let Some(wish) = self.nodes[at].wishes.remove(&id) else {
            return self.violate(format!("node {at} answers a command that was not given or answered before"));
        };
        self.note(4, &[self.now, at as u64, id], format!("{result:?}").as_bytes());
        match (wish, result) {
            (Wish::Forbidden, Ok(reply)) => {
                self.violate(format!("node {at} carried out what its person has no right to: {reply:?}"));
            }
            (Wish::Say { space, deed, text }, Ok(Reply::Entry { id, .. })) => self.said(at, id, (space, deed, text)),
            (Wish::Private(mut persons), Ok(Reply::Space(space))) => {
                if let Some(me) = self.nodes[at].person() {
                    persons.insert(me);
                    self.oracle.moderators.insert(space, me);
                }
                self.oracle.founders.insert(space, persons.clone());
                self.oracle.meant.entry(space).or_default().extend(persons);
            }
            (Wish::Team, Ok(Reply::Space(space))) => {
                let me = self.nodes[at].person();
                self.oracle.meant.entry(space).or_default().extend(me);
            }
            (Wish::Channel(team), Ok(Reply::Space(space))) => {
                if let Some(me) = self.nodes[at].person() {
                    self.oracle.moderators.insert(space, me);
                }
                self.oracle.teams.extend(team.map(|team| (space, team)));
            }
            (Wish::Invite(newcomer), Ok(_)) => self.admit(*newcomer),
            (Wish::Admit(newcomer), Ok(_)) => self.promise(at, Promise::Admitted(newcomer)),
            (Wish::Invite(_) | Wish::Admit(_), Err(refusal)) => {
                self.violate(format!("node {at} cannot admit anybody: {refusal}"));
            }
            (Wish::Read(space, order), Ok(_)) => self.check_reading(at, &space, order),
            _ => {}
        }
    }

    fn said(&mut self, at: usize, id: EntryId, what: (SpaceId, Deed, Option<String>)) {
        let node = &self.nodes[at];
        let Some(person) = node.person() else { return };
        let (space, deed, text) = what;
        let audience: BTreeSet<_> = node.replica.members_to_come(&space);
        let knew = node.replica.belonged(&space);
        let said = Said { id, space, person, node: at, deed, text, audience, knew, acknowledged: false };
        self.oracle.said.push(said);
        self.promise(at, Promise::Said(id));
    }

    /// Moving the read position is felt at once, whatever the clock did before, and survives a stop.
    pub(crate) fn check_reading(&mut self, at: usize, space: &SpaceId, order: Order) {
        let own = self.nodes[at].replica.reading(space).own.map(|it| it.order);
        if own < Some(order) {
            self.violate(format!("node {at} has read a space and its position stays behind"));
        }
    }

    /// Place of the newest message that a node shows in a space.
    pub(crate) fn newest_row(&self, at: usize, space: &SpaceId) -> Option<Order> {
        let placed = self.nodes[at].disk.index.placed.iter();
        placed.filter(|it| it.space == *space && it.note_target().is_none()).map(|it| it.order).max()
    }

    /// A command that nobody has to remember.
    pub(crate) fn order(&mut self, at: usize, command: Command) {
        self.want(at, Wish::Anything, command);
    }
}
