//! What who governs may do with a person: role, archives, teams, removal; and who may call everybody. Each only where the
//! authority allows it.

use artel_node::client::{Person, Request, Team};
use egui::{RichText, Ui};

use super::{Scene, dialogs, people};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::fonts;
use crate::model::may;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};

/// Roles that can be given, and the key of their name.
const ROLES: [(&str, &str); 4] =
    [("member", "role-member"), ("registrar", "role-registrar"), ("admin", "role-admin"), ("owner", "role-owner")];

/// Who may call everybody, by the rule of the organisation, and the keys of its name as a choice and in a sentence.
const CALLERS: [(&str, &str, &str); 3] = [
    ("admins", "calls-admins", "rights-calls-admins"),
    ("leads", "calls-leads", "rights-calls-leads"),
    ("members", "calls-members", "rights-calls-members"),
];

/// Who may write `@channel` and `@here`: to be chosen by those who make the rules, told to the others.
pub(crate) fn calls(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(rule) = scene.model.rule("mention_all").map(str::to_owned) else { return };
    let w = scene.w;
    if !scene.model.may("policy") {
        if let Some((_, _, told)) = CALLERS.iter().find(|it| it.0 == rule) {
            dialogs::note(ui, scene, told);
        }
        return;
    }
    ui.add_space(4.0);
    ui.label(RichText::new(w.t("rights-calls")).font(fonts::medium(13.0)).color(scene.t.text2));
    widgets::choices(ui, |ui| {
        for (who, key, _) in CALLERS {
            if ui.radio(rule == who, w.t(key)).clicked() && rule != who {
                let request = Request::PolicySet { key: "mention_all".into(), value: who.into() };
                scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
                scene.actions.push(Action::Ask(Request::PolicyShow, Purpose::Policy));
            }
        }
    });
}

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) {
    let teams: Vec<Team> = scene.model.teams().into_iter().filter(|it| may(&it.may, "members")).cloned().collect();
    if person.may.is_empty() && teams.is_empty() {
        return;
    }
    ui.add_space(8.0);
    ui.separator();
    role(ui, scene, person);
    for team in &teams {
        in_team(ui, scene, person, team);
    }
    if may(&person.may, "remove") {
        remove(ui, scene, person);
    }
}

fn give(scene: &mut Scene<'_>, person: &Person, role: &str, archivist: bool) {
    let request = Request::Role { email: person.email.clone(), role: role.to_owned(), archivist };
    scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
}

/// Chosen, it is asked for once more before it is given.
fn role(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) {
    let w = scene.w;
    let roles = ROLES.into_iter().filter(|(role, _)| may(&person.may, role) || *role == person.role);
    let roles: Vec<(&str, &str)> = roles.collect();
    if roles.iter().any(|(role, _)| *role != person.role) {
        let mut chosen = scene.desk.forms.new_role.clone().unwrap_or_else(|| person.role.clone());
        ui.label(RichText::new(w.t("role")).font(fonts::medium(13.0)).color(scene.t.text2));
        widgets::choices(ui, |ui| {
            for (role, key) in &roles {
                ui.radio_value(&mut chosen, (*role).to_owned(), w.t(key));
            }
        });
        scene.desk.forms.new_role = Some(chosen).filter(|it| *it != person.role);
    }
    if let Some(role) = scene.desk.forms.new_role.clone() {
        sure(ui, scene, person, &role);
    }
    let mut archivist = person.archivist;
    if may(&person.may, "archivist") && ui.checkbox(&mut archivist, w.t("role-archivist")).changed() {
        give(scene, person, &person.role, archivist);
    }
}

fn sure(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person, role: &str) {
    let w = scene.w;
    let text = format!("{}: {}", harmless(&person.name), people::role(scene, role));
    ui.add(egui::Label::new(RichText::new(w.with("role-sure", "name", &text))).wrap());
    ui.horizontal(|ui| {
        let yes = widgets::button(ui, scene.t, &w.t("role-give"), Weight::Main).clicked();
        let no = widgets::button(ui, scene.t, &w.t("role-keep"), Weight::Other).clicked();
        if yes {
            give(scene, person, role, person.archivist);
        }
        if yes || no {
            scene.desk.forms.new_role = None;
        }
    });
}

fn in_team(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person, team: &Team) {
    let w = scene.w;
    let (mut member, mut lead) = (team.members.contains(&person.email), team.leads.contains(&person.email));
    let mut set = |add: bool, lead: bool| {
        let request = Request::TeamMember { team: team.id.clone(), email: person.email.clone(), add, lead };
        scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
    };
    let leads = may(&team.may, "leads");
    ui.horizontal(|ui| {
        // Who leads is taken out by those who name leads.
        let changes = leads || !lead;
        let tick =
            ui.add_enabled(changes, egui::Checkbox::new(&mut member, w.with("team-member-of", "name", &team.name)));
        if tick.changed() {
            set(member, false);
        }
        if member && leads && ui.checkbox(&mut lead, w.with("team-leads", "name", &team.name)).changed() {
            set(true, lead);
        }
    });
}

fn remove(ui: &mut Ui, scene: &mut Scene<'_>, person: &Person) {
    ui.add_space(4.0);
    let sure = ui.scope_id().with("remove-sure");
    let asked = ui.data(|it| it.get_temp::<String>(sure)).is_some_and(|it| it == person.email);
    if asked {
        dialogs::note(ui, scene, "person-remove-how");
    }
    let key = if asked { "person-remove-yes" } else { "person-remove" };
    let weight = if asked { Weight::Danger } else { Weight::Other };
    if widgets::button(ui, scene.t, &scene.w.t(key), weight).clicked() {
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
