//! All channels that there are for this person: what they are about, to enter and to leave.

use artel_node::client::{Channel, Request};
use egui::{Align2, Rect, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::Scene;
use crate::action::{Action, Dialog};
use crate::bridge::Purpose;
use crate::model::is_channel;
use crate::widgets::{self, Weight};
use crate::{fonts, icons, wrong_layout};

/// A fit in which the letters stand together: in a sentence any letters can be found.
const WHOLE: u32 = 59;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("channels-all");
    super::page(ui, scene, &title, |ui, scene| {
        let field = widgets::field(ui, scene.t, &scene.w.t("channels-search"), &mut scene.desk.channels, false);
        super::first_of_page(scene, &field);
        ui.horizontal(|ui| {
            if scene.model.creates() && widgets::button(ui, scene.t, &scene.w.t("new-channel"), Weight::Other).clicked()
            {
                scene.desk.forms.team = None;
                scene.actions.push(Action::Dialog(Dialog::NewChannel));
            }
            let text = RichText::new(rights(scene)).font(fonts::text(13.0)).color(scene.t.text2);
            ui.add(egui::Label::new(text).wrap());
        });
        ui.add_space(8.0);
        let typed = scene.desk.channels.clone();
        let fits = |it: &Channel| {
            let topic = it.topic.as_deref().unwrap_or_default();
            wrong_layout::fit(&typed, &it.name).or_else(|| wrong_layout::fit(&typed, topic).filter(|it| WHOLE <= *it))
        };
        let model = scene.model;
        let mut channels: Vec<&Channel> =
            model.browse.iter().filter(|it| is_channel(it) && fits(it).is_some()).collect();
        channels.sort_by_key(|it| (it.kind == "archived", it.team.clone(), it.name.to_lowercase()));
        let mut group = None;
        for channel in &channels {
            let of = match (channel.kind.as_str(), &channel.team) {
                ("archived", _) => scene.w.t("archived"),
                (_, Some(team)) => team.clone(),
                (_, None) => scene.w.t("channel-whole"),
            };
            if group.as_ref() != Some(&of) {
                ui.add_space(10.0);
                ui.label(RichText::new(&of).font(fonts::semibold(13.0)).color(scene.t.text2));
                group = Some(of);
            }
            row(ui, scene, channel);
        }
        if channels.is_empty() {
            ui.label(scene.w.t("palette-empty"));
        }
    });
}

/// Who may make public channels here.
pub(crate) fn rights(scene: &Scene<'_>) -> String {
    scene.w.t(match scene.model.rule("create_public") {
        Some("admins") => "rights-create-admins",
        Some("leads") => "rights-create-leads",
        _ => "rights-create-members",
    })
}

/// The sign before the name of a channel.
pub(crate) fn sign(kind: &str) -> &'static str {
    match kind {
        "private" => icons::LOCK,
        "group" | "direct" => icons::GROUP,
        "announcement" => icons::MEGAPHONE,
        "archived" => icons::ARCHIVE,
        _ => icons::HASH,
    }
}

fn row(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    let (t, w) = (scene.t, scene.w);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::click());
    let members = w.n("members", usize::try_from(channel.members).unwrap_or(usize::MAX));
    let name = w.with("channel-look", "name", &channel.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let p = ui.painter().clone();
    if response.hovered() {
        p.rect_filled(rect, 8, t.hover);
    }
    widgets::focus_ring(ui, &response, 8, t);
    let at = rect.left_center() + vec2(24.0, 0.0);
    widgets::write(&p, at, Align2::CENTER_CENTER, sign(&channel.kind), fonts::icon(20.0), t.text2);
    let room = (rect.width() - 220.0).max(80.0);
    widgets::write_cut(
        &p,
        pos2(rect.left() + 48.0, rect.center().y - 9.0),
        room,
        &channel.name,
        fonts::medium(14.5),
        t.text,
    );
    let about = match channel.topic.as_deref().filter(|it| !it.is_empty()) {
        Some(topic) => format!("{members} · {topic}"),
        None => members,
    };
    widgets::write_cut(&p, pos2(rect.left() + 48.0, rect.center().y + 10.0), room, &about, fonts::text(12.5), t.text3);
    if response.clicked() {
        open(scene, channel);
    }
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(Rect::from_min_max(pos2(rect.right() - 160.0, rect.top() + 8.0), rect.max - vec2(8.0, 8.0)))
            .layout(egui::Layout::right_to_left(egui::Align::Center))
            .id_salt(&channel.id),
    );
    let (key, weight) = if channel.left { ("channel-join", Weight::Main) } else { ("channel-leave", Weight::Other) };
    let button = child.add_enabled_ui(true, |ui| widgets::button(ui, t, &w.t(key), weight)).inner;
    let label = format!("{}: {}", w.t(key), channel.name);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    if button.clicked() {
        let id = channel.id.clone();
        match (channel.left, channel.kind.as_str()) {
            (true, _) => ask(scene, Request::ChannelJoin { channel: id }, "channel-joined"),
            // There is no way back into a private one by oneself.
            (false, "private") => scene.actions.push(Action::Dialog(Dialog::Channel(id))),
            (false, _) => ask(scene, Request::ChannelLeave { channel: id }, "channel-left"),
        }
    }
}

fn ask(scene: &mut Scene<'_>, request: Request, said: &'static str) {
    scene.actions.push(Action::Ask(request, Purpose::Change(said)));
    scene.actions.push(Action::Ask(Request::ChannelBrowse, Purpose::Browse));
}

/// Shows a channel; one that was left is entered first.
fn open(scene: &mut Scene<'_>, channel: &Channel) {
    if channel.left {
        ask(scene, Request::ChannelJoin { channel: channel.id.clone() }, "channel-joined");
    }
    scene.actions.push(Action::Open(channel.id.clone()));
}
