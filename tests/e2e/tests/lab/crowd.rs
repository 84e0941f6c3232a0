//! Several people at one computer.

use artel_e2e::{Door, Lab, await_equal, enrol, until};

/// Homes. A debug build starts and enrols each in about three seconds.
const HOMES: usize = 20;

#[test]
fn several_homes_live_on_one_host() {
    let Some(mut lab) = Lab::up(1) else { return };
    for _ in 1..homes() {
        lab.another_home(1);
    }
    let anna = lab.host(1);
    anna.found("Ромашка");
    anna.start();
    anna.one(&["channel", "create", "общий"]);
    let mut all = vec!["начнём".to_owned()];
    anna.send("общий", "начнём");
    for newcomer in &lab.hosts()[1..] {
        enrol(anna, newcomer, Door::Open);
        let text = format!("{} здесь", newcomer.person());
        until("the channel has come", 30, || (newcomer.artel(&["send", "общий", &text]).code == Some(0)).then_some(()));
        all.push(text);
    }
    await_equal(&lab.hosts(), 120);
    for host in lab.hosts() {
        host.await_texts("общий", 30, &all);
    }
    let ports: std::collections::BTreeSet<u16> = lab.hosts().iter().map(|it| it.port()).collect();
    assert_eq!(ports.len(), homes(), "every node has a port of its own");
}

/// `ARTEL_E2E_HOMES` asks for another number.
fn homes() -> usize {
    std::env::var("ARTEL_E2E_HOMES").ok().and_then(|it| it.parse().ok()).unwrap_or(HOMES)
}
