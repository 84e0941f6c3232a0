//! Making a channel or a team: what this person may make, and the answer where it was refused.

use artel_node::client::Request;
use egui::{ComboBox, RichText, Ui};

use super::{Scene, channels, dialogs};
use crate::action::Action;
use crate::bridge::Purpose;
use crate::fonts;
use crate::model::may;
use crate::widgets::{self, Weight};

pub(crate) fn channel(ui: &mut Ui, scene: &mut Scene<'_>) {
    dialogs::title(ui, &scene.w.t("new-channel"));
    let field = widgets::field(ui, scene.t, &scene.w.t("channel-name"), &mut scene.desk.forms.name, false);
    dialogs::first(scene, &field);
    let model = scene.model;
    let mut teams: Vec<Option<&str>> = model.may("channel").then_some(None).into_iter().collect();
    teams.extend(model.teams().into_iter().filter(|it| may(&it.may, "channel")).map(|it| Some(it.name.as_str())));
    if teams.is_empty() {
        scene.desk.forms.private = true;
    } else if !teams.contains(&scene.desk.forms.team.as_deref()) {
        scene.desk.forms.team = teams.first().copied().flatten().map(str::to_owned);
    }
    if !scene.desk.forms.private {
        team(ui, scene, &scene.w.t("channel-whole"), &teams);
    }
    if !teams.is_empty() && model.may("private") {
        widgets::tick(ui, &scene.w.t("channel-private"), &mut scene.desk.forms.private);
    }
    if scene.desk.forms.private {
        widgets::tick(ui, &scene.w.t("channel-history"), &mut scene.desk.forms.shared_history);
    }
    if !scene.desk.forms.private {
        let text = RichText::new(channels::rights(scene)).font(fonts::text(13.0)).color(scene.t.text2);
        ui.add(egui::Label::new(text).wrap());
    } else {
        dialogs::note(ui, scene, "rights-private");
    }
    let name = scene.desk.forms.name.trim().to_owned();
    if ends(ui, scene, !name.is_empty()) {
        let forms = &scene.desk.forms;
        let team = forms.team.clone().filter(|_| !forms.private);
        let (private, shared_history) = (forms.private, forms.shared_history);
        scene
            .actions
            .push(Action::Ask(Request::ChannelCreate { name, team, private, shared_history }, Purpose::Create));
    }
}

pub(crate) fn new_team(ui: &mut Ui, scene: &mut Scene<'_>) {
    dialogs::title(ui, &scene.w.t("new-team"));
    let field = widgets::field(ui, scene.t, &scene.w.t("channel-name"), &mut scene.desk.forms.name, false);
    dialogs::first(scene, &field);
    let name = scene.desk.forms.name.trim().to_owned();
    if ends(ui, scene, !name.is_empty()) {
        scene.actions.push(Action::Ask(Request::TeamCreate { name }, Purpose::Create));
    }
}

/// The buttons, and above them why it was refused: what was typed stays until it is made.
fn ends(ui: &mut Ui, scene: &mut Scene<'_>, ready: bool) -> bool {
    if let Some(error) = &scene.model.not_made {
        let text = RichText::new(dialogs::refusal(scene, error)).font(fonts::text(13.5)).color(scene.t.danger_text);
        ui.add_space(6.0);
        ui.add(egui::Label::new(text).wrap());
    }
    let main = scene.w.t("create");
    dialogs::ends(ui, scene, &main, Weight::Main, ready && !scene.desk.making)
}

/// The box from which one of these teams is chosen; `whole` is what no team is called.
pub(crate) fn team(ui: &mut Ui, scene: &mut Scene<'_>, whole: &str, teams: &[Option<&str>]) {
    let chosen = scene.desk.forms.team.clone().unwrap_or_else(|| whole.to_owned());
    let name = scene.w.t("channel-team");
    let label = ui.label(RichText::new(&name).font(fonts::medium(13.0)).color(scene.t.text2));
    let combo = ComboBox::from_id_salt("team").width(ui.available_width()).selected_text(&chosen);
    let combo = combo.show_ui(ui, |ui| {
        for team in teams {
            let value = team.map(str::to_owned);
            ui.selectable_value(&mut scene.desk.forms.team, value, team.unwrap_or(whole));
        }
    });
    let named = format!("{name}: {chosen}");
    let response = combo.response.labelled_by(label.id);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &named));
    ui.add_space(6.0);
}
