//! The page of features: what it says of Artel, a test shows.

use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../docs/src/features.md");

/// Every source file of the repository.
fn sources(below: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(below).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

/// Names of the functions that follow `#[test]` or `#[tokio::test]`, at most three lines below.
fn tests_in(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let marked = lines.iter().enumerate().filter(|it| it.1.starts_with("#[test]") || it.1.starts_with("#[tokio::test"));
    let after = marked.filter_map(|(at, _)| {
        let below = lines.iter().skip(at + 1).take(4);
        let head = below.map(|it| it.trim_start_matches("async ")).find_map(|it| it.strip_prefix("fn "))?;
        head.split('(').next()
    });
    after.collect()
}

/// A row: the feature, what is said of Artel, the tests that are named.
fn row(line: &str) -> Option<(&str, &str, Vec<&str>)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [feature, own, .., tests, ""] = cells.as_slice() else { return None };
    let named = tests.split('`').skip(1).step_by(2).collect();
    (!matches!(*own, "Artel" | "---")).then_some((*feature, *own, named))
}

/// What is wrong with a page, where these tests exist.
fn wrong(page: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (feature, own, named) in page.lines().filter_map(row) {
        match own {
            "✓" if named.is_empty() => found.push(format!("{feature}: no test")),
            "✓" | "◐" | "–" => {}
            other => found.push(format!("{feature}: {other:?} says nothing")),
        }
        found.extend(named.iter().filter(|it| !exists(it)).map(|it| format!("{feature}: {it} is no test")));
    }
    found
}

#[test]
fn every_feature_that_is_claimed_is_shown_by_a_test() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
    let texts: Vec<String> = files.iter().filter_map(|it| std::fs::read_to_string(it).ok()).collect();
    // Tests of a harness of their own are functions of the same name.
    let tests: Vec<&str> = texts.iter().flat_map(|it| tests_in(it)).collect();
    let lab = |name: &str| {
        let head = format!("fn {name}(");
        files.iter().zip(&texts).any(|(path, text)| path.to_string_lossy().contains("e2e") && text.contains(&head))
    };
    assert!(40 < PAGE.lines().filter_map(row).filter(|it| it.1 == "✓").count());
    let found = wrong(PAGE, |it| tests.contains(&it) || lab(it));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_claim_without_a_test_is_found() {
    let page = "| Feature | Artel | Slack | Test |\n|---|---|---|---|\n| One | ✓ | ✓ | `here` |\n| Two | ✓ | ✓ | |\n\
                | Three | ✓ | – | `gone` |\n| Four | – | ✓ | |\n| Five | yes | ✓ | `here` |";
    let found = wrong(page, |it| it == "here");
    assert_eq!(found, ["Two: no test", "Three: gone is no test", "Five: \"yes\" says nothing"]);
    assert_eq!(tests_in("#[test]\nfn one() {}\n#[tokio::test]\nasync fn two() {}\nfn three() {}"), ["one", "two"]);
}
