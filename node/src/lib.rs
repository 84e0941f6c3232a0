//! A node of Artel: the driver of the core, its network, its store, and the client through which everything is reached.

pub mod client;
pub mod search;
