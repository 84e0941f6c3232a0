//! Photographs, drawings, bombs and broken pictures.

use image::codecs::png::PngEncoder;
use image::{ImageEncoder, Rgb, RgbImage};

use super::*;

fn photograph(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 7 % 251) as u8, (y * 3 % 241) as u8, ((x * y) % 199) as u8]))
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    let encoder = PngEncoder::new(&mut bytes);
    encoder.write_image(picture.as_raw(), width, height, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn looked(bytes: &[u8]) -> Result<Looked, BadPicture> {
    look(Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn a_picture_tells_its_size_and_has_a_light_small_one() {
    for (width, height) in [(1_200, 800), (50, 2_000), (1, 1), (30, 20)] {
        let looked = looked(&png(&photograph(width, height))).unwrap();
        assert_eq!((looked.width, looked.height), (width, height));
        assert!(looked.small.len() <= LIGHT_BYTES, "{} bytes", looked.small.len());
        let small = decode(Cursor::new(&looked.small)).unwrap();
        assert!(small.width().max(small.height()) <= 128 && small.width() <= width, "{width} × {height}");
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 80).encode_image(&photograph(640, 480)).unwrap();
    assert_eq!(looked(&jpeg).map(|it| (it.width, it.height)), Ok((640, 480)));
}

fn gif(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    encoder.encode(picture.as_raw(), width, height, image::ExtendedColorType::Rgb8).unwrap();
    drop(encoder);
    bytes
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
    encoder.write_image(picture.as_raw(), width, height, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[test]
fn gif_and_webp_are_pictures_and_their_bombs_are_refused() {
    let picture = photograph(60, 40);
    for whole in [gif(&picture), webp(&picture)] {
        let seen = looked(&whole).unwrap();
        assert_eq!((seen.width, seen.height), (60, 40));
        for end in (6..whole.len() / 2).step_by(53) {
            assert!(looked(&whole[..end]).is_err(), "cut at {end}");
        }
    }
    // Width and height of a GIF stand behind its six letters.
    let mut bomb = gif(&picture);
    bomb[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(looked(&bomb), Err(BadPicture::TooLarge { width: 65_535, height: 65_535 }));
    // Those of a lossless WebP, 14 bits each less one, stand behind its heads and a mark.
    let mut bomb = webp(&picture);
    assert_eq!((&bomb[12..16], bomb[20]), (&b"VP8L"[..], 0x2f));
    bomb[21..25].copy_from_slice(&0x0fff_ffff_u32.to_le_bytes());
    assert!(matches!(looked(&bomb), Err(BadPicture::TooLarge { .. } | BadPicture::Broken)), "{:?}", looked(&bomb));
}

#[test]
fn a_bomb_is_refused_by_its_head() {
    let mut bomb = png(&photograph(4, 4));
    // Width and height stand behind signature, length and name of the first part; then its checksum.
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let sum = crc32fast::hash(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let why = looked(&bomb).unwrap_err();
    assert!(matches!(why, BadPicture::TooLarge { width: 60_000, height: 60_000 } | BadPicture::Broken), "{why:?}");
}

#[test]
fn anything_else_is_a_file_like_others() {
    assert_eq!(looked(b"plain words"), Err(BadPicture::Unknown));
    assert_eq!(looked(b""), Err(BadPicture::Unknown));
    let whole = png(&photograph(60, 40));
    for end in (8..whole.len()).step_by(97) {
        assert!(looked(&whole[..end]).is_err(), "cut at {end}");
    }
    let mut random = 7u32;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = random as usize % bytes.len();
            bytes[at] = (random >> 24) as u8;
        }
        // Whatever it is, it neither panics nor takes more than its limits.
        looked(&bytes).ok();
    }
}
