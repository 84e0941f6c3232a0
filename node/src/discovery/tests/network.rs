//! Multicast in network namespaces of its own: not one packet leaves the machine. Each test starts itself again inside a
//! new namespace; where the system does not allow that, it says so and passes.

use std::process::Command;

use super::*;

const INSIDE: &str = "ARTEL_TEST_NAMESPACE";

/// A real interface with multicast, as a desktop has.
const LAN: &str = "ip link set lo up && ip link add lan0 type veth peer name veth0 && ip link set veth0 up && ip addr add 10.77.9.1/24 dev lan0 \
                   && ip addr add fd77:9::1/64 dev lan0 nodad && ip link set lan0 up multicast on";

/// Loopback and nothing else.
const ALONE: &str = "ip link set lo up";

/// Runs the test of this name inside a new namespace prepared by `setup`.
#[track_caller]
fn in_a_namespace(setup: &str, test: &str) {
    let run = |flags: &[&str], script: &str| {
        let mut command = Command::new("unshare");
        command.args(flags).args(["sh", "-c", script]).arg(std::env::current_exe().unwrap()).env(INSIDE, "1");
        command.output()
    };
    let prepared = |flags: &[&str]| run(flags, setup).is_ok_and(|it| it.status.success());
    let Some(flags) = [["--net"].as_slice(), &["--map-root-user", "--net"]].into_iter().find(|it| prepared(it)) else {
        eprintln!("skipped: no network namespaces here");
        return;
    };
    let script =
        format!("{setup} && exec \"$0\" --exact discovery::tests::network::{test} --nocapture --include-ignored");
    let output = run(flags, &script).unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    eprintln!("{said}");
}

fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < SOON, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn instance_of(running: &Running) -> Instance {
    match running.handle.state().mdns {
        MdnsState::Listening { instance, .. } => instance,
        other => panic!("{other}"),
    }
}

fn found_by(running: &Running) -> usize {
    match running.handle.state().mdns {
        MdnsState::Listening { found, .. } => found,
        _ => 0,
    }
}

#[test]
fn two_nodes_on_one_interface_find_each_other() {
    in_a_namespace(LAN, "inside_two_nodes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside a network namespace made by another test"]
async fn inside_two_nodes() {
    if !is_inside() {
        return;
    }
    let begin = Instant::now();
    let mut one = Running::new(config(Reach::Network, 4101));
    let mut two = Running::new(config(Reach::Network, 4102));
    let stranger = Running::new(Config { fps: vec![OTHER_FP], ..config(Reach::Network, 4103) });

    let (at_one, at_two) = (one.next().await, two.next().await);
    eprintln!("found each other after {:?}", begin.elapsed());
    for (found, finder, other, port) in [(&at_one, &one, &two, 4102), (&at_two, &two, &one, 4101)] {
        assert_eq!((found.source, found.tag_verified), (Source::Mdns, true));
        assert_eq!(found.instance, Some(instance_of(other)));
        let real = |it: &SocketAddr| it.port() == port && is_dialable(it, Loopback::LeftOut);
        assert!(found.addrs.iter().all(real), "{found:?}");
        assert!(found.addrs.iter().all(|it| it.ip().to_string() == "10.77.9.1" || it.ip().to_string() == "fd77:9::1"));
        let waits = instance_of(other) < instance_of(finder);
        assert_eq!(found.delay, if waits { YIELD_TIME } else { Duration::ZERO });
    }
    until("the stranger is heard and not taken for one of us", || {
        matches!(one.handle.state().mdns, MdnsState::Listening { found: 1, foreign: 1, .. })
    })
    .await;

    // Somebody who only looks is told where to go, at once, and is announced to nobody.
    let looking = Config { fps: vec![OTHER_FP, FP], standing: Standing::Joining, ..config(Reach::Network, 0) };
    let mut newcomer = Running::new(looking);
    let mut ports = BTreeSet::new();
    while ports.len() < 3 {
        let found = newcomer.next().await;
        assert_eq!(found.delay, Duration::ZERO);
        ports.extend(found.addrs.iter().map(SocketAddr::port));
    }
    assert_eq!(ports, BTreeSet::from([4101, 4102, 4103]));
    assert_eq!(found_by(&one), 1);

    // Another port is told; a goodbye is heard; a node that comes back is found again.
    two.handle.set_port(4202);
    let moved = loop {
        let found = one.next().await;
        if found.addrs.iter().any(|it| it.port() == 4202) {
            break found;
        }
    };
    assert!(moved.addrs.iter().all(|it| it.port() == 4202), "{moved:?}");
    two.stop().await;
    until("the goodbye is heard", || found_by(&one) == 0).await;
    let two = Running::new(config(Reach::Network, 4302));
    until("a restart is found", || found_by(&one) == 1).await;

    // After sleep the daemon is a new one and finds the others anew.
    one.handle.network_changed();
    let again = loop {
        let found = one.next().await;
        if found.instance == Some(instance_of(&two)) && found.addrs.iter().any(|it| it.port() == 4302) {
            break found;
        }
    };
    assert_eq!(again.source, Source::Mdns);
    for it in [one, two, stranger, newcomer] {
        it.stop().await;
    }
}

#[test]
fn on_a_machine_with_loopback_only_nodes_find_each_other_there() {
    in_a_namespace(ALONE, "inside_loopback");
}

#[test]
fn loopback_can_be_asked_for_beside_a_real_interface() {
    in_a_namespace(LAN, "inside_loopback_beside_a_lan");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside a network namespace made by another test"]
async fn inside_loopback() {
    find_on_loopback(Reach::Network).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside a network namespace made by another test"]
async fn inside_loopback_beside_a_lan() {
    find_on_loopback(Reach::Loopback).await;
}

async fn find_on_loopback(reach: Reach) {
    if !is_inside() {
        return;
    }
    let mut one = Running::new(config(reach, 4101));
    let two = Running::new(config(reach, 4102));
    let beside = (reach == Reach::Loopback).then(|| Running::new(config(Reach::Network, 4103)));
    let found = one.next().await;
    assert_eq!(found.instance, Some(instance_of(&two)));
    assert!(found.addrs.iter().all(|it| it.ip().is_loopback() && it.port() == 4102), "{found:?}");
    if let Some(beside) = beside {
        // Long enough for every announcement to be heard, which takes milliseconds.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!((found_by(&one), found_by(&beside)), (1, 0), "loopback and the network do not mix");
        beside.stop().await;
    }
    one.stop().await;
    two.stop().await;
}

#[test]
fn a_lan_that_comes_later_takes_the_place_of_loopback() {
    in_a_namespace(ALONE, "inside_a_lan_comes_later");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside a network namespace made by another test"]
async fn inside_a_lan_comes_later() {
    if !is_inside() {
        return;
    }
    let mut one = Running::new(config(Reach::Network, 4101));
    let two = Running::new(config(Reach::Network, 4102));
    assert!(one.next().await.addrs.iter().all(|it| it.ip().is_loopback()));
    let plugged = Command::new("sh").args(["-c", LAN]).status().unwrap();
    assert!(plugged.success());
    // The daemon looks at interfaces every 5 s, and a burst of changes is told on after 3 s.
    let begin = Instant::now();
    let mut changes = one.handle.changes();
    let told = tokio::time::timeout(Duration::from_secs(30), changes.changed()).await;
    told.expect("the driver is told").unwrap();
    // It may have been found before the driver was told; what was found on loopback may still be in the queue.
    while one.next().await.addrs.iter().any(|it| it.ip().is_loopback()) {}
    eprintln!("found on the new interface after {:?}", begin.elapsed());
    one.stop().await;
    two.stop().await;
}
