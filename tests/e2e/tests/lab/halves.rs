//! A code in two halves, one of them by mail.

use std::time::Duration;

use artel_e2e::enrol::text;
use artel_e2e::{Lab, enrol::check_admitted};

#[test]
fn half_a_code_opens_nothing() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    anna.found("Ромашка");
    anna.start();
    let (name, email) = (boris.person(), boris.email());
    let words = ["invite", "--email", &email, "--name", &name, "--auto-admit", "--mail-code"];
    let (first, second) = (anna.one(&words), anna.one(&words));
    let code = text(&first, "code");

    let without = boris.artel(&["join", code, "--timeout", "20"]);
    assert_eq!(without.code, Some(2), "the other half is asked for: {without:?}");
    // The half of another invitation has the right form and gives another secret.
    let foreign = boris.artel(&["join", code, "--timeout", "5", "--mail-code", text(&second, "mail_code")]);
    assert!(matches!(foreign.code, Some(6 | 7)), "{foreign:?}");
    assert!(anna.ok(&["person", "list"]).len() == 1, "nobody came in");

    let joined = boris.join(code, &["--mail-code", text(&first, "mail_code")]).wait(Duration::from_secs(70));
    check_admitted(&joined);
    boris.start();
    boris.await_peers(30, 1);
}
