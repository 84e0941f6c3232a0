//! Dials from the port we listen on where that port is free, else from any.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::{BoxFuture, FutureExt};
use libp2p::Transport;
use libp2p::core::transport::{DialOpts, ListenerId, PortUse, TransportError, TransportEvent};
use libp2p::multiaddr::Multiaddr;

/// A TCP transport whose dials do not fail for their own port.
///
/// A dial from the listening port, which is what lets two routers be passed, binds it on every address of this computer.
/// Where another program has that port on one of them, or had a connection from it within the last minute, the system says
/// that it is in use, and libp2p-tcp 0.45 gives up: no dial would succeed until that is over, while others can dial us.
pub(super) struct LocalPort<T>(pub(super) T);

impl<T> Transport for LocalPort<T>
where
    T: Transport<Error = io::Error> + Unpin,
    T::Dial: Send + 'static,
    T::Output: Send,
{
    type Output = T::Output;
    type Error = io::Error;
    type ListenerUpgrade = T::ListenerUpgrade;
    type Dial = BoxFuture<'static, io::Result<T::Output>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        self.0.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.0.remove_listener(id)
    }

    fn dial(&mut self, address: Multiaddr, options: DialOpts) -> Result<Self::Dial, TransportError<io::Error>> {
        let dial = self.0.dial(address.clone(), options)?;
        if options.port_use == PortUse::New {
            return Ok(dial.boxed());
        }
        let other = self.0.dial(address, DialOpts { port_use: PortUse::New, ..options })?;
        Ok(async move {
            match dial.await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => other.await,
                ended => ended,
            }
        }
        .boxed())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Pin::new(&mut self.0).poll(cx)
    }
}
