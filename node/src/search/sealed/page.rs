//! Sealing and opening of one page, and of small files that are replaced whole.

use std::io;
use std::path::Path;

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};

/// Random bytes at the start of a file; with the page number they are the nonce.
pub(super) const FILE_ID_BYTES: usize = 16;

/// Length of the authentication tag after each page.
pub(super) const TAG_BYTES: usize = 16;

const NONCE_BYTES: usize = 24;

/// The random bytes of one file.
pub(super) type FileId = [u8; FILE_ID_BYTES];

/// What a box is, bound into it: a page with another after it, the last page of a file, or a whole small file.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Inner = 0,
    Last = 1,
    Whole = 2,
}

/// The cipher under the key of the index. The key is wiped when this is dropped.
pub(super) struct PageCipher(XChaCha20Poly1305);

impl PageCipher {
    pub(super) fn new(key: &[u8; 32]) -> PageCipher {
        PageCipher(XChaCha20Poly1305::new(Key::from_slice(key)))
    }

    /// Replaces the clear `page` by its sealed bytes and the tag.
    pub(super) fn seal(&self, nonce: &XNonce, aad: &[u8], page: &mut Vec<u8>) -> io::Result<()> {
        let tag = self
            .0
            .encrypt_in_place_detached(nonce, aad, page)
            .map_err(|_| io::Error::other("cannot seal a page of the search index"))?;
        page.extend_from_slice(&tag);
        Ok(())
    }

    /// Replaces sealed bytes and tag by the clear page.
    pub(super) fn open(&self, nonce: &XNonce, aad: &[u8], page: &mut Vec<u8>) -> io::Result<()> {
        let body = page.len().checked_sub(TAG_BYTES).ok_or_else(damaged)?;
        let (clear, tag) = page.split_at_mut_checked(body).ok_or_else(damaged)?;
        let tag = Tag::clone_from_slice(tag);
        self.0.decrypt_in_place_detached(nonce, aad, clear, &tag).map_err(|_| damaged())?;
        page.truncate(body);
        Ok(())
    }

    /// Seals a small file under a fresh random nonce, which stands before it.
    pub(super) fn seal_whole(&self, name: &Path, data: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce)?;
        let mut sealed = data.to_vec();
        let aad = associated(name, Part::Whole);
        self.seal(XNonce::from_slice(&nonce), &aad, &mut sealed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`PageCipher::seal_whole`] made for the same name.
    pub(super) fn open_whole(&self, name: &Path, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(damaged)?;
        let mut clear = body.to_vec();
        let aad = associated(name, Part::Whole);
        self.open(XNonce::from_slice(nonce), &aad, &mut clear)?;
        Ok(clear)
    }
}

/// The nonce of page `number` of the file `id`.
pub(super) fn page_nonce(id: &FileId, number: u64) -> XNonce {
    let mut nonce = XNonce::default();
    for (to, from) in nonce.iter_mut().zip(id.iter().chain(&number.to_le_bytes())) {
        *to = *from;
    }
    nonce
}

/// What a box is bound to: the name of its file and which part of it this is.
pub(super) fn associated(name: &Path, part: Part) -> Vec<u8> {
    let mut aad = name.as_os_str().as_encoded_bytes().to_vec();
    aad.push(part as u8);
    aad
}

/// Fills `bytes` from the system's random source.
pub(super) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|_| io::Error::other("no random bytes from the system"))
}

/// The error of every page that does not open.
pub(super) fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a page of the search index is damaged")
}
