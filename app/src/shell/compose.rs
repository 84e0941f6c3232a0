//! Carrying out what has to do with writing: sending, drafts, commands, quoting, passing on, deleting with second thoughts.

use std::time::{Duration, Instant};

use artel_node::client::{Message, Request, SendLater};
use egui::Context;

use super::{Shell, act, files};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Purpose};
use crate::commands::{self, Kind, Typed};
use crate::drafts::Key;
use crate::links;
use crate::model::{Happening, Notice};
use crate::settings::Step;

/// How long one may think better of deleting.
pub(crate) const SECOND_THOUGHTS: Duration = Duration::from_secs(5);
/// Newest rows of each history in which calls are looked for.
pub(super) const INBOX_DEPTH: u32 = 2_000;
/// Lines of a message that are quoted.
const QUOTED_LINES: usize = 12;
/// Hits of a search in one place.
const FOUND_MAX: u32 = 200;

/// Carries out what is about messages and writing.
pub(super) fn carry_out(shell: &mut Shell, ctx: &Context, action: Action) {
    match action {
        Action::Quote(id) => quote(shell, &id),
        Action::Forward { id, target } => forward(shell, &id, &target),
        Action::Save { id, on } => {
            let said = if on { "saved-said" } else { "unsaved-said" };
            act::ask(shell, Request::Save { id, remove: !on }, Purpose::Done(said));
        }
        Action::MarkUnread(id) => {
            shell.desk.unread_by_hand.clone_from(&shell.desk.open);
            shell.model.new_from = Some(id.clone());
            act::ask(shell, Request::MarkUnread { id }, Purpose::Done("unread-said"));
        }
        Action::Person(email) => act::carry_out(shell, ctx, Action::Dialog(Dialog::Person(email))),
        Action::Link(text) => follow(shell, ctx, &text),
        Action::RetractSoon(id) => {
            shell.model.leaving.insert(id.clone());
            shell.desk.leaving.push((id, Instant::now() + SECOND_THOUGHTS));
        }
        Action::LetStand(id) => {
            shell.model.leaving.remove(&id);
            shell.desk.leaving.retain(|it| it.0 != id);
        }
        Action::Later { id, ms } => later(shell, id, ms),
        Action::LaterBack(id) => later_back(shell, &id),
        Action::Find(on) => {
            shell.desk.find = on.then(|| (String::new(), 0));
            shell.model.found_here = crate::model::Found::default();
            (shell.desk.focus_first, shell.desk.focus_composer) = (on, !on);
        }
        Action::FindText(query) => {
            if let Some(channel) = shell.desk.open.clone().filter(|_| !query.trim().is_empty()) {
                let request = Request::SearchIn { channel, query: query.clone(), limit: FOUND_MAX };
                act::ask(shell, request, Purpose::Find(query));
            }
        }
        Action::Select(marked) => shell.desk.selected = marked,
        Action::CopySelected => copy_selected(shell, ctx),
        _ => {}
    }
}

/// What a dialog needs before it is shown.
pub(super) fn prepare(shell: &mut Shell, dialog: &Dialog) {
    match dialog {
        Dialog::Details(id) => {
            shell.model.about = None;
            act::ask(shell, Request::About { id: id.clone() }, Purpose::About);
        }
        Dialog::Pins(channel) => {
            shell.model.pins = None;
            act::ask(shell, Request::PinList { channel: channel.clone() }, Purpose::Pins(channel.clone()));
        }
        Dialog::Date(_) => shell.desk.month = None,
        Dialog::SendLater(_) => shell.desk.moment.clear(),
        _ => {}
    }
}

/// Sends what stands in a composer.
pub(super) fn send(shell: &mut Shell, thread: bool) {
    if let Some((id, text)) = shell.desk.editing.clone().filter(|_| !thread) {
        shell.desk.editing = None;
        let text = text.trim().to_owned();
        act::ask(shell, Request::Edit { id: id.clone(), text: text.clone() }, Purpose::Edit { id, text });
        return;
    }
    let Some(open) = shell.desk.open.clone() else { return };
    let root = shell.desk.thread.clone().filter(|_| thread);
    let key = Key { place: open.clone(), thread: root.clone() };
    let text = shell.desk.drafts.get(&key).trim().to_owned();
    let files_of = root.as_ref().unwrap_or(&open);
    if shell.desk.attached.get(files_of).is_some_and(|it| !it.is_empty()) {
        shell.desk.drafts.take(&key);
        return files::send(shell, open, root, text);
    }
    if text.is_empty() {
        return;
    }
    match commands::read(&text) {
        Typed::Message => {}
        Typed::Unknown(word) => {
            return shell.model.tell(Notice::With("slash-unknown", format!("/{word}")));
        }
        Typed::Command(kind, rest) => {
            if command(shell, &open, kind, rest) {
                shell.desk.drafts.take(&key);
            }
            return;
        }
    }
    let called = shell.model.directory.persons.iter().any(|it| text.contains(&format!("@{}", it.email)));
    let tried = [(called, Step::Mention), (root.is_some(), Step::Thread)];
    shell.settings.tour.done.extend(tried.into_iter().filter(|it| it.0).map(|it| it.1));
    let purpose = Purpose::Send { channel: open.clone(), thread: root.clone(), text: text.clone() };
    let request = Request::Send { to: open, people: Vec::new(), text, reply_to: root };
    if !shell.bridge.send(Command::Ask { request, purpose }) {
        return;
    }
    shell.desk.drafts.take(&key);
    match thread {
        true => shell.desk.thread_list.show_newest(),
        false => {
            (shell.model.new_from, shell.desk.unread_by_hand) = (None, None);
            shell.desk.list.show_newest();
        }
    }
    (shell.desk.focus_composer, shell.desk.focus_thread) = (!thread, thread);
}

/// Carries a typed command out; whether it was understood. What was typed stays where it was not.
fn command(shell: &mut Shell, open: &str, kind: Kind, rest: String) -> bool {
    let place = shell.model.channel(open).cloned();
    let of_two = place.as_ref().is_none_or(|it| matches!(it.kind.as_str(), "direct" | "group"));
    let refuse = |shell: &mut Shell, key| {
        shell.model.tell(Notice::Text(key));
        false
    };
    match kind {
        Kind::Help => shell.desk.dialog = Some(Dialog::Help),
        Kind::Topic if of_two => return refuse(shell, "slash-only-channel"),
        Kind::Topic if rest.is_empty() => return refuse(shell, "slash-topic-empty"),
        Kind::Topic => {
            act::ask(shell, Request::Topic { channel: open.to_owned(), text: rest }, Purpose::Done("topic-said"));
        }
        Kind::Leave if of_two => return refuse(shell, "slash-only-channel"),
        Kind::Leave => {
            act::ask(shell, Request::ChannelLeave { channel: open.to_owned() }, Purpose::Done("left-said"));
        }
        Kind::Invite if rest.is_empty() && shell.model.invites() => shell.desk.dialog = Some(Dialog::Invite),
        Kind::Invite if rest.is_empty() => return refuse(shell, "slash-invite-whom"),
        Kind::Invite if place.as_ref().is_none_or(|it| it.kind != "private") => {
            return refuse(shell, "slash-invite-public");
        }
        Kind::Invite => {
            let email = rest.trim_start_matches('@').to_owned();
            if shell.model.person(&email).is_none() {
                shell.model.tell(Notice::With("slash-nobody", rest));
                return false;
            }
            let request = Request::ChannelMember { channel: open.to_owned(), email, add: true };
            act::ask(shell, request, Purpose::Done("invited-said"));
        }
        Kind::Status => shell.tell_status(rest),
        Kind::Dnd => return dnd(shell, rest),
    }
    true
}

/// Until when not to be disturbed.
fn dnd(shell: &mut Shell, rest: String) -> bool {
    let now = shell.words.now();
    let second = u32::from(now.hour()) * 3_600 + u32::from(now.minute()) * 60 + u32::from(now.second());
    match commands::quiet_seconds(&rest, second) {
        None => {
            shell.model.tell(Notice::With("slash-dnd-bad", rest));
            false
        }
        Some(0) => {
            shell.do_not_disturb(None);
            true
        }
        Some(seconds) => {
            shell.do_not_disturb(Some(now.unix_timestamp() + i64::from(seconds)));
            true
        }
    }
}

fn message(shell: &Shell, id: &str) -> Option<Message> {
    shell.model.message(id).cloned()
}

/// A message with `>` before every line, its author above and a link to it.
fn quoted(message: &Message) -> String {
    let lines: Vec<&str> = message.text.lines().collect();
    let shown = lines.iter().take(QUOTED_LINES).map(|it| format!("> {}\n", it.trim_start_matches("> ")));
    let cut = if QUOTED_LINES < lines.len() { "> …\n" } else { "" };
    format!("> **{}** {}\n{}{cut}", message.author, links::to(&message.channel, &message.id), shown.collect::<String>())
}

fn quote(shell: &mut Shell, id: &str) {
    let (Some(open), Some(message)) = (shell.desk.open.clone(), message(shell, id)) else { return };
    let thread = shell.desk.thread.clone().filter(|root| message.thread.as_ref() == Some(root));
    let (key, in_thread) = (Key { place: open, thread: thread.clone() }, thread.is_some());
    let before = shell.desk.drafts.get(&key).to_owned();
    let space = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    shell.desk.drafts.set(&key, format!("{before}{space}{}", quoted(&message)));
    (shell.desk.focus_composer, shell.desk.focus_thread) = (!in_thread, in_thread);
    shell.desk.cursor_to_end = true;
}

fn forward(shell: &mut Shell, id: &str, target: &str) {
    let Some(message) = message(shell, id) else { return };
    let (channel, text) = (target.to_owned(), quoted(&message));
    if !message.files.is_empty() {
        let files = message.files.iter().map(|it| (it.id.clone(), it.name.clone())).collect();
        let folder = shell.model.home.clone();
        shell.bridge.send(Command::Forward { to: channel.clone(), text, files, folder });
        return shell.open(channel);
    }
    let purpose = Purpose::Send { channel: channel.clone(), thread: None, text: text.clone() };
    act::ask(shell, Request::Send { to: channel.clone(), people: Vec::new(), text, reply_to: None }, purpose);
    shell.open(channel);
}

/// Goes where a link leads: to a message here, or out of the program.
fn follow(shell: &mut Shell, ctx: &Context, text: &str) {
    let Some(link) = links::read(text) else {
        ctx.open_url(egui::OpenUrl::new_tab(text));
        return;
    };
    match shell.model.channel(&link.channel).is_some() {
        true => act::open_at(shell, link.channel, link.id),
        false => shell.model.tell(Notice::Text("link-nowhere")),
    }
}

fn later(shell: &mut Shell, id: Option<String>, ms: u64) {
    let later = match &id {
        Some(id) => {
            let Some(old) = shell.model.kept.later.iter().find(|it| it.id == *id).cloned() else { return };
            SendLater { channel: old.channel, thread: old.thread, ms, text: old.text }
        }
        None => {
            let Some(channel) = shell.desk.open.clone() else { return };
            let key = Key::of(&channel);
            let text = shell.desk.drafts.take(&key).trim().to_owned();
            if text.is_empty() {
                return;
            }
            SendLater { channel, thread: None, ms, text }
        }
    };
    let purpose = match id.is_none() {
        true => Purpose::LaterSet { channel: later.channel.clone(), text: later.text.clone() },
        false => Purpose::Done("later-said"),
    };
    act::ask(shell, Request::LaterSet { id, later: Some(later) }, purpose);
}

fn later_back(shell: &mut Shell, id: &str) {
    let Some(later) = shell.model.kept.later.iter().find(|it| it.id == *id).cloned() else { return };
    let key = Key { place: later.channel.clone(), thread: None };
    let before = shell.desk.drafts.get(&key).to_owned();
    let text = if before.is_empty() { later.text } else { format!("{before}\n{}", later.text) };
    shell.desk.drafts.set(&key, text);
    act::ask(shell, Request::LaterSet { id: Some(later.id), later: None }, Purpose::Quiet);
    shell.open(later.channel);
}

/// Marked messages as text, each with its author and time.
fn copy_selected(shell: &mut Shell, ctx: &Context) {
    let marked = crate::views::select::marked(&shell.model, &shell.desk);
    let texts: Vec<String> =
        marked.iter().map(|it| format!("{}, {}:\n{}", it.author, shell.words.stamp(&it.sent), it.text)).collect();
    if !texts.is_empty() {
        ctx.copy_text(texts.join("\n\n"));
        shell.model.tell(Notice::Text("copied"));
        shell.desk.noticed = ctx.input(|it| it.time);
    }
}

impl Shell {
    /// Keeps what was typed a moment ago, and carries out what waited for second thoughts.
    pub(super) fn keep(&mut self, ctx: &Context) {
        let now = Instant::now();
        let (due, waiting) = std::mem::take(&mut self.desk.leaving).into_iter().partition(|it| it.1 <= now);
        self.desk.leaving = waiting;
        self.retract(due);
        for request in self.desk.drafts.due(false) {
            act::ask(self, request, Purpose::Quiet);
        }
        if self.desk.drafts.waits() {
            ctx.request_repaint_after(Duration::from_millis(150));
        }
        if let Some(next) = self.desk.leaving.iter().map(|it| it.1).min() {
            ctx.request_repaint_after(next.saturating_duration_since(now).min(Duration::from_secs(1)));
        }
    }

    /// Keeps everything now: the window closes or is locked.
    pub(super) fn keep_all(&mut self) {
        let leaving = std::mem::take(&mut self.desk.leaving);
        self.retract(leaving);
        for request in self.desk.drafts.due(true) {
            act::ask(self, request, Purpose::Quiet);
        }
    }

    fn retract(&mut self, due: Vec<(String, Instant)>) {
        for (id, _) in due {
            self.model.leaving.remove(&id);
            act::ask(self, Request::Retract { id }, Purpose::Quiet);
        }
    }

    /// What the node answered about writing.
    pub(super) fn composed(&mut self, happening: Happening) {
        match happening {
            Happening::Returned { channel, thread, text } => {
                let key = Key { place: channel, thread };
                if self.desk.drafts.get(&key).is_empty() {
                    self.desk.drafts.set(&key, text);
                }
            }
            Happening::EditReturned { id, text } => self.desk.editing = self.desk.editing.take().or(Some((id, text))),
            Happening::Kept => self.desk.drafts.told(&self.model.kept.drafts),
            Happening::Jump { channel, id } => act::open_at(self, channel, id),
            _ => {}
        }
        if self.desk.page == Page::Inbox {
            act::ask(self, Request::Inbox { depth: INBOX_DEPTH }, Purpose::Inbox);
        }
    }
}
