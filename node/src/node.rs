//! A node as others start and use it: open a home, ask it things, stop it.

use std::net::SocketAddr;
use std::path::PathBuf;

use artel_crdt::invite::Link;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{self, Error, ErrorKind, Reply, Request, Update};
use crate::clock::Clock;
use crate::driver;
use crate::home::Layout;
use crate::vault::Credentials;

/// Requests that wait for the driver; one more waits in its caller.
const REQUESTS_MAX: usize = 256;
/// Answers of one request that wait for a slow reader before the driver's task for it waits too.
const ANSWERS_MAX: usize = 64;
/// Updates kept for a slow listener; beyond them it is told that it missed some and reads everything anew.
const UPDATES_MAX: usize = 1_024;

/// A request on its way to the driver.
pub(crate) struct Ask {
    pub(crate) request: Request,
    pub(crate) answer: mpsc::Sender<client::Result<Reply>>,
}

/// The way to a node in this process; cheap to clone.
#[derive(Clone)]
pub struct Client {
    asks: mpsc::Sender<Ask>,
    updates: broadcast::Sender<Update>,
}

impl Client {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Ask>) {
        let (asks, queue) = mpsc::channel(REQUESTS_MAX);
        (Self { asks, updates: broadcast::channel(UPDATES_MAX).0 }, queue)
    }

    pub(crate) fn updater(&self) -> broadcast::Sender<Update> {
        self.updates.clone()
    }

    /// Asks for one answer. What was written is durable when this returns; nothing is said of delivery.
    ///
    /// # Errors
    /// The node's refusal, or [`ErrorKind::Internal`] if it has stopped.
    pub async fn request(&self, request: Request) -> client::Result<Reply> {
        let mut answers = self.stream(request).await?;
        answers.recv().await.unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, "the node has stopped")))
    }

    /// Asks for a stream of answers, as `tail` gives; it ends when the receiver is dropped or the node stops.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the node has stopped.
    pub async fn stream(&self, request: Request) -> client::Result<mpsc::Receiver<client::Result<Reply>>> {
        let (answer, answers) = mpsc::channel(ANSWERS_MAX);
        let ask = Ask { request, answer };
        self.asks.send(ask).await.map_err(|_| Error::new(ErrorKind::Internal, "the node has stopped"))?;
        Ok(answers)
    }

    /// What happens from now on.
    pub fn updates(&self) -> broadcast::Receiver<Update> {
        self.updates.subscribe()
    }
}

/// How a node is started.
pub struct Start {
    /// The home.
    pub layout: Layout,
    /// What opens its vault: a password, or a password and a key file.
    pub password: Credentials,
    /// Where to listen; any address and the saved port if absent.
    pub listen: Option<SocketAddr>,
    /// Whether it goes on the network at all.
    pub online: bool,
    /// Addresses of colleagues given by hand.
    pub peers: Vec<String>,
}

/// A running node.
pub struct Node {
    client: Client,
    tracker: TaskTracker,
    cancel: CancellationToken,
    driver: tokio::task::JoinHandle<client::Result<()>>,
    facts: driver::Facts,
}

impl Node {
    /// Opens the home and starts. Returns when the history is usable; the network comes up meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::NoHome`], [`ErrorKind::WrongPassword`], [`ErrorKind::HomeBusy`], [`ErrorKind::NewerHome`],
    /// [`ErrorKind::StoreDamaged`], [`ErrorKind::PortInUse`].
    pub async fn start(start: Start) -> client::Result<Self> {
        Self::start_telling(start, |_| ()).await
    }

    /// As [`Node::start`]; `tell` is given what happens meanwhile: [`Update::Store`] while a long journal is read.
    ///
    /// # Errors
    /// Those of [`Node::start`].
    pub async fn start_telling(start: Start, tell: impl FnOnce(broadcast::Receiver<Update>)) -> client::Result<Self> {
        let clock = Clock::from_env();
        let (client, queue) = Client::new();
        tell(client.updates());
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let driver = driver::Driver::open(start, clock, &client, &tracker, &cancel).await?;
        let facts = driver.facts();
        let driver = tracker.spawn(driver.run(queue, cancel.clone()));
        Ok(Self { client, tracker, cancel, driver, facts })
    }

    /// The way to it.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// What a program says when the node is ready.
    pub fn facts(&self) -> &driver::Facts {
        &self.facts
    }

    /// The addresses at which the node listens; waits until there is one.
    ///
    /// # Errors
    /// [`ErrorKind::NoNetwork`] if there is none after ten seconds.
    pub async fn listening(&self) -> client::Result<Vec<SocketAddr>> {
        for _ in 0..200 {
            if let Reply::Status(status) = self.client.request(Request::Glance).await? {
                let addresses: Vec<SocketAddr> = status.listening.iter().filter_map(|it| it.parse().ok()).collect();
                if !addresses.is_empty() {
                    return Ok(addresses);
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Err(Error::new(ErrorKind::NoNetwork, "no address to listen at"))
    }

    /// For the local socket: tasks that end with the node.
    pub fn tracker(&self) -> (&TaskTracker, &CancellationToken) {
        (&self.tracker, &self.cancel)
    }

    /// Says goodbye, finishes what is being written and closes the home in order.
    ///
    /// # Errors
    /// Those of the last writes.
    pub async fn stop(self) -> client::Result<()> {
        self.cancel.cancel();
        let result = self.driver.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the driver panicked")));
        self.tracker.close();
        self.tracker.wait().await;
        result
    }
}

/// What an organisation is founded with.
pub struct Founding {
    /// Its name.
    pub name: String,
    /// Name of the founder.
    pub person: String,
    /// Mail address of the founder.
    pub email: String,
    /// Mail domain.
    pub domain: String,
    /// Where to write the recovery phrase; otherwise it is only returned.
    pub phrase_file: Option<PathBuf>,
}

/// What an invitation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The code.
    pub code: String,
    /// `host:port` where colleagues were reachable when it was made; at most 16.
    pub addresses: Vec<String>,
}

impl Invitation {
    /// Reads a link `artel://join/…`; none if it is another text or mistyped.
    pub fn read(link: &str) -> Option<Self> {
        let link = link.parse::<Link>().ok()?;
        Some(Self { code: link.code.reveal(), addresses: link.addresses })
    }

    /// The link that says the same; none if the code is none. Addresses that no link can hold are left out.
    pub fn link(&self) -> Option<String> {
        let code = self.code.parse().ok()?;
        Some(Link { code, addresses: self.addresses.clone() }.reveal())
    }
}

/// What a newcomer has.
pub struct JoinRequest {
    /// The code, or the link of the invitation.
    pub code: String,
    /// `host:port` of a colleague, where multicast does not reach.
    pub at: Option<String>,
    /// What this device calls itself.
    pub device_name: String,
    /// The second half of the code, where it came by mail.
    pub mail_code: Option<String>,
    /// How long to look and wait.
    pub timeout: std::time::Duration,
}

pub use crate::demo::demo;
pub use crate::driver::found::{found, found_with, may_found};
pub use crate::driver::join::join;

/// Unpacks a backup into an empty home.
///
/// # Errors
/// [`ErrorKind::HomeTaken`], [`ErrorKind::File`].
pub async fn restore(layout: Layout, file: PathBuf) -> client::Result<()> {
    let restored = tokio::task::spawn_blocking(move || crate::backup::restore(&layout, &file));
    restored.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "restoring failed")))
}

/// Puts another password, or another key file, in the place of the present ones. Durable when it returns.
///
/// # Errors
/// [`ErrorKind::NoHome`], [`ErrorKind::HomeBusy`] while a node runs, [`ErrorKind::WrongPassword`],
/// [`ErrorKind::NoKeyFile`], [`ErrorKind::File`].
pub async fn change_password(layout: Layout, old: Credentials, new: Credentials) -> client::Result<()> {
    let changed = tokio::task::spawn_blocking(move || driver::lock::change_password(layout, &old, &new));
    changed.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "changing the password failed")))
}

/// 24 words for a new root of the organisation.
pub fn new_phrase() -> String {
    artel_crdt::words::RootSeed::random(&mut driver::OsEntropy).reveal().join(" ")
}
