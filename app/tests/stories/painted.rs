//! What lies where in a painted frame: texts that are cut off, and texts that lie on each other.

use egui::epaint::{Shape, TextShape};
use egui::{Color32, Rect};

/// Texts of a frame, in the order in which they were painted.
#[derive(Default)]
pub(crate) struct Painted {
    lines: Vec<(Rect, String)>,
    pub(crate) bad: Vec<String>,
}

impl Painted {
    /// Takes a shape in.
    pub(crate) fn take(&mut self, shape: &Shape, clip: Rect, window: Rect) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|it| self.take(it, clip, window)),
            Shape::Text(text) => self.text(text, clip.intersect(window)),
            Shape::Rect(it) => self.cover(it.rect.intersect(clip), it.fill, window),
            _ => {}
        }
    }

    /// What is painted over is no longer seen; a veil over everything begins another layer.
    fn cover(&mut self, rect: Rect, fill: Color32, window: Rect) {
        if rect.contains_rect(window.shrink(1.0)) && 0 < fill.a() {
            self.lines.clear();
        } else if fill.a() == u8::MAX {
            self.lines.retain(|it| !rect.contains(it.0.center()));
            // Of what is covered in part the rest is still seen.
            for (line, _) in self.lines.iter_mut().filter(|it| it.0.intersects(rect)) {
                match line.left() < rect.left() {
                    true => line.max.x = rect.left().min(line.right()),
                    false => line.min.x = rect.right().max(line.left()),
                }
            }
        }
    }

    fn text(&mut self, text: &TextShape, clip: Rect) {
        let icon = |it: &str| it.chars().all(|it| ('\u{e000}'..='\u{f8ff}').contains(&it) || it.is_whitespace());
        for row in &text.galley.rows {
            let words = row.row.glyphs.iter().map(|it| it.chr).collect::<String>();
            // A little smaller than the letters: lines may touch.
            let rect = row.rect().translate(text.pos.to_vec2()).shrink2(egui::vec2(1.0, 3.0));
            if icon(&words) || rect.width() <= 0.0 || rect.intersect(clip).height() < 1.0 {
                continue;
            }
            if rect.left() < clip.left() - 1.5 || clip.right() + 1.5 < rect.right() {
                self.bad.push(format!("{words:?} at {rect:?} is cut off by {clip:?}"));
            }
            let shown = rect.intersect(clip);
            if let Some((_, other)) = self.lines.iter().find(|it| it.0.intersects(shown)) {
                self.bad.push(format!("{words:?} lies on {other:?} at {shown:?}"));
            }
            self.lines.push((shown, words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{FontId, pos2, vec2};

    #[test]
    fn texts_on_each_other_and_cut_off_are_found() {
        let ctx = egui::Context::default();
        let mut found = Vec::new();
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 300.0));
        let mut output = ctx.run_ui(egui::RawInput { screen_rect: Some(window), ..Default::default() }, |ui| {
            let p = ui.painter();
            let text = |x: f32, y: f32, words: &str| {
                let galley = p.layout_no_wrap(words.to_owned(), FontId::proportional(14.0), Color32::WHITE);
                Shape::Text(TextShape::new(pos2(x, y), galley, Color32::WHITE))
            };
            for (shapes, count) in [
                (vec![text(10.0, 10.0, "one"), text(10.0, 40.0, "two")], 0),
                (vec![text(10.0, 10.0, "one"), text(14.0, 12.0, "two")], 1),
                (vec![text(390.0, 10.0, "a long text")], 1),
            ] {
                let mut painted = Painted::default();
                shapes.iter().for_each(|it| painted.take(it, window, window));
                found.push((painted.bad.len(), count));
            }
        });
        output.textures_delta.clear();
        found.truncate(3);
        assert!(found.len() == 3 && found.iter().all(|it| it.0 == it.1), "{found:?}");
    }
}
