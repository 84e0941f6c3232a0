//! The network over real sockets of the loopback interface: members, strangers, losses, circuits.

mod hostile;
mod limits;
mod links;
mod node;
mod raw;
mod reach;
