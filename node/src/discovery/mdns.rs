//! Multicast DNS: one daemon, its announcement, and the table of what was heard.
//!
//! Service `_artel._tcp.local.`, instance = 16 random hex digits, host = the same digits, TXT `t` = tag, `v` = 1. What is
//! heard is hostile input: limited, compared, and never more than a hint.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use artel_crdt::id::OrgFp;
use mdns_sd::{DaemonEvent, IfKind, IfPredicate, Receiver, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};

use super::rules::{self, Instance, Loopback};
use super::{ADDRESSES_MAX, Reach};

const SERVICE: &str = "_artel._tcp.local.";
const VERSION: &str = "1";

/// Services in the table before the daemon is thrown away together with its cache, which has no limit of its own.
pub(super) const SERVICES_MAX: usize = 2_000;

/// How long to wait for the goodbye to be sent.
const GOODBYE_TIME: Duration = Duration::from_secs(1);

/// What the daemon has to say.
#[derive(Debug)]
pub(super) enum Event {
    /// A service with its addresses, or more of them.
    Resolved(Announcement),
    /// A service is gone: it said goodbye or was silent for too long.
    Removed(String),
    /// Something of our type was heard, not yet resolved.
    Heard(String),
    /// An address of this machine came or went.
    AddressChanged,
    /// Nothing worth knowing.
    Idle,
    /// The daemon stopped telling, as it does when its receiver is too slow.
    Closed,
}

/// The parts of an announcement that we look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Announcement {
    pub(super) fullname: String,
    pub(super) port: u16,
    pub(super) ips: BTreeSet<IpAddr>,
    pub(super) tag: Option<String>,
    pub(super) version: Option<String>,
}

impl From<&ResolvedService> for Announcement {
    fn from(service: &ResolvedService) -> Self {
        let text = |key| service.get_property_val_str(key).map(str::to_owned);
        Self {
            fullname: service.fullname.clone(),
            port: service.port,
            ips: service.addresses.iter().map(|it| it.to_ip_addr()).collect(),
            tag: text("t"),
            version: text("v"),
        }
    }
}

/// A running daemon. Its thread ends at [`Mdns::goodbye`].
pub(super) struct Mdns {
    daemon: ServiceDaemon,
    services: Receiver<ServiceEvent>,
    monitor: Receiver<DaemonEvent>,
    /// Whether it runs on loopback.
    pub(super) loopback: Loopback,
}

/// The daemon refuses, or has died.
#[derive(Debug, thiserror::Error)]
#[error("multicast DNS: {0}")]
pub(super) struct Unusable(#[from] mdns_sd::Error);

impl Mdns {
    /// Starts a daemon on the interfaces of this reach and begins to listen; announces nothing yet.
    pub(super) fn start(reach: Reach) -> Result<Self, Unusable> {
        let loopback = loopback_of(reach);
        let daemon = ServiceDaemon::new()?;
        let on_loopback_only = reach == Reach::Loopback;
        if loopback == Loopback::LeftOut {
            daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
        }
        let left_out = move |name: &str, is_loopback: bool| match on_loopback_only {
            true => !is_loopback,
            false => rules::is_left_out(name),
        };
        let predicate = IfPredicate::new(move |it| left_out(&it.name, it.is_loopback()));
        daemon.disable_interface(IfKind::Predicate(predicate))?;
        // After the selection, so that the interfaces left out are not reported as going away.
        let monitor = daemon.monitor()?;
        let services = daemon.browse(SERVICE)?;
        Ok(Self { daemon, services, monitor, loopback })
    }

    /// Announces us, or announces the new port.
    pub(super) fn announce(&self, fp: &OrgFp, instance: Instance, port: u16) -> Result<(), Unusable> {
        let name = instance.to_string();
        let tag = rules::tag_text(fp, &instance);
        let text = [("t", tag.as_str()), ("v", VERSION)];
        let info = ServiceInfo::new(SERVICE, &name, &format!("{name}.local."), "", port, &text[..])?;
        let mut info = info.enable_addr_auto();
        // 64 random bits need no probing for conflicts, which would cost 0.75 s at every start.
        info.set_requires_probe(false);
        Ok(self.daemon.register(info)?)
    }

    /// Withdraws the announcement.
    pub(super) fn withdraw(&self, instance: Instance) -> Result<(), Unusable> {
        self.daemon.unregister(&format!("{instance}.{SERVICE}")).map(drop).map_err(Unusable)
    }

    /// Listens again after [`Event::Closed`].
    pub(super) fn browse_again(&mut self) -> Result<(), Unusable> {
        self.services = self.daemon.browse(SERVICE)?;
        Ok(())
    }

    /// The next thing the daemon has to say. Safe to cancel.
    pub(super) async fn next(&self) -> Event {
        tokio::select! {
            it = self.services.recv_async() => it.map_or(Event::Closed, event_of),
            it = self.monitor.recv_async() => match it {
                Ok(DaemonEvent::IpAdd(ip) | DaemonEvent::IpDel(ip)) if !ip.is_loopback() => Event::AddressChanged,
                Ok(_) => Event::Idle,
                Err(_) => Event::Closed,
            },
        }
    }

    /// Ends the daemon, which first withdraws what it announced, and waits until that is done.
    pub(super) async fn goodbye(self) {
        let farewell = async {
            if let Ok(ended) = self.daemon.shutdown() {
                ended.recv_async().await.ok();
            }
        };
        if tokio::time::timeout(GOODBYE_TIME, farewell).await.is_err() {
            tracing::debug!("no time for the goodbye");
        }
    }
}

/// Whether loopback is used: asked for, or nothing else is there.
pub(super) fn loopback_of(reach: Reach) -> Loopback {
    let real = |it: if_addrs::Interface| it.is_oper_up() && !it.is_loopback() && !rules::is_left_out(&it.name);
    let lonely = || !if_addrs::get_if_addrs().unwrap_or_default().into_iter().any(real);
    match reach {
        Reach::Network if !lonely() => Loopback::LeftOut,
        Reach::Network | Reach::Loopback | Reach::Quiet => Loopback::Used,
    }
}

fn event_of(event: ServiceEvent) -> Event {
    match event {
        ServiceEvent::ServiceResolved(service) => Event::Resolved(Announcement::from(&*service)),
        ServiceEvent::ServiceFound(_, fullname) => Event::Heard(fullname),
        ServiceEvent::ServiceRemoved(_, fullname) => Event::Removed(fullname),
        _ => Event::Idle,
    }
}

/// What was heard and is not gone. Pure.
#[derive(Debug)]
pub(super) struct Table {
    fps: Vec<OrgFp>,
    /// The name we announce ourselves under.
    pub(super) own: Instance,
    all: BTreeSet<String>,
    ours: BTreeMap<Instance, BTreeSet<SocketAddr>>,
    quiet_since: Instant,
}

impl Table {
    pub(super) fn new(fps: Vec<OrgFp>, own: Instance) -> Self {
        Self { fps, own, all: BTreeSet::new(), ours: BTreeMap::new(), quiet_since: Instant::now() }
    }

    /// Somebody else was heard. Returns whether the network is too noisy to go on.
    pub(super) fn heard(&mut self, fullname: &str) -> bool {
        if instance_of(fullname) == Some(self.own) {
            return false;
        }
        self.quiet_since = Instant::now();
        if !self.all.contains(fullname) {
            self.all.insert(fullname.to_owned());
        }
        SERVICES_MAX < self.all.len()
    }

    /// A service is gone.
    pub(super) fn removed(&mut self, fullname: &str) {
        self.all.remove(fullname);
        instance_of(fullname).map(|it| self.ours.remove(&it));
    }

    /// A node of ours with an address that was not known: its instance and all its addresses.
    pub(super) fn resolved(&mut self, it: &Announcement, loopback: Loopback) -> Option<(Instance, Vec<SocketAddr>)> {
        let instance = instance_of(&it.fullname).filter(|it| *it != self.own)?;
        let tagged = it.version.as_deref() == Some(VERSION)
            && it.tag.as_deref().is_some_and(|tag| rules::is_ours(&self.fps, &instance, tag));
        if !tagged {
            return None;
        }
        let addrs = it.ips.iter().map(|ip| SocketAddr::new(*ip, it.port));
        let fresh: Vec<_> = addrs.filter(|it| rules::is_dialable(it, loopback)).take(ADDRESSES_MAX).collect();
        if fresh.is_empty() {
            return None;
        }
        let known = self.ours.entry(instance).or_default();
        // Another port: the node moved, its old addresses are void.
        known.retain(|known| known.port() == it.port);
        let before = known.len();
        known.extend(fresh);
        while ADDRESSES_MAX < known.len() {
            known.pop_last();
        }
        (before < known.len()).then(|| (instance, known.iter().copied().collect()))
    }

    /// Nodes of ours, others, and since when nobody was heard.
    pub(super) fn counts(&self) -> (usize, usize, Instant) {
        (self.ours.len(), self.all.len().saturating_sub(self.ours.len()), self.quiet_since)
    }

    /// Forgets everything, as a new daemon does, which announces us as `own`.
    pub(super) fn clear(&mut self, own: Instance) {
        self.own = own;
        self.all.clear();
        self.ours.clear();
        self.quiet_since = Instant::now();
    }
}

fn instance_of(fullname: &str) -> Option<Instance> {
    fullname.strip_suffix(SERVICE)?.strip_suffix('.').and_then(Instance::parse)
}
