//! Colours by their role, in two themes, and the style that egui's own widgets take from them.

use eframe::egui::{
    self, Color32, Context, CornerRadius, Shadow, Stroke, Style, TextStyle, Theme, Visuals, style::ScrollStyle, vec2,
};

use crate::fonts;

/// A colour written as designers write it.
const fn hex(rgb: u32) -> Color32 {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// The colours of one theme.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tokens {
    pub(crate) dark: bool,
    /// Behind the list of channels.
    pub(crate) sidebar: Color32,
    /// Behind messages and pages.
    pub(crate) surface: Color32,
    /// Menus, cards, chips.
    pub(crate) raised: Color32,
    pub(crate) input: Color32,
    pub(crate) hover: Color32,
    /// A row of the sidebar under the pointer.
    pub(crate) hover_side: Color32,
    pub(crate) selected: Color32,
    pub(crate) border: Color32,
    pub(crate) border_strong: Color32,
    /// Outlines of what is ticked, chosen or typed in: 3:1 against what is behind.
    pub(crate) outline: Color32,
    pub(crate) text: Color32,
    pub(crate) text2: Color32,
    /// Times and hints.
    pub(crate) text3: Color32,
    pub(crate) accent: Color32,
    pub(crate) accent_hover: Color32,
    pub(crate) on_accent: Color32,
    pub(crate) accent_soft: Color32,
    /// Links and mentions.
    pub(crate) accent_text: Color32,
    /// Behind white figures of mentions.
    pub(crate) danger: Color32,
    pub(crate) danger_text: Color32,
    pub(crate) ok: Color32,
    pub(crate) away: Color32,
    pub(crate) code: Color32,
    pub(crate) code_text: Color32,
    /// Inline code, types and names in code.
    pub(crate) code_mark: Color32,
    pub(crate) code_word: Color32,
    pub(crate) code_call: Color32,
    pub(crate) mention: Color32,
    pub(crate) mention_own: Color32,
    /// Behind a message that calls this person.
    pub(crate) mention_row: Color32,
}

/// Colours of avatars; the hash of a mail address chooses one. White stands on them.
const AVATARS: [Color32; 8] = [
    hex(0x4A66DB),
    hex(0xC0552F),
    hex(0x2F7F60),
    hex(0x8C57BD),
    hex(0xB94466),
    hex(0x2C7799),
    hex(0x8C6218),
    hex(0x586681),
];

impl Tokens {
    pub(crate) const fn dark() -> Self {
        Self {
            dark: true,
            sidebar: hex(0x15181E),
            surface: hex(0x1A1E25),
            raised: hex(0x222730),
            input: hex(0x20252D),
            hover: hex(0x1F242C),
            hover_side: hex(0x1D222A),
            selected: hex(0x263248),
            border: hex(0x282E38),
            border_strong: hex(0x3A424F),
            outline: hex(0x7A8494),
            text: hex(0xE7EAEF),
            text2: hex(0xA3ACBA),
            text3: hex(0x8A94A3),
            accent: hex(0x3865DC),
            accent_hover: hex(0x406DE4),
            on_accent: hex(0xFFFFFF),
            accent_soft: hex(0x22304D),
            accent_text: hex(0x8FB0FF),
            danger: hex(0xC93B34),
            danger_text: hex(0xFF8079),
            ok: hex(0x3FB970),
            away: hex(0xE0A63C),
            code: hex(0x13161B),
            code_text: hex(0xD6DBE4),
            code_mark: hex(0xF2B27A),
            code_word: hex(0xC792EA),
            code_call: hex(0x82AAFF),
            mention: hex(0x263A66),
            mention_own: hex(0x4A3D1C),
            mention_row: hex(0x262419),
        }
    }

    pub(crate) const fn light() -> Self {
        Self {
            dark: false,
            sidebar: hex(0xF3F5F8),
            surface: hex(0xFFFFFF),
            raised: hex(0xFFFFFF),
            input: hex(0xFFFFFF),
            hover: hex(0xF5F7FA),
            hover_side: hex(0xE7EBF1),
            selected: hex(0xDFE9FD),
            border: hex(0xE2E6EC),
            border_strong: hex(0xC9D0DA),
            outline: hex(0x808A99),
            text: hex(0x1B2130),
            text2: hex(0x4F5968),
            text3: hex(0x5E6878),
            accent: hex(0x2F66E8),
            accent_hover: hex(0x2458D3),
            on_accent: hex(0xFFFFFF),
            accent_soft: hex(0xE6EEFE),
            accent_text: hex(0x1E4FC4),
            danger: hex(0xD0302B),
            danger_text: hex(0xC42A25),
            ok: hex(0x23A055),
            away: hex(0xD9942A),
            code: hex(0xF5F7F9),
            code_text: hex(0x2A3242),
            code_mark: hex(0xA34B12),
            code_word: hex(0x8A3FB0),
            code_call: hex(0x1F5FC4),
            mention: hex(0xDDE8FE),
            mention_own: hex(0xF9DFAE),
            mention_row: hex(0xFFF8E6),
        }
    }

    /// The colour of somebody's avatar.
    pub(crate) fn avatar(&self, email: &str) -> Color32 {
        let hash = email.bytes().fold(7_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
        AVATARS.get(hash % AVATARS.len()).copied().unwrap_or(self.accent)
    }

    /// The shadow of things that lie above others.
    pub(crate) fn shadow(&self) -> Shadow {
        Shadow {
            offset: [0, 4],
            blur: 20,
            spread: 0,
            color: Color32::from_black_alpha(if self.dark { 110 } else { 40 }),
        }
    }
}

/// Gives a context the theme.
pub(crate) fn apply(ctx: &Context, t: &Tokens) {
    let mut style = Style {
        visuals: if t.dark { Visuals::dark() } else { Visuals::light() },
        animation_time: 0.12,
        ..Style::default()
    };
    style.text_styles = [
        (TextStyle::Small, fonts::text(12.0)),
        (TextStyle::Body, fonts::text(14.0)),
        (TextStyle::Button, fonts::medium(14.0)),
        (TextStyle::Heading, fonts::semibold(18.0)),
        (TextStyle::Monospace, fonts::mono(13.0)),
    ]
    .into();
    visuals(&mut style.visuals, t);
    style.spacing.item_spacing = vec2(8.0, 6.0);
    style.spacing.button_padding = vec2(12.0, 6.0);
    // What is ticked stands off its words.
    style.spacing.icon_width = 16.0;
    style.spacing.icon_spacing = 8.0;
    style.spacing.menu_margin = egui::Margin::same(6);
    style.spacing.scroll = ScrollStyle::floating();
    style.spacing.scroll.bar_width = 8.0;
    style.spacing.scroll.floating_width = 4.0;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    ctx.set_theme(if t.dark { Theme::Dark } else { Theme::Light });
    ctx.set_global_style(style);
}

fn visuals(v: &mut Visuals, t: &Tokens) {
    v.panel_fill = t.surface;
    v.window_fill = t.raised;
    v.extreme_bg_color = t.input;
    v.window_stroke = Stroke::new(1.0, t.border);
    v.window_corner_radius = CornerRadius::same(12);
    v.menu_corner_radius = CornerRadius::same(10);
    v.selection.bg_fill = t.accent.gamma_multiply(if t.dark { 0.45 } else { 0.28 });
    v.selection.stroke = Stroke::new(1.0, t.accent);
    v.hyperlink_color = t.accent_text;
    v.override_text_color = Some(t.text);
    v.popup_shadow = t.shadow();
    v.window_shadow = t.shadow();
    v.text_cursor.stroke = Stroke::new(2.0, t.accent);
    // A blinking cursor would draw the whole window twice a second, all day.
    v.text_cursor.blink = false;
    v.weak_text_color = Some(t.text3);
    for (state, fill, line) in [
        (&mut v.widgets.noninteractive, t.surface, t.border),
        (&mut v.widgets.inactive, t.raised, t.outline),
        (&mut v.widgets.hovered, t.hover, t.outline),
        (&mut v.widgets.active, t.selected, t.accent),
        (&mut v.widgets.open, t.selected, t.border_strong),
    ] {
        (state.bg_fill, state.weak_bg_fill) = (fill, fill);
        state.bg_stroke = Stroke::new(1.0, line);
        state.corner_radius = CornerRadius::same(8);
        state.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(colour: Color32) -> f64 {
        let part = |byte: u8| {
            let it = f64::from(byte) / 255.0;
            if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
    }

    fn contrast(one: Color32, other: Color32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_in_both_themes() {
        let mut bad = Vec::new();
        for t in [Tokens::dark(), Tokens::light()] {
            let plain = [t.text, t.text2, t.text3];
            let behind = [t.sidebar, t.surface, t.raised, t.input, t.hover, t.hover_side, t.mention_row];
            let mut pairs: Vec<(Color32, Color32)> =
                behind.iter().flat_map(|under| plain.map(|text| (text, *under))).collect();
            pairs.extend([
                (t.text, t.selected),
                (t.text2, t.selected),
                (t.on_accent, t.accent),
                (t.on_accent, t.accent_hover),
                (t.on_accent, t.danger),
                (t.danger_text, t.surface),
                (t.danger_text, t.raised),
                (t.accent_text, t.surface),
                (t.accent_text, t.hover),
                (t.accent_text, t.mention),
                (t.accent_text, t.mention_row),
                (t.accent_text, t.accent_soft),
                (t.text, t.mention_own),
                (t.text, t.border_strong),
                (t.text, t.accent_soft),
            ]);
            pairs.extend([t.code_text, t.code_mark, t.code_word, t.code_call, t.text3].map(|it| (it, t.code)));
            pairs.extend(AVATARS.map(|it| (t.on_accent, it)));
            bad.extend(
                pairs.into_iter().filter(|(a, b)| contrast(*a, *b) < 4.5).map(|(a, b)| (t.dark, a, b, contrast(a, b))),
            );
        }
        assert!(bad.is_empty(), "{bad:#?}");
    }

    #[test]
    fn boxes_to_tick_and_fields_stand_out_in_both_themes() {
        for t in [Tokens::dark(), Tokens::light()] {
            for behind in [t.surface, t.raised, t.sidebar, t.input] {
                let found = contrast(t.outline, behind);
                assert!(3.0 <= found, "{found} on {behind:?}, dark: {}", t.dark);
            }
            let mut visuals = Visuals::dark();
            super::visuals(&mut visuals, &t);
            // Boxes to tick and choices are painted with these.
            assert_eq!(visuals.widgets.inactive.bg_stroke.color, t.outline);
            assert_eq!(visuals.widgets.hovered.bg_stroke.color, t.outline);
        }
    }
}
