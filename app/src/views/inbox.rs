//! Messages that call this person, the newest first.

use egui::Ui;

use super::{Scene, search};
use crate::action::Action;

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
        ui.add_space(12.0);
        let me = format!("@{}", scene.model.me());
        let calls = |text: &str| text.contains(&me);
        let messages: Vec<_> = scene.model.found.messages.iter().filter(|it| calls(&it.text)).collect();
        if messages.is_empty() && waiting.is_empty() {
            ui.label(scene.w.t("inbox-empty"));
        }
        for message in messages {
            search::hit(ui, scene, message);
        }
    });
}
