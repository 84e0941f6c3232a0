//! The one task of discovery: it owns the book, the daemon and the given addresses, and never waits for the driver.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::book::AddressBook;
use super::given::{self, Resolved, Target};
use super::mdns::{self, Event, Mdns, Table};
use super::rules::{self, Instance};
use super::{ADDRESSES_MAX, Command, Config, Found, Given, MdnsState, Reach, Source, State, TARGETS_MAX};
use crate::clock::WakeWatch;

/// Hints kept while the driver is busy; the oldest goes first, everything is said again after a while.
const HINTS_MAX: usize = 8_192;

const TICK: Duration = Duration::from_secs(1);

/// How often given names are resolved and said again.
const GIVEN_EVERY: Duration = Duration::from_secs(60);

/// How often the book is saved at most.
const SAVE_EVERY: Duration = Duration::from_secs(10);

/// How long multicast DNS rests on a noisy network, or after the system refused.
const REST: Duration = Duration::from_secs(60);

/// Changes of addresses come in bursts; one in this time is told on.
const CHANGE_EVERY: Duration = Duration::from_secs(3);

/// The ladder's ends of its channels.
pub(super) struct Ends {
    pub(super) orders: mpsc::Receiver<Command>,
    pub(super) port: watch::Receiver<u16>,
    pub(super) found: mpsc::Sender<Found>,
    pub(super) state: watch::Sender<State>,
    pub(super) changes: watch::Sender<u64>,
}

pub(super) struct Ladder {
    config: Config,
    ends: Ends,
    tracker: TaskTracker,
    hints: VecDeque<Found>,
    lookups: FuturesUnordered<BoxFuture<'static, Resolved>>,
    manual: Vec<Given>,
    file: Vec<Given>,
    learnt: BTreeSet<[u8; 32]>,
    mdns: Option<Mdns>,
    rest: Rest,
    table: Table,
    watch: WakeWatch,
    change_due: Option<Instant>,
    given_at: Instant,
    saved_at: Instant,
    saving: Option<JoinHandle<()>>,
}

/// Why there is no daemon.
#[derive(Clone, Copy)]
enum Rest {
    Unwanted,
    Refused(Instant),
    Noisy(Instant),
}

enum Next {
    Order(Command),
    Port,
    Hint,
    Given(Resolved),
    Mdns(Event),
    Tick,
}

impl Ladder {
    pub(super) fn new(config: Config, ends: Ends, tracker: TaskTracker) -> Self {
        let now = Instant::now();
        Self {
            table: Table::new(config.fps.clone(), Instance::random()),
            watch: WakeWatch::new(config.clock.now(), now),
            config,
            ends,
            tracker,
            hints: VecDeque::new(),
            lookups: FuturesUnordered::new(),
            manual: Vec::new(),
            file: Vec::new(),
            learnt: BTreeSet::new(),
            mdns: None,
            rest: Rest::Unwanted,
            change_due: None,
            given_at: now,
            saved_at: now,
            saving: None,
        }
    }

    pub(super) async fn run(mut self, cancel: CancellationToken) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.say_saved();
        self.ask_given();
        self.start_mdns();
        loop {
            self.publish();
            let next = tokio::select! {
                () = cancel.cancelled() => break,
                Some(order) = self.ends.orders.recv() => Next::Order(order),
                Ok(()) = self.ends.port.changed() => Next::Port,
                permit = self.ends.found.reserve(), if !self.hints.is_empty() => match (permit, self.hints.pop_front()) {
                    (Ok(permit), Some(hint)) => {
                        permit.send(hint);
                        Next::Hint
                    }
                    // The driver is gone.
                    _ => break,
                },
                Some(resolved) = self.lookups.next() => Next::Given(resolved),
                event = next_of(self.mdns.as_ref()) => Next::Mdns(event),
                _ = ticks.tick() => Next::Tick,
            };
            match next {
                Next::Order(order) => self.obey(order).await,
                Next::Port => self.announce(),
                Next::Hint => {}
                Next::Given(resolved) => self.given(resolved),
                Next::Mdns(event) => self.heard(event).await,
                Next::Tick => self.tick().await,
            }
        }
        self.end().await;
    }

    async fn obey(&mut self, order: Command) {
        match order {
            Command::Manual(target) => self.add_manual(target),
            Command::Learnt(key, addrs) => {
                let loopback = mdns::loopback_of(self.config.reach);
                let addrs: Vec<_> = addrs.into_iter().filter(|it| rules::is_dialable(it, loopback)).collect();
                let addrs = addrs.get(..ADDRESSES_MAX).unwrap_or(&addrs);
                if self.config.book.learnt(key, addrs) {
                    self.learnt.insert(key);
                    self.hint(Source::Learnt, addrs.to_vec(), Some(key));
                }
            }
            Command::Connected(key, addr) => self.config.book.connected(key, addr, self.config.clock.now()),
            Command::Forget(key) => {
                self.config.book.forget(&key);
                self.learnt.remove(&key);
            }
            Command::NetworkChanged => self.look_again().await,
        }
    }

    fn add_manual(&mut self, target: Target) {
        let known = self.manual.iter().any(|it| it.target == target);
        if !known && self.manual.len() < TARGETS_MAX {
            self.manual.push(Given { target: target.clone(), addrs: Vec::new() });
        }
        self.lookups.push(Box::pin(given::resolve(Source::Manual, vec![target])));
    }

    fn given(&mut self, resolved: Resolved) {
        for it in &resolved.given {
            if !it.addrs.is_empty() {
                self.hint(resolved.source, it.addrs.clone(), None);
            }
        }
        if resolved.source == Source::File {
            self.file = resolved.given;
            return;
        }
        for fresh in resolved.given {
            if let Some(known) = self.manual.iter_mut().find(|it| it.target == fresh.target) {
                known.addrs = fresh.addrs;
            }
        }
    }

    async fn heard(&mut self, event: Event) {
        match event {
            Event::Resolved(announcement) => {
                let noisy = self.table.heard(&announcement.fullname);
                let loopback = self.mdns.as_ref().map(|it| it.loopback);
                let ours = loopback.and_then(|it| self.table.resolved(&announcement, it));
                if let Some((theirs, addrs)) = ours {
                    let delay = rules::dial_delay(self.config.standing, &self.table.own, &theirs);
                    self.push(Found {
                        addrs,
                        source: Source::Mdns,
                        key: None,
                        instance: Some(theirs),
                        tag_verified: true,
                        delay,
                    });
                }
                self.rest_if(noisy).await;
            }
            Event::Heard(fullname) => {
                let noisy = self.table.heard(&fullname);
                self.rest_if(noisy).await;
            }
            Event::Removed(fullname) => self.table.removed(&fullname),
            Event::AddressChanged => {
                self.change_due.get_or_insert_with(|| Instant::now() + CHANGE_EVERY);
            }
            Event::Idle => {}
            Event::Closed => {
                if self.mdns.as_mut().is_some_and(|it| it.browse_again().is_err()) {
                    self.stop_mdns().await;
                    self.rest = Rest::Refused(Instant::now());
                }
            }
        }
    }

    /// Rests when the network is noisy: the daemon goes, and with it its cache.
    async fn rest_if(&mut self, noisy: bool) {
        if noisy {
            tracing::warn!("more than {} services on the network: multicast rests for a minute", mdns::SERVICES_MAX);
            self.stop_mdns().await;
            self.rest = Rest::Noisy(Instant::now());
        }
    }

    async fn tick(&mut self) {
        let now = Instant::now();
        if let Some(jump) = self.watch.observe(self.config.clock.now(), now) {
            tracing::info!(?jump, "woke up");
            self.look_again().await;
        }
        if self.change_due.is_some_and(|due| due <= now) {
            self.change_due = None;
            self.addresses_changed().await;
        }
        match self.rest {
            Rest::Refused(since) | Rest::Noisy(since) if self.mdns.is_none() && REST <= now - since => {
                self.start_mdns()
            }
            _ => {}
        }
        if GIVEN_EVERY <= now - self.given_at {
            self.ask_given();
        }
        if SAVE_EVERY <= now - self.saved_at {
            self.save();
        }
    }

    /// After sleep or on another network: a new daemon, and everything is said again.
    async fn look_again(&mut self) {
        self.ends.changes.send_modify(|it| *it = it.wrapping_add(1));
        self.stop_mdns().await;
        self.start_mdns();
        self.say_saved();
        self.ask_given();
    }

    /// The daemon follows addresses by itself, unless loopback was all there was, or is all that is left.
    async fn addresses_changed(&mut self) {
        self.ends.changes.send_modify(|it| *it = it.wrapping_add(1));
        let loopback = mdns::loopback_of(self.config.reach);
        if self.mdns.as_ref().is_some_and(|it| it.loopback != loopback) {
            self.stop_mdns().await;
            self.start_mdns();
        }
        self.say_saved();
        self.ask_given();
    }

    fn start_mdns(&mut self) {
        if self.config.reach == Reach::Quiet {
            return;
        }
        match Mdns::start(self.config.reach) {
            Ok(mdns) => {
                self.mdns = Some(mdns);
                self.announce();
            }
            Err(error) => {
                tracing::warn!(%error, "multicast is refused");
                self.rest = Rest::Refused(Instant::now());
            }
        }
    }

    async fn stop_mdns(&mut self) {
        if let Some(mdns) = self.mdns.take() {
            mdns.goodbye().await;
        }
        // Another name: where the goodbye is heard just before the same name is announced again, by a daemon that knew
        // neither, mdns-sd 0.21 takes the goodbye for news and the announcement for a refresh, and resolves nothing.
        self.table.clear(Instance::random());
    }

    fn announce(&mut self) {
        let port = *self.ends.port.borrow_and_update();
        let (Some(mdns), Some(fp)) = (&self.mdns, self.config.fps.first()) else { return };
        let done = match port {
            0 => mdns.withdraw(self.table.own),
            port => mdns.announce(fp, self.table.own, port),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "cannot announce on the network");
        }
    }

    fn say_saved(&mut self) {
        let known: Vec<_> = self.config.book.devices().map(|(key, it)| (*key, it.addrs.clone())).collect();
        for (key, addrs) in known {
            self.hint(Source::Saved, addrs, Some(key));
        }
    }

    fn ask_given(&mut self) {
        self.given_at = Instant::now();
        if let Some(path) = self.config.provision.clone() {
            self.lookups.push(Box::pin(given::resolve_file(path)));
        }
        let targets: Vec<_> = self.manual.iter().map(|it| it.target.clone()).collect();
        if !targets.is_empty() {
            self.lookups.push(Box::pin(given::resolve(Source::Manual, targets)));
        }
    }

    fn hint(&mut self, source: Source, addrs: Vec<std::net::SocketAddr>, key: Option<[u8; 32]>) {
        if !addrs.is_empty() {
            self.push(Found { addrs, source, key, instance: None, tag_verified: false, delay: Duration::ZERO });
        }
    }

    fn push(&mut self, hint: Found) {
        if HINTS_MAX <= self.hints.len() {
            self.hints.pop_front();
        }
        self.hints.push_back(hint);
    }

    /// Saves the book on a worker, unless the save before is still running.
    fn save(&mut self) {
        if !self.config.book.is_dirty() || self.saving.as_ref().is_some_and(|it| !it.is_finished()) {
            return;
        }
        self.saved_at = Instant::now();
        let book = self.config.book.snapshot();
        self.saving = Some(self.tracker.spawn_blocking(move || save(&book)));
    }

    fn publish(&self) {
        let mdns = match (&self.mdns, self.rest) {
            (Some(_), _) => {
                let (found, foreign, quiet_since) = self.table.counts();
                MdnsState::Listening { instance: self.table.own, found, foreign, quiet_since }
            }
            (None, Rest::Unwanted) => MdnsState::Off,
            (None, Rest::Refused(_)) => MdnsState::Failed,
            (None, Rest::Noisy(_)) => MdnsState::Noisy,
        };
        self.ends.state.send_replace(State {
            mdns,
            saved: self.config.book.len(),
            learnt: self.learnt.len(),
            manual: self.manual.clone(),
            file: self.file.clone(),
        });
    }

    async fn end(mut self) {
        self.stop_mdns().await;
        if let Some(saving) = self.saving.take() {
            saving.await.ok();
        }
        self.save();
        if let Some(saving) = self.saving.take() {
            saving.await.ok();
        }
    }
}

async fn next_of(mdns: Option<&Mdns>) -> Event {
    match mdns {
        Some(mdns) => mdns.next().await,
        None => std::future::pending().await,
    }
}

fn save(book: &AddressBook) {
    if let Err(error) = book.save() {
        tracing::warn!(%error, "the address book was not saved");
    }
}
