//! A topic is found by its mark, however long the history is, and also in an index that was written without marks.

use super::*;
use crate::client::{Reply, Request};
use crate::driver::Driver;
use crate::driver::forget::tests::{ask, office, settle};

async fn sent(driver: &mut Driver, request: Request) -> String {
    match ask(driver, request).await {
        Ok(Reply::Sent(sent)) => sent.id,
        other => panic!("{other:?}"),
    }
}

fn topic_of(driver: &Driver, space: &SpaceId) -> Option<String> {
    driver.reader(space).unwrap().topic()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_topic_stands_until_it_is_taken_back() {
    let (mut driver, _dir) = office().await;
    let create =
        Request::ChannelCreate { name: "общий".into(), team: None, private: false, shared_history: false };
    let Ok(Reply::Channel(channel)) = ask(&mut driver, create).await else { panic!("no channel") };
    let space: SpaceId = channel.id.parse().unwrap();
    assert_eq!(topic_of(&driver, &space), None);
    let topic = |text: &str| Request::Topic { channel: "общий".into(), text: text.into() };
    let send =
        |text: &str| Request::Send { to: "общий".into(), people: Vec::new(), text: text.into(), reply_to: None };
    sent(&mut driver, topic("касса")).await;
    sent(&mut driver, send("между ними")).await;
    let newer = sent(&mut driver, topic("деньги")).await;
    sent(&mut driver, send("после всего")).await;
    assert_eq!(topic_of(&driver, &space).as_deref(), Some("деньги"));
    ask(&mut driver, Request::Retract { id: newer }).await.unwrap();
    settle(&mut driver).await;
    assert_eq!(topic_of(&driver, &space).as_deref(), Some("касса"));

    // As an older program leaves the index.
    let mut batch = IndexBatch::new();
    for mark in driver.store.states(TOPIC).unwrap() {
        batch.delete_state(&mark.name).unwrap();
    }
    batch.delete_state(MARKED).unwrap();
    driver.store.apply(&batch, None).unwrap();
    assert_eq!(topic_of(&driver, &space), None);
    mark(&driver.store, &[space]).unwrap();
    assert_eq!(topic_of(&driver, &space).as_deref(), Some("касса"));
}
