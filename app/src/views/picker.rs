//! All emoji, with a field to look for one by its name in either language.

use egui::{Align2, Id, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, vec2};

use super::Scene;
use crate::{emoji, fonts, widgets};

const COLUMNS: usize = 9;
const SIZE: f32 = 34.0;

/// An emoji to be clicked.
pub(crate) fn choice(ui: &mut Ui, scene: &Scene<'_>, sign: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(SIZE, SIZE), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, sign));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 8, scene.t.selected);
    }
    let (font, color) = (fonts::emoji(20.0), scene.t.text);
    widgets::write(ui.painter(), rect.center(), Align2::CENTER_CENTER, sign, font, color);
    widgets::focus_ring(ui, &response, 8, scene.t);
    let clicked = response.clicked();
    let russian = scene.w.lang == artel_node::text::Lang::Ru;
    response.on_hover_text(emoji::name(sign, russian));
    clicked
}

/// The one chosen. Enter takes the first that fits.
pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) -> Option<&'static str> {
    ui.set_width(COLUMNS as f32 * (SIZE + 2.0) + 12.0);
    let name = scene.w.t("emoji-search");
    let memory = ui.scope_id().with("emoji-opened");
    let edit = TextEdit::singleline(&mut scene.desk.emoji)
        .id(Id::unique("emoji-search"))
        .font(fonts::text(14.5))
        .hint_text(&name)
        .margin(egui::Margin::symmetric(10, 8))
        .desired_width(f32::INFINITY);
    let response = ui.add(edit);
    crate::text_menu::of(&response, &scene.desk.emoji);
    let typed = scene.desk.emoji.clone();
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, &typed, &typed, "");
        info.label = Some(name.clone());
        info
    });
    // The field takes the keyboard when the picker opens.
    let frame = ui.ctx().cumulative_frame_nr();
    let last = ui.data(|it| it.get_temp::<u64>(memory)).unwrap_or(0);
    ui.data_mut(|it| it.insert_temp(memory, frame));
    if last + 1 < frame {
        response.request_focus();
    }
    let found = emoji::find(&typed);
    let enter = response.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
    let mut chosen = found.first().filter(|_| enter && !typed.trim().is_empty()).map(|it| it.sign);
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
    ScrollArea::vertical().max_height(248.0).auto_shrink(false).show(ui, |ui| {
        for row in found.chunks(COLUMNS) {
            let clicked = ui.horizontal(|ui| {
                // Every one is drawn, also behind the one that is clicked.
                let clicks: Vec<bool> = row.iter().map(|it| choice(ui, scene, it.sign)).collect();
                row.iter().zip(clicks).find(|it| it.1).map(|it| it.0.sign)
            });
            chosen = clicked.inner.or(chosen);
        }
        if found.is_empty() {
            ui.label(scene.w.t("palette-empty"));
        }
    });
    if chosen.is_some() {
        scene.desk.emoji.clear();
        ui.close();
    }
    chosen
}
