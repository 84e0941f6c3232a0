//! Keys that hold everywhere. Only letters, arrows and function keys: they are the same on every layout.

use egui::{Context, Key, Modifiers, Popup};

use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Stage};
use crate::desk::Desk;
use crate::model::Model;

pub(super) fn read(ctx: &Context, model: &Model, desk: &Desk, actions: &mut Vec<Action>) {
    if model.stage != Stage::Ready {
        return;
    }
    let pressed = |modifiers: Modifiers, key: Key| ctx.input_mut(|it| it.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::K) {
        actions.push(match desk.dialog {
            Some(Dialog::Palette) => Action::CloseDialog,
            _ => Action::Dialog(Dialog::Palette),
        });
    }
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::F) {
        actions.push(Action::Page(Page::Search));
    }
    if pressed(Modifiers::COMMAND, Key::F) {
        actions.push(match (desk.page, &desk.open) {
            (Page::Chat, Some(_)) => Action::Find(desk.find.is_none()),
            _ => Action::Page(Page::Search),
        });
    }
    if pressed(Modifiers::COMMAND, Key::U)
        && let (Page::Chat, Some(open)) = (desk.page, &desk.open)
    {
        actions.push(Action::ChooseFiles(open.clone()));
    }
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::A) {
        actions.push(Action::Page(Page::Settings));
    }
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::L) {
        actions.push(Action::Command(Command::Lock));
    }
    if desk.page == Page::Chat && desk.dialog.is_none() && pressed(Modifiers::NONE, Key::F6) {
        actions.push(Action::NextRegion);
    }
    for (key, step) in [(Key::ArrowUp, -1), (Key::ArrowDown, 1)] {
        if pressed(Modifiers::ALT, key)
            && let Some(next) = neighbour(model, desk, step)
        {
            actions.push(Action::Open(next));
        }
    }
    let free = desk.dialog.is_none() && desk.viewer.is_none() && !desk.completion.open && !Popup::is_any_open(ctx);
    // A row under the keyboard gives it back first.
    let row = desk.at.has_keyboard(ctx, false) || desk.thread_at.has_keyboard(ctx, true);
    if free && !row && ctx.input(|it| it.key_pressed(Key::Escape)) {
        if desk.selected.is_some() {
            return actions.push(Action::Select(None));
        }
        if desk.find.is_some() {
            return actions.push(Action::Find(false));
        }
        actions.push(match (&desk.editing, &desk.thread, desk.page) {
            (_, _, page) if page != Page::Chat => Action::Page(Page::Chat),
            (Some(_), _, _) => Action::Edit(None),
            (None, Some(_), _) => Action::Thread(None),
            (None, None, _) => Action::ToNewest,
        });
    }
}

/// The place above or below the open one in the sidebar.
fn neighbour(model: &Model, desk: &Desk, step: isize) -> Option<String> {
    let mut places: Vec<String> = model.channels_of(None).iter().map(|it| it.id.clone()).collect();
    for team in model.teams() {
        places.extend(model.channels_of(Some(&team.name)).iter().map(|it| it.id.clone()));
    }
    places.extend(model.directs().iter().map(|it| it.id.clone()));
    let at = places.iter().position(|it| Some(it) == desk.open.as_ref())?;
    let next = at.checked_add_signed(step)?;
    places.get(next).cloned()
}
