//! Length-prefixed frames over one stream: u32 big endian, then that many bytes. Lengths are checked before anything is allocated,
//! reads and writes have deadlines, and a stream dies with its link.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use libp2p::Stream;
use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::counters::{Counters, Refusal};
use crate::limits::STREAM_DEADLINE;
use crate::protocol::Protocol;

/// Bytes read at once; memory grows by what has come, not by what was announced.
const READ_BYTES: usize = 8 * 1024;
/// Bytes gathered before a write; [`FrameWriter::send_all`] flushes once, after the last.
const WRITE_BYTES: usize = 64 * 1024;
/// Bytes of the length prefix.
const PREFIX_BYTES: usize = 4;

/// Why a frame could not be sent or received. After any of these the stream is of no more use.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The other side announced, or the caller gave, more bytes than the protocol allows.
    #[error("frame of {bytes} bytes, the limit is {limit}")]
    TooLarge {
        /// Bytes announced or given.
        bytes: usize,
        /// The protocol's limit.
        limit: usize,
    },
    /// The stream ended inside a frame.
    #[error("stream ended inside a frame")]
    Truncated,
    /// Nothing came, or could be written, within the deadline.
    #[error("deadline passed")]
    TimedOut,
    /// The link is gone: closed, removed from the roster, shut down.
    #[error("link is closed")]
    Closed,
    /// The transport failed.
    #[error("stream failed")]
    Io(#[source] io::Error),
}

/// What both halves of a stream share.
struct Common {
    /// Cancelled with the link.
    closed: CancellationToken,
    counters: Arc<Counters>,
    /// Place among the peer's streams, given back with the last half.
    _place: Option<OwnedSemaphorePermit>,
    limit: usize,
}

/// A stream of frames to one peer, for sync, blobs and enrolment. Dropping it resets the stream; [`Framed::finish`] ends it in order.
pub struct Framed {
    reader: FrameReader,
    writer: FrameWriter,
}

impl Framed {
    /// Wraps a negotiated stream.
    pub(crate) fn new(
        stream: Stream,
        protocol: Protocol,
        closed: CancellationToken,
        counters: Arc<Counters>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let common = Arc::new(Common { closed, counters, _place: place, limit: protocol.frame_max() });
        let (read, write) = stream.split();
        Self {
            reader: FrameReader { io: read, common: Arc::clone(&common), have: Vec::new(), need: None },
            writer: FrameWriter { io: write, common, buffer: Vec::new() },
        }
    }

    /// Sends one frame and flushes it, within 30 s.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] before anything is written; otherwise the stream is lost.
    pub async fn send(&mut self, frame: &[u8]) -> Result<(), FrameError> {
        self.writer.send_all([frame]).await
    }

    /// Sends several frames with one flush at the end, each write within 30 s.
    ///
    /// # Errors
    /// As [`Framed::send`]; frames before the failing one may have arrived.
    pub async fn send_all<F: AsRef<[u8]>>(&mut self, frames: impl IntoIterator<Item = F>) -> Result<(), FrameError> {
        self.writer.send_all(frames).await
    }

    /// The next frame, waiting up to 30 s for it; `None` when the other side ended the stream in order. Safe to cancel.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn recv(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        self.reader.recv_within(STREAM_DEADLINE).await
    }

    /// As [`Framed::recv`] with another patience, for answers that a person must give.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn recv_within(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, FrameError> {
        self.reader.recv_within(patience).await
    }

    /// Ends our direction; the other side reads `None` after the last frame.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn finish(&mut self) -> Result<(), FrameError> {
        self.writer.finish().await
    }

    /// The two directions, to be used by two tasks.
    pub fn split(self) -> (FrameReader, FrameWriter) {
        (self.reader, self.writer)
    }
}

/// The receiving direction of a [`Framed`].
pub struct FrameReader {
    io: ReadHalf<Stream>,
    common: Arc<Common>,
    /// Bytes of the present prefix (`need` is `None`) or body. Kept here so that a cancelled `recv` loses nothing.
    have: Vec<u8>,
    /// Bytes of the present frame.
    need: Option<usize>,
}

impl FrameReader {
    /// The next frame, waiting up to `patience`; `None` at an orderly end. Safe to cancel.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn recv_within(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, FrameError> {
        let closed = self.common.closed.clone();
        let result = tokio::select! {
            biased;
            () = closed.cancelled() => Err(FrameError::Closed),
            got = timeout(patience, self.fill()) => got.unwrap_or(Err(FrameError::TimedOut)),
        };
        match &result {
            Err(FrameError::TooLarge { .. }) => self.common.counters.add(Refusal::FrameTooLarge),
            Err(FrameError::Truncated) => self.common.counters.add(Refusal::FrameStalled),
            Err(FrameError::TimedOut) if self.is_inside() => self.common.counters.add(Refusal::FrameStalled),
            _ => {}
        }
        result
    }

    /// Lowers the limit for the frames to come, where less is enough.
    pub(crate) async fn recv_small(&mut self, limit: usize, patience: Duration) -> Result<Option<Vec<u8>>, FrameError> {
        let frame = timeout(patience, async {
            self.fill_prefix(limit).await?;
            self.fill().await
        });
        let result = frame.await.unwrap_or(Err(FrameError::TimedOut));
        if matches!(result, Err(FrameError::TooLarge { .. })) {
            self.common.counters.add(Refusal::FrameTooLarge);
        }
        result
    }

    /// Whether a frame has begun and not ended.
    fn is_inside(&self) -> bool {
        self.need.is_some() || !self.have.is_empty()
    }

    /// Reads to the end of the present frame.
    async fn fill(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        if self.need.is_none() {
            self.fill_prefix(self.common.limit).await?;
        }
        let Some(need) = self.need else {
            return Ok(None);
        };
        while self.have.len() < need {
            if self.pull(need).await? == 0 {
                return Err(FrameError::Truncated);
            }
        }
        self.need = None;
        Ok(Some(std::mem::take(&mut self.have)))
    }

    /// Reads the length; leaves `need` empty at an orderly end.
    async fn fill_prefix(&mut self, limit: usize) -> Result<(), FrameError> {
        while self.have.len() < PREFIX_BYTES {
            if self.pull(PREFIX_BYTES).await? == 0 {
                return if self.have.is_empty() { Ok(()) } else { Err(FrameError::Truncated) };
            }
        }
        let mut prefix = [0; PREFIX_BYTES];
        for (to, from) in prefix.iter_mut().zip(&self.have) {
            *to = *from;
        }
        let bytes = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
        if bytes > limit {
            return Err(FrameError::TooLarge { bytes, limit });
        }
        self.have.clear();
        self.need = Some(bytes);
        Ok(())
    }

    /// One read towards `until` bytes in `have`; 0 at the end of the stream.
    async fn pull(&mut self, until: usize) -> Result<usize, FrameError> {
        let mut chunk = [0; READ_BYTES];
        let want = until.saturating_sub(self.have.len()).min(READ_BYTES);
        let space = chunk.get_mut(..want).unwrap_or_default();
        let got = self.io.read(space).await.map_err(FrameError::Io)?;
        self.have.extend_from_slice(chunk.get(..got).unwrap_or_default());
        Ok(got)
    }
}

/// The sending direction of a [`Framed`].
pub struct FrameWriter {
    io: WriteHalf<Stream>,
    common: Arc<Common>,
    buffer: Vec<u8>,
}

impl FrameWriter {
    /// Sends several frames with one flush at the end.
    ///
    /// # Errors
    /// See [`Framed::send_all`].
    pub async fn send_all<F: AsRef<[u8]>>(&mut self, frames: impl IntoIterator<Item = F>) -> Result<(), FrameError> {
        for frame in frames {
            self.put(&[frame.as_ref()])?;
            if self.buffer.len() >= WRITE_BYTES {
                self.write().await?;
            }
        }
        self.flush().await
    }

    /// Ends our direction.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn finish(&mut self) -> Result<(), FrameError> {
        self.flush().await?;
        within(&self.common.closed.clone(), self.io.close()).await
    }

    /// Encodes one frame, given in parts, into the buffer.
    pub(crate) fn put(&mut self, parts: &[&[u8]]) -> Result<(), FrameError> {
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let too_large = FrameError::TooLarge { bytes, limit: self.common.limit };
        if bytes > self.common.limit {
            return Err(too_large);
        }
        let Ok(prefix) = u32::try_from(bytes) else {
            return Err(too_large);
        };
        self.buffer.extend_from_slice(&prefix.to_be_bytes());
        for part in parts {
            self.buffer.extend_from_slice(part);
        }
        Ok(())
    }

    /// Bytes encoded and not yet written.
    pub(crate) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Writes what is encoded and flushes it.
    pub(crate) async fn flush(&mut self) -> Result<(), FrameError> {
        self.write().await?;
        within(&self.common.closed.clone(), self.io.flush()).await
    }

    async fn write(&mut self) -> Result<(), FrameError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        within(&self.common.closed.clone(), self.io.write_all(&self.buffer)).await?;
        self.buffer.clear();
        Ok(())
    }
}

/// Runs a write with its deadline, ended by the link's end.
async fn within(closed: &CancellationToken, work: impl Future<Output = io::Result<()>>) -> Result<(), FrameError> {
    tokio::select! {
        biased;
        () = closed.cancelled() => Err(FrameError::Closed),
        done = timeout(STREAM_DEADLINE, work) => match done {
            Ok(result) => result.map_err(FrameError::Io),
            Err(_) => Err(FrameError::TimedOut),
        },
    }
}
