//! Rules of private channels: put away, forgetting, receipts; by whom, and where there are none.

use super::*;
use crate::authority::Denied;
use crate::roster::RosterDenied;

fn set(channel: SpaceId, change: ChannelChange) -> Command {
    Command::SetChannel { channel, change }
}

const DAY: u64 = 24 * 60 * 60 * 1_000;

fn every() -> [ChannelChange; 3] {
    [ChannelChange::Archived(true), ChannelChange::Retention(30 * DAY), ChannelChange::Receipts(false)]
}

#[test]
fn a_private_channel_is_put_away_forgets_and_hides_receipts_when_a_moderator_says_so() {
    let mut room = Room::found();
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    let space = private(&mut room, &[boris, vera]);
    room.post(boris, space, "before");
    room.settle();
    for change in every() {
        room.want(0, set(space, change)).unwrap();
        room.settle();
    }
    for at in [0, boris, vera] {
        let info = room.desks[at].replica.space(&space).unwrap();
        assert_eq!((info.archived, info.retention_ms, info.receipts), (true, 30 * DAY, false), "desk {at}");
        assert!(!room.desks[at].replica.lens(&space).unwrap().shows_receipts(), "desk {at}");
    }
    let post = |text: &str| Command::Post { space, record: Box::new(Record::message()), text: Some(text.into()) };
    assert_eq!(room.want(boris, post("too late")), Err(Refusal::Denied(Denied::Archived)));
    // A newcomer finds the same rules, with the roster that his epoch carries.
    let dina = room.hire("dina", None);
    room.want(0, Command::RosterMember { space, person: person(&room, dina), member: true }).unwrap();
    room.settle();
    let info = room.desks[dina].replica.space(&space).unwrap();
    assert_eq!((info.archived, info.retention_ms, info.receipts), (true, 30 * DAY, false));
    // Taken out again it is written in; a month and a day later the floor has risen over what was said.
    room.want(0, set(space, ChannelChange::Archived(false))).unwrap();
    room.settle();
    room.post(vera, space, "after");
    room.settle();
    assert_eq!(room.read(boris, space), ["before", "after"]);
    room.now += 32 * DAY;
    room.settle();
    let read = room.read(boris, space);
    assert!(!read.contains(&"before".to_owned()) && !read.contains(&"after".to_owned()), "{read:?}");
}

#[test]
fn who_does_not_moderate_sets_no_rule_of_a_private_channel_and_a_group_has_none() {
    let mut room = Room::found();
    let (boris, vera) = (room.hire("boris", None), room.hire("vera", None));
    room.link(boris, vera);
    let space = private(&mut room, &[boris, vera]);
    let persons = [boris, vera].map(|it| person(&room, it)).into();
    let group = Command::CreatePrivate { group: true, name: String::new(), shared_history: true, persons };
    let group = room.space(0, group);
    let anna = person(&room, 0);
    let Ok(Reply::Space(direct)) = room.want(boris, Command::OpenDirect(anna)) else { panic!() };
    room.settle();
    let boris_id = person(&room, boris);
    for change in every() {
        let refused = room.want(boris, set(space, change.clone()));
        assert_eq!(refused, Err(Refusal::Roster(RosterDenied::NotModerator(boris_id))));
        for at in [group, direct] {
            assert_eq!(room.want(boris, set(at, change.clone())), Err(Refusal::Roster(RosterDenied::Rule)));
        }
    }
    // With his check off the others do not count it.
    room.desks[boris].replica.unchecked = true;
    for (at, change) in [space, group].into_iter().flat_map(|at| every().map(|it| (at, it))) {
        room.want(boris, set(at, change)).unwrap();
        room.settle();
    }
    for (desk, at) in [0, vera].into_iter().flat_map(|desk| [(desk, space), (desk, group)]) {
        let info = room.desks[desk].replica.space(&at).unwrap();
        assert_eq!((info.archived, info.retention_ms, info.receipts), (false, 0, true), "desk {desk}");
    }
}
