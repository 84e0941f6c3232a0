//! The form of acts: one encoding each, and no bytes that do harm.

use crate::Entropy;
use crate::authority::act::Bytes;
use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{CertId, InviteId, PersonId, SealKeyId, SpaceId};
use crate::invite::{InviteSecret, PskBox};
use crate::testing::Counter;

/// Values of every kind of field, some of them at their bounds.
struct Values(Counter);

impl Values {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        (&mut self.0 as &mut dyn Entropy).bytes()
    }

    fn number(&mut self) -> u64 {
        let [shift, ..] = self.bytes::<8>();
        u64::from_be_bytes(self.bytes()) >> (shift % 64)
    }

    fn flag(&mut self) -> bool {
        self.number().is_multiple_of(2)
    }

    fn spaces(&mut self) -> Vec<SpaceId> {
        (0..self.number() % 5).map(|_| SpaceId(self.bytes())).collect()
    }

    fn cut(&mut self) -> Vec<CutAt> {
        let one = |it: &mut Self| CutAt {
            device: DeviceId(it.bytes()),
            inc: crate::id::Inc(it.bytes()),
            seq: it.number(),
            id: EntryId(it.bytes()),
        };
        (0..self.number() % 40).map(|_| one(self)).collect()
    }

    fn policy(&mut self) -> Policy {
        let domains = (0..self.number() % 3).map(|it| format!("почта{it}.example")).collect();
        Policy {
            create_public: [Who::Admins, Who::Leads, Who::Members][self.number() as usize % 3],
            self_renew: self.flag(),
            archive: [Archive::None, Archive::Channels, Archive::All][self.number() as usize % 3],
            edit_window_ms: self.number(),
            retention_ms: self.number(),
            lease_days: self.number(),
            pin: [Who::Admins, Who::Leads, Who::Members][self.number() as usize % 3],
            retract_window_ms: [0, 1, self.number()][self.number() as usize % 3],
            ..Policy::with_domains(domains)
        }
    }

    fn boxes(&mut self) -> Vec<PskBox> {
        let secret = InviteSecret::random(&mut self.0);
        let (device, seal_key) = (DeviceId(self.bytes()), x25519());
        PskBox::seal(&secret, &crate::id::OrgId([1; 20]), (device, &seal_key), &mut self.0).into_iter().collect()
    }
}

/// Some public key that sealing accepts.
fn x25519() -> [u8; 32] {
    let mut key = [0; 32];
    key[0] = 9;
    key
}

/// One act of every type.
fn every(values: &mut Values) -> Vec<Act> {
    let mut acts = people(values);
    acts.extend(spaces(values));
    acts.extend(devices(values));
    acts.push(Act::Unknown(1_000 + values.number() / 2));
    acts
}

fn people(values: &mut Values) -> Vec<Act> {
    let person = PersonId(values.bytes());
    let roles = [Role::Owner, Role::Admin, Role::Registrar, Role::Member, Role::Guest];
    let (role, caps) = (roles[values.number() as usize % 5], Caps(values.number()));
    vec![
        Act::Genesis(Genesis {
            name: values.number(),
            root_pk: values.bytes(),
            policy: values.policy(),
            created: values.number(),
        }),
        Act::OwnerGrant(OwnerGrant { person, on: values.flag() }),
        Act::AdminGrant(AdminGrant { person, caps, depth: values.number() }),
        Act::InviteCreated(InviteCreated {
            invite: InviteId(values.bytes()),
            inv_pk: values.bytes(),
            person,
            email_tag: values.bytes(),
            role,
            caps,
            teams: values.spaces(),
            expires: values.number(),
            max_uses: values.number(),
            auto_admit: values.flag(),
            psk_boxes: values.boxes(),
            email: values.number(),
            name: values.number(),
            until: values.flag().then_some(values.number()),
            spaces: values.flag().then_some(values.spaces()),
        }),
        Act::InviteCancelled(InviteCancelled { invite: InviteId(values.bytes()) }),
        Act::Enrol(Enrol {
            invite: values.flag().then(|| InviteId(values.bytes())),
            person,
            device_pk: values.bytes(),
            seal_pk: values.bytes(),
            seal_key_id: SealKeyId(values.bytes()),
            role,
            caps,
            cti: CertId(values.bytes()),
            email_tag: values.bytes(),
            certificate: values.number(),
            email: values.number(),
            name: values.number(),
        }),
        Act::RemovePerson(RemovePerson {
            person,
            cut: values.cut(),
            archive_to: values.flag().then_some(PersonId(values.bytes())),
        }),
        Act::SetRole(SetRole { person, role, caps }),
        Act::SetPolicy(SetPolicy { policy: values.policy() }),
    ]
}

fn spaces(values: &mut Values) -> Vec<Act> {
    let person = PersonId(values.bytes());
    vec![
        Act::ChannelCreate(ChannelCreate {
            team: values.flag().then_some(SpaceId(values.bytes())),
            kind: values.number(),
            name: values.number(),
            history: values.number(),
            archive: values.flag(),
        }),
        Act::ChannelRole(ChannelRole {
            channel: SpaceId(values.bytes()),
            person,
            moderator: values.flag(),
            poster: values.flag(),
        }),
        Act::TeamCreate(TeamCreate { name: values.number() }),
        Act::TeamMember(TeamMember {
            team: SpaceId(values.bytes()),
            person,
            member: values.flag(),
            lead: values.flag(),
        }),
        Act::TeamDefaults(TeamDefaults { team: SpaceId(values.bytes()), channels: values.spaces() }),
        Act::ChannelSet(ChannelSet {
            channel: SpaceId(values.bytes()),
            name: values.flag().then_some(values.number()),
            place: values.flag().then_some(values.spaces()),
            archived: values.flag().then_some(values.flag()),
            retention_ms: values.flag().then_some(values.number()),
            receipts: values.flag().then_some(values.flag()),
        }),
    ]
}

fn devices(values: &mut Values) -> Vec<Act> {
    let (person, device) = (PersonId(values.bytes()), DeviceId(values.bytes()));
    vec![
        Act::AddDevice(AddDevice {
            invite: values.flag().then(|| InviteId(values.bytes())),
            person,
            device_pk: values.bytes(),
            seal_pk: values.bytes(),
            seal_key_id: SealKeyId(values.bytes()),
            cti: CertId(values.bytes()),
            certificate: values.number(),
        }),
        Act::RevokeDevice(RevokeDevice { device, cut: values.cut(), reason: values.number() }),
        Act::Wipe(Wipe { device }),
        Act::ForkProof(ForkProof {
            one: Bytes(values.bytes::<70>().to_vec()),
            one_signature: values.bytes(),
            other: Bytes(Vec::new()),
            other_signature: values.bytes(),
            device,
        }),
        Act::Freeze(Freeze { device, on: values.flag() }),
        Act::ArchiveOpen(ArchiveOpen { person, reason: values.number() }),
        Act::RootRotate(RootRotate { root_pk: values.bytes() }),
        Act::BotRegister(BotRegister { person, on: values.flag() }),
        Act::OfficeNode(OfficeNode { device, on: values.flag() }),
        Act::Renew(Renew {
            seal_pk: values.bytes(),
            seal_key_id: SealKeyId(values.bytes()),
            cti: CertId(values.bytes()),
            certificate: values.number(),
        }),
    ]
}

#[test]
fn every_type_of_act_is_read_back_as_it_was_written() {
    let mut values = Values(Counter(1 << 33));
    for _ in 0..200 {
        for act in every(&mut values) {
            let bytes = act.encode();
            let read = Act::decode(&bytes).unwrap();
            assert_eq!(read, act);
            assert_eq!(read.encode(), bytes);
        }
    }
}

#[test]
fn there_is_an_act_of_every_number_up_to_the_last() {
    let acts = every(&mut Values(Counter(0)));
    let mut numbers: Vec<u64> = acts.iter().map(Act::number).filter(|it| *it < 1_000).collect();
    numbers.sort_unstable();
    let expected: Vec<u64> = (1..=26).filter(|it| *it != 8).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn whatever_is_read_is_written_back_byte_for_byte_and_nothing_panics() {
    let (mut read, mut values) = (0, Values(Counter(2 << 33)));
    for round in 0..40 {
        for act in every(&mut values) {
            let whole = act.encode();
            for at in 0..whole.len().min(400) {
                let mut bytes = whole.clone();
                match round % 4 {
                    0 => bytes.truncate(at),
                    1 => bytes[at] ^= 1 << (values.number() % 8),
                    2 => bytes.insert(at, values.bytes::<1>()[0]),
                    _ => bytes[at] = values.bytes::<1>()[0],
                }
                let Ok(act) = Act::decode(&bytes) else { continue };
                read += 1;
                // What a newer Artel has inside is not kept.
                assert!(act.encode() == bytes || matches!(act, Act::Unknown(_)), "{bytes:02x?}");
            }
        }
    }
    assert!(read > 1_000);
}

#[test]
fn any_bytes_survive() {
    let mut values = Values(Counter(3 << 33));
    for _ in 0..20_000 {
        let mut bytes = vec![0xa2, 0x01, (values.number() % 26) as u8, 0x02, 0xa0 | (values.number() % 14) as u8];
        bytes.extend(values.bytes::<60>());
        bytes.truncate(5 + values.number() as usize % 60);
        drop(Act::decode(&bytes));
        drop(Act::newer(&bytes));
    }
    let deep = [vec![0xa2, 0x01, 0x18, 0x63, 0x02], vec![0x81; 16_000]].concat();
    assert!(Act::decode(&deep).is_err() && Act::newer(&deep).is_none());
    assert!(Act::decode(&vec![0; crate::limits::ACT_BYTES_MAX + 1]).is_err());
}

#[test]
fn unknown_fields_missing_ones_and_a_second_form_are_refused() {
    let wipe = Act::Wipe(Wipe { device: device(1) }).encode();
    assert!(Act::decode(&wipe).is_ok());
    let mut more = wipe.clone();
    more[4] = 0xa2;
    more.extend([0x09, 0x00]);
    assert!(Act::decode(&more).is_err() && Act::newer(&more) == Some(Act::Unknown(15)));
    let mut long_head = wipe.clone();
    long_head.splice(5..6, [0x18, 0x01]);
    assert!(Act::decode(&long_head).is_err());
    assert!(Act::decode(&[0xa2, 0x01, 0x0f, 0x02, 0xa0]).is_err());
    assert!(Act::decode(&[wipe.as_slice(), &[0]].concat()).is_err());
    let policy = Act::SetPolicy(SetPolicy { policy: Policy::with_domains(Vec::new()) }).encode();
    let mut newer = policy.clone();
    let head = newer.iter().position(|it| *it == 0xab).unwrap();
    newer[head] = 0xac;
    newer.extend([0x0c, 0xf5]);
    assert!(Act::decode(&policy).is_ok() && Act::decode(&newer).is_err());
    assert_eq!(Act::newer(&newer), Some(Act::Unknown(12)));
}

/// At the bound and one byte above it, of a type that this program knows and of one that it does not.
#[test]
fn an_act_may_be_as_long_as_its_bound_and_no_longer() {
    let proof = |len: usize| {
        Act::ForkProof(ForkProof {
            one: Bytes(vec![1; len]),
            one_signature: [1; 64],
            other: Bytes(vec![2; 300]),
            other_signature: [2; 64],
            device: device(1),
        })
        .encode()
    };
    let most = 300 + crate::limits::ACT_BYTES_MAX - proof(300).len();
    assert_eq!(proof(most).len(), crate::limits::ACT_BYTES_MAX);
    assert!(Act::decode(&proof(most)).is_ok());
    assert_eq!(Act::decode(&proof(most + 1)), Err(crate::cbor::Malformed::OverLimit));
    // Number 99 with one field of that many bytes.
    let newer = |len: usize| {
        let mut enc = crate::cbor::Enc::new();
        enc.map(2).u64(1).u64(99).u64(2).map(1).u64(1).bytes(&vec![1; len]);
        enc.finish()
    };
    let most = 300 + crate::limits::ACT_BYTES_MAX - newer(300).len();
    assert_eq!(newer(most).len(), crate::limits::ACT_BYTES_MAX);
    assert_eq!(Act::newer(&newer(most)), Some(Act::Unknown(99)));
    assert_eq!(Act::newer(&newer(most + 1)), None);
}
