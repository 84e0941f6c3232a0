//! The card of a person: who it is, how to reach them, in which teams and on how many computers.

use artel_node::client::Person;
use egui::{RichText, Sense, Ui, vec2};

use super::{Scene, alike, face, govern, people};
use crate::action::Action;
use crate::fonts;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, email: &str) {
    ui.set_width(440.0);
    let Some(person) = scene.model.person(email).cloned() else { return };
    head(ui, scene, &person);
    facts(ui, scene, &person);
    ui.add_space(10.0);
    let own = person.email == scene.model.me();
    ui.horizontal(|ui| {
        if !own && widgets::button(ui, scene.t, &scene.w.t("person-write"), Weight::Main).clicked() {
            scene.actions.push(Action::CloseDialog);
            scene.actions.push(Action::Open(scene.model.direct_with(&person.email)));
        }
        if widgets::button(ui, scene.t, &scene.w.t("person-copy-email"), Weight::Other).clicked() {
            scene.actions.push(Action::Copy(person.email.clone()));
        }
        if widgets::button(ui, scene.t, &scene.w.t("close"), Weight::Other).clicked() {
            scene.actions.push(Action::CloseDialog);
        }
    });
    if !own {
        govern::show(ui, scene, &person);
    }
}

fn head(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) {
    let (t, w) = (scene.t, scene.w);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(72.0, 72.0), Sense::hover());
        let p = ui.painter().clone();
        face::paint(&p, (t, scene.model), scene.actions, rect, &person.email);
        ui.add_space(6.0);
        ui.vertical(|ui| {
            ui.add_space(4.0);
            ui.add(egui::Label::new(RichText::new(harmless(&person.name)).font(fonts::semibold(19.0))).wrap());
            alike::line(ui, (t, w, scene.model), &person.email);
            let told = w.t(face::presence_key(person.online, &person.presence));
            let archivist = if person.archivist { w.t("role-archivist") } else { String::new() };
            let about = [person.title.as_str(), &people::role(scene, &person.role), &archivist, &told];
            let about: Vec<&str> = about.into_iter().filter(|it| !it.is_empty()).collect();
            ui.add(egui::Label::new(RichText::new(about.join(" · ")).color(t.text2)).wrap());
            if !person.status.is_empty() {
                ui.add(egui::Label::new(RichText::new(harmless(&person.status)).color(t.accent_text)).wrap());
            }
        });
    });
    ui.add_space(8.0);
}

fn facts(ui: &mut Ui, scene: &Scene<'_>, person: &Person) {
    let (t, w, model) = (scene.t, scene.w, scene.model);
    let teams: Vec<String> = model
        .teams()
        .into_iter()
        .filter(|it| it.members.contains(&person.email))
        .map(|it| match it.leads.contains(&person.email) {
            true => w.with("team-lead-of", "name", &it.name),
            false => it.name.clone(),
        })
        .collect();
    let of = model.devices.iter().filter(|it| it.person == person.email && it.state == "active");
    let online = of.clone().filter(|it| it.online).count();
    let devices = match person.devices {
        0 => String::new(),
        count => {
            let count = w.n("devices-count", usize::try_from(count).unwrap_or(usize::MAX));
            if online == 0 { count } else { format!("{count}, {}", w.n("devices-online", online)) }
        }
    };
    for (key, value) in [
        ("invite-email", person.email.clone()),
        ("person-phone", harmless(&person.phone)),
        ("person-teams", teams.join(", ")),
        ("devices", devices),
        ("person-about", harmless(&person.about)),
    ] {
        if value.is_empty() {
            continue;
        }
        ui.label(RichText::new(w.t(key)).font(fonts::medium(12.5)).color(t.text2));
        ui.add(egui::Label::new(value).selectable(true).wrap());
        ui.add_space(4.0);
    }
}
