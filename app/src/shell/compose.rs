//! Carrying out what has to do with writing: sending, drafts, commands, quoting, passing on, deleting with second thoughts.

use std::time::{Duration, Instant};

use artel_node::client::{Message, Request, RowsOf, SendLater};
use egui::Context;

use super::{Shell, act, files};
use crate::action::{Action, Dialog, Page};
use crate::bridge::{Command, Purpose};
use crate::commands::{self, Kind, Typed};
use crate::desk::Editing;
use crate::drafts::Key;
use crate::links;
use crate::model::{Happening, Notice};
use crate::settings::Step;

/// How long one may think better of deleting.
pub(crate) const SECOND_THOUGHTS: Duration = Duration::from_secs(5);
/// Newest rows of each history in which calls are looked for.
const INBOX_DEPTH: u32 = 2_000;
/// Lines of a message that are quoted.
const QUOTED_LINES: usize = 12;
/// Hits of a search in one place.
const FOUND_MAX: u32 = 200;
/// Places where something waits of which the newest message is shown.
const WAITING_MAX: usize = 50;

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
        Action::Later { id, thread, ms } => later(shell, id, thread, ms),
        Action::LaterBack(id) => later_back(shell, ctx, &id),
        Action::Find(on) => {
            shell.desk.find = on.then(|| (String::new(), 0));
            shell.model.found_here = crate::found::Found::default();
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

/// Asks for everything that waits for this person.
pub(super) fn ask_what_waits(shell: &mut Shell) {
    act::ask(shell, Request::Inbox { depth: INBOX_DEPTH }, Purpose::Inbox);
    let places: Vec<String> = shell.model.awaits().into_iter().map(|it| it.id.clone()).take(WAITING_MAX).collect();
    shell.model.waiting.retain(|it, _| places.contains(it));
    for channel in places {
        let request = Request::Rows { channel: channel.clone(), anchor: None, before: 1, after: 0, of: RowsOf::All };
        act::ask(shell, request, Purpose::Waiting(channel));
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
        Dialog::SendLater { .. } => shell.desk.moment.clear(),
        _ => {}
    }
}

/// Sends what stands in a composer.
pub(super) fn send(shell: &mut Shell, thread: bool) {
    if let Some(Editing { id, text }) = shell.desk.edited(thread).cloned() {
        let text = text.trim().to_owned();
        if text.is_empty() {
            // Nothing left of it: whether it goes altogether is asked.
            shell.desk.dialog = Some(Dialog::Retract(id));
            return;
        }
        shell.desk.editing.remove(&shell.desk.key(thread));
        (shell.desk.focus_composer, shell.desk.focus_thread) = (!thread, thread);
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
    // The picture that was offered beside the text was not wanted.
    shell.desk.offered.take_if(|it| it.0 == *key.thread.as_ref().unwrap_or(&key.place));
    match thread {
        true => shell.desk.thread_list.show_newest(),
        false => {
            shell.desk.unread_by_hand = None;
            shell.show_newest();
        }
    }
    (shell.desk.focus_composer, shell.desk.focus_thread) = (!thread, thread);
}

impl Shell {
    /// What was sent from another device of this person is not half written here any more.
    pub(super) fn sent_elsewhere(&mut self, thread: bool) {
        let held = if thread { &self.model.thread } else { &self.model.history };
        let Some(history) = held else { return };
        let key = Key { place: history.channel.clone(), thread: history.root.clone() };
        let (written, me) = (self.desk.drafts.get(&key).trim().to_owned(), self.model.me());
        let same = |it: &&Message| it.email == me && it.thread == history.root && it.text.trim() == written;
        let Some(message) = history.messages.iter().rfind(same).filter(|_| !written.is_empty()) else { return };
        let sent = self.words.moment(&message.sent).map(|it| it.unix_timestamp_nanos() / 1_000_000);
        if let Some(at) = sent.and_then(|it| u64::try_from(it).ok()) {
            self.desk.drafts.sent(&key, &message.text, at);
        }
    }
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
        Kind::Leave => shell.desk.dialog = Some(Dialog::Leave(open.to_owned())),
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

/// Keeps a message for later: what stands in a composer, with its files; or another time for one that is kept.
fn later(shell: &mut Shell, id: Option<String>, thread: bool, ms: u64) {
    if let Some(id) = id {
        let Some(old) = shell.model.kept.later.iter().find(|it| it.id == id).cloned() else { return };
        let later = SendLater { channel: old.channel, thread: old.thread, ms, text: old.text, files: old.files };
        return act::ask(shell, Request::LaterSet { id: Some(id), later: Some(later) }, Purpose::Done("later-said"));
    }
    let Some(channel) = shell.desk.open.clone() else { return };
    let thread = shell.desk.thread.clone().filter(|_| thread);
    let place = thread.clone().unwrap_or_else(|| channel.clone());
    let attached = shell.desk.attached.remove(&place).unwrap_or_default();
    let text = shell.desk.drafts.take(&Key { place: channel.clone(), thread: thread.clone() }).trim().to_owned();
    if text.is_empty() && attached.is_empty() {
        return;
    }
    let files = files::attachments(&attached);
    shell.attend.sending.insert(place, attached);
    let purpose = Purpose::LaterSet { channel: channel.clone(), thread: thread.clone(), text: text.clone() };
    let later = SendLater { channel, thread, ms, text, files };
    act::ask(shell, Request::LaterSet { id: None, later: Some(later) }, purpose);
}

/// Puts a message for later back where it was written.
fn later_back(shell: &mut Shell, ctx: &Context, id: &str) {
    let Some(later) = shell.model.kept.later.iter().find(|it| it.id == *id).cloned() else { return };
    let key = Key { place: later.channel.clone(), thread: later.thread.clone() };
    let before = shell.desk.drafts.get(&key).to_owned();
    let text = if before.is_empty() { later.text } else { format!("{before}\n{}", later.text) };
    shell.desk.drafts.set(&key, text);
    act::ask(shell, Request::LaterSet { id: Some(later.id), later: None }, Purpose::Quiet);
    shell.open(later.channel.clone());
    if later.thread.is_some() {
        shell.open_thread(later.thread.clone(), None);
    }
    if !later.files.is_empty() {
        let place = later.thread.unwrap_or(later.channel);
        let paths = later.files.into_iter().map(|it| it.path.into()).collect();
        act::carry_out(shell, ctx, Action::Attach { place, paths });
    }
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
        if self.desk.drafts.outgrown() {
            self.model.tell(Notice::Warning("draft-too-long"));
            self.desk.noticed = ctx.input(|it| it.time);
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
            Happening::EditReturned { id, text } => {
                if let Some(message) = self.model.message(&id) {
                    let thread = message.thread.clone().filter(|it| *it != id);
                    let key = Key { place: message.channel.clone(), thread };
                    self.desk.editing.entry(key).or_insert(Editing { id, text });
                }
            }
            Happening::Kept => self.desk.drafts.told(&self.model.kept.drafts),
            Happening::Jump { channel, id, thread } => self.go_to(channel, id, thread),
            _ => {}
        }
        if self.desk.page == Page::Inbox {
            ask_what_waits(self);
        }
    }
}
