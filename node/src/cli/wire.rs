//! Requests and replies as frames of the local socket.
//!
//! A request frame is the JSON of a [`Request`]. A response frame is `{"ok": Reply}` or `{"error": Error}`; an error is the
//! last frame of its answer. A reply that is too long for one frame is cut into several of the same kind, which the reader
//! takes one after the other.

use serde::{Deserialize, Serialize};

use crate::client::{Error, ErrorKind, Reply, Request, Result};
use crate::ipc::FRAME_BYTES_MAX;

/// A response frame.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// An answer or a part of it.
    Ok(Reply),
    /// The request failed.
    Error(Error),
}

/// The bytes of a request.
///
/// # Errors
/// [`ErrorKind::BadText`] when it is too long for a frame.
pub fn request_frame(request: &Request) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec(request).map_err(internal)?;
    match bytes.len() <= FRAME_BYTES_MAX {
        true => Ok(bytes),
        false => Err(ErrorKind::BadText.into()),
    }
}

/// Reads a request.
///
/// # Errors
/// [`ErrorKind::Usage`]: the client is newer or older than this node and the two do not understand each other.
pub fn read_request(bytes: &[u8]) -> Result<Request> {
    serde_json::from_slice(bytes).map_err(|it| Error::new(ErrorKind::Usage, it.to_string()))
}

/// The frames of an outcome, at least one.
pub fn response_frames(outcome: Result<Reply>) -> Vec<Vec<u8>> {
    match outcome {
        Err(error) => vec![error_frame(error)],
        Ok(reply) => {
            let mut frames = Vec::new();
            push_frames(reply, &mut frames);
            frames
        }
    }
}

/// Reads a response frame.
///
/// # Errors
/// What the node answered; [`ErrorKind::Internal`] when the bytes are none of ours.
pub fn read_response(bytes: &[u8]) -> Result<Reply> {
    match serde_json::from_slice(bytes).map_err(internal)? {
        Frame::Ok(reply) => Ok(reply),
        Frame::Error(error) => Err(error),
    }
}

fn push_frames(reply: Reply, frames: &mut Vec<Vec<u8>>) {
    let frame = Frame::Ok(reply);
    let bytes = match serde_json::to_vec(&frame) {
        Ok(bytes) if bytes.len() <= FRAME_BYTES_MAX => return frames.push(bytes),
        Ok(bytes) => bytes.len(),
        Err(error) => return frames.push(error_frame(internal(error))),
    };
    match halves(frame) {
        Some([first, second]) => {
            push_frames(first, frames);
            push_frames(second, frames);
        }
        None => frames.push(error_frame(Error::new(ErrorKind::Internal, format!("an answer of {bytes} bytes")))),
    }
}

/// Cuts what may be long; `None` for what cannot be cut.
fn halves(frame: Frame) -> Option<[Reply; 2]> {
    fn cut<T>(mut first: Vec<T>) -> Option<[Vec<T>; 2]> {
        let middle = first.len() / 2;
        if middle == 0 {
            return None;
        }
        let second = first.split_off(middle);
        Some([first, second])
    }
    match frame {
        Frame::Ok(Reply::Bytes(them)) => cut(them).map(|it| it.map(Reply::Bytes)),
        Frame::Ok(Reply::Messages(them)) => cut(them).map(|it| it.map(Reply::Messages)),
        Frame::Ok(Reply::Channels(them)) => cut(them).map(|it| it.map(Reply::Channels)),
        Frame::Ok(Reply::Persons(them)) => cut(them).map(|it| it.map(Reply::Persons)),
        Frame::Ok(Reply::Audit(them)) => cut(them).map(|it| it.map(Reply::Audit)),
        Frame::Ok(Reply::Devices(them)) => cut(them).map(|it| it.map(Reply::Devices)),
        _ => None,
    }
}

fn error_frame(error: Error) -> Vec<u8> {
    // An error is two short texts, so this cannot fail; an empty frame would end the answer without a word.
    serde_json::to_vec(&Frame::Error(error)).unwrap_or_else(|_| br#"{"error":{"kind":"internal","what":""}}"#.to_vec())
}

fn internal(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Internal, error.to_string())
}
