//! Tests of the authority: what an organisation may rely on, whoever cheats and in whatever order acts arrive.

mod channels;
mod circles;
mod codec;
mod comings;
mod far;
mod flood;
mod goings;
mod order;
mod properties;
mod removal;
mod rights;
mod table;
mod told;
mod weighing;
