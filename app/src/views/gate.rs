//! Before the window is a messenger: welcome, founding, joining with the five words, opening, the lock.

use artel_node::demo::Opening;
use artel_node::node::Founding;
use egui::{Align, Layout, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::{Scene, phrase};
use crate::action::Action;
use crate::bridge::{Command, Stage};
use crate::desk::Gate;
use crate::widgets::{self, Weight};
use crate::{fonts, homes, icons, links};

/// Characters of a password that no list of words reaches.
const PASSWORD_MIN: usize = 15;
/// A window lower than this is a low one, points.
const LOW: f32 = 640.0;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    if scene.model.stage == Stage::Welcome
        && let Some(dropped) = ui.input(|it| it.raw.dropped_files.first().map(|it| it.path().to_owned()))
    {
        scene.actions.push(Action::OpenInvitation(dropped));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            let room = ui.ctx().content_rect().height();
            // In a low window the form counts, not the sign above it.
            let low = room < LOW;
            ui.add_space(if low { 20.0 } else { (room * 0.12).min(90.0) });
            mark(ui, scene, if low { 36.0 } else { 56.0 });
            ui.add_space(if low { 12.0 } else { 20.0 });
            let (t, width) = (scene.t, 440.0_f32.min(ui.available_width() - 80.0));
            widgets::card(ui, t, width, |ui| {
                ui.with_layout(Layout::top_down(Align::Min), |ui| stage(ui, scene));
            });
            ui.add_space(40.0);
        });
    });
}

fn mark(ui: &mut Ui, scene: &Scene<'_>, side: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    ui.painter().rect_filled(rect, (side * 0.28).round(), scene.t.accent);
    let font = fonts::semibold((side * 0.5).round());
    widgets::write(
        ui.painter(),
        rect.center(),
        egui::Align2::CENTER_CENTER,
        &scene.w.t("letter"),
        font,
        scene.t.on_accent,
    );
}

fn stage(ui: &mut Ui, scene: &mut Scene<'_>) {
    match scene.model.stage.clone() {
        Stage::Starting | Stage::Ready => busy(ui, scene, "unlock-busy"),
        Stage::Opening => {
            busy(ui, scene, "unlock-busy");
            reading(ui, scene);
        }
        Stage::Founding => busy(ui, scene, "found-busy"),
        Stage::Office(step) => office(ui, scene, step),
        Stage::Welcome => match scene.desk.forms.gate {
            Gate::Choice => welcome(ui, scene),
            Gate::Found => found(ui, scene),
            Gate::Join => join(ui, scene),
        },
        Stage::Locked => unlock(ui, scene),
        Stage::Phrase(words) => phrase::show(ui, scene, &words),
        Stage::Joining(joining) => {
            title(ui, scene, "welcome-join");
            if joining.words.is_empty() {
                ui.label(scene.w.t("join-searching"));
            } else {
                words(ui, scene, &joining.words);
            }
            ui.add_space(16.0);
            if widgets::button(ui, scene.t, &scene.w.t("cancel"), Weight::Other).clicked() {
                scene.actions.push(Action::Command(Command::GiveUp));
            }
        }
    }
    refused(ui, scene);
    let choosing = scene.model.stage == Stage::Welcome && scene.desk.forms.gate == Gate::Choice;
    if choosing || scene.model.stage == Stage::Locked {
        others(ui, scene);
    }
}

/// The windows of other organisations.
fn others(ui: &mut Ui, scene: &Scene<'_>) {
    for (at, home) in scene.desk.homes.others.iter().enumerate() {
        ui.add_space(if at == 0 { 20.0 } else { 6.0 });
        if widgets::button(ui, scene.t, &super::menu::home_open(scene, home), Weight::Other).clicked() {
            homes::open(&home.path);
        }
    }
}

pub(super) fn title(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    ui.label(RichText::new(scene.w.t(key)).font(fonts::semibold(20.0)));
    ui.add_space(10.0);
}

pub(super) fn hint(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    let text = RichText::new(scene.w.t(key)).font(fonts::text(13.5)).color(scene.t.text2);
    ui.add(egui::Label::new(text).wrap());
    ui.add_space(8.0);
}

fn busy(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    ui.label(RichText::new(scene.w.t(key)).font(fonts::medium(15.0)));
}

/// How far a long journal has been read.
fn reading(ui: &mut Ui, scene: &Scene<'_>) {
    let Some(percent) = scene.model.health.percent else { return };
    ui.add_space(10.0);
    hint(ui, scene, "store-reading");
    let bar = egui::ProgressBar::new(f32::from(percent) / 100.0).desired_height(8.0).fill(scene.t.accent);
    let response = ui.add(bar);
    response
        .widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, scene.w.n("store-percent", percent.into())));
}

fn refused(ui: &mut Ui, scene: &Scene<'_>) {
    if let Some(error) = &scene.model.refused {
        ui.add_space(12.0);
        let text = RichText::new(scene.w.lang.error(error)).color(scene.t.danger_text);
        ui.add(egui::Label::new(text).wrap());
    }
}

fn office(ui: &mut Ui, scene: &Scene<'_>, step: Opening) {
    title(ui, scene, "welcome-demo");
    let steps = [
        (true, scene.w.t("office-founding")),
        (step != Opening::Founding, scene.w.t("office-hiring")),
        (step == Opening::Talking, scene.w.t("office-talking")),
    ];
    for (reached, text) in steps {
        let color = if reached { scene.t.text } else { scene.t.text3 };
        ui.label(RichText::new(text).font(fonts::text(15.0)).color(color));
    }
}

fn welcome(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, scene, "welcome");
    hint(ui, scene, "welcome-text");
    for (icon, name, about, gate) in [
        (icons::KEY, "welcome-join", "welcome-join-text", Some(Gate::Join)),
        (icons::OFFICE, "welcome-found", "welcome-found-text", Some(Gate::Found)),
        (icons::COMPASS, "welcome-demo", "welcome-demo-text", None),
    ] {
        if choice(ui, scene, icon, (&scene.w.t(name), &scene.w.t(about))) {
            match gate {
                Some(gate) => (scene.desk.forms.gate, scene.desk.focus_first) = (gate, true),
                None => scene.actions.push(Action::Command(Command::Demo(scene.w.lang))),
            }
        }
    }
}

fn choice(ui: &mut Ui, scene: &Scene<'_>, icon: &str, (name, about): (&str, &str)) -> bool {
    let t = scene.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 68.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let p = ui.painter();
    let fill = if response.hovered() { t.hover } else { t.raised };
    let edge = egui::Stroke::new(1.0, if response.hovered() { t.outline } else { t.border_strong });
    p.rect(rect, 10, fill, edge, egui::StrokeKind::Inside);
    widgets::focus_ring(ui, &response, 10, t);
    let at = rect.left_center() + vec2(30.0, 0.0);
    widgets::write(p, at, egui::Align2::CENTER_CENTER, icon, fonts::icon(24.0), t.accent_text);
    let room = rect.width() - 72.0;
    widgets::write_cut(p, rect.left_center() + vec2(60.0, -11.0), room, name, fonts::medium(15.0), t.text);
    widgets::write_cut(p, rect.left_center() + vec2(60.0, 11.0), room, about, fonts::text(13.0), t.text2);
    response.clicked()
}

/// The ends of a form; whether it is to be sent.
pub(super) fn ends(ui: &mut Ui, scene: &mut Scene<'_>, main: &str, ready: bool) -> bool {
    ui.add_space(8.0);
    let mut sent = ready && ui.input(|it| it.key_pressed(egui::Key::Enter));
    ui.horizontal(|ui| {
        ui.add_enabled_ui(ready, |ui| sent |= widgets::button(ui, scene.t, main, Weight::Main).clicked());
        let back = matches!(scene.model.stage, Stage::Welcome | Stage::Phrase(_));
        if back && widgets::button(ui, scene.t, &scene.w.t("back"), Weight::Other).clicked() {
            match scene.model.stage {
                Stage::Welcome => scene.desk.forms.gate = Gate::Choice,
                _ => {
                    scene.desk.forms.phrase_kept = false;
                    scene.actions.push(Action::Command(Command::GiveUp));
                }
            }
            sent = false;
        }
    });
    sent
}

pub(super) fn first(scene: &mut Scene<'_>, field: &egui::Response) {
    if std::mem::take(&mut scene.desk.focus_first) {
        field.request_focus();
    }
}

/// The password of this device, typed twice; whether it will do.
fn new_password(ui: &mut Ui, scene: &mut Scene<'_>) -> bool {
    let (w, forms) = (scene.w, &mut scene.desk.forms);
    widgets::field(ui, scene.t, &w.t("your-password"), &mut forms.password, true);
    widgets::field(ui, scene.t, &w.t("your-password-again"), &mut forms.password_again, true);
    let (one, other) = (&scene.desk.forms.password, &scene.desk.forms.password_again);
    let equal = one == other;
    let long = one.chars().count() >= PASSWORD_MIN;
    hint(
        ui,
        scene,
        if equal || scene.desk.forms.password_again.is_empty() { "password-how" } else { "password-differs" },
    );
    equal && long
}

fn found(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, scene, "welcome-found");
    let w = scene.w;
    let field = widgets::field(ui, scene.t, &w.t("organisation-name"), &mut scene.desk.forms.organisation, false);
    first(scene, &field);
    widgets::field(ui, scene.t, &w.t("your-name"), &mut scene.desk.forms.person, false);
    widgets::field(ui, scene.t, &w.t("your-email"), &mut scene.desk.forms.email, false);
    let password = new_password(ui, scene);
    ui.label(RichText::new(w.t("template")).font(fonts::medium(13.0)).color(scene.t.text2));
    ui.radio_value(&mut scene.desk.forms.template, false, w.t("template-one"));
    ui.radio_value(&mut scene.desk.forms.template, true, w.t("template-office"));
    if scene.desk.forms.template {
        hint(ui, scene, "template-office-list");
    }
    let mut channels = vec![(None, w.t("first-channel"))];
    let list = if scene.desk.forms.template { w.t("template-office-list") } else { String::new() };
    let teams = template(&list, &mut channels);
    let forms = &scene.desk.forms;
    let domain = forms.email.split_once('@').map(|it| it.1.trim().to_owned()).unwrap_or_default();
    let named = !forms.organisation.trim().is_empty() && !forms.person.trim().is_empty() && domain.contains('.');
    let founding = Founding {
        name: forms.organisation.trim().to_owned(),
        person: forms.person.trim().to_owned(),
        email: forms.email.trim().to_owned(),
        domain,
        phrase_file: None,
    };
    let command = Command::Found { founding, password: forms.password.clone(), teams, channels };
    if ends(ui, scene, &w.t("found-do"), named && password) {
        scene.actions.push(Action::Command(command));
    }
}

/// Teams of a list like `Sales: deals, customers; IT: help`; its channels go to the others.
fn template(list: &str, channels: &mut Vec<(Option<String>, String)>) -> Vec<String> {
    let mut teams = Vec::new();
    for (team, of) in list.split(';').filter_map(|it| it.split_once(':')) {
        let team = team.trim().to_owned();
        channels.extend(of.split(',').map(|it| (Some(team.clone()), it.trim().to_owned())));
        teams.push(team);
    }
    teams
}

fn join(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, scene, "welcome-join");
    let w = scene.w;
    let field = widgets::field(ui, scene.t, &w.t("code"), &mut scene.desk.forms.code, false);
    first(scene, &field);
    // A link that is pasted says more than the code.
    if field.changed()
        && let Some(invitation) = links::invitation(&scene.desk.forms.code)
    {
        scene.desk.forms.take(invitation);
    }
    by_file(ui, scene);
    let password = new_password(ui, scene);
    widgets::field(ui, scene.t, &w.t("join-address"), &mut scene.desk.forms.address, false);
    let (code, at) = scene.desk.forms.invitation();
    let command = Command::Join { code, at, password: scene.desk.forms.password.clone(), device: w.t("this-device") };
    let ready = password && !scene.desk.forms.code.trim().is_empty();
    if ends(ui, scene, &w.t("join-do"), ready) {
        scene.actions.push(Action::Command(command));
    }
}

/// The way in by a file: a button, a path where the system has no dialog; a file can be dropped as well.
fn by_file(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    if scene.desk.forms.ask_path {
        let field = widgets::field(ui, scene.t, &w.t("path"), &mut scene.desk.forms.path, false);
        first(scene, &field);
        let enter = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
        if widgets::button(ui, scene.t, &w.t("invitation-read"), Weight::Other).clicked() || enter {
            scene.actions.push(Action::OpenInvitation(scene.desk.forms.path.trim().into()));
        }
    } else if widgets::button(ui, scene.t, &w.t("invitation-open"), Weight::Other).clicked() {
        scene.actions.push(Action::ChooseInvitation);
    }
    ui.add_space(4.0);
    match scene.desk.forms.no_invitation {
        true => {
            let text = RichText::new(w.t("invitation-none")).font(fonts::text(13.5)).color(scene.t.danger_text);
            ui.add(egui::Label::new(text).wrap());
            ui.add_space(8.0);
        }
        false => hint(ui, scene, "invitation-how"),
    }
}

fn words(ui: &mut Ui, scene: &Scene<'_>, words: &str) {
    hint(ui, scene, "join-waiting");
    let response = ui.add(egui::Label::new(RichText::new(words).font(fonts::mono(18.0))).selectable(true).wrap());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.add_space(8.0);
    hint(ui, scene, "join-wait");
}

fn unlock(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, scene, "locked");
    if let Some(name) = scene.desk.homes.name() {
        ui.label(RichText::new(name).font(fonts::medium(15.0)));
        ui.add_space(4.0);
    }
    hint(ui, scene, "locked-text");
    let field = widgets::field(ui, scene.t, &scene.w.t("unlock-how"), &mut scene.desk.forms.password, true);
    if scene.model.wrong_password() || std::mem::take(&mut scene.desk.focus_first) {
        field.request_focus();
    }
    let password = scene.desk.forms.password.clone();
    let main = scene.w.t("unlock");
    if ends(ui, scene, &main, !password.is_empty()) {
        scene.actions.push(Action::Command(Command::Unlock { password }));
    }
}
