//! The command line `artel-node`: its tree of commands, whose doc comments are the manual, and how they are carried out.
//!
//! A command turns its words into [`Request`](crate::client::Request)s, asks them of a [`session::Session`], and shows the
//! replies through [`output::Output`]. Names and fields are stable: scripts are written against them.

pub mod args;
pub mod manual;
pub mod moment;
pub mod output;
pub mod wire;

#[cfg(test)]
mod tests;
