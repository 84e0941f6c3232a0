//! A list of rows of any height that is held at one row: the first one on the screen and its distance from the top. So what
//! comes above or below, and what changes its height, never moves what one is reading.

use egui::{Id, Key, Pos2, Rect, Sense, Ui, UiBuilder, pos2, vec2};

/// Space below the last row.
const PAD: f32 = 12.0;
/// How many rows before an end of what was read more is to be read.
const NEAR: usize = 12;
/// Where the row stands at which one begins to read, points from the top.
const BEGIN: f32 = 56.0;

/// What the list shows.
pub(crate) trait Rows {
    /// How many rows there are.
    fn count(&self) -> usize;
    /// Identity of a row.
    fn id(&self, at: usize) -> &str;
    /// Where a row of this identity is.
    fn find(&self, id: &str) -> Option<usize>;
    /// Its exact height, by laying it out.
    fn height(&mut self, ui: &Ui, at: usize) -> f32;
    /// How much of it stands above what one reads in it: lines between rows, the head. That may come and go with the row before.
    fn lead(&mut self, _: &Ui, _: usize) -> f32 {
        0.0
    }
    /// Whether the last row is the newest there is.
    fn to_end(&self) -> bool {
        true
    }
    /// Paints it.
    fn paint(&mut self, ui: &mut Ui, at: usize, rect: Rect);
}

/// Where the list is held.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    /// The first row on the screen; the newest one is held at the bottom if absent.
    held: Option<String>,
    /// Distance of its top from the top of the view; points, ≤ 0 but for the very first row.
    offset: f32,
    /// How much stood above what one reads in it, if it was on the screen.
    lead: Option<f32>,
    /// A row that was jumped to, and when: it glows for a moment.
    pub(crate) flash: Option<(String, f64)>,
    /// To be shown as soon as it is there, and how.
    wanted: Option<(String, Arrival)>,
    /// Rows that are on the screen as a whole, from above.
    pub(crate) seen: Vec<String>,
    /// How many rows are on the screen.
    visible: usize,
    /// To be moved into sight, no farther than needed.
    reveal: Option<String>,
    dragged: bool,
    /// Keys are for something else.
    pub(crate) deaf: bool,
}

/// How a row that was gone to is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// In the upper half, glowing.
    Jump,
    /// Near the top: reading begins with it.
    Begin,
}

/// What the list is near to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    pub(crate) near_start: bool,
    pub(crate) near_end: bool,
    /// The key for the newest row was pressed, and it is not here.
    pub(crate) end_wanted: bool,
}

/// What was read of a history, for [`List::wants`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Read<'a> {
    pub(crate) around: Option<&'a str>,
    pub(crate) reach: u32,
    /// Rows on each side that are always read.
    pub(crate) least: u32,
    pub(crate) from_start: bool,
    pub(crate) to_end: bool,
}

struct Visible {
    at: usize,
    top: f32,
    height: f32,
}

impl List {
    /// Goes to a row, now or when it comes.
    pub(crate) fn jump(&mut self, id: &str) {
        self.wanted = Some((id.to_owned(), Arrival::Jump));
    }

    /// Begins reading at a row, now or when it comes.
    pub(crate) fn begin_at(&mut self, id: &str) {
        self.wanted = Some((id.to_owned(), Arrival::Begin));
    }

    /// Does not go where it was to go any more.
    pub(crate) fn stay(&mut self) {
        self.wanted = None;
    }

    /// The row that it is to go to.
    pub(crate) fn goes_to(&self) -> Option<&str> {
        self.wanted.as_ref().map(|it| it.0.as_str())
    }

    /// Where it is held: a row and its distance from the top; at the newest if absent.
    pub(crate) fn held(&self) -> Option<(&str, f32)> {
        Some((self.held.as_deref()?, self.offset))
    }

    /// Holds it as [`List::held`] told.
    pub(crate) fn hold(&mut self, id: &str, offset: f32) {
        (self.held, self.offset, self.wanted, self.lead) = (Some(id.to_owned()), offset, None, None);
    }

    /// How many rows are to be read on each side, at least `least`.
    pub(crate) fn reach(&self, least: u32) -> u32 {
        least.max(u32::try_from(2 * self.visible + 2 * NEAR).unwrap_or(u32::MAX))
    }

    /// Around which row, and how far, is to be read so that scrolling goes on: at the newest end the newest rows, else those
    /// around what one looks at.
    pub(crate) fn wants(&self, edges: Edges, read: &Read<'_>) -> Option<(Option<String>, u32)> {
        let reach = self.reach(read.least);
        let (before, after) = (edges.near_start && !read.from_start, edges.near_end && !read.to_end);
        match self
            .held
            .as_deref()
            .or(self.seen.first().map(String::as_str))
            .filter(|_| !(self.at_newest() && read.to_end))
        {
            Some(held) => {
                let other = read.around != Some(held) || read.reach < reach;
                (other && (before || after || read.around.is_none())).then(|| (Some(held.to_owned()), reach))
            }
            None => (read.around.is_some() || before && read.reach < reach).then_some((None, reach)),
        }
    }

    /// Moves a row into sight, no farther than needed.
    pub(crate) fn reveal(&mut self, id: &str) {
        self.reveal = Some(id.to_owned());
    }

    /// Goes to the newest row and stays there.
    pub(crate) fn show_newest(&mut self) {
        (self.held, self.wanted) = (None, None);
    }

    /// Whether the newest row is held at the bottom.
    pub(crate) fn at_newest(&self) -> bool {
        self.held.is_none()
    }

    /// Draws what is visible.
    pub(crate) fn show(&mut self, ui: &mut Ui, rows: &mut impl Rows) -> Edges {
        let view = ui.available_rect_before_wrap();
        ui.allocate_rect(view, Sense::hover());
        if rows.count() == 0 {
            return Edges::default();
        }
        self.arrive(ui, rows, view.height());
        let scrolled = self.scrolled(ui, view);
        let mut visible = self.place(ui, rows, view.height(), scrolled);
        if let Some(by) = self.hidden_part(ui, rows, view.height(), &visible) {
            visible = self.place(ui, rows, view.height(), by);
        }
        let mut child = ui.new_child(UiBuilder::new().max_rect(view).id_salt("rows"));
        child.set_clip_rect(view.intersect(ui.clip_rect()));
        for row in &visible {
            let top = (view.top() + row.top).round();
            let rect = Rect::from_min_size(pos2(view.left(), top), vec2(view.width(), row.height));
            rows.paint(&mut child, row.at, rect);
        }
        self.bar(ui, view, rows, &visible);
        let whole = visible.iter().filter(|it| -1.0 < it.top + it.height && it.top + it.height <= view.height() + 1.0);
        self.seen = whole.map(|it| rows.id(it.at).to_owned()).collect();
        self.visible = visible.len();
        let (first, last) = (visible.first().map_or(0, |it| it.at), visible.last().map_or(0, |it| it.at));
        let end_wanted = scrolled == f32::NEG_INFINITY && !rows.to_end();
        Edges { near_start: first < NEAR, near_end: last + NEAR > rows.count(), end_wanted }
    }

    /// Carries a jump out when its row is there.
    fn arrive(&mut self, ui: &Ui, rows: &mut impl Rows, height: f32) {
        let Some((id, arrival)) = self.wanted.take_if(|it| rows.find(&it.0).is_some()) else { return };
        self.offset = match arrival {
            Arrival::Jump => height * 0.35,
            Arrival::Begin => BEGIN.min(height * 0.35),
        };
        if arrival == Arrival::Jump {
            self.flash = Some((id.clone(), ui.input(|it| it.time)));
        }
        (self.held, self.lead) = (Some(id), None);
        ui.ctx().request_repaint();
    }

    /// How far to scroll until the row to be revealed is in sight.
    fn hidden_part(&mut self, ui: &Ui, rows: &mut impl Rows, height: f32, visible: &[Visible]) -> Option<f32> {
        let at = rows.find(&self.reveal.take()?)?;
        let (first, last) = (visible.first()?, visible.last()?);
        match visible.iter().find(|it| it.at == at) {
            Some(row) if row.top < 0.0 => Some(-row.top),
            Some(row) if height < row.top + row.height => Some(height - row.top - row.height),
            Some(_) => None,
            None if at < first.at => Some(rows.height(ui, at) - first.top),
            None => Some(height - last.top - last.height - rows.height(ui, at)),
        }
    }

    fn scrolled(&self, ui: &Ui, view: Rect) -> f32 {
        let mut by = 0.0;
        if ui.rect_contains_pointer(view) && !self.dragged {
            by += ui.input_mut(|it| std::mem::take(&mut it.smooth_scroll_delta.y));
        }
        if self.deaf {
            return by;
        }
        let typing = ui.ctx().text_edit_focused();
        ui.input(|it| {
            if it.key_pressed(Key::PageUp) {
                by += view.height() * 0.9;
            }
            if it.key_pressed(Key::PageDown) {
                by -= view.height() * 0.9;
            }
            if !typing && it.key_pressed(Key::End) {
                by = f32::NEG_INFINITY;
            }
        });
        by
    }

    /// Which rows are on the screen, from above.
    fn place(&mut self, ui: &Ui, rows: &mut impl Rows, height: f32, scrolled: f32) -> Vec<Visible> {
        let count = rows.count();
        if scrolled == f32::NEG_INFINITY && rows.to_end() {
            self.held = None;
        }
        let held = self.held.as_deref().and_then(|it| rows.find(it));
        let (mut at, mut top) = match held {
            // What one reads stays, not the line above it that came or went.
            Some(at) => (at, self.offset + self.lead.map_or(0.0, |it| it - rows.lead(ui, at))),
            None => (count - 1, height - PAD - rows.height(ui, count - 1)),
        };
        if scrolled.is_finite() {
            top += scrolled;
        }
        while top > 0.0 && at > 0 {
            at -= 1;
            top -= rows.height(ui, at);
        }
        while at + 1 < count {
            let bottom = top + rows.height(ui, at);
            if bottom > 0.0 {
                break;
            }
            (at, top) = (at + 1, bottom);
        }
        if at == 0 {
            top = top.min(PAD);
        }
        let mut visible = fill(ui, rows, (at, top), height);
        let end = visible.last().map_or(0.0, |it| it.top + it.height);
        let last = visible.last().is_some_and(|it| it.at + 1 == count);
        // The end is on the screen: it is held at the bottom, or at the top if everything fits.
        let ends = last && end < height - PAD + 0.5;
        // More is about to come where the last row is not the newest: what one looks at waits for it where it is.
        let moves = rows.to_end() || held.is_none() || scrolled != 0.0;
        if ends && moves && (at > 0 || top < 0.0) {
            let mut top = height - PAD;
            at = count;
            while top > 0.0 && at > 0 {
                at -= 1;
                top -= rows.height(ui, at);
            }
            let top = if at == 0 { top.min(PAD) } else { top };
            visible = fill(ui, rows, (at, top), height);
        }
        let first = visible.first();
        self.offset = first.map_or(0.0, |it| it.top);
        self.lead = first.map(|it| rows.lead(ui, it.at));
        // The last of what was read is not the newest: it is no end to stay at.
        self.held = if ends && rows.to_end() { None } else { first.map(|it| rows.id(it.at).to_owned()) };
        visible
    }

    fn bar(&mut self, ui: &mut Ui, view: Rect, rows: &impl Rows, visible: &[Visible]) {
        let (count, shown) = (rows.count(), visible.len());
        let Some(first) = visible.first().filter(|_| shown < count) else { return };
        let track = Rect::from_min_max(view.right_top() + vec2(-12.0, 4.0), view.right_bottom() + vec2(-2.0, -4.0));
        // Keys scroll without it.
        let response = ui.interact(track, Id::unique("timeline-bar"), Sense::DRAG);
        response.widget_info(|| egui::WidgetInfo::new(egui::Role::ScrollBar));
        self.dragged = response.dragged();
        let length = (track.height() * shown as f32 / count as f32).clamp(36.0, track.height());
        let travel = (track.height() - length).max(1.0);
        if let (true, Some(pointer)) = (self.dragged, response.interact_pointer_pos()) {
            self.drag_to(rows, ((pointer.y - track.top() - length / 2.0) / travel).clamp(0.0, 1.0));
            ui.ctx().request_repaint();
        }
        let part = (-first.top / first.height.max(1.0)).clamp(0.0, 1.0);
        let place = (first.at as f32 + part) / (count - shown).max(1) as f32;
        let place = if self.at_newest() { 1.0 } else { place.min(1.0) };
        if ui.rect_contains_pointer(view) || self.dragged {
            let width = if response.hovered() || self.dragged { 7.0 } else { 4.0 };
            let min = Pos2::new(track.right() - width, track.top() + place * travel);
            let color = ui.visuals().text_color().gamma_multiply(0.28);
            ui.painter().rect_filled(Rect::from_min_size(min, vec2(width, length)), 4, color);
        }
    }

    fn drag_to(&mut self, rows: &impl Rows, place: f32) {
        let last = rows.count().saturating_sub(1);
        let at = (f64::from(place) * last as f64) as usize;
        self.held = (place < 0.999 || !rows.to_end()).then(|| rows.id(at).to_owned());
        (self.offset, self.lead) = (0.0, None);
    }
}

fn fill(ui: &Ui, rows: &mut impl Rows, (first, mut top): (usize, f32), height: f32) -> Vec<Visible> {
    let mut visible = Vec::new();
    for at in first..rows.count() {
        if top >= height {
            break;
        }
        let row = Visible { at, top, height: rows.height(ui, at) };
        top += row.height;
        visible.push(row);
    }
    visible
}

#[cfg(test)]
mod tests;
