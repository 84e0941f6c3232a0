//! Administrators who remove each other.

use artel_e2e::{Lab, await_equal, office, until};

/// Boris was made administrator by the owner, Vera by Boris. In a divided office each removes the other; whichever act a
/// colleague hears first, after healing Boris, who is senior, stands everywhere.
#[test]
fn of_two_administrators_who_remove_each_other_the_senior_stands_everywhere() {
    let Some(lab) = Lab::up(4) else { return };
    let [anna, boris, vera, grace] = [1, 2, 3, 4].map(|it| lab.host(it));
    office(anna, &[boris, vera, grace]);
    anna.ok(&["role", &boris.email(), "admin"]);
    let is_admin = |host: &artel_e2e::Host| {
        until("he is an administrator", 30, || {
            let me = host.ok(&["person", "list"]).into_iter().find(|it| it["email"] == host.email())?;
            (me["role"] == "admin").then_some(())
        });
    };
    is_admin(boris);
    boris.ok(&["role", &vera.email(), "admin"]);
    is_admin(vera);
    await_equal(&lab.hosts(), 60);
    // The owner is on the side where the junior acts first.
    lab.partition(&[2, 4]);
    vera.ok(&["person", "remove", &boris.email()]);
    boris.ok(&["person", "remove", &vera.email()]);
    anna.await_devices(boris, &["revoked"]);
    grace.await_devices(vera, &["revoked"]);
    let lost = "написано, пока Борис был убран".to_owned();
    anna.send("общий", &lost);
    lab.heal();
    for host in [anna, boris, grace] {
        host.await_devices(vera, &["revoked"]);
        host.await_devices(boris, &["active"]);
    }
    await_equal(&[anna, boris, grace], 60);
    for host in [anna, boris, grace] {
        host.await_texts("общий", 60, std::slice::from_ref(&lost));
    }
    for order in [[grace, boris, anna], [anna, grace, boris]] {
        order.iter().for_each(|it| it.stop());
        order.iter().for_each(|it| it.start());
        await_equal(&order, 60);
        order.iter().for_each(|it| it.await_devices(boris, &["active"]));
    }
}
