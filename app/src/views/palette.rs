//! The switcher: people, channels and commands by a few letters, in either keyboard layout.

use egui::{Align2, Id, Key, Rect, Role, ScrollArea, Sense, TextEdit, Ui, Vec2, WidgetInfo, vec2};

use super::Scene;
use crate::action::{Action, Dialog, Page};
use crate::bridge::Command;
use crate::{fonts, icons, widgets, wrong_layout};

/// Rows that are shown.
const SHOWN_MAX: usize = 12;

/// What one can go to.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    /// A space id or `@mail`.
    Place(String),
    Page(Page),
    NewChannel,
    Invite,
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
        Goal::NewChannel => Action::Dialog(Dialog::NewChannel),
        Goal::Invite => Action::Dialog(Dialog::Invite),
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
    let recent = |target: &str| {
        let place = scene.desk.recent.iter().position(|it| it == target);
        place.map_or(0, |it| 9_u32.saturating_sub(u32::try_from(it).unwrap_or(u32::MAX)))
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
        for (page, key) in [
            (Page::People, "people"),
            (Page::Inbox, "inbox"),
            (Page::Saved, "saved-list"),
            (Page::Later, "later-list"),
            (Page::Settings, "settings"),
            (Page::Diagnostics, "diagnostics"),
        ] {
            add(Goal::Page(page), w.t(key), String::new(), 0);
        }
        add(Goal::NewChannel, w.t("new-channel"), String::new(), 0);
        if model.invites() {
            add(Goal::Invite, w.t("invite"), String::new(), 0);
        }
        add(Goal::Lock, w.t("lock"), String::new(), 0);
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
        Goal::NewChannel => sign(icons::PLUS),
        Goal::Invite => sign(icons::INVITE),
        Goal::Lock => sign(icons::LOCK),
        Goal::Page(Page::People) => sign(icons::USERS),
        Goal::Page(_) => sign(icons::GEAR),
    }
    let name =
        widgets::write_cut(p, rect.left_center() + vec2(46.0, 0.0), 320.0, &entry.name, fonts::medium(14.5), t.text);
    let at = egui::pos2(name.right() + 10.0, rect.center().y);
    widgets::write_cut(p, at, rect.right() - at.x - 10.0, &entry.about, fonts::text(12.5), t.text2);
    response.clicked()
}
