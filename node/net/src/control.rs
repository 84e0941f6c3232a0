//! The control stream of an admitted link: the driver's frames, heartbeats, farewells, and the bounded queue before it.
//!
//! Wire: every frame is one byte of type and the rest: 0 heartbeat with the driver's payload (may be empty), 1 a frame of the
//! driver, 2 farewell, 3 "answer at once" after a network change.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::counters::Refusal;
use crate::frame::{FrameError, FrameReader, FrameWriter, Framed};
use crate::key::LinkId;
use crate::limits::{self, Timing};
use crate::service::{News, Report};

const HEARTBEAT: u8 = 0;
const DATA: u8 = 1;
const FAREWELL: u8 = 2;
const PROBE: u8 = 3;

/// After a failed write, how long what the peer said before is still read.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Bytes gathered into one write.
const BATCH_BYTES: usize = 256 * 1024;

/// Why a control frame was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// No link to this peer is up.
    #[error("peer is not connected")]
    NotConnected,
    /// More than [`limits::CONTROL_BYTES_MAX`].
    #[error("control frame is too large")]
    TooLarge,
    /// The peer reads too slowly; the frame is dropped and sync must bring it.
    #[error("queue of the peer is full")]
    QueueFull,
}

/// A frame received on a control stream. While it is held it counts against what its peer may have unconsumed.
#[derive(Debug)]
pub struct Frame {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl Frame {
    /// The driver's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the bytes and gives the room back to the peer.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// One queued frame and its share of the byte budget.
#[derive(Debug)]
pub(crate) struct Outgoing {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// The sending end of the bounded queue of one link.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    frames: mpsc::Sender<Outgoing>,
    room: Arc<Semaphore>,
    dropped: Arc<AtomicU64>,
}

impl Queue {
    /// An empty queue.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (frames, receiver) = mpsc::channel(limits::QUEUE_FRAMES_MAX);
        let room = Arc::new(Semaphore::new(limits::QUEUE_BYTES_MAX));
        (Self { frames, room, dropped: Arc::default() }, receiver)
    }

    /// Queues a frame or drops it; never waits.
    pub(crate) fn push(&self, bytes: Vec<u8>) -> Result<(), SendError> {
        if bytes.len() > limits::CONTROL_BYTES_MAX {
            return Err(SendError::TooLarge);
        }
        let want = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(want) else {
            return Err(self.full());
        };
        self.frames.try_send(Outgoing { bytes, _room: room }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => self.full(),
            mpsc::error::TrySendError::Closed(_) => SendError::NotConnected,
        })
    }

    fn full(&self) -> SendError {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        SendError::QueueFull
    }
}

/// How a control stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The peer said farewell.
    Farewell,
    /// Nothing was heard for too long.
    Silent,
    /// The stream ended or failed.
    Lost,
    /// The peer broke the rules.
    Misbehaved(Refusal),
    /// We said farewell.
    Ours,
}

/// What one control stream needs.
pub(crate) struct ControlTask {
    pub(crate) link: LinkId,
    pub(crate) timing: Timing,
    pub(crate) queue: Queue,
    pub(crate) outgoing: mpsc::Receiver<Outgoing>,
    pub(crate) heartbeat: watch::Receiver<Arc<[u8]>>,
    /// Asks the peer for a sign of life at once.
    pub(crate) probe: Arc<Notify>,
    /// Cancelled to say farewell and end.
    pub(crate) farewell: CancellationToken,
    pub(crate) news: mpsc::Sender<News>,
}

impl ControlTask {
    /// Runs the stream to its end and reports it.
    pub(crate) async fn run(self, stream: Framed) {
        let Self { link, timing, queue, outgoing, heartbeat, probe, farewell, news } = self;
        let (reader, writer) = stream.split();
        let answer = Arc::new(Notify::new());
        let probing = Arc::new(Notify::new());
        let receiving = Receiving {
            link,
            reader,
            silence: timing.silence,
            room: Arc::new(Semaphore::new(limits::RECEIVED_BYTES_MAX)),
            news: news.clone(),
            answer: Arc::clone(&answer),
            probing: Arc::clone(&probing),
        };
        let sending = Sending {
            link,
            writer,
            timing,
            queue,
            outgoing,
            heartbeat,
            probe,
            probing,
            answer,
            farewell,
            news: news.clone(),
        };
        let mut receiving = pin!(receiving.run());
        let ending = tokio::select! {
            ending = &mut receiving => ending,
            // What the peer said last, perhaps a farewell, may still be unread.
            ending = sending.run() => match ending {
                Ending::Lost => timeout(LAST_WORDS, receiving).await.unwrap_or(ending),
                _ => ending,
            },
        };
        drop(news.send(News { link, report: Report::ControlEnded { ending } }).await);
    }
}

/// The receiving half.
struct Receiving {
    link: LinkId,
    reader: FrameReader,
    silence: Duration,
    room: Arc<Semaphore>,
    news: mpsc::Sender<News>,
    /// Told to the sending half: the peer wants an answer.
    answer: Arc<Notify>,
    /// Told by the sending half: we want an answer.
    probing: Arc<Notify>,
}

impl Receiving {
    async fn run(mut self) -> Ending {
        loop {
            let probing = Arc::clone(&self.probing);
            // Only time spent waiting for the peer counts as its silence, not time in which the driver lets us wait.
            let frame = tokio::select! {
                frame = self.reader.recv_within(self.silence) => frame,
                () = probing.notified() => self.reader.recv_within(limits::PROBE_DEADLINE.min(self.silence)).await,
            };
            let frame = match frame {
                Ok(Some(frame)) => frame,
                Ok(None) | Err(FrameError::Io(_) | FrameError::Closed) => return Ending::Lost,
                Err(FrameError::TimedOut) => return Ending::Silent,
                Err(FrameError::TooLarge { .. }) => {
                    return Ending::Misbehaved(Refusal::FrameTooLarge);
                }
                Err(FrameError::Truncated) => return Ending::Misbehaved(Refusal::FrameStalled),
            };
            let done = match frame.split_first() {
                Some((&HEARTBEAT, [])) => true,
                Some((&HEARTBEAT, payload)) if payload.len() <= limits::HEARTBEAT_BYTES_MAX => {
                    self.deliver(payload, true).await
                }
                Some((&DATA, payload)) => self.deliver(payload, false).await,
                Some((&FAREWELL, [])) => return Ending::Farewell,
                Some((&PROBE, [])) => {
                    self.answer.notify_one();
                    true
                }
                _ => return Ending::Misbehaved(Refusal::BadFrame),
            };
            if !done {
                return Ending::Lost;
            }
        }
    }

    /// Hands a frame on, waiting while the peer has too much unconsumed; false when nobody listens any more.
    async fn deliver(&self, payload: &[u8], heartbeat: bool) -> bool {
        let want = payload.len().max(limits::RECEIVED_BYTES_MIN);
        let want = u32::try_from(want).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).acquire_many_owned(want).await else {
            return false;
        };
        let frame = Frame { bytes: payload.to_vec(), _room: room };
        let report = if heartbeat { Report::Heartbeat { frame } } else { Report::Control { frame } };
        self.news.send(News { link: self.link, report }).await.is_ok()
    }
}

/// The sending half.
struct Sending {
    link: LinkId,
    writer: FrameWriter,
    timing: Timing,
    queue: Queue,
    outgoing: mpsc::Receiver<Outgoing>,
    heartbeat: watch::Receiver<Arc<[u8]>>,
    probe: Arc<Notify>,
    probing: Arc<Notify>,
    answer: Arc<Notify>,
    farewell: CancellationToken,
    news: mpsc::Sender<News>,
}

impl Sending {
    async fn run(mut self) -> Ending {
        loop {
            let next = Instant::now() + self.timing.heartbeat;
            let put = tokio::select! {
                biased;
                () = self.farewell.cancelled() => {
                    if self.writer.put(&[&[FAREWELL]]).is_ok() {
                        drop(self.writer.finish().await);
                    }
                    return Ending::Ours;
                }
                () = self.probe.notified() => {
                    self.probing.notify_one();
                    self.writer.put(&[&[PROBE]])
                }
                () = self.answer.notified() => self.put_heartbeat(),
                frame = self.outgoing.recv() => match frame {
                    Some(frame) => self.put_batch(frame),
                    None => return Ending::Lost,
                },
                () = sleep_until(next) => self.put_heartbeat(),
            };
            if put.is_err() || self.writer.flush().await.is_err() {
                return Ending::Lost;
            }
            let frames = self.queue.dropped.swap(0, Ordering::Relaxed);
            if frames > 0 && self.news.send(News { link: self.link, report: Report::Dropped { frames } }).await.is_err()
            {
                return Ending::Lost;
            }
        }
    }

    fn put_heartbeat(&mut self) -> Result<(), FrameError> {
        let payload = Arc::clone(&self.heartbeat.borrow());
        self.writer.put(&[&[HEARTBEAT], &payload])
    }

    /// The first frame and what else waits, up to one write.
    fn put_batch(&mut self, first: Outgoing) -> Result<(), FrameError> {
        self.writer.put(&[&[DATA], &first.bytes])?;
        while self.writer.waiting() < BATCH_BYTES {
            let Ok(frame) = self.outgoing.try_recv() else {
                break;
            };
            self.writer.put(&[&[DATA], &frame.bytes])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
