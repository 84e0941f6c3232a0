//! Looking for something in the open place: a line above the conversation, hits one after another.

use egui::{Id, Key, Modifiers, Rect, Stroke, TextEdit, Ui, UiBuilder, WidgetInfo, vec2};

use super::Scene;
use crate::action::Action;
use crate::widgets::icon_button;
use crate::{fonts, icons};

/// Height of the line.
pub(crate) const HEIGHT: f32 = 48.0;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, place: Rect) {
    let Some((mut text, at)) = scene.desk.find.clone() else { return };
    ui.painter().rect_filled(place, 0, scene.t.sidebar);
    ui.painter().hline(place.x_range(), place.bottom() - 0.5, Stroke::new(1.0, scene.t.border));
    let id = Id::unique("find");
    let focused = ui.memory(|it| it.has_focus(id));
    let pressed = |modifiers, key| focused && ui.input_mut(|it| it.consume_key(modifiers, key));
    let back = pressed(Modifiers::SHIFT, Key::Enter) || pressed(Modifiers::NONE, Key::ArrowUp);
    let on = !back && (pressed(Modifiers::NONE, Key::Enter) || pressed(Modifiers::NONE, Key::ArrowDown));
    let close = pressed(Modifiers::NONE, Key::Escape);
    let field =
        Rect::from_min_size(place.min + vec2(20.0, 8.0), vec2((place.width() - 220.0).clamp(120.0, 420.0), 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(field).id_salt("find"));
    let name = scene.w.t("find-hint");
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(fonts::text(14.0))
        .hint_text(&name)
        .margin(egui::Margin::symmetric(10, 6))
        .desired_width(field.width() - 22.0)
        .event_filter(egui::EventFilter { escape: true, vertical_arrows: true, ..egui::EventFilter::default() });
    let response = child.add(edit);
    let shown = text.clone();
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, &shown, &shown, "");
        info.label = Some(name.clone());
        info
    });
    heed(scene, &response, &text);
    let hits = &scene.model.found_here;
    let count = if hits.query == text { hits.messages.len() } else { 0 };
    let button = |x: f32| Rect::from_center_size(egui::pos2(x, place.center().y), vec2(32.0, 32.0));
    let mut x = field.right() + 90.0;
    let mut next = at;
    let up =
        count > 1 && icon_button(ui, scene.t, button(x), (icons::ARROW_UP, &scene.w.t("find-before")), false).clicked();
    x += 34.0;
    let down = count > 1
        && icon_button(ui, scene.t, button(x), (icons::ARROW_DOWN, &scene.w.t("find-after")), false).clicked();
    // Up goes to older ones; the newest is the first.
    if up || on {
        next = if at < count { at + 1 } else { 1 };
    } else if down || back {
        next = if at > 1 { at - 1 } else { count };
    }
    let words = match (text.trim().is_empty(), count, hits.refused.as_ref().filter(|_| hits.query == text)) {
        (true, ..) => String::new(),
        (false, 0, Some(error)) => super::search::refused(scene.w, error),
        (false, 0, None) if hits.query == text => scene.w.t("find-none"),
        (false, ..) => format!("{} / {count}", next.min(count)),
    };
    let label = egui::pos2(field.right() + 14.0, place.center().y);
    let room = if count > 1 { 70.0 } else { place.right() - 56.0 - label.x };
    crate::widgets::write_cut(ui.painter(), label, room, &words, fonts::text(13.0), scene.t.text2);
    heard(ui, label, &words);
    let shut =
        icon_button(ui, scene.t, button(place.right() - 30.0), (icons::CLOSE, &scene.w.t("close")), false).clicked();
    if (on || back || up || down)
        && let Some(hit) = hits.messages.get(next.saturating_sub(1)).filter(|_| count > 0)
    {
        go_to(scene.actions, hit);
        response.request_focus();
    }
    scene.desk.find = Some((text, next));
    if close || shut {
        scene.actions.push(Action::Find(false));
    }
}

/// What a screen reader says of the hits.
fn heard(ui: &Ui, at: egui::Pos2, words: &str) {
    let place = Rect::from_center_size(at, vec2(4.0, 4.0));
    let response = ui.interact(place, Id::unique("find-count"), egui::Sense::empty());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, words));
}

/// Shows a hit in its place, a reply in its thread.
fn go_to(actions: &mut Vec<Action>, hit: &artel_node::client::Message) {
    actions.push(Action::OpenAt { channel: hit.channel.clone(), id: hit.id.clone() });
}

/// What follows from the field: its menu, the keyboard when it has just opened, a search for what was typed.
fn heed(scene: &mut Scene<'_>, response: &egui::Response, text: &str) {
    crate::text_menu::of(response, text);
    if std::mem::take(&mut scene.desk.focus_first) {
        response.request_focus();
    }
    if response.changed() {
        scene.actions.push(Action::FindText(text.to_owned()));
    }
}
