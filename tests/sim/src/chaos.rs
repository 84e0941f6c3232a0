//! What goes wrong, and its end.

use artel_crdt::entry::{Entry, Kind};
use artel_crdt::id::{EntryId, SpaceId};
use artel_crdt::replica::Input;
use artel_crdt::run::{Packet, Run};
use artel_crdt::time::Hlc;

use crate::faults::Fault;
use crate::world::{Event, World};

/// Hours that a clock may be off; below the 24 hours above which entries are held.
const JUMPS: [i64; 8] = [-2_000, 2_000, 90_000, -90_000, 600_000, -600_000, 6 * 3_600_000, -6 * 3_600_000];

impl World {
    /// One thing goes wrong, and the next is planned.
    pub(crate) fn chaos(&mut self) {
        if !self.chaotic {
            return;
        }
        let pause = self.chance.range(2_000, 9_000);
        self.after(pause, Event::Chaos);
        let drawn: Vec<Fault> = self.faults.iter().copied().collect();
        match self.chance.pick(&drawn) {
            Some(Fault::Partition) => self.partition(),
            Some(Fault::Crash) => {
                let node = self.chance.below(self.nodes.len());
                self.crash(node);
            }
            Some(Fault::ClockJump) => self.jump(),
            Some(Fault::Forgery) => drop(self.forge()),
            Some(Fault::LateJoin) if self.nodes.len() == self.expected && self.nodes.len() < 7 => {
                self.expected += 1;
                let teams: Vec<SpaceId> = self.oracle.teams.values().copied().collect();
                let team = if self.chance.one_in(2) { self.chance.pick(&teams) } else { None };
                self.invite(team);
            }
            _ => {}
        }
    }

    fn partition(&mut self) {
        if self.cut_off.is_some() || self.nodes.len() < 2 {
            return;
        }
        let mut nodes: Vec<usize> = (0..self.nodes.len()).collect();
        self.chance.shuffle(&mut nodes);
        let size = 1 + self.chance.below(nodes.len() - 1);
        let one_way = self.chance.one_in(3);
        self.cut_off = Some((nodes.into_iter().take(size).collect(), one_way));
        for (a, b) in self.links.keys().copied().collect::<Vec<_>>() {
            if !one_way && self.is_cut(a, b) {
                self.unlink(a, b);
            }
        }
        self.count(Fault::Partition);
        let length = self.chance.range(3_000, 40_000);
        self.after(length, Event::PartitionEnds);
    }

    fn jump(&mut self) {
        let node = self.chance.below(self.nodes.len());
        let jump = self.chance.pick(&JUMPS).unwrap_or(0);
        // One jump at a time: two together would leave the day that is tolerated.
        self.nodes[node].offset = if self.nodes[node].offset == 0 { jump } else { 0 };
        self.count(Fault::ClockJump);
    }

    /// Stops a node at once; in between it sometimes stops in an orderly way.
    pub(crate) fn crash(&mut self, at: usize) {
        if !self.nodes[at].running || !self.chaotic {
            return;
        }
        let orderly = self.chance.one_in(5);
        let others: Vec<usize> = (0..self.nodes.len()).filter(|it| *it != at).collect();
        if orderly {
            let upto = self.nodes[at].disk.journal.len();
            self.flush(at, upto);
            self.checkpoint(at);
        }
        self.nodes[at].running = false;
        for other in others {
            self.unlink(at, other);
        }
        let index = !orderly && self.chance.one_in(6);
        let node = &mut self.nodes[at];
        let lost = if orderly { 0 } else { node.disk.crash(index) };
        node.lost |= lost > 0;
        node.wishes.clear();
        node.promises.clear();
        node.to_tell.clear();
        self.note(6, &[self.now, at as u64, lost as u64], &[]);
        if lost > 0 {
            self.count(Fault::Crash);
        }
        let pause = self.chance.range(100, 15_000);
        self.after(pause, if orderly { Event::StartAgain { node: at } } else { Event::Restart { node: at } });
    }

    /// Starts a node from its disk, as a driver does.
    pub(crate) fn restart(&mut self, at: usize, clean: bool) {
        if self.nodes[at].running {
            return;
        }
        self.nodes[at].reboot();
        self.note(7, &[self.now, at as u64], &[]);
        let index = self.nodes[at].disk.index.clone();
        for held in index.held {
            self.nodes[at].replica.restore_held(held);
        }
        for (number, (packet, control)) in self.nodes[at].disk.journal.clone().into_iter().enumerate() {
            let indexed = number < index.applied;
            let source = if indexed { artel_crdt::replica::Source::Home } else { artel_crdt::replica::Source::Replay };
            if control || !indexed {
                self.input(at, Input::Packet { source, packet: Box::new(packet) });
            }
        }
        for bytes in index.registers {
            self.input(at, Input::Register(bytes));
        }
        for (_, packet) in self.nodes[at].disk.beside.clone() {
            self.input(at, Input::Packet { source: artel_crdt::replica::Source::Branch, packet: Box::new(packet) });
        }
        for (_, space, held) in self.nodes[at].disk.held_at.clone() {
            self.input(at, Input::Held { space, held });
        }
        let disk = &self.nodes[at].disk;
        let unopened = disk.index.unopened.iter().copied().collect();
        self.input(at, Input::Restored { clean, unopened });
        for (space, order) in index.reading {
            self.check_reading(at, &space, order);
        }
        let spaces: Vec<SpaceId> = self.nodes[at].replica.spaces().iter().map(|it| it.id).collect();
        for space in spaces {
            self.order(at, artel_crdt::replica::Command::Held(space));
        }
    }

    /// Somebody who has a device's key signs a branch that contradicts its log, and shows it to one colleague.
    /// Returns whether there was a log for it.
    pub(crate) fn forge(&mut self) -> bool {
        let victim = self.chance.below(self.nodes.len());
        let thief = self.chance.below(self.nodes.len());
        let held = self.nodes[thief].replica.held();
        let mine = self.nodes[victim].device;
        // Only where the colleague holds the log whole: then the contradiction is plain at once.
        let logs = held.iter().flat_map(|it| it.logs.iter().map(move |(log, ranges)| (it.space, *log, ranges.clone())));
        let whole: Vec<_> = logs
            .filter(|(space, log, ranges)| {
                let whole = matches!(ranges.as_slice(), [only] if only.first == 0);
                whole && log.device == mine && *space != self.nodes[thief].replica.organisation_space()
            })
            .collect();
        let running = self.nodes[thief].running && victim != thief;
        let Some((space, log, ranges)) = self.chance.pick(&whole).filter(|_| running) else { return false };
        let Some(head) = ranges.last() else { return false };
        let entry = Entry {
            device: mine,
            space,
            inc: log.inc,
            seq: head.last + 1,
            prev: Some(EntryId([7; 32])),
            seen: Vec::new(),
            hlc: Hlc { ms: head.last_hlc.ms + 1, ctr: 0 },
            kind: Kind::Merge,
            epoch: None,
            body: Vec::new(),
            blobs: Vec::new(),
        };
        let signed = entry.sign(&self.org, &self.nodes[victim].identity().signing);
        self.forged.insert(mine);
        self.count(Fault::Forgery);
        self.offer(thief, mine, Packet::of(Run::own(signed)).encode());
        true
    }

    /// Nothing goes wrong any more, and what went wrong is repaired.
    pub(crate) fn heal(&mut self) {
        self.chaotic = false;
        self.cut_off = None;
        for at in 0..self.nodes.len() {
            self.nodes[at].offset = 0;
            self.restart(at, false);
        }
    }
}
