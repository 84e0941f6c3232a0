//! Stanzas: an epoch's key sealed to one device by one-way Noise, and the sealing keys of devices.

use std::collections::BTreeMap;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::cbor::{Dec, Enc, Malformed};
use crate::id::{DeviceId, EntryId, OrgId, SealKeyId, SpaceId, sha256};
use crate::seal::{BadEpoch, CannotOpen, Commit, Key, ascending};
use crate::secret::Secret;
use crate::{limits, noise};

/// An X25519 key that must not be used: of low order, so that the shared secret would be known to everyone.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not a usable X25519 key")]
pub struct BadSealingKey;

/// The public half of a device's sealing key, known to be of full order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealingPublic([u8; 32]);

impl SealingPublic {
    /// Accepts an X25519 public key.
    ///
    /// # Errors
    /// [`BadSealingKey`] for zero and every other point of low order (RFC 7748 §6.1).
    pub fn new(bytes: [u8; 32]) -> Result<Self, BadSealingKey> {
        if noise::is_sealing_key(&bytes) { Ok(Self(bytes)) } else { Err(BadSealingKey) }
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The short name of the key.
    pub fn id(&self) -> SealKeyId {
        SealKeyId::of_key(&self.0)
    }
}

/// The X25519 pair to which others seal epoch keys for one device.
#[derive(Clone, Debug)]
pub struct SealingKey {
    secret: Secret<32>,
    public: SealingPublic,
}

impl SealingKey {
    /// A new random pair.
    pub fn draw(rng: &mut dyn Entropy) -> Self {
        Self::from_secret(Secret::random(rng))
    }

    /// The pair that belongs to a stored secret.
    pub fn from_secret(secret: Secret<32>) -> Self {
        // A clamped secret times the base point is never of low order.
        Self { public: SealingPublic(noise::x25519_public(&secret)), secret }
    }

    /// The secret half, for the vault and nothing else.
    pub fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    /// The public half.
    pub fn public(&self) -> &SealingPublic {
        &self.public
    }

    /// The short name of the pair.
    pub fn id(&self) -> SealKeyId {
        self.public.id()
    }
}

/// What a stanza is bound to besides its recipient; for a grant the author and the heads are the grant's.
#[derive(Clone, Copy, Debug)]
pub struct SealContext<'a> {
    /// The organisation.
    pub org: &'a OrgId,
    /// The space whose key it is.
    pub space: &'a SpaceId,
    /// The device that signs the epoch or the grant.
    pub author: &'a DeviceId,
    /// The commitment of the epoch whose key it is.
    pub commit: &'a Commit,
    /// The authority's heads from which the recipients were computed; ascending.
    pub auth_heads: &'a [EntryId],
}

impl SealContext<'_> {
    fn prologue(&self, device: &DeviceId, seal_key_id: &SealKeyId) -> Vec<u8> {
        let heads: Vec<&[u8]> = self.auth_heads.iter().map(|it| it.0.as_slice()).collect();
        let mut enc = Enc::new();
        enc.array(8).str("artel/seal/1").bytes(&self.org.0).bytes(&self.space.0).bytes(&self.author.0);
        enc.bytes(&device.0).bytes(&seal_key_id.0).bytes(&self.commit.0).bytes(&sha256(&heads));
        enc.finish()
    }
}

/// An epoch's key sealed to one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stanza {
    /// For whom.
    pub device: DeviceId,
    /// To which of the device's sealing keys.
    pub seal_key_id: SealKeyId,
    /// Ephemeral public key (32) ‖ encrypted key (32) ‖ tag (16).
    pub ct: [u8; 80],
}

impl Stanza {
    /// Length of the sealed key, bytes.
    pub const CT_BYTES: usize = 80;

    /// Seals `key` to a device.
    ///
    /// # Errors
    /// [`BadSealingKey`] cannot happen for a [`SealingPublic`].
    pub fn seal(
        context: &SealContext<'_>,
        device: DeviceId,
        to: &SealingPublic,
        key: &Key,
        rng: &mut dyn Entropy,
    ) -> Result<Self, BadSealingKey> {
        let seal_key_id = to.id();
        let prologue = context.prologue(&device, &seal_key_id);
        let sealed = noise::seal_to(&to.0, &prologue, key.expose(), rng).ok_or(BadSealingKey)?;
        Ok(Self { device, seal_key_id, ct: sealed.try_into().map_err(|_| BadSealingKey)? })
    }

    /// Opens the stanza and checks the key against the commitment.
    ///
    /// # Errors
    /// Every [`CannotOpen`] but [`CannotOpen::UnknownEpoch`].
    pub fn open(&self, context: &SealContext<'_>, device: &DeviceId, own: &SealingKey) -> Result<Key, CannotOpen> {
        if self.device != *device || self.seal_key_id != own.id() {
            return Err(CannotOpen::NotOurs);
        }
        let prologue = context.prologue(device, &self.seal_key_id);
        let opened = noise::open(&own.secret, &prologue, &self.ct).map(Zeroizing::new).ok_or(CannotOpen::Seal)?;
        let key = Key::from_slice(&opened).ok_or(CannotOpen::Seal)?;
        if key.commit() == *context.commit { Ok(key) } else { Err(CannotOpen::Commit) }
    }
}

/// Writes the stanza blob of an epoch: `[* [device, seal key id, ct]]`, ascending by device. Clear CBOR.
pub fn encode_stanzas(stanzas: &[Stanza]) -> Vec<u8> {
    let mut enc = Enc::new();
    enc.array(stanzas.len() as u64);
    for it in stanzas {
        enc.array(3).bytes(&it.device.0).bytes(&it.seal_key_id.0).bytes(&it.ct);
    }
    enc.finish()
}

/// Reads a stanza blob.
///
/// # Errors
/// Anything but the deterministic form, one stanza a device, ascending, at most [`limits::STANZAS_MAX`].
pub fn decode_stanzas(blob: &[u8]) -> Result<Vec<Stanza>, Malformed> {
    let mut dec = Dec::new(blob);
    let len = dec.array(limits::STANZAS_MAX)?;
    let stanzas = (0..len)
        .map(|_| match dec.array(3)? {
            3 => Ok(Stanza {
                device: DeviceId(dec.array_of()?),
                seal_key_id: SealKeyId(dec.array_of()?),
                ct: dec.array_of()?,
            }),
            _ => Err(Malformed::Unexpected),
        })
        .collect::<Result<Vec<_>, _>>()?;
    dec.end()?;
    ascending(&stanzas.iter().map(|it| it.device).collect::<Vec<_>>())?;
    Ok(stanzas)
}

/// Whether the key went to exactly the devices it should: no stranger, nobody left out, ascending, each once.
///
/// # Errors
/// The first difference found, going by device.
pub fn check_recipients(stanzas: &[Stanza], expected: &BTreeMap<DeviceId, SealKeyId>) -> Result<(), BadEpoch> {
    ascending(&stanzas.iter().map(|it| it.device).collect::<Vec<_>>())?;
    for stanza in stanzas {
        match expected.get(&stanza.device) {
            None => return Err(BadEpoch::Stranger(stanza.device)),
            Some(id) if *id != stanza.seal_key_id => return Err(BadEpoch::SealKey(stanza.device)),
            Some(_) => {}
        }
    }
    let given = |device: &DeviceId| stanzas.binary_search_by_key(device, |it| it.device).is_ok();
    match expected.keys().find(|it| !given(it)) {
        Some(missing) => Err(BadEpoch::Missing(*missing)),
        None => Ok(()),
    }
}
