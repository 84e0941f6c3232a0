//! A computer that is mislaid, stopped for as long as nobody knows where it is, and found again.

use artel_e2e::enrol::text;
use artel_e2e::{Lab, await_equal, office, until};

#[test]
fn a_frozen_device_neither_reads_nor_writes_until_it_is_released() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris, vera]);
    boris.send("общий", "до того");
    await_equal(&lab.hosts(), 60);
    let device = text(&boris.status(), "device").to_owned();

    anna.ok(&["device", "freeze", &device]);
    for host in [anna, vera] {
        host.await_devices(boris, &["frozen"]);
        until("nobody speaks with it", 30, || (host.peers() == 1).then_some(()));
    }
    boris.await_peers(30, 0);
    boris.send("общий", "где он");
    anna.send("общий", "пока его нет");
    boris.restart();
    until("it is turned away", 60, || (0 < boris.refused("by_peer")).then_some(()));
    vera.await_texts("общий", 30, &["до того", "пока его нет"].map(str::to_owned));
    assert_eq!(anna.texts("общий"), ["до того", "пока его нет"]);
    assert_eq!(boris.texts("общий"), ["до того", "где он"], "nothing that is written now reaches it");

    anna.ok(&["device", "unfreeze", &device]);
    boris.await_peers(60, 2);
    boris.send("общий", "нашёлся");
    let all = ["до того", "где он", "пока его нет", "нашёлся"].map(str::to_owned);
    for host in lab.hosts() {
        host.await_texts("общий", 60, &all);
    }
    await_equal(&lab.hosts(), 60);
}
