//! Carrying out what a person did.

use artel_node::client::Request;
use artel_node::text::Lang;
use egui::Context;

use super::{Shell, compose, files};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Purpose};
use crate::model::Notice;
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
            shell.desk.focus_composer = shell.desk.page == Page::Chat;
        }
        Action::Thread(root) => thread(shell, root),
        Action::Send { thread } => compose::send(shell, thread),
        Action::Edit(id) => edit(shell, id),
        Action::EditLast => {
            let me = shell.model.me().to_owned();
            let rows = shell.model.history.iter().flat_map(|it| it.messages.iter().rev());
            let last = rows.clone().find(|it| it.email == me && it.thread.is_none() && !it.text.is_empty());
            let id = last.map(|it| it.id.clone());
            edit(shell, id);
        }
        Action::ReplyLast => reply_to_last(shell),
        Action::NextRegion => next_region(shell, ctx),
        Action::React { id, emoji, remove } => ask(shell, Request::React { id, emoji, remove }, Purpose::Quiet),
        Action::Older => watch(shell, |channel| Command::Older { channel }),
        Action::Newer => watch(shell, |channel| Command::Newer { channel }),
        Action::ToNewest => {
            shell.desk.list.show_newest();
            shell.model.new_from = None;
            if shell.model.history.as_ref().is_some_and(|it| !it.to_end) {
                watch(shell, |channel| Command::Watch { channel, around: None });
            }
        }
        Action::Search(query) => {
            shell.settings.tour.done.insert(Step::Search);
            shell.desk.search.clone_from(&query);
            show_page(shell, Page::Search);
            ask(shell, search::request(&query), Purpose::Search(query));
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
        | Action::CopyPicture(_)
        | Action::ChooseFace => files::carry_out(shell, ctx, action),
        Action::Quiet(until) => shell.do_not_disturb(until),
        Action::Status(status) => shell.tell_status(status),
        Action::Copy(text) => {
            ctx.copy_text(text);
            shell.desk.noticed = ctx.input(|it| it.time);
            shell.model.tell(Notice::Text("copied"));
        }
        Action::Ask(request, purpose) => ask(shell, request, purpose),
        Action::Command(command) => {
            if matches!(command, Command::Lock) {
                shell.keep_all();
            }
            shell.bridge.send(command);
        }
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
        thread(shell, Some(id));
    }
}

/// From the composer to the open place in the list, from there to the messages, from them to the composer.
fn next_region(shell: &mut Shell, ctx: &Context) {
    let focused = ctx.memory(|it| it.focused());
    let open = shell.desk.open.clone().unwrap_or_default();
    let [channel, thread] = [composer::Place::Channel(open), composer::Place::Thread].map(|it| Some(composer::id(&it)));
    if focused == channel || focused == thread {
        shell.desk.focus_place = true;
    } else if shell.desk.at.has_keyboard(ctx, false) {
        shell.desk.focus_composer = true;
    } else {
        shell.desk.at.take = true;
    }
    ctx.request_repaint();
}

fn watch(shell: &mut Shell, command: impl FnOnce(String) -> Command) {
    if let Some(open) = shell.desk.open.clone() {
        shell.bridge.send(command(open));
    }
}

pub(super) fn open_at(shell: &mut Shell, channel: String, id: String) {
    shell.open(channel.clone());
    shell.desk.list.jump(&id);
    shell.desk.focus_composer = shell.desk.find.is_none();
    shell.bridge.send(Command::Watch { channel, around: Some(id) });
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
        ask(shell, Request::Inbox { depth: compose::INBOX_DEPTH }, Purpose::Inbox);
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
        shell.model.invite = None;
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
        }
        Dialog::Members(_) => shell.desk.forms.person.clear(),
        Dialog::Person(_) => ask(shell, Request::DeviceList, Purpose::Devices),
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

fn thread(shell: &mut Shell, root: Option<String>) {
    shell.model.thread = None;
    shell.desk.thread_list.show_newest();
    shell.desk.thread.clone_from(&root);
    shell.desk.focus_composer = root.is_none();
    shell.desk.focus_thread = root.is_some();
    if let Some(channel) = shell.desk.open.clone() {
        shell.bridge.send(Command::Thread { channel, root });
    }
}

pub(super) fn edit(shell: &mut Shell, id: Option<String>) {
    let rows = shell.model.history.iter().flat_map(|it| &it.messages);
    let message = id.and_then(|id| rows.clone().find(|it| it.id == id));
    shell.desk.editing = message.map(|it| (it.id.clone(), it.text.clone()));
    shell.desk.focus_composer = true;
    shell.desk.cursor_to_end = true;
}
