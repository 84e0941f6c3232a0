//! The person whose window this is, at the foot of the sidebar: a sentence of the moment, and not to be disturbed.

use egui::{Align2, Id, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use time::Duration;

use super::{Scene, dialogs, face};
use crate::action::{Action, Dialog, Page};
use crate::attention::{self, FOREVER};
use crate::widgets::{self, Weight};
use crate::{fonts, icons};

/// The row of oneself; a click opens what can be told.
pub(crate) fn row(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect) {
    let (t, model) = (scene.t, scene.model);
    let Some(me) = model.person(model.me()) else { return };
    let response = ui.interact(rect, Id::unique("me"), Sense::click());
    let state = state(scene);
    let name = format!("{}: {state}", scene.w.with("you", "name", &me.name));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let p = ui.painter().clone();
    if response.hovered() {
        p.rect_filled(rect, 8, t.hover_side);
    }
    widgets::focus_ring(ui, &response, 8, t);
    let at = Rect::from_center_size(rect.left_center() + vec2(22.0, 0.0), Vec2::splat(28.0));
    face::paint(&p, (t, model), scene.actions, at, &me.email);
    let quiet = attention::is_quiet(scene.settings, scene.w.now());
    face::presence(&p, t, at, (true, if quiet { "busy" } else { "" }), t.sidebar);
    let left = rect.left() + 46.0;
    let room = rect.width() - 84.0;
    widgets::write_cut(&p, pos2(left, rect.center().y - 8.5), room, &me.name, fonts::medium(13.0), t.text);
    widgets::write_cut(&p, pos2(left, rect.center().y + 8.5), room, &state, fonts::text(11.5), t.text2);
    if quiet {
        let at = rect.right_center() - vec2(18.0, 0.0);
        widgets::write(&p, at, Align2::CENTER_CENTER, icons::MOON, fonts::icon(16.0), t.text2);
    }
    if response.clicked() {
        scene.actions.push(Action::Dialog(Dialog::Mood));
    }
}

/// What others see, or how long one is not to be disturbed.
fn state(scene: &Scene<'_>) -> String {
    let (w, now) = (scene.w, scene.w.now());
    if attention::do_not_disturb(scene.settings, now) {
        return match scene.settings.quiet_until {
            Some(FOREVER) | None => w.t("dnd-on"),
            Some(until) => match time::OffsetDateTime::from_unix_timestamp(until) {
                Ok(until) => w.with("dnd-until", "name", &w.clock(until.to_offset(now.offset()))),
                Err(_) => w.t("dnd-on"),
            },
        };
    }
    if attention::is_quiet(scene.settings, now) {
        return w.t("quiet-now");
    }
    let status = scene.model.person(scene.model.me()).map(|it| it.status.clone()).unwrap_or_default();
    if status.is_empty() { w.t("status-none") } else { status }
}

/// The dialog behind it.
pub(crate) fn mood(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    dialogs::title(ui, &w.t("mood"));
    let field = widgets::field(ui, scene.t, &w.t("status"), &mut scene.desk.forms.status, false);
    dialogs::first(scene, &field);
    let enter = |it: &egui::Response| it.lost_focus() && it.ctx.input(|it| it.key_pressed(egui::Key::Enter));
    ui.horizontal_wrapped(|ui| {
        for key in ["status-meeting", "status-lunch", "status-home", "status-holiday"] {
            let text = w.t(key);
            if ui.button(&text).clicked() {
                scene.desk.forms.status = text;
            }
        }
    });
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        let tell = widgets::button(ui, scene.t, &w.t("status-tell"), Weight::Main).clicked();
        if tell || enter(&field) {
            scene.actions.push(Action::Status(scene.desk.forms.status.trim().to_owned()));
            scene.actions.push(Action::CloseDialog);
        }
        if widgets::button(ui, scene.t, &w.t("status-clear"), Weight::Other).clicked() {
            scene.actions.push(Action::Status(String::new()));
            scene.actions.push(Action::CloseDialog);
        }
    });
    ui.add_space(14.0);
    ui.label(egui::RichText::new(w.t("dnd")).font(fonts::semibold(14.5)));
    let now = w.now();
    let until = |after: Duration| (now + after).unix_timestamp();
    let morning = now.replace_time(time::Time::MIDNIGHT) + Duration::hours(33);
    ui.horizontal_wrapped(|ui| {
        for (key, moment) in [
            ("dnd-half", until(Duration::minutes(30))),
            ("dnd-hour", until(Duration::hours(1))),
            ("dnd-morning", morning.unix_timestamp()),
            ("dnd-forever", FOREVER),
        ] {
            if ui.button(w.t(key)).clicked() {
                quiet(scene, Some(moment));
            }
        }
    });
    ui.add_space(4.0);
    let field = widgets::field(ui, scene.t, &w.t("dnd-until-field"), &mut scene.desk.forms.until, false);
    let moment = attention::next_time(&scene.desk.forms.until, now);
    ui.horizontal(|ui| {
        let set = ui.add_enabled_ui(moment.is_some(), |ui| {
            widgets::button(ui, scene.t, &w.t("dnd-set"), Weight::Other).clicked()
        });
        if let Some(moment) = moment.filter(|_| set.inner || enter(&field)) {
            quiet(scene, Some(moment.unix_timestamp()));
        }
        if attention::do_not_disturb(scene.settings, now)
            && widgets::button(ui, scene.t, &w.t("dnd-off"), Weight::Main).clicked()
        {
            quiet(scene, None);
        }
        if widgets::button(ui, scene.t, &w.t("my-profile"), Weight::Other).clicked() {
            scene.actions.push(Action::CloseDialog);
            scene.actions.push(Action::Page(Page::Settings));
        }
    });
}

fn quiet(scene: &mut Scene<'_>, until: Option<i64>) {
    scene.actions.push(Action::Quiet(until));
    scene.actions.push(Action::CloseDialog);
}
