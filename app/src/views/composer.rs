//! Where one writes: the composer of a place, of a thread, and of a message that is edited.

use egui::epaint::StrokeKind;
use egui::{
    Align2, Event, EventFilter, Frame, Id, Key, KeyboardShortcut, Modifiers, Popup, Rect, Role, Sense, Stroke,
    TextEdit, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{Scene, complete};
use crate::action::Action;
use crate::drafts::Key as DraftKey;
use crate::widgets::{self, icon_button};
use crate::{fonts, icons};

/// Lines that are shown before the text scrolls.
const LINES_MAX: usize = 8;

/// Where what is written goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Channel(String),
    Thread,
}

/// The id of the text, for the keyboard.
pub(crate) fn id(place: &Place) -> Id {
    match place {
        Place::Channel(_) => Id::unique("composer"),
        Place::Thread => Id::unique("thread-composer"),
    }
}

/// How high the composer of a place is now.
pub(crate) fn height(scene: &Scene<'_>, open: &str, width: f32) -> f32 {
    let text = match &scene.desk.editing {
        Some((_, text)) => text.as_str(),
        None => scene.desk.drafts.get(&DraftKey::of(open)),
    };
    let editing = scene.desk.editing.is_some();
    let offered = !editing && scene.desk.drafts.offer(&DraftKey::of(open)).is_some();
    92.0 + lines(text, width) * 20.0 + if editing || offered { 26.0 } else { 0.0 }
}

/// Lines of a text in a composer, about.
fn lines(text: &str, width: f32) -> f32 {
    let a_line = ((width - 80.0) / 8.0).max(10.0) as usize;
    let count: usize = text.split('\n').map(|it| 1 + it.chars().count() / a_line).sum();
    count.clamp(1, LINES_MAX) as f32 - 1.0
}

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, place: Place) {
    let t = scene.t;
    let editing = scene.desk.editing.is_some() && matches!(place, Place::Channel(_));
    let mut frame = Rect::from_min_max(rect.min + vec2(20.0, 4.0), rect.max - vec2(20.0, 16.0));
    if editing {
        let at = frame.left_top() + vec2(4.0, 9.0);
        widgets::write(ui.painter(), at, Align2::LEFT_CENTER, &scene.w.t("editing"), fonts::text(12.0), t.text2);
        frame.min.y += 26.0;
    }
    let id = id(&place);
    let focused = ui.memory(|it| it.has_focus(id));
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
    let wants_send = focused && take_send_key(ui, scene.settings.enter_sends);
    if focused && text.is_empty() && !editing {
        let pressed = |modifiers| ui.input_mut(|it| it.consume_key(modifiers, Key::ArrowUp));
        match place {
            Place::Channel(_) if pressed(Modifiers::SHIFT) => scene.actions.push(Action::ReplyLast),
            _ if pressed(Modifiers::NONE) => scene.actions.push(Action::EditLast),
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
    if focused || matches!(place, Place::Channel(_)) && !ui.memory(|it| it.has_focus(self::id(&Place::Thread))) {
        super::attach::incoming(ui, scene, &keep, focused);
    }
    let has_text = !text.trim().is_empty() || (has_files(scene, &place) && !editing);
    put_text(scene, &place, editing, text);
    if (wants_send || send) && has_text {
        scene.actions.push(Action::Send { thread: place == Place::Thread });
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
    let id = id(place);
    let edit = TextEdit::multiline(text)
        .id(id)
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
    match place {
        Place::Channel(open) => DraftKey::of(open),
        Place::Thread => {
            let (open, root) = (scene.desk.open.as_deref(), scene.desk.thread.as_deref());
            DraftKey::thread(open.unwrap_or_default(), root.unwrap_or_default())
        }
    }
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
            if ui.link(egui::RichText::new(scene.w.t(label)).font(fonts::medium(12.5))).clicked() {
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
    match (place, &mut scene.desk.editing) {
        (Place::Channel(_), Some((_, text))) if editing => std::mem::take(text),
        _ => scene.desk.drafts.get(&draft_key(scene, place)).to_owned(),
    }
}

fn put_text(scene: &mut Scene<'_>, place: &Place, editing: bool, text: String) {
    let key = draft_key(scene, place);
    match (place, &mut scene.desk.editing) {
        (Place::Channel(_), Some(edited)) if editing => edited.1 = text,
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
        if !salt && scene.desk.editing.is_none() && !text.trim().is_empty() {
            let place = Rect::from_center_size(pos2(frame.right() - 70.0, y), Vec2::splat(30.0));
            if icon_button(ui, scene.t, place, (icons::CLOCK, &scene.w.t("do-later")), false).clicked() {
                scene.actions.push(Action::Dialog(crate::action::Dialog::SendLater(None)));
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
    let id = id(place);
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
