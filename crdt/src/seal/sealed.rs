//! Bodies, blobs and rosters sealed under an epoch's key: nonce ‖ ciphertext ‖ tag, with a key of their own each.
//!
//! Plaintext is padded to a multiple of [`limits::PAD_BYTES`] with 0x80 and then zeros (ISO/IEC 7816-4), always at
//! least one byte, so that a length tells no more than its multiple.

use crate::entry::Entry;
use crate::id::{DeviceId, EntryId, SpaceId};
use crate::limits;
use crate::seal::{Commit, Key, NONCE_BYTES, Nonce, aead_open, aead_seal};

/// Marks the end of the plaintext.
const PAD_MARK: u8 = 0x80;

/// Pads to the next multiple of [`limits::PAD_BYTES`] above the length.
pub fn pad(plaintext: &[u8]) -> Vec<u8> {
    let len = (plaintext.len() / limits::PAD_BYTES + 1) * limits::PAD_BYTES;
    // Room for the tag, so that appending it leaves no copy of the plaintext in a freed buffer.
    let mut padded = Vec::with_capacity(len + super::TAG_BYTES);
    padded.extend_from_slice(plaintext);
    padded.push(PAD_MARK);
    padded.resize(len, 0);
    padded
}

/// Takes the padding away; `None` if it is not exactly what [`pad`] adds.
pub fn unpad(mut padded: Vec<u8>) -> Option<Vec<u8>> {
    let zeros = padded.iter().rev().take_while(|it| **it == 0).count();
    let len = padded.len().checked_sub(zeros + 1)?;
    let exact = padded.get(len) == Some(&PAD_MARK) && zeros < limits::PAD_BYTES;
    if !exact || !padded.len().is_multiple_of(limits::PAD_BYTES) {
        return None;
    }
    padded.truncate(len);
    Some(padded)
}

fn seal(key: &Key, nonce: &Nonce, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let ciphertext = aead_seal(key, &nonce.0, aad, pad(plaintext));
    let mut sealed = Vec::with_capacity(NONCE_BYTES + ciphertext.len());
    sealed.extend_from_slice(&nonce.0);
    sealed.extend_from_slice(&ciphertext);
    sealed
}

fn open(sealed: &[u8], aad: &[u8], derive: impl FnOnce(&[u8; NONCE_BYTES]) -> Key) -> Option<Vec<u8>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    unpad(aead_open(&derive(nonce), nonce, aad, ciphertext)?)
}

fn step_key(key: &Key, space: &SpaceId, author: &DeviceId, nonce: &[u8; NONCE_BYTES]) -> Key {
    key.derive(nonce, &[b"artel/step/1", &space.0, &author.0])
}

/// Seals what goes into the body of `entry`, whose other fields 1 to 8 are final: the seal binds all of them.
///
/// The key is HKDF(epoch key, salt nonce, "artel/step/1" ‖ space ‖ kid), the AAD [`Entry::seal_aad`].
pub fn seal_body(key: &Key, entry: &Entry, plaintext: &[u8], nonce: Nonce) -> Vec<u8> {
    let step = step_key(key, &entry.space, &entry.device, &nonce.0);
    seal(&step, &nonce, &entry.seal_aad(), plaintext)
}

/// Opens the body of an entry; `None` if the key is another or anything that the seal binds was changed.
pub fn open_body(key: &Key, entry: &Entry) -> Option<Vec<u8>> {
    open(&entry.body, &entry.seal_aad(), |nonce| step_key(key, &entry.space, &entry.device, nonce))
}

fn blob_key(key: &Key, nonce: &[u8; NONCE_BYTES]) -> Key {
    key.derive(nonce, &[b"artel/blob/1"])
}

fn blob_aad(space: &SpaceId, epoch: &EntryId) -> Vec<u8> {
    [space.0.as_slice(), &epoch.0].concat()
}

/// Seals a text or a piece of a file: HKDF(epoch key, salt nonce, "artel/blob/1"), AAD = space ‖ epoch.
pub fn seal_blob(key: &Key, space: &SpaceId, epoch: &EntryId, plaintext: &[u8], nonce: Nonce) -> Vec<u8> {
    seal(&blob_key(key, &nonce.0), &nonce, &blob_aad(space, epoch), plaintext)
}

/// Opens a blob; `None` if it is of another key, space or epoch, or was changed.
pub fn open_blob(key: &Key, space: &SpaceId, epoch: &EntryId, sealed: &[u8]) -> Option<Vec<u8>> {
    open(sealed, &blob_aad(space, epoch), |nonce| blob_key(key, nonce))
}

fn members_key(key: &Key, nonce: &[u8; NONCE_BYTES]) -> Key {
    key.derive(nonce, &[b"artel/members/1"])
}

fn members_aad(space: &SpaceId, commit: &Commit) -> Vec<u8> {
    [space.0.as_slice(), &commit.0].concat()
}

/// Seals the roster that a private epoch carries: "artel/members/1", AAD = space ‖ commitment. Not the epoch's id as in
/// other blobs, because that id is the hash of an entry that names this very blob.
pub fn seal_members(key: &Key, space: &SpaceId, roster: &[u8], nonce: Nonce) -> Vec<u8> {
    let members = members_key(key, &nonce.0);
    seal(&members, &nonce, &members_aad(space, &key.commit()), roster)
}

/// Opens the roster of a private epoch.
pub fn open_members(key: &Key, space: &SpaceId, sealed: &[u8]) -> Option<Vec<u8>> {
    open(sealed, &members_aad(space, &key.commit()), |nonce| members_key(key, nonce))
}
