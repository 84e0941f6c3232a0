//! The running node's side: what another process asks reaches the node's client, and its answers come back.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::*;
use crate::cli::serve::serve;
use crate::cli::session::Session;
use crate::cli::stop::Stop;
use crate::home::{Home, Layout};
use crate::ipc::Server;
use crate::node::Client;

#[tokio::test(flavor = "multi_thread")]
async fn requests_reach_the_node_and_answers_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(Layout::new(folder.path())).unwrap();
    let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
    let (client, mut asks) = Client::new();
    serve(Server::bind_held(home.layout()).unwrap(), client, &tracker, cancel.clone());
    let mut session = Session::connect(home.layout()).await.unwrap().unwrap();

    let node = async {
        let ask = asks.recv().await.unwrap();
        assert_eq!(ask.request, Request::TeamList);
        ask.answer.send(Ok(Reply::Teams(Vec::new()))).await.unwrap();
        let ask = asks.recv().await.unwrap();
        ask.answer.send(Err(ErrorKind::NotFound.into())).await.unwrap();
    };
    let asker = async {
        let mut replies = Vec::new();
        let first = session.ask(&Request::TeamList, |it| {
            replies.push(it);
            Ok(())
        });
        assert_eq!(first.await, Ok(()));
        assert_eq!(replies, [Reply::Teams(Vec::new())]);
        assert_eq!(session.ask(&Request::Unread, |_| Ok(())).await, Err(ErrorKind::NotFound.into()));
    };
    tokio::join!(node, asker);

    // A stream goes on until the asker has had enough; then the node is told by the closed end of its answers.
    let mut session = Session::connect(home.layout()).await.unwrap().unwrap();
    let node = async {
        let ask = asks.recv().await.unwrap();
        let mut sent = 0;
        while ask.answer.send(Ok(Reply::Messages(vec![message()]))).await.is_ok() {
            sent += 1;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        sent
    };
    let asker = async {
        let mut seen = 0;
        let each = |_| {
            seen += 1;
            if seen < 5 { Ok(()) } else { Err(Stop::PipeClosed) }
        };
        let request = Request::Tail { channel: None, since: None };
        assert_eq!(session.ask(&request, each).await, Err(Stop::PipeClosed));
        drop(session);
        seen
    };
    let (sent, seen) = tokio::join!(node, asker);
    assert!(seen == 5 && seen <= sent);

    // A node that stops ends what is asked of it.
    let mut session = Session::connect(home.layout()).await.unwrap().unwrap();
    cancel.cancel();
    tracker.close();
    tracker.wait().await;
    let ended = session.ask(&Request::Unread, |_| Ok(())).await;
    assert_eq!(ended.map_err(|it| matches!(it, Stop::Failed(Error { kind: ErrorKind::NotRunning, .. }))), Err(true));
}
