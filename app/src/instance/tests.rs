//! Tests of the bell.

use super::*;

#[test]
fn a_second_start_rings_at_the_first_and_hands_over_its_link() {
    let dir = tempfile::tempdir().expect("a directory");
    let home = Layout::new(dir.path().join("home"));
    let Start::First(bell) = start(&home, None) else { panic!("nobody was there before") };
    assert_eq!(bell.ring(), None);
    assert!(matches!(start(&home, Some("artel://join/abc")), Start::Second));
    assert_eq!(bell.ring(), Some(Ring { link: Some("artel://join/abc".into()) }));
    // The same home by another name, now that it exists.
    std::fs::create_dir(dir.path().join("home")).expect("made");
    assert!(matches!(start(&Layout::new(dir.path().join("home/../home")), None), Start::Second));
    assert_eq!(bell.ring(), Some(Ring { link: None }));
    let other = Layout::new(dir.path().join("другой"));
    assert!(matches!(start(&other, None), Start::First(_)), "another home has a window of its own");
}

#[test]
fn what_is_no_ring_is_not_taken_for_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let home = Layout::new(dir.path());
    let Start::First(bell) = start(&home, None) else { panic!("nobody was there before") };
    let name = name(&home);
    for words in ["hello\n", "\n", &"show".repeat(4_000)] {
        let stream = Stream::connect(name.as_str().to_ns_name::<GenericNamespaced>().expect("a name")).expect("there");
        (&stream).write_all(words.as_bytes()).ok();
        drop(stream);
    }
    assert!(matches!(start(&home, None), Start::Second), "it still listens");
    let rings: Vec<Ring> = std::iter::from_fn(|| bell.ring()).collect();
    assert_eq!(rings.last(), Some(&Ring { link: None }));
    assert!(!rings.iter().any(|it| it.link.as_deref() == Some("hello")));
}
