//! The card of a person: who it is, how to reach them, in which teams and on how many computers.

use artel_node::client::{Person, Request};
use egui::{RichText, Sense, Ui, vec2};

use super::{Scene, dialogs, face, people};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::fonts;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};

/// Roles that can be given, and the key of their name.
const ROLES: [(&str, &str); 4] =
    [("member", "role-member"), ("registrar", "role-registrar"), ("admin", "role-admin"), ("owner", "role-owner")];

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
    if scene.model.governs() && !own {
        govern(ui, scene, &person);
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
            let told = w.t(face::presence_key(person.online, &person.presence));
            let about = [person.title.as_str(), &people::role(scene, &person.role), &told];
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

/// What who governs may do with a person. Who stands higher is refused by the core, and the refusal is shown.
fn govern(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) {
    ui.add_space(8.0);
    ui.separator();
    let w = scene.w;
    ui.horizontal(|ui| {
        ui.label(w.t("role"));
        let mut chosen = person.role.clone();
        let shown = people::role(scene, &person.role);
        let combo = egui::ComboBox::from_id_salt("role").selected_text(&shown).show_ui(ui, |ui| {
            for (role, key) in ROLES {
                ui.selectable_value(&mut chosen, role.to_owned(), w.t(key));
            }
        });
        let name = format!("{}: {shown}", w.t("role"));
        combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &name));
        if chosen != person.role {
            let request = Request::Role { email: person.email.clone(), role: chosen, archivist: false };
            scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
        }
    });
    for team in scene.model.teams() {
        let (was, mut now) = (team.members.contains(&person.email), team.members.contains(&person.email));
        ui.checkbox(&mut now, w.with("team-member-of", "name", &team.name));
        if was != now {
            let request =
                Request::TeamMember { team: team.id.clone(), email: person.email.clone(), add: now, lead: false };
            scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
        }
    }
    ui.add_space(4.0);
    let sure = ui.scope_id().with("remove-sure");
    let asked = ui.data(|it| it.get_temp::<String>(sure)).is_some_and(|it| it == person.email);
    if asked {
        dialogs::note(ui, scene, "person-remove-how");
    }
    let key = if asked { "person-remove-yes" } else { "person-remove" };
    if widgets::button(ui, scene.t, &w.t(key), if asked { Weight::Danger } else { Weight::Other }).clicked() {
        match asked {
            false => {
                ui.data_mut(|it| it.insert_temp(sure, person.email.clone()));
            }
            true => {
                let request = Request::PersonRemove { email: person.email.clone(), strict: false };
                scene.actions.push(Action::Ask(request, Purpose::Change("person-removed")));
                scene.actions.push(Action::CloseDialog);
            }
        }
    }
}
