//! A row under the keyboard: arrows go from row to row, letters do what its menu does. Letters are keys, not characters, so they
//! are the same on every layout.

use artel_node::client::{Message, Request};
use egui::{EventFilter, Id, Key, Modifiers, Popup, Rect, Role, Sense, Ui, WidgetInfo};

use super::{AtRow, MessageRows, Opens, shown_text};
use crate::action::{Action, Dialog};
use crate::bridge::Purpose;
use crate::model::may;
use crate::timeline::markdown;
use crate::widgets;

/// Keys of a row.
const KEYS: [Key; 15] = [
    Key::ArrowUp,
    Key::ArrowDown,
    Key::ArrowRight,
    Key::Enter,
    Key::Escape,
    Key::Delete,
    Key::T,
    Key::R,
    Key::E,
    Key::Q,
    Key::F,
    Key::P,
    Key::S,
    Key::U,
    Key::C,
];

/// The id of a row.
pub(crate) fn id(thread: bool, message: &str) -> Id {
    Id::unique(("row", thread, message))
}

impl AtRow {
    /// Whether a row has the keyboard.
    pub(crate) fn has_keyboard(&self, ctx: &egui::Context, thread: bool) -> bool {
        self.id.as_ref().is_some_and(|it| ctx.memory(|memory| memory.has_focus(id(thread, it))))
    }

    /// After all rows are painted: while one writes, or when it is out of sight, the lowest one is the next to be reached.
    pub(crate) fn settle(&mut self, ctx: &egui::Context) {
        let (last, seen) = (self.last.take(), std::mem::take(&mut self.seen));
        if !self.take && (!seen || ctx.text_edit_focused()) {
            self.id = last;
        }
    }
}

impl MessageRows<'_> {
    /// What the keyboard reaches only in the row that it is at.
    pub(super) fn sense(&self) -> Sense {
        if self.here { Sense::click() } else { Sense::CLICK }
    }

    /// Registers the row for the keyboard and screen readers.
    pub(super) fn row(&mut self, ui: &Ui, at: usize, message: &Message, body: Rect) {
        self.here = self.at.id.as_deref() == Some(message.id.as_str());
        self.at.last = Some(message.id.clone());
        self.at.seen |= self.here;
        let text = markdown::harmless(&shown_text(message, self.w));
        let name = format!("{}: {text}", markdown::harmless(&message.author));
        let sense = if self.here { Sense::focusable_noninteractive() } else { Sense::empty() };
        let row = ui.interact(body, id(self.thread, &message.id), sense);
        row.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, name.clone()));
        if self.here && std::mem::take(&mut self.at.take) {
            row.request_focus();
        }
        if !row.has_focus() {
            // Something in it has the keyboard: its tools stay.
            let focused = ui.memory(|it| it.focused()).filter(|_| self.here && !ui.ctx().text_edit_focused());
            if focused.and_then(|it| ui.ctx().read_response(it)).is_some_and(|it| body.contains(it.rect.center())) {
                self.focused = Some((at, body));
            }
            return;
        }
        widgets::focus_ring(ui, &row, 8, self.t);
        self.focused = Some((at, body));
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, escape: true, ..Default::default() };
        ui.memory_mut(|it| it.set_focus_lock_filter(row.id, filter));
        if Popup::is_any_open(ui.ctx()) {
            return;
        }
        let pressed = KEYS.into_iter().find(|key| ui.input_mut(|it| it.consume_key(Modifiers::NONE, *key)));
        if let Some(key) = pressed {
            self.key(at, message, key);
        }
    }

    fn go(&mut self, to: Option<usize>) {
        let Some(next) = to.and_then(|it| self.messages.get(it)) else { return };
        self.at.id = Some(next.id.clone());
        self.at.reveal = Some(next.id.clone());
        self.at.take = true;
    }

    fn key(&mut self, at: usize, message: &Message, key: Key) {
        let id = || message.id.clone();
        let alive = !matches!(message.state.as_str(), "retracted" | "hidden" | "newer");
        let own = message.email == self.model.me();
        if matches!(key, Key::Enter | Key::R) {
            (self.at.by_key, self.at.pressed) = (true, None);
        }
        match key {
            Key::ArrowUp => self.go(at.checked_sub(1)),
            Key::ArrowDown if at + 1 == self.messages.len() => self.at.left = true,
            Key::ArrowDown => self.go(Some(at + 1)),
            Key::Escape => self.at.left = true,
            Key::Enter => self.at.opens = Some(Opens::Menu),
            _ if !alive => {}
            Key::R => self.at.opens = Some(Opens::Emoji),
            Key::T | Key::ArrowRight if !self.thread => self.actions.push(Action::Thread(Some(id()))),
            Key::E if may(&message.may, "edit") => self.actions.push(Action::Edit(Some(id()))),
            Key::Q => self.actions.push(Action::Quote(id())),
            Key::F => self.actions.push(Action::Dialog(Dialog::Forward(id()))),
            Key::P if may(&message.may, "pin") => {
                let pin = Request::Pin { id: id(), remove: message.pinned };
                self.actions.push(Action::Ask(pin, Purpose::Quiet));
            }
            Key::S => self.actions.push(Action::Save { id: id(), on: !self.model.is_saved(&message.id) }),
            Key::U => self.actions.push(Action::MarkUnread(id())),
            Key::C => self.actions.push(Action::Copy(message.text.clone())),
            Key::Delete if !may(&message.may, "retract") => {}
            Key::Delete if own => self.actions.push(Action::RetractSoon(id())),
            Key::Delete => self.actions.push(Action::Dialog(Dialog::Retract(id()))),
            _ => {}
        }
    }
}
