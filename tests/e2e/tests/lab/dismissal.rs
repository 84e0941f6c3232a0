//! Somebody is dismissed while the office is divided, goes on at her side with a program that lets her do everything, and
//! has a copy of her home started elsewhere.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use artel_e2e::{Host, Lab, Needles, await_equal, office, until};

/// Written by honest people after they know of the removal.
const CANARIES: [&str; 5] = ["ПослеУв1Щъ", "after2Qzk8x", "ТолькоДва3Ёж", "soвет4Жы9wq", "healed5Zqx7v"];

#[test]
fn a_dismissed_colleague_gets_nothing_written_afterwards_however_her_program_cheats() {
    let Some(mut lab) = Lab::up(5) else { return };
    if !lab.give_unchecked_program(3) || !lab.give_unchecked_program(5) {
        return;
    }
    let [anna, boris, vera, grace, clone] = [1, 2, 3, 4, 5].map(|it| lab.host(it));
    let honest = [anna, boris, grace];
    office(anna, &[boris, vera, grace]);
    anna.one(&["channel", "create", "совет", "--private", "--history", "shared"]);
    for member in [boris, vera, grace] {
        anna.ok(&["channel", "add", "совет", &member.email()]);
    }
    let hers = vera.send("общий", "Вера на месте");
    let annas = anna.send("общий", "слово Анны");
    vera.send(&boris.at_email(), "лично до увольнения");
    vera.await_channel("совет");
    vera.send("совет", "совет до увольнения");
    until("all have all", 30, || honest.iter().all(|it| it.texts("совет").len() == 1).then_some(()));
    boris.await_texts(&vera.at_email(), 30, &["лично до увольнения".to_owned()]);
    await_equal(&[anna, boris, vera, grace], 60);
    vera.stop();
    copy_home(vera.home(), clone.home());
    vera.start();
    grace.await_peers(30, 3);

    lab.partition(&[3, 4]);
    anna.ok(&["person", "remove", &vera.email()]);
    boris.await_devices(vera, &["revoked"]);
    anna.send("общий", CANARIES[0]);
    boris.send("общий", CANARIES[1]);
    anna.send(&boris.at_email(), CANARIES[2]);
    anna.send("совет", CANARIES[3]);
    on_her_side(vera, grace, &hers, &annas);

    lab.heal();
    let healed = Instant::now();
    until("Grace knows", 60, || (grace.devices_of(vera) == ["revoked"]).then_some(()));
    await_equal(&honest, 60);
    let seconds = healed.elapsed().as_secs_f64();
    eprintln!("honest desktops are equal {seconds:.1} s after the cable is back");
    grace.send("общий", CANARIES[4]);
    until("the last word is at both", 30, || {
        [anna, boris].iter().all(|it| it.texts("общий").contains(&CANARIES[4].to_owned())).then_some(())
    });
    // Long enough for both to have asked everybody for everything.
    clone.start();
    std::thread::sleep(std::time::Duration::from_secs(8));
    nothing_reached_her(boris, &[vera, clone]);
    nothing_of_hers_counts(&honest, &annas);
    let [a, b, c] = [anna, boris, grace];
    for order in [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
        order.iter().for_each(|it| it.stop());
        order.iter().for_each(|it| it.start());
        await_equal(&order, 60);
    }
    nothing_of_hers_counts(&honest, &annas);
    assert!(seconds <= 10.0, "honest desktops are equal {seconds:.1} s after the cable is back");
}

/// She posts, edits, creates and invites; an honest colleague who knows nothing of it answers her.
fn on_her_side(vera: &Host, grace: &Host, hers: &str, annas: &str) {
    vera.send("общий", "Вера пишет дальше");
    vera.ok(&["edit", hers, "Вера всегда на месте"]);
    vera.ok(&["edit", annas, "не слово Анны"]);
    vera.ok(&["channel", "create", "мой"]);
    vera.ok(&["invite", "--email", "eve@romashka.example", "--name", "Eve", "--auto-admit"]);
    vera.ok(&["person", "remove", &grace.email()]);
    vera.send("совет", "совет продолжается");
    until("Grace reads her", 60, || grace.texts("общий").contains(&"Вера пишет дальше".to_owned()).then_some(()));
    grace.send("общий", "Грейс отвечает");
}

fn nothing_reached_her(boris: &Host, hers: &[&Host]) {
    let canaries = Needles::new(&CANARIES);
    for host in hers {
        for channel in ["общий", "совет", &boris.at_email()] {
            let all = host.texts(channel).join("\n");
            assert!(canaries.found_in(all.as_bytes()).is_empty(), "{} reads {all}", host.person());
        }
    }
    // What was shown a moment ago is there to be found.
    boris.ok(&["read", "общий"]);
    boris.ok(&["search", "after2Qzk8x"]);
    let Some(control) = boris.memory() else { return };
    assert!(!canaries.found_in(&control).is_empty(), "the search finds what is in a colleague's memory");
    for host in hers {
        let memory = host.memory().expect("gcore works");
        let found = canaries.found_in(&memory);
        assert!(found.is_empty(), "in the memory of {}: {found:?}", host.person());
    }
}

#[track_caller]
fn nothing_of_hers_counts(honest: &[&Host], annas: &str) {
    for host in honest {
        let channels = host.ok(&["channel", "list"]);
        assert!(!channels.iter().any(|it| it["name"] == "мой"), "{channels:?}");
        let persons = host.ok(&["person", "list"]);
        assert_eq!(persons.len(), 3, "{persons:?}");
        assert!(host.texts("общий").contains(&"Грейс отвечает".to_owned()), "an honest answer stays");
        let word = host.read("общий").into_iter().find(|it| it["id"] == annas).unwrap();
        assert_eq!((&word["text"], &word["edited"]), (&"слово Анны".into(), &false.into()));
    }
    let invited = honest[0].ok(&["invite", "list"]);
    assert!(!invited.iter().any(|it| it["email"] == "eve@romashka.example"), "{invited:?}");
}

/// All bytes of a home whose node is stopped, elsewhere.
fn copy_home(from: &Path, to: &Path) {
    artel_e2e::process::system(Command::new("cp").arg("-a").arg(from).arg(to));
}
