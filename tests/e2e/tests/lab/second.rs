//! One person at two computers.

use std::time::{Duration, Instant};

use artel_e2e::enrol::{check_admitted, text};
use artel_e2e::{Host, Lab, await_equal, office, until};

fn unread(host: &Host) -> Vec<(String, u64)> {
    let all = host.ok(&["unread"]);
    let mut counts: Vec<(String, u64)> =
        all.iter().map(|it| (text(it, "id").to_owned(), it["unread"].as_u64().unwrap())).collect();
    counts.retain(|it| 0 < it.1);
    counts.sort();
    counts
}

#[test]
fn a_second_computer_gets_the_history_and_reading_there_clears_the_badge_here() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, laptop) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris]);
    anna.one(&["channel", "create", "бухгалтерия", "--private", "--history", "join"]);
    anna.ok(&["channel", "add", "бухгалтерия", &boris.email()]);
    boris.await_channel("бухгалтерия");
    let histories = [
        ("общий".to_owned(), vec!["всем".to_owned(), "и ещё".to_owned()]),
        ("бухгалтерия".to_owned(), vec!["только нам".to_owned()]),
        (anna.at_email(), vec!["лично".to_owned()]),
    ];
    for (channel, texts) in &histories {
        let to = if channel.starts_with('@') { boris.at_email() } else { channel.clone() };
        texts.iter().for_each(|it| drop(anna.send(&to, it)));
        boris.await_texts(channel, 30, texts);
    }
    boris.ok(&["mark", "общий"]);

    let link = boris.one(&["device", "link"]);
    check_admitted(&laptop.join(text(&link, "code"), &[]).wait(Duration::from_secs(70)));
    laptop.start();
    for (channel, texts) in &histories {
        laptop.await_texts(channel, 60, texts);
    }
    until("what is unread is the same on both", 30, || {
        let found = unread(boris);
        (found.len() == 2 && found == unread(laptop)).then_some(())
    });
    let mut slowest = Duration::ZERO;
    for (here, there) in [(boris, laptop), (laptop, boris), (boris, laptop)] {
        let id = anna.send("общий", "новое");
        for host in [here, there] {
            until("the badge is on both", 30, || {
                let all = host.ok(&["unread"]);
                all.into_iter().find(|it| it["channel"] == "общий" && it["first"] == id.as_str())
            });
        }
        here.ok(&["mark", "общий"]);
        let marked = Instant::now();
        until("the badge is gone on the other", 30, || {
            let all = there.ok(&["unread"]);
            (!all.iter().any(|it| it["channel"] == "общий" && it["unread"] != 0)).then_some(())
        });
        slowest = slowest.max(marked.elapsed());
    }
    eprintln!("a badge read on one device is gone on the other after {:.2} s at most", slowest.as_secs_f64());
    assert!(slowest <= Duration::from_secs(2), "{slowest:?}");
    // Off for a while and back: nothing read becomes unread again.
    laptop.stop();
    anna.send("общий", "пока ноутбук выключен");
    until("it has come", 30, || boris.texts("общий").contains(&"пока ноутбук выключен".to_owned()).then_some(()));
    boris.ok(&["mark", "общий"]);
    laptop.start();
    until("both agree again", 30, || (unread(boris) == unread(laptop)).then_some(()));
    await_equal(&[anna, boris, laptop], 60);
    // One of two devices is lost; the person stays, the other device goes on.
    let lost = text(&laptop.status(), "device").to_owned();
    boris.ok(&["device", "revoke", &lost, "--reason", "lost"]);
    anna.await_devices(boris, &["active", "revoked"]);
    boris.send("общий", "после утери");
    anna.await_channel("общий");
    until("it is at Anna's", 30, || anna.texts("общий").contains(&"после утери".to_owned()).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    assert!(!laptop.texts("общий").contains(&"после утери".to_owned()), "the lost device reads nothing new");
}
