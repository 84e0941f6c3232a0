//! Completion in a composer: people, teams and everybody after `@`, channels after `#`, emoji after `:`, commands after `/`.

use artel_node::client::Person;
use egui::{Align2, Area, Id, Key, Modifiers, Order, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{Scene, alike};
use crate::{commands, emoji, fonts, icons, widgets, wrong_layout};

/// Lines that are offered.
const SHOWN_MAX: usize = 8;
const ROW: f32 = 34.0;
const WIDTH: f32 = 380.0;

/// What stands before a line.
#[derive(Clone, Debug, PartialEq)]
enum Lead {
    Face(String),
    Icon(&'static str),
    Emoji(&'static str),
}

/// A line that is offered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    lead: Lead,
    name: String,
    about: String,
    /// What is put in the place of the word.
    pub(crate) put: String,
}

/// What the completion remembers between frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completion {
    /// The line the keyboard points at.
    at: usize,
    /// The word for which it was closed with Esc.
    closed: Option<String>,
    /// Whether it is on the screen: keys belong to it then.
    pub(crate) open: bool,
}

/// The word at the cursor that can be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// `@`, `#`, `:` or `/`.
    pub(crate) sign: char,
    /// Behind the sign.
    pub(crate) typed: String,
    /// From the sign on, in characters.
    pub(crate) begin: usize,
    /// The cursor, in characters.
    pub(crate) end: usize,
}

/// Finds it. `cursor` counts characters.
pub(crate) fn word(text: &str, cursor: usize) -> Option<Word> {
    let before: Vec<char> = text.chars().take(cursor).collect();
    let begin = before.iter().rposition(|it| it.is_whitespace()).map_or(0, |it| it + 1);
    let word: String = before.iter().skip(begin).collect();
    let sign = word.chars().next()?;
    let typed: String = word.chars().skip(1).collect();
    let fits = match sign {
        '@' | '#' => true,
        ':' => typed.chars().count() > 1 && typed.chars().all(|it| it.is_alphanumeric() || "_+-".contains(it)),
        '/' => begin == 0,
        _ => false,
    };
    fits.then_some(Word { sign, typed, begin, end: cursor })
}

/// Puts a choice in the place of the word; the text and the cursor behind it.
pub(crate) fn put(text: &str, word: &Word, choice: &str) -> (String, usize) {
    let mut out: String = text.chars().take(word.begin).collect();
    out.push_str(choice);
    let rest: String = text.chars().skip(word.end).collect();
    if !rest.starts_with(' ') {
        out.push(' ');
    }
    let cursor = out.chars().count() + usize::from(rest.starts_with(' '));
    out.push_str(&rest);
    (out, cursor)
}

/// What fits a word, the best first. `place` is where one writes.
fn choices(scene: &Scene<'_>, word: &Word, place: &str) -> Vec<Choice> {
    let mut found: Vec<(u32, Choice)> = match word.sign {
        '@' => people(scene, &word.typed, place),
        '#' => channels(scene, &word.typed),
        ':' => {
            let russian = scene.w.lang == artel_node::text::Lang::Ru;
            let emoji = emoji::find(&word.typed).into_iter().take(SHOWN_MAX).map(|it| {
                let name = if russian { it.ru } else { it.en };
                let (name, put) = (name.to_owned(), it.sign.to_owned());
                (0, Choice { lead: Lead::Emoji(it.sign), name, about: String::new(), put })
            });
            return emoji.collect::<Vec<_>>().into_iter().map(|it| it.1).collect();
        }
        _ => slash(scene, &word.typed),
    };
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.to_lowercase().cmp(&b.1.name.to_lowercase())));
    found.into_iter().map(|it| it.1).take(SHOWN_MAX).collect()
}

fn people(scene: &Scene<'_>, typed: &str, place: &str) -> Vec<(u32, Choice)> {
    let model = scene.model;
    let members = model.members.get(place);
    let is_in = |it: &Person| match model.other(place) {
        Some(other) => other.email == it.email,
        None => members.is_none_or(|them| them.iter().any(|member| member.email == it.email)),
    };
    let mut found = Vec::new();
    for person in model.directory.persons.iter().filter(|it| it.email != model.me()) {
        let fit = wrong_layout::fit(typed, &person.name).or_else(|| wrong_layout::fit(typed, &person.email));
        let Some(fit) = fit else { continue };
        let here = is_in(person);
        // The mark has the address already.
        let about = match (here, model.twins.contains(&person.email)) {
            (true, true) => String::new(),
            (true, false) => person.email.clone(),
            (false, true) => scene.w.t("not-here-twin"),
            (false, false) => scene.w.with("not-here", "email", &person.email),
        };
        let choice = Choice {
            lead: Lead::Face(person.email.clone()),
            name: person.name.clone(),
            about,
            put: format!("@{}", person.email),
        };
        found.push((fit + if here { 200 } else { 0 }, choice));
    }
    for team in &model.directory.teams {
        let Some(fit) = wrong_layout::fit(typed, &team.name) else { continue };
        let about = scene.w.n("members", team.members.len());
        let put = format!("@{}", crate::timeline::markdown::team_word(&team.name));
        found.push((fit + 100, Choice { lead: Lead::Icon(icons::USERS), name: team.name.clone(), about, put }));
    }
    for (key, about) in [("call-channel", "call-channel-about"), ("call-here", "call-here-about")] {
        let name = scene.w.t(key);
        let Some(fit) = wrong_layout::fit(typed, &name) else { continue };
        let put = format!("@{name}");
        found.push((fit, Choice { lead: Lead::Icon(icons::AT), name, about: scene.w.t(about), put }));
    }
    found
}

fn channels(scene: &Scene<'_>, typed: &str) -> Vec<(u32, Choice)> {
    let places = scene.model.directory.channels.iter().filter(|it| !matches!(it.kind.as_str(), "direct" | "group"));
    let fits = places.filter_map(|it| {
        let fit = wrong_layout::fit(typed, &it.name)?;
        let icon = if it.kind == "private" { icons::LOCK } else { icons::HASH };
        let put = format!("#{}", crate::timeline::markdown::channel_word(scene.model, it));
        let about = it.team.clone().unwrap_or_default();
        Some((fit, Choice { lead: Lead::Icon(icon), name: it.name.clone(), about, put }))
    });
    fits.collect()
}

fn slash(scene: &Scene<'_>, typed: &str) -> Vec<(u32, Choice)> {
    let mut found = Vec::new();
    for (number, command) in commands::ALL.iter().enumerate() {
        let fit = command
            .words
            .iter()
            .filter_map(|it| wrong_layout::fit(typed, it))
            .filter(|it| 40 < *it || typed.is_empty());
        let Some(fit) = fit.max() else { continue };
        let word = command.word(scene.w.lang);
        let name = format!("/{word}");
        let choice =
            Choice { lead: Lead::Icon(icons::COMMAND), put: name.clone(), name, about: scene.w.t(command.about) };
        found.push((fit * 10 + 9 - u32::try_from(number).unwrap_or(9).min(9), choice));
    }
    found
}

/// What came of the keys of this frame.
pub(crate) struct Completed {
    pub(crate) word: Word,
    pub(crate) put: String,
}

/// Takes the keys of an open completion before the text sees them, and paints it above the composer.
pub(crate) fn show(
    ui: &Ui,
    scene: &mut Scene<'_>,
    (text, cursor): (&str, Option<usize>),
    place: &str,
    frame: Rect,
) -> Option<Completed> {
    let found = cursor.and_then(|it| word(text, it));
    let word = found.filter(|it| scene.desk.completion.closed.as_ref() != Some(&key_of(it)));
    let Some(word) = word else {
        (scene.desk.completion.open, scene.desk.completion.at) = (false, 0);
        return None;
    };
    let choices = choices(scene, &word, place);
    let state = &mut scene.desk.completion;
    state.open = !choices.is_empty();
    if choices.is_empty() {
        return None;
    }
    state.at = state.at.min(choices.len() - 1);
    let pressed = |key| ui.input_mut(|it| it.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        state.at = (state.at + 1) % choices.len();
    }
    if pressed(Key::ArrowUp) {
        state.at = (state.at + choices.len() - 1) % choices.len();
    }
    if pressed(Key::Escape) {
        (state.closed, state.open) = (Some(key_of(&word)), false);
        return None;
    }
    // What is typed whole goes with Enter; what is half is completed first.
    let whole = choices.iter().any(|it| it.put == format!("{}{}", word.sign, word.typed));
    let take = pressed(Key::Tab) || (!whole && pressed(Key::Enter));
    let mut chosen = take.then_some(state.at);
    chosen = paint(ui, scene, &choices, frame).or(chosen);
    let choice = choices.get(chosen?)?;
    (scene.desk.completion.at, scene.desk.completion.open) = (0, false);
    Some(Completed { word, put: choice.put.clone() })
}

fn key_of(word: &Word) -> String {
    format!("{}{}", word.sign, word.begin)
}

/// The list; the line that was clicked.
fn paint(ui: &Ui, scene: &Scene<'_>, choices: &[Choice], frame: Rect) -> Option<usize> {
    let (t, at) = (scene.t, scene.desk.completion.at);
    let height = choices.len() as f32 * ROW + 12.0;
    let width = WIDTH.min(frame.width());
    let mut clicked = None;
    let area = Area::new(Id::unique("completion"))
        .order(Order::Foreground)
        .fixed_pos(pos2(frame.left(), frame.top() - height - 6.0));
    area.show(ui.ctx(), |ui| {
        let (place, list) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, scene.w.t("completion")));
        let p = ui.painter();
        p.add(t.shadow().as_shape(place, 10));
        p.rect(place, 10, t.raised, egui::Stroke::new(1.0, t.border), egui::epaint::StrokeKind::Inside);
        for (number, choice) in choices.iter().enumerate() {
            let top = place.top() + 6.0 + number as f32 * ROW;
            let row = Rect::from_min_size(pos2(place.left() + 6.0, top), vec2(width - 12.0, ROW));
            let response = ui.interact(row, Id::unique(("completion", number)), Sense::click());
            let said = match &choice.lead {
                Lead::Face(email) => alike::said(scene.model, &choice.name, email),
                _ => choice.name.clone(),
            };
            response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, number == at, &said));
            if number == at {
                ui.painter().rect_filled(row, 8, t.selected);
            } else if response.hovered() {
                ui.painter().rect_filled(row, 8, t.hover);
            }
            line(ui, scene, choice, row);
            if response.clicked() {
                clicked = Some(number);
            }
        }
    });
    clicked
}

fn line(ui: &Ui, scene: &Scene<'_>, choice: &Choice, row: Rect) {
    let (t, p) = (scene.t, ui.painter());
    let at = row.left_center() + vec2(20.0, 0.0);
    match &choice.lead {
        Lead::Face(email) => {
            widgets::avatar(p, t, Rect::from_center_size(at, Vec2::splat(24.0)), email, &choice.name);
        }
        Lead::Icon(icon) => {
            widgets::write(p, at, Align2::CENTER_CENTER, icon, fonts::icon(17.0), t.text2);
        }
        Lead::Emoji(sign) => {
            widgets::write(p, at, Align2::CENTER_CENTER, sign, fonts::emoji(18.0), t.text);
        }
    }
    let room = row.width() - 48.0;
    let name =
        widgets::write_cut(p, row.left_center() + vec2(40.0, 0.0), room, &choice.name, fonts::medium(14.0), t.text);
    let mut at = pos2(name.right() + 8.0, row.center().y);
    if let Lead::Face(email) = &choice.lead {
        let (of, id) = ((t, scene.w, scene.model), Id::unique(("completion", email)));
        at.x = alike::mark(ui, of, id, (at, row.right() - at.x - 8.0), email).map_or(at.x, |it| it.right() + 8.0);
    }
    widgets::write_cut(p, at, row.right() - at.x - 8.0, &choice.about, fonts::text(12.5), t.text2);
}

#[cfg(test)]
mod tests;
