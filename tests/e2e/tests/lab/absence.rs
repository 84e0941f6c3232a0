//! Five weeks without anybody who administers.

use artel_e2e::{Lab, await_equal, office};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Everybody talks on, in old places and new ones; who could act is named; and who comes back finds everything.
#[test]
fn thirty_six_days_without_an_administrator_stop_nobody() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris, vera]);
    anna.one(&["channel", "create", "касса", "--private"]);
    for member in [boris, vera] {
        anna.ok(&["channel", "add", "касса", &member.email()]);
        member.await_channel("касса");
    }
    boris.send("общий", "Анна уходит в отпуск");
    await_equal(&[anna, boris, vera], 60);
    let warnings = |host: &artel_e2e::Host| {
        let findings = host.artel(&["doctor"]).lines();
        let found = findings.into_iter().find(|it| it["check"] == "administrators").expect("it is checked");
        (found["level"].as_str().unwrap().to_owned(), found["detail"].as_str().unwrap().to_owned())
    };
    assert_eq!(warnings(boris).0, "ok", "{:?}", warnings(boris));
    for host in [anna, boris, vera] {
        host.stop();
        host.set("ARTEL_CLOCK_OFFSET", &(36 * DAY_MS).to_string());
    }
    boris.start();
    vera.start();
    boris.await_peers(60, 1);
    // A month is over: the first to write opens the next epoch of the channel.
    boris.send("общий", "прошло пять недель");
    vera.send("касса", "в кассе порядок");
    vera.send(&boris.at_email(), "лично");
    boris.ok(&["send", "--to", &vera.email(), "вдвоём"]);
    vera.await_texts("общий", 60, &["Анна уходит в отпуск", "прошло пять недель"].map(str::to_owned));
    boris.await_texts("касса", 60, &["в кассе порядок".to_owned()]);
    boris.await_texts(&vera.at_email(), 60, &["лично", "вдвоём"].map(str::to_owned));
    await_equal(&[boris, vera], 60);
    for host in [boris, vera] {
        let (level, detail) = warnings(host);
        assert_eq!(level, "warning", "{detail}");
        assert!(detail.contains(&anna.email()) && detail.contains("36 days"), "who can act is named: {detail}");
        let said = host.command(&["doctor"]).env("ARTEL_LANG", "ru").output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let line = said.lines().find(|it| it.contains("administrators")).unwrap_or_default();
        assert!(line.contains("36 дней назад") && line.contains(&anna.email()), "also in Russian: {said}");
        let refused = host.artel(&["invite", "--email", "new@romashka.example", "--name", "New"]);
        assert_eq!(refused.code, Some(4), "nobody becomes an administrator by absence: {refused:?}");
    }
    anna.start();
    anna.await_peers(60, 2);
    await_equal(&[anna, boris, vera], 60);
    anna.await_texts("общий", 60, &["Анна уходит в отпуск", "прошло пять недель"].map(str::to_owned));
    assert_eq!(warnings(boris).0, "ok", "{:?}", warnings(boris));
}

/// A device takes another sealing key when it is told to, and by itself when its certificate is about to end: what was
/// sealed before and what comes after is read, also after a restart, and the certificate is a new one.
#[test]
fn certificates_are_renewed_by_hand_and_in_time() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    let days = |host: &artel_e2e::Host| {
        let found = host.artel(&["doctor"]).lines().into_iter().find(|it| it["check"] == "certificate").unwrap();
        let detail = found["detail"].as_str().unwrap().to_owned();
        detail.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let exported = |name: &str| {
        let file = lab.folder().join(name);
        boris.ok(&["cert", "export", file.to_str().unwrap()]);
        std::fs::read(file).unwrap()
    };
    anna.send("общий", "до");
    boris.await_texts("общий", 30, &["до".to_owned()]);
    let before = exported("before");
    boris.ok(&["cert", "renew"]);
    assert!(before != exported("after"), "another certificate");
    boris.restart();
    anna.await_peers(30, 1);
    await_equal(&[anna, boris], 60);
    // A key that is dealt out from now on is sealed to the new one.
    anna.one(&["channel", "create", "касса", "--private"]);
    anna.ok(&["channel", "add", "касса", &boris.email()]);
    anna.send("касса", "после");
    boris.await_texts("касса", 60, &["после".to_owned()]);
    boris.restart();
    assert_eq!((boris.texts("общий"), boris.texts("касса")), (vec!["до".to_owned()], vec!["после".to_owned()]));

    for host in [anna, boris] {
        host.stop();
        host.set("ARTEL_CLOCK_OFFSET", &(350 * DAY_MS).to_string());
    }
    for host in [anna, boris] {
        host.start();
    }
    for host in [anna, boris] {
        artel_e2e::until("the certificate is renewed in time", 90, || (390 < days(host)).then_some(()));
    }
    anna.await_peers(60, 1);
    anna.send("касса", "через год");
    boris.await_texts("касса", 60, &["после".to_owned(), "через год".to_owned()]);
    await_equal(&[anna, boris], 60);
}
