//! The thread beside the conversation: its first message, the replies, a composer of its own.

use std::collections::BTreeMap;

use egui::{Align2, Id, Rect, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use super::{HEADER, Scene, attach, chat, composer};
use crate::action::Action;
use crate::timeline::row::MessageRows;
use crate::widgets::{self, icon_button};
use crate::{fonts, icons};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (rect, t) = (ui.max_rect(), scene.t);
    // What is painted by hand takes no room by itself.
    ui.expand_to_include_rect(rect);
    ui.painter().vline(rect.left() + 0.5, rect.y_range(), Stroke::new(1.0, t.border));
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEADER));
    ui.painter().hline(head.x_range(), head.bottom() - 0.5, Stroke::new(1.0, t.border));
    let title = scene.w.t("thread");
    let at = head.left_center() + vec2(20.0, 0.0);
    let name = widgets::write(ui.painter(), at, Align2::LEFT_CENTER, &title, fonts::semibold(16.0), t.text);
    let heading = ui.interact(name, Id::unique("thread-title"), Sense::empty());
    heading.widget_info(|| WidgetInfo::labeled(Role::Label, true, &title));
    let of = scene.desk.open.as_ref().map_or_else(String::new, |it| scene.model.title(it));
    let at = pos2(name.right() + 10.0, head.center().y + 1.0);
    widgets::write_cut(ui.painter(), at, head.right() - at.x - 60.0, &of, fonts::text(13.0), t.text2);
    let close = Rect::from_center_size(pos2(head.right() - 30.0, head.center().y), Vec2::splat(32.0));
    if icon_button(ui, t, close, (icons::CLOSE, &scene.w.t("close")), false).clicked() {
        scene.actions.push(Action::Thread(None));
    }
    let root = scene.desk.thread.clone().unwrap_or_default();
    let strip = attach::height(scene, &root, rect.width(), false);
    let bottom = rect.bottom() - composer::height(scene, true, rect.width()) - strip;
    let body = Rect::from_min_max(pos2(rect.left() + 1.0, head.bottom()), pos2(rect.right(), bottom));
    let mut child = ui.new_child(UiBuilder::new().max_rect(body).id_salt("replies"));
    replies(&mut child, scene);
    let above = Rect::from_min_size(body.left_bottom(), vec2(rect.width(), strip));
    attach::show(ui, scene, above, &root, false);
    let place = Rect::from_min_max(pos2(rect.left(), above.bottom()), rect.max);
    composer::show(ui, scene, place, composer::Place::Thread);
}

fn replies(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(thread) = scene.model.thread.as_ref().filter(|it| it.root == scene.desk.thread) else { return };
    let messages = &thread.messages;
    let places: BTreeMap<&str, usize> = messages.iter().enumerate().map(|(at, it)| (it.id.as_str(), at)).collect();
    let mut list = std::mem::take(&mut scene.desk.thread_list);
    let mut cache = std::mem::take(&mut scene.desk.cache);
    let mut at = std::mem::take(&mut scene.desk.thread_at);
    let mut rows = MessageRows {
        messages: messages.iter().collect(),
        places,
        replies: BTreeMap::new(),
        model: scene.model,
        t: scene.t,
        w: scene.w,
        cache: &mut cache,
        actions: scene.actions,
        new_from: scene.model.thread_new_from.as_deref(),
        flash: list.flash.clone(),
        to_end: thread.to_end,
        today: scene.w.today(),
        thread: true,
        hovered: None,
        focused: None,
        at: &mut at,
        here: false,
        selected: None,
        span: None,
    };
    let view = ui.max_rect();
    list.deaf = !scene.desk.keys_go_to(ui.ctx(), true);
    let edges = list.show(ui, &mut rows);
    let hovered = chat::pointed_at(&rows);
    match edges.end_wanted {
        true => {
            list.show_newest();
            let reach = list.reach(scene.desk.reach);
            scene.actions.push(Action::Look { thread: true, around: None, reach });
        }
        false => chat::scroll_on(scene.actions, &list, edges, (thread, scene.desk.reach)),
    }
    (scene.desk.thread_list, scene.desk.cache) = (list, cache);
    chat::after_rows(ui, scene, at, true);
    chat::toolbar(ui, scene, hovered, view, true);
}
