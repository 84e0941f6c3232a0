//! A node of Artel: the driver of the core, its network, its store, and the client through which everything is reached.

pub mod backup;
pub mod cli;
pub mod client;
pub mod clock;
pub mod demo;
pub mod discovery;
pub mod driver;
pub mod files;
pub mod home;
pub mod ipc;
pub mod node;
pub mod search;
pub mod store;
pub mod text;
pub mod vault;
