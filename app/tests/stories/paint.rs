//! Paints frames into pictures without a graphics card: textured triangles, as the window's own painter lays them out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use egui::epaint::{ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Context, FullOutput, Rect, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;

/// Names a folder: then a walk over the screens paints each of them into it.
const FOLDER: &str = "ARTEL_PICTURES";

/// Names colours and widths of the window, such as `light-1440 dark-800`: then only these are painted. The language is chosen
/// by the name of the test: `ARTEL_PICTURES=folder ARTEL_PICTURES_OF=light-1440 cargo test -p artel --test stories -- in_russian`.
const OF: &str = "ARTEL_PICTURES_OF";

/// Whether pictures of a window in these colours and of this width are wanted.
pub(crate) fn wanted(theme: &str, width: f32) -> bool {
    let of = std::env::var(OF).unwrap_or_default();
    of.is_empty() || of.split_whitespace().any(|it| it == format!("{theme}-{width}"))
}

/// Where pictures of the screens are wanted, if they are.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).filter(|it| !it.is_empty()).map(PathBuf::from)
}

/// The textures of a window, as its frames told them.
#[derive(Clone, Default)]
pub(crate) struct Textures(Arc<Mutex<BTreeMap<TextureId, ColorImage>>>, Arc<AtomicUsize>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let given = delta.set.iter().filter(|(id, _)| **id != TextureId::default()).count();
        self.1.fetch_add(given, Ordering::Relaxed);
        // Without a wish for pictures nothing is kept.
        if folder().is_some() {
            let mut textures = self.0.lock().expect("no painter broke");
            delta.set.iter().for_each(|(id, parts)| {
                for part in parts {
                    let ImageData::Color(image) = &part.image;
                    match (part.pos, textures.get_mut(id)) {
                        (Some(pos), Some(whole)) => patch(whole, image, pos),
                        _ => drop(textures.insert(*id, ColorImage::clone(image))),
                    }
                }
            });
            delta.free.iter().for_each(|it| drop(textures.remove(it)));
        }
        delta.clear();
    }
}

fn patch(whole: &mut ColorImage, part: &ColorImage, [left, top]: [usize; 2]) {
    let (from, to) = (part.width(), whole.width());
    for (y, line) in part.pixels.chunks(from).enumerate() {
        let at = (top + y) * to + left;
        whole.pixels[at..at + from].copy_from_slice(line);
    }
}

impl Textures {
    /// How often a texture was set, but for that of the letters.
    pub(crate) fn given(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }

    /// Paints a frame into a PNG file.
    pub(crate) fn paint(&self, ctx: &Context, output: &FullOutput, file: &Path) {
        let size = ctx.content_rect().size() * output.pixels_per_point;
        let mut canvas = ColorImage::filled([size.x as usize, size.y as usize], Color32::BLACK);
        let textures = self.0.lock().expect("no painter broke");
        for it in ctx.tessellate(output.shapes.clone(), output.pixels_per_point) {
            let Primitive::Mesh(mesh) = it.primitive else { continue };
            if let Some(texture) = textures.get(&mesh.texture_id) {
                let clip = Rect::from_min_max(it.clip_rect.min.round(), it.clip_rect.max.round());
                mesh_on(&mut canvas, &mesh, texture, clip * output.pixels_per_point);
            }
        }
        write(&canvas, file);
    }
}

fn mesh_on(canvas: &mut ColorImage, mesh: &Mesh, texture: &ColorImage, clip: Rect) {
    for corners in mesh.indices.chunks_exact(3) {
        let [a, b, c] = [0, 1, 2].map(|it| mesh.vertices[corners[it] as usize]);
        triangle(canvas, [a, b, c], texture, clip);
    }
}

/// How far `p` lies on the left of the way from `a` to `b`.
fn side(a: [f32; 2], b: [f32; 2], p: [f32; 2]) -> f32 {
    (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
}

fn triangle(canvas: &mut ColorImage, mut corners: [Vertex; 3], texture: &ColorImage, clip: Rect) {
    let at = |it: &Vertex| [it.pos.x, it.pos.y];
    let mut whole = side(at(&corners[0]), at(&corners[1]), at(&corners[2]));
    if whole < 0.0 {
        corners.swap(1, 2);
        whole = -whole;
    }
    if whole < 1e-6 {
        return;
    }
    let [a, b, c] = corners.each_ref().map(at);
    let bounds = Rect::from_points(&corners.map(|it| it.pos)).intersect(clip);
    let [width, height] = canvas.size;
    let (left, right) = (bounds.left().floor().max(0.0) as usize, (bounds.right().ceil().max(0.0) as usize).min(width));
    let (top, bottom) =
        (bounds.top().floor().max(0.0) as usize, (bounds.bottom().ceil().max(0.0) as usize).min(height));
    // A pixel on an edge between two triangles belongs to one of them only.
    let owns = |from: [f32; 2], to: [f32; 2]| from[1] > to[1] || (from[1] == to[1] && from[0] < to[0]);
    let inside = |it: f32, own: bool| 0.0 < it || (it == 0.0 && own);
    let own = [owns(b, c), owns(c, a), owns(a, b)];
    // One colour all over, as most of a screen is.
    let one = corners.iter().all(|it| it.uv == corners[0].uv && it.color == corners[0].color);
    let one = one.then(|| colour(&corners, [1.0, 0.0, 0.0], texture));
    for y in top..bottom {
        let middle = y as f32 + 0.5;
        if middle < clip.top() || clip.bottom() < middle {
            continue;
        }
        let (from, to) = across([a, b, c], middle);
        let within = |it: f32| (it.max(left as f32) as usize).clamp(left, right.max(left));
        for x in within((from - 1.0).floor())..within((to + 2.0).ceil()) {
            let p = [x as f32 + 0.5, middle];
            if p[0] < clip.left() || clip.right() < p[0] {
                continue;
            }
            let deep = from + 1.0 < p[0] && p[0] < to - 1.0;
            let pixel = &mut canvas.pixels[y * width + x];
            if let (true, Some(one)) = (deep, one) {
                *pixel = over(*pixel, one);
                continue;
            }
            let weights = [side(b, c, p), side(c, a, p), side(a, b, p)];
            if weights.iter().zip(own).all(|(it, own)| inside(*it, own)) {
                let weights = weights.map(|it| it / whole);
                *pixel = over(*pixel, one.unwrap_or_else(|| colour(&corners, weights, texture)));
            }
        }
    }
}

/// Where a line at this height enters a triangle and leaves it.
fn across(corners: [[f32; 2]; 3], y: f32) -> (f32, f32) {
    let [a, b, c] = corners;
    let (mut from, mut to) = (f32::INFINITY, f32::NEG_INFINITY);
    for (one, other) in [(a, b), (b, c), (c, a)] {
        if (one[1].min(other[1])..=one[1].max(other[1])).contains(&y) && one[1] != other[1] {
            let x = one[0] + (other[0] - one[0]) * (y - one[1]) / (other[1] - one[1]);
            (from, to) = (from.min(x), to.max(x));
        }
    }
    (from, to)
}

fn colour(corners: &[Vertex; 3], weights: [f32; 3], texture: &ColorImage) -> [f32; 4] {
    let mut tint = [0.0; 4];
    let mut uv = egui::Vec2::ZERO;
    for (corner, weight) in corners.iter().zip(weights) {
        uv += corner.uv.to_vec2() * weight;
        for (sum, part) in tint.iter_mut().zip(corner.color.to_array()) {
            *sum += f32::from(part) * weight;
        }
    }
    let texel = texel(texture, uv);
    [0, 1, 2, 3].map(|it| tint[it] * texel[it] / 255.0)
}

/// Between the four nearest points of a texture.
fn texel(texture: &ColorImage, uv: egui::Vec2) -> [f32; 4] {
    let [width, height] = texture.size;
    let (x, y) = (uv.x * width as f32 - 0.5, uv.y * height as f32 - 0.5);
    let (part_x, part_y) = (x - x.floor(), y - y.floor());
    let mut sum = [0.0; 4];
    for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let weight = (if dx == 0.0 { 1.0 - part_x } else { part_x }) * (if dy == 0.0 { 1.0 - part_y } else { part_y });
        let at = |it: f32, most: usize| (it.max(0.0) as usize).min(most - 1);
        let pixel = texture.pixels[at(y.floor() + dy, height) * width + at(x.floor() + dx, width)];
        for (sum, part) in sum.iter_mut().zip(pixel.to_array()) {
            *sum += f32::from(part) * weight;
        }
    }
    sum
}

fn over(under: Color32, above: [f32; 4]) -> Color32 {
    if 254.5 < above[3] {
        return Color32::from_rgb(above[0].round() as u8, above[1].round() as u8, above[2].round() as u8);
    }
    let clear = 1.0 - above[3] / 255.0;
    let mixed = |it: usize| (above[it] + f32::from(under.to_array()[it]) * clear).round().min(255.0) as u8;
    Color32::from_rgb(mixed(0), mixed(1), mixed(2))
}

fn write(canvas: &ColorImage, file: &Path) {
    let out = std::io::BufWriter::new(std::fs::File::create(file).expect("a file"));
    let mut encoder = png::Encoder::new(out, canvas.width() as u32, canvas.height() as u32);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = canvas.pixels.iter().flat_map(|it| [it.r(), it.g(), it.b()]).collect();
    encoder.write_header().expect("a head").write_image_data(&pixels).expect("pixels");
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    #[test]
    fn a_rectangle_is_painted_where_it_lies_each_pixel_once() {
        let mut canvas = ColorImage::filled([8, 6], Color32::BLACK);
        let mut mesh = Mesh::default();
        let rect = Rect::from_min_size(pos2(2.0, 1.0), vec2(4.0, 3.0));
        mesh.add_colored_rect(rect, Color32::from_rgba_premultiplied(100, 0, 0, 128));
        let white = ColorImage::filled([1, 1], Color32::WHITE);
        mesh_on(&mut canvas, &mesh, &white, Rect::from_min_size(pos2(0.0, 0.0), vec2(5.0, 6.0)));
        for y in 0..6 {
            for x in 0..8 {
                let red = canvas.pixels[y * 8 + x].r();
                let here = (2..5).contains(&x) && (1..4).contains(&y);
                assert_eq!(red, if here { 100 } else { 0 }, "at {x} {y}");
            }
        }
    }
}
