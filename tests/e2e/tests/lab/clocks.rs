//! Computers whose clocks are wrong.

use std::fs;

use artel_e2e::{Lab, await_equal, office};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A day off, either way, while in the office, and set right again: nobody is shut out, every text is at both once, and
/// the order of what is written afterwards is that of the world.
#[test]
fn a_clock_a_day_off_harms_nobody_and_can_be_set_right() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    boris.stop();
    let offset = lab.folder().join("offset");
    boris.set("ARTEL_CLOCK_OFFSET", offset.to_str().unwrap());
    let mut all = Vec::new();
    for (round, days) in [(0, 1), (1, -1)] {
        fs::write(&offset, (days * DAY_MS).to_string()).unwrap();
        boris.start();
        for (host, text) in [(boris, format!("с чужим временем {round}")), (anna, format!("с верным {round}"))]
        {
            host.send("общий", &text);
            all.push(text);
        }
        for host in [anna, boris] {
            host.await_texts("общий", 60, &all);
        }
        // Set right while it runs; read again every second. Until then the digests differ by the rows that are ahead.
        fs::write(&offset, "0").unwrap();
        for text in [format!("исправлено {round}"), format!("и видно {round}")] {
            boris.send("общий", &text);
            all.push(text);
        }
        for host in [anna, boris] {
            host.await_texts("общий", 60, &all);
        }
        await_equal(&[anna, boris], 60);
        boris.restart();
        boris.stop();
    }
    boris.unset("ARTEL_CLOCK_OFFSET");
    boris.start();
    boris.await_peers(30, 1);
    boris.send("общий", "последнее слово");
    all.push("последнее слово".to_owned());
    anna.await_texts("общий", 30, &all);
    for host in [anna, boris] {
        let texts = host.texts("общий");
        let place = |text: &str| texts.iter().position(|it| it == text).unwrap();
        assert!(
            place("с верным 1") < place("последнее слово"),
            "a corrected clock is not stuck in the past: {texts:?}"
        );
        assert!(place("последнее слово") < place("с чужим временем 0"), "what is ahead comes last: {texts:?}");
    }
    await_equal(&[anna, boris], 60);
}
