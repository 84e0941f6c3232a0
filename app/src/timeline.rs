//! The history of a place: its rows, laid out before they are painted, in a list that holds what one looks at in its place.

pub(crate) mod copied;
pub(crate) mod list;
pub(crate) mod markdown;
pub(crate) mod row;
