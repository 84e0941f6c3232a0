//! Where one writes: the composer of a place, of a thread, and of a message that is edited.

mod marks;
mod paint;

use egui::epaint::StrokeKind;
use egui::{
    Align2, Event, EventFilter, Frame, Id, Key, KeyboardShortcut, Modifiers, Popup, Rect, Role, Sense, Stroke,
    TextEdit, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{Scene, complete};
use crate::action::Action;
use crate::desk::Desk;
use crate::drafts::Key as DraftKey;
use crate::shortcuts::{self, Does};
use crate::widgets::{self, icon_button};
use crate::{fonts, icons, text_menu};

/// Lines that are shown before the text scrolls.
const LINES_MAX: usize = 8;

/// Where what is written goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Channel(String),
    Thread,
}

/// The id of the text, for the keyboard.
/// Each text has its own: what is taken back in one does not come from another.
pub(crate) fn id(desk: &Desk, thread: bool) -> Id {
    let key = desk.key(thread);
    Id::unique(("composer", thread, key.place, key.thread, desk.edited(thread).map(|it| &it.id)))
}

impl Place {
    fn is_thread(&self) -> bool {
        *self == Self::Thread
    }
}

/// How high the composer of the open place is now, or that of the open thread.
pub(crate) fn height(scene: &Scene<'_>, thread: bool, width: f32) -> f32 {
    let text = match scene.desk.edited(thread) {
        Some(edited) => edited.text.as_str(),
        None => scene.desk.drafts.get(&scene.desk.key(thread)),
    };
    92.0 + lines(text, width) * 20.0 + above(scene, thread)
}

/// Room for a line above the text: what is edited, or what another device keeps.
fn above(scene: &Scene<'_>, thread: bool) -> f32 {
    let lines = scene.desk.edited(thread).is_some() || scene.desk.drafts.offer(&scene.desk.key(thread)).is_some();
    if lines { 26.0 } else { 0.0 }
}

/// Lines of a text in a composer, about.
fn lines(text: &str, width: f32) -> f32 {
    let a_line = ((width - 80.0) / 8.0).max(10.0) as usize;
    let count: usize = text.split('\n').map(|it| 1 + it.chars().count() / a_line).sum();
    count.clamp(1, LINES_MAX) as f32 - 1.0
}

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, place: Place) {
    let t = scene.t;
    let editing = scene.desk.edited(place.is_thread()).is_some();
    let mut frame = Rect::from_min_max(rect.min + vec2(20.0, 4.0), rect.max - vec2(20.0, 16.0));
    if editing {
        let at = frame.left_top() + vec2(4.0, 9.0);
        widgets::write(ui.painter(), at, Align2::LEFT_CENTER, &scene.w.t("editing"), fonts::text(12.0), t.text2);
        frame.min.y += 26.0;
    }
    let id = id(scene.desk, place.is_thread());
    let focused = ui.memory(|it| it.has_focus(id));
    if focused {
        scene.desk.in_thread = place.is_thread();
    }
    if !editing && offer(ui, scene, &place, frame) {
        frame.min.y += 26.0;
    }
    let edge = if focused { Stroke::new(1.5, t.accent) } else { Stroke::new(1.0, t.border_strong) };
    ui.painter().rect(frame, 12, t.input, edge, StrokeKind::Inside);
    let mut text = take_text(scene, &place, editing);
    let cursor = focused.then(|| cursor(ui, id)).flatten();
    let here = scene.desk.open.clone().unwrap_or_default();
    if focused && let Some(done) = complete::show(ui, scene, (&text, cursor), &here, frame) {
        let (put, at) = complete::put(&text, &done.word, &done.put);
        text = put;
        place_cursor(ui, id, at);
    }
    if focused {
        mark(ui, id, &mut text);
    }
    let wants_send = focused && take_send_key(ui, scene.settings.enter_sends);
    if focused && text.is_empty() && !editing {
        let pressed = |modifiers| ui.input_mut(|it| it.consume_key(modifiers, Key::ArrowUp));
        match place {
            Place::Channel(_) if pressed(Modifiers::SHIFT) => scene.actions.push(Action::ReplyLast),
            _ if pressed(Modifiers::NONE) => scene.actions.push(Action::EditLast { thread: place.is_thread() }),
            _ => {}
        }
    }
    let writing = Rect::from_min_max(frame.min + vec2(14.0, 9.0), frame.max - vec2(14.0, 44.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(writing).id_salt(id));
    egui::ScrollArea::vertical().id_salt(id).auto_shrink(false).show(&mut child, |ui| {
        edit(ui, scene, &place, editing, &mut text);
    });
    let send = tools(ui, scene, frame, &place, &mut text);
    let keep = files_place(scene, &place);
    // Let fall on the window: into the thread while one writes there, else into the place.
    if focused || matches!(place, Place::Channel(_)) && !ui.memory(|it| it.has_focus(self::id(scene.desk, true))) {
        super::attach::incoming(ui, scene, &keep, focused);
    }
    // An edit that leaves nothing is a question.
    let something = editing || !text.trim().is_empty() || has_files(scene, &place);
    put_text(scene, &place, editing, text);
    if (wants_send || send) && something {
        scene.actions.push(Action::Send { thread: place.is_thread() });
    }
}

fn edit(ui: &mut Ui, scene: &mut Scene<'_>, place: &Place, editing: bool, text: &mut String) {
    let hint = match place {
        Place::Thread => scene.w.t("reply-hint"),
        Place::Channel(open) => scene.w.with("message-hint", "name", &scene.model.title(open)),
    };
    let newline = match scene.settings.enter_sends {
        true => KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter),
        false => KeyboardShortcut::new(Modifiers::NONE, Key::Enter),
    };
    let id = id(scene.desk, place.is_thread());
    let (model, t) = (scene.model, scene.t);
    let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| {
        ui.fonts_mut(|it| it.layout_job(paint::job(text.as_str(), model, t, width)))
    };
    let edit = TextEdit::multiline(text)
        .id(id)
        .layouter(&mut layouter)
        .frame(Frame::NONE)
        .font(fonts::text(14.5))
        .hint_text(egui::RichText::new(&hint).color(scene.t.text3).font(fonts::text(14.5)))
        .desired_width(f32::INFINITY)
        .desired_rows(1)
        .return_key(newline)
        .event_filter(EventFilter {
            tab: scene.desk.completion.open,
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: scene.desk.completion.open,
        });
    let response = ui.add(edit);
    text_menu::of(&response, text);
    let name = if editing { scene.w.t("editing-label") } else { hint };
    let shown = text.clone();
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, &shown, &shown, "");
        info.label = Some(name.clone());
        info
    });
    let wanted = match place {
        Place::Channel(_) => &mut scene.desk.focus_composer,
        Place::Thread => &mut scene.desk.focus_thread,
    };
    if std::mem::take(wanted) {
        response.request_focus();
        if std::mem::take(&mut scene.desk.cursor_to_end) {
            place_cursor(ui, id, text.chars().count());
        }
    }
}

/// What is selected becomes bold or italic, or no longer.
fn mark(ui: &Ui, id: Id, text: &mut String) {
    for does in shortcuts::read(ui.ctx(), |it| matches!(it, Does::Bold | Does::Italic)) {
        let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        let end = text.chars().count();
        let range = state.cursor.char_range().map_or(end..end, |it| {
            let range = it.as_sorted_char_range();
            range.start.into()..range.end.into()
        });
        let (marked, at) = marks::toggle(text, range, if does == Does::Bold { "**" } else { "*" });
        let [from, to] = [at.start, at.end].map(egui::text::CCursor::new);
        state.cursor.set_char_range(Some(egui::text::CCursorRange::two(from, to)));
        state.store(ui.ctx(), id);
        *text = marked;
    }
}

/// Whether the key that sends was pressed; taken away, so that no line break comes of it. Shift+Enter is never it.
fn take_send_key(ui: &Ui, enter_sends: bool) -> bool {
    ui.input_mut(|input| {
        let before = input.events.len();
        input.events.retain(|event| match event {
            Event::Key { key: Key::Enter, pressed: true, modifiers, .. } => match enter_sends {
                true => modifiers.any() && !modifiers.command,
                false => !modifiers.command,
            },
            _ => true,
        });
        input.events.len() < before
    })
}

/// Where the cursor stands, in characters; none while more than nothing is selected.
fn cursor(ui: &Ui, id: Id) -> Option<usize> {
    let range = egui::TextEdit::load_state(ui.ctx(), id)?.cursor.char_range()?;
    range.is_empty().then(|| range.primary.index.into())
}

/// Puts the cursor somewhere, in characters.
pub(crate) fn place_cursor(ui: &Ui, id: Id, at: usize) {
    let mut state = egui::TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let place = egui::text::CCursor::new(at);
    state.cursor.set_char_range(Some(egui::text::CCursorRange::one(place)));
    state.store(ui.ctx(), id);
    ui.memory_mut(|it| it.request_focus(id));
}

/// Which draft belongs to a composer.
pub(crate) fn draft_key(scene: &Scene<'_>, place: &Place) -> DraftKey {
    scene.desk.key(place.is_thread())
}

/// What another device keeps for this place, if it is another text; whether the line was drawn.
fn offer(ui: &mut Ui, scene: &mut Scene<'_>, place: &Place, frame: Rect) -> bool {
    let key = draft_key(scene, place);
    let Some(text) = scene.desk.drafts.offer(&key).map(str::to_owned) else { return false };
    let line: String = crate::timeline::markdown::harmless(&text).replace('\n', " ").chars().take(200).collect();
    let shown = scene.w.with("draft-elsewhere", "text", &line);
    let row = Rect::from_min_size(frame.min, vec2(frame.width(), 22.0));
    let (mut child, mut decided) = (ui.new_child(UiBuilder::new().max_rect(row).id_salt("offer")), None);
    child.horizontal_centered(|ui| {
        for (label, take) in [("draft-take", true), ("draft-leave", false)] {
            if ui
                .link(egui::RichText::new(scene.w.t(label)).font(fonts::medium(12.5)).color(scene.t.accent_text))
                .clicked()
            {
                decided = Some(take);
            }
        }
        ui.add(egui::Label::new(egui::RichText::new(shown).font(fonts::text(12.5)).color(scene.t.text2)).truncate());
    });
    if let Some(take) = decided {
        scene.desk.drafts.decide(&key, take);
        scene.desk.focus_composer = true;
        scene.desk.cursor_to_end = true;
    }
    true
}

fn take_text(scene: &mut Scene<'_>, place: &Place, editing: bool) -> String {
    let key = draft_key(scene, place);
    match scene.desk.editing.get_mut(&key) {
        Some(edited) if editing => std::mem::take(&mut edited.text),
        _ => scene.desk.drafts.get(&key).to_owned(),
    }
}

fn put_text(scene: &mut Scene<'_>, place: &Place, editing: bool, text: String) {
    let key = draft_key(scene, place);
    match scene.desk.editing.get_mut(&key) {
        Some(edited) if editing => edited.text = text,
        _ => drop(scene.desk.drafts.set(&key, text)),
    }
}

/// The line of tools; whether the send button was clicked.
fn tools(ui: &mut Ui, scene: &mut Scene<'_>, frame: Rect, place: &Place, text: &mut String) -> bool {
    let y = frame.bottom() - 24.0;
    let salt = matches!(place, Place::Thread);
    ui.push_id(salt, |ui| {
        let slot =
            |number: f32| Rect::from_center_size(pos2(frame.left() + 26.0 + number * 34.0, y), Vec2::splat(30.0));
        let emoji = icon_button(ui, scene.t, slot(0.0), (icons::SMILEY, &scene.w.t("emoji")), false);
        let mut chosen = None;
        super::chat::picker_of(&emoji).show(|ui| chosen = super::picker::show(ui, scene));
        if let Some(emoji) = chosen {
            insert(ui, scene, place, text, emoji);
        }
        let mention = icon_button(ui, scene.t, slot(1.0), (icons::AT, &scene.w.t("mention")), false);
        let mut called = None;
        Popup::menu(&mention).show(|ui| called = people(ui, scene));
        if let Some(email) = called {
            insert(ui, scene, place, text, &format!("@{email}"));
        }
        let anything = !text.trim().is_empty() || has_files(scene, place);
        if scene.desk.edited(salt).is_none() && anything {
            let clock = Rect::from_center_size(pos2(frame.right() - 70.0, y), Vec2::splat(30.0));
            if icon_button(ui, scene.t, clock, (icons::CLOCK, &scene.w.t("do-later")), false).clicked() {
                scene.actions.push(Action::Dialog(crate::action::Dialog::SendLater { id: None, thread: salt }));
            }
        }
        let clip = icon_button(ui, scene.t, slot(2.0), (icons::CLIP, &scene.w.t("attach")), false);
        if clip.clicked() {
            scene.actions.push(Action::ChooseFiles(files_place(scene, place)));
        }
        let ready = !text.trim().is_empty() || has_files(scene, place);
        send_button(ui, scene, Rect::from_center_size(pos2(frame.right() - 28.0, y), vec2(36.0, 30.0)), ready)
    })
    .inner
}

/// Under which name files for the next message of a place are kept.
fn files_place(scene: &Scene<'_>, place: &Place) -> String {
    match place {
        Place::Channel(open) => open.clone(),
        Place::Thread => scene.desk.thread.clone().unwrap_or_default(),
    }
}

fn has_files(scene: &Scene<'_>, place: &Place) -> bool {
    scene.desk.attached.get(&files_place(scene, place)).is_some_and(|it| !it.is_empty())
}

/// Puts something where the cursor stands, with room around it.
fn insert(ui: &Ui, scene: &mut Scene<'_>, place: &Place, text: &mut String, what: &str) {
    let id = id(scene.desk, place.is_thread());
    let end = text.chars().count();
    let at = cursor(ui, id).unwrap_or(end).min(end);
    let (before, after): (String, String) = (text.chars().take(at).collect(), text.chars().skip(at).collect());
    let space = if before.is_empty() || before.ends_with(char::is_whitespace) { "" } else { " " };
    let put = format!("{before}{space}{what} ");
    place_cursor(ui, id, put.chars().count());
    *text = format!("{put}{}", after.trim_start_matches(' '));
    match place {
        Place::Thread => scene.desk.focus_thread = true,
        Place::Channel(_) => scene.desk.focus_composer = true,
    }
}

/// Whom to call; the mail address of the one chosen.
fn people(ui: &mut Ui, scene: &Scene<'_>) -> Option<String> {
    let mut called = None;
    egui::ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
        for person in scene.model.directory.persons.iter().filter(|it| it.email != scene.model.me()) {
            if super::menu::item(ui, &person.name) {
                called = Some(person.email.clone());
            }
        }
    });
    called
}

fn send_button(ui: &Ui, scene: &Scene<'_>, rect: Rect, ready: bool) -> bool {
    let t = scene.t;
    let response = ui.interact(rect, ui.scope_id().with("send"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ready, scene.w.t("do-send")));
    let lit = ui.ctx().animate_bool(response.id, ready);
    let fill = if response.hovered() { t.accent_hover } else { t.accent };
    ui.painter().rect_filled(rect, 8, t.border.lerp_to_gamma(fill, lit));
    let color = t.text3.lerp_to_gamma(t.on_accent, lit);
    widgets::write(ui.painter(), rect.center(), Align2::CENTER_CENTER, icons::SEND, fonts::icon_filled(16.0), color);
    widgets::focus_ring(ui, &response, 8, t);
    response.clicked() && ready
}
