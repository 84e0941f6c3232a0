//! The part of a text around what was looked for, and where in it the words are.

use std::ops::Range;

use super::layout;
use super::query::{LastWord, Parsed};
use super::words::words;

/// Characters of a text that are looked at.
const TEXT_CHARS_MAX: usize = 20_000;

/// Part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// In one line, with an ellipsis where something is left out.
    pub text: String,
    /// What was found, as ranges of bytes of the text, in order.
    pub marks: Vec<Range<usize>>,
}

/// About `room` characters of `text` around the first of the words that `query` (without operators) looks for; from the
/// beginning if there is none.
pub fn passage(query: &str, last: LastWord, text: &str, room: usize) -> Passage {
    let text: String = text.chars().take(TEXT_CHARS_MAX).map(|it| if it.is_whitespace() { ' ' } else { it }).collect();
    let mut found = places(&Parsed::new(query, last), &text);
    if found.is_empty()
        && let Some(other) = layout::switched(query)
    {
        found = places(&Parsed::new(&other, last), &text);
    }
    cut(&text, &found, room)
}

/// Runs of letters and digits in which a word of the query occurs.
fn places(query: &Parsed, text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut begin = None;
    let ends = text.char_indices().map(|(at, c)| (at, is_inside(c))).chain([(text.len(), false)]);
    for (at, inside) in ends {
        match (begin, inside) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                begin = None;
                let run = text.get(from..at).unwrap_or_default();
                if query.mentions(&words(run)) {
                    out.push(from..at);
                }
            }
            _ => {}
        }
    }
    out
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || super::words::is_ignored(c)
}

fn cut(text: &str, found: &[Range<usize>], room: usize) -> Passage {
    let first = found.first().map_or(0, |it| it.start);
    let before = text.get(..first).unwrap_or_default().chars().count();
    // A third before it, and whole words.
    let begin = match before.checked_sub(room / 3) {
        None | Some(0) => 0,
        Some(_) if text.chars().count() <= room => 0,
        Some(skipped) => {
            let at = text.char_indices().nth(skipped).map_or(first, |(at, _)| at);
            let gap = text.get(at..first).and_then(|it| it.find(' '));
            gap.map_or(at, |it| at + it + 1)
        }
    };
    let rest = text.get(begin..).unwrap_or_default();
    let end = rest.char_indices().nth(room).map_or(text.len(), |(at, _)| begin + at);
    let mut out = Passage { text: if 0 < begin { "…".to_owned() } else { String::new() }, marks: Vec::new() };
    let shift = out.text.len();
    out.text.push_str(text.get(begin..end).unwrap_or_default());
    if end < text.len() {
        out.text.push('…');
    }
    let seen = found.iter().filter(|it| begin <= it.start && it.end <= end);
    out.marks = seen.map(|it| it.start - begin + shift..it.end - begin + shift).collect();
    out
}

#[cfg(test)]
mod tests;
