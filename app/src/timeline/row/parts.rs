//! What stands inside and below a message: text with its marks, files, reactions, replies, where it is.

use artel_node::client::{Message, Request};
use egui::epaint::StrokeKind;
use egui::epaint::text::Glyph;
use egui::text_selection::LabelSelectionState;
use egui::{Align2, CursorIcon, Galley, Id, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{AVATAR, GAP, LEFT, Laid, Line, MessageRows};
use crate::action::{Action, Dialog};
use crate::bridge::Purpose;
use crate::timeline::copied;
use crate::timeline::markdown::{Kind, Mark};
use crate::{fonts, icons, widgets};

/// A message that took longer to come is said to have come late, where its reader had read below it.
const LATE: time::Duration = time::Duration::seconds(10);

/// Where a stretch of characters is painted, a rectangle for every line it is on.
fn stretch(galley: &Galley, begin: usize, end: usize) -> Vec<Rect> {
    let mut rects = Vec::new();
    let mut passed = 0;
    for row in &galley.rows {
        let count: usize = row.row.char_count_excluding_newline().into();
        let (from, to) = (begin.max(passed), end.min(passed + count));
        if from < to {
            let left = row.row.x_offset((from - passed).into());
            // Where its last letter ends: what follows may stand off from it.
            let last = (to - passed).checked_sub(1).and_then(|it| row.row.glyphs.get(it));
            let right = last.map_or(left, Glyph::max_x);
            rects.push(Rect::from_min_max(row.pos + vec2(left, 0.0), row.pos + vec2(right, row.row.height())));
        }
        passed += count + usize::from(row.ends_with_newline);
    }
    rects
}

/// Where a click on a mark leads.
fn goes_to(mark: &Mark) -> Option<Action> {
    match mark {
        Mark::Link(link) => Some(Action::Link(link.clone())),
        Mark::Place(id) => Some(Action::Open(id.clone())),
        Mark::Mention { email: Some(email), .. } => Some(Action::Person(email.clone())),
        Mark::Mention { email: None, .. } | Mark::Code => None,
    }
}

/// How often it is asked anew who has read a message while the pointer rests on its sign, seconds.
const WHO_EVERY: f64 = 2.0;

impl MessageRows<'_> {
    /// One block of the text.
    pub(super) fn line(&mut self, ui: &mut Ui, laid: &Laid, line: &Line, origin: Vec2, message: &Message) {
        let (t, p) = (self.t, ui.painter().clone());
        let Some(block) = laid.blocks.get(line.block) else { return };
        let (text, outer) = (line.text.translate(origin), line.outer.translate(origin));
        match &block.kind {
            Kind::Code { lang } => {
                p.rect(outer, 10, t.code, Stroke::new(1.0, t.border), StrokeKind::Inside);
                let at = outer.right_top() + vec2(-12.0, 8.0);
                let free = line.galley.rows.first().is_none_or(|it| it.size.x < outer.width() - 110.0);
                if free {
                    widgets::write(&p, at, Align2::RIGHT_TOP, lang, fonts::medium(11.0), t.text3);
                }
            }
            Kind::Quote => {
                p.rect_filled(Rect::from_min_size(outer.min, vec2(3.0, outer.height())), 2, t.border_strong);
            }
            Kind::Item(None) => {
                p.circle_filled(pos2(outer.left() + 9.0, text.top() + 10.5), 2.3, t.text2);
            }
            Kind::Item(Some(number)) => {
                let at = pos2(outer.left() + 18.0, text.top() + 10.5);
                widgets::write(&p, at, Align2::RIGHT_CENTER, number, fonts::text(14.0), t.text2);
            }
            Kind::Para => {}
        }
        for (begin, end, mark) in &block.marks {
            let (fill, edge) = match mark {
                Mark::Code => (t.code, Stroke::new(1.0, t.border)),
                Mark::Mention { own: true, .. } => (t.mention_own, Stroke::NONE),
                Mark::Mention { own: false, .. } | Mark::Place(_) => (t.mention, Stroke::NONE),
                Mark::Link(_) => continue,
            };
            for rect in stretch(&line.galley, *begin, *end) {
                let rect = rect.translate(text.min.to_vec2()).expand2(vec2(3.0, -1.0));
                p.rect(rect, 5, fill, edge, StrokeKind::Inside);
            }
        }
        let id = Id::unique(("text", self.thread, &message.id, line.block));
        // Where something can be followed, the keyboard follows the first of it.
        let first = block.marks.iter().find_map(|it| goes_to(&it.2)).filter(|_| self.here);
        let reach = if first.is_some() { Sense::FOCUSABLE } else { Sense::empty() };
        let response = ui.interact(text, id, Sense::CLICK | Sense::DRAG | reach);
        widgets::focus_ring(ui, &response, 5, t);
        let by_key = response.has_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
        self.actions.extend(first.filter(|_| by_key));
        let name = || WidgetInfo::labeled(Role::Label, true, copied::plain(&block.job.text));
        response.widget_info(name);
        if let Some(pointer) = response.hover_pos() {
            let at: usize = line.galley.cursor_from_pos(pointer - text.min).index.into();
            let mark = block.marks.iter().find(|(begin, end, _)| (*begin..*end).contains(&at));
            if let Some((_, _, Mark::Link(link))) = mark {
                response.clone().on_hover_text_at_pointer(link);
            }
            if let Some(action) = mark.and_then(|it| goes_to(&it.2)) {
                ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
                if response.clicked() {
                    self.actions.push(action);
                }
            }
            if let (Some((_, _, Mark::Link(link))), Some(pressed)) = (mark, &mut self.at.pressed)
                && response.secondary_clicked()
            {
                pressed.1 = Some(link.clone());
            }
        }
        LabelSelectionState::label_text_selection(ui, &response, text.min, line.galley.clone(), t.text, Stroke::NONE);
    }

    /// Files, reactions, replies, and the small print at the end of the text.
    pub(super) fn below(&mut self, ui: &mut Ui, message: &Message, laid: &Laid, rect: Rect) {
        for (file, place) in message.files.iter().zip(&laid.files) {
            self.file(ui, file, place.translate(rect.min.to_vec2()));
        }
        self.small_print(ui, message, laid, rect);
        let left = rect.left() + LEFT + AVATAR + GAP;
        if let Some(y) = laid.reactions {
            self.reactions(ui, message, pos2(left, rect.top() + y));
        }
        if let Some(y) = laid.replies {
            self.replies_line(ui, message, pos2(left, rect.top() + y));
        }
    }

    /// That a message came long after it was written, below what was read by then; when, where the pointer rests. Where what
    /// follows begins.
    fn late(&self, ui: &Ui, message: &Message, at: Pos2) -> f32 {
        let sent = self.w.moment(&message.sent);
        let came = message.came.as_ref().filter(|came| {
            let came = self.w.moment(came);
            sent.zip(came).is_some_and(|(sent, came)| sent + LATE <= came)
        });
        let Some(came) = came else { return at.x };
        let text = self.w.t("came-late");
        let wrote = widgets::write(ui.painter(), at, Align2::LEFT_CENTER, &text, fonts::text(12.0), self.t.accent_text);
        let response = ui.interact(wrote, Id::unique(("late", self.thread, &message.id)), Sense::hover());
        let when = self.w.with("came-late-at", "when", &self.w.stamp(came));
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &when));
        response.on_hover_text(when);
        wrote.right() + 8.0
    }

    /// Edited, pinned, and where the message is.
    fn small_print(&mut self, ui: &Ui, message: &Message, laid: &Laid, rect: Rect) {
        let (t, p) = (self.t, ui.painter());
        let mut notes = Vec::new();
        if message.edited && message.state != "retracted" {
            notes.push(self.w.t("edited"));
        }
        if message.pinned {
            notes.push(self.w.t("pinned"));
        }
        if message.ahead {
            notes.push(self.w.t("clock-ahead"));
        }
        let Some(line) = laid.lines.last() else { return };
        let row = line.galley.rows.last().map_or(line.text, |it| it.rect().translate(line.text.min.to_vec2()));
        let end = row.right_center() + rect.min.to_vec2() + vec2(8.0, 0.5);
        let code = laid.blocks.get(line.block).is_some_and(|it| matches!(it.kind, Kind::Code { .. }));
        let mut x = end.x;
        if !notes.is_empty() && !code {
            let text = format!("({})", notes.join(", "));
            x = widgets::write(p, end, Align2::LEFT_CENTER, &text, fonts::text(12.0), t.text3).right() + 8.0;
        }
        let x = self.late(ui, message, if code { pos2(x, rect.bottom() - 14.0) } else { pos2(x, end.y) });
        let own = message.email == self.model.me() && !matches!(message.state.as_str(), "retracted" | "hidden");
        if own {
            let at = Rect::from_center_size(
                pos2(x + 8.0, if code { rect.bottom() - 14.0 } else { end.y }),
                Vec2::splat(16.0),
            );
            let (icon, color) = match message.state.as_str() {
                "queued" => (icons::CLOCK, t.text3),
                "read" => (icons::CHECKS, t.accent_text),
                _ => (icons::CHECK, t.text3),
            };
            widgets::write(p, at.center(), Align2::CENTER_CENTER, icon, fonts::icon(13.0), color);
            let words = self.state_words(message);
            let response = ui.interact(at, Id::unique(("state", self.thread, &message.id)), self.sense());
            widgets::focus_ring(ui, &response, 4, t);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
            if response.clicked() {
                self.actions.push(Action::Dialog(Dialog::Details(message.id.clone())));
            }
            let about = self.model.about.as_ref().filter(|it| it.message.id == message.id);
            if response.hovered() && message.state != "queued" {
                self.ask_who(ui, &message.id);
            }
            let names = about.map_or_else(String::new, |it| self.who(&it.holders, &it.readers));
            response.on_hover_text(format!("{words}{names}"));
        }
    }

    /// Who holds and has read a message, by name: asked for when the pointer comes, and again while it rests there.
    fn ask_who(&mut self, ui: &Ui, message: &str) {
        let (memory, now) = (Id::unique("asked-who"), ui.input(|it| it.time));
        let asked = ui.data(|it| it.get_temp::<(String, f64)>(memory));
        if asked.is_none_or(|(id, at)| id != message || WHO_EVERY <= now - at) {
            ui.data_mut(|it| it.insert_temp(memory, (message.to_owned(), now)));
            let request = Request::About { id: message.to_owned() };
            self.actions.push(Action::Ask(request, Purpose::About));
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(WHO_EVERY));
        }
    }

    /// Names of those who have read a message, or at least hold it.
    fn who(&self, holders: &[String], readers: &[String]) -> String {
        let names = if readers.is_empty() { holders } else { readers };
        let shown = names.iter().take(12).map(|it| format!("\n{}", crate::timeline::markdown::harmless(it)));
        let more = names.len().saturating_sub(12);
        let rest = if 0 < more { format!("\n+{more}") } else { String::new() };
        shown.collect::<String>() + &rest
    }

    /// Where a message is, in words.
    pub(crate) fn state_words(&self, message: &Message) -> String {
        let count = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
        match message.state.as_str() {
            "queued" => self.w.t("state-queued"),
            "read" => self.w.n("state-read", count(message.read)),
            _ => self.w.n("state-held", count(message.held)),
        }
    }

    fn reactions(&mut self, ui: &mut Ui, message: &Message, at: egui::Pos2) {
        let (t, p) = (self.t, ui.painter().clone());
        let mut x = at.x;
        for (emoji, people) in &message.reactions {
            let own = people.iter().any(|it| it == self.model.me());
            let color = if own { t.accent_text } else { t.text2 };
            let sign = p.layout_no_wrap(emoji.clone(), fonts::emoji(14.0), t.text);
            let count = p.layout_no_wrap(people.len().to_string(), fonts::medium(12.5), color);
            let pill = Rect::from_min_size(pos2(x, at.y), vec2(sign.size().x + count.size().x + 22.0, 26.0));
            let response = ui.interact(pill, Id::unique(("reaction", self.thread, &message.id, emoji)), self.sense());
            let name = format!("{emoji} {}", people.len());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, own, &name));
            let (fill, edge) = match own {
                true => (t.accent_soft, t.accent),
                false => (t.raised, if response.hovered() { t.border_strong } else { t.border }),
            };
            p.rect(pill, 13, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
            let middle = pill.center().y;
            let after = pill.left() + 13.0 + sign.size().x;
            p.galley(pos2(pill.left() + 9.0, middle - sign.size().y / 2.0), sign, t.text);
            p.galley(pos2(after, middle - count.size().y / 2.0), count, color);
            x = pill.right() + 6.0;
            widgets::focus_ring(ui, &response, 13, t);
            if response.clicked() {
                // The last one goes with its button: the keyboard goes back to the row.
                self.at.take |= response.has_focus() && own && people.len() == 1;
                let (id, emoji) = (message.id.clone(), emoji.clone());
                self.actions.push(Action::React { id, emoji, remove: own });
            }
            let names: Vec<&str> = people.iter().map(|it| self.model.name(it)).collect();
            response.on_hover_text(names.join(", "));
        }
    }

    /// The clock is enough for today.
    fn when(&self, rfc3339: &str) -> String {
        match self.w.moment(rfc3339) {
            Some(moment) if moment.date() == self.today => self.w.clock(moment),
            _ => self.w.stamp(rfc3339),
        }
    }

    fn replies_line(&mut self, ui: &mut Ui, message: &Message, at: egui::Pos2) {
        let (t, p) = (self.t, ui.painter().clone());
        let Some(replies) = self.replies.get(message.id.as_str()) else { return };
        let count = self.w.n("replies", replies.count);
        let new =
            Some(self.model.new_replies_of(&message.id)).filter(|it| 0 < *it).map(|it| self.w.n("replies-new", it));
        let name = new.iter().fold(count.clone(), |name, new| format!("{name}, {new}"));
        let new = new.map(|it| p.layout_no_wrap(it, fonts::semibold(12.0), t.on_accent));
        let last = self.w.with("last-reply", "when", &self.when(&replies.last));
        let faces = replies.people.len() as f32 * 19.0 + 5.0;
        let text = p.layout_no_wrap(count, fonts::medium(13.0), t.accent_text);
        let when = p.layout_no_wrap(last, fonts::text(12.0), t.text3);
        let sign = new.as_ref().map_or(0.0, |it| it.size().x + 24.0);
        let width = faces + text.size().x + when.size().x + sign + 32.0;
        let place = Rect::from_min_size(pos2(at.x - 6.0, at.y), vec2(width, 32.0));
        let response = ui.interact(place, Id::unique(("replies", &message.id)), self.sense());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() {
            p.rect(place, 8, t.surface, Stroke::new(1.0, t.border), StrokeKind::Inside);
        }
        for (number, email) in replies.people.iter().enumerate() {
            let face = Rect::from_min_size(pos2(at.x + number as f32 * 19.0, place.top() + 5.0), Vec2::splat(22.0));
            p.rect_filled(face.expand(2.0), 8, t.surface);
            widgets::avatar(&p, t, face, email, self.model.name(email));
        }
        let (x, y) = (at.x + faces + 6.0, place.center().y);
        let after = x + text.size().x + 8.0;
        p.galley(pos2(x, y - text.size().y / 2.0), text, t.accent_text);
        let end = after + when.size().x + 8.0;
        p.galley(pos2(after, y - when.size().y / 2.0), when, t.text3);
        if let Some(new) = new {
            let pill = Rect::from_min_size(pos2(end, y - 9.0), vec2(new.size().x + 16.0, 18.0));
            p.rect_filled(pill, 9, t.accent);
            p.galley(pill.center() - new.size() / 2.0, new, t.on_accent);
        }
        widgets::focus_ring(ui, &response, 8, t);
        if response.clicked() {
            self.actions.push(Action::Thread(Some(message.id.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::text::{LayoutJob, TextFormat};

    use super::*;

    #[test]
    fn a_frame_ends_where_its_words_end() {
        let ctx = egui::Context::default();
        fonts::install(&ctx);
        let mut found = Vec::new();
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let galley = |air: f32| {
                let format = TextFormat::simple(fonts::text(14.0), egui::Color32::WHITE);
                let mut job = LayoutJob::default();
                job.append("join", 0.0, format.clone());
                job.append(" the rest", air, format);
                ui.painter().layout_job(job)
            };
            found = [0.0, 20.0].map(|air| stretch(&galley(air), 0, 4)).concat();
        });
        output.textures_delta.clear();
        assert!(matches!(found.as_slice(), [one, other] if one == other && 10.0 < one.width()), "{found:?}");
    }
}
