//! What comes to a window from outside of it: a second start, a link; and what it keeps of its own place on the screen.

use artel_node::home::Layout;
use artel_node::node::Invitation;
use egui::{Context, UserAttentionType, ViewportCommand};

use super::{Shell, invite};
use crate::action::Action;
use crate::bridge::Stage;
use crate::crash;
use crate::instance::{Bell, Ring};
use crate::links::{self, Link};
use crate::model::Notice;
use crate::settings::{Place, Settings};

/// What waits.
#[derive(Default)]
pub(super) struct Visit {
    bell: Option<Bell>,
    /// Where the last process may have left a report; looked at when somebody is there to be told.
    reports: Option<Layout>,
    /// A link that is to be followed as soon as that is possible.
    wanted: Option<String>,
    /// To be told when somebody is there to read it.
    tell: Vec<Notice>,
    /// Zoom as of the last frame: keys change it past the settings.
    zoom: f32,
}

impl Visit {
    /// With the link of the command line.
    pub(super) fn new(link: Option<String>) -> Self {
        Self { wanted: link, ..Self::default() }
    }
}

impl Shell {
    /// Takes the bell of this home, and looks for what the last process left to be told.
    pub(crate) fn with_visitors(mut self, ctx: &Context, home: &Layout, bell: Option<Bell>, settings: Aside) -> Self {
        if let Some(bell) = &bell {
            bell.waker().set(ctx.clone());
        }
        self.visit.bell = bell;
        self.visit.tell.extend(settings.map(|it| named("settings-damaged", &it)));
        self.visit.reports = Some(home.clone());
        self.look_for_tray();
        self
    }

    /// Once a frame: who rang, what can be followed and told by now.
    pub(super) fn look_outside(&mut self, ctx: &Context) {
        while let Some(Ring { link }) = self.visit.bell.as_ref().and_then(Bell::ring) {
            self.come_back(ctx);
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
            self.visit.wanted = link.or_else(|| self.visit.wanted.take());
        }
        if self.visit.wanted.is_some() {
            self.follow(ctx);
        }
        if self.model.stage != Stage::Ready {
            return;
        }
        let report = self.visit.reports.take().and_then(|it| crash::untold(&it));
        self.visit.tell.extend(report.map(|it| named("crash-report", &it)));
        if !self.visit.tell.is_empty() {
            for notice in std::mem::take(&mut self.visit.tell) {
                self.model.tell(notice);
            }
            self.desk.noticed = ctx.input(|it| it.time);
        }
    }

    fn follow(&mut self, ctx: &Context) {
        let Some(link) = self.visit.wanted.take() else { return };
        match (links::read(&link), &self.model.stage) {
            (None, Stage::Welcome) => {
                let plain = || Invitation { code: link.clone(), addresses: Vec::new() };
                invite::fill(self, links::invitation(&link).unwrap_or_else(plain));
            }
            (None, Stage::Ready | Stage::Locked) => self.visit.tell.push(Notice::Text("link-already-in")),
            (Some(Link { channel, id }), Stage::Ready) => match self.model.channel(&channel).is_some() {
                true => self.act(ctx, Action::OpenAt { channel, id }),
                false => self.visit.tell.push(Notice::Text("link-nowhere")),
            },
            // It can be followed later.
            _ => self.visit.wanted = Some(link),
        }
    }

    /// Keeps size, place and zoom for the next start.
    pub(super) fn note_place(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        if 0.0 < self.visit.zoom && self.visit.zoom != zoom {
            self.settings.zoom = Settings::sane_zoom(zoom);
        }
        self.visit.zoom = zoom;
        let place = ctx.input(|it| {
            let window = it.viewport();
            let hidden = window.minimized == Some(true) || window.fullscreen == Some(true);
            let (Some(inner), false) = (window.inner_rect, hidden) else { return None };
            let maximised = window.maximized == Some(true);
            // In points of the desktop: the next start asks for them before it knows the zoom.
            let scaled = |it: egui::Vec2| [it.x * zoom, it.y * zoom].map(f32::round);
            let at = window.outer_rect.map(|it| scaled(it.min.to_vec2()));
            Some(Place { maximised, size: scaled(inner.size()), at })
        });
        let Some(place) = place else { return };
        let before = self.settings.place.clone();
        self.settings.place = match (place.maximised, before) {
            // Where it was before counts when it is made smaller again.
            (true, Some(before)) => Some(Place { maximised: true, ..before }),
            _ => Some(place),
        };
    }
}

/// A settings file that could not be read, where it lies now.
pub(crate) type Aside = Option<std::path::PathBuf>;

fn named(key: &'static str, path: &std::path::Path) -> Notice {
    Notice::With(key, path.display().to_string())
}
