//! Pieces of a file, each sealed for itself under the file's own key, so that any of them can be fetched, checked and
//! opened without the others.

use crate::seal::{Key, NONCE_BYTES, TAG_BYTES, aead_open, aead_seal};

/// Bytes of one sealed piece; the last one of a file may be shorter. What a store reads and checks at once.
pub const SEALED_PIECE_BYTES: usize = 64 * 1024;
/// Bytes of a file in one piece.
pub const PIECE_BYTES: usize = SEALED_PIECE_BYTES - TAG_BYTES;

fn nonce(number: u64) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()).for_each(|(to, from)| *to = *from);
    nonce
}

/// Seals piece `number` of a file: XChaCha20-Poly1305 under HKDF(file key, "artel/piece/1"), the nonce is the number. The
/// key is drawn for this one file and each number is sealed once, so no nonce serves twice. The tag alone is added: every
/// piece but the last has one length, and the length of the file is in its description.
pub fn seal_piece(key: &Key, number: u64, plaintext: Vec<u8>) -> Vec<u8> {
    aead_seal(&key.derive(&[], &[b"artel/piece/1"]), &nonce(number), &[], plaintext)
}

/// Opens piece `number`; `None` if it is of another file or place, or was changed.
pub fn open_piece(key: &Key, number: u64, sealed: &[u8]) -> Option<Vec<u8>> {
    aead_open(&key.derive(&[], &[b"artel/piece/1"]), &nonce(number), &[], sealed)
}
