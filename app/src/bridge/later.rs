//! Messages that are sent at a time: they leave while this desktop is on, and at its next start if it was not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use artel_node::client::{Attach, Later, Request, Result};
use artel_node::node::Client;

/// What could not be sent is tried again after this time.
const AGAIN: Duration = Duration::from_secs(60);
/// How a file begins that the window made of what was in the clipboard.
pub(crate) const MADE: &str = ".clipboard-";
/// Longer waits are cut: clocks are set, computers sleep.
const LONGEST: Duration = Duration::from_secs(30);

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Sends files and waits until the message is written.
async fn send_files(client: &Client, request: Request) -> Result<()> {
    let mut answers = client.stream(request).await?;
    while let Some(answer) = answers.recv().await {
        answer?;
    }
    Ok(())
}

/// A picture of the clipboard is a file of the home only until its message has gone.
fn forget_made(files: &[Attach]) {
    for file in files {
        let path = std::path::Path::new(&file.path);
        if path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(MADE)) {
            std::fs::remove_file(path).ok();
        }
    }
}

/// What waits.
#[derive(Default)]
pub(super) struct Waiting {
    waiting: Vec<Later>,
    /// The last attempt failed: milliseconds since 1970.
    failed: Option<u64>,
}

impl Waiting {
    pub(super) fn set(&mut self, later: &[Later]) {
        self.waiting = later.to_vec();
    }

    /// How long until the next one.
    pub(super) fn wait(&self) -> Option<Duration> {
        let now = now();
        let mut at = self.waiting.iter().map(|it| it.ms).min()?;
        if let Some(failed) = self.failed {
            at = at.max(failed.saturating_add(u64::try_from(AGAIN.as_millis()).unwrap_or(0)));
        }
        Some(Duration::from_millis(at.saturating_sub(now)).min(LONGEST))
    }

    /// Sends what is due. What was sent is taken away at once; a crash in between would send it twice, never lose it.
    pub(super) async fn send_due(&mut self, client: &Client) -> Result<()> {
        let now = now();
        self.failed = None;
        while let Some(at) = self.waiting.iter().position(|it| it.ms <= now) {
            let Later { id, channel, thread, text, files, .. } = self.waiting.remove(at);
            let (to, people, made) = (channel, Vec::new(), files.clone());
            let sent = match files.is_empty() {
                true => client.request(Request::Send { to, people, text, reply_to: thread }).await.map(drop),
                false => {
                    let text = Some(text).filter(|it| !it.is_empty());
                    send_files(client, Request::FileSend { to, people, files, text, reply_to: thread }).await
                }
            };
            if let Err(error) = sent {
                self.failed = Some(now);
                return Err(error);
            }
            forget_made(&made);
            client.request(Request::LaterSet { id: Some(id), later: None }).await?;
        }
        Ok(())
    }
}
