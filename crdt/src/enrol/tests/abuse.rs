//! Abuse: relays, swaps, replays, half a code, another organisation.

use super::*;

#[test]
fn abuse_37_a_relay_with_its_own_keys_fails() {
    // M answers the newcomer himself: without the code he cannot even greet.
    let office = Office::standard();
    let (mut newcomer, first) = newcomer(&office, 40, &secret());
    let wrong = InviteSecret::random(&mut Counter(1));
    let door = Door {
        org: &office.org,
        invite_key: &secret().public_key(),
        psk: &wrong.psk(),
        seal_secret: &seal(66),
        bundle: &office.bundle,
        now: NOW,
    };
    let (_, second) = Admitter::open(&first, &door, &mut Counter(4)).unwrap();
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Code));
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Order));
}

#[test]
fn abuse_37_a_relay_who_even_knows_the_key_cannot_pass_as_the_administrator() {
    let office = Office::standard();
    let (mut newcomer, first) = newcomer(&office, 40, &secret());
    let door = Door {
        org: &office.org,
        invite_key: &secret().public_key(),
        psk: &secret().psk(),
        seal_secret: &seal(66),
        bundle: &office.bundle,
        now: NOW,
    };
    let (_, second) = Admitter::open(&first, &door, &mut Counter(4)).unwrap();
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Impostor));
}

#[test]
fn abuse_37_a_stranger_with_the_number_learns_nothing_of_who_works_here() {
    let office = Office::standard();
    let names = (&office.org.fp(), &secret().id());
    let mut state = handshake(Side::Newcomer, names, (&seal(50), &seal(51)), &mut Counter(8)).unwrap();
    let first = messages::encode_opening(&secret().id(), &write(&mut state, &[]).unwrap());
    let (_, second) = office.open(&first, 5).unwrap();
    let hash = hash_of(&state).unwrap();
    let payload = read(&mut state, &second).unwrap();
    assert!(!payload.windows(5).any(|it| it == b"firma"));
    assert!(messages::Greeting::open(&seal(51), &hash, &payload).is_err());
    assert!(messages::Greeting::open(&secret().psk(), &hash, &payload).is_ok());
    assert!(messages::Greeting::open(&secret().psk(), &[0; 32], &payload).is_err(), "moved to another handshake");
}

#[test]
fn abuse_37_swapped_replayed_and_changed_messages_fail() {
    let office = Office::standard();
    let (mut one, first) = newcomer(&office, 40, &secret());
    let (mut other, other_first) = newcomer(&office, 41, &secret());
    let (mut admitter, second) = office.open(&first, 5).unwrap();
    let (mut replayed, replayed_second) = office.open(&first, 6).unwrap();
    let (mut other_admitter, other_second) = office.open(&other_first, 7).unwrap();
    // Message 2 of another stream.
    assert_eq!(newcomer(&office, 42, &secret()).0.receive(&other_second), Err(BadEnrol::Handshake));
    let (third, _) = introduced(one.receive(&second).unwrap());
    let (other_third, _) = introduced(other.receive(&other_second).unwrap());
    // Message 3 swapped between streams, and after a replayed message 1.
    assert_eq!(other_admitter.receive(&third), Err(BadEnrol::Handshake));
    assert_eq!(replayed.receive(&third), Err(BadEnrol::Handshake));
    assert_ne!(second, replayed_second);
    // The right one still works for who got it, once.
    assert!(admitter.receive(&third).is_ok());
    assert_eq!(admitter.receive(&third), Err(BadEnrol::Order));
    assert_eq!(admitter.receive(&other_third), Err(BadEnrol::Order));
}

#[test]
fn abuse_37_every_changed_byte_fails() {
    let office = Office::standard();
    let (_, first) = newcomer(&office, 40, &secret());
    for at in 0..first.len() {
        let mut changed = first.clone();
        changed[at] ^= 1;
        assert!(office.open(&changed, 5).is_err(), "first, byte {at}");
    }
    let (_, second) = office.open(&first, 5).unwrap();
    for at in (0..second.len()).step_by(7) {
        let mut changed = second.clone();
        changed[at] ^= 1;
        assert!(newcomer(&office, 40, &secret()).0.receive(&changed).is_err(), "second, byte {at}");
    }
    let (third, _) = introduced(newcomer(&office, 40, &secret()).0.receive(&second).unwrap());
    for at in (0..third.len()).step_by(3) {
        let mut changed = third.clone();
        changed[at] ^= 1;
        let (mut admitter, _) = office.open(&first, 5).unwrap();
        assert!(admitter.receive(&changed).is_err(), "third, byte {at}");
    }
}

#[test]
fn abuse_37_words_differ_when_the_keys_do() {
    let office = Office::standard();
    let (mut first, frame) = newcomer(&office, 40, &secret());
    let (_, second) = office.open(&frame, 5).unwrap();
    let (_, again) = office.open(&frame, 6).unwrap();
    let (_, one) = introduced(first.receive(&second).unwrap());
    let (_, other) = introduced(newcomer(&office, 40, &secret()).0.receive(&again).unwrap());
    assert_ne!(one.words, other.words);
}

#[test]
fn abuse_38_one_half_of_the_secret_opens_no_handshake() {
    let office = Office::standard();
    let (code, _) = secret().halves(&office.org, &mut Counter(5));
    let (_, wrong_mail) = secret().halves(&office.org, &mut Counter(9));
    let half = code.secret(Some(&wrong_mail)).unwrap();
    let (_, first) = newcomer(&office, 40, &half);
    assert_eq!(office.open(&first, 5).map(drop), Err(BadEnrol::Code));
    // Even with the right number in front.
    let (org_fp, about) = (office.org.fp(), about());
    let keys = (&seal(40), &half.psk());
    let mut state = handshake(Side::Newcomer, (&org_fp, &secret().id()), keys, &mut Counter(3)).unwrap();
    let first = messages::encode_opening(&secret().id(), &write(&mut state, &[]).unwrap());
    let (mut admitter, second) = office.open(&first, 5).unwrap();
    read(&mut state, &second).unwrap();
    let introduction = messages::Introduction { device_key: key(40).verifying_key().to_bytes(), about };
    let hash = hash_of(&state).unwrap();
    let payload = introduction.sign((&key(40), &half.signing_key()), &hash, &noise::x25519_public(&seal(40)));
    assert_eq!(admitter.receive(&write(&mut state, &payload).unwrap()), Err(BadEnrol::Handshake));
}

#[test]
fn abuse_39_a_node_of_another_organisation_is_refused() {
    let (ours, rogue) = (Office::standard(), office(20, 21, CAP_ENROL));
    let (mut newcomer, first) = newcomer(&ours, 40, &secret());
    // Under its own name its handshake has another prologue …
    assert_eq!(rogue.open(&first, 5).map(drop), Err(BadEnrol::Handshake));
    // … and under ours it has no chain to show.
    let posing = Office { org: ours.org, ..rogue };
    let (_, second) = posing.open(&first, 5).unwrap();
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Organisation));
}

#[test]
fn abuse_39_a_colleague_without_the_right_is_refused() {
    let colleague = office(10, 12, 0b10);
    let (mut newcomer, first) = newcomer(&colleague, 40, &secret());
    let (_, second) = colleague.open(&first, 5).unwrap();
    assert_eq!(newcomer.receive(&second), Err(BadEnrol::Right));
}
