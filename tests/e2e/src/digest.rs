//! Whether two devices hold and show the same, as `status` tells it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::host::Host;
use crate::wait::seen;

/// Waits until all these devices are equal in every space that two of them share.
#[track_caller]
pub fn await_equal(hosts: &[&Host], seconds: u64) {
    seen(&format!("{} devices are equal", hosts.len()), seconds, || {
        let found = differences(hosts);
        if found.is_empty() { Ok(()) } else { Err(format!("{found:#?}")) }
    });
}

/// What the acts come to at a device: the digest that no void act changes.
pub fn authority(host: &Host) -> String {
    let status = host.status();
    let spaces = status["spaces"].as_array().cloned().unwrap_or_default();
    let found = spaces.into_iter().find(|it| it["kind"] == "organisation").expect("the organisation has a digest");
    found["digest"]["authority"].as_str().expect("the digest of what the acts come to").to_owned()
}

/// Now or never.
#[track_caller]
pub fn assert_equal(hosts: &[&Host]) {
    let found = differences(hosts);
    assert!(found.is_empty(), "devices differ: {found:#?}");
}

fn differences(hosts: &[&Host]) -> Vec<String> {
    let states: Vec<(String, Value)> = hosts.iter().map(|it| (it.person(), it.status())).collect();
    let mut found = Vec::new();
    for (at, (one, first)) in states.iter().enumerate() {
        for (other, second) in &states[at + 1..] {
            found.extend(difference(first, second).into_iter().map(|it| format!("{one} and {other}: {it}")));
        }
    }
    found
}

fn difference(one: &Value, other: &Value) -> Vec<String> {
    let (one, other) = (spaces(one), spaces(other));
    let mut found = Vec::new();
    for (id, first) in &one {
        let name = format!("{} {}", first["kind"], first["name"]);
        match other.get(id) {
            Some(second) => found.extend(differs(first, second).map(|it| format!("{name}: {it}"))),
            None if is_for_all(first) => found.push(format!("{name}: only one has it")),
            None => {}
        }
    }
    found.extend(other.iter().filter(|it| is_for_all(it.1) && !one.contains_key(it.0)).map(|it| it.1.to_string()));
    if !one.keys().any(|it| other.contains_key(it)) {
        found.push("nothing in common".into());
    }
    found
}

fn differs(one: &Value, other: &Value) -> Option<String> {
    if one["digest"]["heads"] != other["digest"]["heads"] {
        return Some(format!("other heads, {} and {} entries", one["entries"], other["entries"]));
    }
    if one["digest"]["authority"] != other["digest"]["authority"] {
        return Some("the same acts come to something else".into());
    }
    let (first, second) = (rows(one), rows(other));
    let epoch = first.iter().find(|it| second.get(it.0).is_some_and(|hash| hash != it.1))?;
    Some(format!("other rows in epoch {}", epoch.0))
}

fn spaces(status: &Value) -> BTreeMap<String, Value> {
    let them = status["spaces"].as_array().expect("spaces in status");
    them.iter().map(|it| (it["id"].as_str().unwrap().to_owned(), it.clone())).collect()
}

fn rows(space: &Value) -> BTreeMap<String, String> {
    let them = space["digest"]["rows"].as_array().expect("rows in a digest");
    them.iter().map(|it| (it["epoch"].to_string(), it["hash"].to_string())).collect()
}

/// What no member may lack.
fn is_for_all(space: &Value) -> bool {
    matches!(space["kind"].as_str(), Some("organisation" | "public"))
}
