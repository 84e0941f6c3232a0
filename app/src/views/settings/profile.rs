//! What everybody is told about oneself.

use artel_node::client::Request;
use egui::{Sense, Ui, vec2};

use super::{Scene, heading};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::views::{dialogs, face};
use crate::widgets::{self, Weight};

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(me) = scene.model.person(scene.model.me()).cloned() else { return };
    if !std::mem::replace(&mut scene.desk.forms.profile_read, true) {
        let forms = &mut scene.desk.forms;
        forms.title.clone_from(&me.title);
        forms.phone.clone_from(&me.phone);
        forms.about.clone_from(&me.about);
        forms.status.clone_from(&me.status);
    }
    heading(ui, scene, "face");
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(72.0, 72.0), Sense::hover());
        let p = ui.painter().clone();
        face::paint(&p, (scene.t, scene.model), scene.actions, rect, &me.email);
        ui.vertical(|ui| {
            if widgets::button(ui, scene.t, &scene.w.t("face-choose"), Weight::Other).clicked() {
                scene.actions.push(Action::ChooseFace);
            }
            if !me.picture.is_empty()
                && widgets::button(ui, scene.t, &scene.w.t("face-remove"), Weight::Other).clicked()
            {
                let request = Request::PictureSet { path: None };
                scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
            }
        });
    });
    ui.add_space(8.0);
    ui.label(format!("{} · {}", me.name, me.email));
    dialogs::note(ui, scene, "profile-how");
    ui.add_space(8.0);
    let w = scene.w;
    let fields = &mut scene.desk.forms;
    let enter = [
        widgets::field(ui, scene.t, &w.t("profile-title"), &mut fields.title, false),
        widgets::field(ui, scene.t, &w.t("status"), &mut fields.status, false),
        widgets::field(ui, scene.t, &w.t("person-phone"), &mut fields.phone, false),
        widgets::field(ui, scene.t, &w.t("person-about"), &mut fields.about, false),
    ];
    let enter = enter.iter().any(egui::Response::lost_focus) && ui.input(|it| it.key_pressed(egui::Key::Enter));
    let forms = &scene.desk.forms;
    let told = [&forms.title, &forms.status, &forms.phone, &forms.about].map(|it| it.trim().to_owned());
    let other = told != [me.title, me.status, me.phone, me.about];
    let [title, status, phone, about] = told;
    ui.add_enabled_ui(other, |ui| {
        if widgets::button(ui, scene.t, &w.t("save"), Weight::Main).clicked() || (enter && other) {
            let request = Request::ProfileSet { title, status, phone, about };
            scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
        }
    });
}
