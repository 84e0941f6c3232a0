//! This device's copy of one organisation: one function, [`Replica::handle`], from what happens to what is to be done.
//!
//! Always in memory: the authority, the names in it, the held ranges of every log, the keys of every epoch, rosters and
//! registers. In the store, and never needed whole: entries, blobs, records. What has to come back from there is asked
//! for by [`Output::Load`] and answered by [`Input::Steps`].
//!
//! The same replica runs in production and in the simulator. Bad bytes from a peer are an [`Output::Reject`], never an
//! error that unwinds a loop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ed25519_dalek::SigningKey;
use zeroize::Zeroize;

use crate::Ctx;
use crate::authority::Authority;
use crate::entry::Signed;
use crate::id::{BlobHash, DeviceId, EntryId, OrgId, PersonId, SpaceId};
use crate::register::Registers;
use crate::run::{Keys, Packet};
use crate::seal::{Cut, Forget, SealingKey};
use crate::sync::{LogRange, Message};
use crate::time::{Hlc, Timestamp};
use crate::timeline::Placed;

mod acts;
mod administer;
mod admit;
mod archive;
mod causal;
mod certificates;
mod command;
mod cuts;
mod exchange;
mod forget;
mod found;
mod grants;
mod kept;
mod keys;
mod lens;
pub mod log;
mod post;
mod presence;
mod recognise;
mod registers;
mod roster;
mod space;
mod view;
mod write;

pub use admit::Source;
pub use command::{Admit, ChannelChange, Command, NewDevice, Personal, Refusal, Reply, RootDeed, Told};
pub use cuts::Link;
pub use found::{Founded, Founding, found};
pub use kept::KeptDraft;
pub use lens::Lens;
pub use space::{SpaceInfo, SpaceKind};
pub use view::{HeldSpace, HeldTo};

/// The secrets of this device.
pub struct Identity {
    /// Signs entries; its public half is the device's name and its libp2p peer id.
    pub signing: SigningKey,
    /// Opens stanzas and grants; newest first, older ones kept for devices that slept.
    pub sealing: Vec<SealingKey>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// What happens to a replica.
#[derive(Debug)]
pub enum Input {
    /// Somebody at this device wants something; answered by [`Output::Done`] with the same number.
    Command {
        /// The caller's number.
        id: u64,
        /// What is wanted.
        command: Box<Command>,
    },
    /// A checked packet.
    Packet {
        /// Where it comes from.
        source: Source,
        /// The entries.
        packet: Box<Packet>,
    },
    /// A packet whose signer is not known yet; kept, bounded, until the authority names him.
    UnknownSigner {
        /// Who gave it.
        from: DeviceId,
        /// Who signed it.
        signer: DeviceId,
        /// The packet as it came.
        bytes: Vec<u8>,
    },
    /// A message on a control stream, except pushes, which are packets.
    Message {
        /// Who sent it.
        from: DeviceId,
        /// What it says.
        message: Message,
    },
    /// A link to an active device is up.
    PeerUp(DeviceId),
    /// The last link to it is down.
    PeerDown(DeviceId),
    /// The stored steps of an epoch, asked for by [`Output::Load`].
    Steps {
        /// Which space.
        space: SpaceId,
        /// Which epoch.
        epoch: EntryId,
        /// All stored steps sealed under it.
        steps: Vec<Signed>,
    },
    /// What all stored entries of a space refer to, asked for by [`Output::LoadLinks`].
    Links {
        /// Which space.
        space: SpaceId,
        /// One for every entry.
        links: Vec<Link>,
    },
    /// A register of the stored home.
    Register(Vec<u8>),
    /// What [`Output::Held`] told before a stop; after the packets and before [`Input::Restored`].
    Held {
        /// Of which space.
        space: SpaceId,
        /// Up to where the logs of the removed were held when their removal was learnt.
        held: Cut,
    },
    /// The stored home has been given back whole; from now on the replica speaks.
    Restored {
        /// Whether the last stop was orderly and the home is the one it was.
        clean: bool,
        /// Epochs with stored steps that no key opened so far.
        unopened: Vec<(SpaceId, EntryId)>,
    },
    /// A moment asked for by [`Output::WakeAt`] has come.
    Tick,
}

/// What is to be done, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Make it durable; acknowledge only then.
    Store {
        /// The entries and their inline blobs.
        packet: Packet,
        /// Whether it holds anything but steps, which the replica needs at the next start.
        control: bool,
    },
    /// Make it durable beside the log: the second branch of a log that forks. It is served where the log is, and comes back
    /// as [`Source::Branch`].
    Branch(Packet),
    /// Make it durable: up to where the logs of the removed were held when their removal was learnt. Replaces what was told
    /// of the same space and removal; comes back as [`Input::Held`].
    Held {
        /// Of which space.
        space: SpaceId,
        /// The removal and the ends; strict if this device removed strictly.
        held: Cut,
    },
    /// Put these records into the index.
    Records {
        /// Which space.
        space: SpaceId,
        /// The records.
        placed: Vec<Placed>,
        /// Set if with these all stored steps of the epoch are records.
        opened: Option<EntryId>,
    },
    /// Steps of this epoch are stored and cannot be opened yet: remember it for the next start.
    Unopened {
        /// Which space.
        space: SpaceId,
        /// Which epoch.
        epoch: EntryId,
    },
    /// Give back all stored steps of this epoch.
    Load {
        /// Which space.
        space: SpaceId,
        /// Which epoch.
        epoch: EntryId,
    },
    /// Tell what all stored entries of this space refer to.
    LoadLinks(SpaceId),
    /// Keep this register; it replaces the one of the same device, space, name and key.
    Register(Vec<u8>),
    /// A forget entry: hide at once, erase after the grace period if it is permitted.
    Forget {
        /// Where.
        space: SpaceId,
        /// Who asks.
        by: DeviceId,
        /// For what.
        forget: Forget,
    },
    /// Send on the control stream.
    Send {
        /// To whom.
        peer: DeviceId,
        /// What.
        message: Message,
    },
    /// Send these ranges on a sync stream, then say [`Message::Served`].
    Serve {
        /// To whom.
        peer: DeviceId,
        /// Of which space.
        space: SpaceId,
        /// All held by us.
        ranges: Vec<LogRange>,
        /// Oldest first (the organisation space); otherwise newest first.
        oldest_first: bool,
    },
    /// Call [`Input::Tick`] at this moment.
    WakeAt(Timestamp),
    /// A command is carried out or refused. What it wrote is durable when the [`Output::Store`]s before it are.
    Done {
        /// The caller's number.
        id: u64,
        /// What came of it.
        result: Result<Reply, Refusal>,
    },
    /// Something that a person may look at has changed.
    Changed(Changed),
    /// The set of active devices or of known keys has changed: tell the gate, use the new [`Replica::keys`].
    Roster,
    /// Check this packet again: its signer is known now.
    Recheck {
        /// Who gave it.
        from: DeviceId,
        /// The packet as it came.
        bytes: Vec<u8>,
    },
    /// Something that a person should know.
    Alarm {
        /// What.
        kind: AlarmKind,
        /// Whose doing.
        device: Option<DeviceId>,
        /// Where.
        space: Option<SpaceId>,
    },
    /// A peer sent something that is not accepted; count it.
    Reject {
        /// Who.
        peer: DeviceId,
        /// Why.
        why: Rejected,
    },
}

/// A queue of [`Output`]s.
pub type Outputs = VecDeque<Output>;

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// People, devices, teams, channels, rights.
    Authority,
    /// A space came or went.
    Spaces,
    /// Entries of a space.
    Space(SpaceId),
    /// Registers of a space: who holds and has read what.
    Registers(SpaceId),
}

/// What a person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// A device signed two entries for one position: it was cloned, or it cheats.
    Fork,
    /// An act that its author was not allowed to do, or that says nothing sensible.
    VoidAct,
    /// A peer knew more of our own device's logs than we do: this home is an older copy, or another one is in use beside it.
    OwnLogBehind,
    /// An epoch gives its key to the wrong devices.
    WrongRecipients,
}

impl AlarmKind {
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::VoidAct => "void_act",
            Self::OwnLogBehind => "own_log_behind",
            Self::WrongRecipients => "wrong_recipients",
        }
    }
}

/// Why something from a peer is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rejected {
    /// It asked for a space it is no member of, or that does not exist; both look alike.
    NotYours,
    /// A register that is malformed or not signed by an active member.
    Register,
    /// More than a day ahead of our clock.
    FarFuture,
    /// Too many pieces of one log.
    Scattered,
    /// More unknown spaces than an honest peer would name.
    TooManySpaces,
    /// Too many packets of unknown signers.
    UnknownSigner,
    /// An act that its author was not allowed to do. It is kept, because a later act may change that, and has no effect.
    VoidAct,
}

impl Rejected {
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotYours => "not_yours",
            Self::Register => "bad_register",
            Self::FarFuture => "far_future",
            Self::Scattered => "scattered",
            Self::TooManySpaces => "too_many_spaces",
            Self::UnknownSigner => "unknown_signer",
            Self::VoidAct => "void_act",
        }
    }
}

/// How many packets of unknown signers are kept. The organisation space comes oldest first, so honest ones are few.
const UNKNOWN_SIGNERS_MAX: usize = 1_000;

/// This device's copy of one organisation.
#[derive(Debug)]
pub struct Replica {
    org: OrgId,
    me: DeviceId,
    identity: Identity,
    authority: Authority,
    names: BTreeMap<BlobHash, Vec<u8>>,
    spaces: BTreeMap<SpaceId, space::Space>,
    registers: Registers,
    peers: BTreeMap<DeviceId, exchange::Peer>,
    serving: BTreeMap<SpaceId, exchange::Serving>,
    unknown_signers: BTreeMap<DeviceId, Vec<(DeviceId, Vec<u8>)>>,
    deferred: Vec<write::Deferred>,
    forks: BTreeSet<(SpaceId, DeviceId)>,
    /// Last entries of the second branches that are kept beside the logs of a device.
    branches: BTreeMap<(SpaceId, DeviceId), BTreeSet<EntryId>>,
    /// Removals that were known before what is being taken in.
    learnt: BTreeSet<EntryId>,
    /// Removals by this device whose cuts are strict.
    strict: BTreeSet<EntryId>,
    /// When the authority was last evaluated, and how long the next evaluation waits.
    evaluated: (Timestamp, std::time::Duration),
    /// When the next guest's time is over, if this device may remove him.
    guest_due: Option<Timestamp>,
    /// The teams and public channels this person belonged to at the last evaluation.
    mine: BTreeSet<SpaceId>,
    /// When it was last looked after channels that forget.
    floors_seen: Timestamp,
    /// Passes over this device's own checks, so that tests prove that the others keep the rules.
    #[cfg(test)]
    unchecked: bool,
    hlc: Hlc,
    clean_start: bool,
    restored: bool,
    woken: Option<Timestamp>,
}

impl Drop for Identity {
    fn drop(&mut self) {
        self.signing.to_bytes().zeroize();
    }
}

impl Replica {
    /// An empty copy. The organisation's space exists from the start; everything else comes by [`Replica::handle`].
    pub fn new(org: OrgId, identity: Identity) -> Self {
        let organisation = SpaceId::organisation(&org);
        Self {
            org,
            me: DeviceId::of_key(identity.signing.verifying_key().as_bytes()),
            identity,
            authority: Authority::new(org),
            names: BTreeMap::new(),
            spaces: BTreeMap::from([(organisation, space::Space::new(org, organisation, SpaceKind::Organisation))]),
            registers: Registers::default(),
            peers: BTreeMap::new(),
            serving: BTreeMap::new(),
            unknown_signers: BTreeMap::new(),
            deferred: Vec::new(),
            forks: BTreeSet::new(),
            branches: BTreeMap::new(),
            learnt: BTreeSet::new(),
            strict: BTreeSet::new(),
            evaluated: (Timestamp(0), std::time::Duration::ZERO),
            guest_due: None,
            mine: BTreeSet::new(),
            floors_seen: Timestamp(0),
            #[cfg(test)]
            unchecked: false,
            hlc: Hlc::default(),
            clean_start: false,
            restored: false,
            woken: None,
        }
    }

    /// Does what an input asks for. Takes at most one packet (256 entries) a call, so that live traffic never waits.
    pub fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input, out: &mut Outputs) {
        match input {
            Input::Command { id, command } => self.command(ctx, id, *command, out),
            Input::Packet { source, packet } => self.take(ctx, source, *packet, out),
            Input::UnknownSigner { from, signer, bytes } => self.keep_unknown(from, signer, bytes, out),
            Input::Message { from, message } => self.message(ctx, from, message, out),
            Input::PeerUp(peer) => self.peer_up(ctx, peer, out),
            Input::PeerDown(peer) => self.peer_down(peer, out),
            Input::Steps { space, epoch, steps } => self.steps_loaded(space, epoch, &steps, out),
            Input::Links { space, links } => self.links_loaded(space, &links, out),
            Input::Register(bytes) => self.take_register(ctx, None, &bytes, &mut Outputs::new()),
            Input::Held { space, held } => self.restore_held_at(space, held),
            Input::Restored { clean, unopened } => self.restored(ctx, clean, unopened, out),
            Input::Tick => self.tick(ctx, out),
        }
    }

    /// Screen lock: drops the keys of all epochs, the names, and the keys that could open new ones. What is sealed is
    /// still stored and served. To unlock, build a new replica from the stored home.
    pub fn lock(&mut self) {
        self.identity.sealing.clear();
        self.names.clear();
        for space in self.spaces.values_mut() {
            space.ring.drop_keys();
            space.acts.clear();
            space.causal = Default::default();
            space.snapshots.clear();
            if let Some(roster) = &mut space.roster {
                roster.name.clear();
            }
        }
    }

    /// The organisation.
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.me
    }

    /// The person at this device, once the authority says so.
    pub fn person(&self) -> Option<PersonId> {
        self.authority.state().person_of(&self.me)
    }

    /// What is signed by whom and allowed to whom.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The keys against which packets are checked. Ask again after [`Output::Roster`].
    pub fn keys(&self) -> &Keys {
        self.authority.keys()
    }

    /// The organisation's own space.
    pub fn organisation_space(&self) -> SpaceId {
        SpaceId::organisation(&self.org)
    }

    fn keep_unknown(&mut self, from: DeviceId, signer: DeviceId, bytes: Vec<u8>, out: &mut Outputs) {
        if self.authority.learn_root(&bytes) {
            out.push_back(Output::Roster);
            out.push_back(Output::Recheck { from, bytes });
            return;
        }
        let kept: usize = self.unknown_signers.values().map(Vec::len).sum();
        if kept >= UNKNOWN_SIGNERS_MAX {
            out.push_back(Output::Reject { peer: from, why: Rejected::UnknownSigner });
        } else {
            self.unknown_signers.entry(signer).or_default().push((from, bytes));
        }
    }

    /// The stored home is back. Only now is it asked what the acts come to, and then what follows for everything that
    /// was given before: who wrote a roster act, which audience opens a channel.
    fn restored(&mut self, ctx: &mut Ctx<'_>, clean: bool, unopened: Vec<(SpaceId, EntryId)>, out: &mut Outputs) {
        self.clean_start = clean;
        self.authority.evaluate();
        self.recognise_spaces(ctx, out);
        for id in self.spaces.keys().copied().collect::<Vec<_>>() {
            self.open_by_audience(ctx, id, out);
        }
        self.read_waiting_acts(ctx, out);
        self.restored = true;
        self.alarm_known_forks(out);
        self.spaces.values_mut().for_each(|it| it.unopened.clear());
        for (id, epoch) in unopened {
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            space.unopened.insert(epoch);
            if space.ring.key(&epoch).is_some() {
                out.push_back(Output::Load { space: id, epoch });
            }
        }
        self.authority_read(ctx, out);
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>, out: &mut Outputs) {
        self.woken = None;
        if self.evaluation_due().is_some_and(|it| it <= ctx.now || ctx.now < self.evaluated.0) {
            self.evaluate_now(ctx, out);
        }
        self.give_due_keys(ctx, out);
        self.write_due_cuts(ctx, out);
        self.remove_guests_whose_time_is_over(ctx, out);
        self.raise_floors(ctx, out);
        self.retry_deferred(ctx, out);
        self.wake(ctx, out);
    }
}

#[cfg(test)]
mod tests;
