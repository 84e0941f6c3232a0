//! Frames: a u32 length, big-endian, and that many bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::IpcError;

/// Longest frame, bytes, either way. Pages of rows fit many times; what is longer is sent in several.
pub const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The next frame, empty for the end of an answer; `None` when the other side closed between frames. The length is checked
/// before anything is allocated. Not safe to cancel: half a frame would be lost.
pub(super) async fn read_frame(reader: &mut (impl AsyncRead + Unpin)) -> Result<Option<Vec<u8>>, IpcError> {
    let mut length = [0; 4];
    match reader.read(&mut length).await.map_err(ended)? {
        0 => return Ok(None),
        some => {
            let rest = length.get_mut(some..).unwrap_or_default();
            reader.read_exact(rest).await.map_err(ended)?;
        }
    }
    let bytes = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if FRAME_BYTES_MAX < bytes {
        return Err(IpcError::FrameTooLong { bytes });
    }
    let mut frame = vec![0; bytes];
    reader.read_exact(&mut frame).await.map_err(ended)?;
    Ok(Some(frame))
}

/// Writes a frame; an empty one is left out, as it would end the answer.
pub(super) async fn write_frame(writer: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> Result<(), IpcError> {
    let too_long = IpcError::FrameTooLong { bytes: frame.len() };
    let length = match u32::try_from(frame.len()) {
        Ok(0) => return Ok(()),
        Ok(length) if frame.len() <= FRAME_BYTES_MAX => length,
        _ => return Err(too_long),
    };
    writer.write_all(&length.to_be_bytes()).await.map_err(ended)?;
    writer.write_all(frame).await.map_err(ended)
}

/// Ends an answer.
pub(super) async fn write_end(writer: &mut (impl AsyncWrite + Unpin)) -> Result<(), IpcError> {
    writer.write_all(&[0; 4]).await.map_err(ended)
}

fn ended(error: io::Error) -> IpcError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => IpcError::Broken,
        _ => IpcError::Io(error),
    }
}
