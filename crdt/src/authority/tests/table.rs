//! The table of rights, line by line: what a person is told he may is what counts when he does it, and nothing else counts.

use crate::authority::testkit::*;
use crate::authority::*;
use crate::id::{CertId, PersonId, SealKeyId, SpaceId};
use crate::time::Hlc;

/// Everybody by a letter: two owners, two administrators, a registrar, a member, a guest, who leads a team, an archivist
/// without a role, somebody who was removed, and a stranger.
const PEOPLE: [(char, u64); 11] = [
    ('O', OWNER),
    ('P', 2),
    ('A', 3),
    ('B', 4),
    ('R', 5),
    ('M', 6),
    ('G', 7),
    ('L', 8),
    ('K', 9),
    ('X', 10),
    ('S', 11),
];

struct Company {
    story: Story,
    /// Led by L; nobody but the second owner is in the other one.
    team: SpaceId,
    other: SpaceId,
    /// L's, in his team.
    channel: SpaceId,
    /// The first administrator's, in the organisation.
    open: SpaceId,
    /// Announcements, by the first owner; the member may post there.
    news: SpaceId,
}

fn set_role(number: u64, role: Role, caps: Caps) -> Act {
    Act::SetRole(SetRole { person: person(number), role, caps })
}

fn company(policy: impl FnOnce(&mut Policy)) -> Company {
    let mut story = Story::with_admins([3, 4]);
    for (number, role) in [(2, Role::Member), (5, Role::Registrar), (6, Role::Member), (7, Role::Guest)] {
        story.hire(OWNER, number, role);
    }
    for number in [8, 9, 10] {
        story.hire(OWNER, number, Role::Member);
    }
    story.now(OWNER, &owner(2, true));
    story.now(OWNER, &set_role(9, Role::Member, Caps::ARCHIVE_READ));
    let team = |story: &mut Story, by: u64| SpaceId::of_act(&story.now(by, &team()));
    let (own, other) = (team(&mut story, OWNER), team(&mut story, 2));
    story.now(OWNER, &team_member(own, 8, true, true));
    let at = |id| SpaceId::of_act(&id);
    let (channel, open) = (at(story.now(8, &channel(Some(own)))), at(story.now(3, &channel(None))));
    let news = ChannelCreate { team: None, kind: 1, name: 0, history: 0, archive: false };
    let news = at(story.now(OWNER, &Act::ChannelCreate(news)));
    let poster = ChannelRole { channel: news, person: person(6), moderator: false, poster: true };
    story.now(OWNER, &Act::ChannelRole(poster));
    story.remove(OWNER, 10);
    let mut rules = Policy::with_domains(vec!["artel.example".into()]);
    policy(&mut rules);
    story.now(OWNER, &Act::SetPolicy(SetPolicy { policy: rules }));
    assert!(story.told().void().is_empty());
    assert_ne!(story.told().state().hash(), Story::found().told().state().hash(), "a digest of everything");
    Company { story, team: own, other, channel, open, news }
}

/// What somebody is told, what he would sign, and for whom both are so.
type Line<'l> = (&'l str, &'l dyn Fn(&State, &PersonId) -> bool, &'l dyn Fn(u64) -> Option<Act>, &'l str);

impl Company {
    fn check(&self, lines: &[Line<'_>]) {
        let authority = self.story.told();
        let state = authority.state();
        for (what, told, act, expected) in lines {
            let letters = |may: &dyn Fn(u64) -> bool| -> String {
                PEOPLE.iter().filter(|(_, number)| may(*number)).map(|(letter, _)| letter).collect()
            };
            assert_eq!(letters(&|it| told(state, &person(it))), *expected, "told: {what}");
            if act(OWNER).is_none() {
                continue;
            }
            let counts = |by: u64| {
                let mut story = self.story.clone();
                let id = story.now(by, &act(by).unwrap());
                !story.told().void().contains_key(&id)
            };
            assert_eq!(letters(&counts), *expected, "done: {what}");
        }
    }
}

fn with_caps(caps: Caps) -> Act {
    let Act::InviteCreated(act) = invite(50, 50, Role::Member) else { unreachable!() };
    Act::InviteCreated(InviteCreated { caps, ..act })
}

fn renew(by: u64) -> Act {
    let seal_pk = crate::id::sha256(&[b"renewed", &by.to_be_bytes()]);
    Act::Renew(Renew { seal_pk, seal_key_id: SealKeyId::of_key(&seal_pk), cti: CertId([1; 16]), certificate: 0 })
}

#[test]
fn who_creates_invites_and_rules() {
    let it = company(|_| {});
    let (own, other) = (it.team, it.other);
    let policy = || Act::SetPolicy(SetPolicy { policy: Policy::with_domains(Vec::new()) });
    let open = || Act::ArchiveOpen(ArchiveOpen { person: person(10), reason: 0 });
    let invites = |role: Role, caps: Caps| {
        move |it: &State, by: &PersonId| it.may_invite(by, role, role.caps().with(caps)).is_ok()
    };
    it.check(&[
        ("a channel for all", &|it, by| it.may_create_channel(by, None).is_ok(), &|_| Some(channel(None)), "OPAB"),
        (
            "a channel of a team",
            &|it, by| it.may_create_channel(by, Some(&own)).is_ok(),
            &|_| Some(channel(Some(own))),
            "OPABL",
        ),
        (
            "one of another",
            &|it, by| it.may_create_channel(by, Some(&other)).is_ok(),
            &|_| Some(channel(Some(other))),
            "OPAB",
        ),
        ("a private channel", &|it, by| it.may_create_private(by).is_ok(), &|_| None, "OPABL"),
        ("a team", &|it, by| it.may_create_team(by).is_ok(), &|_| Some(team()), "OPAB"),
        ("invite a member", &invites(Role::Member, Caps(0)), &|_| Some(invite(50, 50, Role::Member)), "OPABR"),
        ("invite a guest", &invites(Role::Guest, Caps(0)), &|_| Some(invite(50, 50, Role::Guest)), "OPABR"),
        ("invite a registrar", &invites(Role::Registrar, Caps(0)), &|_| Some(invite(50, 50, Role::Registrar)), "OPAB"),
        ("invite an administrator", &invites(Role::Admin, Caps(0)), &|_| Some(invite(50, 50, Role::Admin)), "OP"),
        ("invite an owner", &invites(Role::Owner, Caps(0)), &|_| Some(invite(50, 50, Role::Owner)), ""),
        ("invite with more", &invites(Role::Member, Caps::MODERATE), &|_| Some(with_caps(Caps::MODERATE)), "OPAB"),
        (
            "invite an archivist",
            &invites(Role::Member, Caps::ARCHIVE_READ),
            &|_| Some(with_caps(Caps::ARCHIVE_READ)),
            "OP",
        ),
        ("set the policy", &|it, by| it.may_set_policy(by).is_ok(), &|_| Some(policy()), "OPAB"),
        ("open an archive", &|it, by| it.may_open_archive(by).is_ok(), &|_| Some(open()), "OPK"),
        // Whose acts of a newer Artel bring the others to a stand: only who has a right over others.
        ("administer", &|it, by| it.administers(Some(*by)), &|_| None, "OPABRLK"),
        ("renew", &|it, by| it.may_renew(by).is_ok(), &|by| Some(renew(by)), "OPABRMGLK"),
        (
            "an own device",
            &|it, by| it.may_add_own_device(by).is_ok(),
            &|by| Some(add_device(by, 500 + by)),
            "OPABRMGLK",
        ),
    ]);
}

#[test]
fn the_policy_moves_what_it_may_move() {
    let it = company(|it| {
        (it.create_public, it.create_private) = (Who::Members, Who::Members);
        (it.registrars_invite, it.self_renew, it.self_add_device) = (false, false, false);
    });
    let own = it.team;
    it.check(&[
        ("a channel for all", &|it, by| it.may_create_channel(by, None).is_ok(), &|_| Some(channel(None)), "OPABRMLK"),
        (
            "of a team",
            &|it, by| it.may_create_channel(by, Some(&own)).is_ok(),
            &|_| Some(channel(Some(own))),
            "OPABRMLK",
        ),
        ("a private channel", &|it, by| it.may_create_private(by).is_ok(), &|_| None, "OPABRMLK"),
        (
            "invite",
            &|it, by| it.may_invite(by, Role::Member, Caps(0)).is_ok(),
            &|_| Some(invite(50, 50, Role::Member)),
            "OPAB",
        ),
        ("renew", &|it, by| it.may_renew(by).is_ok(), &|by| Some(renew(by)), "OPABR"),
        ("an own device", &|it, by| it.may_add_own_device(by).is_ok(), &|by| Some(add_device(by, 500 + by)), "OPABR"),
    ]);
    let it = company(|it| (it.create_public, it.create_private) = (Who::Admins, Who::Admins));
    let own = it.team;
    it.check(&[
        (
            "a channel of a team",
            &|it, by| it.may_create_channel(by, Some(&own)).is_ok(),
            &|_| Some(channel(Some(own))),
            "OPAB",
        ),
        ("a private channel", &|it, by| it.may_create_private(by).is_ok(), &|_| None, "OPAB"),
    ]);
}

#[test]
fn who_changes_the_roles_of_whom() {
    let it = company(|_| {});
    let may = |whom: u64, role: Role, caps: Caps| {
        move |it: &State, by: &PersonId| it.may_set_role(by, &person(whom), role, caps).is_ok()
    };
    let does = |whom: u64, role: Role, caps: Caps| move |_: u64| Some(set_role(whom, role, caps));
    let lines = [
        (6, Role::Admin, Caps(0), "OPAB"),
        (6, Role::Registrar, Caps(0), "OPAB"),
        (6, Role::Guest, Caps(0), "OPAB"),
        (6, Role::Member, Caps::ARCHIVE_READ, "OP"),
        (6, Role::Member, Caps::ENROL, "OPAB"),
        (5, Role::Member, Caps(0), "OPAB"),
        (3, Role::Member, Caps(0), "OP"),
        (3, Role::Admin, Caps::ARCHIVE_READ, "OP"),
        (2, Role::Member, Caps(0), ""),
    ];
    for (whom, role, caps, expected) in lines {
        it.check(&[(
            &format!("{whom} to {role:?} with {caps:?}"),
            &may(whom, role, caps),
            &does(whom, role, caps),
            expected,
        )]);
    }
    it.check(&[("an owner", &may(6, Role::Owner, Caps(0)), &|_| Some(owner(6, true)), "OP")]);
    let state = it.story.told().state().clone();
    assert_eq!(state.may_set_role(&person(OWNER), &person(10), Role::Member, Caps(0)), Err(Denied::Unknown), "he left");
}

/// Whose device speaks with whose voice: of those only whom one might invite as they are now.
#[test]
fn who_lets_in_a_device_of_whom() {
    let it = company(|_| {});
    let whose = [(OWNER, "O"), (2, "P"), (3, "OPA"), (5, "OPABR"), (6, "OPABRM"), (7, "OPABRG"), (9, "OPK"), (10, "")];
    for (whom, expected) in whose {
        let may = |state: &State, by: &PersonId| match *by == person(whom) {
            true => state.may_add_own_device(by).is_ok(),
            false => state.may_add_device_of(by, &person(whom)).is_ok(),
        };
        it.check(&[(&format!("a device of {whom}"), &may, &|by| Some(add_device(whom, 500 + by)), expected)]);
    }
    let state = it.story.told().state().clone();
    let why = |by: u64, whom: u64| state.may_add_device_of(&person(by), &person(whom)).unwrap_err();
    assert_eq!([why(3, OWNER), why(3, 4), why(5, 3)], [Denied::Senior; 3]);
    assert_eq!((why(3, 9), why(6, 8), why(3, 10)), (Denied::MoreThanOwn, Denied::Role, Denied::NotMember));
    // By the recovery phrase for everybody who is in, and it stands by itself.
    let mut story = it.story.clone();
    let (root, gone) = (story.now(ROOT, &add_device(OWNER, 600)), story.now(ROOT, &add_device(10, 601)));
    let told = story.told();
    assert_eq!((told.denied(&root), told.denied(&gone)), (None, Some(Denied::NotMember)));
    assert!(told.state().devices[&device(600)].confirmed);
    // A right that is lost without his knowing it lets nobody in.
    let mut story = it.story;
    let before = story.heads();
    story.now(OWNER, &set_role(3, Role::Member, Caps(0)));
    let late = story.apart(3, &add_device(6, 602), &before);
    assert_eq!(story.told().denied(&late), Some(Denied::Role));
}

#[test]
fn who_takes_out_whom() {
    let it = company(|_| {});
    let takes = |whom: u64, person_out: &str, device_out: &str, frozen: &str| {
        it.check(&[
            (
                &format!("remove {whom}"),
                &move |it, by| it.may_remove(by, &person(whom)).is_ok(),
                &move |_| Some(removal(whom, Vec::new())),
                person_out,
            ),
            (
                &format!("revoke a device of {whom}"),
                &move |it, by| it.may_revoke(by, &device(whom)).is_ok(),
                &move |_| Some(revocation(whom, 0, Vec::new())),
                device_out,
            ),
            (
                &format!("freeze a device of {whom}"),
                &move |it, by| it.may_freeze(by, &device(whom)).is_ok(),
                &move |_| Some(freeze(whom, true)),
                frozen,
            ),
        ]);
    };
    takes(6, "OPAB", "OPABM", "OPAB");
    takes(7, "OPAB", "OPABG", "OPAB");
    takes(5, "OPAB", "OPABR", "OPAB");
    takes(4, "OPAB", "OPAB", "OPAB");
    takes(2, "OP", "OP", "OP");
    let mut it = it;
    // Of two owners one may go; the last may not, and takes nobody's last way back.
    it.story.remove(OWNER, 2);
    let state = it.story.told().state().clone();
    assert_eq!(state.may_remove(&person(OWNER), &person(OWNER)), Err(Denied::LastOwner));
    assert_eq!(state.may_revoke(&person(OWNER), &device(OWNER)), Err(Denied::LastOwner));
    assert_eq!(state.may_freeze(&person(OWNER), &device(OWNER)), Err(Denied::LastOwner));
    assert_eq!(state.may_remove(&person(OWNER), &person(2)), Err(Denied::Unknown));
    it.story.now(OWNER, &add_device(OWNER, 77));
    let state = it.story.told().state().clone();
    assert_eq!(state.may_revoke(&person(OWNER), &device(77)), Ok(()), "he has another");
}

#[test]
fn who_rules_teams_and_channels() {
    let it = company(|_| {});
    let (own, other, mine, open, news) = (it.team, it.other, it.channel, it.open, it.news);
    let nowhere = SpaceId([5; 16]);
    let role = |channel| Act::ChannelRole(ChannelRole { channel, person: person(6), moderator: true, poster: false });
    let set = |channel, place: Option<Vec<SpaceId>>| {
        let archived = place.is_none().then_some(true);
        Act::ChannelSet(ChannelSet { channel, name: None, place, archived, retention_ms: None, receipts: None })
    };
    it.check(&[
        (
            "bring in",
            &|it, by| it.may_manage_team(by, &own, false).is_ok(),
            &|_| Some(team_member(own, 6, true, false)),
            "OPABL",
        ),
        (
            "make a lead",
            &|it, by| it.may_manage_team(by, &own, true).is_ok(),
            &|_| Some(team_member(own, 6, true, true)),
            "OPAB",
        ),
        (
            "elsewhere",
            &|it, by| it.may_manage_team(by, &other, false).is_ok(),
            &|_| Some(team_member(other, 8, true, false)),
            "OPAB",
        ),
        (
            "nowhere",
            &|it, by| it.may_manage_team(by, &nowhere, false).is_ok(),
            &|_| Some(team_member(nowhere, 8, true, false)),
            "",
        ),
        ("appoint", &|it, by| it.may_appoint(by, &mine).is_ok(), &|_| Some(role(mine)), "OPABL"),
        ("appoint for all", &|it, by| it.may_appoint(by, &open).is_ok(), &|_| Some(role(open)), "OPAB"),
        ("put away", &|it, by| it.may_set_channel(by, &mine).is_ok(), &|_| Some(set(mine, None)), "OPABL"),
        ("to all", &|it, by| it.may_move(by, &mine, None).is_ok(), &|_| Some(set(mine, Some(Vec::new()))), "OPAB"),
        // Who is not there himself could not give the others its keys.
        (
            "to a team",
            &|it, by| it.may_move(by, &mine, Some(&other)).is_ok(),
            &|_| Some(set(mine, Some(vec![other]))),
            "P",
        ),
        ("moderate", &|it, by| it.may_moderate(by, &mine), &|_| None, "OPABL"),
        ("announce", &|it, by| it.may_post(by, &news, false, Hlc { ms: u64::MAX, ctr: 0 }), &|_| None, "OPABM"),
    ]);
    // What was written until a channel was put away stays; nothing comes after it.
    let mut it = it;
    it.story.now(OWNER, &set(mine, None));
    let state = it.story.told().state().clone();
    let since = state.channels[&mine].archived.unwrap();
    let posts = |ms| state.may_post(&person(8), &mine, false, Hlc { ms, ..since });
    assert_eq!([since.ms - 1, since.ms, since.ms + 1].map(posts), [true, true, false]);
}
