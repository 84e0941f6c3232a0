//! The pieces that everything is drawn of: painted by hand from tokens, each with a name for screen readers and tests.

use egui::epaint::StrokeKind;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, FontId, Id, Painter, Pos2, Rect, Response, Role, Sense, Stroke, TextEdit, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use crate::theme::Tokens;
use crate::{fonts, text_menu};

/// Paints text; the place it took.
pub(crate) fn write(p: &Painter, at: Pos2, align: Align2, text: &str, font: FontId, color: Color32) -> Rect {
    p.text(at, align, text, font, color)
}

/// Paints one line of text no wider than `width`, cut with an ellipsis; the place it took.
pub(crate) fn write_cut(p: &Painter, left_center: Pos2, width: f32, text: &str, font: FontId, color: Color32) -> Rect {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let galley = p.layout_job(job);
    let at = pos2(left_center.x, left_center.y - galley.size().y / 2.0);
    let rect = Rect::from_min_size(at, galley.size());
    p.galley(at, galley, color);
    rect
}

/// Whether a line of text needs no more than `width` points: what does not is cut, and told whole by a tooltip.
pub(crate) fn fits(p: &Painter, width: f32, text: &str, font: &FontId) -> bool {
    p.layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x <= width + 0.5
}

/// Initials of a name.
pub(crate) fn initials(name: &str) -> String {
    let words = name.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.filter_map(|it| it.chars().next()).take(2).flat_map(char::to_uppercase).collect()
}

/// Somebody's square with initials.
pub(crate) fn avatar(p: &Painter, t: &Tokens, rect: Rect, email: &str, name: &str) {
    p.rect_filled(rect, (rect.width() * 0.28).round(), t.avatar(email));
    let font = fonts::semibold((rect.width() * 0.375).round());
    write(p, rect.center(), Align2::CENTER_CENTER, &initials(name), font, t.on_accent);
}

/// The dot of presence at the corner of an avatar, ringed by what it sits on.
pub(crate) fn presence(p: &Painter, t: &Tokens, avatar: Rect, online: bool, behind: Color32) {
    let at = avatar.max - Vec2::splat(2.5);
    p.circle_filled(at, 6.5, behind);
    match online {
        true => p.circle_filled(at, 4.5, t.ok),
        false => p.circle_stroke(at, 3.5, Stroke::new(1.5, t.text3)),
    };
}

/// A figure on a pill; its width.
pub(crate) fn badge(p: &Painter, right_center: Pos2, count: u32, fill: Color32, text: Color32) -> f32 {
    let shown = if count > 999 { "999+".to_owned() } else { count.to_string() };
    let galley = p.layout_no_wrap(shown, fonts::semibold(11.0), text);
    let size = vec2((galley.size().x + 11.0).max(18.0), 18.0);
    let rect = Rect::from_min_size(right_center - vec2(size.x, size.y / 2.0), size);
    p.rect_filled(rect, 9, fill);
    p.galley(rect.center() - galley.size() / 2.0, galley, text);
    size.x
}

/// The ring around what the keyboard points at.
pub(crate) fn focus_ring(ui: &Ui, response: &Response, radius: u8, t: &Tokens) {
    if response.has_focus() {
        ui.painter().rect_stroke(response.rect, radius, Stroke::new(2.0, t.accent), StrokeKind::Inside);
    }
}

/// A square button with a sign; `name` is also its tooltip.
pub(crate) fn icon_button(ui: &Ui, t: &Tokens, rect: Rect, (icon, name): (&str, &str), on: bool) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("icon", name, icon)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    let fill = match (on, response.hovered()) {
        (true, _) => t.accent_soft,
        (_, true) => t.hover_side,
        _ => Color32::TRANSPARENT,
    };
    let color = match (on, response.hovered()) {
        (true, _) => t.accent_text,
        (_, true) => t.text,
        _ => t.text2,
    };
    ui.painter().rect_filled(rect, 8, fill);
    let font = fonts::icon((rect.height() * 0.58).round());
    write(ui.painter(), rect.center(), Align2::CENTER_CENTER, icon, font, color);
    focus_ring(ui, &response, 8, t);
    response.on_hover_text(name)
}

/// How a button stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The one thing to do here.
    Main,
    /// Another thing to do.
    Other,
    /// What cannot be undone.
    Danger,
}

/// A button with words.
pub(crate) fn button(ui: &mut Ui, t: &Tokens, text: &str, weight: Weight) -> Response {
    let (fill, hover, color) = match weight {
        Weight::Main => (t.accent, t.accent_hover, t.on_accent),
        Weight::Other => (t.raised, t.hover, t.text),
        Weight::Danger => (t.danger, t.danger, t.on_accent),
    };
    // What cannot be done now is still to be read.
    let (fill, hover, color) = if ui.is_enabled() { (fill, hover, color) } else { (t.border, t.border, t.text2) };
    let galley = ui.painter().layout_no_wrap(text.to_owned(), fonts::medium(14.0), color);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 32.0, 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    let fill = if response.hovered() { hover } else { fill };
    let line = if weight == Weight::Other { Stroke::new(1.0, t.border_strong) } else { Stroke::NONE };
    ui.painter().rect(rect, 8, fill, line, StrokeKind::Inside);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, color);
    let ring = Stroke::new(2.0, if weight == Weight::Main { t.text } else { t.accent });
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 8, ring, StrokeKind::Inside);
    }
    response
}

/// A field of a form: its name above, a line to type in.
pub(crate) fn field(ui: &mut Ui, t: &Tokens, name: &str, text: &mut String, secret: bool) -> Response {
    let label = ui.label(egui::RichText::new(name).font(fonts::medium(13.0)).color(t.text2));
    let response = ui
        .scope(|ui| {
            let visuals = ui.visuals_mut();
            visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, t.outline);
            let edit = TextEdit::singleline(text)
                .id(Id::unique(("field", name)))
                .password(secret)
                .font(fonts::text(14.5))
                .margin(egui::Margin::symmetric(12, 9))
                .desired_width(f32::INFINITY);
            ui.add(edit)
        })
        .inner;
    ui.add_space(6.0);
    match secret {
        true => text_menu::of_secret(&response, text),
        false => text_menu::of(&response, text),
    }
    response.labelled_by(label.id)
}

/// A box to tick, with words.
pub(crate) fn tick(ui: &mut Ui, text: &str, on: &mut bool) -> Response {
    ui.checkbox(on, text)
}

/// What stands where a list is empty: a sign, and how something gets there.
pub(crate) fn nothing(ui: &mut Ui, t: &Tokens, icon: &str, text: &str) {
    ui.add_space(56.0);
    ui.vertical_centered(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(72.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 36.0, t.accent_soft);
        write(ui.painter(), rect.center(), Align2::CENTER_CENTER, icon, fonts::icon(30.0), t.accent_text);
        ui.add_space(8.0);
        ui.add(egui::Label::new(egui::RichText::new(text).font(fonts::text(14.5)).color(t.text2)).wrap());
    });
}

/// Room between two choices of one line, points: each circle stands nearer to its own words than to those of its neighbour.
const BETWEEN_CHOICES: f32 = 20.0;

/// A line of choices, or more of them where they have no room.
pub(crate) fn choices<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let line = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.x = BETWEEN_CHOICES;
        content(ui)
    };
    ui.horizontal_wrapped(line).inner
}

/// Keys of a keyboard, one cap each, in a column of this width; words between them stay words.
pub(crate) fn caps(ui: &mut Ui, t: &Tokens, keys: &str, width: f32) {
    const HEIGHT: f32 = 22.0;
    let caps: Vec<_> =
        keys.split(' ').map(|it| ui.painter().layout_no_wrap(it.to_owned(), fonts::medium(12.0), t.text2)).collect();
    let (mut at, mut places) = (Vec2::ZERO, Vec::new());
    for cap in &caps {
        let wide = (cap.size().x + 12.0).max(HEIGHT);
        if width < at.x + wide && 0.0 < at.x {
            at = vec2(0.0, at.y + HEIGHT + 4.0);
        }
        places.push(Rect::from_min_size(at.to_pos2(), vec2(wide, HEIGHT)));
        at.x += wide + 4.0;
    }
    let (rect, response) = ui.allocate_exact_size(vec2(width, at.y + HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, keys));
    for (cap, place) in caps.into_iter().zip(places) {
        let place = place.translate(rect.min.to_vec2());
        if cap.text() != "/" {
            ui.painter().rect(place, 5, t.raised, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
        }
        ui.painter().galley(place.center() - cap.size() / 2.0, cap, t.text2);
    }
}

/// A word at the left of a cell of a table.
pub(crate) fn cell(ui: &mut Ui, width: f32, text: egui::RichText) {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(vec2(width, 24.0), layout, |ui| {
        ui.set_min_width(width);
        ui.label(text);
    });
}

/// A page in the middle with a width that can be read.
pub(crate) fn card<R>(ui: &mut Ui, t: &Tokens, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = egui::Frame::new()
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(14)
        .inner_margin(egui::Margin::same(28));
    frame
        .show(ui, |ui| {
            ui.set_width(width);
            content(ui)
        })
        .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_two_letters() {
        assert_eq!(initials("Анна Соколова"), "АС");
        assert_eq!(initials("emma"), "E");
        assert_eq!(initials("R&D отдел"), "RD");
        assert_eq!(initials(""), "");
    }
}
