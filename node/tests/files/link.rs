//! A person's second device.

use serde_json::Value;

use crate::desk::{Desk, office, office_of_two, until};

fn texts(desk: &Desk, channel: &str) -> Vec<String> {
    let rows = desk.run(&["read", channel]).1;
    rows.into_iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a device shows exactly these messages.
#[track_caller]
fn until_texts(desk: &Desk, channel: &str, expected: &[&str]) {
    until(|| (texts(desk, channel) == expected).then_some(()));
}

fn unread(desk: &Desk, channel: &str) -> u64 {
    let all = desk.ok(&["unread"]);
    all.iter().find(|it| it["channel"] == channel).map_or(0, |it| it["unread"].as_u64().unwrap())
}

fn code(desk: &Desk, more: &[&str]) -> String {
    let link = desk.ok(&[&["device", "link"], more].concat()).remove(0);
    assert_eq!(link.as_object().unwrap().keys().collect::<Vec<_>>(), ["code", "expires", "id"]);
    link["code"].as_str().unwrap().to_owned()
}

fn person(desk: &Desk) -> Value {
    desk.status()["person"].clone()
}

#[test]
fn a_second_device_reads_all_and_reading_there_counts_here() {
    let (dir, mut anna, mut boris) = office_of_two();
    let dir = dir.path();
    for (channel, history) in [("склад", "join"), ("бухгалтерия", "shared")] {
        anna.ok(&["channel", "create", channel, "--private", "--history", history]);
        anna.ok(&["send", channel, "до Бориса"]);
        anna.ok(&["channel", "add", channel, "boris@x.example"]);
        anna.ok(&["send", channel, "при Борисе"]);
    }
    anna.ok(&["send", "общий", "всем"]);
    anna.ok(&["send", "@boris@x.example", "лично"]);
    let histories: [(&str, &[&str]); 4] = [
        ("общий", &["всем"]),
        ("склад", &["при Борисе"]),
        ("бухгалтерия", &["до Бориса", "при Борисе"]),
        ("@anna@x.example", &["лично"]),
    ];
    for (channel, expected) in histories {
        until_texts(&boris, channel, expected);
        boris.ok(&["mark", channel]);
    }
    // In a channel where newcomers read nothing older, a later key must not be all that the second device gets.
    anna.ok(&["channel", "remove", "склад", "anna@x.example"]);
    until(|| (boris.ok(&["channel", "members", "склад"]).len() == 1).then_some(()));
    boris.ok(&["send", "склад", "теперь без Анны"]);
    // Nobody else is on who could give keys. Boris may not let people in, but his own device he may.
    anna.stop();
    let first = code(&boris, &[]);
    let mut laptop = boris.enter(dir, "laptop", &first);
    let (code_again, steps, _) = laptop.run(&["join", &first, "--at", &boris.address, "--timeout", "5"]);
    assert_ne!(code_again, 0, "this home is a member's already: {steps:?}");
    let boris_address = boris.address.clone();
    laptop.start(&[&boris_address]);
    for (channel, expected) in histories {
        let whole = [expected, &["теперь без Анны"]].concat();
        until_texts(&laptop, channel, if channel == "склад" { &whole } else { expected });
        // What was read on the first device; a moment after the texts.
        until(|| (unread(&laptop, channel) == 0).then_some(()));
    }
    assert_eq!(person(&laptop), person(&boris));
    anna.start(&[&boris_address, &laptop.address]);
    until(|| (anna.ok(&["device", "list"]).len() == 3).then_some(()));
    let devices = anna.ok(&["device", "list"]);
    let own = devices.iter().filter(|it| it["person"] == "boris@x.example" && it["state"] == "active").count();
    assert_eq!(own, 2);
    laptop.ok(&["cert", "export", dir.join("laptop.cert").to_str().unwrap()]);

    anna.ok(&["send", "общий", "новое"]);
    for desk in [&boris, &laptop] {
        until(|| (unread(desk, "общий") == 1).then_some(()));
    }
    laptop.ok(&["mark", "общий"]);
    until(|| (unread(&boris, "общий") == 0).then_some(()));
    // The second device stands by itself.
    boris.stop();
    anna.ok(&["send", "общий", "без первого"]);
    until_texts(&laptop, "общий", &["всем", "новое", "без первого"]);
    laptop.ok(&["send", "общий", "отвечаю со второго"]);
    until_texts(&anna, "общий", &["всем", "новое", "без первого", "отвечаю со второго"]);
    assert_eq!(anna.rows().last().unwrap()["email"], "boris@x.example");
}

#[test]
fn a_code_for_a_device_is_good_once_and_may_ask_a_person() {
    let (dir, mut anna) = office();
    let dir = dir.path();
    let first = code(&anna, &[]);
    anna.enter(dir, "second", &first);
    let stranger = anna.newcomer(dir, "third");
    let (exit, _, talk) = stranger.run(&["join", &first, "--at", &anna.address, "--timeout", "20"]);
    assert_eq!(exit, 7, "used: {talk}");
    let asked = code(&anna, &["--approve"]);
    let fourth = anna.newcomer(dir, "fourth");
    let entering = fourth.begin(&["join", &asked, "--at", &anna.address, "--timeout", "60"]);
    let waiting = until(|| anna.ok(&["pending"]).pop());
    assert_eq!(waiting["email"], "anna@x.example");
    anna.ok(&["approve", waiting["id"].as_str().unwrap()]);
    let output = entering.wait_with_output().unwrap();
    let steps = crate::desk::lines(&output);
    assert_eq!(steps.last().unwrap()["state"], "admitted");
    assert!(steps.iter().any(|it| it["words"] == waiting["words"]), "the same words on both screens");
    anna.stop();
    let (exit, _, talk) = anna.run(&["device", "link"]);
    assert_eq!(exit, 6, "only a running node can let a device in: {talk}");
}
