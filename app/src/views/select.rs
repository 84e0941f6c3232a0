//! Marked messages: one by one or from one to another, copied with author and time.

use artel_node::client::Message;
use egui::{Id, Key, Rect, Role, Ui, UiBuilder, WidgetInfo, vec2};

use super::Scene;
use crate::action::Action;
use crate::desk::Desk;
use crate::fonts;
use crate::model::Model;
use crate::widgets::{self, Weight};

/// The marked messages of the open place, oldest first.
pub(crate) fn marked<'m>(model: &'m Model, desk: &Desk) -> Vec<&'m Message> {
    let (Some((from, to)), Some(history)) = (&desk.selected, &model.history) else { return Vec::new() };
    let rows: Vec<&Message> =
        history.messages.iter().filter(|it| it.thread.as_ref().is_none_or(|root| *root == it.id)).collect();
    let place = |id: &str| rows.iter().position(|it| it.id == *id);
    let (Some(a), Some(b)) = (place(from), place(to)) else { return Vec::new() };
    let (first, last) = (a.min(b), a.max(b));
    rows.into_iter().skip(first).take(last - first + 1).filter(|it| !it.text.is_empty()).collect()
}

/// The line that says how many are marked, and what can be done with them.
pub(crate) fn bar(ui: &mut Ui, scene: &mut Scene<'_>, view: Rect) {
    let count = marked(scene.model, scene.desk).len();
    if scene.desk.selected.is_none() {
        return;
    }
    let size = vec2(520.0_f32.min(view.width() - 40.0), 52.0);
    let place = Rect::from_center_size(egui::pos2(view.center().x, view.bottom() - 40.0), size);
    let p = ui.painter();
    p.add(scene.t.shadow().as_shape(place, 12));
    p.rect(place, 12, scene.t.raised, egui::Stroke::new(1.0, scene.t.border), egui::epaint::StrokeKind::Inside);
    let mut child = ui.new_child(UiBuilder::new().max_rect(place.shrink2(vec2(16.0, 8.0))).id_salt("marked"));
    // The buttons take their room first; the words are cut when little is left.
    child.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if widgets::button(ui, scene.t, &scene.w.t("marked-drop"), Weight::Other).clicked() {
            scene.actions.push(Action::Select(None));
        }
        if widgets::button(ui, scene.t, &scene.w.t("copy"), Weight::Main).clicked() {
            scene.actions.push(Action::CopySelected);
        }
        let text = scene.w.n("marked", count);
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            let label = ui.add(egui::Label::new(egui::RichText::new(&text).font(fonts::medium(14.0))).truncate());
            label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        });
    });
    keys(ui, scene);
}

/// Ctrl+C copies, Shift with arrows marks more or fewer, Esc ends it; while nothing is typed.
fn keys(ui: &Ui, scene: &mut Scene<'_>) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    let copy = ui.input(|it| it.events.iter().any(|it| matches!(it, egui::Event::Copy)));
    if copy {
        scene.actions.push(Action::CopySelected);
    }
    for (key, step) in [(Key::ArrowUp, -1_isize), (Key::ArrowDown, 1)] {
        if ui.input_mut(|it| it.consume_key(egui::Modifiers::SHIFT, key)) {
            extend(scene, step);
        }
    }
}

fn extend(scene: &mut Scene<'_>, step: isize) {
    let (Some((from, to)), Some(history)) = (scene.desk.selected.clone(), &scene.model.history) else { return };
    let rows: Vec<&Message> =
        history.messages.iter().filter(|it| it.thread.as_ref().is_none_or(|root| *root == it.id)).collect();
    let next = rows.iter().position(|it| it.id == to).and_then(|it| it.checked_add_signed(step));
    if let Some(next) = next.and_then(|it| rows.get(it)) {
        scene.actions.push(Action::Select(Some((from, next.id.clone()))));
    }
}

/// The strip left of a row that marks it: a click marks it, with Shift all up to it, drawing marks what is passed.
pub(crate) fn strip(
    ui: &Ui,
    (id, name): (&str, &str),
    place: Rect,
    selected: Option<&(String, String)>,
) -> Option<Action> {
    let sense = egui::Sense::CLICK | egui::Sense::DRAG;
    let response = ui.interact(place, Id::unique(("mark", id)), sense);
    let on = selected.is_some_and(|(from, to)| from == id || to == id);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, name));
    let shift = ui.input(|it| it.modifiers.shift);
    let one = || Some(Action::Select(Some((id.to_owned(), id.to_owned()))));
    if response.clicked() {
        return match selected {
            Some((from, _)) if shift => Some(Action::Select(Some((from.clone(), id.to_owned())))),
            Some((from, to)) if from == id && to == id => Some(Action::Select(None)),
            _ => one(),
        };
    }
    if response.drag_started() {
        return one();
    }
    // The row under the pointer while another is drawn from.
    let drawing = ui.memory(|it| it.data.get_temp::<bool>(Id::unique("marking"))).unwrap_or(false);
    if response.dragged() {
        ui.memory_mut(|it| it.data.insert_temp(Id::unique("marking"), true));
    } else if response.drag_stopped() {
        ui.memory_mut(|it| it.data.insert_temp(Id::unique("marking"), false));
    }
    let here = ui.input(|it| it.pointer.hover_pos()).is_some_and(|at| place.y_range().contains(at.y));
    match selected {
        Some((from, to)) if drawing && here && to != id => Some(Action::Select(Some((from.clone(), id.to_owned())))),
        _ => None,
    }
}
