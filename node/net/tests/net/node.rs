//! A node with a minimal driver: it admits members and hands every event to the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use artel_net::{Config, Event, ListenPort, Net, PeerKey, Timing, spawn};
use libp2p::identity::Keypair;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Fingerprint of the organisation of the tests.
pub(crate) const FP: &str = "0123456789abcdef";
/// Longest wait for anything that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Times short enough for a test, long enough for a busy computer.
pub(crate) fn quick() -> Timing {
    Timing {
        heartbeat: Duration::from_millis(500),
        silence: Duration::from_secs(4),
        duplicate: Duration::from_millis(500),
        redial_first: Duration::from_millis(100),
        redial_longest: Duration::from_secs(1),
        ..Timing::default()
    }
}

/// A secret key and its public one.
pub(crate) fn identity() -> ([u8; 32], PeerKey) {
    let pair = Keypair::generate_ed25519().try_into_ed25519().unwrap();
    let mut secret = [0; 32];
    secret.copy_from_slice(pair.secret().as_ref());
    (secret, PeerKey(pair.public().to_bytes()))
}

/// See the module.
pub(crate) struct Node {
    pub(crate) net: Net,
    pub(crate) key: PeerKey,
    pub(crate) tracker: TaskTracker,
    pub(crate) cancel: CancellationToken,
    events: mpsc::Receiver<Event>,
    address: Option<SocketAddr>,
}

/// A configuration on the loopback interface.
pub(crate) fn config(secret: [u8; 32], roster: &[PeerKey]) -> Config {
    let mut secret = secret;
    let mut config = Config::new(&mut secret, FP).unwrap();
    assert_eq!(secret, [0; 32], "the secret is wiped");
    config.listen = vec![Ipv4Addr::LOCALHOST.into()];
    config.roster = roster.to_vec();
    config.timing = quick();
    config
}

impl Node {
    pub(crate) fn start(config: Config) -> Self {
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let key = config.key();
        let (net, mut received) = spawn(config, &tracker, cancel.clone()).unwrap();
        let (forward, events) = mpsc::channel(4096);
        let driver = net.clone();
        tracker.spawn(async move {
            while let Some(event) = received.recv().await {
                if let Event::HelloStarted(started) = &event
                    && started.member
                {
                    driver.hello_payload(started.link, b"heads".to_vec()).await.unwrap();
                    driver.admit(started.link).await.unwrap();
                }
                if forward.try_send(event).is_err() {
                    return;
                }
            }
        });
        Self { net, key, tracker, cancel, events, address: None }
    }

    /// A member of a roster on an ephemeral port.
    pub(crate) fn member((secret, _): ([u8; 32], PeerKey), roster: &[PeerKey]) -> Self {
        Self::start(config(secret, roster))
    }

    /// A node that nobody can dial.
    pub(crate) fn deaf((secret, _): ([u8; 32], PeerKey), roster: &[PeerKey]) -> Self {
        let mut config = config(secret, roster);
        config.listen = Vec::new();
        Self::start(config)
    }

    /// Where it listens.
    pub(crate) async fn address(&mut self) -> SocketAddr {
        if let Some(address) = self.address {
            return address;
        }
        let address = self
            .wait("an address", |event| match event {
                Event::Listening { addresses } => addresses.first().copied(),
                _ => None,
            })
            .await;
        self.address = Some(address);
        address
    }

    /// The first event that fits, within [`PATIENCE`].
    pub(crate) async fn wait<T>(&mut self, what: &str, fits: impl FnMut(Event) -> Option<T>) -> T {
        self.wait_within(PATIENCE, what, fits).await
    }

    /// As [`Node::wait`] with another patience.
    pub(crate) async fn wait_within<T>(
        &mut self,
        patience: Duration,
        what: &str,
        mut fits: impl FnMut(Event) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            match timeout_at(deadline, self.events.recv()).await {
                Ok(Some(event)) => {
                    if let Event::Listening { addresses } = &event {
                        self.address = addresses.first().copied();
                    }
                    if let Some(found) = fits(event) {
                        return found;
                    }
                }
                Ok(None) => panic!("the node stopped while waiting for {what}"),
                Err(_) => panic!("no {what} within {patience:?}; refused so far: {:?}", self.net.refusals()),
            }
        }
    }

    /// Every event that has come so far.
    pub(crate) fn drain(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    pub(crate) async fn up(&mut self, other: PeerKey) -> artel_net::Via {
        self.wait("peer up", |event| match event {
            Event::PeerUp { peer, via, .. } if peer == other => Some(via),
            _ => None,
        })
        .await
    }

    pub(crate) async fn down(&mut self, other: PeerKey) -> artel_net::Down {
        self.wait("peer down", |event| match event {
            Event::PeerDown { peer, why } if peer == other => Some(why),
            _ => None,
        })
        .await
    }

    /// The next control frame.
    pub(crate) async fn control(&mut self) -> (PeerKey, Vec<u8>) {
        self.wait("control frame", |event| match event {
            Event::Control { peer, frame } => Some((peer, frame.into_bytes())),
            _ => None,
        })
        .await
    }

    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        self.tracker.close();
        tokio::time::timeout(PATIENCE, self.tracker.wait()).await.expect("every task ends");
    }
}

/// Two members, linked: the first dialled.
pub(crate) async fn pair() -> (Node, Node) {
    let (a, b) = (identity(), identity());
    let roster = [a.1, b.1];
    let (mut a, mut b) = (Node::member(a, &roster), Node::member(b, &roster));
    let address = b.address().await;
    a.net.dial(Some(b.key), vec![address], artel_net::Source::Manual).await.unwrap();
    a.up(b.key).await;
    b.up(a.key).await;
    (a, b)
}

/// Repeats a check until it holds, within [`PATIENCE`].
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} does not hold within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port nobody has, as far as one can know.
pub(crate) fn fixed(config: &mut Config, port: u16) {
    config.port = ListenPort::Fixed(port);
}
