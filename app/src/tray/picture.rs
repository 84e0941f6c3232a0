//! The program's sign in the sizes of a tray, with its dot.

use super::Dot;

/// Edges of the pictures, pixels: of a plain panel, and of one on a fine screen.
const EDGES: [u16; 2] = [24, 48];
/// Colours of the dots: red, green, blue.
const UNREAD: [u8; 3] = [0x4c, 0x8d, 0xff];
const CALLED: [u8; 3] = [0xe5, 0x48, 0x4d];

/// Width, height, and four bytes a pixel: alpha, red, green, blue.
pub(super) type Picture = (i32, i32, Vec<u8>);

/// The pictures, the smallest first; none if `png` is none.
pub(super) fn pictures(png: &[u8], dot: Dot) -> Vec<Picture> {
    let Ok(icon) = eframe::icon_data::from_png_bytes(png) else { return Vec::new() };
    let (width, height) = (icon.width as usize, icon.height as usize);
    EDGES.iter().map(|edge| one(&icon.rgba, (width, height), usize::from(*edge), dot)).map(to_bus).collect()
}

fn to_bus((edge, pixels): (usize, Vec<[u8; 4]>)) -> Picture {
    let edge = i32::try_from(edge).unwrap_or_default();
    (edge, edge, pixels.into_iter().flat_map(|[r, g, b, a]| [a, r, g, b]).collect())
}

fn one(rgba: &[u8], (width, height): (usize, usize), edge: usize, dot: Dot) -> (usize, Vec<[u8; 4]>) {
    let mut pixels = Vec::with_capacity(edge * edge);
    for y in 0..edge {
        for x in 0..edge {
            let columns = (x * width / edge)..((x + 1) * width / edge).max(x * width / edge + 1);
            let rows = (y * height / edge)..((y + 1) * height / edge).max(y * height / edge + 1);
            let under = rows.flat_map(|row| columns.clone().map(move |column| (row * width + column) * 4));
            let pixel = mean(under.filter_map(|at| rgba.get(at..at + 4)));
            pixels.push(dotted(pixel, (x, y), edge, dot));
        }
    }
    (edge, pixels)
}

/// The mean of pixels; what cannot be seen has no say in the colour.
fn mean<'a>(pixels: impl Iterator<Item = &'a [u8]>) -> [u8; 4] {
    let (mut sums, mut alpha, mut count) = ([0_u32; 3], 0_u32, 0_u32);
    for pixel in pixels {
        let &[r, g, b, a] = pixel else { continue };
        for (sum, colour) in sums.iter_mut().zip([r, g, b]) {
            *sum += u32::from(colour) * u32::from(a);
        }
        alpha += u32::from(a);
        count += 1;
    }
    let byte = |sum: u32, by: u32| u8::try_from(sum / by.max(1)).unwrap_or(u8::MAX);
    let [r, g, b] = sums.map(|sum| byte(sum, alpha));
    [r, g, b, byte(alpha, count)]
}

/// A disc in the lower right corner, with a gap around it that sets it off.
fn dotted(pixel: [u8; 4], (x, y): (usize, usize), edge: usize, dot: Dot) -> [u8; 4] {
    let [r, g, b] = match dot {
        Dot::None => return pixel,
        Dot::Unread => UNREAD,
        Dot::Called => CALLED,
    };
    let radius = edge as f32 * 0.25;
    let centre = edge as f32 - radius;
    let far = (x as f32 + 0.5 - centre).hypot(y as f32 + 0.5 - centre);
    match far {
        it if it <= radius => [r, g, b, u8::MAX],
        it if it <= radius + edge as f32 / 16.0 => [0, 0, 0, 0],
        _ => pixel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ICON: &[u8] = include_bytes!("../../packaging/artel.png");

    #[test]
    fn the_dot_lies_in_the_corner_and_the_rest_is_the_sign() {
        let [plain, unread, called] = [Dot::None, Dot::Unread, Dot::Called].map(|dot| pictures(ICON, dot));
        for (at, edge) in [(0, 24_usize), (1, 48)] {
            let pixel = |of: &[Picture], x: usize, y: usize| of[at].2[(y * edge + x) * 4..][..4].to_vec();
            assert_eq!((plain[at].0, plain[at].1, plain[at].2.len()), (edge as i32, edge as i32, edge * edge * 4));
            let middle = edge / 2;
            assert_eq!(pixel(&plain, middle, middle)[0], 255, "the sign is there");
            assert_eq!(pixel(&plain, middle / 2, middle / 2), pixel(&unread, middle / 2, middle / 2));
            let corner = edge * 3 / 4;
            assert_eq!(pixel(&unread, corner, corner), [255, UNREAD[0], UNREAD[1], UNREAD[2]]);
            assert_eq!(pixel(&called, corner, corner), [255, CALLED[0], CALLED[1], CALLED[2]]);
        }
        assert_eq!(pictures(b"nothing", Dot::None), []);
    }
}
