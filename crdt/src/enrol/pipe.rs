//! After the handshake: messages of any length in frames of Noise's.

use snow::{HandshakeState, TransportState};

use super::{BadEnrol, VERDICT_BYTES_MAX};
use crate::cbor::Malformed;
use crate::noise::{MESSAGE_BYTES_MAX, TAG_BYTES};

/// Bytes of a message in one frame.
const CHUNK_BYTES: usize = MESSAGE_BYTES_MAX - TAG_BYTES;

/// Bytes of the length that stands before a message.
const LENGTH_BYTES: usize = 4;

/// Sends and receives whole messages; order and integrity are Noise's.
pub(super) struct Pipe {
    transport: TransportState,
    received: Vec<u8>,
}

impl Pipe {
    pub(super) fn new(state: HandshakeState) -> Result<Self, BadEnrol> {
        let transport = state.into_transport_mode().map_err(|_| BadEnrol::Handshake)?;
        Ok(Self { transport, received: Vec::new() })
    }

    pub(super) fn send(&mut self, message: &[u8]) -> Result<Vec<Vec<u8>>, BadEnrol> {
        if message.len() > VERDICT_BYTES_MAX {
            return Err(Malformed::OverLimit.into());
        }
        let length = u32::try_from(message.len()).map_err(|_| Malformed::OverLimit)?;
        let whole = [&length.to_be_bytes(), message].concat();
        whole.chunks(CHUNK_BYTES).map(|chunk| self.seal(chunk)).collect()
    }

    pub(super) fn seal(&mut self, chunk: &[u8]) -> Result<Vec<u8>, BadEnrol> {
        let mut frame = vec![0; chunk.len() + TAG_BYTES];
        let len = self.transport.write_message(chunk, &mut frame).map_err(|_| BadEnrol::Handshake)?;
        frame.truncate(len);
        Ok(frame)
    }

    /// Takes a frame; returns the message that it completes, if it does.
    pub(super) fn receive(&mut self, frame: &[u8]) -> Result<Option<Vec<u8>>, BadEnrol> {
        let mut chunk = vec![0; frame.len()];
        let len = self.transport.read_message(frame, &mut chunk).map_err(|_| BadEnrol::Handshake)?;
        chunk.truncate(len);
        self.received.append(&mut chunk);
        let Some((length, rest)) = self.received.split_first_chunk::<LENGTH_BYTES>() else {
            return Err(Malformed::Unexpected.into());
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length > VERDICT_BYTES_MAX {
            return Err(Malformed::OverLimit.into());
        }
        match rest.len() {
            found if found < length && len < CHUNK_BYTES => Err(Malformed::Unexpected.into()),
            found if found < length => Ok(None),
            found if found == length => {
                let message = rest.to_vec();
                self.received.clear();
                Ok(Some(message))
            }
            _ => Err(Malformed::Trailing.into()),
        }
    }
}
