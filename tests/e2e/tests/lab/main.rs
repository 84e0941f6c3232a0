//! What Artel promises, seen with real programs on a network of namespaces.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a failure is a failed test"
)]

mod absence;
mod archive;
mod bad_input;
mod blocked;
mod clocks;
mod conversation;
mod copies;
mod crowd;
mod damage;
mod demo;
mod dismissal;
mod durability;
mod eavesdropper;
mod frozen;
mod halves;
mod heal;
mod hops;
mod interrupted;
mod latecomer;
mod places;
mod quarrel;
mod second;
mod secrecy;
mod unchecked;
mod windows;
