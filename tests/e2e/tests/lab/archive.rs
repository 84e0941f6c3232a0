//! The archive of somebody who left, from the policy to what is read.

use artel_e2e::{Host, Lab, await_equal, office, until};

fn archivists(host: &Host, place: &str) -> Vec<String> {
    let places = host.ok(&["channel", "list"]);
    let found = places.iter().find(|it| it["name"] == place).unwrap_or_else(|| panic!("{place}: {places:?}"));
    let who = found["archive"].as_array().cloned().unwrap_or_default();
    who.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

/// Everybody sees that the archive gets the keys; what somebody who left had written is read only after a signed act with its
/// reason, and nothing from before the policy; a colleague who has no right is refused.
#[test]
fn the_archive_is_seen_by_all_and_read_only_once_it_is_opened() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris, vera]);
    boris.send(&vera.at_email(), "до архива");
    vera.await_texts(&boris.at_email(), 30, &["до архива".to_owned()]);
    assert_eq!(archivists(boris, &vera.at_email()), [""; 0]);
    anna.ok(&["policy", "set", "archive", "all"]);
    until("the rule is seen", 30, || (archivists(boris, &vera.at_email()) == [anna.email()]).then_some(()));
    boris.send(&vera.at_email(), "в архив");
    vera.await_texts(&boris.at_email(), 30, &["до архива", "в архив"].map(str::to_owned));
    await_equal(&[boris, vera], 30);
    let members = boris.ok(&["channel", "members", &vera.at_email()]);
    let as_archive = members.iter().find(|it| it["email"] == anna.email().as_str()).expect("she is named");
    assert_eq!(as_archive["role"], "archive");

    assert!(anna.ok(&["archive", "list"]).is_empty(), "nothing is open");
    let early = anna.artel(&["archive", "open", &boris.email(), "--reason", "любопытно"]);
    assert_ne!(early.code, Some(0), "he is still here: {early:?}");
    anna.ok(&["person", "remove", &boris.email()]);
    let refused = vera.artel(&["archive", "open", &boris.email(), "--reason", "любопытно"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(anna.ok(&["archive", "list"]).is_empty());
    anna.ok(&["archive", "open", &boris.email(), "--reason", "договор с поставщиком"]);
    let place = until("it is open", 60, || anna.ok(&["archive", "list"]).pop());
    let id = place["id"].as_str().unwrap().to_owned();
    let texts = |host: &Host| -> Vec<String> {
        let rows = host.ok(&["read", &id]);
        rows.iter().filter_map(|it| it["text"].as_str()).filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    until("what was kept is read", 60, || (texts(anna) == ["в архив"]).then_some(()));
    let opened =
        |host: &Host| host.ok(&["audit"]).iter().any(|it| it["about"].to_string().contains("договор с поставщиком"));
    until("everybody can see who and why", 60, || opened(vera).then_some(()));
    // The right alone, from who has it: Vera opens too, and stays a plain member.
    anna.ok(&["role", &vera.email(), "member", "--archivist"]);
    until("the right has come", 30, || {
        (vera.artel(&["archive", "open", &boris.email(), "--reason", "проверка"]).code == Some(0)).then_some(())
    });
    assert_eq!(vera.artel(&["policy", "set", "archive", "none"]).code, Some(4), "nothing else came with it");
    let given = format!("{} member archivist", vera.email());
    until("everybody can see to whom", 30, || {
        vera.ok(&["audit"]).iter().any(|it| it["about"] == given.as_str()).then_some(())
    });
    anna.restart();
    assert_eq!(texts(anna), ["в архив"], "also after a restart");
    let unread = anna.ok(&["unread"]);
    assert!(unread.iter().all(|it| it["id"] != id.as_str()), "she is no member: {unread:?}");
}
