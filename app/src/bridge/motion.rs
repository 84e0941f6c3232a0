//! Moving pictures: decoded frame by frame while somebody looks, never further than the few frames that wait to be shown.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use egui::ColorImage;
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, ImageDecoder, Limits, RgbaImage};

use crate::pictures::motion::Frame;

/// Most pixels of a picture that moves; a larger one stands still. Three canvases of them are held: 48 MB.
const PIXELS_MAX: u64 = 4_000_000;
/// Most memory of the decoder for one frame, bytes.
const MEMORY_MAX: u64 = 48 << 20;
/// A shorter time between two frames is not meant: then it is [`USUAL`], as browsers have it.
const SHORTEST: Duration = Duration::from_millis(20);
const USUAL: Duration = Duration::from_millis(100);

/// Decodes again and again until nobody takes the frames any more, on a thread of its own: it waits there for who looks.
pub(super) fn play(bytes: Vec<u8>, side: u32, frames: SyncSender<Frame>) {
    let play = move || {
        let tell = |frame| frames.send(frame).is_ok();
        // A decoder that panics costs its picture, nothing else. A picture of one frame stands still.
        while matches!(catch_unwind(AssertUnwindSafe(|| once(&bytes, side, &tell))), Ok(Some(2..))) {}
    };
    if let Err(error) = std::thread::Builder::new().name("motion".into()).spawn(play) {
        tracing::warn!(%error, "a picture does not move");
    }
}

/// Tells all frames, none larger than `side`; how many there were, or nothing where it is broken, too large, or not looked at.
fn once(bytes: &[u8], side: u32, tell: &impl Fn(Frame) -> bool) -> Option<usize> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    if PIXELS_MAX < u64::from(width) * u64::from(height) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_MAX);
    decoder.set_limits(limits).ok()?;
    let mut count = 0;
    for frame in decoder.into_frames() {
        let frame = frame.ok()?;
        let stays = Some(Duration::from(frame.delay())).filter(|it| SHORTEST <= *it).unwrap_or(USUAL);
        let told = tell(Frame { image: shown(frame.into_buffer(), side), stays });
        count += 1;
        if !told {
            return None;
        }
    }
    Some(count)
}

fn shown(canvas: RgbaImage, side: u32) -> ColorImage {
    let longest = canvas.width().max(canvas.height());
    let scaled = |it: u32| {
        let it = u64::from(it) * u64::from(side) / u64::from(longest.max(1));
        u32::try_from(it).unwrap_or(side).max(1)
    };
    let pixels = match side < longest {
        true => image::imageops::thumbnail(&canvas, scaled(canvas.width()), scaled(canvas.height())),
        false => canvas,
    };
    let size = [pixels.width(), pixels.height()].map(|it| usize::try_from(it).unwrap_or(0));
    ColorImage::from_rgba_unmultiplied(size, pixels.as_raw())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// A GIF of this canvas with so many frames of one point, each with a time in hundredths of a second.
    fn gif([width, height]: [u16; 2], frames: usize, stays: u8) -> Vec<u8> {
        let mut gif = b"GIF89a".to_vec();
        gif.extend([width, height].iter().flat_map(|it| it.to_le_bytes()));
        gif.extend(b"\x80\x00\x00\xff\xff\xff\x00\x00\x00");
        for _ in 0..frames {
            gif.extend([0x21, 0xf9, 4, 0, stays, 0, 0, 0]);
            gif.extend(b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00");
        }
        gif.push(0x3b);
        gif
    }

    /// Sizes and times of the frames until `most` have come.
    fn frames(bytes: &[u8], side: u32, most: usize) -> (Vec<([usize; 2], Duration)>, Option<usize>) {
        let seen = RefCell::new(Vec::new());
        let ended = once(bytes, side, &|frame: Frame| {
            seen.borrow_mut().push((frame.image.size, frame.stays));
            seen.borrow().len() < most
        });
        (seen.into_inner(), ended)
    }

    #[test]
    fn frames_come_one_by_one_no_larger_than_shown_and_not_too_fast() {
        let half = Duration::from_millis(500);
        assert_eq!(frames(&gif([30, 20], 3, 50), 100, 9), (vec![([30, 20], half); 3], Some(3)));
        assert_eq!(frames(&gif([300, 200], 2, 0), 30, 9), (vec![([30, 20], USUAL); 2], Some(2)));
        // Whoever does not look any more stops it: of thousands only what was taken is decoded.
        assert_eq!(frames(&gif([30, 20], 60_000, 2), 100, 2), (vec![([30, 20], SHORTEST); 2], None));
    }

    #[test]
    fn a_bomb_stands_still_and_a_broken_one_ends() {
        assert_eq!(frames(&gif([65_535, 65_535], 2, 5), 100, 9), (Vec::new(), None));
        assert_eq!(frames(&gif([2_001, 2_000], 2, 5), 100, 9), (Vec::new(), None));
        // A frame that is larger than its picture.
        let mut wide = gif([8, 8], 2, 5);
        let at = wide.iter().position(|it| *it == 0x2c).expect("a frame");
        wide[at + 5..at + 9].fill(0xff);
        assert_eq!(frames(&wide, 100, 9), (Vec::new(), None));
        let mut short = gif([8, 8], 2, 5);
        short.truncate(short.len() - 8);
        assert_eq!(frames(&short, 100, 9), (vec![([8, 8], Duration::from_millis(50))], None));
        assert_eq!(frames(b"GIF89a", 100, 9), (Vec::new(), None));
    }

    #[test]
    fn it_begins_anew_at_its_end_waits_for_who_looks_and_ends_when_nobody_does() {
        let (sender, taken) = std::sync::mpsc::sync_channel(1);
        play(gif([8, 8], 3, 5), 100, sender);
        let patience = Duration::from_secs(10);
        assert!((0..8).all(|_| taken.recv_timeout(patience).is_ok()), "it does not begin anew");
        let (sender, taken) = std::sync::mpsc::sync_channel(1);
        play(gif([8, 8], 1, 5), 100, sender);
        assert!(taken.recv_timeout(patience).is_ok());
        assert_eq!(taken.recv_timeout(patience).err(), Some(std::sync::mpsc::RecvTimeoutError::Disconnected));
    }
}
