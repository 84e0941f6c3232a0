//! The switcher: people, channels and commands by a few letters, in either keyboard layout.

use artel_node::text::Lang;
use egui::{Align2, Id, Key, Rect, Role, ScrollArea, Sense, TextEdit, Ui, Vec2, WidgetInfo, vec2};

use super::Scene;
use crate::action::{Action, Dialog, Page};
use crate::bridge::Command;
use crate::options::ThemeName;
use crate::{fonts, icons, widgets, wrong_layout};

/// Rows that are shown.
const SHOWN_MAX: usize = 12;

/// What one can go to.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    /// A space id or `@mail`.
    Place(String),
    Page(Page),
    Dialog(Dialog),
    Theme(ThemeName),
    Lang(Lang),
    /// Again to be disturbed.
    Disturb,
    Lock,
    /// A link to a message.
    Link(String),
    /// Search in all messages.
    Search(String),
}

struct Entry {
    goal: Goal,
    name: String,
    about: String,
    fit: u32,
}

/// The switcher; or, of a message to be passed on, to whom.
pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, forward: Option<&str>) {
    ui.set_width(560.0);
    let hint = scene.w.t(if forward.is_some() { "forward-to" } else { "palette-hint" });
    let edit = TextEdit::singleline(&mut scene.desk.palette)
        .id(Id::unique("palette"))
        .font(fonts::text(16.0))
        .hint_text(&hint)
        .margin(egui::Margin::symmetric(12, 10))
        .desired_width(f32::INFINITY);
    let response = ui.add(edit);
    crate::text_menu::of(&response, &scene.desk.palette);
    let (typed, name) = (scene.desk.palette.clone(), hint);
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, &typed, &typed, "");
        info.label = Some(name.clone());
        info
    });
    if std::mem::take(&mut scene.desk.focus_first) {
        response.request_focus();
    }
    if response.changed() {
        scene.desk.palette_at = 0;
    }
    let mut entries = entries(scene, &typed);
    if forward.is_some() {
        entries.retain(|it| matches!(it.goal, Goal::Place(_)));
    }
    let last = entries.len().saturating_sub(1);
    let (up, down, enter) =
        ui.input(|it| (it.key_pressed(Key::ArrowUp), it.key_pressed(Key::ArrowDown), it.key_pressed(Key::Enter)));
    if up {
        scene.desk.palette_at = scene.desk.palette_at.saturating_sub(1);
    }
    if down {
        scene.desk.palette_at = (scene.desk.palette_at + 1).min(last);
    }
    ui.add_space(4.0);
    let mut chosen = entries.get(scene.desk.palette_at).filter(|_| enter).map(|it| it.goal.clone());
    ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (at, entry) in entries.iter().enumerate() {
            if row(ui, scene, entry, at == scene.desk.palette_at) {
                chosen = Some(entry.goal.clone());
            }
        }
        if entries.is_empty() {
            ui.label(scene.w.t("palette-empty"));
        }
    });
    if let Some(goal) = chosen {
        scene.actions.push(Action::CloseDialog);
        scene.actions.push(match (forward, goal) {
            (Some(id), Goal::Place(target)) => Action::Forward { id: id.to_owned(), target },
            (_, goal) => act(goal),
        });
    }
}

fn act(goal: Goal) -> Action {
    match goal {
        Goal::Place(target) => Action::Open(target),
        Goal::Page(page) => Action::Page(page),
        Goal::Dialog(dialog) => Action::Dialog(dialog),
        Goal::Theme(theme) => Action::Theme(theme),
        Goal::Lang(lang) => Action::Lang(Some(lang)),
        Goal::Disturb => Action::Quiet(None),
        Goal::Lock => Action::Command(Command::Lock),
        Goal::Link(text) => Action::Link(text),
        Goal::Search(query) => Action::Search(query),
    }
}

fn entries(scene: &Scene<'_>, typed: &str) -> Vec<Entry> {
    let (model, w) = (scene.model, scene.w);
    let mut entries = Vec::new();
    let mut add = |goal: Goal, name: String, about: String, bonus: u32| {
        let fit = wrong_layout::fit(typed, &name).or_else(|| wrong_layout::fit(typed, &about).map(|it| it / 2));
        if let Some(fit) = fit {
            entries.push(Entry { goal, name, about, fit: fit + bonus });
        }
    };
    // Where nothing is typed those visited last come first, but for the one that is open: Enter leads back to the one before.
    let weight = if typed.trim().is_empty() { 100 } else { 1 };
    let open = scene.desk.open.as_deref().filter(|_| scene.desk.page == Page::Chat && typed.trim().is_empty());
    let recent = |target: &str| {
        let places = scene.settings.recent.iter().filter(|it| Some(it.as_str()) != open);
        let place = places.take(9).position(|it| it == target);
        place.map_or(0, |it| weight * 9_u32.saturating_sub(u32::try_from(it).unwrap_or(u32::MAX)))
    };
    for channel in model.directory.channels.iter().filter(|it| it.kind != "direct") {
        let about = channel.team.clone().unwrap_or_default();
        add(Goal::Place(channel.id.clone()), model.title(&channel.id), about, 5 + recent(&channel.id));
    }
    for person in model.directory.persons.iter().filter(|it| it.email != model.me()) {
        let target = model.direct_with(&person.email);
        let bonus = recent(&target);
        add(Goal::Place(target), person.name.clone(), person.email.clone(), bonus);
    }
    if !typed.trim().is_empty() {
        for (goal, name) in commands(scene) {
            add(goal, name, String::new(), 0);
        }
    }
    entries.sort_by(|a, b| b.fit.cmp(&a.fit).then_with(|| a.name.cmp(&b.name)));
    entries.truncate(SHOWN_MAX);
    if crate::links::read(typed).is_some() {
        let goal = Goal::Link(typed.trim().to_owned());
        entries.insert(0, Entry { goal, name: w.t("link-go"), about: String::new(), fit: 0 });
    }
    if !typed.trim().is_empty() {
        let name = w.with("search-all", "text", typed.trim());
        let goal = Goal::Search(typed.trim().to_owned());
        entries.push(Entry { goal, name, about: String::new(), fit: 0 });
    }
    entries
}

/// What one can do from anywhere, and how it is called.
fn commands(scene: &Scene<'_>) -> Vec<(Goal, String)> {
    let (model, w) = (scene.model, scene.w);
    let mut commands = vec![
        (Goal::Page(Page::People), w.t("people")),
        (Goal::Page(Page::Channels), w.t("channels-all")),
        (Goal::Page(Page::Inbox), w.t("inbox")),
        (Goal::Page(Page::Saved), w.t("saved-list")),
        (Goal::Page(Page::Later), w.t("later-list")),
        (Goal::Page(Page::Settings), w.t("settings")),
        (Goal::Page(Page::Diagnostics), w.t("diagnostics")),
        (Goal::Dialog(Dialog::Mood), w.t("dnd")),
        (Goal::Dialog(Dialog::ReadAll), w.t("read-all")),
        (Goal::Dialog(Dialog::Link), w.t("device-link")),
        (Goal::Dialog(Dialog::Keys), w.t("keyboard")),
        (Goal::Dialog(Dialog::Help), w.t("help")),
        (Goal::Lang(Lang::Ru), w.t("lang-ru")),
        (Goal::Lang(Lang::En), w.t("lang-en")),
        (Goal::Lock, w.t("lock")),
    ];
    for (theme, key) in
        [(ThemeName::Dark, "theme-dark"), (ThemeName::Light, "theme-light"), (ThemeName::System, "theme-system")]
    {
        commands.push((Goal::Theme(theme), format!("{}: {}", w.t("theme"), w.t(key))));
    }
    if scene.settings.quiet_until.is_some() {
        commands.push((Goal::Disturb, w.t("dnd-off")));
    }
    if model.creates() {
        commands.push((Goal::Dialog(Dialog::NewChannel), w.t("new-channel")));
    }
    if model.invites() {
        commands.push((Goal::Dialog(Dialog::Invite), w.t("invite")));
    }
    if let Some(open) = scene.desk.open.as_ref().filter(|it| model.channel(it).is_some()) {
        for (dialog, key) in [
            (Dialog::Channel(open.clone()), "channel-settings"),
            (Dialog::Pins(open.clone()), "pins"),
            (Dialog::Date(open.clone()), "jump-date"),
        ] {
            commands.push((Goal::Dialog(dialog), w.t(key)));
        }
    }
    commands
}

fn row(ui: &mut Ui, scene: &Scene<'_>, entry: &Entry, on: bool) -> bool {
    let t = scene.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 38.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &entry.name));
    let p = ui.painter();
    if on || response.hovered() {
        p.rect_filled(rect, 8, if on { t.selected } else { t.hover });
    }
    let at = rect.left_center() + vec2(22.0, 0.0);
    let sign = |icon: &str| {
        widgets::write(p, at, Align2::CENTER_CENTER, icon, fonts::icon(18.0), t.text2);
    };
    match &entry.goal {
        Goal::Place(target) => match (scene.model.other(target), scene.model.channel(target)) {
            (Some(person), _) => {
                let face = Rect::from_center_size(at, Vec2::splat(26.0));
                widgets::avatar(p, t, face, &person.email, &person.name);
                widgets::presence(p, t, face, person.online, if on { t.selected } else { t.raised });
            }
            (None, Some(channel)) if channel.kind == "private" => sign(icons::LOCK),
            (None, Some(channel)) if channel.kind == "group" => sign(icons::GROUP),
            _ => sign(icons::HASH),
        },
        Goal::Search(_) => sign(icons::SEARCH),
        Goal::Link(_) => sign(icons::NEXT),
        Goal::Dialog(Dialog::NewChannel) => sign(icons::PLUS),
        Goal::Dialog(Dialog::Invite) => sign(icons::INVITE),
        Goal::Dialog(Dialog::Mood) | Goal::Disturb => sign(icons::MOON),
        Goal::Dialog(Dialog::ReadAll) => sign(icons::CHECKS),
        Goal::Dialog(Dialog::Pins(_)) => sign(icons::PIN),
        Goal::Dialog(Dialog::Date(_)) => sign(icons::CALENDAR),
        Goal::Dialog(_) => sign(icons::COMMAND),
        Goal::Lock => sign(icons::LOCK),
        Goal::Page(Page::People) => sign(icons::USERS),
        Goal::Page(Page::Channels) => sign(icons::COMPASS),
        Goal::Page(Page::Inbox) => sign(icons::AT),
        Goal::Page(_) | Goal::Theme(_) | Goal::Lang(_) => sign(icons::GEAR),
    }
    let name =
        widgets::write_cut(p, rect.left_center() + vec2(46.0, 0.0), 320.0, &entry.name, fonts::medium(14.5), t.text);
    let at = egui::pos2(name.right() + 10.0, rect.center().y);
    widgets::write_cut(p, at, rect.right() - at.x - 10.0, &entry.about, fonts::text(12.5), t.text2);
    response.clicked()
}
