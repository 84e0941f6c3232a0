//! Keys that hold everywhere: what the shortcuts do, Escape, and text typed where no field has the keyboard.

use egui::{Context, Event, Key, Popup};

use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Stage};
use crate::desk::Desk;
use crate::model::Model;
use crate::shortcuts::{self, Does};
use crate::views::composer;

pub(super) fn read(ctx: &Context, model: &Model, desk: &Desk, actions: &mut Vec<Action>) {
    if model.stage != Stage::Ready {
        return;
    }
    let chat = desk.page == Page::Chat && desk.viewer.is_none();
    let holds = |does| match does {
        Does::Switch | Does::Lock => true,
        // A text has them, and what the composer does with them.
        Does::Bold | Does::Italic => false,
        Does::Region | Does::Attach | Does::About => desk.dialog.is_none() && chat,
        // What a dialog lies above is not to be reached behind it.
        _ => desk.dialog.is_none(),
    };
    for does in shortcuts::read(ctx, holds) {
        actions.extend(action(model, desk, does));
    }
    type_anywhere(ctx, desk);
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
        let editing = desk.edited(false).is_some() || desk.edited(true).is_some();
        actions.push(match (editing, &desk.thread, desk.page) {
            (_, _, page) if page != Page::Chat => Action::Page(Page::Chat),
            (true, _, _) => Action::Edit(None),
            (false, Some(_), _) => Action::Thread(None),
            (false, None, _) => Action::ToNewest,
        });
    }
}

/// What is typed where no field has the keyboard goes on in the composer in which one wrote last. Rows have keys of their own.
fn type_anywhere(ctx: &Context, desk: &Desk) {
    let chat = desk.page == Page::Chat && desk.open.is_some() && desk.dialog.is_none() && desk.viewer.is_none();
    let row = desk.at.has_keyboard(ctx, false) || desk.thread_at.has_keyboard(ctx, true);
    if !chat || row || ctx.text_edit_focused() || Popup::is_any_open(ctx) {
        return;
    }
    let typed = ctx.input(|it| {
        it.events.iter().any(|it| match it {
            Event::Text(text) => !text.trim().is_empty(),
            Event::Paste(_) => true,
            _ => false,
        })
    });
    if typed {
        let id = composer::id(desk, desk.in_thread && desk.thread.is_some());
        ctx.memory_mut(|it| it.request_focus(id));
    }
}

fn action(model: &Model, desk: &Desk, does: Does) -> Option<Action> {
    let open = desk.open.clone().filter(|_| desk.page == Page::Chat);
    Some(match does {
        Does::Switch if desk.dialog == Some(Dialog::Palette) => Action::CloseDialog,
        Does::Switch => Action::Dialog(Dialog::Palette),
        Does::Directs => Action::Page(Page::People),
        Does::Find if open.is_some() => Action::Find(desk.find.is_none()),
        Does::Find | Does::Search => Action::Page(Page::Search),
        Does::Inbox => Action::Page(Page::Inbox),
        Does::Above => Action::Open(neighbour(model, desk, false, |_| true)?),
        Does::Below => Action::Open(neighbour(model, desk, true, |_| true)?),
        Does::UnreadAbove => Action::Open(neighbour(model, desk, false, |it| model.disturbs(it))?),
        Does::UnreadBelow => Action::Open(neighbour(model, desk, true, |it| model.disturbs(it))?),
        Does::ReadAll if model.unread.values().any(|it| 0 < it.unread) => Action::Dialog(Dialog::ReadAll),
        Does::About => Action::Dialog(Dialog::Channel(open.filter(|it| model.channel(it).is_some())?)),
        Does::Attach => Action::ChooseFiles(open?),
        Does::Region => Action::NextRegion,
        Does::Settings => Action::Page(Page::Settings),
        Does::Lock => Action::Command(Command::Lock),
        Does::List => Action::Dialog(Dialog::Keys),
        Does::ReadAll | Does::Bold | Does::Italic | Does::Elsewhere => return None,
    })
}

/// The next place above or below the open one in the sidebar that is wanted; after the last comes the first.
fn neighbour(model: &Model, desk: &Desk, below: bool, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut places = model.in_order();
    if !below {
        places.reverse();
    }
    let at = places.iter().position(|it| Some(*it) == desk.open.as_deref()).map_or(0, |it| it + 1);
    let (before, after) = places.split_at_checked(at)?;
    after.iter().chain(before).find(|it| Some(**it) != desk.open.as_deref() && wanted(it)).map(|it| (*it).to_owned())
}
