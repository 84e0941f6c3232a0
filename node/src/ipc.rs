//! How a second process on the same home talks to the running node: frames over a local socket.
//!
//! A frame is a u32 length, big-endian, and that many opaque bytes. A client sends one request frame and reads any number
//! of response frames until one of length zero, which ends the answer; then it may ask again. Asking before the answer has
//! ended is an error and closes the connection. Only the operating system's same user may connect: see `ipc/os.rs`.

mod client;
mod frame;
mod os;

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::home::{Home, HomeError, Layout};
use frame::{read_frame, write_end, write_frame};

pub use client::{Answer, Client};
pub use frame::FRAME_BYTES_MAX;

/// Clients served at once; one more is hung up on. Scripts and a few `tail`s, not a service.
pub const CLIENTS_MAX: usize = 64;

/// Response frames that wait for a slow client before the handler waits too.
const ANSWER_FRAMES_MAX: usize = 16;

/// Pause after a failed accept (usually: out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What can go wrong on the local socket.
#[derive(Debug, thiserror::Error)]
pub enum IpcError {
    /// No node is running on this home.
    #[error("no node is running on this home")]
    NotRunning,
    /// The socket is held by a process of another user.
    #[error("the socket belongs to another user")]
    OtherUser,
    /// A frame is longer than [`FRAME_BYTES_MAX`].
    #[error("a frame of {bytes} bytes, at most {FRAME_BYTES_MAX} are allowed")]
    FrameTooLong {
        /// Its length.
        bytes: usize,
    },
    /// A request must not be empty; an empty frame ends an answer.
    #[error("an empty request")]
    EmptyRequest,
    /// A request was sent before the answer to the one before had ended.
    #[error("a request before the last answer has ended")]
    OutOfTurn,
    /// The other side hung up in the middle of a request or an answer.
    #[error("the connection ended early")]
    Broken,
    /// The home has no place for a socket: it cannot be read, or its path is unusable.
    #[error("no place for a socket")]
    Home(#[from] HomeError),
    /// The system refused.
    #[error("the local socket failed")]
    Io(#[source] io::Error),
}

/// The node's side of the local socket.
#[derive(Debug)]
pub struct Server {
    listener: Listener,
    // After the listener, whose removal of the socket file may need it.
    _place: os::Place,
}

impl Server {
    /// Takes the socket of this home. Whoever holds the home holds the right to it, so a socket left behind by a process
    /// that was killed is replaced. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// [`IpcError::Home`], [`IpcError::Io`].
    pub fn bind(home: &Home) -> Result<Self, IpcError> {
        Self::bind_held(home.layout())
    }

    /// The same for a home that a node of this process holds, where its [`Home`] is out of reach.
    ///
    /// # Errors
    /// [`IpcError::Home`], [`IpcError::Io`].
    pub fn bind_held(layout: &Layout) -> Result<Self, IpcError> {
        let place = os::Place::of(layout)?;
        let listener = place.listen().map_err(IpcError::Io)?;
        Ok(Self { listener, _place: place })
    }

    /// Serves until `cancel`. For each request `handler` gets its bytes and a bounded sender of response frames; the answer
    /// ends when its future has ended. When the client goes away the future is dropped where it waits.
    pub fn serve<H, F>(self, tracker: &TaskTracker, cancel: CancellationToken, handler: H)
    where
        H: Fn(Vec<u8>, mpsc::Sender<Vec<u8>>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let clients = tracker.clone();
        tracker.spawn(self.accept_all(clients, cancel, handler));
    }

    async fn accept_all<H, F>(self, clients: TaskTracker, cancel: CancellationToken, handler: H)
    where
        H: Fn(Vec<u8>, mpsc::Sender<Vec<u8>>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let seats = Arc::new(Semaphore::new(CLIENTS_MAX));
        while let Some(accepted) = cancel.run_until_cancelled(self.listener.accept()).await {
            let stream = match accepted {
                Ok(stream) if os::same_user(&stream) => stream,
                Ok(_) => {
                    tracing::warn!("a process of another user tried the local socket");
                    continue;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept on the local socket");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
                tracing::warn!("more than {CLIENTS_MAX} clients on the local socket");
                continue;
            };
            let (cancel, handler) = (cancel.clone(), handler.clone());
            clients.spawn(async move {
                if let Some(Err(error)) = cancel.run_until_cancelled(converse(stream, handler)).await {
                    tracing::debug!(%error, "a client of the local socket");
                }
                drop(seat);
            });
        }
    }
}

async fn converse<H, F>(stream: Stream, handler: H) -> Result<(), IpcError>
where
    H: Fn(Vec<u8>, mpsc::Sender<Vec<u8>>) -> F,
    F: Future<Output = ()>,
{
    let (mut reader, mut writer) = tokio::io::split(stream);
    while let Some(request) = read_frame(&mut reader).await? {
        if request.is_empty() {
            return Err(IpcError::EmptyRequest);
        }
        let (frames, answer) = mpsc::channel(ANSWER_FRAMES_MAX);
        let work = handler(request, frames);
        tokio::select! {
            biased;
            done = answer_with(work, answer, &mut writer) => done?,
            ended = until_the_client_ends(&mut reader) => return ended,
        }
        // Outside of the select: only after it may the client speak again.
        write_end(&mut writer).await?;
    }
    Ok(())
}

async fn answer_with(
    work: impl Future<Output = ()>,
    mut answer: mpsc::Receiver<Vec<u8>>,
    writer: &mut (impl AsyncWrite + Unpin),
) -> Result<(), IpcError> {
    let write = async {
        while let Some(frame) = answer.recv().await {
            write_frame(writer, &frame).await?;
        }
        Ok(())
    };
    let work = async {
        work.await;
        Ok(())
    };
    tokio::try_join!(work, write).map(|_| ())
}

async fn until_the_client_ends(reader: &mut (impl AsyncRead + Unpin)) -> Result<(), IpcError> {
    match reader.read_u8().await {
        Ok(_) => Err(IpcError::OutOfTurn),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
