//! Pictures: how large they are, and a small JPEG that is seen before the whole has come.
//!
//! The size is read from the head; a picture is decoded only if that promises to stay small. A file of a few kilobytes that
//! would unfold to gigabytes is refused by its head and never unfolded.

use std::io::{BufRead, Cursor, Seek};

use artel_crdt::limits::THUMBNAIL_BYTES_MAX;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use thiserror::Error;

/// Longest side that is believed.
const SIDE_MAX: u32 = 20_000;
/// Most pixels of a picture that is decoded, of all a camera of today makes: 96 MiB of memory for a moment.
const PIXELS_MAX: u64 = 24_000_000;
/// Most memory of a decoder, bytes.
const MEMORY_MAX: u64 = 128 << 20;
/// Largest file that is decoded, bytes: the decoder of JPEG reads all of it.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Sides of a small picture, pixels, and its quality in percent; the first that is light enough is taken, so that most
/// travel with their message.
const TRIES: [(u32, u8); 3] = [(128, 60), (96, 50), (64, 40)];
/// Bytes of a small picture that is light: with its description it stays below what travels beside an entry.
const LIGHT_BYTES: usize = 3_400;

/// Why there is no small picture.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadPicture {
    /// Not a picture of a kind that is known here: PNG, JPEG, GIF and WebP are.
    #[error("not a known kind of picture")]
    Unknown,
    /// It promises more pixels than are decoded: a decompression bomb, or a very large poster.
    #[error("{width} × {height} pixels are too many")]
    TooLarge {
        /// Width that it promises, pixels.
        width: u32,
        /// Height that it promises, pixels.
        height: u32,
    },
    /// Its bytes are not what its head says.
    #[error("the picture is broken")]
    Broken,
}

/// What is told of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Width as it is seen, pixels.
    pub width: u32,
    /// Height as it is seen, pixels.
    pub height: u32,
    /// A small JPEG of it, at most [`THUMBNAIL_BYTES_MAX`] bytes.
    pub small: Vec<u8>,
}

/// Looks at a picture of `bytes` bytes. Takes some hundred milliseconds for a photograph.
///
/// # Errors
/// [`BadPicture`]; then it is a file like others.
pub fn look(source: impl BufRead + Seek, bytes: u64) -> Result<Looked, BadPicture> {
    if bytes > FILE_BYTES_MAX {
        return Err(BadPicture::Unknown);
    }
    let picture = decode(source)?;
    let (width, height) = (picture.width(), picture.height());
    let rgb = picture.into_rgb8();
    let mut last = Vec::new();
    for (side, quality) in TRIES {
        let scale = f64::from(side) / f64::from(width.max(height).max(1));
        let scaled = |it: u32| ((f64::from(it) * scale.min(1.0)) as u32).max(1);
        let small = image::imageops::thumbnail(&rgb, scaled(width), scaled(height));
        last.clear();
        let mut out = Cursor::new(&mut last);
        JpegEncoder::new_with_quality(&mut out, quality).encode_image(&small).map_err(|_| BadPicture::Broken)?;
        if last.len() <= LIGHT_BYTES {
            break;
        }
    }
    if last.len() > THUMBNAIL_BYTES_MAX { Err(BadPicture::Broken) } else { Ok(Looked { width, height, small: last }) }
}

/// Sides of a person's square picture, pixels, and its quality in percent; the first that fits is taken.
const PORTRAITS: [(u32, u8); 4] = [(112, 80), (96, 70), (80, 60), (64, 40)];

/// The square middle of a picture, small, as a JPEG of at most `bytes_max` bytes.
///
/// # Errors
/// [`BadPicture`].
pub fn portrait(source: impl BufRead + Seek, bytes: u64, bytes_max: usize) -> Result<Vec<u8>, BadPicture> {
    if bytes > FILE_BYTES_MAX {
        return Err(BadPicture::Unknown);
    }
    let picture = decode(source)?;
    let side = picture.width().min(picture.height()).max(1);
    let (left, top) = ((picture.width() - side.min(picture.width())) / 2, (picture.height() - side) / 2);
    let square = picture.crop_imm(left, top, side, side).into_rgb8();
    for (wanted, quality) in PORTRAITS {
        let small = image::imageops::thumbnail(&square, wanted.min(side), wanted.min(side));
        let mut out = Vec::new();
        let encoder = JpegEncoder::new_with_quality(Cursor::new(&mut out), quality);
        small.write_with_encoder(encoder).map_err(|_| BadPicture::Broken)?;
        if out.len() <= bytes_max {
            return Ok(out);
        }
    }
    Err(BadPicture::Broken)
}

/// Decodes a picture of any origin within these limits, turned as its maker held the camera. Of a moving one the first frame.
///
/// # Errors
/// [`BadPicture`].
pub fn decode(source: impl BufRead + Seek) -> Result<DynamicImage, BadPicture> {
    let mut reader = ImageReader::new(source).with_guessed_format().map_err(|_| BadPicture::Broken)?;
    if reader.format().is_none() {
        return Err(BadPicture::Unknown);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Unsupported(_) => BadPicture::Unknown,
        _ => BadPicture::Broken,
    })?;
    let (width, height) = decoder.dimensions();
    let many = u64::from(width) * u64::from(height) > PIXELS_MAX || width.max(height) > SIDE_MAX;
    if many || decoder.total_bytes() > MEMORY_MAX {
        return Err(BadPicture::TooLarge { width, height });
    }
    let turned = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| BadPicture::Broken)?;
    picture.apply_orientation(turned);
    Ok(picture)
}

#[cfg(test)]
mod tests;
