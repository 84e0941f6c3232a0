//! How much room files take on this device, and how much they may.

use artel_node::client::Request;
use egui::{ProgressBar, Ui};

use super::{Scene, heading};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::views::dialogs;
use crate::widgets;

/// Limits to choose from, bytes; 0: none.
const QUOTAS: [u64; 5] = [0, 1_000_000_000, 5_000_000_000, 20_000_000_000, 100_000_000_000];

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let w = scene.w;
    heading(ui, scene, "storage");
    let Some(storage) = &scene.model.storage else {
        return drop(ui.label(w.t("older-loading")));
    };
    let size = |bytes| w.lang.size(bytes);
    let text = format!(
        "{}. {}",
        w.with("storage-used", "name", &size(storage.bytes)),
        w.with("storage-free", "name", &size(storage.free))
    );
    ui.label(&text);
    if 0 < storage.quota {
        let part = storage.bytes as f32 / storage.quota as f32;
        let bar = ProgressBar::new(part.clamp(0.0, 1.0)).desired_height(6.0);
        let name = w.with("storage-used", "name", &size(storage.bytes));
        ui.add(bar).widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
    }
    heading(ui, scene, "storage-quota");
    widgets::choices(ui, |ui| {
        for quota in QUOTAS {
            let name = if quota == 0 { w.t("storage-no-quota") } else { size(quota) };
            if ui.radio(storage.quota == quota, name).clicked() {
                let request = Request::FileStorage { quota: Some(quota) };
                scene.actions.push(Action::Ask(request, Purpose::Storage));
            }
        }
    });
    dialogs::note(ui, scene, "storage-how");
}
