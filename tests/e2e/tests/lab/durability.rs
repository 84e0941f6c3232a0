//! What was acknowledged is there, however the process ended.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use artel_e2e::{Host, Lab, Random, until};

const ROUNDS: u32 = 100;

/// Longest time from the moment that counts to the kill, milliseconds.
const KILL_MS_MAX: u64 = 400;

#[test]
fn what_was_acknowledged_survives_a_hundred_kills() {
    let Some(lab) = Lab::up(1) else { return };
    let anna = lab.host(1);
    anna.found("Ромашка");
    anna.one(&["channel", "create", "общий"]);
    let mut random = Random::new();
    let mut acknowledged = BTreeMap::new();
    let mut rounds_with_some = 0;
    for round in 0..ROUNDS {
        let before = acknowledged.len();
        acknowledged.extend(killed_round(anna, round, random.below(KILL_MS_MAX)));
        rounds_with_some += u32::from(before < acknowledged.len());
        if round % 25 == 24 {
            check_all(anna, &acknowledged);
        }
    }
    eprintln!("{} acknowledged in {rounds_with_some} of {ROUNDS} rounds", acknowledged.len());
    assert!(ROUNDS / 4 <= rounds_with_some, "the kills come too early to tell anything: {rounds_with_some}");
    check_all(anna, &acknowledged);
}

/// Sends until it is killed; what was acknowledged. Half of the rounds count the time from the start of the process, when
/// it opens what the last kill left; the others from the first acknowledgement, when it writes.
fn killed_round(anna: &Host, round: u32, wait_ms: u64) -> Vec<(String, String)> {
    let lines: Vec<String> = (0..2_000).map(|it| format!("круг {round}, строка {it}")).collect();
    let input = lines.join("\n") + "\n";
    let mut sending = anna.background_fed(&["send", "общий", "--lines"]);
    let mut pipe = sending.input().unwrap();
    // It fails when the reader is killed, as it should be.
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()).ok());
    if round % 2 == 1 {
        until("the first is acknowledged", 60, || {
            assert!(!sending.ended(), "it ended: {}", sending.talk());
            (!sending.lines().is_empty()).then_some(())
        });
    }
    std::thread::sleep(Duration::from_millis(wait_ms));
    sending.kill();
    writer.join().unwrap();
    let ids = sending.lines().into_iter().map(|it| it["id"].as_str().unwrap().to_owned());
    ids.zip(lines).collect()
}

fn check_all(anna: &Host, acknowledged: &BTreeMap<String, String>) {
    let found: BTreeMap<String, String> = anna
        .read("общий")
        .iter()
        .map(|it| (it["id"].as_str().unwrap().to_owned(), it["text"].as_str().unwrap().to_owned()))
        .collect();
    for (id, text) in acknowledged {
        assert_eq!(found.get(id), Some(text), "acknowledged as {id}");
    }
}
