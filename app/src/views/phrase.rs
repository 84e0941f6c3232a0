//! The 24 words of the root: shown, then three of them asked back, before anything is founded.

use egui::{RichText, Ui};

use super::{Scene, gate};
use crate::action::Action;
use crate::bridge::Command;
use crate::fonts;
use crate::widgets;

/// Letters that tell two words of the list apart.
const LETTERS: usize = 4;

/// The words that are asked back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Which of the 24, from 0, and what was typed for it.
    words: Vec<(usize, String)>,
    /// One of them was another one.
    wrong: bool,
}

impl Asked {
    /// Three different places by chance, in order.
    fn by_chance(of: usize) -> Self {
        use std::hash::{BuildHasher, RandomState};
        let chance = RandomState::new();
        let mut places: Vec<usize> = (0..of).collect();
        places.sort_by_key(|it| chance.hash_one(it));
        places.truncate(3);
        places.sort_unstable();
        Self { words: places.into_iter().map(|it| (it, String::new())).collect(), wrong: false }
    }

    /// Whether every word begins as the one on the paper.
    fn fits(&self, phrase: &str) -> bool {
        let begins = |word: &str| word.trim().chars().take(LETTERS).collect::<String>().to_lowercase();
        let all: Vec<&str> = phrase.split_whitespace().collect();
        self.words.iter().all(|(at, typed)| all.get(*at).is_some_and(|it| begins(it) == begins(typed)))
    }
}

pub(crate) fn show(ui: &mut Ui, scene: &mut Scene<'_>, phrase: &str) {
    match scene.desk.forms.phrase.take() {
        Some(asked) => ask(ui, scene, phrase, asked),
        None => write_down(ui, scene, phrase),
    }
}

fn write_down(ui: &mut Ui, scene: &mut Scene<'_>, phrase: &str) {
    gate::title(ui, scene, "phrase");
    gate::hint(ui, scene, "phrase-how");
    let numbered: Vec<String> =
        phrase.split_whitespace().enumerate().map(|(at, word)| format!("{:>2} {word}", at + 1)).collect();
    let frame = egui::Frame::new().fill(scene.t.code).stroke(egui::Stroke::new(1.0, scene.t.border));
    frame.corner_radius(10).inner_margin(egui::Margin::symmetric(16, 12)).show(ui, |ui| {
        let column = (ui.available_width() - 16.0) / 3.0;
        let grid = egui::Grid::new("phrase").num_columns(3).min_col_width(column).spacing([8.0, 6.0]);
        grid.show(ui, |ui| {
            for row in numbered.chunks(3) {
                for word in row {
                    ui.add(egui::Label::new(RichText::new(word).font(fonts::mono(14.5))).selectable(true));
                }
                ui.end_row();
            }
        });
    });
    ui.add_space(10.0);
    widgets::tick(ui, &scene.w.t("phrase-done"), &mut scene.desk.forms.phrase_kept);
    let ready = scene.desk.forms.phrase_kept;
    let main = scene.w.t("go-on");
    if gate::ends(ui, scene, &main, ready) {
        scene.desk.forms.phrase = Some(Asked::by_chance(phrase.split_whitespace().count()));
        scene.desk.focus_first = true;
    }
}

fn ask(ui: &mut Ui, scene: &mut Scene<'_>, phrase: &str, mut asked: Asked) {
    gate::title(ui, scene, "phrase-ask");
    gate::hint(ui, scene, "phrase-ask-how");
    for (at, typed) in &mut asked.words {
        let name = scene.w.with("phrase-word", "name", &(*at + 1).to_string());
        let field = widgets::field(ui, scene.t, &name, typed, false);
        gate::first(scene, &field);
        asked.wrong &= !field.changed();
    }
    if asked.wrong {
        let text = RichText::new(scene.w.t("phrase-wrong")).font(fonts::text(13.5)).color(scene.t.danger_text);
        ui.add(egui::Label::new(text).wrap());
    }
    let filled = asked.words.iter().all(|(_, typed)| !typed.trim().is_empty());
    let main = scene.w.t("found-do");
    let sent = gate::ends(ui, scene, &main, filled);
    let again = widgets::button(ui, scene.t, &scene.w.t("phrase-again"), widgets::Weight::Other).clicked();
    if sent && asked.fits(phrase) {
        scene.desk.forms.phrase_kept = false;
        scene.actions.push(Action::Command(Command::PhraseKept));
        return;
    }
    asked.wrong |= sent;
    scene.desk.forms.phrase = Some(asked).filter(|_| !again);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_different_words_are_asked_and_their_beginnings_count() {
        let phrase = "abandon ability able about above absent absorb abstract";
        let mut asked = Asked::by_chance(8);
        let places: Vec<usize> = asked.words.iter().map(|it| it.0).collect();
        assert!(places.len() == 3 && places.is_sorted_by(|a, b| a < b), "{places:?}");
        assert!(!asked.fits(phrase));
        let all: Vec<&str> = phrase.split(' ').collect();
        for (at, typed) in &mut asked.words {
            *typed = format!(" {}", all[*at].to_uppercase());
        }
        assert!(asked.fits(phrase));
        asked.words[1].1 = "zoo".into();
        assert!(!asked.fits(phrase));
    }
}
