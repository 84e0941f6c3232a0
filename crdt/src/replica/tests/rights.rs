//! Everything that needs a right: refused at a plain member's own device, and without effect for all others when that
//! device does not ask.

use super::roster::{person, private};
use super::*;
use crate::authority::{Archive, Denied, Policy, Role, Who};
use crate::register::values::{Presence, Profile};
use crate::replica::Told;
use crate::roster::RosterDenied;
use crate::seal::Forget;
use crate::timeline::Mention;

/// Anna the owner, Boris a plain member with a second channel of his own none, Vera another member, a team of Anna.
struct Office {
    room: Room,
    boris: usize,
    vera: usize,
    team: SpaceId,
    channel: SpaceId,
    private: SpaceId,
}

fn office() -> Office {
    let mut room = Room::found();
    let team = room.space(0, Command::CreateTeam { name: "бухгалтерия".into() });
    let channel = room.space(0, Command::CreateChannel { name: "общий".into(), team: None });
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    let private = private(&mut room, &[boris, vera]);
    room.post(boris, channel, "hello");
    room.settle();
    Office { room, boris, vera, team, channel, private }
}

/// Everything that a plain member may not do.
fn forbidden(it: &Office) -> Vec<(&'static str, Command)> {
    let (room, channel, team) = (&it.room, it.channel, it.team);
    let (anna, vera, boris) = (person(room, 0), person(room, it.vera), person(room, it.boris));
    let device = room.desks[it.vera].replica.device();
    let set = |change| Command::SetChannel { channel, change };
    let policy = Policy { archive: Archive::All, ..Policy::with_domains(vec!["evil.example".into()]) };
    vec![
        ("create a team", Command::CreateTeam { name: "моя".into() }),
        ("create a channel", Command::CreateChannel { name: "мой".into(), team: None }),
        ("create an announcement channel", Command::CreateAnnouncement { name: "мои".into(), team: None }),
        ("join a team", Command::TeamMember { team, person: boris, member: true, lead: true }),
        ("set the defaults of a team", Command::TeamDefaults { team, channels: Vec::new() }),
        ("remove a colleague", Command::RemovePerson { person: vera, strict: false }),
        ("remove the owner", Command::RemovePerson { person: anna, strict: true }),
        ("revoke another's device", Command::RevokeDevice { device, reason: 2 }),
        ("freeze another's device", Command::Freeze { device, on: true }),
        ("make oneself an owner", Command::SetRole { person: boris, role: Role::Owner, caps: Caps(0) }),
        ("make oneself an administrator", Command::SetRole { person: boris, role: Role::Admin, caps: Caps(0) }),
        ("demote the owner", Command::SetRole { person: anna, role: Role::Member, caps: Caps(0) }),
        ("change the policy", Command::SetPolicy(Box::new(policy))),
        ("rename a channel", set(ChannelChange::Name("наш".into()))),
        ("move a channel", set(ChannelChange::Place(Some(team)))),
        ("put a channel away", set(ChannelChange::Archived(true))),
        ("make a channel forget", set(ChannelChange::Retention(1))),
        ("switch receipts off", set(ChannelChange::Receipts(false))),
        ("appoint oneself", Command::ChannelRole { channel, person: boris, moderator: Some(true), poster: Some(true) }),
        ("open an archive", Command::OpenArchive { person: PersonId([9; 16]), reason: "curious".into() }),
        (
            "invite a guest",
            Command::InviteGuest {
                secret: InviteSecret::random(&mut Seeded(1)),
                email: Email::parse("gleb@romashka.example").unwrap(),
                name: "gleb".into(),
                until: 0,
                spaces: vec![channel],
                auto_admit: true,
                life: crate::limits::INVITE_LIFE,
            },
        ),
    ]
}

#[test]
fn a_plain_member_is_refused_at_his_own_device() {
    let mut it = office();
    for (what, command) in forbidden(&it) {
        let before = it.room.desks[it.boris].disk.len();
        let refused = it.room.want(it.boris, command);
        assert!(matches!(refused, Err(Refusal::Denied(_))), "{what}: {refused:?}");
        assert_eq!(it.room.desks[it.boris].disk.len(), before, "{what}: something was written");
    }
}

#[test]
fn abuse_7_what_a_member_does_with_his_own_check_off_changes_nothing_for_the_others() {
    let mut it = office();
    it.room.desks[it.boris].replica.unchecked = true;
    for (what, command) in forbidden(&it) {
        let hash = |room: &Room, at: usize| room.desks[at].replica.authority().state().hash();
        let (before, alarms) = (hash(&it.room, 0), it.room.desks[0].alarms.len());
        let done = it.room.want(it.boris, command);
        if let Err(refusal) = done {
            assert_eq!((what, refusal), ("open an archive", Refusal::NotFound), "not even tried");
            continue;
        }
        it.room.settle();
        for at in [0, it.vera] {
            assert_eq!(hash(&it.room, at), before, "{what}");
        }
        let told = &it.room.desks[0].alarms[alarms..];
        assert!(told.contains(&AlarmKind::VoidAct), "{what}: nobody is told");
        assert!(it.room.desks[0].rejected.contains(&Rejected::VoidAct), "{what}: it is not counted");
    }
    assert_eq!(it.room.read(it.vera, it.channel), ["hello"]);
}

#[test]
fn a_plain_member_of_a_private_channel_does_not_rule_it_with_his_check_off_either() {
    let mut it = office();
    let (boris, vera) = (person(&it.room, it.boris), person(&it.room, it.vera));
    let space = it.private;
    let commands = [
        Command::RosterMember { space, person: vera, member: false },
        Command::SetChannel { channel: space, change: ChannelChange::Name("наша".into()) },
        Command::ChannelRole { channel: space, person: boris, moderator: Some(true), poster: None },
    ];
    for command in commands.clone() {
        let refused = it.room.want(it.boris, command);
        assert_eq!(refused, Err(Refusal::Roster(RosterDenied::NotModerator(boris))));
    }
    it.room.desks[it.boris].replica.unchecked = true;
    for command in commands {
        it.room.want(it.boris, command).unwrap();
        it.room.settle();
    }
    for at in [0, it.vera] {
        let info = it.room.desks[at].replica.space(&space).unwrap();
        assert_eq!((info.name.as_deref(), info.members.len()), (Some("тайна"), 3), "desk {at}");
        let lens = it.room.desks[at].replica.lens(&space).unwrap();
        assert!(!lens.moderates(&boris), "desk {at}");
    }
}

#[test]
fn a_member_cannot_have_the_words_of_others_forgotten() {
    let mut it = office();
    let told = it.room.post(0, it.channel, "keep this");
    it.room.settle();
    let floor = Forget::Before(Timestamp(it.room.now + 1_000_000));
    let refused = it.room.want(it.boris, Command::Forget { space: it.channel, forget: floor.clone() });
    assert_eq!(refused, Err(Refusal::Denied(Denied::Role)));
    it.room.desks[it.boris].replica.unchecked = true;
    for forget in [floor, Forget::Entries(vec![told])] {
        it.room.want(it.boris, Command::Forget { space: it.channel, forget }).unwrap();
    }
    it.room.settle();
    assert_eq!(it.room.read(it.vera, it.channel), ["hello", "keep this"]);
    // The author may.
    it.room.want(0, Command::Forget { space: it.channel, forget: Forget::Entries(vec![told]) }).unwrap();
    it.room.settle();
    assert_eq!(it.room.read(it.vera, it.channel), ["hello", "(closed Some(Forgotten))"]);
}

#[test]
fn everybody_is_called_by_those_who_may_and_the_others_are_told() {
    let mut it = office();
    let call = |it: &mut Office, mention| {
        let record = Box::new(Record { mentions: [mention].into(), ..Record::message() });
        it.room.want(it.boris, Command::Post { space: it.channel, record, text: Some("to arms".into()) })
    };
    for mention in [Mention::All, Mention::Here] {
        call(&mut it, mention).unwrap();
    }
    let policy = Policy { mention_all: Who::Admins, ..Policy::with_domains(vec!["x.example".into()]) };
    it.room.want(0, Command::SetPolicy(Box::new(policy))).unwrap();
    it.room.settle();
    for mention in [Mention::All, Mention::Here] {
        assert_eq!(call(&mut it, mention), Err(Refusal::Denied(Denied::Role)), "{mention:?}");
    }
    let vera = Mention::Person(person(&it.room, it.vera));
    call(&mut it, vera).unwrap();
}

#[test]
fn announcements_are_for_posters_and_all_read_and_answer_in_threads() {
    let mut it = office();
    let news = it.room.space(0, Command::CreateAnnouncement { name: "новости".into(), team: None });
    it.room.settle();
    let first = it.room.post(0, news, "first");
    it.room.settle();
    let refused = |it: &mut Office| {
        let record = Box::new(Record::message());
        it.room.want(it.boris, Command::Post { space: news, record, text: Some("mine".into()) })
    };
    assert_eq!(refused(&mut it), Err(Refusal::Denied(Denied::Role)));
    let answer = Box::new(Record { thread: Some(first), target: Some(first), ..Record::message() });
    it.room.want(it.boris, Command::Post { space: news, record: answer, text: Some("answer".into()) }).unwrap();
    it.room.desks[it.boris].replica.unchecked = true;
    refused(&mut it).unwrap();
    it.room.settle();
    let shown = ["first", "answer", "(closed Some(NotPermitted))"];
    assert_eq!(it.room.read(it.vera, news), shown);
    // As a poster he writes; what he wrote then stays when he is one no longer.
    let boris = person(&it.room, it.boris);
    let poster = |on| Command::ChannelRole { channel: news, person: boris, moderator: None, poster: Some(on) };
    it.room.want(0, poster(true)).unwrap();
    it.room.settle();
    it.room.post(it.boris, news, "as poster");
    it.room.settle();
    it.room.want(0, poster(false)).unwrap();
    it.room.settle();
    assert_eq!(it.room.read(it.vera, news).last().unwrap(), "as poster");
}

#[test]
fn a_channel_that_was_put_away_is_read_and_not_written() {
    let mut it = office();
    let away = |on| Command::SetChannel { channel: it.channel, change: ChannelChange::Archived(on) };
    it.room.want(0, away(true)).unwrap();
    it.room.settle();
    let record = || Box::new(Record::message());
    let post = Command::Post { space: it.channel, record: record(), text: Some("too late".into()) };
    assert_eq!(it.room.want(it.boris, post.clone()), Err(Refusal::Denied(Denied::Archived)));
    it.room.desks[it.boris].replica.unchecked = true;
    it.room.want(it.boris, post).unwrap();
    it.room.settle();
    assert_eq!(it.room.read(it.vera, it.channel), ["hello", "(closed Some(NotPermitted))"]);
    it.room.want(0, away(false)).unwrap();
    it.room.settle();
    it.room.post(it.vera, it.channel, "open again");
    it.room.settle();
    assert_eq!(it.room.read(0, it.channel).last().unwrap(), "open again");
}

#[test]
fn a_channel_that_moves_takes_its_history_along_and_leaves_the_others_behind() {
    let mut it = office();
    let (team, vera) = (it.team, person(&it.room, it.vera));
    it.room.want(0, Command::TeamMember { team, person: vera, member: true, lead: false }).unwrap();
    it.room.settle();
    it.room.want(0, Command::SetChannel { channel: it.channel, change: ChannelChange::Place(Some(team)) }).unwrap();
    it.room.settle();
    it.room.post(it.vera, it.channel, "among us");
    it.room.settle();
    assert_eq!(it.room.read(0, it.channel), ["hello", "among us"]);
    let boris = &it.room.desks[it.boris].replica;
    assert!(!it.room.read(it.boris, it.channel).contains(&"among us".to_owned()));
    assert!(boris.spaces().iter().all(|space| space.id != it.channel));
    // The old name goes on leading there.
    it.room.want(0, Command::SetChannel { channel: it.channel, change: ChannelChange::Name("наш".into()) }).unwrap();
    it.room.settle();
    assert_eq!(it.room.desks[it.vera].replica.space(&it.channel).unwrap().name.as_deref(), Some("наш"));
}

#[test]
fn a_guest_reads_his_channels_only_and_is_out_on_his_date() {
    let mut it = office();
    let other = it.room.space(0, Command::CreateChannel { name: "другой".into(), team: None });
    it.room.post(0, other, "not for guests");
    it.room.settle();
    let until = it.room.now + 3_600_000;
    let guest = it.room.hire_guest("gleb", until, vec![it.channel]);
    it.room.settle();
    assert_eq!(it.room.read(guest, it.channel), ["hello"]);
    it.room.post(guest, it.channel, "good day");
    it.room.settle();
    assert_eq!(it.room.read(it.vera, it.channel), ["hello", "good day"]);
    assert!(it.room.desks[guest].disk.iter().all(|packet| packet.run.space() != other));
    assert!(it.room.read(guest, other).is_empty());
    it.room.now = until + 300_000;
    it.room.wait(5_000);
    let id = person(&it.room, guest);
    for at in [0, it.vera] {
        assert!(!it.room.desks[at].replica.authority().state().is_member(&id), "desk {at}");
    }
    it.room.post(0, it.channel, "after the visit");
    it.room.settle();
    assert!(!it.room.read(guest, it.channel).contains(&"after the visit".to_owned()));
}

#[test]
fn abuse_11_the_phrase_makes_an_owner_when_all_are_lost_and_an_old_one_counts_no_longer() {
    let mut it = office();
    let (root, other) = (SigningKey::from_bytes(&[9; 32]), SigningKey::from_bytes(&[8; 32]));
    let (anna, boris) = (person(&it.room, 0), person(&it.room, it.boris));
    let device = it.room.desks[0].replica.device();
    let recover =
        |key: &SigningKey, person| Command::Root { key: Box::new(key.clone()), deed: RootDeed::Owner(person, true) };
    assert_eq!(it.room.want(it.boris, recover(&other, boris)), Err(Refusal::Denied(Denied::RootOnly)));
    it.room.want(it.boris, recover(&root, boris)).unwrap();
    it.room.settle();
    assert_eq!(it.room.desks[it.vera].replica.authority().state().persons[&boris].role, Role::Owner);
    it.room.want(it.boris, Command::RevokeDevice { device, reason: 2 }).unwrap();
    it.room.wait(3_000);
    assert!(!it.room.desks[it.vera].replica.authority().state().is_active(&device));
    let rotate = RootDeed::Rotate(other.verifying_key().to_bytes());
    it.room.want(it.boris, Command::Root { key: Box::new(root.clone()), deed: rotate }).unwrap();
    it.room.wait(3_000);
    assert_eq!(it.room.want(it.vera, recover(&root, anna)), Err(Refusal::Denied(Denied::RootOnly)));
    let vera = person(&it.room, it.vera);
    it.room.want(it.vera, recover(&other, vera)).unwrap();
    it.room.wait(3_000);
    assert_eq!(it.room.desks[it.boris].replica.authority().state().persons[&vera].role, Role::Owner);
}

#[test]
fn newcomers_land_in_the_channels_of_their_team_and_find_the_others() {
    let mut it = office();
    let team = it.team;
    let main = it.room.space(0, Command::CreateChannel { name: "главный".into(), team: Some(team) });
    let side = it.room.space(0, Command::CreateChannel { name: "боковой".into(), team: Some(team) });
    it.room.want(0, Command::TeamDefaults { team, channels: vec![main] }).unwrap();
    let gleb = it.room.hire("gleb", Some(team));
    it.room.settle();
    let left = |room: &Room, space| room.desks[gleb].replica.has_left(&space);
    assert!(!left(&it.room, main) && left(&it.room, side));
    it.room.want(gleb, Command::Keep(Personal::Left(side, false))).unwrap();
    it.room.want(gleb, Command::Keep(Personal::Left(main, true))).unwrap();
    assert!(left(&it.room, main) && !left(&it.room, side));
    assert!(!it.room.desks[0].replica.has_left(&side), "who created it is in it");
}

#[test]
fn what_a_person_tells_is_read_by_all_and_what_she_keeps_by_nobody_else() {
    let mut it = office();
    let boris = it.boris;
    let person = it.room.desks[boris].replica.person().unwrap();
    let profile =
        Profile { title: "кладовщик".into(), status: "на складе".into(), ..Profile::default() };
    it.room.want(boris, Command::Tell(Told::Profile(profile.clone()))).unwrap();
    it.room.want(boris, Command::Tell(Told::Picture(vec![7; 100]))).unwrap();
    it.room.want(boris, Command::Tell(Told::Presence(Presence::Busy))).unwrap();
    let space = it.room.space(0, Command::CreateChannel { name: "избранный".into(), team: None });
    it.room.settle();
    it.room.want(boris, Command::Keep(Personal::Favourite(space, true))).unwrap();
    it.room.settle();
    let device = it.room.desks[boris].replica.device();
    let other = &it.room.desks[0].replica;
    assert_eq!((other.profile(&person), other.picture(&person)), (profile, Some(vec![7; 100])));
    assert_eq!((other.presence(&device), other.is_favourite(&space)), (Presence::Busy, false));
    assert!(it.room.desks[boris].replica.is_favourite(&space));
    let long = Profile { status: "а".repeat(600), ..Profile::default() };
    assert!(it.room.want(boris, Command::Tell(Told::Profile(long))).is_err());
}

/// The simulator's hostile member found this: an act that names a waiting one waits with it.
#[test]
fn what_waits_for_something_missing_does_not_hold_up_the_acts_of_others() {
    let mut it = office();
    let (org, device) = (it.room.desks[0].replica.org(), it.room.desks[it.boris].replica.device());
    let entry = crate::entry::Entry {
        device,
        space: SpaceId::organisation(&org),
        inc: crate::id::Inc([7; 8]),
        seq: 0,
        prev: None,
        seen: vec![EntryId([9; 32])],
        hlc: Hlc { ms: it.room.now, ctr: 0 },
        kind: crate::entry::Kind::Merge,
        epoch: None,
        body: Vec::new(),
        blobs: Vec::new(),
    };
    let signed = entry.sign(&org, &identity(it.boris as u64 + 1).signing);
    it.room.offer(0, device, Packet::of(crate::run::Run::own(signed)).encode());
    let team = it.room.space(0, Command::CreateTeam { name: "новая".into() });
    assert!(it.room.desks[0].replica.authority().state().teams.contains_key(&team));
}

/// Seed 454 found this: somebody names everything there is in one breath with something that nobody has. The owner, who
/// begins a new log after a crash, named nothing then, and her acts had no past that admitted her.
#[test]
fn what_waits_for_something_missing_does_not_take_their_past_from_the_acts_of_others() {
    let mut it = office();
    let (org, device) = (it.room.desks[0].replica.org(), it.room.desks[it.boris].replica.device());
    it.room.restart(0, identity(1), usize::MAX);
    let mut seen: Vec<EntryId> = it.room.desks[0].replica.authority().heads();
    seen.push(EntryId([9; 32]));
    seen.sort_unstable();
    let entry = crate::entry::Entry {
        device,
        space: SpaceId::organisation(&org),
        inc: crate::id::Inc([7; 8]),
        seq: 0,
        prev: None,
        seen: seen.clone(),
        hlc: Hlc { ms: it.room.now, ctr: 0 },
        kind: crate::entry::Kind::Merge,
        epoch: None,
        body: Vec::new(),
        blobs: Vec::new(),
    };
    let signed = entry.sign(&org, &identity(it.boris as u64 + 1).signing);
    it.room.offer(0, device, Packet::of(crate::run::Run::own(signed)).encode());
    let team = it.room.space(0, Command::CreateTeam { name: "новая".into() });
    let authority = it.room.desks[0].replica.authority();
    assert!(authority.state().teams.contains_key(&team));
    let known = seen.iter().filter(|it| **it != EntryId([9; 32]));
    assert!(known.clone().count() > 0 && known.clone().all(|it| authority.covers(&authority.heads(), it)));
    assert_eq!(authority.heads_count(), 1, "what was known is named");
}

#[test]
fn an_invitation_is_good_for_as_long_as_was_said_and_no_longer_than_a_week() {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    let mut room = Room::found();
    for (number, said, good) in [(1, DAY, DAY), (2, 7 * DAY, 7 * DAY), (3, 8 * DAY, 7 * DAY)] {
        let secret = InviteSecret::random(&mut Seeded(number));
        let (invite, email) = (secret.id(), Email::parse(&format!("g{number}@romashka.example")).unwrap());
        let (role, team, auto_admit) = (Role::Member, None, false);
        let before = room.now;
        room.want(0, Command::Invite { secret, email, name: "gleb".into(), role, team, auto_admit, life: said })
            .unwrap();
        let expires = room.desks[0].replica.authority().state().invites[&invite].act.expires;
        assert!((Timestamp(before).plus(good).0..=Timestamp(room.now).plus(good).0).contains(&expires), "{said:?}");
    }
}
