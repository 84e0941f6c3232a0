//! Noise (<https://noiseprotocol.org/noise.html>, revision 34) by `snow`, with chance from [`Entropy`] alone.
//!
//! Two things are changed in snow's primitives: randomness is drawn before the handshake starts, and an X25519 result
//! of all zeros, which only a key of small order gives, is an error. One-way sealing to a device (`Noise_N`) is here;
//! the interactive handshake is in [`crate::enrol`].

use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{BoxedCryptoResolver, CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, Error};

use crate::Entropy;
use crate::secret::Secret;

/// Largest Noise message, bytes.
pub const MESSAGE_BYTES_MAX: usize = 65_535;

/// Bytes of the tag that seals every Noise payload.
pub const TAG_BYTES: usize = 16;

/// What [`seal_to`] adds to a plaintext: the ephemeral public key and the tag, bytes.
pub const SEAL_BYTES: usize = 32 + TAG_BYTES;

/// One-way pattern: to a known sealing key, from nobody in particular.
const PATTERN_N: &str = "Noise_N_25519_ChaChaPoly_SHA256";

/// A builder whose one ephemeral key comes from `rng`.
///
/// # Errors
/// If snow does not know the pattern.
pub fn builder<'b>(pattern: &str, rng: &mut dyn Entropy) -> Result<Builder<'b>, Error> {
    let resolver: BoxedCryptoResolver = Box::new(Resolver { ephemeral: Some(Secret::random(rng)) });
    Ok(Builder::with_resolver(pattern.parse()?, resolver))
}

/// A builder for a side that draws nothing.
fn drawing_nothing<'b>(pattern: &str) -> Result<Builder<'b>, Error> {
    let resolver: BoxedCryptoResolver = Box::new(Resolver { ephemeral: None });
    Ok(Builder::with_resolver(pattern.parse()?, resolver))
}

/// Seals `plaintext` so that only the holder of the X25519 key can open it, and only with the same prologue.
/// The result is [`SEAL_BYTES`] longer. `None` if the key is of small order or the plaintext above 65 487 bytes.
pub fn seal_to(public: &[u8; 32], prologue: &[u8], plaintext: &[u8], rng: &mut dyn Entropy) -> Option<Vec<u8>> {
    let builder = builder(PATTERN_N, rng).ok()?.remote_public_key(public).ok()?.prologue(prologue).ok()?;
    let mut sealed = vec![0; plaintext.len() + SEAL_BYTES];
    let len = builder.build_initiator().ok()?.write_message(plaintext, &mut sealed).ok()?;
    (len == sealed.len()).then_some(sealed)
}

/// Opens what [`seal_to`] sealed; `None` for another key, another prologue or any changed byte.
pub fn open(secret: &Secret<32>, prologue: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let builder = drawing_nothing(PATTERN_N).ok()?.local_private_key(secret.expose()).ok()?.prologue(prologue).ok()?;
    let mut plaintext = vec![0; sealed.len().checked_sub(SEAL_BYTES)?];
    let len = builder.build_responder().ok()?.read_message(sealed, &mut plaintext).ok()?;
    (len == plaintext.len()).then_some(plaintext)
}

/// The public key of an X25519 secret.
pub fn x25519_public(secret: &Secret<32>) -> [u8; 32] {
    let mut public = [0; 32];
    if let Some(mut dh) = DefaultResolver.resolve_dh(&DHChoice::Curve25519) {
        dh.set(secret.expose());
        for (to, from) in public.iter_mut().zip(dh.pubkey()) {
            *to = *from;
        }
    }
    public
}

/// The u-coordinates of small order, little-endian: 0, 1, two of order 8, p − 1, and p and p + 1, which are 0 and 1 once
/// more (<https://cr.yp.to/ecdh.html>, "How do I validate Curve25519 public keys?"; the bit above them is not looked at).
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    padded(0x01, 0, 0),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    padded(0xec, 0xff, 0x7f),
    padded(0xed, 0xff, 0x7f),
    padded(0xee, 0xff, 0x7f),
];

/// The first byte, all those between, and the last.
const fn padded(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    (bytes[0], bytes[31]) = (first, last);
    bytes
}

/// Whether an X25519 public key can be sealed to: with one of small order the shared secret would be zeros. Looked up and
/// not multiplied out, because every list of recipients asks it of every one of them.
pub fn is_sealing_key(public: &[u8; 32]) -> bool {
    let mut masked = *public;
    if let Some(last) = masked.last_mut() {
        *last &= 0x7f;
    }
    !SMALL_ORDER.contains(&masked)
}

/// Gives snow its primitives; one ephemeral key is all the chance there is.
struct Resolver {
    ephemeral: Option<Secret<32>>,
}

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Drawn(self.ephemeral.clone())))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        Some(Box::new(Contributory(DefaultResolver.resolve_dh(choice)?)))
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

/// Bytes that are given out once, whole; a second draw is an error and never a repeated key.
struct Drawn(Option<Secret<32>>);

impl Random for Drawn {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        let bytes = self.0.take().filter(|it| it.expose().len() == dest.len()).ok_or(Error::Rng)?;
        for (to, from) in dest.iter_mut().zip(bytes.expose()) {
            *to = *from;
        }
        Ok(())
    }
}

/// Refuses shared secrets of all zeros (RFC 7748 §6.1), which snow's own X25519 lets pass.
struct Contributory(Box<dyn Dh>);

impl Dh for Contributory {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn pub_len(&self) -> usize {
        self.0.pub_len()
    }

    fn priv_len(&self) -> usize {
        self.0.priv_len()
    }

    fn set(&mut self, privkey: &[u8]) {
        self.0.set(privkey);
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        self.0.generate(rng)
    }

    fn pubkey(&self) -> &[u8] {
        self.0.pubkey()
    }

    fn privkey(&self) -> &[u8] {
        self.0.privkey()
    }

    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        self.0.dh(pubkey, out)?;
        if out.iter().take(self.0.dh_len()).all(|byte| *byte == 0) { Err(Error::Dh) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
