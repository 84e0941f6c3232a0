//! An organisation for tests: acts by numbered people, each written with or without knowledge of the others.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "compiled for tests only, here and in the simulator"
)]

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;

use crate::entry::{Entry, Kind, Signed};
use crate::id::{CertId, DeviceId, EntryId, Inc, InviteId, OrgId, PersonId, SealKeyId, SpaceId, sha256};
use crate::time::Hlc;

use super::*;

/// Number of the root's key.
pub const ROOT: u64 = 1_000_000;
/// Number of the founder and of his first device.
pub const OWNER: u64 = 1;

pub fn key(number: u64) -> SigningKey {
    SigningKey::from_bytes(&sha256(&[b"key", &number.to_be_bytes()]))
}

pub fn public(number: u64) -> [u8; 32] {
    key(number).verifying_key().to_bytes()
}

pub fn device(number: u64) -> DeviceId {
    DeviceId::of_key(&public(number))
}

pub fn person(number: u64) -> PersonId {
    PersonId(sha256(&[b"person", &number.to_be_bytes()])[..16].try_into().unwrap())
}

pub fn tag(number: u64) -> [u8; 16] {
    sha256(&[b"tag", &number.to_be_bytes()])[..16].try_into().unwrap()
}

/// The log a device writes at present.
#[derive(Clone, Copy, Default)]
struct Pen {
    inc: u64,
    next: u64,
    prev: Option<EntryId>,
}

/// A log of acts that grows.
#[derive(Clone)]
pub struct Story {
    pub org: OrgId,
    pub entries: Vec<Signed>,
    devices: BTreeMap<u64, DeviceId>,
    at: BTreeMap<EntryId, usize>,
    pens: BTreeMap<u64, Pen>,
    heads: BTreeSet<EntryId>,
    clock: u64,
    incs: u64,
}

impl Story {
    /// Genesis, the founder's Enrol, his OwnerGrant.
    pub fn found() -> Self {
        let mut story = Self {
            org: OrgId([0; 20]),
            entries: Vec::new(),
            devices: BTreeMap::new(),
            at: BTreeMap::new(),
            pens: BTreeMap::new(),
            heads: BTreeSet::new(),
            clock: 1,
            incs: 0,
        };
        let policy = Policy::with_domains(vec!["artel.example".into()]);
        let genesis = story.now(ROOT, &Act::Genesis(Genesis { name: 0, root_pk: public(ROOT), policy, created: 1 }));
        assert_eq!(genesis.0[..20], story.org.0);
        story.now(ROOT, &enrol(None, OWNER, Role::Owner));
        story.now(ROOT, &owner(OWNER, true));
        story
    }

    /// The founder and administrators with these numbers.
    pub fn with_admins(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut story = Self::found();
        for number in numbers {
            story.hire(OWNER, number, Role::Member);
            story.now(OWNER, &role(number, Role::Admin));
        }
        story
    }

    fn id_of(&mut self, number: u64) -> DeviceId {
        *self.devices.entry(number).or_insert_with(|| device(number))
    }

    /// Writes with knowledge of everything.
    pub fn now(&mut self, by: u64, act: &Act) -> EntryId {
        let seen: Vec<EntryId> = self.heads.iter().copied().collect();
        self.seeing(by, act, &seen)
    }

    /// Goes on with the device's log, with knowledge of these besides.
    pub fn seeing(&mut self, by: u64, act: &Act, seen: &[EntryId]) -> EntryId {
        self.write(by, Kind::Act, act.encode(), seen)
    }

    /// Begins a new log of the device that knows of these only, as who dates an act back would.
    pub fn apart(&mut self, by: u64, act: &Act, seen: &[EntryId]) -> EntryId {
        self.incs += 1;
        self.pens.insert(by, Pen { inc: self.incs, next: 0, prev: None });
        self.seeing(by, act, seen)
    }

    /// Signs a second entry for the position of the device's newest one.
    pub fn again(&mut self, by: u64, act: &Act) -> EntryId {
        let last = self.entries[self.at[&self.pens[&by].prev.unwrap()]].entry.clone();
        self.pens.insert(by, Pen { inc: self.pens[&by].inc, next: last.seq, prev: last.prev });
        self.seeing(by, act, &last.seen)
    }

    pub fn has_written(&self, by: u64) -> bool {
        self.pens.get(&by).is_some_and(|it| it.prev.is_some())
    }

    pub fn write(&mut self, by: u64, kind: Kind, body: Vec<u8>, seen: &[EntryId]) -> EntryId {
        let (pen, device) = (self.pens.get(&by).copied().unwrap_or_default(), self.id_of(by));
        let mut seen: Vec<EntryId> = seen.iter().copied().filter(|it| Some(*it) != pen.prev).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.truncate(16);
        self.clock += 1;
        let mut entry = Entry {
            device,
            space: SpaceId::organisation(&self.org),
            inc: Inc(pen.inc.to_be_bytes()),
            seq: pen.next,
            prev: pen.prev,
            seen,
            hlc: Hlc { ms: self.clock, ctr: 0 },
            kind,
            epoch: None,
            body,
            blobs: Vec::new(),
        };
        entry.check_form().unwrap();
        let id = entry.id(&self.org);
        if self.entries.is_empty() {
            self.org = OrgId(id.0[..20].try_into().unwrap());
            entry.space = SpaceId::organisation(&self.org);
        }
        for known in entry.prev.iter().chain(&entry.seen) {
            self.heads.remove(known);
        }
        self.heads.insert(id);
        self.at.insert(id, self.entries.len());
        self.pens.insert(by, Pen { inc: pen.inc, next: pen.next + 1, prev: Some(id) });
        self.entries.push(Signed { entry, id, signature: None });
        id
    }

    /// Invites and admits; both acts know of everything.
    pub fn hire(&mut self, by: u64, number: u64, role: Role) {
        self.now(by, &invite(number, number, role));
        self.now(by, &enrol(Some(number), number, role));
    }

    /// The newest entry of everybody.
    pub fn heads(&self) -> Vec<EntryId> {
        self.heads.iter().copied().collect()
    }

    /// What is before these, they included.
    pub fn past(&self, of: &[EntryId]) -> BTreeSet<EntryId> {
        let mut past = BTreeSet::new();
        let mut stack = of.to_vec();
        while let Some(id) = stack.pop() {
            if past.insert(id) {
                let entry = &self.entries[self.at[&id]].entry;
                stack.extend(entry.prev.iter().chain(&entry.seen));
            }
        }
        past
    }

    /// The cut that an honest remover who knows of these would write for devices.
    pub fn cut(&self, devices: &[u64], seen: &[EntryId]) -> Vec<CutAt> {
        let devices: BTreeSet<DeviceId> = devices.iter().map(|it| device(*it)).collect();
        let mut ends = BTreeMap::new();
        for id in self.past(seen) {
            let entry = &self.entries[self.at[&id]].entry;
            if devices.contains(&entry.device) {
                let end = ends.entry((entry.device, entry.inc)).or_insert((entry.seq, id));
                *end = (*end).max((entry.seq, id));
            }
        }
        ends.into_iter().map(|((device, inc), (seq, id))| CutAt { device, inc, seq, id }).collect()
    }

    /// Removes a person of one device with an honest cut, with knowledge of everything.
    pub fn remove(&mut self, by: u64, number: u64) -> EntryId {
        let cut = self.cut(&[number], &self.heads());
        self.now(by, &removal(number, cut))
    }

    /// What a replica makes of it.
    pub fn told(&self) -> Authority {
        self.told_in(&self.entries)
    }

    pub fn told_in<'s>(&self, entries: impl IntoIterator<Item = &'s Signed>) -> Authority {
        let mut authority = Authority::new(self.org);
        for signed in entries {
            authority.add(signed);
        }
        authority.evaluate();
        authority
    }
}

pub fn invite(code: u64, number: u64, role: Role) -> Act {
    Act::InviteCreated(InviteCreated {
        invite: invite_id(code),
        inv_pk: [1; 32],
        person: person(number),
        email_tag: tag(number),
        role,
        caps: Caps(0),
        teams: Vec::new(),
        expires: u64::MAX,
        max_uses: 1,
        auto_admit: false,
        psk_boxes: Vec::new(),
        email: 0,
        name: 1,
        until: None,
        spaces: None,
    })
}

pub fn invite_id(code: u64) -> InviteId {
    InviteId(sha256(&[b"invite", &code.to_be_bytes()])[..16].try_into().unwrap())
}

pub fn enrol(code: Option<u64>, number: u64, role: Role) -> Act {
    enrol_as(code, number, number, role)
}

pub fn enrol_as(code: Option<u64>, number: u64, device: u64, role: Role) -> Act {
    Act::Enrol(Enrol {
        invite: code.map(invite_id),
        person: person(number),
        device_pk: public(device),
        seal_pk: [2; 32],
        seal_key_id: SealKeyId([0; 8]),
        role,
        caps: role.caps(),
        cti: CertId([0; 16]),
        email_tag: tag(number),
        certificate: 0,
        email: 1,
        name: 2,
    })
}

pub fn add_device(number: u64, device: u64) -> Act {
    Act::AddDevice(AddDevice {
        invite: None,
        person: person(number),
        device_pk: public(device),
        seal_pk: [2; 32],
        seal_key_id: SealKeyId([0; 8]),
        cti: CertId([0; 16]),
        certificate: 0,
    })
}

pub fn owner(number: u64, on: bool) -> Act {
    Act::OwnerGrant(OwnerGrant { person: person(number), on })
}

pub fn role(number: u64, role: Role) -> Act {
    Act::SetRole(SetRole { person: person(number), role, caps: Caps(0) })
}

pub fn removal(number: u64, cut: Vec<CutAt>) -> Act {
    Act::RemovePerson(RemovePerson { person: person(number), cut, archive_to: None })
}

pub fn revocation(number: u64, reason: u64, cut: Vec<CutAt>) -> Act {
    Act::RevokeDevice(RevokeDevice { device: device(number), cut, reason })
}

pub fn freeze(number: u64, on: bool) -> Act {
    Act::Freeze(Freeze { device: device(number), on })
}

pub fn team() -> Act {
    Act::TeamCreate(TeamCreate { name: 0 })
}

pub fn channel(team: Option<SpaceId>) -> Act {
    Act::ChannelCreate(ChannelCreate { team, kind: 0, name: 0, history: 0, archive: false })
}

pub fn team_member(team: SpaceId, number: u64, member: bool, lead: bool) -> Act {
    Act::TeamMember(TeamMember { team, person: person(number), member, lead })
}

pub fn cancel(code: u64) -> Act {
    Act::InviteCancelled(InviteCancelled { invite: invite_id(code) })
}
