//! Somebody who joins when others have gone home.

use artel_e2e::{Door, Lab, assert_equal, await_equal, enrol, until};

#[test]
fn a_latecomer_reads_everything_with_half_of_the_authors_off() {
    let Some(lab) = Lab::up(5) else { return };
    let (anna, latecomer) = (lab.host(1), lab.host(5));
    anna.found("Ромашка");
    anna.start();
    anna.one(&["channel", "create", "общий"]);
    let mut all = Vec::new();
    for number in 1..=4 {
        let author = lab.host(number);
        if number != 1 {
            enrol(anna, author, Door::Open);
        }
        until("the channel has come", 30, || {
            author.ok(&["channel", "list"]).into_iter().find(|it| it["name"] == "общий")
        });
        let texts: Vec<String> = (0..40).map(|it| format!("{} пишет {it}", author.person())).collect();
        author.send_lines("общий", &texts);
        all.extend(texts);
    }
    let authors: Vec<_> = (1..=4).map(|it| lab.host(it)).collect();
    for author in &authors {
        author.await_texts("общий", 60, &all);
    }
    await_equal(&authors, 60);
    lab.host(2).stop();
    lab.host(4).kill9();

    enrol(anna, latecomer, Door::Guarded);
    latecomer.await_texts("общий", 60, &all);
    let names: std::collections::BTreeSet<String> =
        latecomer.read("общий").iter().map(|it| it["author"].as_str().unwrap().to_owned()).collect();
    let expected = authors.iter().map(|it| it.person()).collect();
    assert_eq!(names, expected, "authors that are off are known by name");
    await_equal(&[anna, lab.host(3), latecomer], 60);

    // Those who were off learn of the newcomer, and of what he writes.
    latecomer.send("общий", "теперь и я здесь");
    all.push("теперь и я здесь".to_owned());
    for number in [2, 4] {
        lab.host(number).start();
        lab.host(number).await_texts("общий", 60, &all);
    }
    await_equal(&lab.hosts(), 60);
    assert_equal(&lab.hosts());
}
