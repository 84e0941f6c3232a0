//! What a channel is called, who is in it, and what one wants to be told of it.

use artel_node::client::{Channel, ChannelChange, Person, Request};
use egui::{RichText, ScrollArea, Ui, vec2};

use super::{Scene, alike, dialogs, govern, people};
use crate::action::{Action, Dialog};
use crate::bridge::Purpose;
use crate::fonts;
use crate::model::may;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};

/// Persons offered while one types whom to add.
const OFFERED_MAX: usize = 5;

/// Members, and who may be added.
pub(crate) fn members(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    let Some(channel) = scene.model.channel(id).cloned() else { return };
    dialogs::title(ui, &scene.model.title(id));
    ui.set_width(520.0);
    let key = if channel.history == "join" { "history-join" } else { "history-shared" };
    ui.label(RichText::new(scene.w.t(key)).color(scene.t.text2));
    if !channel.archive.is_empty() {
        let text = scene.w.with("archive-keys", "who", &channel.archive.join(", "));
        ui.add(egui::Label::new(RichText::new(text).color(scene.t.text2)).wrap());
    }
    ui.horizontal(|ui| {
        if widgets::button(ui, scene.t, &scene.w.t("channel-settings"), Weight::Other).clicked() {
            scene.actions.push(Action::Dialog(Dialog::Channel(id.to_owned())));
        }
    });
    ui.add_space(6.0);
    let members = scene.model.members.get(id).cloned().unwrap_or_default();
    let roster = matches!(channel.kind.as_str(), "private" | "group");
    let removes = may(&channel.may, "remove");
    match (roster, &channel.team) {
        (true, _) if may(&channel.may, "add") => add(ui, scene, &channel, &members),
        (true, _) => dialogs::note(ui, scene, "roster-moderated"),
        (false, Some(team)) => {
            let text = RichText::new(scene.w.with("roster-team", "name", team)).color(scene.t.text2);
            ui.add(egui::Label::new(text).wrap());
        }
        (false, None) => dialogs::note(ui, scene, "roster-everybody"),
    }
    let mut leaving = None;
    ScrollArea::vertical().max_height(340.0).min_scrolled_height(340.0).show(ui, |ui| {
        for person in &members {
            ui.horizontal(|ui| {
                let removes = removes && person.role != "archive";
                let width = ui.available_width() - if removes { 96.0 } else { 0.0 };
                ui.allocate_ui(vec2(width, 48.0), |ui| people::row(ui, scene, person));
                if removes && person.email != scene.model.me() && remove(ui, scene, person) {
                    leaving = Some(person.email.clone());
                }
            });
        }
    });
    if let Some(email) = leaving {
        change(scene, &channel, &email, false);
    }
}

/// The button that takes somebody out; whether it was clicked.
fn remove(ui: &mut Ui, scene: &Scene<'_>, person: &Person) -> bool {
    let name = scene.w.with("roster-remove", "name", &alike::said(scene.model, &person.name, &person.email));
    let button = ui.button(scene.w.t("remove"));
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    button.clicked()
}

fn add(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel, members: &[Person]) {
    let field = widgets::field(ui, scene.t, &scene.w.t("roster-add"), &mut scene.desk.forms.person, false);
    dialogs::first(scene, &field);
    let typed = scene.desk.forms.person.trim().to_owned();
    if typed.is_empty() {
        return;
    }
    let model = scene.model;
    let outside = model.directory.persons.iter().filter(|it| !members.iter().any(|in_it| in_it.email == it.email));
    let mut found: Vec<&Person> = outside.filter(|it| people::fits(&typed, it).is_some()).collect();
    found.sort_by_key(|it| std::cmp::Reverse(people::fits(&typed, it)));
    if found.is_empty() {
        ui.label(scene.w.t("palette-empty"));
    }
    for person in found.iter().take(OFFERED_MAX) {
        let name = scene.w.with("roster-add-one", "name", &alike::said(model, &person.name, &person.email));
        let button = ui.button(format!("{} · {}", person.name, person.email));
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        if button.clicked() {
            change(scene, channel, &person.email, true);
            scene.desk.forms.person.clear();
        }
    }
}

fn change(scene: &mut Scene<'_>, channel: &Channel, email: &str, add: bool) {
    let (id, email) = (channel.id.clone(), email.to_owned());
    let said = if add { "roster-added" } else { "roster-removed" };
    let request = Request::ChannelMember { channel: id.clone(), email, add };
    scene.actions.push(Action::Ask(request, Purpose::Change(said)));
    scene.actions.push(Action::Ask(Request::ChannelMembers { channel: id.clone() }, Purpose::Members(id)));
}

/// Name, topic, what one is told, leaving, putting away.
pub(crate) fn settings(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    let Some(channel) = scene.model.channel(id).cloned() else { return };
    let w = scene.w;
    dialogs::title(ui, &w.t("channel-settings"));
    let named = matches!(channel.kind.as_str(), "public" | "announcement" | "private");
    if named {
        name_and_topic(ui, scene, &channel);
        dialogs::note(ui, scene, if channel.kind == "private" { "rights-private" } else { "rights-channel" });
        govern::calls(ui, scene);
    }
    ui.add_space(8.0);
    told(ui, scene, &channel);
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        if may(&channel.may, "set") {
            let (key, on) =
                if channel.kind == "archived" { ("channel-unarchive", false) } else { ("channel-archive", true) };
            if widgets::button(ui, scene.t, &w.t(key), Weight::Other).clicked() {
                set(scene, &channel, ChannelChange::Archived(on));
            }
        }
        // Of what lies in the archive this side does not tell whether it is private, which one leaves for good.
        if !matches!(channel.kind.as_str(), "direct" | "archived") {
            let sure = ui.scope_id().with("leave-sure");
            let private = matches!(channel.kind.as_str(), "private" | "group");
            let asked = !private || ui.data(|it| it.get_temp::<bool>(sure)).unwrap_or(false);
            let key = if private && asked { "channel-leave-yes" } else { "channel-leave" };
            if widgets::button(ui, scene.t, &w.t(key), if private { Weight::Danger } else { Weight::Other }).clicked() {
                match asked {
                    false => {
                        ui.data_mut(|it| it.insert_temp(sure, true));
                    }
                    true => {
                        let request = Request::ChannelLeave { channel: channel.id.clone() };
                        scene.actions.push(Action::Ask(request, Purpose::Change("channel-left")));
                        scene.actions.push(Action::CloseDialog);
                    }
                }
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::button(ui, scene.t, &w.t("close"), Weight::Other).clicked() {
                scene.actions.push(Action::CloseDialog);
            }
        });
    });
}

/// Fields for what this person may change; the rest is only read.
fn name_and_topic(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    let w = scene.w;
    let (names, topics) = (may(&channel.may, "set"), may(&channel.may, "topic"));
    if names {
        let field = widgets::field(ui, scene.t, &w.t("channel-name"), &mut scene.desk.forms.name, false);
        dialogs::first(scene, &field);
    } else {
        ui.label(RichText::new(harmless(&channel.name)).font(fonts::medium(15.0)));
    }
    match &channel.topic {
        _ if topics => {
            let field = widgets::field(ui, scene.t, &w.t("topic"), &mut scene.desk.forms.topic, false);
            dialogs::first(scene, &field);
        }
        Some(topic) => drop(ui.add(egui::Label::new(harmless(topic)).wrap())),
        None => {}
    }
    if names || topics {
        save(ui, scene, channel);
    }
}

fn save(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    let name = scene.desk.forms.name.trim().to_owned();
    let topic = scene.desk.forms.topic.trim().to_owned();
    let renamed = name != channel.name && !name.is_empty();
    let other_topic = topic != channel.topic.clone().unwrap_or_default();
    ui.add_enabled_ui(renamed || other_topic, |ui| {
        if !widgets::button(ui, scene.t, &scene.w.t("save"), Weight::Main).clicked() {
            return;
        }
        if renamed {
            set(scene, channel, ChannelChange::Name(name));
        }
        if other_topic {
            let request = Request::Topic { channel: channel.id.clone(), text: topic };
            scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
        }
    });
}

fn set(scene: &mut Scene<'_>, channel: &Channel, change: ChannelChange) {
    let request = Request::ChannelSet { channel: channel.id.clone(), change };
    scene.actions.push(Action::Ask(request, Purpose::Change("changed")));
}

/// What one wants to be told of a place.
fn told(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    let w = scene.w;
    ui.label(RichText::new(w.t("notify-of")).font(fonts::medium(13.0)).color(scene.t.text2));
    widgets::choices(ui, |ui| {
        for (level, key) in [("", "level-all"), ("mentions", "level-mentions"), ("nothing", "level-nothing")] {
            if ui.radio(channel.level == level, w.t(key)).clicked() {
                scene.actions.push(level_of(&channel.id, level));
            }
        }
    });
    let mut on = channel.favourite;
    if ui.checkbox(&mut on, w.t("favourite")).changed() {
        scene.actions.push(favourite(&channel.id, on));
    }
}

/// Says what one wants to be told.
pub(crate) fn level_of(channel: &str, level: &str) -> Action {
    let level = if level.is_empty() { "all" } else { level };
    let request = Request::ChannelLevel { channel: channel.to_owned(), level: level.to_owned() };
    Action::Ask(request, Purpose::Quiet)
}

/// Keeps a place at the top.
pub(crate) fn favourite(channel: &str, on: bool) -> Action {
    Action::Ask(Request::ChannelFavourite { channel: channel.to_owned(), on }, Purpose::Quiet)
}
