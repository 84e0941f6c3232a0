//! The network over real sockets of the loopback interface: members, strangers, losses, circuits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a failure is a failed test"
)]

mod hostile;
mod limits;
mod links;
mod node;
mod raw;
mod reach;
