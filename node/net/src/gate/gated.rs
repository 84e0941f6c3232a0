//! Behaviours behind the gate: their handlers exist from the start of a connection, but are not served and do not act until the
//! door of their link is open.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, UpgradeInfo, upgrade::InboundUpgrade};
use libp2p::swarm::handler::{
    AddressChange, ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
    InboundUpgradeSend, ListenUpgradeError, UpgradeInfoSend,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm, NetworkBehaviour,
    SubstreamProtocol, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, Stream};

use super::{Door, Doors, Level};
use crate::counters::Refusal;

/// A behaviour whose handlers wait for their doors. The gate stands before it in the swarm, so the doors exist.
pub(crate) struct Gated<B> {
    pub(crate) inner: B,
    doors: Doors,
}

impl<B> Gated<B> {
    pub(crate) fn new(inner: B, doors: Doors) -> Self {
        Self { inner, doors }
    }

    fn wrap<H>(&self, link: ConnectionId, inner: H) -> GatedHandler<H> {
        GatedHandler { inner, door: self.doors.get(link) }
    }
}

impl<B: NetworkBehaviour> NetworkBehaviour for Gated<B> {
    type ConnectionHandler = GatedHandler<THandler<B>>;
    type ToSwarm = B::ToSwarm;

    fn handle_pending_inbound_connection(
        &mut self,
        link: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.inner.handle_pending_inbound_connection(link, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        link: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.inner.handle_established_inbound_connection(link, peer, local, remote)?;
        Ok(self.wrap(link, inner))
    }

    fn handle_pending_outbound_connection(
        &mut self,
        link: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.inner.handle_pending_outbound_connection(link, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        link: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.inner.handle_established_outbound_connection(link, peer, address, role, port_use)?;
        Ok(self.wrap(link, inner))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, link: ConnectionId, event: THandlerOutEvent<Self>) {
        self.inner.on_connection_handler_event(peer, link, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.inner.poll(cx)
    }
}

/// A handler behind a door. Without a door it stays shut.
pub(crate) struct GatedHandler<H> {
    inner: H,
    door: Option<Arc<Door>>,
}

impl<H> GatedHandler<H> {
    fn is(&self, level: Level) -> bool {
        self.door.as_ref().is_some_and(|door| door.is(level))
    }
}

/// The inner handler's offer, taken back for links that are not admitted.
pub(crate) struct Locked<U> {
    inner: U,
    door: Option<Arc<Door>>,
}

/// Why an inbound stream came to nothing.
#[derive(Debug)]
pub(crate) enum LockedError<E> {
    /// The door was shut.
    Shut,
    /// The inner protocol's own error.
    Inner(E),
}

impl<U: InboundUpgradeSend> UpgradeInfo for Locked<U> {
    type Info = <U as UpgradeInfoSend>::Info;
    type InfoIter = <U as UpgradeInfoSend>::InfoIter;

    fn protocol_info(&self) -> Self::InfoIter {
        UpgradeInfoSend::protocol_info(&self.inner)
    }
}

impl<U: InboundUpgradeSend> InboundUpgrade<Stream> for Locked<U> {
    type Output = <U as InboundUpgradeSend>::Output;
    type Error = LockedError<<U as InboundUpgradeSend>::Error>;
    type Future = BoxFuture<'static, Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, stream: Stream, info: Self::Info) -> Self::Future {
        if !self.door.is_some_and(|door| door.is(Level::Admitted)) {
            return futures::future::ready(Err(LockedError::Shut)).boxed();
        }
        let upgrade = InboundUpgradeSend::upgrade_inbound(self.inner, stream, info);
        async move { upgrade.await.map_err(LockedError::Inner) }.boxed()
    }
}

impl<H: ConnectionHandler> ConnectionHandler for GatedHandler<H> {
    type FromBehaviour = H::FromBehaviour;
    type ToBehaviour = H::ToBehaviour;
    type InboundProtocol = Locked<H::InboundProtocol>;
    type OutboundProtocol = H::OutboundProtocol;
    type InboundOpenInfo = H::InboundOpenInfo;
    type OutboundOpenInfo = H::OutboundOpenInfo;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, Self::InboundOpenInfo> {
        let door = self.door.clone();
        self.inner.listen_protocol().map_upgrade(|inner| Locked { inner, door })
    }

    fn connection_keep_alive(&self) -> bool {
        self.inner.connection_keep_alive()
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        // Woken by the gate's own handler on the same connection when the door opens.
        if self.is(Level::Open) { self.inner.poll(cx) } else { Poll::Pending }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::ToBehaviour>> {
        self.inner.poll_close(cx)
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        self.inner.on_behaviour_event(event);
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<
            '_,
            Self::InboundProtocol,
            Self::OutboundProtocol,
            Self::InboundOpenInfo,
            Self::OutboundOpenInfo,
        >,
    ) {
        let event = match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info })
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info })
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error }) => {
                ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error })
            }
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info, error: LockedError::Inner(error) }) => {
                ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info, error })
            }
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { error: LockedError::Shut, .. }) => {
                if let Some(door) = &self.door {
                    door.refuse(Refusal::NotMember);
                }
                return;
            }
            ConnectionEvent::AddressChange(AddressChange { new_address }) => {
                ConnectionEvent::AddressChange(AddressChange { new_address })
            }
            ConnectionEvent::LocalProtocolsChange(change) => ConnectionEvent::LocalProtocolsChange(change),
            ConnectionEvent::RemoteProtocolsChange(change) => ConnectionEvent::RemoteProtocolsChange(change),
            _ => return,
        };
        self.inner.on_connection_event(event);
    }
}
