//! What the other button offers over a field of text: cut, copy, paste, select all. The same menu at every field.

use std::sync::Arc;

use egui::text::{CCursor, CCursorRange};
use egui::{Context, Id, Response, TextEdit, Ui, ViewportCommand};

use crate::views::menu;
use crate::words::Words;

/// The lines of the menu: cut, copy, paste, select all.
type Lines = Arc<[String; 4]>;

fn lines_id() -> Id {
    Id::unique("lines-of-text-menu")
}

/// In which language the menus are; said before anything is drawn.
pub(crate) fn speak(ctx: &Context, words: &Words) {
    let lines: Lines = Arc::new(["cut", "copy", "paste", "select-all"].map(|it| words.t(it)));
    ctx.data_mut(|it| it.insert_temp(lines_id(), lines));
}

/// The menu of a field with this text.
pub(crate) fn of(response: &Response, text: &str) {
    show(response, text, &[ViewportCommand::RequestCut, ViewportCommand::RequestCopy, ViewportCommand::RequestPaste]);
}

/// The menu of a field whose text is hidden: it does not leave it.
pub(crate) fn of_secret(response: &Response, text: &str) {
    show(response, text, &[ViewportCommand::RequestPaste]);
}

fn show(response: &Response, text: &str, commands: &[ViewportCommand]) {
    let id = response.id;
    response.context_menu(|ui| {
        let lines: Option<Lines> = ui.data(|it| it.get_temp(lines_id()));
        let Some([cut, copy, paste, all]) = lines.as_deref() else { return };
        let clipboard = [
            (cut, ViewportCommand::RequestCut),
            (copy, ViewportCommand::RequestCopy),
            (paste, ViewportCommand::RequestPaste),
        ];
        for (line, command) in clipboard.into_iter().filter(|it| commands.contains(&it.1)) {
            if menu::item(ui, line) {
                // The text has the keyboard again before the clipboard answers.
                ui.memory_mut(|it| it.request_focus(id));
                ui.ctx().send_viewport_cmd(command);
            }
        }
        if menu::item(ui, all) {
            select_all(ui, id, text);
        }
    });
}

fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let [from, to] = [0, text.chars().count()].map(CCursor::new);
    state.cursor.set_char_range(Some(CCursorRange::two(from, to)));
    state.store(ui.ctx(), id);
    ui.memory_mut(|it| it.request_focus(id));
}
