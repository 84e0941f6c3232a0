//! What a person can choose about this window, and what this device keeps.

mod devices;
mod profile;
mod storage;

use artel_node::text::Lang;
use egui::{RichText, Slider, Stroke, TextEdit, Ui};

use super::{Scene, dialogs};
use crate::action::Action;
use crate::attention;
use crate::desk::Part;
use crate::options::ThemeName;
use crate::settings::{Notify, Settings};
use crate::theme::Tokens;
use crate::{fonts, widgets};

pub(crate) use devices::{link, revoke};

/// Minutes after which the screen can be locked.
const LOCKS: [u32; 5] = [0, 5, 15, 30, 60];
/// Licences of what the program brings along.
const LICENCES: [(&str, &str); 4] = [
    ("Inter", include_str!("../../assets/fonts/LICENSE-Inter.txt")),
    ("JetBrains Mono", include_str!("../../assets/fonts/LICENSE-JetBrainsMono.txt")),
    ("Twemoji", include_str!("../../assets/fonts/LICENSE-Twemoji.txt")),
    ("Phosphor Icons", include_str!("../../assets/fonts/LICENSE-Phosphor.txt")),
];
/// Those of the program itself.
const OWN: [(&str, &str); 2] =
    [("MIT", include_str!("../../../LICENSE-MIT")), ("Apache-2.0", include_str!("../../../LICENSE-APACHE"))];

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = scene.w.t("settings");
    super::page(ui, scene, &title, |ui, scene| {
        ui.horizontal_wrapped(|ui| {
            for (part, key) in [
                (Part::Profile, "my-profile"),
                (Part::Look, "look"),
                (Part::Attention, "attention"),
                (Part::Keys, "keyboard"),
                (Part::Storage, "storage"),
                (Part::Devices, "devices"),
                (Part::About, "about-title"),
            ] {
                if ui.selectable_label(scene.desk.part == part, scene.w.t(key)).clicked() {
                    scene.desk.part = part;
                }
            }
        });
        ui.separator();
        match scene.desk.part {
            Part::Profile => profile::show(ui, scene),
            Part::Look => look(ui, scene),
            Part::Attention => attention(ui, scene),
            Part::Keys => keys(ui, scene),
            Part::Storage => storage::show(ui, scene),
            Part::Devices => devices::show(ui, scene),
            Part::About => about(ui, scene),
        }
    });
}

fn heading(ui: &mut Ui, scene: &Scene<'_>, key: &str) {
    ui.add_space(16.0);
    ui.label(RichText::new(scene.w.t(key)).font(fonts::semibold(14.5)));
    ui.add_space(2.0);
}

/// Writes down other choices, if they are other.
fn choose(scene: &mut Scene<'_>, settings: Settings) {
    if settings != *scene.settings {
        scene.actions.push(Action::Settings(Box::new(settings)));
    }
}

fn look(ui: &mut Ui, scene: &mut Scene<'_>) {
    heading(ui, scene, "language");
    widgets::choices(ui, |ui| {
        let chosen = scene.settings.lang.as_deref().map(Lang::named);
        for (lang, name) in [
            (Some(Lang::Ru), scene.w.t("lang-ru")),
            (Some(Lang::En), scene.w.t("lang-en")),
            (None, scene.w.t("theme-system")),
        ] {
            if ui.radio(chosen == lang, name).clicked() {
                scene.actions.push(Action::Lang(lang));
            }
        }
    });
    heading(ui, scene, "theme");
    widgets::choices(ui, |ui| {
        for (theme, name) in [
            (ThemeName::Dark, scene.w.t("theme-dark")),
            (ThemeName::Light, scene.w.t("theme-light")),
            (ThemeName::System, scene.w.t("theme-system")),
        ] {
            if ui.radio(scene.settings.theme == theme, name).clicked() {
                scene.actions.push(Action::Theme(theme));
            }
        }
    });
    heading(ui, scene, "text-size");
    let mut percent = scene.settings.zoom * 100.0;
    let response = ui.horizontal(|ui| {
        rail(ui, scene.t);
        let response = ui.add(Slider::new(&mut percent, 80.0..=160.0).step_by(5.0).show_value(false));
        let name = scene.w.t("text-size");
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(percent), &name));
        ui.label(format!("{percent:.0} %"));
        response
    });
    let response = response.inner;
    if response.drag_stopped() || (response.changed() && !response.dragged()) {
        scene.actions.push(Action::Zoom(percent / 100.0));
    }
    heading(ui, scene, "lock");
    let mut settings = scene.settings.clone();
    widgets::choices(ui, |ui| {
        for minutes in LOCKS {
            let name = match minutes {
                0 => scene.w.t("lock-never"),
                _ => scene.w.n("lock-after", usize::try_from(minutes).unwrap_or(usize::MAX)),
            };
            ui.radio_value(&mut settings.lock_after, minutes, name);
        }
    });
    choose(scene, settings);
}

/// A rail that is seen on every ground, filled as far as the handle.
fn rail(ui: &mut Ui, t: &Tokens) {
    let visuals = ui.visuals_mut();
    visuals.slider_trailing_fill = true;
    visuals.selection.bg_fill = t.accent;
    visuals.widgets.inactive.bg_fill = t.border_strong;
    for state in [&mut visuals.widgets.hovered, &mut visuals.widgets.active] {
        state.bg_fill = t.accent;
    }
    for state in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered, &mut visuals.widgets.active] {
        state.fg_stroke = Stroke::new(1.0, t.outline);
    }
    ui.spacing_mut().slider_width = 220.0;
}

fn attention(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut settings = scene.settings.clone();
    heading(ui, scene, "notify-title");
    for (notify, key) in
        [(Notify::All, "notify-all"), (Notify::Calls, "notify-calls"), (Notify::Nothing, "notify-nothing")]
    {
        ui.radio_value(&mut settings.notify, notify, scene.w.t(key));
    }
    ui.checkbox(&mut settings.notify_text, scene.w.t("notify-text"));
    if scene.desk.tray {
        heading(ui, scene, "tray-title");
        ui.checkbox(&mut settings.close_to_tray, scene.w.t("tray-close"));
        dialogs::note(ui, scene, "tray-how");
    }
    heading(ui, scene, "quiet-hours");
    ui.checkbox(&mut settings.quiet_hours.on, scene.w.t("quiet-hours-on"));
    ui.add_enabled_ui(settings.quiet_hours.on, |ui| {
        ui.horizontal(|ui| {
            // As high as the fields, so that the words beside them stand in their middle.
            ui.set_min_height(32.0);
            time_field(ui, scene, "quiet-from", &mut settings.quiet_hours.from);
            time_field(ui, scene, "quiet-to", &mut settings.quiet_hours.to);
        });
        ui.checkbox(&mut settings.quiet_hours.weekends, scene.w.t("quiet-weekends"));
    });
    dialogs::note(ui, scene, "quiet-how");
    choose(scene, settings);
}

/// A time of the day, as typed; what is no time changes nothing.
fn time_field(ui: &mut Ui, scene: &Scene<'_>, key: &str, minute: &mut u16) {
    let label = ui.label(scene.w.t(key));
    let memory = ui.scope_id().with(key);
    let shown = || format!("{}:{:02}", *minute / 60, *minute % 60);
    let mut typed = ui.data(|it| it.get_temp::<String>(memory)).unwrap_or_else(shown);
    let response = ui.add(TextEdit::singleline(&mut typed).desired_width(76.0)).labelled_by(label.id);
    crate::text_menu::of(&response, &typed);
    if response.changed() {
        ui.data_mut(|it| it.insert_temp(memory, typed.clone()));
    }
    if let Some(chosen) = attention::minute_of_day(&typed).filter(|_| response.changed()) {
        *minute = chosen;
    }
    if response.lost_focus() {
        ui.data_mut(|it| it.remove::<String>(memory));
    }
}

fn keys(ui: &mut Ui, scene: &mut Scene<'_>) {
    heading(ui, scene, "keyboard");
    let mut enter = scene.settings.enter_sends;
    if ui.checkbox(&mut enter, scene.w.t("enter-sends")).changed() {
        scene.actions.push(Action::EnterSends(enter));
    }
    ui.add_space(6.0);
    shortcuts_list(ui, scene);
}

/// The list of the shortcuts.
pub(crate) fn shortcuts_list(ui: &mut Ui, scene: &Scene<'_>) {
    for one in &crate::shortcuts::ALL {
        ui.horizontal_top(|ui| {
            widgets::caps(ui, scene.t, &one.shown(), 190.0);
            ui.vertical(|ui| {
                ui.set_max_width(ui.available_width());
                ui.add_space(2.0);
                ui.add(egui::Label::new(scene.w.t(one.about)).wrap());
            });
        });
    }
}

fn about(ui: &mut Ui, scene: &mut Scene<'_>) {
    heading(ui, scene, "about-title");
    ui.label(scene.w.with("about", "name", env!("CARGO_PKG_VERSION")));
    ui.label(RichText::new(scene.w.t("licences")).color(scene.t.text2).font(fonts::text(13.0)));
    ui.add_space(8.0);
    for (at, (name, text)) in OWN.iter().chain(&LICENCES).enumerate() {
        let open = scene.desk.licence == Some(at);
        if ui.selectable_label(open, scene.w.with("licence-of", "name", name)).clicked() {
            scene.desk.licence = (!open).then_some(at);
        }
        if open {
            ui.add(egui::Label::new(RichText::new(*text).font(fonts::mono(12.0)).color(scene.t.text2)).wrap());
        }
    }
}
