//! The first stream of every connection: versions and boot ids, then what the two drivers have to say, then the admission by both.
//!
//! Wire: the first frame each way is hello 1, a CBOR array [lowest version, highest version, boot id bstr16, nonce bstr16]; later
//! versions may append elements. Every further frame is one byte of type and the rest: 1 a payload of the driver, 2 "admitted".

use std::time::Duration;

use minicbor::{Decoder, Encoder};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::counters::Refusal;
use crate::frame::{FrameError, FrameReader, FrameWriter, Framed};
use crate::key::LinkId;
use crate::limits::{HELLO_PAYLOADS_MAX, STREAM_DEADLINE};
use crate::service::{News, Report};

/// Lowest protocol version spoken here.
pub(crate) const VERSION_MIN: u16 = 1;
/// Highest protocol version spoken here.
pub(crate) const VERSION_MAX: u16 = 1;
/// Largest hello 1, bytes; today it is 38.
const HELLO_ONE_BYTES_MAX: usize = 1024;
/// Elements of hello 1 that this version reads.
const ELEMENTS: u64 = 4;
/// Most elements a later version may send.
const ELEMENTS_MAX: u64 = 16;

const PAYLOAD: u8 = 1;
const ADMITTED: u8 = 2;

/// Hello 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HelloOne {
    /// Lowest protocol version spoken.
    pub(crate) min: u16,
    /// Highest protocol version spoken.
    pub(crate) max: u16,
    /// Random for each start of the process.
    pub(crate) boot_id: [u8; 16],
    /// Random for each hello.
    pub(crate) nonce: [u8; 16],
}

impl HelloOne {
    /// Deterministic CBOR.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        let done = out
            .array(ELEMENTS)
            .and_then(|e| e.u16(self.min))
            .and_then(|e| e.u16(self.max))
            .and_then(|e| e.bytes(&self.boot_id))
            .and_then(|e| e.bytes(&self.nonce))
            .is_ok();
        debug_assert!(done, "a vector takes every write");
        out.into_writer()
    }

    /// Reads a hello 1 from outside; `None` for anything malformed.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut input = Decoder::new(bytes);
        let elements = input.array().ok()??;
        if !(ELEMENTS..=ELEMENTS_MAX).contains(&elements) {
            return None;
        }
        let hello = Self {
            min: input.u16().ok()?,
            max: input.u16().ok()?,
            boot_id: input.bytes().ok()?.try_into().ok()?,
            nonce: input.bytes().ok()?.try_into().ok()?,
        };
        for _ in ELEMENTS..elements {
            input.skip().ok()?;
        }
        (input.position() == bytes.len() && hello.min <= hello.max).then_some(hello)
    }

    /// Whether we share a version.
    fn fits(&self) -> bool {
        self.min <= VERSION_MAX && self.max >= VERSION_MIN
    }
}

/// From the swarm task to a running hello.
#[derive(Debug)]
pub(crate) enum HelloOrder {
    /// Send this payload of the driver.
    Payload(Vec<u8>),
    /// Tell the other side that we admit it.
    Admit,
}

/// What one hello needs.
pub(crate) struct HelloTask {
    pub(crate) link: LinkId,
    pub(crate) ours: HelloOne,
    pub(crate) patience: Duration,
    pub(crate) orders: mpsc::Receiver<HelloOrder>,
    pub(crate) news: mpsc::Sender<News>,
    pub(crate) closed: CancellationToken,
}

impl HelloTask {
    /// Runs the hello to its end. Bad bytes are a report, never a failure of ours.
    pub(crate) async fn run(mut self, stream: Framed) {
        let closed = self.closed.clone();
        let ended = tokio::select! {
            biased;
            () = closed.cancelled() => return,
            ended = self.talk(stream) => ended,
        };
        if let Err(cause) = ended {
            self.report(Report::HelloFailed { cause }).await;
        }
    }

    async fn report(&self, report: Report) {
        // Only fails when the swarm task is gone, and then nobody wants to know.
        drop(self.news.send(News { link: self.link, report }).await);
    }

    async fn talk(&mut self, stream: Framed) -> Result<(), Refusal> {
        let (mut reader, mut writer) = stream.split();
        writer.put(&[&self.ours.encode()]).map_err(|_| Refusal::BadHello)?;
        writer.flush().await.map_err(|_| Refusal::ByPeer)?;
        let theirs = match reader.recv_small(HELLO_ONE_BYTES_MAX, self.patience).await {
            Ok(Some(bytes)) => HelloOne::decode(&bytes).ok_or(Refusal::BadHello)?,
            Ok(None) | Err(FrameError::Io(_) | FrameError::Closed) => return Err(Refusal::ByPeer),
            Err(FrameError::TimedOut) => return Err(Refusal::AdmissionTimeout),
            Err(_) => return Err(Refusal::BadHello),
        };
        if !theirs.fits() {
            return Err(Refusal::ProtocolVersion);
        }
        self.report(Report::HelloStarted { theirs }).await;
        self.payloads(&mut reader, &mut writer).await?;
        self.report(Report::BothAdmitted).await;
        // The other side may still be reading; its end of the stream says that it has read all.
        if writer.finish().await.is_ok() {
            drop(reader.recv_within(STREAM_DEADLINE).await);
        }
        Ok(())
    }

    /// Until both have admitted each other. The time for all of it is the swarm task's to measure.
    async fn payloads(&mut self, reader: &mut FrameReader, writer: &mut FrameWriter) -> Result<(), Refusal> {
        let (mut we, mut they, mut received) = (false, false, 0);
        while !(we && they) {
            tokio::select! {
                order = self.orders.recv() => {
                    let put = match order {
                        None => return Err(Refusal::ByDriver),
                        Some(HelloOrder::Payload(bytes)) => writer.put(&[&[PAYLOAD], &bytes]),
                        Some(HelloOrder::Admit) => {
                            we = true;
                            writer.put(&[&[ADMITTED]])
                        }
                    };
                    put.map_err(|_| Refusal::BadHello)?;
                    writer.flush().await.map_err(|_| Refusal::ByPeer)?;
                }
                frame = reader.recv_within(crate::limits::KEEP_MAX), if !they => {
                    let frame = match frame {
                        Ok(Some(frame)) => frame,
                        Ok(None) | Err(FrameError::Io(_) | FrameError::Closed) => return Err(Refusal::ByPeer),
                        Err(FrameError::TimedOut) => return Err(Refusal::AdmissionTimeout),
                        Err(_) => return Err(Refusal::BadHello),
                    };
                    match frame.split_first() {
                        Some((&PAYLOAD, payload)) if received < HELLO_PAYLOADS_MAX => {
                            received += 1;
                            self.report(Report::HelloPayload { bytes: payload.to_vec() }).await;
                        }
                        Some((&ADMITTED, [])) => they = true,
                        _ => return Err(Refusal::BadHello),
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
