//! Menus: of the organisation, of a message, and the emoji to choose from.

use artel_node::client::{Channel, Message, Request};
use egui::{Id, Popup, RichText, Ui, vec2};

use super::{Scene, channel, picker};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Purpose};
use crate::homes::{self, Home};
use crate::links;
use crate::model::may;

/// Emoji in the menu of a message.
const EMOJI: [&str; 6] = ["👍", "❤️", "😄", "🎉", "👀", "✅"];

fn first_id() -> egui::Id {
    egui::Id::unique("first-of-menu")
}

/// The next menu was opened by a key: its first line takes the keyboard.
pub(crate) fn focus_first(ui: &Ui) {
    ui.data_mut(|it| it.insert_temp(first_id(), true));
}

/// One line of a menu; whether it was chosen. Closes the menu.
pub(crate) fn item(ui: &mut Ui, text: &str) -> bool {
    coloured(ui, RichText::new(text))
}

/// The same of what cannot be undone.
pub(crate) fn dangerous(ui: &mut Ui, scene: &Scene<'_>, text: &str) -> bool {
    coloured(ui, RichText::new(text).color(scene.t.danger_text))
}

fn coloured(ui: &mut Ui, text: RichText) -> bool {
    ui.set_min_width(220.0);
    let button = ui.scope(|ui| {
        // Room around the words also while it is not pointed at.
        let widgets = &mut ui.visuals_mut().widgets;
        (widgets.inactive.weak_bg_fill, widgets.inactive.bg_stroke) = (egui::Color32::TRANSPARENT, egui::Stroke::NONE);
        widgets.hovered.bg_stroke = egui::Stroke::NONE;
        ui.add(egui::Button::new(text).min_size(vec2(220.0, 30.0)))
    });
    let button = button.inner;
    if ui.data_mut(|it| it.remove_temp::<bool>(first_id())).is_some() {
        button.request_focus();
    }
    let chosen = button.clicked();
    if chosen {
        ui.close();
    }
    chosen
}

/// A menu that scrolls where the window is lower than it.
fn scrolled(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let room = ui.ctx().content_rect().height() - 32.0;
    // The bar lies beside what it scrolls, not on it.
    ui.spacing_mut().scroll.floating_allocated_width = 8.0;
    egui::ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, content);
}

/// The menu under the organisation's name.
pub(crate) fn organisation(ui: &mut Ui, scene: &mut Scene<'_>) {
    scrolled(ui, |ui| of_organisation(ui, scene));
}

fn of_organisation(ui: &mut Ui, scene: &mut Scene<'_>) {
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
    if item(ui, &w.t("saved-list")) {
        scene.actions.push(Action::Page(Page::Saved));
    }
    if item(ui, &w.t("later-list")) {
        scene.actions.push(Action::Page(Page::Later));
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
    if model.may("team") && item(ui, &w.t("new-team")) {
        scene.actions.push(Action::Dialog(Dialog::NewTeam));
    }
    ui.separator();
    if item(ui, &w.t("settings")) {
        scene.actions.push(Action::Page(Page::Settings));
    }
    if item(ui, &w.t("tour")) {
        scene.actions.push(Action::Dialog(Dialog::Tour));
    }
    if item(ui, &w.t("diagnostics")) {
        scene.actions.push(Action::Page(Page::Diagnostics));
        scene.actions.push(Action::Ask(Request::Doctor, Purpose::Doctor));
    }
    if item(ui, &w.t("lock")) {
        scene.actions.push(Action::Command(Command::Lock));
    }
    if !scene.desk.homes.can_grow() {
        return;
    }
    ui.separator();
    for home in &scene.desk.homes.others {
        if item(ui, &home_open(scene, home)) {
            homes::open(&home.path);
        }
    }
    if item(ui, &w.t("home-new")) {
        scene.actions.push(Action::Dialog(Dialog::Organisation));
    }
}

/// What opens the window of another organisation.
pub(crate) fn home_open(scene: &Scene<'_>, home: &Home) -> String {
    let name = home.name.clone().unwrap_or_else(|| scene.w.t("home-first"));
    scene.w.with("home-open", "name", &name)
}

/// The menu of a row: the other button opens it where the pointer is, Shift+F10 at the row that has the keyboard.
pub(crate) fn beside(ui: &Ui, row: &egui::Response, of: (&str, &str), content: impl FnOnce(&mut Ui)) {
    let id = Id::unique((of, row.id));
    let by_key = row.has_focus() && ui.input_mut(|it| it.consume_key(egui::Modifiers::SHIFT, egui::Key::F10));
    if by_key {
        Popup::open_id(ui.ctx(), id);
        focus_first(ui);
    }
    if by_key || row.secondary_clicked() {
        ui.data_mut(|it| it.insert_temp(id, by_key));
    }
    let mut popup = Popup::context_menu(row).id(id).close_behavior(egui::PopupCloseBehavior::CloseOnClick);
    if ui.data(|it| it.get_temp(id)).unwrap_or(false) {
        popup = popup.at_position(row.rect.left_bottom() + vec2(36.0, 0.0));
    }
    if let Some(shown) = popup.show(content) {
        // A dialog that was opened anew would lie above a menu that was there before.
        ui.ctx().move_to_top(shown.response.layer_id);
    }
}

/// The menu of a message at a row of a list: the same as in its conversation. What is done there leads there first.
pub(crate) fn elsewhere(ui: &Ui, scene: &mut Scene<'_>, row: &egui::Response, of: &Message) {
    let before = scene.actions.len();
    beside(ui, row, ("message-menu", &of.id), |ui| message(ui, scene, of, None));
    let done = scene.actions.split_off(before);
    let there = |it: &Action| {
        matches!(it, Action::Thread(_) | Action::Quote(_) | Action::Edit(_) | Action::MarkUnread(_) | Action::Select(_))
    };
    if done.iter().any(there) {
        scene.actions.push(Action::CloseDialog);
        scene.actions.push(Action::OpenAt { channel: of.channel.clone(), id: of.id.clone() });
    }
    scene.actions.extend(done);
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
        scene.actions.push(Action::Ask(Request::Mark { channel: id.clone(), until: None }, Purpose::Quiet));
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
    let public = matches!(channel.kind.as_str(), "public" | "announcement");
    if public && item(ui, &w.t("channel-leave")) {
        scene.actions.push(Action::Ask(Request::ChannelLeave { channel: id }, Purpose::Change("channel-left")));
    }
}

/// The menu of a message; of a link in it, where it was opened over one.
pub(crate) fn message(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message, link: Option<&str>) {
    scrolled(ui, |ui| {
        if let Some(link) = link
            && item(ui, &scene.w.t("do-copy-address"))
        {
            scene.actions.push(Action::Copy(link.to_owned()));
        }
        of_message(ui, scene, message);
    });
}

fn of_message(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message) {
    let w = scene.w;
    let alive = !matches!(message.state.as_str(), "retracted" | "hidden" | "newer");
    let own = message.email == scene.model.me();
    if alive {
        ui.horizontal(|ui| {
            for emoji in EMOJI {
                if picker::choice(ui, scene, emoji) {
                    react(scene, message, emoji);
                    ui.close();
                }
            }
        });
        if item(ui, &w.t("do-reply")) {
            let root = message.thread.clone().unwrap_or_else(|| message.id.clone());
            scene.actions.push(Action::Thread(Some(root)));
        }
        if item(ui, &w.t("do-quote")) {
            scene.actions.push(Action::Quote(message.id.clone()));
        }
        if item(ui, &w.t("do-forward")) {
            scene.actions.push(Action::Dialog(Dialog::Forward(message.id.clone())));
        }
        if may(&message.may, "edit") && item(ui, &w.t("do-edit")) {
            scene.actions.push(Action::Edit(Some(message.id.clone())));
        }
        let pins = may(&message.may, "pin");
        if pins && item(ui, &w.t(if message.pinned { "do-unpin" } else { "do-pin" })) {
            let pin = Request::Pin { id: message.id.clone(), remove: message.pinned };
            scene.actions.push(Action::Ask(pin, Purpose::Quiet));
        }
        let saved = scene.model.is_saved(&message.id);
        if item(ui, &w.t(if saved { "do-unsave" } else { "do-save" })) {
            scene.actions.push(Action::Save { id: message.id.clone(), on: !saved });
        }
        if item(ui, &w.t("do-unread")) {
            scene.actions.push(Action::MarkUnread(message.id.clone()));
        }
        ui.separator();
        if item(ui, &w.t("do-copy")) {
            scene.actions.push(Action::Copy(message.text.clone()));
        }
        if item(ui, &w.t("do-copy-with-author")) {
            let text = format!("{}, {}:\n{}", message.author, w.stamp(&message.sent), message.text);
            scene.actions.push(Action::Copy(text));
        }
        if item(ui, &w.t("do-copy-link")) {
            scene.actions.push(Action::Copy(links::to(&message.channel, &message.id)));
        }
        if item(ui, &w.t("do-select")) {
            scene.actions.push(Action::Select(Some((message.id.clone(), message.id.clone()))));
        }
    }
    if item(ui, &w.t("details")) {
        scene.actions.push(Action::Dialog(Dialog::Details(message.id.clone())));
    }
    if alive && may(&message.may, "retract") && dangerous(ui, scene, &w.t("do-retract")) {
        scene.actions.push(match own {
            true => Action::RetractSoon(message.id.clone()),
            false => Action::Dialog(Dialog::Retract(message.id.clone())),
        });
    }
}

/// Adds a reaction, or takes the same one away.
pub(crate) fn react(scene: &mut Scene<'_>, message: &Message, emoji: &str) {
    let own = message.reactions.get(emoji).is_some_and(|it| it.iter().any(|who| who == scene.model.me()));
    scene.actions.push(Action::React { id: message.id.clone(), emoji: emoji.to_owned(), remove: own });
}
