//! Tests of `enrol::desk`.

use ed25519_dalek::SigningKey;

use super::*;
use crate::enrol::About;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const INVITE: InviteId = InviteId([7; 16]);

fn waits(device: u8) -> Candidate {
    Candidate {
        invite: INVITE,
        device_key: SigningKey::from_bytes(&[device; 32]).verifying_key().to_bytes(),
        seal_key: [0; 32],
        about: About { device_name: "LAPTOP-7".to_owned(), os: "Linux".to_owned(), version: "0.1.0".to_owned() },
        words: ["a"; 5],
    }
}

const OPEN: Terms = Terms::Open { expires: Timestamp(NOW.0 + 1_000) };

#[test]
fn abuse_36_used_expired_and_cancelled_invitations() {
    let mut desk = Desk::default();
    let (invite, later) = (INVITE, NOW.plus(Duration::from_secs(1)));
    assert_eq!(desk.begin(invite, OPEN, NOW), Ok(()));
    assert_eq!(desk.begin(invite, OPEN, later), Err(Refusal::Expired));
    assert_eq!(desk.begin(invite, Terms::Cancelled, NOW), Err(Refusal::Cancelled));
    assert_eq!(desk.knock(&waits(1), OPEN, later), Err(Refusal::Expired));
    assert_eq!(desk.knock(&waits(1), Terms::Cancelled, NOW), Err(Refusal::Cancelled));
    let used = Terms::Redeemed { by: waits(1).device() };
    assert_eq!(desk.knock(&waits(2), used, NOW), Err(Refusal::Used));
}

#[test]
fn abuse_38_five_failed_attempts_burn_an_invitation() {
    let mut desk = Desk::default();
    let invite = INVITE;
    for attempt in 1..=5 {
        assert_eq!(desk.begin(invite, OPEN, NOW), Ok(()), "{attempt}");
        assert_eq!(desk.failed(invite), attempt == 5);
    }
    assert_eq!(desk.begin(invite, OPEN, NOW), Err(Refusal::Burned));
    assert_eq!(desk.begin(InviteId([0; 16]), OPEN, NOW), Ok(()));
}

#[test]
fn handshakes_are_counted_by_the_minute() {
    let mut desk = Desk::default();
    let open = Terms::Open { expires: Timestamp(u64::MAX) };
    for _ in 0..20 {
        assert_eq!(desk.begin(INVITE, open, NOW), Ok(()));
    }
    assert_eq!(desk.begin(INVITE, open, NOW.plus(Duration::from_secs(59))), Err(Refusal::Busy));
    assert_eq!(desk.begin(INVITE, open, NOW.plus(Duration::from_secs(60))), Ok(()));
}

#[test]
fn abuse_40_after_a_crash_at_any_step_the_newcomer_asks_again() {
    let (mut desk, invite) = (Desk::default(), INVITE);
    // Before the decision: it waits on, with the words of the newest stream.
    assert_eq!(desk.knock(&waits(1), OPEN, NOW), Ok(Place::New));
    let again = Candidate { words: ["b"; 5], ..waits(1) };
    assert_eq!(desk.knock(&again, OPEN, NOW), Ok(Place::Waiting));
    assert_eq!(desk.waiting(NOW), [&again]);
    // The desk crashed: the invitation is as it was.
    assert_eq!(Desk::default().knock(&again, OPEN, NOW), Ok(Place::New));
    // Decided while the newcomer was away.
    assert_eq!(desk.approve(invite, again.device()), Some(again.clone()));
    assert_eq!(desk.knock(&again, OPEN, NOW), Ok(Place::Approved));
    assert!(desk.waiting(NOW).is_empty());
    // The act was written and the answer lost, also after a crash: the same device gets it again, nobody else does.
    let used = Terms::Redeemed { by: again.device() };
    assert_eq!(Desk::default().begin(invite, used, NOW), Ok(()));
    assert_eq!(Desk::default().knock(&again, used, NOW), Ok(Place::Admitted));
    assert_eq!(Desk::default().knock(&waits(2), used, NOW), Err(Refusal::Used));
}

#[test]
fn one_of_several_candidates_is_approved() {
    let (mut desk, invite) = (Desk::default(), INVITE);
    for device in 1..=3 {
        assert_eq!(desk.knock(&waits(device), OPEN, NOW), Ok(Place::New));
    }
    assert_eq!(desk.knock(&waits(4), OPEN, NOW), Err(Refusal::Busy));
    desk.decline(invite, waits(1).device());
    assert_eq!(desk.knock(&waits(1), OPEN, NOW), Err(Refusal::Declined));
    assert_eq!(desk.approve(invite, waits(1).device()), None);
    assert!(desk.approve(invite, waits(2).device()).is_some());
    assert_eq!(desk.approve(invite, waits(3).device()), None);
    assert_eq!(desk.knock(&waits(3), OPEN, NOW), Err(Refusal::Used));
    let open = Terms::Open { expires: Timestamp(u64::MAX) };
    let next_day = NOW.plus(Duration::from_secs(24 * 60 * 60));
    assert!(desk.waiting(next_day).is_empty());
    assert_eq!(desk.knock(&waits(4), open, next_day), Ok(Place::New));
    desk.forget(invite);
    assert_eq!(desk.approve(invite, waits(4).device()), None);
}
