//! Where one reads: what is new, what is far away, what counts as read.

use std::time::Duration;

use egui::Key;

use crate::stage::{PASSWORD, Stage};

const GENERAL: &str = "Message to general";

/// Says something many times.
fn many(stage: &mut Stage, composer: &str, from: usize, to: usize) {
    for number in from..to {
        stage.say(composer, &format!("line {number}"));
    }
    stage.see(&format!("Anna: line {}", to - 1));
}

/// How many are still unread below, as the button to the newest says.
fn below(stage: &mut Stage) -> usize {
    let label = stage.label(|it| it.ends_with(" new messages"));
    label.trim_end_matches(" new messages").parse().expect("a number")
}

#[test]
fn what_is_new_is_shown_from_its_first_row_and_read_only_as_far_as_it_was_seen() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    boris.click("Write to somebody");
    boris.click("Anna");
    boris.see("Message to Anna");
    many(&mut anna, GENERAL, 0, 150);
    boris.see("general, 150 unread");
    boris.click("general, 150 unread");
    boris.see("Anna: line 0");
    boris.see("New");
    assert!(boris.left_of("New").y < 160.0, "{:?}", boris.left_of("New"));
    // Only what is on the screen is read.
    boris.rest(Duration::from_millis(800));
    let left = below(&mut boris);
    assert!((100..150).contains(&left), "{left} are unread");
    anna.rest(Duration::from_millis(800));
    anna.see_part("On 1 desktop");
    assert!(!anna.has_part("Read by"), "nobody has seen the end");
    // A page farther, a page more is read.
    boris.press(Key::PageDown);
    boris.rest(Duration::from_millis(800));
    let after = below(&mut boris);
    assert!(after < left, "{after} of {left} are unread");
    boris.unfocus();
    boris.press(Key::End);
    boris.see("Anna: line 149");
    boris.rest(Duration::from_millis(600));
    anna.see_part("Read by 1");
    // Nothing waits any more that would jump on the way up.
    boris.press(Key::PageUp);
    boris.gone("Anna: line 149");
    boris.gone("Anna: line 0");
}

#[test]
fn where_one_stood_in_a_place_is_found_again() {
    let mut anna = Stage::founded(&["--reach", "12"]);
    many(&mut anna, GENERAL, 0, 120);
    for _ in 0..3 {
        anna.press(Key::PageUp);
        anna.rest(Duration::from_millis(300));
    }
    let row = anna.label(|it| it.starts_with("Anna: line "));
    let at = anna.left_of(&row);
    anna.click("New channel");
    anna.write("Name", "flour");
    anna.click("Create");
    anna.see("Message to flour");
    anna.click("general");
    anna.see(&row);
    anna.rest(Duration::from_millis(300));
    assert!((anna.left_of(&row).y - at.y).abs() <= 1.0, "{:?} is not {at:?}", anna.left_of(&row));
    // All of it is reached, and the end again.
    for _ in 0..30 {
        anna.press(Key::PageUp);
        anna.rest(Duration::from_millis(60));
    }
    anna.see("Anna: line 0");
    anna.click("To the newest");
    anna.see("Anna: line 119");
}

#[test]
fn what_came_long_after_it_was_written_is_marked() {
    let (anna, mut boris) = Stage::pair(&[]);
    // He writes while she is away and goes before she is back; she writes and reads on without him.
    let anna = anna.closed();
    boris.see_part("Nobody else");
    boris.say("Message to general", "Written before");
    boris.see("Boris: Written before");
    let boris = boris.closed();
    let mut anna = anna.open_again();
    anna.write("The password of this device", PASSWORD);
    anna.click("Unlock");
    anna.say("Message to general", "Written after");
    anna.see("Anna: Written after");
    anna.pass(Duration::from_secs(11));
    let mut boris = boris.open_again();
    boris.write("The password of this device", PASSWORD);
    boris.click("Unlock");
    anna.see("Boris: Written before");
    anna.see_part("Came to this computer only Today");
    let at = |stage: &mut Stage, name: &str| stage.left_of(name).y;
    assert!(at(&mut anna, "Boris: Written before") < at(&mut anna, "Anna: Written after"));
    anna.hover("Anna: Written after");
    anna.paint("came-late");
    // What goes at once bears no mark; nor does what he has of her, who had read nothing below it.
    boris.say("Message to general", "At once");
    anna.see("Boris: At once");
    assert_eq!(anna.count_of_part("Came to this computer only"), 1);
    boris.see("Anna: Written after");
}

#[test]
fn new_replies_are_led_to_and_stay_marked_until_their_thread_is_looked_at() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.say(GENERAL, "Who brings the flour?");
    anna.say(GENERAL, "And the salt?");
    boris.see("Anna: And the salt?");
    // Both are read before he goes.
    boris.rest(Duration::from_millis(1_500));
    boris.gone("general, 1 unread");
    boris.gone("general, 2 unread");
    let elsewhere = |boris: &mut Stage| {
        boris.click("Write to somebody");
        boris.click("Anna");
        boris.see("Message to Anna");
    };
    elsewhere(&mut boris);
    // Where nothing but replies is new, they are shown at once.
    anna.tool("Anna: Who brings the flour?", "Reply in thread");
    anna.say("Reply in the thread", "Vera does");
    boris.click("general, 1 unread");
    boris.see("Anna: Vera does");
    boris.see("New");
    assert!(boris.left_of("New").y < boris.left_of("Anna: Vera does").y);
    boris.see("1 reply");
    boris.see("general");
    // One goes on writing where one went.
    boris.type_here("I saw it");
    boris.press(Key::Enter);
    boris.see("Boris: I saw it");
    anna.see("Boris: I saw it");
    elsewhere(&mut boris);

    // Else the place is shown, with a sign at each thread and one that leads there.
    anna.say("Reply in the thread", "No, she is ill");
    anna.say("Reply in the thread", "Then I do");
    anna.say(GENERAL, "See you tomorrow");
    boris.click("general, 3 unread");
    boris.see("Anna: See you tomorrow");
    boris.gone("Anna: Then I do");
    boris.see("3 replies, 2 new");
    boris.rest(Duration::from_millis(800));
    boris.see("general");
    boris.paint("new-replies");
    // They wait also while one looks elsewhere.
    elsewhere(&mut boris);
    boris.click("general");
    boris.see("3 replies, 2 new");
    boris.click("2 new replies in threads");
    boris.see("Anna: Then I do");
    let at = |boris: &mut Stage, name: &str| boris.left_of(name).y;
    assert!(at(&mut boris, "Anna: Vera does") < at(&mut boris, "New"));
    assert!(at(&mut boris, "New") < at(&mut boris, "Anna: No, she is ill"));
    boris.gone("2 new replies in threads");
    boris.see("3 replies");
    boris.paint("new-in-a-thread");
}
