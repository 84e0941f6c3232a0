//! Gathering people for a conversation: one other person makes a direct message, two to seven a group.

use artel_node::client::Person;
use egui::{Rect, RichText, Ui};

use super::{Scene, dialogs};
use crate::action::Action;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight, icon_button};
use crate::{fonts, icons};

/// Others in a group; with oneself eight, which the core allows.
const OTHERS_MAX: usize = 7;

/// Who is gathered so far, and the button that opens their conversation.
pub(crate) fn strip(ui: &mut Ui, scene: &mut Scene<'_>) {
    let gathered = scene.desk.gathered.clone();
    if gathered.is_empty() {
        return dialogs::note(ui, scene, "gather-how");
    }
    ui.horizontal_wrapped(|ui| {
        for email in &gathered {
            let shown = harmless(scene.model.name(email));
            let button = ui.button(format!("{shown}  ×"));
            let name = scene.w.with("gather-drop", "name", &shown);
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if button.clicked() {
                toggle(scene, email);
            }
        }
    });
    let fits = gathered.len() <= OTHERS_MAX;
    if !fits {
        let text = RichText::new(scene.w.t("gather-too-many")).font(fonts::text(13.0)).color(scene.t.danger_text);
        ui.add(egui::Label::new(text).wrap());
    }
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        let key = if gathered.len() == 1 { "person-write" } else { "gather-write" };
        let write = |ui: &mut Ui| widgets::button(ui, scene.t, &scene.w.t(key), Weight::Main).clicked();
        if ui.add_enabled_ui(fits, write).inner {
            open(scene);
        }
        if widgets::button(ui, scene.t, &scene.w.t("cancel"), Weight::Other).clicked() {
            scene.desk.gathered.clear();
        }
    });
    ui.add_space(4.0);
}

/// The sign at the end of somebody's row that takes him in or leaves him out.
pub(crate) fn sign(ui: &Ui, scene: &mut Scene<'_>, place: Rect, person: &Person) {
    let on = scene.desk.gathered.contains(&person.email);
    let (icon, key) = if on { (icons::CHECK, "gather-drop") } else { (icons::PLUS, "gather-take") };
    let name = scene.w.with(key, "name", &harmless(&person.name));
    if icon_button(ui, scene.t, place, (icon, &name), on).clicked() {
        toggle(scene, &person.email);
    }
}

/// Takes somebody in, or leaves him out again.
pub(crate) fn toggle(scene: &mut Scene<'_>, email: &str) {
    let gathered = &mut scene.desk.gathered;
    match gathered.iter().position(|it| it == email) {
        Some(at) => drop(gathered.remove(at)),
        None => gathered.push(email.to_owned()),
    }
    // The next one is looked for from the beginning.
    scene.desk.people.clear();
}

/// Opens the conversation of those who are gathered; one that there is already is found again.
pub(crate) fn open(scene: &mut Scene<'_>) {
    let gathered = std::mem::take(&mut scene.desk.gathered);
    if gathered.is_empty() || OTHERS_MAX < gathered.len() {
        scene.desk.gathered = gathered;
        return;
    }
    scene.desk.people.clear();
    scene.actions.push(Action::Open(scene.model.among(&gathered)));
}
