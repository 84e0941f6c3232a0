//! The conversation: its head, its history, the composer below.

use std::collections::BTreeMap;

use artel_node::client::{Message, Request};
use egui::epaint::StrokeKind;
use egui::{Align2, Id, Popup, Rect, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use super::{HEADER, Scene, attach, composer, face, find, menu, picker, select};
use crate::action::{Action, Dialog, Page};
use crate::bridge::Purpose;
use crate::timeline::row::{AtRow, MessageRows, Opens};
use crate::widgets::{self, icon_button};
use crate::{fonts, icons};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let rect = ui.max_rect();
    let Some(open) = scene.desk.open.clone() else {
        let text = scene.w.t("no-channel");
        widgets::write(ui.painter(), rect.center(), Align2::CENTER_CENTER, &text, fonts::text(15.0), scene.t.text2);
        return;
    };
    head(ui, scene, &open, Rect::from_min_size(rect.min, vec2(rect.width(), HEADER)));
    let height = composer::height(scene, &open, rect.width());
    let strip = attach::height(scene, &open, rect.width(), true);
    let bottom = rect.bottom() - height - strip;
    let body = Rect::from_min_max(pos2(rect.left(), rect.top() + HEADER), pos2(rect.right(), bottom));
    let (line, body) = match scene.desk.find.is_some() {
        true => body.split_top_bottom_at_y(body.top() + find::HEIGHT),
        false => (Rect::NOTHING, body),
    };
    let mut child = ui.new_child(UiBuilder::new().max_rect(body).id_salt("timeline"));
    history(&mut child, scene, &open);
    select::bar(&mut child, scene, body);
    find::show(ui, scene, line);
    let above = Rect::from_min_size(body.left_bottom(), vec2(rect.width(), strip));
    attach::show(ui, scene, above, &open, true);
    let place = Rect::from_min_max(above.left_bottom(), rect.max);
    composer::show(ui, scene, place, composer::Place::Channel(open.clone()));
    writing(ui, scene, &open, rect);
    attach::hovering(ui, scene, rect, &open);
}

/// Who is writing just now, below the composer.
fn writing(ui: &Ui, scene: &Scene<'_>, open: &str, rect: Rect) {
    let text = match scene.model.writing(open).as_slice() {
        [] => return,
        [one] => scene.w.with("writes", "name", one),
        several => scene.w.n("write", several.len()),
    };
    let at = pos2(rect.left() + 34.0, rect.bottom() - 8.0);
    let wrote = widgets::write_cut(ui.painter(), at, rect.width() - 60.0, &text, fonts::text(11.5), scene.t.text2);
    let response = ui.interact(wrote, Id::unique("writing"), Sense::empty());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
}

fn head(ui: &mut Ui, scene: &mut Scene<'_>, open: &str, rect: Rect) {
    let (t, model) = (scene.t, scene.model);
    let p = ui.painter().clone();
    p.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.border));
    let channel = model.channel(open);
    let left = rect.left_center() + vec2(20.0, 0.0);
    let mut x = left.x + 26.0;
    match (model.other(open), channel.map(|it| it.kind.as_str())) {
        (Some(person), _) => {
            let at = Rect::from_center_size(left + vec2(12.0, 0.0), Vec2::splat(28.0));
            face::paint(&p, (t, model), scene.actions, at, &person.email);
            face::presence(&p, t, at, (person.online, &person.presence), t.surface);
            let card = ui.interact(at, Id::unique("place-card"), Sense::click());
            let name = scene.w.with("person-card", "name", &person.name);
            card.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            widgets::focus_ring(ui, &card, 8, t);
            if card.clicked() {
                scene.actions.push(Action::Dialog(Dialog::Person(person.email.clone())));
            }
            x += 12.0;
        }
        (None, kind) => {
            let icon = super::channels::sign(kind.unwrap_or_default());
            widgets::write(&p, left + vec2(9.0, 0.0), Align2::CENTER_CENTER, icon, fonts::icon(20.0), t.text2);
        }
    }
    let room = (rect.width() * 0.4).max(80.0);
    let title = model.title(open);
    let name = widgets::write_cut(&p, pos2(x, left.y), room, &title, fonts::semibold(16.0), t.text);
    let heading = ui.interact(name, Id::unique("place-title"), Sense::empty());
    heading.widget_info(|| WidgetInfo::labeled(Role::Label, true, &title));
    let right = buttons(ui, scene, open, rect);
    let about = match (channel.and_then(|it| it.topic.clone()), model.other(open)) {
        (Some(topic), _) => topic,
        (None, Some(person)) => match person.status.as_str() {
            "" => scene.w.t(face::presence_key(person.online, &person.presence)),
            status => crate::timeline::markdown::harmless(status),
        },
        (None, None) => String::new(),
    };
    let from = name.right() + 14.0;
    if !about.is_empty() && right - from > 60.0 {
        let line = egui::Rangef::new(rect.center().y - 10.0, rect.center().y + 10.0);
        p.vline(from, line, Stroke::new(1.0, t.border_strong));
        let at = pos2(from + 14.0, left.y);
        widgets::write_cut(&p, at, right - from - 28.0, &about, fonts::text(13.5), t.text2);
    }
}

/// That others get the keys of this place for the archive, and who; the left edge of it.
fn archive_sign(ui: &mut Ui, scene: &Scene<'_>, open: &str, right: egui::Pos2) -> f32 {
    let Some(channel) = scene.model.channel(open).filter(|it| !it.archive.is_empty()) else { return right.x };
    let at = right - vec2(36.0, 0.0);
    let name = scene.w.with("archive-keys", "who", &channel.archive.join(", "));
    let sign = ui.interact(Rect::from_center_size(at, Vec2::splat(34.0)), Id::unique("archive-keys"), Sense::hover());
    sign.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    widgets::write(ui.painter(), at, Align2::CENTER_CENTER, icons::ARCHIVE, fonts::icon(19.0), scene.t.text2);
    sign.on_hover_text(name);
    at.x
}

/// What stands at the right end; the left edge of it.
fn buttons(ui: &mut Ui, scene: &mut Scene<'_>, open: &str, rect: Rect) -> f32 {
    let mut x = rect.right() - 30.0;
    let search = Rect::from_center_size(pos2(x, rect.center().y), Vec2::splat(34.0));
    if icon_button(ui, scene.t, search, (icons::SEARCH, &scene.w.t("search-messages")), false).clicked() {
        scene.actions.push(Action::Page(Page::Search));
    }
    for (icon, key, dialog) in [
        (icons::CALENDAR, "jump-date", Dialog::Date(open.to_owned())),
        (icons::PIN, "pins", Dialog::Pins(open.to_owned())),
    ] {
        if open.starts_with('@') {
            continue;
        }
        x -= 36.0;
        let place = Rect::from_center_size(pos2(x, rect.center().y), Vec2::splat(34.0));
        if icon_button(ui, scene.t, place, (icon, &scene.w.t(key)), false).clicked() {
            scene.actions.push(Action::Dialog(dialog));
        }
    }
    x = archive_sign(ui, scene, open, pos2(x, rect.center().y));
    x -= 38.0;
    let Some(channel) = scene.model.channel(open).filter(|it| it.kind != "direct") else { return x };
    let count = channel.members.to_string();
    let galley = ui.painter().layout_no_wrap(count, fonts::medium(13.0), scene.t.text2);
    let place = Rect::from_min_max(
        pos2(x - 24.0 - galley.size().x, rect.center().y - 17.0),
        pos2(x + 17.0, rect.center().y + 17.0),
    );
    let name = scene.w.n("members", usize::try_from(channel.members).unwrap_or(usize::MAX));
    let response = ui.interact(place, Id::unique("members"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(place, 8, scene.t.hover);
    }
    widgets::focus_ring(ui, &response, 8, scene.t);
    let at = place.left_center() + vec2(18.0, 0.0);
    widgets::write(ui.painter(), at, Align2::CENTER_CENTER, icons::USERS, fonts::icon(19.0), scene.t.text2);
    let at = pos2(place.left() + 32.0, place.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, scene.t.text2);
    if response.clicked() {
        let request = Request::ChannelMembers { channel: channel.id.clone() };
        scene.actions.push(Action::Ask(request, Purpose::Members(channel.id.clone())));
        scene.actions.push(Action::Dialog(Dialog::Members(channel.id.clone())));
    }
    response.on_hover_text(name);
    place.left()
}

/// A place where nobody has written yet.
fn nothing_said(ui: &Ui, scene: &Scene<'_>, open: &str) {
    let (p, t, middle) = (ui.painter(), scene.t, ui.max_rect().center());
    let (at, width) = (middle - vec2(0.0, 44.0), ui.max_rect().width() - 48.0);
    p.circle_filled(at, 30.0, t.accent_soft);
    let sign = scene.model.channel(open).filter(|it| crate::model::is_channel(it));
    let sign = sign.map_or(icons::GROUP, |it| super::channels::sign(&it.kind));
    widgets::write(p, at, Align2::CENTER_CENTER, sign, fonts::icon(28.0), t.accent_text);
    for (down, text, font, color) in [
        (10.0, scene.model.title(open), fonts::semibold(18.0), t.text),
        (38.0, scene.w.t("empty-channel"), fonts::text(14.5), t.text2),
    ] {
        let mut job = egui::text::LayoutJob::simple_singleline(text, font, color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(0.0));
        let galley = p.layout_job(job);
        let corner = middle + vec2(-galley.size().x / 2.0, down - galley.size().y / 2.0);
        p.galley(corner, galley, color);
    }
}

fn history(ui: &mut Ui, scene: &mut Scene<'_>, open: &str) {
    let Some(history) = scene.model.history.as_ref().filter(|it| it.channel == open) else { return };
    let (messages, replies) = MessageRows::conversation(&history.messages);
    if messages.is_empty() {
        return nothing_said(ui, scene, open);
    }
    let places: BTreeMap<&str, usize> = messages.iter().enumerate().map(|(at, it)| (it.id.as_str(), at)).collect();
    let mut list = std::mem::take(&mut scene.desk.list);
    let mut cache = std::mem::take(&mut scene.desk.cache);
    let mut at = std::mem::take(&mut scene.desk.at);
    let mut rows = MessageRows {
        messages,
        places,
        replies,
        model: scene.model,
        t: scene.t,
        w: scene.w,
        cache: &mut cache,
        actions: scene.actions,
        new_from: scene.model.new_from.as_deref(),
        flash: list.flash.clone(),
        today: scene.w.today(),
        thread: false,
        hovered: None,
        focused: None,
        at: &mut at,
        here: false,
        selected: scene.desk.selected.clone(),
        span: None,
    };
    rows.find_span();
    let view = ui.max_rect();
    let edges = list.show(ui, &mut rows);
    let hovered = pointed_at(&rows);
    if edges.near_start && !history.from_start {
        scene.actions.push(Action::Older);
    }
    if edges.near_end && !history.to_end {
        scene.actions.push(Action::Newer);
    }
    let at_newest = list.at_newest() && history.to_end;
    (scene.desk.list, scene.desk.cache) = (list, cache);
    after_rows(ui, scene, at, false);
    toolbar(ui, scene, hovered, view, false);
    if !at_newest {
        to_newest(ui, scene, view);
    }
}

/// The message that has the keyboard, else the one under the pointer, and where it is painted.
pub(crate) fn pointed_at(rows: &MessageRows<'_>) -> Option<(Message, Rect)> {
    let (at, body) = rows.focused.or(rows.hovered)?;
    Some(((*rows.messages.get(at)?).clone(), body))
}

/// Keeps where the keyboard is among the rows, and lets it leave them for the composer.
pub(crate) fn after_rows(ui: &Ui, scene: &mut Scene<'_>, mut at: AtRow, thread: bool) {
    at.settle(ui.ctx());
    let list = if thread { &mut scene.desk.thread_list } else { &mut scene.desk.list };
    if let Some(id) = at.reveal.take() {
        list.reveal(&id);
        ui.ctx().request_repaint();
    }
    if std::mem::take(&mut at.left) {
        match thread {
            true => scene.desk.focus_thread = true,
            false => scene.desk.focus_composer = true,
        }
    }
    match thread {
        true => scene.desk.thread_at = at,
        false => scene.desk.at = at,
    }
}

/// The tools over a message. They stay while one of their menus is open, or one of them has the keyboard.
pub(crate) fn toolbar(ui: &mut Ui, scene: &mut Scene<'_>, hovered: Option<(Message, Rect)>, view: Rect, thread: bool) {
    type Kept = (Message, Rect, Rect, bool);
    let memory = ui.scope_id().with("toolbar");
    let open = Popup::is_any_open(ui.ctx());
    // The tools hang over the row above: while the pointer is on them, they stay where they are.
    let on = |place: &Rect| ui.input(|it| it.pointer.hover_pos().is_some_and(|at| place.contains(at)));
    let kept = ui.data(|it| it.get_temp::<Kept>(memory)).filter(|it| open || it.3 || on(&it.2));
    // A row that took the keyboard meanwhile has its own.
    let moved = hovered.as_ref().is_some_and(|it| kept.as_ref().is_some_and(|kept| kept.0.id != it.0.id));
    let rows = if thread { &scene.desk.thread_at } else { &scene.desk.at };
    let kept = kept.filter(|_| open || !(moved && rows.has_keyboard(ui.ctx(), thread)));
    let Some((message, body)) = kept.map(|it| (it.0, it.1)).or(hovered) else {
        ui.data_mut(|it| it.remove::<Kept>(memory));
        return;
    };
    let alive = !matches!(message.state.as_str(), "retracted" | "hidden" | "newer");
    let count = if alive { 3.0 } else { 1.0 };
    let size = vec2(count * 32.0 + 8.0, 36.0);
    let at = pos2(body.right() - 12.0 - size.x, (body.top() - 16.0).max(view.top() + 4.0));
    let place = Rect::from_min_size(at, size);
    let p = ui.painter();
    p.add(scene.t.shadow().as_shape(place, 10));
    p.rect(place, 10, scene.t.raised, Stroke::new(1.0, scene.t.border), StrokeKind::Inside);
    let slot = |at: f32| Rect::from_min_size(place.min + vec2(4.0 + at * 32.0, 3.0), Vec2::splat(30.0));
    let opens = if thread { scene.desk.thread_at.opens.take() } else { scene.desk.at.opens.take() };
    let mut keyboard = false;
    if alive {
        let react = icon_button(ui, scene.t, slot(0.0), (icons::SMILEY, &scene.w.t("do-react")), false);
        keyboard |= react.has_focus();
        if opens == Some(Opens::Emoji) {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&react));
        }
        let mut chosen = None;
        picker_of(&react).show(|ui| chosen = picker::show(ui, scene));
        if let Some(emoji) = chosen {
            menu::react(scene, &message, emoji);
            if thread { scene.desk.thread_at.take = true } else { scene.desk.at.take = true }
        }
        let reply = icon_button(ui, scene.t, slot(1.0), (icons::REPLY, &scene.w.t("do-reply")), false);
        keyboard |= reply.has_focus();
        if reply.clicked() {
            let root = message.thread.clone().unwrap_or_else(|| message.id.clone());
            scene.actions.push(Action::Thread(Some(root)));
        }
    }
    let more = icon_button(ui, scene.t, slot(count - 1.0), (icons::DOTS, &scene.w.t("more")), false);
    keyboard |= more.has_focus();
    if opens == Some(Opens::Menu) {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&more));
        menu::focus_first(ui);
    }
    Popup::menu(&more).show(|ui| menu::message(ui, scene, &message));
    ui.data_mut(|it| it.insert_temp::<Kept>(memory, (message, body, place, keyboard)));
}

/// A menu that stays open while one types in it.
pub(crate) fn picker_of(button: &egui::Response) -> Popup<'_> {
    Popup::menu(button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
}

fn to_newest(ui: &mut Ui, scene: &mut Scene<'_>, view: Rect) {
    let place = Rect::from_center_size(pos2(view.right() - 48.0, view.bottom() - 32.0), Vec2::splat(40.0));
    let response = ui.interact(place, Id::unique("to-newest"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, scene.w.t("jump-newest")));
    let (t, p) = (scene.t, ui.painter());
    p.add(t.shadow().as_shape(place, 20));
    p.rect(place, 20, t.raised, Stroke::new(1.0, t.border), StrokeKind::Inside);
    widgets::write(p, place.center(), Align2::CENTER_CENTER, icons::ARROW_DOWN, fonts::icon(18.0), t.text);
    let unread = scene.desk.open.as_ref().and_then(|it| scene.model.unread.get(it)).map_or(0, |it| it.unread);
    if 0 < unread {
        widgets::badge(p, place.right_top() + vec2(4.0, 3.0), unread, t.accent, t.on_accent);
    }
    widgets::focus_ring(ui, &response, 20, t);
    if response.clicked() {
        scene.actions.push(Action::ToNewest);
    }
}
