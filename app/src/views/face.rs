//! Somebody's picture, or initials while there is none; and whether the person is there.

use egui::epaint::RectShape;
use egui::{Color32, Painter, Rect, Stroke, Vec2, pos2, vec2};

use crate::action::Action;
use crate::model::Model;
use crate::pictures::{Key, Picture};
use crate::theme::Tokens;
use crate::widgets;

/// Paints the face of a person; a picture that is not here yet is asked for.
pub(crate) fn paint(p: &Painter, (t, model): (&Tokens, &Model), actions: &mut Vec<Action>, at: Rect, email: &str) {
    let person = model.person(email);
    let mark = person.map_or("", |it| it.picture.as_str());
    if !mark.is_empty() {
        let key = Key::Person { email: email.to_owned(), mark: mark.to_owned() };
        match model.pictures.get(&key) {
            Some(Picture::Here(texture)) => {
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                let radius = (at.width() * 0.28).round();
                p.add(RectShape::filled(at, radius, Color32::WHITE).with_texture(texture.id(), uv));
                return;
            }
            None => actions.push(Action::Picture(key)),
            _ => {}
        }
    }
    widgets::avatar(p, t, at, email, person.map_or(email, |it| it.name.as_str()));
}

/// The dot of presence at the corner of a face: at the desk, away, not to be disturbed, not connected.
pub(crate) fn presence(p: &Painter, t: &Tokens, face: Rect, (online, told): (bool, &str), behind: Color32) {
    let at = face.max - Vec2::splat(2.5);
    p.circle_filled(at, 6.5, behind);
    match (online, told) {
        (true, "busy") => {
            p.circle_filled(at, 4.5, t.danger);
            p.rect_filled(Rect::from_center_size(at, vec2(5.0, 1.6)), 1, t.on_accent);
        }
        (true, "away") => drop(p.circle_filled(at, 4.5, t.away)),
        (true, _) => drop(p.circle_filled(at, 4.5, t.ok)),
        (false, _) => drop(p.circle_stroke(at, 3.5, Stroke::new(1.5, t.text3))),
    }
}

/// Presence in a word.
pub(crate) fn presence_key(online: bool, told: &str) -> &'static str {
    match (online, told) {
        (true, "busy") => "presence-busy",
        (true, "away") => "presence-away",
        (true, _) => "online",
        (false, _) => "offline",
    }
}
