//! Everybody in the organisation, with a field to look for them; a click begins to write.

use artel_node::client::Person;
use egui::{Align2, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::Scene;
use crate::action::{Action, Dialog};
use crate::widgets::{self, Weight};
use crate::{fonts, wrong_layout};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("people");
    super::page(ui, scene, &title, |ui, scene| {
        let field = widgets::field(ui, scene.t, &scene.w.t("people-search"), &mut scene.desk.people, false);
        if std::mem::take(&mut scene.desk.focus_first) {
            field.request_focus();
        }
        if scene.model.invites() && widgets::button(ui, scene.t, &scene.w.t("invite"), Weight::Other).clicked() {
            scene.actions.push(Action::Dialog(Dialog::Invite));
        }
        ui.add_space(8.0);
        let typed = scene.desk.people.clone();
        let fits = |it: &Person| wrong_layout::fit(&typed, &it.name).or_else(|| wrong_layout::fit(&typed, &it.email));
        let mut persons: Vec<&Person> = scene.model.directory.persons.iter().filter(|it| fits(it).is_some()).collect();
        persons.sort_by_key(|it| it.name.to_lowercase());
        for team in scene.model.teams() {
            let of: Vec<&Person> = persons.iter().copied().filter(|it| team.members.contains(&it.email)).collect();
            if !of.is_empty() {
                group(ui, scene, &team.name, &of);
            }
        }
        let everybody = scene.w.t("everybody");
        group(ui, scene, &everybody, &persons);
        if persons.is_empty() {
            ui.label(scene.w.t("palette-empty"));
        }
    });
}

fn group(ui: &mut Ui, scene: &mut Scene<'_>, title: &str, persons: &[&Person]) {
    ui.add_space(8.0);
    ui.label(egui::RichText::new(title).font(fonts::semibold(13.0)).color(scene.t.text2));
    ui.push_id(title, |ui| {
        for person in persons {
            row(ui, scene, person);
        }
    });
}

/// Somebody in a list; a click begins to write to them.
pub(crate) fn row(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) {
    let t = scene.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::click());
    let own = person.email == scene.model.me();
    let name = if own { scene.w.with("you", "name", &person.name) } else { person.name.clone() };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let p = ui.painter();
    if response.hovered() {
        p.rect_filled(rect, 8, t.hover);
    }
    widgets::focus_ring(ui, &response, 8, t);
    let face = Rect::from_center_size(rect.left_center() + vec2(26.0, 0.0), Vec2::splat(34.0));
    widgets::avatar(p, t, face, &person.email, &person.name);
    widgets::presence(p, t, face, person.online, t.surface);
    let (x, y, room) = (face.right() + 14.0, rect.center().y, (rect.width() - 220.0).max(60.0));
    widgets::write_cut(p, pos2(x, y - 9.0), room, &name, fonts::medium(14.5), t.text);
    widgets::write_cut(p, pos2(x, y + 10.0), room, &person.email, fonts::text(12.5), t.text3);
    let role = role(scene, &person.role);
    widgets::write(p, rect.right_center() - vec2(12.0, 0.0), Align2::RIGHT_CENTER, &role, fonts::text(12.5), t.text2);
    if response.clicked() && !own {
        scene.actions.push(Action::CloseDialog);
        scene.actions.push(Action::Open(scene.model.direct_with(&person.email)));
    }
}

fn role(scene: &Scene<'_>, role: &str) -> String {
    match role {
        "owner" => scene.w.t("role-owner"),
        "admin" => scene.w.t("role-admin"),
        "registrar" => scene.w.t("role-registrar"),
        "guest" => scene.w.t("role-guest"),
        _ => scene.w.t("role-member"),
    }
}
