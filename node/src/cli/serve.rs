//! The running node's side of the local socket: requests of other commands on the same home.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::wire;
use crate::client::{Reply, Request, Result};
use crate::ipc::Server;
use crate::node::Client;

/// Answers requests through `client` until `cancel`.
pub fn serve(server: Server, client: Client, tracker: &TaskTracker, cancel: CancellationToken) {
    server.serve(tracker, cancel, move |request, frames| {
        let client = client.clone();
        async move { answer(&client, &request, &frames).await }
    });
}

async fn answer(client: &Client, request: &[u8], frames: &mpsc::Sender<Vec<u8>>) {
    let request = match wire::read_request(request) {
        Ok(request) => request,
        Err(error) => return send(frames, Err(error)).await.unwrap_or_default(),
    };
    // That the asker has gone ends the answer; it is nobody's failure.
    match request {
        Request::Tail { .. } | Request::FileSend { .. } | Request::FileGet { .. } => {
            pass_on(client, request, frames).await.unwrap_or_default()
        }
        _ => send(frames, client.request(request).await).await.unwrap_or_default(),
    }
}

async fn pass_on(client: &Client, request: Request, frames: &mpsc::Sender<Vec<u8>>) -> Option<()> {
    match client.stream(request).await {
        Err(error) => send(frames, Err(error)).await,
        Ok(mut replies) => {
            while let Some(reply) = replies.recv().await {
                send(frames, reply).await?;
            }
            Some(())
        }
    }
}

/// `None` when the asker has gone.
async fn send(frames: &mpsc::Sender<Vec<u8>>, outcome: Result<Reply>) -> Option<()> {
    for frame in wire::response_frames(outcome) {
        frames.send(frame).await.ok()?;
    }
    Some(())
}
