//! What goes on without a click: notifications, presence, who is told of writing, the screen lock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use artel_node::client::{Message, Request};
use egui::{Context, TextureId, UserAttentionType, ViewportCommand};
use time::OffsetDateTime;

use super::{Shell, act};
use crate::action::Action;
use crate::attention::{self, Situation, Told};
use crate::bridge::{Command, Purpose, Stage};
use crate::desk::Attached;
use crate::notify::{Goal, Note};
use crate::timeline::markdown;

/// How often others are told that one writes.
const TYPING_EVERY: Duration = Duration::from_secs(3);
/// Seconds without a key or a mouse after which somebody is away.
const AWAY_AFTER: f64 = 600.0;
/// How often the clock is looked at while nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Letters of a message in a notification.
const BODY_MAX: usize = 200;

/// What is remembered for it.
#[derive(Default)]
pub(super) struct Attend {
    /// What the node was told of presence.
    presence: Option<&'static str>,
    /// What was in the composer when others were last told, and when.
    typed: (String, Option<Instant>),
    /// Files on their way out, by place; kept until they have gone.
    pub(super) sending: BTreeMap<String, Vec<Attached>>,
    /// Where files were saved, by id.
    pub(super) saved: BTreeMap<String, PathBuf>,
    /// Pixels of the picture that is looked at.
    pub(super) pixels: BTreeMap<TextureId, Arc<egui::ColorImage>>,
    /// Where a click led while the screen was locked.
    after: Option<Goal>,
    /// The part of the day of which the settings were told last.
    looked: Option<Instant>,
}

impl Shell {
    /// Looks after everything that time changes. Called for every frame, also of a window that is hidden.
    pub(super) fn attend(&mut self, ctx: &Context) {
        while let Some(goal) = self.notifier.clicked() {
            self.go(ctx, goal);
        }
        if self.model.stage != Stage::Ready {
            self.attend.presence = None;
            return;
        }
        let now = self.words.now();
        if self.settings.quiet_until.is_some_and(|until| until <= now.unix_timestamp()) {
            self.settings.quiet_until = None;
        }
        let idle = self.idle(ctx);
        self.tell_presence(now, idle);
        self.tell_typing();
        let lock = f64::from(self.settings.lock_after) * 60.0;
        if 0.0 < lock && lock < idle && !self.options.demo {
            self.keep_all();
            self.bridge.send(Command::Lock);
        }
        if self.attend.looked.is_none_or(|it| LOOK_EVERY <= it.elapsed()) {
            self.attend.looked = Some(Instant::now());
            let waits = self.settings.quiet_until.is_some() || self.settings.quiet_hours.on || 0.0 < lock;
            if waits || idle < AWAY_AFTER {
                ctx.request_repaint_after(LOOK_EVERY + Duration::from_millis(100));
            }
        }
        let writing = self.model.typing.values().any(|it| it.elapsed() < crate::model::TYPING);
        if writing {
            ctx.request_repaint_after(Duration::from_secs(1));
        }
    }

    fn tell_presence(&mut self, now: OffsetDateTime, idle: f64) {
        let presence = match attention::do_not_disturb(&self.settings, now) {
            true => "busy",
            false if AWAY_AFTER < idle => "away",
            false => "here",
        };
        // At the desk is what everybody supposes of who is connected.
        let known = self.attend.presence.unwrap_or_else(|| match self.model.person(self.model.me()) {
            Some(person) if !person.presence.is_empty() => "",
            _ => "here",
        });
        self.attend.presence = Some(presence);
        if known != presence {
            act::ask(self, Request::Presence { state: presence.into() }, Purpose::Quiet);
        }
    }

    fn tell_typing(&mut self) {
        let Some(open) = self.desk.open.clone().filter(|it| self.model.channel(it).is_some()) else { return };
        let key = |root: &String| crate::drafts::Key::thread(&open, root);
        let thread = self.desk.thread.as_ref().map(|root| self.desk.drafts.get(&key(root)));
        let draft = self.desk.drafts.get(&crate::drafts::Key::of(&open));
        let typed = format!("{open}\n{draft}\n{}", thread.unwrap_or_default());
        let (before, told) = &self.attend.typed;
        if *before == typed {
            return;
        }
        let same_place = before.split('\n').next() == Some(open.as_str());
        let longer = before.len() < typed.len();
        let due = told.is_none_or(|it| TYPING_EVERY <= it.elapsed());
        let tell = same_place && longer && due;
        self.attend.typed = (typed, if tell { Some(Instant::now()) } else { *told });
        if tell {
            act::ask(self, Request::Typing { channel: open }, Purpose::Quiet);
        }
    }

    /// Somebody wrote: the desktop tells it, if it may.
    pub(super) fn arrived(&mut self, ctx: &Context, channel: &str, message: Option<&Message>) {
        let place = self.model.channel(channel);
        // While the screen is locked no place is known; then only direct messages come here.
        let direct = place.is_none_or(|it| matches!(it.kind.as_str(), "direct" | "group"));
        let level = place.map_or("", |it| it.level.as_str());
        // What the desktop says, not what the last frame was drawn with: a window that is hidden draws none.
        let front = self.is_in_front(ctx);
        let situation = Situation { front, direct, level, now: self.words.now() };
        let told = attention::told(message, &self.settings, situation);
        let goal = Goal { channel: channel.to_owned(), message: message.map(|it| it.id.clone()) };
        let (title, body) = match (told, message) {
            (Told::Nothing, _) => return,
            (Told::Text, Some(message)) => {
                let author = markdown::harmless(&message.author);
                let title = match direct {
                    true => author,
                    false => format!("{author} · {}", self.model.title(channel)),
                };
                let text = match message.files.first() {
                    Some(file) if message.text.is_empty() => self.words.with("notify-file", "name", &file.name),
                    _ => message.text.clone(),
                };
                (title, self.readable(&text))
            }
            _ => (self.words.t("app-name"), self.words.t("notify-sign")),
        };
        self.notifier.show(Note { title, body, open: self.words.t("notify-open"), goal });
        ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
    }

    /// What the desktop told of what was read meanwhile goes, here or on another device of this person.
    pub(super) fn withdraw_read(&mut self) {
        let unread = &self.model.unread;
        self.notifier.withdraw(|channel| unread.get(channel).is_some_and(|it| 0 < it.unread));
    }

    /// A text in one line, with names in place of addresses.
    fn readable(&self, text: &str) -> String {
        let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for person in &self.model.directory.persons {
            line = line.replace(&format!("@{}", person.email), &format!("@{}", person.name));
        }
        let cut = line.chars().count() > BODY_MAX;
        let line: String = line.chars().take(BODY_MAX).collect();
        let line = markdown::harmless(&line);
        if cut { format!("{line}…") } else { line }
    }

    /// What was clicked while the screen was locked is shown now.
    pub(super) fn go_after_unlocking(&mut self, ctx: &Context) {
        if let Some(goal) = self.attend.after.take() {
            self.go(ctx, goal);
        }
    }

    /// A click on a notification: the window comes to the front and shows the message.
    fn go(&mut self, ctx: &Context, goal: Goal) {
        self.come_back(ctx);
        if self.model.stage != Stage::Ready {
            // It is shown when the screen is unlocked.
            self.attend.after = Some(goal);
            return;
        }
        self.desk.dialog = None;
        let Goal { channel, message } = goal;
        self.act(
            ctx,
            match message {
                Some(id) => Action::OpenAt { channel, id },
                None => Action::Open(channel),
            },
        );
    }

    /// Not to be disturbed until then; again to be disturbed.
    pub(super) fn do_not_disturb(&mut self, until: Option<i64>) {
        self.settings.quiet_until = until;
        if until.is_some() {
            self.settings.tour.done.insert(crate::settings::Step::Quiet);
        }
    }

    /// Tells everybody a sentence of the moment, beside what they know already.
    pub(super) fn tell_status(&mut self, status: String) {
        let Some(me) = self.model.person(self.model.me()) else { return };
        let (title, phone, about) = (me.title.clone(), me.phone.clone(), me.about.clone());
        act::ask(self, Request::ProfileSet { title, status, phone, about }, Purpose::Quiet);
    }

    /// Asks for all channels, and by which rules they are made.
    pub(super) fn browse(&mut self) {
        act::ask(self, Request::ChannelBrowse, Purpose::Browse);
        act::ask(self, Request::PolicyShow, Purpose::Policy);
    }
}
