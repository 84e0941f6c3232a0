//! Two computers that nobody can dial, as behind a firewall prompt that was cancelled.

use artel_e2e::{Door, Lab, await_equal, enrol, until};

#[test]
fn two_that_cannot_dial_each_other_talk_through_a_third() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    lab.drop_inbound(2);
    lab.drop_inbound(3);
    anna.found("Ромашка");
    anna.start();
    anna.one(&["channel", "create", "общий"]);
    enrol(anna, boris, Door::Open);
    enrol(anna, vera, Door::Open);
    for (host, text) in [(boris, "слышно?"), (vera, "loud and clear")] {
        until("the channel has come", 30, || (host.artel(&["send", "общий", text]).code == Some(0)).then_some(()));
    }
    for host in [anna, boris, vera] {
        host.await_texts("общий", 30, &["слышно?".to_owned(), "loud and clear".to_owned()]);
    }
    boris.send(&vera.at_email(), "только тебе");
    vera.await_texts(&boris.at_email(), 60, &["только тебе".to_owned()]);
    vera.send(&boris.at_email(), "и тебе");
    boris.await_texts(&vera.at_email(), 60, &["только тебе".to_owned(), "и тебе".to_owned()]);
    let ways = boris.status()["peers"].as_array().unwrap().clone();
    let way = ways.iter().find(|it| it["name"] == vera.person().as_str()).expect("a link to the other");
    assert_eq!(way["via"], "relay", "no direct link can exist: {ways:?}");
    await_equal(&[anna, boris, vera], 60);
}
