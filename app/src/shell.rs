//! The window: takes events in, draws, carries out what a person did. Nothing here waits for anything.

mod act;
mod attend;
mod compose;
mod files;
mod keys;
mod leave;
mod picture;
mod visit;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use artel_node::home::Layout;
use egui::Context;

use crate::action::{Action, Page};
use crate::bridge::{Bridge, Command, Stage};
use crate::chooser::Chooser;
use crate::desk::Desk;
use crate::fonts;
use crate::homes::Homes;
use crate::model::{Happening, Model};
use crate::notify::Notifier;
use crate::options::{Options, ThemeName};
use crate::settings::{Settings, Step};
use crate::theme::{self, Tokens};
use crate::views::{self, Scene};
use crate::words::Words;

/// How long a frame takes events in before it draws.
const TAKING_IN: Duration = Duration::from_millis(4);
/// How long after the last letter a draft is written to the disk.
const SAVE_AFTER: Duration = Duration::from_millis(400);

/// The window.
pub struct Shell {
    bridge: Bridge,
    model: Model,
    desk: Desk,
    settings: Settings,
    /// Settings as they are on the disk.
    saved: Settings,
    changed: Option<Instant>,
    words: Words,
    tokens: Tokens,
    picture: Option<picture::Picture>,
    chooser: Chooser,
    notifier: Notifier,
    attend: attend::Attend,
    leave: leave::Leave,
    visit: visit::Visit,
    /// Given on the command line: stand above the settings.
    options: Options,
}

impl Shell {
    /// Opens the window's inside in a context; the node starts behind it.
    pub fn new(ctx: &Context, home: Layout, options: Options) -> Self {
        fonts::install(ctx);
        let settings = Settings::read(&home);
        let homes = if options.demo { Homes::default() } else { Homes::beside(&home) };
        let bridge = Bridge::start(home, options.demo);
        bridge.waker().set(ctx.clone());
        let lang = options.lang.map_or_else(|| settings.language(), Into::into);
        let desk = Desk { focus_first: true, homes, ..Desk::default() };
        let (chooser, notifier) = (
            Chooser::new(bridge.waker().clone(), !options.own_dialogs),
            Notifier::start(bridge.waker().clone(), options.bus.clone()),
        );
        let mut shell = Self {
            bridge,
            chooser,
            notifier,
            attend: attend::Attend::default(),
            leave: leave::Leave::default(),
            model: Model::default(),
            desk,
            saved: settings.clone(),
            changed: None,
            words: Words::new(lang),
            tokens: Tokens::dark(),
            picture: options.screenshot.clone().map(|file| picture::Picture::new(file, options.screen)),
            visit: visit::Visit::new(options.link.clone()),
            settings,
            options,
        };
        shell.dress(ctx);
        if shell.options.bus.is_some() {
            shell.look_for_tray();
        }
        shell
    }

    /// Applies theme and zoom.
    fn dress(&mut self, ctx: &Context) {
        let wanted = self.options.theme.unwrap_or(self.settings.theme);
        let dark = match wanted {
            ThemeName::Dark => true,
            ThemeName::Light => false,
            ThemeName::System => ctx.input(|it| it.raw.system_theme) != Some(egui::Theme::Light),
        };
        self.tokens = if dark { Tokens::dark() } else { Tokens::light() };
        theme::apply(ctx, &self.tokens);
        ctx.set_zoom_factor(self.settings.zoom);
    }

    /// Takes in what the node told. Called for every frame, also of a window that is hidden.
    pub fn take_in(&mut self, ctx: &Context) {
        let begun = Instant::now();
        while let Some(event) = self.bridge.event() {
            let notices = self.model.notices.len();
            if let Some(happening) = self.model.apply(event) {
                self.happened(ctx, happening);
            }
            if notices < self.model.notices.len() {
                self.desk.noticed = ctx.input(|it| it.time);
            }
            if begun.elapsed() > TAKING_IN {
                ctx.request_repaint();
                break;
            }
        }
        if ctx.input(|it| it.events.contains(&egui::Event::WindowFocused(true))) {
            self.desk.homes.look();
        }
        self.take_chosen(ctx);
        self.come_and_go(ctx);
        self.attend(ctx);
        self.keep(ctx);
        self.look_outside(ctx);
        self.save(ctx);
    }

    fn happened(&mut self, ctx: &Context, happening: Happening) {
        match happening {
            Happening::Stage => {
                self.desk.focus_first = true;
                if self.model.stage == Stage::Ready {
                    self.desk.forms.password.clear();
                    self.desk.forms.password_again.clear();
                    self.open_first();
                }
                if self.model.stage == Stage::Locked {
                    self.desk.open = None;
                    self.desk.thread = None;
                    self.desk.cache = crate::timeline::row::Cache::default();
                    self.desk.drafts.forget();
                }
            }
            Happening::Created(channel) => {
                self.settings.tour.done.insert(Step::Channel);
                self.open(channel);
            }
            Happening::Returned { .. } | Happening::EditReturned { .. } | Happening::Kept | Happening::Jump { .. } => {
                self.composed(happening)
            }
            Happening::FilesReturned { .. }
            | Happening::FilesSent { .. }
            | Happening::File { .. }
            | Happening::Picture(..) => self.file_happened(ctx, happening),
            Happening::Arrived { channel, message } => self.arrived(ctx, &channel, message.as_deref()),
            Happening::Directory => {
                self.begun();
                self.stay_somewhere();
                self.model.pictures.forget_away();
                if self.desk.page == Page::Channels {
                    self.browse();
                }
            }
            Happening::History => {
                self.read_marks();
                if let Some(crate::action::Dialog::Pins(channel)) = &self.desk.dialog {
                    let request = artel_node::client::Request::PinList { channel: channel.clone() };
                    act::ask(self, request, crate::bridge::Purpose::Pins(channel.clone()));
                }
            }
        }
    }

    /// A direct message that was only begun has become a place.
    fn begun(&mut self) {
        let Some(email) = self.desk.open.as_deref().and_then(|it| it.strip_prefix('@')) else { return };
        let place = self.model.direct_with(email);
        if !place.starts_with('@') {
            if let Some(begun) = self.desk.open.take() {
                self.desk.drafts.rename(&begun, &place);
            }
            self.open(place);
        }
    }

    /// Where the open place is no longer among those of this person, another is opened.
    fn stay_somewhere(&mut self) {
        let gone = self.desk.open.as_ref().is_some_and(|it| !it.starts_with('@') && self.model.channel(it).is_none());
        if gone && self.model.stage == Stage::Ready {
            let page = self.desk.page;
            self.desk.open = None;
            self.open_first();
            self.desk.page = page;
        }
    }

    /// The place that was open last, else the first.
    fn open_first(&mut self) {
        let last = self.settings.open.clone().filter(|it| self.model.channel(it).is_some());
        let general = self.model.channels_of(None).first().map(|it| it.id.clone());
        let any = self.model.directory.channels.first().map(|it| it.id.clone());
        let calling = self.words.t("first-channel");
        let named = self.model.channels_of(None).into_iter().find(|it| it.name == calling).map(|it| it.id.clone());
        if let Some(place) = last.or(named).or(general).or(any) {
            self.open(place);
        }
    }

    pub(crate) fn open(&mut self, target: String) {
        if self.desk.open.as_ref() != Some(&target) {
            self.model.history = None;
            self.model.new_from = self.model.unread.get(&target).and_then(|it| it.first.clone());
            self.desk.thread = None;
            self.desk.editing = None;
            (self.desk.selected, self.desk.find, self.desk.unread_by_hand) = (None, None, None);
            if !target.starts_with('@') {
                let request = artel_node::client::Request::ChannelMembers { channel: target.clone() };
                let purpose = crate::bridge::Purpose::Members(target.clone());
                self.bridge.send(Command::Ask { request, purpose });
            }
            self.bridge.send(Command::Thread { channel: target.clone(), root: None });
        }
        self.desk.list.show_newest();
        if let Some(first) = &self.model.new_from {
            self.desk.list.jump(first);
        }
        self.desk.recent.retain(|it| *it != target);
        self.desk.recent.insert(0, target.clone());
        self.desk.recent.truncate(20);
        self.settings.open = Some(target.clone());
        self.desk.open = Some(target.clone());
        self.desk.page = Page::Chat;
        self.desk.focus_composer = true;
        self.desk.cursor_to_end = true;
        self.bridge.send(Command::Watch { channel: target, around: None });
    }

    /// What is on the screen of a window in front is read.
    fn read_marks(&mut self) {
        let Some(open) = self.desk.open.clone() else { return };
        if self.desk.unread_by_hand.is_some() || self.leave.away {
            return;
        }
        let unread = self.model.unread.get(&open).is_some_and(|it| 0 < it.unread) || self.model.history.is_some();
        if unread && self.desk.page == Page::Chat && self.desk.list.at_newest() && self.model.channel(&open).is_some() {
            let request = artel_node::client::Request::Mark { channel: open };
            if self.model.needs_mark() {
                self.bridge.send(Command::Ask { request, purpose: crate::bridge::Purpose::Quiet });
            }
        }
    }

    /// Draws and carries out.
    pub fn draw(&mut self, ui: &mut egui::Ui) {
        let ctx = ui.ctx().clone();
        self.was_drawn(&ctx);
        if self.leave.hidden {
            // X11 goes on asking for frames of a window that is off the screen.
            return;
        }
        let mut actions = Vec::new();
        keys::read(&ctx, &self.model, &self.desk, &mut actions);
        let mut scene = Scene {
            model: &self.model,
            w: &self.words,
            t: &self.tokens,
            settings: &self.settings,
            desk: &mut self.desk,
            actions: &mut actions,
        };
        views::show(ui, &mut scene);
        if ctx.input(|it| !it.events.is_empty()) {
            self.desk.busy_at = ctx.input(|it| it.time);
        }
        let notices = self.model.notices.clone();
        for action in actions {
            self.act(&ctx, action);
        }
        if notices != self.model.notices {
            self.desk.noticed = ctx.input(|it| it.time);
            // Their time is over without anybody having pressed anything: nothing else draws what is left.
            ctx.request_repaint();
        }
        self.note_place(&ctx);
        self.note_changes();
        self.take_picture(&ctx);
    }

    fn note_changes(&mut self) {
        if self.settings != self.saved && self.changed.is_none() {
            self.changed = Some(Instant::now());
        }
    }

    /// Writes the settings a moment after they changed.
    fn save(&mut self, ctx: &Context) {
        let Some(changed) = self.changed else { return };
        if changed.elapsed() < SAVE_AFTER {
            ctx.request_repaint_after(SAVE_AFTER);
            return;
        }
        self.changed = None;
        self.write_settings();
    }

    fn write_settings(&mut self) {
        self.saved = self.settings.clone();
        if let Err(error) = self.settings.write(&self.model.home) {
            tracing::warn!(%error, "settings and drafts are not written");
        }
    }

    /// Closes the home in order; returns when that is done.
    pub fn close(&mut self) {
        self.keep_all();
        self.write_settings();
        self.bridge.stop();
    }

    /// Where the home is.
    pub fn home(&self) -> PathBuf {
        self.model.home.clone()
    }

    fn act(&mut self, ctx: &Context, action: Action) {
        act::carry_out(self, ctx, action);
    }
}

impl eframe::App for Shell {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.close();
    }
}
