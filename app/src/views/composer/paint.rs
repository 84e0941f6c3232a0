//! How a text looks while it is written: whom it calls, where it leads and what it quotes stand out. Not a letter changes.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId};

use crate::fonts;
use crate::model::Model;
use crate::theme::Tokens;
use crate::timeline::markdown;

/// Bytes beyond which a text is painted plain: it is read anew for every frame.
const BYTES_MAX: usize = 20_000;
const SIZE: f32 = 14.5;

/// The text with its colours, to be wrapped at a width.
pub(super) fn job(text: &str, model: &Model, t: &Tokens, width: f32) -> LayoutJob {
    let mut job = LayoutJob { break_on_newline: true, ..LayoutJob::default() };
    job.wrap.max_width = width;
    let style = |font: FontId, color: Color32| TextFormat::simple(font, color);
    if BYTES_MAX < text.len() {
        job.append(text, 0.0, style(fonts::text(SIZE), t.text));
        return job;
    }
    for line in text.split_inclusive('\n') {
        let plain = if line.starts_with("> ") { t.text2 } else { t.text };
        let (mut rest, mut from, mut before) = (line, 0, ' ');
        let mut at = 0;
        while let Some(first) = rest.chars().next() {
            let long = (!before.is_alphanumeric()).then(|| called(rest, model)).flatten();
            if let Some(long) = long {
                job.append(line.get(from..at).unwrap_or_default(), 0.0, style(fonts::text(SIZE), plain));
                let word = rest.get(..long).unwrap_or_default();
                job.append(word, 0.0, style(fonts::medium(SIZE), t.accent_text));
                from = at + long;
            }
            at += long.unwrap_or(first.len_utf8());
            rest = line.get(at..).unwrap_or_default();
            before = first;
        }
        job.append(line.get(from..).unwrap_or_default(), 0.0, style(fonts::text(SIZE), plain));
    }
    job
}

/// Bytes of a mention or the name of a channel that a text begins with.
fn called(text: &str, model: &Model) -> Option<usize> {
    if let Some(behind) = text.strip_prefix('#') {
        return markdown::channel_at(model, behind).map(|it| it.0 + 1);
    }
    let word = markdown::mention_word(text)?;
    let team = || model.directory.teams.iter().any(|it| markdown::team_word(&it.name) == word);
    let known = markdown::calls_all(word) || model.person(word).is_some() || team();
    known.then_some(word.len() + 1)
}

#[cfg(test)]
mod tests {
    use artel_node::client::{Channel, Person};

    use super::*;

    fn model() -> Model {
        let mut model = Model::default();
        model.directory.persons = vec![Person { email: "kim@x.example".into(), ..Person::default() }];
        model.directory.channels =
            vec![Channel { id: "1".into(), kind: "public".into(), name: "общий".into(), ..Channel::default() }];
        model
    }

    fn parts(text: &str, color: Color32) -> Vec<String> {
        let job = job(text, &model(), &Tokens::dark(), 300.0);
        assert_eq!(job.text, text, "not a letter changes");
        let parts = job.sections.iter().filter(|it| it.format.color == color && !it.byte_range.is_empty());
        let text = |it: &egui::text::LayoutSection| {
            job.text.get(it.byte_range.start.0..it.byte_range.end.0).map(str::to_owned)
        };
        parts.filter_map(text).collect()
    }

    #[test]
    fn whom_it_calls_and_where_it_leads_stand_out() {
        let accent = Tokens::dark().accent_text;
        assert_eq!(parts("@kim@x.example, см. #общий и @все.", accent), ["@kim@x.example", "#общий", "@все"]);
        assert!(parts("a@kim@x.example #общийный @nobody@x.example @", accent).is_empty());
    }

    #[test]
    fn a_quote_is_paler_than_the_answer() {
        let dark = Tokens::dark();
        assert_eq!(parts("> было\nстало", dark.text2), ["> было\n"]);
        assert_eq!(parts("> было\nстало", dark.text), ["стало"]);
        assert_eq!(parts(&"x".repeat(BYTES_MAX + 1), dark.text).len(), 1);
    }
}
