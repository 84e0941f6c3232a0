//! A picture as large as the window: wheel and plus to come nearer, arrows to the next, Escape back.

use egui::epaint::RectShape;
use egui::{Align2, Area, Color32, Id, Key, Order, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use super::Scene;
use crate::action::Action;
use crate::bridge::Deed;
use crate::pictures::{Key as PictureKey, LARGE_SIDE, Picture};
use crate::timeline::row::files::{is_picture, moves};
use crate::widgets::{self, icon_button};
use crate::{fonts, icons};

const BAR: f32 = 56.0;
const ZOOM_MAX: f32 = 8.0;

/// Pictures that are shown in the conversation, oldest first.
fn pictures(scene: &Scene<'_>) -> Vec<String> {
    let messages = scene.model.history.iter().flat_map(|it| &it.messages);
    let thread = scene.model.thread.iter().flat_map(|it| &it.messages);
    let mut ids = Vec::new();
    for file in messages.chain(thread).flat_map(|it| &it.files).filter(|it| is_picture(it)) {
        if !ids.contains(&file.id) {
            ids.push(file.id.clone());
        }
    }
    ids
}

pub(crate) fn show(ui: &Ui, scene: &mut Scene<'_>) {
    let Some(viewer) = scene.desk.viewer.clone() else { return };
    let all = pictures(scene);
    let at = all.iter().position(|it| *it == viewer.id);
    let (previous, next) = match at {
        Some(at) => (at.checked_sub(1).and_then(|it| all.get(it)).cloned(), all.get(at + 1).cloned()),
        None => (None, None),
    };
    keys(ui, scene, &previous, &next);
    let screen = ui.ctx().content_rect();
    let area = Area::new(Id::unique("viewer")).order(Order::Foreground).fixed_pos(screen.min);
    area.show(ui.ctx(), |ui| {
        ui.set_clip_rect(screen);
        let behind = ui.allocate_rect(screen, Sense::click_and_drag());
        behind.widget_info(|| WidgetInfo::labeled(Role::Image, true, scene.w.t("viewer")));
        ui.painter().rect_filled(screen, 0, scene.t.sidebar.gamma_multiply(0.97));
        let body = Rect::from_min_max(pos2(screen.left(), screen.top() + BAR), screen.max);
        if behind.dragged()
            && let Some(viewer) = &mut scene.desk.viewer
        {
            viewer.offset += behind.drag_delta();
        }
        wheel(ui, scene);
        picture(ui, scene, &viewer.id, body.shrink(16.0));
        bar(ui, scene, &viewer.id, Rect::from_min_size(screen.min, vec2(screen.width(), BAR)));
        for (target, x, icon, key) in [
            (previous, screen.left() + 36.0, icons::BACK, "viewer-previous"),
            (next, screen.right() - 36.0, icons::FORWARD, "viewer-next"),
        ] {
            let Some(target) = target else { continue };
            let place = Rect::from_center_size(pos2(x, body.center().y), Vec2::splat(44.0));
            if icon_button(ui, scene.t, place, (icon, &scene.w.t(key)), false).clicked() {
                scene.actions.push(Action::View(Some(target)));
            }
        }
    });
}

fn keys(ui: &Ui, scene: &mut Scene<'_>, previous: &Option<String>, next: &Option<String>) {
    let pressed = |key| ui.input_mut(|it| it.consume_key(egui::Modifiers::NONE, key));
    if pressed(Key::Escape) {
        scene.actions.push(Action::View(None));
    }
    for (key, target) in [(Key::ArrowLeft, previous), (Key::ArrowRight, next)] {
        if pressed(key) && target.is_some() {
            scene.actions.push(Action::View(target.clone()));
        }
    }
    for (keys, factor) in [([Key::Plus, Key::Equals], 1.25), ([Key::Minus, Key::ArrowDown], 0.8)] {
        if keys.into_iter().any(pressed) {
            zoom(scene, factor);
        }
    }
}

fn zoom(scene: &mut Scene<'_>, factor: f32) {
    if let Some(viewer) = &mut scene.desk.viewer {
        viewer.zoom = (viewer.zoom * factor).clamp(1.0, ZOOM_MAX);
        viewer.offset = if viewer.zoom == 1.0 { Vec2::ZERO } else { viewer.offset * factor };
    }
}

fn wheel(ui: &Ui, scene: &mut Scene<'_>) {
    let (scroll, pinch) = ui.input(|it| (it.smooth_scroll_delta().y, it.zoom_delta()));
    if scroll != 0.0 || pinch != 1.0 {
        zoom(scene, pinch * (scroll / 300.0).exp());
    }
}

fn picture(ui: &mut Ui, scene: &mut Scene<'_>, id: &str, body: Rect) {
    let large = PictureKey::Large(id.to_owned());
    let p = ui.painter().with_clip_rect(body.expand(16.0));
    let middle = PictureKey::Middle(id.to_owned());
    let texture = match scene.model.pictures.get(&large) {
        Some(Picture::Here(texture)) => Some(texture),
        Some(Picture::Bad(why)) => {
            let text = scene.w.t(why.words());
            widgets::write(&p, body.center(), Align2::CENTER_CENTER, &text, fonts::text(16.0), scene.t.text2);
            return;
        }
        Some(Picture::Asked) => None,
        None => {
            scene.actions.push(Action::Picture(large));
            None
        }
    };
    let nearer = [middle, PictureKey::Small(id.to_owned())];
    let known = nearer.iter().find_map(|it| match scene.model.pictures.get(it) {
        Some(Picture::Here(texture)) => Some(texture),
        _ => None,
    });
    let sharp = texture.is_some();
    if scene.model.file(id).is_some_and(|it| moves(it.1)) && ui.input(|it| it.focused) {
        scene.actions.push(Action::Play(id.to_owned(), LARGE_SIDE));
    }
    let texture = scene.model.pictures.player.texture(id, LARGE_SIDE).or(texture);
    let Some(texture) = texture.or(known) else {
        let text = scene.w.t("picture-coming");
        widgets::write(&p, body.center(), Align2::CENTER_CENTER, &text, fonts::text(16.0), scene.t.text2);
        return;
    };
    let Some(viewer) = &scene.desk.viewer else { return };
    let size = texture.size_vec2();
    let fits = (body.width() / size.x).min(body.height() / size.y);
    // Blown up a little where only the small one is here.
    let scale = if sharp { fits.min(1.0) } else { fits } * viewer.zoom;
    let place = Rect::from_center_size(body.center() + viewer.offset, size * scale);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    p.add(RectShape::filled(place, 4, Color32::WHITE).with_texture(texture.id(), uv));
}

fn bar(ui: &mut Ui, scene: &mut Scene<'_>, id: &str, rect: Rect) {
    let t = scene.t;
    ui.painter().rect_filled(rect, 0, t.sidebar);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("bar"));
    let mut x = rect.right() - 32.0;
    let mut button = |icon, key: &str| {
        let place = Rect::from_center_size(pos2(x, rect.center().y), Vec2::splat(36.0));
        x -= 42.0;
        icon_button(&child, t, place, (icon, &scene.w.t(key)), false).clicked()
    };
    let close = button(icons::CLOSE, "close");
    let copy = button(icons::COPY, "file-do-copy");
    let folder = button(icons::FOLDER, "file-do-show");
    let save = button(icons::DOWNLOAD, "save-as");
    let (nearer, farther) = (button(icons::ZOOM_IN, "viewer-nearer"), button(icons::ZOOM_OUT, "viewer-farther"));
    if let Some((message, file)) = scene.model.file(id) {
        let name = crate::timeline::markdown::harmless(&file.name);
        let about = format!("{} · {} · {}", message.author, scene.w.stamp(&message.sent), scene.w.lang.size(file.size));
        let room = (x - rect.left() - 40.0).max(60.0);
        let at = rect.left_center() + vec2(20.0, 0.0);
        widgets::write_cut(child.painter(), at - vec2(0.0, 9.0), room, &name, fonts::semibold(14.5), t.text);
        widgets::write_cut(child.painter(), at + vec2(0.0, 10.0), room, &about, fonts::text(12.5), t.text2);
        let label = child.interact(rect.with_max_x(x), Id::unique("viewer-name"), Sense::hover());
        label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
        let name = file.name.clone();
        if save {
            scene.actions.push(Action::ChooseTarget { id: id.to_owned(), name });
        }
    }
    if close {
        scene.actions.push(Action::View(None));
    }
    if copy {
        scene.actions.push(Action::CopyPicture(id.to_owned()));
    }
    if folder {
        scene.actions.push(Action::File { id: id.to_owned(), deed: Deed::Show });
    }
    for (pressed, factor) in [(nearer, 1.25), (farther, 0.8)] {
        if pressed {
            zoom(scene, factor);
        }
    }
    child.set_clip_rect(rect);
}
