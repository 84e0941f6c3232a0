//! The archive: who gets keys besides the members, from when on, and what it takes to read.

use super::roster::person;
use super::*;
use crate::authority::{Archive, Policy, Who};
use crate::seal::{EpochBody, Reason, Rotation, decode_stanzas};

/// Anna, who may open archives, and three who talk without her.
struct Office {
    room: Room,
    boris: usize,
    vera: usize,
    gleb: usize,
}

fn office() -> Office {
    let mut room = Room::found();
    let (boris, vera, gleb) = (room.hire("boris", None), room.hire("vera", None), room.hire("gleb", None));
    for (one, other) in [(boris, vera), (boris, gleb), (vera, gleb)] {
        room.link(one, other);
    }
    Office { room, boris, vera, gleb }
}

impl Office {
    fn policy(&mut self, archive: Archive) {
        let policy =
            Policy { archive, create_private: Who::Members, ..Policy::with_domains(vec!["romashka.example".into()]) };
        self.room.want(0, Command::SetPolicy(Box::new(policy))).unwrap();
        self.room.settle();
    }

    /// Of Boris with Vera.
    fn direct(&mut self) -> SpaceId {
        let vera = person(&self.room, self.vera);
        let space = self.room.space(self.boris, Command::OpenDirect(vera));
        self.room.settle();
        space
    }

    /// A private channel or a group of these, without Anna.
    fn private(&mut self, group: bool, by: usize, others: &[usize]) -> SpaceId {
        let persons = others.iter().map(|it| person(&self.room, *it)).collect();
        let create = Command::CreatePrivate { group, name: "тайна".into(), shared_history: false, persons };
        let space = self.room.space(by, create);
        self.room.settle();
        space
    }

    fn say(&mut self, by: usize, space: SpaceId, text: &str) {
        self.room.post(by, space, text);
        self.room.settle();
    }

    fn dismiss_boris(&mut self) -> PersonId {
        let boris = person(&self.room, self.boris);
        self.room.want(0, Command::RemovePerson { person: boris, strict: false }).unwrap();
        self.room.settle();
        boris
    }

    fn open(&mut self, whose: PersonId) -> Result<Reply, Refusal> {
        let opened = self.room.want(0, Command::OpenArchive { person: whose, reason: "договор с поставщиком".into() });
        self.room.settle();
        opened
    }

    /// What Anna finds in a space, whether or not her program shows it.
    fn anna(&self, space: SpaceId) -> Vec<String> {
        let texts = self.room.read(0, space);
        texts.into_iter().filter(|it| !it.starts_with("(closed")).collect()
    }

    fn sees(&self, space: SpaceId) -> bool {
        self.room.desks[0].replica.spaces().iter().any(|it| it.id == space)
    }

    fn archivists(&self, at: usize, space: SpaceId) -> Vec<PersonId> {
        self.room.desks[at].replica.space(&space).unwrap().archivists.into_iter().collect()
    }

    fn stored_at_anna(&self, space: SpaceId) -> usize {
        self.room.desks[0].disk.iter().filter(|it| it.run.space() == space).count()
    }
}

#[test]
fn without_the_policy_nobody_but_the_members_gets_a_key_or_an_entry() {
    let mut it = office();
    it.policy(Archive::None);
    let (direct, private) = (it.direct(), it.private(false, it.boris, &[it.vera]));
    for space in [direct, private] {
        it.say(it.boris, space, "между нами");
        assert_eq!((it.stored_at_anna(space), it.archivists(it.boris, space)), (0, Vec::new()));
    }
    let boris = it.dismiss_boris();
    it.open(boris).unwrap();
    for space in [direct, private] {
        assert!(!it.sees(space) && it.anna(space).is_empty());
    }
}

#[test]
fn the_archive_of_somebody_who_left_is_read_once_it_is_opened_and_only_from_the_policy_on() {
    let mut it = office();
    it.policy(Archive::None);
    let direct = it.direct();
    it.say(it.boris, direct, "до архива");
    it.policy(Archive::All);
    it.say(it.vera, direct, "после");
    let private = it.private(false, it.boris, &[it.vera]);
    it.say(it.vera, private, "в канале");
    let group = it.private(true, it.vera, &[it.boris, it.gleb]);
    it.say(it.boris, group, "втроём");
    let without_boris = it.private(false, it.vera, &[it.gleb]);
    it.say(it.gleb, without_boris, "без Бориса");
    let anna = person(&it.room, 0);
    for space in [direct, private, group, without_boris] {
        // Everybody is shown who else gets the keys, and Anna's computer keeps it closed.
        assert_eq!(it.archivists(it.vera, space), [anna]);
        assert!(0 < it.stored_at_anna(space) && !it.sees(space) && it.anna(space).is_empty());
    }
    let boris = person(&it.room, it.boris);
    assert_eq!(it.open(boris), Err(Refusal::NotFound), "not while he is here");
    it.dismiss_boris();
    assert!(it.anna(direct).is_empty(), "that he left opens nothing");
    it.open(boris).unwrap();
    let reads = |it: &Office| {
        assert_eq!(it.anna(direct), ["после"]);
        assert_eq!((it.anna(private), it.anna(group)), (vec!["в канале".to_owned()], vec!["втроём".to_owned()]));
        assert!(it.sees(direct) && it.sees(private) && it.sees(group));
        assert!(!it.sees(without_boris) && it.anna(without_boris).is_empty());
        let info = it.room.desks[0].replica.space(&direct).unwrap();
        assert!(info.from_archive && info.members.len() == 1);
    };
    reads(&it);
    it.room.restart(0, identity(1), usize::MAX);
    it.room.settle();
    reads(&it);
    // She reads, and does not take part.
    let post = Command::Post { space: direct, record: Box::new(Record::message()), text: Some("я".into()) };
    assert!(it.room.want(0, post).is_err());
    // Who, whose and why is known to all.
    for at in [it.vera, it.gleb] {
        let replica = &it.room.desks[at].replica;
        let opened = replica.authority().audit().filter_map(|it| match it.act {
            Some(crate::authority::Act::ArchiveOpen(act)) => Some((act.person, replica.name(&it.blobs[0].hash))),
            _ => None,
        });
        assert_eq!(opened.collect::<Vec<_>>(), [(boris, Some("договор с поставщиком"))], "desk {at}");
    }
    assert!(it.room.desks.iter().all(|it| it.alarms.is_empty()), "an honest archive alarms nobody");
}

#[test]
fn of_channels_only_and_no_more_means_no_more() {
    let mut it = office();
    it.policy(Archive::Channels);
    let (direct, private) = (it.direct(), it.private(false, it.boris, &[it.vera]));
    let group = it.private(true, it.vera, &[it.boris, it.gleb]);
    for space in [direct, private, group] {
        it.say(it.boris, space, "раз");
    }
    assert_eq!((it.archivists(it.boris, direct).len(), it.archivists(it.boris, private).len()), (0, 1));
    assert_eq!(it.archivists(it.boris, group), []);
    it.policy(Archive::None);
    it.say(it.boris, private, "два");
    let boris = it.dismiss_boris();
    it.open(boris).unwrap();
    assert_eq!(it.anna(private), ["раз"], "what came after the policy ended is not hers");
    assert!(it.anna(direct).is_empty() && it.anna(group).is_empty());
}

/// The right alone, without a role: it comes from who has it, gives nothing else, and ends with the next change of role.
#[test]
fn the_right_to_open_archives_is_given_alone_and_only_by_who_has_it() {
    let mut it = office();
    it.policy(Archive::All);
    let (vera, gleb) = (person(&it.room, it.vera), person(&it.room, it.gleb));
    let to = |person, role, caps| Command::SetRole { person, role, caps };
    it.room.want(0, to(gleb, Role::Admin, Caps(0))).unwrap();
    it.room.settle();
    // An administrator has not got it himself.
    assert!(it.room.want(it.gleb, to(vera, Role::Member, Caps::ARCHIVE_READ)).is_err());
    it.room.want(0, to(vera, Role::Member, Caps::ARCHIVE_READ)).unwrap();
    it.room.settle();
    let space = it.private(false, it.boris, &[it.gleb]);
    assert!(it.archivists(it.boris, space).contains(&vera), "everybody sees it");
    let refused = Command::OpenArchive { person: it.dismiss_boris(), reason: "любопытно".into() };
    assert!(it.room.want(it.gleb, refused.clone()).is_err());
    it.room.want(it.vera, refused).unwrap();
    let more = Command::SetPolicy(Box::new(Policy::with_domains(vec!["romashka.example".into()])));
    assert!(it.room.want(it.vera, more).is_err(), "nothing else came with it");
    it.room.want(0, to(vera, Role::Member, Caps(0))).unwrap();
    it.room.settle();
    assert!(!it.archivists(it.gleb, space).contains(&vera));
}

#[test]
fn who_loses_the_right_to_open_archives_gets_no_key_any_more() {
    let mut it = office();
    it.policy(Archive::All);
    let vera = person(&it.room, it.vera);
    it.room.want(0, Command::SetRole { person: vera, role: Role::Owner, caps: Caps(0) }).unwrap();
    it.room.settle();
    let space = it.private(false, it.boris, &[it.gleb]);
    it.say(it.boris, space, "раз");
    assert_eq!(it.archivists(it.boris, space).len(), 2);
    let newest = |it: &Office| {
        let disk = &it.room.desks[it.boris].disk;
        let mut epochs = disk.iter().filter(|it| it.run.space() == space);
        let last = epochs.rfind(|it| it.run.entries()[0].entry.kind == crate::entry::Kind::Epoch).unwrap();
        let body = EpochBody::of(&last.run.entries()[0].entry).unwrap();
        let blob = body.stanzas(&last.run.entries()[0].entry).unwrap();
        decode_stanzas(&last.blobs[&blob.hash]).unwrap().iter().map(|it| it.device).collect::<BTreeSet<_>>()
    };
    let device = it.room.desks[it.vera].replica.device();
    assert!(newest(&it).contains(&device));
    it.room.want(0, Command::RevokeDevice { device, reason: 0 }).unwrap();
    it.room.settle();
    it.say(it.boris, space, "два");
    assert!(!newest(&it).contains(&device));
    assert_eq!(newest(&it).len(), 3, "Boris, Gleb and Anna");
}

/// A member leaves the archive out, or lets somebody in who belongs neither to the space nor to the archive.
#[test]
fn abuse_16_a_list_of_recipients_without_the_archive_or_with_a_stranger_is_an_alarm_and_not_used() {
    for stranger in [false, true] {
        let mut it = office();
        it.policy(Archive::All);
        let direct = it.direct();
        it.say(it.boris, direct, "раз");
        let (boris, vera, gleb) = (it.boris, it.vera, it.gleb);
        let devices: Vec<DeviceId> = it.room.desks.iter().map(|it| it.replica.device()).collect();
        let mut wrong = BTreeSet::from([devices[boris], devices[vera]]);
        if stranger {
            wrong.extend([devices[0], devices[gleb]]);
        }
        let forged = it.room.forged_epoch(boris, direct, &wrong);
        let from = devices[boris];
        it.room.offer(vera, from, forged.encode());
        assert!(it.room.desks[vera].alarms.contains(&AlarmKind::WrongRecipients), "stranger: {stranger}");
        it.say(vera, direct, "два");
        let last = it.room.desks[vera].disk.iter().rfind(|it| it.run.space() == direct).unwrap();
        let step = last.run.entries().last().unwrap();
        assert!(step.entry.epoch.is_some_and(|it| it != forged.run.entries()[0].id), "it is not sealed under");
    }
}

impl Room {
    /// An epoch for other devices than it should be for, signed by a desk.
    fn forged_epoch(&mut self, at: usize, space: SpaceId, devices: &BTreeSet<DeviceId>) -> Packet {
        let desk = &mut self.desks[at];
        let (org, author) = (desk.replica.org(), desk.replica.device());
        let state = desk.replica.authority().state();
        let recipients =
            devices.iter().map(|it| (*it, crate::seal::SealingPublic::new(state.devices[it].seal_key).unwrap()));
        let recipients = recipients.collect();
        let heads: Vec<EntryId> = desk.replica.spaces[&space].ring.heads().into_iter().collect();
        let rotation = Rotation {
            org,
            space,
            author,
            prev: heads,
            auth_heads: desk.replica.authority().heads(),
            reason: Reason::Age,
            recipients: &recipients,
            audience: None,
            older: &[],
            roster: None,
        };
        let new = rotation.seal(&mut desk.rng).unwrap();
        let entry = crate::entry::Entry {
            device: author,
            space,
            inc: crate::id::Inc([9; 8]),
            seq: 0,
            prev: None,
            seen: Vec::new(),
            hlc: Hlc { ms: self.now + 1_000, ctr: 0 },
            kind: crate::entry::Kind::Epoch,
            epoch: None,
            body: new.body.encode(),
            blobs: new
                .blobs
                .iter()
                .map(|it| crate::entry::BlobRef { hash: BlobHash::of(it), size: it.len() as u32 })
                .collect(),
        };
        let mut packet = Packet::of(crate::run::Run::own(entry.sign(&org, &identity(at as u64 + 1).signing)));
        packet.blobs = new.blobs.into_iter().map(|it| (BlobHash::of(&it), it)).collect();
        packet
    }
}
