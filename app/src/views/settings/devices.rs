//! The computers of this person: which there are, taking one out, letting another in.

use artel_node::client::{Device, Request};
use egui::{RichText, Ui};

use super::{Scene, heading};
use crate::action::{Action, Dialog};
use crate::bridge::Purpose;
use crate::fonts;
use crate::views::dialogs;
use crate::widgets::{self, Weight};

/// Letters of an id that are shown.
const ID_SHOWN: usize = 10;
/// Room for a button beside a computer, points.
const BUTTON: f32 = 170.0;

fn short(id: &str) -> String {
    id.chars().take(ID_SHOWN).collect()
}

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    heading(ui, scene, "devices");
    dialogs::note(ui, scene, "devices-how");
    let me = scene.model.me().to_owned();
    let devices: Vec<Device> = scene.model.devices.iter().filter(|it| it.person == me).cloned().collect();
    for device in &devices {
        ui.horizontal(|ui| {
            let name =
                if device.own { w.t("this-device") } else { w.with("device-number", "name", &short(&device.id)) };
            let state = match (device.state.as_str(), device.online) {
                ("active", true) => w.t("online"),
                ("active", false) => w.t("offline"),
                ("frozen", _) => w.t("device-frozen"),
                _ => w.t("device-revoked"),
            };
            // The state stands under the name: beside it there is no room for the button in a small window.
            let width = (ui.available_width() - BUTTON).clamp(160.0, 420.0);
            let cell = egui::Layout::top_down(egui::Align::Min);
            ui.allocate_ui_with_layout(egui::vec2(width, 44.0), cell, |ui| {
                ui.set_min_width(width);
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add(egui::Label::new(RichText::new(&name).font(fonts::medium(14.0))).truncate());
                ui.label(RichText::new(state).font(fonts::text(13.0)).color(scene.t.text2));
            });
            if device.state == "active" && !device.own {
                let label = format!("{}: {name}", w.t("device-revoke"));
                let button = widgets::button(ui, scene.t, &w.t("device-revoke"), Weight::Other);
                button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
                if button.clicked() {
                    scene.actions.push(Action::Dialog(Dialog::Revoke(device.id.clone())));
                }
            }
        });
    }
    ui.add_space(8.0);
    if widgets::button(ui, scene.t, &w.t("device-link"), Weight::Main).clicked() {
        scene.actions.push(Action::Dialog(Dialog::Link));
        scene.actions.push(Action::Ask(Request::DeviceLink { person: None, approve: true }, Purpose::Link));
    }
}

/// A code for the further device, then its five words.
pub(crate) fn link(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    dialogs::title(ui, &w.t("device-link"));
    let Some(link) = scene.model.link.clone() else {
        return drop(ui.label(w.t("older-loading")));
    };
    dialogs::note(ui, scene, "device-link-how");
    let code = RichText::new(&link.code).font(fonts::mono(16.0));
    let label = ui.add(egui::Label::new(code).selectable(true).wrap());
    label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &link.code));
    if let Some(until) = w.moment(&link.expires) {
        ui.label(RichText::new(w.with("device-link-until", "name", &w.clock(until))).color(scene.t.text2));
    }
    ui.add_space(10.0);
    let me = scene.model.me().to_owned();
    let waiting: Vec<_> = scene.model.pending.iter().filter(|it| it.email == me).cloned().collect();
    if waiting.is_empty() {
        dialogs::note(ui, scene, "device-link-wait");
    }
    for candidate in waiting {
        dialogs::note(ui, scene, "device-link-compare");
        let words = RichText::new(&candidate.words).font(fonts::mono(18.0));
        let label = ui.add(egui::Label::new(words).selectable(true).wrap());
        label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &candidate.words));
        ui.horizontal(|ui| {
            let id = candidate.id.clone();
            if widgets::button(ui, scene.t, &w.t("device-link-yes"), Weight::Main).clicked() {
                let request = Request::Approve { id: id.clone() };
                scene.actions.push(Action::Ask(request, Purpose::Change("device-linked")));
                scene.actions.push(Action::CloseDialog);
            }
            if widgets::button(ui, scene.t, &w.t("device-link-no"), Weight::Danger).clicked() {
                scene.actions.push(Action::Ask(Request::Refuse { id }, Purpose::Quiet));
                scene.actions.push(Action::CloseDialog);
            }
        });
    }
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        if widgets::button(ui, scene.t, &w.t("copy"), Weight::Other).clicked() {
            scene.actions.push(Action::Copy(link.code.clone()));
        }
        if widgets::button(ui, scene.t, &w.t("close"), Weight::Other).clicked() {
            scene.actions.push(Action::CloseDialog);
        }
    });
}

/// Whether a device is really to be taken out, and why.
pub(crate) fn revoke(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    let w = scene.w;
    dialogs::title(ui, &w.t("device-revoke-sure"));
    ui.label(w.with("device-number", "name", &short(id)));
    ui.add_space(6.0);
    for (reason, key) in [("retired", "device-retired"), ("lost", "device-lost"), ("stolen", "device-stolen")] {
        ui.radio_value(&mut scene.desk.forms.reason, reason.to_owned(), w.t(key));
    }
    dialogs::note(ui, scene, "device-revoke-how");
    let main = w.t("device-revoke");
    if dialogs::ends(ui, scene, &main, Weight::Danger, true) {
        let request = Request::DeviceRevoke { id: id.to_owned(), reason: scene.desk.forms.reason.clone() };
        scene.actions.push(Action::Ask(request, Purpose::Change("device-is-revoked")));
        scene.actions.push(Action::Ask(Request::DeviceList, Purpose::Devices));
        scene.actions.push(Action::CloseDialog);
    }
}
