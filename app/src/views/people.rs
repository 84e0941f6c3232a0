//! Everybody in the organisation by team, with a field to look for them; a click begins to write.

use artel_node::client::Person;
use egui::{Align2, Key, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use super::{Scene, alike, face, gather};
use crate::action::{Action, Dialog};
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight, icon_button};
use crate::{fonts, icons, wrong_layout};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("people");
    super::page(ui, scene, &title, |ui, scene| {
        let field = widgets::field(ui, scene.t, &scene.w.t("people-search"), &mut scene.desk.people, false);
        super::first_of_page(scene, &field);
        gather::strip(ui, scene);
        if scene.model.invites() && widgets::button(ui, scene.t, &scene.w.t("invite"), Weight::Other).clicked() {
            scene.actions.push(Action::Dialog(Dialog::Invite));
        }
        ui.add_space(8.0);
        let typed = scene.desk.people.clone();
        let mut persons: Vec<&Person> =
            scene.model.directory.persons.iter().filter(|it| fits(&typed, it).is_some()).collect();
        persons.sort_by_key(|it| (std::cmp::Reverse(fits(&typed, it)), it.name.to_lowercase()));
        for team in scene.model.teams() {
            let of: Vec<&Person> = persons.iter().copied().filter(|it| team.members.contains(&it.email)).collect();
            if !of.is_empty() {
                group(ui, scene, &format!("{} · {}", team.name, of.len()), &of);
            }
        }
        if let Some(first) = persons.iter().find(|it| it.email != scene.model.me()) {
            entered(ui, scene, &field, first);
        }
        let everybody = format!("{} · {}", scene.w.t("everybody"), persons.len());
        group(ui, scene, &everybody, &persons);
        if persons.is_empty() {
            ui.label(scene.w.t("palette-empty"));
        }
    });
}

/// Enter in the field writes to the first one, or takes him in where people are gathered; Shift+Enter begins to gather.
fn entered(ui: &Ui, scene: &mut Scene<'_>, field: &egui::Response, first: &Person) {
    let (enter, shift) = ui.input(|it| (it.key_pressed(Key::Enter), it.modifiers.shift));
    if !field.lost_focus() || !enter {
        return;
    }
    let typed = !scene.desk.people.trim().is_empty();
    match (typed, shift || !scene.desk.gathered.is_empty()) {
        (true, true) => {
            if !scene.desk.gathered.contains(&first.email) {
                gather::toggle(scene, &first.email);
            } else {
                scene.desk.people.clear();
            }
            field.request_focus();
        }
        (true, false) => {
            scene.desk.people.clear();
            scene.actions.push(Action::Open(scene.model.direct_with(&first.email)));
        }
        (false, _) => gather::open(scene),
    }
}

/// How well what is typed fits a person: name, address, position.
pub(crate) fn fits(typed: &str, person: &Person) -> Option<u32> {
    let fields = [&person.name, &person.email, &person.title];
    fields.into_iter().filter_map(|it| wrong_layout::fit(typed, it)).max()
}

fn group(ui: &mut Ui, scene: &mut Scene<'_>, title: &str, persons: &[&Person]) {
    ui.add_space(8.0);
    ui.label(egui::RichText::new(title).font(fonts::semibold(13.0)).color(scene.t.text2));
    ui.push_id(title, |ui| {
        for person in persons {
            let rect = row(ui, scene, person);
            if person.email != scene.model.me() {
                let place = Rect::from_center_size(rect.right_center() - vec2(62.0, 0.0), Vec2::splat(32.0));
                let child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("gather", &person.email)));
                gather::sign(&child, scene, place, person);
            }
        }
    });
}

/// Somebody in a list; a click begins to write to them, the sign at the end shows the card. Where the row lies.
pub(crate) fn row(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) -> Rect {
    let t = scene.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::click());
    let own = person.email == scene.model.me();
    let twin = scene.model.twins.contains(&person.email);
    let shown = harmless(&person.name);
    let name = if own { scene.w.with("you", "name", &shown) } else { shown };
    let said = if twin { alike::said(scene.model, &name, &person.email) } else { name.clone() };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    let p = ui.painter().clone();
    if response.hovered() {
        p.rect_filled(rect, 8, t.hover);
    }
    widgets::focus_ring(ui, &response, 8, t);
    let at = Rect::from_center_size(rect.left_center() + vec2(26.0, 0.0), Vec2::splat(34.0));
    face::paint(&p, (t, scene.model), scene.actions, at, &person.email);
    face::presence(&p, t, at, (person.online, &person.presence), t.surface);
    let (x, y, room) = (at.right() + 14.0, rect.center().y, (rect.width() - 240.0).max(90.0));
    let wrote = widgets::write_cut(&p, pos2(x, y - 9.0), room, &name, fonts::medium(14.5), t.text);
    let of = (t, scene.w, scene.model);
    let behind = pos2(wrote.right() + 8.0, y - 9.0);
    alike::mark(ui, of, response.id, (behind, x + room - behind.x), &person.email);
    let about = if person.status.is_empty() { &person.title } else { &person.status };
    // The mark has the address already.
    let address = if twin { "" } else { &person.email };
    let gap = if about.is_empty() || twin { "" } else { " · " };
    let about = format!("{}{gap}{address}", harmless(about));
    widgets::write_cut(&p, pos2(x, y + 10.0), room, &about, fonts::text(12.5), t.text3);
    let role = role(scene, &person.role);
    let at = rect.right_center() - vec2(86.0, 0.0);
    widgets::write(&p, at, Align2::RIGHT_CENTER, &role, fonts::text(12.5), t.text2);
    if response.clicked() && !own {
        scene.actions.push(Action::CloseDialog);
        scene.actions.push(Action::Open(scene.model.direct_with(&person.email)));
    }
    let child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("card", &person.email)));
    let place = Rect::from_center_size(rect.right_center() - vec2(26.0, 0.0), Vec2::splat(32.0));
    let card = scene.w.with("person-card", "name", &alike::said(scene.model, &person.name, &person.email));
    if icon_button(&child, t, place, (icons::CARD, &card), false).clicked() {
        scene.actions.push(Action::Dialog(Dialog::Person(person.email.clone())));
    }
    rect
}

/// The name of a role.
pub(crate) fn role(scene: &Scene<'_>, role: &str) -> String {
    match role {
        "owner" => scene.w.t("role-owner"),
        "admin" => scene.w.t("role-admin"),
        "registrar" => scene.w.t("role-registrar"),
        "guest" => scene.w.t("role-guest"),
        "archive" => scene.w.t("role-archive"),
        _ => scene.w.t("role-member"),
    }
}
