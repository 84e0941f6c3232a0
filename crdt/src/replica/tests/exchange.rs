//! Tests of who is asked for what.

mod strange;

use super::super::exchange::SERVED_AT_ONCE_MAX;
use super::*;

const CHANNELS: usize = 30;

/// Two who have met, with channels of which the second has nothing yet.
fn met_again() -> (Room, usize, Vec<SpaceId>) {
    let mut room = Room::found();
    let named = |it: usize| Command::CreateChannel { name: format!("канал {it}"), team: None };
    let channels: Vec<SpaceId> = (0..CHANNELS).map(|it| room.space(0, named(it))).collect();
    let boris = room.hire("boris", None);
    room.unlink(0, boris);
    for channel in &channels {
        room.post(0, *channel, "while he was away");
    }
    (room, boris, channels)
}

/// What a desk asks for or sends when it hears this; everything else is done as always.
fn says(room: &mut Room, at: usize, input: Input) -> Vec<Message> {
    let now = Timestamp(room.now);
    let desk = &mut room.desks[at];
    let mut out = Outputs::new();
    desk.replica.handle(&mut Ctx { now, rng: &mut desk.rng }, input, &mut out);
    let mut said = Vec::new();
    for output in out {
        match output {
            Output::Send { message, .. } => said.push(message),
            other => room.perform(at, other),
        }
    }
    said
}

/// Lets the two talk about spaces until nothing but wants is left; returns what the second one wants.
fn wanted(room: &mut Room, boris: usize, first: Vec<Message>) -> Vec<SpaceId> {
    let devices = [0, boris].map(|it| room.desks[it].replica.device());
    let mut wanted = Vec::new();
    let mut mail: VecDeque<(usize, Message)> = first.into_iter().map(|it| (1, it)).collect();
    while let Some((from, message)) = mail.pop_front() {
        match message {
            Message::Want { space, .. } => wanted.push(space),
            Message::Spaces(_) | Message::Heads { .. } => {
                let to = 1 - from;
                let heard = says(room, [0, boris][to], Input::Message { from: devices[from], message });
                mail.extend(heard.into_iter().map(|it| (to, it)));
            }
            _ => {}
        }
    }
    wanted
}

/// Gives all that is written in a space.
fn give(room: &mut Room, to: usize, space: SpaceId) {
    let from = room.desks[0].replica.device();
    let packets: Vec<_> = room.desks[0].disk.iter().filter(|it| it.run.space() == space).map(Packet::encode).collect();
    packets.into_iter().for_each(|it| room.offer(to, from, it));
}

#[test]
fn a_peer_is_asked_for_some_spaces_at_once_and_for_the_next_as_soon_as_one_is_served() {
    let (mut room, boris, channels) = met_again();
    let (anna, me) = (room.desks[0].replica.device(), room.desks[boris].replica.device());
    says(&mut room, 0, Input::PeerUp(me));
    let compared = says(&mut room, boris, Input::PeerUp(anna));
    let mut under_way: VecDeque<SpaceId> = wanted(&mut room, boris, compared).into();
    assert_eq!(under_way.len(), SERVED_AT_ONCE_MAX);

    // What came another way meanwhile takes nobody's turn.
    let waiting: Vec<SpaceId> = channels.iter().filter(|it| !under_way.contains(it)).copied().collect();
    waiting[..5].iter().for_each(|it| give(&mut room, boris, *it));

    let mut served = BTreeSet::new();
    while let Some(space) = under_way.pop_front() {
        give(&mut room, boris, space);
        assert!(served.insert(space), "nothing is asked for twice");
        let heard = says(&mut room, boris, Input::Message { from: anna, message: Message::Served(space) });
        under_way.extend(wanted(&mut room, boris, heard));
        assert!(under_way.len() <= SERVED_AT_ONCE_MAX);
        let left = channels.len() - 5 - served.len();
        assert_eq!(under_way.len(), left.min(SERVED_AT_ONCE_MAX), "no turn is lost");
    }
    for channel in &channels {
        assert_eq!(room.read(boris, *channel), ["while he was away"]);
    }
}

#[test]
fn a_peer_that_serves_nothing_holds_up_nobody_for_longer_than_the_time_it_is_given() {
    let (mut room, boris, channels) = met_again();
    let (anna, me) = (room.desks[0].replica.device(), room.desks[boris].replica.device());
    says(&mut room, 0, Input::PeerUp(me));
    let compared = says(&mut room, boris, Input::PeerUp(anna));
    assert_eq!(wanted(&mut room, boris, compared).len(), SERVED_AT_ONCE_MAX);
    room.now += 30_000;
    let compared = says(&mut room, boris, Input::PeerUp(anna));
    let again: BTreeSet<SpaceId> = wanted(&mut room, boris, compared).into_iter().collect();
    assert_eq!(again.len(), SERVED_AT_ONCE_MAX);
    assert!(again.iter().all(|it| channels.contains(it)));
}
