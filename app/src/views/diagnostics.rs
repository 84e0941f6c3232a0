//! The state of the node in words and figures, and what to send to who helps.

use artel_node::client::{Alarm, Status};
use egui::{Grid, RichText, Ui};

use super::Scene;
use crate::action::Action;
use crate::timeline::markdown::harmless;
use crate::widgets::{self, Weight};
use crate::{fonts, icons};

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("diagnostics");
    super::page(ui, scene, &title, |ui, scene| {
        let Some(status) = scene.model.status.as_deref() else { return };
        if widgets::button(ui, scene.t, &scene.w.t("diagnostics-copy"), Weight::Main).clicked() {
            scene.actions.push(Action::Copy(report(status, scene)));
        }
        peers(ui, scene, status);
        facts(ui, scene, status);
        heading(ui, &scene.w.t("ways"));
        table(ui, "ways", status.discovery.iter().map(|it| way(scene, &it.name, &it.state)));
        if !scene.model.findings.is_empty() {
            heading(ui, &scene.w.t("doctor"));
            findings(ui, scene);
        }
        if !status.alarms.is_empty() {
            heading(ui, &scene.w.t("alarms"));
            for it in &status.alarms {
                ui.add(egui::Label::new(alarm(scene, it)).wrap());
                ui.add_space(4.0);
            }
        }
    });
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(16.0);
    ui.label(RichText::new(text).font(fonts::semibold(14.5)));
}

fn table<const N: usize>(ui: &mut Ui, id: &str, rows: impl Iterator<Item = [String; N]>) {
    Grid::new(id).num_columns(N).spacing([24.0, 6.0]).show(ui, |ui| {
        for row in rows {
            for cell in row {
                ui.label(cell);
            }
            ui.end_row();
        }
    });
}

fn peers(ui: &mut Ui, scene: &Scene<'_>, status: &Status) {
    heading(ui, &scene.w.t("peers"));
    if status.peers.is_empty() {
        ui.label(scene.w.t("network-alone"));
    }
    let rows = status.peers.iter().map(|it| {
        let via = if it.via == "direct" { scene.w.t("peer-direct") } else { scene.w.t("peer-hop") };
        let rtt = usize::try_from(it.rtt_ms).unwrap_or(usize::MAX);
        [it.name.clone(), via, it.address.clone(), scene.w.n("milliseconds", rtt)]
    });
    table(ui, "peers", rows);
}

fn facts(ui: &mut Ui, scene: &Scene<'_>, status: &Status) {
    heading(ui, &scene.w.t("this-device"));
    let w = scene.w;
    let queued = w.n("queued-count", usize::try_from(status.queued).unwrap_or(usize::MAX));
    let rows = [
        [w.t("device"), status.device.clone()],
        [w.t("listening"), status.listening.join(", ")],
        [w.t("outbox"), queued],
        [w.t("clock"), w.with("clock-offset", "name", &status.clock.offset_ms.to_string())],
        [w.t("store"), format!("{}, {}", store(scene, &status.store.state), w.lang.size(status.store.bytes))],
        [w.t("home"), scene.model.home.display().to_string()],
    ];
    table(ui, "facts", rows.into_iter());
}

/// What was looked at and found: a sign for each, its name, what there is to say.
fn findings(ui: &mut Ui, scene: &Scene<'_>) {
    let (w, t) = (scene.w, scene.t);
    Grid::new("doctor").num_columns(3).spacing([10.0, 6.0]).show(ui, |ui| {
        for it in &scene.model.findings {
            let (icon, color, said) = match it.level.as_str() {
                "ok" => (icons::CHECK, t.ok, w.t("finding-ok")),
                "warning" => (icons::WARNING, t.away, w.t("finding-warning")),
                "error" => (icons::WARNING, t.danger_text, w.t("finding-error")),
                other => (icons::WARNING, t.danger_text, other.to_owned()),
            };
            let sign = ui.label(RichText::new(icon).font(fonts::icon(15.0)).color(color));
            sign.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &said));
            ui.label(RichText::new(check(scene, &it.check)).color(t.text2));
            ui.label(w.lang.fact(&it.fact).unwrap_or_else(|| it.detail.clone()));
            ui.end_row();
        }
    });
}

/// What was looked at, in the reader's language; a name that is not known here stays as it is.
fn check(scene: &Scene<'_>, check: &str) -> String {
    match check {
        "store" => scene.w.t("store"),
        "lost" => scene.w.t("check-lost"),
        "network" => scene.w.t("check-network"),
        "colleagues" => scene.w.t("check-colleagues"),
        "clock" => scene.w.t("clock"),
        "owners" => scene.w.t("check-owners"),
        "administrators" => scene.w.t("check-administrators"),
        "certificate" => scene.w.t("check-certificate"),
        "alarms" => scene.w.t("alarms"),
        other => other.to_owned(),
    }
}

/// What happened and whose computer it is about, in the reader's language; a kind that is not known here stays as it is.
fn alarm(scene: &Scene<'_>, alarm: &Alarm) -> String {
    let w = scene.w;
    let what = match alarm.kind.as_str() {
        "fork" => w.t("alarm-fork"),
        "void_act" => w.t("alarm-void-act"),
        "own_log_behind" => w.t("alarm-own-log-behind"),
        "wrong_recipients" => w.t("alarm-wrong-recipients"),
        other => other.to_owned(),
    };
    let persons = &scene.model.directory.persons;
    let whose = alarm.person.as_ref().and_then(|id| persons.iter().find(|it| it.id == *id));
    let about = [whose.map(|it| harmless(&it.name)), alarm.device.clone()];
    let about: Vec<String> = about.into_iter().flatten().collect();
    if about.is_empty() { what } else { format!("{what} ({})", about.join(", ")) }
}

/// How the store is, in the reader's language; a state that is not known here stays as it is.
fn store(scene: &Scene<'_>, state: &str) -> String {
    match state {
        "ok" => scene.w.t("store-is-ok"),
        "full" => scene.w.t("store-is-full"),
        "rebuilding" => scene.w.t("store-is-rebuilding"),
        "damaged" => scene.w.t("store-is-damaged"),
        other => other.to_owned(),
    }
}

/// A way of finding colleagues in the reader's language, as far as it is known here; a name that is not stays as it is.
fn way(scene: &Scene<'_>, name: &str, state: &str) -> [String; 2] {
    let name = match name {
        "saved" => scene.w.t("way-saved"),
        "mdns" => scene.w.t("way-mdns"),
        "learnt" => scene.w.t("way-learnt"),
        other => other.to_owned(),
    };
    let seconds = state.strip_prefix("nothing heard for ").and_then(|it| it.strip_suffix(" s"));
    let count = state.strip_suffix(" devices").and_then(|it| it.parse().ok());
    let told = match (state, state.strip_suffix(" found"), seconds, count) {
        ("off", ..) => scene.w.t("way-off"),
        ("refused by the system", ..) => scene.w.t("way-refused"),
        ("paused: noisy network", ..) => scene.w.t("way-noisy"),
        (_, Some(found), ..) => scene.w.with("way-found", "name", found),
        (_, _, Some(seconds), _) => scene.w.with("way-quiet", "name", seconds),
        (.., Some(count)) => scene.w.n("devices-count", count),
        (other, ..) => other.to_owned(),
    };
    [name, told]
}

/// Text for the IT department: no message and no name of a channel is in it.
fn report(status: &Status, scene: &Scene<'_>) -> String {
    let mut lines = vec![
        format!("artel {}", env!("CARGO_PKG_VERSION")),
        format!("organisation {} device {}", status.organisation, status.device),
        format!("listening {}", status.listening.join(" ")),
        format!(
            "queued {} clock {} ms store {} {} B",
            status.queued, status.clock.offset_ms, status.store.state, status.store.bytes
        ),
    ];
    lines
        .extend(status.peers.iter().map(|it| format!("peer {} {} {} {} ms", it.device, it.via, it.address, it.rtt_ms)));
    lines.extend(status.discovery.iter().map(|it| format!("way {}: {}", it.name, it.state)));
    lines.extend(status.refused.iter().map(|(cause, count)| format!("refused {cause}: {count}")));
    lines.extend(status.alarms.iter().map(|it| format!("alarm {} {}", it.kind, it.device.as_deref().unwrap_or("-"))));
    lines.extend(scene.model.findings.iter().map(|it| format!("{} {}: {}", it.level, it.check, it.detail)));
    lines.join("\n")
}
