//! The key ring of one space: the epochs that are known, how they hang together, and the keys that were opened.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{BlobRef, Signed};
use crate::id::{BlobHash, DeviceId, EntryId, LogId, OrgId, SealKeyId, SpaceId};
use crate::seal::{
    BadEpoch, CannotOpen, EpochBody, Grant, Key, SealContext, SealingKey, decode_stanzas, unwrap_audience, unwrap_older,
};
use crate::time::Hlc;

/// One epoch of a space.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// Its entry, which is its name.
    pub id: EntryId,
    /// The device that opened it.
    pub author: DeviceId,
    /// When.
    pub hlc: Hlc,
    /// Where its entry stands.
    pub position: (LogId, u64),
    /// What its entry says.
    pub body: EpochBody,
    /// The blob with the stanzas; it can be dropped once everybody has the key.
    pub stanzas: Option<BlobRef>,
    /// The blob with the sealed roster.
    pub roster: Option<BlobRef>,
    /// To which sealing key of which device it was sealed; `None` until the stanza blob was seen.
    pub recipients: Option<BTreeMap<DeviceId, SealKeyId>>,
    key: Option<Key>,
}

impl Epoch {
    /// The key, if it was opened and is not locked away.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }
}

/// A device and the sealing keys it holds, the present one and those before it.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The device.
    pub device: DeviceId,
    /// Its keys.
    pub keys: &'a [SealingKey],
}

impl Holder<'_> {
    fn key(&self, id: &SealKeyId) -> Result<&SealingKey, CannotOpen> {
        self.keys.iter().find(|it| it.id() == *id).ok_or(CannotOpen::NotOurs)
    }
}

/// The epochs and keys of one space. Holds what it is given: whether an epoch is valid is judged before it comes here.
#[derive(Clone, Debug)]
pub struct KeyRing {
    org: OrgId,
    space: SpaceId,
    epochs: BTreeMap<EntryId, Epoch>,
    /// Named as `prev` by an epoch that is here.
    superseded: BTreeSet<EntryId>,
    /// For an older epoch, the newer ones that wrap its key.
    wrapped_by: BTreeMap<EntryId, BTreeSet<EntryId>>,
    /// Opened epochs whose key a newer opened one really wraps: who has the newer one needs no other way to them.
    within: BTreeSet<EntryId>,
}

impl KeyRing {
    /// An empty ring.
    pub fn new(org: OrgId, space: SpaceId) -> Self {
        Self {
            org,
            space,
            epochs: BTreeMap::new(),
            superseded: BTreeSet::new(),
            wrapped_by: BTreeMap::new(),
            within: BTreeSet::new(),
        }
    }

    /// Takes an epoch in, with its stanza blob if that is at hand, and returns what newer keys open at once. An epoch
    /// that is here already changes nothing, save that its stanzas are noted.
    ///
    /// # Errors
    /// The entry is no well-formed epoch of this space, or the blob is not its own.
    pub fn add_epoch(&mut self, signed: &Signed, stanzas: Option<&[u8]>) -> Result<Vec<EntryId>, BadEpoch> {
        let (id, entry) = (signed.id, &signed.entry);
        if entry.space != self.space {
            return Err(BadEpoch::Kind);
        }
        let body = EpochBody::of(entry)?;
        let named = body.stanzas(entry);
        let recipients = stanzas.map(|blob| read_recipients(named, blob)).transpose()?;
        if let Some(known) = self.epochs.get_mut(&id) {
            known.recipients = known.recipients.take().or(recipients);
            return Ok(Vec::new());
        }
        self.superseded.extend(&body.prev);
        for wrap in &body.wraps {
            self.wrapped_by.entry(wrap.epoch).or_default().insert(id);
        }
        let roster = body.roster(entry);
        let (author, hlc, position) = (entry.device, entry.hlc, (entry.log(), entry.seq));
        let epoch = Epoch { id, author, hlc, position, body, stanzas: named, roster, recipients, key: None };
        self.epochs.insert(id, epoch);
        let key = self.wrapped_by.get(&id).into_iter().flatten().find_map(|newer| self.key_within(newer, &id));
        Ok(key.map_or(Vec::new(), |key| self.put(id, key)))
    }

    /// Notes to whom an epoch was sealed, when its stanza blob comes later than its entry.
    ///
    /// # Errors
    /// The epoch is unknown or the blob is not its own.
    pub fn add_stanzas(&mut self, epoch: &EntryId, blob: &[u8]) -> Result<(), BadEpoch> {
        let known = self.epochs.get_mut(epoch).ok_or(BadEpoch::Unknown(*epoch))?;
        known.recipients = Some(read_recipients(known.stanzas, blob)?);
        Ok(())
    }

    /// Puts a key in, and follows wraps to older epochs. Returns every epoch that this opened.
    ///
    /// # Errors
    /// [`CannotOpen::UnknownEpoch`], or [`CannotOpen::Commit`] if it is not the epoch's key.
    pub fn learn(&mut self, epoch: &EntryId, key: Key) -> Result<Vec<EntryId>, CannotOpen> {
        let known = self.epochs.get(epoch).ok_or(CannotOpen::UnknownEpoch)?;
        if key.commit() != known.body.commit {
            return Err(CannotOpen::Commit);
        }
        Ok(self.put(*epoch, key))
    }

    /// Opens an epoch by the stanza for this device, and what follows from it.
    ///
    /// # Errors
    /// There is none, or it does not open to the committed key.
    pub fn open_stanza(
        &mut self,
        epoch: &EntryId,
        blob: &[u8],
        holder: &Holder<'_>,
    ) -> Result<Vec<EntryId>, CannotOpen> {
        let key = self.peek_stanza(epoch, blob, holder)?;
        Ok(self.put(*epoch, key))
    }

    /// The key that the stanza for this device holds, without putting it in.
    ///
    /// # Errors
    /// As [`Self::open_stanza`].
    pub fn peek_stanza(&self, epoch: &EntryId, blob: &[u8], holder: &Holder<'_>) -> Result<Key, CannotOpen> {
        let known = self.epochs.get(epoch).ok_or(CannotOpen::UnknownEpoch)?;
        let stanzas = decode_stanzas(blob).map_err(|_| CannotOpen::Seal)?;
        let stanza = stanzas.iter().find(|it| it.device == holder.device).ok_or(CannotOpen::NotOurs)?;
        let own = holder.key(&stanza.seal_key_id)?;
        let context = self.context(known, &known.author, &known.body.auth_heads);
        stanza.open(&context, &holder.device, own)
    }

    /// Opens what a grant gives this device, and what follows from it; `author` signed the grant. Keys of epochs that
    /// are not here yet, and those that do not open, are passed over: the caller keeps the grant and asks again.
    pub fn open_grant(&mut self, author: &DeviceId, grant: &Grant, holder: &Holder<'_>) -> Vec<EntryId> {
        let Ok(own) = holder.key(&grant.seal_key_id) else {
            return Vec::new();
        };
        let mut opened = Vec::new();
        for (epoch, _) in &grant.keys {
            let Some(known) = self.epochs.get(epoch).filter(|it| it.key.is_none()) else {
                continue;
            };
            let context = self.context(known, author, &grant.auth_heads);
            if let Ok(key) = grant.open(epoch, &context, &holder.device, own) {
                opened.extend(self.put(*epoch, key));
            }
        }
        opened
    }

    /// Opens the epochs of a public channel whose audience's key is in `audience`, and what follows from them.
    pub fn open_by_audience(&mut self, audience: &KeyRing) -> Vec<EntryId> {
        let space = self.space;
        let found: Vec<(EntryId, Key)> = self
            .epochs
            .values()
            .filter(|it| it.key.is_none())
            .filter_map(|it| {
                let wrap = it.body.audience.as_ref()?;
                let key = unwrap_audience(audience.key(&wrap.epoch)?, &space, &it.body.commit, wrap)?;
                Some((it.id, key))
            })
            .collect();
        found.into_iter().flat_map(|(id, key)| self.put(id, key)).collect()
    }

    /// The epochs that no other one names as `prev`, ascending.
    pub fn heads(&self) -> Vec<EntryId> {
        self.epochs.keys().filter(|it| !self.superseded.contains(it)).copied().collect()
    }

    /// Whether an epoch is a strict ancestor of another, as far as their ancestors are known.
    pub fn is_before(&self, older: &EntryId, newer: &EntryId) -> bool {
        let mut known = BTreeSet::new();
        let mut open = vec![*newer];
        while let Some(epoch) = open.pop() {
            for prev in self.epochs.get(&epoch).into_iter().flat_map(|it| &it.body.prev) {
                if prev == older {
                    return true;
                }
                if known.insert(*prev) {
                    open.push(*prev);
                }
            }
        }
        false
    }

    /// The head to seal under: among those whose key is here and that the caller finds eligible the newest by clock,
    /// then by id. Replicas that hold the same epochs and keys choose the same one.
    pub fn choose_head(&self, eligible: impl Fn(&Epoch) -> bool) -> Option<EntryId> {
        self.epochs
            .values()
            .filter(|it| !self.superseded.contains(&it.id) && it.key.is_some() && eligible(it))
            .max_by_key(|it| (it.hlc, it.id))
            .map(|it| it.id)
    }

    /// The fewest epochs that open everything held here, where history is shared: the held ones that no other held epoch
    /// wraps. What a grant gives, and what somebody must have to lack nothing.
    pub fn seeds(&self) -> impl Iterator<Item = (&Epoch, &Key)> {
        let held = self.epochs.values().filter_map(|it| Some((it, it.key()?)));
        held.filter(|(it, _)| !self.within.contains(&it.id))
    }

    /// These epochs and all whose keys theirs wrap, on and on: what somebody can open who was given theirs.
    pub fn with_older(&self, epochs: impl IntoIterator<Item = EntryId>) -> BTreeSet<EntryId> {
        let mut open: Vec<EntryId> = epochs.into_iter().collect();
        let mut all = BTreeSet::new();
        while let Some(id) = open.pop() {
            if all.insert(id) {
                open.extend(self.epochs.get(&id).into_iter().flat_map(|it| &it.body.wraps).map(|it| it.epoch));
            }
        }
        all
    }

    /// An epoch.
    pub fn get(&self, epoch: &EntryId) -> Option<&Epoch> {
        self.epochs.get(epoch)
    }

    /// The key of an epoch, if it was opened.
    pub fn key(&self, epoch: &EntryId) -> Option<&Key> {
        self.epochs.get(epoch)?.key()
    }

    /// All epochs, ascending by id.
    pub fn epochs(&self) -> impl Iterator<Item = &Epoch> {
        self.epochs.values()
    }

    /// Erases all keys and keeps the rest: the screen is locked.
    pub fn drop_keys(&mut self) {
        for epoch in self.epochs.values_mut() {
            epoch.key = None;
        }
        self.within.clear();
    }

    fn context<'a>(&'a self, epoch: &'a Epoch, author: &'a DeviceId, auth_heads: &'a [EntryId]) -> SealContext<'a> {
        SealContext { org: &self.org, space: &self.space, author, commit: &epoch.body.commit, auth_heads }
    }

    /// The key of `older` as `newer` wraps it, if that one is open and told the truth.
    fn key_within(&self, newer: &EntryId, older: &EntryId) -> Option<Key> {
        let commit = &self.epochs.get(older)?.body.commit;
        let newer = self.epochs.get(newer)?;
        let wrap = newer.body.wraps.iter().find(|it| it.epoch == *older)?;
        unwrap_older(newer.key()?, commit, wrap)
    }

    /// Stores a checked key and opens whatever it wraps, on and on; a loop, because chains of epochs grow long.
    fn put(&mut self, epoch: EntryId, key: Key) -> Vec<EntryId> {
        let mut opened = Vec::new();
        let mut found = vec![(epoch, key)];
        while let Some((id, key)) = found.pop() {
            let Some(known) = self.epochs.get_mut(&id).filter(|it| it.key.is_none()) else {
                continue;
            };
            known.key = Some(key);
            opened.push(id);
            for older in known.body.wraps.iter().map(|it| it.epoch).collect::<Vec<_>>() {
                let Some(key) = self.key_within(&id, &older) else { continue };
                self.within.insert(older);
                found.extend(self.key(&older).is_none().then_some((older, key)));
            }
            let newer = self.wrapped_by.get(&id).into_iter().flatten();
            if newer.into_iter().any(|it| self.key_within(it, &id).is_some()) {
                self.within.insert(id);
            }
        }
        opened
    }
}

fn read_recipients(named: Option<BlobRef>, blob: &[u8]) -> Result<BTreeMap<DeviceId, SealKeyId>, BadEpoch> {
    if named.is_none_or(|it| it.hash != BlobHash::of(blob)) {
        return Err(BadEpoch::Blob);
    }
    Ok(decode_stanzas(blob)?.into_iter().map(|it| (it.device, it.seal_key_id)).collect())
}
