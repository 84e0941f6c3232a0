//! What can be looked up without reading a history, and the whole state for people who help.

use std::collections::BTreeMap;

use artel_crdt::authority::InviteState;
use artel_crdt::id::{EntryId, SpaceId, to_base32};
use artel_crdt::timeline::unread::Level;
use artel_crdt::timeline::{Placed, Segment, Span, rows_digest};
use tokio::sync::mpsc;

use crate::client::{
    self, Channel, ClockStatus, Device, Digest, Error, ErrorKind, InviteInfo, Peer, Person, Reply, Request, RowsDigest,
    Rung, Setting, SpaceStatus, Status, StoreStatus, Team,
};
use crate::clock::rfc3339;

use super::reading::{Reader, all_records};
use super::{Driver, answer};

/// Newest rows of a history among which messages are counted that wait.
const QUEUED_MAX: usize = 512;

type Answer = mpsc::Sender<client::Result<Reply>>;

impl Driver {
    /// Requests that are answered from memory, or with one walk over the disk.
    pub(crate) fn look_up(&mut self, request: Request, to: &Answer) -> client::Result<()> {
        let reply = match request {
            Request::Pending => Reply::Pending(self.candidates()),
            Request::InviteList => Reply::Invites(self.invites()),
            Request::TeamList => Reply::Teams(self.teams()),
            Request::ChannelList => return self.channels(to),
            Request::ChannelGlance => Reply::Channels(self.glance_at_channels()),
            Request::ChannelBrowse => return self.all_channels(to),
            Request::ArchiveList => return self.opened_archives(to),
            Request::ChannelMembers { channel } => Reply::Persons(self.members_of(&self.held_space(&channel)?)),
            Request::PolicyShow => Reply::Config(self.policy_rules()),
            Request::Audit => Reply::Audit(self.audit()),
            Request::ChannelReaders { channel } => Reply::Readers(self.readers(&channel)?),
            Request::PersonList => Reply::Persons(self.persons(|_| true)),
            Request::DeviceList => Reply::Devices(self.devices()),
            Request::ConfigShow => Reply::Config(self.settings()),
            Request::CertExport => Reply::Bytes(self.export_certificate()?),
            Request::Status => return self.status(to),
            Request::Glance => Reply::Status(Box::new(self.status_without_spaces())),
            Request::Doctor => Reply::Doctor(self.doctor()),
            Request::Segment { channel } => return self.segment(&channel, to),
            Request::Backup { file } => return self.backup(file, to),
            other => return Err(Error::new(ErrorKind::Internal, format!("unhandled request {other:?}"))),
        };
        answer(to, Ok(reply));
        Ok(())
    }

    fn invites(&self) -> Vec<InviteInfo> {
        let text = |blob: Option<artel_crdt::entry::BlobRef>| {
            blob.and_then(|it| self.replica.name(&it.hash)).unwrap_or_default().to_owned()
        };
        let now = self.now();
        let invites = self.replica.authority().state().invites.iter();
        invites
            .map(|(id, it)| InviteInfo {
                id: id.to_string(),
                email: text(it.email),
                name: text(it.name),
                role: it.act.role.name().to_owned(),
                expires: rfc3339(artel_crdt::time::Timestamp(it.act.expires)),
                state: match it.state {
                    InviteState::Used(_) => "used",
                    InviteState::Cancelled => "cancelled",
                    InviteState::Open if it.act.expires < now.0 => "expired",
                    InviteState::Open => "open",
                }
                .to_owned(),
            })
            .collect()
    }

    fn teams(&self) -> Vec<Team> {
        let emails = |members: &BTreeMap<artel_crdt::id::PersonId, bool>, leads: bool| {
            members.iter().filter(|(_, lead)| **lead || !leads).map(|(it, _)| self.directory.email(it)).collect()
        };
        let teams = self.directory.teams.iter();
        teams
            .map(|(id, (name, members))| Team {
                id: id.to_string(),
                name: name.clone(),
                members: emails(members, false),
                leads: emails(members, true),
                may: self.may_with_team(id),
            })
            .collect()
    }

    fn channels(&mut self, to: &Answer) -> client::Result<()> {
        let spaces: Vec<SpaceId> = self.directory.own_places().filter(|it| !it.left).map(|it| it.id).collect();
        self.list_channels(&spaces, to);
        Ok(())
    }

    fn all_channels(&mut self, to: &Answer) -> client::Result<()> {
        let spaces: Vec<SpaceId> = self.directory.own_places().map(|it| it.id).collect();
        self.list_channels(&spaces, to);
        Ok(())
    }

    fn opened_archives(&mut self, to: &Answer) -> client::Result<()> {
        let archives = self.directory.spaces.values().filter(|it| it.from_archive);
        let spaces: Vec<SpaceId> = archives.map(|it| it.id).collect();
        self.list_channels(&spaces, to);
        Ok(())
    }

    /// Who belongs to a place, and who gets its keys besides.
    fn members_of(&self, space: &SpaceId) -> Vec<Person> {
        let (members, archivists) = (self.replica.members(space), self.replica.archivists_of(space));
        let mut persons = self.persons(|it| members.contains(it));
        let mut archive = self.persons(|it| archivists.contains(it));
        archive.iter_mut().for_each(|it| "archive".clone_into(&mut it.role));
        persons.append(&mut archive);
        persons
    }

    /// One history as lists show it, looked through for its topic.
    pub(crate) fn channel(&self, id: &SpaceId) -> Option<Channel> {
        let topic = self.reader(id).ok().and_then(|it| it.find_topic().text);
        Some(Channel { topic, ..self.listed(id)? })
    }

    /// One history as lists show it, with its topic as far as it is known.
    pub(crate) fn listed(&self, id: &SpaceId) -> Option<Channel> {
        let space = self.directory.spaces.get(id)?;
        let team = space.team.and_then(|it| self.directory.teams.get(&it)).map(|it| it.0.clone());
        let reader = self.reader(id).ok();
        Some(Channel {
            id: id.to_string(),
            kind: match (space.archived, space.announcement) {
                (true, _) => "archived",
                (false, true) => "announcement",
                (false, false) => space.kind.name(),
            }
            .to_owned(),
            name: self.directory.title(space),
            team,
            topic: reader.as_ref().and_then(|it| self.topics.known(it)).and_then(|it| it.text),
            members: u32::try_from(space.members.len()).unwrap_or(u32::MAX),
            history: if space.shared_history { "shared" } else { "join" }.to_owned(),
            level: match self.replica.level(id) {
                Level::All => "",
                Level::Mentions => "mentions",
                Level::Nothing => "nothing",
            }
            .to_owned(),
            favourite: self.replica.is_favourite(id),
            left: space.left,
            archive: space.archivists.iter().map(|it| self.directory.email(it)).collect(),
            may: self.may_in(space, reader.as_ref().map(|it| &it.lens)),
            notes: self.is_notes(space),
            last: self.last_word(space).unwrap_or(0),
        })
    }

    /// When the newest message between two people or a few was sent.
    fn last_word(&self, space: &artel_crdt::replica::SpaceInfo) -> Option<u64> {
        if !matches!(space.kind.name(), "direct" | "group") {
            return None;
        }
        let page = crate::store::Direction::Before(crate::store::OrderKey::MAX);
        let newest = self.store.records(crate::store::SpaceKey(space.id.0), page, 1).ok()?;
        newest.first().map(|it| it.order.ms)
    }

    /// Whether it is this person's own place and something is written there.
    fn is_notes(&self, space: &artel_crdt::replica::SpaceInfo) -> bool {
        let alone = self.directory.me.is_some_and(|me| SpaceId::direct(&self.org(), &me, &me) == space.id);
        alone && self.reader(&space.id).is_ok_and(|it| !it.newest(1, |row| row.is_visible()).is_empty())
    }

    fn persons(&self, wanted: impl Fn(&artel_crdt::id::PersonId) -> bool) -> Vec<Person> {
        let persons = self.directory.persons.iter().filter(|(id, it)| it.active && wanted(id));
        persons
            .map(|(id, it)| {
                let profile = self.replica.profile(id);
                Person {
                    id: id.to_string(),
                    name: it.name.clone(),
                    email: it.email.clone(),
                    role: it.role.name().to_owned(),
                    archivist: self.is_archivist(id, it.role),
                    may: self.may_with(id, it.role),
                    devices: u32::try_from(it.devices.len()).unwrap_or(u32::MAX),
                    online: Some(*id) == self.directory.me || it.devices.iter().any(|it| self.links.contains_key(it)),
                    presence: self.presence(&it.devices).to_owned(),
                    title: profile.title,
                    status: profile.status,
                    phone: profile.phone,
                    about: profile.about,
                    picture: self.picture_mark(id),
                }
            })
            .collect()
    }

    fn devices(&self) -> Vec<Device> {
        let me = self.replica.device();
        let state = self.replica.authority().state();
        let devices = state.devices.iter();
        devices
            .map(|(id, it)| Device {
                id: id.to_string(),
                person: self.directory.email(&it.person),
                // A device goes with its person.
                state: match (it.standing.name(), state.is_member(&it.person)) {
                    ("active", false) => "revoked",
                    (name, _) => name,
                }
                .to_owned(),
                own: *id == me,
                online: *id == me || self.links.contains_key(id),
            })
            .collect()
    }

    fn settings(&self) -> Vec<Setting> {
        let home = self.home.as_ref().map(|it| it.layout().root().display().to_string()).unwrap_or_default();
        let environment = |name: &str| std::env::var(name).ok();
        let of = |key: &str, variable: &str, default: &str| Setting {
            key: key.to_owned(),
            value: environment(variable).unwrap_or_else(|| default.to_owned()),
            origin: if environment(variable).is_some() { "environment" } else { "default" }.to_owned(),
        };
        let origin = if environment(crate::home::HOME_VARIABLE).is_some() { "environment" } else { "flag" };
        vec![
            Setting { key: "home".into(), value: home, origin: origin.into() },
            of("language", "ARTEL_LANG", "en"),
            of("reach", crate::discovery::REACH_VARIABLE, "network"),
            of("clock_offset", crate::clock::OFFSET_VARIABLE, "0"),
        ]
    }

    fn status(&mut self, to: &Answer) -> client::Result<()> {
        let mut spaces = Vec::new();
        for space in self.replica.spaces() {
            let reader = if space.kind.has_timeline() { Some(self.reader(&space.id)?) } else { None };
            let entries = self.replica.entries(&space.id);
            let heads = self.replica.heads_digest(&space.id).map(|it| to_base32(&it)).unwrap_or_default();
            spaces.push((space.clone(), self.directory.title(&space), entries, heads, reader));
        }
        let mut status = self.status_without_spaces();
        let (organisation, state) = (self.replica.organisation_space(), self.replica.authority().state().clone());
        self.beside(to, move || {
            let acts = to_base32(&state.hash());
            status.spaces = spaces
                .into_iter()
                .map(|(space, name, entries, heads, reader)| SpaceStatus {
                    id: space.id.to_string(),
                    kind: space.kind.name().to_owned(),
                    name,
                    entries,
                    digest: Digest {
                        heads,
                        rows: reader.map_or_else(Vec::new, |it| digests(&it)),
                        authority: if space.id == organisation { acts.clone() } else { String::new() },
                    },
                })
                .collect();
            Ok(Reply::Status(Box::new(status)))
        });
        Ok(())
    }

    fn status_without_spaces(&self) -> Status {
        let me = self.directory.me;
        let mut refused = self.refused.clone();
        if let Some(net) = &self.net {
            let counters = net.refusals();
            for cause in artel_net::Refusal::ALL {
                let count = counters.of(cause);
                if count > 0 {
                    refused.insert(cause.name().to_owned(), count);
                }
            }
        }
        let sizes = self.store.sizes().unwrap_or_default();
        Status {
            organisation: self.org().to_string(),
            name: self.directory.organisation.clone(),
            device: self.replica.device().to_string(),
            person: me.map(|it| it.to_string()).unwrap_or_default(),
            email: me.map(|it| self.directory.email(&it)).unwrap_or_default(),
            listening: self.listening.iter().map(ToString::to_string).collect(),
            peers: self.peers(),
            spaces: Vec::new(),
            queued: u32::try_from(self.replica.queued()).unwrap_or(u32::MAX),
            waiting: self.queued_messages(),
            refused,
            alarms: self.alarms.iter().cloned().collect(),
            store: StoreStatus {
                state: if self.full { "full" } else { "ok" }.to_owned(),
                lost: self.lost(),
                bytes: sizes.journal + sizes.blobs + sizes.index,
                syncs: self.store.counts().syncs,
            },
            clock: ClockStatus { now: rfc3339(self.now()), offset_ms: self.offset_ms },
            discovery: self.rungs(),
        }
    }

    /// Own messages that no other device is known to hold; acts, keys and reactions are not among them.
    fn queued_messages(&self) -> u32 {
        let mut count = 0_u32;
        for (space, log, first) in self.replica.unheld() {
            let page = crate::store::Direction::Before(crate::store::OrderKey::MAX);
            let newest = self.store.records(crate::store::SpaceKey(space.0), page, QUEUED_MAX).unwrap_or_default();
            let own = newest.iter().filter_map(|it| Placed::decode(&it.value).ok());
            let messages = own.filter(|it| it.log() == log && first <= it.order.seq && it.note_target().is_none());
            count = count.saturating_add(u32::try_from(messages.count()).unwrap_or(u32::MAX));
        }
        count
    }

    fn peers(&self) -> Vec<Peer> {
        let Some(net) = &self.net else { return Vec::new() };
        net.peers()
            .into_iter()
            .filter_map(|it| {
                let device = super::open::device_of(&it.peer);
                let person = self.directory.person_of.get(&device)?;
                Some(Peer {
                    device: device.to_string(),
                    person: person.to_string(),
                    name: self.directory.name(person),
                    address: it.address.map(|it| it.to_string()).unwrap_or_default(),
                    via: if matches!(it.via, artel_net::Via::Direct) { "direct" } else { "relay" }.to_owned(),
                    rtt_ms: it.rtt.map_or(0, |it| u32::try_from(it.as_millis()).unwrap_or(u32::MAX)),
                })
            })
            .collect()
    }

    fn rungs(&self) -> Vec<Rung> {
        let Some(discovery) = &self.discovery else { return Vec::new() };
        let state = discovery.state();
        vec![
            Rung { name: "saved".into(), state: format!("{} devices", state.saved) },
            Rung { name: "mdns".into(), state: state.mdns.to_string() },
            Rung { name: "learnt".into(), state: format!("{} devices", self.addresses.len()) },
        ]
    }

    /// The Automerge document of the newest segment of a channel, as a file.
    fn segment(&mut self, channel: &str, to: &Answer) -> client::Result<()> {
        let space = self.held_space(channel)?;
        let reader = self.reader(&space)?;
        let newest = reader.newest(1, |_| true).first().map(|(base, _)| base.epoch);
        let epoch: EntryId = newest.ok_or_else(|| Error::new(ErrorKind::NotFound, channel))?;
        let entries = self.stored_entries(space);
        let store = self.store.clone();
        self.beside(to, move || {
            let mut records: BTreeMap<EntryId, Placed> = BTreeMap::new();
            for placed in all_with_notes(&store, &space, &entries) {
                records.insert(placed.id, placed);
            }
            let mut by_log: BTreeMap<_, Vec<artel_crdt::entry::Signed>> = BTreeMap::new();
            for signed in entries {
                by_log.entry(signed.entry.log()).or_default().push(signed);
            }
            let mut spans = Vec::new();
            for run in by_log.values_mut() {
                run.sort_by_key(|it| it.entry.seq);
                run.dedup_by_key(|it| it.entry.seq);
                let placed: Vec<Placed> = run.iter().filter_map(|it| records.get(&it.id).cloned()).collect();
                spans.extend(Span::of_run(&epoch, run, &placed));
            }
            let broken = |_| Error::new(ErrorKind::StoreDamaged, "the document could not be built");
            let mut segment = Segment::new(space, epoch).map_err(broken)?;
            segment.apply(spans).map_err(broken)?;
            Ok(Reply::Bytes(segment.save()))
        });
        Ok(())
    }

    fn backup(&mut self, file: String, to: &Answer) -> client::Result<()> {
        let layout = self.home.as_ref().map(|it| it.layout().clone()).ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        self.save_snapshot();
        self.beside(to, move || {
            let bytes = crate::backup::write(&layout, std::path::Path::new(&file))?;
            Ok(Reply::Written { bytes })
        });
        Ok(())
    }
}

/// Rows and notes of a space, by the places of the given entries.
fn all_with_notes(store: &crate::store::Store, space: &SpaceId, entries: &[artel_crdt::entry::Signed]) -> Vec<Placed> {
    use crate::store::{EntryKey, SpaceKey};
    let mut records = all_records(store, space);
    for signed in entries {
        let notes = store.notes_of(SpaceKey(space.0), EntryKey(signed.id.0)).unwrap_or_default();
        records.extend(notes.iter().filter_map(|it| Placed::decode(&it.value).ok()));
    }
    records
}

/// Per epoch that can be opened: SHA-256 over its rows.
fn digests(reader: &Reader) -> Vec<RowsDigest> {
    let mut rows: BTreeMap<EntryId, Vec<artel_crdt::timeline::Row>> = BTreeMap::new();
    for base in all_records(&reader.store, &reader.lens.space) {
        rows.entry(base.epoch).or_default().push(reader.row(&base));
    }
    let digest = |(epoch, rows): (&EntryId, &Vec<artel_crdt::timeline::Row>)| RowsDigest {
        epoch: epoch.to_string(),
        hash: to_base32(&rows_digest(rows)),
    };
    rows.iter().map(digest).collect()
}
