//! Windows above everything, and notices in passing.

use artel_node::client::{ErrorKind, Request};
use egui::{Align2, Area, Id, Modal, Order, RichText, Ui, vec2};

use super::{Scene, calendar, channel, create, details, invite, kept, me, palette, person, settings, tour};
use crate::action::{Action, Dialog};
use crate::bridge::{Deed, Purpose};
use crate::model::Notice;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};
use crate::{fonts, homes, icons};

/// How long a notice stays, seconds.
pub(crate) const NOTICE_STAYS: f64 = 8.0;

pub(crate) fn show(ui: &Ui, scene: &mut Scene<'_>) {
    let Some(dialog) = scene.desk.dialog.clone() else { return };
    let frame = egui::Frame::window(&ui.ctx().global_style()).inner_margin(egui::Margin::same(18));
    let modal = Modal::new(Id::unique(("dialog", std::mem::discriminant(&dialog))))
        .frame(frame)
        .backdrop_color(scene.t.sidebar.gamma_multiply(0.6));
    // But for the margins and a little of what is behind.
    let room = ui.ctx().content_rect().height() - 44.0;
    let response = modal.show(ui.ctx(), |ui| {
        // What is higher than the window scrolls, and is seen to: its bar stays.
        ui.spacing_mut().scroll = egui::style::ScrollStyle {
            bar_width: 8.0,
            floating_width: 6.0,
            floating_allocated_width: 12.0,
            dormant_handle_opacity: 0.35,
            active_handle_opacity: 0.5,
            ..egui::style::ScrollStyle::floating()
        };
        egui::ScrollArea::vertical()
            .max_height(room)
            .min_scrolled_height(room)
            .show(ui, |ui| content(ui, scene, &dialog));
    });
    if response.should_close() {
        scene.actions.push(Action::CloseDialog);
    }
}

fn content(ui: &mut Ui, scene: &mut Scene<'_>, dialog: &Dialog) {
    match dialog {
        Dialog::Palette => palette::show(ui, scene, None),
        Dialog::Forward(id) => palette::show(ui, scene, Some(id)),
        Dialog::Pins(channel) => kept::pins(ui, scene, channel),
        Dialog::Date(channel) => calendar::show(ui, scene, channel),
        Dialog::SendLater { id, thread } => kept::send_later(ui, scene, id.as_deref(), *thread),
        Dialog::Leave(channel) => leave(ui, scene, channel),
        Dialog::Risky(id, name) => risky(ui, scene, id, name),
        Dialog::Help => help(ui, scene),
        Dialog::Keys => keys(ui, scene),
        Dialog::ReadAll => read_all(ui, scene),
        Dialog::Tour => tour::show(ui, scene),
        Dialog::NewChannel => create::channel(ui, scene),
        Dialog::NewTeam => create::new_team(ui, scene),
        Dialog::Invite => invite::show(ui, scene),
        Dialog::Pending => pending(ui, scene),
        Dialog::Retract(id) => retract(ui, scene, id),
        Dialog::Details(id) => details::show(ui, scene, id),
        Dialog::Members(channel) => channel::members(ui, scene, channel),
        Dialog::Channel(channel) => channel::settings(ui, scene, channel),
        Dialog::Person(email) => person::show(ui, scene, email),
        Dialog::Attach(place) => attach(ui, scene, place),
        Dialog::SaveAs(id, _) => save_as(ui, scene, id),
        Dialog::Link => settings::link(ui, scene),
        Dialog::Revoke(device) => settings::revoke(ui, scene, device),
        Dialog::Mood => me::mood(ui, scene),
        Dialog::Organisation => organisation(ui, scene),
    }
}

/// The heading of a dialog.
pub(crate) fn title(ui: &mut Ui, text: &str) {
    ui.set_width(440.0);
    ui.label(RichText::new(text).font(fonts::semibold(18.0)));
    ui.add_space(10.0);
}

/// The buttons at the end; whether the main one was clicked.
pub(crate) fn ends(ui: &mut Ui, scene: &mut Scene<'_>, main: &str, weight: Weight, ready: bool) -> bool {
    ui.add_space(12.0);
    let mut done = false;
    line_of_buttons(ui, |ui| {
        ui.add_enabled_ui(ready, |ui| done = widgets::button(ui, scene.t, main, weight).clicked());
        if widgets::button(ui, scene.t, &scene.w.t("cancel"), Weight::Other).clicked() {
            scene.actions.push(Action::CloseDialog);
        }
    });
    let enter = ui.input(|it| it.key_pressed(egui::Key::Enter)) && ui.memory(|it| it.focused()).is_none();
    ready && (done || enter)
}

/// The button that closes what is only to be read.
pub(crate) fn end(ui: &mut Ui, scene: &mut Scene<'_>, key: &str, weight: Weight) {
    ui.add_space(12.0);
    line_of_buttons(ui, |ui| {
        if widgets::button(ui, scene.t, &scene.w.t(key), weight).clicked() {
            scene.actions.push(Action::CloseDialog);
        }
    });
}

/// Buttons at the right, the first of them outermost.
pub(crate) fn line_of_buttons(ui: &mut Ui, buttons: impl FnOnce(&mut Ui)) {
    // Of one height: a line of buttons alone would spread over all that is left of the window.
    let line = vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(line, egui::Layout::right_to_left(egui::Align::Center), buttons);
}

/// The first field takes the keyboard.
pub(crate) fn first(scene: &mut Scene<'_>, field: &egui::Response) {
    if std::mem::take(&mut scene.desk.focus_first) {
        field.request_focus();
    }
}

/// A sentence that explains, in small print.
pub(crate) fn note(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    let text = RichText::new(scene.w.t(key)).font(fonts::text(13.0)).color(scene.t.text2);
    ui.add(egui::Label::new(text).wrap());
}

/// A path to attach, or a picture of oneself where no place is named.
fn attach(ui: &mut Ui, scene: &mut Scene<'_>, place: &str) {
    let face = place.is_empty();
    title(ui, &scene.w.t(if face { "face-choose" } else { "attach" }));
    let field = widgets::field(ui, scene.t, &scene.w.t("path"), &mut scene.desk.forms.path, false);
    first(scene, &field);
    note(ui, scene, "path-how");
    let path = scene.desk.forms.path.trim().trim_matches('"').to_owned();
    let enter = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
    let main = scene.w.t(if face { "save" } else { "attach-do" });
    if ends(ui, scene, &main, Weight::Main, !path.is_empty()) || (enter && !path.is_empty()) {
        scene.actions.push(match face {
            true => Action::Ask(Request::PictureSet { path: Some(path) }, Purpose::Change("face-set")),
            false => Action::Attach { place: place.to_owned(), paths: vec![path.into()] },
        });
        scene.actions.push(Action::CloseDialog);
    }
}

fn save_as(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    title(ui, &scene.w.t("save-as"));
    let field = widgets::field(ui, scene.t, &scene.w.t("path"), &mut scene.desk.forms.path, false);
    first(scene, &field);
    note(ui, scene, "save-as-how");
    let path = scene.desk.forms.path.trim().to_owned();
    let main = scene.w.t("save");
    let enter = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
    if ends(ui, scene, &main, Weight::Main, !path.is_empty()) || (enter && !path.is_empty()) {
        let request = Request::FileGet { id: id.to_owned(), out: Some(path) };
        let purpose = Purpose::File { id: id.to_owned(), deed: Deed::Save };
        scene.actions.push(Action::Ask(request, purpose));
        scene.actions.push(Action::CloseDialog);
    }
}

/// A further organisation: a name for it, then its window opens.
fn organisation(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, &scene.w.t("home-new"));
    let field = widgets::field(ui, scene.t, &scene.w.t("home-name"), &mut scene.desk.forms.name, false);
    first(scene, &field);
    note(ui, scene, "home-new-how");
    let name = scene.desk.forms.name.clone();
    let place = scene.desk.homes.place(&name);
    if place.is_none() && !name.trim().is_empty() {
        let text = RichText::new(scene.w.t("home-name-odd")).font(fonts::text(13.0)).color(scene.t.danger_text);
        ui.add(egui::Label::new(text).wrap());
    }
    let enter = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
    let main = scene.w.t("home-new-do");
    let done = ends(ui, scene, &main, Weight::Main, place.is_some());
    if let Some(place) = place.filter(|_| done || enter) {
        homes::open(&place);
        scene.actions.push(Action::CloseDialog);
    }
}

fn pending(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, &scene.w.t("pending"));
    if scene.model.pending.is_empty() {
        ui.label(scene.w.t("pending-none"));
    }
    for candidate in &scene.model.pending {
        ui.label(RichText::new(format!("{} · {}", candidate.email, candidate.device)).font(fonts::medium(14.5)));
        ui.label(RichText::new(scene.w.t("pending-compare")).color(scene.t.text2));
        ui.label(RichText::new(&candidate.words).font(fonts::mono(16.0)));
        ui.horizontal(|ui| {
            let id = candidate.id.clone();
            if widgets::button(ui, scene.t, &scene.w.t("approve"), Weight::Main).clicked() {
                scene.actions.push(Action::Ask(Request::Approve { id: id.clone() }, Purpose::Quiet));
            }
            if widgets::button(ui, scene.t, &scene.w.t("refuse"), Weight::Danger).clicked() {
                scene.actions.push(Action::Ask(Request::Refuse { id }, Purpose::Quiet));
            }
        });
        ui.add_space(10.0);
    }
}

fn retract(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    title(ui, &scene.w.t("retract-sure"));
    ui.label(scene.w.t("retract-how"));
    let main = scene.w.t("do-retract");
    if ends(ui, scene, &main, Weight::Danger, true) {
        scene.desk.editing.retain(|_, it| it.id != id);
        scene.actions.push(Action::Ask(Request::Retract { id: id.to_owned() }, Purpose::Quiet));
        scene.actions.push(Action::CloseDialog);
    }
}

fn leave(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    title(ui, &scene.w.with("leave-sure", "name", &harmless(&scene.model.title(id))));
    let private = scene.model.channel(id).is_some_and(|it| matches!(it.kind.as_str(), "private" | "group"));
    note(ui, scene, if private { "leave-private" } else { "leave-public" });
    let main = scene.w.t("channel-leave");
    if ends(ui, scene, &main, if private { Weight::Danger } else { Weight::Main }, true) {
        let request = Request::ChannelLeave { channel: id.to_owned() };
        scene.actions.push(Action::Ask(request, Purpose::Done("left-said")));
        scene.actions.push(Action::CloseDialog);
    }
}

/// A file that its program would run: who opens it should know what it is.
fn risky(ui: &mut Ui, scene: &mut Scene<'_>, id: &str, name: &str) {
    title(ui, &scene.w.t("risky"));
    ui.add(egui::Label::new(RichText::new(harmless(name)).font(fonts::mono(14.0))).wrap());
    ui.add_space(6.0);
    note(ui, scene, "risky-how");
    let main = scene.w.t("risky-open");
    if ends(ui, scene, &main, Weight::Danger, true) {
        scene.actions.push(Action::File { id: id.to_owned(), deed: Deed::OpenSure });
        scene.actions.push(Action::CloseDialog);
    }
}

/// What can be typed into the composer.
fn help(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, &scene.w.t("help"));
    for command in &crate::commands::ALL {
        ui.horizontal(|ui| {
            let word = format!("/{}", command.word(scene.w.lang));
            widgets::cell(ui, 140.0, RichText::new(word).font(fonts::mono(13.0)));
            ui.label(scene.w.t(command.about));
        });
    }
    ui.add_space(8.0);
    ui.label(RichText::new(scene.w.t("help-more")).color(scene.t.text2));
    end(ui, scene, "close", Weight::Main);
}

/// What the keys do.
fn keys(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, &scene.w.t("keyboard"));
    settings::shortcuts_list(ui, scene);
    end(ui, scene, "close", Weight::Main);
}

/// Before everything is marked as read: nobody remembers what was unread where.
fn read_all(ui: &mut Ui, scene: &mut Scene<'_>) {
    title(ui, &scene.w.t("read-all"));
    let unread: u32 = scene.model.unread.values().map(|it| it.unread).sum();
    ui.label(scene.w.n("read-all-sure", usize::try_from(unread).unwrap_or(usize::MAX)));
    let main = scene.w.t("read-all-do");
    if ends(ui, scene, &main, Weight::Main, true) {
        scene.actions.push(Action::ReadAll);
        scene.actions.push(Action::CloseDialog);
    }
}

/// A message that is deleted in a moment, and the way back.
pub(crate) fn second_thoughts(ui: &Ui, scene: &mut Scene<'_>) {
    if scene.desk.leaving.is_empty() {
        return;
    }
    let area = Area::new(Id::unique("second-thoughts")).order(Order::Foreground);
    area.anchor(Align2::CENTER_BOTTOM, vec2(120.0, -190.0)).show(ui.ctx(), |ui| {
        for (id, at) in scene.desk.leaving.clone() {
            let frame = egui::Frame::popup(&ui.ctx().global_style()).inner_margin(egui::Margin::symmetric(14, 8));
            let left = at.saturating_duration_since(std::time::Instant::now()).as_secs() + 1;
            let undone = frame.show(ui, |ui| ui.horizontal(|ui| leaving(ui, scene, left)).inner).inner;
            if undone {
                scene.actions.push(Action::LetStand(id));
            }
        }
    });
}

/// The line about a message that is deleted in so many seconds; whether it is to stand after all.
fn leaving(ui: &mut Ui, scene: &Scene<'_>, seconds: u64) -> bool {
    ui.label(scene.w.n("retract-soon", usize::try_from(seconds).unwrap_or(0)));
    widgets::button(ui, scene.t, &scene.w.t("undo"), Weight::Other).clicked()
}

/// What is told in passing, at the bottom.
pub(crate) fn notices(ui: &Ui, scene: &mut Scene<'_>) {
    if scene.model.notices.is_empty() {
        return;
    }
    let area = Area::new(Id::unique("notices")).order(Order::Foreground);
    area.anchor(Align2::CENTER_BOTTOM, vec2(120.0, -128.0)).show(ui.ctx(), |ui| {
        for notice in &scene.model.notices {
            let frame = egui::Frame::popup(&ui.ctx().global_style()).inner_margin(egui::Margin::symmetric(14, 10));
            let closed = frame.show(ui, |ui| ui.horizontal(|ui| line(ui, scene, notice)).inner).inner;
            if closed {
                scene.actions.push(Action::DropNotices);
            }
        }
    });
    let age = ui.input(|it| it.time) - scene.desk.noticed;
    if age > NOTICE_STAYS {
        scene.actions.push(Action::DropNotices);
    } else {
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(NOTICE_STAYS - age + 0.1));
    }
}

/// Why something was refused, in the reader's words also where the core says it in its own.
pub(crate) fn refusal(scene: &Scene<'_>, error: &artel_node::client::Error) -> String {
    let key = match error.what.strip_prefix("not permitted: ").unwrap_or(&error.what) {
        "the role does not allow it" => "refused-role",
        "only leads of the team may" => "refused-lead",
        "the other one stands higher" => "refused-higher",
        "the policy forbids it" => "refused-policy",
        "the channel is put away" => "refused-archived",
        "the organisation would lose its last owner" => "refused-last-owner",
        "not a member" | "not a member of the organisation" | "is no member" => "refused-member",
        "not a moderator" => "refused-moderator",
        "no more members fit in" => "refused-full",
        "only a channel has such a rule" => "refused-rule",
        "is a member already" => "refused-in-already",
        "exists already" => "refused-exists",
        _ => return scene.w.lang.error(error),
    };
    scene.w.t(key)
}

/// One notice; whether it was closed.
fn line(ui: &mut Ui, scene: &Scene<'_>, notice: &Notice) -> bool {
    let (icon, text) = match notice {
        Notice::Failed(error) if error.kind == ErrorKind::Internal => (icons::WARNING, scene.w.t("failed")),
        Notice::Failed(error) => (icons::WARNING, refusal(scene, error)),
        Notice::Warning(key) => (icons::WARNING, scene.w.t(key)),
        Notice::Text(key) => (icons::CHECK, scene.w.t(key)),
        Notice::With(key, name) => (icons::WARNING, scene.w.with(key, "name", name)),
        Notice::Saved(path) => (icons::DOWNLOAD, scene.w.with("saved", "name", path)),
    };
    let (place, _) = ui.allocate_exact_size(vec2(22.0, 22.0), egui::Sense::hover());
    widgets::write(ui.painter(), place.center(), Align2::CENTER_CENTER, icon, fonts::icon(18.0), scene.t.accent_text);
    // A column of its own: lines after the first would begin under the sign.
    ui.vertical(|ui| {
        ui.set_max_width(480.0);
        ui.add(egui::Label::new(text).wrap());
    });
    let close = ui.add(egui::Button::new(RichText::new(icons::CLOSE).font(fonts::icon(14.0))).frame(false));
    close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, scene.w.t("close")));
    close.clicked()
}
