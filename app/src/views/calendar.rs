//! A month to choose a day from: one goes to the first message of that day.

use artel_node::client::Request;
use egui::{Align2, Role, Sense, Ui, WidgetInfo, vec2};
use time::{Date, Duration, Month, OffsetDateTime, Time};

use super::{Scene, dialogs};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::widgets::{self, Weight, icon_button};
use crate::{fonts, icons};

const CELL: f32 = 40.0;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, channel: &str) {
    ui.set_width(CELL * 7.0);
    let today = scene.w.today();
    let (year, number) = scene.desk.month.unwrap_or((today.year(), u8::from(today.month())));
    let month = Month::try_from(number).unwrap_or(Month::January);
    let (head, _) = ui.allocate_exact_size(vec2(CELL * 7.0, 36.0), Sense::hover());
    let name = format!("{} {year}", scene.w.t(&format!("in-month-{number}")));
    widgets::write(ui.painter(), head.center(), Align2::CENTER_CENTER, &name, fonts::semibold(15.0), scene.t.text);
    let left = egui::Rect::from_center_size(head.left_center() + vec2(18.0, 0.0), vec2(32.0, 32.0));
    let right = egui::Rect::from_center_size(head.right_center() - vec2(18.0, 0.0), vec2(32.0, 32.0));
    if icon_button(ui, scene.t, left, (icons::BACK, &scene.w.t("month-before")), false).clicked() {
        let before = month.previous();
        scene.desk.month = Some((if month == Month::January { year - 1 } else { year }, u8::from(before)));
    }
    let later = (year, number) < (today.year(), u8::from(today.month()));
    if later && icon_button(ui, scene.t, right, (icons::NEXT, &scene.w.t("month-after")), false).clicked() {
        let after = month.next();
        scene.desk.month = Some((if month == Month::December { year + 1 } else { year }, u8::from(after)));
    }
    let Ok(first) = Date::from_calendar_date(year, month, 1) else { return };
    let offset = i64::from(first.weekday().number_days_from_monday());
    let mut day = first - Duration::days(offset);
    let mut chosen = None;
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ui.horizontal(|ui| {
        for number in 1..=7 {
            let (rect, _) = ui.allocate_exact_size(vec2(CELL, 24.0), Sense::hover());
            let name = scene.w.t(&format!("weekday-{number}"));
            widgets::write(ui.painter(), rect.center(), Align2::CENTER_CENTER, &name, fonts::text(12.0), scene.t.text3);
        }
    });
    for _ in 0..6 {
        ui.horizontal(|ui| {
            for _ in 0..7 {
                if cell(ui, scene, day, day.month() == month, today) {
                    chosen = Some(day);
                }
                day = day.next_day().unwrap_or(day);
            }
        });
    }
    dialogs::end(ui, scene, "cancel", Weight::Other);
    if let Some(day) = chosen {
        let at = OffsetDateTime::new_in_offset(day, Time::MIDNIGHT, scene.w.now().offset());
        let ms = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        let request = Request::FirstAfter { channel: channel.to_owned(), ms };
        scene.actions.push(Action::Ask(request, Purpose::Jump));
        scene.actions.push(Action::CloseDialog);
    }
}

/// A day; whether it was chosen. Days to come cannot be.
fn cell(ui: &mut Ui, scene: &Scene<'_>, day: Date, of_month: bool, today: Date) -> bool {
    let past = day <= today;
    let sense = if past && of_month { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(CELL, 36.0), sense);
    if !of_month {
        return false;
    }
    let name = scene.w.day(day, today);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, past, &name));
    let disc = rect.shrink2(vec2(3.0, 1.0));
    if day == today {
        ui.painter().rect_filled(disc, 8, scene.t.accent_soft);
    } else if response.hovered() && past {
        ui.painter().rect_filled(disc, 8, scene.t.hover);
    }
    widgets::focus_ring(ui, &response, 8, scene.t);
    let color = if past { scene.t.text } else { scene.t.text3 };
    let text = day.day().to_string();
    widgets::write(ui.painter(), rect.center(), Align2::CENTER_CENTER, &text, fonts::text(14.0), color);
    response.clicked()
}
