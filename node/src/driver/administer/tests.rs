//! Administrative requests against a real home: what they change, what they refuse, and what the record says of them.

use crate::client::{ChannelChange, ErrorKind, Reply, Request};
use crate::driver::Driver;
use crate::driver::forget::tests::{ask, office};

async fn refused(driver: &mut Driver, request: Request, kind: ErrorKind) {
    let what = format!("{request:?}");
    assert_eq!(ask(driver, request).await.map_err(|it| it.kind), Err(kind), "{what}");
}

async fn policy(driver: &mut Driver, key: &str) -> (String, String) {
    let Ok(Reply::Config(rules)) = ask(driver, Request::PolicyShow).await else { panic!("no policy") };
    let rule = rules.into_iter().find(|it| it.key == key).unwrap();
    (rule.value, rule.origin)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_is_shown_changed_and_refused_where_it_says_nothing() {
    let (mut driver, _dir) = office().await;
    assert_eq!(policy(&mut driver, "archive").await, ("none".into(), "default".into()));
    for (key, value) in [("archive", "all"), ("edit_minutes", "30"), ("mention_all", "admins"), ("self_renew", "off")] {
        ask(&mut driver, Request::PolicySet { key: key.into(), value: value.into() }).await.unwrap();
        assert_eq!(policy(&mut driver, key).await, (value.to_owned(), "policy".to_owned()));
    }
    for (key, value) in [("archive", "some"), ("lease_days", "-1"), ("self_renew", "yes"), ("colour", "red")] {
        refused(&mut driver, Request::PolicySet { key: key.into(), value: value.into() }, ErrorKind::Usage).await;
    }
    refused(&mut driver, Request::PolicySet { key: "domains".into(), value: String::new() }, ErrorKind::BadText).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_phrase_recovers_and_is_replaced() {
    let (mut driver, dir) = office().await;
    let phrase = std::fs::read_to_string(dir.path().join("phrase")).unwrap();
    let new_phrase = crate::node::new_phrase();
    let recover = |phrase: &str| Request::Recover { phrase: phrase.to_owned(), email: None };
    refused(&mut driver, recover("eleven words are not a phrase"), ErrorKind::WrongPhrase).await;
    refused(&mut driver, recover(&new_phrase), ErrorKind::NotPermitted).await;
    ask(&mut driver, recover(&phrase)).await.unwrap();
    let rotate = Request::RotateRoot { phrase: phrase.clone(), new_phrase: new_phrase.clone() };
    ask(&mut driver, rotate).await.unwrap();
    refused(&mut driver, recover(&phrase), ErrorKind::NotPermitted).await;
    ask(&mut driver, recover(&new_phrase)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_administrators_did_is_listed_with_who_and_what_came_of_it() {
    let (mut driver, _dir) = office().await;
    let create = Request::AnnouncementCreate { name: "новости".into(), team: None };
    let Ok(Reply::Channel(channel)) = ask(&mut driver, create).await else { panic!("no channel") };
    assert_eq!(channel.kind, "announcement");
    let rename = ChannelChange::Name("вести".into());
    ask(&mut driver, Request::ChannelSet { channel: "новости".into(), change: rename }).await.unwrap();
    let away = ChannelChange::Archived(true);
    ask(&mut driver, Request::ChannelSet { channel: channel.id.clone(), change: away }).await.unwrap();
    let Ok(Reply::Channels(channels)) = ask(&mut driver, Request::ChannelList).await else { panic!("no list") };
    assert!(channels.iter().any(|it| it.name == "вести" && it.kind == "archived" && it.id == channel.id));
    let send = Request::Send { to: "вести".into(), people: Vec::new(), text: "x".into(), reply_to: None };
    refused(&mut driver, send, ErrorKind::NotPermitted).await;
    let Ok(Reply::Audit(acts)) = ask(&mut driver, Request::Audit).await else { panic!("no record") };
    let told: Vec<_> = acts.iter().map(|it| (it.who.as_str(), it.what.as_str(), it.outcome.as_str())).collect();
    assert_eq!(told[0], ("root", "genesis", "valid"));
    assert!(told.contains(&("anna@romashka.example", "channel_create", "valid")));
    assert_eq!(told.iter().filter(|it| it.1 == "channel_set").count(), 2);
    let owner = acts.iter().find(|it| it.what == "owner").unwrap();
    assert!(acts.iter().filter(|it| it.who != "root").all(|it| it.authority == owner.id && it.role == "owner"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_remove_the_last_owner_and_unknown_names_are_not_found() {
    let (mut driver, _dir) = office().await;
    let me = "anna@romashka.example".to_owned();
    refused(&mut driver, Request::PersonRemove { email: me.clone(), strict: false }, ErrorKind::NotPermitted).await;
    let device = driver.replica.device().to_string();
    let revoke = |id: &str, reason: &str| Request::DeviceRevoke { id: id.into(), reason: reason.into() };
    refused(&mut driver, revoke(&device, "lost"), ErrorKind::NotPermitted).await;
    refused(&mut driver, revoke(&device, "sold"), ErrorKind::Usage).await;
    refused(&mut driver, revoke("zzzz", "lost"), ErrorKind::NotFound).await;
    refused(&mut driver, Request::DeviceFreeze { id: "zzzz".into() }, ErrorKind::NotFound).await;
    refused(&mut driver, Request::DeviceFreeze { id: device }, ErrorKind::NotPermitted).await;
    refused(&mut driver, Request::DeviceUnfreeze { id: "zzzz".into() }, ErrorKind::NotFound).await;
    let role = |email: &str, role: &str| Request::Role { email: email.into(), role: role.into(), archivist: false };
    refused(&mut driver, role("nobody@romashka.example", "admin"), ErrorKind::NotFound).await;
    refused(&mut driver, role(&me, "king"), ErrorKind::Usage).await;
    refused(&mut driver, role(&me, "member"), ErrorKind::NotPermitted).await;
    let open = Request::ArchiveOpen { email: me, reason: "curious".into() };
    refused(&mut driver, open, ErrorKind::NotFound).await;
}

/// What a private channel knows of putting away, forgetting and receipts, and the word for where there is nothing of the kind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_of_a_private_channel_are_set_and_two_people_have_none() {
    let (mut driver, _dir) = office().await;
    let create =
        Request::ChannelCreate { name: "премии".into(), team: None, private: true, shared_history: false };
    let Ok(Reply::Channel(channel)) = ask(&mut driver, create).await else { panic!("no channel") };
    assert!(channel.may.iter().any(|it| it == "set"), "who made it is told that he may: {:?}", channel.may);
    let set = |to: &str, change| Request::ChannelSet { channel: to.into(), change };
    for change in [ChannelChange::RetentionDays(30), ChannelChange::Receipts(false), ChannelChange::Archived(true)] {
        ask(&mut driver, set("премии", change)).await.unwrap();
    }
    let space = driver.replica.space(&channel.id.parse().unwrap()).unwrap();
    assert_eq!((space.retention_ms, space.receipts, space.archived), (30 * 24 * 60 * 60 * 1_000, false, true));
    let Ok(Reply::Channels(channels)) = ask(&mut driver, Request::ChannelList).await else { panic!("no list") };
    assert!(channels.iter().any(|it| it.name == "премии" && it.kind == "archived"));
    let send = || Request::Send { to: "премии".into(), people: Vec::new(), text: "x".into(), reply_to: None };
    refused(&mut driver, send(), ErrorKind::NotPermitted).await;
    ask(&mut driver, set("премии", ChannelChange::Archived(false))).await.unwrap();
    ask(&mut driver, send()).await.unwrap();
    // With oneself, before and after the first word.
    let me = "@anna@romashka.example";
    let away = || set(me, ChannelChange::Archived(true));
    let why = ask(&mut driver, away()).await.unwrap_err();
    assert_eq!(
        (why.kind, why.what.as_str()),
        (ErrorKind::NotPermitted, "not permitted: only a channel has such a rule")
    );
    let note = Request::Send { to: me.into(), people: Vec::new(), text: "x".into(), reply_to: None };
    ask(&mut driver, note).await.unwrap();
    refused(&mut driver, away(), ErrorKind::NotPermitted).await;
    refused(&mut driver, set("нет такого", ChannelChange::Receipts(true)), ErrorKind::NotFound).await;
}
