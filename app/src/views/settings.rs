//! What a person can choose about this window.

use artel_node::text::Lang;
use egui::{RichText, Slider, Ui};

use super::Scene;
use crate::action::Action;
use crate::fonts;
use crate::options::ThemeName;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("settings");
    super::page(ui, scene, &title, |ui, scene| {
        heading(ui, scene, "language");
        ui.horizontal(|ui| {
            let chosen = scene.settings.lang.as_deref().map(Lang::named);
            for (lang, name) in [
                (Some(Lang::Ru), scene.w.t("lang-ru")),
                (Some(Lang::En), scene.w.t("lang-en")),
                (None, scene.w.t("theme-system")),
            ] {
                if ui.radio(chosen == lang, name).clicked() {
                    scene.actions.push(Action::Lang(lang));
                }
            }
        });
        heading(ui, scene, "theme");
        ui.horizontal(|ui| {
            for (theme, name) in [
                (ThemeName::Dark, scene.w.t("theme-dark")),
                (ThemeName::Light, scene.w.t("theme-light")),
                (ThemeName::System, scene.w.t("theme-system")),
            ] {
                if ui.radio(scene.settings.theme == theme, name).clicked() {
                    scene.actions.push(Action::Theme(theme));
                }
            }
        });
        heading(ui, scene, "text-size");
        let mut percent = scene.settings.zoom * 100.0;
        let slider = Slider::new(&mut percent, 80.0..=160.0).step_by(5.0).suffix(" %").text(scene.w.t("text-size"));
        let response = ui.add(slider);
        if response.drag_stopped() || (response.changed() && !response.dragged()) {
            scene.actions.push(Action::Zoom(percent / 100.0));
        }
        heading(ui, scene, "keyboard");
        let mut enter = scene.settings.enter_sends;
        if ui.checkbox(&mut enter, scene.w.t("enter-sends")).changed() {
            scene.actions.push(Action::EnterSends(enter));
        }
        ui.add_space(6.0);
        for (keys, what) in [
            ("Ctrl K", scene.w.t("key-palette")),
            ("Ctrl F", scene.w.t("search-messages")),
            ("Alt ↑ / Alt ↓", scene.w.t("key-next")),
            ("↑", scene.w.t("key-edit")),
            ("Shift Enter", scene.w.t("key-line")),
            ("Esc", scene.w.t("key-back")),
        ] {
            ui.horizontal(|ui| {
                ui.add_sized([130.0, 22.0], egui::Label::new(RichText::new(keys).font(fonts::medium(13.0))));
                ui.label(what);
            });
        }
        heading(ui, scene, "about-title");
        ui.label(scene.w.with("about", "name", env!("CARGO_PKG_VERSION")));
        ui.label(RichText::new(scene.w.t("licences")).color(scene.t.text2).font(fonts::text(13.0)));
    });
}

fn heading(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    ui.add_space(16.0);
    ui.label(RichText::new(scene.w.t(key)).font(fonts::semibold(14.5)));
    ui.add_space(2.0);
}
