//! Opening an epoch and granting keys: everything that is sealed to others, made in one place.

use std::collections::BTreeMap;

use crate::Entropy;
use crate::id::{DeviceId, EntryId, OrgId, SpaceId};
use crate::limits;
use crate::seal::{
    BadSealingKey, EpochBody, Grant, Key, Nonce, Reason, SealContext, SealingPublic, Stanza, encode_stanzas,
    seal_members, wrap_audience, wrap_older,
};

/// What a new epoch is made from. Who must be among the recipients is for the caller to know.
#[derive(Clone, Debug)]
pub struct Rotation<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The space.
    pub space: SpaceId,
    /// The device that signs the entry.
    pub author: DeviceId,
    /// All heads of the space's epochs; at most the 16 lowest are kept.
    pub prev: Vec<EntryId>,
    /// Heads of the authority; at most 16.
    pub auth_heads: Vec<EntryId>,
    /// Why.
    pub reason: Reason,
    /// Devices to which the key is sealed; empty for a public channel without guests.
    pub recipients: &'a BTreeMap<DeviceId, SealingPublic>,
    /// The audience's epoch and key, for a public channel.
    pub audience: Option<(EntryId, &'a Key)>,
    /// Older epochs to wrap, where history is shared; at most 16.
    pub older: &'a [(EntryId, &'a Key)],
    /// The encoded roster ([`crate::roster::Roster::encode`]), for a private space.
    pub roster: Option<&'a [u8]>,
}

/// A new epoch: its key stays here, the rest goes into an entry of kind epoch without `epoch`.
#[derive(Clone, Debug)]
pub struct NewEpoch {
    /// The key.
    pub key: Key,
    /// The body.
    pub body: EpochBody,
    /// The blobs of the entry, in order.
    pub blobs: Vec<Vec<u8>>,
}

impl Rotation<'_> {
    /// Draws a key and seals it to everyone it is for.
    ///
    /// # Errors
    /// Never with the primitives this program is built with.
    pub fn seal(mut self, rng: &mut dyn Entropy) -> Result<NewEpoch, BadSealingKey> {
        for ids in [&mut self.prev, &mut self.auth_heads] {
            ids.sort_unstable();
            ids.dedup();
            ids.truncate(limits::SEEN_MAX);
        }
        let key = Key::draw(rng);
        let commit = key.commit();
        let context = SealContext {
            org: &self.org,
            space: &self.space,
            author: &self.author,
            commit: &commit,
            auth_heads: &self.auth_heads,
        };
        let stanzas = self
            .recipients
            .iter()
            .map(|(device, public)| Stanza::seal(&context, *device, public, &key, rng))
            .collect::<Result<Vec<_>, _>>()?;
        let mut blobs = Vec::new();
        let sealed = self.audience.is_none() || !stanzas.is_empty();
        let stanzas_blob = sealed.then(|| push(&mut blobs, encode_stanzas(&stanzas)));
        let audience = self.audience.map(|it| wrap_audience(it, &self.space, &key, Nonce::draw(rng)));
        let older: BTreeMap<_, _> = self.older.iter().copied().collect();
        let wraps = older.into_iter().take(limits::SEEN_MAX).map(|it| wrap_older(&key, it, Nonce::draw(rng))).collect();
        let roster = self.roster.map(|it| seal_members(&key, &self.space, it, Nonce::draw(rng)));
        let roster_blob = roster.map(|it| push(&mut blobs, it));
        let Self { prev, auth_heads, reason, .. } = self;
        let body = EpochBody { prev, auth_heads, commit, reason, stanzas_blob, audience, wraps, roster_blob };
        Ok(NewEpoch { key, body, blobs })
    }
}

fn push(blobs: &mut Vec<Vec<u8>>, blob: Vec<u8>) -> usize {
    blobs.push(blob);
    blobs.len() - 1
}

impl Grant {
    /// Seals existing keys to one device; `author` is the device that signs the grant. At most 256 keys are taken, the
    /// caller divides more into several grants.
    ///
    /// # Errors
    /// Never with the primitives this program is built with.
    pub fn seal(
        place: (&OrgId, &SpaceId, &DeviceId),
        to: (DeviceId, &SealingPublic),
        auth_heads: &[EntryId],
        keys: &BTreeMap<EntryId, &Key>,
        rng: &mut dyn Entropy,
    ) -> Result<Self, BadSealingKey> {
        let (org, space, author) = place;
        let mut auth_heads = auth_heads.to_vec();
        auth_heads.sort_unstable();
        auth_heads.dedup();
        auth_heads.truncate(limits::SEEN_MAX);
        let keys = keys
            .iter()
            .take(limits::GRANT_KEYS_MAX)
            .map(|(epoch, key)| {
                let commit = key.commit();
                let context = SealContext { org, space, author, commit: &commit, auth_heads: &auth_heads };
                Ok((*epoch, Stanza::seal(&context, to.0, to.1, key, rng)?.ct))
            })
            .collect::<Result<Vec<_>, BadSealingKey>>()?;
        Ok(Self { keys, auth_heads, device: to.0, seal_key_id: to.1.id() })
    }
}
