//! The certificates that prove a device to somebody who knows nothing but the organisation's id.

use artel_crdt::authority::{Act, Device};
use artel_crdt::cert::{Bundle, Unverified, entry_cose};
use artel_crdt::entry::{BlobRef, Signed};
use artel_crdt::id::DeviceId;
use artel_crdt::time::{Hlc, Timestamp};

use crate::client::{self, Error, ErrorKind};

use super::Driver;

/// Certificates looked for at most; no reader takes a bundle with more.
const CERTIFICATES_MAX: usize = 16;

/// One certificate of a device.
struct Issued {
    at: Timestamp,
    by: DeviceId,
    /// When its act was written; certificates tell whole seconds.
    written: Hlc,
    bytes: Vec<u8>,
}

impl Driver {
    /// The exported certificate of this device.
    pub(crate) fn export_certificate(&self) -> client::Result<Vec<u8>> {
        let bundle = self.bundle(self.replica.device());
        bundle.map(|it| it.encode()).ok_or_else(|| Error::new(ErrorKind::NotFound, "certificate"))
    }

    /// The certificate of a device, that of its issuer as it was when he issued it, and so on to the root. A renewed one is
    /// issued by its own device, so the one before follows it.
    pub(crate) fn bundle(&self, device: DeviceId) -> Option<Bundle> {
        let state = self.replica.authority().state();
        let organisation = self.stored_entries(self.replica.organisation_space());
        let (mut at, mut until) = (device, Timestamp(u64::MAX));
        let mut certificates = Vec::new();
        while let Some(known) = state.devices.get(&at) {
            let of = at;
            let mut issued = self.certificates_of(&organisation, of, known);
            issued.retain(|it| it.at <= until);
            for certificate in issued.into_iter().rev() {
                (at, until) = (certificate.by, certificate.at);
                certificates.push(certificate.bytes);
                if at != of {
                    break;
                }
            }
            if certificates.len() > CERTIFICATES_MAX || at == of {
                return None;
            }
        }
        // Of the root that founded: the id follows from it. Who was made an owner by a later one needs the way to it.
        let genesis = organisation.iter().find(|it| it.entry.is_genesis())?;
        let root_key = self.replica.keys().devices.get(&genesis.entry.device)?.to_bytes();
        let rotations = self.rotations(&organisation, genesis.entry.device, at)?;
        Some(Bundle { certificates, root_key, genesis: entry_cose(genesis)?, rotations })
    }

    /// The acts that lead from one root to another.
    fn rotations(&self, organisation: &[Signed], founding: DeviceId, issuer: DeviceId) -> Option<Vec<Vec<u8>>> {
        let (mut root, mut rotations) = (founding, Vec::new());
        while root != issuer {
            let followed = |it: &&Signed| it.entry.device == root && self.replica.authority().denied(&it.id).is_none();
            let next = organisation.iter().filter(followed).find_map(|it| match Act::decode(&it.entry.body) {
                Ok(Act::RootRotate(act)) => Some((it, DeviceId::of_key(&act.root_pk))),
                _ => None,
            });
            let (act, next) = next?;
            rotations.push(entry_cose(act)?);
            root = next;
            if rotations.len() > CERTIFICATES_MAX {
                return None;
            }
        }
        Some(rotations)
    }

    /// Certificates of a device, oldest first: that of the act which let it in, those that it gave itself, and that of the
    /// act which gave its person the present role.
    fn certificates_of(&self, organisation: &[Signed], device: DeviceId, known: &Device) -> Vec<Issued> {
        let granted = self.replica.authority().state().persons.get(&known.person).map(|it| it.granted);
        let acts = organisation
            .iter()
            .filter(|it| it.id == known.enrolled || it.entry.device == device || Some(it.id) == granted);
        let blobs = acts.flat_map(|it| it.entry.blobs.iter().map(move |blob| (it, blob)));
        let read = |(entry, blob): (&Signed, &BlobRef)| {
            let bytes = self.replica.clear_blob(&blob.hash)?;
            let read = Unverified::parse(bytes).ok().filter(|it| it.claims.device_key == known.key)?;
            let by = Some(read.issuer).filter(|it| *it == entry.entry.device)?;
            Some(Issued { at: read.claims.validity.issued, by, written: entry.entry.hlc, bytes: bytes.to_vec() })
        };
        let mut issued: Vec<Issued> = blobs.filter_map(read).collect();
        issued.sort_by_key(|it| (it.at, it.written));
        issued
    }
}
