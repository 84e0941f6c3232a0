//! The window: takes events in, draws, carries out what a person did. Nothing here waits for anything.

mod act;
mod attend;
mod compose;
mod files;
mod invite;
mod keys;
mod leave;
mod look;
mod picture;
mod visit;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use artel_node::home::Layout;
use artel_node::text::Lang;
use egui::Context;

use crate::action::{Action, Dialog, Page};
use crate::bridge::{Bridge, Stage};
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
    looks: look::Looks,
    visit: visit::Visit,
    /// Given on the command line: stand above the settings.
    options: Options,
}

impl Shell {
    /// Opens the window's inside in a context; the node starts behind it.
    pub fn new(ctx: &Context, home: Layout, options: Options) -> Self {
        fonts::install(ctx);
        ctx.add_plugin(crate::timeline::copied::Copied);
        let settings = Settings::read(&home);
        let homes = if options.demo { Homes::default() } else { Homes::beside(&home) };
        let lang = options.lang.map_or_else(|| settings.language(), Into::into);
        let bridge = Bridge::start(home, options.demo.then_some(lang));
        bridge.waker().set(ctx.clone());
        let desk = Desk { focus_first: true, homes, reach: options.reach, ..Desk::default() };
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
            looks: look::Looks::default(),
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

    /// Reads pictures of the clipboard in this way: for where there is no desktop with one.
    pub fn read_clipboard_with(&mut self, read: fn() -> Option<egui::ColorImage>) {
        self.chooser.clipboard = read;
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
        self.model.pictures.player.rest(ctx);
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
                if !matches!(self.model.stage, Stage::Phrase(_)) {
                    (self.desk.forms.phrase, self.desk.forms.phrase_kept) = (None, false);
                }
                if self.model.stage == Stage::Ready {
                    self.desk.forms.password.clear();
                    self.desk.forms.password_again.clear();
                    self.open_first();
                    self.go_after_unlocking(ctx);
                }
                if self.model.stage == Stage::Locked {
                    (self.desk.open, self.desk.thread) = (None, None);
                    self.desk.editing.clear();
                    self.desk.cache = crate::timeline::row::Cache::default();
                    self.desk.drafts.forget();
                }
            }
            Happening::Created(channel) => self.created(channel),
            Happening::NotForLater { channel, thread, text } => {
                let place = thread.clone().unwrap_or_else(|| channel.clone());
                self.file_happened(ctx, Happening::FilesReturned { place, text: String::new() });
                self.composed(Happening::Returned { channel, thread, text });
            }
            Happening::Returned { .. } | Happening::EditReturned { .. } | Happening::Kept | Happening::Jump { .. } => {
                self.composed(happening)
            }
            Happening::FilesReturned { .. }
            | Happening::FilesSent { .. }
            | Happening::ForLater { .. }
            | Happening::File { .. }
            | Happening::Picture(..) => self.file_happened(ctx, happening),
            Happening::Arrived { channel, message } => self.arrived(ctx, &channel, message.as_deref()),
            Happening::Thread => self.rows_came(true),
            Happening::Directory => {
                self.begun();
                self.stay_somewhere();
                self.model.pictures.forget_away();
                if self.desk.page == Page::Channels {
                    self.browse();
                }
            }
            Happening::Unread => {
                self.withdraw_read();
                self.new_replies();
                if self.desk.page == Page::Inbox {
                    compose::ask_what_waits(self);
                }
            }
            Happening::History => {
                self.rows_came(false);
                if let Some(Dialog::Pins(channel)) = &self.desk.dialog {
                    let request = artel_node::client::Request::PinList { channel: channel.clone() };
                    act::ask(self, request, crate::bridge::Purpose::Pins(channel.clone()));
                }
            }
        }
    }

    /// What was typed for it stays where it was refused.
    fn created(&mut self, channel: Option<String>) {
        self.desk.making = false;
        if self.model.not_made.is_some() {
            return;
        }
        if matches!(self.desk.dialog, Some(Dialog::NewChannel | Dialog::NewTeam)) {
            self.desk.dialog = None;
        }
        if let Some(channel) = channel {
            self.settings.tour.done.insert(Step::Channel);
            self.open(channel);
        }
    }

    /// A direct message or a group that was only begun has become a place.
    fn begun(&mut self) {
        let Some(emails) = self.desk.open.as_deref().and_then(|it| it.strip_prefix('@')) else { return };
        let emails: Vec<String> = emails.split(',').map(str::to_owned).collect();
        let place = self.model.among(&emails);
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
        // The one for everybody, in whichever language it was founded.
        let callings = [Lang::Ru, Lang::En].map(|it| Words::new(it).t("first-channel"));
        let named = self.model.channels_of(None).into_iter().find(|it| callings.contains(&it.name));
        let named = named.map(|it| it.id.clone());
        if let Some(place) = last.or(named).or(general).or(any) {
            self.open(place);
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
        crate::text_menu::speak(&ctx, &self.words);
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
        self.read_marks(&ctx);
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
