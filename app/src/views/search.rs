//! Searching in everything that this device can read.

use std::ops::Range;

use artel_node::client::{Error, ErrorKind, Message, Request, Unread};
use artel_node::search::filter::{self, Operator};
use artel_node::search::passage::Passage;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Key, Painter, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{Scene, face, menu};
use crate::action::Action;
use crate::fonts;
use crate::theme::Tokens;
use crate::timeline::row::shown_text;
use crate::widgets::{self, Weight};
use crate::words::Words;

/// Operators of the search, by the key of their words: each is put behind what is typed.
const OPERATORS: [&str; 10] = [
    "search-from",
    "search-in",
    "search-after",
    "search-before",
    "search-file",
    "search-picture",
    "search-link",
    "search-reaction",
    "search-pinned",
    "search-saved",
];

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("search-messages");
    super::page(ui, scene, &title, |ui, scene| {
        let field = widgets::field(ui, scene.t, &scene.w.t("search-what"), &mut scene.desk.search, false);
        super::first_of_page(scene, &field);
        let added = operators(ui, scene, &field);
        let query = scene.desk.search.trim().to_owned();
        let enter = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
        if !query.is_empty() && (enter || added || field.changed()) {
            scene.actions.push(Action::Search(query.clone()));
        }
        ui.add_space(10.0);
        let found = &scene.model.found;
        if query.is_empty() || found.query.is_empty() {
            ui.label(egui::RichText::new(scene.w.t("search-narrow")).color(scene.t.text2));
            return;
        }
        if let Some(error) = found.refused.as_ref().filter(|_| found.query == query) {
            ui.label(egui::RichText::new(refused(scene.w, error)).color(scene.t.danger_text));
            return;
        }
        if found.messages.is_empty() && found.query == query {
            ui.label(scene.w.t("found-none"));
            ui.label(egui::RichText::new(scene.w.t("search-narrow")).color(scene.t.text2));
        }
        for (message, part) in found.messages.iter().zip(&found.parts) {
            hit_of(ui, scene, message, &Shown::Part(part));
        }
        if found.is_cut() && widgets::button(ui, scene.t, &scene.w.t("search-more"), Weight::Other).clicked() {
            scene.actions.push(Action::SearchMore);
        }
    });
}

/// The operators, one button each; whether one was put behind what is typed.
fn operators(ui: &mut Ui, scene: &mut Scene<'_>, field: &egui::Response) -> bool {
    let mut added = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for key in OPERATORS {
            let operator = scene.w.t(key);
            let text = egui::RichText::new(&operator).font(fonts::text(12.5)).color(scene.t.text2);
            let response = ui.add(egui::Button::new(text).corner_radius(12).fill(scene.t.raised));
            widgets::focus_ring(ui, &response, 12, scene.t);
            if response.clicked() {
                let typed = scene.desk.search.trim();
                let gap = if typed.is_empty() { "" } else { " " };
                scene.desk.search = format!("{typed}{gap}{operator}");
                let mut state = egui::text_edit::TextEditState::load(ui.ctx(), field.id).unwrap_or_default();
                let end = egui::text::CCursor::new(scene.desk.search.chars().count());
                state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
                state.store(ui.ctx(), field.id);
                field.request_focus();
                added = true;
            }
        }
    });
    added
}

/// Why nothing was looked for, in words.
pub(crate) fn refused(w: &Words, error: &Error) -> String {
    let (typed, several) = error.what.split_once(" — ").unwrap_or((&error.what, ""));
    let Some((operator, value)) = filter::read(typed) else { return w.lang.error(error) };
    match (error.kind, operator) {
        (ErrorKind::NotFound, Operator::In) => w.with("search-nowhere", "name", value),
        (ErrorKind::NotFound, _) => w.with("search-nobody", "name", value),
        (ErrorKind::Ambiguous, _) => w.with("search-several", "names", several),
        (ErrorKind::Usage, Operator::Has) => w.t("search-has"),
        (ErrorKind::Usage, Operator::Is) => w.t("search-is"),
        (ErrorKind::Usage, _) => w.with("search-day", "name", value),
        _ => w.lang.error(error),
    }
}

/// A message somewhere else; a click goes there.
pub(crate) fn hit(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message) {
    hit_of(ui, scene, message, &Shown::Whole);
}

/// What of a message is shown.
enum Shown<'a> {
    /// Its text from the beginning.
    Whole,
    /// The part in which something was found.
    Part(&'a Passage),
    /// Its text from the beginning, and the replies under it.
    Thread,
}

fn hit_of(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message, what: &Shown<'_>) {
    let t = scene.t;
    let thread = matches!(what, Shown::Thread);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 64.0), Sense::click());
    let place = scene.model.title(&message.channel);
    let (text, marks) = match what {
        Shown::Part(part) if message.kind.is_empty() => (part.text.clone(), part.marks.as_slice()),
        _ => (shown(scene, message), &[][..]),
    };
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
    write_marked(p, at, room, (&text, marks), t);
    menu::elsewhere(ui, scene, &response, message);
    if response.clicked() {
        scene.actions.push(Action::OpenAt { channel: message.channel.clone(), id: message.id.clone() });
        if thread {
            scene.actions.push(Action::Thread(Some(message.id.clone())));
        }
        scene.actions.push(Action::CloseDialog);
    }
}

/// A place where something waits, with its newest message as far as that is known; a click goes there.
pub(crate) fn waiting(ui: &mut Ui, scene: &mut Scene<'_>, unread: &Unread) {
    let (t, model) = (scene.t, scene.model);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 64.0), Sense::click());
    let place = model.title(&unread.id);
    let count = if 0 < unread.mentions { unread.mentions } else { unread.unread };
    let said = scene.w.n("unread", usize::try_from(count).unwrap_or(usize::MAX));
    let last = model.waiting.get(&unread.id);
    let (other, text) = (model.other(&unread.id), last.map(|it| shown(scene, it)).unwrap_or_default());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{place}, {said}: {text}")));
    let p = ui.painter();
    if response.hovered() {
        p.rect_filled(rect, 8, t.hover);
    }
    widgets::focus_ring(ui, &response, 8, t);
    let square = Rect::from_min_size(rect.min + vec2(10.0, 12.0), Vec2::splat(36.0));
    let who = other.map(|it| it.email.as_str()).or(last.map(|it| it.email.as_str())).unwrap_or_default();
    face::paint(p, (t, model), scene.actions, square, who);
    let (x, right) = (square.right() + 12.0, rect.right() - 52.0);
    let at = pos2(x, rect.top() + 21.0);
    let name = widgets::write_cut(p, at, (right - x) * 0.6, &place, fonts::semibold(14.0), t.text);
    if let Some(last) = last {
        let at = pos2(name.right() + 10.0, at.y);
        widgets::write_cut(p, at, right - at.x, &scene.w.stamp(&last.sent), fonts::text(12.0), t.text3);
        // In a place of two it is the other one.
        let text = if other.is_some() { text } else { format!("{}: {text}", last.author) };
        widgets::write_cut(p, pos2(x, rect.top() + 43.0), right - x, &text, fonts::text(14.0), t.text2);
    }
    widgets::badge(p, rect.right_center() - vec2(12.0, 0.0), count, t.danger, t.on_accent);
    if response.clicked() {
        scene.actions.push(Action::Open(unread.id.clone()));
    }
}

/// What is seen of a message in one line; of files without words their names.
fn shown(scene: &Scene<'_>, message: &Message) -> String {
    let text = shown_text(message, scene.w);
    let names = || message.files.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
    scene.model.in_one_line(&if text.trim().is_empty() { names() } else { text })
}

/// One line with what was found made to stand out.
fn write_marked(p: &Painter, left_center: Pos2, width: f32, (text, marks): (&str, &[Range<usize>]), t: &Tokens) {
    let plain = TextFormat::simple(fonts::text(14.0), t.text2);
    let found = TextFormat { background: t.mention, ..TextFormat::simple(fonts::semibold(14.0), t.text) };
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(width.max(0.0)), ..LayoutJob::default() };
    let mut at = 0;
    for mark in marks {
        job.append(text.get(at..mark.start).unwrap_or_default(), 0.0, plain.clone());
        job.append(text.get(mark.clone()).unwrap_or_default(), 0.0, found.clone());
        at = mark.end;
    }
    job.append(text.get(at..).unwrap_or_default(), 0.0, plain);
    let galley = p.layout_job(job);
    p.galley(pos2(left_center.x, left_center.y - galley.size().y / 2.0), galley, t.text2);
}

/// A thread with its replies; a click opens it.
pub(crate) fn thread(ui: &mut Ui, scene: &mut Scene<'_>, message: &Message) {
    hit_of(ui, scene, message, &Shown::Thread);
}

/// The request behind a search.
pub(crate) fn request(query: &str, limit: u32) -> Request {
    Request::Search { query: query.to_owned(), limit }
}
