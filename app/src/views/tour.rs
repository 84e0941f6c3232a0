//! First steps: five things to try, with how each is done. They tick themselves off when they are done anywhere in the window.

use egui::{RichText, Ui};

use super::{Scene, dialogs};
use crate::action::Action;
use crate::settings::{Settings, Step};
use crate::widgets::{self, Weight};
use crate::{fonts, icons};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    dialogs::title(ui, &scene.w.t("tour"));
    dialogs::note(ui, scene, "tour-text");
    ui.add_space(8.0);
    for step in Step::ALL {
        let done = scene.settings.tour.done.contains(&step);
        let (name, how) = step.words();
        ui.horizontal(|ui| {
            let (icon, color) = if done { (icons::CHECK, scene.t.ok) } else { (icons::COMPASS, scene.t.text3) };
            ui.label(RichText::new(icon).font(fonts::icon(16.0)).color(color));
            let text = scene.w.t(name);
            let shown = if done { scene.w.with("tour-done", "name", &text) } else { text };
            ui.label(RichText::new(shown).font(fonts::medium(14.0)));
        });
        if !done {
            dialogs::note(ui, scene, how);
        }
        ui.add_space(4.0);
    }
    ui.add_space(8.0);
    dialogs::line_of_buttons(ui, |ui| {
        if widgets::button(ui, scene.t, &scene.w.t("close"), Weight::Main).clicked() {
            scene.actions.push(Action::CloseDialog);
        }
        if scene.settings.tour.goes_on()
            && widgets::button(ui, scene.t, &scene.w.t("tour-away"), Weight::Other).clicked()
        {
            let mut settings: Settings = scene.settings.clone();
            settings.tour.away = true;
            scene.actions.push(Action::Settings(Box::new(settings)));
            scene.actions.push(Action::CloseDialog);
        }
    });
}
