//! The deterministic simulator: the same `Replica` as in production, virtual time, a network and disks that fail.
//!
//! One seed is one world: who is in the organisation, what they do and what goes wrong all follow from it. A failing
//! seed is printed and comes back with `ARTEL_SIM_SEED=n cargo test -p artel-sim replay -- --nocapture`.
//!
//! Reading order: `world` (queue, links), `node` and `disk` (what a driver does), `faults`, `malice`, `activity` (what
//! people do), `oracle` (what they were promised), `check` (what must hold when all is healed).

#![cfg(test)]

mod activity;
mod chance;
mod chaos;
mod check;
mod disk;
mod faults;
mod join;
mod load;
mod malice;
mod node;
mod oracle;
mod perform;
mod regress;
mod seeds;
mod tidy;
mod world;
