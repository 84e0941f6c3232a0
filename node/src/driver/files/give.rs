//! Giving files to colleagues: a stream on which they ask for chunks by the name of a body or list, and get them.
//!
//! Who knows a name has opened the description that leads to it, so he was a member; and only active devices have streams.

use std::sync::PoisonError;

use artel_crdt::id::{BlobHash, DeviceId};
use artel_net::Framed;

use crate::store::{BlobHash as StoreHash, BlobRead, Store};

use super::super::open::Events;
use super::super::serve::ServeError;
use super::Event;
use super::transfers::Stopped;

/// Bytes of a question: hash, first chunk, number of chunks.
pub(crate) const QUESTION_BYTES: usize = 32 + 4 + 4;
/// Chunks of one question at most: 2 MiB in memory.
const COUNT_MAX: u32 = 32;
/// A stream without a question for so long is ended.
const IDLE: std::time::Duration = std::time::Duration::from_secs(60);

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) hash: BlobHash,
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Question {
    pub(super) fn encode(&self) -> Vec<u8> {
        [&self.hash.0[..], &self.first.to_be_bytes(), &self.count.to_be_bytes()].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (hash, rest) = bytes.split_first_chunk::<32>()?;
        let (first, count) = rest.split_first_chunk::<4>()?;
        let count = u32::from_be_bytes(count.try_into().ok()?);
        let first = u32::from_be_bytes(*first);
        let fits = (1..=COUNT_MAX).contains(&count) && first.checked_add(count).is_some();
        fits.then_some(Self { hash: BlobHash(*hash), first, count })
    }
}

/// What giving needs beside the stream.
pub(crate) struct Giving {
    pub(crate) to: DeviceId,
    pub(crate) store: Store,
    pub(crate) stopped: Stopped,
    pub(crate) events: Events,
}

/// Answers questions until the other side ends: each chunk is a frame, an empty one says that it is not here.
pub(crate) async fn give(giving: Giving, question: Vec<u8>, mut stream: Framed) -> Result<(), ServeError> {
    let mut next = Some(question);
    while let Some(bytes) = next.take() {
        let question = Question::decode(&bytes).ok_or(ServeError::Store)?;
        let key = (giving.to, question.hash);
        let stopped = giving.stopped.lock().unwrap_or_else(PoisonError::into_inner).contains(&key);
        let store = giving.store.clone();
        let read = tokio::task::spawn_blocking(move || if stopped { Vec::new() } else { read(&store, question) });
        let mut chunks = read.await.map_err(|_| ServeError::Store)?;
        let given: usize = chunks.iter().map(Vec::len).sum();
        chunks.resize(question.count as usize, Vec::new());
        stream.send_all(chunks).await?;
        // Lists are short and nothing that people see; they are told by their single chunk at place 0 of a small blob.
        let event = Event::Given { to: giving.to, root: question.hash, bytes: given as u64 };
        if given > 0 && !is_list(&giving.store, &question.hash) {
            giving.events.send(super::super::Event::File(event)).await.ok();
        }
        next = stream.recv_within(IDLE).await?;
    }
    stream.finish().await?;
    Ok(())
}

/// Lists can be read as whole blobs, bodies cannot.
fn is_list(store: &Store, hash: &BlobHash) -> bool {
    !store.is_body(StoreHash(hash.0))
}

/// The chunks from the first on, up to one that is not here.
fn read(store: &Store, question: Question) -> Vec<Vec<u8>> {
    let numbers = question.first..question.first.saturating_add(question.count);
    let chunks = numbers.map_while(|number| match store.blob_chunk(StoreHash(question.hash.0), number) {
        Ok(BlobRead::Bytes(bytes)) if !bytes.is_empty() => Some(bytes),
        _ => None,
    });
    chunks.collect()
}
