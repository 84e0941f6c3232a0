//! The node of Artel: everything that touches files, sockets, clocks and keys around the pure core.

pub mod clock;
pub mod home;
pub mod ipc;
pub mod vault;
