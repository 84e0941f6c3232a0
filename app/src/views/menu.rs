//! Menus: of the organisation, of a message, and the emoji to choose from.

use artel_node::client::{Channel, Message, Request};
use egui::{Role, Ui, WidgetInfo, vec2};

use super::{Scene, channel};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Purpose};
use crate::fonts;

/// Emoji at hand; the first six stand in the menu of a message.
pub(crate) const EMOJI: [&str; 48] = [
    "👍", "❤️", "😄", "🎉", "👀", "✅", "🙏", "🔥", "👏", "💯", "🚀", "😅", "😂", "🤔", "😢", "😮", "👎", "❌", "⚠️",
    "❓", "👋", "🤝", "💪", "☕", "📌", "📎", "📅", "⏰", "💡", "🐛", "🔧", "📦", "📈", "💰", "🧾", "🖨️", "🎂", "🌞",
    "🌧️", "🍕", "🙈", "😎", "🥳", "😴", "🤷", "🤦", "👌", "➕",
];

/// One line of a menu; whether it was chosen. Closes the menu.
pub(crate) fn item(ui: &mut Ui, text: &str) -> bool {
    ui.set_min_width(220.0);
    let chosen = ui.add(egui::Button::new(text).frame_when_inactive(false).min_size(vec2(220.0, 30.0))).clicked();
    if chosen {
        ui.close();
    }
    chosen
}

/// The menu under the organisation's name.
pub(crate) fn organisation(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (model, w) = (scene.model, scene.w);
    if item(ui, &w.t("people")) {
        scene.actions.push(Action::Page(Page::People));
    }
    if item(ui, &w.t("channels-all")) {
        scene.actions.push(Action::Page(Page::Channels));
    }
    if item(ui, &w.t("inbox")) {
        scene.actions.push(Action::Page(Page::Inbox));
    }
    if model.invites() {
        if item(ui, &w.t("invite")) {
            scene.actions.push(Action::Dialog(Dialog::Invite));
        }
        if item(ui, &w.n("pending-count", model.pending.len())) {
            scene.actions.push(Action::Dialog(Dialog::Pending));
            scene.actions.push(Action::Ask(Request::Pending, Purpose::Pending));
        }
    }
    if model.governs() && item(ui, &w.t("new-team")) {
        scene.actions.push(Action::Dialog(Dialog::NewTeam));
    }
    ui.separator();
    if item(ui, &w.t("settings")) {
        scene.actions.push(Action::Page(Page::Settings));
    }
    if item(ui, &w.t("diagnostics")) {
        scene.actions.push(Action::Page(Page::Diagnostics));
        scene.actions.push(Action::Ask(Request::Doctor, Purpose::Doctor));
    }
    if item(ui, &w.t("lock")) {
        scene.actions.push(Action::Command(Command::Lock));
    }
}

/// The menu of a place in the list.
pub(crate) fn place(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    let (w, id) = (scene.w, channel.id.clone());
    if item(ui, &w.t(if channel.favourite { "favourite-off" } else { "favourite" })) {
        scene.actions.push(channel::favourite(&id, !channel.favourite));
    }
    let muted = channel.level == "nothing";
    if item(ui, &w.t(if muted { "unmute" } else { "mute" })) {
        scene.actions.push(channel::level_of(&id, if muted { "all" } else { "nothing" }));
    }
    if !muted && item(ui, &w.t(if channel.level == "mentions" { "level-all" } else { "level-mentions" })) {
        scene.actions.push(channel::level_of(&id, if channel.level == "mentions" { "all" } else { "mentions" }));
    }
    if item(ui, &w.t("mark-read")) {
        scene.actions.push(Action::Ask(Request::Mark { channel: id.clone() }, Purpose::Quiet));
    }
    ui.separator();
    if let Some(person) = scene.model.other(&id)
        && item(ui, &w.t("person-show"))
    {
        scene.actions.push(Action::Dialog(Dialog::Person(person.email.clone())));
    }
    if channel.kind != "direct" && item(ui, &w.t("channel-members")) {
        let request = Request::ChannelMembers { channel: id.clone() };
        scene.actions.push(Action::Ask(request, Purpose::Members(id.clone())));
        scene.actions.push(Action::Dialog(Dialog::Members(id.clone())));
    }
    if item(ui, &w.t("channel-settings")) {
        scene.actions.push(Action::Dialog(Dialog::Channel(id.clone())));
    }
    let public = matches!(channel.kind.as_str(), "public" | "announcement" | "archived");
    if public && item(ui, &w.t("channel-leave")) {
        scene.actions.push(Action::Ask(Request::ChannelLeave { channel: id }, Purpose::Change("channel-left")));
    }
}

/// The menu of a message.
pub(crate) fn message(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message) {
    let w = scene.w;
    let alive = !matches!(message.state.as_str(), "retracted" | "hidden" | "newer");
    let own = message.email == scene.model.me();
    if alive {
        ui.horizontal(|ui| {
            for emoji in EMOJI.iter().take(6) {
                if choice(ui, scene, emoji) {
                    react(scene, message, emoji);
                    ui.close();
                }
            }
        });
        if item(ui, &w.t("do-reply")) {
            let root = message.thread.clone().unwrap_or_else(|| message.id.clone());
            scene.actions.push(Action::Thread(Some(root)));
        }
        if own && item(ui, &w.t("do-edit")) {
            scene.actions.push(Action::Edit(Some(message.id.clone())));
        }
        if item(ui, &w.t(if message.pinned { "do-unpin" } else { "do-pin" })) {
            let pin = Request::Pin { id: message.id.clone(), remove: message.pinned };
            scene.actions.push(Action::Ask(pin, Purpose::Quiet));
        }
        if item(ui, &w.t("do-copy")) {
            scene.actions.push(Action::Copy(message.text.clone()));
        }
        if item(ui, &w.t("do-copy-with-author")) {
            let text = format!("{}, {}:\n{}", message.author, w.stamp(&message.sent), message.text);
            scene.actions.push(Action::Copy(text));
        }
    }
    if item(ui, &w.t("details")) {
        scene.actions.push(Action::Dialog(Dialog::Details(message.id.clone())));
    }
    if alive && (own || scene.model.governs()) && item(ui, &w.t("do-retract")) {
        scene.actions.push(Action::Dialog(Dialog::Retract(message.id.clone())));
    }
}

/// Adds a reaction, or takes the same one away.
pub(crate) fn react(scene: &mut Scene<'_>, message: &Message, emoji: &str) {
    let own = message.reactions.get(emoji).is_some_and(|it| it.iter().any(|who| who == scene.model.me()));
    scene.actions.push(Action::React { id: message.id.clone(), emoji: emoji.to_owned(), remove: own });
}

/// An emoji to be clicked.
fn choice(ui: &mut Ui, scene: &Scene<'_>, emoji: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(32.0, 32.0), egui::Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, emoji));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 8, scene.t.selected);
    }
    let (font, color) = (fonts::emoji(19.0), scene.t.text);
    crate::widgets::write(ui.painter(), rect.center(), egui::Align2::CENTER_CENTER, emoji, font, color);
    response.clicked()
}

/// All emoji at hand; the one chosen.
pub(crate) fn emoji(ui: &mut Ui, scene: &Scene<'_>) -> Option<&'static str> {
    let mut chosen = None;
    ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
    for row in EMOJI.chunks(8) {
        ui.horizontal(|ui| {
            for emoji in row {
                if choice(ui, scene, emoji) {
                    chosen = Some(*emoji);
                    ui.close();
                }
            }
        });
    }
    chosen
}
