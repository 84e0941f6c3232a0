//! What was taken back leaves the disk after a week and does not come back; what comes late counts as unread.

use artel_crdt::replica::{Output, Outputs};
use artel_crdt::time::Hlc;

use super::*;
use crate::client::{ChannelChange, Reply, Request, Result};
use crate::driver::found;
use crate::home::Layout;
use crate::node::{Ask, Founding};

pub(crate) const PASSWORD: &str = "four desks, one safe";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A founded home without network, and the directory that goes with it.
pub(crate) async fn office() -> (Driver, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::new(dir.path().join("anna"));
    let founding = Founding {
        name: "ООО Ромашка".into(),
        person: "Анна".into(),
        email: "anna@romashka.example".into(),
        domain: "romashka.example".into(),
        phrase_file: Some(dir.path().join("phrase")),
    };
    found::found(layout.clone(), PASSWORD, founding).await.unwrap();
    (found::offline(layout, &PASSWORD.into()).await.unwrap(), dir)
}

pub(crate) async fn ask(driver: &mut Driver, request: Request) -> Result<Reply> {
    let (to, mut answers) = tokio::sync::mpsc::channel(4);
    driver.ask(Ask { request, answer: to });
    answers.recv().await.unwrap()
}

/// Until everything that was asked for is in the index.
pub(crate) async fn settle(driver: &mut Driver) {
    let (to, mut answers) = tokio::sync::mpsc::channel(1);
    driver.answer_in_order(&to, Ok(Reply::Done));
    answers.recv().await.unwrap().unwrap();
}

async fn channel(driver: &mut Driver) -> SpaceId {
    let create =
        Request::ChannelCreate { name: "общий".into(), team: None, private: false, shared_history: false };
    match ask(driver, create).await {
        Ok(Reply::Channel(channel)) => channel.id.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn send(driver: &mut Driver, text: &str) -> EntryId {
    let send = Request::Send { to: "общий".into(), people: Vec::new(), text: text.into(), reply_to: None };
    match ask(driver, send).await {
        Ok(Reply::Sent(sent)) => sent.id.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn blob_of(driver: &Driver, space: SpaceId, id: EntryId) -> BlobHash {
    driver.reader(&space).unwrap().record(&id).unwrap().blobs[0].hash
}

/// Erasing runs beside the loop.
async fn gone(driver: &Driver, hash: &BlobHash) -> bool {
    for _ in 0..100 {
        if driver.blob(hash).is_none() {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_is_erased_after_a_week_and_does_not_come_back() {
    let (mut driver, _dir) = office().await;
    let space = channel(&mut driver).await;
    let (kept, taken) = (send(&mut driver, "stays").await, send(&mut driver, "secret").await);
    let (kept, blob) = (blob_of(&driver, space, kept), blob_of(&driver, space, taken));
    let bytes = driver.blob(&blob).unwrap();
    ask(&mut driver, Request::Retract { id: taken.to_string() }).await.unwrap();
    driver.offset_ms = 6 * DAY_MS;
    driver.sweep();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(driver.blob(&blob).is_some(), "not before its time");
    driver.offset_ms = 8 * DAY_MS;
    driver.sweep();
    assert!(gone(&driver, &blob).await, "its bytes are still here");
    assert!(driver.blob(&kept).is_some());
    // A colleague who has not erased it serves it once more.
    let packets = driver.stored_packets(space);
    let mut packet = packets.into_iter().find(|it| it.run.entries().iter().any(|it| it.id == taken)).unwrap();
    packet.blobs.insert(blob, bytes);
    driver.perform(Outputs::from([Output::Store { packet, control: false }]));
    settle(&mut driver).await;
    assert!(driver.blob(&blob).is_none(), "it came back");
    driver.missing(space, EntryId([0; 32]), blob);
    assert!(!driver.wanted_blobs.contains_key(&blob));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_forgets_hides_and_erases_what_is_older() {
    let (mut driver, _dir) = office().await;
    let space = channel(&mut driver).await;
    let old = send(&mut driver, "old").await;
    let blob = blob_of(&driver, space, old);
    let set = Request::ChannelSet { channel: "общий".into(), change: ChannelChange::RetentionDays(30) };
    ask(&mut driver, set).await.unwrap();
    driver.offset_ms = 40 * DAY_MS;
    driver.drive(artel_crdt::replica::Input::Tick);
    let new = send(&mut driver, "new").await;
    let (new, row) = {
        let reader = driver.reader(&space).unwrap();
        (blob_of(&driver, space, new), reader.row(&reader.record(&old).unwrap()))
    };
    assert_eq!(row.hidden, Some(Hidden::Forgotten));
    assert!(driver.blob(&blob).is_some(), "its week is not over");
    driver.offset_ms = 48 * DAY_MS;
    driver.sweep();
    assert!(gone(&driver, &blob).await);
    assert!(driver.blob(&new).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_comes_below_the_line_is_told_apart_until_the_reader_looks_again() {
    let (mut driver, _dir) = office().await;
    let space = channel(&mut driver).await;
    let id = send(&mut driver, "read").await;
    ask(&mut driver, Request::Mark { channel: "общий".into(), until: None }).await.unwrap();
    let mut placed = driver.reader(&space).unwrap().record(&id).unwrap();
    // The same place a moment earlier, by another device: it was somewhere else until now.
    placed.order.hlc = Hlc { ms: placed.order.hlc.ms - 1, ctr: 0 };
    placed.order.device = artel_crdt::id::DeviceId([7; 16]);
    placed.id = EntryId([7; 32]);
    driver.offset_ms += 1_000;
    driver.perform(Outputs::from([Output::Records { space, placed: vec![placed.clone()], opened: None }]));
    settle(&mut driver).await;
    let late = driver.late_rows(&space);
    assert_eq!(late.iter().map(|it| it.0).collect::<Vec<_>>(), [placed.order]);
    let reading = driver.replica.reading(&space);
    assert!(reading.is_unread(&placed.order, late[0].1) && !reading.is_unread(&placed.order, Timestamp(0)));
    let rows = driver.reader(&space).unwrap().unread_candidates(reading.start(), &late);
    assert!(rows.iter().any(|(row, came)| row.id == placed.id && *came == late[0].1));
    let came = |driver: &Driver| {
        let reader = driver.reader(&space).unwrap();
        let [late, usual] = [placed.id, id].map(|it| reader.record(&it).unwrap());
        assert_eq!(reader.message(&usual, &reader.row(&usual)).came, None);
        reader.message(&late, &reader.row(&late)).came
    };
    let told = crate::clock::rfc3339(late[0].1);
    assert_eq!(came(&driver).as_ref(), Some(&told));
    driver.offset_ms += 1_000;
    ask(&mut driver, Request::Mark { channel: "общий".into(), until: None }).await.unwrap();
    driver.sweep();
    settle(&mut driver).await;
    let reading = driver.replica.reading(&space);
    assert!(!reading.is_unread(&placed.order, late[0].1), "it was read");
    assert_eq!(came(&driver), Some(told), "that it came late is still told");
    driver.offset_ms += i64::try_from(super::LATE_KEPT.as_millis()).unwrap();
    driver.drive(artel_crdt::replica::Input::Tick);
    driver.sweep();
    settle(&mut driver).await;
    assert!(driver.late_rows(&space).is_empty() && came(&driver).is_none());
}
