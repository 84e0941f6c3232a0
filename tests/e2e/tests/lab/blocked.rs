//! Networks that carry no multicast.

use std::time::Duration;

use artel_e2e::enrol::check_admitted;
use artel_e2e::{Door, Lab, await_equal, until};

#[test]
fn an_address_given_by_hand_is_enough_where_multicast_is_blocked() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    lab.block_multicast();
    anna.found("Ромашка");
    anna.start();
    anna.one(&["channel", "create", "общий"]);
    let invite = anna.invite(boris, Door::Open);
    let code = invite["code"].as_str().unwrap();

    let alone = boris.artel(&["join", code, "--timeout", "6"]);
    assert_eq!(alone.code, Some(6), "nobody is found without multicast: {alone:?}");
    let at = format!("{}:{}", anna.address(), anna.port());
    check_admitted(&boris.join(code, &["--at", &at]).wait(Duration::from_secs(70)));
    boris.start();
    until("the address is remembered", 30, || (boris.peers() == 1).then_some(()));
    anna.send("общий", "без мультикаста");
    boris.await_texts("общий", 30, &["без мультикаста".to_owned()]);

    // Both start again and find each other by what they have saved.
    boris.stop();
    anna.restart();
    boris.start();
    anna.send("общий", "и снова");
    boris.await_texts("общий", 60, &["без мультикаста".to_owned(), "и снова".to_owned()]);
    await_equal(&[anna, boris], 60);
}
