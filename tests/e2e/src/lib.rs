//! A laboratory for the real programs: hosts in network namespaces of their own, joined by a bridge.
//!
//! Nothing in it touches the network of the machine: the namespaces are joined with each other only, there is no default
//! route and no name server behind them. Every lab has names of its own, made from the process id, and takes down what it
//! has set up when it is dropped. A test in here uses `artel-node` as people do, through its command line, and reads its
//! JSON.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "all of this is a test: a surprise is a failed test"
)]

pub mod capture;
pub mod digest;
pub mod enrol;
pub mod host;
pub mod lab;
pub mod needle;
pub mod process;
pub mod random;
pub mod wait;
pub mod window;

pub use capture::Capture;
pub use digest::{assert_equal, authority, await_equal};
pub use enrol::{Door, admit, enrol, office};
pub use host::Host;
pub use lab::Lab;
pub use needle::Needles;
pub use process::{Outcome, Process};
pub use random::Random;
pub use wait::{seen, until};
pub use window::Window;
