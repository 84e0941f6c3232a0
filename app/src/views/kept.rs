//! Lists of messages: pinned ones, saved ones, those for later; and when to send one.

use artel_node::client::Request;
use egui::{RichText, ScrollArea, Ui};
use time::{Duration, OffsetDateTime, Time, Weekday};

use super::{Scene, dialogs, search};
use crate::action::{Action, Dialog};
use crate::bridge::{self, Purpose};
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};
use crate::{fonts, icons};

/// Pinned messages of a place.
pub(crate) fn pins(ui: &mut Ui, scene: &mut Scene<'_>, channel: &str) {
    title(ui, &scene.w.t("pins"), 560.0);
    let Some((of, messages)) = scene.model.pins.as_ref().filter(|it| it.0 == channel) else {
        ui.label(scene.w.t("older-loading"));
        return;
    };
    debug_assert_eq!(of, channel);
    if messages.is_empty() {
        ui.label(scene.w.t("pins-none"));
    }
    ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        for message in messages {
            search::hit(ui, scene, message);
        }
    });
    dialogs::end(ui, scene, "close", Weight::Main);
}

/// Saved messages of the person.
pub(crate) fn saved(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("saved-list");
    super::page(ui, scene, &title, |ui, scene| {
        if scene.model.kept.saved.is_empty() {
            widgets::nothing(ui, scene.t, icons::ARCHIVE, &scene.w.t("saved-none"));
        }
        for message in &scene.model.kept.saved {
            search::hit(ui, scene, message);
            ui.horizontal(|ui| {
                ui.add_space(58.0);
                let name = scene.w.t("do-unsave");
                if ui.link(RichText::new(&name).font(fonts::text(12.5)).color(scene.t.accent_text)).clicked() {
                    scene.actions.push(Action::Save { id: message.id.clone(), on: false });
                }
            });
        }
    });
}

/// What is to be sent later from this computer.
pub(crate) fn later(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("later-list");
    super::page(ui, scene, &title, |ui, scene| {
        ui.label(RichText::new(scene.w.t("later-how")).color(scene.t.text2));
        ui.add_space(10.0);
        if scene.model.kept.later.is_empty() {
            widgets::nothing(ui, scene.t, icons::CLOCK, &scene.w.t("later-none"));
        }
        for later in &scene.model.kept.later {
            let place = scene.model.title(&later.channel);
            let when = stamp(scene, later.ms);
            widgets::card(ui, scene.t, 640.0, |ui| {
                ui.label(RichText::new(format!("{place} · {when}")).font(fonts::medium(13.0)).color(scene.t.text2));
                ui.label(harmless(&later.text).chars().take(400).collect::<String>());
                for file in &later.files {
                    let name = file.name.as_deref().unwrap_or(&file.path);
                    ui.label(RichText::new(scene.w.with("attached", "name", &harmless(name))).color(scene.t.text2));
                }
                if later.thread.is_some() {
                    ui.label(RichText::new(scene.w.t("thread")).color(scene.t.text2));
                }
                ui.add_space(6.0);
                ui.horizontal(|ui| deeds(ui, scene, &later.id));
            });
            ui.add_space(8.0);
        }
    });
}

/// What can be done with a message for later.
fn deeds(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    let w = scene.w;
    let id = id.to_owned();
    if ui.button(w.t("later-move")).clicked() {
        scene.actions.push(Action::Dialog(Dialog::SendLater { id: Some(id.clone()), thread: false }));
    }
    if ui.button(w.t("later-edit")).clicked() {
        scene.actions.push(Action::LaterBack(id.clone()));
    }
    if ui.button(w.t("later-now")).clicked() {
        scene.actions.push(Action::Later { id: Some(id.clone()), thread: false, ms: bridge::now() });
    }
    if ui.button(w.t("later-drop")).clicked() {
        let request = Request::LaterSet { id: Some(id), later: None };
        scene.actions.push(Action::Ask(request, Purpose::Done("later-dropped")));
    }
}

fn stamp(scene: &Scene<'_>, ms: u64) -> String {
    let seconds = i64::try_from(ms / 1_000).unwrap_or(i64::MAX);
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let text = moment.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
    scene.w.stamp(&text)
}

/// Moments that are offered: the key of their name, and when.
pub(crate) fn moments(now: OffsetDateTime) -> Vec<(&'static str, OffsetDateTime)> {
    let nine = Time::from_hms(9, 0, 0).unwrap_or(Time::MIDNIGHT);
    let mut moments = vec![("later-hour", now + Duration::hours(1))];
    let evening = now.replace_time(Time::from_hms(18, 0, 0).unwrap_or(Time::MIDNIGHT));
    if now + Duration::hours(1) < evening {
        moments.push(("later-evening", evening));
    }
    moments.push(("later-tomorrow", (now + Duration::days(1)).replace_time(nine)));
    let days = i64::from(Weekday::Monday.number_days_from_monday() + 7 - now.weekday().number_days_from_monday());
    if 1 < days {
        moments.push(("later-monday", (now + Duration::days(days)).replace_time(nine)));
    }
    moments
}

/// Reads `14:30`, `25.11 14:30` and `2026-11-25 14:30`; a moment that has passed is none.
pub(crate) fn read_moment(typed: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let (date, clock) = match words.as_slice() {
        [clock] => (None, *clock),
        [date, clock] => (Some(*date), *clock),
        _ => return None,
    };
    let (hour, minute) = clock.split_once(':')?;
    let time = Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()?;
    let Some(date) = date else {
        let today = now.replace_time(time);
        return Some(if now < today { today } else { today + Duration::days(1) });
    };
    let parts: Vec<i32> = date.split(['.', '-', '/']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let (year, month, day) = match *parts.as_slice() {
        [day, month] => (now.year(), month, day),
        [day, month, year] if 31 < year => (year, month, day),
        [year, month, day] => (year, month, day),
        _ => return None,
    };
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = time::Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    Some(now.replace_date(date).replace_time(time)).filter(|it| now < *it)
}

/// When to send.
pub(crate) fn send_later(ui: &mut Ui, scene: &mut Scene<'_>, id: Option<&str>, thread: bool) {
    title(ui, &scene.w.t("do-later"), 420.0);
    ui.label(RichText::new(scene.w.t("later-how")).color(scene.t.text2));
    ui.add_space(8.0);
    let now = scene.w.now();
    let mut chosen = None;
    for (key, at) in moments(now) {
        let text = format!("{}, {}", scene.w.t(key), scene.w.clock(at));
        let edge = egui::Stroke::new(1.0, scene.t.border_strong);
        let button = egui::Button::new(text).stroke(edge).min_size(egui::vec2(ui.available_width(), 34.0));
        if ui.add(button).clicked() {
            chosen = Some(at);
        }
    }
    ui.add_space(8.0);
    let field = widgets::field(ui, scene.t, &scene.w.t("later-when"), &mut scene.desk.moment, false);
    if std::mem::take(&mut scene.desk.focus_first) {
        field.request_focus();
    }
    let typed = scene.desk.moment.trim().to_owned();
    let read = read_moment(&typed, now);
    if !typed.is_empty() && read.is_none() {
        ui.label(RichText::new(scene.w.t("later-bad")).color(scene.t.danger_text));
    }
    let enter = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
    let main = scene.w.t("later-do");
    if dialogs::ends(ui, scene, &main, Weight::Main, read.is_some()) || enter {
        chosen = chosen.or(read);
    }
    if let Some(at) = chosen {
        let ms = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        scene.actions.push(Action::Later { id: id.map(str::to_owned), thread, ms });
        scene.actions.push(Action::CloseDialog);
    }
}

fn title(ui: &mut Ui, text: &str, width: f32) {
    ui.set_width(width);
    ui.label(RichText::new(text).font(fonts::semibold(18.0)));
    ui.add_space(10.0);
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn moments_are_read() {
        let now = datetime!(2026-11-22 13:00 +3);
        let read = |typed| read_moment(typed, now);
        assert_eq!(read("14:30"), Some(datetime!(2026-11-22 14:30 +3)));
        assert_eq!(read("9:00"), Some(datetime!(2026-11-23 9:00 +3)));
        assert_eq!(read("25.11 9:05"), Some(datetime!(2026-11-25 9:05 +3)));
        assert_eq!(read("25.12.2026 9:05"), Some(datetime!(2026-12-25 9:05 +3)));
        assert_eq!(read("2027-01-02 0:00"), Some(datetime!(2027-01-02 0:00 +3)));
        for bad in ["", "завтра", "25:00", "31.02 9:00", "1.11 9:00", "x.y 9:00", "1 2 3"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_that_are_offered_are_to_come() {
        for hour in 0..24 {
            let now = datetime!(2026-11-22 0:30 +3) + Duration::hours(hour);
            let all = moments(now);
            assert!(all.iter().all(|it| now < it.1), "{now}");
            assert!(2 <= all.len());
        }
        let monday = moments(datetime!(2026-11-23 8:00 +3)).pop().expect("the next Monday");
        assert_eq!(monday, ("later-monday", datetime!(2026-11-30 9:00 +3)));
    }
}
