//! The window that is closed while the program goes on: into the tray and back, and the end of it.

use std::time::Instant;

use egui::{Context, Key, Modifiers, ViewportCommand};

use super::Shell;
use crate::attention;
use crate::bridge::Stage;
use crate::tray::{Dot, Sign, Tray, Wish};

/// How long the tray keeps notifications away, seconds.
const QUIET: i64 = 60 * 60;

/// What is remembered of it.
#[derive(Default)]
pub(super) struct Leave {
    /// None where none was looked for.
    tray: Option<Tray>,
    /// The window is closed, the program goes on.
    pub(super) hidden: bool,
    /// The next closing is the end.
    quitting: bool,
    /// Nobody looks: another window is in front, or this one is not on the screen.
    pub(super) away: bool,
    /// When a frame was last drawn: egui's clock stands still while none is.
    drawn: Option<Instant>,
}

impl Shell {
    /// Looks for a tray from now on.
    pub(super) fn look_for_tray(&mut self) {
        if self.leave.tray.is_none() && self.options.screenshot.is_none() {
            self.leave.tray = Some(Tray::start(self.bridge.waker().clone(), self.options.bus.clone()));
        }
    }

    /// Once a frame, also of a window that is hidden: what was chosen in the tray, and whether to close or to hide.
    pub(super) fn come_and_go(&mut self, ctx: &Context) {
        while let Some(wish) = self.leave.tray.as_ref().and_then(Tray::wish) {
            match wish {
                Wish::Open => self.come_back(ctx),
                Wish::Quiet => self.turn_quiet(),
                Wish::Quit => self.quit(ctx),
            }
        }
        let there = self.leave.tray.as_ref().is_some_and(Tray::is_there);
        self.desk.tray = there;
        if ctx.input(|it| it.viewport().close_requested())
            && there
            && self.settings.close_to_tray
            && !self.leave.quitting
        {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.hide(ctx);
        }
        if self.leave.hidden && !there {
            // Nothing else would lead back.
            self.come_back(ctx);
        }
        self.show_sign();
        let away = !self.is_in_front(ctx);
        self.desk.front = !away;
        if std::mem::replace(&mut self.leave.away, away) && !away {
            // What came meanwhile is read when it is drawn.
            ctx.request_repaint();
        }
    }

    /// Whether nobody can see what is drawn.
    pub(super) fn is_unseen(&self, ctx: &Context) -> bool {
        self.leave.hidden || ctx.input(|it| it.viewport().minimized) == Some(true)
    }

    /// Whether somebody looks at it. What is not looked at is told of, and is not read.
    pub(super) fn is_in_front(&self, ctx: &Context) -> bool {
        ctx.input(|it| it.raw.focused) && !self.is_unseen(ctx)
    }

    /// Seconds that nobody did anything here.
    pub(super) fn idle(&self, ctx: &Context) -> f64 {
        let since = self.leave.drawn.map_or(0.0, |it| it.elapsed().as_secs_f64());
        ctx.input(|it| it.time) - self.desk.busy_at + since
    }

    /// A frame was drawn. Ctrl+Q ends the program.
    pub(super) fn was_drawn(&mut self, ctx: &Context) {
        self.leave.drawn = Some(Instant::now());
        if ctx.input_mut(|it| it.consume_key(Modifiers::COMMAND, Key::Q)) {
            self.quit(ctx);
        }
    }

    fn hide(&mut self, ctx: &Context) {
        self.keep_all();
        self.write_settings();
        if can_hide() {
            self.leave.hidden = true;
            ctx.send_viewport_cmd(ViewportCommand::Visible(false));
        } else {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(true));
        }
    }

    /// The window comes to the front, from wherever it is.
    pub(super) fn come_back(&mut self, ctx: &Context) {
        if std::mem::take(&mut self.leave.hidden) {
            // What is not drawn loses the keyboard.
            self.desk.focus_composer = true;
        }
        for command in [ViewportCommand::Visible(true), ViewportCommand::Minimized(false), ViewportCommand::Focus] {
            ctx.send_viewport_cmd(command);
        }
        ctx.request_repaint();
    }

    fn quit(&mut self, ctx: &Context) {
        self.leave.quitting = true;
        ctx.send_viewport_cmd(ViewportCommand::Close);
        ctx.request_repaint();
    }

    fn turn_quiet(&mut self) {
        let now = self.words.now();
        let until = (!attention::do_not_disturb(&self.settings, now)).then(|| now.unix_timestamp() + QUIET);
        self.do_not_disturb(until);
        self.note_changes();
    }

    fn show_sign(&mut self) {
        let known = self.model.stage == Stage::Ready;
        let places = self.model.unread.values().filter(|it| known && 0 < it.unread);
        let (mut count, mut dot) = (0_u32, Dot::None);
        for place in places {
            let channel = self.model.channel(&place.id);
            if channel.is_some_and(|it| it.level == "nothing") {
                continue;
            }
            let direct = channel.is_some_and(|it| matches!(it.kind.as_str(), "direct" | "group"));
            count = count.saturating_add(place.unread);
            dot = match dot {
                Dot::Called => Dot::Called,
                _ if direct || 0 < place.mentions => Dot::Called,
                _ => Dot::Unread,
            };
        }
        let quiet = attention::do_not_disturb(&self.settings, self.words.now());
        let words = &self.words;
        let sign = Sign {
            dot,
            told: match count {
                0 => String::new(),
                count => words.n("tray-unread", usize::try_from(count).unwrap_or(usize::MAX)),
            },
            open: words.t("tray-open"),
            quiet: words.t(if quiet { "dnd-off" } else { "tray-quiet" }),
            quit: words.t("tray-quit"),
        };
        if let Some(tray) = &mut self.leave.tray {
            tray.show(sign);
        }
    }
}

/// Whether windows can be taken from the screen. Wayland has no such thing; there they are made small, as the button does.
fn can_hide() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    !cfg!(target_os = "linux") || !(set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET"))
}
