//! The mark at a name that looks like another's: a sign and the address, the same wherever people are shown.

use egui::{Align2, Id, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::model::Model;
use crate::theme::Tokens;
use crate::timeline::markdown::harmless;
use crate::words::Words;
use crate::{fonts, icons, widgets};

/// Height of the mark, points.
pub(crate) const HEIGHT: f32 = 20.0;

/// A name as a screen reader says it: with the address where another name looks like it.
pub(crate) fn said(model: &Model, name: &str, email: &str) -> String {
    match model.twins.contains(email) {
        true => format!("{}, {email}", harmless(name)),
        false => harmless(name),
    }
}

/// Paints the mark behind a name where another looks like it, and where that ends. `at` is its left edge in the middle of its
/// height, `room` how wide it may be; `id` tells apart what is marked twice on a screen.
pub(crate) fn mark(
    ui: &Ui,
    (t, w, model): (&Tokens, &Words, &Model),
    id: Id,
    (at, room): (Pos2, f32),
    email: &str,
) -> Option<Rect> {
    if !model.twins.contains(email) {
        return None;
    }
    let p = ui.painter();
    let sign = Rect::from_center_size(pos2(at.x + 8.0, at.y), Vec2::splat(16.0));
    widgets::write(p, sign.center(), Align2::CENTER_CENTER, icons::WARNING, fonts::icon(15.0), t.danger_text);
    let left = pos2(sign.right() + 4.0, at.y);
    let address = widgets::write_cut(p, left, (room - 20.0).max(0.0), email, fonts::text(12.0), t.text2);
    let place = Rect::from_min_max(pos2(at.x, at.y - HEIGHT / 2.0), pos2(address.right(), at.y + HEIGHT / 2.0));
    let told = w.with("name-alike", "email", email);
    let response = ui.interact(place, id.with("alike"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
    response.on_hover_text(told);
    Some(place)
}

/// The same as a line of its own.
pub(crate) fn line(ui: &mut Ui, of: (&Tokens, &Words, &Model), email: &str) {
    if of.2.twins.contains(email) {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
        mark(ui, of, ui.scope_id().with(email), (rect.left_center(), rect.width()), email);
    }
}
