//! Frames between two processes on one home.

use super::*;
use crate::cli::wire::{read_request, read_response, request_frame, response_frames};
use crate::ipc::FRAME_BYTES_MAX;

#[test]
fn what_goes_in_comes_out() {
    let request = Request::Topic { channel: "общий".into(), text: "т".into() };
    assert_eq!(read_request(&request_frame(&request).unwrap()).unwrap(), request);
    for reply in replies() {
        let frames = response_frames(Ok(reply.clone()));
        assert_eq!(frames.len(), 1);
        assert_eq!(read_response(&frames[0]).unwrap(), reply);
    }
    let error = Error::new(ErrorKind::NotFound, "общий");
    let frames = response_frames(Err(error.clone()));
    assert_eq!(String::from_utf8_lossy(&frames[0]), r#"{"error":{"kind":"not_found","what":"общий"}}"#);
    assert_eq!(read_response(&frames[0]), Err(error));
    assert_eq!(String::from_utf8_lossy(&response_frames(Ok(Reply::Done))[0]), r#"{"ok":{"reply":"done"}}"#);
}

#[test]
fn a_long_answer_is_cut_and_nothing_of_it_lost() {
    let long = Message { text: "ж".repeat(50_000), ..message() };
    let all: Vec<_> = (0..100).map(|at| Message { id: at.to_string(), ..long.clone() }).collect();
    let frames = response_frames(Ok(Reply::Messages(all)));
    assert!(1 < frames.len() && frames.iter().all(|it| it.len() <= FRAME_BYTES_MAX));
    let ids: Vec<String> = frames
        .iter()
        .flat_map(|it| match read_response(it).unwrap() {
            Reply::Messages(them) => them,
            other => panic!("{other:?}"),
        })
        .map(|it| it.id)
        .collect();
    assert_eq!(ids, (0..100).map(|it: u32| it.to_string()).collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_cut_is_an_error_and_not_silence() {
    let mut status = status();
    status.name = "x".repeat(FRAME_BYTES_MAX);
    let frames = response_frames(Ok(Reply::Status(Box::new(status))));
    assert_eq!(frames.len(), 1);
    assert_eq!(read_response(&frames[0]).unwrap_err().kind, ErrorKind::Internal);
}

#[test]
fn foreign_bytes_are_refused() {
    assert_eq!(read_request(b"{\"request\":\"later\"}").unwrap_err().kind, ErrorKind::Usage);
    assert_eq!(read_request(b"\xff").unwrap_err().kind, ErrorKind::Usage);
    assert_eq!(read_response(b"{}").unwrap_err().kind, ErrorKind::Internal);
}
