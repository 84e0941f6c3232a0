//! Files between real programs on the loopback network: several holders, killed, lying and full ones; a person's
//! second device; a key file; a dismissal;
//! homes of earlier builds.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a missing element is a failed test")]

mod desk;
mod dismissed;
mod files;
mod link;
mod proxy;
mod stick;
mod stored;
