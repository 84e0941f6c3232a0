//! The record of what administrators did, as people read it.

use artel_crdt::authority::{Act, Actor, Audited, Caps, Outcome};
use artel_crdt::entry::BlobRef;
use artel_crdt::id::{DeviceId, PersonId, SpaceId};

use crate::client;
use crate::clock::rfc3339;

use super::Driver;

impl Driver {
    /// Every act in the order in which all replicas count them.
    pub(crate) fn audit(&self) -> Vec<client::Audited> {
        self.replica.authority().audit().map(|it| self.audited(&it)).collect()
    }

    fn audited(&self, it: &Audited<'_>) -> client::Audited {
        let (who, role, authority) = match it.by {
            Actor::Person { id, role, granted } => (self.directory.email(&id), role.name(), granted.to_string()),
            Actor::Root => ("root".to_owned(), "root", String::new()),
            Actor::Nobody => (String::new(), "", String::new()),
        };
        let (outcome, why) = match it.outcome {
            Outcome::Valid => ("valid", String::new()),
            Outcome::Void(why) => ("void", why.to_string()),
            Outcome::Stopped => ("waits", String::new()),
        };
        let (what, about) = it.act.map_or(("unreadable", String::new()), |act| self.what(act, it.blobs));
        client::Audited {
            id: it.id.to_string(),
            at: rfc3339(it.hlc.timestamp()),
            who,
            device: it.device.to_string(),
            role: role.to_owned(),
            authority,
            what: what.to_owned(),
            about,
            outcome: outcome.to_owned(),
            why,
        }
    }

    /// The stable name of an act, and whom or what it is about.
    fn what(&self, act: &Act, blobs: &[BlobRef]) -> (&'static str, String) {
        let person = |it: &PersonId| self.directory.email(it);
        let space = |it: &SpaceId| self.space_title(it);
        let text = |index: u64| {
            let blob = usize::try_from(index).ok().and_then(|it| blobs.get(it));
            blob.and_then(|it| self.replica.name(&it.hash)).unwrap_or_default().to_owned()
        };
        let on = |it: bool| if it { "on" } else { "off" };
        match act {
            Act::Genesis(act) => ("genesis", text(act.name)),
            Act::OwnerGrant(act) => ("owner", format!("{} {}", person(&act.person), on(act.on))),
            Act::AdminGrant(act) => ("admin", person(&act.person)),
            Act::InviteCreated(act) => ("invite", format!("{} {}", text(act.email), act.role.name())),
            Act::InviteCancelled(act) => ("invite_cancel", act.invite.to_string()),
            Act::Enrol(act) => ("enrol", person(&act.person)),
            Act::AddDevice(act) => {
                ("device_add", format!("{} {}", person(&act.person), DeviceId::of_key(&act.device_pk)))
            }
            Act::RevokeDevice(act) => ("device_revoke", act.device.to_string()),
            Act::RemovePerson(act) => ("person_remove", person(&act.person)),
            Act::SetRole(act) => {
                let archivist = if act.caps.contains(Caps::ARCHIVE_READ) { " archivist" } else { "" };
                ("role", format!("{} {}{archivist}", person(&act.person), act.role.name()))
            }
            Act::SetPolicy(_) => ("policy", String::new()),
            Act::ChannelCreate(act) => ("channel_create", text(act.name)),
            Act::ChannelRole(act) => ("channel_role", format!("{} {}", space(&act.channel), person(&act.person))),
            Act::ChannelSet(act) => ("channel_set", space(&act.channel)),
            Act::Wipe(act) => ("wipe", act.device.to_string()),
            Act::TeamCreate(act) => ("team_create", text(act.name)),
            Act::TeamMember(act) => {
                ("team_member", format!("{} {} {}", space(&act.team), person(&act.person), on(act.member)))
            }
            Act::TeamDefaults(act) => ("team_defaults", space(&act.team)),
            Act::ForkProof(act) => ("fork_proof", act.device.to_string()),
            Act::Freeze(act) => ("freeze", format!("{} {}", act.device, on(act.on))),
            Act::ArchiveOpen(act) => ("archive_open", format!("{}: {}", person(&act.person), text(act.reason))),
            Act::RootRotate(_) => ("root_rotate", String::new()),
            Act::BotRegister(act) => ("bot", person(&act.person)),
            Act::Renew(_) => ("renew", String::new()),
            Act::OfficeNode(act) => ("office_node", act.device.to_string()),
            Act::Unknown(number) => ("newer", number.to_string()),
        }
    }

    fn space_title(&self, id: &SpaceId) -> String {
        let state = self.replica.authority().state();
        let team = state.teams.get(id).and_then(|it| it.name);
        let blob = team.or_else(|| state.channels.get(id).and_then(|it| it.name));
        blob.and_then(|it| self.replica.name(&it.hash)).map_or_else(|| id.to_string(), str::to_owned)
    }

    /// Who has read the newest message of a channel and who has not.
    pub(crate) fn readers(&self, channel: &str) -> client::Result<Vec<client::Reader>> {
        let space = self.held_space(channel)?;
        let reader = self.reader(&space)?;
        let newest = reader.newest(1, |it| it.is_visible() && it.thread.is_none());
        let Some((_, row)) = newest.first() else { return Ok(Vec::new()) };
        if !reader.lens.shows_receipts() {
            return Err(client::Error::new(client::ErrorKind::NotPermitted, channel));
        }
        let read = reader.lens.readers(row.author, &row.order);
        let members = self.replica.members(&space).into_iter().filter(|it| Some(*it) != row.author);
        let told = |it: PersonId| client::Reader {
            email: self.directory.email(&it),
            name: self.directory.name(&it),
            read: read.contains(&it),
        };
        Ok(members.map(told).collect())
    }
}
