//! What waits for this person: messages that call, and threads with this person in them. Derived by the node from what is
//! stored, so it is whole whether it was shown before or not.

use egui::{RichText, Ui};

use super::{Scene, search};
use crate::action::Action;
use crate::fonts;

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("inbox");
    super::page(ui, scene, &title, |ui, scene| {
        let waiting: Vec<(String, u32, u32)> =
            scene.model.unread.values().map(|it| (it.id.clone(), it.unread, it.mentions)).collect();
        for (channel, unread, mentions) in waiting.iter().filter(|it| 0 < it.2 || scene.model.other(&it.0).is_some()) {
            let name = scene.model.title(channel);
            let count = scene.w.n("unread", usize::try_from((*mentions).max(*unread)).unwrap_or(usize::MAX));
            if ui.link(format!("{name}: {count}")).clicked() {
                scene.actions.push(Action::Open(channel.clone()));
            }
        }
        let Some(inbox) = &scene.model.inbox else {
            ui.label(scene.w.t("older-loading"));
            return;
        };
        heading(ui, scene, "inbox-calls");
        if inbox.calls.is_empty() {
            ui.label(scene.w.t("inbox-empty"));
        }
        for message in &inbox.calls {
            search::hit(ui, scene, message);
        }
        heading(ui, scene, "inbox-threads");
        if inbox.threads.is_empty() {
            ui.label(scene.w.t("inbox-no-threads"));
        }
        for message in &inbox.threads {
            ui.push_id("thread", |ui| search::thread(ui, scene, message));
        }
    });
}

fn heading(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    ui.add_space(14.0);
    ui.label(RichText::new(scene.w.t(key)).font(fonts::semibold(14.5)));
    ui.add_space(4.0);
}
