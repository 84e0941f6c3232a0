//! Founding an organisation: what the root signs, once, before its phrase is put away.

use ed25519_dalek::SigningKey;

use crate::Ctx;
use crate::authority::{Act, Enrol, Genesis, OwnerGrant, Policy, Role};
use crate::cert::{Claims, Email, MailProof, Validity, email_tag};
use crate::entry::{BlobRef, Entry, Kind, Signed};
use crate::id::{BlobHash, CertId, DeviceId, EntryId, Inc, OrgId, PersonId, SealKeyId, SpaceId};
use crate::run::{Packet, Run};
use crate::time::Hlc;

use super::acts::name_blob;
use super::{Identity, Refusal};

/// What an organisation begins with.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Its name.
    pub name: String,
    /// Name of the founder.
    pub person: String,
    /// Mail address of the founder; its domain must be among `domains`.
    pub email: Email,
    /// Mail domains of the organisation.
    pub domains: Vec<String>,
    /// What the founder's device calls itself.
    pub device_name: String,
}

/// The root's log: Genesis, Enrol of the founder, OwnerGrant.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The new organisation.
    pub org: OrgId,
    /// The three entries, each a packet with its blobs.
    pub packets: Vec<Packet>,
}

/// Founds an organisation with the root key; the identity is the founder's first device.
///
/// # Errors
/// [`Refusal::TooLong`] for names, [`Refusal::ForeignDomain`] if the founder's address is outside the domains.
pub fn found(
    ctx: &mut Ctx<'_>,
    root: &SigningKey,
    founder: &Identity,
    founding: &Founding,
) -> Result<Founded, Refusal> {
    founding.email.check_policy(&founding.domains).map_err(|_| Refusal::ForeignDomain)?;
    let mut log = RootLog::begin(ctx, root);
    let genesis = Act::Genesis(Genesis {
        name: 0,
        root_pk: root.verifying_key().to_bytes(),
        policy: Policy::with_domains(founding.domains.clone()),
        created: ctx.now.0,
    });
    log.write(&genesis, vec![name_blob(&founding.name)?])?;
    let (org, person) = (log.org, PersonId(ctx.rng.bytes()));
    let sealing = founder.sealing.first().ok_or(Refusal::NoKey)?.public();
    let device_pk = founder.signing.verifying_key().to_bytes();
    let claims = Claims {
        org,
        email: founding.email.clone(),
        validity: Validity::starting(ctx.now),
        id: CertId(ctx.rng.bytes()),
        device_key: device_pk,
        seal_key: *sealing.as_bytes(),
        role: Role::Owner.rank(),
        person,
        caps: Role::Owner.caps().0,
        device_name: founding.device_name.clone(),
        relies_on: log.last.ok_or(Refusal::NotFound)?,
        mail_proof: MailProof::None,
    };
    let certificate = claims.sign(root).map_err(|_| Refusal::TooLong)?;
    let enrol = Act::Enrol(Enrol {
        invite: None,
        person,
        device_pk,
        seal_pk: *sealing.as_bytes(),
        seal_key_id: SealKeyId::of_key(sealing.as_bytes()),
        role: Role::Owner,
        caps: Role::Owner.caps(),
        cti: claims.id,
        email_tag: email_tag(&org, &founding.email),
        certificate: 0,
        email: 1,
        name: 2,
    });
    log.write(&enrol, vec![certificate, founding.email.as_str().as_bytes().to_vec(), name_blob(&founding.person)?])?;
    log.write(&Act::OwnerGrant(OwnerGrant { person, on: true }), Vec::new())?;
    Ok(Founded { org, packets: log.packets })
}

/// One use of the recovery phrase: a log of the root under an `inc` of its own.
struct RootLog<'k> {
    key: &'k SigningKey,
    org: OrgId,
    inc: Inc,
    hlc: Hlc,
    last: Option<EntryId>,
    packets: Vec<Packet>,
}

impl<'k> RootLog<'k> {
    fn begin(ctx: &mut Ctx<'_>, key: &'k SigningKey) -> Self {
        let hlc = Hlc { ms: ctx.now.0, ctr: 0 };
        Self { key, org: OrgId([0; 20]), inc: Inc(ctx.rng.bytes()), hlc, last: None, packets: Vec::new() }
    }

    fn write(&mut self, act: &Act, blobs: Vec<Vec<u8>>) -> Result<(), Refusal> {
        let entry = Entry {
            device: DeviceId::of_key(self.key.verifying_key().as_bytes()),
            space: SpaceId::organisation(&self.org),
            inc: self.inc,
            seq: self.packets.len() as u64,
            prev: self.last,
            seen: Vec::new(),
            hlc: self.hlc,
            kind: Kind::Act,
            epoch: None,
            body: act.encode(),
            blobs: blobs.iter().map(|it| BlobRef::of(it)).collect(),
        };
        entry.check_form().map_err(|_| Refusal::TooLong)?;
        let signed = self.sign(entry);
        (self.last, self.hlc) = (Some(signed.id), Hlc { ctr: self.hlc.ctr + 1, ..self.hlc });
        let mut packet = Packet::of(Run::own(signed));
        packet.blobs = blobs.into_iter().map(|it| (BlobHash::of(&it), it)).collect();
        self.packets.push(packet);
        Ok(())
    }

    /// The Genesis is signed without an organisation and gives it its name.
    fn sign(&mut self, entry: Entry) -> Signed {
        let genesis = entry.is_genesis();
        let mut signed = entry.sign(&self.org, self.key);
        if let (true, Some(org)) = (genesis, signed.id.0.first_chunk::<20>()) {
            self.org = OrgId(*org);
            signed.entry.space = SpaceId::organisation(&self.org);
        }
        signed
    }
}
