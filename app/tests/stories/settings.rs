//! What is set by hand in the settings has its effect there, in the node and at the colleagues.

use artel_node::client::{Reply, Request};
use egui::Key;

use crate::files;
use crate::stage::{PASSWORD, Stage};

fn settings(stage: &mut Stage) {
    stage.click("Mill, menu");
    stage.click("Settings");
}

fn unlock(stage: &mut Stage) {
    stage.write("The password of this device", PASSWORD);
    stage.press(Key::Enter);
    stage.see("general");
}

#[test]
fn a_photograph_is_seen_by_colleagues_until_it_is_taken_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let photo = dir.path().join("me.png");
    files::picture(&photo, 320, 240);
    let (mut anna, mut boris) = Stage::pair(&[]);
    let told = |stage: &Stage| match stage.ask_node(&Request::PersonList) {
        Reply::Persons(them) => them.iter().any(|it| it.email == "boris@mill.example" && !it.picture.is_empty()),
        other => panic!("{other:?}"),
    };
    anna.click("Write to somebody");
    anna.see("Boris");
    let before = anna.pictures_given();
    settings(&mut boris);
    assert!(!boris.has_part("Remove the photograph") && !told(&anna));
    boris.click("Choose a photograph");
    boris.write("Path of the file", &photo.display().to_string());
    boris.press(Key::Enter);
    boris.see("The photograph is saved.");
    boris.see("Remove the photograph");
    boris.paint("photograph");
    anna.until("the photograph at the colleague's", |it| before < it.pictures_given());
    assert!(told(&anna));
    anna.paint("photograph-of-another");
    boris.click("Remove the photograph");
    boris.gone("Remove the photograph");
    anna.until("the end of the photograph at the colleague's", |it| !told(it));
}

#[test]
fn the_theme_that_is_chosen_is_drawn_at_once_and_after_the_next_start() {
    let mut stage = Stage::founded(&[]);
    let dark = stage.surface();
    settings(&mut stage);
    stage.click("Appearance");
    stage.click("Light");
    let light = stage.surface();
    assert!(light.r() > 200 && dark.r() < 60, "{light:?} {dark:?}");
    stage.click("Dark");
    assert_eq!(stage.surface(), dark);
    stage.click("Light");
    let mut stage = stage.closed().open_as_left();
    assert_eq!(stage.surface(), light, "the choice is lost");
    unlock(&mut stage);
    settings(&mut stage);
    stage.click("Appearance");
    stage.click("Dark");
    assert_eq!(stage.surface(), dark);
}

#[test]
fn how_much_files_may_take_is_set_by_hand_and_kept() {
    let quota = |stage: &Stage| match stage.ask_node(&Request::FileStorage { quota: None }) {
        Reply::FileStorage(it) => it.quota,
        other => panic!("{other:?}"),
    };
    let mut stage = Stage::founded(&[]);
    assert_eq!(quota(&stage), 0);
    settings(&mut stage);
    stage.click("Storage");
    for (choice, bytes) in [("5.0 GB", 5_000_000_000), ("1.0 GB", 1_000_000_000)] {
        stage.click(choice);
        stage.until("the quota in the node", |it| quota(it) == bytes);
    }
    stage.paint("quota");
    let mut stage = stage.again();
    unlock(&mut stage);
    assert_eq!(quota(&stage), 1_000_000_000);
    settings(&mut stage);
    stage.click("Storage");
    stage.click("No limit");
    stage.until("no quota in the node", |it| quota(it) == 0);
}
