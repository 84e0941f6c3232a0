//! Two hosts, from nothing to a conversation that survives.

use artel_e2e::enrol::text;
use artel_e2e::{Door, Host, Lab, admit, await_equal, until};
use serde_json::Value;

/// Messages of each side.
const EACH: usize = 50;

#[test]
fn two_hosts_find_each_other_by_multicast_and_talk() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    anna.found("Ромашка");
    anna.start();
    let invite = anna.invite(boris, Door::Guarded);
    let code = text(&invite, "code");
    admit(anna, boris.join(code, &[]));
    boris.start();
    anna.await_peers(30, 1);
    boris.await_peers(30, 1);
    anna.one(&["channel", "create", "общий"]);
    until("the channel has come", 30, || boris.ok(&["channel", "list"]).into_iter().find(|it| it["name"] == "общий"));

    let mut texts = hundred_messages(anna, boris);
    texts.extend(changes(anna, boris));
    for host in [anna, boris] {
        host.await_texts("общий", 60, &texts);
    }
    thread_and_reactions(anna, boris);
    direct_message(anna, boris);
    search_and_marks(boris);
    await_equal(&[anna, boris], 60);

    // Whoever comes back finds the other again, and what was written meanwhile.
    boris.stop();
    let late = anna.send("общий", "пока Бориса не было");
    boris.start();
    until("what was written meanwhile has come", 30, || message(boris, &late));
    await_equal(&[anna, boris], 60);
}

fn hundred_messages(anna: &Host, boris: &Host) -> Vec<String> {
    let russian: Vec<String> = (0..EACH).map(|it| format!("Добрый день, это сообщение № {it} 🙂")).collect();
    let english: Vec<String> = (0..EACH).map(|it| format!("good morning, number {it}: “quoted”, naïve")).collect();
    anna.send_lines("общий", &russian);
    boris.send_lines("#общий", &english);
    [russian, english].concat()
}

/// An edit and a retraction by each; returns the texts that remain.
fn changes(anna: &Host, boris: &Host) -> Vec<String> {
    let mut remain = Vec::new();
    for (host, other) in [(anna, boris), (boris, anna)] {
        let edited = host.send("общий", "с опечаткой");
        host.ok(&["edit", &edited, "без опечатки"]);
        let gone = host.send("общий", "этого не было");
        host.ok(&["retract", &gone]);
        remain.extend(["без опечатки".to_owned(), String::new()]);
        let foreign = other.artel(&["edit", &edited, "чужой рукой"]);
        assert!(matches!(foreign.code, Some(3 | 4)), "another's message is not to be edited: {foreign:?}");
        let seen = until("the edit has come", 30, || message(other, &edited).filter(|it| it["edited"] == true));
        assert_eq!(seen["text"], "без опечатки");
        until("the retraction has come", 30, || message(other, &gone).filter(|it| it["state"] == "retracted"));
    }
    remain
}

fn thread_and_reactions(anna: &Host, boris: &Host) {
    let root = anna.send("общий", "кто идёт обедать?");
    until("the question has come", 30, || message(boris, &root));
    let reply = boris.one(&["send", "общий", "me!", "--reply-to", &root]);
    let reply = text(&reply, "id");
    let seen = until("the reply has come", 30, || message(anna, reply));
    assert_eq!(seen["thread"], root.as_str());
    let thread = anna.ok(&["read", "общий", "--thread", &root]);
    let texts: Vec<&str> = thread.iter().map(|it| text(it, "text")).collect();
    assert_eq!(texts, ["кто идёт обедать?", "me!"]);

    boris.ok(&["react", &root, "👍"]);
    boris.ok(&["react", &root, "🍲"]);
    boris.ok(&["react", &root, "🍲", "--remove"]);
    boris.ok(&["pin", &root]);
    until("reaction and pin have come", 30, || {
        let it = message(anna, &root)?;
        let thumbs = &it["reactions"]["👍"];
        let right = thumbs.as_array().is_some_and(|them| *them == [Value::from(boris.email())]);
        (right && it["reactions"]["🍲"].is_null() && it["pinned"] == true).then_some(())
    });
    anna.ok(&["channel", "topic", "общий", "Обед и прочее"]);
    until("the topic has come", 30, || {
        boris.ok(&["channel", "list"]).into_iter().find(|it| it["topic"] == "Обед и прочее")
    });
}

fn direct_message(anna: &Host, boris: &Host) {
    let id = anna.send(&boris.at_email(), "между нами");
    boris.await_texts(&anna.at_email(), 30, &["между нами".to_owned()]);
    boris.send(&anna.at_email(), "поняла, between us");
    anna.await_texts(&boris.at_email(), 30, &["между нами".to_owned(), "поняла, between us".to_owned()]);
    until("its author knows that it is held", 30, || {
        let mine = anna.read(&boris.at_email()).into_iter().find(|it| it["id"] == id.as_str())?;
        (1 <= mine["held"].as_u64()?).then_some(())
    });
}

fn search_and_marks(boris: &Host) {
    until("search knows other forms of a word", 30, || {
        let found = |query, text| boris.ok(&["search", query, "--limit", "200"]).iter().any(|it| it["text"] == text);
        let russian = found("сообщениями 7", "Добрый день, это сообщение № 7 🙂");
        (russian && found("numbers 9", "good morning, number 9: “quoted”, naïve")).then_some(())
    });
    boris.ok(&["mark", "общий"]);
    let unread = boris.ok(&["unread"]);
    let left = unread.iter().find(|it| it["channel"] == "общий").map_or(0, |it| it["unread"].as_u64().unwrap());
    assert_eq!(left, 0, "{unread:?}");
}

fn message(host: &Host, id: &str) -> Option<Value> {
    host.read("общий").into_iter().find(|it| it["id"] == id)
}
