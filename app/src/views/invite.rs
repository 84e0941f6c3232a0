//! Inviting somebody: who it is, with what rights, and the invitation as a code, a link and a file.

use artel_node::client::{Invite, Request};
use egui::{RichText, ScrollArea, Ui};

use super::{Scene, create, dialogs};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::desk::Forms;
use crate::desktop;
use crate::fonts;
use crate::widgets::{self, Weight};

/// Days of a visit that are offered, and the key of their name.
const VISITS: [(u16, &str); 4] =
    [(7, "invite-until-week"), (30, "invite-until-month"), (91, "invite-until-quarter"), (0, "invite-until-never")];
/// Days that an invitation can be good.
const LIVES: [u8; 3] = [1, 3, 7];
/// What stands behind the name of an invitation's file.
pub(crate) const FILE_ENDING: &str = ".artel-invitation.txt";

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    dialogs::title(ui, &scene.w.t("invite"));
    match scene.model.invite.clone() {
        Some(invite) => made(ui, scene, &invite),
        None => ask(ui, scene),
    }
}

fn ask(ui: &mut Ui, scene: &mut Scene<'_>) {
    let field = widgets::field(ui, scene.t, &scene.w.t("invite-name"), &mut scene.desk.forms.person, false);
    dialogs::first(scene, &field);
    widgets::field(ui, scene.t, &scene.w.t("invite-email"), &mut scene.desk.forms.email, false);
    role(ui, scene);
    match scene.desk.forms.role == "guest" {
        true => visit(ui, scene),
        false => team(ui, scene),
    }
    life(ui, scene);
    widgets::tick(ui, &scene.w.t("invite-auto"), &mut scene.desk.forms.auto_admit);
    let forms = &scene.desk.forms;
    let guest_reads = forms.role != "guest" || !forms.spaces.is_empty();
    let ready = forms.email.contains('@') && !forms.person.trim().is_empty() && guest_reads;
    let main = scene.w.t("invite-make");
    if dialogs::ends(ui, scene, &main, Weight::Main, ready) {
        let request = request(&scene.desk.forms, scene.w.today());
        scene.actions.push(Action::Ask(request, Purpose::Invite));
    }
}

/// What is asked of the node.
fn request(forms: &Forms, today: time::Date) -> Request {
    let (email, name) = (forms.email.trim().to_owned(), forms.person.trim().to_owned());
    let (auto_admit, mail_code, expires) = (forms.auto_admit, false, Some(forms.invite_days));
    if forms.role != "guest" {
        let (role, team) = (Some(forms.role.clone()), forms.team.clone());
        return Request::Invite { email, name, role, team, auto_admit, mail_code, expires };
    }
    let last = today.checked_add(time::Duration::days(forms.visit.into())).filter(|_| 0 < forms.visit);
    let until = last.map(|it| format!("{:04}-{:02}-{:02}", it.year(), u8::from(it.month()), it.day()));
    let spaces = forms.spaces.iter().cloned().collect();
    Request::InviteGuest { email, name, until, spaces, auto_admit, mail_code, expires }
}

/// Roles that this person may give to a newcomer.
fn role(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    let more: &[(&str, &str)] = match scene.model.role() {
        "owner" => &[("registrar", "role-registrar"), ("admin", "role-admin")],
        "admin" => &[("registrar", "role-registrar")],
        _ => &[],
    };
    ui.label(RichText::new(w.t("role")).font(fonts::medium(13.0)).color(scene.t.text2));
    widgets::choices(ui, |ui| {
        for (role, key) in [("member", "role-member"), ("guest", "role-guest")].iter().chain(more) {
            ui.radio_value(&mut scene.desk.forms.role, (*role).to_owned(), w.t(key));
        }
    });
    ui.add_space(6.0);
}

fn team(ui: &mut Ui, scene: &mut Scene<'_>) {
    if scene.model.directory.teams.is_empty() {
        return;
    }
    let none = scene.w.t("invite-no-team");
    let model = scene.model;
    let teams: Vec<Option<&str>> =
        std::iter::once(None).chain(model.teams().into_iter().map(|it| Some(it.name.as_str()))).collect();
    create::team(ui, scene, &none, &teams);
}

/// How long a guest stays and what he reads.
fn visit(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    ui.label(RichText::new(w.t("invite-until")).font(fonts::medium(13.0)).color(scene.t.text2));
    widgets::choices(ui, |ui| {
        for (days, key) in VISITS {
            ui.radio_value(&mut scene.desk.forms.visit, days, w.t(key));
        }
    });
    ui.add_space(6.0);
    ui.label(RichText::new(w.t("invite-spaces")).font(fonts::medium(13.0)).color(scene.t.text2));
    let model = scene.model;
    ScrollArea::vertical().id_salt("spaces").max_height(140.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let public = |kind: &str| matches!(kind, "public" | "announcement");
        for channel in model.directory.channels.iter().filter(|it| public(&it.kind)) {
            let (was, mut on) =
                (scene.desk.forms.spaces.contains(&channel.id), scene.desk.forms.spaces.contains(&channel.id));
            widgets::tick(ui, &channel.name, &mut on);
            match (was, on) {
                (false, true) => drop(scene.desk.forms.spaces.insert(channel.id.clone())),
                (true, false) => drop(scene.desk.forms.spaces.remove(&channel.id)),
                _ => {}
            }
        }
    });
    ui.add_space(6.0);
}

/// How long the code is good, with the day on which it ends.
fn life(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    let now = w.now();
    let end = now + time::Duration::days(scene.desk.forms.invite_days.into());
    let ends = w.with("until-day", "name", &w.day(end.date(), now.date()));
    let life = format!("{}: {ends}", w.t("invite-life"));
    ui.label(RichText::new(life).font(fonts::medium(13.0)).color(scene.t.text2));
    widgets::choices(ui, |ui| {
        for days in LIVES {
            ui.radio_value(&mut scene.desk.forms.invite_days, days, w.n("days", days.into()));
        }
    });
    ui.add_space(6.0);
}

/// The letter with the invitation, as an address that the mail program of this computer opens.
fn letter(scene: &Scene<'_>, invite: &Invite) -> String {
    let (w, forms) = (scene.w, &scene.desk.forms);
    let organisation = scene.model.organisation();
    let subject = w.with("invite-mail-subject", "name", organisation);
    let good = w.with("invite-good-until", "name", &w.stamp(&invite.expires));
    let text = w.with("invite-mail-text", "name", organisation);
    let body = format!("{text}\n\n{}\n\n{}\n{}\n\n{good}\n", invite.link, w.t("invite-mail-code"), invite.code);
    desktop::letter(forms.email.trim(), &subject, &body)
}

fn made(ui: &mut Ui, scene: &mut Scene<'_>, invite: &Invite) {
    ui.label(scene.w.t("invite-code"));
    ui.add_space(4.0);
    ui.add(egui::Label::new(RichText::new(&invite.code).font(fonts::mono(16.0))).selectable(true).wrap());
    ui.add_space(8.0);
    let until = scene.w.with("invite-good-until", "name", &scene.w.stamp(&invite.expires));
    for text in [until, scene.w.t("invite-how")] {
        ui.add(egui::Label::new(RichText::new(text).color(scene.t.text2)).wrap());
    }
    ui.add_space(8.0);
    if scene.desk.forms.ask_path {
        path(ui, scene);
    }
    // Of one line or two, as the language needs.
    ui.horizontal_wrapped(|ui| {
        let w = scene.w;
        if widgets::button(ui, scene.t, &w.t("copy"), Weight::Main).clicked() {
            scene.actions.push(Action::Copy(invite.code.clone()));
        }
        if widgets::button(ui, scene.t, &w.t("invite-copy-link"), Weight::Other).clicked() {
            scene.actions.push(Action::Copy(invite.link.clone()));
        }
        if widgets::button(ui, scene.t, &w.t("invite-save-file"), Weight::Other).clicked() {
            let name = scene.desk.forms.person.trim().replace(|it: char| !it.is_alphanumeric(), "-");
            scene.actions.push(Action::ChooseInvitationTarget(format!("{name}{FILE_ENDING}")));
        }
        // A mailbox may have more than one reader: what lets in unasked is handed over.
        if !scene.desk.forms.auto_admit && widgets::button(ui, scene.t, &w.t("invite-by-mail"), Weight::Other).clicked()
        {
            scene.actions.push(Action::Link(letter(scene, invite)));
        }
    });
    dialogs::end(ui, scene, "close", Weight::Other);
}

/// Where the file goes, where the system has no dialog of its own.
fn path(ui: &mut Ui, scene: &mut Scene<'_>) {
    let field = widgets::field(ui, scene.t, &scene.w.t("path"), &mut scene.desk.forms.path, false);
    dialogs::first(scene, &field);
    let enter = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
    if widgets::button(ui, scene.t, &scene.w.t("save"), Weight::Main).clicked() || enter {
        scene.actions.push(Action::SaveInvitation(scene.desk.forms.path.trim().into()));
    }
    ui.add_space(8.0);
}
