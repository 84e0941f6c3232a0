//! What waits for this person: messages that call, and threads with this person in them. Derived by the node from what is
//! stored, so it is whole whether it was shown before or not.

use egui::{RichText, Ui};

use super::{Scene, search};
use crate::fonts;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("inbox");
    super::page(ui, scene, &title, |ui, scene| {
        waiting(ui, scene);
        let Some(inbox) = &scene.model.inbox else {
            ui.label(scene.w.t("older-loading"));
            return;
        };
        heading(ui, scene, "inbox-calls");
        if inbox.calls.is_empty() {
            ui.label(RichText::new(scene.w.t("inbox-empty")).color(scene.t.text2));
        }
        for message in &inbox.calls {
            search::hit(ui, scene, message);
        }
        heading(ui, scene, "inbox-threads");
        if inbox.threads.is_empty() {
            ui.label(RichText::new(scene.w.t("inbox-no-threads")).color(scene.t.text2));
        }
        for message in &inbox.threads {
            ui.push_id("thread", |ui| search::thread(ui, scene, message));
        }
    });
}

/// Places where something waits: who wrote last, what, and when.
fn waiting(ui: &mut Ui, scene: &mut Scene<'_>) {
    let model = scene.model;
    let places = model.awaits();
    if !places.is_empty() {
        heading(ui, scene, "inbox-waiting");
    }
    for unread in places {
        ui.push_id(("waiting", &unread.id), |ui| search::waiting(ui, scene, unread));
    }
}

fn heading(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    ui.add_space(14.0);
    ui.label(RichText::new(scene.w.t(key)).font(fonts::semibold(14.5)));
    ui.add_space(4.0);
}
