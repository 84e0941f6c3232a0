//! One tokenizer for Russian and English: text to words, the same for messages and for queries.
//!
//! A word is a run of letters and digits, in lower case, ё folded to е, without accents written as marks. Things like
//! `192.168.10.4`, `АРТ-4471` or `счёт-фактура` become several words in a row: a query of the whole thing is a phrase
//! of the parts, so both the whole and each part are found.

use frostem::{Algorithm, Stemmer};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Longest word kept, characters; the rest of a longer run (base64, keys) is cut off.
const WORD_CHARS_MAX: usize = 64;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub(super) struct Word {
    /// What all forms of the word share: договор for договорами.
    pub(super) stem: String,
    /// The word as written, folded, if it differs from the stem.
    pub(super) exact: Option<String>,
}

impl Word {
    fn new(text: &str) -> Word {
        let stem = stem(text);
        Word { exact: (stem != text).then(|| text.to_owned()), stem }
    }

    /// The word as written, folded.
    pub(super) fn as_written(&self) -> &str {
        self.exact.as_deref().unwrap_or(&self.stem)
    }
}

/// The words of `text` in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    for run in runs(text) {
        match seam(&run).and_then(|at| run.split_at_checked(at)) {
            Some((first, second)) => out.extend([Word::new(first), Word::new(second)]),
            None => out.push(Word::new(&run)),
        }
    }
    out
}

/// Folded runs of letters and digits in `text`, in order.
pub(super) fn runs(text: &str) -> Vec<Zeroizing<String>> {
    let mut out = Vec::new();
    // As long as it can get, so that no half of it is left behind by growing.
    let empty = || Zeroizing::new(String::with_capacity(4 * WORD_CHARS_MAX));
    let mut run = empty();
    let mut chars = 0;
    for c in text.chars() {
        if is_ignored(c) {
            compose(&mut run, c);
            continue;
        }
        if !c.is_alphanumeric() {
            if !run.is_empty() {
                out.push(std::mem::replace(&mut run, empty()));
            }
            chars = 0;
            continue;
        }
        for lower in c.to_lowercase().filter(|it| !is_ignored(*it)) {
            if chars < WORD_CHARS_MAX {
                run.push(fold(lower));
                chars += 1;
            }
        }
    }
    if !run.is_empty() {
        out.push(run);
    }
    out
}

/// Where `run` changes from letters to digits or back, if it does so exactly once: `арт4471`, `5шт`, but not a hash.
fn seam(run: &str) -> Option<usize> {
    let mut seams = run
        .char_indices()
        .zip(run.chars().skip(1))
        .filter(|((_, a), b)| a.is_numeric() != b.is_numeric())
        .map(|((at, a), _)| at + a.len_utf8());
    let first = seams.next()?;
    match seams.next() {
        None => Some(first),
        Some(_) => None,
    }
}

/// Nouns of offices that end as verbs do.
const NOUNS_IN_SOFT_SIGN: [&str; 3] = ["печать", "память", "кровать"];

fn stem(word: &str) -> String {
    let algorithm = match word.chars().next() {
        _ if word.contains(char::is_numeric) => None,
        Some('\u{400}'..='\u{52f}') => Some(Algorithm::Russian),
        Some('a'..='z' | '\u{c0}'..='\u{24f}') => Some(Algorithm::English),
        _ => None,
    };
    // Snowball takes these nouns for infinitives or reflexive verbs; their plural it knows.
    if let Some(trunk) = word.strip_suffix('ь')
        && (word.ends_with("пись") || NOUNS_IN_SOFT_SIGN.contains(&word))
    {
        return Stemmer::new(Algorithm::Russian).stem(&format!("{trunk}и")).into_owned();
    }
    match algorithm {
        Some(algorithm) => Stemmer::new(algorithm).stem(word).into_owned(),
        None => word.to_owned(),
    }
}

fn fold(c: char) -> char {
    match c {
        'ё' => 'е',
        c => c,
    }
}

/// Soft hyphens, joiners and combining marks are inside words, not between them.
pub(super) fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{300}'..='\u{36f}')
}

/// и with a breve is й when a text comes decomposed (file names of macOS); all other marks are dropped.
fn compose(run: &mut String, mark: char) {
    if mark == '\u{306}' && run.ends_with('и') {
        run.pop();
        run.push('й');
    }
}
