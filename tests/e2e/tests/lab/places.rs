//! Channels that get another name, another team, or lose somebody.

use artel_e2e::{Host, Lab, await_equal, office, until};

fn id_of(host: &Host, name: &str) -> Option<String> {
    let channel = host.ok(&["channel", "list"]).into_iter().find(|it| it["name"] == name)?;
    channel["id"].as_str().map(str::to_owned)
}

/// What was noted down before, an id of a channel or of a message, leads to the same place afterwards; who is not in the
/// team to which a channel goes reads nothing more of it.
#[test]
fn a_channel_is_renamed_and_moved_and_old_links_lead_there() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris, vera]);
    anna.ok(&["team", "create", "склад"]);
    anna.ok(&["team", "add", "склад", &boris.email()]);
    let channel = anna.one(&["channel", "create", "приёмка"])["id"].as_str().unwrap().to_owned();
    let said = anna.send("приёмка", "до переименования");
    for host in [boris, vera] {
        host.await_channel("приёмка");
        host.await_texts("приёмка", 30, &["до переименования".to_owned()]);
    }
    anna.ok(&["channel", "rename", "приёмка", "разгрузка"]);
    for host in [boris, vera] {
        until("the new name has come", 30, || (id_of(host, "разгрузка")? == channel).then_some(()));
        assert_eq!(id_of(host, "приёмка"), None, "the old name is free");
        host.await_texts(&channel, 30, &["до переименования".to_owned()]);
    }
    boris.ok(&["react", &said, "👍"]);
    boris.ok(&["send", &channel, "по старой ссылке"]);
    for host in [anna, vera] {
        host.await_texts("разгрузка", 30, &["до переименования".to_owned(), "по старой ссылке".to_owned()]);
    }
    anna.ok(&["channel", "move", "разгрузка", "--team", "склад"]);
    until("she is out of it", 30, || id_of(vera, "разгрузка").is_none().then_some(()));
    until("he is still in it", 30, || id_of(boris, "разгрузка"));
    anna.send("разгрузка", "ТолькоСкладу5ы");
    boris.await_texts("разгрузка", 30, &["до переименования", "по старой ссылке", "ТолькоСкладу5ы"].map(str::to_owned));
    anna.send("общий", "всем");
    vera.await_texts("общий", 30, &["всем".to_owned()]);
    let told = vera.artel(&["search", "ТолькоСкладу5ы"]);
    assert!(!told.stdout.contains("ТолькоСкладу5ы"), "{told:?}");
    assert_eq!(vera.artel(&["send", &channel, "можно?"]).code, Some(3));
    // Back again it is everybody's, with what was said meanwhile: it is public.
    anna.ok(&["channel", "move", "разгрузка"]);
    until("it is hers again", 30, || id_of(vera, "разгрузка"));
    until("she may write", 30, || (vera.artel(&["send", "разгрузка", "снова здесь"]).code == Some(0)).then_some(()));
    until("it is read", 30, || boris.texts("разгрузка").contains(&"снова здесь".to_owned()).then_some(()));
    await_equal(&[anna, boris, vera], 60);
}

/// Whoever leaves a public channel does not see it any more, until he comes in again.
#[test]
fn a_public_channel_is_left_and_entered_again() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    anna.one(&["channel", "create", "новости"]);
    boris.await_channel("новости");
    anna.send("новости", "первая");
    boris.await_texts("новости", 30, &["первая".to_owned()]);
    boris.ok(&["channel", "leave", "новости"]);
    let unread = |host: &Host| host.ok(&["unread"]).iter().filter(|it| it["name"] == "новости").count();
    anna.send("новости", "вторая");
    anna.send("общий", "всем");
    boris.await_texts("общий", 30, &["всем".to_owned()]);
    assert_eq!(unread(boris), 0, "what one has left does not call");
    boris.ok(&["channel", "join", "новости"]);
    boris.await_texts("новости", 30, &["первая".to_owned(), "вторая".to_owned()]);
    await_equal(&[anna, boris], 60);
}
