//! The first thing that a curious person runs.

use artel_e2e::Lab;

#[test]
fn the_demo_runs_through() {
    let Some(lab) = Lab::up(1) else { return };
    for language in ["en", "ru"] {
        let outcome = lab.host(1).artel_in(language, &["demo"]);
        assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
        assert!(3 <= outcome.stdout.lines().count(), "a conversation with timings: {}", outcome.stdout);
        assert!(outcome.stdout.contains("ms") || outcome.stdout.contains("мс"), "timings: {}", outcome.stdout);
    }
}

#[test]
fn the_demo_keeps_its_homes_where_it_is_told_to() {
    let Some(lab) = Lab::up(1) else { return };
    let kept = lab.folder().join("Показ с пробелом");
    let outcome = lab.host(1).artel_in("en", &["demo", "--keep", kept.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    let homes = std::fs::read_dir(&kept).unwrap().flatten().filter(|it| it.path().join("layout").is_file()).count();
    assert_eq!(homes, 3, "three homes are left in {}", kept.display());
}
