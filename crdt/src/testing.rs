//! What the tests of this crate share.

use crate::Entropy;
use crate::id::sha256;

/// Reproducible bytes: SHA-256 of a counter.
pub(crate) struct Counter(pub(crate) u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
    }
}
