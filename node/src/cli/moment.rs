//! Moments as people read them: in the time zone of this machine, which also knew summer time then.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// An RFC 3339 time in the zone of this machine, to the minute; unchanged if it is none.
pub fn local(rfc3339: &str) -> String {
    shown(rfc3339, |at| UtcOffset::local_offset_at(at).unwrap_or(UtcOffset::UTC))
}

/// The same with a zone of the caller's choice.
pub(super) fn shown(rfc3339: &str, zone: impl Fn(OffsetDateTime) -> UtcOffset) -> String {
    let minutes = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let Ok(at) = OffsetDateTime::parse(rfc3339, &Rfc3339) else {
        return rfc3339.to_owned();
    };
    // A moment at the edge of the calendar has no other zone.
    let there = at.checked_to_offset(zone(at)).unwrap_or(at);
    there.format(&minutes).unwrap_or_else(|_| rfc3339.to_owned())
}
