//! What is on the screen. Views read the model and write down what a person did; they change nothing themselves.

pub(crate) mod alike;
mod attach;
pub(crate) mod calendar;
pub(crate) mod channel;
pub(crate) mod channels;
pub(crate) mod chat;
pub(crate) mod complete;
pub(crate) mod composer;
pub(crate) mod create;
pub(crate) mod details;
pub(crate) mod diagnostics;
pub(crate) mod dialogs;
pub(crate) mod face;
pub(crate) mod find;
pub(crate) mod gate;
pub(crate) mod gather;
mod govern;
pub(crate) mod health;
mod inbox;
pub(crate) mod invite;
pub(crate) mod kept;
pub(crate) mod me;
pub(crate) mod menu;
pub(crate) mod palette;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod phrase;
pub(crate) mod picker;
pub(crate) mod search;
pub(crate) mod select;
pub(crate) mod settings;
pub(crate) mod sidebar;
pub(crate) mod thread;
pub(crate) mod tour;
pub(crate) mod viewer;

use egui::{CentralPanel, Frame, Margin, Panel, Rect, ScrollArea, Stroke, Ui, pos2, vec2};

use crate::action::{Action, Page};
use crate::bridge::Stage;
use crate::desk::Desk;
use crate::model::Model;
use crate::settings::Settings;
use crate::theme::Tokens;
use crate::words::Words;
use crate::{fonts, icons, widgets};

/// Height of the line at the top of a page.
pub(crate) const HEADER: f32 = 56.0;

/// Width in which a conversation and a thread stand beside each other.
const BESIDE: f32 = 700.0;

/// What a view is given.
pub(crate) struct Scene<'a> {
    pub(crate) model: &'a Model,
    pub(crate) w: &'a Words,
    pub(crate) t: &'a Tokens,
    pub(crate) settings: &'a Settings,
    pub(crate) desk: &'a mut Desk,
    pub(crate) actions: &'a mut Vec<Action>,
}

/// Draws the window.
pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    if scene.model.stage != Stage::Ready {
        let frame = Frame::new().fill(scene.t.sidebar);
        CentralPanel::default().frame(frame).show(ui, |ui| gate::show(ui, scene));
        return;
    }
    sidebar::show(ui, scene);
    let threaded = scene.desk.page == Page::Chat && scene.desk.thread.is_some();
    // Where both have no room beside each other, the thread lies over the conversation.
    let narrow = ui.available_width() < BESIDE;
    if threaded && !narrow {
        let frame = Frame::new().fill(scene.t.surface);
        let panel = Panel::right("thread").default_size(392.0).size_range(300.0..=560.0).show_separator_line(false);
        panel.frame(frame).show(ui, |ui| thread::show(ui, scene));
        name_edge(ui, "thread", scene.w.t("edge-thread"));
    }
    health::show(ui, scene);
    let frame = Frame::new().fill(scene.t.surface);
    CentralPanel::default().frame(frame).show(ui, |ui| match scene.desk.page {
        Page::Chat if threaded && narrow => thread::show(ui, scene),
        Page::Chat => chat::show(ui, scene),
        Page::People => people::show(ui, scene),
        Page::Channels => channels::show(ui, scene),
        Page::Search => search::show(ui, scene),
        Page::Inbox => inbox::show(ui, scene),
        Page::Saved => kept::saved(ui, scene),
        Page::Later => kept::later(ui, scene),
        Page::Settings => settings::show(ui, scene),
        Page::Diagnostics => diagnostics::show(ui, scene),
    });
    viewer::show(ui, scene);
    dialogs::show(ui, scene);
    dialogs::second_thoughts(ui, scene);
    dialogs::notices(ui, scene);
}

/// The first field of a page takes the keyboard, unless a dialog lies above: then it is for a field of that.
pub(crate) fn first_of_page(scene: &mut Scene<'_>, field: &egui::Response) {
    if scene.desk.dialog.is_none() {
        dialogs::first(scene, field);
    }
}

/// Gives the edge by which a panel is made wider a name in the reader's language: the toolkit has one in English only.
pub(crate) fn name_edge(ui: &Ui, panel: &str, name: String) {
    let edge = ui.scope_id().with(panel).with("__resize");
    if ui.ctx().has_accesskit_node(edge) {
        ui.ctx().accesskit_node_builder(edge, |node| node.set_label(name));
    }
}

/// A page with a title, a way back, and a column that scrolls.
pub(crate) fn page(ui: &mut Ui, scene: &mut Scene<'_>, title: &str, content: impl FnOnce(&mut Ui, &mut Scene<'_>)) {
    let rect = ui.max_rect();
    let header = Rect::from_min_size(rect.min, vec2(rect.width(), HEADER));
    let back = Rect::from_center_size(header.left_center() + vec2(30.0, 0.0), vec2(32.0, 32.0));
    if widgets::icon_button(ui, scene.t, back, (icons::BACK, &scene.w.t("back")), false).clicked() {
        scene.actions.push(Action::Page(Page::Chat));
    }
    let at = header.left_center() + vec2(56.0, 0.0);
    let heading = widgets::write_cut(ui.painter(), at, rect.width() - 80.0, title, fonts::semibold(16.0), scene.t.text);
    let response = ui.interact(heading, ui.scope_id().with("title"), egui::Sense::empty());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, title));
    ui.painter().hline(header.x_range(), header.bottom() - 0.5, Stroke::new(1.0, scene.t.border));
    let body = Rect::from_min_max(pos2(rect.left(), header.bottom()), rect.max);
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(body).id_salt(title));
    ScrollArea::vertical().auto_shrink(false).show(&mut child, |ui| {
        Frame::new().inner_margin(Margin::symmetric(28, 20)).show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(760.0));
            content(ui, scene);
        });
    });
}
