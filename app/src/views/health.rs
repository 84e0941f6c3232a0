//! A strip above everything while the store cannot do its work: full, or being built again.

use egui::{Align2, Frame, Margin, Panel, Role, Ui, WidgetInfo, vec2};

use super::Scene;
use crate::action::{Action, Page};
use crate::bridge::Purpose;
use crate::desk::Part;
use crate::widgets::{self, Weight};
use crate::{fonts, icons};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let health = scene.model.health.clone();
    let (text, way) = match (health.state.as_str(), health.percent) {
        ("full", _) => (scene.w.t("store-full"), Some(("storage", Part::Storage))),
        ("rebuilding", Some(percent)) => {
            (format!("{} {}", scene.w.t("store-rebuilding"), scene.w.n("store-percent", percent.into())), None)
        }
        ("rebuilding", None) => (scene.w.t("store-rebuilding"), None),
        _ => return,
    };
    let t = scene.t;
    let frame = Frame::new().fill(t.raised).inner_margin(Margin::symmetric(16, 8));
    let panel = Panel::top("health").frame(frame).show_separator_line(true).resizable(false);
    panel.show(ui, |ui| {
        ui.horizontal(|ui| {
            // As high as the button at its end, so that all of it stands in the middle.
            ui.set_min_height(36.0);
            let (rect, _) = ui.allocate_exact_size(vec2(20.0, 24.0), egui::Sense::hover());
            let font = fonts::icon(17.0);
            widgets::write(ui.painter(), rect.center(), Align2::CENTER_CENTER, icons::WARNING, font, t.danger_text);
            let room = ui.available_width() - 190.0;
            ui.scope(|ui| {
                ui.set_max_width(room);
                let label = egui::Label::new(egui::RichText::new(&text).font(fonts::medium(13.5)).color(t.text)).wrap();
                ui.add(label).widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| match way {
                Some((word, part)) => {
                    if widgets::button(ui, t, &scene.w.t(word), Weight::Other).clicked() {
                        scene.desk.part = part;
                        scene.actions.push(Action::Page(Page::Settings));
                    }
                }
                None => {
                    if widgets::button(ui, t, &scene.w.t("diagnostics"), Weight::Other).clicked() {
                        scene.actions.push(Action::Page(Page::Diagnostics));
                        scene.actions.push(Action::Ask(artel_node::client::Request::Doctor, Purpose::Doctor));
                    }
                }
            });
        });
    });
}
