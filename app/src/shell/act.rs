//! Carrying out what a person did.

use artel_node::client::{Message, Request, RowsOf};
use artel_node::text::Lang;
use egui::Context;

use super::{Shell, compose, files, invite};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Purpose};
use crate::desk::Editing;
use crate::found::PAGE;
use crate::model::{Notice, may};
use crate::settings::Step;
use crate::views::{composer, search};
use crate::words::Words;

pub(super) fn carry_out(shell: &mut Shell, ctx: &Context, action: Action) {
    match action {
        Action::Open(target) => shell.open(target),
        Action::OpenAt { channel, id } => open_at(shell, channel, id),
        Action::Page(page) => show_page(shell, page),
        Action::Dialog(dialog) => show_dialog(shell, dialog),
        Action::CloseDialog => {
            (shell.desk.dialog, shell.model.invite) = (None, None);
            shell.desk.focus_composer = shell.desk.page == Page::Chat && !shell.desk.focus_thread;
        }
        Action::Thread(root) => shell.open_thread(root, None),
        Action::Send { thread } => compose::send(shell, thread),
        Action::Edit(id) => edit(shell, id),
        Action::EditLast { thread } => edit_last(shell, thread),
        Action::ReplyLast => reply_to_last(shell),
        Action::NextRegion => next_region(shell, ctx),
        Action::React { id, emoji, remove } => ask(shell, Request::React { id, emoji, remove }, Purpose::Quiet),
        Action::Look { thread, around, reach } => shell.look_on(thread, around, reach),
        Action::ToNewest => shell.show_newest(),
        Action::Search(query) => {
            shell.settings.tour.done.insert(Step::Search);
            shell.desk.search.clone_from(&query);
            show_page(shell, Page::Search);
            ask(shell, search::request(&query, PAGE), Purpose::Search(query, PAGE));
        }
        Action::SearchMore => {
            let (query, limit) = (shell.model.found.query.clone(), shell.model.found.limit.saturating_add(PAGE));
            ask(shell, search::request(&query, limit), Purpose::Search(query, limit));
        }
        Action::Attach { .. }
        | Action::AttachPicture { .. }
        | Action::Detach { .. }
        | Action::ChooseFiles(_)
        | Action::LookAtClipboard(_)
        | Action::File { .. }
        | Action::ChooseTarget { .. }
        | Action::View(_)
        | Action::Picture(_)
        | Action::Play(..)
        | Action::CopyPicture(_)
        | Action::ChooseFace => files::carry_out(shell, ctx, action),
        Action::Quiet(until) => shell.do_not_disturb(until),
        Action::Status(status) => shell.tell_status(status),
        Action::Copy(text) => {
            ctx.copy_text(text);
            shell.desk.noticed = ctx.input(|it| it.time);
            shell.model.tell(Notice::Text("copied"));
        }
        Action::Ask(request, purpose) => {
            if purpose == Purpose::Create {
                (shell.desk.making, shell.model.not_made) = (true, None);
            }
            ask(shell, request, purpose);
        }
        Action::Command(command) => {
            if matches!(command, Command::Lock) {
                shell.keep_all();
            }
            shell.bridge.send(command);
        }
        Action::ChooseInvitation
        | Action::ChooseInvitationTarget(_)
        | Action::OpenInvitation(_)
        | Action::SaveInvitation(_) => invite::carry_out(shell, ctx, action),
        Action::DropNotices => shell.model.notices.clear(),
        other => choose(shell, ctx, other),
    }
}

/// What stands in the settings.
fn choose(shell: &mut Shell, ctx: &Context, action: Action) {
    match action {
        Action::Lang(lang) => {
            let name = |it| if it == Lang::Ru { "ru" } else { "en" };
            shell.settings.lang = lang.map(|it| name(it).to_owned());
            shell.options.lang = None;
            shell.words = Words::new(shell.settings.language());
        }
        Action::Theme(theme) => {
            (shell.settings.theme, shell.options.theme) = (theme, None);
            shell.dress(ctx);
        }
        Action::Zoom(zoom) => {
            shell.settings.zoom = zoom.clamp(0.8, 1.6);
            shell.dress(ctx);
        }
        Action::EnterSends(on) => shell.settings.enter_sends = on,
        Action::Settings(settings) => shell.settings = *settings,
        Action::Fold(section) => {
            if !shell.settings.folded.remove(&section) {
                shell.settings.folded.insert(section);
            }
        }
        Action::ReadAll => {
            let unread: Vec<String> =
                shell.model.unread.values().filter(|it| 0 < it.unread).map(|it| it.id.clone()).collect();
            for channel in unread {
                ask(shell, Request::Mark { channel, until: None }, Purpose::Quiet);
            }
            shell.model.new_from = None;
            shell.model.new_replies.clear();
        }
        other => compose::carry_out(shell, ctx, other),
    }
}

pub(super) fn ask(shell: &mut Shell, request: Request, purpose: Purpose) {
    shell.bridge.send(Command::Ask { request, purpose });
}

fn reply_to_last(shell: &mut Shell) {
    let rows = shell.model.history.iter().flat_map(|it| it.messages.iter().rev());
    let last = rows.clone().find(|it| it.thread.as_ref().is_none_or(|root| *root == it.id));
    if let Some(id) = last.map(|it| it.id.clone()) {
        shell.open_thread(Some(id), None);
    }
}

/// From the composer to the open place in the list, from there to the messages, from them to the composer.
fn next_region(shell: &mut Shell, ctx: &Context) {
    let focused = ctx.memory(|it| it.focused());
    let [channel, thread] = [false, true].map(|it| Some(composer::id(&shell.desk, it)));
    if focused == channel || focused == thread {
        shell.desk.focus_place = true;
    } else if shell.desk.at.has_keyboard(ctx, false) {
        shell.desk.focus_composer = true;
    } else {
        shell.desk.at.take = true;
    }
    ctx.request_repaint();
}

/// Shows a message. Where it is not known whether it is a reply, the node says it first.
pub(super) fn open_at(shell: &mut Shell, channel: String, id: String) {
    let known = shell.model.message(&id).map(|it| it.thread.clone().filter(|root| *root != id));
    match known {
        Some(thread) => shell.go_to(channel, id, thread),
        None => {
            let (at, of) = (Some(id.clone()), RowsOf::All);
            let request = Request::Rows { channel: channel.clone(), anchor: at, before: 0, after: 1, of };
            ask(shell, request, Purpose::Show { channel, id });
        }
    }
}

fn show_page(shell: &mut Shell, page: Page) {
    shell.desk.page = page;
    (shell.desk.focus_first, shell.desk.focus_composer) = (page != Page::Chat, page == Page::Chat);
    match page {
        Page::Channels => shell.browse(),
        Page::Settings => {
            shell.desk.forms.profile_read = false;
            ask(shell, Request::DeviceList, Purpose::Devices);
            ask(shell, Request::FileStorage { quota: None }, Purpose::Storage);
        }
        _ => {}
    }
    if page == Page::Inbox {
        compose::ask_what_waits(shell);
    }
}

fn show_dialog(shell: &mut Shell, dialog: Dialog) {
    let forms = &mut shell.desk.forms;
    if matches!(dialog, Dialog::NewChannel | Dialog::NewTeam | Dialog::Invite | Dialog::Organisation) {
        forms.name.clear();
        forms.person.clear();
        forms.email.clear();
        // Who is let in without being looked at is decided every time anew.
        forms.auto_admit = false;
        (forms.role, forms.visit, forms.ask_path) = ("member".into(), 30, false);
        forms.invite_days = 3;
        forms.spaces.clear();
        shell.model.invite = None;
        (shell.desk.making, shell.model.not_made) = (false, None);
    }
    if dialog == Dialog::Invite {
        forms.team = None;
    }
    (forms.private, forms.shared_history) = (false, true);
    prepare(shell, &dialog);
    compose::prepare(shell, &dialog);
    shell.desk.palette.clear();
    (shell.desk.palette_at, shell.desk.focus_first) = (0, true);
    shell.desk.dialog = Some(dialog);
}

/// What a dialog shows first, and what it has to ask for.
fn prepare(shell: &mut Shell, dialog: &Dialog) {
    match dialog {
        Dialog::NewChannel => ask(shell, Request::PolicyShow, Purpose::Policy),
        Dialog::Channel(channel) => {
            let known = shell.model.channel(channel);
            let (name, topic) = known.map(|it| (it.name.clone(), it.topic.clone())).unwrap_or_default();
            (shell.desk.forms.name, shell.desk.forms.topic) = (name, topic.unwrap_or_default());
            let request = Request::ChannelMembers { channel: channel.clone() };
            ask(shell, request, Purpose::Members(channel.clone()));
            ask(shell, Request::PolicyShow, Purpose::Policy);
        }
        Dialog::Members(_) => shell.desk.forms.person.clear(),
        Dialog::Person(_) => {
            shell.desk.forms.new_role = None;
            ask(shell, Request::DeviceList, Purpose::Devices);
        }
        Dialog::Link => shell.model.link = None,
        Dialog::Revoke(_) => shell.desk.forms.reason = "retired".into(),
        Dialog::Mood => {
            let status = shell.model.person(shell.model.me()).map(|it| it.status.clone());
            (shell.desk.forms.status, shell.desk.forms.until) = (status.unwrap_or_default(), String::new());
        }
        Dialog::Attach(_) => shell.desk.forms.path.clear(),
        Dialog::SaveAs(_, name) => {
            shell.desk.forms.path = crate::desktop::downloads().join(name).display().to_string();
        }
        _ => {}
    }
}

/// The last own message of the place, or the last own reply of the thread.
fn edit_last(shell: &mut Shell, thread: bool) {
    let (me, held) = (shell.model.me(), if thread { &shell.model.thread } else { &shell.model.history });
    let reply = |it: &Message| it.thread.as_ref().is_some_and(|root| *root != it.id);
    let rows = held.iter().flat_map(|it| it.messages.iter().rev());
    let mut rows = rows.filter(|it| it.email == me && reply(it) == thread);
    let last = rows.find(|it| !it.text.is_empty() && may(&it.may, "edit"));
    if let Some(id) = last.map(|it| it.id.clone()) {
        edit(shell, Some(id));
    }
}

/// Begins to edit a message in the composer of its place, a reply in that of its thread; or leaves off where one is.
pub(super) fn edit(shell: &mut Shell, id: Option<String>) {
    let Some(message) = id.and_then(|it| shell.model.message(&it)).cloned() else {
        let thread = shell.desk.edited(true).is_some() && (shell.desk.in_thread || shell.desk.edited(false).is_none());
        shell.desk.editing.remove(&shell.desk.key(thread));
        (shell.desk.focus_composer, shell.desk.focus_thread) = (!thread, thread);
        return;
    };
    if shell.desk.open.as_ref() != Some(&message.channel) {
        return;
    }
    let root = message.thread.filter(|root| *root != message.id);
    let thread = root.is_some();
    if thread && shell.desk.thread != root {
        shell.open_thread(root, None);
    }
    let key = shell.desk.key(thread);
    // What was changed in it already stays.
    if shell.desk.editing.get(&key).is_none_or(|it| it.id != message.id) {
        shell.desk.editing.insert(key, Editing { id: message.id, text: message.text });
    }
    (shell.desk.focus_composer, shell.desk.focus_thread) = (!thread, thread);
    shell.desk.cursor_to_end = true;
}
