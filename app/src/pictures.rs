//! Pictures on the screen: which are here, which were asked for, and how much room they take.

pub(crate) mod motion;

use std::collections::{BTreeMap, VecDeque};

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

/// Longest side of a picture among messages, pixels: twice as many as it is wide in points.
pub(crate) const MIDDLE_SIDE: u32 = 800;
/// Longest side in the viewer, pixels; every graphics card of an office takes it.
pub(crate) const LARGE_SIDE: u32 = 2_048;
/// Pictures up to this size are fetched when they come into sight, bytes.
pub(crate) const FETCHED_BYTES_MAX: u64 = 2 << 20;
/// Longer files are not shown, bytes: a decoder reads them whole.
pub(crate) const SHOWN_BYTES_MAX: u64 = 32 << 20;
/// Pixels kept, bytes.
const KEPT_BYTES_MAX: usize = 96 << 20;

/// Which picture.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The small one that comes with a message; id of the attachment.
    Small(String),
    /// As it stands among messages.
    Middle(String),
    /// As the viewer shows it.
    Large(String),
    /// Somebody's; another mark is another picture.
    Person { email: String, mark: String },
}

/// Why a picture is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// Of a kind that is not known here.
    Unknown,
    /// It would take too much room.
    TooLarge,
    Broken,
    /// Nobody who holds it is connected.
    Away,
}

impl Bad {
    /// The key of the sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unknown => "picture-unknown",
            Self::TooLarge => "picture-too-large",
            Self::Broken => "picture-broken",
            Self::Away => "picture-away",
        }
    }
}

/// A picture as far as it is known.
pub(crate) enum Picture {
    Asked,
    Here(TextureHandle),
    Bad(Bad),
}

/// All of them.
#[derive(Default)]
pub(crate) struct Pictures {
    known: BTreeMap<Key, Picture>,
    /// Those with pixels, the oldest first, and their bytes.
    order: VecDeque<(Key, usize)>,
    bytes: usize,
    /// The one that moves.
    pub(crate) player: motion::Player,
}

impl Pictures {
    pub(crate) fn get(&self, key: &Key) -> Option<&Picture> {
        self.known.get(key)
    }

    /// Notes that it was asked for; false if it was already.
    pub(crate) fn ask(&mut self, key: &Key) -> bool {
        let new = !self.known.contains_key(key);
        if new {
            self.known.insert(key.clone(), Picture::Asked);
        }
        new
    }

    /// Asks again for what could not be fetched: somebody may be connected now.
    pub(crate) fn forget_away(&mut self) {
        self.known.retain(|_, it| !matches!(it, Picture::Bad(Bad::Away)));
    }

    /// Takes a picture in; the oldest make room.
    pub(crate) fn take(&mut self, ctx: &Context, key: Key, picture: Result<ColorImage, Bad>) {
        let image = match picture {
            Ok(image) => image,
            Err(why) => return drop(self.known.insert(key, Picture::Bad(why))),
        };
        let bytes = image.pixels.len() * 4;
        while !self.order.is_empty() && KEPT_BYTES_MAX < self.bytes + bytes {
            if let Some((old, freed)) = self.order.pop_front() {
                self.known.remove(&old);
                self.bytes -= freed;
            }
        }
        let texture = ctx.load_texture(format!("{key:?}"), image, TextureOptions::LINEAR);
        self.known.insert(key.clone(), Picture::Here(texture));
        self.order.push_back((key, bytes));
        self.bytes += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_what_was_away_is_asked_for_again() {
        let ctx = Context::default();
        let mut pictures = Pictures::default();
        let key = |number: usize| Key::Middle(number.to_string());
        let side = 2_048;
        for number in 0..10 {
            assert!(pictures.ask(&key(number)) && !pictures.ask(&key(number)));
            pictures.take(&ctx, key(number), Ok(ColorImage::filled([side, side], egui::Color32::WHITE)));
        }
        assert!(pictures.bytes <= KEPT_BYTES_MAX);
        assert!(pictures.get(&key(0)).is_none() && matches!(pictures.get(&key(9)), Some(Picture::Here(_))));
        pictures.take(&ctx, key(20), Err(Bad::Away));
        pictures.take(&ctx, key(21), Err(Bad::Broken));
        pictures.forget_away();
        assert!(pictures.get(&key(20)).is_none() && pictures.get(&key(21)).is_some());
    }
}
