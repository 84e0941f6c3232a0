//! Where one looks: which place is open, where in it one reads, what of it is read by that.

use std::time::{Duration, Instant};

use artel_node::client::Request;
use egui::Context;

use super::{Shell, act};
use crate::action::Page;
use crate::bridge::{Command, History, Look, Purpose};

/// How long rows that were asked for are waited for before they are asked for again.
const ANSWER: Duration = Duration::from_secs(3);
/// How often, at most, the node is told what was read.
const MARK_EVERY: Duration = Duration::from_millis(250);
/// Places whose position is remembered.
const STOOD_MAX: usize = 200;

/// What is under way.
#[derive(Default)]
pub(super) struct Looks {
    turn: u64,
    place: Option<(u64, Instant)>,
    thread: Option<(u64, Instant)>,
    /// What is done when the answer to this turn comes.
    begin: Option<(u64, Begin)>,
    /// What the node was last told is read: the last row, and the first unread one if that was on the screen.
    marked: Option<(String, Option<String>)>,
    marked_at: Option<Instant>,
}

/// Where reading begins in what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    Newest,
    Unread,
    Jump,
}

impl Shell {
    /// Opens a place where one left it, or at what is new there.
    pub(crate) fn open(&mut self, target: String) {
        let again = self.desk.open.as_ref() == Some(&target);
        let elsewhere = self.desk.page != Page::Chat;
        self.enter(&target);
        let first = self.model.unread.get(&target).and_then(|it| it.first.clone());
        let replies = self.only_replies(&target);
        self.new_replies();
        if let Some(first) = first.filter(|_| !again || !self.desk.list.at_newest()) {
            self.model.new_from = None;
            let turn = self.watch(Some(first));
            self.looks.begin = Some((turn, Begin::Unread));
        } else if !again {
            match self.desk.stood.remove(&target) {
                Some((row, offset)) => {
                    self.desk.list.hold(&row, offset);
                    self.watch(Some(row));
                }
                None => {
                    self.desk.list.show_newest();
                    self.watch(None);
                }
            }
        } else if !elsewhere {
            self.show_newest();
        }
        if replies.is_some() {
            // One looks at the thread and goes on writing in the place.
            self.open_thread(replies, None);
            (self.desk.focus_composer, self.desk.focus_thread) = (true, false);
        }
    }

    /// The thread to be shown where nothing but replies is unread.
    fn only_replies(&self, target: &str) -> Option<String> {
        let unread = self.model.unread.get(target)?;
        let replies: usize = unread.threads.iter().map(|it| it.replies.len()).sum();
        let all = usize::try_from(unread.unread).is_ok_and(|it| it == replies);
        unread.threads.first().filter(|_| all).map(|it| it.root.clone())
    }

    /// What is unread changed: replies in the open place stay marked until their thread was looked at.
    pub(super) fn new_replies(&mut self) {
        let Some(open) = self.desk.open.clone() else { return };
        let thread = self.desk.thread.clone();
        self.model.remember_new_replies(&open, thread.as_deref());
        // What comes into an open thread while another window is in front is new when one comes back.
        if let Some(root) = thread.filter(|_| !self.desk.front && self.model.thread_new_from.is_none()) {
            let threads = self.model.unread.get(&open).map_or(&[][..], |it| &it.threads);
            let first = threads.iter().find(|it| it.root == root).and_then(|it| it.replies.first().cloned());
            self.model.thread_new_from = first;
        }
    }

    /// Shows a message in its place, a reply in its thread.
    pub(super) fn go_to(&mut self, channel: String, id: String, thread: Option<String>) {
        self.enter(&channel);
        let shown = thread.as_ref().unwrap_or(&id).clone();
        self.desk.list.jump(&shown);
        let turn = self.watch(Some(shown));
        self.looks.begin = Some((turn, Begin::Jump));
        self.desk.focus_composer = self.desk.find.is_none();
        if thread.is_some() {
            self.open_thread(thread, Some(id));
        }
    }

    /// Takes a place up without saying where in it one looks.
    fn enter(&mut self, target: &str) {
        if self.desk.open.as_deref() != Some(target) {
            if let Some(left) = self.desk.open.take() {
                self.desk.stood.remove(&left);
                if let Some((row, offset)) = self.desk.list.held().filter(|_| self.desk.stood.len() < STOOD_MAX) {
                    self.desk.stood.insert(left, (row.to_owned(), offset));
                }
            }
            (self.model.history, self.model.new_from) = (None, None);
            self.desk.list.stay();
            self.desk.thread = None;
            (self.desk.selected, self.desk.find, self.desk.unread_by_hand) = (None, None, None);
            self.looks.marked = None;
            if !target.starts_with('@') {
                let request = Request::ChannelMembers { channel: target.to_owned() };
                act::ask(self, request, Purpose::Members(target.to_owned()));
            }
            self.bridge.send(Command::Thread { channel: target.to_owned(), root: None, look: Look::default() });
        }
        self.settings.recent.retain(|it| it != target);
        self.settings.recent.insert(0, target.to_owned());
        self.settings.recent.truncate(20);
        self.settings.open = Some(target.to_owned());
        self.desk.open = Some(target.to_owned());
        self.desk.page = Page::Chat;
        self.desk.focus_composer = true;
        self.desk.cursor_to_end = true;
    }

    /// To the newest end of the open place, and stays there.
    pub(super) fn show_newest(&mut self) {
        self.model.new_from = None;
        self.desk.list.show_newest();
        if self.model.history.as_ref().is_none_or(|it| !it.to_end) {
            let turn = self.watch(None);
            self.looks.begin = Some((turn, Begin::Newest));
        }
    }

    /// Shows a thread beside the open place, at a reply or at its end; none any more.
    pub(super) fn open_thread(&mut self, root: Option<String>, at: Option<String>) {
        (self.model.thread, self.model.thread_new_from) = (None, None);
        self.desk.thread_list.show_newest();
        if let (Some(root), Some(open)) = (&root, &self.desk.open) {
            self.model.thread_new_from = self.model.take_new_replies(open, root);
        }
        match (&at, &self.model.thread_new_from) {
            (Some(at), _) => self.desk.thread_list.jump(at),
            (None, Some(first)) => self.desk.thread_list.begin_at(first),
            (None, None) => {}
        }
        let at = at.or_else(|| self.model.thread_new_from.clone());
        self.desk.thread.clone_from(&root);
        (self.desk.focus_composer, self.desk.focus_thread) = (root.is_none(), root.is_some());
        self.watch_thread(root, at, self.desk.thread_list.reach(self.desk.reach));
    }

    fn watch_thread(&mut self, root: Option<String>, around: Option<String>, reach: u32) {
        let Some(channel) = self.desk.open.clone() else { return };
        let look = self.next_look(around, reach);
        let turn = look.turn;
        if self.bridge.send(Command::Thread { channel, root, look }) {
            self.looks.thread = Some((turn, Instant::now()));
        }
    }

    /// Asks for the rows around a message of the open place, or for the newest; returns the turn.
    fn watch(&mut self, around: Option<String>) -> u64 {
        self.watch_far(around, self.desk.list.reach(self.desk.reach))
    }

    fn watch_far(&mut self, around: Option<String>, reach: u32) -> u64 {
        let Some(channel) = self.desk.open.clone() else { return 0 };
        let look = self.next_look(around, reach);
        let turn = look.turn;
        self.looks.begin = None;
        if self.bridge.send(Command::Watch { channel, look }) {
            self.looks.place = Some((turn, Instant::now()));
        }
        turn
    }

    fn next_look(&mut self, around: Option<String>, reach: u32) -> Look {
        self.looks.turn += 1;
        Look { around, reach, turn: self.looks.turn }
    }

    /// Further rows, while one scrolls: only one such wish is under way at a time.
    pub(super) fn look_on(&mut self, thread: bool, around: Option<String>, reach: u32) {
        let under_way = if thread { self.looks.thread } else { self.looks.place };
        if under_way.is_some_and(|it| it.1.elapsed() < ANSWER) {
            return;
        }
        match thread {
            true => self.watch_thread(self.desk.thread.clone(), around, reach),
            false => drop(self.watch_far(around, reach)),
        }
    }

    /// Rows came: of the open place or of a thread.
    pub(super) fn rows_came(&mut self, thread: bool) {
        let held = if thread { &self.model.thread } else { &self.model.history };
        let Some(turn) = held.as_ref().map(|it| it.turn) else { return };
        let under_way = if thread { &mut self.looks.thread } else { &mut self.looks.place };
        under_way.take_if(|it| it.0 <= turn);
        self.sent_elsewhere(thread);
        if thread {
            return;
        }
        let Some((_, begin)) = self.looks.begin.take_if(|it| it.0 <= turn) else { return };
        match begin {
            Begin::Newest => self.desk.list.show_newest(),
            Begin::Unread => {
                self.model.new_from = self.model.history.as_ref().and_then(|it| first_new(it, self.model.me()));
                match &self.model.new_from {
                    Some(first) => self.desk.list.begin_at(first),
                    None => self.desk.list.show_newest(),
                }
            }
            // What is not among them is not to be jumped to later.
            Begin::Jump => {
                let there = |id: &str| self.model.history.iter().flat_map(|it| &it.messages).any(|it| it.id == id);
                if self.desk.list.goes_to().is_some_and(|it| !there(it)) {
                    self.desk.list.stay();
                }
            }
        }
    }

    /// After a frame was drawn: what somebody could see of it is read, and nothing else.
    pub(super) fn read_marks(&mut self, ctx: &Context) {
        let Some(open) = self.desk.open.clone().filter(|it| self.model.channel(it).is_some()) else { return };
        let looked_at = self.desk.front && self.desk.page == Page::Chat && self.desk.viewer.is_none();
        if !looked_at || self.desk.unread_by_hand.is_some() {
            return;
        }
        let Some(history) = self.model.history.as_ref().filter(|it| it.channel == open) else { return };
        let first = self.model.unread.get(&open).filter(|it| 0 < it.unread).map(|it| it.first.clone());
        let until = match self.desk.list.at_newest() && history.to_end {
            true => history.newest.clone(),
            false => self.desk.list.seen.last().filter(|_| first.is_some()).cloned(),
        };
        let Some(until) = until else { return };
        let shown = first.flatten().filter(|it| self.desk.list.seen.contains(it));
        if let Some((marked, at)) = &self.looks.marked {
            let place = |id: &str| history.messages.iter().position(|it| it.id == id);
            let above = place(&until).zip(place(marked)).is_some_and(|(until, marked)| until <= marked);
            if (until == *marked || above) && (shown.is_none() || *at == shown) {
                return;
            }
        }
        if let Some(rest) = self.looks.marked_at.and_then(|it| MARK_EVERY.checked_sub(it.elapsed())) {
            return ctx.request_repaint_after(rest);
        }
        let request = Request::Mark { channel: open, until: Some(until.clone()) };
        if self.bridge.send(Command::Ask { request, purpose: Purpose::Quiet }) {
            (self.looks.marked, self.looks.marked_at) = (Some((until, shown)), Some(Instant::now()));
        }
    }
}

/// The first row of others in a history that was asked for around the first unread one.
fn first_new(history: &History, me: &str) -> Option<String> {
    let from = history.messages.iter().position(|it| Some(&it.id) == history.around.as_ref())?;
    let mut rows = history.messages.iter().skip(from);
    rows.find(|it| it.email != me).map(|it| it.id.clone())
}
