//! The certificates of devices that are in: which one counts, and those that go with another role.

use ed25519_dalek::SigningKey;

use crate::Ctx;
use crate::authority::{Caps, Role};
use crate::cert::{Claims, Email, MailProof, Unverified, Validity};
use crate::entry::BlobRef;
use crate::id::{CertId, DeviceId, PersonId};
use crate::limits;

use super::command::NewDevice;
use super::{Refusal, Replica};

impl Replica {
    /// What the newest certificate of a device claims: that which it came or was renewed with, or that which came with its
    /// person's present role.
    fn claims_of(&self, device: &DeviceId) -> Option<Claims> {
        let state = self.authority.state();
        let known = state.devices.get(device)?;
        let granted = state.persons.get(&known.person).map_or(&[][..], |it| self.authority.blobs_of(&it.granted));
        let read = |blob: &BlobRef| Some(Unverified::parse(self.clear_blob(&blob.hash)?).ok()?.claims);
        let of_device = |it: &Claims| it.device_key == known.key;
        known.certificate.iter().chain(granted).filter_map(read).filter(of_device).max_by_key(|it| it.validity.issued)
    }

    /// The same, to be claimed anew from now on under a number of its own.
    pub(super) fn claims_anew(&self, ctx: &mut Ctx<'_>, device: &DeviceId) -> Result<Claims, Refusal> {
        let claims = self.claims_of(device).ok_or(Refusal::NotFound)?;
        let relies_on = *self.authority.heads().first().ok_or(Refusal::NotFound)?;
        Ok(Claims { validity: Validity::starting(ctx.now), id: CertId(ctx.rng.bytes()), relies_on, ..claims })
    }

    /// What a further device of somebody else claims: his address and what he may now. His other devices may be gone.
    pub(super) fn claims_for(&self, ctx: &mut Ctx<'_>, new: &NewDevice) -> Result<Claims, Refusal> {
        let person = self.authority.state().persons.get(&new.person).ok_or(Refusal::NotFound)?;
        let email = person.email.and_then(|it| self.name(&it.hash)).ok_or(Refusal::NotFound)?;
        Ok(Claims {
            org: self.org,
            email: Email::parse(email).map_err(|_| Refusal::ForeignDomain)?,
            validity: Validity::starting(ctx.now),
            id: CertId(ctx.rng.bytes()),
            device_key: new.device_key,
            seal_key: new.seal_key,
            role: person.role.rank(),
            person: new.person,
            caps: person.caps.0,
            device_name: new.device_name.clone(),
            relies_on: *self.authority.heads().first().ok_or(Refusal::NotFound)?,
            mail_proof: MailProof::None,
        })
    }

    /// Certificates with another role for the devices of a person, signed by who gives it: with the ones they came with
    /// nobody would believe them that they may let people in. A device whose certificate is not here goes without.
    pub(super) fn certificates_with(
        &self,
        ctx: &mut Ctx<'_>,
        person: &PersonId,
        (role, caps): (Role, Caps),
        issuer: &SigningKey,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        let devices: Vec<DeviceId> = self.authority.state().devices_of(person).map(|it| it.0).collect();
        let mut certificates = Vec::new();
        for device in devices.iter().take(limits::BLOBS_MAX) {
            let Ok(claims) = self.claims_anew(ctx, device) else { continue };
            let claims = Claims { role: role.rank(), caps: role.caps().with(caps).0, ..claims };
            certificates.push(claims.sign(issuer).map_err(|_| Refusal::TooLong)?);
        }
        Ok(certificates)
    }
}
