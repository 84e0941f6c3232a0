//! One message as a row: laid out, then painted.

pub(crate) mod files;
mod keys;
mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;

use artel_node::client::Message;
use egui::epaint::StrokeKind;
use egui::{Align2, CursorIcon, Galley, Id, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use time::{Date, OffsetDateTime};

use crate::action::Action;
use crate::model::Model;
use crate::theme::Tokens;
use crate::timeline::list::Rows;
use crate::timeline::markdown::{self, Block, Kind, Reading};
use crate::views::{alike, face, select};
use crate::words::Words;
use crate::{fonts, widgets};

const AVATAR: f32 = 36.0;
const LEFT: f32 = 20.0;
const GAP: f32 = 12.0;
const RIGHT: f32 = 28.0;
/// Wider lines are hard to read.
const TEXT_MAX: f32 = 780.0;
/// Messages of one author in this time stand together.
const TOGETHER: time::Duration = time::Duration::minutes(5);
/// Messages whose reading is kept.
const CACHE_MAX: usize = 2_000;
/// How long the row glows that was jumped to, seconds.
const FLASH: f32 = 1.6;

/// Messages already read, by what they depend on.
#[derive(Default)]
pub(crate) struct Cache {
    blocks: BTreeMap<String, (u64, Arc<Vec<Block>>)>,
}

/// The row that the keyboard is at: the only one of its list that Tab reaches.
#[derive(Default)]
pub(crate) struct AtRow {
    id: Option<String>,
    /// The lowest row that was painted.
    last: Option<String>,
    /// It was painted.
    seen: bool,
    /// It takes the keyboard in the next frame.
    pub(crate) take: bool,
    /// The keyboard left it downwards.
    pub(crate) left: bool,
    /// Which of its menus opens.
    pub(crate) opens: Option<Opens>,
    /// The menu that is open was opened by keys: the row has the keyboard again afterwards.
    pub(crate) by_key: bool,
    /// Where the other button was pressed, and on which link: the menu opens there.
    pub(crate) pressed: Option<(Pos2, Option<String>)>,
    /// To be moved into sight.
    pub(crate) reveal: Option<String>,
}

/// A menu of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opens {
    Menu,
    Emoji,
}

/// Replies under a message: all of them, the node counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replies {
    pub(crate) count: usize,
    pub(crate) last: String,
    /// Mail addresses, the first three.
    pub(crate) people: Vec<String>,
}

/// Rows of a conversation or a thread.
pub(crate) struct MessageRows<'a> {
    pub(crate) messages: Vec<&'a Message>,
    pub(crate) places: BTreeMap<&'a str, usize>,
    pub(crate) replies: BTreeMap<&'a str, Replies>,
    pub(crate) model: &'a Model,
    pub(crate) t: &'a Tokens,
    pub(crate) w: &'a Words,
    pub(crate) cache: &'a mut Cache,
    pub(crate) actions: &'a mut Vec<Action>,
    pub(crate) new_from: Option<&'a str>,
    pub(crate) flash: Option<(String, f64)>,
    /// The last of them is the newest there is.
    pub(crate) to_end: bool,
    pub(crate) today: Date,
    /// In a thread there are no day lines and no counts of replies.
    pub(crate) thread: bool,
    /// Marked messages, from one to another.
    pub(crate) selected: Option<(String, String)>,
    /// Rows of them, the first and the last.
    pub(crate) span: Option<(usize, usize)>,
    /// The row under the pointer, and where it is painted.
    pub(crate) hovered: Option<(usize, Rect)>,
    /// The row that has the keyboard, and where it is painted.
    pub(crate) focused: Option<(usize, Rect)>,
    pub(crate) at: &'a mut AtRow,
    /// The row that is painted now is the one that the keyboard reaches.
    pub(crate) here: bool,
}

/// A block laid out.
struct Line {
    block: usize,
    galley: Arc<Galley>,
    /// Where its text is, from the top left of the row.
    text: Rect,
    /// Where its frame is.
    outer: Rect,
}

/// A row laid out.
struct Laid {
    blocks: Arc<Vec<Block>>,
    lines: Vec<Line>,
    files: Vec<Rect>,
    reactions: Option<f32>,
    replies: Option<f32>,
    /// Below the dividers.
    top: f32,
    /// Below the head too.
    lead: f32,
    /// With avatar and name.
    head: bool,
    day: bool,
    new: bool,
    height: f32,
}

impl<'a> MessageRows<'a> {
    /// Rows that belong into the conversation: replies stand in their threads.
    pub(crate) fn conversation(messages: &'a [Message]) -> (Vec<&'a Message>, BTreeMap<&'a str, Replies>) {
        let mut replies: BTreeMap<&str, Replies> = BTreeMap::new();
        for message in messages {
            let Some(under) = &message.replies else { continue };
            let people = under.people.iter().take(3).cloned().collect();
            let count = usize::try_from(under.count).unwrap_or(usize::MAX);
            replies.insert(&message.id, Replies { count, last: under.last.clone(), people });
        }
        let rows = messages.iter().filter(|it| it.thread.as_ref().is_none_or(|root| *root == it.id)).collect();
        (rows, replies)
    }

    /// Finds the rows of what is marked.
    pub(crate) fn find_span(&mut self) {
        let place = |id: &str| self.places.get(id).copied();
        self.span = self.selected.as_ref().and_then(|(from, to)| {
            let (a, b) = (place(from)?, place(to)?);
            Some((a.min(b), a.max(b)))
        });
    }

    fn moment(&self, at: usize) -> Option<OffsetDateTime> {
        self.w.moment(&self.messages.get(at)?.sent)
    }

    fn blocks(&mut self, message: &Message) -> Arc<Vec<Block>> {
        let leaving = self.model.leaving.contains(&message.id);
        let text = if leaving { self.w.t("state-leaving") } else { shown_text(message, self.w) };
        let mut hash = 17_u64;
        for byte in text.bytes().chain([u8::from(self.t.dark)]) {
            hash = hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
        }
        if let Some((of, blocks)) = self.cache.blocks.get(&message.id)
            && *of == hash
        {
            return Arc::clone(blocks);
        }
        if self.cache.blocks.len() >= CACHE_MAX {
            self.cache.blocks.clear();
        }
        let name = |email: &str| self.model.person(email).map(|it| it.name.clone());
        let team = |word: &str| {
            let named = |it: &&artel_node::client::Team| markdown::team_word(&it.name).eq_ignore_ascii_case(word);
            let team = self.model.directory.teams.iter().find(named)?;
            Some((team.name.clone(), team.members.iter().any(|it| it == self.model.me())))
        };
        let channel = |text: &str| markdown::channel_at(self.model, text);
        let place = |id: &str| self.model.channel(id).map(|it| self.model.title(&it.id));
        let me = self.model.me();
        let reading = Reading { t: self.t, me, name: &name, team: &team, channel: &channel, place: &place };
        let mut blocks = markdown::read(&text, &reading);
        if leaving
            || message.kind == "topic"
            || message.state == "retracted"
            || message.state == "hidden"
            || message.state == "newer"
        {
            for section in blocks.iter_mut().flat_map(|it| &mut it.job.sections) {
                section.format.color = self.t.text3;
                section.format.italics = true;
            }
        }
        let blocks = Arc::new(blocks);
        self.cache.blocks.insert(message.id.clone(), (hash, Arc::clone(&blocks)));
        blocks
    }

    /// Whether a row begins a day, is the first new one, and carries avatar and name.
    fn head(&self, at: usize) -> (bool, bool, bool) {
        let Some(message) = self.messages.get(at) else { return (false, false, false) };
        let (now, before) = (self.moment(at), at.checked_sub(1).and_then(|it| self.moment(it)));
        let day = !self.thread && now.map(OffsetDateTime::date) != before.map(OffsetDateTime::date);
        let new = self.new_from == Some(message.id.as_str());
        let previous = at.checked_sub(1).and_then(|it| self.messages.get(it));
        let other = previous.is_none_or(|it| it.email != message.email || it.author != message.author);
        let late = match (now, before) {
            (Some(now), Some(before)) => now - before > TOGETHER,
            _ => true,
        };
        (day, new, day || new || other || late)
    }

    fn lay(&mut self, ui: &Ui, at: usize, width: f32) -> Option<Laid> {
        let message = *self.messages.get(at)?;
        let blocks = self.blocks(message);
        let (day, new, head) = self.head(at);
        let left = LEFT + AVATAR + GAP;
        let column = (width - left - RIGHT).clamp(80.0, TEXT_MAX);
        let mut y = if day { 44.0 } else { 0.0 } + if new { 26.0 } else { 0.0 };
        let top = y;
        y += if head { 10.0 + 21.0 } else { 3.0 };
        let lead = y;
        let mut lines = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            let item = matches!(block.kind, Kind::Item(_));
            y += if number == 0 {
                0.0
            } else if item {
                2.0
            } else {
                6.0
            };
            let (indent, pad) = match &block.kind {
                Kind::Para => (0.0, 0.0),
                Kind::Quote => (14.0, 2.0),
                Kind::Item(_) => (22.0, 0.0),
                Kind::Code { .. } => (14.0, 12.0),
            };
            let mut job = block.job.clone();
            job.wrap.max_width = if pad > 4.0 { column - 2.0 * indent } else { column - indent };
            let galley = ui.painter().layout_job(job);
            let height = galley.size().y + 2.0 * pad;
            let text = Rect::from_min_size(pos2(left + indent, y + pad), galley.size());
            let outer = Rect::from_min_size(pos2(left, y), vec2(column, height));
            lines.push(Line { block: number, galley, text, outer });
            y += height;
        }
        let mut places = Vec::new();
        for file in &message.files {
            let room = files::room(file, column);
            places.push(Rect::from_min_size(pos2(left, y + 8.0), room));
            y += room.y + 8.0;
        }
        let reactions = (!message.reactions.is_empty()).then_some(y + 7.0);
        y += if reactions.is_some() { 33.0 } else { 0.0 };
        let replied = !self.thread && self.replies.contains_key(message.id.as_str());
        let replies = replied.then_some(y + 6.0);
        y += if replied { 38.0 } else { 0.0 };
        Some(Laid { blocks, lines, files: places, reactions, replies, top, lead, head, day, new, height: y + 4.0 })
    }
}

/// The words in place of a text that is not shown.
pub(crate) fn shown_text(message: &Message, w: &Words) -> String {
    match message.state.as_str() {
        "retracted" => w.t("state-retracted"),
        "hidden" => w.t("state-hidden"),
        "newer" => w.t("state-newer"),
        _ if message.kind == "topic" => w.with("topic-set", "text", &message.text),
        _ => message.text.clone(),
    }
}

impl Rows for MessageRows<'_> {
    fn count(&self) -> usize {
        self.messages.len()
    }

    fn id(&self, at: usize) -> &str {
        self.messages.get(at).map_or("", |it| it.id.as_str())
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    fn to_end(&self) -> bool {
        self.to_end
    }

    fn height(&mut self, ui: &Ui, at: usize) -> f32 {
        let width = ui.available_width().max(ui.max_rect().width());
        self.lay(ui, at, width).map_or(0.0, |it| it.height)
    }

    fn lead(&mut self, ui: &Ui, at: usize) -> f32 {
        let width = ui.available_width().max(ui.max_rect().width());
        self.lay(ui, at, width).map_or(0.0, |it| it.lead)
    }

    fn paint(&mut self, ui: &mut Ui, at: usize, rect: Rect) {
        let (Some(laid), Some(message)) = (self.lay(ui, at, rect.width()), self.messages.get(at).copied()) else {
            return;
        };
        let body = Rect::from_min_max(
            pos2(rect.left() + 8.0, rect.top() + laid.top + if laid.head { 4.0 } else { 1.0 }),
            pos2(rect.right() - 16.0, rect.bottom() + 1.0),
        );
        let hovered = ui.rect_contains_pointer(rect.intersect(ui.clip_rect()));
        let marked = self.span.is_some_and(|(first, last)| (first..=last).contains(&at));
        self.background(ui, message, body, hovered, marked);
        self.row(ui, at, message, body);
        if !self.thread {
            let strip = Rect::from_min_max(body.min, pos2(rect.left() + LEFT + AVATAR, body.max.y));
            let name = self.w.with("select-row", "name", &markdown::harmless(&message.author));
            self.actions.extend(select::strip(ui, (&message.id, &name), strip, self.selected.as_ref()));
        }
        if hovered {
            self.hovered = Some((at, body));
            if let Some(pos) = ui.input(|it| it.pointer.interact_pos().filter(|_| it.pointer.secondary_clicked())) {
                (self.at.opens, self.at.pressed, self.at.by_key) = (Some(Opens::Menu), Some((pos, None)), false);
            }
        }
        self.dividers(ui, at, &laid, rect);
        self.author(ui, at, &laid, rect, hovered);
        for line in &laid.lines {
            self.line(ui, &laid, line, rect.min.to_vec2(), message);
        }
        self.below(ui, message, &laid, rect);
    }
}

impl MessageRows<'_> {
    fn background(&self, ui: &Ui, message: &Message, body: Rect, hovered: bool, marked: bool) {
        let p = ui.painter();
        if marked {
            p.rect_filled(body, 8, self.t.accent_soft);
        } else if message.calls {
            p.rect_filled(body, 8, self.t.mention_row);
            let stripe = Rect::from_min_size(body.min + vec2(0.0, 6.0), vec2(3.0, body.height() - 12.0));
            p.rect_filled(stripe, 2, self.t.away);
        } else if hovered {
            p.rect_filled(body, 8, self.t.hover);
        }
        if let Some((id, since)) = &self.flash
            && *id == message.id
        {
            let passed = (ui.input(|it| it.time) - since) as f32;
            let left = (1.0 - passed / FLASH).clamp(0.0, 1.0);
            if left > 0.0 {
                p.rect_filled(body, 8, self.t.accent.gamma_multiply(0.22 * left));
                ui.ctx().request_repaint();
            }
        }
    }

    fn dividers(&self, ui: &Ui, at: usize, laid: &Laid, rect: Rect) {
        let p = ui.painter();
        if let (true, Some(moment)) = (laid.day, self.moment(at)) {
            let text = self.w.day(moment.date(), self.today);
            let y = rect.top() + 24.0;
            p.hline(rect.left() + LEFT..=rect.right() - RIGHT, y, Stroke::new(1.0, self.t.border));
            let galley = p.layout_no_wrap(text, fonts::medium(12.0), self.t.text2);
            let pill = Rect::from_center_size(pos2(rect.center().x - 4.0, y), galley.size() + vec2(24.0, 10.0));
            self.heading(ui, at, "day", galley.text(), pill);
            p.rect(pill, 13, self.t.surface, Stroke::new(1.0, self.t.border), StrokeKind::Inside);
            p.galley(pill.center() - galley.size() / 2.0, galley, self.t.text2);
        }
        if laid.new {
            let y = rect.top() + laid.top - 10.0;
            let galley = p.layout_no_wrap(self.w.t("new-messages"), fonts::semibold(11.5), self.t.danger_text);
            let right = rect.right() - RIGHT;
            let place = Rect::from_min_size(pos2(right - galley.size().x, y - galley.size().y / 2.0), galley.size());
            self.heading(ui, at, "new", galley.text(), place);
            let line = Stroke::new(1.0, self.t.danger_text.gamma_multiply(0.6));
            p.hline(rect.left() + LEFT..=right - 8.0 - galley.size().x, y, line);
            p.galley(pos2(right - galley.size().x, y - galley.size().y / 2.0), galley, self.t.danger_text);
        }
    }

    /// What stands between rows is there for screen readers too.
    fn heading(&self, ui: &Ui, at: usize, what: &str, text: &str, place: Rect) {
        let id = self.messages.get(at).map(|it| it.id.as_str());
        let response = ui.interact(place, Id::unique((what, self.thread, id)), Sense::empty());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    }

    fn author(&mut self, ui: &Ui, at: usize, laid: &Laid, rect: Rect, hovered: bool) {
        let (p, t) = (ui.painter(), self.t);
        let Some(message) = self.messages.get(at).copied() else { return };
        let time = self.moment(at).map_or_else(String::new, |it| self.w.clock(it));
        let top = rect.top() + laid.top;
        if !laid.head {
            if hovered {
                let at = pos2(rect.left() + LEFT + AVATAR, top + 13.5);
                widgets::write(p, at, Align2::RIGHT_CENTER, &time, fonts::text(11.0), t.text3);
            }
            return;
        }
        let square = Rect::from_min_size(pos2(rect.left() + LEFT, top + 11.0), Vec2::splat(AVATAR));
        match self.model.person(&message.email) {
            Some(_) => face::paint(p, (t, self.model), self.actions, square, &message.email),
            None => widgets::avatar(p, t, square, &message.email, &message.author),
        }
        let middle = top + 20.0;
        let x = square.right() + GAP;
        let room = (rect.right() - RIGHT - x - 120.0).max(40.0);
        let name = markdown::harmless(&message.author);
        let written = widgets::write_cut(p, pos2(x, middle), room, &name, fonts::semibold(14.5), t.text);
        self.ways_to_card(ui, message, [square, written]);
        let (p, mut x) = (ui.painter(), written.right() + 8.0);
        // People whose names look alike are told apart by their addresses.
        let id = Id::unique(("author", self.thread, &message.id));
        let room = rect.right() - RIGHT - x - 48.0;
        if let Some(mark) = alike::mark(ui, (t, self.w, self.model), id, (pos2(x, middle), room), &message.email) {
            x = mark.right() + 8.0;
        }
        widgets::write(p, pos2(x, middle + 0.5), Align2::LEFT_CENTER, &time, fonts::text(12.0), t.text3);
    }

    /// Face and name lead to the card of who wrote.
    fn ways_to_card(&mut self, ui: &Ui, message: &Message, places: [Rect; 2]) {
        if self.model.person(&message.email).is_none() {
            return;
        }
        let label = self.w.with("person-card", "name", &markdown::harmless(&message.author));
        for (number, place) in places.into_iter().enumerate() {
            // By keys one way is enough.
            let sense = if number == 0 { Sense::CLICK } else { self.sense() };
            let response = ui.interact(place, Id::unique(("author", number, self.thread, &message.id)), sense);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
            widgets::focus_ring(ui, &response, 6, self.t);
            if response.clicked() {
                self.actions.push(Action::Person(message.email.clone()));
            }
            response.on_hover_cursor(CursorIcon::PointingHand);
        }
    }
}

#[cfg(test)]
mod tests;
