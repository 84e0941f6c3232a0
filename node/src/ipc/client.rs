//! The side of a script, a CLI command or a second window.

use std::io;

use interprocess::local_socket::tokio::Stream;

use super::frame::{FRAME_BYTES_MAX, read_frame, write_frame};
use super::{IpcError, os};
use crate::home::Layout;

/// A connection to the node that runs on a home.
#[derive(Debug)]
pub struct Client {
    stream: Stream,
    answering: bool,
}

impl Client {
    /// Connects to the node of this home.
    ///
    /// # Errors
    /// [`IpcError::NotRunning`] when there is no home, no socket or nobody behind it; [`IpcError::OtherUser`] when who
    /// answers is not us.
    pub async fn connect(layout: &Layout) -> Result<Self, IpcError> {
        if layout.probe()?.is_none() {
            return Err(IpcError::NotRunning);
        }
        let stream = os::Place::of(layout)?.connect().await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => IpcError::NotRunning,
            _ => IpcError::Io(error),
        })?;
        match os::same_user(&stream) {
            true => Ok(Self { stream, answering: false }),
            false => Err(IpcError::OtherUser),
        }
    }

    /// Sends a request, 1 to [`FRAME_BYTES_MAX`] bytes, and returns its answer, to be read to the end before the next.
    ///
    /// # Errors
    /// [`IpcError::EmptyRequest`], [`IpcError::FrameTooLong`], [`IpcError::OutOfTurn`] before anything is sent; else
    /// [`IpcError::Broken`] or [`IpcError::Io`].
    pub async fn request(&mut self, request: &[u8]) -> Result<Answer<'_>, IpcError> {
        match request.len() {
            _ if self.answering => return Err(IpcError::OutOfTurn),
            0 => return Err(IpcError::EmptyRequest),
            bytes if FRAME_BYTES_MAX < bytes => return Err(IpcError::FrameTooLong { bytes }),
            _ => self.answering = true,
        }
        write_frame(&mut self.stream, request).await?;
        Ok(Answer { client: self })
    }
}

/// The response frames to one request.
#[derive(Debug)]
pub struct Answer<'a> {
    client: &'a mut Client,
}

impl Answer<'_> {
    /// The next response frame; `None` when the answer has ended. Waits as long as the node does. A call that is cancelled
    /// may lose half a frame: drop the client then.
    ///
    /// # Errors
    /// [`IpcError::Broken`] when the node went away in the middle; [`IpcError::FrameTooLong`]; [`IpcError::Io`].
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, IpcError> {
        if !self.client.answering {
            return Ok(None);
        }
        let frame = read_frame(&mut self.client.stream).await?.ok_or(IpcError::Broken)?;
        match frame.is_empty() {
            false => Ok(Some(frame)),
            true => {
                self.client.answering = false;
                Ok(None)
            }
        }
    }
}
