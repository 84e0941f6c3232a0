//! Timelines: what people wrote in a space, from sealed steps to the rows that are drawn.
//!
//! A step holds a [`record`]; with the facts of its entry it is a [`Placed`]. The records of one epoch are a [`segment`],
//! an Automerge document. A message and the notes about it (edits, retractions, reactions, pins) [`mod@project`] to a row,
//! and [`unread`] counts rows. Everything is a pure function of records and of the present authority, so replicas that
//! learnt the same in another order show the same.

pub mod file;
pub mod placed;
pub mod project;
pub mod record;
pub mod segment;
pub mod unread;

#[cfg(test)]
pub(crate) mod testing;

pub use file::FileInfo;
pub use placed::{Order, Placed};
pub use project::{Deed, Hidden, Judge, Row, RowKind, Standing, Text, Version, notes_of, project, row_of, rows_digest};
pub use record::{BadRecord, Mention, Record, What};
pub use segment::{Applied, DocId, Segment, SegmentError, Span};
