//! Tests of the authority: what an organisation may rely on, whoever cheats and in whatever order acts arrive.

mod codec;
mod order;
mod properties;
mod removal;
mod rights;
mod table;
