//! What stands above a composer: files for the next message, files on their way out, a picture that the clipboard offers. And
//! how files come there: let fall, pasted, chosen.

use artel_node::client::{Request, Transfer};
use egui::epaint::StrokeKind;
use egui::{Align2, Area, Event, Id, Order, Rect, Stroke, Ui, UiBuilder, Vec2, pos2, vec2};

use super::Scene;
use crate::action::Action;
use crate::bridge::Purpose;
use crate::timeline::row::files;
use crate::widgets::{self, Weight, icon_button};
use crate::{fonts, icons};

const CHIP: Vec2 = vec2(232.0, 46.0);
const LINE: f32 = 34.0;
const EDGE: f32 = 20.0;

/// Files that go out of this device now: being sealed, or fetched by colleagues.
fn outgoing<'m>(scene: &Scene<'m>) -> Vec<&'m Transfer> {
    scene.model.transfers.values().filter(|it| it.direction != "get").take(4).collect()
}

fn chips(scene: &Scene<'_>, place: &str) -> usize {
    scene.desk.attached.get(place).map_or(0, Vec::len)
}

fn rows(count: usize, width: f32) -> usize {
    let a_row = (((width - 2.0 * EDGE) / (CHIP.x + 8.0)) as usize).max(1);
    count.div_ceil(a_row)
}

/// How high it is now; nothing if there is nothing to show. `main`: of the conversation, not of a thread.
pub(crate) fn height(scene: &Scene<'_>, place: &str, width: f32, main: bool) -> f32 {
    let chips = rows(chips(scene, place), width) as f32 * (CHIP.y + 8.0);
    let lines = if main { outgoing(scene).len() as f32 * LINE } else { 0.0 };
    let offer = if offers(scene, place) { 44.0 } else { 0.0 };
    chips + lines + offer
}

fn offers(scene: &Scene<'_>, place: &str) -> bool {
    scene.desk.offered.as_ref().is_some_and(|it| it.0 == place)
}

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, place: &str, main: bool) {
    let mut y = rect.top() + 4.0;
    let line =
        |y: f32, height: f32| Rect::from_min_size(pos2(rect.left() + EDGE, y), vec2(rect.width() - 2.0 * EDGE, height));
    if main {
        for transfer in outgoing(scene) {
            let at = line(y, LINE);
            y += LINE;
            out_line(ui, scene, transfer, at);
        }
    }
    if offers(scene, place) {
        let at = line(y, 40.0);
        y += 44.0;
        let mut child = ui.new_child(UiBuilder::new().max_rect(at).id_salt(("offer", place)));
        child.horizontal(|ui| offer(ui, scene, place));
    }
    let (mut x, right) = (rect.left() + EDGE, rect.right() - EDGE);
    for at in 0..chips(scene, place) {
        if right < x + CHIP.x && rect.left() + EDGE < x {
            (x, y) = (rect.left() + EDGE, y + CHIP.y + 8.0);
        }
        let width = CHIP.x.min(right - rect.left() - EDGE);
        chip(ui, scene, place, at, Rect::from_min_size(pos2(x, y), vec2(width, CHIP.y)));
        x += CHIP.x + 8.0;
    }
}

fn out_line(ui: &mut Ui, scene: &mut Scene<'_>, transfer: &Transfer, at: Rect) {
    let key = if transfer.direction == "give" { "transfer-give" } else { "transfer-send" };
    let text = scene.w.with(key, "name", &crate::timeline::markdown::harmless(&transfer.name));
    let room = at.width() * 0.5;
    let p = ui.painter();
    widgets::write(
        p,
        at.left_center() + vec2(10.0, 0.0),
        Align2::CENTER_CENTER,
        icons::CLIP,
        fonts::icon(15.0),
        scene.t.text2,
    );
    widgets::write_cut(p, at.left_center() + vec2(24.0, 0.0), room - 32.0, &text, fonts::text(12.5), scene.t.text);
    let bar = Rect::from_min_max(pos2(at.left() + room, at.top()), at.max);
    let mut child = ui.new_child(UiBuilder::new().max_rect(bar).id_salt(("out", &transfer.transfer)));
    if files::progress(&mut child, scene.t, scene.w, transfer) {
        let request = Request::FileCancel { transfer: transfer.transfer.clone() };
        scene.actions.push(Action::Ask(request, Purpose::Quiet));
    }
}

fn offer(ui: &mut Ui, scene: &mut Scene<'_>, place: &str) {
    ui.label(egui::RichText::new(scene.w.t("clipboard-too")).color(scene.t.text2));
    if widgets::button(ui, scene.t, &scene.w.t("clipboard-attach"), Weight::Other).clicked()
        && let Some((_, picture)) = scene.desk.offered.take()
    {
        scene.actions.push(Action::AttachPicture { place: place.to_owned(), picture });
    }
    if widgets::button(ui, scene.t, &scene.w.t("clipboard-no"), Weight::Other).clicked() {
        scene.desk.offered = None;
    }
}

fn chip(ui: &mut Ui, scene: &mut Scene<'_>, place: &str, at: usize, rect: Rect) {
    let Some(file) = scene.desk.attached.get(place).and_then(|it| it.get(at)) else { return };
    let (t, p) = (scene.t, ui.painter());
    p.rect(rect, 10, t.raised, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
    let (icon, color) = files::sign_of(&file.name, t);
    widgets::write(
        p,
        rect.left_center() + vec2(22.0, 0.0),
        Align2::CENTER_CENTER,
        icon,
        fonts::icon_filled(22.0),
        color,
    );
    let room = rect.width() - 80.0;
    let name = crate::timeline::markdown::harmless(&file.name);
    widgets::write_cut(p, rect.left_center() + vec2(42.0, -8.0), room, &name, fonts::medium(13.0), t.text);
    let size = scene.w.lang.size(file.size);
    widgets::write_cut(p, rect.left_center() + vec2(42.0, 9.0), room, &size, fonts::text(12.0), t.text2);
    let label = ui.interact(rect.shrink2(vec2(36.0, 4.0)), Id::unique(("chip", place, at)), egui::Sense::hover());
    label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, scene.w.with("attached", "name", &name)));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("chip", place, at)));
    let close = Rect::from_center_size(rect.right_center() - vec2(20.0, 0.0), Vec2::splat(26.0));
    let remove = scene.w.with("attach-remove", "name", &name);
    if icon_button(&child, t, close, (icons::CLOSE, &remove), false).clicked() {
        scene.actions.push(Action::Detach { place: place.to_owned(), at });
    }
    child.set_clip_rect(rect);
}

/// Files let fall on the window and pictures that are pasted, for this place. Once a frame.
pub(crate) fn incoming(ui: &Ui, scene: &mut Scene<'_>, place: &str, focused: bool) {
    let dropped: Vec<_> = ui.input(|it| it.raw.dropped_files.iter().map(|it| it.path().to_owned()).collect());
    if !dropped.is_empty() {
        scene.actions.push(Action::Attach { place: place.to_owned(), paths: dropped });
    }
    if !focused {
        return;
    }
    let (mut picture, mut pasted) = (None, false);
    ui.input(|input| {
        for event in &input.events {
            match event {
                Event::PasteImage(image) => picture = Some(std::sync::Arc::clone(image)),
                Event::Paste(_) => pasted = true,
                _ => {}
            }
        }
    });
    if let Some(picture) = picture {
        scene.actions.push(Action::AttachPicture { place: place.to_owned(), picture });
    } else if pasted {
        // A browser puts an address beside a picture, a table its text: the text is pasted, the picture offered.
        scene.actions.push(Action::LookAtClipboard(place.to_owned()));
    }
}

/// While files hang over the window: where they will go.
pub(crate) fn hovering(ui: &Ui, scene: &Scene<'_>, rect: Rect, place: &str) {
    if ui.input(|it| it.raw.hovered_files.is_empty()) {
        return;
    }
    let area = Area::new(Id::unique("drop")).order(Order::Foreground).fixed_pos(rect.min).interactable(false);
    area.show(ui.ctx(), |ui| {
        let p = ui.painter();
        let place_name = scene.model.title(place);
        p.rect_filled(rect, 0, scene.t.surface.gamma_multiply(0.85));
        let frame = rect.shrink(24.0);
        p.rect(frame, 14, scene.t.accent_soft, Stroke::new(2.0, scene.t.accent), StrokeKind::Inside);
        let text = scene.w.with("drop-here", "name", &place_name);
        widgets::write(p, frame.center(), Align2::CENTER_CENTER, &text, fonts::semibold(18.0), scene.t.text);
        ui.allocate_rect(rect, egui::Sense::hover());
    });
}
