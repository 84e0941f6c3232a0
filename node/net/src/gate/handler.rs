//! Streams of one connection: which names are served, how many at once, and streams we open on this connection and no other.

use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use libp2p::core::UpgradeInfo;
use libp2p::core::upgrade::{InboundUpgrade, ReadyUpgrade};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound, ListenUpgradeError,
};
use libp2p::swarm::{ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol};
use libp2p::{Stream, StreamProtocol};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Door, Level};
use crate::counters::Refusal;
use crate::limits::{HANDSHAKE_DEADLINE, STREAMS_STRANGER_MAX};
use crate::protocol::{Names, Protocol};

/// Why a stream could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenFailure {
    /// The other side does not serve this stream to us.
    Refused,
    /// The other side did not answer.
    TimedOut,
    /// The connection failed.
    Lost,
}

/// Answer to an order to open a stream.
type Reply = oneshot::Sender<Result<Stream, OpenFailure>>;

/// From the gate to one connection.
#[derive(Debug)]
pub(crate) enum Order {
    /// Open a stream of this name.
    Open { name: StreamProtocol, reply: Reply },
    /// The door moved; look again.
    Wake,
}

/// From one connection to the gate.
#[derive(Debug)]
pub(crate) enum News {
    /// A stream the peer may open.
    Arrived { protocol: Protocol, stream: Stream, place: OwnedSemaphorePermit },
    /// Too many refusals.
    Abuse,
}

/// See the module.
pub(crate) struct Handler {
    names: Arc<Names>,
    door: Arc<Door>,
    places: Arc<Semaphore>,
    /// Streams accepted while the door was shut.
    strange: u32,
    /// Bounded by the places for streams of both directions.
    orders: VecDeque<(StreamProtocol, Reply)>,
    news: VecDeque<News>,
    /// The gate has been told of abuse.
    reported: bool,
}

impl Handler {
    pub(super) fn new(names: Arc<Names>, door: Arc<Door>, places: Arc<Semaphore>) -> Self {
        Self { names, door, places, strange: 0, orders: VecDeque::new(), news: VecDeque::new(), reported: false }
    }

    fn arrived(&mut self, protocol: Protocol, stream: Stream) {
        if !self.door.is(Level::Admitted) {
            self.strange += 1;
            if self.strange > STREAMS_STRANGER_MAX {
                self.refuse(Refusal::TooManyStreams);
                return;
            }
        }
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => self.news.push_back(News::Arrived { protocol, stream, place }),
            Err(_) => self.refuse(Refusal::TooManyStreams),
        }
    }

    fn refuse(&self, cause: Refusal) {
        self.door.refuse(cause);
    }
}

/// The offer of our stream names. A name for members on a link that is not admitted is recognised, so that it can be counted, and
/// then reset before a byte of it is read or written.
pub(crate) struct Offer {
    names: Arc<Names>,
    door: Arc<Door>,
}

/// A stream for members was asked for by somebody else.
#[derive(Debug)]
pub(crate) struct NotMember;

impl UpgradeInfo for Offer {
    type Info = StreamProtocol;
    type InfoIter = std::vec::IntoIter<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.names.all().into_iter()
    }
}

impl InboundUpgrade<Stream> for Offer {
    type Output = (Protocol, Stream);
    type Error = NotMember;
    type Future = Ready<Result<Self::Output, NotMember>>;

    fn upgrade_inbound(self, stream: Stream, name: StreamProtocol) -> Self::Future {
        let protocol = self.names.protocol(&name).filter(|p| p.for_strangers() || self.door.is(Level::Admitted));
        ready(protocol.map(|p| (p, stream)).ok_or(NotMember))
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Order;
    type ToBehaviour = News;
    type InboundProtocol = Offer;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Reply;

    fn listen_protocol(&self) -> SubstreamProtocol<Offer> {
        SubstreamProtocol::new(Offer { names: Arc::clone(&self.names), door: Arc::clone(&self.door) }, ())
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Reply, News>> {
        if let Some(news) = self.news.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(news));
        }
        if !self.reported && self.door.is_abused() {
            self.reported = true;
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(News::Abuse));
        }
        if let Some((name, reply)) = self.orders.pop_front() {
            let protocol = SubstreamProtocol::new(ReadyUpgrade::new(name), reply).with_timeout(HANDSHAKE_DEADLINE);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, order: Order) {
        match order {
            Order::Open { name, reply } => self.orders.push_back((name, reply)),
            Order::Wake => {}
        }
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Offer, Self::OutboundProtocol, (), Reply>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (protocol, stream), ..
            }) => {
                self.arrived(protocol, stream);
            }
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { error: NotMember, .. }) => {
                self.refuse(Refusal::NotMember)
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol: stream, info: reply }) => {
                answer(reply, Ok(stream));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info: reply, error }) => {
                let failure = match error {
                    StreamUpgradeError::Timeout => OpenFailure::TimedOut,
                    StreamUpgradeError::NegotiationFailed => OpenFailure::Refused,
                    _ => OpenFailure::Lost,
                };
                answer(reply, Err(failure));
            }
            _ => {}
        }
    }
}

/// Answers; that nobody waits any more is no failure.
fn answer(reply: Reply, result: Result<Stream, OpenFailure>) {
    drop(reply.send(result));
}
