//! What no compiler checks: who may depend on whom, and how every file begins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Arrows between packages; no others.
const ARROWS: [(&str, &[&str]); 8] = [
    ("app", &["artel-node"]),
    ("crdt", &[]),
    ("node", &["artel-crdt", "artel-net"]),
    ("node/net", &[]),
    ("relay", &["artel-crdt"]),
    ("tests/sim", &["artel-crdt"]),
    ("tests/fuzz", &["artel-crdt"]),
    ("tests/e2e", &["artel-node", "artel-crdt"]),
];
/// Parts of the node that do not know each other; only the driver knows two of them.
const STRANGERS: [&str; 4] = ["discovery", "store", "files", "search"];
/// What the core must not be able to reach: the network, the disk, threads, and what brings them.
const WORLDLY_PACKAGES: [&str; 6] = ["tokio", "tokio-util", "libp2p", "sled", "tantivy", "getrandom"];
const WORLDLY_PATHS: [&str; 6] =
    ["std::fs", "std::net", "std::process", "std::thread::spawn", "SystemTime", "Instant::"];
/// Lines of the readme: what somebody reads who has five minutes.
const README_LINES_MAX: usize = 100;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below a folder with these endings, without what is built or not ours.
fn files(below: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let hidden = name.starts_with('.') && name != ".ci";
            if path.is_dir() && !hidden && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if path.is_file() && endings.iter().any(|it| name.ends_with(it)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[track_caller]
fn nothing(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Names of all packages that a manifest depends on, in any way and on any system.
fn dependencies(package: &str) -> BTreeSet<String> {
    let text = read(&root().join(package).join("Cargo.toml"));
    let manifest: toml::Table = text.parse().expect("a manifest that cargo reads");
    let mut names = BTreeSet::new();
    let mut tables = vec![&manifest];
    for target in manifest.get("target").and_then(|it| it.as_table()).into_iter().flat_map(|it| it.values()) {
        tables.extend(target.as_table());
    }
    for table in tables {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let named = table.get(kind).and_then(|it| it.as_table());
            names.extend(named.into_iter().flat_map(|it| it.keys().cloned()));
        }
    }
    names
}

#[test]
fn packages_depend_on_each_other_as_the_architecture_says() {
    let mut wrong = Vec::new();
    let workspace: toml::Table = read(&root().join("Cargo.toml")).parse().expect("the workspace's manifest");
    let members = workspace["workspace"]["members"].as_array().expect("members");
    let known: BTreeMap<&str, &[&str]> = ARROWS.into();
    for member in members.iter().filter_map(|it| it.as_str()) {
        let Some(allowed) = known.get(member) else {
            wrong.push(format!("{member} is not in the picture"));
            continue;
        };
        let arrows = dependencies(member).into_iter().filter(|it| it.starts_with("artel"));
        wrong.extend(arrows.filter(|it| !allowed.contains(&it.as_str())).map(|it| format!("{member} → {it}")));
    }
    for package in WORLDLY_PACKAGES {
        wrong.extend(dependencies("crdt").contains(package).then(|| format!("crdt → {package}")));
    }
    for package in ["libp2p", "sled"] {
        wrong.extend(dependencies("app").contains(package).then(|| format!("app → {package}")));
    }
    nothing(wrong, "arrows that must not be");
}

#[test]
fn the_core_cannot_reach_the_world() {
    let sources = files("crdt/src", &[".rs"]).into_iter().filter(|it| !short(it).contains("tests"));
    let found = sources.flat_map(|path| {
        let text = read(&path);
        let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let hits = code.filter(|(_, line)| WORLDLY_PATHS.iter().any(|it| line.contains(it)));
        hits.map(|(number, line)| format!("{}:{}: {}", short(&path), number + 1, line.trim())).collect::<Vec<_>>()
    });
    nothing(found.collect(), "the core reaches the world");
}

#[test]
fn parts_of_the_node_do_not_know_each_other() {
    let mut found = Vec::new();
    for part in STRANGERS {
        let mut paths = files(&format!("node/src/{part}"), &[".rs"]);
        paths.push(root().join(format!("node/src/{part}.rs")));
        for path in paths {
            let text = read(&path);
            let others = STRANGERS.iter().filter(|it| **it != part);
            let seen = others.filter(|it| text.contains(&format!("crate::{it}")));
            found.extend(seen.map(|it| format!("{} uses {it}", short(&path))));
        }
    }
    nothing(found, "only the driver may know two of them");
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent = files("", &[".rs"]).into_iter().filter(|it| !read(it).starts_with("//!"));
    nothing(silent.map(|it| short(&it)).collect(), "files that do not begin with `//!`");
}

#[test]
fn no_test_is_left_out_without_a_reason() {
    let bare = format!("#[{}]", "ignore");
    let without = files("", &[".rs"]).into_iter().filter(|it| read(it).contains(&bare));
    nothing(without.map(|it| short(&it)).collect(), "tests left out without a reason");
}

#[test]
fn nothing_names_the_machine_it_was_made_on() {
    // Put together here, or this file would find itself.
    let places: Vec<String> = ["work", "home", "root", "Users"].iter().map(|it| format!("/{it}/")).collect();
    let before = |line: &str, at: usize| line.get(..at)?.chars().next_back();
    let names_place = |line: &str| {
        let mut hits = places.iter().flat_map(|it| line.match_indices(it.as_str()));
        hits.any(|(at, _)| before(line, at).is_none_or(|it| " \"'`(=".contains(it)))
    };
    let texts = files("", &[".rs", ".md", ".toml", ".sh", ".py", ".txt", "run"]);
    let found = texts.into_iter().filter(|it| read(it).lines().any(names_place));
    nothing(found.map(|it| short(&it)).collect(), "paths of one machine");
}

#[test]
fn packages_come_from_the_public_registry() {
    let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let lock = read(&root().join("Cargo.lock"));
    let others = lock.lines().filter(|it| it.starts_with("source = ") && *it != public);
    nothing(others.map(str::to_owned).collect(), "packages from elsewhere");
    let replaced = root().join(".cargo/config.toml");
    assert!(!read(&replaced).contains("replace-with"), "the registry is replaced in .cargo/config.toml");
}

#[test]
fn the_readme_is_short() {
    let lines = read(&root().join("README.md")).lines().count();
    assert!(lines <= README_LINES_MAX, "README.md has {lines} lines");
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut broken = Vec::new();
    let mut documents = files("docs", &[".md"]);
    documents.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|it| root().join(it)));
    for path in documents {
        let text = read(&path);
        for (at, _) in text.match_indices("](") {
            let target = text.get(at + 2..).unwrap_or_default().split([')', ' ', '\n']).next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            let outside = file.is_empty() || file.contains("://") || file.starts_with("mailto:");
            let folder = path.parent().unwrap_or(Path::new(""));
            if !outside && !folder.join(file).exists() {
                broken.push(format!("{}: {target}", short(&path)));
            }
        }
    }
    nothing(broken, "links that lead nowhere");
}

#[test]
fn the_patch_for_the_web_is_still_needed() {
    // Decision 0010: it goes as soon as libp2p and eframe agree on a package that only builds for the web use.
    let lock = read(&root().join("Cargo.lock"));
    let swarm = "name = \"libp2p-swarm\"\nversion = \"0.48.0\"";
    let window = "name = \"eframe\"\nversion = \"0.37.";
    assert!(
        lock.contains(swarm) && lock.contains(window),
        "libp2p-swarm or eframe has another version: try without [patch.crates-io], then take this test and app/patch away"
    );
}
