//! Searching in everything that this device can read.

use artel_node::client::{Message, Request};
use egui::{Key, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::Scene;
use crate::action::Action;
use crate::fonts;
use crate::timeline::markdown;
use crate::widgets;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("search-messages");
    super::page(ui, scene, &title, |ui, scene| {
        let field = widgets::field(ui, scene.t, &scene.w.t("search-what"), &mut scene.desk.search, false);
        if std::mem::take(&mut scene.desk.focus_first) {
            field.request_focus();
        }
        let query = scene.desk.search.trim().to_owned();
        let enter = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
        if !query.is_empty() && (enter || field.changed()) {
            scene.actions.push(Action::Search(query.clone()));
        }
        let found = &scene.model.found;
        if query.is_empty() || found.query.is_empty() {
            return;
        }
        if found.messages.is_empty() && found.query == query {
            ui.label(scene.w.t("found-none"));
        }
        for message in &found.messages {
            hit(ui, scene, message);
        }
    });
}

/// A message somewhere else; a click goes there.
pub(crate) fn hit(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message) {
    hit_of(ui, scene, message, false);
}

fn hit_of(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message, thread: bool) {
    let t = scene.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 64.0), Sense::click());
    let place = scene.model.title(&message.channel);
    let text = in_one_line(scene, &message.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{place}, {}: {text}", message.author)));
    let p = ui.painter();
    if response.hovered() {
        p.rect_filled(rect, 8, t.hover);
    }
    widgets::focus_ring(ui, &response, 8, t);
    let face = Rect::from_min_size(rect.min + vec2(10.0, 12.0), Vec2::splat(36.0));
    widgets::avatar(p, t, face, &message.email, &message.author);
    let (x, room) = (face.right() + 12.0, rect.width() - 76.0);
    let at = pos2(x, rect.top() + 21.0);
    let name = widgets::write_cut(p, at, room * 0.5, &message.author, fonts::semibold(14.0), t.text);
    let replies = message.replies.as_ref().filter(|_| thread);
    let about = match replies {
        Some(it) => {
            let count = scene.w.n("replies", usize::try_from(it.count).unwrap_or(usize::MAX));
            let last = scene.w.with("last-reply", "when", &scene.w.stamp(&it.last));
            format!("{place} · {count}, {last}")
        }
        None => format!("{place} · {}", scene.w.stamp(&message.sent)),
    };
    if let Some(unread) = replies.map(|it| it.unread).filter(|it| 0 < *it) {
        widgets::badge(p, rect.right_center() - vec2(12.0, 0.0), unread, t.accent, t.on_accent);
    }
    let at = pos2(name.right() + 10.0, at.y);
    widgets::write_cut(p, at, rect.right() - at.x - 10.0, &about, fonts::text(12.0), t.text3);
    let at = pos2(x, rect.top() + 43.0);
    widgets::write_cut(p, at, room, &text, fonts::text(14.0), t.text2);
    if response.clicked() {
        let shown = message.thread.clone().unwrap_or_else(|| message.id.clone());
        scene.actions.push(Action::OpenAt { channel: message.channel.clone(), id: shown });
        let root = message.thread.clone().or_else(|| thread.then(|| message.id.clone()));
        if root.is_some() {
            scene.actions.push(Action::Thread(root));
        }
        scene.actions.push(Action::CloseDialog);
    }
}

/// A message in one line, with names in the place of addresses.
fn in_one_line(scene: &Scene<'_>, text: &str) -> String {
    let text = markdown::harmless(text).replace('\n', " ");
    let named = |word: &str| {
        let email = word.strip_prefix('@')?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        let person = scene.model.person(email)?;
        Some(word.replacen(email, &person.name, 1))
    };
    text.split(' ').map(|it| named(it).unwrap_or_else(|| it.to_owned())).collect::<Vec<_>>().join(" ")
}

/// A thread with its replies; a click opens it.
pub(crate) fn thread(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message) {
    hit_of(ui, scene, message, true);
}

/// The request behind a search.
pub(crate) fn request(query: &str) -> Request {
    Request::Search { query: query.to_owned(), limit: 50 }
}
