//! The list of places on the left, with what is unread, who is on, and the state of the network.

use artel_node::client::Channel;
use egui::epaint::StrokeKind;
use egui::{
    Align2, Frame, Id, Panel, Popup, Pos2, Rect, Role, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::{Scene, face};
use crate::action::{Action, Dialog, Page};
use crate::bridge::Command;
use crate::model::{is_channel, may};
use crate::widgets::{self, icon_button};
use crate::{fonts, icons};

const ROW: f32 = 34.0;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let frame = Frame::new().fill(scene.t.sidebar);
    let panel = Panel::left("places").default_size(268.0).size_range(200.0..=360.0).show_separator_line(false);
    panel.frame(frame).show(ui, |ui| {
        let rect = ui.max_rect();
        // What is painted by hand takes no room by itself.
        ui.expand_to_include_rect(rect);
        head(ui, scene, rect);
        let list = Rect::from_min_max(rect.min + vec2(0.0, 104.0), rect.max - vec2(0.0, 112.0));
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(list).id_salt("list"));
        ScrollArea::vertical().auto_shrink(false).show(&mut child, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            places(ui, scene);
        });
        out_of_sight(&child, scene, list);
        let own = Rect::from_min_max(
            pos2(rect.left() + 10.0, rect.bottom() - 106.0),
            pos2(rect.right() - 10.0, rect.bottom() - 60.0),
        );
        super::me::row(ui, scene, own);
        foot(
            ui,
            scene,
            Rect::from_min_max(pos2(rect.left() + 10.0, rect.bottom() - 54.0), rect.max - vec2(10.0, 10.0)),
        );
    });
    super::name_edge(ui, "places", scene.w.t("edge-places"));
}

/// Name of the organisation with its menu, and the field that opens the switcher.
fn head(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect) {
    let name = match scene.model.organisation() {
        "" => scene.w.t("app-name"),
        name => name.to_owned(),
    };
    let place = Rect::from_min_max(rect.min + vec2(8.0, 10.0), pos2(rect.right() - 48.0, rect.top() + 46.0));
    let menu = ui.interact(place, Id::unique("organisation"), Sense::click());
    menu.widget_info(|| WidgetInfo::labeled(Role::Button, true, scene.w.with("menu-of", "name", &name)));
    if menu.hovered() {
        ui.painter().rect_filled(place, 8, scene.t.hover_side);
    }
    widgets::focus_ring(ui, &menu, 8, scene.t);
    let at = place.left_center() + vec2(10.0, 0.0);
    let wrote = widgets::write_cut(ui.painter(), at, place.width() - 34.0, &name, fonts::semibold(16.0), scene.t.text);
    let at = pos2(wrote.right() + 12.0, place.center().y + 1.0);
    widgets::write(ui.painter(), at, Align2::CENTER_CENTER, icons::CARET, fonts::icon(12.0), scene.t.text3);
    Popup::menu(&menu).show(|ui| super::menu::organisation(ui, scene));
    let compose = Rect::from_center_size(pos2(rect.right() - 28.0, rect.top() + 28.0), Vec2::splat(32.0));
    if icon_button(ui, scene.t, compose, (icons::COMPOSE, &scene.w.t("write-to")), false).clicked() {
        scene.actions.push(Action::Page(Page::People));
    }
    let search =
        Rect::from_min_max(pos2(rect.left() + 12.0, rect.top() + 56.0), pos2(rect.right() - 12.0, rect.top() + 90.0));
    let response = ui.interact(search, Id::unique("open-palette"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, scene.w.t("search")));
    let edge = if response.hovered() { scene.t.border_strong } else { scene.t.border };
    let p = ui.painter();
    p.rect(search, 8, scene.t.input, Stroke::new(1.0, edge), StrokeKind::Inside);
    let at = search.left_center() + vec2(18.0, 0.0);
    widgets::write(p, at, Align2::CENTER_CENTER, icons::SEARCH, fonts::icon(16.0), scene.t.text3);
    let at = search.left_center() + vec2(34.0, 0.0);
    widgets::write(p, at, Align2::LEFT_CENTER, &scene.w.t("search"), fonts::text(14.0), scene.t.text3);
    let at = search.right_center() - vec2(10.0, 0.0);
    widgets::write(p, at, Align2::RIGHT_CENTER, &scene.w.t("search-hint"), fonts::medium(11.0), scene.t.text3);
    widgets::focus_ring(ui, &response, 8, scene.t);
    if response.clicked() {
        scene.actions.push(Action::Dialog(Dialog::Palette));
    }
}

fn places(ui: &mut Ui, scene: &mut Scene<'_>) {
    let model = scene.model;
    if 0 < model.mentions() || scene.desk.page == Page::Inbox {
        let on = scene.desk.page == Page::Inbox;
        let row = Row {
            name: scene.w.t("inbox"),
            on,
            unread: model.mentions(),
            mentions: model.mentions(),
            ..Row::default()
        };
        if row.show(ui, scene, |p, t, at| {
            widgets::write(p, at, Align2::CENTER_CENTER, icons::AT, fonts::icon(17.0), t.text2);
        }) {
            scene.actions.push(Action::Page(Page::Inbox));
        }
    }
    first_steps(ui, scene);
    favourites(ui, scene);
    let plus = model.creates().then(|| scene.w.t("new-channel"));
    let (plus_clicked, open) = section(ui, scene, "channels", &scene.w.t("channels"), plus.as_deref());
    if plus_clicked {
        scene.desk.forms.team = None;
        scene.actions.push(Action::Dialog(Dialog::NewChannel));
    }
    rows(ui, scene, &model.channels_of(None), open);
    for team in model.teams() {
        let channels = model.channels_of(Some(&team.name));
        let lead = may(&team.may, "channel");
        if channels.is_empty() && !lead {
            continue;
        }
        let name = scene.w.with("new-channel-in", "name", &team.name);
        let (plus_clicked, open) = section(ui, scene, &team.id, &team.name, lead.then_some(name.as_str()));
        if plus_clicked {
            scene.desk.forms.team = Some(team.name.clone());
            scene.actions.push(Action::Dialog(Dialog::NewChannel));
        }
        rows(ui, scene, &channels, open);
    }
    let browse = Row { name: scene.w.t("channels-all"), on: scene.desk.page == Page::Channels, ..Row::default() };
    if browse.show(ui, scene, |p, t, at| {
        widgets::write(p, at, Align2::CENTER_CENTER, icons::COMPASS, fonts::icon(17.0), t.text3);
    }) {
        scene.actions.push(Action::Page(Page::Channels));
    }
    let write_to = scene.w.t("write-to");
    let (plus_clicked, open) = section(ui, scene, "directs", &scene.w.t("directs"), Some(&write_to));
    if plus_clicked {
        scene.actions.push(Action::Page(Page::People));
    }
    rows(ui, scene, &model.directs(), open);
    let begun = scene.desk.open.clone().filter(|it| it.starts_with('@') && model.channel(it).is_none());
    if let Some(target) = begun {
        direct_row(ui, scene, &target);
    }
    archived(ui, scene);
    ui.add_space(12.0);
}

/// What a newcomer may try, until it is done or put away.
fn first_steps(ui: &mut Ui, scene: &mut Scene<'_>) {
    let tour = &scene.settings.tour;
    if !tour.goes_on() {
        return;
    }
    let name = scene.w.with("tour-row", "name", &tour.done.len().to_string());
    let row = Row { name, ..Row::default() };
    if row.show(ui, scene, |p, t, at| {
        widgets::write(p, at, Align2::CENTER_CENTER, icons::COMPASS, fonts::icon(17.0), t.accent_text);
    }) {
        scene.actions.push(Action::Dialog(Dialog::Tour));
    }
}

/// What the person keeps at the top.
fn favourites(ui: &mut Ui, scene: &mut Scene<'_>) {
    let favourites = scene.model.favourites();
    if favourites.is_empty() {
        return;
    }
    let (_, open) = section(ui, scene, "favourites", &scene.w.t("favourites"), None);
    ui.push_id("favourites", |ui| {
        for channel in favourites {
            if open || stays(scene, &channel.id) {
                place_row(ui, scene, channel);
            }
        }
    });
}

/// Channels that were put away, folded away until they are wanted.
fn archived(ui: &mut Ui, scene: &mut Scene<'_>) {
    let places = scene.model.archived();
    if places.is_empty() {
        return;
    }
    ui.add_space(10.0);
    let open = scene.desk.archived_open;
    let row = Row { name: format!("{} · {}", scene.w.t("archived"), places.len()), on: false, ..Row::default() };
    if row.show(ui, scene, |p, t, at| {
        widgets::write(p, at, Align2::CENTER_CENTER, icons::ARCHIVE, fonts::icon(17.0), t.text3);
    }) {
        scene.desk.archived_open = !open;
    }
    for channel in places.into_iter().filter(|_| open) {
        if !channel.favourite {
            channel_row(ui, scene, channel);
        }
    }
}

/// A place of any kind.
fn place_row(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    match is_channel(channel) {
        true => channel_row(ui, scene, channel),
        false => direct_row(ui, scene, &channel.id),
    }
}

/// The places of a section that are not kept at the top; of a folded one those that cannot be missed.
fn rows(ui: &mut Ui, scene: &mut Scene<'_>, places: &[&Channel], open: bool) {
    for channel in places.iter().filter(|it| !it.favourite) {
        if open || stays(scene, &channel.id) {
            place_row(ui, scene, channel);
        }
    }
}

/// Whether a place is seen also while its section is folded: it is open, or something waits there.
fn stays(scene: &Scene<'_>, target: &str) -> bool {
    scene.desk.open.as_deref() == Some(target) || scene.model.disturbs(target)
}

/// A heading that folds its section, with an optional plus; whether the plus was clicked, and whether the section is unfolded.
fn section(ui: &mut Ui, scene: &mut Scene<'_>, key: &str, title: &str, plus: Option<&str>) -> (bool, bool) {
    ui.add_space(10.0);
    let open = !scene.settings.folded.contains(key);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let place = Rect::from_min_max(rect.min + vec2(8.0, 0.0), rect.max - vec2(40.0, 0.0));
    let response = ui.interact(place, Id::unique(("section", key)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, title));
    let (p, t) = (ui.painter(), scene.t);
    if response.hovered() {
        p.rect_filled(place, 6, t.hover_side);
    }
    widgets::focus_ring(ui, &response, 6, t);
    let at = rect.left_center() + vec2(20.0, 0.0);
    let room = rect.width() - 72.0;
    let font = fonts::semibold(12.0);
    let whole = widgets::fits(p, room, title, &font);
    let wrote = widgets::write_cut(p, at, room, title, font, t.text3);
    if response.hovered() || !open {
        let icon = if open { icons::CARET } else { icons::NEXT };
        let at = pos2(wrote.right() + 12.0, rect.center().y);
        widgets::write(p, at, Align2::CENTER_CENTER, icon, fonts::icon(11.0), t.text3);
    }
    if response.clicked() {
        scene.actions.push(Action::Fold(key.to_owned()));
    }
    let tip = if whole { scene.w.t(if open { "fold" } else { "unfold" }) } else { title.to_owned() };
    response.on_hover_text(tip);
    let Some(plus) = plus else { return (false, open) };
    let place = Rect::from_center_size(pos2(rect.right() - 26.0, rect.center().y), Vec2::splat(24.0));
    (icon_button(ui, scene.t, place, (icons::PLUS, plus), false).clicked(), open)
}

/// At the edges of the list: that something waits out of sight. A click leads there.
fn out_of_sight(ui: &Ui, scene: &mut Scene<'_>, list: Rect) {
    let rows = std::mem::take(&mut scene.desk.unread_rows);
    let above = rows.iter().rfind(|it| it.1.center().y < list.top());
    let below = rows.iter().find(|it| list.bottom() < it.1.center().y);
    for (row, key, icon, y) in [
        (above, "unread-above", icons::ARROW_UP, list.top() + 16.0),
        (below, "unread-below", icons::ARROW_DOWN, list.bottom() - 16.0),
    ] {
        let Some((target, _)) = row else { continue };
        let (t, p, name) = (scene.t, ui.painter(), scene.w.t(key));
        let galley = p.layout_no_wrap(name.clone(), fonts::medium(12.0), t.on_accent);
        let place = Rect::from_center_size(pos2(list.center().x, y), vec2(galley.size().x + 40.0, 26.0));
        let response = ui.interact(place, Id::unique(key), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        p.add(t.shadow().as_shape(place, 13));
        p.rect_filled(place, 13, if response.hovered() { t.accent_hover } else { t.accent });
        let at = place.left_center() + vec2(16.0, 0.0);
        widgets::write(p, at, Align2::CENTER_CENTER, icon, fonts::icon(13.0), t.on_accent);
        p.galley(pos2(place.left() + 28.0, y - galley.size().y / 2.0), galley, t.on_accent);
        widgets::focus_ring(ui, &response, 13, t);
        if response.clicked() {
            scene.desk.show_place = Some(target.clone());
            ui.ctx().request_repaint();
        }
    }
}

#[derive(Default)]
struct Row {
    name: String,
    muted: bool,
    /// A sentence of the moment of the other person.
    about: String,
    on: bool,
    unread: u32,
    /// Beside which number a red mark stands.
    mentions: u32,
    /// Messages of a place of many that call this person.
    calls: u32,
    draft: bool,
}

impl Row {
    /// The row for who does not see it: what calls this person first, then what else is new.
    fn said(&self, scene: &Scene<'_>) -> String {
        let count = |key, it| scene.w.n(key, usize::try_from(it).unwrap_or(usize::MAX));
        let calls = (0 < self.calls).then(|| count("mention-count", self.calls));
        let unread = (self.calls < self.unread).then(|| count("unread", self.unread));
        [Some(self.name.clone()), calls, unread].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Draws the row; `lead` paints what stands before the name. Whether it was clicked.
    fn show(
        &self,
        ui: &mut Ui,
        scene: &Scene<'_>,
        lead: impl FnOnce(&egui::Painter, &crate::theme::Tokens, Pos2),
    ) -> bool {
        self.paint(ui, scene, lead).clicked()
    }

    /// The same, with everything that was done with it.
    fn paint(
        &self,
        ui: &mut Ui,
        scene: &Scene<'_>,
        lead: impl FnOnce(&egui::Painter, &crate::theme::Tokens, Pos2),
    ) -> egui::Response {
        let t = scene.t;
        let (outer, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let rect = outer.shrink2(vec2(8.0, 0.0));
        let name = self.said(scene);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, self.on, &name));
        let p = ui.painter();
        if self.on {
            p.rect_filled(rect, 8, t.selected);
        } else if response.hovered() {
            p.rect_filled(rect, 8, t.hover_side);
        }
        widgets::focus_ring(ui, &response, 8, t);
        lead(p, t, rect.left_center() + vec2(18.0, 0.0));
        let strong = 0 < self.unread || self.on;
        let color = if self.muted && !self.on {
            t.text3
        } else if strong {
            t.text
        } else {
            t.text2
        };
        let font = if strong { fonts::semibold(14.0) } else { fonts::text(14.0) };
        let mut room = rect.width() - 44.0;
        let right = rect.right_center() - vec2(10.0, 0.0);
        if 0 < self.mentions {
            room -= widgets::badge(p, right, self.mentions, t.danger, t.on_accent) + 10.0;
        } else if 0 < self.unread {
            room -= widgets::badge(p, right, self.unread, t.border_strong, t.text) + 10.0;
        } else if self.draft {
            widgets::write(p, right, Align2::RIGHT_CENTER, icons::PENCIL, fonts::icon(14.0), t.text3);
            room -= 24.0;
        } else if self.muted {
            widgets::write(p, right, Align2::RIGHT_CENTER, icons::BELL_OFF, fonts::icon(14.0), t.text3);
            room -= 24.0;
        }
        let whole = widgets::fits(p, room, &self.name, &font);
        widgets::write_cut(p, rect.left_center() + vec2(36.0, 0.0), room, &self.name, font, color);
        match (whole, self.about.is_empty()) {
            (true, true) => response,
            (true, false) => response.on_hover_text(&self.about),
            (false, true) => response.on_hover_text(&self.name),
            (false, false) => response.on_hover_text(format!("{}\n{}", self.name, self.about)),
        }
    }

    fn of(scene: &Scene<'_>, target: &str, direct: bool) -> Self {
        let unread = scene.model.unread.get(target);
        let count = unread.map_or(0, |it| it.unread);
        let on = scene.desk.page == Page::Chat && scene.desk.open.as_deref() == Some(target);
        // What one looks at is about to be read: no number for a moment.
        let read = on && scene.desk.front;
        let channel = scene.model.channel(target);
        Self {
            muted: channel.is_some_and(|it| it.level == "nothing"),
            about: scene.model.other(target).map(|it| it.status.clone()).unwrap_or_default(),
            name: scene.model.title(target),
            on,
            unread: if read { 0 } else { count },
            // Every direct message is for this person.
            mentions: if read {
                0
            } else if direct {
                count
            } else {
                unread.map_or(0, |it| it.mentions)
            },
            calls: if read || direct { 0 } else { unread.map_or(0, |it| it.mentions) },
            draft: !on && scene.desk.drafts.has(target),
        }
    }
}

fn channel_row(ui: &mut Ui, scene: &mut Scene<'_>, channel: &Channel) {
    let row = Row::of(scene, &channel.id, false);
    let icon = super::channels::sign(&channel.kind);
    let strong = row.on;
    let response = row.paint(ui, scene, |p, t, at| {
        let color = if strong { t.accent_text } else { t.text2 };
        widgets::write(p, at, Align2::CENTER_CENTER, icon, fonts::icon(17.0), color);
    });
    opened(ui, scene, &response, &channel.id);
}

/// A click opens a place, the other button or the menu key what can be done with it.
fn opened(ui: &Ui, scene: &mut Scene<'_>, response: &egui::Response, target: &str) {
    if response.clicked() {
        scene.actions.push(Action::Open(target.to_owned()));
    }
    if scene.desk.focus_place && scene.desk.open.as_deref() == Some(target) {
        scene.desk.focus_place = false;
        response.request_focus();
    }
    if scene.desk.show_place.take_if(|it| it == target).is_some() {
        response.scroll_to_me(Some(egui::Align::Center));
    }
    if scene.model.disturbs(target) && scene.desk.open.as_deref() != Some(target) {
        scene.desk.unread_rows.push((target.to_owned(), response.rect));
    }
    let Some(channel) = scene.model.channel(target) else { return };
    super::menu::beside(ui, response, ("place-menu", target), |ui| super::menu::place(ui, scene, channel));
}

fn direct_row(ui: &mut Ui, scene: &mut Scene<'_>, target: &str) {
    let row = Row::of(scene, target, true);
    let (other, on, model) = (scene.model.other(target), row.on, scene.model);
    let mut wanted = Vec::new();
    let response = row.paint(ui, scene, |p, t, at| match other {
        None => {
            widgets::write(p, at, Align2::CENTER_CENTER, icons::GROUP, fonts::icon(18.0), t.text2);
        }
        Some(person) => {
            let at = Rect::from_center_size(at, Vec2::splat(24.0));
            face::paint(p, (t, model), &mut wanted, at, &person.email);
            let behind = if on { t.selected } else { t.sidebar };
            face::presence(p, t, at, (person.online, &person.presence), behind);
        }
    });
    scene.actions.append(&mut wanted);
    opened(ui, scene, &response, target);
}

/// The state of the network in words; a click tells more.
fn foot(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect) {
    let (model, t) = (scene.model, scene.t);
    let online = model.colleagues_online();
    let queued = model.status.as_ref().map_or(0, |it| it.waiting);
    let first = if 0 < online { scene.w.n("network-up", online) } else { scene.w.t("network-alone") };
    let rtt = model.status.as_ref().and_then(|it| it.peers.iter().map(|peer| peer.rtt_ms).filter(|it| 0 < *it).min());
    let second = match (queued, rtt) {
        (0, Some(rtt)) => scene.w.n("fastest", usize::try_from(rtt).unwrap_or(usize::MAX)),
        (0, None) if online == 0 => scene.w.t("network-wait"),
        (0, None) => scene.w.t("all-sent"),
        (queued, _) => scene.w.n("queued-count", usize::try_from(queued).unwrap_or(usize::MAX)),
    };
    let response = ui.interact(rect, Id::unique("network"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{first}. {second}")));
    let p = ui.painter();
    p.rect_filled(rect, 8, if response.hovered() { t.selected } else { t.hover_side });
    let (icon, color) = if 0 < online { (icons::WIFI, t.ok) } else { (icons::WIFI_OFF, t.away) };
    let at = rect.left_center() + vec2(20.0, 0.0);
    widgets::write(p, at, Align2::CENTER_CENTER, icon, fonts::icon(18.0), color);
    let left = rect.left() + 40.0;
    let room = rect.width() - 48.0;
    let middle = rect.center().y;
    widgets::write_cut(p, pos2(left, middle - 8.5), room, &first, fonts::medium(12.5), t.text);
    widgets::write_cut(p, pos2(left, middle + 8.5), room, &second, fonts::text(11.5), t.text2);
    widgets::focus_ring(ui, &response, 8, t);
    if response.clicked() {
        scene.actions.push(Action::Page(Page::Diagnostics));
        scene.actions.push(Action::Command(Command::Ask {
            request: artel_node::client::Request::Doctor,
            purpose: crate::bridge::Purpose::Doctor,
        }));
    }
}
