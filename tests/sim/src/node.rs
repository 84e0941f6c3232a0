//! One device: a replica, its disk, and what a driver remembers between the two.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::Entropy;
use artel_crdt::id::{DeviceId, EntryId, OrgId, PersonId, SpaceId};
use artel_crdt::replica::{AlarmKind, Identity, Rejected, Replica};
use artel_crdt::seal::SealingKey;
use artel_crdt::secret::Secret;
use artel_crdt::timeline::Order;
use ed25519_dalek::SigningKey;

use crate::chance::Chance;
use crate::disk::Disk;
use crate::oracle::Deed;

/// Why a command was given; decides what its answer means.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Nobody waits for the answer.
    Anything,
    /// A record.
    Say { space: SpaceId, deed: Deed, text: Option<String> },
    /// A private channel or a group of these persons.
    Private(BTreeSet<PersonId>),
    /// A team.
    Team,
    /// A channel, of a team or of all.
    Channel(Option<SpaceId>),
    /// A plain member who has no right to this.
    Forbidden,
    /// An invitation, which is followed by an admission.
    Invite(Box<crate::join::Newcomer>),
    /// The admission.
    Admit(Box<crate::join::Newcomer>),
    /// The read position is moved to this row.
    Read(SpaceId, Order),
}

/// Something that may be acknowledged once so many packets are flushed.
#[derive(Clone, Debug)]
pub(crate) enum Promise {
    Said(EntryId),
    Admitted(Box<crate::join::Newcomer>),
}

/// One device.
pub(crate) struct Node {
    pub(crate) device: DeviceId,
    secret: ([u8; 32], [u8; 32]),
    org: OrgId,
    pub(crate) replica: Replica,
    pub(crate) running: bool,
    /// Number of the present start.
    pub(crate) boot: u64,
    pub(crate) rng: Chance,
    /// How far the clock is from the true time, milliseconds.
    pub(crate) offset: i64,
    pub(crate) disk: Disk,
    /// A crash took something that colleagues may have received: this home is an older copy, and may say so.
    pub(crate) lost: bool,
    pub(crate) wishes: BTreeMap<u64, Wish>,
    pub(crate) promises: Vec<(usize, Promise)>,
    /// Spaces of which the others are to be told what is held.
    pub(crate) to_tell: BTreeSet<SpaceId>,
    pub(crate) alarms: Vec<(AlarmKind, Option<DeviceId>)>,
    pub(crate) rejected: BTreeMap<Rejected, u64>,
}

impl Node {
    /// A device with fresh keys that knows only the organisation.
    pub(crate) fn new(org: OrgId, mut rng: Chance) -> Self {
        let (mut signing, mut sealing) = ([0; 32], [0; 32]);
        rng.fill(&mut signing);
        rng.fill(&mut sealing);
        let secret = (signing, sealing);
        let replica = Replica::new(org, identity(&secret));
        Self {
            device: replica.device(),
            secret,
            org,
            replica,
            running: true,
            boot: 0,
            rng,
            offset: 0,
            disk: Disk::default(),
            lost: false,
            wishes: BTreeMap::new(),
            promises: Vec::new(),
            to_tell: BTreeSet::new(),
            alarms: Vec::new(),
            rejected: BTreeMap::new(),
        }
    }

    /// The keys, as a thief of the device would have them.
    pub(crate) fn identity(&self) -> Identity {
        identity(&self.secret)
    }

    /// The person at this device.
    pub(crate) fn person(&self) -> Option<PersonId> {
        self.replica.person()
    }

    /// Forgets everything but the disk and begins anew.
    pub(crate) fn reboot(&mut self) {
        self.replica = Replica::new(self.org, self.identity());
        self.running = true;
        self.boot += 1;
    }
}

fn identity(secret: &([u8; 32], [u8; 32])) -> Identity {
    Identity {
        signing: SigningKey::from_bytes(&secret.0),
        sealing: vec![SealingKey::from_secret(Secret::new(secret.1))],
    }
}
