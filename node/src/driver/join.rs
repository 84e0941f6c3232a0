//! Joining an organisation with a code: find a colleague, prove the code, wait for the decision, install what comes.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use artel_crdt::enrol::{About, Admission, Applicant, BadEnrol, DECISION_WAIT, Newcomer, Refusal, Step};
use artel_crdt::id::{DeviceId, OrgFp, OrgId};
use artel_crdt::invite::{Code, InviteSecret, Link, MailCode};
use artel_crdt::secret::Secret;
use artel_net::{Event, Framed, LinkId, Net, PeerKey, Source};
use ed25519_dalek::SigningKey;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{Error, ErrorKind, Joining, Result};
use crate::clock::Clock;
use crate::discovery;
use crate::home::{Home, Layout};
use crate::node::JoinRequest;
use crate::vault::{Credentials, Purpose, Vault};

use super::OsEntropy;
use super::found::{create_home, offline};
use super::open::{MEMBERSHIP, Membership, home_error, net_error, vault_error};

/// What the code says.
struct Ticket {
    fp: OrgFp,
    secret: InviteSecret,
    /// Another device of a person who is in.
    own_device: bool,
    addresses: Vec<String>,
}

fn ticket(request: &JoinRequest) -> Result<Ticket> {
    let text = request.code.trim();
    let (code, mut addresses) = match text.parse::<Link>() {
        Ok(link) => (link.code, link.addresses),
        Err(_) => (text.parse::<Code>().map_err(|it| Error::new(ErrorKind::CodeMistyped, it.to_string()))?, Vec::new()),
    };
    let mailed = request.mail_code.as_deref().map(str::parse::<MailCode>).transpose();
    let mailed = mailed.map_err(|it| Error::new(ErrorKind::CodeMistyped, it.to_string()))?;
    let secret = code.secret(mailed.as_ref());
    let secret = secret.ok_or_else(|| Error::new(ErrorKind::CodeMistyped, "the code from the mail is needed too"))?;
    addresses.extend(request.at.clone());
    Ok(Ticket { fp: code.org_fp(), secret, own_device: code.is_for_device(), addresses })
}

/// Joins. Each step is told to `progress`; returns when admitted.
///
/// # Errors
/// [`ErrorKind::CodeMistyped`], [`ErrorKind::CodeRefused`], [`ErrorKind::CodeExpired`], [`ErrorKind::Refused`],
/// [`ErrorKind::NoContact`] after the time is over; called again with the same home it goes on where it was.
pub async fn join(
    layout: Layout,
    password: impl Into<Credentials>,
    request: JoinRequest,
    progress: mpsc::Sender<Joining>,
) -> Result<Joining> {
    let (ticket, password) = (ticket(&request)?, password.into());
    let prepared = {
        let (layout, password) = (layout.clone(), password.clone());
        tokio::task::spawn_blocking(move || prepare(&layout, &password)).await
    };
    let (home, vault) = prepared.map_err(|_| Error::new(ErrorKind::Internal, "joining failed"))??;
    let seed = vault.device_seed().map_err(|it| vault_error(&it))?;
    let applicant = Applying {
        ticket,
        device_key: SigningKey::from_bytes(seed.expose()),
        seal_secret: vault.sealing_key().map_err(|it| vault_error(&it))?,
        about: About {
            device_name: request.device_name.clone(),
            os: std::env::consts::OS.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        progress,
    };
    let found = tokio::time::timeout(request.timeout, applicant.look_around(&layout)).await;
    let found = found.map_err(|_| Error::new(ErrorKind::NoContact, format!("{} s", request.timeout.as_secs())))?;
    let membership = found.inspect_err(|error| {
        if error.kind.exit_code() == ErrorKind::Refused.exit_code() {
            applicant.progress.try_send(applicant.joining("refused", "")).ok();
        }
    })?;
    let joined = applicant.joining("admitted", "");
    install(layout, &password, (home, vault), membership).await?;
    Ok(joined)
}

/// The home of a newcomer: a new one, or that of an earlier try.
fn prepare(layout: &Layout, password: &Credentials) -> Result<(Home, Vault)> {
    if layout.probe().map_err(|it| home_error(&it))?.is_none() {
        return create_home(layout, password, &[]);
    }
    let home = Home::open(layout.clone()).map_err(|it| home_error(&it))?;
    let vault = password.open(&layout.vault()).map_err(|it| vault_error(&it))?;
    if vault.secret(MEMBERSHIP).is_some() {
        return Err(Error::new(ErrorKind::HomeTaken, layout.root().display().to_string()));
    }
    Ok((home, vault))
}

struct Applying {
    ticket: Ticket,
    device_key: SigningKey,
    seal_secret: Secret<32>,
    about: About,
    progress: mpsc::Sender<Joining>,
}

/// What a member begins with.
struct Admitted {
    org: OrgId,
    admission: Admission,
    /// The colleague who opened the door, and where he was.
    reached: Option<(PeerKey, SocketAddr)>,
}

/// How one attempt at one colleague ended.
enum Attempt {
    /// In.
    Admitted(OrgId, Box<Admission>),
    /// Final.
    Refused(Refusal),
    /// Try another, or later.
    Elsewhere(Option<Refusal>),
}

impl Applying {
    fn joining(&self, state: &str, words: &str) -> Joining {
        let device = DeviceId::of_key(self.device_key.verifying_key().as_bytes());
        Joining { words: words.to_owned(), device: device.to_string(), state: state.to_owned() }
    }

    /// Looks for colleagues until one has decided.
    async fn look_around(&self, layout: &Layout) -> Result<Admitted> {
        self.progress.try_send(self.joining("searching", "")).ok();
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let _stop = cancel.clone().drop_guard();
        let mut config = artel_net::Config::new(&mut self.device_key.to_bytes(), &self.ticket.fp.to_string())
            .map_err(|it| Error::new(ErrorKind::Internal, it.to_string()))?;
        config.listen = Vec::new();
        let (net, mut events) = artel_net::spawn(config, &tracker, cancel.clone()).map_err(|it| net_error(&it))?;
        let (discovery, mut found) = self.discover(layout, &tracker, &cancel);
        for address in &self.ticket.addresses {
            discovery.add_manual(address).map_err(|it| Error::new(ErrorKind::Usage, it.to_string()))?;
        }
        let mut tried: BTreeSet<PeerKey> = BTreeSet::new();
        let mut known: Vec<(Vec<SocketAddr>, Source)> = Vec::new();
        let mut again = tokio::time::interval(super::enrol::RETRY);
        let mut last = None;
        loop {
            tokio::select! {
                Some(it) = found.recv() => {
                    let loopback = discovery::Reach::from_env() == discovery::Reach::Loopback;
                    let by_hand = loopback || it.source != discovery::Source::Mdns;
                    let source = if by_hand { Source::Manual } else { Source::Found };
                    net.dial(None, it.addrs.clone(), source).await.ok();
                    known.push((it.addrs, source));
                    known.truncate(64);
                }
                Some(event) = events.recv() => {
                    let Event::HelloStarted(hello) = event else { continue };
                    tried.insert(hello.peer);
                    match self.apply(&net, hello.link).await {
                        Attempt::Admitted(org, admission) => {
                            let reached = hello.address.map(|it| (hello.peer, it));
                            return Ok(Admitted { org, admission: *admission, reached });
                        }
                        Attempt::Refused(why) => return Err(refusal(why)),
                        Attempt::Elsewhere(why) => last = why.or(last),
                    }
                }
                _ = again.tick() => {
                    if let Some(why) = last.filter(|it| *it != Refusal::NobodyCanAdmit && *it != Refusal::Busy) {
                        return Err(refusal(why));
                    }
                    for (addresses, source) in known.clone() {
                        net.dial(None, addresses, source).await.ok();
                    }
                }
            }
        }
    }

    fn discover(
        &self,
        layout: &Layout,
        tracker: &TaskTracker,
        cancel: &CancellationToken,
    ) -> (discovery::Handle, mpsc::Receiver<discovery::Found>) {
        let config = discovery::Config {
            fps: vec![self.ticket.fp],
            standing: discovery::Standing::Joining,
            port: 0,
            reach: discovery::Reach::from_env(),
            book: discovery::AddressBook::in_memory(),
            provision: Some(discovery::provision_path(layout)),
            clock: Clock::from_env(),
        };
        discovery::start(config, tracker, cancel.clone())
    }

    /// Tries one colleague.
    async fn apply(&self, net: &Net, link: LinkId) -> Attempt {
        net.keep(link, DECISION_WAIT).await.ok();
        match net.open_enrol(link).await {
            Ok(mut stream) => self.speak(&mut stream).await.unwrap_or(Attempt::Elsewhere(None)),
            Err(error) => {
                tracing::debug!(%error, "a colleague does not open");
                Attempt::Elsewhere(None)
            }
        }
    }

    async fn speak(&self, stream: &mut Framed) -> Option<Attempt> {
        let applicant = Applicant {
            org_fp: &self.ticket.fp,
            secret: &self.ticket.secret,
            device_key: &self.device_key,
            seal_secret: &self.seal_secret,
            about: &self.about,
        };
        let started = match self.ticket.own_device {
            true => Newcomer::start_own_device(&applicant, &mut OsEntropy),
            false => Newcomer::start(&applicant, &mut OsEntropy),
        };
        let (mut newcomer, first) = started.ok()?;
        stream.send(&first).await.ok()?;
        let (mut org, mut words) = (None, String::new());
        let mut patience = Duration::from_secs(10);
        loop {
            let frame = stream.recv_within(patience).await.ok()??;
            match newcomer.receive(&frame) {
                Ok(Step::Partial) => {}
                Ok(Step::Introduced { reply, to }) => {
                    words = to.words.join(" ");
                    org = Some(to.org);
                    stream.send(&reply).await.ok()?;
                    self.progress.try_send(self.joining("waiting", &words)).ok();
                    patience = DECISION_WAIT;
                }
                Ok(Step::Wait) => drop(self.progress.try_send(self.joining("waiting", &words))),
                Ok(Step::Refused(why)) => return Some(Attempt::Refused(why)),
                Ok(Step::TurnedAway(why)) => return Some(Attempt::Elsewhere(Some(why))),
                Ok(Step::Admitted { admission, acknowledgement, .. }) => {
                    stream.send(&acknowledgement).await.ok()?;
                    stream.finish().await.ok();
                    return Some(Attempt::Admitted(org?, admission));
                }
                Err(error) => {
                    tracing::info!(%error, "a colleague could not prove itself");
                    let foreign = !matches!(error, BadEnrol::Form(_));
                    return Some(Attempt::Elsewhere(foreign.then_some(Refusal::NobodyCanAdmit)));
                }
            }
        }
    }
}

fn refusal(why: Refusal) -> Error {
    let kind = match why {
        Refusal::Expired => ErrorKind::CodeExpired,
        Refusal::Declined => ErrorKind::Refused,
        Refusal::NobodyCanAdmit | Refusal::Busy => ErrorKind::NoContact,
        _ => ErrorKind::CodeRefused,
    };
    Error::new(kind, format!("{why:?}"))
}

/// Makes the home a member's: the chain of acts, the key, and where colleagues are.
async fn install(
    layout: Layout,
    password: &Credentials,
    (home, mut vault): (Home, Vault),
    admitted: Admitted,
) -> Result<()> {
    let Admitted { org, admission, reached } = admitted;
    let installed = tokio::task::spawn_blocking(move || {
        let membership = Membership { org, name: String::new() };
        vault.put_secret(MEMBERSHIP, &membership.encode()).map_err(|it| vault_error(&it))?;
        drop(super::open::open_store(&home, &vault)?);
        if let Some((peer, address)) = reached {
            remember(home.layout(), &vault, peer, address);
        }
        home.close().map_err(|it| home_error(&it))
    });
    installed.await.map_err(|_| Error::new(ErrorKind::Internal, "joining failed"))??;
    let mut driver = offline(layout, password).await?;
    for packet in admission.packets.into_iter().chain(admission.grants) {
        driver.offer(DeviceId([0; 16]), packet);
    }
    driver.close().await
}

/// Where the first colleague was: without multicast nobody else would tell the node where to begin.
fn remember(layout: &Layout, vault: &Vault, peer: PeerKey, address: SocketAddr) {
    let mut book = discovery::AddressBook::open(&layout.peers(), vault.subkey(Purpose::Small));
    book.connected(peer.0, address, Clock::from_env().now());
    if let Err(error) = book.save() {
        tracing::warn!(%error, "the address of the colleague who opened the door is forgotten");
    }
}
