//! Cables that are pulled, computers that sleep, processes that are killed.

use std::time::Duration;

use artel_e2e::{Host, Lab, await_equal, office, until};

fn numbered(what: &str, count: usize) -> Vec<String> {
    (0..count).map(|it| format!("{what} {it}")).collect()
}

#[test]
fn nothing_acknowledged_is_lost_when_either_is_killed() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    let mut all = Vec::new();
    for (round, (victim, other)) in [(boris, anna), (anna, boris), (boris, anna), (anna, boris)].into_iter().enumerate()
    {
        all.extend(killed_while_sending(round, victim, other));
        let meanwhile = numbered(&format!("пока {} не было, {round}", victim.person()), 5);
        other.send_lines("общий", &meanwhile);
        all.extend(meanwhile);
        victim.start();
        for host in [anna, boris] {
            await_superset(host, &all);
        }
        await_equal(&[anna, boris], 60);
    }
    assert_eq!(sorted(anna.texts("общий")), sorted(boris.texts("общий")));
}

/// Kills the node while it and the other send; what both acknowledged.
fn killed_while_sending(round: usize, victim: &Host, other: &Host) -> Vec<String> {
    let lines = numbered(&format!("{} посылает {round}", victim.person()), 200);
    let theirs = numbered(&format!("{} answers {round}", other.person()), 20);
    let mut sending = victim.background_fed(&["send", "общий", "--lines"]);
    let mut pipe = sending.input().unwrap();
    let input = lines.join("\n") + "\n";
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut pipe, input.as_bytes()).ok());
    other.send_lines("общий", &theirs);
    until("some are acknowledged", 30, || (10 <= sending.lines().len()).then_some(()));
    victim.kill9();
    let outcome = sending.wait(Duration::from_secs(60));
    writer.join().unwrap();
    // The command does not give up when its node dies: it opens the home itself or tells what it could not send.
    let acknowledged = outcome.lines().len();
    [lines[..acknowledged].to_vec(), theirs].concat()
}

fn await_superset(host: &Host, texts: &[String]) {
    until(&format!("{} has everything acknowledged", host.person()), 60, || {
        let found = host.texts("общий");
        texts.iter().all(|it| found.contains(it)).then_some(())
    });
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[test]
fn half_a_minute_apart_heals() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris, vera]);
    for host in [anna, boris, vera] {
        host.await_peers(30, 2);
    }
    lab.partition(&[3]);
    let ours = numbered("по эту сторону", 20);
    let theirs = numbered("on the other side", 20);
    anna.send_lines("общий", &ours[..10]);
    vera.send_lines("общий", &theirs);
    boris.send_lines("общий", &ours[10..]);
    // Longer than the 15 s after which a silent link is given up.
    std::thread::sleep(Duration::from_secs(30));
    assert_eq!(vera.texts("общий").len(), theirs.len(), "nothing crosses a pulled cable");
    lab.heal();
    let all = [ours, theirs].concat();
    for host in [anna, boris, vera] {
        host.await_texts("общий", 60, &all);
    }
    await_equal(&[anna, boris, vera], 60);
}

#[test]
fn a_computer_that_slept_catches_up() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    boris.await_peers(30, 1);
    lab.freeze(2);
    let meanwhile = numbered("пока он спал", 20);
    anna.send_lines("общий", &meanwhile);
    until("silence is noticed", 40, || (anna.peers() == 0).then_some(()));
    lab.thaw(2);
    boris.await_texts("общий", 60, &meanwhile);
    await_equal(&[anna, boris], 60);
}
