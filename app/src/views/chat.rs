//! The conversation: its head, its history, the composer below.

use std::collections::BTreeMap;

use artel_node::client::{Message, Request};
use egui::epaint::StrokeKind;
use egui::{Align2, Id, Popup, Rect, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use super::{HEADER, Scene, attach, composer, face, find, menu, picker, select};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{History, Purpose};
use crate::timeline::list::{Edges, List, Read};
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
    let height = composer::height(scene, false, rect.width());
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
    let whole = widgets::fits(&p, room, &title, &fonts::semibold(16.0));
    let name = widgets::write_cut(&p, pos2(x, left.y), room, &title, fonts::semibold(16.0), t.text);
    let heading = ui.interact(name, Id::unique("place-title"), Sense::hover());
    heading.widget_info(|| WidgetInfo::labeled(Role::Label, true, &title));
    if !whole {
        heading.on_hover_text(&title);
    }
    let right = buttons(ui, scene, open, rect);
    let about = match (channel.and_then(|it| it.topic.clone()), model.other(open)) {
        (Some(topic), _) => crate::timeline::markdown::harmless(&topic),
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
        let wrote = widgets::write_cut(&p, at, right - from - 28.0, &about, fonts::text(13.5), t.text2);
        let name = if model.other(open).is_some() { about.clone() } else { scene.w.with("topic-is", "name", &about) };
        whole_line(ui, scene.t, wrote, (&name, &about));
    }
}

/// What stands in the head, whole: a click or a key opens it, to be read and marked.
fn whole_line(ui: &Ui, t: &crate::theme::Tokens, wrote: Rect, (name, about): (&str, &str)) {
    let response = ui.interact(wrote.expand(4.0), Id::unique("topic"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    widgets::focus_ring(ui, &response, 6, t);
    Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_max_width(420.0);
        let text = egui::RichText::new(about).font(fonts::text(14.0)).color(t.text);
        ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
            let lines = egui::ScrollArea::vertical().max_height(280.0);
            lines.show(ui, |ui| ui.add(egui::Label::new(text).selectable(true).wrap()));
        });
    });
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
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
        to_end: history.to_end,
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
    let (view, below) = above_new_replies(ui.max_rect(), !rows.model.new_replies.get(open).is_none_or(Vec::is_empty));
    let ui = &mut ui.new_child(egui::UiBuilder::new().id_salt("history").max_rect(view));
    ui.shrink_clip_rect(view);
    list.deaf = !scene.desk.keys_go_to(ui.ctx(), false);
    let edges = list.show(ui, &mut rows);
    let hovered = pointed_at(&rows);
    scroll_on(scene.actions, &list, edges, (history, scene.desk.reach));
    if edges.end_wanted {
        scene.actions.push(Action::ToNewest);
    }
    let at_newest = list.at_newest() && history.to_end;
    (scene.desk.list, scene.desk.cache) = (list, cache);
    after_rows(ui, scene, at, false);
    toolbar(ui, scene, hovered, view, false);
    if !at_newest {
        to_newest(ui, scene, view);
    }
    if let Some(below) = below {
        ui.set_clip_rect(below);
        to_new_replies(ui, scene, open, below.center());
    }
}

/// The history, and below it the room of the sign that leads to new replies, where there are some: over the history it
/// would lie on the tools of the newest row.
fn above_new_replies(all: Rect, are_there: bool) -> (Rect, Option<Rect>) {
    let (view, below) = all.split_top_bottom_at_y(all.bottom() - 44.0);
    if are_there { (view, Some(below)) } else { (all, None) }
}

/// Asks for the rows that one is about to scroll to.
pub(crate) fn scroll_on(actions: &mut Vec<Action>, list: &List, edges: Edges, (history, least): (&History, u32)) {
    let (around, reach, from_start, to_end) =
        (history.around.as_deref(), history.reach, history.from_start, history.to_end);
    if let Some((around, reach)) = list.wants(edges, &Read { around, reach, least, from_start, to_end }) {
        actions.push(Action::Look { thread: history.root.is_some(), around, reach });
    }
}

/// The message that has the keyboard, else the one under the pointer, and where it is painted.
pub(crate) fn pointed_at(rows: &MessageRows<'_>) -> Option<(Message, Rect)> {
    // Where the other button was pressed just now, it is that row.
    let pressed = rows.at.opens.is_some() && rows.at.pressed.is_some();
    let (at, body) = if pressed { rows.hovered } else { rows.focused.or(rows.hovered) }?;
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
    let pressed = rows.opens.is_some() && rows.pressed.is_some();
    let kept = kept.filter(|_| !pressed).filter(|_| open || !(moved && rows.has_keyboard(ui.ctx(), thread)));
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
        if react.clicked() {
            at_rows(scene, thread).by_key = !ui.input(|it| it.pointer.any_click());
        }
        if opens == Some(Opens::Emoji) {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&react));
        }
        let mut chosen = None;
        picker_of(&react).show(|ui| chosen = picker::show(ui, scene));
        if let Some(emoji) = chosen {
            menu::react(scene, &message, emoji);
            // Who came with the mouse did not mean the keys of the row: what is typed next is text.
            match (at_rows(scene, thread).by_key, thread) {
                (true, _) => at_rows(scene, thread).take = true,
                (false, true) => scene.desk.focus_thread = true,
                (false, false) => scene.desk.focus_composer = true,
            }
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
    menu_of(ui, scene, (&message, &more), opens == Some(Opens::Menu), thread);
    ui.data_mut(|it| it.insert_temp::<Kept>(memory, (message, body, place, keyboard)));
}

/// The menu of a message: at its button, or where the other button was pressed.
fn menu_of(ui: &Ui, scene: &mut Scene<'_>, (message, more): (&Message, &egui::Response), opens: bool, thread: bool) {
    if opens {
        Popup::open_id(ui.ctx(), Popup::default_response_id(more));
        if at_rows(scene, thread).pressed.is_none() {
            menu::focus_first(ui);
        }
    }
    if more.clicked() {
        at_rows(scene, thread).pressed = None;
    }
    let pressed = at_rows(scene, thread).pressed.clone();
    let (popup, link) = match pressed {
        Some((pos, link)) => (Popup::menu(more).at_position(pos), link),
        None => (Popup::menu(more), None),
    };
    popup.show(|ui| menu::message(ui, scene, message, link.as_deref()));
    if !Popup::is_any_open(ui.ctx()) {
        at_rows(scene, thread).pressed = None;
    }
}

fn at_rows<'s>(scene: &'s mut Scene<'_>, thread: bool) -> &'s mut AtRow {
    if thread { &mut scene.desk.thread_at } else { &mut scene.desk.at }
}

/// A menu that stays open while one types in it.
pub(crate) fn picker_of(button: &egui::Response) -> Popup<'_> {
    Popup::menu(button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
}

/// Below the history, where there are new replies: a click shows the first thread with some at the first of them.
fn to_new_replies(ui: &mut Ui, scene: &mut Scene<'_>, open: &str, center: egui::Pos2) {
    let threads = scene.model.new_replies.get(open).map_or(&[][..], Vec::as_slice);
    let Some(first) = threads.first() else { return };
    let name = scene.w.n("new-replies", threads.iter().map(|it| it.replies.len()).sum());
    let (t, p) = (scene.t, ui.painter());
    let text = p.layout_no_wrap(name.clone(), fonts::medium(13.0), t.on_accent);
    let width = text.size().x + 52.0;
    let place = Rect::from_center_size(center, vec2(width, 32.0));
    let response = ui.interact(place, Id::unique("to-new-replies"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    p.add(t.shadow().as_shape(place, 16));
    p.rect_filled(place, 16, if response.hovered() { t.accent_hover } else { t.accent });
    let sign = place.left_center() + vec2(22.0, 0.0);
    widgets::write(p, sign, Align2::CENTER_CENTER, icons::REPLY, fonts::icon(16.0), t.on_accent);
    p.galley(pos2(place.left() + 36.0, place.center().y - text.size().y / 2.0), text, t.on_accent);
    widgets::focus_ring(ui, &response, 16, t);
    if response.clicked() {
        scene.actions.push(Action::Thread(Some(first.root.clone())));
    }
}

fn to_newest(ui: &mut Ui, scene: &mut Scene<'_>, view: Rect) {
    let place = Rect::from_center_size(pos2(view.right() - 48.0, view.bottom() - 32.0), Vec2::splat(40.0));
    let response = ui.interact(place, Id::unique("to-newest"), Sense::click());
    let unread = scene.desk.open.as_ref().and_then(|it| scene.model.unread.get(it)).map_or(0, |it| it.unread);
    let name = match unread {
        0 => scene.w.t("jump-newest"),
        unread => scene.w.n("new-below", usize::try_from(unread).unwrap_or(usize::MAX)),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let (t, p) = (scene.t, ui.painter());
    p.add(t.shadow().as_shape(place, 20));
    p.rect(place, 20, t.raised, Stroke::new(1.0, t.border), StrokeKind::Inside);
    widgets::write(p, place.center(), Align2::CENTER_CENTER, icons::ARROW_DOWN, fonts::icon(18.0), t.text);
    if 0 < unread {
        widgets::badge(p, place.right_top() + vec2(4.0, 3.0), unread, t.accent, t.on_accent);
    }
    widgets::focus_ring(ui, &response, 20, t);
    if response.clicked() {
        scene.actions.push(Action::ToNewest);
    }
}
