//! Opening a home: vault, store, replica, search, network, in this order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use artel_crdt::cbor::{Dec, Enc};
use artel_crdt::id::{DeviceId, OrgId, SpaceId};
use artel_crdt::replica::{Identity, Input, Output, Outputs, Replica, Source};
use artel_crdt::run;
use artel_crdt::seal::SealingKey;
use artel_crdt::time::Timestamp;
use ed25519_dalek::SigningKey;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{Error, ErrorKind, Result, Update};
use crate::clock::Clock;
use crate::discovery;
use crate::home::{Home, HomeError, Layout, Past};
use crate::node::{Client, Start};
use crate::search::{self, Search};
use crate::store::{IndexBatch, Key, Position, RealDisk, Replayed, SpaceKey, Store, StoreError, StoreKeys};
use crate::vault::{Credentials, Purpose, Vault, VaultError};

use super::indexer::CONTROL;
use super::outputs::{RECORD_BRANCH, RECORD_HELD, RECORD_PACKET, RECORD_REGISTER};
use super::{Driver, EVENTS_MAX, Event, Indexer, OsEntropy, directory, enrol, files, snapshot};

/// Journal record without content: a snapshot stands behind it.
pub(crate) const RECORD_MARK: u8 = 3;
/// Packets after which what is held is kept anew: replaying so many takes a few milliseconds.
pub(crate) const SNAPSHOT_EVERY: usize = 2_000;
/// How long a start waits to know its own addresses.
const LISTENING_WAIT: std::time::Duration = std::time::Duration::from_secs(2);
/// Name of the vault's secret that holds the organisation and the founder's facts.
pub(crate) const MEMBERSHIP: &str = "membership";
/// Name of the small file with the port of the last start.
const PORT: &str = "port";

/// What this device knows of its organisation before it has read anything.
pub(crate) struct Membership {
    pub(crate) org: OrgId,
    /// Keys of the root and others, so that the first packets can be checked.
    pub(crate) name: String,
}

impl Membership {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut enc = Enc::new();
        enc.array(2).bytes(&self.org.0).str(&self.name);
        enc.finish()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut dec = Dec::new(bytes);
        dec.array(2).ok()?;
        Some(Self { org: OrgId(dec.array_of().ok()?), name: dec.str(256).ok()?.to_owned() })
    }
}

/// The sentence for a failure of the home.
pub(crate) fn home_error(error: &HomeError) -> Error {
    let kind = match error {
        HomeError::Busy { .. } => ErrorKind::HomeBusy,
        HomeError::TooNew { .. } => ErrorKind::NewerHome,
        HomeError::Damaged { .. } => ErrorKind::StoreDamaged,
        HomeError::NotAHome { .. } | HomeError::NoPlace => ErrorKind::NoHome,
        _ => ErrorKind::File,
    };
    match error {
        HomeError::Busy { pid } => Error::new(kind, pid.map(|it| it.to_string()).unwrap_or_default()),
        _ => Error::new(kind, error.to_string()),
    }
}

/// The sentence for a failure of the vault.
pub(crate) fn vault_error(error: &VaultError) -> Error {
    let kind = match error {
        VaultError::WrongPassword => ErrorKind::WrongPassword,
        VaultError::FactorNeeded => ErrorKind::NoKeyFile,
        VaultError::Missing => ErrorKind::NoHome,
        VaultError::Exists => ErrorKind::HomeTaken,
        VaultError::TooNew { .. } => ErrorKind::NewerHome,
        VaultError::Damaged | VaultError::WeakSlot => ErrorKind::StoreDamaged,
        _ => ErrorKind::File,
    };
    match error {
        // The cause says it all.
        VaultError::WrongPassword | VaultError::FactorNeeded => Error::new(kind, ""),
        _ => Error::new(kind, error.to_string()),
    }
}

/// The sentence for a failure of the store.
pub(crate) fn store_error(error: &StoreError) -> Error {
    let kind = match error {
        StoreError::Full => ErrorKind::StoreFull,
        StoreError::InUse => ErrorKind::HomeBusy,
        StoreError::Locked => ErrorKind::Locked,
        StoreError::NewerLayout { .. } => ErrorKind::NewerHome,
        _ => ErrorKind::StoreDamaged,
    };
    match error {
        StoreError::Full | StoreError::InUse | StoreError::Locked => Error::new(kind, ""),
        _ => Error::new(kind, error.to_string()),
    }
}

/// The device's secrets as the replica uses them.
pub(crate) fn identity(vault: &Vault) -> Result<Identity> {
    let seed = vault.device_seed().map_err(|it| vault_error(&it))?;
    let sealing = vault.sealing_keys().map_err(|it| vault_error(&it))?;
    let sealing = sealing.into_iter().map(SealingKey::from_secret).collect();
    Ok(Identity { signing: SigningKey::from_bytes(seed.expose()), sealing })
}

/// An opened home before anything runs on it.
pub(crate) struct Opened {
    pub(crate) home: Home,
    pub(crate) vault: Vault,
    pub(crate) store: Store,
    report: crate::store::OpenReport,
}

/// Opens lock, vault and store. Blocks for the time that the password's hash takes.
pub(crate) fn open_home(layout: Layout, credentials: &Credentials) -> Result<Opened> {
    if layout.probe().map_err(|it| home_error(&it))?.is_none() {
        return Err(Error::new(ErrorKind::NoHome, layout.root().display().to_string()));
    }
    let vault_path = layout.vault();
    let home = Home::open(layout).map_err(|it| home_error(&it))?;
    let vault = credentials.open(&vault_path).map_err(|it| vault_error(&it))?;
    let (store, report) = open_store(&home, &vault)?;
    Ok(Opened { home, vault, store, report })
}

/// Opens the store of a home.
pub(crate) fn open_store(home: &Home, vault: &Vault) -> Result<(Store, crate::store::OpenReport)> {
    let key = |purpose| Key::new(*vault.subkey(purpose).expose());
    let keys = StoreKeys { journal: key(Purpose::Journal), content: Some(key(Purpose::Index)) };
    Store::open(home.layout().root(), keys, Arc::new(RealDisk)).map_err(|it| store_error(&it))
}

impl Driver {
    /// Opens the home and prepares everything; nothing runs until [`Driver::run`] but the indexer and the network.
    pub(crate) async fn open(
        start: Start,
        clock: Clock,
        client: &Client,
        tracker: &TaskTracker,
        cancel: &CancellationToken,
    ) -> Result<Self> {
        let (layout, credentials) = (start.layout.clone(), start.password.clone());
        let opened = tokio::task::spawn_blocking(move || open_home(layout, &credentials)).await;
        let opened = opened.map_err(|_| Error::new(ErrorKind::Internal, "opening failed"))??;
        let updates = client.updater();
        let (tracker2, cancel2, clock2) = (tracker.clone(), cancel.clone(), clock.clone());
        let driver = tokio::task::spawn_blocking(move || Self::build(opened, clock2, updates, tracker2, cancel2)).await;
        let mut driver = driver.map_err(|_| Error::new(ErrorKind::Internal, "opening failed"))??;
        if start.online {
            driver.go_online(&start).await?;
            driver.start_scrub();
        }
        Ok(driver)
    }

    fn build(
        opened: Opened,
        clock: Clock,
        updates: broadcast::Sender<Update>,
        tracker: TaskTracker,
        cancel: CancellationToken,
    ) -> Result<Self> {
        let Opened { home, vault, store, report } = opened;
        let membership = vault.secret(MEMBERSHIP).and_then(Membership::decode);
        let membership = membership.ok_or_else(|| Error::new(ErrorKind::NoHome, "not a member yet"))?;
        let replica = Replica::new(membership.org, identity(&vault)?);
        let (search, rebuild) = open_search(&home, &vault);
        let (events, inbox) = mpsc::channel(EVENTS_MAX);
        let indexer = Indexer::start(store.clone(), search.clone(), events.clone())
            .map_err(|it| Error::new(ErrorKind::Internal, it.to_string()))?;
        let keys = watch::channel(Arc::new(replica.keys().clone())).0;
        let clean = home.past() == Past::Clean && report.cut.is_none();
        let mut driver = Self {
            replica,
            keys,
            store,
            indexer,
            search,
            vault: Some(Arc::new(vault)),
            home: Some(home),
            clock,
            offset_ms: 0,
            net: None,
            net_events: None,
            discovery: None,
            found: None,
            events,
            inbox: Some(inbox),
            updates,
            tracker,
            cancel,
            listening: Vec::new(),
            links: BTreeMap::new(),
            offsets: BTreeMap::new(),
            admitted: BTreeSet::new(),
            vouched: BTreeSet::new(),
            addresses: BTreeMap::new(),
            alarms: BTreeSet::new(),
            renewal_tried: Timestamp(0),
            refused: BTreeMap::new(),
            asked: BTreeMap::new(),
            next_ask: 0,
            tails: Vec::new(),
            wanted_blobs: BTreeMap::new(),
            erased: BTreeSet::new(),
            swept: Timestamp(0),
            held_dirty: BTreeSet::new(),
            held_told: Timestamp(0),
            packets_since_snapshot: 0,
            burst: None,
            locked: false,
            locked_at: None,
            full: false,
            wake: None,
            circuits: Timestamp(0),
            summaries: Timestamp(0),
            damaged: Vec::new(),
            desk: enrol::Reception::default(),
            after_commit: Vec::new(),
            greetings: BTreeMap::new(),
            directory: Arc::new(directory::Directory::default()),
            files: files::Files::default(),
            topics: super::topics::Topics::default(),
        };
        driver.restore(&report, clean)?;
        driver.load_erased();
        if rebuild {
            driver.rebuild_search();
        }
        Ok(driver)
    }

    /// Gives the stored home back to the replica.
    fn restore(&mut self, report: &crate::store::OpenReport, clean: bool) -> Result<()> {
        self.note_damage(report.damage.iter().chain(&report.cut).flat_map(|it| it.held.clone()).collect());
        // After anything but an orderly stop the journal itself is read, so that what it lost is known and fetched.
        let whole = clean && report.damage.is_empty();
        let kept = if whole { snapshot::read(&self.store).map_err(|it| store_error(&it))? } else { None };
        let replay_from = match kept {
            Some((position, held)) if (position.file, position.offset) <= end_of(report) => {
                held.into_iter().for_each(|it| self.replica.restore_held(it));
                self.give_control_packets(position)?;
                position
            }
            _ => Position::START,
        };
        let indexed = (report.replay_from.file, report.replay_from.offset);
        self.replay_home(replay_from, indexed, clean && report.cut.is_none())?;
        self.drop_lost_rows();
        Ok(())
    }

    /// Gives the journal from a position back to a replica that has heard nothing yet; all of it is indexed.
    pub(crate) fn restore_from(&mut self, from: Position, clean: bool) -> Result<()> {
        self.replay_home(from, (u32::MAX, u64::MAX), clean)
    }

    pub(crate) fn replay_home(&mut self, from: Position, indexed: (u32, u64), clean: bool) -> Result<()> {
        // What is read again passes by once more.
        self.topics.forget();
        let damaged = self.replay(from, indexed)?;
        for bytes in self.stored_registers()? {
            self.quiet(Input::Register(bytes));
        }
        for (space, held) in snapshot::held_at(&self.store).map_err(|it| store_error(&it))? {
            self.quiet(Input::Held { space, held });
        }
        let unopened = snapshot::unopened(&self.store).map_err(|it| store_error(&it))?;
        self.drive(Input::Restored { clean: clean && !damaged, unopened });
        self.refresh_directory();
        Ok(())
    }

    /// Packets before a snapshot that hold more than steps, in the order in which they were stored.
    fn give_control_packets(&mut self, before: Position) -> Result<()> {
        let mut positions = Vec::new();
        for space in self.store.spaces().map_err(|it| store_error(&it))? {
            for (log, _) in self.store.logs(space).map_err(|it| store_error(&it))? {
                let packets = self.store.packets(space, log, 0, u64::MAX).map_err(|it| store_error(&it))?;
                let branches = self.store.branches(space, log).map_err(|it| store_error(&it))?;
                let control = packets.iter().filter(|it| it.flags & CONTROL != 0).chain(&branches);
                positions.extend(control.map(|it| it.position));
            }
        }
        positions.retain(|it| (it.file, it.offset) < (before.file, before.offset));
        positions.sort_by_key(|it| (it.file, it.offset));
        for position in positions {
            match self.store.read_record(position) {
                Ok(record) if record.kind == RECORD_BRANCH => self.give(Source::Branch, &record.body),
                Ok(record) => self.give(Source::Home, &record.body),
                Err(error) => tracing::error!(%error, "a stored packet cannot be read"),
            }
        }
        Ok(())
    }

    /// Replays the journal. Returns whether something in it was damaged.
    fn replay(&mut self, from: Position, indexed: (u32, u64)) -> Result<bool> {
        let (mut damaged, mut told) = (false, 0);
        let mut replay = self.store.clone().replay(from);
        while let Some(replayed) = replay.next() {
            let percent = replay.percent();
            if told < percent {
                told = percent;
                self.updates.send(Update::Store { state: "rebuilding".into(), percent: Some(percent) }).ok();
            }
            match replayed.map_err(|it| store_error(&it))? {
                Replayed::Record { position, next, record } => {
                    let known = (position.file, position.offset) < indexed;
                    self.replay_record(record.kind, &record.body, position, (!known).then_some(next))?;
                }
                Replayed::Damaged(damage) => {
                    damaged = true;
                    let held = self.store.held_in(damage).unwrap_or_default();
                    self.note_damage(held);
                    tracing::error!(?damage, "a stretch of the journal cannot be read; it is fetched from colleagues");
                }
            }
        }
        Ok(damaged)
    }

    /// Gives one record to the replica; with `next`, it is put into the index again too.
    fn replay_record(&mut self, kind: u8, body: &[u8], position: Position, next: Option<Position>) -> Result<()> {
        let mut batch = IndexBatch::new();
        match kind {
            RECORD_PACKET => {
                let source = if next.is_some() { Source::Replay } else { Source::Home };
                let outputs = self.give_for_outputs(source, body);
                if next.is_some() {
                    self.reindex(&mut batch, body, position, outputs)?;
                }
            }
            RECORD_BRANCH => {
                self.give(Source::Branch, body);
                if let (Some(_), Ok(packet)) = (next, run::trusted_run(&self.org(), body)) {
                    super::indexer::put_branch(&mut batch, &packet.run, position);
                }
            }
            RECORD_HELD if next.is_some() => {
                if let Some((space, held)) = body.split_first_chunk::<16>()
                    && let Ok(cut) = artel_crdt::seal::Cut::decode(held)
                {
                    let name = snapshot::held_at_name(&SpaceId(*space), &cut.removal);
                    batch.put_state(&name, held.to_vec()).map_err(|it| store_error(&it))?;
                }
            }
            RECORD_REGISTER if next.is_some() => {
                if let Ok(register) = artel_crdt::register::Register::check(body, self.replica.keys()) {
                    super::indexer::put_register(&mut batch, &register).map_err(|it| store_error(&it))?;
                }
            }
            _ => {}
        }
        match next {
            Some(_) => self.store.apply(&batch, next).map_err(|it| store_error(&it)),
            None => Ok(()),
        }
    }

    fn reindex(&mut self, batch: &mut IndexBatch, body: &[u8], position: Position, outputs: Outputs) -> Result<()> {
        let Ok(packet) = run::trusted_run(&self.org(), body) else { return Ok(()) };
        super::indexer::put_packet(batch, &packet.run, position);
        for output in outputs {
            match output {
                Output::Records { placed, .. } => placed.iter().for_each(|it| super::indexer::put_record(batch, it)),
                Output::Unopened { space, epoch } => {
                    batch.put_state(&snapshot::unopened_name(&space, &epoch), vec![1]).map_err(|it| store_error(&it))?
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn give(&mut self, source: Source, body: &[u8]) {
        self.give_for_outputs(source, body);
    }

    /// Gives a stored packet back; the blobs that the replica reads, those of acts and epochs, are inside.
    fn give_for_outputs(&mut self, source: Source, body: &[u8]) -> Outputs {
        let Ok(packet) = run::trusted_run(&self.org(), body) else { return Outputs::new() };
        self.quiet(Input::Packet { source, packet: Box::new(packet) })
    }

    /// Gives the replica something whose outputs were performed in an earlier life.
    fn quiet(&mut self, input: Input) -> Outputs {
        let mut out = Outputs::new();
        let now = self.now();
        self.replica.handle(&mut artel_crdt::Ctx { now, rng: &mut OsEntropy }, input, &mut out);
        out
    }

    fn stored_registers(&self) -> Result<Vec<Vec<u8>>> {
        let mut registers = Vec::new();
        let spaces: Vec<SpaceKey> = self.replica.held().iter().map(|it| SpaceKey(it.space.0)).collect();
        for space in spaces {
            let stored = self.store.registers(space, None).map_err(|it| store_error(&it))?;
            registers.extend(stored.into_iter().map(|it| it.value));
        }
        Ok(registers)
    }

    async fn go_online(&mut self, start: &Start) -> Result<()> {
        let Some(vault) = self.vault.clone() else { return Err(ErrorKind::Locked.into()) };
        let mut secret = *vault.device_seed().map_err(|it| vault_error(&it))?.expose();
        let fp = self.org().fp();
        let mut config = artel_net::Config::new(&mut secret, &fp.to_string())
            .map_err(|it| Error::new(ErrorKind::Internal, it.to_string()))?;
        let saved =
            self.store.read_small(PORT).ok().flatten().and_then(|it| it.try_into().ok().map(u16::from_be_bytes));
        config.port = match (start.listen, saved) {
            (Some(listen), _) if listen.port() != 0 => artel_net::ListenPort::Fixed(listen.port()),
            (_, Some(port)) => artel_net::ListenPort::Saved(port),
            _ => artel_net::ListenPort::Any,
        };
        if let Some(listen) = start.listen.filter(|it| !it.ip().is_unspecified()) {
            config.listen = vec![listen.ip()];
        }
        config.roster = self.active_keys();
        let spawned = artel_net::spawn(config, &self.tracker, self.cancel.clone());
        let (net, mut events) = spawned.map_err(|it| net_error(&it))?;
        self.net = Some(net);
        self.start_discovery(start, &vault, fp)?;
        // The first event tells where we listen; whoever starts a node wants to say so.
        if let Ok(Some(first)) = tokio::time::timeout(LISTENING_WAIT, events.recv()).await {
            self.net_event(first).await;
        }
        self.net_events = Some(events);
        Ok(())
    }

    fn start_discovery(&mut self, start: &Start, vault: &Vault, fp: artel_crdt::id::OrgFp) -> Result<()> {
        let layout = &start.layout;
        let config = discovery::Config {
            fps: vec![fp],
            standing: discovery::Standing::Member,
            port: 0,
            reach: discovery::Reach::from_env(),
            book: discovery::AddressBook::open(&layout.peers(), vault.subkey(Purpose::Small)),
            provision: Some(discovery::provision_path(layout)),
            clock: self.clock.clone(),
        };
        let (handle, found) = discovery::start(config, &self.tracker, self.cancel.clone());
        for peer in &start.peers {
            handle.add_manual(peer).map_err(|it| Error::new(ErrorKind::Usage, it.to_string()))?;
        }
        (self.discovery, self.found) = (Some(handle), Some(found));
        Ok(())
    }

    /// Remembers the port for the next start and announces it.
    pub(crate) fn port_known(&mut self, port: u16) {
        if let Err(error) = self.store.write_small(PORT, &port.to_be_bytes()) {
            tracing::warn!(%error, "the port could not be saved");
        }
        if let Some(discovery) = &self.discovery {
            discovery.set_port(port);
        }
    }
}

fn end_of(report: &crate::store::OpenReport) -> (u32, u64) {
    (report.journal_end.file, report.journal_end.offset)
}

/// The sentence for a network that does not start.
pub(crate) fn net_error(error: &artel_net::StartError) -> Error {
    let kind = match error {
        artel_net::StartError::PortInUse(_) => ErrorKind::PortInUse,
        artel_net::StartError::NoAddress | artel_net::StartError::Listen(_) => ErrorKind::NoNetwork,
        _ => ErrorKind::Internal,
    };
    Error::new(kind, error.to_string())
}

pub(crate) fn open_search(home: &Home, vault: &Vault) -> (Option<Arc<Search>>, bool) {
    match Search::open(&home.layout().search(), vault.subkey(Purpose::Search).expose()) {
        Ok((search, state)) => (Some(Arc::new(search)), matches!(state, search::State::NeedsRebuild)),
        Err(error) => {
            tracing::warn!(%error, "search is off");
            (None, false)
        }
    }
}

/// The device that holds a key.
pub(crate) fn device_of(key: &artel_net::PeerKey) -> DeviceId {
    DeviceId::of_key(&key.0)
}

/// Events of tasks.
pub(crate) type Events = mpsc::Sender<Event>;

#[cfg(test)]
mod tests;
