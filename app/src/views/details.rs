//! Everything about one message: who, when, from which device, who holds and has read it, what it said before.

use egui::{RichText, ScrollArea, Ui};

use super::{Scene, dialogs};
use crate::action::Action;
use crate::timeline::markdown::harmless;
use crate::timeline::row::shown_text;
use crate::widgets::{self, Weight};
use crate::{fonts, links};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, id: &str) {
    ui.set_width(520.0);
    ui.label(RichText::new(scene.w.t("details")).font(fonts::semibold(18.0)));
    ui.add_space(10.0);
    let (w, model) = (scene.w, scene.model);
    let Some(about) = model.about.as_ref().filter(|it| it.message.id == id) else {
        ui.label(w.t("older-loading"));
        return;
    };
    let message = &about.message;
    ScrollArea::vertical().max_height(460.0).auto_shrink([false, true]).show(ui, |ui| {
        row(ui, scene, "author", &[format!("{} · {}", harmless(&message.author), message.email)]);
        row(ui, scene, "sent", &[w.stamp(&message.sent)]);
        if let Some(came) = &message.came {
            row(ui, scene, "came", &[w.stamp(came)]);
        }
        let text: String = harmless(&shown_text(message, w)).chars().take(200).collect();
        row(ui, scene, "text", &[text]);
        let count = |it: usize| w.n("state-held", it);
        let names = |them: &[String]| them.iter().map(|it| harmless(it)).collect::<Vec<_>>();
        match about.holders.is_empty() {
            true => row(ui, scene, "details-held", &[w.t("state-queued")]),
            false => {
                row(ui, scene, "details-held", &[vec![count(about.holders.len())], names(&about.holders)].concat())
            }
        }
        if !about.readers.is_empty() {
            row(ui, scene, "details-read", &names(&about.readers));
        }
        if !about.versions.is_empty() {
            let versions = about.versions.iter().map(|it| format!("{} — {}", w.stamp(&it.at), harmless(&it.text)));
            row(ui, scene, "details-history", &versions.collect::<Vec<_>>());
        }
        row(
            ui,
            scene,
            "details-device",
            &[format!("{} · {}", about.device, w.n("details-number", number(about.number)))],
        );
        row(ui, scene, "details-signature", &[w.t("details-signed")]);
        row(ui, scene, "details-epoch", std::slice::from_ref(&about.epoch));
        row(ui, scene, "message-id", std::slice::from_ref(&message.id));
    });
    ui.add_space(8.0);
    let link = links::to(&message.channel, &message.id);
    dialogs::line_of_buttons(ui, |ui| {
        if widgets::button(ui, scene.t, &w.t("close"), Weight::Main).clicked() {
            scene.actions.push(Action::CloseDialog);
        }
        if widgets::button(ui, scene.t, &w.t("do-copy-link"), Weight::Other).clicked() {
            scene.actions.push(Action::Copy(link));
        }
    });
}

fn number(it: u64) -> usize {
    usize::try_from(it).unwrap_or(usize::MAX)
}

fn row(ui: &mut Ui, scene: &Scene<'_>, key: &str, values: &[String]) {
    ui.label(RichText::new(scene.w.t(key)).color(scene.t.text2).font(fonts::medium(12.5)));
    for value in values {
        ui.add(egui::Label::new(value).selectable(true).wrap());
    }
    ui.add_space(6.0);
}
