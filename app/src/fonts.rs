//! The fonts that the program brings along, so that it looks the same on every desk. Their licences lie beside them.

use std::sync::Arc;

use eframe::egui::epaint::text::VariationCoords;
use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

const INTER: &[u8] = include_bytes!("../assets/fonts/Inter.ttf");
const MONO: &[u8] = include_bytes!("../assets/fonts/JetBrainsMono.ttf");
const EMOJI: &[u8] = include_bytes!("../assets/fonts/Twemoji.ttf");
const ICONS: &[u8] = include_bytes!("../assets/fonts/Phosphor.ttf");
const ICONS_FILLED: &[u8] = include_bytes!("../assets/fonts/Phosphor-Fill.ttf");

/// Text.
pub(crate) fn text(px: f32) -> FontId {
    FontId::new(px, FontFamily::Proportional)
}

/// Text a little stronger.
pub(crate) fn medium(px: f32) -> FontId {
    FontId::new(px, FontFamily::Name("medium".into()))
}

/// Names and headings.
pub(crate) fn semibold(px: f32) -> FontId {
    FontId::new(px, FontFamily::Name("semibold".into()))
}

/// Code.
pub(crate) fn mono(px: f32) -> FontId {
    FontId::new(px, FontFamily::Monospace)
}

/// Emoji in colour, also those that the text font has in black.
pub(crate) fn emoji(px: f32) -> FontId {
    FontId::new(px, FontFamily::Name("emoji".into()))
}

/// Signs of [`crate::icons`].
pub(crate) fn icon(px: f32) -> FontId {
    FontId::new(px, FontFamily::Name("icon".into()))
}

/// The same, filled: tiles of files and the send button.
pub(crate) fn icon_filled(px: f32) -> FontId {
    FontId::new(px, FontFamily::Name("icon-filled".into()))
}

/// Gives the fonts to a context. Before its first frame: without fonts egui cannot draw at all.
pub(crate) fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::empty();
    let weight = |weight: f32| {
        let mut data = FontData::from_static(INTER);
        data.tweak.coords = VariationCoords::new([(b"wght", weight)]);
        Arc::new(data)
    };
    // Makes the emoji as high as text of the same size.
    let mut colour = FontData::from_static(EMOJI);
    (colour.tweak.scale, colour.tweak.y_offset_factor) = (1.12, 0.02);
    let data = [
        ("inter", weight(400.0)),
        ("inter-medium", weight(500.0)),
        ("inter-semibold", weight(600.0)),
        ("mono", Arc::new(FontData::from_static(MONO))),
        ("emoji", Arc::new(colour)),
        ("icon", Arc::new(FontData::from_static(ICONS))),
        ("icon-filled", Arc::new(FontData::from_static(ICONS_FILLED))),
    ];
    fonts.font_data.extend(data.map(|(name, data)| (name.to_owned(), data)));
    let families: [(FontFamily, &[&str]); 7] = [
        (FontFamily::Proportional, &["inter", "emoji"]),
        (FontFamily::Monospace, &["mono", "inter", "emoji"]),
        (FontFamily::Name("medium".into()), &["inter-medium", "emoji"]),
        (FontFamily::Name("semibold".into()), &["inter-semibold", "emoji"]),
        (FontFamily::Name("emoji".into()), &["emoji", "inter"]),
        (FontFamily::Name("icon".into()), &["icon"]),
        (FontFamily::Name("icon-filled".into()), &["icon-filled"]),
    ];
    for (family, names) in families {
        fonts.families.insert(family, names.iter().map(|it| (*it).to_owned()).collect());
    }
    ctx.set_fonts(fonts);
}
