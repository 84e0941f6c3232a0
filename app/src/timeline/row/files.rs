//! Files of a message: pictures among the words, everything else as cards.

use artel_node::client::{Attachment, Request, Transfer};
use egui::epaint::{RectShape, StrokeKind};
use egui::{
    Align2, Color32, Id, Popup, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::MessageRows;
use crate::action::Action;
use crate::bridge::{Deed, Purpose};
use crate::pictures::{Bad, FETCHED_BYTES_MAX, Key, MIDDLE_SIDE, Picture, SHOWN_BYTES_MAX};
use crate::theme::Tokens;
use crate::views::menu::item;
use crate::widgets::{self, icon_button};
use crate::{fonts, icons};

/// Size of a card, points.
const CARD: Vec2 = vec2(400.0, 60.0);
/// The largest and smallest place of a picture, points.
const PICTURE_MAX: Vec2 = vec2(420.0, 320.0);
const PICTURE_MIN: Vec2 = vec2(140.0, 72.0);

/// Whether a file says that it is a picture that can be shown here. What it is in truth is seen when it is decoded.
pub(crate) fn is_picture(file: &Attachment) -> bool {
    let known = matches!(file.media.as_str(), "image/png" | "image/jpeg" | "image/gif" | "image/webp");
    let sized = file.width.is_some_and(|it| 0 < it) && file.height.is_some_and(|it| 0 < it);
    known && sized && file.size <= SHOWN_BYTES_MAX
}

/// Whether it may move: of a picture that says so. One that stands still is seen when it is played.
pub(crate) fn moves(file: &Attachment) -> bool {
    file.media == "image/gif"
}

/// The room of a file in a column.
pub(super) fn room(file: &Attachment, column: f32) -> Vec2 {
    let (Some(width), Some(height), true) = (file.width, file.height, is_picture(file)) else {
        return vec2(column.min(CARD.x), CARD.y);
    };
    let (width, height) = (width as f32, height as f32);
    let scale = (PICTURE_MAX.x.min(column) / width).min(PICTURE_MAX.y / height).min(1.0);
    vec2(width * scale, height * scale).max(PICTURE_MIN).min(vec2(column.max(PICTURE_MIN.x), PICTURE_MAX.y))
}

impl MessageRows<'_> {
    pub(super) fn file(&mut self, ui: &mut Ui, file: &Attachment, place: Rect) {
        let bad = if is_picture(file) { self.bad(file) } else { None };
        match (is_picture(file), bad) {
            (true, None) => self.picture(ui, file, place),
            // Its frame is as large as the picture would be: nothing on the screen moves.
            (_, why) => self.card(ui, file, place, why),
        }
    }

    /// Whether it was fetched, or is small enough to be.
    fn is_here(&self, file: &Attachment) -> bool {
        file.state == "here" || file.size <= FETCHED_BYTES_MAX
    }

    fn bad(&self, file: &Attachment) -> Option<Bad> {
        match self.model.pictures.get(&Key::Middle(file.id.clone())) {
            Some(Picture::Bad(why)) if *why != Bad::Away => Some(*why),
            _ => None,
        }
    }

    /// What there is of a picture; what is not here is asked for.
    fn best(&mut self, file: &Attachment) -> Option<egui::TextureId> {
        let middle = Key::Middle(file.id.clone());
        let small = Key::Small(file.id.clone());
        let fetch = self.is_here(file);
        for (key, wanted) in [(middle, fetch), (small, file.thumbnail)] {
            match self.model.pictures.get(&key) {
                Some(Picture::Here(texture)) => return Some(texture.id()),
                None if wanted => self.actions.push(Action::Picture(key)),
                _ => {}
            }
        }
        None
    }

    fn picture(&mut self, ui: &mut Ui, file: &Attachment, place: Rect) {
        let (t, p) = (self.t, ui.painter().clone());
        let response = ui.interact(place, Id::unique(("picture", self.thread, &file.id)), self.sense());
        let name = self.w.with("picture-of", "name", &file.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        p.rect_filled(place, 10, t.raised);
        let (width, height) = (file.width.unwrap_or(1) as f32, file.height.unwrap_or(1) as f32);
        let scale = (place.width() / width).min(place.height() / height);
        let shown = Rect::from_center_size(place.center(), vec2(width * scale, height * scale));
        let looked = moves(file) && response.hovered() && ui.input(|it| it.focused);
        if looked && self.is_here(file) {
            self.actions.push(Action::Play(file.id.clone(), MIDDLE_SIDE));
        }
        let moving = self.model.pictures.player.texture(&file.id, MIDDLE_SIDE).map(egui::TextureHandle::id);
        match moving.filter(|_| looked).or_else(|| self.best(file)) {
            Some(texture) => {
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                p.add(RectShape::filled(shown, 10, Color32::WHITE).with_texture(texture, uv));
            }
            None => {
                let font = fonts::icon(28.0);
                widgets::write(&p, place.center(), Align2::CENTER_CENTER, icons::FILE_IMAGE, font, t.text3);
            }
        }
        p.rect_stroke(place, 10, Stroke::new(1.0, t.border), StrokeKind::Inside);
        if moves(file) && !looked {
            let mark = Rect::from_min_size(pos2(place.left() + 8.0, place.bottom() - 30.0), vec2(38.0, 22.0));
            p.rect_filled(mark, 6, Color32::from_black_alpha(170));
            let font = fonts::semibold(11.5);
            widgets::write(&p, mark.center(), Align2::CENTER_CENTER, "GIF", font, Color32::WHITE);
        }
        if let Some(transfer) = self.model.getting(&file.id).cloned() {
            let line = Rect::from_min_max(pos2(place.left(), place.bottom() - 34.0), place.max).shrink(4.0);
            p.rect_filled(line, 8, t.raised);
            self.progress(ui, &transfer, line);
        }
        widgets::focus_ring(ui, &response, 10, t);
        if response.clicked() {
            self.actions.push(Action::View(Some(file.id.clone())));
        }
        self.other_button(&response, file);
        let tools = Rect::from_min_size(place.right_top() + vec2(-74.0, 6.0), vec2(68.0, 32.0));
        self.tools(ui, file, tools, response.hovered() || response.has_focus());
    }

    /// A file that is no picture, or a picture that cannot be shown and why.
    fn card(&mut self, ui: &mut Ui, file: &Attachment, place: Rect, why: Option<Bad>) {
        let (t, p) = (self.t, ui.painter().clone());
        let response = ui.interact(place, Id::unique(("file", self.thread, &file.id)), self.sense());
        let name = self.w.with("file-open", "name", &file.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let (fill, edge) = if response.hovered() { (t.hover, t.border_strong) } else { (t.raised, t.border) };
        p.rect(place, 10, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let middle = place.center().y;
        let (icon, color) = sign_of(&file.name, t);
        let tile = Rect::from_center_size(pos2(place.left() + 30.0, middle), Vec2::splat(40.0));
        p.rect_filled(tile, 8, color.gamma_multiply(if t.dark { 0.22 } else { 0.13 }));
        widgets::write(&p, tile.center(), Align2::CENTER_CENTER, icon, fonts::icon_filled(22.0), color);
        let left = place.left() + 62.0;
        let room = place.width() - 62.0 - 84.0;
        let shown = crate::timeline::markdown::harmless(&file.name);
        widgets::write_cut(&p, pos2(left, middle - 9.0), room, &shown, fonts::medium(13.5), t.text);
        match self.model.getting(&file.id).cloned() {
            Some(transfer) => {
                let line = Rect::from_min_max(pos2(left - 8.0, middle), pos2(place.right() - 6.0, middle + 26.0));
                self.progress(ui, &transfer, line);
            }
            None => {
                let unread = file.media.starts_with("image/") && !is_picture(file);
                let broken = why.or(unread.then_some(Bad::Unknown));
                let about = match broken {
                    Some(why) => format!("{} · {}", self.w.lang.size(file.size), self.w.t(why.words())),
                    None => self.w.lang.size(file.size),
                };
                widgets::write_cut(&p, pos2(left, middle + 10.0), room, &about, fonts::text(12.0), t.text2);
                let tools = Rect::from_min_size(pos2(place.right() - 76.0, middle - 16.0), vec2(68.0, 32.0));
                self.tools(ui, file, tools, true);
            }
        }
        widgets::focus_ring(ui, &response, 10, t);
        if response.clicked() {
            self.actions.push(Action::File { id: file.id.clone(), deed: Deed::Open });
        }
        self.other_button(&response, file);
    }

    /// What the other button offers over a file, in place of the menu of its message.
    fn other_button(&mut self, response: &Response, file: &Attachment) {
        if response.secondary_clicked() {
            (self.at.opens, self.at.pressed) = (None, None);
        }
        Popup::context_menu(response).show(|ui| self.menu(ui, file));
    }

    /// Save, and everything else. What is not `shown` is still there for the keyboard, and is seen when it is reached.
    fn tools(&mut self, ui: &mut Ui, file: &Attachment, place: Rect, shown: bool) {
        let salt = ("file-tools", self.thread, &file.id);
        let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(salt));
        let (save, more) = place.split_left_right_at_x(place.center().x);
        let names = [self.w.with("file-save", "name", &file.name), self.w.with("file-more", "name", &file.name)];
        let memory = child.scope_id().with("seen");
        let seen = shown || child.data(|it| it.get_temp::<bool>(memory)).unwrap_or(false);
        if seen && is_picture(file) {
            child.painter().rect_filled(place, 8, self.t.raised);
        }
        if !seen {
            child.set_opacity(0.0);
        }
        let [save_name, more_name] = &names;
        let saved = icon_button(&child, self.t, save.shrink(1.0), (icons::DOWNLOAD, save_name), false);
        let menu = icon_button(&child, self.t, more.shrink(1.0), (icons::DOTS, more_name), false);
        if saved.clicked() {
            self.actions.push(Action::File { id: file.id.clone(), deed: Deed::Save });
        }
        let open = Popup::is_id_open(child.ctx(), Popup::default_response_id(&menu));
        let reached = [&saved, &menu].iter().any(|it| it.hovered() || it.has_focus());
        child.data_mut(|it| it.insert_temp(memory, open || reached));
        Popup::menu(&menu).show(|ui| self.menu(ui, file));
    }

    fn menu(&mut self, ui: &mut Ui, file: &Attachment) {
        let id = || file.id.clone();
        if is_picture(file) && item(ui, &self.w.t("file-view")) {
            self.actions.push(Action::View(Some(id())));
        }
        for (key, deed) in [("file-do-open", Deed::Open), ("file-do-show", Deed::Show), ("file-do-copy", Deed::Copy)] {
            if item(ui, &self.w.t(key)) {
                self.actions.push(Action::File { id: id(), deed });
            }
        }
        if item(ui, &self.w.t("save-as")) {
            self.actions.push(Action::ChooseTarget { id: id(), name: file.name.clone() });
        }
        if file.state == "here" && item(ui, &self.w.t("file-do-remove")) {
            self.actions.push(Action::Ask(Request::FileRemove { id: id() }, Purpose::Change("file-removed")));
        }
    }

    /// How far a file is, how fast, and a button that ends it.
    fn progress(&mut self, ui: &mut Ui, transfer: &Transfer, line: Rect) {
        let mut child = ui.new_child(UiBuilder::new().max_rect(line).id_salt(("getting", &transfer.transfer)));
        if progress(&mut child, self.t, self.w, transfer) {
            let request = Request::FileCancel { transfer: transfer.transfer.clone() };
            self.actions.push(Action::Ask(request, Purpose::Quiet));
        }
    }
}

/// A line about a transfer; whether it is to be ended.
pub(crate) fn progress(ui: &mut Ui, t: &Tokens, w: &crate::words::Words, transfer: &Transfer) -> bool {
    let line = ui.max_rect();
    let p = ui.painter().clone();
    let done = transfer.bytes as f32 / transfer.size.max(1) as f32;
    let words = progress_words(w, transfer);
    let room = line.width() - 44.0;
    widgets::write_cut(&p, line.left_center() + vec2(8.0, -3.0), room, &words, fonts::text(12.0), t.text2);
    let bar = Rect::from_min_size(pos2(line.left() + 8.0, line.bottom() - 5.0), vec2(room, 3.0));
    p.rect_filled(bar, 2, t.border_strong);
    p.rect_filled(Rect::from_min_size(bar.min, vec2(room * done.clamp(0.0, 1.0), 3.0)), 2, t.accent);
    let said = ui.interact(bar, ui.scope_id().with("bar"), Sense::hover());
    said.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, format!("{}: {words}", transfer.name)));
    let stop = Rect::from_center_size(line.right_center() - vec2(16.0, 1.0), Vec2::splat(24.0));
    let name = w.with("transfer-stop", "name", &transfer.name);
    icon_button(ui, t, stop, (icons::CLOSE, &name), false).clicked()
}

/// `45 %, 3.1 MB/s`, or why it stands still.
pub(crate) fn progress_words(w: &crate::words::Words, transfer: &Transfer) -> String {
    let percent = transfer.bytes.saturating_mul(100) / transfer.size.max(1);
    let far = format!("{} · {percent}\u{a0}%", w.lang.size(transfer.size));
    match (transfer.state.as_str(), transfer.direction.as_str()) {
        ("waiting", _) => w.t("transfer-waits"),
        _ if transfer.rate == 0 => far,
        _ => format!("{far} · {}", w.with("per-second", "name", &w.lang.size(transfer.rate))),
    }
}

/// The tile of a file by the end of its name.
pub(crate) fn sign_of(name: &str, t: &Tokens) -> (&'static str, Color32) {
    let end = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    match end.as_str() {
        "pdf" => (icons::FILE_PDF, t.danger_text),
        "xls" | "xlsx" | "ods" | "csv" => (icons::FILE_TABLE, t.ok),
        "png" | "jpg" | "jpeg" | "gif" | "webp" => (icons::FILE_IMAGE, t.accent_text),
        "doc" | "docx" | "odt" | "rtf" => (icons::FILE_DOC, t.accent_text),
        "ppt" | "pptx" | "odp" => (icons::FILE_PPT, t.away),
        "zip" | "rar" | "7z" | "gz" | "tar" => (icons::FILE_ZIP, t.away),
        "mp3" | "wav" | "ogg" | "m4a" => (icons::FILE_AUDIO, t.text2),
        "mp4" | "mkv" | "mov" | "avi" | "webm" => (icons::FILE_VIDEO, t.text2),
        _ => (icons::FILE, t.text2),
    }
}
