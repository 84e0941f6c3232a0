//! Tests of `seal`: ring.

use super::*;

/// A device that rotates: signs, seals, and knows nobody else's secrets.
struct Author(SigningKey, u64);

impl Author {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]), u64::from(seed))
    }

    fn device(&self) -> DeviceId {
        DeviceId::of_key(self.0.verifying_key().as_bytes())
    }

    fn own(&self) -> SealingKey {
        sealing_key(self.1)
    }

    fn signed(&self, space: SpaceId, at: u64, kind: Kind, body: Vec<u8>, blobs: &[Vec<u8>]) -> Signed {
        let blobs = blobs.iter().map(|it| BlobRef { hash: BlobHash::of(it), size: it.len() as u32 }).collect();
        let hlc = Hlc { ms: at, ctr: 0 };
        let entry = Entry { device: self.device(), space, hlc, kind, body, blobs, prev: None, seq: 0, ..step() };
        entry.sign(&ORG, &self.0)
    }

    fn rotate(&self, space: SpaceId, at: u64, plan: Plan<'_>) -> (Signed, NewEpoch) {
        let rotation = Rotation {
            org: ORG,
            space,
            author: self.device(),
            prev: plan.prev.to_vec(),
            auth_heads: vec![EntryId([1; 32])],
            reason: Reason::First,
            recipients: &plan.readers.iter().map(|it| (it.device(), *it.own().public())).collect(),
            audience: plan.audience,
            older: plan.older,
            roster: None,
        };
        let new = rotation.seal(&mut seeded(at)).unwrap();
        (self.signed(space, at, Kind::Epoch, new.body.encode(), &new.blobs), new)
    }
}

#[derive(Default)]
struct Plan<'a> {
    prev: &'a [EntryId],
    readers: &'a [&'a Author],
    audience: Option<(EntryId, &'a Key)>,
    older: &'a [(EntryId, &'a Key)],
}

/// A chain of epochs, each wrapping the one before it if history is shared.
fn chain(len: u64, shared: bool) -> Vec<(Signed, NewEpoch)> {
    let (author, reader) = (Author::new(1), Author::new(2));
    let mut epochs: Vec<(Signed, NewEpoch)> = Vec::new();
    for at in 0..len {
        let last = epochs.last().map(|(signed, new)| (signed.id, new.key.clone()));
        let older: Vec<_> = last.iter().filter(|_| shared).map(|(id, key)| (*id, key)).collect();
        let prev: Vec<_> = last.iter().map(|it| it.0).collect();
        let readers: &[&Author] = if at + 1 == len { &[&author, &reader] } else { &[&author] };
        let plan = Plan { prev: &prev, readers, older: &older, ..Plan::default() };
        epochs.push(author.rotate(SPACE, at, plan));
    }
    epochs
}

fn opened_by_newcomer(epochs: &[(Signed, NewEpoch)]) -> usize {
    let (reader, mut ring) = (Author::new(2), KeyRing::new(ORG, SPACE));
    for (signed, new) in epochs {
        assert_eq!(ring.add_epoch(signed, Some(&new.blobs[0])), Ok(Vec::new()));
    }
    let own = [reader.own()];
    let holder = Holder { device: reader.device(), keys: &own };
    let (head, new) = epochs.last().unwrap();
    let opened = ring.open_stanza(&head.id, &new.blobs[0], &holder).unwrap();
    for (signed, new) in epochs.iter().rev().skip(1) {
        assert_eq!(ring.open_stanza(&signed.id, &new.blobs[0], &holder), Err(CannotOpen::NotOurs));
    }
    for (signed, new) in epochs {
        if let Some(key) = ring.key(&signed.id) {
            assert_eq!(key.expose(), new.key.expose());
        }
    }
    assert_eq!(ring.epochs().filter(|it| it.key().is_some()).count(), opened.len());
    opened.len()
}

#[test]
fn abuse_19_a_newcomer_of_a_shared_space_reads_everything() {
    assert_eq!(opened_by_newcomer(&chain(40, true)), 40);
}

#[test]
fn abuse_19_a_newcomer_of_a_space_with_history_from_joining_reads_nothing_older() {
    let epochs = chain(40, false);
    assert_eq!(opened_by_newcomer(&epochs), 1);
    // Nor does his key open any wrap or commitment of the older ones.
    let (_, newest) = epochs.last().unwrap();
    for (_, older) in epochs.iter().rev().skip(1) {
        assert!(older.body.wraps.is_empty());
        assert_ne!(newest.key.commit(), older.body.commit);
    }
}

#[test]
fn epochs_open_in_whatever_order_they_and_their_keys_come() {
    let epochs = chain(6, true);
    let head = epochs.last().unwrap();
    for learn_after in 0..epochs.len() {
        let mut ring = KeyRing::new(ORG, SPACE);
        for (count, (signed, _)) in epochs.iter().rev().enumerate() {
            ring.add_epoch(signed, None).unwrap();
            if count == learn_after {
                ring.learn(&head.0.id, head.1.key.clone()).unwrap();
            }
        }
        assert!(ring.epochs().all(|it| it.key().is_some()), "{learn_after}");
        assert_eq!(ring.heads(), [head.0.id]);
        assert_eq!(ring.seeds().map(|(it, _)| it.id).collect::<Vec<_>>(), [head.0.id]);
    }
}

#[test]
fn only_the_committed_key_is_learnt() {
    let (signed, new) = chain(1, false).remove(0);
    let mut ring = KeyRing::new(ORG, SPACE);
    assert_eq!(ring.learn(&signed.id, new.key.clone()), Err(CannotOpen::UnknownEpoch));
    ring.add_epoch(&signed, None).unwrap();
    assert_eq!(ring.learn(&signed.id, key(99)), Err(CannotOpen::Commit));
    assert_eq!(ring.learn(&signed.id, new.key.clone()), Ok(vec![signed.id]));
    assert_eq!(ring.learn(&signed.id, new.key), Ok(Vec::new()));
    ring.drop_keys();
    assert!(ring.key(&signed.id).is_none());
}

#[test]
fn epochs_that_are_not_of_this_space_or_miss_their_blobs_are_refused() {
    let author = Author::new(1);
    let (signed, new) = chain(1, false).remove(0);
    let mut other = KeyRing::new(ORG, SpaceId([0; 16]));
    assert_eq!(other.add_epoch(&signed, None), Err(BadEpoch::Kind));
    let mut ring = KeyRing::new(ORG, SPACE);
    let act = author.signed(SPACE, 1, Kind::Act, new.body.encode(), &new.blobs);
    assert_eq!(ring.add_epoch(&act, None), Err(BadEpoch::Kind));
    let bare = author.signed(SPACE, 1, Kind::Epoch, new.body.encode(), &[]);
    assert_eq!(ring.add_epoch(&bare, None), Err(BadEpoch::Blob));
    assert_eq!(ring.add_epoch(&signed, Some(b"another")), Err(BadEpoch::Blob));
    assert_eq!(ring.add_stanzas(&signed.id, &new.blobs[0]), Err(BadEpoch::Unknown(signed.id)));
    ring.add_epoch(&signed, None).unwrap();
    assert_eq!(ring.get(&signed.id).unwrap().recipients, None);
    ring.add_stanzas(&signed.id, &new.blobs[0]).unwrap();
    assert_eq!(ring.get(&signed.id).unwrap().recipients.as_ref().unwrap().len(), 2);
}

#[test]
fn concurrent_epochs_are_heads_until_one_follows_both() {
    let (one, other) = (Author::new(1), Author::new(2));
    let (first, _) = one.rotate(SPACE, 1, Plan { readers: &[&one, &other], ..Plan::default() });
    let (prev, readers) = ([first.id], [&one, &other]);
    let plan = || Plan { prev: &prev, readers: &readers, ..Plan::default() };
    let (left, left_new) = one.rotate(SPACE, 5, plan());
    let (right, right_new) = other.rotate(SPACE, 6, plan());
    let mut both = [left.id, right.id];
    both.sort_unstable();
    let (merged, merged_new) = one.rotate(SPACE, 4, Plan { prev: &both, readers: &[&one], ..Plan::default() });

    let mut ring = KeyRing::new(ORG, SPACE);
    for signed in [&right, &first, &left] {
        ring.add_epoch(signed, None).unwrap();
    }
    assert_eq!(ring.heads(), both);
    assert_eq!(ring.choose_head(|_| true), None);
    ring.learn(&left.id, left_new.key).unwrap();
    assert_eq!(ring.choose_head(|_| true), Some(left.id));
    ring.learn(&right.id, right_new.key).unwrap();
    assert_eq!(ring.choose_head(|_| true), Some(right.id));
    assert_eq!(ring.choose_head(|it| it.author == one.device()), Some(left.id));
    ring.add_epoch(&merged, None).unwrap();
    ring.learn(&merged.id, merged_new.key).unwrap();
    assert_eq!(ring.heads(), [merged.id]);
    assert_eq!(ring.choose_head(|_| true), Some(merged.id));
}

#[test]
fn a_channel_opens_by_the_key_of_its_audience() {
    let author = Author::new(1);
    let (team, team_new) = author.rotate(SpaceId([1; 16]), 1, Plan { readers: &[&author], ..Plan::default() });
    let plan = || Plan { audience: Some((team.id, &team_new.key)), ..Plan::default() };
    let (first, first_new) = author.rotate(SPACE, 2, plan());
    assert!(first_new.blobs.is_empty());
    let (prev, older) = ([first.id], [(first.id, &first_new.key)]);
    let (second, second_new) = author.rotate(SPACE, 3, Plan { prev: &prev, older: &older, ..plan() });

    let (mut audience, mut ring) = (KeyRing::new(ORG, SpaceId([1; 16])), KeyRing::new(ORG, SPACE));
    audience.add_epoch(&team, None).unwrap();
    ring.add_epoch(&first, None).unwrap();
    ring.add_epoch(&second, None).unwrap();
    assert!(ring.open_by_audience(&audience).is_empty());
    audience.learn(&team.id, team_new.key.clone()).unwrap();
    let opened: BTreeSet<_> = ring.open_by_audience(&audience).into_iter().collect();
    assert_eq!(opened, BTreeSet::from([first.id, second.id]));
    assert_eq!(ring.key(&second.id).unwrap().expose(), second_new.key.expose());
}

#[test]
fn a_grant_gives_its_device_the_keys_and_nobody_else() {
    let (author, reader, stranger) = (Author::new(1), Author::new(2), Author::new(3));
    let epochs = chain(5, false);
    let keys: BTreeMap<_, _> = epochs.iter().map(|(signed, new)| (signed.id, &new.key)).collect();
    let (own, theirs) = ([reader.own()], [stranger.own()]);
    let place = (&ORG, &SPACE, &author.device());
    let to = (reader.device(), own[0].public());
    let grant = Grant::seal(place, to, &[EntryId([1; 32])], &keys, &mut seeded(1)).unwrap();
    let grant = Grant::decode(&grant.encode()).unwrap();
    let mut ring = KeyRing::new(ORG, SPACE);
    for (signed, _) in epochs.iter().skip(1) {
        ring.add_epoch(signed, None).unwrap();
    }
    let holder = Holder { device: reader.device(), keys: &own };
    let wrong = Holder { device: stranger.device(), keys: &theirs };
    assert!(ring.open_grant(&author.device(), &grant, &wrong).is_empty());
    assert!(ring.open_grant(&author.device(), &grant, &Holder { keys: &own, ..wrong }).is_empty());
    assert!(ring.open_grant(&stranger.device(), &grant, &holder).is_empty());
    assert_eq!(ring.open_grant(&author.device(), &grant, &holder).len(), 4);
    ring.add_epoch(&epochs[0].0, None).unwrap();
    assert_eq!(ring.open_grant(&author.device(), &grant, &holder), [epochs[0].0.id]);
}

#[test]
fn a_wrap_of_another_key_than_the_older_epoch_committed_to_is_passed_over() {
    let author = Author::new(1);
    let (first, _) = author.rotate(SPACE, 1, Plan { readers: &[&author], ..Plan::default() });
    let (prev, wrong) = ([first.id], key(77));
    let older = [(first.id, &wrong)];
    let plan = Plan { prev: &prev, readers: &[&author], older: &older, ..Plan::default() };
    let (second, new) = author.rotate(SPACE, 2, plan);
    let mut ring = KeyRing::new(ORG, SPACE);
    ring.add_epoch(&first, None).unwrap();
    ring.add_epoch(&second, None).unwrap();
    assert_eq!(ring.learn(&second.id, new.key), Ok(vec![second.id]));
    assert!(ring.key(&first.id).is_none());
}

#[test]
fn abuse_21_an_epoch_for_500_devices_fits_into_64_kilobytes() {
    let public = *sealing_key(1).public();
    let recipients = (0..500u32).map(|it| (DeviceId::of_key(&sha256(&[&it.to_be_bytes()])), public)).collect();
    let rotation = Rotation {
        org: ORG,
        space: SPACE,
        author: AUTHOR,
        prev: vec![EPOCH],
        auth_heads: vec![EPOCH],
        reason: Reason::Removal,
        recipients: &recipients,
        audience: None,
        older: &[(EPOCH, &key(1))],
        roster: None,
    };
    let new = rotation.seal(&mut seeded(1)).unwrap();
    let size = new.blobs[0].len() + new.body.encode().len();
    assert!(size < 64_000, "{size}");
    assert_eq!(decode_stanzas(&new.blobs[0]).unwrap().len(), 500);
}

/// Which of two copies of a roster is the older one hangs on this.
#[test]
fn an_epoch_is_before_those_that_follow_it_and_before_no_other() {
    let author = Author::new(1);
    let next =
        |at: u64, prev: &[EntryId]| author.rotate(SPACE, at, Plan { prev, readers: &[&author], ..Plan::default() }).0;
    let first = next(1, &[]);
    let (left, right) = (next(2, &[first.id]), next(3, &[first.id]));
    let mut both = [left.id, right.id];
    both.sort_unstable();
    let last = next(4, &both);
    let mut ring = KeyRing::new(ORG, SPACE);
    for signed in [&last, &right, &left, &first] {
        ring.add_epoch(signed, None).unwrap();
    }
    let all = [first.id, left.id, right.id, last.id];
    let before: Vec<_> = all.iter().map(|newer| all.map(|older| ring.is_before(&older, newer))).collect();
    let expected = [[false; 4], [true, false, false, false], [true, false, false, false], [true, true, true, false]];
    assert_eq!(before, expected);
    assert!(!ring.is_before(&EPOCH, &last.id) && !ring.is_before(&first.id, &EPOCH));
}
