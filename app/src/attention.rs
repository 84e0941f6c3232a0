//! What may disturb a person: decided here from plain values, so that it can be tested without a clock or a desktop.

use artel_node::client::Message;
use time::{OffsetDateTime, Weekday};

use crate::settings::{Notify, QuietHours, Settings};

/// Do not disturb without an end.
pub(crate) const FOREVER: i64 = i64::MAX;

/// How things stand when a message comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    /// The window is in front of the person.
    pub(crate) front: bool,
    /// Between two people, or a few.
    pub(crate) direct: bool,
    /// What the person wants to be told of this place.
    pub(crate) level: &'a str,
    pub(crate) now: OffsetDateTime,
}

/// How much of a message is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    /// That there is one.
    Sign,
    /// Who wrote, where and what.
    Text,
}

/// How much is told of a message; `None`: the screen is locked, and nobody knows what it says.
pub(crate) fn told(message: Option<&Message>, settings: &Settings, at: Situation<'_>) -> Told {
    if at.front || is_quiet(settings, at.now) || at.level == "nothing" {
        return Told::Nothing;
    }
    let Some(message) = message else {
        return if at.direct && settings.notify != Notify::Nothing { Told::Sign } else { Told::Nothing };
    };
    let wanted = match settings.notify {
        Notify::All => at.level != "mentions" || message.calls,
        Notify::Calls => message.calls || (at.direct && at.level != "mentions"),
        Notify::Nothing => false,
    };
    let seen = !matches!(message.state.as_str(), "retracted" | "hidden" | "forgotten");
    match (wanted && seen, settings.notify_text) {
        (false, _) => Told::Nothing,
        (true, true) => Told::Text,
        (true, false) => Told::Sign,
    }
}

/// Whether the person does not want to be disturbed now.
pub(crate) fn is_quiet(settings: &Settings, now: OffsetDateTime) -> bool {
    do_not_disturb(settings, now) || in_hours(settings.quiet_hours, now)
}

/// Whether the person said so, and the time is not over.
pub(crate) fn do_not_disturb(settings: &Settings, now: OffsetDateTime) -> bool {
    settings.quiet_until.is_some_and(|until| now.unix_timestamp() < until)
}

fn in_hours(hours: QuietHours, now: OffsetDateTime) -> bool {
    let weekend = hours.weekends && matches!(now.weekday(), Weekday::Saturday | Weekday::Sunday);
    let minute = u16::from(now.hour()) * 60 + u16::from(now.minute());
    let within = match hours.from <= hours.to {
        true => (hours.from..hours.to).contains(&minute),
        false => hours.from <= minute || minute < hours.to,
    };
    hours.on && (weekend || within)
}

/// The moment of `14:00`, `14` or `9.30` that comes next.
pub(crate) fn next_time(typed: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let minutes = minute_of_day(typed)?;
    let (hour, minute) = (u8::try_from(minutes / 60).ok()?, u8::try_from(minutes % 60).ok()?);
    let today = now.replace_time(time::Time::from_hms(hour, minute, 0).ok()?);
    if now < today { Some(today) } else { today.checked_add(time::Duration::DAY) }
}

/// Minutes since midnight of a time as people type it.
pub(crate) fn minute_of_day(typed: &str) -> Option<u16> {
    let typed = typed.trim().replace(['.', ',', '-', ' '], ":");
    let (hour, minute) = typed.split_once(':').unwrap_or((typed.as_str(), "0"));
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// A Monday.
    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 +3);

    fn said(calls: bool) -> Message {
        Message { calls, state: "held".into(), ..Message::default() }
    }

    const DIRECT: Situation<'_> = Situation { front: false, direct: true, level: "", now: NOON };
    const CHANNEL: Situation<'_> = Situation { direct: false, ..DIRECT };

    #[test]
    fn one_is_told_of_mentions_and_direct_messages_only() {
        let usual = Settings::default();
        assert_eq!(told(Some(&said(false)), &usual, DIRECT), Told::Text);
        assert_eq!(told(Some(&said(false)), &usual, CHANNEL), Told::Nothing);
        assert_eq!(told(Some(&said(true)), &usual, CHANNEL), Told::Text);
        let all = Settings { notify: Notify::All, ..Settings::default() };
        assert_eq!(told(Some(&said(false)), &all, CHANNEL), Told::Text);
        let none = Settings { notify: Notify::Nothing, ..Settings::default() };
        assert_eq!(told(Some(&said(true)), &none, DIRECT), Told::Nothing);
        assert_eq!(told(None, &none, DIRECT), Told::Nothing);
    }

    #[test]
    fn nothing_disturbs_in_front_muted_or_quiet() {
        let usual = Settings::default();
        let told = |settings: &Settings, at| told(Some(&said(true)), settings, at);
        assert_eq!(told(&usual, Situation { front: true, ..DIRECT }), Told::Nothing);
        assert_eq!(told(&usual, Situation { level: "nothing", ..DIRECT }), Told::Nothing);
        assert_eq!(told(&usual, Situation { level: "mentions", ..DIRECT }), Told::Text);
        let until = |at: OffsetDateTime| Settings { quiet_until: Some(at.unix_timestamp()), ..Settings::default() };
        assert_eq!(told(&until(NOON + time::Duration::MINUTE), DIRECT), Told::Nothing);
        assert_eq!(told(&until(NOON), DIRECT), Told::Text);
        assert_eq!(told(&Settings { quiet_until: Some(FOREVER), ..Settings::default() }, DIRECT), Told::Nothing);
    }

    #[test]
    fn without_text_where_it_is_set_so_or_nothing_is_known() {
        let discreet = Settings { notify_text: false, ..Settings::default() };
        assert_eq!(told(Some(&said(true)), &discreet, CHANNEL), Told::Sign);
        assert_eq!(told(None, &Settings::default(), DIRECT), Told::Sign);
        assert_eq!(told(None, &Settings::default(), CHANNEL), Told::Nothing);
        let gone = Message { state: "retracted".into(), ..said(true) };
        assert_eq!(told(Some(&gone), &Settings::default(), DIRECT), Told::Nothing);
    }

    #[test]
    fn quiet_hours_go_over_midnight_and_take_the_weekend() {
        let night = QuietHours { on: true, from: 20 * 60, to: 8 * 60, weekends: true };
        let at = |it| in_hours(night, it);
        assert!(at(datetime!(2026-11-23 20:00 +3)) && at(datetime!(2026-11-23 07:59 +3)));
        assert!(!at(datetime!(2026-11-23 08:00 +3)) && !at(datetime!(2026-11-23 19:59 +3)));
        assert!(at(datetime!(2026-11-22 12:00 +3)));
        assert!(!in_hours(QuietHours { weekends: false, ..night }, datetime!(2026-11-22 12:00 +3)));
        assert!(!in_hours(QuietHours { on: false, ..night }, datetime!(2026-11-23 23:00 +3)));
        let lunch = QuietHours { on: true, from: 13 * 60, to: 14 * 60, weekends: false };
        assert!(in_hours(lunch, datetime!(2026-11-23 13:30 +3)) && !in_hours(lunch, NOON));
    }

    #[test]
    fn a_time_is_read_as_people_type_it() {
        for (typed, expected) in [
            ("14:00", Some(datetime!(2026-11-23 14:00 +3))),
            ("14", Some(datetime!(2026-11-23 14:00 +3))),
            (" 9.30 ", Some(datetime!(2026-11-24 09:30 +3))),
            ("12:00", Some(datetime!(2026-11-24 12:00 +3))),
            ("24:00", None),
            ("9:75", None),
            ("скоро", None),
        ] {
            assert_eq!(next_time(typed, NOON), expected, "{typed}");
        }
    }
}
